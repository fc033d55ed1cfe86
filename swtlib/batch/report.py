"""What came of a batch, and what is told of it at the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from swtlib import project
from swtlib.batch.plan import Job

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
    """

    results: tuple[JobResult, ...]
    seconds: float
    interrupted: bool = False
    index: Path | None = None
    n_current: int = 0

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
        """Give 0 if all is well, 1 if a run failed, 130 after Ctrl-C."""
        if self.interrupted:
            return EXIT_INTERRUPTED
        return EXIT_FAILED if self.failed else 0

    def summary(self) -> str:
        """Say what was made, what failed, in which cell, and where to look."""
        total, n_failed = len(self.results), len(self.failed)
        lines = [f"{len(self.done)} of {total} pages made in {self.seconds:.1f} s."]
        if self.n_current and not total:
            lines = [f"{self.n_current} of {self.n_current} pages are up to date."]
        elif self.n_current:
            lines[0] += f" {self.n_current} were up to date."
        if self.interrupted:
            lines[0] += " Interrupted: the other pages are as they were."
        if n_failed:
            lines.append(f"{n_failed} failed:")
        alike: dict[tuple[str, str, str], list[JobResult]] = {}
        for result in self.failed:
            key = (result.job.name, result.error, result.place())
            alike.setdefault(key, []).append(result)
        for (name, error, place), results in alike.items():
            teams = ", ".join(result.job.team for result in results)
            lines.append(f"  {name} for {teams}: {error}")
            kept = [r.job.failed for r in results if r.job.failed.exists()]
            where = [place] if place else []
            where += [f"see {project.readable(kept[0])}"] if kept else []
            if where:
                lines.append(f"    {'; '.join(where)}")
        if self.index is not None:
            lines.append(f"Open {project.readable(self.index)}")
        return "\n".join(lines)
