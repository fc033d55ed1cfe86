"""The batch on a later wave: every page is made, and true for that year."""

import re
from pathlib import Path

import pandas as pd
import pytest

from swtlib.batch import run_wave

STORED = Path(__file__).parent / "data" / "tables_2016"
PRINTED_ATOL = 0.0101  # see test_notebooks
TEAMS = ("zwolle_west", "wezep_oldebroek")  # one of its own, one too small


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SWT_OUTPUTS", str(folder))
        report = run_wave(year=2016, teams=TEAMS, progress="quiet")
        assert report.exit_code == 0, report.summary()
        assert len(report.done) == 18  # 9 notebooks for 2 teams
    return folder / "2016"


def test_every_page_says_that_it_is_a_simulation(outputs):
    pages = sorted(outputs.rglob("*.html"))
    assert len(pages) == 19  # and the front page
    for page in pages:
        text = page.read_text("utf-8")
        said = "simulatie. Verzonnen antwoorden voor 2016"
        assert said in text or "verzonnen voorbeeld" in text, page
        assert "econstructie geeft" not in text, page
        assert "Deze reconstructie" not in text, page
        assert "Traceback" not in text, page


def test_no_page_points_into_a_report_that_is_not_of_its_year(outputs):
    for page in sorted(outputs.glob("*/*.html")):
        text = page.read_text("utf-8")
        assert not re.search(r"\((in het )?rapport: ", text), page


def test_page_of_deelvraag_2_speaks_of_experiences(outputs):
    text = (outputs / "zwolle_west" / "dv2_verwachtingen.html").read_text("utf-8")
    assert "Ik voel mij prettig bij de nieuwe manier van werken" in text
    assert "Ik zal mij prettig voelen" not in text
    assert "Inzet richting burgers: deze stellingen zijn in 2016 niet gevraagd" in text


def test_page_of_a_small_team_is_that_of_all_teams(outputs):
    for page in sorted((outputs / "wezep_oldebroek").glob("*.html")):
        if "dv4" not in page.name:
            text = page.read_text("utf-8")
            assert "minder dan 5 antwoorden" in text, page


@pytest.mark.parametrize("team", TEAMS)
def test_changes_are_as_stored(outputs, team):
    made = {path.name for path in (outputs / team / "tables").glob("trend_*.csv")}
    stored = {path.name: path for path in (STORED / team).glob("*.csv")}
    assert made == set(stored)
    for name, path in stored.items():
        table = pd.read_csv(outputs / team / "tables" / name)
        expected = pd.read_csv(path)
        pd.testing.assert_frame_equal(table, expected, rtol=0, atol=PRINTED_ATOL)


def test_changes_have_both_origins_and_no_small_group(outputs):
    for team in TEAMS:
        text = (outputs / team / "trend.html").read_text("utf-8")
        assert "Herkomst: reconstructie" in text
        assert "Herkomst: simulatie" in text
        assert "Zwolle-Zuid is sinds 2015" in text
        for path in (outputs / team / "tables").glob("trend_*.csv"):
            table = pd.read_csv(path)
            for column in (name for name in table if re.match(r"n($|_)", name)):
                assert not (table[column] < 5).any(), path.name
