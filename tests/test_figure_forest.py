"""The forest plot: what is drawn is what the tables say."""

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from swtlib._figure_style import WIDTH
from swtlib.disclosure import protect
from swtlib.errors import DisclosureError, ParameterError
from swtlib.figures import picture_png, plot_forest

NAN = math.nan
SAY = {"labels": {"a": "Groep A"}, "title": "Regie", "origin": "Herkomst: verzonnen."}


def studies(**columns):
    values = {
        "variable": ["a", "b", "c"],
        "n_total": [45, 65, 120],
        "n_smallest": [20, 30, 60],
        "estimate": [0.1, 0.5, 0.3],
        "ci_low": [-0.5, 0.0, -0.06],
        "ci_high": [0.7, 1.0, 0.66],
        "weight": [0.18, 0.27, 0.55],
    }
    return protect(pd.DataFrame(values | columns), kind="comparison")


def together(**columns):
    values = {
        "k": [3],
        "n_total": [230],
        "n_smallest": [20],
        "estimate": [0.32],
        "ci_low": [0.05],
        "ci_high": [0.59],
        "prediction_low": [-0.4],
        "prediction_high": [1.04],
    }
    return protect(pd.DataFrame(values | columns), kind="comparison")


def draw(of_studies=None, of_all=None, **given):
    one = studies() if of_studies is None else of_studies
    return plot_forest(one, together() if of_all is None else of_all, **SAY | given)


def parts(picture):
    """Give what was drawn, by its gid."""
    (axes,) = picture.figure.axes
    return {
        item.get_gid(): item
        for item in (*axes.lines, *axes.patches, *axes.collections)
        if item.get_gid()
    }


def texts(picture):
    return [item.get_text() for item in picture.figure.findobj(Text)]


def test_plot_forest_draws_squares_by_weight():
    drawn = parts(draw())
    for name, estimate, low, high in (("a", 0.1, -0.5, 0.7), ("b", 0.5, 0.0, 1.0)):
        assert drawn[f"effect|{name}"].get_xdata()[0] == estimate
        assert list(drawn[f"interval|{name}"].get_xdata()) == [low, high]
    areas = [drawn[f"effect|{name}"].get_markersize() ** 2 for name in "abc"]
    np.testing.assert_allclose(
        np.array(areas) / areas[2], [0.18 / 0.55, 0.27 / 0.55, 1]
    )


def test_plot_forest_draws_the_mean_and_the_prediction():
    drawn = parts(draw())
    corners = drawn["together"].get_xy()[:, 0]
    assert (corners.min(), corners.max()) == (0.05, 0.59)
    assert 0.32 in corners
    bar = drawn["prediction"]
    np.testing.assert_allclose(
        [bar.get_x(), bar.get_x() + bar.get_width()], [-0.4, 1.04]
    )
    assert "beyond|low" not in drawn
    assert "beyond|high" not in drawn


def test_plot_forest_says_n_numbers_and_origin():
    picture = draw(unit="Verschil in standaarddeviaties")
    shown = texts(picture)
    assert "Groep A (n = 45)" in shown
    assert "0,10 (−0,50 tot 0,70)" in shown
    assert "(3 studies, n = 230)" in shown
    assert "0,32 (0,05 tot 0,59)" in shown
    assert "−0,40 tot 1,04" in shown
    assert "Herkomst: verzonnen." in shown
    assert "Regie. Verschil in standaarddeviaties" in shown
    assert "Groep A (n = 45): 0,10 (−0,50 tot 0,70)" in picture.alt
    assert "Een volgende plek: −0,40 tot 1,04." in picture.alt
    assert "95%-voorspellingsinterval" in picture.note


NEXT = "; op een volgende plek "


@pytest.mark.parametrize(
    ("columns", "finding"),
    [
        ({}, f"duidelijk boven 0 (0,32){NEXT}kan dat anders zijn"),
        (
            {"prediction_low": [0.01]},
            f"duidelijk boven 0 (0,32){NEXT}naar verwachting ook",
        ),
        (
            {"estimate": [-0.3], "ci_low": [-0.5], "ci_high": [-0.1]},
            f"duidelijk onder 0 (−0,30){NEXT}kan dat anders zijn",
        ),
        (
            {"k": [2], "prediction_low": [NAN], "prediction_high": [NAN]},
            "duidelijk boven 0 (0,32)",
        ),
        # a limit at 0 leaves 0 possible
        ({"ci_low": [0.0]}, "niet duidelijk boven of onder 0"),
        ({"ci_low": [-0.2]}, "niet duidelijk boven of onder 0"),
    ],
)
def test_plot_forest_says_where_the_mean_lies(columns, finding):
    picture = draw(of_all=together(**columns))
    assert picture.finding == f"De studies samen: {finding}"
    assert picture.alt.startswith(f"Regie. {picture.finding}. ")


def test_plot_forest_without_a_mean_has_no_headline():
    assert draw(of_all=together(k=[1])).finding == ""
    assert draw(of_all=together(ci_low=[NAN], ci_high=[NAN])).finding == ""
    # the mean may not be shown: nothing is said of it either
    assert draw(of_all=together(n_smallest=[4])).finding == ""


def test_plot_forest_keeps_everything_within_the_sheet():
    picture = draw(labels={"a": "een_scriptie_met_een_wel_heel_erg_lange_naam, 2017"})
    picture_png(picture)
    width, height = picture.figure.get_size_inches() * picture.figure.dpi
    assert picture.figure.get_figwidth() == WIDTH
    renderer = picture.figure.canvas.get_renderer()
    for item in picture.figure.findobj(Text):
        if item.get_text() and item.get_visible():
            box = item.get_window_extent(renderer)
            assert box.x0 >= -1, item.get_text()
            assert box.x1 <= width + 1, item.get_text()
            assert box.y0 >= -1, item.get_text()
            assert box.y1 <= height + 1, item.get_text()


def test_plot_forest_points_at_what_passes_the_axis():
    # two studies: t(1) makes the interval of their mean very wide
    picture = draw(
        of_all=together(
            k=[2],
            ci_low=[-4.0],
            ci_high=[4.6],
            prediction_low=[NAN],
            prediction_high=[NAN],
        )
    )
    drawn = parts(picture)
    low, high = picture.figure.axes[0].get_xlim()
    assert low > -4
    assert high < 4.6
    assert drawn["beyond|low"].get_xdata()[0] == low
    assert drawn["beyond|high"].get_xdata()[0] == high
    assert "prediction" not in drawn
    assert "volgende plek" not in picture.alt
    assert "0,32 (−4,00 tot 4,60)" in texts(picture)


def test_plot_forest_keeps_the_axis_within_its_bounds():
    wide = together(ci_low=[-0.95], ci_high=[0.99], prediction_high=[1.0])
    low, high = draw(of_all=wide, bounds=(-1, 1)).figure.axes[0].get_xlim()
    assert low >= -1
    assert high <= 1


def test_plot_forest_of_one_study_has_no_mean():
    one = studies(weight=[NAN, NAN, 1.0], ci_low=[NAN, NAN, -0.06])
    picture = draw(
        one,
        together(
            k=[1],
            estimate=[0.3],
            prediction_low=[NAN],
            prediction_high=[NAN],
        ),
    )
    drawn = parts(picture)
    assert "together" not in drawn
    assert "interval|a" not in drawn
    assert "Open vierkant: geen standaardfout; telt niet mee." in picture.note
    assert "Ruit" not in picture.note


def test_plot_forest_of_studies_without_a_standard_error():
    gone = ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high")
    nothing = {name: [NAN] for name in gone}
    bare = {name: [NAN] * 3 for name in ("weight", "ci_low", "ci_high")}
    picture = draw(studies(**bare), together(k=[0], **nothing))
    assert set(parts(picture)) == {"zero", "effect|a", "effect|b", "effect|c"}


def test_plot_forest_of_effects_of_nothing_has_an_axis():
    empty = {name: [NAN] for name in ("ci_low", "ci_high")}
    alone = {"variable": ["a"], "n_total": [45], "n_smallest": [20], "weight": [NAN]}
    one = protect(pd.DataFrame(alone | empty | {"estimate": [0.0]}), kind="comparison")
    gone = ("estimate", "prediction_low", "prediction_high")
    ends = {name: [NAN] for name in gone}
    (axes,) = draw(one, together(k=[0], **empty, **ends)).figure.axes
    low, high = axes.get_xlim()
    assert low < 0 < high


def test_plot_forest_hides_a_study_that_is_too_small():
    picture = draw(studies(n_smallest=[4, 30, 60]))
    assert "effect|a" not in parts(picture)
    assert "niet getoond" in texts(picture)
    assert "0,10" not in picture.alt + picture.note
    everything = draw(studies(n_smallest=[4, 3, 2]))
    assert "Hier staat geen figuur" in everything.alt


def test_plot_forest_takes_protected_tables_of_one_question():
    with pytest.raises(DisclosureError, match="plot_forest takes a ProtectedTable"):
        draw(pd.DataFrame())
    with pytest.raises(DisclosureError, match="plot_forest takes a ProtectedTable"):
        draw(of_all=pd.DataFrame({"k": [1]}))
    added = ["suppressed", "reason"]
    two = pd.concat([together().frame] * 2).drop(columns=added)
    both = protect(two, kind="comparison")
    with pytest.raises(ParameterError, match="together has 2 rows"):
        draw(of_all=both)
    frame = studies().frame.drop(columns=["weight", *added])
    bare = protect(frame, kind="comparison")
    with pytest.raises(ParameterError, match="needs the column 'weight'"):
        draw(bare)


def test_plot_forest_gives_the_same_bytes():
    assert picture_png(draw()) == picture_png(draw())
