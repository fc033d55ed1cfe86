"""The export of the reconstruction: bytes as LimeSurvey writes them."""

import csv
import io
import re
import shutil
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from swtlib.codebook import load_codebook
from swtlib.errors import WaveError
from swtlib.limesurvey_export import write_export
from swtlib.project import raw_dir
from swtlib.reproduction import write_reconstruction
from swtlib.reproduction.generate import generate_answers

FIXED = [
    "id",
    "submitdate",
    "lastpage",
    "startlanguage",
    "seed",
    "startdate",
    "datestamp",
]
BOM = b"\xef\xbb\xbf"


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return generate_answers()


@pytest.fixture(scope="module")
def written(answers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("export") / "results.csv"
    assert write_export(answers, load_codebook(), path, seed=2015, year=2015) == path
    return path.read_bytes()


@pytest.fixture(scope="module")
def rows(written: bytes) -> list[dict[str, str]]:
    text = written.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def cells_of(line: str) -> list[str]:
    """Cut a line at its separators; no answer here holds one."""
    return line.split(";")


def test_write_export_writes_the_bytes_of_limesurvey(written: bytes) -> None:
    assert written.startswith(BOM)
    assert written.count(BOM) == 1
    lines = written.removeprefix(BOM).decode("utf-8").split("\r\n")
    assert lines[-1] == ""
    assert len(lines) == 1 + 77 + 1
    assert not any("\n" in line or "\r" in line for line in lines)
    width = len(cells_of(lines[0]))
    for line in lines[:-1]:
        cells = cells_of(line)
        assert len(cells) == width
        # quoted, or NULL: nothing at all
        assert all(cell == "" or re.fullmatch(r'"[^"]*"', cell) for cell in cells)


def test_write_export_gives_the_same_bytes_again(
    answers: pd.DataFrame, written: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "again.csv"
    write_export(answers, load_codebook(), path, seed=2015, year=2015)
    assert path.read_bytes() == written


def test_headings_are_the_fixed_columns_and_those_of_the_codebook(
    rows: list[dict[str, str]],
) -> None:
    assert list(rows[0]) == [*FIXED, *load_codebook().columns(2015)]


def test_answers_come_back_from_the_codes(
    answers: pd.DataFrame, rows: list[dict[str, str]]
) -> None:
    columns = load_codebook().columns(2015)
    found = []
    for row in rows:
        decoded: dict[str, object] = {
            item.id: item.response.decode(row[column]) if row[column] else None
            for column, (_, item) in columns.items()
        }
        decoded["team"] = decoded.pop("bg_wijkteam")
        found.append(decoded | {"last_page": int(row["lastpage"])})
    frame = pd.DataFrame(found)
    assert frame.pop("open_nodig").isna().all()
    same = [c for c in answers.columns if c != "completed"]
    order = [c for c in same if answers[c].notna().any()]

    def in_order(table: pd.DataFrame) -> list[tuple[object, ...]]:
        clean = table[order].astype(object).where(table[order].notna(), None)
        return sorted(clean.itertuples(index=False, name=None), key=str)

    assert in_order(frame) == in_order(answers)


def test_ids_rise_with_gaps_and_dates_lie_in_five_weeks(
    rows: list[dict[str, str]],
) -> None:
    ids = [int(row["id"]) for row in rows]
    assert ids == sorted(set(ids))
    assert ids[-1] > len(ids)  # responses that were deleted
    starts = [datetime.fromisoformat(row["startdate"]) for row in rows]
    assert starts == sorted(starts)
    assert starts[0] >= datetime(2015, 2, 1)
    assert starts[-1] < datetime(2015, 4, 1)
    assert 28 < (starts[-1] - starts[0]).days <= 35
    assert all(8 <= start.hour <= 22 for start in starts)
    for row, start in zip(rows, starts, strict=True):
        assert datetime.fromisoformat(row["datestamp"]) > start
        assert row["submitdate"] in ("", row["datestamp"])
        assert row["startlanguage"] == "nl"


def test_who_broke_off_has_no_submitdate_and_nothing_after_the_last_page(
    written: bytes, rows: list[dict[str, str]]
) -> None:
    columns = load_codebook().columns(2015)
    lines = written.decode("utf-8-sig").split("\r\n")
    broken = 0
    for line, row in zip(lines[1:], rows, strict=False):
        raw = dict(zip(row, cells_of(line), strict=True))
        last = int(row["lastpage"])
        assert (raw["submitdate"] == "") == (last < 7)
        broken += last < 7
        for column, (instrument, _) in columns.items():
            if instrument.page > last:
                assert raw[column] == "", column
    assert broken == 11


def test_left_open_is_quoted_and_not_asked_is_null(
    written: bytes, rows: list[dict[str, str]]
) -> None:
    book = load_codebook()
    lines = written.decode("utf-8-sig").split("\r\n")
    seen = {"leader": 0, "open": 0, "grade": 0}
    for line, row in zip(lines[1:], rows, strict=False):
        raw = dict(zip(row, cells_of(line), strict=True))
        assert raw["geslacht"] == '""'  # seen, and no figure is published
        if row["lastpage"] != "7":
            continue
        assert raw["nodig"] == '""'  # the published answers belong to nobody
        team_block = {
            raw[item.column]
            for item in book.instruments["groepsdynamica"].answered_items(2015)
            if item.column
        }
        if row["functie"] == "F2":
            assert team_block == {""}
            seen["leader"] += 1
        elif row["team"] in ("AP", "WO"):
            assert team_block == {'""'}
            seen["open"] += 1
        else:
            assert all(re.fullmatch('"A[0-4]"', cell) for cell in team_block)
        # a number that was left open is NULL too
        grades = [raw[c] for c in raw if c.startswith(("heb[", "wil["))]
        assert '""' not in grades
        seen["grade"] += grades.count("")
    assert seen == {"leader": 6, "open": 2, "grade": 4}


def test_order_of_the_rows_does_not_tell_the_team(rows: list[dict[str, str]]) -> None:
    teams = [row["team"] for row in rows]
    neighbours = np.mean([a == b for a, b in pairwise(teams)])
    # by chance about 17% of neighbours share a team; sorted it would be 90%
    assert neighbours < 0.35


def test_write_reconstruction_gives_the_committed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = raw_dir(2015) / "results-survey201502.csv"
    expected, facts = committed.read_bytes(), committed.with_name("wave.toml")
    folder = tmp_path / "data" / "raw" / "2015"
    folder.mkdir(parents=True)
    shutil.copy(facts, folder)
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    path = write_reconstruction()
    assert path.parent == folder
    assert path.read_bytes() == expected


def test_write_reconstruction_leaves_real_answers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "raw" / "2015"
    folder.mkdir(parents=True)
    facts = (raw_dir(2015) / "wave.toml").read_text("utf-8")
    real = facts.replace('"reconstruction"', '"fieldwork"', 1)
    (folder / "wave.toml").write_text(real, "utf-8")
    export = folder / "results-survey201502.csv"
    export.write_text("real answers", "utf-8")
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    with pytest.raises(WaveError, match="holds real answers"):
        write_reconstruction()
    assert export.read_text("utf-8") == "real answers"
