"""High and low graders beside each other on every statement.

`compare_split` makes the whole table, 14 competences by 22 statements, from one
count of the respondents; `two_groups`, `permutation` and `correlation` do one
comparison at a time with the same arithmetic.
"""

from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from swtlib._crosstab import add_levels, count_pairs, levels_of
from swtlib._numbers import numbers_of
from swtlib.adjustment import adjust_bh, adjust_holm
from swtlib.correlation import spearman
from swtlib.errors import ParameterError, ResponseError, did_you_mean
from swtlib.estimates import check_confidence
from swtlib.groups import Floats
from swtlib.permutation import Deals
from swtlib.splits import Split, cut_levels
from swtlib.two_groups import Pair

Test = Literal["permutation", "welch", "brunner_munzel"]
PValue = Literal["p_value", "q_value", "p_holm", "q_value_all", "p_holm_all"]


def compare_split(
    grades: pd.DataFrame,
    statements: pd.DataFrame,
    *,
    split: Split = "mean",
    cutpoint: float = 8.0,
    test: Test = "permutation",
    n_permutations: int = 10_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare high and low graders on every statement, for every competence.

    Parameters
    ----------
    grades : DataFrame, shape (n_respondents, n_competences)
        Grades people give themselves, one column per competence.
    statements : DataFrame, shape (n_respondents, n_statements)
        Answers of the same respondents, one column per statement.
    split : {"mean", "median", "cutpoint", "tertiles"}, default "mean"
        Where a competence is cut, over all who graded it. "mean": high is
        above the mean, the rest is low. "median": high is above the median;
        who is on it is low. "cutpoint": high is `cutpoint` or more.
        "tertiles": low is up to the first tertile, high from the second on
        (quantiles by linear interpolation); who is between them is left out.
    cutpoint : float, default 8.0
        Lowest high grade, for split "cutpoint" only.
    test : {"permutation", "welch", "brunner_munzel"}, default "permutation"
        Which test gives ``p_value`` and what is adjusted from it.
    n_permutations, seed
        For test "permutation"; see `permutation.permutation_test`.
    confidence : float, default 0.95
        Level of every interval.

    Returns
    -------
    DataFrame
        One row per competence and statement, in the order of the columns:

        - ``competence, statement, split, cut, cut_high``: both cuts are the
          same but for tertiles;
        - ``n``, who gave both answers; ``n_low, n_high`` of them;
        - ``mean_low, mean_high, difference, ci_low, ci_high``: high minus low,
          in points of the statement, with Welch's interval;
        - ``hedges_g, g_low, g_high``: `two_groups.hedges_g`;
        - ``superiority, superiority_low, superiority_high``: how often a high
          grader answers higher than a low one, from 0 to 1, ties for half
          (`two_groups.brunner_munzel_test`);
        - ``test, kind, p_value``: two-sided; ``kind`` is "exact" or "random"
          for a permutation test, and "t" for the others;
        - ``q_value, p_holm``: `adjust_bh` and `adjust_holm` over the statements
          of one competence; ``q_value_all, p_holm_all``: over all rows;
        - ``p_welch, p_brunner_munzel``: the two other tests, not adjusted;
        - ``spearman, spearman_low, spearman_high``: of grade and answer, not
          cut (`correlation.spearman_with_ci`).

        A comparison with a group under two, or without any spread, has no test;
        Brunner-Munzel has none either where all of one group answer higher
        than all of the other.

    Raises
    ------
    ResponseError
        If the two frames differ in respondents, a column is not numeric, or an
        answer is infinite.
    ParameterError
        If there is no such split or test, or `confidence` is not between 0
        and 1.

    Notes
    -----
    The permutation test asks whether two groups answer alike; the interval is
    one of the mean difference and allows for unequal spread. Near the level the
    two can disagree. The respondents count as a sample of a large population.
    With a handful of people in a group a real difference is easily missed: a
    high p-value is no proof of equality.

    Grades and answers are expected to take few different values: respondents are
    counted by grade and answer, and that table grows with the product of both.

    Examples
    --------
    >>> grades = pd.DataFrame({"creativiteit": [6, 6, 7, 8, 9, 9]})
    >>> statements = pd.DataFrame({"overleg": [1, 2, 2, 3, 4, 3]})
    >>> table = compare_split(grades, statements)
    >>> table[["cut", "n_low", "n_high", "mean_low", "mean_high"]].round(2).to_numpy()
    array([[7.5 , 3.  , 3.  , 1.67, 3.33]])
    >>> table[["superiority", "kind", "p_value"]].to_numpy().tolist()
    [[1.0, 'exact', 0.1]]
    """
    check_confidence(confidence)
    if test not in get_args(Test):
        raise ParameterError(
            f"there is no test '{test}'." + did_you_mean(str(test), get_args(Test))
        )
    if split == "cutpoint" and not np.isfinite(cutpoint):
        raise ParameterError(f"cutpoint is {cutpoint}; it is a grade, such as 8.")
    if not grades.index.equals(statements.index):
        raise ResponseError("grades and statements do not hold the same respondents.")
    marks = numbers_of(grades, what="grades", keep="the grades")
    answers = levels_of(numbers_of(statements, what="answers", keep="the answers"))
    levels = levels_of(marks)
    counts = count_pairs(levels, answers)
    cut = cut_levels(marks, levels, split=split, cutpoint=cutpoint)
    low, high = add_levels(counts, cut.low), add_levels(counts, cut.high)
    pair = Pair(high, low, answers.values)
    welch, ranks = pair.welch(confidence), pair.brunner_munzel(confidence)
    g, g_low, g_high = pair.hedges(confidence)
    rho, rho_low, rho_high = spearman(counts, confidence)
    tested = {"welch": welch, "brunner_munzel": ranks}
    kind = np.full(pair.n_first.shape, "t", dtype=object)
    if test == "permutation":
        deals = Deals(n_permutations=n_permutations, seed=seed)
        p_value, kind = _permute(pair, deals)
    else:
        p_value = tested[test]["p_value"]
        kind[np.isnan(p_value)] = ""
    n_competences, n_statements = p_value.shape
    family = p_value.reshape(1, -1)
    columns = {
        "n": counts.sum(axis=(2, 3)).astype(np.int64),
        "n_low": pair.n_second.astype(np.int64),
        "n_high": pair.n_first.astype(np.int64),
        "mean_low": pair.mean_second,
        "mean_high": pair.mean_first,
        "difference": welch["difference"],
        "ci_low": welch["ci_low"],
        "ci_high": welch["ci_high"],
        "hedges_g": g,
        "g_low": g_low,
        "g_high": g_high,
        "superiority": ranks["superiority"],
        "superiority_low": ranks["ci_low"],
        "superiority_high": ranks["ci_high"],
        "test": np.full(p_value.shape, test, dtype=object),
        "kind": kind,
        "p_value": p_value,
        "q_value": adjust_bh(p_value),
        "p_holm": adjust_holm(p_value),
        "q_value_all": adjust_bh(family),
        "p_holm_all": adjust_holm(family),
        "p_welch": welch["p_value"],
        "p_brunner_munzel": ranks["p_value"],
        "spearman": rho,
        "spearman_low": rho_low,
        "spearman_high": rho_high,
    }
    return pd.DataFrame(
        {
            "competence": np.repeat(list(grades.columns), n_statements),
            "statement": np.tile(list(statements.columns), n_competences),
            "split": split,
            "cut": np.repeat(cut.cut, n_statements),
            "cut_high": np.repeat(cut.cut_high, n_statements),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )


def _permute(pair: Pair, deals: Deals) -> tuple[Floats, "np.ndarray[Any, Any]"]:
    p_value = np.full(pair.n_first.shape, np.nan)
    kind = np.full(pair.n_first.shape, "", dtype=object)
    for row, column in np.ndindex(p_value.shape):
        high, low = pair.first[row, column], pair.second[row, column]
        p_value[row, column], kind[row, column] = deals.p_value(
            high, low, pair.scores[column]
        )
    return p_value, kind


def mark_related(
    table: pd.DataFrame, *, level: float = 0.05, column: PValue = "p_value"
) -> "pd.Series[bool]":
    """Mark the comparisons in which high graders score higher.

    Parameters
    ----------
    table : DataFrame
        From `compare_split`.
    level : float, default 0.05
        A comparison counts below this level.
    column : str, default "p_value"
        Which p-values are held against it: ``p_value``, ``q_value``,
        ``p_holm``, ``q_value_all`` or ``p_holm_all``.

    Returns
    -------
    Series of bool, one per row
        False for a comparison without a test.

    Raises
    ------
    ParameterError
        If there is no such column, or `level` is not between 0 and 1.

    Examples
    --------
    >>> table = pd.DataFrame({"mean_low": [1.0, 2.0, 1.0],
    ...     "mean_high": [2.0, 1.0, 1.5], "p_value": [0.01, 0.01, 0.20]})
    >>> mark_related(table).tolist()
    [True, False, False]
    """
    if column not in get_args(PValue):
        raise ParameterError(
            f"there is no column of p-values '{column}'."
            + did_you_mean(str(column), get_args(PValue))
        )
    if not 0 < level < 1:
        raise ParameterError(f"level is {level:g}; it is a part of 1, such as 0.05.")
    higher = table["mean_high"] > table["mean_low"]
    if "hedges_g" in table:  # of the same sign, where the means may not be shown
        higher |= table["mean_high"].isna() & (table["hedges_g"] > 0)
    return higher & (table[column] < level)


def count_related(
    table: pd.DataFrame, *, level: float = 0.05, column: PValue = "p_value"
) -> pd.DataFrame:
    """Count the statements on which high graders score higher.

    Parameters
    ----------
    table : DataFrame
        From `compare_split`.
    level, column
        As in `mark_related`.

    Returns
    -------
    DataFrame
        One row per competence, in order: ``competence, n_related,
        n_compared``. ``n_compared`` leaves out comparisons without a test.

    Raises
    ------
    ParameterError
        If there is no such column, or `level` is not between 0 and 1.

    Notes
    -----
    Without adjustment about one in forty statements counts by chance alone at
    level 0.05: half of the false findings point upwards.

    Examples
    --------
    >>> table = pd.DataFrame({"competence": ["creativiteit"] * 3,
    ...     "mean_low": [1.0, 2.0, 1.0], "mean_high": [2.0, 1.0, 1.5],
    ...     "p_value": [0.01, 0.01, 0.20]})
    >>> count_related(table).to_numpy().tolist()
    [['creativiteit', 1, 3]]
    """
    related = mark_related(table, level=level, column=column)
    compared = table[column].notna()
    flags = pd.DataFrame({"n_related": related, "n_compared": compared})
    counts = flags.groupby(table["competence"], sort=False).sum()
    return counts.astype("int64").reset_index()
