"""The figure of what changed between two years: a line from then to now."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from swtlib._figure_change import draw_changes, year_marks
from swtlib._figure_chart import HIDDEN, group_mark
from swtlib._figure_findings import find_changes, hid
from swtlib._figure_panel import Panel, draw_line
from swtlib._figure_style import (
    INK,
    LINE,
    MAIN,
    MARGIN,
    OTHER,
    SMALL,
    SOFT,
    TEXT,
    WIDTH,
    Mark,
    Picture,
    Sheet,
    figure_style,
    leading,
    marker_look,
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
    interval_text,
    needs,
    picture_of,
)
from swtlib._table_text import Row, change_text, format_number, records_of
from swtlib.disclosure import ProtectedTable
from swtlib.groups import ALL

LABEL = 1.62  # inches for a name beside an end of its line
DODGE = 0.055  # inches between intervals of the same year
MOVED = 0.04  # inches; a label that moved further has a line to its dot
LOWEST = 0.95  # inches; a panel is never lower
AIR = 1.3  # a panel is higher than its labels, so that they stay near their lines
MOST_LINES = 6  # of variables in one panel; more become rows
NEEDED = (
    *("year", "group", "variable", "n_before", "n_after", "mean_before", "mean_after"),
    *("ci_low_before", "ci_high_before", "ci_low_after", "ci_high_after"),
    *("change", "ci_low", "ci_high", "interval"),
)


@dataclass(frozen=True)
class _Line:
    """One line: its row, how it looks, and what stands at its right end."""

    row: Row
    mark: Mark
    name: str


@dataclass(frozen=True)
class _Panel:
    """Lines on one axis, under a heading."""

    heading: list[str]
    lines: list[_Line]

    def ends(self) -> Iterator[float]:
        """Give everything that must be within the axis."""
        for line in self.lines:
            for when in ("before", "after"):
                yield float(line.row[f"mean_{when}"])
                for limit in ("ci_low", "ci_high"):
                    value = float(line.row[f"{limit}_{when}"])
                    if value == value:
                        yield value


def plot_slopes(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    year: int,
    title: str,
    origin: str,
    digits: int = 2,
    confidence: float = 0.95,
    note: str = "",
) -> Picture:
    """Draw how means moved from one year to another, one line each.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean", from `trend_results`, with one earlier year.
    labels, title, origin, digits, confidence, note
        As in `plot_means`; `origin` is of both years.
    year : int
        The later year.

    Returns
    -------
    Picture
        For all teams together one panel with a line per variable, or a row
        per variable when there are more than 6; else a panel per variable with
        a line per group, in which the team of the page (or the total of the
        teams) stands out.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If the table lacks a column.
    """
    frame = needs(table, NEEDED, where="plot_slopes")
    names = Names(labels)
    shown = frame[~frame["suppressed"]]
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    years = (int(frame["year"].iloc[0]), year)
    groups = [str(group) for group in frame["group"].unique()]
    one = table.layout == "total"
    as_rows = one and len(shown) > MOST_LINES
    looks = dict(zip(shown.index, map(_change_mark, records_of(shown)), strict=True))
    panels = [_all_in_one(shown, names)] if one else _per_variable(frame, groups, names)
    group = groups[0] if one else _main_group(groups, table.layout)
    main, finding = shown[shown["group"] == group], ""
    if len(main):
        clear = [looks[at].filled for at in main.index]
        whom, partly = "" if one else names[group], hid(frame[frame["group"] == group])
        finding = find_changes(main, clear, names, whom, partly=partly)
    notes = [
        _rows_to_read(shown, confidence, marked=any(m.filled for m in looks.values()))
        if as_rows
        else _how_to_read(shown, confidence, several=len(panels) > 1),
        _counts(shown, groups, years, names),
        hidden_note(table, names),
        note,
    ]
    columns = 2 if table.layout == "team" and len(panels) > 1 else 1
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    if as_rows:
        marks = year_marks(years, list(looks.values()))
        figure = draw_changes(shown, looks, names, digits, marks=marks, **words)
    else:
        marks = (
            _total_marks(shown) if one else _group_marks(groups, names, table.layout)
        )
        with figure_style():
            figure = _draw(panels, years, digits, columns, marks=marks, **words)
    parts = [
        f"{_who(row, names, one=one)} van {format_number(row['mean_before'], digits)} "
        f"naar {format_number(row['mean_after'], digits)}, verschil "
        f"{change_text(row, digits)}"
        for row in records_of(main)
    ]
    told = f"Van {years[0]} naar {years[1]}: {'; '.join(parts)}" if parts else ""
    return picture_of(figure, told, *notes[1:3], **words)


def _main_group(groups: Sequence[str], layout: str | None) -> str:
    """Give the group that the figure is about."""
    return ALL if layout == "teams" else groups[0]


def _who(row: Row, names: Names, *, one: bool) -> str:
    variable = names[row["variable"]]
    return variable if one else f"{names[row['group']]} bij {variable}"


def _all_in_one(shown: pd.DataFrame, names: Names) -> _Panel:
    lines = [
        _Line(row, _change_mark(row), names[row["variable"]])
        for row in records_of(shown)
    ]
    return _Panel([], lines)


def _per_variable(
    frame: pd.DataFrame, groups: Sequence[str], names: Names
) -> list[_Panel]:
    panels = []
    named = len(groups) > 2
    for variable, rows in frame.groupby("variable", sort=False):
        lines = [
            _Line(row, _line_mark(row["group"], groups), names[row["group"]] * named)
            for row in records_of(rows[~rows["suppressed"]])
        ]
        panels.append(_Panel([names[variable]], lines))
    return panels


def _change_mark(row: Row) -> Mark:
    clear = row["interval"] == "telling" or not row["ci_low"] <= 0 <= row["ci_high"]
    if clear and row["interval"] != "geen":
        return Mark(text="", colour=MAIN, line=True)
    return Mark(text="", colour=OTHER, marker="D", filled=False, line=True)


def _line_mark(group: str, groups: Sequence[str]) -> Mark:
    if len(groups) <= 2:
        return group_mark(group, groups)
    if group == ALL:
        return Mark(text="", colour=MAIN, line=True)
    return Mark(text="", colour=OTHER, marker="D", filled=False, line=True)


def _total_marks(shown: pd.DataFrame) -> list[Mark]:
    marks = [_change_mark(row) for row in records_of(shown)]
    told = {True: "0 ligt buiten het interval van het verschil", False: "0 ligt erin"}
    if not any(mark.filled for mark in marks):
        told[False] = "0 ligt in het interval van het verschil"
    found = {mark.filled: mark for mark in marks}
    return [
        replace(found[filled], text=told[filled])
        for filled in (True, False)
        if filled in found
    ]


def _group_marks(groups: Sequence[str], names: Names, layout: str | None) -> list[Mark]:
    if layout == "teams":
        main, rest = _line_mark(ALL, groups), _line_mark("", groups)
        one = f"één {names['own'].split()[-1]}"  # of "het team", or "de wijk"
        looks = ((main, names[ALL]), (rest, one))
        return [Mark(t, m.colour, m.marker, m.filled, line=True) for m, t in looks]
    return [group_mark(group, groups, names.capital(group)) for group in groups]


def _how_to_read(shown: pd.DataFrame, confidence: float, *, several: bool) -> str:
    limits = shown[["ci_low_before", "ci_low_after"]]
    told = "Punt: gemiddelde van dat jaar"
    if limits.notna().any(axis=None):
        told += f"; staande lijn: {interval_text(confidence)}"
    told += "."
    if limits.isna().any(axis=None):
        counted = {
            when: (shown.loc[limits[f"ci_low_{when}"].isna(), f"interval_{when}"])
            for when in ("before", "after")
        }
        kinds = set(pd.concat(counted.values()))
        why = (
            "iedereen deed mee (telling)"
            if kinds == {"telling"}
            else ("telling, of geen interval te berekenen")
        )
        told += f" Zonder staande lijn: {why}."
    told += " Hoger op de figuur is een hoger gemiddelde; de hoogte begint niet bij 0."
    if several:
        told += " Elk vlak heeft dezelfde maat en een eigen midden."
    return told


def _rows_to_read(shown: pd.DataFrame, confidence: float, *, marked: bool) -> str:
    told = "Bovenaan wat het meest steeg. Rechts het verschil"
    if shown["ci_low"].notna().any():
        told += f", met tussen haakjes het {interval_text(confidence)}"
    bold = " Vet: 0 ligt buiten dat interval." if marked else ""
    return f"{told}.{bold} De as begint niet bij 0."


def _counts(
    shown: pd.DataFrame, groups: Sequence[str], years: tuple[int, int], names: Names
) -> str:
    parts = []
    for group in groups:
        rows = shown[shown["group"] == group]
        if rows.empty:
            continue
        then, now = (
            n_text(rows[name]).removeprefix("n = ") for name in ("n_before", "n_after")
        )
        parts.append(f"{names[group]} {then} en {now}")
    return f"n in {years[0]} en {years[1]}: {'; '.join(parts)}."


def _draw(
    panels: Sequence[_Panel],
    years: tuple[int, int],
    digits: int,
    columns: int,
    **words: Any,
) -> Figure:
    room = (WIDTH - 2 * MARGIN - 0.3 * (columns - 1)) / columns
    ends = [list(panel.ends()) for panel in panels]
    span = 1.06 * max([max(e) - min(e) for e in ends if e] + [10.0**-digits])
    tall = max(LOWEST, *(AIR * _label_height(panel, digits) for panel in panels))
    headings = [wrap(" ".join(panel.heading), room, TEXT) for panel in panels]
    firsts = range(0, len(panels), columns)
    rows = [range(at, min(at + columns, len(panels))) for at in firsts]
    tops, y = [], 0.0
    for row in rows:
        above = max(text_height(headings[i], TEXT) for i in row) + leading(SMALL) + 0.06
        empty = all(not panels[i].lines for i in row)
        tops.append((y, above))
        y += above + (leading(SMALL) if empty else tall) + 0.16
    sheet = Sheet(body=y, **words)
    for row, (top, above) in zip(rows, tops, strict=True):
        for place, at in enumerate(row):
            x = MARGIN + place * (room + 0.3)
            sheet.write(x, top, headings[at], TEXT)
            if not panels[at].lines:
                grey = {"color": SOFT, "style": "italic"}
                sheet.write(x, top + above - 0.06, HIDDEN, SMALL, **grey)
                continue
            middle = (max(ends[at]) + min(ends[at])) / 2
            limits = (middle - span / 2, middle + span / 2)
            _draw_panel(
                sheet, panels[at], (x, top + above, room, tall), limits, years, digits
            )
    return sheet.figure


def _label(line: _Line, when: str, digits: int) -> list[str]:
    """Write the mean of a year and whose it is; the number is next to its dot."""
    value = format_number(line.row[f"mean_{when}"], digits)
    if not line.name:
        return [value]
    parts = [value, line.name] if when == "after" else [line.name, value]
    return wrap("\N{NO-BREAK SPACE}".join(parts), LABEL, SMALL)


def _label_height(panel: _Panel, digits: int) -> float:
    lines = max(
        sum(len(_label(line, when, digits)) for line in panel.lines)
        for when in ("before", "after")
    )
    return lines * leading(SMALL) + 0.04 * len(panel.lines)


def _draw_panel(
    sheet: Sheet,
    panel: _Panel,
    box: tuple[float, float, float, float],
    limits: tuple[float, float],
    years: tuple[int, int],
    digits: int,
) -> None:
    """Draw one panel; x and y of its axes are inches, y downwards."""
    _, _, room, tall = box
    starts, texts = (
        [_label(line, when, digits) for line in panel.lines]
        for when in ("before", "after")
    )
    side = 0.12 + DODGE * (len(panel.lines) - 1) / 2
    left_wide, right_wide = (
        max(text_width(t, SMALL, bold=True) for text in labels for t in text)
        for labels in (starts, texts)
    )
    left = left_wide + side + 0.06
    right = room - right_wide - side - 0.1
    axes = Panel(sheet.plane, box, (0, room))

    def height(value: float) -> float:
        return tall * (limits[1] - value) / (limits[1] - limits[0])

    for at, year in ((left, years[0]), (right, years[1])):
        axes.vlines(at, 0, tall, color=LINE, lw=0.8, zorder=0)
        axes.text(
            at, -0.05, str(year), ha="center", va="bottom", fontsize=SMALL, color=SOFT
        )
    middle = (len(panel.lines) - 1) / 2
    for place, line in enumerate(panel.lines):
        shift = (place - middle) * DODGE
        _draw_line(axes, line, (left + shift, right + shift), height)
    for labels, when, at, out in (
        (starts, "before", left, -1),
        (texts, "after", right, 1),
    ):
        places = [height(line.row[f"mean_{when}"]) for line in panel.lines]
        sizes = [len(label) * leading(SMALL) for label in labels]
        put = spread_out(places, sizes, tall)
        near = at + out * side
        for line, label, own, new in zip(panel.lines, labels, places, put, strict=True):
            if abs(new - own) > MOVED:
                ends = [near - out * 0.06, near + out * 0.05]
                look = {"color": line.mark.colour, "lw": 0.7, "zorder": 1}
                draw_line(axes, ends, [own, new], **look)
            axes.text(
                near + out * 0.07,
                new,
                "\n".join(label),
                ha="left" if out > 0 else "right",
                va="center",
                fontsize=SMALL,
                linespacing=1.1,
                color=INK if line.mark.filled else SOFT,
                weight="bold" if line.mark.filled else "normal",
            )


def _draw_line(
    axes: Panel,
    line: _Line,
    at: tuple[float, float],
    height: Callable[[float], float],
) -> None:
    row, mark = line.row, line.mark
    name = f"{row['variable']}|{row['group']}"
    ends = [height(row[f"mean_{when}"]) for when in ("before", "after")]
    for x, when in zip(at, ("before", "after"), strict=True):
        low, high = (row[f"{end}_{when}"] for end in ("ci_low", "ci_high"))
        if pd.notna(low) and pd.notna(high):
            gid = f"interval|{name}|{when}"
            axes.vlines(
                x, height(low), height(high), color=mark.colour, lw=1.2, gid=gid
            )
    look = marker_look(mark.marker, mark.colour, filled=mark.filled)
    look |= {"markersize": 0.8 * look["markersize"], "clip_on": False}
    front, wide = (4, 2.2) if mark.filled else (3, 1.2)
    slope = {"color": mark.colour, "lw": wide, "zorder": front}
    draw_line(axes, at, ends, gid=f"slope|{name}", **slope)
    draw_line(axes, at, ends, ls="", zorder=front, **look)


def spread_out(
    places: Sequence[float], sizes: Sequence[float], room: float
) -> list[float]:
    """Move labels apart until none covers another, in the order of their places.

    Parameters
    ----------
    places : sequence of float
        Where the middle of each label would be, from the top.
    sizes : sequence of float
        Height of each label.
    room : float
        Height in which they should stay.

    Returns
    -------
    list of float
        Where the middles come.

    Examples
    --------
    >>> spread_out([0.5, 0.5, 2.0], [0.2, 0.2, 0.2], 3.0)
    [0.4, 0.6, 2.0]
    """
    blocks: list[tuple[float, float, list[int]]] = []  # middle, height, labels
    for label in sorted(range(len(places)), key=lambda i: places[i]):
        middle, height, members = places[label], sizes[label], [label]
        while True:
            low, high = height / 2, max(height / 2, room - height / 2)
            middle = min(max(middle, low), high)
            if not blocks or blocks[-1][0] + blocks[-1][1] / 2 <= middle - height / 2:
                break
            above, tall, others = blocks.pop()
            members = [*others, *members]
            new = len(members) - len(others)
            middle = (above * len(others) + middle * new) / len(members)
            height += tall
        blocks.append((middle, height, members))
    put = [0.0] * len(places)
    for middle, height, members in blocks:
        top = middle - height / 2
        for label in members:
            put[label] = round(top + sizes[label] / 2, 9)
            top += sizes[label]
    return put
