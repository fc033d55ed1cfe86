"""What ``wave.toml`` says about a wave: year, origin, team sizes, notes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, cast

from swtlib._toml_table import TomlTable, load_toml
from swtlib.codebook import Team, load_codebook
from swtlib.disclosure import MIN_CELL_N
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
MADE_UP = "verzonnen_"  # begins the name of an export that is made up
UNKNOWN = "onbekend"  # the number of members of a team
KEYS = (
    "year",
    "title",
    "origin",
    "example",
    "export",
    "fieldwork",
    "open_answers",
    "open_answers_source",
    "min_cell_n",
    "words",
    "drop",
    "members",
    "note",
    "recode",
    "team_change",
)
TeamChangeKind = Literal["split", "merged", "half_replaced", "renamed"]
TEAM_CHANGES: Mapping[str, str] = {
    "split": "gesplitst",
    "merged": "samengevoegd",
    "half_replaced": "voor de helft of meer vernieuwd",
    "renamed": "van naam veranderd",
}
FROM_TEAMS: Mapping[str, str] = {
    "split": "one team",
    "merged": "two or more teams",
    "half_replaced": "no team",
    "renamed": "one team",
}


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something a reader must know, shown where they would stumble on it."""

    id: str
    notebooks: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Recode:
    """A correction that a person wrote down: a code of the export, and the right one.

    An empty ``to`` is "no answer".
    """

    column: str
    code: str
    to: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class TeamChange:
    """What became of a team since an earlier wave; its scores then are of others.

    Parameters
    ----------
    team : str
        The team of this wave.
    kind : {"split", "merged", "half_replaced", "renamed"}
        What happened; "half_replaced" is half of the members or more.
    since : int
        Year of the wave that it is seen from.
    from_teams : tuple of str
        The team or teams it was then; empty for "half_replaced".
    text : str
        What a reader must know, in Dutch.
    """

    team: str
    kind: TeamChangeKind
    since: int
    from_teams: tuple[str, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Which responses do not count; what is not declared is only counted."""

    broken_off: bool = True
    duplicates: bool = False
    speeders: bool = False
    tests: bool = False


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

    @property
    def survey(self) -> str:
        """What stands above the pages, such as "Wijken"."""
        if self == Words():
            return "Sociale wijkteams"
        return self.groups[:1].upper() + self.groups[1:]


@dataclass(frozen=True, kw_only=True)
class WaveFacts:
    """What ``wave.toml`` says about a wave; no answers.

    ``folder`` is where it stands, ``place`` how messages name the file, and
    ``example`` says that the answers were made up to show what a page is like.
    ``min_cell_n`` is the fewest answers behind a figure that is shown.
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
    recodes: tuple[Recode, ...]
    open_answers: str
    open_answers_source: str
    example: bool = False
    words: Words = Words()
    drop: Drop = Drop()
    team_changes: tuple[TeamChange, ...] = ()
    min_cell_n: int = MIN_CELL_N

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
            f"(waves found: {', '.join(found) or 'none'}). 'swt start {year}' makes "
            "one."
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
    file = load_toml(path, place=place, fault=WaveError)
    file.check_keys(*KEYS)
    origin = cast(Origin, file.one_of("origin", tuple(ORIGINS)))
    if file.flag("example") and origin != "simulation":
        raise WaveError(
            f'{place}: example = true goes with origin = "simulation" only. Take '
            "'example' out when the answers are real."
        )
    if file.text("export").startswith(MADE_UP) and origin != "simulation":
        raise WaveError(
            f'{place}: origin = "{origin}", but export = "{file.text("export")}" holds '
            "made-up answers. Name the export of your own survey there."
        )
    words = file.table("words")
    words.check_keys(*sorted(field.name for field in fields(Words)))
    drop = file.table("drop")
    drop.check_keys(*(field.name for field in fields(Drop)))
    year, members = file.number("year"), _read_members(file, teams)
    return WaveFacts(
        folder=path.parent,
        place=place,
        year=year,
        title=file.text("title"),
        origin=origin,
        example=file.flag("example"),
        export=file.text("export"),
        fieldwork=file.text("fieldwork", ""),
        words=Words(**{word: words.text(word) for word in words.data}),
        drop=Drop(**{rule: drop.flag(rule) for rule in drop.data}),
        min_cell_n=_read_limit(file),
        members=members,
        notes=tuple(_read_note(table) for table in file.tables("note", "note")),
        recodes=tuple(_read_recode(t) for t in file.tables("recode", "recode")),
        open_answers=file.text("open_answers", ""),
        open_answers_source=file.text("open_answers_source", ""),
        team_changes=tuple(
            _read_team_change(table, year, members, teams)
            for table in file.tables("team_change", "team_change")
        ),
    )


def _read_limit(file: TomlTable) -> int:
    limit = file.number("min_cell_n", MIN_CELL_N)
    if limit < MIN_CELL_N:
        raise WaveError(
            f"{file.place}: min_cell_n = {limit}; it may be raised above {MIN_CELL_N}, "
            "never lowered. Leave it out, or write a higher number."
        )
    return limit


def _read_members(file: TomlTable, teams: Mapping[str, Team]) -> dict[str, int | None]:
    """Read the number of members of each team, in the order of the codebook."""
    table = file.table("members")
    if not table.data:
        raise WaveError(
            f"{file.place}: [members] is missing. Add a line for each team: its "
            'number of members, or "onbekend".'
        )
    for team, size in table.data.items():
        if team not in teams:
            raise WaveError(
                f"{file.place}: [members] names a team '{team}' that teams.toml does "
                "not have." + did_you_mean(team, teams)
            )
        if size != UNKNOWN and (type(size) is not int or size < 1):
            raise WaveError(
                f"{file.place}: [members] {team} = {size!r} must be a number above 0, "
                'or "onbekend".'
            )
    sizes = {team: table.data[team] for team in teams if team in table.data}
    return {team: None if size == UNKNOWN else size for team, size in sizes.items()}


def _read_note(table: TomlTable) -> Note:
    table.check_keys("id", "notebooks", "text")
    if not table.texts("notebooks"):
        raise WaveError(
            f"{table.place}: 'notebooks' is missing. Name the notebooks that show it."
        )
    return Note(
        id=table.text("id"),
        notebooks=table.texts("notebooks"),
        text=table.text("text"),
    )


def _read_recode(table: TomlTable) -> Recode:
    table.check_keys("column", "code", "to", "reason")
    return Recode(
        column=table.text("column"),
        code=table.text("code"),
        to=table.text("to", ""),
        reason=table.text("reason"),
    )


def _read_team_change(
    table: TomlTable,
    year: int,
    members: Mapping[str, int | None],
    teams: Mapping[str, Team],
) -> TeamChange:
    table.check_keys("team", "kind", "since", "from_teams", "text")
    kind = cast(TeamChangeKind, table.one_of("kind", tuple(TEAM_CHANGES)))
    team = table.one_of("team", tuple(members))
    since = table.number("since", year - 1)
    if since >= year:
        raise WaveError(
            f"{table.place}: since = {since} must be before {year}. It is the year of "
            "the wave that the team is compared with."
        )
    before = table.texts("from_teams")
    for name in before:
        if name not in teams:
            raise WaveError(
                f"{table.place}: from_teams names a team '{name}' that teams.toml does "
                "not have." + did_you_mean(name, teams)
            )
    n = len(set(before))
    if FROM_TEAMS[kind] != ("no team", "one team", "two or more teams")[min(n, 2)]:
        raise WaveError(
            f'{table.place}: kind = "{kind}" goes with {FROM_TEAMS[kind]} in '
            f"from_teams (what it was in {since}), not {n}."
        )
    return TeamChange(
        team=team,
        kind=kind,
        since=since,
        from_teams=before,
        text=table.text("text"),
    )
