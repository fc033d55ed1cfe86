"""From a raw export to a checked wave: Parquet, and a ledger of what was done.

Data goes in once. ``ingest`` checks every cell against the codebook and says
all faults together; only a clean export becomes a wave, and the wave before it
stays until then. Nothing is repaired in silence: what was dropped, recoded or
set aside stands in the ledger, with its reason.
"""

import hashlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from swtlib._open_review import REVIEW, write_shown
from swtlib._wave_check import MAP_NAME, check_export, choose_map
from swtlib._wave_facts import (
    MADE_UP,
    ORIGINS,
    Note,
    Origin,
    TeamChange,
    WaveFacts,
    load_facts,
    read_facts,
)
from swtlib._wave_missing import WHY
from swtlib._wave_model import Wave
from swtlib._wave_rules import LedgerEntry
from swtlib._withdrawn import FORGOTTEN, drop_withdrawn
from swtlib.codebook import codebook_dir, load_codebook
from swtlib.errors import IngestError, WaveError
from swtlib.mapping import ExportMapping, propose_mapping
from swtlib.project import note_use, place_of, processed_dir, raw_dir, write_atomic
from swtlib.pseudonyms import NO_MARK, Pseudonyms, key_file, load_pseudonyms
from swtlib.readers import read_export

__all__ = [
    "KEPT",
    "MISSING",
    "ORIGINS",
    "RESPONDENTS",
    "WHY",
    "LedgerEntry",
    "Note",
    "Origin",
    "Preview",
    "TeamChange",
    "Wave",
    "WaveFacts",
    "ingest",
    "load_facts",
    "load_wave",
    "preview",
    "read_facts",
    "read_wave",
]

RESPONDENTS = "respondents.parquet"
MISSING = "missing.parquet"  # beside the answers: why some are not there
META = "wave.json"
KEPT = (RESPONDENTS, MISSING, META)  # all that ingest writes
FORMAT = 2  # of what ingest keeps; an older wave is ingested again


def load_wave(year: int) -> Wave:
    """Load a wave; it is ingested first when that was not done, or is stale.

    Parameters
    ----------
    year : int
        Year of the measurement, such as 2015.

    Returns
    -------
    Wave

    Raises
    ------
    WaveError
        If there is no such wave, or it must be ingested and the key for
        pseudonyms is another one than before.
    IngestError
        If its export has faults.
    """
    if not isinstance(year, int):
        raise WaveError(f"year = {year!r} must be a whole number, such as 2015.")
    facts = load_facts(year)
    folder = processed_dir(year)
    meta_file = folder / META
    kept = folder / RESPONDENTS
    there = meta_file.is_file() and kept.is_file()
    if not there or _is_stale(meta_file, facts):
        ingest(year)
    meta = json.loads(meta_file.read_text("utf-8"))
    return Wave(
        facts=facts,
        respondents=pd.read_parquet(kept),
        n_responded=meta["n_responded"],
        ledger=tuple(LedgerEntry(**entry) for entry in meta["ledger"]),
        data_hash=meta["data_hash"],
        codebook=load_codebook(),
        missing=folder / MISSING,
    )


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How an export would be read, and what would stop it; nothing was kept."""

    name: str
    n_responses: int
    mapping: ExportMapping
    problems: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """Give 0 if nothing would stop the ingest, else that of its error."""
        return IngestError.exit_code if self.problems else 0


def preview(
    year: int, export: Path | None = None, *, map_file: Path | None = None
) -> Preview:
    """Say how an export would be read, and write nothing.

    Parameters
    ----------
    year : int
        Year of the wave; ``data/raw/<year>/wave.toml`` must be there.
    export : Path, optional
        File as downloaded. By default the one that wave.toml names.
    map_file : Path, optional
        A map.toml; by default the one beside wave.toml, if there is one.

    Returns
    -------
    Preview

    Raises
    ------
    WaveError
        If the wave has no ``wave.toml``, or that has a fault.
    IngestError
        If the file itself cannot be read.
    """
    facts = load_facts(year)
    source = export if export is not None else raw_dir(year) / facts.export
    raw = read_export(source, faulty=True)
    codebook = load_codebook()
    written = choose_map(facts, map_file)
    problems: tuple[str, ...] = ()
    try:
        check_export(raw, facts, codebook, source.name, written)
    except (IngestError, WaveError) as fault:
        problems = tuple(str(fault).splitlines())
    return Preview(
        name=source.name,
        n_responses=len(raw.cells),
        mapping=propose_mapping(raw, codebook, year, written),
        problems=problems,
    )


def ingest(
    year: int, export: Path | None = None, *, map_file: Path | None = None
) -> Wave:
    """Check a survey export and keep it as a wave.

    Parameters
    ----------
    year : int
        Year of the wave; ``data/raw/<year>/wave.toml`` must be there.
    export : Path, optional
        File as downloaded. By default the one that wave.toml names; a file
        from elsewhere is copied to ``data/raw/<year>/`` once it is found good,
        and the export that stood there is kept under another name.
    map_file : Path, optional
        A map.toml that says which column is which item. It is kept beside
        wave.toml in the same way; that one is used when none is given.

    Returns
    -------
    Wave

    Raises
    ------
    WaveError
        If the wave has no ``wave.toml``, that has a fault or says that the answers
        are made up while ``export`` is another file, or the key for pseudonyms is
        another one than before.
    IngestError
        Listing every fault of the export, one line each. Nothing is written.
    """
    facts = load_facts(year)
    source = export if export is not None else raw_dir(year) / facts.export
    if facts.export.startswith(MADE_UP) and source.name != facts.export:
        raise WaveError(
            f"{facts.place} is still of made-up answers ({facts.export}), so "
            f"{source.name} would be called made up too. Write there first: origin = "
            f'"fieldwork", export = "{source.name}"; and take out example = true.'
        )
    codebook = load_codebook()
    written = choose_map(facts, map_file)
    names = _load_names(facts.origin)
    raw, withdrawn = drop_withdrawn(read_export(source, faulty=True), facts, names)
    respondents, ledger, missing = check_export(
        raw, facts, codebook, source.name, written, names
    )
    write_shown(raw, facts, codebook, written, names)
    folder = _private_folder(year)
    if export is not None:
        _keep_export(export, raw_dir(year) / facts.export)
        for further in raw.beside:  # the data, or the syntax they are read with
            if further.resolve() != export.resolve():
                _keep_export(further, raw_dir(year) / further.name)
    if map_file is not None:
        _keep_export(map_file, raw_dir(year) / MAP_NAME)
    beside = sorted({p.name for p in raw.beside} - {facts.export, source.name})
    meta = {
        "year": year,
        "export": facts.export,
        "beside": beside,
        "data_hash": _hash_data(facts, *(raw_dir(year) / name for name in beside)),
        "codebook_hash": _hash_codebook(),
        "review_hash": _hash_files(facts.folder / REVIEW),
        "format": FORMAT,
        "key": names.mark,
        "n_responded": len(raw.cells),
        "ledger": [asdict(entry) for entry in [*withdrawn, *ledger]],
    }
    for name, table in ((MISSING, missing), (RESPONDENTS, respondents)):
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        write_atomic(folder / name, buffer.getvalue(), private=True)
    content = json.dumps(meta, indent=2, ensure_ascii=False) + "\n"
    write_atomic(folder / META, content, private=True)
    return load_wave(year)


def _private_folder(year: int) -> Path:
    """Make the folder of a wave; where the system knows owners, only for them."""
    folder = processed_dir(year)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def _load_names(origin: Origin) -> Pseudonyms:
    """Load the key; refuse one that would tear the years apart."""
    metas = sorted(processed_dir(0).parent.glob(f"*/{META}"))
    for meta_file in metas if origin == "fieldwork" else []:
        mark = json.loads(meta_file.read_text("utf-8")).get("key", NO_MARK)
        there = mark == NO_MARK or key_file().exists()  # else none is made in vain
        if not there or mark not in (NO_MARK, load_pseudonyms(origin).mark):
            raise WaveError(
                f"Wave {meta_file.parent.name} was ingested with another key for "
                "pseudonyms, so its people would not be known again. Put that key "
                "back (SWT_KEY_FILE names its place). If it is lost, delete the "
                "folders of data/processed and ingest each year again."
            )
    return load_pseudonyms(origin)


def _is_stale(meta_file: Path, facts: WaveFacts) -> bool:
    """Say whether a wave was made from something else than what is there now."""
    meta = json.loads(meta_file.read_text("utf-8"))
    if meta.get("export", facts.export) != facts.export:
        return True
    if not (facts.folder / facts.export).is_file():
        return False
    if not meta_file.with_name(MISSING).is_file():  # an older version of swtlib
        return True
    beside = [facts.folder / name for name in meta.get("beside", [])]
    made_of = {
        "data_hash": _hash_data(facts, *beside),
        "codebook_hash": _hash_codebook(),
        "review_hash": _hash_files(facts.folder / REVIEW),
        "format": FORMAT,
    }
    return any(meta.get(key) != value for key, value in made_of.items())


def _keep_export(export: Path, place: Path) -> None:
    """Copy an export to its place; one that stood there stays beside it."""
    content = export.read_bytes()
    if place.is_file():
        before = place.read_bytes()
        if before == content:
            return
        mark = hashlib.sha256(before).hexdigest()[:8]
        older = place.with_name(f"{place.stem}-{mark}{place.suffix}")
        write_atomic(older, before, private=True)
    write_atomic(place, content, private=True)


def read_wave(folder: Path) -> Wave:
    """Read a wave with a questionnaire of its own from one folder.

    For a survey that is not the yearly one, such as a survey of residents. It
    is checked like any other, each time it is read; nothing is written.

    Parameters
    ----------
    folder : Path
        With ``wave.toml``, the export it names, and a folder ``codebook`` with
        ``teams.toml`` and the instruments.

    Returns
    -------
    Wave

    Raises
    ------
    CodebookError, WaveError, IngestError
        If the questionnaire, ``wave.toml`` or the export has a fault.
    """
    if not (folder / "wave.toml").is_file():
        raise WaveError(
            f"There is no {folder.name}/wave.toml. A survey is a folder with "
            "wave.toml, the export, and a folder codebook."
        )
    definitions = folder / "codebook"
    note_use("survey", place_of(folder))
    book = load_codebook(definitions)
    facts = read_facts(folder / "wave.toml", book.teams)
    raw = read_export(folder / facts.export, faulty=True)
    beside = sorted(p for p in raw.beside if p.name != facts.export)
    respondents, ledger, missing = check_export(
        raw, facts, book, facts.export, choose_map(facts)
    )
    return Wave(
        facts=facts,
        respondents=respondents,
        n_responded=len(raw.cells),
        ledger=tuple(ledger),
        data_hash=_hash_data(facts, *beside, *sorted(definitions.glob("*.toml"))),
        codebook=book,
        own_codebook=True,
        missing=missing,
    )


def _hash_data(facts: WaveFacts, *further: Path) -> str:
    folder = facts.folder
    names = (facts.export, "wave.toml", MAP_NAME, FORGOTTEN)
    files = [folder / name for name in names]
    return _hash_files(*files, *further)  # a file that is not there adds nothing


def _hash_codebook() -> str:
    return _hash_files(*sorted(codebook_dir().glob("*.toml")))


def _hash_files(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:16]
