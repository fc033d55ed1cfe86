"""Runs tasks in fresh processes, forked from one that has the imports done."""

import os
import pickle
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from swtlib.fork.zygote import GRACE


class ProcessGoneError(RuntimeError):
    """The process of a task ended before the task did; others are not touched."""


@dataclass(frozen=True)
class _Order:
    future: "Future[Any]"
    payload: bytes


class ForkExecutor(Executor):
    """Gives every task a fresh process, forked from one that is preloaded.

    Preloading begins at once and goes on beside the caller. A task whose process
    is killed fails with `ProcessGoneError`; the others go on.

    Parameters
    ----------
    max_workers : int
        How many tasks run side by side.
    preload : str
        What the processes should have done beforehand, as ``module:function``; see
        `zygote.main`. It may start no thread.
    environment : mapping of str to str
        All variables of the processes.
    initializer : callable, optional
        Called in every process before its task.
    initargs : sequence
        With what.

    Raises
    ------
    OSError
        If no process can be started.
    """

    def __init__(
        self,
        max_workers: int,
        *,
        preload: str,
        environment: Mapping[str, str],
        initializer: Callable[..., None] | None = None,
        initargs: Sequence[Any] = (),
    ) -> None:
        self.max_workers = max_workers
        self._initialize = (initializer, tuple(initargs))
        self._waiting: deque[_Order] = deque()
        self._running: dict[int, Future[Any]] = {}
        self._number = 0
        self._lock = threading.RLock()
        self._loaded = threading.Event()
        self._reason = ""  # why no task can run any more
        self._closing = False
        self._end, there = socket.socketpair()
        try:
            self._process = _start_zygote(there, preload, environment)
        except BaseException:
            self._end.close()
            raise
        finally:
            there.close()
        self._connection = Connection(os.dup(self._end.fileno()))
        threading.Thread(target=self._listen, name="swt-fork", daemon=True).start()

    @property
    def process_id(self) -> int:
        """The process that tasks are forked from."""
        return self._process.pid

    @property
    def reason(self) -> str:
        """Why no task can run, if none can."""
        return self._reason

    def loaded(self, timeout: float | None = None) -> bool:
        """Wait until preloading is done.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most.

        Returns
        -------
        bool
            Whether tasks can run.
        """
        return self._loaded.wait(timeout) and not self._reason

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> "Future[Any]":
        """Have ``fn(*args, **kwargs)`` called in a fresh process.

        Returns
        -------
        Future
            Its result; function, arguments and result must be picklable.

        Raises
        ------
        BrokenExecutor
            If preloading failed, or the process that is forked is gone.
        RuntimeError
            After `shutdown`.
        """
        payload = pickle.dumps((*self._initialize, fn, args, kwargs))
        with self._lock:
            if self._closing:
                raise RuntimeError("cannot submit after shutdown")
            if self._reason:
                raise BrokenExecutor(self._reason)
            order = _Order(Future(), payload)
            self._waiting.append(order)
            self._start_waiting()
        return order.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; end once those that were taken are done."""
        with self._lock:
            self._closing = True
            if cancel_futures:
                while self._waiting:
                    self._waiting.popleft().future.cancel()
            self._close_when_done()
        if wait:
            self._process.wait()

    def terminate(self) -> None:
        """End at once: tasks that run are told to stop, and killed if they do not."""
        with self._lock:
            self._closing = True
            while self._waiting:
                self._waiting.popleft().future.cancel()
            self._hang_up()
            if not self._running:
                self._process.kill()  # it may be preloading, and would not hear
        try:
            self._process.wait(2 * GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()  # the system then ends its children
            self._process.wait()

    def _start_waiting(self) -> None:
        while (
            self._loaded.is_set()
            and self._waiting
            and len(self._running) < self.max_workers
        ):
            order = self._waiting.popleft()
            if not order.future.set_running_or_notify_cancel():
                continue
            self._number += 1
            self._running[self._number] = order.future
            try:
                self._connection.send((self._number, order.payload))
            except OSError:
                return  # the zygote is gone, which `_listen` will see

    def _listen(self) -> None:
        """Take in what the zygote has to say, until it is gone."""
        try:
            kind, text = self._connection.recv()
            with self._lock:
                self._reason = text
                self._loaded.set()
                self._start_waiting()
                self._close_when_done()
            while kind == "ready":
                number, answer, ending = self._connection.recv()
                with self._lock:
                    future = self._running.pop(number)
                    self._start_waiting()
                    self._close_when_done()
                _settle(future, answer, ending)
        except (EOFError, OSError):
            pass
        self._give_up()

    def _give_up(self) -> None:
        with self._lock:
            self._reason = self._reason or "the process that is forked was killed"
            left = [*self._running.values()]
            while self._waiting:
                order = self._waiting.popleft()
                if order.future.set_running_or_notify_cancel():
                    left.append(order.future)
            self._running.clear()
            self._loaded.set()
            self._connection.close()
            self._end.close()
        for future in left:
            future.set_exception(BrokenExecutor(self._reason))

    def _close_when_done(self) -> None:
        if self._closing and not self._running and not self._waiting:
            self._hang_up()

    def _hang_up(self) -> None:
        with suppress(OSError):  # it is gone already
            self._end.shutdown(socket.SHUT_WR)


def _start_zygote(
    end: socket.socket, preload: str, environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    code = (
        f"import sys; own = sys.path[:]; sys.path[:] = {sys.path!r}; "
        f"from swtlib.fork.zygote import main; main({end.fileno()}, {preload!r}, own)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        pass_fds=[end.fileno()],
    )


def _settle(future: "Future[Any]", answer: bytes | None, ending: str) -> None:
    if answer is None:
        future.set_exception(ProcessGoneError(ending))
        return
    try:
        good, value = pickle.loads(answer)
    except Exception as error:
        good, value = False, error
    if good:
        future.set_result(value)
    else:
        future.set_exception(value)
