"""Reads an SPSS file in a process of its own: ``python _sav_process.py FILE``.

The parser (ReadStat, in C) can bring its process down on a damaged file. Here
that is this one, not the session with someone's work. What was read goes to
standard output as JSON; a fault that the parser names goes to standard error.
Nothing of swtlib is imported, so that it starts quickly.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

MOST_PACKED = 1032  # what zlib can make of one byte, at most
FAULT = 3  # exit code of a fault that has a name
EPOCH = datetime(1582, 10, 14)  # SPSS counts seconds from here
DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME", "YMDHMS")


def read_sav(path: str) -> dict[str, Any]:
    """Read a .sav or .zsav file as text.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    dict
        ``cells`` (heading to texts), ``wording``, ``labels`` (heading to code
        to label) and ``missing_codes`` (heading to the declared codes that
        occur).
    """
    import pyreadstat

    # Room is made for as many rows as the first bytes say: one wrong byte there
    # costs gigabytes.
    _, meta = pyreadstat.read_sav(path, metadataonly=True)
    room = Path(path).stat().st_size * MOST_PACKED
    if (meta.number_rows or 0) * (meta.number_columns or 0) > room:
        raise ValueError("more rows than fit in the file")
    # Dates are made here: one that cannot be would stop the whole file.
    data, meta = pyreadstat.read_sav(
        path, user_missing=True, disable_datetime_conversion=True, output_format="dict"
    )
    kinds = {name: str(kind) for name, kind in meta.original_variable_types.items()}
    cells = {
        str(name): _as_texts(values, kinds.get(str(name), ""))
        for name, values in data.items()
    }
    labels = {
        name: {_as_text(code): str(label).strip() for code, label in told.items()}
        for name, told in meta.variable_value_labels.items()
    }
    return {
        "cells": cells,
        "wording": {n: text for n, text in meta.column_names_to_labels.items() if text},
        "labels": labels,
        "missing_codes": _missing_codes(data, meta.missing_ranges),
    }


def _missing_codes(
    data: Mapping[Any, Iterable[Any]], ranges: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Give the codes in the file that fall in a declared missing range."""
    found = {}
    for name, declared in ranges.items():
        codes = {
            _as_text(value)
            for value in data[name]
            for part in declared
            if isinstance(value, str) == isinstance(part["lo"], str)
            and value is not None
            and part["lo"] <= value <= part["hi"]
        }
        found[str(name)] = sorted(codes - {""})
    return found


def _as_texts(values: Iterable[Any], kind: str) -> list[str]:
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
    if not isinstance(value, int | float) or value != value:
        return _as_text(value)
    try:
        return (EPOCH + timedelta(seconds=float(value))).isoformat(sep=" ")
    except OverflowError:  # the year 201416: wrong, but no reason to lose the file
        return _as_text(value)


def main() -> None:
    """Read the file that the command names."""
    try:
        found = read_sav(sys.argv[1])
    except Exception as fault:  # a damaged file fails in the parser or in decoding
        print(type(fault).__name__, file=sys.stderr)
        raise SystemExit(FAULT) from None
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
