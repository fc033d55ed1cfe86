"""Reads what stands around the questions: welcome, privacy, instructions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from swtlib._toml_table import TomlTable, load_toml
from swtlib.codebook import CODEBOOK_DIR, codebook_dir
from swtlib.errors import CodebookError

# Not beside the instruments: every file there is read as one.
TEXTS_PLACE = Path("questionnaire", "texts.toml")  # in the folder of a codebook
TEXTS_FILE = CODEBOOK_DIR / TEXTS_PLACE
KINDS = ("scale", "number")


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Words that the codebook does not hold.

    Parameters
    ----------
    language, title, contact, welcome, privacy, end : str
        As in ``texts.toml``; ``{year}`` in the title is filled in later.
    instruction : mapping of str to str
        How a list is answered, by kind of answer.
    stem : mapping of str to str
        What stands above a list, by question code.
    wording : mapping of str to str
        The question itself, by item id, where the codebook does not know it.
    """

    language: str
    title: str
    contact: str
    welcome: str
    privacy: str
    end: str
    instruction: Mapping[str, str]
    stem: Mapping[str, str]
    wording: Mapping[str, str]


def load_texts(path: Path | None = None) -> Texts:
    """Read ``texts.toml``.

    Parameters
    ----------
    path : Path, optional
        The file; by default the one beside the questionnaire of the project.

    Returns
    -------
    Texts

    Raises
    ------
    CodebookError
        If it is missing, or a key is missing, empty or unknown.

    Examples
    --------
    >>> load_texts().language
    'nl'
    """
    path = path or codebook_dir() / TEXTS_PLACE
    if not path.is_file():
        raise CodebookError(
            f"there is no {path.parent.name}/{path.name}: a questionnaire needs its "
            "welcome and privacy text. Copy the one of swtlib/codebook/questionnaire."
        )
    file = load_toml(path)
    plain = ("language", "title", "welcome", "privacy", "end")
    file.check_keys(*plain, "contact", "instruction", "stem", "wording")
    words = {key: file.text(key).strip() for key in plain}
    for key, text in words.items():
        if not text:
            raise CodebookError(f"{path.name}: '{key}' is empty. Fill it in.")
    instruction = file.table("instruction")
    instruction.check_keys(*KINDS)
    return Texts(
        language=words["language"],
        title=words["title"],
        contact=file.text("contact", "").strip(),
        welcome=words["welcome"],
        privacy=words["privacy"],
        end=words["end"],
        instruction=MappingProxyType({kind: instruction.text(kind) for kind in KINDS}),
        stem=_table(file.table("stem")),
        wording=_table(file.table("wording")),
    )


def _table(table: TomlTable) -> Mapping[str, str]:
    words = {key: table.text(key).strip() for key in table.data}
    for key, text in words.items():
        if not text:
            raise CodebookError(
                f"{table.place}: '{key}' is empty. Fill it in, or take the line out."
            )
    return MappingProxyType(words)
