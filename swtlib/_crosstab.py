"""Counts of respondents by grade and answer, for every pair of columns at once.

Answers to a statement take few values. How many people gave each answer, at each
grade, is all that a comparison of two groups or a rank correlation depends on.
So the respondents are counted once, and every statistic is made of the counts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from swtlib.groups import Bools, Floats

Counts = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

# Scores are means of whole answers, so equal scores may differ in the last
# digits. What is closer than this part of the range of a column, or than this
# part of its size, is the same score; answers step by far more.
SAME_VALUE = 1e-9
SAME_DIGITS = 1e-14


@dataclass(frozen=True)
class Levels:
    """The different values in each column, lowest first.

    Attributes
    ----------
    codes : ndarray of int, shape (n_respondents, n_columns)
        Place of each value among those of its column; -1 where there is none.
    values : ndarray, shape (n_columns, n_levels)
        The values; a column with fewer than the most has its highest repeated.
    """

    codes: Codes
    values: Floats


def levels_of(values: Floats) -> Levels:
    """Find the different values in each column; NaN is no value."""
    n, width = values.shape
    order = np.argsort(values, axis=0, kind="stable")  # NaN comes last
    ranked = np.take_along_axis(values, order, axis=0)
    known = ~np.isnan(ranked)
    new = np.zeros((n, width), dtype=np.intp)  # 1 where a level begins
    new[:1] = known[:1]
    with np.errstate(invalid="ignore"):
        size, low = np.abs(ranked), ranked[:1]
        span = np.fmax.reduce(ranked - low, axis=0, initial=0)
        largest = np.fmax.reduce(size, axis=0, initial=0)
        same = np.maximum(SAME_VALUE * span, SAME_DIGITS * largest)
        new[1:] = (np.diff(ranked, axis=0) > same) & known[1:]
    place = np.where(known, new.cumsum(axis=0) - 1, -1)
    codes = np.empty_like(place)
    np.put_along_axis(codes, order, place, axis=0)
    n_levels = int(place.max(initial=-1)) + 1
    found = np.full((width, n_levels), np.nan)
    row, column = np.nonzero(new)
    found[column, place[row, column]] = ranked[row, column]
    highest = np.fmax.reduce(found, axis=1, initial=-np.inf)
    filled = np.where(np.isnan(found), highest[:, None], found)
    return Levels(codes, np.where(np.isfinite(filled), filled, 0.0))


def count_pairs(first: Levels, second: Levels) -> Counts:
    """Count who has each pair of levels, for every pair of columns.

    Parameters
    ----------
    first, second : Levels
        Of the same respondents.

    Returns
    -------
    ndarray, shape (n_first, n_second, n_first_levels, n_second_levels)
        Numbers of respondents with both values.
    """
    width, n_levels = second.values.shape
    n_first, n_own = first.values.shape
    counts = np.zeros((n_first, width, n_own, n_levels))
    answered = second.codes >= 0
    # A cell is (column of second, level of first, level of second).
    place = np.arange(width) * (n_own * n_levels) + second.codes
    for at, codes in enumerate(first.codes.T):
        cell = place + (codes * n_levels)[:, None]
        both = answered & (codes >= 0)[:, None]
        found = np.bincount(cell[both], minlength=counts[at].size)
        counts[at] = found.reshape(counts[at].shape)
    return counts


def add_levels(counts: Counts, rows: Bools) -> Counts:
    """Add up the counts of some levels of the first columns.

    Parameters
    ----------
    counts : ndarray
        From `count_pairs`.
    rows : ndarray of bool, shape (n_first, n_first_levels)
        Which levels to add.

    Returns
    -------
    ndarray, shape (n_first, n_second, n_second_levels)
    """
    added: Any = rows[:, None, None, :].astype(float) @ counts
    return np.asarray(added[:, :, 0, :], dtype=float)
