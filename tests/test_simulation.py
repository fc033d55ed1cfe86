from collections import Counter

import pandas as pd
import pytest

from swtlib.codebook import load_codebook
from swtlib.errors import CodebookError, ParameterError
from swtlib.examples import EXAMPLES_DIR
from swtlib.readers import read_export
from swtlib.simulation import simulate_answers, simulate_export
from swtlib.wave import ingest, load_wave

BOOKS = {
    "2015": load_codebook(),
    "bewoners": load_codebook(EXAMPLES_DIR / "bewoners" / "codebook"),
}
TEAMS = {"zwolle_noord": 20, "elburg": 7, "apeldoorn": 1}
FACTS = """
year = 2016
title = "Proef"
origin = "simulation"
export = "results.csv"

[members]
zwolle_noord = 26
elburg = 9
apeldoorn = "onbekend"
"""


def draw(book="2015", **options):
    given = {"year": 2015, "respondents": TEAMS, "seed": 1} | options
    return simulate_answers(BOOKS[book], **given)


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("seed", [1, 2, 77])
def test_simulate_answers_stays_within_what_may_be_answered(book, seed):
    answers = draw(book, seed=seed, broken_off=3)
    for _, item in BOOKS[book].columns(2015).values():
        if item.id == "bg_wijkteam" or item.response.kind == "text":
            continue
        given = answers[item.id].dropna()
        assert len(given), item.id
        for value in given:
            # encode and decode refuse what is out of range
            assert item.response.decode(item.response.encode(value)) == value, item.id


def test_simulate_answers_draws_the_people_that_were_asked_for():
    answers = draw(broken_off=3)
    completed = answers[answers["completed"]]
    assert Counter(completed["team"]) == TEAMS
    assert len(answers) == 28 + 3  # 20 + 7 + 1, and three who broke off
    last = max(i.page for i in BOOKS["2015"].instruments.values())
    assert set(completed["last_page"]) == {last}
    assert (answers.loc[~answers["completed"], "last_page"] < last).all()


def test_simulate_answers_is_the_same_for_the_same_seed():
    pd.testing.assert_frame_equal(draw(), draw())
    assert not draw()["bk_proactief"].equals(draw(seed=2)["bk_proactief"])


def test_simulate_answers_draws_these_numbers_on_every_machine():
    answers = draw("bewoners", respondents={"elburg": 6}, seed=4)
    # drawn once and written down: another platform or Python may not differ
    assert answers["bw_familie"].tolist() == [4, 3, 2, 2, 3, 1]
    lived = ["van_2", "van_2", "tot_2", "tot_2", "tot_2"]
    assert answers["bg_woonduur"].dropna().tolist() == lived


def test_simulate_answers_leaves_the_other_items_when_a_level_changes():
    low, high = draw(levels={"bk_proactief": 0.1}), draw(levels={"bk_proactief": 0.9})
    assert low["bk_proactief"].mean() < high["bk_proactief"].mean()
    others = low.columns.difference(["bk_proactief"])
    pd.testing.assert_frame_equal(low[others], high[others])


def test_simulate_answers_reverses_an_item_in_the_direction_of_its_scale():
    answers = draw(
        "bewoners",
        respondents={"elburg": 400},
        levels={"bw_vroeg_wie": 0.7, "bw_zonder_vragen": 0.7},
    )
    # 400 people, sd 0.22: a mean is within 0.05 of the level, give or take the
    # shift of the team (at most 0.1)
    assert 0.55 < answers["bw_vroeg_wie"].mean() / 4 < 0.85
    assert 0.15 < answers["bw_zonder_vragen"].mean() / 4 < 0.45  # 1 - 0.7


def test_simulate_answers_lets_the_items_of_a_scale_hang_together():
    answers = draw("bewoners", respondents={"elburg": 400})
    within = answers["bw_familie"].corr(answers["bw_buren"])
    between = answers["bw_familie"].corr(answers["bw_zelf_kunnen"])
    # (0.25 + 0.25) / 0.99 = 0.5 in a scale and 0.25 / 0.99 = 0.25 across, less
    # what whole points take away
    assert 0.35 < within < 0.6
    assert 0.1 < between < 0.4


def test_simulate_answers_does_not_ask_who_is_not_asked():
    answers = draw(respondents={"zwolle_noord": 60})
    leaders = answers["bg_functie"] == "teamleider"
    asked = answers["gd_cur_veilig"].notna()
    assert leaders.any()
    assert not asked[leaders].any()
    assert asked[~leaders].mean() > 0.9


def test_simulate_answers_never_leaves_open_what_decides_who_is_asked():
    answers = draw(respondents={"zwolle_noord": 400})
    assert answers["bg_functie"].notna().all()
    # 2% of 400 is 8 for an item
    assert 0 < answers["bk_proactief"].isna().sum() < 30
    assert 0 < answers["bg_geslacht"].isna().sum() < 30


def test_simulate_answers_draws_choices_by_weight():
    answers = draw(weights={"bg_geslacht": (0, 1)})
    assert set(answers["bg_geslacht"].dropna()) == {"man"}


def test_simulate_answers_invents_no_words():
    assert "open_nodig" not in draw()


def test_simulate_answers_draws_one_respondent():
    answers = draw(respondents={"apeldoorn": 1})
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"respondents": {"elbrug": 3}}, "Did you mean 'elburg'"),
        ({"respondents": {"elburg": -3}}, "'elburg' cannot have -3"),
        ({"respondents": {}}, "at least one respondent"),
        ({"respondents": {"elburg": 0}}, "at least one respondent"),
        ({"broken_off": -1}, "0 or more who break off"),
        ({"levels": {"bk_proactif": 0.5}}, "Did you mean 'bk_proactief'"),
        ({"levels": {"eigen_kracht": 1.5}}, r"eigen_kracht = 1.5 is not between"),
        ({"weights": {"bg_geslacht": (1,)}}, "'bg_geslacht' has 2 options, and 1"),
        ({"weights": {"bk_proactief": (1,)}}, "'bk_proactief' has 0 options"),
        ({"weights": {"bg_geslacht": (0, 0)}}, "not all 0"),
    ],
)
def test_simulate_answers_says_what_is_not_possible(options, message):
    with pytest.raises(ParameterError, match=message):
        draw(**options)


def test_simulate_answers_needs_the_team_question(tmp_path):
    (tmp_path / "teams.toml").write_text(
        '[[team]]\nid = "elburg"\nlabel = "Elburg"\ncode = "EB"\nmunicipality = "E"\n',
        "utf-8",
    )
    with pytest.raises(CodebookError, match="no item 'bg_wijkteam'"):
        simulate_answers(
            load_codebook(tmp_path), year=2015, respondents={"elburg": 1}, seed=1
        )


def test_simulate_export_of_the_full_codebook_can_be_ingested(project):
    folder = project / "data" / "raw" / "2016"
    folder.mkdir(parents=True)
    (folder / "wave.toml").write_text(FACTS, "utf-8")
    simulate_export(
        BOOKS["2015"],
        folder / "results.csv",
        year=2016,
        respondents=TEAMS,
        seed=5,
        broken_off=4,
    )
    wave = ingest(2016)
    assert (wave.n_responded, wave.n_dropped) == (32, 4)
    assert wave.respondents["team"].value_counts().to_dict() == TEAMS
    expected = draw(seed=5, year=2016, broken_off=4)
    kept = expected[expected["completed"]]
    for name in ("bk_proactief", "gd_cur_veilig", "comp_netwerken_have", "bg_leeftijd"):
        # rows come in the order of their visit: compare what does not depend on it
        assert Counter(load_wave(2016).respondents[name].dropna()) == Counter(
            kept[name].dropna()
        )


def test_simulate_export_looks_like_limesurvey(tmp_path):
    path = simulate_export(
        BOOKS["bewoners"],
        tmp_path / "results.csv",
        year=2020,
        respondents={"elburg": 9},
        seed=2,
        broken_off=6,
    )
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"id";"submitdate";"lastpage"')
    raw = read_export(path)
    assert (raw.tool, int(raw.completed.sum()), len(raw.cells)) == ("limesurvey", 9, 15)
    assert raw.cells["startdate"].str.startswith("2020-").all()
    # who stopped before page 2 has no answer there
    stopped = raw.cells[raw.cells["lastpage"] == "1"]
    assert len(stopped)
    assert (stopped["verbanden[familie]"] == "").all()
