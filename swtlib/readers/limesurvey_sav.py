"""LimeSurvey's own SPSS file (.sav): its codes are right, some labels are not."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from swtlib.readers._headings import clean_text, code_names, make_headings
from swtlib.readers._own_words import own_codes
from swtlib.readers._raw import ExportFile, RawExport
from swtlib.readers._sav import SAV, ZSAV, load_sav
from swtlib.readers.limesurvey import REQUIRED, build_export

SPSS_EPOCH = datetime(1582, 10, 14)
SAV_SCALES = ("1", "2")


def read_sav(file: ExportFile) -> RawExport | None:
    """Read the .sav file that LimeSurvey writes.

    Parameters
    ----------
    file : ExportFile
        Any file.

    Returns
    -------
    RawExport or None
        None if it is something else, such as a .sav file of another origin.

    Raises
    ------
    IngestError
        If the file is damaged, or its answers have faults.

    Notes
    -----
    "Not asked" and "left open" are the same here. Labels of sex, yes/no and
    ticked boxes are for numbers, where the answers are letters; they are set
    right. A label may lack its last letter.
    """
    if not file.content.startswith((SAV, ZSAV)):
        return None
    frame, meta = load_sav(file)
    names = [str(name) for name in frame.columns]
    if not {*REQUIRED} <= {*names}:
        return None
    given = meta.variable_value_labels
    codes = code_names(names, scales=SAV_SCALES, candidates=given.keys())
    texts = [clean_text(meta.column_names_to_labels[name] or "") for name in names]
    columns = [
        _column(frame[name].tolist(), meta.original_variable_types[name])
        for name in names
    ]
    labels = {
        code: _fitting(given[name], {value for value in column if value})
        for name, code, column in zip(names, codes, columns, strict=True)
        if name in given
    }
    return build_export(
        file,
        make_headings(codes, texts),
        [list(row) for row in zip(*columns, strict=True)],
        pd.RangeIndex(1, len(frame) + 1, name="row"),
        labels=labels,
        tells_nothing=True,
        masked=True,
    )


def _column(values: list[object], kind: str) -> list[str | None]:
    if kind.startswith(("DATE", "ADATE", "EDATE", "SDATE")):
        return [_as_date(value) for value in values]
    return [_as_text(value) for value in values]


def _as_text(value: object) -> str | None:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    return None if value is None else str(value)


def _as_date(value: object) -> str | None:
    """Write seconds since 1582 as a date; what cannot be one stays a number."""
    if not isinstance(value, int | float) or math.isnan(value):
        return _as_text(value)
    try:
        return str(SPSS_EPOCH + timedelta(seconds=round(value)))
    except OverflowError:
        return str(value)


def _fitting(labels: Mapping[Any, str], answers: set[str]) -> dict[str, str]:
    """Give the labels by the codes that the answers have."""
    named = {_as_text(code) or "": label for code, label in labels.items()}
    own = own_codes(named)
    wanted = {own[code]: label for code, label in named.items() if code in own}
    if own and answers and answers <= wanted.keys():
        return {code: label for code, label in wanted.items() if code}
    return named
