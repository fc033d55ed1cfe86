"""What came of a batch, in memory and in ``outputs/<year>/runs.json``."""

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

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
    """

    job: Job
    state: State
    seconds: float = 0.0
    error: str = ""
    cell: int | None = None
    heading: str = ""

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
    """

    results: tuple[JobResult, ...]
    seconds: float
    interrupted: bool = False
    index: Path | None = None

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
            where += [f"see {_readable(kept[0])}"] if kept else []
            if where:
                lines.append(f"    {'; '.join(where)}")
        if self.index is not None:
            lines.append(f"Open {_readable(self.index)}")
        return "\n".join(lines)


def read_ledger(year: int) -> list[dict[str, Any]]:
    """Read the latest run of each page of a wave.

    Parameters
    ----------
    year : int
        The wave.

    Returns
    -------
    list of dict
        With ``notebook, team, state, seconds, finished, error, cell,
        heading``, ordered by team and notebook; empty if nothing ran yet or
        the file cannot be read.
    """
    try:
        content = json.loads(_ledger_path(year).read_text(encoding="utf-8"))
        return [dict(run) for run in content["runs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # a missing or damaged ledger only costs the order of the runs


def write_ledger(results: Iterable[JobResult]) -> list[Path]:
    """Put results into ``runs.json``, in place of earlier runs of the same page.

    Parameters
    ----------
    results : iterable of JobResult
        Cancelled runs are left out: their pages are as they were.

    Returns
    -------
    list of Path
        One file per year.
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    finished = [r for r in results if r.state != "cancelled"]
    paths = []
    for year in sorted({result.job.year for result in finished}):
        runs = {(run["team"], run["notebook"]): run for run in read_ledger(year)}
        for result in finished:
            if result.job.year == year:
                runs[result.job.team, result.job.name] = _entry(result, now)
        content = {"year": year, "runs": [runs[key] for key in sorted(runs)]}
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        paths.append(project.write_atomic(_ledger_path(year), text))
    return paths


def expected_seconds(jobs: Sequence[Job]) -> dict[Job, float]:
    """Guess how long each run takes, from how long it took before.

    Parameters
    ----------
    jobs : sequence of Job
        The plan.

    Returns
    -------
    dict of Job to float
        Seconds of its own last run, else the longest of the same notebook;
        a notebook that never ran goes first.
    """
    known = {
        (year, run["team"], run["notebook"]): float(run["seconds"])
        for year in {job.year for job in jobs}
        for run in read_ledger(year)
        if run.get("state") == "done"
    }
    longest: dict[str, float] = {}
    for (_, _, name), seconds in known.items():
        longest[name] = max(seconds, longest.get(name, 0.0))
    return {
        job: known.get(
            (job.year, job.team, job.name), longest.get(job.name, float("inf"))
        )
        for job in jobs
    }


def _entry(result: JobResult, finished: str) -> dict[str, Any]:
    return {
        "notebook": result.job.name,
        "team": result.job.team,
        "state": result.state,
        "seconds": round(result.seconds, 2),
        "finished": finished,
        "error": result.error,
        "cell": result.cell,
        "heading": result.heading,
    }


def _ledger_path(year: int) -> Path:
    return project.outputs_dir(year) / "runs.json"


def _readable(path: Path) -> str:
    """Give a path that opens from where the command was given."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)
