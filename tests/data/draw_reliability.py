"""Draw the synthetic answers that the reliabilities are checked on.

Run from the project folder: ``python tests/data/draw_reliability.py``. Nobody
gave these answers. The seed is fixed; a new draw asks for new R results, see
``tests/reference/README.md``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20150402
N = 66
MISSING = 0.04
# How much of what a scale measures is in each statement; below 0 is reversed.
SCALES = {
    "zes": (0.9, 0.7, -0.8, 0.5, 0.6, 0.9),
    "drie": (0.9, 0.8, 0.7),
    "twee": (0.9, 0.7),
}


def draw_answers(rng: np.random.Generator) -> pd.DataFrame:
    """Draw answers 0-4 of 66 respondents to scales of 6, 3 and 2 statements."""
    frame = pd.DataFrame(index=range(N))
    for scale, weights in SCALES.items():
        factor = rng.normal(size=N)
        for i, weight in enumerate(weights):
            answer = 2.2 + weight * factor + 0.8 * rng.normal(size=N)
            frame[f"{scale}_{i + 1}"] = np.clip(np.round(answer), 0, 4)
    # Nobody chose the highest answer to the reversed statement.
    frame["zes_3"] = frame["zes_3"].clip(upper=3)
    return frame.mask(rng.random(frame.shape) < MISSING)


if __name__ == "__main__":
    frame = draw_answers(np.random.default_rng(SEED)).astype("Int64")
    frame.to_csv(HERE / "synthetic_reliability.csv", index=False)
