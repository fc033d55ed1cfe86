"""Effects of several studies together: a random-effects meta-analysis.

Each study has a true effect of its own; what is estimated is the mean of those
effects, how far they lie apart, and where that of a next study may lie. The
arithmetic is statsmodels'; what it leaves open for few studies is settled here.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from swtlib.errors import ParameterError, StatisticError, did_you_mean
from swtlib.estimates import check_confidence
from swtlib.groups import Floats

Method = Literal["paule_mandel", "dersimonian_laird"]
QUESTION = ["outcome", "comparison", "kind"]
FOUND = (
    *("estimate", "se", "ci_low", "ci_high", "tau", "q", "q_p", "i2"),
    *("prediction_low", "prediction_high"),
)
FEWEST_TO_PREDICT = 3  # studies: the interval has k - 2 degrees of freedom
# Of the estimating equation of Paule and Mandel. Tau2 is then right to one in a
# million; with a tighter one statsmodels steps past the root by rounding, and gives 0.
PM_ATOL = 1e-6


@dataclass(frozen=True, kw_only=True)
class Combined:
    """Several effects together; NaN where there is no answer.

    Attributes
    ----------
    k : int
        Studies that are combined.
    estimate, se, ci_low, ci_high : float
        Mean of the true effects.
    tau2 : float
        Variance of the true effects; ``tau`` is its root.
    q, q_p : float
        Cochran's Q and its p-value: are the effects equal?
    i2 : float
        Part of the variance of the effects that is not chance, from 0 to 1.
    prediction_low, prediction_high : float
        Where the true effect of a next study is expected.
    weights : ndarray, shape (n_studies,)
        Part of each study in the mean; NaN for one that is left out.
    """

    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    tau2: float
    q: float
    q_p: float
    i2: float
    prediction_low: float
    prediction_high: float
    weights: Floats

    @property
    def tau(self) -> float:
        """Standard deviation of the true effects."""
        return math.sqrt(self.tau2)


def combine_studies(
    estimates: npt.ArrayLike,
    errors: npt.ArrayLike,
    *,
    method: Method = "paule_mandel",
    confidence: float = 0.95,
) -> Combined:
    """Combine the effects of studies that each have a true effect of their own.

    Parameters
    ----------
    estimates : array_like, shape (n_studies,)
        Effect that each study found, in one unit.
    errors : array_like, shape (n_studies,)
        Standard error of each. A study without one (NaN) is left out: nothing
        says how much it should count.
    method : {"paule_mandel", "dersimonian_laird"}, default "paule_mandel"
        How the variance between studies is estimated.
    confidence : float, default 0.95
        Level of both intervals.

    Returns
    -------
    Combined
        With one study its own effect and interval (normal), and NaN for all
        that is about differences between studies; without any all NaN.
        ``prediction_low`` and ``prediction_high`` are NaN with fewer than
        three studies.

    Raises
    ------
    ParameterError
        If there is no such method, or `confidence` is not between 0 and 1.
    StatisticError
        If there are not as many estimates as errors, an estimate is missing or
        infinite, or an error is not above 0.

    Notes
    -----
    The interval is Hartung and Knapp's: t(k - 1), with a variance estimated
    from how far the effects lie apart. Effects that happen to be alike would
    make it narrower than if no study differed from another at all, and equal
    ones of no width; so it is never narrower than with the usual variance
    ``1 / sum(w)`` (Röver et al., 2015). With two studies t(1) makes it very
    wide: that is what two studies can say.

    The prediction interval is that of Higgins et al. (2009),
    ``estimate ± t(k - 2) * sqrt(tau2 + se^2)``, with the ``se`` of the interval
    above (Partlett & Riley, 2017).

    A variance between studies that comes out below 0 is 0. ``i2`` is ``1 -
    (k - 1) / q``, and 0 where that is negative.

    References
    ----------
    DerSimonian, R., & Kacker, R. (2007). Random-effects model for meta-analysis
    of clinical trials: An update. Contemporary Clinical Trials, 28(2), 105-114.

    Higgins, J. P. T., Thompson, S. G., & Spiegelhalter, D. J. (2009). A
    re-evaluation of random-effects meta-analysis. Journal of the Royal
    Statistical Society A, 172(1), 137-159.

    Partlett, C., & Riley, R. D. (2017). Random effects meta-analysis: Coverage
    performance of 95% confidence and prediction intervals following REML
    estimation. Statistics in Medicine, 36(2), 301-317.

    Röver, C., Knapp, G., & Friede, T. (2015). Hartung-Knapp-Sidik-Jonkman
    approach and its modification for random-effects meta-analysis with few
    studies. BMC Medical Research Methodology, 15, 99.

    Examples
    --------
    >>> found = combine_studies([0.1, 0.5, 0.9], [0.2, 0.2, 0.2])
    >>> found.estimate, round(found.tau2, 4)  # 0.16 between, less 0.04 of chance
    (0.5, 0.12)
    >>> round(found.ci_low, 2), round(found.ci_high, 2)  # 0.5 ± 4.303 * 0.4 / sqrt(3)
    (-0.49, 1.49)
    """
    check_confidence(confidence)
    if method not in get_args(Method):
        raise ParameterError(
            f"there is no method '{method}'."
            + did_you_mean(str(method), get_args(Method))
        )
    effects, sd = _checked(estimates, errors)
    used = ~np.isnan(sd)
    effects, variances = effects[used], sd[used] ** 2
    weights = np.full(len(used), np.nan)
    k = len(effects)
    if k < 2:
        weights[used] = 1.0
        return _alone(effects, variances, confidence, weights)
    return _combine(effects, variances, method, confidence, used, weights)


def _combine(
    effects: Floats,
    variances: Floats,
    method: Method,
    confidence: float,
    used: "npt.NDArray[np.bool_]",
    weights: Floats,
) -> Combined:
    from scipy.special import stdtrit
    from statsmodels.stats.meta_analysis import combine_effects

    k = len(effects)
    with np.errstate(all="ignore"):  # it divides by Q, which may be 0
        if method == "paule_mandel":
            found = combine_effects(effects, variances, "pm", atol=PM_ATOL)
        else:
            found = combine_effects(effects, variances, "dl")
        if found.tau2 < 0:  # without a step of the iteration it takes what is given
            found = combine_effects(effects, variances, "pm", tau2_start=0, maxiter=0)
    test = found.test_homogeneity()
    q = max(0.0, float(found.q))  # a sum of squares, but for rounding
    se = math.sqrt(max(found.var_hksj_re, found.var_eff_w_re))
    tail = 0.5 + confidence / 2
    half = float(stdtrit(k - 1, tail)) * se
    predicted = math.nan
    if k >= FEWEST_TO_PREDICT:
        predicted = float(stdtrit(k - 2, tail)) * math.sqrt(found.tau2 + se**2)
    estimate = float(found.mean_effect_re)
    weights[used] = found.weights_rel_re
    return Combined(
        k=k,
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        tau2=float(found.tau2),
        q=q,
        q_p=min(1.0, float(test.pvalue)),
        i2=max(0.0, 1 - (k - 1) / q) if q > 0 else 0.0,
        prediction_low=estimate - predicted,
        prediction_high=estimate + predicted,
        weights=weights,
    )


def _alone(
    effects: Floats, variances: Floats, confidence: float, weights: Floats
) -> Combined:
    """Give the effect of one study, or nothing."""
    from scipy.special import ndtri

    estimate = float(effects[0]) if len(effects) else math.nan
    se = math.sqrt(variances[0]) if len(effects) else math.nan
    half = float(ndtri(0.5 + confidence / 2)) * se
    unknown = dict.fromkeys(
        ("tau2", "q", "q_p", "i2", "prediction_low", "prediction_high"), math.nan
    )
    return Combined(
        k=len(effects),
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        weights=weights,
        **unknown,
    )


def _checked(estimates: npt.ArrayLike, errors: npt.ArrayLike) -> tuple[Floats, Floats]:
    effects = np.asarray(estimates, dtype=float).ravel()
    sd = np.asarray(errors, dtype=float).ravel()
    if len(effects) != len(sd):
        raise StatisticError(
            f"there are {len(effects)} estimates beside {len(sd)} errors; give one of "
            "each for every study."
        )
    if not np.isfinite(effects).all():
        raise StatisticError(
            "an estimate is missing or infinite. Leave that study out."
        )
    if (sd <= 0).any() or np.isinf(sd).any():
        raise StatisticError(
            "a standard error is not a number above 0. Give NaN if it is not known."
        )
    return effects, sd


def combine_questions(
    effects: pd.DataFrame, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Combine the effects of studies, for each question that they answer.

    Parameters
    ----------
    effects : DataFrame
        From `effects.read_effects`. Effects with the same ``outcome,
        comparison`` and ``kind`` answer one question.
    confidence : float, default 0.95
        As in `combine_studies`.

    Returns
    -------
    DataFrame
        One row per question, in order of appearance: ``outcome, comparison,
        kind, unit, description`` (of the first study), ``k, left_out,
        n_total, n_smallest`` (of the studies that are combined, or of all if
        none can be: their answers, and the smallest group), and ``estimate, se,
        ci_low, ci_high, tau, q, q_p, i2, prediction_low, prediction_high`` in
        the unit of the effect.

    Raises
    ------
    ParameterError, StatisticError
        As for `combine_studies`.

    Examples
    --------
    >>> effects = pd.DataFrame({"outcome": "regie", "comparison": "contact",
    ...     "kind": "hedges_g", "unit": "", "description": "Regie: wel min niet",
    ...     "estimate": [0.1, 0.5, 0.9], "se": [0.2, 0.2, None],
    ...     "n_first": 50.0, "n_second": 50.0})
    >>> table = combine_questions(effects)
    >>> table[["k", "left_out", "estimate", "n_total"]].round(2).values.tolist()
    [[2.0, 1.0, 0.3, 200.0]]
    """
    rows = []
    for key, part in effects.groupby(QUESTION, sort=False):
        found = combine_studies(part["estimate"], part["se"], confidence=confidence)
        used = part[part["se"].notna()] if found.k else part
        counts = used[["n_first", "n_second"]]
        rows.append(
            dict(zip(QUESTION, key, strict=True))
            | {name: part[name].iloc[0] for name in ("unit", "description")}
            | {
                "k": found.k,
                "left_out": len(part) - found.k,
                "n_total": counts.sum().sum(),
                "n_smallest": counts.min().min(),
            }
            | {name: getattr(found, name) for name in FOUND}
        )
    columns = [*QUESTION, "unit", "description", "k", "left_out"]
    return pd.DataFrame(rows, columns=[*columns, "n_total", "n_smallest", *FOUND])


def studies_with_ci(effects: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Give each study its interval, and its weight among those with its question.

    Parameters
    ----------
    effects, confidence
        As in `combine_questions`.

    Returns
    -------
    DataFrame
        The rows of `effects` with ``n_total, n_smallest`` (answers, and those
        of the smallest group), ``ci_low, ci_high`` (normal, each study by
        itself) and ``weight``, a part of 1. Without a standard error these
        three are NaN.

    Raises
    ------
    ParameterError, StatisticError
        As for `combine_studies`.

    Examples
    --------
    >>> effects = pd.DataFrame({"outcome": "regie", "comparison": "contact",
    ...     "kind": "hedges_g", "estimate": [0.1, 0.5], "se": [0.2, 0.2],
    ...     "n_first": 50.0, "n_second": 50.0})
    >>> table = studies_with_ci(effects)
    >>> table[["ci_low", "ci_high", "weight"]].round(2).values.tolist()
    [[-0.29, 0.49, 0.5], [0.11, 0.89, 0.5]]
    """
    from scipy.special import ndtri

    check_confidence(confidence)
    table = effects.copy()
    counts = table[["n_first", "n_second"]].astype(float)
    table["n_total"], table["n_smallest"] = counts.sum(axis=1), counts.min(axis=1)
    half = float(ndtri(0.5 + confidence / 2)) * table["se"].astype(float)
    table["ci_low"], table["ci_high"] = (
        table["estimate"] - half,
        table["estimate"] + half,
    )
    table["weight"] = np.nan
    for _, part in table.groupby(QUESTION, sort=False):
        found = combine_studies(part["estimate"], part["se"], confidence=confidence)
        table.loc[part.index, "weight"] = found.weights
    return table
