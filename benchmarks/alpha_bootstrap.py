"""The bootstrap of Cronbach's alpha beside the obvious ways, in one run.

By hand, from the project folder::

    uv run --with pingouin python benchmarks/alpha_bootstrap.py

Prints the rows of the table in docs/benchmarks.md. Every way draws respondents
with replacement and takes the 2.5% and 97.5% points; before it is timed, its
limits are compared with ours.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from swtlib.reliability import cronbachs_alpha

N_ITEMS = 7
SIZES = {66: 2_000, 10_000: 200}  # respondents: draws
SAME = 0.03  # limits of different draws of small samples
TAILS = [0.025, 0.975]
Way = Callable[[np.ndarray, int], tuple[float, float]]


def ours(answers: np.ndarray, draws: int) -> tuple[float, float]:
    found = cronbachs_alpha(pd.DataFrame(answers), n_bootstrap=draws, seed=1)
    return found.ci_low, found.ci_high


def alpha(answers: np.ndarray) -> float:
    k = answers.shape[1]
    parts, total = answers.var(axis=0, ddof=1).sum(), answers.sum(axis=1).var(ddof=1)
    return float(k / (k - 1) * (1 - parts / total))


def numpy_loop(answers: np.ndarray, draws: int) -> tuple[float, float]:
    rng, n = np.random.default_rng(1), len(answers)
    found = [alpha(answers[rng.integers(n, size=n)]) for _ in range(draws)]
    return tuple(np.quantile(found, TAILS))


def scipy_bootstrap(answers: np.ndarray, draws: int) -> tuple[float, float]:
    def of_columns(*items: np.ndarray, axis: int) -> np.ndarray:
        parts = sum(item.var(axis=axis, ddof=1) for item in items)
        total = sum(items).var(axis=axis, ddof=1)
        return N_ITEMS / (N_ITEMS - 1) * (1 - parts / total)

    found = stats.bootstrap(
        tuple(answers.T),
        of_columns,
        paired=True,
        n_resamples=draws,
        method="percentile",
        vectorized=True,
        rng=1,
    )
    return found.confidence_interval


def pingouin_loop(answers: np.ndarray, draws: int) -> tuple[float, float]:
    import pingouin as pg

    frame, rng = pd.DataFrame(answers), np.random.default_rng(1)
    found = [
        pg.cronbach_alpha(frame.iloc[rng.integers(len(frame), size=len(frame))])[0]
        for _ in range(draws)
    ]
    return tuple(np.quantile(found, TAILS))


WAYS: dict[str, Way] = {
    "numpy, in a loop": numpy_loop,
    "scipy.stats.bootstrap": scipy_bootstrap,
    "pingouin, in a loop": pingouin_loop,
}


def seconds(way: Way, answers: np.ndarray, draws: int, *, times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        way(answers, draws)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Time every way at both sizes, and print the table."""
    rng = np.random.default_rng(2015)
    print(
        "| respondents | draws | way | time | times ours |\n|---:|---:|---|---:|---:|"
    )
    for n, draws in SIZES.items():
        shared = rng.normal(size=(n, 1))
        noise = rng.normal(size=(n, N_ITEMS))
        answers = np.clip(np.round(2 + 0.8 * shared + 0.8 * noise), 0, 4)
        limits = ours(answers, draws)
        base = seconds(ours, answers, draws, times=15)
        print(f"| {n:,} | {draws:,} | swtlib | {base * 1e3:,.1f} ms | 1.0 |")
        for name, way in WAYS.items():
            np.testing.assert_allclose(way(answers, draws), limits, atol=SAME)
            taken = seconds(way, answers, draws, times=3)
            ratio = taken / base
            print(
                f"| {n:,} | {draws:,} | {name} | {taken * 1e3:,.1f} ms | {ratio:,.1f} |"
            )


if __name__ == "__main__":
    main()
