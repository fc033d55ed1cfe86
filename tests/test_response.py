import pytest

from swtlib.disclosure import MIN_CELL_N
from swtlib.errors import IngestError, WaveError
from swtlib.response import count_response, last_year
from swtlib.wave import load_facts

FACTS = """
year = {year}
title = "Proef"
origin = "simulation"
export = "results.csv"
[members]
zwolle_noord = 12
elburg = 7
wezep_oldebroek = 4
apeldoorn = "onbekend"
"""


@pytest.fixture
def export(project, tmp_path):
    """Six of Zwolle-Noord, three of Elburg, and four who broke off."""
    for year in (2015, 2016):
        folder = project / "data" / "raw" / str(year)
        folder.mkdir()
        (folder / "wave.toml").write_text(FACTS.format(year=year), "utf-8")
    done = ["ZN"] * 6 + ["Elburg"] * 3
    stopped = ["ZN", "ZN", "EB", ""]
    lines = ["id;submitdate;team;nodig"]
    for number, team in enumerate(done + stopped):
        date = "2016-02-10 10:00:00" if number < len(done) else ""
        lines.append(f"{number};{date};{team};iets {number}")
    path = tmp_path / "sofar.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_count_response_counts_each_team(export):
    table = count_response(export, 2015).set_index("team")
    assert table["answered"].to_dict() == {
        "zwolle_noord": 6,
        "elburg": 3,
        "apeldoorn": 0,
        "wezep_oldebroek": 0,
        "(no team named)": 0,
    }
    assert table["broken_off"].tolist() == [2, 1, 0, 0, 1]
    assert table["invited"].tolist()[:2] == [12, 7]
    assert table["invited"].isna().tolist() == [False, False, True, False, True]
    # needed: 5 less the answers, never below 0
    assert table["needed"].tolist()[:4] == [0, MIN_CELL_N - 3, MIN_CELL_N, MIN_CELL_N]
    assert table.loc["zwolle_noord", "note"] == "can be shown"
    assert table.loc["wezep_oldebroek", "note"] == "cannot be shown: 4 members"


def test_count_response_takes_the_last_wave(export):
    assert last_year() == 2016
    assert count_response(export).equals(count_response(export, 2016))


def test_last_year_passes_over_a_made_up_wave():
    # 2016 ships as a simulation; fieldwork is of another year
    assert load_facts(2016).origin == "simulation"
    assert last_year() == 2015


def test_count_response_wants_a_wave(project, tmp_path):
    with pytest.raises(WaveError, match="There is no wave yet"):
        count_response(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (";team;", ";ploeg;", "no column says which team"),
        (";ZN;", ";QQ;", r"lines 2, 3, 4, 5, 6, 7, 11, 12: the team is not one of"),
        (";ZN;", ";ZO;", r"lines 2, .*\[members\] in data/raw/2015/wave.toml"),
    ],
)
def test_count_response_says_what_is_wrong(export, old, new, message):
    export.write_text(export.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(IngestError, match=message):
        count_response(export, 2015)


def test_a_declared_rule_counts_here_too(export, project):
    facts = project / "data" / "raw" / "2015" / "wave.toml"
    text = facts.read_text("utf-8").replace(
        "[members]", "[drop]\ntests = true\n[members]"
    )
    facts.write_text(text, "utf-8")
    export.write_text(export.read_text("utf-8").replace("iets 0", "test"), "utf-8")
    table = count_response(export, 2015)
    assert table["answered"].tolist()[0] == 5
    assert table["broken_off"].tolist()[0] == 2
