"""Made-up answers to any questionnaire, to try a page or a notebook on.

The answers hang together as in a real survey: people who agree with one
statement of a scale tend to agree with the others, teams differ somewhat, some
questions stay open and some people stop halfway. They say nothing about anyone.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from swtlib.codebook import TEAM_ITEM, Codebook, Instrument, Item
from swtlib.dice import Dice
from swtlib.errors import ParameterError, did_you_mean
from swtlib.limesurvey_export import write_export

LEVEL = 0.6  # mean of an item as a part of its range
LEVELS: Mapping[str, float] = {  # and by what the item speaks of
    "have": 0.7,
    "want": 0.8,
    "importance": 0.75,
    "background": 0.4,
}
SPREADS: Mapping[str, float] = {"scale": 0.22, "number": 0.12}  # sd, as such a part
PERSON, SHARED, OWN = 0.5, 0.5, 0.7  # weights of a score; the squares make about 1
TEAM_WIDTH = 0.2  # how far teams lie apart at most
SCALE_WIDTH = 0.2  # and scales whose level is not given
ITEM_WIDTH = 0.1  # and items of one scale
LEFT_OPEN = 0.02  # chance that a question is skipped


def simulate_export(
    codebook: Codebook,
    path: Path,
    *,
    year: int,
    respondents: Mapping[str, int],
    seed: int,
    broken_off: int = 0,
    levels: Mapping[str, float] | None = None,
    weights: Mapping[str, Sequence[int]] | None = None,
) -> Path:
    """Write made-up answers as a results file of LimeSurvey.

    Parameters
    ----------
    codebook, year, respondents, seed, broken_off, levels, weights
        As in `simulate_answers`.
    path : Path
        The csv file; a file that is there is replaced.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    ParameterError, CodebookError
        As in `simulate_answers`.
    """
    answers = simulate_answers(
        codebook,
        year=year,
        respondents=respondents,
        seed=seed,
        broken_off=broken_off,
        levels=levels,
        weights=weights,
    )
    return write_export(answers, codebook, path, seed=seed, year=year)


def simulate_answers(
    codebook: Codebook,
    *,
    year: int,
    respondents: Mapping[str, int],
    seed: int,
    broken_off: int = 0,
    levels: Mapping[str, float] | None = None,
    weights: Mapping[str, Sequence[int]] | None = None,
) -> pd.DataFrame:
    """Draw made-up answers to a questionnaire.

    Parameters
    ----------
    codebook : Codebook
        What is asked, of whom, and what may be answered.
    year : int
        Wave to draw; it decides which items are asked.
    respondents : mapping of str to int
        How many people of each team reach the end.
    seed : int
        The same seed gives the same answers, on every machine.
    broken_off : int, default 0
        How many more people start and do not reach the end.
    levels : mapping of str to float, optional
        Mean of an item or scale as a part of its range, 0 to 1, in the
        direction of the scale; an item goes before its scale.
    weights : mapping of str to sequence of int, optional
        For a choice: how often each option is drawn, in codebook order. By
        default each option is half as common as the one before it.

    Returns
    -------
    DataFrame, shape (n_respondents + broken_off, n_items + 2)
        ``team`` and one column per item, NaN or None where nothing was
        answered; ``last_page`` (last page sent in) and ``completed``. Open
        questions have no column: an invented sentence could be taken for
        someone's words.

    Raises
    ------
    ParameterError
        If a team, item, scale or number is not possible.
    CodebookError
        If the codebook does not ask for the team.

    Examples
    --------
    >>> from swtlib import load_codebook
    >>> answers = simulate_answers(
    ...     load_codebook(), year=2015, respondents={"elburg": 7}, seed=1
    ... )
    >>> answers["bk_proactief"].between(0, 4).all()
    np.True_
    """
    asked = list(codebook.columns(year).values())
    levels, weights = levels or {}, weights or {}
    codebook.check_team_item(year)
    _check_respondents(codebook, respondents, broken_off)
    _check_choices(codebook, asked, levels, weights)
    dice = Dice(seed, "people")
    teams = [team for team, n in respondents.items() for _ in range(n)]
    n_completed = len(teams)
    teams += [dice.pick(teams) for _ in range(broken_off)]
    person = dice.normals(len(teams))
    columns: dict[str, list[float] | list[str] | list[str | None] | list[bool]] = {
        "team": teams
    }
    for instrument, item in asked:
        if item.id == TEAM_ITEM or item.response.kind == "text":
            continue
        if item.response.kind == "choice":
            columns[item.id] = _draw_choices(codebook, item, len(teams), seed, weights)
        else:
            columns[item.id] = _draw_points(
                instrument, item, teams, person, seed, levels
            )
    answers = pd.DataFrame(columns)
    for instrument, item in asked:
        if item.id in answers and instrument.eligibility.item:
            rows = instrument.eligibility.asked(answers)
            answers[item.id] = answers[item.id].where(rows)
    pages = sorted({instrument.page for instrument, _ in asked})
    answers["last_page"] = [pages[-1]] * n_completed + [
        dice.pick([0, *pages[:-1]]) for _ in range(broken_off)
    ]
    answers["completed"] = [True] * n_completed + [False] * broken_off
    return answers


def _draw_choices(
    codebook: Codebook,
    item: Item,
    n: int,
    seed: int,
    weights: Mapping[str, Sequence[int]],
) -> list[str | None]:
    dice = Dice(seed, f"item/{item.id}")
    options = [choice.id for choice in item.response.choices]
    halving = [2**left for left in reversed(range(len(options)))]
    parts = weights.get(item.id, halving)
    drawn: list[str | None] = [options[dice.weighted(parts)] for _ in range(n)]
    # An answer that decides who is asked a block is never left open.
    if item.id in {i.eligibility.item for i in codebook.instruments.values()}:
        return drawn
    return [None if dice.uniform() < LEFT_OPEN else option for option in drawn]


def _draw_points(
    instrument: Instrument,
    item: Item,
    teams: Sequence[str],
    person: Sequence[float],
    seed: int,
    levels: Mapping[str, float],
) -> list[float]:
    """Draw points of a scale or numbers; items of one scale hang together."""
    scales = [s.id for s in instrument.scales.values() if item in s.items]
    bundle = scales[0] if scales else f"{instrument.id}/{item.aspect}"
    dice = Dice(seed, f"item/{item.id}")
    middle = _middle(item, bundle, seed, levels, dice)
    shift = {
        t: _drift(Dice(seed, f"team/{bundle}/{t}"), TEAM_WIDTH) for t in set(teams)
    }
    shared = Dice(seed, f"shared/{bundle}").normals(len(teams))
    spread = SPREADS[item.response.kind]
    points = []
    for team, own, bond in zip(teams, person, shared, strict=True):
        score = PERSON * own + SHARED * bond + OWN * dice.normal()
        point = _on_range(item, middle + shift[team] + spread * score)
        points.append(math.nan if dice.uniform() < LEFT_OPEN else point)
    return points


def _middle(
    item: Item, bundle: str, seed: int, levels: Mapping[str, float], dice: Dice
) -> float:
    """Give the mean of an item as a part of its range."""
    own = _drift(dice, ITEM_WIDTH)
    if item.id in levels:
        return levels[item.id]
    if bundle in levels:
        return levels[bundle] + own
    drift = _drift(Dice(seed, f"level/{bundle}"), SCALE_WIDTH)
    return LEVELS.get(item.aspect, LEVEL) + drift + own


def _drift(dice: Dice, width: float) -> float:
    return width * (dice.uniform() - 0.5)


def _on_range(item: Item, part: float) -> float:
    """Turn a part of the range, in the direction of the scale, into an answer."""
    low, high = float(item.response.low or 0), float(item.response.high or 0)
    kept = min(max(part, 0.0), 1.0)
    value = low + (1 - kept if item.reversed else kept) * (high - low)
    steps = 1 if item.response.whole else 2
    return math.floor(value * steps + 0.5) / steps


def _check_respondents(
    codebook: Codebook, respondents: Mapping[str, int], broken_off: int
) -> None:
    for team, n in respondents.items():
        if team not in codebook.teams:
            raise ParameterError(
                f"there is no team '{team}'." + did_you_mean(team, codebook.teams)
            )
        if n < 0:
            raise ParameterError(f"team '{team}' cannot have {n} respondents.")
    if not sum(respondents.values()) or broken_off < 0:
        raise ParameterError(
            "simulate at least one respondent, and 0 or more who break off."
        )


def _check_choices(
    codebook: Codebook,
    asked: Sequence[tuple[Instrument, Item]],
    levels: Mapping[str, float],
    weights: Mapping[str, Sequence[int]],
) -> None:
    items = {item.id: item for _, item in asked}
    scales = {s.id for i in codebook.instruments.values() for s in i.scales.values()}
    for name, level in levels.items():
        if name not in items and name not in scales:
            raise ParameterError(
                f"levels: there is no item or scale '{name}'."
                + did_you_mean(name, [*sorted(scales), *items])
            )
        if not 0 <= level <= 1:
            raise ParameterError(f"levels: {name} = {level:g} is not between 0 and 1.")
    for name, parts in weights.items():
        n_options = len(items[name].response.choices) if name in items else 0
        if len(parts) != n_options or not sum(parts):
            raise ParameterError(
                f"weights: '{name}' has {n_options} options, and {len(parts)} weights "
                "were given. Give each option a whole number, not all 0."
            )
