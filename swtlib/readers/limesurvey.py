"""LimeSurvey's results file: CSV with question codes and answer codes.

LimeSurvey writes UTF-8 with a byte order mark, every value in quotes, and
separates by comma, semicolon or tab, as the user chose.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from swtlib.errors import IngestError

SEPARATORS = (";", ",", "\t")
REQUIRED = ("id", "submitdate")
# What LimeSurvey writes about a response, before the answers.
ABOUT_RESPONSE = (
    "id",
    "submitdate",
    "lastpage",
    "startlanguage",
    "seed",
    "startdate",
    "datestamp",
)


def looks_like_limesurvey(head: bytes) -> bool:
    """Say whether the first bytes are those of a results file with codes.

    Parameters
    ----------
    head : bytes
        Beginning of the file.

    Returns
    -------
    bool

    Examples
    --------
    >>> looks_like_limesurvey(b'"id";"submitdate";"lastpage"')
    True
    """
    line = head.decode("utf-8-sig", errors="replace").partition("\n")[0]
    return "submitdate" in line


def read_limesurvey(path: Path) -> pd.DataFrame:
    """Read a results file as text.

    Parameters
    ----------
    path : Path
        CSV with headings as question codes; separator and byte order mark are
        recognised.

    Returns
    -------
    DataFrame of str, shape (n_responses, n_columns)
        Index: line number in the file (the heading is line 1; an answer over
        several lines counts as where it ends). Headings as in the file.

    Raises
    ------
    IngestError
        If the file is not UTF-8, a heading repeats, ``id`` or ``submitdate``
        is missing, or a row is longer or shorter than the heading.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise IngestError(
            f"{path.name}: the file is not UTF-8. It was probably saved by a "
            "spreadsheet; download it again from LimeSurvey, not by way of Excel."
        ) from None
    separator = _separator(text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = next(reader, [])
    _check_header(header, path.name)
    rows, lines, problems = [], [], []
    for row in _rows(reader, path.name):
        if not any(row):
            continue
        if len(row) != len(header):
            problems.append(
                f"{path.name}, line {reader.line_num}: {len(row)} cells, the heading "
                f"has {len(header)}. Download the file again."
            )
            continue
        rows.append(row)
        lines.append(reader.line_num)
    if problems:
        raise IngestError("\n".join(problems))
    index = pd.Index(lines, name="line")
    return pd.DataFrame(rows, columns=header, index=index, dtype=str)


def completed_responses(submitdate: "pd.Series[str]", name: str) -> "pd.Series[bool]":
    """Mark the responses that were sent in.

    Parameters
    ----------
    submitdate : Series of str
        A date and time, or empty when the respondent broke off. A survey
        without date stamp has 1980-01-01: that is completed as well.
    name : str
        Name of the file, for the message.

    Returns
    -------
    Series of bool

    Raises
    ------
    IngestError
        If a cell is neither empty nor a date.
    """
    sent = submitdate != ""
    odd = submitdate[sent & ~submitdate.str.match(r"\d{4}-\d{2}-\d{2}")]
    if len(odd):
        where = ", ".join(str(line) for line in odd.index[:10])
        raise IngestError(
            f"{name}, lines {where}: column 'submitdate' must be a date such as "
            "2016-02-10 10:00:00, or empty when the respondent broke off. Download the "
            "file again; a spreadsheet changes dates."
        )
    return sent


def _rows(reader: Any, name: str) -> Iterator[list[str]]:
    """Give the rows; a damaged one is named by its line."""
    try:
        yield from reader
    except csv.Error as fault:
        raise IngestError(
            f"{name}, line {reader.line_num}: {fault}. Download the file again."
        ) from None


def _separator(line: str) -> str:
    counts = {sign: line.count(sign) for sign in SEPARATORS}
    return max(counts, key=lambda sign: counts[sign])


def _check_header(header: list[str], name: str) -> None:
    for heading in REQUIRED:
        if heading not in header:
            raise IngestError(
                f"{name}: column '{heading}' is missing from the first line. Export "
                "again with headings 'Question code', separated by ; or , or tab."
            )
    repeated = sorted({h for h in header if header.count(h) > 1})
    if repeated:
        raise IngestError(
            f"{name}: column '{repeated[0]}' stands there twice. "
            "Delete the copy, or export again."
        )
