"""The ledger, ``outputs/<year>/runs.json``: how each run ended, what it was made of.

A run is up to date when it would be made of the same things again, and the
files that it wrote stand there unharmed. Everything else is stale, with a
reason. The ledger holds fingerprints and times: no answers, no paths of this
machine. All else that a run writes is the same each time.

For programs that follow a batch it is the summary, replaced whole as runs end:

``batch``
    The last one that came to a result: when it ``began`` and ``ended`` (empty
    while it goes on, and if it was killed), and ``states``: "waiting" (also
    while it runs), "done", "failed" or "cancelled" per ``team/notebook`` that it
    had to run.
``runs``
    The last run of each page: ``notebook, team``, ``state`` ("done" or
    "failed"), ``seconds``, ``finished``, ``error`` (one line), ``cell`` (the
    number between brackets) and the ``heading`` above it, ``made_from`` and
    ``files``. A run that was cancelled changes nothing here.
``parts``, ``report``
    What runs were made of, kept once; the check of a published report.
"""

import datetime
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from swtlib import project
from swtlib.batch.html import Page
from swtlib.batch.inputs import (
    PARTS,
    UNKNOWN,
    Inputs,
    Part,
    gather_inputs,
    hash_file,
    hash_text,
    say_change,
)
from swtlib.batch.plan import Job
from swtlib.batch.report import JobResult
from swtlib.errors import SwtError

KEPT = ("tables/*.csv", "figuren/*.png")  # what a run keeps beside its page
SMALL = 0.05  # seconds; a ledger that takes longer to write is not written each time
SHARE = 20  # then writing it takes no more than one part in so many of the time


class LedgerError(SwtError):
    """The ledger cannot be written."""


class Ledger:
    """The ledger of one wave, in memory while a batch goes on.

    Parameters
    ----------
    year : int
        The wave. A ledger that is missing or damaged counts as empty: then
        everything is stale.
    """

    def __init__(self, year: int) -> None:
        self.year = year
        content = _read(year)
        self._runs: dict[tuple[str, str], dict[str, Any]] = {
            (run["team"], run["notebook"]): run for run in content["runs"]
        }
        self._parts: dict[str, Mapping[str, str]] = dict(content["parts"])
        self._report: dict[str, str] = dict(content["report"])
        self._batch: dict[str, Any] = dict(content["batch"])
        self._due = 0.0
        self._changed = False

    def reasons(self, job: Job, inputs: Inputs) -> tuple[str, ...]:
        """Say why a run is stale.

        Parameters
        ----------
        job : Job
            The run.
        inputs : Inputs
            What it may use, as it is now.

        Returns
        -------
        tuple of str
            Empty if it is up to date.
        """
        run = self._runs.get((job.team, job.name))
        if run is None:
            return ("it never ran",)
        if run.get("state") != "done":
            return ("it failed the last time",)
        before = {
            part: self._parts.get(value, value) if isinstance(value, str) else value
            for part, value in dict(run.get("made_from", {})).items()
        }
        if not before:
            return ("it is not known what it was made of",)
        now = inputs.made_again(before)
        changed = [
            say_change(part, before.get(part), now[part])
            for part in PARTS
            if before.get(part) != now[part] or _untraceable(now[part])
        ]
        return tuple(changed) or tuple(_harmed(job, run.get("files", {})))

    def begin(self, jobs: Iterable[Job]) -> None:
        """Note that a batch begins, and what it has to run."""
        states = {_page(job): "waiting" for job in jobs}
        self._batch = {"began": _now(), "ended": "", "states": states}

    def end(self) -> None:
        """Note that it ended; what did not run by then was cancelled."""
        states = self._batch["states"]
        for page, state in states.items():
            states[page] = "cancelled" if state == "waiting" else state
        self._batch["ended"] = _now()
        self._changed = True

    def record(self, result: JobResult, inputs: Inputs | None = None) -> None:
        """Note how a run ended, and remove what an earlier one left.

        Tables and figures that the notebook no longer makes would pass for its
        results; after a failure none is kept.

        Parameters
        ----------
        result : JobResult
            Of a run that was cancelled nothing changes.
        inputs : Inputs, optional
            What it was made of, taken before it began; without it the run
            counts as stale.
        """
        if result.state == "cancelled":
            return
        job = result.job
        known = result.state == "failed" or bool(result.files)
        for path in _kept_by(job, {name for _, name in self._runs}) if known else ():
            if path.relative_to(job.outputs).as_posix() not in result.files:
                with suppress(OSError):  # a folder that cannot be written in
                    path.unlink(missing_ok=True)
        made_from = {}
        if result.state == "done" and inputs is not None and result.files:
            made = inputs.made_from(result.used)
            made_from = {part: self._shared(value) for part, value in made.items()}
        self._runs[job.team, job.name] = {
            "notebook": job.name,
            "team": job.team,
            "state": result.state,
            "seconds": round(result.seconds, 2),
            "finished": _now(),
            "error": result.error,
            "cell": result.cell,
            "heading": result.heading,
            "made_from": made_from,
            "files": dict(sorted(result.files.items())),
        }
        if _page(job) in self._batch.get("states", {}):
            self._batch["states"][_page(job)] = result.state
        self._changed = True
        if time.monotonic() >= self._due:
            with suppress(OSError):  # the next result tries again
                self.save()

    def report_is_current(self, made_from: str, page: Path) -> bool:
        """Say whether the check of the report is up to date."""
        return self._report == {"made_from": made_from, "page": hash_file(page)}

    def record_report(self, made_from: str, page: Path) -> None:
        """Note what the check of the report was made of."""
        self._report = {"made_from": made_from, "page": hash_file(page)}
        self._changed = True

    def save(self) -> Path:
        """Write the ledger, whole or not at all."""
        start = time.monotonic()
        path = _path(self.year)
        if self._changed:
            project.write_atomic(path, self._text())
            self._changed = False
        took = time.monotonic() - start
        self._due = start + (SHARE * took if took > SMALL else 0.0)
        return path

    def _shared(self, value: Part) -> str:
        """Put a part that many runs have in common in one place."""
        if isinstance(value, str):
            return value
        key = hash_text(json.dumps(value, sort_keys=True))
        self._parts.setdefault(key, value)
        return key

    def _text(self) -> str:
        runs = [self._runs[key] for key in sorted(self._runs)]
        used = {key for run in runs for key in dict(run.get("made_from", {})).values()}
        parts = {key: self._parts[key] for key in sorted(used & self._parts.keys())}
        return (
            f'{{"year": {self.year},\n"batch": {_line(self._batch)},\n"runs": [\n'
            + ",\n".join(_line(run) for run in runs)
            + '\n],\n"parts": {\n'
            + ",\n".join(f'"{key}": {_line(part)}' for key, part in parts.items())
            + f'\n}},\n"report": {_line(self._report)}}}\n'
        )


@contextmanager
def keep_ledger(pages: Mapping[Job, Page]) -> Iterator[Callable[[JobResult], None]]:
    """Note how the runs of a plan end, each at once.

    Parameters
    ----------
    pages : mapping of Job to Page
        The plan, as it is before the first run begins.

    Returns
    -------
    context manager of function
        To be called with each result.

    Raises
    ------
    LedgerError
        At the end, if it cannot be written (a full disk). That stops no run.
    """
    inputs = gather_inputs(pages)
    ledgers = {year: Ledger(year) for year in {job.year for job in pages}}
    for year, ledger in ledgers.items():
        ledger.begin(job for job in pages if job.year == year)

    def record(result: JobResult) -> None:
        ledgers[result.job.year].record(result, inputs[result.job])

    try:
        yield record
    finally:
        for ledger in ledgers.values():
            ledger.end()
            try:
                ledger.save()
            except OSError as error:
                raise LedgerError(
                    f"{project.readable(_path(ledger.year))} could not be written: "
                    f"{error.strerror}. Mend that and run again: what ended since it "
                    "was last written is not known, and is made again."
                ) from error


def read_ledger(year: int) -> list[dict[str, Any]]:
    """Read the latest run of each page of a wave.

    Parameters
    ----------
    year : int
        The wave.

    Returns
    -------
    list of dict
        With ``notebook, team, state, seconds, finished, error, cell, heading,
        made_from, files``, ordered by team and notebook; empty if nothing ran
        yet or the file cannot be read.
    """
    runs: list[dict[str, Any]] = _read(year)["runs"]
    return runs


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


def _read(year: int) -> dict[str, Any]:
    try:
        content = json.loads(_path(year).read_text(encoding="utf-8"))
        runs = [dict(run) for run in content["runs"]]
        for run in runs:
            float(run["seconds"])
            (run["team"], run["notebook"], dict(run.get("made_from", {})))
        parts = {key: dict(part) for key, part in content.get("parts", {}).items()}
        report = dict(content.get("report", {}))
        batch = dict(content.get("batch", {}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"runs": [], "parts": {}, "report": {}, "batch": {}}
    return {"runs": runs, "parts": parts, "report": report, "batch": batch}


def _path(year: int) -> Path:
    return project.outputs_dir(year) / "runs.json"


def _page(job: Job) -> str:
    return f"{job.team}/{job.name}"


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _untraceable(part: Part) -> bool:
    return not isinstance(part, str) and UNKNOWN in part.values()


def _harmed(job: Job, files: Mapping[str, str]) -> list[str]:
    """List the files of a run that are gone, or not as it wrote them."""
    found = []
    for name, expected in files.items():
        there = hash_file(job.outputs / name)
        if there != expected:
            found.append(f"{name} {'was changed' if there else 'is missing'}")
    return found


def _kept_by(job: Job, names: Iterable[str]) -> list[Path]:
    """List the tables and figures that stand under the name of a notebook."""
    others = {path.stem for path in job.notebook.parent.glob("*.ipynb")} | set(names)
    longer = tuple(f"{n}_" for n in others if n.startswith(f"{job.name}_"))
    return [
        path
        for pattern in KEPT
        for path in job.outputs.glob(pattern)
        if path.name.startswith(f"{job.name}_") and not path.name.startswith(longer)
    ]
