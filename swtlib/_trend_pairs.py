"""The same people in two waves: who they are, and what of them may not be shown."""

import pandas as pd

from swtlib._trend_measures import Measured
from swtlib.groups import ALL
from swtlib.release_plan import Scores, plan_release


def link_people(
    before: pd.DataFrame, after: pd.DataFrame, min_n: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep who is in the same team in both years, of teams with enough of them."""
    known = before.index.dropna().intersection(after.index.dropna(), sort=False)
    then, now = before.loc[known], after.loc[known]
    stayed = (then["team"].astype("str") == now["team"].astype("str")).to_numpy()
    then, now = then[stayed], now[stayed]
    sizes = now["team"].astype("str").map(now["team"].astype("str").value_counts())
    enough = (sizes >= min_n).to_numpy()
    return then[enough], now[enough]


def shown_teams(side: Measured, linked: pd.DataFrame) -> pd.DataFrame:
    """Give everybody of a year, but link nobody of a team with too few pairs."""
    scores = side.by_person()
    persons = scores.index.to_series().where(scores.index.isin(linked.index))
    return scores.set_axis(pd.Index(persons), axis=0)


def close_pairs(
    then: pd.DataFrame,
    now: pd.DataFrame,
    before: Measured,
    after: Measured,
    table: pd.DataFrame,
    min_n: int,
) -> pd.DataFrame:
    """Find the cells of paired changes that no page may show."""
    keys = ["group", "variable"]
    left = pd.concat([table["n_before"], table["n_after"]], axis=1).sub(
        table["n"], axis=0
    )
    few = ((left > 0) & (left < min_n)).any(axis=1)
    names = [str(name) for name in now.columns if name != "team"]
    gaps = now[names] - then[names]
    counts = {
        team: (gaps[now["team"].astype("str") == team]).notna().sum()
        for team in now["team"].astype("str").unique()
    }
    rows = []
    for team, linked in counts.items():  # also of teams that this page does not show
        for name in names:
            for side in (before, after):
                scores = side.scores
                all_of = scores.loc[scores["team"].astype("str") == team, name].count()
                if 0 < all_of - linked[name] < min_n:
                    rows.append((team, name))
    of_years = [side.closed for side in (before, after)]
    secret = pd.concat(
        [*of_years, pd.DataFrame(rows, columns=keys)], ignore_index=True
    ).drop_duplicates()
    frame = gaps.reset_index(drop=True)
    frame.insert(0, "team", now["team"].astype("str").to_numpy())
    widest = {
        name: None if known is None else (known[0] - known[1], known[1] - known[0])
        for name, known in after.bounds.items()
    }
    planned = plan_release(
        [Scores(frame=frame, bounds=widest)], closed=secret, min_n=min_n
    )
    # With every team closed nothing stands between the total and one of them.
    shut = planned["variable"].value_counts() == frame["team"].nunique()
    totals = pd.DataFrame({"group": ALL, "variable": list(shut.index[shut])})
    return pd.concat([planned, secret, totals, table.loc[few, keys]], ignore_index=True)
