"""Which results of teams may be shown, over all pages of a wave together.

A table alone does not tell. The page of each team shows the team and the other
teams, so whoever lays two pages side by side knows the total, and with all
pages the sum of the teams that are hidden: a single hidden team is that sum.
The plan is made from all answers at once and is the same on every page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib.disclosure import MIN_CELL_N

Bounds = tuple[float, float] | None

#: What must stay open about a hidden mean, as a part of its range. For a team of
#: six and answers from 0 to 4 that is three possible totals at least.
MIN_WIDTH = 0.1
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


def plan_release(
    tables: Sequence[Scores],
    *,
    linked: Mapping[str, Sequence[str]] | None = None,
    closed: pd.DataFrame | None = None,
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

    Returns
    -------
    DataFrame
        ``group, variable``: a row per closed cell, for teams only. Teams with
        fewer than MIN_CELL_N respondents have no page and are not in it.

    Notes
    -----
    Closed are cells with fewer than MIN_CELL_N answers and cells in which
    everybody gave the same answer. The closed teams of a variable together
    can be worked out (total less the open teams), so they must be two or more,
    not all of one answer, and must leave each of those means open over at
    least MIN_WIDTH of its range: the best that can be derived from a sum is
    ``(sum - n_rest * high) / n`` to ``(sum - n_rest * low) / n``. As long as
    that fails, another team is closed too: the one with the fewest answers
    that makes it good, or else the one that comes nearest.

    A scale is closed where one of its items is, which would be the rest of the
    others; and all items where everybody has the same score on their scale.

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
    sides = [_Counts.of(table.frame) for table in tables]
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
            shut[:, scale] |= shut[:, items].any(axis=1)
            shut[:, items] |= secret[:, [scale]]
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


@dataclass(frozen=True)
class _Counts:
    """Number, sum and range of the scores, per team (row) and variable."""

    teams: list[str]
    names: list[str]
    n: npt.NDArray[np.float64]
    total: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]

    @classmethod
    def of(cls, scores: pd.DataFrame) -> "_Counts":
        sizes = scores["team"].value_counts()
        teams = sorted(str(team) for team in sizes.index[sizes >= MIN_CELL_N])
        groups = scores.groupby("team", observed=True)
        n, total, low, high = (
            table.reindex(teams).astype(float).to_numpy()
            for table in (groups.count(), groups.sum(), groups.min(), groups.max())
        )
        names = [str(name) for name in scores.columns if name != "team"]
        return cls(teams, names, n, total, low, high)

    def telling(self) -> npt.NDArray[np.bool_]:
        """Mark what tells too much by itself; what is unknown does."""
        return ~(self.n >= MIN_CELL_N) | ~(self.high - self.low > _SAME)


def _close_more(
    shut: npt.NDArray[np.bool_],
    secret: npt.NDArray[np.bool_],
    side: _Counts,
    at: int,
    bounds: Bounds,
) -> None:
    """Close teams of one variable until their sum says little enough."""
    while secret.any() and not shut.all():
        if _openness(shut, secret, side, at, bounds) >= MIN_WIDTH - _SAME:
            return
        more = np.nonzero(~shut)[0]
        found = []
        for team in more[np.argsort(side.n[more, at], kind="stable")]:
            tried = shut.copy()
            tried[team] = True
            found.append((team, _openness(tried, secret, side, at, bounds)))
        good = [team for team, width in found if width >= MIN_WIDTH - _SAME]
        shut[good[0] if good else max(found, key=lambda each: each[1])[0]] = True


def _openness(
    shut: npt.NDArray[np.bool_],
    secret: npt.NDArray[np.bool_],
    side: _Counts,
    at: int,
    bounds: Bounds,
) -> float:
    """Say how far the secret means stay open, as a part of the range."""
    here = shut & (side.n[:, at] > 0)  # of nobody there is nothing to find
    if not (here & secret).any():
        return 1.0
    n, total = side.n[here, at].sum(), side.total[here, at].sum()
    spread = side.high[here, at].max() - side.low[here, at].min()
    if here.sum() < 2 or n < MIN_CELL_N or not spread > _SAME:
        return 0.0
    if bounds is None:
        return 1.0
    intervals = [
        attack_interval(total, own, n - own, bounds)
        for own in side.n[here & secret, at]
    ]
    return min(high - low for low, high in intervals) / (bounds[1] - bounds[0])


def _marked(
    closed: pd.DataFrame, teams: list[str], names: list[str]
) -> npt.NDArray[np.bool_]:
    shut = np.zeros((len(teams), len(names)), dtype=bool)
    for team, name in zip(closed["group"], closed["variable"], strict=True):
        if team in teams and name in names:
            shut[teams.index(team), names.index(name)] = True
    return shut
