"""Figures of means: a dot for each, and a line for its interval."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from swtlib._figure_chart import (
    AXIS,
    BESIDE,
    LANE,
    Block,
    Chart,
    Part,
    blocks_of,
    check_range,
    draw_mean,
    group_mark,
    room_for,
)
from swtlib._figure_findings import find_means, least_difference
from swtlib._figure_panel import Panel, draw_line
from swtlib._figure_style import (
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
    dutch,
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
    interval_note,
    needs,
    picture_of,
)
from swtlib._table_text import records_by, records_of, with_interval
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError
from swtlib.groups import ALL


def plot_means(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    x_range: tuple[float, float] = (0, 1),
    title: str,
    origin: str,
    digits: int = 2,
    rows: Literal["auto", "variable", "group"] = "auto",
    confidence: float = 0.95,
    note: str = "",
) -> Picture:
    """Draw means as dots with their interval.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean": ``group, variable, n, mean, ci_low, ci_high,
        interval``. Drawn in the order of the table.
    labels : mapping of str to str
        Dutch text for the ids in the table.
    x_range : tuple of float, default: (0, 1)
        Ends of the axis.
    title : str
        What the figure is about. It stands under a headline that says what is
        to be seen, made from the shown cells of the table.
    origin : str
        Line on where the answers come from.
    digits : int, default: 2
        Decimals of the numbers beside the dots.
    rows : {"auto", "variable", "group"}
        A row per variable with a dot for each group, or per variable a row for
        each group. "auto" takes groups when there are several teams.
    confidence : float, default: 0.95
        Level of the intervals in the table; it is named under the figure.
    note : str
        Another line under the figure.

    Returns
    -------
    Picture
        What is hidden is named with its reason.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column is missing, or a mean lies outside `x_range`.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> means = pd.DataFrame({"group": ["alle"], "variable": ["baken"], "n": [66],
    ...     "mean": [0.642], "sd": [0.2], "ci_low": [0.6], "ci_high": [0.68],
    ...     "interval": ["t"]})
    >>> picture = plot_means(protect(means, kind="mean"), labels={"baken": "Integraal"},
    ...                      title="Score op het baken", origin="Herkomst: ...")
    >>> picture.alt
    'Score op het baken. Alle teams (n = 66): Integraal 0,64 (0,60–0,68).'
    """
    frame = _means(table, x_range, where="plot_means")
    names = Names(labels)
    shown = frame[~frame["suppressed"]]
    if shown.empty:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    if rows == "auto":
        rows = "group" if table.layout == "teams" else "variable"
    draw = _by_group if rows == "group" else _by_variable
    return _picture(
        draw,
        table,
        frame,
        list(frame["group"].unique()),
        names,
        x_range,
        digits,
        title=title,
        origin=origin,
        confidence=confidence,
        note=note,
    )


def plot_profiles(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    x_range: tuple[float, float] = (0, 1),
    title: str,
    origin: str,
    digits: int = 2,
    confidence: float = 0.95,
    note: str = "",
) -> Picture:
    """Draw a panel for each team, with its profile beside that of all teams.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean", with teams and "alle"; see `plot_means`.
    labels, x_range, title, origin, digits, confidence, note
        As in `plot_means`.

    Returns
    -------
    Picture
        Two panels side by side. A team of which nothing may be shown has no
        panel and is named under the figure.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column is missing, a mean lies outside `x_range`, or the table
        does not have teams and "alle".
    """
    frame = _means(table, x_range, where="plot_profiles")
    if table.layout != "teams":
        raise ParameterError("plot_profiles takes a table with teams and 'alle'.")
    names = Names(labels)
    shown = frame[~frame["suppressed"]]
    teams = [team for team in shown["group"].unique() if team != ALL]
    if not teams:
        return empty_picture(table, names, title=title, origin=origin, note=note)
    return _picture(
        _profiles,
        table,
        frame,
        teams,
        names,
        x_range,
        digits,
        title=title,
        origin=origin,
        confidence=confidence,
        note=note,
    )


def _means(
    table: ProtectedTable, x_range: tuple[float, float], *, where: str
) -> pd.DataFrame:
    columns = ("group", "variable", "n", "mean", "ci_low", "ci_high", "interval")
    frame = needs(table, columns, where=where)
    if frame.duplicated(["group", "variable"]).any():
        raise ParameterError(f"{where} takes one row for each group and variable.")
    check_range(frame, ("mean",), x_range)
    return frame


def _picture(
    draw: Callable[..., Figure],
    table: ProtectedTable,
    frame: pd.DataFrame,
    groups: Sequence[str],
    names: Names,
    x_range: tuple[float, float],
    digits: int,
    *,
    title: str,
    origin: str,
    confidence: float,
    note: str,
) -> Picture:
    """Draw, and say in words what is to be seen and how to read it."""
    shown = frame[~frame["suppressed"]]
    layout = table.layout
    finding = find_means(frame, names, digits, layout=layout, x_range=x_range)
    least = dutch(least_difference(x_range))
    notes = [
        interval_note(shown, names, confidence=confidence),
        f"Duidelijk: het interval van het verschil ligt aan één kant van 0, en het "
        f"verschil is {least} of meer."
        if layout == "team" and "difference" in frame and finding
        else "",
        hidden := hidden_note(table, names),
        note,
    ]
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    with figure_style():
        figure = draw(frame, groups, names, x_range, digits, **words)
    told = _in_words(shown, names, digits)
    return picture_of(figure, *told, hidden, **words)


def _in_words(shown: pd.DataFrame, names: Names, digits: int) -> list[str]:
    """Say for each group, as a sentence, what its means are."""
    sentences = []
    for group, rows in records_by(shown, "group").items():
        parts = "; ".join(
            f"{names[row['variable']]} {with_interval(row, 'mean', digits)}"
            for row in rows
        )
        counts = n_text([row["n"] for row in rows])
        sentences.append(f"{names.capital(group)} ({counts}): {parts}")
    return sentences


def _by_variable(
    frame: pd.DataFrame,
    groups: Sequence[str],
    names: Names,
    x_range: tuple[float, float],
    digits: int,
    **words: Any,
) -> Figure:
    marks = {}
    for group in groups:
        counts = n_text(frame.loc[frame["group"] == group, "n"])
        text = f"{names[group]} ({counts})" if counts else names[group]
        marks[group] = group_mark(group, groups, text)
    rows = records_by(frame, "variable").items()
    chart = Chart(
        blocks_of((names[variable], [*part]) for variable, part in rows),
        x_range=x_range,
        room=room_for(digits, x_range),
        marks=list(marks.values()),
        **words,
    )
    for row, y in chart.lanes():
        mark = marks[str(row["group"])]
        draw_mean(chart.axes, row, y, mark, digits=digits, inch=chart.inches(1))
    return chart.sheet.figure


def _by_group(
    frame: pd.DataFrame,
    groups: Sequence[str],
    names: Names,
    x_range: tuple[float, float],
    digits: int,
    **words: Any,
) -> Figure:
    variables = frame.groupby("variable", sort=False)
    single = len(variables) == 1
    room = room_for(digits, x_range)
    blocks = []
    for variable, rows in variables:
        heading = [] if single else wrap(names[variable], WIDTH - 2 * MARGIN, TEXT)
        parts = []
        for row in records_of(rows):
            counts = n_text([row["n"]])
            label = names[row["group"]] + (f" ({counts})" if counts else "")
            parts.append(Part(wrap(label, BESIDE, SMALL), [row]))
        blocks.append(Block(heading, parts))
    chart = Chart(
        blocks,
        x_range=x_range,
        room=room,
        subtitle=names[frame["variable"].iloc[0]] if single else "",
        **words,
    )
    lanes = list(chart.lanes())
    for drawn, y in lanes:
        mark = group_mark(str(drawn["group"]), groups)
        draw_mean(
            chart.axes,
            drawn,
            y,
            mark,
            digits=digits,
            inch=chart.inches(1),
            number_at=x_range[1] + chart.inches(room),
        )
        if drawn["group"] == ALL and len(groups) > 1 and not drawn["suppressed"]:
            name = drawn["variable"]
            near = [at for other, at in lanes if other["variable"] == name]
            ends = [min(near) - LANE / 2, max(near) + LANE / 2]
            gid = f"reference|{name}"
            look: dict[str, Any] = {
                "color": OTHER,
                "lw": 1.2,
                "ls": (0, (1, 2)),
                "zorder": 1,
            }
            draw_line(chart.axes, [drawn["mean"]] * 2, ends, gid=gid, **look)
    return chart.sheet.figure


def _profiles(
    frame: pd.DataFrame,
    teams: Sequence[str],
    names: Names,
    x_range: tuple[float, float],
    digits: int,
    **words: Any,
) -> Figure:
    variables = list(frame["variable"].unique())
    words_of = {word for v in variables for word in names[v].split()}
    longest = max(text_width(word, SMALL) for word in words_of)
    beside = min(1.7, max(1.4, longest))  # a long word is rather not broken
    lines = {v: wrap(names[v], beside, SMALL) for v in variables}
    left = max(text_width(line, SMALL) for v in variables for line in lines[v]) + 0.12
    heights = [max(0.3, text_height(lines[v], SMALL) + 0.08) for v in variables]
    height = sum(heights)
    middles = np.cumsum(heights) - np.array(heights) / 2
    room = room_for(digits, x_range)
    size = (WIDTH - 2 * MARGIN - left - 0.12) / 2 - room - 0.06
    panel = leading(TEXT) + 0.06 + height + AXIS + 0.12
    counts = n_text(frame.loc[frame["group"] == ALL, "n"])
    about = f"{names[ALL]} ({counts})"
    marks = [group_mark("", [], names["own"]), Mark(about, OTHER, marker="|")]
    cells = {
        group: {row["variable"]: row for row in rows}
        for group, rows in records_by(frame, "group").items()
    }
    every = cells[ALL]
    if all(row["suppressed"] for row in every.values()):
        marks = marks[:1]
    sheet = Sheet(body=panel * -(-len(teams) // 2), marks=marks, **words)
    inch = (x_range[1] - x_range[0]) / size
    for place, team in enumerate(teams):
        x = MARGIN + left + (place % 2) * (size + room + 0.18) + 0.06
        y = place // 2 * panel
        own = cells[team]
        counts = n_text([row["n"] for row in own.values()])
        sheet.write(x - 0.06, y, names[team], TEXT, weight="bold")
        wide = text_width(f"{names[team]}  ", TEXT, bold=True)
        sheet.write(x - 0.06 + wide, y, counts, SMALL, color=SOFT)
        top = y + leading(TEXT) + 0.06
        axes = Panel(sheet.plane, (x, top, size, height), x_range)
        axes.scale(n_ticks=3)
        for variable, middle in zip(variables, middles, strict=True):
            if place % 2 == 0:
                at = top + middle - text_height(lines[variable], SMALL) / 2
                sheet.write(MARGIN, at, lines[variable], SMALL)
            if not every[variable]["suppressed"]:
                look = marker_look("|", OTHER, filled=True) | {"clip_on": False}
                gid = f"mean|{variable}|{ALL}|{team}"
                mean = every[variable]["mean"]
                draw_line(axes, [mean], [middle], ls="", gid=gid, **look)
            draw_mean(
                axes,
                own[variable],
                middle,
                marks[0],
                digits=digits,
                inch=inch,
                number_at=x_range[1] + room * inch,
            )
        means = [own[variable]["mean"] for variable in variables]
        draw_line(axes, means, middles, color=MAIN, lw=0.9, alpha=0.55, zorder=1)
    return sheet.figure
