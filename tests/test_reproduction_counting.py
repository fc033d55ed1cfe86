"""The report's own arithmetic, by hand."""

from fractions import Fraction

import pandas as pd
import pytest

from swtlib.errors import StatisticError
from swtlib.reproduction.columns import column_n, count_fitting, possible_n
from swtlib.reproduction.counting import (
    exact,
    fits_mean,
    mean,
    mean_of_printed,
    percentage,
    places,
    pooled_mean,
    related_pattern,
    round_half_up,
    standard_deviation,
    sum_of_rounded,
)
from swtlib.reproduction.findings import (
    baken_fits,
    count_team_totals,
    difference_fits,
    impossible_differences,
    total_readings,
)


def fractions(*figures):
    return [Fraction(figure) for figure in figures]


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        ("0.685", 2, "0.69"),  # floats: round(0.685, 2) is 0.69, of 0.675 0.68 …
        ("0.405", 2, "0.41"),  # … and a float 0.405 is 0.40500000000000003
        ("0.895", 2, "0.9"),
        ("1.005", 2, "1.01"),  # round(1.005, 2) is 1.0
        ("2.5", 0, "3"),  # half even would give 2
        ("-0.065", 2, "-0.07"),  # away from zero
        ("0.6849", 2, "0.68"),
        ("0", 2, "0"),
    ],
)
def test_round_half_up_takes_a_half_away_from_zero(value, digits, rounded):
    assert round_half_up(Fraction(value), digits) == Fraction(rounded)


def test_exact_leaves_out_what_was_not_answered():
    assert exact(pd.Series([4.0, None, 0.5])) == fractions("4", "0.5")
    assert exact(pd.Series([None, None], dtype=float)) == []


def test_mean_of_nothing_is_an_error():
    with pytest.raises(StatisticError, match="no answers"):
        mean([])


def test_mean_of_printed_rounds_the_rounded_means_again():
    # Phase parallel of the column headed Zuid: items 0.68 and 0.63, mean 0.655, so
    # 0.66; from the unrounded means 46/68 and 43/68 it would be 0.6544, so 0.65.
    assert mean_of_printed(fractions("0.68", "0.63")) == Fraction("0.66")
    unrounded = Fraction(46, 68) + Fraction(43, 68)
    assert round_half_up(unrounded / 2, 2) == Fraction("0.65")


def test_mean_of_printed_gives_every_team_the_same_weight():
    # 'Aanspreken': 0.72 0.57 0.71 0.58 0.86 0.67 add up to 4.11; 4.11 / 6 = 0.685.
    row = fractions("0.72", "0.57", "0.71", "0.58", "0.86", "0.67")
    assert mean_of_printed(row) == Fraction("0.69")


def test_pooled_mean_takes_answers_not_means():
    # (4 + 1 + 2) / 3 answers / 4 = 7/12; the mean of the item means 1 and 3/8 is 11/16.
    assert pooled_mean([fractions("4"), fractions("1", "2")]) == Fraction(7, 12)


def test_percentage_counts_the_answers_given():
    answers = fractions("4", "3", "2", "0")
    assert percentage(answers, [3, 4]) == 50
    assert percentage(answers, []) == 0


@pytest.mark.parametrize(
    ("partly", "fully", "printed", "true"),
    [
        (34, 19, 81, "80.3"),  # 51.5 -> 52 and 28.8 -> 29; 53/66
        (21, 9, 46, "45.5"),  # 31.8 -> 32 and 13.6 -> 14; 30/66
        (30, 10, 60, "60.6"),  # 45.5 -> 45 and 15.2 -> 15; 40/66
    ],
)
def test_sum_of_rounded_gives_percentages_that_no_count_gives(
    partly, fully, printed, true
):
    answers = fractions(*["3"] * partly, *["4"] * fully, *["1"] * (66 - partly - fully))
    assert sum_of_rounded(answers, [3, 4]) == printed
    share = percentage(answers, [3, 4])
    assert round_half_up(share, 1) == Fraction(true)
    assert all(
        round_half_up(Fraction(100 * count, 66), 0) != printed for count in range(67)
    )


def test_standard_deviation_divides_by_n_less_one():
    # 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32; 32 / 7 = 4.5714, root 2.1381
    found = standard_deviation(fractions(*"24445579"))
    assert round_half_up(found, 4) == Fraction("2.1381")
    assert standard_deviation(fractions("3", "3")) == 0
    with pytest.raises(StatisticError, match="two answers"):
        standard_deviation(fractions("3"))


def test_places_of_tied_values_are_shared():
    grades = fractions("8.0", "7.8", "7.6", "7.6", "7.5")
    assert list(places(Fraction("7.6"), grades, high=True)) == [3, 4]
    assert list(places(Fraction("7.6"), grades, high=False)) == [2, 3]
    assert list(places(Fraction("8.0"), grades, high=True)) == [1]


def test_fits_mean_knows_the_ends():
    assert fits_mean(Fraction(1), n=1)
    assert fits_mean(Fraction(0), n=1)
    # one answer gives 0, 0.25, 0.5, 0.75 or 1
    assert not fits_mean(Fraction("0.3"), n=1)
    # 0.005 rounds up to 0.01: 1 of 200 points
    assert fits_mean(Fraction("0.01"), n=50)


def test_fits_mean_agrees_with_trying_every_sum():
    for n in (6, 7, 8, 11):
        possible = {round_half_up(Fraction(k, 4 * n), 2) for k in range(4 * n + 1)}
        for hundredths in range(101):
            printed = Fraction(hundredths, 100)
            assert fits_mean(printed, n=n) == (printed in possible)


def test_related_pattern_needs_a_clear_difference_upwards():
    grades = pd.DataFrame({"a": [6, 6, 6, 9, 9, 9], "b": [7.0] * 6})
    statements = pd.DataFrame(
        {
            "up": [0, 1, 0, 4, 3, 4],
            "down": [4, 3, 4, 0, 1, 0],
            "none": [1, 2, 3, 1, 2, 3],
        }
    )
    pattern = related_pattern(grades, statements)
    assert pattern.loc["a"].tolist() == [True, False, False]
    assert not pattern.loc["b"].any()  # equal grades: nobody is above the mean
    assert pattern.to_numpy().dtype == bool


def test_column_n_is_the_only_set_that_adds_up():
    assert tuple(column_n().values()) == (8, 7, 17, 9, 11, 6)
    assert possible_n()["zwolle_zuid"] == (17,)
    captions = {"zwolle_noord": 17, "zwolle_oost": 10, "zwolle_zuid": 9}
    captions |= {"zwolle_west": 8, "zwolle_centrum": 8, "elburg": 6}
    # forensics (d): 42 of 72 cells fit the numbers under figures 19-24
    assert sum(count_fitting(heading, n) for heading, n in captions.items()) == 42


def test_baken_fits_tells_the_divisions_apart():
    assert all(fit.fits for fit in baken_fits())
    assert all(fit.fits for fit in baken_fits("rival"))
    labels = {fit.number: fit for fit in baken_fits("tabel_10")}
    assert [number for number, fit in sorted(labels.items()) if not fit.fits] == [
        1,
        2,
        3,
        5,
        6,
    ]
    assert labels[1].mean == Fraction("0.77")  # (0.83 + 0.71) / 2
    # what does not hang on the division: 2 is direct er op af, 3 is eigen kracht
    for division in ("", "rival"):
        named = {fit.number: fit.label for fit in baken_fits(division)}
        assert named[2] == "Direct er op af"
        assert "eigen kracht" in named[3]


def test_total_readings_leave_one_way_of_counting():
    twelve, *others = total_readings()
    assert twelve.n_reproduced == 7
    assert [reading.n_reproduced for reading in others] == [0, 0, 0]
    assert count_team_totals() == (12, 12)


def test_difference_fits_needs_a_missing_grade_for_three_competences():
    assert impossible_differences() == ("analyseren", "integraal", "inzicht_resultaten")
    assert difference_fits("integraal", n_have=66, n_want=65)
    assert difference_fits("inzicht_resultaten", n_have=66, n_want=65)
    assert not difference_fits("inzicht_resultaten", n_have=65, n_want=65)
