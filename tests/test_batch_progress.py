"""What is shown while a batch goes on, and told at its end."""

import io
import json
import math
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from swtlib.batch import run as runner
from swtlib.batch.html import Page
from swtlib.batch.plan import Job
from swtlib.batch.progress import MOST_ROWS, ProgressBar, TimeLeft, make_progress
from swtlib.batch.report import JobResult, RunReport
from swtlib.fork.executor import ProcessGoneError

NEVER = math.inf
ERROR = "ValueError: item b3_2 has answers outside 0-4: 9 (2 times)"


def a_job(name, team="elburg"):
    folder = Path("outputs") / "2015" / team
    return Job(
        notebook=Path("notebooks") / f"{name}.ipynb",
        name=name,
        year=2015,
        team=team,
        outputs=folder,
        parameters={},
    )


ONE, TWO, THREE, FOUR = (a_job(name) for name in ("een", "twee", "drie", "vier"))


def done(job, seconds=10.0):
    return JobResult(job=job, state="done", seconds=seconds)


def failed(job):
    return JobResult(
        job=job,
        state="failed",
        seconds=2.0,
        error=ERROR,
        cell=4,
        heading="Resultaten",
    )


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    moments = [100.0]
    monkeypatch.setattr("swtlib.batch.progress.time.monotonic", lambda: moments[-1])
    return moments.append


def screen(**options):
    return Console(
        file=io.StringIO(), force_terminal=True, width=80, record=True, **options
    )


def shown(bar):
    console = Console(file=io.StringIO(), width=80)
    console.print(bar.render())
    return [line.split() for line in console.file.getvalue().splitlines()]


# --- time left -----------------------------------------------------------------


def test_time_left_is_shared_by_the_workers_before_anything_ended():
    left = TimeLeft(dict.fromkeys((ONE, TWO, THREE, FOUR), 10.0), workers=2)
    assert left.seconds(0) == 20  # 40 s of work, by two
    left.start(ONE, 0)
    left.start(TWO, 0)
    assert left.seconds(4) == 16  # 4 s of both are done: 32 left, by two


def test_time_left_follows_the_pace_of_the_batch():
    left = TimeLeft(dict.fromkeys((ONE, TWO, THREE, FOUR), 10.0), workers=2)
    left.start(ONE, 0)
    left.end(done(ONE, seconds=20), 20)
    # 10 s of work took 20 s: the other 30 take 60
    assert left.seconds(20) == 60


def test_time_left_weighs_runs_by_what_they_took_before():
    left = TimeLeft({ONE: 30.0, TWO: 10.0}, workers=1)
    left.start(ONE, 0)
    left.end(done(ONE, seconds=30), 30)
    assert left.seconds(30) == 10
    left.start(TWO, 30)
    assert left.seconds(50) == 0  # it takes longer than ever: any moment now


def test_time_left_of_what_never_ran_is_that_of_the_others():
    left = TimeLeft({ONE: NEVER, TWO: NEVER, THREE: NEVER}, workers=1)
    assert left.seconds(0) is None
    left.start(ONE, 0)
    assert left.seconds(5) is None
    left.end(done(ONE, seconds=6), 6)
    assert left.seconds(6) == 12
    mixed = TimeLeft({ONE: 4.0, TWO: 8.0, THREE: NEVER}, workers=1)
    assert mixed.seconds(0) == 18  # (4 + 8) / 2 for the third


def test_time_left_with_an_executor_is_known_after_the_first_end():
    left = TimeLeft({ONE: 5.0, TWO: 5.0}, workers=None)
    assert left.seconds(0) is None
    left.end(done(ONE, seconds=5), 10)  # it began at 5, as far as is known
    assert left.seconds(10) == 5


# --- the bar -------------------------------------------------------------------


def test_bar_says_what_each_worker_does_and_since_when(clock):
    bar = ProgressBar(dict.fromkeys((ONE, TWO, THREE), 30.0), 2, screen())
    assert shown(bar)[0][-4:] == ["starting", "about", "0:45", "left"]  # 90 s by two
    bar.start(ONE)
    clock(110.0)
    bar.start(TWO)
    clock(115.0)
    top, *workers = shown(bar)
    assert top[-5:] == ["0/3", "0:15", "about", "0:35", "left"]  # 90 - 15 - 5, by two
    assert workers == [["1", "elburg/een", "0:15"], ["2", "elburg/twee", "0:05"]]
    bar.advance(done(ONE, seconds=15.0))
    bar.start(THREE)  # the place that is free
    clock(175.0)
    top, *workers = shown(bar)
    assert "1/3" in top
    assert workers == [["1", "elburg/drie", "1:00"], ["2", "elburg/twee", "1:05"]]


def test_bar_names_a_worker_once_when_its_run_begins_again(clock):
    bar = ProgressBar(dict.fromkeys((ONE, TWO), 30.0), 2, screen())
    bar.start(ONE)
    clock(120.0)
    bar.start(ONE)
    assert shown(bar)[1:] == [["1", "elburg/een", "0:00"]]


def test_bar_stays_small_with_many_workers(clock):
    jobs = [a_job(f"dv{number}") for number in range(MOST_ROWS + 5)]
    bar = ProgressBar(dict.fromkeys(jobs, NEVER), len(jobs), screen())
    for job in jobs:
        bar.start(job)
    assert len(shown(bar)) == MOST_ROWS + 2
    assert shown(bar)[-1] == ["and", "5", "more"]


def test_bar_tells_of_a_failure_at_once_and_of_nothing_else():
    console = screen()
    with ProgressBar(dict.fromkeys((ONE, TWO), 30.0), 2, console) as bar:
        bar.start(ONE)
        bar.advance(done(ONE))
        assert "ok" not in console.export_text(clear=False)
        bar.advance(failed(TWO))
        told = console.export_text(clear=False)
        place = "(cell [4], under 'Resultaten')"
        assert f"[2/2] FAILED   2.0 s  elburg/twee  {ERROR} {place}" in told
        assert "1 failed" in " ".join(shown(bar)[0])
    assert "\x1b[2K" in console.file.getvalue()  # the bar is wiped out


# --- lines ---------------------------------------------------------------------


def test_lines_are_plain_and_say_which_cell_failed(capsys):
    with make_progress("plain", dict.fromkeys((ONE, TWO), NEVER), 1) as lines:
        lines.start(ONE)
        lines.advance(done(ONE))
        lines.advance(failed(TWO))
    assert capsys.readouterr() == (
        "",
        "[1/2] ok      10.0 s  elburg/een\n"
        f"[2/2] FAILED   2.0 s  elburg/twee  {ERROR} (cell [4], under 'Resultaten')\n",
    )


def test_quiet_is_quiet(capsys):
    with make_progress("quiet", {ONE: NEVER}, 1) as quiet:
        quiet.start(ONE)
        quiet.advance(failed(ONE))
    assert quiet.finished == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("terminal", "term", "is_bar"),
    [(True, "xterm", True), (True, "dumb", False), (False, "xterm", False)],
)
def test_bar_is_for_terminals_that_can_draw(monkeypatch, terminal, term, is_bar):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("TERM", term)
    assert isinstance(make_progress("auto", {ONE: NEVER}, 1), ProgressBar) == is_bar


# --- the runner ----------------------------------------------------------------


class InlineExecutor(Executor):
    """Runs a task at once, in this process."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class InlinePools:
    """Local pools of one inline executor."""

    @contextmanager
    def open(self, workers):
        yield InlineExecutor()


def test_runner_tells_when_a_worker_begins(monkeypatch):
    told = []
    monkeypatch.setattr(runner, "run_task", lambda task: done(task.job))
    tasks = [
        runner.Task(job=job, page=None, root="", environment={}, timeout=1.0)
        for job in (ONE, TWO, THREE)
    ]
    for result in runner._results(tasks, 2, InlinePools(), told.append):
        told.append(result)
    # two at a time: the third begins when there is a place
    assert told[:2] == [ONE, TWO]
    assert told.index(THREE) > min(told.index(done(ONE)), told.index(done(TWO)))
    assert len(told) == 6


class BrokenPools:
    """Local pools of which the first breaks before anything was taken."""

    def __init__(self):
        self.opened = 0

    @contextmanager
    def open(self, workers):
        self.opened += 1
        yield self if self.opened == 1 else InlineExecutor()

    def submit(self, *_):
        raise BrokenExecutor


class GonePools:
    """Local pools where every process is ended by its alarm clock."""

    @contextmanager
    def open(self, workers):
        yield self

    def submit(self, *_):
        future = Future()
        future.set_exception(ProcessGoneError(f"killed by {runner.OVERTIME}"))
        return future


@pytest.mark.parametrize("breaks", [True, False])
def test_what_goes_beside_the_runs_stops_none_of_them(monkeypatch, breaks):
    monkeypatch.setattr(runner, "run_task", lambda task: done(task.job))
    task = runner.Task(job=ONE, page=None, root="", environment={}, timeout=1.0)
    heard = []
    pools = BrokenPools() if breaks else InlinePools()
    also = (lambda: "gevonden", heard.append)
    ended = list(runner._results([task], 1, pools, lambda _: None, also))
    assert [result.job for result in ended] == [ONE]
    assert heard == ["gevonden"]


def test_runner_says_that_a_run_took_too_long(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    task = runner.Task(
        job=ONE, page=Page(title="Een"), root="", environment={}, timeout=1.0
    )
    [result] = runner._results([task], 1, GonePools(), lambda _: None)
    assert (result.state, result.error) == ("failed", runner.TOO_LONG)


def test_every_notebook_goes_once_before_one_goes_for_another_team():
    jobs = [
        a_job(name, team)
        for team in ("alle", "elburg", "zwolle_west")
        for name in ("dv1", "dv2", "respons")
    ]
    jobs.append(a_job("trend", "alle"))
    seconds = {"dv1": 2.0, "dv2": 5.0, "respons": 1.0, "trend": 9.0}
    tasks = runner._tasks(
        dict.fromkeys(jobs), {job: seconds[job.name] for job in jobs}, 1.0, 1.0
    )
    names = [task.job.name for task in tasks]
    assert names[:4] == ["trend", "dv2", "dv1", "respons"]  # the longest first
    assert names[4:] == ["dv2", "dv1", "respons"] * 2
    assert {task.job.name for task in tasks if not task.repeated} == {"trend"}


# --- the end -------------------------------------------------------------------


@pytest.fixture
def report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    jobs = [a_job("dv1", team) for team in ("alle", "elburg")]
    for job in jobs:
        job.outputs.mkdir(parents=True)
        job.failed.write_text(json.dumps({}), "utf-8")
    results = (done(ONE), *map(failed, jobs))
    full = "The front page could not be written: No space left on device."
    return RunReport(results=results, seconds=12.0, problems=(full,))


def test_end_is_a_table_in_a_terminal(report):
    console = screen()
    report.print_to(console)
    told = console.export_text(clear=False)
    assert told.startswith("1 of 3 pages made in 12.0 s.\n2 failed")
    row = next(line for line in told.splitlines() if "dv1 " in line)
    assert [cell.strip() for cell in row.split("│")[1:4]] == [
        "dv1",
        "alle, elburg",
        "ValueError: item b3_2 has answers outside 0-4: 9",
    ]
    assert "cell [4], under 'Resultaten'" in told
    kept = Path("outputs") / "2015" / "alle" / "dv1.failed.ipynb"
    assert str(kept) in told
    assert "\x1b]8;id=" in console.file.getvalue()
    assert kept.resolve().as_uri() in console.file.getvalue()
    assert told.endswith("No space left on device.\n")


def test_end_is_plain_text_in_a_pipe(report):
    console = Console(file=io.StringIO(), width=40)
    report.print_to(console)
    assert console.file.getvalue() == report.summary() + "\n"
    assert report.summary().splitlines() == [
        "1 of 3 pages made in 12.0 s.",
        "2 failed:",
        f"  dv1 for alle, elburg: {ERROR}",
        "    cell [4], under 'Resultaten'; see "
        + str(Path("outputs") / "2015" / "alle" / "dv1.failed.ipynb"),
        "The front page could not be written: No space left on device.",
    ]


def test_end_with_only_a_problem_is_no_success(report):
    alone = RunReport(results=(done(ONE),), seconds=1.0, problems=report.problems)
    assert alone.exit_code == 1
    console = screen()
    alone.print_to(console)
    assert console.export_text() == f"{alone.summary()}\n"
