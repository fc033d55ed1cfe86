"""Each fault really happens here: killed processes, no memory, a full disk.

Whatever it is: nothing half written is visible, the other runs finish, the end
says what happened, and the next batch makes exactly what is missing.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from swtlib.batch import execute, find_stale, plan_runs, run_jobs, run_wave
from swtlib.batch.environment import fork_environment
from swtlib.batch.ledger import read_ledger
from swtlib.batch.pools import PRELOAD, Pools
from swtlib.batch.run import OVERTIME, WORKER_GONE
from swtlib.errors import ParameterError
from swtlib.fork import supported
from swtlib.fork.executor import ForkExecutor, ProcessGoneError
from swtlib.project import PART, WRITING, outputs_dir, write_atomic

ROOT = Path(__file__).resolve().parent.parent
SWT = (sys.executable, "-c", "from swtlib.cli import main; main()")
WAIT = 180  # seconds; far more than needed, on a machine that does other things too
YEAR = 2016
FACTS = f"""
year = {YEAR}
title = "Proef"
origin = "simulation"
export = "results.csv"
[members]
elburg = 7
"""
DIED = "the kernel died (out of memory, or a crash in a library)"
FULL, READ_ONLY = "No space left on device", "Read-only file system"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uses /proc")
needs_fork = pytest.mark.skipif(not supported(), reason="forks are for Linux")
ENGINES = [pytest.param("fork", marks=needs_fork), "kernel"]


def make_project(folder):
    """Make a project with a wave of one team, and no notebooks."""
    raw, processed = (folder / "data" / kind / str(YEAR) for kind in MADE)
    for made in (raw, processed, folder / "notebooks", folder / "outputs"):
        made.mkdir(parents=True)
    (raw / "wave.toml").write_text(FACTS, "utf-8")
    answers = pd.DataFrame({"team": ["elburg"] * 6})
    answers.to_parquet(processed / "respondents.parquet")
    meta = {"year": YEAR, "data_hash": "0", "n_responded": 6, "ledger": []}
    (processed / "wave.json").write_text(json.dumps(meta), "utf-8")
    return folder


MADE = ("raw", "processed")


def write_notebook(folder, name, source):
    heading = nbformat.v4.new_markdown_cell("## Resultaten", id="h")
    first = nbformat.v4.new_code_cell(f'team: str = "alle"\nyear: int = {YEAR}', id="p")
    first.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["swt"] = {"batch": True, "title": name, "order": 1}
    cell = nbformat.v4.new_code_cell(source, id="c")
    notebook.cells = [first, heading, cell]
    nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")


def variables(folder):
    return {
        "SWT_PROJECT": str(folder),
        "SWT_PROCESSED": str(folder / "data" / "processed"),
        "SWT_OUTPUTS": str(folder / "outputs"),
    }


@pytest.fixture
def small(tmp_path, monkeypatch):
    for name, value in variables(tmp_path).items():
        monkeypatch.setenv(name, value)
    return make_project(tmp_path)


def swt_run(folder, *arguments, around=()):
    """Run `swt run` for all teams, in a process of its own."""
    return subprocess.run(
        [*around, *command(*arguments)],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=WAIT,
    )


def command(*arguments):
    teams = () if "--team" in arguments else ("--team", "alle")
    return [*SWT, "run", "--year", str(YEAR), *teams, *arguments]


def environment(folder):
    return os.environ | variables(folder) | {"PYTHONPATH": str(ROOT)}


def wait_until(true):
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processes_of(folder):
    """List the processes whose variables name the folder.

    Python's own resource tracker lives as long as the process that used it; that
    is this one where the batch was run in it.
    """
    own = {os.getpid(), resource_tracker._resource_tracker._pid}
    mark, found = f"SWT_PROJECT={folder}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:  # it ended meanwhile
            continue
    return set(found) - own


def made(folder):
    """List everything in the outputs, hidden files too; each must be whole."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            found.add(path.relative_to(folder).as_posix())
        if path.suffix in (".ipynb", ".json"):
            json.loads(path.read_text("utf-8"))
        if path.suffix == ".html":
            assert path.read_text("utf-8").rstrip().endswith("</html>")
    return found


def states(folder):
    path = folder / "outputs" / str(YEAR) / "runs.json"
    return json.loads(path.read_text("utf-8"))["batch"]["states"]


# --- in one notebook -----------------------------------------------------------

EXITS = "import os\nprint('begonnen')\nos._exit(0)"
HUNGRY = """\
import resource
from pathlib import Path
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 2**28,) * 2)
kept = []
while True:
    kept.append(bytearray(2**24))
"""
ENDLESS = """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
KILLS = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
CELL_TIME = 20  # seconds; enough for "x = 1" on a machine that is busy
FAULTS = {"weg": EXITS, "vol": HUNGRY, "eindeloos": ENDLESS, "moord": KILLS}


@dataclass(frozen=True)
class Batch:
    folder: Path
    results: dict
    summary: str


@pytest.fixture(scope="module", params=ENGINES)
def batch(request, tmp_path_factory):
    """Notebooks that go wrong in every way, run beside two good ones."""
    folder = make_project(tmp_path_factory.mktemp("faults"))
    for name, source in {**FAULTS, "goed": "x = 1", "beter": "x = 2"}.items():
        write_notebook(folder, name, source)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables(folder).items():
            patch.setenv(name, value)
        report = run_jobs(
            plan_runs(year=YEAR, teams=["alle"]),
            workers=2,
            progress="quiet",
            timeout=CELL_TIME,
            pools=Pools(request.param),
        )
        results = {result.job.name: result for result in report.results}
        yield Batch(folder, results, report.summary())


@linux
def test_runs_beside_a_fault_finish(batch):
    assert {n for n, result in batch.results.items() if result.state == "done"} == {
        "goed",
        "beter",
    }
    assert batch.summary.startswith("2 of 6 pages made")


@linux
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("weg", re.escape(DIED)),
        ("vol", rf"MemoryError|{re.escape(DIED)}"),
        ("eindeloos", f"the cell took longer than {CELL_TIME} s"),
    ],
)
def test_end_says_what_happened_in_which_cell(batch, name, error):
    result = batch.results[name]
    assert re.fullmatch(error, result.error)
    # parameters [1], injected parameters [2], the cell that goes wrong [3]
    assert result.place() == "cell [3], under 'Resultaten'"
    assert f"{name} for alle: {result.error}\n    {result.place()}; see " in (
        batch.summary
    )
    assert f"alle/{name}.failed.ipynb" in batch.summary
    text = result.job.failed.read_text("utf-8")
    assert ("begonnen" in text) == (name == "weg")


@linux
def test_end_says_that_the_worker_was_killed(batch):
    result = batch.results["moord"]
    assert (result.error, result.cell) == (WORKER_GONE, None)
    assert f"moord for alle: {WORKER_GONE}" in batch.summary


@linux
def test_faults_leave_whole_files_only_and_no_processes(batch):
    wait_until(lambda: not processes_of(batch.folder))
    failed = {f"alle/{name}.failed.ipynb" for name in FAULTS if name != "moord"}
    pages = {f"alle/{name}.html" for name in batch.results}
    good = {"alle/goed.ipynb", "alle/beter.ipynb", "runs.json"}
    assert made(batch.folder / "outputs" / str(YEAR)) == failed | pages | good
    for name in FAULTS:
        page = batch.results[name].job.page.read_text("utf-8")
        assert "Deze pagina is niet gemaakt" in page


@linux
def test_ledger_tells_of_every_run_of_the_batch(batch):
    assert states(batch.folder) == {
        f"alle/{name}": result.state for name, result in batch.results.items()
    }
    runs = {run["notebook"]: run for run in read_ledger(YEAR)}
    assert runs.keys() == batch.results.keys()
    for name, result in batch.results.items():
        told = [runs[name][key] for key in ("state", "error", "cell", "heading")]
        assert told == [result.state, result.error, result.cell, result.heading]
        assert runs[name]["seconds"] == pytest.approx(result.seconds, abs=0.01)


@linux
def test_next_batch_makes_what_failed_and_nothing_else(batch):
    stale = find_stale(year=YEAR, teams=["alle"]).reasons
    assert {job.name: why for job, why in stale.items()} == dict.fromkeys(
        FAULTS, ("it failed the last time",)
    )


def hang(seconds):
    """Do as a run whose page is never finished."""
    execute._end_in_time(seconds)
    time.sleep(WAIT)


@linux
@needs_fork
def test_process_whose_page_hangs_is_ended_by_the_system():
    with (
        ForkExecutor(1, preload=PRELOAD, environment=fork_environment()) as executor,
        pytest.raises(ProcessGoneError, match=OVERTIME),
    ):
        executor.submit(hang, 0.2).result(WAIT)


# A control group of its own, where the system's own killer acts.
GROUPS = Path("/sys/fs/cgroup/memory")
ROOM = 900 * 2**20  # bytes; a batch of two takes less than half
EATS = "kept = []\nwhile True:\n    kept.append(b'x' * 2**24)"


@pytest.fixture
def little_memory():
    """Give the folder of a control group with little memory."""
    folder = GROUPS / f"swt-{os.getpid()}"
    try:
        folder.mkdir()
        (folder / "memory.limit_in_bytes").write_text(str(ROOM), "ascii")
    except OSError:
        pytest.skip("no control groups of memory that this user may make")
    yield folder
    wait_until(lambda: not (folder / "cgroup.procs").read_text("ascii").strip())
    folder.rmdir()


@linux
@pytest.mark.parametrize("engine", ENGINES)
def test_killer_of_the_system_takes_one_notebook_only(small, engine, little_memory):
    for name, source in {"eet": EATS, "goed": "x = 1", "beter": "x = 2"}.items():
        write_notebook(small, name, source)
    enter = f'echo $$ > "{little_memory}/cgroup.procs" && exec "$@"'
    done = swt_run(small, "--engine", engine, around=("sh", "-c", enter, "sh"))
    assert done.returncode == 1
    assert f"eet for alle: {DIED}" in done.stdout + done.stderr
    assert states(small) == {
        "alle/eet": "failed",
        "alle/goed": "done",
        "alle/beter": "done",
    }
    counts = (little_memory / "memory.failcnt").read_text("ascii")
    assert int(counts) > 0  # the group did run out of memory
    made(small / "outputs")


# --- the batch itself ----------------------------------------------------------

WAITS = """\
import subprocess, time
from pathlib import Path
child = subprocess.Popen(["sleep", "600"])
Path("begonnen").touch()
while Path("wacht").exists():
    time.sleep(0.05)
child.kill()
"""


@contextmanager
def interrupted_batch(folder, engine):
    """Give a batch of which one run is done, and another waits for ever.

    The one that waits was made before, so that there is something to spoil.
    """
    for name, source in {"een": "x = 1", "traag": WAITS}.items():
        write_notebook(folder, name, source)
    assert swt_run(folder, "--quiet", "--notebook", "traag").returncode == 0
    (folder / "begonnen").unlink()
    (folder / "wacht").touch()
    batch = subprocess.Popen(
        [*command("--force", "--jobs", "2", "--engine", engine)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # as a shell does: Ctrl-C reaches the whole group
    )
    try:
        wait_until(
            lambda: (
                batch.poll() is not None
                or ((folder / "begonnen").exists() and len(states(folder)) == 2)
            )
        )
        wait_until(
            lambda: batch.poll() is not None or states(folder)["alle/een"] != "waiting"
        )
        assert batch.poll() is None, batch.communicate()
        assert states(folder) == {"alle/een": "done", "alle/traag": "waiting"}
        yield batch
    finally:
        if batch.poll() is None:
            batch.kill()
        batch.communicate(timeout=WAIT)
        wait_until(lambda: not processes_of(folder))


def kept(folder):
    return {
        path: path.read_bytes()
        for path in (folder / "outputs" / str(YEAR) / "alle").rglob("*")
        if path.is_file()
    }


@linux
@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_left_of_a_batch_that_is_killed(small, engine):
    with interrupted_batch(small, engine) as batch:
        before = kept(small)
        os.kill(batch.pid, signal.SIGKILL)
        wait_until(lambda: not processes_of(small))  # not even what a cell started
    (small / "wacht").unlink()  # an orphan would now make the page after all
    assert kept(small) == before
    assert states(small) == {"alle/een": "done", "alle/traag": "waiting"}
    write_notebook(small, "traag", "x = 1")
    last = swt_run(small)
    assert last.returncode == 0, last.stderr
    assert last.stdout.startswith("1 of 1 pages made in ")
    assert "1 were up to date." in last.stdout
    assert find_stale(year=YEAR, teams=["alle"]).reasons == {}


@linux
@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_keeps_what_is_done_and_touches_nothing_else(small, engine):
    with interrupted_batch(small, engine) as batch:
        before = kept(small)
        os.killpg(batch.pid, signal.SIGINT)
        out, err = batch.communicate(timeout=WAIT)
        assert batch.returncode == 130, err
        wait_until(lambda: not processes_of(small))
    assert out.startswith("1 of 2 pages made in ")
    assert "Interrupted: the other pages are as they were." in out
    assert "Traceback" not in err
    assert kept(small) == before
    assert states(small) == {"alle/een": "done", "alle/traag": "cancelled"}
    write_notebook(small, "traag", "x = 1")
    last = swt_run(small, "--quiet")
    assert last.returncode == 0, last.stderr
    assert "1 of 1 pages made" in last.stdout
    assert "1 were up to date." in last.stdout


def test_number_of_workers_is_checked_when_there_is_no_work_too(small):
    with pytest.raises(ParameterError, match="workers is 0; at least 1"):
        run_wave(year=YEAR, workers=0, notebooks=[])


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_what_a_killed_process_was_writing_is_hidden_and_removed(small):
    write_notebook(small, "een", "x = 1")
    assert run_wave(year=YEAR, teams=["alle"], progress="quiet").exit_code == 0
    page = outputs_dir(YEAR) / "alle" / "een.html"
    before = page.read_bytes()
    killed = (  # at the moment that all is written and nothing in place
        "import os, signal, sys; from pathlib import Path; "
        "from swtlib.project import write_atomic; "
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL); "
        "write_atomic(Path(sys.argv[1]), 'half')"
    )
    process = subprocess.run(
        [sys.executable, "-c", killed, page], env=environment(small)
    )
    assert process.returncode == -signal.SIGKILL
    assert page.read_bytes() == before
    (part,) = [path for path in page.parent.iterdir() if path.name.endswith(PART)]
    assert part.name.startswith(".")
    assert find_stale(year=YEAR, teams=["alle"]).reasons == {}
    run_wave(year=YEAR, teams=["alle"], progress="quiet")
    assert part.exists()  # another process may be writing it
    past = time.time() - 2 * WRITING
    os.utime(part, (past, past))
    run_wave(year=YEAR, teams=["alle"], progress="quiet")
    assert not part.exists()


# --- the disk ------------------------------------------------------------------


@contextmanager
def mounted(folder, *commands):
    """Mount something that only some processes see, without being root.

    Gives what to put before a command that must see it, and the folder as they
    see it.
    """
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        pytest.skip("util-linux is not installed")
    lines = " && ".join(commands)
    with subprocess.Popen(
        ["unshare", "-Urm", "sh", "-c", f"{lines} && echo ready && exec cat"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:
        try:
            if holder.stdout.readline() != "ready\n":
                pytest.skip("a user may not mount anything here")
            target = ("-t", str(holder.pid), f"--wd=/proc/{holder.pid}/cwd")
            enter = ["nsenter", "--user", "--mount", "--preserve-credentials"]
            seen = Path(f"/proc/{holder.pid}/root{folder}")
            yield [*enter, *target], seen
        finally:
            holder.stdin.close()


def fill(path):
    """Leave no byte free on the disk where ``path`` is."""
    with path.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError:
                return


@linux
def test_full_disk_fails_what_does_not_fit_and_no_more(small):
    write_notebook(small, "klein", "x = 1")
    # One long word, which must not keep those busy who look for words in it.
    write_notebook(small, "groot", "print('a' * 2_000_000)")
    disk = f"mount -t tmpfs -o size=1m swt {small}/outputs"
    with mounted(small, disk) as (inside, seen):
        outputs = seen / "outputs" / str(YEAR)
        fill(seen / "outputs" / "vulling")

        nothing = swt_run(small, "--quiet", around=inside)
        assert nothing.returncode == 1
        assert nothing.stderr == ""
        first, *told = nothing.stdout.splitlines()
        assert first.startswith("0 of 2 pages made in ")
        reason = f"its page and tables could not be written: {FULL}"
        assert {f"  {name} for alle: {reason}" for name in ("klein", "groot")} < {*told}
        assert told[-2].startswith(f"outputs/{YEAR}/runs.json could not be written: ")
        assert told[-1] == f"The front page could not be written: {FULL}."
        assert made(outputs) == set()

        (seen / "outputs" / "vulling").unlink()
        some = swt_run(small, "--quiet", around=inside)
        assert some.returncode == 1
        assert some.stdout.startswith("1 of 2 pages made in ")
        assert f"groot for alle: {reason}" in some.stdout
        assert made(outputs) == {
            "alle/groot.html",  # which says that it was not made
            "alle/klein.html",
            "alle/klein.ipynb",
            "index.html",
            "runs.json",
        }

        write_notebook(small, "groot", "print('a')")
        last = swt_run(small, "--quiet", around=inside)
        assert last.returncode == 0, last.stderr
        assert last.stdout.startswith("1 of 1 pages made in ")
        assert "1 were up to date." in last.stdout


@linux
def test_folder_that_is_read_only_fails_its_own_runs_only(small):
    write_notebook(small, "een", "x = 1")
    teams = ("--team", "alle", "--team", "elburg")
    assert swt_run(small, "--quiet", *teams).returncode == 0
    write_notebook(small, "een", "x = 2")
    folder = small / "outputs" / str(YEAR) / "elburg"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    bind = (f"mount --bind {folder} {folder}", f"mount -o remount,ro,bind {folder}")
    with mounted(small, *bind) as (inside, _):
        result = swt_run(small, "--quiet", *teams, around=inside)
    assert result.returncode == 1
    assert result.stdout.startswith("1 of 2 pages made in ")
    reason = f"its page and tables could not be written: {READ_ONLY}"
    assert f"een for elburg: {reason}" in result.stdout
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    last = swt_run(small, "--quiet", *teams)
    assert last.returncode == 0, last.stderr
    assert last.stdout.startswith("1 of 1 pages made in ")


@linux
def test_outputs_that_are_read_only_are_one_line(small):
    write_notebook(small, "een", "x = 1")
    folder = small / "outputs"
    bind = (f"mount --bind {folder} {folder}", f"mount -o remount,ro,bind {folder}")
    with mounted(small, *bind) as (inside, _):
        result = swt_run(small, "--quiet", around=inside)
    assert result.returncode == 1
    assert re.fullmatch(rf"swt: .*{YEAR}\.lock: {READ_ONLY}\.\n", result.stderr)
    assert result.stdout == ""


def test_file_where_a_folder_is_needed_fails_its_own_runs_only(small):
    write_notebook(small, "een", "x = 1")
    blocked = outputs_dir(YEAR) / "elburg"
    write_atomic(blocked, "in de weg")
    both = {"year": YEAR, "teams": ["alle", "elburg"], "progress": "quiet"}
    report = run_wave(**both)
    assert [result.state for result in report.results] == ["done", "failed"]
    assert "could not be written: " in report.failed[0].error
    assert str(small) not in report.failed[0].error
    assert blocked.read_text("utf-8") == "in de weg"
    blocked.unlink()
    again = run_wave(**both)
    assert [(r.job.team, r.state) for r in again.results] == [("elburg", "done")]
