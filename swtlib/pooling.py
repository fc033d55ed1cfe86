"""Team means drawn towards the mean of all: a check on a ranking of teams.

A team of six stands at the top or the bottom by chance more often than a team
of twenty. Partial pooling draws each mean towards that of all teams, the more
so for fewer answers and for less difference between teams.
"""

import numpy as np
import pandas as pd

from swtlib._numbers import numbers_of
from swtlib._one_way import code_teams, take_apart
from swtlib._pooling_model import fit_teams
from swtlib.disclosure import MIN_CELL_N
from swtlib.errors import ResponseError
from swtlib.estimates import SAME_SCORE
from swtlib.groups import Floats

# Fewer teams than this agree or disagree on an order by chance alone.
MIN_RANKED = 3
_SUMMARY = (
    *("variable", "n", "n_teams", "sd_between"),
    *("range_raw", "range_pooled", "rank_agreement", "warning"),
)


def pooled_means(scores: pd.DataFrame) -> pd.DataFrame:
    """Estimate team means with partial pooling, beside the means themselves.

    Parameters
    ----------
    scores : DataFrame, shape (n_respondents, 1 + n_variables)
        A column ``team`` and one numeric column per variable; NaN where there
        is no score. Leave out the teams that are too small to show first
        (`disclosure.drop_small_teams`).

    Returns
    -------
    DataFrame
        One row per variable and team, variables first: ``variable, group, n,
        mean, sd, pooled, rank, rank_pooled, weight, sd_between, warning``.
        ``pooled`` is ``weight * mean + (1 - weight) * overall``. The ranks
        count from 1 for the highest mean; equal means share the mean of their
        places. ``sd_between`` is the standard deviation between teams, in
        points of the score. ``warning`` is Dutch, the same in every row of a
        variable, and empty if there is nothing to warn for. ``pooled,
        rank_pooled, weight`` and ``sd_between`` are NaN without two teams of
        two scores, if nobody differs within a team, and if the model did not
        converge.

    Raises
    ------
    ResponseError
        If ``team`` or the scores are missing, a respondent has no team, or a
        column is not numeric.

    Notes
    -----
    statsmodels' MixedLM fits ``score = overall + team + rest`` by restricted
    maximum likelihood. ``overall`` is the estimate of the model, and
    ``pooled`` adds the best linear unbiased prediction for the team. With ``n``
    answers its weight is ``between / (between + within / n)``, in variances.

    MixedLM starts at the maximum, which follows from the size, mean and
    standard deviation of the teams. From its own start its optimisers stop
    short, or report no difference between teams and say that they converged:
    lbfgs in most of the ordinary samples it was tried on (statsmodels 0.15).
    Where the maximum is at exactly no difference nothing is left to fit:
    ``pooled`` is then the mean of all answers, for every team. The rest of what
    MixedLM warns for is in ``warning``.

    ``sd`` is for `disclosure.protect`; of a small team it is never shown.

    References
    ----------
    Morris, C. N. (1983). Parametric empirical Bayes inference: Theory and
    applications. Journal of the American Statistical Association, 78(381),
    47-55.

    Patterson, H. D., & Thompson, R. (1971). Recovery of inter-block information
    when block sizes are unequal. Biometrika, 58(3), 545-554.

    Examples
    --------
    >>> scores = pd.DataFrame(
    ...     {"team": ["elburg"] * 3 + ["zwolle_oost"] * 3, "baken": [1, 2, 3, 3, 4, 5]}
    ... )
    >>> table = pooled_means(scores)  # between 5/3, within 1: weight 5/6
    >>> table[["group", "mean", "pooled", "weight"]].round(3)
             group  mean  pooled  weight
    0       elburg   2.0   2.167   0.833
    1  zwolle_oost   4.0   3.833   0.833
    """
    if "team" not in scores.columns:
        raise ResponseError("the scores have no column 'team'.")
    columns = scores.drop(columns="team")
    if columns.shape[1] == 0:
        raise ResponseError("the scores have no column besides 'team'.")
    values = numbers_of(columns, what="scores", keep="'team' and the scores")
    names, codes = code_teams(scores["team"])
    tables = []
    for variable, column in zip(columns.columns, values.T, strict=True):
        parts = take_apart(column, codes)
        fit = fit_teams(parts, column, codes)
        table = pd.DataFrame(
            {
                "n": parts.size,
                "mean": parts.mean,
                "sd": parts.sd,
                "pooled": fit.pooled,
                "rank": _rank(parts.mean),
                "rank_pooled": _rank(fit.pooled),
                "weight": fit.weight,
            },
            index=parts.team,
        ).reindex(range(len(names)))
        table["n"] = table["n"].fillna(0).astype(int)
        table.insert(0, "variable", str(variable))
        table.insert(1, "group", names)
        table["sd_between"] = fit.sd_between
        table["warning"] = "; ".join(fit.warnings)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def pooling_table(pooled: pd.DataFrame) -> pd.DataFrame:
    """Say of each variable what is left of the order of the teams.

    Parameters
    ----------
    pooled : DataFrame
        As `pooled_means` gives it.

    Returns
    -------
    DataFrame
        One row per variable: ``variable, n, n_teams, sd_between, range_raw,
        range_pooled, rank_agreement, warning``. ``n`` and ``n_teams`` count the
        answers and the teams in the model. The ranges are the highest minus the
        lowest mean of a team, as it is and pooled. ``rank_agreement`` is
        Spearman's correlation between the two orders; NaN if one of them has no
        order, and for fewer than three teams.

    Notes
    -----
    Ranges and agreement are over the teams whose mean may be shown: MIN_CELL_N
    answers or more, and not all equal. The mean of another team would follow
    from the range and the means that are shown.

    Examples
    --------
    >>> scores = pd.DataFrame(
    ...     {"team": ["elburg"] * 5 + ["zwolle_oost"] * 5,
    ...      "baken": [1, 2, 3, 2, 2, 3, 4, 5, 4, 4]}
    ... )
    >>> table = pooling_table(pooled_means(scores))
    >>> table[["n", "n_teams", "range_raw", "range_pooled"]].round(2)
        n  n_teams  range_raw  range_pooled
    0  10        2        2.0           1.9
    """
    rows = []
    for variable, teams in pooled.groupby("variable", sort=False):
        shown = teams[(teams["n"] >= MIN_CELL_N) & (teams["sd"] > 0)]
        rows.append(
            {
                "variable": variable,
                "n": int(teams["n"].sum()),
                "n_teams": int((teams["n"] > 0).sum()),
                "sd_between": teams["sd_between"].iloc[0],
                "range_raw": _range(shown["mean"]),
                "range_pooled": _range(shown["pooled"]),
                "rank_agreement": _rank_agreement(shown),
                "warning": teams["warning"].iloc[0],
            }
        )
    return pd.DataFrame(rows, columns=list(_SUMMARY))


def _rank(values: Floats) -> Floats:
    """Rank from high to low; equal values share the mean of their places."""
    if np.isnan(values).any():
        return np.full(len(values), np.nan)
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    steps = ranked[:-1] - ranked[1:] > SAME_SCORE * np.maximum(1, np.abs(ranked[1:]))
    level = np.zeros(len(values))
    level[order[1:]] = np.cumsum(steps)
    return np.asarray(pd.Series(level).rank(), dtype=float)


def _range(means: "pd.Series[float]") -> float:
    return float(means.max() - means.min()) if len(means) > 1 else np.nan


def _rank_agreement(teams: pd.DataFrame) -> float:
    """Give Spearman's correlation between the means and the pooled means."""
    ranks = teams[["rank", "rank_pooled"]].rank()
    if len(ranks) < MIN_RANKED or not (ranks.max() > ranks.min()).all():
        return np.nan
    return float(np.corrcoef(ranks.to_numpy(), rowvar=False)[0, 1])
