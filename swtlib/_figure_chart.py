"""A column of dots with one axis below; for :mod:`swtlib.figures`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from swtlib._figure_panel import Panel, draw_line
from swtlib._figure_style import (
    INK,
    LINE,
    MAIN,
    MARGIN,
    OTHER,
    SMALL,
    SOFT,
    TEXT,
    WIDTH,
    Mark,
    Sheet,
    marker_look,
    scale_axis,
    text_height,
    text_width,
    wrap,
)
from swtlib._table_text import Row, format_number
from swtlib.errors import ParameterError
from swtlib.groups import ALL, OTHERS

LANE = 0.225  # inches for one dot
AXIS = 0.24  # inches for the numbers under an axis
GAP = 0.07  # inches between rows
BESIDE = 1.85  # inches for a label beside its dot; longer ones stand above it
HIDDEN = "niet getoond"


@dataclass(frozen=True)
class Part:
    """Lanes that share a label at the left."""

    label: list[str]
    rows: list[Row]

    @property
    def height(self) -> float:
        """Inches."""
        return max(len(self.rows) * LANE, text_height(self.label, SMALL))


@dataclass(frozen=True)
class Block:
    """Parts under one heading, such as a statement."""

    heading: list[str]
    parts: list[Part]


class Chart:
    """A column of blocks with one axis of numbers below."""

    def __init__(
        self,
        blocks: Sequence[Block],
        *,
        x_range: tuple[float, float],
        room: float,
        numbers: bool = True,
        x_ticks: Sequence[float] = (),
        **words: Any,
    ) -> None:
        labels = [line for b in blocks for p in b.parts for line in p.label]
        wide = max((text_width(line, SMALL) for line in labels), default=0.0)
        left = MARGIN + 0.06 + (wide + 0.12 if wide else 0.0)
        self.places: list[tuple[Part, float]] = []
        headings = []
        y = 0.0
        for block in blocks:
            headings.append((y, block.heading))
            y += text_height(block.heading, TEXT) + (0.03 if block.heading else 0)
            for part in block.parts:
                self.places.append((part, y))
                y += part.height + GAP
            y += 0.07 if block.heading else 0
        self.sheet = Sheet(body=y + (AXIS if numbers else 0), **words)
        self.size = WIDTH - MARGIN - room - left
        self.x_range = x_range
        self.axes = self.sheet.axes(left, 0, self.size, y)
        scale_axis(self.axes, x_range)
        if x_ticks:
            self.axes.set_xticks(list(x_ticks))
        self.axes.grid(visible=False)
        self.axes.set_ylim(y, 0)
        if not numbers:
            self.axes.set_xticks([])
            self.axes.spines["bottom"].set_visible(False)
        ticks = self.axes.get_xticks()
        for at, heading in headings:
            self.sheet.write(MARGIN, at, heading, TEXT)
        tops = np.array([at - GAP / 2 for _, at in self.places])
        ends = np.array([at + part.height + GAP / 2 for part, at in self.places])
        x, lines = np.meshgrid(ticks, np.arange(len(tops)))
        self.axes.vlines(
            x.ravel(),
            tops[lines.ravel()],
            ends[lines.ravel()],
            color=LINE,
            lw=0.8,
            zorder=0,
        )
        for part, at in self.places:
            above = (part.height - text_height(part.label, SMALL)) / 2
            self.sheet.write(MARGIN, at + above, part.label, SMALL)

    def lanes(self) -> Iterator[tuple[Row, float]]:
        """Give each row with its height in the body."""
        for part, at in self.places:
            rows = part.rows
            if all(row["suppressed"] for row in rows):
                rows = rows[:1]  # one "niet getoond" is enough
            above = (part.height - len(rows) * LANE) / 2
            for place, row in enumerate(rows):
                yield row, at + above + (place + 0.5) * LANE

    def inches(self, width: float) -> float:
        """Turn inches into units of the axis."""
        return width / self.size * (self.x_range[1] - self.x_range[0])


def blocks_of(rows: Iterable[tuple[str, list[Row]]]) -> list[Block]:
    """Put labels beside their lanes if they are short, and above if not."""
    named = list(rows)
    beside = [wrap(label, BESIDE, SMALL) for label, _ in named]
    if max(map(len, beside)) <= 2:
        return [
            Block([], [Part(lines, row)])
            for lines, (_, row) in zip(beside, named, strict=True)
        ]
    full = WIDTH - 2 * MARGIN
    return [Block(wrap(label, full, TEXT), [Part([], row)]) for label, row in named]


def group_mark(group: str, groups: Sequence[str], text: str = "") -> Mark:
    """Say how a group is drawn: others and all are the background."""
    if group in (OTHERS, ALL) and len(groups) > 1:
        return Mark(text=text, colour=OTHER, marker="D", filled=False, line=True)
    return Mark(text=text, colour=MAIN, line=True)


def draw_mean(
    axes: Axes | Panel,
    row: Row,
    y: float,
    mark: Mark,
    *,
    digits: int,
    inch: float,
    number_at: float | None = None,
) -> None:
    """Draw one mean with its interval, and its number beside or in a column."""
    low, high = axes.get_xlim()
    if row["suppressed"]:
        grey: dict[str, Any] = {"fontsize": SMALL, "color": SOFT, "style": "italic"}
        axes.text(low + 0.04 * inch, y, HIDDEN, va="center_baseline", **grey)
        return
    name = f"{row['variable']}|{row['group']}"
    right = row["mean"] + 0.06 * inch  # the dot itself
    if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
        ends = [max(row["ci_low"], low), min(row["ci_high"], high)]
        draw_line(axes, ends, [y, y], color=mark.colour, lw=2, gid=f"interval|{name}")
        right = max(right, ends[1])
    look = marker_look(mark.marker, mark.colour, filled=mark.filled)
    gid = f"mean|{name}"
    look |= {"ls": "", "clip_on": False, "zorder": 4}
    draw_line(axes, [row["mean"]], [y], gid=gid, **look)
    axes.text(
        right + 0.06 * inch if number_at is None else number_at,
        y,
        format_number(row["mean"], digits),
        fontsize=SMALL,
        ha="left" if number_at is None else "right",
        va="center_baseline",
        color=INK if mark.filled else SOFT,
        weight="bold" if mark.filled else "normal",
    )


def room_for(digits: int, x_range: tuple[float, float]) -> float:
    """Leave room for a number beside a dot at the end of the axis."""
    ends = [format_number(value, digits) for value in x_range]
    return 0.12 + max(text_width(text, SMALL, bold=True) for text in ends)


def check_range(
    frame: pd.DataFrame, columns: Sequence[str], x_range: tuple[float, float]
) -> None:
    """Refuse an axis that leaves something out."""
    low, high = x_range
    for name in columns:
        outside = frame[(frame[name] < low) | (frame[name] > high)]
        if len(outside):
            raise ParameterError(
                f"x_range {low:g}-{high:g} leaves out {name} of "
                f"'{outside['variable'].iloc[0]}'. Choose a wider one."
            )
