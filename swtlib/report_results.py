"""Result tables that belong to this report: response, background, comparison.

They are made by the same steps as every table of a
:class:`~swtlib.results.Selection`; what they are about (functions, ages,
bakens beside competences, themes) is that of this questionnaire.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from swtlib.codebook import Choice, Instrument, Item, Response
from swtlib.competence_results import CompetenceResults
from swtlib.disclosure import ProtectedTable, protect
from swtlib.estimates import mean_with_ci, paired_gap
from swtlib.groups import Groups
from swtlib.quality_results import QualityResults
from swtlib.scoring import score_bounds, score_items, score_scales
from swtlib.wave import WHY

AGE_GROUPS = {"jonger dan 35 jaar": 35, "35 tot 45 jaar": 45, "45 tot 55 jaar": 55}
AGE_LAST = "55 jaar en ouder"


@dataclass(frozen=True, kw_only=True)
class ReportResults(QualityResults, CompetenceResults):
    """A selection with the result tables of this report."""

    def response_table(self) -> ProtectedTable:
        """List members and respondents of every team; no answers are in it.

        Returns
        -------
        ProtectedTable
            Of kind "public": ``group, members, n, share_of_response,
            response_rate``.
        """
        counts = self.wave.respondents["team"].value_counts()
        total = len(self.wave.respondents)
        rows = [
            {
                "group": team,
                "members": np.nan if size is None else size,
                "n": int(counts.get(team, 0)),
                "share_of_response": counts.get(team, 0) / total,
                "response_rate": np.nan if size is None else counts.get(team, 0) / size,
            }
            for team, size in self.wave.members.items()
        ]
        rows.append({"group": "alle", "n": total, "share_of_response": 1.0})
        return protect(pd.DataFrame(rows), kind="public")

    def missing_counts(self) -> ProtectedTable:
        """Count why answers are missing, over all questions and teams together.

        Returns
        -------
        ProtectedTable
            Of kind "public": ``why, answers, share``, a row for each reason of
            `Wave.why_missing` that occurs; no answer is in it.
        """
        people = self.base.respondents
        items = [i.id for _, i in self.base.codebook.items() if i.id in people]
        told = self.base.why_missing(items).to_numpy().ravel()
        counts = {why: int((told == why).sum()) for why in WHY}
        rows = [
            {"why": WHY[why], "answers": n, "share": n / told.size}
            for why, n in counts.items()
            if n
        ]
        return protect(pd.DataFrame(rows), kind="public")

    def background_means(self) -> ProtectedTable:
        """Estimate mean age and work experience in years, for each team.

        Returns
        -------
        ProtectedTable
            Of kind "mean".
        """
        return self.item_means(
            self.instrument("achtergrond"),
            ["bg_leeftijd", "bg_werkervaring"],
            per_team=True,
        )

    def function_shares(self) -> ProtectedTable:
        """Estimate the share of each function; rare functions together."""
        instrument = self.instrument("achtergrond")
        item, folded = instrument.items["bg_functie"].shown_together()
        answers = self.base.answers(instrument)[["team", item.id]]
        answers[item.id] = answers[item.id].map(folded)
        return self._total_shares(instrument, [item], answers=answers)

    def choice_shares(self, name: str) -> ProtectedTable:
        """Estimate the share of each option of a background question."""
        instrument = self.instrument("achtergrond")
        return self._total_shares(instrument, [instrument.items[name]])

    def age_shares(self) -> ProtectedTable:
        """Estimate the share of each age group, over all teams together."""
        instrument = self.instrument("achtergrond")
        answers = self.base.answers(instrument)
        groups = [*AGE_GROUPS, AGE_LAST]
        limits = [-np.inf, *AGE_GROUPS.values(), np.inf]
        ages = pd.cut(answers["bg_leeftijd"], limits, labels=groups, right=False)
        item = Item(
            id="bg_leeftijd",
            label="Leeftijd",
            aspect="background",
            wording="unknown",
            response=Response(
                kind="choice",
                choices=tuple(Choice(id=g, code=g, label=g) for g in groups),
            ),
        )
        grouped = answers[["team"]].assign(bg_leeftijd=ages.astype("str"))
        return self._total_shares(instrument, [item], answers=grouped)

    def pair_differences(
        self, instrument: Instrument, pairs: Sequence[Sequence[str]]
    ) -> ProtectedTable:
        """Estimate how far two statements lie apart, of who answered both.

        Parameters
        ----------
        instrument : Instrument
            With the statements.
        pairs : sequence of two item ids
            The difference is the first less the second.

        Returns
        -------
        ProtectedTable
            Of kind "mean"; as `estimates.paired_gap`, where ``mean_want`` is the
            first statement and ``mean_have`` the second. Named by the first.
        """
        answers = self.answers(instrument)
        sides = []
        for side in (1, 0):
            items = self._choose(instrument, [pair[side] for pair in pairs])
            scores = score_items(answers, items)
            names = {pair[side]: pair[0] for pair in pairs}
            sides.append(scores.rename(columns=names))
        have, want = sides
        table = paired_gap(
            have,
            want,
            groups=self.groups(),
            members=self.base.population(instrument),
            confidence=self.confidence,
        )
        first = self._choose(instrument, [pair[0] for pair in pairs])
        ranges = {item.id: score_bounds(item.response) for item in first}
        closed = self._plan_pairs(instrument, have, want, ranges)
        return protect(table, kind="mean", min_n=self.min_n, closed=closed)

    def compare_assignments(
        self, instrument: Instrument, *, group: str, other: str
    ) -> ProtectedTable:
        """Estimate the scales under two divisions of the items, all teams.

        Parameters
        ----------
        instrument : Instrument
            With the second division.
        group : str
            Scale group.
        other : str
            Id of the second division.

        Returns
        -------
        ProtectedTable
            Of kind "mean": the columns of the default division, and
            ``mean_other, n_items, n_items_other``.
        """
        tables, sizes = [], []
        for assignment in ("", other):
            scales = instrument.scales_of(group=group, assignment=assignment)
            table = mean_with_ci(
                score_scales(self.base.answers(instrument), scales),
                groups=Groups("alle", "total"),
                members=self.base.population(instrument),
                confidence=self.confidence,
            )
            tables.append(table)
            sizes.append({scale.id: len(scale.items) for scale in scales})
        first, second = tables
        first["mean_other"] = first["variable"].map(
            second.set_index("variable")["mean"]
        )
        first["n_items"] = first["variable"].map(sizes[0])
        first["n_items_other"] = first["variable"].map(sizes[1])
        return protect(first, kind="mean", min_n=self.min_n)

    def scale_overview(self, instrument: Instrument) -> ProtectedTable:
        """List the scales with their numberings and statements; no answers.

        Returns
        -------
        ProtectedTable
            Of kind "public": ``variable, label, vws, han, statements``.
        """
        rows = [
            {
                "variable": scale.id,
                "label": scale.label,
                "vws": scale.numbers.get("vws"),
                "han": scale.numbers.get("han"),
                "statements": "; ".join(item.label for item in scale.items),
            }
            for scale in instrument.scales.values()
        ]
        return protect(pd.DataFrame(rows), kind="public")

    def theme_counts(self) -> ProtectedTable:
        """Count the reviewed open answers per theme; they name no respondent."""
        answers = self.wave.open_answers()
        counts = answers["theme"].value_counts(sort=False)
        table = counts.rename_axis("theme").reset_index(name="count")
        table = table.assign(group="alle", variable="open_nodig", n=len(answers))
        return protect(table, kind="public")
