"""Panels side by side in one figure; for :mod:`swtlib.figures`."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import rcParams
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from swtlib._figure_style import LINE, SMALL, SOFT, dutch, ticks_of


class Panel:
    """A small axis of numbers with inches downwards, drawn on a plane.

    Axes of their own for each panel would cost more than all that stands in them.

    Parameters
    ----------
    plane : Axes
        `Sheet.plane`.
    box : tuple of float
        Inches in the body: left, top, width and height.
    x_range : tuple of float
        Ends of the axis.
    """

    def __init__(
        self,
        plane: Axes,
        box: tuple[float, float, float, float],
        x_range: tuple[float, float],
    ) -> None:
        x, y, wide, high = box
        self.plane, self.height, self.x_range = plane, high, x_range
        place = Affine2D().translate(-x_range[0], 0)
        place.scale(wide / (x_range[1] - x_range[0]), 1).translate(x, y)
        self.transform = place + plane.transData
        ends = Bbox([[x, y], [x + wide, y + high]])
        self.clip_box = TransformedBbox(ends, plane.transData)

    def get_xlim(self) -> tuple[float, float]:
        """Give the ends of the axis, as axes do."""
        return self.x_range

    def add_artist(self, artist: Artist) -> None:
        """Draw something in units of the panel; what is clipped ends with it."""
        artist.set_transform(self.transform)
        self.plane.add_artist(artist)
        artist.set_clip_box(self.clip_box)

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        """Write in units of the panel."""
        self.plane.text(x, y, text, transform=self.transform, **look)

    def vlines(self, x: float, low: float, high: float, **look: Any) -> None:
        """Draw a standing line in units of the panel."""
        self.add_artist(LineCollection([[(x, low), (x, high)]], **look))

    def scale(self, *, n_ticks: int) -> None:
        """Draw the axis, with ticks in Dutch; as `scale_axis`."""
        high = self.height
        for tick in ticks_of(self.x_range, n_ticks):
            grid: dict[str, Any] = {"color": LINE, "lw": 0.8, "zorder": 0.5}
            draw_line(self, [tick, tick], [high, 0], **grid)
            look: dict[str, Any] = {"fontsize": SMALL, "color": SOFT}
            at = high + 2 / 72
            self.text(tick, at, dutch(tick), ha="center", va="top", **look)
        wide = rcParams["axes.linewidth"]
        edge: dict[str, Any] = {"color": LINE, "lw": wide, "zorder": 2.5}
        edge |= {"clip_on": False, "solid_capstyle": "projecting"}
        draw_line(self, self.x_range, [high, high], **edge)


def draw_line(
    axes: Axes | Panel, x: npt.ArrayLike, y: npt.ArrayLike, **look: Any
) -> None:
    """Draw a line or its markers where the limits of the axes are set by hand.

    As `Axes.plot`, which spends most of its time on limits that it finds itself.
    """
    line = Line2D(np.asarray(x, dtype=float), np.asarray(y, dtype=float), **look)
    axes.add_artist(line)
