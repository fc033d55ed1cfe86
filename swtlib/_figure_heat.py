"""The figure of many comparisons at once: competences by statements."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from swtlib._figure_colours import effect_colours
from swtlib._figure_findings import find_effects
from swtlib._figure_style import (
    LINE,
    MARGIN,
    OTHER,
    SMALL,
    SOFT,
    WIDTH,
    Picture,
    Sheet,
    dutch,
    figure_style,
    ink_on,
    n_text,
    text_height,
    text_width,
    wrap,
)
from swtlib._figure_words import (
    Names,
    Words,
    empty_picture,
    hidden_note,
    needs,
    picture_of,
)
from swtlib._table_text import format_number
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError

_CELL = 0.385  # inches of a column
_NARROW = 0.275  # inches, wide enough for a number with one decimal
_LABEL = (1.45, 2.6)  # inches for a statement
_CERTAIN = ", als 0 buiten het betrouwbaarheidsinterval ligt (zonder correctie)"
_LIMITS = {"hedges_g": ("g_low", "g_high")}  # the interval of an effect


def plot_heatmap(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    title: str,
    origin: str,
    value: str = "hedges_g",
    label_from: float = 0.5,
    ends: tuple[str, str] = ("lager bij hoge cijfers", "hoger bij hoge cijfers"),
    note: str = "",
) -> Picture:
    """Draw a coloured cell for each competence and statement.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "comparison": ``competence, statement, n_low, n_high`` and
        `value`. Statements become rows and competences columns, in the order
        of the table.
    labels, title, origin, note
        As in `plot_means`.
    value : str, default: "hedges_g"
        Column with the effect; 0 is no difference.
    label_from : float, default: 0.5
        Smallest size of an effect that is written in its cell. With an
        interval in the table (``g_low, g_high``) it must also leave out 0.
    ends : tuple of str
        What a negative and a positive effect mean.

    Returns
    -------
    Picture
        As wide as the others up to 14 competences; more make it wider. A negative
        effect has a minus sign, or a dash where its number is not written: both
        signs look alike without colours. A comparison that may not be shown, or has
        no effect size, is hatched.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column is missing, or a cell occurs twice.
    """
    columns = ("competence", "statement", "n_low", "n_high", value)
    frame = needs(table, columns, where="plot_heatmap")
    if frame.duplicated(["competence", "statement"]).any():
        raise ParameterError("plot_heatmap takes one row for each cell.")
    names = Names(labels)
    shown = frame[~frame["suppressed"] & frame[value].notna()]
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    order = {key: list(frame[key].unique()) for key in ("statement", "competence")}
    frame["written"] = _worth_reading(frame, value, label_from)
    matrix, written = (
        frame.pivot_table(
            name, "statement", "competence", dropna=False, observed=False
        ).reindex(index=order["statement"], columns=order["competence"])
        for name in (value, "written")
    )
    missing = int((frame[value].isna() & ~frame["suppressed"]).sum())
    limited = _limits_of(frame, value) is not None
    notes = [
        f"Getallen, op één decimaal, staan in de cellen vanaf een verschil van "
        f"{dutch(label_from)}" + (_CERTAIN if limited else "") + ".",
        f"Streepje of minteken: {ends[0]}." if frame[value].lt(0).any() else "",
        f"Gearceerd: {missing} keer niet te berekenen." if missing else "",
        hidden_note(table, names).replace("Niet getoond", "Gearceerd, niet getoond"),
        note,
    ]
    about = (
        f"Lager cijfer: {n_text(shown['n_low'])} per vergelijking; hoger cijfer: "
        f"{n_text(shown['n_high'])}."
    )
    finding = find_effects(
        shown.loc[_worth_reading(shown, value, label_from), value],
        len(shown),
        dutch(label_from),
        ends,
        limited=limited,
    )
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    with figure_style():
        figure = _heatmap(matrix, written == 1, names, ends, subtitle=about, **words)
    told = _main_effects(shown, value, names, label_from, limited=limited)
    return picture_of(figure, about, told, hidden_note(table, names), **words)


def _worth_reading(
    frame: pd.DataFrame, value: str, label_from: float
) -> "pd.Series[bool]":
    """Mark effects that are large enough, and known well enough, to be written."""
    large = frame[value].abs() >= label_from
    limits = _limits_of(frame, value)
    return large if limits is None else large & ((limits[0] > 0) | (limits[1] < 0))


def _limits_of(frame: pd.DataFrame, value: str) -> "list[pd.Series[float]] | None":
    """Give the interval of an effect, if the table has one."""
    names = _LIMITS.get(value, ())
    known = bool(names) and set(names) <= set(frame.columns)
    return [frame[name] for name in names] if known else None


def _main_effects(
    shown: pd.DataFrame, value: str, names: Names, label_from: float, *, limited: bool
) -> str:
    effects = shown[value]
    ranked = shown.loc[effects.abs().sort_values(ascending=False, kind="stable").index]
    largest = "; ".join(
        f"{names[row['competence']]} bij {names[row['statement']]} "
        f"{format_number(row[value], 2)}"
        for _, row in ranked.head(3).iterrows()
    )
    at = dutch(label_from)
    certain = ""
    if limited:
        n_certain = int(_worth_reading(shown, value, label_from).sum())
        certain = f"; van deze ligt {n_certain} keer 0 buiten het interval"
    return (
        f"Van {len(shown)} vergelijkingen zijn er {int((effects >= label_from).sum())} "
        f"met een verschil van {at} of meer en {int((effects <= -label_from).sum())} "
        f"met min {at} of minder{certain}. Grootste verschillen: {largest}"
    )


def _heatmap(
    matrix: pd.DataFrame,
    written: pd.DataFrame,
    names: Names,
    ends: tuple[str, str],
    **words: Any,
) -> Figure:
    labels = [names[name] for name in matrix.index]
    heads = _two_lines([names[name] for name in matrix.columns], 0.6, 3.0)
    head = max(text_width(line, SMALL) for lines in heads for line in lines) + 0.08
    free = WIDTH - 2 * MARGIN - 0.08
    column = min(_CELL, max(_NARROW, (free - _LABEL[0]) / len(heads)))
    beside = min(_LABEL[1], max(_LABEL[0], free - column * len(heads)))
    rows = [wrap(label, beside, SMALL) for label in labels]
    left = max(text_width(line, SMALL) for lines in rows for line in lines)
    left += MARGIN + 0.08
    heights = np.array([max(0.3, text_height(lines, SMALL) + 0.07) for lines in rows])
    edges = np.concatenate([[0.0], np.cumsum(heights)])
    wide, high = column * len(heads), float(edges[-1])
    width = max(WIDTH, left + wide + MARGIN)
    sheet = Sheet(body=head + high + 0.55, width=width, **words)
    axes = sheet.axes(left, head, wide, high)
    largest = float(np.nanmax(np.abs(matrix.to_numpy())))
    limit = max(math.ceil(largest * 10) / 10, 0.5)
    effects = matrix.to_numpy(dtype=float)
    colours, scale = effect_colours(), Normalize(-limit, limit)
    axes.set(xlim=(0, len(heads)), ylim=(high, 0), facecolor="white")
    axes.set_axis_off()
    axes.pcolormesh(
        np.arange(len(heads) + 1),
        edges,
        effects,
        cmap=colours,
        norm=scale,
        edgecolor="white",
        linewidth=1,
    )
    middles = edges[:-1] + heights / 2
    # Where a minus sign does not fit it becomes a dash above the number.
    signed = text_width(format_number(-0.8, 1), SMALL) < column
    dashed = (effects < 0) & ~(written.to_numpy() & signed)
    for y, x in zip(*np.nonzero(written.to_numpy()), strict=True):
        red, green, blue, _ = colours(scale(effects[y, x]))
        effect = abs(effects[y, x]) if dashed[y, x] else effects[y, x]
        axes.text(
            x + 0.5,
            middles[y] + 0.04 * dashed[y, x],
            format_number(effect, 1),
            fontsize=SMALL,
            ha="center",
            va="center_baseline",
            color=ink_on((red, green, blue)),
        )
    at_y, at_x = np.nonzero(dashed)
    heights_of_dash = middles[at_y] - 0.08 * written.to_numpy()[at_y, at_x]
    inks = [ink_on(colours(scale(effect))[:3]) for effect in effects[dashed]]
    across = (at_x + 0.32, at_x + 0.68)
    axes.hlines(heights_of_dash, *across, color=inks, lw=1.1, gid="lower|")
    for y, x in zip(*np.nonzero(np.isnan(effects)), strict=True):
        gid = f"blank|{matrix.columns[x]}|{matrix.index[y]}"
        look: dict[str, Any] = {"facecolor": "white", "edgecolor": OTHER, "lw": 0}
        corner, tall = (x + 0.08, edges[y] + 0.02), heights[y] - 0.04
        cross = Rectangle(corner, 0.84, tall, hatch="////", **look)
        cross.set_gid(gid)
        axes.add_patch(cross)
    for y, lines in zip(middles, rows, strict=True):
        sheet.write(MARGIN, head + y - text_height(lines, SMALL) / 2, lines, SMALL)
    for at, lines in enumerate(heads):
        axes.text(
            at + 0.5,
            -0.06,
            "\n".join(lines),
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=SMALL,
            linespacing=0.95,
        )
    between = np.arange(1, len(heads))
    axes.vlines(between, -head, 0, color=LINE, lw=0.8, clip_on=False)
    _colour_bar(sheet, head + high + 0.2, limit, ends)
    return sheet.figure


def _two_lines(texts: list[str], least: float, most: float) -> list[list[str]]:
    """Wrap to two lines where that fits, in as little width as possible."""
    words = {word for text in texts for word in text.split()}
    width = max(least, min(most, max(text_width(word, SMALL) for word in words)))
    while width < most and any(len(wrap(text, width, SMALL)) > 2 for text in texts):
        width += 0.05
    return [wrap(text, width, SMALL) for text in texts]


def _colour_bar(sheet: Sheet, y: float, limit: float, ends: tuple[str, str]) -> None:
    """Draw the key of the colours, with a word at each end."""
    beside = [text_width(text, SMALL) + 0.1 for text in ends]
    size = min(2.4, sheet.width - 2 * MARGIN - sum(beside))
    x = (sheet.width - size - sum(beside)) / 2 + beside[0]
    axes = sheet.axes(x, y, size, 0.13)
    steps = np.linspace(-limit, limit, 101)
    axes.imshow(
        [steps], aspect="auto", cmap=effect_colours(), extent=(-limit, limit, 0, 1)
    )
    axes.set(xlim=(-limit, limit), yticks=[])
    axes.set_xticks([-limit, 0, limit], [dutch(v) for v in (-limit, 0, limit)])
    axes.tick_params(axis="x", pad=2, length=0)
    axes.grid(visible=False)
    axes.add_patch(Rectangle((-limit, 0), 2 * limit, 1, fill=False, edgecolor=LINE))
    look: dict[str, Any] = {"color": SOFT}
    sheet.write(x - 0.1, y - 0.02, ends[0], SMALL, ha="right", **look)
    sheet.write(x + size + 0.1, y - 0.02, ends[1], SMALL, ha="left", **look)
