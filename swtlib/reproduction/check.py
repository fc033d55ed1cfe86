"""Check a reconstruction of 2015 against every published figure of the report.

`check_wave` recounts all 494 rows of ``published_2015.csv`` from the answers of
a wave. Nothing is taken for granted: a row that the answers do not give is
"failed", unless other figures in print give the same as the answers do: then
the report contradicts itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, get_args

import pandas as pd

from swtlib.errors import WaveError
from swtlib.reproduction.columns import column_n
from swtlib.reproduction.counting import round_half_up
from swtlib.reproduction.derived import Cells, count_printed, stage
from swtlib.reproduction.facts import Known, dutch, known_facts
from swtlib.reproduction.published import (
    Published,
    load_published,
    load_remarks,
    printed_values,
)
from swtlib.reproduction.recount import Answers, Count, count_answers, one
from swtlib.reproduction.targets import load_choices
from swtlib.wave import Wave

Status = Literal["reproduced", "contradicted", "not_computable", "claim", "failed"]
How = Literal["exact", "som van afgeronde aandelen", "benadering", "grens", ""]
STATUSES: tuple[Status, ...] = get_args(Status)
HOWS: tuple[How, ...] = get_args(How)
YEAR = 2015
STAGES = 4
ROUGHLY = 5  # percentage points that "ongeveer" may be off


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found for one row."""

    status: Status
    computed: Fraction | None = None
    how: How = ""


def check_wave(wave: Wave) -> pd.DataFrame:
    """Recount every published figure of the 2015 report from a wave.

    Parameters
    ----------
    wave : Wave
        The wave of 2015.

    Returns
    -------
    DataFrame, shape (494, 13)
        In the order of ``published_2015.csv``: ``id, source, item_key, team,
        statistic, category, published, decimals, status, computed, how,
        reason_nl, other_figure``. ``item_key`` and ``team`` carry the names of
        the codebook; ``team`` is the one printed, also above columns that
        belong to another. ``status`` is "reproduced", "contradicted" (by the
        report itself), "not_computable" (from answers), "claim" (no number) or
        "failed". ``computed`` is rounded as in print; one decimal more for
        rough figures and bounds, where ``how`` is "benadering" or "grens".

    Raises
    ------
    WaveError
        If the wave is not that of 2015.

    Notes
    -----
    Rough figures ("ongeveer een derde") may be 5 percentage points off, other
    rough figures half of their last digit. A tied place is right whichever of
    the tied places the report names. The counting is in `counting`, the
    remarks and readings in ``check_2015.toml``.
    """
    if wave.year != YEAR:
        raise WaveError(
            f"The published figures are those of {YEAR}; wave {wave.year} cannot be "
            f"checked against them. Try: swt check {YEAR}."
        )
    headings = load_choices()["headings"]["teams"]
    answers = Answers(frame=wave.respondents, codebook=wave.codebook, headings=headings)
    counts = _count_all(answers)
    verdicts = {row.id: _judge(row, counts, answers) for row in load_published()}
    for name, other in load_remarks()["contradicted_by"].items():
        if verdicts[name].status == "failed" and verdicts[other].status == "reproduced":
            found = verdicts[name].computed
            verdicts[name] = Verdict(status="contradicted", computed=found)
    known = known_facts(wave, answers)
    lines = [_line(row, verdicts[row.id], known) for row in load_published()]
    return pd.DataFrame(lines).astype({"decimals": "Int64"})


def summarise(result: pd.DataFrame) -> pd.DataFrame:
    """Count the rows per verdict.

    Parameters
    ----------
    result : DataFrame
        From `check_wave`.

    Returns
    -------
    DataFrame
        Columns ``status, how, n``: every status, and the ways in which a row
        was reproduced, also where there are none.

    Examples
    --------
    >>> result = pd.DataFrame({"status": ["reproduced", "claim"], "how": ["exact", ""]})
    >>> summarise(result)["n"].tolist()
    [1, 0, 0, 0, 0, 0, 1, 0]
    """
    lines = []
    for status in STATUSES:
        for how in HOWS:
            if (status == "reproduced") == bool(how):
                hit = (result["status"] == status) & (result["how"] == how)
                lines.append({"status": status, "how": how, "n": int(hit.sum())})
    return pd.DataFrame(lines)


# --- counting -----------------------------------------------------------------


def _count_all(answers: Answers) -> dict[str, list[Count]]:
    """Count all rows that can be: answers first, then what is built on them."""
    counts: dict[str, list[Count]] = {}
    values: dict[str, Fraction] = {}
    dynamics = answers.codebook.instruments["groepsdynamica"]
    rows = [row for row in load_published() if not _set_aside(row)]
    for now in range(STAGES):
        cells = Cells(values)
        for row in rows:
            if stage(row) != now:
                continue
            counts[row.id] = (
                count_printed(row, cells, dynamics)
                if now
                else count_answers(row, answers)
            )
            if len(counts[row.id]) == 1:
                values[row.id] = counts[row.id][0].printed
    return counts


def _set_aside(row: Published) -> bool:
    """Say whether a row has no figure that answers can decide."""
    if row.value is None:
        return True
    return any(_holds(rule, row) for rule in load_remarks()["not_computable"])


def _holds(rule: Mapping[str, Any], row: Published) -> bool:
    fields = {"construct", "statistic", "category"} & set(rule)
    same = all(getattr(row, field) == rule[field] for field in fields)
    return row.id in rule.get("ids", []) or (bool(fields) and same)


def _implied(row: Published, answers: Answers) -> list[Count]:
    """Count a figure from what the report prints elsewhere."""
    if row.source.endswith(" bijschrift") and row.team in column_n():
        return one(Fraction(column_n()[row.team]), 0)
    if not stage(row):
        return []
    dynamics = answers.codebook.instruments["groepsdynamica"]
    return count_printed(row, Cells(printed_values()), dynamics)


# --- judging ------------------------------------------------------------------


def _judge(
    row: Published, counts: Mapping[str, list[Count]], answers: Answers
) -> Verdict:
    if row.value is None:
        return Verdict(status="claim")
    if row.id not in counts:
        return Verdict(status="not_computable")
    found = counts[row.id]
    if not found:
        return Verdict(status="failed")
    ways = [_meets(row, count) for count in found]
    if None not in ways:
        way = max((w for w in ways if w is not None), key=HOWS.index)
        return Verdict(status="reproduced", computed=_shown(row, found, way), how=way)
    computed = _shown(row, found, "")
    implied = _implied(row, answers)
    agree = [count.printed for count in implied] == [count.printed for count in found]
    if agree and not all(_meets(row, count) for count in implied):
        return Verdict(status="contradicted", computed=computed)
    return Verdict(status="failed", computed=computed)


def _meets(row: Published, count: Count) -> How | None:
    """Say how a count gives the published figure, or None."""
    published = row.value if row.value is not None else Fraction(0)
    if row.approx == "exact":
        if count.printed == published:
            return "exact"
        return "som van afgeronde aandelen" if count.summed == published else None
    if row.approx == "bound":
        values = [count.value] if count.summed is None else [count.value, count.summed]
        return (
            "grens" if any(_within(v, row.bound, published) for v in values) else None
        )
    slack = ROUGHLY if row.statistic == "pct" else (row.unit or Fraction(1)) / 2
    near = abs(count.value - published) <= slack
    below = row.bound != "<" or count.value < published
    return "benadering" if near and below else None


def _within(value: Fraction, bound: str, limit: Fraction) -> bool:
    if bound == "<":
        return value < limit
    return value > limit if bound == ">" else value >= limit


def _shown(row: Published, found: list[Count], way: How) -> Fraction:
    """Give the count to show; of several the one furthest from what is claimed."""
    published = row.value if row.value is not None else Fraction(0)
    if row.bound in (">", ">="):
        count = min(found, key=lambda c: c.value)
    elif row.bound == "<":
        count = max(found, key=lambda c: c.value)
    else:
        count = max(found, key=lambda c: abs(c.value - published))
    if way == "som van afgeronde aandelen" and count.summed is not None:
        return count.summed
    if row.approx == "exact":
        return count.printed
    return round_half_up(count.value, row.digits + 1)


# --- the table ----------------------------------------------------------------


def _line(row: Published, verdict: Verdict, known: Known) -> dict[str, object]:
    published = None if row.value is None else float(row.value)
    computed = None if verdict.computed is None else float(verdict.computed)
    return {
        "id": row.id,
        "source": row.source,
        "item_key": row.item,
        "team": row.team,
        "statistic": row.statistic,
        "category": row.category,
        "published": float("nan") if published is None else published,
        "decimals": pd.NA if row.decimals is None else row.decimals,
        "status": verdict.status,
        "computed": float("nan") if computed is None else computed,
        "how": verdict.how,
        "reason_nl": _reason(row, verdict, known),
        "other_figure": known.other(row),
    }


def _reason(row: Published, verdict: Verdict, known: Known) -> str:
    remarks = load_remarks()
    if verdict.status == "failed":
        if verdict.computed is None:
            return "Er zijn geen antwoorden om dit cijfer mee na te rekenen."
        found = dutch(verdict.computed, row.digits + (row.approx != "exact"))
        return (
            f"De antwoorden geven {found}; het rapport {dutch(row.value, row.digits)}."
        )
    if row.id in remarks["reasons"]:
        return known.fill("reasons", row.id)
    if verdict.status == "not_computable":
        return next(
            str(rule["reason"])
            for rule in remarks["not_computable"]
            if _holds(rule, row)
        )
    if verdict.status == "contradicted":
        return "Andere cijfers in het rapport geven iets anders."
    return ""
