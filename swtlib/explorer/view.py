"""What a researcher looks at: a choice of answers, people and form."""

from dataclasses import dataclass
from typing import Literal, get_args

from swtlib.errors import ParameterError, did_you_mean
from swtlib.groups import ALL

Show = Literal["means", "answers", "gap", "change", "relation"]
Split = Literal[
    "team", "teams", "functie", "geslacht", "leeftijd", "ervaring", "cijfer"
]


@dataclass(frozen=True, kw_only=True)
class View:
    """One way to look at a wave; :func:`show_view` makes the table and the figure.

    Parameters
    ----------
    year : int
        The wave.
    instrument : str
        What was asked, such as ``"bakens"``.
    show : {"means", "answers", "gap", "change", "relation"}, default "means"
        Means with intervals; which part gave each answer; marks now and wanted;
        a wave beside an earlier one; competences beside bakens.
    group : str, default ""
        Scale group in the codebook, such as ``"fasen"``; with ``show="change"`` of
        the competences ``"have"``, ``"want"`` or ``"gap"``. Empty: all statements.
    only : str, default ""
        One scale, which then stands above its statements, or one statement.
    split : str, default "team"
        Who stand beside each other. "team": the `team` and the others. "teams":
        every team. "functie", "geslacht", "leeftijd", "ervaring": groups of people.
        "cijfer": who gives a low and who a high mark for `competence`.
    team : str, default "alle"
        Team id, or everybody together.
    competence : str, default ""
        With ``split="cijfer"`` only.
    since : int, default 0
        With ``show="change"``: the earlier wave; 0 is the last one before.
    confidence : float, default 0.95
        Level of every interval.

    Raises
    ------
    ParameterError
        If there is no such form or split, or `confidence` is not between 0.5 and 1.
        Whether the wave has what is asked is said by `show_view`.

    Examples
    --------
    >>> View(year=2015, instrument="bakens", group="bakens").split
    'team'
    """

    year: int
    instrument: str
    show: Show = "means"
    group: str = ""
    only: str = ""
    split: Split = "team"
    team: str = ALL
    competence: str = ""
    since: int = 0
    confidence: float = 0.95

    def __post_init__(self) -> None:
        """Refuse what no wave could show."""
        for value, kind, name in (
            (self.show, Show, "show"),
            (self.split, Split, "split"),
        ):
            if value not in get_args(kind):
                raise ParameterError(
                    f"there is no {name} '{value}'."
                    + did_you_mean(str(value), get_args(kind))
                )
        if not 0.5 <= self.confidence < 1:
            raise ParameterError(
                f"confidence = {self.confidence:g} is not between 0.5 and 1; 0.95 is "
                "usual."
            )
