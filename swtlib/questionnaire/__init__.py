"""The next questionnaire, written from the codebook.

What goes out is what comes back: question and answer codes are those of the
codebook, so that the export of the survey is taken in without a mapping.
"""

from swtlib.questionnaire.build import build_questionnaire
from swtlib.questionnaire.model import Condition, Page, Question, Questionnaire, Row
from swtlib.questionnaire.texts import TEXTS_FILE, Texts, load_texts
from swtlib.questionnaire.write import (
    FORMATS,
    WrittenQuestionnaire,
    render_questionnaire,
    write_questionnaire,
)

__all__ = [
    "FORMATS",
    "TEXTS_FILE",
    "Condition",
    "Page",
    "Question",
    "Questionnaire",
    "Row",
    "Texts",
    "WrittenQuestionnaire",
    "build_questionnaire",
    "load_texts",
    "render_questionnaire",
    "write_questionnaire",
]
