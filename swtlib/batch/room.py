"""What goes on in a worker of a Dask cluster: a room for each batch.

A worker has threads, so that it cannot be forked itself. Its room has a process
that can be: it is preloaded once and forked for every run. Where that cannot be
had, a run starts an ordinary kernel.

A room holds answers of people. Its folder opens for this user only, and is
taken away when the batch ends, when the caller is gone, and when this worker is.
"""

import asyncio
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from swtlib.batch.bundle import Bundle, made_with, say_difference
from swtlib.batch.environment import fork_environment
from swtlib.batch.execute import Task
from swtlib.batch.pools import PRELOAD
from swtlib.batch.report import JobResult
from swtlib.batch.worker import start_worker
from swtlib.errors import ClusterError
from swtlib.fork import supported
from swtlib.fork.executor import ForkExecutor, ProcessGoneError

IDLE = 300.0  # seconds without a run, after which the caller is taken to be gone
FORK_ATTEMPTS = 2
ENDED = "the batch was ended"
SAME = "Install there what is installed here, from the same commit"

# A process of its own, because a worker that is killed cleans nothing up. It
# waits for the worker to let go of the pipe, and until runs that end are done.
CLEANER = """
import os, shutil, signal, sys, time
for name in ("SIGINT", "SIGTERM"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
sys.stdin.buffer.read()
for _ in range(100):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.exists(sys.argv[1]):
        break
    time.sleep(0.1)
"""

Run = Callable[[Task], JobResult]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a worker gives back.

    Parameters
    ----------
    result : JobResult
        How the run ended.
    files : mapping of str to bytes, or None
        What it wrote, by path in the folder of the team; None if it wrote that
        in place.
    """

    result: JobResult
    files: Mapping[str, bytes] | None = None


class _Room:
    """Where the runs of one wave and batch go on, in one worker."""

    def __init__(self, bundle: Bundle, base: Path, threads: int) -> None:
        different = say_difference(bundle.made_with, made_with())
        if different:
            raise ClusterError(f"the worker has {different}. {SAME}.")
        self.users = 0
        self.timer: threading.Timer | None = None
        self._threads = threads
        self._lock = threading.Lock()
        self._ended = False
        self._forks: ForkExecutor | None = None
        self._can_fork = bundle.engine != "kernel" and supported()
        self._bundle = bundle
        self._seen = bundle.is_seen
        self.folder = Path(tempfile.mkdtemp(prefix="swt-", dir=base))
        self._cleaner = _start_cleaner(self.folder)
        self._scratch = self.folder / "tmp"
        self._scratch.mkdir()

    def run(self, function: Run, task: Task) -> Delivery:
        """Run a task here, or in a copy of the project with its own outputs."""
        # A kernel that is not forked cannot be stopped from here: it must not
        # write where readers look.
        if self._seen and self._preloaded() is not None:
            return Delivery(result=self._call(function, task))
        root = self._unpacked()
        with tempfile.TemporaryDirectory(
            prefix="run-", dir=self.folder, ignore_cleanup_errors=True
        ) as name:
            moved = _moved(task, root, Path(name))
            result = self._call(function, moved)
            outputs = moved.job.outputs
            files = {
                path.relative_to(outputs).as_posix(): path.read_bytes()
                for path in sorted(outputs.rglob("*"))
                if path.is_file()
            }
            error = result.error.replace(moved.root, task.root)
        return Delivery(result=replace(result, job=task.job, error=error), files=files)

    def end(self) -> None:
        """Stop what runs, and take the folder away."""
        with self._lock:
            self._ended = True
            forks, self._forks = self._forks, None
        if forks is not None:
            forks.terminate()
        self._cleaner.communicate()  # lets go of the pipe, and waits

    def _call(self, function: Run, task: Task) -> JobResult:
        for _ in range(FORK_ATTEMPTS):
            forks = self._preloaded()
            if forks is None:
                return function(task)
            try:
                result: JobResult = forks.submit(function, task).result()
                return result
            except (CancelledError, RuntimeError) as error:
                if self._ended:
                    raise ClusterError(ENDED) from None
                if not isinstance(error, BrokenExecutor):
                    raise
        raise ProcessGoneError("the process that runs are forked from was killed")

    def _unpacked(self) -> Path:
        root = self.folder / "project"
        with self._lock:
            if not root.exists():
                self._bundle.unpack(root)
        return root

    def _preloaded(self) -> ForkExecutor | None:
        with self._lock:
            if self._ended:
                raise ClusterError(ENDED)
            if not self._can_fork:
                return None
            if self._forks is None or self._forks.reason:
                with suppress(OSError):
                    self._forks = ForkExecutor(
                        self._threads,
                        preload=PRELOAD,
                        environment=fork_environment(),
                        initializer=start_worker,
                        initargs=(str(self._scratch),),
                    )
            forks = self._forks
        if forks is None or not forks.loaded():
            return None
        return forks


_rooms: dict[tuple[str, int], _Room] = {}
_ended: set[str] = set()
_lock = threading.Lock()


def run_in_room(bundle: Bundle, function: Run, task: Task) -> Delivery:
    """Run a task in this worker; called by Dask, in one of its threads.

    Parameters
    ----------
    bundle : Bundle
        What its batch has in common.
    function : callable
        What to call with the task.
    task : Task
        As the caller has it.

    Returns
    -------
    Delivery

    Raises
    ------
    ClusterError
        If this worker differs from the caller, or the batch was ended.
    ProcessGoneError
        If the process of the run was killed.
    """
    room = _enter(bundle)
    try:
        return room.run(function, task)
    finally:
        _leave(room, (bundle.batch, bundle.year))


def keep_bundle(bundle: Bundle) -> Bundle:
    """Hold a bundle in the memory of a worker, for all runs that need it."""
    return bundle


async def end_rooms(batch: str) -> None:
    """End what goes on for a batch in this worker, and begin no more of it.

    Parameters
    ----------
    batch : str
        As in `Bundle`.
    """
    with _lock:
        _ended.add(batch)
        keys = [key for key in _rooms if key[0] == batch]
        rooms = [_rooms.pop(key) for key in keys]
    for room in rooms:
        await asyncio.to_thread(room.end)


def _enter(bundle: Bundle) -> _Room:
    from distributed import get_worker

    worker = get_worker()
    with _lock:
        if bundle.batch in _ended:
            raise ClusterError(ENDED)
        key = (bundle.batch, bundle.year)
        if key not in _rooms:
            base = Path(worker.local_directory)
            _rooms[key] = _Room(bundle, base, worker.state.nthreads)
        room = _rooms[key]
        room.users += 1
        if room.timer is not None:
            room.timer.cancel()
    return room


def _leave(room: _Room, key: tuple[str, int]) -> None:
    with _lock:
        room.users -= 1
        if not room.users:
            room.timer = threading.Timer(IDLE, _end_if_idle, (room, key))
            room.timer.daemon = True
            room.timer.start()


def _end_if_idle(room: _Room, key: tuple[str, int]) -> None:
    with _lock:
        if room.users or _rooms.get(key) is not room:
            return
        del _rooms[key]
    room.end()


def _moved(task: Task, root: Path, folder: Path) -> Task:
    """Give the same task in a copy of the project."""
    job = task.job
    made = {
        "SWT_PROJECT": str(root),
        "SWT_PROCESSED": str(root / "data" / "processed"),
        "SWT_OUTPUTS": str(folder),
    }
    return replace(
        task,
        job=replace(
            job,
            notebook=root / "notebooks" / job.notebook.name,
            outputs=folder / str(job.year) / job.team,
        ),
        root=str(root),
        environment={**task.environment, **made},
    )


def _start_cleaner(folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", CLEANER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
