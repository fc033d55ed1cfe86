"""Messages of several parts over a stream socket, as ZeroMQ would carry them."""

import asyncio
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import zmq

COUNT = struct.Struct("!I")
SIZE = struct.Struct("!Q")
CHUNK = 1 << 18  # bytes read at a time
GONE = 0  # exit code of a kernel whose other end is gone

Part = bytes | memoryview


def packed(parts: Sequence[Part]) -> bytes:
    """Put the parts of a message in a row, each with its size in front."""
    row: list[Part] = [COUNT.pack(len(parts))]
    for part in parts:
        view = memoryview(part).cast("B")
        row += [SIZE.pack(view.nbytes), view]
    return b"".join(row)


class Inbox:
    """Bytes as they come in, until they are whole messages.

    Examples
    --------
    >>> inbox = Inbox()
    >>> inbox.feed(packed([b"a", b""])[:7])
    >>> inbox.take() is None
    True
    >>> inbox.feed(packed([b"a", b""])[7:])
    >>> inbox.take()
    [b'a', b'']
    """

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        """Add bytes that came in."""
        self._data += data

    def take(self) -> list[bytes] | None:
        """Take out the first whole message, if there is one."""
        if len(self._data) < COUNT.size:
            return None
        (count,) = COUNT.unpack_from(self._data)
        parts, at = [], COUNT.size
        for _ in range(count):
            if len(self._data) < at + SIZE.size:
                return None
            (size,) = SIZE.unpack_from(self._data, at)
            at += SIZE.size
            if len(self._data) < at + size:
                return None
            parts.append(bytes(self._data[at : at + size]))
            at += size
        del self._data[:at]
        return parts


class KernelSocket:
    """The kernel's end of a channel; looks like a ZeroMQ socket to a session.

    A message is sent whole: cells may send from several threads, and handlers of
    signals may send too, but never halfway another message.
    """

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self._inbox = Inbox()
        self._handling: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()

    def send_multipart(self, parts: Sequence[Part], **options: object) -> None:
        """Send a message; waits while the other end is behind."""
        data = packed(parts)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            with self._lock:
                self.end.sendall(data)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def flush(self, *options: object) -> None:
        """Do nothing: what was sent is on its way."""

    def on_recv(
        self,
        handle: Callable[[list[zmq.Frame]], Coroutine[Any, Any, None]],
        **_: object,
    ) -> None:
        """Hand every message that comes in to ``handle``, one after another."""
        loop = asyncio.get_event_loop()

        def receive() -> None:
            try:
                data = self.end.recv(CHUNK, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            if not data:
                os._exit(GONE)  # nobody is there any more
            self._inbox.feed(data)
            while (parts := self._inbox.take()) is not None:
                task = loop.create_task(handle([zmq.Frame(part) for part in parts]))
                self._handling.add(task)
                task.add_done_callback(self._handling.discard)

        loop.add_reader(self.end, receive)
