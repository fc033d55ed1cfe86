"""One file per export format; each gives the same thing: a table of text cells.

A reader knows a tool's way of writing (separators, headings, how a broken-off
answer looks). It knows nothing of scales: that is the codebook's. A format is
recognised by its content, never by the name of the file.
"""

from collections.abc import Callable
from pathlib import Path

from swtlib.errors import IngestError
from swtlib.readers._raw import ExportFile, RawExport, refuse
from swtlib.readers.limesurvey import read_results, read_vv
from swtlib.readers.limesurvey_syntax import read_r_pair, read_spss_pair
from swtlib.readers.limesurvey_tables import read_json, read_workbook
from swtlib.readers.plain import read_plain
from swtlib.readers.qualtrics import looks_like_qualtrics, read_qualtrics
from swtlib.readers.spss import looks_like_spss, read_spss
from swtlib.readers.unreadable import explain

__all__ = ["RawExport", "read_export"]

# LimeSurvey's. Each gives None for a file that is not its own. A results file with
# full text headings looks like R's data file, but for the syntax beside it.
READERS: tuple[Callable[[ExportFile], RawExport | None], ...] = (
    read_workbook,
    read_json,
    read_spss_pair,
    read_vv,
    read_r_pair,
    read_results,
)


def read_export(path: Path, *, faulty: bool = False) -> RawExport:
    """Read an export; the format is recognised by its content.

    Parameters
    ----------
    path : Path
        File as the survey tool delivered it. Of data and syntax for R or SPSS
        either; the other must stand in the same folder.
    faulty : bool, default False
        Also give an export with faults in single rows, for who checks the
        answers next and says all that is wrong together.

    Returns
    -------
    RawExport

    Raises
    ------
    IngestError
        If no reader knows the format, or the file is damaged. One line for
        each fault; no line holds an answer to an open question.
    """
    export = _read(path)
    if not faulty:
        refuse(export.faults)
    return export


def _read(path: Path) -> RawExport:
    if not path.is_file():
        folder = path.resolve().parent.name
        raise IngestError(
            f"{path.name}: there is no such file in {folder}/. Look at the name, or "
            "at 'export' in wave.toml."
        )
    file = ExportFile(path, path.read_bytes())
    if looks_like_spss(file.content):
        return read_spss(file)
    reason = explain(file)
    if reason is not None:
        raise IngestError(f"{path.name}: {reason}")
    for read in READERS:
        export = read(file)
        if export is not None:
            return export
    if looks_like_qualtrics(file.content):
        return read_qualtrics(path)
    return read_plain(path)
