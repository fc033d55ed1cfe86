"""Who is low and who is high."""

import numpy as np
import pytest

from swtlib._crosstab import levels_of
from swtlib.errors import ParameterError
from swtlib.splits import cut_levels

NAN = np.nan


def parts(marks, split, cutpoint=8.0):
    """Give the low and the high of one column of grades, and both cuts."""
    grades = np.array(marks, dtype=float)[:, None]
    levels = levels_of(grades)
    cut = cut_levels(grades, levels, split=split, cutpoint=cutpoint)
    given = [mark for mark in marks if not np.isnan(mark)]
    codes = [code for code in levels.codes[:, 0] if code >= 0]
    low = [mark for mark, code in zip(given, codes, strict=True) if cut.low[0, code]]
    high = [mark for mark, code in zip(given, codes, strict=True) if cut.high[0, code]]
    return low, high, (cut.cut[0], cut.cut_high[0])


def test_mean_counts_who_is_on_it_as_low():
    # (5 + 6 + 7 + 10) / 4 = 7
    assert parts([5, 6, 7, 10], "mean") == ([5, 6, 7], [10], (7, 7))


def test_mean_that_misses_a_grade_by_a_last_digit_is_that_grade():
    marks = [7.1] * 3  # sum 21.299999999999997
    assert sum(marks) / 3 < 7.1
    assert parts(marks, "mean")[:2] == (marks, [])
    marks = [6.9, 7.1, 7.3, 7.1, 7.1, 7.1]
    assert parts(marks, "mean")[1] == [7.3]


def test_median_counts_who_is_on_it_as_low():
    assert parts([5, 7, 7, 7, 9], "median") == ([5, 7, 7, 7], [9], (7, 7))
    # between 7 and 8
    assert parts([6, 7, 8, 9], "median") == ([6, 7], [8, 9], (7.5, 7.5))


def test_median_that_is_the_highest_grade_leaves_nobody_high():
    assert parts([5, 8, 8, 8], "median") == ([5, 8, 8, 8], [], (8, 8))


def test_cutpoint_is_the_lowest_high_grade():
    assert parts([7, 7.9, 8, 9], "cutpoint") == ([7, 7.9], [8, 9], (8, 8))
    assert parts([5, 6, 7], "cutpoint", 6) == ([5], [6, 7], (6, 6))
    assert parts([5, 6, 7], "cutpoint", 11)[:2] == ([5, 6, 7], [])
    nearly = 0.1 * 3 * 10 + 5 - 1e-12  # a mean of items that should be 8
    assert parts([7, nearly], "cutpoint")[1] == [nearly]


def test_tertiles_leave_out_who_is_between():
    # 1 to 9: 1 + 8 / 3 and 1 + 16 / 3
    low, high, cuts = parts(range(1, 10), "tertiles")
    assert (low, high) == ([1, 2, 3], [7, 8, 9])
    np.testing.assert_allclose(cuts, [11 / 3, 19 / 3])


def test_tertiles_count_who_is_on_them():
    # 4 grades: places 1 and 2 of 0 to 3, so the tertiles are 6 and 8
    assert parts([5, 6, 8, 9], "tertiles") == ([5, 6], [8, 9], (6, 8))


def test_equal_tertiles_are_low():
    assert parts([7, 7, 7, 7, 9], "tertiles") == ([7] * 4, [9], (7, 7))
    assert parts([5, 7, 7, 7, 7], "tertiles") == ([5] + [7] * 4, [], (7, 7))


@pytest.mark.parametrize("split", ["mean", "median", "cutpoint", "tertiles"])
def test_a_split_does_not_count_who_gave_no_grade(split):
    marks = [5, 6, 6, 7, 8, 9]
    assert parts([NAN, *marks, NAN], split) == parts(marks, split)


@pytest.mark.parametrize("split", ["mean", "median", "tertiles"])
def test_a_split_without_grades_is_empty(split):
    low, high, cuts = parts([NAN, NAN], split)
    assert (low, high) == ([], [])
    assert np.isnan(cuts).all()
    grades = np.empty((0, 2))
    cut = cut_levels(grades, levels_of(grades), split=split, cutpoint=8.0)
    assert cut.low.shape == cut.high.shape == (2, 0)


@pytest.mark.parametrize("split", ["mean", "median"])
def test_one_grade_and_equal_grades_are_low(split):
    assert parts([8], split)[:2] == ([8], [])
    assert parts([8, 8, 8], split)[:2] == ([8, 8, 8], [])


def test_every_column_has_a_cut_of_its_own():
    grades = np.array([[5.0, NAN, 9.0], [7.0, NAN, 9.0], [8.0, NAN, 3.0]])
    cut = cut_levels(grades, levels_of(grades), split="median", cutpoint=8.0)
    np.testing.assert_equal(cut.cut, [7, NAN, 9])
    assert cut.high[0].tolist() == [False, False, True]
    assert not cut.high[1:].any()


def test_cut_levels_refuses_another_split():
    grades = np.array([[5.0]])
    with pytest.raises(ParameterError, match=r"no split 'medain'.*mean 'median'"):
        cut_levels(grades, levels_of(grades), split="medain", cutpoint=8.0)
