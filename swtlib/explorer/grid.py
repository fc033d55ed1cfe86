"""A protected table as Dutch text in rows and columns, and as light HTML.

The tables of pages are made by :mod:`swtlib.tables`; this one is redrawn at every
choice, so it is small. It takes the same protected tables and the same roundings.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from swtlib._table_text import (
    DASH,
    HIDDEN,
    cell,
    change_text,
    count_range,
    difference_cell,
    format_number,
    format_share,
    format_signed,
    records_of,
)
from swtlib.disclosure import ProtectedTable, require_protected
from swtlib.explorer.view import View
from swtlib.groups import ALL, OTHERS

MOST = 20  # comparisons that are shown; the file has all of them


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What a reader sees: headings, rows of text, and which rows are indented."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    indented: frozenset[int] = frozenset()
    more: str = ""


def make_grid(
    table: ProtectedTable,
    view: View,
    *,
    labels: Mapping[str, str],
    since: int | None = None,
) -> Grid:
    """Write a protected table as text.

    Parameters
    ----------
    table : ProtectedTable
        Of this view.
    view : View
        What it shows.
    labels : mapping of str to str
        Dutch text for ids.
    since : int, optional
        The earlier year of a change.

    Returns
    -------
    Grid

    Raises
    ------
    DisclosureError
        If the table is not protected.
    """
    frame = require_protected(table, where="make_grid").frame
    if view.show == "answers":
        return _answers(frame, labels)
    if view.show == "gap":
        return _gaps(frame, labels)
    if view.show == "change":
        return _changes(frame, labels, view.year, since)
    if view.show == "relation":
        return _relation(frame, labels)
    return _means(frame, labels, view)


def grid_html(
    grid: Grid, *, title: str, lines: Sequence[str] = (), hidden: str = ""
) -> str:
    """Make HTML of a grid.

    Parameters
    ----------
    grid : Grid
        From `make_grid`.
    title : str
        The caption.
    lines : sequence of str
        Under the table: how to read it, where it comes from.
    hidden : str
        Why something is a dash; empty if nothing is.

    Returns
    -------
    str
        A table that scrolls sideways by itself, also with the keyboard.
    """
    head = "".join(f'<th scope="col">{_text(text)}</th>' for text in grid.headings)
    body = []
    for at, row in enumerate(grid.rows):
        look = ' class="swt-under"' if at in grid.indented else ""
        first = f'<th scope="row"{look}>{_text(row[0])}</th>'
        cells = "".join(f"<td>{_interval(text)}</td>" for text in row[1:])
        body.append(f"<tr>{first}{cells}</tr>")
    told = [f"{HIDDEN} niet getoond: {hidden}."] if hidden else []
    foot = "".join(
        f"<p>{_text(line)}</p>" for line in (grid.more, *told, *lines) if line
    )
    return (
        f'<div class="swt-table"><div class="swt-scroll" role="region" tabindex="0" '
        f'aria-label="{html.escape(title, quote=True)}">'
        f"<table><caption>{_text(title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
        f'<div class="swt-foot">{foot}</div></div>'
    )


def _means(frame: pd.DataFrame, labels: Mapping[str, str], view: View) -> Grid:
    groups = list(frame["group"].unique())
    order = [g for g in groups if g not in (ALL, OTHERS)]
    order += [g for g in groups if g in (ALL, OTHERS)]
    cells: dict[tuple[Any, Any], str] = {}
    told: dict[Any, str] = {}
    for row in records_of(frame):
        cells[row["variable"], row["group"]] = cell(row, "mean", 2)
        if "difference" in row and row["group"] not in (ALL, OTHERS):
            told[row["variable"]] = difference_cell(row, 2)
    counts = frame.groupby("group", sort=False)["n"].agg(["min", "max"])
    ns = {name: count_range(row) for name, row in counts.iterrows()}
    names = list(frame["variable"].unique())
    single = len(names) == 1
    if single:
        name = names[0]
        return Grid(
            headings=("groep", "n", "gemiddelde", *(["verschil"] if told else [])),
            rows=tuple(
                (
                    _label(labels, group),
                    ns[group],
                    cells[name, group],
                    *([told[name] if group == order[0] else ""] if told else []),
                )
                for group in order
            ),
        )
    head = ["" if len(order) > 1 else "onderwerp", *(_label(labels, g) for g in order)]
    rows = [("aantal antwoorden (n)", *(ns[g] for g in order))]
    rows += [
        (_label(labels, name), *(cells[name, group] for group in order))
        for name in names
    ]
    if told:
        head.append("verschil")
        rows = [
            (*row, extra)
            for row, extra in zip(
                rows, ("", *(told[name] for name in names)), strict=True
            )
        ]
    under = range(2, len(rows)) if view.only == names[0] else ()
    return Grid(headings=tuple(head), rows=tuple(rows), indented=frozenset(under))


def _answers(frame: pd.DataFrame, labels: Mapping[str, str]) -> Grid:
    answers = list(dict.fromkeys(frame["answer_label"]))
    rows = []
    for name, part in frame.groupby("variable", sort=False):
        shares = {row["answer_label"]: _share(row) for row in records_of(part)}
        n = format_number(part["n"].iloc[0], 0) or HIDDEN
        rows.append((_label(labels, name), n, *(shares[a] for a in answers)))
    return Grid(headings=("stelling", "n", *answers), rows=tuple(rows))


def _share(row: Mapping[str, Any]) -> str:
    if row["suppressed"]:
        return HIDDEN
    low, high = (format_number(100 * row[name], 0) for name in ("ci_low", "ci_high"))
    share = format_share(row["share"])
    return f"{share} ({low}{DASH}{high})" if low and high else share


def _gaps(frame: pd.DataFrame, labels: Mapping[str, str]) -> Grid:
    several = len(frame["group"].unique()) > 1
    rows = []
    for row in records_of(frame):
        if row["suppressed"]:
            numbers = (HIDDEN,) * 4
        else:
            low, high = (format_signed(row[c], 2) for c in ("ci_low", "ci_high"))
            gap = format_signed(row["gap"], 2)
            numbers = (
                format_number(row["n"], 0),
                format_number(row["mean_have"], 1),
                format_number(row["mean_want"], 1),
                f"{gap} ({low} tot {high})" if low and high else gap,
            )
        group = (_label(labels, row["group"]),) if several else ()
        rows.append((_label(labels, row["variable"]), *group, *numbers))
    group = ("groep",) if several else ()
    heads = ("competentie", *group, "n", "cijfer nu", "gewenst", "verschil")
    return Grid(headings=heads, rows=tuple(rows))


def _changes(
    frame: pd.DataFrame, labels: Mapping[str, str], year: int, since: int | None
) -> Grid:
    several = len(frame["group"].unique()) > 1
    rows = []
    if several:
        place = {name: at for at, name in enumerate(frame["variable"].unique())}
        frame = frame.iloc[frame["variable"].map(place).argsort(kind="stable")]
    for row in records_of(frame):
        if row["suppressed"]:
            numbers = (HIDDEN,) * 5
        else:
            numbers = (
                format_number(row["n_before"], 0),
                format_number(row["n_after"], 0),
                format_number(row["mean_before"], 2),
                format_number(row["mean_after"], 2),
                change_text(row, 2),
            )
        group = (_label(labels, row["group"]),) if several else ()
        rows.append((_label(labels, row["variable"]), *group, *numbers))
    heads = (
        *("onderwerp", *(("groep",) if several else ())),
        *(f"n {since}", f"n {year}", str(since), str(year), "verschil"),
    )
    return Grid(headings=heads, rows=tuple(rows))


def _relation(frame: pd.DataFrame, labels: Mapping[str, str]) -> Grid:
    shown = frame[~frame["suppressed"]]
    size = shown["hedges_g"].abs().sort_values(ascending=False, kind="stable")
    rows = []
    for row in records_of(shown.loc[size.index[:MOST]]):
        low, high = (format_signed(row[c], 2) for c in ("ci_low", "ci_high"))
        told = format_signed(row["difference"], 2)
        rows.append(
            (
                _label(labels, row["competence"]),
                _label(labels, row["statement"]),
                *(format_number(row[c], 0) for c in ("n_low", "n_high")),
                *(format_number(row[c], 2) for c in ("mean_low", "mean_high")),
                f"{told} ({low} tot {high})" if low and high else told,
                format_signed(row["hedges_g"], 2),
            )
        )
    return Grid(
        headings=(
            *("competentie", "stelling", "n lager", "n hoger"),
            *("lager cijfer", "hoger cijfer", "verschil", "effect (g)"),
        ),
        rows=tuple(rows),
        more=f"De {len(rows)} grootste van {len(frame)} vergelijkingen; het bestand "
        "(XLSX of CSV) heeft ze alle.",
    )


def _label(labels: Mapping[str, str], name: object) -> str:
    return labels.get(str(name), str(name))


def _text(text: str) -> str:
    return html.escape(text, quote=False)


def _interval(text: str) -> str:
    """Keep an interval on one line, apart from its mean."""
    middle, bracket, rest = text.partition(" (")
    if not bracket or not rest.endswith(")"):
        return _text(text)
    return f'{_text(middle)} <span class="swt-ci">({_text(rest)}</span>'
