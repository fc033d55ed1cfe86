"""What may be shown of small groups: protect a result table before it is seen.

Figures, tables and exports take only a :class:`ProtectedTable`, and only
:func:`protect` makes one. The rules fail closed: what is not declared a key is
emptied in a hidden row, and a table of an unknown make is refused.

The rules look at one table. What can be worked out *between* tables is kept in
hand in four ways: put a scale and its items in one table and name them in
``linked``; pass an earlier table of means of the same people as
``together_with``; give the total of the teams that are shown only (see
:func:`drop_small_teams`), because a total over everybody beside a total over
the shown teams gives away the teams that were left out; and pass as ``closed``
what the plan over all pages has closed (:mod:`swtlib.release_plan`).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from functools import partial
from typing import Any, get_args

import numpy as np
import pandas as pd

from swtlib import _disclosure_rules as rules
from swtlib._ahead import remembered
from swtlib._disclosure_rules import (
    KEY_COLUMNS,
    MIN_CELL_N,
    MIN_DISTRIBUTION_N,
    UNIT_COLUMNS,
    Kind,
    reason_few,
)
from swtlib.errors import DisclosureError, ParameterError, did_you_mean
from swtlib.groups import Layout

__all__ = [
    "KEY_COLUMNS",
    "MIN_CELL_N",
    "MIN_DISTRIBUTION_N",
    "Kind",
    "ProtectedTable",
    "coarsen",
    "drop_small_teams",
    "protect",
    "reason_few",
    "require_protected",
    "rewrap",
    "rows_with",
]

_SEAL = object()


@dataclass(frozen=True, eq=False)
class ProtectedTable:
    """A result table that may be shown; made by :func:`protect` only.

    Attributes
    ----------
    kind : {"mean", "distribution", "comparison", "count", "public"}
        By which rules it was protected.
    layout : {"teams", "team", "total"} or None
        Which groups it has; None for a table without groups.
    min_n : int
        The limit that was used.
    """

    _frame: pd.DataFrame = field(repr=False)
    _hidden: pd.DataFrame = field(repr=False)
    kind: Kind
    layout: Layout | None
    min_n: int
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        """Refuse a table that did not pass through protect."""
        if seal is not _SEAL:
            raise DisclosureError(
                "a ProtectedTable is made by protect(table, kind=...), not by hand."
            )

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._frame)

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the table, with ``suppressed`` and ``reason``."""
        return self._frame.copy()

    @property
    def hidden(self) -> pd.DataFrame:
        """The keys and the ``reason`` of what is hidden, one row per cell."""
        return self._hidden.copy()

    def select(
        self,
        *,
        groups: Sequence[str] | None = None,
        variables: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
    ) -> "ProtectedTable":
        """Keep some rows, in the order asked for; they stay protected.

        Parameters
        ----------
        groups : sequence of str, optional
            Groups to keep.
        variables : sequence of str, optional
            Variables to keep.
        categories : sequence of str, optional
            Categories of answers to keep, such as ``"eens"``.

        Returns
        -------
        ProtectedTable
            The same columns, fewer rows.

        Raises
        ------
        ParameterError
            If a group, variable or category is not in the table.

        Examples
        --------
        >>> means = pd.DataFrame({
        ...     "group": "alle", "variable": ["a", "b"],
        ...     "n": [9, 8], "mean": [0.5, 0.6], "sd": [0.1, 0.2],
        ... })
        >>> protect(means, kind="mean").select(variables=["b"]).frame["n"].tolist()
        [8.0]
        """
        frame, hidden = self._frame, self._hidden
        chosen = {"group": groups, "variable": variables, "category": categories}
        for column, wanted in chosen.items():
            if wanted is None:
                continue
            known = list(frame[column].unique()) if column in frame.columns else []
            for name in wanted:
                if name not in known:
                    raise ParameterError(
                        f"the table has no {column} '{name}'."
                        f"{did_you_mean(str(name), known)}"
                    )
            frame = _in_order(frame, column, wanted)
            if column in hidden.columns:
                hidden = _in_order(hidden, column, wanted)
        return rewrap(self, frame, hidden=hidden)


def _in_order(frame: pd.DataFrame, column: str, names: Sequence[str]) -> pd.DataFrame:
    place = {name: at for at, name in enumerate(names)}
    kept = frame[frame[column].isin(list(names))]
    order = kept[column].map(place).argsort(kind="stable")
    return kept.iloc[order.to_numpy()].reset_index(drop=True)


def rewrap(
    table: ProtectedTable, frame: pd.DataFrame, *, hidden: pd.DataFrame | None = None
) -> ProtectedTable:
    """Wrap a reshaped protected table; for this package only.

    Parameters
    ----------
    table : ProtectedTable
        Where the numbers come from.
    frame : DataFrame
        The same protected numbers in another shape. Never other numbers.
    hidden : DataFrame, optional
        What is hidden in it; by default what was hidden in ``table``.

    Returns
    -------
    ProtectedTable
        With the kind, layout and limit of ``table``.
    """
    return ProtectedTable(
        frame,
        table.hidden if hidden is None else hidden,
        table.kind,
        table.layout,
        table.min_n,
        seal=_SEAL,
    )


def rows_with(table: ProtectedTable, column: str, value: object) -> ProtectedTable:
    """Keep the rows with one value in a column, and what is hidden of them."""
    frame, hidden = (
        part[part[column] == value].reset_index(drop=True)
        for part in (table.frame, table.hidden)
    )
    return rewrap(table, frame, hidden=hidden)


def coarsen(
    table: ProtectedTable, *, ends: Sequence[str], without: Sequence[str]
) -> ProtectedTable:
    """Take from a protected table what tells exactly how far answers lie apart.

    The spread of everybody less that within teams says how far the teams lie
    apart. With the sums, which are shown, that may name the mean of a hidden team.

    Parameters
    ----------
    table : ProtectedTable
        Of means.
    ends : sequence of str
        Intervals that are rounded outwards to tenths: ``"ci"`` for ``ci_low,
        ci_high``, and ``"ci_before"`` for ``ci_low_before, ci_high_before``.
    without : sequence of str
        Columns that are left out.

    Returns
    -------
    ProtectedTable
        The same rows. Columns that it does not have are passed over.

    Examples
    --------
    >>> means = pd.DataFrame({
    ...     "group": ["alle"], "variable": ["a"], "n": [66], "mean": [0.56],
    ...     "sd": [1.31], "ci_low": [0.24], "ci_high": [0.88]})
    >>> table = coarsen(protect(means, kind="mean"), ends=["ci"], without=["sd"])
    >>> table.frame[["mean", "ci_low", "ci_high"]].values.tolist()
    [[0.56, 0.2, 0.9]]
    """
    frame = table.frame.drop(columns=list(without), errors="ignore")
    for name in ends:
        for side, outwards in (("low", np.floor), ("high", np.ceil)):
            column = name.replace("ci", f"ci_{side}", 1)
            if column in frame.columns:
                frame[column] = outwards((frame[column] * 10).round(6)) / 10
    return rewrap(table, frame)


def require_protected(table: object, *, where: str) -> ProtectedTable:
    """Return the table if it is protected, and refuse it otherwise.

    Parameters
    ----------
    table : object
        What a figure, table or export was given.
    where : str
        Name of the function that was called, for the message.

    Returns
    -------
    ProtectedTable
        The table itself.

    Raises
    ------
    DisclosureError
        If it is anything else, such as a DataFrame.

    Examples
    --------
    >>> require_protected(pd.DataFrame(), where="plot_means")
    Traceback (most recent call last):
        ...
    swtlib.errors.DisclosureError: plot_means takes a ProtectedTable, not a \
DataFrame: pass protect(table, kind=...).
    """
    if not isinstance(table, ProtectedTable):
        raise DisclosureError(
            f"{where} takes a ProtectedTable, not a {type(table).__name__}: "
            "pass protect(table, kind=...)."
        )
    return table


@partial(remembered, mixed=True)
def protect(
    table: pd.DataFrame,
    *,
    kind: Kind,
    min_n: int | None = None,
    keys: Sequence[str] = (),
    linked: Mapping[str, Sequence[str]] | None = None,
    together_with: Sequence[ProtectedTable] = (),
    closed: pd.DataFrame | None = None,
) -> ProtectedTable:
    """Empty what may not be shown of a result table.

    Parameters
    ----------
    table : DataFrame
        Tidy results, one row per estimate. ``group`` is a team id, "andere"
        (the others) or "alle", in one of three layouts: "alle" alone; one team
        and "andere"; or teams and "alle", where "alle" is counted over exactly
        these teams. Every group has every variable.
    kind : {"mean", "distribution", "comparison", "count", "public"}
        - "mean": ``group, variable, n`` and a spread (``sd`` or ``sd_...``).
        - "distribution": also ``answer``, ``category`` or ``theme``, and
          ``count`` or ``share``; respondents counted per answer.
        - "comparison": two or more counts ``n_...`` (``n_low, n_high``) of
          all teams together; a row with one small count is hidden.
        - "count": a result counted over a whole group, such as the number of
          statements that differ per competence; ``n`` is its base.
        - "public": no answers at all (figures printed in a report, codebook
          facts, how many were invited and answered). Nothing is hidden.
    min_n : int, optional
        A higher limit than MIN_CELL_N (MIN_DISTRIBUTION_N for a
        distribution). A lower one is an error.
    keys : sequence of str
        Names of further columns that hold no result and stay visible in a
        hidden row; a column of decimals is refused.
    linked : mapping of str to sequence of str, optional
        Scale to its items, for a table of means that has both: where one of
        them is hidden and the rest is not, the scale is hidden too (or its
        first item, when the scale is what is hidden).
    together_with : sequence of ProtectedTable
        Tables of means of the same people that are shown as well: a group and
        variable hidden there is hidden here.
    closed : DataFrame, optional
        Cells (``group, variable``) that the plan over all pages has closed,
        from :func:`swtlib.release_plan.plan_release`.

    Returns
    -------
    ProtectedTable
        The table with ``suppressed`` and ``reason`` (Dutch). In a hidden row
        every column that is not a key is empty: never 0.

    Raises
    ------
    DisclosureError
        If a column is missing, the groups have no known layout, a cell occurs
        twice, ``min_n`` is too low, or the table holds respondents.

    Notes
    -----
    Hidden are: fewer than ``min_n`` answers or an unknown ``n``; a group in
    which everybody gave the same answer (except "alle" and "andere" of
    MIN_DISTRIBUTION_N or more, which say nothing about a team); and what
    follows from these. Of a team and "andere" both are hidden or none. Beside
    a hidden team "alle" is hidden for that variable. Only in a distribution
    "alle" stays when two or more teams are hidden as too small for one and
    have at least ``min_n`` answers together.

    In a table of means the spread of fewer than MIN_DISTRIBUTION_N answers is
    not given: with n and mean it would often name every answer. ``sd...`` is
    empty then, in all rows, because that of one group follows from those of
    others; and so are intervals and effects of such a group (``..._low``,
    ``..._high``, ``effect``), unless ``df`` says that their spread is that of
    many, pooled over teams.

    References
    ----------
    Hundepool, A., et al. (2012). Statistical disclosure control. Wiley.

    Examples
    --------
    >>> means = pd.DataFrame({
    ...     "group": ["elburg", "andere"], "variable": "baken", "n": [4, 50],
    ...     "mean": [0.8, 0.6], "sd": [0.1, 0.2],
    ... })
    >>> protect(means, kind="mean").frame[["n", "mean", "reason"]].values.tolist()
    [[nan, nan, 'minder dan 5 antwoorden, of anders te herkennen'], \
[nan, nan, 'minder dan 5 antwoorden, of anders te herkennen']]
    """
    if kind not in get_args(Kind):
        raise DisclosureError(
            f"there is no kind '{kind}'.{did_you_mean(str(kind), get_args(Kind))}"
        )
    limit = rules.find_limit(kind, min_n)
    frame = rules.with_plain_numbers(table)
    rules.check_columns(frame, kind)
    kept = [*KEY_COLUMNS, *_extra_keys(frame, keys)]
    if kind == "public":
        none = pd.Series("", index=frame.index, dtype="str")
        return _seal(frame, none, kind=kind, layout=None, limit=limit, keys=kept)
    if linked is not None and kind != "mean":
        raise DisclosureError("linked is for a table of means with scales and items.")
    layout = rules.find_layout(frame, kind)
    elsewhere = [_means(other) for other in together_with]
    if closed is not None:
        elsewhere.append(closed)
    reason = rules.reasons(
        frame,
        kind=kind,
        layout=layout,
        limit=limit,
        linked=linked or {},
        elsewhere=elsewhere,
    )
    return _seal(frame, reason, kind=kind, layout=layout, limit=limit, keys=kept)


def drop_small_teams(frame: pd.DataFrame, *, min_n: int = MIN_CELL_N) -> pd.DataFrame:
    """Leave out the respondents of teams that are too small to show.

    For tables by team: their total is then a total of the teams shown, and no
    small team follows from it. Do not show a total over everybody of the same
    variable beside it.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent, with a column ``team``.
    min_n : int, default: MIN_CELL_N
        Fewest respondents of a team. May be raised, never lowered.

    Returns
    -------
    DataFrame
        The rows of the other teams. A row without a team is left out.

    Raises
    ------
    DisclosureError
        If there is no column ``team``, or ``min_n`` is too low.

    Examples
    --------
    >>> answers = pd.DataFrame({"team": ["a"] * 5 + ["b"] * 4})
    >>> drop_small_teams(answers)["team"].value_counts().to_dict()
    {'a': 5}
    """
    limit = rules.find_limit("mean", min_n)
    if "team" not in frame.columns:
        raise DisclosureError("the frame has no column 'team' to count respondents by.")
    sizes = frame.groupby("team", observed=True)["team"].transform("size")
    return frame[sizes >= limit].reset_index(drop=True)


def _extra_keys(frame: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    for name in keys:
        if name not in frame.columns:
            raise DisclosureError(
                f"keys names '{name}', which is no column."
                f"{did_you_mean(name, map(str, frame.columns))}"
            )
        if name in ("n", "count") or pd.api.types.is_float_dtype(frame[name]):
            raise DisclosureError(f"'{name}' holds results and cannot be a key.")
    return list(keys)


def _means(table: ProtectedTable) -> pd.DataFrame:
    if require_protected(table, where="together_with").kind != "mean":
        raise DisclosureError("together_with takes protected tables of means.")
    return table.hidden


def _seal(
    frame: pd.DataFrame,
    reason: "pd.Series[str]",
    *,
    kind: Kind,
    layout: Layout | None,
    limit: int,
    keys: Sequence[str],
) -> ProtectedTable:
    suppressed = (reason != "").to_numpy(dtype=bool)
    columns: dict[Hashable, Any] = {
        name: column if name in keys else rules.emptied(column, suppressed)
        for name, column in frame.items()
    }
    if kind == "mean":
        rules.empty_small_spreads(columns, frame["n"])
    columns |= {"suppressed": suppressed, "reason": reason}
    shown = pd.DataFrame(columns, index=frame.index)
    about = [name for name in (*UNIT_COLUMNS, "group") if name in frame.columns]
    hidden = shown[[*about, "reason"]][suppressed].drop_duplicates()
    return ProtectedTable(
        shown, hidden.reset_index(drop=True), kind, layout, limit, seal=_SEAL
    )
