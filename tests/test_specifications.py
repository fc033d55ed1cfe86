"""Counts under every choice of split, test and correction."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from swtlib.comparison import compare_split, count_related
from swtlib.errors import ParameterError, ResponseError
from swtlib.specifications import CORRECTIONS, SPLITS, TESTS, count_specifications

FOLDER = Path(__file__).resolve().parent
CHOICES = ["split", "test", "correction"]
NAN = np.nan


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(FOLDER / "data" / "synthetic_split.csv")


@pytest.fixture(scope="module")
def grades(answers):
    return answers.filter(like="cijfer_")


@pytest.fixture(scope="module")
def statements(answers):
    return answers.filter(like="stelling_")


@pytest.fixture(scope="module")
def counts(grades, statements):
    return count_specifications(grades, statements, cutpoint=7)


def test_count_specifications_makes_every_choice_once(counts):
    assert counts.columns.tolist() == [
        "competence",
        *CHOICES,
        "n",
        "n_related",
        "n_compared",
    ]
    choices = list(itertools.product(SPLITS, TESTS, CORRECTIONS))
    assert len(choices) == 60
    for _, rows in counts.groupby("competence"):
        assert list(rows[CHOICES].itertuples(index=False, name=None)) == choices


def test_count_specifications_counts_the_table_of_each_choice(
    counts, grades, statements
):
    for (split, test), rows in counts.groupby(["split", "test"]):
        table = compare_split(grades, statements, split=split, test=test, cutpoint=7)
        for correction, column in CORRECTIONS.items():
            found = rows[rows["correction"] == correction]
            expected = count_related(table, column=column)
            for name in ("competence", "n_related", "n_compared"):
                assert found[name].tolist() == expected[name].tolist()


def test_count_specifications_by_hand():
    # Grades 1 to 9; the answers of the highest three are 4, of the others 0 or 1.
    grades = pd.DataFrame({"a": range(1, 10)})
    statements = pd.DataFrame({"s": [0, 1, 0, 1, 0, 1, 4, 4, 4], "gelijk": [2] * 9})
    counts = count_specifications(grades, statements, cutpoint=7)
    n = counts.groupby("split", sort=False)["n"].unique()
    # tertiles leave 4 5 6 out
    assert {split: list(found) for split, found in n.items()} == {
        "mean": [9],
        "median": [9],
        "cutpoint": [9],
        "tertiles": [6],
    }
    # Cut at 7, one of the C(9, 3) = 84 deals is that far: 4 4 4 itself. In Welch's
    # test the high group has no spread, the low one has: it is tested.
    cutpoint = counts[
        (counts["split"] == "cutpoint") & (counts["correction"] == "none")
    ]
    found = cutpoint.set_index("test")[["n_related", "n_compared"]]
    assert found.loc["permutation"].tolist() == [1, 1]
    assert found.loc["welch"].tolist() == [1, 1]
    # Brunner-Munzel: all high above all low, so no test.
    assert found.loc["brunner_munzel"].tolist() == [0, 0]
    # Tertiles: 3 beside 3 give 2 of 20 deals, which is no 5%.
    tertiles = counts[
        (counts["split"] == "tertiles") & (counts["test"] == "permutation")
    ]
    assert tertiles["n_related"].tolist() == [0] * 5
    assert tertiles["n_compared"].tolist() == [1] * 5


def test_a_correction_leaves_no_more(counts):
    rows = ["competence", "split", "test"]
    wide = counts.pivot_table(
        "n_related", index=rows, columns="correction", aggfunc="sum"
    )
    assert (wide["bh"] <= wide["none"]).all()
    assert (wide["holm"] <= wide["bh"]).all()
    assert (wide["holm_all"] <= wide["bh_all"]).all()
    assert (wide["holm_all"] <= wide["holm"]).all()
    assert wide["none"].sum() > wide["holm_all"].sum()


def test_a_stricter_level_leaves_no_more(grades, statements, counts):
    strict = count_specifications(grades, statements, cutpoint=7, level=0.005)
    assert (strict["n_related"] <= counts["n_related"]).all()
    assert strict["n_related"].sum() < counts["n_related"].sum()
    assert strict["n_compared"].tolist() == counts["n_compared"].tolist()


def test_n_is_of_the_comparison_with_the_fewest():
    grades = pd.DataFrame({"a": [5, 6, 7, 8, 9, NAN], "b": [NAN] * 3 + [7, 8, 9]})
    statements = pd.DataFrame(
        {"s": [1, 2, 3, 4, 4, 4], "t": [1, 2, NAN, NAN, 4, 3]}
    )  # a: 5 beside s, 3 beside t; b: 3 and 2
    counts = count_specifications(grades, statements)
    mean = counts[counts["split"] == "mean"]
    assert mean.groupby("competence")["n"].unique().map(list).to_dict() == {
        "a": [3],
        "b": [2],
    }


def test_count_specifications_of_one_person_and_of_nobody_compares_nothing():
    one = pd.DataFrame({"a": [8.0]}), pd.DataFrame({"s": [3.0]})
    silent = pd.DataFrame({"a": [NAN] * 3}), pd.DataFrame({"s": [NAN] * 3})
    nobody = pd.DataFrame({"a": []}, dtype=float), pd.DataFrame({"s": []}, dtype=float)
    for pair, n in ((one, 1), (silent, 0), (nobody, 0)):
        counts = count_specifications(*pair)
        assert len(counts) == 60
        assert set(counts["n"]) == {n}
        assert (counts[["n_related", "n_compared"]] == 0).all(axis=None)


def test_count_specifications_refuses_unfit_input(grades, statements):
    with pytest.raises(ResponseError, match="same respondents"):
        count_specifications(grades, statements.iloc[::-1])
    with pytest.raises(ParameterError, match=r"such as 0\.05"):
        count_specifications(grades, statements, level=5)
