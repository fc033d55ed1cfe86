import pandas as pd
import pytest

from swtlib.codebook import load_codebook
from swtlib.errors import WaveError
from swtlib.wave import ingest, load_facts

YEAR = 2015
BOOK = load_codebook()
FACTS = """
year = 2015
title = "Proef"
origin = "simulation"
export = "results.csv"
{drop}
[members]
zwolle_noord = 26
elburg = 7
"""
N = 12


def make_rows():
    """Twelve who finished, all with other answers, in 28 minutes each."""
    rows = []
    for number in range(N):
        row = {
            "id": str(number + 1),
            "submitdate": "2015-02-10 10:28:00",
            "startdate": "2015-02-10 10:00:00",
            "token": f"t{number}",
        }
        for column, (_, item) in BOOK.columns(YEAR).items():
            kind = item.response.kind
            row[column] = ""
            if kind == "scale":
                row[column] = item.response.encode(number % 4)
            elif kind == "number":
                row[column] = str(20 + number) if item.id == "bg_leeftijd" else "6"
        row["team"], row["functie"] = "ZN", "F1"
        rows.append(row)
    return rows


def take_in(project, rows, drop=""):
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir(exist_ok=True)
    (folder / "wave.toml").write_text(FACTS.format(drop=drop), "utf-8")
    pd.DataFrame(rows).to_csv(folder / "results.csv", index=False)
    return ingest(YEAR)


def found(wave, part):
    return [(e.what, e.n) for e in wave.ledger if part in e.reason]


def same_token(rows):
    rows[3]["token"] = rows[5]["token"]


def same_answers(rows):
    for column in BOOK.columns(YEAR):
        rows[3][column] = rows[7][column]


def too_fast(rows):
    rows[4]["submitdate"] = "2015-02-10 10:09:00"  # 9 < 28 / 3 = 9.33 minutes


def a_test(rows):
    rows[6]["nodig"] = " Test "


CASES = [
    ("duplicates", same_token, "same person", 3),
    ("duplicates", same_answers, "same person", 3),
    ("speeders", too_fast, "a third of the median", 4),
    ("tests", a_test, "is 'test'", 6),
]


@pytest.mark.parametrize(("rule", "change", "reason", "place"), CASES)
def test_a_rule_is_counted_and_applied_only_when_declared(
    project, rule, change, reason, place
):
    rows = make_rows()
    change(rows)
    wave = take_in(project, rows)
    assert found(wave, reason) == [("noticed", 1)]
    assert f"[drop] {rule} = true" in next(
        e.reason for e in wave.ledger if reason in e.reason
    )
    assert len(wave.respondents) == N
    ages = wave.respondents["bg_leeftijd"].tolist()
    wave = take_in(project, rows, f"[drop]\n{rule} = true")
    assert found(wave, reason) == [("dropped by rule", 1)]
    assert wave.respondents["bg_leeftijd"].tolist() == ages[:place] + ages[place + 1 :]
    assert (wave.n_dropped, wave.n_broken_off, wave.n_declared) == (1, 0, 1)


def test_a_clean_export_has_nothing_to_notice(project):
    wave = take_in(project, make_rows())
    assert {e.what for e in wave.ledger} <= {"dropped", "set aside"}
    assert found(wave, "broken off") == [("dropped", 0)]


def test_nine_and_a_half_minutes_of_twenty_eight_is_not_too_fast(project):
    rows = make_rows()
    rows[4]["submitdate"] = "2015-02-10 10:09:30"
    assert found(take_in(project, rows), "median") == []


def test_a_survey_without_date_stamp_has_no_speeders(project):
    rows = make_rows()
    for row in rows:
        row["submitdate"] = "1980-01-01 00:00:00"
    assert found(take_in(project, rows), "median") == []


def test_interviewtime_goes_before_the_clock(project):
    rows = make_rows()
    for row in rows:
        row["interviewtime"] = "900.5"
    rows[2]["interviewtime"] = "120"
    assert found(take_in(project, rows), "median") == [("noticed", 1)]


def test_one_response_under_two_rules_is_dropped_once(project):
    rows = make_rows()
    same_token(rows)
    rows[3]["nodig"] = "test"
    wave = take_in(project, rows, "[drop]\nduplicates = true\ntests = true")
    assert len(wave.respondents) == N - 1
    assert wave.n_declared == 1


def test_who_broke_off_counts_when_declared_and_the_team_is_known(project):
    rows = make_rows()
    rows[0]["submitdate"] = rows[1]["submitdate"] = ""
    rows[1]["team"] = ""
    wave = take_in(project, rows)
    assert len(wave.respondents) == N - 2
    assert found(wave, "broken off") == [("dropped", 2)]
    wave = take_in(project, rows, "[drop]\nbroken_off = false")
    assert len(wave.respondents) == N - 1
    assert found(wave, "broken off") == [("dropped", 1), ("kept", 1)]


@pytest.mark.parametrize(
    ("drop", "message"),
    [
        ("[drop]\nspeders = true", "unknown key 'speders'. Did you mean 'speeders'"),
        ("[drop]\ntests = 1", "'tests' must be true or false, found 1"),
    ],
)
def test_a_rule_that_is_not_known_is_named(project, drop, message):
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir()
    (folder / "wave.toml").write_text(FACTS.format(drop=drop), "utf-8")
    with pytest.raises(WaveError, match=message):
        load_facts(YEAR)


def test_a_token_never_enters_the_wave(project):
    wave = take_in(project, make_rows())
    assert "token" not in wave.respondents
    assert found(wave, "identifies a person") == [("set aside", N)]
