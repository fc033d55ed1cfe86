"""Run one notebook and make its page; this is what a worker does.

A worker is a process of its own. It writes only whole files, and a notebook
that fails takes no other with it.
"""

import os
import re
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swtlib.batch.environment import kernel_environment
from swtlib.batch.html import Page, render_failed, render_page
from swtlib.batch.kept import Kept, keep_aside, put_in_place, take_kept
from swtlib.batch.plan import Job
from swtlib.batch.report import JobResult
from swtlib.batch.worker import Stopped
from swtlib.fork import zygote
from swtlib.project import NOTEBOOK, write_atomic

if TYPE_CHECKING:
    from nbformat import NotebookNode

ERROR_TAG = "papermill-error-cell-tag"  # of the cells papermill adds on failure
HEADING = re.compile(r"^#+\s+(.+)$", re.MULTILINE)
# Where a kernel says its cells stand: a folder that is named after its process.
# It may only begin where a word does: else a long word would be searched from
# each of its letters, and one of a million letters takes hours.
CELL_FILE = re.compile(r"(?<!\S)\S*ipykernel_\d+[/\\]\d+\.py")
RUN_TIMEOUT = 3600  # seconds for all cells of a notebook together
PAGE_TIMEOUT = 120  # seconds more, for the start of its kernel and for its page
MOMENT = 0.01  # seconds; nbclient takes no time at all for no limit
KERNEL_STARTS = 2  # a kernel that does not come up gets one more chance


@dataclass(frozen=True, kw_only=True)
class Task:
    """A job with everything a worker needs to know besides."""

    job: Job
    page: Page
    root: str
    environment: Mapping[str, str]
    timeout: float
    repeated: bool = False  # whether its notebook runs for others as well
    run_timeout: float = RUN_TIMEOUT


@dataclass
class _Trace:
    """What is known of a run while it goes on, for when it fails."""

    task: Task
    notebook: "NotebookNode | None" = None
    cell: "NotebookNode | None" = None
    began: float = field(default_factory=time.monotonic)
    kept: Kept = field(default_factory=Kept)

    def start(self, notebook: "NotebookNode") -> None:
        self.notebook = notebook

    def start_cell(self, cell: "NotebookNode", cell_index: int) -> None:
        self.cell = cell

    def seconds_left(self, cell: "NotebookNode") -> float:
        """Give a cell its time, or what is left of that of the run."""
        left = self.began + self.task.run_timeout - time.monotonic()
        return min(self.task.timeout, max(left, MOMENT))

    def overtime(self) -> str:
        """Say whose time was over: of the cell or of the run."""
        if time.monotonic() < self.began + self.task.run_timeout:
            return f"the cell took longer than {self.task.timeout:g} s"
        return f"the notebook took longer than {self.task.run_timeout:g} s"


@dataclass(frozen=True, kw_only=True)
class _Failure:
    error: str
    cell: int | None = None
    heading: str = ""
    notebook: "NotebookNode | None" = field(default=None)


@dataclass(frozen=True, kw_only=True)
class _Made:
    used: tuple[str, ...]
    files: Mapping[str, str]


def run_task(task: Task) -> JobResult:
    """Run a notebook, write it with its outputs, and make its page.

    Parameters
    ----------
    task : Task
        The job, its page and where it runs.

    Returns
    -------
    JobResult
        Whatever happens. After a failure the notebook as far as it came is
        kept as ``<name>.failed.ipynb``, a page that says so takes the place
        of the page, and the notebook of an earlier run is gone.
    """
    start = time.perf_counter()
    job = task.job
    _end_in_time(task.run_timeout + PAGE_TIMEOUT)
    try:
        try:
            ended = _run(task)
        except Exception as error:
            ended = _Failure(error=_last_line(error))
        if isinstance(ended, _Failure):
            _write_failure(task, ended)
    except Stopped:
        os._exit(1)  # the pool would catch it and go on with the next job
    seconds = time.perf_counter() - start
    if isinstance(ended, _Made):
        return JobResult(
            job=job,
            state="done",
            seconds=seconds,
            used=ended.used,
            files=ended.files,
        )
    return JobResult(
        job=job,
        state="failed",
        seconds=seconds,
        error=ended.error,
        cell=ended.cell,
        heading=ended.heading,
    )


def fail_task(task: Task, error: str) -> JobResult:
    """Give the result of a run whose process is gone, and mark its page.

    Parameters
    ----------
    task : Task
        The job and its page.
    error : str
        What is known of the end.

    Returns
    -------
    JobResult
    """
    _write_failure(task, _Failure(error=error))
    return JobResult(job=task.job, state="failed", error=error)


def _end_in_time(seconds: float) -> None:
    """Have the system end this process after some time, whatever hangs in it.

    Only if it was forked for one task: others would go with it.
    """
    if zygote.fresh is not None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _run(task: Task) -> _Made | _Failure:
    job = task.job
    for attempt in range(KERNEL_STARTS):
        trace = _Trace(task)
        try:
            notebook = _execute(task, trace)
        except Exception as error:
            if trace.cell is None and attempt + 1 < KERNEL_STARTS:
                continue
            return _describe(error, trace)
        try:
            page = render_page(notebook, task.page)
        except Exception as error:
            reason = f"the page could not be made: {_last_line(error)}"
            return _Failure(error=reason, notebook=notebook)
        files = dict(trace.kept.files)
        files[job.executed.name] = _text(notebook).encode()
        files[job.page.name] = page.encode()
        try:
            made = _Made(used=trace.kept.used, files=put_in_place(job, files))
            job.failed.unlink(missing_ok=True)
        except OSError as error:  # a full disk, a folder that is read-only
            reason = f"its page and tables could not be written: {error.strerror}"
            return _Failure(error=reason, notebook=notebook)
        return made
    raise AssertionError("the last attempt always ends")


def _execute(task: Task, trace: _Trace) -> "NotebookNode":
    import papermill
    from traitlets.config import Config

    from swtlib.batch.kernel import BatchKernelManager

    with tempfile.TemporaryDirectory(prefix="swt-", ignore_cleanup_errors=True) as name:
        settings = {
            "folder": name,
            "working_folder": task.root,
            "environment": _added(task, name),
        }
        try:
            notebook: NotebookNode = papermill.execute_notebook(
                str(task.job.notebook),
                None,  # nothing is written until all of it is there
                parameters=dict(task.job.parameters),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                execution_timeout=task.timeout,
                timeout_func=trace.seconds_left,
                shutdown_kernel="immediate",
                record_timing=False,
                kernel_manager_class=BatchKernelManager,
                config=Config({"BatchKernelManager": settings}),
                on_notebook_start=trace.start,
                on_cell_start=trace.start_cell,
                **_engine(task, name),
            )
        except RuntimeError as error:
            if trace.cell is not None:
                raise
            said = _kernel_said(Path(name) / "kernel.log")
            raise RuntimeError(f"{error}{said}") from error
        trace.kept = take_kept(Path(name), task.job)
    if zygote.fresh is not None:
        zygote.fresh.wishes.extend(trace.kept.wishes)
    return _cleaned(notebook)


def _added(task: Task, folder: str) -> dict[str, str]:
    wishes = task.repeated and zygote.fresh is not None
    aside = keep_aside(Path(folder), wishes=wishes)
    return {**task.environment, NOTEBOOK: task.job.name, **aside}


def _engine(task: Task, folder: str) -> dict[str, Any]:
    """Choose papermill's engine: a forked kernel where this process is made for it."""
    if zygote.fresh is None:
        return {}
    from swtlib.fork import engine
    from swtlib.fork.kernel import KernelSettings

    engine.register()
    settings = KernelSettings(
        folder=folder,
        working_folder=task.root,
        environment=kernel_environment(folder, _added(task, folder)),
        path=zygote.fresh.path,
    )
    return {"engine_name": engine.NAME, engine.OPTION: settings}


def _describe(error: Exception, trace: _Trace) -> _Failure:
    """Say in one line what went wrong, and in which cell."""
    match type(error).__name__:  # types that are only known after heavy imports
        case "PapermillExecutionError":
            value = str(getattr(error, "evalue", "")).strip()
            first = value.splitlines()[0] if value else ""
            text = f"{getattr(error, 'ename', '')}: {first}".rstrip(": ")
        case "CellTimeoutError":
            text = trace.overtime()
        case "DeadKernelError":
            text = "the kernel died (out of memory, or a crash in a library)"
        case _:
            text = _last_line(error)
    if trace.notebook is None or trace.cell is None:
        return _Failure(error=text)
    n_code, heading = 0, ""
    for cell in trace.notebook.cells:
        if cell.cell_type == "code":
            n_code += 1
        elif cell.cell_type == "markdown" and ERROR_TAG not in _tags(cell):
            heading = (HEADING.findall(cell.source) or [heading])[-1].strip()
        if cell is trace.cell:
            break
    return _Failure(
        error=text,
        cell=trace.cell.get("execution_count") or n_code,
        heading=heading,
        notebook=_cleaned(trace.notebook),
    )


def _write_failure(task: Task, failure: _Failure) -> None:
    """Mark the page as not made, as far as the disk allows.

    What cannot be replaced is removed: it would pass for the result of this run.
    """
    job = task.job
    _remove(job.executed)
    seen = "runs.json"
    try:
        if failure.notebook is not None:
            write_atomic(job.failed, _text(failure.notebook))
            seen = job.failed.name
    except OSError:
        pass
    if seen != job.failed.name:
        _remove(job.failed)
    try:
        write_atomic(job.page, render_failed(task.page, seen))
    except OSError:
        _remove(job.page)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _text(notebook: "NotebookNode") -> str:
    import nbformat

    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def _cleaned(notebook: "NotebookNode") -> "NotebookNode":
    """Take out what differs between two equal runs: times, paths, random ids."""
    notebook.metadata["papermill"] = {
        "parameters": notebook.metadata.get("papermill", {}).get("parameters", {})
    }
    for index, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if {"injected-parameters", ERROR_TAG} & _tags(cell):
            cell["id"] = f"papermill-{index}"
        if cell.cell_type == "code":
            cell["outputs"] = _streams_joined(cell.outputs)
        for output in cell.get("outputs", []):
            if output["output_type"] == "stream":
                output["text"] = CELL_FILE.sub("<cell>", output["text"])
    return notebook


def _streams_joined(outputs: "list[NotebookNode]") -> "list[NotebookNode]":
    """Join texts that were printed in a row: a kernel cuts them by the clock."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last["output_type"] == output["output_type"] == "stream"
            and last["name"] == output["name"]
        ):
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def _tags(cell: "NotebookNode") -> set[str]:
    return set(cell.metadata.get("tags", []))


def _last_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    text = lines[-1].strip() if lines else ""
    return f"{type(error).__name__}: {text}".rstrip(": ")


def _kernel_said(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f" ({lines[-1]})" if lines else ""
