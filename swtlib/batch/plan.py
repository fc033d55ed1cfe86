"""Which notebooks run for which team, with which parameters.

A notebook says itself that it belongs to the batch (metadata ``swt``). The plan
is checked as a whole before the first kernel starts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from swtlib import project
from swtlib.batch.parameters import (
    Parameter,
    Value,
    check_parameters,
    parse_parameters,
    read_notebook,
)
from swtlib.codebook import load_codebook
from swtlib.errors import ParameterError, did_you_mean
from swtlib.groups import ALL
from swtlib.wave import load_wave


@dataclass(frozen=True, kw_only=True)
class BatchNotebook:
    """A notebook of the batch, as its metadata describe it.

    Parameters
    ----------
    path : Path
        The file.
    title : str
        What readers see above the page and in the index.
    short : str
        The same in a word or two, for navigation; the title if not given.
    order : int
        Place among the other notebooks.
    example : str
        Name of the example survey that the page is made of, if it is.
    parameters : mapping of str to Parameter
        What it can be told.
    """

    path: Path
    title: str
    short: str
    order: int
    example: str = ""
    parameters: Mapping[str, Parameter]

    @property
    def name(self) -> str:
        """File name without ``.ipynb``, as used on the command line."""
        return self.path.stem


@dataclass(frozen=True, kw_only=True)
class Job:
    """One notebook for one team: what runs, with what, and where it is put."""

    notebook: Path
    name: str
    year: int
    team: str
    outputs: Path
    parameters: Mapping[str, Value] = field(hash=False)

    @property
    def executed(self) -> Path:
        """The notebook as it ran, with its outputs."""
        return self.outputs / f"{self.name}.ipynb"

    @property
    def page(self) -> Path:
        """The page for readers."""
        return self.outputs / f"{self.name}.html"

    @property
    def failed(self) -> Path:
        """The notebook as far as it came, when it failed."""
        return self.outputs / f"{self.name}.failed.ipynb"


def plan_runs(
    *,
    year: int,
    teams: Sequence[str] | None = None,
    notebooks: Sequence[str] | None = None,
    parameters: Mapping[str, Value] | None = None,
) -> list[Job]:
    """List the runs of a wave: every chosen notebook for every chosen team.

    Parameters
    ----------
    year : int
        The wave.
    teams : sequence of str, optional
        Team ids, or ``"alle"`` for the page of all teams together. By default
        "alle" and every team of the wave, in the order of the codebook.
    notebooks : sequence of str, optional
        Names without ``.ipynb``; every notebook of the batch by default. One
        that looks back has no run in the first wave.
    parameters : mapping, optional
        Further parameters for each chosen notebook, such as
        ``{"confidence": 0.9}``. A text is read as the type that is asked for.

    Returns
    -------
    list of Job
        Ordered by team and then by notebook.

    Raises
    ------
    ParameterError
        If a team, notebook or parameter does not exist, or a value has the
        wrong type; the message lists what there is.
    WaveError
        If there is no such wave.
    """
    known_teams = wave_teams(year)
    chosen_teams = _choose(known_teams, teams, f"In {year} there is no team")
    known = {notebook.name: notebook for notebook in find_notebooks(year)}
    for notebook in find_notebooks():
        if notebook.name not in known and notebook.name in (notebooks or ()):
            raise ParameterError(
                f"{notebook.name} compares {year} with an earlier wave, and there is "
                "none."
            )
    chosen = _choose(
        known,
        notebooks,
        "No notebook says in its metadata that it belongs to the batch "
        '("swt": {"batch": true, "title": "..."}) and is called',
    )
    jobs = []
    for team in chosen_teams:
        for name in chosen:
            values = {"team": team, "year": year, **(parameters or {})}
            jobs.append(
                Job(
                    notebook=known[name].path,
                    name=name,
                    year=year,
                    team=team,
                    outputs=project.outputs_dir(year) / team,
                    parameters=check_parameters(name, known[name].parameters, values),
                )
            )
    return jobs


def wave_teams(year: int) -> dict[str, str]:
    """Give the teams of a wave with their labels, all teams together first.

    Parameters
    ----------
    year : int
        The wave.

    Returns
    -------
    dict of str to str
        Team id to label: "alle", then the teams in the order of the codebook.
    """
    wave = load_wave(year)
    of_wave = wave.teams
    teams = load_codebook().teams.values()
    labels = {team.id: team.label for team in teams if team.id in of_wave}
    return {ALL: f"Alle {wave.facts.words.short}", **labels}


def find_notebooks(
    year: int | None = None, *, folder: Path | None = None
) -> list[BatchNotebook]:
    """Find the notebooks of the batch, in order.

    Parameters
    ----------
    year : int, optional
        Leave out what has no run in this wave: what looks back, in the first one.
    folder : Path, optional
        Where to look; the ``notebooks`` folder of the project by default.

    Returns
    -------
    list of BatchNotebook
        Those whose metadata hold ``"swt": {"batch": true}``.

    Raises
    ------
    ParameterError
        If one of them has no title, or no proper parameters cell.
    """
    folder = folder or project.notebooks_dir()
    first = year is not None and not any(y < year for y in project.wave_years())
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            content = read_notebook(path)
        except ParameterError:
            continue  # a file that is no notebook (yet) is no part of the batch
        about = content.get("metadata", {}).get("swt", {})
        if about.get("batch") is not True:
            continue
        title = str(about.get("title", "")).strip()
        if not title:
            raise ParameterError(
                f"{path.name} is in the batch but its metadata have no title: "
                'give it "swt": {"batch": true, "title": "..."}.'
            )
        if first and about.get("looks_back") is True:
            continue
        found.append(
            BatchNotebook(
                path=path,
                title=title,
                short=str(about.get("short", "")).strip() or title,
                order=int(about.get("order", 0)),
                example=str(about.get("example", "")),
                parameters=parse_parameters(path.stem, content),
            )
        )
    return sorted(found, key=lambda notebook: (notebook.order, notebook.name))


def _choose(
    known: Iterable[str], wanted: Sequence[str] | None, problem: str
) -> list[str]:
    everything = list(known)
    for name in wanted or ():
        if name not in everything:
            raise ParameterError(f"{problem} '{name}'.{did_you_mean(name, everything)}")
    return [name for name in everything if wanted is None or name in wanted]
