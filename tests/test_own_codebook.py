"""A project that asks a questionnaire of its own, in its folder ``codebook``."""

import shutil

import pytest

from swtlib.batch.bundle import _files
from swtlib.codebook import CODEBOOK_DIR, codebook_dir, load_codebook, load_instrument
from swtlib.errors import CodebookError, IngestError, WaveError
from swtlib.examples import EXAMPLES_DIR
from swtlib.questionnaire import load_texts, write_questionnaire
from swtlib.simulated_wave import write_simulation
from swtlib.wave import ingest, load_wave

YEAR = 2016
HOME = EXAMPLES_DIR / "bewoners"


@pytest.fixture
def own(project):
    """A project that asks residents, not professionals."""
    shutil.copytree(HOME / "codebook", project / "codebook")
    (project / "codebook" / "questionnaire").mkdir()
    texts = (CODEBOOK_DIR / "questionnaire" / "texts.toml").read_text("utf-8")
    kept, _, _ = texts.partition("[stem]")
    title = kept.replace("Vragenlijst sociale wijkteams", "Bewoners aan het woord")
    path = project / "codebook" / "questionnaire" / "texts.toml"
    path.write_text(title, "utf-8")
    raw = project / "data" / "raw" / str(YEAR)
    raw.mkdir()
    for name in ("wave.toml", "results.csv"):
        shutil.copy(HOME / name, raw / name)
    return project


def test_project_without_a_codebook_asks_that_of_swtlib(project):
    assert codebook_dir() == CODEBOOK_DIR
    assert "bakens" in load_codebook().instruments


def test_outside_a_project_there_is_a_codebook_too(monkeypatch, tmp_path):
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))  # has no data/raw
    assert codebook_dir() == CODEBOOK_DIR


def test_project_asks_its_own_questionnaire(own):
    assert set(load_codebook().instruments) == {"achtergrond", "bewoners"}
    assert load_instrument("bewoners").scales["regie"].label.startswith("De bewoner")
    assert load_texts().title.startswith("Bewoners aan het woord")


def test_ingest_and_load_use_the_questionnaire_of_the_project(own):
    assert len(ingest(YEAR).respondents) == 62
    assert "bw_familie" in load_wave(YEAR).respondents


def test_wave_is_read_again_when_the_questionnaire_of_the_project_changes(own):
    load_wave(YEAR)
    path = own / "codebook" / "bewoners.toml"
    text = path.read_text("utf-8")
    label = 'label = "Hulp van buren"'
    assert label in text
    path.write_text(text.replace(label, 'label = "Buren"'), "utf-8")
    wave = load_wave(YEAR)
    assert wave.codebook.instruments["bewoners"].items["bw_buren"].label == "Buren"
    new = text.replace('code = "buren"', 'code = "buurt"')  # no such column
    path.write_text(new, "utf-8")
    with pytest.raises(IngestError, match=r"column 'verbanden\[buurt\]'.*is missing"):
        load_wave(YEAR)


def test_questionnaire_is_that_of_the_project(own, tmp_path):
    path = tmp_path / "vragenlijst.txt"
    written = write_questionnaire(YEAR, "limesurvey", path)
    items = {row.item for q in written.questionnaire.questions() for row in q.rows}
    assert "bw_familie" in items
    assert "Bewoners aan het woord 2016" in path.read_text("utf-8-sig")


def test_a_fault_is_told_with_the_file_of_the_project(own):
    path = own / "codebook" / "bewoners.toml"
    text = path.read_text("utf-8").replace('"bw_familie", ', '"bw_famillie", ', 1)
    path.write_text(text, "utf-8")
    with pytest.raises(
        CodebookError, match=r"bewoners.toml.*Did you mean 'bw_familie'"
    ):
        load_codebook()


def test_a_cluster_gets_the_questionnaire_of_the_project(own):
    names = dict(_files(YEAR))
    assert "codebook/bewoners.toml" in names
    assert "codebook/questionnaire/texts.toml" in names


RECIPE = """
seed = 7
broken_off = 2
[respondents]
zwolle_noord = 12
elburg = 9
"""


@pytest.fixture
def drawn(own):
    """The same project with answers that are drawn from its codebook."""
    raw = own / "data" / "raw" / str(YEAR)
    (raw / "results.csv").unlink()
    (raw / "simulation.toml").write_text(RECIPE, "utf-8")
    facts = raw / "wave.toml"
    text = facts.read_text("utf-8")
    assert '"results.csv"' in text
    text = text.replace('"results.csv"', '"verzonnen_antwoorden.csv"')
    facts.write_text(text, "utf-8")
    write_simulation(YEAR)
    return raw


def test_simulate_draws_from_the_codebook_of_the_project_alone(drawn):
    wave = load_wave(YEAR)
    counts = wave.respondents["team"].value_counts().to_dict()
    assert counts == {"zwolle_noord": 12, "elburg": 9}
    assert (wave.n_broken_off, wave.origin) == (2, "simulation")
    before = (drawn / "verzonnen_antwoorden.csv").read_bytes()
    write_simulation(YEAR)
    assert (drawn / "verzonnen_antwoorden.csv").read_bytes() == before


def test_simulate_follows_a_new_statement(drawn):
    path = drawn.parents[2] / "codebook" / "bewoners.toml"
    text = path.read_text("utf-8")
    item = '[[question.item]]\nid = "bw_buren"'
    new = '[[question.item]]\nid = "bw_nieuw"\ncode = "nieuw"\nlabel = "Nieuw"\n'
    assert item in text
    path.write_text(text.replace(item, f"{new}\n{item}", 1), "utf-8")
    with pytest.raises(IngestError, match=r"verbanden\[nieuw\]"):
        load_wave(YEAR)
    write_simulation(YEAR)
    assert load_wave(YEAR).respondents["bw_nieuw"].notna().sum() > 15


def test_simulate_names_a_team_that_is_not_there(drawn):
    (drawn / "simulation.toml").write_text(RECIPE.replace("elburg", "elberg"), "utf-8")
    with pytest.raises(WaveError, match=r"simulation\.toml.*'elberg'"):
        write_simulation(YEAR)


def test_made_up_answers_are_never_called_fieldwork(drawn):
    facts = drawn / "wave.toml"
    text = facts.read_text("utf-8").replace('= "simulation"', '= "fieldwork"', 1)
    facts.write_text(text.replace("example   = true", ""), "utf-8")
    with pytest.raises(WaveError, match="holds made-up answers"):
        load_wave(YEAR)


def test_own_answers_are_never_called_made_up(drawn, tmp_path):
    export = tmp_path / "results-survey1.csv"
    shutil.copy(drawn / "verzonnen_antwoorden.csv", export)
    before = (drawn / "verzonnen_antwoorden.csv").read_bytes()
    with pytest.raises(WaveError, match=r'export = "results-survey1\.csv"'):
        ingest(YEAR, export)
    assert (drawn / "verzonnen_antwoorden.csv").read_bytes() == before
