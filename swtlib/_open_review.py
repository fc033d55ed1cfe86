"""The list in which a person reviews the open answers, and what follows from it.

The list is an Excel file beside ``wave.toml``, tied to no respondent. What it
lets through stands in a CSV of themes and answers, made again at each ingest.
Whatever is in doubt is not shown.
"""

import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from swtlib._open_flags import must_not_show
from swtlib._safe_cells import plain_cell, safe_frame
from swtlib._wave_check import cells_by_item
from swtlib._wave_facts import WaveFacts
from swtlib._wave_rules import choose_responses
from swtlib.codebook import Codebook
from swtlib.errors import WaveError
from swtlib.mapping import MapFile, propose_mapping
from swtlib.project import write_atomic
from swtlib.pseudonyms import Pseudonyms
from swtlib.readers import RawExport

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

REVIEW = "open_antwoorden_nazien.xlsx"  # beside wave.toml
SHOWN = "open_antwoorden_getoond.csv"
COLUMNS = ("sleutel", "vraag", "antwoord", "let op", "thema", "tonen")
YES, NO = "ja", "nee"


@dataclass(frozen=True, kw_only=True)
class OpenAnswer:
    """An open answer as it came in; ``key`` says which it is, not whose."""

    key: str
    question: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """A row of the list, as a person left it."""

    row: int
    key: str
    text: str
    theme: str
    show: str


def collect_answers(
    raw: RawExport,
    facts: WaveFacts,
    codebook: Codebook,
    written: MapFile | None,
    names: Pseudonyms,
) -> list[OpenAnswer]:
    """Take the open answers out of an export, in an order that says nothing.

    Parameters
    ----------
    raw : RawExport
        Without the responses that were withdrawn.
    facts : WaveFacts
        Of the wave; only responses that count are used.
    codebook : Codebook
        Which questions are open.
    written : MapFile or None
        The map.toml, if any.
    names : Pseudonyms
        The key.

    Returns
    -------
    list of OpenAnswer
        In the order of their keys.
    """
    mapping = propose_mapping(raw, codebook, facts.year, written)
    columns = codebook.columns(facts.year)
    items = {item.id: item for _, item in columns.values()}
    cells, _ = cells_by_item(raw, mapping, columns, facts)
    closed = [name for name, item in items.items() if item.response.kind != "text"]
    kept, _ = choose_responses(raw, cells, closed, facts)
    found = []
    for name in cells.columns.difference(closed):
        seen: Counter[str] = Counter()
        for text in cells.loc[kept, name].map(one_line):
            if text:
                seen[text] += 1
                parts = (str(facts.year), name, text, str(seen[text]))
                found.append(
                    OpenAnswer(
                        key=names.of_answer(*parts),
                        question=items[name].label,
                        text=text,
                    )
                )
    return sorted(found, key=lambda answer: answer.key)


def one_line(text: object) -> str:
    """Write a cell as one line of text."""
    if text is None:
        return ""
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    return " ".join(str(text).split())


def open_list(path: Path, place: str) -> "Workbook":
    """Open the list.

    Parameters
    ----------
    path : Path
        The Excel file.
    place : str
        How messages name it.

    Returns
    -------
    Workbook

    Raises
    ------
    WaveError
        If it cannot be read.
    """
    import openpyxl

    try:
        return openpyxl.load_workbook(path)
    except PermissionError:
        raise WaveError(
            f"{place} cannot be read while Excel has it open. Close it there."
        ) from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as fault:
        raise WaveError(
            f"{place} is not an Excel file that can be read ({type(fault).__name__}). "
            "Save it as .xlsx, or put back a copy."
        ) from None


def find_columns(sheet: "Worksheet", place: str) -> dict[str, int]:
    """Find the columns of the list by their headings.

    Parameters
    ----------
    sheet : Worksheet
        First sheet of the list.
    place : str
        How messages name it.

    Returns
    -------
    dict of str to int
        Number of each column, the first is 1.

    Raises
    ------
    WaveError
        If one is missing.
    """
    first = next(sheet.iter_rows(min_row=1, max_row=1, values_only=True), ())
    named = {one_line(cell).casefold(): at for at, cell in enumerate(first, 1)}
    for name in COLUMNS:
        if name not in named:
            raise WaveError(
                f"{place}, row 1: column '{name}' is missing. The list has the columns "
                f"{', '.join(COLUMNS)}; put it back, or remove the list and make it "
                "again (what was reviewed is then lost)."
            )
    return {name: named[name] for name in COLUMNS}


def read_rows(sheet: "Worksheet", columns: Mapping[str, int]) -> list[Reviewed]:
    """Read what a person left in the list; rows without a key are passed over."""
    rows = []
    for at, cells in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2):
        text = {n: plain_cell(one_line(cells[c - 1])) for n, c in columns.items()}
        if text["sleutel"]:
            rows.append(
                Reviewed(
                    row=at,
                    key=text["sleutel"],
                    text=text["antwoord"],
                    theme=text["thema"],
                    show=text["tonen"].casefold(),
                )
            )
    return rows


def choose_shown(
    rows: Sequence[Reviewed], answers: Sequence[OpenAnswer]
) -> tuple[list[Reviewed], dict[int, str]]:
    """Choose what may be shown: what a person said so of, and nothing in doubt.

    Parameters
    ----------
    rows : sequence of Reviewed
        The list.
    answers : sequence of OpenAnswer
        As they came in.

    Returns
    -------
    shown : list of Reviewed
        By theme.
    held : dict of int to str
        Rows that have "ja" and are not shown all the same, and why.
    """
    came_in = {answer.key: answer.text for answer in answers}
    times = Counter(row.key for row in rows)
    shown, held = [], {}
    agreed = {row.key for row in rows if row.show == YES}
    refused = {answer.text.casefold() for answer in answers if answer.key not in agreed}
    for row in rows:
        if row.show != YES or row.key not in came_in:
            continue
        left = must_not_show(row.text)
        changed = row.text.casefold() != came_in[row.key].casefold()
        if times[row.key] > 1:
            held[row.row] = "its key stands in two rows; keep one"
        elif not row.theme:
            held[row.row] = "it has no theme"
        elif not row.text:
            held[row.row] = "the answer is empty"
        elif left:
            held[row.row] = f"it still holds a {left}"
        elif changed and row.text.casefold() in refused:
            held[row.row] = "another row has this answer without ja; did it move?"
        else:
            shown.append(row)
    return sorted(shown, key=lambda row: (row.theme, row.key)), held


def write_shown(
    raw: RawExport,
    facts: WaveFacts,
    codebook: Codebook,
    written: MapFile | None,
    names: Pseudonyms,
) -> None:
    """Write down which open answers are shown, if there is a list.

    Parameters
    ----------
    raw, facts, codebook, written, names
        As for `collect_answers`.

    Raises
    ------
    WaveError
        If the list cannot be read.
    """
    shown_file = facts.folder / SHOWN
    if not (facts.folder / REVIEW).is_file():
        shown_file.unlink(missing_ok=True)  # what it came from is gone
        return
    place = facts.place.replace("wave.toml", REVIEW)
    sheet = open_list(facts.folder / REVIEW, place).worksheets[0]
    rows = read_rows(sheet, find_columns(sheet, place))
    shown, _ = choose_shown(rows, collect_answers(raw, facts, codebook, written, names))
    table = pd.DataFrame(
        {"theme": [row.theme for row in shown], "answer": [row.text for row in shown]},
        dtype="str",
    )
    text = safe_frame(table).to_csv(index=False, lineterminator="\n")
    write_atomic(shown_file, text, private=True)
