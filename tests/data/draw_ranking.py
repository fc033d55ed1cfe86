"""Draw the synthetic wishes to develop that the ranks are checked on.

Run from the project folder: ``python tests/data/draw_ranking.py``. Nobody gave
these answers. The seed is fixed; a new draw asks for new R results, see
``tests/reference/README.md``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20150402
SIZES = {"acht": 8, "veertig": 40}
MEANS = [2.2, 2.0, 1.2, 1.1, 1.0, 0.3, -0.2]
MISSING = 0.05


def draw_wishes(rng: np.random.Generator) -> pd.DataFrame:
    """Draw whole steps on seven variables; the same people wish for more or less."""
    team = np.repeat(list(SIZES), list(SIZES.values()))
    person = 0.5 * rng.normal(size=(len(team), 1))
    wish = np.round(MEANS + person + 0.6 * rng.normal(size=(len(team), len(MEANS))))
    frame = pd.DataFrame(wish, columns=[f"wens_{i + 1}" for i in range(len(MEANS))])
    frame = frame.mask(rng.random(frame.shape) < MISSING)
    frame.insert(0, "team", team)
    acht = frame["team"] == "acht"
    frame.loc[acht, "wens_4"] = frame.loc[acht, "wens_3"].to_numpy()  # no spread, tied
    return frame


if __name__ == "__main__":
    drawn = draw_wishes(np.random.default_rng(SEED))
    whole = {name: "Int64" for name in drawn.columns if name != "team"}
    drawn.astype(whole).to_csv(HERE / "synthetic_ranking.csv", index=False)
