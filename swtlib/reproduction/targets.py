"""What the reconstruction must meet: the printed figures and their reading.

``published_2015.csv`` holds the figures as printed, ``targets_2015.toml`` the
readings and choices that the report does not print, each with its reason. A
mean of whole answers over n people has only few possible values, so a printed
mean nearly always fixes the sum of the answers (Brown & Heathers, 2017).

References
----------
Brown, N. J. L., & Heathers, J. A. J. (2017). The GRIM test: A simple technique
detects numerous anomalies in the reporting of results in psychology. Social
Psychological and Personality Science, 8(4), 363-369.
"""

import re
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from math import ceil, floor
from typing import Any

from swtlib.codebook import load_codebook, load_instrument
from swtlib.errors import CodebookError
from swtlib.reproduction.counting import HIGHEST, round_half_up
from swtlib.reproduction.published import (
    FOLDER,
    Published,
    load_published,
    printed_values,
)

CATEGORIES = (
    "volledig_oneens",
    "deels_oneens",
    "neutraal",
    "deels_eens",
    "volledig_eens",
)


def means_of_table(*tables: str) -> list[tuple[Published, Fraction]]:
    """List the printed means of tables, with their value.

    Parameters
    ----------
    *tables : str
        As in the source column, such as ``"tabel 8"``.

    Returns
    -------
    list of (Published, Fraction)
        In the order of the file.
    """
    return [
        (row, row.value)
        for row in load_published()
        if row.source in tables and row.statistic == "mean" and row.value is not None
    ]


@cache
def load_choices() -> Mapping[str, Any]:
    """Load ``targets_2015.toml``: readings and free choices with their reasons.

    Returns
    -------
    Mapping of str to Any
        The tables of the file.

    Examples
    --------
    >>> load_choices()["headings"]["teams"]["zwolle_centrum"]
    'zwolle_oost'
    """
    return tomllib.loads((FOLDER / "targets_2015.toml").read_text(encoding="utf-8"))


def sums_of_mean(printed: Fraction, *, parts: int, digits: int = 2) -> list[int]:
    """List the whole sums that print as a given mean.

    Parameters
    ----------
    printed : Fraction
        The mean as printed.
    parts : int
        What a sum is divided by: the number of answers, times the highest
        answer where that is shown as 1.
    digits : int, default 2
        Decimals of the mean.

    Returns
    -------
    list of int

    Examples
    --------
    >>> sums_of_mean(Fraction("0.59"), parts=8 * 4)  # 19 / 32 = 0.594
    [19]
    >>> sums_of_mean(Fraction("0.59"), parts=9 * 4)  # 21 / 36 = 0.583, 22 / 36 = 0.611
    []
    """
    unit = Fraction(1, 10**digits)
    low, high = floor((printed - unit) * parts), ceil((printed + unit) * parts)
    return [
        total
        for total in range(max(low, 0), high + 1)
        if round_half_up(Fraction(total, parts), digits) == printed
    ]


def middle(candidates: list[int], name: str) -> int:
    """Take the middle one, the lower of two.

    Raises
    ------
    CodebookError
        If there is none: the printed mean called ``name`` cannot exist.

    Examples
    --------
    >>> middle([205, 206, 207], "bk_ruimte_swt"), middle([210, 211], "x")
    (206, 210)
    """
    if not candidates:
        raise CodebookError(f"published_2015.csv: no answers give the mean of {name}.")
    return candidates[(len(candidates) - 1) // 2]


def team_sizes() -> dict[str, int]:
    """Give the respondents per team (table 2).

    Returns
    -------
    dict of str to int
        In the order of the codebook.

    Examples
    --------
    >>> sum(team_sizes().values())
    66
    """
    sizes = {
        row.team: int(row.value)
        for row in load_published()
        if re.fullmatch(r"t2_.+_n", row.id) and row.value is not None
    }
    return {team: sizes[team] for team in load_codebook().teams}


def staff_sizes() -> dict[str, int]:
    """Give the respondents per team who answered the group dynamics.

    Returns
    -------
    dict of str to int
        Without teamleiders and who left the page open.

    Examples
    --------
    >>> sum(staff_sizes().values())
    58
    """
    choices = load_choices()
    sizes = team_sizes()
    for team in choices["functions"]["teamleider"]:
        sizes[team] -= 1
    for team in choices["left_open"]["teams"]:
        sizes[team] = 0
    return sizes


def team_sums() -> dict[str, dict[str, int]]:
    """Give the answer sums of tables 4 and 11.

    Returns
    -------
    dict of str to dict of str to int
        Per item and team; the team is the one that the column belongs to, not
        the one printed above it.
    """
    headings = load_choices()["headings"]["teams"]
    sizes = staff_sizes()
    items = load_instrument("groepsdynamica").items
    sums: dict[str, dict[str, int]] = {}
    for row, value in means_of_table("tabel 4", "tabel 11"):
        if row.item in items and row.team in headings:
            team = headings[row.team]
            found = sums_of_mean(value, parts=sizes[team] * HIGHEST)
            sums.setdefault(row.item, {})[team] = middle(found, f"{row.item} in {team}")
    return sums


def importance_sums() -> dict[str, int]:
    """Give the answer sums of tables 3 and 5.

    Returns
    -------
    dict of str to int
        Per item, over all who answered the group dynamics.
    """
    n = sum(staff_sizes().values())
    items = load_instrument("groepsdynamica").items
    return {
        row.item: middle(sums_of_mean(value, parts=n * HIGHEST), row.item)
        for row, value in means_of_table("tabel 3", "tabel 5")
        if row.item in items
    }


def baken_sums() -> dict[str, int]:
    """Give the answer sums of table 10 with which table 6 comes out as well.

    Returns
    -------
    dict of str to int
        Per statement.

    Raises
    ------
    CodebookError
        If no sums give both tables under the division of the codebook.

    Examples
    --------
    >>> sums = baken_sums()
    >>> sums["bk_open_ideeen"] + sums["bk_proactief"]  # 414 / 528 = 0.784
    414
    """
    n = sum(team_sizes().values())
    table_6 = {row.item: value for row, value in means_of_table("tabel 6")}
    options = {
        row.item: sums_of_mean(value, parts=n * HIGHEST)
        for row, value in means_of_table("tabel 10")
    }
    sums = {item: middle(found, item) for item, found in options.items()}
    for baken in load_instrument("bakens").scales.values():
        items = [item.id for item in baken.items]
        parts = n * HIGHEST * len(items)
        fitting = [
            totals
            for totals in product(*(options[item] for item in items))
            if round_half_up(Fraction(sum(totals), parts), 2) == table_6[baken.id]
        ]
        if not fitting:
            raise CodebookError(f"table 6: no answers give the mean of {baken.id}.")
        usual = [sums[item] for item in items]
        nearest = min(fitting, key=lambda totals: _distance(totals, usual))
        sums.update(zip(items, nearest, strict=True))
    return sums


def _distance(totals: tuple[int, ...], usual: list[int]) -> int:
    return sum(abs(a - b) for a, b in zip(totals, usual, strict=True))


def grade_sums() -> dict[str, tuple[int, int]]:
    """Give sum and number of the grades of tables 8 and 9, per item.

    Returns
    -------
    dict of str to (int, int)
        Sum of the grades and number of respondents who gave one.

    Raises
    ------
    CodebookError
        If no sums give the printed means and their printed difference.

    Examples
    --------
    >>> grade_sums()["comp_analyseren_have"]  # 497 / 65 = 7.65
    (497, 65)
    """
    rules, missing = load_choices()["sums"], load_choices()["non_response"]
    n = sum(team_sizes().values())
    printed = {row.item: value for row, value in means_of_table("tabel 8")}
    ranked: list[str] = rules["ranked"]
    order = [*ranked, *(item for item in printed if item not in ranked)]
    result: dict[str, tuple[int, int]] = {}
    ceiling = Fraction(11)  # for the next ranked mean
    for have in order:
        if not have.endswith("_have"):
            continue
        want = have.replace("_have", "_want")
        key = have.removeprefix("comp_").removesuffix("_have")
        difference = printed_values()[f"t9_{key}"]
        n_have, n_want = n - missing.get(have, 0), n - missing.get(want, 0)
        fitting = []
        for pair in product(
            sums_of_mean(printed[have], parts=n_have, digits=1),
            sums_of_mean(printed[want], parts=n_want, digits=1),
        ):
            a, b = Fraction(pair[0], n_have), Fraction(pair[1], n_want)
            if (
                round_half_up(b - a, 2) == difference
                and rules["at_least"].get(have, 0) <= a < rules["below"].get(have, 11)
                and not (have in ranked and a >= ceiling)
            ):
                fitting.append((abs(a - printed[have]) + abs(b - printed[want]), pair))
        if not fitting:
            raise CodebookError(f"tables 8 and 9: no grades give the means of {key}.")
        totals = min(fitting)[1]
        result[have], result[want] = (totals[0], n_have), (totals[1], n_want)
        ceiling = Fraction(totals[0], n_have)
    return {item: result[item] for item in load_instrument("competenties").items}


def answer_counts() -> dict[str, tuple[int, ...]]:
    """Give the number of answers 0 to 4 per item of figures 25-41.

    Returns
    -------
    dict of str to tuple of int
        Five counts, adding up to all respondents. Exact percentages of one
        answer come from the printed figures, the rest from the choices.

    Raises
    ------
    CodebookError
        If the counts of an item do not add up to the respondents, or a choice
        repeats a printed figure.

    Examples
    --------
    >>> answer_counts()["exp_taakverschraling"]
    (11, 9, 16, 21, 9)
    """
    n = sum(team_sizes().values())
    counts: dict[str, dict[str, int]] = {}
    for row in load_published():
        category = re.sub(r" \(printed.*\)$", "", row.category).replace(" ", "_")
        exact = row.statistic == "pct" and row.approx == "exact"
        if exact and category in CATEGORIES and row.value is not None:
            found = sums_of_mean(row.value / 100, parts=n)
            counts.setdefault(row.item, {})[category] = middle(found, row.id)
    for item, chosen in load_choices()["counts"].items():
        for category in CATEGORIES:
            if category in chosen:
                if category in counts.setdefault(item, {}):
                    raise CodebookError(
                        f"targets_2015.toml: counts.{item} repeats {category}, which "
                        "follows from published_2015.csv. Take it out."
                    )
                counts[item][category] = chosen[category]
    for item, given in counts.items():
        total = sum(given.values())
        if total != n or len(given) != len(CATEGORIES):
            raise CodebookError(
                f"targets_2015.toml: counts.{item} and published_2015.csv give "
                f"{len(given)} answers with {total} respondents; 5 with {n} are needed."
            )
    return {
        item: tuple(given[category] for category in CATEGORIES)
        for item, given in counts.items()
    }
