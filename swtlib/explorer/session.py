"""What an hour of looking keeps: waves, plans, scores and tables, each made once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from swtlib._crosstab import levels_of
from swtlib._notebook_trend import TrendDisplay
from swtlib._numbers import numbers_of
from swtlib.codebook import Instrument, Item
from swtlib.disclosure import ProtectedTable, drop_small_teams, protect
from swtlib.errors import ParameterError
from swtlib.estimates import mean_with_ci, paired_gap
from swtlib.explorer.people import Cuts, cut_people
from swtlib.explorer.view import View
from swtlib.groups import ALL, Groups
from swtlib.project import note_use, wave_years, waves_before
from swtlib.release_plan import Scores
from swtlib.results import Selection, keep_spread, ranked
from swtlib.scoring import score_bounds, score_gap
from swtlib.splits import cut_levels
from swtlib.wave import Wave, load_wave

LOW, HIGH = "lager cijfer", "hoger cijfer"


@dataclass(frozen=True, kw_only=True)
class Seen(TrendDisplay):
    """A wave seen from a team, that knows the other waves of its session."""

    name: str = "verkenner"
    since_year: int = 0
    find: Callable[[int, str], Selection] = field(repr=False, compare=False)

    @cached_property
    def earlier(self) -> Mapping[int, Selection]:
        """The same team in each earlier wave, the last one first."""
        note_use("survey", waves_before(self.wave.year))
        years = [year for year in reversed(wave_years()) if year < self.wave.year]
        return {year: self.find(year, self.team) for year in years}

    @cached_property
    def compared(self) -> Mapping[int, Selection]:
        """Only the wave that is looked back at."""
        if not self.earlier:
            return {}
        year = self.since_year or next(iter(self.earlier))
        if year not in self.earlier:
            raise ParameterError(
                f"there is no wave of {year} before {self.wave.year}. There is: "
                f"{', '.join(map(str, self.earlier))}."
            )
        return {year: self.earlier[year]}


@dataclass(frozen=True)
class Session:
    """Everything that is costly, made when it is first asked for.

    Parameters
    ----------
    confidence : float, default 0.95
        Level of every interval.
    """

    confidence: float = 0.95
    _waves: dict[int, Wave] = field(default_factory=dict, repr=False)
    _seen: dict[tuple[int, str, int], Seen] = field(default_factory=dict, repr=False)
    _marks: dict[tuple[int, str], tuple[pd.DataFrame, pd.DataFrame]] = field(
        default_factory=dict, repr=False
    )
    _cuts: dict[int, Cuts] = field(default_factory=dict, repr=False)
    _split_plans: dict[tuple[int, str], pd.DataFrame] = field(
        default_factory=dict, repr=False
    )
    _sizes: dict[tuple[int, str], dict[str, pd.Series]] = field(
        default_factory=dict, repr=False
    )
    _tables: dict[object, ProtectedTable] = field(default_factory=dict, repr=False)

    # --- who and what --------------------------------------------------------

    def wave(self, year: int) -> Wave:
        """Give a wave of the project."""
        if year not in self._waves:
            self._waves[year] = load_wave(year)
        return self._waves[year]

    def seen(self, year: int, team: str = ALL, since: int = 0) -> Seen:
        """See a wave from a team; what is planned for one is planned for all.

        Parameters
        ----------
        year : int
            The wave.
        team : str, default "alle"
            Team id.
        since : int, default 0
            The earlier wave to look back at; 0 is the last one before.

        Returns
        -------
        Seen

        Raises
        ------
        WaveError
            If there is no such wave or team.
        """
        key = (year, team, since)
        if key not in self._seen:
            wave = self.wave(year)
            wave.check_team(team)
            made = Seen(
                wave=wave,
                team=team,
                confidence=self.confidence,
                since_year=since,
                find=self.seen,
            )
            first = self._seen.get((year, ALL, 0), made)
            # The plan is over the pages of all teams, and the same on each.
            made.__dict__["base"] = first.base
            made.__dict__["_plans"] = first._plans
            made.__dict__["_kept_scores"] = first._kept_scores
            made.__dict__["_diffs"] = first._diffs
            made.__dict__["_alike"] = first._alike
            made.__dict__["labels"] = first.labels
            self._seen[key] = made
        return self._seen[key]

    def scores(
        self, year: int, instrument: Instrument
    ) -> tuple[Scores, dict[str, list[str]]]:
        """Score every item and scale of an instrument, of everybody."""
        return self.seen(year)._scored(instrument)

    def marks(
        self, year: int, instrument: Instrument
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Score the marks that people have and want, of everybody."""
        key = (year, instrument.id)
        if key not in self._marks:
            answers = self.seen(year).answers(instrument)
            self._marks[key] = score_gap(answers, instrument)
        return self._marks[key]

    def cuts(self, year: int) -> Cuts:
        """Put the respondents of a wave in groups."""
        if year not in self._cuts:
            self._cuts[year] = cut_people(self.seen(year).base)
        return self._cuts[year]

    def closed_in_splits(self, year: int, instrument: Instrument) -> pd.DataFrame:
        """Plan once what may be shown over all splits together, beside the teams."""
        key = (year, instrument.id)
        if key not in self._split_plans:
            cuts = self.cuts(year).frame
            self._split_plans[key] = self.seen(year).closed_in_splits(instrument, cuts)
        return self._split_plans[key]

    def cut_sizes(self, year: int, instrument: Instrument) -> dict[str, pd.Series]:
        """Count who was asked in each group, over the teams that are shown."""
        key = (year, instrument.id)
        if key not in self._sizes:
            seen, frame = self.seen(year), self.cuts(year).frame
            people = seen.base.respondents
            large = people["team"].map(people["team"].value_counts()) >= seen.min_n
            asked = frame[instrument.eligibility.asked(people) & large]
            self._sizes[key] = {
                str(name): asked[name].value_counts() for name in frame.columns
            }
        return self._sizes[key]

    def comparison(self, year: int, *, tests: bool = False) -> ProtectedTable:
        """Compare high and low marks on every baken statement, as their page does.

        No view shows the tests, and they cost most of the time: a file has them.
        """
        key = (year, "relation", tests)
        if key not in self._tables:
            self._tables[key] = self.seen(year).split_comparison(tests=tests)
        return self._tables[key]

    def open_marks(self, year: int) -> set[str]:
        """Name the competences of which that page gives means."""
        rows = self.comparison(year).frame
        return set(rows.loc[rows["mean_low"].notna(), "competence"])

    def has_plan(self, year: int, instrument: str) -> bool:
        """Say whether it is planned already what the pages of a wave may show."""
        return self.seen(year).has_plan(instrument)

    def has_split_plan(self, year: int, instrument: str) -> bool:
        """Say whether that plan is there already; making it takes seconds."""
        return (year, instrument) in self._split_plans

    def items(self, view: View) -> list[Item]:
        """List the statements of a view, in the order of the codebook."""
        instrument = self.wave(view.year).codebook.instruments[view.instrument]
        asked = [
            item
            for item in instrument.answered_items(view.year)
            if item.response.kind in ("scale", "number")
        ]
        if view.only and view.only not in instrument.scales:
            return [item for item in asked if item.id == view.only]
        if view.only:
            wanted = {item.id for item in instrument.scales[view.only].items}
        elif view.group and view.group in {s.group for s in instrument.scales.values()}:
            scales = instrument.scales_of(group=view.group)
            wanted = {item.id for scale in scales for item in scale.items}
        else:
            return asked
        return [item for item in asked if item.id in wanted]

    # --- tables --------------------------------------------------------------

    def table(self, view: View) -> ProtectedTable:
        """Make the protected table of a view; a view seen before is kept."""
        view = replace(view, confidence=self.confidence)
        if view not in self._tables:
            make = {
                "means": self._means,
                "answers": self._answers,
                "gap": self._gaps,
                "change": self._changes,
                "relation": self._relation,
            }
            self._tables[view] = make[view.show](view)
        return self._tables[view]

    def _names(
        self, view: View
    ) -> tuple[list[str], dict[str, Sequence[str]], tuple[float, float] | None]:
        """Give the variables of a view, which scale has which items, and the range."""
        instrument = self.seen(view.year).instrument(view.instrument)
        items = self.items(view)
        names = [item.id for item in items]
        linked: dict[str, Sequence[str]] = {}
        if view.only in instrument.scales:
            linked = {view.only: names}
            names = [view.only, *names]
        elif view.group:
            names = [s.id for s in instrument.scales_of(group=view.group)]
        ranges = {score_bounds(item.response) for item in items}
        return names, linked, ranges.pop() if len(ranges) == 1 else None

    def _means(self, view: View) -> ProtectedTable:
        seen = self.seen(view.year, view.team)
        instrument = seen.instrument(view.instrument)
        names, linked, bounds = self._names(view)
        if view.split == "cijfer":
            return self._means_by_mark(view, instrument, names)
        if view.split not in ("team", "teams"):
            return self._means_by_split(view, instrument, names, linked, bounds)
        per_team = view.split == "teams"
        frame = self.scores(view.year, instrument)[0].frame[["team", *names]]
        if per_team:
            frame = drop_small_teams(frame, min_n=seen.min_n)
        return seen._means(
            frame,
            instrument,
            {item.response for item in self.items(view)},
            rescale=True,
            per_team=per_team,
            linked=linked,
        )

    def _means_by_split(
        self,
        view: View,
        instrument: Instrument,
        names: Sequence[str],
        linked: Mapping[str, Sequence[str]],
        bounds: tuple[float, float] | None,
    ) -> ProtectedTable:
        seen = self.seen(view.year)
        frame = self.scores(view.year, instrument)[0].frame[["team", *names]]
        # Over the teams that are shown, as the plan is.
        large = frame["team"].map(frame["team"].value_counts()) >= seen.min_n
        cuts = self.cuts(view.year)
        group = cuts.frame[view.split].reindex(frame.index)
        kept = large & group.notna()
        closed = self.closed_in_splits(view.year, instrument)
        closed = closed[closed["split"] == view.split]
        return self._by_group(
            seen,
            instrument,
            frame[kept],
            group[kept],
            cuts.order[view.split],
            bounds=bounds,
            linked=linked,
            closed=closed[["group", "variable"]],
        )

    def _means_by_mark(
        self, view: View, instrument: Instrument, names: Sequence[str]
    ) -> ProtectedTable:
        """Set low beside high marks, as on the page of competences and bakens.

        The same means as there, with the same cut, and hidden where they are
        hidden there: nothing is shown that is not on that page.
        """
        seen = self.seen(view.year)
        competences = seen.instrument("competenties")
        marks, _ = self.marks(view.year, competences)
        values = numbers_of(marks[[view.competence]], what="marks", keep="the marks")
        cut = cut_levels(values, levels_of(values), split="mean", cutpoint=0).cut[0]
        mark = marks[view.competence]
        group = (mark > cut).map({True: HIGH, False: LOW}).where(mark.notna())
        frame = self.scores(view.year, instrument)[0].frame[["team", *names]]
        group = group.reindex(frame.index)
        kept = group.notna()
        page = self.comparison(view.year).frame
        page = page[page["competence"] == view.competence]
        empty = page["suppressed"] | page[["mean_low", "mean_high"]].isna().any(axis=1)
        hidden = set(page.loc[empty, "statement"])
        hidden |= set(names) - set(page["statement"])
        closed = pd.DataFrame(
            [(g, name) for name in sorted(hidden) for g in (LOW, HIGH)],
            columns=["group", "variable"],
            dtype="str",
        )
        return self._by_group(
            seen,
            instrument,
            frame[kept],
            group[kept],
            (LOW, HIGH),
            bounds=(0.0, 1.0),
            linked={},
            closed=closed,
        )

    def _by_group(
        self,
        seen: Seen,
        instrument: Instrument,
        frame: pd.DataFrame,
        group: "pd.Series[str]",
        order: Sequence[str],
        *,
        bounds: tuple[float, float] | None,
        linked: Mapping[str, Sequence[str]],
        closed: pd.DataFrame,
    ) -> ProtectedTable:
        """Estimate the means of groups of people that are no teams, and of all.

        How many members are in such a group is not known, so its interval is that
        of a sample of a large population; that of all knows the members.
        """
        present = [name for name in order if (group == name).any()]
        parts = mean_with_ci(
            frame.assign(team=group.astype("str")),
            groups=Groups(ALL, "teams"),
            members=dict.fromkeys(present),
            confidence=self.confidence,
            bounds=bounds,
        )
        total = mean_with_ci(
            frame,
            groups=Groups(ALL, "total"),
            members=seen.base.population(instrument),
            confidence=self.confidence,
            bounds=bounds,
        )
        table = pd.concat([parts[parts["group"] != ALL], total], ignore_index=True)
        return protect(
            table, kind="mean", min_n=seen.min_n, linked=linked or None, closed=closed
        )

    def _answers(self, view: View) -> ProtectedTable:
        seen = self.seen(view.year)
        names = [item.id for item in same_answers(self.items(view))[0]]
        return seen.answer_shares(seen.instrument(view.instrument), names)

    def _gaps(self, view: View) -> ProtectedTable:
        """As `Selection.gaps`, without the ranks that no view shows."""
        seen = self.seen(view.year, view.team)
        instrument = seen.instrument(view.instrument)
        have, want = self.marks(view.year, instrument)
        table = paired_gap(
            have,
            want,
            groups=seen.groups(),
            members=seen.base.population(instrument),
            confidence=self.confidence,
        )
        closed = seen._plan_marks(instrument, have, want)
        shown = protect(table, kind="mean", min_n=seen.min_n, closed=closed)
        return ranked(keep_spread(shown, closed), by="gap")

    def _changes(self, view: View) -> ProtectedTable:
        seen = self.seen(view.year, view.team, view.since)
        instrument = seen.instrument(view.instrument)
        per_team = view.split == "teams"
        if not seen.compared:
            raise ParameterError(f"there is no wave before {view.year}.")
        if view.group in ("have", "want", "gap"):
            return seen.mark_changes(instrument, mark=view.group, per_team=per_team)
        if not view.group:
            names = [item.id for item in self.items(view)]
            return seen.item_changes(instrument, names, per_team=per_team)
        table = seen.scale_changes(instrument, groups=[view.group], per_team=per_team)
        return table.select(variables=[view.only]) if view.only else table

    def _relation(self, view: View) -> ProtectedTable:
        return self.comparison(view.year)


def same_answers(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Keep the statements that have the same answers to choose from as the first.

    Parameters
    ----------
    items : sequence of Item
        With labelled answers.

    Returns
    -------
    tuple of two lists of Item
        Those that can stand in one figure, and the others.
    """
    first = items[0].response.labels if items else ()
    same = [item for item in items if item.response.labels == first]
    return same, [item for item in items if item.response.labels != first]
