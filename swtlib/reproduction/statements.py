"""Let the baken statements follow the pattern of §5.3 beside the grades.

The report says on how many of the 22 statements people with a high grade score
higher, for five competences, and which five statements relate to no competence.
No statement is published per team, so its answers may change places between
respondents without touching a printed mean, and given the grades every
statement is a problem of its own. Answers are swapped, best swap first, until
all 14 comparisons fall on the right side, with Student's t, Welch's t and the
rank test alike. One pattern of very many that fit; no real answer is recovered.

References
----------
Glover, F. (1989). Tabu search, part I. ORSA Journal on Computing, 1(3),
190-206.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from swtlib.dice import Dice
from swtlib.errors import SwtError
from swtlib.reproduction.competences import Grades
from swtlib.reproduction.published import load_published, printed_values
from swtlib.reproduction.sides import (
    Floats,
    Ints,
    Split,
    Statement,
    correlation,
    misfit,
    split_at_mean,
)
from swtlib.reproduction.targets import baken_sums, load_choices
from swtlib.reproduction.values import DIGITS, Factors, draw_values, hand_out

MOST_SWAPS = 400  # a statement takes a few dozen
RESTING = 6  # respondents who moved last stay put for as many places
ORDER_COST = 10  # points for undoing 1/1000 of the order of the scores
ATTEMPTS = 6  # patterns tried; the first nearly always fits
WHIM = 0.5  # weight of chance in the first pattern; more in the next
PULL = 0.25  # how far related grades draw the scores of a statement


def settle(
    statement: Statement, wanted: Ints, scores: Sequence[float], *, aloof: bool
) -> bool:
    """Swap answers until every comparison is where it should be.

    Parameters
    ----------
    statement : Statement
        Changed in place.
    wanted : ndarray of int, shape (n_grades,)
        1 for the grades to which the statement should relate.
    scores : sequence of float
        Scores whose order the answers keep as far as they can.
    aloof : bool
        Whether the statement relates to no grade at all.

    Returns
    -------
    bool
        Whether all comparisons fit.
    """
    level = np.array([round(1000 * score) for score in scores], dtype=np.int64)
    first, second = _pairs(statement)
    resting: list[int] = []
    for _ in range(MOST_SWAPS):
        present = int(misfit(statement.statistics(), wanted, aloof=aloof))
        if present == 0:
            return True
        y = statement.answers
        free = (y[first] != y[second]) & ~np.isin(first, resting)
        free &= ~np.isin(second, resting)
        a, b = first[free], second[free]
        points = misfit(statement.statistics_after(a, b), wanted, aloof=aloof)
        lost = (y[a] - y[b]) * (level[a] - level[b])
        # near the end only the comparisons count
        best = int(np.argmin(points + min(ORDER_COST, present // 1000) * lost))
        statement.swap(int(a[best]), int(b[best]))
        resting = [*resting, int(a[best]), int(b[best])][-RESTING:]
    return False


def _pairs(statement: Statement) -> tuple[Ints, Ints]:
    """List the pairs who may swap: respondents who gave all grades."""
    complete = np.flatnonzero(statement.split.valid.all(axis=1))
    rows, columns = np.triu_indices(len(complete), k=1)
    return complete[rows], complete[columns]


def tighten(
    statements: Mapping[str, Statement],
    wanted: Mapping[str, Ints],
    beside: Mapping[str, Sequence[float]],
) -> None:
    """Swap answers so that statements hang together, and keep the pattern.

    Parameters
    ----------
    statements : mapping of str to Statement
        All statements; changed in place.
    wanted : mapping of str to ndarray of int
        1 for the grades to which a statement relates.
    beside : mapping of str to sequence of float
        Answers to other items, of which some have the same content.
    """
    factors: Mapping[str, Any] = load_choices()["factors"]
    goals = factors["statements"]
    for _ in range(int(goals["rounds"])):
        for item, statement in statements.items():
            rest = np.zeros_like(statement.answers)
            near = np.zeros_like(statement.answers)
            if item in goals["same_content"]:
                near = _filled(beside[goals["same_content"][item]])
            for other, its in statements.items():
                if other == item:
                    continue
                rest = rest + its.answers
                for subscale in factors["subscale"]:
                    if item in subscale["items"] and other in subscale["items"]:
                        near = near + its.answers
            _approach(
                statement,
                wanted[item],
                [(rest, float(goals["rest"])), (near, float(goals["subscale"]))],
                aloof=not wanted[item].any(),
            )


def _filled(answers: Sequence[float]) -> Ints:
    """Put the middle answer where there is none."""
    known = sorted(int(answer) for answer in answers if answer == answer)
    middle = known[len(known) // 2]
    filled = [int(answer) if answer == answer else middle for answer in answers]
    return np.array(filled, dtype=np.int64)


def _approach(
    statement: Statement,
    wanted: Ints,
    goals: Sequence[tuple[Ints, float]],
    *,
    aloof: bool,
) -> None:
    """Swap while a correlation is below its goal and the pattern stays."""
    first, second = _pairs(statement)
    for _ in range(MOST_SWAPS):
        y = statement.answers
        level = np.zeros_like(y)
        for scores, goal in goals:
            if scores.any() and correlation(y, scores) < goal:
                spread = int(scores.max() - scores.min())
                level = level + 1000 * scores // spread
        gain = (y[second] - y[first]) * (level[first] - level[second])
        better = gain > 0
        a, b, gain = first[better], second[better], gain[better]
        fits = misfit(statement.statistics_after(a, b), wanted, aloof=aloof) == 0
        if not fits.any():
            return
        best = int(np.argmax(np.where(fits, gain, 0)))
        statement.swap(int(a[best]), int(b[best]))


def draw_pattern(
    strength: Floats,
    counts: Sequence[int],
    free: Sequence[bool],
    dice: Dice,
    *,
    whim: float,
) -> Ints:
    """Choose to which grades each statement relates.

    Parameters
    ----------
    strength : ndarray of float, shape (n_statements, n_grades)
        How strongly they relate by chance; the strongest are preferred.
    counts : sequence of int
        Number of statements per grade.
    free : sequence of bool
        False for the statements that relate to none.
    dice : Dice
        Source of chance.
    whim : float
        How much chance weighs beside the strength.

    Returns
    -------
    ndarray of int, shape (n_statements, n_grades)
        1 where they should relate. Every free statement has at least one.
    """
    wanted = np.zeros(strength.shape, dtype=np.int64)
    liking = [
        [round(float(value) + whim * dice.normal(), DIGITS) for value in row]
        for row in strength
    ]
    rows = [r for r, is_free in enumerate(free) if is_free]
    for c, count in enumerate(counts):
        for r in sorted(rows, key=lambda r: (-liking[r][c], r))[:count]:
            wanted[r, c] = 1
    for r in rows:
        if wanted[r].any():
            continue
        # it takes the place of a statement that relates to more than one
        places = [
            (round(liking[r][c] - liking[other][c], DIGITS), -c, -other)
            for c in range(len(counts))
            for other in rows
            if wanted[other, c] and wanted[other].sum() > 1
        ]
        _, c, other = max(places)
        wanted[r, -c], wanted[-other, -c] = 1, 0
    return wanted


def draw_statements(
    grades: Mapping[str, Grades],
    beside: Mapping[str, Sequence[float]],
    factors: Factors,
    seed: int,
) -> dict[str, list[int]]:
    """Draw the answers to the 22 baken statements.

    Parameters
    ----------
    grades : mapping of str to list of int or None
        The grades people have, per competence.
    beside : mapping of str to sequence of float
        Answers to other items, of which some have the same content.
    factors : Factors
        Scores that make statements hang together.
    seed : int
        Seed of the whole data set.

    Returns
    -------
    dict of str to list of int
        Answers per statement: sums as in tables 6, 7 and 10, relations to the
        grades as in §5.3.

    Raises
    ------
    SwtError
        If a statement could not be made to fit.
    """
    dice = Dice(seed, "numbers of statements")
    printed = printed_values()
    split = split_at_mean(list(grades.values()))
    unrelated = {
        row.item for row in load_published() if row.statistic == "n_related_competences"
    }
    counts = []
    low, high = load_choices()["comparison"]["others"]
    for item in grades:
        value = printed.get(f"sig_{item.removeprefix('comp_').removesuffix('_have')}")
        counts.append(dice.between(low, high) if value is None else int(value))

    n = split.high.shape[0]
    sums = baken_sums()
    bags, scores, strength = {}, {}, []
    for item, total in sums.items():
        bags[item] = draw_values(total, n, Dice(seed, f"bag {item}"))
        scores[item] = factors.scores(item, aloof=item in unrelated)[:n]
        start = Statement(hand_out(bags[item], scores[item]), split)
        strength.append(start.statistics()["student"])
    free = [item not in unrelated for item in sums]
    for attempt in range(ATTEMPTS):
        pattern = draw_pattern(
            np.stack(strength),
            counts,
            free,
            Dice(seed, f"pattern {attempt}"),
            whim=WHIM * (1 + attempt),
        )
        wanted = dict(zip(sums, pattern, strict=True))
        statements = {}
        for item, relates in wanted.items():
            statement = _follow(bags[item], scores[item], split, relates)
            if statement is None:
                break
            statements[item] = statement
        if len(statements) == len(sums):
            break
    else:
        raise SwtError(f"No answers found that fit the pattern of §5.3, seed {seed}.")
    tighten(statements, wanted, beside)
    return {
        item: [int(answer) for answer in statement.answers]
        for item, statement in statements.items()
    }


def _follow(
    bag: Sequence[int], scores: Sequence[float], split: Split, relates: Ints
) -> Statement | None:
    """Hand out answers so that they relate to the grades that they should."""
    pull = ((2 * split.high - split.valid) * relates).sum(axis=1)
    drawn = [score + PULL * int(side) for score, side in zip(scores, pull, strict=True)]
    statement = Statement(hand_out(bag, drawn), split)
    aloof = not relates.any()
    return statement if settle(statement, relates, drawn, aloof=aloof) else None
