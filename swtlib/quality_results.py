"""Result tables on what a scale and a team mean are worth."""

from dataclasses import dataclass

from swtlib.results import Selection


@dataclass(frozen=True, kw_only=True)
class QualityResults(Selection):
    """A selection that says how far its scales and team means can be trusted."""
