"""The slope chart: what is drawn is what the table says."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from figure_tables import changes
from hypothesis import given, settings
from hypothesis import strategies as st

from swtlib._figure_slope import spread_out
from swtlib._table_text import format_number
from swtlib.disclosure import protect
from swtlib.errors import DisclosureError, ParameterError
from swtlib.figures import picture_png, plot_slopes

ORIGIN = "Herkomst: veldwerk, 2015. Herkomst: simulatie, 2016."
LABELS = {"elburg": "Elburg", "zuid": "Zwolle-Zuid", "a": "Parallelfase", "b": "Baken"}
SAY = {"title": "Wat er te zien is", "origin": ORIGIN, "labels": LABELS, "year": 2016}
SAME = 1e-9
WHEN = ("before", "after")


def drawn(picture):
    """Every line with a name: its points."""
    return {
        line.get_gid(): line.get_ydata()
        for axes in picture.figure.axes
        for line in axes.lines
        if line.get_gid()
    }


def texts(picture):
    return [text.get_text() for axes in picture.figure.axes for text in axes.texts] + [
        text.get_text() for text in picture.figure.texts
    ]


def test_every_shown_mean_has_a_line_that_goes_up_where_it_rose():
    table = changes()
    picture = plot_slopes(table, **SAY)
    lines = drawn(picture)
    assert len(lines) == 4
    for _, row in table.frame.iterrows():
        start, end = lines[f"slope|{row['variable']}|{row['group']}"]
        assert (end < start) == (row["change"] > 0)  # inches, downwards
    assert picture_png(picture) == picture_png(plot_slopes(table, **SAY))


def test_panels_have_one_measure():
    table = changes()
    frame = table.frame
    lines = drawn(plot_slopes(table, **SAY))
    inches = [
        (lines[f"slope|{row['variable']}|{row['group']}"] @ [1, -1]) / row["change"]
        for _, row in frame.iterrows()
    ]
    assert inches == pytest.approx([inches[0]] * 4)


def test_years_counts_and_both_origins_are_in_the_figure():
    picture = plot_slopes(changes(), **SAY)
    told = " ".join(texts(picture))
    assert "2015" in told
    assert "2016" in told
    assert "n in 2015 en 2016: Elburg 30 en 31; andere teams 30 en 31." in told
    assert "veldwerk, 2015" in told
    assert "simulatie, 2016" in told
    assert "begint niet bij 0" in picture.note
    assert "Elburg bij Parallelfase van 0,4" in picture.alt
    assert "andere teams bij" not in picture.alt


def test_hidden_cells_are_named_and_not_drawn():
    picture = plot_slopes(changes(few=[("elburg", "a")]), **SAY)
    assert set(drawn(picture)) == {"slope|b|elburg", "slope|b|andere"}
    assert "niet getoond" in texts(picture)
    assert "Niet getoond: Parallelfase" in picture.note


def test_nothing_to_show_is_said_kindly():
    picture = plot_slopes(changes(variables=("a",), few=[("elburg", "a")]), **SAY)
    assert not drawn(picture)
    assert "Hier staat geen figuur" in picture.alt


def test_one_panel_for_all_teams_marks_what_changed():
    picture = plot_slopes(changes(("alle",)), **SAY)
    assert len(drawn(picture)) == 2
    told = texts(picture)
    assert any("Parallelfase" in text for text in told)
    assert "0 ligt buiten het interval van het verschil" in told
    unclear = plot_slopes(changes(("alle",), ci_low=-1.0, ci_high=1.0), **SAY)
    assert "0 ligt in het interval van het verschil" in texts(unclear)


def test_teams_are_named_at_their_line_and_the_total_stands_out():
    table = changes(("elburg", "zuid", "alle"))
    picture = plot_slopes(table, **SAY)
    assert {"Parallelfase", "Baken"} <= set(texts(picture))
    widths = {
        line.get_gid(): line.get_linewidth()
        for line in picture.figure.axes[0].lines
        if line.get_gid()
    }
    assert widths["slope|a|alle"] > widths["slope|a|elburg"]
    told = texts(picture)
    beside = [text.get_text() for text in picture.figure.axes[0].texts]
    # At both ends of its line in both panels, whatever the colour.
    assert sum("Zwolle-Zuid" in text for text in beside) == 4
    row = table.frame[table.frame["group"] == "zuid"].iloc[0]
    before, after = (format_number(row[f"mean_{when}"], 2) for when in WHEN)
    assert f"Zwolle-Zuid {before}" in told  # beside its dot
    assert f"{after} Zwolle-Zuid" in told
    assert "één team" in told
    wijken = SAY | {"labels": {**LABELS, "own": "de wijk"}}
    assert "één wijk" in texts(plot_slopes(table, **wijken))


def test_census_has_no_standing_line_and_says_why():
    empty = {"ci_low_before": np.nan, "ci_high_before": np.nan}
    table = changes(("alle",), interval_before="telling", **empty)
    picture = plot_slopes(table, **SAY)
    assert "Zonder staande lijn: iedereen deed mee (telling)." in picture.note


def test_plot_slopes_refuses_what_it_cannot_draw():
    with pytest.raises(DisclosureError, match="plot_slopes takes a ProtectedTable"):
        plot_slopes(changes().frame, **SAY)
    means = pd.DataFrame(
        {"group": ["alle"], "variable": ["a"], "n": [9], "mean": [0.5], "sd": [0.1]}
    )
    with pytest.raises(ParameterError, match="needs the column 'year'"):
        plot_slopes(protect(means, kind="mean"), **SAY)


labels = st.lists(
    st.tuples(st.floats(0, 3), st.floats(0.1, 0.4)), min_size=1, max_size=9
)


@settings(derandomize=True, database=None, deadline=None)
@given(labels=labels)
def test_spread_out_covers_no_label_and_keeps_their_order(labels):
    places, sizes = zip(*labels, strict=True)
    put = spread_out(places, sizes, 5.0)
    order = sorted(range(len(put)), key=lambda i: put[i])
    for above, below in pairwise(order):
        room = (sizes[above] + sizes[below]) / 2
        assert put[below] - put[above] >= room - SAME
        assert places[above] <= places[below]
    for at, size in zip(put, sizes, strict=True):
        assert size / 2 - SAME <= at <= 5 - size / 2 + SAME
