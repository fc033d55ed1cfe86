"""What a worker of a cluster must have and be, to run the notebooks of a wave.

A worker that sees the folders of the project needs nothing. Another gets the
files that a run may read, packed: notebooks, the wave as it was ingested and
what belongs to it. The export itself stays where it is.
"""

import io
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from swtlib import project
from swtlib.batch.inputs import (
    PACKAGE,
    hash_bytes,
    hash_file,
    hash_text,
    package_versions,
)
from swtlib.batch.pools import Engine
from swtlib.wave import KEPT, load_wave

FILES = "files of swtlib"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What all runs of one wave have in common, for workers elsewhere.

    Parameters
    ----------
    batch : str
        Name of the batch that nobody can guess.
    year : int
        The wave.
    engine : {"auto", "fork", "kernel"}
        How runs are started.
    made_with : mapping of str to str
        Versions of the caller; those of a worker must be the same.
    seen : mapping of str to str
        Files by their path here, with fingerprints: a worker that finds all of
        them shares the folders of the project.
    packed : bytes
        The same files but one, as a zip file; paths as in a project.
    """

    batch: str
    year: int
    engine: Engine
    made_with: Mapping[str, str]
    seen: Mapping[str, str] = field(repr=False)
    packed: bytes = field(repr=False)

    @property
    def is_seen(self) -> bool:
        """Whether this process shares the folders of the project, outputs included."""
        for name, content in self.seen.items():
            if hash_file(Path(name)) != content:
                return False
        return os.access(Path(next(iter(self.seen))).parent, os.W_OK)

    def unpack(self, folder: Path) -> None:
        """Make of an empty folder a project with what is packed."""
        with zipfile.ZipFile(io.BytesIO(self.packed)) as packed:
            packed.extractall(folder)


def pack_bundle(year: int, *, batch: str, engine: Engine, marker: Path) -> Bundle:
    """Pack what runs of a wave may read, and say how to see if it is needed.

    Parameters
    ----------
    year : int
        The wave.
    batch, engine
        As in `Bundle`.
    marker : Path
        A file in the folder of the outputs that is only there for this batch.

    Returns
    -------
    Bundle

    Raises
    ------
    WaveError, IngestError
        If the wave is not there, or its export has faults.
    """
    files = dict(_files(year))
    contents = {name: path.read_bytes() for name, path in files.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    seen = {str(files[name]): hash_bytes(data) for name, data in contents.items()}
    return Bundle(
        batch=batch,
        year=year,
        engine=engine,
        made_with=made_with(),
        seen={str(marker): hash_file(marker), **seen},
        packed=packed.getvalue(),
    )


def made_with() -> dict[str, str]:
    """Say what results made by this process depend on, besides their inputs.

    Returns
    -------
    dict of str to str
        Versions, operating system, and the fingerprint of the library's files.
    """
    files = sorted(
        path
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    found = [
        f"{path.relative_to(PACKAGE).as_posix()} {hash_file(path)}" for path in files
    ]
    return {
        "system": sys.platform,
        **package_versions(),
        FILES: hash_text("\n".join(found)),
    }


def say_difference(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Say in what a worker differs from the caller.

    Parameters
    ----------
    here, there : mapping of str to str
        From `made_with`.

    Returns
    -------
    str
        Empty if they are the same.

    Examples
    --------
    >>> say_difference({"pandas": "3.1.1"}, {"pandas": "3.0.0"})
    'pandas 3.0.0, not 3.1.1'
    """
    return ", ".join(
        f"other {name}" if name == FILES else f"{name} {there.get(name)}, not {value}"
        for name, value in here.items()
        if there.get(name) != value
    )


def _files(year: int) -> Iterator[tuple[str, Path]]:
    """Give the files that a run may read, by their place in a project."""
    facts = load_wave(year).facts  # ingested, if that was not done
    for path in sorted(project.notebooks_dir().glob("*.ipynb")):
        yield f"notebooks/{path.name}", path
    own = project.own_codebook()
    if own is not None:
        for path in sorted(own.rglob("*.toml")):
            yield f"codebook/{path.relative_to(own).as_posix()}", path
    raw = project.raw_dir(year)
    beside = [raw / name for name in ("wave.toml", facts.open_answers) if name]
    for survey in sorted(raw.glob("*/wave.toml")):
        beside += sorted(path for path in survey.parent.rglob("*") if path.is_file())
    for path in beside:
        if path.is_file():
            yield f"data/raw/{year}/{path.relative_to(raw).as_posix()}", path
    for earlier in (other for other in project.wave_years() if other < year):
        load_wave(earlier)
        facts_file = project.raw_dir(earlier) / "wave.toml"
        yield f"data/raw/{earlier}/wave.toml", facts_file
    for wave in (other for other in project.wave_years() if other <= year):
        for name in KEPT:
            path = project.processed_dir(wave) / name
            yield f"data/processed/{wave}/{name}", path
