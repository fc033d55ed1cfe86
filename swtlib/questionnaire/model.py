"""The parts of a questionnaire that is ready to be written, in any format."""

from collections.abc import Iterator
from dataclasses import dataclass

from swtlib.codebook import Response


@dataclass(frozen=True, kw_only=True)
class Row:
    """One statement or question as it will be read.

    ``code`` is empty for a question of its own; ``to_check`` says that the
    codebook knows the words only as a paraphrase or as a label of a table.
    """

    code: str
    item: str
    text: str
    to_check: bool


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Who skips a question: those who gave one of these answers before.

    ``variable`` is the deciding question as LimeSurvey's expressions name it;
    ``codes`` and ``labels`` are the answers that exclude.
    """

    variable: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question, or a list of rows that are answered alike.

    Parameters
    ----------
    code : str
        Code in the survey tool, and the first part of the export headings.
    text : str
        What stands above the rows, or the question itself.
    help : str
        How to answer, if ``text`` does not say so.
    rows : tuple of Row
        At least one; a question of its own has one row without a code.
    response : Response
        Allowed answers.
    mandatory : bool
        Whether it must be answered: without a team there is no wave.
    condition : Condition or None
        Who skips it.
    """

    code: str
    text: str
    help: str
    rows: tuple[Row, ...]
    response: Response
    mandatory: bool
    condition: Condition | None

    @property
    def single(self) -> bool:
        """Whether this is one question, not a list of rows."""
        return not self.rows[0].code

    def options(self) -> tuple[tuple[str, str], ...]:
        """Give code and label of each answer that can be chosen.

        Returns
        -------
        tuple of (str, str)
            Empty for a number or a text.

        Examples
        --------
        >>> often = Response(
        ...     kind="scale", low=0, high=1, prefix="A", labels=("nooit", "altijd")
        ... )
        >>> row = Row(code="a", item="a", text="Ik leer", to_check=False)
        >>> Question(
        ...     code="q", text="Hoe vaak?", help="", rows=(row,), response=often,
        ...     mandatory=False, condition=None,
        ... ).options()
        (('A0', 'nooit'), ('A1', 'altijd'))
        """
        answers = self.response
        if answers.kind == "choice":
            return tuple((choice.code, choice.label) for choice in answers.choices)
        if answers.kind != "scale" or answers.low is None or answers.high is None:
            return ()
        values = range(int(answers.low), int(answers.high) + 1)
        labels = answers.labels or tuple(str(value) for value in values)
        codes = (answers.encode(value) for value in values)
        return tuple(zip(codes, labels, strict=True))


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a respondent sees at once."""

    title: str
    questions: tuple[Question, ...]

    @property
    def condition(self) -> Condition | None:
        """Who skips the page as a whole, if all its questions agree on that."""
        conditions = {question.condition for question in self.questions}
        return conditions.pop() if len(conditions) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """A questionnaire of one year, checked and ready to be written.

    Parameters
    ----------
    year : int
        Wave it is for.
    language : str
        Code of its language, such as ``"nl"``.
    title, welcome, privacy, end : str
        What stands around the questions; an empty line parts paragraphs.
    pages : tuple of Page
        In order.
    remarks : tuple of str
        What a researcher should look at before it is asked.
    """

    year: int
    language: str
    title: str
    welcome: str
    privacy: str
    end: str
    pages: tuple[Page, ...]
    remarks: tuple[str, ...] = ()

    def questions(self) -> Iterator[Question]:
        """Go over all questions in order."""
        for page in self.pages:
            yield from page.questions


def paragraphs(text: str) -> list[str]:
    r"""Split a text at its empty lines; other white space becomes one space.

    Examples
    --------
    >>> paragraphs("Welkom bij  de\nvragenlijst.\n\nHet duurt niet lang.")
    ['Welkom bij de vragenlijst.', 'Het duurt niet lang.']
    """
    parts: list[list[str]] = [[]]
    for line in text.splitlines():
        words = line.split()
        if words:
            parts[-1] += words
        elif parts[-1]:
            parts.append([])
    return [" ".join(part) for part in parts if part]
