import json
import os
import re
import stat
from pathlib import Path

import pandas as pd
import pytest
from small_wave import FACTS, YEAR, make_rows, write_export

from swtlib.errors import IngestError, WaveError
from swtlib.wave import ingest, load_facts, load_wave, preview


def test_ingest_keeps_the_completed_and_counts_the_broken_off(project):
    write_export(project, make_rows(6))
    wave = ingest(YEAR)
    assert wave.n_responded == 6
    assert wave.n_dropped == 1
    assert wave.respondents["team"].tolist() == ["elburg"] * 2 + ["zwolle_noord"] * 3
    dropped = wave.ledger[0]
    assert (dropped.what, dropped.n) == ("dropped", 1)


def test_ingest_reads_codes_as_scale_points(project):
    write_export(project, make_rows(6))
    answers = ingest(YEAR).respondents
    # number % 4 + 1 for people 0 to 4
    assert answers["bk_proactief"].tolist() == [1, 2, 3, 4, 1]
    assert answers["bg_leeftijd"].tolist() == [20, 21, 22, 23, 24]


def test_answers_leaves_out_who_was_not_asked(project):
    write_export(project, make_rows(6))
    wave = ingest(YEAR)
    book = wave.codebook
    group = wave.answers(book.instruments["groepsdynamica"])
    assert len(group) == 4  # five kept, one of them the teamleider
    assert group.notna().all().all()
    assert group.index.tolist() == [1, 2, 3, 4]  # the teamleider is the first
    assert len(wave.answers(book.instruments["bakens"], team="elburg")) == 2
    with pytest.raises(WaveError, match=r"'elbrug'.*Did you mean 'elburg'"):
        wave.answers(book.instruments["bakens"], team="elbrug")


def test_population_leaves_out_who_was_not_asked(project):
    write_export(project, make_rows(6))
    wave = ingest(YEAR)
    sizes = wave.population(wave.codebook.instruments["groepsdynamica"])
    assert sizes == {"zwolle_noord": 6, "elburg": 2, "apeldoorn": None}  # 3 - 1
    assert wave.population(wave.codebook.instruments["bakens"])["elburg"] == 3


def test_answers_of_a_teamleider_to_the_team_block_are_set_aside(project):
    rows = make_rows(6)
    rows[0]["gdnu[veilig]"] = "A4"
    write_export(project, rows)
    wave = ingest(YEAR)
    assert pd.isna(wave.respondents["gd_cur_veilig"].iloc[0])
    assert any(e.what == "set aside" and e.n == 1 for e in wave.ledger)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_ingest_gives_the_same_wave_whatever_the_dialect(
    project, separator, encoding, ending
):
    write_export(project, make_rows(6))
    expected = ingest(YEAR).respondents
    write_export(
        project, make_rows(6), separator=separator, encoding=encoding, ending=ending
    )
    pd.testing.assert_frame_equal(ingest(YEAR).respondents, expected)


def test_ingest_reads_expressionscript_headings(project):
    rows = [
        {k.replace("[", "_").replace("]", ""): v for k, v in row.items()}
        for row in make_rows(6)
    ]
    write_export(project, rows)
    assert len(ingest(YEAR).respondents) == 5


def break_cell(rows, line, column, value):
    rows[line - 2][column] = value  # line 1 is the heading
    return rows


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda r: break_cell(r, 3, "bakens[proactief]", "A7"),
         r"results.csv, line 3, column 'bakens\[proactief\]'.*'A7'.*A0-A4"),
        (lambda r: break_cell(r, 4, "leeftijd", "230"), r"line 4.*'230'.*16-75"),
        (lambda r: break_cell(r, 4, "team", "XX"), r"line 4, column 'team'.*'XX'.*ZN"),
        (lambda r: break_cell(r, 3, "id", "10"), r"lines 2, 3: column 'id'.*2 times"),
        (lambda r: break_cell(r, 3, "team", ""), "1 completed responses have no team"),
        (lambda r: break_cell(r, 4, "team", "WO"), "no line in .members."),
        (lambda r: [{k: v for k, v in x.items() if k != "heb[netwerken]"} for x in r],
         r"column 'heb\[netwerken\]' \(Netwerken en lobbyen\) is missing"),
        (lambda r: [{k: v for k, v in x.items() if k != "id"} for x in r],
         "column 'id' is missing"),
        (lambda r: [{**x, "submitdate": ""} for x in r], "not one response was"),
        (lambda r: break_cell(r, 3, "submitdate", "N/A"),
         r"line 3: column 'submitdate' must be a date"),
        (lambda r: break_cell(r, 3, "id", ""), r"lines 3: column 'id' is empty"),
        (lambda r: break_cell(r, 3, "nodig", 'druk"'), "'nodig': there is a quote too"),
        (lambda r: [{k.replace("[", "."): v for k, v in x.items()} for x in r],
         r"of the 108 questions are not in the first line"),
        (lambda r: [{k: "eens" if v[:1] == "A" else v for k, v in x.items()}
                    for x in r],
         "cells are no answer codes"),
    ],
)  # fmt: skip
def test_ingest_says_what_is_wrong_and_writes_nothing(project, fault, message):
    write_export(project, make_rows(6))
    before = ingest(YEAR).respondents
    files = {p: p.read_bytes() for p in (project / "data/processed").rglob("*.parquet")}
    write_export(project, fault(make_rows(6)))
    with pytest.raises(IngestError, match=message):
        ingest(YEAR)
    assert {p: p.read_bytes() for p in files} == files
    assert len(before) == 5


def test_ingest_lists_every_fault_at_once(project):
    rows = make_rows(6)
    break_cell(rows, 2, "bakens[proactief]", "A7")
    break_cell(rows, 3, "heb[netwerken]", "11")
    break_cell(rows, 4, "leeftijd", "twintig")
    write_export(project, rows)
    with pytest.raises(IngestError) as fault:
        ingest(YEAR)
    assert len(str(fault.value).splitlines()) == 3


def test_faults_of_the_file_and_of_answers_come_together(project):
    rows = make_rows(6)
    break_cell(rows, 2, "submitdate", "10-2-2015 10:00")  # as Excel writes it
    break_cell(rows, 3, "leeftijd", "230")
    path = write_export(project, rows)
    path.write_text(path.read_text("utf-8-sig") + '"99";"2015"\n', "utf-8")
    with pytest.raises(IngestError) as fault:
        ingest(YEAR)
    told = str(fault.value).splitlines()
    assert [re.search(r"line \d", line)[0] for line in told] == [
        "line 8", "line 2", "line 3",
    ]  # fmt: skip
    assert preview(YEAR).problems == tuple(told)


def test_what_many_people_answered_is_named(project):
    rows = make_rows(12)
    for row in rows[:6]:
        row["team"] = "Wijkteam Elburg-Noord"  # the option was renamed in the tool
    write_export(project, rows)
    with pytest.raises(IngestError, match="'Wijkteam Elburg-Noord' is not allowed"):
        ingest(YEAR)
    for row in rows[1:6]:
        row["team"] = "EB"
    write_export(project, rows)
    with pytest.raises(IngestError) as fault:
        ingest(YEAR)
    assert "a text is not allowed" in str(fault.value)
    assert "Elburg-Noord" not in str(fault.value)


@pytest.mark.parametrize("heading", ["Geboortedatum", "Uw e-mailadres", "BSN"])
def test_personal_columns_that_were_added_never_enter(project, heading):
    plain = make_rows(6)
    write_export(project, plain)
    expected = ingest(YEAR).respondents
    write_export(project, [{**row, heading: "1-2-1980"} for row in plain])
    wave = ingest(YEAR)
    pd.testing.assert_frame_equal(wave.respondents, expected)
    entry = next(e for e in wave.ledger if heading in e.where)
    assert "identifies a person" in entry.reason


def test_ingest_never_repeats_a_long_answer(project):
    rows = break_cell(make_rows(6), 4, "leeftijd", "Ik heet Jansen en ben 40")
    write_export(project, rows)
    with pytest.raises(IngestError) as fault:
        ingest(YEAR)
    assert "Jansen" not in str(fault.value)


def test_ingest_refuses_more_answers_than_members(project):
    rows = make_rows(6)
    for row in rows:
        row["team"] = "EB"
    write_export(project, rows)
    with pytest.raises(IngestError, match=r"'elburg' has 5 .* but 3 members"):
        ingest(YEAR)


def test_ingest_names_a_row_of_the_wrong_length(project):
    path = write_export(project, make_rows(6))
    path.write_text(path.read_text("utf-8-sig") + '"99";"2015"\n', "utf-8")
    with pytest.raises(IngestError, match=r"line 8: 2 cells, the heading has"):
        ingest(YEAR)


def test_ingest_refuses_another_encoding(project):
    rows = make_rows(6)
    rows[0]["nodig"] = "coördinatie"
    write_export(project, rows, encoding="cp1252")
    with pytest.raises(IngestError, match="not UTF-8"):
        ingest(YEAR)


def test_ingest_refuses_another_file(project):
    path = write_export(project, make_rows(6))
    path.write_text('"nummer";"antwoord"\n"1";"2015"\n', "utf-8")
    with pytest.raises(
        IngestError, match="108 of the 108 questions are not in the first line"
    ):
        ingest(YEAR)


def test_ingest_copies_a_file_from_elsewhere_only_when_it_is_good(project, tmp_path):
    kept = write_export(project, make_rows(6))
    before = kept.read_bytes()
    elsewhere = tmp_path / "download.csv"
    elsewhere.write_bytes(before.replace(b'"A4"', b'"A8"'))
    with pytest.raises(IngestError, match="A8"):
        ingest(YEAR, elsewhere)
    assert kept.read_bytes() == before
    elsewhere.write_bytes(before.replace(b'"A4"', b'"A3"'))
    ingest(YEAR, elsewhere)
    assert kept.read_bytes() == elsewhere.read_bytes()


def test_ingest_keeps_the_export_that_stood_there(project, tmp_path):
    kept = write_export(project, make_rows(6))
    before = kept.read_bytes()
    elsewhere = tmp_path / "download.csv"
    elsewhere.write_bytes(before.replace(b'"A4"', b'"A3"'))
    ingest(YEAR, elsewhere)
    older = list(kept.parent.glob("results-*.csv"))
    assert [path.read_bytes() for path in older] == [before]


def test_ingest_keeps_the_syntax_that_the_data_need(project, tmp_path):
    rows = [{**row, "geslacht": "1"} for row in make_rows(6)]
    kept = write_export(project, rows, separator=",")
    data = tmp_path / "survey_1_R_data_file.csv"
    data.write_bytes(kept.read_bytes())
    lines = [f'read.csv("{data.name}") # LimeSurvey Field type: A']
    lines += [f'names(data)[{at}] <- "{name}"' for at, name in enumerate(rows[0], 1)]
    sex = list(rows[0]).index("geslacht") + 1
    lines.append(
        f"data[, {sex}] <- factor(data[, {sex}], levels=c(1,2),"
        'labels=c("Vrouw", "Man"))'
    )
    syntax = tmp_path / "survey_1_R_syntax_file.R"
    syntax.write_text("\n".join(lines), "utf-8")
    ingest(YEAR, data)
    syntax.unlink()
    assert (kept.parent / syntax.name).is_file()
    assert set(load_wave(YEAR).respondents["bg_geslacht"]) == {"vrouw"}


def test_blank_lines_at_the_end_are_no_responses(project):
    path = write_export(project, make_rows(6))
    width = path.read_text("utf-8-sig").splitlines()[0].count(";")
    path.write_bytes(path.read_bytes() + (";" * width + "\r\n").encode() * 2)
    assert ingest(YEAR).n_responded == 6


def test_a_missing_export_is_not_passed_over(project):
    write_export(project, make_rows(6))
    ingest(YEAR)
    facts = project / "data" / "raw" / str(YEAR) / "wave.toml"
    facts.write_text(FACTS.replace("results.csv", "nope.csv"), "utf-8")
    with pytest.raises(IngestError, match=r"nope.csv: there is no such file"):
        load_wave(YEAR)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("thema;antwoord\nTijd;Meer tijd\n", "column 'theme' is missing"),
    ],
)
def test_open_answers_say_what_is_wrong_with_the_list(project, content, message):
    write_export(project, make_rows(6))
    folder = project / "data" / "raw" / str(YEAR)
    (folder / "wave.toml").write_text(
        FACTS.replace("[members]", 'open_answers = "open.csv"\n[members]'), "utf-8"
    )
    if content is not None:
        (folder / "open.csv").write_text(content, "utf-8")
    with pytest.raises(WaveError, match=message):
        load_wave(YEAR).open_answers()


def test_recode_is_applied_and_written_down(project):
    rows = break_cell(make_rows(6), 3, "leeftijd", "999")
    path = write_export(project, rows)
    facts = path.parent / "wave.toml"
    facts.write_text(
        FACTS + '\n[[recode]]\ncolumn = "leeftijd"\ncode = "999"\n'
        'reason = "typed for no answer"\n',
        "utf-8",
    )
    wave = ingest(YEAR)
    assert pd.isna(wave.respondents["bg_leeftijd"].iloc[1])
    assert any(e.what == "recoded" and e.n == 1 for e in wave.ledger)


def test_unknown_columns_never_enter_the_wave(project):
    rows = [{**row, "ipaddr": "10.0.0.1", "email": "x@y.nl"} for row in make_rows(6)]
    write_export(project, rows)
    wave = ingest(YEAR)
    assert not {"ipaddr", "email"} & set(wave.respondents.columns)
    assert {e.where for e in wave.ledger} >= {"column ipaddr", "column email"}


def test_open_answers_are_not_kept_beside_a_respondent(project):
    rows = break_cell(make_rows(6), 3, "nodig", "Meer tijd")
    write_export(project, rows)
    wave = ingest(YEAR)
    assert "open_nodig" not in wave.respondents
    assert "Meer tijd" not in json.dumps([e.reason for e in wave.ledger])


def test_load_wave_ingests_again_when_the_export_changed(project):
    write_export(project, make_rows(6))
    assert len(load_wave(YEAR).respondents) == 5
    write_export(project, make_rows(5))
    assert len(load_wave(YEAR).respondents) == 4


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode")
def test_processed_answers_are_for_the_owner_only(project):
    write_export(project, make_rows(6))
    ingest(YEAR)
    path = project / "data" / "processed" / str(YEAR) / "respondents.parquet"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("year = 2015", "year = 2016", "year = 2016, but the folder is 2015"),
        ('"simulation"', '"verzonnen"', "origin = 'verzonnen'"),
        ("zwolle_noord = 6", "zwolle_nord = 6", "Did you mean 'zwolle_noord'"),
        ("elburg = 3", "elburg = 0", r"elburg = 0 must be a number above 0"),
        ("elburg = 3", "elburg = true", r"elburg = True must be a number above 0"),
        ("elburg = 3", 'elburg = 3\n[[note]]\nidd = "x"', "unknown key 'idd'"),
        ("fieldwork", "veldwerk", "unknown key 'veldwerk'"),
        ("year = 2015", "year = 2015\nmin_cell_n = 4", "raised above 5, never"),
        ("year = 2015", 'year = 2015\nmin_cell_n = "7"', "'min_cell_n' must be"),
        ('title = "Proef"\n', "", "'title' is missing"),
        ("[members]", "[members", "not valid TOML"),
        ("[members]", "[words]", r"\[words\]: unknown key 'zwolle_noord'"),
        ("zwolle_noord = 6", "zwolle_noord = true", "zwolle_noord = True must be"),
        ('title = "Proef"', "title = 3", "'title' must be text in quotes, found 3"),
    ],
)
def test_load_facts_names_the_key(project, old, new, message):
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir(parents=True)
    (folder / "wave.toml").write_text(FACTS.replace(old, new, 1), "utf-8")
    with pytest.raises(WaveError, match=message):
        load_facts(YEAR)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[[note]]\nid = "x"\ntext = "t"', "note 'x': 'notebooks' is missing"),
        ('[[note]]\nid = "x"\nnotebooks = ["a"]', r"note 'x': 'text' is missing"),
        ('[[note]]\ntekst = "t"', "unknown key 'tekst'"),
        ('[[recode]]\ncolumn = "a"\ncode = 999\nreason = "r"',
         r"recode '999': 'code' must be text in quotes, found 999"),
        ('[[recode]]\ncolumn = "a"\ncode = "999"', "'reason' is missing"),
        ('[note]\nid = "x"', r"'note' must be \[\[note\]\] tables"),
    ],
)  # fmt: skip
def test_load_facts_names_the_note_or_recode(project, table, message):
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir(parents=True)
    (folder / "wave.toml").write_text(f"{FACTS}\n{table}\n", "utf-8")
    if message is None:
        assert load_facts(YEAR).notes[0].notebooks == ()
        return
    with pytest.raises(
        WaveError, match=f"data/raw/2015/wave.toml, .*{message}|{message}"
    ):
        load_facts(YEAR)


def test_load_facts_wants_the_members(project):
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir(parents=True)
    text = FACTS[: FACTS.index("[members]")]
    (folder / "wave.toml").write_text(text, "utf-8")
    with pytest.raises(WaveError, match=r"\[members\] is missing"):
        load_facts(YEAR)


def test_open_answers_leave_out_empty_lines(project):
    path = write_export(project, make_rows(6))
    facts = f'open_answers = "open.csv"\n{FACTS}'
    (path.parent / "wave.toml").write_text(facts, "utf-8")
    answers = "theme,answer\nTijd,Meer tijd\n,\nRust,\n"
    (path.parent / "open.csv").write_text(answers, "utf-8")
    assert ingest(YEAR).open_answers()["answer"].tolist() == ["Meer tijd"]


def test_load_wave_ingests_again_when_the_answers_are_gone(project):
    write_export(project, make_rows(6))
    ingest(YEAR)
    (project / "data" / "processed" / str(YEAR) / "respondents.parquet").unlink()
    assert len(load_wave(YEAR).respondents) == 5


def test_ingest_names_the_folder_of_a_file_that_is_not_there(project, monkeypatch):
    write_export(project, make_rows(6))
    monkeypatch.chdir(project / "data")
    with pytest.raises(IngestError, match=r"no such file in data/"):
        ingest(YEAR, Path("other.csv"))


def test_load_wave_says_which_waves_there_are(project):
    write_export(project, make_rows(6))
    with pytest.raises(WaveError, match=r"no wave 1999.*waves found: 2015"):
        load_wave(1999)


@pytest.mark.parametrize("storage", ["auto", "python", "pyarrow"])
def test_own_table_from_before_a_wave_was_loaded_goes_with_it(project, storage):
    export = write_export(project, make_rows())
    with pd.option_context("mode.string_storage", storage):
        own = pd.DataFrame({"team": ["elburg"], "inhabitants": [23_000]})
        kind = pd.Series(["elburg"], dtype="category")
        wave = ingest(YEAR, export)
        for people in (wave.respondents, load_wave(YEAR).respondents):
            merged = people[["team"]].merge(own, on="team", how="left")
            assert merged["team"].dtype == people["team"].dtype == own["team"].dtype
            both = pd.concat([kind, people["team"].head(1).astype("category")])
            assert both.dtype == "category"
        assert own.equals(pd.DataFrame({"team": ["elburg"], "inhabitants": [23_000]}))
        assert pd.get_option("mode.string_storage") == storage
