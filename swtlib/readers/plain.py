"""A table someone made: CSV or Excel, in the ways usual in the Netherlands.

Semicolons, decimal commas and Windows' own encoding are read as well as commas,
points and UTF-8. Whether a column is an item is decided by its heading, later.
"""

import io
import re
import warnings
from datetime import datetime
from pathlib import Path

from swtlib.errors import IngestError
from swtlib.readers._columns import (
    find_about,
    find_completed,
    find_ids,
    find_personal,
)
from swtlib.readers._raw import RawExport, nothing_hidden
from swtlib.readers._tables import decode, read_rows, to_frame

_NUMBER = re.compile(r"-?[\d.,]+")
EXCEL = b"PK\x03\x04"


def read_plain(path: Path) -> RawExport:
    """Read a table with one row of headings, from CSV or Excel.

    Parameters
    ----------
    path : Path
        The file; what it is follows from its content.

    Returns
    -------
    RawExport

    Raises
    ------
    IngestError
        If it is no table, or rows are longer or shorter than the heading.
    """
    data = path.read_bytes()
    if data.startswith(EXCEL):
        rows = read_sheet(data, path.name)
    else:
        rows = read_rows(decode(data, path.name), path.name)
    if not rows or len(rows[0][1]) < 2:
        raise IngestError(
            f"{path.name}: no table was found: a heading for each question in the "
            "first line, then a line for each response. Give the file as downloaded."
        )
    (_, headings), body = rows[0], rows[1:]
    if any(_NUMBER.fullmatch(heading.strip()) for heading in headings):
        raise IngestError(
            f"{path.name}, line 1: a heading is a number, so this is an answer or a "
            "damaged file. Put the name of each question in the first line."
        )
    if not body:
        raise IngestError(f"{path.name}: there are headings, but no responses.")
    cells = to_frame(headings, body, path.name)
    return RawExport(
        tool="plain",
        cells=cells,
        wording=_as_written(list(cells.columns)),
        labels={},
        response_id=find_ids(cells),
        completed=find_completed(cells, {}, path.name),
        not_asked=nothing_hidden(cells),
        about=find_about(cells.columns),
        personal=find_personal(cells),
    )


def _as_written(names: list[str]) -> dict[str, str]:
    """Give a heading that was numbered its text back, so that both are in doubt."""
    firsts = set(names)
    return {
        name: name.rpartition(" (")[0] if name.rpartition(" (")[0] in firsts else name
        for name in names
    }


def read_sheet(data: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Read the one sheet of an Excel file that has answers.

    Parameters
    ----------
    data : bytes
        The whole .xlsx file.
    name : str
        Name of the file, for the message.

    Returns
    -------
    list of (int, list of str)
        Row number and its cells as text; empty rows are left out.

    Raises
    ------
    IngestError
        If it is no Excel file, or several sheets hold something.
    """
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on styles: only the cells are read
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as fault:  # a damaged file fails in zip, XML, or any part of it
        raise IngestError(
            f"{name}: this is not an Excel file that can be read "
            f"({type(fault).__name__}). Save it again as .xlsx."
        ) from None
    filled = []
    for sheet in book.worksheets:
        rows = [
            (number, [_as_text(cell) for cell in row])
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
        rows = [(number, row) for number, row in rows if any(row)]
        if rows:
            filled.append((sheet.title, rows))
    if len(filled) > 1:
        titles = ", ".join(title for title, _ in filled)
        raise IngestError(
            f"{name}: several sheets hold something ({titles}). Keep the one with the "
            "answers, and delete the others."
        )
    return filled[0][1] if filled else []


def _as_text(cell: object) -> str:
    """Write a cell as an export does: 3.0 is 3, an empty cell is nothing."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell).strip()
