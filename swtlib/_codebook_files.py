"""Reads the TOML files of a codebook; a fault names file, key and mend."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast

from swtlib._codebook_model import (
    ALWAYS,
    ASPECTS,
    FIRST_WAVE,
    KINDS,
    WORDINGS,
    Aspect,
    Choice,
    Codebook,
    Eligibility,
    Instrument,
    Item,
    Kind,
    Response,
    Scale,
    Team,
    Wording,
)
from swtlib._toml_table import TomlTable, load_toml
from swtlib.errors import CodebookError, did_you_mean
from swtlib.groups import ALL, OTHERS

TAKEN = (ALL, OTHERS, "own")  # what tables and figures call groups of teams
TEAM_ID = re.compile(r"[a-z0-9_]+")


def read_codebook(folder: Path) -> Codebook:
    """Read and check every file in a folder; see `codebook.load_codebook`."""
    teams_file = folder / "teams.toml"
    if not teams_file.is_file():
        raise CodebookError(f"{folder} has no teams.toml: a codebook needs its teams.")
    teams = _read_teams(teams_file)
    found = [
        _read_instrument(path, teams)
        for path in sorted(folder.glob("*.toml"))
        if path != teams_file
    ]
    instruments = {i.id: i for i in sorted(found, key=lambda i: (i.page, i.id))}
    _check_unique(found)
    _check_eligibility(found)
    _check_comparable(found)
    return Codebook(
        instruments=MappingProxyType(instruments),
        teams=MappingProxyType(teams),
        folder=folder,
    )


def _read_teams(path: Path) -> dict[str, Team]:
    file = load_toml(path)
    file.check_keys("team")
    teams: dict[str, Team] = {}
    for table in file.tables("team", "team"):
        table.check_keys("id", "label", "code", "municipality", "also_known_as")
        team = Team(
            id=table.text("id"),
            label=table.text("label"),
            code=table.text("code"),
            municipality=table.text("municipality"),
            also_known_as=table.texts("also_known_as"),
        )
        if team.id in teams or team.id in TAKEN:
            raise CodebookError(
                f"{table.place}: this id is taken. Give each team its own id."
            )
        if not TEAM_ID.fullmatch(team.id):
            raise CodebookError(
                f"{table.place}: a team id is also the name of a folder. Use lower "
                "case letters, digits and _ only."
            )
        teams[team.id] = team
    return teams


def _read_response(table: TomlTable, teams: Mapping[str, Team]) -> Response:
    table.check_keys(
        "kind", "low", "high", "labels", "prefix", "whole", "choices", "missing_codes"
    )
    kind = cast(Kind, table.one_of("kind", KINDS, "scale"))
    choices: tuple[Choice, ...] = ()
    low: float | None = None
    high: float | None = None
    if kind == "choice":
        choices = _read_choices(table, teams)
    elif kind != "text":
        low, high = table.number("low"), table.number("high")
        if low >= high:
            raise CodebookError(
                f"{table.place}: low = {low} is not below high = {high}."
            )
    labels = table.texts("labels")
    if labels and (low is None or len(labels) != int(cast(float, high) - low) + 1):
        raise CodebookError(
            f"{table.place}: {len(labels)} labels do not fit the range. "
            "Give one label for each value, lowest first."
        )
    return Response(
        kind=kind,
        low=low,
        high=high,
        labels=labels,
        prefix=table.text("prefix", ""),
        whole=table.flag("whole", default=True),
        choices=choices,
        missing_codes=table.texts("missing_codes"),
    )


def _read_choices(table: TomlTable, teams: Mapping[str, Team]) -> tuple[Choice, ...]:
    if table.data.get("choices") == "teams":
        return tuple(
            Choice(id=team.id, code=team.code, label=team.label)
            for team in teams.values()
        )
    choices = []
    for row in table.tables("choices", "choice"):
        row.check_keys("id", "code", "label", "together")
        choices.append(
            Choice(
                id=row.text("id"),
                code=row.text("code"),
                label=row.text("label"),
                together=row.text("together", ""),
            )
        )
    if not choices:
        raise CodebookError(f"{table.place}: a choice needs 'choices'.")
    return tuple(choices)


def _read_instrument(path: Path, teams: Mapping[str, Team]) -> Instrument:
    file = load_toml(path)
    file.check_keys(
        "id",
        "label",
        "page",
        "version",
        "source",
        "note",
        "response",
        "asked_of",
        "assignments",
        "question",
        "placeholder",
        "scale",
    )
    if file.text("id") != path.stem:
        raise CodebookError(
            f"{path.name}: id = '{file.text('id')}' must be the name of the file, "
            f"'{path.stem}'."
        )
    items: dict[str, Item] = {}
    stems: dict[str, str] = {}
    for question in file.tables("question", "question"):
        stems[question.text("code")] = question.text("text", "")
        for item in _read_question(question, file, teams):
            _add_item(items, item, path.name)
    for table in file.tables("placeholder", "placeholder"):
        table.check_keys("id", "label", "source", "note")
        item = Item(
            id=table.text("id"),
            label=table.text("label"),
            response=Response(kind="text"),
            aspect="background",
            wording="unknown",
            source=table.text("source", ""),
            note=table.text("note", ""),
            placeholder=True,
        )
        _add_item(items, item, path.name)
    rule = file.table("asked_of")
    rule.check_keys("item", "excluded")
    assignments = cast(dict[str, str], file.table("assignments").data)
    default, assigned = _read_scales(file, items, assignments)
    return Instrument(
        id=path.stem,
        label=file.text("label"),
        page=file.number("page"),
        version=file.text("version"),
        source=file.text("source"),
        note=file.text("note", ""),
        items=MappingProxyType(items),
        scales=MappingProxyType(default),
        stems=MappingProxyType(stems),
        eligibility=Eligibility(
            item=rule.text("item", ""), excluded=rule.texts("excluded")
        ),
        assignments=MappingProxyType(assignments),
        _assigned=MappingProxyType(assigned),
    )


def _add_item(items: dict[str, Item], item: Item, file: str) -> None:
    if item.id in items:
        raise CodebookError(
            f"{file}: item '{item.id}' stands there twice. Ids never repeat."
        )
    items[item.id] = item


def _read_question(
    question: TomlTable, file: TomlTable, teams: Mapping[str, Team]
) -> Iterator[Item]:
    question.check_keys("code", "text", "aspect", "response", "item")
    holder = question if "response" in question.data else file
    response = _read_response(holder.table("response"), teams)
    aspect = question.one_of("aspect", ASPECTS, "current")
    code = question.text("code")
    if not (code.isalnum() and code.isascii() and len(code) <= 20):
        raise CodebookError(
            f"{question.place}: a question code is 1-20 letters and digits "
            "(LimeSurvey drops other signs)."
        )
    for table in question.tables("item", "item"):
        table.check_keys(
            "id",
            "code",
            "label",
            "text",
            "wording",
            "aspect",
            "reversed",
            "placeholder",
            "first_wave",
            "last_wave",
            "comparable_with",
            "source",
            "note",
        )
        own = table.text("code", "")
        text = table.text("text", "")
        wording = cast(
            Wording, table.one_of("wording", WORDINGS, "full" if text else "unknown")
        )
        if wording == "full" and not text:
            raise CodebookError(
                f"{table.place}: wording = 'full' needs 'text'. "
                "If the wording is not known, say 'paraphrase' or 'unknown'."
            )
        yield Item(
            id=table.text("id"),
            label=table.text("label"),
            text=text,
            wording=wording,
            response=response,
            aspect=cast(Aspect, table.one_of("aspect", ASPECTS, aspect)),
            column=f"{code}[{own}]" if own else code,
            question=code,
            code=own,
            reversed=table.flag("reversed"),
            placeholder=table.flag("placeholder"),
            first_wave=table.number("first_wave", FIRST_WAVE),
            last_wave=table.number("last_wave", ALWAYS),
            comparable_with=table.texts("comparable_with"),
            source=table.text("source", ""),
            note=table.text("note", ""),
        )


def _read_scales(
    file: TomlTable, items: Mapping[str, Item], assignments: Mapping[str, str]
) -> tuple[dict[str, Scale], dict[str, Mapping[str, Scale]]]:
    default: dict[str, Scale] = {}
    assigned: dict[str, dict[str, Scale]] = {name: {} for name in assignments}
    for table in file.tables("scale", "scale"):
        table.check_keys(
            "id",
            "label",
            "group",
            "items",
            "min_valid",
            "numbers",
            "note",
            *assignments,
        )
        name = table.text("id")
        if name in default:
            raise CodebookError(f"{table.place}: this scale id is taken.")
        default[name] = _scale(table, table.texts("items"), items)
        for other in assignments:
            if other in table.data:
                assigned[other][name] = _scale(table, table.texts(other), items)
    return default, {name: MappingProxyType(s) for name, s in assigned.items()}


def _scale(
    table: TomlTable, names: tuple[str, ...], items: Mapping[str, Item]
) -> Scale:
    for name in names:
        if name not in items:
            raise CodebookError(
                f"{table.place}: there is no item '{name}'." + did_you_mean(name, items)
            )
    members = tuple(items[name] for name in names)
    responses = {item.response for item in members}
    if len(responses) != 1:
        raise CodebookError(
            f"{table.place}: its items do not share one answer range "
            f"({len(responses)} found). Scale items that are answered alike."
        )
    half = (len(members) + 1) // 2
    min_valid = table.number("min_valid", half)
    if not 1 <= min_valid <= len(members):
        raise CodebookError(
            f"{table.place}: min_valid = {min_valid} must be 1 to {len(members)}, "
            "the number of items."
        )
    return Scale(
        id=table.text("id"),
        label=table.text("label"),
        group=table.text("group", ""),
        response=responses.pop(),
        items=members,
        min_valid=min_valid,
        numbers=MappingProxyType(cast(dict[str, int], table.table("numbers").data)),
        note=table.text("note", ""),
    )


def _check_unique(instruments: list[Instrument]) -> None:
    ids: dict[str, str] = {}
    columns: dict[str, str] = {}
    for instrument in instruments:
        for scale in instrument.scales:
            if scale in ids:
                raise CodebookError(
                    f"{instrument.id}.toml: scale '{scale}' is also in "
                    f"{ids[scale]}.toml. Give it an id of its own."
                )
            ids[scale] = instrument.id
        for item in instrument.items.values():
            for seen, value in ((ids, item.id), (columns, item.column)):
                if value is not None and value in seen:
                    raise CodebookError(
                        f"{instrument.id}.toml: '{value}' is also in "
                        f"{seen[value]}.toml. Ids and export columns never repeat."
                    )
                if value is not None:
                    seen[value] = instrument.id


def _check_eligibility(instruments: list[Instrument]) -> None:
    """See that who is not asked a block follows from a closed question."""
    items = {item.id: item for i in instruments for item in i.items.values()}
    for instrument in instruments:
        rule, place = instrument.eligibility, f"{instrument.id}.toml, [asked_of]"
        if not rule.item and not rule.excluded:
            continue
        if rule.item not in items:
            raise CodebookError(
                f"{place}: there is no item '{rule.item}'."
                + did_you_mean(rule.item, items)
            )
        options = [choice.id for choice in items[rule.item].response.choices]
        for name in rule.excluded:
            if name not in options:
                raise CodebookError(
                    f"{place}: '{rule.item}' has no answer '{name}'."
                    + did_you_mean(name, options)
                )


def _check_comparable(instruments: list[Instrument]) -> None:
    """See that an item is set beside items that exist, of other years."""
    items = {item.id: item for i in instruments for item in i.items.values()}
    for instrument in instruments:
        for item in instrument.items.values():
            place = f"{instrument.id}.toml, item '{item.id}', comparable_with"
            for name in item.comparable_with:
                if name not in items:
                    raise CodebookError(
                        f"{place}: there is no item '{name}'."
                        + did_you_mean(name, items)
                    )
                other = items[name]
                first = max(item.first_wave, other.first_wave)
                if first <= min(item.last_wave, other.last_wave):
                    raise CodebookError(
                        f"{place}: '{name}' is asked in {first} as well. Items of one "
                        "year are not two waves of one item: set last_wave."
                    )
