"""LimeSurvey's results as Excel workbook or JSON."""

import io
import json
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pandas as pd

from swtlib.errors import IngestError
from swtlib.readers._headings import read_headings
from swtlib.readers._raw import ExportFile, RawExport
from swtlib.readers.limesurvey import build_export

ZIP = b"PK\x03\x04"
MOST_ROWS = 1_048_576  # of a sheet; a wrong number would go on for ever


def read_workbook(file: ExportFile) -> RawExport | None:
    """Read results that were exported as Microsoft Excel (.xlsx).

    Parameters
    ----------
    file : ExportFile
        Any file.

    Returns
    -------
    RawExport or None
        None if it is something else, such as a workbook of another origin.

    Raises
    ------
    IngestError
        If the workbook is damaged, or its answers have faults.

    Notes
    -----
    What looks like a number is a number cell, so a text answer ``007`` is 7
    here. "Not asked" and "left open" are both an empty cell.
    """
    if not is_workbook(file):
        return None
    for sheet in _sheets(file):
        if not sheet:
            continue
        _, first = sheet[0]
        found = [cell or "" for cell in first]
        headings = read_headings(found)
        if headings is None:
            continue
        width = len(found)
        problems = [
            f"{file.name}, row {at}: an answer without heading stands right of the "
            "table. Delete it, or download the file again."
            for at, row in sheet[1:]
            if any(row[width:])
        ]
        return build_export(
            file,
            headings,
            [(row + [None] * width)[:width] for _, row in sheet[1:]],
            pd.Index([at for at, _ in sheet[1:]], name="row", dtype=int),
            problems=problems,
            tells_nothing=True,
            masked=True,
        )
    return None


def is_workbook(file: ExportFile) -> bool:
    """Say whether a file is an Excel workbook, damaged or not.

    Parameters
    ----------
    file : ExportFile
        Any file.

    Returns
    -------
    bool
    """
    return file.content.startswith(ZIP) and b"xl/workbook.xml" in file.content


def read_json(file: ExportFile) -> RawExport | None:
    """Read results that were exported as JSON, by hand or by RemoteControl.

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
        If the file is broken off, or its answers have faults.
    """
    if not file.head.lstrip().startswith("{") or '"responses"' not in file.head:
        return None
    try:
        data = json.loads(file.text(), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as fault:
        line = getattr(fault, "lineno", 1)
        raise IngestError(
            f"{file.name}, line {line}: this is not whole JSON; the download was "
            "probably broken off. Download the file again."
        ) from None
    responses = [_one_response(value) for value in _responses(data)]
    if not responses:
        raise IngestError(
            f"{file.name}: there are no responses in it. Export again, with all "
            "responses."
        )
    found = [key for key, _ in responses[0]]
    headings = read_headings(found)
    if headings is None:
        return None
    rows: list[list[str | None]] = []
    problems: list[str] = []
    for at, response in enumerate(responses, start=1):
        if [key for key, _ in response] != found:
            problems.append(
                f"{file.name}, row {at}: its columns are not those of the first "
                "response. Download the file again."
            )
            continue
        rows.append([_as_text(value) for _, value in response])
        problems += [
            f"{file.name}, row {at}, column '{key}': a list stands there, where an "
            "answer must be a text or number. Download the file again."
            for key, value in response
            if isinstance(value, list)
        ]
    index = pd.RangeIndex(1, len(rows) + 1, name="row")
    return build_export(file, headings, rows, index, problems=problems, masked=True)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object that keeps a key that stands there twice."""


def _responses(data: object) -> list[object]:
    """Find the responses; older versions put each under its number."""
    if not isinstance(data, _Pairs):
        return []
    held = next((value for key, value in data if key == "responses"), None)
    if isinstance(held, _Pairs):
        return [value for _, value in held]
    return held if isinstance(held, list) else []


def _one_response(value: object) -> list[tuple[str, Any]]:
    if isinstance(value, _Pairs) and len(value) == 1:
        only = value[0][1]
        return only if isinstance(only, _Pairs) else value
    return value if isinstance(value, _Pairs) else []


def _sheets(file: ExportFile) -> Iterator[list[tuple[int, list[str | None]]]]:
    """Give each sheet as its rows that are not empty, with their numbers."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on styles, which do not matter here
            book = load_workbook(io.BytesIO(file.content), read_only=True)
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # some programs write them wrong
                rows = []
                for at, row in enumerate(sheet.iter_rows(values_only=True), start=1):
                    if at > MOST_ROWS:
                        raise ValueError("more rows than Excel has")
                    cells = [_as_text(value) for value in row]
                    while cells and not cells[-1]:
                        cells.pop()
                    if cells:
                        rows.append((at, cells))
                yield rows
    except GeneratorExit:
        raise
    except Exception as fault:  # a damaged zip fails in many ways, all of them this
        kind = "broken off" if isinstance(fault, zipfile.BadZipFile) else "damaged"
        raise IngestError(
            f"{file.name}: the Excel file is {kind} and cannot be opened. Download "
            "it again."
        ) from None


def _as_text(value: object) -> str | None:
    """Write a cell as the CSV export does: ``2.5``, ``48``.

    >>> [_as_text(value) for value in (None, "", 48.0, 2.5, "A1", True)]
    [None, '', '48', '2.5', 'A1', 'TRUE']
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)
