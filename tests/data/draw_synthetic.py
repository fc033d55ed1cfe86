"""Draw the synthetic answers that the estimates are checked on.

Run from the project folder: ``python tests/data/draw_synthetic.py``. Nobody
gave these answers. The seed is fixed; a new draw asks for new R results, see
``tests/reference/README.md``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20150401
SIZES = {"een": 1, "twee": 2, "zes": 6, "achttien": 18}
# All of team "twee" and "zes" answered: a census wherever no answer is missing.
MEMBERS = {"een": 3, "twee": 2, "zes": 6, "achttien": 26}
MISSING = 0.08


def draw_teams(rng: np.random.Generator) -> pd.DataFrame:
    """Draw answers 0-4 and pairs of grades 0-10 for teams of 1, 2, 6 and 18."""
    team = np.repeat(list(SIZES), list(SIZES.values()))
    frame = pd.DataFrame({"team": team})
    chances = ([0.05, 0.1, 0.2, 0.4, 0.25], [0.3, 0.3, 0.2, 0.15, 0.05])
    for i in range(4):
        drawn = rng.choice(5, size=len(frame), p=chances[i % 2]).astype(float)
        frame[f"stelling_{i + 1}"] = drawn
    for i in range(2):
        have = rng.integers(5, 10, size=len(frame)).astype(float)
        want = np.minimum(have + rng.integers(0, 4, size=len(frame)), 10)
        frame[f"cijfer_{i + 1}_have"], frame[f"cijfer_{i + 1}_want"] = have, want
    holes = rng.random((len(frame), frame.shape[1] - 1)) < MISSING
    frame[frame.columns[1:]] = frame[frame.columns[1:]].mask(holes)
    # Cases that must be there, whatever was drawn.
    zes, twee = frame["team"] == "zes", frame["team"] == "twee"
    frame.loc[zes, "stelling_1"] = [4.0, 3.0, 3.0, 2.0, 4.0, 1.0]  # a census
    frame.loc[zes, "stelling_2"] = [1.0, 0.0, np.nan, 2.0, 0.0, 3.0]  # 5 of 6
    frame.loc[zes, "stelling_4"] = [3.0, 3.0, np.nan, 3.0, 3.0, 3.0]  # all equal
    frame.loc[twee, "stelling_3"] = np.nan  # nobody answered
    frame.loc[twee, "stelling_4"] = [2.0, np.nan]  # one of two answered
    return frame


def draw_split(rng: np.random.Generator) -> pd.DataFrame:
    """Draw 66 respondents whose grades and answers share a common factor."""
    n = 66
    factor = rng.normal(size=n)
    frame = pd.DataFrame(index=range(n))
    for i in range(5):
        mark = 7.3 + 0.6 * factor + 0.9 * rng.normal(size=n)
        frame[f"cijfer_{i + 1}"] = np.clip(np.round(mark), 0, 10)
    for i in range(7):
        answer = 2.6 + 0.15 * i * factor + 0.9 * rng.normal(size=n)
        frame[f"stelling_{i + 1}"] = np.clip(np.round(answer), 0, 4)
    return frame.mask(rng.random(frame.shape) < MISSING)


if __name__ == "__main__":
    rng = np.random.default_rng(SEED)
    draws = {"synthetic_teams": draw_teams(rng), "synthetic_split": draw_split(rng)}
    for name, frame in draws.items():
        whole = {c: "Int64" for c in frame.columns if c != "team"}
        frame.astype(whole).to_csv(HERE / f"{name}.csv", index=False)
    members = pd.Series(MEMBERS, name="members").rename_axis("team").reset_index()
    members.to_csv(HERE / "synthetic_members.csv", index=False)
