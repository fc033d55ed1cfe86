"""From finished pages to what leaves the house: scanned, logged, one zip per team."""

import datetime
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from swtlib import project
from swtlib.batch.index import team_index
from swtlib.batch.ledger import read_ledger
from swtlib.batch.lock import only_batch
from swtlib.batch.plan import find_notebooks, plan_runs, wave_teams
from swtlib.batch.whole import find_stale
from swtlib.disclosure import MIN_DISTRIBUTION_N
from swtlib.errors import DisclosureError, ParameterError
from swtlib.release_plan import MIN_REST, MIN_WIDTH
from swtlib.release_scan import Finding, scan_outputs
from swtlib.wave import Wave, load_wave

FOLDER = "release"
LOG = "release.json"
SENT = (".html", ".csv", ".png")  # a notebook is for who makes pages
NO_TIME = (1980, 1, 1, 0, 0, 0)  # in a zip, so that equal content is an equal file
MOST_LINES = 20


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What a person lets through although something was found in it.

    Parameters
    ----------
    files : tuple of str
        Paths within ``outputs/<year>``, such as ``elburg/dv5_behoeften.html``.
    again : bool, default False
        Whether the wave is released anew although few answers changed.
    because : str
        Why that is no problem.
    by : str
        Who says so.
    """

    files: tuple[str, ...]
    because: str
    by: str
    again: bool = False

    def __post_init__(self) -> None:
        """Refuse an exception without a reason or a name."""
        there = self.files or self.again
        if there and not (self.because.strip() and self.by.strip()):
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
        If a page is not up to date, something was found in a file, or few
        answers changed since an earlier release: who has both has the
        difference. Nothing is written then; an earlier release stays as it was.
    BusyError
        If another process makes pages of this wave.
    """
    wave = load_wave(year)
    let_through = allowed or Allowed(files=(), because="", by="")
    with only_batch(year):
        _check_current(year)
        root = project.outputs_dir(year)
        earlier = _earlier(root / FOLDER / LOG)
        made_of = _made_of(wave)
        _check_again(earlier, made_of, wave.facts.min_cell_n, let_through)
        files = [
            path
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_relative_to(root / FOLDER)
        ]
        names = [path.relative_to(root).as_posix() for path in files]
        missing = [name for name in let_through.files if name not in names]
        if missing:
            raise ParameterError(f"outputs/{year} has no file '{missing[0]}'.")
        found = [*_strays(year, names), *scan_outputs(wave, files=files)]
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
                "fewest answers behind a figure": wave.facts.min_cell_n,
                "fewest answers behind a distribution": MIN_DISTRIBUTION_N,
                "part of its range that a hidden mean stays open": MIN_WIDTH,
                "ranges of an answer left of a sum near an end of the scale": MIN_REST,
            },
            "made_of": made_of,
            "earlier": earlier,
            "exceptions": [
                asdict(each) for each in (let_through,) if each.files or each.again
            ],
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


def _strays(year: int, names: Sequence[str]) -> list[Finding]:
    """Find files that no run of a page as it is now made: who knows of what."""
    made = {"index.html", "runs.json", "reproductie.html"}
    planned = {(job.team, job.name) for job in plan_runs(year=year)}
    for run in read_ledger(year):
        if (run["team"], run["notebook"]) in planned:
            made |= {f"{run['team']}/{name}" for name in run.get("files", {})}
    # Kept by a person; scanned like the others, and in no zip.
    kept = project.explored_dir(year).relative_to(project.outputs_dir(year)).as_posix()
    return [
        Finding(file=name, kind="stray", n=1)
        for name in names
        if name not in made and not name.startswith(f"{kept}/")
    ]


def _check_current(year: int) -> None:
    stale = find_stale(year=year)
    if stale.reasons:
        job, why = next(iter(stale.reasons.items()))
        raise DisclosureError(
            f"{len(stale.reasons)} of {stale.n_planned} pages are not up to date "
            f"({job.team}/{job.name}: {why[0]}). First: swt run --year {year}"
        )


def _made_of(wave: Wave) -> dict[str, Any]:
    """Say of which answers a release is: fingerprints, and how many per team."""
    people = wave.respondents
    answers = people[sorted(people.columns)].sort_values("respondent_id")
    by_team = dict(iter(answers.groupby("team", observed=True)))
    return {
        "answers": _fingerprint(answers),
        "teams": {str(team): _fingerprint(own) for team, own in by_team.items()},
        "respondents": {str(team): len(own) for team, own in by_team.items()},
    }


def _fingerprint(answers: pd.DataFrame) -> str:
    return hashlib.sha256(answers.to_csv(index=False).encode()).hexdigest()


def _earlier(log: Path) -> list[dict[str, Any]]:
    """List what was released of this wave before, the last one at the end."""
    if not log.is_file():
        return []
    last = json.loads(log.read_text("utf-8"))
    made_of = last.get("made_of", {"answers": "", "respondents": {}})
    return [*last.get("earlier", []), {"released": last["released"], **made_of}]


def _check_again(
    earlier: Sequence[Mapping[str, Any]],
    made_of: Mapping[str, Any],
    min_n: int,
    allowed: Allowed,
) -> None:
    """Refuse a release that differs from an earlier one in a few answers."""
    if allowed.again:
        return
    now = made_of["respondents"]
    for before in earlier:
        if before["answers"] == made_of["answers"]:
            continue
        then = before["respondents"]
        steps = {t: abs(now.get(t, 0) - then.get(t, 0)) for t in sorted({*now, *then})}
        few = [team for team, step in steps.items() if 0 < step < min_n]
        told = before.get("teams", {})
        few += [  # as many people, and not the same answers: a correction, a swap
            team
            for team, step in steps.items()
            if not step and team in told and told[team] != made_of["teams"][team]
        ]
        if few or not any(steps.values()):
            where = f"in {', '.join(few)}" if few else "while nobody was added"
            raise DisclosureError(
                f"Since the release of {before['released']} fewer than {min_n} answers "
                f"changed {where}, or nobody can tell how many: who has both releases "
                "can subtract them. Release that one only, or give --again --because "
                "REASON --by NAME."
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
