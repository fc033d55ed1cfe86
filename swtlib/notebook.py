"""What a notebook of the workbench works with: one run, for one team and year.

A run makes the result tables (it is a :class:`~swtlib.results.Selection`) and
shows them, so that a notebook reads as question, table, figure, reading. Every
table and figure says where it comes from, and is kept as a file.
"""

import base64
import html
import importlib.metadata
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swtlib.codebook import Instrument
from swtlib.disclosure import MIN_CELL_N, ProtectedTable
from swtlib.errors import ParameterError, WaveError
from swtlib.project import outputs_dir, raw_dir, write_atomic
from swtlib.results import Selection, ranked
from swtlib.wave import ORIGINS, Wave, load_wave, read_wave

if TYPE_CHECKING:
    from swtlib.figures import Picture


COLUMN_WIDTH = 6  # inches; a wider figure scrolls sideways on a small screen
REPORTED_YEARS = (2015,)  # waves of which a report was published
INDENT = "\N{NO-BREAK SPACE}" * 3


@dataclass(frozen=True)
class Shown:
    """A piece of HTML that a notebook shows as the outcome of a cell."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True, kw_only=True)
class NotebookRun(Selection):
    """One notebook, run for one team and year.

    Parameters
    ----------
    name : str
        Name of the notebook; its files are kept under it.
    wave, team, confidence
        As in `Selection`.
    """

    name: str

    @property
    def origin(self) -> str:
        """The Dutch line on origin that belongs under every figure."""
        return self.wave.origin_line()

    @property
    def main_group(self) -> str:
        """The group a reading is about: the team of this page, or ``"alle"``."""
        return self.team if self.one_team else "alle"

    def intro(self) -> Shown:
        """Say whom this page is about, and what must be known beforehand."""
        total = len(self.wave.respondents)
        parts = [f"<p>{html.escape(self._whom(total))}</p>"]
        parts += [
            f'<div class="note">{html.escape(note.text.strip())}</div>'
            for note in self.wave.facts.notes
            if self.name in note.notebooks
        ]
        return Shown("\n".join(parts))

    def table(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        columns: Mapping[str, str],
        digits: int | Mapping[str, int] = 2,
        percent: Sequence[str] = (),
        note: str = "",
        origin: str | None = None,
    ) -> Shown:
        """Show a result table and keep it as CSV.

        Parameters
        ----------
        table : ProtectedTable
            What to show.
        name : str
            Name of the file, ``<notebook>_<name>.csv``.
        title : str
            Dutch title: what is to be seen.
        columns : mapping of str to str
            Columns to show and their Dutch headings.
        digits : int or mapping of str to int, default 2
            Decimals, of all numbers or per column.
        percent : sequence of str
            Columns that are parts of 1 and shown as percentages.
        note : str
            Line under the table.
        origin : str, optional
            Line on origin, when it is not that of the wave's answers.

        Returns
        -------
        Shown
        """
        from swtlib.tables import render_table

        kept = digits
        if percent:  # shown as 69%, kept as 0.69
            shown = dict(digits) if isinstance(digits, Mapping) else {}
            kept = shown | {column: shown.get(column, 0) + 2 for column in percent}
        rendered = render_table(
            table,
            columns=columns,
            digits=digits,
            title=self.title(title),
            note=note,
            origin=self.origin if origin is None else origin,
            labels=self.labels,
            percent=percent,
        )
        return self._kept(table, name, kept, rendered)

    def wide_table(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        digits: int = 2,
        note: str = "",
        indented: Sequence[str] = (),
    ) -> Shown:
        """Show means with intervals, variables as rows and groups as columns.

        Parameters
        ----------
        table : ProtectedTable
            Of kind "mean"; it is kept as CSV in its long form.
        name, title, digits, note
            As in `table`.
        indented : sequence of str
            Variables that stand under the one above them: items under a scale.

        Returns
        -------
        Shown
        """
        from swtlib.tables import render_table, wide_means

        labels = self._labels_of(table)
        labels |= {name: f"{INDENT}{labels[name]}" for name in indented}
        wide = wide_means(
            table, rows="variable", columns="group", labels=labels, digits=digits
        )
        line = (
            f"Tussen haakjes het {self._percent()}%-betrouwbaarheidsinterval; dat "
            f"houdt rekening met het aantal leden. {note}"
        ).strip()
        return self._kept(
            table,
            name,
            digits,
            render_table(
                wide,
                columns={},
                digits=digits,
                title=self.title(title),
                note=line,
                origin=self.origin,
            ),
        )

    def figure(self, picture: "Picture", name: str) -> Shown:
        """Show a figure and keep it as PNG.

        Parameters
        ----------
        picture : Picture
            From one of the plot functions in `swtlib.figures`.
        name : str
            Name of the file, ``<notebook>_<name>.png``.

        Returns
        -------
        Shown
        """
        from swtlib.figures import picture_png

        png = picture_png(picture)
        write_atomic(self._folder("figuren") / f"{self.name}_{name}.png", png)
        data = base64.b64encode(png).decode("ascii")
        alt = html.escape(picture.alt, quote=True)
        kind = ' class="wide"' if picture.figure.get_figwidth() > COLUMN_WIDTH else ""
        return Shown(
            f'<figure{kind}><img alt="{alt}" src="data:image/png;base64,{data}">'
            "</figure>"
        )

    def figure_means(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        x_range: tuple[float, float] = (0, 1),
        digits: int = 2,
        note: str = "",
    ) -> Shown:
        """Draw means with intervals in the form that fits the groups.

        Parameters
        ----------
        table : ProtectedTable
            Of kind "mean"; with a row per team it becomes small multiples.
        name, title, digits, note
            As in `table`.
        x_range : tuple of float, default (0, 1)
            Ends of the axis.

        Returns
        -------
        Shown
        """
        from swtlib.figures import plot_means, plot_profiles

        draw = plot_profiles if table.layout == "teams" else plot_means
        return self.figure(
            draw(
                table,
                labels=self._labels_of(table),
                x_range=x_range,
                title=self.title(title),
                origin=self.origin,
                digits=digits,
                confidence=self.confidence,
                note=note,
            ),
            name,
        )

    def figure_answers(self, shares: ProtectedTable, name: str, *, title: str) -> Shown:
        """Draw a distribution of answers as bars around the neutral answer.

        Parameters
        ----------
        shares : ProtectedTable
            From `answer_shares`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        from swtlib.figures import plot_likert

        rows = shares.frame.drop_duplicates("answer")
        picture = plot_likert(
            shares,
            labels=self.labels,
            answers=tuple(rows["answer_label"]),
            title=self.title(title),
            origin=self.origin,
        )
        return self.figure(picture, name)

    def ranked(self, table: ProtectedTable, *, by: str = "mean") -> ProtectedTable:
        """Put the variables of a table in order, highest first."""
        return ranked(table, by=by)

    def title(self, text: str) -> str:
        """Give a title, without the place in a report that is not of this year."""
        if self.wave.year in REPORTED_YEARS:
            return text
        return re.sub(r" \((in het )?rapport: [^)]*\)", "", text)

    def text(self, *sentences: str) -> Shown:
        """Show sentences that follow from the results as one paragraph."""
        told = " ".join(sentence for sentence in sentences if sentence)
        return Shown(f"<p>{html.escape(told)}</p>" if told else "")

    def team_difference(
        self, table: ProtectedTable, *, published: bool = False
    ) -> Shown:
        """Say where the team of this page differs, and what that is worth.

        Parameters
        ----------
        table : ProtectedTable
            Of kind "mean" with a team and the others; else nothing is said.
        published : bool, default False
            Whether the report gives these figures per team. If not, made-up
            answers say nothing about the team, and no difference is named.

        Returns
        -------
        Shown
        """
        from swtlib.reading import read_team

        if table.layout == "team" and self.wave.origin != "fieldwork" and not published:
            return self.text(
                f"Hoe {self.team_label} van de {self.labels['andere']} verschilt, is "
                "hier verzonnen: het rapport geeft hierover geen cijfers per team. "
                "De kolommen laten alleen zien hoe zo’n vergelijking eruitziet."
            )
        return self.text(read_team(table, labels=self.labels))

    def quotes(self, theme: str = "") -> Shown:
        """Show the reviewed open answers, of one theme or under each theme."""
        answers = self.wave.open_answers()
        parts = []
        for name, rows in answers.groupby("theme", sort=False):
            if theme in ("", name):
                items = "".join(f"<li>{html.escape(a)}</li>" for a in rows["answer"])
                heading = "" if theme else f"<h4>{html.escape(str(name))}</h4>"
                parts.append(f'{heading}<ul class="quotes">{items}</ul>')
        return Shown("".join(parts) or "<p>Er zijn geen antwoorden om te tonen.</p>")

    @property
    def open_origin(self) -> str:
        """The Dutch line on where the open answers come from."""
        return self.wave.facts.open_answers_source or self.origin

    def open_intro(self) -> Shown:
        """Say where the open answers come from and what they are not."""
        n = len(self.wave.open_answers())
        if not n:
            return Shown(
                "<p>Bij deze meting is nog geen nagelezen lijst van open antwoorden. "
                "Pas als iemand de antwoorden op namen en herkenbare verhalen heeft "
                "nagelezen, komen ze hier te staan.</p>"
            )
        return Shown(
            f"<p>In totaal zijn er {n} antwoorden, elk bij één thema gezet. "
            f"{html.escape(self.open_origin)}</p>"
        )

    def response_flow(self) -> Shown:
        """Say how many responded, how many were kept, and what was set aside."""
        wave = self.wave
        people = wave.facts.words.people
        made_up = {
            "reconstruction": "Deze reconstructie volgt de aantallen van het rapport. ",
            "simulation": "De aantallen zijn verzonnen. ",
        }
        sentences = [
            made_up.get(wave.origin, "")
            + f"Er reageerden {wave.n_responded} {people}. "
            f"{wave.n_dropped} van hen braken de vragenlijst af en tellen niet mee. "
            f"Er blijven {len(wave.respondents)} {people} over."
        ]
        left_out = len(wave.respondents) - len(self.base.respondents)
        if left_out:
            sentences.append(
                f"De uitkomsten gaan over {len(self.base.respondents)} van hen: "
                f"{left_out} komen uit {wave.facts.words.groups} met zo weinig "
                "antwoorden dat ze ook samen te herkennen zouden zijn."
            )
        sentences += [
            f"Hersteld bij het inlezen: {entry.n} keer ({entry.reason})."
            for entry in wave.ledger
            if entry.what == "recoded" and entry.n
        ]
        return self.text(*sentences)

    def count_answers(self, instrument: Instrument) -> Shown:
        """Say how many were asked an instrument, and how much was left open."""
        answers = self.wave.answers(instrument)
        items = answers.drop(columns="team")
        asked, n_open = len(items), int(items.isna().to_numpy().sum())
        none = int(items.isna().all(axis=1).sum())
        people = self.wave.facts.words.people
        told = f"Deze vragen zijn aan {asked} {people} gesteld"
        if none:
            told += f"; {none} van hen sloegen ze allemaal over"
        some = n_open - none * items.shape[1]
        left = f"Er bleven {some} losse antwoorden open." if some else ""
        if some == 1:
            left = "Er bleef één los antwoord open."
        return self.text(told + ".", left)

    def gender_answer(self) -> Shown:
        """Show the division by gender, or say that it is not known (figure 17)."""
        from swtlib.figures import plot_shares

        if self.wave.respondents["bg_geslacht"].isna().all():
            return Shown(
                '<p class="missing">Figuur 17 in het rapport (man/vrouw): van deze '
                "meting is over geslacht niets bekend.</p>"
            )
        picture = plot_shares(
            self.choice_shares("bg_geslacht"),
            labels=self.labels,
            title="Geslacht van de professionals, alle teams (rapport: figuur 17)",
            origin=self.origin,
        )
        return self.figure(picture, "figuur_17_geslacht")

    def agreement_table(self, table: ProtectedTable, name: str, *, title: str) -> Shown:
        """Show per statement which share agrees, with interval and n.

        Parameters
        ----------
        table : ProtectedTable
            From `agreement`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        agree = table.select(categories=["eens"])
        columns = {
            "variable": "stelling",
            "share": "(deels) eens",
            "ci_low": "van",
            "ci_high": "tot",
            "n": "n",
        }
        return self.table(
            agree,
            name,
            title=self.title(title),
            columns=columns,
            digits={"share": 0, "ci_low": 0, "ci_high": 0, "n": 0},
            percent=("share", "ci_low", "ci_high"),
            note=f"Van en tot: {self._percent()}%-betrouwbaarheidsinterval (Wilson).",
        )

    def gap_table(self, table: ProtectedTable, name: str, *, title: str) -> Shown:
        """Show have, want and the wish to develop per competence.

        Parameters
        ----------
        table : ProtectedTable
            From `gaps`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        columns = {
            "variable": "competentie",
            "group": "groep",
            "gap": "verschil",
            "ci_low": "van",
            "ci_high": "tot",
            "mean_have": "ik beschik over",
            "mean_want": "ik wil toewerken naar",
            "n": "n",
        }
        if not self.one_team:
            del columns["group"]
        return self.table(
            table,
            name,
            title=self.title(title),
            columns=columns,
            digits={
                "mean_have": 1,
                "mean_want": 1,
                "gap": 2,
                "ci_low": 2,
                "ci_high": 2,
                "n": 0,
            },
            note=f"Van en tot: {self._percent()}%-interval van het verschil, van wie "
            "beide cijfers gaf.",
        )

    def assignment_table(
        self, instrument: Instrument, name: str, *, other: str, title: str
    ) -> Shown:
        """Set the scales under two divisions of the items side by side.

        Parameters
        ----------
        instrument : Instrument
            With a second assignment.
        name, title
            As in `table`.
        other : str
            Id of the second assignment.

        Returns
        -------
        Shown
        """
        table = self.compare_assignments(instrument, group="bakens", other=other)
        columns = {
            "variable": "baken",
            "n_items": "stellingen",
            "mean": "score",
            "n_items_other": "stellingen volgens tabel 10",
            "mean_other": "score volgens tabel 10",
            "n": "n",
        }
        digits = {"n_items": 0, "n_items_other": 0, "n": 0}
        return self.table(
            table,
            name,
            title=self.title(title),
            columns=columns,
            digits={"mean": 2, "mean_other": 2} | digits,
            note="Over alle teams samen.",
        )

    def pair_table(
        self,
        instrument: Instrument,
        name: str,
        *,
        pairs: Sequence[Sequence[str]],
        headings: Sequence[str],
        title: str,
    ) -> Shown:
        """Show how far the answers to two statements lie apart, pair by pair.

        Parameters
        ----------
        instrument : Instrument
            With the statements.
        name, title
            As in `table`.
        pairs : sequence of two item ids
            The difference is the first less the second.
        headings : sequence of two str
            What the first and the second are called.

        Returns
        -------
        Shown
        """
        columns = {
            "variable": "stelling",
            "group": "groep",
            "gap": "verschil",
            "ci_low": "van",
            "ci_high": "tot",
            "mean_want": headings[0],
            "mean_have": headings[1],
            "n": "n",
        }
        if not self.one_team:
            del columns["group"]
        digits = dict.fromkeys(("gap", "ci_low", "ci_high"), 2)
        return self.table(
            self.pair_differences(instrument, pairs),
            name,
            title=title,
            columns=columns,
            digits=digits | {"mean_want": 2, "mean_have": 2, "n": 0},
            note=f"Van en tot: {self._percent()}%-interval van het verschil.",
        )

    def baken_overview(self, name: str) -> Shown:
        """List the bakens with both numberings and their statements."""
        table = self.scale_overview(self.instrument("bakens"))
        return self.table(
            table,
            name,
            title="De acht bakens Welzijn Nieuwe Stijl (in het rapport: figuur 36)",
            columns={
                "label": "baken",
                "vws": "nummer VWS",
                "han": "nummer HAN",
                "statements": "stellingen",
            },
            digits=0,
            origin="Bron: de vragenlijst; deze tabel bevat geen antwoorden.",
        )

    def unrelated_statements(self, comparison: ProtectedTable, name: str) -> Shown:
        """Say which statements go with none of the competences."""
        rows = comparison.frame
        related = rows[(rows["p_value"] < 0.05) & (rows["difference"] > 0)]
        shown = rows.loc[~rows["suppressed"], "statement"].unique()
        none = [s for s in shown if s not in set(related["statement"])]
        if not none:
            return self.text("Elke stelling hangt met minstens één competentie samen.")
        items = "".join(f"<li>{html.escape(self.labels[s])}</li>" for s in none)
        return Shown(
            f"<p>Met geen enkele competentie samenhangend ({len(none)} van de "
            f"{len(shown)} stellingen, zonder correctie):</p><ul>{items}</ul>"
        )

    def keep(self, table: ProtectedTable, name: str, *, digits: int = 3) -> Shown:
        """Keep a long table as CSV without showing it; say where it is."""
        from swtlib.tables import table_csv

        path = self._folder("tables") / f"{self.name}_{name}.csv"
        table_csv(table, path, digits=digits, origin=self.wave.origin)
        return self.text(
            f"De volledige tabel ({len(table)} rijen) staat in tables/{path.name}."
        )

    def provenance(self) -> Shown:
        """Say what this page was made from, so that it can be made again."""
        instruments = self.wave.codebook.instruments.values()
        versions = ", ".join(f"{i.id} {i.version}" for i in instruments)
        packages = ", ".join(
            f"{name} {importlib.metadata.version(name)}"
            for name in ("swtlib", "pandas", "numpy", "scipy", "matplotlib")
        )
        real = self.wave.origin == "reconstruction"
        of_whom = "van het echte onderzoek: " if real else ""
        rows = {
            "Herkomst": f"{ORIGINS[self.wave.origin]}, {self.wave.facts.occasion}",
            "Veldwerk": f"{of_whom}{self.wave.facts.fieldwork or 'niet vermeld'}",
            "Notebook": f"{self.name}, team = {self.team}, year = {self.wave.year}, "
            f"confidence = {self.confidence:g}",
            "Gegevens": f"vingerafdruk {self.wave.data_hash}",
            "Vragenlijst": versions,
            "Gemaakt met": f"Python {platform.python_version()}, {packages}",
        }
        body = "".join(
            f'<tr><th scope="row">{html.escape(key)}</th>'
            f"<td>{html.escape(value)}</td></tr>"
            for key, value in rows.items()
        )
        return Shown(
            f'<div class="table-scroll"><table class="provenance">{body}</table></div>'
        )

    def example(self, name: str = "bewoners") -> "NotebookRun":
        """Show the same page on an invented survey; see `swtlib.examples`."""
        from swtlib.examples import load_example

        return self._on(load_example(name, year=self.wave.year))

    def survey(self, name: str) -> "NotebookRun":
        """Show the same page on another survey of this year.

        Parameters
        ----------
        name : str
            Folder in ``data/raw/<year>`` with ``wave.toml``, the export and a
            folder ``codebook``; its teams have the ids of the wijkteams.

        Returns
        -------
        NotebookRun

        Raises
        ------
        WaveError
            If it is not there, is of another year, or lacks the team.
        CodebookError, IngestError
            If its questionnaire or export has a fault.
        """
        return self._on(read_wave(raw_dir(self.wave.year) / name))

    def _on(self, wave: Wave) -> "NotebookRun":
        if wave.year != self.wave.year:
            raise WaveError(
                f"{wave.facts.place}: year = {wave.year}, but this page is of "
                f"{self.wave.year}."
            )
        wave.check_team(self.team)
        return replace(self, wave=wave)

    def _whom(self, total: int) -> str:
        facts, teams = self.wave.facts, self.wave.respondents["team"].nunique()
        words = facts.words
        if self.team == "alle":
            return (
                f"Deze pagina gaat over {total} {words.people} uit {teams} "
                f"{words.groups} ({facts.occasion})."
            )
        n, size = self._n_of(self.team), self.wave.members[self.team]
        if self.too_small:
            return (
                f"Uit {words.group} {self.team_label} kwamen minder dan {MIN_CELL_N} "
                "antwoorden. Dat zijn er te weinig om te laten zien zonder dat iemand "
                "te herkennen is. Daarom staan hier de uitkomsten van "
                f"{self.labels['alle']} samen ({len(self.base.respondents)} "
                f"{words.people})."
            )
        of_whom = (
            f"{n} van de {size} {words.members}" if size else f"{n} {words.people}"
        )
        return (
            f"Deze pagina zet {words.group} {self.team_label} ({of_whom} deden mee) "
            f"naast de {self.labels['andere']} samen ({total - n} {words.people}, "
            f"{facts.occasion})."
        )

    def _labels_of(self, table: ProtectedTable) -> dict[str, str]:
        """Name the total of a table by team as what it is: of these teams."""
        labels = dict(self.labels)
        if table.layout == "teams":
            labels["alle"] = f"deze {self.wave.facts.words.short} samen"
        return labels

    def _percent(self) -> int:
        return round(100 * self.confidence)

    def _folder(self, kind: str) -> Path:
        return outputs_dir(self.wave.year) / self.team / kind

    def _kept(
        self,
        table: ProtectedTable,
        name: str,
        digits: int | Mapping[str, int],
        shown: Any,
    ) -> Shown:
        from swtlib.tables import table_csv, table_html

        path = self._folder("tables") / f"{self.name}_{name}.csv"
        table_csv(table, path, digits=digits, origin=self.wave.origin)
        return Shown(table_html(shown))


def new_run(
    name: str, *, team: str = "alle", year: int = 2015, confidence: float = 0.95
) -> NotebookRun:
    """Start a notebook: check its parameters and load the wave.

    Parameters
    ----------
    name : str
        Name of the notebook, as its file is called.
    team : str, default "alle"
        Team id, or all teams.
    year : int, default 2015
        Year of the measurement.
    confidence : float, default 0.95
        Level of every interval, between 0 and 1.

    Returns
    -------
    NotebookRun

    Raises
    ------
    WaveError
        If there is no such wave or team.
    ParameterError
        If ``confidence`` is not between 0.5 and 1.
    """
    if not 0.5 <= confidence < 1:
        raise ParameterError(
            f"confidence = {confidence:g} is not between 0.5 and 1; 0.95 is usual."
        )
    wave = load_wave(year)
    wave.check_team(team)
    return NotebookRun(name=name, wave=wave, team=team, confidence=confidence)
