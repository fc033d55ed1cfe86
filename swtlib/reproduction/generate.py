"""Draw answers behind the published figures of 2015: a synthetic data set.

The real answers are not published. What is drawn here shows that the figures
of the report can belong together, and lets the workbench run from the first
clone; it is one of very many sets with the same figures and recovers nobody's
answers. Anything that the report does not print (spread, how answers hang
together, who left what open) is a free choice, listed with its reason in
``targets_2015.toml``.

References
----------
Brown, N. J. L., & Heathers, J. A. J. (2017). The GRIM test. Social
Psychological and Personality Science, 8(4), 363-369.
"""

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

import pandas as pd

from swtlib.codebook import load_codebook
from swtlib.dice import Dice
from swtlib.reproduction.ages import draw_ages, draw_experience
from swtlib.reproduction.competences import HIGHEST as HIGHEST_GRADE
from swtlib.reproduction.competences import draw_grades
from swtlib.reproduction.published import printed_values
from swtlib.reproduction.statements import draw_statements
from swtlib.reproduction.targets import (
    answer_counts,
    importance_sums,
    load_choices,
    team_sizes,
    team_sums,
)
from swtlib.reproduction.values import Factors, draw_values, hand_out

YEAR = 2015
BROKEN_OFF_AGES = (26, 60)

Answers = dict[str, list[float]]


def generate_answers(seed: int = 2015) -> pd.DataFrame:
    """Draw a data set that reproduces the published figures of 2015.

    Parameters
    ----------
    seed : int, default 2015
        Another seed gives another set with the same figures.

    Returns
    -------
    DataFrame, shape (77, n_items + 7)
        One row per respondent: first the 66 who finished, by team, then the 11
        who broke off. Columns ``team, bg_functie, bg_leeftijd,
        bg_werkervaring, bg_geslacht``, one per item of the codebook (0-4 or
        0-10, NaN where not answered), ``last_page`` (last page sent in) and
        ``completed``. ``bg_geslacht`` is empty: the report prints no number.

    Raises
    ------
    SwtError
        If no set was found for this seed.

    Notes
    -----
    Synthetic: one of very many sets with these figures, not a recovery of real
    answers. The same seed gives the same set on every machine.

    Examples
    --------
    >>> answers = generate_answers()
    >>> answers["completed"].value_counts().to_dict()
    {True: 66, False: 11}
    """
    teams = [team for team, size in team_sizes().items() for _ in range(size)]
    ages = draw_ages(teams, seed)
    years = draw_experience(teams, ages, seed)
    functions = _draw_functions(teams, ages, seed)
    kept = len(teams)
    n_responded = int(printed_values()["resp_responded"])
    factors = Factors(n_responded, seed)

    answers: Answers = {}
    _add_group_dynamics(answers, teams, functions, factors, seed)
    for item, counts in answer_counts().items():
        bag = [answer for answer, count in enumerate(counts) for _ in range(count)]
        answers[item] = _floats(hand_out(bag, factors.scores(item)[:kept]))
    grades = draw_grades(kept, factors, seed)
    have = {item: column for item, column in grades.items() if item.endswith("_have")}
    for drawn in (draw_statements(have, answers, factors, seed), grades):
        for item, column in drawn.items():
            answers[item] = _floats(column)

    rows: dict[str, list[Any]] = {
        "team": teams,
        "bg_functie": functions,
        "bg_leeftijd": [float(age) for age in ages],
        "bg_werkervaring": years,
        "bg_geslacht": [nan] * kept,
    }
    pages = _pages()
    rows |= {item: answers[item] for item in pages if item in answers}
    others, last_pages = _draw_broken_off(n_responded - kept, answers, factors, seed)
    for name, values in rows.items():
        values.extend(others[name])
    frame = pd.DataFrame(rows)
    final = max(pages.values())
    frame["last_page"] = [final] * kept + last_pages
    frame["completed"] = [True] * kept + [False] * len(last_pages)
    return frame


def _pages() -> dict[str, int]:
    """Give the page of each item, in the order of the questionnaire."""
    return {
        item.id: instrument.page
        for instrument in load_codebook().instruments.values()
        for item in instrument.answered_items(YEAR)
    }


def _floats(values: Sequence[int | None]) -> list[float]:
    return [nan if value is None else float(value) for value in values]


def _draw_functions(teams: list[str], ages: list[int], seed: int) -> list[str]:
    """Draw who leads a team and who has another function."""
    dice = Dice(seed, "functions")
    rules = load_choices()["functions"]
    functions = ["medewerker"] * len(teams)
    for team in rules["teamleider"]:
        old_enough = [
            i
            for i, name in enumerate(teams)
            if name == team and ages[i] >= rules["youngest_teamleider"]
        ]
        functions[dice.pick(old_enough)] = "teamleider"
    for function, team in rules["other"].items():
        free = [
            i
            for i, name in enumerate(teams)
            if name == team and functions[i] == "medewerker"
        ]
        functions[dice.pick(free)] = function
    return functions


def _add_group_dynamics(
    answers: Answers,
    teams: list[str],
    functions: list[str],
    factors: Factors,
    seed: int,
) -> None:
    """Add tables 3, 4, 5 and 11: per team, and over all who answered them."""
    skipped = load_choices()["left_open"]["teams"]
    staff = [
        i
        for i, (team, function) in enumerate(zip(teams, functions, strict=True))
        if function != "teamleider" and team not in skipped
    ]
    of_team: dict[str, list[int]] = {}
    for i in staff:
        of_team.setdefault(teams[i], []).append(i)
    plans: dict[str, list[tuple[list[int], int]]] = {}
    for item, sums in team_sums().items():
        plans[item] = [(of_team[team], total) for team, total in sums.items()]
    for item, total in importance_sums().items():
        plans[item] = [(staff, total)]
    for item, plan in plans.items():
        scores = factors.scores(item)
        dice = Dice(seed, f"bag {item}")
        column = [nan] * len(teams)
        for members, total in plan:
            bag = draw_values(total, len(members), dice)
            given = hand_out(bag, [scores[i] for i in members])
            for i, answer in zip(members, given, strict=True):
                column[i] = float(answer)
        answers[item] = column


def _draw_broken_off(
    n: int, answers: Mapping[str, list[float]], factors: Factors, seed: int
) -> tuple[dict[str, list[Any]], list[int]]:
    """Draw the respondents who stopped at the end of a page."""
    dice = Dice(seed, "broken off")
    rules = load_choices()["broken_off"]
    printed = printed_values()
    # members of table 2 who are not among the 66
    room = {
        team: int(printed[f"t2_{team}_members"]) - size
        for team, size in team_sizes().items()
        if f"t2_{team}_members" in printed
    }
    teams, ages, years, last_pages = [], [], [], []
    for _ in range(n):
        team = list(room)[dice.weighted(list(room.values()))]
        room[team] -= 1
        age = dice.between(*BROKEN_OFF_AGES)
        working = age - int(load_choices()["experience"]["youngest_start"])
        teams.append(team)
        ages.append(float(age))
        years.append(float(1 + dice.below(min(working, 30))))
        last_pages.append(1 + dice.weighted(rules["last_page_weights"]))
    others: dict[str, list[Any]] = {
        "team": teams,
        "bg_functie": [rules["functie"]] * n,
        "bg_leeftijd": ages,
        "bg_werkervaring": years,
        "bg_geslacht": [nan] * n,
    }
    for item, page in _pages().items():
        if item in answers:
            drawn = _like_the_others(item, answers, factors, dice, n)
            others[item] = [
                value if last >= page else nan
                for value, last in zip(drawn, last_pages, strict=True)
            ]
    return others, last_pages


def _like_the_others(
    item: str, answers: Mapping[str, list[float]], factors: Factors, dice: Dice, n: int
) -> list[float]:
    """Answer an item as those who finished did, by the same scores."""
    column = answers[item]
    there = [i for i, answer in enumerate(column) if answer == answer]
    if item.endswith("_want"):
        # as far above the grade now as somebody else
        have = item.replace("_want", "_have")
        both = [i for i in there if answers[have][i] == answers[have][i]]
        now = _like_the_others(have, answers, factors, dice, n)
        gaps = [column[i] - answers[have][i] for i in both]
        return [min(float(HIGHEST_GRADE), grade + dice.pick(gaps)) for grade in now]
    scores = factors.scores(item)
    ordered = sorted(column[i] for i in there)
    drawn = []
    for own in scores[len(column) : len(column) + n]:
        below = sum(scores[i] < own for i in there)
        drawn.append(ordered[min(below, len(ordered) - 1)])
    return drawn
