"""Draw the synthetic answers that agreement and pooling are checked on.

Run from the project folder: ``python tests/data/draw_team_quality.py``. Nobody
gave these answers. The seed is fixed; a new draw asks for new R results, see
``tests/reference/README.md``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20150403
SIZES = {
    **{"achttien": 18, "twaalf": 12, "negen": 9, "zeven": 7, "zes": 6},
    **{"vijf": 5, "vier": 4, "twee": 2, "een": 1},
}
MISSING = 0.05


def draw_teams(rng: np.random.Generator) -> pd.DataFrame:
    """Draw a scale of three statements, two statements and a grade."""
    place = np.repeat(np.arange(len(SIZES)), list(SIZES.values()))
    n = len(place)
    effect = rng.normal(size=(3, len(SIZES)))[:, place]
    person = rng.normal(size=n)
    frame = pd.DataFrame({"team": np.array(list(SIZES))[place]})

    def answers(centre: np.ndarray, high: int) -> np.ndarray:
        return np.clip(np.round(centre + rng.normal(size=n)), 0, high)

    for i in range(3):
        frame[f"schaal_{i + 1}"] = answers(2.2 + 0.4 * effect[0] + 0.6 * person, 4)
    frame["schaal_3"] = 4 - frame["schaal_3"]  # worded the other way round
    frame["stelling"] = answers(2.4 + 0.7 * effect[1], 4)
    frame["cijfer"] = answers(7 + 1.2 * effect[2], 10)
    # Every team draws alike from the same answers: nothing lies between them.
    inside = frame.groupby("team", sort=False).cumcount().to_numpy()
    frame["zonder_verschil"] = (2 * inside) % 5
    frame = frame.mask(rng.random(frame.shape) < MISSING).assign(team=frame["team"])
    # Cases that must be there, whatever was drawn.
    frame.loc[frame["team"] == "zeven", "stelling"] = 3.0  # all equal
    vijf = frame["team"] == "vijf"
    frame.loc[vijf, ["schaal_1", "schaal_2"]] = 3.0
    frame.loc[vijf, "schaal_3"] = 1.0
    frame.loc[frame["team"] == "zes", "cijfer"] = [0.0, 10.0, 0.0, 10.0, 0.0, 10.0]
    return frame


def draw_balanced(rng: np.random.Generator) -> pd.DataFrame:
    """Draw eight teams of six, all answered: with and without differences."""
    team = np.repeat(np.arange(8), 6)
    frame = pd.DataFrame({"team": [f"team_{i + 1}" for i in team]})
    effect = rng.normal(size=8)[team]
    noise = rng.normal(size=(2, len(team)))
    frame["stelling"] = np.clip(np.round(2 + 0.6 * effect + 0.9 * noise[0]), 0, 4)
    # Taking out most of what lies between teams leaves less than chance would.
    between = pd.Series(noise[1]).groupby(team).transform("mean")
    frame["negatief"] = np.clip(np.round(2 + 1.1 * (noise[1] - 0.9 * between)), 0, 4)
    return frame


if __name__ == "__main__":
    rng = np.random.default_rng(SEED)
    draws = {
        "synthetic_team_quality": draw_teams(rng),
        "synthetic_team_balanced": draw_balanced(rng),
    }
    for name, frame in draws.items():
        whole = {c: "Int64" for c in frame.columns if c != "team"}
        frame.astype(whole).to_csv(HERE / f"{name}.csv", index=False)
