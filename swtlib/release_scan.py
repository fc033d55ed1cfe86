"""What must not be in a finished file: respondents, raw answers, this machine.

The tables of a page are protected before they are shown. This looks at the
files themselves, with everything that is in them: outputs and metadata of a
notebook, the source of a page, the texts in a picture.
"""

import getpass
import html
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from swtlib import project
from swtlib._file_texts import ForeignError, UnreadableError, file_texts, picture_texts
from swtlib._wave_check import choose_map
from swtlib.mapping import ExportMapping, propose_mapping
from swtlib.pseudonyms import find_tokens
from swtlib.readers import RawExport, read_export
from swtlib.wave import Wave

Kind = Literal[
    "respondent",
    "answers",
    "open answer",
    "e-mail",
    "machine",
    "table",
    "picture",
    "stray",
    "unreadable",
]

MEANING: dict[Kind, str] = {
    "respondent": "the id or token of a respondent",
    "answers": "answers in a row, of one person or to one question",
    "open answer": "an open answer that was not released, or a part of one",
    "e-mail": "an e-mail address",
    "machine": "a path of this computer, or who works on it",
    "table": "a table of answers, or one that is not protected",
    "picture": "a picture that was not drawn from a protected table",
    "stray": "no run of now made this file",
    "unreadable": "something that cannot be looked into",
}

# Answers in a row belong to one person, or to one question, when so many of them are
# unlikely to come together by chance; statements that nearly all answer with 3 say
# little each. A wave has some 2^15 such rows, so chance is 1 in 2^13. Below each other
# more is asked: results are full of columns of small whole numbers.
TELLING = 28  # bits
TELLING_BELOW = 42
MOST_TELLING = 3.5  # bits of one of them: at least eight in a row
LONGEST_ROW = 40
FEWEST_VALUES = 3  # different ones among them: 0 0 0 0 … is in many tables
SHORTEST_ANSWER = 12  # letters; "meer tijd" may be said by anybody
PART = 8  # words in a row of a longer answer
SHORTEST_TOKEN = 5
HALF_WAY = 4  # statements are answered with 0-4 and shown on 0-1

Row = tuple[float, ...]

_TAG = re.compile(r"<[^>]*>")
_STYLE = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:[.,]\d+)?(?![\w]|[.,]\d)|[^\W\d]\w*")
_NOTHING = frozenset(("nan", "none", "null", "na"))
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_HOME = re.compile(r"(?:/(?:home|Users)/|[A-Z]:\\+Users\\+)[\w.-]+")
# What pandas shows, in HTML and in print; ours are made by great_tables.
_PANDAS = re.compile(
    r'class="(?:[^"]*\s)?dataframe[\s"]|^\[\d+ rows x \d+ columns\]\s*$'
    r"|^(?:Name: .*, )?(?:Length: \d+, )?dtype: \w+\s*$",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something in a file that may give a respondent away.

    Parameters
    ----------
    file : str
        Path within the outputs of the wave.
    kind : str
        What it is; `MEANING` says it in words.
    n : int
        How often. What it says is not repeated here.
    """

    file: str
    kind: Kind
    n: int

    def line(self) -> str:
        """Say it in one line."""
        return f"{self.file}: {self.kind} ({self.n} times): {MEANING[self.kind]}"


@dataclass(frozen=True)
class Secrets:
    """What is looked for, of one wave."""

    wave: Wave

    @cached_property
    def respondents(self) -> frozenset[str]:
        """The pseudonyms of all respondents, their tokens, and names of columns."""
        answers = self.wave.respondents
        names = {"respondent_id", *answers["respondent_id"]}
        if "person" in answers:
            names |= set(answers["person"].dropna())
        if self.export is not None:
            tokens = set(find_tokens(self.export))
            names |= {token for token in tokens if len(token) >= SHORTEST_TOKEN}
        return frozenset(names)

    @cached_property
    def export(self) -> RawExport | None:
        """The answers as they came in, if they are still there."""
        path = self.wave.facts.folder / self.wave.facts.export
        return read_export(path) if path.is_file() else None

    @cached_property
    def mapping(self) -> ExportMapping | None:
        """Which column of the export is which question."""
        if self.export is None:
            return None
        written = choose_map(self.wave.facts)
        codebook, year = self.wave.codebook, self.wave.year
        return propose_mapping(self.export, codebook, year, written)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that a table of answers may have."""
        names = {str(name) for name in self.wave.respondents} - {"team", "person"}
        if self.mapping is not None:
            names |= set(self.mapping.headings.values())
        return tuple(sorted(name for name in names if len(name) > 2))

    @cached_property
    def headings(self) -> re.Pattern[str]:
        """Three questions side by side, as over a table of answers."""
        one = "|".join(re.escape(name) for name in self.names)
        between = r"[\"']?(?:[ \t]+|[;,|\t])[\"']?"
        return re.compile(rf"(?<!\w)(?:(?:{one}){between}){{2}}(?:{one})(?!\w)")

    @cached_property
    def rows(self) -> frozenset[Row]:
        """Runs of answers of one respondent, and to one question, that tell."""
        return self._runs_of(TELLING)

    @cached_property
    def columns(self) -> frozenset[Row]:
        """The same, long enough to tell when they stand below each other."""
        return self._runs_of(TELLING_BELOW)

    def _runs_of(self, least: float) -> frozenset[Row]:
        people = self.wave.respondents
        numbers = people.select_dtypes("number").to_numpy(dtype=float)
        lines = [line[~np.isnan(line)] for line in (*numbers, *numbers.T)]
        for _, team in people.groupby("team", observed=True):
            answers = team.select_dtypes("number").to_numpy(dtype=float)
            lines += [line[~np.isnan(line)] for line in answers.T]
        counts = Counter(round(value, 2) for line in lines for value in line.tolist())
        total = counts.total()
        bits = {v: min(MOST_TELLING, -math.log2(n / total)) for v, n in counts.items()}
        found = {row for line in lines for row in _telling(line.tolist(), bits, least)}
        return frozenset(found | {tuple(v / HALF_WAY for v in row) for row in found})

    @cached_property
    def between(self) -> frozenset[str]:
        """Words that may stand between answers in a row: names of questions."""
        return _NOTHING | {str(name).casefold() for name in self.wave.respondents}

    @cached_property
    def known(self) -> Callable[[str], float | None]:
        """Give the value of a number as it is written, if it is in one of `rows`."""
        values = frozenset(value for row in self.rows for value in row)

        @cache
        def look(found: str) -> float | None:
            value = round(float(found.replace(",", ".")), 2)
            return value if value in values else None

        return look

    @cached_property
    def open_answers(self) -> tuple[str, ...]:
        """Open answers as they came in, less those that a person released.

        Of a longer answer every part of PART words is one.
        """
        if self.export is None or self.mapping is None:
            return ()
        headings = self.mapping.headings
        texts = {
            _plain(cell)
            for _, item in self.wave.codebook.items()
            if item.response.kind == "text" and item.id in headings
            for cell in self.export.cells[headings[item.id]]
        }
        released = " ".join(_plain(a) for a in self.wave.open_answers()["answer"])
        parts = {part for text in texts for part in _parts(text)}
        found = {part for part in parts if part not in released}
        return tuple(sorted(part for part in found if len(part) >= SHORTEST_ANSWER))

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Paths of this computer, and the name of who works on it."""
        home, root = Path.home(), project.project_root()
        named = {str(root), root.as_posix(), f"/{getpass.getuser()}/"}
        if len(home.parts) > 1:
            named |= {f"{home}/", f"{home}\\"}
        return tuple(sorted(place for place in named if len(place) > 2))


def scan_outputs(wave: Wave, *, files: Sequence[Path] | None = None) -> list[Finding]:
    """Look through every file that was made of a wave.

    Parameters
    ----------
    wave : Wave
        The measurement.
    files : sequence of Path, optional
        Some of them; everything under ``outputs/<year>`` by default.

    Returns
    -------
    list of Finding
        Empty if nothing was found.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    folder = project.outputs_dir(wave.year)
    secrets = Secrets(wave)
    # Pages of teams have most of their texts and pictures in common.
    look = cache(lambda text: tuple(find_secrets(text, secrets)))
    open_picture = _opener()
    found = []
    for path in sorted(folder.rglob("*")) if files is None else files:
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        counts: Counter[Kind] = Counter()
        told: list[Kind] = []
        texts = file_texts(path.read_bytes(), open_picture, told)
        for text in (name, *texts):
            for kind, n in look(text):
                counts[kind] += n
        counts.update(told)
        found += [Finding(file=name, kind=kind, n=n) for kind, n in counts.items()]
    return found


def _opener() -> Callable[[bytes], tuple[str, ...]]:
    """Open each picture once: pages, notebooks and files have the same ones."""
    opened: dict[bytes, tuple[str, ...] | Exception] = {}

    def look(content: bytes) -> tuple[str, ...]:
        if content not in opened:
            try:
                opened[content] = picture_texts(content)
            except (ForeignError, UnreadableError) as fault:
                opened[content] = fault
        found = opened[content]
        if isinstance(found, Exception):
            raise found
        return found

    return look


def find_secrets(text: str, secrets: Secrets) -> Iterator[tuple[Kind, int]]:
    """Count what a text gives away, by kind.

    Parameters
    ----------
    text : str
        Plain text, HTML or the source of a notebook's cell.
    secrets : Secrets
        Of the wave.

    Yields
    ------
    tuple of kind and int
    """
    plain = html.unescape(text)
    ids = sum(
        not secrets.respondents.isdisjoint((word, *word.split("_")))
        for word in _WORD.findall(plain)
    )
    yield from _counted("respondent", ids)
    near = (word for word in plain.split() if "@" in word) if "@" in plain else ()
    yield from _counted("e-mail", sum(len(_MAIL.findall(word)) for word in near))
    places = sum(plain.count(place) for place in secrets.places)
    yield from _counted("machine", places + len(_HOME.findall(plain)))
    read = _plain(html.unescape(_TAG.sub(" ", text)))
    said = sum(a in read or a in _plain(plain) for a in secrets.open_answers)
    yield from _counted("open answer", said)
    lines = [*_lines(plain)]
    shown = len(_PANDAS.findall(plain))
    if any(name in plain for name in secrets.names):
        shown += sum(len(secrets.headings.findall(line)) for line in lines)
    yield from _counted("table", shown)
    yield from _counted("answers", sum(1 for _ in _answers(lines, secrets)))


def _counted(kind: Kind, n: int) -> Iterator[tuple[Kind, int]]:
    if n:
        yield kind, n


def _plain(text: str) -> str:
    return " ".join(str(text).casefold().split())


def _parts(text: str) -> Iterator[str]:
    words = text.split()
    yield text
    for start in range(len(words) - PART + 1):
        yield " ".join(words[start : start + PART])


def _lines(text: str) -> Iterable[str]:
    """Give the rows of tables, of text and of HTML; the look of a page is none."""
    if "</tr>" in text:
        text = _STYLE.sub(" ", text)
        rows = " ".join(text.split()).split("</tr>")
        return [_TAG.sub(" ", row) for row in rows]
    return text.splitlines()


def _answers(lines: Sequence[str], secrets: Secrets) -> Iterator[Row]:
    """Find answers in a row, or below each other in lines that follow."""
    below: dict[int, list[float]] = {}
    for line in lines:
        runs = _runs(line, secrets)
        yield from (row for run in runs for row in _found(run, secrets.rows))
        numbers = [value for run in runs for value in run]
        columns = dict(enumerate(numbers)) | {
            -1 - at: value for at, value in enumerate(reversed(numbers))
        }
        for at in {*below, *columns}:
            if at in columns:
                below.setdefault(at, []).append(columns[at])
            else:
                yield from _found(below.pop(at), secrets.columns)
    for column in below.values():
        yield from _found(column, secrets.columns)


def _runs(line: str, secrets: Secrets) -> list[list[float]]:
    """Give the answers on a line that stand together, with no other words between."""
    runs: list[list[float]] = [[]]
    for found in _NUMBER.findall(_spaced(line)):
        word = found[0].isalpha() or found[0] == "_"
        value = None if word else secrets.known(found)
        if value is not None:
            runs[-1].append(value)
        elif runs[-1] and not (word and found.casefold() in secrets.between):
            runs.append([])
    return [run for run in runs if run]


def _found(values: Sequence[float], rows: frozenset[Row]) -> Iterator[Row]:
    """Give the first row of answers among values, if there is one."""
    shortest = math.ceil(TELLING / MOST_TELLING)
    for end in range(shortest, len(values) + 1):
        for length in range(shortest, min(end, LONGEST_ROW) + 1):
            row = tuple(values[end - length : end])
            if row in rows:
                yield row
                return


def _spaced(line: str) -> str:
    """In "4,3,2" and "4.0,3.0" a comma is no decimal sign."""
    return line.replace(",", " ") if re.search(r"\d,\d+[.,]\d", line) else line


def _telling(
    line: Sequence[float], bits: Mapping[float, float], least: float
) -> Iterator[Row]:
    """From each place the shortest run of answers that says enough bits."""
    values = [round(value, 2) for value in line]
    for start in range(len(values)):
        told = 0.0
        for end in range(start, min(start + LONGEST_ROW, len(values))):
            told += bits[values[end]]
            row = tuple(values[start : end + 1])
            if told >= least and len(set(row)) >= FEWEST_VALUES:
                yield row
                break
