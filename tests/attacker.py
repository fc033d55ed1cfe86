"""An attacker who has every page, and works out what they do not show."""

import numpy as np
from scipy.optimize import linprog

from swtlib.disclosure import MIN_CELL_N
from swtlib.release_plan import needed_width, tells_too_much
from swtlib.scoring import score_bounds, score_items, score_scales


def released(runs, show):
    """Collect what the pages say: (group, variable) to n and sum."""
    known = {}
    for run in runs:
        table = show(run)
        frame = table.frame
        for row in frame[~frame["suppressed"]].itertuples():
            group = f"not {run.team}" if row.group == "andere" else row.group
            if group == "alle" and table.layout == "teams":
                continue  # of the teams shown only: their sum, nothing new
            known[group, row.variable] = (row.n, row.n * row.mean)
    return known


def attack(run, instrument, known, linked, *, rounding=0.0):
    """Find how narrow each mean can be made that a team must not show.

    The attacker knows how many answered, the range of the answers, that a scale
    is the mean of its items, and every figure on every page, as it is rounded:
    ``known`` has n and sum of a group (a team, "alle", "not " and a team, or a
    frozenset of teams) and a variable.
    """
    answers = run.base.answers(instrument)
    variables = sorted({variable for _, variable in known})
    parts = {**instrument.items, **instrument.scales}
    items = tuple(i for i in instrument.items.values() if i.id in variables)
    scales = tuple(s for s in instrument.scales.values() if s.id in variables)
    frame = score_items(answers, items)
    if scales:
        frame = frame.join(score_scales(answers, scales).drop(columns="team"))
    n = frame.groupby("team")[variables].count()
    cells = [(team, name) for team in n.index for name in variables]
    place = {cell: at for at, cell in enumerate(cells)}
    rows, values, slack = [], [], []

    def know(terms, value, off=0.0):
        row = np.zeros(len(cells))
        for cell, factor in terms:
            row[place[cell]] += factor
        rows.append(row)
        values.append(value)
        slack.append(off)

    for (group, name), (count, total) in known.items():
        if isinstance(group, frozenset):  # some of the teams together
            teams = [team for team in n.index if team in group]
        elif group == "alle":
            teams = list(n.index)
        elif group.startswith("not "):
            teams = [team for team in n.index if team != group[4:]]
        else:
            teams = [group]
        know([((team, name), 1) for team in teams], total, count * rounding)
    for scale, items in linked.items():
        for team in n.index:
            there = [scale, *items]
            own = answers[answers["team"] == team]
            if set(there) <= set(variables) and own[items].notna().all(axis=None):
                know(
                    [((team, scale), -len(items))]
                    + [((team, item), 1) for item in items],
                    0.0,
                )
    ranges = [score_bounds(parts[name].response) for _, name in cells]
    limits = [
        (low * n.loc[cell], high * n.loc[cell])
        for cell, (low, high) in zip(cells, ranges, strict=True)
    ]
    rows, values, slack = np.array(rows), np.array(values), np.array(slack)
    exact = slack == 0
    around = np.concatenate([rows[~exact], -rows[~exact]])
    ends = np.concatenate([values + slack, slack - values]).reshape(2, -1)[:, ~exact]
    widths = {}
    for cell, (low, high) in zip(cells, ranges, strict=True):
        size = n.loc[cell]
        own = frame.loc[frame["team"] == cell[0], cell[1]].dropna().to_numpy(float)
        if size == 0 or (frame["team"] == cell[0]).sum() < MIN_CELL_N:
            continue
        if not tells_too_much(own, (low, high)):
            continue
        aim = np.zeros(len(cells))
        aim[place[cell]] = 1 / size
        ends_of = [
            sign
            * linprog(
                sign * aim,
                A_eq=rows[exact],
                b_eq=values[exact],
                A_ub=around,
                b_ub=ends.ravel(),
                bounds=limits,
            ).fun
            for sign in (1, -1)
        ]
        widths[cell] = (ends_of[1] - ends_of[0]) / (high - low) / needed_width(size)
    return widths
