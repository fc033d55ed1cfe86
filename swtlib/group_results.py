"""A group of respondents beside all others, by a question they answered.

Such as residents who had somebody with them, beside the others. The group cuts
across the teams; what may be shown of it follows from the plan over teams and
splits together (:mod:`swtlib.split_plan`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from swtlib.adjustment import adjust_holm
from swtlib.codebook import Instrument, Item
from swtlib.disclosure import ProtectedTable, protect
from swtlib.errors import ParameterError, did_you_mean
from swtlib.estimates import mean_with_ci
from swtlib.groups import OTHERS, Groups
from swtlib.results import Selection
from swtlib.scoring import score_bounds, score_scales
from swtlib.team_difference import difference_with_ci

_LIMITS = {
    "ci_low": "difference_low",
    "ci_high": "difference_high",
    "interval": "difference_interval",
}
_OF_FIRST = (
    *("difference", *_LIMITS.values()),
    *("effect", "effect_low", "effect_high", "t", "p_value"),
)


@dataclass(frozen=True, kw_only=True)
class GroupResults(Selection):
    """A selection that sets a group of respondents beside the others."""

    def choice_item(self, name: str, *, answer: str = "") -> Item:
        """Give a choice question of this wave, to make groups with.

        Parameters
        ----------
        name : str
            Its id.
        answer : str, optional
            Id of an answer that it must have.

        Returns
        -------
        Item

        Raises
        ------
        ParameterError
            If there is no such question or answer.
        """
        asked = {
            i.id: i for _, i in self.wave.codebook.columns(self.wave.year).values()
        }
        choices = [i for i, item in asked.items() if item.response.kind == "choice"]
        if name not in choices:
            raise ParameterError(
                f"there is no choice question '{name}' to make groups with."
                + did_you_mean(name, choices)
            )
        options = [choice.id for choice in asked[name].response.choices]
        if answer and answer not in options:
            raise ParameterError(
                f"'{name}' has no answer '{answer}'.{did_you_mean(answer, options)}"
            )
        return asked[name]

    def compare_groups(
        self, instrument: Instrument, *, group: str, by: str, answer: str
    ) -> ProtectedTable:
        """Estimate how far a group lies from all others, on every scale.

        Parameters
        ----------
        instrument : Instrument
            With the scales.
        group : str
            Scale group in the codebook.
        by : str
            Id of the choice question that makes the group.
        answer : str
            Id of the answer: who gave it, beside everybody who did not.

        Returns
        -------
        ProtectedTable
            Of kind "mean", over all teams together, scores on 0-1. ``group`` is
            `answer` or ``"andere"``. On the rows of the first also
            ``difference, difference_low, difference_high, difference_interval,
            effect, effect_low, effect_high, t, p_value, p_holm``: the first less
            the others.

        Raises
        ------
        ParameterError
            If there is no such question or answer.

        Notes
        -----
        This is Student's t-test: one spread for both groups, ``df`` is the
        answers less two (in SPSS the row "Equal variances assumed"). The
        respondents count as a sample of a large population: how many could have
        given the answer is not known. ``p_holm`` is adjusted over the scales that
        are shown. Two own spreads, as in Welch's test, would often name every
        answer of a small group, so they are not used here.

        The others are everybody else, also who left the question open: a few
        people in no group would follow from the total less both groups. One
        question is planned at a time, beside the teams: release groups by two
        questions only after `closed_in_splits` over both.
        """
        self.choice_item(by, answer=answer)
        own = self._in_group(by, answer)
        scales = instrument.scales_of(group=group)
        answers = self.base.answers(instrument)
        answers = answers[answers.index.isin(own.index)]
        scores = score_scales(answers, scales)
        scores["team"] = own.loc[scores.index].to_numpy()
        members: dict[str, int | None] = {answer: None, OTHERS: None}
        means = mean_with_ci(
            scores,
            groups=Groups(answer, "team"),
            members=members,
            confidence=self.confidence,
            bounds=score_bounds(scales[0].response),
        )
        found = difference_with_ci(
            scores, team=answer, members=members, confidence=self.confidence
        ).rename(columns=_LIMITS)
        keys = ["group", "variable"]
        beside = found.assign(group=answer)[[*keys, *_OF_FIRST]]
        table = means.merge(beside, on=keys, how="left")
        closed = self.closed_in_splits(instrument, pd.DataFrame({by: own}))
        closed = closed.loc[closed["split"] == by, keys]
        hidden = protect(table, kind="mean", min_n=self.min_n, closed=closed).hidden
        tested = table["p_value"].mask(table["variable"].isin(hidden["variable"]))
        table["p_holm"] = adjust_holm(np.asarray(tested, dtype=float))
        return protect(table, kind="mean", min_n=self.min_n, closed=closed)

    def _in_group(self, by: str, answer: str) -> "pd.Series[str]":
        """Say of each respondent of a team that is shown: in the group, or not."""
        people = self.base.respondents
        sizes = people["team"].map(people["team"].value_counts())
        named = np.where(people[by] == answer, answer, OTHERS)
        return pd.Series(named, index=people.index, dtype="str")[sizes >= self.min_n]
