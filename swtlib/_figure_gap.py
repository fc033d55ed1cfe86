"""The figure of where people stand and where they want to be."""

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
from swtlib._figure_style import (
    MAIN,
    OTHER,
    SMALL,
    Mark,
    Picture,
    figure_style,
    marker_look,
    n_text,
)
from swtlib._figure_words import (
    Names,
    empty_picture,
    hidden_note,
    needs,
    sentences_of,
)
from swtlib._table_text import format_number
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError
from swtlib.groups import ALL, OTHERS


def plot_dumbbell(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    x_range: tuple[float, float] = (5, 10),
    title: str,
    origin: str,
    digits: int = 1,
    group: str | None = None,
    note: str = "",
) -> Picture:
    """Draw where people stand and where they want to be, largest gap first.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean": ``group, variable, n, mean_have, mean_want, gap``.
    labels, x_range, title, origin, note
        As in `plot_means`.
    digits : int, default: 1
        Decimals of the numbers at both ends.
    group : str, optional
        Which group is drawn; by default the team of the page, or "alle".

    Returns
    -------
    Picture
        An open dot for the mark now, a filled one for the mark that is wanted.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column or the group is missing, or a mean lies outside `x_range`.
    """
    columns = ("mean_have", "mean_want", "gap")
    frame = needs(table, ("group", "variable", "n", *columns), where="plot_dumbbell")
    groups = list(frame["group"].unique())
    if group is None:
        group = ALL if ALL in groups else next((g for g in groups if g != OTHERS), ALL)
    if len(frame) and group not in groups:
        raise ParameterError(f"the table has no group '{group}'.")
    table = table.select(groups=[group]) if len(frame) else table
    names = Names(labels)
    shown = table.frame[~table.frame["suppressed"]]
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    check_range(shown, columns[:2], x_range)
    shown = shown.sort_values("gap", ascending=False, kind="stable")
    notes = [
        "Bovenaan het grootste verschil tussen gewenst en nu.",
        hidden_note(table, names),
        note,
    ]
    about = f"{names.capital(group)} ({n_text(shown['n'])})"
    with figure_style():
        figure = _dumbbells(
            shown,
            about,
            names,
            x_range,
            digits,
            title=title,
            notes=notes,
            origin=origin,
        )
    parts = "; ".join(
        f"{names[row['variable']]} van {format_number(row['mean_have'], digits)} naar "
        f"{format_number(row['mean_want'], digits)}"
        for _, row in shown.iterrows()
    )
    told = f"{about}, cijfer nu en gewenst, grootste verschil eerst: {parts}"
    return Picture(
        figure=figure,
        title=title,
        alt=sentences_of(title, told, hidden_note(table, names)),
        note="\n".join(line for line in notes if line),
        origin=origin,
    )


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
    chart = Chart(
        blocks_of((names[row["variable"]], [row]) for _, row in shown.iterrows()),
        x_range=x_range,
        room=room_for(digits, x_range),
        marks=marks,
        subtitle=about,
        **words,
    )
    beside = chart.inches(0.11)
    for row, y in chart.lanes():
        ends = [row["mean_have"], row["mean_want"]]
        chart.axes.plot(
            ends, [y, y], color=OTHER, lw=2, gid=f"gap|{row['variable']}", zorder=2
        )
        first = ends[0] <= ends[1]
        for at, name, mark, left in (
            (ends[0], "have", marks[0], first),
            (ends[1], "want", marks[1], not first),
        ):
            look = marker_look(mark.marker, mark.colour, filled=mark.filled)
            gid = f"{name}|{row['variable']}"
            chart.axes.plot([at], [y], ls="", gid=gid, zorder=4, clip_on=False, **look)
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
