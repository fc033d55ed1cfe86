"""The process in which the cells of one notebook run.

It is IPython's own kernel, started by its own application: profile, shell,
display hooks, messages and their order are upstream's code. Replaced are the
ZeroMQ sockets (by Unix ones), the streams (see `output`) and the debugger (left
out). There are no threads but those that a notebook starts.
"""

import asyncio
import contextvars
import ctypes
import gc
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, NoReturn

from ipykernel import ipkernel, kernelapp
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets.config import Config

from swtlib.fork.output import Capture, CapturedStream
from swtlib.fork.wire import KernelSocket
from swtlib.fork.zygote import BLOCKED

PR_SET_PDEATHSIG = 1  # of prctl(2): what is sent when the parent is gone
FIRST_TO_GO = 500  # of 1000: when memory runs out, a kernel goes and not its watcher
IN_MEMORY = ":memory:"  # where sqlite keeps a history that nobody asks for
FAILED = 70  # exit code of a kernel that did not come up


@contextmanager
def _without_debugger() -> Iterator[None]:
    """Keep ipykernel from loading a debugger (0.2 s) that a batch has no use for."""
    absent = "debugpy" not in sys.modules
    if absent:
        sys.modules["debugpy"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules["debugpy"]


with _without_debugger():
    import ipykernel.debugger  # noqa: F401

LATE = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "ipykernel_launcher",
    "ipywidgets",
    "pdb",
    "sqlite3",
    "tornado.platform.asyncio",
)
"""What a kernel imports while it comes up; a zygote does so beforehand."""


@dataclass(frozen=True, kw_only=True)
class KernelSettings:
    """Where a kernel runs, and with what.

    Parameters
    ----------
    folder : str
        Private folder of the run; the log of the kernel is kept there.
    working_folder : str, optional
        Where the notebook runs; where the process is by default.
    environment : mapping of str to str, optional
        All variables of the kernel; those of the process by default.
    path : tuple of str
        Where it finds modules, the working folder apart.
    """

    folder: str
    working_folder: str = "."
    environment: Mapping[str, str] | None = None
    path: tuple[str, ...]

    @property
    def log(self) -> Path:
        """The file with what the kernel itself has to say."""
        return Path(self.folder) / "kernel.log"


@dataclass(frozen=True, kw_only=True)
class Line:
    """The kernel's side: its channels, and where what it prints is caught."""

    shell: KernelSocket
    iopub: KernelSocket
    stdout: Capture
    stderr: Capture
    key: bytes


class _NoModules:
    """Stands in for `sys` where modules are only listed for a debugger.

    To look at each of them would copy the memory that they all are in.
    """

    modules: ClassVar[dict[str, ModuleType]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


class _NoThread:
    """What upstream asks of a thread for the shell channel, where there is none."""

    def __init__(self) -> None:
        self.parent_thread = threading.current_thread()  # of the cells

    def __bool__(self) -> bool:
        return False


class IPythonKernel(ipkernel.IPythonKernel):
    """IPython's kernel; its channels may be anything that sends messages."""

    shell_stream = AnyTrait()

    @property
    def _supports_kernel_subshells(self) -> bool:
        return False

    def start(self) -> None:
        """Begin to take messages, without a word about the missing debugger."""
        super(ipkernel.IPythonKernel, self).start()  # type: ignore[no-untyped-call]


class IPKernelApp(kernelapp.IPKernelApp):
    """IPython's kernel application, without ports, threads and heartbeat."""

    kernel_class = IPythonKernel
    line: Line
    original: int

    def parse_command_line(self, argv: Sequence[str] | None = None) -> None:
        """Take what a command line always says, without a parser for all options."""
        self.argv = list(argv or ())
        self.cli_config = Config(
            IPKernelApp={"connection_file": self.argv[1]},
            HistoryManager={"hist_file": IN_MEMORY},
        )
        self.update_config(self.cli_config)

    def init_connection_file(self) -> None:
        """Make no file: there is nothing to connect to."""

    def write_connection_file(self, **_: Any) -> None:
        """Write no file."""

    def log_connection_info(self) -> None:
        """Say nothing."""

    def init_poller(self) -> None:
        """Watch no parent: the system ends the kernel with it."""

    def init_heartbeat(self) -> None:
        """Have no heartbeat: that the process lives is seen."""

    def init_sockets(self) -> None:
        """Take the sockets that are there."""
        self.session = Session(parent=self, key=self.line.key)
        self.shell_socket = self.line.shell
        self.iopub_socket = self.line.iopub
        self.configure_tornado_logger()  # type: ignore[no-untyped-call]

    def init_io(self) -> None:
        """Put streams in place that catch what is written, by whatever means."""
        sys.stdout.flush()
        sys.stderr.flush()
        streams = [
            CapturedStream(self.session, self.iopub_socket, name, caught, self.original)
            for name, caught in (
                ("stdout", self.line.stdout),
                ("stderr", self.line.stderr),
            )
        ]
        sys.stdout, sys.stderr = streams
        upstream = self.outstream_class
        self.outstream_class = None  # type: ignore[assignment]
        super().init_io()  # type: ignore[no-untyped-call]  # the display hook, patches
        self.outstream_class = upstream

    def init_kernel(self) -> None:
        """Make the kernel."""
        vars(ipkernel)["sys"] = _NoModules()
        self.kernel = IPythonKernel.instance(
            parent=self,
            session=self.session,
            shell_stream=self.shell_socket,
            shell_channel_thread=_NoThread(),
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        vars(ipkernel)["sys"] = sys
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count


def run_kernel(
    line: Line,
    settings: KernelSettings,
    parent: int,
    *,
    close: Sequence[socket.socket] = (),
) -> NoReturn:
    """Be the kernel of one notebook; to be called in a process just forked.

    Parameters
    ----------
    line : Line
        Its channels and captured output.
    settings : KernelSettings
        Where it runs, and with what.
    parent : int
        The process that watches it; without it the kernel ends.
    close : sequence of socket
        The ends of that process.
    """
    code = FAILED
    try:
        log = os.open(settings.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for end in close:
                end.close()
            _leave_the_parent(parent)
            _point_descriptors(line)
            _take_the_place_of_a_kernel(settings)
            contextvars.Context().run(_serve, line, log)
            code = 0  # the notebook said exit()
        except BaseException:
            os.write(log, traceback.format_exc().encode())
    finally:
        os._exit(code)  # whatever happens, it must not go on as its parent


def _serve(line: Line, log: int) -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())
    app = IPKernelApp.instance()
    app.line, app.original = line, log
    app.initialize(sys.argv[1:])  # type: ignore[no-untyped-call]
    _tell_libraries()
    app.start()  # type: ignore[no-untyped-call]


def _leave_the_parent(parent: int) -> None:
    """Become a process group of its own, which dies with its parent."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(FAILED)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(FIRST_TO_GO), "utf-8")
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup holds for us as well
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _point_descriptors(line: Line) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(line.stdout.writer, 1)
    os.dup2(line.stderr.writer, 2)


def _take_the_place_of_a_kernel(settings: KernelSettings) -> None:
    """Have what a process has that was started as a kernel."""
    import ipykernel_launcher

    if settings.environment is not None:
        os.environ.clear()
        os.environ.update(settings.environment)
    os.chdir(settings.working_folder)
    sys.argv = [
        ipykernel_launcher.__file__,
        "-f",
        str(Path(settings.folder) / "kernel.json"),
        f"--HistoryManager.hist_file={IN_MEMORY}",
    ]
    sys.path[:] = settings.path
    for name in BLOCKED:  # a look at all modules would copy the memory they are in
        if name in sys.modules and sys.modules[name] is None:
            del sys.modules[name]
    tempfile.tempdir = None
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # forks would all draw the same
    gc.enable()


def _tell_libraries() -> None:
    """Do what a library does on import if it finds a kernel there."""
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].register_comm_target()
    if "matplotlib_inline.backend_inline" in sys.modules:
        sys.modules["matplotlib_inline.backend_inline"]._enable_matplotlib_integration()
