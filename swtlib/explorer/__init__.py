"""Look at a wave with your hands: choose, see, export, and keep as a notebook.

:class:`View` says what is looked at and :func:`show_view` works it out. What can be
chosen, and why something cannot, is in :mod:`swtlib.explorer.choices`; the controls
in JupyterLab (:mod:`swtlib.explorer.widgets`) are a thin face over these.
"""

from typing import TYPE_CHECKING

from swtlib.explorer.result import ViewResult, show_view
from swtlib.explorer.session import Session
from swtlib.explorer.view import View

if TYPE_CHECKING:
    from swtlib.explorer.widgets import Verkenner

__all__ = ["Session", "View", "ViewResult", "open_explorer", "show_view"]


def open_explorer(
    *, year: int = 2015, team: str = "alle", confidence: float = 0.95
) -> "Verkenner":
    """Open the controls of the verkenner, on the bakens.

    Parameters
    ----------
    year : int, default 2015
        Wave to begin with.
    team : str, default "alle"
        Team to begin with; one with too few answers becomes "alle".
    confidence : float, default 0.95
        Level of every interval.

    Returns
    -------
    Verkenner
        Shows itself in JupyterLab.

    Raises
    ------
    WaveError
        If there is no such wave or team.
    """
    from swtlib.explorer.widgets import Verkenner

    view = View(
        year=year,
        instrument="bakens",
        group="bakens",
        team=team,
        confidence=confidence,
    )
    return Verkenner(Session(confidence=confidence), view)
