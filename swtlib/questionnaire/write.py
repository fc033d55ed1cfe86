"""Writes the questionnaire of a year in the format of a survey tool."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from swtlib._wave_facts import load_facts
from swtlib.codebook import TEAM_ITEM, load_codebook
from swtlib.errors import ParameterError, WaveError, did_you_mean
from swtlib.project import raw_dir, readable, write_atomic
from swtlib.questionnaire.build import build_questionnaire
from swtlib.questionnaire.limesurvey import limesurvey_structure
from swtlib.questionnaire.model import Questionnaire
from swtlib.questionnaire.qualtrics import by_hand, qualtrics_text
from swtlib.questionnaire.texts import load_texts

FORMATS: Mapping[str, str] = {  # and how the file is called by default
    "limesurvey": "vragenlijst_{year}_limesurvey.txt",
    "qualtrics": "vragenlijst_{year}_qualtrics.txt",
    "docx": "vragenlijst_{year}.docx",
}


@dataclass(frozen=True, kw_only=True)
class WrittenQuestionnaire:
    """A questionnaire that was written, and what is left to be done."""

    path: Path
    questionnaire: Questionnaire
    remarks: tuple[str, ...]

    def summary(self) -> str:
        """Say what was written and what to look at, in a few lines."""
        questions = list(self.questionnaire.questions())
        items = sum(len(question.rows) for question in questions)
        teams = next(
            len(question.response.choices)
            for question in questions
            if question.rows[0].item == TEAM_ITEM
        )
        told = (
            f"Questionnaire {self.questionnaire.year}: {items} items in "
            f"{len(questions)} questions on {len(self.questionnaire.pages)} pages, "
            f"{teams} teams: {readable(self.path)}"
        )
        return "\n".join([told, *self.remarks])


def write_questionnaire(
    year: int, format: str, path: Path | None = None
) -> WrittenQuestionnaire:
    """Write the questionnaire of a year from the codebook.

    Parameters
    ----------
    year : int
        Wave it is for.
    format : {"limesurvey", "qualtrics", "docx"}
        Survey tool, or a document to read and comment on.
    path : Path, optional
        The file; by default ``vragenlijst_<year>_...`` in the working folder.

    Returns
    -------
    WrittenQuestionnaire
        The teams are those of ``data/raw/<year>/wave.toml`` if it is there,
        else all of the codebook.

    Raises
    ------
    ParameterError
        If there is no such format, or a document is there already: it may
        hold comments.
    CodebookError
        If something cannot be asked as it stands; nothing is written.
    """
    if format not in FORMATS:
        raise ParameterError(
            f"there is no format '{format}'." + did_you_mean(format, FORMATS)
        )
    target = path or Path(FORMATS[format].format(year=year))
    questionnaire = build_questionnaire(
        load_codebook(), load_texts(), year=year, teams=_teams_of(year)
    )
    content = render_questionnaire(questionnaire, format)
    if format == "docx" and target.exists():
        raise ParameterError(
            f"{readable(target)} is there already, and may hold comments. Move it, or "
            "name another file with --out."
        )
    write_atomic(target, content)
    more = by_hand(questionnaire) if format == "qualtrics" else []
    return WrittenQuestionnaire(
        path=target,
        questionnaire=questionnaire,
        remarks=(*questionnaire.remarks, *more),
    )


def render_questionnaire(questionnaire: Questionnaire, format: str) -> bytes:
    """Give the content of the file in one of `FORMATS`."""
    if format == "docx":
        from swtlib.questionnaire.word import word_document

        return word_document(questionnaire)
    if format == "qualtrics":
        return qualtrics_text(questionnaire)
    return limesurvey_structure(questionnaire)


def _teams_of(year: int) -> Collection[str] | None:
    """Give the teams of a wave that is being prepared, if it has a wave.toml."""
    try:
        there = (raw_dir(year) / "wave.toml").is_file()
    except WaveError:  # not in a project: the codebook is all there is
        return None
    return load_facts(year).members if there else None
