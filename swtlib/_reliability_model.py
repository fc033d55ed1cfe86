"""The arithmetic behind `swtlib.reliability`: complete cases in, numbers out.

``values`` is everywhere an array of respondents by items in the scored
direction, without missing answers.
"""

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from swtlib._numbers import numbers_of
from swtlib.estimates import SAME_SCORE
from swtlib.groups import Floats

Statistic = Literal["alpha", "spearman_brown", "omega_total", ""]
Interval = Literal["feldt", "fisher", "bootstrap", "geen"]

# With fewer complete cases an interval runs over most of 0-1.
MIN_N = 10
# A smallest eigenvalue of a correlation matrix below this is rounding: whole
# answers of 10,000 people leave more if no statement follows from the others.
SINGULAR = 1e-10
# The bound that R's factanal and psych::fa put on a uniqueness. A solution that
# lies on it, or below, is a Heywood case.
HEYWOOD = 0.005
# The fit stops at this slope of the log-likelihood: omega then holds 6 digits.
GRADIENT = 1e-7
# Percentiles of the samples that do have an omega say too little if more of
# them than this have none.
MAX_FAILED = 0.05

REASON_ONE_ITEM = "één stelling"
REASON_SAME = "op een stelling gaf iedereen hetzelfde antwoord"
REASON_SAME_HERE = "iedereen gaf hetzelfde antwoord"
REASON_SAME_TOTAL = "iedereen heeft dezelfde schaalscore"
REASON_SAME_REST = "de andere stellingen samen geven bij iedereen dezelfde score"
REASON_NEGATIVE = (
    "de stellingen hangen gemiddeld negatief samen en meten dus niet hetzelfde"
)
REASON_BELOW_ZERO = "alfa komt onder nul uit: de stellingen meten niet hetzelfde"
REASON_SINGULAR = (
    "de antwoorden op een stelling zijn precies uit de andere te berekenen"
)
REASON_TWO_ITEMS = "twee stellingen"
REASON_HEYWOOD = "het factormodel past niet: een stelling houdt geen eigen spreiding"
REASON_NOT_CONVERGED = "het factormodel komt niet tot een oplossing"
REASON_FAILED_DRAWS = "het factormodel lukt niet in genoeg hertrokken steekproeven"


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """A reliability with its interval; NaN and a Dutch reason where it has none.

    A value can stand without an interval: ``interval`` is then ``"geen"``.
    """

    statistic: Statistic
    n_items: int
    n: int
    value: float = np.nan
    ci_low: float = np.nan
    ci_high: float = np.nan
    interval: Interval = "geen"
    reason: str = ""


def complete_cases(answers: pd.DataFrame) -> Floats:
    """Keep the respondents who answered every item."""
    values = numbers_of(answers, what="answers", keep="the items of one scale")
    return np.asarray(values[~np.isnan(values).any(axis=1)], dtype=float)


def too_few(values: Floats) -> str:
    """Say why there is nothing to estimate from, or nothing if there is."""
    n, n_items = values.shape
    if n_items < 2:
        return REASON_ONE_ITEM
    least = max(MIN_N, n_items + 2)
    if n < least:
        return f"minder dan {least} mensen beantwoordden alle stellingen"
    return ""


def all_equal(values: Floats) -> bool:
    """Tell whether all numbers are the same; scores may differ by rounding."""
    spread = np.ptp(values) if values.size else 0.0
    return bool(spread <= SAME_SCORE * max(1.0, np.abs(values).max(initial=0)))


def estimate_alpha(values: Floats, confidence: float) -> Reliability:
    """Estimate raw alpha with Feldt's interval."""
    from scipy.special import fdtri

    n, k = values.shape
    reason = _refuse(values)
    if not reason:
        covariance = np.cov(values, rowvar=False)
        alpha = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
        reason = REASON_BELOW_ZERO if alpha < 0 else ""
    if reason:
        return Reliability(
            statistic="alpha" if k > 1 else "", n_items=k, n=n, reason=reason
        )
    tail = (1 - confidence) / 2
    high, low = 1 - (1 - alpha) * fdtri(n - 1, (n - 1) * (k - 1), [tail, 1 - tail])
    return Reliability(
        statistic="alpha",
        n_items=k,
        n=n,
        value=float(alpha),
        ci_low=max(float(low), 0.0),
        ci_high=float(high),
        interval="feldt",
    )


def estimate_spearman_brown(values: Floats, confidence: float) -> Reliability:
    """Estimate the reliability of two items, with the interval of Fisher's z."""
    n = len(values)
    reason = _refuse(values)
    if reason:
        return Reliability(statistic="spearman_brown", n_items=2, n=n, reason=reason)
    r = _correlations(values)[0, 1]
    low, high = fisher_interval(np.array([r]), n, confidence)
    return Reliability(
        statistic="spearman_brown",
        n_items=2,
        n=n,
        value=float(2 * r / (1 + r)),
        ci_low=max(float(2 * low[0] / (1 + low[0])), 0.0),
        ci_high=float(2 * high[0] / (1 + high[0])),
        interval="fisher",
    )


def estimate_omega(
    values: Floats, confidence: float, n_bootstrap: int, seed: int
) -> Reliability:
    """Estimate omega total, and its percentile interval from resampled rows."""
    n, k = values.shape
    value, reason = _omega(values)
    drawn = np.empty(0 if reason else n_bootstrap)
    rng = np.random.default_rng(seed)
    for i in range(len(drawn)):
        drawn[i], _ = _omega(values[rng.integers(n, size=n)])
    low = high = np.nan
    interval: Interval = "geen"
    if len(drawn) and np.isnan(drawn).mean() > MAX_FAILED:
        reason = REASON_FAILED_DRAWS
    elif len(drawn):
        tails = [(1 - confidence) / 2, (1 + confidence) / 2]
        low, high = np.nanquantile(drawn, tails)
        interval = "bootstrap"
    return Reliability(
        statistic="omega_total",
        n_items=k,
        n=n,
        value=value,
        ci_low=float(low),
        ci_high=float(high),
        interval=interval,
        reason=reason,
    )


def item_rest(values: Floats) -> Floats:
    """Correlate each item with the sum of the others; NaN without spread."""
    result = np.full(values.shape[1], np.nan)
    if too_few(values):
        return result
    for i in range(values.shape[1]):
        item, rest = values[:, i], np.delete(values, i, axis=1).sum(axis=1)
        if not (all_equal(item) or all_equal(rest)):
            result[i] = _correlations(np.column_stack([item, rest]))[0, 1]
    return result


def mean_inter_item(values: Floats) -> float:
    """Average the correlations between the items; NaN if one has none."""
    if too_few(values) or any(all_equal(item) for item in values.T):
        return np.nan
    return _mean_off_diagonal(_correlations(values))


def fisher_interval(r: Floats, n: int, confidence: float) -> tuple[Floats, Floats]:
    """Give the interval of correlations; NaN for 1, -1 and fewer than 4 cases."""
    from scipy.special import ndtri

    z = np.full(len(r), np.nan)
    ok = np.abs(r) < 1 - SAME_SCORE
    if n > 3:
        z[ok] = np.arctanh(r[ok])
    half = ndtri((1 + confidence) / 2) / np.sqrt(max(n - 3, 1))
    return np.tanh(z - half), np.tanh(z + half)


def _refuse(values: Floats) -> str:
    """Say why the items have no reliability, or nothing if they may have one."""
    reason = too_few(values)
    if reason:
        return reason
    if any(all_equal(item) for item in values.T):
        return REASON_SAME
    if all_equal(values.sum(axis=1)):
        return REASON_SAME_TOTAL
    correlations = _correlations(values)
    if _mean_off_diagonal(correlations) < 0:
        return REASON_NEGATIVE
    if np.linalg.eigvalsh(correlations)[0] < SINGULAR:
        return REASON_SINGULAR
    return ""


def _correlations(values: Floats) -> Floats:
    return np.asarray(np.corrcoef(values, rowvar=False), dtype=float)


def _mean_off_diagonal(correlations: Floats) -> float:
    k = len(correlations)
    return float((correlations.sum() - k) / (k * (k - 1)))


def _omega(values: Floats) -> tuple[float, str]:
    """Give omega, or NaN and the reason."""
    reason = estimate_alpha(values, 0.95).reason
    if not reason and values.shape[1] == 2:
        reason = REASON_TWO_ITEMS
    if reason:
        return np.nan, reason
    fitted = _one_factor(_correlations(values))
    if isinstance(fitted, str):
        return np.nan, fitted
    loadings, uniqueness = fitted
    common = loadings.sum() ** 2
    return float(common / (common + uniqueness.sum())), ""


def _one_factor(correlations: Floats) -> tuple[Floats, Floats] | str:
    """Fit one factor by maximum likelihood, or say why there is none.

    The start is the first principal component, so that the same answers always
    give the same numbers. On the way to a Heywood case a uniqueness goes to 0,
    the optimiser divides by it and stops early: that is looked at first.
    """
    from statsmodels.multivariate.factor import Factor

    roots, vectors = np.linalg.eigh(correlations)
    component = vectors[:, -1] * np.sqrt(roots[-1])
    start = component[:, None], np.clip(1 - component**2, 0.05, 1)
    model = Factor(corr=correlations, n_factor=1, method="ml")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            fit = model.fit(start=start, opt={"gtol": GRADIENT})
    except np.linalg.LinAlgError:
        return REASON_NOT_CONVERGED
    if np.isfinite(fit.uniqueness).all() and fit.uniqueness.min() <= HEYWOOD:
        return REASON_HEYWOOD
    if not (fit.mle_retvals.success and np.isfinite(fit.loadings).all()):
        return REASON_NOT_CONVERGED
    return fit.loadings[:, 0], fit.uniqueness
