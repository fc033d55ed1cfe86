from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from swtlib import reading
from swtlib.disclosure import protect
from swtlib.effects import read_effects, study_effects
from swtlib.errors import ParameterError
from swtlib.examples import load_example
from swtlib.notebook import NotebookRun
from swtlib.scoring import score_scales
from swtlib.team_difference import difference_with_ci

TESTS = Path(__file__).parent
R_RTOL = 1e-9  # R and NumPy add up in another order
BY, ANSWER = "bg_woonduur", "van_10"
HAVE = {"by": BY, "answer": ANSWER}


def make_run(wave=None, team="alle"):
    wave = load_example() if wave is None else wave
    return NotebookRun(name="proef", wave=wave, team=team, confidence=0.95)


@pytest.fixture(scope="module")
def run():
    return make_run()


@pytest.fixture(scope="module")
def table(run):
    return compare(run)


def compare(run):
    return run.compare_groups(run.instrument("bewoners"), group="bewoners", **HAVE)


def with_group(n_in, *, n_open=0):
    """The example in which only so many people gave the answer."""
    wave = load_example()
    people = wave.respondents.copy()
    people[BY] = "tot_2"
    people.loc[people.index[:n_in], BY] = ANSWER
    people.loc[people.index[len(people) - n_open :], BY] = None
    return replace(wave, respondents=people)


def test_test_of_two_groups_matches_r():
    examples = pd.read_csv(TESTS / "data" / "two_groups.csv")
    expected = pd.read_csv(TESTS / "reference" / "group_comparison.csv")
    assert len(expected) >= 5
    for _, row in expected.iterrows():
        own = examples[examples["name"] == row["name"]]
        teams = own["group"].map({1: "a", 2: "b"})
        scores = pd.DataFrame({"team": teams, "score": own["score"]})
        found = difference_with_ci(scores, team="a", members={"a": None, "b": None})
        names = ["difference", "ci_low", "ci_high", "t", "p_value"]
        assert_allclose(
            found[names].to_numpy(float)[0], row[names].astype(float), rtol=R_RTOL
        )


def test_compare_groups_by_hand(run, table):
    # the same, with the sums written out: one spread, df = n1 + n2 - 2
    bewoners = run.instrument("bewoners")
    scores = score_scales(run.base.answers(bewoners), bewoners.scales_of())
    inside = run.base.respondents[BY] == ANSWER
    frame = table.frame.set_index(["group", "variable"])
    for name in ("aansluiting", "regie"):
        x = scores.loc[inside, name].dropna()
        y = scores.loc[~inside, name].dropna()
        df = len(x) + len(y) - 2
        spread = np.sqrt(((len(x) - 1) * x.var() + (len(y) - 1) * y.var()) / df)
        t = (x.mean() - y.mean()) / (spread * np.sqrt(1 / len(x) + 1 / len(y)))
        row = frame.loc[(ANSWER, name)]
        assert (row["n"], row["df"]) == (len(x), df)
        assert_allclose(
            row[["mean", "difference", "t"]].astype(float),
            [x.mean(), x.mean() - y.mean(), t],
        )
        assert frame.loc[("andere", name), "mean"] == pytest.approx(y.mean())


def test_the_effect_for_other_studies_follows_from_the_t_that_is_printed(table):
    effects = study_effects(
        table, study="s1", year=2016, labels={}, origin="simulation", comparison="c"
    ).frame.set_index("outcome")
    rows = table.frame[table.frame["group"] == ANSWER].set_index("variable")
    others = table.frame[table.frame["group"] == "andere"].set_index("variable")
    for name, row in rows.iterrows():
        n, rest = row["n"], others.loc[name, "n"]
        # g = J * t * sqrt(1/n1 + 1/n2), with J = 1 - 3 / (4 df - 1), nearly
        g = (1 - 3 / (4 * row["df"] - 1)) * round(row["t"], 3)
        g *= np.sqrt(1 / n + 1 / rest)
        assert effects.loc[name, "estimate"] == pytest.approx(g, abs=1e-3)
    # Not in tenths: the page of all studies prints two decimals.
    assert (effects["estimate"] != effects["estimate"].round(1)).any()


def test_others_are_everybody_else_also_who_left_the_question_open(run, table):
    n = table.frame.pivot_table(index="variable", columns="group", values="n")
    people = run.base.respondents
    assert people[BY].isna().sum() >= 1
    assert (n.sum(axis=1) <= len(people)).all()
    answered = run.base.answers(run.instrument("bewoners"))["bw_nee_zeggen"]
    assert n.loc["regie"].sum() >= answered.notna().sum()


def test_p_holm_is_over_the_scales_that_are_shown(table):
    rows = table.frame[table.frame["group"] == ANSWER]
    p = rows["p_value"].to_numpy(float)
    order = np.argsort(p)
    holm = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    assert_allclose(rows["p_holm"].to_numpy(float)[order], np.minimum(holm, 1))
    assert (rows["p_holm"] >= rows["p_value"]).all()


@pytest.mark.parametrize("n_in", [1, 4])
def test_a_group_that_is_too_small_shows_nothing(n_in):
    run = make_run(with_group(n_in))
    table = compare(run)
    frame = table.frame
    assert frame["suppressed"].all()
    assert frame[["mean", "difference", "t", "p_holm", "effect"]].isna().all(axis=None)
    told = run.group_reading(table, **HAVE).html
    assert "niet te laten zien" in told
    assert "te weinig mensen" in run.group_sizes(**HAVE).html
    shown = run.group_table(table, "groepen", title="Proef", **HAVE).html
    assert "minder dan 5" in shown


def test_others_that_are_too_few_show_nothing_either():
    n = len(make_run().base.respondents)
    frame = compare(make_run(with_group(n - 3))).frame
    assert frame["suppressed"].all()


def test_group_of_few_has_no_spread_of_its_own():
    frame = compare(make_run(with_group(8))).frame
    assert not frame["suppressed"].all()
    assert frame["sd"].isna().all()
    assert frame.loc[~frame["suppressed"], "df"].min() >= 20  # pooled over all


def test_compare_groups_names_the_questions_and_answers(run):
    bewoners = run.instrument("bewoners")
    ask = {"group": "bewoners", "answer": ANSWER}
    with pytest.raises(ParameterError, match="Did you mean 'bg_woonduur'"):
        run.compare_groups(bewoners, by="bg_wonduur", **ask)
    with pytest.raises(ParameterError, match="no choice question 'bw_buren'"):
        run.compare_groups(bewoners, by="bw_buren", **ask)
    ask["answer"] = "van_11"
    with pytest.raises(ParameterError, match="Did you mean 'van_10'"):
        run.compare_groups(bewoners, by=BY, **ask)


def test_page_says_who_is_compared_and_that_it_is_invented(run, table):
    sizes = run.group_sizes(**HAVE).html
    assert "‘10 jaar of langer’" in sizes
    assert "andere bewoners" in sizes
    told = run.group_reading(table, **HAVE).html
    assert "De antwoorden zijn verzonnen" in told
    shown = run.group_table(table, "groepen", title="Proef", **HAVE).html
    assert "p (Holm)" in shown
    assert "Hedges" in shown
    assert "verzonnen voorbeeld" in shown
    assert (
        "data:image/png" in run.group_figure(table, "groepen", title="P", **HAVE).html
    )


def test_reading_names_what_differs_and_which_way(run):
    wave = load_example()
    people = wave.respondents.copy()
    inside = people[BY] == ANSWER
    # Whoever lived there long says the highest, the others the lowest, nearly always.
    for name in ("bw_zelf_beslissen", "bw_nee_zeggen"):
        people[name] = np.where(inside, 4.0, 1.0)
        people.loc[people.index[::7], name] = 2.0
    table = compare(make_run(replace(wave, respondents=people)))
    labels = run.group_labels(BY, ANSWER)
    told = reading.read_groups(table, labels=labels)
    assert "scoort hoger dan andere bewoners op ‘De bewoner houdt de regie’" in told
    plain = run.scale_means(run.instrument("bewoners"), group="bewoners")
    with pytest.raises(ParameterError, match="compare_groups"):
        reading.read_groups(plain, labels=labels)


def test_effects_go_to_the_file_that_the_meta_analysis_reads(
    run, table, monkeypatch, tmp_path
):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path))
    told = run.keep_effects(table, study="jansen", source="J. Jansen", **HAVE)
    assert "tables/effecten_jansen.csv" in told.html
    found = read_effects(tmp_path).set_index("outcome")
    rows = table.frame[table.frame["group"] == ANSWER].set_index("variable")
    assert_allclose(found["estimate"], rows["effect"].loc[found.index], atol=0.05001)
    assert set(found["comparison"]) == {"bg_woonduur_van_10"}
    assert set(found["origin"]) == {"simulation"}
    assert "J. Jansen" in found["source"].iloc[0]


def test_page_of_one_team_writes_no_effects(run, table, monkeypatch, tmp_path):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path))
    own = make_run(team="elburg")
    assert "alle wijken" in own.keep_effects(table, study="jansen", **HAVE).html
    small = make_run(with_group(3))
    told = small.keep_effects(compare(small), study="jansen", **HAVE)
    assert "geen effect" in told.html
    assert not list(tmp_path.rglob("effecten_*"))


def test_t_is_empty_where_it_would_tell_the_spread_of_few():
    # 13 people in two groups: t, n and means would give the spread of each
    frame = pd.DataFrame(
        {
            "group": [ANSWER, "andere"],
            "variable": "regie",
            "n": [6, 7],
            "mean": [0.5, 0.6],
            "sd": [0.1, 0.2],
            "df": [11, 11],
            "t": [1.2, np.nan],
            "p_value": [0.2, np.nan],
        }
    )
    shown = protect(frame, kind="mean").frame
    assert shown[["t", "p_value", "sd"]].isna().all(axis=None)
    assert shown["mean"].notna().all()
    wide = protect(frame.assign(df=40), kind="mean").frame
    assert wide["t"].tolist()[0] == 1.2  # the spread is that of many
