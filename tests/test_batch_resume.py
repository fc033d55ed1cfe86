"""A batch that goes on where it was: real runs, of a copy of the project."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from pathlib import Path

import pandas as pd
import pytest

from swtlib.batch import find_stale, run_wave

ROOT = Path(__file__).resolve().parent.parent
SWT = (sys.executable, "-c", "from swtlib.cli import main; main()")
PATIENCE = 120  # seconds, for a machine that is busy
NOTEBOOKS = ("respons", "dv5_behoeften", "dv4_eigen_verbanden")
TEAMS = ("alle", "elburg")
CODEBOOK = "swtlib/codebook"
BUSY = 10  # exit code of a BusyError


def environment(folder):
    """Point at a folder; nothing of the other tests stands there."""
    return os.environ | {
        "PYTHONPATH": str(folder),
        "SWT_PROJECT": str(folder),
        "SWT_PROCESSED": str(folder / "data" / "processed"),
        "SWT_OUTPUTS": str(folder / "outputs"),
    }


def swt(folder, *arguments, **variables):
    return subprocess.run(
        [*SWT, *arguments],
        cwd=folder,
        env=environment(folder) | variables,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def run(folder, *arguments, **variables):
    teams = [word for team in TEAMS for word in ("--team", team)]
    result = swt(folder, "run", "--quiet", *teams, *arguments, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def stale(folder):
    """Give the runs that are stale, with their reasons."""
    lines = run(folder, "--why").splitlines()[:-1]
    return dict(line.split(": ", 1) for line in lines)


def change(folder, name, old, new):
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def contents(outputs):
    return {
        path.relative_to(outputs).as_posix(): path.read_bytes()
        for path in outputs.rglob("*")
        if path.is_file()
    }


def of_runs(outputs):
    """All but the ledger: the only file with times in it."""
    found = contents(outputs)
    return {name: data for name, data in found.items() if not ledger(name)}


def ledger(name):
    return name.endswith(("runs.json", ".lock"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the library and of three notebooks, run for two teams."""
    folder = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "swtlib", folder / "swtlib", ignore=ignored)
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    (folder / "notebooks").mkdir()
    for name in NOTEBOOKS:
        source = ROOT / "notebooks" / f"{name}.ipynb"
        shutil.copy(source, folder / "notebooks")
    assert run(folder).startswith("6 of 6 pages made")
    return folder


@pytest.fixture
def project_copy(copy):
    """The copy, up to date; what a test changes in its texts is put back."""
    run(copy)
    before = {
        path: path.read_bytes()
        for folder in ("swtlib", "notebooks", "data/raw")
        for path in (copy / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    yield copy
    for path, content in before.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


def test_second_run_makes_nothing(project_copy):
    outputs = project_copy / "outputs"
    before = {path: path.stat().st_mtime_ns for path in outputs.rglob("*.*")}
    assert run(project_copy).startswith("6 of 6 pages are up to date.\nOpen ")
    after = {path: path.stat().st_mtime_ns for path in outputs.rglob("*.*")}
    changed = {path.name for path in after if after[path] != before.get(path)}
    assert changed <= {"index.html", ".2015.lock"}  # not even the check of the report


def test_changed_label_makes_the_right_runs_stale_and_no_others(project_copy):
    label = "Nieuwsgierig zijn"
    change(project_copy, f"{CODEBOOK}/competenties.toml", label, f"{label} X")
    assert stale(project_copy) == {
        f"{team}/dv5_behoeften": "the codebook changed: competenties" for team in TEAMS
    }
    told = run(project_copy)
    assert re.match(r"2 of 2 pages made in .* s\. 4 were up to date\.", told)
    page = project_copy / "outputs" / "2015" / "alle" / "dv5_behoeften.html"
    assert f"{label} X" in page.read_text("utf-8")
    assert stale(project_copy) == {}


def test_changed_example_makes_only_its_own_pages_stale(project_copy):
    book = "swtlib/examples/bewoners/codebook/bewoners.toml"
    change(project_copy, book, 'label = "', 'label = "X ')
    assert stale(project_copy) == {
        f"{team}/dv4_eigen_verbanden": "the data changed: swtlib/examples/bewoners"
        for team in TEAMS
    }


def test_changed_code_makes_stale_what_can_reach_it(project_copy):
    for name in ("reproduction/page.py", "batch/plan.py", "codebook_page.py"):
        with (project_copy / "swtlib" / name).open("a", encoding="utf-8") as file:
            file.write("\n# changed\n")
    assert stale(project_copy) == {}
    with (project_copy / "swtlib" / "reading.py").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert len(stale(project_copy)) == 6
    assert set(stale(project_copy).values()) == {"swtlib changed: reading.py"}


def test_runs_give_the_same_bytes_again_whatever_they_did_not_use(project_copy):
    before = of_runs(project_copy / "outputs")
    # Other labels and texts in every instrument that none of these pages uses.
    for name in ("bakens", "groepsdynamica", "organisatie", "verwachtingen", "open"):
        path = project_copy / CODEBOOK / f"{name}.toml"
        text = path.read_text("utf-8")
        text = re.sub(r'\b(label|text|version)( *= *")(?!")', r"\1\2X ", text)
        path.write_text(text, "utf-8")
    assert stale(project_copy) == {}
    other = project_copy / "elders"
    assert run(project_copy, SWT_OUTPUTS=str(other)).startswith("6 of 6 pages made")
    again = of_runs(other)
    shutil.rmtree(other)
    assert len([name for name in again if name.endswith(".ipynb")]) == 6
    assert {".csv", ".png", ".html"} <= {Path(name).suffix for name in again}
    about = "2015/reproductie.html"  # names every instrument
    assert {k: v for k, v in again.items() if k != about} == {
        k: v for k, v in before.items() if k != about
    }


# --- interrupted ---------------------------------------------------------------

FACTS = """
year = 2016
title = "Proef"
origin = "simulation"
export = "results.csv"
[members]
elburg = 7
"""
WAIT = """
import time
from pathlib import Path
Path("begonnen").touch()
while Path("wacht").exists():
    time.sleep(0.05)
"""


def write_notebook(folder, name, source, order):
    parameters = 'team: str = "alle"\nyear: int = 2016'
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{n}",
                "metadata": {"tags": ["parameters"] if n == 0 else []},
                "execution_count": None,
                "outputs": [],
                "source": text,
            }
            for n, text in enumerate((parameters, source))
        ],
        "metadata": {"swt": {"batch": True, "title": name, "order": order}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "notebooks" / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")


@pytest.fixture
def small(tmp_path):
    """A project of three notebooks; one waits while there is a file ``wacht``."""
    raw, processed = (
        tmp_path / "data" / kind / "2016" for kind in ("raw", "processed")
    )
    for folder in (raw, processed, tmp_path / "notebooks"):
        folder.mkdir(parents=True)
    (raw / "wave.toml").write_text(FACTS, "utf-8")
    answers = pd.DataFrame({"team": ["elburg"] * 6})
    answers.to_parquet(processed / "respondents.parquet")
    meta = {"year": 2016, "data_hash": "0", "n_responded": 8, "ledger": []}
    (processed / "wave.json").write_text(json.dumps(meta), "utf-8")
    write_notebook(tmp_path, "een", "x = 1", 1)
    write_notebook(tmp_path, "twee", "x = 2", 2)
    write_notebook(tmp_path, "traag", WAIT, 3)
    (tmp_path / "wacht").touch()
    return tmp_path


def start(folder):
    """Start a batch; come back when two pages are noted and the third waits."""
    process = subprocess.Popen(
        [*SWT, "run", "--year", "2016", "--team", "alle", "--quiet", "--jobs", "2"],
        cwd=folder,
        env=environment(folder) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    kept = folder / "outputs" / "2016" / "runs.json"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        begun = (folder / "begonnen").exists() and kept.exists()
        if begun and len(json.loads(kept.read_text("utf-8"))["runs"]) == 2:
            return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[1])


def run_small(folder, *arguments):
    here = {"PYTHONPATH": str(ROOT)}
    return swt(folder, "run", "--year", "2016", "--team", "alle", *arguments, **here)


class InlineExecutor(Executor):
    """Runs a task at once, in this process: saves starting a worker."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def tables(folder):
    return {path.name for path in (folder / "outputs").rglob("*.csv")}


def test_run_puts_its_tables_in_place_when_all_is_there(small, monkeypatch):
    for name, value in environment(small).items():
        monkeypatch.setenv(name, value)
    keep = (
        "from swtlib.project import outputs_dir, write_atomic\n"
        "for name in {}:\n"
        "    path = outputs_dir(year) / team / 'tables' / f'een_{{name}}.csv'\n"
        "    write_atomic(path, 'a')\n"
    )
    only = {"year": 2016, "teams": ["alle"], "notebooks": ["een"]}
    inline = {**only, "executor": InlineExecutor(), "progress": "quiet"}
    write_notebook(small, "een", keep.format("'ab'"), 1)
    assert run_wave(**inline).exit_code == 0
    assert tables(small) == {"een_a.csv", "een_b.csv"}
    write_notebook(small, "een", keep.format("'a'"), 1)
    assert run_wave(**inline).exit_code == 0
    assert tables(small) == {"een_a.csv"}  # b is made no longer
    write_notebook(small, "een", keep.format("'ac'") + "1 / 0", 1)
    assert run_wave(**inline).exit_code == 1
    assert tables(small) == set()
    assert find_stale(**only).summary().startswith("alle/een: it failed the last time")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_run_goes_on_after_the_batch_was_killed(small):
    first = start(small)
    try:
        second = run_small(small)
        assert second.returncode == BUSY
        assert re.fullmatch(
            rf"swt: another run is going on in outputs/2016 \(process {first.pid} on "
            r".*\)\. Wait until it is done, or stop it\.\n",
            second.stderr,
        )
        why = run_small(small, "--why").stdout  # only looks
        assert why == "alle/traag: it never ran\n2 of 3 pages are up to date.\n"
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=PATIENCE)
    assert not (small / "outputs" / "2016" / "alle" / "traag.html").exists()
    (small / "wacht").unlink()
    last = run_small(small, "--quiet")
    assert last.returncode == 0, last.stderr
    assert re.match(r"1 of 1 pages made in .* s\. 2 were up to date\.", last.stdout)
    assert run_small(small).stdout.startswith("3 of 3 pages are up to date.")
