from dataclasses import replace

import pandas as pd
import pytest

from swtlib.codebook import load_codebook
from swtlib.errors import IngestError, ParameterError
from swtlib.mapping import MapFile, map_text, propose_mapping, read_map, save_map
from swtlib.readers._columns import find_personal
from swtlib.readers._raw import RawExport, nothing_hidden

YEAR = 2015
BOOK = load_codebook()


def make_raw(columns, *, wording=None, labels=None, missing=None):
    cells = pd.DataFrame(columns, dtype=str)
    return RawExport(
        tool="plain",
        cells=cells,
        wording=wording or {},
        labels=labels or {},
        response_id=pd.Series([str(i) for i in cells.index]),
        completed=pd.Series(True, index=cells.index),
        not_asked=nothing_hidden(cells),
        about=frozenset({"startdate"}),
        personal=find_personal(cells, wording),
        missing_codes=missing or {},
    )


def match(columns, overrides=None, **about):
    raw = make_raw(columns, **about)
    mapping = propose_mapping(raw, BOOK, YEAR, overrides)
    return {m.heading: m for m in mapping.columns}, mapping


@pytest.mark.parametrize(
    ("heading", "how", "item"),
    [
        ("team", "code", "bg_wijkteam"),
        ("TEAM", "code", "bg_wijkteam"),
        ("bakens[vraagcentraal]", "code", "bk_vraag_centraal"),
        ("bakens_vraagcentraal", "code", "bk_vraag_centraal"),
        ("BAKENS_VRAAGCENTRAAL", "code", "bk_vraag_centraal"),
        ("bk_vraag_centraal", "code", "bk_vraag_centraal"),
        ("Ik stel de vraag van de burger centraal", "wording", "bk_vraag_centraal"),
        (" <b>ik stel de vraag</b> van de burger centráál!", "wording",
         "bk_vraag_centraal"),
        ("Ik beschik over: [Netwerken en lobbyen]", "wording", "comp_netwerken_have"),
        ("Ik beschik over: - Netwerken en lobbyen", "wording", "comp_netwerken_have"),
        ("Wijkteam", "label", "bg_wijkteam"),
        ("Netwerken en lobbyen", "doubtful", ""),  # have and want are called so
        ("Ik stel de vraag van de cliënt centraal", "doubtful", ""),
        ("bakens[vraagcentral]", "doubtful", ""),
        ("startdate", "about", ""),
        ("E-mailadres", "personal", ""),
        ("Wat vond u van de koffie?", "unknown", ""),
        ("???", "unknown", ""),
    ],
)  # fmt: skip
def test_a_column_is_matched_or_asked_about(heading, how, item):
    found, _ = match({heading: ["x"]})
    assert (found[heading].how, found[heading].item) == (how, item)


def test_what_is_doubtful_names_what_it_may_be():
    found, mapping = match(
        {"Netwerken en lobbyen": ["7"], "bakens[vraagcentral]": [""]}
    )
    assert found["Netwerken en lobbyen"].proposals == (
        "comp_netwerken_have",
        "comp_netwerken_want",
    )
    assert mapping.proposed_for("bk_vraag_centraal") == ["bakens[vraagcentral]"]
    assert mapping.headings == {}


def test_two_columns_for_one_item_are_both_in_doubt():
    found, _ = match({"Wijkteam": ["ZN"], "wijkteam?": ["EB"]})
    assert {m.how for m in found.values()} == {"doubtful"}


def test_a_code_goes_before_a_wording():
    found, _ = match({"Wijkteam": ["ZN"], "team": ["EB"]})
    assert found["team"].item == "bg_wijkteam"
    assert found["Wijkteam"].how == "doubtful"


def answers(columns, item, **about):
    _, mapping = match(columns, **about)
    return dict(mapping.answers.get(item, {})), mapping.unknown.get(item, ())


def test_labels_become_codes_by_the_codebook():
    known, unknown = answers(
        {"team": ["Elburg", "zwolle midden", "ZN", "Zwolle-Noord", "Kampen"]},
        "bg_wijkteam",
    )
    # Zwolle Midden is another name of Zwolle-Centrum; a code stays
    assert known == {"Elburg": "EB", "zwolle midden": "ZC", "Zwolle-Noord": "ZN"}
    assert unknown == ("Kampen",)


def test_a_number_is_a_label_only_beside_labels_in_words():
    cells = ["nooit", "1", "2", "3", "Altijd"]
    known, unknown = answers({"bakens[proactief]": cells}, "bk_proactief")
    assert known == {"nooit": "A0", "1": "A1", "2": "A2", "3": "A3", "Altijd": "A4"}
    assert unknown == ()
    # A file with 1 to 3 only may count from 1: 1 can be "nooit".
    known, unknown = answers({"bakens[proactief]": ["1", "2", "3"]}, "bk_proactief")
    assert known == {}
    assert unknown == ("1", "2", "3")
    # The other questions with these answers count as well: 5 is no label.
    known, unknown = answers(
        {"bakens[proactief]": ["1", "2"], "bakens[vraagcentraal]": ["nooit", "5"]},
        "bk_proactief",
    )
    assert unknown == ("1", "2")


def test_labels_of_the_file_go_before_its_codes():
    told = {"1": "helemaal mee eens", "5": "helemaal mee oneens"}
    known, unknown = answers(
        {"slot[kaders]": ["1", "5", "3"]},
        "org_kaders",
        labels={"slot[kaders]": told},
    )
    assert known == {"1": "A4", "5": "A0"}
    assert unknown == ("3",)


def test_a_code_is_not_trusted_when_the_file_numbers_otherwise():
    book = load_codebook()
    slot = book.instruments["organisatie"].items["org_kaders"]
    bare = replace(slot, response=replace(slot.response, prefix=""))
    from swtlib._mapping_answers import Labels, read_answers

    told = {"1": "zeer oneens", "2": "oneens", "5": "zeer eens"}
    read = read_answers(
        bare,
        pd.Series(["1", "2"]),
        Labels(bare, book),
        told=told,
        declared=frozenset(),
        written={},
        in_words=False,
    )
    assert read.codes == {}
    assert read.unknown == ("1", "2")  # 1 and 2 are codes of ours, 5 is not


def test_codes_that_the_file_declares_as_missing_are_no_answer():
    _, mapping = match(
        {"heb[netwerken]": ["9", "7"]}, missing={"heb[netwerken]": frozenset({"9"})}
    )
    assert mapping.answers["comp_netwerken_have"] == {"9": ""}
    assert mapping.declared["comp_netwerken_have"] == ("9",)


def test_a_decimal_comma_is_read():
    known, _ = answers({"leeftijd": ["45,0", "46"]}, "bg_leeftijd")
    assert known == {"45,0": "45.0"}


def test_map_toml_goes_before_every_match():
    written = MapFile(
        place="map.toml",
        columns={"Q1": "bg_wijkteam", "team": ""},
        answers={"bg_wijkteam": {"Kampen": "EB"}, "bakens": {"Vaak": "A3"}},
    )
    columns = {"Q1": ["Kampen"], "team": ["ZN"], "bakens[proactief]": ["Vaak"]}
    found, mapping = match(columns, written)
    assert found["Q1"].item == "bg_wijkteam"
    assert found["team"].how == "left out"
    assert mapping.answers["bg_wijkteam"] == {"Kampen": "EB"}
    assert mapping.answers["bk_proactief"] == {"Vaak": "A3"}  # by its question
    assert mapping.problems == ()


@pytest.mark.parametrize(
    ("columns", "answered", "message"),
    [
        (
            {"Q1": "bg_wijkteem"},
            {},
            "no item 'bg_wijkteem'. Did you mean 'bg_wijkteam'",
        ),
        ({"Q1": "?"}, {}, '"Q1": "?" is still to be decided'),
        ({"Q11": "bg_wijkteam"}, {}, "no such column. Did you mean 'Q1'"),
        ({"Q1": "bg_functie", "Q2": "bg_functie"}, {}, 'is given to "Q1" as well'),
        ({"Naam": "bg_functie"}, {}, "identifies a person and cannot enter"),
        ({}, {"bg_wijkteam": {"x": "QQ"}}, "'QQ' is not a code of this item.*ZN"),
        ({}, {"bg_wijkteam": {"x": "?"}}, "'?' is not a code of this item"),
        ({}, {"bg_team": {}}, r"[answers.bg_team]: the codebook of 2015 asks no such"),
    ],
)
def test_a_fault_in_map_toml_is_one_line(columns, answered, message):
    written = MapFile(place="map.toml", columns=columns, answers=answered)
    raw_columns = {"Q1": ["x"], "Q2": ["x"], "Naam": ["y"]}
    _, mapping = match(raw_columns, written)
    assert len(mapping.problems) == 1
    first, _, last = message.partition(".*")
    assert first in mapping.problems[0]
    assert last in mapping.problems[0]


def test_map_toml_is_written_as_it_is_read(tmp_path):
    odd = 'Zegt u "het" \\ eens\nof tab\t?'
    raw = make_raw(
        {
            "team": ["Kampen"],
            odd: ["x"],
            "Netwerken en lobbyen": ["7"],
            "Naam": ["y"],
            "bakens[proactief]": ["soms"],
            "bakens[vraagcentraal]": ["soms"],
        }
    )
    mapping = propose_mapping(raw, BOOK, YEAR)
    path = save_map(mapping, tmp_path / "map.toml")
    written = read_map(path)
    assert written.columns["team"] == "bg_wijkteam"
    assert written.columns[odd] == ""
    assert written.columns["Netwerken en lobbyen"] == "?"
    assert written.columns["Naam"] == ""
    assert written.answers == {"bg_wijkteam": {"Kampen": "?"}, "bakens": {"soms": "?"}}
    text = map_text(mapping, BOOK)
    assert "perhaps comp_netwerken_have (Netwerken en lobbyen) or" in text
    # What a person decided is kept when it is written again.
    mended = text.replace('"Kampen" = "?"', '"Kampen" = "EB"').replace(
        '"Netwerken en lobbyen" = "?"', '"Netwerken en lobbyen" = "comp_netwerken_want"'
    )
    path.write_text(mended.replace('"soms" = "?"', '"soms" = "A1"'), "utf-8")
    again = propose_mapping(raw, BOOK, YEAR, read_map(path))
    assert again.problems == ()
    assert again.headings["comp_netwerken_want"] == "Netwerken en lobbyen"
    assert again.answers["bg_wijkteam"] == {"Kampen": "EB"}


def test_a_map_that_may_hold_corrections_is_not_replaced(tmp_path):
    mapping = propose_mapping(make_raw({"team": ["EB"]}), BOOK, YEAR)
    path = save_map(mapping, tmp_path / "map.toml")
    with pytest.raises(ParameterError, match="may hold corrections"):
        save_map(mapping, path)
    save_map(mapping, path, given=path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[columns", "not valid TOML"),
        ('[kolommen]\n"a" = "b"', "unknown key 'kolommen'"),
        ("[columns]\na = 3", "'a' must be text in quotes, found 3"),
        ('[answers]\nbg_wijkteam = "x"', r"must be a \[bg_wijkteam\] table"),
        (None, "no such file"),
    ],
)
def test_a_map_that_cannot_be_read_says_why(tmp_path, content, message):
    path = tmp_path / "map.toml"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(IngestError, match=message):
        read_map(path)


def test_an_answer_that_may_be_someones_words_is_not_printed():
    _, mapping = match({"team": ["Ik heet Jansen en werk daar"]})
    table = mapping.answer_table()
    assert table["in_file"].tolist() == ["(a text)"]
