"""Result tables of one wave, for one team or for all: protected when they leave.

A :class:`Selection` says which wave, which team and how sure. Its methods put
the steps of the library in a row: answers, scores, estimates, protection. What
comes out is a tidy table that figures, pages and files may use.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from swtlib.codebook import Instrument, Item, Response, Scale, load_codebook
from swtlib.disclosure import (
    MIN_DISTRIBUTION_N,
    ProtectedTable,
    coarsen,
    drop_small_teams,
    protect,
)
from swtlib.errors import ParameterError
from swtlib.estimates import mean_with_ci, paired_gap
from swtlib.groups import REST, Groups
from swtlib.ranking import rank_with_ci
from swtlib.release_plan import Scores, plan_release, uneven_cells
from swtlib.scoring import score_bounds, score_gap, score_items, score_scales
from swtlib.shares import agreement_with_ci, share_with_ci
from swtlib.split_plan import plan_splits
from swtlib.team_difference import difference_with_ci, join_difference
from swtlib.wave import Wave


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A wave, seen from one team or from all.

    Parameters
    ----------
    wave : Wave
        The measurement.
    team : str
        A team id, or ``"alle"``.
    confidence : float
        Level of every interval.
    """

    wave: Wave
    team: str
    confidence: float

    # --- who and what --------------------------------------------------------

    @property
    def too_small(self) -> bool:
        """Whether the team has too few respondents to be shown on its own."""
        return self.team != "alle" and self._n_of(self.team) < self.min_n

    @property
    def min_n(self) -> int:
        """Fewest answers behind a figure that is shown; a wave may raise it."""
        return self.wave.facts.min_cell_n

    @property
    def one_team(self) -> bool:
        """Whether this page sets one team beside the others."""
        return self.team != "alle" and not self.too_small

    @cached_property
    def base(self) -> Wave:
        """The wave that results are made of.

        Beside the means of the teams, a total over everybody gives away the
        mean of the teams that are too small to show. When there are enough of
        those together, they are one group, "overige". When they are too few
        even so, respondents of such teams are left out of every result. The
        made-up answers of the reconstruction stay in, so that the figures of
        the report come out.
        """
        wave = self.wave
        team = wave.respondents["team"]
        small = team.map(team.value_counts()) < self.min_n
        if small.sum() >= self.min_n:
            return _together(wave, set(team[small]))
        if wave.origin == "reconstruction" or not small.any():
            return wave
        kept = wave.respondents[~small].reset_index(drop=True)
        return replace(wave, respondents=kept)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Dutch name of every item, scale, competence, team and group."""
        labels: dict[str, str] = {}
        for instrument, item in self.wave.codebook.items():
            labels[item.id] = item.label
            for scale in instrument.scales.values():
                labels[scale.id] = scale.label
                for aspect in ("_have", "_want"):
                    labels[scale.id.removesuffix(aspect)] = scale.label
        # a survey of its own may lack a team whose page it stands on
        for book in (load_codebook(), self.wave.codebook):
            labels |= {team.id: team.label for team in book.teams.values()}
        words = self.wave.facts.words
        return labels | {
            "alle": f"alle {words.short}",
            "andere": f"andere {words.short}",
            "own": words.own,
            REST: f"overige {words.short}",
        }

    @property
    def team_label(self) -> str:
        """Name of the team this page is about."""
        return self.labels[self.team]

    def instrument(self, name: str) -> Instrument:
        """Give an instrument of the codebook."""
        instruments = self.wave.codebook.instruments
        if name not in instruments:
            raise ParameterError(
                f"there is no instrument '{name}'. There is: {', '.join(instruments)}."
            )
        self.wave.ask(instruments[name])
        return instruments[name]

    def answers(
        self, instrument: Instrument, *, per_team: bool = False
    ) -> pd.DataFrame:
        """Give the answers that the tables of this page are made of.

        Parameters
        ----------
        instrument : Instrument
            What was asked.
        per_team : bool, default False
            Whether a table by team is going to be made: teams that are too
            small are then left out, so that nothing follows from the total.

        Returns
        -------
        DataFrame
            ``team`` and one column per item.
        """
        answers = self.base.answers(instrument)
        if not self._by_team(per_team):
            return answers
        return drop_small_teams(answers, min_n=self.min_n)

    def team_answers(self, instrument: Instrument) -> pd.DataFrame:
        """Give the answers of the teams that are large enough to be compared.

        Parameters
        ----------
        instrument : Instrument
            What was asked.

        Returns
        -------
        DataFrame
            As from `answers`; small teams together are no team and left out.
        """
        answers = self.base.answers(instrument)
        own = answers[answers["team"] != REST]
        return drop_small_teams(own, min_n=self.min_n)

    def closed_cells(self, instrument: Instrument) -> pd.DataFrame:
        """Give the cells that no page may show, over the pages of all teams.

        Parameters
        ----------
        instrument : Instrument
            What was asked.

        Returns
        -------
        DataFrame
            ``group, variable``, for `disclosure.protect` as ``closed``. Over
            several years together: those of every year, each with its ``year``.
        """
        return self._plan(instrument).copy()

    def closed_in_splits(
        self, instrument: Instrument, splits: pd.DataFrame
    ) -> pd.DataFrame:
        """Give the cells that may not be shown when a wave is cut in more ways.

        Parameters
        ----------
        instrument : Instrument
            What was asked.
        splits : DataFrame
            A column per split, with the index of ``base.respondents``. Give
            all splits that are released together; teams need not be in it.

        Returns
        -------
        DataFrame
            ``split, group, variable``; see `split_plan.plan_splits`.

        Notes
        -----
        Over the teams that are shown, beside their pages as they are: what is
        open there stays open, and the groups of the splits are closed instead.
        """
        scores, linked = self._scored(instrument)
        frame = scores.frame
        frame = frame[frame["team"].map(frame["team"].value_counts()) >= self.min_n]
        return plan_splits(
            Scores(frame=frame, bounds=scores.bounds),
            splits.loc[frame.index],
            linked=linked,
            closed=self._plan(instrument),
            fixed=("team",),
            min_n=self.min_n,
        )

    def groups(self, *, per_team: bool = False) -> Groups:
        """Say which groups stand beside each other on this page."""
        if self.one_team:
            return Groups(self.team, "team")
        return Groups("alle", "teams" if self._by_team(per_team) else "total")

    def names(self, instrument: Instrument, group: str) -> list[str]:
        """List the ids of the scales of a group, in codebook order."""
        return [scale.id for scale in instrument.scales_of(group=group)]

    def item_names(self, instrument: Instrument, group: str | None = None) -> list[str]:
        """List the ids of the items with answers, of all or of a scale group."""
        if group is None:
            return [item.id for item in self._choose(instrument, None)]
        return [item.id for item in _items_of(instrument.scales_of(group=group))]

    # --- tables --------------------------------------------------------------

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
            items = score_items(answers, _items_of(scales), rescale=rescale)
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

    def _n_of(self, team: str) -> int:
        return int((self.wave.respondents["team"] == team).sum())

    def _by_team(self, per_team: bool) -> bool:
        return per_team and self.team == "alle"

    def _choose(
        self, instrument: Instrument, items: Sequence[str] | None
    ) -> tuple[Item, ...]:
        known = {i.id: i for i in instrument.answered_items(self.wave.year)}
        if items is None:
            return tuple(i for i in known.values() if i.response.kind != "text")
        for name in items:
            if name not in known:
                raise ParameterError(
                    f"{instrument.id} has no item '{name}' in {self.wave.year}."
                )
        return tuple(known[name] for name in items)

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

    @cached_property
    def _plans(self) -> dict[str, pd.DataFrame]:
        return {}

    def _plan(self, instrument: Instrument) -> pd.DataFrame:
        """Find the cells of an instrument that no page may show."""
        if instrument.id not in self._plans:
            scores, linked = self._scored(instrument)
            made_of = [
                (item, scale)
                for scale, parts in linked.items()
                for item in parts
                if len(parts) > 1
            ]
            made_of += _pairs_of(instrument, linked)
            self._plans[instrument.id] = plan_release(
                [scores],
                linked=linked,
                closed=uneven_cells(scores.frame, made_of, min_n=self.min_n),
                min_n=self.min_n,
            )
        return self._plans[instrument.id]

    @cached_property
    def _kept_scores(self) -> dict[str, tuple[Scores, dict[str, list[str]]]]:
        return {}

    def _scored(self, instrument: Instrument) -> tuple[Scores, dict[str, list[str]]]:
        """Score every item and scale once, and say which items make a scale."""
        if instrument.id not in self._kept_scores:
            self._kept_scores[instrument.id] = self._score(instrument)
        return self._kept_scores[instrument.id]

    def _score(self, instrument: Instrument) -> tuple[Scores, dict[str, list[str]]]:
        answers = self.base.answers(instrument)
        items = tuple(
            item
            for item in self._choose(instrument, None)
            if item.id in answers and item.response.kind != "choice"
        )
        scales = tuple(instrument.scales.values())
        frame = score_items(answers, items)
        if scales:
            frame = frame.join(score_scales(answers, scales).drop(columns="team"))
        scored: list[Item | Scale] = [*items, *scales]
        linked = {s.id: [i.id for i in s.items] for s in scales}
        return Scores(frame=frame, bounds=_bounds_of(scored)), linked

    def _plan_marks(
        self, instrument: Instrument, have: pd.DataFrame, want: pd.DataFrame
    ) -> pd.DataFrame:
        """Plan the two marks of everybody; the same on every page, so kept."""
        name = f"{instrument.id} in pairs"
        if name not in self._plans:
            bounds = {
                scale.id.removesuffix("_have"): score_bounds(
                    scale.response, rescale=False
                )
                for scale in instrument.scales_of(group="have")
            }
            self._plans[name] = self._plan_pairs(instrument, have, want, bounds)
        return self._plans[name]

    def _plan_pairs(
        self,
        instrument: Instrument,
        have: pd.DataFrame,
        want: pd.DataFrame,
        bounds: Mapping[str, tuple[float, float] | None],
    ) -> pd.DataFrame:
        """Find the cells of paired scores that no page may show."""
        names = list(bounds)
        both = have[names].notna() & want[names].notna()
        # Statements that are shown by themselves too; marks are only shown in pairs.
        beside = [name for name in names if name in instrument.items]
        uneven = [
            _uneven_pairs(side, both, beside, min_n=self.min_n) for side in (have, want)
        ]
        have, want = (
            side[["team"]].join(side[names].where(both)) for side in (have, want)
        )
        gap = have[["team"]].join(want[names] - have[names])
        widest = {
            name: None if known is None else (known[0] - known[1], known[1] - known[0])
            for name, known in bounds.items()
        }
        return plan_release(
            [
                Scores(frame=have, bounds=bounds),
                Scores(frame=want, bounds=bounds),
                Scores(frame=gap, bounds=widest),
            ],
            closed=pd.concat([self._plan(instrument), *uneven], ignore_index=True),
            min_n=self.min_n,
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


def _together(wave: Wave, small: Set[str]) -> Wave:
    """Make one group of the teams that are too small to show."""
    people = wave.respondents.assign(
        team=wave.respondents["team"].where(~wave.respondents["team"].isin(small), REST)
    )
    sizes = [wave.members[team] for team in small]
    known = [size for size in sizes if size is not None]
    members = {team: n for team, n in wave.members.items() if team not in small}
    members[REST] = sum(known) if len(known) == len(sizes) else None
    facts = replace(wave.facts, members=members)
    return replace(wave, respondents=people, facts=facts)


def _uneven_pairs(
    single: pd.DataFrame, both: pd.DataFrame, names: Sequence[str], *, min_n: int
) -> pd.DataFrame:
    """Find pairs that would give away who answered one of the two only."""
    marks = both[names].astype(float).where(both[names]).add_suffix(" both")
    beside = single[["team", *names]].join(marks)
    pairs = [(f"{name} both", name) for name in names]
    found = uneven_cells(beside, pairs, min_n=min_n)
    return found.assign(variable=found["variable"].str.removesuffix(" both"))


def _pairs_of(
    instrument: Instrument, linked: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """List marks that are shown as a pair: of the one that is left open less."""
    pairs = []
    for scale in instrument.scales.values():
        if scale.group != "have":
            continue
        other = scale.id.removesuffix("_have") + "_want"
        for one, two in ((scale.id, other), (other, scale.id)):
            pairs += [(item, two) for item in linked.get(one, [])]
    return pairs


def _bounds_of(
    scored: Sequence[Item | Scale],
) -> dict[str, tuple[float, float] | None]:
    return {each.id: score_bounds(each.response) for each in scored}


def _items_of(scales: Sequence[Scale]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(item for scale in scales for item in scale.items))
