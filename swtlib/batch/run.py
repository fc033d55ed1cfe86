"""Run the jobs of a plan side by side, and say what came of each.

The executor is any :class:`concurrent.futures.Executor`: by default a pool of
processes on this machine, a cluster's if one is handed in.
"""

import multiprocessing
import os
import tempfile
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import closing, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from swtlib import project
from swtlib.batch.execute import Task, fail_task, run_task, start_worker
from swtlib.batch.html import Link, Page, plain_origin
from swtlib.batch.plan import BatchNotebook, Job, find_notebooks, wave_teams
from swtlib.batch.progress import Style, make_progress
from swtlib.batch.report import (
    JobResult,
    RunReport,
    expected_seconds,
    write_ledger,
)
from swtlib.errors import ParameterError
from swtlib.examples import load_example
from swtlib.wave import load_wave

CELL_TIMEOUT = 600  # seconds; the longest cell of the batch takes about one
POLL = 0.5  # seconds between looks at the keyboard (Windows cannot be woken)
GRACE = 3.0  # seconds a worker gets to end its kernel
PASSED_ON = ("SWT_OUTPUTS", "SWT_PROCESSED")
WORKER_GONE = "the process that ran it was killed (out of memory?)"


def run_jobs(
    jobs: Sequence[Job],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Style = "auto",
    timeout: int = CELL_TIMEOUT,
) -> RunReport:
    """Run every job, each in a kernel of its own, and write its page.

    A job that fails leaves a page that says so and the notebook as far as it
    came; the others go on. After Ctrl-C the running kernels are ended, no
    further job starts, and pages that were not made are as they were.

    Parameters
    ----------
    jobs : sequence of Job
        From :func:`plan_runs`.
    workers : int, optional
        How many run side by side; the number of processors by default.
    executor : Executor, optional
        Where they run instead of in local processes. It is not shut down.
    progress : {"auto", "bar", "plain", "quiet"}
        "auto" is a bar in a terminal and lines elsewhere.
    timeout : int
        Seconds one cell may take.

    Returns
    -------
    RunReport
        A result per job, in the order given. ``runs.json`` holds the same.

    Raises
    ------
    ParameterError
        If ``workers`` is not at least 1, or two jobs write the same page.
    """
    _check(jobs, workers)
    start = time.perf_counter()
    expected = expected_seconds(jobs)
    tasks = sorted(
        _tasks(jobs, timeout), key=lambda task: expected[task.job], reverse=True
    )
    results: dict[Job, JobResult] = {}
    interrupted = False
    n_workers = min(workers or _processors(), max(len(jobs), 1))
    with make_progress(progress, len(jobs)) as shown:
        try:
            with closing(_results(tasks, n_workers, executor)) as finished:
                for result in finished:
                    results[result.job] = result
                    write_ledger([result])
                    shown.advance(result)
        except KeyboardInterrupt:
            interrupted = True
    return RunReport(
        results=tuple(
            results.get(job, JobResult(job=job, state="cancelled")) for job in jobs
        ),
        seconds=time.perf_counter() - start,
        interrupted=interrupted,
    )


def _check(jobs: Sequence[Job], workers: int | None) -> None:
    if workers is not None and workers < 1:
        raise ParameterError(f"workers is {workers}; at least 1 is needed.")
    pages = [job.page for job in jobs]
    twice = sorted({str(page) for page in pages if pages.count(page) > 1})
    if twice:
        raise ParameterError(f"Planned twice: {', '.join(twice)}.")


def _tasks(jobs: Sequence[Job], timeout: int) -> list[Task]:
    """Add to each job what its page must show around the notebook."""
    root = project.project_root()
    environment = {"SWT_PROJECT": str(root)}
    for name in PASSED_ON:
        if name in os.environ:
            environment[name] = str(Path(os.environ[name]).resolve())
    notebooks = find_notebooks()
    planned = {job.page for job in jobs}
    labels = {year: wave_teams(year) for year in {job.year for job in jobs}}
    examples = {notebook.name: notebook.example for notebook in notebooks}
    sources = {(job.year, examples.get(job.name, "")) for job in jobs}
    origins = {source: _origin(*source) for source in sources}
    return [
        Task(
            job=job,
            page=_page(
                job,
                notebooks,
                planned,
                labels[job.year][job.team],
                origins[job.year, examples.get(job.name, "")],
            ),
            root=str(root),
            environment=environment,
            timeout=timeout,
        )
        for job in jobs
    ]


def _origin(year: int, example: str) -> str:
    """Say where the answers of a page come from; nothing for fieldwork."""
    wave = load_example(example, year=year) if example else load_wave(year)
    return "" if wave.origin == "fieldwork" else plain_origin(wave.origin_line())


def _page(
    job: Job,
    notebooks: Sequence[BatchNotebook],
    planned: set[Path],
    label: str,
    origin: str,
) -> Page:
    links = []
    for notebook in notebooks:
        page = job.outputs / f"{notebook.name}.html"
        there = page in planned or page.exists()
        links.append(Link(label=notebook.short, href=page.name if there else ""))
    titles = {notebook.name: notebook.title for notebook in notebooks}
    return Page(
        title=titles.get(job.name, job.name),
        kicker=f"{label}, meting {job.year}",
        origin=origin,
        year=job.year,
        team_label=label,
        href=job.page.name,
        links=tuple(links),
    )


def _results(
    tasks: Sequence[Task], workers: int, executor: Executor | None
) -> Generator[JobResult, None, None]:
    """Give results as they come in, whatever happens to the processes."""
    waiting = deque(tasks)
    if executor is not None:
        lost = yield from _drain(waiting, executor, limit=len(tasks))
        yield from (fail_task(task, WORKER_GONE) for task in [*lost, *waiting])
        return
    while waiting:
        with _pool(min(workers, len(waiting))) as pool:
            suspects = yield from _drain(waiting, pool, limit=workers)
        for task in suspects:  # each alone, so that only the culprit is lost
            with _pool(1) as pool:
                lost = yield from _drain(deque([task]), pool, limit=1)
            yield from (fail_task(task, WORKER_GONE) for task in lost)


def _drain(
    waiting: deque[Task], executor: Executor, *, limit: int
) -> Generator[JobResult, None, list[Task]]:
    """Keep ``limit`` tasks running until none wait or the executor breaks.

    Returns the tasks that were running when it broke; those it did not start
    are still in ``waiting``. No more is handed over than can run at once, so
    that a broken pool says which few tasks can be to blame.
    """
    running: dict[Future[JobResult], Task] = {}
    lost: list[Task] = []
    broken = False
    try:
        while running or (waiting and not broken):
            while waiting and not broken and len(running) < limit:
                try:
                    running[executor.submit(run_task, waiting[0])] = waiting[0]
                    waiting.popleft()
                except BrokenExecutor:
                    broken = True
            finished, _ = wait(running, timeout=POLL, return_when=FIRST_COMPLETED)
            for future in finished:
                task = running.pop(future)
                try:
                    result = future.result()
                except BrokenExecutor:
                    broken = True
                    lost.append(task)
                except Exception as error:  # a cluster has errors of its own
                    yield fail_task(task, f"{type(error).__name__}: {error}")
                else:
                    yield result
    finally:
        for future in running:
            future.cancel()
    return lost


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool whose processes do not outlive an interruption."""
    others = set(multiprocessing.active_children())
    spawn = multiprocessing.get_context("spawn")  # the only way Windows has
    with tempfile.TemporaryDirectory(
        prefix="swt-", ignore_cleanup_errors=True
    ) as scratch:
        pool = ProcessPoolExecutor(
            workers, mp_context=spawn, initializer=start_worker, initargs=(scratch,)
        )
        try:
            yield pool
        except BaseException:
            _end(set(multiprocessing.active_children()) - others)
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()


def _end(processes: Iterable[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))  # what this process may use
    return os.cpu_count() or 1
