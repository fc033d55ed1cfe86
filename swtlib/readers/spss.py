"""SPSS data files (.sav, .zsav): value labels, and what counts as missing.

A code that the file declares as missing (user-missing) is kept as a code and
named in ``missing_codes``; a code that only looks missing, such as an
undeclared 99, is left as it is: the file does not tell.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from swtlib.errors import IngestError
from swtlib.readers import _sav_process
from swtlib.readers._columns import (
    find_about,
    find_completed,
    find_ids,
    find_personal,
)
from swtlib.readers._raw import ExportFile, RawExport, nothing_hidden
from swtlib.readers.limesurvey_sav import read_sav

MAGIC = (b"$FL2", b"$FL3")
PATIENCE = 300  # seconds; a damaged file can keep the parser busy without end


def looks_like_spss(head: bytes) -> bool:
    """Say whether the first bytes are those of an SPSS data file.

    Examples
    --------
    >>> looks_like_spss(b"$FL2@(#) SPSS DATA FILE")
    True
    """
    return head.startswith(MAGIC)


def read_spss(file: ExportFile) -> RawExport:
    """Read an SPSS data file, LimeSurvey's own included.

    Parameters
    ----------
    file : ExportFile
        A .sav or .zsav file.

    Returns
    -------
    RawExport
        Wording and labels are the variable and value labels of the file.

    Raises
    ------
    IngestError
        If the file is damaged.
    """
    found = _read_apart(file.path)
    export = read_sav(file)  # known by now to bring nothing down
    if export is not None:
        return export
    cells = pd.DataFrame(found["cells"], dtype=str)
    cells.index = pd.RangeIndex(1, len(cells) + 1, name="row")
    labels, wording = found["labels"], found["wording"]
    return RawExport(
        tool="spss",
        cells=cells,
        wording=wording,
        labels=labels,
        response_id=find_ids(cells),
        completed=find_completed(cells, labels, file.name),
        not_asked=nothing_hidden(cells),
        about=find_about(cells.columns),
        personal=find_personal(cells, wording),
        missing_codes={
            heading: frozenset(codes)
            for heading, codes in found["missing_codes"].items()
        },
    )


def _read_apart(path: Path) -> dict[str, Any]:
    """Read the file in another process, which a damaged file may bring down."""
    command = [sys.executable, "-P", _sav_process.__file__, str(path.resolve())]
    try:
        run = subprocess.run(
            command, capture_output=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        why = "the parser did not come to an end"
    else:
        if run.returncode == 0:
            found: dict[str, Any] = json.loads(run.stdout)
            return found
        said = run.stderr.decode("utf-8", "replace").split()
        named = run.returncode == _sav_process.FAULT and said
        why = said[-1] if named else "the parser broke down"
    raise IngestError(
        f"{path.name}: the SPSS file is damaged or broken off and cannot be opened "
        f"({why}). Download it again."
    )
