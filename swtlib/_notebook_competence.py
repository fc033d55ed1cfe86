"""The tables and sentences of competences beside bakens."""

import html
from dataclasses import dataclass

from swtlib._notebook_show import Display, Shown
from swtlib.comparison import mark_related
from swtlib.disclosure import ProtectedTable


@dataclass(frozen=True, kw_only=True)
class CompetenceDisplay(Display):
    """A display that sets competences beside bakens."""

    def related_table(self, table: ProtectedTable, name: str, *, title: str) -> Shown:
        """Show per competence how many statements stand out, and after correction.

        Parameters
        ----------
        table : ProtectedTable
            From `related_counts`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        return self.table(
            table,
            name,
            title=title,
            columns={
                "competence": "competentie",
                "n_related": "zonder correctie",
                "n_after_bh": "per competentie (BH)",
                "n_after_holm": "per competentie (Holm)",
                "n_after_bh_all": "over alles (BH)",
                "n_after_holm_all": "over alles (Holm)",
                "n_compared": "vergeleken",
                "n": "n",
            },
            digits=0,
            note="Geteld is p < 0,05 met een hogere score bij een hoger cijfer. "
            "BH (Benjamini-Hochberg) houdt het deel valse uitkomsten gemiddeld onder "
            "de 5%; Holm is strenger en houdt de kans op ook maar één daarvan onder "
            "de 5%. Per competentie geldt dat binnen één competentie, niet voor de "
            "kolom als geheel.",
        )

    def unrelated_statements(self, comparison: ProtectedTable) -> Shown:
        """Say which statements go with none of the competences."""
        rows = comparison.frame
        related = rows[mark_related(rows)]
        shown = rows.loc[~rows["suppressed"], "statement"].unique()
        none = [s for s in shown if s not in set(related["statement"])]
        if not none:
            return self.text(
                "Elke stelling valt bij minstens één competentie op (p < 0,05)."
            )
        items = "".join(f"<li>{html.escape(self.labels[s])}</li>" for s in none)
        return Shown(
            f"<p>Bij geen enkele competentie een hogere score met p &lt; 0,05 "
            f"({len(none)} van de {len(shown)} stellingen):</p><ul>{items}</ul>"
        )

    def relation_table(
        self, comparison: ProtectedTable, name: str, *, title: str
    ) -> Shown:
        """Show per competence how grades and answers go together, not cut in two.

        Parameters
        ----------
        comparison : ProtectedTable
            From `split_comparison`.
        name, title
            As in `table`; every model is kept as ``<name>_model``.

        Returns
        -------
        Shown
        """
        relations = self.ordinal_relations()
        self.keep(relations, f"{name}_model")
        return self.table(
            self.relation_summary(comparison, relations),
            name,
            title=title,
            columns={
                "competence": "competentie",
                "spearman": "rangcorrelatie",
                "n_spearman": "interval boven 0",
                "odds_ratio": "odds ratio",
                "n_odds": "interval boven 1",
                "n_models": "modellen",
                "n": "n",
            },
            digits={
                "spearman": 2,
                "odds_ratio": 2,
                **dict.fromkeys(("n_spearman", "n_odds", "n_models", "n"), 0),
            },
            note="Rangcorrelatie en odds ratio: de middelste over de stellingen. "
            "Interval boven 0 of 1: bij hoeveel stellingen, niet gecorrigeerd voor het "
            "aantal.",
        )

    def correction_note(self) -> Shown:
        """Say what made-up answers cannot tell about a correction."""
        if self.wave.origin == "fieldwork":
            return self.text("")
        if self.wave.origin == "simulation":
            return self.text("De antwoorden zijn verzonnen, en dus ook deze samenhang.")
        return self.text(
            "Of de uitkomsten van het onderzoek zelf een correctie doorstaan, is niet "
            "te zeggen. Het rapport geeft aantallen en geen p-waarden. De "
            "reconstructie geeft dezelfde aantallen zonder correctie, maar andere "
            "antwoorden met dezelfde aantallen kunnen na correctie meer of minder "
            "overhouden."
        )
