"""Every figure can be read: by everybody, on a telephone, in black and white."""

import dataclasses
from itertools import pairwise

import pytest
from figure_checks import BLINDNESS, problems, seen, texts
from figure_tables import FIVE, PICTURES, SAY, shares
from matplotlib.patches import Rectangle

from swtlib import figures
from swtlib._figure_colours import answer_colours, effect_colours, lightness
from swtlib.disclosure import protect
from swtlib.errors import ParameterError


def test_every_plot_function_has_a_sample():
    public = {name for name in figures.__all__ if name.startswith("plot_")}
    assert public == {sample.plot for sample in PICTURES.values()}


@pytest.mark.parametrize("name", PICTURES)
def test_figure_can_be_read_by_everybody(name):
    assert problems(PICTURES[name](), shows_data=name != "empty") == []


@pytest.mark.parametrize("name", PICTURES)
def test_figure_without_origin_is_refused(name):
    with pytest.raises(ParameterError, match="origin is empty"):
        PICTURES[name](origin=" ")


# --- the checks see what is wrong ---------------------------------------------


@pytest.fixture
def good():
    picture = PICTURES["likert"]()
    assert problems(picture) == []
    return picture


def changed(picture, **fields):
    return dataclasses.replace(picture, **fields)


def test_checks_miss_words(good):
    for text in texts(good):
        if "n = 40" in text.get_text():
            text.set_text("Alle teams")
    assert "no n" in problems(good)
    assert "no origin" in problems(changed(good, origin="Herkomst: elders"))
    assert "no origin" in problems(changed(good, origin=good.origin[10:]))
    assert "no title" in problems(changed(good, title="Een andere titel"))
    assert "no headline" in problems(changed(good, finding="Niets te zien"))
    assert "no alt text" in problems(changed(good, alt="Figuur 24"))
    bare = f"{good.title}. Een figuur met balken, en verder niets dat iemand helpt."
    assert "alt text without what is to be seen" in problems(changed(good, alt=bare))


def test_checks_see_a_decimal_point(good):
    assert "decimal point: 0.64" in problems(changed(good, note="Ongeveer 0.64."))


def test_checks_see_small_type_and_text_out_of_place(good):
    first, second, *_ = texts(good)
    first.set_fontsize(6)
    second.set_position((0.97, 0.5))
    place = {"transform": second.get_transform(), "ha": second.get_ha()}
    good.figure.text(*second.get_position(), "nog een tekst", fontsize=12, **place)
    found = problems(good)
    assert f"small type: {first.get_text()}" in found
    assert f"cut off: {second.get_text()}" in found
    assert any(text.startswith("on each other: ") for text in found)


def test_checks_see_faint_text_and_faint_signs(good):
    text = next(t for t in texts(good) if t.get_fontsize() == 12)
    text.set_color("#c0c0c0")
    assert f"faint text: {text.get_text()}" in problems(good)
    picture = PICTURES["counts"]()
    bars = [b for b in picture.figure.findobj(Rectangle) if b.get_gid()]
    bars[0].set_facecolor("#e8e8e8")
    assert f"faint sign: {bars[0].get_gid()}" in problems(picture)


def test_checks_see_ends_that_look_alike_in_grey(good):
    # The two ends of ColorBrewer's BrBG, which these bars had before.
    for bar in good.figure.findobj(Rectangle):
        if str(bar.get_gid()).startswith("answer|a|"):
            at = int(bar.get_gid().split("|")[-1])
            brown_to_green = ("#a6611a", "#dfc27d", "#d9dee4", "#80cdc1", "#018571")
            bar.set_facecolor(brown_to_green[at])
    assert "alike in grey: ('a', 'alle')" in problems(good)


# --- colours ------------------------------------------------------------------


@pytest.mark.parametrize("size", range(2, 6))
@pytest.mark.parametrize("eyes", ["grey", *BLINDNESS])
def test_every_answer_has_a_lightness_of_its_own(size, eyes):
    lights = sorted(seen(colour, eyes) for colour in answer_colours(size))
    assert min(b - a for a, b in pairwise(lights)) > 10


def test_effects_become_darker_to_both_sides():
    lights = [lightness(effect_colours()(at / 20)[:3]) for at in range(21)]
    assert lights[10] == max(lights) > 94
    assert lights[:11] == sorted(lights[:11])
    assert lights[10:] == sorted(lights[10:], reverse=True)


def test_answers_are_ochre_when_low_and_blue_when_high():
    low, *_, high = answer_colours(5)
    assert low[0] > low[2]
    assert high[2] > high[0]
    table = protect(shares(("a",)), kind="distribution")
    picture = figures.plot_likert(table, answers=FIVE, **SAY)
    ends = {
        int(bar.get_gid().split("|")[-1]): bar.get_facecolor()[:3]
        for bar in picture.figure.findobj(Rectangle)
        if bar.get_gid()
    }
    assert ends[0] == low
    assert ends[4] == high
