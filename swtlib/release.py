"""From finished pages to what leaves the house: scanned, logged, one zip per team."""

import datetime
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from swtlib import project
from swtlib.batch.index import team_index
from swtlib.batch.lock import only_batch
from swtlib.batch.plan import find_notebooks, wave_teams
from swtlib.batch.whole import find_stale
from swtlib.disclosure import MIN_CELL_N, MIN_DISTRIBUTION_N
from swtlib.errors import DisclosureError, ParameterError
from swtlib.release_plan import MIN_WIDTH
from swtlib.release_scan import Finding, scan_outputs
from swtlib.wave import load_wave

FOLDER = "release"
LOG = "release.json"
SENT = (".html", ".csv", ".png")  # a notebook is for who makes pages
NO_TIME = (1980, 1, 1, 0, 0, 0)  # in a zip, so that equal content is an equal file
MOST_LINES = 20


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """A file that a person lets through although something was found in it.

    Parameters
    ----------
    files : tuple of str
        Paths within ``outputs/<year>``, such as ``elburg/dv5_behoeften.html``.
    because : str
        Why that is no problem.
    by : str
        Who says so.
    """

    files: tuple[str, ...]
    because: str
    by: str

    def __post_init__(self) -> None:
        """Refuse an exception without a reason or a name."""
        if self.files and not (self.because.strip() and self.by.strip()):
            raise ParameterError(
                "A file is let through with a reason and a name: give --because "
                "and --by."
            )


@dataclass(frozen=True, kw_only=True)
class Release:
    """What was released.

    Parameters
    ----------
    folder : Path
        With the log and the zips.
    zips : tuple of Path
        One per team, and one of all teams together.
    n_files : int
        Files that were scanned.
    n_hidden : int
        Cells that are hidden in the tables.
    """

    folder: Path
    zips: tuple[Path, ...]
    n_files: int
    n_hidden: int


def release_wave(year: int, *, allowed: Allowed | None = None) -> Release:
    """Scan all pages of a wave, log them, and pack those of each team.

    Parameters
    ----------
    year : int
        The wave. All of its pages must be made and up to date.
    allowed : Allowed, optional
        Files that a person lets through, with the reason.

    Returns
    -------
    Release
        ``outputs/<year>/release`` holds ``release.json`` (rules, files with
        their SHA-256 and hidden cells, exceptions) and ``<year>_<team>.zip``.

    Raises
    ------
    WaveError
        If there is no such wave.
    ParameterError
        If a file that is let through is not there.
    DisclosureError
        If a page is not up to date, or something was found in a file. Nothing
        is written then; an earlier release stays as it was.
    BusyError
        If another process makes pages of this wave.
    """
    wave = load_wave(year)
    let_through = allowed or Allowed(files=(), because="", by="")
    with only_batch(year):
        _check_current(year)
        root = project.outputs_dir(year)
        files = [
            path
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_relative_to(root / FOLDER)
        ]
        names = [path.relative_to(root).as_posix() for path in files]
        missing = [name for name in let_through.files if name not in names]
        if missing:
            raise ParameterError(f"outputs/{year} has no file '{missing[0]}'.")
        found = scan_outputs(wave, files=files)
        _check_found(found, let_through)
        hidden = {
            name: _count_hidden(path)
            for name, path in zip(names, files, strict=True)
            if path.suffix == ".csv"
        }
        log = {
            "year": year,
            "origin": wave.origin,
            "released": datetime.datetime.now(datetime.UTC).isoformat("T", "seconds"),
            "rules": {
                "fewest answers behind a figure": MIN_CELL_N,
                "fewest answers behind a distribution": MIN_DISTRIBUTION_N,
                "part of its range that a hidden mean stays open": MIN_WIDTH,
            },
            "exceptions": [asdict(let_through)] if let_through.files else [],
            "found": [asdict(finding) for finding in found],
            "files": [
                {
                    "file": name,
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                    **({"cells_hidden": hidden[name]} if name in hidden else {}),
                }
                for name, path in zip(names, files, strict=True)
            ],
        }
        zips = tuple(
            project.write_atomic(
                root / FOLDER / f"{year}_{team}.zip", _pack(year, team), private=True
            )
            for team in wave_teams(year)
        )
        text = json.dumps(log, indent=1, ensure_ascii=False) + "\n"
        project.write_atomic(root / FOLDER / LOG, text)
    return Release(
        folder=root / FOLDER,
        zips=zips,
        n_files=len(files),
        n_hidden=sum(hidden.values()),
    )


def _check_current(year: int) -> None:
    stale = find_stale(year=year)
    if stale.reasons:
        job, why = next(iter(stale.reasons.items()))
        raise DisclosureError(
            f"{len(stale.reasons)} of {stale.n_planned} pages are not up to date "
            f"({job.team}/{job.name}: {why[0]}). First: swt run --year {year}"
        )


def _check_found(found: Sequence[Finding], allowed: Allowed) -> None:
    lines = [each.line() for each in found if each.file not in allowed.files]
    if lines:
        more = len(lines) - MOST_LINES
        shown = lines[:MOST_LINES] + ([f"and {more} more"] if more > 0 else [])
        raise DisclosureError(
            "Nothing is released; this was found in:\n"
            + "\n".join(shown)
            + "\nMend the notebook and run it again, or let a file through with "
            "--allow FILE --because REASON --by NAME."
        )


def _count_hidden(table: Path) -> int:
    frame = pd.read_csv(table)
    if "suppressed" not in frame:
        return 0
    return int((frame["suppressed"].astype(str).str.lower() == "true").sum())


def _pack(year: int, team: str) -> bytes:
    """Zip the files of one team, with a front page of its own."""
    root = project.outputs_dir(year)
    pages = {f"{notebook.name}.html" for notebook in find_notebooks()}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("index.html", NO_TIME), team_index(year, team))
        for path in sorted((root / team).rglob("*")):
            if path.suffix not in SENT or not path.is_file():
                continue
            if path.suffix == ".html" and path.name not in pages:
                continue  # of a notebook that is no longer there
            name = path.relative_to(root).as_posix()
            info = zipfile.ZipInfo(name, NO_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    return content.getvalue()
