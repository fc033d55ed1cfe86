"""What the cells of a notebook print: by Python, C libraries and subprocesses.

The file descriptors 1 and 2 of the kernel lead to files in memory. All that is
printed comes together there in the order of writing, whoever wrote it, and is
sent on where an ordinary kernel sends it on: before an output is shown, on
``flush`` and at the end of a cell. An ordinary kernel also does so every 0.2 s,
so that its notebooks depend on the speed of the machine; here the process that
watches the kernel reads the rest when a cell hangs or the kernel is killed.
"""

import codecs
import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ipykernel.iostream import OutStream
from jupyter_client.session import Session

from swtlib.fork.wire import KernelSocket

CHUNK = 1 << 16


class Capture:
    """A file in memory that one process writes and two can read on.

    The place up to which it was read is kept by the system and shared by forks:
    what the kernel has read, its watcher does not read again.
    """

    def __init__(self, name: str) -> None:
        memory = os.memfd_create(f"swt-{name}")
        try:
            path = f"/proc/self/fd/{memory}"
            self.writer = os.open(path, os.O_WRONLY | os.O_APPEND)
            self.reader = os.open(path, os.O_RDONLY)
        finally:
            os.close(memory)

    def read(self) -> bytes:
        """Read what was written since the last time."""
        # In this order: what a signal handler writes and reads in between must
        # not make the file look shorter than what was read of it.
        place = os.lseek(self.reader, 0, os.SEEK_CUR)
        if os.fstat(self.reader).st_size < place:
            os.lseek(self.reader, 0, os.SEEK_SET)  # emptied by "> /dev/stdout"
        found = []
        while chunk := os.read(self.reader, CHUNK):
            found.append(chunk)
        return b"".join(found)

    def close(self) -> None:
        """Close both ends."""
        os.close(self.writer)
        os.close(self.reader)


class CapturedStream(OutStream):
    """``sys.stdout`` or ``sys.stderr`` of a kernel, without threads of its own.

    Parameters
    ----------
    session : Session
        Makes the messages.
    iopub : KernelSocket
        Takes them.
    name : {"stdout", "stderr"}
        Which of the two.
    capture : Capture
        Where the file descriptor leads.
    original : int
        File descriptor of what it led to before, for who asks ``fileno()``.
    """

    def __init__(
        self,
        session: Session,
        iopub: KernelSocket,
        name: str,
        capture: Capture,
        original: int,
    ) -> None:
        # OutStream's own __init__ starts threads; its attributes are kept.
        self.session = session
        self.name = name
        self.topic = b"stream." + name.encode()
        self.pub_thread = iopub  # not None: the stream is open
        self.echo = None
        self._capture = capture
        self._original_stdstream_copy = original
        self._decode: Callable[[bytes], str]
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._reading = threading.RLock()
        self._master_pid = os.getpid()
        self._isatty = False
        self._should_watch = False
        self._exc = None
        self._local = threading.local()
        self._parent_header = ContextVar("parent_header")
        self._parent_header.set({})
        self._parent_header_global: dict[str, Any] = {}

    def set_parent(self, parent: dict[str, Any]) -> None:
        """Begin the next cell; what is left of the one before stays with it."""
        self.flush()
        super().set_parent(parent)  # type: ignore[no-untyped-call]

    def write(self, string: str) -> int:
        """Write a text; it is sent on at the next flush."""
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string)}")
        if self.pub_thread is None:
            raise ValueError("I/O operation on closed file")
        if self._of_an_earlier_cell():
            self._send(string, self.parent_header)
            return len(string)
        left = memoryview(string.encode("utf-8", "surrogateescape"))
        while left:
            left = left[os.write(self._capture.writer, left) :]
        return len(string)

    def flush(self) -> None:
        """Send on what was written, by whatever means."""
        if self.pub_thread is None or os.getpid() != self._master_pid:
            return
        with self._reading:
            text = self._decode(self._capture.read())
            if text:
                self._send(text, self._parent_header_global)

    def close(self) -> None:
        """Send on what was written, and take no more."""
        self.flush()
        self.pub_thread = None

    def _of_an_earlier_cell(self) -> bool:
        """Tell whether a task that an earlier cell started is writing."""
        return (
            os.getpid() == self._master_pid
            and self.parent_header is not self._parent_header_global
        )

    def _send(self, text: str, parent: dict[str, Any]) -> None:
        content = {"name": self.name, "text": text}
        message = self.session.msg("stream", content, parent=parent)
        for hook in self._hooks:
            message = hook(message)
            if message is None:
                return
        self.session.send(self.pub_thread, message, ident=self.topic)
