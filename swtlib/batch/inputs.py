"""What a run is made of: a fingerprint in named parts, so that a change has a name.

Most of it is known beforehand. Which instruments and which other surveys a run
uses is only known when it ran: it says so itself (`swtlib.project.note_use`),
and what the last run used decides whether a changed label matters.
"""

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from swtlib import project
from swtlib.batch.html import TEMPLATES, Page
from swtlib.batch.imports import imported_files, imported_names, names_used
from swtlib.batch.parameters import read_notebook
from swtlib.batch.plan import Job
from swtlib.codebook import CODEBOOK_DIR, codebook_dir
from swtlib.examples import EXAMPLES_DIR
from swtlib.wave import MISSING, RESPONDENTS, load_wave

Part = str | Mapping[str, str]
MadeFrom = Mapping[str, Part]

# Parts of the fingerprint, and how a change of one is told.
PARTS: Mapping[str, str] = {
    "notebook": "the notebook changed",
    "parameters": "its parameters changed",
    "library": "swtlib changed",
    "codebook": "the codebook changed",
    "data": "the data changed",
    "versions": "other versions",
    "look": "the look of the pages changed",
    "frame": "its title or navigation changed",
}
PACKAGE = CODEBOOK_DIR.parent
# How a notebook becomes a page; the engine that runs it gives the same notebook.
LOOK = ("content.py", "execute.py", "html.py")
# What makes numbers, pictures, tables and pages.
PACKAGES = (
    "swtlib",
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "matplotlib",
    "seaborn",
    "great-tables",
    "ipython",
    "nbconvert",
    "jinja2",
)
TEAMS = "teams"  # counts for every run: every page names teams
MOST_NAMES = 3  # of what changed, in one reason
UNKNOWN = ""  # of something used that is not there, or not in the project


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a run may use, as it is now.

    Parameters
    ----------
    fixed : mapping of str to str or mapping
        The parts that are known beforehand: a fingerprint, or one per name.
    data : mapping of str to str
        Fingerprints of the wave itself.
    instruments : mapping of str to str
        Fingerprint of every instrument of the codebook.
    surveys : mapping of str to str
        Fingerprint of every other survey of the project.
    whole_codebook : bool
        Whether the notebook itself goes about the codebook or what ingest did.
    """

    fixed: MadeFrom
    data: Mapping[str, str]
    instruments: Mapping[str, str]
    surveys: Mapping[str, str]
    whole_codebook: bool

    def made_from(self, used: Iterable[str]) -> dict[str, Part]:
        """Give the fingerprint of a run that used these instruments and surveys.

        Parameters
        ----------
        used : iterable of str
            As noted: ``"instrument bakens"``, ``"survey swtlib/examples/bewoners"``.

        Returns
        -------
        dict
            Fingerprints by part, in the order of ``PARTS``.
        """
        used = {*used, f"instrument {TEAMS}"}
        if self.whole_codebook:
            used |= {f"instrument {name}" for name in self.instruments}
        named = sorted(tuple(note.split(" ", 1)) for note in used)
        found = {
            "codebook": {
                name: self.instruments.get(name, UNKNOWN)
                for kind, name in named
                if kind == "instrument"
            },
            "data": {**self.data}
            | {
                name: self.surveys.get(name, UNKNOWN)
                for kind, name in named
                if kind == "survey"
            },
        }
        return {part: found.get(part, self.fixed.get(part, "")) for part in PARTS}

    def made_again(self, before: MadeFrom) -> dict[str, Part]:
        """Give the fingerprint of a run that uses what it used before."""
        instruments, data = before.get("codebook", {}), before.get("data", {})
        return self.made_from(
            [f"instrument {name}" for name in instruments]
            + [f"survey {name}" for name in data if "/" in name]
        )


def gather_inputs(pages: Mapping[Job, Page]) -> dict[Job, Inputs]:
    """Take the fingerprint of what the runs of a plan may use.

    Parameters
    ----------
    pages : mapping of Job to Page
        The plan, and what stands around each page.

    Returns
    -------
    dict of Job to Inputs

    Raises
    ------
    ParameterError
        If a notebook cannot be read.
    """
    versions, look = package_versions(), _look()
    instruments = {p.stem: hash_file(p) for p in codebook_dir().glob("*.toml")}
    years = {job.year for job in pages}
    data = {year: _wave_data(year) for year in years}
    surveys = {year: _surveys(year) for year in years}
    hashes: dict[Path, str] = {}
    notebooks = {
        path: _notebook(path, hashes) for path in {job.notebook for job in pages}
    }
    return {
        job: Inputs(
            fixed=notebooks[job.notebook].parts
            | {
                "parameters": json.dumps(dict(job.parameters), ensure_ascii=False),
                "versions": versions,
                "look": look,
                "frame": hash_text(json.dumps(asdict(page), ensure_ascii=False)),
            },
            data=data[job.year],
            instruments=instruments,
            surveys=surveys[job.year],
            whole_codebook=notebooks[job.notebook].whole_codebook,
        )
        for job, page in pages.items()
    }


def fingerprint_report(year: int) -> str:
    """Take the fingerprint of what the check of a report is made of.

    Parameters
    ----------
    year : int
        The wave.

    Returns
    -------
    str
    """
    files = imported_files(["swtlib.reproduction.report"])
    parts = (
        {name: hash_file(path) for name, path in sorted(files.items())},
        {path.stem: hash_file(path) for path in sorted(codebook_dir().glob("*.toml"))},
        _wave_data(year),
        _look(),
        package_versions(),
    )
    return hash_text(json.dumps(parts))


def hash_file(path: Path) -> str:
    """Give the fingerprint of a file; empty if it is not there."""
    try:
        return hash_bytes(path.read_bytes())
    except OSError:
        return UNKNOWN


def hash_text(text: str) -> str:
    """Give the fingerprint of a text."""
    return hash_bytes(text.encode("utf-8"))


def hash_bytes(content: bytes) -> str:
    """Give the fingerprint of some bytes."""
    return hashlib.sha256(content).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class _Notebook:
    parts: dict[str, Part]
    whole_codebook: bool


def _notebook(path: Path, hashes: dict[Path, str]) -> _Notebook:
    content = read_notebook(path)
    cells = [
        [
            cell.get("cell_type", ""),
            "".join(cell.get("source", "")),
            *cell.get("metadata", {}).get("tags", []),
        ]
        for cell in content.get("cells", [])
    ]
    about = content.get("metadata", {}).get("swt", {})
    code = [cell[1] for cell in cells if cell[0] == "code"]
    files = imported_files(imported_names(code))
    for file in files.values():
        hashes.setdefault(file, hash_file(file))
    return _Notebook(
        parts={
            "notebook": hash_text(json.dumps([cells, about], ensure_ascii=False)),
            "library": {name: hashes[file] for name, file in sorted(files.items())},
        },
        whole_codebook=any(
            "codebook" in name or name == "ledger" for name in names_used(code)
        ),
    )


def _wave_data(year: int) -> dict[str, str]:
    """Take the fingerprint of a wave as it was ingested, and of its wave.toml."""
    wave = load_wave(year)
    # Where something was done is told with labels, to who ingests and on no page.
    done = [wave.n_responded, *((e.what, e.n, e.reason) for e in wave.ledger)]
    found = {
        "answers": hash_file(project.processed_dir(year) / RESPONDENTS),
        "ingest": hash_text(json.dumps(done, ensure_ascii=False)),
    }
    missing = project.processed_dir(year) / MISSING
    if missing.is_file():
        found["missing answers"] = hash_file(missing)
    for name in ("wave.toml", wave.facts.open_answers):
        if name:
            found[Path(name).name] = hash_file(wave.facts.folder / name)
    return found


def _surveys(year: int) -> dict[str, str]:
    """Take the fingerprint of whatever else a notebook may bring in.

    Those are the other surveys of the project, and all earlier waves together.
    """
    homes = (EXAMPLES_DIR, project.raw_dir(year))
    folders = [facts.parent for home in homes for facts in home.glob("*/wave.toml")]
    found = {project.place_of(folder): _hash_folder(folder) for folder in folders}
    earlier = {str(y): _wave_data(y) for y in project.wave_years() if y < year}
    return found | {project.waves_before(year): hash_text(json.dumps(earlier))}


def _hash_folder(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    found = [(path.relative_to(folder).as_posix(), hash_file(path)) for path in files]
    return hash_text(json.dumps(found))


def _look() -> dict[str, str]:
    code = (PACKAGE / "batch" / name for name in LOOK)
    files = [*code, *(path for path in TEMPLATES.rglob("*") if path.is_file())]
    return {path.name: hash_file(path) for path in sorted(files)}


def package_versions() -> dict[str, str]:
    """Give the versions of Python and of what makes numbers, pictures and pages."""
    versions = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "none"
    return versions


def say_change(part: str, before: Any, now: Part) -> str:
    """Say how one part of a fingerprint changed.

    Parameters
    ----------
    part : str
        A key of ``PARTS``.
    before : str or mapping
        What the last run was made of.
    now : str or mapping
        What it would be made of.

    Returns
    -------
    str
        Such as ``"the codebook changed: competenties"``.

    Examples
    --------
    >>> say_change("versions", {"pandas": "3.0.0"}, {"pandas": "3.1.1"})
    'other versions: pandas 3.0.0 is now 3.1.1'
    """
    told = PARTS[part]
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return told
    names = [
        name
        for name in {**before, **now}
        if before.get(name) != now.get(name) or now.get(name) == UNKNOWN
    ]
    if part == "versions":
        names = [f"{name} {before.get(name)} is now {now.get(name)}" for name in names]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{told}: {', '.join(names[:MOST_NAMES])}{more}" if names else told
