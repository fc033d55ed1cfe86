"""The figure of every choice of method: how many statements each one leaves.

A specification curve sorts all outcomes on one axis with the choices below; for
14 competences nobody can read that. Here every competence is a row, and the
choice that matters most, the correction, makes three panels beside each other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from swtlib._figure_chart import GAP, LANE
from swtlib._figure_findings import find_choices
from swtlib._figure_style import (
    INK,
    LINE,
    MAIN,
    MARGIN,
    SMALL,
    WIDTH,
    Picture,
    Sheet,
    figure_style,
    marker_look,
    n_text,
    scale_axis,
    text_height,
    text_width,
    upper,
    wrap,
)
from swtlib._figure_words import Names, Words, empty_picture, needs, picture_of
from swtlib._table_text import DASH, format_number
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError

_KEYS = ["competence", "split", "test", "correction"]
# Panels, by what a correction reaches over, as `specifications` names them.
_REACH = {
    "none": "none",
    "bh": "competence",
    "holm": "competence",
    "bh_all": "all",
    "holm_all": "all",
}
_DEFAULT = ("mean", "permutation", "none")  # what the other tables are made with
_REPORTED = ("mean", "welch", "none")  # what gives the counts of the report
_BAND = "#5b97ab"
_LABEL = 1.6  # inches for a competence
_APART = 0.16  # inches between panels
_AXIS = 0.24  # inches for the numbers under a panel
_BESIDE = 0.11  # inches from the end of a band to its number


def plot_specifications(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    title: str,
    origin: str,
    note: str = "",
) -> Picture:
    """Draw how many statements remain under every choice of method.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "count": ``competence, split, test, correction, n, n_related,
        n_compared``, one row for each choice; see
        `specifications.count_specifications`.
    labels, title, origin, note
        As in `plot_means`.

    Returns
    -------
    Picture
        A row for each competence, the one with most statements by default on
        top. Side by side without correction, corrected within a competence and
        over all comparisons: a band from the choice that leaves fewest to the
        one that leaves most, a dot for the median choice, and a ring for the
        choice that the report of 2015 probably made.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column is missing, a choice occurs twice, or a correction is not
        known.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> counts = pd.DataFrame({"competence": "a", "split": "mean",
    ...     "test": "welch", "correction": ["none", "bh", "holm", "holm_all"],
    ...     "n": 66, "n_related": [9, 4, 1, 0], "n_compared": 22})
    >>> plot_specifications(protect(counts, kind="count"),
    ...     labels={"a": "Creativiteit"}, title="Keuzes", origin="Herkomst: ...").alt
    'Keuzes. Zonder correctie hooguit 9 stellingen per competentie; na correctie over \
alle 22 hooguit 0. n = 66. Zonder correctie (tussen haakjes: gemiddelde en \
Welch), per competentie gecorrigeerd, over alle 22 gecorrigeerd: \
Creativiteit 9 (9), 1–4, 0.'
    """
    columns = [*_KEYS, "n", "n_related", "n_compared"]
    frame = needs(table, columns, where="plot_specifications")
    if frame.duplicated(_KEYS).any():
        raise ParameterError("plot_specifications takes one row for each choice.")
    unknown = set(frame["correction"]) - set(_REACH)
    if unknown:
        raise ParameterError(
            f"there is no correction '{min(unknown)}'. There is: {', '.join(_REACH)}."
        )
    names = Names(labels)
    shown = frame[~frame["suppressed"] & (frame["n_compared"] > 0)]
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    shown = shown.assign(reach=shown["correction"].map(_REACH))
    rows, heads = _rows_of(shown), _heads(shown)
    left_out = _left_out(frame, shown, names)
    notes = [_how_to_read(shown, rows), *left_out, note]
    about = f"{n_text(shown['n'])}{_choices(shown)}"
    most = {
        reach: max(row.panels[reach][2] for row in rows if reach in row.panels)
        for reach in heads
    }
    finding = find_choices(most, _n_compared(shown))
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    with figure_style():
        n_compared = int(shown["n_compared"].max())
        figure = _panels(rows, heads, names, n_compared, subtitle=about, **words)
    told = _in_words(rows, heads, names)
    return picture_of(figure, about, told, *left_out, **words)


@dataclass(frozen=True)
class _Row:
    """Counts of one competence: least, median and most of each panel."""

    name: str
    panels: dict[str, tuple[float, float, float]]
    default: float
    reported: float

    def text(self, reach: str) -> str:
        """Write the least and the most, such as "0–3"."""
        if reach not in self.panels:
            return ""
        low, _, high = (format_number(value, 0) for value in self.panels[reach])
        return low if low == high else f"{low}{DASH}{high}"


def _rows_of(shown: pd.DataFrame) -> list[_Row]:
    """Take the choices of each competence together, most statements first."""
    rows = []
    for name, of_name in shown.groupby("competence", sort=False):
        made = zip(
            of_name["split"], of_name["test"], of_name["correction"], strict=True
        )
        counts = dict(zip(made, of_name["n_related"].astype(float), strict=True))
        panels = {
            str(reach): (float(n.min()), float(n.median()), float(n.max()))
            for reach, n in of_name.groupby("reach")["n_related"]
        }
        default, reported = (counts.get(c, math.nan) for c in (_DEFAULT, _REPORTED))
        rows.append(_Row(str(name), panels, default, reported))
    return sorted(rows, key=lambda row: -row.default if row.default >= 0 else 1)


def _heads(shown: pd.DataFrame) -> dict[str, str]:
    """Name the panels that there are."""
    heads = {
        "none": "zonder correctie",
        "competence": "per competentie gecorrigeerd",
        "all": f"over alle {_n_compared(shown)} gecorrigeerd",
    }
    found = set(shown["reach"])
    return {reach: text for reach, text in heads.items() if reach in found}


def _n_compared(shown: pd.DataFrame) -> int:
    """Count the comparisons of all competences together."""
    return int(shown.groupby("competence")["n_compared"].max().sum())


def _choices(shown: pd.DataFrame) -> str:
    """Say how many choices there are, if there are several of each kind."""
    n_choices = len(shown[_KEYS[1:]].drop_duplicates())
    splits, tests, corrections = (shown[key].nunique() for key in _KEYS[1:])
    if n_choices < splits * tests * corrections or min(splits, tests, corrections) < 2:
        return ""
    return (
        f". {n_choices} manieren van rekenen: {splits} grenzen tussen hoog en laag, "
        f"{tests} toetsen, {corrections - 1} correcties of geen."
    )


def _how_to_read(shown: pd.DataFrame, rows: Sequence[_Row]) -> str:
    most = int(shown["n_compared"].max())
    told = (
        f"Aantal van de {most} stellingen waarop hoge cijfers hoger scoren. Band: van "
        "de manier met de minste tot die met de meeste; punt: het midden van alle "
        "manieren."
    )
    if any(row.reported >= 0 for row in rows):
        told += (
            " Cirkel: grens bij het gemiddelde en toets van Welch, zonder correctie."
        )
    return told


def _left_out(frame: pd.DataFrame, shown: pd.DataFrame, names: Names) -> list[str]:
    """Name what is hidden or cannot be computed: a competence, or some choices."""
    lines = []
    hidden = frame[frame["suppressed"]]
    no_test = frame[~frame["suppressed"] & ~(frame["n_compared"] > 0)]
    for rows, what in ((hidden, "getoond"), (no_test, "te berekenen")):
        if rows.empty:
            continue
        gone = [c for c in rows["competence"].unique() if c not in set(shown[_KEYS[0]])]
        some = int((~rows["competence"].isin(gone)).sum())
        parts = [names[name] for name in gone]
        if some:
            parts.append(f"{some} van de {len(frame)} uitkomsten")
        reasons = "; ".join(dict.fromkeys(r for r in rows["reason"] if r))
        why = f" ({reasons})" if reasons else ""
        lines.append(f"Niet {what}: {', '.join(parts)}{why}.")
    return lines


def _in_words(rows: Sequence[_Row], heads: Mapping[str, str], names: Names) -> str:
    lead = dict(heads)
    if "none" in heads and any(row.reported >= 0 for row in rows):
        lead["none"] += " (tussen haakjes: gemiddelde en Welch)"
    parts = []
    for row in rows:
        texts = {reach: row.text(reach) or "onbekend" for reach in heads}
        if "none" in heads and row.reported >= 0:
            texts["none"] += f" ({format_number(row.reported, 0)})"
        parts.append(f"{names[row.name]} {', '.join(texts.values())}")
    return upper(f"{', '.join(lead.values())}: {'; '.join(parts)}")


def _panels(
    rows: Sequence[_Row],
    heads: Mapping[str, str],
    names: Names,
    most: int,
    **words: Any,
) -> Figure:
    labels = [wrap(names[row.name], _LABEL, SMALL) for row in rows]
    sizes = [max(LANE, text_height(lines, SMALL)) + GAP for lines in labels]
    middles = [sum(sizes[:at]) + size / 2 for at, size in enumerate(sizes)]
    left = max(text_width(line, SMALL) for lines in labels for line in lines)
    left += MARGIN + 0.16
    size = (WIDTH - left - MARGIN - _APART * (len(heads) - 1)) / len(heads)
    titles = [wrap(text, size, SMALL) for text in heads.values()]
    top = max(text_height(lines, SMALL) for lines in titles) + 0.06
    sheet = Sheet(body=top + sum(sizes) + _AXIS, **words)
    for lines, y in zip(labels, middles, strict=True):
        sheet.write(MARGIN, top + y - text_height(lines, SMALL) / 2, lines, SMALL)
    wide = min(_axis_width(row, reach, size, most) for row in rows for reach in heads)
    for at, (reach, lines) in enumerate(zip(heads, titles, strict=True)):
        x = left + at * (size + _APART)
        sheet.write(x - 0.05, top - 0.06 - text_height(lines, SMALL), lines, SMALL)
        axes = sheet.axes(x, top, wide, sum(sizes))
        scale_axis(axes, (0, most), n_ticks=3)
        axes.set_ylim(sum(sizes), 0)
        axes.hlines(middles, 0, most, color=LINE, lw=0.6, zorder=0)
        placed = [(row, y) for row, y in zip(rows, middles, strict=True)]
        _draw_panel(axes, [p for p in placed if reach in p[0].panels], reach)
        for row, y in placed:
            if reach in row.panels:
                beside = row.panels[reach][2] + _BESIDE * most / wide
                look: dict[str, Any] = {"fontsize": SMALL, "va": "center_baseline"}
                axes.text(beside, y, row.text(reach), **look)
    return sheet.figure


def _axis_width(row: _Row, reach: str, size: float, most: int) -> float:
    """Give the widest axis that leaves room for the number beside a band."""
    end = row.panels[reach][2] if reach in row.panels else 0
    if end == 0:
        return size - _BESIDE
    return (size - _BESIDE - text_width(row.text(reach), SMALL)) * most / end


def _draw_panel(axes: Axes, placed: Sequence[tuple[_Row, float]], reach: str) -> None:
    low, middle, high = zip(*(row.panels[reach] for row, _ in placed), strict=True)
    heights = [y for _, y in placed]
    look: dict[str, Any] = {"clip_on": False, "gid": f"band|{reach}", "zorder": 2}
    axes.hlines(heights, low, high, color=_BAND, lw=5, capstyle="round", **look)
    look = {"clip_on": False, "ls": "", **marker_look("o", MAIN, filled=True)}
    look |= {"markersize": 5.5}
    axes.plot(middle, heights, gid=f"middle|{reach}", zorder=3, **look)
    if reach == "none":
        look |= {"markersize": 10, "markerfacecolor": "none", "markeredgecolor": INK}
        reported = [row.reported for row, _ in placed]
        axes.plot(reported, heights, gid="reported|none", zorder=4, **look)
