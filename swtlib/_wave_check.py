"""Checks an export against the codebook, cell by cell, and keeps a ledger."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from swtlib._wave_facts import WaveFacts
from swtlib._wave_missing import find_missing
from swtlib._wave_rules import LedgerEntry, choose_responses
from swtlib.codebook import TEAM_ITEM, Codebook, Instrument, Item
from swtlib.disclosure import MIN_CELL_N
from swtlib.errors import ResponseError, WaveError, did_you_mean
from swtlib.mapping import ExportMapping, MapFile, propose_mapping, read_map
from swtlib.pseudonyms import Pseudonyms, name_responses
from swtlib.readers import RawExport
from swtlib.readers._raw import name_lines, refuse

MAP_NAME = "map.toml"  # beside wave.toml
SHORT = 12  # signs of an answer that may stand in a message
LEFT_OUT = {
    "personal": "identifies a person; it never enters the wave",
    "unknown": "not in the codebook of this year; it never enters the wave",
    "left out": "left out by map.toml",
}


def check_export(
    raw: RawExport,
    facts: WaveFacts,
    codebook: Codebook,
    name: str,
    map_file: MapFile | None = None,
    names: Pseudonyms | None = None,
) -> tuple[pd.DataFrame, list[LedgerEntry], pd.DataFrame]:
    """Turn the text of an export into checked answers.

    Parameters
    ----------
    raw : RawExport
        As a reader gives it.
    facts : WaveFacts
        Of the wave; its recodes are applied before the check.
    codebook : Codebook
        What was asked and may be answered.
    name : str
        Name of the file, for the messages.
    map_file : MapFile, optional
        Which column is which item, where a person wrote it down.
    names : Pseudonyms, optional
        The key of an export that is kept. Without it the rows are numbered.

    Returns
    -------
    respondents : DataFrame
        Kept respondents, one row each; those of fieldwork in an order that
        follows from their answers, not from the export.
    ledger : list of LedgerEntry
        What was done.
    missing : DataFrame
        Why answers are missing, but for those that were left open.

    Raises
    ------
    IngestError
        One line per fault, all together.
    CodebookError
        If the codebook does not ask for the team.
    """
    codebook.check_team_item(facts.year)
    columns = codebook.columns(facts.year)
    asked = {item.id: item for _, item in columns.values()}
    mapping = propose_mapping(raw, codebook, facts.year, map_file)
    problems = [*raw.faults, *mapping.problems]
    problems += _missing_columns(mapping, columns, facts, name)
    problems += _duplicates(raw.response_id, name)
    cells, recoded = cells_by_item(raw, mapping, columns, facts)
    closed = [i for i, item in asked.items() if item.response.kind != "text"]
    kept, ledger = choose_responses(raw, cells, closed, facts)
    ledger += _left_out(mapping) + recoded
    answers: dict[str, list[Any]] = {}
    codes: dict[str, pd.Series] = {}
    n_bad = 0
    for item_id, heading in mapping.headings.items():
        column = cells.loc[kept, item_id].str.strip()
        codes[item_id] = column.replace(dict(mapping.answers.get(item_id, {})))
        answers[item_id], faults, n = _decode(
            codes[item_id], asked[item_id], heading, name
        )
        problems += faults
        n_bad += n
    if n_bad > kept.sum() * len(columns) / 2:
        problems = [
            *raw.faults,
            *mapping.problems,
            f"{name}: {n_bad} cells are no answer codes. Export again with answers as "
            "'Answer codes', or say what they mean in map.toml (swt ingest "
            f"{facts.year} FILE --dry-run --save map.toml makes one).",
        ]
    ledger += _translated(mapping, cells[kept])
    if not problems and not kept.any():
        problems.append(
            f"{name}: not one response was completed, so there is no wave. "
            "Is this the right file?"
        )
    frame = _frame(answers, codebook)
    problems += _check_teams(frame, facts, told=not n_bad and TEAM_ITEM in answers)
    refuse(problems)
    frame = _assemble(frame, answers, codebook, facts, ledger)
    if names is None:
        numbers = [f"r{at:03d}" for at in range(1, len(frame) + 1)]
        frame.insert(0, "respondent_id", numbers)
    else:
        frame = _named(frame, raw, kept, facts, names)
    missing = find_missing(raw, kept, mapping, codes, frame, codebook, facts.year)
    if names is not None and facts.origin == "fieldwork":
        frame = _reordered(frame)
        missing = missing.sort_values(["item", "respondent_id"], ignore_index=True)
    return frame, ledger, missing


def choose_map(facts: WaveFacts, map_file: Path | None = None) -> MapFile | None:
    """Read the map.toml that is given, else the one beside wave.toml if any."""
    if map_file is not None:
        return read_map(map_file)
    kept = facts.folder / MAP_NAME
    if not kept.is_file():
        return None
    return read_map(kept, place=facts.place.replace("wave.toml", MAP_NAME))


def _missing_columns(
    mapping: ExportMapping,
    columns: Mapping[str, tuple[Instrument, Item]],
    facts: WaveFacts,
    name: str,
) -> list[str]:
    """Name the questions that no column answers."""
    missing = {
        column: item
        for column, (_, item) in columns.items()
        if item.id not in mapping.headings
    }
    if len(missing) > len(columns) / 2:
        return [
            f"{name}: {len(missing)} of the {len(columns)} questions are not in the "
            "first line. Export again with headings 'Question code', or say which "
            f"column is which in map.toml (swt ingest {facts.year} FILE --dry-run "
            "--save map.toml makes one)."
        ]
    problems = []
    for column, item in missing.items():
        perhaps = mapping.proposed_for(item.id)
        if perhaps:
            found = " or ".join(f"'{_short(heading)}'" for heading in perhaps[:3])
            problems.append(
                f"{name}: column '{column}' ({item.label}) is missing; perhaps it is "
                f"{found}. Say so under [columns] in map.toml (swt ingest "
                f"{facts.year} FILE --dry-run --save map.toml makes one)."
            )
        else:
            problems.append(
                f"{name}: column '{column}' ({item.label}) is missing. Export again "
                f"with all questions; if it was not asked in {facts.year}, say so in "
                f"the codebook: last_wave = {facts.year - 1} if it was before, "
                f"first_wave = {facts.year + 1} if it will be."
            )
    return problems


def _left_out(mapping: ExportMapping) -> list[LedgerEntry]:
    """Write down the columns that are not used, and the map.toml that was."""
    entries = []
    for match in mapping.columns:
        reason = LEFT_OUT.get(match.how, "")
        if match.how == "doubtful":
            reason = f"perhaps {' or '.join(match.proposals)}; not used while in doubt"
        if reason:
            entries.append(
                LedgerEntry(
                    what="set aside",
                    where=f"column {_short(match.heading)}",
                    n=match.n,
                    reason=reason,
                )
            )
    if mapping.map_place:
        n = sum(match.how == "map.toml" for match in mapping.columns)
        entries.append(
            LedgerEntry(
                what="mapped",
                where="map.toml",
                n=n,
                reason="columns that a person gave to an item",
            )
        )
    return entries


def _translated(mapping: ExportMapping, cells: pd.DataFrame) -> list[LedgerEntry]:
    """Count the answers that were not codes, and those declared as none."""
    declared = translated = 0
    for item_id, codes in mapping.answers.items():
        column = cells[item_id].str.strip()
        n = int(column.isin(list(mapping.declared.get(item_id, ()))).sum())
        declared += n
        translated += int(column.isin(list(codes)).sum()) - n
    reasons = {
        "written as labels or numbers of the file; read by its labels, those of the "
        "codebook, or map.toml": translated,
        "codes that the file itself declares as no answer": declared,
    }
    return [
        LedgerEntry(what="translated", where="answers", n=n, reason=reason)
        for reason, n in reasons.items()
        if n
    ]


def _short(text: str) -> str:
    """Cut a heading that is a whole question."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _duplicates(ids: pd.Series, name: str) -> list[str]:
    problems = []
    key = ids.name
    for value, lines in ids.groupby(ids).groups.items():
        if value == "":
            where = ", ".join(str(line) for line in lines)
            problems.append(
                f"{name}, {ids.index.name}s {where}: column '{key}' is empty; each "
                "response has its own. Remove these lines, or download the file again."
            )
        elif len(lines) > 1:
            where = ", ".join(str(line) for line in lines)
            problems.append(
                f"{name}, {ids.index.name}s {where}: column '{key}' has the same value "
                f"{len(lines)} times; each response has its own. Remove the copies "
                "and keep one."
            )
    return problems


def cells_by_item(
    raw: RawExport,
    mapping: ExportMapping,
    columns: Mapping[str, tuple[Instrument, Item]],
    facts: WaveFacts,
) -> tuple[pd.DataFrame, list[LedgerEntry]]:
    """Give the answers by item, with the corrections that wave.toml has for them."""
    cells = pd.DataFrame(
        {item: raw.cells[heading] for item, heading in mapping.headings.items()},
        index=raw.cells.index,
    )
    names = {heading: item for item, heading in mapping.headings.items()}
    names |= {column: item.id for column, (_, item) in columns.items()}
    entries = []
    for rule in facts.recodes:
        item_id = names.get(rule.column, "")
        if item_id not in cells:
            raise WaveError(
                f"{facts.place}: [[recode]] names a column '{rule.column}' that the "
                "export lacks." + did_you_mean(rule.column, list(names))
            )
        hit = cells[item_id] == rule.code
        cells.loc[hit, item_id] = rule.to
        entries.append(
            LedgerEntry(
                what="recoded",
                where=f"column {rule.column}: '{rule.code}' to '{rule.to}'",
                n=int(hit.sum()),
                reason=rule.reason,
            )
        )
    return cells, entries


def _decode(
    cells: pd.Series, item: Item, heading: str, name: str
) -> tuple[list[Any], list[str], int]:
    """Read a column; the faults by value, and how many cells they are."""
    values: list[Any] = []
    odd: dict[str, list[str]] = {}
    for line, text in cells.items():
        value = None
        if text:
            try:
                value = item.response.decode(text)
            except ResponseError:
                odd.setdefault(text, []).append(str(line))
        values.append(value)
    faults: dict[str, list[str]] = {}
    for text, lines in odd.items():
        # A long text may be one person's words, unless many people gave it.
        told = len(text) <= SHORT or len(lines) >= MIN_CELL_N
        faults.setdefault(f"'{_short(text)}'" if told else "a text", []).extend(lines)
    problems = [
        f"{name}, {name_lines(pd.Index(lines, name=cells.index.name))}, column "
        f"'{_short(heading)}' ({item.label}): {shown} is not "
        f"allowed, only {item.response.allowed()}. Correct the export, add a "
        f"[[recode]] to wave.toml, or say what it means under [answers.{item.id}] in "
        "map.toml."
        for shown, lines in faults.items()
    ]
    return values, problems, sum(map(len, faults.values()))


def _frame(answers: dict[str, list[Any]], codebook: Codebook) -> pd.DataFrame:
    """Make the answers frame of closed items: team, background, items."""
    typed: dict[str, pd.Series] = {}
    for _, item in codebook.items():
        if item.id in answers and item.response.kind in ("scale", "number"):
            typed[item.id] = pd.Series(answers[item.id], dtype="float64")
        elif item.id in answers and item.response.kind == "choice":
            typed[item.id] = pd.Series(answers[item.id], dtype="str")
    frame = pd.DataFrame(typed)
    if TEAM_ITEM in frame:
        frame.insert(0, "team", frame.pop(TEAM_ITEM))
    return frame


def _named(
    frame: pd.DataFrame,
    raw: RawExport,
    kept: "pd.Series[bool]",
    facts: WaveFacts,
    names: Pseudonyms,
) -> pd.DataFrame:
    """Put pseudonyms before the answers; ``person`` only if there are tokens."""
    responses, persons = (
        pd.Series(found, index=raw.cells.index, dtype="str")[kept].tolist()
        for found in name_responses(raw, facts.year, names)
    )
    if any(persons):
        known = [person or None for person in persons]
        frame.insert(0, "person", pd.Series(known, index=frame.index, dtype="str"))
    frame.insert(0, "respondent_id", responses)
    return frame


def _reordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort by the answers: the order of an export says who came when.

    Sorted by pseudonym, resampled intervals would depend on the key.
    """
    names = ["respondent_id", "person"]
    answers = [name for name in frame.columns if name not in names]
    return frame.sort_values([*answers, "respondent_id"], ignore_index=True)


def _assemble(
    frame: pd.DataFrame,
    answers: dict[str, list[Any]],
    codebook: Codebook,
    facts: WaveFacts,
    ledger: list[LedgerEntry],
) -> pd.DataFrame:
    """Set aside open answers, and answers to blocks that someone was not asked."""
    for instrument, item in codebook.items():
        if item.id in answers and item.response.kind == "text":
            # Open answers are read by a person first: wave.toml, open_answers.
            n = sum(value is not None for value in answers[item.id])
            ledger.append(
                LedgerEntry(
                    what="set aside",
                    where=f"item {item.id} ({instrument.label})",
                    n=n,
                    reason="open answers enter only as a reviewed list by theme",
                )
            )
    for instrument in codebook.instruments.values():
        asked = instrument.eligibility.asked(frame)
        items = [i.id for i in instrument.answered_items(facts.year) if i.id in frame]
        stray = int(frame.loc[~asked, items].notna().to_numpy().sum())
        if stray:
            frame.loc[~asked, items] = float("nan")
            ledger.append(
                LedgerEntry(
                    what="set aside",
                    where=instrument.label,
                    n=stray,
                    reason="answers of respondents who were not to be asked this block",
                )
            )
    return frame


def _check_teams(frame: pd.DataFrame, facts: WaveFacts, *, told: bool) -> list[str]:
    """Compare the teams with [members]; `told` says that all teams could be read."""
    if "team" not in frame:
        return []
    problems = []
    without = int(frame["team"].isna().sum())
    if without and told:
        problems.append(
            f"{without} completed responses have no team (column 'team'). "
            "Ask the survey tool to make that question mandatory, or recode them."
        )
    for team, n in frame["team"].value_counts().items():
        size = facts.members.get(str(team))
        if team not in facts.members:
            problems.append(
                f"team '{team}' has answers, but no line in [members] of "
                f'{facts.place}. Add {team} = number, or "onbekend".'
            )
        elif size is not None and n > size:
            problems.append(
                f"team '{team}' has {n} completed responses, but {size} members in "
                f"{facts.place}. Correct the number of members, or look for answers "
                "that came in twice ([drop] duplicates)."
            )
    return problems
