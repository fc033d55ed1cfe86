"""A forked kernel as nbclient sees it: a manager, a client and two channels."""

import asyncio
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.client import KernelClient
from jupyter_client.session import Session

from swtlib.fork.kernel import KernelSettings, Line, run_kernel
from swtlib.fork.output import Capture
from swtlib.fork.wire import CHUNK, Inbox, KernelSocket, packed

START = 60.0  # seconds a kernel gets to come up
DRAIN = 1.0  # seconds nbclient gets to take over what a dead kernel left


class Channel:
    """Our side of a channel: messages wait here until they are asked for.

    Nothing waits for the kernel to read: it may be busy with a cell, and what
    it says meanwhile must be taken from it.
    """

    def __init__(self, end: socket.socket, session: Session) -> None:
        self._end = end
        self._session = session
        self._inbox = Inbox()
        self._messages: deque[dict[str, Any]] = deque()
        self._unsent = bytearray()
        self._open = True
        self.when_empty: Callable[[], Awaitable[None]] | None = None
        self._waiter: asyncio.Future[None] | None = None

    def send(self, message: dict[str, Any]) -> None:
        """Send a message, now or as soon as the kernel reads again."""
        self._unsent += packed(self._session.serialize(message))
        self._send_on()

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for a message; Empty if none came in time."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        while not self._messages:
            left = None if deadline is None else deadline - loop.time()
            if left is not None and left <= 0:
                if self.when_empty is not None:
                    await self.when_empty()
                raise Empty
            self._waiter = loop.create_future()
            if self._open:
                loop.add_reader(self._end, self.receive)
            try:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._waiter, left)
            finally:
                self._waiter = None
                loop.remove_reader(self._end)
        return self._messages.popleft()

    def wait(self, deadline: float) -> dict[str, Any]:
        """Wait for a message outside an event loop; Empty if none came in time."""
        while not self._messages:
            left = deadline - time.monotonic()
            if left <= 0 or not self._open:
                raise Empty
            poll = select.poll()
            poll.register(self._end, select.POLLIN)
            poll.poll(left * 1000)
            self.receive()
        return self._messages.popleft()

    def receive(self) -> None:
        """Read what is there, without waiting."""
        try:
            data = self._end.recv(CHUNK, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        self._open = bool(data)
        self._inbox.feed(data)
        while (parts := self._inbox.take()) is not None:
            _, message = self._session.feed_identities(parts)
            self.add(self._session.deserialize(message))
        if not self._open and self._waiter is not None:
            asyncio.get_running_loop().remove_reader(self._end)

    def add(self, message: dict[str, Any]) -> None:
        """Put a message behind those that wait."""
        self._messages.append(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def taken(self) -> None:
        """Wait until nothing waits here any more, or nobody asks for it."""
        end = time.monotonic() + DRAIN
        while self._messages and time.monotonic() < end:
            await asyncio.sleep(0.001)

    def _send_on(self) -> None:
        try:
            sent = self._end.send(self._unsent, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except ConnectionError:
            sent = len(self._unsent)  # to nobody; that it died is seen elsewhere
        del self._unsent[:sent]
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._unsent:
            loop.add_writer(self._end, self._send_on)
        else:
            loop.remove_writer(self._end)


class ForkedClient(KernelClient):
    """What nbclient and its widgets talk to."""

    def __init__(
        self, process: "KernelProcess", ends: list[socket.socket], key: bytes
    ) -> None:
        super().__init__(session=Session(key=key))
        self._process = process
        self._shell_channel = Channel(ends[0], self.session)
        self._iopub_channel = Channel(ends[1], self.session)
        self._shell_channel.when_empty = self._take_what_is_printed
        self._running = ""

    def start_channels(self, *_: bool, **__: bool) -> None:
        """Do nothing: the channels are there."""

    def stop_channels(self) -> None:
        """Do nothing: they are closed with the process."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Do nothing: it was made sure when the kernel was started."""

    def execute(self, code: str, *args: Any, **options: Any) -> str:
        """Have a cell executed; gives the id of the request."""
        self._running = super().execute(code, *args, **options)
        return self._running

    async def is_alive(self) -> bool:
        """Tell whether the kernel lives; if not, show what it left."""
        if self._process.alive():
            return True
        await self._take_what_is_printed()
        return False

    def check(self, timeout: float) -> None:
        """Make sure that the kernel answers and can run a cell.

        Parameters
        ----------
        timeout : float
            Seconds it gets.

        Raises
        ------
        Empty
            If it does not answer in time, or cannot.
        """
        deadline = time.monotonic() + timeout
        asked = {self.kernel_info(), super().execute("None", silent=True)}
        while asked:
            reply = self.shell_channel.wait(deadline)
            if reply["content"].get("status") != "ok":
                raise Empty
            asked.discard(reply["parent_header"].get("msg_id"))

    async def _take_what_is_printed(self) -> None:
        """Show what a cell printed that did not come to its end."""
        for name, capture in self._process.captures.items():
            text = capture.read().decode("utf-8", "replace")
            if text:
                parent = {"header": {"msg_id": self._running}}
                content = {"name": name, "text": text}
                message = self.session.msg("stream", content, parent=parent)
                self.iopub_channel.add(message)
        await self.iopub_channel.taken()


class KernelProcess:
    """A kernel forked from this process; nbclient takes it for a manager.

    Parameters
    ----------
    settings : KernelSettings
        Where it runs, and with what.

    Raises
    ------
    RuntimeError
        If it does not come up.
    """

    has_kernel = True

    def __init__(self, settings: KernelSettings) -> None:
        here, there = zip(*(socket.socketpair() for _ in range(2)), strict=True)
        self._ends = list(here)
        self.captures = {name: Capture(name) for name in ("stdout", "stderr")}
        sys.stdout.flush()  # or the kernel would write it once more
        sys.stderr.flush()
        key = os.urandom(32)
        line = Line(
            shell=KernelSocket(there[0]),
            iopub=KernelSocket(there[1]),
            key=key,
            **self.captures,
        )
        me = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            run_kernel(line, settings, me, close=here)
        self.status: int | None = None
        for end in there:
            end.close()
        self._client = ForkedClient(self, self._ends, key)
        try:
            self._client.check(START)
        except Empty:
            self.end()
            raise RuntimeError("the forked kernel did not come up") from None
        except BaseException:
            self.end()
            raise

    def alive(self) -> bool:
        """Tell whether the process is there."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is None

    def end(self) -> None:
        """End the kernel and the processes that it started."""
        if not self._ends:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.status is None:
            _, self.status = os.waitpid(self.pid, 0)
        for end in self._ends:
            end.close()
        for capture in self.captures.values():
            capture.close()
        self._ends, self.captures = [], {}

    def client(self, **_: Any) -> ForkedClient:
        """Give the client."""
        return self._client

    async def is_alive(self) -> bool:
        """Tell whether the process is there."""
        return self.alive()

    async def interrupt_kernel(self) -> None:
        """Interrupt the cell that runs."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGINT)

    async def shutdown_kernel(self, now: bool = True) -> None:
        """End the kernel."""
        self.end()

    async def cleanup_resources(self) -> None:
        """Do nothing: nothing is left on disk."""
