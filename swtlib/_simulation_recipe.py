"""Reads how the answers of a made-up wave are drawn: ``simulation.toml``.

With ``from = 2015`` they start from the levels of the reconstruction and hold
known changes (`load_recipe`). Without ``from`` they are drawn from the codebook
alone (`load_draw`): for a questionnaire that nobody has answered yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from swtlib._toml_table import TomlTable, load_toml
from swtlib._wave_facts import WaveFacts, load_facts
from swtlib.codebook import Codebook, Item, load_codebook
from swtlib.errors import WaveError, did_you_mean
from swtlib.project import raw_dir

RECIPE = "simulation.toml"
BASE_YEAR = 2015  # the year whose levels are published


@dataclass(frozen=True, kw_only=True)
class KnownChange:
    """A change that is built in.

    Parameters
    ----------
    id : str
        Its name.
    of : str
        A scale or an item of the wave.
    by : float
        Change of the mean of all members since 2015: on the score of 0 to 1,
        or in points of a grade.
    teams : mapping of str to float
        Teams with another change.
    text : str
        What changes, in Dutch.
    """

    id: str
    of: str
    by: float
    teams: Mapping[str, float]
    text: str

    def in_team(self, team: str) -> float:
        """Give the change in one team."""
        return self.teams.get(team, self.by)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What ``simulation.toml`` says of who answers."""

    seed: int
    broken_off: int
    respondents: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Recipe(Draw):
    """What ``simulation.toml`` says: who answers, and what changes."""

    changes: tuple[KnownChange, ...]


def load_draw(year: int) -> Draw | None:
    """Read how made-up answers are drawn from the codebook alone.

    Parameters
    ----------
    year : int
        Year of the wave; its folder has ``wave.toml`` and ``simulation.toml``.

    Returns
    -------
    Draw or None
        None if the file says ``from``, and so is one for `load_recipe`.

    Raises
    ------
    WaveError
        If a file is missing, or a key in it is wrong.
    """
    file = _read_recipe(year)
    return None if "from" in file.data else _draw_of(file, load_facts(year))


def read_draw(path: Path, facts: WaveFacts) -> Draw:
    """Read a ``simulation.toml`` without ``from``, wherever it stands.

    Parameters
    ----------
    path : Path
        The file; it must be there.
    facts : WaveFacts
        Of the wave that it is for.

    Returns
    -------
    Draw

    Raises
    ------
    WaveError
        If a key in it is wrong.
    """
    return _draw_of(load_toml(path, fault=WaveError), facts)


def _draw_of(file: TomlTable, facts: WaveFacts) -> Draw:
    file.check_keys("seed", "broken_off", "respondents")
    respondents = file.table("respondents")
    respondents.check_keys(*facts.members)
    return Draw(
        seed=file.number("seed"),
        broken_off=file.number("broken_off", 0),
        respondents={team: respondents.number(team, 0) for team in facts.members},
    )


def _read_recipe(year: int) -> TomlTable:
    place = f"data/raw/{year}/{RECIPE}"
    path = raw_dir(year) / RECIPE
    if not path.is_file():
        raise WaveError(
            f"{place} is missing, so there is nothing to draw. data/raw/2016 has such "
            "a file to start from."
        )
    return load_toml(path, place=place, fault=WaveError)


def load_recipe(year: int) -> Recipe:
    """Read what is built into the made-up answers of a year.

    Parameters
    ----------
    year : int
        Year of the wave; its folder has ``wave.toml`` and ``simulation.toml``.

    Returns
    -------
    Recipe

    Raises
    ------
    WaveError
        If a file is missing, or a key in it is wrong.

    Examples
    --------
    >>> load_recipe(2016).changes[0].in_team("zwolle_west")
    -0.1
    """
    facts, file = load_facts(year), _read_recipe(year)
    file.check_keys("seed", "from", "broken_off", "respondents", "change")
    if file.number("from") != BASE_YEAR:
        raise WaveError(
            f"{file.place}: from must be {BASE_YEAR}: only of that year are there "
            "levels to start from that are no one's answers."
        )
    broken_off = file.number("broken_off", 0)
    respondents = _read_respondents(file, facts, broken_off)
    known = _changeable(load_codebook(), year)
    return Recipe(
        seed=file.number("seed"),
        broken_off=broken_off,
        respondents=respondents,
        changes=tuple(
            _read_change(table, facts, known)
            for table in file.tables("change", "change")
        ),
    )


def _changeable(codebook: Codebook, year: int) -> tuple[str, ...]:
    """Name the items and scales that a change can be of."""
    names: list[str] = []
    for instrument, item in codebook.columns(year).values():
        if is_drawn(item):
            names += [item.id, *(s.id for s in instrument.scales.values())]
    return tuple(dict.fromkeys(names))


def is_drawn(item: Item) -> bool:
    """Say whether an item is a statement or a grade, not background."""
    return item.response.kind in ("scale", "number") and item.aspect != "background"


def _read_respondents(
    file: TomlTable, facts: WaveFacts, broken_off: int
) -> dict[str, int]:
    table = file.table("respondents")
    room = 0
    for team, size in facts.members.items():
        if size is None:
            raise WaveError(
                f"{facts.place}: [members] {team} must be a number: a simulation draws "
                "the answers of every member."
            )
        n = table.number(team, 0)
        if not 0 <= n <= size:
            raise WaveError(
                f"{table.place}: {team} = {n} must be between 0 and its {size} members "
                f"in {facts.place}."
            )
        room += size - n
    table.check_keys(*facts.members)
    if not table.data or not 0 <= broken_off <= room:
        raise WaveError(
            f"{file.place}: [respondents] must name at least one team, and broken_off "
            f"= {broken_off} must be between 0 and the {room} members that are left."
        )
    return {team: table.number(team, 0) for team in facts.members}


def _read_change(
    table: TomlTable, facts: WaveFacts, known: tuple[str, ...]
) -> KnownChange:
    table.check_keys("id", "of", "by", "teams", "text")
    teams = table.table("teams")
    for team in teams.data:
        if team not in facts.members:
            raise WaveError(
                f"{table.place}: teams names '{team}', which [members] in "
                f"{facts.place} does not have." + did_you_mean(team, facts.members)
            )
    return KnownChange(
        id=table.text("id"),
        of=table.one_of("of", known),
        by=table.decimal("by"),
        teams={team: teams.decimal(team) for team in teams.data},
        text=table.text("text"),
    )
