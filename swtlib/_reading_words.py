"""Words that sentences are made of; for :mod:`swtlib.reading`."""

from collections.abc import Sequence

import pandas as pd

from swtlib._table_text import format_number

LEAST_DIFFERENCE = 0.1  # of a score from 0 to 1: less is not worth a sentence


def quoted(label: str) -> str:
    """Put a label between Dutch quotation marks."""
    return f"‘{label}’"


def joined(parts: Sequence[str]) -> str:
    """Join names as in a sentence.

    Examples
    --------
    >>> joined(["a", "b", "c"])
    'a, b en c'
    """
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " en " + parts[-1]


def span(row: "pd.Series[float]", column: str, digits: int) -> str:
    """Write an estimate with its interval, if there is one, and n."""
    told = format_number(row[column], digits)
    if pd.isna(row["ci_low"]):
        return f"{told}, n = {row['n']:.0f}"
    low, high = (format_number(row[c], digits) for c in ("ci_low", "ci_high"))
    return f"{told}, interval {low} tot {high}, n = {row['n']:.0f}"


def answers_text(counts: "pd.Series[float]") -> str:
    """Write how many answers there are, or between which numbers.

    Examples
    --------
    >>> answers_text(pd.Series([6, 7])), answers_text(pd.Series([9, 9]))
    ('6 tot 7 antwoorden', '9 antwoorden')
    """
    low, high = counts.min(), counts.max()
    return f"{low:.0f}{'' if low == high else f' tot {high:.0f}'} antwoorden"


def clearly_apart(
    rows: pd.DataFrame, digits: int, least: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the rows in which a team is clearly higher, and clearly lower.

    The interval of the difference, as printed, lies on one side of 0, and the
    difference is at least `least`.
    """
    difference = rows["difference"]
    counted = rows["difference_interval"] == "telling"  # known without an interval
    low = rows["difference_low"].mask(counted, difference)
    high = rows["difference_high"].mask(counted, difference)
    far = difference.abs().round(9) >= least
    return rows[far & (low.round(digits) > 0)], rows[far & (high.round(digits) < 0)]
