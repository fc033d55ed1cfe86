"""What is refused, what is said, and the document; the formats have own files."""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import docx
import pytest

from swtlib.codebook import CODEBOOK_DIR, Codebook, load_codebook
from swtlib.errors import CodebookError, ParameterError
from swtlib.questionnaire import (
    FORMATS,
    TEXTS_FILE,
    Questionnaire,
    build_questionnaire,
    load_texts,
    render_questionnaire,
    write_questionnaire,
)

YEAR = 2016
WAVE = f"""year = {YEAR}
title = "Proef"
origin = "simulation"
export = "results.csv"
[members]
elburg = 9
zwolle_west = 21
"""


@pytest.fixture(scope="module")
def coming() -> Questionnaire:
    return build_questionnaire(load_codebook(), load_texts(), year=YEAR)


@pytest.fixture
def raw_2016(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that prepares the wave of 2016, with two teams."""
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir()
    (folder / "wave.toml").write_text(WAVE, "utf-8")
    monkeypatch.chdir(project)
    return folder


def changed(tmp_path: Path, *changes: tuple[str, str, str]) -> Codebook:
    folder = tmp_path / "codebook"
    shutil.copytree(CODEBOOK_DIR, folder)
    for file, old, new in changes:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text, "the test must change something"
        path.write_text(text.replace(old, new, 1), "utf-8")
    return load_codebook(folder)


# The document


def test_document_holds_every_question_once(coming: Questionnaire) -> None:
    content = render_questionnaire(coming, "docx")
    document = docx.Document(io.BytesIO(content))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings[:-1] == [f"{n}. {p.title}" for n, p in enumerate(coming.pages, 1)]
    assert said.count("Niet gevraagd aan wie antwoordde: teamleider.") == 1
    lists = [question for question in coming.questions() if not question.single]
    assert len(document.tables) == len(lists)
    for question, table in zip(lists, document.tables, strict=True):
        assert len(table.rows) == len(question.rows) + 1
        for row, shown in zip(question.rows, table.rows[1:], strict=True):
            mark = " ◆" if row.to_check else ""
            assert shown.cells[0].text == f"{row.text}{mark}  [{row.code}]"
        labels = [label for _, label in question.options()]
        assert [c.text for c in table.rows[0].cells][1:] == (
            labels or ["0 tot en met 10"]
        )
        assert "tblHeader" in table.rows[0]._tr.xml
    for question in coming.questions():
        if question.single:
            assert said.count(question.text) == 1
    assert 'w:val="nl"' in document.styles["Normal"].element.xml


# What is refused


def test_questionnaire_of_2015_is_refused_and_every_unknown_is_named() -> None:
    with pytest.raises(CodebookError, match="of 2015 cannot be written") as fault:
        build_questionnaire(load_codebook(), load_texts(), year=2015)
    unknown = [
        item.id
        for _, item in load_codebook().columns(2015).values()
        if item.placeholder
    ]
    assert len(unknown) == 2
    for name in unknown:
        assert name in str(fault.value)


def test_question_without_words_is_refused() -> None:
    texts = replace(load_texts(), wording={"bg_geslacht": "Wat is uw geslacht?"})
    with pytest.raises(CodebookError) as fault:
        build_questionnaire(load_codebook(), texts, year=YEAR)
    for name in ("bg_leeftijd", "bg_wijkteam", "bg_functie", "bg_werkervaring"):
        assert f"{name} (achtergrond.toml" in str(fault.value)
    assert "bg_geslacht" not in str(fault.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("teams.toml", 'code = "EB"', 'code = "ELBURG"',
         "question 'team': answer code 'ELBURG'"),
        ("teams.toml", 'code = "EB"', 'code = "E-B"', "answer code 'E-B' must be 1-5"),
        ("teams.toml", 'code = "EB"', 'code = "zz"', "'zz' is used 2 times"),
        ("bakens.toml", 'prefix = "A"', 'prefix = "A_"', "answer code 'A_0'"),
        ("bakens.toml", 'code = "proactief"', 'code = "pro_actief"',
         "'bakens', item code 'pro_actief'"),
        ("bakens.toml", 'code = "proactief"', 'code = "DoelBurger"',
         "item code 'doelburger' is used 2 times"),
        ("bakens.toml", 'code = "proactief"', 'code = "other"', "item code 'other'"),
        ("bakens.toml", 'code = "proactief"\n', "", "an item has no code"),
        ("bakens.toml", 'code = "bakens"', 'code = "1bakens"', "starts with a letter"),
        ("bakens.toml", 'code = "bakens"', 'code = "token"', "question 'token'"),
        ("bakens.toml", 'code = "bakens"', 'code = "ORG"',
         "question code 'org' is used 2 times"),
        ("bakens.toml", "Ik heb een pro-actieve", "Ik heb een \\u0007pro-actieve",
         "item 'bk_proactief': the text holds a control character"),
        ("groepsdynamica.toml", "page = 2", "page = 1", "not before page 1"),
        ("achtergrond.toml", 'id = "bg_functie"', 'id = "bg_functie"\nlast_wave = 2015',
         "'bg_functie' is not asked in 2016"),
    ],
)  # fmt: skip
def test_what_a_survey_tool_would_lose_is_refused(tmp_path, file, old, new, message):
    book = changed(tmp_path, (file, old, new))
    texts = load_texts()
    stem = {code: text for code, text in texts.stem.items() if code != "bakens"}
    with pytest.raises(CodebookError) as fault:
        build_questionnaire(book, replace(texts, stem=stem), year=YEAR)
    assert message in str(fault.value)


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    book = changed(
        tmp_path,
        ("teams.toml", 'code = "EB"', 'code = "ELBURG"'),
        ("bakens.toml", 'code = "proactief"', 'code = "time"'),
    )
    with pytest.raises(CodebookError) as fault:
        build_questionnaire(book, load_texts(), year=YEAR)
    assert "'ELBURG'" in str(fault.value)
    assert "'time'" in str(fault.value)


@pytest.mark.parametrize(
    ("part", "words", "message"),
    [
        ("wording", {"bg_leeftyd": "Hoe oud?"}, "Did you mean 'bg_leeftijd'"),
        (
            "wording",
            {"bk_proactief": "Anders"},
            "the wording of 'bk_proactief' is known",
        ),
        ("stem", {"gdnuu": "Nu"}, "Did you mean 'gdnu'"),
        ("stem", {"heb": "Ik heb"}, "question 'heb' has its own text"),
    ],
)
def test_texts_never_go_against_the_codebook(part, words, message):
    texts = load_texts()
    with pytest.raises(CodebookError) as fault:
        build_questionnaire(
            load_codebook(),
            replace(texts, **{part: {**getattr(texts, part), **words}}),
            year=YEAR,
        )
    assert message in str(fault.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("language =", "taal =", "unknown key 'taal'"),
        ('title    = "Vragenlijst sociale wijkteams {year}"', 'title = " "', "'title'"),
        ('gdnu       = "Hoe is het nu in uw team?"', 'gdnu = ""', "'gdnu' is empty"),
        ("[instruction]\nscale ", "[instruction]\nschaal ", "unknown key 'schaal'"),
    ],
)
def test_load_texts_names_the_key(tmp_path, old, new, message):
    text = TEXTS_FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "texts.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CodebookError, match=message):
        load_texts(path)


def test_load_texts_says_that_there_are_none(tmp_path):
    with pytest.raises(CodebookError, match=r"there is no .*/texts.toml"):
        load_texts(tmp_path / "texts.toml")


# The command


@pytest.mark.parametrize("format", FORMATS)
def test_file_is_written_with_the_teams_of_the_wave(
    raw_2016: Path, format: str
) -> None:
    written = write_questionnaire(YEAR, format)
    assert written.path.is_file()
    team = next(q for q in written.questionnaire.questions() if q.code == "team")
    assert team.options() == (("ZW", "Zwolle-West"), ("EB", "Elburg"))
    assert "2 teams: vragenlijst_2016" in written.summary()


def test_all_teams_of_the_codebook_without_a_wave(raw_2016: Path) -> None:
    written = write_questionnaire(2017, "limesurvey")
    team = next(q for q in written.questionnaire.questions() if q.code == "team")
    assert len(team.options()) == len(load_codebook().teams)


def test_document_that_may_hold_comments_is_never_replaced(raw_2016: Path) -> None:
    path = write_questionnaire(YEAR, "docx").path
    path.write_bytes(b"with comments")
    with pytest.raises(ParameterError, match="may hold comments"):
        write_questionnaire(YEAR, "docx")
    assert path.read_bytes() == b"with comments"


def test_nothing_is_written_when_something_is_refused(raw_2016: Path) -> None:
    with pytest.raises(CodebookError):
        write_questionnaire(2015, "limesurvey", raw_2016 / "v.txt")
    with pytest.raises(ParameterError, match="Did you mean 'qualtrics'"):
        write_questionnaire(YEAR, "qualtric", raw_2016 / "v.txt")
    assert not (raw_2016 / "v.txt").exists()


def test_remarks_name_every_item_whose_words_must_be_checked() -> None:
    made = build_questionnaire(load_codebook(), load_texts(), year=YEAR)
    loose = [row.item for q in made.questions() for row in q.rows if row.to_check]
    assert len(loose) == 39
    assert all(f"\n  {name}: " in made.remarks[0] for name in loose)


def test_contact_is_told_or_asked_for() -> None:
    asked = build_questionnaire(load_codebook(), load_texts(), year=YEAR)
    assert any("'contact'" in remark for remark in asked.remarks)
    texts = replace(load_texts(), contact="Vragen? Bel ons.")
    told = build_questionnaire(load_codebook(), texts, year=YEAR)
    assert told.welcome.endswith("\n\nVragen? Bel ons.")
    assert not any("'contact'" in remark for remark in told.remarks)
