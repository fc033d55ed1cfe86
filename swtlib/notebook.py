"""What a notebook of the workbench works with: one run, for one team and year.

A run makes the result tables and shows them, so that a notebook reads as
question, table, figure, reading. It is built up in steps, one per module:
:class:`~swtlib.results.Selection` (results of any instrument), ``ReportResults``
(of this report), ``Display`` (show and keep), ``ReportDisplay`` (the tables and
sentences of this report), and here the notebook: its parameters, whom the page
is about, and what it was made from.
"""

import html
import os
import re
from dataclasses import dataclass, replace

from swtlib._notebook_report import ReportDisplay
from swtlib._notebook_show import Shown, show_provenance
from swtlib.errors import ParameterError, WaveError
from swtlib.project import NOTEBOOK, raw_dir
from swtlib.wave import ORIGINS, Wave, load_wave, read_wave

__all__ = ["NotebookRun", "Shown", "new_run"]


@dataclass(frozen=True, kw_only=True)
class NotebookRun(ReportDisplay):
    """One notebook, run for one team and year.

    Parameters
    ----------
    name : str
        Name of the notebook; its files are kept under it.
    wave, team, confidence
        As in `Selection`.
    """

    def intro(self) -> Shown:
        """Say whom this page is about, and what must be known beforehand."""
        total = len(self.base.respondents)
        parts = [f"<p>{html.escape(self._whom(total))}</p>"]
        parts += [
            f'<div class="note">{html.escape(note.text.strip())}</div>'
            for note in self.wave.facts.notes
            if self.name in note.notebooks
        ]
        return Shown("\n".join(parts))

    def provenance(self) -> Shown:
        """Say what this page was made from, so that it can be made again."""
        instruments = self.wave.codebook.instruments.values()
        used = [i for i in instruments if i.id in self.wave.asked]
        versions = ", ".join(f"{i.id} {i.version}" for i in used)
        real = self.wave.origin == "reconstruction"
        of_whom = "van het echte onderzoek: " if real else ""
        rows = {
            "Herkomst": f"{ORIGINS[self.wave.origin]}, {self.wave.facts.occasion}",
            "Veldwerk": f"{of_whom}{self.wave.facts.fieldwork or 'niet vermeld'}",
            "Notebook": f"{self.name}, team = {self.team}, year = {self.wave.year}, "
            f"confidence = {self.confidence:g}",
            "Gegevens": f"vingerafdruk {self.wave.data_hash}",
            "Vragenlijst": versions or "geen stellingen op deze pagina",
        }
        return show_provenance(rows, packages=("numpy", "scipy", "matplotlib"))

    def example(self, name: str = "bewoners") -> "NotebookRun":
        """Show the same page on an invented survey; see `swtlib.examples`."""
        from swtlib.examples import load_example

        return self._on(load_example(name, year=self.wave.year))

    def survey(self, name: str) -> "NotebookRun":
        """Show the same page on another survey of this year.

        Parameters
        ----------
        name : str
            Folder in ``data/raw/<year>`` with ``wave.toml``, the export and a
            folder ``codebook``; its teams have the ids of the wijkteams.

        Returns
        -------
        NotebookRun

        Raises
        ------
        WaveError
            If it is not there, or is of another year.
        CodebookError, IngestError
            If its questionnaire or export has a fault.
        """
        return self._on(read_wave(raw_dir(self.wave.year) / name))

    def _on(self, wave: Wave) -> "NotebookRun":
        if wave.year != self.wave.year:
            raise WaveError(
                f"{wave.facts.place}: year = {wave.year}, but this page is of "
                f"{self.wave.year}."
            )
        return replace(self, wave=wave)  # a team that it lacks has no answers

    def _whom(self, total: int) -> str:
        facts, base = self.wave.facts, self.base
        whole = len(base.respondents) == len(self.wave.respondents)
        teams = (self.wave if whole else base).respondents["team"].nunique()
        words = facts.words
        if self.team == "alle":
            return (
                f"Deze pagina gaat over {total} {words.people} uit {teams} "
                f"{words.groups} ({facts.occasion})."
            )
        if self.team not in self.wave.members:
            return (
                f"Over {words.group} {self.team_label} heeft deze enquête geen "
                f"gegevens. Daarom staan hier de uitkomsten van {self.labels['alle']} "
                f"samen ({len(self.base.respondents)} {words.people})."
            )
        n, size = self._n_of(self.team), self.wave.members[self.team]
        if self.too_small:
            return (
                f"Uit {words.group} {self.team_label} kwamen minder dan {self.min_n} "
                "antwoorden. Dat zijn er te weinig om te laten zien zonder dat iemand "
                "te herkennen is. Daarom staan hier de uitkomsten van "
                f"{self.labels['alle']} samen ({len(self.base.respondents)} "
                f"{words.people})."
            )
        of_whom = (
            f"{n} van de {size} {words.members}" if size else f"{n} {words.people}"
        )
        return (
            f"Deze pagina zet {words.group} {self.team_label} ({of_whom} deden mee) "
            f"naast de {self.labels['andere']} samen ({total - n} {words.people}, "
            f"{facts.occasion})."
        )


def new_run(
    name: str, *, team: str = "alle", year: int = 2015, confidence: float = 0.95
) -> NotebookRun:
    """Start a notebook: check its parameters and load the wave.

    Parameters
    ----------
    name : str
        Name of the notebook, as its file is called.
    team : str, default "alle"
        Team id, or all teams.
    year : int, default 2015
        Year of the measurement.
    confidence : float, default 0.95
        Level of every interval, from 0.5 to below 1.

    Returns
    -------
    NotebookRun

    Raises
    ------
    WaveError
        If there is no such wave or team.
    ParameterError
        If ``confidence`` is not between 0.5 and 1, or the name is not that of
        the notebook that the batch runs: its files would replace another's.
    """
    if not re.fullmatch(r"\w+", name):
        raise ParameterError(
            f"'{name}' is no name for a notebook: use letters, digits and _."
        )
    running = os.environ.get(NOTEBOOK, name)
    if name != running:
        raise ParameterError(
            f'{running}.ipynb says new_run("{name}"), so its tables would replace '
            f'those of {name}. Make it new_run("{running}").'
        )
    if not 0.5 <= confidence < 1:
        raise ParameterError(
            f"confidence = {confidence:g} is not between 0.5 and 1; 0.95 is usual."
        )
    wave = load_wave(year)
    wave.check_team(team)
    return NotebookRun(name=name, wave=wave, team=team, confidence=confidence)
