"""Ordinal regression: by hand, and against R's clm, polr, glm and sandwich."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from swtlib import _ordinal_model
from swtlib._ordinal_model import ProportionalOdds
from swtlib.errors import ParameterError, ResponseError
from swtlib.ordinal import ordinal_relation

TESTS = Path(__file__).resolve().parent
CLM_RTOL = 1e-9  # clm stops at a gradient of 1e-9; measured at most 6e-11
POLR_RTOL = 2e-6  # polr's optimiser knows no second derivatives; at most 5e-7
# R differentiates the gradient by small steps; measured at most 2e-9.
JACKKNIFE_RTOL = 1e-7
HAND_RTOL = 1e-9  # the model stops at a step of 1e-10
SIZES = (18, 11, 10, 9, 8, 7, 2, 1)
NUMBERS = ["odds_ratio", "ci_low", "ci_high", "p_value"]


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(TESTS / "data" / "synthetic_ordinal.csv")


@pytest.fixture(scope="module")
def grades(answers):
    return answers.filter(like="cijfer_")


@pytest.fixture(scope="module")
def statements(answers, grades):
    return answers.drop(columns=["team", *grades.columns])


@pytest.fixture(scope="module")
def table(answers, grades, statements):
    return ordinal_relation(grades, statements, team=answers["team"])


@pytest.fixture(scope="module")
def reference():
    return pd.read_csv(TESTS / "reference" / "ordinal.csv")


def two_by_two():
    """Grades 7 and 8, answers 0 and 1, three teams of six and six."""
    # per team: yes and no at grade 8, yes and no at grade 7
    rows = []
    for team, (yes_8, no_8, yes_7, no_7) in {
        "a": (5, 1, 1, 5),
        "b": (4, 2, 3, 3),
        "c": (3, 3, 1, 5),
    }.items():
        for grade, answer, count in (
            (8, 1, yes_8),
            (8, 0, no_8),
            (7, 1, yes_7),
            (7, 0, no_7),
        ):
            rows += [(team, grade, answer)] * count
    return pd.DataFrame(rows, columns=["team", "cijfer", "stelling"])


def relate(cijfer, stelling, team, **options):
    """One cell."""
    table = ordinal_relation(
        pd.DataFrame({"cijfer": cijfer}, dtype=float),
        pd.DataFrame({"stelling": stelling}, dtype=float),
        team=pd.Series(team, dtype="str"),
        **options,
    )
    assert len(table) == 1
    return table.iloc[0]


def teams_of(n, n_teams=4):
    return [f"team_{i % n_teams}" for i in range(n)]


# --- by hand ----------------------------------------------------------------------


def test_ordinal_relation_of_a_two_by_two_table_by_hand():
    frame = two_by_two()
    row = relate(frame["cijfer"], frame["stelling"], frame["team"], confidence=0.9)
    # Grade 8: 12 yes, 6 no. Grade 7: 5 yes, 13 no. Odds ratio 12 * 13 / (6 * 5).
    assert row["n"] == 36
    assert_allclose(row["odds_ratio"], 5.2, rtol=HAND_RTOL)
    # Without a team the log odds of a grade move by minus the team's surplus of yes
    # over what is left: 12 * 2/3 * 1/3 = 8/3 at 8, 12 * 5/18 * 13/18 = 65/27 at 7.
    # Surplus at 8: 5 - 4, 4 - 4, 3 - 4; at 7: 1 - 5/3, 3 - 5/3, 1 - 5/3.
    at_8, at_7 = np.array([1, 0, -1]), np.array([-2, 4, -2]) / 3
    change = -at_8 / (8 / 3) + at_7 / (65 / 27)
    error = math.sqrt(2 / 3 * (change**2).sum())  # 0.703
    half = 2.9199855803537256 * error  # t(0.95) with 3 - 1 degrees of freedom
    assert_allclose(row["ci_low"], math.exp(math.log(5.2) - half), rtol=HAND_RTOL)
    assert_allclose(row["ci_high"], math.exp(math.log(5.2) + half), rtol=HAND_RTOL)
    # With 2 degrees of freedom P(|T| > t) = 1 - t / sqrt(t^2 + 2).
    t = math.log(5.2) / error
    assert_allclose(row["p_value"], 1 - t / math.sqrt(t**2 + 2), rtol=1e-8)
    assert row["remark"] == ""


def test_proportional_odds_of_a_two_by_two_table_has_the_known_error():
    frame = two_by_two()
    marks = frame["cijfer"].to_numpy() - 7.5
    model = ProportionalOdds(frame["stelling"].to_numpy(), marks)
    fit = model.fit(method="newton", disp=0)
    error = math.sqrt(1 / 12 + 1 / 6 + 1 / 5 + 1 / 13)
    assert_allclose(fit.bse[0], error, rtol=1e-7)  # statsmodels adds 1e-10 on its way


def test_proportional_odds_differentiates_as_small_steps_do(answers):
    from statsmodels.tools.numdiff import approx_fprime, approx_hess

    rows = answers[["cijfer_1", "sterk"]].dropna()
    codes = rows["sterk"].to_numpy(dtype=int)
    model = ProportionalOdds(codes, rows["cijfer_1"].to_numpy() - 7)
    at = np.array([0.3, -4.0, -2.1, -0.3, 1.2])
    steps = approx_fprime(at, model.loglikeobs, centered=True)
    assert_allclose(model.score_obs(at), steps, atol=1e-7)  # error of the steps
    assert_allclose(model.hessian(at), approx_hess(at, model.loglike), atol=1e-4)


def test_ordinal_relation_finds_the_odds_it_was_made_with():
    # Three answers, odds of a higher one 1/3 and 3 at grade 6, 4 times that at 7.
    # P(above 0), P(above 1): 3/4, 1/4 at grade 6; 12/13, 4/7 at grade 7.
    counts = {(6, 0): 91, (6, 1): 182, (6, 2): 91, (7, 0): 28, (7, 1): 128, (7, 2): 208}
    rows = [key for key, count in counts.items() for _ in range(count)]
    cijfer, stelling = zip(*rows, strict=True)
    row = relate(cijfer, stelling, teams_of(len(rows), 5))
    assert_allclose(row["odds_ratio"], 4, rtol=HAND_RTOL)
    assert row["ci_low"] < 4 < row["ci_high"]


# --- against R --------------------------------------------------------------------


def test_ordinal_relation_matches_r(table, reference):
    assert table["competence"].tolist() == reference["competence"].tolist()
    assert table["statement"].tolist() == reference["statement"].tolist()
    assert table["n"].tolist() == reference["n"].tolist()
    slope = np.log(table["odds_ratio"])
    assert_allclose(slope, reference["slope"], rtol=CLM_RTOL)
    assert_allclose(slope, reference["slope_again"], rtol=POLR_RTOL)
    df = reference["n_teams"] - 1
    half = stats.t.ppf(0.975, df) * reference["se_jackknife"]
    for name, sign in (("ci_low", -1), ("ci_high", 1)):
        limit = np.exp(reference["slope"] + sign * half)
        assert_allclose(table[name], limit, rtol=JACKKNIFE_RTOL)
    t = reference["slope"].abs() / reference["se_jackknife"]
    assert_allclose(table["p_value"], 2 * stats.t.sf(t, df), rtol=1e-6)


def test_ordinal_relation_refuses_where_the_estimates_of_r_run_away(table, reference):
    away = reference["away"]
    assert away.sum() == 1
    assert (table["remark"] != "").tolist() == away.tolist()
    assert table.loc[away, NUMBERS].isna().all(axis=None)


def test_proportional_odds_has_the_errors_of_r(answers, reference):
    # The model alone, and with clusters: HC0 times g / (g - 1), as sandwich has it.
    for row in reference[~reference["away"]].itertuples():
        known = answers[["team", row.competence, row.statement]].dropna()
        codes = np.unique(known[row.statement], return_inverse=True)[1]
        marks = known[row.competence].to_numpy(dtype=float)
        model = ProportionalOdds(codes, marks - marks.mean())
        params = model.fit(method="newton", disp=0, tol=1e-10).params
        bread = np.linalg.inv(-model.hessian(params))
        scores = pd.DataFrame(model.score_obs(params)).groupby(known["team"].to_numpy())
        meat = scores.sum().to_numpy()
        clusters = bread @ meat.T @ meat @ bread * len(meat) / (len(meat) - 1)
        assert_allclose(math.sqrt(bread[0, 0]), row.se_model, rtol=CLM_RTOL)
        assert_allclose(math.sqrt(clusters[0, 0]), row.se_clusters, rtol=CLM_RTOL)


# --- what it does not depend on ---------------------------------------------------


def test_ordinal_relation_looks_at_the_order_of_answers_only(
    answers, grades, statements, table
):
    team = answers["team"]
    for moved in (statements / 4, statements**2 + 1):
        again = ordinal_relation(grades + 100, moved, team=team)
        assert_allclose(again[NUMBERS], table[NUMBERS], rtol=1e-8)
    turned = ordinal_relation(grades, -statements, team=team)
    assert_allclose(turned["odds_ratio"], 1 / table["odds_ratio"], rtol=1e-8)
    assert_allclose(turned["ci_low"], 1 / table["ci_high"], rtol=1e-8)
    assert_allclose(turned["p_value"], table["p_value"], rtol=1e-8)


def test_ordinal_relation_is_per_grade_point(answers, grades, statements, table):
    halves = ordinal_relation(grades * 2, statements, team=answers["team"])
    assert_allclose(halves["odds_ratio"] ** 2, table["odds_ratio"], rtol=1e-8)


def test_ordinal_relation_counts_answers_that_differ_by_rounding_as_one():
    frame = two_by_two()
    rounded = frame["stelling"] + np.where(frame.index % 2 == 0, 0, 1e-12)
    row = relate(frame["cijfer"], rounded, frame["team"])
    assert_allclose(row["odds_ratio"], 5.2, rtol=HAND_RTOL)


def test_ordinal_relation_keeps_its_level_with_few_unequal_teams():
    # No relation; grades and answers of a team resemble each other. Of 900 tests 5%
    # should be below 0.05. They share columns, so their number varies more than that
    # of separate draws; the usual clustered error with a normal distribution has 12%.
    rng = np.random.default_rng(20150404)
    team = np.repeat(np.arange(len(SIZES)), SIZES)
    own, shared = rng.normal(size=(2, len(team), 30)), rng.normal(size=(2, 8, 30))
    marks, latent = np.sqrt(0.85) * own + np.sqrt(0.15) * shared[:, team]
    grades = pd.DataFrame(np.clip(np.round(7.3 + 1.1 * marks), 1, 10))
    statements = pd.DataFrame(np.digitize(latent, [-1.5, -0.5, 0.3, 1.2]))
    table = ordinal_relation(grades, statements, team=pd.Series(team.astype(str)))
    assert (table["remark"] == "").all()
    assert 0.03 < (table["p_value"] < 0.05).mean() < 0.08


# --- where there is no answer -----------------------------------------------------

MIXED = [7, 8, 6, 9, 7, 8, 8, 7, 6, 9] * 4
LADDER = [2, 3, 2, 3, 1, 2, 3, 3, 1, 2] * 4


def without(row):
    return row[NUMBERS].isna().all()


@pytest.mark.parametrize("n", [0, 1, 2, 19])
def test_ordinal_relation_refuses_few_answers(n):
    row = relate(MIXED[:n], LADDER[:n], teams_of(n))
    assert without(row)
    assert row["n"] == n
    assert row["remark"] == "minder dan 20 mensen gaven een cijfer en een antwoord"


def test_ordinal_relation_counts_those_who_gave_both():
    cijfer = pd.Series(MIXED, dtype=float).mask(np.arange(40) < 15)
    stelling = pd.Series(LADDER, dtype=float).mask(np.arange(40) > 30)
    assert relate(cijfer, stelling, teams_of(40))["n"] == 16
    empty = relate([np.nan] * 40, LADDER, teams_of(40))
    assert empty["n"] == 0
    assert empty["remark"].startswith("minder dan 20")


def test_ordinal_relation_refuses_what_does_not_vary():
    team = teams_of(40)
    same_grade = relate([7.1] * 40, LADDER, team)
    same_answer = relate(MIXED, [3] * 40, team)
    assert same_grade["remark"] == "iedereen gaf zichzelf hetzelfde cijfer"
    assert same_answer["remark"] == "iedereen gaf hetzelfde antwoord"
    assert without(same_grade)
    assert without(same_answer)


def test_ordinal_relation_refuses_where_few_people_decide():
    # 36 and 4: 40 - (36^3 + 4^3) / 40^2 = 10.8; 37 and 3: 40 - 50680 / 1600 = 8.3
    four = [1] * 4 + [2] * 36
    three = [1] * 3 + [2] * 37
    assert relate(MIXED, four, teams_of(40))["remark"] == ""
    row = relate(MIXED, three, teams_of(40))
    assert without(row)
    assert row["remark"] == "bijna iedereen gaf hetzelfde antwoord"


@pytest.mark.parametrize("sign", [1, -1])
def test_ordinal_relation_refuses_separation(sign):
    # Complete: every higher grade has a higher answer. Almost: grade 8 has answers 2
    # and 3, but no grade is out of order.
    cijfer = np.repeat([6, 7, 8, 9], 10)
    complete = np.repeat([1, 2, 3, 4], 10)
    almost = np.where(np.arange(40) < 25, 2, 3)
    team = teams_of(40)
    for stelling in (complete, almost):
        row = relate(cijfer, sign * stelling, team)
        assert without(row)
        assert "zonder uitzondering gelijk op" in row["remark"]
    one_exception = almost.copy()
    one_exception[0] = 3
    row = relate(cijfer, sign * one_exception, team)
    assert row["remark"] == ""
    assert np.isfinite(row["odds_ratio"])


def test_ordinal_relation_needs_two_teams_that_each_can_be_missed():
    one = relate(MIXED, LADDER, ["noord"] * 40)
    assert one["remark"] == "alle antwoorden komen uit één team"
    # All others gave answer 3.
    alone = [*LADDER[:25], *[3] * 15]
    row = relate(MIXED, alone, ["noord"] * 25 + ["zuid"] * 8 + ["oost"] * 7)
    assert row["remark"] == "zonder een van de teams blijft er geen verschil over"
    assert without(one)
    assert without(row)
    assert relate(MIXED, LADDER, ["noord"] * 22 + ["zuid"] * 18)["remark"] == ""


def test_ordinal_relation_of_teams_that_are_alike_has_no_interval():
    # Four times the same ten people: leaving a team out changes nothing at all.
    row = relate(MIXED, LADDER, np.repeat(["a", "b", "c", "d"], 10))
    assert row["remark"] == "alle teams zijn gelijk: de onzekerheid is niet te schatten"
    assert without(row)


def test_ordinal_relation_works_where_a_team_alone_has_an_answer():
    # Only team a has answers 1 and 2: without it their threshold is nobody's.
    stelling = [1, 2, 1, 2, 2, 3, 4, 3, 3, 4] + [3, 4, 3, 3, 4, 4, 3, 3, 3, 4] * 3
    row = relate(MIXED, stelling, np.repeat(["a", "b", "c", "d"], [10, 11, 9, 10]))
    assert row["remark"] == ""
    assert row["ci_low"] < row["odds_ratio"] < row["ci_high"]


def test_ordinal_relation_says_that_the_estimate_did_not_come(
    answers, grades, statements, monkeypatch
):
    monkeypatch.setattr(_ordinal_model, "STEPS", 1)
    table = ordinal_relation(
        grades[["cijfer_1"]], statements[["sterk"]], team=answers["team"]
    )
    assert table["remark"].tolist() == ["de berekening kwam niet tot een uitkomst"]
    assert table[NUMBERS].isna().all(axis=None)

    def singular(*_args, **_options):
        raise np.linalg.LinAlgError

    monkeypatch.setattr(ProportionalOdds, "fit", singular)
    again = ordinal_relation(
        grades[["cijfer_1"]], statements[["sterk"]], team=answers["team"]
    )
    assert again["remark"].tolist() == table["remark"].tolist()


def test_ordinal_relation_of_nothing_is_empty(answers, grades, statements):
    team = answers["team"]
    for some, others in ((grades[[]], statements), (grades, statements[[]])):
        table = ordinal_relation(some, others, team=team)
        assert table.empty
        assert list(table.columns) == [
            *("competence", "statement", "n"),
            *NUMBERS,
            "remark",
        ]


# --- input ------------------------------------------------------------------------


def test_ordinal_relation_refuses_unfit_input(answers, grades, statements):
    team = answers["team"]
    with pytest.raises(ResponseError, match="grades and statements do not hold"):
        ordinal_relation(grades, statements.iloc[::-1], team=team)
    with pytest.raises(ResponseError, match="grades and team do not hold"):
        ordinal_relation(grades, statements, team=team.iloc[::-1])
    with pytest.raises(ResponseError, match="2 respondents have no team"):
        ordinal_relation(grades, statements, team=team.mask(team.index < 2))
    with pytest.raises(ResponseError, match="'team' is not numeric"):
        ordinal_relation(answers, statements, team=team)
    with pytest.raises(ParameterError, match=r"such as 0\.95"):
        ordinal_relation(grades, statements, team=team, confidence=95)
