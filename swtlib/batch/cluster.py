"""Runs on a Dask cluster: the side of the caller.

Each worker finds out for itself whether it shares the folders of the project.
If so it writes pages in place, as on this machine; if not it gets what it needs
once, and gives back what the run wrote. `room` is the side of a worker.
"""

import asyncio
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swtlib import project
from swtlib.batch.bundle import made_with, pack_bundle, say_difference
from swtlib.batch.execute import Task, fail_task
from swtlib.batch.kept import put_in_place
from swtlib.batch.pools import Engine
from swtlib.batch.report import JobResult
from swtlib.batch.room import SAME, Delivery, end_rooms, keep_bundle, run_in_room
from swtlib.errors import ClusterError
from swtlib.fork.executor import ProcessGoneError

if TYPE_CHECKING:
    from distributed import Client

ANSWER = 10.0  # seconds a scheduler gets to answer
WORKER = 60.0  # seconds the first worker gets to come: a queue may be before it


class ClusterExecutor(Executor):
    """Gives tasks to the workers of a cluster, and puts in place what they make.

    Parameters
    ----------
    client : Client
        Of the cluster.
    engine : {"auto", "fork", "kernel"}
        How workers start runs.
    """

    def __init__(self, client: "Client", *, engine: Engine = "auto") -> None:
        self._client = client
        self._engine = engine
        self._inner: Executor = client.get_executor(pure=False)
        self._batch = secrets.token_hex(16)
        self._bundles: dict[int, Any] = {}
        self._markers: list[Path] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="swt-cluster")
        self._lock = threading.Lock()
        self._ended = False

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> "Future[Any]":
        """Have ``fn(task)`` called by a worker.

        Parameters
        ----------
        fn : callable
            As `run_task`.
        *args
            The task.

        Returns
        -------
        Future of JobResult
            Done when what the run made stands in place. To cancel one ends the
            whole batch in all workers.
        """
        (task,) = args
        given: Future[JobResult] = Future()
        inner = self._inner.submit(
            run_in_room, self._bundle(task.job.year), fn, task, **kwargs
        )

        def stop(future: "Future[JobResult]") -> None:
            if future.cancelled():
                self._end()
                inner.cancel()

        def take(future: "Future[Delivery]") -> None:
            with suppress(RuntimeError):  # the batch has ended
                self._writer.submit(_settle, given, task, future)

        given.add_done_callback(stop)
        inner.add_done_callback(take)
        return given

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the batch in all workers; the cluster stays."""
        self._end()
        self._writer.shutdown(wait=wait, cancel_futures=cancel_futures)
        for marker in self._markers:
            marker.unlink(missing_ok=True)

    def _bundle(self, year: int) -> Any:
        """Give the bundle of a wave as a future of Dask.

        It is the result of a task, not data that was scattered: if the worker
        that holds it dies, Dask makes it again.
        """
        if year not in self._bundles:
            outputs = project.outputs_dir(year)
            marker = outputs.with_name(f".{outputs.name}.cluster")
            self._markers.append(project.write_atomic(marker, self._batch))
            bundle = pack_bundle(
                year, batch=self._batch, engine=self._engine, marker=marker
            )
            key = f"swt-bundle-{self._batch}-{year}"
            self._bundles[year] = self._client.submit(keep_bundle, bundle, key=key)
        return self._bundles[year]

    def _end(self) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = True
        if self._client.status == "running":
            with suppress(OSError, RuntimeError):  # workers that are gone
                self._client.run(end_rooms, self._batch, on_error="ignore")


@contextmanager
def open_executor(
    address: str | None, *, engine: Engine = "auto"
) -> Iterator[ClusterExecutor | None]:
    """Connect to a Dask cluster for the time of a batch.

    Parameters
    ----------
    address : str or None
        Of its scheduler, ``tcp://host:port``. Without one runs stay here.
    engine : {"auto", "fork", "kernel"}
        How workers start runs.

    Returns
    -------
    context manager of ClusterExecutor or None

    Raises
    ------
    ClusterError
        If there is no such cluster, it has no workers, or a worker has other
        versions than this process.
    """
    if address is None:
        yield None
        return
    client = _connect(address)
    try:
        _check_workers(client, address)
        executor = ClusterExecutor(client, engine=engine)
        try:
            yield executor
        finally:
            executor.shutdown()
    finally:
        client.close()


def _connect(address: str) -> "Client":
    try:
        from distributed import Client, Security
        from distributed.comm import connect
    except ImportError:
        raise ClusterError(
            "Dask is not installed. Install swtlib[dask], here and on the workers."
        ) from None

    async def look() -> None:
        """Connect once; a client would wait for ever for who speaks otherwise."""
        options = Security().get_connection_args("client")
        async with asyncio.timeout(ANSWER):
            comm = await connect(address, timeout=ANSWER, **options)
        comm.abort()

    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook has a loop that runs
            thread.submit(asyncio.run, look()).result()
        return Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError):
        raise ClusterError(
            f"no Dask scheduler answers at {address}. Give the address that it "
            "printed when it started, such as tcp://10.0.0.5:8786."
        ) from None


def _check_workers(client: "Client", address: str) -> None:
    """Refuse workers that would make other results than this process."""
    try:
        client.wait_for_workers(1, timeout=WORKER)
    except TimeoutError:
        raise ClusterError(
            f"the Dask scheduler at {address} has no workers after {WORKER:g} s. "
            f"Start some: dask worker {address}"
        ) from None
    here = made_with()
    wrong = {}
    for worker, there in client.run(made_with, on_error="return").items():
        if isinstance(there, Exception):
            wrong[worker] = f"cannot load swtlib ({type(there).__name__}: {there})"
        elif different := say_difference(here, there):
            wrong[worker] = f"has {different}"
    if wrong:
        worker, fault = next(iter(wrong.items()))
        more = f" ({len(wrong) - 1} more workers differ)" if len(wrong) > 1 else ""
        raise ClusterError(f"worker {worker} {fault}{more}. {SAME}.")


def _settle(given: "Future[JobResult]", task: Task, future: "Future[Delivery]") -> None:
    """Pass on what came of a task, once it stands in place."""
    if not given.set_running_or_notify_cancel():
        return
    try:
        given.set_result(_take(task, future))
    except BaseException as error:
        given.set_exception(error)


def _take(task: Task, future: "Future[Delivery]") -> JobResult:
    from distributed import KilledWorker

    if future.cancelled():
        raise ClusterError("the connection with the cluster was lost")
    try:
        delivery = future.result()
    except KilledWorker as error:
        raise ProcessGoneError(str(error)) from None
    if delivery.files is None:
        return delivery.result
    try:
        return _put(task, delivery)
    except OSError as error:  # a full disk, here
        text = f"{type(error).__name__}: {error}"
        return replace(delivery.result, state="failed", error=text, files={})


def _put(task: Task, delivery: Delivery) -> JobResult:
    """Put what a run wrote elsewhere where it would have been written here."""
    job, result, files = task.job, delivery.result, delivery.files or {}
    if result.state == "done":
        put_in_place(job, {name: files[name] for name in result.files})
        job.failed.unlink(missing_ok=True)
        return result
    if job.page.name not in files:  # a full disk, there
        return replace(fail_task(task, result.error), seconds=result.seconds)
    job.failed.unlink(missing_ok=True)
    put_in_place(job, files)
    job.executed.unlink(missing_ok=True)
    return result
