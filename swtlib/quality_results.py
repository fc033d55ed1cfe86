"""Result tables on what a scale and a team mean are worth.

They are about all teams together, on the page of one team as well: with 6 to 18
people nothing can be said of a scale, and agreement is seen between teams.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from swtlib.codebook import Instrument, Scale
from swtlib.disclosure import MIN_DISTRIBUTION_N, ProtectedTable, protect
from swtlib.errors import ParameterError
from swtlib.pooling import pooled_means, pooling_table
from swtlib.reliability import item_table, reliability_table
from swtlib.results import Selection
from swtlib.scoring import score_scales
from swtlib.team_agreement import team_agreement

N_BOOTSTRAP = 1000  # resamples for the interval of omega: 0.1 s for five statements


@dataclass(frozen=True, kw_only=True)
class QualityResults(Selection):
    """A selection that says how far its scales and team means can be trusted."""

    def reliability(
        self, instrument: Instrument, *, groups: Sequence[str]
    ) -> ProtectedTable:
        """Estimate how well the items of each scale measure one thing, all teams.

        Parameters
        ----------
        instrument : Instrument
            With the scales.
        groups : sequence of str
            Scale groups, such as ``["fasen", "self_efficacy"]``.

        Returns
        -------
        ProtectedTable
            Of kind "count"; as `reliability.reliability_table`, with the scale
            as ``variable`` and the reason of what is empty as ``remark``.

        Notes
        -----
        Hidden with fewer than MIN_DISTRIBUTION_N complete answers: a remark
        such as "everybody gave the same answer" is about each of them.
        """
        table = reliability_table(
            self.base.answers(instrument),
            _scales(instrument, groups),
            confidence=self.confidence,
            n_bootstrap=N_BOOTSTRAP,
        )
        return self._protected(table, "scale")

    def item_quality(
        self, instrument: Instrument, *, groups: Sequence[str]
    ) -> ProtectedTable:
        """Estimate how each item goes with the rest of its scale, all teams.

        Parameters
        ----------
        instrument, groups
            As in `reliability`.

        Returns
        -------
        ProtectedTable
            Of kind "count"; as `reliability.item_table`, with the item as
            ``variable`` and the reason of what is empty as ``remark``. An item
            that is a scale by itself has no rest and is not in it.
        """
        answers = self.base.answers(instrument)
        tables = [
            item_table(answers, scale, confidence=self.confidence)
            for scale in _scales(instrument, groups)
            if len(scale.items) > 1
        ]
        if not tables:
            raise ParameterError(
                f"{', '.join(groups)}: no scale of {instrument.id} has two items."
            )
        table = pd.concat(tables, ignore_index=True)
        return self._protected(table, "item")

    def team_agreement(
        self, instrument: Instrument, *, groups: Sequence[str]
    ) -> ProtectedTable:
        """Estimate what the mean of a team says about the team, per scale.

        Parameters
        ----------
        instrument, groups
            As in `reliability`.

        Returns
        -------
        ProtectedTable
            Of kind "count"; as `team_agreement.team_agreement`, of the teams
            whose mean on the scale may be shown, with the reason of what is empty
            as ``remark``.

        Notes
        -----
        A mean that no page shows does not count here: with the means that are
        shown it would follow from a variance between teams. Hidden with fewer
        than MIN_DISTRIBUTION_N answers, as it tells the spread of them.
        """
        answers = self.team_answers(instrument)
        tables = [
            team_agreement(
                answers[~answers["team"].isin(self._closed_teams(instrument, scale))],
                [scale],
                confidence=self.confidence,
            )
            for scale in _scales(instrument, groups)
        ]
        table = pd.concat(tables, ignore_index=True)
        return self._protected(table, "variable")

    def pooling(
        self, instrument: Instrument, *, groups: Sequence[str]
    ) -> ProtectedTable:
        """Estimate what is left of the order of the teams, per scale.

        Parameters
        ----------
        instrument, groups
            As in `reliability`.

        Returns
        -------
        ProtectedTable
            Of kind "count"; as `pooling.pooling_table`, of scores on 0-1 of the
            teams whose mean may be shown, with the warning as ``remark``; see
            `team_agreement`.
        """
        scales = _scales(instrument, groups)
        scores = score_scales(self.team_answers(instrument), scales)
        for scale in scales:
            closed = scores["team"].isin(self._closed_teams(instrument, scale))
            scores[scale.id] = scores[scale.id].mask(closed)
        table = pooling_table(pooled_means(scores))
        return self._protected(table, "variable")

    def _closed_teams(self, instrument: Instrument, scale: Scale) -> set[str]:
        """Name the teams of which no page shows the mean of a scale."""
        closed = self.closed_cells(instrument)
        return set(closed["group"][closed["variable"] == scale.id])

    def _protected(self, table: pd.DataFrame, key: str) -> ProtectedTable:
        names = {key: "variable", "reason": "remark", "warning": "remark"}
        min_n = max(MIN_DISTRIBUTION_N, self.min_n)
        return protect(table.rename(columns=names), kind="count", min_n=min_n)


def _scales(instrument: Instrument, groups: Sequence[str]) -> tuple[Scale, ...]:
    return tuple(s for group in groups for s in instrument.scales_of(group=group))
