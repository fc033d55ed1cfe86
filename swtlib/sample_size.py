"""How much can be seen with so many answers; for planning a small survey.

Nothing here looks at answers. A difference is in standard deviations (Cohen's
d); a half width is the "plus or minus" of a 95% interval.
"""

import math
from collections.abc import Sequence

import pandas as pd

from swtlib.disclosure import ProtectedTable, protect
from swtlib.errors import ParameterError
from swtlib.estimates import check_confidence
from swtlib.groups import finite_population_factor
from swtlib.shares import wilson_interval

STEP = 1.2  # by which a difference that is not found is made larger
TOLERANCE = 1e-10  # of a difference, in standard deviations


def detectable_difference(
    n_first: int, n_second: int, *, power: float = 0.8, confidence: float = 0.95
) -> float:
    """Give the smallest difference that a study of this size will likely find.

    Parameters
    ----------
    n_first, n_second : int
        Answers in two groups of different people, 2 or more.
    power : float, default 0.8
        Chance that a difference of this size is found.
    confidence : float, default 0.95
        One less the level of the two-sided t-test.

    Returns
    -------
    float
        In standard deviations (Cohen's d). NaN where the noncentral t cannot be
        computed: two or three answers, and a power of 0.95 or more.

    Raises
    ------
    ParameterError
        If a group has fewer than 2 answers, `power` is not between the level of
        the test and 1, or `confidence` is not between 0 and 1.

    Notes
    -----
    Of Student's t-test for two independent groups with equal spread, from the
    noncentral t distribution; both tails count, as in R's ``power.t.test(strict
    = TRUE)``. There is no finite population correction: it answers what would
    be found in a next sample of such people.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences
    (2nd ed.). Erlbaum.

    Examples
    --------
    >>> round(detectable_difference(20, 20), 2)
    0.91
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri
    from statsmodels.stats.power import TTestIndPower

    check_confidence(confidence)
    for n in (n_first, n_second):
        if n < 2:
            raise ParameterError(
                f"a group of {n} has no spread to test with; 2 is the least."
            )
    level = 1 - confidence
    if not level < power < 1:
        raise ParameterError(
            f"power = {power:g} must be above {level:g} (chance alone) and below 1; "
            "0.8 is usual."
        )
    ratio = n_second / n_first

    def missed(effect: float) -> float:
        found = TTestIndPower().power(effect, n_first, level, ratio=ratio)
        return float(found) - power

    # With a known spread; far beyond it the tails of the noncentral t get lost.
    high = (ndtri(1 - level / 2) + ndtri(power)) * math.sqrt(1 / n_first + 1 / n_second)
    while missed(high) < 0:
        high *= STEP
    try:
        return float(brentq(missed, 0.0, high, xtol=TOLERANCE))
    except ValueError:  # the noncentral t came out as NaN
        return math.nan


def mean_half_width(
    n: int, *, sd: float, population: int | None = None, confidence: float = 0.95
) -> float:
    """Give how far a mean may lie from that of everybody.

    Parameters
    ----------
    n : int
        Answers, 2 or more.
    sd : float
        Standard deviation that is expected, in the points of the score.
    population : int, optional
        How many people there are; not given, they count as very many.
    confidence : float, default 0.95
        Level of the interval.

    Returns
    -------
    float
        In the points of `sd`; 0 when everybody answers.

    Raises
    ------
    ParameterError
        If a number is out of range.
    StatisticError
        If there are more answers than people.

    Notes
    -----
    ``t(n - 1) * sd / sqrt(n) * sqrt(1 - n / N)``, as `estimates.mean_with_ci`
    for all together.

    Examples
    --------
    >>> round(mean_half_width(40, sd=0.2), 3)
    0.064
    >>> round(mean_half_width(40, sd=0.2, population=60), 3)  # times sqrt(1/3)
    0.037
    """
    from scipy.special import stdtrit

    check_confidence(confidence)
    if n < 2 or not sd > 0:
        raise ParameterError(
            f"n = {n} and sd = {sd:g}: an interval needs 2 answers or more and a "
            "spread above 0."
        )
    quantile = float(stdtrit(n - 1, 0.5 + confidence / 2))
    return quantile * sd / math.sqrt(n) * _factor(n, population)


def share_half_width(
    n: int,
    *,
    share: float = 0.5,
    population: int | None = None,
    confidence: float = 0.95,
) -> float:
    """Give how far a share may lie from that of everybody.

    Parameters
    ----------
    n : int
        Answers, 1 or more.
    share : float, default 0.5
        Share that is expected, from 0 to 1; 0.5 gives the widest interval. It
        is rounded to a whole number of answers.
    population, confidence
        As in `mean_half_width`.

    Returns
    -------
    float
        Half of the width of the interval, a part of 1; 0 when everybody answers.

    Raises
    ------
    ParameterError, StatisticError
        As for `mean_half_width`.

    Notes
    -----
    Of Wilson's interval with the population counted in, as
    `shares.share_with_ci`. That interval is not symmetric around the share.

    Examples
    --------
    >>> round(share_half_width(40), 3)
    0.148
    """
    check_confidence(confidence)
    if n < 1 or not 0 <= share <= 1:
        raise ParameterError(
            f"n = {n} and share = {share:g}: it needs an answer and a share of 0 to 1."
        )
    factor = _factor(n, population)
    if factor == 0:
        return 0.0
    low, high = wilson_interval(
        math.floor(n * share + 0.5), n, factor=factor, confidence=confidence
    )
    return (high - low) / 2


def sample_size_table(
    sizes: Sequence[int],
    *,
    sd: float,
    population: int | None = None,
    share_first: float = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
) -> ProtectedTable:
    """Say for several numbers of answers what can be seen with them.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of answers in all, 4 or more; each is counted once, lowest first.
    sd, population, confidence
        As in `mean_half_width`. Sizes above `population` are left out.
    share_first : float, default 0.5
        Part of the answers that is in the first of two groups.
    power : float, default 0.8
        As in `detectable_difference`.

    Returns
    -------
    ProtectedTable
        Of kind "public": ``n, n_first, n_second, power, half_mean, half_share,
        difference, difference_points``; the last is the difference that can be
        found in the points of `sd`, NaN with a group under 2.

    Raises
    ------
    ParameterError
        If a number is out of range, or no size is left.

    Examples
    --------
    >>> table = sample_size_table([40], sd=0.2)
    >>> table.frame[["n_first", "difference", "difference_points"]].round(2).values
    array([[20.  ,  0.91,  0.18]])
    """
    if not 0 < share_first < 1:
        raise ParameterError(
            f"share_first = {share_first:g} must be between 0 and 1; 0.5 is half."
        )
    wanted = sorted({n for n in sizes if population is None or n <= population})
    if not wanted or min(wanted) < 4:
        raise ParameterError(
            f"sizes are {list(sizes)}: give numbers of answers of 4 or more"
            f"{'' if population is None else f', up to the {population} people'}."
        )
    rows = []
    for n in wanted:
        first = math.floor(n * share_first + 0.5)
        second = n - first
        found = math.nan
        if min(first, second) >= 2:
            found = detectable_difference(
                first, second, power=power, confidence=confidence
            )
        rows.append(
            {
                "n": n,
                "n_first": first,
                "n_second": second,
                "power": power,
                "half_mean": mean_half_width(
                    n, sd=sd, population=population, confidence=confidence
                ),
                "half_share": share_half_width(
                    n, population=population, confidence=confidence
                ),
                "difference": found,
                "difference_points": found * sd,
            }
        )
    return protect(pd.DataFrame(rows), kind="public")


def _factor(n: int, population: int | None) -> float:
    return finite_population_factor({"people": n}, {"people": population})
