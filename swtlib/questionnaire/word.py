"""The questionnaire as a Word document, to read and to comment on."""

import io
from typing import Any

from swtlib.questionnaire.model import Condition, Question, Questionnaire, paragraphs

BOX = "☐"
MARK = "◆"
GREY = (0x59, 0x59, 0x59)
NARROW_CM, WIDE_CM = 1.9, 16.0  # an answer column; all columns together
POINTS = 9


def word_document(questionnaire: Questionnaire) -> bytes:
    """Write a questionnaire as a Word document.

    Parameters
    ----------
    questionnaire : Questionnaire
        Checked, as from `build_questionnaire`.

    Returns
    -------
    bytes
        Content of a ``.docx`` file: a heading per page, a table per list,
        codes in grey, and a mark at words that must still be checked.
    """
    from docx import Document
    from docx.shared import Cm, Pt

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    _set_language(normal, questionnaire.language)
    document.core_properties.title = questionnaire.title
    document.core_properties.author = ""
    document.add_heading(questionnaire.title, level=0)
    _small(
        document.add_paragraph(),
        "Leesversie, om te bespreken en op te reageren. Bij een zin met "
        f"{MARK} is van de bewoording alleen een omschrijving bekend: kijk die na. De "
        "codes in grijs horen bij het bestand voor de online vragenlijst.",
    )
    for part in paragraphs(questionnaire.welcome) + paragraphs(questionnaire.privacy):
        document.add_paragraph(part)
    for number, page in enumerate(questionnaire.pages, start=1):
        document.add_heading(f"{number}. {page.title}", level=1)
        if page.condition:
            _small(document.add_paragraph(), _who_skips(page.condition))
        for question in page.questions:
            own = None if page.condition else question.condition
            _add_question(document, question, own)
    document.add_heading("Slot", level=1)
    for part in paragraphs(questionnaire.end):
        document.add_paragraph(part)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _add_question(
    document: Any, question: Question, condition: Condition | None
) -> None:
    head = document.add_paragraph()
    head.paragraph_format.keep_with_next = True
    mark = f" {MARK}" if question.single and question.rows[0].to_check else ""
    head.add_run(question.text + mark).bold = True
    must = ", verplicht" if question.mandatory else ""
    _small(head, f"  [{question.code}{must}]")
    for told in (question.help, _who_skips(condition) if condition else ""):
        if told:
            line = document.add_paragraph()
            line.paragraph_format.keep_with_next = True
            line.add_run(told).italic = True
    labels = [label for _, label in question.options()]
    if question.single and labels:
        for label in labels:
            line = document.add_paragraph(f"{BOX}  {label}")
            line.paragraph_format.space_after = 0
        document.add_paragraph()
    elif question.single:
        document.add_paragraph(f"Antwoord ({_open_answer(question)}): ______________")
    else:
        _add_table(document, question, labels or [_open_answer(question)])
        document.add_paragraph()


def _open_answer(question: Question) -> str:
    answers = question.response
    if answers.kind == "text":
        return "in eigen woorden"
    return f"{answers.low:g} tot en met {answers.high:g}"


def _who_skips(condition: Condition) -> str:
    return f"Niet gevraagd aan wie antwoordde: {', '.join(condition.labels)}."


def _add_table(document: Any, question: Question, headings: list[str]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    boxes = BOX if question.options() else ""
    table = document.add_table(rows=1, cols=1 + len(headings), style="Table Grid")
    table.autofit = False
    narrow = min(NARROW_CM, WIDE_CM / 2 / len(headings)) if boxes else 3.0
    widths = [WIDE_CM - narrow * len(headings)] + [narrow] * len(headings)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)  # Word reads the cells, other programs the grid
    _repeat_on_each_page(table.rows[0])
    lines = [["", *headings]]
    lines += [
        [row.text + (f" {MARK}" if row.to_check else ""), *([boxes] * len(headings))]
        for row in question.rows
    ]
    for number, texts in enumerate(lines):
        cells = (table.rows[0] if number == 0 else table.add_row()).cells
        for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            cell.width = Cm(widths[column])
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(text)
            run.font.size = Pt(POINTS)
            run.bold = number == 0
            if column:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if number:
            _small(cells[0].paragraphs[0], f"  [{question.rows[number - 1].code}]")


def _small(paragraph: Any, text: str) -> None:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(text)
    run.font.size = Pt(8)
    run.font.color.rgb = RGBColor(*GREY)


def _repeat_on_each_page(row: Any) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _set_language(style: Any, language: str) -> None:
    """Tell Word the language, or it underlines every word as misspelt."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:lang")
    element.set(qn("w:val"), language)
    style.element.get_or_add_rPr().append(element)
