"""Draw the grades of tables 8 and 9: what people have and what they want.

Sums and numbers of grades follow from the printed means; who gave which grade
is drawn.
"""

from collections.abc import Mapping, Sequence

from swtlib.dice import Dice
from swtlib.errors import SwtError
from swtlib.reproduction.targets import grade_sums, load_choices
from swtlib.reproduction.values import DIGITS, Factors, draw_values, hand_out

Grades = list[int | None]

LOWEST, HIGHEST = 4, 10  # grades given; nobody is below a 4
MOST_GAP = 3  # nobody wants more than three points


def draw_grades(n: int, factors: Factors, seed: int) -> dict[str, Grades]:
    """Draw the 28 grades of each respondent.

    Parameters
    ----------
    n : int
        Respondents who finished; the first ones of ``factors``.
    factors : Factors
        Scores that make grades hang together.
    seed : int
        Seed of the whole data set.

    Returns
    -------
    dict of str to list
        Grades per item, None where no grade was given; sums as in tables 8
        and 9.
    """
    sums = grade_sums()
    missing = _draw_missing(n, seed)
    person = Dice(seed, "ambition").normals(n)
    grades: dict[str, Grades] = {}
    for have, (total, answered) in sums.items():
        if not have.endswith("_have"):
            continue
        want = have.replace("_have", "_want")
        dice = Dice(seed, f"grades {have}")
        bag = draw_values(total, answered, dice, low=LOWEST, high=HIGHEST, narrow=True)
        who = [i for i in range(n) if i not in missing.get(have, set())]
        scores = factors.scores(have)
        given = hand_out(bag, [scores[i] for i in who])
        column: Grades = [None] * n
        for i, grade in zip(who, given, strict=True):
            column[i] = grade
        grades[have] = column
        own = dice.normals(n)
        urge = [0.6 * a + 0.8 * b for a, b in zip(person, own, strict=True)]
        grades[want] = raise_grades(
            column, total=sums[want][0], missing=missing.get(want, set()), urge=urge
        )
    return grades


def _draw_missing(n: int, seed: int) -> dict[str, set[int]]:
    """Draw who left a grade open; a respondent without either left both."""
    numbers: Mapping[str, int] = {
        item: number
        for item, number in load_choices()["non_response"].items()
        if item != "reason"
    }
    order = Dice(seed, "missing grades").shuffled(range(n))
    missing: dict[str, set[int]] = {}
    for item, number in numbers.items():
        have = item.replace("_want", "_have")
        if item != have and numbers.get(have) == number:
            missing[item] = missing[have]
        else:
            missing[item] = {order.pop() for _ in range(number)}
    return missing


def raise_grades(
    have: Sequence[int | None], *, total: int, missing: set[int], urge: Sequence[float]
) -> Grades:
    """Raise grades to what people want, up to a given sum.

    Parameters
    ----------
    have : sequence of int or None
        Grades now.
    total : int
        Sum of the wanted grades.
    missing : set of int
        Positions that give no wanted grade.
    urge : sequence of float
        Score per respondent; a higher one wants more.

    Returns
    -------
    list of int or None
        Each 0 to 3 above the grade now and at most 10; low grades rise more.

    Raises
    ------
    SwtError
        If no such grades have that sum.

    Examples
    --------
    >>> raise_grades([6, 8, 10], total=26, missing=set(), urge=[0.0, 0.0, 0.0])
    [7, 9, 10]
    """
    want: Grades = [None if i in missing else grade for i, grade in enumerate(have)]
    steps = total - sum(grade for grade in want if grade is not None)
    for _ in range(steps):
        options = []
        for i, (now, grade) in enumerate(zip(have, want, strict=True)):
            if now is None or grade is None or grade == HIGHEST:
                continue
            gap = grade - now
            if gap < MOST_GAP:
                options.append((round(urge[i] - 0.4 * now - 1.4 * gap, DIGITS), -i))
        if not options:
            break
        chosen = -max(options)[1]
        want[chosen] = (want[chosen] or 0) + 1
    if sum(grade for grade in want if grade is not None) != total:
        raise SwtError(f"no wanted grades of at most {HIGHEST} add up to {total}")
    return want
