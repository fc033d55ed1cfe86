"""Scores taken apart: how much lies between teams and how much within them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib._reliability_model import all_equal
from swtlib.estimates import SAME_SCORE
from swtlib.groups import Floats, check_teams

Codes = npt.NDArray[np.int64]

# One text on purpose: who reads that nobody differs within the teams knows the
# answers of everybody in his own team.
REASON_TOO_LITTLE = "te weinig teams, of te weinig verschil tussen de antwoorden"


@dataclass(frozen=True, kw_only=True)
class OneWay:
    """Size, mean and standard deviation of each team that has scores.

    ``team`` is the place of the team in the list it comes from. A standard
    deviation is NaN for one score, and exactly 0 if all are equal.
    """

    team: Codes
    size: Codes
    mean: Floats
    sd: Floats

    @property
    def n(self) -> int:
        """Number of scores."""
        return int(self.size.sum())

    @property
    def n_teams(self) -> int:
        """Number of teams with scores."""
        return len(self.size)

    @property
    def estimable(self) -> bool:
        """Whether two teams have two scores, and some team has spread."""
        return bool((self.size > 1).sum() > 1 and (self.sd > 0).any())

    @property
    def within(self) -> float:
        """Sum of squares within teams."""
        several = self.size > 1
        return float(((self.size - 1) * self.sd**2)[several].sum())

    @property
    def between(self) -> float:
        """Sum of squares between teams; exactly 0 if all means are equal."""
        if all_equal(self.mean):
            return 0.0
        middle = (self.size * self.mean).sum() / self.n
        return float((self.size * (self.mean - middle) ** 2).sum())

    @property
    def effective_size(self) -> float:
        """Size of a team that counts in the variance between unequal teams."""
        return float((self.n - (self.size**2).sum() / self.n) / (self.n_teams - 1))


def code_teams(team: "pd.Series[Any]") -> tuple[list[str], Codes]:
    """List the teams that occur and number each respondent's.

    Parameters
    ----------
    team : Series of str, shape (n_respondents,)
        Team id of each respondent.

    Returns
    -------
    names : list of str
        In the order of the categories, or else of appearance.
    codes : ndarray of int, shape (n_respondents,)
        Place in `names`.

    Raises
    ------
    ResponseError
        If a respondent has no team.
    """
    check_teams(team)
    if isinstance(team.dtype, pd.CategoricalDtype):
        known = team.cat.remove_unused_categories()
        codes, names = known.cat.codes.to_numpy(), known.cat.categories
    else:
        codes, names = pd.factorize(team)
    return [str(name) for name in names], codes.astype(np.int64)


def take_apart(scores: Floats, codes: Codes) -> OneWay:
    """Summarise the scores of each team; NaN is no score.

    Parameters
    ----------
    scores : ndarray, shape (n_respondents,)
        One score each.
    codes : ndarray of int, shape (n_respondents,)
        Number of each respondent's team.

    Returns
    -------
    OneWay
    """
    scored = ~np.isnan(scores)
    team, place = np.unique(codes[scored], return_inverse=True)
    values = scores[scored]
    size = np.bincount(place, minlength=len(team)).astype(np.int64)
    low, high = np.full(len(team), np.inf), np.full(len(team), -np.inf)
    np.minimum.at(low, place, values)
    np.maximum.at(high, place, values)
    mean = np.bincount(place, values, minlength=len(team)) / size
    same = high - low <= SAME_SCORE * np.maximum(1, np.abs(mean))
    mean = np.where(same, low, mean)
    squares = np.bincount(place, (values - mean[place]) ** 2, minlength=len(team))
    sd = np.full(len(team), np.nan)
    sd[size > 1] = np.sqrt(squares[size > 1] / (size[size > 1] - 1))
    sd[(size > 1) & same] = 0.0
    return OneWay(team=team, size=size, mean=mean, sd=sd)
