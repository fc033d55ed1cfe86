"""Run the jobs of a plan side by side, and say what came of each.

The executor is any :class:`concurrent.futures.Executor`: by default a pool of
processes on this machine, a cluster's if one is handed in.
"""

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from contextlib import closing, suppress
from pathlib import Path

from swtlib import project
from swtlib.batch.execute import RUN_TIMEOUT, Task, fail_task, run_task
from swtlib.batch.html import Page
from swtlib.batch.ledger import LedgerError, expected_seconds, keep_ledger
from swtlib.batch.pages import plan_pages
from swtlib.batch.plan import Job
from swtlib.batch.pools import Pools
from swtlib.batch.progress import Style, make_progress
from swtlib.batch.report import JobResult, RunReport
from swtlib.errors import ParameterError
from swtlib.fork.executor import ProcessGoneError

CELL_TIMEOUT = 600  # seconds; the longest cell of the batch takes about one
AT_ONCE = 1000  # runs handed to a cluster; waiting looks at each of them
POLL = 0.5  # seconds between looks at the keyboard (Windows cannot be woken)
Beside = tuple[Callable[[], object], Callable[[object], None]]  # what, and who hears
PASSED_ON = ("SWT_OUTPUTS", "SWT_PROCESSED")
WORKER_GONE = "the process that ran it was killed (out of memory?)"
OVERTIME = "SIGALRM"  # by which a process ends that takes too long
TOO_LONG = "it took longer than a notebook and its page may"


def run_jobs(
    jobs: Sequence[Job],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Style = "auto",
    timeout: float = CELL_TIMEOUT,
    run_timeout: float = RUN_TIMEOUT,
    pools: Pools | None = None,
    beside: Callable[[], object] | None = None,
) -> RunReport:
    """Run every job, each in a kernel of its own, and write its page.

    A job that fails leaves a page that says so and the notebook as far as it
    came; the others go on. A disk that is full stops no run either: what could
    not be written is a problem in the report. After Ctrl-C the running kernels
    are ended, no further job starts, and pages that were not made are as they
    were.

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
    timeout : float
        Seconds one cell may take.
    run_timeout : float
        Seconds all cells of a notebook may take together.
    pools : Pools, optional
        Where they run on this machine, and how they are started; it is used up.
        The fastest way that can be had by default.
    beside : callable, optional
        Called in one more of the local processes, and first: what needs the same
        imports. If it fails there, nothing came of it.

    Returns
    -------
    RunReport
        A result per job, in the order given. ``runs.json`` holds the same.

    Raises
    ------
    ParameterError
        If ``workers`` is not at least 1, or two jobs write the same page.
    """
    check_workers(workers)
    _check_pages(jobs)
    start = time.perf_counter()
    results: dict[Job, JobResult] = {}
    interrupted = False
    problems: tuple[str, ...] = ()
    found: list[object] = []
    n_workers = min(workers or _processors(), max(len(jobs), 1))
    with pools or Pools() as local:
        if jobs and executor is None:
            local.begin()
        pages = plan_pages(jobs)
        expected = expected_seconds(list(pages))
        tasks = _tasks(pages, expected, timeout, run_timeout)
        shown = make_progress(
            progress, expected, n_workers if executor is None else None
        )
        if executor is None:
            also = (beside, found.append) if beside is not None else None
            running = _results(tasks, n_workers, local, shown.start, also)
        else:
            running = _results_of(executor, tasks)
        try:
            with keep_ledger(pages) as record, shown:
                try:
                    with closing(running) as finished:
                        for result in finished:
                            results[result.job] = result
                            record(result)
                            shown.advance(result)
                except KeyboardInterrupt:
                    interrupted = True
        except LedgerError as error:
            problems = (str(error),)
    return RunReport(
        results=tuple(
            results.get(job, JobResult(job=job, state="cancelled")) for job in jobs
        ),
        seconds=time.perf_counter() - start,
        interrupted=interrupted,
        problems=problems,
        beside=tuple(found),
    )


def check_workers(workers: int | None) -> None:
    """Refuse a number of workers that cannot be.

    Parameters
    ----------
    workers : int or None
        How many runs go side by side; None is as many as there are processors.

    Raises
    ------
    ParameterError
        If it is not at least 1.
    """
    if workers is not None and workers < 1:
        raise ParameterError(f"workers is {workers}; at least 1 is needed.")


def _check_pages(jobs: Sequence[Job]) -> None:
    pages = [job.page for job in jobs]
    twice = sorted(str(page) for page, n in Counter(pages).items() if n > 1)
    if twice:
        raise ParameterError(f"Planned twice: {', '.join(twice)}.")


def _tasks(
    pages: Mapping[Job, Page],
    expected: Mapping[Job, float],
    timeout: float,
    run_timeout: float,
) -> list[Task]:
    """Add to each job what its page must show around it, and put them in order.

    Every notebook goes once before one goes for another team, which then finds
    ready what they have in common; of those, the longest goes first.
    """
    root = project.project_root()
    environment = {"SWT_PROJECT": str(root)}
    for name in PASSED_ON:
        if name in os.environ:
            environment[name] = str(Path(os.environ[name]).resolve())
    runs = Counter(job.name for job in pages)
    planned: Counter[str] = Counter()
    order: dict[Job, tuple[int, float]] = {}
    for job in pages:
        order[job] = (planned[job.name], -expected[job])
        planned[job.name] += 1
    tasks = [
        Task(
            job=job,
            page=page,
            root=str(root),
            environment=environment,
            timeout=timeout,
            repeated=runs[job.name] > 1,
            run_timeout=run_timeout,
        )
        for job, page in pages.items()
    ]
    return sorted(tasks, key=lambda task: order[task.job])


def _results_of(
    executor: Executor, tasks: Sequence[Task]
) -> Generator[JobResult, None, None]:
    """Hand over many at once; when a run begins is not known."""
    waiting = deque(tasks)
    suspects: list[Task] = []  # a worker that dies takes its other runs along
    lost = yield from _drain(waiting, executor, limit=AT_ONCE, gone=suspects)
    for task in suspects:
        lost += yield from _drain(deque([task]), executor, limit=1)
    yield from (fail_task(task, WORKER_GONE) for task in [*lost, *waiting])


def _results(
    tasks: Sequence[Task],
    workers: int,
    pools: Pools,
    started: Callable[[Job], None],
    beside: Beside | None = None,
) -> Generator[JobResult, None, None]:
    """Give results as they come in, whatever happens to the processes."""
    waiting = deque(tasks)
    while waiting:
        with pools.open(min(workers, len(waiting))) as pool:
            other: Future[object] | None = None
            if beside is not None:
                with suppress(BrokenExecutor):  # `_drain` sees that too
                    other = pool.submit(beside[0])
            suspects = yield from _drain(waiting, pool, limit=workers, started=started)
            if other is not None and beside is not None:
                with suppress(Exception):
                    beside[1](other.result())
                beside = None
        for task in suspects:  # each alone, so that only the culprit is lost
            with pools.open(1) as pool:
                lost = yield from _drain(deque([task]), pool, limit=1, started=started)
            yield from (fail_task(task, WORKER_GONE) for task in lost)


def _drain(
    waiting: deque[Task],
    executor: Executor,
    *,
    limit: int,
    gone: list[Task] | None = None,
    started: Callable[[Job], None] | None = None,
) -> Generator[JobResult, None, list[Task]]:
    """Keep ``limit`` tasks running until none wait or the executor breaks.

    Returns the tasks that were running when it broke; those it did not start
    are still in ``waiting``. No more is handed over than can run at once, so
    that a broken pool says which few tasks can be to blame. Tasks whose process
    is gone have failed, or are put in ``gone`` if there is such a list.
    """
    running: dict[Future[JobResult], Task] = {}
    lost: list[Task] = []
    broken = False
    try:
        while running or (waiting and not broken):
            while waiting and not broken and len(running) < limit:
                try:
                    running[executor.submit(run_task, waiting[0])] = waiting[0]
                except BrokenExecutor:
                    broken = True
                    continue
                task = waiting.popleft()
                if started is not None:
                    started(task.job)
            finished, _ = wait(running, timeout=POLL, return_when=FIRST_COMPLETED)
            for future in finished:
                task = running.pop(future)
                try:
                    result = future.result()
                except BrokenExecutor:
                    broken = True
                    lost.append(task)
                except ProcessGoneError as ended:
                    if gone is None:
                        overtime = OVERTIME in str(ended)
                        yield fail_task(task, TOO_LONG if overtime else WORKER_GONE)
                    else:
                        gone.append(task)
                except Exception as error:  # a cluster has errors of its own
                    yield fail_task(task, f"{type(error).__name__}: {error}")
                else:
                    yield result
    finally:
        for future in running:
            future.cancel()
    return lost


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))  # what this process may use
    return os.cpu_count() or 1
