"""Which groups stand side by side, and how many people each could have had.

A wijkteam has 6 to 26 members and most of them answer. So an estimate needs to
know the members as well as the answers: the fewer are left unasked, the
smaller the sampling error, and a census has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib.errors import (
    ParameterError,
    ResponseError,
    StatisticError,
    did_you_mean,
)

Layout = Literal["teams", "team", "total"]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ALL = "alle"
OTHERS = "andere"
REST = "overige"  # teams that are too small to show, together


@dataclass(frozen=True)
class Groups:
    """Which groups stand beside each other in a table.

    Parameters
    ----------
    team : str
        The team a page is about, or ``"alle"``.
    layout : {"teams", "team", "total"}
        "teams": every team with answers, then ``"alle"``. "team": this team
        and ``"andere"``, all others together. "total": only ``"alle"``.

    Raises
    ------
    ParameterError
        If there is no such layout, or "team" is asked for ``"alle"``.

    Notes
    -----
    A team is set beside the others, not beside a total that contains it.

    Examples
    --------
    >>> team = pd.Series(["elburg", "zwolle_oost", "elburg"])
    >>> {name: int(mask.sum()) for name, mask in
    ...  Groups("elburg", "team").masks(team).items()}
    {'elburg': 2, 'andere': 1}
    """

    team: str
    layout: Layout

    def __post_init__(self) -> None:
        """Check that team and layout fit."""
        if self.layout not in get_args(Layout):
            raise ParameterError(
                f"there is no layout '{self.layout}'."
                + did_you_mean(str(self.layout), get_args(Layout))
            )
        if self.layout == "team" and self.team in (ALL, OTHERS):
            raise ParameterError(
                f"layout 'team' needs one team, not '{self.team}'. "
                "Use layout 'teams' or 'total'."
            )

    def masks(
        self, team: "pd.Series[Any]", *, order: Sequence[str] | None = None
    ) -> dict[str, "pd.Series[bool]"]:
        """Mark the rows of each group, in the order of the table.

        Parameters
        ----------
        team : Series of str, shape (n_respondents,)
            Team id of each respondent.
        order : sequence of str, optional
            All team ids, in the order to show them. By default the categories
            of `team`, or else the order in which the teams appear.

        Returns
        -------
        dict of str to Series of bool
            Group name to rows. A team without rows is left out of "teams";
            in "team" it has no rows.

        Raises
        ------
        ResponseError
            If a respondent has no team, or one that is not in `order`.
        ParameterError
            If the team of this page is not known.
        """
        rows = self._rows(*_places(team, order))
        return {name: pd.Series(own, index=team.index) for name, own in rows.items()}

    def _rows(
        self, known: Sequence[str], codes: npt.NDArray[np.intp]
    ) -> dict[str, Bools]:
        """Mark the rows of each group, given the place of each row's team."""
        everybody = np.ones(len(codes), dtype=bool)
        if self.layout == "total":
            return {ALL: everybody}
        if self.layout == "team":
            if self.team not in known:
                raise ParameterError(
                    f"team '{self.team}' is not known." + did_you_mean(self.team, known)
                )
            own = codes == known.index(self.team)
            return {self.team: own, OTHERS: ~own}
        present = set(codes.tolist())
        masks = {known[at]: codes == at for at in range(len(known)) if at in present}
        return {**masks, ALL: everybody}


def check_teams(team: "pd.Series[Any]") -> None:
    """Refuse respondents without a team: they would be left out without a word."""
    missing = int(team.isna().sum())
    if missing:
        raise ResponseError(
            f"{missing} respondents have no team. Leave them out or give them one."
        )


def _places(
    team: "pd.Series[Any]", order: Sequence[str] | None
) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Give all teams in order, and the place of each respondent's team in it."""
    check_teams(team)
    codes, names = pd.factorize(team.astype("str"))  # an id may be read as a number
    present = [str(name) for name in names]
    if order is not None:
        known = list(order)
    elif isinstance(team.dtype, pd.CategoricalDtype):
        known = [str(name) for name in team.cat.categories]
    else:
        known = present
    place = {name: at for at, name in enumerate(known)}
    for name in present:
        if name not in place:
            raise ResponseError(
                f"team '{name}' is not known." + did_you_mean(name, known)
            )
    return known, np.array([place[name] for name in present], dtype=np.intp)[codes]


def finite_population_factor(
    answered: Mapping[str, int], members: Mapping[str, int | None]
) -> float:
    """Give the factor by which a known population narrows a standard error.

    Parameters
    ----------
    answered : mapping of str to int
        Number of answers per team.
    members : mapping of str to int or None
        Number of members per team; None if it is not known.

    Returns
    -------
    float
        ``sqrt(1 - sum_k (n_k / n) * (n_k / N_k))`` over the teams k, from 0
        (everybody answered) to 1. A team of unknown size adds nothing to the
        sum: its answers are treated as a sample of a large population. NaN
        without answers.

    Raises
    ------
    StatisticError
        If a team has more answers than members.
    ParameterError
        If a team has no entry in `members`.

    Notes
    -----
    For one team this is the usual ``sqrt(1 - n / N)``. For teams together it
    follows from the variance of their joint mean as a stratified sample,
    ``sum_k (n_k / n)^2 * (1 - n_k / N_k) * s_k^2 / n_k``, with the joint
    standard deviation in the place of each ``s_k``. The joint one includes the
    differences between teams, so the interval is rather too wide than too
    narrow.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), chapters 2 and 5.
    Wiley.

    Examples
    --------
    >>> finite_population_factor({"elburg": 6}, {"elburg": 8})  # sqrt(1 - 6/8)
    0.5
    >>> finite_population_factor({"elburg": 6}, {"elburg": None})
    1.0
    """
    for name in answered:
        if name not in members:
            raise ParameterError(
                f"team '{name}' has no number of members." + did_you_mean(name, members)
            )
    counts = np.array([[n] for n in answered.values()], dtype=np.int64).reshape(-1, 1)
    sizes = _sizes(list(answered), members)
    _check_sizes(counts, sizes, list(answered), ["this question"])
    return float(_correction(counts, sizes)[0])


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group with, for each variable, its answers and its population.

    ``rows`` marks its respondents. The rest has one value per variable: number
    of answers, size of the population (NaN if unknown), finite population
    factor, and whether everybody answered.
    """

    name: str
    rows: Bools
    n: npt.NDArray[np.int64]
    n_population: Floats
    factor: Floats
    census: Bools


def iter_groups(
    frame: pd.DataFrame,
    values: Floats,
    groups: Groups,
    members: Mapping[str, int | None],
    names: Sequence[str],
) -> Iterator[Group]:
    """Go over the groups of a table, each with its counts and its population.

    Parameters
    ----------
    frame : DataFrame, shape (n_respondents, n_columns)
        With a column ``team``.
    values : array, shape (n_respondents, n_variables)
        What is estimated; NaN where not answered.
    groups, members
        As in `estimates.mean_with_ci`.
    names : sequence of str, length n_variables
        Variables, for the messages.

    Yields
    ------
    Group

    Raises
    ------
    StatisticError
        If a team has more answers than members.
    """
    order, codes = _places(frame["team"], list(members))
    masks = groups._rows(order, codes)
    counts = np.zeros((len(order), len(names)), dtype=np.int64)
    np.add.at(counts, codes, (~np.isnan(values)).astype(np.int64))
    sizes = _sizes(order, members)
    _check_sizes(counts, sizes, order, names)
    for name, rows in masks.items():
        own = np.zeros(len(order), dtype=bool)
        own[codes[rows]] = True
        if groups.layout == "team" and name == groups.team:
            own[order.index(name)] = True  # also when nobody of the team answered
        answered, asked = counts[own], sizes[own]
        n = answered.sum(axis=0)
        yield Group(
            name=name,
            rows=rows,
            n=n,
            n_population=np.full(len(names), asked.sum() if len(asked) else np.nan),
            factor=_correction(answered, asked),
            census=(n > 0) & (answered == asked[:, None]).all(axis=0),
        )


def _sizes(order: Sequence[str], members: Mapping[str, int | None]) -> Floats:
    sizes = [np.nan if members[team] is None else members[team] for team in order]
    return np.array(sizes, dtype=float)


def _check_sizes(
    counts: npt.NDArray[np.int64],
    sizes: Floats,
    order: Sequence[str],
    names: Sequence[str],
) -> None:
    for team, variable in np.argwhere(counts > sizes[:, None]):
        raise StatisticError(
            f"team '{order[team]}' has {counts[team, variable]} answers to "
            f"'{names[variable]}' and {sizes[team]:g} members. "
            "Correct the number of members of this wave."
        )


def _correction(counts: npt.NDArray[np.int64], sizes: Floats) -> Floats:
    """Give the finite population factor per variable; see the public function."""
    known = np.isfinite(sizes) & (sizes > 0)
    n = counts.sum(axis=0).astype(float)
    squares = (counts[known] ** 2 / sizes[known, None]).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        left = 1 - squares / n
    return np.asarray(np.sqrt(np.clip(left, 0, 1)), dtype=float)
