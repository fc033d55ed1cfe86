"""Qualtrics' CSV and TSV: codes, texts and import ids above the answers.

Today there are three rows of headings, the third in JSON; in 2016 its ids stood
in single quotes; before that there were two, with V1 to V10 for the columns
about the response. The format is recognised by those, never by the texts of the
second row: these are in the language of the account.
"""

import re
from pathlib import Path

import pandas as pd

from swtlib.errors import IngestError
from swtlib.readers._columns import find_completed, find_ids, find_personal
from swtlib.readers._raw import RawExport, name_lines, nothing_hidden
from swtlib.readers._tables import decode, numbered, read_rows, to_frame

IMPORT_ID = re.compile(r"\s*\{\s*['\"]ImportId['\"]\s*:\s*['\"]([^'\"]*)['\"]")
FIXED = re.compile(r"V(?:[1-9]|10)")  # columns about the response, in the old format
QUESTION = re.compile(r"QID\d")
# Last part of the import id of the columns about the response, or the old heading.
ABOUT = re.compile(
    "startdate|enddate|status|ipaddress|progress|duration|finished|recordeddate|"
    "_recordid|responseid|responsesetid|responseset|name|emailaddress|"
    "recipientlastname|recipientfirstname|recipientemail|externalreference|"
    "externaldatareference|locationlatitude|locationlongitude|locationaccuracy|"
    "distributionchannel|userlanguage"
)
# Statuses are flags: 1 preview, 2 test, 4 imported, 8 spam, 16 offline.
NOT_REAL = {1: "preview", 2: "test", 8: "spam"}
SEEN_NOT_ANSWERED = "-99"  # with "recode seen but unanswered questions"


def looks_like_qualtrics(data: bytes) -> bool:
    r"""Say whether a file is an export by Qualtrics.

    Parameters
    ----------
    data : bytes
        The whole file: its first three rows can be long.

    Returns
    -------
    bool

    Examples
    --------
    >>> looks_like_qualtrics(b"Q1,Q2\na,b\n{'ImportId':'QID1'},{'ImportId':'QID2'}")
    True
    """
    if b"ImportId" in data:
        return _header_rows(data, "") == 3
    return data.removeprefix(b"\xef\xbb\xbf")[:6].lstrip(b'"').startswith(b"V1") and (
        _header_rows(data, "") == 2
    )


def read_qualtrics(path: Path) -> RawExport:
    """Read an export by Qualtrics; previews, tests and spam are left out.

    Parameters
    ----------
    path : Path
        CSV or TSV as downloaded, values or choice texts.

    Returns
    -------
    RawExport
        ``set_aside`` counts the previews, tests and spam. Where the export
        was made with "recode seen but unanswered questions" (-99), an empty
        cell is a question that was not shown.

    Raises
    ------
    IngestError
        If a row is damaged, or 'Finished' or 'Status' cannot be understood.
    """
    data = path.read_bytes()
    rows = read_rows(decode(data, path.name), path.name)
    n_header = _header_rows(data, path.name)
    codes, texts = rows[0][1], rows[1][1]
    for line, row in rows[1:n_header]:
        if len(row) != len(codes):
            raise IngestError(
                f"{path.name}, line {line}: this row of headings has {len(row)} cells, "
                f"the first has {len(codes)}. Download the file again."
            )
    if n_header == 2:
        codes = [
            text if FIXED.fullmatch(code) else code
            for code, text in zip(codes, texts, strict=True)
        ]
    cells = to_frame(codes, rows[n_header:], path.name)
    wording = dict(zip(numbered(codes), texts, strict=True))
    wording = {head: text for head, text in wording.items() if head in cells}
    questions = _questions(codes, rows[2][1] if n_header == 3 else None, rows[0][1])
    kept, set_aside = _real_responses(cells, path.name)
    cells = cells[kept]
    asked = [head for head in cells if head in questions]
    not_asked = nothing_hidden(cells)
    seen = cells[asked] == SEEN_NOT_ANSWERED
    if seen.to_numpy().any():
        not_asked[asked] = cells[asked] == ""
        cells = cells.copy()
        cells[asked] = cells[asked].mask(seen, "")
    about = _about(codes, rows[2][1] if n_header == 3 else codes)
    return RawExport(
        tool="qualtrics",
        cells=cells,
        wording=wording,
        labels={},
        response_id=find_ids(cells),
        completed=find_completed(cells, {}, path.name),
        not_asked=not_asked,
        about=about & frozenset(cells.columns),
        personal=find_personal(cells, wording),
        set_aside=set_aside,
    )


def _header_rows(data: bytes, name: str) -> int:
    """Count the rows of headings: 3, 2 in the old format, 0 if it is no such file."""
    try:
        rows = [row for _, row in read_rows(decode(data, name), name)[:3]]
    except IngestError:
        return 0
    if len(rows) > 2 and any(IMPORT_ID.match(cell) for cell in rows[2]):
        return 3
    old = len(rows) > 1 and rows[0][0] == "V1" and "ResponseID" in rows[1]
    return 2 if old else 0


def _questions(
    codes: list[str], ids: list[str] | None, first_row: list[str]
) -> frozenset[str]:
    """Give the headings that are questions, by their import ids."""
    names = numbered(codes)
    if ids is None:
        fixed = [bool(FIXED.fullmatch(head)) for head in first_row]
        return frozenset(
            name
            for name, known in zip(names, fixed, strict=True)
            if not known and not name.startswith("Location")
        )
    matches = [IMPORT_ID.match(cell) for cell in ids]
    return frozenset(
        name
        for name, match in zip(names, matches, strict=True)
        if match is not None and QUESTION.match(match.group(1))
    )


def _about(codes: list[str], ids: list[str]) -> frozenset[str]:
    """Give the columns about the response; embedded data (a team) is not."""
    found = set()
    for name, cell in zip(numbered(codes), ids, strict=True):
        match = IMPORT_ID.match(cell)
        known = match.group(1) if match else cell
        if ABOUT.fullmatch(known.rpartition("-")[2].casefold()):
            found.add(name)
    return frozenset(found)


def _real_responses(
    cells: pd.DataFrame, name: str
) -> tuple["pd.Series[bool]", dict[str, int]]:
    """Mark the responses of people, and count the others by their kind."""
    if "Status" not in cells:
        return pd.Series(True, index=cells.index), {}
    kinds = cells["Status"].map(_kind)
    odd = cells.index[kinds == "?"]
    if len(odd):
        raise IngestError(
            f"{name}, {name_lines(odd)}: column 'Status' must be a number or a text "
            "such as 'IP Address' or 'Survey Preview'. Download the file again."
        )
    counts = kinds[kinds != ""].value_counts(sort=False)
    return kinds == "", {f"{kind} in Qualtrics": int(n) for kind, n in counts.items()}


def _kind(status: str) -> str:
    """Give what a status means: empty for a real answer, ``?`` if unknown."""
    plain = status.strip().casefold()
    if plain.isdecimal() and len(plain) < 4:
        return next((kind for flag, kind in NOT_REAL.items() if int(plain) & flag), "")
    found = [kind for kind in NOT_REAL.values() if kind in plain]
    if found:
        return found[0]
    return "?" if not plain or plain.lstrip("-").isdecimal() else ""
