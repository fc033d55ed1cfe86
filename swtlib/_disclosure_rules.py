"""The rules behind :mod:`swtlib.disclosure`: which cells are hidden, and why.

A *cell* is what is shown or hidden as one: a group and a variable, with all
its answers in a distribution. A *unit* is the set of cells side by side: every
group of one variable.
"""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib.errors import DisclosureError
from swtlib.groups import ALL, OTHERS, Bools, Layout

Kind = Literal["mean", "distribution", "comparison", "count", "public"]

#: Fewest answers behind any figure that is shown. May be raised, never lowered.
MIN_CELL_N = 5
#: Fewest answers behind a distribution: in a small team a bar is a person.
MIN_DISTRIBUTION_N = 20

#: Columns that say what a row is about; they stay when a row is hidden.
KEY_COLUMNS = (
    *("year", "wave", "group", "team", "variable", "item", "scale", "baken"),
    *("answer", "answer_label", "category", "theme", "competence", "statement"),
    *("split", "test", "correction", "label", "figure", "source"),
)
UNIT_COLUMNS = (
    *("year", "wave", "variable", "competence", "statement"),
    *("split", "test", "correction"),
)
# A scale stands beside its items within these; a statement only names a variable.
_BESIDE_LINKED = ("year", "wave", "split", "group")
_ANSWERS = ("answer", "category", "theme")
PROTECTION = ("suppressed", "reason")

Column: TypeAlias = "pd.Series[Any] | npt.NDArray[np.float64]"

# Columns of a table of means that tell a spread.
_LIMIT = re.compile(r"_(low|high)(_|$)")
_OF_SPREAD = ("effect", "t", "p_value", "q_value", "p_holm")

_SAME = 1e-9  # a spread below this is rounding in the sum, not a difference


def reason_few(min_n: int) -> str:
    """Word the reason why a cell is hidden, the same for every cell.

    One text on purpose: who reads that everybody gave the same answer knows
    everybody's answer, and so does who can tell the cells hidden for that from
    the cells hidden to protect them.

    Parameters
    ----------
    min_n : int
        The limit that was used.

    Returns
    -------
    str
        Dutch text for under a table or figure.

    Examples
    --------
    >>> reason_few(5)
    'minder dan 5 antwoorden, of anders te herkennen'
    """
    return f"minder dan {min_n} antwoorden, of anders te herkennen"


def find_limit(kind: Kind, min_n: int | None) -> int:
    """Give the limit that holds, and refuse one that is too low."""
    lowest = MIN_DISTRIBUTION_N if kind == "distribution" else MIN_CELL_N
    if min_n is None:
        return lowest
    if isinstance(min_n, bool) or not isinstance(min_n, int) or min_n < lowest:
        raise DisclosureError(
            f"min_n is {min_n!r}; it may be raised above {lowest}, never lowered."
        )
    return min_n


def _counts(frame: pd.DataFrame, kind: Kind) -> list[str]:
    if kind != "comparison":
        return ["n"]
    return [
        name
        for name in frame.columns
        if str(name).startswith("n_") and not str(name).startswith("n_population")
    ]


def _spreads(frame: pd.DataFrame) -> list[str]:
    return [
        name for name in frame.columns if name == "sd" or str(name).startswith("sd_")
    ]


def check_columns(frame: pd.DataFrame, kind: Kind) -> None:
    """Refuse a table that lacks what the rules need, or holds too much."""
    columns = set(frame.columns)
    taken = columns & set(PROTECTION)
    if taken:
        raise DisclosureError(
            f"the table has a column '{min(taken)}' already; protect it once, "
            "with all rows that are shown together."
        )
    if columns & {"respondent_id", "person"}:
        raise DisclosureError("the table holds respondents; only results are shown.")
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise DisclosureError(f"the table has two columns '{twice}'; drop one.")
    if kind == "public":
        found = columns & {"sd", "ci_low", "ci_high"}
        if found:
            raise DisclosureError(
                f"a table with '{min(found)}' was made from answers; it is not public."
            )
        return
    answers = [name for name in _ANSWERS if name in columns]
    if kind == "distribution":
        missing = {"group", "variable", "n"} - columns
        if not answers:
            missing.add("answer")
        if not columns & {"count", "share"}:
            missing.add("count")
    else:
        missing = {"group", "variable", "n"} if kind == "mean" else {"n"}
        if kind == "comparison":
            missing = set() if len(_counts(frame, kind)) >= 2 else {"n_low", "n_high"}
        missing -= columns
        if kind == "mean" and not _spreads(frame):
            missing.add("sd")
        if answers:
            raise DisclosureError(
                f"a table with '{answers[0]}' counts respondents per answer; "
                "protect it as kind='distribution'."
            )
    if missing:
        raise DisclosureError(
            f"a table of kind '{kind}' needs the column "
            f"{', '.join(repr(name) for name in sorted(missing))}; "
            f"it has: {', '.join(map(str, frame.columns))}."
        )
    shares = [name for name in ("count", "share") if name in columns]
    for name in [*_counts(frame, kind), *_spreads(frame), *shares]:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise DisclosureError(f"the column '{name}' does not hold numbers.")


def with_plain_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Write every missing number as NaN.

    The rules are comparisons that hold only for a number that is there, so that
    what is unknown is hidden. pandas' own missing value would be neither true
    nor false, and slip through.
    """
    plain = frame.reset_index(drop=True)
    for name, column in plain.items():
        if name not in KEY_COLUMNS and pd.api.types.is_extension_array_dtype(column):
            if pd.api.types.is_bool_dtype(column):
                continue
            if pd.api.types.is_numeric_dtype(column):
                plain[name] = column.to_numpy(dtype=float, na_value=np.nan)
    return plain


def reasons(
    frame: pd.DataFrame,
    *,
    kind: Kind,
    layout: Layout | None,
    limit: int,
    linked: Mapping[str, Sequence[str]],
    elsewhere: Sequence[pd.DataFrame],
) -> "pd.Series[str]":
    """Give each row the reason why it is hidden, or an empty text.

    Parameters
    ----------
    frame : DataFrame
        Checked by :func:`check_columns`, with a RangeIndex.
    kind, layout, limit
        As found by :func:`find_limit` and :func:`find_layout`.
    linked : mapping of str to sequence of str
        Scale to its items.
    elsewhere : sequence of DataFrame
        Cells that are hidden in other tables.

    Returns
    -------
    Series of str
        Dutch reasons, one per row.

    Raises
    ------
    DisclosureError
        If a cell occurs twice, or a group lacks a variable.
    """
    cells = _cells_of(frame, kind, limit)
    cells.hidden |= _hidden_elsewhere(cells, elsewhere)
    before = -1
    while before != (before := int(cells.hidden.sum())):
        _hide_siblings(cells, layout=layout, kind=kind, limit=limit)
        _hide_linked(cells, linked)
    told = np.where(cells.hidden, reason_few(limit), "")[cells.number]
    return pd.Series(told, index=frame.index, dtype="str")


def empty_small_spreads(columns: dict[Hashable, Any], n: "pd.Series[float]") -> None:
    """Empty, in place, what tells how far few answers lie apart.

    Parameters
    ----------
    columns : dict of str to column
        Those of a table of means, with hidden rows empty.
    n : Series
        The answers behind each row, of hidden rows too.

    Notes
    -----
    An interval made with the spread of six answers tells that spread. One made
    with a spread pooled over many people tells nothing of the six; ``df`` is how
    a table says so, because with an own spread it would be n - 1; of two spreads
    (``df_before, df_after``) both must be.
    """
    small = ~(n.to_numpy(dtype=float) >= MIN_DISTRIBUTION_N)
    if not small.any():
        return
    degrees = [
        np.asarray(column, dtype=float) >= MIN_DISTRIBUTION_N
        for name, column in columns.items()
        if name == "df" or str(name).startswith("df_")
    ]
    own = small & ~np.logical_and.reduce(degrees) if degrees else small
    for key, column in columns.items():
        name = str(key)
        if name == "sd" or name.startswith("sd_"):
            # In every row: the sum of squares of one group follows from others.
            columns[key] = np.full(len(small), np.nan)
        elif _LIMIT.search(name) or name in _OF_SPREAD:
            columns[key] = emptied(pd.Series(column), own)
        elif name.startswith("interval") or name.endswith("_interval"):
            kinds = pd.Series(column)
            there = kinds.notna() & (kinds != "telling")
            columns[key] = kinds.mask(own & there, "geen")


def emptied(column: "pd.Series[Any]", rows: Bools) -> "Column":
    """Give a column with some rows empty; numbers become floats."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype("boolean").mask(rows)
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        return np.where(rows, np.nan, numbers)
    return column.mask(rows) if rows.any() else column


def find_layout(frame: pd.DataFrame, kind: Kind) -> Layout | None:
    """Read the layout from the groups, and refuse an unknown one."""
    if "group" not in frame.columns:
        return None
    if frame["group"].isna().any():
        raise DisclosureError("the table has a row without a group.")
    groups = [str(group) for group in frame["group"].unique()]
    teams = [group for group in groups if group not in (ALL, OTHERS)]
    if not len(frame) or groups == [ALL]:
        return "total"
    if kind != "comparison":
        if len(groups) == 2 and OTHERS in groups and len(teams) == 1:
            return "team"
        if OTHERS not in groups and ALL in groups:
            return "teams"
    raise DisclosureError(
        f"groups {', '.join(groups)} have no known layout for kind '{kind}': 'alle' "
        "alone, one team with 'andere', or teams with 'alle' (not for a comparison)."
    )


@dataclass
class _Cells:
    """The cells of a table, in the order in which they first occur.

    ``number`` is the cell of each row. The rest has one value per cell: what it is
    about, its answers, the unit that it stands in, and whether it is hidden.
    """

    number: npt.NDArray[np.intp]
    keys: dict[str, list[Any]]
    n: npt.NDArray[np.float64]
    unit: npt.NDArray[np.intp]
    hidden: Bools

    @property
    def total(self) -> Bools:
        """Which cells are those of everybody."""
        return np.array([name == ALL for name in self.keys["group"]], dtype=bool)


def _cells_of(frame: pd.DataFrame, kind: Kind, limit: int) -> _Cells:
    """Say of which cell each row is, and what hides a cell by itself."""
    units = [name for name in UNIT_COLUMNS if name in frame.columns]
    by = [*units, *(["group"] if "group" in frame.columns else [])]
    keys = {name: _plain(frame[name]) for name in by}
    number = _numbered(list(zip(*keys.values(), strict=True))) if by else None
    if number is None:
        number = np.arange(len(frame))
    _check_rows(frame, number, kind, by)
    _, first = np.unique(number, return_index=True)
    counts = frame[_counts(frame, kind)].to_numpy(dtype=float)
    n = counts.min(axis=1)[first]  # NaN where one of them is not known
    same = np.zeros(len(first), dtype=bool)
    same[number[_all_same(frame, kind)]] = True
    large = n >= MIN_DISTRIBUTION_N
    keys = {name: [values[row] for row in first] for name, values in keys.items()}
    unit = np.zeros(len(first), dtype=np.intp)
    if "group" in keys:
        whole = [name in (ALL, OTHERS) for name in keys["group"]]
        large &= np.array(whole, dtype=bool)
        unit = _units(keys, units)
    return _Cells(number, keys, n, unit, ~(n >= limit) | (same & ~large))


def _plain(column: "pd.Series[Any]") -> list[Any]:
    """List the values of a column, with None for each that is missing."""
    missing = column.isna().to_numpy(dtype=bool)
    values = column.to_numpy(dtype=object)
    if missing.any():
        values = values.copy()
        values[missing] = None
    return list(values)


def _numbered(values: Iterable[Hashable]) -> npt.NDArray[np.intp]:
    """Give each value a number, in the order in which they first occur."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(v, len(known)) for v in values], dtype=np.intp)


def _check_rows(
    frame: pd.DataFrame, number: npt.NDArray[np.intp], kind: Kind, by: Sequence[str]
) -> None:
    """Refuse a cell that occurs twice."""
    rows = [number.tolist()]
    if kind == "distribution":
        counted = set(zip(*rows, _plain(frame["n"]), strict=True))
        if len(counted) > len(set(rows[0])):
            raise DisclosureError("a group and variable has more than one n.")
        rows += [_plain(frame[name]) for name in _ANSWERS if name in frame.columns]
    if len(set(zip(*rows, strict=True))) < len(frame):
        raise DisclosureError(
            f"the table has two rows for one {' and '.join(by)}; tell them apart "
            f"by one of: {', '.join(UNIT_COLUMNS)}."
        )


def _units(
    keys: Mapping[str, Sequence[Any]], units: Sequence[str]
) -> npt.NDArray[np.intp]:
    """Give the groups that stand side by side one number."""
    groups = keys["group"]
    if not units:
        return np.zeros(len(groups), dtype=np.intp)
    unit = _numbered(zip(*(keys[name] for name in units), strict=True))
    periods = [keys[name] for name in ("year", "wave") if name in units]
    period = _numbered(zip(*periods, strict=True)) if periods else np.zeros_like(unit)
    pairs = set(zip(period.tolist(), groups, strict=True))
    known = np.bincount([at for at, _ in pairs], minlength=1)[period]
    if (np.bincount(unit, minlength=1)[unit] != known).any():
        raise DisclosureError("not every group has a row for every variable.")
    return unit


def _all_same(frame: pd.DataFrame, kind: Kind) -> Bools:
    """Mark rows that tell that everybody gave one answer, or may do so."""
    same = np.zeros(len(frame), dtype=bool)
    if kind != "distribution":
        for name in _spreads(frame):
            same |= ~(frame[name].to_numpy(float) > _SAME)  # unknown hides as well
        return same
    if "share" in frame.columns:
        same |= ~(frame["share"].to_numpy(float) < 1 - _SAME)
    if "count" in frame.columns:
        same |= ~(frame["count"].to_numpy(float) < frame["n"].to_numpy(float))
    return same


def _hidden_elsewhere(cells: _Cells, elsewhere: Iterable[pd.DataFrame]) -> Bools:
    found = np.zeros(len(cells.n), dtype=bool)
    for hidden in elsewhere:
        by = [str(name) for name in hidden.columns if name != "reason"]
        if not set(by) <= set(cells.keys):
            raise DisclosureError(
                f"together_with compares {', '.join(by)}; this table lacks one."
            )
        there = set(zip(*(_plain(hidden[name]) for name in by), strict=True))
        own = zip(*(cells.keys[name] for name in by), strict=True)
        found |= np.fromiter((key in there for key in own), dtype=bool)
    return found


def _hide_siblings(
    cells: _Cells, *, layout: Layout | None, kind: Kind, limit: int
) -> None:
    """Hide what gives a hidden group away within one variable."""
    if layout not in ("team", "teams") or not len(cells.n):
        return
    size = int(cells.unit.max()) + 1
    touched = np.bincount(cells.unit[cells.hidden], minlength=size) > 0
    if layout == "teams" and kind == "distribution":
        touched &= ~_rest_is_large(cells, size, limit)
    beside = touched[cells.unit]
    cells.hidden |= beside & cells.total if layout == "teams" else beside


def _rest_is_large(cells: _Cells, size: int, limit: int) -> Bools:
    """Tell of each unit whether its hidden teams are a group that may be shown."""
    unit, n = cells.unit[cells.hidden], cells.n[cells.hidden]
    small = n < limit
    odd = np.bincount(unit, cells.total[cells.hidden] | ~small, minlength=size) > 0
    teams = np.bincount(unit, minlength=size)
    together = np.bincount(unit, np.where(small, n, 0), minlength=size)
    large: Bools = ~odd & (teams >= 2) & (together >= limit)
    return large


def _hide_linked(cells: _Cells, linked: Mapping[str, Sequence[str]]) -> None:
    """Hide a scale that gives away its one hidden item, and the other way."""
    if not linked or "variable" not in cells.keys:
        return
    about = [cells.keys[name] for name in _BESIDE_LINKED if name in cells.keys]
    groups: dict[Hashable, dict[Any, list[int]]] = {}
    for at, (name, *of) in enumerate(zip(cells.keys["variable"], *about, strict=True)):
        groups.setdefault(tuple(of), {}).setdefault(name, []).append(at)
    for place in groups.values():
        for scale, items in linked.items():
            parts = [at for name in (scale, *items) for at in place.get(name, ())]
            open_ = [at for at in parts if not cells.hidden[at]]
            if scale in place and len(open_) == len(parts) - 1 and open_:
                cells.hidden[open_[0]] = True  # the scale, or its first item
