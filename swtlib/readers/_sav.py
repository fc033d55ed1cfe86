"""Opens an SPSS file with everything that pyreadstat knows of it."""

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from swtlib.readers._raw import ExportFile

SAV, ZSAV = b"$FL2", b"$FL3"


def load_sav(file: ExportFile) -> tuple[pd.DataFrame, Any]:
    """Load a .sav or .zsav file with user-missing values and dates as seconds.

    Parameters
    ----------
    file : ExportFile
        Starts with ``$FL2`` or ``$FL3``.

    Returns
    -------
    frame : DataFrame
        Numbers as float, texts as str.
    meta : object
        pyreadstat's metadata: labels, formats, missing values.

    Notes
    -----
    For a file that was read in a process of its own before (`spss.read_spss`): a
    damaged one can bring the process down.
    """
    import pyreadstat

    # pyreadstat wants a path, and some versions refuse letters beyond ASCII in it.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "export.sav"
        copy.write_bytes(file.content)
        frame, meta = pyreadstat.read_sav(
            copy,
            user_missing=True,  # else empty, and the label of why is lost
            disable_datetime_conversion=True,  # else a date past 9999 is an error
        )
    return frame, meta
