"""The batch from end to end, on two teams; result tables beside the stored ones."""

from pathlib import Path

import pandas as pd
import pytest

from swtlib.batch import run_wave

STORED = Path(__file__).parent / "data" / "tables"
TEAMS = ("alle", "elburg")
COUNTS = ["n", "n_low", "n_high", "n_before", "n_after", "n_both"]  # of people
# Tables are kept as printed; a last digit may differ where a library adds up in
# another order and a value lies on the edge between two digits.
PRINTED_ATOL = 0.0101


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SWT_OUTPUTS", str(folder))
        report = run_wave(year=2015, teams=TEAMS, progress="quiet")
        assert report.exit_code == 0, report.summary()
        assert len(report.done) == 16  # 8 notebooks for 2 teams
    return folder / "2015"


@pytest.mark.parametrize("team", TEAMS)
def test_batch_makes_every_table_that_is_stored_and_no_other(outputs, team):
    made = {path.name for path in (outputs / team / "tables").glob("*.csv")}
    stored = {path.name for path in (STORED / team).glob("*.csv")}
    assert made == stored


@pytest.mark.parametrize(
    "path", sorted(STORED.rglob("*.csv")), ids=lambda p: f"{p.parent.name}-{p.stem}"
)
def test_result_table_is_as_stored(outputs, path):
    expected = pd.read_csv(path)
    made = pd.read_csv(outputs / path.parent.name / "tables" / path.name)
    pd.testing.assert_frame_equal(made, expected, rtol=0, atol=PRINTED_ATOL)


def test_pages_name_their_origin_and_show_no_code(outputs):
    pages = sorted(outputs.rglob("*.html"))
    assert len(pages) == 18  # 16, the front page and the reproduction
    for page in pages:
        text = page.read_text("utf-8")
        assert "econstructie" in text or "verzonnen voorbeeld" in text, page
        assert "swt.new_run" not in text, page
        assert "<script" not in text, page
        assert "Traceback" not in text, page


def test_every_figure_has_alt_text_with_numbers(outputs):
    for page in sorted(outputs.glob("*/*.html")):
        for image in page.read_text("utf-8").split("<img ")[1:]:
            alt = image.partition('alt="')[2].partition('"')[0]
            assert len(alt) > 40, page
            assert any(sign.isdigit() for sign in alt), page


def test_no_table_shows_a_group_under_five(outputs):
    for path in sorted(outputs.rglob("tables/*.csv")):
        table = pd.read_csv(path)
        if "respons" in path.stem:
            continue  # members and respondents per team: no answers in it
        for column in table.columns.intersection(COUNTS):
            assert not (table[column] < 5).any(), path.name


def test_no_page_or_table_names_a_respondent(outputs):
    for path in [*outputs.rglob("*.html"), *outputs.rglob("*.csv")]:
        assert "respondent_id" not in path.read_text("utf-8"), path.name
