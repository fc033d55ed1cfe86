"""What came of a batch, and what is told of it at the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from swtlib import project
from swtlib.batch.plan import Job

if TYPE_CHECKING:
    from rich.console import Console

State = Literal["done", "failed", "cancelled"]

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130  # what a shell reports after Ctrl-C


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """How one run ended.

    Parameters
    ----------
    job : Job
        What ran.
    state : {"done", "failed", "cancelled"}
        A cancelled run left everything as it was.
    seconds : float
        Wall time.
    error : str
        Last line of the error, empty unless the run failed.
    cell : int or None
        Number between brackets of the cell that failed, ``[4]``.
    heading : str
        Heading above that cell.
    used : tuple of str
        Instruments and surveys that the run noted as used.
    files : mapping of str to str
        Fingerprints of what it wrote, by path in the folder of the team.
    """

    job: Job
    state: State
    seconds: float = 0.0
    error: str = ""
    cell: int | None = None
    heading: str = ""
    used: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict, hash=False)

    def place(self) -> str:
        """Say where the run failed: ``cell [4], under 'Resultaten'``."""
        if self.cell is None:
            return ""
        return f"cell [{self.cell}]" + (
            f", under '{self.heading}'" if self.heading else ""
        )


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """How a batch ended: a result per job, in the order of the plan.

    Parameters
    ----------
    results : tuple of JobResult
        One per job.
    seconds : float
        Wall time of the whole.
    interrupted : bool
        Whether Ctrl-C ended it.
    index : Path or None
        The front page, once it is written.
    n_current : int
        How many runs of the plan were up to date and left alone.
    problems : tuple of str
        What went wrong besides: a ledger or front page that cannot be written.
    beside : tuple
        What was worked out beside the runs; empty if nothing came of it.
    """

    results: tuple[JobResult, ...]
    seconds: float
    interrupted: bool = False
    index: Path | None = None
    n_current: int = 0
    problems: tuple[str, ...] = ()
    beside: tuple[Any, ...] = ()

    @property
    def done(self) -> tuple[JobResult, ...]:
        """Runs whose page was made."""
        return tuple(r for r in self.results if r.state == "done")

    @property
    def failed(self) -> tuple[JobResult, ...]:
        """Runs that ended in an error."""
        return tuple(r for r in self.results if r.state == "failed")

    @property
    def exit_code(self) -> int:
        """Give 0 if all is well, 1 if anything failed, 130 after Ctrl-C."""
        if self.interrupted:
            return EXIT_INTERRUPTED
        return EXIT_FAILED if self.failed or self.problems else 0

    def summary(self) -> str:
        """Say what was made, what failed, in which cell, and where to look."""
        lines = [self._made()]
        if self.failed:
            lines.append(f"{len(self.failed)} failed:")
        for failure in self._failures():
            lines.append(f"  {failure.notebook} for {failure.teams}: {failure.error}")
            where = [failure.place] if failure.place else []
            where += [f"see {project.readable(failure.kept)}"] if failure.kept else []
            if where:
                lines.append(f"    {'; '.join(where)}")
        return "\n".join([*lines, *self._ending()])

    def print_to(self, console: "Console") -> None:
        """Print the summary; in a terminal what failed is a table.

        Parameters
        ----------
        console : Console
            Of rich. In a pipe it gets what `summary` gives.
        """
        if not (console.is_terminal and self.failed):
            console.print(self.summary(), markup=False, soft_wrap=True)
            return
        from rich.table import Table
        from rich.text import Text

        title = f"{len(self.failed)} failed"
        table = Table(title=title, title_justify="left", show_lines=True)
        table.add_column("notebook", overflow="fold")
        table.add_column("teams", overflow="fold")
        table.add_column("what happened, and where to look", overflow="fold", ratio=1)
        for failure in self._failures():
            told = [Text(failure.error, style="red"), Text(failure.place)]
            if failure.kept is not None:
                link = f"link {failure.kept.resolve().as_uri()}"
                told.append(Text(project.readable(failure.kept), style=link))
            told = [text for text in told if text]
            table.add_row(failure.notebook, failure.teams, Text("\n").join(told))
        console.print(self._made(), markup=False, soft_wrap=True)
        console.print(table)
        for line in self._ending():
            console.print(line, markup=False, soft_wrap=True)

    def _made(self) -> str:
        total = len(self.results)
        if self.n_current and not total:
            return f"{self.n_current} of {self.n_current} pages are up to date."
        made = f"{len(self.done)} of {total} pages made in {self.seconds:.1f} s."
        if self.n_current:
            made += f" {self.n_current} were up to date."
        if self.interrupted:
            made += " Interrupted: the other pages are as they were."
        return made

    def _ending(self) -> list[str]:
        there = [] if self.index is None else [f"Open {project.readable(self.index)}"]
        return [*self.problems, *there]

    def _failures(self) -> list["_Failed"]:
        """Take together what went wrong alike."""
        alike: dict[tuple[str, str, str], list[JobResult]] = {}
        for result in self.failed:
            key = (result.job.name, result.error, result.place())
            alike.setdefault(key, []).append(result)
        found = []
        for (name, error, place), results in alike.items():
            kept = [r.job.failed for r in results if r.job.failed.exists()]
            teams = ", ".join(result.job.team for result in results)
            found.append(_Failed(name, teams, error, place, kept[0] if kept else None))
        return found


@dataclass(frozen=True)
class _Failed:
    notebook: str
    teams: str
    error: str
    place: str
    kept: Path | None  # the notebook as far as it came
