"""One factor by maximum likelihood, for many correlation matrices at once.

Omega needs one fit and its bootstrap hundreds of small ones; fitted together
they cost what a few cost one by one.
"""

import numpy as np

from swtlib.groups import Bools, Floats

# The bound that R's factanal and psych::fa put on a uniqueness. A solution that
# lies on it is a Heywood case.
HEYWOOD = 0.005
# The fit stops at this slope of the discrepancy: omega then holds 8 digits.
GRADIENT = 1e-9
# Most steps; a matrix that one factor fits takes about 6, a few take 60.
MAX_STEPS = 200
# Longest step of a log uniqueness: far from the solution a Newton step goes too
# far. It gets shorter, or a few matrices hop from side to side for ever.
LONGEST = 1.0
SHORTER = 10  # steps after which it is half as long
# A curvature below this points nowhere, and rounding may make it negative.
FLATTEST = 1e-6


def fit_one_factor(correlations: Floats) -> tuple[Floats, Floats]:
    """Fit one factor to each correlation matrix.

    Parameters
    ----------
    correlations : ndarray, shape (n_matrices, n_items, n_items)
        Of full rank, with three items or more.

    Returns
    -------
    loadings, uniqueness : ndarray, shape (n_matrices, n_items)
        Loadings with a sum of 0 or more. NaN where no solution was found. A
        uniqueness is `HEYWOOD` or more.

    Notes
    -----
    With the uniquenesses ``u`` given, the best loadings follow from the largest
    eigenvalue of ``R`` scaled by ``1 / sqrt(u)``. What is left is a function of
    ``log(u)``, of which the first and second derivatives are known; Newton's
    method takes it to its minimum. Where the curve bends the wrong way the
    approximation of the second derivatives that cannot do so is used.

    References
    ----------
    Joreskog, K. G. (1967). Some contributions to maximum likelihood factor
    analysis. Psychometrika, 32(4), 443-482.

    Clarke, M. R. B. (1970). A rapidly convergent method for maximum-likelihood
    factor analysis. British Journal of Mathematical and Statistical Psychology,
    23(1), 43-52.
    """
    n_items = correlations.shape[1]
    bound = np.log(HEYWOOD)
    residual = 1 / np.diagonal(np.linalg.inv(correlations), axis1=1, axis2=2)
    logs = np.log((1 - 0.5 / n_items) * residual).clip(bound, 0)
    open_ = np.arange(len(logs))  # matrices that are not there yet
    for count in range(MAX_STEPS):
        roots, vectors = _scaled_roots(correlations[open_], logs[open_])
        slope = (vectors[..., :-1] ** 2 @ (1 - roots[:, :-1, None]))[..., 0]
        held = (logs[open_] <= bound) & (slope > 0)
        slope[held] = 0
        going = np.abs(slope).max(axis=1) >= GRADIENT
        open_ = open_[going]
        if not len(open_):
            break
        curve = _curvature(roots[going], vectors[going], held[going])
        step = np.linalg.solve(curve, slope[going][..., None])[..., 0]
        longest = LONGEST / (1 + count / SHORTER)
        logs[open_] = (logs[open_] - step.clip(-longest, longest)).clip(bound, 0)
    roots, vectors = _scaled_roots(correlations, logs)
    size = np.sqrt((roots[:, -1:] - 1).clip(0))
    loadings = np.exp(logs / 2) * vectors[..., -1] * size
    loadings *= np.where(loadings.sum(axis=1, keepdims=True) < 0, -1, 1)
    uniqueness = np.where(logs > bound, np.exp(logs), HEYWOOD)
    loadings[open_] = uniqueness[open_] = np.nan
    return loadings, uniqueness


def _scaled_roots(correlations: Floats, logs: Floats) -> tuple[Floats, Floats]:
    scale = np.exp(-logs / 2)
    found = np.linalg.eigh(correlations * scale[:, :, None] * scale[:, None, :])
    return found.eigenvalues, found.eigenvectors


def _curvature(roots: Floats, vectors: Floats, held: Bools) -> Floats:
    """Give the second derivatives, or what stands for them where they fail."""
    first, rest = vectors[..., -1], vectors[..., :-1]
    largest, others = roots[:, -1:], roots[:, :-1]
    identity = np.eye(first.shape[1])
    plain = rest @ rest.transpose(0, 2, 1)
    curve = _between(rest, others) * plain
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = (1 - others) * (largest + others) / (largest - others)
    sound = np.asarray(np.isfinite(turn).all(axis=1))
    curve += _between(rest, np.where(sound[:, None], turn, 0)) * (
        first[:, :, None] * first[:, None, :]
    )
    sound &= np.linalg.eigvalsh(curve)[:, 0] > FLATTEST
    curve[~sound] = plain[~sound] ** 2 + FLATTEST * identity
    either = held[:, :, None] | held[:, None, :]
    return np.where(either, identity, curve)


def _between(vectors: Floats, weights: Floats) -> Floats:
    product: Floats = (vectors * weights[:, None, :]) @ vectors.transpose(0, 2, 1)
    return product
