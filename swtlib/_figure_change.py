"""What changed between two years, a row for each variable; for `plot_slopes`.

More lines than a few cross each other, and their names no longer stand beside
them; then each variable has a row of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from swtlib._figure_chart import Block, Chart, Part
from swtlib._figure_panel import draw_line
from swtlib._figure_style import (
    INK,
    MARGIN,
    SMALL,
    SOFT,
    TEXT,
    WIDTH,
    Mark,
    figure_style,
    marker_look,
    text_width,
    wrap,
)
from swtlib._figure_words import Names
from swtlib._table_text import Row, change_text, format_number, records_of

_BESIDE = 0.14  # inches from a dot to its number


def draw_changes(
    shown: pd.DataFrame,
    looks: Mapping[Any, Mark],
    names: Names,
    digits: int,
    **words: Any,
) -> Figure:
    """Draw a row for each variable: then, now, and the change; most risen on top.

    `looks` has the look of each row, by its index.
    """
    rows = shown.sort_values("change", ascending=False, kind="stable")
    told = dict(zip(rows.index, records_of(rows), strict=True))
    changes = {at: change_text(row, digits) for at, row in told.items()}
    column = 0.12 + max(text_width(text, SMALL, bold=True) for text in changes.values())
    ends = rows[["mean_before", "mean_after"]].to_numpy(dtype=float)
    low, high = float(ends.min()), float(ends.max())
    number = max(
        text_width(format_number(end, digits), SMALL, bold=True) for end in (low, high)
    )
    beside = number + _BESIDE
    full = WIDTH - 2 * MARGIN
    inch = max(high - low, 10.0**-digits) / (full - column - 2 * beside)
    x_range = (low - beside * inch, high + beside * inch)
    ticks = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    with figure_style():
        chart = Chart(
            [
                Block(wrap(names[row["variable"]], full, TEXT), [Part([], [row])])
                for row in told.values()
            ],
            x_range=x_range,
            room=column,
            x_ticks=[at for at in ticks if low - inch / 5 <= at <= high + inch / 5],
            **words,
        )
        for at, (row, y) in zip(told, chart.lanes(), strict=True):
            _draw_row(chart, row, y, looks[at], digits)
            chart.axes.text(
                x_range[1] + chart.inches(column),
                y,
                changes[at],
                ha="right",
                va="center_baseline",
                fontsize=SMALL,
                **_weight(filled=looks[at].filled),
            )
    return chart.sheet.figure


def year_marks(years: tuple[int, int], looks: Sequence[Mark]) -> list[Mark]:
    """Name then and now, in the look of the first row that stands out, if any."""
    colour = next((mark.colour for mark in looks if mark.filled), looks[0].colour)
    return [
        Mark(text=str(years[0]), colour=colour, filled=False),
        Mark(text=str(years[1]), colour=colour),
    ]


def _draw_row(chart: Chart, row: Row, y: float, mark: Mark, digits: int) -> None:
    ends = [float(row["mean_before"]), float(row["mean_after"])]
    gid = f"slope|{row['variable']}|{row['group']}"
    wide = 2.4 if mark.filled else 1.4
    look: dict[str, Any] = {"color": mark.colour, "lw": wide, "zorder": 2}
    draw_line(chart.axes, ends, [y, y], gid=gid, **look)
    rising = ends[0] <= ends[1]
    for value, when, left in (
        (ends[0], "before", rising),
        (ends[1], "after", not rising),
    ):
        look = marker_look("o", mark.colour, filled=when == "after")
        look["markersize"] = 6 if when == "after" else 9  # both are seen when equal
        look |= {"ls": "", "zorder": 4, "clip_on": False}
        draw_line(chart.axes, [value], [y], gid=f"{when}|{row['variable']}", **look)
        beside = chart.inches(_BESIDE)
        chart.axes.text(
            value - beside if left else value + beside,
            y,
            format_number(value, digits),
            ha="right" if left else "left",
            va="center_baseline",
            fontsize=SMALL,
            **_weight(filled=mark.filled and when == "after"),
        )


def _weight(*, filled: bool) -> dict[str, Any]:
    return {
        "color": INK if filled else SOFT,
        "weight": "bold" if filled else "normal",
    }
