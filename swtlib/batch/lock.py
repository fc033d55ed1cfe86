"""One batch at a time in a folder of outputs.

The system holds the lock, and lets go of it when the process ends in whatever
way: a lock that a dead process left is none.
"""

import errno
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from swtlib import project
from swtlib.errors import BusyError

HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
FAR = 1 << 20  # where Windows locks a byte: beyond what another process reads


@contextmanager
def only_batch(year: int) -> Iterator[None]:
    """Keep other batches out of the outputs of a wave meanwhile.

    Parameters
    ----------
    year : int
        The wave.

    Raises
    ------
    BusyError
        If another process has the lock.
    """
    folder = project.outputs_dir(year)
    path = folder.with_name(f".{folder.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:  # nothing is left to write on closing
        try:
            _lock(file.fileno())
        except OSError as error:
            if error.errno in HELD:  # else this file system knows no locks
                raise BusyError(
                    f"another run is going on in {project.readable(folder)}"
                    f"{_who(path)}. Wait until it is done, or stop it."
                ) from None
        with suppress(OSError):  # a full disk: then it does not say who has it
            file.truncate(0)
            file.write(f"process {os.getpid()} on {platform.node()}".encode())
        try:
            yield
        finally:
            with suppress(OSError):
                file.truncate(0)


def _who(path: Path) -> str:
    said = ""
    with suppress(OSError):
        said = path.read_text(encoding="utf-8").strip()
    return f" ({said})" if said else ""


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        # Unlike flock, not shared with forked processes that outlive this one.
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
