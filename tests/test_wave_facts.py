"""What wave.toml says about teams that changed since an earlier wave."""

import pytest

from swtlib.codebook import load_codebook
from swtlib.errors import WaveError
from swtlib.wave import TeamChange, read_facts

FACTS = """
year = 2017
title = "Proef"
origin = "simulation"
export = "results.csv"

[members]
zwolle_noord = 26
elburg = 9

[[team_change]]
text = "Zo is het gegaan."
"""


def read(tmp_path, lines):
    path = tmp_path / "wave.toml"
    path.write_text(FACTS + lines, "utf-8")
    return read_facts(path, load_codebook().teams)


@pytest.mark.parametrize(
    ("lines", "kind", "since", "before"),
    [
        ('team = "elburg"\nkind = "half_replaced"', "half_replaced", 2016, ()),
        (
            'team = "elburg"\nkind = "split"\nfrom_teams = ["apeldoorn"]',
            "split",
            2016,
            ("apeldoorn",),
        ),
        (
            'team = "elburg"\nkind = "merged"\nsince = 2015\n'
            'from_teams = ["elburg", "wezep_oldebroek"]',
            "merged",
            2015,
            ("elburg", "wezep_oldebroek"),
        ),
        (
            'team = "elburg"\nkind = "renamed"\nfrom_teams = ["wezep_oldebroek"]',
            "renamed",
            2016,
            ("wezep_oldebroek",),
        ),
    ],
)
def test_read_facts_reads_a_team_change(tmp_path, lines, kind, since, before):
    facts = read(tmp_path, lines)
    assert facts.team_changes == (
        TeamChange(
            team="elburg",
            kind=kind,
            since=since,
            from_teams=before,
            text="Zo is het gegaan.",
        ),
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('team = "elbrug"\nkind = "split"', "'elbrug' is not known. Did you mean"),
        ('team = "apeldoorn"\nkind = "half_replaced"', "'apeldoorn' is not known"),
        ('team = "elburg"\nkind = "moved"', "kind = 'moved' is not known"),
        ('team = "elburg"\nkind = "split"', "one team in from_teams .* not 0"),
        (
            'team = "elburg"\nkind = "merged"\nfrom_teams = ["elburg", "elburg"]',
            "two or more teams in from_teams",
        ),
        (
            'team = "elburg"\nkind = "half_replaced"\nfrom_teams = ["elburg"]',
            "no team in from_teams",
        ),
        (
            'team = "elburg"\nkind = "renamed"\nfrom_teams = ["elbrug"]',
            "from_teams names a team 'elbrug'",
        ),
        (
            'team = "elburg"\nkind = "half_replaced"\nsince = 2017',
            "since = 2017 must be before 2017",
        ),
        ('team = "elburg"\nkind = "half_replaced"\nwhy = "x"', "unknown key 'why'"),
    ],
)
def test_read_facts_says_what_is_wrong_with_a_team_change(tmp_path, lines, message):
    with pytest.raises(WaveError, match=message):
        read(tmp_path, lines)
