"""Where runs go on this machine: processes forked from a preloaded one, or new ones.

The first is the fast lane: a run begins with everything imported. Where it is
not to be had (Windows, macOS, a library that starts threads on import) runs go
to new processes, which start an ordinary kernel each. The results are the same.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Literal, Self, get_args

from swtlib.batch.environment import fork_environment
from swtlib.batch.worker import start_worker
from swtlib.errors import ParameterError, SwtError, did_you_mean
from swtlib.fork import supported
from swtlib.fork.executor import ForkExecutor

Engine = Literal["auto", "fork", "kernel"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

GRACE = 3.0  # seconds a worker gets to end its kernel
PRELOAD = "swtlib.batch.preload:preload"


def parse_engine(name: str) -> Engine:
    """Read the name of an engine.

    Parameters
    ----------
    name : str
        As given on the command line.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If there is no such engine.

    Examples
    --------
    >>> parse_engine("frok")
    Traceback (most recent call last):
    swtlib.errors.ParameterError: There is no engine 'frok'. Did you mean 'fork'? \
There is: auto, fork, kernel.
    """
    for engine in ENGINES:
        if engine == name:
            return engine
    raise ParameterError(f"There is no engine '{name}'.{did_you_mean(name, ENGINES)}")


class Pools:
    """Local pools for one batch, one after another: a pool may break.

    Once it is sure that there is work, `begin` has the preloading go on beside what
    the caller has to prepare.

    Parameters
    ----------
    engine : {"auto", "fork", "kernel"}
        "fork" and "kernel" are the two ways; "auto" is the first where it can
        be had.
    """

    def __init__(self, engine: Engine = "auto") -> None:
        self._engine = engine
        self._scratch = tempfile.TemporaryDirectory(
            prefix="swt-", ignore_cleanup_errors=True
        )
        self._forks: ForkExecutor | None = None

    def __enter__(self) -> Self:
        """Give itself; nothing is started yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what was not used, and take away temporary files."""
        if self._forks is not None:
            self._forks.terminate()
        self._scratch.cleanup()

    def begin(self) -> None:
        """Begin to preload, if that was not done, and do not wait for it.

        Raises
        ------
        SwtError
            If "fork" is asked for where processes cannot be forked.
        """
        if self._engine == "fork" and not supported():
            raise SwtError("Runs can be forked on Linux only. Leave out --engine.")
        if self._forks is not None or self._engine == "kernel" or not supported():
            return
        with suppress(OSError):  # no process, no memory: the ordinary way
            self._forks = ForkExecutor(
                1,
                preload=PRELOAD,
                environment=fork_environment(),
                initializer=start_worker,
                initargs=(self._scratch.name,),
            )

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Give a pool whose processes do not outlive an interruption.

        Parameters
        ----------
        workers : int
            How many tasks run side by side.

        Returns
        -------
        context manager of Executor
        """
        forks = self._preloaded(workers)
        if forks is None:
            with _new_processes(workers, self._scratch.name) as pool:
                yield pool
            return
        try:
            yield forks
        finally:
            forks.terminate()  # nothing runs any more, unless interrupted

    def _preloaded(self, workers: int) -> ForkExecutor | None:
        self.begin()
        forks, self._forks = self._forks, None
        if forks is None:
            return None
        try:
            loaded = forks.loaded()
        except BaseException:
            forks.terminate()
            raise
        if loaded:
            forks.max_workers = workers
            return forks
        forks.terminate()
        if self._engine == "fork":
            raise SwtError(f"Runs cannot be forked here: {forks.reason}.")
        self._engine = "kernel"
        return None


@contextmanager
def _new_processes(workers: int, scratch: str) -> Iterator[ProcessPoolExecutor]:
    others = set(multiprocessing.active_children())
    spawn = multiprocessing.get_context("spawn")  # the only way Windows has
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
