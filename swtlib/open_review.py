"""From the open answers of an export to the list that a person reviews.

The list is made once and added to after that: what was reviewed stays as it
was. See docs/data.md for how it is used.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swtlib._open_flags import Known, find_flags
from swtlib._open_review import (
    COLUMNS,
    NO,
    REVIEW,
    SHOWN,
    YES,
    OpenAnswer,
    choose_shown,
    collect_answers,
    find_columns,
    open_list,
    read_rows,
)
from swtlib._wave_check import choose_map
from swtlib._withdrawn import drop_withdrawn
from swtlib.codebook import load_codebook
from swtlib.errors import WaveError
from swtlib.project import readable, write_atomic
from swtlib.pseudonyms import load_pseudonyms
from swtlib.readers import read_export
from swtlib.wave import load_wave

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

WIDTHS = {"sleutel": 10, "vraag": 24, "antwoord": 70, "let op": 40, "thema": 22}
MOST_ROWS = 10_000  # in which "ja" and "nee" are offered
EXPLAINED = """\
Deze lijst is voor wie de open antwoorden naleest, en voor niemand anders.
Er staat niet bij wie een antwoord gaf; de volgorde zegt niets.
antwoord: u mag het aanpassen. Haal namen en herkenbare details weg.
let op: waar u het eerst naar kijkt. Dit is een hulpmiddel: het vindt adressen en \
nummers goed, namen met een hoofdletter meestal, en een verhaal dat maar één collega \
kan vertellen niet. Lees dus elk antwoord.
thema: onder welk kopje het antwoord komt. Zonder thema wordt het niet getoond.
tonen: ja of nee. Zolang het leeg is, wordt het antwoord niet getoond.
Een e-mailadres, telefoonnummer, rekeningnummer of burgerservicenummer wordt nooit \
getoond, ook niet met ja.
Laat de kolom sleutel staan. Sorteren mag, als u alle kolommen tegelijk sorteert.
Klaar? Bewaar dit bestand als .xlsx, sluit het, en geef het commando nog een keer."""


@dataclass(frozen=True, kw_only=True)
class OpenReview:
    """How far the review of the open answers is.

    Parameters
    ----------
    path : Path or None
        The list; None if the export has no open answers.
    n_new, n_gone : int
        Answers that were added to the list, and taken out because they are no
        longer in the export.
    n_to_do, n_shown, n_refused : int
        Answers that nobody reviewed, that are shown, and that are not.
    held : mapping of int to str
        Rows with "ja" that are not shown all the same, and why.
    unclear : tuple of int
        Rows in which ``tonen`` is neither ja nor nee.
    named : str
        What wave.toml names as its list of open answers.
    """

    year: int
    path: Path | None
    n_new: int = 0
    n_gone: int = 0
    n_to_do: int = 0
    n_shown: int = 0
    n_refused: int = 0
    held: dict[int, str] = field(default_factory=dict)
    unclear: tuple[int, ...] = ()
    named: str = ""

    def summary(self) -> str:
        """Say it in a few lines, without any answer."""
        if self.path is None:
            return f"The export of {self.year} has no open answers to review."
        lines = [
            f"{readable(self.path)}: {self.n_new} answers added, {self.n_gone} taken "
            f"out. To review: {self.n_to_do}, shown: {self.n_shown}, not to be shown: "
            f"{self.n_refused}."
        ]
        lines += [f"Row {row} is not shown: {why}." for row, why in self.held.items()]
        if self.unclear:
            rows = ", ".join(str(row) for row in self.unclear)
            lines.append(f"Rows {rows}: 'tonen' must be ja or nee. Not shown.")
        if self.named != SHOWN:
            lines.append(
                f'To show them, write open_answers = "{SHOWN}" in wave.toml'
                + (f" (now '{self.named}')." if self.named else ".")
            )
        if self.n_to_do:
            lines.append(
                "Fill in thema and tonen in Excel, and give this command again. The "
                "flags under 'let op' are an aid; read every answer."
            )
        return "\n".join(lines)


def review_open_answers(year: int) -> OpenReview:
    """Make the list for the review of the open answers, or add to it.

    Parameters
    ----------
    year : int
        The wave.

    Returns
    -------
    OpenReview

    Raises
    ------
    WaveError
        If there is no such wave, or the list cannot be read or written.
    IngestError
        If the export has faults.
    """
    facts = load_wave(year).facts
    names = load_pseudonyms(facts.origin)
    codebook, written = load_codebook(), choose_map(facts)
    raw, _ = drop_withdrawn(read_export(facts.folder / facts.export), facts, names)
    answers = collect_answers(raw, facts, codebook, written, names)
    path = facts.folder / REVIEW
    place = facts.place.replace("wave.toml", REVIEW)
    if not answers and not path.is_file():
        return OpenReview(year=year, path=None)
    book = open_list(path, place) if path.is_file() else _new_list()
    sheet = book.worksheets[0]
    columns = find_columns(sheet, place)
    before = _contents(sheet)
    n_gone = _take_out(sheet, columns, {answer.key for answer in answers})
    there = {row.key for row in read_rows(sheet, columns)}
    new = [answer for answer in answers if answer.key not in there]
    _append(sheet, columns, new)
    rows = read_rows(sheet, columns)
    known = Known.of(codebook, [answer.text for answer in answers])
    for row in rows:
        flags = find_flags(row.text, known)
        told = "; ".join(f"{f.what}: {f.found}" if f.found else f.what for f in flags)
        _set_text(sheet, row.row, columns["let op"], told)
    if _contents(sheet) != before:
        _save(book, path, place)
    load_wave(year)  # ingested again when the list changed: what is shown follows
    shown, held = choose_shown(rows, answers)
    return OpenReview(
        year=year,
        path=path,
        n_new=len(new),
        n_gone=n_gone,
        n_to_do=sum(row.show not in (YES, NO) for row in rows),
        n_shown=len(shown),
        n_refused=sum(row.show == NO for row in rows),
        held=held,
        unclear=tuple(r.row for r in rows if r.show not in (YES, NO, "")),
        named=facts.open_answers,
    )


def _new_list() -> "Workbook":
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "nazien"
    for at, name in enumerate(COLUMNS, 1):
        sheet.cell(1, at, name).font = Font(bold=True)
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = WIDTHS.get(name, 8)
    offered = DataValidation(type="list", formula1=f'"{YES},{NO}"', allow_blank=True)
    letter = get_column_letter(COLUMNS.index("tonen") + 1)
    offered.add(f"{letter}2:{letter}{MOST_ROWS}")
    sheet.add_data_validation(offered)
    sheet.freeze_panes = "A2"
    about = book.create_sheet("uitleg")
    about.column_dimensions["A"].width = 110
    for at, line in enumerate(EXPLAINED.splitlines(), 1):
        _set_text(about, at, 1, line)
    return book


def _take_out(sheet: "Worksheet", columns: dict[str, int], present: set[str]) -> int:
    """Take out what is no longer in the export: somebody may have withdrawn it."""
    gone = [row.row for row in read_rows(sheet, columns) if row.key not in present]
    for row in reversed(gone):
        sheet.delete_rows(row)
    return len(gone)


def _append(
    sheet: "Worksheet", columns: dict[str, int], new: Sequence[OpenAnswer]
) -> None:
    last = max((row.row for row in read_rows(sheet, columns)), default=1)
    for at, answer in enumerate(new, last + 1):
        _set_text(sheet, at, columns["sleutel"], answer.key)
        _set_text(sheet, at, columns["vraag"], answer.question)
        _set_text(sheet, at, columns["antwoord"], answer.text)


def _set_text(sheet: "Worksheet", row: int, column: int, text: str) -> None:
    """Write words; a spreadsheet may not take them for a formula."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment

    cell = sheet.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text) or None
    if cell.value is not None:
        cell.data_type = "s"
        cell.quotePrefix = True
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _contents(sheet: "Worksheet") -> list[tuple[Any, ...]]:
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return list(rows)


def _save(book: "Workbook", path: Path, place: str) -> None:
    content = io.BytesIO()
    book.save(content)
    try:
        write_atomic(path, content.getvalue(), private=True)
    except PermissionError:
        raise WaveError(
            f"{place} cannot be written while Excel has it open. Close it there."
        ) from None
