"""Figures that the report takes from its own printed figures.

A phase, a total, a rank or a figure told again in the text follows from cells
of a table. Such a figure is counted twice: from the recounted cells, and from
the published ones. Where these two agree and the report prints something else,
the report contradicts itself.
"""

from collections.abc import Mapping
from fractions import Fraction

from swtlib.codebook import Instrument
from swtlib.reproduction.counting import mean, mean_of_printed, places
from swtlib.reproduction.published import Published, load_published, load_remarks
from swtlib.reproduction.recount import ALL, Count, one, whole

CELLS = ("mean", "mean_of_items", "mean_of_team_means", "diff")
TOTAL, BELANG = "gd_cur_total", "gd_imp_total"
AVERAGES = ("comp_all_have", "comp_all_want", "comp_all_diff")
Key = tuple[str, str, str]


class Cells:
    """Printed cells of the tables, found by place, item and column.

    Parameters
    ----------
    values : Mapping of str to Fraction
        Id of a row -> its figure: as published, or as recounted.
    """

    def __init__(self, values: Mapping[str, Fraction]) -> None:
        self._cells: dict[Key, Fraction] = {}
        self._table_2: dict[Key, Fraction] = {}
        for row in load_published():
            if row.id not in values:
                continue
            if row.source == "tabel 2":
                self._table_2[row.item, row.team, row.statistic] = values[row.id]
            elif row.source.startswith("tabel ") and row.statistic in CELLS:
                self._cells[row.source, row.item, row.team] = values[row.id]

    def table(self, *sources: str, ending: str = "") -> dict[str, Fraction]:
        """Give the cells of all teams together, by item."""
        return {
            item: value
            for (source, item, team), value in self._cells.items()
            if source in sources and team == ALL and item.endswith(ending)
        }

    def row(self, item: str) -> dict[str, Fraction]:
        """Give the cells of an item or phase in tables 4 and 11, by heading."""
        return {
            team: value
            for (source, name, team), value in self._cells.items()
            if source in ("tabel 4", "tabel 11") and name == item
        }

    def column(self, heading: str) -> dict[str, Fraction]:
        """Give the items of a column of tables 4 and 11, totals left out."""
        return {
            item: value
            for (source, item, team), value in self._cells.items()
            if source in ("tabel 4", "tabel 11")
            and team == heading
            and item.startswith("gd_cur_")
            and item != TOTAL
        }

    def team(self, item: str, statistic: str) -> dict[str, Fraction]:
        """Give a column of table 2, by team."""
        return {
            team: value
            for (name, team, kind), value in self._table_2.items()
            if name == item and kind == statistic and team != ALL
        }


def stage(row: Published) -> int:
    """Say when a figure can be counted: 0 is from answers.

    Parameters
    ----------
    row : Published
        Any row with a figure.

    Returns
    -------
    int
        0 from answers, 1 from item cells, 2 from cells of stage 1, 3 after
        all tables are there.

    Examples
    --------
    >>> rows = {row.id: row for row in load_published()}
    >>> stage(rows["t11_vanzelf_elburg"]), stage(rows["t11_phase_parallel_elburg"])
    (0, 1)
    >>> stage(rows["t11_total_tot"]), stage(rows["gd_rank_elburg_parallel"])
    (2, 3)
    """
    if row.statistic == "mean_of_items" or row.item == BELANG:
        return 1
    if row.statistic == "mean_of_team_means":
        return 2
    told_again = row.statistic == "n" and row.construct == "response"
    late = (
        row.statistic in ("rank_high", "rank_low")
        or row.item in AVERAGES
        or row.id in load_remarks()["apart"]
        or row.category in ("team - Tot. gem.", "competences < 7")
        or row.category.startswith(("bakens > ", "bakens < "))
        or (row.construct == "se_current" and row.statistic == "max")
        or (told_again and row.source != "tabel 2" and row.team != ALL)
    )
    return 3 if late else 0


def count_printed(row: Published, cells: Cells, dynamics: Instrument) -> list[Count]:
    """Count a figure from cells of the tables.

    Parameters
    ----------
    row : Published
        A figure of `stage` 1 or later.
    cells : Cells
        Published, or recounted.
    dynamics : Instrument
        The group dynamics, for the items of a phase.

    Returns
    -------
    list of Count
        One count, or one per cell when the figure speaks of several; empty if
        a cell it needs is not there.
    """
    if row.statistic in ("rank_high", "rank_low"):
        return _rank(row, cells, dynamics)
    if row.statistic in ("mean_of_items", "mean_of_team_means"):
        return _average(_parts(row, cells, dynamics))
    if row.statistic == "n":
        sizes = cells.team("", "n")
        return one(sizes[row.team], 0) if row.team in sizes else []
    if row.category == "team - Tot. gem.":
        phase = _phase(row.item, cells, dynamics)
        if not {row.team, ALL} <= set(phase):
            return []
        difference = phase[row.team] - phase[ALL]
        return [Count(difference, difference)]
    if row.id in load_remarks()["apart"]:
        apart = (*load_remarks()["apart"][row.id], BELANG)
        table = cells.table("tabel 3").items()
        return [Count(value, value) for item, value in table if item not in apart]
    return _summary(row, cells)


def _summary(row: Published, cells: Cells) -> list[Count]:
    """Count, average or find the highest of a whole table."""
    if row.item == BELANG:
        table = cells.table("tabel 3", "tabel 5")
        return _average([value for item, value in table.items() if item != BELANG])
    if row.construct == "se_current":
        items = [i.item for i in load_published() if i.source == "tabel 4" and i.item]
        highest = [max(c.values()) for i in dict.fromkeys(items) if (c := cells.row(i))]
        return one(max(highest), 0) if highest else []
    if row.construct == "baken":
        limit, table = Fraction(row.category.split()[-1]), cells.table("tabel 6")
        if ">" in row.category:
            return whole(sum(value > limit for value in table.values()))
        return whole(sum(value < limit for value in table.values()))
    ending = row.item[row.item.rindex("_") :]
    source = "tabel 9" if ending == "_diff" else "tabel 8"
    grades = list(cells.table(source, ending=ending).values())
    if row.statistic == "count":
        return whole(sum(value < 7 for value in grades))
    return _average(grades, digits=1 if row.approx == "exact" else 2)


def _parts(row: Published, cells: Cells, dynamics: Instrument) -> list[Fraction]:
    if row.statistic == "mean_of_team_means":
        return [value for team, value in cells.row(row.item).items() if team != ALL]
    column = cells.column(row.team)
    if row.item == TOTAL:
        return list(column.values())
    items = [item.id for item in dynamics.scales[row.item].items]
    return [column[item] for item in items if item in column]


def _average(parts: list[Fraction], *, digits: int = 2) -> list[Count]:
    return [Count(mean_of_printed(parts, digits=digits), mean(parts))] if parts else []


def _rank(row: Published, cells: Cells, dynamics: Instrument) -> list[Count]:
    own = row.team
    if row.construct == "demographics":
        ranked = cells.team(row.item, load_remarks()["ranks"][row.id])
    elif row.construct == "gd_current" and row.team != ALL:
        ranked = _phase(row.item, cells, dynamics)
        ranked.pop(ALL, None)
    elif row.construct == "gd_current":
        own = row.item
        names = [scale.id for scale in dynamics.scales_of(group="fasen")]
        phases = {name: _phase(name, cells, dynamics) for name in names}
        ranked = {name: phase[ALL] for name, phase in phases.items() if ALL in phase}
    else:
        own = row.item
        sources = {"baken": "tabel 6", "competence_diff": "tabel 9"}
        ending = "" if row.construct == "baken" else own[own.rindex("_") :]
        ranked = cells.table(sources.get(row.construct, "tabel 8"), ending=ending)
    if own not in ranked:
        return []
    taken = places(
        ranked[own], list(ranked.values()), high=row.statistic == "rank_high"
    )
    # A shared place is right whichever of the tied places the report names.
    return whole(int(row.value) if row.value and row.value in taken else taken.start)


def _phase(name: str, cells: Cells, dynamics: Instrument) -> dict[str, Fraction]:
    """Give a phase by heading; a phase of one item is that item."""
    items = dynamics.scales[name].items
    return cells.row(items[0].id if len(items) == 1 else name)
