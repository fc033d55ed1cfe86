"""The figure of where people stand and where they want to be."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from swtlib._figure_chart import (
    Chart,
    blocks_of,
    check_range,
    room_for,
)
from swtlib._figure_findings import find_gaps
from swtlib._figure_panel import draw_line
from swtlib._figure_style import (
    MAIN,
    OTHER,
    SMALL,
    Mark,
    Picture,
    figure_style,
    marker_look,
    n_text,
    text_width,
)
from swtlib._figure_words import (
    Names,
    Words,
    empty_picture,
    hidden_note,
    interval_text,
    needs,
    picture_of,
)
from swtlib._table_text import format_number, records_of, with_interval
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError
from swtlib.groups import ALL, OTHERS

USUAL = (5.0, 10.0)  # where marks of 0 to 10 lie, nearly all of them


def plot_dumbbell(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    x_range: tuple[float, float] | None = None,
    title: str,
    origin: str,
    digits: int = 1,
    group: str | None = None,
    confidence: float = 0.95,
    note: str = "",
) -> Picture:
    """Draw where people stand and where they want to be, largest gap first.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean": ``group, variable, n, mean_have, mean_want, gap,
        ci_low, ci_high``.
    labels, title, origin, confidence, note
        As in `plot_means`.
    x_range : tuple of float, optional
        Ends of the axis; by default 5 to 10, or from below the lowest mark.
    digits : int, default: 1
        Decimals of the numbers at both ends; the gap has one more.
    group : str, optional
        Which group is drawn; by default the team of the page, or "alle".

    Returns
    -------
    Picture
        An open dot for the mark now, a filled one for the mark that is wanted;
        the gap with its interval stands at the right, as text.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column or the group is missing, or a mean lies outside `x_range`.
    """
    ends = ("mean_have", "mean_want")
    columns = ("group", "variable", "n", *ends, "gap", "ci_low", "ci_high")
    needs(table, columns, where="plot_dumbbell")
    table, group = one_group(table, group)
    names = Names(labels)
    shown = table.frame[~table.frame["suppressed"]]
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    if x_range is None:
        x_range = (
            min(USUAL[0], math.floor(min(shown[end].min() for end in ends))),
            USUAL[1],
        )
    check_range(shown, ends, x_range)
    shown = shown.sort_values("gap", ascending=False, kind="stable")
    notes = [
        _how_to_read(shown, confidence),
        hidden_note(table, names),
        note,
    ]
    about = f"{names.capital(group)} ({n_text(shown['n'])})"
    finding = find_gaps(shown, digits + 1)
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    with figure_style():
        figure = _dumbbells(shown, about, names, x_range, digits, **words)
    parts = "; ".join(
        f"{names[row['variable']]} van {format_number(row['mean_have'], digits)} naar "
        f"{format_number(row['mean_want'], digits)}, verschil {_gap_text(row, digits)}"
        for row in records_of(shown)
    )
    told = f"{about}, cijfer nu en gewenst, grootste verschil eerst: {parts}"
    return picture_of(figure, told, hidden_note(table, names), **words)


def one_group(table: ProtectedTable, group: str | None) -> tuple[ProtectedTable, str]:
    """Take one group of a table: the one asked for, the team of the page, or all."""
    groups = list(table.frame["group"].unique())
    if group is None:
        group = ALL if ALL in groups else next((g for g in groups if g != OTHERS), ALL)
    if groups and group not in groups:
        raise ParameterError(f"the table has no group '{group}'.")
    return (table.select(groups=[group]) if groups else table), group


def _how_to_read(shown: pd.DataFrame, confidence: float) -> str:
    told = "Bovenaan het grootste verschil tussen gewenst en nu. Rechts dat verschil"
    some = shown["ci_low"].notna()
    if some.any():
        told += f", met tussen haakjes het {interval_text(confidence)}"
    if some.all():
        return f"{told}."
    census = "interval" in shown and (shown["interval"][~some] == "telling").all()
    why = "iedereen antwoordde (telling)" if census else "geen interval te berekenen"
    return f"{told}. Zonder haakjes: {why}."


def _gap_text(row: Mapping[str, Any], digits: int) -> str:
    return with_interval(row, "gap", digits + 1)


def _dumbbells(
    shown: pd.DataFrame,
    about: str,
    names: Names,
    x_range: tuple[float, float],
    digits: int,
    **words: Any,
) -> Figure:
    marks = [
        Mark(text="nu", colour=MAIN, filled=False),
        Mark(text="gewenst", colour=MAIN),
    ]
    rows = records_of(shown)
    gaps = [_gap_text(row, digits) for row in rows]
    room = room_for(digits, x_range)
    column = 0.06 + max(text_width(text, SMALL) for text in gaps)
    chart = Chart(
        blocks_of((names[row["variable"]], [row]) for row in rows),
        x_range=x_range,
        room=room + column,
        marks=marks,
        subtitle=about,
        **words,
    )
    beside = chart.inches(0.11)
    for (row, y), gap in zip(chart.lanes(), gaps, strict=True):
        chart.axes.text(
            x_range[1] + chart.inches(room + 0.06),
            y,
            gap,
            va="center_baseline",
            fontsize=SMALL,
        )
        ends = [row["mean_have"], row["mean_want"]]
        look: dict[str, Any] = {"color": OTHER, "lw": 2, "zorder": 2}
        draw_line(chart.axes, ends, [y, y], gid=f"gap|{row['variable']}", **look)
        first = ends[0] <= ends[1]
        for at, name, mark, left in (
            (ends[0], "have", marks[0], first),
            (ends[1], "want", marks[1], not first),
        ):
            look = marker_look(mark.marker, mark.colour, filled=mark.filled)
            gid = f"{name}|{row['variable']}"
            look |= {"ls": "", "zorder": 4, "clip_on": False}
            draw_line(chart.axes, [at], [y], gid=gid, **look)
            chart.axes.text(
                at - beside if left else at + beside,
                y,
                format_number(at, digits),
                ha="right" if left else "left",
                va="center_baseline",
                fontsize=SMALL,
                weight="bold" if mark.filled else "normal",
            )
    return chart.sheet.figure
