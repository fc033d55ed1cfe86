"""The engine ``swt`` of papermill: runs a notebook in a forked kernel.

From a shell::

    papermill notebooks/dv1_samenwerking.ipynb out.ipynb -p team elburg --engine swt

Where a kernel cannot be forked (another language, not on Linux, threads), and
when it does not come up, papermill's own engine runs the notebook.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swtlib.fork import safe_to_fork

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from swtlib.fork.client import KernelProcess
    from swtlib.fork.kernel import KernelSettings

NAME = "swt"
OPTION = (
    "swt_kernel"  # settings of the kernel, from a caller that made sure it can fork
)


class ForkEngine:
    """An engine in the sense of ``papermill.engines.Engine``.

    It is no subclass: papermill imports it while papermill itself is imported.
    """

    @classmethod
    def execute_notebook(
        cls, notebook: "NotebookNode", kernel_name: str, **options: Any
    ) -> "NotebookNode":
        """Execute a parameterised notebook.

        Parameters
        ----------
        notebook : NotebookNode
            Its cells get their outputs.
        kernel_name : str
            As papermill found it.
        **options
            As for papermill's engine. ``swt_kernel`` holds the settings of the
            kernel; without it the kernel has the environment of this process.

        Returns
        -------
        NotebookNode
            The same notebook.
        """
        from papermill.engines import NBClientEngine

        settings: KernelSettings | None = options.pop(OPTION, None)
        with tempfile.TemporaryDirectory(prefix="swt-") as folder:
            kernel = _start(settings, kernel_name, folder)
            if kernel is not None:
                options["km"] = kernel
            try:
                done: NotebookNode
                done = NBClientEngine.execute_notebook(notebook, kernel_name, **options)
            finally:
                if kernel is not None:
                    kernel.end()
        return done

    @classmethod
    def nb_kernel_name(cls, notebook: "NotebookNode", name: str | None = None) -> str:
        """Give the name of the kernel of a notebook."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(notebook, name))

    @classmethod
    def nb_language(cls, notebook: "NotebookNode", language: str | None = None) -> str:
        """Give the language of a notebook."""
        from papermill.utils import nb_language

        return str(nb_language(notebook, language))


def register() -> None:
    """Make the engine known to papermill, also where it is not installed."""
    from papermill.engines import papermill_engines

    papermill_engines.register(NAME, ForkEngine)


def _start(
    settings: "KernelSettings | None", kernel_name: str, folder: str
) -> "KernelProcess | None":
    if settings is None and not (safe_to_fork() and _is_this_python(kernel_name)):
        return None
    try:
        from swtlib.fork.client import KernelProcess
        from swtlib.fork.kernel import KernelSettings

        if settings is None:
            settings = KernelSettings(folder=folder, path=_path_of_a_kernel())
        return KernelProcess(settings)
    except (ImportError, RuntimeError, OSError):
        return None  # upstream changed, or no process to be had: the ordinary way


def _path_of_a_kernel() -> tuple[str, ...]:
    """Give where a kernel finds modules: as here, but for the script that runs."""
    own = {"", str(Path(sys.argv[0]).parent), str(Path.cwd())}
    return (*(part for part in sys.path[:1] if part not in own), *sys.path[1:])


def _is_this_python(kernel_name: str) -> bool:
    """Tell whether a kernel is the Python that runs here."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        argv = KernelSpecManager().get_kernel_spec(kernel_name).argv
    except NoSuchKernel:
        return False
    if "ipykernel_launcher" not in argv:
        return False
    if argv[0] in ("python", "python3", f"python3.{sys.version_info[1]}"):
        return True  # jupyter_client starts the running Python for these
    found = shutil.which(argv[0])
    return found is not None and Path(found).samefile(sys.executable)
