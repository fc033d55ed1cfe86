"""Grades beside statements without a cut: ordinal regression.

`comparison.compare_split` cuts grades into low and high. Here a grade counts as
the number it is, and an answer as a step on a ladder.
"""

import numpy as np
import pandas as pd

from swtlib._ahead import remembered
from swtlib._crosstab import Codes, levels_of
from swtlib._numbers import numbers_of
from swtlib.errors import ResponseError
from swtlib.estimates import check_confidence
from swtlib.groups import Floats

# Fewest people with a grade and an answer: there are up to five parameters.
MIN_ANSWERS = 20
# Fewest answers that weigh for one slope, after Harrell (2015): where nearly all
# gave one answer, few people decide.
MIN_WEIGHT = 10
MIN_TEAMS = 2
# A standard error of log-odds below this is rounding: it takes 1e16 people.
NO_SPREAD = 1e-8

_FEW = f"minder dan {MIN_ANSWERS} mensen gaven een cijfer en een antwoord"
_SAME_GRADE = "iedereen gaf zichzelf hetzelfde cijfer"
_SAME_ANSWER = "iedereen gaf hetzelfde antwoord"
_ALMOST_SAME = "bijna iedereen gaf hetzelfde antwoord"
_ORDERED = (
    "cijfers en antwoorden lopen zonder uitzondering gelijk op, of precies "
    "tegengesteld: de odds ratio is dan niet te bepalen"
)
_ONE_TEAM = "alle antwoorden komen uit één team"
_ON_ONE_TEAM = "zonder een van de teams blijft er geen verschil over"
_TEAMS_ALIKE = "alle teams zijn gelijk: de onzekerheid is niet te schatten"
_NO_RESULT = "de berekening kwam niet tot een uitkomst"


@remembered
def ordinal_relation(
    grades: pd.DataFrame,
    statements: pd.DataFrame,
    *,
    team: "pd.Series[str]",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Relate every grade to every statement without cutting the grades.

    Parameters
    ----------
    grades : DataFrame, shape (n_respondents, n_competences)
        Grades people give themselves, one column per competence.
    statements : DataFrame, shape (n_respondents, n_statements)
        Answers of the same respondents, one column per statement. Only their
        order counts.
    team : Series, shape (n_respondents,)
        Team of the same respondents.
    confidence : float, default 0.95
        Level of the interval of each odds ratio.

    Returns
    -------
    DataFrame
        One row per competence and statement, in the order of the columns:
        ``competence, statement, n, odds_ratio, ci_low, ci_high, p_value,
        remark``. ``n`` gave both a grade and an answer. ``odds_ratio`` is per
        grade point: with a grade one higher, the odds of an answer above any
        step of the ladder, against an answer on or below it, are this many
        times as large; 1 is no relation. Where it cannot be told ``remark``
        says why (Dutch) and the numbers are NaN.

    Raises
    ------
    ResponseError
        If the respondents differ, a column is not numeric, an answer is
        infinite, or a respondent has no team.
    ParameterError
        If `confidence` is not between 0 and 1.

    Notes
    -----
    Proportional-odds logistic regression (McCullagh, 1980), by statsmodels'
    OrderedModel. Only answers that somebody gave have a threshold. One odds
    ratio holds for all steps; whether it does is not tested, because few people
    give the outer answers.

    Colleagues may resemble each other, and there are few teams, of unequal
    size. The usual clustered standard error is then too small. With teams of
    18, 11, 10, 9, 8, 7, 2 and 1 people and no relation, a test at 0.05 was
    significant in 10% to 15% of drawn samples with the normal distribution, in
    6% to 10% with a factor G / (G - 1) for G teams and t with G - 1 degrees of
    freedom (Cameron & Miller, 2015), and in 5% to 6% with the cluster jackknife
    and the same t (3000 samples each, correlations within teams of grades 0 to
    0.5 and of answers 0 to 0.15). So interval and p-value are those of the
    jackknife, in the linear form of MacKinnon, Nielsen and Webb (2024): the
    variance is ``(G - 1) / G`` times the sum of squared changes of the slope
    when each team is left out, a change being one Newton step from the
    estimate. With so few teams the width of one interval is itself uncertain.

    There is no answer with fewer than MIN_ANSWERS people or MIN_TEAMS teams; if
    all grades or all answers are equal, or would be without one of the teams;
    if the teams are exactly alike; or if the answers that weigh, ``n - sum(n_k
    ** 3) / n ** 2`` with ``n_k`` people on answer k (Harrell, 2015), are fewer
    than MIN_WEIGHT. Where no grade is out of order with the answers the
    estimate would run away (separation): this is looked up in the answers, not
    guessed from a large number. In all other cases there is one finite
    estimate.

    The p-values are not adjusted for their number.

    References
    ----------
    Cameron, A. C., & Miller, D. L. (2015). A practitioner's guide to
    cluster-robust inference. Journal of Human Resources, 50(2), 317-372.

    Harrell, F. E. (2015). Regression modeling strategies (2nd ed., section
    4.4). Springer.

    MacKinnon, J. G., Nielsen, M. Ø., & Webb, M. D. (2024). Cluster-robust
    jackknife and bootstrap inference for logistic regression models.
    arXiv:2406.00650.

    McCullagh, P. (1980). Regression models for ordinal data. Journal of the
    Royal Statistical Society, Series B, 42(2), 109-142.

    Examples
    --------
    >>> grades = pd.DataFrame({"creativiteit": [6, 7, 8, 9] * 6})
    >>> answers = [1, 3, 2, 2, 2, 1, 3, 2, 0, 2, 1, 3] * 2
    >>> team = pd.Series(["noord"] * 10 + ["oost"] * 9 + ["zuid"] * 5)
    >>> statements = pd.DataFrame({"overleg": answers})
    >>> table = ordinal_relation(grades, statements, team=team)
    >>> table[["n", "odds_ratio", "ci_low", "ci_high"]].round(1).values.tolist()
    [[24.0, 2.3, 1.3, 4.2]]
    """
    check_confidence(confidence)
    if not grades.index.equals(statements.index):
        raise ResponseError("grades and statements do not hold the same respondents.")
    if not grades.index.equals(team.index):
        raise ResponseError("grades and team do not hold the same respondents.")
    if team.isna().any():
        raise ResponseError(f"{int(team.isna().sum())} respondents have no team.")
    marks = numbers_of(grades, what="grades", keep="the grades")
    answers = numbers_of(statements, what="answers", keep="the answers")
    codes = levels_of(answers).codes
    teams = pd.factorize(team)[0]
    rows = [_relate(mark, code, teams) for mark in marks.T for code in codes.T]
    n, slope, error, n_teams, remark = zip(*rows, strict=True) if rows else [()] * 5
    table = pd.DataFrame(
        {
            "competence": np.repeat(list(grades.columns), codes.shape[1]),
            "statement": np.tile(list(statements.columns), marks.shape[1]),
            "n": np.array(n, dtype=np.int64),
        }
    )
    limits = _limits(np.array(slope), np.array(error), np.array(n_teams), confidence)
    return table.assign(**limits, remark=pd.Series(remark, dtype="str"))


def _relate(
    marks: Floats, codes: Codes, teams: Codes
) -> tuple[int, float, float, int, str]:
    """One cell: how many, slope, standard error, teams, and why there is none."""
    both = ~np.isnan(marks) & (codes >= 0)
    marks, teams = marks[both], teams[both]
    codes = np.unique(codes[both], return_inverse=True)[1]
    n, n_teams = len(marks), len(np.unique(teams))
    remark = _why_not(marks, codes, teams)
    if remark:
        return n, np.nan, np.nan, n_teams, remark
    from swtlib._ordinal_model import fit_slope

    slope, error = fit_slope(codes, marks, teams)
    if not np.isfinite(error):
        return n, np.nan, np.nan, n_teams, _NO_RESULT
    if error < NO_SPREAD:
        return n, np.nan, np.nan, n_teams, _TEAMS_ALIKE
    return n, slope, error, n_teams, ""


def _why_not(marks: Floats, codes: Codes, teams: Codes) -> str:
    """Say why there is no estimate, or nothing."""
    n = len(marks)
    if n < MIN_ANSWERS:
        return _FEW
    if np.ptp(marks) == 0:
        return _SAME_GRADE
    counts = np.bincount(codes)
    if len(counts) < 2:
        return _SAME_ANSWER
    if n - (counts.astype(float) ** 3).sum() / n**2 < MIN_WEIGHT:
        return _ALMOST_SAME
    lowest = np.array([marks[codes == code].min() for code in range(len(counts))])
    highest = np.array([marks[codes == code].max() for code in range(len(counts))])
    if (highest[:-1] <= lowest[1:]).all() or (lowest[:-1] >= highest[1:]).all():
        return _ORDERED
    present = np.unique(teams)
    if len(present) < MIN_TEAMS:
        return _ONE_TEAM
    for name in present:
        rest = teams != name
        if np.ptp(marks[rest]) == 0 or np.ptp(codes[rest]) == 0:
            return _ON_ONE_TEAM
    return ""


def _limits(
    slope: Floats, error: Floats, n_teams: Floats, confidence: float
) -> dict[str, Floats]:
    from scipy.special import stdtr, stdtrit

    df = np.where(np.isnan(error), np.nan, n_teams - 1)
    half = stdtrit(df, 0.5 + confidence / 2) * error
    with np.errstate(over="ignore"):  # an upper limit beyond all numbers is infinite
        return {
            "odds_ratio": np.exp(slope),
            "ci_low": np.exp(slope - half),
            "ci_high": np.exp(slope + half),
            "p_value": 2 * stdtr(df, -np.abs(slope / error)),
        }
