"""P-values adjusted for the number of tests: Benjamini-Hochberg and Holm."""

import numpy as np
import numpy.typing as npt

from swtlib.errors import StatisticError
from swtlib.groups import Floats


def adjust_bh(p_values: npt.ArrayLike) -> Floats:
    """Adjust p-values for the share of false findings (Benjamini-Hochberg).

    Parameters
    ----------
    p_values : array_like, shape (..., n_tests)
        One family of tests per row. NaN is no test: it stays NaN and does not
        count.

    Returns
    -------
    ndarray, same shape
        q-values: of the tests below a level, that part at most is expected to
        be false.

    Raises
    ------
    StatisticError
        If a p-value is outside 0-1.

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate:
    A practical and powerful approach to multiple testing. Journal of the Royal
    Statistical Society, Series B, 57(1), 289-300.

    Examples
    --------
    >>> adjust_bh([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    ranked, rank, n_tests, order = _ranked(p_values)
    stepped = np.nan_to_num(ranked * n_tests / rank, nan=np.inf)
    adjusted = np.minimum.accumulate(stepped[..., ::-1], axis=-1)[..., ::-1]
    return _in_place(adjusted, ranked, order)


def adjust_holm(p_values: npt.ArrayLike) -> Floats:
    """Adjust p-values for the chance of any false finding (Holm).

    Parameters
    ----------
    p_values : array_like, shape (..., n_tests)
        One family of tests per row. NaN is no test: it stays NaN and does not
        count.

    Returns
    -------
    ndarray, same shape
        Adjusted p-values: the chance of even one false finding among the tests
        below a level is at most that level.

    Raises
    ------
    StatisticError
        If a p-value is outside 0-1.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure.
    Scandinavian Journal of Statistics, 6(2), 65-70.

    Examples
    --------
    >>> adjust_holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    ranked, rank, n_tests, order = _ranked(p_values)
    stepped = np.nan_to_num(ranked * (n_tests - rank + 1), nan=-np.inf)
    return _in_place(np.maximum.accumulate(stepped, axis=-1), ranked, order)


def _ranked(
    p_values: npt.ArrayLike,
) -> tuple[Floats, Floats, npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Sort each family, NaN last; give ranks, number of tests and the order."""
    p = np.asarray(p_values, dtype=float)
    if ((p < 0) | (p > 1)).any():
        raise StatisticError("a p-value is outside 0-1.")
    order = np.argsort(p, axis=-1, kind="stable")
    n_tests = (~np.isnan(p)).sum(axis=-1, keepdims=True)
    rank = np.arange(1, p.shape[-1] + 1, dtype=float)
    return np.take_along_axis(p, order, axis=-1), rank, n_tests, order


def _in_place(adjusted: Floats, ranked: Floats, order: npt.NDArray[np.intp]) -> Floats:
    result = np.empty_like(adjusted)
    clipped = np.where(np.isnan(ranked), np.nan, np.minimum(adjusted, 1.0))
    np.put_along_axis(result, order, clipped, axis=-1)
    return result
