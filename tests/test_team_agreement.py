"""Agreement within teams and difference between them, by hand and against R."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from swtlib._one_way import REASON_TOO_LITTLE
from swtlib.codebook import Item, Response, Scale
from swtlib.errors import ParameterError, ResponseError
from swtlib.team_agreement import (
    MIN_TEAMS,
    REASON_FEW_TEAMS,
    REASON_NO_DIFFERENCE,
    REASON_NO_STEPS,
    intraclass_correlation,
    team_agreement,
    within_group_agreement,
)

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
P_RTOL = 1e-6  # R's and SciPy's F distribution differ in the far tail (p = 1e-166)
F_RTOL = 1e-4  # the F values below are written with 5 digits

COLUMNS = [
    *("variable", "n", "n_teams", "icc1", "icc1_low", "icc1_high"),
    *("icc2", "f", "p_value", "rwg", "reason"),
]
ICC = ["icc1", "icc1_low", "icc1_high", "icc2", "f", "p_value"]


def make_scale(name, *items, reversed_items=(), high=4, min_valid=1, **response):
    kind = Response(**{"kind": "scale", "low": 0, "high": high} | response)
    return Scale(
        id=name,
        label="",
        response=kind,
        items=tuple(
            Item(
                id=item,
                label=item,
                response=kind,
                aspect="current",
                wording="unknown",
                reversed=item in reversed_items,
            )
            for item in items or (name,)
        ),
        min_valid=min_valid,
    )


SCALES = (
    make_scale(
        "schaal",
        *("schaal_1", "schaal_2", "schaal_3"),
        reversed_items=("schaal_3",),
        min_valid=2,
    ),
    make_scale("stelling"),
    make_scale("cijfer", high=10, kind="number"),
    make_scale("zonder_verschil"),
)


def teams_of(**answers):
    """Give one row per answer, from the answers of each team to 'stelling'."""
    return pd.DataFrame(
        [(team, float(a)) for team, given in answers.items() for a in given],
        columns=["team", "stelling"],
    ).astype({"stelling": float})


def icc_of(**answers):
    frame = teams_of(**answers)
    return intraclass_correlation(frame["stelling"], frame["team"])


def only_row(frame, scale=None, **options):
    table = team_agreement(frame, [scale or make_scale("stelling")], **options)
    assert len(table) == 1
    return table.iloc[0]


def read_reference(name):
    return pd.read_csv(TESTS / "reference" / f"{name}.csv")


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(TESTS / "data" / "synthetic_team_quality.csv")


@pytest.fixture(scope="module")
def companies():
    """Give scores with exactly the sizes, means and sd's of 99 companies."""
    parts = []
    for place, row in enumerate(read_reference("bh1996_companies").itertuples()):
        steps = np.arange(row.n, dtype=float)
        steps = (steps - steps.mean()) / steps.std(ddof=1)
        lead = row.mean + row.sd * steps
        parts.append(pd.DataFrame({"team": f"company {place}", "lead": lead}))
    return pd.concat(parts, ignore_index=True)


# --- agreement within one team ----------------------------------------------------


def test_within_group_agreement_of_one_item_by_hand():
    # variance 2/3; random answers 0-4: (25 - 1) / 12 = 2. 1 - (2/3) / 2 = 2/3.
    for answers in ([2, 3, 3, 4], [[2], [3], [3], [4]]):
        assert_allclose(within_group_agreement(answers, low=0, high=4), 2 / 3)


def test_within_group_agreement_of_two_items_by_hand():
    # variances 2/3 and 4/3, mean 1, r = 1/2: 2 * 1/2 / (2 * 1/2 + 1/2) = 2/3.
    answers = [[2, 1], [3, 3], [3, 1], [4, 3]]
    assert_allclose(within_group_agreement(answers, low=0, high=4), 2 / 3)


def test_within_group_agreement_takes_the_declared_range():
    # Grades 0-10: random answers have the variance (121 - 1) / 12 = 10.
    assert_allclose(within_group_agreement([6, 7, 7, 8], low=0, high=10), 1 - 2 / 30)


def test_within_group_agreement_is_zero_for_more_spread_than_at_random():
    # variance 16/3 is more than 2: 1 - 8/3 would be below 0.
    assert within_group_agreement([0, 4, 0, 4], low=0, high=4) == 0.0
    assert within_group_agreement([[0, 0], [4, 4]] * 2, low=0, high=4) == 0.0


def test_within_group_agreement_is_one_if_all_are_equal():
    assert within_group_agreement([3, 3], low=0, high=4) == 1.0
    assert within_group_agreement([[3, 1]] * 5, low=0, high=4) == 1.0


def test_within_group_agreement_counts_complete_answers_only():
    answers = [[2, 1], [3, 3], [3, 1], [4, 3], [0, np.nan], [np.nan, 4]]
    assert_allclose(within_group_agreement(answers, low=0, high=4), 2 / 3)


@pytest.mark.parametrize(
    "answers", [[], [3], [3, np.nan], [np.nan] * 3, [[1, np.nan], [np.nan, 1], [2, 2]]]
)
def test_within_group_agreement_needs_two_answers(answers):
    assert math.isnan(within_group_agreement(answers, low=0, high=4))


@pytest.mark.parametrize(("low", "high"), [(0, 0), (4, 0), (0, 2.5), (0, math.nan)])
def test_within_group_agreement_refuses_a_range_without_steps(low, high):
    with pytest.raises(ParameterError, match="whole steps"):
        within_group_agreement([1, 2], low=low, high=high)


def test_within_group_agreement_refuses_answers_outside_the_range():
    with pytest.raises(ResponseError, match="outside 0-4"):
        within_group_agreement([1, 5], low=0, high=4)


@pytest.mark.parametrize("shape", [(3, 0), (2, 2, 2)])
def test_within_group_agreement_refuses_what_is_no_table_of_items(shape):
    with pytest.raises(ParameterError, match="one column per item"):
        within_group_agreement(np.ones(shape), low=0, high=4)


# --- difference between teams -----------------------------------------------------


def test_intraclass_correlation_of_equal_teams_by_hand():
    # Means 2 and 4: B = 3 * (1 + 1) / 1 = 6; W = (2 + 2) / 4 = 1; k = 3.
    # F(1, 4): 12.218 at 97.5%, 1/899.58 at 2.5%. p: F is the square of t(4), so
    # 1 - sqrt(0.6) * (1 + 0.4 / 2).
    result = icc_of(a=[1, 2, 3], b=[3, 4, 5])
    assert (result.n, result.n_teams, result.team_size) == (6, 2, 3)
    assert (result.df_between, result.df_within) == (1, 4)
    assert_allclose([result.icc1, result.icc2, result.f], [5 / 8, 5 / 6, 6])
    low, high = 6 / 12.218, 6 * 899.58
    limits = [(low - 1) / (low + 2), (high - 1) / (high + 2)]
    assert_allclose([result.icc1_low, result.icc1_high], limits, rtol=F_RTOL)
    assert_allclose(result.p_value, 1 - math.sqrt(0.6) * 1.2)
    assert result.reason == ""


def test_intraclass_correlation_of_unequal_teams_by_hand():
    # Means 2, 4, 9 about 25/6: SSB = (2 * 169 + 3 * 1 + 841) / 36, B = 591/36;
    # W = (2 + 8) / 3 = 120/36; k = (6 - 14/6) / 2 = 11/6.
    # ICC(1) = (591 - 120) / (591 + 5/6 * 120); ICC(2) = (591 - 120) / 591.
    result = icc_of(a=[1, 3], b=[2, 4, 6], c=[9])
    assert_allclose(result.team_size, 11 / 6)
    assert_allclose([result.icc1, result.icc2], [471 / 691, 471 / 591])
    spearman_brown = 11 / 6 * result.icc1 / (1 + (11 / 6 - 1) * result.icc1)
    assert_allclose(result.icc2, spearman_brown)


def test_intraclass_correlation_of_equal_means_has_no_interval():
    # B = 0: ICC(1) = -W / ((k - 1) * W) = -1 / (2 - 1).
    result = icc_of(a=[1, 3], b=[0, 4])
    assert (result.icc1, result.f, result.p_value) == (-1.0, 0.0, 1.0)
    assert np.isnan([result.icc1_low, result.icc1_high, result.icc2]).all()
    assert result.reason == REASON_NO_DIFFERENCE


def test_intraclass_correlation_of_means_equal_but_for_rounding():
    result = icc_of(a=[0.1, 0.2, 0.3], b=[0.2, 0.2, 0.2, 0.3, 0.1])
    assert (result.f, result.p_value) == (0.0, 1.0)


def test_intraclass_correlation_below_zero_is_kept_but_its_reliability_is_not():
    # B = 2 * 2 * 0.5**2 = 1; W = (2 + 8) / 2 = 5; k = 2: -4 / 6.
    result = icc_of(a=[1, 3], b=[1, 5])
    assert_allclose([result.icc1, result.f], [-4 / 6, 1 / 5])
    assert -1 < result.icc1_low < result.icc1 < result.icc1_high
    assert math.isnan(result.icc2)
    assert result.reason == REASON_NO_DIFFERENCE


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"a": [1]},
        {"a": [1, 2, 3]},
        {"a": [1, 2], "b": [4]},
        {"a": [1], "b": [2], "c": [4]},
        {"a": [2, 2, 2], "b": [2, 2]},
        {"a": [1, 1, 1], "b": [4, 4]},
        {"a": [np.nan] * 3, "b": [np.nan] * 3},
        {"a": [1, np.nan, np.nan], "b": [3, 1, 2]},
    ],
)
def test_intraclass_correlation_is_empty_without_spread_in_two_teams(answers):
    # One reason for all: that nobody differs within the teams is telling by itself.
    result = icc_of(**answers)
    assert np.isnan([getattr(result, name) for name in ICC]).all()
    assert result.reason == REASON_TOO_LITTLE


def test_intraclass_correlation_leaves_out_missing_scores():
    with_holes = icc_of(a=[1, 2, 3, np.nan], b=[np.nan, 3, 4, 5], c=[np.nan])
    assert with_holes == icc_of(a=[1, 2, 3], b=[3, 4, 5])


def test_intraclass_correlation_does_not_depend_on_the_unit():
    frame = teams_of(a=[1, 2, 3], b=[3, 4, 5], c=[0, 4])
    points = intraclass_correlation(frame["stelling"], frame["team"])
    share = intraclass_correlation(frame["stelling"] / 4, frame["team"])
    for name in ICC:
        assert_allclose(getattr(share, name), getattr(points, name), rtol=R_RTOL)


def test_intraclass_correlation_refuses_other_input():
    frame = teams_of(a=[1, 2], b=[3, 4])
    scores, team = frame["stelling"], frame["team"]
    with pytest.raises(ResponseError, match="same respondents"):
        intraclass_correlation(scores, team[:3])
    with pytest.raises(ParameterError, match="confidence is 95"):
        intraclass_correlation(scores, team, confidence=95)
    with pytest.raises(ResponseError, match="1 respondents have no team"):
        intraclass_correlation(scores, team.where(team.index > 0))
    with pytest.raises(ResponseError, match="column 'stelling' is not numeric"):
        intraclass_correlation(scores.astype(str), team)


# --- the table --------------------------------------------------------------------


def test_team_agreement_by_hand():
    # Variances 4/5, 3/10 and 1, over 2 for random answers: rwg 3/5, 17/20, 1/2, and
    # as a median would be that of one team, the mean of the three: 13/20.
    answers = {"a": [1, 3, 2, 3, 1, 2, np.nan], "b": [3, 4, 3, 4, 3]}
    row = only_row(teams_of(**answers, c=[0, 2, 0, 2, 1]))
    assert_allclose(row["rwg"], 13 / 20)
    assert (row["n"], row["n_teams"], row["reason"]) == (16, 3, "")


def test_team_agreement_has_its_columns(answers):
    table = team_agreement(answers, SCALES)
    assert table.columns.tolist() == COLUMNS
    assert table["variable"].tolist() == [scale.id for scale in SCALES]


def test_team_agreement_gives_no_median_of_two_teams():
    full = {"a": [1, 2, 3, 2, 1], "b": [2, 3, 4, 3, 4]}
    row = only_row(teams_of(**full, c=[1, 2, 3, 4]))  # the third team has four
    assert math.isnan(row["rwg"])
    assert row["reason"] == f"rwg: {REASON_FEW_TEAMS}"
    assert row["icc1"] > 0
    assert only_row(teams_of(**full, c=[1, 2, 3, 4, 0]))["reason"] == ""
    assert MIN_TEAMS == 3


def test_team_agreement_hides_that_most_teams_agree_in_full():
    # The same reason as for too few teams: who reads that all agree knows the rest.
    row = only_row(teams_of(a=[2] * 5, b=[3] * 5, c=[1, 2, 3, 4, 4]))
    assert math.isnan(row["rwg"])
    assert row["reason"] == f"rwg: {REASON_FEW_TEAMS}"
    assert row["icc1"] > 0


def test_team_agreement_without_any_spread_names_both_reasons():
    row = only_row(teams_of(a=[2] * 5, b=[3] * 5, c=[4] * 5))
    assert row[[*ICC, "rwg"]].isna().all()
    assert row["reason"] == f"ICC: {REASON_TOO_LITTLE}; rwg: {REASON_FEW_TEAMS}"


@pytest.mark.parametrize(
    "answers", [{}, {"a": [1]}, {"a": [1, 2]}, {"a": [np.nan] * 6, "b": [np.nan]}]
)
def test_team_agreement_copes_with_next_to_nothing(answers):
    frame = teams_of(**answers)
    row = only_row(frame)
    assert row["n"] == frame["stelling"].notna().sum()
    assert row[[*ICC, "rwg"]].isna().all()


def test_team_agreement_needs_all_items_for_rwg_and_a_score_for_the_rest():
    frame = teams_of(a=[1, 2, 3, 2, 1], b=[2, 3, 4, 3, 4], c=[0, 2, 1, 2, 4])
    frame["andere"] = frame["stelling"]
    frame.loc[14, "andere"] = np.nan  # team c keeps four complete answers
    row = only_row(frame, make_scale("schaal", "stelling", "andere"))
    assert (row["n"], row["n_teams"]) == (15, 3)
    assert row["reason"] == f"rwg: {REASON_FEW_TEAMS}"


def test_team_agreement_turns_reversed_items():
    frame = teams_of(a=[1, 2, 3, 2, 1], b=[2, 3, 4, 3, 4], c=[0, 2, 1, 2, 4])
    frame["andere"] = frame["stelling"]
    as_asked = only_row(frame, make_scale("schaal", "stelling", "andere"))
    turned = frame.assign(andere=4 - frame["andere"])
    scale = make_scale("schaal", "stelling", "andere", reversed_items=("andere",))
    assert only_row(turned, scale).equals(as_asked)


def test_team_agreement_has_no_rwg_without_steps():
    frame = teams_of(a=[1, 2, 3, 2, 1], b=[2, 3, 4, 3, 4], c=[0, 2, 1, 2, 4])
    row = only_row(frame, make_scale("stelling", kind="number", whole=False))
    assert math.isnan(row["rwg"])
    assert row["reason"] == f"rwg: {REASON_NO_STEPS}"


def test_team_agreement_passes_confidence_on():
    frame = teams_of(a=[1, 2, 3, 2, 1], b=[2, 3, 4, 3, 4], c=[0, 2, 1, 2, 4])
    wide, narrow = only_row(frame), only_row(frame, confidence=0.5)
    assert wide["icc1_low"] < narrow["icc1_low"] < wide["icc1"] < narrow["icc1_high"]
    with pytest.raises(ParameterError, match="confidence is 95"):
        only_row(frame, confidence=95)


def test_team_agreement_takes_teams_as_categories():
    frame = teams_of(a=[1, 2, 3, 2, 1], b=[2, 3, 4, 3, 4], c=[0, 2, 1, 2, 4])
    kinds = pd.CategoricalDtype(["z", "c", "a", "b"])
    assert only_row(frame.astype({"team": kinds})).equals(only_row(frame))


def test_team_agreement_refuses_other_input():
    frame = teams_of(a=[1, 2], b=[3, 4])
    with pytest.raises(ResponseError, match="no column 'team'"):
        only_row(frame[["stelling"]])
    with pytest.raises(ResponseError, match="no team"):
        only_row(frame.assign(team=["a", None, "b", "b"]))
    with pytest.raises(ResponseError, match="item 'stelling' has answers outside 0-4"):
        only_row(frame.assign(stelling=9))
    with pytest.raises(ResponseError, match="item 'andere' has no column"):
        only_row(frame, make_scale("andere"))
    with pytest.raises(ParameterError, match="no scales"):
        team_agreement(frame, [])


# --- against R --------------------------------------------------------------------


def check_icc(found, expected):
    assert (found["n"], found["n_teams"]) == (expected["n"], expected["n_teams"])
    known = expected.copy()
    if known["icc1"] < 0:
        known["icc2"] = np.nan  # R gives a reliability below 0
    for column in ICC[:-1]:
        assert_allclose(found[column], known[column], rtol=R_RTOL, err_msg=column)
    assert_allclose(found["p_value"], known["p_value"], rtol=P_RTOL)


def test_within_group_agreement_matches_r(answers):
    turned = answers.assign(schaal_3=4 - answers["schaal_3"])
    for scale in SCALES:
        expected = read_reference("team_agreement_rwg").query("variable == @scale.id")
        assert len(expected) == answers["team"].nunique()
        for row in expected.itertuples():
            own = turned[turned["team"] == row.team]
            items = own[[item.id for item in scale.items]]
            assert items.notna().all(axis=1).sum() == row.n
            found = within_group_agreement(items, low=0, high=scale.response.high)
            assert_allclose(found, row.rwg, rtol=R_RTOL, err_msg=f"{row}")


def test_team_agreement_matches_r(answers):
    table = team_agreement(answers, SCALES).set_index("variable")
    expected = read_reference("team_agreement").set_index("variable")
    rwg = read_reference("team_agreement_rwg").query("n >= 5")
    for name, row in table.iterrows():
        check_icc(row, expected.loc[name])
        each = rwg[rwg["variable"] == name]["rwg"].sort_values().tolist()
        middle = each[(len(each) - 2) // 2 :][: 2 + len(each) % 2]
        assert_allclose(row["rwg"], np.mean(middle), rtol=R_RTOL, atol=1e-15)


def test_intraclass_correlation_of_equal_teams_matches_psych_and_multilevel():
    frame = pd.read_csv(TESTS / "data" / "synthetic_team_balanced.csv")
    expected = read_reference("team_agreement_balanced").set_index("variable")
    assert expected.loc["negatief", "icc1"] < 0 < expected.loc["stelling", "icc1"]
    for name, row in expected.iterrows():
        result = intraclass_correlation(frame[name], frame["team"])
        check_icc(vars(result), row)
        assert_allclose(result.icc1, row["icc1_psych"], rtol=R_RTOL)


def test_intraclass_correlation_of_published_answers_matches_r(companies):
    expected = read_reference("team_agreement_bh1996").iloc[0]
    check_icc(
        vars(intraclass_correlation(companies["lead"], companies["team"])), expected
    )


def test_intraclass_correlation_refuses_teams_of_other_respondents():
    scores = pd.Series([1.0, 2.0, 3.0, 4.0])
    team = pd.Series(["a", "a", "b", "b"], index=[3, 2, 1, 0])
    with pytest.raises(ResponseError, match="same respondents"):
        intraclass_correlation(scores, team)
