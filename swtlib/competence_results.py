"""Result tables of competences beside bakens: 14 grades by 22 statements."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from swtlib.comparison import compare_split, count_related
from swtlib.disclosure import ProtectedTable, protect
from swtlib.results import Selection
from swtlib.scoring import score_gap, score_items
from swtlib.specifications import CORRECTIONS, count_specifications

# Columns of a comparison that tell, with n, the sum of the answers of a group.
_SUMS = ("mean_low", "mean_high", "difference", "ci_low", "ci_high")
_OF_TESTS = ("test", "kind")  # and what begins with p_ or q_


@dataclass(frozen=True, kw_only=True)
class CompetenceResults(Selection):
    """A selection that sets grades for competences beside statements.

    Always over all teams together: one team is too small for hundreds of
    comparisons.
    """

    def split_comparison(self, *, tests: bool = True) -> ProtectedTable:
        """Compare high and low grades on every baken statement.

        Parameters
        ----------
        tests : bool, default True
            Whether the differences are tested. Above some 190 people the permutation
            test takes random deals, and most of the time.

        Returns
        -------
        ProtectedTable
            Of kind "comparison"; as `comparison.compare_split`: 14 competences
            by 22 statements, statements on 0-1. Without `tests` it lacks the columns
            of tests and p-values.

        Notes
        -----
        Where somebody answered the statement and left the grade open, the means,
        their difference and its interval are empty. The sum of both groups, less
        that of everybody who answered the statement (in the row of a grade that
        nobody left open, or on another page), would be the answer of that person:
        to all 22 statements.
        """
        grades, statements = self._grades(), self._statements()
        table = compare_split(
            grades,
            statements,
            test="permutation" if tests else "welch",
            confidence=self.confidence,
        )
        if not tests:
            of_tests = table.columns.str.startswith(("p_", "q_"))
            table = table.loc[:, ~(of_tests | table.columns.isin(_OF_TESTS))]
        n_answered = table["statement"].map(statements.notna().sum())
        table.loc[table["n"] < n_answered, list(_SUMS)] = np.nan
        return protect(table, kind="comparison", min_n=self.min_n)

    def related_counts(self, comparison: ProtectedTable) -> ProtectedTable:
        """Count per competence the statements on which high grades score higher.

        Parameters
        ----------
        comparison : ProtectedTable
            From `split_comparison`.

        Returns
        -------
        ProtectedTable
            Of kind "count": ``competence, n, n_related, n_compared``, and
            ``n_after_...`` for each correction; most statements first.
        """
        rows = comparison.frame
        counts = count_related(rows)
        for correction, column in CORRECTIONS.items():
            if correction != "none":
                related = count_related(rows, column=column)["n_related"]
                counts[f"n_after_{correction}"] = related
        n = rows.groupby("competence", sort=False)["n"].min()  # NaN where hidden
        counts.insert(1, "n", counts["competence"].map(n))
        order = counts.sort_values("n_related", ascending=False, kind="stable")
        return protect(order.reset_index(drop=True), kind="count", min_n=self.min_n)

    def specification_counts(self) -> ProtectedTable:
        """Count the same under every choice of split, test and correction.

        Returns
        -------
        ProtectedTable
            Of kind "count"; as `specifications.count_specifications`.
        """
        counts = count_specifications(self._grades(), self._statements())
        return protect(counts, kind="count", min_n=self.min_n)

    def ordinal_relations(self) -> ProtectedTable:
        """Relate every grade to every statement without cutting it in two.

        Returns
        -------
        ProtectedTable
            Of kind "count"; as `ordinal.ordinal_relation`.
        """
        from swtlib.ordinal import ordinal_relation

        table = ordinal_relation(
            self._grades(),
            self._statements(),
            team=self.base.answers(self.instrument("competenties"))["team"],
            confidence=self.confidence,
        )
        return protect(table, kind="count", min_n=self.min_n)

    def relation_summary(
        self, comparison: ProtectedTable, relations: ProtectedTable
    ) -> ProtectedTable:
        """Summarise over the statements how each grade goes with the answers.

        Parameters
        ----------
        comparison : ProtectedTable
            From `split_comparison`.
        relations : ProtectedTable
            From `ordinal_relations`.

        Returns
        -------
        ProtectedTable
            Of kind "count", one row per competence: ``competence, n, spearman,
            n_spearman`` (median, and number of statements with an interval above
            0) and ``odds_ratio, n_odds, n_models`` (median, number with an
            interval above 1, and how many models have an interval).
        """
        rows, models = comparison.frame, relations.frame
        by = rows.groupby("competence", sort=False)
        table = pd.DataFrame({"n": by["n"].min(), "spearman": by["spearman"].median()})
        above = rows["spearman_low"] > 0
        table["n_spearman"] = above.groupby(rows["competence"]).sum()
        low, name = models["ci_low"], models["competence"]
        table["odds_ratio"] = models.groupby("competence")["odds_ratio"].median()
        table["n_odds"] = (low > 1).groupby(name).sum()
        table["n_models"] = low.notna().groupby(name).sum()
        order = table.sort_values("spearman", ascending=False, kind="stable")
        return protect(order.reset_index(), kind="count", min_n=self.min_n)

    def _grades(self) -> pd.DataFrame:
        competences = self.instrument("competenties")
        grades, _ = score_gap(self.base.answers(competences), competences)
        return grades.drop(columns="team")

    def _statements(self) -> pd.DataFrame:
        bakens = self.instrument("bakens")
        items = bakens.answered_items(self.wave.year)
        return score_items(self.base.answers(bakens), items).drop(columns="team")
