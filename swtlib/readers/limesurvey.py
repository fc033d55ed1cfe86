"""LimeSurvey's text exports: results CSV and VV, and what all its exports share.

A results file is UTF-8 with a byte order mark and every value in quotes,
separated by comma, semicolon or tab, as the user chose. A VV file is
tab-separated with two rows of headings and has the values of the database.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from swtlib.readers._columns import find_personal
from swtlib.readers._headings import (
    FIXED,
    Headings,
    code_names,
    make_headings,
    read_headings,
)
from swtlib.readers._own_words import open_is_nothing
from swtlib.readers._raw import ExportFile, RawExport, name_lines, refuse
from swtlib.readers._records import check_lengths, split_records

SEPARATORS = (";", ",", "\t")
# What LimeSurvey writes about a response, before the answers.
ABOUT_RESPONSE = tuple(FIXED)
REQUIRED = ("id", "submitdate")
NOT_SHOWN = "{question_not_shown}"
SHIELDS = {"newline": "\n", "cr": "\r", "tab": "\t", "quote": '"', "lbrace": "{"}
SHIELDED = re.compile(r"\{(newline|cr|tab|quote|lbrace)\}")
DATABASE_NUMBER = re.compile(r"(-?\d+)(?:\.0{10}|(\.\d{10}))")
SUBMITDATE = re.compile(r"\bsubmitdate\b|Date[ _]submitted|Datum[ _]verzonden")
TIMELIKE = re.compile(r"[\d/.: -]{1,20}")
Row = Sequence[str | None]


def read_results(file: ExportFile) -> RawExport | None:
    """Read a results CSV, whatever its headings, answers and separator.

    Parameters
    ----------
    file : ExportFile
        Any file.

    Returns
    -------
    RawExport or None
        None if it is something else.

    Raises
    ------
    IngestError
        If it is a results file with faults, one line each.
    """
    # Read far enough to have the whole heading; a broken one is found later.
    for separator in SEPARATORS:
        first = split_records(file.head, separator, name=file.name, most=1)
        if first.rows and read_headings([c or "" for c in first.rows[0].cells]):
            break
    else:
        _refuse_broken_heading(file)
        return None
    records = split_records(file.text(), separator, name=file.name)
    found = [cell or "" for cell in records.rows[0].cells]
    rows, problems = check_lengths(records.rows[1:], len(found), file.name)
    headings = read_headings(found)
    assert headings is not None  # the same line as above
    return build_export(
        file,
        headings,
        [record.cells for record in rows],
        pd.Index([record.line for record in rows], name="line"),
        problems=records.problems + problems,
        # Another program that saved the file wrote nothing for "" as well.
        tells_nothing=any(record.bare for record in rows),
        masked=True,
    )


def read_vv(file: ExportFile) -> RawExport | None:
    """Read a VV export: the values of the database, and two rows of headings.

    Parameters
    ----------
    file : ExportFile
        Any file.

    Returns
    -------
    RawExport or None
        None if it is something else.

    Raises
    ------
    IngestError
        If it is a VV file with faults, one line each.
    """
    first = split_records(file.head, "\t", name=file.name, most=2).rows
    if len(first) < 2 or not {*REQUIRED} <= {*first[1].cells}:
        return None
    records = split_records(file.text(), "\t", name=file.name)
    texts, codes = (record.cells for record in records.rows[:2])
    headings = make_headings(code_names([code or "" for code in codes]), texts)
    rows, problems = check_lengths(records.rows[2:], len(codes), file.name)
    return build_export(
        file,
        headings,
        [[_from_database(cell) for cell in record.cells] for record in rows],
        pd.Index([record.line for record in rows], name="line"),
        problems=records.problems + problems,
    )


def build_export(
    file: ExportFile,
    headings: Headings,
    rows: Sequence[Row],
    index: pd.Index,
    *,
    problems: Sequence[str] = (),
    labels: Mapping[str, Mapping[str, str]] | None = None,
    tells_nothing: bool = False,
    masked: bool = False,
) -> RawExport:
    """Make the export that every LimeSurvey format leads to.

    Parameters
    ----------
    file : ExportFile
        Where it comes from, for the messages.
    headings : Headings
        Its columns.
    rows : sequence of rows
        Cells; None where the file has nothing at all.
    index : Index
        Where each row stands in the file; its name says in what it counts.
    problems : sequence of str, optional
        Faults that were found before.
    labels : mapping, optional
        Label of each code by heading.
    tells_nothing : bool, default False
        Whether None may also be an answer that was left open.
    masked : bool, default False
        Whether an answer that starts with ``=`` was given a ``'`` before it.

    Returns
    -------
    RawExport

    Raises
    ------
    IngestError
        All faults of the file, one line each.
    """
    headings, rows = _without_empty_end(headings, rows)
    broken = _heading_faults(headings, file.name)
    faults = [*broken, *problems]
    if not rows and not faults:
        faults.append(
            f"{file.name}: there are no responses in it. Export again, with all "
            "responses."
        )
    if not rows or broken:
        refuse(faults)  # without these the rest cannot be looked at
    given = pd.DataFrame(rows, columns=headings.names, index=index, dtype=object)
    nothing = given.isna()
    cells = given.mask(nothing, "").astype(str)
    if masked:
        cells = cells.replace(r"\A'=", "=", regex=True)
    known = labels or {}
    for heading in cells:
        words = known.get(str(heading), {}).values() or {*cells[heading]} - {""}
        if tells_nothing or open_is_nothing(words):
            nothing[heading] = False
    faults += _date_faults(cells["submitdate"], file.name)
    faults += _id_faults(cells["id"], file.name)
    return RawExport(
        tool="limesurvey",
        cells=cells,
        wording=headings.wording,
        labels=known,
        response_id=cells["id"],
        completed=cells["submitdate"].str.strip() != "",
        not_asked=nothing,
        about=headings.about,
        personal=(headings.personal | find_personal(cells, headings.wording))
        - headings.about,
        faults=tuple(faults),
    )


def _refuse_broken_heading(file: ExportFile) -> None:
    """Say what is wrong with a first line that is LimeSurvey's, but damaged."""
    line = file.head.partition("\n")[0]
    if SUBMITDATE.search(line):
        separator = max(SEPARATORS, key=line.count)
        refuse(split_records(f"{line}\n", separator, name=file.name).problems)


def _from_database(cell: str | None) -> str | None:
    r"""Undo how VV writes a value: ``2.5000000000``, ``{newline}``.

    >>> _from_database("2.5000000000"), _from_database("{quote}a{newline}b")
    ('2.5', '"a\nb')
    """
    if cell == NOT_SHOWN:
        return None
    number = DATABASE_NUMBER.fullmatch(cell or "")
    if number:
        return number[1] + (number[2] or "").rstrip("0")
    return SHIELDED.sub(lambda match: SHIELDS[match[1]], cell or "")


def _without_empty_end(
    headings: Headings, rows: Sequence[Row]
) -> tuple[Headings, Sequence[Row]]:
    """Leave out columns without heading and answers, as spreadsheets add them."""
    names = headings.names
    last = len(names)
    while last and not names[last - 1] and not any(row[last - 1] for row in rows):
        last -= 1
    if last == len(names):
        return headings, rows
    kept = Headings(
        names=names[:last],
        wording=headings.wording,
        about=headings.about,
        personal=headings.personal,
        repeated=[name for name in headings.repeated if name or "" in names[:last]],
    )
    return kept, [row[:last] for row in rows]


def _heading_faults(headings: Headings, name: str) -> list[str]:
    faults = [
        f"{name}: column '{heading}' is missing from the first line. Export again "
        "with all columns, and headings as 'Question code'."
        for heading in REQUIRED
        if heading not in headings.names
    ]
    faults += [
        f"{name}: column '{heading}' stands there twice. "
        "Delete the copy, or export again."
        if heading
        else f"{name}: several columns have no heading. Download the file again."
        for heading in headings.repeated
    ]
    if headings.names.count("") == 1:
        place = headings.names.index("") + 1
        faults.append(
            f"{name}: column {place} has no heading. Give it one, or export again."
        )
    return faults


def _date_faults(submitdate: pd.Series, name: str) -> list[str]:
    """Find cells of ``submitdate`` that are neither empty nor a date.

    A survey without date stamp has 1980-01-01: that is completed as well.
    """
    told = submitdate.str.strip()
    odd = told[[value != "" and not _is_date(value) for value in told]]
    if odd.empty:
        return []
    shown = [value for value in odd if TIMELIKE.fullmatch(value)]
    example = f" (found: '{shown[0]}')" if shown else ""
    return [
        f"{name}, {name_lines(odd.index)}: column 'submitdate' must be a date such "
        "as 2016-02-10 10:00:00, or empty when the respondent broke off"
        f"{example}. Download the file again; a spreadsheet changes dates."
    ]


def _id_faults(ids: pd.Series, name: str) -> list[str]:
    """Find rows whose number is none, such as a row of totals."""
    odd = ids.index[~ids.str.fullmatch(r"\s*\d*\s*")]
    if odd.empty:
        return []
    return [
        f"{name}, {name_lines(odd)}: column 'id' must be the number of a response. "
        "Is this a remark, or a row of totals? Delete it, or download the file again."
    ]


def _is_date(value: str) -> bool:
    if not re.match(r"\d{4}-\d{2}-\d{2}", value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
