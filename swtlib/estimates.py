"""Means of small, finite groups, each with ``n`` and an interval.

Each result is a tidy table, one row per group and variable, unrounded. The
column ``interval`` says what the interval is: ``"t"``, ``"telling"`` (a census:
all members answered) or ``"geen"`` (none can be computed). In the last two
``ci_low`` and ``ci_high`` are empty, never zero wide.

Where teams stand beside each other, every interval uses one spread: that of the
people within their teams, pooled. It is steadier than the spread of six answers,
and it keeps the answers of a small team out of its interval.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib._numbers import numbers_of
from swtlib.errors import ParameterError, ResponseError
from swtlib.groups import Floats, Groups, iter_groups

# Scale scores are means, so equal scores may differ in the last digits. Answers
# step by 1 and scores by at least 1/100: anything this close is the same score.
SAME_SCORE = 1e-12


def check_confidence(confidence: float) -> None:
    """Refuse a confidence that is not a part of 1, such as 95.

    Parameters
    ----------
    confidence : float
        Level of an interval.

    Raises
    ------
    ParameterError
        If it is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ParameterError(
            f"confidence is {confidence:g}; it is a part of 1, such as 0.95."
        )


def mean_with_ci(
    scores: pd.DataFrame,
    *,
    groups: Groups,
    members: Mapping[str, int | None],
    confidence: float = 0.95,
    bounds: tuple[float, float] | None = None,
    everybody: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Estimate the mean of each group on each variable.

    Parameters
    ----------
    scores : DataFrame, shape (n_respondents, 1 + n_variables)
        A column ``team`` and one numeric column per variable; NaN where there
        is no score.
    groups : Groups
        Which groups the table shows.
    members : mapping of str to int or None
        Number of members of every team who were asked, in the order to show
        the teams; None if it is not known.
    confidence : float, default 0.95
        Level of the intervals.
    bounds : tuple of float, optional
        Lowest and highest possible score. The interval is cut off there; by
        default it is not, and may pass the end of the answer scale.
    everybody : DataFrame, optional
        Where `scores` are of some of the teams that are shown: those of all,
        so that the pooled spread is the same on every page.

    Returns
    -------
    DataFrame
        One row per group and variable, groups first: ``group, variable, n,
        n_population, mean, sd, df, ci_low, ci_high, interval``. ``n`` counts
        the answers to that variable. ``n_population`` adds up the members of
        the teams in the group that are in `scores`, NaN if one is not known.
        ``sd`` is that of the answers in the group; ``df`` are the degrees of
        freedom of the interval.

    Raises
    ------
    ResponseError
        If ``team`` is missing, a column is not numeric, or a score is outside
        `bounds`.
    StatisticError
        If a team has more answers than members.
    ParameterError
        If `confidence` is not between 0 and 1, or the team is not known.

    Notes
    -----
    The interval is ``mean ± t(df) * s / sqrt(n) * factor``, with the
    `finite_population_factor`. For all together (layout "total") ``s`` is the
    standard deviation of the answers and ``df`` is ``n - 1``. Where teams stand
    beside each other, ``s`` is the standard deviation within teams, pooled over
    every team in `scores` (`pool_within_teams`), as in an analysis of variance:
    the same in every row. So it holds 95% over the teams taken together, more
    often in a team that agrees more than most and less often in one that agrees
    less; and beside n and mean it tells nothing of the answers of one team,
    where an own standard deviation of six answers often names all of them.

    There is no interval (``"geen"``) without answers, and none when the spread
    is 0 or not known: the formula would give an interval of no width, as if the
    mean were known exactly, while nothing is known of the spread among those
    who did not answer. When everybody answered the mean is that of the team,
    without sampling error (``"telling"``). Teams together of which some
    answered in full and the others not at all have no interval either: nothing
    says how the others differ.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), chapters 2 and 5.
    Wiley.

    Examples
    --------
    >>> scores = pd.DataFrame({"team": ["elburg"] * 4, "eigen_kracht": [1, 2, 3, 4]})
    >>> table = mean_with_ci(
    ...     scores, groups=Groups("elburg", "total"), members={"elburg": 5}
    ... )
    >>> table.round(2)[["group", "n", "mean", "ci_low", "ci_high", "interval"]]
      group  n  mean  ci_low  ci_high interval
    0  alle  4   2.5    1.58     3.42        t
    """
    check_confidence(confidence)
    names, values = _numeric(scores)
    if bounds is not None:
        _check_bounds(names, values, bounds)
    pooled, pooled_df = pool_within_teams(values, scores["team"])
    if everybody is not None:
        whole = everybody[["team", *names]]
        pooled, pooled_df = pool_within_teams(_numeric(whole)[1], whole["team"])
    parts = []
    for group in iter_groups(scores, values, groups, members, names):
        mean, sd = _mean_sd(values[group.rows])
        n = group.n
        spread, df = (sd, n - 1) if groups.layout == "total" else (pooled, pooled_df)
        ok = (n > 0) & (df > 0) & (spread > 0) & (group.factor > 0)
        half = np.full(len(names), np.nan)
        error = spread[ok] / np.sqrt(n[ok]) * group.factor[ok]
        half[ok] = _t_quantile(df[ok], confidence) * error
        low, high = mean - half, mean + half
        if bounds is not None:
            low, high = np.clip(low, *bounds), np.clip(high, *bounds)
        parts.append(
            {
                "group": [group.name] * len(names),
                "variable": names,
                "n": n,
                "n_population": group.n_population,
                "mean": mean,
                "sd": sd,
                "df": np.maximum(df, 0),
                "ci_low": low,
                "ci_high": high,
                "interval": np.where(
                    group.census, "telling", np.where(ok, "t", "geen")
                ),
            }
        )
    return stack_columns(parts)


def stack_columns(parts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Put the rows of each group under each other, as one table.

    Parameters
    ----------
    parts : sequence of mapping of str to array or list
        The same columns in each; at least one.

    Returns
    -------
    DataFrame
        As `pandas.concat` of a table for each, and much sooner.
    """
    columns = {name: [part[name] for part in parts] for name in parts[0]}
    return pd.DataFrame(
        {
            name: list(chain.from_iterable(found))
            if isinstance(found[0], list)
            else np.concatenate(found)
            for name, found in columns.items()
        }
    )


def paired_gap(
    have: pd.DataFrame,
    want: pd.DataFrame,
    *,
    groups: Groups,
    members: Mapping[str, int | None],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how far what people want lies from what they have.

    Parameters
    ----------
    have, want : DataFrame, shape (n_respondents, 1 + n_variables)
        The same respondents, ``team`` and variables twice: the marks people
        give themselves now, and the marks they want.
    groups, members, confidence
        As in `mean_with_ci`.

    Returns
    -------
    DataFrame
        One row per group and variable: ``group, variable, n, n_population,
        mean_have, mean_want, gap, sd, df, ci_low, ci_high, interval``. ``n``
        and both means are of those who gave both marks. ``gap`` is the mean of
        ``want - have``; ``sd`` and the interval are of that difference, as in
        `mean_with_ci`.

    Raises
    ------
    ResponseError
        If the two frames differ in respondents, teams or variables.
    StatisticError
        If a team has more answers than members.

    Notes
    -----
    Only complete pairs count, so that ``gap`` is exactly ``mean_want -
    mean_have``. If everybody wants the same step, ``sd`` is 0 and there is no
    interval; see `mean_with_ci`.

    Examples
    --------
    >>> team = ["elburg"] * 3
    >>> have = pd.DataFrame({"team": team, "creativiteit": [6, 7, 7]})
    >>> want = pd.DataFrame({"team": team, "creativiteit": [8, 8, None]})
    >>> table = paired_gap(
    ...     have, want, groups=Groups("elburg", "total"), members={"elburg": 7}
    ... )
    >>> table[["n", "mean_have", "mean_want", "gap"]].to_numpy().tolist()
    [[2.0, 6.5, 8.0, 1.5]]
    """
    names, first = _numeric(have)
    others, second = _numeric(want)
    if sorted(names) != sorted(others):
        odd = sorted(set(names) ^ set(others))
        raise ResponseError(f"have and want differ in variables: {', '.join(odd)}.")
    if not have.index.equals(want.index):
        raise ResponseError("have and want do not hold the same respondents.")
    if not (have["team"].astype(str) == want["team"].astype(str)).all():
        raise ResponseError("have and want disagree on the team of a respondent.")
    second = second[:, [others.index(name) for name in names]]
    gap = second - first
    complete = ~np.isnan(gap)

    def estimate(values: Floats) -> pd.DataFrame:
        frame = pd.DataFrame(values, columns=names, index=have.index)
        frame.insert(0, "team", have["team"])
        return mean_with_ci(
            frame, groups=groups, members=members, confidence=confidence
        )

    table = estimate(gap).rename(columns={"mean": "gap"})
    at = table.columns.get_loc("gap")
    both = {"mean_have": first, "mean_want": second}
    for offset, (name, marks) in enumerate(both.items()):
        means = estimate(np.where(complete, marks, np.nan))["mean"]
        table.insert(cast(int, at) + offset, name, means)
    return table


def pool_within_teams(
    values: Floats, team: "pd.Series[str]"
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Estimate the spread of people within their teams, over all teams.

    Parameters
    ----------
    values : array, shape (n_respondents, n_variables)
        NaN where not answered.
    team : Series of str, shape (n_respondents,)
        Team of each respondent.

    Returns
    -------
    tuple of arrays, shape (n_variables,)
        Standard deviation, NaN where no team has two answers, and its degrees
        of freedom: the answers less the teams that have any.

    Notes
    -----
    ``sqrt(sum_k (n_k - 1) * s_k^2 / sum_k (n_k - 1))`` over the teams k: the
    root of the mean square within groups of a one-way analysis of variance.

    Examples
    --------
    >>> answers = np.array([[1.0], [2.0], [3.0], [2.0], [4.0]])  # squares 2 and 2
    >>> sd, df = pool_within_teams(answers, pd.Series(list("aaabb")))
    >>> round(float(sd[0]), 4), int(df[0])  # sqrt(4 / 3)
    (1.1547, 3)
    """
    codes, teams = pd.factorize(team.astype("str"), sort=True)
    squares = np.zeros(values.shape[1])
    df = np.zeros(values.shape[1], dtype=np.int64)
    for at in range(len(teams)):
        own = values[codes == at]
        more = np.maximum((~np.isnan(own)).sum(axis=0) - 1, 0)
        squares += np.where(more > 0, more * _mean_sd(own)[1] ** 2, 0.0)
        df += more
    return np.sqrt(squares / np.where(df > 0, df, np.nan)), df


def _mean_sd(values: Floats) -> tuple[Floats, Floats]:
    """Mean and sample sd per column, NaN left out; sd exactly 0 if all are equal."""
    answered = ~np.isnan(values)
    n = answered.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(answered, values, 0).sum(axis=0) / n
        squares = (np.where(answered, values - mean, 0) ** 2).sum(axis=0)
        sd = np.sqrt(squares / np.where(n >= 2, n - 1, np.nan))
    low = np.where(answered, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(answered, values, -np.inf).max(axis=0, initial=-np.inf)
    equal = high - low <= SAME_SCORE * np.maximum(1, np.abs(mean))
    return np.where(equal, low, mean), np.where(equal & (n >= 2), 0.0, sd)


def _t_quantile(df: npt.NDArray[np.int64], confidence: float) -> Floats:
    from scipy.special import stdtrit

    return np.asarray(stdtrit(df, 0.5 + confidence / 2), dtype=float)


def _numeric(scores: pd.DataFrame) -> tuple[list[str], Floats]:
    if "team" not in scores.columns:
        raise ResponseError("the scores have no column 'team'.")
    columns = scores.drop(columns="team")
    if columns.shape[1] == 0:
        raise ResponseError("the scores have no column besides 'team'.")
    values = numbers_of(columns, what="scores", keep="'team' and the scores")
    return [str(name) for name in columns.columns], values


def _check_bounds(
    names: Sequence[str], values: Floats, bounds: tuple[float, float]
) -> None:
    low, high = bounds
    with np.errstate(invalid="ignore"):
        outside = (values < low - SAME_SCORE) | (values > high + SAME_SCORE)
    for i, name in enumerate(names):
        if outside[:, i].any():
            raise ResponseError(
                f"'{name}' has {int(outside[:, i].sum())} scores outside the bounds "
                f"{low:g}-{high:g}. Give the range of these scores."
            )
