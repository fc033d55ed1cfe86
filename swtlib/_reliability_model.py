"""The arithmetic behind `swtlib.reliability`: complete cases in, numbers out.

``values`` is everywhere an array of respondents by items in the scored
direction, without missing answers.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from swtlib._factor_model import HEYWOOD, fit_one_factor
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
# Percentiles of the resamples that do have a value say too little if more of
# them than this have none.
MAX_FAILED = 0.05
# Of the variance among all answers: less than this in a resample is rounding,
# as one answer of 10,000 that differs leaves more.
FLAT = 1e-12
# Weights kept in memory at a time, 8 MB. Fewer are slower from n = 1,000 on.
CELLS = 2**20

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
REASON_FAILED_DRAWS = "te veel hertrokken steekproeven hebben geen uitkomst"


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


def estimate_alpha(
    values: Floats, confidence: float, n_bootstrap: int = 0, seed: int = 0
) -> Reliability:
    """Estimate raw alpha with Feldt's interval, or that of resampled rows."""
    n, k = values.shape
    reason, alpha, low, high = _refuse(values), np.nan, np.nan, np.nan
    interval: Interval = "geen"
    if not reason:
        alpha = float(_alphas(np.cov(values, rowvar=False)[None])[0])
        reason = REASON_BELOW_ZERO if alpha < 0 else ""
    if reason:
        alpha = np.nan
    elif n_bootstrap:
        drawn = _alphas(resampled_covariances(values, n_bootstrap, seed))
        low, high, reason = _percentiles(drawn, n_bootstrap, confidence)
        interval = "geen" if reason else "bootstrap"
    else:
        low, high = _feldt(alpha, n, k, confidence)
        interval = "feldt"
    return Reliability(
        statistic="alpha" if k > 1 else "",
        n_items=k,
        n=n,
        value=alpha,
        ci_low=low if np.isnan(low) else max(low, 0.0),
        ci_high=high if np.isnan(high) else max(high, 0.0),
        interval=interval,
        reason=reason,
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
    low = high = np.nan
    interval: Interval = "geen"
    if n_bootstrap and not reason:
        drawn = _omegas(resampled_covariances(values, n_bootstrap, seed))
        low, high, reason = _percentiles(drawn, n_bootstrap, confidence)
        interval = "geen" if reason else "bootstrap"
    return Reliability(
        statistic="omega_total",
        n_items=k,
        n=n,
        value=value,
        ci_low=low,
        ci_high=high,
        interval=interval,
        reason=reason,
    )


def resampled_covariances(values: Floats, n_bootstrap: int, seed: int) -> Floats:
    """Draw respondents again and again, and give the covariances of the items.

    A resample is a weight per respondent (how often drawn), so that sums over
    respondents are one product of matrices for many resamples. Left out are
    those in which an item, or the sum of the items, has no spread.

    Returns an array of at most `n_bootstrap` by items by items.
    """
    n, k = values.shape
    centred = values - values.mean(axis=0)
    i, j = np.triu_indices(k)
    products = np.column_stack([centred, centred[:, i] * centred[:, j]])
    rng = np.random.default_rng(seed)
    sums = np.empty((n_bootstrap, products.shape[1]))
    size = max(1, CELLS // n)
    for start in range(0, n_bootstrap, size):
        rows = min(size, n_bootstrap - start)
        drawn = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        sums[start : start + rows] = weights.astype(float) @ products
    means, crossed = sums[:, :k] / n, sums[:, k:] / n
    covariances = np.empty((n_bootstrap, k, k))
    covariances[:, i, j] = (crossed - means[:, i] * means[:, j]) * n / (n - 1)
    covariances[:, j, i] = covariances[:, i, j]
    spread = np.diagonal(covariances, axis1=1, axis2=2)
    flat = (spread <= FLAT * centred.var(axis=0)).any(axis=1)
    flat |= covariances.sum(axis=(1, 2)) <= FLAT * centred.sum(axis=1).var()
    kept: Floats = covariances[~flat]
    return kept


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


def _alphas(covariances: Floats) -> Floats:
    """Give alpha for each matrix of covariances."""
    k = covariances.shape[1]
    items = np.trace(covariances, axis1=1, axis2=2)
    alphas: Floats = k / (k - 1) * (1 - items / covariances.sum(axis=(1, 2)))
    return alphas


def _feldt(alpha: float, n: int, k: int, confidence: float) -> tuple[float, float]:
    from scipy.special import fdtri

    tail = (1 - confidence) / 2
    high, low = 1 - (1 - alpha) * fdtri(n - 1, (n - 1) * (k - 1), [tail, 1 - tail])
    return float(low), float(high)


def _percentiles(
    drawn: Floats, n_bootstrap: int, confidence: float
) -> tuple[float, float, str]:
    """Give the interval of the resamples, or NaN and the reason."""
    if len(drawn) < (1 - MAX_FAILED) * n_bootstrap:
        return np.nan, np.nan, REASON_FAILED_DRAWS
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(drawn, tails)
    return float(low), float(high), ""


def _omega(values: Floats) -> tuple[float, str]:
    """Give omega, or NaN and the reason."""
    reason = estimate_alpha(values, 0.95).reason
    if not reason and values.shape[1] == 2:
        reason = REASON_TWO_ITEMS
    if reason:
        return np.nan, reason
    loadings, uniqueness = fit_one_factor(_correlations(values)[None])
    if np.isnan(uniqueness).any():
        return np.nan, REASON_NOT_CONVERGED
    if uniqueness.min() <= HEYWOOD:
        return np.nan, REASON_HEYWOOD
    return float(_explained(loadings, uniqueness)[0]), ""


def _omegas(covariances: Floats) -> Floats:
    """Give omega for each matrix that has one.

    A solution on the bound counts: without such resamples, which are common
    with few items, the interval would be too sure.
    """
    scale = 1 / np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    correlations = covariances * scale[:, :, None] * scale[:, None, :]
    full = np.linalg.eigvalsh(correlations)[:, 0] >= SINGULAR
    loadings, uniqueness = fit_one_factor(correlations[full])
    omegas = _explained(loadings, uniqueness)
    return omegas[np.isfinite(omegas)]


def _explained(loadings: Floats, uniqueness: Floats) -> Floats:
    common = loadings.sum(axis=1) ** 2
    share: Floats = common / (common + uniqueness.sum(axis=1))
    return share
