import datetime

import pytest

from swtlib.errors import IngestError
from swtlib.readers import read_export
from swtlib.readers._columns import find_personal, plain_words

ROWS = [
    ["Respons ID", "Coördinatie", "Cijfer", "Voltooid"],
    ["7", "goed; héél goed", "7,5", "ja"],
    ["8", "", "10", "nee"],
]


def write(path, *, separator=";", encoding="utf-8", ending="\r\n", top=""):
    lines = [separator.join(f'"{cell}"' for cell in row) for row in ROWS]
    path.write_bytes((top + ending.join(lines) + ending).encode(encoding))
    return path


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_dialect_gives_the_same_cells(tmp_path, separator, encoding, ending):
    path = write(
        tmp_path / "x.csv", separator=separator, encoding=encoding, ending=ending
    )
    raw = read_export(path)
    assert raw.tool == "plain"
    assert raw.cells.to_numpy().tolist() == ROWS[1:]
    assert list(raw.cells) == ROWS[0]
    assert raw.cells.index.tolist() == [2, 3]
    assert raw.response_id.tolist() == ["7", "8"]
    assert raw.completed.tolist() == [True, False]


def test_excels_line_about_the_separator_is_no_heading(tmp_path):
    raw = read_export(write(tmp_path / "x.csv", top="sep=;\r\n"))
    assert list(raw.cells) == ROWS[0]
    assert raw.cells.index.tolist() == [3, 4]


def make_book(path, *sheets):
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Blad{number + 1}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_excel_is_read_by_its_content(tmp_path):
    rows = [
        ["id", "Cijfer", "Datum", "Ja"],
        [1, 7.5, datetime.datetime(2016, 2, 10, 10), True],
        [2, 8.0, None, False],
    ]
    raw = read_export(make_book(tmp_path / "x.csv", rows, []))
    assert raw.cells.to_numpy().tolist() == [
        ["1", "7.5", "2016-02-10 10:00:00", "1"],
        ["2", "8", "", "0"],
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"hello\nworld\n", "no table was found"),
        (b"\x00\x01\x02\x03\xff", "this is not text"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel or Word file"),
        (b"PK\x03\x04rest", "this is a zip file"),
        (b"a;b\n1;2\n1;2;3\n1\n", "line 3: 3 cells.*\n.*line 4: 1 cells"),
        (b'id;tekst\n1;"ja\n2;"nee"\n3;ja\n', "line 3: '.' expected after"),
        (b'id;tekst\n1;ja\n2;"nee\n3;ja\n', "line 4: unexpected end of data"),
        (b"a;;c\n1;2;3\n", "column 2 has answers, but no heading"),
        (b"a;voltooid\n1;soms\n", "line 2: column 'voltooid' must say"),
    ],
)
def test_what_is_no_table_is_one_line(tmp_path, content, message):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(IngestError, match=message):
        read_export(path)


def test_two_sheets_with_answers_are_refused(tmp_path):
    with pytest.raises(IngestError, match=r"several sheets.*Blad1, Blad2"):
        read_export(make_book(tmp_path / "x.xlsx", ROWS, ROWS))


def test_a_title_or_merged_cells_above_the_headings_are_one_line(tmp_path):
    above = ["Resultaten 2016", None, None, None]
    book = make_book(tmp_path / "x.xlsx", [above, *ROWS])
    with pytest.raises(IngestError) as fault:
        read_export(book)
    assert len(str(fault.value).splitlines()) == 1
    assert "row of merged cells, above the headings? Delete it" in str(fault.value)


def test_a_repeated_heading_keeps_both_columns(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("team;team;x;\nZN;EB;1;\n", "utf-8")
    raw = read_export(path)
    assert list(raw.cells) == ["team", "team (2)", "x"]
    assert raw.text_of("team (2)") == "team"


@pytest.mark.parametrize(
    ("heading", "cell", "personal"),
    [
        ("Wat is uw e-mailadres?", "", True),
        ("IP-adres", "", True),
        ("Naam", "", True),
        ("Naam van uw wijkteam", "Elburg", False),
        ("Q7", "j.jansen@zwolle.nl", True),
        ("Q7", "192.0.2.66", True),
        ("Q7", "06-12345678", True),
        ("Q7", "Mail mij op j@z.nl als u wilt", False),
        ("Q7", "10.5", False),
        ("Toegangscode", "", True),
        ("Leeftijd", "45", False),
        ("Geboortedatum (dd-mm-jjjj)", "", True),
        ("naam medewerker", "", True),
        ("Personeelsnr", "", True),
        ("Voor- en achternaam", "", True),
        ("Straat en huisnummer", "", True),
        ("Telefoonnummer (mobiel)", "", True),
        ("Wat is uw leeftijd, in jaren?", "", False),
        ("Hoe vaak heeft u e-mailcontact met burgers?", "", False),
        ("Vragen bewoners vaak om uw telefoonnummer?", "", False),
    ],
)
def test_personal_columns_are_known_by_name_or_content(heading, cell, personal):
    import pandas as pd

    cells = pd.DataFrame({heading: ["", cell]}, dtype=str)
    assert (heading in find_personal(cells)) == personal


def test_plain_words_forgets_how_a_text_is_written():
    assert plain_words(" <p>Wát&nbsp;vind je&#8230;</p>") == "wat vind je"
    assert plain_words("3 < 5 > 2") == "3 5 2"
