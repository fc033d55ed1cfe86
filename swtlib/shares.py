"""The share of a group that gave an answer, with ``n`` and Wilson's interval.

The column ``interval`` says what the interval is: ``"wilson"``, ``"telling"``
(a census: all members answered) or ``"geen"`` (none can be computed). In the
last two ``ci_low`` and ``ci_high`` are empty, never zero wide.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from swtlib.codebook import Item
from swtlib.errors import ParameterError, ResponseError, StatisticError
from swtlib.estimates import check_confidence
from swtlib.groups import Floats, Groups, iter_groups

AGREEMENT = ("oneens", "neutraal", "eens")

# The answers counted together, each with the first columns of its row.
_Categories = Sequence[tuple[dict[str, Any], tuple[Any, ...]]]


def wilson_interval(
    count: int, n: int, *, confidence: float = 0.95, factor: float = 1.0
) -> tuple[float, float]:
    """Give the Wilson score interval of a share.

    Parameters
    ----------
    count : int
        Answers of the kind that is counted.
    n : int
        All answers.
    confidence : float, default 0.95
        Level of the interval.
    factor : float, default 1.0
        From `finite_population_factor`; 1 for a sample of a large population.

    Returns
    -------
    tuple of float
        Lower and upper limit, within 0-1. NaN without answers, and when
        `factor` is 0: a census has no interval.

    Raises
    ------
    StatisticError
        If `count` is not within 0 to `n`, or `factor` not within 0 to 1.

    Notes
    -----
    A known population counts as extra answers: the interval is that of
    ``n / factor**2`` answers with the same share, the effective sample size of
    survey statistics. It stays within 0-1 and is not zero wide at 0% or 100%.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and
    statistical inference. Journal of the American Statistical Association,
    22(158), 209-212.

    Dean, N., & Pagano, M. (2015). Evaluating confidence interval methods for
    binomial proportions in clustered surveys. Journal of Survey Statistics and
    Methodology, 3(4), 484-503.

    Examples
    --------
    >>> low, high = wilson_interval(5, 6)
    >>> round(low, 3), round(high, 3)
    (0.436, 0.97)
    """
    check_confidence(confidence)
    if not 0 <= count <= n:
        raise StatisticError(f"a count of {count} does not fit {n} answers.")
    if not 0 <= factor <= 1:
        raise StatisticError(f"factor is {factor:g}; it must be 0 to 1.")
    if n == 0 or factor == 0:
        return float("nan"), float("nan")
    low, high = _wilson(
        np.array([float(count)]), np.array([float(n)]), np.array([factor]), confidence
    )
    return float(low[0]), float(high[0])


def share_with_ci(
    responses: pd.DataFrame,
    *,
    items: Sequence[Item],
    groups: Groups,
    members: Mapping[str, int | None],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate which share of each group gave each answer.

    Parameters
    ----------
    responses : DataFrame
        A column ``team`` and one column per item; NaN where not answered.
    items : sequence of Item
        From the codebook; their declared range or options are the rows, also
        where nobody gave that answer. All scales, or all choices.
    groups, members, confidence
        As in `mean_with_ci`.

    Returns
    -------
    DataFrame
        One row per group, item and answer: ``group, variable, answer,
        answer_label, n, n_population, count, share, ci_low, ci_high,
        interval``. ``share`` is a part of 1 of the ``n`` who answered.
        ``answer`` is a whole number, or the id of an option.

    Raises
    ------
    ResponseError
        If an item has no column, or an answer is not in its range.
    ParameterError
        If the answers of an item cannot be listed, or scales and choices are
        mixed.
    StatisticError
        If a team has more answers than members.

    Notes
    -----
    Intervals are Wilson's, with the population counted in; see
    `wilson_interval`. Answers are as given: a reversed item is not turned.

    Examples
    --------
    >>> from swtlib.codebook import Item, Response
    >>> yes_no = Response(kind="scale", low=0, high=1, labels=("nee", "ja"))
    >>> item = Item(id="overleg", label="Overleg", response=yes_no,
    ...             aspect="current", wording="unknown")
    >>> responses = pd.DataFrame({"team": ["elburg"] * 4, "overleg": [1, 1, 1, 0]})
    >>> table = share_with_ci(responses, items=[item],
    ...     groups=Groups("elburg", "total"), members={"elburg": None})
    >>> table[["answer_label", "n", "count", "share"]].to_numpy().tolist()
    [['nee', 4, 1, 0.25], ['ja', 4, 3, 0.75]]
    """
    kinds = {item.response.kind == "choice" for item in items}
    if len(kinds) > 1:
        raise ParameterError("give scales and choices in separate calls.")
    answers = [_answers(item) for item in items]
    categories = [
        [({"answer": value, "answer_label": label}, (value,)) for value, label in rows]
        for rows in answers
    ]
    return _shares(responses, items, categories, groups, members, confidence)


def agreement_with_ci(
    responses: pd.DataFrame,
    *,
    items: Sequence[Item],
    groups: Groups,
    members: Mapping[str, int | None],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate which share of each group disagrees, is neutral, or agrees.

    Parameters
    ----------
    responses, items, groups, members, confidence
        As in `share_with_ci`. Every item has five answers, such as 0-4.

    Returns
    -------
    DataFrame
        One row per group, item and category: ``group, variable, category, n,
        n_population, count, share, ci_low, ci_high, interval``. ``category``
        is "oneens" (the lowest two answers), "neutraal" (the middle) or "eens"
        (the highest two).

    Raises
    ------
    ParameterError
        If an item does not have five answers.
    ResponseError
        If an item has no column, or an answer is not in its range.
    StatisticError
        If a team has more answers than members.

    Notes
    -----
    Counts are added before they become a share, so no rounding creeps in.

    Examples
    --------
    >>> from swtlib.codebook import Item, Response
    >>> item = Item(id="overleg", label="Overleg", aspect="current",
    ...             wording="unknown", response=Response(kind="scale", low=0, high=4))
    >>> responses = pd.DataFrame({"team": ["elburg"] * 4, "overleg": [4, 3, 2, 0]})
    >>> table = agreement_with_ci(responses, items=[item],
    ...     groups=Groups("elburg", "total"), members={"elburg": None})
    >>> table[["category", "share"]].to_numpy().tolist()
    [['oneens', 0.25], ['neutraal', 0.25], ['eens', 0.5]]
    """
    categories = []
    for item in items:
        values = [value for value, _ in _answers(item)]
        if item.response.kind != "scale" or len(values) != 5:
            raise ParameterError(
                f"item '{item.id}' is answered {item.response.allowed()}: agreement "
                "needs a scale of five answers. Use share_with_ci."
            )
        parts = (values[:2], values[2:3], values[3:])
        categories.append(
            [
                ({"category": name}, tuple(part))
                for name, part in zip(AGREEMENT, parts, strict=True)
            ]
        )
    return _shares(responses, items, categories, groups, members, confidence)


def _wilson(
    count: Floats, n: Floats, factor: Floats, confidence: float
) -> tuple[Floats, Floats]:
    from scipy.special import ndtri

    z2 = float(ndtri(0.5 + confidence / 2)) ** 2
    share, effective = count / n, n / factor**2
    middle = (share + z2 / (2 * effective)) / (1 + z2 / effective)
    spread = share * (1 - share) / effective + z2 / (4 * effective**2)
    half = np.sqrt(z2 * spread) / (1 + z2 / effective)
    # At 0 and 1 the limit is the share itself; the formula misses it by 1e-17.
    low = np.where(count == 0, 0.0, middle - half)
    high = np.where(count == n, 1.0, middle + half)
    return low, high


def _shares(
    responses: pd.DataFrame,
    items: Sequence[Item],
    categories: Sequence[_Categories],
    groups: Groups,
    members: Mapping[str, int | None],
    confidence: float,
) -> pd.DataFrame:
    check_confidence(confidence)
    if not items:
        raise ParameterError("there are no items to count.")
    codes = np.column_stack(
        [
            _codes(responses, item, rows)
            for item, rows in zip(items, categories, strict=True)
        ]
    )
    names = [item.id for item in items]
    heads: list[dict[str, Any]] = []
    numbers: list[Floats] = []
    for group in iter_groups(responses, codes, groups, members, names):
        for i, rows in enumerate(categories):
            given = codes[group.rows, i]
            given = given[~np.isnan(given)].astype(np.int64)
            population = np.array(
                [group.n[i], group.n_population[i], group.factor[i], group.census[i]]
            )
            for (head, _), count in zip(
                rows, np.bincount(given, minlength=len(rows)), strict=True
            ):
                heads.append({"group": group.name, "variable": names[i], **head})
                numbers.append(np.append(population, count))
    n, n_population, factor, census, count_ = np.array(numbers).T
    ok = (n >= 2) & (factor > 0)
    low, high = np.full(len(n), np.nan), np.full(len(n), np.nan)
    low[ok], high[ok] = _wilson(count_[ok], n[ok], factor[ok], confidence)
    with np.errstate(invalid="ignore"):
        share = count_ / n
    return pd.DataFrame(heads).assign(
        n=n.astype(np.int64),
        n_population=n_population,
        count=count_.astype(np.int64),
        share=share,
        ci_low=low,
        ci_high=high,
        interval=np.where(census == 1, "telling", np.where(ok, "wilson", "geen")),
    )


def _answers(item: Item) -> list[tuple[Any, str]]:
    response = item.response
    if response.kind == "choice":
        return [(choice.id, choice.label) for choice in response.choices]
    if response.kind == "text" or not response.whole:
        raise ParameterError(
            f"the answers to item '{item.id}' cannot be listed: it takes "
            f"{response.allowed()}."
        )
    values = range(int(cast(float, response.low)), int(cast(float, response.high)) + 1)
    labels = response.labels or tuple(str(value) for value in values)
    return list(zip(values, labels, strict=True))


def _codes(responses: pd.DataFrame, item: Item, categories: _Categories) -> Floats:
    """Give each answer the number of its category, and NaN if there is none."""
    for name in ("team", item.id):
        if name not in responses.columns:
            raise ResponseError(f"the responses have no column '{name}'.")
    column = responses[item.id]
    number = {value: i for i, (_, values) in enumerate(categories) for value in values}
    codes = column.map(number).astype(float)
    wrong = column[column.notna() & codes.isna()]
    if len(wrong):
        raise ResponseError(
            f"item '{item.id}' has answers outside {item.response.allowed()} "
            f"({len(wrong)} times). Check how the wave was taken in."
        )
    return np.asarray(codes, dtype=float)
