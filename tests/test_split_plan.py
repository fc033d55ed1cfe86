"""The plan over several splits, and an attacker who knows everybody's groups."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from swtlib.disclosure import MIN_CELL_N, protect
from swtlib.errors import ParameterError
from swtlib.release_plan import Scores, needed_width, plan_release, tells_too_much
from swtlib.split_plan import plan_splits

EXACT = 1e-6  # a sum this certain is recovered
LP = 1e-6  # what the solver leaves open
RANGE = (0.0, 4.0)


def wave(answers, teams):
    frame = pd.DataFrame({"team": teams, "a": np.asarray(answers, dtype=float)})
    return Scores(frame=frame, bounds={"a": RANGE})


def closed(scores, splits, **options):
    found = plan_splits(scores, splits, **options)
    return sorted(zip(found["split"], found["group"], strict=True))


# Two teams of ten, in which nothing tells.
ANSWERS = [4, 3, 1, 0, 2, 3, 1, 2, 4, 0] * 2
TEAMS = ["noord", "oost"] * 10


def test_groups_of_enough_people_stay_open():
    splits = pd.DataFrame({"functie": ["jeugd", "wmo"] * 10})
    assert closed(wave(ANSWERS, TEAMS), splits) == []


def test_a_small_group_takes_another_with_it():
    # Three of wmo; of the others the smallest goes too: 6 of schuld.
    splits = pd.DataFrame({"functie": ["jeugd"] * 11 + ["schuld"] * 6 + ["wmo"] * 3})
    expected = [("functie", "schuld"), ("functie", "wmo")]
    assert closed(wave(ANSWERS, TEAMS), splits) == expected


def test_who_left_the_question_open_is_a_group_too():
    functie = ["jeugd"] * 11 + ["schuld"] * 7 + [None] * 2
    splits = pd.DataFrame({"functie": functie})
    assert ("functie", "schuld") in closed(wave(ANSWERS, TEAMS), splits)
    many = pd.DataFrame({"functie": ["jeugd"] * 13 + [None] * 7})
    assert closed(wave(ANSWERS, TEAMS), many) == []


def test_a_group_in_which_all_agree_is_closed():
    answers = [4] * 6 + ANSWERS[6:]
    splits = pd.DataFrame({"functie": ["jeugd"] * 6 + ["schuld"] * 6 + ["wmo"] * 8})
    found = closed(wave(answers, TEAMS), splits)
    assert ("functie", "jeugd") in found
    assert len([group for split, group in found if split == "functie"]) >= 2


def test_a_part_of_a_team_does_not_follow_from_the_team():
    # Noord is shown, and 7 of noord; the other 3 would be the rest.
    part = ["noord / jeugd"] * 7 + ["noord / wmo"] * 3
    part += ["oost / jeugd"] * 5 + ["oost / wmo"] * 5
    teams = [name.split(" / ")[0] for name in part]
    found = closed(wave(ANSWERS, teams), pd.DataFrame({"deel": part}))
    assert ("deel", "noord / jeugd") in found
    assert ("deel", "noord / wmo") in found


def test_a_group_inside_a_group_of_another_split_leaves_no_few():
    # All 8 leaders are among the 11 of 55 and older: 3 others would follow.
    splits = pd.DataFrame(
        {
            "functie": ["leider"] * 8 + ["lid"] * 12,
            "leeftijd": ["55"] * 11 + ["jong"] * 9,
        }
    )
    assert closed(wave(ANSWERS, TEAMS), splits) != []
    alone = [closed(wave(ANSWERS, TEAMS), splits[[name]]) for name in splits]
    assert alone == [[], []]


def test_a_municipality_gives_away_no_team():
    # Zwolle is noord and oost; noord is closed by another plan.
    teams = ["noord"] * 6 + ["oost"] * 7 + ["elburg"] * 7
    splits = pd.DataFrame({"gemeente": ["zwolle"] * 13 + ["elburg"] * 7})
    answers = [4] * 6 + ANSWERS[6:]
    scores = wave(answers, teams)
    first = plan_release([scores])
    assert first["group"].tolist() == ["elburg", "noord"] or len(first) >= 2
    found = closed(scores, splits, closed=first)
    team = [group for split, group in found if split == "team"]
    assert set(first["group"]) <= set(team)
    assert narrowest(scores, splits, set(found)) >= 1 - LP


def test_a_split_that_is_on_pages_already_stays_as_it_is():
    splits = pd.DataFrame({"deel": ["noord / jeugd", "oost / jeugd"] * 10})
    splits.loc[[0, 2, 4], "deel"] = "noord / wmo"
    found = closed(wave(ANSWERS, TEAMS), splits, fixed=("team",))
    assert {("deel", "noord / jeugd"), ("deel", "noord / wmo")} <= set(found)
    assert not [group for split, group in found if split == "team"]
    assert narrowest(wave(ANSWERS, TEAMS), splits, set(found)) >= 1 - LP


def test_what_is_closed_of_a_scale_is_closed_of_its_items():
    scores = wave(ANSWERS, TEAMS)
    frame = scores.frame.assign(b=[4.0] * 6 + ANSWERS[6:])
    frame["scale"] = (frame["a"] + frame["b"]) / 2
    both = Scores(frame=frame, bounds=dict.fromkeys(["a", "b", "scale"], RANGE))
    splits = pd.DataFrame({"functie": ["jeugd"] * 6 + ["schuld"] * 6 + ["wmo"] * 8})
    found = plan_splits(both, splits, linked={"scale": ["a", "b"]})
    groups = found.groupby("variable")["group"].agg(set)
    assert groups["a"] == groups["b"] == groups["scale"]
    assert "jeugd" in groups["a"]


def test_a_closed_plan_hides_in_the_table():
    splits = pd.DataFrame({"functie": ["jeugd"] * 11 + ["schuld"] * 6 + ["wmo"] * 3})
    scores = wave(ANSWERS, TEAMS)
    plan = plan_splits(scores, splits).query("split == 'functie'")
    rows = scores.frame.groupby(splits["functie"])["a"].agg(["size", "mean", "std"])
    table = rows.set_axis(["n", "mean", "sd"], axis=1).rename_axis("group")
    table = table.reset_index().assign(variable="a")
    table.loc[len(table)] = ["alle", 20, scores.frame["a"].mean(), 1.4, "a"]
    shown = protect(table, kind="mean", closed=plan[["group", "variable"]]).frame
    assert shown.loc[shown["group"] != "jeugd", "mean"].isna().all()


def test_plan_splits_refuses_other_respondents():
    with pytest.raises(ParameterError, match="not of the respondents"):
        plan_splits(wave(ANSWERS, TEAMS), pd.DataFrame({"functie": ["a"] * 3}))


# --- an attacker who knows everybody's groups ------------------------------------


def people(scores, splits):
    """Give every group of every split as the people in it who answered."""
    answered = scores.frame["a"].notna()
    cuts = splits if "team" in splits else splits.assign(team=scores.frame["team"])
    values = scores.frame.loc[answered, "a"].to_numpy()
    groups = {
        (split, str(group)): (cuts.loc[answered, split] == group).to_numpy()
        for split in cuts
        for group in cuts.loc[answered, split].dropna().unique()
    }
    return values, groups


def narrowest(scores, splits, hidden):
    """Give the narrowest interval on a secret group, in parts of what is needed.

    Every person is an unknown of its own, unlike in the plan.
    """
    values, groups = people(scores, splits)
    known = [np.ones(len(values))]
    known += [row.astype(float) for key, row in groups.items() if key not in hidden]
    known = np.array(known)
    found = [np.inf]
    for row in groups.values():
        if tells_too_much(values[row], RANGE):
            ends = [
                sign
                * linprog(
                    sign * row / row.sum(),
                    A_eq=known,
                    b_eq=known @ values,
                    bounds=RANGE,
                ).fun
                for sign in (1, -1)
            ]
            found.append((ends[1] - ends[0]) / 4 / needed_width(row.sum()))
    return min(found)


def recovered(scores, splits, hidden):
    """Count people whose own answer follows exactly, and small groups of a split."""
    values, groups = people(scores, splits)
    known = [np.ones(len(values))]
    known += [row.astype(float) for key, row in groups.items() if key not in hidden]
    small = [row for row in groups.values() if row.sum() < MIN_CELL_N]
    aims = np.array([*np.eye(len(values)), *small], dtype=float)
    weights = np.linalg.lstsq(np.array(known).T, aims.T, rcond=None)[0]
    left = np.abs(np.array(known).T @ weights - aims.T).max(axis=0)
    return int((left < EXACT).sum())


def random_wave(draw):
    """Draw people in teams of a municipality, with three more splits."""
    size = int(draw.integers(24, 60))
    team = np.sort(draw.integers(0, draw.integers(2, 6), size))
    functie = draw.choice(["jeugd", "wmo", "schuld"], size, p=[0.6, 0.25, 0.15])
    hoog = np.where(draw.random(size) < draw.choice([0.15, 0.5]), "hoog", "laag")
    steady = draw.random(6) < 0.3
    answers = np.where(
        steady[team], np.minimum(4, 3 + team), draw.integers(0, 5, size)
    ).astype(float)
    answers[draw.random(size) < 0.03] = np.nan
    names = np.array([f"t{each}" for each in team])
    splits = pd.DataFrame({"functie": functie, "hoog": hoog})
    splits["gemeente"] = np.where(team < 2, "zwolle", "elders")
    splits["deel"] = pd.Series(names) + " / " + pd.Series(hoog)
    splits.loc[draw.random(size) < 0.05, "functie"] = None
    return wave(answers, names), splits


def test_no_random_wave_gives_a_group_away():
    draw = np.random.default_rng(20150601)
    attacked = found = 0
    for _ in range(30):
        scores, splits = random_wave(draw)
        hidden = set(closed(scores, splits))
        assert recovered(scores, splits, hidden) == 0
        values, groups = people(scores, splits)
        total = narrowest(scores, splits, set(groups))  # of everybody, always shown
        assert narrowest(scores, splits, hidden) >= min(1, total) - LP
        own = {key for key, row in groups.items() if tells_too_much(values[row], RANGE)}
        attacked += bool(own)
        # Without the plan each table hides its own small groups only.
        weak = recovered(scores, splits, own) or narrowest(scores, splits, own) < EXACT
        found += bool(own) and bool(weak)
    assert found > attacked / 2 > 10
