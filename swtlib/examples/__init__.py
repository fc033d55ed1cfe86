"""Small, invented surveys to try the workbench on, each with its own codebook.

The answers come from :func:`swtlib.simulation.simulate_export`; the committed
file of an example is what :func:`write_example` writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from swtlib.codebook import load_codebook
from swtlib.errors import ParameterError, did_you_mean
from swtlib.simulation import simulate_export
from swtlib.wave import Wave, read_wave

EXAMPLES_DIR = Path(__file__).resolve().parent

__all__ = ["EXAMPLES_DIR", "load_example", "write_example"]


@dataclass(frozen=True, kw_only=True)
class _Recipe:
    """How the answers of an example are drawn."""

    year: int
    seed: int
    respondents: Mapping[str, int]
    broken_off: int
    levels: Mapping[str, float]
    weights: Mapping[str, tuple[int, ...]]


_RECIPES: Mapping[str, _Recipe] = {
    "bewoners": _Recipe(
        year=2016,
        seed=4,
        respondents={
            "zwolle_noord": 13,
            "zwolle_oost": 11,
            "zwolle_zuid": 8,
            "zwolle_west": 9,
            "zwolle_centrum": 7,
            "elburg": 7,
            "apeldoorn": 4,  # too small to be shown
            "wezep_oldebroek": 3,  # too small to be shown
        },
        broken_off=5,
        levels={
            "eigen_verbanden": 0.62,
            "aansluiting": 0.48,
            "eigen_inbreng": 0.68,
            "regie": 0.6,
        },
        weights={"bg_leeftijdsgroep": (4, 6, 7, 3), "bg_woonduur": (2, 4, 6)},
    ),
}


def load_example(name: str = "bewoners", *, year: int | None = None) -> Wave:
    """Load an invented survey as a wave.

    Parameters
    ----------
    name : str, default "bewoners"
        The example: a survey of residents on their own network.
    year : int, optional
        Year to show it under. An example belongs to no year, so that it may
        stand on the page of any wave.

    Returns
    -------
    Wave
        With origin "simulation"; its codebook is its own.

    Raises
    ------
    ParameterError
        If there is no such example.

    Examples
    --------
    >>> wave = load_example("bewoners")
    >>> len(wave.respondents), wave.origin_line()[:29]
    (62, 'Herkomst: verzonnen voorbeeld')
    """
    _recipe(name)
    wave = read_wave(EXAMPLES_DIR / name)
    if year is None:
        return wave
    return replace(wave, facts=replace(wave.facts, year=year))


def write_example(name: str = "bewoners", *, folder: Path | None = None) -> Path:
    """Draw the answers of an example again and write them.

    Parameters
    ----------
    name : str, default "bewoners"
        The example.
    folder : Path, optional
        Where to write ``results.csv``; by default beside its codebook, in the
        package. The answers are always the same.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ParameterError
        If there is no such example.
    """
    recipe = _recipe(name)
    home = EXAMPLES_DIR / name
    return simulate_export(
        load_codebook(home / "codebook"),
        (folder or home) / "results.csv",
        year=recipe.year,
        respondents=recipe.respondents,
        seed=recipe.seed,
        broken_off=recipe.broken_off,
        levels=recipe.levels,
        weights=recipe.weights,
    )


def _recipe(name: str) -> _Recipe:
    if name not in _RECIPES:
        raise ParameterError(
            f"there is no example '{name}'." + did_you_mean(name, _RECIPES)
        )
    return _RECIPES[name]
