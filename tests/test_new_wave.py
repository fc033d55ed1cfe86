import pytest
from small_wave import FACTS, make_rows, write_export

from swtlib.codebook import load_codebook
from swtlib.errors import ParameterError, WaveError
from swtlib.new_wave import start_wave
from swtlib.wave import ingest, load_facts


def test_a_started_wave_has_all_teams_of_the_codebook(project):
    facts = load_facts(int(start_wave(2017).parent.name))
    assert facts.origin == "fieldwork"
    assert facts.members == dict.fromkeys(load_codebook().teams)


def test_a_started_wave_has_the_teams_of_the_wave_before(project):
    for year, team in ((2015, "apeldoorn"), (2016, "elburg"), (2018, "zwolle_oost")):
        folder = project / "data" / "raw" / str(year)
        folder.mkdir()
        (folder / "wave.toml").write_text(
            f'year = {year}\ntitle = "x"\norigin = "fieldwork"\nexport = "x.csv"\n'
            f"[members]\n{team} = 9\n",
            "utf-8",
        )
    start_wave(2017)
    assert load_facts(2017).members == {"elburg": None}  # its size may be another


def test_a_wave_that_is_there_is_never_replaced(project):
    path = start_wave(2017)
    path.write_text("mended", "utf-8")
    with pytest.raises(ParameterError, match="is there already"):
        start_wave(2017)
    assert path.read_text("utf-8") == "mended"
    with pytest.raises(ParameterError, match="17 is no year"):
        start_wave(17)


def test_a_wave_that_is_missing_says_how_to_start_it(project):
    with pytest.raises(WaveError, match="'swt start 2017' makes one"):
        load_facts(2017)


def test_an_export_is_taken_in_without_editing_a_file(project, key):
    write_export(project, make_rows(6))
    export = next((project / "data" / "raw").rglob("*.csv"))
    moved = export.rename(project / "download.csv")
    for facts in (project / "data" / "raw").rglob("wave.toml"):
        assert FACTS.split()[0] in facts.read_text("utf-8")
        facts.unlink()
    year = int(export.parent.name)
    start_wave(year)
    wave = ingest(year, moved)
    assert (wave.origin, len(wave.respondents)) == ("fieldwork", 5)
    assert (
        project / "data" / "raw" / str(year) / f"results-survey{year}.csv"
    ).is_file()
