"""Folders of the test run: nothing is written into the tree.

It stands at the top, so that it also holds for a part of the tests, such as
``pytest notebooks``.
"""

import atexit
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
# Notebooks that only work in the project that is made of them: tests/test_thesis.py.
collect_ignore_glob = ["swtlib/thesis/template/*"]
MADE = Path(tempfile.mkdtemp(prefix="swt-test-"))
atexit.register(shutil.rmtree, MADE, ignore_errors=True)

# Kernels that nbval starts inherit these, as do workers of the batch.
os.environ["SWT_PROJECT"] = str(ROOT)
os.environ["SWT_PROCESSED"] = str(MADE / "processed")
os.environ["SWT_OUTPUTS"] = str(MADE / "outputs")
os.environ["SWT_KEY_FILE"] = str(MADE / "key")
os.environ["IPYTHONDIR"] = str(MADE / "ipython")
os.environ.pop("COLUMNS", None)  # xdist sets it; a console would keep that width
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(MADE / "hypothesis")

# Started behind a shell, with &, pytest and what it starts would not hear Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep a file together on one worker: the cells of a notebook are a story."""
    from xdist.scheduler import LoadFileScheduling

    by_default = config.getoption("dist") == "load"  # as for "-n 2"
    return LoadFileScheduling(config, log) if by_default else None


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Make an empty project folder of its own, with its own outputs."""
    for folder in ("notebooks", "data/raw", "data/processed", "outputs"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    monkeypatch.setenv("SWT_PROCESSED", str(tmp_path / "data" / "processed"))
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path / "outputs"))
    return tmp_path


@pytest.fixture
def key(project, tmp_path_factory, monkeypatch):
    """Let the key for pseudonyms stand in a folder of its own."""
    path = tmp_path_factory.mktemp("settings") / "swtlib" / "key"
    monkeypatch.setenv("SWT_KEY_FILE", str(path))
    return path
