"""Keeps answers of real people out of git: looks at what is about to be committed.

It knows the files of this project by their place, and exports of survey tools
by their content. A notebook goes in without outputs, because an output may be
a table of answers.
"""

import io
import json
import re
import subprocess
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from swtlib.codebook import load_codebook
from swtlib.errors import DisclosureError, WaveError
from swtlib.readers._columns import plain_words
from swtlib.wave import KEPT

Reader = Callable[[str], bytes | None]

INVENTED = ("reconstruction", "simulation")
FACTS = "wave.toml"
WRITTEN = ("wave.toml", "map.toml", "simulation.toml")  # of a wave: no answers
# Headings that an export has and no table of results.
TELLING = frozenset(
    (
        *("submitdate", "lastpage", "startlanguage", "datestamp", "ipaddr"),
        *("date submitted", "last page", "start language", "date last action"),
        *("datum verzonden", "laatste pagina", "begin taal"),
        *("recordeddate", "recorded date", "responseid", "response id", "respons id"),
        *("ipaddress", "ip address", "recipientemail", "distributionchannel"),
        *("sleutel", "tonen"),  # the list of open answers
    )
)
FEWEST_TELLING = 2
FEWEST_ITEMS = 10  # questions side by side
HEADING_LINES = 20  # among the first of which the headings stand
SOURCES = (".py", ".pyi", ".toml", ".md", ".css", ".j2", ".yaml", ".yml", ".sh")
DATA = (".sav", ".zsav", ".por", ".dta", ".rds", ".rdata", ".feather", ".pkl")
MAGIC = {b"PAR1": "Parquet", b"$FL2": "SPSS", b"$FL3": "SPSS"}
_SPLIT = re.compile(r"[;,\t|]")
_JSON_KEYS = re.compile(r'"(submitdate|lastpage|startlanguage|respondent_id)"\s*:')


@dataclass(frozen=True)
class Refused:
    """A file that may not enter git, and why."""

    file: str
    why: str


def check_staged(folder: Path) -> int:
    """Look through all files that are staged for the next commit.

    Parameters
    ----------
    folder : Path
        Somewhere in the git repository.

    Returns
    -------
    int
        How many files were looked through.

    Raises
    ------
    DisclosureError
        If one of them holds answers, or may do so; all are listed.
    WaveError
        If git is not there, or this is no repository.
    """
    top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    names = _git(top, "diff", "--cached", "--name-only", "-z", "--diff-filter=d")
    staged = [name for name in names.decode("utf-8").split("\0") if name]

    def read(name: str) -> bytes | None:
        try:
            return _git(top, "show", f":{name}")
        except WaveError:
            return None

    refused = find_answers(staged, read)
    if refused:
        lines = "\n".join(f"{each.file}: {each.why}" for each in refused)
        raise DisclosureError(
            f"This commit is refused:\n{lines}\nTake a file out of it with: git "
            "restore --staged FILE"
        )
    return len(staged)


def find_answers(names: list[str], read: Reader) -> list[Refused]:
    """Find the files that hold answers of people, or may do so.

    Parameters
    ----------
    names : list of str
        Paths within the repository, with forward slashes.
    read : function
        Gives the content of a path as it would be committed; None if there is
        no such file.

    Returns
    -------
    list of Refused
    """
    facts = cache(lambda folder: _facts(folder, read))
    refused = []
    for name in names:
        why = _why_place(name, facts)
        if why is None:
            content = read(name)
            why = "it cannot be read" if content is None else ""
            if content is not None and not _is_declared(name, read):
                why = _why_content(PurePosixPath(name).suffix.lower(), content)
        if why:
            refused.append(Refused(name, why))
    return refused


def _why_place(
    name: str, facts: Callable[[PurePosixPath], dict[str, Any] | None]
) -> str | None:
    """Judge a file by where it stands: refused, fine (""), or unknown (None)."""
    path = PurePosixPath(name)
    if path.name == ".gitkeep":
        return ""
    if path.parts[0] == "outputs":
        return "what is made of answers stays out of git"
    if path.parts[:2] == ("data", "processed") and len(path.parts) > 2:
        wave = facts(PurePosixPath("data", "raw", path.parts[2]))
        invented = wave is not None and wave.get("origin") in INVENTED
        return "" if invented and path.name in KEPT else "answers of a wave"
    if path.parts[:2] == ("data", "raw"):
        if path.name in WRITTEN or (path.parent.name, path.suffix) == (
            "codebook",
            ".toml",
        ):
            return ""
        return "" if _is_invented(path, facts) else "data/raw is for answers of people"
    return "" if _is_invented(path, facts) else None


def _is_invented(
    path: PurePosixPath, facts: Callable[[PurePosixPath], dict[str, Any] | None]
) -> bool:
    """Say whether the wave.toml beside a file names it, as invented answers."""
    wave = facts(path.parent)
    if wave is None or wave.get("origin") not in INVENTED:
        return False
    return path.name in (wave.get("export"), wave.get("open_answers"))


def _facts(folder: PurePosixPath, read: Reader) -> dict[str, Any] | None:
    return _toml(read(str(folder / FACTS)))


def _is_declared(name: str, read: Reader) -> bool:
    """Say whether pyproject.toml declares the folder of a file as synthetic."""
    told = (_toml(read("pyproject.toml")) or {}).get("tool", {}).get("swt", {})
    folders = told.get("guard", {}).get("synthetic", [])
    return any(PurePosixPath(name).is_relative_to(folder) for folder in folders)


def _toml(content: bytes | None) -> dict[str, Any] | None:
    try:
        return None if content is None else tomllib.loads(content.decode("utf-8-sig"))
    except ValueError:
        return None


def _why_content(suffix: str, content: bytes) -> str:
    """Judge a file by what is in it; empty if it is fine."""
    if suffix in DATA:
        return f"a {suffix} file holds data"
    for magic, kind in MAGIC.items():
        if content.startswith(magic):
            return f"a {kind} file holds data"
    if content.startswith(b"PK\x03\x04"):
        return _why_packed(content)
    if suffix == ".ipynb":
        return _why_notebook(content)
    text = content.decode("utf-8-sig", errors="replace")
    if b"\0" in content[:200] and content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", errors="replace")
    rows = (_SPLIT.split(line) for line in text.splitlines()[:HEADING_LINES])
    if suffix in SOURCES:  # code names a column or two; a table names them all
        named = ({cell.strip().strip('"') for cell in row} for row in rows)
        many = any(len(_item_names() & cells) >= FEWEST_ITEMS for cells in named)
        return "its columns are questions of the survey" if many else ""
    if len(set(_JSON_KEYS.findall(text))) >= FEWEST_TELLING:
        return "it looks like an export of a survey tool"
    return _why_rows(rows)


def _why_rows(rows: Iterator[list[str]]) -> str:
    items = _item_names()
    for row in rows:
        cells = [str(cell).strip().strip('"').strip() for cell in row]
        named = {plain_words(cell) for cell in cells}
        if "respondent_id" in cells:
            return "a column holds respondents"
        if len(named & TELLING) >= FEWEST_TELLING:
            return "it looks like an export of a survey tool"
        if len(items & set(cells)) >= FEWEST_ITEMS:
            return "its columns are questions of the survey"
    return ""


@cache
def _item_names() -> frozenset[str]:
    """Give every name that the column of a question may have."""
    names = set()
    for _, item in load_codebook().items():
        names |= {item.id, item.column or item.id}
        if item.code:
            names.add(f"{item.question}_{item.code}")
    return frozenset(names)


def _why_packed(content: bytes) -> str:
    """Look into a workbook or an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" in names:
                return _why_rows(_workbook_rows(content))
            if "word/document.xml" in names:
                return ""
            for name in names:
                why = _why_content(
                    PurePosixPath(name).suffix.lower(), archive.read(name)
                )
                if why:
                    return f"{why} ({PurePosixPath(name).name} in it)"
    except Exception as fault:  # a damaged file fails in zip, XML, or any part of it
        return f"it cannot be looked into ({type(fault).__name__})"
    return ""


def _workbook_rows(content: bytes) -> Iterator[list[str]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_row=HEADING_LINES, values_only=True):
            yield ["" if cell is None else str(cell) for cell in row]


def _why_notebook(content: bytes) -> str:
    try:
        cells = json.loads(content)["cells"]
        shown = any(cell.get("outputs") for cell in cells)
    except (ValueError, KeyError, TypeError, AttributeError):
        return "it cannot be read as a notebook"
    return "it has outputs: nbstripout FILE takes them out" if shown else ""


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, check=False
        )
    except OSError:
        raise WaveError("git was not found. Install it, or add it to PATH.") from None
    if done.returncode:
        told = done.stderr.decode("utf-8", errors="replace").strip()
        raise WaveError(f"git {arguments[0]}: {told.splitlines()[-1] if told else ''}")
    return done.stdout
