"""In which groups the respondents of a wave can be put: function, age, experience."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from swtlib.errors import ResponseError
from swtlib.report_results import AGE_GROUPS, AGE_LAST
from swtlib.wave import Wave

EXPERIENCE = {"tot 5 jaar": 5, "5 tot 15 jaar": 15}
EXPERIENCE_LAST = "15 jaar of meer"
SHORT = 18  # letters that fit above a panel of a figure
CHOICES = {"functie": "bg_functie", "geslacht": "bg_geslacht"}


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """The groups of people of one wave.

    Parameters
    ----------
    frame : DataFrame, shape (n_respondents, n_splits)
        A column per split with the group of each respondent, NaN where it is not
        known. A split of which nothing is known has no column.
    order : mapping of str to tuple of str
        The groups of each split, as they are to be shown.
    labels : mapping of str to str
        Dutch name of a group that has another one than its id; a short one.
    """

    frame: pd.DataFrame
    order: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]


def cut_people(wave: Wave) -> Cuts:
    """Put the respondents of a wave in groups, in every way that is offered.

    Parameters
    ----------
    wave : Wave
        What results are made of: `Selection.base`.

    Returns
    -------
    Cuts
        Functions that one person may hold are taken together, as the codebook
        says.
    """
    people = wave.respondents
    background = wave.codebook.instruments.get("achtergrond")
    columns: dict[str, pd.Series] = {}
    order: dict[str, tuple[str, ...]] = {}
    labels: dict[str, str] = {}
    for split, name in CHOICES.items():
        if background is None or name not in background.items or name not in people:
            continue
        item, folded = background.items[name].shown_together()
        columns[split] = people[name].map(folded)
        order[split] = tuple(choice.id for choice in item.response.choices)
        labels |= {
            choice.id: choice.label
            if len(choice.label) <= SHORT
            else choice.id.replace("_", " ")
            for choice in item.response.choices
        }
    for split, name, limits, last in (
        ("leeftijd", "bg_leeftijd", AGE_GROUPS, AGE_LAST),
        ("ervaring", "bg_werkervaring", EXPERIENCE, EXPERIENCE_LAST),
    ):
        if name in people:
            columns[split] = cut_numbers(people[name], limits, last)
            order[split] = (*limits, last)
    known = {name: c for name, c in columns.items() if c.notna().any()}
    return Cuts(
        frame=pd.DataFrame(known, index=people.index),
        order={name: order[name] for name in known},
        labels=labels,
    )


def cut_numbers(
    values: "pd.Series[float]", limits: Mapping[str, float], last: str
) -> "pd.Series[str]":
    """Put numbers in groups; a limit itself belongs to the group above it.

    Parameters
    ----------
    values : Series of float
        NaN where not answered.
    limits : mapping of str to float
        Name of a group to where it ends, in ascending order.
    last : str
        Name of the group above the last limit.

    Returns
    -------
    Series of str
        NaN where there is no number.

    Raises
    ------
    ResponseError
        If the limits do not ascend.

    Examples
    --------
    >>> cut_numbers(pd.Series([4.5, 5, None]), {"kort": 5}, "lang").tolist()
    ['kort', 'lang', nan]
    """
    ends = [-np.inf, *limits.values(), np.inf]
    if any(a >= b for a, b in pairwise(ends)):
        raise ResponseError("the limits of the groups do not ascend.")
    names = [*limits, last]
    cut = pd.cut(values.astype(float), ends, labels=names, right=False)
    return cut.astype("object").where(values.notna(), np.nan)
