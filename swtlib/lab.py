"""Open the verkenner in JupyterLab."""

import importlib.util
import subprocess
import sys
from collections.abc import Sequence

from swtlib.errors import ParameterError, SwtError
from swtlib.project import notebooks_dir, project_root

NOTEBOOK = "verkenner.ipynb"


def lab_command(arguments: Sequence[str] = ()) -> list[str]:
    """Give the command that opens the verkenner.

    Parameters
    ----------
    arguments : sequence of str
        Passed on to JupyterLab, such as ``["--no-browser"]``.

    Returns
    -------
    list of str
        With the Python that swtlib runs on, so that the notebook finds it.

    Raises
    ------
    SwtError
        If JupyterLab is not installed.
    ParameterError
        If the project has no such notebook.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise SwtError(
            "JupyterLab is not installed for this Python. Install it with: "
            f"{sys.executable} -m pip install jupyterlab ipywidgets"
        )
    path = notebooks_dir() / NOTEBOOK
    if not path.is_file():
        raise ParameterError(
            f"notebooks has no {NOTEBOOK}. Take it from the checkout of swtlib."
        )
    # By itself JupyterLab would not look outside the folder of the notebook.
    root = f"--ServerApp.root_dir={project_root()}"
    return [sys.executable, "-m", "jupyterlab", root, *arguments, str(path)]


def open_lab(arguments: Sequence[str] = ()) -> int:
    """Run JupyterLab on the verkenner until it is closed.

    Parameters
    ----------
    arguments : sequence of str
        As in `lab_command`.

    Returns
    -------
    int
        Its exit code.
    """
    try:
        done = subprocess.run(lab_command(arguments), cwd=project_root(), check=False)
    except KeyboardInterrupt:  # JupyterLab asks, and says goodbye itself
        return 0
    return done.returncode
