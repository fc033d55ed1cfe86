"""Numbers and labels as Dutch text; for :mod:`swtlib.tables` and figures."""

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from swtlib.disclosure import KEY_COLUMNS, ProtectedTable

Digits = int | Mapping[str, int]
Row: TypeAlias = "Mapping[str, Any] | pd.Series[Any]"

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
LEAST_P = 0.001  # of a p-value; what is less is not told apart
HIDDEN = DASH  # what a reader sees in the place of a hidden number


def records_of(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Give the rows; a Series for each row would cost most of the time."""
    columns = (column.tolist() for _, column in frame.items())
    return [
        dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)
    ]


def records_by(frame: pd.DataFrame, key: str) -> dict[Any, list[dict[Any, Any]]]:
    """Give the rows of each value of a column, in the order of the table."""
    found: dict[Any, list[dict[Any, Any]]] = {}
    for row in records_of(frame):
        found.setdefault(row[key], []).append(row)
    return found


def round_half_up(value: float, digits: int) -> str:
    """Write a number with so many decimals; a half goes up, as readers expect.

    Examples
    --------
    >>> round_half_up(0.625, 2), round_half_up(0.345, 2), round_half_up(2.5, 0)
    ('0.63', '0.35', '3')
    >>> round_half_up(-0.0004, 3)  # what rounds to nothing has no minus
    '0.000'
    """
    exact = Decimal(repr(round(float(value), 12)))
    rounded = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return str(rounded if rounded else abs(rounded))


def format_number(value: float, digits: int) -> str:
    """Write a number as in Dutch text.

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Decimals.

    Returns
    -------
    str
        With a decimal comma and a real minus sign; empty for a missing value.

    Examples
    --------
    >>> format_number(0.642, 2), format_number(-0.004, 2), format_number(66, 0)
    ('0,64', '0,00', '66')
    >>> format_number(float("nan"), 2)
    ''
    """
    if not math.isfinite(value):
        return ""
    text = round_half_up(abs(value), digits)
    negative = value < 0 and text.strip("0.") != ""
    return (MINUS if negative else "") + text.replace(".", ",")


def format_signed(value: float, digits: int) -> str:
    """Write a difference: with a plus as well as a minus.

    Examples
    --------
    >>> format_signed(0.08, 2), format_signed(-0.1, 2), format_signed(0.004, 2)
    ('+0,08', '−0,10', '0,00')
    """
    text = format_number(value, digits)
    return f"+{text}" if value > 0 and text.strip("0,") else text


def known_labels(labels: Mapping[str, str] | None) -> Mapping[str, str]:
    """Add what groups are called by default to the labels of the caller."""
    names = {"alle": "alle teams", "andere": "andere teams", "own": "het team"}
    return names | dict(labels or {})


def format_share(value: float, digits: int = 0) -> str:
    """Write a part of 1 as a percentage."""
    number = format_number(100 * value, digits)
    return f"{number}%" if number else ""


def p_text(value: float) -> str:
    """Write a p-value; what is very small is not told apart.

    Examples
    --------
    >>> p_text(0.0312), p_text(0.0004)
    ('0,031', '< 0,001')
    """
    if math.isnan(value):
        return HIDDEN
    return (
        f"< {format_number(LEAST_P, 3)}" if value < LEAST_P else format_number(value, 3)
    )


def level_text(confidence: float) -> str:
    """Write the level of an interval.

    Examples
    --------
    >>> level_text(0.95), level_text(0.975)
    ('95%', '97,5%')
    """
    return f"{100 * confidence:g}%".replace(".", ",")


def is_text(frame: pd.DataFrame, name: str) -> bool:
    """Tell whether a column holds words, or yes and no."""
    column = frame[name]
    return not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(
        column
    )


def as_text(
    table: ProtectedTable,
    frame: pd.DataFrame,
    names: Mapping[str, str],
    digits: Digits,
    labels: Mapping[str, str],
    percent: Sequence[str],
) -> pd.DataFrame:
    """Write every cell as a reader sees it."""
    known = known_labels(labels)
    text = pd.DataFrame(index=frame.index)
    for name in names:
        column = frame[name]
        if is_text(frame, name):
            values = column.astype("object").where(column.notna(), "")
            yes_no = {True: "ja", False: "nee"}
            text[name] = [
                known.get(v, v) if isinstance(v, str) else yes_no[v] for v in values
            ]
        elif name in percent:
            shown = digits.get(name, 0) if isinstance(digits, Mapping) else 0
            text[name] = [format_share(float(value), shown) for value in column]
        else:
            shown = decimals(table, column, digits)
            text[name] = [format_number(float(value), shown) for value in column]
    return text


def decimals(table: ProtectedTable, column: "pd.Series[float]", digits: Digits) -> int:
    """Say how many decimals a column is shown with.

    An effect has one at most: beside the means and the spread of the others,
    more of them would give the spread of a small team.
    """
    name = str(column.name)
    if table.kind == "mean" and name == "effect":
        return 1
    if isinstance(digits, Mapping):
        if name in digits:
            return digits[name]
        digits = max(digits.values(), default=0)
    counted = name in ("n", "df", "count", *KEY_COLUMNS) or name.startswith("n_")
    if not (counted or table.kind in ("count", "public")):
        return digits
    values = column.to_numpy(dtype=float, na_value=np.nan)
    return 0 if (values[~np.isnan(values)] % 1 == 0).all() else digits


def plain(value: float, digits: int) -> str:
    """Write a number for a file: a decimal point, and empty if missing."""
    return format_number(value, digits).replace(",", ".").replace(MINUS, "-")


def with_interval(row: Row, value: str, digits: int) -> str:
    """Write an estimate with its interval, if there is one.

    Examples
    --------
    >>> row = pd.Series({"mean": 0.642, "ci_low": 0.6, "ci_high": 0.68})
    >>> with_interval(row, "mean", 2)
    '0,64 (0,60–0,68)'
    """
    names = (value, "ci_low", "ci_high")
    middle, low, high = (format_number(row[name], digits) for name in names)
    return f"{middle} ({low}{DASH}{high})" if low and high else middle


def effect_text(row: Row, digits: int) -> str:
    """Write the effect of studies with its interval, such as "0,30 (... tot ...)"."""
    names = ("estimate", "ci_low", "ci_high")
    return _from_to(*(format_number(row[name], digits) for name in names))


def prediction_text(row: Row, digits: int) -> str:
    """Write where the effect of a next study is expected; empty if not known."""
    names = ("prediction_low", "prediction_high")
    low, high = (format_number(row[name], digits) for name in names)
    return f"{low} tot {high}" if low and high else ""


def cell(row: Row, value: str, digits: int) -> str:
    """Write a mean with its interval, for a table with groups side by side."""
    return HIDDEN if row["suppressed"] else with_interval(row, value, digits)


def difference_cell(row: Row, digits: int) -> str:
    """Write the difference of a team with its interval, such as "+0,08 (...)"."""
    if row["suppressed"]:
        return HIDDEN
    names = ("difference", "difference_low", "difference_high")
    return _from_to(*(format_signed(row[name], digits) for name in names))


def change_text(row: Row, digits: int) -> str:
    """Write a change between years with its interval, such as "+0,08 (...)"."""
    names = ("change", "ci_low", "ci_high")
    return _from_to(*(format_signed(row[name], digits) for name in names))


def _from_to(middle: str, low: str, high: str) -> str:
    return f"{middle} ({low} tot {high})" if low and high else middle


def place_text(row: "pd.Series[float]") -> str:
    """Write a rank with the ranks that it may have, such as "2 (1-8)".

    A rank that is certain stands alone.

    Examples
    --------
    >>> place_text(pd.Series({"rank": 2, "rank_low": 1, "rank_high": 8}))
    '2 (1–8)'
    >>> place_text(pd.Series({"rank": 2, "rank_low": 2, "rank_high": 2}))
    '2'
    """
    names = ("rank", "rank_low", "rank_high")
    place, low, high = (format_number(row[name], 0) for name in names)
    return place if low == high else f"{place} ({low}{DASH}{high})"


def count_range(counts: "pd.Series[float]") -> str:
    """Write the number of answers behind several means."""
    low, high = (format_number(counts[name], 0) for name in ("min", "max"))
    if not low:
        return HIDDEN
    return low if low == high else f"{low}{DASH}{high}"
