"""Two groups of different people: tests and effect sizes.

Each public function takes the scores of two groups. The same arithmetic serves
`comparison.compare_split`, which has the counts of hundreds of pairs of groups
at once: `Pair` holds counts per score, in any number of dimensions.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swtlib._crosstab import Counts, levels_of
from swtlib.errors import ResponseError
from swtlib.estimates import check_confidence
from swtlib.groups import Bools, Floats

# From this many degrees of freedom a limit of g follows from four cumulants: its
# tail probability is then within 1e-6 of the exact one up to t = 5, and within
# 1e-5 up to t = 20. With fewer it is searched; so many steps reach 1e-8 at any t.
FEW = 50
STEPS = 6


@dataclass(frozen=True, kw_only=True)
class WelchTest:
    """Result of `welch_test`; NaN where there is no answer."""

    n_first: int
    n_second: int
    mean_first: float
    mean_second: float
    difference: float
    ci_low: float
    ci_high: float
    t: float
    df: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class BrunnerMunzelTest:
    """Result of `brunner_munzel_test`; NaN where there is no answer."""

    n_first: int
    n_second: int
    superiority: float
    ci_low: float
    ci_high: float
    statistic: float
    df: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An effect size with its interval; NaN where there is no answer."""

    value: float
    ci_low: float
    ci_high: float


def welch_test(
    first: npt.ArrayLike, second: npt.ArrayLike, *, confidence: float = 0.95
) -> WelchTest:
    """Compare two means without assuming equal spread.

    Parameters
    ----------
    first, second : array_like
        Scores of two groups of different people; NaN is left out.
    confidence : float, default 0.95
        Level of the interval of the difference.

    Returns
    -------
    WelchTest
        ``difference`` is ``mean_first - mean_second``, ``p_value`` two-sided.
        Test and interval are NaN if a group has fewer than two scores, or if
        neither group has any spread.

    Raises
    ------
    ParameterError
        If `confidence` is not between 0 and 1.
    ResponseError
        If a score is infinite.

    Notes
    -----
    The respondents count as a sample of a large population: there is no finite
    population correction here. The degrees of freedom are Satterthwaite's.

    References
    ----------
    Welch, B. L. (1947). The generalization of 'Student's' problem when several
    different population variances are involved. Biometrika, 34(1-2), 28-35.

    Examples
    --------
    >>> result = welch_test([3, 4, 4, 5], [1, 2, 2, 3])
    >>> result.difference, round(result.t, 3), round(result.p_value, 3)
    (2.0, 3.464, 0.013)
    """
    check_confidence(confidence)
    pair = pair_of(first, second)
    found = pair.welch(confidence)
    return WelchTest(
        n_first=int(pair.n_first),
        n_second=int(pair.n_second),
        mean_first=float(pair.mean_first),
        mean_second=float(pair.mean_second),
        **{name: float(value) for name, value in found.items()},
    )


def hedges_g(
    first: npt.ArrayLike, second: npt.ArrayLike, *, confidence: float = 0.95
) -> Effect:
    """Give the difference of two means in standard deviations, corrected.

    Parameters
    ----------
    first, second : array_like
        Scores of two groups of different people; NaN is left out.
    confidence : float, default 0.95
        Level of the interval.

    Returns
    -------
    Effect
        ``value`` is ``(mean_first - mean_second) / sd_pooled * J``. NaN if a
        group has fewer than two scores, or if neither group has any spread.
        Effects of thousands of standard deviations have no interval.

    Raises
    ------
    ParameterError
        If `confidence` is not between 0 and 1.
    ResponseError
        If a score is infinite.

    Notes
    -----
    The pooled standard deviation overstates the effect in small groups; J
    takes that away. It is the exact factor ``gamma(df / 2) / (sqrt(df / 2) *
    gamma((df - 1) / 2))`` with ``df = n_first + n_second - 2``, not the
    approximation ``1 - 3 / (4 * df - 1)``. The interval comes from the
    noncentral t distribution: its limits are the effects under which the
    observed t lies in a tail. It assumes normal scores of equal spread.

    References
    ----------
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect
    size and related estimators. Journal of Educational Statistics, 6(2),
    107-128.

    Steiger, J. H., & Fouladi, R. T. (1997). Noncentrality interval estimation
    and the evaluation of statistical models. In L. Harlow et al. (Eds.), What
    if there were no significance tests? (pp. 221-257). Erlbaum.

    Lecoutre, B. (2007). Another look at confidence intervals for the noncentral
    T distribution. Journal of Modern Applied Statistical Methods, 6(1), 107-116.

    Examples
    --------
    >>> g = hedges_g([3, 4, 4, 5], [1, 2, 2, 3])
    >>> round(g.value, 3), round(g.ci_low, 2), round(g.ci_high, 2)
    (2.128, 0.4, 3.77)
    """
    check_confidence(confidence)
    value, low, high = pair_of(first, second).hedges(confidence)
    return Effect(value=float(value), ci_low=float(low), ci_high=float(high))


def brunner_munzel_test(
    first: npt.ArrayLike, second: npt.ArrayLike, *, confidence: float = 0.95
) -> BrunnerMunzelTest:
    """Test and estimate how often someone of one group scores higher.

    Parameters
    ----------
    first, second : array_like
        Scores of two groups of different people; NaN is left out.
    confidence : float, default 0.95
        Level of the interval.

    Returns
    -------
    BrunnerMunzelTest
        ``superiority`` is the probability that a member of the first group
        scores higher than one of the second, a tie counting for half: 0.5 is
        no difference. NaN without a score in each group. Test and interval are
        NaN if a group has fewer than two scores, if all are equal, and if
        every score of one group lies above every score of the other.

    Raises
    ------
    ParameterError
        If `confidence` is not between 0 and 1.
    ResponseError
        If a score is infinite.

    Notes
    -----
    Also known as the common language effect size, the area under the ROC
    curve, and ``(Cliff's delta + 1) / 2``. It looks at order only, so it suits
    answers such as 'soms' and 'vaak'. The interval is made on the logit scale
    and stays between 0 and 1; it may therefore just miss agreeing with the
    test, which is not on that scale.

    References
    ----------
    Brunner, E., & Munzel, U. (2000). The nonparametric Behrens-Fisher problem:
    Asymptotic theory and a small-sample approximation. Biometrical Journal,
    42(1), 17-25.

    Konietschke, F., Hothorn, L. A., & Brunner, E. (2012). Rank-based multiple
    test procedures and simultaneous confidence intervals. Electronic Journal
    of Statistics, 6, 738-759.

    Examples
    --------
    >>> result = brunner_munzel_test([3, 4, 4, 5], [1, 2, 2, 3])
    >>> result.superiority  # 15 of 16 pairs are higher, one is a tie
    0.96875
    """
    check_confidence(confidence)
    pair = pair_of(first, second)
    found = pair.brunner_munzel(confidence)
    return BrunnerMunzelTest(
        n_first=int(pair.n_first),
        n_second=int(pair.n_second),
        **{name: float(value) for name, value in found.items()},
    )


class Pair:
    """Two groups as counts per score, for one comparison or for many.

    Parameters
    ----------
    first, second : ndarray, shape (..., n_levels)
        Numbers of people with each score.
    scores : ndarray, shape (..., n_levels)
        The scores, lowest first.
    """

    def __init__(self, first: Counts, second: Counts, scores: Floats) -> None:
        self.first, self.second, self.scores = first, second, scores
        self.n_first, self.n_second = first.sum(axis=-1), second.sum(axis=-1)
        self.mean_first, self._squares_first = _moments(first, self.n_first, scores)
        self.mean_second, self._squares_second = _moments(second, self.n_second, scores)

    @property
    def difference(self) -> Floats:
        """Mean of the first group less that of the second."""
        return np.asarray(self.mean_first - self.mean_second)

    @property
    def _enough(self) -> Bools:
        return np.asarray((self.n_first >= 2) & (self.n_second >= 2))

    def welch(self, confidence: float) -> dict[str, Floats]:
        """Test the difference; see `welch_test`."""
        one, two = self.n_first - 1, self.n_second - 1
        with np.errstate(invalid="ignore", divide="ignore"):
            error_first = self._squares_first / one / self.n_first
            error_second = self._squares_second / two / self.n_second
        half, t, df, p_value = _t_test(
            self.difference, error_first, error_second, one, two, confidence
        )
        return {
            "difference": self.difference,
            "ci_low": self.difference - half,
            "ci_high": self.difference + half,
            "t": t,
            "df": df,
            "p_value": p_value,
        }

    def hedges(self, confidence: float) -> tuple[Floats, Floats, Floats]:
        """Give g and both limits; see `hedges_g`."""
        df = self.n_first + self.n_second - 2
        squares = self._squares_first + self._squares_second
        ok = self._enough & (squares > 0)
        df = np.where(ok, df, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            d = self.difference / np.sqrt(squares / df)
            width = np.sqrt(1 / self.n_first + 1 / self.n_second)
            low, high = _noncentrality(d / width, df, confidence)
        j = small_sample_factor(df)
        return d * j, low * width * j, high * width * j

    def brunner_munzel(self, confidence: float) -> dict[str, Floats]:
        """Estimate and test superiority; see `brunner_munzel_test`."""
        from scipy.special import expit, logit

        # Part of the other group that lies below each score, a tie for half.
        above_second = _placement(self.second, self.n_second)
        above_first = _placement(self.first, self.n_first)
        superiority, squares_first = _moments(self.first, self.n_first, above_second)
        _, squares_second = _moments(self.second, self.n_second, above_first)
        one, two = self.n_first - 1, self.n_second - 1
        with np.errstate(invalid="ignore", divide="ignore"):
            error_first = squares_first / one / self.n_first
            error_second = squares_second / two / self.n_second
            half, statistic, df, p_value = _t_test(
                superiority - 0.5, error_first, error_second, one, two, confidence
            )
            slope = superiority * (1 - superiority)
            centre, half = logit(superiority), half / slope
        return {
            "superiority": superiority,
            "ci_low": expit(centre - half),
            "ci_high": expit(centre + half),
            "statistic": statistic,
            "df": df,
            "p_value": p_value,
        }


def small_sample_factor(df: Floats) -> Floats:
    """Give Hedges' exact factor J for degrees of freedom above 1."""
    from scipy.special import gammaln

    log_j = gammaln(df / 2) - np.log(df / 2) / 2 - gammaln((df - 1) / 2)
    return np.asarray(np.exp(log_j), dtype=float)


def pair_of(first: npt.ArrayLike, second: npt.ArrayLike) -> Pair:
    """Count the scores of two groups; NaN is left out."""
    groups = [np.asarray(scores, dtype=float).ravel() for scores in (first, second)]
    groups = [scores[~np.isnan(scores)] for scores in groups]
    together = np.concatenate(groups)
    if np.isinf(together).any():
        raise ResponseError("the scores hold an infinite number.")
    levels = levels_of(together[:, None])
    codes, n_levels = levels.codes[:, 0], levels.values.shape[1]
    counts = [
        np.bincount(part, minlength=n_levels).astype(float)
        for part in np.split(codes, [len(groups[0])])
    ]
    return Pair(counts[0], counts[1], levels.values[0])


def _moments(counts: Counts, n: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Mean and squares around it; squares are exactly 0 if all scores are equal."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (counts * values).sum(axis=-1) / n
    away = np.where(counts > 0, values - mean[..., None], 0.0)
    squares = (counts * away**2).sum(axis=-1)
    spread = (counts > 0).sum(axis=-1) > 1
    return mean, np.where(spread, squares, 0.0)


def _placement(counts: Counts, n: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        below = counts.cumsum(axis=-1) - counts / 2
        return np.asarray(below / n[..., None], dtype=float)


def _t_test(
    estimate: Floats,
    error_first: Floats,
    error_second: Floats,
    one: Floats,
    two: Floats,
    confidence: float,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Half width, t, Satterthwaite's df and two-sided p; NaN where there is none."""
    from scipy.special import stdtr, stdtrit

    error = error_first + error_second
    ok = (one >= 1) & (two >= 1) & (error > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = error**2 / (error_first**2 / one + error_second**2 / two)
        df = np.where(ok, df, np.nan)
        t = np.where(ok, estimate / np.sqrt(error), np.nan)
        half = stdtrit(df, 0.5 + confidence / 2) * np.sqrt(error)
    return half, t, df, np.minimum(2 * stdtr(df, -np.abs(t)), 1.0)


def _noncentrality(t: Floats, df: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Give the noncentralities under which t cuts off each tail.

    They are quantiles of ``Z + t * U``, with Z standard normal and ``U**2`` a
    chi-squared over its ``df`` (Lecoutre's Lambda'). That is nearly normal, so
    four cumulants say where its tails lie; with few people they are searched.
    """
    from scipy.special import gammaln, ndtri

    k = np.sqrt(2 / df) * np.exp(gammaln((df + 1) / 2) - gammaln(df / 2))  # E[U]
    second, cube = 1 - k**2, k * (df + 1) / df  # variance of U, E[U^3]
    third = cube - 3 * k + 2 * k**3
    fourth = (df + 2) / df - 4 * k * cube + 6 * k**2 - 3 * k**4 - 3 * second**2
    sd = np.sqrt(1 + t**2 * second)
    skew, excess = (t / sd) ** 3 * third, (t / sd) ** 4 * fourth
    few = df < FEW
    limits = []
    for tail in (0.5 - confidence / 2, 0.5 + confidence / 2):
        z = ndtri(tail)
        turned = z + skew * (z**2 - 1) / 6 + excess * (z**3 - 3 * z) / 24
        limit = np.asarray(t * k + sd * (turned - skew**2 * (2 * z**3 - 5 * z) / 36))
        limit[few] = _search_limit(tail, np.asarray(t)[few], df[few])
        limits.append(limit)
    return limits[0], limits[1]


def _search_limit(tail: float, t: Floats, df: Floats) -> Floats:
    """Search a quantile of ``Z + t * U`` by secants, on the scale of Z.

    scipy's own inverse `nctdtrinc` gives the quantile of Z where t is small and
    the tail 0.5% or less.
    """
    from scipy.special import chdtri, nctdtr, ndtri

    z = ndtri(tail)
    # Start where both parts give what squares of their deviations add up to.
    middle = np.sqrt(chdtri(df, 0.5) / df)
    end = np.sqrt(chdtri(df, np.where(t < 0, tail, 1 - tail)) / df)
    away = np.hypot(z, t * (end - middle))
    limit = t * middle + np.sign(z) * away
    miss = -ndtri(nctdtr(df, limit, t)) - z
    step = -miss * away / np.abs(z)
    for _ in range(STEPS):
        limit = limit + step
        before, miss = miss, -ndtri(nctdtr(df, limit, t)) - z
        moved, none = miss != before, np.zeros_like(limit)
        step = np.divide(-miss * step, miss - before, out=none, where=moved)
    return np.asarray(limit + step)
