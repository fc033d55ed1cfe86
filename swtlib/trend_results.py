"""Result tables of a wave beside the waves before it: protected when they leave.

What is shown of a group here is shown on the pages of each year as well: the
same people, the same scores, and hidden where either year hides it. So the
change, which is the difference of two means that are shown, gives nothing away.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from swtlib._trend_measures import (
    Measured,
    measure_items,
    measure_marks,
    measured,
)
from swtlib._trend_pairs import close_pairs, link_people, shown_teams
from swtlib._wave_facts import TeamChange
from swtlib.adjustment import adjust_bh, adjust_holm
from swtlib.codebook import Instrument, Item
from swtlib.codebook_diff import diff_codebook
from swtlib.disclosure import ProtectedTable, coarsen, drop_small_teams, protect
from swtlib.errors import ParameterError, did_you_mean
from swtlib.groups import ALL, Groups
from swtlib.project import note_use, wave_years, waves_before
from swtlib.results import Selection
from swtlib.scoring import score_bounds
from swtlib.trend import change_with_ci, paired_change
from swtlib.wave import load_wave

MARKS = ("have", "want", "gap")
MEASURED = ("scale", "number")  # kinds of answers that have a mean


# Measures the variables of the later wave, under the names of the wave it is given.
Measure = Callable[[Selection, Sequence[str]], Measured]


@dataclass(frozen=True, kw_only=True)
class TrendResults(Selection):
    """A selection that can look back at earlier waves."""

    @cached_property
    def earlier(self) -> Mapping[int, Selection]:
        """The same team in each earlier wave, the last one first."""
        note_use("survey", waves_before(self.wave.year))
        years = [year for year in reversed(wave_years()) if year < self.wave.year]
        return {
            year: Selection(
                wave=load_wave(year), team=self.team, confidence=self.confidence
            )
            for year in years
        }

    @cached_property
    def compared(self) -> Mapping[int, Selection]:
        """The earlier waves that this page looks back at.

        On the page of one team: those in which it had answers enough. If
        there are none the page is about all teams together.
        """
        if not self.one_team:
            return self.earlier
        own = {year: s for year, s in self.earlier.items() if s.one_team}
        return own or self.earlier

    @property
    def trend_of_team(self) -> bool:
        """Whether changes are those of one team beside the others."""
        own = [selection.one_team for selection in self.compared.values()]
        return self.one_team and bool(own) and all(own)

    def trend_groups(self, *, per_team: bool = False) -> Groups:
        """Say which groups stand beside each other, in both years."""
        if self.trend_of_team:
            return Groups(self.team, "team")
        return Groups(ALL, "teams" if self._by_team(per_team) else "total")

    def team_changes(self, since: int) -> tuple[TeamChange, ...]:
        """List the teams that were split, merged or renewed after an earlier wave."""
        waves = [s.wave for year, s in self.earlier.items() if year > since]
        return tuple(
            change for wave in (self.wave, *waves) for change in wave.facts.team_changes
        )

    def teams_of_one_year(self, since: int) -> tuple[list[str], list[str]]:
        """List the teams that answered then and not now, and now and not then."""
        waves = (self.earlier[since].wave, self.wave)
        present = [set(wave.respondents["team"].unique()) for wave in waves]
        then, now = (
            [team for team in wave.teams if team in there]
            for wave, there in zip(waves, present, strict=True)
        )
        return [t for t in then if t not in now], [t for t in now if t not in then]

    # --- tables --------------------------------------------------------------

    def scale_changes(
        self, instrument: Instrument, *, groups: Sequence[str], per_team: bool = False
    ) -> ProtectedTable:
        """Estimate how the mean of every scale of some groups changed.

        Parameters
        ----------
        instrument : Instrument
            With the scales.
        groups : sequence of str
            Scale groups in the codebook, such as ``["fasen"]``.
        per_team : bool, default False
            On the page of all teams: a row for each team that may be shown in
            both years, and their total.

        Returns
        -------
        ProtectedTable
            Of kind "mean"; as `trend.change_with_ci`, with ``year`` (of the
            earlier wave), ``n`` (the smaller one) and ``q_value, p_holm``:
            adjusted over everything that the table shows. Scales that are not
            made of the same items in both years are left out.
        """
        names = _scale_names(instrument, groups)
        return self._changes(
            self._scale_measure(instrument),
            lambda year: {n: n for n in names if n in self._comparable(year, "scale")},
            per_team=per_team,
        )

    def item_changes(
        self,
        instrument: Instrument,
        items: Sequence[str] | None = None,
        *,
        per_team: bool = False,
    ) -> ProtectedTable:
        """Estimate how the mean of single items changed.

        Parameters
        ----------
        instrument : Instrument
            With the items, as asked in the later wave.
        items : sequence of str, optional
            Item ids; all that have a mean by default.
        per_team
            As in `scale_changes`.

        Returns
        -------
        ProtectedTable
            As `scale_changes`. An item that the codebook sets beside another
            one (``comparable_with``) is compared with that.
        """
        chosen = [i for i in self._choose(instrument, items) if _has_mean(i)]
        return self._changes(
            measure_items,
            lambda year: {
                self._comparable(year, "item")[item.id]: item.id
                for item in chosen
                if item.id in self._comparable(year, "item")
            },
            per_team=per_team,
        )

    def mark_changes(
        self, instrument: Instrument, *, mark: str, per_team: bool = False
    ) -> ProtectedTable:
        """Estimate how the marks for competences changed.

        Parameters
        ----------
        instrument : Instrument
            With scales in the groups ``have`` and ``want``.
        mark : {"have", "want", "gap"}
            Which mark; the last is want less have.
        per_team
            As in `scale_changes`.

        Returns
        -------
        ProtectedTable
            As `scale_changes`. In each year only who gave both marks counts,
            as on the page of the competences, and as there the spread of a year
            is not given: intervals of a year are rounded outwards to tenths.

        Raises
        ------
        ParameterError
            If there is no such mark.
        """
        if mark not in MARKS:
            raise ParameterError(
                f"there is no mark '{mark}'." + did_you_mean(mark, MARKS)
            )
        scales = instrument.scales_of(group="have")
        names = [scale.id.removesuffix("_have") for scale in scales]

        def measure(wave: Selection, _: Sequence[str]) -> Measured:
            return measure_marks(wave, instrument, mark)

        def both(year: int) -> dict[str, str]:
            known = self._comparable(year, "scale")
            return {
                n: n for n in names if f"{n}_have" in known and f"{n}_want" in known
            }

        table = self._changes(measure, both, per_team=per_team)
        spread = ["sd_before", "sd_after", "df", "df_before", "df_after"]
        return coarsen(table, ends=["ci_before", "ci_after"], without=spread)

    def paired_changes(
        self, instrument: Instrument, *, groups: Sequence[str]
    ) -> ProtectedTable:
        """Estimate how the same people changed, where pseudonyms link the years.

        Parameters
        ----------
        instrument, groups
            As in `scale_changes`.

        Returns
        -------
        ProtectedTable
            Of kind "mean": ``year, group, variable, n, change, sd, ci_low,
            ci_high, interval, n_before, n_after``; as `trend.paired_change`.
            Empty if fewer than `min_n` people can be linked.

        Notes
        -----
        The means of those who are linked are not in it, and a cell is closed
        where one to four people of a year are left out: beside the mean of
        everybody they would follow.
        """
        measure = self._scale_measure(instrument)
        scales = _scale_names(instrument, groups)
        beside = self.trend_groups()
        parts, shut, highest = [], [], self.min_n
        for year, earlier in self.compared.items():
            names = [n for n in scales if n in self._comparable(year, "scale")]
            before, after = measure(earlier, names), measure(self, names)
            limit = max(self.min_n, earlier.min_n)
            then, now = link_people(before.by_person(), after.by_person(), limit)
            if len(now) < limit or not names:
                continue
            if beside.layout == "team" and self.team not in set(now["team"]):
                continue
            everybody = [shown_teams(side, now) for side in (before, after)]
            table = paired_change(
                *everybody, groups=beside, confidence=self.confidence
            ).drop(columns=["mean_before", "mean_after"])
            parts.append(table.assign(year=year))
            found = close_pairs(then, now, before, after, table, limit)
            shut.append(found.assign(year=year))
            highest = max(highest, limit)
        if not parts:
            return _nothing()
        closed = pd.concat(shut, ignore_index=True)
        table = pd.concat(parts, ignore_index=True)
        return protect(table, kind="mean", closed=closed, min_n=highest)

    def not_compared(self) -> ProtectedTable:
        """List what is compared with care or not at all, and why; no answers.

        Returns
        -------
        ProtectedTable
            Of kind "public": ``year, label, verdict, why``, in the words of
            `codebook_diff.diff_codebook`.
        """
        parts = []
        columns = ["year", "label", "verdict", "why"]
        for year in self.compared:
            diff = self._diff(year)
            odd = diff[(diff["verdict"] != "same")].assign(year=year)
            parts.append(odd.rename(columns={"reason": "why"})[columns])
        found = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
        return protect(found.reset_index(drop=True), kind="public")

    # --- steps that the tables share -----------------------------------------

    @cached_property
    def _diffs(self) -> dict[int, pd.DataFrame]:
        return {}

    def _diff(self, year: int) -> pd.DataFrame:
        if year not in self._diffs:
            diff = diff_codebook(self.wave.codebook, year, self.wave.year)
            items = {item.id: item for _, item in self.wave.codebook.items()}
            for at, row in diff[diff["kind"] == "item"].iterrows():
                old, new = items.get(row["before"]), items.get(row["after"])
                if row["verdict"] == "not" or old is None or new is None:
                    continue
                if score_bounds(old.response) != score_bounds(new.response):
                    diff.loc[at, "verdict"] = "not"
            self._diffs[year] = diff
        return self._diffs[year]

    def _comparable(self, year: int, kind: str) -> dict[str, str]:
        """Give the items or scales of now, each with what it was then."""
        if (year, kind) not in self._alike:
            diff = self._diff(year)
            rows = diff[(diff["kind"] == kind) & (diff["verdict"] != "not")]
            found = dict(zip(rows["after"], rows["before"], strict=True))
            self._alike[year, kind] = found
        return self._alike[year, kind]

    @cached_property
    def _alike(self) -> dict[tuple[int, str], dict[str, str]]:
        return {}

    def _scale_measure(self, instrument: Instrument) -> Measure:
        def measure(wave: Selection, names: Sequence[str]) -> Measured:
            scales = tuple(instrument.scales[name] for name in names)
            return measured(
                wave,
                instrument,
                wave._scored(instrument)[0].frame[["team", *names]],
                {scale.id: score_bounds(scale.response) for scale in scales},
                wave._plan(instrument),
            )

        return measure

    def _changes(
        self,
        measure: Measure,
        find: Callable[[int], Mapping[str, str]],
        *,
        per_team: bool,
    ) -> ProtectedTable:
        groups = self.trend_groups(per_team=per_team)
        parts, shut, highest = [], [], self.min_n
        for year, earlier in self.compared.items():
            renamed = find(year)  # then to now
            if not renamed:
                continue
            before = measure(earlier, list(renamed)).named(renamed)
            after = measure(self, list(renamed.values()))
            names = list(renamed.values())
            limit = max(self.min_n, earlier.min_n)
            table = _between(before, after, names, groups, self.confidence, limit)
            parts.append(table.assign(year=year))
            highest = max(highest, limit)
            shut += [side.closed.assign(year=year) for side in (before, after)]
        if not parts:
            return _nothing()
        table = pd.concat(parts, ignore_index=True)
        table.insert(2, "n", table[["n_before", "n_after"]].min(axis=1))
        closed = pd.concat(shut, ignore_index=True)
        return _adjusted(table, closed, highest)


def _between(
    before: Measured,
    after: Measured,
    names: Sequence[str],
    groups: Groups,
    confidence: float,
    min_n: int,
) -> pd.DataFrame:
    then, now = (side.scores[["team", *names]] for side in (before, after))
    if groups.layout == "teams":
        then, now = (drop_small_teams(year, min_n=min_n) for year in (then, now))
    ranges = {after.bounds[name] for name in names}
    return change_with_ci(
        then,
        now,
        groups=groups,
        members_before=before.members,
        members_after=after.members,
        confidence=confidence,
        bounds=ranges.pop() if len(ranges) == 1 else None,
    )


def _adjusted(table: pd.DataFrame, closed: pd.DataFrame, min_n: int) -> ProtectedTable:
    """Protect, and adjust the p-values over what is left to be seen."""
    first = protect(table, kind="mean", closed=closed, min_n=min_n)
    shown = ~first.frame["suppressed"].to_numpy()
    p = table["p_value"].to_numpy(dtype=float)
    p = np.where(shown, p, np.nan)
    table = table.assign(q_value=adjust_bh(p), p_holm=adjust_holm(p))
    return protect(table, kind="mean", closed=closed, min_n=min_n)


def _nothing() -> ProtectedTable:
    columns = {name: pd.Series(dtype=float) for name in ("n", "change", "sd")}
    names = {name: pd.Series(dtype="str") for name in ("group", "variable")}
    return protect(pd.DataFrame(names | columns), kind="mean")


def _scale_names(instrument: Instrument, groups: Sequence[str]) -> list[str]:
    return [s.id for group in groups for s in instrument.scales_of(group=group)]


def _has_mean(item: Item) -> bool:
    return item.response.kind in MEASURED and item.aspect != "background"
