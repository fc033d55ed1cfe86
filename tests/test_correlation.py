"""Spearman's rho with its interval, by hand and against R and scipy."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from swtlib.correlation import spearman_with_ci
from swtlib.errors import ParameterError, ResponseError

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
Z = 1.959963984540054
NAN = np.nan


def as_list(found):
    return [found.value, found.ci_low, found.ci_high]


def test_spearman_by_hand():
    # ranks 1 2 3 4 5 and 2 1 4 3 5: squares of differences 1 + 1 + 1 + 1 = 4
    # rho = 1 - 6 * 4 / (5 * 24) = 0.8; variance (1 + 0.64 / 2) / (5 - 3) = 0.66
    found = spearman_with_ci([1, 2, 3, 4, 5], [20, 10, 40, 30, 90])
    half = Z * math.sqrt(0.66)
    expected = [
        0.8,
        math.tanh(math.atanh(0.8) - half),
        math.tanh(math.atanh(0.8) + half),
    ]
    assert_allclose(as_list(found), expected)


def test_spearman_gives_ties_their_mean_rank():
    # ranks less 3: -2 -.5 -.5 1 2 and -2 -.5 1 -.5 2; products 4 + .25 - .5 - .5 + 4
    # = 7.25, squares 9.5 and 9.5: rho = 7.25 / 9.5
    found = spearman_with_ci([6, 7, 7, 8, 9], [1, 2, 3, 2, 4])
    assert_allclose(found.value, 7.25 / 9.5)


@pytest.mark.parametrize("seed", range(20))
def test_spearman_matches_scipy_with_ties(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 70))
    first, second = rng.integers(0, 5, size=(2, n))
    second = np.where(rng.random(n) < 0.5, first, second)
    expected = stats.spearmanr(first, second).statistic
    found = spearman_with_ci(first, second)
    assert_allclose(found.value, expected, rtol=R_RTOL, atol=1e-14)  # a sum near 0
    assert_allclose(spearman_with_ci(second, first).value, found.value)


def test_spearman_depends_on_order_only():
    first, second = [1, 2, 2, 4, 3, 0], [0, 1, 3, 3, 4, 2]
    found = as_list(spearman_with_ci(first, second))
    assert_allclose(as_list(spearman_with_ci(np.exp(first), second)), found)
    turned = spearman_with_ci(np.negative(first), second)
    assert_allclose(as_list(turned), [-found[0], -found[2], -found[1]])


def test_spearman_matches_r():
    answers = pd.read_csv(TESTS / "data" / "synthetic_split.csv")
    reference = pd.read_csv(TESTS / "reference" / "correlation.csv")
    compared = reference[reference["name"] != "tuna"]
    assert len(compared) == 2 * 35
    for row in compared.itertuples():
        pair = answers[row.name.split()].to_numpy(dtype=float)
        found = spearman_with_ci(*pair.T, confidence=row.confidence)
        assert (~np.isnan(pair).any(axis=1)).sum() == row.n
        expected = [row.spearman, row.ci_low, row.ci_high]
        assert_allclose(as_list(found), expected, rtol=R_RTOL)


def test_spearman_gives_what_was_published():
    # Hollander & Wolfe (1973), as in R's help of cor.test: rho is 0.6
    lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    reference = pd.read_csv(TESTS / "reference" / "correlation.csv")
    row = reference[reference["name"] == "tuna"].iloc[0]
    found = as_list(spearman_with_ci(lightness, score))
    assert_allclose(found[0], 0.6)
    assert_allclose(found, row[["spearman", "ci_low", "ci_high"]].tolist(), rtol=R_RTOL)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 60])
@pytest.mark.parametrize("sign", [1, -1])
def test_perfect_order_has_no_interval(n, sign):
    found = spearman_with_ci(np.arange(n), sign * np.arange(n) ** 2)
    assert found.value == sign
    assert math.isnan(found.ci_low)
    assert math.isnan(found.ci_high)


def test_spearman_of_few_people_has_no_interval():
    # ranks 1 2 3 and 1 3 2: 1 - 6 * 2 / (3 * 8)
    three = spearman_with_ci([1, 2, 3], [1, 3, 2])
    assert_allclose(as_list(three), [0.5, NAN, NAN])
    # ranks 1 2 3 4 and 1 2 4 3: 1 - 6 * 2 / (4 * 15) = 0.8, variance 1.32 / 1
    four = spearman_with_ci([1, 2, 3, 4], [1, 2, 4, 3])
    half = Z * math.sqrt(1.32)
    assert_allclose(four.ci_low, math.tanh(math.atanh(0.8) - half))


@pytest.mark.parametrize(
    ("first", "second"),
    [([], []), ([3], [2]), ([1, NAN], [NAN, 2]), ([3, 3, 3, 3], [1, 2, 3, 4])],
)
def test_spearman_is_empty_without_two_people_or_spread(first, second):
    assert np.isnan(as_list(spearman_with_ci(first, second))).all()


def test_spearman_leaves_out_who_misses_an_answer():
    first, second = [1, 2, 3, 4, 5, NAN], [20, 10, 40, 30, 90, 7]
    found = spearman_with_ci([*first, 9], [*second, NAN])
    assert found == spearman_with_ci(first[:5], second[:5])


def test_spearman_refuses_unfit_input():
    with pytest.raises(ResponseError, match="3 answers beside 2"):
        spearman_with_ci([1, 2, 3], [1, 2])
    with pytest.raises(ResponseError, match="infinite"):
        spearman_with_ci([1, math.inf], [1, 2])
    with pytest.raises(ParameterError, match="95"):
        spearman_with_ci([1, 2, 3], [1, 2, 3], confidence=95)
