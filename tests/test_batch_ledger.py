"""What makes a page stale, on runs that are only said to have been made."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from swtlib import project as places
from swtlib.batch import find_stale, inputs, plan_runs, whole
from swtlib.batch.imports import imported_files, imported_names
from swtlib.batch.inputs import gather_inputs
from swtlib.batch.kept import keep_aside, put_in_place, take_kept
from swtlib.batch.ledger import Ledger, LedgerError, keep_ledger, read_ledger
from swtlib.batch.pages import plan_pages
from swtlib.batch.report import JobResult, RunReport
from swtlib.batch.whole import run_wave
from swtlib.errors import ParameterError
from swtlib.project import note_use, place_of
from swtlib.wave import load_wave

YEAR = 2016
FACTS = """
year = 2016
title = "Proef"
origin = "simulation"
export = "results.csv"
[members]
elburg = 7
"""
PARAMETERS = (
    'team: str = "alle"\nyear: int = 2016\nconfidence: float = 0.95  # of intervals'
)
CODE = "import swtlib as swt\nfrom swtlib import reading"


def cell(source, kind="code", tags=()):
    return {"cell_type": kind, "metadata": {"tags": list(tags)}, "source": source}


def write_notebook(folder, name, *cells, **about):
    notebook = {
        "cells": [cell(PARAMETERS, tags=["parameters"]), *cells],
        "metadata": {"swt": {"batch": True, "title": f"Over {name}", **about}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "notebooks" / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def change_notebook(path, change):
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def settle(jobs, used=("instrument bakens",)):
    """Put files in place as a run does, and note that it was made."""
    with keep_ledger(plan_pages(jobs)) as record:
        for job in jobs:
            name = job.name
            made = {
                f"tables/{name}_tabel.csv": b"group\n",
                f"figuren/{name}_figuur.png": b"png",
                f"{name}.ipynb": b"{}",
                f"{name}.html": b"<p>",
            }
            files = put_in_place(job, made)
            record(JobResult(job=job, state="done", used=tuple(used), files=files))


def stale(**options):
    found = find_stale(year=YEAR, **options)
    return {f"{job.team}/{job.name}": why for job, why in found.reasons.items()}


@pytest.fixture
def made(project):
    """A project in which two notebooks were run for all teams and for one."""
    raw, processed = (
        project / "data" / kind / str(YEAR) for kind in ("raw", "processed")
    )
    for folder in (raw, processed):
        folder.mkdir()
    (raw / "wave.toml").write_text(FACTS, "utf-8")
    answers = pd.DataFrame({"team": ["elburg"] * 6})
    answers.to_parquet(processed / "respondents.parquet")
    meta = {"year": YEAR, "data_hash": "0", "n_responded": 8, "ledger": []}
    (processed / "wave.json").write_text(json.dumps(meta), "utf-8")
    write_notebook(project, "dv1", cell("# Kop", "markdown"), cell(CODE), order=1)
    write_notebook(project, "dv2", cell(CODE), order=2)
    jobs = plan_runs(year=YEAR)
    settle(jobs)
    return project


# --- up to date, and not -------------------------------------------------------


def test_find_stale_names_what_never_ran(made):
    assert stale() == {}
    assert find_stale(year=YEAR).summary() == "4 of 4 pages are up to date."
    write_notebook(made, "dv3", cell("x = 1"), order=3)
    navigation = ("its title or navigation changed",)
    assert stale(teams=["alle"]) == {
        "alle/dv1": navigation,  # links to the new page
        "alle/dv2": navigation,
        "alle/dv3": ("it never ran",),
    }
    summary = find_stale(year=YEAR, notebooks=["dv3"], teams=["elburg"]).summary()
    assert summary == "elburg/dv3: it never ran\n0 of 1 pages are up to date."


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n["cells"][2].update(source=CODE + "\n1"),
        lambda n: n["cells"][1].update(source="# Andere kop"),
        lambda n: n["cells"][2]["metadata"]["tags"].append("hide"),
        lambda n: n["cells"].append(cell("x = 1")),
    ],
    ids=["code", "markdown", "tag", "cell"],
)
def test_find_stale_sees_a_changed_notebook(made, change):
    change_notebook(made / "notebooks" / "dv1.ipynb", change)
    reasons = ("the notebook changed",)
    assert stale() == {"alle/dv1": reasons, "elburg/dv1": reasons}


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n["cells"][2].update(execution_count=9, outputs=[{"x": 1}]),
        lambda n: n["cells"][2]["metadata"].update(collapsed=True),
        lambda n: n["metadata"].update(kernelspec={"name": "other"}),
        lambda n: n["cells"][2].update(source=CODE.splitlines(keepends=True)),
    ],
    ids=["outputs", "cell-metadata", "kernel", "lines"],
)
def test_find_stale_ignores_what_is_not_the_source_of_a_notebook(made, change):
    change_notebook(made / "notebooks" / "dv1.ipynb", change)
    assert stale() == {}


def test_find_stale_sees_a_title_in_the_navigation_of_the_others(made):
    path = made / "notebooks" / "dv1.ipynb"
    change_notebook(path, lambda n: n["metadata"]["swt"].update(short="Nieuw"))
    found = stale(teams=["alle"])
    assert found["alle/dv2"] == ("its title or navigation changed",)
    assert found["alle/dv1"] == ("the notebook changed", *found["alle/dv2"])


def test_find_stale_sees_other_answers_and_facts(made):
    path = made / "data" / "raw" / str(YEAR) / "wave.toml"
    path.write_text(FACTS.replace("= 7", "= 8"), "utf-8")
    assert set(stale().values()) == {("the data changed: wave.toml",)}
    settle(plan_runs(year=YEAR))
    assert stale() == {}
    answers = pd.DataFrame({"team": ["elburg"] * 5})
    kept = made / "data" / "processed" / str(YEAR) / "respondents.parquet"
    answers.to_parquet(kept)
    assert set(stale().values()) == {("the data changed: answers",)}


def test_find_stale_sees_other_parameters(made):
    jobs = plan_runs(year=YEAR, teams=["alle"], parameters={"confidence": 0.9})
    found = gather_inputs(plan_pages(jobs))
    reasons = {Ledger(YEAR).reasons(job, found[job]) for job in jobs}
    assert reasons == {("its parameters changed",)}


def test_find_stale_sees_another_version(made, monkeypatch):
    before = inputs.importlib.metadata.version("pandas")
    version = inputs.importlib.metadata.version
    monkeypatch.setattr(
        inputs.importlib.metadata,
        "version",
        lambda name: "99" if name == "pandas" else version(name),
    )
    why = f"other versions: pandas {before} is now 99"
    assert set(stale().values()) == {(why,)}


def test_find_stale_sees_another_template(made, monkeypatch, tmp_path):
    copy = tmp_path / "templates"
    shutil.copytree(inputs.TEMPLATES, copy)
    monkeypatch.setattr(inputs, "TEMPLATES", copy)
    assert stale() == {}
    with (copy / "swt" / "style.css").open("a", encoding="utf-8") as file:
        file.write("/* */")
    assert set(stale().values()) == {("the look of the pages changed: style.css",)}


def test_look_names_files_that_are_there():
    assert "" not in inputs._look().values()
    assert {"execute.py", "html.py", "style.css"} <= set(inputs._look())


def test_find_stale_asks_which_instruments_a_run_used(made, monkeypatch, tmp_path):
    copy = tmp_path / "codebook"
    shutil.copytree(inputs.CODEBOOK_DIR, copy)
    monkeypatch.setattr(inputs, "codebook_dir", lambda: copy)
    settle(plan_runs(year=YEAR, notebooks=["dv2"]), used=["instrument competenties"])
    change = "\n# changed\n"
    with (copy / "competenties.toml").open("a", encoding="utf-8") as file:
        file.write(change)
    reasons = ("the codebook changed: competenties",)
    assert stale() == {"alle/dv2": reasons, "elburg/dv2": reasons}
    with (copy / "teams.toml").open("a", encoding="utf-8") as file:
        file.write(change)  # every page names teams
    assert len(stale()) == 4


def test_find_stale_counts_the_whole_codebook_when_a_notebook_goes_about_it(made):
    book = cell("from swtlib import load_codebook\nlen(load_codebook().instruments)")
    write_notebook(made, "dv1", book)
    jobs = plan_runs(year=YEAR, teams=["alle"], notebooks=["dv1"])
    made_from = gather_inputs(plan_pages(jobs))[jobs[0]].made_from(())
    assert {"bakens", "open", "teams"} <= set(made_from["codebook"])


def test_find_stale_never_trusts_what_it_cannot_follow(made):
    jobs = plan_runs(year=YEAR, teams=["alle"], notebooks=["dv1"])
    settle(jobs, used=["survey elsewhere/bewoners"])
    assert stale() == {"alle/dv1": ("the data changed: elsewhere/bewoners",)}
    settle(jobs, used=["survey swtlib/examples/bewoners"])
    assert stale() == {}


def test_find_stale_sees_files_that_are_gone_or_changed(made):
    folder = made / "outputs" / str(YEAR)
    (folder / "alle" / "dv1.html").unlink()
    (folder / "elburg" / "tables" / "dv2_tabel.csv").write_text("x", "utf-8")
    assert stale() == {
        "alle/dv1": ("dv1.html is missing",),
        "elburg/dv2": ("tables/dv2_tabel.csv was changed",),
    }


def test_find_stale_runs_again_what_failed_but_not_what_was_cancelled(made):
    first, second, *_ = plan_runs(year=YEAR)
    ledger = Ledger(YEAR)
    ledger.record(JobResult(job=first, state="cancelled"))
    ledger.record(JobResult(job=second, state="failed", error="KeyError: 'x'"))
    assert stale() == {"alle/dv2": ("it failed the last time",)}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"runs": [1]}', '{"runs": [{}]}', '{"runs": [], "parts": [1]}'],
)
def test_ledger_that_is_damaged_makes_everything_stale(made, text):
    (made / "outputs" / str(YEAR) / "runs.json").write_text(text, "utf-8")
    assert set(stale().values()) == {("it never ran",)}
    settle(plan_runs(year=YEAR))
    assert stale() == {}


def test_ledger_of_before_it_knew_what_runs_were_made_of_makes_them_stale(made):
    path = made / "outputs" / str(YEAR) / "runs.json"
    content = json.loads(path.read_text("utf-8"))
    del content["parts"], content["report"]
    for run in content["runs"]:
        del run["made_from"], run["files"]
    path.write_text(json.dumps(content), "utf-8")
    assert set(stale().values()) == {("it is not known what it was made of",)}


# --- the file ------------------------------------------------------------------


def test_ledger_holds_no_paths_of_this_machine(made):
    path = made / "outputs" / str(YEAR) / "runs.json"
    assert str(made) not in path.read_text("utf-8")
    runs = read_ledger(YEAR)
    assert [(run["team"], run["notebook"]) for run in runs] == [
        ("alle", "dv1"),
        ("alle", "dv2"),
        ("elburg", "dv1"),
        ("elburg", "dv2"),
    ]
    assert set(runs[0]["files"]) == {
        "dv1.html",
        "dv1.ipynb",
        "figuren/dv1_figuur.png",
        "tables/dv1_tabel.csv",
    }


def test_ledger_drops_what_no_run_is_made_of_any_more(made):
    path = made / "outputs" / str(YEAR) / "runs.json"
    settle(plan_runs(year=YEAR), used=["instrument open"])
    parts = json.loads(path.read_text("utf-8"))["parts"].values()
    assert sum("bakens" in part for part in parts) == 0
    assert sum("open" in part for part in parts) == 1


def test_ledger_is_written_less_often_when_writing_takes_long(made, monkeypatch):
    writes = []
    clock = iter(range(0, 1000, 10))  # each look at the clock is 10 s later
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr(places, "write_atomic", lambda *_: writes.append(1))
    ledger = Ledger(YEAR)
    for job in plan_runs(year=YEAR):
        ledger.record(JobResult(job=job, state="failed"))
    assert len(writes) == 1  # took 10 s: the next is due 200 s later
    ledger.save()
    ledger.save()
    assert len(writes) == 2  # the second time nothing had changed


def test_ledger_that_cannot_be_written_stops_no_run(made, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(places, "write_atomic", full)
    jobs = plan_runs(year=YEAR)
    seen = []

    def run_all():
        with keep_ledger(plan_pages(jobs)) as record:
            for job in jobs:
                record(JobResult(job=job, state="failed"))
                seen.append(job)

    with pytest.raises(LedgerError, match=r"runs\.json could not .*No space left"):
        run_all()
    assert seen == jobs


# --- files of a run ------------------------------------------------------------


def test_record_removes_what_the_notebook_no_longer_makes(made):
    write_notebook(made, "dv1_extra", cell("x = 1"), order=3)
    job, *_ = plan_runs(year=YEAR)
    tables = job.outputs / "tables"
    for name in ("dv1_oud.csv", "dv1_extra_tabel.csv", "dv10_tabel.csv", "dv1_.txt"):
        (tables / name).write_text("x", "utf-8")
    (job.outputs / "figuren" / "dv1_oud.png").write_bytes(b"x")
    settle([job])
    assert {path.name for path in tables.iterdir()} == {
        "dv1_tabel.csv",
        "dv2_tabel.csv",
        "dv1_extra_tabel.csv",  # of a notebook with a longer name
        "dv10_tabel.csv",
        "dv1_.txt",  # nothing that a run writes
    }
    assert not (job.outputs / "figuren" / "dv1_oud.png").exists()


def test_record_keeps_no_tables_of_a_run_that_failed(made):
    job, other, *_ = plan_runs(year=YEAR)
    Ledger(YEAR).record(JobResult(job=job, state="failed"))
    kept = {path.name for path in job.outputs.glob("*/dv?_*")}
    assert kept == {f"{other.name}_figuur.png", f"{other.name}_tabel.csv"}


def test_take_kept_gives_tables_and_what_was_used(made, tmp_path, monkeypatch):
    job, *_ = plan_runs(year=YEAR)
    aside = tmp_path / "aside"
    aside.mkdir()
    for name, value in keep_aside(aside, wishes=True).items():
        monkeypatch.setenv(name, value)
    assert take_kept(aside, job).files == {}
    wave = load_wave(YEAR)
    assert wave.codebook.instruments["bakens"].items
    assert take_kept(aside, job).used == ()
    wave.ask(wave.codebook.instruments["bakens"])
    note_use("survey", place_of(inputs.EXAMPLES_DIR / "bewoners"))
    note_use("instrument", "bakens")
    places.write_atomic(places.outputs_dir(YEAR) / "alle" / "tables" / "x.csv", "a")
    kept = take_kept(aside, job)
    assert kept.files == {"tables/x.csv": b"a"}
    assert kept.used == ("instrument bakens", "survey swtlib/examples/bewoners")


def test_take_kept_refuses_tables_of_another_team(made, tmp_path):
    job, *_ = plan_runs(year=YEAR)
    aside = tmp_path / "aside"
    places.write_atomic(aside / "outputs" / "2016" / "elburg" / "x.csv", "a")
    with pytest.raises(
        ParameterError, match=r"dv1 made 2016/elburg/x\.csv, but it ran"
    ):
        take_kept(aside, job)


# --- a whole wave --------------------------------------------------------------


@pytest.fixture
def ran(monkeypatch):
    """Runs that were really asked for."""
    asked = []

    def run_jobs(jobs, **_):
        settle(jobs)
        asked.append([f"{job.team}/{job.name}" for job in jobs])
        done = tuple(JobResult(job=job, state="done") for job in jobs)
        return RunReport(results=done, seconds=1.0)

    monkeypatch.setattr(whole, "run_jobs", run_jobs)
    return asked


def test_run_wave_leaves_alone_what_is_up_to_date(made, ran):
    report = run_wave(year=YEAR)
    assert ran == []
    assert report.exit_code == 0
    assert report.summary().startswith("4 of 4 pages are up to date.\nOpen ")
    (made / "outputs" / str(YEAR) / "alle" / "dv2.html").unlink()
    report = run_wave(year=YEAR)
    assert ran == [["alle/dv2"]]
    one_second = replace(report, seconds=1.0).summary()
    assert one_second.startswith("1 of 1 pages made in 1.0 s. 3 were up to date.")


def test_run_wave_runs_everything_when_told(made, ran):
    assert run_wave(year=YEAR, teams=["elburg"], force=True).n_current == 0
    assert ran == [["elburg/dv1", "elburg/dv2"]]


# --- code that a notebook reaches ----------------------------------------------


def test_imported_files_follows_imports_in_functions_too(tmp_path, monkeypatch):
    package = tmp_path / "swtlib"
    (package / "sub").mkdir(parents=True)
    sources = {
        "__init__.py": "from swtlib.a import x",
        "a.py": "def f():\n    if f:\n        import swtlib.b\n",
        "b.py": "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import swtlib.types\n"
        "else:\n    import swtlib.c\n",
        "c.py": "try:\n    import os\nexcept ImportError:\n    from .sub import d\n",
        "sub/__init__.py": "",
        "sub/d.py": "from .. import e",
        "sub/limits.toml": "",
        "e.py": "",
        "types.py": "",
        "other.py": "import swtlib",
    }
    for name, source in sources.items():
        (package / name).write_text(source, "utf-8")
    monkeypatch.setattr("swtlib.batch.imports.PACKAGE", package)
    reached = set(imported_files(["swtlib"]))
    assert reached == set(sources) - {"types.py", "other.py"}
    assert set(imported_files(["swtlib.e"])) == set(sources) - {"types.py", "other.py"}
    assert imported_files(["pandas"]) == {}
    (package / "a.py").write_text("x = 1  # shorter", "utf-8")
    assert set(imported_files(["swtlib"])) == {"__init__.py", "a.py"}


def test_imported_files_leaves_out_what_no_notebook_needs():
    reached = set(imported_files(imported_names([CODE, "from swtlib import figures"])))
    assert {"notebook.py", "reading.py", "_figure_means.py", "tables.py"} <= reached
    assert "examples/__init__.py" in reached  # imported in a function
    assert not [name for name in reached if name.startswith(("reproduction", "batch"))]
    assert "cli.py" not in reached


def test_imported_names_takes_code_it_cannot_read_to_reach_everything():
    assert imported_names(["!ls\n%time 1\nfrom swtlib import reading"]) == {
        "swtlib",
        "swtlib.reading",
    }
    assert "swtlib.reproduction.check" in imported_names(["files = !ls"])
