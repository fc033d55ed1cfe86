"""Responses that were withdrawn: keyed hashes in ``forgotten.toml``, and no more."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from swtlib._toml_table import load_toml
from swtlib._wave_facts import WaveFacts
from swtlib._wave_rules import LedgerEntry
from swtlib.errors import WaveError
from swtlib.project import write_atomic
from swtlib.pseudonyms import Pseudonyms, name_responses
from swtlib.readers import RawExport

FORGOTTEN = "forgotten.toml"  # beside wave.toml
HEAD = """\
# Responses that were withdrawn (swt forget); ingest leaves them out. These are keyed
# hashes: whoever has no key cannot tell whose they are. Do not take lines out.
"""


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    """Pseudonyms of withdrawn responses, and the mark of the key they are of."""

    mark: str
    names: frozenset[str]


def read_withdrawn(facts: WaveFacts, names: Pseudonyms) -> Withdrawn:
    """Read which responses of a wave were withdrawn.

    Parameters
    ----------
    facts : WaveFacts
        Of the wave.
    names : Pseudonyms
        The key; that of the file must be the same.

    Returns
    -------
    Withdrawn

    Raises
    ------
    WaveError
        If the file has a fault, or was made with another key: the responses
        could not be found, and would come back.
    """
    path = facts.folder / FORGOTTEN
    if not path.is_file():
        return Withdrawn(mark=names.mark, names=frozenset())
    place = facts.place.replace("wave.toml", FORGOTTEN)
    file = load_toml(path, place=place, fault=WaveError)
    file.check_keys("key", "withdrawn")
    mark = file.text("key", "")
    if mark != names.mark:
        raise WaveError(
            f"{place} was made with another key, so the withdrawn responses cannot be "
            "found. Put back the key that was made first (SWT_KEY_FILE names its "
            "place). If that is lost: delete the withdrawn rows from the export "
            f"itself, and then {FORGOTTEN}."
        )
    return Withdrawn(mark=mark, names=frozenset(file.texts("withdrawn")))


def add_withdrawn(facts: WaveFacts, names: Pseudonyms, found: Iterable[str]) -> Path:
    """Write down that responses were withdrawn.

    Parameters
    ----------
    facts : WaveFacts
        Of the wave.
    names : Pseudonyms
        The key.
    found : iterable of str
        Pseudonyms of responses and persons.

    Returns
    -------
    Path
        The file.
    """
    kept = sorted(read_withdrawn(facts, names).names | set(found))
    lines = "".join(f'  "{name}",\n' for name in kept)
    text = f'{HEAD}key = "{names.mark}"\nwithdrawn = [\n{lines}]\n'
    return write_atomic(facts.folder / FORGOTTEN, text, private=True)


def drop_withdrawn(
    raw: RawExport, facts: WaveFacts, names: Pseudonyms
) -> tuple[RawExport, list[LedgerEntry]]:
    """Leave the withdrawn responses out of an export, before anything is counted.

    Parameters
    ----------
    raw : RawExport
        As a reader gives it.
    facts : WaveFacts
        Of the wave.
    names : Pseudonyms
        The key.

    Returns
    -------
    raw : RawExport
        Without those rows.
    entries : list of LedgerEntry
        How many they were; none if there were none.
    """
    gone = read_withdrawn(facts, names).names
    if not gone:
        return raw, []
    named = zip(*name_responses(raw, facts.year, names), strict=True)
    left = np.array([not gone & set(pair) for pair in named], dtype=bool)
    n = int((~left).sum())
    entry = LedgerEntry(
        what="withdrawn",
        where="responses",
        n=n,
        reason="the respondent asked for it (swt forget)",
    )
    return choose_rows(raw, left), [entry] if n else []


def choose_rows(raw: RawExport, rows: npt.NDArray[np.bool_]) -> RawExport:
    """Keep some responses of an export."""
    return replace(
        raw,
        cells=raw.cells[rows],
        response_id=raw.response_id[rows],
        completed=raw.completed[rows],
        not_asked=raw.not_asked[rows],
    )
