"""Folders of the test run: nothing is written into the tree."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MADE = Path(tempfile.mkdtemp(prefix="swt-test-"))
atexit.register(shutil.rmtree, MADE, ignore_errors=True)

# Kernels that nbval starts inherit these, as do workers of the batch.
os.environ["SWT_PROJECT"] = str(ROOT)
os.environ["SWT_PROCESSED"] = str(MADE / "processed")
os.environ["SWT_OUTPUTS"] = str(MADE / "outputs")
os.environ["IPYTHONDIR"] = str(MADE / "ipython")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project folder of its own, with its own outputs."""
    for folder in ("notebooks", "data/raw", "data/processed", "outputs"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    monkeypatch.setenv("SWT_PROCESSED", str(tmp_path / "data" / "processed"))
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path / "outputs"))
    return tmp_path
