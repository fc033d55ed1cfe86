"""What ``wave.toml`` says about a wave: year, origin, team sizes, notes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from swtlib.codebook import load_codebook
from swtlib.errors import WaveError, did_you_mean
from swtlib.project import raw_dir

Origin = Literal["fieldwork", "reconstruction", "simulation"]
ORIGINS: Mapping[str, str] = {
    "fieldwork": "veldwerk",
    "reconstruction": "reconstructie",
    "simulation": "simulatie",
}
ORIGIN_LINES: Mapping[str, str] = {
    "fieldwork": "Herkomst: antwoorden van professionals, meting {year}.",
    "reconstruction": (
        "Herkomst: reconstructie. Verzonnen antwoorden die de gepubliceerde cijfers "
        "van {year} navolgen; geen antwoorden van echte mensen."
    ),
    "simulation": (
        "Herkomst: simulatie. Verzonnen antwoorden voor {year}, met bekende "
        "veranderingen ingebouwd; geen antwoorden van echte mensen."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something a reader must know, shown where they would stumble on it."""

    id: str
    notebooks: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class WaveFacts:
    """What ``wave.toml`` says about a wave; no answers."""

    year: int
    title: str
    origin: Origin
    export: str
    fieldwork: str
    members: Mapping[str, int | None]
    notes: tuple[Note, ...]
    recodes: tuple[Mapping[str, str], ...]
    open_answers: str
    open_answers_source: str


def load_facts(year: int) -> WaveFacts:
    """Read ``wave.toml`` of a wave.

    Parameters
    ----------
    year : int
        Year of the wave.

    Returns
    -------
    WaveFacts

    Raises
    ------
    WaveError
        If it is missing or a key is wrong; the message says what to write.
    """
    path = raw_dir(year) / "wave.toml"
    if not path.is_file():
        found = sorted(p.parent.name for p in path.parent.parent.glob("*/wave.toml"))
        raise WaveError(
            f"There is no wave {year}: data/raw/{year}/wave.toml is missing "
            f"(waves found: {', '.join(found) or 'none'}). Copy the one of another "
            "year and fill in year, origin, export and the number of members per team."
        )
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        place = f"data/raw/{year}/wave.toml"
        raise WaveError(f"{place} is not valid TOML: {fault}.") from None
    return _facts(data, year)


def _facts(data: dict[str, Any], year: int) -> WaveFacts:
    place = f"data/raw/{year}/wave.toml"
    known = (
        "year",
        "title",
        "origin",
        "export",
        "fieldwork",
        "open_answers",
        "open_answers_source",
        "members",
        "note",
        "recode",
    )
    for key in data:
        if key not in known:
            raise WaveError(f"{place}: unknown key '{key}'." + did_you_mean(key, known))
    for key in ("year", "title", "origin", "export", "members"):
        if key not in data:
            raise WaveError(f"{place}: '{key}' is missing.")
    if data["year"] != year:
        raise WaveError(f"{place}: year = {data['year']}, but the folder is {year}.")
    if data["origin"] not in ORIGINS:
        raise WaveError(
            f"{place}: origin = '{data['origin']}' is not known."
            + did_you_mean(str(data["origin"]), ORIGINS)
        )
    teams = load_codebook().teams
    for team, size in data["members"].items():
        if team not in teams:
            raise WaveError(
                f"{place}: [members] names a team '{team}' that teams.toml does not "
                "have." + did_you_mean(team, teams)
            )
        if size != "onbekend" and (not isinstance(size, int) or size < 1):
            raise WaveError(
                f"{place}: [members] {team} = {size!r} must be a number above 0, or "
                '"onbekend".'
            )
    return WaveFacts(
        year=year,
        title=str(data["title"]),
        origin=cast(Origin, data["origin"]),
        export=str(data["export"]),
        fieldwork=str(data.get("fieldwork", "")),
        members={
            team: None if data["members"][team] == "onbekend" else data["members"][team]
            for team in teams
            if team in data["members"]
        },
        notes=tuple(
            Note(id=n["id"], notebooks=tuple(n["notebooks"]), text=n["text"])
            for n in data.get("note", [])
        ),
        recodes=tuple(data.get("recode", [])),
        open_answers=str(data.get("open_answers", "")),
        open_answers_source=str(data.get("open_answers_source", "")),
    )
