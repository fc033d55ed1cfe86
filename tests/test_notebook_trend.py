"""The page on what changed: its words, and when it is made."""

from dataclasses import replace

import pandas as pd
import pytest

from swtlib import load_wave, new_run
from swtlib.batch import plan_runs
from swtlib.batch.bundle import _files
from swtlib.batch.index import write_index
from swtlib.batch.inputs import _surveys
from swtlib.batch.pages import plan_pages
from swtlib.errors import ParameterError
from swtlib.results import Selection
from swtlib.wave import TeamChange


@pytest.fixture
def run():
    return new_run("trend", team="zwolle_oost", year=2016)


def beside(run, earlier, **facts):
    """The same page beside another earlier wave."""
    page = replace(run, wave=replace(run.wave, facts=replace(run.wave.facts, **facts)))
    page.__dict__["earlier"] = {
        earlier.year: Selection(wave=earlier, team=run.team, confidence=0.95)
    }
    return page


def test_page_of_the_first_wave_says_kindly_that_there_is_nothing_to_compare():
    first = new_run("trend", year=2015)
    assert "Er is geen meting van voor 2015" in first.trend_intro().html
    bakens = first.scale_changes(first.instrument("bakens"), groups=["bakens"])
    shown = [
        first.change_table(bakens, "bakens", title="t"),
        first.change_by_team(bakens, "bakens_team", title="t"),
        first.slopes(bakens, "bakens", title="t"),
        first.slopes_by_team(bakens, "bakens_team", title="t"),
        first.change_reading(bakens),
        first.invented_changes(),
        first.trend_provenance(),
        first.not_compared_table("niet"),
        first.paired_part(
            first.instrument("bakens"), "paar", groups=["bakens"], title="t"
        ),
    ]
    assert [piece.html for piece in shown] == [""] * len(shown)


def test_batch_leaves_the_page_out_of_the_first_wave():
    assert "trend" not in {job.name for job in plan_runs(year=2015)}
    assert {job.team for job in plan_runs(year=2016, notebooks=["trend"])} >= {"alle"}
    with pytest.raises(ParameterError, match="trend compares 2015 with an earlier"):
        plan_runs(year=2015, notebooks=["trend"])


def test_another_earlier_wave_makes_the_page_stale(monkeypatch):
    before = _surveys(2016)["data/raw before 2016"]
    monkeypatch.setattr("swtlib.project.wave_years", lambda: (2016,))
    assert _surveys(2016)["data/raw before 2016"] != before


def test_worker_elsewhere_gets_the_earlier_waves_but_no_later_one():
    later = {name for name, _ in _files(2016)}
    first = {name for name, _ in _files(2015)}
    for name in ("data/raw/2015/wave.toml", "data/processed/2015/respondents.parquet"):
        assert name in later & first
    assert not any("2016" in name for name in first if name.startswith("data/"))


def test_intro_names_the_waves_and_what_stands_in_the_way(run):
    told = run.trend_intro().html
    assert "77 professionals, simulatie) naast die van 66 professionals in 2015" in told
    assert "Zwolle-Zuid is sinds 2015 voor de helft of meer vernieuwd" in told
    assert "niet bekend hoeveel leden" in told
    assert "Alleen in" not in told


def test_intro_names_teams_of_one_year_and_where_they_came_from(run):
    then = load_wave(2015)
    there = then.respondents["team"] != "elburg"
    then = replace(then, respondents=then.respondents[there].reset_index(drop=True))
    split = TeamChange(
        team="elburg", kind="split", since=2015, from_teams=("zwolle_west",), text="Zo."
    )
    told = beside(run, then, team_changes=(split,)).trend_intro().html
    assert "Alleen in 2016 en niet in 2015 deed mee: Elburg" in told
    assert "Elburg is sinds 2015 gesplitst (eerder: Zwolle-West). Zo." in told


def test_team_that_was_too_small_gets_a_word_why():
    page = new_run("trend", team="apeldoorn", year=2016)
    told = page.trend_intro().html
    assert "Van Apeldoorn zijn er in 2015 minder dan 5 antwoorden" in told
    assert page.trend_group == "alle"


def test_table_has_both_origins_and_both_p_values(run):
    table = run.scale_changes(run.instrument("bakens"), groups=["bakens"])
    shown = run.change_table(table, "bakens", title="Bakens").html
    for text in ("reconstructie", "simulatie", "p (BH)", "p (Holm)", "2015", "2016"):
        assert text in shown
    assert "alle 16 vergelijkingen" in shown
    assert "&lt; 0,001" in shown
    read = run.change_reading(table).html
    assert "‘Niet vrijblijvend, maar resultaatgericht’ van 0,6" in read
    assert "2015 (reconstructie) en 2016 (simulatie) zijn verzonnen" in (
        run.invented_changes().html
    )
    assert run.change_by_team(table, "x", title="t").html == ""


def test_two_years_of_fieldwork_are_not_called_made_up(run):
    then = load_wave(2015)
    then = replace(then, facts=replace(then.facts, origin="fieldwork"))
    page = beside(run, then, origin="fieldwork")
    assert page.invented_changes().html == ""


def test_paired_part_says_why_it_is_not_there_or_who_is_left_out(run):
    bakens, say = run.instrument("bakens"), {"groups": ["bakens"], "title": "t"}
    told = run.paired_part(bakens, "paar", **say).html
    assert "niet per persoon aan elkaar te koppelen" in told
    waves = []
    for year in (2015, 2016):
        wave = load_wave(year)
        place = wave.respondents.groupby("team", observed=True).cumcount()
        names = wave.respondents["team"].astype("str") + place.astype("str")
        # of each team four are known: too few
        known = names.where(place < 4)
        few = replace(wave, respondents=wave.respondents.assign(person=known))
        every = replace(
            wave, respondents=wave.respondents.assign(person=names.where(place < 5))
        )
        waves.append((few, every))
    few = beside(replace(run, wave=waves[1][0]), waves[0][0])
    assert "Minder dan 5 mensen" in few.paired_part(bakens, "paar", **say).html
    every = beside(replace(run, wave=waves[1][1]), waves[0][1])
    told = every.paired_part(bakens, "paar", **say).html
    assert "Alleen wie in beide jaren antwoordde" in told
    assert "n in beide jaren" in told


def test_files_of_changes_hold_no_spread_of_a_small_team(run):
    table = run.scale_changes(run.instrument("bakens"), groups=["bakens"])
    run.change_table(table, "bakens", title="Bakens")
    path = run._path("tables", "bakens", ".csv")
    kept = pd.read_csv(path)
    assert kept[["sd_before", "sd_after"]].isna().all(axis=None)
    shown = kept[kept["n"] < 20].dropna(subset=["ci_low"])
    assert len(shown)
    assert shown[["df", "df_before", "df_after"]].min(axis=None) >= 20  # pooled
    assert kept["change"].round(2).equals(kept["change"])
    assert kept["p_value"].round(3).equals(kept["p_value"])


def test_pages_of_a_first_wave_name_no_trend(tmp_path, monkeypatch):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path))
    for year, there in ((2015, False), (2016, True)):
        jobs = plan_runs(year=year, teams=["alle"], notebooks=["respons"])
        (page,) = plan_pages(jobs).values()
        assert ("Trend" in {link.label for link in page.links}) is there
        made = tmp_path / str(year) / "alle" / "respons.html"
        made.parent.mkdir(parents=True)
        made.write_text("", "utf-8")
        front = write_index(year).read_text("utf-8")
        assert ("Wat is er veranderd" in front) is there  # the others are not made yet
