"""From answers to scores: items, scales, and the gap between have and want.

This is the recommended way of counting (``aanbevolen``): full precision, one
score per respondent. The arithmetic of the 2015 report, which rounds before it
averages, stands apart in ``swtlib.reproduction.counting`` and is used only to
reproduce the published figures.
"""

import numpy as np
import pandas as pd

from swtlib.codebook import Instrument, Item, Response, Scale
from swtlib.errors import ResponseError


def validate_responses(responses: pd.DataFrame, items: tuple[Item, ...]) -> None:
    """Check that every item has a column with answers in its declared range.

    Parameters
    ----------
    responses : DataFrame, shape (n_respondents, n_columns)
        One column per item id; NaN is "not answered".
    items : tuple of Item
        Items that are going to be used.

    Raises
    ------
    ResponseError
        Naming the item, the values and the range; never a respondent.
    """
    for item in items:
        if item.id not in responses:
            raise ResponseError(
                f"item '{item.id}' has no column in the answers. "
                "Ingest the wave again, or take the item out of the scale."
            )
        answers = responses[item.id]
        if not pd.api.types.is_numeric_dtype(answers):
            answers = answers.dropna().infer_objects()
        if len(answers) and not pd.api.types.is_numeric_dtype(answers):
            raise ResponseError(
                f"item '{item.id}' has answers that are no numbers. Take them from a "
                "wave, where every answer has been read as a scale point."
            )
        low, high = _range(item.response)
        points = answers.to_numpy(dtype=float, na_value=np.nan)
        outside = points[(points < low) | (points > high)]
        if len(outside):
            values = ", ".join(f"{value:g}" for value in sorted(set(outside)))
            raise ResponseError(
                f"item '{item.id}' has answers outside {low:g}-{high:g}: {values} "
                f"({len(outside)} times). Correct the export, or add a [[recode]] "
                "to wave.toml."
            )


def score_items(
    responses: pd.DataFrame, items: tuple[Item, ...], *, rescale: bool = True
) -> pd.DataFrame:
    """Score single items in the direction of their scale.

    Parameters
    ----------
    responses : DataFrame, shape (n_respondents, n_columns)
        One column per item id; other columns are left out, but for ``team``.
    items : tuple of Item
        Items to score.
    rescale : bool, default True
        Whether statements with labelled points (0-4) come out on 0-1, as in
        the 2015 report. Grades (0-10) are never rescaled.

    Returns
    -------
    DataFrame, shape (n_respondents, n_items) plus ``team``
        NaN where an item was not answered.

    Raises
    ------
    ResponseError
        If an item has no column or an answer lies outside its range.

    Examples
    --------
    >>> from swtlib import load_instrument
    >>> item = load_instrument("bakens").items["bk_proactief"]
    >>> answers = pd.DataFrame({"team": ["elburg"] * 2, "bk_proactief": [3.0, 4.0]})
    >>> score_items(answers, (item,))["bk_proactief"].tolist()
    [0.75, 1.0]
    """
    validate_responses(responses, items)
    scored = {item.id: _directed(responses[item.id], item) for item in items}
    if rescale:
        scored = {item.id: _to_unit(scored[item.id], item.response) for item in items}
    return _with_team(responses, scored)


def score_scale(responses: pd.DataFrame, scale: Scale) -> pd.Series:
    """Score one scale as the mean of each respondent's answered items.

    Parameters
    ----------
    responses : DataFrame, shape (n_respondents, n_columns)
        One row per respondent and one column per item id, in scale points.
        An unanswered item is NaN; missing codes have been replaced already.
    scale : Scale
        Definition from the codebook: items, response range, reversed items.

    Returns
    -------
    Series, shape (n_respondents,)
        Named ``scale.id``, in scale points. NaN for a respondent who answered
        fewer than ``scale.min_valid`` items.

    Raises
    ------
    ResponseError
        If an item has no column, or an answer lies outside the response range.

    Notes
    -----
    A reversed item counts as ``low + high - answer``. The range comes from the
    codebook: in a team of six nobody may have chosen the extreme answer.

    References
    ----------
    Schafer, J. L., & Graham, J. W. (2002). Missing data: Our view of the state
    of the art. Psychological Methods, 7(2), 147-177.

    Examples
    --------
    >>> from swtlib import load_instrument
    >>> scale = load_instrument("groepsdynamica").scales["fase_parallel"]
    >>> answers = pd.DataFrame(
    ...     {"gd_cur_doel_helder": [4, 1, None], "gd_cur_leren_kennen": [3, None, None]}
    ... )
    >>> score_scale(answers, scale).tolist()
    [3.5, 1.0, nan]
    """
    validate_responses(responses, scale.items)
    items = pd.DataFrame(
        {item.id: _directed(responses[item.id], item) for item in scale.items}
    )
    n_answered = items.notna().sum(axis=1)
    return items.mean(axis=1).where(n_answered >= scale.min_valid).rename(scale.id)


def score_scales(
    responses: pd.DataFrame, scales: tuple[Scale, ...], *, rescale: bool = True
) -> pd.DataFrame:
    """Score several scales at once.

    Parameters
    ----------
    responses : DataFrame, shape (n_respondents, n_columns)
        One column per item id, in scale points.
    scales : tuple of Scale
        As ``instrument.scales_of(...)`` gives them.
    rescale : bool, default True
        Whether statements come out on 0-1 instead of 0-4. Grades never are.

    Returns
    -------
    DataFrame, shape (n_respondents, n_scales) plus ``team``

    Raises
    ------
    ResponseError
        If an item has no column or an answer lies outside its range.
    """
    scored = {scale.id: score_scale(responses, scale) for scale in scales}
    if rescale:
        scored = {
            scale.id: _to_unit(scored[scale.id], scale.response) for scale in scales
        }
    return _with_team(responses, scored)


def score_gap(
    responses: pd.DataFrame, instrument: Instrument
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pair the marks for what I have and what I want, per competence.

    Parameters
    ----------
    responses : DataFrame, shape (n_respondents, n_columns)
        With the columns of both marks.
    instrument : Instrument
        With scales in the groups ``have`` and ``want``, named ``<id>_have``
        and ``<id>_want``.

    Returns
    -------
    have, want : DataFrame, shape (n_respondents, n_competences) plus ``team``
        Same columns, the ids of the competences. ``gap = want - have``.

    Raises
    ------
    ResponseError
        If an item has no column or an answer lies outside its range.
    """
    marks = []
    for aspect in ("have", "want"):
        scores = score_scales(
            responses, instrument.scales_of(group=aspect), rescale=False
        )
        scores.columns = scores.columns.str.removesuffix(f"_{aspect}")
        marks.append(scores)
    return marks[0], marks[1]


def score_bounds(
    response: Response, *, rescale: bool = True
) -> tuple[float, float] | None:
    """Give the lowest and highest score an answer range can lead to.

    Parameters
    ----------
    response : Response
        Range from the codebook.
    rescale : bool, default True
        As in `score_items`.

    Returns
    -------
    tuple of float or None
        None for answers without a range.

    Examples
    --------
    >>> score_bounds(Response(kind="scale", low=0, high=4))
    (0.0, 1.0)
    """
    if response.low is None or response.high is None:
        return None
    if rescale and response.kind == "scale":
        return 0.0, 1.0
    return float(response.low), float(response.high)


def _directed(answers: pd.Series, item: Item) -> pd.Series:
    values = answers.astype(float)
    if not item.reversed:
        return values
    low, high = _range(item.response)
    return low + high - values


def _to_unit(values: pd.Series, response: Response) -> pd.Series:
    if response.kind != "scale":
        return values
    low, high = _range(response)
    return (values - low) / (high - low)


def _range(response: Response) -> tuple[float, float]:
    if response.low is None or response.high is None:
        return -np.inf, np.inf
    return response.low, response.high


def _with_team(responses: pd.DataFrame, scored: dict[str, pd.Series]) -> pd.DataFrame:
    frame = pd.DataFrame(scored, index=responses.index)
    if "team" in responses:
        frame.insert(0, "team", responses["team"])
    return frame
