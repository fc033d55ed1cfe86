"""Checks an export against the codebook, cell by cell, and keeps a ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from swtlib._wave_facts import WaveFacts
from swtlib.codebook import TEAM_ITEM, Codebook, Instrument, Item
from swtlib.errors import IngestError, ResponseError, WaveError, did_you_mean
from swtlib.readers import RawExport
from swtlib.readers._raw import refuse


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """One thing that ingest did to the answers, and why."""

    what: str
    where: str
    n: int
    reason: str


def check_export(
    raw: RawExport, facts: WaveFacts, codebook: Codebook, name: str
) -> tuple[pd.DataFrame, list[LedgerEntry]]:
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

    Returns
    -------
    respondents : DataFrame
        Kept respondents, one row each.
    ledger : list of LedgerEntry
        What was done.

    Raises
    ------
    IngestError
        One line per fault, all together.
    CodebookError
        If the codebook does not ask for the team.
    """
    codebook.check_team_item(facts.year)
    columns = codebook.columns(facts.year)
    cells = raw.cells.rename(columns=_code_headings(raw.cells, columns))
    problems = [
        f"{name}: column '{column}' ({item.label}) is missing. Export again with "
        f"all questions; if it was not asked in {facts.year}, give the item "
        f"first_wave = {facts.year + 1} in the codebook."
        for column, (_, item) in columns.items()
        if column not in cells
    ]
    if len(problems) > len(columns) / 2:
        problems = [
            f"{name}: {len(problems)} of the {len(columns)} questions are not in the "
            "first line. Export again with headings 'Question code'."
        ]
    problems += _duplicates(raw.response_id, name)
    ledger = _unknown_columns(cells, columns, raw)
    refuse(problems)
    cells, recoded = _recode(cells, facts)
    ledger += recoded
    kept = cells[raw.completed]
    dropped = int((~raw.completed).sum())
    ledger.insert(
        0,
        LedgerEntry(
            what="dropped",
            where="responses",
            n=dropped,
            reason="broken off: the respondent did not reach the end (no submitdate)",
        ),
    )
    answers: dict[str, list[Any]] = {}
    for column, (_, item) in columns.items():
        answers[item.id], faults = _decode(kept[column], item, column, name)
        problems += faults
    if len(problems) > kept.size / 2:
        problems = [
            f"{name}: {len(problems)} cells are no answer codes. Export again with "
            "answers as 'Answer codes', not as full answers."
        ]
    refuse(problems)
    if not len(kept):
        raise IngestError(
            f"{name}: not one response was completed, so there is no wave. "
            "Is this the right file?"
        )
    return _assemble(answers, codebook, facts, ledger), ledger


def _code_headings(
    cells: pd.DataFrame, columns: Mapping[str, tuple[Instrument, Item]]
) -> dict[str, str]:
    """Read ``question_sub`` (ExpressionScript codes) as ``question[sub]``."""
    other = {
        f"{item.question}_{item.code}": column
        for column, (_, item) in columns.items()
        if item.code
    }
    return {heading: other[heading] for heading in cells if heading in other}


def _duplicates(ids: pd.Series, name: str) -> list[str]:
    problems = []
    for value, lines in ids.groupby(ids).groups.items():
        if value == "":
            where = ", ".join(str(line) for line in lines)
            problems.append(
                f"{name}, {ids.index.name}s {where}: column 'id' is empty; each "
                "response has its own. Remove these lines, or download the file again."
            )
        elif len(lines) > 1:
            where = ", ".join(str(line) for line in lines)
            problems.append(
                f"{name}, {ids.index.name}s {where}: column 'id' has the same value "
                f"{len(lines)} times; each response has its own. Remove the copies and "
                "keep one."
            )
    return problems


def _unknown_columns(
    cells: pd.DataFrame, columns: Mapping[str, tuple[Instrument, Item]], raw: RawExport
) -> list[LedgerEntry]:
    unknown = [
        heading
        for heading in cells
        if heading not in columns and heading not in raw.about
    ]
    return [
        LedgerEntry(
            what="set aside",
            where=f"column {heading}",
            n=int((cells[heading] != "").sum()),
            reason="not in the codebook of this year; it never enters the wave",
        )
        for heading in unknown
    ]


def _recode(
    cells: pd.DataFrame, facts: WaveFacts
) -> tuple[pd.DataFrame, list[LedgerEntry]]:
    """Apply the corrections that a person wrote down in wave.toml."""
    recoded = cells.copy()
    entries = []
    for rule in facts.recodes:
        if rule.column not in recoded:
            raise WaveError(
                f"{facts.place}: [[recode]] names a column '{rule.column}' that the "
                "export lacks." + did_you_mean(rule.column, list(recoded.columns))
            )
        hit = recoded[rule.column] == rule.code
        recoded.loc[hit, rule.column] = rule.to
        entries.append(
            LedgerEntry(
                what="recoded",
                where=f"column {rule.column}: '{rule.code}' to '{rule.to}'",
                n=int(hit.sum()),
                reason=rule.reason,
            )
        )
    return recoded, entries


def _decode(
    cells: pd.Series, item: Item, column: str, name: str
) -> tuple[list[Any], list[str]]:
    values: list[Any] = []
    problems: list[str] = []
    for line, cell in cells.items():
        text = str(cell).strip()
        if not text:
            values.append(None)
            continue
        try:
            values.append(item.response.decode(text))
        except ResponseError:
            shown = f"'{text}'" if len(text) <= 12 else "a text"
            problems.append(
                f"{name}, {cells.index.name} {line}, column '{column}' ({item.label}): "
                f"{shown} is not allowed, only {item.response.allowed()}. Correct the "
                "export, or add a [[recode]] for this code to wave.toml."
            )
            values.append(None)
    return values, problems


def _assemble(
    answers: dict[str, list[Any]],
    codebook: Codebook,
    facts: WaveFacts,
    ledger: list[LedgerEntry],
) -> pd.DataFrame:
    """Make the answers frame: pseudonym, team, background, items."""
    typed: dict[str, pd.Series] = {}
    for instrument, item in codebook.items():
        if item.id not in answers:
            continue
        if item.response.kind in ("scale", "number"):
            typed[item.id] = pd.Series(answers[item.id], dtype="float64")
        elif item.response.kind == "choice":
            typed[item.id] = pd.Series(answers[item.id], dtype="str")
        else:
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
    frame = pd.DataFrame(typed)
    frame.insert(0, "team", frame.pop(TEAM_ITEM))
    frame.insert(0, "respondent_id", [f"r{i:03d}" for i in range(1, len(frame) + 1)])
    _check_teams(frame, facts)
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


def _check_teams(frame: pd.DataFrame, facts: WaveFacts) -> None:
    without = int(frame["team"].isna().sum())
    if without:
        raise IngestError(
            f"{without} completed responses have no team (column 'team'). "
            "Ask the survey tool to make that question mandatory, or recode them."
        )
    counts = frame["team"].value_counts()
    for team, n in counts.items():
        if team not in facts.members:
            raise IngestError(
                f"team '{team}' has answers, but no line in [members] of "
                f'{facts.place}. Add {team} = number, or "onbekend".'
            )
        size = facts.members[str(team)]
        if size is not None and n > size:
            raise IngestError(
                f"team '{team}' has {n} completed responses, but {size} members in "
                f"{facts.place}. Correct the number of members, or look for answers "
                "that came in twice."
            )
