"""Damaged exports are refused with one clear message, or read right.

``SWT_FUZZ=10000 pytest tests/test_readers_fuzz.py`` tries that many of each.
"""

import os
import re
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swtlib.errors import IngestError
from swtlib.readers import read_export

SAMPLES = Path(__file__).parent / "data" / "limesurvey"
WORK, ANON = SAMPLES / "werkbeleving_615243", SAMPLES / "anoniem_391827"
TEXT_EXPORTS = [
    WORK / "results_code_short_semicolon.csv",
    WORK / "results_gui_defaults_full_long_comma.csv",
    WORK / "results_codetext_short_comma.csv",
    WORK / "results_code_long_tab.csv",
    WORK / "vvexport_615243.csv",
    ANON / "results_code_short_semicolon.csv",
]
OTHERS = [
    WORK / "results_code_short.json",
    WORK / "results_code_short.xlsx",
    WORK / "survey_615243_spss.sav",
    ANON / "survey_391827_R_data_file.csv",
    ANON / "survey_391827_R_syntax_file.R",
    ANON / "survey_391827_SPSS_data_file.dat",
    ANON / "survey_391827_SPSS_syntax_file.sps",
]
tries = settings(
    max_examples=int(os.environ.get("SWT_FUZZ", "20")),
    deadline=None,
    derandomize=True,
    database=None,
)
ODD_BYTES = st.sampled_from(b"\";,\t\r\n'{}[]=\\ 0A\x00\xef\xff")


@cache
def original(path):
    return path.read_bytes(), read_export(path)


def read(content, path):
    """Read content as if it stood there; the other file of a pair stays beside."""
    with tempfile.TemporaryDirectory() as folder:
        for further in original(path)[1].beside:
            (Path(folder) / further.name).write_bytes(further.read_bytes())
        (Path(folder) / path.name).write_bytes(content)
        return read_export(Path(folder) / path.name)


def check_message(fault):
    for line in str(fault).splitlines():
        assert re.match(r"[\w.]+[:,] |… and \d+ more", line), line
        assert line.endswith((".", ")")), line


def check_shape(raw):
    assert list(raw.not_asked) == list(raw.cells)
    assert raw.not_asked.index.equals(raw.cells.index)
    assert raw.cells.columns.is_unique
    assert not raw.cells.isna().to_numpy().any()
    assert not (raw.not_asked & (raw.cells != "")).to_numpy().any()
    assert raw.about | raw.personal <= set(raw.cells)
    assert raw.completed.dtype == bool
    if raw.tool == "limesurvey":
        assert raw.response_id.equals(raw.cells["id"])


@pytest.mark.parametrize("path", TEXT_EXPORTS, ids=lambda path: path.name)
@tries
@given(data=st.data())
def test_one_byte_changes_one_cell_or_is_refused(path, data):
    content, before = original(path)
    at = data.draw(st.integers(0, len(content) - 1))
    byte = bytes([data.draw(ODD_BYTES | st.integers(0, 255))])
    change = data.draw(st.sampled_from(["replace", "insert", "delete"]))
    kept = content[at:] if change == "insert" else content[at + 1 :]
    try:
        raw = read(content[:at] + (b"" if change == "delete" else byte) + kept, path)
    except IngestError as fault:
        check_message(fault)
        return
    check_shape(raw)
    assert raw.cells.shape == before.cells.shape
    differ = raw.cells.to_numpy() != before.cells.to_numpy()
    assert differ.sum() <= 1
    if differ.any():
        assert list(raw.cells) == list(before.cells)


@pytest.mark.parametrize("path", TEXT_EXPORTS, ids=lambda path: path.name)
@tries
@given(data=st.data())
def test_a_broken_off_download_is_refused_or_lacks_whole_responses(path, data):
    content, before = original(path)
    end = data.draw(st.integers(1, len(content) - 1))
    try:
        raw = read(content[:end], path)
    except IngestError as fault:
        check_message(fault)
        return
    check_shape(raw)
    if raw.tool == "plain":  # not even the first line is left
        assert "submitdate" not in raw.cells
        return
    n = len(raw.cells)
    last = raw.cells.iloc[n - 1 :].to_numpy() == before.cells.iloc[n - 1 : n].to_numpy()
    assert (raw.cells[:-1].to_numpy() == before.cells[: n - 1].to_numpy()).all()
    assert last.all()


@tries
@given(data=st.data())
def test_an_answer_is_read_as_it_was_written(data):
    before = original(TEXT_EXPORTS[0])[1]
    row = data.draw(st.integers(0, len(before.cells) - 1))
    column = data.draw(st.sampled_from(list(before.cells)[2:]))
    answer = data.draw(
        st.text(st.characters(codec="utf-8"), max_size=30)
        | st.text("\";,\t\r\n'=[]{} A0", max_size=12)
    )
    separator = data.draw(st.sampled_from(";,\t"))
    ending = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    cells = before.cells.copy()
    cells.iloc[row, cells.columns.get_loc(column)] = answer
    rows = [list(cells), *cells.to_numpy().tolist()]
    text = "".join(
        separator.join('"' + cell.replace('"', '""') + '"' for cell in line) + ending
        for line in rows
    )
    raw = read(text.encode("utf-8-sig"), TEXT_EXPORTS[0])
    check_shape(raw)
    if answer.startswith("'="):  # as LimeSurvey masks a formula
        cells.iloc[row, cells.columns.get_loc(column)] = answer[1:]
    assert (raw.cells.to_numpy() == cells.to_numpy()).all()
    assert list(raw.cells) == list(cells)


@pytest.mark.parametrize("path", [*TEXT_EXPORTS, *OTHERS], ids=lambda path: path.name)
@tries
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read(path, data):
    content = bytearray(original(path)[0])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        change = data.draw(st.sampled_from(["byte", "bytes", "cut", "copy", "end"]))
        size = data.draw(st.integers(1, 200))
        if change == "byte":
            content[at : at + 1] = bytes([data.draw(ODD_BYTES)])
        elif change == "bytes":
            content[at : at + 4] = data.draw(st.binary(max_size=8))
        elif change == "cut":
            del content[at : at + size]
        elif change == "copy":
            content[at:at] = content[at : at + size]
        else:
            del content[max(at, len(content) // 2) :]
    try:
        raw = read(bytes(content), path)
    except IngestError as fault:
        check_message(fault)
    else:
        check_shape(raw)


@tries
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_other_file_is_refused_or_a_plain_table(content):
    try:
        raw = read(content, TEXT_EXPORTS[0])
    except IngestError as fault:
        check_message(fault)
    else:
        assert raw.tool == "plain"  # any text may be a table that someone made
        check_shape(raw)
