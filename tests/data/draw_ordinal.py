"""Draw the synthetic answers that ordinal regressions are checked on.

Run from the project folder: ``python tests/data/draw_ordinal.py``. Nobody gave
these answers. The seed is fixed; a new draw asks for new R results, see
``tests/reference/README.md``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20150403
SIZES = (18, 11, 10, 9, 8, 7, 2, 1)
MISSING = 0.06


def draw_answers(rng: np.random.Generator) -> pd.DataFrame:
    """Draw grades 1-10 and answers 0-4 of 66 people in teams that differ a little."""
    team = np.repeat(np.arange(len(SIZES)), SIZES)
    n = len(team)
    factor = rng.normal(size=n) + 0.4 * rng.normal(size=len(SIZES))[team]
    frame = pd.DataFrame({"team": [f"team_{name + 1}" for name in team]})
    for i in range(3):
        mark = 7.3 + 0.7 * factor + 0.8 * rng.normal(size=n)
        frame[f"cijfer_{i + 1}"] = np.clip(np.round(mark), 1, 10)
    for name, weight in (("zwak", 0.2), ("sterk", 1.2), ("omgekeerd", -0.6)):
        answer = 2.3 + weight * factor + 0.8 * rng.normal(size=n)
        frame[name] = np.clip(np.round(answer), 0, 4)
    frame["gat"] = frame["zwak"].replace({2.0: 3.0, 0.0: 1.0})  # only 1, 3 and 4
    frame["ja_nee"] = (frame["sterk"] >= 3).astype(float)
    frame = frame.mask(rng.random(frame.shape) < MISSING)
    frame["team"] = [f"team_{name + 1}" for name in team]
    # A higher cijfer_1 always goes with the same or a higher answer.
    frame["gescheiden"] = np.clip(frame["cijfer_1"] - 5, 0, 4)
    return frame


if __name__ == "__main__":
    frame = draw_answers(np.random.default_rng(SEED))
    whole = {c: "Int64" for c in frame.columns if c != "team"}
    frame.astype(whole).to_csv(HERE / "synthetic_ordinal.csv", index=False)
