"""The plan over all pages, and an attacker who has all pages."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from swtlib.disclosure import MIN_CELL_N
from swtlib.notebook import new_run
from swtlib.release_plan import MIN_WIDTH, Scores, attack_interval, plan_release
from swtlib.scoring import score_bounds, score_items, score_scales

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
    # b is smaller, but 5 * 4 + 19 of at most 40 leaves a only 3.8 to 4: 0.05 of
    # the range. With c it can have (20 + 12 - 6 * 4) / 5 = 1.6 to 4.
    table = scores(a=[4] * 5, b=[4, 4, 4, 4, 3], c=[2, 2, 2, 2, 3, 1])
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


def test_a_scale_is_closed_where_one_of_its_items_is():
    teams = ["a"] * 5 + ["b"] * 5 + ["c"] * 6
    one = [4.0, 4, 4, 4, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 2]
    other = [0.0, 1, 2, 3, 4, 4, 0, 1, 3, 2, 0, 1, 2, 3, 4, 0]
    frame = pd.DataFrame({"team": teams, "one": one, "other": other})
    frame["scale"] = (frame["one"] + frame["other"]) / 2
    table = Scores(frame=frame, bounds=dict.fromkeys(["one", "other", "scale"], (0, 4)))
    assert closed(table) == [("a", "one"), ("b", "one")]
    assert closed(table, linked={"scale": ["one", "other"]}) == [
        *(("a", "one"), ("a", "scale")),
        *(("b", "one"), ("b", "scale")),
    ]


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
    for _ in range(2000):
        table = random_wave(draw)
        hidden = [team for team, _ in closed(table)]
        assert narrowest(table, hidden) >= 4 * MIN_WIDTH - EXACT
        attacked += bool(secrets(table))
        recovered += narrowest(table, secrets(table)) < EXACT
    # Each table by itself does not help: the same attacker then has the answers.
    assert recovered > attacked / 3 > 100


# --- an attacker with the pages of every team --------------------------------


def released(runs, show):
    """Collect what the pages say: (group, variable) to n and sum."""
    known = {}
    for run in runs:
        table = show(run)
        frame = table.frame
        for row in frame[~frame["suppressed"]].itertuples():
            group = f"not {run.team}" if row.group == "andere" else row.group
            if group == "alle" and table.layout == "teams":
                continue  # of the teams shown only: their sum, nothing new
            known[group, row.variable] = (row.n, row.n * row.mean)
    return known


def attack(run, instrument, known, linked):
    """Find how narrow each mean can be made that a team must not show.

    The attacker knows how many answered, the range of the answers, that a scale
    is the mean of its items, and every figure on every page, unrounded.
    """
    answers = run.base.answers(instrument)
    variables = sorted({variable for _, variable in known})
    parts = {**instrument.items, **instrument.scales}
    items = tuple(i for i in instrument.items.values() if i.id in variables)
    scales = tuple(s for s in instrument.scales.values() if s.id in variables)
    frame = score_items(answers, items)
    if scales:
        frame = frame.join(score_scales(answers, scales).drop(columns="team"))
    n = frame.groupby("team")[variables].count()
    cells = [(team, name) for team in n.index for name in variables]
    place = {cell: at for at, cell in enumerate(cells)}
    rows, values = [], []

    def know(terms, value):
        row = np.zeros(len(cells))
        for cell, factor in terms:
            row[place[cell]] += factor
        rows.append(row)
        values.append(value)

    for (group, name), (_, total) in known.items():
        if group == "alle":
            teams = list(n.index)
        elif group.startswith("not "):
            teams = [team for team in n.index if team != group[4:]]
        else:
            teams = [group]
        know([((team, name), 1) for team in teams], total)
    for scale, items in linked.items():
        for team in n.index:
            there = [scale, *items]
            own = answers[answers["team"] == team]
            if set(there) <= set(variables) and own[items].notna().all(axis=None):
                know(
                    [((team, scale), -len(items))]
                    + [((team, item), 1) for item in items],
                    0.0,
                )
    ranges = [score_bounds(parts[name].response) for _, name in cells]
    limits = [
        (low * n.loc[cell], high * n.loc[cell])
        for cell, (low, high) in zip(cells, ranges, strict=True)
    ]
    widths = {}
    for cell, (low, high) in zip(cells, ranges, strict=True):
        size = n.loc[cell]
        team = frame[frame["team"] == cell[0]]
        secret = size < MIN_CELL_N or len(set(team[cell[1]].dropna())) == 1
        if not secret or size == 0 or len(team) < MIN_CELL_N:
            continue
        aim = np.zeros(len(cells))
        aim[place[cell]] = 1 / size
        ends = [
            linprog(sign * aim, A_eq=np.array(rows), b_eq=values, bounds=limits).fun
            * sign
            for sign in (1, -1)
        ]
        widths[cell] = (ends[1] - ends[0]) / (high - low)
    return widths


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
    assert all(width >= MIN_WIDTH - LP for width in widths.values()), widths


def test_attacker_finds_them_without_the_plan(monkeypatch):
    monkeypatch.setattr("swtlib.results.plan_release", lambda *_, **__: NO_PLAN)
    widths = widths_of("groepsdynamica")
    found = [cell for cell, width in widths.items() if width < EXACT]
    assert len(found) > 5, widths
