"""Adjusted p-values, by hand and against R, scipy and statsmodels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from swtlib.adjustment import adjust_bh, adjust_holm
from swtlib.errors import StatisticError

TESTS = Path(__file__).resolve().parent
R_RTOL = 1e-10  # R and NumPy add up in a different order; more digits cannot agree


def test_adjust_bh_by_hand():
    # sorted .01 .03 .04: 3/1 * .01 = .03, 3/2 * .03 = .045 -> .04, 3/3 * .04 = .04
    assert_allclose(adjust_bh([0.01, 0.04, 0.03]), [0.03, 0.04, 0.04])


def test_adjust_holm_by_hand():
    # sorted .01 .03 .04: 3 * .01 = .03, 2 * .03 = .06, 1 * .04 -> .06
    assert_allclose(adjust_holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])


@pytest.mark.parametrize("adjust", [adjust_bh, adjust_holm])
def test_adjust_takes_each_row_as_a_family(adjust):
    rows = [[0.01, 0.04, 0.03], [0.2, np.nan, 0.1]]
    assert_allclose(adjust(rows), [adjust(row) for row in rows])


@pytest.mark.parametrize("adjust", [adjust_bh, adjust_holm])
def test_adjust_does_not_count_missing_tests(adjust):
    found = adjust([np.nan, 0.02, np.nan, 0.5])
    assert_allclose(found, [np.nan, adjust([0.02, 0.5])[0], np.nan, 0.5])
    assert np.isnan(adjust([np.nan, np.nan])).all()
    assert adjust([]).shape == (0,)
    assert_allclose(adjust([0.03]), [0.03])


@pytest.mark.parametrize("adjust", [adjust_bh, adjust_holm])
@pytest.mark.parametrize("value", [-0.1, 1.2])
def test_adjust_refuses_what_is_no_p_value(adjust, value):
    with pytest.raises(StatisticError, match="outside 0-1"):
        adjust([0.5, value])


def test_adjust_matches_r():
    expected = pd.read_csv(TESTS / "reference" / "adjust.csv")
    p_values = expected["p_value"].to_numpy()
    assert_allclose(adjust_bh(p_values), expected["bh"], rtol=R_RTOL)
    assert_allclose(adjust_holm(p_values), expected["holm"], rtol=R_RTOL)


def test_adjust_matches_scipy_and_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(3).random((4, 22)) ** 3
    for row, bh, holm in zip(
        p_values, adjust_bh(p_values), adjust_holm(p_values), strict=True
    ):
        assert_allclose(bh, stats.false_discovery_control(row), rtol=R_RTOL)
        assert_allclose(holm, multipletests(row, method="holm")[1], rtol=R_RTOL)
