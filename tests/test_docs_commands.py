"""Every command and every Python block of the docs is run, or stands in NOT_RUN.

A page is followed from top to bottom in a copy of the project: what it says to put in
a file is put there, and what it shows must be what the command says. Pages that change
the codebook get a copy of the library too, and fresh processes.
"""

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import nbformat
import pytest
import typer.main
from doc_pages import (
    PAGES,
    PLACE,
    ROOT,
    assert_shown,
    before,
    blocks_of,
    name_of,
    spans_of,
)
from typer.testing import CliRunner

from swtlib import cli
from swtlib.errors import SwtError

NOT_RUN = {  # how a command begins, and why no test can run it
    "python -m pip install": "needs a registry of packages",
    "python -m venv": "makes an environment, to install packages in",
    "git clone": "needs the network",
    "git config": "is about the reader's own clone",
    "git restore": "takes back what the reader changed in a clone",
    "cd ": "is about where the reader is",
    "uv run pytest": "this test is part of it",
    "uv run ruff": "tests/test_style.py does it",
    "uv run nbstripout": "tests/test_style.py looks at its result",
    "uv run jupyter lab": "stays open until the reader is done",
    "swt lab": "stays open until the reader is done",
    "uv run python benchmarks/": "takes minutes",
    "uv run --with": "needs a registry of packages, and takes minutes",
    "swt run --dask": "needs a cluster; tests/test_batch_dask.py has one",
    "swt forget": "asks for a number; tests/test_withdrawal.py gives one",
    "env/bin/": "is for a node of Slurm",
}
NOT_RUN_PYTHON = {"from dask_jobqueue": "is for a node of Slurm"}
SMALL = ("--team", "elburg", "--notebook", "respons")  # a run of all takes minutes
WHOLE = {"docs/handleiding_jaarlijks.md"}  # runs all teams, of one notebook
OTHERS = {"--group", "--with", "--extra"}  # options of tools other than swt
COMMANDS = typer.main.get_command(cli.app).commands
FOLLOWED = [
    page
    for page in PAGES
    if any(b.language in ("sh", "python") for b in blocks_of(page))
]


def reason_not_to_run(command):
    given = (command, command.removeprefix("uv run "))
    found = (
        why for how, why in NOT_RUN.items() if any(c.startswith(how) for c in given)
    )
    return next(found, "")


def words_of(command):
    """Give the words of a ``swt`` command, or None if it is another one."""
    words = shlex.split(re.sub(r"^(uv run |env/bin/)", "", command))
    return words[1:] if words and words[0] == "swt" else None


def command_of(words):
    """Find a command, also one in a group; give the words that are left too."""
    assert words[0] in COMMANDS, words[0]
    command, rest = COMMANDS[words[0]], words[1:]
    while getattr(command, "commands", None) and rest:
        assert rest[0] in command.commands, rest[0]
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


def options_of(command):
    return {option for parameter in command.params for option in parameter.opts}


def all_commands():
    for page in PAGES:
        for block in blocks_of(page):
            if block.language == "sh":
                for command in block.commands():
                    yield block, command


class Copy:
    """A copy of the project, in which a reader does what a page says."""

    def __init__(self, folder, page, *, library):
        self.folder, self.page, self.library = folder, page, library
        self.names, self.cells = {}, []  # of the Python blocks so far
        self.folder.mkdir()
        (folder / "outputs").mkdir()
        (folder / "notebooks").mkdir()
        for year in (2015, 2016):
            shutil.copytree(
                ROOT / "data" / "raw" / str(year), folder / "data/raw" / str(year)
            )
        shutil.copytree(ROOT / "tests" / "data", folder / "tests" / "data")
        if library:
            shutil.copytree(ROOT / "swtlib", folder / "swtlib")  # compiled files too
        named = re.findall(r"\w+", page.read_text("utf-8"))
        wanted = {"respons", *named} if name_of(page) not in WHOLE else {"respons"}
        for notebook in (ROOT / "notebooks").glob("*.ipynb"):
            if notebook.stem in wanted:
                shutil.copy(notebook, folder / "notebooks")

    def put(self, block):
        """Put a snippet where its first line says."""
        if block.language != "toml":
            return
        first, _, text = block.text.partition("\n")
        match = PLACE.fullmatch(first)
        if match is None:
            return
        path, where, line = self.folder / match[1], match[2], match[3]
        if where == "new file":
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists(), block.place
            path.write_text(text, "utf-8")
            return
        before = path.read_text("utf-8")
        if where == "at the end":
            path.write_text(f"{before}\n{text}", "utf-8")
            return
        assert before.count(f"{line}\n") == 1, f"{block.place}: {line!r} in {path.name}"
        at = before.index(f"{line}\n")
        if where.startswith("below"):
            at += len(line) + 1
            path.write_text(before[:at] + text + before[at:], "utf-8")
        else:
            path.write_text(f"{before[:at]}{text}\n{before[at:]}", "utf-8")

    def swt(self, words):
        """Give the command, and what it says; an error only where one is shown."""
        if (
            words[0] == "run"
            and "--why" not in words
            and name_of(self.page) not in WHOLE
        ):
            for option, value in zip(SMALL[::2], SMALL[1::2], strict=True):
                words = words if option in words else [*words, option, value]
        if not self.library:
            return self._in_this_process(words)
        return self._alone("from swtlib.cli import main; main()", *words)

    def python(self, block):
        """Run a Python block, and give what it prints."""
        self.cells.append(block.text.rstrip("\n"))
        if self.library:
            code, shown = self._alone("\n".join(self.cells))
            assert code == 0, shown
            return shown
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(block.text, block.place, "exec"), self.names)
        return printed.getvalue()

    def make_notebook(self, block):
        """Make the notebook of the cells so far, as the page says."""
        metadata = json.loads(block.text)
        title = nbformat.v4.new_markdown_cell(f"# {metadata['swt']['title']}")
        cells = [nbformat.v4.new_code_cell(text) for text in self.cells]
        cells[0].metadata["tags"] = ["parameters"]
        metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
        made = nbformat.v4.new_notebook(cells=[title, *cells], metadata=metadata)
        (name,) = re.findall(r'new_run\("(\w+)"', "\n".join(self.cells))
        nbformat.write(made, self.folder / "notebooks" / f"{name}.ipynb")

    def _alone(self, program, *words):
        here = {"PYTHONPATH": str(self.folder), "PYTHONUNBUFFERED": "1"}
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=self.folder,
            env={**os.environ, **here, "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # in the order in which a reader sees them
            text=True,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stdout

    def _in_this_process(self, words):
        done = CliRunner().invoke(cli.app, words, env={"COLUMNS": "200"})
        if isinstance(done.exception, SwtError):
            return done.exception.exit_code, f"{done.output}swt: {done.exception}"
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output


@pytest.fixture
def copy(page, tmp_path, monkeypatch):
    library = any(
        match and match[1].startswith("swtlib/")
        for block in blocks_of(page)
        if (match := PLACE.match(block.text))
    )
    made = Copy(tmp_path / "mijn wijkteams é", page, library=library)
    monkeypatch.setenv("SWT_PROJECT", str(made.folder))
    for name, place in (
        ("SWT_PROCESSED", "data/processed"),
        ("SWT_OUTPUTS", "outputs"),
    ):
        monkeypatch.setenv(name, str(made.folder / place))
    monkeypatch.chdir(made.folder)
    return made


@pytest.mark.parametrize("page", FOLLOWED, ids=name_of)
def test_page_can_be_followed(page, copy):
    said, failed = "", False
    first = before(page)
    for block in blocks_of(first) if first else ():
        copy.put(block)
    for block in blocks_of(page):
        if block.language == "text":
            assert_shown(block.text, said, block.place)
            assert not failed or "swt: " in block.text, f"{block.place}\n{said}"
            failed = False
            continue
        assert not failed, f"before {block.place} a command failed:\n{said}"
        if block.language == "sh":
            said = ""
            for command in block.commands():
                words = words_of(command)
                if reason_not_to_run(command):
                    continue
                assert words is not None, f"{block.place}: not run, and not in NOT_RUN"
                code, output = copy.swt(words)
                said, failed = said + output, failed or code != 0
        elif block.language == "python":
            if not any(how in block.text for how in NOT_RUN_PYTHON):
                said = copy.python(block)
        elif block.language == "toml":
            copy.put(block)
        elif block.language == "json":
            copy.make_notebook(block)
    assert not failed, f"{name_of(page)}: the last command failed:\n{said}"


@pytest.mark.parametrize(
    ("block", "command"),
    [pytest.param(b, c, id=f"{b.place}-{c}") for b, c in all_commands()],
)
def test_command_has_options_that_exist(block, command):
    words = words_of(command)
    if words is None:
        assert reason_not_to_run(command), f"{block.place}: {command}"
    else:
        found, rest = command_of(words)
        # Parsed only; a usage error names what is wrong.
        found.make_context("swt", rest)
    for path in re.findall(r"(?:benchmarks|notebooks|tests)/\w+\.\w+", command):
        assert (ROOT / path).is_file(), f"{block.place}: {path}"


def test_everything_that_is_not_run_is_in_the_docs():
    commands = [command for _, command in all_commands()]
    spans = [span for page in PAGES for span in spans_of(page)]
    for how in NOT_RUN:
        assert any(text.startswith(how) for text in (*commands, *spans)), how


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_command_in_a_line_has_options_that_exist(page):
    known = {option for c in COMMANDS.values() for option in options_of(c)}
    for span in spans_of(page):
        plain = re.sub(r"^(uv run |env/bin/)", "", span)
        given = re.findall(r"(?<!\S)\[?(--[a-z-]+)", plain)
        if re.match(r"swt [\w-]+", plain):
            found, _ = command_of(plain.replace("[", "").replace("]", "").split()[1:])
            assert set(given) <= options_of(found), span
        elif plain.startswith("--"):
            assert set(given) <= known | OTHERS, span
        for path in re.findall(r"(?:benchmarks|notebooks|tests)/\w+\.\w+", span):
            assert (ROOT / path).is_file(), f"{name_of(page)}: {path}"
