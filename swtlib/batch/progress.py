"""Show how a batch gets on: a bar in a terminal, lines in a pipe, or nothing."""

import sys
from types import TracebackType
from typing import Any, Literal, Self

from swtlib.batch.report import JobResult

Style = Literal["auto", "bar", "plain", "quiet"]


class ProgressLines:
    """One line per finished run, for logs and pipes."""

    def __init__(self, total: int) -> None:
        self.total = total
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
        return (
            f"[{self.finished:>{width}}/{self.total}] {mark} {result.seconds:5.1f} s  "
            f"{job.team}/{job.name}{tail}"
        )


class NoProgress(ProgressLines):
    """Count and keep quiet."""

    def advance(self, result: JobResult) -> None:
        """Count a finished run."""
        self.finished += 1


class ProgressBar(ProgressLines):
    """A bar with the time left; only failures get a line of their own."""

    def __init__(self, total: int) -> None:
        from rich import progress
        from rich.console import Console

        super().__init__(total)
        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("left"),
            progress.TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("running notebooks", total=total)

    def __enter__(self) -> Self:
        """Draw the bar."""
        self._bar.start()
        return self

    def __exit__(self, *reason: Any) -> None:
        """Take the bar away; what it said is in the report."""
        self._bar.stop()

    def advance(self, result: JobResult) -> None:
        """Move the bar, and name a failure above it."""
        self.finished += 1
        self._bar.update(
            self._task, advance=1, description=f"{result.job.team}/{result.job.name}"
        )
        if result.state == "failed":
            self._bar.console.print(self.line(result), markup=False, highlight=False)


def make_progress(style: Style, total: int) -> ProgressLines:
    """Choose how progress is shown.

    Parameters
    ----------
    style : {"auto", "bar", "plain", "quiet"}
        "auto" is a bar in a terminal and lines elsewhere.
    total : int
        Number of runs.

    Returns
    -------
    ProgressLines
        To be used in a ``with`` block, with ``advance(result)`` per run.
    """
    if style == "quiet":
        return NoProgress(total)
    if style == "bar" or (style == "auto" and sys.stderr.isatty()):
        return ProgressBar(total)
    return ProgressLines(total)
