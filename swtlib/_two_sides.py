"""Two independent groups of finite size beside each other: how far apart, how sure.

The arithmetic behind :mod:`swtlib.team_difference` (a team and the others) and
:mod:`swtlib.trend` (a group in two years).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib.groups import Floats, Group
from swtlib.two_groups import small_sample_factor

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    """The standard deviation of people, per variable, and its degrees of freedom."""

    sd: Floats
    df: Integers


@dataclass(frozen=True)
class Side:
    """One of both groups: counts, means and squared standard errors.

    The last is 0 for a census, and NaN where it cannot be known.
    """

    n: Floats
    mean: Floats
    variance: Floats

    @classmethod
    def of(cls, group: Group, means: pd.DataFrame, spread: Spread) -> "Side":
        """Take a group with its rows of `estimates.mean_with_ci`."""
        n, mean = (means[name].to_numpy(float) for name in ("n", "mean"))
        sd = spread.sd
        known = (n > 0) & (spread.df > 0) & (sd > 0) & (group.factor > 0)
        variance = np.full(len(n), np.nan)
        variance[known] = (sd[known] * group.factor[known]) ** 2 / n[known]
        return cls(n, mean, np.where(group.census, 0.0, variance))


def set_beside(
    first: Side, second: Side, *, df: Floats, spread: Spread, confidence: float
) -> dict[str, Floats]:
    """Estimate the first mean less the second, per variable.

    Parameters
    ----------
    first, second : Side
        Two groups that have nobody in common, on the same variables.
    df : ndarray, shape (n_variables,)
        Degrees of freedom of the standard error of the difference.
    spread : Spread
        Unit of the effect.
    confidence : float
        Level of the interval.

    Returns
    -------
    dict of str to ndarray
        ``difference, ci_low, ci_high, interval, t, p_value, effect, effect_low,
        effect_high``; see `team_difference.difference_with_ci`. ``p_value`` is
        two-sided, of the same ``t`` as the interval; NaN where there is no
        interval.
    """
    from scipy.special import stdtr, stdtrit

    difference = first.mean - second.mean
    variance = first.variance + second.variance
    error = np.sqrt(np.where(variance > 0, variance, np.nan))
    half = stdtrit(df, 0.5 + confidence / 2) * error
    unit = np.full(len(difference), np.nan)
    ok = (spread.df > 0) & (spread.sd > 0)
    unit[ok] = small_sample_factor(spread.df[ok].astype(float)) / spread.sd[ok]
    interval = np.where(variance == 0, "telling", np.where(np.isnan(half), "geen", "t"))
    return {
        "difference": difference,
        "ci_low": difference - half,
        "ci_high": difference + half,
        "interval": interval,
        "t": difference / error,
        "p_value": 2 * stdtr(df, -np.abs(difference) / error),
        "effect": difference * unit,
        "effect_low": (difference - half) * unit,
        "effect_high": (difference + half) * unit,
    }
