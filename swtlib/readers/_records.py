"""Takes delimited text apart and keeps what the csv module loses.

LimeSurvey writes nothing at all for an answer that was not asked and ``""``
for one that was left open. Python 3.11's csv module gives ``""`` for both, and
reads a misplaced quote as text; here it is a fault with its line.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Record:
    """One row of cells: None is nothing at all, ``""`` an empty text.

    ``line`` is where it begins, ``bare`` says whether a cell with text stands
    there without quotes.
    """

    line: int
    cells: list[str | None]
    bare: bool


@dataclass(frozen=True)
class Records:
    """The rows of a file, and one line of text for each fault."""

    rows: list[Record]
    problems: list[str] = field(default_factory=list)


def split_records(
    text: str,
    separator: str,
    *,
    name: str,
    quote: str = '"',
    most: int | None = None,
    headed: bool = True,
) -> Records:
    r"""Take text apart into rows of cells.

    Parameters
    ----------
    text : str
        Lines end in LF, CRLF or CR; between quotes they belong to the answer.
    separator : str
        One character.
    name : str
        Name of the file, for the messages.
    quote : str, default '"'
        Goes around a text; twice within it stands for itself.
    most : int, optional
        Stop after so many rows.
    headed : bool, default True
        Whether the first row has headings; messages name the column by them.

    Returns
    -------
    Records
        Empty lines are left out.

    Examples
    --------
    >>> found = split_records('id;a\r\n"1";\r\n"2";""\r\n', ";", name="x.csv")
    >>> [record.cells for record in found.rows]
    [['id', 'a'], ['1', None], ['2', '']]
    """
    q, s = re.escape(quote), re.escape(separator)
    quoted = re.compile(f"{q}([^{q}]*(?:{q}{q}[^{q}]*)*){q}(?!{q})")
    plain = re.compile(f"[^{s}{q}\r\n]*")
    starts = [0, *(match.end() for match in LINE_END.finditer(text))]
    rows: list[Record] = []
    problems: list[str] = []
    at, end = 0, len(text)
    while at < end and (most is None or len(rows) < most):
        line, cells, bare = bisect_right(starts, at), list[str | None](), False
        names = rows[0].cells if rows and headed else []
        while True:
            found = quoted.match(text, at)
            if found:
                cells.append(found[1].replace(quote * 2, quote))
            elif text.startswith(quote, at):
                where = _place(name, bisect_right(starts, at), names, len(cells))
                problems.append(
                    f"{where}: a quote opens here that is never closed. The download "
                    "was probably broken off; download the file again."
                )
                return Records(rows, problems)
            else:
                found = plain.match(text, at)
                assert found is not None  # it matches nothing as well
                cells.append(found[0] or None)
                bare = bare or bool(found[0])
            at = found.end()
            if not text.startswith(separator, at):
                break
            at += 1
        finish = LINE_END.match(text, at)
        if finish or at == end:
            if any(cells):
                rows.append(Record(line, cells, bare))
                if not finish:
                    # LimeSurvey ends every line. An answer may be cut short here,
                    # also after a quote: it may be the first of two.
                    problems.append(
                        f"{name}, line {line}: the last line has no end. The download "
                        "was probably broken off; download the file again."
                    )
            at = finish.end() if finish else end
            continue
        problems.append(
            f"{_place(name, line, names, len(cells) - 1)}: there is a quote too many "
            "or too few. Download the file again; do not edit it by hand."
        )
        following = LINE_END.search(text, at)
        at = following.end() if following else end
    return Records(rows, problems)


def check_lengths(
    records: Sequence[Record], n_columns: int, name: str
) -> tuple[list[Record], list[str]]:
    """Keep the rows that are as long as the heading.

    Parameters
    ----------
    records : sequence of Record
        Without the heading.
    n_columns : int
        Cells of the heading.
    name : str
        Name of the file, for the messages.

    Returns
    -------
    kept : list of Record
        Rows of the right length.
    problems : list of str
        A line for each of the others.
    """
    problems = [
        f"{name}, line {record.line}: {len(record.cells)} cells, the heading "
        f"has {n_columns}. Download the file again."
        for record in records
        if len(record.cells) != n_columns
    ]
    return [record for record in records if len(record.cells) == n_columns], problems


def _place(name: str, line: int, names: Sequence[str | None], column: int) -> str:
    """Name a column by its heading; without headings by its number."""
    if column < len(names):
        return f"{name}, line {line}, column '{names[column]}'"
    return f"{name}, line {line}, cell {column + 1}"
