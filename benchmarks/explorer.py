"""How long a change in the verkenner takes in the kernel.

    uv run python benchmarks/explorer.py [--csv FILE]

Every number is the median over the changes of a round, of the first time a view is
asked for: the wave, the plan and the scores are there already, its table and figure
are not. "table" is what a change waits for (choices, words, table, controls);
"figure" follows after it and is dropped when another change comes first. "again" is
a view that is ready, seen before or made ahead, table and figure together.
"""

import argparse
import statistics
import time
from dataclasses import replace

import numpy as np
import pandas as pd

from swtlib.explorer import Session, View
from swtlib.explorer.choices import FIELDS, PARTS
from swtlib.explorer.widgets import Verkenner
from swtlib.wave import load_wave

YEAR = 2016
SEED = 20260101
TEAMS = ("zwolle_noord", "zwolle_oost", "zwolle_zuid", "zwolle_west", "elburg")
SCALES = ("eigen_kracht", "integraal", "direct_er_op_af", "resultaatgericht")
KINDS = {
    "means, all together": [{"only": name} for name in SCALES] + [{}],
    "means, a team and the others": [{"team": team} for team in TEAMS],
    "means, one scale and its statements by team": [
        {"split": "teams", "only": name} for name in SCALES
    ],
    "means, eight scales by team": [
        {"split": "teams", "group": "bakens"},
        {"split": "teams", "instrument": "groepsdynamica", "group": "fasen"},
    ],
    "means by function, age or experience": [{"split": name} for name in PARTS],
    "answers": [
        {"show": "answers", "only": name, "group": "bakens"} for name in SCALES
    ],
    "marks now and wanted": [
        {"instrument": "competenties", "show": "gap", "group": "", "team": team}
        for team in TEAMS
    ],
    "changed since 2015": [{"show": "change", "team": team} for team in TEAMS],
    "competences beside bakens (308)": [{"show": "relation", "group": ""}],
}


def enlarged(n):
    """Draw n people from the wave, as many in a team as there were."""
    wave = load_wave(YEAR)
    if n <= len(wave.respondents):
        return wave
    drawn = wave.respondents.sample(n, replace=True, random_state=SEED)
    drawn = drawn.reset_index(drop=True)
    drawn["respondent_id"] = [f"r{at}" for at in range(n)]
    if "person" in drawn:
        drawn = drawn.drop(columns="person")
    factor = int(np.ceil(3 * n / len(wave.respondents)))
    members = {
        team: None if size is None else size * factor
        for team, size in wave.members.items()
    }
    return replace(wave, respondents=drawn, facts=replace(wave.facts, members=members))


def measure(n, clock):
    session = Session()
    session._waves[YEAR] = enlarged(n)
    start = View(year=YEAR, instrument="bakens", group="bakens")
    face = Verkenner(session, start)
    rows = []
    for kind, changes in KINDS.items():
        first = {"table": [], "figure": [], "again": []}
        for change in changes:
            wanted = replace(start, **change)
            instrument = session.seen(YEAR).instrument(wanted.instrument)
            session.scores(YEAR, instrument)
            session.seen(YEAR)._plan(instrument)
            if wanted.split in PARTS:
                session.closed_in_splits(YEAR, instrument)
            asked = {name: getattr(wanted, name) for name in FIELDS}
            for look in ("first", "again"):
                face.choose(
                    show="means",
                    instrument="bakens",
                    group="bakens",
                    only="",
                    split="team",
                    team="alle",
                    since=0,
                )
                begun = clock()
                made = face._work_out(wanted, asked)
                there = clock()
                face._draw(made)
                ended = clock()
                if made.view.split != wanted.split or made.table is None:
                    break
                if look == "first":
                    first["table"].append(1000 * (there - begun))
                    first["figure"].append(1000 * (ended - there))
                else:
                    first["again"].append(1000 * (ended - begun))
        row = {name: statistics.median(found) for name, found in first.items() if found}
        rows.append(
            {
                "kind": kind,
                "n": len(session.wave(YEAR).respondents),
                "changes": len(first["table"]),
                **row,
            }
        )
    return pd.DataFrame(rows)


def plans(n):
    """Time what is done once per wave and subject."""
    session = Session()
    begun = time.process_time()
    session._waves[YEAR] = enlarged(n)
    bakens = session.seen(YEAR).instrument("bakens")
    session.scores(YEAR, bakens)
    scored = time.process_time()
    session.seen(YEAR)._plan(bakens)
    teams = time.process_time()
    told = f"n = {len(session.wave(YEAR).respondents)}: "
    told += f"scores {1000 * (scored - begun):.0f} ms, "
    told += f"plan of the teams {1000 * (teams - scored):.0f} ms"
    session.closed_in_splits(YEAR, bakens)
    told += f", plan of all splits {1000 * (time.process_time() - teams):.0f} ms"
    print(told)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--csv", help="write the table to this file")
    parser.add_argument(
        "--wall", action="store_true", help="time on the clock, not CPU"
    )
    given = parser.parse_args()
    clock = time.perf_counter if given.wall else time.process_time
    tables = []
    for n in (0, 200, 10_000):  # 0: the wave as it is
        plans(n)
        tables.append(measure(n, clock))
    table = pd.concat(tables, ignore_index=True)
    if given.csv:
        table.to_csv(given.csv, index=False)
    print(table.round(0).to_string(index=False))


if __name__ == "__main__":
    main()
