"""What is no export, broken or edited by hand: one clear line for each fault."""

import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from swtlib.errors import IngestError
from swtlib.readers import read_export
from swtlib.readers._headings import code_names, read_headings

SAMPLES = Path(__file__).parent / "data" / "limesurvey"
WORK, ANON = SAMPLES / "werkbeleving_615243", SAMPLES / "anoniem_391827"
EXPORT = WORK / "results_code_short_semicolon.csv"
OPEN_ANSWER = "Manusje-van-alles"


def fault_of(path):
    with pytest.raises(IngestError) as fault:
        read_export(path)
    return str(fault.value)


def make(folder, content, name="export"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \r\n\r\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"%PDF-1.7 ...", "this is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", r"an old Excel or Word file \(.xls, .doc\)"),
        (b"<!DOCTYPE html>\n<html><h1>Survey response</h1>", "this is HTML or Lime"),
        (b'<meta http-equiv="Content-Type" content="text/html">', "'Word' export"),
        (b'<?xml version="1.0"?>\n<document>\n <LimeSurveyDocType>Survey', "question"),
        (b'{"LimeSurveyDocType":"Survey","DBVersion":1}', "this is the questionnaire"),
        (b"id\trelated_id\tclass\ttype/scale\tname\nS\t\tsid\t1", "the questionnaire"),
        (b"\x00\x01\x02\x03", "this is not text"),
        (b"\xc1\xe2" * 99 + b"0" * 200 + b"SPSSP\r\nORTA8/2018", "Save it as .sav"),
        (b"naam,cijfer\n", "there are headings, but no responses"),
        (b'{"responses": []}', "there are no responses in it"),
        (b'{"responses": [{"id": 1, "submitdate"', "line 1: this is not whole JSON"),
    ],
)  # fmt: skip
def test_another_file_is_told_apart(tmp_path, content, message):
    found = fault_of(make(tmp_path, content))
    assert re.search(message, found)
    assert found.startswith("export")
    assert len(found.splitlines()) == 1


def test_archive_and_zip_are_told_apart(tmp_path):
    archive = SAMPLES / "alle_vraagtypen_728164" / "survey_archive_728164.lsa"
    assert "LimeSurvey's archive" in fault_of(archive)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("results.csv", '"id";"submitdate";"lastpage"')
    assert "Unpack it" in fault_of(make(tmp_path, other.getvalue()))


def test_structure_is_told_apart():
    assert "not the answers" in fault_of(WORK / "structure_as_imported.txt")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(IngestError, match=r"nope.csv: there is no such file in"):
        read_export(tmp_path / "nope.csv")


def edit(*pairs, count=1):
    text = EXPORT.read_bytes().decode("utf-8-sig")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, count)
    return text


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([('"submitdate"', '"submit"')], "column 'submitdate' is missing"),
        ([('"id"', '"nr"')], "column 'id' is missing"),
        ([('"ervaring"', '"leeftijd"')], "column 'leeftijd' stands there twice"),
        ([('"ervaring"', '""')], "column 11 has no heading"),
        ([('"ervaring"', '""'), ('"aantal"', '""')], "several columns have no heading"),
        ([("2026-11-23 13:40:22", "23-11-2026 13:40")],
         r"line 2: column 'submitdate' .* \(found: '23-11-2026 13:40'\)"),
        ([("2026-11-23 13:40:22", "2026-13-23 13:40:22")], "line 2: column 'submit"),
        ([("2026-11-23 13:40:22", "Ik heet Jansen")], r"broke off\. Download"),
        ([('"T6";"F"', '"T6;"F"')], "line 2, column 'team': there is a quote too many"),
        ([('"team";', '"team;')], "line 1, cell 8: there is a quote too many"),
        ([('"T6";"F"', '"T6"')], "line 2: 97 cells, the heading has 98"),
        ([('"T6";"F"', '"T6";"F";"F"')], "line 2: 99 cells, the heading has 98"),
    ],
)  # fmt: skip
def test_an_edited_file_is_refused(tmp_path, pairs, message):
    found = fault_of(make(tmp_path, edit(*pairs), "results.csv"))
    assert re.search(message, found)
    assert all(line.startswith("results.csv") for line in found.splitlines())
    assert OPEN_ANSWER not in found
    assert "Jansen" not in found


def test_all_faults_come_at_once(tmp_path):
    text = edit(
        ('"2026-11-23 13:40:22";"6"', '"gisteren";"6"'),
        ('"T7";"M"', '"T7"'),
        ('"T3";"F"', '"T3;"F"'),
    )
    lines = fault_of(make(tmp_path, text)).splitlines()
    assert len(lines) == 3
    assert all("Download" in line for line in lines)


def test_a_broken_off_download_is_refused(tmp_path):
    content = EXPORT.read_bytes()
    at = content.index(OPEN_ANSWER.encode())
    found = fault_of(make(tmp_path, content[: at + 5]))
    assert "line 2, column 'functie[other]': a quote opens here" in found
    assert "Manus" not in found


@pytest.mark.parametrize("name", ["vvexport_615243.csv", "results_code_long_tab.csv"])
def test_a_last_line_without_end_is_refused(tmp_path, name):
    content = (WORK / name).read_bytes().rstrip()
    cut = content[: content.rindex(b"\t") + 1]
    assert "the last line has no end" in fault_of(make(tmp_path, cut))


def test_a_text_cut_between_two_quotes_is_refused(tmp_path):
    # "Dat het ""echt"" lukt." cut off behind a quote looks like a whole cell
    content = edit(count=1).rstrip() + '\r\n"99";"2026-11-23 13:40:22"' + ';""' * 95
    whole = make(tmp_path, content + ';"Dat ""echt"" lukt."\r\n')
    assert len(read_export(whole).cells) == 41
    cut = make(tmp_path, content + ';"Dat "')
    assert "the last line has no end" in fault_of(cut)


def test_a_byte_order_mark_below_an_empty_line_is_no_text(tmp_path):
    raw = read_export(make(tmp_path, b"\n" + EXPORT.read_bytes()))
    pd.testing.assert_frame_equal(
        raw.cells.reset_index(drop=True),
        read_export(EXPORT).cells.reset_index(drop=True),
    )
    assert raw.cells.index[0] == 3


def test_spaces_that_a_spreadsheet_added_are_no_fault(tmp_path):
    raw = read_export(make(tmp_path, edit(("13:40:22", "13:40:22  "), ('"1"', '"1 "'))))
    assert raw.completed.equals(read_export(EXPORT).completed)


def test_a_row_of_totals_is_no_response(tmp_path):
    text = edit() + '"Gemiddelde"' + ';""' * 97 + "\r\n"
    found = fault_of(make(tmp_path, text))
    assert re.search(r"line \d+: column 'id' must be the number", found)
    assert "Gemiddelde" not in found


def test_a_name_with_a_line_break_stays_on_one_line(tmp_path):
    syntax = ANON / "survey_391827_R_syntax_file.R"
    text = syntax.read_text("utf-8").replace('read.csv("survey', 'read.csv("\rsurvey')
    found = fault_of(make(tmp_path, text, syntax.name))
    assert len(found.splitlines()) == 1
    assert "Put it there" in found


def test_many_faults_end_with_a_count(tmp_path):
    text = EXPORT.read_bytes().decode("utf-8-sig")
    text += "".join('"1";"2"\r\n' for _ in range(60))
    lines = fault_of(make(tmp_path, text)).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "… and 10 more like these."


def test_another_encoding_is_named_by_its_line(tmp_path):
    text = EXPORT.read_bytes().decode("utf-8-sig")
    content = text.encode("cp1252", errors="replace")
    lines = content.split(b"\n")
    first = next(at for at, line in enumerate(lines, start=1) if not line.isascii())
    found = fault_of(make(tmp_path, content))
    assert f"line {first}: the file is not UTF-8" in found


def test_a_file_that_another_program_saved_does_not_tell_what_was_asked(tmp_path):
    raw = read_export(EXPORT)
    rewritten = raw.cells.to_csv(sep=";", index=False)
    again = read_export(make(tmp_path, rewritten))
    pd.testing.assert_frame_equal(
        again.cells.reset_index(drop=True), raw.cells.reset_index(drop=True)
    )
    assert not again.not_asked.to_numpy().any()


def test_empty_columns_and_lines_of_a_spreadsheet_are_no_answers(tmp_path):
    lines = ['"id";"submitdate";"team";;', '"1";"2026-01-01 10:00:00";"T1";;', ";;;;"]
    text = "\r\n".join(lines)
    raw = read_export(make(tmp_path, text))
    assert list(raw.cells) == ["id", "submitdate", "team"]
    assert len(raw.cells) == 1


# --- pairs of data and syntax


@pytest.mark.parametrize(
    ("data", "syntax", "message"),
    [
        ("survey_391827_SPSS_data_file.dat", None, "this is an SPSS data file"),
        ("survey_391827_R_data_file.csv", None, "this is R's data file"),
        (None, "survey_391827_SPSS_syntax_file.sps", "the answers stand in survey_39"),
        (None, "survey_391827_R_syntax_file.R", "the answers stand in survey_39"),
    ],
)
def test_half_a_pair_asks_for_the_other(tmp_path, data, syntax, message):
    name = data or syntax
    shutil.copy(ANON / name, tmp_path)
    assert message in fault_of(tmp_path / name)


@pytest.mark.parametrize(
    ("data", "syntax"),
    [
        ("survey_391827_SPSS_data_file.dat", "survey_391827_SPSS_syntax_file.sps"),
        ("survey_391827_R_data_file.csv", "survey_391827_R_syntax_file.R"),
    ],
)
def test_a_pair_that_does_not_fit_is_refused(tmp_path, data, syntax):
    shutil.copy(ANON / data, tmp_path)
    text = (ANON / syntax).read_text("utf-8-sig")
    lines = [x for x in text.splitlines() if "V31 =" not in x and "data)[31]" not in x]
    make(tmp_path, "\n".join(lines), syntax)
    found = fault_of(tmp_path / data)
    assert f"{data}: 31 columns, but {syntax} describes 30" in found


def test_renamed_data_find_the_syntax_that_fits(tmp_path):
    expected = read_export(ANON / "survey_391827_R_data_file.csv")
    for name in ("survey_391827_R_syntax_file.R", "survey_391827_SPSS_syntax_file.sps"):
        shutil.copy(ANON / name, tmp_path)
    data = shutil.copy(ANON / "survey_391827_R_data_file.csv", tmp_path / "results.csv")
    raw = read_export(Path(data))
    pd.testing.assert_frame_equal(raw.cells, expected.cells)
    assert {path.name for path in raw.beside} == {
        "results.csv", "survey_391827_R_syntax_file.R"
    }  # fmt: skip


def test_results_beside_a_syntax_are_not_taken_for_its_data():
    raw = read_export(ANON / "results_full_long_comma.csv")
    assert raw.beside == ()
    assert "In welk team werk je?" in raw.cells


def test_a_fault_in_data_without_headings_shows_no_answer(tmp_path):
    shutil.copy(ANON / "survey_391827_SPSS_syntax_file.sps", tmp_path)
    text = (ANON / "survey_391827_SPSS_data_file.dat").read_text("utf-8-sig")
    name = "survey_391827_SPSS_data_file.dat"
    make(tmp_path, text.replace("'zrg'", "'zrg", 1), name)
    found = fault_of(tmp_path / name)
    assert re.search(r"line \d+, cell \d+: there is a quote", found)
    make(tmp_path, text.replace("1,'01-01-1980", "1,'zomer 1980", 1), name)
    assert "zomer" not in fault_of(tmp_path / name)


# --- JSON and Excel


def test_json_rows_with_other_columns_are_named(tmp_path):
    data = json.loads((WORK / "results_code_short.json").read_text("utf-8"))
    del data["responses"][3]["team"]
    data["responses"][5]["toelichting"] = ["a"]
    lines = fault_of(make(tmp_path, json.dumps(data))).splitlines()
    assert "row 4: its columns are not those of the first" in lines[0]
    assert "row 6, column 'toelichting': a list stands there" in lines[1]


def test_json_of_older_versions_is_read(tmp_path):
    data = json.loads((WORK / "results_code_short.json").read_text("utf-8"))
    older = {"responses": [{str(row["id"]): row} for row in data["responses"]]}
    raw = read_export(make(tmp_path, json.dumps(older)))
    pd.testing.assert_frame_equal(
        raw.cells, read_export(WORK / "results_code_short.json").cells
    )


def test_a_damaged_workbook_is_refused(tmp_path):
    content = (WORK / "results_code_short.xlsx").read_bytes()
    assert "broken off" in fault_of(make(tmp_path, content[:-400]))
    middle = len(content) // 2
    damaged = content[:middle] + bytes(400) + content[middle + 400 :]
    assert "damaged" in fault_of(make(tmp_path, damaged))


def test_another_workbook_is_told_apart(tmp_path):
    book = Workbook()
    book.active.append(["naam", "cijfer"])
    book.save(tmp_path / "cijfers.xlsx")
    assert "there are headings, but no responses" in fault_of(tmp_path / "cijfers.xlsx")


def test_a_workbook_with_notes_beside_the_table_is_refused(tmp_path):
    book = load_workbook(WORK / "results_code_short.xlsx")
    sheet = book.worksheets[0]
    sheet.cell(row=4, column=sheet.max_column + 2, value="Jansen belt nog")
    book.create_sheet("aantekeningen", 0)
    book.save(tmp_path / "results.xlsx")
    found = fault_of(tmp_path / "results.xlsx")
    assert "row 4: an answer without heading" in found
    assert "Jansen" not in found


def test_a_damaged_sav_is_refused(tmp_path):
    content = (WORK / "survey_615243_spss.sav").read_bytes()
    assert "damaged or broken off" in fault_of(make(tmp_path, content[:9000]))
    assert "damaged or broken off" in fault_of(make(tmp_path, b"$FL2" + bytes(500)))


def test_a_sav_that_claims_too_many_rows_is_refused(tmp_path):
    content = bytearray((WORK / "survey_615243_spss.sav").read_bytes())
    content[80:84] = (50_331_688).to_bytes(4, "little")  # the number of rows
    assert "damaged or broken off" in fault_of(make(tmp_path, bytes(content)))


def test_a_workbook_that_claims_too_many_rows_is_refused(tmp_path):
    content = io.BytesIO()
    with (
        zipfile.ZipFile(WORK / "results_code_short.xlsx") as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                at = part.rindex(b"<row ")
                part = part[:at] + b'<row r="999999999"/>' + part[at:]
            new.writestr(name, part)
    assert "damaged" in fault_of(make(tmp_path, content.getvalue()))


# --- headings


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (["id", "submitdate", "rang_1", "rang_2"], ["rang[1]", "rang[2]"]),
        (["id", "submitdate", "a_SQ1_0", "a_SQ1_1"], ["a[SQ1][1]", "a[SQ1][2]"]),
        (["id", "submitdate", "a_SQ1_X1", "a_SQ1_X2"], ["a[SQ1_X1]", "a[SQ1_X2]"]),
        (["id", "submitdate", "a[SQ_1]", "b_c"], ["a[SQ_1]", "b_c"]),
        (["id", "submitdate", "attribute_1", "b_c"], ["attribute_1", "b[c]"]),
        (["id. Response ID", "submitdate. Date submitted", "a_SQ1. Wat? [x]"],
         ["a[SQ1]"]),
        (["Response ID", "Date submitted", "Seed", "Waar? Plaats", "Plaats"],
         ["seed", "Waar? Plaats", "Plaats"]),
        (["Respons-id", "Datum v.. ", "Wat.. ", "Wat.. "], ["Wat..", "Wat.. (2)"]),
        (["Response ID", "Date submitted", "First name", "Naam"],
         ["firstname", "name"]),
    ],
)  # fmt: skip
def test_headings_of_every_style(found, names):
    assert read_headings(found).names == ["id", "submitdate", *names]


def test_timings_are_about_the_response():
    headings = read_headings(
        [
            "id",
            "submitdate",
            "team",
            "interviewtime",
            "groupTime13",
            "teamTime",
            "overTime",
        ]
    )
    assert headings.about == {
        "id", "submitdate", "interviewtime", "groupTime13", "teamTime"
    }  # fmt: skip


def test_personal_columns_are_recognised():
    found = [
        "id",
        "submitdate",
        "token",
        "ipaddr",
        "refurl",
        "email",
        "attribute_2",
        "a",
    ]
    assert read_headings(found).personal == {*found[2:7]}
    found = ["Response ID", "Date submitted", "IP-adres", "Access code", "Hoe heet je?"]
    assert read_headings(found).personal == {"ipaddr", "token"}


def test_code_names_takes_only_candidates_for_a_dual_scale():
    names = ["a_SQ1_1", "a_SQ1_2"]
    assert code_names(names, scales=("1", "2"), candidates=names)[1] == "a[SQ1][2]"
    assert code_names(names, scales=("1", "2"), candidates=())[1] == "a[SQ1_2]"
