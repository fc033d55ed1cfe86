"""Sentences on what changed: true for what the table shows."""

import numpy as np
import pandas as pd
import pytest

from swtlib import load_codebook
from swtlib._reading_trend import dutch_reason
from swtlib.codebook_diff import diff_codebook
from swtlib.disclosure import protect
from swtlib.reading import read_changes

LABELS = {"alle": "alle teams", "a": "Parallelfase", "b": "Baken", "c": "Derde"}


def row(variable, change, half, *, interval="t", n=30, p=0.5):
    return {
        "year": 2015,
        "group": "alle",
        "variable": variable,
        "n": n,
        "sd": 0.2,
        "mean_before": 0.6,
        "mean_after": 0.6 + change,
        "change": change,
        "ci_low": change - half,
        "ci_high": change + half,
        "interval": interval,
        "p_value": p,
        "q_value": p,
        "p_holm": min(1.0, 2 * p),
    }


def read(*rows):
    table = protect(pd.DataFrame(list(rows)), kind="mean")
    return read_changes(table, labels=LABELS, year=2016, group="alle")


def test_clear_change_is_named_with_both_years_and_its_interval():
    told = read(row("a", -0.13, 0.05, p=0.03), row("b", 0.02, 0.05))
    assert told.startswith(
        "Tussen 2015 en 2016 veranderde bij alle teams: ‘Parallelfase’ van 0,60 naar "
        "0,47, verschil −0,13 (95%-interval −0,18 tot −0,08)."
    )
    assert "blijft er 1 overeind" in told
    assert "en 0 na de strengere van Holm" in told
    assert "‘Baken’" not in told
    assert "Bij één ander onderwerp ligt 0 binnen het interval" in told


def test_limit_that_is_printed_as_zero_is_not_clear():
    assert "veranderde bij" not in read(row("a", 0.054, 0.05), row("b", 0.0, 0.1))


def test_nothing_clear_does_not_say_that_nothing_changed():
    told = read(row("a", 0.01, 0.05), row("b", 0.02, 0.05))
    assert told.startswith("Bij alle 2 onderwerpen ligt 0 binnen")
    assert "Dat er niets veranderde, volgt er ook niet uit." in told


def test_census_in_both_years_is_a_count():
    told = read(row("a", 0.04, np.nan, interval="telling", p=np.nan))
    assert "verschil +0,04." in told
    assert "geen steekproeffout" in told
    assert "correctie" not in told


def test_change_without_interval_is_named_as_uncertain():
    told = read(row("a", 0.04, np.nan, interval="geen", p=np.nan))
    assert "bij ‘Parallelfase’, is niet te berekenen" in told
    assert "veranderde" not in told


def test_hidden_change_is_not_read():
    told = read(row("a", 0.5, 0.1, n=4))
    assert told.startswith("Van alle teams is hier geen verandering te laten zien")
    assert "0,5" not in told


def test_empty_table_says_nothing():
    empty = pd.DataFrame({"group": [], "variable": [], "n": [], "sd": []})
    table = protect(empty.astype({"n": float, "sd": float}), kind="mean")
    assert read_changes(table, labels=LABELS, year=2016, group="alle") == ""


def test_every_reason_of_the_codebook_is_told_in_dutch():
    reasons = set(diff_codebook(load_codebook(), 2015, 2016)["reason"])
    odd = {text for text in reasons if not text.startswith(("same item", "the same"))}
    assert odd
    for reason in odd:
        assert dutch_reason(reason) != reason
        assert " then " not in dutch_reason(reason)
        assert " not " not in dutch_reason(reason)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("another kind of answer: scale, then choice", "een ander soort antwoord"),
        ("other answers: 0-4, then 0-10", "andere antwoordmogelijkheden"),
        ("only in 2015: a, b", "niet uit dezelfde stellingen (2015)"),
        ("something else", "something else"),
    ],
)
def test_dutch_reason(reason, told):
    assert dutch_reason(reason) == told
