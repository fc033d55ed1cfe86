"""One file per export format; each gives the same thing: a table of codes.

A reader knows a tool's way of writing (separators, headings, how a broken-off
answer looks). It knows nothing of scales: that is the codebook's.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from swtlib.errors import IngestError
from swtlib.readers.limesurvey import (
    completed_responses,
    looks_like_limesurvey,
    read_limesurvey,
)


@dataclass(frozen=True, kw_only=True)
class RawExport:
    """An export as text: one row per response, one column per heading.

    Parameters
    ----------
    tool : str
        Which survey tool wrote it.
    cells : DataFrame of str, shape (n_responses, n_columns)
        Codes as written; an empty cell is ``""``. The index is the line in
        the file, so that a message can point there.
    response_id : Series of str
        The tool's own number of a response.
    completed : Series of bool
        Whether the respondent reached the end.
    """

    tool: str
    cells: pd.DataFrame
    response_id: pd.Series
    completed: pd.Series


def read_export(path: Path) -> RawExport:
    """Read an export; the format is recognised by its content.

    Parameters
    ----------
    path : Path
        File as the survey tool delivered it.

    Returns
    -------
    RawExport

    Raises
    ------
    IngestError
        If no reader knows the format, or the file is damaged.
    """
    if not path.is_file():
        folder = path.resolve().parent.name
        raise IngestError(
            f"{path.name}: there is no such file in {folder}/. Look at the name, or "
            "at 'export' in wave.toml."
        )
    head = path.read_bytes()[:65536]
    if looks_like_limesurvey(head):
        cells = read_limesurvey(path)
        return RawExport(
            tool="limesurvey",
            cells=cells,
            response_id=cells["id"],
            completed=completed_responses(cells["submitdate"], path.name),
        )
    raise IngestError(
        f"{path.name}: this is not a LimeSurvey results file with question codes "
        "(no column 'submitdate' in its first line). In LimeSurvey choose "
        "Responses > Export > CSV, headings 'Question code', answers 'Answer codes'."
    )


__all__ = ["RawExport", "read_export"]
