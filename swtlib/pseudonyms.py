"""Pseudonyms: keyed hashes in the place of what identifies a response or a person.

The number that the survey tool gave a response, and the token somebody was
invited with, are found back by whoever has the tool's own list. A hash alone
does not help: there are few numbers to try. With a secret key it does. The key
stands outside the project, so that it does not travel with the data.
"""

import hashlib
import os
import re
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from swtlib._wave_facts import Origin
from swtlib.errors import WaveError
from swtlib.project import project_root
from swtlib.readers import RawExport
from swtlib.readers._columns import plain_words

KEY_VARIABLE = "SWT_KEY_FILE"
KEY_TEXT = re.compile(r"[0-9a-f]{64}")
#: Of invented answers: nobody is behind them, and every machine gives the same.
PUBLIC = b"invented answers have no secret"
NO_MARK = ""  # of the public key
# As `plain_words` leaves them: what somebody was invited with.
TOKEN_NAMES = frozenset(
    (
        *("token", "access code", "accesscode", "toegangscode"),
        *("externalreference", "externaldatareference", "external reference"),
        *("external data reference", "externe referentie"),
        *("participant id", "deelnemer id"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Pseudonyms:
    """Gives pseudonyms with one key.

    Parameters
    ----------
    secret : bytes
        The key; at most 64 bytes.
    mark : str
        By which the key is recognised, without telling it; empty for the key
        of invented answers.

    Examples
    --------
    >>> names = Pseudonyms(secret=b"a key", mark="")
    >>> names.of_response(2016, "12") == names.of_response(2016, " 12 ")
    True
    >>> names.of_response(2016, "12") == names.of_response(2017, "12")
    False
    """

    secret: bytes = field(repr=False)
    mark: str

    def of_response(self, year: int, number: str) -> str:
        """Name a response; the number means nothing in another year."""
        return "r" + self._hash("response", str(year), number.strip())

    def of_person(self, token: str) -> str:
        """Name the person behind a token, the same in every year."""
        return "p" + self._hash("person", token.strip())

    def of_answer(self, *parts: str) -> str:
        """Name an open answer without saying who gave it."""
        return "a" + self._hash("answer", *parts)

    def _hash(self, kind: str, *parts: str) -> str:
        content = "\x1f".join(parts).encode("utf-8")
        return hashlib.blake2b(
            content, digest_size=8, key=self.secret, person=kind.encode()
        ).hexdigest()


def key_file() -> Path:
    """Say where the key stands.

    Returns
    -------
    Path
        What ``SWT_KEY_FILE`` names, else ``key`` in the folder of the platform
        for settings of swtlib.

    Raises
    ------
    WaveError
        If that is within the project: a key beside the answers protects
        nothing.
    """
    import platformdirs

    named = os.environ.get(KEY_VARIABLE)
    folder = platformdirs.user_config_path("swtlib", appauthor=False)
    path = Path(named).expanduser() if named else folder / "key"
    if path.resolve().is_relative_to(project_root()):
        raise WaveError(
            f"The key for pseudonyms may not stand in the project: {path}. Let "
            f"{KEY_VARIABLE} name a file elsewhere, such as in your home folder."
        )
    return path


def load_pseudonyms(origin: Origin) -> Pseudonyms:
    """Load the key for answers of an origin; it is made when there is none.

    Parameters
    ----------
    origin : {"fieldwork", "reconstruction", "simulation"}
        Where the answers come from. Only those of fieldwork need a secret.

    Returns
    -------
    Pseudonyms

    Raises
    ------
    WaveError
        If the key stands in the project, or the file holds something else.
    """
    if origin != "fieldwork":
        return Pseudonyms(secret=PUBLIC, mark=NO_MARK)
    path = key_file()
    if not path.exists():
        _make_key(path)
    text = path.read_text("utf-8").strip()
    if not KEY_TEXT.fullmatch(text):
        raise WaveError(
            f"{path} does not hold a key for pseudonyms (64 signs 0-9, a-f). Put back "
            f"the key that was made, or let {KEY_VARIABLE} name it."
        )
    if os.name != "nt" and path.stat().st_mode & 0o077:
        with suppress(OSError):
            path.chmod(0o600)
    secret = bytes.fromhex(text)
    mark = hashlib.blake2b(b"mark", digest_size=4, key=secret).hexdigest()
    return Pseudonyms(secret=secret, mark=mark)


def find_tokens(raw: RawExport) -> "pd.Series[str]":
    """Give the token of each response; empty where the file tells none.

    Parameters
    ----------
    raw : RawExport
        The export.

    Returns
    -------
    Series of str
        The first column of tokens that is filled in.
    """
    for heading in raw.cells.columns:
        if plain_words(heading) in TOKEN_NAMES and (raw.cells[heading] != "").any():
            return raw.cells[heading].str.strip()
    return pd.Series("", index=raw.cells.index, dtype=str)


def name_responses(
    raw: RawExport, year: int, names: Pseudonyms
) -> tuple[list[str], list[str]]:
    """Name each response, and the person behind it.

    Parameters
    ----------
    raw : RawExport
        The export.
    year : int
        Year of the wave.
    names : Pseudonyms
        From `load_pseudonyms`.

    Returns
    -------
    responses, persons : list of str
        One per response, in the order of the file; a person without a token is
        empty.
    """
    numbers: Sequence[str] = raw.response_id.tolist()
    responses = [names.of_response(year, str(number)) for number in numbers]
    persons = [names.of_person(t) if t else "" for t in find_tokens(raw)]
    return responses, persons


def _make_key(path: Path) -> None:
    """Make a key that only the owner can read, and say where it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another process was just before
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(32) + "\n")
    print(
        f"A key for pseudonyms was made: {path}\nKeep a copy where only you can "
        "read it, and not beside the answers. Without it a new export can no longer "
        "be linked to earlier years.",
        file=sys.stderr,
    )
