"""Expectations in 2015, experiences in 2016: what a page shows and says."""

import pytest

from swtlib import figures
from swtlib.errors import ParameterError
from swtlib.notebook import new_run

PLEASANT = "exp_prettig"


@pytest.fixture(scope="module")
def first():
    return new_run("proef", year=2015)


@pytest.fixture(scope="module")
def second():
    return new_run("proef", year=2016)


def test_outlook_is_the_expectations_of_2015(first):
    names = first.item_names(first.outlook())
    assert len(names) == 18
    assert all(name.startswith("exp_") for name in names)


def test_outlook_puts_an_experience_in_the_place_of_an_expectation(first, second):
    before, now = (run.item_names(run.outlook()) for run in (first, second))
    assert len(now) == 16  # 18, of which two had no known words
    assert sum(name.startswith("erv_") for name in now) == 9
    places = [name.replace("erv_", "exp_") for name in now]
    assert places == [name for name in before if "inzet" not in name]
    assert {"verwachtingen", "ervaringen"} <= second.wave.asked


def test_asked_takes_what_is_comparable_and_leaves_out_the_rest(first, second):
    items = [PLEASANT, "exp_belang_kennis", "exp_inzet_burgers_1"]
    assert first.asked(first.outlook(), items) == items
    assert second.asked(second.outlook(), items) == ["erv_prettig", "exp_belang_kennis"]
    # the other way round as well: a notebook may name the later statement
    assert second.asked(second.outlook(), ["erv_prettig"]) == ["erv_prettig"]
    with pytest.raises(
        ParameterError, match=r"'exp_pretig'\. Did you mean 'exp_prettig'"
    ):
        second.asked(second.outlook(), ["exp_pretig"])


def test_means_of_the_outlook_are_of_those_who_count(second):
    table = second.item_means(second.outlook(), ["erv_prettig"]).frame
    answers = second.base.respondents["erv_prettig"]
    assert table["mean"].iloc[0] == pytest.approx(answers.mean() / 4)
    assert table["n"].iloc[0] == answers.notna().sum()


def test_figure_asked_says_what_was_not_asked(first, second, tmp_path, monkeypatch):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path))
    items = ["exp_inzet_burgers_1", "exp_inzet_burgers_rest"]
    title = "Inzet richting burgers (rapport: figuur 30)"
    shown = first.figure_asked(first.outlook(), items, "figuur", title=title)
    assert "<img" in shown.html
    told = second.figure_asked(second.outlook(), items, "figuur", title=title)
    assert told.html == (
        "<p>Inzet richting burgers: deze stellingen zijn in 2016 niet gevraagd.</p>"
    )


def test_gender_figure_names_the_level_of_its_interval(second, tmp_path, monkeypatch):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path))
    drawn = []
    png = figures.picture_png
    monkeypatch.setattr(figures, "picture_png", lambda p: drawn.append(p) or png(p))
    second.gender_answer()
    assert "Lijn: 95%-betrouwbaarheidsinterval." in drawn[0].note


def test_words_fit_what_was_asked(first, second):
    intro = first.outlook_intro(first.outlook()).html
    assert "met 18 stellingen naar verwachtingen" in intro
    # exp_belangenbehartiging and exp_taakverschraling are printed in full
    assert "Van 16 van de 18 stellingen is de precieze bewoording niet bekend" in intro
    intro = second.outlook_intro(second.outlook()).html
    assert "Van de 16 stellingen in deze meting gaan er 9 over ervaringen" in intro
    assert "Een verwachting is geen ervaring" in first.outlook_reading().html
    assert (
        "Een ervaring is wat mensen er nu van vinden" in second.outlook_reading().html
    )
