import shutil

import pandas as pd
import pytest

from swtlib.codebook import (
    CODEBOOK_DIR,
    Response,
    codebook_table,
    load_codebook,
    load_instrument,
)
from swtlib.errors import CodebookError, ResponseError


@pytest.fixture
def folder(tmp_path):
    """A copy of the codebook that a test may break."""
    copy = tmp_path / "codebook"
    shutil.copytree(CODEBOOK_DIR, copy)
    return copy


def change(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, "the test must change something"
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_codebook_of_2015_has_the_106_known_items_and_8_placeholders():
    table = codebook_table(load_codebook())
    of_2015 = table[~table["years"].str.startswith("from")]
    assert len(of_2015) == 114
    assert int(of_2015["placeholder"].sum()) == 8


def test_experiences_are_a_proposal_that_names_the_expectation_it_follows():
    table = codebook_table(load_codebook()).set_index("item")
    proposed = table[table["instrument"] == "ervaringen"]
    assert len(proposed) == 9
    assert set(proposed["years"]) == {"from 2016"}
    assert proposed["source"].str.startswith("voorstel").all()
    ended = table[table["years"] == "2015"]
    assert set(proposed["comparable_with"]) == set(ended.index[~ended["placeholder"]])


def test_codebook_ids_and_columns_never_repeat():
    table = codebook_table(load_codebook())
    assert table["item"].is_unique
    asked = table.loc[table["column"] != "", "column"]
    assert asked.is_unique


def test_unknown_wording_is_never_filled_in():
    for _, item in load_codebook().items():
        assert (item.wording == "full") == bool(item.text), item.id


def test_bakens_have_both_numberings():
    scales = load_instrument("bakens").scales
    assert [s.numbers["han"] for s in scales.values()] == list(range(1, 9))
    # VWS: 2 = eigen kracht, 3 = direct er op af; HAN has them the other way round.
    assert scales["eigen_kracht"].numbers["vws"] == 2
    assert scales["direct_er_op_af"].numbers["vws"] == 3
    assert sorted(s.numbers["vws"] for s in scales.values()) == list(range(1, 9))


def test_bakens_count_21_statements_and_know_the_one_left_out():
    bakens = load_instrument("bakens")
    counted = [item.id for scale in bakens.scales.values() for item in scale.items]
    assert len(counted) == len(set(counted)) == 21
    assert set(bakens.items) - set(counted) == {"bk_systematisch"}


def test_printed_labels_are_a_second_assignment_of_all_22():
    bakens = load_instrument("bakens")
    printed = bakens.scales_of(assignment="tabel_10")
    assert sum(len(scale.items) for scale in printed) == 22
    with pytest.raises(CodebookError, match=r"tabel_11.*Did you mean 'tabel_10'"):
        bakens.scales_of(assignment="tabel_11")


def test_scales_of_names_the_groups_there_are():
    with pytest.raises(CodebookError, match=r"'fase'.*Did you mean 'fasen'"):
        load_instrument("groepsdynamica").scales_of(group="fase")


def test_group_dynamics_is_not_asked_of_teamleiders():
    rule = load_instrument("groepsdynamica").eligibility
    people = pd.DataFrame({"bg_functie": ["medewerker", "teamleider", "amw"]})
    assert rule.asked(people).tolist() == [True, False, True]
    everybody = load_instrument("bakens").eligibility
    assert everybody.asked(people).all()


def test_competences_have_two_marks_on_0_to_10():
    instrument = load_instrument("competenties")
    assert len(instrument.scales_of(group="have")) == 14
    assert len(instrument.scales_of(group="want")) == 14
    assert {item.response.high for item in instrument.items.values()} == {10}


def test_rare_functions_are_shown_together():
    item, folded = load_instrument("achtergrond").items["bg_functie"].shown_together()
    assert [c.id for c in item.response.choices] == [
        "medewerker",
        "teamleider",
        "overige functies",
    ]
    assert folded["wijkverpleegkundige"] == "overige functies"


def test_load_instrument_suggests_a_name():
    with pytest.raises(CodebookError, match="Did you mean 'bakens'"):
        load_instrument("baken")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("bakens.toml", "wording =", "wroding =", r"'bk_vraag_centraal'.*'wroding'"),
        ("bakens.toml", 'wording = "full"', 'wording = "vol"', "wording = 'vol'"),
        ("bakens.toml", 'id = "bk_doel_burger"', 'id = "bk_vraag_centraal"', "twice"),
        ("bakens.toml", "high = 4", "high = 0", "low = 0 is not below high = 0"),
        ("bakens.toml", '"nooit", ', "", "4 labels do not fit"),
        ("bakens.toml", 'code = "bakens"', 'code = "bakens_1"', "letters and digits"),
        ("bakens.toml", '  "bk_open_ideeen",', '  "bk_open",', "no item 'bk_open'"),
        ("bakens.toml", "page = 3", 'page = "3"', "'page' must be a whole number"),
        ("bakens.toml", 'version = "1"\n', "", "'version' is missing"),
        ("bakens.toml", 'id = "bakens"', 'id = "baken"', "name of the file"),
        ("actie_leren.toml", 'id = "al_helpt"', 'id = "exp_prettig"', "also in"),
        ("bakens.toml", "[assignments]", "[assignments", "not valid TOML"),
        ("competenties.toml", 'items = ["comp_nieuwsgierig_have"]',
         'items = ["comp_nieuwsgierig_have"]\nmin_valid = 2', "must be 1 to 1"),
        ("ervaringen.toml", '["exp_prettig"]', '["exp_prettigg"]',
         r"'erv_prettig', comparable_with.*Did you mean 'exp_prettig'"),
        ("ervaringen.toml", '["exp_prettig"]', '["exp_kosten"]',
         r"'exp_kosten' is asked in 2016 as well"),
        ("teams.toml", 'id = "elburg"', 'id = "zwolle_west"', "this id is taken"),
        ("teams.toml", "municipality =", "gemeente =", "unknown key 'gemeente'"),
        ("teams.toml", 'id = "elburg"', 'id = "andere"', "this id is taken"),
        ("teams.toml", 'id = "elburg"', 'id = "elburg/oost"', "name of a folder"),
        ("groepsdynamica.toml", 'item = "bg_functie"', 'item = "bg_functi"',
         r"\[asked_of\]: there is no item 'bg_functi'. Did you mean 'bg_functie'"),
        ("groepsdynamica.toml", 'excluded = ["teamleider"]', 'excluded = ["leider"]',
         r"'bg_functie' has no answer 'leider'. Did you mean 'teamleider'"),
    ],
)  # fmt: skip
def test_load_codebook_names_file_and_fault(folder, file, old, new, message):
    change(folder, file, old, new)
    with pytest.raises(CodebookError, match=message) as fault:
        load_codebook(folder)
    assert file in str(fault.value)


def test_load_codebook_sees_a_change_beside_an_open_notebook(folder):
    before = load_codebook(folder)
    assert load_codebook(folder) is before
    change(folder, "bakens.toml", 'version = "1"', 'version = "1b"')
    assert load_codebook(folder).instruments["bakens"].version == "1b"


def test_scale_refuses_items_answered_on_different_ranges(folder):
    path = folder / "organisatie.toml"
    mixed = (
        '\n[[scale]]\nid = "gemengd"\nlabel = "Gemengd"\n'
        'items = ["org_regelgeving_nodig", "org_kaders"]\n'
    )
    path.write_text(path.read_text("utf-8") + mixed, "utf-8")
    with pytest.raises(CodebookError, match=r"'gemengd'.*do not share"):
        load_codebook(folder)


def test_response_decodes_what_it_encodes():
    agree = Response(kind="scale", low=0, high=4, prefix="A")
    assert [agree.decode(agree.encode(v)) for v in range(5)] == [0, 1, 2, 3, 4]
    grade = Response(kind="number", low=0, high=10)
    assert grade.decode("7") == 7.0
    years = Response(kind="number", low=0, high=55, whole=False)
    assert years.decode("2.5") == 2.5


@pytest.mark.parametrize(
    "code", ["A5", "3", "A", "A-1", "A2.5", "a3", "Anan", "Ainf", "A0_3"]
)
def test_response_refuses_what_is_not_allowed(code):
    agree = Response(kind="scale", low=0, high=4, prefix="A")
    with pytest.raises(ResponseError, match="A0-A4"):
        agree.decode(code)


def test_response_knows_missing_codes():
    agree = Response(kind="scale", low=0, high=4, prefix="A", missing_codes=("A9",))
    assert agree.decode("A9") is None


def test_a_file_from_a_windows_editor_is_read(folder):
    path = folder / "bakens.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "bakens" in load_codebook(folder).instruments
    path.write_bytes(path.read_bytes().decode("utf-8-sig").encode("cp1252"))
    with pytest.raises(CodebookError, match=r"bakens.toml is not in UTF-8"):
        load_codebook(folder)
