"""Tests and effect sizes, by hand and against R and scipy."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from swtlib.adjustment import adjust_bh, adjust_holm
from swtlib.comparison import (
    compare_split,
    count_related,
    hedges_g,
    mark_related,
    welch_test,
)
from swtlib.errors import ParameterError, ResponseError

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree
# For differences and effects near 0, where a relative difference says nothing; one
# pass subtracts squares. Measured at most 6e-15 on these answers.
ONE_PASS_ATOL = 1e-12
HAND_RTOL = 1e-6  # values below are written with 7 digits

NUMBERS = [
    "mean_low",
    "mean_high",
    "difference",
    "ci_low",
    "ci_high",
    "hedges_g",
    "p_value",
    "q_value",
    "p_holm",
]


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(TESTS / "data" / "synthetic_split.csv")


@pytest.fixture(scope="module")
def grades(answers):
    return answers.filter(like="cijfer_")


@pytest.fixture(scope="module")
def statements(answers):
    return answers.filter(like="stelling_")


@pytest.fixture(scope="module")
def reference():
    return pd.read_csv(TESTS / "reference" / "compare_split.csv")


def split_scores(answers, row):
    """High and low scores of one row of the reference, with missing ones."""
    mark = answers[row.competence]
    scores = answers[row.statement]
    return scores[mark > row.cut], scores[mark <= row.cut]


# --- one comparison ---------------------------------------------------------------


def test_welch_test_by_hand():
    # 3 4 4 5: mean 4, variance 2/3. 1 2 2 3: mean 2, variance 2/3.
    # t = 2 / sqrt(2/3/4 + 2/3/4) = 2 / sqrt(1/3) = 3.4641016, df = 6
    # t(0.975, 6) = 2.4469119: 2 -+ 2.4469119 * 0.5773503
    result = welch_test([3, 4, 4, 5], [1, 2, 2, 3])
    assert (result.n_first, result.n_second) == (4, 4)
    assert (result.mean_first, result.mean_second, result.difference) == (4, 2, 2)
    assert_allclose(result.t, math.sqrt(12))
    assert_allclose(result.df, 6)
    assert_allclose(result.ci_low, 2 - 2.4469119 * math.sqrt(1 / 3), rtol=HAND_RTOL)
    assert_allclose(result.ci_high, 2 + 2.4469119 * math.sqrt(1 / 3), rtol=HAND_RTOL)


def test_welch_test_leaves_missing_answers_out():
    with_missing = welch_test([3, np.nan, 4, 4, 5], [1, 2, 2, np.nan, 3])
    assert with_missing == welch_test([3, 4, 4, 5], [1, 2, 2, 3])


def test_welch_test_works_when_one_group_has_no_spread():
    # error = 0 + (2/3)/4, df = 4 - 1: only the second group has any spread
    result = welch_test([4, 4, 4], [1, 2, 2, 3])
    assert_allclose(result.df, 3)
    assert_allclose(result.t, 2 / math.sqrt(1 / 6))


@pytest.mark.parametrize(
    ("first", "second"),
    [([3], [1, 2, 2]), ([], [1, 2]), ([np.nan, 3], [1, 2]), ([3, 3], [1, 1, 1])],
)
def test_welch_test_is_empty_without_two_scores_or_any_spread(first, second):
    result = welch_test(first, second)
    for value in (result.ci_low, result.ci_high, result.t, result.df, result.p_value):
        assert math.isnan(value)
    assert math.isnan(hedges_g(first, second))


def test_welch_test_sees_no_spread_in_equal_fractions():
    result = welch_test([0.1 + 0.2, 0.3, 0.3], [0.7, 0.7, 0.1 * 7])
    assert math.isnan(result.p_value)
    assert_allclose(result.difference, -0.4)


def test_welch_test_sees_the_spread_of_large_numbers():
    near, far = (
        welch_test([0, 1, 2], [5, 6, 7]),
        welch_test([1e6, 1e6 + 1, 1e6 + 2], [1e6 + 5, 1e6 + 6, 1e6 + 7]),
    )
    assert_allclose(far.p_value, near.p_value, rtol=1e-9)  # 1e6 costs six digits
    assert math.isnan(welch_test([1e6] * 3, [1e6 + 1] * 3).p_value)


def test_comparison_refuses_infinite_answers():
    with pytest.raises(ResponseError, match="infinite"):
        welch_test([1, math.inf], [1, 2])
    with pytest.raises(ResponseError, match="infinite"):
        hedges_g([1, 2], [1, -math.inf])
    column = pd.DataFrame({"a": [1, 2, math.inf]})
    with pytest.raises(ResponseError, match="infinite"):
        compare_split(column, pd.DataFrame({"s": [1, 2, 3]}))


def test_welch_test_refuses_a_percentage_as_confidence():
    with pytest.raises(ParameterError, match="95"):
        welch_test([1, 2], [3, 4], confidence=95)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_welch_test_matches_scipy(answers, reference, confidence):
    for row in reference.itertuples():
        high, low = split_scores(answers, row)
        expected = stats.ttest_ind(high, low, equal_var=False, nan_policy="omit")
        limits = expected.confidence_interval(confidence)
        found = welch_test(high, low, confidence=confidence)
        assert_allclose(
            [found.t, found.df, found.p_value, found.ci_low, found.ci_high],
            [expected.statistic, expected.df, expected.pvalue, *limits],
            rtol=R_RTOL,
        )


def test_welch_test_matches_r(answers, reference):
    for row in reference.itertuples():
        found = welch_test(*split_scores(answers, row))
        assert (found.n_first, found.n_second) == (row.n_high, row.n_low)
        assert_allclose(
            [found.mean_first, found.mean_second, found.t, found.df, found.p_value],
            [row.mean_high, row.mean_low, row.t, row.df, row.p_value],
            rtol=R_RTOL,
        )
        assert_allclose(
            [found.ci_low, found.ci_high], [row.ci_low, row.ci_high], rtol=R_RTOL
        )


def test_hedges_g_by_hand():
    # d = 2 / sqrt(2/3) = 2.4494897; df = 6, J = gamma(3) / (sqrt(3) gamma(2.5))
    # gamma(3) = 2, gamma(2.5) = 1.3293404: J = 0.8686267
    found = hedges_g([3, 4, 4, 5], [1, 2, 2, 3])
    assert_allclose(found, 2 / math.sqrt(2 / 3) * 0.8686267, rtol=HAND_RTOL)


def test_hedges_g_has_the_sign_of_the_difference():
    assert hedges_g([1, 2, 2, 3], [3, 4, 4, 5]) == -hedges_g([3, 4, 4, 5], [1, 2, 2, 3])
    assert hedges_g([1, 2, 3], [1, 2, 3]) == 0


def test_hedges_g_matches_r(answers, reference):
    for row in reference.itertuples():
        found = hedges_g(*split_scores(answers, row))
        assert_allclose(found, row.hedges_g, rtol=R_RTOL)


# --- competences and statements ---------------------------------------------------


def test_compare_split_by_hand():
    # mean of the grades 5 6 7 10 is 7: the 7 is low. Low 1 2 3, high 4 and (from
    # the one without a grade) nothing; the grade without an answer counts in the cut.
    grades = pd.DataFrame({"creativiteit": [5, 6, 7, 10, 7, np.nan]})
    statements = pd.DataFrame({"overleg": [1, 2, 3, 4, np.nan, 4]})
    row = compare_split(grades, statements).iloc[0]
    assert (row["competence"], row["statement"]) == ("creativiteit", "overleg")
    assert (row["split"], row["cut"]) == ("mean", 7)
    assert (row["n_low"], row["n_high"]) == (3, 1)
    assert (row["mean_low"], row["mean_high"], row["difference"]) == (2, 4, 2)
    # One person is no group: no test, no interval, no effect size.
    empty = ["ci_low", "ci_high", "hedges_g", "p_value", "q_value", "p_holm"]
    assert row[empty].isna().all()


def test_compare_split_is_welch_and_hedges_of_each_pair(grades, statements):
    table = compare_split(grades, statements, confidence=0.9)
    for row in table.itertuples():
        mark, scores = grades[row.competence], statements[row.statement]
        high, low = scores[mark > mark.mean()], scores[mark <= mark.mean()]
        expected = welch_test(high, low, confidence=0.9)
        assert (row.n_high, row.n_low) == (expected.n_first, expected.n_second)
        assert_allclose(
            [row.difference, row.ci_low, row.ci_high, row.p_value, row.hedges_g],
            [
                expected.difference,
                expected.ci_low,
                expected.ci_high,
                expected.p_value,
                hedges_g(high, low),
            ],
            rtol=R_RTOL,
            atol=ONE_PASS_ATOL,
        )


def test_compare_split_adjusts_within_a_competence(grades, statements):
    table = compare_split(grades, statements)
    for _, family in table.groupby("competence"):
        assert_allclose(family["q_value"], adjust_bh(family["p_value"]))
        assert_allclose(family["p_holm"], adjust_holm(family["p_value"]))


def test_compare_split_matches_r(grades, statements, reference):
    table = compare_split(grades, statements)
    for column in ("competence", "statement", "n_low", "n_high"):
        assert table[column].tolist() == reference[column].tolist()
    assert_allclose(table["cut"], reference["cut"], rtol=R_RTOL)
    for column in NUMBERS:
        assert_allclose(
            table[column],
            reference[column],
            rtol=R_RTOL,
            atol=ONE_PASS_ATOL,
            err_msg=column,
        )


def test_compare_split_lists_its_columns(grades, statements):
    table = compare_split(grades, statements)
    assert len(table) == 5 * 7
    assert table.columns.tolist() == [
        "competence",
        "statement",
        "split",
        "cut",
        "n_low",
        "n_high",
        "mean_low",
        "mean_high",
        "difference",
        "ci_low",
        "ci_high",
        "hedges_g",
        "p_value",
        "q_value",
        "p_holm",
    ]
    assert table["n_low"].dtype == np.int64


def test_compare_split_does_not_depend_on_the_level_of_the_answers(grades, statements):
    # Squares of centred answers: adding a constant costs no digits.
    table = compare_split(grades, statements)
    moved = compare_split(grades, statements + 1000)
    assert_allclose(moved["p_value"], table["p_value"], rtol=1e-9)
    assert_allclose(moved["hedges_g"], table["hedges_g"], rtol=1e-9, atol=1e-12)


def test_compare_split_with_equal_grades_has_no_high_group():
    # 7.1 five times: the mean misses 7.1 by a last digit
    grades = pd.DataFrame({"a": [7.1] * 5})
    row = compare_split(grades, pd.DataFrame({"s": [1, 2, 3, 4, 4]})).iloc[0]
    assert (row["n_low"], row["n_high"]) == (5, 0)
    assert row[["mean_high", "difference", "p_value", "hedges_g"]].isna().all()


def test_compare_split_with_equal_answers_has_no_test():
    grades = pd.DataFrame({"a": [5, 6, 8, 9]})
    statements = pd.DataFrame({"gelijk": [3] * 4, "gescheiden": [1, 1, 3, 3]})
    table = compare_split(grades, statements)
    assert table["difference"].tolist() == [0, 2]
    assert table[["p_value", "q_value", "ci_low", "hedges_g"]].isna().all(axis=None)


def test_compare_split_with_nothing_answered_is_empty():
    grades = pd.DataFrame({"a": [5, 6, 8, 9], "leeg": [np.nan] * 4})
    statements = pd.DataFrame({"s": [1, 2, 3, 3], "leeg": [np.nan] * 4})
    table = compare_split(grades, statements)
    assert table["n_low"].tolist() == [2, 0, 0, 0]
    assert table["n_high"].tolist() == [2, 0, 0, 0]
    assert table["p_value"].notna().tolist() == [True, False, False, False]
    assert table["cut"].isna().tolist() == [False, False, True, True]


def test_compare_split_of_nobody_and_of_nothing_is_empty():
    nobody = compare_split(
        pd.DataFrame({"a": []}, dtype=float), pd.DataFrame({"s": []}, dtype=float)
    )
    assert nobody[["n_low", "n_high"]].to_numpy().tolist() == [[0, 0]]
    assert nobody["p_value"].isna().all()
    three = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    for grades, statements in ((three[[]], three), (three, three[[]])):
        table = compare_split(grades, statements)
        assert table.empty
        assert count_related(table).empty


def test_compare_split_refuses_unfit_input(grades, statements):
    with pytest.raises(ParameterError, match=r"no split 'median'.* mean"):
        compare_split(grades, statements, split="median")
    with pytest.raises(ResponseError, match="same respondents"):
        compare_split(grades, statements.iloc[::-1])
    with pytest.raises(ResponseError, match="'team' is not numeric"):
        compare_split(grades.assign(team="elburg"), statements)
    with pytest.raises(ParameterError, match=r"such as 0\.95"):
        compare_split(grades, statements, confidence=95)


def test_count_related_counts_higher_and_below_the_level():
    table = pd.DataFrame(
        {
            "competence": ["b", "b", "b", "a", "a"],
            "mean_low": [1.0, 2.0, 1.0, 1.0, 1.0],
            "mean_high": [2.0, 1.0, 2.0, 2.0, np.nan],
            "p_value": [0.01, 0.01, 0.05, 0.2, np.nan],
            "q_value": [0.03, 0.03, 0.05, 0.2, np.nan],
            "p_holm": [0.06, 0.06, 0.06, 0.2, np.nan],
        }
    )
    # b: the first counts, the second is lower, the third is not below 0.05
    assert count_related(table).to_numpy().tolist() == [["b", 1, 3], ["a", 0, 1]]
    related = count_related(table, level=0.21)["n_related"]
    assert related.tolist() == [2, 1]
    assert count_related(table, column="p_holm")["n_related"].tolist() == [0, 0]


def test_mark_related_is_false_without_a_test():
    table = pd.DataFrame(
        {
            "mean_low": [1.0, 2.0, np.nan, 1.0],
            "mean_high": [2.0, 1.0, 2.0, 2.0],
            "p_value": [0.01, 0.01, 0.01, np.nan],
        }
    )
    assert mark_related(table).tolist() == [True, False, False, False]


def test_count_related_refuses_unfit_input(grades, statements):
    table = compare_split(grades, statements)
    with pytest.raises(ParameterError, match="Did you mean 'q_value'"):
        count_related(table, column="q_valeu")
    with pytest.raises(ParameterError, match=r"such as 0\.05"):
        count_related(table, level=5)


def test_comparison_imports_no_heavy_library():
    code = (
        "import sys; import swtlib.comparison, swtlib.estimates; "
        "print([m for m in ('scipy', 'statsmodels', 'matplotlib', 'seaborn')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
