"""The tables and sentences that come back on the pages of this report."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from swtlib._notebook_competence import CompetenceDisplay
from swtlib._notebook_groups import GroupDisplay
from swtlib._notebook_outlook import OutlookDisplay
from swtlib._notebook_quality import QualityDisplay
from swtlib._notebook_show import Shown
from swtlib._notebook_trend import TrendDisplay
from swtlib._table_text import HIDDEN, place_text
from swtlib.codebook import Instrument
from swtlib.disclosure import ProtectedTable, rewrap


@dataclass(frozen=True, kw_only=True)
class ReportDisplay(
    QualityDisplay, CompetenceDisplay, OutlookDisplay, TrendDisplay, GroupDisplay
):
    """A display that knows what this report says, and how it says it."""

    @property
    def main_group(self) -> str:
        """The group a reading is about: the team of this page, or ``"alle"``."""
        return self.team if self.one_team else "alle"

    def count_answers(self, instrument: Instrument) -> Shown:
        """Say how many were asked an instrument, and how much was left open."""
        answers = self.base.answers(instrument)
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
            f"{wave.n_broken_off} van hen braken de vragenlijst af en tellen niet mee. "
            + (
                f"Nog {wave.n_declared} antwoorden tellen niet mee (dubbel, te snel "
                "of een proef). "
                if wave.n_declared
                else ""
            )
            + f"Er blijven {len(wave.respondents)} {people} over."
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

    def missing_table(self, name: str, *, title: str) -> Shown:
        """Show why answers are missing, over all teams together.

        Parameters
        ----------
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        return self.table(
            self.missing_counts(),
            name,
            title=title,
            columns={"why": "de vraag is", "answers": "aantal", "share": "deel"},
            digits={"answers": 0, "share": 1},
            percent=["share"],
            note="Elke vraag telt per persoon één keer, open vragen niet; over "
            f"{self.labels['alle']} samen.",
        )

    def gender_answer(self) -> Shown:
        """Show the division by gender, or say that it is not known (figure 17)."""
        from swtlib.figures import plot_shares

        if self.wave.respondents["bg_geslacht"].isna().all():
            return Shown(
                f"<p>{self.title('Man of vrouw (rapport: figuur 17)')}: van deze "
                "meting is over geslacht niets bekend.</p>"
            )
        picture = plot_shares(
            self.choice_shares("bg_geslacht"),
            labels=self.labels,
            title=self.title(
                "Geslacht van de professionals, alle teams (rapport: figuur 17)"
            ),
            origin=self.origin,
            confidence=self.confidence,
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
            title=title,
            columns=columns,
            digits={"share": 0, "ci_low": 0, "ci_high": 0, "n": 0},
            percent=("share", "ci_low", "ci_high"),
            note=f"Van en tot: {self._percent()}-betrouwbaarheidsinterval (Wilson).",
        )

    def gap_table(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        with_ranks: bool = False,
    ) -> Shown:
        """Show have, want and the wish to develop per competence.

        Parameters
        ----------
        table : ProtectedTable
            From `gaps`.
        name, title
            As in `table`.
        with_ranks : bool, default False
            Whether the order is what the table is about: then the place of
            each competence is shown, with the places that it may have.

        Returns
        -------
        Shown
        """
        return self._difference_table(
            table,
            name,
            title=title,
            rows="competentie",
            marks={
                "mean_have": "ik beschik over",
                "mean_want": "ik wil toewerken naar",
            },
            digits=1,
            note=", van wie beide cijfers gaf.",
            with_ranks=with_ranks,
        )

    def gap_reading(self, table: ProtectedTable) -> Shown:
        """Say what people most want to develop, and how certain that order is.

        Parameters
        ----------
        table : ProtectedTable
            From `gaps`.

        Returns
        -------
        Shown
            With a word on what is invented, if the answers are.
        """
        from swtlib.reading import read_gaps

        invented = ""
        if self.wave.origin == "simulation":
            invented = "De antwoorden zijn verzonnen, en dus ook deze volgorde."
        elif self.wave.origin == "reconstruction" and self.one_team:
            invented = (
                "Het rapport geeft hierover geen cijfers per team: de volgorde van "
                f"{self.team_label} is hier verzonnen."
            )
        elif self.wave.origin == "reconstruction":
            invented = (
                "De gemiddelden volgen het rapport. Hoe zeker de volgorde is, hangt "
                "ook af van hoe de cijfers van één persoon samenhangen. Dat staat niet "
                "in het rapport en is hier verzonnen."
            )
        told = read_gaps(table, labels=self.labels, confidence=self.confidence)
        return self.text(told, invented)

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
        labels = {
            first: _what_they_share(self.labels[first], self.labels[second])
            for first, second in pairs
        }
        return self._difference_table(
            self.pair_differences(instrument, pairs),
            name,
            labels={**self.labels, **labels},
            title=title,
            rows="stelling",
            marks=dict(zip(("mean_want", "mean_have"), headings, strict=True)),
            digits=2,
            note=".",
        )

    def _difference_table(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        rows: str,
        marks: Mapping[str, str],
        digits: int,
        note: str,
        labels: Mapping[str, str] | None = None,
        with_ranks: bool = False,
    ) -> Shown:
        """Show paired differences with their interval, and both means beside."""
        columns = {
            "variable": rows,
            "group": "groep",
            **({"place": "plaats"} if with_ranks else {}),
            "gap": "verschil",
            "ci_low": "van",
            "ci_high": "tot",
            **marks,
            "n": "n",
        }
        if not self.one_team:
            del columns["group"]
        told = f"Van en tot: {self._percent()}-interval van het verschil{note}"
        if with_ranks:
            told += " Plaats: de volgorde naar verschil"
            told += (
                "."
                if (table.frame["interval"] == "telling").all()
                else (
                    ", met tussen haakjes tussen welke plaatsen de competentie met "
                    f"{self._percent()} zekerheid staat."
                )
            )
        coarse = "sd" not in table.frame.columns
        if coarse:
            told += (
                " Het interval is naar buiten afgerond, omdat niet van alle "
                f"{self._words.groups} de uitkomst te zien mag zijn."
            )
        kept = {"gap": 2} | dict.fromkeys(("ci_low", "ci_high"), 1 if coarse else 2)
        kept |= dict.fromkeys(marks, digits) | {"n": 0}
        kept |= dict.fromkeys(("rank", "rank_low", "rank_high"), 0)
        return self._show(
            table,
            name,
            as_=_with_places(table) if with_ranks else None,
            title=title,
            columns=columns,
            digits=kept,
            note=told,
            labels=labels,
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
            title=title,
            columns=columns,
            digits={"mean": 2, "mean_other": 2} | digits,
            note="Over alle teams samen.",
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

        if table.layout == "team" and self.wave.origin == "simulation":
            return self.text(
                f"Hoe {self.team_label} van de {self.labels['andere']} verschilt, is "
                "verzonnen. De kolommen laten alleen zien hoe zo’n vergelijking "
                "eruitziet."
            )
        if table.layout == "team" and self.wave.origin != "fieldwork" and not published:
            return self.text(
                f"Hoe {self.team_label} van de {self.labels['andere']} verschilt, is "
                "hier verzonnen: het rapport geeft hierover geen cijfers per team. "
                "De kolommen laten alleen zien hoe zo’n vergelijking eruitziet."
            )
        invented = ""
        if table.layout == "team" and self.wave.origin == "reconstruction":
            invented = (
                "De gemiddelden volgen het rapport; de spreiding, en dus elk interval, "
                "is verzonnen."
            )
        told = read_team(table, labels=self.labels, confidence=self.confidence)
        return self.text(told, invented)

    @property
    def open_origin(self) -> str:
        """The Dutch line on where the open answers come from."""
        source = self.wave.facts.open_answers_source
        return f"Herkomst: {source[0].lower()}{source[1:]}" if source else self.origin

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
            f"{html.escape(self.wave.facts.open_answers_source or self.origin)}</p>"
        )

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


def _with_places(table: ProtectedTable) -> ProtectedTable:
    """Write each rank with the ranks that it may have in one column of text."""
    frame = table.frame
    frame["place"] = [
        HIDDEN if row["suppressed"] else place_text(row) for _, row in frame.iterrows()
    ]
    return rewrap(table, frame)


def _what_they_share(first: str, second: str) -> str:
    """Name a pair by the words that both labels begin with.

    >>> _what_they_share("Regie bij de burger (licht)", "Regie bij de burger (zwaar)")
    'Regie bij de burger'
    """
    words = zip(first.split(), second.split(), strict=False)
    shared = [one for one, two in takewhile(lambda pair: pair[0] == pair[1], words)]
    return " ".join(shared) or first
