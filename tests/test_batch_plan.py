import json
from pathlib import Path

import pytest

from swtlib._wave_facts import Words
from swtlib.batch import plan
from swtlib.batch.parameters import Parameter, check_parameters, read_parameters
from swtlib.batch.plan import find_notebooks, plan_runs
from swtlib.errors import ParameterError, WaveError

YEAR = 2015
FACTS = """
year = 2015
title = "Proef"
origin = "simulation"
export = "results.csv"
[members]
elburg = 7
zwolle_noord = "onbekend"
"""
CELL = 'team: str = "alle"  # team id, or "alle"\nyear: int = 2015\n'


def write_notebook(folder, name, *cells, **about):
    """Write a notebook with a parameters cell per text, and batch metadata."""
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "metadata": {"tags": ["parameters"]},
                "source": source,
            }
            for source in cells
        ],
        "metadata": {"swt": {"batch": True, "title": f"Over {name}", **about}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return path


@pytest.fixture
def wave(project, monkeypatch):
    """A project with two teams and three notebooks, one not in the batch."""
    facts = type("Facts", (), {"words": Words()})
    teams = type("Wave", (), {"teams": ("zwolle_noord", "elburg"), "facts": facts})
    monkeypatch.setattr(plan, "load_wave", lambda year: teams)
    folder = project / "notebooks"
    write_notebook(folder, "respons", CELL, order=1)
    write_notebook(folder, "dv1", CELL + "confidence: float = 0.95", order=20)
    write_notebook(folder, "trend", CELL, batch=False)
    return project


def test_read_parameters_reads_name_type_default_and_help(tmp_path):
    cell = CELL + "# about intervals\nconfidence: float = 1\nshow: bool = False # yes\n"
    found = read_parameters(write_notebook(tmp_path, "dv1", cell))
    assert list(found) == ["team", "year", "confidence", "show"]
    assert found["team"].help == 'team id, or "alle"'
    assert found["year"] == Parameter(name="year", type="int", default=2015)
    assert found["confidence"].default == 1.0
    assert isinstance(found["confidence"].default, float)
    assert found["show"].help == "yes"


@pytest.mark.parametrize(
    "line",
    [
        "team = 'alle'",
        "team: str = None",
        "team: str | None = 'alle'",
        "team: list = ['alle']",
        "team: str",
        "year: int = 2015 + 1",
        "year: int = '2015'",
        "year: int = True",
        "import os",
    ],
)
def test_read_parameters_refuses_what_is_not_a_plain_value(tmp_path, line):
    path = write_notebook(tmp_path, "dv1", "seed: int = 1\n" + line)
    with pytest.raises(ParameterError, match="dv1: line 2 of the parameters cell"):
        read_parameters(path)


@pytest.mark.parametrize(("cells", "word"), [((), "no cells"), ((CELL,) * 2, "2 cell")])
def test_read_parameters_wants_exactly_one_cell(tmp_path, cells, word):
    path = write_notebook(tmp_path, "dv1", *cells)
    with pytest.raises(ParameterError, match=f"dv1 has {word}.* needs exactly one"):
        read_parameters(path)


def test_read_parameters_names_a_file_that_is_no_notebook(tmp_path):
    path = tmp_path / "dv1.ipynb"
    path.write_text("{", "utf-8")
    with pytest.raises(ParameterError, match="cannot be read as a notebook"):
        read_parameters(path)
    path.write_text("[]", "utf-8")
    with pytest.raises(ParameterError, match="is not a notebook"):
        read_parameters(path)
    with pytest.raises(ParameterError, match=r"line 1 .* not Python"):
        read_parameters(write_notebook(tmp_path, "dv1", "team: = 1"))


def test_check_parameters_hints_at_the_name_that_was_meant():
    names = {"team": "str", "year": "int", "confidence": "float"}
    declared = {n: Parameter(name=n, type=t, default=0) for n, t in names.items()}
    with pytest.raises(ParameterError) as caught:
        check_parameters("dv1_samenwerking", declared, {"taem": "elburg"})
    assert str(caught.value) == (
        "dv1_samenwerking has no parameter 'taem'. Did you mean 'team'? "
        "It has: team, year, confidence."
    )


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("int", "2016", 2016),
        ("float", "0.9", 0.9),
        ("float", 1, 1.0),
        ("bool", "False", False),
        ("bool", "true", True),
        ("str", "2016", "2016"),
    ],
)
def test_check_parameters_reads_texts_as_the_declared_type(kind, given, expected):
    declared = {"x": Parameter(name="x", type=kind, default=0)}
    checked = check_parameters("dv1", declared, {"x": given})["x"]
    assert checked == expected
    assert type(checked) is type(expected)


@pytest.mark.parametrize(
    ("kind", "given"),
    [("int", "veel"), ("int", 2016.0), ("int", True), ("bool", "ja"), ("str", 3)],
)
def test_check_parameters_refuses_another_type(kind, given):
    declared = {"x": Parameter(name="x", type=kind, default=7)}
    with pytest.raises(ParameterError, match=f"parameter 'x' is {kind}, such as 7"):
        check_parameters("dv1", declared, {"x": given})


def test_plan_runs_gives_every_notebook_for_every_team(wave):
    jobs = plan_runs(year=YEAR)
    assert [(job.team, job.name) for job in jobs] == [
        ("alle", "respons"),
        ("alle", "dv1"),
        ("zwolle_noord", "respons"),
        ("zwolle_noord", "dv1"),
        ("elburg", "respons"),
        ("elburg", "dv1"),
    ]
    assert jobs[0].parameters == {"team": "alle", "year": YEAR}
    assert jobs[-1].page == wave / "outputs" / str(YEAR) / "elburg" / "dv1.html"


def test_plan_runs_takes_a_choice_and_further_parameters(wave):
    (job,) = plan_runs(
        year=YEAR,
        teams=["elburg"],
        notebooks=["dv1"],
        parameters={"confidence": "0.9"},
    )
    assert job.parameters == {"team": "elburg", "year": YEAR, "confidence": 0.9}
    with pytest.raises(ParameterError, match="respons has no parameter 'confidence'"):
        plan_runs(year=YEAR, parameters={"confidence": 0.9})


def test_plan_runs_says_which_teams_and_notebooks_there_are(wave):
    with pytest.raises(ParameterError) as caught:
        plan_runs(year=YEAR, teams=["elbrug"])
    assert str(caught.value) == (
        "In 2015 there is no team 'elbrug'. Did you mean 'elburg'? "
        "There is: alle, zwolle_noord, elburg."
    )
    with pytest.raises(ParameterError, match=r"swt.*is called 'trend'.* respons, dv1"):
        plan_runs(year=YEAR, notebooks=["trend"])


def test_plan_runs_needs_a_wave(project):
    with pytest.raises(WaveError, match="There is no wave 1999"):
        plan_runs(year=1999)


def test_find_notebooks_wants_a_title(project):
    write_notebook(project / "notebooks", "dv1", CELL, title=" ")
    with pytest.raises(ParameterError, match=r"dv1\.ipynb .* no title"):
        find_notebooks()


def test_find_notebooks_falls_back_on_the_title(project):
    write_notebook(project / "notebooks", "b", CELL, order=2, short="B")
    write_notebook(project / "notebooks", "a", CELL, order=2)
    found = find_notebooks(folder=Path(project / "notebooks"))
    assert [(n.name, n.short) for n in found] == [("a", "Over a"), ("b", "B")]
