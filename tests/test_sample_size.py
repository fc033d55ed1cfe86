import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from swtlib import reading
from swtlib.errors import ParameterError, StatisticError
from swtlib.figures import plot_sample_size
from swtlib.sample_size import (
    detectable_difference,
    mean_half_width,
    sample_size_table,
    share_half_width,
)

# Both search for a root of the same function; the noncentral t of boost and that of R
# differ in the ninth digit.
R_RTOL = 1e-7
R_RTOL_EXACT = 1e-10  # no root is searched; R and NumPy add up in another order


@pytest.fixture
def reference(request):
    folder = request.path.parent / "reference"
    return lambda name: pd.read_csv(folder / f"{name}.csv")


def test_detectable_difference_matches_r(reference):
    expected = reference("sample_size")
    found = [
        detectable_difference(
            int(row.n_first),
            int(row.n_second),
            power=row.power,
            confidence=1 - row.level,
        )
        for row in expected.itertuples()
    ]
    assert_allclose(found, expected["difference"], rtol=R_RTOL)
    equal = expected["power_t_test"].notna().to_numpy()
    assert equal.sum() >= 8  # of power.t.test itself
    own = np.asarray(found)[equal]
    assert_allclose(own, expected["power_t_test"][equal], rtol=R_RTOL)


def test_half_widths_match_r(reference):
    expected = reference("sample_size_half")
    for row in expected.itertuples():
        known = {
            "population": None if math.isnan(row.population) else int(row.population),
            "confidence": 1 - row.level,
        }
        mean = mean_half_width(row.n, sd=0.22, **known)
        share = share_half_width(row.n, share=row.share, **known)
        assert_allclose(mean, row.mean, rtol=R_RTOL_EXACT, atol=1e-15)
        assert_allclose(share, row.half_share, rtol=R_RTOL_EXACT, atol=1e-15)


def test_mean_half_width_by_hand():
    # t(0.975, 3) = 3.1824463; sd 2, n 4: 3.1824463 * 2 / 2
    assert mean_half_width(4, sd=2) == pytest.approx(3.1824463, abs=1e-7)
    # of 16 people: times sqrt(1 - 4/16) = 0.8660254
    half = mean_half_width(4, sd=2, population=16)
    assert half == pytest.approx(3.1824463 * 0.8660254, abs=1e-6)


def test_share_half_width_by_hand():
    # z = 1.959964, z^2 = 3.841459; n 4, 2 of them:
    # 1.959964 * sqrt(0.25 / 4 + 3.841459 / 64) / (1 + 3.841459 / 4)
    # = 1.959964 * 0.3500332 / 1.9603647
    assert share_half_width(4) == pytest.approx(0.3499617, abs=1e-6)


def test_everybody_asked_leaves_no_uncertainty():
    assert mean_half_width(40, sd=0.2, population=40) == 0
    assert share_half_width(40, population=40) == 0


def test_found_difference_is_found_with_the_power_asked_for():
    # Answers are drawn; the t-test finds the difference in about 8 of 10 draws.
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(4)
    d = detectable_difference(24, 16)
    first = rng.normal(d, 1, (4000, 24))
    second = rng.normal(0, 1, (4000, 16))
    part = (ttest_ind(first, second, axis=1).pvalue < 0.05).mean()
    assert abs(part - 0.8) < 0.02  # three standard errors of 4000 draws


def test_more_answers_show_smaller_differences():
    found = [detectable_difference(n, n) for n in (2, 5, 20, 200, 2000)]
    assert found == sorted(found, reverse=True)
    assert detectable_difference(8, 30) == pytest.approx(detectable_difference(30, 8))
    assert detectable_difference(20, 20, power=0.06) > 0
    assert detectable_difference(3, 3, power=0.999) > 5
    least = detectable_difference(2, 2, power=0.999)
    assert math.isnan(least) or least > 5  # SciPy's noncentral t may have no answer


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: detectable_difference(1, 20), "a group of 1 has no spread"),
        (lambda: detectable_difference(20, 20, power=0.05), "power = 0.05 must be"),
        (lambda: detectable_difference(20, 20, power=1), "below 1"),
        (lambda: detectable_difference(20, 20, confidence=95), "confidence is 95"),
        (lambda: mean_half_width(1, sd=1), "n = 1"),
        (lambda: mean_half_width(9, sd=0), "sd = 0"),
        (lambda: share_half_width(0), "n = 0"),
        (lambda: share_half_width(9, share=1.2), "share = 1.2"),
        (lambda: sample_size_table([3], sd=1), "4 or more"),
        (lambda: sample_size_table([40], sd=1, population=30), "up to the 30 people"),
        (lambda: sample_size_table([40], sd=1, share_first=1), "share_first = 1"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(call, message):
    with pytest.raises(ParameterError, match=message) as fault:
        call()
    assert "\n" not in str(fault.value)


def test_more_answers_than_people_is_an_error():
    with pytest.raises(StatisticError):
        mean_half_width(41, sd=1, population=40)


def test_sample_size_table_leaves_out_more_than_everybody():
    table = sample_size_table([20, 40, 80], sd=0.2, population=60, share_first=0.25)
    frame = table.frame
    assert frame["n"].tolist() == [20, 40]
    assert frame["n_first"].tolist() == [5, 10]
    assert_allclose(frame["difference_points"], 0.2 * frame["difference"])
    assert table.kind == "public"


def test_sample_size_table_has_no_test_for_a_group_of_one():
    frame = sample_size_table([4], sd=0.2, share_first=0.2).frame
    assert frame[["n_first", "n_second"]].to_numpy().tolist() == [[1, 3]]
    assert frame["difference"].isna().all()
    assert frame["half_mean"].notna().all()


SAY = {"title": "Wat je ziet", "origin": "Berekend."}


def test_figure_draws_every_size_and_says_it_in_words():
    table = sample_size_table([20, 40, 120], sd=0.2)
    picture = plot_sample_size(table, note="Twee groepen.", **SAY)
    lines = {
        line.get_gid(): list(line.get_ydata())
        for axes in picture.figure.axes
        for line in axes.lines
    }
    assert_allclose(lines["found"], table.frame["difference"])
    assert lines["line"] == lines["found"]
    assert "40 antwoorden 0,91" in picture.alt
    assert "Twee groepen." in picture.note


def test_figure_needs_two_sizes_with_a_test():
    table = sample_size_table([4, 40], sd=0.2, share_first=0.25)  # 1 and 3: no test
    with pytest.raises(ParameterError, match="two sizes or more"):
        plot_sample_size(table, **SAY)


def test_reading_says_what_so_many_answers_show():
    table = sample_size_table([40], sd=0.2, population=330)
    told = reading.read_sample_size(table, n=40)
    # 0.064 and 0.148, each times sqrt(1 - 40/330) or nearly
    assert "ongeveer 0,06 naast" in told
    assert "14 procentpunten" in told
    assert "20 mensen met 20 anderen" in told
    assert "de kans 80%" in told
    assert "0,91 standaarddeviaties" in told
    assert "0,18 op de schaal" in told


def test_reading_of_a_group_of_one_makes_no_comparison():
    table = sample_size_table([4], sd=0.2, share_first=0.25)
    told = reading.read_sample_size(table, n=4)
    assert "een van de groepen te klein" in told
    assert "standaarddeviaties" not in told


def test_reading_names_the_sizes_there_are():
    table = sample_size_table([40, 60], sd=0.2)
    with pytest.raises(ParameterError, match=r"no row for 50 answers\. It has: 40, 60"):
        reading.read_sample_size(table, n=50)
