import shutil
from collections import Counter
from dataclasses import replace

import pytest

import swtlib.examples
from swtlib.codebook import load_codebook
from swtlib.errors import CodebookError, IngestError, ParameterError, WaveError
from swtlib.examples import EXAMPLES_DIR, load_example, write_example
from swtlib.notebook import NotebookRun, new_run
from swtlib.wave import read_wave

HOME = EXAMPLES_DIR / "bewoners"
LINE = "Herkomst: verzonnen voorbeeld."


@pytest.fixture
def folder(tmp_path):
    """A copy of the example, to change."""
    return shutil.copytree(HOME, tmp_path / "bewoners")


@pytest.fixture
def run():
    """A page on the example, as if on the page of another wave."""
    return make_run("alle")


def make_run(team):
    wave = load_example(year=2015)
    return NotebookRun(name="proef", wave=wave, team=team, confidence=0.95)


def change(folder, old, new):
    facts = folder / "wave.toml"
    text = facts.read_text("utf-8")
    assert old in text
    facts.write_text(text.replace(old, new, 1), "utf-8")


def test_write_example_draws_the_committed_answers(tmp_path):
    drawn = write_example("bewoners", folder=tmp_path)
    # by line: a checkout on Windows may have changed the line ends
    committed = (HOME / "results.csv").read_text("utf-8")
    assert drawn.read_text("utf-8").splitlines() == committed.splitlines()


def test_load_example_gives_a_wave_that_says_it_is_invented():
    wave = load_example("bewoners")
    assert wave.origin == "simulation"
    assert wave.origin_line().startswith(LINE)
    assert len(wave.respondents) == 62  # 13 + 11 + 8 + 9 + 7 + 7 + 4 + 3
    assert (wave.n_responded, wave.n_dropped) == (67, 5)
    sources = {i.source for _, i in wave.codebook.items()}
    assert sources == {"verzonnen voorbeeld"}


def test_load_example_has_small_wijken_and_large_ones():
    sizes = Counter(load_example().respondents["team"])
    assert sum(n < 5 for n in sizes.values()) == 2
    assert sum(n >= 5 for n in sizes.values()) == 6


def test_load_example_has_a_wijk_for_every_wijkteam():
    # The page of a team looks for its wijk: a new team needs a wijk here too.
    wave = load_example()
    assert set(wave.members) == set(load_codebook().teams)
    for team in load_codebook().teams.values():
        assert wave.codebook.teams[team.id].label == team.label


@pytest.mark.parametrize("team", ["elburg", "apeldoorn"])
def test_page_of_a_team_that_a_survey_lacks_shows_all_together(monkeypatch, team):
    whole = load_example()
    teams = {name: t for name, t in whole.codebook.teams.items() if name != team}
    members = {name: n for name, n in whole.members.items() if name != team}
    rows = whole.respondents[whole.respondents["team"] != team]
    lacking = replace(
        whole,
        facts=replace(whole.facts, year=2015, members=members),
        codebook=replace(whole.codebook, teams=teams),
        respondents=rows.reset_index(drop=True),
    )
    monkeypatch.setattr(swtlib.examples, "load_example", lambda *_, **__: lacking)
    page = new_run("proef", team=team).example()
    told = page.intro().html
    label = load_codebook().teams[team].label
    assert f"Over wijk {label} heeft deze enquête geen gegevens." in told
    sizes = rows["team"].value_counts()
    small = int(sizes[sizes < 5].sum())  # one group together, or left out
    n = len(rows) - (small if small < 5 else 0)
    assert f"samen ({n} bewoners)" in told
    means = page.scale_means(page.instrument("bewoners"), group="bewoners")
    assert set(means.frame["group"]) == {"alle"}


def test_load_example_takes_the_year_of_the_page():
    assert load_example(year=2031).year == 2031
    assert load_example(year=2031).data_hash == load_example().data_hash


def test_load_example_names_the_examples():
    with pytest.raises(ParameterError, match="Did you mean 'bewoners'"):
        load_example("bewonrs")


def test_read_wave_finds_what_ingest_finds(folder):
    wave = read_wave(folder)
    assert wave.facts.place == "bewoners/wave.toml"
    assert wave.data_hash == load_example().data_hash
    assert wave.respondents.equals(load_example().respondents)


def test_read_wave_has_another_fingerprint_for_another_questionnaire(folder):
    with (folder / "codebook" / "bewoners.toml").open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert read_wave(folder).data_hash != load_example().data_hash


def test_read_wave_reads_own_answers_as_fieldwork(folder):
    change(folder, 'origin    = "simulation"', 'origin    = "fieldwork"')
    change(folder, "example   = true", "")
    assert read_wave(folder).origin_line() == (
        "Herkomst: antwoorden van bewoners, meting 2016."
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"simulation"', '"fieldwork"', "example = true goes with origin"),
        ("people  =", "persons =", r"\[words\]: unknown key 'persons'"),
        ("year      = 2016", 'year = "2016"', "must be a whole number"),
        ("elburg          = 24", "elberg = 24", "Did you mean 'elburg'"),
    ],
)
def test_read_wave_names_the_key(folder, old, new, message):
    change(folder, old, new)
    with pytest.raises(WaveError, match=f"bewoners/wave.toml.*{message}"):
        read_wave(folder)


def test_read_wave_needs_the_team_question(folder):
    file = folder / "codebook" / "achtergrond.toml"
    text = file.read_text("utf-8")
    assert 'id = "bg_wijkteam"' in text
    renamed = text.replace('id = "bg_wijkteam"', 'id = "bg_wijk"')
    file.write_text(renamed, "utf-8")
    with pytest.raises(CodebookError, match="no item 'bg_wijkteam'"):
        read_wave(folder)


def test_read_wave_says_that_the_facts_are_missing(folder):
    (folder / "wave.toml").unlink()
    with pytest.raises(WaveError, match=r"no bewoners/wave.toml"):
        read_wave(folder)


def test_read_wave_checks_the_answers(folder):
    export = folder / "results.csv"
    export.write_text(export.read_text("utf-8").replace('"A4"', '"A7"', 1), "utf-8")
    with pytest.raises(IngestError, match=r"results.csv, line .*'A7'.*A0-A4"):
        read_wave(folder)


def test_example_says_everywhere_that_it_is_invented(run):
    assert run.origin.startswith(LINE)
    assert "62 bewoners uit 8 wijken (verzonnen voorbeeld)" in run.intro().html
    assert "verzonnen voorbeeld" in run.provenance().html
    assert "professionals" not in run.intro().html + run.response_flow().html


def test_example_speaks_of_wijken(run):
    assert run.labels["alle"] == "alle wijken"
    elburg = make_run("elburg").intro().html
    assert "wijk Elburg (7 van de 24 uitgenodigde bewoners deden mee)" in elburg
    assert "andere wijken samen (55 bewoners" in elburg


def test_example_hides_a_small_wijk():
    small = make_run("apeldoorn")
    bewoners = small.instrument("bewoners")
    means = small.scale_means(bewoners, group="bewoners", per_team=True)
    assert set(means.frame["group"]) == {"alle"}
    assert "minder dan 5" in small.intro().html


def test_example_shows_six_wijken_beside_each_other(run):
    bewoners = run.instrument("bewoners")
    means = run.scale_means(bewoners, group="bewoners", per_team=True).frame
    # Two wijken are too small, together they are large enough; and alle.
    assert len(set(means["group"])) == 6 + 1 + 1
    assert "overige" in set(means["group"])
    total = means[means["group"] == "alle"]
    assert total["n"].max() == 62  # with the 4 and 3 of the small ones


def test_notebook_run_shows_the_example_and_a_survey_of_its_own(run, project):
    assert run.example().wave.respondents.equals(run.wave.respondents)
    target = shutil.copytree(HOME, project / "data" / "raw" / "2015" / "bewoners")
    with pytest.raises(WaveError, match="year = 2016, but this page is of 2015"):
        run.survey("bewoners")
    change(target, "year      = 2016", "year = 2015")
    assert len(run.survey("bewoners").wave.respondents) == 62
    with pytest.raises(WaveError, match=r"no buren/wave\.toml"):
        run.survey("buren")
