"""The LimeSurvey structure: read back as LimeSurvey does, answered, taken in.

`read_structure` is written apart from swtlib: it splits cells as PHP's CSV
reader does and names columns as LimeSurvey's export does.
"""

import csv
import html
import io
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swtlib.codebook import CODEBOOK_DIR, Codebook, Response, load_codebook
from swtlib.limesurvey_export import write_export
from swtlib.questionnaire import (
    Condition,
    Page,
    Question,
    Questionnaire,
    Row,
    build_questionnaire,
    load_texts,
    render_questionnaire,
)
from swtlib.simulation import simulate_answers
from swtlib.wave import ingest

YEAR = 2016
WAVE = f"""year = {YEAR}
title = "Proef"
origin = "simulation"
export = "results.csv"
[members]
elburg = 9
zwolle_west = 21
"""


COLUMNS = [
    "class", "type/scale", "name", "relevance", "text", "help", "language",
    "validation", "mandatory", "other", "default", "same_default",
]  # fmt: skip
BOM = b"\xef\xbb\xbf"
LISTS = "FKQ"  # question types with rows, of those that swtlib writes


@dataclass
class Seen:
    type: str
    code: str
    text: str
    relevance: str
    mandatory: str
    bounds: tuple[str, str]
    rows: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def columns(self) -> list[str]:
        if self.type not in LISTS:
            return [self.code]
        return [f"{self.code}[{row}]" for row in self.rows]


@dataclass
class Structure:
    settings: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    groups: list[tuple[str, str, list[Seen]]] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)

    def questions(self) -> list[Seen]:
        return [question for _, _, group in self.groups for question in group]

    def columns(self) -> dict[str, Seen]:
        return {
            c: question for question in self.questions() for c in question.columns()
        }


def split_cells(text: str) -> list[list[str]]:
    """Split as PHP does: a quote after a backslash does not close a cell."""
    rows, cell, row = [], "", []
    quoted, fresh, i = False, True, 0
    while i < len(text):
        sign, after = text[i], text[i + 1 : i + 2]
        if quoted and sign == "\\" and after == '"':
            cell, i = cell + '\\"', i + 1
        elif quoted and sign == '"' and after == '"':
            cell, i = cell + '"', i + 1
        elif sign == '"' and (quoted or fresh):
            quoted, fresh = not quoted, False
        elif sign in "\t\n" and not quoted:
            row, cell, fresh = [*row, cell], "", True
            if sign == "\n":
                rows, row = [*rows, row], []
        else:
            cell, fresh = cell + sign, False
        i += 1
    assert not quoted, "a quote is never closed: it swallows the rows below"
    assert not cell, "the last row has no end of line"
    assert not row, "the last row has no end of line"
    return rows


def read_structure(content: bytes) -> Structure:
    """Read the file as LimeSurvey does, and stop where it would lose something."""
    assert content.startswith(BOM), "without it the encoding is guessed"
    header, *rows = split_cells(content.removeprefix(BOM).decode("utf-8"))
    assert header[: len(COLUMNS)] == COLUMNS
    structure = Structure()
    allowed = {
        "": ["S"], "S": ["S", "SL"], "SL": ["SL", "G"], "G": ["Q"],
        "Q": ["SQ", "A", "Q", "G"], "SQ": ["SQ", "A", "Q", "G"],
        "A": ["A", "Q", "G"],
    }  # fmt: skip
    before = ""
    for cells in rows:
        assert len(cells) == len(header)
        row = dict(zip(header, cells, strict=True))
        kind, name, text = row["class"], row["name"], html.unescape(row["text"])
        assert kind in allowed[before], f"{kind} after {before}"
        before = kind
        if kind == "S":
            structure.settings[name] = text
            continue
        structure.languages.add(row["language"])
        if kind == "SL":
            structure.texts[name] = row["text"]
        elif kind == "G":
            assert row["type/scale"] == str(len(structure.groups) + 1)
            structure.groups.append((html.unescape(name), row["relevance"], []))
        elif kind == "Q":
            bounds = (row.get("min_num_value_n", ""), row.get("max_num_value_n", ""))
            structure.groups[-1][2].append(
                Seen(
                    type=row["type/scale"], code=name, text=text, bounds=bounds,
                    relevance=row["relevance"], mandatory=row["mandatory"],
                )
            )  # fmt: skip
        else:
            question = structure.groups[-1][2][-1]
            place = question.rows if kind == "SQ" else question.answers
            assert name not in place, "LimeSurvey drops the second"
            assert row["type/scale"] == "0"
            place[name] = text
    return structure


@pytest.fixture(scope="module")
def coming() -> Questionnaire:
    return build_questionnaire(load_codebook(), load_texts(), year=YEAR)


@pytest.fixture(scope="module")
def structure(coming: Questionnaire) -> Structure:
    return read_structure(render_questionnaire(coming, "limesurvey"))


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


# What LimeSurvey makes of the file


def test_columns_of_the_export_are_those_of_the_codebook(structure: Structure) -> None:
    assert list(structure.columns()) == list(load_codebook().columns(YEAR))


def test_answer_codes_and_bounds_are_those_of_the_codebook(
    structure: Structure,
) -> None:
    columns = structure.columns()
    for column, (_, item) in load_codebook().columns(YEAR).items():
        question, answers = columns[column], item.response
        for code in question.answers:
            assert answers.decode(code) is not None
        if answers.kind == "scale":
            assert [answers.decode(c) for c in question.answers] == [0, 1, 2, 3, 4]
            assert tuple(question.answers.values()) == answers.labels
        if answers.kind == "number":
            assert question.bounds == (f"{answers.low:g}", f"{answers.high:g}")
            assert not question.answers


def test_codes_are_what_limesurvey_keeps(structure: Structure) -> None:
    codes = [question.code for question in structure.questions()]
    assert len({code.casefold() for code in codes}) == len(codes)
    for question in structure.questions():
        assert re.fullmatch("[A-Za-z][A-Za-z0-9]{0,19}", question.code)
        assert bool(question.rows) == (question.type in "FKQ")
        assert bool(question.answers) == (question.type in "LF")
        assert all(re.fullmatch("[A-Za-z0-9]{1,20}", row) for row in question.rows)
        assert all(re.fullmatch("[A-Za-z0-9]{1,5}", a) for a in question.answers)
        assert question.text


def test_language_and_settings(structure: Structure) -> None:
    assert structure.languages == {"nl"}
    assert structure.settings["language"] == "nl"
    assert structure.settings["format"] == "G"
    assert structure.settings["anonymized"] == "Y"
    assert structure.settings["ipaddr"] == "N"
    assert "<p>Meedoen is vrijwillig." in structure.texts["surveyls_welcometext"]


def test_team_leaders_skip_group_dynamics_only(structure: Structure) -> None:
    conditions = {title: relevance for title, relevance, _ in structure.groups}
    assert conditions.pop("Groepsdynamica en self-efficacy") == 'functie.NAOK != "F2"'
    assert set(conditions.values()) == {"1"}
    assert {question.relevance for question in structure.questions()} == {"1"}


def test_what_decides_is_mandatory_and_nothing_else(structure: Structure) -> None:
    needed = [q.code for q in structure.questions() if q.mandatory == "Y"]
    assert needed == ["team", "functie"]


def test_condition_stands_at_the_question_if_its_page_is_shared(
    tmp_path: Path,
) -> None:
    book = changed(tmp_path, ("bakens.toml", "page = 3", "page = 2"))
    both = build_questionnaire(book, load_texts(), year=YEAR)
    read = read_structure(render_questionnaire(both, "limesurvey"))
    title, relevance, questions = read.groups[1]
    assert title == "Bakens Welzijn Nieuwe Stijl · Groepsdynamica en self-efficacy"
    assert relevance == "1"
    assert [(q.code, q.relevance) for q in questions] == [
        ("bakens", "1"),
        ("gdnu", 'functie.NAOK != "F2"'),
        ("gdbelang", 'functie.NAOK != "F2"'),
    ]


# The loop: out, asked, exported, taken in


def test_simulated_answers_are_answers_to_the_structure(
    raw_2016: Path, structure: Structure
) -> None:
    book = load_codebook()
    respondents = {"elburg": 7, "zwolle_west": 12}
    answers = simulate_answers(
        book, year=YEAR, respondents=respondents, seed=3, broken_off=4
    )
    export = write_export(answers, book, raw_2016 / "results.csv", seed=3, year=YEAR)
    text = export.read_text("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    columns = structure.columns()
    assert list(table[0])[-len(columns) :] == list(columns)
    for row in table:
        for column, question in columns.items():
            if question.answers and row[column]:
                assert row[column] in question.answers
    wave = ingest(YEAR)
    assert len(wave.respondents) == 19
    assert wave.n_dropped == 4
    assert not [entry for entry in wave.ledger if "column" in entry.where]


def as_full_text(structure: Structure, head: list[str], rows: list[list[str]]) -> str:
    """Write an export as LimeSurvey does when nothing is changed on its screen."""
    columns = structure.columns()
    fixed = {
        "id": "Respons-id", "submitdate": "Datum verzonden", "seed": "Plaats",
        "lastpage": "Laatste pagina", "startlanguage": "Begin taal",
        "startdate": "Startdatum", "datestamp": "Datum laatste actie",
    }  # fmt: skip
    headings = []
    for name in head:
        question, row = columns.get(name), name.partition("[")[2][:-1]
        texts = (question.text, question.rows.get(row)) if question else (fixed[name],)
        # LimeSurvey leaves entities in the text of a row.
        headings.append(
            f"{texts[0]} [{html.escape(texts[1], quote=False)}]"
            if texts[1:] and texts[1]
            else str(texts[0])
        )
    table = [headings]
    for row_ in rows:
        known = zip(head, row_, strict=True)
        table.append(
            [columns[n].answers.get(c, c) if n in columns else c for n, c in known]
        )
    lines = [
        ",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in table
    ]
    return "".join(f"{line}\r\n" for line in lines)


def as_qualtrics(structure: Structure, head: list[str], rows: list[list[str]]) -> str:
    """Write the same answers as Qualtrics does: rows counted, long texts cut."""
    columns = structure.columns()
    names, texts = ["ResponseId", "Finished", "Status"], ["Respons-ID", "Voltooid", "S"]
    ids = ["_recordId", "finished", "status"]
    for name in head:
        if name not in columns:
            continue
        question, code = columns[name], name.partition("[")[2][:-1]
        text = f"{question.text}\nKies bij elke regel het antwoord dat het beste past."
        cut = text if len(text) < 40 else f"{text[:40]}..."
        place = list(question.rows).index(code) + 1 if code else 0
        names.append(f"{question.code}_{place}" if code else name)
        texts.append(f"{cut} - {question.rows[code]}" if code else question.text)
        ids.append(f"QID{len(ids)}")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([names, texts, [f'{{"ImportId":"{name}"}}' for name in ids]])
    for row in rows:
        cells = dict(zip(head, row, strict=True))
        done = "True" if cells["submitdate"] else "False"
        answers = [columns[n].answers.get(cells[n], cells[n]) for n in columns]
        writer.writerow([f"R_{cells['id']}", done, "IP Address", *answers])
    writer.writerow(["R_0", "True", "Survey Preview", *[""] * len(columns)])
    return buffer.getvalue()


@pytest.mark.parametrize("style", [as_full_text, as_qualtrics])
def test_words_on_the_screen_need_no_mapping(
    raw_2016: Path, structure: Structure, style
) -> None:
    book = load_codebook()
    respondents = {"elburg": 7, "zwolle_west": 12}
    answers = simulate_answers(
        book, year=YEAR, respondents=respondents, seed=4, broken_off=2
    )
    export = write_export(answers, book, raw_2016 / "results.csv", seed=4, year=YEAR)
    expected = ingest(YEAR)
    text = export.read_text("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    export.write_text(style(structure, head, rows), "utf-8")
    wave = ingest(YEAR)
    pd.testing.assert_frame_equal(
        wave.respondents.drop(columns="respondent_id"),
        expected.respondents.drop(columns="respondent_id"),
    )
    assert not [entry for entry in wave.ledger if "column" in entry.where]


def test_chosen_answers_come_back_as_what_was_read(
    raw_2016: Path, structure: Structure
) -> None:
    """Fill in by the words on the screen; look them up by item in the wave."""
    points = {"volledig oneens": 0, "neutraal": 2, "volledig eens": 4}
    people = [
        ("Elburg", "teamleider", "volledig oneens"),
        ("Elburg", "medewerker sociaal wijkteam", "volledig eens"),
        ("Zwolle-West", "werkbegeleider", "neutraal"),
    ]
    rows = []
    for team, post, opinion in people:
        row = {"submitdate": "2016-02-10 10:00:00"}
        for _, relevance, questions in structure.groups:
            for question in questions:
                by_label = {label: c for c, label in question.answers.items()}
                for column in question.columns():
                    if relevance != "1" and post == "teamleider":
                        row[column] = ""
                    elif question.code in ("team", "functie"):
                        row[column] = by_label[
                            team if question.code == "team" else post
                        ]
                    elif question.answers:
                        last = list(by_label.values())[-1]
                        row[column] = by_label.get(opinion, last)
                    elif question.type in "KN":
                        row[column] = f"{question.bounds[1]}.0000000000"
                    else:
                        row[column] = "woorden"
        rows.append({"id": str(len(rows) + 1), **row})
    with (raw_2016 / "results.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    people_in = ingest(YEAR).respondents
    assert people_in["team"].tolist() == ["elburg", "elburg", "zwolle_west"]
    assert people_in["bg_functie"].tolist() == [
        "teamleider", "medewerker", "werkbegeleider",
    ]  # fmt: skip
    expected = [points[opinion] for _, _, opinion in people]
    assert people_in["erv_prettig"].tolist() == expected
    assert people_in["gd_cur_vanzelf"].isna().tolist() == [True, False, False]
    assert people_in["gd_cur_vanzelf"].tolist()[1:] == expected[1:]
    assert people_in["bk_proactief"].tolist() == [4, 4, 4]  # "altijd"
    assert people_in["comp_netwerken_want"].tolist() == [10, 10, 10]
    assert people_in["bg_leeftijd"].tolist() == [75, 75, 75]


# Codes are names for ever


def test_a_new_item_changes_no_other_code(tmp_path: Path, structure: Structure) -> None:
    new = (
        'id = "bk_nieuw"\ncode = "nieuw"\nlabel = "Nieuw"\ntext = "Ik ben nieuw"\n'
        f"first_wave = {YEAR}\n\n[[question.item]]\n"
    )
    team = (
        '[[team]]\nid = "hattem"\nlabel = "Hattem"\ncode = "HT"\nmunicipality = "H"\n'
    )
    book = changed(
        tmp_path,
        ("bakens.toml", 'id = "bk_vraag', f'{new}id = "bk_vraag'),
        ("teams.toml", '[[team]]\nid = "zw', f'{team}\n[[team]]\nid = "zw'),
    )
    after = build_questionnaire(book, load_texts(), year=YEAR)
    grown = read_structure(render_questionnaire(after, "limesurvey"))
    old, new_columns = structure.columns(), grown.columns()
    assert set(new_columns) - set(old) == {"bakens[nieuw]"}
    for column, question in old.items():
        other = new_columns[column]
        assert other.rows.items() >= question.rows.items()
        assert other.answers.items() >= question.answers.items()
    assert grown.columns()["team"].answers["HT"] == "Hattem"


def test_codes_come_from_the_codebook_not_from_the_place(tmp_path: Path) -> None:
    def swap(text: str) -> str:
        head, *parts = re.split(r"(?=\[\[question\.item\]\]\n)", text)
        *parts, last = parts
        last, mark, tail = last.partition("[[placeholder]]")
        return head + last + "".join(reversed(parts)) + mark + tail

    folder = tmp_path / "codebook"
    shutil.copytree(CODEBOOK_DIR, folder)
    path = folder / "verwachtingen.toml"
    path.write_text(swap(path.read_text("utf-8")), "utf-8")
    rows = []
    for book in (load_codebook(), load_codebook(folder)):
        made = build_questionnaire(book, load_texts(), year=YEAR)
        question = next(q for q in made.questions() if q.code == "verwacht")
        rows.append([(row.code, row.text) for row in question.rows])
    assert rows[0] != rows[1]
    assert sorted(rows[0]) == sorted(rows[1])


# Any text comes back


def tiny(text: str, label: str) -> Questionnaire:
    answers = Response(kind="scale", low=0, high=1, labels=(label, text), prefix="A")
    question = Question(
        code="q",
        text=text,
        help=label,
        rows=(Row(code="a", item="i1", text=label, to_check=False),
              Row(code="b", item="i2", text=text, to_check=True)),
        response=answers,
        mandatory=False,
        condition=Condition(variable="v", codes=("1",), labels=("x",)),
    )  # fmt: skip
    return Questionnaire(
        year=YEAR,
        language="nl",
        title=text,
        welcome=text,
        privacy=label,
        end=label,
        pages=(Page(title=label, questions=(question,)),),
    )


SIGNS = st.sampled_from([*"\"'\\\t\n;,[]{}$&<>=|é€‘’ a1.:#", "[[", "]]", '\\"'])
TEXTS = st.lists(SIGNS, min_size=1).map("".join) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1
)


def plain(text: str) -> str:
    return " ".join(text.split())


@given(TEXTS, TEXTS)
def test_any_text_survives_limesurveys_reader(text: str, label: str) -> None:
    read = read_structure(render_questionnaire(tiny(text, label), "limesurvey"))
    ((title, relevance, (question,)),) = read.groups
    assert (title, relevance) == (plain(label), 'v.NAOK != "1"')
    assert question.text == plain(text)
    assert question.rows == {"a": plain(label), "b": plain(text)}
    assert question.answers == {"A0": plain(label), "A1": plain(text)}


@given(TEXTS, TEXTS)
def test_no_text_is_taken_for_an_expression(text: str, label: str) -> None:
    content = render_questionnaire(tiny(text, label), "limesurvey").decode("utf-8")
    assert not set("{}\\") & set(content)
