"""A whole wave in one go: answers in, pages, check and front page out."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace

from swtlib.batch.index import write_index
from swtlib.batch.plan import plan_runs
from swtlib.batch.progress import Style
from swtlib.batch.report import RunReport
from swtlib.batch.run import run_jobs
from swtlib.wave import load_wave


def run_wave(
    *,
    year: int,
    teams: Sequence[str] | None = None,
    notebooks: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Style = "auto",
) -> RunReport:
    """Run the notebooks of a wave and write every page about it.

    Parameters
    ----------
    year : int
        Year of the wave; it is ingested if that was not done.
    teams, notebooks : sequence of str, optional
        Some of them; all by default.
    workers, executor, progress
        As in `run_jobs`.

    Returns
    -------
    RunReport

    Raises
    ------
    WaveError, IngestError
        If the wave is not there, or its export has faults.
    ParameterError
        If a team or notebook does not exist.
    """
    from swtlib.reproduction import CHECKED_YEARS, check_report

    wave = load_wave(year)
    jobs = plan_runs(year=year, teams=teams, notebooks=notebooks)
    report = run_jobs(jobs, workers=workers, executor=executor, progress=progress)
    if year in CHECKED_YEARS and wave.origin != "fieldwork":
        check_report(wave)
    return replace(report, index=write_index(year, report))
