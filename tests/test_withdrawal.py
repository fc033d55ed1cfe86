"""Who withdraws is gone from what is kept, and named nowhere."""

from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest
from small_wave import FACTS, YEAR, make_rows, write_export, write_fieldwork
from typer.testing import CliRunner

from swtlib.batch import find_stale, run_wave
from swtlib.cli import app
from swtlib.errors import IngestError, WaveError
from swtlib.open_review import review_open_answers
from swtlib.pseudonyms import load_pseudonyms
from swtlib.release import release_wave
from swtlib.wave import ingest, load_wave
from swtlib.withdrawal import forget


def rows_of(n=8, **columns):
    """Make n answers; the number of a response is 4710 and on."""
    rows = make_rows(n)
    for at, row in enumerate(rows):
        row["id"] = str(4710 + at)
        row["submitdate"] = "2015-02-10 10:00:00"
        row["team"] = "EB" if at < 2 else "ZN"
        row |= {name: values[at] for name, values in columns.items()}
    return rows


ROOT = Path(__file__).resolve().parent.parent
LISTED = f'open_answers = "open_antwoorden_getoond.csv"\n{FACTS}'
TOKENS = [f"tok{at}" for at in range(8)]


def let_all_through(folder):
    book = openpyxl.load_workbook(folder / "open_antwoorden_nazien.xlsx")
    for row in range(2, book.worksheets[0].max_row + 1):
        book.worksheets[0].cell(row, 5).value = "Thema"
        book.worksheets[0].cell(row, 6).value = "ja"
    book.save(folder / "open_antwoorden_nazien.xlsx")


def shown():
    return load_wave(YEAR).open_answers()["answer"].tolist()


def write_notebook(project):
    first = nbformat.v4.new_code_cell('team: str = "alle"\nyear: int = 2015', id="p")
    first.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(cells=[first])
    notebook.metadata["swt"] = {"batch": True, "title": "Wie?", "order": 1}
    nbformat.write(notebook, project / "notebooks" / "wie.ipynb")


def everything(project):
    """Read every file that the project keeps, but the export."""
    return {
        path: path.read_bytes()
        for folder in ("data", "outputs")
        for path in (project / folder).rglob("*")
        if path.is_file() and not path.name.startswith("results")
    }


@pytest.mark.parametrize("identity", ["4713", " tok3 "])
def test_a_withdrawn_response_is_gone_and_stays_gone(project, key, identity):
    path = write_fieldwork(project, rows_of(token=TOKENS))
    before = ingest(YEAR)
    gone = set(before.respondents["respondent_id"])
    done = forget(YEAR, identity)
    after = load_wave(YEAR)
    gone -= set(after.respondents["respondent_id"])
    assert (done.n, len(after.respondents), len(gone)) == (1, 7, 1)
    assert after.n_responded == 7
    assert after.n_broken_off == 0
    assert [e.n for e in after.ledger if e.what == "withdrawn"] == [1]
    # The same export comes in again.
    elsewhere = project / "download.csv"
    elsewhere.write_bytes(path.read_bytes())
    assert len(ingest(YEAR, elsewhere).respondents) == 7


def test_number_and_token_stand_nowhere(project, key, capsys):
    write_fieldwork(project, rows_of(token=TOKENS))
    ingest(YEAR)
    done = forget(YEAR, "tok3")
    for path, content in everything(project).items():
        assert b"tok3" not in content, path.name
        assert b"4713" not in content, path.name
    told = done.summary() + "".join(capsys.readouterr())
    assert "tok3" not in told
    assert "4713" not in told


def test_an_unknown_number_changes_nothing_and_is_not_repeated(project):
    write_export(project, rows_of())
    before = ingest(YEAR).data_hash
    for identity in ("9999", "", "line"):
        with pytest.raises(WaveError, match="Nothing was changed") as caught:
            forget(YEAR, identity)
        assert "9999" not in str(caught.value)
    assert load_wave(YEAR).data_hash == before


def test_what_may_be_two_people_is_refused(project):
    tokens = ["", *TOKENS[1:]]
    tokens[2] = "4715"  # the number of somebody else
    write_export(project, rows_of(token=tokens))
    ingest(YEAR)
    with pytest.raises(WaveError, match="not certain whose") as caught:
        forget(YEAR, "4715")
    assert "4715" not in str(caught.value)
    assert len(load_wave(YEAR).respondents) == 8


def test_a_place_in_a_file_is_no_number_of_a_person(project):
    rows = [{k: v for k, v in row.items() if k != "id"} for row in rows_of()]
    rows = [{"voltooid": "ja", **row} for row in rows]
    for row in rows:
        del row["submitdate"]
    write_export(project, rows)
    ingest(YEAR)
    with pytest.raises(WaveError, match="Nothing was changed"):
        forget(YEAR, "3")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("number", ["4710", "4713", "4717"])
def test_the_row_is_cut_out_of_the_export_to_the_byte(project, ending, number):
    rows = rows_of()
    rows[3]["nodig"] = 'Twee regels,\nmet ""aanhaling""; en een puntkomma'
    path = write_export(project, rows, ending=ending)
    ingest(YEAR)
    before = path.read_bytes()
    done = forget(YEAR, number, from_export=True)
    assert done.cleaned == ("results.csv",)
    kept = [row for row in rows if row["id"] != number]
    facts = (path.parent / "wave.toml").read_bytes()
    after = path.read_bytes()
    expected = write_export(project, kept, ending=ending).read_bytes()
    assert after == expected
    assert len(before) > len(after)
    (path.parent / "wave.toml").write_bytes(facts)
    assert len(load_wave(YEAR).respondents) == 7


def test_the_export_is_left_alone_unless_asked_and_named(project, tmp_path):
    path = write_export(project, rows_of())
    elsewhere = tmp_path / "download.csv"
    elsewhere.write_bytes(path.read_bytes().replace(b'"A4"', b'"A3"'))
    ingest(YEAR, elsewhere)  # the first stays beside it under another name
    before = path.read_bytes()
    done = forget(YEAR, "4713")
    assert path.read_bytes() == before
    assert len(done.exports) == 2
    assert "Still in results.csv, results-" in done.summary()
    again = forget(YEAR, "4713", from_export=True)
    assert (len(again.cleaned), again.exports) == (2, ())
    for export in path.parent.glob("results*.csv"):
        assert b"4713" not in export.read_bytes()


def test_a_workbook_is_not_rewritten(project):
    path = write_export(project, rows_of())
    frame = pd.DataFrame(rows_of())
    frame.to_excel(path.with_name("results.xlsx"), index=False)
    facts = FACTS.replace("results.csv", "results.xlsx")
    (path.parent / "wave.toml").write_text(facts, "utf-8")
    ingest(YEAR)
    before = path.with_name("results.xlsx").read_bytes()
    done = forget(YEAR, "4713", from_export=True)
    assert done.exports == ("results.xlsx",)
    assert path.with_name("results.xlsx").read_bytes() == before
    assert len(load_wave(YEAR).respondents) == 7


def test_open_answers_of_who_withdraws_are_taken_back(project):
    said = ["", "Tijd", "", "Rust in de wijk", "", "", "", ""]
    path = write_export(project, rows_of(nodig=said))
    (path.parent / "wave.toml").write_text(LISTED, "utf-8")
    review_open_answers(YEAR)
    let_all_through(path.parent)
    assert sorted(shown()) == ["Rust in de wijk", "Tijd"]
    done = forget(YEAR, "4713")
    assert shown() == ["Tijd"]
    assert review_open_answers(YEAR).n_shown == 1
    assert done.open_list == ""


def test_a_list_made_by_hand_is_named(project):
    said = ["", "", "", "Rust in de wijk", "", "", "", ""]
    path = write_export(project, rows_of(nodig=said))
    facts = LISTED.replace("open_antwoorden_getoond", "lijst")
    (path.parent / "wave.toml").write_text(facts, "utf-8")
    (path.parent / "lijst.csv").write_text("theme,answer\nx,rust in de Wijk\n", "utf-8")
    ingest(YEAR)
    assert forget(YEAR, "4712").open_list == ""
    done = forget(YEAR, "4713")
    assert done.open_list == "lijst.csv"
    assert "Rust" not in done.summary()


def test_when_the_rest_is_no_wave_nothing_is_kept(project):
    rows = rows_of(3)
    for row in rows[1:]:
        row["submitdate"] = ""
    write_export(project, rows)
    ingest(YEAR)
    with pytest.raises(IngestError, match="was removed"):
        forget(YEAR, "4710")
    assert list((project / "data" / "processed" / str(YEAR)).iterdir()) == []


def test_another_key_does_not_bring_the_answers_back(project, key, monkeypatch):
    write_fieldwork(project, rows_of())
    ingest(YEAR)
    forget(YEAR, "4713")
    for path in (project / "data" / "processed" / str(YEAR)).iterdir():
        path.unlink()
    monkeypatch.setenv("SWT_KEY_FILE", str(key.parent / "other"))
    with pytest.raises(WaveError, match=r"forgotten\.toml was made with another key"):
        ingest(YEAR)


def test_other_years_of_the_same_person_are_named(project, key):
    write_fieldwork(project, rows_of(token=TOKENS))
    ingest(YEAR)
    done = forget(YEAR, "tok3")
    assert done.also_in == ()
    folder = project / "data" / "processed" / "2014"
    folder.mkdir()
    known = load_pseudonyms("fieldwork").of_person("tok4")
    pd.DataFrame({"person": [None, known]}).to_parquet(folder / "respondents.parquet")
    done = forget(YEAR, "tok4")
    assert done.also_in == ("2014",)
    assert "answered in 2014" in done.summary()


def test_pages_become_stale_and_a_release_is_named(project):
    raw = project / "data" / "raw" / str(YEAR)
    raw.mkdir()
    for path in (ROOT / "data" / "raw" / str(YEAR)).iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
    write_notebook(project)
    assert run_wave(year=YEAR, progress="quiet").exit_code == 0
    release_wave(YEAR)
    assert not find_stale(year=YEAR).reasons
    done = forget(YEAR, "4")
    n = len(find_stale(year=YEAR).reasons)
    assert done.n_stale == n > 0
    assert "the data changed" in find_stale(year=YEAR).summary()
    assert "2015_alle.zip" in done.summary()
    assert "release.json" in done.released


def test_the_command_asks_for_the_number_without_showing_it(project):
    write_export(project, rows_of())
    ingest(YEAR)
    done = CliRunner().invoke(app, ["forget", str(YEAR)], input="4713\n")
    assert done.exit_code == 0, done.output
    assert "1 response is withdrawn" in done.output
    assert "4713" not in done.output
