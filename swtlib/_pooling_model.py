"""The model behind `swtlib.pooling`: one random effect, teams of unequal size."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from swtlib._one_way import REASON_TOO_LITTLE, Codes, OneWay
from swtlib.groups import Floats

WARN_BOUNDARY = "tussen teams is geen verschil te schatten; de volgorde zegt niets"
WARN_ALMOST = "tussen teams is bijna geen verschil te schatten; de volgorde zegt weinig"
WARN_NOT_CONVERGED = (
    "het model kwam niet tot een oplossing; gladgestreken gemiddelden zijn er niet"
)
WARN_HESSIAN = (
    "de oplossing van het model is onzeker; lees de gladgestreken gemiddelden "
    "met voorbehoud"
)
WARN_OTHER = "het model gaf een waarschuwing"

# A log-likelihood this much below the one at the start is not a maximum.
LOST = 1e-6
# Ratios of the variance between teams to that within, to look for the maximum.
_RATIOS = np.concatenate([[0.0], np.logspace(-8, 12, 161)])
# How messages of statsmodels begin, and what each means for the reader. The last
# three are of a step on the way; whether the end is good is looked at apart.
# "May be on the boundary" is a variance below 0.01, here of that within teams.
_MEANINGS = {
    "The MLE may be on the boundary": WARN_ALMOST,
    "The Hessian matrix at the estimated": WARN_HESSIAN,
    "The random effects covariance matrix is singular": WARN_HESSIAN,
    "MixedLM optimization failed": WARN_NOT_CONVERGED,
    "Gradient optimization failed": WARN_NOT_CONVERGED,
    "Maximum Likelihood optimization failed": "",
    "Retrying MixedLM optimization": "",
    "Random effects covariance is singular": "",
}


@dataclass(frozen=True)
class TeamFit:
    """A fitted model; pooled means and weights in the order of the teams."""

    pooled: Floats
    weight: Floats
    sd_between: float
    warnings: list[str] = field(default_factory=list)


def fit_teams(parts: OneWay, scores: Floats, codes: Codes) -> TeamFit:
    """Fit the model, or say why there is nothing to fit."""
    nothing = np.full(parts.n_teams, np.nan)
    if not parts.estimable:
        return TeamFit(nothing, nothing, np.nan, [REASON_TOO_LITTLE])
    # In standard deviations within teams the scale of the scores does not matter.
    unit = np.sqrt(parts.within / (parts.n - parts.n_teams))
    middle = float((parts.size * parts.mean).sum() / parts.n)
    mean = (parts.mean - middle) / unit
    ratio = _best_ratio(parts, mean)
    if ratio == 0:
        same = np.full(parts.n_teams, middle)
        return TeamFit(same, np.zeros(parts.n_teams), 0.0, [WARN_BOUNDARY])
    scored = ~np.isnan(scores)
    fitted = _mixed_model((scores[scored] - middle) / unit, codes[scored], ratio)
    between, within, overall, said = fitted
    if WARN_NOT_CONVERGED not in said:
        found = between / within
        lost = _deviance(parts, mean, found) - _deviance(parts, mean, ratio)
        if not lost / 2 < LOST:
            said = [WARN_NOT_CONVERGED]
    if WARN_NOT_CONVERGED in said:
        return TeamFit(nothing, nothing, np.nan, [WARN_NOT_CONVERGED])
    weight = parts.size * found / (1 + parts.size * found)
    pooled = middle + unit * (weight * mean + (1 - weight) * overall)
    return TeamFit(pooled, weight, float(unit * np.sqrt(between)), said)


def _mixed_model(
    values: Floats, codes: Codes, ratio: float
) -> tuple[float, float, float, list[str]]:
    """Give the variances between and within, the overall mean, and warnings."""
    from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams
    from statsmodels.tools.sm_exceptions import ModelWarning

    start = MixedLMParams.from_components(
        fe_params=np.zeros(1), cov_re=np.array([[ratio]])
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ModelWarning)
        try:
            model = MixedLM(values, np.ones((len(values), 1)), groups=codes)
            fit = model.fit(start_params=start, reml=True, method=["lbfgs", "powell"])
        except np.linalg.LinAlgError:
            return np.nan, np.nan, np.nan, [WARN_NOT_CONVERGED]
    for other in caught:
        if not issubclass(other.category, ModelWarning):
            warnings.warn_explicit(
                other.message, other.category, other.filename, other.lineno
            )
    messages = [str(w.message) for w in caught if issubclass(w.category, ModelWarning)]
    said = _translate(messages)
    if not fit.converged:
        said = [WARN_NOT_CONVERGED]
    between = float(np.asarray(fit.cov_re)[0, 0])
    return between, float(fit.scale), float(fit.fe_params[0]), said


def _translate(messages: Iterable[str]) -> list[str]:
    """Give what the model warned for in Dutch, each thing once."""
    said = []
    for message in messages:
        for start, meaning in _MEANINGS.items():
            if message.startswith(start):
                said.append(meaning)
                break
        else:
            said.append(f"{WARN_OTHER}: {message}")
    return [text for text in dict.fromkeys(said) if text]


def _deviance(parts: OneWay, mean: Floats, ratio: float | Floats) -> Floats:
    """Give minus twice the restricted log-likelihood, up to a constant.

    Parameters
    ----------
    parts : OneWay
        For the sizes of the teams.
    mean : ndarray, shape (n_teams,)
        In standard deviations within teams: the sum of squares within is then
        ``n - n_teams``.
    ratio : float or ndarray, shape (n_ratios,)
        Variance between teams over that within.
    """
    ratio = np.atleast_1d(ratio)[:, None]
    weight = parts.size / (1 + parts.size * ratio)
    middle = (weight * mean).sum(axis=1, keepdims=True) / weight.sum(
        axis=1, keepdims=True
    )
    squares = parts.n - parts.n_teams + (weight * (mean - middle) ** 2).sum(axis=1)
    spread = np.log1p(parts.size * ratio).sum(axis=1) + np.log(weight.sum(axis=1))
    return np.asarray((parts.n - 1) * np.log(squares) + spread, dtype=float)


def _slope(ratio: float, parts: OneWay, mean: Floats) -> float:
    """Give the derivative of the deviance at one ratio."""
    weight = parts.size / (1 + parts.size * ratio)
    total = weight.sum()
    squares = (mean - (weight * mean).sum() / total) ** 2
    all_squares = parts.n - parts.n_teams + (weight * squares).sum()
    fall = (parts.n - 1) * (weight**2 * squares).sum() / all_squares
    return float(total - (weight**2).sum() / total - fall)


def _best_ratio(parts: OneWay, mean: Floats) -> float:
    """Find the ratio with the highest restricted likelihood; 0 if that is at 0."""
    from scipy.optimize import brentq

    slopes = np.array([_slope(ratio, parts, mean) for ratio in _RATIOS])
    found = [0.0] if slopes[0] >= 0 else []
    for at in np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0)):
        low, high = _RATIOS[at], _RATIOS[at + 1]
        found.append(brentq(_slope, low, high, args=(parts, mean), xtol=1e-16))
    if not found:
        return float(_RATIOS[-1])
    return float(min(found, key=lambda ratio: _deviance(parts, mean, ratio)[0]))
