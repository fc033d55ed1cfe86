"""Result tables of one wave, for one team or for all: protected when they leave.

A :class:`Selection` says which wave, which team and how sure. Its methods put
the steps of the library in a row: answers, scores, estimates, protection. What
comes out is a tidy table that figures, pages and files may use.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import pandas as pd

from swtlib._planned_wave import PlannedWave, items_of
from swtlib.codebook import Instrument, Item, Response
from swtlib.disclosure import MIN_DISTRIBUTION_N, ProtectedTable, coarsen, protect
from swtlib.estimates import mean_with_ci, paired_gap
from swtlib.groups import Groups
from swtlib.ranking import rank_with_ci
from swtlib.scoring import score_bounds, score_gap, score_items, score_scales
from swtlib.shares import agreement_with_ci, share_with_ci
from swtlib.team_difference import difference_with_ci, join_difference


@dataclass(frozen=True, kw_only=True)
class Selection(PlannedWave):
    """A wave, seen from one team or from all, with its result tables.

    Parameters
    ----------
    wave, team, confidence
        As in `PlannedWave`.
    """

    def scale_means(
        self,
        instrument: Instrument,
        *,
        group: str,
        rescale: bool = True,
        per_team: bool = False,
        with_items: bool = False,
    ) -> ProtectedTable:
        """Estimate the mean of every scale of a group, for each group of people.

        Parameters
        ----------
        instrument : Instrument
            With the scales.
        group : str
            Scale group in the codebook, such as ``"fasen"``.
        rescale : bool, default True
            Whether statements come out on 0-1; grades never do.
        per_team : bool, default False
            On the page of all teams: a row for each team that may be shown.
        with_items : bool, default False
            Whether the items stand under their scale in the same table.

        Returns
        -------
        ProtectedTable
            Of kind "mean"; columns as in `estimates.mean_with_ci`, and on the
            page of one team the difference: `team_difference.join_difference`.
        """
        scales = instrument.scales_of(group=group)
        answers = self.answers(instrument, per_team=per_team)
        scores = score_scales(answers, scales, rescale=rescale)
        linked: dict[str, Sequence[str]] = {}
        if with_items:
            items = score_items(answers, items_of(scales), rescale=rescale)
            columns = ["team"]
            for scale in scales:
                columns += [scale.id, *(item.id for item in scale.items)]
                linked[scale.id] = [item.id for item in scale.items]
            scores = scores.join(items.drop(columns="team"))[columns]
        return self._means(
            scores,
            instrument,
            {scale.response for scale in scales},
            rescale=rescale,
            per_team=per_team,
            linked=linked,
        )

    def item_means(
        self,
        instrument: Instrument,
        items: Sequence[str] | None = None,
        *,
        rescale: bool = True,
        per_team: bool = False,
    ) -> ProtectedTable:
        """Estimate the mean of single items, for each group of people.

        Parameters
        ----------
        instrument : Instrument
            With the items.
        items : sequence of str, optional
            Item ids; all items with answers by default.
        rescale, per_team
            As in `scale_means`.

        Returns
        -------
        ProtectedTable
            Of kind "mean".
        """
        chosen = self._choose(instrument, items)
        answers = self.answers(instrument, per_team=per_team)
        scores = score_items(answers, chosen, rescale=rescale)
        return self._means(
            scores,
            instrument,
            {item.response for item in chosen},
            rescale=rescale,
            per_team=per_team,
            linked={},
        )

    def answer_shares(
        self, instrument: Instrument, items: Sequence[str]
    ) -> ProtectedTable:
        """Estimate which share gave each answer, over all teams together.

        A distribution is never shown for one team: there a bar is a person.

        Parameters
        ----------
        instrument : Instrument
            With the items.
        items : sequence of str
            Item ids.

        Returns
        -------
        ProtectedTable
            Of kind "distribution"; as `shares.share_with_ci`.
        """
        return self._total_shares(instrument, self._choose(instrument, items))

    def agreement(self, instrument: Instrument, items: Sequence[str]) -> ProtectedTable:
        """Estimate which share (partly) agrees, over all teams together.

        Parameters
        ----------
        instrument, items
            As in `answer_shares`.

        Returns
        -------
        ProtectedTable
            Of kind "distribution"; as `shares.agreement_with_ci`.
        """
        chosen = self._choose(instrument, items)
        return self._total_shares(instrument, chosen, count=agreement_with_ci)

    def gaps(self, instrument: Instrument) -> ProtectedTable:
        """Estimate have, want and the wish to develop, per competence.

        Parameters
        ----------
        instrument : Instrument
            With scales in the groups ``have`` and ``want``.

        Returns
        -------
        ProtectedTable
            Of kind "mean"; as `estimates.paired_gap`, with ``rank, rank_low,
            rank_high`` of `ranking.rank_with_ci`. The competences with the
            largest gap in the first group come first.

        Notes
        -----
        Only what may be shown is ranked: ranks that skip a place would say
        where a hidden competence stands.

        Where a team is hidden, intervals are rounded outwards to tenths and there
        is no ``sd``: the spread of everybody less that within teams says how far
        the teams lie apart, and with the sums that would all but name the marks of
        a hidden team.
        """
        have, want = score_gap(self.answers(instrument), instrument)
        groups, members = self.groups(), self.base.population(instrument)
        table = paired_gap(
            have, want, groups=groups, members=members, confidence=self.confidence
        )
        closed = self._plan_marks(instrument, have, want)
        limited = protect(table, kind="mean", min_n=self.min_n, closed=closed)
        hidden = set(limited.hidden["variable"])
        shown = [name for name in table["variable"].unique() if name not in hidden]
        ranks = ["rank", "rank_low", "rank_high"]
        if shown:
            gap = want[shown] - have[shown]
            gap.insert(0, "team", have["team"])
            found = rank_with_ci(
                gap, groups=groups, members=members, confidence=self.confidence
            )
            keys = ["group", "variable"]
            table = table.merge(found[keys + ranks], on=keys, how="left")
        else:
            table[ranks] = np.nan
        shown_table = protect(table, kind="mean", min_n=self.min_n, closed=closed)
        return ranked(keep_spread(shown_table, closed), by="gap")

    # --- steps that the tables share -----------------------------------------

    def _means(
        self,
        scores: pd.DataFrame,
        instrument: Instrument,
        answered_on: Set[Response],
        *,
        rescale: bool,
        per_team: bool,
        linked: Mapping[str, Sequence[str]],
    ) -> ProtectedTable:
        # One range for all columns, or none: age and experience do not share one.
        ranges = {score_bounds(r, rescale=rescale) for r in answered_on}
        bounds = ranges.pop() if len(ranges) == 1 else None
        members = self.base.population(instrument)
        table = mean_with_ci(
            scores,
            groups=self.groups(per_team=per_team),
            members=members,
            confidence=self.confidence,
            bounds=bounds,
        )
        if self.one_team:
            found = difference_with_ci(
                scores, team=self.team, members=members, confidence=self.confidence
            )
            table = join_difference(table, found, team=self.team)
        closed = self._plan(instrument)
        return protect(
            table,
            kind="mean",
            min_n=self.min_n,
            linked=linked or None,
            closed=closed,
        )

    def _total_shares(
        self,
        instrument: Instrument,
        items: Sequence[Item],
        *,
        answers: pd.DataFrame | None = None,
        count: Callable[..., pd.DataFrame] = share_with_ci,
    ) -> ProtectedTable:
        table = count(
            self.base.answers(instrument) if answers is None else answers,
            items=items,
            groups=Groups("alle", "total"),
            members=self.base.population(instrument),
            confidence=self.confidence,
        )
        return protect(
            table, kind="distribution", min_n=max(MIN_DISTRIBUTION_N, self.min_n)
        )


def keep_spread(table: ProtectedTable, closed: pd.DataFrame) -> ProtectedTable:
    """Keep the spread of paired marks from the reader where a cell is closed.

    Parameters
    ----------
    table : ProtectedTable
        Of paired differences.
    closed : DataFrame
        Cells that the plan over all pages has closed.

    Returns
    -------
    ProtectedTable
        See `disclosure.coarsen`; the table itself if nothing is closed.
    """
    return coarsen(table, ends=["ci"], without=["sd"]) if len(closed) else table


def ranked(table: ProtectedTable, *, by: str = "mean") -> ProtectedTable:
    """Put the variables in order, highest first.

    Parameters
    ----------
    table : ProtectedTable
        With groups and variables.
    by : str, default "mean"
        Column that decides, in the first group of the table; in a table by
        team the total decides.

    Returns
    -------
    ProtectedTable
        The same rows; variables that are hidden in that group come last.
    """
    frame = table.frame
    main = "alle" if table.layout == "teams" else frame["group"].iloc[0]
    rows = frame[frame["group"] == main]
    order = rows.sort_values(by, ascending=False, kind="stable", na_position="last")
    return table.select(variables=list(order["variable"].unique()))
