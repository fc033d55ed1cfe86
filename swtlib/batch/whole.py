"""A whole wave in one go: answers in, pages, check and front page out."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from swtlib.batch.index import write_index
from swtlib.batch.inputs import fingerprint_report, gather_inputs
from swtlib.batch.ledger import Ledger
from swtlib.batch.lock import only_batch
from swtlib.batch.pages import plan_pages
from swtlib.batch.plan import Job, plan_runs
from swtlib.batch.pools import Pools
from swtlib.batch.progress import Style
from swtlib.batch.report import RunReport
from swtlib.batch.run import check_workers, run_jobs
from swtlib.project import outputs_dir, remove_parts
from swtlib.wave import load_wave


@dataclass(frozen=True, kw_only=True)
class Stale:
    """The runs of a wave that must be made again, and why.

    Parameters
    ----------
    reasons : mapping of Job to tuple of str
        In the order of the plan.
    n_planned : int
        How many runs were looked at.
    """

    reasons: Mapping[Job, tuple[str, ...]]
    n_planned: int

    def summary(self) -> str:
        """Say per run why it is stale, and how many are not."""
        lines = [
            f"{job.team}/{job.name}: {'; '.join(why)}"
            for job, why in self.reasons.items()
        ]
        current = self.n_planned - len(self.reasons)
        lines.append(f"{current} of {self.n_planned} pages are up to date.")
        return "\n".join(lines)


def find_stale(
    *,
    year: int,
    teams: Sequence[str] | None = None,
    notebooks: Sequence[str] | None = None,
) -> Stale:
    """Find the runs of a wave that must be made again; nothing is run.

    Parameters
    ----------
    year : int
        Year of the wave; it is ingested if that was not done.
    teams, notebooks : sequence of str, optional
        Some of them; all by default.

    Returns
    -------
    Stale

    Raises
    ------
    WaveError, IngestError
        If the wave is not there, or its export has faults.
    ParameterError
        If a team or notebook does not exist.
    """
    return _find_stale(plan_runs(year=year, teams=teams, notebooks=notebooks))


def run_wave(
    *,
    year: int,
    teams: Sequence[str] | None = None,
    notebooks: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Style = "auto",
    force: bool = False,
    pools: Pools | None = None,
) -> RunReport:
    """Run the notebooks of a wave and write every page about it.

    Parameters
    ----------
    year : int
        Year of the wave; it is ingested if that was not done.
    teams, notebooks : sequence of str, optional
        Some of them; all by default.
    workers, executor, progress, pools
        As in `run_jobs`.
    force : bool, default False
        Whether pages that are up to date are made again too.

    Returns
    -------
    RunReport

    Raises
    ------
    WaveError, IngestError
        If the wave is not there, or its export has faults.
    ParameterError
        If a team or notebook does not exist, or ``workers`` is below 1.
    BusyError
        If another process makes pages of this wave.
    """
    start = time.perf_counter()
    check_workers(workers)
    jobs = plan_runs(year=year, teams=teams, notebooks=notebooks)
    with only_batch(year):
        remove_parts(outputs_dir(year))
        stale = jobs if force else list(_find_stale(jobs).reasons)
        report = RunReport(results=(), seconds=0.0)
        check = partial(_check_report, year, force=force)
        if stale:
            report = run_jobs(
                stale,
                workers=workers,
                executor=executor,
                progress=progress,
                pools=pools,
                beside=check,
            )
        problems, index = list(report.problems), None
        if not report.interrupted:
            with _goes_on(problems, "The check of the report"):
                checked = report.beside[0] if report.beside else check()
                _record_report(year, checked)
        with _goes_on(problems, "The front page"):
            index = write_index(year, report)
        return replace(
            report,
            n_current=len(jobs) - len(stale),
            seconds=time.perf_counter() - start,
            index=index,
            problems=tuple(problems),
        )


@contextmanager
def _goes_on(problems: list[str], what: str) -> Iterator[None]:
    """Have a full disk be told at the end, with all the rest."""
    try:
        yield
    except OSError as error:
        problems.append(f"{what} could not be written: {error.strerror}.")


def _find_stale(jobs: Sequence[Job]) -> Stale:
    inputs = gather_inputs(plan_pages(jobs))
    ledgers = {year: Ledger(year) for year in {job.year for job in jobs}}
    with ThreadPoolExecutor() as pool:  # reads every file that was written
        found = pool.map(lambda job: ledgers[job.year].reasons(job, inputs[job]), jobs)
        reasons = {job: why for job, why in zip(jobs, found, strict=True) if why}
    return Stale(reasons=reasons, n_planned=len(jobs))


def _check_report(year: int, *, force: bool) -> tuple[str, Path] | None:
    """Check the figures of a published report again, if anything changed.

    Gives what the check was made from, and its page.
    """
    from swtlib.reproduction import CHECKED_YEARS, check_report

    wave = load_wave(year)
    if wave.year not in CHECKED_YEARS or wave.origin == "fieldwork":
        return None
    made_from = fingerprint_report(wave.year)
    page = outputs_dir(wave.year) / "reproductie.html"
    if force or not Ledger(wave.year).report_is_current(made_from, page):
        return made_from, check_report(wave).page
    return None


def _record_report(year: int, checked: tuple[str, Path] | None) -> None:
    """Note in the ledger what was checked, once no run writes there any more."""
    if checked is not None:
        ledger = Ledger(year)
        ledger.record_report(*checked)
        ledger.save()
