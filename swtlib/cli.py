"""The command ``swt``: parse, call one library function, say where it went."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from swtlib.errors import ParameterError, SwtError
from swtlib.project import outputs_dir, readable, write_atomic

if TYPE_CHECKING:
    import pandas as pd

    from swtlib.wave import Preview, Wave

app = typer.Typer(
    help="Research workbench for the yearly survey of sociale wijkteams.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
new_app = typer.Typer(help="Make something new to work in.", no_args_is_help=True)
app.add_typer(new_app, name="new")
# A heading such as functie[other] is no markup.
console = Console(highlight=False, markup=False, emoji=False)

Year = Annotated[int, typer.Argument(help="Year of the wave, such as 2015.")]


@app.command()
def codebook(
    csv: Annotated[
        Path | None, typer.Option(help="Write the items as CSV to this file.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page to read to this file.")
    ] = None,
    diff: Annotated[
        tuple[int, int] | None,
        typer.Option(help="Two years: what may be compared, and what not."),
    ] = None,
) -> None:
    """Print the questionnaire as the codebook defines it, or write it."""
    from swtlib.codebook import codebook_table, load_codebook

    book = load_codebook()
    if diff is not None:
        from swtlib.codebook_diff import diff_codebook

        _print_diff(diff_codebook(book, *diff), diff, csv)
        return
    if csv is not None:
        table = codebook_table(book)
        _write_csv(table, csv)
        console.print(f"{len(table)} items: {csv}")
    if html is not None:
        from swtlib.codebook_page import codebook_page

        write_atomic(html, codebook_page(book))
        console.print(f"Page: {html}")
    if csv is None and html is None:
        _print_codebook(codebook_table(book))


@app.command()
def questionnaire(
    year: Year,
    format: Annotated[str, typer.Option(help="limesurvey, qualtrics or docx.")],
    out: Annotated[
        Path | None, typer.Option(help="File; default: vragenlijst_<year>...")
    ] = None,
) -> None:
    """Write the questionnaire of a year from the codebook."""
    from swtlib.questionnaire import write_questionnaire

    written = write_questionnaire(year, format, out)
    console.print(written.summary(), soft_wrap=True)


@app.command()
def start(year: Year) -> None:
    """Start a wave: its wave.toml, to be filled in with what no export tells."""
    from swtlib.new_wave import start_wave

    path = start_wave(year)
    console.print(
        f"Wave {year}: {readable(path)}. Fill in the members of each team there; "
        f"then swt ingest {year} FILE.",
        soft_wrap=True,
    )


@app.command()
def ingest(
    year: Year,
    export: Annotated[
        Path | None,
        typer.Argument(help="Export as downloaded; default: the one in wave.toml."),
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="map.toml: which column is which item."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show how it would be read; keep nothing.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(help="With --dry-run: write what is shown as a map.toml."),
    ] = None,
) -> None:
    """Check a survey export and keep it as a wave."""
    from swtlib.mapping import save_map
    from swtlib.wave import ingest as ingest_wave
    from swtlib.wave import preview

    if save is not None and not dry_run:
        raise ParameterError("--save goes with --dry-run. Add --dry-run.")
    if not dry_run:
        _print_wave(ingest_wave(year, export, map_file=map_file))
        return
    seen = preview(year, export, map_file=map_file)
    _print_preview(seen)
    if save is not None:
        console.print(f"Mapping: {save_map(seen.mapping, save, given=map_file)}")
    raise typer.Exit(seen.exit_code)


@app.command()
def respons(
    export: Annotated[Path, typer.Argument(help="Export of the answers so far.")],
    year: Annotated[
        int | None, typer.Option(help="Year of the wave; default: the last one.")
    ] = None,
) -> None:
    """Count the response so far per team, and what is needed to show a team."""
    from swtlib.response import count_response

    _print_response(count_response(export, year))


@app.command()
def run(
    year: Annotated[int, typer.Option(help="Year of the wave.")] = 2015,
    team: Annotated[
        list[str] | None, typer.Option(help="Team id or 'alle'; may be repeated.")
    ] = None,
    notebook: Annotated[
        list[str] | None, typer.Option(help="Notebook name; may be repeated.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Runs at a time; default: one per core.")
    ] = None,
    quiet: Annotated[bool, typer.Option(help="No progress, only the end.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also what is up to date.")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Run nothing; say what is stale, and why.")
    ] = False,
    dask: Annotated[
        str | None, typer.Option(help="Run on a Dask cluster, tcp://host:port.")
    ] = None,
    engine: Annotated[
        str, typer.Option(hidden=True, help="How runs start: auto, fork or kernel.")
    ] = "auto",
) -> None:
    """Run the notebooks for each team where anything changed, and make the pages."""
    if why:
        from swtlib.batch import find_stale

        stale = find_stale(year=year, teams=team, notebooks=notebook)
        console.print(stale.summary(), soft_wrap=True)
        return

    from swtlib.batch.pools import Pools, parse_engine

    chosen = parse_engine(engine)
    with Pools(chosen) as pools:
        if dask is None and (force or not outputs_dir(year).exists()):
            pools.begin()  # there is work: imports go on beside those of this process
        from swtlib.batch import run_wave
        from swtlib.batch.cluster import open_executor

        with open_executor(dask, engine=chosen) as executor:
            report = run_wave(
                year=year,
                teams=team,
                notebooks=notebook,
                workers=jobs,
                executor=executor,
                progress="quiet" if quiet else "auto",
                force=force,
                pools=pools,
            )
    report.print_to(console)
    raise typer.Exit(report.exit_code)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def lab(context: typer.Context) -> None:
    """Open the verkenner in JupyterLab; further options go to JupyterLab."""
    from swtlib.lab import open_lab

    raise typer.Exit(open_lab(context.args))


@app.command()
def check(year: Year) -> None:
    """Recompute the published figures of a report from the wave."""
    from swtlib.reproduction import check_report
    from swtlib.wave import load_wave

    outcome = check_report(load_wave(year))
    console.print(outcome.summary(), soft_wrap=True)
    raise typer.Exit(outcome.exit_code)


@app.command()
def release(
    year: Year,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="File to let through, below outputs/YEAR; may be repeated."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Release anew although few answers changed.")
    ] = False,
    because: Annotated[str, typer.Option(help="Why that is no problem.")] = "",
    by: Annotated[str, typer.Option(help="Who says so.")] = "",
) -> None:
    """Scan all pages for what gives a respondent away, log them, zip per team."""
    from swtlib.release import Allowed, release_wave

    allowed = Allowed(files=tuple(allow or ()), again=again, because=because, by=by)
    done = release_wave(year, allowed=allowed)
    console.print(
        f"{done.n_files} files scanned. {done.n_hidden} cells are "
        f"hidden in the tables. {len(done.zips)} zips: {readable(done.folder)}",
        soft_wrap=True,
    )


@app.command("open")
def open_answers(year: Year) -> None:
    """Make or update the list in which a person reviews the open answers."""
    from swtlib.open_review import review_open_answers

    done = review_open_answers(year)
    console.print(done.summary(), soft_wrap=True)


@app.command()
def forget(
    year: Year,
    identity: Annotated[
        str,
        typer.Argument(
            metavar="[ID]",
            help="Number or token of the response; asked for when not given, so that "
            "it does not stay in the history of the shell.",
        ),
    ] = "",
    from_export: Annotated[
        bool, typer.Option("--from-export", help="Delete it from the export too.")
    ] = False,
) -> None:
    """Take out the answers of somebody who withdraws."""
    from swtlib.withdrawal import forget as withdraw

    given = identity or typer.prompt("Number or token (not shown)", hide_input=True)
    done = withdraw(year, given, from_export=from_export)
    console.print(done.summary(), soft_wrap=True)


@app.command()
def guard() -> None:
    """Refuse a commit that holds answers of people (a hook of git calls this)."""
    from swtlib.guard import check_staged

    n = check_staged(Path.cwd())
    console.print(f"{n} staged files hold no answers.")


@app.command()
def reconstruct(
    seed: Annotated[int, typer.Option(help="Another seed draws another set.")] = 2015,
) -> None:
    """Draw the reconstruction of the 2015 answers again (data/raw/2015)."""
    from swtlib.reproduction import write_reconstruction

    path = write_reconstruction(seed=seed)
    told = f"Reconstruction (synthetic answers): {readable(path)}"
    console.print(told, soft_wrap=True)


@app.command()
def simulate(year: Year) -> None:
    """Draw the made-up answers of a year again (data/raw/YEAR/simulation.toml)."""
    from swtlib.simulated_wave import write_simulation

    path = write_simulation(year)
    told = f"Simulation (made-up answers): {readable(path)}"
    console.print(told, soft_wrap=True)


# The two commands of students speak Dutch.
@new_app.command(
    "thesis", help="Maak de map van een scriptie, met verzonnen antwoorden als begin."
)
def new_thesis(
    name: Annotated[
        str, typer.Argument(help='Naam van het project, zoals "Scriptie Noord".')
    ],
    year: Annotated[
        int | None, typer.Option(help="Jaar van de enquête; anders dit jaar.")
    ] = None,
) -> None:
    """Make a project folder for a thesis, with made-up answers to start on."""
    from swtlib.thesis import make_thesis

    made = make_thesis(name, year=year)
    console.print(
        f"Je project staat klaar, met verzonnen antwoorden: {readable(made)}\n"
        f"Begin met {readable(made / 'LEESMIJ.md')}",
        soft_wrap=True,
    )


@app.command(
    "check-project",
    help="Kijk of alles in je project werkt: vragenlijst, antwoorden, elk notebook.",
)
def check_project_command(
    year: Annotated[
        int | None, typer.Option(help="Jaar van de meting; anders de laatste.")
    ] = None,
    quiet: Annotated[bool, typer.Option(help="Alleen de uitkomst.")] = False,
) -> None:
    """Check the project: the questionnaire, the answers, and every notebook."""
    from swtlib.thesis import check_project

    if not quiet:
        print("Alle notebooks draaien; dat duurt even.", file=sys.stderr)
    done = check_project(year=year)
    console.print(done.summary(), soft_wrap=True)
    raise typer.Exit(done.exit_code)


def main() -> None:
    """Run the command; an error that a user can mend is one line."""
    try:
        app()
    except SwtError as error:
        print(f"swt: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except OSError as error:
        place = error.filename or "a file"
        print(f"swt: {place}: {error.strerror}.", file=sys.stderr)
        raise SystemExit(1) from None


def _print_codebook(items: "pd.DataFrame") -> None:
    for instrument, group in items.groupby("instrument", sort=False):
        title = str(instrument)
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for heading in ("item", "label", "answers", "wording", "scales"):
            table.add_column(heading, overflow="fold")
        for _, row in group.iterrows():
            shown = row.astype(str)
            if row["placeholder"]:
                shown["wording"] = "unknown (placeholder)"
            elif not row["counted"]:
                shown["scales"] = "asked, not counted"
            if row["years"]:
                shown["wording"] += f" ({row['years']})"
            table.add_row(*(shown[str(column.header)] for column in table.columns))
        console.print(table)
        console.print()


def _print_diff(
    table: "pd.DataFrame", years: tuple[int, int], csv: Path | None
) -> None:
    counts = table.groupby(["kind", "verdict"]).size()
    words = {"same": "may be compared", "with care": "with care", "not": "not"}
    for kind in ("item", "scale"):
        told = [f"{counts.get((kind, v), 0)} {text}" for v, text in words.items()]
        console.print(f"{kind}s {years[0]} and {years[1]}: {', '.join(told)}.")
    if csv is not None:
        _write_csv(table, csv)
        console.print(f"All of them: {csv}")
    listed = table.loc[table["verdict"] != "same"].astype(str)
    shown = listed[["before", "after", "verdict", "reason"]]
    headings = [str(years[0]), str(years[1]), "compare", "why"]
    _print_table(shown.set_axis(headings, axis=1))
    loose = table["reason"].str.contains("exact words")
    if loose.any():
        console.print(
            f"{int(loose.sum())} of the items that may be compared are known by a "
            "label or paraphrase only: see that both years asked the same words."
        )


def _write_csv(table: "pd.DataFrame", path: Path) -> None:
    from swtlib._safe_cells import safe_frame

    text = safe_frame(table).to_csv(index=False, lineterminator="\n")
    write_atomic(path, text)


def _print_table(frame: "pd.DataFrame") -> None:
    """Print a table as it is; a long cell goes on below."""
    table = Table(box=None, pad_edge=False)
    for heading in frame.columns:
        table.add_column(str(heading), overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def _print_preview(seen: "Preview") -> None:
    console.print(f"{seen.name}: {seen.n_responses} responses. Nothing was kept.\n")
    _print_table(seen.mapping.table())
    answers = seen.mapping.answer_table()
    if len(answers):
        console.print("\nAnswers that are not codes themselves:")
        _print_table(answers)
    if seen.problems:
        console.print(f"\nThis would stop the ingest ({len(seen.problems)}):")
        for problem in seen.problems:
            console.print(problem, soft_wrap=True)
    else:
        console.print("\nNothing would stop the ingest.")


def _print_response(counts: "pd.DataFrame") -> None:
    shown = counts.astype(object).where(counts.notna(), "")
    _print_table(shown)
    console.print(
        "'needed' is how many more answers before a team is shown. Answered: "
        f"{counts['answered'].sum()}, broken off: {counts['broken_off'].sum()}."
    )


def _print_wave(wave: "Wave") -> None:
    import pandas as pd

    console.print(
        f"Wave {wave.year} ({wave.origin}): {wave.n_responded} responses, "
        f"{len(wave.respondents)} kept."
    )
    _print_table(pd.DataFrame(list(wave.ledger)))
    console.print(f"Next: swt run --year {wave.year}")
