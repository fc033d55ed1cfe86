import pandas as pd
import pytest

from swtlib.disclosure import protect
from swtlib.errors import ParameterError
from swtlib.reading import (
    read_agreement,
    read_extremes,
    read_gaps,
    read_related,
    read_response,
    read_team,
)

LABELS = {
    "a": "Eerste",
    "b": "Tweede",
    "c": "Derde",
    "d": "Vierde",
    "elburg": "Elburg",
    "andere": "andere teams",
}


def means(rows):
    columns = ["group", "variable", "n", "mean", "ci_low", "ci_high", "interval"]
    frame = pd.DataFrame(rows, columns=columns)
    return protect(frame.assign(sd=0.2), kind="mean")


def test_read_extremes_names_the_ends_with_interval_and_n():
    table = means(
        [
            ("alle", "a", 66, 0.8, 0.7, 0.9, "t"),
            ("alle", "b", 66, 0.5, 0.4, 0.6, "t"),
            ("alle", "c", 66, 0.6, 0.5, 0.7, "t"),
        ]
    )
    told = read_extremes(table, labels=LABELS, group="alle")
    assert told == (
        "Het hoogst scoort ‘Eerste’ (0,80, interval 0,70 tot 0,90, n = 66). "
        "Het laagst scoort ‘Tweede’ (0,50, interval 0,40 tot 0,60, n = 66)."
    )


def test_read_extremes_names_ties_as_printed():
    table = means(
        [
            ("alle", "a", 66, 0.804, 0.7, 0.9, "t"),
            ("alle", "b", 66, 0.796, 0.7, 0.9, "t"),
            ("alle", "c", 66, 0.5, 0.4, 0.6, "t"),
        ]
    )
    told = read_extremes(table, labels=LABELS, group="alle")
    assert told.startswith("Het hoogst scoren ‘Eerste’ en ‘Tweede’, met elk 0,80.")


def test_read_extremes_says_when_all_is_equal_and_when_there_is_nothing():
    equal = means([("alle", v, 66, 0.5, 0.4, 0.6, "t") for v in "ab"])
    told = read_extremes(equal, labels=LABELS, group="alle")
    assert told == "Alles scoort even hoog: 0,50."
    hidden = means([("alle", v, 3, 0.5, 0.4, 0.6, "t") for v in "ab"])
    assert read_extremes(hidden, labels=LABELS, group="alle") == ""


def team_table(own, others, interval="t", n=7):
    rows = [("elburg", v, n, *own[v], interval) for v in own]
    rows += [("andere", v, 59, *others[v], "t") for v in others]
    return means(rows)


def test_read_team_speaks_only_of_intervals_that_do_not_overlap():
    table = team_table(
        {"a": (0.9, 0.85, 0.95), "b": (0.2, 0.1, 0.3), "c": (0.5, 0.4, 0.6)},
        {"a": (0.7, 0.65, 0.75), "b": (0.5, 0.45, 0.55), "c": (0.55, 0.5, 0.6)},
    )
    told = read_team(table, labels=LABELS)
    assert "duidelijk hoger op ‘Eerste’ (0,90 tegen 0,70)" in told
    assert "lager op ‘Tweede’ (0,20 tegen 0,50)" in told
    assert "Derde" not in told


def test_read_team_without_difference_does_not_claim_equality():
    same = {"a": (0.5, 0.3, 0.7), "b": (0.5, 0.3, 0.7)}
    told = read_team(team_table(same, same), labels=LABELS)
    assert "Bij geen van de 2 vergelijkingen" in told
    assert "niet dat de teams gelijk zijn" in told


def test_read_team_reads_a_census_as_exact():
    missing = float("nan")
    table = team_table(
        {"a": (0.76, missing, missing), "b": (0.54, missing, missing)},
        {"a": (0.6, 0.55, 0.65), "b": (0.5, 0.47, 0.53)},
        interval="telling",
    )
    told = read_team(table, labels=LABELS)
    assert "hoger op ‘Eerste’ (0,76 tegen 0,60)" in told
    assert "Tweede" not in told  # 0.04: a step of one answer is no news
    assert "telling" in told


def test_read_team_names_three_and_counts_the_rest():
    own = {v: (0.9 - i / 100, 0.85, 0.95) for i, v in enumerate("abcd")}
    others = dict.fromkeys("abcd", (0.5, 0.45, 0.55))
    told = read_team(team_table(own, others), labels=LABELS)
    assert "en op nog 1 andere" in told
    assert "Vierde" not in told


def test_read_team_never_speaks_of_a_hidden_cell():
    own = {"a": (0.9, 0.85, 0.95), "b": (0.8, 0.7, 0.9)}
    others = {"a": (0.5, 0.45, 0.55), "b": (0.5, 0.45, 0.55)}
    told = read_team(team_table(own, others, n=4), labels=LABELS)
    assert "niets te laten zien" in told
    assert "0," not in told


def test_read_team_is_silent_on_the_page_of_all_teams():
    table = means([("alle", "a", 66, 0.5, 0.4, 0.6, "t")])
    assert read_team(table, labels=LABELS) == ""


def test_read_agreement_gives_share_interval_and_n():
    frame = pd.DataFrame(
        {
            "group": "alle",
            "variable": "a",
            "category": ["oneens", "neutraal", "eens"],
            "n": 50,
            "count": [10, 10, 30],
            "share": [0.2, 0.2, 0.6],
            "ci_low": [0.11, 0.11, 0.46],
            "ci_high": [0.33, 0.33, 0.72],
        }
    )
    table = protect(frame, kind="distribution")
    told = read_agreement(table, labels=LABELS)
    assert told == "Eerste: 60% (46 tot 72%) is het (deels) eens, n = 50."
    with pytest.raises(ParameterError, match="agreement_with_ci"):
        read_agreement(means([("alle", "a", 9, 0.5, 0.4, 0.6, "t")]), labels=LABELS)


def test_read_gaps_names_the_largest_and_smallest_wish():
    frame = pd.DataFrame(
        {
            "group": "alle",
            "variable": ["a", "b"],
            "n": 66,
            "gap": [0.5, 1.2],
            "sd": 0.4,
            "ci_low": [0.4, 1.1],
            "ci_high": [0.6, 1.3],
        }
    )
    told = read_gaps(protect(frame, kind="mean"), labels=LABELS)
    assert told.startswith("De grootste ontwikkelwens is ‘Tweede’ (1,20, interval 1,10")
    hidden = read_gaps(protect(frame.assign(n=3), kind="mean"), labels=LABELS)
    assert "niet te laten zien" in hidden


def test_read_related_counts_before_and_after_correction():
    frame = pd.DataFrame(
        {
            "competence": ["a", "b"],
            "n": 66,
            "n_related": [6, 2],
            "n_after_bh": [3, 0],
            "n_after_holm": [1, 0],
            "n_compared": [22, 22],
        }
    )
    told = read_related(protect(frame, kind="count"), labels=LABELS)
    assert "Van de 44 vergelijkingen vallen er 8 op" in told
    assert "door toeval ongeveer 1 opvallen" in told  # 44 * 0.025 = 1.1
    assert "blijven er 3 over" in told
    assert (
        "‘Eerste’: 6 van de 22 stellingen, 3 na Benjamini-Hochberg en 1 na Holm" in told
    )


def test_read_response_counts_where_the_members_are_known():
    frame = pd.DataFrame(
        {
            "group": ["a", "b", "c"],
            "members": [10, 20, None],
            "n": [9, 5, 2],
            "response_rate": [0.9, 0.25, None],
        }
    )
    told = read_response(protect(frame, kind="public"))
    assert "14 van de 30 mensen mee (47%)" in told
