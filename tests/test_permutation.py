"""The permutation test, beside every deal there is and against R's coin."""

import itertools
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from swtlib.errors import ParameterError, ResponseError
from swtlib.permutation import EXACT_N, EXACT_WORK, Deals, permutation_test
from swtlib.two_groups import pair_of

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
# Random deals miss p by a binomial error; beyond four of those is 1 in 16,000, and
# the seeds below are fixed.
ERRORS = 4
NAN = np.nan


def all_deals(first, second):
    """Go over every deal; scores are whole numbers, or fractions."""
    scores = [Fraction(score).limit_denominator(1000) for score in (*first, *second)]
    n, size, total = len(scores), len(first), sum(scores)

    def away(group):
        return abs(n * sum(group) - size * total)

    deals = itertools.combinations(scores, size)
    far = [away(deal) >= away(scores[:size]) for deal in deals]
    return sum(far) / len(far)


def two_values(n, yes, first, yes_first):
    """Give both groups, and the chance of a difference this large or larger."""
    groups = (
        np.repeat([1, 0], [yes_first, first - yes_first]),
        np.repeat([1, 0], [yes - yes_first, n - first - yes + yes_first]),
    )
    deals = range(max(0, first + yes - n), min(yes, first) + 1)
    away = abs(n * yes_first - first * yes)
    far = [k for k in deals if abs(n * k - first * yes) >= away]
    ways = sum(math.comb(yes, k) * math.comb(n - yes, first - k) for k in far)
    return *groups, float(Fraction(ways, math.comb(n, first)))


def at_random(first, second, *, n_permutations=10_000, seed=0):
    deals = Deals(n_permutations=n_permutations, seed=seed, exact_work=0)
    pair = pair_of(first, second)
    p_value, kind = deals.p_value(pair.first, pair.second, pair.scores)
    assert kind == "random"
    return p_value


def monte_carlo_error(p_value, n_permutations):
    return ERRORS * math.sqrt(p_value * (1 - p_value) / n_permutations)


# --- exact ------------------------------------------------------------------------


def test_permutation_test_by_hand():
    # 20 deals of 0 1 2 3 4 5 in threes. The sums 3 and 12 come from one deal each
    # (0 1 2, 3 4 5), the sums 4 and 11 too (0 1 3, 2 4 5): 4 of 20.
    result = permutation_test([2, 4, 5], [0, 1, 3])
    assert (result.n_first, result.n_second, result.kind) == (3, 3, "exact")
    assert_allclose(result.difference, 11 / 3 - 4 / 3)
    assert result.p_value == 4 / 20


def test_permutation_test_of_groups_apart():
    # 0 1 2 beside 3 4 5: the deal itself and its mirror, of 20
    assert permutation_test([3, 4, 5], [0, 1, 2]).p_value == 2 / 20
    # 1 2 beside 4 5 6 7: of 15 deals only 1 2 is that far from the mean: 3 away
    # from 8 1/3 is 5 1/3; the highest, 6 7, is 4 2/3 away
    assert permutation_test([1, 2], [4, 5, 6, 7]).p_value == 1 / 15


CASES = [
    ([3, 4, 4, 5], [1, 2, 2, 3]),
    ([0, 0, 1, 4], [0, 1, 1, 2, 4, 4]),  # ties
    ([0, 0, 0, 0, 0, 1], [0, 1, 1]),  # two values
    ([2, 2], [0, 1, 4, 4, 4, 3, 3, 1]),  # unequal sizes
    ([9, 10], [0, 3]),  # grades with gaps
    ([1, 1, 6, 6], [1, 3, 3, 10, 6]),  # gaps of 2, 3 and 4 are steps of 1
    ([0, 10, 10, 7], [7, 3, 3, 3, 0]),
    ([-3, -1, 5], [0, 2, 2, -3]),
    ([1, 2, 3, 3], [1, 2, 3, 3]),  # no difference
]


@pytest.mark.parametrize(("first", "second"), CASES)
def test_permutation_test_goes_over_all_deals(first, second):
    found = permutation_test(first, second)
    assert found.kind == "exact"
    assert found.p_value == all_deals(first, second)
    turned = permutation_test(second, first)
    assert (turned.p_value, turned.difference) == (found.p_value, -found.difference)


@pytest.mark.parametrize("parts", [2, 3, 7, 12])
@pytest.mark.parametrize(("first", "second"), CASES)
def test_permutation_test_is_exact_for_means_of_items(first, second, parts):
    # scores such as 1/3 and 2/3 lie on steps of 1/3, but for the last digit
    scores = [np.array(group) / parts for group in (first, second)]
    found = permutation_test(*scores)
    assert found.kind == "exact"
    assert found.p_value == all_deals(first, second)


def test_permutation_test_is_exact_for_a_mixture_of_means():
    # of two items and of three: halves and thirds lie on sixths
    first, second = [0, 1 / 2, 4 / 3, 4 / 3], [1 / 2, 2, 8 / 3, 7 / 2, 4]
    found = permutation_test(first, second)
    assert found.kind == "exact"
    assert found.p_value == all_deals(first, second)


@pytest.mark.parametrize("seed", range(10))
def test_permutation_test_goes_over_all_deals_of_drawn_answers(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 7, size=2)
    groups = [rng.integers(0, 5, size=size).tolist() for size in sizes]
    assert permutation_test(*groups).p_value == all_deals(*groups)


def test_permutation_test_does_not_depend_on_the_level_of_the_answers():
    first, second = [0, 1, 4, 4], [0, 0, 2, 1, 1]
    found = permutation_test(first, second).p_value
    for low, step in ((1000, 1), (0, 0.25), (-7, 1e-3), (3, 1e6)):
        moved = [low + step * np.array(group) for group in (first, second)]
        assert permutation_test(*moved).p_value == found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([3], [1, 2, 2]),  # n = 1
        ([], [1, 2]),
        ([NAN, 3], [1, 2]),
        ([NAN, NAN], [NAN]),
        ([], []),
        ([3, 3, 3], [3, 3]),  # all equal
        ([0.1 + 0.2, 0.3], [0.3, 0.3]),
    ],
)
def test_permutation_test_is_empty_where_there_is_none(first, second):
    result = permutation_test(first, second)
    assert math.isnan(result.p_value)
    assert result.kind == ""


def test_permutation_test_of_two_beside_two():
    # of 6 deals of 1 2 3 4, sums 3 4 5 5 6 7: 3 and 7, and for 2 4 two more
    assert permutation_test([1, 2], [3, 4]).p_value == 2 / 6
    assert permutation_test([2, 4], [1, 3]).p_value == 4 / 6


def test_permutation_test_leaves_missing_answers_out():
    assert permutation_test([3, NAN, 4, 4, 5], [1, 2, 2, NAN, 3]) == permutation_test(
        [3, 4, 4, 5], [1, 2, 2, 3]
    )


def test_exact_distribution_stays_one_at_the_largest_sizes():
    n = 5
    while (n + 5) * ((n + 5) // 2 + 1) * (2 * (n + 5) + 1) <= EXACT_WORK:
        n += 5  # as many of each answer 0-4: the mean is 2
    assert n >= 185
    answers, half, each = np.sort(np.tile(np.arange(5), n // 5)), n // 2, n // 5
    mixed = permutation_test(answers[::2], answers[1::2])
    assert mixed.kind == "exact"
    assert 0.5 < mixed.p_value <= 1
    # the lowest half has all of 0 and 1, and as many of 2 as fit: so many deals,
    # and as many mirrored ones
    apart = permutation_test(answers[:half], answers[half:])
    assert apart.kind == "exact"
    ways = 2 * math.comb(each, half - 2 * each)
    assert_allclose(apart.p_value, ways / math.comb(n, half), rtol=R_RTOL)
    # ten people more take too long
    more = permutation_test(np.append(answers, [2] * 10), answers[half:])
    assert more.kind == "random"


@pytest.mark.parametrize("n", [12, 21, 100, EXACT_N])
def test_exact_distribution_of_two_values_is_hypergeometric(n):
    # few said yes, so that the largest n is not too much work
    for yes, yes_first in itertools.product((2, 5), (0, 1, 2)):
        first, second, expected = two_values(n, yes, n // 2, yes_first)
        found = permutation_test(first, second)
        assert found.kind == "exact"
        assert_allclose(found.p_value, expected, rtol=R_RTOL)


@pytest.mark.parametrize(("n", "yes"), [(EXACT_N + 1, 2), (4000, 1700)])
def test_permutation_test_of_more_people_is_random(n, yes):
    # the number of deals of 1030 people is more than a double holds
    first, second, expected = two_values(n, yes, n // 4, yes // 4 + 1)
    found = permutation_test(first, second)
    assert found.kind == "random"
    error = monte_carlo_error(expected, 10_000)
    assert_allclose(found.p_value, expected, rtol=0, atol=error + 1 / 10_000)


# --- random -----------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), CASES)
def test_random_deals_are_near_all_deals(first, second):
    expected, n = all_deals(first, second), 40_000
    found = at_random(first, second, n_permutations=n, seed=3)
    assert_allclose(found, expected, atol=monte_carlo_error(expected, n) + 1 / n)


def test_scores_without_steps_are_dealt_at_random():
    first, second = [0.31, 1.7, math.pi, 2.2], [1.9, math.e, 3.3, 4.012345, 3.7]
    n = 40_000
    found = permutation_test(first, second, n_permutations=n, seed=1)
    assert found.kind == "random"
    scores = np.array([*first, *second])
    deals = np.array(list(itertools.combinations(scores, 4))).sum(axis=1)
    away = np.abs(deals / 4 - (scores.sum() - deals) / 5)
    expected = (away >= abs(found.difference) - 1e-12).mean()
    assert 0.01 < expected < 0.5
    assert_allclose(found.p_value, expected, atol=monte_carlo_error(expected, n))


def test_random_p_value_is_never_zero():
    # groups far apart: 2 of C(40, 20) deals, so that no random deal is among them
    rng = np.random.default_rng(8)
    low = rng.normal(size=20)
    found = permutation_test(low, low + 100, n_permutations=999, seed=4)
    assert (found.kind, found.p_value) == ("random", 1 / 1000)
    one = permutation_test(low, low + 100, n_permutations=1)
    assert one.p_value == 1 / 2


def test_random_p_value_without_a_difference_is_1():
    assert at_random([0, 1, 2], [0, 1, 2]) == 1


def test_random_deals_depend_on_the_seed_alone():
    first, second = [0.31, 1.7, math.pi, 2.2], [1.9, math.e, 3.3, 4.012345]
    found = [
        permutation_test(first, second, seed=seed).p_value for seed in (1, 1, 2, 3, 4)
    ]
    assert found[0] == found[1]
    assert len(set(found)) > 1


def test_deals_keep_the_distribution_of_the_same_scores():
    # one set of scores, two ways to cut it: one distribution, two tests
    deals = Deals(n_permutations=10, seed=0)
    for first, second in (([0, 1, 2], [2, 3, 4]), ([0, 2], [1, 2, 3, 4])):
        pair = pair_of(first, second)
        found, kind = deals.p_value(pair.first, pair.second, pair.scores)
        assert (found, kind) == (all_deals(first, second), "exact")
    assert len(deals._known) == 1
    other = pair_of([0, 1, 2], [2, 3, 5])
    found, _ = deals.p_value(other.first, other.second, other.scores)
    assert found == all_deals([0, 1, 2], [2, 3, 5])
    assert len(deals._known) == 2


def test_permutation_test_refuses_unfit_input():
    with pytest.raises(ParameterError, match="n_permutations is 0"):
        permutation_test([1, 2], [3, 4], n_permutations=0)
    with pytest.raises(ResponseError, match="infinite"):
        permutation_test([1, math.inf], [3, 4])


# --- R ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reference():
    return pd.read_csv(TESTS / "reference" / "permutation.csv")


@pytest.fixture(scope="module")
def groups(reference):
    """Give both groups of each row of the reference, without missing answers."""
    found = {}
    examples = pd.read_csv(TESTS / "data" / "two_groups.csv")
    answers = pd.read_csv(TESTS / "data" / "synthetic_split.csv")
    for name, rows in examples.groupby("name"):
        found[name] = [rows["score"][rows["group"] == group] for group in (1, 2)]
    for name in reference["name"][~reference["name"].isin(found)]:
        grade, statement = name.split()
        mark, scores = answers[grade], answers[statement]
        high = mark > mark.mean()
        low = mark.notna() & ~high
        found[name] = [scores[high].dropna(), scores[low].dropna()]
    return found


def test_permutation_test_matches_coin(groups, reference):
    assert len(reference) == 35 + 7
    for row in reference.itertuples():
        found = permutation_test(*groups[row.name])
        assert (found.n_first, found.n_second) == (row.n_first, row.n_second)
        assert found.kind == "exact"
        assert_allclose(found.p_value, row.p_value, rtol=R_RTOL)


def test_permutation_test_of_ranks_is_wilcoxon_in_coin(groups, reference):
    # with mean ranks for ties, which scipy's exact Mann-Whitney does not know
    for row in reference.itertuples():
        first, second = groups[row.name]
        ranks = stats.rankdata([*first, *second])
        found = permutation_test(ranks[: len(first)], ranks[len(first) :])
        assert found.kind == "exact"
        assert_allclose(found.p_value, row.p_ranks, rtol=R_RTOL)


def test_permutation_test_of_ranks_is_scipys_without_ties():
    first, second = [1.1, 2.7, 3.8, 9.2], [0.4, 2.2, 1.6, 2.9, 3.1]
    ranks = stats.rankdata([*first, *second])
    expected = stats.mannwhitneyu(first, second, method="exact").pvalue
    assert_allclose(permutation_test(ranks[:4], ranks[4:]).p_value, expected)


def test_permutation_test_matches_scipys_enumeration(groups):
    first, second = groups["pain"][0][:6], groups["pain"][1][:6]
    expected = stats.permutation_test(
        (first.to_numpy(), second.to_numpy()),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        vectorized=True,
        n_resamples=np.inf,
    )
    # scipy doubles the smaller tail; with equal sizes both tails are the same
    assert_allclose(permutation_test(first, second).p_value, expected.pvalue)
