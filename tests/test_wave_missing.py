"""Why an answer is missing: what the questionnaire says, and what the file says."""

import shutil
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from swtlib.errors import WaveError
from swtlib.examples import load_example
from swtlib.notebook import new_run
from swtlib.project import raw_dir
from swtlib.wave import MISSING, load_wave, read_wave

RAW_2015 = raw_dir(2015)
SURVEY = Path(__file__).parent / "data" / "limesurvey" / "werkbeleving_615243"


def survey(folder, export, *, broken_off=True):
    """Read an export of a real LimeSurvey; perhaps also who broke off."""
    shutil.copytree(SURVEY / "codebook", folder / "codebook")
    shutil.copy(SURVEY / export, folder)
    teams = tomllib.loads((SURVEY / "codebook" / "teams.toml").read_text("utf-8"))
    members = "\n".join(f"{team['id']} = 30" for team in teams["team"])
    (folder / "wave.toml").write_text(
        'year = 2026\ntitle = "Proef"\norigin = "simulation"\n'
        f'export = "{export}"\n[members]\n{members}\n[drop]\n'
        f"broken_off = {'true' if broken_off else 'false'}\n",
        "utf-8",
    )
    return read_wave(folder)


def counted(wave):
    items = [name for name in wave.respondents if name not in ("respondent_id", "team")]
    told = wave.why_missing(items)
    # whatever the reason: what is there is answered, and nothing else is
    assert ((told == "answered") == wave.respondents[items].notna()).all(axis=None)
    return Counter(told.to_numpy().ravel().tolist())


def test_why_missing_of_2015_is_not_asked_or_left_open():
    wave = load_wave(2015)
    told = wave.why_missing(["gd_cur_veilig", "bk_proactief"])
    leaders = wave.respondents["bg_functie"] == "teamleider"
    # six teamleiders were not asked; Apeldoorn and Wezep left it open, one each
    assert (told.loc[leaders, "gd_cur_veilig"] == "not asked").all()
    assert told["gd_cur_veilig"].value_counts().to_dict() == {
        "answered": 58,
        "not asked": 6,
        "left open": 2,
        "not applicable": 0,
        "not reached": 0,
        "unknown": 0,
    }
    assert (told["bk_proactief"] == "answered").all()


def test_why_missing_keeps_a_missing_code_apart_from_left_open(tmp_path):
    home = load_example().facts.folder
    shutil.copytree(home, tmp_path / "bewoners")  # A9: I do not know
    export = tmp_path / "bewoners" / "results.csv"
    before = counted(read_wave(export.parent))
    export.write_text(export.read_text("utf-8").replace('"A4"', '"A9"', 3), "utf-8")
    after = counted(read_wave(export.parent))
    dropped = before["answered"] - after["answered"]
    assert 1 <= dropped <= 3  # one of the three may be of who broke off
    assert after["not applicable"] == dropped
    assert after["left open"] == before["left open"]


def test_why_missing_says_what_was_not_reached_where_the_file_tells(tmp_path):
    wave = survey(tmp_path, "results_code_short_comma.csv", broken_off=False)
    reasons = counted(wave)
    assert reasons["not reached"] > 0
    assert reasons["unknown"] == 0
    only_completed = survey(tmp_path / "completed", "results_code_short_comma.csv")
    assert counted(only_completed)["not reached"] == 0


def test_why_missing_says_that_a_file_does_not_tell(tmp_path):
    wave = survey(tmp_path, "results_code_short.xlsx", broken_off=False)
    reasons = counted(wave)
    assert reasons["not reached"] == 0
    assert reasons["unknown"] > 0


def test_why_missing_follows_the_respondents_that_are_left():
    wave = load_wave(2015)
    told = wave.why_missing(["gd_cur_veilig"])["gd_cur_veilig"]
    kept = wave.respondents["team"] != "apeldoorn"
    fewer = replace(wave, respondents=wave.respondents[kept].reset_index(drop=True))
    again = fewer.why_missing(["gd_cur_veilig"])["gd_cur_veilig"]
    assert again.tolist() == told[kept].tolist()


def test_why_missing_names_an_item_without_answers():
    with pytest.raises(WaveError, match=r"no answers to 'bk_proaktief'.*bk_proactief"):
        load_wave(2015).why_missing(["bk_proaktief"])


def test_why_missing_wants_an_export():
    made = replace(load_wave(2015), missing=None)
    with pytest.raises(WaveError, match="Ingest its export again"):
        made.why_missing(["bk_proactief"])


@pytest.mark.parametrize("year", [2015, 2016])
def test_missing_counts_add_up_to_all_questions_of_all_who_count(year):
    run = new_run("proef", year=year)
    table = run.missing_counts().frame.set_index("why")
    answers = run.base.respondents.drop(columns=["respondent_id", "team"])
    assert table["answers"].sum() == answers.size
    assert table["share"].sum() == pytest.approx(1)
    assert table.loc["beantwoord", "answers"] == answers.notna().to_numpy().sum()
    leaders = (answers["bg_functie"] == "teamleider").sum()
    assert table.loc["niet gevraagd", "answers"] == 24 * leaders  # group dynamics
    assert "niet bereikt" not in table.index  # nobody who broke off counts


def test_missing_table_shows_the_reasons(tmp_path, monkeypatch):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path))
    shown = new_run("proef").missing_table("x", title="Waarom").html
    assert "opengelaten" in shown
    assert "niet gevraagd" in shown


def test_a_wave_of_before_is_ingested_again(project):
    folder = project / "data" / "raw" / "2015"
    shutil.copytree(RAW_2015, folder)
    load_wave(2015)
    kept = project / "data" / "processed" / "2015" / MISSING
    kept.unlink()
    load_wave(2015)
    assert kept.is_file()


def test_a_pseudonym_is_no_question():
    # an export with tokens gives a column "person", which nobody was asked
    run = new_run("respons", year=2015)
    people = run.wave.respondents.assign(person="p1")
    linked = replace(run, wave=replace(run.wave, respondents=people))
    counts = linked.missing_counts().frame
    assert counts.equals(run.missing_counts().frame)
    with pytest.raises(WaveError, match="no answers to 'person'"):
        linked.wave.why_missing(["person"])
