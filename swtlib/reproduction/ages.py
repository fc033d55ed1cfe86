"""Draw age and work experience so that table 2 and chapter 5 come out.

Both are drawn at random and then changed, one respondent at a time, until all
printed figures hold and no value is a heap. Nobody's real age is recovered:
very many sets of ages have these means and ranges.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from swtlib.dice import Dice
from swtlib.errors import SwtError
from swtlib.reproduction.published import printed_values
from swtlib.reproduction.targets import load_choices

TRIES = 40_000  # single changes tried; a fit takes a few thousand
TOO_MANY = 4  # respondents with the same value; more is a heap
MARGIN = Fraction(45, 100)  # of the last printed digit: no mean on the edge


def _printed_value(name: str) -> Fraction | None:
    return printed_values().get(name)


def _distance(total: int, n: int, printed: Fraction, unit: Fraction) -> int:
    """Count how far a sum is from one with a mean that prints as given."""
    return max(0, ceil(abs(total - printed * n) - MARGIN * unit * n))


def _team_distance(
    values: Sequence[int], teams: list[str], means: dict[str, Fraction]
) -> int:
    """Add up the distances of the teams that have a printed mean."""
    sums, sizes = Counter[str](), Counter(teams)
    for value, team in zip(values, teams, strict=True):
        sums[team] += value
    return sum(
        _distance(sums[team], sizes[team], mean, Fraction(1))
        for team, mean in means.items()
    )


def _heaps(values: Sequence[int]) -> int:
    """Weigh the values that too many respondents share."""
    return sum(max(0, n - TOO_MANY) ** 2 for n in Counter(values).values())


def _settle(
    values: list[int],
    limits: dict[int, tuple[int, int]],
    steps: Sequence[int],
    misfit: Callable[[list[int]], int],
    dice: Dice,
) -> bool:
    """Change single values within their limits until nothing misfits."""
    movable = sorted(limits)
    current = misfit(values)
    for _ in range(TRIES):
        if current == 0:
            break
        i, step = dice.pick(movable), dice.pick(steps)
        low, high = limits[i]
        if not low <= values[i] + step <= high:
            continue
        values[i] += step
        changed = misfit(values)
        if changed <= current:
            current = changed
        else:
            values[i] -= step
    return current == 0


def draw_ages(teams: list[str], seed: int) -> list[int]:
    """Draw an age for each respondent.

    Parameters
    ----------
    teams : list of str
        Team of each respondent.
    seed : int
        Seed of the whole data set.

    Returns
    -------
    list of int
        Ages in years: mean, youngest and oldest per team as in table 2, and
        mean, standard deviation and extremes of all as in chapter 5.

    Raises
    ------
    SwtError
        If no fitting ages were found.
    """
    dice = Dice(seed, "ages")
    printed = printed_values()
    n = len(teams)
    youngest, oldest = int(printed["age_min"]), int(printed["age_max"])
    means: dict[str, Fraction] = {}
    ages = [0] * n
    limits: dict[int, tuple[int, int]] = {}
    unranged: list[int] = []
    for team in dict.fromkeys(teams):
        members = dice.shuffled([i for i, name in enumerate(teams) if name == team])
        mean = _printed_value(f"t2_{team}_age")
        low = int(_printed_value(f"t2_{team}_age_min") or youngest + 1)
        high = int(_printed_value(f"t2_{team}_age_max") or oldest - 1)
        for i in members:
            ages[i] = dice.between(low, high)
            limits[i] = (low, high)
        if mean is None:
            unranged.extend(members)
            continue
        means[team] = mean
        for i, extreme in zip(members[:2], (low, high), strict=True):
            ages[i] = extreme
            del limits[i]
    if max(ages[i] for i in range(n) if i not in unranged) < oldest:
        i = dice.pick(unranged)  # the oldest fits no team with a printed range
        ages[i] = oldest
        del limits[i]
    mean_of_all, sd_of_all = printed["age_mean"], printed["age_sd"]
    edge = MARGIN / 10
    lowest, highest = (sd_of_all - edge) ** 2, (sd_of_all + edge) ** 2

    def misfit(values: list[int]) -> int:
        total = sum(values)
        squares = sum(value * value for value in values)
        variance = Fraction(n * squares - total * total, n * (n - 1))
        spread = max(Fraction(0), lowest - variance, variance - highest)
        worst = _team_distance(values, teams, means) + ceil(spread)
        worst += _distance(total, n, mean_of_all, Fraction(1, 10))
        return 10 * worst + _heaps(values)

    if not _settle(ages, limits, (-3, -2, -1, 1, 2, 3), misfit, dice):
        raise SwtError(f"No ages found that fit table 2 with seed {seed}.")
    return ages


def draw_experience(teams: list[str], ages: list[int], seed: int) -> list[float]:
    """Draw the years of work experience of each respondent.

    Parameters
    ----------
    teams : list of str
        Team of each respondent.
    ages : list of int
        Age of each respondent.
    seed : int
        Seed of the whole data set.

    Returns
    -------
    list of float
        Years, in halves for who started lately: means per team as in table 2,
        mean and maximum of all and the number below one year as in its text.

    Raises
    ------
    SwtError
        If no fitting experience was found.
    """
    dice = Dice(seed, "experience")
    printed = printed_values()
    rules = load_choices()["experience"]
    n = len(ages)
    top, novices = int(printed["exp_max"]), int(printed["exp_lt1"])
    possible = [age - int(rules["youngest_start"]) for age in ages]

    # in half years from here, so that sums are whole
    limits = {i: (2, 2 * min(top - 1, years)) for i, years in enumerate(possible)}
    halves = []
    for i, years in enumerate(possible):
        part = 0.30 + 0.55 * dice.uniform()
        value = max(2, min(limits[i][1], 2 * int(part * years + 0.5)))
        if 2 < value < 2 * int(rules["halves_below"]):
            value += dice.below(2)
        halves.append(value)
    by_age = sorted(range(n), key=lambda i: (ages[i], i))
    for i in dice.shuffled(by_age[: n // 3])[:novices]:
        halves[i] = 1
        del limits[i]
    veterans = [i for i in by_age if possible[i] >= top and i in limits]
    veteran = max(veterans, key=lambda i: (halves[i], i))
    halves[veteran] = 2 * top
    del limits[veteran]

    means = {}
    for team in dict.fromkeys(teams):
        mean = _printed_value(f"t2_{team}_exp")
        if mean is not None:
            means[team] = 2 * mean

    def misfit(values: list[int]) -> int:
        # halves: a mean of 14 years is one of 28, printed in steps of 2
        worst = _team_distance(values, teams, means)
        overall = _distance(sum(values), n, 2 * printed["exp_mean"], Fraction(2))
        return 10 * (worst + overall) + _heaps(values)

    if not _settle(halves, limits, (-4, -2, 2, 4), misfit, dice):
        raise SwtError(f"No experience found that fits table 2 with seed {seed}.")
    return [value / 2 for value in halves]
