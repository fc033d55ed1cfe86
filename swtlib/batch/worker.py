"""A process that runs notebooks: who stops it, and what it need not import.

Imports hardly anything: a batch begins with the process that has the rest done.
"""

import multiprocessing
import os
import signal
import tempfile
import threading
from multiprocessing.process import BaseProcess
from typing import Any

from swtlib.fork import zygote


class Stopped(SystemExit):
    """The batch is being stopped; the kernel is ended on the way out."""


def start_worker(scratch: str) -> None:
    """Prepare a worker process.

    Ctrl-C reaches every process in the terminal. The parent decides what then
    happens; it ends its workers with SIGTERM, on which they end their kernel. A
    worker whose parent is killed ends itself in the same way: nobody waits for
    its page, and another batch may have begun.

    Parameters
    ----------
    scratch : str
        Folder for temporary files; the parent removes it, also when a worker
        is killed and cannot.
    """
    tempfile.tempdir = scratch
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    parent = multiprocessing.parent_process()
    if parent is not None:  # a forked worker is told by the system
        threading.Thread(target=_stop_with, args=(parent,), daemon=True).start()
    zygote.leave_out()


def _stop_with(parent: BaseProcess) -> None:
    """Wait until the parent is gone, which it is not before its workers."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(signum: int, frame: Any) -> None:
    raise Stopped(1)
