"""Runs in forked kernels give what ordinary kernels give, and survive as much."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from swtlib.batch import plan_runs, pools, run_jobs
from swtlib.batch.plan import find_notebooks
from swtlib.batch.pools import Pools
from swtlib.batch.run import WORKER_GONE
from swtlib.errors import SwtError
from swtlib.fork import supported

pytestmark = pytest.mark.skipif(not supported(), reason="forks are for Linux")

CHECK = Path(__file__).parent / "data" / "check_notebook.txt"
WIDGETS = "application/vnd.jupyter.widget-state+json"
WAIT = 120  # seconds; far more than needed, on a machine that does other things too
WHO = "print(type(get_ipython().kernel).__module__)"
FORKED, ORDINARY = "swtlib.fork.kernel\n", "ipykernel.ipkernel\n"
WAYS = {"auto": FORKED, "kernel": ORDINARY}


@pytest.fixture
def small(project):
    """Make a project with a wave of one team."""
    raw = project / "data" / "raw" / "2015"
    processed = project / "data" / "processed" / "2015"
    raw.mkdir()
    processed.mkdir()
    facts = 'year = 2015\ntitle = "Proef"\norigin = "simulation"\nexport = "r.csv"\n'
    (raw / "wave.toml").write_text(facts + "[members]\nelburg = 6\n", "utf-8")
    pd.DataFrame({"team": ["elburg"] * 5}).to_parquet(processed / "respondents.parquet")
    meta = {"year": 2015, "data_hash": "0", "n_responded": 5, "ledger": []}
    (processed / "wave.json").write_text(json.dumps(meta), "utf-8")
    return project


def write_notebook(project, name, *sources, order=10):
    """Write a notebook of the batch; a source that starts with "raises" may."""
    first = nbformat.v4.new_code_cell('team: str = "alle"\nyear: int = 2015', id="p")
    first.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["swt"] = {"batch": True, "title": f"{name}?", "order": order}
    notebook.cells = [first]
    for number, source in enumerate(sources):
        head, _, rest = source.partition("\n")
        raises = head.strip() == "raises"
        text = (rest if raises else source).strip()
        cell = nbformat.v4.new_code_cell(text, id=f"c{number}")
        if raises:
            cell.metadata["tags"] = ["raises-exception"]
        notebook.cells.append(cell)
    nbformat.write(notebook, project / "notebooks" / f"{name}.ipynb")


def run(*, engine="auto", teams=("alle",), **options):
    jobs = plan_runs(year=2015, teams=teams)
    return run_jobs(jobs, pools=Pools(engine), progress="quiet", **options)


def kept(result):
    path = result.job.executed if result.state == "done" else result.job.failed
    return nbformat.read(path, 4)


def printed(result):
    return "".join(
        output["text"]
        for cell in kept(result).cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "stream"
    )


def masked(content):
    """Give as lines, without what is random: addresses, ids, names of folders."""
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
    text = re.sub(r"0x[0-9a-f]{6,}", "<address>", text)
    text = re.sub(r"[0-9a-f]{32}", "<id>", text)
    return re.sub(r"swt-\w+", "<folder>", text).replace("\\n", "\n").splitlines()


# The same notebooks


def test_every_notebook_gives_the_same_bytes_in_both_kernels(tmp_path, monkeypatch):
    made = {}
    for engine in ("fork", "kernel"):
        monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path / engine))
        report = run(engine=engine, teams=("alle", "elburg"))
        assert report.exit_code == 0, report.summary()
        folders = [tmp_path / engine / "2015" / team for team in ("alle", "elburg")]
        made[engine] = {
            str(path.relative_to(tmp_path / engine)): path.read_bytes()
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file()
        }
    forked, ordinary = made["fork"], made["kernel"]
    assert len([name for name in forked if name.endswith(".ipynb")]) == 16
    assert forked.keys() == ordinary.keys()
    assert [name for name in forked if forked[name] != ordinary[name]] == []


def test_check_notebook_gives_the_same_in_both_kernels(small, monkeypatch):
    # Upstream leaves file descriptors alone when it runs under pytest.
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    cells = CHECK.read_text("utf-8").split("\n# %%")[1:]
    write_notebook(small, "check", *cells)
    made = {}
    for engine in ("fork", "kernel"):
        monkeypatch.setenv("SWT_OUTPUTS", str(small / "outputs" / engine))
        (result,) = run(engine=engine).results
        # papermill has a syntax error end the run, whatever its cell says
        assert result.error.startswith("SyntaxError: invalid syntax"), result.error
        made[engine] = kept(result)
    forked, ordinary = made["fork"], made["kernel"]
    assert len(forked.cells) > len(cells)
    for cell, expected in zip(forked.cells, ordinary.cells, strict=True):
        assert masked(cell) == masked(expected)
    states = [n.metadata.pop("widgets")[WIDGETS]["state"] for n in (forked, ordinary)]
    assert len(states[0]) > 10
    assert sorted(map(masked, states[0].values())) == sorted(
        map(masked, states[1].values())
    )
    assert masked(forked.metadata) == masked(ordinary.metadata)


POLLUTE = """\
import builtins, decimal, gc, logging, os, random, signal, sys, tempfile, textwrap
import threading, warnings
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import swtlib

pd.options.display.max_columns = 1
pd.DataFrame.mean = None
swtlib.load_codebook = None
matplotlib.rcParams["font.size"] = 99
plt.figure()
textwrap.wrap = None
builtins.vuil = 1
np.random.seed(1)
random.seed(1)
np.seterr(all="raise")
os.environ["SWT_VUIL"] = "1"
os.makedirs("vuil", exist_ok=True)
os.chdir("vuil")
os.umask(0o77)
sys.path.insert(0, "/vuil")
sys.modules["vuil"] = sys
sys.setrecursionlimit(555)
sys.stdout = sys.stderr
gc.disable()
warnings.simplefilter("ignore")
decimal.getcontext().prec = 3
logging.disable()
tempfile.tempdir = "/vuil"
signal.signal(signal.SIGTERM, signal.SIG_IGN)
threading.Thread(target=threading.Event().wait, daemon=True).start()
kept = "uit een ander notebook"
"""
LOOK = """\
import builtins, decimal, gc, logging, os, random, signal, sys, tempfile, textwrap
import threading, warnings
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import swtlib

print(pd.options.display.max_columns, pd.DataFrame.mean is None)
print(swtlib.load_codebook is None, matplotlib.rcParams["font.size"], plt.get_fignums())
print(textwrap.wrap is None, hasattr(builtins, "vuil"), np.geterr())
print(os.environ.get("SWT_VUIL"), os.getcwd(), sys.stdout is sys.stderr)
print(os.umask(0o22), sys.path, "vuil" in sys.modules, sys.getrecursionlimit())
print(gc.isenabled(), ("ignore", None, Warning, None, 0) in warnings.filters)
print(decimal.getcontext().prec, logging.root.manager.disable, tempfile.tempdir)
print(signal.getsignal(signal.SIGTERM), threading.main_thread().name)
print("kept" in globals(), sorted(globals()))
"""
CHANCE = "print(np.random.random() == 0.417022004702574, random.random())"


def test_a_notebook_leaves_nothing_to_the_next(small, monkeypatch):
    write_notebook(small, "schoon", LOOK, CHANCE, order=20)
    (alone,) = run(engine="kernel").results
    expected = printed(alone).splitlines()
    write_notebook(small, "vuil", POLLUTE, WHO, order=10)
    dirty, clean = run(engine="fork", workers=1).results
    assert (dirty.state, clean.state) == ("done", "done")
    assert clean.job.name == "schoon"
    *facts, chance = printed(clean).splitlines()
    assert facts == expected[:-1]
    assert chance.startswith("False ")
    assert chance != "False 0.13436424411240122"  # the first after random.seed(1)


def test_runs_have_all_imports_done(small):
    """A package that a notebook begins to use must be added to the preload."""
    root = Path(__file__).parent.parent
    sources = [
        "".join(cell["source"])
        for notebook in find_notebooks(folder=root / "notebooks")
        for cell in json.loads(notebook.path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
        and "parameters" not in cell["metadata"].get("tags", [])
    ]
    begin = (
        "import os, sys\nbefore = set(sys.modules)\nconfidence = 0.95\n"
        f"del os.environ['SWT_NOTEBOOK']\nos.environ['SWT_PROJECT'] = {str(root)!r}\n"
        f"os.environ['SWT_PROCESSED'] = {os.environ['SWT_PROCESSED']!r}"
    )
    end = "print('nieuw:', *sorted(set(sys.modules) - before))"
    write_notebook(small, "alles", begin, *sources, end)
    (result,) = run(engine="fork").results
    assert result.state == "done", result.error
    new = printed(result).partition("nieuw:")[2].split()
    assert len(new) < 20, new


# What goes wrong


def test_runs_are_forked_unless_ordinary_kernels_are_asked_for(small):
    write_notebook(small, "wie", WHO)
    found = {engine: printed(run(engine=engine).results[0]) for engine in WAYS}
    assert found == WAYS


def test_ordinary_kernels_serve_where_preloading_fails(small, monkeypatch):
    write_notebook(small, "wie", WHO)
    monkeypatch.setattr(pools, "PRELOAD", "no_such_module:load")
    (result,) = run().results
    assert printed(result) == ORDINARY
    with pytest.raises(SwtError, match=r"cannot be forked here: .*no_such_module"):
        run(engine="fork")


def test_ordinary_kernels_serve_where_there_is_no_fork(small, monkeypatch):
    write_notebook(small, "wie", WHO)
    monkeypatch.setattr(pools, "supported", lambda: False)
    (result,) = run().results
    assert printed(result) == ORDINARY
    with pytest.raises(SwtError, match="on Linux only"):
        run(engine="fork")


def test_time_of_a_cell_and_of_a_notebook_is_limited(small):
    nap = "import time\nprint('begonnen')\ntime.sleep(600)"
    write_notebook(small, "traag", "x = 1", nap)
    (result,) = run(engine="fork", timeout=1).results
    assert result.error == "the cell took longer than 1 s"
    assert result.place() == "cell [4]"
    assert printed(result) == "begonnen\n"
    (result,) = run(engine="fork", run_timeout=2).results
    assert result.error == "the notebook took longer than 2 s"
    (result,) = run(engine="kernel", run_timeout=2).results
    assert result.error == "the notebook took longer than 2 s"


def test_kernel_that_is_killed_fails_its_own_notebook_only(small):
    die = "import os\nprint('begonnen')\nos.kill(os.getpid(), 9)"
    write_notebook(small, "dood", die)
    write_notebook(small, "goed", "x = 1", order=20)
    dead, good = run(engine="fork", workers=2).results
    assert dead.error == "the kernel died (out of memory, or a crash in a library)"
    assert dead.place() == "cell [3]"
    assert printed(dead) == "begonnen\n"
    assert good.state == "done"


GRANDPARENT = """\
import os, signal
from pathlib import Path

def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

os.kill(parent(os.getppid()), signal.SIGKILL)
"""


def test_batch_goes_on_when_the_process_that_is_forked_is_killed(small):
    write_notebook(small, "moord", GRANDPARENT)
    for number in range(3):
        write_notebook(small, f"goed_{number}", "x = 1", order=20 + number)
    first, *others = run(engine="fork", workers=2).results
    assert (first.state, first.error) == ("failed", WORKER_GONE)
    assert [result.state for result in others] == ["done"] * 3
    assert "niet gemaakt" in first.job.page.read_text("utf-8")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_of_a_batch_that_is_ended(small, number):
    mark = small / "pids.txt"
    write_notebook(
        small,
        "traag",
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"with open({str(mark)!r} + '.new', 'w') as file:\n"
        "    print(os.getpid(), os.getppid(), file=file)\n"
        f"os.rename({str(mark)!r} + '.new', {str(mark)!r})\n"
        "time.sleep(600)",
    )
    script = (
        "from swtlib.batch import plan_runs, run_jobs\n"
        "from swtlib.batch.pools import Pools\n"
        "jobs = plan_runs(year=2015, teams=['alle'])\n"
        "report = run_jobs(jobs, pools=Pools('fork'))\n"
        "raise SystemExit(report.exit_code)"
    )
    batch = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    wait_until(mark.exists)
    pids = [int(pid) for pid in mark.read_text("utf-8").split()]
    assert all(lives(pid) for pid in pids)
    batch.send_signal(number)
    code = batch.wait(WAIT)
    wait_until(lambda: not any(lives(pid) for pid in pids))
    assert code == (130 if number == signal.SIGINT else -number)
    made = [path for path in (small / "outputs").rglob("*") if path.is_file()]
    told = ["runs.json"] if number == signal.SIGINT else []  # that it was cancelled
    assert [path.name for path in made if path.suffix != ".lock"] == told


def wait_until(true):
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"
