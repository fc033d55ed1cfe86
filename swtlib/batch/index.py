"""The front page of a wave: every page that was made, and what was not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swtlib import project
from swtlib._wave_facts import Words
from swtlib.batch.content import without_paths
from swtlib.batch.html import Link, Page, plain_origin, render_template
from swtlib.batch.ledger import read_ledger
from swtlib.batch.plan import BatchNotebook, find_notebooks, wave_teams
from swtlib.batch.report import RunReport
from swtlib.groups import ALL
from swtlib.wave import Wave, load_wave

SMALL_TEAM = (
    "Te weinig antwoorden om apart te laten zien: dan zou te raden zijn wie wat zei. "
    "Hier staan de uitkomsten van alle {short} samen."
)
WORDS = Words()  # of a wave that says nothing about them
REPRODUCTION = Link(
    label="Reproductie van het rapport",
    href="reproductie.html",
    note="welke gepubliceerde cijfers terug te vinden zijn, en welke niet",
)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A page of a team, as the front page names it."""

    label: str
    href: str = ""
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class TeamEntry:
    """A team on the front page."""

    id: str
    label: str
    links: tuple[Topic, ...]
    response: str = ""
    small: str = ""
    tables: str = ""

    @property
    def made(self) -> bool:
        """Whether there is any page of this team."""
        return any(link.href for link in self.links)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A notebook that failed in the same way for one or more teams."""

    title: str
    teams: str
    error: str
    place: str = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Front:
    """Everything the front page shows."""

    lead: str
    everyone: TeamEntry
    teams: tuple[TeamEntry, ...]
    failures: tuple[Failure, ...]
    more: tuple[Link, ...]
    words: Words = WORDS
    n_failed: int = 0


def write_index(year: int, report: RunReport | None = None) -> Path:
    """Write ``outputs/<year>/index.html`` from what stands in that folder.

    Parameters
    ----------
    year : int
        The wave.
    report : RunReport, optional
        The batch that just ended; its results count over those in
        ``runs.json``, which are used for all other pages.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    WaveError
        If there is no such wave.
    """
    folder = project.outputs_dir(year)
    wave = load_wave(year)
    notebooks = find_notebooks(year)
    labels = wave_teams(year)
    pages = {(team, notebook.name) for team in labels for notebook in notebooks}
    latest = _latest_runs(year, report)
    runs = {page: run for page, run in latest.items() if page in pages}
    entries = {
        team: _team(team, label, wave, notebooks, runs, folder)
        for team, label in labels.items()
    }
    everyone = entries.pop(ALL)
    reproduced = (folder / REPRODUCTION.href).exists()
    front = Front(
        lead=wave.facts.title,
        everyone=everyone,
        teams=tuple(entries.values()),
        failures=tuple(_failures(runs, labels, notebooks, folder)),
        more=(REPRODUCTION,) if reproduced else (),
        words=wave.facts.words,
        n_failed=sum(run.get("state") == "failed" for run in runs.values()),
    )
    return project.write_atomic(folder / "index.html", _render(wave, front))


def team_index(year: int, team: str) -> str:
    """Make the front page of the files of one team, for when they travel alone.

    Parameters
    ----------
    year : int
        The wave.
    team : str
        Team id, or "alle".

    Returns
    -------
    str
        HTML; it names no other team.

    Raises
    ------
    WaveError
        If there is no such wave.
    """
    wave, folder = load_wave(year), project.outputs_dir(year)
    label = wave_teams(year)[team]
    runs = _latest_runs(year, None)
    entry = _team(team, label, wave, find_notebooks(year), runs, folder)
    front = Front(lead=wave.facts.title, everyone=entry, teams=(), failures=(), more=())
    return _render(wave, front)


def _render(wave: Wave, front: Front) -> str:
    fieldwork = wave.origin == "fieldwork"
    page = Page(
        title=f"Meting {wave.year}",
        kicker=wave.facts.words.survey,
        origin="" if fieldwork else plain_origin(wave.origin_line()),
        year=wave.year,
        front=True,
    )
    return render_template("front.html.j2", page=page, front=front)


def _latest_runs(
    year: int, report: RunReport | None
) -> dict[tuple[str, str], Mapping[str, Any]]:
    runs: dict[tuple[str, str], Mapping[str, Any]] = {
        (run["team"], run["notebook"]): run for run in read_ledger(year)
    }
    for result in report.results if report else ():
        if result.state != "cancelled" and result.job.year == year:
            runs[result.job.team, result.job.name] = {
                "state": result.state,
                "error": result.error,
                "cell": result.cell,
                "heading": result.heading,
            }
    return runs


def _team(
    team: str,
    label: str,
    wave: Wave,
    notebooks: Sequence[BatchNotebook],
    runs: Mapping[tuple[str, str], Mapping[str, Any]],
    folder: Path,
) -> TeamEntry:
    links = []
    for notebook in notebooks:
        there = (folder / team / f"{notebook.name}.html").exists()
        state = runs.get((team, notebook.name), {}).get("state")
        links.append(
            Topic(
                label=notebook.title,
                href=f"{team}/{notebook.name}.html" if there else "",
                failed=there and state == "failed",
            )
        )
    answered = wave.respondents["team"].value_counts()
    n = len(wave.respondents) if team == ALL else int(answered.get(team, 0))
    small = team != ALL and n < wave.facts.min_cell_n
    has_tables = any((folder / team / "tables").glob("*.csv"))
    return TeamEntry(
        id=team,
        label=label,
        links=tuple(links),
        response=_response(n, _members(wave, team), wave.facts.words.members),
        small=SMALL_TEAM.format(short=wave.facts.words.short) if small else "",
        tables=f"{team}/tables/" if has_tables else "",
    )


def _members(wave: Wave, team: str) -> int | None:
    if team != ALL:
        return wave.members[team]
    sizes = [size for size in wave.members.values() if size is not None]
    return sum(sizes) if len(sizes) == len(wave.members) else None


def _response(n: int, size: int | None, members: str = WORDS.members) -> str:
    """Say how many answered; the number of members is not always known.

    Examples
    --------
    >>> _response(6, 7), _response(2, None)
    ('6 van de 7 leden deden mee (86%)', '2 mensen deden mee')
    """
    if size is None:
        return f"{n} {'mens deed' if n == 1 else 'mensen deden'} mee"
    share = round(100 * n / size)
    return f"{n} van de {size} {members} {'deed' if n == 1 else 'deden'} mee ({share}%)"


def _failures(
    runs: Mapping[tuple[str, str], Mapping[str, Any]],
    labels: Mapping[str, str],
    notebooks: Sequence[BatchNotebook],
    folder: Path,
) -> list[Failure]:
    """List the runs that failed; what went wrong alike is said once."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for notebook in notebooks:
        for team in labels:
            run = runs.get((team, notebook.name), {})
            if run.get("state") != "failed":
                continue
            place = f"cel [{run['cell']}]" if run.get("cell") else ""
            if place and run.get("heading"):
                place += f" onder '{run['heading']}'"
            error = without_paths(str(run.get("error", "")))
            key = (notebook.name, error, place)
            alike.setdefault(key, []).append(team)
    titles = {notebook.name: notebook.title for notebook in notebooks}
    found = []
    for (name, error, place), teams in alike.items():
        kept = [f"{team}/{name}.failed.ipynb" for team in teams]
        there = [path for path in kept if (folder / path).exists()]
        found.append(
            Failure(
                title=titles[name],
                teams=", ".join(labels[team] for team in teams),
                error=error,
                place=place,
                href=there[0] if there else "",
            )
        )
    return found
