"""The look of every figure: paper, type, colours; for :mod:`swtlib.figures`.

A figure is laid out in inches from its top left corner, because its text is
wrapped to measure: nothing is cut off, whatever the length of a statement. It
is 5.5 inches wide with type of at least 10 points: 10 pixels high on a telephone
of 400 pixels. Colours differ in lightness, so that they differ in black and white.
"""

import base64
import html
import io
import math
import os
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib import style as mpl_style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from swtlib._figure_svg import SvgCanvas
from swtlib._file_texts import DRAWN_BY
from swtlib._table_text import DASH, format_number
from swtlib.errors import ParameterError

WIDTH = 5.5  # inches
MARGIN = 0.04
TITLE, TEXT, SMALL = 12.0, 10.5, 10.0  # points
DPI = 160  # pixels per inch
_MEASURED = 100  # points, at which words are measured
PACKED = 2  # of 9: more makes a file a few percent smaller, in twice the time
BAND = 128  # rows of pixels that are packed at once
LEADING = 1.28  # line height as part of the type size

INK, SOFT, LINE = "#1b2530", "#566270", "#d8dee5"
MAIN, OTHER = "#0a5871", "#87919c"

_SVG = {"svg.fonttype": "none", "svg.hashsalt": "swtlib"}
_NO_DATE = {"Date": None, "Creator": None}
_FONTS = ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with the words that belong to it.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        The drawing; title, note and origin are in it.
    title : str
        What the figure is about, as it was asked for.
    alt : str
        The main numbers in words, for who cannot see the figure.
    note : str
        The lines under the figure: how to read it, and what is hidden and why.
    origin : str
        Where the answers come from.
    finding : str
        What is to be seen: the headline, made from the shown cells alone. Empty
        where nothing can be said; then `title` is the headline.
    drawn : bytes
        The file of `picture_png`, where the figure was drawn ahead.
    """

    figure: Figure = field(repr=False)
    title: str
    alt: str
    note: str
    origin: str
    finding: str = ""
    drawn: bytes = field(default=b"", repr=False)

    def _repr_html_(self) -> str:
        data = base64.b64encode(picture_png(self)).decode("ascii")
        alt = html.escape(self.alt, quote=True)
        return f'<img alt="{alt}" src="data:image/png;base64,{data}">'


def picture_png(picture: Picture, *, dpi: int = DPI) -> bytes:
    """Give a picture as a PNG file, the same bytes every time.

    Parameters
    ----------
    picture : Picture
        From a plot function.
    dpi : int, default: 160
        Pixels per inch.

    Returns
    -------
    bytes
        Without a date. It says that this library drew it, by which
        `release_scan` knows that a protected table was behind it.
    """
    if picture.drawn and dpi == DPI and not picture.figure.stale:
        return picture.drawn
    canvas: Any = FigureCanvasAgg(picture.figure)
    with figure_style():
        canvas.print_figure(os.devnull, format="rgba", dpi=dpi)
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]  # the paper is opaque
    _forget_pixels(picture.figure)
    return _png_file(pixels, dpi)


def _forget_pixels(figure: Figure) -> None:
    """Let go of what a figure was drawn on: it is a hundred times its file."""
    FigureCanvasAgg(figure)
    text: Any
    for text in figure.findobj(Text):
        text._renderer = None  # matplotlib keeps it for measuring, and finds another


def _png_file(pixels: "np.ndarray[Any, np.dtype[np.uint8]]", dpi: int) -> bytes:
    """Write an image as a PNG file.

    Pillow tries five filters on each row first. On a drawing that takes most of the
    time and makes the file larger: its rows are alike as they are.
    """
    height, width, channels = pixels.shape
    packer = zlib.compressobj(PACKED)
    packed = b""
    for top in range(0, height, BAND):
        band = pixels[top : top + BAND].reshape(-1, channels * width)
        rows = np.zeros((len(band), 1 + channels * width), dtype=np.uint8)
        rows[:, 1:] = band  # after a 0: no filter
        packed += packer.compress(rows.data)
    per_metre = round(dpi / 0.0254)
    chunks = {
        b"IHDR": struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0),
        b"pHYs": struct.pack(">2IB", per_metre, per_metre, 1),
        b"tEXt": b"Software\0" + DRAWN_BY.encode("latin-1"),
        b"IDAT": packed + packer.flush(),
        b"IEND": b"",
    }
    file = b"\x89PNG\r\n\x1a\n"
    for name, content in chunks.items():
        size, check = len(content), zlib.crc32(name + content)
        file += struct.pack(">I", size) + name + content + struct.pack(">I", check)
    return file


def draw_ahead(picture: Picture) -> Picture:
    """Draw a picture now; what is changed in its figure afterwards is drawn again."""
    png = picture_png(picture)
    picture.figure.stale = False
    return replace(picture, drawn=png)


def picture_svg(picture: Picture) -> str:
    """Give a picture as an SVG file, with its words as text.

    Parameters
    ----------
    picture : Picture
        From a plot function.

    Returns
    -------
    str
        The same every time. Title and words for who cannot see it are in the
        file. Its style reaches nothing else on a page that it is put in.
    """
    file = io.StringIO()
    with figure_style(), mpl_style.context(_SVG):
        canvas: Any = SvgCanvas(picture.figure)
        canvas.print_figure(file, format="svg", metadata=_NO_DATE)
    head, tag, rest = file.getvalue().partition("<svg ")
    attributes, _, body = rest.partition(">")
    body = body.replace("*{stroke-linejoin", "#swt-picture *{stroke-linejoin", 1)
    told = "".join(
        f"<{name}>{html.escape(text, quote=False)}</{name}>"
        for name, text in (("title", picture.title), ("desc", picture.alt))
    )
    return f'{head}{tag}id="swt-picture" role="img" {attributes}>{told}{body}'


@cache
def font_family() -> str:
    """Name the first of our fonts that this computer has."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in known), "sans-serif")


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw in the style of the report; afterwards all settings are as before."""
    import seaborn as sns

    look: dict[str, Any] = {
        **sns.axes_style("whitegrid"),
        **sns.plotting_context("paper"),
        "font.family": [font_family()],
        "font.size": SMALL,
        "text.color": INK,
        "text.parse_math": False,
        "text.hinting": "none",  # as wide as measured, and drawn faster
        "axes.edgecolor": LINE,
        "axes.labelcolor": SOFT,
        "axes.labelsize": SMALL,
        "grid.color": LINE,
        "grid.linewidth": 0.8,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "xtick.bottom": False,
        "ytick.left": False,
        "lines.solid_capstyle": "round",
        "savefig.facecolor": "white",
    }
    with mpl_style.context(["default", look]):
        yield


@cache
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a line of text, in inches."""
    words = text.split(" ")
    width = sum(_word_width(word, bold) for word in words)
    return size * (width + (len(words) - 1) * _word_width(" ", bold))


@lru_cache(maxsize=10_000)
def _word_width(word: str, bold: bool) -> float:
    """Measure a word per point of its size: it is met in many lines and sizes."""
    font = font_manager.get_font(_font_file(bold))
    font.set_size(_MEASURED, 72)
    font.set_text(word, 0.0, flags=LoadFlags.NO_HINTING)
    width = font.get_width_height()[0] / 64  # of a pixel
    return width / _MEASURED / 72 * 1.02  # rounded up now and then


@cache
def _font_file(bold: bool) -> str:
    """Find a font once: it is asked for with every word.

    Its file is kept and not the font: an open font has a place in its file, and
    processes that are forked would share it. matplotlib opens it anew in each.
    """
    properties = font_manager.FontProperties(
        family=[font_family()], weight="bold" if bold else "normal"
    )
    return str(font_manager.findfont(properties))


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break text into lines that fit; a word that is too long is broken too.

    A broken word keeps at least three letters on its next line, and "n = 66" stays
    together, as does what a no-break space joins.
    """
    lines: list[str] = []
    together = text.replace("n = ", "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    for part in re.split(r"[ \t\n]+", together.strip(" \t\n")):
        word = part.replace("\N{NO-BREAK SPACE}", " ")
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size, bold=bold) <= width:
            lines[-1] = joined
            continue
        while text_width(word, size, bold=bold) > width and len(word) > 1:
            most = max(1, len(word) - 3)
            fits = next(
                at
                for at in range(most, 0, -1)
                if at == 1 or text_width(word[:at] + "-", size, bold=bold) <= width
            )
            lines.append(word[:fits] + "-")
            word = word[fits:]
        lines.append(word)
    return [line for line in lines if line]


def _balanced(text: str, width: float, size: float) -> list[str]:
    """Break a title into lines of about the same length."""
    lines = wrap(text, width, size, bold=True)
    while len(lines) > 1:
        width -= 0.1
        narrower = wrap(text, width, size, bold=True)
        if len(narrower) > len(lines) or width < 1:
            break
        lines = narrower
    return lines


def leading(size: float) -> float:
    """Give the height of a line of text, in inches."""
    return size / 72 * LEADING


def text_height(lines: Sequence[str], size: float) -> float:
    """Give the height of some lines of text, in inches."""
    return len(lines) * leading(size)


@dataclass(frozen=True)
class Mark:
    """A sign with its meaning, for the key above a figure."""

    text: str
    colour: str
    marker: str = "o"
    filled: bool = True
    line: bool = False


class Sheet:
    """A figure under construction: words above and below, a body between.

    Positions in the body are inches from its top left corner.
    """

    def __init__(
        self,
        title: str,
        *,
        body: float,
        origin: str,
        finding: str = "",
        subtitle: str = "",
        marks: Sequence[Mark] = (),
        notes: Sequence[str] = (),
        width: float = WIDTH,
    ) -> None:
        if not origin.strip():
            raise ParameterError(
                "a figure says where its answers come from, but origin is empty. "
                "Give origin=wave.origin_line()."
            )
        inner = width - 2 * MARGIN
        # Letters are hinted wider at some sizes than they were measured.
        heading = _balanced(finding or title, 0.96 * inner, TITLE)
        if finding:
            subtitle = ". ".join(text for text in (title, subtitle) if text)
        under = wrap(subtitle, inner, SMALL)
        rows = _mark_rows(marks, inner)
        feet = [wrap(line, inner, SMALL) for line in (*notes, origin) if line]
        self.width, self.body = width, body
        self.top = MARGIN + text_height(heading, TITLE) + 0.05
        words_at = self.top
        self.top += text_height(under, SMALL) + len(rows) * (leading(SMALL) + 0.04)
        self.top += 0.04 if under and rows else 0
        self.top += 0.1
        foot_at = self.top + body + 0.08
        self.height = foot_at + sum(text_height(f, SMALL) + 0.04 for f in feet)
        self.height += MARGIN
        self.figure = Figure(figsize=(width, self.height))
        FigureCanvasAgg(self.figure)
        self._lines(MARGIN, MARGIN, heading, TITLE, weight="bold")
        y = self._lines(MARGIN, words_at, under, SMALL, color=SOFT)
        y += 0.04 if under else 0
        for row in rows:
            self._mark_row(row, y)
            y += leading(SMALL) + 0.04
        y = foot_at
        for foot in feet:
            y = self._lines(MARGIN, y, foot, SMALL, color=SOFT) + 0.04

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Make axes in the body."""
        bottom = self.height - self.top - y - height
        return self.figure.add_axes(
            (
                x / self.width,
                bottom / self.height,
                width / self.width,
                height / self.height,
            )
        )

    @cached_property
    def plane(self) -> Axes:
        """Axes over the whole body, in inches, for a number of panels."""
        plane = self.axes(0, 0, self.width, self.body)
        plane.set(xlim=(0, self.width), ylim=(self.body, 0))
        plane.set_axis_off()
        return plane

    def write(
        self, x: float, y: float, lines: str | Sequence[str], size: float, **look: Any
    ) -> None:
        """Write lines in the body, from their top."""
        rows = [lines] if isinstance(lines, str) else lines
        self._lines(x, self.top + y, rows, size, **look)

    def _lines(
        self, x: float, y: float, lines: Sequence[str], size: float, **look: Any
    ) -> float:
        for line in lines:
            base = y + leading(size) * 0.78
            self.figure.text(
                x / self.width,
                1 - base / self.height,
                line,
                fontsize=size,
                va="baseline",
                **look,
            )
            y += leading(size)
        return y

    def _mark_row(self, row: Sequence[tuple[float, Mark]], y: float) -> None:
        middle = 1 - (y + leading(SMALL) / 2) / self.height
        for x, mark in row:
            sign = x + MARGIN + _SIGN / 2
            half = 0.11
            if mark.line:
                ends = [(sign - half) / self.width, (sign + half) / self.width]
                self.figure.add_artist(
                    Line2D(ends, [middle, middle], color=mark.colour, lw=1.8)
                )
            self.figure.add_artist(
                Line2D(
                    [sign / self.width],
                    [middle],
                    ls="",
                    **marker_look(mark.marker, mark.colour, filled=mark.filled),
                )
            )
            self._lines(x + MARGIN + _SIGN + 0.06, y, [mark.text], SMALL, color=INK)


_SIGN = 0.26  # inches for a sign in the key


def _mark_rows(marks: Sequence[Mark], width: float) -> list[list[tuple[float, Mark]]]:
    rows: list[list[tuple[float, Mark]]] = []
    x = math.inf
    for mark in marks:
        wide = _SIGN + 0.06 + text_width(mark.text, SMALL)
        if x + wide > width:
            rows.append([])
            x = 0.0
        rows[-1].append((x, mark))
        x += wide + 0.25
    return rows


def marker_look(marker: str, colour: str, *, filled: bool) -> dict[str, Any]:
    """Give the look of one marker; an open one stays clear in grey."""
    return {
        "marker": marker,
        "color": colour,
        "markersize": {"o": 7.5, "|": 15}.get(marker, 6.5),
        "markeredgewidth": 2.6 if marker == "|" else 1.6,
        "markeredgecolor": colour,
        "markerfacecolor": colour if filled else "white",
    }


def scale_axis(axes: Axes, x_range: tuple[float, float], *, n_ticks: int = 6) -> None:
    """Set up an axis of numbers, with ticks in Dutch, and inches downwards."""
    axes.set_xlim(*x_range)
    axes.xaxis.set_major_locator(FixedLocator(ticks_of(x_range, n_ticks)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: dutch(value)))
    axes.yaxis.set_visible(False)
    axes.grid(visible=True, axis="x")
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="x", pad=2, length=0)


def ticks_of(x_range: tuple[float, float], n_ticks: int) -> list[float]:
    """Choose round numbers for an axis, within its ends."""
    low, high = x_range
    spread = MaxNLocator(n_ticks, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    ticks = np.asarray(spread, dtype=float)
    inside = (ticks >= low - 1e-9) & (ticks <= high + 1e-9)
    return [float(tick) for tick in ticks[inside]]


def dutch(value: float) -> str:
    """Write a tick with no more decimals than it has."""
    text = format_number(value, 2)
    return text.rstrip("0").rstrip(",") if "," in text else text


def n_text(counts: "pd.Series[float] | list[float]") -> str:
    """Write how many answers are behind a row, or behind several."""
    numbers = np.asarray(counts, dtype=float)
    shown = np.unique(numbers[~np.isnan(numbers)])
    if not len(shown):
        return ""
    low, high = (format_number(value, 0) for value in (shown[0], shown[-1]))
    return f"n = {low}" if low == high else f"n = {low}{DASH}{high}"


def upper(text: str) -> str:
    """Begin with a capital and leave the rest."""
    return text[:1].upper() + text[1:]


def ink_on(colour: tuple[float, float, float]) -> str:
    """Choose black or white letters, whichever has the most contrast (WCAG).

    It is at least 4.5 on any colour; INK would fall to 4.0 on some.
    """
    return "black" if (luminance(colour) + 0.05) ** 2 > 0.05 * 1.05 else "white"


def luminance(colour: Sequence[float]) -> float:
    """Give the relative luminance of a colour, 0 to 1 (WCAG)."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
