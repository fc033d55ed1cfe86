"""An attacker who has the pages of two years, and the one that compares them."""

from functools import partial

import pytest
from attacker import attack, released

from swtlib.disclosure import protect
from swtlib.notebook import new_run

YEARS = {"before": 2015, "after": 2016}
GROUPS = {"groepsdynamica": ["fasen", "self_efficacy"], "bakens": ["bakens"]}
LP = 1e-7  # what the solver leaves open
EXACT = 1e-6  # an interval this narrow is a recovered answer


def pages(year):
    return [
        new_run("proef", team=team, year=year)
        for team in ("alle", *new_run("proef", year=year).wave.teams)
    ]


def of_a_year(year, name):
    """Give what the pages of that year say: n and sum of every group."""
    runs, known = pages(year), {}
    instrument = runs[0].instrument(name)
    for group in GROUPS[name]:
        means = partial(_means, instrument=instrument, group=group)
        known |= released(runs, partial(means, per_team=True))
        known |= released(runs, means)
    known |= released(runs, lambda run: run.item_means(instrument))
    return known


def _means(run, *, instrument, group, per_team=False):
    return run.scale_means(instrument, group=group, per_team=per_team)


def of_the_trend(name):
    """Give what the pages on changes say of each year."""
    found = {when: {} for when in YEARS}
    for run in pages(2016):
        instrument = run.instrument(name)
        tables = [
            run.scale_changes(instrument, groups=GROUPS[name], per_team=per_team)
            for per_team in (False, True)
        ]
        for table in (*tables, run.item_changes(instrument, per_team=True)):
            frame = table.frame
            teams = frozenset(frame["group"]) - {"alle"}
            for row in frame[~frame["suppressed"]].to_dict("records"):
                group = row["group"]
                if group == "andere":
                    group = f"not {run.team}"
                elif group == "alle" and table.layout == "teams":
                    group = teams
                for when, known in found.items():
                    n, mean = row[f"n_{when}"], row[f"mean_{when}"]
                    known[group, row["variable"]] = (n, n * mean)
    return found


def widths(name, when):
    known = of_a_year(YEARS[when], name)
    told = of_the_trend(name)[when]
    for cell in known.keys() & told.keys():
        assert told[cell] == pytest.approx(known[cell])
    run = new_run("proef", year=YEARS[when])
    instrument = run.instrument(name)
    linked = {s.id: [i.id for i in s.items] for s in instrument.scales.values()}
    return attack(run, instrument, known | told, linked)


@pytest.mark.parametrize("when", YEARS)
@pytest.mark.parametrize("name", GROUPS)
def test_two_years_and_their_changes_give_no_hidden_mean(name, when):
    found = widths(name, when)
    assert all(width >= 1 - LP for width in found.values()), found


def test_attacker_finds_them_when_a_change_shows_what_a_year_hides(monkeypatch):
    def careless(table, *, closed=None, **options):
        return protect(table, **options)

    monkeypatch.setattr("swtlib.trend_results.protect", careless)
    found = widths("groepsdynamica", "after")
    assert [cell for cell, width in found.items() if width < EXACT]
