"""The process that has the imports done, and is forked for every task.

It runs no task itself and starts no thread, event loop or ZeroMQ context: what
is locked or half done when a process forks stays so in the fork. It only looks
after its children: one fresh one per task, which says over a pipe of its own what
it wishes that it had found ready, and then what came of it. When there is nothing
to look after it may heed a wish, for the children to come. When the executor is
gone, so are the zygote and its children.
"""

import builtins
import ctypes
import gc
import importlib
import os
import pickle
import selectors
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from types import SimpleNamespace
from typing import NoReturn

from swtlib.fork import thread_names

GRACE = 3.0  # seconds a task gets to end its kernel
IDLE = 0.02  # seconds without a word before it heeds a wish

Step = Callable[[], None]
Heed = Callable[[bytes], Step | None]
PR_SET_PDEATHSIG = 1  # of prctl(2)

BLOCKED = ("rfc3987_syntax",)
"""Modules that only cost time: jsonschema compiles the grammar of international
addresses (0.7 s) for a check that no notebook needs, and does without if absent."""


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """What a forked task should know of where it comes from, and leaves for it.

    Parameters
    ----------
    path : tuple of str
        Where a kernel finds modules.
    wishes : list of bytes
        What the task would have liked to find ready; added to by the task.
    """

    path: tuple[str, ...]
    wishes: list[bytes] = field(default_factory=list)


fresh: Fresh | None = None
"""Set in a process that was forked for one task; kernels can be forked from it."""


@dataclass(frozen=True)
class _Child:
    number: int
    pid: int
    result: Connection


def main(control: int, preload: str, own_path: list[str]) -> NoReturn:
    """Be a zygote: load everything, then fork a child for every task.

    Parameters
    ----------
    control : int
        File descriptor of the connection with the executor.
    preload : str
        What to call beforehand, as ``module:function``. It gives a function that
        takes a wish and gives a step that heeds it, or None.
    own_path : list of str
        Where this Python finds modules by itself, as a kernel would.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the executor decides
    connection = Connection(control)
    own = tuple(part for part in own_path if part)
    try:
        heed = _load(preload)
    except BaseException as error:
        connection.send(("failed", f"{type(error).__name__}: {error}"))
        os._exit(1)
    _Zygote(connection, Fresh(path=own), heed).serve()
    os._exit(0)


class _Zygote:
    """Forks, and passes on what the children say."""

    def __init__(self, connection: Connection, fresh: Fresh, heed: Heed) -> None:
        self._connection = connection
        self._fresh = fresh
        self._heed = heed
        self._steps: deque[Step] = deque()
        self._children: dict[int, _Child] = {}
        # poll(2) needs no descriptor of its own that children would share.
        self._selector = selectors.PollSelector()
        self._selector.register(connection, selectors.EVENT_READ, None)

    def serve(self) -> None:
        """Fork and report until the executor is gone."""
        try:
            self._connection.send(("ready", ""))
            while True:
                events = self._selector.select(IDLE if self._steps else None)
                for key, _ in events:
                    if key.data is None:
                        number, payload = self._connection.recv()
                        self._fork(number, payload)
                    else:
                        self._report(key.data)
                if not events:
                    self._take_step()
        except (EOFError, OSError):
            self._end_children()

    def _take_step(self) -> None:
        with suppress(Exception):  # it will go wrong in a task too, and be told there
            self._steps.popleft()()
        gc.collect()  # nothing else does so in this process
        _settle()

    def _fork(self, number: int, payload: bytes) -> None:
        here, there = Pipe(duplex=False)
        me = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:  # no memory, too many processes
            here.close()
            there.close()
            self._connection.send((number, None, f"no new process: {error.strerror}"))
            return
        if pid == 0:
            try:
                here.close()
                self._connection.close()
                for child in self._children.values():
                    child.result.close()
                _run(there, payload, self._fresh, me)
            finally:
                os._exit(1)  # whatever happens, it must not go on as a zygote
        there.close()
        child = _Child(number, pid, here)
        self._children[pid] = child
        self._selector.register(here, selectors.EVENT_READ, child)

    def _report(self, child: _Child) -> None:
        """Pass on the result of a child, or how it ended without one."""
        try:
            wishes = pickle.loads(child.result.recv_bytes())
            self._steps += filter(None, map(self._heed, wishes))
            answer = child.result.recv_bytes()
        except (EOFError, OSError):
            answer = None
        self._selector.unregister(child.result)
        child.result.close()
        del self._children[child.pid]
        _, status = os.waitpid(child.pid, 0)
        self._connection.send((child.number, answer, _ending(status)))

    def _end_children(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        left = set(self._children)
        while left:
            left = {pid for pid in left if os.waitpid(pid, os.WNOHANG)[0] == 0}
            if time.monotonic() > deadline:
                for pid in left:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)


def _run(result: Connection, payload: bytes, about: Fresh, parent: int) -> None:
    """Run one task, say what came of it, and end."""
    global fresh
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
    fresh = about
    os.register_at_fork(after_in_child=result.close)  # not the kernel's business
    gc.enable()
    try:
        initializer, initargs, function, arguments, named = pickle.loads(payload)
        if initializer is not None:
            initializer(*initargs)
        answer = pickle.dumps((True, function(*arguments, **named)))
    except Exception as error:
        answer = pickle.dumps((False, _picklable(error)))
    result.send_bytes(pickle.dumps(fresh.wishes))
    result.send_bytes(answer)
    os._exit(0)


def _picklable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _ending(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return f"killed by {signal.Signals(number).name}"
    return f"ended with exit code {os.waitstatus_to_exitcode(status)}"


def leave_out() -> None:
    """Keep this process from importing what only costs time."""
    for name in BLOCKED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def _load(preload: str) -> Heed:
    """Import and warm up, and make sure that forking afterwards is safe."""
    gc.disable()  # a third of the time of imports is collecting what is no garbage
    leave_out()
    with as_in_a_kernel():
        from swtlib.fork import client, engine, kernel  # noqa: F401

        for name in kernel.LATE:
            with suppress(ImportError):
                importlib.import_module(name)
        module, _, function = preload.partition(":")
        call: Callable[[], Heed] = getattr(importlib.import_module(module), function)
        heed = call()
    if len(thread_names()) > 1:
        raise RuntimeError("something that was loaded started a thread")
    sys.stdout.flush()
    sys.stderr.flush()
    _settle()
    return heed


def _settle() -> None:
    """Give memory back, and have children leave alone what there is."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)
    gc.freeze()


@contextmanager
def as_in_a_kernel() -> Iterator[None]:
    """Have libraries find a kernel when they look for one on import.

    pandas shows wide tables in another way where it finds none.
    """
    stand_in = SimpleNamespace(kernel=None)
    builtins.get_ipython = lambda: stand_in  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]
