"""Show how a batch gets on: a bar in a terminal, lines in a pipe, or nothing."""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from statistics import fmean
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from swtlib.batch.plan import Job
from swtlib.batch.report import JobResult

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Style = Literal["auto", "bar", "plain", "quiet"]

BAR_WIDTH = 30
MOST_ROWS = 16  # workers that are named below the bar; more would fill the screen


class ProgressLines:
    """One line per finished run, for logs and pipes.

    Parameters
    ----------
    expected : mapping of Job to float
        The plan, with the seconds that each run may take.
    """

    def __init__(self, expected: Mapping[Job, float]) -> None:
        self.total = len(expected)
        self.finished = 0

    def __enter__(self) -> Self:
        """Start; nothing to prepare."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; nothing to clean up."""

    def start(self, job: Job) -> None:
        """Take note that a worker began with a run; lines only tell of ends."""

    def advance(self, result: JobResult) -> None:
        """Count a finished run and say so."""
        self.finished += 1
        print(self.line(result), file=sys.stderr, flush=True)

    def line(self, result: JobResult) -> str:
        """Describe a finished run in one line."""
        width = len(str(self.total))
        job = result.job
        mark = "ok    " if result.state == "done" else "FAILED"
        tail = f"  {result.error}" if result.error else ""
        tail += f" ({result.place()})" if result.place() else ""
        return (
            f"[{self.finished:>{width}}/{self.total}] {mark} {result.seconds:5.1f} s  "
            f"{job.team}/{job.name}{tail}"
        )


class NoProgress(ProgressLines):
    """Count and keep quiet."""

    def advance(self, result: JobResult) -> None:
        """Count a finished run."""
        self.finished += 1


@dataclass
class TimeLeft:
    """How long a batch still takes, from how long its runs took before.

    Parameters
    ----------
    expected : mapping of Job to float
        Seconds per run; infinite for a notebook that never ran, which counts
        as the mean of what is known, runs of this batch included.
    workers : int or None
        How many run side by side; None if an executor decides.
    """

    expected: Mapping[Job, float]
    workers: int | None
    began: float | None = None
    running: dict[Job, float] = field(default_factory=dict)
    finished: dict[Job, float] = field(default_factory=dict)

    def start(self, job: Job, now: float) -> None:
        """Note that a run begins."""
        self.began = now if self.began is None else self.began
        self.running[job] = now

    def end(self, result: JobResult, now: float) -> None:
        """Note that a run ended."""
        if self.began is None:
            self.began = now - result.seconds
        self.running.pop(result.job, None)
        self.finished[result.job] = result.seconds

    def seconds(self, now: float) -> float | None:
        """Guess the seconds left, at the pace that the batch has kept so far.

        Parameters
        ----------
        now : float
            The moment, on the same clock as the other moments.

        Returns
        -------
        float or None
            None if nothing is known yet.
        """
        known = [seconds for seconds in self.expected.values() if isfinite(seconds)]
        known += [s for j, s in self.finished.items() if not isfinite(self.expected[j])]
        if not known:
            return None
        usual = fmean(known)
        weights = {j: s if isfinite(s) else usual for j, s in self.expected.items()}
        done = sum(weights[job] for job in list(self.finished))
        for job, since in list(self.running.items()):
            done += min(now - since, weights[job])
        pace = float(self.workers or 0)
        if self.finished and self.began is not None and now > self.began:
            pace = done / (now - self.began)
        return (sum(weights.values()) - done) / pace if pace > 0 else None


class ProgressBar(ProgressLines):
    """A bar with the time left, below it what each worker does.

    Only failures get a line of their own, at once.

    Parameters
    ----------
    expected : mapping of Job to float
        The plan, with the seconds that each run may take.
    workers : int or None
        How many run side by side; None if an executor decides.
    console : Console, optional
        Where it is drawn; the terminal by default.
    """

    def __init__(
        self,
        expected: Mapping[Job, float],
        workers: int | None,
        console: "Console | None" = None,
    ) -> None:
        from rich.console import Console
        from rich.live import Live

        super().__init__(expected)
        self._left = TimeLeft(expected, workers)
        self._slots: dict[int, Job] = {}
        self._n_failed = 0
        self._began = time.monotonic()
        self._console = console or Console(stderr=True)
        self._live = Live(
            console=self._console, get_renderable=self.render, transient=True
        )

    def __enter__(self) -> Self:
        """Draw the bar."""
        self._live.start()
        return self

    def __exit__(self, *reason: Any) -> None:
        """Take the bar away; what it said is in the report."""
        self._live.stop()

    def start(self, job: Job) -> None:
        """Name a run at the first worker that is free."""
        self._left.start(job, time.monotonic())
        if job not in self._slots.values():  # or its process was lost: once more
            free = set(range(1, len(self._slots) + 2)) - self._slots.keys()
            self._slots[min(free)] = job

    def advance(self, result: JobResult) -> None:
        """Move the bar, and name a failure above it."""
        self.finished += 1
        self._left.end(result, time.monotonic())
        for slot, job in list(self._slots.items()):
            if job == result.job:
                del self._slots[slot]
        if result.state == "failed":
            self._n_failed += 1
            line = self.line(result)
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def render(self) -> "RenderableType":
        """Draw the bar as it is now."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar as Bar
        from rich.table import Table

        now = time.monotonic()
        left = self._left.seconds(now)
        top = Table.grid(padding=(0, 1))
        top.add_row(
            Bar(total=max(self.total, 1), completed=self.finished, width=BAR_WIDTH),
            f"{self.finished}/{self.total}",
            f"{self._n_failed} failed" if self._n_failed else "",
            minutes(now - self._began),
            "starting" if self._left.began is None else "",
            "" if left is None else f"about {minutes(left)} left",
        )
        below = Table.grid(padding=(0, 1))
        busy = sorted(self._slots.copy().items())
        for slot, job in busy[:MOST_ROWS]:
            since = self._left.running.get(job, now)
            below.add_row(f"{slot:>3}", f"{job.team}/{job.name}", minutes(now - since))
        if len(busy) > MOST_ROWS:
            below.add_row("", f"and {len(busy) - MOST_ROWS} more", "")
        return Group(top, below)


def minutes(seconds: float) -> str:
    """Write a time as it stands on a clock.

    Parameters
    ----------
    seconds : float
        How long.

    Returns
    -------
    str

    Examples
    --------
    >>> minutes(7.4), minutes(725), minutes(3725)
    ('0:07', '12:05', '1:02:05')
    """
    whole = round(max(seconds, 0))
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return f"{rest // 60}:{rest % 60:02}"


def make_progress(
    style: Style, expected: Mapping[Job, float], workers: int | None
) -> ProgressLines:
    """Choose how progress is shown.

    Parameters
    ----------
    style : {"auto", "bar", "plain", "quiet"}
        "auto" is a bar in a terminal and lines elsewhere.
    expected : mapping of Job to float
        The plan, with the seconds that each run may take.
    workers : int or None
        How many run side by side; None if an executor decides.

    Returns
    -------
    ProgressLines
        To be used in a ``with`` block, with ``start(job)`` when a worker begins
        with a run, if that is known, and ``advance(result)`` when it ended.
    """
    if style == "quiet":
        return NoProgress(expected)
    can_draw = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if style == "bar" or (style == "auto" and can_draw):
        return ProgressBar(expected, workers)
    return ProgressLines(expected)
