"""Scores of one wave, ready to stand beside those of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from swtlib.codebook import Instrument
from swtlib.errors import ParameterError
from swtlib.release_plan import Bounds
from swtlib.results import Selection
from swtlib.scoring import score_bounds, score_gap, score_items

PERSON = "person"  # the column with the pseudonym that links the years


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Scores of one wave, and what is needed to show them.

    ``closed`` lists the cells (``group, variable``) that the pages of that
    year hide; ``persons`` holds the pseudonyms, if there are any.
    """

    scores: pd.DataFrame
    members: Mapping[str, int | None]
    bounds: Mapping[str, Bounds]
    closed: pd.DataFrame
    persons: "pd.Series[str] | None"

    def named(self, names: Mapping[str, str]) -> "Measured":
        """Give the variables the names that they have in another wave."""
        return replace(
            self,
            scores=self.scores.rename(columns=names),
            bounds={names.get(name, name): b for name, b in self.bounds.items()},
            closed=self.closed.assign(variable=self.closed["variable"].replace(names)),
        )

    def by_person(self) -> pd.DataFrame:
        """Give the scores with pseudonyms as index; one that occurs twice is none."""
        if self.persons is None:
            return self.scores.iloc[:0]
        persons = self.persons.where(~self.persons.duplicated(keep=False))
        return self.scores.set_axis(pd.Index(persons), axis=0)


def measured(
    wave: Selection,
    instrument: Instrument,
    scores: pd.DataFrame,
    bounds: Mapping[str, Bounds],
    closed: pd.DataFrame,
) -> Measured:
    people = wave.base.respondents
    persons = people.loc[scores.index, PERSON] if PERSON in people else None
    return Measured(
        scores=scores,
        members=wave.base.population(instrument),
        bounds=bounds,
        closed=closed[closed["variable"].isin(scores.columns)],
        persons=persons,
    )


def measure_items(wave: Selection, names: Sequence[str]) -> Measured:
    """Measure items of one wave, of instruments that were asked of the same people."""
    known = {item.id: (i, item) for i, item in wave.wave.codebook.items()}
    instruments = list({known[name][0].id: known[name][0] for name in names}.values())
    first = instruments[0]
    for other in instruments[1:]:
        if other.eligibility != first.eligibility:
            raise ParameterError(
                f"{first.id} and {other.id} were asked of different people. Compare "
                "the items of one of them at a time."
            )
    answers = wave.base.answers(first)
    for other in instruments[1:]:
        answers = answers.join(wave.base.answers(other).drop(columns="team"))
    items = tuple(known[name][1] for name in names)
    return measured(
        wave,
        first,
        score_items(answers, items),
        {item.id: score_bounds(item.response) for item in items},
        pd.concat([wave._plan(i) for i in instruments], ignore_index=True),
    )


def measure_marks(wave: Selection, instrument: Instrument, mark: str) -> Measured:
    have, want = score_gap(wave.base.answers(instrument), instrument)
    names = [str(name) for name in have.columns if name != "team"]
    ranges = {
        scale.id.removesuffix("_have"): score_bounds(scale.response, rescale=False)
        for scale in instrument.scales_of(group="have")
    }
    both = have[names].notna() & want[names].notna()
    shown = {"have": have[names], "want": want[names], "gap": want[names] - have[names]}
    scores = have[["team"]].join(shown[mark].where(both))
    bounds: dict[str, Bounds] = dict(ranges)
    if mark == "gap":
        bounds = dict.fromkeys(ranges)
    closed = wave._plan_marks(instrument, have, want)
    return measured(wave, instrument, scores, bounds, closed)
