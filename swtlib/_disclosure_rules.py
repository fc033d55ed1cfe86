"""The rules behind :mod:`swtlib.disclosure`: which cells are hidden, and why.

A *cell* is what is shown or hidden as one: a group and a variable, with all
its answers in a distribution. A *unit* is the set of cells side by side: every
group of one variable.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from swtlib.errors import DisclosureError
from swtlib.groups import ALL, OTHERS, Layout

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
_ANSWERS = ("answer", "category", "theme")
PROTECTION = ("suppressed", "reason")

# Marks a cell that is hidden because others would give it away; readers see one
# reason for all hidden cells, because the kind of reason is telling by itself.
_DERIVED = "derived"

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
    number, cells = _cells(frame, kind, limit)
    cells.loc[_hidden_elsewhere(cells, elsewhere), "reason"] = _DERIVED
    cells.loc[cells["own"], "reason"] = reason_few(limit)
    before = -1
    while before != (before := int((cells["reason"] != "").sum())):
        _hide_siblings(cells, layout=layout, kind=kind, limit=limit)
        _hide_linked(cells, linked)
    told = cells["reason"].mask(cells["reason"] != "", reason_few(limit))
    return number.map(told).astype("str")


def empty_small_spreads(shown: pd.DataFrame, n: "pd.Series[float]") -> None:
    """Empty, in place, what tells how far few answers lie apart.

    Parameters
    ----------
    shown : DataFrame
        A table of means.
    n : Series
        The answers behind each row, of hidden rows too.

    Notes
    -----
    An interval made with the spread of six answers tells that spread. One made
    with a spread pooled over many people tells nothing of the six; ``df`` is how
    a table says so, because with an own spread it would be n - 1; of two spreads
    (``df_before, df_after``) both must be.
    """
    small = ~(n >= MIN_DISTRIBUTION_N)
    if not small.any():
        return
    own = small
    columns = [str(name) for name in shown.columns]
    degrees = [name for name in columns if name == "df" or name.startswith("df_")]
    if degrees:
        own = small & ~(shown[degrees] >= MIN_DISTRIBUTION_N).all(axis=1)
    for name in columns:
        if name == "sd" or name.startswith("sd_"):
            # In every row: the sum of squares of one group follows from others.
            shown[name] = np.nan
        elif _LIMIT.search(name) or name in _OF_SPREAD:
            shown[name] = shown[name].mask(own)
        elif name.startswith("interval") or name.endswith("_interval"):
            there = shown[name].notna() & (shown[name] != "telling")
            shown[name] = shown[name].mask(own & there, "geen")


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


def _cells(
    frame: pd.DataFrame, kind: Kind, limit: int
) -> tuple["pd.Series[int]", pd.DataFrame]:
    """Give each row the number of its cell, and list the cells."""
    units = [name for name in UNIT_COLUMNS if name in frame.columns]
    by = [*units, *(["group"] if "group" in frame.columns else [])]
    number = pd.Series(np.arange(len(frame)), index=frame.index)
    if by:
        number = frame.groupby(by, dropna=False, sort=False).ngroup()
    rows = pd.DataFrame({"cell": number})
    if kind == "distribution":
        pairs = pd.DataFrame({"cell": number, "n": frame["n"]}).drop_duplicates()
        if pairs["cell"].duplicated().any():
            raise DisclosureError("a group and variable has more than one n.")
        rows = rows.join(frame[[name for name in _ANSWERS if name in frame.columns]])
    if rows.duplicated().any():
        raise DisclosureError(
            f"the table has two rows for one {' and '.join(by)}; tell them apart "
            f"by one of: {', '.join(UNIT_COLUMNS)}."
        )
    least = frame[_counts(frame, kind)].min(axis=1, skipna=False).astype(float)
    cells = frame[by].groupby(number).first()
    cells["n"] = least.groupby(number).first()
    same = _all_same(frame, kind).groupby(number).any()
    large = cells["n"] >= MIN_DISTRIBUTION_N
    if "group" in cells.columns:
        large &= cells["group"].isin([ALL, OTHERS])
        cells["unit"] = _units(cells, units)
    cells["own"] = ~(cells["n"] >= limit) | (same & ~large)
    cells["reason"] = pd.Series("", index=cells.index, dtype="str")
    return number, cells


def _units(cells: pd.DataFrame, units: list[str]) -> "pd.Series[int]":
    """Give the groups that stand side by side one number."""
    if not units:
        return pd.Series(0, index=cells.index)
    period = [name for name in ("year", "wave") if name in units]
    sizes = cells.groupby(units, dropna=False)["group"].transform("size")
    if period:
        known = cells.groupby(period, dropna=False)["group"].transform("nunique")
    else:
        known = pd.Series(cells["group"].nunique(), index=cells.index)
    if (sizes != known).any():
        raise DisclosureError("not every group has a row for every variable.")
    return cells.groupby(units, dropna=False, sort=False).ngroup()


def _all_same(frame: pd.DataFrame, kind: Kind) -> "pd.Series[bool]":
    """Mark rows that tell that everybody gave one answer, or may do so."""
    same = pd.Series(False, index=frame.index)
    if kind != "distribution":
        for name in _spreads(frame):
            same |= ~(frame[name] > _SAME)  # an unknown spread hides as well
        return same
    if "share" in frame.columns:
        same |= ~(frame["share"] < 1 - _SAME)
    if "count" in frame.columns:
        same |= ~(frame["count"] < frame["n"])
    return same


def _hidden_elsewhere(
    cells: pd.DataFrame, elsewhere: Iterable[pd.DataFrame]
) -> "pd.Series[bool]":
    found = pd.Series(False, index=cells.index)
    for hidden in elsewhere:
        by = [name for name in hidden.columns if name != "reason"]
        if not set(by) <= set(cells.columns):
            raise DisclosureError(
                f"together_with compares {', '.join(by)}; this table lacks one."
            )
        there = pd.MultiIndex.from_frame(hidden[by])
        found |= pd.MultiIndex.from_frame(cells[by]).isin(there)
    return found


def _hide_siblings(
    cells: pd.DataFrame, *, layout: Layout | None, kind: Kind, limit: int
) -> None:
    """Hide what gives a hidden group away within one variable."""
    if layout not in ("team", "teams"):
        return
    for _, unit in cells.groupby("unit"):
        hidden = unit[unit["reason"] != ""]
        if not len(hidden):
            continue
        derived = unit["reason"] == ""
        if layout == "teams":
            derived &= unit["group"] == ALL
            if kind == "distribution" and _rest_is_large(hidden, limit):
                continue
        cells.loc[unit.index[derived], "reason"] = _DERIVED


def _rest_is_large(hidden: pd.DataFrame, limit: int) -> bool:
    """Tell whether the hidden teams together are a group that may be shown."""
    small = (hidden["n"] < limit).all() and not (hidden["group"] == ALL).any()
    return bool(small and len(hidden) >= 2 and hidden["n"].sum() >= limit)


def _hide_linked(cells: pd.DataFrame, linked: Mapping[str, Sequence[str]]) -> None:
    """Hide a scale that gives away its one hidden item, and the other way."""
    if not linked or "variable" not in cells.columns:
        return
    by = [name for name in ("year", "wave", "split", "group") if name in cells.columns]
    for _, group in cells.groupby(by, dropna=False):
        rows = group.assign(cell=group.index).set_index("variable")
        for scale, items in linked.items():
            parts = [name for name in (scale, *items) if name in rows.index]
            reasons = rows.loc[parts, "reason"]
            open_ = reasons[reasons == ""]
            if scale in rows.index and len(open_) == len(parts) - 1 and len(open_):
                first = open_.index[0]  # the scale, or its first item
                cells.loc[rows.loc[first, "cell"], "reason"] = _DERIVED
                rows.loc[first, "reason"] = _DERIVED
