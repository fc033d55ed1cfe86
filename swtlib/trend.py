"""The same question in two years: what changed, and how sure that is.

Two waves are two independent groups out of two finite populations: who answers
this year may be others than who answered then. So a change has the interval of
a difference between groups, in which each year brings its own finite
population factor. Only where pseudonyms link the years are the same people set
beside themselves.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from swtlib._numbers import numbers_of
from swtlib._two_sides import Side, Spread, set_beside
from swtlib.errors import ResponseError
from swtlib.estimates import (
    mean_with_ci,
    paired_gap,
    pool_within_teams,
    stack_columns,
)
from swtlib.groups import (
    ALL,
    OTHERS,
    REST,
    Bools,
    Floats,
    Groups,
    check_teams,
    iter_groups,
)

Members = Mapping[str, int | None]

_OF_A_YEAR = ("n", "mean", "sd", "df", "ci_low", "ci_high", "interval")


def change_with_ci(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    groups: Groups,
    members_before: Members,
    members_after: Members,
    confidence: float = 0.95,
    bounds: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Estimate how far the mean of each group moved between two waves.

    Parameters
    ----------
    before, after : DataFrame, shape (n_respondents, 1 + n_variables)
        As in `estimates.mean_with_ci`: ``team`` and the same variables, of
        the respondents of each year.
    groups : Groups
        Which groups the table shows. In "teams" only teams with respondents
        in both years count, in the total as well; those that are together
        because they are small (``"overige"``) are no team.
    members_before, members_after : mapping of str to int or None
        Number of members of every team who were asked, in each year; None if
        it is not known.
    confidence : float, default 0.95
        Level of the intervals.
    bounds : tuple of float, optional
        Lowest and highest possible score. The intervals of both means are cut
        off there; that of the change is not.

    Returns
    -------
    DataFrame
        One row per group and variable, groups first: ``group, variable``;
        ``n, mean, sd, df, ci_low, ci_high, interval`` of each year, named
        ``n_before, n_after, ...``; ``change`` (after less before), ``ci_low,
        ci_high, interval, df, p_value`` and ``effect``.

    Raises
    ------
    ResponseError
        If the years differ in variables, ``team`` is missing, or a column is
        not numeric.
    StatisticError
        If a team has more answers than members.
    ParameterError
        If `confidence` is not between 0 and 1, or the team is not known in
        one of the years.

    Notes
    -----
    The squared standard error is the sum of ``(sd * factor)^2 / n`` of both
    years, each with its `groups.finite_population_factor` and the ``sd`` that
    `estimates.mean_with_ci` has for that year: of all answers for the total,
    pooled within teams where teams stand beside each other. The degrees of
    freedom are Satterthwaite's (1946), of those of both years. ``interval`` is
    ``"t"``, ``"telling"`` (everybody answered in both years: the change is a
    fact) or ``"geen"`` (none can be computed), as in
    `team_difference.difference_with_ci`, and ``effect`` is Hedges' g as there,
    in the joint sd of both years. ``p_value`` belongs to that interval.

    The two years count as independent. Where many people answered in both,
    and alike, the interval is rather too wide than too narrow.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), chapter 2. Wiley.

    Satterthwaite, F. E. (1946). An approximate distribution of estimates of
    variance components. Biometrics Bulletin, 2(6), 110-114.

    Examples
    --------
    >>> before = pd.DataFrame({"team": ["elburg"] * 4, "overleg": [1, 2, 2, 3]})
    >>> after = pd.DataFrame({"team": ["elburg"] * 3, "overleg": [3, 4, 4]})
    >>> table = change_with_ci(
    ...     before, after, groups=Groups("elburg", "total"),
    ...     members_before={"elburg": 8}, members_after={"elburg": 3},
    ... )
    >>> table[["n_before", "n_after", "change", "ci_low"]].round(2).values.tolist()
    [[4.0, 3.0, 1.67, 0.75]]
    """
    names = _same_variables(before, after)
    years = [before[["team", *names]], after[["team", *names]]]
    chosen = years
    if groups.layout == "teams":
        teams = [set(year["team"].astype("str")) for year in years]
        both = (teams[0] & teams[1]) - {REST}
        chosen = [year[year["team"].astype("str").isin(both)] for year in years]
    asked = (members_before, members_after)
    tables, spreads, sides = [], [], []
    for whole, frame, members in zip(years, chosen, asked, strict=True):
        means = mean_with_ci(
            frame,
            groups=groups,
            members=members,
            confidence=confidence,
            bounds=bounds,
            everybody=whole,
        )
        answers = whole.drop(columns="team")
        all_values = numbers_of(answers, what="scores", keep="'team' and the scores")
        values = all_values[whole.index.isin(frame.index)]
        spread = _spread_of(means, all_values, whole["team"], groups)
        tables.append(means)
        spreads.append(spread)
        sides.append(
            {
                group.name: Side.of(group, means[_rows_at(at, names)], spread)
                for at, group in enumerate(
                    iter_groups(frame, values, groups, members, names)
                )
            }
        )
    parts = []
    for group, now in sides[1].items():
        then = sides[0][group]
        df = _satterthwaite((then, now), spreads)
        found = set_beside(
            now, then, df=df, spread=_joint(*spreads), confidence=confidence
        )
        of_years = {
            f"{name}_{when}": table[name].to_numpy()[
                _rows_at(list(side).index(group), names)
            ]
            for when, table, side in zip(
                ("before", "after"), tables, sides, strict=True
            )
            for name in _OF_A_YEAR
        }
        estimates = {
            "change": found["difference"],
            **{name: found[name] for name in ("ci_low", "ci_high", "interval")},
            "df": np.where(found["interval"] == "t", df, np.nan),
            **{name: found[name] for name in ("p_value", "effect")},
        }
        about = {"group": [group] * len(names), "variable": names}
        parts.append({**about, **of_years, **estimates})
    return stack_columns(parts)


def paired_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    groups: Groups,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how far the same people moved between two waves.

    Parameters
    ----------
    before, after : DataFrame, shape (n_respondents, 1 + n_variables)
        As in `change_with_ci`, with the pseudonym of each person as index;
        NaN for who has none.
    groups : Groups
        Which groups the table shows.
    confidence : float, default 0.95
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row per group and variable: ``group, variable, n, mean_before,
        mean_after, change, sd, ci_low, ci_high, interval, n_before, n_after``.
        ``n`` counts who answered in both years, in the same team; ``change``
        is the mean of their own changes. ``n_before`` and ``n_after`` count
        everybody of the group who answered in that year.

    Raises
    ------
    ResponseError
        If the years differ in variables, or two respondents of one year have
        the same pseudonym.

    Notes
    -----
    Who answered in one year only, or moved to another team, does not count.
    The interval is that of the t-distribution without a finite population
    factor: how many members stayed from one wave to the next is not known.

    Examples
    --------
    >>> people = pd.Index(["p1", "p2", "p3"])
    >>> then = pd.DataFrame({"team": "elburg", "overleg": [1, 2, 2]}, index=people)
    >>> now = pd.DataFrame({"team": "elburg", "overleg": [2, 2, 4]}, index=people)
    >>> table = paired_change(then, now, groups=Groups("elburg", "total"))
    >>> table[["n", "change", "interval"]].values.tolist()
    [[3, 1.0, 't']]
    """
    names = _same_variables(before, after)
    for frame in (before, after):
        persons = frame.index.dropna()
        if persons.has_duplicates:
            raise ResponseError(
                f"{int(persons.duplicated().sum())} pseudonyms occur more than once in "
                "one wave. Drop duplicates in wave.toml, or link without them."
            )
    linked = before.index.dropna().intersection(after.index.dropna(), sort=False)
    teams = [frame.loc[linked, "team"].astype("str") for frame in (before, after)]
    stayed = linked[(teams[0] == teams[1]).to_numpy()]
    pairs = [frame.loc[stayed, ["team", *names]] for frame in (before, after)]
    order = list(
        dict.fromkeys([groups.team] if groups.layout == "team" else [])
        | dict.fromkeys(pairs[1]["team"].astype("str"))
    )
    table = paired_gap(
        *pairs, groups=groups, members=dict.fromkeys(order), confidence=confidence
    ).rename(columns={"mean_have": "mean_before", "mean_want": "mean_after"})
    table = table.rename(columns={"gap": "change"}).drop(columns="n_population")
    for name, frame in (("n_before", before), ("n_after", after)):
        table[name] = [
            int(frame.loc[_rows_of(frame, group, groups), variable].count())
            for group, variable in zip(table["group"], table["variable"], strict=True)
        ]
    return table


def _rows_at(place: int, names: Sequence[str]) -> slice:
    """Find the rows of a group in a table of means: groups come first."""
    return slice(place * len(names), (place + 1) * len(names))


def _spread_of(
    means: pd.DataFrame, values: Floats, team: "pd.Series[str]", groups: Groups
) -> Spread:
    """Give the spread that the intervals of a year are made with."""
    if groups.layout == "total":
        sd = means["sd"].to_numpy(dtype=float)
        return Spread(sd, np.maximum(means["n"].to_numpy(dtype=np.int64) - 1, 0))
    return Spread(*pool_within_teams(values, team))


def _satterthwaite(sides: Sequence[Side], spreads: Sequence[Spread]) -> Floats:
    """Degrees of freedom; a part of 0 drops out: a census."""
    parts = [
        side.variance**2 / np.maximum(spread.df, 1)
        for side, spread in zip(sides, spreads, strict=True)
    ]
    total = sides[0].variance + sides[1].variance
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total**2 / (parts[0] + parts[1]), dtype=float)


def _joint(first: Spread, second: Spread) -> Spread:
    """Pool the spreads of two years, each by its degrees of freedom."""
    df = first.df + second.df
    squares = first.df * first.sd**2 + second.df * second.sd**2
    known = (first.df > 0) & (second.df > 0)
    sd = np.sqrt(squares / np.where(known, df, np.nan))
    return Spread(sd, np.where(known, df, 0))


def _rows_of(frame: pd.DataFrame, group: str, groups: Groups) -> Bools:
    teams = frame["team"].astype("str").to_numpy()
    if group == ALL:
        return np.ones(len(frame), dtype=bool)
    own = groups.team if group == OTHERS else group
    mine = np.asarray(teams == own, dtype=bool)
    return ~mine if group == OTHERS else mine


def _same_variables(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Give the variables, and refuse two years that differ in them."""
    for frame in (before, after):
        if "team" not in frame.columns:
            raise ResponseError("the scores have no column 'team'.")
        check_teams(frame["team"])
    names = [str(name) for name in before.columns if name != "team"]
    odd = set(names) ^ {str(name) for name in after.columns if name != "team"}
    if odd:
        raise ResponseError(
            f"before and after differ in variables: {', '.join(sorted(odd))}. "
            "Compare what was asked in both years."
        )
    return names
