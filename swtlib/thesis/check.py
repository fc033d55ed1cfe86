"""Checks a whole project in one go: questionnaire, answers, every notebook.

For somebody who does not know Python or tests; what it says is Dutch.
"""

from dataclasses import dataclass

from swtlib._reading_words import joined
from swtlib.batch import run_wave
from swtlib.batch.progress import Style
from swtlib.batch.report import JobResult
from swtlib.codebook import load_codebook
from swtlib.errors import SwtError, WaveError
from swtlib.project import readable, wave_years
from swtlib.questionnaire import build_questionnaire, load_texts
from swtlib.thesis.dutch import in_dutch
from swtlib.wave import load_wave

GOOD, WRONG = "goed", "FOUT"


@dataclass(frozen=True, kw_only=True)
class ProjectCheck:
    """What came of a check.

    Parameters
    ----------
    lines : tuple of (str, bool, str)
        What was looked at, whether it is good, and what is to be said of it.
    index : str
        The front page of the pages that were made; empty if there is none.
    """

    lines: tuple[tuple[str, bool, str], ...]
    index: str = ""

    @property
    def exit_code(self) -> int:
        """Give 0 if everything is good, else 1."""
        return 0 if all(good for _, good, _ in self.lines) else 1

    def summary(self) -> str:
        """Say in Dutch what is good and what is not, a line each."""
        width = max(len(what) for what, _, _ in self.lines)
        told = [
            f"{GOOD if good else WRONG}  {what.ljust(width)}  {said}".rstrip()
            for what, good, said in self.lines
        ]
        wrong = [what for what, good, _ in self.lines if not good]
        if wrong:
            told.append(f"Niet in orde: {joined(wrong)}. Kijk bij {WRONG} wat je doet.")
        elif self.index:
            told.append(f"Alles werkt. De pagina's staan klaar: {self.index}")
        return "\n".join(told)


def check_project(
    *, year: int | None = None, progress: Style = "quiet"
) -> ProjectCheck:
    """Check the project that the working folder is in.

    Parameters
    ----------
    year : int, optional
        Year of the wave; the last one by default.
    progress : {"auto", "bar", "plain", "quiet"}, default "quiet"
        As in `batch.run_jobs`; what it says is English.

    Returns
    -------
    ProjectCheck
        A line for the questionnaire, one for the answers and one per notebook,
        each run in a fresh process on all teams together. After a fault in the
        questionnaire or the answers no notebook is run.

    Raises
    ------
    WaveError
        If there is no project, or it has no wave; in Dutch.
    """
    try:
        years = wave_years()
    except SwtError as fault:
        raise type(fault)(in_dutch(fault)) from None
    if not years:
        raise WaveError(
            "In data/raw staat geen map met wave.toml, dus er is niets te controleren. "
            "Ga naar de map van je project, waar LEESMIJ.md staat."
        )
    when = years[-1] if year is None else year
    lines: list[tuple[str, bool, str]] = []
    for what, look in (("vragenlijst", _questionnaire), ("antwoorden", _answers)):
        try:
            lines.append((what, True, look(when)))
        except (SwtError, OSError) as fault:
            lines.append((what, False, in_dutch(fault)))
            return ProjectCheck(lines=tuple(lines))
    try:
        report = run_wave(year=when, teams=["alle"], progress=progress, force=True)
    except (SwtError, OSError) as fault:
        lines.append(("notebooks", False, in_dutch(fault)))
        return ProjectCheck(lines=tuple(lines))
    for result in report.results:
        lines.append(
            (f"notebook {result.job.name}", result.state == "done", _fault(result))
        )
    lines += [("pagina's", False, in_dutch(problem)) for problem in report.problems]
    index = "" if report.index is None else readable(report.index)
    return ProjectCheck(lines=tuple(lines), index=index)


def _fault(result: JobResult) -> str:
    """Say what went wrong in a notebook, and in which cell."""
    if not result.error:
        return ""
    told = in_dutch(result.error)
    if result.cell is None:
        return told
    under = f" onder het kopje ‘{result.heading}’" if result.heading else ""
    return f"{told} Het gaat om cel [{result.cell}]{under}."


def _questionnaire(year: int) -> str:
    made = build_questionnaire(load_codebook(), load_texts(), year=year)
    questions = list(made.questions())
    items = sum(len(question.rows) for question in questions)
    return f"{items} vragen en zinnen op {len(made.pages)} pagina's"


def _answers(year: int) -> str:
    wave = load_wave(year)
    people = wave.facts.words.people
    made_up = "" if wave.origin == "fieldwork" else " (verzonnen)"
    return f"{len(wave.respondents)} {people}{made_up}"
