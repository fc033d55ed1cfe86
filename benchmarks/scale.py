"""What a run costs as the number of teams grows: simulated waves of 10 to 1,000.

By hand, from the project folder::

    uv run python benchmarks/scale.py 10 30 100 300 1000

Prints the rows of the tables in docs/scale.md. Each size is a project of its own
in a temporary folder: the library with its own teams.toml, made-up answers to the
whole questionnaire, and the notebooks. Runs are forked one at a time; CPU and
memory are those of the run and its kernel, without what is loaded beforehand.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
YEAR = 2015
SIZES = (6, 8, 9, 10, 11, 12, 14)  # respondents of a team, in turn; 10 on average
ABSENT = 3  # members of each team who do not answer
STEPS = ("draw", "ingest", "alle", "team", "plan")
TIMEOUT = 3600  # seconds for all pages of one kind
OWN_TEAMS = "dv4_eigen_verbanden"  # shows an example that has eight teams of its own
FACTS = """year = {year}
title = "Simulatie"
origin = "simulation"
export = "results.csv"
[members]
{members}
"""
TEAM = (
    '[[team]]\nid = "{id}"\nlabel = "Team {n}"\ncode = "T{n}"\nmunicipality = "M{m}"\n'
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("teams", type=int, nargs="+")
    print("| teams | answers | step | wall s | CPU s | MiB | what |")
    print("|---:|---:|---|---:|---:|---:|---|", flush=True)
    for n in parser.parse_args().teams:
        with tempfile.TemporaryDirectory(prefix="swt-scale-") as name:
            sweep(n, Path(name))


def sweep(n: int, folder: Path) -> None:
    """Measure one size; each step in a process of its own."""
    teams = {f"team_{i:04}": SIZES[i % len(SIZES)] for i in range(1, n + 1)}
    make_project(folder, teams)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(folder), str(Path(__file__).parent)]),
        "SWT_PROJECT": str(folder),
        "SWT_PROCESSED": str(folder / "data" / "processed"),
        "SWT_OUTPUTS": str(folder / "outputs"),
        "SWT_SCALE_TEAMS": json.dumps(teams),
    }
    for step in STEPS:
        code = f"import scale; scale.{step}()"
        try:
            result = subprocess.run(
                [sys.executable, "-c", code],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            print(f"| {n} | | {step} | more than {TIMEOUT} | | | |", flush=True)
            continue
        for line in result.stdout.splitlines():
            print(f"| {n:,} | {sum(teams.values()):,} | {line}", flush=True)


def make_project(folder: Path, teams: dict[str, int]) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "swtlib", folder / "swtlib", ignore=ignored)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=ignored)
    raw = folder / "data" / "raw" / str(YEAR)
    raw.mkdir(parents=True)
    defined = [
        TEAM.format(id=team, n=n, m=n // 4) for n, team in enumerate(teams, start=1)
    ]
    place = folder / "swtlib" / "codebook" / "teams.toml"
    place.write_text("\n".join(defined), "utf-8")
    members = "\n".join(f"{team} = {size + ABSENT}" for team, size in teams.items())
    facts = FACTS.format(year=YEAR, members=members)
    (raw / "wave.toml").write_text(facts, "utf-8")


def teams_drawn() -> dict[str, int]:
    drawn: dict[str, int] = json.loads(os.environ["SWT_SCALE_TEAMS"])
    return drawn


def draw() -> None:
    from swtlib.codebook import load_codebook
    from swtlib.project import raw_dir
    from swtlib.simulation import simulate_export

    show(
        "draw",
        simulate_export,
        load_codebook(),
        raw_dir(YEAR) / "results.csv",
        year=YEAR,
        respondents=teams_drawn(),
        seed=1,
    )


def ingest() -> None:
    from swtlib.wave import ingest as ingest_wave
    from swtlib.wave import load_wave

    show("ingest", ingest_wave, YEAR)
    show("load", load_wave, YEAR)


def alle() -> None:
    run_pages("alle")


def team() -> None:
    run_pages(list(teams_drawn())[len(teams_drawn()) // 2])


def plan() -> None:
    """Plan all runs of the wave and look which are stale; nothing is run."""
    from swtlib.batch import find_stale, plan_runs
    from swtlib.batch.ledger import Ledger, gather_inputs
    from swtlib.batch.pages import plan_pages
    from swtlib.batch.report import JobResult
    from swtlib.batch.run import _check_pages

    show("plan: find_stale", find_stale, year=YEAR)
    jobs = plan_runs(year=YEAR)
    show("plan: check", _check_pages, jobs)
    inputs = gather_inputs(plan_pages(jobs))

    def record() -> None:
        ledger = Ledger(YEAR)
        for job in jobs:
            result = JobResult(job=job, state="done", files={"x": "0"})
            ledger.record(result, inputs[job])
        ledger.save()

    show(f"plan: record {len(jobs)}", record)


def show(step: str, function: Callable[..., Any], *args: Any, **named: Any) -> None:
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    function(*args, **named)
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"{step} | {time.perf_counter() - start:.2f} | "
        f"{cpu(after) - cpu(before):.2f} | {after.ru_maxrss // 1024} | |",
        flush=True,
    )


def cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


def measured(function: Callable[..., Any], task: Any) -> tuple[Any, float, float]:
    """Run a task and say what it and its kernel took; called in a fresh process."""
    result = function(task)
    own = resource.getrusage(resource.RUSAGE_SELF)
    kernel = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = max(own.ru_maxrss, kernel.ru_maxrss) / 1024
    return result, cpu(own) + cpu(kernel), peak


class Measured(Executor):
    """Forks runs one at a time and keeps what they took."""

    def __init__(self, forks: Executor) -> None:
        self.forks = forks
        self.taken: dict[str, tuple[float, float]] = {}

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> "Future[Any]":
        given: Future[Any] = Future()
        result, seconds, peak = self.forks.submit(measured, fn, *args).result()
        self.taken[result.job.name] = (seconds, peak)
        given.set_result(result)
        return given


def run_pages(team: str) -> None:
    from swtlib.batch import plan_runs, run_jobs
    from swtlib.batch.environment import fork_environment
    from swtlib.batch.pools import PRELOAD
    from swtlib.batch.worker import start_worker
    from swtlib.fork.executor import ForkExecutor

    with (
        tempfile.TemporaryDirectory(prefix="swt-") as scratch,
        ForkExecutor(
            1,
            preload=PRELOAD,
            environment=fork_environment(),
            initializer=start_worker,
            initargs=(scratch,),
        ) as forks,
    ):
        forks.loaded()
        executor = Measured(forks)
        jobs = plan_runs(year=YEAR, teams=[team])
        jobs = [job for job in jobs if team == "alle" or job.name != OWN_TEAMS]
        report = run_jobs(jobs, executor=executor, progress="quiet", timeout=TIMEOUT)
    kind = "alle" if team == "alle" else "team"
    for result in report.results:
        seconds, peak = executor.taken[result.job.name]
        size = result.job.page.stat().st_size / 2**20
        what = f"{size:.1f} MiB page" if result.state == "done" else result.error
        print(
            f"{kind}: {result.job.name} | {result.seconds:.2f} | {seconds:.2f} | "
            f"{peak:.0f} | {what} |"
        )
    total = sum(seconds for seconds, _ in executor.taken.values())
    walls = sum(result.seconds for result in report.results)
    peak = max(peak for _, peak in executor.taken.values())
    print(f"{kind}: all | {walls:.2f} | {total:.2f} | {peak:.0f} | |")


if __name__ == "__main__":
    main()
