import shutil

import pytest

from swtlib.codebook import CODEBOOK_DIR, load_codebook
from swtlib.codebook_diff import COLUMNS, diff_codebook
from swtlib.errors import ParameterError


def codebook_with(tmp_path, *changes):
    """Load a copy of the codebook with some texts replaced."""
    folder = tmp_path / "codebook"
    shutil.copytree(CODEBOOK_DIR, folder)
    for file, old, new in changes:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text, "the test must change something"
        path.write_text(text.replace(old, new, 1), "utf-8")
    return load_codebook(folder)


def row_of(table, before, after):
    chosen = table[(table["before"] == before) & (table["after"] == after)]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_every_item_asked_stands_there_once():
    book = load_codebook()
    table = diff_codebook(book, 2015, 2016)
    assert list(table.columns) == COLUMNS
    items = table[table["kind"] == "item"]
    for column, year in (("before", 2015), ("after", 2016)):
        asked = [item.id for _, item in book.columns(year).values()]
        assert sorted(items.loc[items[column] != "", column]) == sorted(asked)


def test_same_item_may_be_compared_and_says_if_its_words_are_known():
    table = diff_codebook(load_codebook(), 2015, 2016)
    full = row_of(table, "bk_proactief", "bk_proactief")
    assert (full["verdict"], full["reason"]) == ("same", "same item")
    loose = row_of(table, "exp_kosten", "exp_kosten")
    assert loose["verdict"] == "same"
    assert "exact words" in loose["reason"]


def test_experience_is_compared_with_the_expectation_with_care():
    table = diff_codebook(load_codebook(), 2015, 2016)
    row = row_of(table, "exp_prettig", "erv_prettig")
    assert row["verdict"] == "with care"
    assert row["reason"] == "other words; expectation, then current"


def test_item_of_one_year_is_not_compared():
    table = diff_codebook(load_codebook(), 2015, 2016)
    row = row_of(table, "exp_inzet_burgers_1", "")
    assert (row["verdict"], row["reason"]) == ("not", "not asked in 2016")
    back = row_of(diff_codebook(load_codebook(), 2016, 2015), "", "exp_inzet_burgers_1")
    assert (back["verdict"], back["reason"]) == ("not", "not asked in 2016")


def test_link_counts_in_both_directions():
    book = load_codebook()
    there, back = diff_codebook(book, 2015, 2016), diff_codebook(book, 2016, 2015)
    assert row_of(there, "exp_prettig", "erv_prettig")["verdict"] == "with care"
    assert row_of(back, "erv_prettig", "exp_prettig")["verdict"] == "with care"


def test_other_answers_are_named(tmp_path):
    other = ('"volledig oneens"', '"helemaal niet"')
    book = codebook_with(tmp_path, ("ervaringen.toml", *other))
    reason = row_of(diff_codebook(book, 2015, 2016), "exp_kosten", "exp_kosten")
    assert "other answers" not in reason["reason"]
    reason = row_of(diff_codebook(book, 2015, 2016), "exp_prettig", "erv_prettig")
    assert (
        "A0-A4 (volledig oneens … volledig eens), then A0-A4 (helemaal niet"
        in (reason["reason"])
    )


def test_another_kind_of_answer_is_not_compared(tmp_path):
    kind = ('kind = "scale"', 'kind = "text"')
    labels = ('labels = ["volledig oneens"', 'labels = [] # ["volledig oneens"')
    book = codebook_with(
        tmp_path, ("ervaringen.toml", *kind), ("ervaringen.toml", *labels)
    )
    row = row_of(diff_codebook(book, 2015, 2016), "exp_prettig", "erv_prettig")
    assert (row["verdict"], row["reason"]) == (
        "not",
        "another kind of answer: scale, then text",
    )


def test_scale_with_an_item_of_one_year_is_not_the_same_scale(tmp_path):
    once = ('id = "bk_proactief"\n', 'id = "bk_proactief"\nlast_wave = 2015\n')
    book = codebook_with(tmp_path, ("bakens.toml", *once))
    table = diff_codebook(book, 2015, 2016)
    row = row_of(table, "direct_er_op_af", "direct_er_op_af")
    assert (row["verdict"], row["reason"]) == ("not", "only in 2015: bk_proactief")
    whole = row_of(table, "eigen_kracht", "eigen_kracht")
    assert (whole["verdict"], whole["reason"]) == ("same", "the same items")


def test_years_must_differ_and_be_asked():
    book = load_codebook()
    with pytest.raises(ParameterError, match="2015 is given twice"):
        diff_codebook(book, 2015, 2015)
    with pytest.raises(
        ParameterError, match=r"nothing in 1999; its first wave is 2015"
    ):
        diff_codebook(book, 1999, 2015)
