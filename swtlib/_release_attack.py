"""What a reader can work out from sums: the best interval on what is hidden."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_ROUNDING = 1e-7  # what the solver leaves open


def derived_interval(
    aim: Floats, known: Floats, sums: Floats, low: Floats, high: Floats
) -> tuple[float, float]:
    """Give the lowest and highest value that a weighted sum of unknowns can have.

    Parameters
    ----------
    aim : array, shape (n_unknowns,)
        Weights of the unknowns in what is asked.
    known : array, shape (n_known, n_unknowns)
        Weights of the unknowns in every sum that was shown.
    sums : array, shape (n_known,)
        What was shown.
    low, high : array, shape (n_unknowns,)
        Ends of each unknown.

    Returns
    -------
    tuple of float

    Notes
    -----
    Linear programming (scipy's HiGHS) gives the best that can be derived, as in
    the protection of statistical tables (Hundepool et al., 2012, chapter 4).

    Examples
    --------
    >>> derived_interval(np.array([1.0, 0]), np.array([[1.0, 1]]), np.array([9.0]),
    ...                  np.zeros(2), np.full(2, 6.0))  # the other is 6 at most
    (3.0, 6.0)
    """
    from scipy.optimize import linprog

    found = []
    for sign in (1.0, -1.0):
        result = linprog(
            sign * aim,
            A_eq=known if len(known) else None,
            b_eq=sums if len(known) else None,
            bounds=np.column_stack([low, high]),
        )
        if result.status != 0:  # sums that rounding sets apart: nothing stays open
            return (np.nan, np.nan)
        found.append(sign * float(result.fun))
    return found[0], max(found)


def derivable(aims: Floats, known: Floats) -> npt.NDArray[np.bool_]:
    """Tell which weighted sums follow exactly from those that were shown.

    Parameters
    ----------
    aims : array, shape (n_aims, n_unknowns)
        Weights of the unknowns in what is asked.
    known : array, shape (n_known, n_unknowns)
        Weights of the unknowns in every sum that was shown.

    Returns
    -------
    array of bool, shape (n_aims,)

    Examples
    --------
    >>> known = np.array([[1.0, 1, 1], [1, 1, 0]])
    >>> derivable(np.array([[0.0, 0, 1], [1, 0, 0]]), known).tolist()
    [True, False]
    """
    if not len(known) or not len(aims):
        return np.zeros(len(aims), dtype=bool)
    _, strength, basis = np.linalg.svd(known, full_matrices=False)
    basis = basis[strength > _ROUNDING * strength[0]]
    left = aims - (aims @ basis.T) @ basis
    return np.asarray((np.abs(left) < _ROUNDING).all(axis=1), dtype=bool)
