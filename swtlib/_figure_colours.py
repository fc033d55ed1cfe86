"""The colours of answers and effects: ochre is low, blue is high.

Ochre and blue stay apart with every colour blindness. Each colour of a bar has a
lightness of its own, so that also a black and white print tells both ends apart.
"""

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex

from swtlib._figure_style import luminance

Colour: TypeAlias = tuple[float, float, float]
Floats: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"

_LOW = ("#3a2600", "#9a6700", "#e3b04b", "#fdf6e4")  # dark to light
_HIGH = ("#02202c", "#0a5871", "#4fa3c4", "#e6f3f9")
_GREY = ("#20262c", "#868f98", "#f2f4f6")
_DARKEST, _LIGHTEST = 26.0, 88.0  # CIE lightness of answers
_AMONG_SIDES = 76.0  # the lightest when there is no neutral answer


def lightness(colour: Sequence[float]) -> float:
    """Give the CIE lightness of a colour: 0 is black and 100 white."""
    part = luminance(colour)
    return float(116 * part ** (1 / 3) - 16 if part > 216 / 24389 else part * 903.3)


@cache
def answer_colours(size: int) -> tuple[Colour, ...]:
    """Give a colour for each answer, lowest first, with grey in the middle.

    From the ends inwards they become lighter, and a low answer is darker than the
    high one opposite it: each has a lightness of its own.
    """
    half, middle = divmod(size, 2)
    top = _LIGHTEST if middle else _AMONG_SIDES
    steps = np.linspace(_DARKEST, top, max(2, 2 * half + middle))
    low = [_tint(_LOW, step) for step in steps[0 : 2 * half : 2]]
    high = [_tint(_HIGH, step) for step in steps[1 : 2 * half : 2]]
    neutral = [_tint(_GREY, steps[-1])] * middle
    return (*low, *neutral, *reversed(high))


@cache
def effect_colours() -> LinearSegmentedColormap:
    """Give the colours of effects: nearly white at 0, dark at both ends."""
    low = [_tint(_LOW, step) for step in (30, 50, 70, 88)]
    high = [_tint(_HIGH, step) for step in (88, 70, 50, 30)]
    white = _tint(_GREY, 96)
    colours = [to_hex(colour) for colour in (*low, white, *high)]
    return LinearSegmentedColormap.from_list("swtlib", colours)


def _tint(ramp: Sequence[str], light: float) -> Colour:
    """Take the colour of this lightness from a ramp of dark to light."""
    colours, lights = _steps_of(tuple(ramp))
    at = int(np.abs(lights - light).argmin())
    red, green, blue = (float(part) for part in colours[at])
    return red, green, blue


@cache
def _steps_of(ramp: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Give the colours of a ramp, and the lightness of each."""
    places = np.linspace(0, 1, 512)
    colours = LinearSegmentedColormap.from_list("ramp", ramp, N=512)(places)[:, :3]
    return colours, np.array([lightness(colour) for colour in colours])
