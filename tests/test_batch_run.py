"""Notebooks are really run here: tiny ones, in kernels of their own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from swtlib.batch import plan_runs, run_jobs, write_index
from swtlib.batch.ledger import Ledger, expected_seconds, read_ledger
from swtlib.batch.pools import Pools
from swtlib.batch.report import JobResult, RunReport
from swtlib.batch.run import WORKER_GONE
from swtlib.errors import ParameterError

YEAR = 2015
FACTS = """
year = 2015
title = "Proef"
origin = "simulation"
export = "results.csv"
[members]
zwolle_noord = 6
elburg = 3
"""
PARAMETERS = 'team: str = "alle"  # team id\nyear: int = 2015  # wave'
STALE = "<p>van vorig jaar</p>"
N_RESPONDENTS = {"zwolle_noord": 5, "elburg": 2}


class InlineExecutor(Executor):
    """Runs a task at once, in this process: saves starting a worker."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def write_notebook(project, name, *cells, order=10):
    """Write a notebook of the batch; a text that starts with # is Markdown."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["swt"] = {
        "batch": True,
        "title": f"Vraag van {name}?",
        "short": name.capitalize(),
        "order": order,
    }
    first = nbformat.v4.new_code_cell(PARAMETERS)
    first.metadata["tags"] = ["parameters"]
    notebook.cells = [first]
    for source in cells:
        new = nbformat.v4.new_markdown_cell if source[0] == "#" else None
        notebook.cells.append((new or nbformat.v4.new_code_cell)(source))
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"c{number}"
    folder = project / "notebooks"
    nbformat.write(notebook, folder / f"{name}.ipynb")


def write_wave(project):
    raw = project / "data" / "raw" / str(YEAR)
    processed = project / "data" / "processed" / str(YEAR)
    for folder in (raw, processed):
        folder.mkdir(parents=True, exist_ok=True)
    (raw / "wave.toml").write_text(FACTS, "utf-8")
    teams = [team for team, n in N_RESPONDENTS.items() for _ in range(n)]
    pd.DataFrame({"team": teams}).to_parquet(processed / "respondents.parquet")
    meta = {"year": YEAR, "data_hash": "0", "n_responded": 8, "ledger": []}
    (processed / "wave.json").write_text(json.dumps(meta), "utf-8")


def set_project(patch, folder):
    patch.setenv("SWT_PROJECT", str(folder))
    patch.setenv("SWT_PROCESSED", str(folder / "data" / "processed"))
    patch.setenv("SWT_OUTPUTS", str(folder / "outputs"))


@pytest.fixture(scope="module", params=["auto", "kernel"])
def batch(request, tmp_path_factory):
    """A project in which a good notebook and a bad one were run for two teams."""
    project = tmp_path_factory.mktemp("project")
    (project / "notebooks").mkdir()
    write_wave(project)
    write_notebook(
        project,
        "goed",
        "# Vraag van goed?",
        "import os, sys\nfrom pathlib import Path",
        "print('in', Path.cwd().name, 'met', Path(sys.executable).name, team, year)",
        "print(os.environ['OMP_NUM_THREADS'], Path(os.environ['IPYTHONDIR']).name)",
        "print('<script>alert(1)</script>')",
        "import warnings\nwarnings.warn('weinig antwoorden')",
    )
    write_notebook(
        project,
        "fout",
        "## Gegevens\n\nTekst.",
        "if team == 'elburg':\n    raise ValueError('item b3_2 has answers\\nmore')",
        order=20,
    )
    stale = project / "outputs" / str(YEAR) / "elburg"
    stale.mkdir(parents=True)
    (stale / "fout.html").write_text(STALE, "utf-8")
    (stale / "fout.ipynb").write_text("{}", "utf-8")
    (stale / "goed.failed.ipynb").write_text("{}", "utf-8")
    # A kernel of the same name that the user installed for another Python.
    other = tmp_path_factory.mktemp("jupyter") / "kernels" / "python3"
    other.mkdir(parents=True)
    spec = {"argv": ["no-such-python"], "display_name": "x", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(spec), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        set_project(patch, project)
        patch.setenv("JUPYTER_PATH", str(other.parent.parent))
        jobs = plan_runs(year=YEAR, teams=["alle", "elburg"])
        report = run_jobs(jobs, workers=2, progress="quiet", pools=Pools(request.param))
        index = write_index(YEAR, report)
        yield project, replace(report, index=index)


def page(project, team, name):
    return (project / "outputs" / str(YEAR) / team / f"{name}.html").read_text("utf-8")


def files(project):
    return {
        path.relative_to(project / "outputs" / str(YEAR)).as_posix()
        for path in (project / "outputs").rglob("*")
        if path.is_file()
    }


def test_run_jobs_makes_the_other_pages_when_one_fails(batch):
    project, report = batch
    assert [r.state for r in report.results] == ["done", "done", "done", "failed"]
    assert report.exit_code == 1
    assert files(project) == {
        "index.html",
        "runs.json",
        "alle/goed.html",
        "alle/goed.ipynb",
        "alle/fout.html",
        "alle/fout.ipynb",
        "elburg/goed.html",
        "elburg/goed.ipynb",
        "elburg/fout.html",
        "elburg/fout.failed.ipynb",
    }


def test_run_jobs_says_which_cell_failed_and_where_to_look(batch):
    _, report = batch
    (failed,) = report.failed
    # parameters [1], injected parameters [2], the cell that raises [3]
    assert (failed.cell, failed.heading) == (3, "Gegevens")
    assert failed.error == "ValueError: item b3_2 has answers"
    summary = report.summary()
    assert summary.startswith("3 of 4 pages made")
    assert "fout for elburg: ValueError: item b3_2 has answers" in summary
    assert "cell [3], under 'Gegevens'" in summary
    assert "elburg/fout.failed.ipynb" in summary
    assert summary.endswith("index.html")


def test_run_jobs_leaves_no_stale_page_of_a_run_that_failed(batch):
    project, _ = batch
    text = page(project, "elburg", "fout")
    assert STALE not in text
    assert "Deze pagina is niet gemaakt" in text
    assert "ValueError" not in text
    assert "Traceback" not in text
    kept = project / "outputs" / str(YEAR) / "elburg" / "fout.failed.ipynb"
    assert "item b3_2" in kept.read_text("utf-8")


def test_run_jobs_runs_in_the_project_with_this_python(batch):
    project, _ = batch
    text = page(project, "elburg", "goed")
    executable = Path(sys.executable).name
    assert f"in {project.name} met {executable} elburg 2015" in text
    assert "1 ipython" in text


@pytest.mark.skipif(os.name != "posix", reason="Windows has ports")
def test_ordinary_kernels_open_no_ports(project):
    write_wave(project)
    show = "from ipykernel import get_connection_info\n"
    show += "print('over', get_connection_info(unpack=True)['transport'])"
    write_notebook(project, "over", show)
    jobs = plan_runs(year=YEAR, teams=["alle"])
    run_jobs(jobs, executor=InlineExecutor(), progress="quiet")
    assert "over ipc" in page(project, "alle", "over")


def test_run_jobs_page_is_safe_and_says_where_the_data_come_from(batch):
    project, _ = batch
    text = page(project, "elburg", "goed")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<strong>Herkomst:</strong> simulatie." in text
    assert "<h1>Vraag van goed?</h1>" in text
    assert "weinig antwoorden" in text
    assert "UserWarning" not in text
    assert str(project) not in text
    assert "ipykernel_" not in text


def test_run_jobs_pages_link_to_their_siblings(batch):
    project, _ = batch
    for name in ("goed", "fout"):
        folder = project / "outputs" / str(YEAR) / "alle"
        links = re.findall(r'href="([^"#]+)"', page(project, "alle", name))
        targets = {link for link in links if not link.startswith("data:")}
        assert {"goed.html", "fout.html", "../index.html"} <= targets
        assert all((folder / target).exists() for target in targets)


def test_run_jobs_keeps_a_ledger(batch):
    _, report = batch
    runs = read_ledger(YEAR)
    assert [(r["team"], r["notebook"], r["state"]) for r in runs] == [
        ("alle", "fout", "done"),
        ("alle", "goed", "done"),
        ("elburg", "fout", "failed"),
        ("elburg", "goed", "done"),
    ]
    assert runs[2]["error"] == "ValueError: item b3_2 has answers"
    seconds = expected_seconds([r.job for r in report.results])
    # never done for elburg: as long as the same notebook took elsewhere
    done = {(r["team"], r["notebook"]): r["seconds"] for r in runs}
    assert list(seconds.values())[-1] == done["alle", "fout"]


def test_index_names_everything_and_its_links_resolve(batch):
    project, report = batch
    folder = project / "outputs" / str(YEAR)
    assert report.index == folder / "index.html"
    text = report.index.read_text("utf-8")
    links = [x for x in re.findall(r'href="([^"#]+)"', text) if x != "data:,"]
    assert len(links) >= 4
    assert all((folder / link).exists() for link in links)
    assert "5 van de 6 leden deden mee (83%)" in text  # Zwolle-Noord
    assert "7 van de 9 leden deden mee (78%)" in text  # all teams: 5 + 2 of 6 + 3
    assert text.count("Te weinig antwoorden") == 1  # Elburg, 2 answers
    assert "zijn nog niet gemaakt" in text  # Zwolle-Noord was not run
    assert "ValueError: item b3_2 has answers" in text


def test_index_sends_nobody_to_pages_that_are_not_made(project):
    write_wave(project)
    write_notebook(project, "goed", "x = 1")
    text = write_index(YEAR).read_text("utf-8")
    assert "zijn nog niet gemaakt" in text
    assert "Te weinig antwoorden" not in text  # "here are those of all teams"


def test_index_is_silent_about_a_notebook_that_is_gone(project):
    write_wave(project)
    write_notebook(project, "goed", "x = 1")
    write_notebook(project, "weg", "x = 1")
    _, gone = plan_runs(year=YEAR, teams=["alle"])
    Ledger(YEAR).record(JobResult(job=gone, state="failed", error="KeyError: 'x'"))
    assert "1 pagina is niet gelukt" in write_index(YEAR).read_text("utf-8")
    gone.notebook.unlink()
    assert "niet gelukt" not in write_index(YEAR).read_text("utf-8")


def test_run_jobs_gives_the_same_bytes_again(batch):
    project, report = batch
    job = report.results[0].job
    before = {path: path.read_bytes() for path in (job.page, job.executed)}
    again = run_jobs([job], executor=InlineExecutor(), progress="quiet")
    assert again.exit_code == 0
    assert {path: path.read_bytes() for path in before} == before
    for moment in ("start_time", "duration", str(project)):
        assert moment not in job.executed.read_text("utf-8")


def test_run_jobs_ends_a_cell_that_takes_too_long(project):
    write_wave(project)
    write_notebook(project, "traag", "## Wachten", "import time\ntime.sleep(60)")
    jobs = plan_runs(year=YEAR, teams=["alle"])
    report = run_jobs(jobs, executor=InlineExecutor(), timeout=1, progress="quiet")
    (failed,) = report.failed
    assert failed.error == "the cell took longer than 1 s"
    assert failed.place() == "cell [3], under 'Wachten'"
    assert jobs[0].failed.exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_run_jobs_survives_a_worker_that_is_killed(project):
    write_wave(project)
    kill = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
    write_notebook(project, "moord", kill)
    write_notebook(project, "goed", "x = 1", order=20)
    jobs = plan_runs(year=YEAR, teams=["alle"])
    report = run_jobs(jobs, workers=2, progress="quiet")
    assert [r.state for r in report.results] == ["failed", "done"]
    assert report.failed[0].error == WORKER_GONE
    assert "niet gemaakt" in jobs[0].page.read_text("utf-8")


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a group")
def test_run_jobs_ends_quickly_on_ctrl_c(project):
    write_wave(project)
    started = project / "started.txt"
    wait = f"from pathlib import Path\nPath({str(started)!r}).touch()\nimport time"
    write_notebook(project, "traag", wait + "\ntime.sleep(120)")
    script = project / "batch.py"
    script.write_text(
        "from swtlib.batch import plan_runs, run_jobs\n"
        "if __name__ == '__main__':\n"
        "    report = run_jobs(plan_runs(year=2015), workers=1)\n"
        "    print(report.summary())\n"
        "    raise SystemExit(report.exit_code)\n",
        "utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    before = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - before < 5
    assert process.returncode == 130, err
    assert "Interrupted: the other pages are as they were." in out
    assert "Traceback" not in err
    assert files(project) == {"runs.json"}  # which says that it was cancelled


def test_run_jobs_refuses_what_cannot_be_right(project):
    write_wave(project)
    write_notebook(project, "goed", "x = 1")
    jobs = plan_runs(year=YEAR, teams=["alle"])
    with pytest.raises(ParameterError, match="workers is 0"):
        run_jobs(jobs, workers=0)
    with pytest.raises(ParameterError, match=r"Planned twice: .*goed\.html"):
        run_jobs(jobs + jobs)
    assert run_jobs([], progress="quiet").exit_code == 0


def test_report_exit_code_tells_how_it_went(project):
    write_wave(project)
    write_notebook(project, "goed", "x = 1")
    (job,) = plan_runs(year=YEAR, teams=["alle"])
    done = JobResult(job=job, state="done", seconds=1.0)
    failed = JobResult(job=job, state="failed", error="KeyError: 'x'")
    report = RunReport(results=(done,), seconds=1.0)
    assert report.exit_code == 0
    assert report.summary() == "1 of 1 pages made in 1.0 s."
    assert replace(report, results=(done, failed)).exit_code == 1
    assert replace(report, interrupted=True).exit_code == 130


def test_progress_lines_are_plain_in_a_pipe(project, capsys):
    write_wave(project)
    write_notebook(project, "goed", "x = 1")
    jobs = plan_runs(year=YEAR, teams=["alle"])
    run_jobs(jobs, executor=InlineExecutor())
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"\[1/1\] ok +\d+\.\d s  alle/goed\n", shown.err)
