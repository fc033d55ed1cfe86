"""Writes a figure as SVG in less time; for :mod:`swtlib._figure_style`."""

from functools import lru_cache
from typing import Any, cast

from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath


class SvgCanvas(FigureCanvasSVG):
    """As its base, for figures whose words were measured before in another one."""

    def print_svg(self, filename: Any, *, metadata: Any = None, **_: Any) -> None:
        """Draw with a renderer that remembers."""
        dpi, self.figure.dpi = self.figure.dpi, 72
        width, height = self.figure.get_size_inches() * 72
        about = {"image_dpi": dpi, "metadata": metadata}
        make: Any = _Pen
        pen = make(width, height, filename, **about)
        self.figure.draw(pen)
        pen.finalize()


class _Pen(RendererSVG):
    """Measures a text once: most labels and numbers stand in many figures."""

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """As the base; plain text that was measured before is looked up."""
        whole: Any = super()
        if ismath:
            found = whole.get_text_width_height_descent(s, prop, ismath)
            return cast(tuple[float, float, float], found)
        return _measured(s, prop)


@lru_cache(maxsize=10_000)
def _measured(text: str, look: FontProperties) -> tuple[float, float, float]:
    ruler: Any = TextToPath()
    found = ruler.get_text_width_height_descent(text, look, False)
    return cast(tuple[float, float, float], found)
