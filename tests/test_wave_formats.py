"""The same answers in every format become the same wave."""

import random

import pandas as pd
import pytest

from swtlib.codebook import load_codebook
from swtlib.errors import IngestError, SwtError
from swtlib.mapping import map_text
from swtlib.readers import read_export
from swtlib.simulation import simulate_export
from swtlib.wave import ingest, load_wave, preview

YEAR = 2015
BOOK = load_codebook()
ITEMS = [item for _, item in BOOK.columns(YEAR).values()]
FACTS = """
year = 2015
title = "Proef"
origin = "simulation"
export = "results.csv"

[members]
""" + "".join(f'{team} = "onbekend"\n' for team in BOOK.teams)


@pytest.fixture
def codes(project):
    """Answers as LimeSurvey writes them, and the wave that they are."""
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir()
    (folder / "wave.toml").write_text(FACTS, "utf-8")
    rows = []
    dice = random.Random(3)
    for number in range(24):
        row = {"id": str(number + 1), "submitdate": "2015-02-10 10:00:00"}
        for column, (instrument, item) in BOOK.columns(YEAR).items():
            row[column] = draw(item, dice, number)
            if instrument.id == "groepsdynamica" and row["functie"] == "F2":
                row[column] = ""
        rows.append(row)
    frame = pd.DataFrame(rows, dtype=str)
    frame.to_csv(folder / "results.csv", sep=";", index=False, encoding="utf-8-sig")
    return frame


def draw(item, dice, number):
    response = item.response
    if response.kind == "choice":
        return dice.choice(response.choices).code
    if response.kind == "text":
        return f"Een antwoord over coördinatie; nummer {number}"
    if dice.random() < 0.1:
        return ""
    return response.encode(dice.randint(int(response.low), int(response.high)))


def label_of(item, code):
    """Give an answer in words, as a full export has it."""
    response = item.response
    if not code or response.kind == "text":
        return code
    if response.kind == "choice":
        return next(c.label for c in response.choices if c.code == code)
    if response.kind == "number":
        return code.replace(".", ",")
    return response.labels[int(code.removeprefix(response.prefix)) - int(response.low)]


def in_words(codes):
    """Wording above the columns where it is of one item only, labels below."""
    instruments = {i.id: instrument for instrument, i in BOOK.items()}
    named = {"id": "Respons-id", "submitdate": "Datum verzonden"}
    shared = pd.Series([i.label for i in ITEMS]).duplicated(keep=False)
    for item, twice in zip(ITEMS, shared, strict=True):
        stem = instruments[item.id].stems.get(item.question, "")
        text = item.text or item.label
        if stem and item.code:
            named[item.column] = f"{stem} [{text.replace('&', '&amp;')}]"
        elif not twice and item.text:
            named[item.column] = f"<p>{text}</p>"
        elif not twice:
            named[item.column] = item.label.upper()
    told = codes.copy()
    for item in ITEMS:
        told[item.column] = [label_of(item, code) for code in codes[item.column]]
    return told.rename(columns=named)


def by_hand(codes):
    """As somebody keeps it in Excel, without the columns of a survey tool."""
    told = in_words(codes).rename(columns={"Respons-id": "nummer"})
    sent = told.pop("Datum verzonden") != ""
    return told.assign(voltooid=sent.map({True: "ja", False: "nee"}))


def write_csv(codes, path):
    by_hand(codes).to_csv(path, sep=";", index=False, encoding="cp1252")


def write_xlsx(codes, path):
    by_hand(codes).to_excel(path, index=False, engine="openpyxl")


def write_qualtrics(codes, path):
    told = in_words(codes)
    texts = [name.replace(" [", " - ").replace("]", "") for name in told.columns]
    ids = ["_recordId", "finished"] + [f"QID{n}" for n in range(len(ITEMS))]
    top = pd.DataFrame(
        [texts, [f'{{"ImportId":"{name}"}}' for name in ids]], columns=told.columns
    )
    told["Datum verzonden"] = "True"
    told["Status"] = "IP Address"
    top["Status"] = ["Response Type", '{"ImportId":"status"}']
    test = told.iloc[[0]].assign(Status="Survey Preview")
    table = pd.concat([top, told, test])
    table.columns = [
        "ResponseId",
        "Finished",
        *(i.column.replace("[", "_").replace("]", "") for i in ITEMS),
        "Status",
    ]
    table.to_csv(path, index=False)


def write_sav(codes, path):
    import pyreadstat

    sent = (codes["submitdate"] != "").map({True: "ja", False: "nee"})
    table = {"nummer": codes["id"], "voltooid": sent}
    labels = {}
    missing = {}
    for item in ITEMS:
        name = item.column.replace("[", "_").replace("]", "")
        cells = codes[item.column]
        if item.response.kind == "scale":  # numbers of its own, from 1, with labels
            numbers = cells.str.removeprefix(item.response.prefix).replace("", "98")
            table[name] = (numbers.astype(float) + 1).replace(99.0, 99.0)
            labels[name] = {
                float(n + 1): text for n, text in enumerate(item.response.labels)
            } | {99.0: "geen antwoord"}
            missing[name] = [99.0]
        elif item.response.kind == "number":
            table[name] = pd.to_numeric(cells.replace("", None))
        else:
            table[name] = cells
    pyreadstat.write_sav(
        pd.DataFrame(table),
        str(path),
        variable_value_labels=labels,
        missing_ranges=missing,
    )


@pytest.mark.parametrize(
    ("write", "tool"),
    [
        (write_csv, "plain"),
        (write_xlsx, "plain"),
        (write_qualtrics, "qualtrics"),
        (write_sav, "spss"),
    ],
)
def test_every_format_becomes_the_same_wave(codes, tmp_path, write, tool):
    expected = ingest(YEAR).respondents
    path = tmp_path / "download.xlsx"  # the name says nothing
    write(codes, path)
    assert read_export(path).tool == tool
    assert preview(YEAR, path).problems == ()
    wave = ingest(YEAR, path)
    if tool == "plain":  # no numbers of responses in it: the row names one
        expected["respondent_id"] = wave.respondents["respondent_id"]
    pd.testing.assert_frame_equal(wave.respondents, expected)
    if tool == "qualtrics":
        left_out = [e for e in wave.ledger if e.reason == "preview in Qualtrics"]
        assert [e.n for e in left_out] == [1]
    pd.testing.assert_frame_equal(load_wave(YEAR).respondents, expected)


def test_a_map_makes_an_export_fit_and_stays_beside_the_wave(codes, project, tmp_path):
    expected = ingest(YEAR).respondents
    strange = codes.rename(columns={"team": "Q1", "bakens[proactief]": "Q2"})
    strange["Q1"] = strange["Q1"].replace("EB", "Gemeente E")
    path = tmp_path / "strange.csv"
    strange.to_csv(path, index=False)
    seen = preview(YEAR, path)
    assert len(seen.problems) == 2  # two questions without a column
    written = map_text(seen.mapping, BOOK)
    map_file = tmp_path / "mine.toml"
    map_file.write_text(
        written.replace('"Q1" = ""', '"Q1" = "bg_wijkteam"').replace(
            '"Q2" = ""', '"Q2" = "bk_proactief"'
        ),
        "utf-8",
    )
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    # The team is known now, but not all of its answers.
    with pytest.raises(IngestError, match=r"column 'Q1' \(Wijkteam\): 'Gemeente E'"):
        ingest(YEAR, path, map_file=map_file)
    assert {p: p.read_bytes() for p in project.rglob("*") if p.is_file()} == before
    with map_file.open("a", encoding="utf-8") as file:
        file.write('[answers.bg_wijkteam]\n"Gemeente E" = "EB"\n')
    wave = ingest(YEAR, path, map_file=map_file)
    pd.testing.assert_frame_equal(wave.respondents, expected)
    kept = project / "data" / "raw" / str(YEAR) / "map.toml"
    assert kept.read_bytes() == map_file.read_bytes()
    assert any(e.what == "mapped" and e.where == "map.toml" for e in wave.ledger)
    # It works again from what is kept, and belongs to the fingerprint.
    assert ingest(YEAR).data_hash == wave.data_hash
    kept.write_text(kept.read_text("utf-8") + "# a remark\n", "utf-8")
    assert load_wave(YEAR).data_hash != wave.data_hash


def test_all_problems_come_at_once(codes, project, tmp_path):
    wrong = codes.drop(columns="heb[netwerken]").rename(
        columns={"bakens[proactief]": "bakens[proactiev]"}
    )
    wrong.loc[0, "leeftijd"] = "230"
    wrong.loc[1, "id"] = "1"
    wrong.loc[[2, 5], "functie"] = "F9"
    path = tmp_path / "wrong.csv"
    wrong.to_csv(path, index=False)
    (tmp_path / "map.toml").write_text('[columns]\n"Q99" = "bg_functie"\n', "utf-8")
    with pytest.raises(IngestError) as fault:
        ingest(YEAR, path, map_file=tmp_path / "map.toml")
    lines = str(fault.value).splitlines()
    for part in (
        '"Q99": the export has no such column',
        "'heb[netwerken]' (Netwerken en lobbyen) is missing",
        "perhaps it is 'bakens[proactiev]'",
        "line 2, column 'leeftijd'",
        "lines 2, 3: column 'id' has the same value",
        "lines 4, 7, column 'functie'",
    ):
        assert sum(part in line for line in lines) == 1, part
    assert len(lines) == 6


@pytest.mark.parametrize(
    "write", [write_csv, write_xlsx, write_qualtrics, write_sav, None]
)
def test_a_damaged_export_gives_lines_and_no_traceback(codes, tmp_path, write):
    path = tmp_path / "whole"
    if write is None:
        path = tmp_path.parent / path
        codes.to_csv(path, index=False)
    else:
        write(codes, path)
    whole = path.read_bytes()
    dice = random.Random(7)
    said = []
    for _ in range(8 if write is write_sav else 30):  # .sav: a process each
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            place = dice.randrange(len(data))
            kind = dice.randrange(4)
            if kind == 0:
                data[place] = dice.randrange(256)
            elif kind == 1:
                del data[place : place + dice.randrange(1, 200)]
            elif kind == 2:
                data[place:place] = bytes(dice.choices(b'";,\n\xe9A9', k=3))
            else:
                data[place:place] = data[place : place + 60]
        path.write_bytes(data)
        try:
            preview(YEAR, path)
        except SwtError as fault:
            said.append(str(fault))
    assert all(said)


def test_dry_run_of_limesurvey_shows_codes(project, tmp_path):
    folder = project / "data" / "raw" / str(YEAR)
    folder.mkdir()
    (folder / "wave.toml").write_text(FACTS, "utf-8")
    path = tmp_path / "x.csv"
    sizes = dict.fromkeys(BOOK.teams, 6)
    simulate_export(BOOK, path, year=YEAR, respondents=sizes, seed=1)
    seen = preview(YEAR, path)
    table = seen.mapping.table()
    assert set(table["how"]) == {"code", "about"}
    assert seen.mapping.answers == {}
    assert not list((project / "data" / "processed").iterdir())
