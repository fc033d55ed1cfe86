"""Every export of one LimeSurvey survey becomes the same wave."""

import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from swtlib.errors import IngestError
from swtlib.wave import load_wave, read_wave

SURVEY = Path(__file__).parent / "data" / "limesurvey" / "werkbeleving_615243"
FIRST = "results_code_short_comma.csv"
REFUSED = {
    # headings that were cut off, answers that were renumbered, nobody completed
    "results_abbreviated15_long_comma.csv": "88 of the 91 questions are not in",
    "results_code_short_convertYN_semicolon.csv": "column 'leiding'.*'2' is not",
    "results_code_short_incomplete_only_comma.csv": "not one response was completed",
}
EXPORTS = sorted(
    path.name
    for path in SURVEY.iterdir()
    if path.name.startswith(("results", "survey_", "vvexport"))
)
READ = [name for name in EXPORTS if name not in {FIRST, *REFUSED}]


def wave_of(name, folder):
    """Read one export as a survey with a questionnaire of its own."""
    shutil.copytree(SURVEY / "codebook", folder / "codebook")
    for path in SURVEY.glob("survey_*"):  # data and syntax belong together
        shutil.copy(path, folder)
    shutil.copy(SURVEY / name, folder)
    teams = tomllib.loads((SURVEY / "codebook" / "teams.toml").read_text("utf-8"))
    members = "\n".join(f"{team['id']} = 30" for team in teams["team"])
    (folder / "wave.toml").write_text(
        'year = 2026\ntitle = "Proef"\norigin = "simulation"\n'
        f'export = "{name}"\n[members]\n{members}\n',
        "utf-8",
    )
    return read_wave(folder)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return wave_of(FIRST, tmp_path_factory.mktemp("first"))


def test_there_are_exports_of_every_kind():
    assert len(READ) >= 20
    assert {Path(name).suffix for name in READ} >= {
        *(".csv", ".xlsx", ".json", ".sav", ".dat", ".sps", ".R"),
    }


@pytest.mark.parametrize("name", READ)
def test_every_export_becomes_the_same_wave(name, expected, tmp_path):
    wave = wave_of(name, tmp_path)
    pd.testing.assert_frame_equal(wave.respondents, expected.respondents)
    assert len(wave.respondents) == 31


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_format_lost_is_said(name, tmp_path):
    with pytest.raises(IngestError, match=REFUSED[name]):
        wave_of(name, tmp_path)


def test_a_changed_syntax_file_makes_the_wave_stale(tmp_path, monkeypatch):
    name = "survey_615243_SPSS_data_file.dat"
    own = wave_of(name, tmp_path / "own")
    folder = tmp_path / "data" / "raw" / "2026"
    shutil.copytree(own.facts.folder, folder)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    for module in ("wave", "_wave_facts"):
        monkeypatch.setattr(f"swtlib.{module}.load_codebook", lambda *_: own.codebook)
    before = load_wave(2026)
    assert load_wave(2026).data_hash == before.data_hash
    syntax = folder / "survey_615243_SPSS_syntax_file.sps"
    syntax.write_bytes(syntax.read_bytes() + b"\n* A remark.\n")
    after = load_wave(2026)
    assert after.data_hash != before.data_hash
    pd.testing.assert_frame_equal(after.respondents, before.respondents)
    assert read_wave(folder).data_hash != own.data_hash
