"""Answers as a file writes them, read as the codes of the codebook."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from swtlib.codebook import TEAM_ITEM, Codebook, Item, Response
from swtlib.errors import ResponseError
from swtlib.readers._columns import plain_words

NOT_ANSWERED = "N/A"  # LimeSurvey's, in every language; a person may type it in a text
NOT_TICKED = ("n", "nee", "no")  # of a box: an option with a Y, or nothing
DECIMAL_COMMA = re.compile(r"-?\d+,\d{1,2}")


@dataclass(frozen=True, kw_only=True)
class Answers:
    """How the cells of one column are read.

    Parameters
    ----------
    codes : mapping of str to str
        Cell to code, where they differ; ``""`` is "no answer".
    unknown : tuple of str
        Cells of a closed question that fit no code and no label.
    declared : tuple of str
        Cells that the file itself declares as "no answer".
    """

    codes: Mapping[str, str]
    unknown: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()


class Labels:
    """The labels of a response, each with its code, compared as plain words."""

    def __init__(self, item: Item, codebook: Codebook) -> None:
        pairs = list(_labelled_codes(item.response))
        if item.id == TEAM_ITEM:
            pairs += [
                (name, team.code)
                for team in codebook.teams.values()
                for name in team.also_known_as
            ]
        found: dict[str, set[str]] = {}
        for label, code in pairs:
            found.setdefault(plain_words(label), set()).add(code)
        self._codes = {
            words: codes.pop()
            for words, codes in found.items()
            if words and len(codes) == 1
        }

    def code_of(self, label: str) -> str | None:
        """Give the code of a label, None if it is not one."""
        return self._codes.get(plain_words(label))

    def are_words(self, labels: Iterable[str]) -> bool:
        """Say whether these can be labels, bare numbers among them included.

        A label that is not known is a number in the codebook. A file that
        writes only numbers writes codes of its own, not these labels; one
        that also writes a label in words, and nothing else, writes labels.
        """
        plain = {plain_words(label) for label in labels}
        return plain <= set(self._codes) and any(not w.isdecimal() for w in plain)


def _labelled_codes(response: Response) -> Iterable[tuple[str, str]]:
    if response.kind == "choice":
        return [(choice.label, choice.code) for choice in response.choices]
    if response.kind == "scale" and response.low is not None:
        return [
            (label, response.encode(response.low + step))
            for step, label in enumerate(response.labels)
        ]
    return []


def read_answers(
    item: Item,
    cells: "pd.Series[str]",
    labels: Labels,
    *,
    told: Mapping[str, str],
    declared: frozenset[str],
    written: Mapping[str, str],
    in_words: bool,
) -> Answers:
    """Find the code of every different cell of a column.

    Parameters
    ----------
    item : Item
        Whose answers these are.
    cells : Series of str
        The column.
    labels : Labels
        Of the item.
    told : mapping of str to str
        Labels of the codes, as the file itself gives them.
    declared : frozenset of str
        Codes that the file declares as "no answer".
    written : mapping of str to str
        Cell to code, as a person wrote in map.toml; these come first.
    in_words : bool
        Whether the questions with these answers are answered in labels, so
        that a bare number is one as well.

    Returns
    -------
    Answers
    """
    told = {code: label for code, label in told.items() if code not in declared}
    closed = item.response.kind in ("scale", "choice")
    by_label = _labels_of_file(labels, told) if closed else {}
    trusted = _codes_are_ours(item.response, told, by_label) if closed else True
    codes: dict[str, str] = {}
    unknown, missing = [], []
    for cell in pd.unique(cells.str.strip()):
        code: str | None = cell
        if not cell:
            continue
        if cell in written:
            code = written[cell]
        elif cell in declared:
            code = ""
            missing.append(cell)
        elif cell in by_label:
            code = by_label[cell]
        elif trusted and _fits(item.response, cell):
            code = cell
        elif item.response.kind == "number" and DECIMAL_COMMA.fullmatch(cell):
            code = cell.replace(",", ".")
        elif cell in told:
            code = None
        elif closed and cell == NOT_ANSWERED:
            code = ""
            missing.append(cell)
        elif len(item.response.choices) == 1 and plain_words(cell) in NOT_TICKED:
            code = ""
        elif closed and (in_words or not plain_words(cell).isdecimal()):
            code = labels.code_of(cell)
        elif closed:
            code = None
        else:  # a number that is none: the check names it
            code = cell
        if code is None:
            unknown.append(cell)
        elif code != cell:
            codes[cell] = code
    return Answers(codes=codes, unknown=tuple(unknown), declared=tuple(missing))


def _labels_of_file(labels: Labels, told: Mapping[str, str]) -> dict[str, str]:
    """Give the code of the codebook for each code that the file has a label for."""
    found = {code: labels.code_of(label) for code, label in told.items()}
    words = {code for code, ours in found.items() if ours is not None}
    if not any(not plain_words(told[code]).isdecimal() for code in words):
        return {}
    return {code: ours for code, ours in found.items() if ours is not None}


def _codes_are_ours(
    response: Response, told: Mapping[str, str], by_label: Mapping[str, str]
) -> bool:
    """Say whether codes whose label is not ours may still be read as codes.

    Not when a label shows that the file numbers otherwise, or when one of its
    codes is not ours: then 3 may well be another answer than our 3.
    """
    if any(code != ours for code, ours in by_label.items()):
        return False
    return all(_fits(response, code) for code in told)


def _fits(response: Response, cell: str) -> bool:
    try:
        response.decode(cell)
    except ResponseError:
        return False
    return True
