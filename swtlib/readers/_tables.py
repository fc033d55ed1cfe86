"""Text to rows: encodings, separators, rows of unequal length, repeated headings."""

import csv
import io
from collections.abc import Sequence

import pandas as pd

from swtlib.errors import IngestError

SEPARATORS = (";", ",", "\t", "|")
LOOK_AT = 50  # rows by which a separator is recognised
MARKS = {  # byte order marks, longest first
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def decode(data: bytes, name: str) -> str:
    """Read bytes as text: by the byte order mark, else UTF-8, else cp1252.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        Name of the file, for the message.

    Returns
    -------
    str

    Raises
    ------
    IngestError
        If it is no text.

    Examples
    --------
    >>> decode("coördinatie".encode("cp1252"), "x.csv")
    'coördinatie'
    """
    known = [code for mark, code in MARKS.items() if data.startswith(mark)]
    for encoding in known or ["utf-8", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise IngestError(
        f"{name}: this is not text, nor a file that can be read here. Give the CSV, "
        ".xlsx or .sav file as the survey tool wrote it."
    )


def read_rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Read comma, semicolon, tab or bar separated rows with their line numbers.

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        Name of the file, for the message.

    Returns
    -------
    list of (int, list of str)
        Line on which a row ends, and its cells; empty rows are left out.

    Raises
    ------
    IngestError
        If a row is damaged, naming its line.
    """
    first, _, rest = text.partition("\n")
    if first.strip().startswith("sep=") and len(first.strip()) == 5:
        separator = first.strip()[4]
        # Excel's own line; an empty one in its place keeps the line numbers.
        text = "\n" + rest
    else:
        separator = _find_separator(text)
    # Strict: a quote that is never closed would swallow the responses after it.
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(row)]
    except csv.Error as fault:
        raise IngestError(
            f"{name}, line {reader.line_num}: {fault}. Download the file again."
        ) from None


def _find_separator(text: str) -> str:
    """Choose the separator that gives the most columns, the same in every row."""

    def width(separator: str) -> tuple[float, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            rows = [row for _, row in zip(range(LOOK_AT), reader, strict=False)]
        except csv.Error:
            return 0.0, 0
        widths = [len(row) for row in rows if any(row)]
        if not widths or widths[0] < 2:
            return 0.0, 0
        return sum(w == widths[0] for w in widths) / len(widths), widths[0]

    return max(SEPARATORS, key=width)


def to_frame(
    headings: Sequence[str], rows: Sequence[tuple[int, list[str]]], name: str
) -> pd.DataFrame:
    """Make the cells of an export; every row must be as long as the heading.

    Parameters
    ----------
    headings : sequence of str
        Names of the columns. A column without a name and without a cell is
        left out; a repeated name gets a number behind it.
    rows : sequence of (int, list of str)
        Line and cells.
    name : str
        Name of the file, for the message.

    Returns
    -------
    DataFrame of str
        Index: line in the file.

    Raises
    ------
    IngestError
        One line for each row of another length, or column without a name.
    """
    width = len(headings)
    cut = [(line, row[:width] if not any(row[width:]) else row) for line, row in rows]
    problems = [
        f"{name}, line {line}: {len(row)} cells, the heading has {width}. Download "
        "the file again."
        for line, row in cut
        if len(row) != width
    ]
    if problems:
        raise IngestError("\n".join(problems))
    index = pd.Index([line for line, _ in cut], name="line")
    body = [row for _, row in cut]
    frame = pd.DataFrame(body, columns=numbered(headings), index=index, dtype=str)
    for heading in frame.columns:
        frame[heading] = frame[heading].str.strip()
    nameless = [
        position
        for position, heading in enumerate(headings)
        if not heading.strip() and (frame.iloc[:, position] != "").any()
    ]
    if len(nameless) > len(headings) / 2:
        raise IngestError(
            f"{name}: {len(nameless)} of {len(headings)} columns have no heading. Is "
            "there a title, or a row of merged cells, above the headings? Delete it: "
            "the first row has one heading for each column."
        )
    if nameless:
        raise IngestError(
            "\n".join(
                f"{name}: column {position + 1} has answers, but no heading. Name it "
                "in the first line, or delete it."
                for position in nameless
            )
        )
    named = [head for head in frame.columns if not head.startswith(" ")]
    return frame.loc[:, named]


def numbered(headings: Sequence[str]) -> list[str]:
    """Give every heading a name of its own: a, a becomes a, a (2).

    Examples
    --------
    >>> numbered(["a", "b", "a"])
    ['a', 'b', 'a (2)']
    """
    names: list[str] = []
    for position, heading in enumerate(headings):
        name = heading.strip() or f" {position}"
        count = 1
        while name in names:
            count += 1
            name = f"{heading.strip()} ({count})"
        names.append(name)
    return names
