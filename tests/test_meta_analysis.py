"""Effects of several studies together, by hand and against R's metafor."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from swtlib.effects import g_variance
from swtlib.errors import ParameterError, StatisticError
from swtlib.meta_analysis import (
    FOUND,
    combine_questions,
    combine_studies,
    studies_with_ci,
)

TESTS = Path(__file__).resolve().parent
HAND_RTOL = 1e-6  # the t values below are written with 7 digits
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
R_ATOL = 1e-12  # for limits near 0, where a relative difference says nothing
# Paule and Mandel's equation is solved by steps, until it holds to 1e-6.
PM_RTOL = 2e-6
METHODS = {"PM": "paule_mandel", "DL": "dersimonian_laird"}

T_1 = 12.7062047  # t(0.975) with 1 degree of freedom
T_2 = 4.3026527
T_3 = 3.1824463
Z = 1.9599640

SETS = dict(list(pd.read_csv(TESTS / "data" / "synthetic_studies.csv").groupby("set")))
EXPECTED = pd.read_csv(TESTS / "reference" / "meta_analysis.csv")


# --- by hand -----------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS.values())
def test_combine_studies_by_hand(method):
    # Mean 0.5; Q = (0.16 + 0 + 0.16) / 0.04 = 8; with equal variances tau2 is
    # 0.16 - 0.04 = 0.12 by both methods, w = 1 / (0.04 + 0.12), se = sqrt(0.16 / 3).
    found = combine_studies([0.1, 0.5, 0.9], [0.2, 0.2, 0.2], method=method)
    assert found.k == 3
    assert_allclose(found.estimate, 0.5)
    assert_allclose(found.tau2, 0.12, rtol=HAND_RTOL)
    assert_allclose(found.q, 8)
    assert_allclose(found.q_p, math.exp(-4))  # chi-squared with 2 degrees of freedom
    assert_allclose(found.i2, 0.75)  # 1 - 2 / 8
    se = math.sqrt(0.16 / 3)
    assert_allclose(found.se, se, rtol=HAND_RTOL)
    assert_allclose(found.ci_low, 0.5 - T_2 * se, rtol=HAND_RTOL)
    assert_allclose(found.ci_high, 0.5 + T_2 * se, rtol=HAND_RTOL)
    # t with 3 - 2 = 1 degree of freedom
    half = T_1 * math.sqrt(0.12 + 0.16 / 3)
    assert_allclose(found.prediction_low, 0.5 - half, rtol=HAND_RTOL)
    assert_allclose(found.prediction_high, 0.5 + half, rtol=HAND_RTOL)
    assert_allclose(found.weights, 1 / 3)


@pytest.mark.parametrize("method", METHODS.values())
def test_combine_studies_that_are_equal_has_an_interval_all_the_same(method):
    # Hartung and Knapp's own would be of no width: sum w (y - m)^2 = 0.
    # w = 25, 25, 100: se = 1 / sqrt(150), and t(2).
    found = combine_studies([0.4, 0.4, 0.4], [0.2, 0.2, 0.1], method=method)
    assert found.tau2 == found.q == found.i2 == 0
    assert found.q_p == 1
    assert_allclose(found.se, 1 / math.sqrt(150))
    assert_allclose(found.ci_high, 0.4 + T_2 / math.sqrt(150), rtol=HAND_RTOL)
    assert_allclose(found.weights, [25 / 150, 25 / 150, 100 / 150])


@pytest.mark.parametrize("method", METHODS.values())
def test_combine_studies_that_are_nearly_equal_is_not_narrower_than_chance(method):
    # Q = (0.01 + 0.01) / 0.16 = 0.125, less than k - 1 = 1: tau2 is 0.
    found = combine_studies([0.3, 0.5], [0.4, 0.4], method=method)
    assert found.tau2 == 0
    assert_allclose(found.q, 0.125)
    assert found.i2 == 0
    assert_allclose(found.se, 0.4 / math.sqrt(2))
    assert_allclose(found.ci_high, 0.4 + T_1 * 0.4 / math.sqrt(2), rtol=HAND_RTOL)


def test_combine_two_studies_predicts_nothing():
    found = combine_studies([0.2, 0.9], [0.25, 0.3])
    assert found.k == 2
    # (0.7^2 - 0.0625 - 0.09) / 2 = 0.16875
    assert_allclose(found.tau2, 0.16875, rtol=PM_RTOL)
    assert found.ci_high - found.ci_low > 8  # t(1)
    assert math.isnan(found.prediction_low)
    assert math.isnan(found.prediction_high)


def test_combine_one_study_gives_that_study():
    found = combine_studies([0.5], [0.2])
    assert (found.k, found.estimate, found.se) == (1, 0.5, 0.2)
    assert_allclose([found.ci_low, found.ci_high], [0.5 - Z * 0.2, 0.5 + Z * 0.2])
    assert np.isnan([found.tau2, found.tau, found.q, found.q_p, found.i2]).all()
    assert np.isnan([found.prediction_low, found.prediction_high]).all()
    assert found.weights.tolist() == [1.0]


@pytest.mark.parametrize("errors", [[], [math.nan, math.nan]])
def test_combine_no_studies_gives_nothing(errors):
    found = combine_studies([0.5] * len(errors), errors)
    assert found.k == 0
    assert np.isnan([getattr(found, name) for name in FOUND]).all()
    assert np.isnan(found.weights).all()


def test_combine_studies_leaves_out_one_without_a_standard_error():
    found = combine_studies([0.1, 5.0, 0.5, 0.9], [0.2, math.nan, 0.2, 0.2])
    without = combine_studies([0.1, 0.5, 0.9], [0.2, 0.2, 0.2])
    for name in ("k", *FOUND):
        assert getattr(found, name) == getattr(without, name)
    assert np.isnan(found.weights).tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("estimates", "errors", "message"),
    [
        ([0.1], [0.1, 0.2], "1 estimates beside 2 errors"),
        ([math.nan], [0.1], "missing or infinite"),
        ([math.inf], [0.1], "missing or infinite"),
        ([0.1], [0.0], "not a number above 0"),
        ([0.1], [-0.1], "not a number above 0"),
        ([0.1], [math.inf], "not a number above 0"),
    ],
)
def test_combine_studies_says_what_is_wrong(estimates, errors, message):
    with pytest.raises(StatisticError, match=message):
        combine_studies(estimates, errors)


def test_combine_studies_names_the_methods():
    with pytest.raises(ParameterError, match="Did you mean 'paule_mandel'"):
        combine_studies([0.1], [0.1], method="paul_mandel")
    with pytest.raises(ParameterError, match="confidence is 95"):
        combine_studies([0.1], [0.1], confidence=95)


# --- against R ---------------------------------------------------------------


@pytest.mark.parametrize(
    "row", EXPECTED.index, ids=EXPECTED["set"] + EXPECTED["method"]
)
def test_combine_studies_matches_r(row):
    expected = EXPECTED.loc[row]
    method = expected["method"]
    rows = SETS[expected["set"]]
    found = combine_studies(rows["estimate"], rows["se"], method=METHODS[method])
    rtol = PM_RTOL if method == "PM" and expected["tau2"] > 0 else R_RTOL
    assert found.k == expected["k"]
    for name in ("tau2", "se", "ci_low", "ci_high", "estimate", "i2"):
        assert_allclose(getattr(found, name), expected[name], rtol=rtol, atol=R_ATOL)
    for name in ("prediction_low", "prediction_high"):
        assert_allclose(getattr(found, name), expected[name], rtol=rtol, atol=R_ATOL)
    assert_allclose(found.q, expected["q"], rtol=R_RTOL, atol=R_ATOL)
    assert_allclose(found.q_p, expected["q_p"], rtol=1e-8, atol=0)  # far in the tail
    weights = [float(part) for part in expected["weights"].split()]
    assert_allclose(found.weights, weights, rtol=rtol)


def test_combine_studies_is_hartung_and_knapp_where_that_is_not_too_narrow():
    # metafor's "knha", and the usual error: ours is the larger of the two
    both = EXPECTED[["se_plain", "se_knha"]].max(axis=1)
    assert_allclose(EXPECTED["se"], both, rtol=1e-7)
    assert (EXPECTED["se_knha"] > EXPECTED["se_plain"] * (1 + 1e-6)).any()
    assert (EXPECTED["se_knha"] < EXPECTED["se_plain"] * (1 - 1e-6)).any()


def test_g_variance_matches_r():
    expected = pd.read_csv(TESTS / "reference" / "meta_analysis_g.csv")
    found = [
        g_variance(row["g"], row["n_first"], row["n_second"])
        for _, row in expected.iterrows()
    ]
    assert_allclose(found, expected["variance"], rtol=R_RTOL)


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.05, 2)), min_size=2, max_size=12)
)
def test_combine_studies_solves_the_equation_of_paule_and_mandel(rows):
    estimates, errors = np.array(rows).T
    found = combine_studies(estimates, errors)
    weights = 1 / (errors**2 + found.tau2)
    mean = (weights * estimates).sum() / weights.sum()
    spread = (weights * (estimates - mean) ** 2).sum()
    k = len(rows)
    if found.tau2 > 0:
        assert_allclose(spread, k - 1, atol=2e-6)
    else:
        assert spread <= k - 1 + 2e-6
    assert found.ci_low < found.estimate < found.ci_high
    if k > 2:
        assert found.prediction_low < found.ci_low
        assert found.prediction_high > found.ci_high


# --- tables ------------------------------------------------------------------


def effects(**columns):
    values = {
        "study": ["a", "b", "c"],
        "outcome": "regie",
        "comparison": "contact",
        "kind": "hedges_g",
        "unit": "standaarddeviaties",
        "description": "Regie: wel min niet",
        "estimate": [0.1, 0.5, 0.9],
        "se": [0.2, 0.2, 0.2],
        "n_first": [20.0, 30.0, 40.0],
        "n_second": [25.0, 35.0, 45.0],
    }
    return pd.DataFrame(values | columns)


def test_combine_questions_counts_what_is_combined():
    table = combine_questions(effects(se=[0.2, 0.2, np.nan]))
    row = table.iloc[0]
    assert (row["k"], row["left_out"]) == (2, 1)
    assert (row["n_total"], row["n_smallest"]) == (110, 20)  # 20 + 25 + 30 + 35
    assert_allclose(row["estimate"], 0.3)


def test_combine_questions_keeps_questions_apart():
    both = pd.concat(
        [
            effects(),
            effects(outcome="inbreng", estimate=[0.2, 0.2, 0.2]),
            effects(kind="spearman_z", n_second=np.nan, estimate=[0.3, 0.3, 0.3]),
        ],
        ignore_index=True,
    )
    table = combine_questions(both)
    assert table[["outcome", "kind"]].to_numpy().tolist() == [
        ["regie", "hedges_g"],
        ["inbreng", "hedges_g"],
        ["regie", "spearman_z"],
    ]
    assert_allclose(table["estimate"], [0.5, 0.2, 0.3])
    assert table["n_total"].tolist() == [195, 195, 90]  # of one group: 20 + 30 + 40
    assert combine_questions(both.iloc[:0]).empty


def test_studies_with_ci_by_hand():
    table = studies_with_ci(effects(se=[0.2, 0.2, np.nan]))
    assert_allclose(table["ci_low"][:2], [0.1 - Z * 0.2, 0.5 - Z * 0.2])
    assert_allclose(table["weight"], [0.5, 0.5, np.nan])
    assert np.isnan(table["ci_low"][2])
    assert table["n_total"].tolist() == [45, 65, 85]
    assert table["n_smallest"].tolist() == [20, 30, 40]
