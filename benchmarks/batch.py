"""A batch by `swt run` beside papermill's own ways, in one run.

By hand, from the project folder, on Linux::

    uv run python benchmarks/batch.py --team alle --team elburg

Prints the rows of the table in docs/benchmarks.md. Every way runs the same
notebooks with the same parameters into a folder of its own; the outputs of
papermill's command line and of `swt run` are compared cell by cell.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import nbformat

from swtlib.batch.html import Page, render_page
from swtlib.batch.plan import Job, plan_runs
from swtlib.project import project_root
from swtlib.wave import load_wave

YEAR = 2015
WORKERS = 2
SWT = [sys.executable, "-c", "from swtlib.cli import main; main()"]
HEAVY = "import pandas, seaborn, statsmodels.api"
OURS = "import swtlib; [getattr(swtlib, name) for name in swtlib.__all__]"


def papermill_loop(jobs: Sequence[Job], folder: Path) -> None:
    """Call papermill's command line for one notebook after another."""
    for job in jobs:
        made = folder / f"{job.team}-{job.name}.ipynb"
        command = [sys.executable, "-m", "papermill", str(source(job)), str(made)]
        options = ["--no-progress-bar", "-p", "team", job.team, "-p", "year", str(YEAR)]
        run([*command, *options], folder)


def papermill_pool(jobs: Sequence[Job], folder: Path) -> None:
    """Call papermill from two processes that stay."""
    os.environ["SWT_OUTPUTS"] = str(folder / "outputs")
    with ProcessPoolExecutor(WORKERS) as pool:
        list(pool.map(papermill_once, jobs, [folder] * len(jobs)))


def papermill_once(job: Job, folder: Path) -> None:
    """Run one notebook with papermill as it comes."""
    import papermill

    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        papermill.execute_notebook(
            source(job),
            folder / f"{job.team}-{job.name}.ipynb",
            parameters={"team": job.team, "year": YEAR},
            progress_bar=False,
        )


def swt_run(jobs: Sequence[Job], folder: Path) -> None:
    """Make the same notebooks and their pages with this project's runner."""
    teams = [part for team in teams_of(jobs) for part in ("--team", team)]
    run([*SWT, "run", *teams, "--quiet", "--jobs", str(WORKERS)], folder)


def cells_alone(jobs: Sequence[Job], folder: Path) -> None:
    """Run the cells in one process that has everything imported and drawn once."""
    teams = json.dumps([[job.name, job.team] for job in jobs])
    run([sys.executable, __file__, "--cells", teams], folder)


def cells(pairs: Sequence[tuple[str, str]]) -> float:
    """Time the cells of notebooks in this process, the first one untimed."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    spent = 0.0
    for number, (name, team) in enumerate([pairs[0], *pairs]):
        path = project_root() / "notebooks" / f"{name}.ipynb"
        notebook = nbformat.read(path, 4)  # type: ignore[no-untyped-call]
        shell.reset(new_session=False)
        before = time.process_time()
        with capture_output():
            for cell in notebook.cells:
                if cell.cell_type != "code":
                    continue
                shell.run_cell(cell.source)
                if "parameters" in cell.metadata.get("tags", []):
                    shell.run_cell(f"team = {team!r}; year = {YEAR}")
        if number:
            spent += time.process_time() - before
    return spent


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command with outputs in a folder of its own."""
    environment = {**os.environ, "SWT_OUTPUTS": str(folder / "outputs")}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode()[-2000:])
    (folder / "said").write_bytes(done.stdout)


def source(job: Job) -> Path:
    """Give the notebook of a job."""
    return project_root() / "notebooks" / f"{job.name}.ipynb"


def teams_of(jobs: Sequence[Job]) -> list[str]:
    """Name the teams of a plan once."""
    return list(dict.fromkeys(job.team for job in jobs))


def measure(
    way: Callable[[Sequence[Job], Path], None], jobs: Sequence[Job], folder: Path
) -> tuple[float, float]:
    """Give the wall and processor seconds of a way."""
    folder.mkdir()
    wall, before = time.perf_counter(), children()
    way(jobs, folder)
    return time.perf_counter() - wall, children() - before


def children() -> float:
    """Give the processor seconds of all processes that ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def count_different(jobs: Sequence[Job], loop: Path, ours: Path) -> tuple[int, int]:
    """Count the code cells whose outputs differ, and all of them."""
    different = total = 0
    for job in jobs:
        pair = []
        for path in (
            loop / f"{job.team}-{job.name}.ipynb",
            ours / "outputs" / str(YEAR) / job.team / f"{job.name}.ipynb",
        ):
            notebook = nbformat.read(path, 4)  # type: ignore[no-untyped-call]
            pair.append([c for c in notebook.cells if c.cell_type == "code"])
        assert len(pair[0]) == len(pair[1])
        for one, other in zip(*pair, strict=True):
            total += 1
            different += shown(one) != shown(other)
    return different, total


def shown(cell: nbformat.NotebookNode) -> str:
    """Give what a cell shows, without addresses and ids that are random."""
    texts = [
        [o.get("name"), o.get("text"), o.get("data"), o.get("ename")]
        for o in cell.outputs
    ]
    text = json.dumps(texts, sort_keys=True)
    return re.sub(r"0x[0-9a-f]{6,}|[0-9a-f]{32}", "<id>", text)


@contextmanager
def memory(every: float = 0.2) -> Iterator[list[float]]:
    """Sample the memory of all processes below this one, in MiB."""
    found: list[float] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(every):
            found.append(sum(map(share_of, below(os.getpid()))) / 1024)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def below(process: int) -> list[int]:
    """List the processes below a process."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [process]
    while waiting:
        waiting += (more := parents.get(waiting.pop(), []))
        found += more
    return found


def share_of(process: int) -> float:
    """Give the memory of a process in KiB, what it shares with others in part."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    match = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return float(match[1]) if match else 0.0


def first_page(folder: Path) -> float:
    """Give the seconds until a cold batch has its first page."""
    folder.mkdir()
    environment = {**os.environ, "SWT_OUTPUTS": str(folder)}
    start = time.perf_counter()
    process = subprocess.Popen(
        [*SWT, "run", "--quiet", "--jobs", str(WORKERS)], env=environment
    )
    try:
        while not list(folder.glob(f"{YEAR}/*/*.html")):
            if process.poll() is not None:
                raise SystemExit("swt run ended without a page")
            time.sleep(0.02)
        return time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()


def html_seconds(jobs: Sequence[Job], ours: Path, folder: Path) -> tuple[float, float]:
    """Give the processor seconds of a page: ours, and `jupyter nbconvert`'s."""
    folder.mkdir()
    paths = [ours / "outputs" / str(YEAR) / j.team / f"{j.name}.ipynb" for j in jobs]
    notebooks = [nbformat.read(path, 4) for path in paths]  # type: ignore[no-untyped-call]
    render_page(notebooks[0], Page(title="x"))
    before = time.process_time()
    for notebook in notebooks:
        render_page(notebook, Page(title="x"))
    each = (time.process_time() - before) / len(notebooks)
    before = children()
    for path in paths[:3]:
        command = [sys.executable, "-m", "nbconvert", "--to", "html", str(path)]
        run([*command, "--output-dir", str(folder)], folder)
    return each, (children() - before) / len(paths[:3])


def import_seconds(code: str, folder: Path) -> float:
    """Give the median processor seconds of a process that imports something."""
    spent = []
    for _ in range(5):
        before = children()
        run([sys.executable, "-c", code], folder)
        spent.append(children() - before)
    return statistics.median(spent)


def main() -> None:
    """Measure every way once, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--team", action="append", help="default: all teams")
    parser.add_argument("--cells", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cells:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            spent = cells(json.loads(arguments.cells))
        print(spent)
        return
    load_wave(YEAR)
    jobs = plan_runs(year=YEAR, teams=arguments.team)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loop = measure(papermill_loop, jobs, folder / "loop")
        pool = measure(papermill_pool, jobs, folder / "pool")
        ours = measure(swt_run, jobs, folder / "ours")
        measure(cells_alone, jobs, folder / "cells")
        compute = float((folder / "cells" / "said").read_text()) / WORKERS
        different, total = count_different(jobs, folder / "loop", folder / "ours")
        with memory() as sampled:
            measure(swt_run, jobs, folder / "again")
        page, nbconvert = html_seconds(jobs, folder / "ours", folder / "html")
        light, heavy = (import_seconds(c, folder / "ours") for c in (OURS, HEAVY))
        first = first_page(folder / "first")
    print(f"{len(jobs)} runs, {WORKERS} workers")
    rows = {
        "papermill's command line, one after another": loop,
        "papermill in a pool of two processes": pool,
        "`swt run`, pages included": ours,
        "the cells alone, divided by two": (compute, compute * WORKERS),
    }
    for label, (wall, cpu) in rows.items():
        print(f"| {label} | {wall:.1f} s | {cpu:.1f} s | {wall / ours[0]:.2f} |")
    print(f"cells that differ: {different} of {total}")
    print(f"peak memory: {max(sampled):.0f} MiB")
    print(f"page: {page * 1000:.0f} ms, nbconvert {nbconvert / page:.0f} times as much")
    print(f"first page of a cold run: {first:.1f} s")
    print(f"import: {light:.2f} s, the heavy three {heavy / light:.1f} times as much")


if __name__ == "__main__":
    main()
