"""The tables and sentences on what a scale and a team mean are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from swtlib._notebook_show import Display, Shown
from swtlib._table_text import cell
from swtlib.disclosure import ProtectedTable, rewrap

# What a reader calls a measure of reliability.
MEASURES = {"alpha": "alfa", "spearman_brown": "Spearman-Brown"}
# A column of text: heading, and the columns of the value and both limits.
Span = tuple[str, str, str, str]
RELIABILITY: Span = ("betrouwbaarheid", "value", "ci_low", "ci_high")
OMEGA: Span = ("omega", "omega_total", "omega_low", "omega_high")
ITEM_REST: Span = ("samenhang", "item_rest_correlation", "ci_low", "ci_high")
DROPPED: Span = (
    *("alfa zonder", "alpha_if_dropped"),
    *("alpha_if_dropped_low", "alpha_if_dropped_high"),
)
ICC_ONE = ("icc1", "icc1_low", "icc1_high")


@dataclass(frozen=True, kw_only=True)
class QualityDisplay(Display):
    """A display that says how far scales and team means can be trusted."""

    def invented_relations(self, *, about: Literal["stellingen", "teams"]) -> Shown:
        """Say before tables on quality what made-up answers cannot tell.

        Parameters
        ----------
        about : {"stellingen", "teams"}
            Whether the tables are about scales or about team means.

        Returns
        -------
        Shown
            Empty if the answers were given by people.
        """
        if self.wave.origin == "fieldwork":
            return self.text("")
        what, of_whom = {
            "stellingen": ("hoe stellingen met elkaar samenhangen", "de vragenlijst"),
            "teams": (
                f"in hoeverre mensen uit één {self._words.group} het eens zijn",
                f"de {self._words.short}",
            ),
        }[about]
        if self.wave.origin == "simulation":
            return self.text(f"De antwoorden zijn verzonnen, en dus ook {what}.")
        return self.text(
            f"Let op: het rapport zegt niet {what}. In deze reconstructie is dat "
            "verzonnen. De tabellen hieronder laten alleen zien hoe zulke cijfers te "
            f"lezen zijn; over {of_whom} van toen zeggen zij niets."
        )

    def reliability_table(
        self, table: ProtectedTable, name: str, *, title: str
    ) -> Shown:
        """Show how well the statements of each scale measure one thing.

        Parameters
        ----------
        table : ProtectedTable
            From `reliability`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        note = (
            "Betrouwbaarheid loopt van 0 tot 1: hoe hoger, hoe meer de stellingen "
            "hetzelfde meten. Vuistregel: in een vroege fase van onderzoek is 0,70 "
            "genoeg (Nunnally, 1978); met twee of drie stellingen is dat moeilijk te "
            "halen. Alfa is die van Cronbach; voor twee stellingen "
            "past Spearman-Brown beter."
        )
        spans = [RELIABILITY]
        if table.frame["omega_total"].notna().any():
            spans.append(OMEGA)
            note += (
                " Omega lijkt op alfa, maar neemt niet aan dat elke stelling even "
                "zwaar telt."
            )
        return self._with_spans(
            table,
            name,
            title=title,
            rows="onderwerp",
            spans=spans,
            others={"n_items": "stellingen", "statistic": "maat", "n": "n"},
            note=note,
            whom=f"{self.labels['alle']} samen",
        )

    def item_quality_table(
        self, table: ProtectedTable, name: str, *, title: str
    ) -> Shown:
        """Show how each statement goes with the others of its scale.

        Parameters
        ----------
        table : ProtectedTable
            From `item_quality`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        note = (
            "Samenhang: geeft wie op deze stelling hoger antwoordt, ook op de andere "
            "van dat onderwerp hogere antwoorden? 0 is niet, 1 is volledig, onder 0 "
            "is andersom. Vuistregel: onder 0,30 past een stelling weinig bij de rest "
            "(Nunnally & Bernstein, 1994). Bij twee stellingen staat er twee keer "
            "hetzelfde."
        )
        spans = [ITEM_REST]
        if table.frame["alpha_if_dropped"].notna().any():
            spans.append(DROPPED)
            note += (
                " Alfa zonder: de betrouwbaarheid als deze stelling wegvalt; te "
                "berekenen bij drie stellingen of meer."
            )
        return self._with_spans(
            table,
            name,
            title=title,
            rows="stelling",
            spans=spans,
            others={"n": "n", "scale": "onderwerp"},
            note=note,
            whom=f"{self.labels['alle']} samen",
        )

    def team_agreement_table(
        self, table: ProtectedTable, name: str, *, title: str
    ) -> Shown:
        """Show what the mean of a team says about the team, per scale.

        Parameters
        ----------
        table : ProtectedTable
            From `team_agreement`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        words = self._words
        tussen = f"tussen {words.short} (ICC1)"
        return self._with_spans(
            table,
            name,
            title=title,
            rows="onderwerp",
            spans=[(tussen, *ICC_ONE)],
            others={
                "icc2": "hoe vast (ICC2)",
                "rwg": "eensgezindheid (rwg)",
                "n_teams": words.short,
                "n": "n",
            },
            note="ICC1: welk deel van de verschillen tussen mensen een verschil tussen "
            f"{words.short} is. Vuistregel: 0,01 is weinig, 0,10 matig, 0,25 veel; "
            "onder 0 telt als 0. ICC2: hoe vast het gemiddelde van een "
            f"{words.group} van gewone grootte staat, van 0 tot 1. rwg: in hoeverre "
            f"mensen uit één {words.group} het eens zijn, van 0 tot 1, in de middelste "
            f"{words.short}. Vuistregel voor ICC2 en rwg: vanaf 0,70 "
            "(alle vuistregels: LeBreton & Senter, 2008). Alleen ICC1 heeft hier een "
            "interval.",
            whom=self._shown_teams(),
        )

    def pooling_table(self, table: ProtectedTable, name: str, *, title: str) -> Shown:
        """Show what is left of the differences between teams, per scale.

        Parameters
        ----------
        table : ProtectedTable
            From `pooling`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        words = self._words
        return self._with_spans(
            table,
            name,
            title=title,
            rows="onderwerp",
            spans=[],
            others={
                "range_raw": f"hoogste min laagste {words.group}",
                "range_pooled": "na bijstelling",
                "rank_agreement": "zelfde volgorde",
                "n_teams": words.short,
                "n": "n",
            },
            note=f"Een {words.group} met weinig antwoorden staat eerder door toeval "
            "bovenaan of onderaan. De bijstelling (partial pooling) trekt elk "
            f"gemiddelde naar dat van alle {words.short}: hoe minder antwoorden, hoe "
            "meer. Blijft er weinig verschil over, maak dan geen ranglijst. Zelfde "
            "volgorde: 1 is precies gelijk, 0 is geen verband (rangcorrelatie).",
            whom=self._shown_teams(),
        )

    def _shown_teams(self) -> str:
        short = self._words.short
        return f"de {short} waarvan het gemiddelde getoond mag worden"

    def _with_spans(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        rows: str,
        spans: list[Span],
        others: Mapping[str, str],
        note: str,
        whom: str,
    ) -> Shown:
        """Show numbers as text with their interval; the file has them apart."""
        frame = table.frame
        results = [str(column) for column in frame.select_dtypes("float")]
        digits = {column: 2 for column in results if not column.startswith("n")}
        digits |= {"p_value": 3}
        for heading, *numbers in spans:
            parts = frame[["suppressed", *numbers]]
            parts = parts.set_axis(["suppressed", "value", "ci_low", "ci_high"], axis=1)
            frame[heading] = [cell(row, "value", 2) for _, row in parts.iterrows()]
        headings = {heading: heading for heading, *_ in spans}
        shown = {"variable": rows, **headings, **others}
        if (frame["remark"].fillna("") != "").any():
            shown["remark"] = "opmerking"
        interval = f"Tussen haakjes het {self._percent()}-interval. " if spans else ""
        return self._show(
            table,
            name,
            as_=rewrap(table, frame),
            title=title,
            columns=shown,
            digits=digits,
            note=f"Over {whom}. {interval}{note}",
            labels={**self.labels, **MEASURES},
        )
