"""The tables, figures and sentences on what changed since earlier waves."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from swtlib._notebook_show import Display, Shown
from swtlib._reading_trend import dutch_reason
from swtlib._reading_words import joined
from swtlib._table_text import HIDDEN, change_text, p_text
from swtlib._trend_measures import PERSON
from swtlib._wave_facts import ORIGINS, TEAM_CHANGES, TeamChange
from swtlib.codebook import Instrument
from swtlib.disclosure import ProtectedTable, rewrap, rows_with
from swtlib.groups import ALL
from swtlib.trend_results import TrendResults

VERDICTS = {"with care": "met voorzichtigheid", "not": "niet vergeleken"}
P_VALUES = {"p_value": "p", "q_value": "p (BH)", "p_holm": "p (Holm)"}


@dataclass(frozen=True, kw_only=True)
class TrendDisplay(Display, TrendResults):
    """A display that sets a wave beside earlier ones."""

    @property
    def since(self) -> int | None:
        """The earlier wave that figures and sentences look back at: the last one."""
        return next(iter(self.compared), None)

    @property
    def trend_group(self) -> str:
        """The group that a change is read of: the team of this page, or all."""
        return self.team if self.trend_of_team else ALL

    @property
    def trend_origin(self) -> str:
        """The lines on origin of all waves that are compared."""
        earlier = [s.wave.origin_line() for s in self.compared.values()][::-1]
        return " ".join([*earlier, self.origin])

    def trend_intro(self) -> Shown:
        """Say which waves are compared, and what stands in the way."""
        if self.since is None:
            return Shown(
                f"<p>Er is geen meting van voor {self.wave.year}. Deze pagina zet "
                "jaren naast elkaar, en heeft daar twee metingen voor nodig. Onder de "
                "kopjes hieronder staat daarom niets. Bij de volgende meting wel.</p>"
            )
        parts = [f"<p>{html.escape(text)}</p>" for text in self._about_waves()]
        parts += [
            f'<div class="note">{html.escape(text)}</div>'
            for text in self._warnings(self.since)
        ]
        return Shown("\n".join(parts))

    def change_table(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        rows: str = "onderwerp",
        digits: int = 2,
    ) -> Shown:
        """Show the means of both years and the change, and keep them as CSV.

        Parameters
        ----------
        table : ProtectedTable
            From `scale_changes`, `item_changes` or `mark_changes`.
        name, title
            As in `table`.
        rows : str, default "onderwerp"
            What a row is about.
        digits : int, default 2
            Decimals of the means; a change has two.

        Returns
        -------
        Shown
            Nothing without an earlier wave.
        """
        if not len(table):
            return Shown("")
        frame = _by_variable(table.frame)
        frame["told"] = _told(frame)
        for column in P_VALUES:
            frame[column] = [p_text(value) for value in frame[column]]
        now = str(self.wave.year)
        several = len(self.compared) > 1
        columns = {
            "variable": rows,
            **({"group": "groep"} if table.layout != "total" else {}),
            **({"year": "vergeleken met"} if several else {}),
            "mean_before": "toen" if several else str(self.since),
            "mean_after": now,
            "told": "verschil",
            **P_VALUES,
            "effect": "effect",
            "n_before": "n toen" if several else f"n {self.since}",
            "n_after": f"n {now}",
        }
        return self._show(
            table,
            name,
            as_=rewrap(table, frame),
            title=title,
            columns=columns,
            digits=self._digits(table, digits),
            note=self._about_change(table),
            origin=self.trend_origin,
            labels=self._labels_of(table),
        )

    def change_by_team(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        rows: str = "onderwerp",
    ) -> Shown:
        """Show on the page of all teams how far each team moved.

        Parameters
        ----------
        table : ProtectedTable
            From `scale_changes` and the like, with ``per_team``.
        name, title, rows
            As in `change_table`.

        Returns
        -------
        Shown
            Teams as columns; nothing on the page of one team.
        """
        if table.layout != "teams" or not len(table):
            return Shown("")
        last = self._last(table)
        frame = last.frame
        frame["told"] = _told(frame)
        names = list(frame["variable"].unique())
        labels = self._labels_of(table)
        wide = pd.DataFrame({"variable": names})
        groups = [ALL, *(g for g in frame["group"].unique() if g != ALL)]
        for group in groups:
            of_group = frame[frame["group"] == group].set_index("variable")
            wide[str(group)] = of_group["told"].reindex(names).to_numpy()
        headings = {"variable": rows} | {
            str(name): labels[str(name)] for name in wide.columns[1:]
        }
        wide["suppressed"], wide["reason"] = False, ""
        note = (
            f"Verschil: {self.wave.year} min {self.since}, met het "
            f"{self._percent()}-interval van dat verschil. "
            f"{_capital(labels[ALL])}: alleen de {self._words.short} die in beide "
            f"jaren te tonen zijn, zodat het niet aan andere {self._words.short} ligt. "
            "De p-waarden staan in het bestand bij deze tabel."
        )
        return self._show(
            table,
            name,
            as_=rewrap(last, wide),
            title=title,
            columns=headings,
            digits=2,
            kept=self._digits(table, 2),
            note=note,
            origin=self.trend_origin,
            labels=labels,
        )

    def slopes(
        self, table: ProtectedTable, name: str, *, title: str, digits: int = 2
    ) -> Shown:
        """Draw the means of both years with a line between.

        Parameters
        ----------
        table, name, title, digits
            As in `change_table`.

        Returns
        -------
        Shown
            With two years: of more earlier waves the last one.
        """
        from swtlib.figures import plot_slopes

        if not len(table):
            return Shown("")
        picture = plot_slopes(
            self._last(table),
            labels=self._labels_of(table),
            year=self.wave.year,
            title=title,
            origin=self.trend_origin,
            digits=digits,
            confidence=self.confidence,
        )
        return self.figure(picture, name)

    def slopes_by_team(self, table: ProtectedTable, name: str, *, title: str) -> Shown:
        """Draw a line per team, on the page of all teams only; as `slopes`."""
        return (
            self.slopes(table, name, title=title)
            if table.layout == "teams"
            else Shown("")
        )

    def change_reading(self, table: ProtectedTable) -> Shown:
        """Say what changed, how sure that is, and what is invented.

        Parameters
        ----------
        table
            As in `change_table`.

        Returns
        -------
        Shown
        """
        from swtlib.reading import read_changes

        if not len(table):
            return Shown("")
        return self.text(
            read_changes(
                self._last(table),
                labels=self._labels_of(table),
                year=self.wave.year,
                group=self.trend_group,
                confidence=self.confidence,
            )
        )

    def invented_changes(self) -> Shown:
        """Say before the reading that a change between made-up answers is made up."""
        years = [*reversed(self.compared), self.wave.year]
        waves = [*reversed([s.wave for s in self.compared.values()]), self.wave]
        made_up = [
            f"{year} ({ORIGINS[wave.origin]})"
            for year, wave in zip(years, waves, strict=True)
            if wave.origin != "fieldwork"
        ]
        if not made_up or not self.compared:
            return self.text("")
        return self.text(
            f"Let op: de antwoorden van {joined(made_up)} zijn verzonnen. De "
            "veranderingen hieronder laten zien hoe zo’n vergelijking te lezen is. "
            f"Over de echte {self._words.short} zeggen zij niets."
        )

    def trend_provenance(self) -> Shown:
        """Say of which answers the earlier waves on this page were."""
        parts = [
            f"{year}: {ORIGINS[s.wave.origin]}, vingerafdruk {s.wave.data_hash}"
            for year, s in self.compared.items()
        ]
        return self.text(f"Vergeleken met {'; '.join(parts)}." if parts else "")

    def paired_part(
        self, instrument: Instrument, name: str, *, groups: Sequence[str], title: str
    ) -> Shown:
        """Show how the same people changed, or say why that cannot be shown.

        Parameters
        ----------
        instrument : Instrument
            With the scales.
        name, title
            As in `table`.
        groups : sequence of str
            Scale groups.

        Returns
        -------
        Shown
        """
        if self.since is None:
            return Shown("")
        earlier = [s.wave.respondents for s in self.compared.values()]
        if PERSON not in self.wave.respondents or not any(PERSON in e for e in earlier):
            return self.text(
                "De antwoorden van deze jaren zijn niet per persoon aan elkaar te "
                "koppelen. De vergelijking gaat daarom over groepen: wie er in het ene "
                "jaar meedeed, kan in het andere jaar ontbreken."
            )
        table = self.paired_changes(instrument, groups=groups)
        if not len(table):
            return self.text(
                f"Minder dan {self.min_n} mensen zijn in beide jaren te koppelen "
                f"binnen één {self._words.group}. Hun verandering is daarom niet te "
                "laten zien."
            )
        frame = table.frame
        frame["told"] = _told(frame)
        several = len(self.compared) > 1
        columns = {
            "variable": "onderwerp",
            **({"group": "groep"} if table.layout != "total" else {}),
            **({"year": "vergeleken met"} if several else {}),
            "told": "verschil",
            "n": "n in beide jaren",
            "n_before": "n toen" if several else f"n {self.since}",
            "n_after": f"n {self.wave.year}",
        }
        note = (
            "Het gemiddelde van ieders eigen verschil, met het "
            f"{self._percent()}-interval. Alleen wie in beide jaren antwoordde en niet "
            f"van {self._words.group} wisselde, telt mee; {self._words.groups} met "
            f"minder dan {self.min_n} van zulke mensen niet. Wie wegging, nieuw kwam "
            "of één keer meedeed, zit niet in dit verschil. Die kunnen anders zijn dan "
            f"wie bleef. Hoeveel {self._words.members} er bleven is niet bekend: het "
            "interval rekent daarom niet met hun aantal."
        )
        return self._show(
            table,
            name,
            as_=rewrap(table, frame),
            title=title,
            columns=columns,
            digits=self._digits(table, 2),
            note=note,
            origin=self.trend_origin,
        )

    def not_compared_table(self, name: str) -> Shown:
        """List what is compared with care or not at all, with the reason."""
        table = self.not_compared()
        if self.since is None:
            return Shown("")
        if not len(table):
            return self.text("Alles wat nu is gevraagd, is toen net zo gevraagd.")
        frame = table.frame
        frame["verdict"] = frame["verdict"].map(VERDICTS)
        frame["why"] = [dutch_reason(text) for text in frame["why"]]
        several = len(self.compared) > 1
        return self.table(
            rewrap(table, frame),
            name,
            title="Wat niet zomaar te vergelijken is, en waarom",
            columns={
                "label": "vraag of onderwerp",
                **({"year": "met"} if several else {}),
                "verdict": "vergeleken",
                "why": "reden",
            },
            digits=0,
            origin="Bron: de vragenlijsten; deze tabel bevat geen antwoorden.",
        )

    # --- words and steps -----------------------------------------------------

    def _last(self, table: ProtectedTable) -> ProtectedTable:
        """Keep the comparison with the last of the earlier waves."""
        return rows_with(table, "year", table.frame["year"].max())

    def _digits(self, table: ProtectedTable, digits: int) -> Mapping[str, int]:
        kept = {"year": 0}
        for column in table.frame.columns:
            if str(column).startswith(("mean_", "ci_low_", "ci_high_")):
                kept[str(column)] = digits
            elif str(column).startswith(("p_", "q_")):
                kept[str(column)] = 3
            elif column == "n" or str(column).startswith("n_"):
                kept[str(column)] = 0
            elif column in ("change", "ci_low", "ci_high") or "sd" in str(column):
                kept[str(column)] = 2
        return kept

    def _about_waves(self) -> list[str]:
        words = self.wave.facts.words
        waves = {**{y: s.base for y, s in self.compared.items()}}
        parts = [
            f"{len(wave.respondents)} {words.people} in {year} ({ORIGINS[wave.origin]})"
            for year, wave in reversed(waves.items())
        ]
        told = [
            f"Hier staat de meting van {self.wave.year} "
            f"({len(self.base.respondents)} {words.people}, "
            f"{ORIGINS[self.wave.origin]}) naast die van {joined(parts)}. "
            "De jaren tellen als twee losse groepen: wie toen meedeed en wie nu "
            "meedoet, hoeven niet dezelfde mensen te zijn."
        ]
        if self.one_team and not self.trend_of_team:
            told.append(
                f"Van {self.team_label} zijn er in {joined([str(y) for y in waves])} "
                f"minder dan {self.min_n} antwoorden. Een verandering is daarom niet "
                "te laten zien. Hieronder staat de verandering van "
                f"{self.labels[ALL]} samen."
            )
        elif self.trend_of_team and len(self.compared) < len(self.earlier):
            left = [str(year) for year in self.earlier if year not in self.compared]
            told.append(
                f"{joined(left)} ontbreekt: toen had {self.team_label} minder dan "
                f"{self.min_n} antwoorden."
            )
        return told

    def _warnings(self, since: int) -> list[str]:
        told = [self._warn_change(change) for change in self.team_changes(since)]
        gone, new = self.teams_of_one_year(since)
        for teams, here, there in (
            (gone, since, self.wave.year),
            (new, self.wave.year, since),
        ):
            if teams:
                names = joined([self.labels[team] for team in teams])
                told.append(
                    f"Alleen in {here} en niet in {there} deed mee: {names}. In de "
                    f"cijfers van {self.labels[ALL]} telt dat voor dat ene jaar mee; "
                    f"een verandering van zo’n {self._words.group} is er niet."
                )
        unknown = {
            year: [team for team, size in wave.members.items() if size is None]
            for year, wave in {
                since: self.earlier[since].wave,
                self.wave.year: self.wave,
            }.items()
        }
        for year, teams in unknown.items():
            if teams:
                names = joined([self.labels[team] for team in teams])
                told.append(
                    f"Van {names} is in {year} niet bekend hoeveel "
                    f"{self._words.members} er waren. Hun antwoorden tellen daar als "
                    "een steekproef uit een grote groep."
                )
        return told

    def _warn_change(self, change: TeamChange) -> str:
        whence = joined([self.labels.get(team, team) for team in change.from_teams])
        told = f"{self.labels[change.team]} is sinds {change.since} "
        told += TEAM_CHANGES[change.kind] + (f" (eerder: {whence})" if whence else "")
        return (
            f"{told}. {change.text} Een verschil kan dus komen doordat er andere "
            "mensen zitten, en niet doordat mensen anders zijn gaan werken."
        )

    def _about_change(self, table: ProtectedTable) -> str:
        then = "toen" if len(self.compared) > 1 else str(self.since)
        told = (
            f"Verschil: {self.wave.year} min {then}, met tussen haakjes het "
            f"{self._percent()}-interval van dat verschil; dat houdt voor elk jaar "
            f"rekening met het aantal {self._words.members}. "
            f"{self._about_spread(table)}"
            "Ligt 0 erin, dan is niet te zeggen of er iets veranderde. p: kans op zo’n "
            "verschil als er niets veranderde; BH "
            "(Benjamini-Hochberg) en Holm houden rekening met alle "
            f"{int(table.frame['p_value'].notna().sum())} vergelijkingen van deze "
            "tabel. Effect: het verschil in standaarddeviaties (Hedges’ g). "
            "Verschillen zijn berekend vóór het afronden."
        )
        if (table.frame["interval"] == "telling").any():
            told += " Zonder interval: in beide jaren deed iedereen mee (telling)."
        if self.trend_of_team:
            told += (
                f" De {self.labels['andere']} zijn niet elk jaar dezelfde mensen, en "
                f"kunnen ook andere {self._words.short} zijn."
            )
        return told


def _told(frame: pd.DataFrame) -> list[str]:
    return [
        HIDDEN if row["suppressed"] else change_text(row, 2)
        for _, row in frame.iterrows()
    ]


def _by_variable(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the groups of one variable under each other."""
    place = {name: at for at, name in enumerate(frame["variable"].unique())}
    order = frame["variable"].map(place).argsort(kind="stable")
    return frame.iloc[order.to_numpy()].reset_index(drop=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
