"""Two groups: tests and effect sizes, by hand and against R and scipy."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

from swtlib.errors import ParameterError, ResponseError
from swtlib.two_groups import (
    FEW,
    _noncentrality,
    brunner_munzel_test,
    hedges_g,
    welch_test,
)

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
HAND_RTOL = 1e-6  # values below are written with 7 digits
# R's pt(ncp = ) is exact to 1e-12 in the tail and its uniroot to 1e-12; measured 5e-12.
SEARCH_ATOL = 1e-10
# From FEW degrees of freedom the limits follow from cumulants; measured 4e-8.
CUMULANT_ATOL = 1e-6
# effectsize minimises a squared miss with optim, which stops early; measured 4e-4.
OPTIM_ATOL = 1e-3
# Tail probabilities: what the search leaves, and what the cumulants leave.
SEARCH_TAIL = 1e-12
CUMULANT_TAIL = 1e-5  # up to t = 20; 1e-6 up to t = 5
NAN = np.nan

FIRST, SECOND = [3, 4, 4, 5], [1, 2, 2, 3]


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(TESTS / "data" / "synthetic_split.csv")


@pytest.fixture(scope="module")
def reference():
    return pd.read_csv(TESTS / "reference" / "two_groups.csv")


@pytest.fixture(scope="module")
def groups(answers, reference):
    """Give both groups of each row of the reference, with missing answers."""
    found = {}
    examples = pd.read_csv(TESTS / "data" / "two_groups.csv")
    for name, rows in examples.groupby("name"):
        found[name] = [rows["score"][rows["group"] == group] for group in (1, 2)]
    for name in reference["name"][~reference["name"].isin(found)]:
        grade, statement = name.split()
        mark, scores = answers[grade], answers[statement]
        cut = mark.mean()
        found[name] = [scores[mark > cut], scores[mark <= cut]]
    return found


def effect(found):
    return [found.value, found.ci_low, found.ci_high]


# --- Welch ------------------------------------------------------------------------


def test_welch_test_by_hand():
    # 3 4 4 5: mean 4, variance 2/3. 1 2 2 3: mean 2, variance 2/3.
    # t = 2 / sqrt(2/3/4 + 2/3/4) = 2 / sqrt(1/3) = 3.4641016, df = 6
    # t(0.975, 6) = 2.4469119: 2 -+ 2.4469119 * 0.5773503
    result = welch_test(FIRST, SECOND)
    assert (result.n_first, result.n_second) == (4, 4)
    assert (result.mean_first, result.mean_second, result.difference) == (4, 2, 2)
    assert_allclose(result.t, math.sqrt(12))
    assert_allclose(result.df, 6)
    assert_allclose(result.ci_low, 2 - 2.4469119 * math.sqrt(1 / 3), rtol=HAND_RTOL)
    assert_allclose(result.ci_high, 2 + 2.4469119 * math.sqrt(1 / 3), rtol=HAND_RTOL)


@pytest.mark.parametrize("compare", [welch_test, hedges_g, brunner_munzel_test])
def test_missing_answers_are_left_out(compare):
    assert compare([3, NAN, 4, 4, 5], [1, 2, 2, NAN, 3]) == compare(FIRST, SECOND)


def test_welch_test_works_when_one_group_has_no_spread():
    # error = 0 + (2/3)/4, df = 4 - 1: only the second group has any spread
    result = welch_test([4, 4, 4], SECOND)
    assert_allclose(result.df, 3)
    assert_allclose(result.t, 2 / math.sqrt(1 / 6))


@pytest.mark.parametrize(
    ("first", "second"),
    [([3], [1, 2, 2]), ([], [1, 2]), ([NAN, 3], [1, 2]), ([3, 3], [1, 1, 1])],
)
def test_nothing_is_tested_without_two_scores_or_any_spread(first, second):
    result = welch_test(first, second)
    for value in (result.ci_low, result.ci_high, result.t, result.df, result.p_value):
        assert math.isnan(value)
    assert np.isnan(effect(hedges_g(first, second))).all()


def test_welch_test_sees_no_spread_in_equal_fractions():
    result = welch_test([0.1 + 0.2, 0.3, 0.3], [0.7, 0.7, 0.1 * 7])
    assert math.isnan(result.p_value)
    assert_allclose(result.difference, -0.4)


def test_welch_test_sees_the_spread_of_large_numbers():
    near, far = (
        welch_test([0, 1, 2], [5, 6, 7]),
        welch_test([1e6, 1e6 + 1, 1e6 + 2], [1e6 + 5, 1e6 + 6, 1e6 + 7]),
    )
    assert_allclose(far.p_value, near.p_value, rtol=1e-9)  # 1e6 costs six digits
    assert math.isnan(welch_test([1e6] * 3, [1e6 + 1] * 3).p_value)


@pytest.mark.parametrize("compare", [welch_test, hedges_g, brunner_munzel_test])
def test_two_groups_refuse_unfit_input(compare):
    with pytest.raises(ResponseError, match="infinite"):
        compare([1, math.inf], [1, 2])
    with pytest.raises(ResponseError, match="infinite"):
        compare([1, 2], [1, -math.inf])
    with pytest.raises(ParameterError, match="95"):
        compare([1, 2], [3, 4], confidence=95)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_welch_test_matches_scipy(groups, confidence):
    for name, (first, second) in groups.items():
        if name == "level":  # one group has no spread: there scipy warns
            continue
        expected = stats.ttest_ind(first, second, equal_var=False, nan_policy="omit")
        limits = expected.confidence_interval(confidence)
        found = welch_test(first, second, confidence=confidence)
        assert_allclose(
            [found.t, found.df, found.p_value, found.ci_low, found.ci_high],
            [expected.statistic, expected.df, expected.pvalue, *limits],
            rtol=R_RTOL,
        )


def test_welch_test_matches_r(groups, reference):
    for row in reference.itertuples():
        found = welch_test(*groups[row.name])
        assert (found.n_first, found.n_second) == (row.n_first, row.n_second)
        assert_allclose(
            [found.mean_first, found.mean_second, found.t, found.df, found.p_value],
            [row.mean_first, row.mean_second, row.t, row.df, row.p_value],
            rtol=R_RTOL,
        )
        assert_allclose(
            [found.ci_low, found.ci_high], [row.ci_low, row.ci_high], rtol=R_RTOL
        )


def test_welch_test_gives_what_was_published(groups):
    # Student's sleep as different people, in R's help of t.test: with 4 to 5 digits
    found = welch_test(*groups["sleep"])
    assert_allclose(found.t, 1.8608, atol=5e-5)
    assert_allclose(found.df, 17.776, atol=5e-4)
    assert_allclose(found.p_value, 0.07939, atol=5e-6)
    assert_allclose([found.ci_low, found.ci_high], [-0.2054832, 3.3654832], atol=5e-8)


# --- Hedges' g --------------------------------------------------------------------


def test_hedges_g_by_hand():
    # d = 2 / sqrt(2/3) = 2.4494897; df = 6, J = gamma(3) / (sqrt(3) gamma(2.5))
    # gamma(3) = 2, gamma(2.5) = 1.3293404: J = 0.8686267
    found = hedges_g(FIRST, SECOND)
    assert_allclose(found.value, 2 / math.sqrt(2 / 3) * 0.8686267, rtol=HAND_RTOL)


def test_hedges_g_without_a_difference_is_0():
    # t = 0 lies at 2.5% of a normal distribution around 1.9599640; df = 4,
    # J = gamma(2) / (sqrt(2) gamma(1.5)) = 0.7978846, sqrt(1/3 + 1/3) = 0.8164966
    found = hedges_g([1, 2, 3], [1, 2, 3])
    limit = 1.9599640 * 0.7978846 * 0.8164966
    assert_allclose(effect(found), [0, -limit, limit], rtol=HAND_RTOL)


def test_hedges_g_has_the_sign_of_the_difference():
    value, low, high = effect(hedges_g(FIRST, SECOND))
    assert_allclose(effect(hedges_g(SECOND, FIRST)), [-value, -high, -low])


def test_hedges_g_of_two_beside_two():
    # df = 2: d = 1 / sqrt(2), J = gamma(1) / (1 * gamma(0.5)) = 1 / sqrt(pi)
    found = hedges_g([2, 4], [1, 3])
    assert_allclose(found.value, 1 / math.sqrt(2 * math.pi))
    assert found.ci_low < found.value < found.ci_high


def test_hedges_g_is_wider_with_more_confidence():
    found = [hedges_g(FIRST, SECOND, confidence=c) for c in (0.5, 0.8, 0.95, 0.999)]
    lows, highs = [g.ci_low for g in found], [g.ci_high for g in found]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)


def test_hedges_g_matches_r(groups, reference):
    for row in reference.itertuples():
        found = hedges_g(*groups[row.name])
        assert_allclose(found.value, row.hedges_g, rtol=R_RTOL)
        few = row.n_first + row.n_second - 2 < FEW
        assert_allclose(
            [found.ci_low, found.ci_high],
            [row.g_low, row.g_high],
            rtol=0,
            atol=SEARCH_ATOL if few else CUMULANT_ATOL,
        )
        assert_allclose(
            [found.ci_low, found.ci_high],
            [row.g_low_effectsize, row.g_high_effectsize],
            rtol=0,
            atol=OPTIM_ATOL,
        )


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize(
    "df", [1, 2, 3, 5, 8, 20, FEW - 1, FEW, FEW + 1, 64, 100, 500, 2000]
)
def test_noncentrality_leaves_the_tails(df, confidence):
    t = np.concatenate([np.linspace(-20, 20, 81), np.linspace(-0.5, 0.5, 21)])
    low, high = _noncentrality(t, np.full(t.shape, float(df)), confidence)
    assert (low < high).all()
    miss = np.abs(stats.nct.cdf(t, df, low) - (0.5 + confidence / 2))
    miss = np.maximum(miss, np.abs(stats.nct.cdf(t, df, high) - (0.5 - confidence / 2)))
    assert miss.max() < (SEARCH_TAIL if df < FEW else CUMULANT_TAIL)
    assert miss[np.abs(t) <= 5].max() < (SEARCH_TAIL if df < FEW else 1e-6)


@pytest.mark.parametrize("df", [2, FEW - 1])
@pytest.mark.parametrize("t", [-130.0, 0.01, 0.2, 130.0])
def test_noncentrality_of_small_tails_is_no_quantile_of_z(t, df):
    # scipy's inverse gives 3.29 at 0.05% for every small t
    low, high = _noncentrality(np.array([t]), np.array([float(df)]), 0.999)
    assert_allclose(
        stats.nct.cdf(t, df, [low[0], high[0]]), [0.9995, 0.0005], rtol=1e-8
    )


@pytest.mark.parametrize("df", [2, 10, FEW - 1, FEW, 64])
@pytest.mark.parametrize("t", [-6.0, -0.3, 0.0, 2.0, 12.0])
def test_noncentrality_leaves_the_tails_of_the_integral(t, df):
    # P(T < t) = E[Phi(t * U - limit)], without scipy's noncentral t
    def below(u, limit):
        density = stats.chi.pdf(u * math.sqrt(df), df) * math.sqrt(df)
        return special.ndtr(t * u - limit) * density

    for limit, tail in zip(
        _noncentrality(np.array(t), np.array(float(df)), 0.95),
        (0.975, 0.025),
        strict=True,
    ):
        # U above 6 has less than 1e-15
        found, _ = integrate.quad(below, 0, 6, args=(limit,), epsabs=1e-12)
        few = df < FEW
        assert_allclose(found, tail, rtol=0, atol=1e-11 if few else CUMULANT_TAIL)


# --- Brunner and Munzel -----------------------------------------------------------


def test_brunner_munzel_test_by_hand():
    # Of 1 2 4, below 2 lie 1.5 and below each 3 lie 2: (1.5 + 2 + 2) / 9 = 11/18.
    # Placements of 2 3 3: 1/2 2/3 2/3, variance 1/108, over 3: 1/324.
    # Placements of 1 2 4: 0 1/6 1, variance 31/108, over 3: 31/324.
    # statistic = (11/18 - 1/2) / sqrt(32/324) = (1/9) / (2 sqrt(2) / 9)
    # df = 32^2 / (1^2 / 2 + 31^2 / 2) = 2048 / 962
    result = brunner_munzel_test([2, 3, 3], [1, 2, 4])
    assert (result.n_first, result.n_second) == (3, 3)
    assert_allclose(result.superiority, 11 / 18)
    assert_allclose(result.statistic, 1 / math.sqrt(8))
    assert_allclose(result.df, 2048 / 962)
    assert_allclose(result.p_value, 2 * stats.t.sf(1 / math.sqrt(8), 2048 / 962))
    # logit of 11/18 is log(11/7); its slope there is 1 / (11/18 * 7/18)
    half = stats.t.ppf(0.975, 2048 / 962) * math.sqrt(32 / 324) * 18 * 18 / 77
    odds = [11 / 7 * math.exp(-half), 11 / 7 * math.exp(half)]
    limits = [o / (1 + o) for o in odds]
    assert_allclose([result.ci_low, result.ci_high], limits)


def test_superiority_counts_a_tie_for_half():
    # 1 and 1 beside 1 2: a half and nothing, twice; 2 beside 1 2: one and a half
    assert_allclose(
        brunner_munzel_test([1, 1, 2], [1, 2]).superiority, (0.5 + 0.5 + 1.5) / 6
    )
    assert brunner_munzel_test([2, 2], [2, 2, 2]).superiority == 0.5


@pytest.mark.parametrize("seed", range(10))
def test_superiority_goes_over_all_pairs(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 5, 6), rng.integers(0, 5, 9)
    pairs = list(itertools.product(first, second))
    expected = sum((a > b) + (a == b) / 2 for a, b in pairs) / len(pairs)
    found = brunner_munzel_test(first, second)
    assert_allclose(found.superiority, expected)
    turned = brunner_munzel_test(second, first)
    assert_allclose(turned.superiority, 1 - expected)
    assert_allclose(
        [turned.statistic, turned.p_value, turned.ci_low, turned.ci_high],
        [-found.statistic, found.p_value, 1 - found.ci_high, 1 - found.ci_low],
    )


@pytest.mark.parametrize(
    ("first", "second", "superiority"),
    [
        ([3], [1, 2, 3], 2.5 / 3),  # n = 1
        ([], [1, 2], NAN),
        ([NAN, NAN], [1, 2], NAN),
        ([2, 2, 2], [2, 2], 0.5),  # all equal
        ([3, 4, 4], [1, 2, 2], 1),  # every score above every other
        ([1, 2], [3, 4, 5], 0),
        ([5, 5], [1, 1, 1], 1),
    ],
)
def test_brunner_munzel_test_is_empty_where_there_is_none(first, second, superiority):
    found = brunner_munzel_test(first, second)
    assert_allclose(found.superiority, superiority)
    empty = [found.ci_low, found.ci_high, found.statistic, found.df, found.p_value]
    assert np.isnan(empty).all()


def test_superiority_interval_stays_between_0_and_1():
    found = brunner_munzel_test([2, 4], [1, 3])  # of 3 of 4 pairs
    assert found.superiority == 0.75
    assert 0 < found.ci_low < 0.01
    assert 0.99 < found.ci_high < 1


def test_brunner_munzel_test_depends_on_order_only():
    first, second = np.array([0, 1, 1, 3, 4]), np.array([1, 2, 2, 3])
    assert brunner_munzel_test(np.exp(first), np.exp(second)) == brunner_munzel_test(
        first, second
    )


def test_brunner_munzel_test_matches_scipy(groups):
    for name, (first, second) in groups.items():
        if name == "apart":  # no test: there scipy warns of a division
            continue
        # scipy's statistic is negative if the first group is higher
        expected = stats.brunnermunzel(first, second, nan_policy="omit")
        found = brunner_munzel_test(first, second)
        assert_allclose(
            [-found.statistic, found.p_value],
            [expected.statistic, expected.pvalue],
            rtol=R_RTOL,
        )


def test_brunner_munzel_test_matches_r(groups, reference):
    for row in reference.itertuples():
        found = brunner_munzel_test(*groups[row.name])
        assert_allclose(
            [
                found.superiority,
                found.ci_low,
                found.ci_high,
                found.statistic,
                found.df,
                found.p_value,
            ],
            [
                row.superiority,
                row.superiority_low,
                row.superiority_high,
                row.statistic,
                row.df_ranks,
                row.p_brunner_munzel,
            ],
            rtol=R_RTOL,
        )


def test_brunner_munzel_test_gives_what_was_published(groups):
    # Pain of Brunner & Munzel (2000), in the help of R's lawstat and of scipy
    found = brunner_munzel_test(*groups["pain"])
    assert_allclose(found.statistic, 3.1374674823029505)
    assert_allclose(found.p_value, 0.0057862086661515377)
    assert_allclose(found.df, 17.683, atol=5e-4)
    assert_allclose(found.superiority, 0.788961, atol=5e-7)
