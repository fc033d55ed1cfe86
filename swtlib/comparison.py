"""Differences between groups: tests and effect sizes.

`compare_split` sets every competence beside every statement in one pass of
matrix products; `welch_test` and `hedges_g` do one comparison in the same way.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib._numbers import numbers_of
from swtlib.adjustment import adjust_bh, adjust_holm
from swtlib.errors import ParameterError, ResponseError, did_you_mean
from swtlib.estimates import check_confidence
from swtlib.groups import Floats

Split = Literal["mean"]
PValue = Literal["p_value", "q_value", "p_holm"]

# A grade this close to the cut is equal to it: a mean of equal grades can miss
# them by a last digit, and grades step by at least 0.1.
SAME_GRADE = 1e-9
# Squares within groups below this part of the total are rounding: whole answers
# 0-10 of 10,000 people differ by more if they differ at all.
NO_SPREAD = 1e-12
# Answers that lie this close to their mean are equal, as a part of their size.
SAME_ANSWER = 1e-12


@dataclass(frozen=True, kw_only=True)
class WelchTest:
    """Result of `welch_test`; NaN where there is no answer."""

    n_first: int
    n_second: int
    mean_first: float
    mean_second: float
    difference: float
    ci_low: float
    ci_high: float
    t: float
    df: float
    p_value: float


def welch_test(
    first: npt.ArrayLike, second: npt.ArrayLike, *, confidence: float = 0.95
) -> WelchTest:
    """Compare two means without assuming equal spread.

    Parameters
    ----------
    first, second : array_like
        Scores of two groups of different people; NaN is left out.
    confidence : float, default 0.95
        Level of the interval of the difference.

    Returns
    -------
    WelchTest
        ``difference`` is ``mean_first - mean_second``, ``p_value`` two-sided.
        Test and interval are NaN if a group has fewer than two scores, or if
        neither group has any spread.

    Raises
    ------
    ParameterError
        If `confidence` is not between 0 and 1.
    ResponseError
        If a score is infinite.

    Notes
    -----
    The respondents count as a sample of a large population: there is no finite
    population correction here. The degrees of freedom are Satterthwaite's.

    References
    ----------
    Welch, B. L. (1947). The generalization of 'Student's' problem when several
    different population variances are involved. Biometrika, 34(1-2), 28-35.

    Examples
    --------
    >>> result = welch_test([3, 4, 4, 5], [1, 2, 2, 3])
    >>> result.difference, round(result.t, 3), round(result.p_value, 3)
    (2.0, 3.464, 0.013)
    """
    check_confidence(confidence)
    one, two = _moments(first), _moments(second)
    difference, low, high, t, df, p_value = _welch(one, two, confidence)
    return WelchTest(
        n_first=int(one.n[()]),
        n_second=int(two.n[()]),
        mean_first=float(one.mean),
        mean_second=float(two.mean),
        difference=float(difference),
        ci_low=float(low),
        ci_high=float(high),
        t=float(t),
        df=float(df),
        p_value=float(p_value),
    )


def hedges_g(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Give the difference of two means in standard deviations, corrected.

    Parameters
    ----------
    first, second : array_like
        Scores of two groups of different people; NaN is left out.

    Returns
    -------
    float
        ``(mean_first - mean_second) / sd_pooled * J``. NaN if a group has
        fewer than two scores, or if neither group has any spread.

    Raises
    ------
    ResponseError
        If a score is infinite.

    Notes
    -----
    The pooled standard deviation overstates the effect in small groups; J
    takes that away. It is the exact factor ``gamma(df / 2) / (sqrt(df / 2) *
    gamma((df - 1) / 2))`` with ``df = n_first + n_second - 2``, not the
    approximation ``1 - 3 / (4 * df - 1)``.

    References
    ----------
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect
    size and related estimators. Journal of Educational Statistics, 6(2),
    107-128.

    Examples
    --------
    >>> round(hedges_g([3, 4, 4, 5], [1, 2, 2, 3]), 3)
    2.128
    """
    return float(_hedges(_moments(first), _moments(second)))


def compare_split(
    grades: pd.DataFrame,
    statements: pd.DataFrame,
    *,
    split: Split = "mean",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare high and low graders on every statement, for every competence.

    Parameters
    ----------
    grades : DataFrame, shape (n_respondents, n_competences)
        Grades people give themselves, one column per competence.
    statements : DataFrame, shape (n_respondents, n_statements)
        Answers of the same respondents, one column per statement.
    split : {"mean"}, default "mean"
        Where a competence is cut. "mean": a respondent is high with a grade
        above the mean of all who graded it, and low with any other grade.
    confidence : float, default 0.95
        Level of the interval of each difference.

    Returns
    -------
    DataFrame
        One row per competence and statement, in the order of the columns:
        ``competence, statement, split, cut, n_low, n_high, mean_low,
        mean_high, difference, ci_low, ci_high, hedges_g, p_value, q_value,
        p_holm``. ``difference`` is high minus low, in points of the statement.
        ``n_low`` and ``n_high`` count those who gave both answers. A
        comparison with a group under two, or without any spread, has no test.

    Raises
    ------
    ResponseError
        If the two frames differ in respondents, a column is not numeric, or an
        answer is infinite.
    ParameterError
        If there is no such split, or `confidence` is not between 0 and 1.

    Notes
    -----
    Each comparison is a two-sided `welch_test` and `hedges_g`. ``q_value``
    (`adjust_bh`) and ``p_holm`` (`adjust_holm`) take the statements of one
    competence as a family. With a handful of people in a group a real
    difference is easily missed: a high p-value is no proof of equality.

    Sums over both groups come from matrix products with a 0/1 matrix of
    group membership, of answers centred on their mean, with 0 for a missing
    answer.

    References
    ----------
    See `welch_test`, `hedges_g`, `adjust_bh` and `adjust_holm`.

    Examples
    --------
    >>> grades = pd.DataFrame({"creativiteit": [6, 6, 7, 8, 9, 9]})
    >>> statements = pd.DataFrame({"overleg": [1, 2, 2, 3, 4, 3]})
    >>> table = compare_split(grades, statements)
    >>> table[["cut", "n_low", "n_high", "mean_low", "mean_high"]].round(2).to_numpy()
    array([[7.5 , 3.  , 3.  , 1.67, 3.33]])
    """
    check_confidence(confidence)
    if split not in get_args(Split):
        raise ParameterError(
            f"there is no split '{split}'." + did_you_mean(str(split), get_args(Split))
        )
    if not grades.index.equals(statements.index):
        raise ResponseError("grades and statements do not hold the same respondents.")
    marks = numbers_of(grades, what="grades", keep="the grades")
    answers = numbers_of(statements, what="answers", keep="the answers")
    cut = _column_means(marks)
    above = marks - cut > SAME_GRADE  # a missing grade is neither high nor low
    high = _group_moments(above, answers)
    low = _group_moments(~np.isnan(marks) & ~above, answers)
    difference, ci_low, ci_high, _, _, p_value = _welch(high, low, confidence)
    n_competences, n_statements = difference.shape
    columns = {
        "n_low": low.n.astype(np.int64),
        "n_high": high.n.astype(np.int64),
        "mean_low": low.mean,
        "mean_high": high.mean,
        "difference": difference,
        "ci_low": ci_low,
        "ci_high": ci_high,
        "hedges_g": _hedges(high, low),
        "p_value": p_value,
        "q_value": adjust_bh(p_value),
        "p_holm": adjust_holm(p_value),
    }
    return pd.DataFrame(
        {
            "competence": np.repeat(list(grades.columns), n_statements),
            "statement": np.tile(list(statements.columns), n_competences),
            "split": split,
            "cut": np.repeat(cut, n_statements),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )


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
    column : {"p_value", "q_value", "p_holm"}, default "p_value"
        Which p-values are held against it.

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
    return (table["mean_high"] > table["mean_low"]) & (table[column] < level)


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


# --- sums and tests ---------------------------------------------------------------


@dataclass(frozen=True)
class _Moments:
    """Answers, mean and squares around the mean of a group, per comparison."""

    n: Floats
    mean: Floats
    squares: Floats


def _moments(scores: npt.ArrayLike) -> _Moments:
    values = np.asarray(scores, dtype=float).ravel()
    values = values[~np.isnan(values)]
    if np.isinf(values).any():
        raise ResponseError("the scores hold an infinite number.")
    n = np.asarray(float(len(values)))
    mean = np.asarray(values.mean() if len(values) else np.nan)
    away = values - mean
    if (np.abs(away) <= SAME_ANSWER * np.abs(mean)).all():
        away = np.zeros_like(away)
    return _Moments(n, mean, np.asarray((away**2).sum()))


def _group_moments(rows: npt.NDArray[np.bool_], answers: Floats) -> _Moments:
    """Moments of every group (rows) on every statement, by matrix products."""
    centre = _column_means(answers)
    answered = ~np.isnan(answers)
    centred = np.where(answered, answers - centre, 0.0)
    groups = rows.T.astype(float)
    n = groups @ answered.astype(float)
    total = groups @ centred
    total_squares = groups @ centred**2
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        squares = total_squares - total * mean
    squares = np.where(squares <= NO_SPREAD * (centred**2).sum(axis=0), 0.0, squares)
    return _Moments(n, mean + centre, squares)


def _welch(first: _Moments, second: _Moments, confidence: float) -> tuple[Floats, ...]:
    from scipy.special import stdtr, stdtrit

    difference = first.mean - second.mean
    with np.errstate(invalid="ignore", divide="ignore"):
        error_first = first.squares / (first.n - 1) / first.n
        error_second = second.squares / (second.n - 1) / second.n
        error = error_first + error_second
        df = error**2 / (
            error_first**2 / (first.n - 1) + error_second**2 / (second.n - 1)
        )
        t = difference / np.sqrt(error)
    ok = (first.n >= 2) & (second.n >= 2) & (error > 0)
    df, t = np.where(ok, df, np.nan), np.where(ok, t, np.nan)
    p_value = np.minimum(2 * stdtr(df, -np.abs(t)), 1.0)
    half = np.where(ok, stdtrit(df, 0.5 + confidence / 2) * np.sqrt(error), np.nan)
    return difference, difference - half, difference + half, t, df, p_value


def _hedges(first: _Moments, second: _Moments) -> Floats:
    from scipy.special import gammaln

    df = first.n + second.n - 2
    squares = first.squares + second.squares
    ok = (first.n >= 2) & (second.n >= 2) & (squares > 0)
    df = np.where(ok, df, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        d = (first.mean - second.mean) / np.sqrt(squares / df)
        log_j = gammaln(df / 2) - np.log(df / 2) / 2 - gammaln((df - 1) / 2)
    return np.where(ok, d * np.exp(log_j), np.nan)


def _column_means(values: Floats) -> Floats:
    answered = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.where(answered, values, 0.0).sum(axis=0)
        return np.asarray(total / answered.sum(axis=0), dtype=float)
