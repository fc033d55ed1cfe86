"""What ``wave.toml`` says about a wave: year, origin, team sizes, notes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, cast

from swtlib.codebook import Team, load_codebook
from swtlib.errors import WaveError, did_you_mean
from swtlib.project import raw_dir

Origin = Literal["fieldwork", "reconstruction", "simulation"]
ORIGINS: Mapping[str, str] = {
    "fieldwork": "veldwerk",
    "reconstruction": "reconstructie",
    "simulation": "simulatie",
}
ORIGIN_LINES: Mapping[str, str] = {
    "fieldwork": "Herkomst: antwoorden van {people}, meting {year}.",
    "reconstruction": (
        "Herkomst: reconstructie. Verzonnen antwoorden die de gepubliceerde cijfers "
        "van {year} navolgen; geen antwoorden van echte mensen."
    ),
    "simulation": (
        "Herkomst: simulatie. Verzonnen antwoorden voor {year}, met bekende "
        "veranderingen ingebouwd; geen antwoorden van echte mensen."
    ),
}
EXAMPLE_LINE = (
    "Herkomst: verzonnen voorbeeld. Het laat zien hoe zo’n pagina eruitziet; het zijn "
    "geen antwoorden van echte mensen."
)
KEYS = (
    "year",
    "title",
    "origin",
    "example",
    "export",
    "fieldwork",
    "open_answers",
    "open_answers_source",
    "words",
    "members",
    "note",
    "recode",
)


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something a reader must know, shown where they would stumble on it."""

    id: str
    notebooks: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the respondents and their groups are called on a page.

    Parameters
    ----------
    people : str
        Those who answered, in the plural.
    members : str
        Those who could have answered, in the plural.
    group, groups : str
        What they are grouped by, one and many.
    short : str
        The plural in tables and figures: "alle ...", "andere ...".
    own : str
        One of them with its article, in a legend.
    """

    people: str = "professionals"
    members: str = "leden"
    group: str = "wijkteam"
    groups: str = "wijkteams"
    short: str = "teams"
    own: str = "het team"


@dataclass(frozen=True, kw_only=True)
class WaveFacts:
    """What ``wave.toml`` says about a wave; no answers.

    ``folder`` is where it stands, ``place`` how messages name the file, and
    ``example`` says that the answers were made up to show what a page is like.
    """

    folder: Path
    place: str
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
    example: bool = False
    words: Words = Words()

    @property
    def occasion(self) -> str:
        """The measurement as a page names it in passing."""
        return "verzonnen voorbeeld" if self.example else f"meting {self.year}"

    def origin_line(self) -> str:
        """Give the Dutch line on origin that belongs under every figure."""
        if self.example:
            return EXAMPLE_LINE
        return ORIGIN_LINES[self.origin].format(
            year=self.year, people=self.words.people
        )


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
            "year, take out [[note]], [[recode]] and open_answers, and fill in year, "
            "origin, export and the number of members per team."
        )
    place = f"data/raw/{year}/wave.toml"
    facts = read_facts(path, load_codebook().teams, place=place)
    if facts.year != year:
        raise WaveError(f"{place}: year = {facts.year}, but the folder is {year}.")
    return facts


def read_facts(path: Path, teams: Mapping[str, Team], *, place: str = "") -> WaveFacts:
    """Read a ``wave.toml`` that may stand anywhere.

    Parameters
    ----------
    path : Path
        The file; it must be there.
    teams : mapping of str to Team
        Teams of the codebook that the wave was asked with.
    place : str, optional
        How messages name the file; by default its folder and name.

    Returns
    -------
    WaveFacts

    Raises
    ------
    WaveError
        If a key is missing or wrong; the message says what to write.
    """
    place = place or f"{path.parent.name}/{path.name}"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise WaveError(f"{place} is not valid TOML: {fault}.") from None
    _check_facts(data, teams, place)
    return WaveFacts(
        folder=path.parent,
        place=place,
        year=data["year"],
        title=str(data["title"]),
        origin=cast(Origin, data["origin"]),
        example=bool(data.get("example")),
        export=str(data["export"]),
        fieldwork=str(data.get("fieldwork", "")),
        words=Words(**data.get("words", {})),
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


def _check_facts(data: dict[str, Any], teams: Mapping[str, Team], place: str) -> None:
    for key in data:
        if key not in KEYS:
            raise WaveError(f"{place}: unknown key '{key}'." + did_you_mean(key, KEYS))
    for key in ("year", "title", "origin", "export", "members"):
        if key not in data:
            raise WaveError(f"{place}: '{key}' is missing.")
    if not isinstance(data["year"], int):
        raise WaveError(f"{place}: year = {data['year']!r} must be a whole number.")
    if data["origin"] not in ORIGINS:
        raise WaveError(
            f"{place}: origin = '{data['origin']}' is not known."
            + did_you_mean(str(data["origin"]), ORIGINS)
        )
    if data.get("example") and data["origin"] != "simulation":
        raise WaveError(
            f'{place}: example = true goes with origin = "simulation" only. Take '
            "'example' out when the answers are real."
        )
    words = {field.name for field in fields(Words)}
    for word in data.get("words", {}):
        if word not in words:
            raise WaveError(
                f"{place}: [words] has an unknown key '{word}'."
                + did_you_mean(word, sorted(words))
            )
    for note in data.get("note", []):
        fits = set(note) == {"id", "notebooks", "text"}
        if not fits or not isinstance(note["notebooks"], list):
            raise WaveError(
                f"{place}: a [[note]] has exactly id, notebooks = [...] and text; "
                f"found {', '.join(note)}."
            )
    for team, size in data["members"].items():
        if team not in teams:
            raise WaveError(
                f"{place}: [members] names a team '{team}' that teams.toml does not "
                "have." + did_you_mean(team, teams)
            )
        number = isinstance(size, int) and not isinstance(size, bool)
        if size != "onbekend" and (not number or size < 1):
            raise WaveError(
                f"{place}: [members] {team} = {size!r} must be a number above 0, or "
                '"onbekend".'
            )
