"""One proportional-odds regression, respondents in teams; for swtlib.ordinal."""

from typing import Any

import numpy as np
from scipy.special import expit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from swtlib._crosstab import Codes
from swtlib.groups import Floats

STEPS = 50  # Newton needs four to eight; measured on thousands of small samples
STILL = 1e-10  # a step below this, in log-odds, has arrived


class ProportionalOdds(OrderedModel):  # type: ignore[misc]
    """statsmodels' ordered logit of one predictor, with exact derivatives.

    OrderedModel differentiates by small steps, and its parameters are the
    logarithms of the distances between thresholds. Here they are the slope and
    the thresholds themselves: in those the log-likelihood has one top, which
    Newton's method finds in a few steps.
    """

    def __init__(self, codes: Codes, grades: Floats) -> None:
        super().__init__(codes, grades[:, None], distr="logit")
        edges = np.eye(int(codes.max()) + 2)[:, 1:-1]  # the outer two are infinite
        self._upper = np.column_stack([-grades, edges[codes + 1]])
        self._lower = np.column_stack([-grades, edges[codes]])

    def transform_threshold_params(self, params: Floats) -> Floats:
        """Give the thresholds with the infinite ones at both ends."""
        return np.concatenate(([-np.inf], params[1:], [np.inf]))

    def transform_reverse_threshold_params(self, params: Floats) -> Floats:
        """Give the thresholds without the infinite one at the end."""
        return params[:-1]

    def cdf(self, x: Floats) -> Floats:
        """Give the logistic distribution function."""
        return np.asarray(expit(x))

    def score_obs(self, params: Floats, **_options: Any) -> Floats:
        """Give each respondent's gradient, shape (n, n_params)."""
        up, down = self._edges(params)[1::2]
        return np.asarray(up[:, None] * self._upper - down[:, None] * self._lower)

    def score(self, params: Floats) -> Floats:
        """Give the gradient of the log-likelihood."""
        return np.asarray(self.score_obs(params).sum(axis=0))

    def hessian_obs(self, params: Floats) -> Floats:
        """Give each respondent's second derivatives, (n, n_params, n_params)."""
        upper, up, lower, down = self._edges(params)
        twice_up = up * (1 - 2 * upper) - up**2
        twice_down = -down * (1 - 2 * lower) - down**2
        both = (
            twice_up[:, None] * self._upper + (up * down)[:, None] * self._lower,
            twice_down[:, None] * self._lower + (up * down)[:, None] * self._upper,
        )
        return np.asarray(
            self._upper[:, :, None] * both[0][:, None, :]
            + self._lower[:, :, None] * both[1][:, None, :]
        )

    def hessian(self, params: Floats) -> Floats:
        """Give the second derivatives of the log-likelihood."""
        return np.asarray(self.hessian_obs(params).sum(axis=0))

    def _edges(self, params: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Give F at both edges of each answer, and its density per unit of chance."""
        lower, upper = (self.cdf(edge) for edge in self._bounds(params))
        chance = upper - lower
        up, down = upper * (1 - upper) / chance, lower * (1 - lower) / chance
        return upper, up, lower, down


def fit_slope(codes: Codes, grades: Floats, teams: Codes) -> tuple[float, float]:
    """Estimate the log odds ratio per grade point, with its standard error.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Answers, 0 for the lowest that was given, without gaps.
    grades : ndarray, shape (n,)
        Grades; no perfect order with the answers.
    teams : ndarray of int, shape (n,)
        Team of each respondent, 0 and up.

    Returns
    -------
    tuple of float
        Slope and standard error; NaN where there is no estimate.
    """
    with np.errstate(all="ignore"):
        try:
            model = ProportionalOdds(codes, grades - grades.mean())
            fit = model.fit(
                method="newton",
                maxiter=STEPS,
                tol=STILL,
                disp=0,
                warn_convergence=False,
            )
        except np.linalg.LinAlgError:
            return np.nan, np.nan
    params = np.asarray(fit.params)
    if not fit.mle_retvals["converged"] or not np.isfinite(params).all():
        return np.nan, np.nan
    return float(params[0]), _jackknife(model, params, teams)


def _jackknife(model: ProportionalOdds, params: Floats, teams: Codes) -> float:
    """Give the standard error of the slope, from a step without each team.

    Without a team the gradient at the estimate is minus that of the team, so
    one step of Newton's method needs no other fit than the first.
    """
    member = (teams[:, None] == np.unique(teams)).astype(float)
    gradients = member.T @ model.score_obs(params)
    parts = np.tensordot(member.T, model.hessian_obs(params), axes=1)
    # A threshold on which nobody outside the team depends has no step.
    rest = np.linalg.pinv(parts - parts.sum(axis=0), hermitian=True)
    steps = (rest @ gradients[:, :, None])[:, 0, 0]
    n_teams = member.shape[1]
    return float(np.sqrt((n_teams - 1) / n_teams * (steps**2).sum()))
