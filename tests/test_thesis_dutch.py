"""What a student reads when a project has a fault: Dutch, and what to do."""

import ast
import errno
import re
from pathlib import Path

import pytest

import swtlib
from swtlib.codebook import load_codebook
from swtlib.errors import IngestError
from swtlib.readers import read_export
from swtlib.thesis import check_project, make_thesis
from swtlib.thesis.dutch import FORMS, in_dutch

SOURCE = Path(swtlib.__file__).parent
YEAR = 2027
# Where the messages come from that a student's own changes lead to.
MODULES = (
    *("_toml_table", "_codebook_files", "questionnaire/build"),
    *("batch/parameters", "batch/lock", "group_results"),
)
# A fault in a file that no student writes, or of another command.
NOT_MET = (
    *("placeholder", "asked_of", "labels for", "[wording]", "[stem]", "format"),
    *("parameters cell is", "needs exactly", "is not 'name", "such as"),
)
ENGLISH = re.compile(
    r"\b(the|and|not|must|missing|there|found|denied|space|mean|with|add|line|cell)\b",
    re.IGNORECASE,
)


def text_of(node):
    """Write an expression as its message would read, with x for every value."""
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(text_of(value) for value in node.values)
        case ast.BinOp(op=ast.Add()):
            return text_of(node.left) + text_of(node.right)
        case ast.FormattedValue():
            code = ast.unparse(node.value)
            tail = "did_you_mean" in code or code == "hint"
            return "" if tail else "1" if "len(" in code or code == "min_valid" else "x"
    return ""


def messages(module):
    """Give the messages that a module raises."""
    for node in ast.walk(ast.parse((SOURCE / f"{module}.py").read_text("utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            text = text_of(node.exc.args[0]) if node.exc.args else ""
            if text and not any(word in text for word in NOT_MET):
                yield text


@pytest.mark.parametrize("module", MODULES)
def test_every_message_that_a_student_meets_has_its_dutch(module):
    found = list(messages(module))
    assert found
    for message in found:
        for line in message.splitlines():
            assert "laat deze regel" not in in_dutch(line), line


@pytest.fixture
def thesis(tmp_path, monkeypatch):
    """A project, which is the one of this process."""
    made = make_thesis("Proef é", folder=tmp_path, year=YEAR)
    for name in ("SWT_PROJECT", "SWT_PROCESSED", "SWT_OUTPUTS"):
        monkeypatch.delenv(name)
    monkeypatch.chdir(made)
    return made


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


WAVE = f"data/raw/{YEAR}/wave.toml"
FAULTS = [
    ("codebook/bewoners.toml", "\n[[scale]]", "\n[[scale]", "op regel"),
    ("codebook/bewoners.toml", "[[scale]]\nid", "[[scale]]\nidee", "‘idee’"),
    ("codebook/bewoners.toml", "labels", "label", "bewoners.toml"),
    ("codebook/bewoners.toml", "bw_buren", "bw_familie", "twee keer"),
    ("codebook/teams.toml", 'id = "noord"', 'id = "Noord"', "kleine letters"),
    ("codebook/achtergrond.toml", "bg_wijkteam", "bg_wijk", "bg_wijkteam"),
    (WAVE, "noord = 180", "noord = 18", "in ‘noord’ zijn er 30 antwoorden"),
    (WAVE, "noord = 180\n", "", "ontbreekt ‘noord’"),
    (WAVE, "noord = 180", "noort = 180", "Bedoel je ‘noord’?"),
    (WAVE, '"simulation" ', '"simulatie" ', "‘simulatie’"),
    (WAVE, '"simulation" ', '"fieldwork" ', "example = true"),
    (WAVE, '"verzonnen_antwoorden.csv"', '"mijn.csv"', "mijn.csv staat niet in de map"),
    (WAVE, f"year      = {YEAR}", "year = 2026", "Maak ze gelijk"),
]


@pytest.mark.parametrize(("place", "old", "new", "told"), FAULTS)
def test_a_fault_is_told_in_dutch_with_what_to_do(thesis, place, old, new, told):
    change(thesis / place, old, new)
    done = check_project()
    assert done.exit_code == 1
    (said,) = [line[2] for line in done.lines if not line[1]]
    assert told in said
    assert "laat deze regel" not in said
    assert not ENGLISH.search(re.sub(r"[‘“][^’”]*[’”]", "", said)), said


def test_a_codebook_that_reads_well_needs_no_dutch(thesis):
    assert load_codebook(thesis / "codebook").teams  # the faults above are the change


HEAD = '"id","submitdate","wt_1"\n'
ROW = '"1","2027-03-01 10:00:00","4"\n'
EDITED = [
    ("", "beschadigd of veranderd"),
    (HEAD, "geen antwoorden"),
    (HEAD + ROW + ROW.replace("2027-03-01 10:00:00", "1-3-2027 10:00"), "Excel"),
    (HEAD + ROW + ROW.replace('"1"', '"Totaal"'), "regel 3: bij ‘id’ hoort een nummer"),
    (HEAD + '"1","2027-03-01 10:00:00","één"\n', "in Excel bewaard"),
    (HEAD + '"1","2027-03-01 10:00:00","ja\n', "veranderd"),
    (HEAD.replace('"id",', "") + ROW, "‘id’ ontbreekt"),
    (HEAD.replace("wt_1", "id") + ROW, "‘id’ staat er twee keer"),
    (HEAD.replace("wt_1", "") + ROW, "kolom 3 heeft geen naam"),
    (HEAD + 60 * '"1","2027-03-01 10:00:00"\n', "… en nog 10 van zulke regels."),
    ("%PDF-1.7", "als CSV, met question code"),
]


@pytest.mark.parametrize(("text", "told"), EDITED)
def test_an_export_that_was_edited_is_told_in_dutch(tmp_path, text, told):
    path = tmp_path / "mijn.csv"
    path.write_bytes(text.encode("cp1252"))
    with pytest.raises(IngestError) as fault:
        read_export(path)
    said = in_dutch(fault.value)
    assert told in said
    assert "laat deze regel" not in said
    assert not ENGLISH.search(said.replace("question code", "")), said


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "x/y.csv"), "y.csv: er is"),
        (OSError(errno.ENOSPC, "No space left on device"), "De schijf is vol."),
        ("its page and tables could not be written: Permission denied", "toestemming"),
        ("NameError: name 'rnu' is not defined", "‘rnu’ bestaat niet."),
        ("SyntaxError: '(' was never closed (1234.py, line 3)", "tikfout"),
        ("KeyError: 'regy'", "de naam 'regy' bestaat niet"),
        ("the cell took longer than 600 s", "te lang"),
        ("x.toml, scale 'a': there is no item 'b'. There is: c.", "onderwerp ‘a’"),
        (
            "No project found in /x or above it: a project has the folders data/raw "
            "and notebooks. Go to your project folder, or set SWT_PROJECT.",
            "LEESMIJ.md",
        ),
        ("a.csv, line 3: 4 cells. Download the file again.", "a.csv, regel 3: dit"),
        (
            "a.csv, lines 2, 3: column 'id' has the same value 2 times; each response "
            "has its own. Remove the copies and keep one.",
            "a.csv, regels 2, 3: bij ‘id’ staat 2 keer hetzelfde nummer.",
        ),
        (
            "a.csv, line 2, column 'wt[1]' (Op tijd): a text is not allowed, only 0-4. "
            "Correct the export.",
            "a.csv, regel 2, vraag ‘Op tijd’: deze tekst kan niet, alleen 0-4.",
        ),
    ],
)
def test_in_dutch_says_system_and_python_faults_too(fault, told):
    assert told in in_dutch(fault)
    assert not ENGLISH.search(in_dutch(fault))


def test_a_message_that_is_not_known_is_kept_for_who_helps():
    told = in_dutch("bewoners.toml, item 'a': something new is wrong.")
    assert told.startswith("bewoners.toml, zin ‘a’: hier klopt iets niet.")
    assert told.endswith("“bewoners.toml, item 'a': something new is wrong.”")


def test_no_form_is_empty_or_asks_for_what_it_does_not_find():
    for form, told in FORMS.items():
        names = set(re.findall(r"{(\w+)}", told))
        assert names <= set(re.compile(form).groupindex), form
