"""Which column of an export is which item, and how its answers are written.

A column is matched by the code of its question, else by its wording; exact
matches only. What comes close is proposed to a person and never used. Columns
that identify a person, and columns nobody asked for, are left out by name.
"""

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from swtlib._map_file import MapFile, map_text, read_map
from swtlib._mapping_answers import Answers, Labels, read_answers
from swtlib._mapping_names import COMPARED, Names
from swtlib.codebook import Codebook, Item, Response, load_codebook
from swtlib.errors import ParameterError
from swtlib.project import write_atomic
from swtlib.readers import RawExport
from swtlib.readers._columns import plain_words

__all__ = [
    "ColumnMatch",
    "ExportMapping",
    "MapFile",
    "map_text",
    "propose_mapping",
    "read_map",
    "save_map",
]

How = Literal[
    "map.toml",
    "code",
    "wording",
    "label",
    "doubtful",
    "personal",
    "about",
    "unknown",
    "left out",
]
USED: tuple[How, ...] = ("map.toml", "code", "wording", "label")
CLOSE = 0.8  # difflib's measure of likeness from which a heading is asked about
MOST_PROPOSALS = 3
SHORT = 12  # signs of an answer that may be printed


@dataclass(frozen=True, kw_only=True)
class ColumnMatch:
    """What a column of the export was taken for.

    Parameters
    ----------
    heading : str
        As in the export.
    how : str
        ``"map.toml"``, ``"code"``, ``"wording"``, ``"label"`` (the short name
        of the codebook): used. ``"doubtful"``: a person must say.
        ``"personal"``, ``"about"`` (the response itself), ``"unknown"``,
        ``"left out"`` (by map.toml): not used.
    item : str
        Id of the item; empty if the column is not used.
    proposals : tuple of str
        Items it may be, when doubtful.
    n : int
        Cells that are filled in.
    """

    heading: str
    how: How
    item: str = ""
    proposals: tuple[str, ...] = ()
    n: int = 0


@dataclass(frozen=True, kw_only=True)
class ExportMapping:
    """How an export is read.

    Parameters
    ----------
    columns : tuple of ColumnMatch
        One for each column, in the order of the file.
    answers : mapping of str to mapping of str to str
        Item id to the cells that are not codes themselves, with their codes.
    unknown : mapping of str to tuple of str
        Item id to cells of a closed question that fit nothing; open questions
        and numbers are not in it.
    declared : mapping of str to tuple of str
        Item id to cells that the file declares as "no answer".
    problems : tuple of str
        What is wrong with the map.toml that was given.
    map_place : str
        How messages name that map.toml; empty if there is none.
    """

    columns: tuple[ColumnMatch, ...]
    answers: Mapping[str, Mapping[str, str]]
    unknown: Mapping[str, tuple[str, ...]]
    declared: Mapping[str, tuple[str, ...]]
    problems: tuple[str, ...] = ()
    map_place: str = ""

    @property
    def headings(self) -> dict[str, str]:
        """Item id to the heading that holds its answers."""
        return {match.item: match.heading for match in self.columns if match.item}

    def proposed_for(self, item: str) -> list[str]:
        """Give the headings that may be an item, but are in doubt."""
        return [match.heading for match in self.columns if item in match.proposals]

    def table(self) -> pd.DataFrame:
        """List the columns: ``column, item, how, perhaps, filled_in``."""
        return pd.DataFrame(
            {
                "column": [match.heading for match in self.columns],
                "item": [match.item for match in self.columns],
                "how": [match.how for match in self.columns],
                "perhaps": [", ".join(match.proposals) for match in self.columns],
                "filled_in": [match.n for match in self.columns],
            }
        )

    def answer_table(self) -> pd.DataFrame:
        """List the answers that are not codes: ``in_file, code, items``.

        A cell that fits nothing has the code ``?``; it is shown only when it
        stands with several questions, because else it may be one person's
        words.
        """
        pairs = Counter(
            (cell, code or "(no answer)")
            for codes in self.answers.values()
            for cell, code in codes.items()
        )
        odd = Counter(cell for cells in self.unknown.values() for cell in cells)
        for cell, n in odd.items():
            shown = cell if n > 1 or len(cell) <= SHORT else "(a text)"
            pairs[(shown, "?")] += n
        rows = [(cell, code, n) for (cell, code), n in pairs.items()]
        return pd.DataFrame(rows, columns=["in_file", "code", "items"])


def propose_mapping(
    raw: RawExport,
    codebook: Codebook,
    year: int,
    overrides: MapFile | None = None,
) -> ExportMapping:
    """Find the item of every column, and the code of every answer.

    Parameters
    ----------
    raw : RawExport
        The export as a reader gives it.
    codebook : Codebook
        What was asked.
    year : int
        Wave of the export: which items it asks.
    overrides : MapFile, optional
        What a person wrote down; it goes before every match.

    Returns
    -------
    ExportMapping
        With the faults of `overrides` in ``problems``; what is faulty is not
        used.
    """
    columns = codebook.columns(year)
    items = {item.id: item for _, item in columns.values()}
    written = overrides.columns if overrides else {}
    problems = overrides.check(codebook, year) if overrides else []
    problems += _misplaced(raw, overrides) if overrides else []
    names = Names(codebook, columns)
    claims: dict[str, tuple[int, How, tuple[str, ...]]] = {}
    for heading in raw.cells.columns:
        if heading in written and heading not in raw.personal:
            item_id = written[heading]
            known = (item_id,) if item_id in items else ()
            claims[heading] = (0, "map.toml" if known else "left out", known)
        else:
            claims[heading] = _claim(raw, heading, names)
    matched = _settle(claims)
    taken = {ids[0] for how, ids in matched.values() if how in USED}
    near = names.without(taken)
    found = []
    for heading, (how, ids) in matched.items():
        if how == "unknown":
            ids = _near(raw, heading, near)
            how = "doubtful" if ids else "unknown"
        found.append(
            ColumnMatch(
                heading=heading,
                how=how,
                item=ids[0] if how in USED else "",
                proposals=ids if how == "doubtful" else (),
                n=int((raw.cells[heading] != "").sum()),
            )
        )
    answers = _answers(raw, found, items, codebook, overrides)
    return ExportMapping(
        columns=tuple(found),
        answers={name: read.codes for name, read in answers.items() if read.codes},
        unknown={name: read.unknown for name, read in answers.items() if read.unknown},
        declared={n: read.declared for n, read in answers.items() if read.declared},
        problems=tuple(problems),
        map_place=overrides.place if overrides else "",
    )


def save_map(mapping: ExportMapping, path: Path, *, given: Path | None = None) -> Path:
    """Write a mapping as map.toml, for a person to read and mend.

    Parameters
    ----------
    mapping : ExportMapping
        As proposed; what a person wrote before is part of it.
    path : Path
        The file.
    given : Path, optional
        The map.toml that `mapping` was made with: only this may be replaced.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    ParameterError
        If another file stands there: it may hold someone's corrections.
    """
    again = given is not None and given.resolve() == path.resolve()
    if path.is_file() and not again:
        raise ParameterError(
            f"{path.name} is there already, and may hold corrections. Give it with "
            "--map to keep these, or choose another name."
        )
    text = map_text(mapping, load_codebook())
    return write_atomic(path, text, private=True)


def _claim(
    raw: RawExport, heading: str, names: Names
) -> tuple[int, How, tuple[str, ...]]:
    """Say which items a heading may be: how strong, how, which."""
    text = raw.text_of(heading)
    for strength, ids in enumerate(names.by_code(text, heading), 1):
        if ids:
            return strength, "code", ids
    if heading in raw.personal:
        return 9, "personal", ()
    if heading in raw.about:
        return 9, "about", ()
    how, ids = names.by_wording(text, heading)
    return (4, how, ids) if ids else (9, "unknown", ())


def _settle(
    claims: Mapping[str, tuple[int, How, tuple[str, ...]]],
) -> dict[str, tuple[How, tuple[str, ...]]]:
    """Give each item to the strongest claim; a draw is in doubt, and all it beats."""
    best: dict[str, tuple[int, list[str]]] = {}
    for heading, (strength, _, ids) in claims.items():
        for name in ids if len(ids) == 1 else ():
            before = best.get(name, (99, []))
            if strength < before[0]:
                best[name] = (strength, [heading])
            elif strength == before[0]:
                before[1].append(heading)
    settled: dict[str, tuple[How, tuple[str, ...]]] = {}
    for heading, (_, how, ids) in claims.items():
        alone = len(ids) == 1 and best[ids[0]][1] == [heading]
        settled[heading] = (how, ids) if alone or not ids else ("doubtful", ids)
    return settled


def _near(
    raw: RawExport, heading: str, near: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Give the items whose wording or code comes close to that of a column."""
    found: dict[str, None] = {}
    for text in dict.fromkeys((raw.text_of(heading), heading)):
        words = plain_words(text)[:COMPARED]
        for close in difflib.get_close_matches(words, near, MOST_PROPOSALS, CLOSE):
            found.update(dict.fromkeys(near[close]))
    return tuple(found)[:MOST_PROPOSALS]


def _misplaced(raw: RawExport, overrides: MapFile) -> list[str]:
    """Give what is wrong with map.toml for this export, one line each."""
    problems = []
    users: dict[str, str] = {}
    for heading, item_id in overrides.columns.items():
        if not item_id:
            continue
        where = f'{overrides.place}, [columns], "{heading}"'
        if heading not in raw.cells:
            close = difflib.get_close_matches(heading, list(raw.cells.columns), n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            problems.append(
                f"{where}: the export has no such column.{hint} Write the heading as "
                "it stands in the file, or take this line out."
            )
        elif heading in raw.personal:
            problems.append(
                f"{where}: this column identifies a person and cannot enter the wave. "
                'Write "" there.'
            )
        elif item_id in users:
            problems.append(
                f"{where}: '{item_id}' is given to \"{users[item_id]}\" as well. Give "
                'it to one column, and "" to the other.'
            )
        users.setdefault(item_id, heading)
    return problems


def _answers(
    raw: RawExport,
    matches: list[ColumnMatch],
    items: Mapping[str, Item],
    codebook: Codebook,
    overrides: MapFile | None,
) -> dict[str, Answers]:
    """Read the answers of every matched column; alike questions together."""
    used = [match for match in matches if match.item]
    written = {
        match.item: overrides.answers_to(items[match.item]) if overrides else {}
        for match in used
    }
    labels = {match.item: Labels(items[match.item], codebook) for match in used}
    alike: dict[Response, set[str]] = {}
    for match in used:
        values = set(raw.cells[match.heading].str.strip()) - {""}
        values -= set(written[match.item])
        values -= set(items[match.item].response.missing_codes)
        alike.setdefault(items[match.item].response, set()).update(values)
    return {
        match.item: read_answers(
            items[match.item],
            raw.cells[match.heading],
            labels[match.item],
            told=raw.labels.get(match.heading, {}),
            declared=raw.missing_codes.get(match.heading, frozenset()),
            written=written[match.item],
            in_words=labels[match.item].are_words(alike[items[match.item].response]),
        )
        for match in used
        if items[match.item].response.kind != "text"
    }
