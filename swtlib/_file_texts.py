"""Every text in a file, with what is packed or embedded in it: for the scan.

Files are known by their content, not by their ending. What cannot be opened is
told, never passed over: a scan that skips a file says nothing about it.
"""

import base64
import binascii
import codecs
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

#: What a picture says of who drew it, when a protected table was behind it.
DRAWN_BY = "swtlib"
PNG = b"\x89PNG\r\n\x1a\n"
ZIP = b"PK\x03\x04"
OF_A_PICTURE = frozenset(
    (
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM"),
        *(b"sBIT", b"bKGD", b"pHYs", b"tIME", b"iCCP", b"tEXt", b"zTXt", b"iTXt"),
        b"eXIf",
    )
)
MARKS = (  # the longer ones first: that of UTF-32 begins as that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    *((mark, "utf-32") for mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
    *((mark, "utf-16") for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
)
DEEPEST = 8  # packed in packed in packed …

_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}(?:\r?\n[A-Za-z0-9+/_-]+)*={0,2}"
)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_AUTHOR = re.compile(r"<(?:dc:creator|cp:lastModifiedBy)\b[^>]*>\s*([^<]+?)\s*</")
_WRITERS = frozenset(("openpyxl", "python-docx", DRAWN_BY))

Opener = Callable[[bytes], tuple[str, ...]]


class UnreadableError(Exception):
    """Something in a file cannot be opened; the message says what kind of thing."""


class ForeignError(Exception):
    """A picture that this library did not draw."""


def file_texts(
    content: bytes, open_picture: Opener, told: list[Any], *, depth: int = 0
) -> Iterator[str]:
    """Give every text in a file.

    Parameters
    ----------
    content : bytes
        The file.
    open_picture : function
        Gives the texts in a PNG; see `picture_texts`.
    told : list of str
        Gets what is wrong with the file itself: ``"unreadable"``, ``"picture"``
        (not drawn by this library), ``"machine"`` (it names who made it).
    depth : int, default 0
        How deep it is packed.

    Yields
    ------
    str
    """
    if depth > DEEPEST:
        told.append("unreadable")
    elif content.startswith(PNG):
        try:
            yield from open_picture(content)
        except ForeignError as fault:
            told.append("picture")
            yield from fault.args
        except UnreadableError:
            told.append("unreadable")
    elif content.startswith(ZIP):
        yield from _packed(content, open_picture, told, depth)
    else:
        try:
            text = _decoded(content)
        except UnreadableError:
            told.append("unreadable")
            return
        yield from _text(text, open_picture, told, depth)


def picture_texts(content: bytes) -> tuple[str, ...]:
    """Give the texts in a PNG.

    Parameters
    ----------
    content : bytes
        The picture.

    Returns
    -------
    tuple of str

    Raises
    ------
    UnreadableError
        If it is damaged, or holds more than a picture.
    ForeignError
        If something else drew it; its arguments are its texts.
    """
    from PIL import Image

    at = len(PNG)
    while at < len(content):
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if kind not in OF_A_PICTURE:
            raise UnreadableError("part of a picture")
        at += size + 12
        if kind == b"IEND":
            break
    if at != len(content):
        raise UnreadableError("behind a picture")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()  # a text may stand behind the picture itself
            texts = tuple(str(text) for text in picture.info.values())
            found = picture.info.get("Software")
    except Exception:  # whatever a damaged picture makes of it
        raise UnreadableError("picture") from None
    if found != DRAWN_BY:
        raise ForeignError(*texts)
    return texts


def _decoded(content: bytes) -> str:
    marked = (encoding for mark, encoding in MARKS if content.startswith(mark))
    encoding = next(marked, "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableError("text") from None
    if "\0" in text:
        raise UnreadableError("text")
    return text


def _packed(
    content: bytes, open_picture: Opener, told: list[Any], depth: int
) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive.comment.decode("utf-8", errors="replace")
            members = [
                (member, b"" if member.is_dir() else archive.read(member))
                for member in archive.infolist()
            ]
    except Exception:  # damaged, or locked with a password
        told.append("unreadable")
        return
    names = {member.filename for member, _ in members}
    for member, inside in members:
        yield member.filename
        if member.filename == "docProps/core.xml":
            said = _AUTHOR.findall(inside.decode("utf-8", errors="replace"))
            told += ["machine" for name in said if name not in _WRITERS]
        yield from file_texts(inside, open_picture, told, depth=depth + 1)
    if "xl/workbook.xml" in names:
        yield from _sheets(content, told)


def _sheets(content: bytes, told: list[Any]) -> Iterator[str]:
    """Give the rows of every sheet, hidden ones too: formulas, and what they gave."""
    import openpyxl

    try:
        for outcomes in (False, True):
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=outcomes)
            for sheet in book.worksheets:
                yield sheet.title
                rows = sheet.iter_rows(values_only=True)
                texts = (["" if c is None else str(c) for c in row] for row in rows)
                yield "\n".join("\t".join(row) for row in texts)
    except Exception:  # a damaged workbook fails in XML, or any part of it
        told.append("unreadable")


def _text(
    text: str, open_picture: Opener, told: list[Any], depth: int
) -> Iterator[str]:
    value: Any = None
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
    if isinstance(value, dict | list):
        yield from _json_texts(value, open_picture, told, depth)
        return
    yield from _with_embedded(text, open_picture, told, depth)


def _with_embedded(
    text: str, open_picture: Opener, told: list[Any], depth: int
) -> Iterator[str]:
    """Give a text, and what stands in it as base64."""
    embedded = []

    def take(match: re.Match[str]) -> str:
        for written in (match[0], match[0].split()[0]):
            inside = _from_base64(written)
            if inside is not None:
                embedded.append(inside)
                return " " + match[0].removeprefix(written)
        return match[0]

    text = _BASE64.sub(take, text)
    yield text
    if "\\u" in text:
        yield _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    for inside in embedded:
        yield from file_texts(inside, open_picture, told, depth=depth + 1)


def _from_base64(written: str) -> bytes | None:
    """Read base64; None for a long word, or numbers that only look like it."""
    plain = "".join(written.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        content = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    if content.startswith((PNG, ZIP, *(mark for mark, _ in MARKS))):
        return content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    readable = sum(sign.isprintable() or sign.isspace() for sign in text)
    return content if readable == len(text) else None


def _json_texts(
    value: Any, open_picture: Opener, told: list[Any], depth: int
) -> Iterator[str]:
    if isinstance(value, str):
        yield from _with_embedded(value, open_picture, told, depth)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _json_texts(inner, open_picture, told, depth)
        yield from _numbers(list(value.values()))
    elif isinstance(value, list):
        if value and all(isinstance(inner, str) for inner in value):
            lines = any(inner.endswith("\n") for inner in value)  # of a cell
            joined = ("" if lines else " ").join(value)
            yield from _with_embedded(joined, open_picture, told, depth)
            return
        for inner in value:
            if isinstance(inner, str | dict | list):
                yield from _json_texts(inner, open_picture, told, depth)
        yield from _numbers(value)


def _numbers(values: list[Any]) -> Iterator[str]:
    numbers = [str(v) for v in values if isinstance(v, int | float) or _is_number(v)]
    if numbers:
        yield " ".join(numbers)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, str) and float(value) is not None
    except ValueError:
        return False
