"""The figures of the 2015 report as printed, and the remarks that go with them.

A row is one printed figure or claim. Where the report prints 0,9 for a mean of
two decimals, ``digits`` is 2: the last nought was dropped in print.
"""

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from swtlib.codebook import load_codebook, load_instrument
from swtlib.errors import CodebookError

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Published:
    """One figure or claim of the report.

    Parameters
    ----------
    id : str
        Name of the row.
    source : str
        Where it is printed: table, figure or section.
    construct : str
        Block of the questionnaire it speaks of.
    item : str
        Item or scale ids of the codebook, separated by ``;``; or as published.
    team : str
        Id of the team as printed above the column, ``"all"`` or a group.
    team_label : str
        The same as printed.
    statistic, category : str
        What was counted, of which answers.
    value : Fraction or None
        The figure; None for a claim without a number.
    decimals : int or None
        Decimals in print.
    unit : Fraction or None
        Step it was rounded to.
    approx, bound : str
        "exact", "approx" or "bound"; the sign of a bound, ``~`` or empty.
    note : str
        Remark, in English.
    """

    id: str
    source: str
    construct: str
    item: str
    team: str
    team_label: str
    statistic: str
    category: str
    value: Fraction | None
    decimals: int | None
    unit: Fraction | None
    approx: str
    bound: str
    note: str

    @property
    def digits(self) -> int:
        """Decimals the figure was rounded to."""
        digits, unit = 0, self.unit or Fraction(1)
        while unit < 1:
            digits, unit = digits + 1, unit * 10
        return digits


@cache
def load_published() -> tuple[Published, ...]:
    """Load the 494 printed figures and claims, in the order of the file.

    Returns
    -------
    tuple of Published
        Items and teams carry the names of the codebook.

    Examples
    --------
    >>> rows = load_published()
    >>> len(rows), rows[0].id, rows[0].source
    (494, 'q_gd_items', '§4.2')
    """
    teams = {team.label: team.id for team in load_codebook().teams.values()}
    with (FOLDER / "published_2015.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_row(row, teams) for row in csv.DictReader(file))


@cache
def printed_values() -> Mapping[str, Fraction]:
    """Map the id of each printed figure to its value.

    Examples
    --------
    >>> printed_values()["t6_baken2"]
    Fraction(39, 50)
    """
    values = {row.id: row.value for row in load_published() if row.value is not None}
    return MappingProxyType(values)


@cache
def load_remarks() -> Mapping[str, Any]:
    """Load ``check_2015.toml``: readings, reasons and other figures."""
    return tomllib.loads((FOLDER / "check_2015.toml").read_text(encoding="utf-8"))


def _row(row: Mapping[str, str], teams: Mapping[str, str]) -> Published:
    keys = row["item_key"].split(";") if row["item_key"] else []
    return Published(
        id=row["id"],
        source=row["source"],
        construct=row["construct"],
        item=";".join(_item(key) for key in keys),
        team=teams.get(row["team"], row["team"]),
        team_label=row["team"],
        statistic=row["statistic"],
        category=row["category"],
        value=Fraction(row["value"]) if row["value"] else None,
        decimals=int(row["decimals"]) if row["decimals"] else None,
        unit=Fraction(row["rounding_unit"]) if row["rounding_unit"] else None,
        approx=row["approx"],
        bound=row["bound"],
        note=row["note"],
    )


def _item(key: str) -> str:
    """Give the name in the codebook of an item or scale of the file."""
    baken = re.fullmatch(r"baken_(\d)", key)
    if baken:
        number = int(baken[1])
        for scale in load_instrument("bakens").scales.values():
            if scale.numbers["han"] == number:
                return scale.id
        raise CodebookError(f"bakens.toml has no scale with numbers.han = {number}.")
    key = re.sub(r"^phase_", "fase_", key)
    key = re.sub(r"^(comp_\w+)_cur$", r"\1_have", key)
    return re.sub(r"^(comp_\w+)_des$", r"\1_want", key)
