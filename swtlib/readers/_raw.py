"""What a reader is given, and what it gives back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from swtlib.errors import IngestError

MOST_LINES = 50  # of faults
MOST_PLACES = 10  # in the file, in one fault


@dataclass(frozen=True, kw_only=True)
class RawExport:
    """An export as text: one row per response, one column per heading.

    Parameters
    ----------
    tool : str
        Which survey tool wrote it.
    cells : DataFrame of str, shape (n_responses, n_columns)
        As the file has it; an empty cell is ``""``. The index, named ``line``
        or ``row``, says where a response stands in the file. Where the file
        tells the code of a question, the heading is LimeSurvey's:
        ``team``, ``werk[SQ001]``, ``functie[other]``, ``dubbel[SQ001][1]``.
    wording : mapping of str to str
        Text of the question by heading, as far as the file gives it.
    labels : mapping of str to mapping
        Label of each code by heading, as far as the file gives them.
    response_id : Series of str
        The tool's own number of a response.
    completed : Series of bool
        Whether the respondent reached the end.
    not_asked : DataFrame of bool, shape (n_responses, n_columns)
        Where the file says that a question was not shown or not reached. A
        number that was left open counts as well: LimeSurvey keeps no
        difference. False all over if the file does not tell.
    about : frozenset of str
        Headings about the response itself (id, dates, language), never items.
    personal : frozenset of str
        Headings that identify a person (address, token, name, e-mail).
    missing_codes : mapping of str to frozenset of str
        Codes by heading that the file itself declares as "no answer".
    set_aside : mapping of str to int
        Why the reader left out responses (previews, tests), and how many.
    beside : tuple of Path
        Further files that were read: the syntax of an SPSS or R data file.
    faults : tuple of str
        What is wrong in single rows, a line each: such an export cannot be used,
        but the other rows can be looked at.
    """

    tool: str
    cells: pd.DataFrame
    wording: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    response_id: pd.Series
    completed: pd.Series
    not_asked: pd.DataFrame
    about: frozenset[str]
    personal: frozenset[str]
    missing_codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    set_aside: Mapping[str, int] = field(default_factory=dict)
    beside: tuple[Path, ...] = ()
    faults: tuple[str, ...] = ()

    def text_of(self, heading: str) -> str:
        """Give the wording of a column, or its heading if there is none."""
        return self.wording.get(heading) or heading


def nothing_hidden(cells: pd.DataFrame) -> pd.DataFrame:
    """Give ``not_asked`` of a file that does not tell what was not shown."""
    return pd.DataFrame(False, index=cells.index, columns=cells.columns)


@dataclass(frozen=True)
class ExportFile:
    """A file as it came, read once.

    Parameters
    ----------
    path : Path
        Where it stands.
    content : bytes
        All of it.
    """

    path: Path
    content: bytes

    @property
    def name(self) -> str:
        """Name of the file, for messages."""
        return self.path.name

    @cached_property
    def head(self) -> str:
        """The beginning as text, to recognise a format by; never to read from."""
        return _unmarked(self.content[:65536].decode("utf-8", errors="replace"))

    def text(self) -> str:
        """Decode the file.

        Returns
        -------
        str
            Without byte order mark.

        Raises
        ------
        IngestError
            If it is not UTF-8; the message names the first line that is not.
        """
        try:
            return _unmarked(self.content.decode("utf-8"))
        except UnicodeDecodeError as fault:
            line = self.content.count(b"\n", 0, fault.start) + 1
            raise IngestError(
                f"{self.name}, line {line}: the file is not UTF-8. It was probably "
                "saved by a spreadsheet; download it again from LimeSurvey, not by "
                "way of Excel."
            ) from None


def _unmarked(text: str) -> str:
    """Take the byte order mark away, also after an empty line."""
    return re.sub(r"\A(\s*)\ufeff", r"\1", text)


def name_lines(lines: pd.Index) -> str:
    """Name the lines or rows of a fault, at most ten of them.

    Examples
    --------
    >>> name_lines(pd.Index([4], name="line"))
    'line 4'
    >>> name_lines(pd.Index(range(2, 14), name="row"))
    'rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more'
    """
    where = ", ".join(str(line) for line in lines[:MOST_PLACES])
    more = len(lines) - MOST_PLACES
    unit = f"{lines.name}s" if len(lines) > 1 else lines.name
    return f"{unit} {where}" + (f" and {more} more" if more > 0 else "")


def refuse(problems: Sequence[str]) -> None:
    """Raise what is wrong, one line each; past the first fifty only a count.

    Parameters
    ----------
    problems : sequence of str
        One line each; none is fine.

    Raises
    ------
    IngestError
        If there are any.
    """
    # A heading may hold a line break.
    lines = [" ".join(problem.splitlines()) for problem in problems]
    if len(lines) > MOST_LINES:
        left = len(lines) - MOST_LINES
        lines = [*lines[:MOST_LINES], f"… and {left} more like these."]
    if lines:
        raise IngestError("\n".join(lines))
