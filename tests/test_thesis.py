"""The project of a thesis: made whole, works at once, and tells what is wrong."""

import ast
import base64
import csv
import hashlib
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from docx import Document
from typer.testing import CliRunner

from swtlib import cli
from swtlib.batch import run_wave
from swtlib.codebook import load_codebook
from swtlib.effects import read_effects
from swtlib.errors import ParameterError
from swtlib.notebook import new_run
from swtlib.simulated_wave import write_simulation
from swtlib.thesis import check_project, make_thesis, wheel
from swtlib.thesis.make import TEMPLATE

NAME = "Scriptie Zoë één"
YEAR = 2027
STEPS = [
    *("stap_1_vraag", "steekproef", "stap_2_gegevens"),
    *("stap_3_schaal", "stap_4_vergelijking", "stap_5_lezing"),
]
TEMPLATES = sorted((TEMPLATE / "notebooks").glob("*.ipynb"))
EXPLAINED = ("**Wat gebeurt hier.**", "**Aanpassen.**", "**In SPSS.**")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with spaces and accents, and a project in it."""
    home = tmp_path_factory.mktemp("Mijn documenten é")
    make_thesis(NAME, folder=home, year=YEAR)
    return home


@pytest.fixture
def thesis(home, tmp_path, monkeypatch):
    """A copy of the project, to change; it is the project of this process."""
    copy = tmp_path / "Eigen map é" / NAME
    shutil.copytree(home / NAME, copy)
    for name in ("SWT_PROJECT", "SWT_PROCESSED", "SWT_OUTPUTS"):
        monkeypatch.delenv(name)
    monkeypatch.chdir(copy / "notebooks")  # where JupyterLab runs a notebook
    return copy


def change(path, *pairs):
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def cells(path):
    return json.loads(path.read_text("utf-8"))["cells"]


def source(cell):
    return "".join(cell["source"])


# --- making -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "a/b", "a\\b", "..", "~", ".thesis", "-a", "a ", " a", "a."),
        *("a:b", 'a"b', "a\nb", "CON", "nul", "Com1", "a" * 61, "café?", "_a"),
    ],
)
def test_a_name_that_cannot_be_a_folder_everywhere_is_refused(tmp_path, name):
    with pytest.raises(ParameterError, match="letters, cijfers, spaties"):
        make_thesis(name, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_name_with_accents_is_kept_in_one_spelling(tmp_path):
    made = make_thesis("Zoe\u0308 1", folder=tmp_path, year=YEAR)  # e and diaeresis
    assert made.name == "Zo\u00eb 1"
    assert "# Zo\u00eb 1" in (made / "LEESMIJ.md").read_text("utf-8")


@pytest.mark.parametrize("year", [2014, 2100])
def test_a_year_that_cannot_be_is_refused(tmp_path, year):
    with pytest.raises(ParameterError, match=f"Het jaar {year} kan niet"):
        make_thesis("Proef", folder=tmp_path, year=year)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_not_touched(tmp_path):
    (tmp_path / "Proef").mkdir()  # an empty one: a rename would take its place
    (tmp_path / "Vol").write_text("van mij", "utf-8")
    for name in ("Proef", "Vol"):
        with pytest.raises(ParameterError, match="bestaat al en blijft zoals het is"):
            make_thesis(name, folder=tmp_path, year=YEAR)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["Proef", "Vol"]
    assert (tmp_path / "Vol").read_text("utf-8") == "van mij"
    with pytest.raises(ParameterError, match=r"is er niet\. Maak hem eerst"):
        make_thesis("Proef", folder=tmp_path / "weg", year=YEAR)


def test_nothing_half_made_stays(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("swtlib.thesis.make.render_questionnaire", full)
    with pytest.raises(OSError, match="No space"):
        make_thesis("Proef", folder=tmp_path, year=YEAR)
    assert not list(tmp_path.iterdir())


def test_only_the_name_year_and_version_are_filled_in(home):
    made = home / NAME
    for path in made.rglob("*"):
        if path.suffix in (".md", ".toml", ".ipynb", ".txt", ".csv"):
            assert not re.search(r"@[A-Z]+@", path.read_text("utf-8")), path
    facts = (made / "data" / "raw" / str(YEAR) / "wave.toml").read_text("utf-8")
    assert f'title     = "{NAME}"' in facts
    other = home / "Ander"
    if not other.exists():
        make_thesis("Ander", folder=home, year=YEAR)
    for name in (
        "CHECKLIST.md",
        "codebook/bewoners.toml",
        "notebooks/steekproef.ipynb",
    ):
        assert (made / name).read_bytes() == (other / name).read_bytes()


def test_the_same_project_has_the_same_made_up_answers(home):
    place = f"data/raw/{YEAR}/verzonnen_antwoorden.csv"
    if not (home / "Ander").exists():
        make_thesis("Ander", folder=home, year=YEAR)
    assert (home / NAME / place).read_bytes() == (home / "Ander" / place).read_bytes()


def test_new_thesis_says_where_to_begin(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.app, ["new", "thesis", "Proef 1", "--year", "2027"])
    assert done.exit_code == 0, done.output
    assert "Proef 1/LEESMIJ.md" in done.output.replace("\\", "/")
    again = CliRunner().invoke(cli.app, ["new", "thesis", "Proef 1"])
    assert isinstance(again.exception, ParameterError)


# --- what is in it ------------------------------------------------------------------


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.stem)
def test_each_code_cell_is_explained_with_its_spss_equivalent(path):
    before = None
    n_code = 0
    for cell in cells(path):
        if cell["cell_type"] == "code":
            n_code += 1
            assert before is not None, path
            assert before["metadata"] == {"tags": ["hide"]}  # not on the page
            text = source(before)
            for heading in EXPLAINED:
                assert heading in text, text
            what = text.split(EXPLAINED[0])[1].split(EXPLAINED[1])[0].strip()
            assert len(re.findall(r"[.?!](?:\s|$)", what)) == 2, what  # two sentences
        before = cell
    assert n_code >= 4


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.stem)
def test_notebooks_of_a_thesis_compute_nothing_themselves(path):
    text = path.read_text("utf-8")
    for heading in ("**Vraag", "## Gegevens", "## Lezing", "## Herkomst"):
        assert heading in text or "stap_1" in path.stem, heading
    for cell in cells(path):
        if cell["cell_type"] != "code":
            continue
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        tree = ast.parse(source(cell).replace("@JAAR@", "2027"))
        kinds = {type(node) for node in ast.walk(tree)}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.BinOp}
        if "parameters" in cell["metadata"].get("tags", []):
            assert 'team: str = "alle"' in source(cell)
        if "new_run(" in source(cell):
            assert f'new_run("{path.stem}"' in source(cell)


def test_there_is_a_notebook_for_every_step():
    assert sorted(path.stem for path in TEMPLATES) == sorted(STEPS)


def test_questionnaire_holds_every_question(home):
    folder = home / NAME / "vragenlijst"
    book = load_codebook(home / NAME / "codebook")
    text = (folder / f"vragenlijst_{YEAR}_limesurvey.txt").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    questions = {row["name"] for row in rows if row["class"] == "Q"}
    parts = {row["name"] for row in rows if row["class"] == "SQ"}
    items = [item for _, item in book.items()]
    assert {item.question for item in items} <= questions
    assert {item.code for item in items if item.code} <= parts
    document = Document(str(folder / f"vragenlijst_{YEAR}.docx"))
    said = "\n".join(
        [p.text for p in document.paragraphs]
        + [c.text for t in document.tables for r in t.rows for c in r.cells]
    )
    for item in items:
        assert item.text in said, item.id


def test_the_checklist_names_what_an_ethics_board_asks():
    text = (TEMPLATE / "CHECKLIST.md").read_text("utf-8").lower()
    for word in (
        *("toestemming", "anoniem", "avg", "bewaartermijn", "steekproef", "respons"),
        *("kwetsbare mensen", "weinig antwoorden", "wie erbij mag"),
    ):
        assert word in text, word
    assert text.count("- [ ]") >= 30


def test_what_to_read_first_asks_the_python_that_is_needed():
    needs = importlib.metadata.metadata("swtlib")["Requires-Python"]
    oldest = needs.removeprefix(">=")
    text = (TEMPLATE / "LEESMIJ.md").read_text("utf-8")
    assert set(re.findall(r"\b3\.\d+\b", text)) == {oldest}
    assert f"Python {oldest} of nieuwer" in text


# --- swtlib travels along -----------------------------------------------------------


@pytest.fixture(scope="module")
def unpacked(home, tmp_path_factory):
    """What pip makes of the wheel in the project: its files, and nothing else."""
    place = tmp_path_factory.mktemp("site é")
    with zipfile.ZipFile(home / NAME / wheel.wheel_name()) as packed:
        packed.extractall(place)
    return place


def test_wheel_lists_exactly_its_files_with_their_fingerprints(home):
    with zipfile.ZipFile(home / NAME / wheel.wheel_name()) as packed:
        names = packed.namelist()
        (listed,) = [name for name in names if name.endswith(".dist-info/RECORD")]
        rows = list(csv.reader(io.StringIO(packed.read(listed).decode())))
        assert [row[0] for row in rows] == names
        for name, digest, size in rows:
            if name == listed:
                assert (digest, size) == ("", "")
                continue
            data = packed.read(name)
            code = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
            assert digest == "sha256=" + code.decode().rstrip("=")
            assert int(size) == len(data)
    assert "swtlib/thesis/template/notebooks/stap_1_vraag.ipynb" in names
    assert "swtlib/py.typed" in names
    assert not [name for name in names if "__pycache__" in name or "/." in name]


def test_wheel_says_what_swtlib_needs_and_how_it_starts(unpacked):
    (info,) = unpacked.glob("swtlib-*.dist-info")
    about = importlib.metadata.PathDistribution(info)
    own = importlib.metadata.distribution("swtlib")
    assert about.version == own.version
    assert about.requires == own.requires
    starts = {(e.group, e.name): e.value for e in about.entry_points}
    assert starts["console_scripts", "swt"] == "swtlib.cli:main"
    told = message_from_bytes((info / "WHEEL").read_bytes())
    assert (told["Wheel-Version"], told["Tag"]) == ("1.0", "py3-none-any")


def test_same_swtlib_gives_the_same_wheel(home):
    assert wheel.build_wheel() == (home / NAME / wheel.wheel_name()).read_bytes()
    assert (home / NAME / "requirements.txt").read_text("utf-8").splitlines()[-1] == (
        f"./{wheel.wheel_name()}"
    )


def fresh(folder, unpacked, *arguments):
    """Run a command as on another computer: with the swtlib of the wheel only."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SWT_")}
    code = (
        "import swtlib, sys; from swtlib.cli import main; "
        "print(swtlib.__file__); sys.argv[0] = 'swt'; main()"
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(unpacked), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_project_checks_itself_in_a_fresh_process(thesis, unpacked):
    done = fresh(thesis, unpacked, "check-project", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert Path(lines[0]).is_relative_to(unpacked)  # not the checkout of this test
    assert lines[1].startswith("goed  vragenlijst")
    assert "52 bewoners (verzonnen)" in lines[2]
    assert [line.split()[-1] for line in lines[3:-1]] == STEPS
    assert lines[-1].startswith("Alles werkt.")
    pages = thesis / "outputs" / str(YEAR) / "alle"
    for step in STEPS:
        page = (pages / f"{step}.html").read_text("utf-8")
        assert "verzonnen voorbeeld" in page, step  # on every page, not of fieldwork
        assert "In SPSS" not in page, step  # that is for who works in the notebook
        assert "team_id" not in page
    effects = read_effects(thesis)
    assert set(effects["study"]) == {"scriptie_zoe_een"}
    assert set(effects["origin"]) == {"simulation"}
    assert len(effects) == 4


def test_pages_of_residents_speak_of_them(thesis):
    report = run_wave(year=YEAR, teams=["noord"], progress="quiet")
    assert report.exit_code == 0, report
    of_professionals = re.compile(
        r"\b(leden|teams|teamgenoten|professionals)\b|klein team|alleen het wijkteam"
        "|Sociale"
    )
    folder = thesis / "outputs" / str(YEAR) / "noord"
    pages = {step: (folder / f"{step}.html").read_text("utf-8") for step in STEPS}
    for step, page in pages.items():
        text = re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
        assert not of_professionals.search(text), step
        assert f"Wijken {YEAR}" in text, step
    assert "aantal gevraagde bewoners" in pages["stap_3_schaal"]
    for step in ("stap_4_vergelijking", "stap_5_lezing"):
        assert "Dit gaat over alle wijken samen." in pages[step], step


# --- made into one's own ------------------------------------------------------------


def test_an_added_statement_works_through(thesis):
    item = '[[question.item]]\nid = "bw_nee_zeggen"'
    new = (
        '[[question.item]]\nid = "bw_op_tijd"\ncode = "optijd"\nlabel = "Op tijd"\n'
        'text = "Het wijkteam kwam op tijd."\n\n'
    )
    change(
        thesis / "codebook" / "bewoners.toml",
        (item, new + item),
        (
            'items = ["bw_zelf_beslissen", ',
            'items = ["bw_op_tijd", "bw_zelf_beslissen", ',
        ),
    )
    before = check_project(progress="quiet")
    assert before.exit_code == 1  # the answers do not have it yet
    assert "de vraag ‘Op tijd’ (wijkteam[optijd]) ontbreekt" in before.summary()
    write_simulation(YEAR)
    done = check_project(progress="quiet")
    assert done.exit_code == 0, done.summary()
    assert "15 vragen en zinnen" in done.summary()
    page = thesis / "outputs" / str(YEAR) / "alle" / "stap_3_schaal.html"
    assert "Op tijd" in page.read_text("utf-8")
    regie = new_run("proef", year=YEAR).instrument("bewoners").scales["regie"]
    assert regie.items[0].id == "bw_op_tijd"


def test_a_fault_in_the_codebook_is_one_clear_line(thesis):
    path = thesis / "codebook" / "bewoners.toml"
    change(path, ('items = ["bw_familie", ', 'items = ["bw_famillie", '))
    done = check_project(progress="quiet")
    assert done.exit_code == 1
    told = done.summary().splitlines()
    assert len(told) == 2
    assert told[0].startswith("FOUT  vragenlijst  bewoners.toml")
    assert "er is geen zin met de id ‘bw_famillie’. Bedoel je ‘bw_familie’?" in told[0]
    assert "Niet in orde: vragenlijst." in told[1]
    result = CliRunner().invoke(cli.app, ["check-project", "--quiet"])
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == told[0]


def test_a_fault_in_a_notebook_names_the_notebook_and_the_cell(thesis):
    path = thesis / "notebooks" / "stap_4_vergelijking.ipynb"
    change(path, (r"= \"bg_naaste\"", r"= \"bg_naste\""))
    done = check_project(progress="quiet")
    wrong = [line for line in done.lines if not line[1]]
    assert [line[0] for line in wrong] == ["notebook stap_4_vergelijking"]
    assert "geen keuzevraag ‘bg_naste’" in wrong[0][2]
    assert "Bedoel je ‘bg_naaste’?" in wrong[0][2]
    assert re.search(r"cel \[\d\] onder het kopje ‘Gegevens’\.$", wrong[0][2])


def test_own_answers_take_the_place_of_the_made_up_ones(thesis):
    raw = thesis / "data" / "raw" / str(YEAR)
    shutil.copy(raw / "verzonnen_antwoorden.csv", raw / "results-survey1.csv")
    facts = raw / "wave.toml"
    text = facts.read_text("utf-8")
    marked = [line for line in text.splitlines() if "AANPASSEN" in line and "=" in line]
    assert len(marked) == 4  # what LEESMIJ.md says: only these lines
    change(
        facts,
        ('origin    = "simulation"', 'origin    = "fieldwork"'),
        ("example   = true", ""),
        ('"verzonnen_antwoorden.csv"', '"results-survey1.csv"'),
        ('"nooit afgenomen: verzonnen voorbeeld"', '"3 tot 28 maart 2027"'),
    )
    result = CliRunner().invoke(cli.app, ["ingest", str(YEAR)])
    assert result.exit_code == 0, result.output
    assert "55 responses, 52 kept" in result.output
    done = check_project(progress="quiet")
    assert done.exit_code == 0, done.summary()
    assert "52 bewoners\n" in done.summary()
    for step in STEPS:
        page = thesis / "outputs" / str(YEAR) / "alle" / f"{step}.html"
        assert "verzonnen" not in page.read_text("utf-8"), step
    assert set(read_effects(thesis)["origin"]) == {"fieldwork"}


def test_a_small_project_shows_no_small_group(thesis):
    recipe = thesis / "data" / "raw" / str(YEAR) / "simulation.toml"
    change(recipe, ("noord = 30", "noord = 21"), ("zuid  = 22", "zuid = 4"))
    write_simulation(YEAR)
    done = check_project(progress="quiet")
    assert done.exit_code == 0, done.summary()
    tables = thesis / "outputs" / str(YEAR) / "alle" / "tables"
    n_checked = 0
    for path in tables.glob("*.csv"):
        text = path.read_text("utf-8-sig")
        if "respons" in path.stem:  # how many were asked and answered; no answers
            continue
        assert "zuid" not in text, path.name
        for row in csv.DictReader(io.StringIO(text)):
            for name in ("n", "n_first", "n_second"):
                if "steekproef" not in path.stem and row.get(name):
                    assert float(row[name]) >= 5, path.name
                    n_checked += 1
    assert n_checked >= 10  # something is shown, so that the check is one


def test_one_wijk_is_enough(thesis):
    teams = thesis / "codebook" / "teams.toml"
    teams.write_text(teams.read_text("utf-8").rpartition("[[team]]")[0], "utf-8")
    raw = thesis / "data" / "raw" / str(YEAR)
    change(raw / "wave.toml", ("zuid  = 150", ""))
    change(raw / "simulation.toml", ("zuid  = 22", ""))
    write_simulation(YEAR)
    done = check_project(progress="quiet")
    assert done.exit_code == 0, done.summary()


def test_check_project_needs_a_project(tmp_path, monkeypatch):
    for folder in ("data/raw", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    result = CliRunner().invoke(cli.app, ["check-project"])
    assert "niets te controleren" in str(result.exception)
