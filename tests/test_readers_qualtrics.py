from pathlib import Path

import pytest

from swtlib.errors import IngestError
from swtlib.readers import read_export

DATA = Path(__file__).parent / "data" / "qualtrics"
TODAY = DATA / "qualtrics_r_sample.csv"
QUOTED = DATA / "qualtricstools_no_basis_insights.csv"
LEGACY = DATA / "qualtricstools_no_basis_legacy.csv"


def as_answered(path, tmp_path, *, status="0"):
    """Copy a file of test responses as if people had given them."""
    text = path.read_text("utf-8-sig")
    head, body = text.split("\nR_", 1)
    answered = ("R_" + body).replace(",1,2,", f",1,{status},", 1)
    lines = answered.split("\n")
    lines = [
        line.replace(",1,2,", f",1,{status},", 1)
        if path == QUOTED
        else line.replace(",2,2016", f",{status},2016", 1)
        for line in lines
    ]
    copy = tmp_path / "answered.csv"
    copy.write_text("\n".join([head, *lines]), "utf-8")
    return copy


def test_todays_format_has_three_rows_of_headings():
    raw = read_export(TODAY)
    assert raw.tool == "qualtrics"
    assert raw.response_id.tolist() == ["R_2YPOQ602ER1jkf1"]
    assert raw.completed.tolist() == [True]
    assert raw.cells["Q2"].tolist() == ["Hello World!"]
    assert raw.wording["Q1"] == "This is a multiple choice question."
    assert "IPAddress" in raw.personal
    assert "LocationLatitude" in raw.personal
    assert {"StartDate", "Status", "UserLanguage"} <= raw.about
    assert not {"Q1", "Q2"} & (raw.about | raw.personal)


def test_legacy_format_takes_its_names_from_the_second_row():
    raw = read_export(DATA / "qualtrics_r_sample_legacy.csv")
    assert raw.tool == "qualtrics"
    assert raw.cells.shape == (1, 15)  # the empty last column is gone
    assert raw.response_id.tolist() == ["R_2YPOQ602ER1jkf1"]
    assert raw.cells["Q1"].tolist() == ["2"]
    assert {"IPAddress", "EmailAddress"} <= raw.personal


def test_test_responses_are_left_out_and_counted():
    raw = read_export(QUOTED)
    assert len(raw.cells) == 0
    assert raw.set_aside == {"test in Qualtrics": 15}


def test_both_formats_of_one_survey_give_the_same_answers(tmp_path):
    new = read_export(as_answered(QUOTED, tmp_path))
    old = read_export(as_answered(LEGACY, tmp_path))
    assert len(new.cells) == len(old.cells) == 15
    assert new.response_id.tolist() == old.response_id.tolist()
    for code in ("Q1", "Q3_1", "Q3_4", "Q4_2"):
        assert new.cells[code].tolist() == old.cells[code].tolist()
    assert new.cells["Q3_1"].tolist()[0] == "-1"  # a real answer, not a missing one


@pytest.mark.parametrize(
    ("status", "left_out"),
    [("0", 0), ("16", 0), ("1", 15), ("8", 15), ("17", 15), ("Survey Preview", 15),
     ("IP Address", 0), ("Spam", 15)],
)  # fmt: skip
def test_status_says_who_is_no_respondent(tmp_path, status, left_out):
    raw = read_export(as_answered(QUOTED, tmp_path, status=status))
    assert sum(raw.set_aside.values()) == left_out
    assert len(raw.cells) == 15 - left_out


def test_seen_but_unanswered_is_kept_apart_from_not_shown(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(
        "ResponseId,Finished,Q1,Q2,team\nR,F,a,b,Team\n"
        '"{""ImportId"":""_recordId""}","{""ImportId"":""finished""}",'
        '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}","{""ImportId"":""team""}"\n'
        "R_1,True,-99,,ZN\nR_2,False,,3,\n",
        "utf-8",
    )
    raw = read_export(path)
    assert raw.cells["Q1"].tolist() == ["", ""]
    assert raw.not_asked["Q1"].tolist() == [False, True]
    assert raw.not_asked["Q2"].tolist() == [True, False]
    assert raw.completed.tolist() == [True, False]
    assert "team" not in raw.about  # embedded data can be an answer


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",100,38,1,", ",100,38,misschien,", "line 4: column 'Finished' must say"),
        ("09,2017-07-18 08:28:48,0,", "09,2017-07-18 08:28:48,-3,", "column 'Status'"),
        ("Anfangsdatum,", "", "line 2: this row of headings has 19 cells, the first"),
        ("Hello World!,", "Hello World!,,extra", "line 4: 21 cells, the heading has 2"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, old, new, message):
    text = TODAY.read_text("utf-8")
    assert old in text
    path = tmp_path / "x.csv"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(IngestError, match=message):
        read_export(path)
