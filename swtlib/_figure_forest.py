"""The forest plot: effects of studies, and what they say together."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from swtlib._figure_chart import HIDDEN, Block, Chart, Part
from swtlib._figure_findings import find_studies
from swtlib._figure_style import (
    INK,
    LINE,
    MAIN,
    SMALL,
    SOFT,
    Picture,
    figure_style,
    n_text,
    text_width,
    wrap,
)
from swtlib._figure_words import (
    Names,
    Words,
    empty_picture,
    hidden_note,
    needs,
    picture_of,
)
from swtlib._table_text import Row, effect_text, level_text, prediction_text
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError

SIDE = 0.17  # inches, of the square of the heaviest study
LEAST_SIDE = 0.06
HALF = 0.08  # inches, half the height of the diamond and of the bar
LABEL = 1.6  # inches, for the name of a study
BEYOND = 0.4  # of the width of the studies: farther out the axis does not go

_STUDY = ("variable", "n_total", "estimate", "ci_low", "ci_high", "weight")
_TOGETHER = (
    *("k", "n_total", "estimate", "ci_low", "ci_high"),
    *("prediction_low", "prediction_high"),
)


def plot_forest(
    studies: ProtectedTable,
    together: ProtectedTable,
    *,
    labels: Mapping[str, str],
    title: str,
    origin: str,
    unit: str = "",
    bounds: tuple[float, float] = (-math.inf, math.inf),
    digits: int = 2,
    confidence: float = 0.95,
    note: str = "",
) -> Picture:
    """Draw the effect of each study, their mean, and what a next one may find.

    Parameters
    ----------
    studies : ProtectedTable
        One row per study: ``variable`` (its id), ``n_total, estimate, ci_low,
        ci_high, weight``, as from `meta_analysis.studies_with_ci`. Drawn in
        the order of the table.
    together : ProtectedTable
        One row: ``k, n_total, estimate, ci_low, ci_high, prediction_low,
        prediction_high``, as from `meta_analysis.combine_questions`.
    labels, title, origin, digits, confidence, note
        As in `plot_means`.
    unit : str
        What the effect is and in which unit; above the figure.
    bounds : tuple of float, optional
        Lowest and highest possible effect, such as -1 and 1.

    Returns
    -------
    Picture
        Squares by weight, a diamond for the mean, and an open bar for the
        prediction interval. What passes the end of the axis ends in an arrow;
        its number stands beside it.

    Raises
    ------
    DisclosureError
        If a table is not protected.
    ParameterError
        If a column is missing, or `together` has not exactly one row.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> studies = pd.DataFrame({"variable": ["a", "b"], "n_total": [45, 65],
    ...     "n_smallest": [20, 30], "estimate": [0.1, 0.5], "ci_low": [-0.29, 0.11],
    ...     "ci_high": [0.49, 0.89], "weight": [0.5, 0.5]})
    >>> together = pd.DataFrame({"k": [2], "n_total": [110], "n_smallest": [20],
    ...     "estimate": [0.3], "ci_low": [-2.24], "ci_high": [2.84],
    ...     "prediction_low": [None], "prediction_high": [None]})
    >>> picture = plot_forest(protect(studies, kind="comparison"),
    ...     protect(together, kind="comparison"), labels={"a": "Groep A"},
    ...     title="Regie", origin="Herkomst: ...")
    >>> picture.alt
    'Regie. De studies samen: niet duidelijk boven of onder 0. Groep A (n = 45): \
0,10 (−0,29 tot 0,49); b (n = 65): 0,50 (0,11 tot 0,89). Samen \
(2 studies, n = 110): 0,30 (−2,24 tot 2,84).'
    """
    frame = needs(studies, _STUDY, where="plot_forest")
    mean = needs(together, _TOGETHER, where="plot_forest")
    if len(mean) != 1:
        raise ParameterError(
            f"plot_forest draws one question; together has {len(mean)} rows."
        )
    names = Names(labels)
    row = mean.astype(dict.fromkeys(_TOGETHER, float)).iloc[0]
    if frame["suppressed"].all():
        return empty_picture(studies, names, title=title, origin=origin, note=note)
    notes = [
        _how_to_read(frame, row, confidence),
        hidden_note(studies, names),
        note,
    ]
    finding = find_studies(row, digits)
    words = Words(title=title, finding=finding, notes=notes, origin=origin)
    with figure_style():
        figure = _draw(frame, row, names, bounds, digits, subtitle=unit, **words)
    return picture_of(figure, *_in_words(frame, row, names, digits), **words)


def _draw(
    frame: pd.DataFrame,
    mean: "pd.Series[Any]",
    names: Names,
    bounds: tuple[float, float],
    digits: int,
    **words: Any,
) -> Any:
    shown = frame[~frame["suppressed"]]
    parts = [
        Part(
            wrap(_named(names[row["variable"]], row), LABEL, SMALL),
            [row],
        )
        for _, row in frame.iterrows()
    ]
    summary = []
    if not math.isnan(mean["estimate"]) and mean["k"] > 1:
        summary.append(Part(_together_lines(mean), [mean]))
    if not math.isnan(mean["prediction_low"]):
        summary.append(Part(wrap("Een volgende plek", LABEL, SMALL), [mean]))
    texts = [effect_text(row, digits) for _, row in shown.iterrows()]
    texts += [effect_text(mean, digits), prediction_text(mean, digits)]
    room = 0.1 + max(text_width(text, SMALL, bold=True) for text in texts)
    chart = Chart(
        [Block([], parts), *([Block([], summary)] if summary else [])],
        x_range=_range(shown, mean, bounds),
        room=room,
        **words,
    )
    axes, inch = chart.axes, chart.inches(1)
    bottom = axes.get_ylim()[0]
    axes.vlines(0, 0, bottom, color=INK, lw=1, zorder=1, gid="zero")
    lanes = list(chart.lanes())
    heaviest = shown["weight"].max()
    for row, y in lanes[: len(parts)]:
        _draw_study(axes, row, y, heaviest, digits, inch, room)
    if summary:
        above = (lanes[len(parts) - 1][1] + lanes[len(parts)][1]) / 2
        axes.axhline(above, color=SOFT, lw=0.8)
        draw = (_draw_mean, _draw_prediction)
        for place, (_, y) in enumerate(lanes[len(parts) :]):
            draw[place](axes, mean, y, digits, inch, room)
    return chart.sheet.figure


def _draw_study(
    axes: Axes,
    row: Row,
    y: float,
    heaviest: float,
    digits: int,
    inch: float,
    room: float,
) -> None:
    name = row["variable"]
    if row["suppressed"]:
        grey: dict[str, Any] = {"fontsize": SMALL, "color": SOFT, "style": "italic"}
        grey["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # over 0
        at = axes.get_xlim()[0] + 0.04 * inch
        axes.text(at, y, HIDDEN, va="center_baseline", **grey)
        return
    counted = pd.notna(row["weight"])
    side = LEAST_SIDE
    if counted:
        _line(axes, row["ci_low"], row["ci_high"], y, gid=f"interval|{name}")
        side = max(LEAST_SIDE, SIDE * math.sqrt(row["weight"] / heaviest))
    look: dict[str, Any] = {
        "marker": "s",
        "markersize": 72 * side,
        "markeredgewidth": 0 if counted else 1.4,
        "markeredgecolor": MAIN,
        "markerfacecolor": MAIN if counted else "white",
        "clip_on": False,
        "zorder": 4,
    }
    axes.plot([row["estimate"]], [y], ls="", gid=f"effect|{name}", **look)
    _beside(axes, effect_text(row, digits), y, inch, room)


def _draw_mean(
    axes: Axes, row: Row, y: float, digits: int, inch: float, room: float
) -> None:
    low, high = axes.get_xlim()
    ends = (row["ci_low"], row["ci_high"])
    corners = [(ends[0], y), (row["estimate"], y - HALF), (ends[1], y)]
    corners.append((row["estimate"], y + HALF))
    diamond = Polygon(corners, facecolor=INK, edgecolor=INK, lw=0.8, gid="together")
    axes.add_patch(diamond)
    _arrows(axes, *ends, y, low, high, colour=INK)
    _beside(axes, effect_text(row, digits), y, inch, room, weight="bold")


def _draw_prediction(
    axes: Axes, row: Row, y: float, digits: int, inch: float, room: float
) -> None:
    low, high = axes.get_xlim()
    ends = (row["prediction_low"], row["prediction_high"])
    inside = (max(ends[0], low), min(ends[1], high))
    bar = Rectangle(
        (inside[0], y - HALF / 1.6),
        inside[1] - inside[0],
        2 * HALF / 1.6,
        facecolor=LINE,
        edgecolor=INK,
        lw=1,
        zorder=3,
        gid="prediction",
    )
    axes.add_patch(bar)
    _arrows(axes, *ends, y, low, high, colour=INK)
    _beside(axes, prediction_text(row, digits), y, inch, room)


def _line(axes: Axes, start: float, end: float, y: float, *, gid: str) -> None:
    low, high = axes.get_xlim()
    axes.plot([max(start, low), min(end, high)], [y, y], color=MAIN, lw=1.6, gid=gid)
    _arrows(axes, start, end, y, low, high, colour=MAIN)


def _arrows(
    axes: Axes,
    start: float,
    end: float,
    y: float,
    low: float,
    high: float,
    *,
    colour: str,
) -> None:
    """Say with an arrow that something goes on beyond the axis."""
    look: dict[str, Any] = {"color": colour, "clip_on": False, "zorder": 5, "ms": 6}
    if start < low:
        axes.plot([low], [y], ls="", marker="<", gid="beyond|low", **look)
    if end > high:
        axes.plot([high], [y], ls="", marker=">", gid="beyond|high", **look)


def _beside(
    axes: Axes, text: str, y: float, inch: float, room: float, **look: Any
) -> None:
    at = axes.get_xlim()[1] + room * inch
    style: dict[str, Any] = {"fontsize": SMALL, "color": INK, "ha": "right"} | look
    axes.text(at, y, text, va="center_baseline", **style)


def _range(
    shown: pd.DataFrame, mean: "pd.Series[Any]", bounds: tuple[float, float]
) -> tuple[float, float]:
    """Choose the axis: all studies and 0, and of the rest what is not far away."""
    own = shown[["estimate", "ci_low", "ci_high"]].astype(float)
    low, high = min(0.0, own.min().min()), max(0.0, own.max().max())
    more = BEYOND * (high - low)
    rest = mean[["ci_low", "ci_high", "prediction_low", "prediction_high"]]
    low = min(low, max(rest.min(), low - more)) if rest.notna().any() else low
    high = max(high, min(rest.max(), high + more)) if rest.notna().any() else high
    step = (high - low) / 40 or 0.5  # of effects of 0 without an interval
    return max(low - step, bounds[0]), min(high + step, bounds[1])


def _how_to_read(frame: pd.DataFrame, mean: Row, confidence: float) -> str:
    level = level_text(confidence)
    told = [
        f"Vierkant: uitkomst van een studie, groter naarmate zij zwaarder telt; lijn: "
        f"{level}-betrouwbaarheidsinterval."
    ]
    if mean["k"] > 1:
        told.append("Ruit: alle studies samen; de breedte is het interval.")
    if not math.isnan(mean["prediction_low"]):
        told.append(
            "Open balk: waar het echte effect op een volgende plek naar verwachting "
            f"ligt ({level}-voorspellingsinterval)."
        )
    shown = frame[~frame["suppressed"]]
    if shown["weight"].isna().any():
        told.append("Open vierkant: geen standaardfout; telt niet mee.")
    return " ".join(told)


def _in_words(
    frame: pd.DataFrame, mean: Row, names: Names, digits: int
) -> tuple[str, str, str]:
    """Say what the studies, their mean and the prediction are; empty if not drawn."""
    shown = frame[~frame["suppressed"]]
    of_studies = "; ".join(
        f"{names[row['variable']]} (n = {row['n_total']:.0f}): "
        f"{effect_text(row, digits)}"
        for _, row in shown.iterrows()
    )
    together = predicted = ""
    if mean["k"] > 1:
        together = f"{' '.join(_together_lines(mean))}: {effect_text(mean, digits)}"
    if not math.isnan(mean["prediction_low"]):
        predicted = f"Een volgende plek: {prediction_text(mean, digits)}"
    return of_studies, together, predicted


def _named(label: str, row: Row) -> str:
    counts = n_text(pd.Series([float(row["n_total"])]))
    return f"{label} ({counts})" if counts else label


def _together_lines(mean: Row) -> list[str]:
    return ["Samen", f"({mean['k']:.0f} studies, n = {mean['n_total']:.0f})"]
