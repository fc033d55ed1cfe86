"""The order of means within the same people, and how certain that order is.

Two means next to each other in a ranking may well change places among those who
did not answer. So each place has a lowest and a highest value, from comparing
every variable with every other one.
"""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from swtlib._numbers import numbers_of
from swtlib.adjustment import adjust_holm
from swtlib.errors import ResponseError
from swtlib.estimates import SAME_SCORE, check_confidence, mean_with_ci
from swtlib.groups import Bools, Floats, Groups

_LEVEL = 0.95  # of the intervals that standard errors are read from; any will do


def rank_with_ci(
    scores: pd.DataFrame,
    *,
    groups: Groups,
    members: Mapping[str, int | None],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Rank the variables by their mean, with an interval for each rank.

    Parameters
    ----------
    scores : DataFrame, shape (n_respondents, 1 + n_variables)
        A column ``team`` and one numeric column per variable, all on the same
        scale; NaN where there is no score.
    groups : Groups
        Which groups the table shows.
    members : mapping of str to int or None
        As in `estimates.mean_with_ci`.
    confidence : float, default 0.95
        Level of the intervals of all ranks of a group together.

    Returns
    -------
    DataFrame
        One row per group and variable: ``group, variable, n_both, mean, rank,
        rank_low, rank_high``. Rank 1 is the highest mean; equal means share
        the best of their ranks. ``n_both`` is the fewest people who answered
        this variable and another one: the smallest base of a comparison. A
        variable without answers has NaN, but keeps its place in the interval
        of the others.

    Raises
    ------
    ResponseError
        If ``team`` is missing or a column is not numeric.
    StatisticError
        If a team has more answers than members.
    ParameterError
        If `confidence` is not between 0 and 1, or the team is not known.

    Notes
    -----
    ``rank_low`` is 1 plus the number of variables that are certainly higher;
    ``rank_high`` is the number of variables less those that are certainly
    lower (see `compare_pairs`). With a chance of at least `confidence` every
    interval of a group holds the rank among all members, all at the same
    time, and the whole range of ranks if that rank is shared. This holds as
    far as the t-test of a single pair does; nothing is asked of how the pairs
    go together. It is a cautious rule: with few answers each interval may run
    from the first rank to the last, which means that no order is known. It
    does not mean that the variables are equal.

    In a census the means are known, and so are the ranks: an interval is the
    rank itself, or the range that equal means share.

    Ranks come from all answers to a variable, comparisons from those who
    answered both. Where missing answers put a rank outside its interval, the
    interval is stretched to hold it.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M., & Wilhelm, D. (2024). Inference
    for ranks with applications to mobility across neighbourhoods and academic
    achievement across countries. The Review of Economic Studies, 91(1),
    476-518.

    Klein, M., Wright, T., & Wieczorek, J. (2020). A joint confidence region
    for an overall ranking of populations. Journal of the Royal Statistical
    Society, Series C, 69(3), 589-606.

    Examples
    --------
    >>> scores = pd.DataFrame({"team": ["elburg"] * 5, "netwerken": [4, 5, 4, 5, 4],
    ...                        "creativiteit": [2, 1, 2, 2, 1], "patronen": 1})
    >>> table = rank_with_ci(
    ...     scores, groups=Groups("elburg", "total"), members={"elburg": None}
    ... )
    >>> table[["variable", "rank", "rank_low", "rank_high"]]
           variable  rank  rank_low  rank_high
    0     netwerken   1.0       1.0        1.0
    1  creativiteit   2.0       2.0        3.0
    2      patronen   3.0       2.0        3.0
    """
    check_confidence(confidence)
    means = mean_with_ci(scores, groups=groups, members=members)
    names = list(means["variable"].unique())
    pairs = compare_pairs(scores, groups=groups, members=members)
    parts = []
    for group, rows in means.groupby("group", sort=False):
        compared = pairs[pairs["group"] == group]
        certain, n = _certain(compared, len(names), confidence)
        mean = rows["mean"].to_numpy(dtype=float)
        known = ~np.isnan(mean)
        rank = 1.0 + _higher(mean[None, :] - mean[:, None]).sum(axis=1)
        low = np.minimum(rank, 1 + certain.sum(axis=0))
        high = np.maximum(rank, len(names) - certain.sum(axis=1))
        parts.append(
            pd.DataFrame(
                {
                    "group": group,
                    "variable": names,
                    "n_both": n,
                    "mean": mean,
                    "rank": np.where(known, rank, np.nan),
                    "rank_low": np.where(known, low, np.nan),
                    "rank_high": np.where(known, high, np.nan),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def compare_pairs(
    scores: pd.DataFrame,
    *,
    groups: Groups,
    members: Mapping[str, int | None],
) -> pd.DataFrame:
    """Compare every variable with every other one, within the same people.

    Parameters
    ----------
    scores, groups, members
        As in `rank_with_ci`.

    Returns
    -------
    DataFrame
        One row per group and pair: ``group, first, second, n, difference,
        interval, p_higher, p_lower``. ``n`` counts who answered both;
        ``difference`` is the mean of first less second. A small ``p_higher``
        says that the first is higher, a small ``p_lower`` that it is lower;
        both are adjusted. ``interval`` is as in `estimates.mean_with_ci`:
        after ``"telling"`` (a census) the difference is known and p is NaN;
        after ``"geen"`` nothing can be said and p is 1.

    Raises
    ------
    ResponseError
        If ``team`` is missing or a column is not numeric.
    StatisticError
        If a team has more answers than members.

    Notes
    -----
    A paired t-test, with the `finite_population_factor` on the standard error;
    where teams stand beside each other, with the spread of the difference within
    teams (`estimates.pool_within_teams`).
    Every pair is tested in both directions and Holm's correction runs over all
    ``k * (k - 1)`` one-sided tests of a group, those with p = 1 included. Thus
    the chance of even one wrong "higher" or "lower" is at most the level,
    however the tests depend on each other. Holm over ``k * (k - 1) / 2``
    two-sided tests would be a little sharper, but is not known to limit the
    chance of a difference that is found in the wrong direction.

    References
    ----------
    Finner, H. (1999). Stepwise multiple test procedures and control of
    directional errors. The Annals of Statistics, 27(1), 274-289.

    Examples
    --------
    >>> scores = pd.DataFrame({"team": ["elburg"] * 4, "a": [3, 4, 5, 4],
    ...                        "b": [1, 1, 3, 3]})
    >>> compare_pairs(
    ...     scores, groups=Groups("elburg", "total"), members={"elburg": None}
    ... )[["n", "difference", "p_higher", "p_lower"]].round(4).to_numpy().tolist()
    [[4.0, 2.0, 0.0163, 0.9919]]
    """
    if "team" not in scores.columns:
        raise ResponseError("the scores have no column 'team'.")
    columns = scores.drop(columns="team")
    values = numbers_of(columns, what="scores", keep="'team' and the scores")
    names = [str(name) for name in columns.columns]
    pairs = list(combinations(names, 2))
    if not pairs:
        told = ("group", "first", "second", "n", "difference")
        return pd.DataFrame(columns=[*told, "interval", "p_higher", "p_lower"])
    first, second = np.triu_indices(len(names), k=1)
    differences = pd.DataFrame(
        values[:, first] - values[:, second],
        index=scores.index,
        columns=[f"{one} - {other}" for one, other in pairs],
    )
    differences.insert(0, "team", scores["team"])
    table = mean_with_ci(
        differences, groups=groups, members=members, confidence=_LEVEL
    ).rename(columns={"mean": "difference"})
    n_groups = len(table) // len(pairs)
    higher, lower = _p_values(table)
    both = np.hstack([p.reshape(n_groups, len(pairs)) for p in (higher, lower)])
    higher, lower = np.hsplit(adjust_holm(both), 2)
    return pd.DataFrame(
        {
            "group": table["group"],
            "first": [one for one, _ in pairs] * n_groups,
            "second": [other for _, other in pairs] * n_groups,
            "n": table["n"],
            "difference": table["difference"],
            "interval": table["interval"],
            "p_higher": higher.ravel(),
            "p_lower": lower.ravel(),
        }
    )


def _p_values(table: pd.DataFrame) -> tuple[Floats, Floats]:
    """One-sided p-values of "not higher" and "not lower", unadjusted."""
    from scipy.special import stdtr, stdtrit

    tested = (table["interval"] == "t").to_numpy()
    rows = table[tested]
    df = rows["df"].to_numpy(dtype=float)
    half = (rows["ci_high"] - rows["ci_low"]).to_numpy(dtype=float) / 2
    t = rows["difference"].to_numpy(dtype=float) * stdtrit(df, 0.5 + _LEVEL / 2) / half
    higher = np.where(table["interval"] == "telling", np.nan, 1.0)
    lower = higher.copy()
    higher[tested], lower[tested] = stdtr(df, -t), stdtr(df, t)
    return higher, lower


def _certain(
    pairs: pd.DataFrame, n_variables: int, confidence: float
) -> tuple[Bools, Floats]:
    """Mark who is certainly higher than whom, and count the smallest base."""
    first, second = np.triu_indices(n_variables, k=1)
    known = (pairs["interval"] == "telling").to_numpy()
    difference = pairs["difference"].to_numpy(dtype=float)
    certain = np.zeros((n_variables, n_variables), dtype=bool)
    n = np.full((n_variables, n_variables), np.nan)
    n[first, second] = n[second, first] = pairs["n"].to_numpy(dtype=float)
    for one, other, sign, column in (
        (first, second, 1, "p_higher"),
        (second, first, -1, "p_lower"),
    ):
        found = pairs[column].to_numpy(dtype=float) <= 1 - confidence
        certain[one, other] = found | (known & _higher(sign * difference))
    return certain, np.fmin.reduce(n, axis=1)


def _higher(difference: Floats) -> Bools:
    """Tell a difference from rounding; what is missing is not higher."""
    return np.asarray(difference > SAME_SCORE, dtype=bool)
