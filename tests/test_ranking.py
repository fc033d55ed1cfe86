"""Ranks with intervals, by hand, against R, and by how often they are right."""

from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from swtlib.errors import ParameterError, ResponseError, StatisticError
from swtlib.groups import Groups
from swtlib.ranking import compare_pairs, rank_with_ci

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
HAND_RTOL = 1e-12  # the p-values below are exact but for rounding

TOTAL = Groups("alle", "total")
MANY = {"a": None}  # a sample of an unknown number of members


def frame(team="a", **variables):
    n = len(next(iter(variables.values())))
    columns = {name: pd.array(v, dtype="float64") for name, v in variables.items()}
    return pd.DataFrame({"team": [team] * n, **columns})


def ranks(scores, members=MANY, **options):
    table = rank_with_ci(scores, groups=TOTAL, members=members, **options)
    columns = ["rank", "rank_low", "rank_high"]
    return {
        row["variable"]: tuple(None if pd.isna(row[c]) else row[c] for c in columns)
        for _, row in table.iterrows()
    }


def p_value(t_squared):
    """One-sided p of a positive t with 2 degrees of freedom."""
    return 0.5 - sqrt(t_squared / (2 + t_squared)) / 2


# --- pairs ------------------------------------------------------------------------


def test_compare_pairs_by_hand():
    # a - b is 1 2 3: mean 2, sd 1, t = 2 sqrt(3). Two tests, one in each direction.
    scores = frame(a=[1, 2, 3, None], b=[0, 0, 0, 1])
    row = compare_pairs(scores, groups=TOTAL, members=MANY).iloc[0]
    assert (row["first"], row["second"], row["n"]) == ("a", "b", 3)
    assert (row["difference"], row["interval"]) == (2, "t")
    assert_allclose(row["p_higher"], 2 * p_value(12), rtol=HAND_RTOL)
    assert_allclose(row["p_lower"], 1 - p_value(12), rtol=HAND_RTOL)
    # 3 of 4 members: the standard error is halved, t = 4 sqrt(3)
    row = compare_pairs(scores, groups=TOTAL, members={"a": 4}).iloc[0]
    assert_allclose(row["p_higher"], 2 * p_value(48), rtol=HAND_RTOL)


def test_compare_pairs_corrects_over_both_directions():
    # a - b: 1 2 3, t^2 = 12; b - c: 0 1 2, t^2 = 3; a - c: 1 3 5, mean 3, sd 2,
    # t^2 = 27 / 4. Holm over 3 pairs in 2 directions: times 6, 5 and 4.
    scores = frame(a=[1, 3, 5], b=[0, 1, 2], c=[0, 0, 0])
    table = compare_pairs(scores, groups=TOTAL, members=MANY)
    assert table["second"].tolist() == ["b", "c", "c"]
    expected = [6 * p_value(12), 5 * p_value(27 / 4), 4 * p_value(3)]
    assert_allclose(table["p_higher"], expected, rtol=HAND_RTOL)
    assert_array_equal(table["p_lower"], [1, 1, 1])


def test_compare_pairs_counts_a_pair_that_cannot_be_tested():
    # b - c is 1 for everybody: nothing is known of its spread, and still there are
    # 3 pairs to correct for.
    scores = frame(a=[3, 4, 5], b=[2, 2, 2], c=[1, 1, 1])
    table = compare_pairs(scores, groups=TOTAL, members=MANY)
    assert table["interval"].tolist() == ["t", "t", "geen"]
    # a - c: 2 3 4, mean 3, sd 1, t^2 = 27; a - b: 1 2 3, t^2 = 12
    expected = [5 * p_value(12), 6 * p_value(27), 1]
    assert_allclose(table["p_higher"], expected, rtol=HAND_RTOL)
    assert table["p_lower"].iloc[2] == 1


def test_compare_pairs_tests_nothing_in_a_census():
    scores = frame(a=[3, 4, 5], b=[2, 2, 2], c=[1, None, 1])
    table = compare_pairs(scores, groups=TOTAL, members={"a": 3})
    assert table["interval"].tolist() == ["telling", "t", "geen"]
    assert pd.isna(table["p_higher"].iloc[0])
    # a - c: 2 4, mean 3, sd sqrt(2), n = 2 of 3: se = sqrt(1 / 3), t = 3 sqrt(3);
    # 1 degree of freedom: p = 1/2 - atan(t) / pi. Two pairs, four tests.
    p = 0.5 - np.arctan(3 * sqrt(3)) / np.pi
    assert_allclose(table["p_higher"].iloc[1], 4 * p, rtol=HAND_RTOL)


def test_compare_pairs_lists_its_columns_without_a_pair():
    one = compare_pairs(frame(a=[1, 2]), groups=TOTAL, members=MANY)
    two = compare_pairs(frame(a=[1, 2], b=[1, 1]), groups=TOTAL, members=MANY)
    assert len(one) == 0
    assert one.columns.tolist() == two.columns.tolist()


# --- ranks ------------------------------------------------------------------------


def test_rank_with_ci_counts_who_is_certainly_higher_or_lower():
    # b - c: 0 1 0 0 -1 1, which is not certain. All other differences are 5 or more on
    # average, with a sd of 1.5 or less: t of 5 / (1.5 / sqrt(6)) = 8 or more, and
    # p < 0.0003, times 12.
    scores = frame(
        c=[0] * 6,
        a=[5, 5, 6, 5, 6, 5],
        d=[-5, -6, -5, -5, -4, -6],
        b=[0, 1, 0, 0, -1, 1],
    )
    assert ranks(scores) == {
        "a": (1, 1, 1),
        "b": (2, 2, 3),
        "c": (3, 2, 3),
        "d": (4, 4, 4),
    }


def test_rank_with_ci_takes_the_confidence_into_account():
    scores = frame(a=[1, 2, 3], b=[0, 0, 0])  # p = 0.074 after correction
    assert ranks(scores, confidence=0.95)["a"] == (1, 1, 2)
    assert ranks(scores, confidence=0.9)["a"] == (1, 1, 1)


def test_rank_with_ci_gives_ties_the_best_rank():
    scores = frame(a=[1, 2, 3], b=[3, 1, 2], c=[9, 9, 8], d=[0, 0, 1])
    table = rank_with_ci(scores, groups=TOTAL, members=MANY)
    assert table["rank"].tolist() == [2, 2, 1, 4]


def test_rank_with_ci_takes_no_rounding_for_a_difference():
    # 0.1 + 0.2 and 0.3 differ in the last digit only.
    scores = frame(a=[0.1 + 0.2, 1], b=[0.3, 1])
    assert ranks(scores, members={"a": 2}) == {"a": (1, 1, 2), "b": (1, 1, 2)}


def test_rank_with_ci_knows_the_ranks_of_a_census():
    # means 3, 2, 2, 1: b and c share the ranks 2 and 3
    scores = frame(a=[3, 3], b=[1, 3], c=[2, 2], d=[1, 1])
    assert ranks(scores, members={"a": 2}) == {
        "a": (1, 1, 1),
        "b": (2, 2, 3),
        "c": (2, 2, 3),
        "d": (4, 4, 4),
    }


def test_rank_with_ci_doubts_only_what_not_everybody_answered():
    scores = frame(a=[3, 3, 3], b=[2, 2, 2], c=[1, None, 2])
    assert ranks(scores, members={"a": 3}) == {
        "a": (1, 1, 2),  # above b for certain, but c may be higher
        "b": (2, 2, 3),
        "c": (3, 1, 3),
    }


@pytest.mark.parametrize("n", [1, 2])
def test_rank_with_ci_of_one_or_two_knows_no_order(n):
    scores = frame(a=[5, 6][:n], b=[1, 3][:n], c=[2, 1][:n])
    found = ranks(scores)
    assert {(low, high) for _, low, high in found.values()} == {(1, 3)}
    assert [v[0] for v in found.values()] == [1, 3, 2] if n == 1 else [1, 2, 3]


def test_rank_with_ci_of_equal_answers_is_the_whole_range():
    scores = frame(a=[2, 2, 2], b=[2, 2, 2], c=[2, 2, 2])
    for members in (MANY, {"a": 5}, {"a": 3}):
        assert set(ranks(scores, members=members).values()) == {(1, 1, 3)}


def test_rank_with_ci_of_equal_steps_is_not_certain():
    # Everybody gives a one more than b: no spread, so nothing to judge it by.
    scores = frame(a=[2, 4, 3, 5], b=[1, 3, 2, 4])
    assert ranks(scores, members={"a": 9}) == {"a": (1, 1, 2), "b": (2, 1, 2)}


def test_rank_with_ci_leaves_a_variable_without_answers_empty():
    scores = frame(a=[5, 6, 5, 6], b=[0, 0, 1, 0], c=[None] * 4)
    assert ranks(scores) == {
        "a": (1, 1, 2),  # c may stand anywhere
        "b": (2, 2, 3),
        "c": (None, None, None),
    }
    nothing = rank_with_ci(frame(a=[None], b=[None]), groups=TOTAL, members=MANY)
    assert nothing[["mean", "rank", "rank_low", "rank_high"]].isna().all(axis=None)
    assert nothing["n_both"].tolist() == [0, 0]


def test_rank_with_ci_of_one_variable_is_the_first():
    table = rank_with_ci(frame(a=[1, 2]), groups=TOTAL, members=MANY)
    assert table[["rank", "rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1, 1]]
    assert table["n_both"].isna().all()


def test_rank_with_ci_counts_the_smallest_base():
    scores = frame(a=[1, 2, 3, 4], b=[1, 2, 3, None], c=[None, None, 3, 4])
    table = rank_with_ci(scores, groups=TOTAL, members=MANY)
    assert table["n_both"].tolist() == [2, 1, 1]  # b and c: one person gave both


def test_rank_with_ci_stretches_an_interval_to_hold_its_rank():
    # Who answered both puts b far above a; those without b give a high marks.
    scores = frame(a=[1, 2, 1, 2, 1, 9, 9, 9, 9], b=[5, 6, 6, 6, 5, *[None] * 4])
    a, b = ranks(frame(a=scores["a"][:5], b=scores["b"][:5])).values()
    assert (a, b) == ((2, 2, 2), (1, 1, 1))
    scores = frame(a=[1, 2, 1, 2, 1, *[30] * 4], b=[5, 6, 6, 6, 5, *[None] * 4])
    assert ranks(scores) == {"a": (1, 1, 2), "b": (2, 1, 2)}


def test_rank_with_ci_ranks_each_group_on_its_own():
    scores = pd.concat(
        [frame("a", x=[5, 6, 5], y=[1, 1, 2]), frame("b", x=[1, 1, 2], y=[5, 6, 5])]
    ).reset_index(drop=True)
    members = {"c": 4, "a": None, "b": None}
    table = rank_with_ci(scores, groups=Groups("a", "team"), members=members)
    assert table["group"].tolist() == ["a", "a", "andere", "andere"]
    assert table["rank"].tolist() == [1, 2, 2, 1]
    table = rank_with_ci(scores, groups=Groups("c", "team"), members=members)
    assert table.loc[table["group"] == "c", "rank"].isna().all()  # nobody answered


def test_rank_with_ci_refuses_what_it_cannot_rank():
    with pytest.raises(ResponseError, match="no column 'team'"):
        rank_with_ci(frame(a=[1]).drop(columns="team"), groups=TOTAL, members=MANY)
    with pytest.raises(ResponseError, match="no column 'team'"):
        compare_pairs(frame(a=[1]).drop(columns="team"), groups=TOTAL, members=MANY)
    with pytest.raises(ResponseError, match="column 'b' is not numeric"):
        rank_with_ci(frame(a=[1]).assign(b="x"), groups=TOTAL, members=MANY)
    with pytest.raises(StatisticError, match="team 'a' has 2 answers to 'a' and 1"):
        rank_with_ci(frame(a=[1, 2], b=[1, 2]), groups=TOTAL, members={"a": 1})
    with pytest.raises(ParameterError, match="confidence is 95"):
        ranks(frame(a=[1, 2]), confidence=95)


# --- against R, and how often it is right -------------------------------------------


@pytest.fixture(scope="module")
def wishes():
    return pd.read_csv(TESTS / "data" / "synthetic_ranking.csv")


OF_R = {"groups": Groups("alle", "teams"), "members": {"acht": 12, "veertig": None}}


def test_compare_pairs_matches_r(wishes):
    expected = pd.read_csv(TESTS / "reference" / "ranking_pairs.csv")
    table = compare_pairs(wishes, **OF_R)
    keys = ["group", "first", "second"]
    assert table[keys].equals(expected[keys])
    assert table["n"].tolist() == expected["n"].tolist()
    for column in ("difference", "p_higher", "p_lower"):
        assert_allclose(table[column], expected[column], rtol=R_RTOL)


def test_rank_with_ci_matches_r(wishes):
    expected = pd.read_csv(TESTS / "reference" / "ranking.csv")
    table = rank_with_ci(wishes, **OF_R)
    assert table[["group", "variable"]].equals(expected[["group", "variable"]])
    assert_allclose(table["mean"], expected["mean"], rtol=R_RTOL)
    for column in ("rank", "rank_low", "rank_high"):
        assert table[column].tolist() == expected[column].tolist()


@pytest.mark.parametrize("means", [[0, 0, 0, 0], [0, 0, 4, 4]])
def test_rank_with_ci_holds_all_ranks_as_often_as_it_says(means):
    # 300 teams of seven, each a sample of many. Among all members equal variables
    # share a range of ranks; every interval must hold it whole, in 95% of the teams.
    # Without the correction that would be so in 61% and 80% of these teams.
    rng = np.random.default_rng(20150401)
    n_teams, n = 300, 7
    drawn = rng.normal(size=(n_teams * n, 1)) + rng.normal(size=(n_teams * n, 4))
    scores = pd.DataFrame(drawn + means, columns=list("abcd"))
    teams = [f"t{i}" for i in range(n_teams)]
    scores.insert(0, "team", np.repeat(teams, n))
    table = rank_with_ci(
        scores, groups=Groups("alle", "teams"), members=dict.fromkeys(teams)
    )
    table = table[table["group"] != "alle"]
    mean = np.array(means)
    best = np.tile(1 + (mean > mean[:, None]).sum(axis=1), n_teams)
    worst = np.tile(4 - (mean < mean[:, None]).sum(axis=1), n_teams)
    wrong = (table["rank_low"] > best) | (table["rank_high"] < worst)
    missed = wrong.groupby(table["group"]).any().mean()
    assert 0 < missed <= 0.05
