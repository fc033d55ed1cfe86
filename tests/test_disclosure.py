"""Tests of what may be shown of small groups."""

import numpy as np
import pandas as pd
import pytest

from swtlib.disclosure import (
    MIN_CELL_N,
    MIN_DISTRIBUTION_N,
    ProtectedTable,
    drop_small_teams,
    protect,
    reason_few,
    require_protected,
)
from swtlib.errors import DisclosureError, ParameterError

FEW = reason_few(MIN_CELL_N)
DERIVED = FEW


def means(cells: dict[tuple[str, str], tuple[float, float, float]]) -> pd.DataFrame:
    """Rows (group, variable) -> (n, mean, sd), as estimates.py makes them."""
    return pd.DataFrame(
        [
            {
                "group": group,
                "variable": variable,
                "n": n,
                "n_population": 2 * n,
                "mean": mean,
                "sd": sd,
                "ci_low": mean - 0.1,
                "ci_high": mean + 0.1,
                "interval": "t",
            }
            for (group, variable), (n, mean, sd) in cells.items()
        ]
    )


def distribution(counts: dict[str, list[int]]) -> pd.DataFrame:
    """Rows per group and answer for one variable."""
    return pd.DataFrame(
        [
            {
                "group": group,
                "variable": "a",
                "answer": answer,
                "answer_label": f"label {answer}",
                "n": sum(numbers),
                "count": count,
                "share": count / sum(numbers),
            }
            for group, numbers in counts.items()
            for answer, count in enumerate(numbers)
        ]
    )


def reasons(table: ProtectedTable) -> dict[tuple[str, str], str]:
    frame = table.frame
    keys = zip(frame["group"], frame["variable"], strict=True)
    return dict(zip(keys, frame["reason"], strict=True))


def test_protect_leaves_a_large_table_as_it_is():
    table = means({("elburg", "a"): (6, 0.5, 0.1), ("andere", "a"): (52, 0.6, 0.2)})
    shown = protect(table, kind="mean")
    assert shown.layout == "team"
    assert shown.frame["mean"].tolist() == [0.5, 0.6]
    assert not shown.frame["suppressed"].any()
    assert shown.hidden.empty
    assert len(shown) == 2


def test_protect_empties_every_column_that_is_no_key():
    table = means({("alle", "a"): (4, 0.5, 0.1), ("alle", "b"): (5, 0.6, 0.1)})
    table["a_new_statistic"] = ["secret", "open"]
    table["significant"] = True
    shown = protect(table, kind="mean").frame
    assert shown.loc[0, ["group", "variable"]].tolist() == ["alle", "a"]
    kept = {"group", "variable", "suppressed", "reason"}
    assert shown.loc[0, shown.columns.difference(list(kept))].isna().all()
    assert shown.loc[0, ["suppressed", "reason"]].tolist() == [True, FEW]
    assert shown.loc[1, ["n", "mean", "interval"]].tolist() == [5, 0.6, "geen"]
    assert shown.loc[1, "significant"]


def test_protect_refuses_two_columns_of_one_name():
    table = means({("alle", "a"): (4, 0.5, 0.1)})
    twice = pd.concat([table, table[["mean"]]], axis=1)
    with pytest.raises(DisclosureError, match="two columns 'mean'"):
        protect(twice, kind="mean")


def test_protect_gives_no_interval_made_with_the_spread_of_few():
    table = means({("elburg", "a"): (6, 0.5, 0.1), ("andere", "a"): (52, 0.6, 0.2)})
    table["effect"] = [0.4, np.nan]
    own = protect(table.assign(df=[5, 51]), kind="mean").frame
    unknown = protect(table, kind="mean").frame
    pooled = protect(table.assign(df=57), kind="mean").frame
    limits = ["ci_low", "ci_high"]
    for shown in (own, unknown):
        assert shown.loc[0, [*limits, "effect"]].isna().all()
        assert shown["interval"].tolist() == ["geen", "t"]
    assert pooled[limits].notna().all(axis=None)
    assert pooled.loc[0, "effect"] == 0.4
    for shown in (own, unknown, pooled):  # of the others neither: see two pages
        assert shown["sd"].isna().all()
    assert protect(table.assign(n=[20, 52]), kind="mean").frame["sd"].tolist() == [
        *(0.1, 0.2)
    ]


def test_protect_keeps_a_census_a_census():
    table = means({("elburg", "a"): (6, 0.5, 0.1), ("andere", "a"): (52, 0.6, 0.2)})
    table["interval"] = "telling"
    assert protect(table, kind="mean").frame["interval"].tolist() == ["telling"] * 2


@pytest.mark.parametrize("dtype", ["float64", "Float64", "float64[pyarrow]"])
def test_protect_hides_what_is_unknown_in_any_kind_of_column(dtype):
    # pandas' own missing value is neither above nor below a limit
    table = means({("elburg", "a"): (6, 0.5, 0.1), ("andere", "a"): (52, 0.6, 0.2)})
    for name in ("n", "sd"):
        unknown = pd.array([None, table[name].iloc[1]], dtype=dtype)
        shown = protect(table.assign(**{name: unknown}), kind="mean")
        assert shown.frame["suppressed"].all(), name
        assert shown.frame["mean"].isna().all(), name
    counted = distribution({"elburg": [20, 9], "andere": [20, 30]})
    for name, other in (("count", "share"), ("share", "count")):
        unknown = pd.array([None, None, *counted[name].iloc[2:]], dtype=dtype)
        shown = protect(
            counted.drop(columns=other).assign(**{name: unknown}), kind="distribution"
        )
        assert shown.frame["suppressed"].all(), name


def test_protect_takes_groups_and_variables_as_categories():
    table = means(
        {
            ("elburg", "a"): (4, 0.5, 0.1),
            ("zuid", "a"): (9, 0.5, 0.1),
            ("alle", "a"): (13, 0.5, 0.1),
        }
    )
    kinds = pd.CategoricalDtype(["alle", "zuid", "elburg", "west"])
    shown = protect(table.astype({"group": kinds, "variable": "category"}), kind="mean")
    assert shown.frame["suppressed"].tolist() == [True, False, True]
    assert shown.select(groups=["zuid"]).frame["n"].tolist() == [9]


def test_protect_refuses_shares_that_are_no_numbers():
    table = distribution({"alle": [20, 30]})
    with pytest.raises(DisclosureError, match="'share' does not hold numbers"):
        protect(table.assign(share=["40%", "60%"]), kind="distribution")


def test_protect_keeps_the_table_it_was_given():
    table = means({("alle", "a"): (4, 0.5, 0.1)})
    before = table.copy()
    shown = protect(table, kind="mean")
    copy = shown.frame
    copy["mean"] = 1.0  # nothing comes back
    pd.testing.assert_frame_equal(table, before)
    assert shown.frame["mean"].isna().all()


@pytest.mark.parametrize("n", [0, 1, 4, np.nan])
def test_protect_hides_too_few_and_unknown_n(n):
    assert (
        protect(means({("alle", "a"): (n, 0.5, 0.1)}), kind="mean")
        .frame["suppressed"]
        .all()
    )


def test_protect_hides_a_team_whose_answers_are_all_the_same():
    table = means(
        {
            ("elburg", "a"): (6, 1.0, 0.0),
            ("andere", "a"): (52, 0.6, 0.2),
            ("elburg", "b"): (6, 0.9, 0.1),
            ("andere", "b"): (52, 1.0, 0.0),  # 52 people of several teams: shown
        }
    )
    assert reasons(protect(table, kind="mean")) == {
        ("elburg", "a"): FEW,
        ("andere", "a"): DERIVED,
        ("elburg", "b"): "",
        ("andere", "b"): "",
    }


def test_protect_hides_others_who_are_one_small_group():
    table = means({("elburg", "a"): (6, 0.5, 0.1), ("andere", "a"): (7, 1.0, 0.0)})
    assert protect(table, kind="mean").frame["suppressed"].all()


def test_protect_hides_what_has_rounding_for_a_spread_or_none():
    # Three times 1/3 has a standard deviation of 6e-17 in floating point.
    table = means({("alle", "a"): (9, 1 / 3, 6e-17), ("alle", "b"): (9, 0.3, np.nan)})
    assert protect(table, kind="mean").frame["suppressed"].all()


def test_protect_does_not_tell_few_from_the_same():
    few = means({("elburg", "a"): (4, 0.5, 0.1), ("andere", "a"): (9, 0.5, 0.1)})
    same = means({("elburg", "a"): (6, 1.0, 0.0), ("andere", "a"): (9, 0.5, 0.1)})
    pd.testing.assert_frame_equal(
        protect(few, kind="mean").frame, protect(same, kind="mean").frame
    )


def test_protect_hides_all_beside_a_hidden_team():
    table = means(
        {
            ("elburg", "a"): (4, 0.5, 0.1),
            ("zuid", "a"): (9, 0.5, 0.1),
            ("alle", "a"): (13, 0.5, 0.1),
            ("elburg", "b"): (6, 0.5, 0.1),
            ("zuid", "b"): (9, 0.5, 0.1),
            ("alle", "b"): (15, 0.5, 0.1),
        }
    )
    assert reasons(protect(table, kind="mean")) == {
        ("elburg", "a"): FEW,
        ("zuid", "a"): "",
        ("alle", "a"): DERIVED,
        ("elburg", "b"): "",
        ("zuid", "b"): "",
        ("alle", "b"): "",
    }


def test_protect_looks_at_each_year_apart():
    first = means({("elburg", "a"): (4, 0.5, 0.1), ("alle", "a"): (13, 0.5, 0.1)})
    second = means({("elburg", "a"): (6, 0.5, 0.1), ("alle", "a"): (13, 0.5, 0.1)})
    years = pd.concat([first.assign(year=2015), second.assign(year=2016)])
    shown = protect(years, kind="mean").frame
    assert shown["suppressed"].tolist() == [True, True, False, False]
    assert shown["year"].tolist() == [2015, 2015, 2016, 2016]


def test_protect_hides_a_scale_that_gives_away_its_item():
    # With two items 2 * scale - item 2 = item 1.
    cells = {}
    for group, n in (("elburg", 6), ("zuid", 9), ("alle", 15)):
        for variable in ("phase", "item_1", "item_2"):
            cells[group, variable] = (n, 0.5, 0.1)
    cells["elburg", "item_1"] = (6, 1.0, 0.0)
    linked = {"phase": ["item_1", "item_2"]}
    found = reasons(protect(means(cells), kind="mean", linked=linked))
    hidden = {cell for cell, reason in found.items() if reason}
    assert hidden == {
        ("elburg", "item_1"),
        ("elburg", "phase"),
        ("alle", "item_1"),
        ("alle", "phase"),
    }
    assert found["elburg", "phase"] == DERIVED


@pytest.mark.parametrize("column", ["competence", "statement"])
def test_protect_links_a_scale_to_items_that_have_words_of_their_own(column):
    cells = {("alle", name): (9, 0.5, 0.1) for name in ("scale", "i", "j")}
    cells["alle", "i"] = (4, 0.5, 0.1)
    table = means(cells)
    table[column] = ["samen werken", "ik werk samen", "wij werken samen"]
    shown = protect(table, kind="mean", linked={"scale": ["i", "j"]}).frame
    assert shown["suppressed"].tolist() == [True, True, False]


def test_protect_hides_an_item_when_only_the_scale_is_hidden():
    cells = {("alle", name): (9, 0.5, 0.1) for name in ("scale", "i", "j")}
    cells["alle", "scale"] = (4, 0.5, 0.1)
    found = reasons(protect(means(cells), kind="mean", linked={"scale": ["i", "j"]}))
    assert found == {("alle", "scale"): FEW, ("alle", "i"): DERIVED, ("alle", "j"): ""}


def test_protect_hides_what_another_table_hides():
    by_team = means(
        {("elburg", "a"): (6, 1.0, 0.0), ("alle", "a"): (30, 0.5, 0.1)},
    )
    total = distribution({"alle": [10, 20]})
    assert not protect(total, kind="distribution").frame["suppressed"].any()
    other = protect(by_team, kind="mean")
    shown = protect(total, kind="distribution", together_with=[other]).frame
    assert shown["reason"].tolist() == [reason_few(MIN_DISTRIBUTION_N)] * 2
    with pytest.raises(DisclosureError, match="tables of means"):
        protect(by_team, kind="mean", together_with=[protect(total, kind="public")])
    with pytest.raises(DisclosureError, match="together_with takes a ProtectedTable"):
        protect(total, kind="distribution", together_with=[by_team])


def test_protect_hides_distributions_of_small_groups_as_a_whole():
    table = distribution({"elburg": [9, 10], "andere": [20, 30]})
    shown = protect(table, kind="distribution").frame
    assert shown[["n", "count", "share"]].isna().all(axis=None)
    assert shown["answer"].tolist() == [0, 1, 0, 1]
    assert shown["reason"].tolist() == [reason_few(MIN_DISTRIBUTION_N)] * 4


def test_protect_shows_all_beside_several_teams_too_small_for_a_distribution():
    table = distribution({"a": [5, 6], "b": [5, 6], "c": [20, 5], "alle": [30, 17]})
    shown = protect(table, kind="distribution").frame  # a and b: 22 together
    assert shown.groupby("group")["suppressed"].all().to_dict() == {
        "a": True,
        "alle": False,
        "b": True,
        "c": False,
    }


@pytest.mark.parametrize(
    "counts",
    [
        {"a": [5, 6], "b": [20, 5], "alle": [25, 11]},  # one hidden: alle - b = a
        {"a": [4, 5], "b": [5, 5], "c": [20, 5], "alle": [29, 15]},  # 19 together
        {"a": [5, 6], "b": [25, 0], "c": [20, 5], "alle": [50, 11]},  # b all the same
    ],
)
def test_protect_hides_all_when_the_rest_is_not_a_large_group(counts):
    shown = protect(distribution(counts), kind="distribution").frame
    hidden = reason_few(MIN_DISTRIBUTION_N)
    assert shown.loc[shown["group"] == "alle", "reason"].eq(hidden).all()


def test_protect_hides_a_distribution_of_one_answer():
    counts = {"elburg": [0, 25], "andere": [20, 30]}
    table = distribution(counts)
    assert protect(table, kind="distribution").frame["suppressed"].all()
    by_share = table.drop(columns="count")
    assert protect(by_share, kind="distribution").frame["suppressed"].all()
    everybody = distribution({"alle": [0, 60]})
    assert not protect(everybody, kind="distribution").frame["suppressed"].any()


def test_protect_hides_a_comparison_with_a_small_half():
    table = pd.DataFrame(
        {
            "competence": "comp_netwerken",
            "statement": ["s1", "s2", "s3"],
            "cut": 7.1,
            "n_low": [30, 62, 4],
            "n_high": [36, 4, 62],
            "hedges_g": [0.5, 0.6, 0.7],
        }
    )
    shown = protect(table, kind="comparison").frame
    assert shown["suppressed"].tolist() == [False, True, True]
    assert shown["hedges_g"].tolist()[0] == 0.5
    assert shown.loc[1:, ["n_low", "n_high", "hedges_g", "cut"]].isna().all(axis=None)


def test_protect_counts_rest_on_enough_answers():
    table = pd.DataFrame(
        {"competence": ["c1", "c2"], "n": [66, 4], "n_related": [14, 9]}
    )
    shown = protect(table, kind="count").frame
    assert shown["n_related"].tolist()[0] == 14
    assert shown["suppressed"].tolist() == [False, True]
    bare = protect(table[["n", "n_related"]], kind="count").frame
    assert bare["suppressed"].tolist() == [False, True]


def test_protect_public_shows_all():
    table = pd.DataFrame({"team": ["wezep_oldebroek"], "invited": [7], "answered": [2]})
    assert protect(table, kind="public").frame["answered"].tolist() == [2]


def test_protect_takes_an_empty_table():
    table = means({("alle", "a"): (9, 0.5, 0.1)}).iloc[:0]
    shown = protect(table, kind="mean")
    assert len(shown) == 0
    assert shown.hidden.empty


@pytest.mark.parametrize("missing", ["group", "variable", "n", "sd"])
def test_protect_refuses_a_table_without_a_column(missing):
    table = means({("alle", "a"): (9, 0.5, 0.1)}).drop(columns=missing)
    with pytest.raises(DisclosureError, match=f"'{missing}'"):
        protect(table, kind="mean")


@pytest.mark.parametrize("missing", ["group", "variable", "n"])
def test_protect_refuses_a_distribution_without_a_column(missing):
    table = distribution({"alle": [20, 30]}).drop(columns=missing)
    with pytest.raises(DisclosureError, match=f"'{missing}'"):
        protect(table, kind="distribution")


def test_protect_refuses_a_distribution_without_answers_or_counts():
    table = distribution({"alle": [20, 30]})
    with pytest.raises(DisclosureError, match="'answer'"):
        protect(table.drop(columns="answer"), kind="distribution")
    with pytest.raises(DisclosureError, match="'count'"):
        protect(table.drop(columns=["count", "share"]), kind="distribution")
    with pytest.raises(DisclosureError, match="kind='distribution'"):
        protect(table, kind="count")
    with pytest.raises(DisclosureError, match="more than one n"):
        protect(table.assign(n=[50, 49]), kind="distribution")


def test_protect_refuses_a_comparison_without_counts():
    table = pd.DataFrame({"variable": ["a"], "n_low": [9], "hedges_g": [0.1]})
    with pytest.raises(DisclosureError, match="needs the column 'n_high'"):
        protect(table, kind="comparison")


@pytest.mark.parametrize(
    "groups",
    [
        ["elburg"],  # the total may stand elsewhere
        ["andere"],
        ["elburg", "zuid"],
        ["elburg", "andere", "alle"],
        ["elburg", "zuid", "andere"],
        ["alle", "andere"],
    ],
)
def test_protect_refuses_an_unknown_layout(groups):
    table = means({(group, "a"): (9, 0.5, 0.1) for group in groups})
    with pytest.raises(DisclosureError, match="no known layout"):
        protect(table, kind="mean")


def test_protect_refuses_teams_in_a_comparison():
    table = pd.DataFrame({"group": ["elburg", "alle"], "n_low": [9, 9], "n_high": 9})
    with pytest.raises(DisclosureError, match="no known layout"):
        protect(table, kind="comparison")


def test_protect_refuses_rows_it_cannot_place():
    table = means({("elburg", "a"): (9, 0.5, 0.1), ("andere", "a"): (9, 0.5, 0.1)})
    extra = means({("elburg", "b"): (9, 0.5, 0.1)})
    with pytest.raises(DisclosureError, match="not every group"):
        protect(pd.concat([table, extra]), kind="mean")
    with pytest.raises(DisclosureError, match="two rows for one variable and group"):
        protect(pd.concat([table, table]), kind="mean")
    with pytest.raises(DisclosureError, match="without a group"):
        protect(table.assign(group=[None, "andere"]), kind="mean")


def test_protect_refuses_what_is_no_result_table():
    table = means({("alle", "a"): (9, 0.5, 0.1)})
    with pytest.raises(DisclosureError, match="respondents"):
        protect(table.assign(respondent_id="r1"), kind="public")
    with pytest.raises(DisclosureError, match="not public"):
        protect(table, kind="public")
    with pytest.raises(DisclosureError, match="'n' does not hold numbers"):
        protect(table.assign(n="9"), kind="mean")
    with pytest.raises(DisclosureError, match="protect it once"):
        protect(protect(table, kind="mean").frame, kind="mean")


def test_protect_refuses_an_unknown_kind():
    table = means({("alle", "a"): (9, 0.5, 0.1)})
    with pytest.raises(DisclosureError, match="Did you mean 'mean'"):
        protect(table, kind="means")
    with pytest.raises(DisclosureError, match="linked is for a table of means"):
        protect(distribution({"alle": [20, 30]}), kind="distribution", linked={})


@pytest.mark.parametrize("min_n", [4, 0, True, 5.0, "9"])
def test_protect_refuses_a_lower_limit(min_n):
    table = means({("alle", "a"): (9, 0.5, 0.1)})
    with pytest.raises(DisclosureError, match="never lowered"):
        protect(table, kind="mean", min_n=min_n)


def test_protect_takes_a_higher_limit():
    table = means({("alle", "a"): (9, 0.5, 0.1)})
    shown = protect(table, kind="mean", min_n=10)
    assert shown.frame["reason"].tolist() == [reason_few(10)]
    assert shown.min_n == 10
    with pytest.raises(DisclosureError, match="above 20"):
        protect(distribution({"alle": [20, 30]}), kind="distribution", min_n=19)


def test_protect_keeps_declared_keys_only():
    table = means({("alle", "a"): (4, 0.5, 0.1)}).assign(phase=1, note="x")
    shown = protect(table, kind="mean", keys=["phase"]).frame
    assert shown["phase"].tolist() == [1]
    assert shown["note"].isna().all()
    with pytest.raises(DisclosureError, match="'mean' holds results"):
        protect(table, kind="mean", keys=["mean"])
    with pytest.raises(DisclosureError, match="'n' holds results"):
        protect(table, kind="mean", keys=["n"])
    with pytest.raises(DisclosureError, match=r"no column\. Did you mean 'phase'"):
        protect(table, kind="mean", keys=["phases"])


def test_protected_table_cannot_be_made_by_hand():
    with pytest.raises(DisclosureError, match="by protect"):
        ProtectedTable(pd.DataFrame(), pd.DataFrame(), "mean", None, 5)


def test_protected_table_select_keeps_rows_in_the_order_asked_for():
    cells = {(g, v): (9, 0.5, 0.1) for g in ("zuid", "alle") for v in "abc"}
    cells["zuid", "a"] = (4, 0.5, 0.1)
    table = protect(means(cells), kind="mean")
    shown = table.select(groups=["alle", "zuid"], variables=["c", "a"])
    assert shown.frame[["group", "variable"]].to_numpy().tolist() == [
        ["alle", "c"],
        ["zuid", "c"],
        ["alle", "a"],
        ["zuid", "a"],
    ]
    assert shown.hidden["variable"].tolist() == ["a", "a"]
    assert table.select(variables=["b"]).hidden.empty
    with pytest.raises(ParameterError, match=r"no group 'zuud'\. Did you mean 'zuid'"):
        table.select(groups=["zuud"])
    public = protect(pd.DataFrame({"x": [1]}), kind="public")
    with pytest.raises(ParameterError, match="no variable 'a'"):
        public.select(variables=["a"])


def test_require_protected_refuses_a_dataframe():
    table = protect(means({("alle", "a"): (9, 0.5, 0.1)}), kind="mean")
    assert require_protected(table, where="plot_means") is table
    with pytest.raises(DisclosureError, match="plot_means takes a ProtectedTable"):
        require_protected(table.frame, where="plot_means")


def test_drop_small_teams_keeps_teams_of_five_and_more():
    frame = pd.DataFrame({"team": ["a"] * 5 + ["b"] * 4 + [None], "x": range(10)})
    assert drop_small_teams(frame)["x"].tolist() == [0, 1, 2, 3, 4]
    assert drop_small_teams(frame, min_n=6).empty
    with pytest.raises(DisclosureError, match="never lowered"):
        drop_small_teams(frame, min_n=4)
    with pytest.raises(DisclosureError, match="'team'"):
        drop_small_teams(frame[["x"]])
    categories = frame.astype({"team": "category"})
    assert drop_small_teams(categories)["x"].tolist() == [0, 1, 2, 3, 4]
    assert drop_small_teams(frame.iloc[:0]).empty
    repeated = frame.set_index(pd.Index([0] * len(frame)))
    assert drop_small_teams(repeated)["x"].tolist() == [0, 1, 2, 3, 4]
