"""Says of files that cannot be taken in what to export instead."""

from swtlib.readers._raw import ExportFile
from swtlib.readers.limesurvey_tables import ZIP, is_workbook

AGAIN = (
    "In LimeSurvey choose Responses > Export > Export results, format CSV, headings "
    "'Question code', answers 'Answer codes'."
)
STRUCTURE = "this is the questionnaire, not the answers. " + AGAIN


def explain(file: ExportFile) -> str | None:
    """Say what a file is, and what to do instead.

    Parameters
    ----------
    file : ExportFile
        Any file.

    Returns
    -------
    str or None
        One line, without the name of the file; None if it may be a table.

    Examples
    --------
    >>> from pathlib import Path
    >>> print(explain(ExportFile(Path("x.csv"), b"")))
    the file is empty. Download it again.
    """
    start = file.head.lstrip()[:4096]
    lower = start.lower()
    if not start:
        return "the file is empty. Download it again."
    if file.content.startswith(ZIP):
        if is_workbook(file):
            return None
        if b".lsr" in file.content or b".lss" in file.content:
            return "this is LimeSurvey's archive of a survey. " + AGAIN
        return "this is a zip file. Unpack it and name the export in it."
    if file.content.startswith(b"\xd0\xcf\x11\xe0"):
        return "this is an old Excel or Word file (.xls, .doc). " + AGAIN
    if b"SPSSPORT" in file.content[:1000].replace(b"\r", b"").replace(b"\n", b""):
        return "this is a portable SPSS file (.por). Save it as .sav in SPSS or PSPP."
    if file.content.startswith(b"%PDF"):
        return "this is a PDF, made for reading. " + AGAIN
    if "limesurveydoctype" in lower or _is_structure(start):
        return STRUCTURE
    if start.startswith("<") and ("<html" in lower or "<meta" in lower):
        return (
            "this is HTML or LimeSurvey's 'Word' export, made for reading: it has no "
            "codes. " + AGAIN
        )
    return None


def _is_structure(start: str) -> bool:
    """Say whether a text is the tab-separated structure of a survey."""
    return {"class", "type/scale"} <= {*start.partition("\n")[0].split("\t")}
