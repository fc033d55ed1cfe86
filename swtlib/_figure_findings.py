"""Headlines of figures: what is to be seen, in one line; for :mod:`swtlib.figures`.

A headline is made from the shown cells alone, so that it cannot give away a hidden
one. It names a highest, a lowest or a difference only where intervals lie apart.
Two intervals that lie apart always mean a difference at their level, also within
the same people: half of each together is at least half the interval of the
difference, whatever the correlation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from swtlib._figure_style import upper
from swtlib._figure_words import Names
from swtlib._reading_words import LEAST_DIFFERENCE, clearly_apart, joined, quoted
from swtlib._table_text import format_number, format_share
from swtlib.groups import ALL, OTHERS
from swtlib.shares import wilson_interval

LONGEST = 120  # letters of a headline; a longer one makes way for a shorter
Floats: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"


@dataclass(frozen=True)
class Phrases:
    """How an order is told; {0} is a name and {1} its number."""

    high: str = "{0} scoort het hoogst ({1})"
    low: str = "{0} scoort het laagst ({1})"
    both: str = "{0} scoort het hoogst ({1}), {2} het laagst ({3})"
    pair: str = "{0} ({1}) scoort hoger dan {2} ({3})"
    span: str = "De gemiddelden lopen van {0} tot {1}"


SCORES = Phrases()


def find_means(
    frame: pd.DataFrame,
    names: Names,
    digits: int,
    *,
    layout: str | None,
    x_range: tuple[float, float],
) -> str:
    """Say what means show: an order, a team beside the others, or a spread."""
    shown = frame[~frame["suppressed"]]
    if len(frame["group"].unique()) == 1:
        limits = _known_limits(shown, "mean")
        texts = [format_number(value, digits) for value in shown["mean"]]
        return _order(shown, "variable", "mean", limits, texts, names, hid(frame))
    if layout == "team" and "difference" in frame.columns:
        return _team(shown, names, digits, least_difference(x_range))
    return _spread(shown, names, digits, layout, partly=hid(frame))


def hid(frame: pd.DataFrame) -> bool:
    """Say whether something of a table is not shown."""
    return bool(frame["suppressed"].any())


def least_difference(x_range: tuple[float, float]) -> float:
    """Give the smallest difference that is named, on this axis."""
    return LEAST_DIFFERENCE * (x_range[1] - x_range[0])


def _known_limits(rows: pd.DataFrame, value: str) -> tuple[Floats, Floats]:
    """Give the limits of estimates; a count of everybody is its own limits."""
    low, high, middle = (
        rows[name].to_numpy(dtype=float) for name in ("ci_low", "ci_high", value)
    )
    if "interval" not in rows:
        return low, high
    counted = (rows["interval"] == "telling").to_numpy()
    return np.where(counted, middle, low), np.where(counted, middle, high)


def _order(
    rows: pd.DataFrame,
    key: str,
    value: str,
    limits: tuple[Floats, Floats],
    texts: Sequence[str],
    names: Names,
    partly: bool,
    phrases: Phrases = SCORES,
) -> str:
    """Name the highest and the lowest, as far as their intervals lie apart."""
    low, high = limits
    values = rows[value].to_numpy(dtype=float)
    if len(rows) < 2:
        return ""
    labels = [quoted(names[name]) for name in rows[key]]
    top, bottom = int(values.argmax()), int(values.argmin())
    rest_of_top, rest_of_bottom = (
        np.delete(ends, at) for ends, at in ((high, top), (low, bottom))
    )
    is_top = bool(low[top] > rest_of_top.max())  # False when a limit is not known
    is_bottom = bool(high[bottom] < rest_of_bottom.min())
    best, least = (labels[top], texts[top]), (labels[bottom], texts[bottom])
    told = []
    if is_top and is_bottom and len(rows) > 2:
        told.append(phrases.both.format(*best, *least))
    if is_top:
        told.append(phrases.high.format(*best))
    elif is_bottom:
        told.append(phrases.low.format(*least))
    elif not np.isnan([*low, *high]).any():
        one, other = int(low.argmax()), int(high.argmin())
        if low[one] > high[other]:
            ends = (labels[one], texts[one], labels[other], texts[other])
            told.append(phrases.pair.format(*ends))
        else:
            return "Geen duidelijke volgorde: alle intervallen overlappen"
    seen = " van wat hier te zien is" if partly else ""
    told = [text + seen for text in told]
    return first_short([*told, phrases.span.format(texts[bottom], texts[top])])


def first_short(texts: Sequence[str]) -> str:
    """Take the first that is short enough for a headline, or else the last."""
    return next((text for text in texts if len(text) <= LONGEST), texts[-1])


def _team(shown: pd.DataFrame, names: Names, digits: int, least: float) -> str:
    """Say where the team of a page clearly differs from the others."""
    team = next((group for group in shown["group"].unique() if group != OTHERS), None)
    if team is None:
        return ""
    rows = shown[(shown["group"] == team) & (shown["difference_interval"] != "geen")]
    rows = rows[rows["difference"].notna()]
    if rows.empty:
        return ""
    whom, others = names.capital(team), names[OTHERS]
    found = dict(
        zip(("hoger", "lager"), clearly_apart(rows, digits, least), strict=True)
    )
    if not any(len(part) for part in found.values()):
        return f"{whom} verschilt hier niet duidelijk van {others}"
    told = []
    for named in (True, False):
        parts = [
            f"op {_listed(part, names) if named else _of(len(part), len(rows))} "
            f"duidelijk {word}"
            for word, part in found.items()
            if len(part)
        ]
        told.append(f"{whom} scoort {' en '.join(parts)} dan {others}")
    return first_short(told)


def _listed(rows: pd.DataFrame, names: Names) -> str:
    return joined([quoted(names[name]) for name in rows["variable"]])


def _of(count: int, size: int) -> str:
    """Write how many of how many.

    Examples
    --------
    >>> _of(2, 2), _of(3, 3), _of(1, 3)
    ('beide', 'alle 3', '1 van de 3')
    """
    if count < size:
        return f"{count} van de {size}"
    return "beide" if size == 2 else f"alle {size}"


def _spread(
    shown: pd.DataFrame,
    names: Names,
    digits: int,
    layout: str | None,
    *,
    partly: bool,
) -> str:
    """Say on what groups lie apart; the total of the groups is none of them."""
    rows = shown[shown["group"] != ALL]
    groups = rows["group"].unique()
    whom = "De getoonde groepen" if partly else "De groepen"
    if layout == "teams":
        teams = names[OTHERS].removeprefix("andere ")
        whom = f"De getoonde {teams}" if partly else f"De {teams}"
    if len(groups) == 2:
        whom = upper(" en ".join(names[group] for group in groups))
    low, high = _known_limits(rows, "mean")
    rows = rows.assign(low=low, high=high)
    parts = [part for _, part in rows.groupby("variable", sort=False) if len(part) > 1]
    if not parts:
        return ""
    apart = [part for part in parts if part["low"].max() > part["high"].min()]
    if not apart:
        if rows[["low", "high"]].isna().any(axis=None):
            return ""
        return f"{whom} verschillen niet duidelijk: hun intervallen overlappen"
    widest = max(apart, key=lambda part: part["mean"].max() - part["mean"].min())
    ends = [format_number(widest["mean"].agg(end), digits) for end in ("min", "max")]
    span = f"van {ends[0]} tot {ends[1]}"
    if len(parts) == 1:
        return f"{whom} lopen duidelijk uiteen: {span}"
    label = quoted(names[widest["variable"].iloc[0]])
    several = _of(len(apart), len(parts))
    more = f"; in totaal op {several}" if len(apart) > 1 else ""
    return first_short(
        [
            f"{whom} lopen duidelijk uiteen op {label}, {span}{more}",
            f"{whom} lopen duidelijk uiteen op {several}",
        ]
    )


def find_majorities(
    totals: Mapping[str, Sequence[tuple[float, float, float]]],
    names: Names,
    ends: tuple[str, str],
) -> str:
    """Say where a majority gives the lower or the higher answers.

    `totals` has for each group the share of lower answers, of higher answers, and
    n of every statement. The intervals are Wilson's at 95%, as of a sample of many:
    with few members the real ones are narrower.
    """
    told = []
    for group, rows in totals.items():
        counts = [sum(_most(row[side], row[2]) for row in rows) for side in (0, 1)]
        whom = f"{names[group]}: " if len(totals) > 1 else ""
        told.append(whom + _majority_text(counts, rows, ends, short=len(totals) > 1))
    return upper("; ".join(told))


def _most(share: float, n: float) -> bool:
    low, _ = wilson_interval(round(share * n), round(n))
    return low > 0.5


def _majority_text(
    counts: Sequence[int],
    rows: Sequence[tuple[float, float, float]],
    ends: tuple[str, str],
    *,
    short: bool,
) -> str:
    size = len(rows)
    if size == 1:
        for side in (1, 0):
            if counts[side]:
                share = format_share(rows[0][side])
                return f"een meerderheid antwoordt {quoted(ends[side])} ({share})"
        return "geen duidelijke meerderheid"
    found = [(ends[side], counts[side]) for side in (1, 0) if counts[side]]
    if not found:
        return f"bij geen van de {size} stellingen een duidelijke meerderheid"
    parts = [f"{quoted(end)} bij {_of(count, size)}" for end, count in found]
    if short:
        return f"een meerderheid {joined(parts)}"
    first = f"{parts[0]} stellingen"
    return f"een meerderheid antwoordt {joined([first, *parts[1:]])}"


def find_shares(
    shown: pd.DataFrame, key: str, names: Names, answer: str | None, *, partly: bool
) -> str:
    """Name what is chosen most and least, as far as intervals lie apart."""
    if {"ci_low", "ci_high"} <= set(shown.columns) and shown["ci_low"].notna().all():
        limits = _known_limits(shown, "share")
    else:
        pairs = [
            wilson_interval(round(row["share"] * row["n"]), round(row["n"]))
            for _, row in shown.iterrows()
        ]
        low, high = np.array(pairs).T
        limits = (low, high)
    texts = [format_share(value) for value in shown["share"]]
    phrases = Phrases(
        high="{0} komt het meest voor ({1})",
        low="{0} komt het minst voor ({1})",
        both="{0} komt het meest voor ({1}), {2} het minst ({3})",
        pair="{0} ({1}) komt vaker voor dan {2} ({3})",
        span="De aandelen lopen van {0} tot {1}",
    )
    if answer is not None:
        given = quoted(answer).replace("{", "{{").replace("}", "}}")
        phrases = Phrases(
            high=f"Het vaakst {given} bij {{0}} ({{1}})",
            low=f"Het minst {given} bij {{0}} ({{1}})",
            both=f"Het vaakst {given} bij {{0}} ({{1}}), het minst bij {{2}} ({{3}})",
            pair=f"Vaker {given} bij {{0}} ({{1}}) dan bij {{2}} ({{3}})",
            span=f"Van {{0}} tot {{1}} antwoordt {given}",
        )
    return _order(shown, key, "share", limits, texts, names, partly, phrases)


def find_counts(
    counts: "pd.Series[float]", labels: Sequence[str], names: Names, total: int | None
) -> str:
    """Say between which numbers counts lie, and which is the largest."""
    low, high = (format_number(value, 0) for value in (counts.min(), counts.max()))
    out_of = f" van de {total}" if total else ""
    if low == high:
        return f"Elk {high}{out_of}" if len(counts) > 1 else ""
    most = [
        quoted(names[n])
        for n, c in zip(labels, counts, strict=True)
        if c == counts.max()
    ]
    whom = joined(most) if len(most) <= 2 else f"{len(most)} van deze {len(counts)}"
    return first_short(
        [f"De meeste bij {whom}: {high}{out_of}", f"Van {low} tot {high}{out_of}"]
    )


def find_gaps(shown: pd.DataFrame, digits: int) -> str:
    """Say how often what is wanted lies above what there is, and by how much."""
    low, _ = _known_limits(shown, "gap")
    above, size = int((low > 0).sum()), len(shown)
    ends = [format_number(shown["gap"].agg(end), digits) for end in ("min", "max")]
    if size == 1:
        return f"Gewenst ligt {ends[0]} punt boven nu" if above else ""
    if above == size:
        span = f"{ends[0]} tot {ends[1]} punt"
        return f"Bij {_of(size, size)} ligt gewenst hoger dan nu: {span}"
    if not above:
        return f"Bij geen van de {size} ligt gewenst duidelijk hoger dan nu"
    return f"Bij {above} van de {size} ligt gewenst duidelijk hoger dan nu"


def find_ranks(shown: pd.DataFrame, names: Names) -> str:
    """Say whether it is certain what comes first."""
    size = len(shown)
    could = shown[shown["rank_low"] == 1]
    if size < 2:
        return ""
    if len(could) == 1:
        label = quoted(names[could["variable"].iloc[0]])
        return f"{label} staat duidelijk op plaats 1"
    several = _of(len(could), size)
    return f"Wat bovenaan hoort, is niet zeker: {several} kunnen op plaats 1 staan"


def find_effects(
    effects: "pd.Series[float]",
    size: int,
    at: str,
    ends: tuple[str, str],
    *,
    limited: bool,
) -> str:
    """Count the effects that are large and known well enough, and their sides."""
    clear = "duidelijk " if limited else ""
    if effects.empty:
        return f"Nergens een {clear}verschil van {at} of meer"
    up, down = int((effects > 0).sum()), int((effects < 0).sum())
    if not up or not down:
        every = "" if up + down == 1 else "alle "
        sides = f"{every}{ends[1] if up else ends[0]}"
    else:
        sides = f"{up} {ends[1]}, {down} {ends[0]}"
    return (
        f"Bij {up + down} van de {size} vergelijkingen een {clear}verschil van {at} of "
        f"meer: {sides}"
    )


def find_choices(most: Mapping[str, float], n_compared: int) -> str:
    """Say how many statements are left without and with correction."""
    if not {"none", "all"} <= set(most):
        return ""
    free, strict = (format_number(most[reach], 0) for reach in ("none", "all"))
    return (
        f"Zonder correctie hooguit {free} stellingen per competentie; na correctie "
        f"over alle {n_compared} hooguit {strict}"
    )


def find_changes(
    rows: pd.DataFrame,
    clear: Sequence[bool],
    names: Names,
    whom: str,
    *,
    partly: bool,
) -> str:
    """Say what went up and what went down, as far as that is clear."""
    moved = rows[list(clear)]
    ways = {
        "omhoog": moved[moved["change"] > 0],
        "omlaag": moved[moved["change"] < 0],
    }
    found = {way: part for way, part in ways.items() if len(part)}
    rest = len(rows) - sum(len(part) for part in found.values())
    lead = f"{upper(whom)}: " if whom else ""
    if not found:
        shown = " die getoond zijn" if partly else ""
        told = f"bij geen van de {rest}{shown} een duidelijke verandering"
        told = "geen duidelijke verandering" if rest == 1 else told
        return f"{lead}{told if lead else upper(told)}"
    tail = [f"{rest} niet duidelijk veranderd"] if rest else []
    named = ", ".join(f"{_listed(part, names)} {way}" for way, part in found.items())
    counted = [f"{len(part)} {way}" for way, part in found.items()]
    return lead + first_short(["; ".join([named, *tail]), ", ".join([*counted, *tail])])


def find_studies(mean: "pd.Series[float]", digits: int) -> str:
    """Say on which side of 0 the mean of studies lies, and a next place as well."""
    limits = mean[["ci_low", "ci_high"]].to_numpy(dtype=float)
    if mean["k"] < 2 or np.isnan(limits).any():
        return ""
    side = _side(*limits)
    if not side:
        return "De studies samen: niet duidelijk boven of onder 0"
    told = f"De studies samen: {side} ({format_number(mean['estimate'], digits)})"
    next_one = mean[["prediction_low", "prediction_high"]].to_numpy(dtype=float)
    if np.isnan(next_one).any():
        return told
    if _side(*next_one) == side:
        return f"{told}; op een volgende plek naar verwachting ook"
    return f"{told}; op een volgende plek kan dat anders zijn"


def _side(low: float, high: float) -> str:
    if low > 0:
        return "duidelijk boven 0"
    return "duidelijk onder 0" if high < 0 else ""
