"""The parts of the generator, each on a few numbers worked out by hand."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from swtlib.dice import Dice
from swtlib.errors import CodebookError, SwtError
from swtlib.reproduction import ages, targets
from swtlib.reproduction.ages import draw_ages, draw_experience
from swtlib.reproduction.competences import raise_grades
from swtlib.reproduction.sides import Statement, correlation, misfit, split_at_mean
from swtlib.reproduction.statements import draw_pattern, settle
from swtlib.reproduction.targets import (
    answer_counts,
    grade_sums,
    load_choices,
    middle,
    staff_sizes,
    sums_of_mean,
    team_sizes,
    team_sums,
)
from swtlib.reproduction.values import Factors, draw_values, hand_out, tilted

SCIPY_RTOL = 1e-9  # scipy sums floats, the search whole numbers


# --- targets ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "parts", "sums"),
    [
        ("0.31", 32, [10]),  # 10 / 32 = 0.3125
        ("0.73", 32, []),  # 23 / 32 = 0.72, 24 / 32 = 0.75
        ("0.73", 44, [32]),  # 32 / 44 = 0.727
        ("1", 24, [24]),
        ("0", 24, [0]),
        ("0.78", 264, [205, 206, 207]),  # 0.7765, 0.7803, 0.7841
    ],
)
def test_sums_of_mean_lists_what_prints_alike(
    printed: str, parts: int, sums: list[int]
) -> None:
    assert sums_of_mean(Fraction(printed), parts=parts) == sums


def test_sums_of_mean_rounds_a_half_up() -> None:
    # 1 / 8 = 0.125 prints as 0.13, never as 0.12
    assert sums_of_mean(Fraction("0.13"), parts=8) == [1]
    assert sums_of_mean(Fraction("0.12"), parts=8) == []


def test_middle_names_the_mean_that_cannot_exist() -> None:
    with pytest.raises(CodebookError, match="gd_cur_veilig"):
        middle([], "gd_cur_veilig")


def test_team_sums_are_the_only_ones_possible() -> None:
    sums = team_sums()
    assert len(sums) == 12
    # the column headed Noord: 0.59 of 8 people is 19 / 32, and it is West's
    assert sums["gd_cur_doel_helder"]["zwolle_west"] == 19
    # the column headed Centrum: 0.73 of 11 people is 32 / 44, and it is Oost's
    assert sums["gd_cur_leren_kennen"]["zwolle_oost"] == 32
    for row in sums.values():
        assert sum(staff_sizes()[team] for team in row) == 58


def test_headings_of_tables_4_and_11_name_each_team_once() -> None:
    teams = load_choices()["headings"]["teams"]
    assert sorted(teams) == sorted(teams.values())
    assert set(teams) <= set(team_sizes())


def test_every_entry_of_the_targets_says_why() -> None:
    for name, entry in load_choices().items():
        if name == "counts":
            assert all(counts["reason"] for counts in entry.values())
        else:
            assert entry["reason"], name


def test_answer_counts_add_up_to_66() -> None:
    counts = answer_counts()
    assert len(counts) == 28
    assert {sum(count) for count in counts.values()} == {66}
    # 3% 2, 6% 4 and 12% 8 are printed; 32 and 20 close the distribution
    assert counts["exp_kosten"] == (2, 4, 8, 32, 20)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"neutraal": 9}, "exp_prettig.*5 with 66 are needed"),
        (
            {"volledig_oneens": 2, "deels_oneens": 6, "neutraal": 9, "deels_eens": 28},
            "exp_prettig repeats deels_eens",
        ),
    ],
)
def test_answer_counts_names_the_item_that_does_not_add_up(
    monkeypatch: pytest.MonkeyPatch, chosen: dict[str, int], message: str
) -> None:
    choices = dict(load_choices())
    choices["counts"] = {**choices["counts"], "exp_prettig": chosen}
    monkeypatch.setattr(targets, "load_choices", lambda: choices)
    with pytest.raises(CodebookError, match=message):
        answer_counts()


def test_grade_sums_print_the_difference_of_table_9() -> None:
    sums = grade_sums()
    assert len(sums) == 28
    (have, n_have), (want, n_want) = (
        sums["comp_integraal_have"],
        sums["comp_integraal_want"],
    )
    assert (n_have, n_want) == (66, 65)
    # 540 / 65 - 493 / 66 = 8.3077 - 7.4697 = 0.838
    assert round(want / n_want - have / n_have, 2) == 0.84


def test_grade_sums_says_which_table_cannot_come_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choices = {**load_choices(), "non_response": {}}  # 66 complete answers
    monkeypatch.setattr(targets, "load_choices", lambda: choices)
    with pytest.raises(CodebookError, match="analyseren"):
        grade_sums()


# --- values -------------------------------------------------------------------


@pytest.mark.parametrize("total", [0, 1, 23, 33, 66, 131, 263, 264])
def test_draw_values_has_the_sum_asked_for(total: int) -> None:
    values = draw_values(total, 66, Dice(1, "bag"))
    assert len(values) == 66
    assert sum(values) == total
    assert min(values) >= 0
    assert max(values) <= 4


def test_draw_values_of_one_answer_is_that_answer() -> None:
    assert draw_values(3, 1, Dice(1, "bag")) == [3]


def test_draw_values_holds_three_answers_near_the_end() -> None:
    # 66 answers with a mean of 3.92: not only 3 and 4
    assert len(set(draw_values(259, 66, Dice(1, "bag")))) == 3


def test_draw_values_refuses_a_sum_out_of_reach() -> None:
    with pytest.raises(ValueError, match="6 answers 0-4 cannot add up to 25"):
        draw_values(25, 6, Dice(1, "bag"))


def test_tilted_has_the_mean_asked_for() -> None:
    chances = tilted([1, 4, 6, 4, 1], 3.3)
    assert_allclose(sum(chances), 1)
    assert_allclose(np.dot(chances, range(5)), 3.3)


def test_hand_out_breaks_ties_by_place() -> None:
    assert hand_out([3, 1, 2], [0.0, 0.0, -1.0]) == [2, 3, 1]


def test_factors_scores_are_higher_alike_within_a_subscale() -> None:
    factors = Factors(400, 1)

    def correlate(first: str, second: str) -> float:
        return float(np.corrcoef(factors.scores(first), factors.scores(second))[0, 1])

    assert factors.scores("bk_proactief") == factors.scores("bk_proactief")
    pair = correlate("bk_familie_licht", "bk_familie_zwaar")
    assert pair > correlate("bk_familie_licht", "bk_proactief") + 0.2
    # a high answer on subgroepen goes with low answers elsewhere
    assert correlate("gd_cur_subgroepen", "gd_cur_veilig") < 0


# --- ages ---------------------------------------------------------------------


def test_draw_ages_says_when_nothing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ages, "TRIES", 0)
    teams = [team for team, n in team_sizes().items() for _ in range(n)]
    with pytest.raises(SwtError, match="No ages found"):
        draw_ages(teams, 1)
    with pytest.raises(SwtError, match="No experience found"):
        draw_experience(teams, [45] * 60 + [60] * 6, 1)


# --- grades -------------------------------------------------------------------


def test_raise_grades_skips_who_gave_none() -> None:
    # 7 and 8 rise by three in all; nobody beyond 10, the missing stay missing
    want = raise_grades([7, None, 8, 9], total=18, missing={3}, urge=[0.0] * 4)
    assert want[1] is None
    assert want[3] is None
    assert sum(grade for grade in want if grade is not None) == 18


@pytest.mark.parametrize("total", [31, 5])
def test_raise_grades_refuses_a_sum_out_of_reach(total: int) -> None:
    with pytest.raises(SwtError, match=f"add up to {total}"):
        raise_grades([10, 9, 8], total=total, missing=set(), urge=[0.0] * 3)


# --- sides and statements -----------------------------------------------------

GRADES: list[list[int | None]] = [
    [5, 6, 6, 7, 7, 7, 8, 8, 9, 10],
    [7, 7, 8, 6, None, 9, 8, 7, 6, 5],
]
POINTS = [0, 1, 1, 3, 2, 2, 4, 1, 3, 4]


def test_split_at_mean_leaves_who_gave_no_grade_in_neither_group() -> None:
    split = split_at_mean(GRADES)
    # mean 7.3: 8 and more is high; mean 7: only above 7, the fifth in neither
    assert split.high[:, 0].tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert split.high[:, 1].tolist() == [0, 0, 1, 0, 0, 1, 1, 0, 0, 0]
    assert split.valid[4].tolist() == [1, 0]


def test_split_at_mean_of_equal_grades_has_nobody_high() -> None:
    assert split_at_mean([[7, 7, 7]]).high.sum() == 0


@pytest.mark.parametrize("place", [0, 1])
def test_statistics_are_those_of_scipy(place: int) -> None:
    split = split_at_mean(GRADES)
    found = Statement(POINTS, split).statistics()
    y = np.array(POINTS)
    is_high = split.high[:, place] == 1
    is_low = ~is_high & (split.valid[:, place] == 1)
    high, low = y[is_high], y[is_low]
    student = stats.ttest_ind(high, low).statistic
    welch = stats.ttest_ind(high, low, equal_var=False).statistic
    p = stats.mannwhitneyu(high, low, method="asymptotic", use_continuity=False).pvalue
    there = split.valid[:, place] == 1
    grades = [float(grade) for grade in GRADES[place] if grade is not None]
    rho = stats.spearmanr(y[there], grades).statistic
    assert_allclose(found["student"][place], student, rtol=SCIPY_RTOL)
    assert_allclose(found["welch"][place], welch, rtol=SCIPY_RTOL)
    assert_allclose(2 * stats.norm.sf(abs(found["rank"][place])), p, rtol=SCIPY_RTOL)
    assert_allclose(found["spearman"][place], rho, rtol=SCIPY_RTOL)


def test_statistics_after_a_swap_are_those_of_the_swapped_answers() -> None:
    split = split_at_mean(GRADES)
    statement = Statement(POINTS, split)
    after = statement.statistics_after(np.array([0, 3]), np.array([8, 6]))
    for number, (first, second) in enumerate([(0, 8), (3, 6)]):
        swapped = Statement(POINTS, split)
        swapped.swap(first, second)
        for name, values in swapped.statistics().items():
            assert_allclose(after[name][number], values, rtol=SCIPY_RTOL)


def test_misfit_counts_only_the_wrong_side() -> None:
    related, clear = np.array([3.0, 0.0]), np.array([1, 0])
    found = dict.fromkeys(("student", "welch", "rank", "spearman"), related)
    assert misfit(found, clear, aloof=False) == 0
    assert misfit(found, np.array([0, 0]), aloof=False) > 0
    # the low group higher is no relation as wanted, and no absence of one either
    opposite = dict.fromkeys(("student", "welch", "rank", "spearman"), -related)
    assert misfit(opposite, clear, aloof=False) > 0
    assert misfit(opposite, np.array([0, 0]), aloof=False) > 0


def test_correlation_of_equal_answers_is_0() -> None:
    assert correlation(np.array([2, 2, 2]), np.array([1, 2, 3])) == 0.0


def test_settle_keeps_the_answers_and_who_gave_no_grade() -> None:
    dice = Dice(1, "settle")
    grades: list[list[int | None]] = [
        [int(g) for g in hand_out([6] * 20 + [8] * 20, dice.normals(40))]
    ]
    grades[0][5] = None
    bag = draw_values(100, 40, dice)
    scores = dice.normals(40)
    statement = Statement(hand_out(bag, scores), split_at_mean(grades))
    fifth = int(statement.answers[5])
    assert settle(statement, np.array([1]), scores, aloof=False)
    assert sorted(statement.answers.tolist()) == bag
    assert statement.answers[5] == fifth
    assert statement.statistics()["student"][0] > 2


def test_draw_pattern_gives_every_free_statement_a_grade() -> None:
    strength = np.array([[9.0, 9.0], [8.0, 8.0], [0.0, 0.0], [7.0, 7.0]])
    wanted = draw_pattern(
        strength, [2, 2], [True, True, True, False], Dice(1, "pattern"), whim=0.1
    )
    assert wanted.sum(axis=0).tolist() == [2, 2]
    assert (wanted.sum(axis=1) > 0).tolist() == [True, True, True, False]
