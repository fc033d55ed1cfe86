"""The tree itself: style, types, notebooks without code of their own."""

import ast
import importlib
import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# They take minutes, so no test runs them.
SCRIPTS = sorted((ROOT / "benchmarks").glob("*.py"))


def run(*arguments):
    result = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_ruff_finds_nothing():
    run("ruff", "check", "--no-cache", ".")


def test_code_is_formatted():
    run("ruff", "format", "--check", "--no-cache", ".")


def test_types_hold(tmp_path):
    run("mypy", "--cache-dir", str(tmp_path))


def code_cells(path):
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield cell


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_computes_nothing_itself(path):
    for cell in code_cells(path):
        tree = ast.parse("".join(cell["source"]))
        kinds = {type(node) for node in ast.walk(tree)}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.BinOp}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_committed_without_outputs(path):
    for cell in code_cells(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_has_the_headings_of_a_report(path):
    text = path.read_text("utf-8")
    for heading in ("**Vraag", "## Gegevens", "## Lezing", "## Herkomst"):
        assert heading in text, heading


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import swtlib", "pandas"),
        (
            "import swtlib; [getattr(swtlib, name) for name in swtlib.__all__]",
            "scipy.stats matplotlib seaborn statsmodels great_tables papermill",
        ),
        ("import swtlib.cli, swtlib.batch.pools", "numpy pandas jinja2"),
        ("import swtlib.ordinal", "statsmodels matplotlib"),
        (
            "import swtlib.specifications, swtlib.estimates",
            "scipy statsmodels matplotlib seaborn",
        ),
    ],
    ids=["package", "public names", "command", "ordinal", "comparison"],
)
def test_import_stays_light(code, absent):
    code += f"\nimport sys; print([m for m in {absent.split()} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_scripts_import_from_swtlib_what_is_there(path):
    wanted = [
        (node.module, [alias.name for alias in node.names])
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] == "swtlib"
    ]
    assert wanted
    for module, names in wanted:
        found = importlib.import_module(module)
        for name in names:
            assert hasattr(found, name) or find_spec(f"{module}.{name}"), name


def test_no_path_of_a_machine_is_committed():
    found = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    pattern = re.compile(r"(?<![\w.])/(home|root|tmp|work)/\w")
    texts = {".py", ".toml", ".md", ".ipynb", ".csv", ".R", ".j2", ".css"}
    for name in found:
        path = ROOT / name
        if path.suffix in texts and path.is_file() and path.name != "test_style.py":
            assert not pattern.search(path.read_text("utf-8")), name
