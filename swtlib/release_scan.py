"""What must not be in a finished file: respondents, raw answers, this machine.

The tables of a page are protected before they are shown. This looks at the
files themselves, with everything that is in them: outputs and metadata of a
notebook, the source of a page, the texts in a picture.
"""

import base64
import getpass
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from swtlib import project
from swtlib._wave_check import choose_map
from swtlib.mapping import propose_mapping
from swtlib.readers import read_export
from swtlib.wave import Wave

Kind = Literal["respondent", "answers", "open answer", "e-mail", "machine"]

WINDOW = 10  # answers in a row that belong to one person, or to one question
FEWEST_VALUES = 3  # different ones among them: 0 0 0 0 … is in many tables
SHORTEST_ANSWER = 12  # letters; "meer tijd" may be said by anybody
HALF_WAY = 4  # statements are answered with 0-4 and shown on 0-1

Opener = Callable[[bytes], tuple[str, ...]]

_EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_BLOB = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_HOME = re.compile(r"(?:/(?:home|Users)/|[A-Z]:\\+Users\\+)[\w.-]+")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something in a file that may give a respondent away.

    Parameters
    ----------
    file : str
        Path within the outputs of the wave.
    kind : {"respondent", "answers", "open answer", "e-mail", "machine"}
        What it is: the id of a respondent, answers of one person or to one
        question in a row, an open answer that was not released, an address,
        or a path of the computer that the file was made on.
    n : int
        How often. What it says is not repeated here.
    """

    file: str
    kind: Kind
    n: int

    def line(self) -> str:
        """Say it in one line."""
        return f"{self.file}: {self.kind} ({self.n} times)"


@dataclass(frozen=True)
class Secrets:
    """What is looked for, of one wave."""

    wave: Wave

    @cached_property
    def respondents(self) -> frozenset[str]:
        """The pseudonyms of all respondents, and the name of their column."""
        answers = self.wave.respondents
        names = {"respondent_id", *answers["respondent_id"]}
        if "person" in answers:
            names |= set(answers["person"].dropna())
        return frozenset(names)

    @cached_property
    def rows(self) -> frozenset[tuple[float, ...]]:
        """Every run of answers of one respondent, and of one question."""
        numbers = self.wave.respondents.select_dtypes("number").to_numpy(dtype=float)
        lines = [line[~np.isnan(line)] for line in (*numbers, *numbers.T)]
        lines += [line / HALF_WAY for line in lines]
        return frozenset(
            window
            for line in lines
            for window in _windows(line.tolist())
            if len(set(window)) >= FEWEST_VALUES
        )

    @cached_property
    def values(self) -> frozenset[float]:
        """Every value that occurs in one of `rows`."""
        return frozenset(value for row in self.rows for value in row)

    @cached_property
    def known(self) -> Callable[[str], float | None]:
        """Give the value of a number as it is written, if it is one of `values`."""

        @cache
        def look(found: str) -> float | None:
            value = round(float(found.replace(",", ".")), 2)
            return value if value in self.values else None

        return look

    @cached_property
    def open_answers(self) -> tuple[str, ...]:
        """Open answers as they came in, less those that a person released."""
        facts = self.wave.facts
        export = facts.folder / facts.export
        if not export.is_file():
            return ()
        raw = read_export(export)
        written = choose_map(facts)
        mapping = propose_mapping(raw, self.wave.codebook, self.wave.year, written)
        texts = {
            _plain(cell)
            for _, item in self.wave.codebook.items()
            if item.response.kind == "text" and item.id in mapping.headings
            for cell in raw.cells[mapping.headings[item.id]]
        }
        released = " ".join(_plain(a) for a in self.wave.open_answers()["answer"])
        return tuple(
            text
            for text in texts
            if len(text) >= SHORTEST_ANSWER and text not in released
        )

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
    open_picture = cache(_picture_texts)
    found = []
    for path in sorted(folder.rglob("*")) if files is None else files:
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        counts: dict[Kind, int] = {}
        for text in _texts(path.suffix.lower(), path.read_bytes(), open_picture):
            for kind, n in look(text):
                counts[kind] = counts.get(kind, 0) + n
        found += [Finding(file=name, kind=kind, n=n) for kind, n in counts.items()]
    return found


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
    ids = sum(word in secrets.respondents for word in _WORD.findall(plain))
    yield from _counted("respondent", ids)
    near = (word for word in plain.split() if "@" in word) if "@" in plain else ()
    yield from _counted("e-mail", sum(len(_MAIL.findall(word)) for word in near))
    places = sum(plain.count(place) for place in secrets.places)
    yield from _counted("machine", places + len(_HOME.findall(plain)))
    read = _plain(html.unescape(_TAG.sub(" ", text)))
    said = sum(a in read or a in _plain(plain) for a in secrets.open_answers)
    yield from _counted("open answer", said)
    rows = sum(_is_row(line, secrets) for line in _lines(plain))
    yield from _counted("answers", rows)


def _counted(kind: Kind, n: int) -> Iterator[tuple[Kind, int]]:
    if n:
        yield kind, n


def _texts(suffix: str, content: bytes, open_picture: Opener) -> Iterator[str]:
    """Give every text in a file, those within what is embedded included."""
    if suffix == ".png":
        yield from open_picture(content)
    elif suffix in (".zip", ".xlsx", ".docx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield inner
                suffix = Path(inner).suffix.lower()
                yield from _texts(suffix, archive.read(inner), open_picture)
    elif suffix in (".ipynb", ".json"):
        yield from _json_texts(json.loads(content), open_picture)
    else:
        text = content.decode("utf-8", errors="replace")
        yield from _with_pictures(text, open_picture)


def _with_pictures(text: str, open_picture: Opener) -> Iterator[str]:
    yield _BLOB.sub("", text)
    for embedded in _EMBEDDED.findall(text):
        yield from open_picture(base64.b64decode(embedded))


def _json_texts(value: Any, open_picture: Opener) -> Iterator[str]:
    if isinstance(value, str):
        yield from _with_pictures(value, open_picture)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            if key == "image/png" and isinstance(inner, str | list):
                joined = inner if isinstance(inner, str) else "".join(inner)
                yield from open_picture(base64.b64decode(joined))
            else:
                yield from _json_texts(inner, open_picture)
    elif isinstance(value, list):
        if value and all(isinstance(inner, str) for inner in value):
            yield "".join(value)  # the lines of a cell
        elif value and all(isinstance(inner, int | float) for inner in value):
            yield " ".join(str(inner) for inner in value)
        else:
            for inner in value:
                yield from _json_texts(inner, open_picture)


def _picture_texts(content: bytes) -> tuple[str, ...]:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        picture.load()  # a text may stand behind the picture itself
        return tuple(str(text) for text in picture.info.values())


def _plain(text: str) -> str:
    return " ".join(str(text).casefold().split())


def _lines(text: str) -> Iterable[str]:
    """Give the rows of tables, of text and of HTML."""
    if "</tr>" in text:
        rows = " ".join(text.split()).split("</tr>")
        return [_TAG.sub(" ", row) for row in rows]
    return text.splitlines()


def _is_row(line: str, secrets: Secrets) -> bool:
    """Look for answers in a row; only where so many known values stand together."""
    values: list[float] = []
    for found in _numbers(line):
        value = secrets.known(found)
        if value is not None:
            values.append(value)
            if len(values) >= WINDOW and tuple(values[-WINDOW:]) in secrets.rows:
                return True
        else:
            values = []
    return False


def _numbers(line: str) -> list[str]:
    """Find the numbers; in "4,3,2" and "4;3;2" a comma is no decimal sign."""
    if re.search(r"\d,\d+,\d", line):
        line = line.replace(",", " ")
    return _NUMBER.findall(line)


def _windows(numbers: Sequence[float]) -> Iterator[tuple[float, ...]]:
    rounded = [round(number, 2) for number in numbers]
    for start in range(len(rounded) - WINDOW + 1):
        yield tuple(rounded[start : start + WINDOW])
