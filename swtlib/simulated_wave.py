"""A made-up next wave: the levels of 2015, and changes that are known.

For trying out what a second year brings. ``simulation.toml`` in the folder of
the wave says what changes, where and by how much; a trend must find that
again, and nothing else. Answers are drawn for every member of a team, so that
the change of the whole team is exact. Who responds is drawn after that: what
is missed then is chance, as in real fieldwork.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, nan
from pathlib import Path
from typing import Any

import pandas as pd

from swtlib._simulation_recipe import (
    BASE_YEAR,
    KnownChange,
    Recipe,
    is_drawn,
    load_draw,
    load_recipe,
)
from swtlib.codebook import Instrument, Item, load_codebook
from swtlib.dice import Dice
from swtlib.disclosure import MIN_CELL_N
from swtlib.errors import WaveError
from swtlib.limesurvey_export import write_export
from swtlib.project import raw_dir
from swtlib.reproduction.competences import raise_grades
from swtlib.reproduction.values import Factors, hand_out
from swtlib.simulation import simulate_export
from swtlib.wave import Wave, WaveFacts, load_facts, load_wave

__all__ = [
    "KnownChange",
    "Recipe",
    "draw_members",
    "load_recipe",
    "write_simulation",
]

LEFT_OPEN = 0.02  # chance that a question is skipped
PAGE_WEIGHTS = (4, 3, 2, 1, 1, 1)  # the last page of who breaks off
GENDER_WEIGHTS = (4, 1)  # vrouw, man; 2015 has no figure to start from
OLDEST = 67
NEW_AGES = (23, 38)  # of who takes the place of someone
NEW_YEARS = 4  # and their experience, at most


def write_simulation(year: int) -> Path:
    """Draw the made-up answers of a year and put them where ingest finds them.

    Parameters
    ----------
    year : int
        Year of the wave; its folder has ``wave.toml`` and ``simulation.toml``.

    Returns
    -------
    Path
        The export. Without ``from`` in ``simulation.toml`` it is drawn from the
        codebook alone (`simulation.simulate_export`).

    Raises
    ------
    WaveError
        If real answers stand there, or a file is missing or wrong.
    """
    facts = load_facts(year)
    if facts.origin != "simulation":
        raise WaveError(
            f'{facts.place} says origin = "{facts.origin}": {facts.export} is not '
            "written over. Draw a simulation in a project of its own."
        )
    path, draw = raw_dir(year) / facts.export, load_draw(year)
    if draw is not None:
        return simulate_export(
            load_codebook(),
            path,
            year=year,
            respondents=draw.respondents,
            seed=draw.seed,
            broken_off=draw.broken_off,
        )
    recipe = load_recipe(year)
    answers = _draw_response(draw_members(year), recipe, year)
    return write_export(answers, load_codebook(), path, seed=recipe.seed, year=year)


def draw_members(year: int) -> pd.DataFrame:
    """Draw what every member of every team would answer.

    Parameters
    ----------
    year : int
        As in `write_simulation`.

    Returns
    -------
    DataFrame, shape (n_members, n_columns)
        ``team``, background and one column per item, NaN where not asked. The
        mean of a team is that of 2015 plus the change, as near as whole
        answers allow. What 2015 did not ask starts in the middle of its range.

    Raises
    ------
    WaveError
        If 2015 is not the reconstruction (a simulation never starts from real
        answers), or a change takes a mean out of its range.
    """
    before, facts, recipe = load_wave(BASE_YEAR), load_facts(year), load_recipe(year)
    if before.origin != "reconstruction":
        raise WaveError(
            f"wave {before.year} is {before.origin}: a simulation starts from the "
            "reconstruction only, so that nothing of real answers is in it."
        )
    people = _draw_people(before, facts, recipe)
    factors = Factors(len(people), recipe.seed)
    columns: dict[str, list[float]] = {}
    for instrument, item in load_codebook().columns(year).values():
        if not is_drawn(item):
            continue
        asked = instrument.eligibility.asked(people)
        draw = _Draw(before=before, instrument=instrument, item=item, recipe=recipe)
        scores = factors.scores(draw.source)
        if item.reversed:
            scores = [-score for score in scores]
        column = [nan] * len(people)
        for team in facts.members:
            rows = people.index[asked & (people["team"] == team)].tolist()
            if item.id.endswith("_want"):
                have = columns[item.id.replace("_want", "_have")]
                given = draw.raised(team, [int(have[i]) for i in rows])
            else:
                given = draw.answers(team, [scores[i] for i in rows])
            for i, answer in zip(rows, given, strict=True):
                column[i] = float(answer)
        columns[item.id] = column
    return pd.concat([people, pd.DataFrame(columns)], axis=1)


@dataclass(frozen=True, kw_only=True)
class _Draw:
    """Draws one item, from what was answered to it in 2015."""

    before: Wave
    instrument: Instrument
    item: Item
    recipe: Recipe

    @property
    def source(self) -> str:
        """The item of 2015 that it continues."""
        return _source(self.item)

    def answers(self, team: str, scores: Sequence[float]) -> list[int]:
        """Give an answer to each score, with the mean that the team must have."""
        n = len(scores)
        earlier = sorted(self._earlier(self.source, "alle"))
        # answers at equal distances in the order of 2015: as many of each kind
        bag = [earlier[(2 * i + 1) * len(earlier) // (2 * n)] for i in range(n)]
        dice = Dice(self.recipe.seed, f"{self.item.id}/{team}")
        return hand_out(_moved(bag, self._total(team, n), self.item, dice), scores)

    def raised(self, team: str, have: Sequence[int]) -> list[int]:
        """Give the grade each one wants, not below the one they have."""
        dice = Dice(self.recipe.seed, f"{self.item.id}/{team}")
        wanted = raise_grades(
            list(have),
            total=self._total(team, len(have)),
            missing=set(),
            urge=dice.normals(len(have)),
        )
        return [grade for grade in wanted if grade is not None]

    def _total(self, team: str, n: int) -> int:
        """Give the sum of the answers of a team of ``n``."""
        total = floor(n * self._mean(team) + Fraction(1, 2))
        low, high = int(self.item.response.low or 0), int(self.item.response.high or 0)
        if not low * n <= total <= high * n:
            raise WaveError(
                f"the changes of '{self.item.id}' take {team} out of the range "
                f"{low}-{high}. Make them smaller in simulation.toml."
            )
        return total

    def _mean(self, team: str) -> Fraction:
        """Give the mean of a team, in points: that of 2015 and what changes."""
        low, high = self.item.response.low or 0, self.item.response.high or 0
        mean = self._level(self.item, team)
        for change in self.recipe.changes:
            by = Fraction(str(change.in_team(team)))
            if change.of == self.item.id:
                grade = self.item.response.kind == "number"
                mean += by if grade else by * Fraction(high - low)
            scale = self.instrument.scales.get(change.of)
            if scale is not None and self.item in scale.items:
                # what has most room takes most of it, so that nothing gets stuck
                rooms = {item.id: self._room(item, team, by) for item in scale.items}
                part = rooms[self.item.id] / sum(rooms.values())
                mean += by * Fraction(high - low) * len(rooms) * part
        return mean

    def _room(self, item: Item, team: str, by: Fraction) -> Fraction:
        end = item.response.high if by > 0 else item.response.low
        return abs(Fraction(end or 0) - self._level(item, team))

    def _level(self, item: Item, team: str) -> Fraction:
        """Give the mean of 2015, of all teams where the team was too small."""
        own = self._earlier(_source(item), team)
        if len(own) < MIN_CELL_N:
            own = self._earlier(_source(item), "alle")
        return Fraction(sum(own), len(own))

    def _earlier(self, name: str, team: str) -> list[int]:
        """Give the answers of 2015 to an item; each once where it was not asked."""
        instrument, item = next(
            found for found in self.before.codebook.items() if found[1].id == name
        )
        if not item.asked_in(BASE_YEAR):
            low, high = int(item.response.low or 0), int(item.response.high or 0)
            return list(range(low, high + 1))
        if team not in ("alle", *self.before.members):
            return []
        answers = self.before.answers(instrument, team=team)[name]
        return [int(answer) for answer in answers.dropna()]


def _source(item: Item) -> str:
    """Name the item of 2015 that an item continues; itself if there is none."""
    continued = item
    while not continued.asked_in(BASE_YEAR) and continued.comparable_with:
        first = continued.comparable_with[0]
        continued = next(i for _, i in load_codebook().items() if i.id == first)
    return continued.id if continued.asked_in(BASE_YEAR) else item.id


def _moved(bag: Sequence[int], total: int, item: Item, dice: Dice) -> list[int]:
    """Move single answers one step, any that can, until they add up."""
    moved = list(bag)
    low, high = int(item.response.low or 0), int(item.response.high or 0)
    while (short := total - sum(moved)) != 0:
        step = 1 if short > 0 else -1
        free = [i for i, answer in enumerate(moved) if low <= answer + step <= high]
        moved[dice.pick(free)] += step
    return moved


def _draw_people(before: Wave, facts: WaveFacts, recipe: Recipe) -> pd.DataFrame:
    """Draw the members: team, function, age, experience and gender."""
    earlier = before.respondents
    renewed = {c.team for c in facts.team_changes if c.kind == "half_replaced"}
    rows: list[dict[str, Any]] = []
    for team, size in facts.members.items():
        dice = Dice(recipe.seed, f"people/{team}")
        own = earlier[earlier["team"] == team]
        n = int(size or 0)
        functions = own.loc[own["bg_functie"] != "medewerker", "bg_functie"].tolist()
        functions += ["medewerker"] * n
        like = own if len(own) >= MIN_CELL_N else earlier
        pairs = like[["bg_leeftijd", "bg_werkervaring"]].to_numpy().tolist()
        for member in range(n):
            age, years = dice.pick(pairs)
            if team in renewed and member % 2:
                age = float(dice.between(*NEW_AGES))
                years = float(dice.below(NEW_YEARS + 1))
            rows.append(
                {
                    "team": team,
                    "bg_functie": functions[member],
                    "bg_leeftijd": min(age + 1, float(OLDEST)),
                    "bg_werkervaring": years + 1,
                    "bg_geslacht": ("vrouw", "man")[dice.weighted(GENDER_WEIGHTS)],
                }
            )
    return pd.DataFrame(rows)


def _draw_response(members: pd.DataFrame, recipe: Recipe, year: int) -> pd.DataFrame:
    """Draw who responds, who breaks off, and which questions are left open."""
    completed: list[int] = []
    rest: list[int] = []
    for team, n in recipe.respondents.items():
        dice = Dice(recipe.seed, f"response/{team}")
        order = dice.shuffled(members.index[members["team"] == team].tolist())
        completed += order[:n]
        rest += order[n:]
    dice = Dice(recipe.seed, "broken off")
    broken = dice.shuffled(rest)[: recipe.broken_off]
    answers = members.loc[[*completed, *broken]].reset_index(drop=True)
    columns = load_codebook().columns(year).values()
    for _, item in columns:
        if is_drawn(item):
            dice = Dice(recipe.seed, f"open/{item.id}")
            left = [dice.uniform() < LEFT_OPEN for _ in range(len(answers))]
            answers.loc[left, item.id] = nan
    pages = sorted({instrument.page for instrument, _ in columns})
    answers["last_page"] = [pages[-1]] * len(completed) + [
        pages[dice.weighted(PAGE_WEIGHTS)] for _ in broken
    ]
    answers["completed"] = [True] * len(completed) + [False] * len(broken)
    return answers
