"""Rank correlation of two answers of the same people, with its interval."""

import numpy as np
import numpy.typing as npt

from swtlib._crosstab import Counts, count_pairs, levels_of
from swtlib.errors import ResponseError
from swtlib.estimates import check_confidence
from swtlib.groups import Floats
from swtlib.two_groups import Effect

# A correlation this close to 1 or -1 is exact but for rounding.
PERFECT = 1e-12


def spearman_with_ci(
    first: npt.ArrayLike, second: npt.ArrayLike, *, confidence: float = 0.95
) -> Effect:
    """Estimate Spearman's rho with an interval.

    Parameters
    ----------
    first, second : array_like, shape (n_respondents,)
        Two answers of the same people; who misses one is left out.
    confidence : float, default 0.95
        Level of the interval.

    Returns
    -------
    Effect
        NaN with fewer than two people, or if one answer has no spread. No
        interval with fewer than four people, or for a rho of 1 or -1.

    Raises
    ------
    ParameterError
        If `confidence` is not between 0 and 1.
    ResponseError
        If there are not as many of the one as of the other, or one is infinite.

    Notes
    -----
    Tied answers share their mean rank. The interval is Fisher's z with the
    variance ``(1 + rho**2 / 2) / (n - 3)`` of Bonett and Wright, which keeps its
    level better than ``1 / (n - 3)`` when rho is large.

    References
    ----------
    Bonett, D. G., & Wright, T. A. (2000). Sample size requirements for
    estimating Pearson, Kendall and Spearman correlations. Psychometrika, 65(1),
    23-28.

    Examples
    --------
    >>> rho = spearman_with_ci([6, 7, 7, 8, 9], [1, 2, 3, 2, 4])
    >>> round(rho.value, 3)  # of ranks 1 2.5 2.5 4 5 and 1 2.5 4 2.5 5
    0.763
    """
    check_confidence(confidence)
    pair = [np.asarray(answers, dtype=float).ravel() for answers in (first, second)]
    if len(pair[0]) != len(pair[1]):
        raise ResponseError(
            f"there are {len(pair[0])} answers beside {len(pair[1])}; "
            "give both of the same respondents."
        )
    if np.isinf(pair).any():
        raise ResponseError("the answers hold an infinite number.")
    counts = count_pairs(*(levels_of(answers[:, None]) for answers in pair))
    value, low, high = (found[0, 0] for found in spearman(counts, confidence))
    return Effect(value=float(value), ci_low=float(low), ci_high=float(high))


def spearman(counts: Counts, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Give rho and both limits for every table of counts.

    Parameters
    ----------
    counts : ndarray, shape (..., n_first_levels, n_second_levels)
        Numbers of people with each pair of answers.
    confidence : float
        Level of the interval.

    Returns
    -------
    tuple of three ndarrays, shape (...)
    """
    from scipy.special import ndtri

    rows, columns = counts.sum(axis=-1), counts.sum(axis=-2)
    n = rows.sum(axis=-1)
    ranks_first, ranks_second = _centred_ranks(rows, n), _centred_ranks(columns, n)
    together = np.einsum("...lk,...l,...k->...", counts, ranks_first, ranks_second)
    spread = (rows * ranks_first**2).sum(axis=-1)
    spread = spread * (columns * ranks_second**2).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        rho = np.where(spread > 0, together / np.sqrt(spread), np.nan)
        perfect = np.abs(rho) > 1 - PERFECT
        z = np.where(perfect | (n < 4), np.nan, np.arctanh(np.clip(rho, -1, 1)))
        half = ndtri(0.5 + confidence / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    rho = np.where(perfect, np.sign(rho), rho)
    return rho, np.tanh(z - half), np.tanh(z + half)


def _centred_ranks(counts: Counts, n: Floats) -> Floats:
    """Give the mean rank of each level, less the mean of all ranks."""
    return np.asarray(counts.cumsum(axis=-1) - counts / 2 - n[..., None] / 2)
