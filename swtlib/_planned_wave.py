"""A wave seen from one team or from all: whose answers count, what may be shown.

What a page shows follows from one plan over the pages of all teams together
(:mod:`swtlib.release_plan`). It is made of the scores of everybody, so it is the
same for every page.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from swtlib.codebook import Instrument, Item, Scale, load_codebook
from swtlib.disclosure import drop_small_teams
from swtlib.errors import ParameterError
from swtlib.groups import REST, Groups
from swtlib.release_plan import Scores, plan_release, uneven_cells
from swtlib.scoring import score_bounds, score_items, score_scales
from swtlib.split_plan import plan_splits
from swtlib.wave import Wave

_IN_PAIRS = " in pairs"  # after an instrument: the plan of marks now and wanted


@dataclass(frozen=True, kw_only=True)
class PlannedWave:
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

    @cached_property
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

    def has_plan(self, instrument: str) -> bool:
        """Say whether it is known already which cells no page may show."""
        return not self._plans.keys().isdisjoint({instrument, instrument + _IN_PAIRS})

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
        return [item.id for item in items_of(instrument.scales_of(group=group))]

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

    # --- the plan over all pages ---------------------------------------------

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
        name = instrument.id + _IN_PAIRS
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


def items_of(scales: Sequence[Scale]) -> tuple[Item, ...]:
    """List the items of some scales, each once."""
    return tuple(dict.fromkeys(item for scale in scales for item in scale.items))
