"""Dutch sentences on the wish to develop, and on how certain its order is."""

from collections.abc import Mapping

import pandas as pd

from swtlib._reading_words import answers_text, joined, quoted, span
from swtlib._table_text import format_number, level_text
from swtlib.disclosure import ProtectedTable

DIGITS = 2  # of a gap, as in the table: what is equal there is tied
MOST_NAMED = 3  # competences that a sentence names one by one


def read_gaps(
    table: ProtectedTable, *, labels: Mapping[str, str], confidence: float = 0.95
) -> str:
    """Say on which competences people most and least want to develop.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean", from `Selection.gaps`.
    labels : mapping of str to str
        Dutch names.
    confidence : float, default 0.95
        Level of the intervals in the table.

    Returns
    -------
    str
        The largest and the smallest, and how certain the order is if the
        table has ranks.
    """
    frame = table.frame
    groups = [g for g in frame["group"].unique() if g != "andere"]
    rows = frame[(frame["group"] == groups[0]) & ~frame["suppressed"]]
    if len(rows) < 2:
        return "De ontwikkelwens is hier niet te laten zien zonder iemand te herkennen."
    ordered = rows.sort_values("gap", ascending=False, kind="stable")
    printed = ordered["gap"].round(DIGITS)
    high, low = printed.iloc[0], printed.iloc[-1]
    if high == low:
        told = (
            f"De ontwikkelwens is bij alle {len(rows)} competenties even groot: "
            f"{format_number(high, DIGITS)}."
        )
    else:
        told = (
            f"De grootste ontwikkelwens {_at_end(ordered[printed == high], labels)}, "
            f"de kleinste {_at_end(ordered[printed == low], labels)}."
        )
    order = _read_order(ordered, labels, confidence) if "rank" in ordered else ""
    return f"{told} {order}".strip()


def _at_end(rows: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """Name what stands at an end of the order; many of them are only counted."""
    if len(rows) == 1:
        row = rows.iloc[0]
        return f"is {quoted(labels[row['variable']])} ({span(row, 'gap', DIGITS)})"
    value = format_number(rows["gap"].iloc[0], DIGITS)
    if len(rows) > MOST_NAMED:
        return f"delen {len(rows)} competenties (elk {value})"
    return f"delen {_names(rows, labels)} (elk {value})"


def _read_order(
    ordered: pd.DataFrame, labels: Mapping[str, str], confidence: float
) -> str:
    """Say how certain the order is."""
    total = len(ordered)
    if ordered["rank"].isna().any():
        return ""
    shared = ordered["rank"].duplicated()
    if (ordered["interval"] == "telling").all():
        if (ordered["rank"] == 1).all():
            return ""
        told = "Deze volgorde staat vast, want iedereen gaf beide cijfers."
        return f"{told} Wat gelijk staat, deelt een plaats." if shared.any() else told
    n_pairs = total * (total - 1) // 2
    n_certain = int((total - ordered["rank_high"]).sum())
    if not n_certain:
        return (
            f"Met {answers_text(ordered['n'])} is geen volgorde vast te stellen: elke "
            "competentie kan op elke plaats staan. Dat betekent niet dat de wensen "
            "even groot zijn."
        )
    first = ordered[ordered["rank"] == 1]
    last = ordered[ordered["rank"] == ordered["rank"].max()]
    ends = [
        _certain_end(first, int(first["rank_high"].max()), total, "eerste", labels),
        _certain_end(
            last, total + 1 - int(last["rank_low"].min()), total, "laatste", labels
        ),
    ]
    parts = " en ".join(end for end in ends if end)
    told = f"Met {level_text(confidence)} zekerheid {parts}. " if parts else ""
    if n_certain == n_pairs:
        between = "Ook de hele volgorde ertussen staat met die zekerheid vast."
        return f"{told}{between if total > 2 else ''}".strip()
    return (
        f"{told}Van de {n_pairs} tweetallen competenties is bij {n_certain} zeker "
        f"welke wens groter is, bij de andere {n_pairs - n_certain} niet."
    )


def _certain_end(
    rows: pd.DataFrame, within: int, total: int, side: str, labels: Mapping[str, str]
) -> str:
    """Say among how many first or last ones these certainly are."""
    if within == total or len(rows) > MOST_NAMED:
        return ""
    names = _names(rows, labels)
    if within == 1:
        return f"staat {names} {'bovenaan' if side == 'eerste' else 'onderaan'}"
    verb = "hoort" if len(rows) == 1 else "horen"
    return f"{verb} {names} bij de {side} {within}"


def _names(rows: pd.DataFrame, labels: Mapping[str, str]) -> str:
    return joined([quoted(labels[name]) for name in rows["variable"]])
