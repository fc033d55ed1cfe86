"""A team beside the other teams: the difference itself, with its interval.

Two intervals side by side do not answer whether two groups differ: they can
overlap while the interval of the difference leaves out 0.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from swtlib._two_sides import Side, Spread, set_beside
from swtlib.estimates import check_confidence, mean_with_ci, pool_within_teams
from swtlib.groups import Groups, iter_groups

_FOUND = (
    *("difference", "ci_low", "ci_high", "interval"),
    *("effect", "effect_low", "effect_high", "t", "p_value"),
)
# What a table of means has of the difference, on the rows of the team.
_JOINED = {
    "difference": "difference",
    "ci_low": "difference_low",
    "ci_high": "difference_high",
    "interval": "difference_interval",
    "effect": "effect",
}


def difference_with_ci(
    scores: pd.DataFrame,
    *,
    team: str,
    members: Mapping[str, int | None],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how far the mean of a team lies from that of the others.

    Parameters
    ----------
    scores : DataFrame, shape (n_respondents, 1 + n_variables)
        As in `estimates.mean_with_ci`: a column ``team`` and one numeric
        column per variable; NaN where there is no score.
    team : str
        The team that is set beside all others together.
    members : mapping of str to int or None
        As in `estimates.mean_with_ci`; None if a number is not known.
    confidence : float, default 0.95
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row per variable: ``variable, n_team, n_others, mean_team,
        mean_others, difference, ci_low, ci_high, interval, effect,
        effect_low, effect_high, t, p_value``. ``difference`` is team minus
        others, in points of the score; ``effect`` is Hedges' g; ``p_value`` is
        two-sided, of the ``t`` behind the interval. ``interval`` is ``"t"``,
        ``"telling"`` (everybody answered in both groups) or ``"geen"`` (none
        can be computed); in the last two the limits are NaN.

    Raises
    ------
    ResponseError
        If ``team`` is missing, or a column is not numeric.
    StatisticError
        If a team has more answers than members.
    ParameterError
        If `confidence` is not between 0 and 1, or the team is not known.

    Notes
    -----
    One spread counts for both sides: that of the people within their teams,
    pooled over every team (`estimates.pool_within_teams`). The squared standard
    error adds up two parts, ``(s * factor)^2 / n`` of the team and of the
    others, each with its `finite_population_factor`; the degrees of freedom are
    those of the spread. A group that answered in full has no sampling error:
    its part is 0. When both did, the difference is a fact (``"telling"``).
    There is no interval (``"geen"``) without answers on one side, or without a
    spread. Without numbers of members it is the interval of a contrast in a
    one-way analysis of variance. It is not cut off where the scale ends.

    ``effect`` is the difference in standard deviations within teams, times the
    exact small-sample factor J. Its limits are those of the difference in the
    same unit: the standard deviation counts as known. So they agree with the
    interval of the difference, about 0 as well, and are empty in a census;
    the usual interval of Hedges' g knows no finite population. ``effect`` is
    NaN where the spread is 0 or not known.

    The spread of the team itself is in none of these: with n and the mean it
    would often name every answer of a small team, and so would the spread of
    the others, on the pages of all teams together.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), chapters 2 and 5.
    Wiley.

    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect
    size and related estimators. Journal of Educational Statistics, 6(2),
    107-128.

    Examples
    --------
    >>> scores = pd.DataFrame({
    ...     "team": ["elburg"] * 3 + ["oost"] * 4, "overleg": [3, 4, 4, 1, 2, 2, 3],
    ... })
    >>> table = difference_with_ci(
    ...     scores, team="elburg", members={"elburg": 3, "oost": 8}
    ... )
    >>> table[["difference", "ci_low", "ci_high", "effect"]].round(2).values.tolist()
    [[1.67, 1.0, 2.33, 1.92]]
    """
    check_confidence(confidence)
    groups = Groups(team, "team")
    means = mean_with_ci(scores, groups=groups, members=members)
    columns = scores.drop(columns="team")
    names = [str(name) for name in columns.columns]
    values = columns.to_numpy(dtype=float, na_value=np.nan)
    spread = Spread(*pool_within_teams(values, scores["team"]))
    own, others = (
        Side.of(group, means[means["group"] == group.name], spread)
        for group in iter_groups(scores, values, groups, members, names)
    )
    df = spread.df.astype(float)
    found = set_beside(own, others, df=df, spread=spread, confidence=confidence)
    return pd.DataFrame(
        {
            "variable": names,
            "n_team": own.n.astype(np.int64),
            "n_others": others.n.astype(np.int64),
            "mean_team": own.mean,
            "mean_others": others.mean,
            **{name: found[name] for name in _FOUND},
        }
    )


def join_difference(
    means: pd.DataFrame, differences: pd.DataFrame, *, team: str
) -> pd.DataFrame:
    """Put the difference beside the means of a team.

    Parameters
    ----------
    means : DataFrame
        From `estimates.mean_with_ci`, of a team and ``"andere"``.
    differences : DataFrame
        From `difference_with_ci`, of the same scores.
    team : str
        The team.

    Returns
    -------
    DataFrame
        The means, with ``difference, difference_low, difference_high,
        difference_interval, effect`` in the rows of the team; empty in those
        of the others.

    Examples
    --------
    >>> scores = pd.DataFrame({"team": ["a", "a", "b", "b"], "overleg": [3, 4, 1, 1]})
    >>> members = {"a": 5, "b": 5}
    >>> means = mean_with_ci(scores, groups=Groups("a", "team"), members=members)
    >>> found = difference_with_ci(scores, team="a", members=members)
    >>> join_difference(means, found, team="a")["difference"].tolist()
    [2.5, nan]
    """
    joined = differences.rename(columns=_JOINED).assign(group=team)
    keys = ["group", "variable"]
    return means.merge(joined[[*keys, *_JOINED.values()]], on=keys, how="left")
