"""Where things stand in a project folder, and how files are written into it.

A project is the folder that holds ``notebooks/`` and ``data/raw/``. It is
found from the working folder upwards, so that a notebook, a shell and the
batch agree about it. A folder ``codebook`` in it is its own
questionnaire. ``SWT_PROJECT`` names it outright; ``SWT_PROCESSED`` and
``SWT_OUTPUTS`` move the folders that are made.
"""

import errno
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from swtlib.errors import WaveError

NOTEBOOK = "SWT_NOTEBOOK"  # set by the batch: the notebook that is being run
USED = "SWT_USED"  # set by the batch: the file in which a run notes what it uses
PART = ".swt-part"  # ends the hidden name of a file that is still being written
WRITING = 60  # seconds; no file takes so long, so an older part is of a dead process


def project_root() -> Path:
    """Find the folder that holds ``data/raw`` and ``notebooks``.

    Returns
    -------
    Path
        Absolute path. ``SWT_PROJECT`` if set, else the nearest such folder
        from the working folder upwards, else the checkout swtlib runs from.

    Raises
    ------
    WaveError
        If there is no such folder.
    """
    named = os.environ.get("SWT_PROJECT")
    if named:
        if (Path(named) / "data" / "raw").is_dir():
            return Path(named).resolve()
        raise WaveError(f"SWT_PROJECT is {named}, but it has no folder data/raw.")
    here = Path.cwd().resolve()
    checkout = Path(__file__).resolve().parent.parent
    for folder in (here, *here.parents, checkout):
        if (folder / "data" / "raw").is_dir() and (folder / "notebooks").is_dir():
            return folder
    raise WaveError(
        f"No project found in {here} or above it: a project has the folders "
        "data/raw and notebooks. Go to your project folder, or set SWT_PROJECT."
    )


def notebooks_dir() -> Path:
    """Give the folder with the notebooks of the project."""
    return project_root() / "notebooks"


def own_codebook() -> Path | None:
    """Give the folder with the questionnaire of the project, if it has its own.

    Returns
    -------
    Path or None
        The folder ``codebook`` of the project when ``teams.toml`` is in it;
        None when the project asks the questionnaire of swtlib, and outside a
        project.
    """
    try:
        folder = project_root() / "codebook"
    except WaveError:
        return None
    return folder if (folder / "teams.toml").is_file() else None


def raw_dir(year: int) -> Path:
    """Give the folder with the export of a wave as it was delivered."""
    return project_root() / "data" / "raw" / str(year)


def wave_years() -> tuple[int, ...]:
    """List the years of the waves of the project, first one first."""
    found = (project_root() / "data" / "raw").glob("*/wave.toml")
    names = (path.parent.name for path in found)
    return tuple(sorted(int(name) for name in names if name.isdecimal()))


def waves_before(year: int) -> str:
    """Name the waves before a year, for a run that looks back at them."""
    return f"data/raw before {year}"


def processed_dir(year: int) -> Path:
    """Give the folder where ingest keeps the checked wave."""
    moved = os.environ.get("SWT_PROCESSED")
    base = Path(moved) if moved else project_root() / "data" / "processed"
    return base / str(year)


def outputs_dir(year: int) -> Path:
    """Give the folder where pages, tables and figures of a wave are written."""
    moved = os.environ.get("SWT_OUTPUTS")
    base = Path(moved) if moved else project_root() / "outputs"
    return base / str(year)


def explored_dir(year: int) -> Path:
    """Give the folder with figures and tables that were kept in the verkenner."""
    return outputs_dir(year) / "verkenner"


def place_of(path: Path) -> str:
    """Name a folder or file as it stands in the library or the project.

    Parameters
    ----------
    path : Path
        Any path.

    Returns
    -------
    str
        Such as ``"swtlib/examples/bewoners"`` or ``"data/raw/2015/bewoners"``;
        of what stands elsewhere only the last part, after ``"elsewhere/"``.
    """
    package = Path(__file__).resolve().parent
    for folder, base in ((package, package.parent), (project_root(),) * 2):
        if path.resolve().is_relative_to(folder):
            return path.resolve().relative_to(base).as_posix()
    return f"elsewhere/{path.name}"


def readable(path: Path) -> str:
    """Give a path that opens from where the command was given."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def note_use(kind: str, name: str) -> None:
    """Note what a run of the batch uses; only a change of that makes it stale.

    Parameters
    ----------
    kind : str
        ``"instrument"`` or ``"survey"``.
    name : str
        Which one.
    """
    notes = os.environ.get(USED)
    if notes:
        with Path(notes).open("a", encoding="utf-8") as file:
            file.write(f"{kind} {name}\n")


def write_atomic(path: Path, content: bytes | str, *, private: bool = False) -> Path:
    """Write a file whole or not at all.

    The content goes to a file beside ``path`` that takes its place in one
    step, so that a reader never sees half a file. Text is UTF-8, line ends as
    they are.

    Parameters
    ----------
    path : Path
        Where the file should be; missing folders are made.
    content : bytes or str
        What it should hold.
    private : bool, default False
        Whether only the owner may read it (where the system knows owners).

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    IsADirectoryError
        If ``path`` is a folder.
    """
    write_together({path: content}, private=private)
    return path


def write_together(files: Mapping[Path, bytes | str], *, private: bool = False) -> None:
    """Write files that belong together, each whole: all of them or none.

    None takes its place before all have been written: a disk that is full
    halfway leaves everything as it was.

    Parameters
    ----------
    files : mapping of Path to bytes or str
        As for `write_atomic`.
    private : bool, default False
        As for `write_atomic`.

    Raises
    ------
    IsADirectoryError
        If one of the paths is a folder.
    """
    for path in files:
        if path.is_dir():
            reason = "this is a folder, not a file"
            raise IsADirectoryError(errno.EISDIR, reason, str(path))
    parts: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(
                dir=path.parent, prefix=f".{path.name}.", suffix=PART
            )
            parts[path] = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
            parts[path].chmod(0o600 if private else 0o644)
        for path, part in parts.items():
            part.replace(path)
    except BaseException:
        for part in parts.values():
            part.unlink(missing_ok=True)
        raise


def remove_parts(folder: Path) -> None:
    """Remove what processes that were killed left half written.

    Parameters
    ----------
    folder : Path
        Where to look, also in the folders in it.
    """
    now = time.time()
    for where, _, names in os.walk(folder):
        for name in names:
            if name.startswith(".") and name.endswith(PART):
                part = Path(where) / name
                with suppress(OSError):
                    if now - part.stat().st_mtime > WRITING:
                        part.unlink()
