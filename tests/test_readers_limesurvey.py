"""All exports of one survey lead to the same answers, cell by cell."""

import csv
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from swtlib.readers import read_export
from swtlib.readers.limesurvey import ABOUT_RESPONSE
from swtlib.wave import read_wave

SAMPLES = Path(__file__).parent / "data" / "limesurvey"
WORK, EVERY, ANON = "werkbeleving_615243", "alle_vraagtypen_728164", "anoniem_391827"
# What the others are compared with: question codes, answer codes.
BASE = {
    WORK: "results_code_short_semicolon.csv",
    EVERY: "results_code_short_comma.csv",
    ANON: "results_code_short_semicolon.csv",
}
COUNTS = {WORK: (40, 31), EVERY: (14, 12), ANON: (16, 13)}
NOT_EXPORTS = ("structure_as_imported.txt", "*.lsa")
EXPORTS = sorted(
    path
    for survey in BASE
    for path in (SAMPLES / survey).iterdir()
    if path.is_file() and not any(path.match(other) for other in NOT_EXPORTS)
)
EXPORT_IDS = [f"{path.parent.name[:6]}-{path.name}" for path in EXPORTS]

OWN_WORDS = {
    "G": {"Vrouw": "F", "Female": "F", "Man": "M", "Male": "M", "N/A": ""},
    "Y": {"Ja": "Y", "Yes": "Y", "Nee": "N", "No": "N", "N/A": ""},
    "C": {"Ja": "Y", "Yes": "Y", "Nee": "N", "No": "N"},
    "E": {"Toenemend": "I", "Increase": "I", "Zelfde": "S", "Same": "S"},
    "M": {"Ja": "Y", "Yes": "Y", "Nee": "", "No": "", "N/A": ""},
}
OWN_WORDS["C"] |= {"Weet niet": "U", "Uncertain": "U"}
OWN_WORDS["E"] |= {"Afnemend": "D", "Decrease": "D"}
OWN_WORDS["P"] = OWN_WORDS["M"]
OTHER_WORDS = {"Overige": "-oth-", "Other": "-oth-"}
CONVERTED = {"Y": {"1": "Y", "2": "N"}, "M": {"1": "Y", "2": ""}}


@dataclass
class Question:
    """A question of the structure: its type, and code by label of each scale."""

    kind: str
    codes: list[dict[str, str]] = field(default_factory=lambda: [{}, {}])


def read_questions(survey):
    questions = {}
    path = SAMPLES / survey / "structure_as_imported.txt"
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["class"] == "Q":
                kind, name = row["type/scale"], row["name"]
                question = questions.setdefault(name, Question(kind))
            elif row["class"] == "A":
                question.codes[int(row["type/scale"])][row["text"]] = row["name"]
    return questions


def code_of(column, cell, questions, *, converted=False):
    """Translate a full answer to its code, as one who knows the questionnaire."""
    name, *rest = re.split(r"\[|\]\[|\]", column.rstrip("]"))
    question = questions.get(name)
    if question is None:
        return cell
    if rest and rest[0].endswith(("other", "comment")):
        return "" if converted and question.kind == "M" and cell == "2" else cell
    if converted:
        return CONVERTED.get(question.kind, {}).get(cell, cell)
    if question.kind in OWN_WORDS:
        return OWN_WORDS[question.kind].get(cell, cell)
    scale = int(rest[1]) - 1 if question.kind == "1" else 0
    return ({**question.codes[scale], **OTHER_WORDS} | question.codes[scale]).get(
        cell, cell
    )


def as_lost(text, ending):
    """What is left of a text in a format that cannot hold all of it."""
    if ending in (".dat", ".sps"):  # a space for a line break, no HTML
        text = re.sub(r"\s", " ", re.sub(r"<[^>]+>", "", text))
    return text.strip() if ending in (".dat", ".sps", ".sav") else text


@pytest.fixture(scope="module")
def base():
    return {survey: read_export(SAMPLES / survey / BASE[survey]) for survey in BASE}


def by_id(frame, raw):
    return frame.set_axis(raw.response_id, axis=0)


@pytest.mark.parametrize("path", EXPORTS, ids=EXPORT_IDS)
def test_every_export_has_the_same_answers(path, base):
    raw, expected = read_export(path), base[path.parent.name]
    questions = read_questions(path.parent.name)
    columns = [name for name in expected.cells if name in raw.cells]
    if "full" in path.name or "abbreviated" in path.name:
        # Without codes: LimeSurvey's order is fixed.
        columns = list(expected.cells)
        cells = raw.cells.set_axis(columns, axis=1)
    else:
        cells = raw.cells
        missing = set(expected.cells) - set(columns)
        assert missing <= {"uitleg"}  # text for display; .dat has no column for it
    cells = by_id(cells[columns], raw)
    wanted = by_id(expected.cells[columns], expected).loc[cells.index]
    if "vvexport" in path.name:  # it trims
        wanted = wanted.apply(lambda column: column.str.strip())
    found = pd.DataFrame(
        {
            name: [
                code_of(name, cell, questions, converted="convertYN" in path.name)
                for cell in column
            ]
            for name, column in cells.items()
        },
        index=cells.index,
    )
    lost = path.suffix
    pd.testing.assert_frame_equal(
        found.map(lambda text: as_lost(text, lost)),
        wanted.map(lambda text: as_lost(text, lost)),
        check_dtype=False,
    )


@pytest.mark.parametrize("path", EXPORTS, ids=EXPORT_IDS)
def test_every_export_has_the_same_responses(path, base):
    raw, expected = read_export(path), base[path.parent.name]
    n_responses, n_complete = COUNTS[path.parent.name]
    if "incomplete_only" in path.name:
        n_responses, n_complete = n_responses - n_complete, 0
    elif "complete_only" in path.name or "remotecontrol_long" in path.name:
        n_responses = n_complete
    assert len(raw.cells) == n_responses
    assert int(raw.completed.sum()) == n_complete
    wanted = by_id(expected.completed, expected)
    assert by_id(raw.completed, raw).equals(wanted.loc[raw.response_id])


@pytest.mark.parametrize("path", EXPORTS, ids=EXPORT_IDS)
def test_not_asked_is_never_more_than_what_the_database_has(path, base):
    raw, expected = read_export(path), base[path.parent.name]
    found, wanted = raw.not_asked, expected.not_asked
    columns = [name for name in wanted if name in found]
    if "full" in path.name or "abbreviated" in path.name:
        columns = list(wanted)
        found = found.set_axis(columns, axis=1)
    found = by_id(found[columns], raw)
    wanted = by_id(wanted[columns], expected).loc[found.index]
    blank = by_id(expected.cells[columns], expected).loc[found.index]
    blank = blank.apply(lambda column: column.str.isspace())
    assert not (found & ~wanted & ~blank).to_numpy().any()
    whole = re.search(
        r"short.*(csv|json)$|remotecontrol(_defaults)?\.|vvexport", path.name
    )
    if whole:
        assert found.equals(wanted)
    elif path.suffix in (".xlsx", ".sav", ".sps") or path.name.endswith(
        "data_file.dat"
    ):
        assert not found.to_numpy().any()
    else:
        assert found.to_numpy().any()


CODED = [
    path
    for path in EXPORTS
    if path.parent.name == WORK
    and not re.search("full|long|abbrev|convertYN|_only", path.name)
]
WAVE = """
year = 2026
title = "Proef"
origin = "simulation"
export = "results"
[members]
"""


@pytest.fixture
def survey(tmp_path):
    folder = tmp_path / "survey"
    shutil.copytree(SAMPLES / WORK / "codebook", folder / "codebook")
    teams = re.findall(
        r'^id = "(.+)"', (folder / "codebook/teams.toml").read_text(), re.M
    )
    members = "".join(f'{team} = "onbekend"\n' for team in teams)
    (folder / "wave.toml").write_text(WAVE + members, "utf-8")
    return folder


def make_wave(folder, path):
    """Read an export as a wave; its name says nothing about what it is."""
    (folder / "results").write_bytes(path.read_bytes())
    for further in read_export(path).beside:
        shutil.copy(further, folder)
    return read_wave(folder)


@pytest.mark.parametrize("path", CODED, ids=[path.name for path in CODED])
def test_every_export_with_codes_leads_to_the_same_wave(path, survey):
    expected = make_wave(survey, SAMPLES / WORK / BASE[WORK])
    wave = make_wave(survey, path)
    assert (wave.n_responded, len(wave.respondents)) == (40, 31)
    pd.testing.assert_frame_equal(wave.respondents, expected.respondents)


def test_full_headings_carry_the_same_wording_in_every_style():
    texts = []
    for name in (
        "results_codetext_long_semicolon.csv",
        "results_gui_defaults_full_long_comma.csv",
        "results_full_long_underscores_unmasked_htmlkept_comma.csv",
        "results_full_long.xlsx",
        "results_remotecontrol_long_full.csv",
    ):
        texts.append(list(read_export(SAMPLES / WORK / name).wording.values()))
    assert len(texts[0]) == 91
    assert (
        "Wat moet het eerst beter? (meer antwoorden mogelijk) [Computers & systemen]"
        in (texts[0])
    )
    assert all(text == texts[0] for text in texts)


@pytest.mark.parametrize(
    "suffix", ["_spss.sav", "_SPSS_data_file.dat", "_R_data_file.csv"]
)
def test_labels_fit_the_codes(suffix):
    raw = read_export(SAMPLES / EVERY / f"survey_728164{suffix}")
    assert raw.labels["mv"] == {"F": "Vrouw", "M": "Man"}
    assert raw.labels["janee"] == {"Y": "Ja", "N": "Nee"}
    assert raw.labels["jno[SQ001]"] == {"Y": "Ja", "N": "Nee", "U": "Weet niet"}
    assert raw.labels["meermin[SQ001]"] == {
        "I": "Toenemend", "S": "Zelfde", "D": "Afnemend"
    }  # fmt: skip
    assert raw.labels["meer[SQ001]"] == {"Y": "Ja"}
    assert raw.labels["flex[SQ001]"] == {"1": "oneens", "2": "neutraal", "3": "eens"}
    assert raw.labels["dubbel[SQ002][2]"]["10"] == "10"


def test_quotes_within_a_label_survive():
    for name in ("SPSS_syntax_file.sps", "R_syntax_file.R", "spss.sav"):
        raw = read_export(SAMPLES / WORK / f"survey_615243_{name}")
        assert raw.labels["team"]["T8"] == 'Flexpool "De Vlinders"'


def test_token_is_personal_and_dates_are_about_the_response():
    raw = read_export(SAMPLES / EVERY / "vvexport_728164.csv")
    assert raw.personal == {"token"}
    assert raw.about == {*ABOUT_RESPONSE}
