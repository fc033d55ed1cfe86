"""Count a published figure again from answers, in the report's own way.

Figures that the report takes from other printed figures (a phase, a rank,
'Tot. gem.') are counted in `swtlib.reproduction.derived`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import pandas as pd

from swtlib.codebook import Codebook
from swtlib.reproduction.counting import (
    HIGHEST,
    exact,
    mean,
    percentage,
    pooled_mean,
    related_pattern,
    round_half_up,
    standard_deviation,
    sum_of_rounded,
)
from swtlib.reproduction.published import Published, load_remarks

ALL = "all"


@dataclass(frozen=True)
class Count:
    """A recounted figure.

    Parameters
    ----------
    printed : Fraction
        As the report would print it.
    value : Fraction
        Before rounding, for bounds and rough figures.
    summed : Fraction or None
        As a sum of separately rounded shares, where that is possible.
    """

    printed: Fraction
    value: Fraction
    summed: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers of a wave, and which of them stand behind a printed figure.

    Parameters
    ----------
    frame : DataFrame
        One row per kept respondent, as in a wave.
    codebook : Codebook
        What was asked.
    headings : Mapping of str to str
        Heading of tables 4 and 11 -> team its column belongs to.
    """

    frame: pd.DataFrame
    codebook: Codebook
    headings: Mapping[str, str]

    def rows(self, row: Published) -> pd.DataFrame:
        """Give the respondents a figure speaks of."""
        if row.team == ALL:
            return self.frame
        team = row.team
        if row.construct in ("gd_current", "se_current"):
            team = self.headings[team]
        return self.frame[self.frame["team"].isin(self._teams(team))]

    def values(self, row: Published, item: str) -> list[Fraction]:
        """Give the answers to an item behind a figure; empty if not asked."""
        frame = self.rows(row)
        return exact(frame[item]) if item in frame else []

    def answered(self, row: Published, items: Iterable[str]) -> int:
        """Count the respondents behind a figure with any answer to the items."""
        frame = self.rows(row)
        known = [item for item in items if item in frame]
        return int(frame[known].notna().any(axis=1).sum())

    def items(self, *prefixes: str) -> list[str]:
        """Give the items whose id begins so, in the order of the codebook."""
        return [
            item.id for _, item in self.codebook.items() if item.id.startswith(prefixes)
        ]

    def items_of(self, source: str) -> list[str]:
        """Give the items that are printed at a place, such as 'figuur 25'."""
        return [
            item.id
            for _, item in self.codebook.items()
            if source in item.source.split("; ") and item.column
        ]

    @cached_property
    def pattern(self) -> pd.DataFrame:
        """Which competence relates to which statement."""
        have = [i for i in self.items("comp_") if i.endswith("_have")]
        return related_pattern(self.frame[have], self.frame[self.items("bk_")])

    def _teams(self, name: str) -> list[str]:
        teams = self.codebook.teams.values()
        return [t.id for t in teams if name in (t.id, f"{t.municipality} (all)")]


# --- from answers -------------------------------------------------------------


def count_answers(row: Published, answers: Answers) -> list[Count]:
    """Count a figure from the answers.

    Parameters
    ----------
    row : Published
        A figure that is not counted from other printed figures.
    answers : Answers
        The wave.

    Returns
    -------
    list of Count
        One count, or one per statement when the figure speaks of 'each';
        empty if there are no answers to count.
    """
    if row.construct == "competence_x_baken":
        return _count_related(row, answers)
    counter: Callable[[Published, Answers], list[Count]] | None = {
        "n": _count_n,
        "count": _count_people,
        "mean": _count_mean,
        "diff": _count_gap,
        "sd": _count_sd,
        "min": _count_end,
        "max": _count_end,
        "pct": _count_share,
    }.get(row.statistic)
    return counter(row, answers) if counter else []


def _count_n(row: Published, answers: Answers) -> list[Count]:
    blocks = {
        "gd_current": answers.items("gd_cur_"),
        "se_current": answers.items("gd_cur_"),
        "gd_importance": answers.items("gd_imp_"),
        "se_importance": answers.items("gd_imp_"),
        "baken": answers.items("bk_"),
        "baken_item": answers.items_of(row.source),
        "competence": answers.items("comp_"),
        "expectation": answers.items_of(row.source.removesuffix(" bijschrift")),
        "organisation": answers.items_of(row.source.removesuffix(" bijschrift")),
    }
    if row.construct in blocks:
        return whole(answers.answered(row, blocks[row.construct]))
    return whole(len(answers.rows(row)))


def _count_people(row: Published, answers: Answers) -> list[Count]:
    if row.category == "teams":
        return whole(answers.frame["team"].nunique())
    values = answers.values(row, row.item)
    if row.category == "< 1 jaar":
        return whole(sum(value < 1 for value in values)) if values else []
    counted = load_remarks()["answers"].get(row.category)
    if counted is None or not values:
        return []
    return whole(sum(value in counted for value in values))


def _count_mean(row: Published, answers: Answers) -> list[Count]:
    scales = answers.codebook.instruments["bakens"].scales
    if row.item in scales:
        items = [answers.values(row, item.id) for item in scales[row.item].items]
        return one(pooled_mean(items), row.digits) if all(items) else []
    values = answers.values(row, row.item)
    if not values:
        return []
    plain = row.item.startswith(("bg_", "comp_"))
    return one(mean(values) / (1 if plain else HIGHEST), row.digits)


def _count_gap(row: Published, answers: Answers) -> list[Count]:
    name = row.item.removesuffix("_diff")
    have, want = (answers.values(row, f"{name}_{end}") for end in ("have", "want"))
    return one(mean(want) - mean(have), row.digits) if have and want else []


def _count_sd(row: Published, answers: Answers) -> list[Count]:
    values = answers.values(row, row.item)
    return one(standard_deviation(values), row.digits) if len(values) > 1 else []


def _count_end(row: Published, answers: Answers) -> list[Count]:
    values = answers.values(row, row.item)
    end = min if row.statistic == "min" else max
    return one(end(values), row.digits) if values else []


def _count_share(row: Published, answers: Answers) -> list[Count]:
    if row.construct == "response":
        part = len(answers.rows(row))
        return one(Fraction(100 * part, max(len(answers.frame), 1)), row.digits)
    if row.item == "bg_functie":
        counted = load_remarks()["functions"][row.category]
        given = answers.rows(row)["bg_functie"].dropna()
        share = 100 * mean([Fraction(value in counted) for value in given])
        return one(share, row.digits)
    items = row.item.split(";") if row.item else answers.items_of(row.source[:9])
    category, among = (
        row.category.removesuffix(" statement"),
        " among those who do know",
    )
    counted = load_remarks()["answers"].get(
        category.removesuffix(", each").removesuffix(among)
    )
    counts = []
    for item in items:
        values = answers.values(row, item)
        if category.endswith(among):
            values = [value for value in values if value != HIGHEST / 2]
        if counted is None or not values:
            return []
        share = percentage(values, counted)
        summed = sum_of_rounded(values, counted) if len(counted) > 1 else None
        counts.append(Count(round_half_up(share, row.digits), share, summed))
    return counts


def _count_related(row: Published, answers: Answers) -> list[Count]:
    pattern = answers.pattern
    if row.item in pattern.index:
        return whole(int(pattern.loc[[row.item]].to_numpy().sum()))
    if row.item in pattern.columns:
        return whole(int(pattern[row.item].sum()))
    return whole(int((~pattern.any(axis="index")).sum()))


def one(value: Fraction, digits: int) -> list[Count]:
    """Give one count, rounded to the decimals in print."""
    return [Count(round_half_up(value, digits), value)]


def whole(number: int) -> list[Count]:
    """Give one count of people or things."""
    return [Count(Fraction(number), Fraction(number))]
