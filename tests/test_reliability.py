"""Reliability of scales, by hand and against R's psych."""

import itertools
import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from swtlib import _factor_model, _reliability_model
from swtlib._factor_model import HEYWOOD, fit_one_factor
from swtlib.codebook import Item, Response, Scale
from swtlib.errors import ParameterError, ResponseError
from swtlib.reliability import (
    MIN_N,
    cronbachs_alpha,
    item_rest_correlation,
    item_table,
    omega_total,
    reliability_table,
    spearman_brown,
)

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
ML_RTOL = 1e-6  # both stop where the likelihood is nearly flat: factanal at 2e-12
PSYCH_RTOL = 1e-5  # psych::fa stops earlier (optim's default); it gives 6 digits
F_RTOL = 1e-4  # the F values below are written with 5 digits
FIT_ATOL = 1e-7  # the fit stops at a slope of 1e-9
NEAR_ATOL = 0.02  # 2,000 resamples of 300: the limits shake about 0.01
Z = 1.959963984540054

FEW = "minder dan 10 mensen beantwoordden alle stellingen"
COLUMNS = [
    "scale",
    "n_items",
    "n",
    "statistic",
    "value",
    "ci_low",
    "ci_high",
    "interval",
    "omega_total",
    "omega_low",
    "omega_high",
    "mean_inter_item",
    "reason",
]
DROPPED = ["alpha_if_dropped", "alpha_if_dropped_low", "alpha_if_dropped_high"]
# Squares about the mean: 10 each. Products: a and b 8, a and c 9, b and c 6.
HAND = pd.DataFrame(
    {"a": [1, 2, 3, 4, 5] * 2, "b": [2, 1, 3, 5, 4] * 2, "c": [1, 3, 2, 4, 5] * 2}
)


def make_scale(*names, reversed_items=(), low=0, high=9):
    response = Response(kind="scale", low=low, high=high)
    items = tuple(
        Item(
            id=name,
            label=name,
            response=response,
            aspect="current",
            wording="unknown",
            reversed=name in reversed_items,
        )
        for name in names
    )
    return Scale(id="schaal", label="", response=response, items=items, min_valid=1)


def only_row(answers, **options):
    scale = make_scale(*answers.columns)
    table = reliability_table(answers, [scale], **options)
    assert len(table) == 1
    return table.iloc[0]


def factorial(*weights):
    """Give items made of unrelated parts of variance 1 each, in every mixture."""
    parts = np.array(list(itertools.product([-1, 1], repeat=len(weights[0]))))
    names = list("abcdef")[: len(weights)]
    return pd.DataFrame(parts @ np.array(weights).T, columns=names, dtype=float)


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(TESTS / "data" / "synthetic_reliability.csv")


@pytest.fixture(scope="module")
def scales(answers):
    return {
        name: make_scale(
            *[c for c in answers.columns if c.startswith(name)],
            reversed_items=("zes_3",),
            high=4,
        )
        for name in ("zes", "drie", "twee")
    }


def read_reference(name):
    return pd.read_csv(TESTS / "reference" / f"{name}.csv")


# --- alpha ------------------------------------------------------------------------


def test_cronbachs_alpha_by_hand():
    # variance of the sum 30 + 2 * (8 + 9 + 6) = 76, of the items 10 each:
    # 3/2 * (1 - 30/76) = 69/76. F(9, 18): 0.27016 at 2.5%, 2.9291 at 97.5%.
    result = cronbachs_alpha(HAND)
    assert (result.statistic, result.n_items, result.n) == ("alpha", 3, 10)
    assert_allclose(result.value, 69 / 76)
    limits = [1 - 7 / 76 * 2.9291, 1 - 7 / 76 * 0.27016]
    assert_allclose([result.ci_low, result.ci_high], limits, rtol=F_RTOL)
    assert (result.interval, result.reason) == ("feldt", "")


def test_cronbachs_alpha_counts_complete_cases_only():
    more = pd.concat([HAND, pd.DataFrame({"a": [9, 9], "b": [0, np.nan], "c": np.nan})])
    assert cronbachs_alpha(more) == cronbachs_alpha(HAND)


def test_cronbachs_alpha_of_two_items_of_equal_variance_is_spearman_brown():
    pair = HAND[["a", "b"]]
    assert_allclose(cronbachs_alpha(pair).value, spearman_brown(pair).value)


def test_cronbachs_alpha_gives_no_limit_below_zero():
    # r = 1/8 between three items of equal variance: 3 / 8 / (1 + 2 / 8) = 0.3
    weak = factorial((1, 7**0.5, 0, 0), (1, 0, 7**0.5, 0), (1, 0, 0, 7**0.5))
    result = cronbachs_alpha(weak)
    assert_allclose(result.value, 0.3)
    assert (result.ci_low, result.interval) == (0, "feldt")
    # r = 1/8 again: 2 / 8 / (1 + 1 / 8) = 2/9
    pair = spearman_brown(weak[["a", "b"]])
    assert_allclose(pair.value, 2 / 9)
    assert (pair.ci_low, pair.interval) == (0, "fisher")


def test_cronbachs_alpha_below_zero_is_refused():
    # correlations -2/sqrt(154), 1/sqrt(11), 1/sqrt(14) are 0.14 on average, while
    # the covariances -2, 0.5, 0.5 add up to -1: 3/2 * (1 - 25.25/23.25) = -0.13
    items = factorial((3, 1, 1), (-2, 3, 1), (0, 0, 0.5))
    twice = pd.concat([items] * 2)
    result = cronbachs_alpha(twice)
    assert math.isnan(result.value)
    assert math.isnan(result.ci_low)
    assert result.interval == "geen"
    assert result.reason.startswith("alfa komt onder nul uit")
    assert omega_total(twice).reason == result.reason


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (HAND.head(1), FEW),
        (HAND.head(2), FEW),
        (HAND.head(9), FEW),
        (HAND.head(0), FEW),
        (HAND.astype(float) * np.nan, FEW),
        (HAND.assign(a=np.nan), FEW),
        (HAND[["a"]], "één stelling"),
        (HAND.assign(a=3), "op een stelling gaf iedereen hetzelfde antwoord"),
        (HAND * 0 + 3, "op een stelling gaf iedereen hetzelfde antwoord"),
        (HAND.assign(c=9 - HAND["a"] - HAND["b"]), "iedereen heeft dezelfde"),
        (HAND.assign(b=6 - HAND["b"]), "de stellingen hangen gemiddeld negatief"),
        (HAND.assign(b=HAND["a"]), "de antwoorden op een stelling zijn precies uit"),
        (HAND.assign(b=HAND["a"], c=HAND["a"]), "de antwoorden op een stelling"),
    ],
)
def test_reliability_table_refuses_and_says_why(items, reason):
    row = only_row(items)
    assert row["reason"].startswith(reason)
    empty = ["value", "ci_low", "ci_high", "omega_total", "omega_low", "omega_high"]
    assert row[empty].isna().all()
    assert row["interval"] == "geen"
    assert row["n"] == len(items.dropna())


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (HAND["a"], "de antwoorden op een stelling zijn precies uit de andere"),
        (6 - HAND["a"], "iedereen heeft dezelfde schaalscore"),
        (6 - HAND["b"], "de stellingen hangen gemiddeld negatief samen"),
        (HAND["b"] * 0, "op een stelling gaf iedereen hetzelfde antwoord"),
    ],
)
def test_spearman_brown_refuses_and_says_why(other, reason):
    result = spearman_brown(pd.DataFrame({"a": HAND["a"], "b": other}))
    assert (result.n, result.n_items, result.interval) == (10, 2, "geen")
    assert math.isnan(result.value)
    assert result.reason.startswith(reason)


def test_reliability_asks_two_cases_more_than_items():
    rng = np.random.default_rng(3)
    factor = rng.normal(size=(13, 1))
    items = pd.DataFrame(factor + rng.normal(size=(13, 11)))
    assert cronbachs_alpha(items).reason == ""
    few = cronbachs_alpha(items.head(12))
    assert few.reason == "minder dan 13 mensen beantwoordden alle stellingen"
    assert MIN_N == 10


# --- Spearman-Brown ---------------------------------------------------------------


def test_spearman_brown_by_hand():
    # r = 8 / 10; 1.6 / 1.8; Fisher's z has a standard error of 1 / sqrt(10 - 3)
    result = spearman_brown(HAND[["a", "b"]])
    assert (result.statistic, result.n, result.interval) == (
        "spearman_brown",
        10,
        "fisher",
    )
    assert_allclose(result.value, 8 / 9)
    limits = [math.tanh(math.atanh(0.8) + side * Z / math.sqrt(7)) for side in (-1, 1)]
    expected = [2 * r / (1 + r) for r in limits]
    assert_allclose([result.ci_low, result.ci_high], expected)


def test_spearman_brown_refuses_another_number_of_items():
    with pytest.raises(ParameterError, match="there are 3"):
        spearman_brown(HAND)


# --- omega ------------------------------------------------------------------------


def test_omega_total_by_hand():
    # Items f + e1/2, f + e2/2, f + e3: variances 1.25, 1.25 and 2, covariances 1.
    # Three items determine the loadings: the square roots of 1/1.25 = 0.8, 0.8
    # and 1/2, which leaves 0.2, 0.2 and 0.5.
    items = factorial((1, 0.5, 0, 0), (1, 0, 0.5, 0), (1, 0, 0, 1))
    common = (2 * math.sqrt(0.8) + math.sqrt(0.5)) ** 2
    result = omega_total(items)
    assert_allclose(result.value, common / (common + 0.9), rtol=ML_RTOL)
    assert (result.n, result.interval, result.reason) == (16, "geen", "")
    assert math.isnan(result.ci_low)


def test_omega_total_refuses_a_heywood_case_while_alpha_stands():
    # r = 0.8, 0.9 and 0.6: the first loading would be 0.8 * 0.9 / 0.6 = 1.2, squared
    row = only_row(HAND)
    assert_allclose(row["value"], 69 / 76)
    assert math.isnan(row["omega_total"])
    assert row["reason"] == (
        "omega: het factormodel past niet: een stelling houdt geen eigen spreiding"
    )


def test_omega_total_refuses_a_model_without_a_solution(monkeypatch):
    monkeypatch.setattr(_factor_model, "MAX_STEPS", 1)
    items = factorial((1, 0.5, 0, 0), (1, 0, 0.5, 0), (1, 0, 0, 0.8))
    result = omega_total(items)
    assert math.isnan(result.value)
    assert result.reason == "het factormodel komt niet tot een oplossing"


def test_fit_one_factor_meets_the_equations_of_maximum_likelihood():
    # Lawley & Maxwell (1971): R u^-1 l = l (1 + l' u^-1 l), and l**2 + u = 1.
    rng = np.random.default_rng(9)
    answers = rng.normal(size=(50, 40, 1)) + rng.normal(size=(50, 40, 5))
    matrices = np.array([np.corrcoef(one.T) for one in answers])
    loadings, uniqueness = fit_one_factor(matrices)
    free = uniqueness.min(axis=1) > HEYWOOD
    assert free.sum() > 40
    for at in np.flatnonzero(free):
        loading, unique = loadings[at], uniqueness[at]
        scaled = loading / unique
        found = matrices[at] @ scaled
        assert_allclose(found, loading * (1 + loading @ scaled), atol=FIT_ATOL)
        assert_allclose(loading**2 + unique, 1, atol=FIT_ATOL)


def test_fit_one_factor_of_many_is_that_of_each():
    rng = np.random.default_rng(4)
    matrices = np.array([np.corrcoef(rng.normal(size=(4, 30))) for _ in range(20)])
    together = fit_one_factor(matrices)
    apart = [fit_one_factor(one[None]) for one in matrices]
    for found, alone in zip(together, zip(*apart, strict=True), strict=True):
        assert_allclose(found, np.concatenate(alone), rtol=R_RTOL, atol=FIT_ATOL)


def test_fit_one_factor_keeps_to_the_bound_where_r_does():
    # r = 0.8, 0.9 and 0.6: no free solution. With item 1 on the bound l1 is
    # sqrt(1 - 0.005); of the others l1 times it makes up r: 0.8 / l1, 0.9 / l1.
    r = np.array([[[1, 0.8, 0.9], [0.8, 1, 0.6], [0.9, 0.6, 1]]])
    loadings, uniqueness = fit_one_factor(r)
    assert uniqueness[0, 0] == HEYWOOD
    # Not exactly: 0.8 * 0.9 / l1**2 is not 0.6, and the others give way a little.
    assert_allclose(loadings[0], [0.995**0.5, 0.8, 0.9], atol=0.01)


def test_fit_one_factor_of_unrelated_items_gives_them_nothing_in_common():
    # A factor of one item, of whatever size, fits as well as none.
    loadings, uniqueness = fit_one_factor(np.eye(4)[None])
    implied = np.outer(loadings[0], loadings[0]) + np.diag(uniqueness[0])
    assert_allclose(implied, np.eye(4), atol=FIT_ATOL)


def test_omega_total_of_two_items_says_why_it_is_empty():
    assert omega_total(HAND[["a", "b"]]).reason == "twee stellingen"
    assert only_row(HAND[["a", "b"]])["reason"] == ""


def test_omega_total_bootstrap_is_repeatable_and_holds_the_value(answers, scales):
    options = {"n_bootstrap": 40, "seed": 7}
    items = answers[[item.id for item in scales["zes"].items]]
    items = items.assign(zes_3=4 - items["zes_3"])
    first = omega_total(items, **options)
    assert first == omega_total(items, **options)
    assert first != omega_total(items, n_bootstrap=40, seed=8)
    assert first.interval == "bootstrap"
    assert 0 < first.ci_low < first.value < first.ci_high < 1
    row = reliability_table(answers, [scales["zes"]], **options).iloc[0]
    assert (row["omega_low"], row["omega_high"]) == (first.ci_low, first.ci_high)
    assert row["interval"] == "feldt"


def test_omega_total_counts_resamples_on_the_bound():
    # Squared loadings 0.8, 0.8 and 1 / (1 + 0.01): nearly a Heywood case.
    items = factorial((1, 0.5, 0, 0), (1, 0, 0.5, 0), (1, 0, 0, 0.1))
    result = omega_total(items, n_bootstrap=50, seed=1)
    assert (result.interval, result.reason) == ("bootstrap", "")
    assert result.ci_low < result.value < result.ci_high


@pytest.mark.parametrize("estimate", [cronbachs_alpha, omega_total])
def test_bootstrap_gives_no_interval_if_resamples_fail(estimate):
    # One of 20 gave another answer to f: (19/20)**20 = 36% of the resamples miss
    # that person, and f is then the same for everybody.
    rng = np.random.default_rng(8)
    items = pd.DataFrame(rng.normal(size=(20, 1)) + rng.normal(size=(20, 5)))
    items["f"] = (items.sum(axis=1).rank() == 20) * 1.0
    result = estimate(items, n_bootstrap=100, seed=1)
    assert result.value > 0.5
    assert (result.interval, math.isnan(result.ci_low)) == ("geen", True)
    assert math.isnan(result.ci_high)
    assert result.reason == "te veel hertrokken steekproeven hebben geen uitkomst"


def loop_alphas(values, n_bootstrap, seed):
    """Alpha of every resample, one by one, in numpy."""
    rng = np.random.default_rng(seed)
    n, k = values.shape
    found = []
    for _ in range(n_bootstrap):
        rows = values[rng.integers(n, size=n)]
        items = rows.var(axis=0, ddof=1)
        total = rows.sum(axis=1).var(ddof=1)
        found.append(k / (k - 1) * (1 - items.sum() / total))
    return found


@pytest.mark.parametrize("cells", [2**20, 100])  # in one go; one resample at a time
def test_cronbachs_alpha_bootstrap_is_that_of_a_loop(monkeypatch, answers, cells):
    monkeypatch.setattr(_reliability_model, "CELLS", cells)
    items = answers[["drie_1", "drie_2", "drie_3"]].dropna()
    result = cronbachs_alpha(items, n_bootstrap=300, seed=3)
    drawn = loop_alphas(items.to_numpy(float), 300, 3)
    limits = [result.ci_low, result.ci_high]
    assert_allclose(limits, np.quantile(drawn, [0.025, 0.975]), rtol=R_RTOL)
    assert result.interval == "bootstrap"
    assert result.value == cronbachs_alpha(items).value
    assert result != cronbachs_alpha(items, n_bootstrap=300, seed=4)


def test_cronbachs_alpha_bootstrap_is_near_feldt_for_normal_items():
    # Where Feldt's conditions hold both estimate the same limits.
    rng = np.random.default_rng(6)
    items = pd.DataFrame(rng.normal(size=(300, 1)) + rng.normal(size=(300, 4)))
    drawn = cronbachs_alpha(items, n_bootstrap=2000, seed=1)
    feldt = cronbachs_alpha(items)
    limits = [drawn.ci_low, drawn.ci_high]
    assert_allclose(limits, [feldt.ci_low, feldt.ci_high], atol=NEAR_ATOL)


def test_cronbachs_alpha_bootstrap_gives_no_limit_below_zero():
    weak = factorial((1, 7**0.5, 0, 0), (1, 0, 7**0.5, 0), (1, 0, 0, 7**0.5))
    result = cronbachs_alpha(weak, n_bootstrap=200, seed=1)
    assert (result.ci_low, result.interval) == (0, "bootstrap")
    assert result.ci_high > 0.3


def test_cronbachs_alpha_bootstrap_of_what_is_refused_is_refused():
    for items in (HAND.head(0), HAND.head(1), HAND.head(2), HAND * 0 + 3, HAND[["a"]]):
        plain = cronbachs_alpha(items)
        drawn = cronbachs_alpha(items, n_bootstrap=20)
        assert drawn.reason == plain.reason != ""
        assert (drawn.n, drawn.interval) == (plain.n, "geen")
        assert math.isnan(drawn.value)


def test_omega_total_gives_no_warning(answers, scales):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reliability_table(answers, scales.values())
        omega_total(HAND)


# --- items ------------------------------------------------------------------------


def test_item_rest_correlation_by_hand():
    # a with b + c: 17 / sqrt(10 * 32); b: 14 / sqrt(10 * 38); c: 15 / sqrt(10 * 36)
    result = item_rest_correlation(HAND)
    assert result.name == "item_rest_correlation"
    assert result.index.tolist() == ["a", "b", "c"]
    assert_allclose(result, [17 / 320**0.5, 14 / 380**0.5, 15 / 360**0.5])


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_item_rest_correlation_of_few_is_empty(n):
    assert item_rest_correlation(HAND.head(n)).isna().all()


def test_item_rest_correlation_without_spread_is_empty():
    result = item_rest_correlation(HAND.assign(a=3))
    assert result.isna().tolist() == [True, False, False]
    # the rest of a is b + (6 - b), the same for everybody
    equal_rest = pd.DataFrame({"a": HAND["a"], "b": HAND["b"], "c": 6 - HAND["b"]})
    assert item_rest_correlation(equal_rest).isna().tolist() == [True, False, False]


def test_item_table_by_hand():
    # alpha of b and c: 2 * (1 - 20/32); of a and c: 2 * (1 - 20/38); of a and b
    table = item_table(HAND, make_scale("a", "b", "c"))
    assert table.columns.tolist() == [
        "scale",
        "item",
        "n",
        "item_rest_correlation",
        "ci_low",
        "ci_high",
        "alpha_if_dropped",
        "alpha_if_dropped_low",
        "alpha_if_dropped_high",
        "reason",
    ]
    assert table["item"].tolist() == ["a", "b", "c"]
    assert set(table["n"]) == {10}
    assert_allclose(table["alpha_if_dropped"], [0.75, 18 / 19, 8 / 9])
    # Feldt for two items of 10: F(9, 9) is 4.0260 at 97.5%, 1 / 4.0260 at 2.5%
    limits = table.loc[0, DROPPED[1:]].tolist()
    assert_allclose(limits, [max(1 - 0.25 * 4.0260, 0), 1 - 0.25 / 4.0260], rtol=F_RTOL)
    limits = table.loc[1, DROPPED[1:]].tolist()
    assert_allclose(limits, [1 - 4.0260 / 19, 1 - 1 / 19 / 4.0260], rtol=F_RTOL)
    z = math.atanh(17 / 320**0.5)
    half = Z / math.sqrt(7)
    found = table.loc[0, ["ci_low", "ci_high"]].tolist()
    assert_allclose(found, [math.tanh(z - half), math.tanh(z + half)])
    assert (table["reason"] == "").all()


def test_item_table_reverses_over_the_declared_range():
    # Nobody chose 9: over 0-9 the answers 7 8 6 4 5 to b become 2 1 3 5 4.
    scale = make_scale("a", "b", "c", reversed_items=("b",))
    turned = HAND.assign(b=9 - HAND["b"])
    found = item_table(turned, scale)
    expected = item_table(HAND, make_scale("a", "b", "c"))
    pd.testing.assert_frame_equal(found, expected)
    assert reliability_table(turned, [scale]).loc[0, "value"] == pytest.approx(69 / 76)


def test_item_table_of_two_items_has_no_alpha_if_dropped():
    table = item_table(HAND, make_scale("a", "b"))
    assert_allclose(table["item_rest_correlation"], 0.8)
    assert table[DROPPED].isna().all(axis=None)
    assert (table["reason"] == "").all()


def test_item_table_keeps_a_negative_correlation():
    # b turned: its products with a and c change sign; the rest a + c has 20 + 18
    table = item_table(HAND.assign(b=6 - HAND["b"]), make_scale("a", "b", "c"))
    assert_allclose(table.loc[1, "item_rest_correlation"], -14 / 380**0.5)
    assert_allclose(table.loc[1, "alpha_if_dropped"], 18 / 19)
    for column in DROPPED:
        assert table[column].isna().tolist() == [True, False, True]
    assert table.loc[0, "reason"].startswith(
        "alfa zonder deze stelling: de stellingen hangen gemiddeld negatief samen"
    )


def test_item_table_of_a_perfect_correlation_has_no_interval():
    table = item_table(HAND.assign(b=HAND["a"]), make_scale("a", "b"))
    assert_allclose(table["item_rest_correlation"], 1)
    assert table[["ci_low", "ci_high"]].isna().all(axis=None)


def test_item_table_says_why_an_item_is_empty():
    names = ("a", "b", "c")
    same = item_table(HAND.assign(a=3), make_scale(*names))
    assert same["reason"].tolist() == [
        "iedereen gaf hetzelfde antwoord",
        *["alfa zonder deze stelling: op een stelling gaf iedereen hetzelfde antwoord"]
        * 2,
    ]
    rest = item_table(HAND.assign(c=6 - HAND["b"]), make_scale(*names))
    assert rest.loc[0, "reason"].startswith("de andere stellingen samen geven bij")
    few = item_table(HAND.head(9), make_scale(*names))
    assert few["reason"].tolist() == [FEW] * 3
    assert few["alpha_if_dropped"].isna().all()
    one = item_table(HAND, make_scale("a"))
    assert one["reason"].tolist() == ["één stelling"]
    assert one["item_rest_correlation"].isna().all()


# --- tables -----------------------------------------------------------------------


def test_reliability_table_lists_its_columns(answers, scales):
    table = reliability_table(answers, scales.values())
    assert table.columns.tolist() == COLUMNS
    assert table["statistic"].tolist() == ["alpha", "alpha", "spearman_brown"]
    assert table["interval"].tolist() == ["feldt", "feldt", "fisher"]
    assert table["n_items"].tolist() == [6, 3, 2]
    assert (table["reason"] == "").all()


def test_reliability_table_of_one_item_counts_its_answers():
    row = only_row(HAND[["a"]].mask(HAND["a"] == 1))
    assert (row["n"], row["n_items"], row["statistic"]) == (8, 1, "")
    assert row["reason"] == "één stelling"


def test_reliability_table_ignores_other_columns():
    more = HAND.assign(team="elburg", respondent_id="r")
    scale = make_scale("a", "b", "c")
    pd.testing.assert_frame_equal(
        reliability_table(more, [scale]), reliability_table(HAND, [scale])
    )


def test_reliability_table_by_hand_gives_the_mean_correlation():
    assert_allclose(only_row(HAND)["mean_inter_item"], (0.8 + 0.9 + 0.6) / 3)


def test_reliability_refuses_unfit_input():
    scale = make_scale("a", "b", high=4)
    with pytest.raises(ResponseError, match="'a' has answers outside 0-4: 5"):
        reliability_table(HAND, [scale])
    with pytest.raises(ResponseError, match="'b' has no column"):
        item_table(HAND[["a"]], make_scale("a", "b"))
    with pytest.raises(ResponseError, match="'team' is not numeric"):
        cronbachs_alpha(HAND.assign(team="elburg"))
    with pytest.raises(ResponseError, match="infinite"):
        item_rest_correlation(HAND.assign(a=np.inf))
    with pytest.raises(ParameterError, match="no scales"):
        reliability_table(HAND, [])
    for estimate in (cronbachs_alpha, omega_total):
        with pytest.raises(ParameterError, match="n_bootstrap is -1"):
            estimate(HAND, n_bootstrap=-1)
        with pytest.raises(ParameterError, match="confidence is 95"):
            estimate(HAND, confidence=95)


# --- R ----------------------------------------------------------------------------


def with_covariance(covariance, n):
    """Give answers of `n` respondents with exactly this covariance."""
    noise = np.random.default_rng(1).normal(size=(int(n), len(covariance)))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise.T))).T
    values = white @ np.linalg.cholesky(covariance.to_numpy()).T
    return pd.DataFrame(values, columns=covariance.columns)


def check_scale(found, expected):
    for column in ("n_items", "n"):
        assert found[column] == expected[column]
    for column in ("value", "ci_low", "ci_high"):
        assert_allclose(found[column], expected[column], rtol=R_RTOL)


def test_reliability_table_matches_r(answers, scales):
    expected = read_reference("reliability").set_index("scale")
    for name, scale in scales.items():
        found = reliability_table(answers, [scale]).iloc[0]
        known = expected.loc[name]
        check_scale(found, known)
        assert_allclose(found["mean_inter_item"], known["mean_inter_item"], rtol=R_RTOL)
        omega = found["omega_total"]
        assert_allclose(omega, known["omega_factanal"], rtol=ML_RTOL)
        assert_allclose(omega, known["omega_psych"], rtol=PSYCH_RTOL)


def test_item_table_matches_r(answers, scales):
    expected = read_reference("reliability_items")
    for name in ("zes", "drie"):
        found = item_table(answers, scales[name])
        known = expected[expected["scale"] == name]
        assert found["item"].tolist() == known["item"].tolist()
        assert found["n"].tolist() == known["n"].tolist()
        for column in ("item_rest_correlation", "ci_low", "ci_high"):
            assert_allclose(found[column], known[column], rtol=R_RTOL)
        for column in DROPPED:
            assert_allclose(found[column], known[column], rtol=R_RTOL)


@pytest.mark.parametrize("name", ["agreeableness", "conscientiousness"])
def test_reliability_of_published_answers_matches_r(name):
    # psych's bfi; the answers are not kept here, their covariance and number are.
    expected = read_reference("reliability").set_index("scale").loc[name]
    items = read_reference("reliability_items").set_index("scale").loc[name]
    answers = with_covariance(read_reference(f"reliability_{name}"), expected["n"])
    alpha, omega = cronbachs_alpha(answers), omega_total(answers)
    check_scale(vars(alpha), expected)
    assert_allclose(omega.value, expected["omega_factanal"], rtol=ML_RTOL)
    assert_allclose(omega.value, expected["omega_psych"], rtol=PSYCH_RTOL)
    rest = item_rest_correlation(answers)
    assert rest.index.tolist() == items["item"].tolist()
    assert_allclose(rest, items["item_rest_correlation"], rtol=R_RTOL)
    dropped = [cronbachs_alpha(answers.drop(columns=item)) for item in answers]
    found = [(one.value, one.ci_low, one.ci_high) for one in dropped]
    assert_allclose(found, items[DROPPED], rtol=R_RTOL)
