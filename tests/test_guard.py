"""Answers of people do not enter git: real commits in a real repository."""

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from small_wave import FACTS, FIELDWORK, make_rows, write_export

from swtlib.errors import DisclosureError, WaveError
from swtlib.guard import check_staged, find_answers

ROOT = Path(__file__).resolve().parent.parent
git_is_there = shutil.which("git") is not None
needs_git = pytest.mark.skipif(not git_is_there, reason="git is not installed")


def reasons(files):
    """Judge files of a repository that is not there."""
    content = {n: c if isinstance(c, bytes) else c.encode() for n, c in files.items()}
    return {each.file: each.why for each in find_answers(list(content), content.get)}


def export_text(project):
    return write_export(project, make_rows(6)).read_bytes()


def as_xlsx(rows):
    content = io.BytesIO()
    pd.DataFrame(rows).to_excel(content, index=False)
    return content.getvalue()


def as_zip(name, data):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, data)
    return content.getvalue()


def notebook(*outputs):
    cell = nbformat.v4.new_code_cell("answers.head()", outputs=list(outputs))
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))


def test_an_export_is_known_by_its_content_wherever_it_stands(project):
    rows = make_rows(6)
    export = export_text(project)
    items = [name for name in rows[0] if name.startswith("bakens[")]
    files = {
        "notebooks/kopie.csv": export,
        "docs/antwoorden.txt": export,
        "a.tsv": export.replace(b";", b"\t"),
        "b.csv": export.decode("utf-8-sig").encode("utf-16"),
        "c.xlsx": as_xlsx(rows),
        "d.zip": as_zip("x/results.csv", export),
        "e.csv": "ResponseId,RecordedDate,Q1\nR_1,2016-02-01,3\n",
        "f.json": '{"responses": [{"submitdate": "x", "lastpage": 3}]}',
        "g.csv": "respondent_id,score\nr001,3\n",
        "h.csv": ";".join(items) + "\n" + ";".join("3" for _ in items),
        "i.parquet": b"PAR1....",
        "j.bin": b"$FL2@(#) SPSS DATA FILE",
        "k.sav": b"x",
        "l.xlsx": b"PK\x03\x04 damaged",
        "notes.md": ";".join(items) + "\n" + ";".join("3" for _ in items),
        "results.py": ";".join(items) + "\n" + ";".join("3" for _ in items),
        "m.xlsx": as_xlsx([{"sleutel": "a1", "antwoord": "x", "tonen": "ja"}]),
    }
    assert set(reasons(files)) == set(files)


def test_results_and_sources_are_no_answers():
    files = {
        "docs/table.csv": "group,variable,n,mean\nelburg,bk_proactief,7,0.5\n",
        "swtlib/reader.py": 'X = "submitdate;lastpage;startlanguage"\n',
        "docs/data.md": "| submitdate | lastpage |\n",
        "notebooks/a.ipynb": notebook(),
        "docs/page.html": "<p>submitdate</p>",
        "brief.docx": as_zip("word/document.xml", "x"),
        "data/processed/.gitkeep": "",
    }
    assert reasons(files) == {}


def test_a_notebook_with_outputs_is_refused():
    shown = nbformat.v4.new_output("stream", text="   team  bk_proactief\n0  a  3\n")
    assert "nbstripout" in reasons({"n.ipynb": notebook(shown)})["n.ipynb"]
    assert reasons({"n.ipynb": "{"}) == {"n.ipynb": "it cannot be read as a notebook"}


@pytest.mark.parametrize(
    ("path", "fine"),
    [
        ("data/raw/2015/results.csv", True),
        ("data/raw/2015/other.csv", False),  # not what wave.toml names
        ("data/raw/2015/wave.toml", True),
        ("data/raw/2015/bewoners/codebook/regie.toml", True),
        ("data/raw/2015/open_antwoorden_nazien.xlsx", False),
        ("data/raw/2015/forgotten.toml", False),
        ("data/processed/2015/respondents.parquet", True),
        ("data/processed/2015/kopie.parquet", False),
        ("data/raw/2016/results.csv", False),
        ("data/raw/2016/wave.toml", True),
        ("data/raw/2016/simulation.toml", True),
        ("data/raw/2017/results.csv", False),  # no wave.toml
        ("data/processed/2016/respondents.parquet", False),
        ("data/processed/2016/wave.json", False),
        ("outputs/2015/elburg/dv1.html", False),
    ],
)
def test_data_enter_git_only_when_they_are_invented(path, fine):
    known = {"data/raw/2015/wave.toml": FACTS, "data/raw/2016/wave.toml": FIELDWORK}
    files = {name: text.encode() for name, text in known.items()} | {path: b"x"}
    files[path] = files.get(path, b"x")
    assert (find_answers([path], files.get) == []) is fine


def test_declared_folders_hold_invented_answers(project):
    declared = '[tool.swt.guard]\nsynthetic = ["tests/data"]\n'
    files = {
        "pyproject.toml": declared,
        "tests/data/x/results.csv": export_text(project),
        "tests/datas/results.csv": export_text(project),
    }
    assert set(reasons(files)) == {"tests/datas/results.csv"}


def test_what_cannot_be_read_is_refused():
    assert [each.file for each in find_answers(["weg.csv"], {}.get)] == ["weg.csv"]


# --- git itself --------------------------------------------------------------


def git(folder, *arguments, check=True):
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    done = subprocess.run(
        ["git", *author, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), *PATHS]),
        },
    )
    assert not check or done.returncode == 0, done.stderr
    return done


PATHS = os.environ.get("PATH", "").split(os.pathsep)


@pytest.fixture
def repository(tmp_path):
    """Make a repository with the hook switched on, as CONTRIBUTING.md says."""
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "-q")
    shutil.copytree(ROOT / ".githooks", folder / ".githooks")
    git(folder, "config", "core.hooksPath", ".githooks")
    return folder


@needs_git
def test_a_commit_with_an_export_is_refused(repository, project):
    (repository / "README.md").write_text("hello\n", "utf-8")
    git(repository, "add", "README.md")
    git(repository, "commit", "-qm", "First")
    (repository / "kopie.csv").write_bytes(export_text(project))
    (repository / "README.md").write_text("hello again\n", "utf-8")
    git(repository, "add", ".")
    done = git(repository, "commit", "-m", "Second", check=False)
    assert done.returncode != 0
    assert "kopie.csv: its columns are questions of the survey" in done.stderr
    assert git(repository, "log", "--format=%s").stdout.split() == ["First"]
    git(repository, "restore", "--staged", "kopie.csv")
    git(repository, "commit", "-qm", "Second")


@needs_git
def test_what_is_staged_counts_not_what_stands_in_the_folder(repository, project):
    path = repository / "kopie.csv"
    path.write_bytes(export_text(project))
    git(repository, "add", "kopie.csv")
    path.write_text("harmless\n", "utf-8")
    with pytest.raises(DisclosureError, match=r"kopie\.csv"):
        check_staged(repository)


@needs_git
def test_names_with_signs_and_removed_files_are_no_trouble(repository):
    (repository / "één bestand.md").write_text("x\n", "utf-8")
    git(repository, "add", ".")
    assert check_staged(repository) > 1
    git(repository, "commit", "-qm", "First")
    git(repository, "rm", "-q", "één bestand.md")
    assert check_staged(repository) == 0


@needs_git
def test_every_file_of_this_project_may_be_committed(repository):
    for name in ("swtlib", "tests", "docs", "notebooks", "benchmarks", "data/raw/2015"):
        ignored = shutil.ignore_patterns("__pycache__", ".*", "20??")
        shutil.copytree(ROOT / name, repository / name, ignore=ignored)
    for path in ROOT.glob("*.*"):
        if path.is_file() and path.suffix in (".md", ".toml", ".py"):
            shutil.copy(path, repository / path.name)
    git(repository, "add", ".")
    assert check_staged(repository) > 300


def test_a_folder_that_is_no_repository_is_said(tmp_path):
    with pytest.raises(WaveError, match="git"):
        check_staged(tmp_path)
