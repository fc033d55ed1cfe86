"""Draw the synthetic answers of a later year that changes are checked on.

Run from the project folder: ``python tests/data/draw_trend.py``. Nobody gave
these answers. They go with ``synthetic_teams.csv``; a new draw asks for new R
results, see ``tests/reference/README.md``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20160401
SIZES = {"een": 1, "twee": 2, "zes": 6, "achttien": 15, "nieuw": 5}
# All of team "twee" and "zes" answered, as in the first year.
MEMBERS = {"een": 3, "twee": 2, "zes": 6, "achttien": 24, "nieuw": 9}
MISSING = 0.06


def draw_later(rng: np.random.Generator) -> pd.DataFrame:
    """Draw answers 0-4, somewhat higher than in the first year."""
    team = np.repeat(list(SIZES), list(SIZES.values()))
    frame = pd.DataFrame({"team": team})
    for i in range(4):
        drawn = rng.choice(5, size=len(frame), p=[0.05, 0.1, 0.15, 0.35, 0.35])
        frame[f"stelling_{i + 1}"] = drawn.astype(float)
    holes = rng.random((len(frame), 4)) < MISSING
    frame[frame.columns[1:]] = frame[frame.columns[1:]].mask(holes)
    # Cases that must be there, whatever was drawn.
    zes, twee = frame["team"] == "zes", frame["team"] == "twee"
    frame.loc[zes, "stelling_1"] = [4.0, 4.0, 3.0, 3.0, 4.0, 2.0]  # a census again
    frame.loc[zes, "stelling_2"] = [2.0, 1.0, 2.0, 2.0, 1.0, 3.0]  # now a census
    frame.loc[zes, "stelling_4"] = [4.0, 4.0, 4.0, np.nan, 4.0, 4.0]  # all equal
    frame.loc[twee, "stelling_3"] = np.nan  # nobody answered
    return frame


def main() -> None:
    """Write the answers and the numbers of members."""
    later = draw_later(np.random.default_rng(SEED))
    later.to_csv(HERE / "synthetic_later.csv", index=False, float_format="%g")
    members = pd.DataFrame({"team": MEMBERS.keys(), "members": MEMBERS.values()})
    members.to_csv(HERE / "synthetic_later_members.csv", index=False)


if __name__ == "__main__":
    main()
