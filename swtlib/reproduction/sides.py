"""Compare answers to a statement between high and low grades, swap after swap.

The search of `swtlib.reproduction.statements` asks tens of thousands of times
what a comparison becomes when two answers change places. Here the three tests
and the rank correlation are made of whole-number sums that a swap changes in
one step. They are for the drawing of answers only; results shown to anyone
come from `swtlib.comparison`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swtlib.reproduction.competences import Grades
from swtlib.reproduction.targets import load_choices

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

POINTS = 1_000_000  # a squared misfit of 1, as a whole number


@dataclass(frozen=True, kw_only=True)
class Split:
    """Who has a high grade: a row per respondent, a column per competence.

    Parameters
    ----------
    high : ndarray of int
        1 where the grade is above the mean of the grades.
    valid : ndarray of int
        1 where a grade was given.
    order : ndarray of int
        Twice the rank of the grade, less its mean; 0 where none was given.
    """

    high: Ints
    valid: Ints
    order: Ints


def split_at_mean(grades: Sequence[Grades]) -> Split:
    """Split the respondents at the mean grade of each competence.

    Parameters
    ----------
    grades : sequence of list of int or None
        The grades of each competence.

    Returns
    -------
    Split

    Examples
    --------
    >>> split = split_at_mean([[6, 7, 9, None]])  # mean 7.33
    >>> split.high.ravel().tolist(), split.order.ravel().tolist()
    ([0, 0, 1, 0], [-2, 0, 2, 0])
    """
    values = np.array([[g or 0 for g in column] for column in grades]).T
    valid = np.array([[int(g is not None) for g in column] for column in grades]).T
    n = valid.sum(axis=0)
    high = (values * n > (values * valid).sum(axis=0)) & (valid == 1)
    below = ((values[None, :] < values[:, None]) * valid[None, :]).sum(axis=1)
    same = ((values[None, :] == values[:, None]) * valid[None, :]).sum(axis=1)
    order = (2 * below + same - n) * valid  # twice the middle rank, less n + 1
    return Split(high=high.astype(np.int64), valid=valid, order=order)


class Statement:
    """Answers to one statement and how they compare with each grade.

    Everything is summed as whole numbers, and the statistics are made of those
    sums element by element, so that every machine makes the same swaps.

    Parameters
    ----------
    answers : sequence of int
        One answer per respondent.
    split : Split
        Who has a high grade, for each competence.
    """

    def __init__(self, answers: Sequence[int], split: Split) -> None:
        self.answers: Ints = np.array(answers, dtype=np.int64)
        self.split = split
        y, valid = self.answers[:, None], split.valid
        self._n, self._n1 = valid.sum(axis=0), split.high.sum(axis=0)
        self._n0 = self._n - self._n1
        self._total = (y * valid).sum(axis=0)
        self._squares = (y * y * valid).sum(axis=0)
        # the rank of an answer, per grade: fixed, as who lacks a grade never swaps
        self._ranks = np.stack(
            [
                (valid * (2 * (y < v) + (y == v))).sum(axis=0) + 1
                for v in range(int(self.answers.max()) + 1)
            ]
        )
        centred = (self._ranks[self.answers] - (self._n + 1)) * valid
        self._rank_squares = (centred * centred).sum(axis=0)
        self._order_squares = (split.order * split.order).sum(axis=0)

    def statistics(self) -> dict[str, Floats]:
        """Compare high with low grades as the answers stand, per grade."""
        none = np.zeros(1, dtype=np.int64)
        return {
            name: values[0]
            for name, values in self.statistics_after(none, none).items()
        }

    def statistics_after(self, first: Ints, second: Ints) -> dict[str, Floats]:
        """Compare high with low grades as if two answers had changed places.

        Parameters
        ----------
        first, second : ndarray of int, shape (n_swaps,)
            The respondents of each swap.

        Returns
        -------
        dict of str to ndarray of float, shape (n_swaps, n_grades)
            ``student``, ``welch`` and ``rank`` (a normal score corrected for
            ties), positive where high grades go with high answers, and
            ``spearman``.
        """
        high, order, y = self.split.high, self.split.order, self.answers
        n, n1, n0 = self._n, self._n1, self._n0
        ranks = self._ranks[y, np.arange(len(n))[:, None]].T

        def changed(weights: Ints, values: Ints) -> Ints:
            now = (weights * values).sum(axis=0)
            moved = weights[first] - weights[second]
            return np.asarray(now + moved * (values[second] - values[first]))

        sum1 = changed(high, y[:, None])
        squares1 = changed(high, (y * y)[:, None])
        rank1 = changed(high, ranks)
        concord = changed(order, ranks)
        sum0, squares0 = self._total - sum1, self._squares - squares1
        within1 = squares1 - sum1 * sum1 / n1
        within0 = squares0 - sum0 * sum0 / n0
        difference = sum1 / n1 - sum0 / n0
        pooled = (within1 + within0) / (n - 2)
        rank_variance = n1 * n0 * self._rank_squares / (n * (n - 1))
        return {
            "student": difference / np.sqrt(pooled * (1 / n1 + 1 / n0)),
            "welch": difference
            / np.sqrt(within1 / ((n1 - 1) * n1) + within0 / ((n0 - 1) * n0)),
            "rank": (rank1 - n1 * (n + 1)) / np.sqrt(rank_variance),
            "spearman": concord
            / (np.sqrt(self._rank_squares) * np.sqrt(self._order_squares)),
        }

    def swap(self, first: int, second: int) -> None:
        """Let two respondents change answers."""
        y = self.answers
        y[first], y[second] = y[second], y[first]


def misfit(statistics: Mapping[str, Floats], wanted: Ints, *, aloof: bool) -> Ints:
    """Weigh how far comparisons are from the side where they should be.

    Parameters
    ----------
    statistics : mapping of str to ndarray of float, shape (..., n_grades)
        As from `Statement.statistics`.
    wanted : ndarray of int, shape (n_grades,)
        1 for the grades to which the statement should relate.
    aloof : bool
        Whether the statement must keep clear of every grade by rank
        correlation as well.

    Returns
    -------
    ndarray of int
        Points; 0 where everything fits.
    """
    limits: Mapping[str, Any] = load_choices()["comparison"]
    worst = np.zeros(np.shape(statistics["student"]))
    for name, least in limits["related"].items():
        short = np.maximum(0.0, least - statistics[name])
        excess = np.maximum(0.0, np.abs(statistics[name]) - limits["unrelated"][name])
        miss = np.where(wanted == 1, short, excess)
        worst = worst + miss * miss
    if aloof:
        most = limits["unrelated"]["spearman"]
        miss = 8 * np.maximum(0.0, np.abs(statistics["spearman"]) - most)
        worst = worst + miss * miss
    points: Ints = np.rint(worst * POINTS).astype(np.int64).sum(axis=-1)
    return points


def correlation(x: Ints, y: Ints) -> float:
    """Correlate two columns of whole numbers, the same on every machine.

    Examples
    --------
    >>> round(correlation(np.array([1, 2, 3]), np.array([1, 3, 2])), 6)
    0.5
    """
    n = len(x)
    products = int(n * (x * y).sum() - x.sum() * y.sum())
    squares = int(n * (x * x).sum() - x.sum() ** 2)
    squares *= int(n * (y * y).sum() - y.sum() ** 2)
    return products / sqrt(squares) if squares else 0.0
