"""Batches on a Dask cluster: a real scheduler and real workers, on loopback."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from distributed import Client
from typer.testing import CliRunner

from swtlib import cli
from swtlib.batch import cluster, plan_runs, run_jobs, run_wave
from swtlib.batch.cluster import open_executor
from swtlib.batch.run import WORKER_GONE
from swtlib.errors import ClusterError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and /proc")

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120  # seconds, for a machine that is busy
GRACE = 10  # seconds for a process of Dask that is told to end
NOTEBOOKS = ("respons", "dv5_behoeften")
TEAMS = ("alle", "elburg")
KINDS = ("shared", "wire")

# To a worker that has this, the folder of the project is not there: as on
# another machine. It holds for every Python process, forked ones too.
BLIND = """
import os, sys

def look(event, arguments):
    if event == "open" or event.startswith("os."):
        for value in arguments[:1]:
            if isinstance(value, (str, bytes, os.PathLike)):
                if os.fsdecode(value).startswith(os.environ["HIDDEN"]):
                    raise FileNotFoundError(2, "not on this machine", value)

sys.addaudithook(look)
"""
GATE = """
from pathlib import Path
import os, time
gate = Path({gate!r})
(gate / f"{{team}}-{{os.getpid()}}").touch()
while not (gate / "open").exists():
    time.sleep(0.02)
"""
MURDER = """
import os, signal
os.kill(os.getppid(), signal.SIGKILL)
"""


class Cluster:
    """A scheduler and its workers, ended by `stop`."""

    def __init__(self, folder, **variables):
        self.folder = folder
        folder.mkdir()
        self.file = folder / "scheduler.json"
        self.variables = variables
        self.processes = []
        self._start("dask_scheduler", "--scheduler-file", str(self.file), "--port", "0")
        wait_until(lambda: self.file.exists() and self.file.read_text("utf-8"))
        self.address = json.loads(self.file.read_text("utf-8"))["address"]

    def add_worker(self, *options, path=ROOT):
        place = self.folder / f"worker-{len(self.processes)}"
        name = ("--name", place.name, "--local-directory", str(place))
        names = (*name, "--nthreads", "1", "--nworkers", "1", self.address)
        return self._start("dask_worker", *names, *options, path=path)

    def wait_for(self, n):
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(n, timeout=PATIENCE)

    def rooms(self):
        found = []
        for folder, names, _ in os.walk(self.folder):  # glob fails on what goes away
            found += [Path(folder) / name for name in names if name.startswith("swt-")]
        return found

    def stop(self):
        for process in reversed(self.processes):  # the scheduler last
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, program, *options, path=ROOT):
        own = {n: v for n, v in os.environ.items() if not n.startswith("SWT_")}
        paths = [self.variables.get("PYTHONPATH", ""), str(path)]
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", f"distributed.cli.{program}"),
                    *("--host", "127.0.0.1", "--no-dashboard", *options),
                ],
                cwd=self.folder,
                env=own | self.variables | {"PYTHONPATH": os.pathsep.join(paths)},
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process


def wait_until(true):
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def write_notebook(project, name, source):
    first = nbformat.v4.new_code_cell('team: str = "alle"\nyear: int = 2015', id="p")
    first.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["swt"] = {"batch": True, "title": f"{name}?", "order": 99}
    notebook.cells = [first, nbformat.v4.new_code_cell(source.strip(), id="c")]
    nbformat.write(notebook, project / "notebooks" / f"{name}.ipynb")


def contents(outputs):
    return {
        path.relative_to(outputs).as_posix(): path.read_bytes()
        for path in outputs.rglob("*")
        if path.is_file() and path.name not in ("runs.json", ".2015.lock")
    }


def use(patch, project, outputs):
    patch.chdir(project)
    patch.setenv("SWT_PROJECT", str(project))
    patch.setenv("SWT_PROCESSED", str(project / "data" / "processed"))
    patch.setenv("SWT_OUTPUTS", str(outputs))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project with two of its notebooks, and what they make here."""
    folder = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    (folder / "notebooks").mkdir()
    for name in NOTEBOOKS:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", folder / "notebooks")
    with pytest.MonkeyPatch.context() as patch:
        use(patch, folder, folder / "here")
        report = run_wave(
            year=2015, teams=TEAMS, notebooks=NOTEBOOKS, progress="quiet", workers=2
        )
    assert report.exit_code == 0
    return folder, contents(folder / "here")


@pytest.fixture(scope="module")
def gate(tmp_path_factory, copy):
    """A notebook that waits: a folder where runs say so, and look for "open"."""
    folder = tmp_path_factory.mktemp("gate")
    write_notebook(copy[0], "poort", GATE.format(gate=str(folder)))
    return folder


@pytest.fixture(scope="module")
def clusters(tmp_path_factory, copy):
    """Two workers that share the folder of the project, and two that do not."""
    base = tmp_path_factory.mktemp("clusters")
    blind = base / "blind"
    blind.mkdir()
    (blind / "sitecustomize.py").write_text(BLIND, "utf-8")
    made = {
        "shared": Cluster(base / "shared"),
        "wire": Cluster(base / "wire", PYTHONPATH=str(blind), HIDDEN=str(copy[0])),
    }
    try:
        for one in made.values():
            for _ in range(2):
                one.add_worker("--no-nanny")
        yield made
    finally:
        for one in made.values():
            one.stop()


@pytest.fixture(params=KINDS)
def connected(request, clusters, copy, tmp_path, monkeypatch):
    """A cluster of each kind, for the copy with outputs of its own."""
    outputs = (
        copy[0] if request.param == "wire" else tmp_path
    ) / f"out-{tmp_path.name}"
    use(monkeypatch, copy[0], outputs)
    clusters[request.param].wait_for(2)
    yield request.param, clusters[request.param], outputs
    shutil.rmtree(outputs, ignore_errors=True)


def reset(gate):
    for path in gate.iterdir():
        path.unlink()


def waiting(gate):
    return sorted(path.name for path in gate.iterdir() if path.name != "open")


def is_gone(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return True
    return state[0] == "Z"


@contextmanager
def swt_run(one, *arguments):
    """The command as a user gives it."""
    code = "from swtlib.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "run", "--dask", one.address, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_cluster_makes_the_same_files(connected, copy, monkeypatch):
    kind, one, outputs = connected
    put = []
    real = cluster._put
    monkeypatch.setattr(cluster, "_put", lambda *a: put.append(a) or real(*a))
    with open_executor(one.address) as executor:
        report = run_wave(
            year=2015,
            teams=TEAMS,
            notebooks=NOTEBOOKS,
            progress="quiet",
            executor=executor,
        )
        rooms = [path for path in one.rooms() if path.name.count("-") == 1]
        modes = {stat.S_IMODE(path.stat().st_mode) for path in rooms}
    assert [result.state for result in report.results] == ["done"] * 4
    found = contents(outputs)
    assert len([name for name in found if name.endswith(".csv")]) >= 4
    assert found == copy[1]
    assert modes == {0o700}
    assert one.rooms() == []
    # Workers that share the folder write in place; of others all comes here.
    assert len(put) == (4 if kind == "wire" else 0)


def test_batch_goes_on_when_a_worker_is_killed(connected, gate):
    _, one, outputs = connected
    reset(gate)
    victim = one.add_worker("--no-nanny")
    one.wait_for(3)
    teams = ["alle", "elburg", "zwolle_oost", "zwolle_zuid"]
    jobs = plan_runs(year=2015, teams=teams, notebooks=["poort"])
    with open_executor(one.address) as executor, ThreadPoolExecutor(1) as thread:
        batch = thread.submit(run_jobs, jobs, executor=executor, progress="quiet")
        try:
            wait_until(lambda: len(waiting(gate)) == 3)  # each worker has one
            before = waiting(gate)
            victim.kill()
            victim.wait()
            wait_until(lambda: any(is_gone(name.split("-")[1]) for name in before))
        finally:
            (gate / "open").touch()
        report = batch.result(PATIENCE)
    assert [result.state for result in report.results] == ["done"] * 4
    assert all(job.page.exists() for job in jobs)
    assert len(waiting(gate)) == 5  # the run of the victim began again elsewhere
    wait_until(lambda: not one.rooms())
    assert not list(outputs.glob(".*.cluster"))


def test_ctrl_c_ends_what_runs_on_the_workers(connected, gate):
    _, one, outputs = connected
    reset(gate)
    chosen = ("--notebook", "poort", "--team", "alle", "--team", "elburg")
    with swt_run(one, *chosen) as process:
        wait_until(lambda: len(waiting(gate)) == 2 or process.poll() is not None)
        os.killpg(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, error
    assert "Interrupted: the other pages are as they were." in out
    assert "Traceback" not in error
    wait_until(lambda: all(is_gone(name.split("-")[1]) for name in waiting(gate)))
    wait_until(lambda: not one.rooms())
    assert not list(outputs.rglob("poort*"))


def test_room_is_cleared_when_the_caller_is_killed(clusters, copy, gate, monkeypatch):
    one = clusters["wire"]
    use(monkeypatch, copy[0], copy[0] / "out-killed")
    reset(gate)
    one.wait_for(2)
    soon = "import swtlib.batch.room as room; room.IDLE = {}"
    with Client(one.address, set_as_default=False) as client:
        client.run(exec, soon.format(0.5))
        with swt_run(one, "--notebook", "poort", "--team", "alle") as process:
            wait_until(lambda: waiting(gate) or process.poll() is not None)
            assert one.rooms()
        (gate / "open").touch()
        wait_until(lambda: not one.rooms())
        client.run(exec, soon.format(300.0))


def test_run_that_kills_its_workers_fails_alone(tmp_path, copy, monkeypatch):
    use(monkeypatch, copy[0], tmp_path / "outputs")
    write_notebook(copy[0], "moord", MURDER)
    write_notebook(copy[0], "goed", "print(team)")
    limits = {"ALLOWED__FAILURES": "1", "WORKER__SATURATION": "1.0"}
    one = Cluster(
        tmp_path / "cluster",
        **{f"DASK_DISTRIBUTED__SCHEDULER__{n}": v for n, v in limits.items()},
    )
    try:
        one.add_worker("--nanny")
        jobs = plan_runs(year=2015, teams=["alle"], notebooks=["moord", "goed"])
        with open_executor(one.address, engine="kernel") as executor:
            report = run_jobs(jobs, executor=executor, progress="quiet")
    finally:
        one.stop()
    ended = {result.job.name: result for result in report.results}
    assert ended["goed"].state == "done", ended["goed"].error
    assert ended["moord"].error == WORKER_GONE
    assert "niet gemaakt" in ended["moord"].job.page.read_text("utf-8")


def test_failed_run_elsewhere_is_kept_here(clusters, copy, tmp_path, monkeypatch):
    one = clusters["wire"]
    use(monkeypatch, copy[0], copy[0] / "out-failed")
    write_notebook(copy[0], "fout", "raise ValueError('item b3_2 has answers')")
    (job,) = plan_runs(year=2015, teams=["alle"], notebooks=["fout"])
    job.outputs.mkdir(parents=True)
    job.executed.write_text("{}", "utf-8")  # of an earlier run
    with open_executor(one.address) as executor:
        report = run_jobs([job], executor=executor, progress="quiet")
    (failed,) = report.failed
    assert failed.error == "ValueError: item b3_2 has answers"
    assert failed.job == job
    assert "item b3_2" in job.failed.read_text("utf-8")
    assert "niet gemaakt" in job.page.read_text("utf-8")
    assert not job.executed.exists()


def test_worker_with_another_library_is_refused(tmp_path, copy, monkeypatch):
    use(monkeypatch, copy[0], tmp_path / "outputs")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "swtlib", tmp_path / "swtlib", ignore=ignored)
    with (tmp_path / "swtlib" / "codebook" / "teams.toml").open("a") as file:
        file.write("# changed\n")
    one = Cluster(tmp_path / "cluster")
    try:
        worker = one.add_worker("--no-nanny", path=tmp_path)
        refused = pytest.raises(ClusterError, match="has other files of swtlib")
        with refused, open_executor(one.address):
            pass
        assert worker.poll() is None  # it is somebody else's
    finally:
        one.stop()


def test_wrong_address_is_one_line(monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER", 1.0)
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        result = CliRunner().invoke(cli.app, ["run", "--dask", address])
    assert isinstance(result.exception, ClusterError)
    assert str(result.exception).startswith(f"no Dask scheduler answers at {address}.")
    assert "\n" not in str(result.exception)


def test_who_is_no_scheduler_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes calls, says nothing
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        refused = pytest.raises(ClusterError, match="no Dask scheduler answers")
        with refused, open_executor(address):
            pass


@pytest.mark.parametrize("address", ["", "nonsense", "http://127.0.0.1:1", "tcp://"])
def test_address_that_is_none_is_one_line(address, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER", 0.2)
    refused = pytest.raises(ClusterError, match="no Dask scheduler answers")
    with refused, open_executor(address):
        pass
