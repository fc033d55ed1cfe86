"""Sentences on what changed between two years; for :mod:`swtlib.reading`."""

import re
from collections.abc import Mapping

import pandas as pd

from swtlib._reading_words import joined, quoted
from swtlib._table_text import format_number, format_signed, level_text
from swtlib.disclosure import ProtectedTable

MOST_NAMED = 3  # changes that a sentence names one by one
LEVEL = 0.05  # at which an adjusted p-value counts

ASPECTS = {
    "expectation": "verwachting",
    "current": "ervaring",
    "importance": "belang",
    "attitude": "mening",
    "have": "wat men kan",
    "want": "wat men wil",
}
# Reasons of codebook_diff, in Dutch for a page; {0} is what stands in brackets.
REASONS = {
    r"not asked in (\d+)": "in {0} niet gevraagd",
    r"nobody knows to which words the answers belong": (
        "niet bekend bij welke woorden de antwoorden horen"
    ),
    r"another kind of answer: .*": "een ander soort antwoord",
    r"other words": "andere woorden",
    r"the exact words are not in the codebook": "de precieze woorden zijn niet bekend",
    r"worded the other way round": "andersom geformuleerd",
    r"other answers: .*": "andere antwoordmogelijkheden",
    r"asked of other people": "aan anderen gevraagd",
    r"another item, of the same words": "een andere vraag met dezelfde woorden",
    r"only in (\d+): .*": "niet uit dezelfde stellingen ({0})",
}


def dutch_reason(reason: str) -> str:
    """Say in Dutch why two waves cannot simply be compared on something.

    Parameters
    ----------
    reason : str
        From `codebook_diff.diff_codebook`.

    Returns
    -------
    str

    Examples
    --------
    >>> dutch_reason("other words; expectation, then current")
    'andere woorden; eerst als verwachting gevraagd, daarna als ervaring'
    """
    return "; ".join(_dutch_part(part) for part in reason.split("; "))


def _dutch_part(part: str) -> str:
    for pattern, told in REASONS.items():
        found = re.fullmatch(pattern, part)
        if found:
            return told.format(*found.groups())
    aspects = re.fullmatch(r"(\w+), then (\w+)", part)
    if aspects:
        old, new = (ASPECTS.get(name, name) for name in aspects.groups())
        return f"eerst als {old} gevraagd, daarna als {new}"
    return part


def read_changes(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    year: int,
    group: str,
    digits: int = 2,
    confidence: float = 0.95,
) -> str:
    """Say what changed in a group between two years, and what cannot be told.

    Parameters
    ----------
    table : ProtectedTable
        From `trend_results`, with one earlier year.
    labels : mapping of str to str
        Dutch names.
    year : int
        The later year.
    group : str
        Group to read.
    digits : int, default 2
        Decimals, as in the table.
    confidence : float, default 0.95
        Level of the intervals.

    Returns
    -------
    str
        Empty for an empty table.

    Notes
    -----
    A change is named when its interval, as printed, leaves out 0, or when
    everybody answered in both years: then it is a fact.
    """
    frame = table.frame
    if not len(frame):
        return ""
    rows = frame[(frame["group"] == group) & ~frame["suppressed"]]
    since = int(frame["year"].iloc[0])
    whom = labels[group]
    if not len(rows):
        return (
            f"Van {whom} is hier geen verandering te laten zien: in {since} of {year} "
            "waren er te weinig antwoorden, of is anders te herkennen wie wat zei."
        )
    clear = rows[_is_clear(rows, digits)]
    unknown = rows[rows["interval"] == "geen"]
    rest = rows.drop(index=clear.index.union(unknown.index))
    told = []
    if len(clear):
        told.append(_named(clear, labels, whom, since, year, digits, confidence))
        told.append(_after_adjusting(clear))
    if len(rest):
        some, one = ("de andere", "één ander") if len(clear) else ("alle", "dit ene")
        what = (
            f"{some} {len(rest)} onderwerpen" if len(rest) > 1 else f"{one} onderwerp"
        )
        told.append(
            f"Bij {what} ligt 0 binnen het interval van het verschil: met deze "
            "antwoorden is niet te zeggen of daar iets veranderde. Dat er niets "
            "veranderde, volgt er ook niet uit."
        )
    if len(unknown):
        names = joined([quoted(labels[name]) for name in unknown["variable"]])
        told.append(
            f"Hoe zeker het verschil is bij {names}, is niet te berekenen: te weinig "
            "antwoorden, of allemaal dezelfde."
        )
    if (rows["interval"] == "telling").any():
        told.append(
            f"In {since} en in {year} deed iedereen mee. Het verschil is dan geteld: "
            "er is geen steekproeffout, en dus geen interval."
        )
    return " ".join(told)


def _is_clear(rows: pd.DataFrame, digits: int) -> "pd.Series[bool]":
    counted = rows["interval"] == "telling"
    moved = rows["change"].abs().round(digits) > 0
    apart = (rows["ci_low"].round(digits) > 0) | (rows["ci_high"].round(digits) < 0)
    return (counted & moved) | apart


def _named(
    rows: pd.DataFrame,
    labels: Mapping[str, str],
    whom: str,
    since: int,
    year: int,
    digits: int,
    confidence: float,
) -> str:
    order = rows["change"].abs().sort_values(ascending=False, kind="stable").index
    parts = []
    for at in order[:MOST_NAMED]:
        row = rows.loc[at]
        then, now = (
            format_number(row[name], digits) for name in ("mean_before", "mean_after")
        )
        parts.append(
            f"{quoted(labels[row['variable']])} van {then} naar {now}, verschil "
            + _with_interval(row, digits, confidence)
        )
    more = len(order) - MOST_NAMED
    told = "; ".join(parts) + (f"; en nog {more} andere" if more > 0 else "")
    return f"Tussen {since} en {year} veranderde bij {whom}: {told}."


def _with_interval(row: "pd.Series[float]", digits: int, confidence: float) -> str:
    middle, low, high = (
        format_signed(row[name], digits) for name in ("change", "ci_low", "ci_high")
    )
    if not low:
        return middle
    return f"{middle} ({level_text(confidence)}-interval {low} tot {high})"


def _after_adjusting(clear: pd.DataFrame) -> str:
    """Say how many changes stay when all comparisons count."""
    tested = clear[clear["p_value"].notna()]
    if not len(tested):
        return ""
    left, strict = (int((tested[name] < LEVEL).sum()) for name in ("q_value", "p_holm"))
    return (
        f"Daarvan {_stays(left)} overeind na correctie voor het aantal vergelijkingen "
        f"volgens Benjamini-Hochberg, en {strict} na de strengere van Holm."
    )


def _stays(number: int) -> str:
    return f"{'blijft' if number == 1 else 'blijven'} er {number}"
