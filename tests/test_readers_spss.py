import subprocess
from pathlib import Path

import pytest

from swtlib.errors import IngestError
from swtlib.readers import read_export, spss

DATA = Path(__file__).parent / "data" / "spss"


def test_user_missing_codes_are_kept_and_named():
    raw = read_export(DATA / "codebook_different-missings.sav")
    assert raw.tool == "spss"
    assert raw.missing_codes == {
        "val1": frozenset({"99", "999"}),
        "val3": frozenset({"99", "999"}),
    }
    assert raw.cells["val2"].tolist()[:3] == ["1", "99", ""]  # not declared: a code
    assert raw.labels["val3"]["99"] == "skipped"
    assert raw.wording["val2"] == "Second value, missings not defined"


def test_missing_ranges_and_texts():
    raw = read_export(DATA / "pyreadstat_sample_missing.sav")
    # 2000 to 3000 and -1 are declared; 2500 and -1 occur
    assert raw.missing_codes["mynum"] == {"2500", "-1"}
    letters = read_export(DATA / "pyreadstat_missing_char.sav")
    assert letters.missing_codes == {"mychar": frozenset({"Z"})}


def test_a_date_that_cannot_be_does_not_lose_the_file():
    raw = read_export(DATA / "haven_datetime.sav")
    assert raw.cells.shape == (2, 3)


def test_text_codes_accents_and_compression():
    assert read_export(DATA / "haven_labelled-str.sav").labels == {
        "gender": {"F": "Female", "M": "Male"}
    }
    assert "ä" in read_export(DATA / "haven_umlauts.sav").labels["var1"]["1"]
    packed = read_export(DATA / "pyreadstat_sample.zsav")
    assert packed.cells["mydate"].tolist()[0] == "2018-05-06 00:00:00"
    assert packed.cells["mynum"].tolist()[:2] == ["1.1", "1.2"]


def test_columns_of_qualtrics_are_known():
    raw = read_export(DATA / "pyreadstat_test_width.sav")
    assert raw.response_id.tolist()[0] == "R_0001xAxQxIo2PVH"
    assert raw.completed.all()  # 2 is labelled True
    assert raw.about == set(raw.cells.columns)


def test_a_damaged_file_is_one_line(tmp_path):
    path = tmp_path / "x.sav"
    path.write_bytes((DATA / "haven_umlauts.sav").read_bytes()[:200])
    with pytest.raises(IngestError, match=r"x.sav: the SPSS file is damaged"):
        read_export(path)


def test_a_file_that_breaks_the_parser_is_one_line(monkeypatch):
    # ReadStat can bring its process down; here that is done by hand.
    breaks = "import os; os._exit(139)"
    monkeypatch.setattr(
        spss.subprocess,
        "run",
        lambda command, run=subprocess.run, **kw: run([command[0], "-c", breaks], **kw),
    )
    with pytest.raises(IngestError, match=r"umlauts.sav: .*the parser broke down"):
        read_export(DATA / "haven_umlauts.sav")


def test_a_parser_that_does_not_end_is_one_line(monkeypatch):
    monkeypatch.setattr(spss, "PATIENCE", 1e-6)
    with pytest.raises(IngestError, match="did not come to an end"):
        read_export(DATA / "haven_umlauts.sav")
