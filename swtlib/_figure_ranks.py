"""The figure of an order, and of how certain it is."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from swtlib._figure_chart import Chart, blocks_of
from swtlib._figure_findings import find_ranks
from swtlib._figure_gap import one_group
from swtlib._figure_style import (
    MAIN,
    SMALL,
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
    needs,
    picture_of,
)
from swtlib._table_text import level_text, place_text
from swtlib.disclosure import ProtectedTable


def plot_ranks(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    title: str,
    origin: str,
    group: str | None = None,
    confidence: float = 0.95,
    note: str = "",
) -> Picture:
    """Draw the rank of each variable with the ranks that it may have.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean": ``group, variable, n, rank, rank_low, rank_high``.
    labels, title, origin, confidence, note
        As in `plot_means`.
    group : str, optional
        Which group is drawn; by default the team of the page, or "alle".

    Returns
    -------
    Picture
        A dot for the rank and a line for its interval, the first rank on top.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column or the group is missing.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> ranks = pd.DataFrame({"group": "alle", "variable": ["a", "b"], "n": 66,
    ...     "sd": 0.2, "rank": [2, 1], "rank_low": 1, "rank_high": 2})
    >>> plot_ranks(protect(ranks, kind="mean"), labels={"a": "Netwerken"},
    ...            title="Volgorde", origin="Herkomst: ...").alt
    'Volgorde. Wat bovenaan hoort, is niet zeker: beide kunnen op plaats 1 staan. \
Alle teams (n = 66), plaats en de plaatsen die ook kunnen: b 1 (1–2); \
Netwerken 2 (1–2).'
    """
    columns = ("group", "variable", "n", "rank", "rank_low", "rank_high")
    needs(table, columns, where="plot_ranks")
    table, group = one_group(table, group)
    names = Names(labels)
    shown = table.frame[~table.frame["suppressed"]].dropna(subset=list(columns))
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    shown = shown.sort_values("rank", kind="stable")
    notes = [_how_to_read(shown, confidence), hidden_note(table, names), note]
    about = f"{names.capital(group)} ({n_text(shown['n'])})"
    finding = find_ranks(shown, names)
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    with figure_style():
        figure = _lines(shown, about, names, **words)
    parts = "; ".join(
        f"{names[row['variable']]} {place_text(row)}" for _, row in shown.iterrows()
    )
    told = f"{about}, plaats en de plaatsen die ook kunnen: {parts}"
    return picture_of(figure, told, hidden_note(table, names), **words)


def _how_to_read(shown: pd.DataFrame, confidence: float) -> str:
    certain = shown["rank_low"] == shown["rank_high"]
    told = "Punt: plaats in deze antwoorden"
    if not certain.all():
        told += (
            f"; lijn: plaatsen die ook kunnen ({level_text(confidence)} zekerheid "
            "voor alle lijnen samen)"
        )
    told += "."
    if certain.any():
        told += " Zonder lijn: er is maar één plaats die kan."
    if shown["rank"].duplicated().any():
        told += " Wat gelijk staat, deelt de beste plaats."
    return told


def _lines(shown: pd.DataFrame, about: str, names: Names, **words: Any) -> Figure:
    texts = [place_text(row) for _, row in shown.iterrows()]
    last = max(2, int(shown["rank_high"].max()))
    column = 0.16 + max(text_width(text, SMALL) for text in texts)
    chart = Chart(
        blocks_of((names[row["variable"]], [row]) for _, row in shown.iterrows()),
        x_range=(1, last),
        room=column,
        x_ticks=_ticks(last),
        subtitle=about,
        **words,
    )
    look = marker_look("o", MAIN, filled=True)
    for (row, y), text in zip(chart.lanes(), texts, strict=True):
        ends = [row["rank_low"], row["rank_high"]]
        name = row["variable"]
        if ends[0] < ends[1]:
            gid = f"interval|{name}"
            chart.axes.plot(ends, [y, y], color=MAIN, lw=2, gid=gid, clip_on=False)
        gid = f"rank|{name}"
        chart.axes.plot(
            [row["rank"]], [y], ls="", gid=gid, clip_on=False, zorder=4, **look
        )
        chart.axes.text(
            last + chart.inches(0.16), y, text, fontsize=SMALL, va="center_baseline"
        )
    return chart.sheet.figure


def _ticks(last: int) -> list[float]:
    """Choose the numbers under the axis: all of a few, or else every fifth."""
    if last <= 7:
        return list(range(1, last + 1))
    return [1, *(tick for tick in range(5, last - 1, 5)), last]
