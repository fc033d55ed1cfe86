"""A team beside the others, by hand and against R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from swtlib.errors import ParameterError, ResponseError, StatisticError
from swtlib.estimates import mean_with_ci
from swtlib.groups import Groups
from swtlib.team_difference import difference_with_ci, join_difference

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
R_ATOL = 1e-12  # for limits near 0, where a relative difference says nothing
HAND_RTOL = 1e-6  # the t values below are written with 7 digits
SWAP_ATOL = 1e-9  # team and others are added up in another order

T_2 = 4.3026527  # t(0.975) with 2 degrees of freedom
T_3 = 3.1824463
T_4 = 2.7764451
T_5 = 2.5705818

COLUMNS = [
    *("variable", "n_team", "n_others", "mean_team", "mean_others", "difference"),
    *("ci_low", "ci_high", "interval", "effect", "effect_low", "effect_high"),
    *("t", "p_value"),
]
EMPTY = ["ci_low", "ci_high", "effect_low", "effect_high"]


def frame(**teams):
    """One column ``vraag`` with the answers of each team."""
    team = [name for name, answers in teams.items() for _ in answers]
    vraag = [answer for answers in teams.values() for answer in answers]
    return pd.DataFrame({"team": team, "vraag": pd.array(vraag, dtype="float64")})


def only_row(scores, members, **options):
    table = difference_with_ci(scores, team="a", members=members, **options)
    assert len(table) == 1
    return table.iloc[0]


@pytest.fixture(scope="module")
def teams():
    return pd.read_csv(TESTS / "data" / "synthetic_teams.csv")


@pytest.fixture(scope="module")
def members():
    table = pd.read_csv(TESTS / "data" / "synthetic_members.csv")
    return {t: int(n) for t, n in zip(table["team"], table["members"], strict=True)}


@pytest.fixture(scope="module")
def expected():
    return pd.read_csv(TESTS / "reference" / "team_difference.csv")


def test_difference_with_ci_by_hand():
    # a: 2 3 4, mean 3, squares 2, 3 of 6; b: 0 1 2 3, mean 1.5, squares 5, 4 of 8.
    # s^2 = (2 + 5) / 5; 7 / 5 * (1 / 3 * (1 - 3 / 6) + 1 / 4 * (1 - 4 / 8)) = 49 / 120
    scores = frame(a=[2, 3, 4], b=[0, 1, 2, 3])
    row = only_row(scores, {"a": 6, "b": 8})
    assert (row["n_team"], row["n_others"]) == (3, 4)
    assert (row["mean_team"], row["mean_others"], row["difference"]) == (3, 1.5, 1.5)
    half = T_5 * np.sqrt(49 / 120)
    assert_allclose(
        [row["ci_low"], row["ci_high"]], [1.5 - half, 1.5 + half], rtol=HAND_RTOL
    )
    assert row["interval"] == "t"
    # J(5) = gamma(2.5) / (sqrt(2.5) * gamma(2)) = 1.3293404 / 1.5811388
    unit = 1.3293404 / 1.5811388 / np.sqrt(7 / 5)
    assert_allclose(row["effect"], 1.5 * unit, rtol=HAND_RTOL)
    assert_allclose(row["effect_low"], (1.5 - half) * unit, rtol=HAND_RTOL)
    assert_allclose(row["effect_high"], (1.5 + half) * unit, rtol=HAND_RTOL)


def test_difference_with_ci_takes_the_others_together():
    # Squares within teams: a 2, b 0 1: 1/2, c 2 3: 1/2; s^2 = 3 / 4 with df 4.
    # The others: mean 1.5, factor^2 = 1 - 2/4 * 2/4 - 2/4 * 2/8 = 5 / 8;
    # 3 / 4 / 4 * 5 / 8 = 15 / 128. a answered in full: its part is 0.
    scores = frame(a=[2, 3, 4], b=[0, 1], c=[2, 3])
    row = only_row(scores, {"a": 3, "b": 4, "c": 8})
    half = T_4 * np.sqrt(15 / 128)
    assert_allclose(
        [row["ci_low"], row["ci_high"]], [1.5 - half, 1.5 + half], rtol=HAND_RTOL
    )
    assert row["interval"] == "t"


def test_difference_with_ci_lists_its_columns_and_variables_in_order():
    scores = frame(a=[1, 2], b=[2, 4]).assign(tweede=[1, 0, 3, None])
    table = difference_with_ci(scores, team="a", members={"a": 3, "b": 3})
    assert list(table.columns) == COLUMNS
    assert table["variable"].tolist() == ["vraag", "tweede"]
    assert table["n_others"].tolist() == [2, 1]


def test_difference_of_a_sampled_team_beside_a_census():
    # Only the team has a part: 7 / 5 / 3 * (1 - 3 / 6) = 7 / 30.
    scores = frame(a=[2, 3, 4], b=[0, 1, 2, 3])
    row = only_row(scores, {"a": 6, "b": 4})
    half = T_5 * np.sqrt(7 / 30)
    assert_allclose(row["ci_high"] - row["difference"], half, rtol=HAND_RTOL)


def test_difference_of_a_census_beside_a_census_is_a_fact():
    row = only_row(frame(a=[2, 3, 4], b=[0, 1, 2, 3]), {"a": 3, "b": 4})
    assert row["interval"] == "telling"
    assert row["difference"] == 1.5
    assert row["effect"] > 0
    assert row[EMPTY].isna().all()


@pytest.mark.parametrize(
    ("answers", "square", "t"), [([4], 5 / 3, T_3), ([3, 3], 5 / 4, T_4)]
)
def test_one_answer_or_equal_ones_take_the_spread_within_the_others(answers, square, t):
    # b: squares 5, 4 of 8. One answer adds no degree of freedom, two equal ones one.
    scores = frame(a=answers, b=[0, 1, 2, 3])
    census = only_row(scores, {"a": len(answers), "b": 8})
    half = t * np.sqrt(square / 4 / 2)
    assert_allclose(census["ci_high"] - census["difference"], half, rtol=HAND_RTOL)
    n = len(answers)
    sampled = only_row(scores, {"a": 2 * n, "b": 8})
    half = t * np.sqrt(square / n / 2 + square / 4 / 2)
    assert_allclose(sampled["ci_high"] - sampled["difference"], half, rtol=HAND_RTOL)
    assert {census["interval"], sampled["interval"]} == {"t"}
    assert census["effect"] > 0


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([4], [1]),  # nobody differs from a team member
        ([3, 3], [3, 3]),
        ([3, 3], [1, 1, 1]),
        ([2, 3, 4], [None, None]),
        ([None, None], [0, 1, 2]),
        ([None], [None]),
        ([], [0, 1, 2]),
        ([2, 3, 4], []),
        ([], []),
    ],
)
def test_difference_without_a_known_spread_has_no_interval(a, b):
    row = only_row(frame(a=a, b=b), {"a": 5, "b": 9})
    assert row["interval"] == "geen"
    assert row[EMPTY].isna().all()
    both = any(x is not None for x in a) and any(x is not None for x in b)
    assert np.isnan(row["difference"]) != both


def test_all_equal_in_both_groups_has_no_effect():
    row = only_row(frame(a=[3, 3], b=[1, 1]), {"a": 2, "b": 2})
    assert row["difference"] == 2
    assert row["interval"] == "telling"
    assert np.isnan(row["effect"])


def test_two_answers_each_are_enough():
    # s^2 = 1/2 each, unknown members: part 1/4 each, df 2, pooled sd sqrt(1/2)
    row = only_row(frame(a=[3, 4], b=[1, 2]), {"a": None, "b": None})
    half = T_2 * np.sqrt(1 / 2)
    assert_allclose(row["ci_low"], 2 - half, rtol=HAND_RTOL)
    # J(2) = gamma(1) / (1 * gamma(1 / 2)) = 1 / sqrt(pi)
    assert_allclose(row["effect"], 2 / np.sqrt(0.5) / np.sqrt(np.pi), rtol=HAND_RTOL)


def test_team_of_unknown_size_counts_as_a_sample_of_many():
    # a: 7 / 5 / 3; b a census
    row = only_row(frame(a=[2, 3, 4], b=[0, 1, 2, 3]), {"a": None, "b": 4})
    half = T_5 * np.sqrt(7 / 15)
    assert row["interval"] == "t"
    assert_allclose(row["ci_high"] - row["difference"], half, rtol=HAND_RTOL)


def test_others_of_whom_some_answered_in_full_and_some_not_at_all_have_no_interval():
    scores = frame(a=[2, 3, 4], b=[0, 1, 2], c=[None])
    row = only_row(scores, {"a": 6, "b": 3, "c": 5})
    assert row["interval"] == "geen"
    assert np.isnan(row["ci_low"])


def test_difference_with_ci_widens_with_confidence():
    scores, members = frame(a=[2, 3, 4], b=[0, 1, 2, 3]), {"a": 6, "b": 8}
    wide = only_row(scores, members, confidence=0.99)
    narrow = only_row(scores, members, confidence=0.5)
    assert wide["ci_low"] < narrow["ci_low"] < narrow["difference"]
    assert wide["effect"] == narrow["effect"]


def test_difference_with_ci_refuses_unfit_input():
    scores = frame(a=[1, 2], b=[1, 2])
    with pytest.raises(StatisticError, match="'a' has 2 answers to 'vraag' and 1"):
        difference_with_ci(scores, team="a", members={"a": 1, "b": 2})
    with pytest.raises(ParameterError, match="team 'c' is not known"):
        difference_with_ci(scores, team="c", members={"a": 2, "b": 2})
    with pytest.raises(ParameterError, match="needs one team, not 'alle'"):
        difference_with_ci(scores, team="alle", members={"a": 2, "b": 2})
    with pytest.raises(ParameterError, match="confidence is 95"):
        only_row(scores, {"a": 2, "b": 2}, confidence=95)
    with pytest.raises(ResponseError, match="'wie' is not numeric"):
        only_row(scores.assign(wie="x"), {"a": 2, "b": 2})


def test_difference_with_ci_leaves_its_input_alone():
    scores = frame(a=[1, 2, None], b=[1, 3])
    before = scores.copy(deep=True)
    only_row(scores, {"a": 5, "b": 4})
    pd.testing.assert_frame_equal(scores, before)


def test_difference_with_ci_matches_r(teams, members, expected):
    unknown = dict.fromkeys(members)
    for sizes, limits in ((unknown, "ci"), (members, "fpc")):
        for team, rows in expected.groupby("team", sort=False):
            table = difference_with_ci(teams, team=team, members=sizes)
            assert table["variable"].tolist() == rows["variable"].tolist()
            for column in ("n_team", "n_others"):
                assert table[column].tolist() == rows[column].tolist()
            for column, name in {
                "difference": "difference",
                "ci_low": f"{limits}_low",
                "ci_high": f"{limits}_high",
                "effect": "effect",
            }.items():
                assert_allclose(table[column], rows[name], rtol=R_RTOL, atol=R_ATOL)
            assert table["ci_low"].notna().equals(table["interval"] == "t")


answers = st.lists(st.integers(0, 4) | st.none(), min_size=1, max_size=12)


@settings(derandomize=True, database=None, deadline=None)
@given(a=answers, b=answers, left_a=st.integers(0, 9), left_b=st.integers(0, 9))
def test_swapping_team_and_others_changes_the_sign_only(a, b, left_a, left_b):
    scores = frame(a=a, b=b)
    members = {"a": len(a) + left_a, "b": len(b) + left_b}
    one = difference_with_ci(scores, team="a", members=members).iloc[0]
    two = difference_with_ci(scores, team="b", members=members).iloc[0]
    assert one["interval"] == two["interval"]
    for name, other in {
        "difference": "difference",
        "ci_low": "ci_high",
        "effect": "effect",
        "effect_low": "effect_high",
    }.items():
        assert_allclose(one[name], -two[other], atol=SWAP_ATOL, equal_nan=True)
    if one["interval"] == "t":
        assert one["ci_low"] < one["difference"] < one["ci_high"]


def test_join_difference_stands_in_the_rows_of_the_team(teams, members):
    names = ["stelling_2", "stelling_1"]
    scores = teams[["team", *names]]
    means = mean_with_ci(scores, groups=Groups("zes", "team"), members=members)
    found = difference_with_ci(scores, team="zes", members=members)
    joined = join_difference(means, found, team="zes")
    pd.testing.assert_frame_equal(joined[list(means.columns)], means)
    own = joined[joined["group"] == "zes"]
    assert own["difference"].tolist() == found["difference"].tolist()
    assert own["difference_high"].tolist() == found["ci_high"].tolist()
    assert own["effect"].tolist() == found["effect"].tolist()
    added = ["difference", "difference_low", "difference_high", "difference_interval"]
    others = joined[joined["group"] == "andere"]
    assert others[[*added, "effect"]].isna().all(axis=None)
