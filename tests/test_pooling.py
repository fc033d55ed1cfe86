"""Partial pooling of team means, by hand and against lme4."""

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from swtlib._one_way import REASON_TOO_LITTLE
from swtlib._pooling_model import (
    WARN_ALMOST,
    WARN_BOUNDARY,
    WARN_HESSIAN,
    WARN_NOT_CONVERGED,
    WARN_OTHER,
)
from swtlib.errors import ResponseError
from swtlib.pooling import pooled_means, pooling_table

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
LMER_RTOL = 1e-6  # lmer stops where the likelihood is nearly flat: at 7 digits
UNIT_RTOL = 1e-9  # in another unit the scores themselves are rounded otherwise

COLUMNS = [
    *("variable", "group", "n", "mean", "sd", "pooled"),
    *("rank", "rank_pooled", "weight", "sd_between", "warning"),
]
SUMMARY = [
    *("variable", "n", "n_teams", "sd_between"),
    *("range_raw", "range_pooled", "rank_agreement", "warning"),
]
FITTED = ["pooled", "rank_pooled", "weight", "sd_between"]
HAND = {"a": [1, 2, 3], "b": [3, 4, 5]}


def teams_of(**scores):
    """Give one row per score, from the scores of each team on 'baken'."""
    rows = [(team, s) for team, given in scores.items() for s in given]
    return pd.DataFrame(rows, columns=["team", "baken"]).astype({"baken": float})


def read_reference(name):
    return pd.read_csv(TESTS / "reference" / f"{name}.csv")


@pytest.fixture(scope="module")
def scores():
    answers = pd.read_csv(TESTS / "data" / "synthetic_team_quality.csv")
    items = answers[["schaal_1", "schaal_2", "schaal_3"]]
    items = items.assign(schaal_3=4 - items["schaal_3"])
    scale = items.mean(axis=1).where(items.notna().sum(axis=1) >= 2)
    answers.insert(1, "schaal", scale)
    return answers.drop(columns=items.columns)


# --- by hand ----------------------------------------------------------------------


def test_pooled_means_by_hand():
    # Teams of equal size: between (B - W) / k = (6 - 1) / 3 = 5/3, within W = 1.
    # Weight 5/3 / (5/3 + 1/3) = 5/6: 2 and 4 go a sixth of the way to 3.
    table = pooled_means(teams_of(**HAND))
    assert table.columns.tolist() == COLUMNS
    assert table["group"].tolist() == ["a", "b"]
    assert table["variable"].tolist() == ["baken"] * 2
    assert table["n"].tolist() == [3, 3]
    assert table["mean"].tolist() == [2, 4]
    assert table["sd"].tolist() == [1, 1]
    assert_allclose(table["weight"], 5 / 6)
    assert_allclose(table["pooled"], [2 + 1 / 6, 4 - 1 / 6])
    assert_allclose(table["sd_between"], math.sqrt(5 / 3))
    assert table["rank"].tolist() == [2, 1]
    assert table["rank_pooled"].tolist() == [2, 1]
    assert (table["warning"] == "").all()


def test_pooled_means_says_that_teams_do_not_differ():
    # B = 2 * 2 * 0.5**2 = 1 is less than W = 5: between is at its limit, 0.
    table = pooled_means(teams_of(a=[1, 3], b=[1, 5]))
    assert table["pooled"].tolist() == [2.5, 2.5]
    assert table["weight"].tolist() == [0, 0]
    assert table["sd_between"].tolist() == [0, 0]
    assert table["rank"].tolist() == [2, 1]
    assert table["rank_pooled"].tolist() == [1.5, 1.5]
    assert table["warning"].tolist() == [WARN_BOUNDARY] * 2


def test_pooled_means_of_unequal_teams_without_difference_is_the_mean_of_all():
    table = pooled_means(teams_of(a=[1, 3, 2, 2], b=[1, 3]))  # 12 / 6
    assert table["pooled"].tolist() == [2, 2]


def almost_equal():
    # W = 10/9; B = 20 * d**2 = 1.05 * W: between / within = 0.05 / 10.
    half = math.sqrt(1.05 * 10 / 9 / 20)
    spread = np.array([-1, 1] * 5)
    return teams_of(a=2 - half + spread, b=2 + half + spread)


def test_pooled_means_says_that_teams_hardly_differ():
    table = pooled_means(almost_equal())
    assert_allclose(table["sd_between"], math.sqrt(0.005 * 10 / 9))
    assert_allclose(table["weight"], 0.05 / 1.05)
    assert (table["warning"] == WARN_ALMOST).all()


def test_pooled_means_draws_a_small_team_further():
    # The team of two has the highest mean; it is not the highest after pooling.
    large = np.array([2, 7] * 5)
    table = pooled_means(teams_of(a=[4, 6], b=large, c=large - 4))
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["rank_pooled"].tolist() == [2, 1, 3]
    weight = table["weight"]
    assert weight[0] < weight[1] == weight[2]


def test_pooled_means_shares_the_places_of_equal_means():
    table = pooled_means(
        teams_of(a=[0.1, 0.2, 0.3], b=[0.3, 0.1, 0.2], c=[0.9, 1.0, 0.8])
    )
    assert table["rank"].tolist() == [2.5, 2.5, 1]
    assert table["rank_pooled"].tolist() == [2.5, 2.5, 1]


def test_pooled_means_does_not_depend_on_the_unit(scores):
    points = pooled_means(scores)
    other = scores.copy()
    other[other.columns[1:]] = other[other.columns[1:]] / 400 + 1000
    share = pooled_means(other)
    assert share["warning"].equals(points["warning"])
    assert_allclose(share["weight"], points["weight"], rtol=1e-6)
    back = (share["pooled"] - 1000) * 400
    assert_allclose(back, points["pooled"], rtol=UNIT_RTOL)


# --- little to go on --------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"a": [1]},
        {"a": [1, 2]},
        {"a": [1, 2, 3], "b": [4]},
        {"a": [1], "b": [2], "c": [4]},
        {"a": [2, 2, 2], "b": [2, 2]},
        {"a": [1, 1, 1], "b": [4, 4]},
        {"a": [np.nan] * 3, "b": [np.nan]},
    ],
)
def test_pooled_means_is_empty_without_spread_in_two_teams(given):
    table = pooled_means(teams_of(**given))
    assert table["group"].tolist() == list(given)
    assert table[FITTED].isna().all(axis=None)
    assert (table["warning"] == REASON_TOO_LITTLE).all()
    means = [np.mean(values) for values in given.values()]
    assert_allclose(table["mean"], means)
    assert table["rank"].isna().tolist() == table["mean"].isna().tolist()


def test_pooled_means_keeps_a_team_without_scores():
    table = pooled_means(teams_of(leeg=[np.nan] * 2, **HAND)).set_index("group")
    assert table.loc["leeg", "n"] == 0
    kept = ["mean", "sd", "pooled", "rank", "rank_pooled", "weight"]
    assert table.loc["leeg", kept].isna().all()
    whole = pooled_means(teams_of(**HAND)).set_index("group")
    assert table.drop(index="leeg").equals(whole)


def test_pooled_means_takes_a_team_of_one_along():
    table = pooled_means(teams_of(**HAND, c=[9]))
    assert table["n"].tolist() == [3, 3, 1]
    assert math.isnan(table["sd"][2])
    assert table["pooled"][2] < 9


def test_pooled_means_without_respondents_has_no_rows():
    table = pooled_means(teams_of())
    assert len(table) == 0
    assert pooling_table(table).columns.tolist() == SUMMARY


def test_pooled_means_fits_each_variable_on_its_own_answers():
    frame = teams_of(**HAND)
    frame["ander"] = [1, 3, np.nan, 1, 5, np.nan]
    table = pooled_means(frame)
    assert table["variable"].tolist() == ["baken", "baken", "ander", "ander"]
    assert table["n"].tolist() == [3, 3, 2, 2]
    assert table["warning"].tolist() == ["", "", WARN_BOUNDARY, WARN_BOUNDARY]


def test_pooled_means_refuses_other_input():
    frame = teams_of(**HAND)
    with pytest.raises(ResponseError, match="no column 'team'"):
        pooled_means(frame[["baken"]])
    with pytest.raises(ResponseError, match="no column besides 'team'"):
        pooled_means(frame[["team"]])
    with pytest.raises(ResponseError, match="2 respondents have no team"):
        pooled_means(frame.assign(team=["a", None, "a", None, "b", "b"]))
    with pytest.raises(ResponseError, match="column 'baken' is not numeric"):
        pooled_means(frame.astype({"baken": str}))


# --- what the model warns for -----------------------------------------------------


def change_fit(monkeypatch, change):
    """Let MixedLM fit in another way: ``change(fit, model, options)``."""
    fit = MixedLM.fit

    def changed(model, **options):
        return change(fit, model, options)

    monkeypatch.setattr(MixedLM, "fit", changed)


def from_its_own_start(method):
    def change(fit, model, options):
        return fit(model, reml=True, method=[method])

    return change


def test_pooled_means_says_that_the_model_did_not_converge(monkeypatch, scores):
    def stop(fit, model, options):
        return fit(model, reml=True, method=["bfgs"], maxiter=1)

    change_fit(monkeypatch, stop)
    table = pooled_means(scores[["team", "schaal"]])
    assert (table["warning"] == WARN_NOT_CONVERGED).all()
    assert table[FITTED].isna().all(axis=None)
    assert table["mean"].notna().all()


def test_pooled_means_does_not_believe_a_false_zero(monkeypatch, scores):
    # From its own start lbfgs steps to a variance of 0, where the slope is 0 as
    # well, and says that it converged.
    change_fit(monkeypatch, from_its_own_start("lbfgs"))
    table = pooled_means(scores[["team", "schaal"]])
    assert (table["warning"] == WARN_NOT_CONVERGED).all()
    assert table[FITTED].isna().all(axis=None)


def test_pooled_means_survives_a_singular_matrix(monkeypatch):
    def fail(fit, model, options):
        raise np.linalg.LinAlgError

    change_fit(monkeypatch, fail)
    table = pooled_means(teams_of(**HAND))
    assert (table["warning"] == WARN_NOT_CONVERGED).all()


def warn_with(message, category=ConvergenceWarning):
    def change(fit, model, options):
        warnings.warn(message, category, stacklevel=2)
        return fit(model, **options)

    return change


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "The Hessian matrix at the estimated parameter values is not positive "
            "definite.",
            WARN_HESSIAN,
        ),
        ("The random effects covariance matrix is singular.", WARN_HESSIAN),
        ("Retrying MixedLM optimization with powell", ""),
        ("something new", f"{WARN_OTHER}: something new"),
    ],
)
def test_pooled_means_hands_warnings_on(monkeypatch, message, expected):
    change_fit(monkeypatch, warn_with(message))
    table = pooled_means(teams_of(**HAND))
    assert (table["warning"] == expected).all()
    assert_allclose(table["weight"], 5 / 6)


def test_pooled_means_gives_two_warnings_in_one_text(monkeypatch):
    change_fit(monkeypatch, warn_with("The Hessian matrix at the estimated"))
    table = pooled_means(almost_equal())
    assert table["warning"][0] == f"{WARN_HESSIAN}; {WARN_ALMOST}"


def test_pooled_means_leaves_warnings_of_another_kind_alone(monkeypatch):
    change_fit(monkeypatch, warn_with("something else", UserWarning))
    with pytest.warns(UserWarning, match="something else"):
        table = pooled_means(teams_of(**HAND))
    assert (table["warning"] == "").all()


# --- the summary ------------------------------------------------------------------


def test_pooling_table_by_hand():
    # As above with five each: B = 5 * 2 = 10, W = 4/8 = 1/2, between 9.5 / 5 = 1.9,
    # weight 1.9 / (1.9 + 0.1) = 19/20.
    frame = teams_of(a=[1, 2, 3, 2, 2], b=[3, 4, 5, 4, 4])
    table = pooling_table(pooled_means(frame))
    assert table.columns.tolist() == SUMMARY
    row = table.iloc[0]
    assert (row["variable"], row["n"], row["n_teams"]) == ("baken", 10, 2)
    assert_allclose(row["sd_between"], math.sqrt(1.9))
    assert_allclose([row["range_raw"], row["range_pooled"]], [2, 1.9])
    assert math.isnan(row["rank_agreement"])  # two teams always agree or disagree
    assert row["warning"] == ""


def test_pooling_table_counts_changed_places():
    # Places 1, 2, 3, 4 become 2, 1, 3, 4: 1 - 6 * 2 / (4 * 15).
    pooled = pd.DataFrame(
        {
            "variable": "baken",
            "group": list("abcd"),
            "n": 6,
            "mean": [4.0, 3.0, 2.0, 1.0],
            "sd": 1.0,
            "pooled": [2.8, 2.9, 2.0, 1.5],
            "rank": [1.0, 2.0, 3.0, 4.0],
            "rank_pooled": [2.0, 1.0, 3.0, 4.0],
            "sd_between": 1.0,
            "warning": "",
        }
    )
    assert_allclose(pooling_table(pooled)["rank_agreement"], 0.8)


def test_pooling_table_leaves_out_teams_whose_mean_is_hidden():
    # From the range and the other means the mean of a hidden team would follow.
    shown = {"a": [1, 2, 3, 2, 2], "b": [2, 3, 4, 3, 3], "c": [2, 2, 3, 2, 2]}
    hidden = {"klein": [4, 4, 3, 4], "gelijk": [0] * 5, "leeg": [np.nan]}
    row = pooling_table(pooled_means(teams_of(**shown, **hidden))).iloc[0]
    assert (row["n"], row["n_teams"]) == (24, 5)
    assert row["range_raw"] == 1
    assert row["range_pooled"] < 1
    assert_allclose(row["rank_agreement"], 1)


def test_pooling_table_has_no_range_of_one_team():
    row = pooling_table(pooled_means(teams_of(a=[1, 2, 3, 2, 2], b=[1, 3]))).iloc[0]
    assert math.isnan(row["range_raw"])
    assert math.isnan(row["range_pooled"])


def test_pooling_table_has_no_agreement_without_an_order():
    frame = teams_of(a=[1, 3, 2, 0, 4], b=[1, 4, 2, 0, 4], c=[1, 3, 1, 0, 4])
    row = pooling_table(pooled_means(frame)).iloc[0]
    assert row["range_pooled"] == 0
    assert math.isnan(row["rank_agreement"])
    assert row["warning"] == WARN_BOUNDARY


# --- against R --------------------------------------------------------------------


def test_pooled_means_matches_lmer(scores):
    table = pooled_means(scores)
    expected = read_reference("pooling_teams").set_index(["variable", "team"])
    models = read_reference("pooling").set_index("variable")
    assert len(table) == len(expected)
    for row in table.itertuples():
        known, model = expected.loc[(row.variable, row.group)], models.loc[row.variable]
        assert row.n == known["n"]
        assert row.rank == known["rank"]
        assert_allclose([row.mean, row.sd], known[["mean", "sd"]], rtol=R_RTOL)
        assert_allclose(row.pooled, known["pooled"], rtol=LMER_RTOL)
        if model["singular"]:
            assert row.sd_between == row.weight == 0
            assert row.warning == WARN_BOUNDARY
            continue
        assert_allclose(row.sd_between, model["sd_between"], rtol=LMER_RTOL)
        between, within = model["sd_between"] ** 2, model["sd_within"] ** 2
        weight = between / (between + within / row.n)
        assert_allclose(row.weight, weight, rtol=LMER_RTOL)
        assert row.warning == ""
    assert models["singular"].sum() == 1


def test_pooling_table_matches_r(scores):
    table = pooling_table(pooled_means(scores)).set_index("variable")
    expected = read_reference("pooling").set_index("variable")
    assert table.index.tolist() == expected.index.tolist()
    for name, row in table.iterrows():
        known = expected.loc[name].copy()
        assert (row["n"], row["n_teams"]) == (known["n"], known["n_teams"])
        assert_allclose(row["range_raw"], known["range_raw"], rtol=R_RTOL)
        if known["singular"]:
            assert row["range_pooled"] == 0
            assert math.isnan(row["rank_agreement"])  # R ranks the rounding
            continue
        assert_allclose(row["range_pooled"], known["range_pooled"], rtol=LMER_RTOL)
        assert_allclose(row["rank_agreement"], known["rank_agreement"], rtol=R_RTOL)


def test_pooled_means_of_published_answers_matches_lmer():
    # 7,382 soldiers in 99 companies; scores with their sizes, means and sd's.
    parts = []
    companies = read_reference("bh1996_companies")
    for place, row in enumerate(companies.itertuples()):
        steps = np.arange(row.n, dtype=float)
        steps = (steps - steps.mean()) / steps.std(ddof=1)
        score = row.mean + row.sd * steps
        parts.append(pd.DataFrame({"team": f"company {place}", "lead": score}))
    table = pooled_means(pd.concat(parts, ignore_index=True))
    known = read_reference("pooling_bh1996").iloc[0]
    between, within = known["sd_between"] ** 2, known["sd_within"] ** 2
    weight = between / (between + within / companies["n"])
    pooled = weight * companies["mean"] + (1 - weight) * known["overall"]
    assert table["n"].sum() == known["n"]
    assert_allclose(table["sd_between"], known["sd_between"], rtol=LMER_RTOL)
    assert_allclose(table["weight"], weight, rtol=LMER_RTOL)
    assert_allclose(table["pooled"], pooled, rtol=LMER_RTOL)
    assert (table["warning"] == "").all()


@pytest.mark.parametrize("above", [1e-3, 1e-6, 1e-9, 1e-12])
def test_pooled_means_finds_its_maximum_just_above_no_difference(above):
    # Three teams of three with F = 1 + above: spread within 1, and team means
    # -d, 0, d with 3 * d**2 = F.
    d = np.sqrt((1 + above) / 3)
    within = np.array([-1.0, 0.0, 1.0])
    scores = pd.DataFrame(
        {
            "team": np.repeat(["a", "b", "c"], 3),
            "score": np.concatenate([within - d, within, within + d]),
        }
    )
    table = pooled_means(scores)
    assert table["pooled"].between(-d - 1e-9, d + 1e-9).all()
    assert (table["weight"] >= 0).all()
