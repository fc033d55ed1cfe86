"""What stands around each page of a plan: title, team, origin, navigation."""

from collections.abc import Sequence
from pathlib import Path

from swtlib.batch.html import Link, Page, plain_origin
from swtlib.batch.plan import BatchNotebook, Job, find_notebooks, wave_teams
from swtlib.examples import load_example
from swtlib.wave import Wave, load_wave


def plan_pages(jobs: Sequence[Job]) -> dict[Job, Page]:
    """Say what each page must show around the content of its notebook.

    Parameters
    ----------
    jobs : sequence of Job
        The plan. A page links to those that are planned or are there already.

    Returns
    -------
    dict of Job to Page
        In the order of the plan.
    """
    notebooks = {year: find_notebooks(year) for year in {job.year for job in jobs}}
    planned = {job.page for job in jobs}
    labels = {year: wave_teams(year) for year in notebooks}
    waves = {year: load_wave(year) for year in notebooks}
    examples = {n.name: n.example for of_year in notebooks.values() for n in of_year}
    sources = {(job.year, examples.get(job.name, "")) for job in jobs}
    origins = {
        (year, example): _origin(
            load_example(example, year=year) if example else waves[year]
        )
        for year, example in sources
    }
    return {
        job: _page(
            job,
            notebooks[job.year],
            planned,
            labels[job.year][job.team],
            waves[job.year].facts.words.survey,
            origins[job.year, examples.get(job.name, "")],
        )
        for job in jobs
    }


def _origin(wave: Wave) -> str:
    """Say where the answers of a page come from; nothing for fieldwork."""
    return "" if wave.origin == "fieldwork" else plain_origin(wave.origin_line())


def _page(
    job: Job,
    notebooks: Sequence[BatchNotebook],
    planned: set[Path],
    label: str,
    survey: str,
    origin: str,
) -> Page:
    links = []
    for notebook in notebooks:
        page = job.outputs / f"{notebook.name}.html"
        there = page in planned or page.exists()
        links.append(Link(label=notebook.short, href=page.name if there else ""))
    titles = {notebook.name: notebook.title for notebook in notebooks}
    return Page(
        title=titles.get(job.name, job.name),
        kicker=f"{label}, meting {job.year}",
        origin=origin,
        survey=survey,
        year=job.year,
        team_label=label,
        href=job.page.name,
        links=tuple(links),
    )
