"""The made-up wave of 2016: its bytes, and the changes that are built in."""

import shutil
from math import sqrt

import pandas as pd
import pytest

from swtlib.codebook import CODEBOOK_DIR, load_codebook
from swtlib.errors import WaveError
from swtlib.project import raw_dir
from swtlib.simulated_wave import draw_members, load_recipe, write_simulation
from swtlib.wave import load_wave

BOOK = load_codebook()
RECIPE = load_recipe(2016)
SAME = {  # scales and items that no change is of
    name: f"{name} stays"
    for name in ("fase_parallel", "se_collega", "eigen_kracht", "integraal")
}
# A team mean of whole answers cannot come nearer to its target than half an answer.
HALF_AN_ANSWER = 0.5
# One standard error is that of a draw of n from the N members; three of them are
# passed by chance once in 370 times.
SURE = 3


def items_of(name):
    """Give the items of a scale, or the item itself, with their instrument."""
    for instrument, item in BOOK.items():
        if item.id == name:
            return instrument, [item]
        for scale in instrument.scales.values():
            if scale.id == name:
                return instrument, list(scale.items)
    raise AssertionError(name)


def span(items):
    """Give by how much a score of 0 to 1, or a grade, must be multiplied."""
    response = items[0].response
    return 1 if response.kind == "number" else response.high - response.low


def scores(frame, items, team):
    """Give the mean of each respondent, on 0 to 1 or as a grade."""
    rows = frame if team == "alle" else frame[frame["team"] == team]
    return rows[[i.id for i in items]].dropna().mean(axis=1) / span(items)


def before_2016(name):
    """Give the answers of 2015 to a scale or item of 2016, under its ids."""
    wave = load_wave(2015)
    _, items = items_of(name)
    source = {i.id if i.asked_in(2015) else i.comparable_with[0]: i.id for i in items}
    instrument, _ = items_of(next(iter(source)))
    return wave.answers(instrument).rename(columns=source)


def level(name, team):
    """Give the level of 2015 that a team starts from."""
    frame = before_2016(name)
    _, items = items_of(name)
    own = scores(frame, items, team)
    return float((own if len(own) >= 5 else scores(frame, items, "alle")).mean())


@pytest.fixture(scope="module")
def members():
    return draw_members(2016)


def as_drawn(folder):
    for year in (2015, 2016):
        shutil.copytree(raw_dir(year), folder / "data" / "raw" / str(year))
    (folder / "notebooks").mkdir()
    return folder / "data" / "raw" / "2016"


def test_write_simulation_gives_the_committed_file(tmp_path, monkeypatch):
    expected = (raw_dir(2016) / "results-survey201602.csv").read_bytes()
    folder = as_drawn(tmp_path)
    (folder / "results-survey201602.csv").unlink()
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    path = write_simulation(2016)
    assert path.parent == folder
    assert path.read_bytes() == expected


@pytest.mark.parametrize("name", [*(c.of for c in RECIPE.changes), *SAME])
def test_members_have_the_level_of_2015_and_the_change(members, name):
    _, items = items_of(name)
    for team in load_wave(2016).teams:
        drawn = scores(members, items, team)
        by = sum(c.in_team(team) for c in RECIPE.changes if c.of == name)
        # the sums of the items are rounded one by one
        edge = HALF_AN_ANSWER / len(drawn) / span(items)
        assert abs(drawn.mean() - level(name, team) - by) <= edge + 1e-9, (name, team)


@pytest.mark.parametrize("name", [*(c.of for c in RECIPE.changes), *SAME])
def test_shipped_wave_shows_the_change_to_within_chance(members, name):
    wave = load_wave(2016)
    instrument, items = items_of(name)
    n_all, found, declared, variance = 0, 0.0, 0.0, 0.0
    for team in wave.teams:
        own = scores(wave.answers(instrument), items, team)
        everyone = scores(members, items, team)
        n, size = len(own), len(everyone)
        by = sum(c.in_team(team) for c in RECIPE.changes if c.of == name)
        error = everyone.std() * sqrt((1 - n / size) / n)
        edge = HALF_AN_ANSWER / size / span(items)
        change = own.mean() - level(name, team)
        assert abs(change - by) <= SURE * error + edge, (name, team)
        n_all += n
        found, declared = found + n * change, declared + n * by
        variance += (n * error) ** 2
    tolerance = SURE * sqrt(variance) / n_all
    assert abs(found - declared) / n_all <= tolerance + 0.01  # of rounding at most
    if name not in SAME:
        # it can fail: no change at all would be found out
        assert abs(declared) / n_all > tolerance + 0.01


def test_one_team_goes_against_the_others():
    wave = load_wave(2016)
    instrument, items = items_of("fase_intimiteit")
    answers = wave.answers(instrument)
    up = {
        team: scores(answers, items, team).mean() - level("fase_intimiteit", team)
        for team in wave.teams
        if (answers["team"] == team).sum() >= 5
    }
    assert up.pop("zwolle_west") < -0.03
    assert all(change > 0.03 for change in up.values())


def test_gap_of_one_competence_is_narrower_and_of_no_other():
    def gaps(year):
        have_want = load_wave(year).respondents
        return pd.Series(
            {
                name: (have_want[name.replace("have", "want")] - have_want[name]).mean()
                for name in have_want
                if name.endswith("_have")
            }
        )

    change = gaps(2016) - gaps(2015)
    # sd of a gap 0.6, 80 of 127 members: 3 * 0.6 * sqrt((1 - 0.63) / 80) = 0.12, and
    # a little for teams that answer more or less than in 2015
    assert change.pop("comp_ondernemerschap_have") == pytest.approx(-0.6, abs=0.15)
    assert change.abs().max() < 0.15


def test_shipped_wave_is_what_it_says():
    wave = load_wave(2016)
    assert wave.origin == "simulation"
    assert "simulatie" in wave.origin_line()
    assert wave.n_responded == 88
    assert wave.n_broken_off == RECIPE.broken_off == 8
    counts = wave.respondents["team"].value_counts()
    assert {team: counts[team] for team in wave.teams} == RECIPE.respondents
    asked = {item.id for _, item in BOOK.columns(2016).values()} - {"open_nodig"}
    assert asked - set(wave.respondents) == {"bg_wijkteam"}
    assert "exp_prettig" not in wave.respondents
    (change,) = wave.facts.team_changes
    assert (change.team, change.kind, change.since) == (
        "zwolle_zuid",
        "half_replaced",
        2015,
    )
    years = wave.respondents.groupby("team")["bg_werkervaring"].mean()
    before = load_wave(2015).respondents.groupby("team")["bg_werkervaring"].mean()
    assert years["zwolle_zuid"] < before["zwolle_zuid"] - 2


def test_simulated_people_hang_together_as_people_do(members):
    answers = members[[c for c in members if c.startswith("bk_")]]
    within = answers[["bk_omgeving_licht", "bk_omgeving_zwaar"]].corr().iloc[0, 1]
    assert 0.2 < within < 0.95
    have, want = members["comp_netwerken_have"], members["comp_netwerken_want"]
    assert (want >= have).all()


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("wave.toml", '"simulation"', '"fieldwork"', "is not written over"),
        ("simulation.toml", "from = 2015", "from = 2014", "from must be 2015"),
        ("simulation.toml", '"fase_intimiteit"', '"fase_intimiteid"', "Did you mean"),
        ("simulation.toml", "zwolle_west = -0.10", "zwolle_wst = 1", "'zwolle_wst'"),
        ("simulation.toml", "by = 0.6", "by = 6", "out of the range 0-10"),
        ("simulation.toml", "by = 0.6", 'by = "0,6"', "'by' must be a number"),
        ("simulation.toml", "= 13", "= 23", "zwolle_oost = 23 must be between 0 and"),
        ("simulation.toml", "broken_off = 8", "broken_off = 80", "broken_off = 80"),
        ("simulation.toml", "elburg  ", "elbrug  ", "unknown key 'elbrug'"),
        ("wave.toml", "= 25", '= "onbekend"', "zwolle_noord must be a number"),
    ],
)
def test_write_simulation_says_what_is_wrong(
    tmp_path, monkeypatch, file, old, new, message
):
    folder = as_drawn(tmp_path)
    before = (folder / "results-survey201602.csv").read_bytes()
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    with pytest.raises(WaveError, match=message):
        write_simulation(2016)
    assert (folder / "results-survey201602.csv").read_bytes() == before


def test_write_simulation_never_starts_from_real_answers(tmp_path, monkeypatch):
    as_drawn(tmp_path)
    facts = tmp_path / "data" / "raw" / "2015" / "wave.toml"
    text = facts.read_text("utf-8").replace('"reconstruction"', '"fieldwork"', 1)
    facts.write_text(text, "utf-8")
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    monkeypatch.setenv("SWT_PROCESSED", str(tmp_path / "processed"))
    with pytest.raises(WaveError, match="starts from the reconstruction only"):
        write_simulation(2016)


def test_what_2015_did_not_ask_starts_in_the_middle(tmp_path, monkeypatch):
    folder = as_drawn(tmp_path)
    book = tmp_path / "codebook"
    shutil.copytree(CODEBOOK_DIR, book)
    with (book / "teams.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[team]]\nid = "kampen"\nlabel = "Kampen"\ncode = "KA"\n'
            'municipality = "Kampen"\n'
        )
    items = book / "ervaringen.toml"
    old = 'first_wave = 2016\ncomparable_with = ["exp_prettig"]\n'
    text = items.read_text("utf-8")
    assert old in text
    items.write_text(text.replace(old, "first_wave = 2016\n"), "utf-8")
    for name, line in (("wave.toml", "kampen = 10"), ("simulation.toml", "kampen = 9")):
        path = folder / name
        text = path.read_text("utf-8")
        at = text.index("elburg  ")
        path.write_text(f"{text[:at]}{line}\n{text[at:]}", "utf-8")
    monkeypatch.setenv("SWT_PROJECT", str(tmp_path))
    new = load_codebook(book)
    for module in ("swtlib.simulated_wave", "swtlib._simulation_recipe"):
        monkeypatch.setattr(f"{module}.load_codebook", lambda: new)
    monkeypatch.setattr("swtlib._wave_facts.load_codebook", lambda: new)
    members = draw_members(2016)
    own = members[members["team"] == "kampen"]
    assert len(own) == 10
    # 0-4: the middle is 2, and the recipe adds 0.08 of 4 points: 10 x 2.32 = 23.2
    assert own["erv_prettig"].sum() == 23
    # a team that 2015 did not have starts from all together: 66 answers
    before = load_wave(2015).respondents["bk_proactief"]
    assert own["bk_proactief"].sum() == round(10 * before.mean())


def test_write_simulation_needs_a_recipe():
    with pytest.raises(WaveError, match=r"simulation.toml is missing"):
        load_recipe(2015)
