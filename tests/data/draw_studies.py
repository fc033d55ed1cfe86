"""Draw the effects of invented studies that the meta-analysis is checked on.

Run from the project folder: ``python tests/data/draw_studies.py``. The seed is
fixed; a new draw asks for new R results, see ``tests/reference/README.md``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SEED = 20170611
# How many studies, and how far their true effects lie apart.
SETS = {"negen": (9, 0.6), "zes": (6, 0.15), "drie": (3, 1.0), "ver": (5, 3.0)}


def draw_set(rng: np.random.Generator, name: str, k: int, tau: float) -> pd.DataFrame:
    """Draw effects of k studies of 12 to 60 people."""
    se = np.round(2 / np.sqrt(rng.integers(12, 61, size=k)), 3)
    estimate = np.round(0.4 + tau * rng.normal(size=k) + se * rng.normal(size=k), 3)
    return pd.DataFrame({"set": name, "estimate": estimate, "se": se})


if __name__ == "__main__":
    rng = np.random.default_rng(SEED)
    sets = [draw_set(rng, name, *about) for name, about in SETS.items()]
    # Cases that must be there, whatever was drawn.
    sets += [
        pd.DataFrame({"set": "twee", "estimate": [0.2, 0.9], "se": [0.25, 0.3]}),
        pd.DataFrame({"set": "gelijk", "estimate": 0.4, "se": [0.3, 0.3, 0.45]}),
        pd.DataFrame(
            {"set": "dichtbij", "estimate": [0.3, 0.35, 0.42, 0.38], "se": 0.3}
        ),
        pd.DataFrame(
            {"set": "precies", "estimate": [-0.61, 0.02, 0.48, 1.1], "se": 0.002}
        ),
    ]
    pd.concat(sets).to_csv(
        HERE / "synthetic_studies.csv", index=False, lineterminator="\n"
    )
