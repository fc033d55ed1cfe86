"""Open answers are shown when a person said so, and not before."""

import openpyxl
import pytest
from small_wave import FACTS, YEAR, make_rows, write_export

from swtlib._open_flags import Known, find_flags, must_not_show
from swtlib.codebook import load_codebook
from swtlib.errors import WaveError
from swtlib.open_review import review_open_answers
from swtlib.wave import ingest, load_wave

ANSWERS = ("Meer tijd.", "=cmd|' /C calc'!A0", "Mail jan@voorbeeld.nl", "Rust", "Rust")
LISTED = f'open_answers = "open_antwoorden_getoond.csv"\n{FACTS}'


def rows_with(answers):
    rows = make_rows(7)
    for row, answer in zip(rows, answers, strict=False):
        row["nodig"] = answer.replace('"', '""')
    rows[-1]["nodig"] = "Van wie afbrak"  # broken off: does not count
    return rows


@pytest.fixture
def folder(project):
    path = write_export(project, rows_with(ANSWERS))
    (path.parent / "wave.toml").write_text(LISTED, "utf-8")
    return path.parent


def the_list(folder):
    book = openpyxl.load_workbook(folder / "open_antwoorden_nazien.xlsx")
    return book, book.worksheets[0]


def fill_in(folder, decide):
    """Do as a researcher does: theme and ja/nee (and another text) per answer."""
    book, sheet = the_list(folder)
    for row in range(2, sheet.max_row + 1):
        theme, show, *other = decide(sheet.cell(row, 3).value)
        sheet.cell(row, 5).value, sheet.cell(row, 6).value = theme, show
        if other:
            sheet.cell(row, 3).value = other[0]
    book.save(folder / "open_antwoorden_nazien.xlsx")


def shown():
    return load_wave(YEAR).open_answers()["answer"].tolist()


def test_the_list_is_made_without_a_decision_and_nothing_is_shown(folder):
    done = review_open_answers(YEAR)
    assert (done.n_new, done.n_to_do, done.n_shown) == (5, 5, 0)
    _, sheet = the_list(folder)
    heads = [cell.value for cell in sheet[1]]
    assert heads == ["sleutel", "vraag", "antwoord", "let op", "thema", "tonen"]
    texts = [sheet.cell(row, 3).value for row in range(2, 7)]
    assert sorted(texts) == sorted(ANSWERS)
    assert texts != list(ANSWERS)  # in an order that says nothing
    assert {sheet.cell(row, 6).value for row in range(2, 7)} == {None}
    assert shown() == []
    assert "Meer tijd" not in done.summary()


def test_only_what_a_person_let_through_is_shown(folder):
    review_open_answers(YEAR)
    fill_in(folder, lambda text: ("Tijd", "Ja " if text == "Meer tijd." else "nee"))
    assert shown() == ["Meer tijd."]  # read back by itself
    done = review_open_answers(YEAR)
    assert (done.n_new, done.n_to_do, done.n_shown, done.n_refused) == (0, 0, 1, 4)


def test_an_answer_that_was_made_unrecognisable_is_shown_as_changed(folder):
    review_open_answers(YEAR)
    fill_in(
        folder,
        lambda text: ("Tijd", "ja", "Mail de collega") if "@" in text else ("", None),
    )
    assert shown() == ["Mail de collega"]
    done = review_open_answers(YEAR)
    assert (done.n_new, done.n_to_do) == (0, 4)
    _, sheet = the_list(folder)
    flags = {sheet.cell(r, 3).value: sheet.cell(r, 4).value for r in range(2, 7)}
    assert flags["Mail de collega"] is None  # flagged no more


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (("", "ja"), "no theme"),
        (("Tijd", "misschien"), "must be ja or nee"),
        (("Tijd", "ja", "bel 06-12345678"), "telefoonnummer"),
        (("Tijd", "ja", "rust"), "another row has this answer"),
        (("Tijd", "ja", " "), "empty"),
    ],
)
def test_what_is_in_doubt_is_not_shown_and_said_by_row(folder, decision, why):
    review_open_answers(YEAR)
    fill_in(folder, lambda text: decision if text == "Meer tijd." else ("", None))
    assert shown() == []
    told = review_open_answers(YEAR).summary()
    assert why in told
    assert "06-12345678" not in told


def test_a_row_that_stands_there_twice_is_not_shown(folder):
    review_open_answers(YEAR)
    fill_in(folder, lambda text: ("Tijd", "ja") if text == "Rust" else ("", "nee"))
    book, sheet = the_list(folder)
    again = [sheet.cell(2, at).value for at in range(1, 7)]
    sheet.append([again[0], again[1], "Iets anders", None, "Tijd", "ja"])
    book.save(folder / "open_antwoorden_nazien.xlsx")
    assert "Iets anders" not in shown()


def test_an_answer_that_nobody_gave_is_not_shown(folder):
    review_open_answers(YEAR)
    book, sheet = the_list(folder)
    sheet.append(["a0000000000000000", "x", "Verzonnen", None, "Tijd", "ja"])
    book.save(folder / "open_antwoorden_nazien.xlsx")
    assert shown() == []


def test_new_answers_are_added_and_nothing_that_was_reviewed_is_lost(folder, project):
    review_open_answers(YEAR)
    fill_in(folder, lambda text: ("Tijd", "ja") if text == "Rust" else ("", "nee"))
    book, sheet = the_list(folder)
    sheet.cell(1, 7).value = "opmerking"
    sheet.cell(2, 7).value = "van mij"
    book.save(folder / "open_antwoorden_nazien.xlsx")
    facts = (folder / "wave.toml").read_text("utf-8")
    write_export(project, rows_with((*ANSWERS[1:], "Duidelijkheid")))
    (folder / "wave.toml").write_text(facts, "utf-8")
    assert shown() == ["Rust", "Rust"]
    done = review_open_answers(YEAR)
    assert (done.n_new, done.n_gone, done.n_to_do, done.n_shown) == (1, 1, 1, 2)
    _, sheet = the_list(folder)
    assert sheet.cell(1, 7).value == "opmerking"
    assert "Meer tijd." not in [sheet.cell(r, 3).value for r in range(2, 8)]


def test_an_answer_that_left_the_export_is_not_shown_any_more(folder, project):
    review_open_answers(YEAR)
    fill_in(folder, lambda text: ("Tijd", "ja" if text == "Meer tijd." else "nee"))
    assert shown() == ["Meer tijd."]
    write_export(project, rows_with(("Minder werk", *ANSWERS[1:])))
    (folder / "wave.toml").write_text(LISTED, "utf-8")
    assert shown() == []


def test_without_the_list_nothing_stays_shown(folder):
    review_open_answers(YEAR)
    fill_in(folder, lambda text: ("Tijd", "ja"))
    assert len(shown()) == 4  # not the e-mail address
    (folder / "open_antwoorden_nazien.xlsx").unlink()
    assert shown() == []


def test_it_is_not_opened_again_when_nothing_changed(folder):
    review_open_answers(YEAR)
    path = folder / "open_antwoorden_nazien.xlsx"
    before = path.read_bytes()
    review_open_answers(YEAR)
    assert path.read_bytes() == before


def test_wave_toml_decides_whether_the_list_is_used(folder):
    (folder / "wave.toml").write_text(FACTS, "utf-8")
    done = review_open_answers(YEAR)
    fill_in(folder, lambda text: ("Tijd", "ja"))
    assert 'write open_answers = "open_antwoorden_getoond.csv"' in done.summary()
    assert shown() == []


def test_formulas_stay_words_in_the_list_and_in_what_is_shown(folder):
    review_open_answers(YEAR)
    _, sheet = the_list(folder)
    cells = [sheet.cell(row, 3) for row in range(2, 7)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    fill_in(folder, lambda text: ("=1+1", "ja") if text[0] == "=" else ("", "nee"))
    assert shown() == [ANSWERS[1]]
    kept = (folder / "open_antwoorden_getoond.csv").read_text("utf-8")
    assert kept == f"theme,answer\n'=1+1,'{ANSWERS[1]}\n"
    assert review_open_answers(YEAR).n_new == 0


def test_an_export_without_open_answers_makes_no_list(project):
    path = write_export(project, make_rows(6))
    assert "no open answers" in review_open_answers(YEAR).summary()
    assert not (path.parent / "open_antwoorden_nazien.xlsx").exists()


def test_a_list_that_cannot_be_read_is_said_in_one_line(folder):
    review_open_answers(YEAR)
    path = folder / "open_antwoorden_nazien.xlsx"
    book, sheet = the_list(folder)
    sheet.cell(1, 6).value = "tonne"
    book.save(path)
    with pytest.raises(WaveError, match="row 1: column 'tonen' is missing"):
        ingest(YEAR)
    path.write_text("theme;answer", "utf-8")
    with pytest.raises(WaveError, match="not an Excel file"):
        ingest(YEAR)


# --- flags -------------------------------------------------------------------


@pytest.fixture(scope="module")
def known():
    return Known.of(load_codebook(), ["WMO is nieuw"] * 5)


@pytest.mark.parametrize(
    ("text", "what", "found"),
    [
        ("mail j.de-vries@elburg.nl eens", "e-mailadres", "j.de-vries@elburg.nl"),
        ("jan (at) voorbeeld.nl", "e-mailadres", "jan (at) voorbeeld.nl"),
        ("bel 06 - 1234 5678", "telefoonnummer", "06 - 1234 5678"),
        ("bel 038-422 12 34", "telefoonnummer", "038-422 12 34"),
        ("bel +31 (0)6 12345678", "telefoonnummer", "+31 (0)6 12345678"),
        ("cliënt 111222333 wacht", "burgerservicenummer", "111222333"),
        ("op NL91 ABNA 0417 1643 00", "rekeningnummer", "NL91 ABNA 0417 1643 00"),
        ("kijk op www.zwolle.nl/x", "webadres", "www.zwolle.nl/x"),
        ("volg @buurtjan", "account", "@buurtjan"),
        ("op 8011 AB", "postcode", "8011 AB"),
        ("in de Kerkstraat 12b", "adres", "Kerkstraat 12b"),
        ("sinds 12-02-2015", "datum", "12-02-2015"),
        ("sinds 3 maart", "datum", "3 maart"),
        ("een 43-jarige collega", "leeftijd", "43-jarige"),
        ("dossier 12345678", "lang nummer", "12345678"),
        ("Volgens mevrouw van der Berg", "naam", "mevrouw van der Berg"),
        ("Jan de Vries weet het", "naam", "Jan de Vries"),
        ("hulp van Petra is fijn", "naam of organisatie", "Petra"),
        ("via Stichting Philadelphia", "organisatie", "Stichting Philadelphia"),
        ("hulp van Wmo-consulent Petra", "naam", "Wmo-consulent Petra"),
        ("samen met MEE", "afkorting: een organisatie?", "MEE"),
        ("in wijkteam zwolle-noord", "team of plaats", "zwolle-noord"),
        ("iets voor Oldebroek", "team of plaats", "Oldebroek"),
        ("onze teamleider luistert", "rol: is dit er maar één?", "onze teamleider"),
        ("de nieuwe wijkverpleegkundige", "rol: is dit er maar één?",
         "de nieuwe wijkverpleegkundige"),
        ("Als enige werk ik 's avonds", "over een persoon", "Als enige"),
        ("tijd " * 61, "lang: te herkennen aan verhaal of stijl", ""),
    ],
)  # fmt: skip
def test_a_flag_says_what_it_found(text, what, found, known):
    assert (what, found) in [(f.what, f.found) for f in find_flags(text, known)]


@pytest.mark.parametrize(
    "text",
    [
        "Meer tijd en ruimte. Minder vergaderen!",
        "Elke 5 weken, 80% van de tijd, om 14.30 uur.",
        "Kennis van de WMO.",  # five answers have it: it tells nobody apart
        "Een teamleider die luistert; teamleiders zijn er genoeg",
        "111222334",  # no burgerservicenummer, but a long number
    ],
)
def test_what_says_nothing_of_anybody_is_not_flagged(text, known):
    found = [flag for flag in find_flags(text, known) if flag.what != "lang nummer"]
    assert found == []
    assert must_not_show(text) == ""


def test_few_of_the_printed_answers_of_2015_are_flagged():
    wave = load_wave(2015)
    answers = wave.open_answers()["answer"].tolist()
    known = Known.of(wave.codebook, answers)
    flagged = [text for text in answers if find_flags(text, known)]
    assert 5 <= len(flagged) <= 15  # of 83, all public; a person can look at these
