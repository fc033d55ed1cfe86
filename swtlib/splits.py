"""Rules that cut a grade in two: who counts as low, and who as high."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from swtlib._crosstab import SAME_VALUE, Levels
from swtlib.errors import ParameterError, did_you_mean
from swtlib.groups import Bools, Floats

Split = Literal["mean", "median", "cutpoint", "tertiles"]


@dataclass(frozen=True)
class Cut:
    """Which levels of each column are low and which are high.

    Attributes
    ----------
    low, high : ndarray of bool, shape (n_columns, n_levels)
        A level can be neither.
    cut, cut_high : ndarray, shape (n_columns,)
        Where low ends and high begins; the same but for tertiles.
    """

    low: Bools
    high: Bools
    cut: Floats
    cut_high: Floats


def cut_levels(grades: Floats, levels: Levels, *, split: Split, cutpoint: float) -> Cut:
    """Divide the levels of every column over low and high.

    Parameters
    ----------
    grades : ndarray, shape (n_respondents, n_columns)
        NaN where there is no grade.
    levels : Levels
        Of the same grades.
    split : {"mean", "median", "cutpoint", "tertiles"}
        - "mean": high is above the mean of all who graded; the rest is low.
        - "median": high is above the median; who is on it is low.
        - "cutpoint": high is `cutpoint` or more; less is low.
        - "tertiles": low is up to the first tertile, high is from the second
          on, and who is between them is neither. If both tertiles are the same
          grade, that grade is low.
    cutpoint : float
        For "cutpoint" only.

    Returns
    -------
    Cut

    Raises
    ------
    ParameterError
        If there is no such split.
    """
    if split not in get_args(Split):
        raise ParameterError(
            f"there is no split '{split}'." + did_you_mean(str(split), get_args(Split))
        )
    n_columns = grades.shape[1]
    values = levels.values
    if split == "cutpoint":
        cut = np.full(n_columns, float(cutpoint))
        high = values > cut[:, None] - SAME_VALUE
        return Cut(~high, high, cut, cut)
    if split == "tertiles":
        first, second = _quantiles(grades, (1 / 3, 2 / 3))
        low = values <= first[:, None] + SAME_VALUE
        high = ~low & (values >= second[:, None] - SAME_VALUE)
        return Cut(low, high, first, second)
    cut = _means(grades) if split == "mean" else _quantiles(grades, (0.5,))[0]
    high = values > cut[:, None] + SAME_VALUE
    return Cut(~high, high, cut, cut)


def _means(grades: Floats) -> Floats:
    graded = ~np.isnan(grades)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.where(graded, grades, 0.0).sum(axis=0)
        return np.asarray(total / graded.sum(axis=0), dtype=float)


def _quantiles(grades: Floats, parts: tuple[float, ...]) -> list[Floats]:
    found = np.full((len(parts), grades.shape[1]), np.nan)
    graded = ~np.isnan(grades).all(axis=0)
    if graded.any():
        found[:, graded] = np.nanquantile(grades[:, graded], parts, axis=0)
    return list(found)
