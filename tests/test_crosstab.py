"""Counting respondents by grade and answer."""

import numpy as np
import pytest

from swtlib._crosstab import add_levels, count_pairs, levels_of

NAN = np.nan


def test_levels_of_numbers_the_values_of_each_column():
    levels = levels_of(np.array([[7.0, 1.0], [5.0, NAN], [7.0, 1.0], [9.0, 1.0]]))
    assert levels.codes.tolist() == [[1, 0], [0, -1], [1, 0], [2, 0]]
    # the second column has one value: its highest is repeated
    assert levels.values.tolist() == [[5, 7, 9], [1, 1, 1]]


def test_levels_of_takes_nearly_equal_values_as_one():
    values = np.array([0.1 + 0.2, 0.3, 0.7, 0.1 * 7, 2.0])  # 0.30000000000000004, 0.3
    assert len(set(values)) == 5
    levels = levels_of(values[:, None])
    assert levels.codes[:, 0].tolist() == [0, 0, 1, 1, 2]
    assert levels.values[0].tolist() == [min(values[:2]), min(values[2:4]), 2.0]


def test_levels_of_keeps_scores_of_large_scales_apart():
    apart = levels_of(np.array([[0.0], [0.01], [1e6], [1e6 + 1]]))
    assert apart.codes[:, 0].tolist() == [0, 1, 2, 3]
    # a last digit of a hundred million is more than one of 1
    same = levels_of(np.array([[1e8], [np.nextafter(1e8, np.inf)]]))
    assert same.codes[:, 0].tolist() == [0, 0]


def test_levels_of_nothing():
    nobody = levels_of(np.empty((0, 2)))
    assert nobody.codes.shape == (0, 2)
    assert nobody.values.shape == (2, 0)
    assert levels_of(np.empty((3, 0))).values.shape == (0, 0)
    silent = levels_of(np.array([[NAN, 2.0], [NAN, 3.0]]))
    assert silent.codes.tolist() == [[-1, 0], [-1, 1]]
    assert np.isfinite(silent.values).all()


@pytest.mark.parametrize("seed", range(5))
def test_count_pairs_is_a_crosstab_of_each_pair(seed):
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, 4, size=(30, 5)).astype(float)
    draws[rng.random(draws.shape) < 0.2] = NAN
    draws[:, 1] = NAN  # a column without answers
    first, second = levels_of(draws[:, :2]), levels_of(draws[:, 2:])
    counts = count_pairs(first, second)
    assert counts.shape[:2] == (2, 3)
    for row, column in np.ndindex(2, 3):
        pair = draws[:, [row, 2 + column]]
        pair = pair[~np.isnan(pair).any(axis=1)]
        assert counts[row, column].sum() == len(pair)
        for a, b in np.ndindex(counts.shape[2:]):
            own, other = first.values[row], second.values[column]
            repeated = own[a] in own[:a] or other[b] in other[:b]
            expected = (pair == (own[a], other[b])).all(axis=1).sum()
            assert counts[row, column, a, b] == (0 if repeated else expected)


def test_add_levels_adds_the_rows_that_are_marked():
    grades = levels_of(np.array([[5.0], [6.0], [6.0], [8.0]]))
    answers = levels_of(np.array([[0.0], [0.0], [1.0], [1.0]]))
    counts = count_pairs(grades, answers)
    low = np.array([[True, True, False]])
    assert add_levels(counts, low).tolist() == [[[2, 1]]]
    assert add_levels(counts, ~low).tolist() == [[[0, 1]]]
    assert add_levels(counts, np.zeros_like(low)).tolist() == [[[0, 0]]]


def test_levels_of_tells_very_small_scores_apart():
    levels = levels_of(np.array([[1e-10], [2e-10], [3e-10]]))
    assert levels.codes[:, 0].tolist() == [0, 1, 2]
    chain = levels_of(np.linspace(0, 0.001, 2001)[:, None])
    assert chain.values.shape == (1, 2001)
