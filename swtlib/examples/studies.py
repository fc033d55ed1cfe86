"""Invented result files of student studies, for the meta-analysis.

The answers of each study are drawn, and go the way of real ones: two groups set
beside each other, protected, written by `effects.write_effects`. The committed
files are what :func:`write_studies` writes.
"""

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from swtlib.comparison import compare_split
from swtlib.dice import Dice
from swtlib.disclosure import protect
from swtlib.effects import study_effects, write_effects

STUDIES_DIR = Path(__file__).resolve().parent / "effecten"
SEED = 11
SOURCE = "verzonnen voorbeeld"
# Of each study: the year, and how many residents had somebody with them or not.
STUDIES: Mapping[str, tuple[int, int, int]] = {
    "groep_a": (2016, 18, 16),
    "groep_b": (2016, 24, 19),
    "groep_c": (2016, 9, 17),
    "groep_d": (2017, 28, 25),
    "groep_e": (2017, 12, 11),
    "groep_f": (2018, 22, 30),
    "groep_g": (2018, 15, 8),
}
# Of each scale: mean and spread of the true effects, in standard deviations, and
# the studies that asked it.
SCALES: Mapping[str, tuple[float, float, str]] = {
    "regie": (0.55, 0.3, "abcdefg"),
    "aansluiting": (0.25, 0.0, "abdf"),
}
LINKED = "ef"  # studies that also asked about people's own network
LINK = 0.4  # of own network with regie
ITEMS, TOP = 3, 4  # a scale is the mean of three answers from 0 to 4
LABELS = {
    "regie": "De bewoner houdt de regie",
    "aansluiting": "Het wijkteam sluit aan bij eigen verbanden",
    "eigen_verbanden": "Eigen verbanden",
}

__all__ = ["STUDIES_DIR", "write_studies"]


def write_studies(folder: Path = STUDIES_DIR) -> list[Path]:
    """Draw the answers of the example studies, and write the effects of each.

    Parameters
    ----------
    folder : Path, optional
        Where the files come; by default in the package. They are always the
        same.

    Returns
    -------
    list of Path
        One file per study.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_studies(Path(folder))][:2]
    ['effecten_groep_a.csv', 'effecten_groep_b.csv']
    """
    return [_write_study(study, folder) for study in STUDIES]


def _write_study(study: str, folder: Path) -> Path:
    year, n_with, n_without = STUDIES[study]
    letter = study[-1]
    asked = [name for name, about in SCALES.items() if letter in about[2]]
    group = [1.0] * n_with + [0.0] * n_without
    network = Dice(SEED, f"{study}/network").normals(len(group))
    link = LINK if letter in LINKED else 0.0
    answers = pd.DataFrame(
        {name: _draw_scale(study, name, group, network, link) for name in asked}
    )
    erbij = pd.DataFrame({"bg_naaste": group})
    found = compare_split(erbij, answers, split="cutpoint", cutpoint=1, test="welch")
    effects_of = partial(
        study_effects,
        study=study,
        year=year,
        labels=LABELS,
        origin="simulation",
        source=SOURCE,
    )
    tables = [
        effects_of(
            protect(found, kind="comparison"),
            kinds=["hedges_g"],
            comparison="bg_naaste_ja",
            contrast="‘ja, er was iemand bij’ min andere bewoners",
        )
    ]
    if letter in LINKED:
        dice = Dice(SEED, f"{study}/eigen_verbanden")
        own = [_answer(dice, 0.55 + 0.2 * each) for each in network]
        linked = compare_split(
            pd.DataFrame({"eigen_verbanden": own}), answers[["regie"]], test="welch"
        )
        tables.append(
            effects_of(
                protect(linked, kind="comparison"),
                kinds=["spearman_z"],
                contrast="samenhang met eigen verbanden",
            )
        )
    return write_effects(*tables, folder=folder)


def _draw_scale(
    study: str, name: str, group: list[float], network: list[float], link: float
) -> list[float]:
    """Draw a scale of which the group with somebody is higher by a true effect."""
    mean, spread, _ = SCALES[name]
    dice = Dice(SEED, f"{study}/{name}")
    effect = mean + spread * dice.normal()
    rest = math.sqrt(1 - link**2)
    scores = []
    for with_somebody, own in zip(group, network, strict=True):
        person = link * own + rest * dice.normal() + effect * (with_somebody - 0.5)
        scores.append(_answer(dice, 0.5 + 0.2 * person))
    return scores


def _answer(dice: Dice, level: float) -> float:
    """Draw the mean of some answers around a level from 0 to 1."""
    points = [
        math.floor(min(max(level + 0.12 * dice.normal(), 0.0), 1.0) * TOP + 0.5)
        for _ in range(ITEMS)
    ]
    return sum(points) / (ITEMS * TOP)
