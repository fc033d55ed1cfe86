"""SPSS data files (.sav, .zsav): value labels, and what counts as missing.

A code that the file declares as missing (user-missing) is kept as a code and
named in ``missing_codes``; a code that only looks missing, such as an
undeclared 99, is left as it is: the file does not tell.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from swtlib.errors import IngestError
from swtlib.readers._columns import (
    find_about,
    find_completed,
    find_ids,
    find_personal,
)
from swtlib.readers._raw import RawExport, nothing_hidden

MAGIC = (b"$FL2", b"$FL3")
EPOCH = datetime(1582, 10, 14)  # SPSS counts seconds from here
DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME", "YMDHMS")


def looks_like_spss(head: bytes) -> bool:
    """Say whether the first bytes are those of an SPSS data file.

    Examples
    --------
    >>> looks_like_spss(b"$FL2@(#) SPSS DATA FILE")
    True
    """
    return head.startswith(MAGIC)


def read_spss(path: Path) -> RawExport:
    """Read an SPSS data file.

    Parameters
    ----------
    path : Path
        A .sav or .zsav file.

    Returns
    -------
    RawExport
        Wording and labels are the variable and value labels of the file.

    Raises
    ------
    IngestError
        If the file is damaged.
    """
    import pyreadstat

    try:
        # Dates are made here: one that cannot be would stop the whole file.
        frame, meta = pyreadstat.read_sav(
            str(path), user_missing=True, disable_datetime_conversion=True
        )
    except Exception as fault:  # a damaged file fails in the parser or in decoding
        raise IngestError(
            f"{path.name}: this SPSS file cannot be read ({type(fault).__name__}). "
            "Save or download it again; from SPSS as .sav, not .por."
        ) from None
    formats = {head: str(kind) for head, kind in meta.original_variable_types.items()}
    cells = pd.DataFrame(
        {
            head: _as_texts(frame[head], formats.get(head, ""))
            for head in frame.columns.astype(str)
        },
        index=pd.RangeIndex(1, len(frame) + 1, name="row"),
        dtype=str,
    )
    labels = {
        head: {_as_text(code): str(label).strip() for code, label in told.items()}
        for head, told in meta.variable_value_labels.items()
    }
    wording = {head: text for head, text in meta.column_names_to_labels.items() if text}
    return RawExport(
        tool="spss",
        cells=cells,
        wording=wording,
        labels=labels,
        response_id=find_ids(cells),
        completed=find_completed(cells, labels, path.name),
        not_asked=nothing_hidden(cells),
        about=find_about(cells.columns),
        personal=find_personal(cells, wording),
        missing_codes=_missing_codes(frame, meta.missing_ranges),
    )


def _missing_codes(
    frame: pd.DataFrame, ranges: Mapping[str, Any]
) -> dict[str, frozenset[str]]:
    """Give the codes in the file that fall in a declared missing range."""
    found = {}
    for heading, declared in ranges.items():
        values = frame[heading].dropna().unique()
        codes = {
            _as_text(value)
            for value in values
            for part in declared
            if isinstance(value, str) == isinstance(part["lo"], str)
            and part["lo"] <= value <= part["hi"]
        }
        found[str(heading)] = frozenset(codes - {""})
    return found


def _as_texts(values: "pd.Series[Any]", kind: str) -> list[str]:
    dated = kind.rstrip("0123456789.") in DATES
    return [_as_date(value) if dated else _as_text(value) for value in values]


def _as_text(value: object) -> str:
    """Write a value as an export does: 1.0 is 1, no value is nothing."""
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(float(value))
    return str(value).strip()


def _as_date(value: object) -> str:
    if not isinstance(value, (int, float)) or value != value:
        return _as_text(value)
    try:
        return (EPOCH + timedelta(seconds=float(value))).isoformat(sep=" ")
    except OverflowError:  # the year 201416: wrong, but no reason to lose the file
        return _as_text(value)
