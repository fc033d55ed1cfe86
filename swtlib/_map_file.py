"""map.toml: which column is which item, as a person confirmed or wrote it."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from swtlib._toml_table import load_toml
from swtlib.codebook import Codebook, Item, Response
from swtlib.errors import IngestError, ResponseError

if TYPE_CHECKING:
    from swtlib.mapping import ExportMapping

UNDECIDED = "?"
MOST_LABELS = 20  # of one question; past that they are no labels
TOP = """\
# Which column of the export is which question of the codebook.
# Left stands what the file says, right what it means; text after # is a remark.
# A column with "" is left out. Replace every "?" by an item, or by "".
"""
ANSWERS_TOP = """
# Answers that the file writes in another way than the codebook: left as in the
# file, right the code. "" is "no answer". Replace every "?".
"""


@dataclass(frozen=True, kw_only=True)
class MapFile:
    """What a map.toml says.

    Parameters
    ----------
    place : str
        How messages name the file.
    columns : mapping of str to str
        Heading in the export to item id; ``""`` leaves the column out.
    answers : mapping of str to mapping of str to str
        Item id, or code of a question with several items, to what the file
        writes and its code.
    """

    place: str
    columns: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def check(self, codebook: Codebook, year: int) -> list[str]:
        """Give what is wrong with it for a wave, one line each."""
        items = {item.id: item for _, item in codebook.columns(year).values()}
        problems = []
        for heading, item_id in self.columns.items():
            where = f"{self.place}, [columns], {_quote(heading)}"
            if item_id == UNDECIDED:
                problems.append(
                    f'{where}: "?" is still to be decided. Write the item, or "" to '
                    "leave the column out."
                )
            elif item_id and item_id not in items:
                problems.append(
                    f"{where}: the codebook of {year} asks no item '{item_id}'."
                    f"{_close(item_id, items)} 'swt codebook' lists them."
                )
        for key, answers in self.answers.items():
            where = f"{self.place}, [answers.{key}]"
            meant = [i for i in items.values() if key in (i.id, i.question)]
            if not meant:
                problems.append(
                    f"{where}: the codebook of {year} asks no such item or question."
                    f"{_close(key, items)} 'swt codebook' lists them."
                )
                continue
            problems += [
                f"{where}, {_quote(label)}: '{code}' is not a code of this item. Write "
                f'one of {meant[0].response.allowed()}, or "" for no answer.'
                for label, code in answers.items()
                if code and not _allows(meant[0].response, code)
            ]
        return problems

    def answers_to(self, item: Item) -> dict[str, str]:
        """Give what was written for an item, or for its whole question."""
        return {
            **self.answers.get(item.question, {}),
            **self.answers.get(item.id, {}),
        }


def _allows(response: Response, code: str) -> bool:
    try:
        response.decode(code)
    except ResponseError:
        return False
    return True


def _close(name: str, items: Mapping[str, Item]) -> str:
    """Name the item that was perhaps meant; a list of all would be too long."""
    found = difflib.get_close_matches(name, items, n=1)
    return f" Did you mean '{found[0]}'?" if found else ""


def read_map(path: Path, *, place: str = "") -> MapFile:
    """Read a map.toml.

    Parameters
    ----------
    path : Path
        The file.
    place : str, optional
        How messages name it; by default its name.

    Returns
    -------
    MapFile

    Raises
    ------
    IngestError
        If it is not there, is not TOML, or has other tables or values.
    """
    place = place or path.name
    if not path.is_file():
        raise IngestError(
            f"{place}: there is no such file. 'swt ingest YEAR FILE --dry-run --save "
            f"{path.name}' makes one."
        )
    file = load_toml(path, place=place, fault=IngestError)
    file.check_keys("columns", "answers")
    columns = file.table("columns")
    answers = file.table("answers")
    return MapFile(
        place=place,
        columns={heading: columns.text(heading) for heading in columns.data},
        answers={
            item: {label: table.text(label) for label in table.data}
            for item in answers.data
            for table in (answers.table(item),)
        },
    )


def map_text(mapping: "ExportMapping", codebook: Codebook) -> str:
    """Write a mapping as a map.toml that a person can read and mend.

    Parameters
    ----------
    mapping : ExportMapping
        As proposed.
    codebook : Codebook
        For the names of items and answers in the remarks.

    Returns
    -------
    str
    """
    items = {item.id: item for _, item in codebook.items()}
    lines = [TOP, "[columns]"]
    for match in mapping.columns:
        if match.how == "about":
            continue
        meant = match.item
        if match.how == "doubtful":
            meant = UNDECIDED
            names = [f"{name} ({items[name].label})" for name in match.proposals]
            remark = f"perhaps {' or '.join(names)}"
        elif match.item:
            remark = f"by {match.how}: {items[match.item].label}"
        else:
            remark = {
                "personal": "identifies a person; it cannot enter the wave",
                "unknown": "not in the codebook",
            }.get(match.how, "left out")
        lines.append(f"{_quote(match.heading)} = {_quote(meant)}  # {_remark(remark)}")
    tables = []
    for key, (open_cells, known, allowed) in _undecided(mapping, items).items():
        tables.append(f"\n[answers.{key}]")
        tables += [f"{_quote(cell)} = {_quote(code)}" for cell, code in known.items()]
        tables += [
            f"{_quote(cell)} = {_quote(UNDECIDED)}  # one of {_remark(allowed)}"
            for cell in open_cells
        ]
    if tables:
        lines += [ANSWERS_TOP.rstrip(), *tables]
    return "\n".join(lines) + "\n"


def _undecided(
    mapping: "ExportMapping", items: Mapping[str, Item]
) -> dict[str, tuple[list[str], dict[str, str], str]]:
    """Give the answers to decide, by question: rows of one matrix share them."""
    found: dict[str, tuple[list[str], dict[str, str], str]] = {}
    for item_id, cells in mapping.unknown.items():
        item = items[item_id]
        key = item.question if item.code else item_id
        entry = found.setdefault(key, ([], {}, item.response.allowed()))
        entry[0].extend(c for c in cells[:MOST_LABELS] if c not in entry[0])
        entry[1].update(mapping.answers.get(item_id, {}))
    return found


def _quote(text: str) -> str:
    """Write a text as TOML does; JSON is the same but for one sign."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _remark(text: str) -> str:
    return " ".join(text.split())
