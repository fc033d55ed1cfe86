"""Figures of shares and counts: bars from zero."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from swtlib._figure_chart import LANE, Chart, blocks_of
from swtlib._figure_findings import find_counts, find_shares, hid
from swtlib._figure_style import (
    INK,
    LINE,
    SMALL,
    Picture,
    figure_style,
    text_width,
)
from swtlib._figure_words import (
    Names,
    Words,
    about_text,
    empty_picture,
    hidden_note,
    interval_text,
    needs,
    picture_of,
)
from swtlib._table_text import format_number, format_share
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError, did_you_mean

BAR = "#5b97ab"
_ANSWERS = ("answer_label", "category", "theme", "answer")


def plot_shares(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    title: str,
    origin: str,
    answer: str | int | None = None,
    value: Literal["share", "count"] = "share",
    sort: bool = True,
    confidence: float | None = None,
    note: str = "",
) -> Picture:
    """Draw how many gave each answer, or one answer for several statements.

    Parameters
    ----------
    table : ProtectedTable
        With ``answer_label``, ``category`` or ``theme``, ``n`` and the
        ``share`` or ``count``; of one group. With one variable there is a bar
        for each answer.
    labels, title, origin, note
        As in `plot_means`.
    answer : str or int, optional
        With several variables: the answer or category that is drawn.
    value : {"share", "count"}
        What is drawn.
    sort : bool, default: True
        Whether the largest comes first; otherwise in the order of the table.
    confidence : float, optional
        Level of the intervals in the table, to be named under the figure.

    Returns
    -------
    Picture
        With a line for the interval where the table has one.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column or the answer is missing, or there are several groups.
    """
    frame = needs(table, ("n", value), where="plot_shares")
    kinds = [k for k in _ANSWERS if k in frame]
    if not kinds:
        raise ParameterError("plot_shares needs a column with answers or themes.")
    if "group" in frame and len(frame["group"].unique()) > 1:
        raise ParameterError("plot_shares draws one group: use table.select(groups=).")
    key = kinds[0]
    if "variable" in frame and len(frame["variable"].unique()) > 1:
        found = frame[kinds].isin([answer]).any(axis=1)
        if not found.any():
            known = map(str, frame[key].unique())
            raise ParameterError(
                "several variables: say which answer, not "
                f"{answer!r}.{did_you_mean(str(answer), known)}"
            )
        frame, key = frame[found], "variable"
    return _bars(
        table,
        frame,
        key=key,
        value=value,
        names=Names(labels),
        sort=sort,
        confidence=confidence,
        title=title,
        origin=origin,
        note=note,
    )


def plot_counts(
    table: ProtectedTable,
    *,
    name: str = "competence",
    value: str = "n_related",
    labels: Mapping[str, str],
    title: str,
    origin: str,
    total: int | None = None,
    note: str = "",
) -> Picture:
    """Draw a ranking of counts, largest first.

    Parameters
    ----------
    table : ProtectedTable
        With ``n`` and the two columns below.
    name : str, default: "competence"
        Column that says what a bar is.
    value : str, default: "n_related"
        Column with the count.
    labels, title, origin, note
        As in `plot_means`.
    total : int, optional
        What the counts are out of, drawn as a pale bar; by default the largest
        ``n_compared``, if the table has that.

    Returns
    -------
    Picture

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column is missing.
    """
    frame = needs(table, ("n", name, value), where="plot_counts")
    if total is None and "n_compared" in frame and frame["n_compared"].notna().any():
        total = int(frame["n_compared"].max())
    return _bars(
        table,
        frame,
        key=name,
        value=value,
        names=Names(labels),
        sort=True,
        total=total,
        title=title,
        origin=origin,
        note=note,
    )


# --- bars from zero ---------------------------------------------------------------


def _bars(
    table: ProtectedTable,
    frame: pd.DataFrame,
    *,
    key: str,
    value: str,
    names: Names,
    sort: bool,
    title: str,
    origin: str,
    note: str,
    total: int | None = None,
    confidence: float | None = None,
) -> Picture:
    shown = frame[~frame["suppressed"] & frame[value].notna()]
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    if sort:
        shown = shown.sort_values(value, ascending=False, kind="stable")
    ranged = value == "share" and {"ci_low", "ci_high"} <= set(shown.columns)
    ranged = ranged and bool(shown["ci_low"].notna().any())
    notes = [
        f"Lijn: {interval_text(confidence)}." if ranged else "",
        hidden_note(table, names),
        note,
    ]
    about = about_text(shown, names)
    if value == "share":
        given = None if key in _ANSWERS else names[_answer_of(shown)]
        finding = find_shares(shown, key, names, given, partly=hid(frame))
    else:
        finding = find_counts(shown[value], list(shown[key]), names, total)
    numbers = [
        format_share(row[value])
        if value == "share"
        else format_number(row[value], 0) + (f" van {total}" if total else "")
        for _, row in shown.iterrows()
    ]
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    with figure_style():
        figure = _bar_chart(
            shown,
            key,
            value,
            names,
            numbers,
            total,
            ranged=ranged,
            subtitle=about,
            **words,
        )
    parts = "; ".join(
        f"{names[row[key]]} {text}"
        for (_, row), text in zip(shown.iterrows(), numbers, strict=True)
    )
    return picture_of(figure, f"{about}: {parts}", hidden_note(table, names), **words)


def _answer_of(shown: pd.DataFrame) -> object:
    """Give the one answer that bars of several statements are about."""
    key = next(key for key in _ANSWERS if key in shown)
    return shown[key].iloc[0]


def _bar_chart(
    shown: pd.DataFrame,
    key: str,
    value: str,
    names: Names,
    texts: Sequence[str],
    total: int | None,
    *,
    ranged: bool,
    **words: Any,
) -> Figure:
    columns = [value, "ci_high"] if ranged else [value]
    longest = total or float(np.nanmax(shown[columns].to_numpy(dtype=float))) or 1
    room = 0.12 + max(text_width(text, SMALL, bold=True) for text in texts)
    rows = [row for _, row in shown.iterrows()]
    chart = Chart(
        blocks_of((names[row[key]], [row]) for row in rows),
        x_range=(0, longest),
        room=room,
        numbers=False,
        **words,
    )
    for (row, y), text in zip(chart.lanes(), texts, strict=True):
        top = y - 0.42 * LANE
        if total:
            look: dict[str, Any] = {"color": LINE, "lw": 0, "zorder": 1}
            chart.axes.add_patch(Rectangle((0, top), total, 0.84 * LANE, **look))
        chart.axes.add_patch(
            Rectangle(
                (0, top),
                row[value],
                0.84 * LANE,
                color=BAR,
                lw=0,
                gid=f"bar|{row[key]}",
                zorder=2,
            )
        )
        right = float(total or row[value])
        if ranged and pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
            ends = [row["ci_low"], row["ci_high"]]
            gid = f"interval|{row[key]}"
            chart.axes.plot(ends, [y, y], color=INK, lw=1.6, gid=gid, zorder=3)
            right = max(right, ends[1])
        at = right + chart.inches(0.07)
        chart.axes.text(
            at, y, text, fontsize=SMALL, weight="bold", va="center_baseline"
        )
    return chart.sheet.figure
