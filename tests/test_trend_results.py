"""What of a change may be shown, and of what: on the waves that are shipped."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from swtlib import load_wave
from swtlib.adjustment import adjust_bh
from swtlib.disclosure import MIN_CELL_N
from swtlib.errors import ParameterError
from swtlib.report_results import ReportResults
from swtlib.results import Selection
from swtlib.trend_results import TrendResults

TEAMS = ("zwolle_noord", "zwolle_oost", "zwolle_zuid", "zwolle_west", "elburg")
SMALL_THEN, SMALL_NOW = "apeldoorn", "wezep_oldebroek"
EXACT = 1e-12  # the same sum, in the same order


def trend(team="alle", *, wave=None, earlier=None):
    """A page of 2016, or of another wave beside others."""
    page = TrendResults(wave=wave or load_wave(2016), team=team, confidence=0.95)
    if earlier is not None:
        page.__dict__["earlier"] = {
            w.year: Selection(wave=w, team=team, confidence=0.95) for w in earlier
        }
    return page


def of_year(year, team):
    return ReportResults(wave=load_wave(year), team=team, confidence=0.95)


def with_persons(wave, names):
    people = wave.respondents.assign(person=pd.array(names, dtype="str"))
    return replace(wave, respondents=people)


def linked_waves(n_linked, *, team="zwolle_noord"):
    """Both waves, with so many of the first people of a team the same."""
    waves = []
    for year in (2015, 2016):
        wave = load_wave(year)
        own = (wave.respondents["team"] == team).to_numpy()
        names = [f"p{at}" if at < n_linked else None for at in range(own.sum())]
        everybody = np.full(len(own), None, dtype=object)
        everybody[own] = names
        waves.append(with_persons(wave, everybody))
    return waves


@pytest.mark.parametrize("team", ["alle", *TEAMS])
@pytest.mark.parametrize(
    ("name", "group"), [("bakens", "bakens"), ("groepsdynamica", "fasen")]
)
def test_change_shows_what_both_years_show_and_nothing_else(team, name, group):
    page = trend(team)
    instrument = page.instrument(name)
    shown = page.scale_changes(instrument, groups=[group], per_team=True).frame
    own = {
        when: of_year(year, team)
        .scale_means(instrument, group=group, per_team=True)
        .frame.set_index(["group", "variable"])
        for when, year in (("before", 2015), ("after", 2016))
    }
    for _, row in shown.iterrows():
        cells = [table.loc[row["group"], row["variable"]] for table in own.values()]
        hidden = any(cell["suppressed"] for cell in cells)
        if row["group"] != "alle":  # the total is here of the teams of both years
            assert row["suppressed"] == hidden
        if row["suppressed"]:
            assert pd.isna(
                row[["change", "mean_before", "mean_after", "p_value"]]
            ).all()
        elif row["group"] != "alle":
            means = [cell["mean"] for cell in cells]
            assert [row["mean_before"], row["mean_after"]] == pytest.approx(means)
            assert row["change"] == pytest.approx(means[1] - means[0], abs=EXACT)


def test_total_of_the_teams_follows_from_the_teams_that_are_shown():
    page = trend()
    table = page.scale_changes(
        page.instrument("bakens"), groups=["bakens"], per_team=True
    ).frame
    assert SMALL_THEN not in set(table["group"])
    for _, rows in table.groupby("variable"):
        teams, total = rows[rows["group"] != "alle"], rows[rows["group"] == "alle"]
        for when in ("before", "after"):
            n = teams[f"n_{when}"]
            mean = (n * teams[f"mean_{when}"]).sum() / n.sum()
            assert total[f"mean_{when}"].item() == pytest.approx(mean)


@pytest.mark.parametrize("team", [SMALL_THEN, SMALL_NOW])
def test_team_that_is_too_small_in_a_year_gets_the_change_of_all(team):
    page = trend(team)
    table = page.scale_changes(page.instrument("bakens"), groups=["bakens"])
    assert table.layout == "total"
    assert not page.trend_of_team
    assert (table.frame["n_after"] > MIN_CELL_N).all()


def test_p_values_are_adjusted_over_what_is_shown():
    page = trend("elburg")
    table = page.scale_changes(
        page.instrument("groepsdynamica"), groups=["fasen", "self_efficacy"]
    ).frame
    assert table["suppressed"].any()
    shown = table[~table["suppressed"]]
    assert shown["q_value"].to_numpy() == pytest.approx(adjust_bh(shown["p_value"]))
    assert (
        table.loc[table["suppressed"], ["p_value", "q_value", "p_holm"]]
        .isna()
        .all(axis=None)
    )


def test_change_that_was_built_in_is_found():
    # data/raw/2016/simulation.toml: resultaatgericht -0,10; nothing on eigen_kracht.
    page = trend()
    table = page.scale_changes(page.instrument("bakens"), groups=["bakens"]).frame
    table = table.set_index("variable")
    low, high = table.loc["resultaatgericht", ["ci_low", "ci_high"]]
    assert low < -0.10 < high < 0
    assert table.loc["resultaatgericht", "p_holm"] < 0.05
    assert table.drop(index="resultaatgericht")["q_value"].min() > 0.05


def test_expectation_is_compared_with_the_experience_that_names_it():
    page = trend()
    table = page.item_changes(page.instrument("ervaringen")).frame.set_index("variable")
    answers = [page.earlier[2015].base.respondents["exp_efficienter"]]
    answers.append(page.base.respondents["erv_efficienter"])
    change = (answers[1].mean() - answers[0].mean()) / 4
    assert table.loc["erv_efficienter", "change"] == pytest.approx(change)
    assert table.loc["erv_efficienter", "n_before"] == answers[0].count()


def test_what_cannot_be_compared_is_listed_and_not_compared():
    page = trend()
    listed = page.not_compared().frame
    assert set(listed["verdict"]) == {"with care", "not"}
    gone = listed[listed["verdict"] == "not"]
    assert (gone["why"] == "not asked in 2016").all()
    known = page._comparable(2015, "item")
    assert "exp_inzet_burgers_1" not in known.values()
    assert known["erv_prettig"] == "exp_prettig"


@pytest.mark.parametrize("mark", ["have", "want", "gap"])
def test_marks_change_as_on_the_pages_of_each_year(mark):
    page = trend("zwolle_oost")
    instrument = page.instrument("competenties")
    table = page.mark_changes(instrument, mark=mark).frame
    column = "gap" if mark == "gap" else f"mean_{mark}"
    keys = ["group", "variable"]
    then, now = (
        of_year(year, "zwolle_oost").gaps(instrument).frame.set_index(keys)[column]
        for year in (2015, 2016)
    )
    change = (now - then).reindex(pd.MultiIndex.from_frame(table[keys])).to_numpy()
    assert table["change"].to_numpy() == pytest.approx(change, nan_ok=True)
    assert table["change"].notna().any()


def test_mark_that_there_is_not_is_refused():
    page = trend()
    with pytest.raises(ParameterError, match="no mark 'wil'"):
        page.mark_changes(page.instrument("competenties"), mark="wil")


def test_first_wave_has_nothing_to_compare():
    page = trend(wave=load_wave(2015))
    bakens = page.instrument("bakens")
    assert page.earlier == {}
    assert len(page.scale_changes(bakens, groups=["bakens"])) == 0
    assert len(page.paired_changes(bakens, groups=["bakens"])) == 0
    assert len(page.not_compared()) == 0


def test_three_waves_are_compared_one_by_one():
    then, now = load_wave(2015), load_wave(2016)
    later = replace(now, facts=replace(now.facts, year=2017, team_changes=()))
    page = trend("zwolle_oost", wave=later, earlier=[now, then])
    table = page.scale_changes(page.instrument("bakens"), groups=["bakens"]).frame
    changes = table.groupby("year")["change"].apply(lambda change: change.abs().max())
    assert changes[2016] == 0
    assert changes[2015] > 0.05
    assert [change.team for change in page.team_changes(2015)] == ["zwolle_zuid"]
    assert page.team_changes(2016) == ()


def test_teams_of_one_year_are_named():
    then, now = load_wave(2015), load_wave(2016)
    gone = now.respondents[now.respondents["team"] != "elburg"].reset_index(drop=True)
    page = trend(wave=replace(now, respondents=gone), earlier=[then])
    assert page.teams_of_one_year(2015) == (["elburg"], [])


# --- the same people in both years -------------------------------------------


def test_paired_change_is_that_of_who_is_linked():
    then, now = linked_waves(10)
    page = trend("zwolle_noord", wave=now, earlier=[then])
    bakens = page.instrument("bakens")
    table = page.paired_changes(bakens, groups=["bakens"])
    # Nobody else is linked, so the others are hidden, and the team with them.
    assert table.frame["suppressed"].all()
    page = trend(wave=now, earlier=[then])
    frame = page.paired_changes(bakens, groups=["bakens"]).frame.set_index("variable")
    assert not {"mean_before", "mean_after"} & set(frame)
    row = frame.loc["direct_er_op_af"]
    scores = [
        page._scale_measure(bakens)(
            Selection(wave=wave, team="alle", confidence=0.95), ["direct_er_op_af"]
        ).by_person()["direct_er_op_af"]
        for wave in (then, now)
    ]
    gaps = [scores[1][f"p{at}"] - scores[0][f"p{at}"] for at in range(10)]
    assert row["change"] == pytest.approx(np.mean(gaps))
    assert (row["n"], row["n_before"], row["n_after"]) == (10, 66, 77)


@pytest.mark.parametrize(("n_linked", "hidden"), [(13, False), (14, True), (18, False)])
def test_paired_change_is_hidden_where_few_are_left_out(n_linked, hidden):
    # 18 people of Zwolle-Noord in 2015, 19 in 2016: beside the mean of everybody
    # the one to four who are not linked would follow.
    then, now = linked_waves(n_linked)
    same = (now.respondents["team"] == "zwolle_noord").to_numpy()
    if n_linked == 18:  # leave nobody of 2016 out either
        last = np.flatnonzero(same)[-1]
        kept = now.respondents.drop(index=last).reset_index(drop=True)
        now = replace(now, respondents=kept)
    page = trend(wave=now, earlier=[then])
    table = page.paired_changes(page.instrument("bakens"), groups=["bakens"]).frame
    row = table.set_index("variable").loc["direct_er_op_af"]
    full = then.respondents.groupby("team").size()["zwolle_noord"]
    assert full == 18
    assert row["suppressed"] == hidden


def test_fewer_than_five_pairs_are_not_shown():
    then, now = linked_waves(MIN_CELL_N - 1)
    page = trend(wave=now, earlier=[then])
    assert len(page.paired_changes(page.instrument("bakens"), groups=["bakens"])) == 0


def test_pseudonyms_in_one_year_only_link_nothing():
    then, now = linked_waves(10)
    page = trend(wave=now, earlier=[load_wave(2015)])
    assert len(page.paired_changes(page.instrument("bakens"), groups=["bakens"])) == 0
    page = trend(wave=load_wave(2016), earlier=[then])
    assert len(page.paired_changes(page.instrument("bakens"), groups=["bakens"])) == 0
