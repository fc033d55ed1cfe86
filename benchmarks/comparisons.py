"""Our 308 comparisons beside the obvious loops, in one run.

By hand, from the project folder::

    uv run --with pingouin python benchmarks/comparisons.py

Prints the rows of the tables in docs/benchmarks.md. Every way makes the same
columns from the same answers; before it is timed, it is compared with ours.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from swtlib import load_wave
from swtlib.comparison import compare_split
from swtlib.permutation import Deals
from swtlib.report_results import ReportResults
from swtlib.scoring import score_gap, score_items
from swtlib.two_groups import pair_of

CONFIDENCE = 0.95
AGREE = {"rtol": 1e-5, "atol": 1e-8}  # limits of g come from a search
COLUMNS = [
    "n_low",
    "n_high",
    "mean_low",
    "mean_high",
    "difference",
    "ci_low",
    "ci_high",
    "hedges_g",
    "g_low",
    "g_high",
    "superiority",
    "superiority_low",
    "superiority_high",
    "p_welch",
    "p_brunner_munzel",
    "q_value",
    "p_holm",
    "spearman",
    "spearman_low",
    "spearman_high",
]
Frame = pd.DataFrame
Way = Callable[[Frame, Frame], object]


def one_pass(grades: Frame, statements: Frame) -> Frame:
    return compare_split(grades, statements, test="welch")


def scipy_loop(grades: Frame, statements: Frame) -> Frame:
    """Loop over pairs of columns as one would write it with pandas and scipy."""
    rows = []
    for competence in grades:
        for statement in statements:
            both = pd.DataFrame({"x": grades[competence], "y": statements[statement]})
            cut = grades[competence].mean()
            both = both.dropna()
            high, low = both.y[both.x > cut], both.y[both.x <= cut]
            welch = stats.ttest_ind(high, low, equal_var=False)
            limits = welch.confidence_interval(CONFIDENCE)
            ranks = stats.brunnermunzel(high, low)
            rows.append(
                {
                    "competence": competence,
                    "n_low": len(low),
                    "n_high": len(high),
                    "mean_low": low.mean(),
                    "mean_high": high.mean(),
                    "difference": high.mean() - low.mean(),
                    "ci_low": limits.low,
                    "ci_high": limits.high,
                    "p_welch": welch.pvalue,
                    "p_brunner_munzel": ranks.pvalue,
                    **g_by_search(high, low),
                    **superiority(high, low),
                    **spearman(both),
                }
            )
    return adjusted(pd.DataFrame(rows))


def pingouin_loop(grades: Frame, statements: Frame) -> Frame:
    """Loop with pingouin where it has the statistic, and scipy where not."""
    import pingouin as pg

    rows = []
    for competence in grades:
        for statement in statements:
            both = pd.DataFrame({"x": grades[competence], "y": statements[statement]})
            cut = grades[competence].mean()
            both = both.dropna()
            high, low = both.y[both.x > cut], both.y[both.x <= cut]
            welch = pg.ttest(high, low, correction=True).iloc[0]
            interval = welch.filter(like="CI95").iloc[0]
            rows.append(
                {
                    "competence": competence,
                    "n_low": len(low),
                    "n_high": len(high),
                    "mean_low": low.mean(),
                    "mean_high": high.mean(),
                    "difference": high.mean() - low.mean(),
                    "ci_low": interval[0],
                    "ci_high": interval[1],
                    "p_welch": welch.filter(regex="p.val").iloc[0],
                    "p_brunner_munzel": stats.brunnermunzel(high, low).pvalue,
                    "superiority": pg.mwu(high, low)["CLES"].iloc[0],
                    **g_by_search(high, low),
                    **superiority(high, low),
                    **spearman(both),
                    "spearman": pg.corr(both.x, both.y, method="spearman")["r"].iloc[0],
                }
            )
    return adjusted(pd.DataFrame(rows))


def g_by_search(high: pd.Series, low: pd.Series) -> dict[str, float]:
    """Hedges' g and its limits, searched with scipy's noncentral t."""
    n, m = len(high), len(low)
    df = n + m - 2
    sd = np.sqrt(((n - 1) * high.var() + (m - 1) * low.var()) / df)
    d = (high.mean() - low.mean()) / sd
    j = np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(
        df / 2
    )
    width = np.sqrt(1 / n + 1 / m)
    t = d / width
    limits = [
        optimize.brentq(lambda nc, p=p: stats.nct.cdf(t, df, nc) - p, t - 4, t + 4)
        for p in (0.5 + CONFIDENCE / 2, 0.5 - CONFIDENCE / 2)
    ]
    return {
        "hedges_g": d * j,
        "g_low": limits[0] * width * j,
        "g_high": limits[1] * width * j,
    }


def superiority(high: pd.Series, low: pd.Series) -> dict[str, float]:
    """Probability of superiority with the logit interval, from ranks."""
    n, m = len(high), len(low)
    ranks = stats.rankdata(np.concatenate([high, low]))
    above = (ranks[:n] - stats.rankdata(high)) / m
    below = (ranks[n:] - stats.rankdata(low)) / n
    p = above.mean()
    error, other = above.var(ddof=1) / n, below.var(ddof=1) / m
    df = (error + other) ** 2 / (error**2 / (n - 1) + other**2 / (m - 1))
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, df) * np.sqrt(error + other)
    centre, half = special.logit(p), half / (p * (1 - p))
    return {
        "superiority": p,
        "superiority_low": special.expit(centre - half),
        "superiority_high": special.expit(centre + half),
    }


def spearman(both: Frame) -> dict[str, float]:
    """Spearman's rho with the interval of Bonett and Wright."""
    rho = stats.spearmanr(both.x, both.y).statistic
    half = stats.norm.ppf(0.5 + CONFIDENCE / 2)
    half *= np.sqrt((1 + rho**2 / 2) / (len(both) - 3))
    return {
        "spearman": rho,
        "spearman_low": np.tanh(np.arctanh(rho) - half),
        "spearman_high": np.tanh(np.arctanh(rho) + half),
    }


def adjusted(table: Frame) -> Frame:
    from statsmodels.stats.multitest import multipletests

    families = table.groupby("competence", sort=False)["p_welch"]
    for name, method in (("q_value", "fdr_bh"), ("p_holm", "holm")):
        table[name] = families.transform(
            lambda p, m=method: multipletests(p, method=m)[1]
        )
    return table


def deal_every_cell(grades: Frame, statements: Frame) -> list[float]:
    """Make p from 10,000 random deals in every cell, never from the exact way."""
    deals = Deals(n_permutations=10_000, seed=0, exact_work=0)
    found = []
    for competence in grades:
        high = (grades[competence] > grades[competence].mean()).to_numpy()
        low = grades[competence].notna().to_numpy() & ~high
        for statement in statements:
            scores = statements[statement].to_numpy()
            pair = pair_of(scores[high], scores[low])
            found.append(deals.p_value(pair.first, pair.second, pair.scores)[0])
    return found


def answers_2015() -> tuple[Frame, Frame]:
    """Give grades and statements of the 66 of the reconstruction."""
    run = ReportResults(wave=load_wave(2015), team="alle", confidence=CONFIDENCE)
    competences, bakens = run.instrument("competenties"), run.instrument("bakens")
    grades, _ = score_gap(run.wave.answers(competences), competences)
    statements = score_items(
        run.wave.answers(bakens), bakens.answered_items(run.wave.year)
    )
    return grades.drop(columns="team"), statements.drop(columns="team")


def many(grades: Frame, statements: Frame, *, n: int) -> tuple[Frame, Frame]:
    """Draw `n` respondents with replacement, and leave 3% of the answers open."""
    rng = np.random.default_rng(2015)
    rows = rng.integers(len(grades), size=n)
    drawn = [frame.iloc[rows].reset_index(drop=True) for frame in (grades, statements)]
    return tuple(frame.mask(rng.random(frame.shape) < 0.03) for frame in drawn)


def seconds(way: Way, data: tuple[Frame, Frame], *, times: int) -> float:
    """Give the median time of a way, after one run that does not count."""
    way(*data)
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        way(*data)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


WAYS: dict[str, Way] = {
    "scipy on pandas, in a loop": scipy_loop,
    "pingouin, in a loop": pingouin_loop,
}


def check(name: str, way: Way, data: tuple[Frame, Frame]) -> None:
    """Stop if a way gives other numbers than ours."""
    ours, theirs = one_pass(*data), way(*data)
    rounded = ("ci_low", "ci_high") if way is pingouin_loop else ()  # to two decimals
    for column in (name for name in COLUMNS if name not in rounded):
        found = theirs[column].astype(float)
        np.testing.assert_allclose(
            found, ours[column], **AGREE, err_msg=f"{name}: {column}"
        )


def show(n: int, name: str, taken: float, ours: float) -> None:
    print(f"| {n:,} | {name} | {taken * 1e3:,.1f} ms | {taken / ours:,.1f} |")


def main() -> None:
    """Time every way at every size, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="timed runs of each way")
    parser.add_argument("--large", type=int, default=10_000, help="respondents")
    given = parser.parse_args()
    small = answers_2015()
    large = many(*small, n=given.large)
    print("| respondents | way | time | times ours |\n|---:|---|---:|---:|")
    for data, loops in ((small, 3), (large, 1)):
        n = len(data[0])
        ours = seconds(one_pass, data, times=4 * given.times)
        show(n, "swtlib, all but the permutation test", ours, ours)
        for name, way in WAYS.items():
            check(name, way, data)
            show(n, name, seconds(way, data, times=loops), ours)
        exact = seconds(compare_split, data, times=loops)
        show(n, "swtlib, with the permutation test", exact, ours)
        dealt = seconds(deal_every_cell, data, times=1)
        show(n, "10,000 random deals in every cell", dealt, ours)


if __name__ == "__main__":
    main()
