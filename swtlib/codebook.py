"""The questionnaire as data: what was asked, of whom, and how it is scored.

The content stands in ``swtlib/codebook/*.toml``, one file per instrument, so
that a researcher can read and check it. It is checked once, on load. Unknown
wording stays unknown. A project with a folder ``codebook`` asks its own
questionnaire instead; see `codebook_dir`.
"""

from functools import lru_cache
from pathlib import Path

import pandas as pd

from swtlib._codebook_files import read_codebook
from swtlib._codebook_model import (
    TEAM_ITEM,
    Aspect,
    Choice,
    Codebook,
    Eligibility,
    Instrument,
    Item,
    Kind,
    Response,
    Scale,
    Team,
    Wording,
)
from swtlib.errors import CodebookError, did_you_mean
from swtlib.project import note_use, own_codebook

CODEBOOK_DIR = Path(__file__).resolve().parent / "codebook"

__all__ = [
    "CODEBOOK_DIR",
    "TEAM_ITEM",
    "Aspect",
    "Choice",
    "Codebook",
    "Eligibility",
    "Instrument",
    "Item",
    "Kind",
    "Response",
    "Scale",
    "Team",
    "Wording",
    "codebook_dir",
    "codebook_table",
    "load_codebook",
    "load_instrument",
]


def codebook_dir() -> Path:
    """Give the folder of the questionnaire that this project asks.

    Returns
    -------
    Path
        The folder ``codebook`` of the project, or else that of swtlib.
    """
    return own_codebook() or CODEBOOK_DIR


def load_instrument(name: str) -> Instrument:
    """Load one instrument of the codebook.

    Parameters
    ----------
    name : str
        Its id, which is also the name of its file.

    Returns
    -------
    Instrument

    Raises
    ------
    CodebookError
        If there is no such instrument, or a file has a fault.

    Examples
    --------
    >>> bakens = load_instrument("bakens")
    >>> len(bakens.items), len(bakens.scales)
    (22, 8)
    >>> bakens.scales["eigen_kracht"].numbers["han"]
    3
    """
    instruments = load_codebook().instruments
    if name not in instruments:
        raise CodebookError(
            f"There is no instrument '{name}'." + did_you_mean(name, instruments)
        )
    note_use("instrument", name)
    return instruments[name]


def load_codebook(folder: Path | None = None) -> Codebook:
    """Load and check every definition in a folder.

    Files are read once, and again when one of them has changed: a codebook
    that is edited beside an open notebook counts from the next call.

    Parameters
    ----------
    folder : Path, optional
        Folder with ``teams.toml`` and one TOML file per instrument; by default
        `codebook_dir`.

    Returns
    -------
    Codebook

    Raises
    ------
    CodebookError
        On the first fault; the message names file, key and what to do.
    """
    folder = folder or codebook_dir()
    stamps = [(p.name, p.stat()) for p in sorted(folder.glob("*.toml"))]
    return _load(folder, tuple((n, s.st_mtime_ns, s.st_size) for n, s in stamps))


@lru_cache(maxsize=8)
def _load(folder: Path, _stamps: tuple[tuple[str, int, int], ...]) -> Codebook:
    return read_codebook(folder)


def codebook_table(codebook: Codebook) -> pd.DataFrame:
    """List the items as a table, one row each, for people and for other tools.

    Parameters
    ----------
    codebook : Codebook
        Loaded definitions.

    Returns
    -------
    DataFrame
        Columns ``instrument, item, label, wording, text, column, answers,
        labels, aspect, reversed, placeholder, scales, counted, asked_of,
        years, comparable_with, source, note``; ``counted`` is False for an
        item that is asked but belongs to no scale of an instrument that has
        scales, and ``years`` is empty for an item that is asked every year.
    """
    rows = []
    for instrument, item in codebook.items():
        scales = [s.id for s in instrument.scales.values() if item in s.items]
        rule = instrument.eligibility
        rows.append(
            {
                "instrument": instrument.id,
                "item": item.id,
                "label": item.label,
                "wording": item.wording,
                "text": item.text,
                "column": item.column or "",
                "answers": item.response.allowed() if item.column else "",
                "labels": "; ".join(
                    item.response.labels
                    or tuple(choice.label for choice in item.response.choices)
                ),
                "aspect": item.aspect,
                "reversed": item.reversed,
                "placeholder": item.placeholder,
                "scales": "; ".join(scales),
                "counted": bool(scales) or not instrument.scales,
                "asked_of": f"all but {', '.join(rule.excluded)}"
                if rule.item
                else "all",
                "years": item.years(),
                "comparable_with": "; ".join(item.comparable_with),
                "source": item.source,
                "note": item.note,
            }
        )
    return pd.DataFrame(rows)
