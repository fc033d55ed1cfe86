"""The parts a questionnaire is made of, as frozen dataclasses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast, get_args

import pandas as pd

from swtlib.errors import CodebookError, ResponseError, did_you_mean

Kind = Literal["scale", "number", "choice", "text"]
Wording = Literal["full", "paraphrase", "table_label", "unknown"]
Aspect = Literal[
    "current", "importance", "have", "want", "expectation", "attitude", "background"
]
KINDS: tuple[str, ...] = get_args(Kind)
WORDINGS: tuple[str, ...] = get_args(Wording)
ASPECTS: tuple[str, ...] = get_args(Aspect)
FIRST_WAVE, ALWAYS = 2015, 9999  # years an item is asked in, if it says nothing
TEAM_ITEM = "bg_wijkteam"  # the question that says whose team an answer is of


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of a closed question: its id, export code and label.

    Options with the same ``together`` are shown as one, under that text: a
    function that one person holds would name that person.
    """

    id: str
    code: str
    label: str
    together: str = ""


@dataclass(frozen=True, kw_only=True)
class Response:
    """The answers an item allows, and how an export writes them.

    Parameters
    ----------
    kind : {"scale", "number", "choice", "text"}
        A scale is a run of whole numbers with a label each; a number is typed
        in; a choice is one of a list; a text is free.
    low, high : float or None
        Declared range of a scale or number, both ends included.
    labels : tuple of str
        Labels of a scale, lowest first. A label that is not known is the
        number itself.
    prefix : str
        What the export puts before a scale value, such as ``A`` in ``A3``.
    whole : bool
        Whether a number must be whole.
    choices : tuple of Choice
        Options of a choice.
    missing_codes : tuple of str
        Export codes that mean "no answer", such as ``A9`` for n.v.t.
    """

    kind: Kind
    low: float | None = None
    high: float | None = None
    labels: tuple[str, ...] = ()
    prefix: str = ""
    whole: bool = True
    choices: tuple[Choice, ...] = ()
    missing_codes: tuple[str, ...] = ()

    def allowed(self) -> str:
        """Say in words what may be answered, for messages and tables."""
        if self.kind == "choice":
            return ", ".join(choice.code for choice in self.choices)
        if self.kind == "text":
            return "text"
        low, high = f"{self.low:g}", f"{self.high:g}"
        return f"{self.prefix}{low}-{self.prefix}{high}"

    def encode(self, value: object) -> str:
        """Write an answer as an export does: ``3.0`` becomes ``"A3"``."""
        if self.kind == "choice":
            for choice in self.choices:
                if choice.id == value:
                    return choice.code
            raise ResponseError(f"there is no option '{value}'")
        if self.kind == "text":
            return str(value)
        return f"{self.prefix}{float(cast(float, value)):g}"

    def decode(self, code: str) -> float | str | None:
        """Read an answer as an export writes it.

        Parameters
        ----------
        code : str
            The cell, not empty.

        Returns
        -------
        float or str or None
            A value within the range, the id of an option, the text, or None
            for a missing code.

        Raises
        ------
        ResponseError
            If the code is not allowed; the message says what is.

        Examples
        --------
        >>> agree = Response(kind="scale", low=0, high=4, prefix="A")
        >>> agree.decode("A3")
        3.0
        >>> agree.decode("A5")
        Traceback (most recent call last):
        swtlib.errors.ResponseError: 'A5' is not allowed here (A0-A4)
        """
        if code in self.missing_codes:
            return None
        if self.kind == "text":
            return code
        if self.kind == "choice":
            for choice in self.choices:
                if choice.code == code:
                    return choice.id
        else:
            value = self._number(code)
            if value is not None:
                return value
        raise ResponseError(f"'{code}' is not allowed here ({self.allowed()})")

    def _number(self, code: str) -> float | None:
        if not code.startswith(self.prefix) or "_" in code:  # Python reads 1_0 as 10
            return None
        try:
            value = float(code.removeprefix(self.prefix))
        except ValueError:
            return None
        low, high = cast(float, self.low), cast(float, self.high)
        if not low <= value <= high or (self.whole and value != int(value)):
            return None
        return value


@dataclass(frozen=True, kw_only=True)
class Item:
    """A statement or question as asked, with its place in an export.

    Parameters
    ----------
    id : str
        Name for ever; a changed wording is a new item.
    label : str
        Short name for tables and figures.
    text : str
        The wording as printed; empty when it is not known.
    wording : {"full", "paraphrase", "table_label", "unknown"}
        How much of the wording is known. Only "full" is the question itself.
    column : str or None
        Heading in an export with question codes, ``gdnu[doelhelder]``. None
        for a placeholder: something was asked, but not how many or what.
    response : Response
        Allowed answers.
    aspect : str
        What the answer speaks of: current situation, importance, have, want, …
    reversed : bool
        Whether a high answer counts as low when a scale is scored.
    placeholder : bool
        Whether it is not known what was asked; with a column, its answers can
        be shown, but no one can say to which words.
    first_wave, last_wave : int
        Years in which the item is asked, both included.
    comparable_with : tuple of str
        Items of other waves that may be set beside this one.
    """

    id: str
    label: str
    response: Response
    aspect: Aspect
    wording: Wording
    text: str = ""
    column: str | None = None
    question: str = ""
    code: str = ""
    reversed: bool = False
    first_wave: int = FIRST_WAVE
    last_wave: int = ALWAYS
    comparable_with: tuple[str, ...] = ()
    source: str = ""
    note: str = ""
    placeholder: bool = False

    def shown_together(self) -> tuple["Item", dict[str, str]]:
        """Fold options that are shown as one.

        Returns
        -------
        Item
            The same question with fewer options.
        dict of str to str
            Option id to the id it is shown under.
        """
        folded = {c.id: c.together or c.id for c in self.response.choices}
        labels = {
            c.together or c.id: c.together or c.label for c in self.response.choices
        }
        choices = tuple(
            Choice(id=name, code=name, label=label) for name, label in labels.items()
        )
        response = replace(self.response, choices=choices)
        return replace(self, response=response), folded

    def asked_in(self, year: int) -> bool:
        """Say whether the item belongs to the wave of ``year``."""
        return self.first_wave <= year <= self.last_wave

    def years(self) -> str:
        """Say in which years the item is asked; empty if in all."""
        first = f"{self.first_wave}" if self.first_wave > FIRST_WAVE else ""
        last = f"{self.last_wave}" if self.last_wave < ALWAYS else ""
        if first and last and first != last:
            return f"{first}-{last}"
        if last:
            return last if self.last_wave == self.first_wave else f"until {last}"
        return f"from {first}" if first else ""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Items scored together; checked on load, read-only afterwards."""

    id: str
    label: str
    response: Response
    items: tuple[Item, ...]
    min_valid: int
    group: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """Who is asked a block: everybody, or all but some answers to an item."""

    item: str = ""
    excluded: tuple[str, ...] = ()

    def asked(self, respondents: pd.DataFrame) -> pd.Series:
        """Mark the respondents who were asked the block.

        Parameters
        ----------
        respondents : DataFrame, shape (n_respondents, n_columns)
            With a column for the item that decides.

        Returns
        -------
        Series of bool, shape (n_respondents,)
        """
        if not self.item:
            return pd.Series(True, index=respondents.index)
        return ~respondents[self.item].isin(self.excluded)


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A set of items asked together, and the scales made of them."""

    id: str
    label: str
    page: int
    version: str
    source: str
    items: Mapping[str, Item]
    scales: Mapping[str, Scale]
    stems: Mapping[str, str]
    eligibility: Eligibility
    assignments: Mapping[str, str]
    note: str = ""
    _assigned: Mapping[str, Mapping[str, Scale]] = field(default_factory=dict)

    def answered_items(self, year: int | None = None) -> tuple[Item, ...]:
        """Give the items that have a column, of one wave or of all."""
        return tuple(
            item
            for item in self.items.values()
            if item.column is not None and (year is None or item.asked_in(year))
        )

    def scales_of(
        self, *, group: str | None = None, assignment: str = ""
    ) -> tuple[Scale, ...]:
        """Give the scales, of one group and under a named assignment.

        Parameters
        ----------
        group : str, optional
            Such as ``"fasen"``; all scales by default.
        assignment : str, default ""
            Another division of the items over the scales, as named in the
            TOML; empty is the default division.

        Returns
        -------
        tuple of Scale

        Raises
        ------
        CodebookError
            If the assignment or the group is not in the codebook.
        """
        if assignment and assignment not in self._assigned:
            raise CodebookError(
                f"{self.id}.toml has no assignment '{assignment}'."
                + did_you_mean(assignment, self.assignments)
            )
        scales = self._assigned[assignment] if assignment else self.scales
        chosen = tuple(s for s in scales.values() if group in (None, s.group))
        if not chosen:
            groups = {s.group for s in self.scales.values()}
            raise CodebookError(
                f"{self.id}.toml has no scale group '{group}'."
                + did_you_mean(str(group), sorted(groups))
            )
        return chosen


@dataclass(frozen=True, kw_only=True)
class Team:
    """A wijkteam: its name for ever, its label and municipality."""

    id: str
    label: str
    code: str
    municipality: str
    also_known_as: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """All instruments and teams, and the folder where they are defined."""

    instruments: Mapping[str, Instrument]
    teams: Mapping[str, Team]
    folder: Path

    def items(self) -> Iterator[tuple[Instrument, Item]]:
        """Go over all items, placeholders included, in order of the pages."""
        for instrument in self.instruments.values():
            for item in instrument.items.values():
                yield instrument, item

    def check_team_item(self, year: int) -> None:
        """Raise a CodebookError if the wave of ``year`` does not ask for the team."""
        if TEAM_ITEM not in {item.id for _, item in self.columns(year).values()}:
            raise CodebookError(
                f"the codebook has no item '{TEAM_ITEM}'. Answers without a team "
                "cannot become a wave; add the question to achtergrond.toml."
            )

    def columns(self, year: int) -> dict[str, tuple[Instrument, Item]]:
        """Map each export heading of a wave to its item."""
        return {
            item.column: (instrument, item)
            for instrument, item in self.items()
            if item.column is not None and item.asked_in(year)
        }
