"""Notebooks in fresh processes, forked from one that has the imports done.

Of the three seconds that a short notebook takes in an ordinary kernel, nine
tenths are start-up, imports and shutdown. Here one process imports everything
once (the *zygote*), and every run is a fork of it: nothing is imported again,
and nothing of one run is left for the next.

    caller --- zygote --+-- run --- kernel
                        +-- run --- kernel

A run is two processes, as with an ordinary kernel: papermill and nbclient stand
in one, the cells run in the other, which is IPython's own kernel with pairs of
Unix sockets instead of ZeroMQ ones. What a cell breaks, it breaks for itself: a
kernel that hangs or is killed is seen from outside.

The parts: `wire` (messages over a socket), `output` (what cells print), `kernel`
(the process of the cells), `client` (what nbclient sees of it), `engine` (the
engine ``swt`` of papermill), `zygote` and `executor` (runs side by side).

This package uses nothing else of swtlib, and imports hardly anything by itself:
papermill loads every engine that is installed, also when another one is used.
"""

import os
import sys
import threading
from pathlib import Path

__all__ = ["safe_to_fork", "supported"]

# Imported here, these would have looked for a kernel that was not there yet.
LOOK_FOR_A_KERNEL = ("pandas", "matplotlib", "ipywidgets")
ARROW_THREAD = "jemalloc_bg_thd"


def supported() -> bool:
    """Say whether processes can be forked here.

    Returns
    -------
    bool
        True on Linux. macOS has ``fork``, but its libraries do not survive it.
    """
    return sys.platform == "linux" and hasattr(os, "memfd_create")


def safe_to_fork() -> bool:
    """Say whether a kernel can be forked from this process as it is.

    Returns
    -------
    bool
        False where `supported` says so; when the process has threads, because a
        lock that one holds stays locked in the fork; and when it has libraries
        that behave otherwise in a kernel. Threads of numpy and pyarrow do not
        count: these libraries see to a fork themselves.
    """
    if not supported() or any(name in sys.modules for name in LOOK_FOR_A_KERNEL):
        return False
    cores = (os.cpu_count() or 1) if "numpy" in sys.modules else 1
    names = [name for name in thread_names() if name != ARROW_THREAD]
    return threading.active_count() == 1 and len(names) <= cores


def thread_names() -> list[str]:
    """Name the threads of this process, those of libraries included."""
    tasks = Path("/proc/self/task").iterdir()
    return [(task / "comm").read_text("utf-8").strip() for task in tasks]
