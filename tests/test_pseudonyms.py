"""What stands in processed is a keyed hash; the key stands elsewhere."""

import json
import os
import stat

import pandas as pd
import pytest
from small_wave import FIELDWORK, YEAR, make_rows, write_export, write_fieldwork

from swtlib.disclosure import protect
from swtlib.errors import DisclosureError, WaveError
from swtlib.pseudonyms import key_file, load_pseudonyms
from swtlib.wave import ingest, load_wave


def with_tokens(rows):
    return [{**row, "token": f"tok{at}"} for at, row in enumerate(rows)]


def kept(project):
    folder = project / "data" / "processed" / str(YEAR)
    return pd.read_parquet(folder / "respondents.parquet")


def test_no_id_or_token_of_the_export_is_kept(project, key):
    rows = with_tokens(make_rows(6))
    for at, row in enumerate(rows):
        row["id"] = f"4711{at}"
    write_fieldwork(project, rows)
    ingest(YEAR)
    folder = project / "data" / "processed" / str(YEAR)
    for path in folder.iterdir():
        content = path.read_bytes()
        assert b"4711" not in content, path.name
        assert b"tok1" not in content, path.name
    assert kept(project)["respondent_id"].str.fullmatch("r[0-9a-f]{16}").all()
    assert kept(project)["person"].str.fullmatch("p[0-9a-f]{16}").all()


def test_a_person_is_known_again_in_another_year_and_a_response_is_not(key):
    names = load_pseudonyms("fieldwork")
    assert names.of_person("abc") == load_pseudonyms("fieldwork").of_person(" abc")
    assert names.of_response(2016, "3") != names.of_response(2017, "3")
    assert names.of_response(2016, "3")[1:] != names.of_person("3")[1:]


def test_without_tokens_there_is_no_person(project, key):
    write_fieldwork(project, make_rows(6))
    assert "person" not in ingest(YEAR).respondents


def test_a_response_without_token_is_nobody_known(project, key):
    rows = with_tokens(make_rows(6))
    rows[2]["token"] = ""
    write_fieldwork(project, rows)
    assert ingest(YEAR).respondents["person"].isna().sum() == 1


def test_the_order_of_the_export_is_not_kept(project, key):
    rows = make_rows(12)
    for at, row in enumerate(rows[2:8]):
        row["leeftijd"] = str(60 - at)
    more = FIELDWORK.replace("zwolle_noord = 6", "zwolle_noord = 12")
    path = write_fieldwork(project, rows)
    (path.parent / "wave.toml").write_text(more, "utf-8")
    first = ingest(YEAR).respondents
    write_fieldwork(project, [*rows[::-1]])
    (path.parent / "wave.toml").write_text(more, "utf-8")
    pd.testing.assert_frame_equal(ingest(YEAR).respondents, first)
    ages = first.loc[first["team"] == "zwolle_noord", "bg_leeftijd"]
    assert ages.is_monotonic_increasing  # by answers: who came when is gone


def test_answers_of_fieldwork_do_not_depend_on_the_key(project, key, monkeypatch):
    write_fieldwork(project, make_rows(6))
    first = ingest(YEAR).respondents
    for path in (project / "data" / "processed" / str(YEAR)).iterdir():
        path.unlink()
    monkeypatch.setenv("SWT_KEY_FILE", str(key.parent / "other"))
    second = ingest(YEAR).respondents
    assert not set(first["respondent_id"]) & set(second["respondent_id"])
    pd.testing.assert_frame_equal(
        first.drop(columns="respondent_id"), second.drop(columns="respondent_id")
    )


def test_invented_answers_need_no_key(project, key):
    write_export(project, make_rows(6))
    ids = ingest(YEAR).respondents["respondent_id"]
    assert not key.exists()
    # The same on every machine: results of tests and of the report are.
    assert ids.iloc[0] == "r34fb90fce61ca024"


def test_the_key_is_made_once_and_its_place_is_told(project, key, capsys):
    write_fieldwork(project, make_rows(6))
    ingest(YEAR)
    told = capsys.readouterr().err
    assert str(key) in told
    assert "linked" in told
    content = key.read_text("utf-8")
    assert content.strip() not in told
    ingest(YEAR)
    assert capsys.readouterr().err == ""
    assert key.read_text("utf-8") == content


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode")
def test_key_and_processed_files_are_for_the_owner_only(project, key):
    write_fieldwork(project, make_rows(6))
    ingest(YEAR)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    folder = project / "data" / "processed" / str(YEAR)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    key.chmod(0o644)
    load_pseudonyms("fieldwork")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_key_in_the_project_is_refused(project, monkeypatch):
    monkeypatch.setenv("SWT_KEY_FILE", str(project / "key"))
    with pytest.raises(WaveError, match="may not stand in the project"):
        key_file()


def test_by_default_the_key_stands_among_the_settings(project, monkeypatch):
    monkeypatch.delenv("SWT_KEY_FILE")
    path = key_file()
    assert path.name == "key"
    assert "swtlib" in path.parts[-2]


def test_a_damaged_key_is_not_used(key):
    key.parent.mkdir()
    key.write_text("abc\n", "utf-8")
    with pytest.raises(WaveError, match="does not hold a key"):
        load_pseudonyms("fieldwork")


def test_another_key_is_refused_before_years_are_torn_apart(project, key, monkeypatch):
    write_fieldwork(project, make_rows(6))
    ingest(YEAR)
    before = kept(project)
    monkeypatch.setenv("SWT_KEY_FILE", str(key.parent / "other"))
    with pytest.raises(WaveError, match="Wave 2015 was ingested with another key"):
        ingest(YEAR)
    assert not (key.parent / "other").exists()  # no key is made in vain
    pd.testing.assert_frame_equal(kept(project), before)
    (key.parent / "other").write_text("ab" * 32, "utf-8")
    with pytest.raises(WaveError, match="Wave 2015 was ingested with another key"):
        ingest(YEAR)
    assert len(load_wave(YEAR).respondents) == 5  # reading needs no key


def test_a_wave_of_before_pseudonyms_is_ingested_again(project):
    write_export(project, make_rows(6))
    ingest(YEAR)
    folder = project / "data" / "processed" / str(YEAR)
    meta = json.loads((folder / "wave.json").read_text("utf-8"))
    del meta["format"]
    (folder / "wave.json").write_text(json.dumps(meta), "utf-8")
    old = kept(project).assign(respondent_id=["r001", "r002", "r003", "r004", "r005"])
    old.to_parquet(folder / "respondents.parquet")
    assert "r001" not in set(load_wave(YEAR).respondents["respondent_id"])


def test_a_table_of_persons_is_never_protected():
    with pytest.raises(DisclosureError, match="holds respondents"):
        protect(pd.DataFrame({"person": ["p1"]}), kind="public")
