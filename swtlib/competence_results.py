"""Result tables of competences beside bakens: 14 grades by 22 statements."""

from dataclasses import dataclass

from swtlib.comparison import compare_split, count_related
from swtlib.disclosure import ProtectedTable, protect
from swtlib.results import Selection
from swtlib.scoring import score_gap, score_items


@dataclass(frozen=True, kw_only=True)
class CompetenceResults(Selection):
    """A selection that sets grades for competences beside statements."""

    def split_comparison(self) -> ProtectedTable:
        """Compare high and low grades on every baken statement, all teams.

        Returns
        -------
        ProtectedTable
            Of kind "comparison"; as `comparison.compare_split`: 14 competences
            by 22 statements, statements on 0-1.
        """
        competences = self.instrument("competenties")
        bakens = self.instrument("bakens")
        grades, _ = score_gap(self.base.answers(competences), competences)
        statements = score_items(
            self.base.answers(bakens), bakens.answered_items(self.wave.year)
        )
        table = compare_split(
            grades.drop(columns="team"),
            statements.drop(columns="team"),
            confidence=self.confidence,
        )
        return protect(table, kind="comparison")

    def related_counts(self, comparison: ProtectedTable) -> ProtectedTable:
        """Count per competence the statements on which high grades score higher.

        Parameters
        ----------
        comparison : ProtectedTable
            From `split_comparison`.

        Returns
        -------
        ProtectedTable
            Of kind "count": ``competence, n, n_related, n_after_bh,
            n_after_holm, n_compared``, most statements first.
        """
        rows = comparison.frame
        counts = count_related(rows)
        counts["n_after_bh"] = count_related(rows, column="q_value")["n_related"]
        counts["n_after_holm"] = count_related(rows, column="p_holm")["n_related"]
        counts.insert(1, "n", len(self.base.respondents))
        order = counts.sort_values("n_related", ascending=False, kind="stable")
        return protect(order.reset_index(drop=True), kind="count")
