"""The plan over all pages, and an attacker who has all pages."""

from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from attacker import attack, released
from scipy import stats

from swtlib.batch import run_wave
from swtlib.disclosure import MIN_CELL_N, MIN_DISTRIBUTION_N
from swtlib.notebook import new_run
from swtlib.release_plan import (
    MIN_WIDTH,
    Scores,
    attack_interval,
    plan_release,
    tells_too_much,
    uneven_cells,
)
from swtlib.scoring import score_items
from swtlib.wave import load_wave

EXACT = 1e-6  # an interval this narrow is a recovered answer
LP = 1e-7  # what the solver leaves open

NO_PLAN = pd.DataFrame({"group": [], "variable": []}, dtype="str")


def scores(**teams):
    rows = [(team, float(v)) for team, values in teams.items() for v in values]
    frame = pd.DataFrame(rows, columns=["team", "a"])
    return Scores(frame=frame, bounds={"a": (0.0, 4.0)})


def closed(*tables, **options):
    found = plan_release(tables, **options)
    return sorted(zip(found["group"], found["variable"], strict=True))


def test_nothing_is_closed_where_nothing_tells():
    table = scores(a=[0, 1, 2, 3, 4], b=[1, 2, 3, 4, 0])
    assert closed(table) == []


def test_a_second_team_is_closed_beside_one_that_agrees():
    # b is the smallest of the others; with it 6 * 4 + 10 of 11 answers are known,
    # so that a can have (34 - 5 * 4) / 6 = 2.33 to 4.
    table = scores(a=[4] * 6, b=[1, 2, 3, 2, 2], c=[0, 1, 2, 3, 4, 2])
    assert closed(table) == [("a", "a"), ("b", "a")]
    assert attack_interval(34, 6, 5, (0, 4)) == pytest.approx((14 / 6, 4))


def test_two_teams_that_agree_alike_need_a_third():
    table = scores(a=[4] * 5, b=[4] * 5, c=[2, 2, 2, 2, 1], d=[0, 1, 2, 3, 4, 4])
    assert closed(table) == [("a", "a"), ("b", "a"), ("c", "a")]


def test_a_team_that_leaves_too_little_open_is_passed_by():
    # b is smaller, but 5 * 4 + 16 of at most 40 leaves a only 3.2 to 4: 0.2 of the
    # range, and 0.26 is needed. With c it can have (20 + 12 - 6 * 4) / 5 = 1.6 to 4.
    table = scores(a=[4] * 5, b=[4, 4, 4, 2, 2], c=[2, 2, 2, 2, 3, 1])
    assert closed(table) == [("a", "a"), ("c", "a")]


def test_too_few_answers_count_and_too_small_teams_have_no_page():
    few = scores(a=[1, 2, 3, 4, np.nan], b=[0, 1, 2, 3, 4], c=[0, 1, 2, 3, 3, 1])
    assert closed(few) == [("a", "a"), ("b", "a")]
    assert closed(scores(a=[1, 1, 1], b=[0, 1, 2, 3, 4])) == []


def test_nobody_answered_and_all_teams_agree():
    nobody = scores(a=[np.nan] * 5, b=[0, 1, 2, 3, 4])
    assert closed(nobody) == [("a", "a")]  # there is nothing to find
    same = scores(a=[2] * 5, b=[2] * 5)
    assert closed(same) == [("a", "a"), ("b", "a")]


def test_what_stands_in_one_row_is_closed_together():
    have = scores(a=[1, 2, 3, 4, 0], b=[1, 2, 3, 0, 1], c=[3, 1, 0, 2, 2])
    want = scores(a=[4, 4, 4, 4, 4], b=[1, 2, 3, 0, 1], c=[3, 1, 0, 2, 2])
    assert closed(have) == []
    assert closed(have, want) == closed(want) == [("a", "a"), ("b", "a")]


def test_a_scale_stays_where_its_items_are_closed():
    teams = ["a"] * 5 + ["b"] * 5 + ["c"] * 6
    one = [4.0, 4, 4, 4, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 2]
    other = [0.0, 1, 2, 3, 4, 4, 0, 1, 3, 2, 0, 1, 2, 3, 4, 0]
    frame = pd.DataFrame({"team": teams, "one": one, "other": other})
    frame["scale"] = (frame["one"] + frame["other"]) / 2
    table = Scores(frame=frame, bounds=dict.fromkeys(["one", "other", "scale"], (0, 4)))
    assert closed(table) == [("a", "one"), ("b", "one")]
    # Both items: beside the scale one would give the other. The sums of a: one 20,
    # other 10, together 30, so one can be 10 to 20: 0.5 of its range.
    linked = {"scale": ["one", "other"]}
    assert closed(table, linked=linked) == [
        *(("a", "one"), ("a", "other")),
        *(("b", "one"), ("b", "other")),
    ]
    # Where the scale leaves one too little room it is closed as well: 37 of 40.
    frame.loc[:4, "other"] = [4.0, 4, 4, 3, 2]
    frame["scale"] = (frame["one"] + frame["other"]) / 2
    assert ("a", "scale") in closed(table, linked=linked)


def test_a_scale_of_one_item_goes_with_it():
    table = scores(a=[4] * 6, b=[1, 2, 3, 2, 2], c=[0, 1, 2, 3, 4, 2])
    frame = table.frame.assign(scale=table.frame["a"])
    both = Scores(frame=frame, bounds={"a": (0.0, 4.0), "scale": (0.0, 4.0)})
    found = closed(both, linked={"scale": ["a"]})
    assert found == [("a", "a"), ("a", "scale"), ("b", "a"), ("b", "scale")]


@pytest.mark.parametrize(
    ("answers", "tells"),
    [
        # Distance to the end, less the farthest answer: 0.3 of 4 is 1.2 at least.
        ([4, 4, 4, 4, 4, 3], True),  # 1 - 1
        ([4, 4, 4, 4, 3, 3], True),  # 2 - 1: who gave a 3 knows that of the others
        ([4, 4, 4, 4, 4, 0], True),  # 4 - 4
        ([4, 4, 4, 3, 3, 3], False),  # 3 - 1 = 2
        ([0, 0, 0, 0, 2, 1], True),  # 3 - 2
        ([0, 0, 0, 2, 2, 0], False),  # 4 - 2 = 2
    ],
)
def test_a_sum_near_an_end_of_the_scale_tells_what_everybody_answered(answers, tells):
    others = {"b": [1, 2, 3, 0, 4], "c": [0, 1, 2, 3, 4, 2]}
    assert (("a", "a") in closed(scores(a=answers, **others))) == tells
    assert tells_too_much(np.array(answers, dtype=float), (0, 4)) == tells


def test_an_item_that_one_person_left_open_is_closed_beside_its_scale():
    # 2 * 11 - 10 - 8 = 4: the answer of the one who left the other item open.
    frame = pd.DataFrame({"team": ["a"] * 6 + ["b"] * 6 + ["c"] * 7})
    frame["one"] = [2.0, 1, 3, 0, 2, 4, 0, 1, 2, 3, 4, 2, 3, 2, 1, 0, 4, 2, 2]
    frame["other"] = [1.0, 2, 3, 0, 2, None, 4, 0, 1, 3, 2, 1, 3, 2, 1, 4, 0, 2, 1]
    frame["scale"] = frame[["one", "other"]].mean(axis=1)
    found = uneven_cells(frame, [("one", "scale"), ("other", "scale")])
    assert found.to_numpy().tolist() == [["a", "other"]]
    table = Scores(frame=frame, bounds=dict.fromkeys(["one", "other", "scale"], (0, 4)))
    linked = {"scale": ["one", "other"]}
    assert closed(table, linked=linked) == []
    hidden = closed(table, linked=linked, closed=found)
    assert {("a", "one"), ("a", "other")} <= set(hidden)
    assert ("a", "scale") not in hidden


def test_all_items_are_closed_where_everybody_has_one_score_on_the_scale():
    frame = pd.DataFrame({"team": ["a"] * 5 + ["b"] * 5 + ["c"] * 6})
    frame["one"] = [0.0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 2]
    frame["other"] = [4.0, 3, 2, 1, 0, 4, 0, 1, 3, 2, 0, 1, 2, 3, 4, 0]
    frame["scale"] = (frame["one"] + frame["other"]) / 2
    table = Scores(frame=frame, bounds=dict.fromkeys(["one", "other", "scale"], (0, 4)))
    found = closed(table, linked={"scale": ["one", "other"]})
    assert [name for team, name in found if team == "a"] == ["one", "other", "scale"]


def test_cells_of_another_plan_stay_closed():
    table = scores(a=[0, 1, 2, 3, 4], b=[1, 2, 3, 4, 0], c=[0, 1, 2, 3, 4, 4])
    before = pd.DataFrame({"group": ["a", "x"], "variable": ["a", "a"]})
    assert closed(table, closed=before) == [("a", "a"), ("b", "a")]


def attack_sum(table, open_teams):
    """Give the best intervals on the hidden means, from the total and the rest."""
    groups = table.frame.groupby("team")["a"]
    n, total = groups.count(), groups.sum()
    hidden = [t for t in n.index if t not in open_teams and n[t] > 0]
    known = total.sum() - total[list(open_teams)].sum()
    together = n[hidden].sum()
    return {
        team: attack_interval(known, n[team], together - n[team], (0.0, 4.0))
        for team in hidden
    }


def random_wave(draw):
    """Draw teams of all sizes, of which some nearly agree."""
    teams = {}
    for number in range(draw.integers(2, 12)):
        size = int(draw.integers(MIN_CELL_N, 20))
        steady = draw.random() < 0.4
        middle = draw.integers(0, 5)
        drift = draw.integers(-1, 2, size) * (draw.random(size) < 0.1)
        values = middle + drift if steady else draw.integers(0, 5, size)
        answers = np.clip(values, 0, 4).astype(float)
        answers[draw.random(size) < 0.05] = np.nan
        teams[f"t{number:02}"] = answers
    return scores(**teams)


def secrets(table):
    """Give the teams with few answers or one answer, by another way of counting."""
    groups = table.frame.groupby("team")["a"]
    own = groups.nunique().le(1) | groups.count().lt(MIN_CELL_N)
    return [team for team in own.index[own] if groups.count()[team] > 0]


def narrowest(table, hidden):
    """Give the narrowest interval of a secret, when some teams are hidden."""
    teams = table.frame["team"].unique()
    if set(teams) == set(hidden):
        return 4.0  # no page of a team shows it: there is only the total
    found = attack_sum(table, [team for team in teams if team not in hidden])
    return min((found[t][1] - found[t][0] for t in secrets(table)), default=4.0)


def test_no_random_wave_gives_a_hidden_team_away():
    draw = np.random.default_rng(2015)
    recovered = attacked = 0
    for _ in range(1000):
        table = random_wave(draw)
        hidden = [team for team, _ in closed(table)]
        assert narrowest(table, hidden) >= 4 * MIN_WIDTH - EXACT
        attacked += bool(secrets(table))
        recovered += narrowest(table, secrets(table)) < EXACT
    # Each table by itself does not help: the same attacker then has the answers.
    assert recovered > attacked / 3 > 100


# --- an attacker with the pages of every team --------------------------------


SHOWN = {
    "groepsdynamica": (
        lambda run, i: run.scale_means(
            i, group="fasen", per_team=True, with_items=True
        ),
        lambda run, i: run.scale_means(
            i, group="self_efficacy", per_team=True, with_items=True
        ),
        lambda run, i: run.scale_means(i, group="belang_fasen", with_items=True),
        lambda run, i: run.item_means(i),
    ),
    "bakens": (
        lambda run, i: run.scale_means(i, group="bakens"),
        lambda run, i: run.item_means(i),
    ),
    "verwachtingen": (lambda run, i: run.item_means(i),),
}


def all_pages(wave):
    """Every page of a run of all teams: one per team, and one of all."""
    return [new_run("proef", team=team) for team in ["alle", *wave.teams]]


def widths_of(name):
    """Attack everything that the pages show of one instrument."""
    runs = all_pages(new_run("proef").wave)
    known, linked = {}, {}
    instrument = runs[0].instrument(name)
    for show in SHOWN[name]:
        known |= released(runs, lambda run, show=show: show(run, instrument))
    for scale in instrument.scales.values():
        linked[scale.id] = [item.id for item in scale.items]
    return attack(runs[0], instrument, known, linked)


@pytest.mark.parametrize("name", SHOWN)
def test_attacker_with_every_page_finds_no_hidden_mean(name):
    widths = widths_of(name)
    assert all(width >= 1 - LP for width in widths.values()), widths


def test_attacker_finds_them_without_the_plan(monkeypatch):
    monkeypatch.setattr("swtlib._planned_wave.plan_release", lambda *_, **__: NO_PLAN)
    widths = widths_of("groepsdynamica")
    found = [cell for cell, width in widths.items() if width < EXACT]
    assert len(found) > 5, widths


# --- an attacker with the finished files ------------------------------------------

PAGES = {
    "dv1_samenwerking": "groepsdynamica",
    "dv3_bakens": "bakens",
}
ROUNDED = 0.005  # of a mean with two decimals


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Make the pages of all teams, and read every table that lies beside them."""
    folder = tmp_path_factory.mktemp("outputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SWT_OUTPUTS", str(folder))
        teams = [run.team for run in all_pages(load_wave(2015)) if not run.too_small]
        report = run_wave(
            year=2015, teams=teams, notebooks=list(PAGES), progress="quiet"
        )
        assert report.exit_code == 0
    tables = []
    for path in sorted(folder.glob("2015/*/tables/*.csv")):
        table = pd.read_csv(path)
        if {"group", "variable", "n", "mean"} <= set(table):
            notebook = next(name for name in PAGES if path.name.startswith(name))
            page = path.parent.parent.name
            several = table["group"].nunique() > 2
            table = table.assign(page=page, about=PAGES[notebook], several=several)
            tables.append(table[~table["suppressed"]])
    return pd.concat(tables, ignore_index=True)


def of_teams(files):
    """Give what is shown of single teams of which each answer could be a person."""
    own = files[~files["group"].isin(["alle", "andere"])]
    return own.drop_duplicates(["group", "variable"])


@pytest.mark.parametrize("name", PAGES.values())
def test_attacker_with_the_finished_files_finds_no_hidden_mean(files, name):
    run = new_run("proef")
    instrument = run.instrument(name)
    known = {}
    rows = files[
        (files["about"] == name) & ~(files["several"] & (files["group"] == "alle"))
    ]
    for row in rows.itertuples():
        group = f"not {row.page}" if row.group == "andere" else row.group
        known[group, row.variable] = (row.n, row.n * row.mean)
    linked = {s.id: [i.id for i in s.items] for s in instrument.scales.values()}
    widths = attack(run, instrument, known, linked, rounding=ROUNDED)
    assert all(width >= 1 - LP for width in widths.values()), widths


@cache
def answer_sets(n):
    """List how often each of the answers 0-4 can be given by n people."""
    ends = combinations(range(n + 4), 4)
    return np.array([np.diff([-1, *end, n + 4]) - 1 for end in ends])


def fitting(counts, mean):
    """Keep the answers that give a printed mean on 0-1."""
    means = counts @ np.arange(5) / 4 / counts.sum(axis=1)
    return counts[np.abs(means - mean) <= ROUNDED + EXACT]


def own_interval(counts, members):
    """Give the limits that a team's own spread would have, as printed."""
    n = counts.sum(axis=1)
    steps = np.arange(5) / 4
    means = counts @ steps / n
    squares = (counts * (steps - means[:, None]) ** 2).sum(axis=1)
    left = 1.0 if members is None else 1 - n / members
    half = stats.t.ppf(0.975, n - 1) * np.sqrt(squares / (n - 1) / n * left)
    limits = np.clip([means - half, means + half], 0, 1)
    return np.floor(limits * 100 + 0.5 + EXACT) / 100


def single_items(files, run):
    """Give the shown means of single statements, with the answers behind them."""
    for row in of_teams(files).itertuples():
        instrument = run.instrument(row.about)
        if row.variable in instrument.items and row.n < MIN_DISTRIBUTION_N:
            answers = run.base.answers(instrument)
            own = answers.loc[answers["team"] == row.group, row.variable].dropna()
            item = instrument.items[row.variable]
            if item.response.kind == "scale" and item.response.high == 4:
                scores = score_items(own.to_frame().assign(team="x"), (item,))
                yield row, np.bincount((scores[item.id] * 4).astype(int), minlength=5)


def test_no_shown_mean_names_the_answers_of_a_team(files):
    run = new_run("proef")
    shown = 0
    for row, true in single_items(files, run):
        n = int(row.n)
        sets = fitting(answer_sets(n), row.mean)
        assert (sets == true).all(axis=1).any()
        assert len(sets) > 1
        certain = (sets == sets[0]).all(axis=0) & (sets[0] > 0)
        assert not certain.any(), (row.group, row.variable)
        others = answer_sets(n - 1)
        for answer in np.flatnonzero(true):  # who gave it takes it off
            total = true @ np.arange(5) - answer
            assert (others @ np.arange(5) == total).sum() > 1, (row.group, row.variable)
        shown += 1
    assert shown > 100


def test_an_interval_with_the_own_spread_would_name_them(files):
    # The same attacker, if the tables had the interval of each team by itself.
    run = new_run("proef")
    named = shown = 0
    for row, true in single_items(files, run):
        members = run.base.population(run.instrument(row.about))[row.group]
        sets = fitting(answer_sets(int(row.n)), row.mean)
        printed = own_interval(true[None], members)
        same = (np.abs(own_interval(sets, members) - printed) < EXACT).all(axis=0)
        assert same.any()
        named += same.sum() == 1
        shown += 1
    assert named > shown / 10


def test_intervals_of_teams_are_the_same_whatever_a_team_answers(files):
    # Half a width depends on n, the members and one number per statement.
    run = new_run("proef")
    rows = of_teams(files).query(
        "interval == 't' and ci_low > 0.005 and ci_high < 0.995"
    )
    assert len(rows) > 100
    for (about, _), same in rows.groupby(["about", "variable"]):
        members = run.base.population(run.instrument(about))
        known = [members[team] for team in same["group"]]
        factor = np.sqrt(1 / same["n"] - 1 / np.array(known, dtype=float))
        half = (same["ci_high"] - same["ci_low"]) / 2
        low, high = (half - ROUNDED) / factor, (half + ROUNDED) / factor
        assert low.max() <= high.min() + EXACT


def test_a_team_page_has_no_spread_of_few(files):
    assert of_teams(files)["sd"].isna().all()
    assert files.loc[files["group"] == "andere", "sd"].isna().all()
