"""Which results of teams may be shown, over all pages of a wave together.

A table alone does not tell. The page of each team shows the team and the other
teams, so whoever lays two pages side by side knows the total, and with all
pages the sum of the teams that are hidden: a single hidden team is that sum.
The plan is made from all answers at once and is the same on every page.

A reader with n and the mean has the sum of the answers, so the plan looks at
sums: a sum near an end of the scale is everybody's answer, and two sums of
nearly the same people differ by the answers of the few who are in one only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib._ahead import remembered
from swtlib._release_attack import derived_interval
from swtlib.disclosure import MIN_CELL_N

Bounds = tuple[float, float] | None

#: What must stay open about a hidden mean, as a part of its range.
MIN_WIDTH = 0.1
#: What must be left of the distance of a sum to the nearer end of the scale, in
#: ranges of one answer, when who is farthest from it takes the own answer off.
#: With less, that person knows what the others answered, or nearly. Of answers from
#: 0 to 4 two steps must be left, of grades from 0 to 10 three.
MIN_REST = 0.3
_SAME = 1e-9  # a spread below this is rounding, not a difference


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of all respondents, and what they can be.

    Parameters
    ----------
    frame : DataFrame, shape (n_respondents, 1 + n_variables)
        A column ``team`` and one per variable; NaN where there is no score.
    bounds : mapping of str to (float, float) or None
        Lowest and highest score of each variable; None if it has none.
    """

    frame: pd.DataFrame
    bounds: Mapping[str, Bounds]


@remembered
def plan_release(
    tables: Sequence[Scores],
    *,
    linked: Mapping[str, Sequence[str]] | None = None,
    closed: pd.DataFrame | None = None,
    min_n: int = MIN_CELL_N,
) -> pd.DataFrame:
    """Find the cells that no page may show.

    Parameters
    ----------
    tables : sequence of Scores
        With the same teams and variables. What stands in one row of a table
        goes together: a cell is closed in all of them or in none (the marks
        for have and want, and their gap).
    linked : mapping of str to sequence of str, optional
        Scale to its items, of which the scale is the mean.
    closed : DataFrame, optional
        Cells (``group, variable``) that are closed already, by another plan.
    min_n : int, default: MIN_CELL_N
        Fewest answers behind a mean.

    Returns
    -------
    DataFrame
        ``group, variable``: a row per closed cell, for teams only. Teams with
        fewer than ``min_n`` respondents have no page and are not in it.

    Notes
    -----
    Closed are cells with fewer than ``min_n`` answers, cells in which
    everybody gave the same answer, and cells that come too near to it: where
    the distance of the sum to the nearer end of the scale, less that of the
    answer farthest from it, is under MIN_REST ranges of an answer. That is the
    p% rule for sums: who gave that answer could else tell those of the others.

    The closed teams of a variable together can be worked out (total less the
    open teams), so they must be two or more, not all of one answer, and must
    leave each of those means open over at least MIN_WIDTH of its range, and
    each of those sums over ``1 + MIN_REST`` ranges of an answer: the best that
    can be derived from a sum is ``(sum - n_rest * high) / n`` to
    ``(sum - n_rest * low) / n``. As long as that fails, another team is closed
    too: the one with the fewest answers that makes it good, or else the one
    that comes nearest.

    Where a scale is closed all of its items are. Where one of its items is, so
    is another one, the same in every such team: of one closed item the others
    and the scale would be the rest. The scale stays if it does not tell too much
    and leaves the hidden items open, given the sums of all items of a team and of
    all teams of an item together; that is found by linear programming. If it
    does not, all items are closed, then the scale too.

    References
    ----------
    Hundepool, A., et al. (2012). Statistical disclosure control, chapter 4.
    Wiley.

    Examples
    --------
    >>> teams = ["noord"] * 6 + ["oost"] * 5 + ["zuid"] * 9
    >>> answers = [4] * 6 + [1, 2, 3, 2, 2] + [0, 1, 2, 3, 4, 3, 2, 1, 1]
    >>> frame = pd.DataFrame({"team": teams, "overleg": answers})
    >>> scores = Scores(frame=frame, bounds={"overleg": (0, 4)})
    >>> plan_release([scores]).values.tolist()
    [['noord', 'overleg'], ['oost', 'overleg']]
    """
    sides = [_Counts.of(table, min_n) for table in tables]
    teams, names = sides[0].teams, sides[0].names
    secret = np.logical_or.reduce([side.telling() for side in sides])
    if closed is not None:
        secret |= _marked(closed, teams, names)
    shut = secret.copy()
    parts = [
        [names.index(name) for name in (scale, *items)]
        for scale, items in (linked or {}).items()
    ]
    before = -1
    while before != (before := int(shut.sum())):
        for at, name in enumerate(names):
            for side, table in zip(sides, tables, strict=True):
                _close_more(shut[:, at], secret[:, at], side, at, table.bounds[name])
        for scale, *items in parts:
            ends = [tables[0].bounds[names[item]] for item in items]
            _close_linked(shut, secret, sides[0], scale, items, ends)
    rows, columns = np.nonzero(shut)
    return pd.DataFrame(
        {
            "group": [teams[row] for row in rows],
            "variable": [names[column] for column in columns],
        },
        dtype="str",
    )


def attack_interval(
    total: float, n: float, n_rest: float, bounds: tuple[float, float]
) -> tuple[float, float]:
    """Say what the sum of some groups tells about the mean of one of them.

    Parameters
    ----------
    total : float
        Sum of the scores of the group and the rest.
    n, n_rest : float
        Answers of the group and of the rest.
    bounds : tuple of float
        Lowest and highest score.

    Returns
    -------
    tuple of float
        Lowest and highest mean that the group can have.

    Examples
    --------
    >>> attack_interval(20, 5, 5, (0, 4))  # all but nothing is possible
    (0.0, 4.0)
    >>> attack_interval(39, 5, 5, (0, 4))  # one point is missing
    (3.8, 4.0)
    """
    low, high = bounds
    return (
        max(float(low), (total - n_rest * high) / n),
        min(float(high), (total - n_rest * low) / n),
    )


def needed_width(n: float) -> float:
    """Say how far a hidden mean of n answers must stay open, as a part of its range.

    Parameters
    ----------
    n : float
        Answers behind the mean.

    Returns
    -------
    float
        MIN_WIDTH, or more for few answers: the sum must stay open over
        ``1 + MIN_REST`` ranges of an answer, so that it is not known to be near
        an end of the scale. At most half the range: the answer of one person.

    Examples
    --------
    >>> needed_width(5), needed_width(20), needed_width(1)
    (0.26, 0.1, 0.5)
    """
    return max(MIN_WIDTH, min(0.5, (1 + MIN_REST) / n))


def tells_too_much(
    values: npt.NDArray[np.float64], bounds: Bounds, *, min_n: int = MIN_CELL_N
) -> bool:
    """Tell whether the sum of these answers says too much by itself.

    Parameters
    ----------
    values : array, shape (n_answers,)
        Answers of one group, without missing ones.
    bounds : tuple of float, optional
        Lowest and highest answer.
    min_n : int, default: MIN_CELL_N
        Fewest answers behind a mean.

    Returns
    -------
    bool
        As in `plan_release`: too few, all the same, or too near an end.

    Examples
    --------
    >>> tells_too_much(np.array([4.0, 4, 4, 4, 3, 3]), (0, 4))  # rest 2 - 1 = 1
    True
    >>> tells_too_much(np.array([4.0, 4, 4, 3, 3, 3]), (0, 4))
    False
    """
    if len(values) < min_n or not np.ptp(values) > _SAME:
        return True
    if bounds is None:
        return False
    low, high = bounds
    down, up = values - low, high - values
    rest = min(float(side.sum() - side.max()) for side in (down, up))
    return rest < (MIN_REST - _SAME) * (high - low)


def uneven_cells(
    scores: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    *,
    min_n: int = MIN_CELL_N,
) -> pd.DataFrame:
    """Find cells that a sum over nearly the same people would take apart.

    Parameters
    ----------
    scores : DataFrame, shape (n_respondents, 1 + n_variables)
        A column ``team`` and the variables; NaN where there is no score.
    pairs : sequence of (str, str)
        A variable that may be closed, and one that is made with it and stays:
        an item and its scale, a mark and the difference of two marks.
    min_n : int, default: MIN_CELL_N
        Fewest answers behind a mean.

    Returns
    -------
    DataFrame
        ``group, variable``: the first of a pair, in the teams where 1 to
        ``min_n - 1`` people have a score on one of both only. The sums of both
        would give the answers of those few.

    Examples
    --------
    >>> scores = pd.DataFrame(
    ...     {"team": ["noord"] * 6, "a": [1, 2, 3, 4, 0, None], "scale": [1] * 6}
    ... )
    >>> uneven_cells(scores, [("a", "scale")]).values.tolist()
    [['noord', 'a']]
    """
    found = []
    for first, second in dict.fromkeys(pairs):
        odd = scores[first].notna() != scores[second].notna()
        few = odd.groupby(scores["team"].astype("str")).sum()
        found += [(t, first) for t in few.index[(few > 0) & (few < min_n)]]
    return pd.DataFrame(found, columns=["group", "variable"], dtype="str")


@dataclass(frozen=True)
class _Counts:
    """Number, sum and range of the scores, per team (row) and variable."""

    teams: list[str]
    names: list[str]
    n: npt.NDArray[np.float64]
    total: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    rest: npt.NDArray[np.float64]  # to the nearer end, less the farthest answer
    min_n: int

    @classmethod
    def of(cls, table: Scores, min_n: int) -> "_Counts":
        scores = table.frame
        sizes = scores["team"].value_counts()
        teams = sorted(str(team) for team in sizes.index[sizes >= min_n])
        groups = scores.groupby("team", observed=True)
        n, total, low, high = (
            table.reindex(teams).astype(float).to_numpy()
            for table in (groups.count(), groups.sum(), groups.min(), groups.max())
        )
        names = [str(name) for name in scores.columns if name != "team"]
        rest = np.full(n.shape, np.inf)
        for at, name in enumerate(names):
            ends = table.bounds[name]
            if ends is not None:
                down = total[:, at] - n[:, at] * ends[0] - (high[:, at] - ends[0])
                up = n[:, at] * ends[1] - total[:, at] - (ends[1] - low[:, at])
                rest[:, at] = np.minimum(down, up) / (ends[1] - ends[0])
        return cls(teams, names, n, total, low, high, rest, min_n)

    def telling(self) -> npt.NDArray[np.bool_]:
        """Mark what tells too much by itself; what is unknown does."""
        same = ~(self.high - self.low > _SAME)
        return ~(self.n >= self.min_n) | same | ~(self.rest >= MIN_REST - _SAME)


def _close_more(
    shut: npt.NDArray[np.bool_],
    secret: npt.NDArray[np.bool_],
    side: _Counts,
    at: int,
    bounds: Bounds,
) -> None:
    """Close teams of one variable until their sum says little enough."""
    while secret.any() and not shut.all():
        if _openness(shut, secret, side, at, bounds) >= 1 - _SAME:
            return
        more = np.nonzero(~shut)[0]
        found = []
        for team in more[np.argsort(side.n[more, at], kind="stable")]:
            tried = shut.copy()
            tried[team] = True
            found.append((team, _openness(tried, secret, side, at, bounds)))
        good = [team for team, width in found if width >= 1 - _SAME]
        shut[good[0] if good else max(found, key=lambda each: each[1])[0]] = True


def _openness(
    shut: npt.NDArray[np.bool_],
    secret: npt.NDArray[np.bool_],
    side: _Counts,
    at: int,
    bounds: Bounds,
) -> float:
    """Say how far the secret means stay open, as a part of what is needed."""
    here = shut & (side.n[:, at] > 0)  # of nobody there is nothing to find
    if not (here & secret).any():
        return 1.0
    n, total = side.n[here, at].sum(), side.total[here, at].sum()
    spread = side.high[here, at].max() - side.low[here, at].min()
    if here.sum() < 2 or n < side.min_n or not spread > _SAME:
        return 0.0
    if bounds is None:
        return 1.0
    found = []
    for own in side.n[here & secret, at]:
        low, high = attack_interval(total, own, n - own, bounds)
        found.append((high - low) / (bounds[1] - bounds[0]) / needed_width(own))
    return float(min(found))


def _close_linked(
    shut: npt.NDArray[np.bool_],
    secret: npt.NDArray[np.bool_],
    side: _Counts,
    scale: int,
    items: Sequence[int],
    ends: Sequence[Bounds],
) -> None:
    """Close a scale and its items until neither gives the other away."""
    places = np.array(items, dtype=np.intp)
    while True:
        with_scale = shut[:, scale]
        shut[np.ix_(with_scale, places)] = True
        here = shut[:, places].any(axis=1)
        if not here.any():
            return
        beside = here & ~with_scale  # teams of which the scale stays
        some = [item for item in items if shut[beside, item].any()]
        if len(some) == 1 and len(items) > 1:  # one would be the rest of the others
            left = [item for item in items if item not in some]
            some.append(max(left, key=lambda item: int(shut[:, item].sum())))
        shut[np.ix_(beside, np.array(some, dtype=np.intp))] = True
        if _linked_openness(shut, secret, side, scale, items, ends) >= 1 - _SAME:
            return
        if not shut[np.ix_(beside, places)].all():
            shut[np.ix_(beside, places)] = True
        elif beside.any():
            shut[beside, scale] = True
        elif here.all():
            return
        else:
            more = np.flatnonzero(~here)
            shut[more[np.argmin(side.n[more, scale])], scale] = True


def _linked_openness(
    shut: npt.NDArray[np.bool_],
    secret: npt.NDArray[np.bool_],
    side: _Counts,
    scale: int,
    items: Sequence[int],
    ends: Sequence[Bounds],
) -> float:
    """Say how far a secret scale and its items stay open; see `_openness`."""
    places = np.array(items, dtype=np.intp)
    teams = np.flatnonzero(shut[:, places].any(axis=1))
    shown = ~shut[teams, scale]
    if not shown.any() and not secret[teams, scale].any():
        return 1.0  # the sums over the teams are all there is
    if shown.any() and len(items) == 1:
        return 0.0
    low, high = (
        np.array([np.nan if end is None else end[at] for end in ends]) for at in (0, 1)
    )
    if np.isnan(low).any():
        return 0.0 if shown.any() else 1.0
    at = np.ix_(teams, places)
    n, total, hidden = side.n[at], np.nan_to_num(side.total[at]), shut[at]
    cells = np.arange(n.size).reshape(n.shape)
    known = [*cells.T, *cells[shown]]
    sums = np.array([*total.sum(axis=0), *total[shown].sum(axis=1)])
    weights = np.zeros((len(known), cells.size))
    for row, members in enumerate(known):
        weights[row, members] = 1
    least = np.where(hidden, n * low, total).ravel()
    most = np.where(hidden, n * high, total).ravel()
    aims = [(n[i, j], cells[i, [j]]) for i, j in np.argwhere(secret[at] & (n > 0))]
    aims += [(n[i].mean(), cells[i]) for i in np.flatnonzero(secret[teams, scale])]
    found = [1.0]
    for size, own in aims:
        if not size > 0:
            continue
        aim = np.zeros(cells.size)
        aim[own] = 1 / size / len(own)
        ends_of = derived_interval(aim, weights, sums, least, most)
        width = (ends_of[1] - ends_of[0]) / (high - low).max()
        found.append(width / needed_width(size))
    return float(np.nan_to_num(min(found)))


def _marked(
    closed: pd.DataFrame, teams: list[str], names: list[str]
) -> npt.NDArray[np.bool_]:
    shut = np.zeros((len(teams), len(names)), dtype=bool)
    for team, name in zip(closed["group"], closed["variable"], strict=True):
        if team in teams and name in names:
            shut[teams.index(team), names.index(name)] = True
    return shut
