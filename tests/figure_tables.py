"""Tables that every figure can be drawn of, and a figure of each kind."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from swtlib import figures
from swtlib.disclosure import ProtectedTable, protect
from swtlib.sample_size import sample_size_table

LONG = "Ik zoek bij een nieuwe hulpvraag contact met betrokken professionals van buiten"
LABELS = {
    "elburg": "Elburg",
    "zuid": "Zwolle-Zuid",
    "a": "Parallelfase",
    "b": "Autoriteitsfase",
    "s": LONG,
    "c1": "Netwerken en lobbyen",
    "c2": "Ondernemerschap aan de dag leggen",
}
ORIGIN = (
    "Herkomst: simulatie. Verzonnen antwoorden om de werkplaats mee te laten zien; "
    "geen antwoorden van echte mensen."
)
FIVE = ("volledig oneens", "deels oneens", "neutraal", "deels eens", "volledig eens")
SAY = {"title": "Wat er te zien is", "origin": ORIGIN, "labels": LABELS}
FEW = "minder dan 5 antwoorden, of anders te herkennen"
SPLITS = ("mean", "median", "cutpoint", "tertiles")
TESTS = ("permutation", "welch", "brunner_munzel")
CORRECTIONS = ("none", "bh", "holm", "bh_all", "holm_all")


def means(groups=("elburg", "andere"), variables=("a", "b"), *, few=(), seed=1):
    draw = np.random.default_rng(seed)
    rows = []
    for variable in variables:
        for group in groups:
            mean = draw.uniform(0.4, 0.9)
            rows.append(
                {
                    "group": group,
                    "variable": variable,
                    "n": 4 if (group, variable) in few else 9,
                    "mean": mean,
                    "sd": 0.2,
                    "df": 60,
                    "ci_low": mean - 0.1,
                    "ci_high": mean + 0.1,
                    "interval": "t",
                }
            )
    return pd.DataFrame(rows)


def shares(variables=("a", "s"), *, group="alle", n=40, answers=FIVE, seed=2):
    draw = np.random.default_rng(seed)
    rows = []
    for variable in variables:
        counts = draw.multinomial(n, [1 / len(answers)] * len(answers))
        for answer, count in enumerate(counts):
            rows.append(
                {
                    "group": group,
                    "variable": variable,
                    "answer": answer,
                    "answer_label": answers[answer],
                    "n": n,
                    "count": count,
                    "share": count / n,
                    "ci_low": max(0, count / n - 0.05),
                    "ci_high": count / n + 0.05,
                }
            )
    return pd.DataFrame(rows)


def few_answers(variables, counts, *, n=40):
    """How many of 40 gave each of the five answers."""
    frame = pd.concat([shares((name,), n=n) for name in variables])
    frame["count"] = counts * len(variables)
    frame["share"] = frame["count"] / n
    return frame.drop(columns=["ci_low", "ci_high"])


def gaps():
    return pd.DataFrame(
        {
            "group": "alle",
            "variable": ["c1", "c2", "a"],
            "n": [66, 65, 4],
            "mean_have": [7.04, 6.5, 7.0],
            "mean_want": [8.16, 8.4, 8.0],
            "gap": [1.12, 1.9, 1.0],
            "sd": 1.0,
            "ci_low": [0.9, 1.66, 0.5],
            "ci_high": [1.34, 2.14, 1.5],
            "interval": "t",
        }
    )


def ranks():
    return pd.DataFrame(
        {
            "group": "alle",
            "variable": ["c1", "c2", "a", "b", "s"],
            "n": [66, 65, 66, 66, 4],
            "sd": 1.0,
            "df": 58,
            "rank": [2.0, 1.0, 2.0, 4.0, np.nan],
            "rank_low": [1.0, 1.0, 2.0, 4.0, np.nan],
            "rank_high": [3.0, 2.0, 3.0, 4.0, np.nan],
        }
    )


def comparison():
    return pd.DataFrame(
        {
            "competence": ["c1", "c1", "c2", "c2"],
            "statement": ["a", "s", "a", "s"],
            "n_low": [30, 31, 3, 28],
            "n_high": [36, 35, 63, 38],
            "hedges_g": [0.62, -0.1, 0.9, np.nan],
        }
    )


def counts():
    return pd.DataFrame(
        {
            "competence": ["c1", "c2"],
            "n": 66,
            "n_related": [9, 14],
            "n_compared": [22, 22],
        }
    )


def choices(competences=("c1", "c2", "b"), *, n=66, seed=3):
    """Every choice of method; a correction never leaves more."""
    draw = np.random.default_rng(seed)
    rows = []
    for competence in competences:
        for split, test in product(SPLITS, TESTS):
            left = int(draw.integers(4, 19))
            for correction in CORRECTIONS:
                rows.append((competence, split, test, correction, n, left, 22))
                left = int(draw.integers(0, left + 1))
    columns = ["competence", "split", "test", "correction"]
    return pd.DataFrame(rows, columns=[*columns, "n", "n_related", "n_compared"])


def changes(groups=("elburg", "andere"), variables=("a", "b"), *, few=(), **fixed):
    """Means of two years, and what changed."""
    draw = np.random.default_rng(3)
    rows = []
    for group in groups:
        for variable in variables:
            before, after = draw.uniform(0.4, 0.9, 2)
            n = 3 if (group, variable) in few else 30
            row = {"year": 2015, "group": group, "variable": variable, "n": n}
            row |= {"n_before": n, "n_after": n + 1, "sd": 0.2}
            for when, mean in (("before", before), ("after", after)):
                row |= {f"mean_{when}": mean, f"interval_{when}": "t"}
                row |= {f"ci_low_{when}": mean - 0.1, f"ci_high_{when}": mean + 0.1}
            change = after - before
            row |= {"change": change, "interval": "t"}
            row |= {"ci_low": change - 0.1, "ci_high": change + 0.1} | fixed
            rows.append(row)
    return protect(pd.DataFrame(rows), kind="mean")


def with_difference(frame):
    """Set the difference beside the means of a team."""
    wide = frame.pivot_table("mean", "variable", "group")
    own = frame["group"] != "andere"
    gap = (wide["elburg"] - wide["andere"]).loc[frame["variable"]].to_numpy()
    gap = np.where(own, gap, np.nan)
    return frame.assign(
        difference=gap,
        difference_low=gap - 0.05,
        difference_high=gap + 0.05,
        difference_interval="t",
    )


@dataclass(frozen=True)
class Sample:
    """How to draw one figure: the name of its function, a table, and options."""

    plot: str
    table: ProtectedTable
    options: dict

    def __call__(self, **more):
        said = {**SAY, **self.options, **more}
        if self.plot == "plot_sample_size":
            del said["labels"]  # it has no groups or subjects to name
        return getattr(figures, self.plot)(self.table, **said)


def sample(plot, frame, kind, **options):
    table = protect(frame, kind=kind) if kind else frame
    return Sample(plot, table, options)


def studies():
    """Effects of studies: one too small to show, and one without standard error."""
    frame = pd.DataFrame(
        {
            "variable": ["a", "c1", "c2", "s", "b"],
            "n_total": [45, 65, 120, 40, 30],
            "n_smallest": [20, 30, 60, 15, 4],
            "estimate": [0.1, 0.5, 0.36, 0.8, 0.9],
            "ci_low": [-0.5, 0.0, -0.06, np.nan, -0.1],
            "ci_high": [0.7, 1.0, 0.78, np.nan, 1.9],
            "weight": [0.2, 0.3, 0.5, np.nan, 0.0],
        }
    )
    return frame.assign(kind="hedges_g")


def together(k=3, low=0.05, high=0.67, next_low=-0.4, next_high=4.0):
    """What studies say together; a next one may lie beyond the axis."""
    frame = pd.DataFrame(
        {
            "k": [k],
            "n_total": [230],
            "n_smallest": [20],
            "estimate": [(low + high) / 2],
            "ci_low": [low],
            "ci_high": [high],
            "prediction_low": [next_low],
            "prediction_high": [next_high],
        }
    )
    return protect(frame, kind="comparison")


def many_ranks():
    return pd.DataFrame({"variable": [f"v{i}" for i in range(14)]}).assign(
        group="alle", n=9, sd=1, df=60, rank=range(1, 15), rank_low=1, rank_high=14
    )


def seven_answers():
    answers = ("nooit", "zelden", "soms", "vaak", "meestal", "bijna altijd", "altijd")
    return answers, shares(answers=answers)


def many_comparisons():
    """Fourteen competences, as many as there are; negative and unknown ones too."""
    draw = np.random.default_rng(5)
    long = "Doel afstemmen met het omgevingsnetwerk"
    cells = list(product([f"competentie {i}" for i in range(14)], ("a", "s", long)))
    frame = pd.DataFrame(cells, columns=["competence", "statement"])
    effects = draw.normal(0.1, 0.6, len(cells))
    effects[3] = np.nan
    return frame.assign(n_low=30, n_high=36, hedges_g=effects)


TEAMS = ("elburg", "zuid", "alle")
WORDS = (LONG, "Wij maken van wederkerigheidsverhoudingen een gewoonte")
MANY = ("a", "b", "s", "c1", "c2", "team", "wijk", "buurt", "stad")
ONE = "plot_means"
PICTURES = {
    "means": sample(ONE, means(), "mean"),
    "means_of_one": sample(ONE, means(("alle",), ("a", "b", "c1")), "mean"),
    "means_above": sample(ONE, means(variables=("a", "s")), "mean"),
    "means_hidden": sample(ONE, means(few={("elburg", "a")}), "mean"),
    "means_groups": sample(ONE, means(TEAMS, few={("elburg", "a")}), "mean"),
    "means_difference": sample(ONE, with_difference(means()), "mean"),
    "profiles": sample("plot_profiles", means(TEAMS, ("a", "b", "s")), "mean"),
    "likert": sample("plot_likert", shares(), "distribution", answers=FIVE),
    "likert_seven": sample(
        "plot_likert", seven_answers()[1], "distribution", answers=seven_answers()[0]
    ),
    "likert_groups": sample(
        "plot_likert",
        pd.concat([shares(group=g, seed=i) for i, g in enumerate(("west", "andere"))]),
        "distribution",
        answers=FIVE,
    ),
    "shares": sample("plot_shares", shares(("a",)), "distribution", confidence=0.9),
    "shares_of_one_answer": sample(
        "plot_shares", shares(), "distribution", answer="neutraal"
    ),
    "heatmap": sample("plot_heatmap", comparison(), "comparison"),
    "heatmap_many": sample("plot_heatmap", many_comparisons(), "comparison"),
    "dumbbell": sample("plot_dumbbell", gaps(), "mean"),
    "ranks": sample("plot_ranks", ranks(), "mean"),
    "many_ranks": sample("plot_ranks", many_ranks(), "mean"),
    "counts": sample("plot_counts", counts(), "count"),
    "specifications": sample("plot_specifications", choices(), "count"),
    "forest": sample("plot_forest", studies(), "comparison", together=together()),
    "forest_of_two": sample(
        "plot_forest",
        studies()[:2],
        "comparison",
        together=together(2, -4.0, 4.6, np.nan, np.nan),
        unit="Verschil in standaarddeviaties (Hedges’ g).",
    ),
    "sample_size": sample(
        "plot_sample_size",
        sample_size_table([20, 40, 60, 80, 120], sd=0.2),
        "",
    ),
    "slopes": sample("plot_slopes", changes(), "", year=2016),
    "slopes_of_one": sample("plot_slopes", changes(("alle",)), "", year=2016),
    "slopes_teams": sample("plot_slopes", changes(TEAMS), "", year=2016),
    "changes": sample("plot_slopes", changes(("alle",), MANY), "", year=2016),
    "empty": sample(ONE, means(few={("elburg", "a"), ("elburg", "b")}), "mean"),
}
