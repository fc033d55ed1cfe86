"""When the mean of a team says something about the team: rwg, ICC(1), ICC(2).

Two questions come before a team mean is read as a property of the team. Do the
members agree (rwg)? And do teams differ more than the people in them (ICC)?
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib._numbers import numbers_of
from swtlib._one_way import REASON_TOO_LITTLE, Codes, code_teams, take_apart
from swtlib.codebook import Scale
from swtlib.disclosure import MIN_CELL_N
from swtlib.errors import ParameterError, ResponseError
from swtlib.estimates import SAME_SCORE, check_confidence
from swtlib.groups import Floats
from swtlib.scoring import score_items, score_scale

#: Fewest teams behind an rwg: of fewer it is the agreement of one team.
MIN_TEAMS = 3

REASON_NO_DIFFERENCE = "de teams verschillen niet meer dan bij toeval"
# One text on purpose, as for hidden means: full agreement names everybody's answer.
REASON_FEW_TEAMS = (
    f"minder dan {MIN_TEAMS} teams met {MIN_CELL_N} volledige antwoorden, "
    "of anders te herkennen"
)
REASON_NO_STEPS = "de antwoorden gaan niet in vaste stappen"


@dataclass(frozen=True, kw_only=True)
class IntraclassCorrelation:
    """How much of the spread lies between teams; NaN and a reason where unknown.

    ``team_size`` is the size that counts in it: the mean one for teams of equal
    size, somewhat less for others.
    """

    n: int
    n_teams: int
    team_size: float = np.nan
    icc1: float = np.nan
    icc1_low: float = np.nan
    icc1_high: float = np.nan
    icc2: float = np.nan
    f: float = np.nan
    df_between: float = np.nan
    df_within: float = np.nan
    p_value: float = np.nan
    reason: str = ""


def within_group_agreement(answers: npt.ArrayLike, *, low: float, high: float) -> float:
    """Estimate how far the members of one team agree: rwg, or rwg(j).

    Parameters
    ----------
    answers : array_like, shape (n_members,) or (n_members, n_items)
        Answers of one team to one item or to the items of one scale, in scale
        points. Who left an item open (NaN) does not count.
    low, high : float
        Lowest and highest answer that could be given, in steps of 1.

    Returns
    -------
    float
        From 0 (as much spread as when everybody answers at random, or more) to
        1 (all answers are equal). NaN for fewer than two complete answers.

    Raises
    ------
    ParameterError
        If `low` and `high` are not a run of at least two whole steps, or there
        are no items.
    ResponseError
        If an answer lies outside the range.

    Notes
    -----
    With ``A = high - low + 1`` answers to choose from, random answers have the
    variance ``(A**2 - 1) / 12`` (the uniform null). With ``r`` the mean of the
    item variances (divisor ``n - 1``) over it, rwg is ``1 - r`` for one item
    and rwg(j) ``j * (1 - r) / (j * (1 - r) + r)`` for j items. A team that
    spreads more than the null would get a value below 0, or for several items
    one without meaning; as in the literature ``r`` is then put at 1 and the
    result is 0: no agreement (LeBreton & Senter, 2008).

    The uniform null is the mildest yardstick. Who answers out of politeness
    stays in the upper half of the scale; of that spread rwg makes agreement.
    More items give a higher rwg(j) for the same spread per item.

    References
    ----------
    James, L. R., Demaree, R. G., & Wolf, G. (1984). Estimating within-group
    interrater reliability with and without response bias. Journal of Applied
    Psychology, 69(1), 85-98.

    LeBreton, J. M., & Senter, J. L. (2008). Answers to 20 questions about
    interrater reliability and interrater agreement. Organizational Research
    Methods, 11(4), 815-852.

    Examples
    --------
    >>> within_group_agreement([2, 3, 3, 4], low=0, high=4)  # 1 - (2/3) / 2
    0.6666666666666667
    >>> within_group_agreement([3, 3, 3], low=0, high=4)
    1.0
    """
    options = high - low + 1
    if not (options >= 2 and float(options).is_integer()):
        raise ParameterError(
            f"answers from {low:g} to {high:g} are no run of whole steps."
        )
    values = np.asarray(answers, dtype=float)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or values.shape[1] == 0:
        raise ParameterError("answers are one column per item, and one item at least.")
    values = values[~np.isnan(values).any(axis=1)]
    if ((values < low) | (values > high)).any():
        raise ResponseError(f"there are answers outside {low:g}-{high:g}.")
    n, n_items = values.shape
    if n < 2:
        return np.nan
    ratio = min(values.var(axis=0, ddof=1).mean() * 12 / (options**2 - 1), 1.0)
    return float(n_items * (1 - ratio) / (n_items * (1 - ratio) + ratio))


def intraclass_correlation(
    scores: "pd.Series[float]", team: "pd.Series[str]", *, confidence: float = 0.95
) -> IntraclassCorrelation:
    """Estimate how much teams differ beside the differences within them.

    Parameters
    ----------
    scores : Series, shape (n_respondents,)
        One score each; NaN does not count.
    team : Series of str, shape (n_respondents,)
        Team id of each respondent, in the same order.
    confidence : float, default 0.95
        Level of the interval of ICC(1).

    Returns
    -------
    IntraclassCorrelation
        ``icc1`` is the part of the variance that lies between teams, ``icc2``
        the reliability of the mean of a team of ``team_size``. All are NaN,
        with a reason, without two teams of two scores, and if nobody differs
        within a team. ``icc2`` is NaN if ``icc1`` is negative: a reliability
        below 0 has no meaning. There is no interval if all team means are equal.

    Raises
    ------
    ResponseError
        If the scores are not numeric, or a respondent has no team.
    ParameterError
        If `confidence` is not between 0 and 1, or the two differ in length.

    Notes
    -----
    From the mean squares between (B) and within teams (W) of a one-way analysis
    of variance with random teams, and ``k = (N - sum(n**2) / N) / (teams - 1)``:
    ``ICC(1) = (B - W) / (B + (k - 1) * W)`` and ``ICC(2) = (B - W) / B``, which
    is Spearman-Brown of ICC(1) for k members. ``f = B / W``, and ``p_value`` is
    the chance of that or more if teams do not differ.

    A negative ICC(1) is kept as it is, and so is a negative limit: the teams
    differ less than groups drawn from all respondents at random would. It is
    read as 0, nothing between teams (Bliese, 2000).

    The interval of ICC(1) puts the limits of F in the place of F. It is exact
    for normal scores and teams of equal size. For others k takes the place of
    the size and it is an approximation: in simulations with teams of 5 to 26
    and an ICC up to 0.6 a 95% interval held in 94-95% of the draws.

    References
    ----------
    Bliese, P. D. (2000). Within-group agreement, non-independence, and
    reliability. In K. J. Klein & S. W. J. Kozlowski (Eds.), Multilevel theory,
    research, and methods in organizations (pp. 349-381). Jossey-Bass.

    Donner, A., & Wells, G. (1986). A comparison of confidence interval methods
    for the intraclass correlation coefficient. Biometrics, 42(2), 401-412.

    McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some
    intraclass correlation coefficients. Psychological Methods, 1(1), 30-46.

    Searle, S. R., Casella, G., & McCulloch, C. E. (1992). Variance components,
    chapter 3. Wiley.

    Examples
    --------
    >>> scores = pd.Series([1.0, 2.0, 3.0, 3.0, 4.0, 5.0])
    >>> team = pd.Series(["elburg"] * 3 + ["zwolle_oost"] * 3)
    >>> result = intraclass_correlation(scores, team)  # B = 6, W = 1, k = 3
    >>> result.icc1, round(result.icc2, 3), result.f
    (0.625, 0.833, 6.0)
    """
    from scipy.special import fdtrc, fdtri

    check_confidence(confidence)
    if not scores.index.equals(team.index):
        raise ResponseError("scores and team do not hold the same respondents.")
    values = numbers_of(scores.to_frame(), what="scores", keep="the scores")[:, 0]
    parts = take_apart(values, code_teams(team)[1])
    n, n_teams = parts.n, parts.n_teams
    if not parts.estimable:
        return IntraclassCorrelation(n=n, n_teams=n_teams, reason=REASON_TOO_LITTLE)
    df_between, df_within = n_teams - 1, n - n_teams
    f = parts.between / df_between / (parts.within / df_within)
    size = parts.effective_size
    low = high = np.nan
    if f > 0:
        tail = (1 - confidence) / 2
        limits = f / fdtri(df_between, df_within, [1 - tail, tail])
        low, high = (limits - 1) / (limits + size - 1)
    return IntraclassCorrelation(
        n=n,
        n_teams=n_teams,
        team_size=size,
        icc1=(f - 1) / (f + size - 1),
        icc1_low=float(low),
        icc1_high=float(high),
        icc2=1 - 1 / f if f >= 1 else np.nan,
        f=f,
        df_between=df_between,
        df_within=df_within,
        p_value=float(fdtrc(df_between, df_within, f)),
        reason="" if f >= 1 else REASON_NO_DIFFERENCE,
    )


def team_agreement(
    answers: pd.DataFrame, scales: Iterable[Scale], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Say of each scale whether its team means can be read as of the team.

    Parameters
    ----------
    answers : DataFrame, shape (n_respondents, n_columns)
        A column ``team`` and one per item id, in scale points; others are left
        out. Leave out the teams that are too small to show first
        (`disclosure.drop_small_teams`), so that they do not count in a total.
    scales : iterable of Scale
        Such as ``instrument.scales_of()``.
    confidence : float, default 0.95
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row per scale: ``variable, n, n_teams, icc1, icc1_low, icc1_high,
        icc2, f, p_value, rwg, reason``. ``n`` and ``n_teams`` count the
        respondents with a score and their teams; the ICC's are of those, see
        `intraclass_correlation`. ``rwg`` is `within_group_agreement` in the
        middle of the teams: of two, or of three when their number is odd.
        ``reason`` says in Dutch what is empty and why.

    Raises
    ------
    ResponseError
        If ``team`` or an item has no column, a respondent has no team, or an
        answer lies outside its range.
    ParameterError
        If there are no scales, or `confidence` is not between 0 and 1.

    Notes
    -----
    A score is that of `scoring.score_scale`, as in the tables of means. rwg
    needs every item of a scale, and counts teams with MIN_CELL_N such answers
    or more; it may rest on fewer teams than ``n_teams``. A value of one team is
    never given: with n and mean it would name the answers. So the middle of an
    odd number is the mean of the three middle teams, not the median; there is
    none of fewer than MIN_TEAMS teams, and none of 1, which says that in half
    of the teams or more everybody answered alike.

    Examples
    --------
    >>> from swtlib import load_instrument
    >>> scale = load_instrument("groepsdynamica").scales["fase_parallel"]
    >>> answers = pd.DataFrame(
    ...     {"team": ["a"] * 5 + ["b"] * 5 + ["c"] * 5}
    ...     | {"gd_cur_doel_helder": [1, 2, 2, 3, 2, 3, 4, 4, 3, 4, 0, 1, 1, 1, 2]}
    ...     | {"gd_cur_leren_kennen": [2, 2, 1, 3, 2, 4, 4, 3, 3, 4, 1, 1, 0, 2, 1]}
    ... )
    >>> team_agreement(answers, [scale])[["n", "n_teams", "icc1", "rwg"]].round(2)
        n  n_teams  icc1   rwg
    0  15        3  0.86  0.88
    """
    check_confidence(confidence)
    if "team" not in answers.columns:
        raise ResponseError("the answers have no column 'team'.")
    _, codes = code_teams(answers["team"])
    rows = []
    for scale in scales:
        icc = intraclass_correlation(
            score_scale(answers, scale), answers["team"], confidence=confidence
        )
        rwg, rwg_reason = _middle_agreement(answers, scale, codes)
        reasons = {"ICC": icc.reason, "rwg": rwg_reason}
        rows.append(
            {
                "variable": scale.id,
                "n": icc.n,
                "n_teams": icc.n_teams,
                "icc1": icc.icc1,
                "icc1_low": icc.icc1_low,
                "icc1_high": icc.icc1_high,
                "icc2": icc.icc2,
                "f": icc.f,
                "p_value": icc.p_value,
                "rwg": rwg,
                "reason": "; ".join(f"{k}: {v}" for k, v in reasons.items() if v),
            }
        )
    if not rows:
        raise ParameterError("there are no scales to look at the agreement on.")
    return pd.DataFrame(rows)


def _middle_agreement(
    answers: pd.DataFrame, scale: Scale, codes: Codes
) -> tuple[float, str]:
    """Give rwg in the middle of the teams, or NaN and the reason."""
    low, high = scale.response.low, scale.response.high
    if low is None or high is None or not scale.response.whole:
        return np.nan, REASON_NO_STEPS
    items = score_items(answers, scale.items, rescale=False)
    values: Floats = items[[item.id for item in scale.items]].to_numpy()
    complete = ~np.isnan(values).any(axis=1)
    enough = np.flatnonzero(np.bincount(codes[complete]) >= MIN_CELL_N)
    found = [
        within_group_agreement(values[complete & (codes == team)], low=low, high=high)
        for team in enough
    ]
    if len(found) < MIN_TEAMS or np.median(found) > 1 - SAME_SCORE:
        return np.nan, REASON_FEW_TEAMS
    half, odd = divmod(len(found), 2)
    return float(np.mean(np.sort(found)[half - 1 : half + 1 + odd])), ""
