"""The variables that processes of a batch have."""

import os
from collections.abc import Mapping
from pathlib import Path

# Figures and tables are small: more threads per kernel only fight each other.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
# Of the process that is forked: pyarrow would start a thread on import, and a
# process with threads cannot be forked safely.
NO_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
DROPPED = ("PYTHONSTARTUP", *NO_THREADS)


def kernel_environment(folder: str, added: Mapping[str, str]) -> dict[str, str]:
    """Give the variables of a kernel: the same in every run, whoever starts it.

    Parameters
    ----------
    folder : str
        Private folder of the run.
    added : mapping of str to str
        Variables of the task.

    Returns
    -------
    dict of str to str
        All variables of the kernel.
    """
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    made = {
        "IPYTHONDIR": str(Path(folder) / "ipython"),
        "PYTHONHASHSEED": "0",  # the order of a set is the same in every run
    }
    return kept | ONE_THREAD | made | dict(added)


def fork_environment() -> dict[str, str]:
    """Give the variables of the process that runs are forked from.

    Returns
    -------
    dict of str to str
        What a kernel has and a library only looks at when it is imported.
    """
    inline = "module://matplotlib_inline.backend_inline"  # what a kernel sets
    backend = os.environ.get("MPLBACKEND") or inline
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    made = {"PYTHONHASHSEED": "0", "MPLBACKEND": backend}
    return kept | ONE_THREAD | NO_THREADS | made
