"""The figure of what can be seen with so many answers."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from swtlib._figure_style import (
    INK,
    LINE,
    MAIN,
    MARGIN,
    SMALL,
    SOFT,
    WIDTH,
    Picture,
    Sheet,
    dutch,
    figure_style,
    leading,
    marker_look,
    text_width,
)
from swtlib._figure_words import needs, picture_of
from swtlib._table_text import format_number
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError

HEIGHT = 2.4  # inches
RULES = {0.2: "klein", 0.5: "middelgroot", 0.8: "groot"}  # Cohen (1988)


def plot_sample_size(
    table: ProtectedTable, *, title: str, origin: str, note: str = ""
) -> Picture:
    """Draw the smallest difference that is likely found, by number of answers.

    Parameters
    ----------
    table : ProtectedTable
        From `sample_size.sample_size_table`, with two sizes or more.
    title : str
        What is to be seen.
    origin : str
        That no answers are in it.
    note : str
        Another line under the figure.

    Returns
    -------
    Picture
        With the rules of thumb for a small, medium and large difference as
        lines.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If a column is missing, or fewer than two sizes have a difference.
    """
    frame = needs(table, ("n", "difference"), where="plot_sample_size")
    shown = frame.dropna(subset=["difference"]).sort_values("n")
    if len(shown) < 2:
        raise ParameterError(
            "plot_sample_size draws a line: give two sizes or more, with two groups of "
            "at least 2 answers."
        )
    low, high = (f"{value:.0f}" for value in (shown["n"].min(), shown["n"].max()))
    words = (
        f"Van n = {low} tot n = {high}. De streepjeslijnen zijn vuistregels voor een "
        "verschil (Cohen, 1988)."
    )
    notes = [words, note]
    with figure_style():
        sheet = Sheet(
            title,
            body=HEIGHT + 0.5,
            subtitle="Kleinste verschil dat je waarschijnlijk vindt, in "
            "standaarddeviaties",
            notes=notes,
            origin=origin,
        )
        _draw(sheet, shown)
    parts = [
        f"{row['n']:.0f} antwoorden {format_number(row['difference'], 2)}"
        for _, row in shown.iterrows()
    ]
    told = f"Te vinden verschil bij {'; '.join(parts)}"
    return picture_of(
        sheet.figure, told, words, title=title, notes=notes, origin=origin
    )


def _draw(sheet: Sheet, shown: pd.DataFrame) -> None:
    n, found = (shown[name].to_numpy(float) for name in ("n", "difference"))
    top = max(1.0, 1.12 * float(found.max()))
    left = MARGIN + text_width("0,0", SMALL) + 0.1
    right = max(text_width(word, SMALL) for word in RULES.values()) + 0.1
    axes = sheet.axes(left, 0, WIDTH - MARGIN - left - right, HEIGHT)
    pad = 0.06 * (n.max() - n.min())
    axes.set_xlim(n.min() - pad, n.max() + pad)
    axes.set_ylim(0, top)
    axes.xaxis.set_major_locator(FixedLocator(n.tolist()))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: dutch(value)))
    axes.grid(visible=False)
    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    for height, word in RULES.items():
        axes.axhline(height, color=LINE, lw=1.2, ls=(0, (4, 3)), zorder=0)
        _beside(axes, height, word)
    axes.plot(n, found, color=MAIN, lw=1.8, zorder=2, gid="line")
    axes.plot(n, found, ls="", gid="found", **marker_look("o", MAIN, filled=True))
    for x, y in zip(n, found, strict=True):
        axes.annotate(
            format_number(y, 2),
            (x, y),
            xytext=(5, 5),
            textcoords="offset points",
            fontsize=SMALL,
            color=INK,
            weight="bold",
        )
    middle: dict[str, Any] = {"ha": "center", "color": SOFT}
    words = "aantal antwoorden in totaal"
    sheet.write(WIDTH / 2, HEIGHT + 0.5 - leading(SMALL), words, SMALL, **middle)


def _beside(axes: Axes, height: float, word: str) -> None:
    axes.annotate(
        word,
        (1, height),
        xycoords=("axes fraction", "data"),
        xytext=(5, 0),
        textcoords="offset points",
        va="center_baseline",
        fontsize=SMALL,
        color=SOFT,
    )
