"""What the verkenner makes in idle moments, for the next choice."""

import asyncio
from dataclasses import replace

import pytest

from swtlib import open_explorer
from swtlib.explorer import widgets
from swtlib.explorer.choices import PARTS, choose, is_settled
from swtlib.explorer.idle import next_views


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(widgets, "SOON", 0)
    monkeypatch.setattr(widgets, "IDLE", 0)
    monkeypatch.setattr(widgets, "PAUSE", 0)


def near(verkenner):
    return list(next_views(verkenner.session, verkenner.view, verkenner._known))


async def idle(verkenner, *, seconds=60):
    """Wait until everything that is near is there."""
    async with asyncio.timeout(seconds):
        wanted = near(verkenner)[: widgets.MOST_AHEAD]
        while not all(view in verkenner._made for view in wanted):
            await asyncio.sleep(0)


def test_next_views_are_one_choice_away_and_can_be_shown():
    verkenner = open_explorer(year=2016)
    found = near(verkenner)
    assert len(found) == len(set(found)) > 10
    assert verkenner.view not in found
    assert replace(verkenner.view, team="elburg") in found
    assert replace(verkenner.view, split="teams") in found
    assert not [view for view in found if is_settled(verkenner.session, view)]


def test_next_views_need_no_plan_that_takes_seconds():
    verkenner = open_explorer(year=2016)
    assert not [view for view in near(verkenner) if view.split in PARTS]
    # The earlier wave is not planned yet, and these would need that.
    assert not [view for view in near(verkenner) if view.show == "change"]
    verkenner.choose(show="change")
    verkenner.choose(show="means", split="ervaring")
    verkenner.choose(split="team")
    assert {view.split for view in near(verkenner)} >= {"ervaring", "leeftijd"}
    assert "change" in {view.show for view in near(verkenner)}


def test_next_views_of_marks_are_known_too():
    # What may be shown of two marks is planned under a name of its own.
    verkenner = open_explorer(year=2016)
    verkenner.choose(instrument="competenties")
    assert replace(verkenner.view, team="elburg") in near(verkenner)


def test_what_is_near_is_made_when_nobody_chooses(monkeypatch):
    def fail(*_):
        raise AssertionError("this was made ahead")

    async def look():
        verkenner = open_explorer(year=2016)
        await idle(verkenner)
        monkeypatch.setattr(widgets, "settled_result", fail)
        verkenner.controls["team"].value = "elburg"
        # Table and figure change in one step: nothing stands beside what it is not.
        for part in (verkenner.table, verkenner.figure):
            assert "De acht bakens, Elburg naast de andere teams (2016)" in part.value

    asyncio.run(look())


def test_what_was_made_ahead_is_what_is_made_when_asked():
    async def look():
        verkenner = open_explorer(year=2016)
        await idle(verkenner)
        verkenner.choose(team="elburg")
        return verkenner.table.value, verkenner.figure.value

    asked = open_explorer(year=2016)
    asked.choose(team="elburg")
    assert asyncio.run(look()) == (asked.table.value, asked.figure.value)


def test_a_next_choice_stops_it(monkeypatch):
    made = []
    make = widgets.settled_result

    def record(session, view):
        made.append(view)
        return make(session, view)

    async def look():
        verkenner = open_explorer(year=2016)
        verkenner.choose(team="elburg")
        verkenner.choose(split="teams", only="integraal")
        monkeypatch.setattr(widgets, "settled_result", record)
        await idle(verkenner)
        assert made
        assert set(made) <= set(near(verkenner))

    asyncio.run(look())


def test_a_fault_on_the_way_is_told_when_that_view_is_asked_for(monkeypatch):
    def fail(*_):
        raise RuntimeError("inside")

    async def look():
        verkenner = open_explorer(year=2016)
        monkeypatch.setattr(widgets, "settled_result", fail)
        for _ in range(50):
            await asyncio.sleep(0)
        assert verkenner.fault is None
        assert 'swt-status "' in verkenner.status.value
        verkenner.choose(team="elburg")
        assert "Hier ging iets mis (RuntimeError)" in verkenner.status.value

    asyncio.run(look())


def test_no_more_is_kept_than_is_used(monkeypatch):
    monkeypatch.setattr(widgets, "MOST_KEPT", 3)
    verkenner = open_explorer(year=2016)
    for team in ("elburg", "zwolle_oost", "zwolle_west", "alle"):
        verkenner.choose(team=team)
    assert [view.team for view in verkenner._made] == [
        *("zwolle_oost", "zwolle_west", "alle")
    ]
    settled, _ = choose(verkenner.session, verkenner.view)
    assert settled == verkenner.view
    assert "picture" not in vars(verkenner.result)  # only its text
