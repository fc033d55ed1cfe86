"""Tests of changes between two years: by hand, and beside R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from swtlib.errors import ParameterError, ResponseError, StatisticError
from swtlib.groups import Groups
from swtlib.trend import change_with_ci, paired_change
from swtlib.two_groups import small_sample_factor

TESTS = Path(__file__).parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
R_ATOL = 1e-14  # where R has a 0 that is not exact
HAND_RTOL = 1e-7  # quantiles from R have eleven digits
SWAP_ATOL = 1e-12  # a sum in another order
# R: qt(0.975, 243 / 49), qt(0.975, 3)
T_243_49, T_3 = 2.5769584490, 3.1824463053
ALL_TOGETHER = Groups("alle", "total")


def frame(**teams):
    """One column ``vraag`` with the answers of each team."""
    team = [name for name, answers in teams.items() for _ in answers]
    vraag = [answer for answers in teams.values() for answer in answers]
    return pd.DataFrame({"team": team, "vraag": pd.array(vraag, dtype="float64")})


def changes(before, after, then, now, groups=ALL_TOGETHER, **options):
    return change_with_ci(
        before,
        after,
        groups=groups,
        members_before=then,
        members_after=now,
        **options,
    )


def only_row(before, after, then, now, **options):
    table = changes(frame(a=before), frame(a=after), {"a": then}, {"a": now}, **options)
    assert len(table) == 1
    return table.iloc[0]


def read(name):
    return pd.read_csv(TESTS / "data" / f"{name}.csv")


@pytest.fixture(scope="module")
def years():
    teams = ["team", *(f"stelling_{i}" for i in range(1, 5))]
    return read("synthetic_teams")[teams], read("synthetic_later")[teams]


@pytest.fixture(scope="module")
def sizes():
    names = ("synthetic_members", "synthetic_later_members")
    return [
        {t: int(n) for t, n in read(name).itertuples(index=False, name=None)}
        for name in names
    ]


def test_change_with_ci_by_hand():
    # now: 2 3 4, mean 3, s^2 = 1, 3 of 6: 1 / 3 * (1 - 3 / 6) = 1 / 6
    # then: 0 1 2 3, mean 1.5, s^2 = 5 / 3, 4 of 8: 5 / 12 * (1 - 4 / 8) = 5 / 24
    # together 3 / 8; df (3 / 8)^2 / ((1 / 6)^2 / 2 + (5 / 24)^2 / 3) = 243 / 49
    row = only_row([0, 1, 2, 3], [2, 3, 4], 8, 6)
    assert (row["n_before"], row["n_after"]) == (4, 3)
    assert (row["mean_before"], row["mean_after"], row["change"]) == (1.5, 3, 1.5)
    half = T_243_49 * np.sqrt(3 / 8)
    assert_allclose(
        row[["ci_low", "ci_high"]].astype(float),
        [1.5 - half, 1.5 + half],
        rtol=HAND_RTOL,
    )
    assert_allclose(row["df"], 243 / 49, rtol=HAND_RTOL)
    assert row["interval"] == "t"
    # pooled variance (2 * 1 + 3 * 5 / 3) / 5 = 7 / 5
    # J(5) = gamma(2.5) / (sqrt(2.5) * gamma(2)) = 1.3293404 / 1.5811388
    unit = 1.3293404 / 1.5811388 / np.sqrt(7 / 5)
    assert_allclose(row["effect"], 1.5 * unit, rtol=HAND_RTOL)


def test_change_beside_a_census_has_the_error_of_the_other_year():
    # Then 5 / 24 with 3 degrees of freedom; now everybody answered.
    row = only_row([0, 1, 2, 3], [2, 3, 4], 8, 3)
    half = T_3 * np.sqrt(5 / 24)
    assert_allclose(row["ci_high"] - row["change"], half, rtol=HAND_RTOL)
    assert_allclose(row["df"], 3)
    assert row["interval_after"] == "telling"


def test_change_between_two_censuses_is_a_fact():
    row = only_row([0, 1, 2, 3], [2, 3, 4], 4, 3)
    assert row["interval"] == "telling"
    assert row["change"] == 1.5
    assert row[["ci_low", "ci_high", "p_value", "df"]].isna().all()
    assert row["effect"] > 0


def test_unknown_number_of_members_has_no_correction():
    # 5 / 12 + 1 / 3 = 3 / 4: twice what it is when half of both answered.
    known = only_row([0, 1, 2, 3], [2, 3, 4], 8, 6)
    unknown = only_row([0, 1, 2, 3], [2, 3, 4], None, None)
    widths = [row["ci_high"] - row["ci_low"] for row in (known, unknown)]
    assert_allclose(widths[1] / widths[0], np.sqrt(2))
    assert_allclose(unknown["df"], known["df"])  # both parts grow alike


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([4], [0, 1, 2, 3]),
        ([0, 1, 2, 3], [4]),
        ([3, 3, 3], [0, 1, 2, 3]),
        ([2, 3, 4], [1, 1, 1]),
        ([3, 3], [3, 3]),
        ([None, None], [0, 1, 2]),
        ([2, 3, 4], [None, None]),
        ([None], [None]),
    ],
)
def test_change_without_a_known_spread_has_no_interval(before, after):
    row = only_row(before, after, 9, 9)
    assert row["interval"] == "geen"
    assert row[["ci_low", "ci_high", "p_value"]].isna().all()
    both = any(x is not None for x in before) and any(x is not None for x in after)
    assert np.isnan(row["change"]) != both


def test_teams_of_one_year_only_do_not_count_in_the_total_of_the_teams():
    before = frame(a=[1, 2, 3], weg=[0, 0, 0])
    after = frame(a=[2, 3, 4], nieuw=[4, 4, 4])
    then, now = {"a": 5, "weg": 5}, {"a": 5, "nieuw": 5}
    teams = changes(before, after, then, now, Groups("alle", "teams"))
    assert teams["group"].tolist() == ["a", "alle"]
    assert teams["change"].tolist() == [1, 1]
    assert teams["n_before"].tolist() == [3, 3]
    everybody = changes(before, after, then, now).iloc[0]
    assert_allclose(everybody["change"], 3.5 - 1)  # (9 + 12) / 6 and (6 + 0) / 6
    with pytest.raises(ParameterError, match="team 'nieuw' is not known"):
        changes(before, after, then, now, Groups("nieuw", "team"))


def test_no_team_in_both_years_leaves_an_empty_total():
    table = changes(
        frame(weg=[1, 2]),
        frame(nieuw=[1, 2]),
        {"weg": 3},
        {"nieuw": 3},
        Groups("alle", "teams"),
    )
    assert table["group"].tolist() == ["alle"]
    assert table["n_before"].tolist() == [0]
    assert table["interval"].tolist() == ["geen"]


def test_change_matches_variables_by_name():
    before = frame(a=[1, 2, 3]).assign(tweede=[0, 1, 5])
    after = frame(a=[3, 4, 5]).assign(tweede=[1, 2, 6])[["tweede", "team", "vraag"]]
    table = changes(before, after, {"a": 5}, {"a": 5})
    assert table["change"].tolist() == [2, 1]


def test_change_with_ci_refuses_unfit_input():
    one = frame(a=[1, 2])
    with pytest.raises(ResponseError, match="differ in variables: anders, vraag"):
        changes(one, one.rename(columns={"vraag": "anders"}), {"a": 2}, {"a": 2})
    with pytest.raises(ResponseError, match="1 respondents have no team"):
        changes(one, one.assign(team=["a", None]), {"a": 2}, {"a": 2})
    with pytest.raises(ResponseError, match="no column 'team'"):
        changes(one.drop(columns="team"), one, {"a": 2}, {"a": 2})
    with pytest.raises(StatisticError, match="'a' has 2 answers to 'vraag' and 1"):
        changes(one, one, {"a": 2}, {"a": 1})
    with pytest.raises(ParameterError, match="confidence is 95"):
        changes(one, one, {"a": 2}, {"a": 2}, confidence=95)


def test_change_with_ci_leaves_its_input_alone(years, sizes):
    copies = [year.copy(deep=True) for year in years]
    changes(*years, *sizes, Groups("alle", "teams"))
    for year, copy in zip(years, copies, strict=True):
        pd.testing.assert_frame_equal(year, copy)


def test_change_with_ci_matches_r(years, sizes):
    expected = pd.read_csv(TESTS / "reference" / "trend.csv")
    unknown = [dict.fromkeys(members) for members in sizes]
    columns = {"n_before": "n_before", "n_after": "n_after", "change": "change"}
    welch = {name: name for name in ("ci_low", "ci_high", "df", "p_value")}
    finite = {"ci_low": "fpc_low", "ci_high": "fpc_high", "df": "fpc_df"}
    finite |= {"p_value": "fpc_p"}
    for members, limits in ((unknown, welch), (sizes, finite)):
        teams = changes(*years, *members, Groups("alle", "teams"))
        total = changes(*years, *members)
        teams = teams[teams["group"] != "alle"]
        table = pd.concat([teams, total], ignore_index=True)
        assert table["group"].tolist() == expected["group"].tolist()
        assert table["variable"].tolist() == expected["variable"].tolist()
        for column, name in {**columns, **limits, "effect": "effect"}.items():
            assert_allclose(
                table[column], expected[name], rtol=R_RTOL, atol=R_ATOL, err_msg=column
            )
        assert table["ci_low"].notna().equals(table["interval"] == "t")
    assert (table["interval"] == "telling").any()
    assert (table["interval"] == "geen").any()


answers = st.lists(st.integers(0, 4) | st.none(), min_size=1, max_size=10)


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(a=answers, b=answers)
def test_change_of_large_populations_is_that_of_welch(a, b):
    row = only_row(b, a, None, None)
    first, second = (np.array([x for x in side if x is not None]) for side in (a, b))
    few = min(len(first), len(second)) < 2
    if few or first.std() == 0 or second.std() == 0:
        assert row["interval"] == "geen"
        return
    test = stats.ttest_ind(first, second, equal_var=False)
    limits = test.confidence_interval(0.95)
    assert_allclose(row["df"], test.df)
    assert_allclose(row["p_value"], test.pvalue)
    assert_allclose(row[["ci_low", "ci_high"]].astype(float), limits, atol=SWAP_ATOL)


def test_teams_of_a_year_share_the_spread_of_all_teams_of_that_year():
    # Squares within teams: then 2 + 6 on 4 degrees of freedom, now 2 + 8 on 3.
    before = frame(a=[0, 1, 2], weg=[1, 1, 4])
    after = frame(a=[2, 3, 4], nieuw=[0, 4])
    then, now = dict.fromkeys(["a", "weg"]), dict.fromkeys(["a", "nieuw"])
    row = changes(before, after, then, now, Groups("alle", "teams")).iloc[0]
    assert (row["group"], row["change"]) == ("a", 2)
    assert (row["df_before"], row["df_after"]) == (4, 3)
    parts = np.array([8 / 4 / 3, 10 / 3 / 3])
    df = parts.sum() ** 2 / (parts**2 / [4, 3]).sum()
    assert_allclose(row["df"], df)
    half = stats.t.ppf(0.975, df) * np.sqrt(parts.sum())
    assert_allclose(row["ci_high"], 2 + half)
    assert_allclose(row["effect"], 2 * small_sample_factor(7.0) / np.sqrt(18 / 7))


def test_small_teams_together_are_no_team_of_both_years():
    before, after = frame(a=[1, 2], overige=[0, 1]), frame(a=[2, 3], overige=[4, 4])
    members = dict.fromkeys(["a", "overige"])
    table = changes(before, after, members, members, Groups("alle", "teams"))
    assert table["group"].tolist() == ["a", "alle"]
    assert table["change"].tolist() == [1, 1]


def people(**answers):
    """One column ``vraag``; the name of a person says the team: a1 is of team a."""
    index = pd.Index([name.rstrip("_") or None for name in answers], dtype="object")
    teams = [name[0] for name in answers]
    return pd.DataFrame({"team": teams, "vraag": answers.values()}, index=index)


def test_paired_change_by_hand():
    # a1 +1, a2 +2, a3 +0: mean 1, s = 1; t(2) = 4.3026527 / sqrt(3)
    before = people(a1=1, a2=1, a3=2, a4=4)
    after = people(a1=2, a2=3, a3=2, a5=0)
    row = paired_change(before, after, groups=ALL_TOGETHER).iloc[0]
    assert (row["n"], row["n_before"], row["n_after"]) == (3, 4, 4)
    assert (row["change"], row["sd"]) == (1, 1)
    assert_allclose(row["ci_high"] - 1, 4.3026527 / np.sqrt(3), rtol=HAND_RTOL)


def test_paired_change_takes_only_who_stayed_and_is_known():
    before = people(a1=1, a2=1, a3=2, b1=0)
    after = people(a1=2, a2=3, a3=4, b1=4)
    after.loc["b1", "team"] = "a"  # moved
    before.index = pd.Index(["a1", "a2", None, "b1"])
    after.index = pd.Index(["a1", "a2", None, "b1"])
    row = paired_change(before, after, groups=ALL_TOGETHER).iloc[0]
    assert (row["n"], row["change"]) == (2, 1.5)
    table = paired_change(before, after, groups=Groups("a", "team"))
    assert table["n"].tolist() == [2, 0]
    assert table["n_before"].tolist() == [3, 1]
    assert table["n_after"].tolist() == [4, 0]


def test_paired_change_of_equal_steps_has_no_interval():
    table = paired_change(people(a1=1, a2=2), people(a1=2, a2=3), groups=ALL_TOGETHER)
    assert table["interval"].tolist() == ["geen"]
    assert table["ci_low"].isna().all()


def test_paired_change_refuses_a_pseudonym_that_is_there_twice():
    twice = people(a1=1, a2=2).set_axis(["a1", "a1"])
    with pytest.raises(ResponseError, match="1 pseudonyms occur more than once"):
        paired_change(people(a1=1, a2=2), twice, groups=ALL_TOGETHER)


def test_paired_change_matches_r(years):
    expected = pd.read_csv(TESTS / "reference" / "trend_paired.csv")
    linked = [
        year.set_axis(year["team"] + year.groupby("team").cumcount().astype(str))
        for year in years
    ]
    table = paired_change(*linked, groups=ALL_TOGETHER)
    assert table["variable"].tolist() == expected["variable"].tolist()
    for name in ("n", "change", "sd", "ci_low", "ci_high"):
        assert_allclose(table[name], expected[name], rtol=R_RTOL, err_msg=name)
