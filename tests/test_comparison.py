"""Grades and statements: the whole table, by hand, row by row and against R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from swtlib.adjustment import adjust_bh, adjust_holm
from swtlib.codebook import load_instrument
from swtlib.comparison import compare_split, count_related, mark_related
from swtlib.correlation import spearman_with_ci
from swtlib.errors import ParameterError, ResponseError
from swtlib.permutation import permutation_test
from swtlib.scoring import score_gap, score_items
from swtlib.two_groups import brunner_munzel_test, hedges_g, welch_test
from swtlib.wave import load_wave

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
# For differences and effects near 0, where a relative difference says nothing.
# Measured at most 6e-15 on these answers.
NEAR_ZERO = 1e-12
NAN = np.nan

SPLITS = ["mean", "median", "cutpoint", "tertiles"]
TEST_NAMES = ["permutation", "welch", "brunner_munzel"]
# What a comparison without a group of two, or without spread, does not have.
TESTED = [
    "ci_low",
    "ci_high",
    "hedges_g",
    "g_low",
    "g_high",
    "superiority_low",
    "superiority_high",
    "p_value",
    "q_value",
    "p_holm",
    "q_value_all",
    "p_holm_all",
    "p_welch",
    "p_brunner_munzel",
]
NUMBERS = [
    "cut",
    "cut_high",
    "mean_low",
    "mean_high",
    "difference",
    "ci_low",
    "ci_high",
    "hedges_g",
    "p_value",
    "q_value",
    "p_holm",
    "q_value_all",
    "p_holm_all",
]


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(TESTS / "data" / "synthetic_split.csv")


@pytest.fixture(scope="module")
def grades(answers):
    return answers.filter(like="cijfer_")


@pytest.fixture(scope="module")
def sums(grades):
    """Give sums of three grades, which mean, median and tertiles cut differently."""
    parts = {f"som_{i + 1}": grades.iloc[:, i : i + 3] for i in range(3)}
    return pd.DataFrame({k: v.sum(axis=1, skipna=False) for k, v in parts.items()})


@pytest.fixture(scope="module")
def statements(answers):
    return answers.filter(like="stelling_")


@pytest.fixture(scope="module")
def reconstruction():
    """Give grades and statements of the 66 of 2015."""
    wave = load_wave(2015)
    competences, bakens = load_instrument("competenties"), load_instrument("bakens")
    grades, _ = score_gap(wave.answers(competences), competences)
    scores = score_items(wave.answers(bakens), bakens.answered_items(wave.year))
    return grades.drop(columns="team"), scores.drop(columns="team")


# --- the table --------------------------------------------------------------------


def test_compare_split_by_hand():
    # mean of the grades 5 6 7 10 is 7: the 7 is low. Low 1 2 3, high 4 and (from
    # the one without a grade) nothing; the grade without an answer counts in the cut.
    grades = pd.DataFrame({"creativiteit": [5, 6, 7, 10, 7, NAN]})
    statements = pd.DataFrame({"overleg": [1, 2, 3, 4, NAN, 4]})
    row = compare_split(grades, statements).iloc[0]
    assert (row["competence"], row["statement"]) == ("creativiteit", "overleg")
    assert (row["split"], row["cut"], row["cut_high"]) == ("mean", 7, 7)
    assert (row["n"], row["n_low"], row["n_high"]) == (4, 3, 1)
    assert (row["mean_low"], row["mean_high"], row["difference"]) == (2, 4, 2)
    # One person is no group: no test, no interval, no effect size.
    assert row[TESTED].isna().all()
    assert (row["test"], row["kind"]) == ("permutation", "")
    # Which of the two scores higher is seen all the same: 4 above 1 2 3.
    assert row["superiority"] == 1
    # Ranks 1 2 3 4 beside 1 2 3 4.
    assert row["spearman"] == 1


def test_compare_split_leaves_the_middle_out_of_tertiles():
    # grades 1 to 9: low 1-3 with answers 0 1 2, high 7-9 with answers 3 3 4;
    # rho over all nine: the answers rise with the grades
    grades = pd.DataFrame({"a": range(1, 10)})
    statements = pd.DataFrame({"s": [0, 1, 2, 2, 2, 2, 3, 3, 4]})
    row = compare_split(grades, statements, split="tertiles").iloc[0]
    assert (row["n"], row["n_low"], row["n_high"]) == (9, 3, 3)
    assert_allclose([row["cut"], row["cut_high"]], [11 / 3, 19 / 3])
    assert_allclose([row["mean_low"], row["mean_high"]], [1, 10 / 3])
    # of the 20 deals of 0 1 2 3 3 4 this one and its mirror
    assert row["p_value"] == 2 / 20
    assert_allclose(
        row["spearman"], spearman_with_ci(grades["a"], statements["s"]).value
    )


def groups_of(marks, scores, split, cutpoint):
    """Cut one grade as the docstring says, without the library."""
    given = marks.dropna()
    if split == "tertiles":
        first, second = np.quantile(given, [1 / 3, 2 / 3]).round(9)
        low = marks <= first
        high = (marks >= second) & ~low
    elif split == "cutpoint":
        low, high = marks < cutpoint, marks >= cutpoint
    else:
        cut = round(given.mean() if split == "mean" else given.median(), 9)
        low, high = marks <= cut, marks > cut
    return scores[high].dropna(), scores[low].dropna()


answer = st.none() | st.integers(0, 4)
grade = st.none() | st.integers(4, 10)
TWO_BY_TWO = st.lists(st.tuples(grade, grade, answer, answer), min_size=1, max_size=14)


@settings(derandomize=True, database=None, deadline=None)
@given(
    rows=TWO_BY_TWO,
    split=st.sampled_from(SPLITS),
    test=st.sampled_from(TEST_NAMES),
    parts=st.sampled_from([1, 3]),
    confidence=st.sampled_from([0.8, 0.95]),
)
def test_compare_split_is_each_comparison_by_itself(
    rows, split, test, parts, confidence
):
    frame = pd.DataFrame(rows, columns=["a", "b", "s", "t"]).astype(float)
    frame[["s", "t"]] /= parts  # whole answers, or means of three items
    table = compare_split(
        frame[["a", "b"]],
        frame[["s", "t"]],
        split=split,
        cutpoint=7,
        test=test,
        confidence=confidence,
    )
    for row in table.itertuples():
        marks, scores = frame[row.competence], frame[row.statement]
        if marks.notna().any():
            high, low = groups_of(marks, scores, split, 7)
        else:
            high, low = [], []
        welch = welch_test(high, low, confidence=confidence)
        ranks = brunner_munzel_test(high, low, confidence=confidence)
        deals = permutation_test(high, low)
        g = hedges_g(high, low, confidence=confidence)
        rho = spearman_with_ci(marks, scores, confidence=confidence)
        p_value = {
            "permutation": deals.p_value,
            "welch": welch.p_value,
            "brunner_munzel": ranks.p_value,
        }[test]
        kind = deals.kind if test == "permutation" else "" if np.isnan(p_value) else "t"
        both = (marks.notna() & scores.notna()).sum()
        assert (row.n, row.n_low, row.n_high) == (both, len(low), len(high))
        assert (row.split, row.test, row.kind) == (split, test, kind)
        assert_allclose(
            [
                *(row.mean_high, row.mean_low, row.difference, row.ci_low, row.ci_high),
                *(row.hedges_g, row.g_low, row.g_high),
                *(row.superiority, row.superiority_low, row.superiority_high),
                *(row.p_value, row.p_welch, row.p_brunner_munzel),
                *(row.spearman, row.spearman_low, row.spearman_high),
            ],
            [
                *(welch.mean_first, welch.mean_second, welch.difference),
                *(welch.ci_low, welch.ci_high),
                *(g.value, g.ci_low, g.ci_high),
                *(ranks.superiority, ranks.ci_low, ranks.ci_high),
                *(p_value, welch.p_value, ranks.p_value),
                *(rho.value, rho.ci_low, rho.ci_high),
            ],
            rtol=R_RTOL,
            atol=NEAR_ZERO,
        )
    for _, family in table.groupby("competence"):
        assert_allclose(family["q_value"], adjust_bh(family["p_value"]))
        assert_allclose(family["p_holm"], adjust_holm(family["p_value"]))
    assert_allclose(table["q_value_all"], adjust_bh(table["p_value"]))
    assert_allclose(table["p_holm_all"], adjust_holm(table["p_value"]))


@pytest.mark.parametrize("test", TEST_NAMES)
def test_compare_split_adjusts_within_a_competence_and_over_all(
    grades, statements, test
):
    table = compare_split(grades, statements, test=test)
    for _, family in table.groupby("competence"):
        assert_allclose(family["q_value"], adjust_bh(family["p_value"]))
        assert_allclose(family["p_holm"], adjust_holm(family["p_value"]))
    assert_allclose(table["q_value_all"], adjust_bh(table["p_value"]))
    assert_allclose(table["p_holm_all"], adjust_holm(table["p_value"]))


def test_compare_split_gives_the_test_that_is_asked(grades, statements):
    tables = {test: compare_split(grades, statements, test=test) for test in TEST_NAMES}
    assert_allclose(tables["welch"]["p_value"], tables["permutation"]["p_welch"])
    assert_allclose(
        tables["brunner_munzel"]["p_value"], tables["permutation"]["p_brunner_munzel"]
    )
    first = tables["permutation"]
    assert not np.allclose(first["p_value"], first["p_welch"], rtol=1e-3)
    assert not np.allclose(first["p_brunner_munzel"], first["p_welch"], rtol=1e-3)
    for test, table in tables.items():
        assert set(table["test"]) == {test}
        assert set(table["kind"]) == {"exact" if test == "permutation" else "t"}
        same = [c for c in table if c not in ("test", "kind", *TESTED[7:12])]
        pd.testing.assert_frame_equal(table[same], first[same])


def test_compare_split_matches_r(grades, sums, statements):
    reference = pd.read_csv(TESTS / "reference" / "compare_split.csv")
    options = {"test": "welch", "cutpoint": 21}
    tables = [compare_split(grades, statements, **options)]
    tables += [compare_split(sums, statements, split=s, **options) for s in SPLITS]
    table = pd.concat(tables, ignore_index=True)
    assert len(table) == 35 + 4 * 21
    for column in ("competence", "statement", "split", "n", "n_low", "n_high"):
        assert table[column].tolist() == reference[column].tolist()
    for column in NUMBERS:
        assert_allclose(
            table[column],
            reference[column],
            rtol=R_RTOL,
            atol=NEAR_ZERO,
            err_msg=column,
        )


def test_compare_split_matches_coin(grades, statements):
    reference = pd.read_csv(TESTS / "reference" / "permutation.csv")
    table = compare_split(grades, statements)
    assert set(table["kind"]) == {"exact"}
    expected = reference.set_index("name")["p_value"]
    names = table["competence"] + " " + table["statement"]
    assert_allclose(table["p_value"], expected[names], rtol=R_RTOL)


def test_compare_split_lists_its_columns(grades, statements):
    table = compare_split(grades, statements)
    assert len(table) == 5 * 7
    assert table.columns.tolist() == [
        "competence",
        "statement",
        "split",
        "cut",
        "cut_high",
        "n",
        "n_low",
        "n_high",
        "mean_low",
        "mean_high",
        "difference",
        "ci_low",
        "ci_high",
        "hedges_g",
        "g_low",
        "g_high",
        "superiority",
        "superiority_low",
        "superiority_high",
        "test",
        "kind",
        "p_value",
        "q_value",
        "p_holm",
        "q_value_all",
        "p_holm_all",
        "p_welch",
        "p_brunner_munzel",
        "spearman",
        "spearman_low",
        "spearman_high",
    ]
    for name in ("n", "n_low", "n_high"):
        assert table[name].dtype == np.int64


def test_compare_split_does_not_depend_on_the_level_of_the_answers(grades, statements):
    # Squares of centred answers: adding a constant costs no digits.
    table = compare_split(grades, statements)
    moved = compare_split(grades, statements + 1000)
    assert_allclose(moved["p_welch"], table["p_welch"], rtol=1e-9)
    assert_allclose(moved["hedges_g"], table["hedges_g"], rtol=1e-9, atol=1e-12)
    for name in ("p_value", "superiority", "p_brunner_munzel", "spearman"):
        assert moved[name].tolist() == table[name].tolist()


def test_compare_split_takes_grades_as_answers(grades):
    # 0-10 with gaps, each beside itself: whoever is higher, answers higher
    table = compare_split(grades, grades.where(grades != 6))
    assert set(table["kind"]) == {"exact"}
    own = table[table["competence"] == table["statement"]]
    assert (own[["superiority", "spearman"]] == 1).all(axis=None)
    assert own["p_brunner_munzel"].isna().all()  # apart, so no error to divide by
    assert (own["p_value"] < 1e-6).all()


def test_compare_split_takes_means_of_items(grades, statements):
    # thirds and halves, and fifths of grades: exact, and of the same order
    thirds = pd.DataFrame({"drie": statements.iloc[:, :3].mean(axis=1)})
    assert thirds["drie"].mul(6).round(9).mod(1).eq(0).sum() > 60
    assert thirds["drie"].mod(0.5).gt(0).any()
    table = compare_split(grades, thirds)
    assert set(table["kind"]) == {"exact"}
    for row in table.itertuples():
        groups = groups_of(grades[row.competence], thirds["drie"], "mean", None)
        whole = [(group * 6).round() for group in groups]
        assert row.p_value == permutation_test(*whole).p_value
    free = compare_split(grades, thirds + thirds**1.5, n_permutations=2000)
    assert set(free["kind"]) == {"random"}


def test_compare_split_repeats_its_random_deals(grades, statements):
    bent = statements**1.5 + statements**1.3
    options = {"n_permutations": 200}
    table = compare_split(grades, bent, **options)
    assert set(table["kind"]) == {"random"}
    assert (table["p_value"] >= 1 / 201).all()
    pd.testing.assert_frame_equal(compare_split(grades, bent, **options), table)
    other = compare_split(grades, bent, seed=1, **options)
    assert (other["p_value"] != table["p_value"]).any()


# --- what cannot be compared --------------------------------------------------------


def test_compare_split_with_equal_grades_has_no_high_group():
    # 7.1 three times: the mean misses 7.1 by a last digit
    grades = pd.DataFrame({"a": [7.1] * 3})
    row = compare_split(grades, pd.DataFrame({"s": [1, 2, 4]})).iloc[0]
    assert (row["n_low"], row["n_high"]) == (3, 0)
    empty = ["mean_high", "difference", "superiority", "spearman", *TESTED]
    assert row[empty].isna().all()


@pytest.mark.parametrize("split", SPLITS)
def test_compare_split_with_one_person_is_empty(split):
    grades, statements = pd.DataFrame({"a": [8.0]}), pd.DataFrame({"s": [3.0]})
    row = compare_split(grades, statements, split=split).iloc[0]
    assert (row["n"], row["n_low"] + row["n_high"]) == (1, 1)
    assert row[["difference", "spearman", *TESTED]].isna().all()


def test_compare_split_with_two_and_two_is_tested():
    grades, statements = pd.DataFrame({"a": [5, 6, 8, 9]}), [1, 2, 3, 4]
    row = compare_split(grades, pd.DataFrame({"s": statements})).iloc[0]
    assert row["p_value"] == 2 / 6
    assert row[["ci_low", "g_low", "p_welch"]].notna().all()


def test_compare_split_with_equal_answers_has_no_test():
    grades = pd.DataFrame({"a": [5, 6, 8, 9]})
    statements = pd.DataFrame({"gelijk": [3] * 4, "gescheiden": [1, 1, 3, 3]})
    table = compare_split(grades, statements)
    assert table["difference"].tolist() == [0, 2]
    assert table["superiority"].tolist() == [0.5, 1]
    no_spread = [c for c in TESTED if not c.startswith(("p_v", "q_", "p_holm"))]
    assert table[no_spread].isna().all(axis=None)
    # The deals of 1 1 3 3 tell something: 2 of 6 are as far apart.
    assert table["kind"].tolist() == ["", "exact"]
    assert_allclose(table["p_value"], [NAN, 2 / 6])
    assert_allclose(table["q_value"], [NAN, 2 / 6])
    welch = compare_split(grades, statements, test="welch")
    assert welch[["p_value", "q_value", "p_holm_all"]].isna().all(axis=None)
    assert welch["kind"].tolist() == ["", ""]


def test_compare_split_with_nothing_answered_is_empty():
    grades = pd.DataFrame({"a": [5, 6, 8, 9], "leeg": [NAN] * 4})
    statements = pd.DataFrame({"s": [1, 2, 3, 3], "leeg": [NAN] * 4})
    table = compare_split(grades, statements)
    assert table["n"].tolist() == [4, 0, 0, 0]
    assert table["n_low"].tolist() == [2, 0, 0, 0]
    assert table["n_high"].tolist() == [2, 0, 0, 0]
    assert table["p_value"].notna().tolist() == [True, False, False, False]
    assert table["spearman"].notna().tolist() == [True, False, False, False]
    assert table["cut"].isna().tolist() == [False, False, True, True]


@pytest.mark.parametrize("test", TEST_NAMES)
@pytest.mark.parametrize("split", SPLITS)
def test_compare_split_of_nobody_and_of_nothing_is_empty(split, test):
    options = {"split": split, "test": test}
    nobody = compare_split(
        pd.DataFrame({"a": []}, dtype=float),
        pd.DataFrame({"s": []}, dtype=float),
        **options,
    )
    assert nobody[["n", "n_low", "n_high"]].to_numpy().tolist() == [[0, 0, 0]]
    assert nobody["p_value"].isna().all()
    three = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    for grades, statements in ((three[[]], three), (three, three[[]])):
        table = compare_split(grades, statements, **options)
        assert table.empty
        assert count_related(table).empty


def test_compare_split_refuses_unfit_input(grades, statements):
    with pytest.raises(ParameterError, match=r"no split 'medain'.*'median'"):
        compare_split(grades, statements, split="medain")
    with pytest.raises(ParameterError, match=r"no test 'welsh'.*'welch'"):
        compare_split(grades, statements, test="welsh")
    with pytest.raises(ParameterError, match="n_permutations is 0"):
        compare_split(grades, statements, n_permutations=0)
    with pytest.raises(ResponseError, match="same respondents"):
        compare_split(grades, statements.iloc[::-1])
    with pytest.raises(ResponseError, match="'team' is not numeric"):
        compare_split(grades.assign(team="elburg"), statements)
    with pytest.raises(ResponseError, match="infinite"):
        compare_split(grades, statements.replace(4, np.inf))
    with pytest.raises(ParameterError, match=r"such as 0\.95"):
        compare_split(grades, statements, confidence=95)


# --- the reconstruction of 2015 -----------------------------------------------------

FOUND = {
    "ondernemerschap": 14,
    "creativiteit": 9,
    "netwerken": 8,
    "onderzoekend": 7,
    "reflectief": 7,
}
UNRELATED = {
    "bk_doel_familie",
    "bk_doel_realistisch",
    "bk_regie_zwaar",
    "bk_talenten_wijk",
    "bk_vraag_centraal",
}


@pytest.mark.parametrize("test", TEST_NAMES)
def test_reconstruction_gives_the_pattern_of_the_report(reconstruction, test):
    table = compare_split(*reconstruction, test=test)
    assert len(table) == 14 * 22
    counts = count_related(table).set_index("competence")["n_related"]
    ranked = counts.sort_values(ascending=False, kind="stable").head(5)
    top = {name.removeprefix("competentie_"): n for name, n in ranked.items()}
    assert top == FOUND
    assert counts.drop(ranked.index).max() < 7
    related = mark_related(table).groupby(table["statement"]).any()
    assert set(related.index[~related]) == UNRELATED


def test_reconstruction_is_compared_exactly(reconstruction):
    table = compare_split(*reconstruction)
    assert set(table["kind"]) == {"exact"}
    assert table.notna().all(axis=None)


# --- counts -------------------------------------------------------------------------


def test_count_related_counts_higher_and_below_the_level():
    table = pd.DataFrame(
        {
            "competence": ["b", "b", "b", "a", "a"],
            "mean_low": [1.0, 2.0, 1.0, 1.0, 1.0],
            "mean_high": [2.0, 1.0, 2.0, 2.0, NAN],
            "p_value": [0.01, 0.01, 0.05, 0.2, NAN],
            "q_value": [0.03, 0.03, 0.05, 0.2, NAN],
            "p_holm": [0.06, 0.06, 0.06, 0.2, NAN],
            "q_value_all": [0.02, 0.02, 0.05, 0.04, NAN],
            "p_holm_all": [0.09, 0.09, 0.09, 0.4, NAN],
        }
    )
    # b: the first counts, the second is lower, the third is not below 0.05
    assert count_related(table).to_numpy().tolist() == [["b", 1, 3], ["a", 0, 1]]
    related = count_related(table, level=0.21)["n_related"]
    assert related.tolist() == [2, 1]
    assert count_related(table, column="p_holm")["n_related"].tolist() == [0, 0]
    assert count_related(table, column="q_value_all")["n_related"].tolist() == [1, 1]
    assert count_related(table, column="p_holm_all")["n_related"].tolist() == [0, 0]


def test_mark_related_is_false_without_a_test():
    table = pd.DataFrame(
        {
            "mean_low": [1.0, 2.0, NAN, 1.0],
            "mean_high": [2.0, 1.0, 2.0, 2.0],
            "p_value": [0.01, 0.01, 0.01, NAN],
        }
    )
    assert mark_related(table).tolist() == [True, False, False, False]


def test_count_related_refuses_unfit_input(grades, statements):
    table = compare_split(grades, statements)
    with pytest.raises(ParameterError, match="Did you mean 'q_value'"):
        count_related(table, column="q_valeu")
    with pytest.raises(ParameterError, match=r"such as 0\.05"):
        count_related(table, level=5)


def test_compare_split_refuses_a_cutpoint_that_is_no_grade(grades, statements):
    with pytest.raises(ParameterError, match="such as 8"):
        compare_split(grades, statements, split="cutpoint", cutpoint=np.nan)
