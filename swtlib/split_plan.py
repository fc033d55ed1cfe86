"""Which results of subgroups may be shown beside those of teams and of everybody.

A wave is cut in several ways: by team, by municipality, by function, by a high or
a low grade. Every cut has the same total, so the smallest group of a cut is that
total less the others; two cuts together can give a group that neither of them
shows. The plan is made over all cuts that are released together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from swtlib._release_attack import derivable, derived_interval
from swtlib.disclosure import MIN_CELL_N
from swtlib.errors import ParameterError
from swtlib.groups import Bools, Floats
from swtlib.release_plan import Bounds, Scores, needed_width, tells_too_much

_SAME = 1e-9  # below this it is rounding, not a difference


def plan_splits(
    scores: Scores,
    splits: pd.DataFrame,
    *,
    linked: Mapping[str, Sequence[str]] | None = None,
    closed: pd.DataFrame | None = None,
    fixed: Sequence[str] = (),
    min_n: int = MIN_CELL_N,
) -> pd.DataFrame:
    """Find the groups that no table may show, over all splits together.

    Parameters
    ----------
    scores : Scores
        Scores of all respondents that count in the total, which is shown.
    splits : DataFrame, shape (n_respondents, n_splits)
        One column per split with the group of each respondent, with the index
        of the scores; NaN where it is not known. The teams are a split as well,
        and so are their parents (a municipality) and their parts (functions
        within a team, as ``"elburg / jeugd"``). The column ``team`` of the
        scores is added if it is not in it.
    linked : mapping of str to sequence of str, optional
        Scale to its items: a group has all of them or none.
    closed : DataFrame, optional
        Cells of teams (``group, variable``) that another plan has closed, from
        :func:`swtlib.release_plan.plan_release`.
    fixed : sequence of str
        Splits that are on pages already, such as ``"team"``: what is open there
        stays open, so that the others are closed instead.
    min_n : int, default: MIN_CELL_N
        Fewest answers behind a mean.

    Returns
    -------
    DataFrame
        ``split, group, variable``: a row per closed cell. Hand
        ``group, variable`` of one split to `disclosure.protect` as ``closed``.

    Raises
    ------
    ParameterError
        If the splits are not of the respondents of the scores.

    Notes
    -----
    Closed by itself is a group with fewer than ``min_n`` answers, or whose sum
    tells too much (`release_plan.tells_too_much`). Respondents whose group is not
    known are a group that is never shown; when they are few, the others may not
    give them away either.

    Then an attacker tries the rest. All people with the same groups in every
    split are one unknown sum; every shown group and the total are known sums of
    them. A closed group must stay open as far as `release_plan.needed_width`
    says (linear programming), and no sum over fewer than ``min_n`` people may
    follow exactly: not one unknown sum, and not a shown group less another that
    lies in it. As long as that fails, one more group is closed: of the groups
    that make it good the one with the fewest answers, or else the one that comes
    nearest.

    Examples
    --------
    >>> answers = [4, 3, 1, 0, 2, 3, 1, 2, 4, 0, 3, 1]
    >>> frame = pd.DataFrame({"team": ["noord"] * 6 + ["oost"] * 6, "overleg": answers})
    >>> scores = Scores(frame=frame, bounds={"overleg": (0, 4)})
    >>> functie = pd.DataFrame({"functie": ["jeugd"] * 9 + ["wmo"] * 3})
    >>> plan_splits(scores, functie).values.tolist()
    [['functie', 'jeugd', 'overleg'], ['functie', 'wmo', 'overleg']]
    """
    frame = scores.frame
    if not splits.index.equals(frame.index):
        raise ParameterError("the splits are not of the respondents of the scores.")
    cuts = splits if "team" in splits else splits.assign(team=frame["team"])
    names = [str(name) for name in frame.columns if name != "team"]
    shut: dict[str, set[tuple[str, str]]] = {name: set() for name in names}
    if closed is not None:
        for group, name in zip(closed["group"], closed["variable"], strict=True):
            if name in shut:
                shut[name].add(("team", str(group)))
    found: dict[str, set[tuple[str, str]]] = {name: set() for name in names}
    before = -1
    while before != (before := sum(map(len, found.values()))):
        for name in names:
            cells = _Cells.of(frame[name], cuts, scores.bounds[name], min_n)
            found[name] |= _close(cells, shut[name] | found[name], fixed, min_n)
        for scale, items in (linked or {}).items():
            parts = [name for name in (scale, *items) if name in found]
            together = set().union(*(found[name] for name in parts))
            for name in parts:
                found[name] |= {key for key in together if key[0] not in fixed}
    rows = [
        (split, group, name)
        for name in names
        for split, group in sorted(found[name])
        if (cuts[split].astype("str") == group).any()
    ]
    order = {str(split): at for at, split in enumerate(cuts.columns)}
    rows.sort(key=lambda row: (order[row[0]], names.index(row[2])))
    return pd.DataFrame(rows, columns=["split", "group", "variable"], dtype="str")


@dataclass(frozen=True)
class _Cells:
    """The groups of all splits on one variable, made of the same unknown sums.

    ``parts`` has a row per group and a column per unknown sum; ``n`` and
    ``total`` are of those sums. ``own`` marks groups that tell too much by
    themselves, ``never`` the people whose group is not known.
    """

    keys: list[tuple[str, str]]
    parts: Bools
    n: Floats
    total: Floats
    own: Bools
    never: Bools
    bounds: Bounds

    @classmethod
    def of(
        cls,
        scores: "pd.Series[float]",
        cuts: pd.DataFrame,
        bounds: Bounds,
        min_n: int,
    ) -> "_Cells":
        answered = scores.notna()
        values = np.asarray(scores[answered], dtype=np.float64)
        labels = cuts[answered]
        unknown = labels.isna()
        labels = labels.astype("object").where(~unknown, None)
        pattern = labels.groupby(
            list(labels.columns), dropna=False, sort=False, observed=True
        ).ngroup()
        codes = pattern.to_numpy(dtype=int)
        size = codes.max() + 1 if len(codes) else 0
        n = np.bincount(codes, minlength=size).astype(np.float64)
        total = np.bincount(codes, weights=values, minlength=size).astype(np.float64)
        keys, parts, own, never = [], [], [], []
        for split in labels.columns:
            column = labels[split]
            groups = [*dict.fromkeys(column.dropna()), None]
            for group in groups:
                rows = (column.isna() if group is None else column == group).to_numpy()
                if not rows.any():
                    continue
                inside = np.zeros(size, dtype=bool)
                inside[codes[rows]] = True
                keys.append((str(split), "" if group is None else str(group)))
                parts.append(inside)
                own.append(
                    (group is not None or rows.sum() < min_n)
                    and tells_too_much(values[rows], bounds, min_n=min_n)
                )
                never.append(group is None)
        return cls(
            keys,
            np.array(parts, dtype=bool).reshape(len(keys), size),
            n,
            total,
            np.array(own, dtype=bool),
            np.array(never, dtype=bool),
            bounds,
        )


def _close(
    cells: _Cells, already: set[tuple[str, str]], fixed: Sequence[str], min_n: int
) -> set[tuple[str, str]]:
    """Close groups of one variable until the attacker finds nothing."""
    shut = cells.own | cells.never | np.array([k in already for k in cells.keys], bool)
    size = cells.parts @ cells.n
    while not shut.all():
        aim = _fault(cells, shut, min_n)
        if aim is None:
            break
        siblings = {
            key[0]
            for key, row in zip(cells.keys, cells.parts, strict=True)
            if np.array_equal(row, aim)
        }
        touched = (cells.parts @ aim.astype(float)) > 0
        order = sorted(
            (int(at) for at in np.flatnonzero(~shut) if cells.keys[at][0] not in fixed),
            key=lambda at: (
                cells.keys[at][0] not in siblings and not touched[at],
                size[at],
            ),
        )
        if not order:
            break
        best, nearest = order[0], -np.inf
        for at in order:
            tried = shut.copy()
            tried[at] = True
            width = _openness(cells, tried, aim)
            if width >= 1 - _SAME:
                best = at
                break
            if width > nearest:
                best, nearest = at, width
        shut[best] = True
    return {cells.keys[at] for at in np.flatnonzero(shut)}


def _fault(cells: _Cells, shut: Bools, min_n: int) -> Bools | None:
    """Give the people of whom too much follows from the open groups, if any."""
    targets = [cells.parts[at] for at in np.flatnonzero(cells.own)]
    widths = [_openness(cells, shut, aim) for aim in targets]
    if widths and min(widths) < 1 - _SAME:
        return cast(Bools, targets[int(np.argmin(widths))])
    few = _small_groups(cells, shut, min_n)
    follows = derivable(few.astype(float), _known(cells, shut))
    return cast(Bools, few[int(np.argmax(follows))]) if follows.any() else None


def _small_groups(cells: _Cells, shut: Bools, min_n: int) -> Bools:
    """List groups under the limit that nobody shows but that may follow."""
    alone = np.eye(len(cells.n), dtype=bool)
    found = [alone[at] for at in np.flatnonzero(cells.n < min_n)]
    shown = [*cells.parts[~shut], np.ones(len(cells.n), dtype=bool)]
    for one in shown:
        for other in shown:
            rest = one & ~other
            if rest.any() and not (other & ~one).any() and cells.n[rest].sum() < min_n:
                found.append(rest)
    return np.array(found, dtype=bool).reshape(len(found), len(cells.n))


def _known(cells: _Cells, shut: Bools) -> Floats:
    everybody = np.ones((1, len(cells.n)))
    return np.vstack([everybody, cells.parts[~shut].astype(float)])


def _openness(cells: _Cells, shut: Bools, aim: Bools) -> float:
    """Say how far the mean of a group stays open, as a part of what is needed."""
    known = _known(cells, shut)
    if derivable(aim[None].astype(float), known)[0]:
        return 0.0
    if cells.bounds is None:
        return 1.0
    least, most = cells.bounds
    n = cells.n[aim].sum()
    low, high = derived_interval(
        aim / n, known, known @ cells.total, cells.n * least, cells.n * most
    )
    width = np.nan_to_num(high - low) / (most - least)
    return float(width / needed_width(n))
