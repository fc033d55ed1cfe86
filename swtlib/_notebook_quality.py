"""The tables and sentences on what a scale and a team mean are worth."""

from dataclasses import dataclass

from swtlib._notebook_show import Display


@dataclass(frozen=True, kw_only=True)
class QualityDisplay(Display):
    """A display that says how far scales and team means can be trusted."""
