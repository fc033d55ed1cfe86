"""Nothing but a protected table reaches a figure, a table or a file."""

import ast
import inspect
from pathlib import Path

import pandas as pd
import pytest

import swtlib
from swtlib import figures, reading, tables
from swtlib.disclosure import ProtectedTable
from swtlib.errors import DisclosureError

PACKAGE = Path(swtlib.__file__).parent

# Who may write a table or a picture, with what. The others hand over protected tables.
WRITERS = {
    "savefig": set(),
    "print_figure": {"_figure_style.py"},
    "as_raw_html": {"tables.py"},
    "GT": {"tables.py"},
    # cli.py: the questionnaire. release.py: a fingerprint, which is not written.
    # _open_review.py: the list in data/raw that a person reads.
    # effects.py: effects out of protected tables, for the meta-analysis.
    "to_csv": {"tables.py", "cli.py", "release.py", "_open_review.py", "effects.py"},
    "to_html": set(),
    "to_excel": set(),
    "to_json": set(),
    "to_markdown": set(),
    "to_parquet": {"wave.py"},  # the answers themselves, in data/processed
    # Reshape protected numbers for a reader; they never see others.
    "rewrap": {
        *("disclosure.py", "tables.py", "effects.py", "studies.py"),
        *("_notebook_report.py", "_notebook_quality.py", "_notebook_trend.py"),
        *("_notebook_groups.py", "explorer/result.py"),
    },
    "_SEAL": {"disclosure.py"},
}


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func
            yield (
                name.attr
                if isinstance(name, ast.Attribute)
                else getattr(name, "id", "")
            )
        elif isinstance(node, ast.Name) and node.id == "_SEAL":
            yield "_SEAL"


def test_only_the_modules_that_take_protected_tables_write_them():
    found = {name: set() for name in WRITERS}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name == "preload.py":
            continue  # warms up on a table of nobody
        for name in calls(ast.parse(path.read_text("utf-8"))):
            if name in found:
                found[name].add(path.relative_to(PACKAGE).as_posix())
    for name, modules in found.items():
        assert modules == WRITERS[name], name


def doors():
    """Every public function that takes a protected table first."""
    for module in (figures, tables, reading):
        names = getattr(module, "__all__", [n for n in vars(module) if n[0] != "_"])
        for name in names:
            function = getattr(module, name)
            if not inspect.isfunction(function):
                continue
            first = next(iter(inspect.signature(function).parameters.values()), None)
            if first and first.annotation in (ProtectedTable, "ProtectedTable"):
                yield pytest.param(function, id=name)


def test_every_figure_has_a_door():
    found = {each.id for each in doors()}
    drawn = {name for name in figures.__all__ if name.startswith("plot_")}
    assert drawn <= found
    assert {"render_table", "wide_means", "table_csv", "read_team"} <= found


@pytest.mark.parametrize("function", list(doors()))
def test_a_frame_of_answers_is_refused_at_every_door(function, tmp_path):
    answers = pd.DataFrame(
        {"group": ["alle"], "variable": ["a"], "n": [9], "mean": 2.0}
    )
    rest = list(inspect.signature(function).parameters.values())[1:]
    given = {
        each.name: tmp_path / "t.csv" if each.name == "path" else {}
        for each in rest
        if each.default is inspect.Parameter.empty
    }
    with pytest.raises((DisclosureError, AttributeError)) as caught:
        function(answers, **given)
    if function.__module__.startswith("swtlib._figure") or function in (
        tables.render_table,
        tables.wide_means,
        tables.table_csv,
    ):
        assert caught.type is DisclosureError
    assert not list(tmp_path.iterdir())


def test_a_protected_table_cannot_be_made_by_hand():
    with pytest.raises(DisclosureError, match="not by hand"):
        ProtectedTable(pd.DataFrame(), pd.DataFrame(), "mean", None, 5)
