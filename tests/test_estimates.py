"""Means and shares with intervals, by hand and against R."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from swtlib.codebook import Choice, Item, Response
from swtlib.errors import ParameterError, ResponseError, StatisticError, SwtError
from swtlib.estimates import mean_with_ci, paired_gap
from swtlib.groups import Groups, finite_population_factor
from swtlib.shares import agreement_with_ci, share_with_ci, wilson_interval

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
R_ATOL = 1e-12  # for limits near 0, where a relative difference says nothing
HAND_RTOL = 1e-6  # the t and z values below are written with 7 digits

T_3 = 3.1824463  # t(0.975) with 3 degrees of freedom
T_4 = 2.7764451
T_5 = 2.5705818
Z = 1.9599640


def make_item(name="vraag", *, low=0, high=4, labels=()):
    response = Response(kind="scale", low=low, high=high, labels=labels)
    return Item(
        id=name, label=name, response=response, aspect="current", wording="unknown"
    )


def frame(**teams):
    """One column ``vraag`` with the answers of each team."""
    team = [name for name, answers in teams.items() for _ in answers]
    vraag = [answer for answers in teams.values() for answer in answers]
    return pd.DataFrame({"team": team, "vraag": pd.array(vraag, dtype="float64")})


def only_row(table):
    assert len(table) == 1
    return table.iloc[0]


TOTAL = Groups("alle", "total")


@pytest.fixture(scope="module")
def teams():
    return pd.read_csv(TESTS / "data" / "synthetic_teams.csv")


@pytest.fixture(scope="module")
def members():
    table = pd.read_csv(TESTS / "data" / "synthetic_members.csv")
    return {t: int(n) for t, n in zip(table["team"], table["members"], strict=True)}


@pytest.fixture(scope="module")
def unknown(members):
    return dict.fromkeys(members)


def read_reference(name):
    return pd.read_csv(TESTS / "reference" / f"{name}.csv")


# --- groups -----------------------------------------------------------------------


def test_groups_teams_shows_every_team_with_rows_then_all():
    team = pd.Series(["b", "a", "b"])
    masks = Groups("alle", "teams").masks(team, order=["a", "c", "b"])
    assert {name: mask.tolist() for name, mask in masks.items()} == {
        "a": [False, True, False],
        "b": [True, False, True],
        "alle": [True, True, True],
    }
    assert list(masks) == ["a", "b", "alle"]  # in the order given, "c" has no rows


def test_groups_team_sets_a_team_beside_the_others():
    masks = Groups("a", "team").masks(pd.Series(["b", "a", "c"]))
    assert {name: mask.tolist() for name, mask in masks.items()} == {
        "a": [False, True, False],
        "andere": [True, False, True],
    }


def test_groups_total_shows_only_all():
    masks = Groups("a", "total").masks(pd.Series(["b", "a"]))
    assert {name: mask.tolist() for name, mask in masks.items()} == {
        "alle": [True, True]
    }


def test_groups_takes_the_order_of_categories():
    team = pd.Series(pd.Categorical(["b", "a"], categories=["b", "a", "c"]))
    assert list(Groups("alle", "teams").masks(team)) == ["b", "a", "alle"]


@pytest.mark.parametrize("layout", ["tems", "", None])
def test_groups_refuses_an_unknown_layout(layout):
    with pytest.raises(ParameterError, match="teams, team, total"):
        Groups("elburg", layout)


@pytest.mark.parametrize("team", ["alle", "andere"])
def test_groups_refuses_all_teams_as_one_team(team):
    with pytest.raises(ParameterError, match=team):
        Groups(team, "team")


def test_groups_refuses_an_unknown_team():
    with pytest.raises(ParameterError, match="Did you mean 'elburg'"):
        Groups("elborg", "team").masks(pd.Series(["elburg"]))
    with pytest.raises(ResponseError, match="'elborg' is not known"):
        Groups("alle", "teams").masks(pd.Series(["elborg"]), order=["elburg"])


def test_groups_refuses_respondents_without_a_team():
    with pytest.raises(ResponseError, match="1 respondents have no team"):
        Groups("alle", "total").masks(pd.Series(["elburg", None]))


@pytest.mark.parametrize("layout", ["teams", "team", "total"])
def test_groups_knows_teams_whatever_type_their_ids_came_in(layout):
    groups = Groups("1", layout)
    expected = groups.masks(pd.Series(["1", "2", "1"]), order=["1", "2", "3"])
    for team in ([1, 2, 1], pd.Categorical(["1", "2", "1"]), pd.Categorical([1, 2, 1])):
        found = groups.masks(pd.Series(team), order=["1", "2", "3"])
        assert {name: mask.tolist() for name, mask in found.items()} == {
            name: mask.tolist() for name, mask in expected.items()
        }


def test_estimates_do_not_depend_on_the_index():
    scores = frame(a=[1, 2, 3, 4], b=[0, 1])
    repeated = scores.set_index(pd.Index([7] * 6))
    options = {"groups": Groups("a", "team"), "members": {"a": 5, "b": 4}}
    for estimate in (
        lambda x: mean_with_ci(x, **options),
        lambda x: paired_gap(x, x.assign(vraag=4 - x["vraag"]), **options),
        lambda x: share_with_ci(x, items=[make_item()], **options),
    ):
        pd.testing.assert_frame_equal(estimate(repeated), estimate(scores))


# --- single statistics ------------------------------------------------------------


def test_finite_population_factor_of_one_team():
    # sqrt(1 - 6 / 8) = sqrt(0.25)
    assert finite_population_factor({"a": 6}, {"a": 8}) == 0.5


def test_finite_population_factor_of_teams_together():
    # n = 10: 1 - (6/10 * 6/8 + 4/10 * 4/16) = 1 - (0.45 + 0.1) = 0.45
    factor = finite_population_factor({"a": 6, "b": 4}, {"a": 8, "b": 16})
    assert_allclose(factor, math.sqrt(0.45))


def test_finite_population_factor_skips_a_team_of_unknown_size():
    # 1 - 6/10 * 6/8 = 0.55
    factor = finite_population_factor({"a": 6, "b": 4}, {"a": 8, "b": None})
    assert_allclose(factor, math.sqrt(0.55))
    assert finite_population_factor({"b": 4}, {"b": None}) == 1


def test_finite_population_factor_of_a_census_and_of_nobody():
    assert finite_population_factor({"a": 6, "b": 1}, {"a": 6, "b": 1}) == 0
    assert math.isnan(finite_population_factor({"a": 0}, {"a": 6}))
    assert math.isnan(finite_population_factor({}, {}))


def test_finite_population_factor_names_the_team_at_fault():
    with pytest.raises(StatisticError, match=r"'elburg' has 8 answers .* 7 members"):
        finite_population_factor({"elburg": 8}, {"elburg": 7})
    with pytest.raises(ParameterError, match="'elborg'"):
        finite_population_factor({"elborg": 8}, {"elburg": 7})


def test_wilson_interval_by_hand():
    # 5 of 6: z2 = 3.8414588, middle = (5/6 + z2/12) / (1 + z2/6) = 0.7032219
    # half = z / (1 + z2/6) * sqrt(5/36/6 + z2/144) = 0.2667247
    low, high = wilson_interval(5, 6)
    z2 = Z**2
    middle = (5 / 6 + z2 / 12) / (1 + z2 / 6)
    half = Z / (1 + z2 / 6) * math.sqrt(5 / 36 / 6 + z2 / 144)
    assert_allclose([low, high], [middle - half, middle + half], rtol=HAND_RTOL)


@pytest.mark.parametrize(("count", "n"), [(0, 6), (3, 7), (7, 7), (13, 66), (1, 1)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_wilson_interval_matches_scipy(count, n, confidence):
    expected = stats.binomtest(count, n).proportion_ci(confidence, method="wilson")
    found = wilson_interval(count, n, confidence=confidence)
    assert_allclose(found, [expected.low, expected.high], atol=R_ATOL)


def test_wilson_interval_counts_a_known_population_as_more_answers():
    # factor 0.5: 6 answers weigh as 6 / 0.25 = 24, with the same share
    assert_allclose(wilson_interval(3, 6, factor=0.5), wilson_interval(12, 24))


def test_wilson_interval_reaches_0_and_1_exactly():
    for n in range(1, 30):
        assert wilson_interval(0, n)[0] == 0
        assert wilson_interval(n, n)[1] == 1
        assert wilson_interval(0, n)[1] > 0  # not zero wide


def test_wilson_interval_is_empty_without_answers_and_in_a_census():
    assert all(math.isnan(limit) for limit in wilson_interval(0, 0))
    assert all(math.isnan(limit) for limit in wilson_interval(3, 6, factor=0))


@pytest.mark.parametrize(
    ("count", "n", "options"),
    [(7, 6, {}), (-1, 6, {}), (1, 6, {"factor": 1.2}), (1, 6, {"confidence": 95})],
)
def test_wilson_interval_refuses_what_cannot_be(count, n, options):
    with pytest.raises(SwtError):
        wilson_interval(count, n, **options)


# --- means ------------------------------------------------------------------------


def test_mean_with_ci_by_hand():
    # mean 2.5, sd = sqrt(5 / 3), factor sqrt(1 - 4/5), t(3) = 3.1824463
    scores = frame(a=[1, 2, 3, 4, None])
    row = only_row(mean_with_ci(scores, groups=TOTAL, members={"a": 5}))
    half = T_3 * math.sqrt(5 / 3) / 2 * math.sqrt(1 / 5)
    assert (row["n"], row["n_population"], row["interval"]) == (4, 5, "t")
    assert_allclose([row["mean"], row["sd"]], [2.5, math.sqrt(5 / 3)])
    found = [row["ci_low"], row["ci_high"]]
    assert_allclose(found, [2.5 - half, 2.5 + half], rtol=HAND_RTOL)


def test_mean_with_ci_takes_teams_together_with_the_joint_sd():
    # a: 4 of 5, b: 2 of 4. Scores 1 2 3 4 4 4: mean 3, sd = sqrt(8 / 5)
    # 1 - (4/6 * 4/5 + 2/6 * 2/4) = 1 - 0.7 = 0.3; t(5) = 2.5705818
    scores = frame(a=[1, 2, 3, 4], b=[4, 4])
    row = only_row(mean_with_ci(scores, groups=TOTAL, members={"a": 5, "b": 4}))
    half = T_5 * math.sqrt(8 / 5 / 6 * 0.3)
    assert (row["n"], row["n_population"]) == (6, 9)
    assert_allclose(row["ci_high"] - row["mean"], half, rtol=HAND_RTOL)


def test_mean_with_ci_corrects_only_for_teams_of_known_size():
    # a: 4 of 5, b: 2 of an unknown number: 1 - 4/6 * 4/5 = 0.4666667
    scores = frame(a=[1, 2, 3, 4], b=[4, 4])
    row = only_row(mean_with_ci(scores, groups=TOTAL, members={"a": 5, "b": None}))
    half = T_5 * math.sqrt(8 / 5 / 6 * (1 - 16 / 30))
    assert math.isnan(row["n_population"])
    assert_allclose(row["ci_high"] - row["mean"], half, rtol=HAND_RTOL)


def test_mean_with_ci_has_one_row_per_group_and_variable():
    scores = frame(b=[1, 2], a=[3, 4]).assign(tweede=[0.1, 0.2, 0.3, 0.4])
    table = mean_with_ci(
        scores, groups=Groups("alle", "teams"), members={"a": None, "b": None}
    )
    assert table.columns.tolist() == [
        "group",
        "variable",
        "n",
        "n_population",
        "mean",
        "sd",
        "df",
        "ci_low",
        "ci_high",
        "interval",
    ]
    assert table[["group", "variable"]].to_numpy().tolist() == [
        ["a", "vraag"],
        ["a", "tweede"],
        ["b", "vraag"],
        ["b", "tweede"],
        ["alle", "vraag"],
        ["alle", "tweede"],
    ]
    assert table["n"].dtype == np.int64
    assert_allclose(table["mean"], [3.5, 0.35, 1.5, 0.15, 2.5, 0.25])


def test_mean_with_ci_of_a_census_has_no_interval():
    scores = frame(a=[1, 2, 3], b=[2])
    table = mean_with_ci(
        scores, groups=Groups("alle", "teams"), members={"a": 3, "b": 1}
    )
    assert table["interval"].tolist() == ["telling"] * 3
    assert table[["ci_low", "ci_high"]].isna().all(axis=None)
    assert table["mean"].tolist() == [2, 2, 2]


def test_mean_with_ci_is_no_census_when_an_answer_or_a_size_is_missing():
    one_missing = frame(a=[1, 2, 3, None])
    row = only_row(mean_with_ci(one_missing, groups=TOTAL, members={"a": 4}))
    assert (row["n"], row["n_population"], row["interval"]) == (3, 4, "t")
    mixed = frame(a=[1, 2, 3], b=[1, 2])  # all of a, of b nobody knows
    row = only_row(mean_with_ci(mixed, groups=TOTAL, members={"a": 3, "b": None}))
    assert row["interval"] == "t"


def test_all_of_one_team_and_nobody_of_another_is_no_interval_of_no_width():
    scores = frame(a=[1, 2, 3], b=[None, None])
    options = {"groups": TOTAL, "members": {"a": 3, "b": 2}}
    row = only_row(mean_with_ci(scores, **options))
    assert (row["n"], row["n_population"], row["interval"]) == (3, 5, "geen")
    assert row[["ci_low", "ci_high"]].isna().all()
    shares = share_with_ci(scores, items=[make_item()], **options)
    assert set(shares["interval"]) == {"geen"}
    assert shares[["ci_low", "ci_high"]].isna().all(axis=None)


def test_mean_with_ci_of_one_answer_has_no_interval():
    row = only_row(mean_with_ci(frame(a=[3]), groups=TOTAL, members={"a": 7}))
    assert (row["n"], row["mean"], row["interval"]) == (1, 3, "geen")
    assert row[["sd", "ci_low", "ci_high"]].isna().all()


def test_mean_with_ci_of_equal_answers_is_not_zero_wide():
    row = only_row(mean_with_ci(frame(a=[3] * 6), groups=TOTAL, members={"a": 7}))
    assert (row["mean"], row["sd"], row["interval"]) == (3, 0, "geen")
    assert row[["ci_low", "ci_high"]].isna().all()


def test_mean_with_ci_knows_equal_scores_by_their_value_not_their_last_digit():
    # 0.1 + 0.2 is not 0.3 in binary, and three times 0.1 / 3 is not 0.1
    scores = frame(a=[0.3, 0.1 + 0.2, 0.3], b=[0.1, 0.1, 0.1])
    table = mean_with_ci(
        scores, groups=Groups("alle", "teams"), members={"a": 9, "b": 9}
    )
    assert table["sd"].tolist()[:2] == [0, 0]
    assert set(table["interval"]) == {"geen"}  # nobody differs within a team


def test_mean_with_ci_pools_the_spread_where_teams_stand_beside_each_other():
    # a: 1 2 3 4, squares 5; b: 4 4, squares 0; c: 2, nothing. s^2 = 5 / 4, df 4.
    scores = frame(a=[1, 2, 3, 4], b=[4, 4], c=[2])
    members = {"a": 5, "b": 4, "c": 2}
    table = mean_with_ci(scores, groups=Groups("alle", "teams"), members=members)
    half = (table["ci_high"] - table["ci_low"]) / 2
    left = [1 / 5, 2 / 4, 1 / 2, 1 - (4 / 7 * 4 / 5 + 2 / 7 * 2 / 4 + 1 / 7 * 1 / 2)]
    expected = [
        T_4 * math.sqrt(5 / 4 / n * f) for n, f in zip([4, 2, 1, 7], left, strict=True)
    ]
    assert_allclose(half, expected, rtol=HAND_RTOL)
    assert table["df"].tolist() == [4] * 4
    assert table["interval"].tolist() == ["t"] * 4
    page = mean_with_ci(scores, groups=Groups("b", "team"), members=members)
    assert_allclose(page.loc[0, "ci_high"] - 4, expected[1], rtol=HAND_RTOL)


def test_an_interval_beside_others_does_not_depend_on_how_a_team_spreads():
    # The same sums in other answers; squares within teams 12 + 3/2 and 0 + 27/2.
    one = frame(a=[1, 1, 1, 4, 4, 1], b=[2, 2, 3, 3, 2, 3])
    other = frame(a=[2, 2, 2, 2, 2, 2], b=[4, 4, 3, 3, 1, 0])
    options = {"groups": Groups("a", "team"), "members": {"a": 8, "b": 9}}
    limits = ["mean", "ci_low", "ci_high"]
    tables = [mean_with_ci(x, **options)[limits] for x in (one, other)]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.parametrize("spread", [(1.0,) * 6, (0.7, 1.3, 0.7, 1.3, 1.0, 1.0)])
def test_intervals_of_teams_hold_as_often_as_they_say(spread):
    # Teams of 6 to 18 out of 7 to 26 members who answer 0-4, 400 questions: over the
    # teams together 95% of the intervals hold the mean of all members, also where
    # some teams agree less than others.
    rng = np.random.default_rng(20151101)
    sizes = {"a": (6, 9), "b": (8, 16), "c": (9, 21), "d": (10, 21)}
    sizes |= {"e": (11, 21), "f": (18, 26)}
    parts, true = [], {}
    for (team, (n, size)), wide in zip(sizes.items(), spread, strict=True):
        middle = rng.uniform(1, 3, 400)
        people = np.clip(np.round(rng.normal(middle, wide, (size, 400))), 0, 4)
        true[team] = people.mean(axis=0)
        parts.append(pd.DataFrame(people[:n]).assign(team=team))
    scores = pd.concat(parts, ignore_index=True).rename(columns=str)
    members = {team: size for team, (_, size) in sizes.items()}
    table = mean_with_ci(scores, groups=Groups("alle", "teams"), members=members)
    held = []
    for team, means in true.items():
        rows = table[table["group"] == team]
        held.append(((rows["ci_low"] <= means) & (means <= rows["ci_high"])).mean())
    assert 0.93 < np.mean(held) < 0.97
    assert min(held) > (0.92 if len(set(spread)) == 1 else 0.84)


def test_mean_with_ci_of_no_answers_is_empty():
    scores = frame(a=[None, None], b=[1, 2])
    table = mean_with_ci(
        scores, groups=Groups("alle", "teams"), members={"a": 5, "b": 5}
    )
    row = table.iloc[0]
    assert (row["group"], row["n"], row["n_population"]) == ("a", 0, 5)
    assert row["interval"] == "geen"
    assert row[["mean", "sd", "ci_low", "ci_high"]].isna().all()


def test_mean_with_ci_of_a_team_without_respondents_is_empty():
    table = mean_with_ci(
        frame(b=[1, 2]), groups=Groups("a", "team"), members={"a": 5, "b": 6}
    )
    assert table["group"].tolist() == ["a", "andere"]
    assert table["n"].tolist() == [0, 2]
    assert table["n_population"].tolist() == [5, 6]
    assert table["interval"].tolist() == ["geen", "t"]


def test_mean_with_ci_of_a_team_without_others_is_empty():
    table = mean_with_ci(frame(a=[1, 2]), groups=Groups("a", "team"), members={"a": 5})
    assert table["n"].tolist() == [2, 0]
    assert math.isnan(table.loc[1, "n_population"])
    assert table.loc[1, "interval"] == "geen"


def test_mean_with_ci_of_no_respondents_at_all_is_empty():
    empty = pd.DataFrame({"team": pd.Series([], dtype="str"), "vraag": [1.0][:0]})
    row = only_row(mean_with_ci(empty, groups=TOTAL, members={"a": 5}))
    assert (row["n"], row["interval"]) == (0, "geen")


def test_mean_with_ci_cuts_the_interval_only_when_asked():
    scores = frame(a=[0.75, 1.0, 1.0])
    options = {"groups": TOTAL, "members": {"a": None}}
    free = only_row(mean_with_ci(scores, **options))
    cut = only_row(mean_with_ci(scores, **options, bounds=(0, 1)))
    assert free["ci_high"] > 1
    assert cut["ci_high"] == 1
    assert cut["ci_low"] == free["ci_low"]
    assert cut["mean"] == free["mean"]


def test_mean_with_ci_refuses_bounds_of_another_scale():
    with pytest.raises(ResponseError, match=r"'vraag' has 2 scores outside .* 0-1"):
        mean_with_ci(
            frame(a=[1, 2, 3]), groups=TOTAL, members={"a": None}, bounds=(0, 1)
        )


def test_mean_with_ci_names_a_team_with_more_answers_than_members():
    scores = frame(elburg=[1, 2, 3], oost=[1])
    with pytest.raises(SwtError, match="'elburg' has 3 answers to 'vraag' and 2"):
        mean_with_ci(scores, groups=TOTAL, members={"elburg": 2, "oost": 5})


def test_mean_with_ci_names_a_team_without_an_entry_in_members():
    with pytest.raises(SwtError, match="'elburg' is not known"):
        mean_with_ci(frame(elburg=[1]), groups=TOTAL, members={"oost": 5})


def test_mean_with_ci_refuses_unfit_input():
    options = {"groups": TOTAL, "members": {"a": 5}}
    with pytest.raises(ResponseError, match="no column 'team'"):
        mean_with_ci(pd.DataFrame({"vraag": [1]}), **options)
    with pytest.raises(ResponseError, match="besides 'team'"):
        mean_with_ci(pd.DataFrame({"team": ["a"]}), **options)
    with pytest.raises(ResponseError, match="'wie' is not numeric"):
        mean_with_ci(frame(a=[1]).assign(wie="x"), **options)
    with pytest.raises(ResponseError, match="infinite"):
        mean_with_ci(frame(a=[np.inf, 1]), **options)
    for confidence in (0, 1, 95, math.nan):
        with pytest.raises(ParameterError, match=r"such as 0\.95"):
            mean_with_ci(frame(a=[1, 2]), **options, confidence=confidence)


def test_mean_with_ci_leaves_its_input_alone():
    scores = frame(a=[1, 2, None])
    before = scores.copy(deep=True)
    mean_with_ci(scores, groups=TOTAL, members={"a": 5}, bounds=(0, 4))
    pd.testing.assert_frame_equal(scores, before)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_mean_with_ci_matches_scipy(teams, unknown, confidence):
    variables = ["stelling_1", "stelling_2"]
    table = mean_with_ci(
        teams[["team", *variables]],
        groups=TOTAL,
        members=unknown,
        confidence=confidence,
    )
    for name, (_, row) in zip(variables, table.iterrows(), strict=True):
        x = teams[name].dropna()
        expected = stats.t.interval(confidence, len(x) - 1, x.mean(), stats.sem(x))
        assert_allclose([row["ci_low"], row["ci_high"]], expected, rtol=R_RTOL)


def test_mean_with_ci_matches_r(teams, members, unknown):
    expected = read_reference("mean_with_ci")
    groups = Groups("alle", "teams")
    for sizes, limits in ((unknown, "ci"), (members, "fpc")):
        table = mean_with_ci(teams, groups=groups, members=sizes)
        assert table[["group", "variable"]].equals(expected[["group", "variable"]])
        assert table["n"].tolist() == expected["n"].tolist()
        for column, name in {
            "mean": "mean",
            "sd": "sd",
            "ci_low": f"{limits}_low",
            "ci_high": f"{limits}_high",
        }.items():
            assert_allclose(table[column], expected[name], rtol=R_RTOL, atol=R_ATOL)
    # In the reference an empty limit is a census or cannot be computed.
    assert set(table.loc[table["ci_low"].isna(), "interval"]) == {"telling", "geen"}
    zes = table[table["group"] == "zes"].set_index("variable")["interval"]
    assert zes["stelling_1"] == "telling"  # 6 of 6
    assert zes["stelling_2"] == "t"  # 5 of 6
    assert zes["stelling_4"] == "t"  # 5 of 6, all equal; the others are not


def test_mean_with_ci_of_all_together_matches_r(teams, members, unknown):
    expected = read_reference("mean_with_ci")
    for sizes, limits in ((unknown, "alone"), (members, "alone_fpc")):
        for group, rows in expected.groupby("group", sort=False):
            own = teams if group == "alle" else teams[teams["team"] == group]
            table = mean_with_ci(own, groups=TOTAL, members=sizes)
            for side in ("low", "high"):
                found, known = table[f"ci_{side}"], rows[f"{limits}_{side}"]
                assert_allclose(found, known, rtol=R_RTOL, atol=R_ATOL)


# --- have and want ----------------------------------------------------------------


def test_paired_gap_by_hand():
    # pairs (6, 8) (7, 8) (5, 8) (6, 6): gaps 2 1 3 0, mean 1.5, sd sqrt(5 / 3);
    # the fifth and sixth gave one mark only
    have = frame(a=[6, 7, 5, 6, 9, None])
    want = frame(a=[8, 8, 8, 6, None, 9])
    row = only_row(paired_gap(have, want, groups=TOTAL, members={"a": 5 + 3}))
    assert (row["n"], row["n_population"], row["interval"]) == (4, 8, "t")
    assert (row["mean_have"], row["mean_want"], row["gap"]) == (6, 7.5, 1.5)
    half = T_3 * math.sqrt(5 / 3) / 2 * math.sqrt(1 - 4 / 8)
    found = [row["ci_low"], row["ci_high"]]
    assert_allclose(found, [1.5 - half, 1.5 + half], rtol=HAND_RTOL)


def test_paired_gap_lists_its_columns():
    have, want = frame(a=[6, 7]), frame(a=[8, 8])
    table = paired_gap(have, want, groups=TOTAL, members={"a": 9})
    assert table.columns.tolist() == [
        "group",
        "variable",
        "n",
        "n_population",
        "mean_have",
        "mean_want",
        "gap",
        "sd",
        "df",
        "ci_low",
        "ci_high",
        "interval",
    ]


def test_paired_gap_pairs_variables_by_name():
    have = frame(a=[6, 7]).assign(tweede=[1, 2])
    want = frame(a=[8, 8]).assign(tweede=[5, 5])[["tweede", "team", "vraag"]]
    table = paired_gap(have, want, groups=TOTAL, members={"a": 9})
    assert table["variable"].tolist() == ["vraag", "tweede"]
    assert table["gap"].tolist() == [1.5, 3.5]


def test_paired_gap_without_pairs_is_empty():
    have, want = frame(a=[6, None]), frame(a=[None, 8])
    row = only_row(paired_gap(have, want, groups=TOTAL, members={"a": 9}))
    assert (row["n"], row["interval"]) == (0, "geen")
    assert row[["mean_have", "mean_want", "gap", "sd", "ci_low"]].isna().all()


def test_paired_gap_of_equal_steps_is_not_zero_wide():
    have, want = frame(a=[6, 7, 8]), frame(a=[7, 8, 9])
    row = only_row(paired_gap(have, want, groups=TOTAL, members={"a": 9}))
    assert (row["gap"], row["sd"], row["interval"]) == (1, 0, "geen")


def test_paired_gap_refuses_frames_that_differ():
    options = {"groups": TOTAL, "members": {"a": 9, "b": 9}}
    have = frame(a=[6, 7])
    with pytest.raises(ResponseError, match="tweede"):
        paired_gap(have, have.assign(tweede=1), **options)
    with pytest.raises(ResponseError, match="same respondents"):
        paired_gap(have, have.iloc[::-1], **options)
    with pytest.raises(ResponseError, match="team of a respondent"):
        paired_gap(have, frame(a=[6], b=[7]), **options)


def test_paired_gap_matches_r(teams, members, unknown):
    expected = read_reference("paired_gap")
    names = ["cijfer_1", "cijfer_2"]
    have = teams[["team"]].assign(**{n: teams[f"{n}_have"] for n in names})
    want = teams[["team"]].assign(**{n: teams[f"{n}_want"] for n in names})
    own = teams["team"] == "achttien"
    for sizes, limits in ((unknown, ""), (members, "fpc_")):
        groups = Groups("achttien", "team")
        table = paired_gap(have, want, groups=groups, members=sizes)
        table = table[table["group"] == "achttien"]
        assert table["n"].tolist() == expected["n"].tolist()
        for column in ("mean_have", "mean_want", "gap", "sd"):
            assert_allclose(table[column], expected[column], rtol=R_RTOL)
        alone = paired_gap(have[own], want[own], groups=TOTAL, members=sizes)
        for side in ("low", "high"):
            known = expected[f"{limits or 'ci_'}{side}"]
            assert_allclose(table[f"ci_{side}"], known, rtol=R_RTOL)
            known = expected[f"alone_{limits}{side}"]
            assert_allclose(alone[f"ci_{side}"], known, rtol=R_RTOL)


# --- shares -----------------------------------------------------------------------


def test_share_with_ci_by_hand():
    # 4 of 6 members answered 4 4 3 1: factor^2 = 1 - 4/6, so 12 effective answers
    item = make_item(labels=("nooit", "zelden", "soms", "vaak", "altijd"))
    responses = frame(a=[4, 4, 3, 1, None])
    table = share_with_ci(responses, items=[item], groups=TOTAL, members={"a": 6})
    assert table.columns.tolist() == [
        "group",
        "variable",
        "answer",
        "answer_label",
        "n",
        "n_population",
        "count",
        "share",
        "ci_low",
        "ci_high",
        "interval",
    ]
    assert table["answer"].tolist() == [0, 1, 2, 3, 4]
    assert table["answer_label"].tolist() == list(item.response.labels)
    assert table["count"].tolist() == [0, 1, 0, 1, 2]
    assert table["share"].tolist() == [0, 0.25, 0, 0.25, 0.5]
    assert set(table["n"]) == {4}
    assert set(table["n_population"]) == {6.0}
    assert set(table["interval"]) == {"wilson"}
    low, high = wilson_interval(6, 12)
    assert_allclose(table.loc[4, ["ci_low", "ci_high"]].tolist(), [low, high])
    assert table.loc[0, "ci_low"] == 0
    assert table.loc[0, "ci_high"] > 0


def test_share_with_ci_shows_numbers_where_labels_are_not_known():
    table = share_with_ci(
        frame(a=[0, 10]),
        items=[make_item(high=10)],
        groups=TOTAL,
        members={"a": None},
    )
    assert table["answer_label"].tolist() == [str(grade) for grade in range(11)]


def test_share_with_ci_counts_the_options_of_a_choice():
    options = (
        Choice(id="amw", code="A1", label="Maatschappelijk werker"),
        Choice(id="medewerker", code="A2", label="Medewerker"),
    )
    item = Item(
        id="functie",
        label="Functie",
        response=Response(kind="choice", choices=options),
        aspect="background",
        wording="unknown",
    )
    responses = pd.DataFrame({"team": ["a"] * 3, "functie": ["amw", "amw", None]})
    table = share_with_ci(responses, items=[item], groups=TOTAL, members={"a": 9})
    assert table["answer"].tolist() == ["amw", "medewerker"]
    assert table["answer_label"].tolist() == ["Maatschappelijk werker", "Medewerker"]
    assert table["count"].tolist() == [2, 0]
    assert table["n"].tolist() == [2, 2]
    with pytest.raises(ParameterError, match="separate calls"):
        share_with_ci(
            responses, items=[item, make_item()], groups=TOTAL, members={"a": 9}
        )


def test_share_with_ci_of_a_census_one_answer_and_nobody():
    responses = frame(a=[4, 3], b=[4], c=[None])
    table = share_with_ci(
        responses,
        items=[make_item()],
        groups=Groups("alle", "teams"),
        members={"a": 2, "b": 9, "c": 9},
    )
    highest = table[table["answer"] == 4].set_index("group")
    assert highest["interval"].to_dict() == {
        "a": "telling",
        "b": "geen",
        "c": "geen",
        "alle": "wilson",
    }
    assert highest["n"].tolist() == [2, 1, 0, 3]
    assert highest.loc[["a", "b", "c"], ["ci_low", "ci_high"]].isna().all(axis=None)
    assert highest.loc["a", "share"] == 0.5
    assert math.isnan(highest.loc["c", "share"])


def test_share_with_ci_refuses_unfit_answers():
    options = {"items": [make_item()], "groups": TOTAL, "members": {"a": 9}}
    with pytest.raises(ResponseError, match=r"'vraag' has answers outside 0-4 \(2"):
        share_with_ci(frame(a=[9, 9, 1]), **options)
    with pytest.raises(ResponseError, match="'vraag' has answers outside 0-4"):
        share_with_ci(frame(a=[2.5]), **options)
    with pytest.raises(ResponseError, match="no column 'vraag'"):
        share_with_ci(pd.DataFrame({"team": ["a"]}), **options)
    with pytest.raises(ResponseError, match="no column 'team'"):
        share_with_ci(pd.DataFrame({"vraag": [1]}), **options)
    with pytest.raises(ParameterError, match="no items"):
        share_with_ci(frame(a=[1]), **{**options, "items": []})


@pytest.mark.parametrize(
    "response",
    [Response(kind="text"), Response(kind="number", low=0, high=9, whole=False)],
)
def test_share_with_ci_refuses_answers_that_cannot_be_listed(response):
    item = Item(
        id="vrij", label="", response=response, aspect="current", wording="unknown"
    )
    with pytest.raises(ParameterError, match="'vrij' cannot be listed"):
        share_with_ci(frame(a=[1]), items=[item], groups=TOTAL, members={"a": 9})


def test_share_with_ci_names_a_team_with_more_answers_than_members():
    with pytest.raises(SwtError, match="'elburg' has 3 answers to 'vraag' and 2"):
        share_with_ci(
            frame(elburg=[1, 2, 3]),
            items=[make_item()],
            groups=TOTAL,
            members={"elburg": 2},
        )


def test_share_with_ci_matches_r(teams, members, unknown):
    expected = read_reference("share_with_ci")
    items = [make_item(f"stelling_{i}") for i in range(1, 5)]
    for sizes, limits in ((unknown, "ci"), (members, "fpc")):
        table = share_with_ci(
            teams, items=items, groups=Groups("alle", "teams"), members=sizes
        )
        for column in ("group", "variable", "answer", "n", "count"):
            assert table[column].tolist() == expected[column].tolist()
        assert_allclose(table["share"], expected["share"], rtol=R_RTOL)
        for side in ("low", "high"):
            found, known = table[f"ci_{side}"], expected[f"{limits}_{side}"]
            assert_allclose(found, known, rtol=R_RTOL, atol=R_ATOL)


def test_agreement_with_ci_by_hand():
    # 0 1 1 | 2 | 3 4 4 4 of 8: counts 3, 1, 4
    responses = frame(a=[0, 1, 1, 2, 3, 4, 4, 4, None])
    table = agreement_with_ci(
        responses, items=[make_item()], groups=TOTAL, members={"a": None}
    )
    assert table.columns.tolist() == [
        "group",
        "variable",
        "category",
        "n",
        "n_population",
        "count",
        "share",
        "ci_low",
        "ci_high",
        "interval",
    ]
    assert table["category"].tolist() == ["oneens", "neutraal", "eens"]
    assert table["count"].tolist() == [3, 1, 4]
    assert table["share"].tolist() == [0.375, 0.125, 0.5]
    for row, count in zip(table.itertuples(), (3, 1, 4), strict=True):
        assert_allclose([row.ci_low, row.ci_high], wilson_interval(count, 8))


def test_agreement_with_ci_adds_the_counts_of_share_with_ci(teams, members):
    items = [make_item(f"stelling_{i}") for i in range(1, 5)]
    options = {"items": items, "groups": Groups("zes", "team"), "members": members}
    answers = share_with_ci(teams, **options)
    part = answers["answer"].map(
        {0: "oneens", 1: "oneens", 2: "neutraal", 3: "eens", 4: "eens"}
    )
    keys = [answers["group"], answers["variable"], part.rename("category")]
    expected = answers.groupby(keys)["count"].sum()
    found = agreement_with_ci(teams, **options)
    found = found.set_index(["group", "variable", "category"])["count"]
    assert found.sort_index().to_dict() == expected.to_dict()


def test_agreement_with_ci_refuses_another_number_of_answers():
    with pytest.raises(ParameterError, match="'vraag' is answered 0-10"):
        agreement_with_ci(
            frame(a=[1]), items=[make_item(high=10)], groups=TOTAL, members={"a": 9}
        )
