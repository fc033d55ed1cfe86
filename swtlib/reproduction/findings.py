"""What a reader of the 2015 report must know, counted from its own figures.

No answers are needed here: everything follows from the printed figures, and
from the statements that a division puts together in a baken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from swtlib.codebook import load_instrument
from swtlib.reproduction.counting import mean, mean_of_printed, round_half_up
from swtlib.reproduction.derived import TOTAL, Cells
from swtlib.reproduction.published import (
    load_published,
    load_remarks,
    printed_values,
)
from swtlib.reproduction.recount import ALL

# Two means of printed figures can differ by less than this and be the same: each
# is off by at most 0.005.
SAME_MEAN = Fraction("0.01")
COMPLETE = 66
SUBGROUPS = "gd_cur_subgroepen"


@dataclass(frozen=True, kw_only=True)
class BakenFit:
    """The mean of the statements of a baken, beside table 6.

    Parameters
    ----------
    label : str
        Name of the baken.
    number : int
        Its number in table 6.
    n_items : int
        Statements in this division.
    mean : Fraction
        Of their printed means.
    published : Fraction
        In table 6.
    """

    label: str
    number: int
    n_items: int
    mean: Fraction
    published: Fraction

    @property
    def fits(self) -> bool:
        """Whether the statements can give the figure of table 6."""
        return abs(self.mean - self.published) < SAME_MEAN


def baken_fits(division: str = "") -> tuple[BakenFit, ...]:
    """Set a division of the statements over the bakens beside table 6.

    Parameters
    ----------
    division : str, default ""
        Empty for that of the codebook, ``"tabel_10"`` for the printed labels,
        ``"rival"`` for the other one of ``check_2015.toml``.

    Returns
    -------
    tuple of BakenFit
        In the order of table 6.

    Examples
    --------
    >>> sorted(fit.number for fit in baken_fits("tabel_10") if not fit.fits)
    [1, 2, 3, 5, 6]
    >>> all(fit.fits for fit in baken_fits())
    True
    """
    bakens = load_instrument("bakens")
    if division == "rival":
        items = load_remarks()["rival"]
        numbers = load_remarks()["rival_numbers"]
    else:
        scales = bakens.scales_of(assignment=division)
        items = {scale.id: [item.id for item in scale.items] for scale in scales}
        numbers = {scale.id: scale.numbers["han"] for scale in scales}
    printed = Cells(printed_values()).table("tabel 10")
    fits = []
    for name, members in items.items():
        found = mean([printed[item] for item in members])
        fits.append(
            BakenFit(
                label=bakens.scales[name].label,
                number=numbers[name],
                n_items=len(members),
                mean=found,
                published=printed_values()[f"t6_baken{numbers[name]}"],
            )
        )
    return tuple(sorted(fits, key=lambda fit: (-fit.published, fit.number)))


@dataclass(frozen=True, kw_only=True)
class TotalReading:
    """A way to reach 'Totaal gemiddelde' of table 11, column by column."""

    label: str
    means: Mapping[str, Fraction]
    n_reproduced: int


def total_readings() -> tuple[TotalReading, ...]:
    """Try the ways in which 'Totaal gemiddelde' may have been counted.

    Returns
    -------
    tuple of TotalReading
        Means by printed heading and for 'Tot. gem.' (``"all"``), and how many
        of the seven figures in print come out.

    Examples
    --------
    >>> [(reading.label, reading.n_reproduced) for reading in total_readings()][0]
    ('twaalf stellingen van tabel 4 en 11', 7)
    """
    cells = Cells(printed_values())
    published = cells.row(TOTAL)
    phases = load_instrument("groepsdynamica").scales_of(group="fasen")
    in_phase = {item.id for phase in phases for item in phase.items}
    columns = {heading: cells.column(heading) for heading in published}
    phase_rows = [
        cells.row(phase.items[0].id if len(phase.items) == 1 else phase.id)
        for phase in phases
    ]
    ways = {
        "twaalf stellingen van tabel 4 en 11": {
            heading: list(column.values()) for heading, column in columns.items()
        },
        "acht stellingen van tabel 11": {
            heading: [value for item, value in column.items() if item in in_phase]
            for heading, column in columns.items()
        },
        "vijf fasen van tabel 11": {
            heading: [row[heading] for row in phase_rows] for heading in columns
        },
        "twaalf stellingen, subgroepen omgekeerd": {
            heading: [1 - v if item == SUBGROUPS else v for item, v in column.items()]
            for heading, column in columns.items()
        },
    }
    return tuple(
        TotalReading(
            label=label,
            means={heading: mean(parts) for heading, parts in way.items()},
            n_reproduced=sum(
                mean_of_printed(parts) == published[heading]
                for heading, parts in way.items()
            ),
        )
        for label, way in ways.items()
    )


def count_team_totals() -> tuple[int, int]:
    """Count the rows of tables 4 and 11 that are plain means of six columns.

    Returns
    -------
    (int, int)
        Rows whose 'Tot. gem.' is the mean of the six printed team means, each
        weighing the same, and all rows.

    Examples
    --------
    >>> count_team_totals()
    (12, 12)
    """
    cells = Cells(printed_values())
    rows = [cells.row(item) for item in cells.column(ALL)]
    same = [
        mean_of_printed([v for heading, v in row.items() if heading != ALL]) == row[ALL]
        for row in rows
    ]
    return sum(same), len(same)


def difference_fits(key: str, *, n_have: int, n_want: int) -> bool:
    """Say whether grades of so many people can give tables 8 and 9 together.

    Parameters
    ----------
    key : str
        Competence, such as ``"analyseren"``.
    n_have, n_want : int
        Numbers of grades now and desired.

    Returns
    -------
    bool

    Examples
    --------
    >>> difference_fits("analyseren", n_have=66, n_want=66)
    False
    >>> difference_fits("analyseren", n_have=65, n_want=65)
    True
    """
    printed = printed_values()
    options = [
        _means(printed[f"t8_{key}_{end}"], n)
        for end, n in (("cur", n_have), ("des", n_want))
    ]
    return any(
        round_half_up(want - have, 2) == printed[f"t9_{key}"]
        for have, want in product(*options)
    )


def impossible_differences() -> tuple[str, ...]:
    """List the competences whose tables 8 and 9 no 66 complete answers give.

    Examples
    --------
    >>> impossible_differences()
    ('analyseren', 'integraal', 'inzicht_resultaten')
    """
    keys = [
        row.id.removeprefix("t9_")
        for row in load_published()
        if row.source == "tabel 9" and row.statistic == "diff"
    ]
    return tuple(
        key
        for key in keys
        if not difference_fits(key, n_have=COMPLETE, n_want=COMPLETE)
    )


def _means(printed: Fraction, n: int) -> list[Fraction]:
    """Give the means of ``n`` whole grades that print as ``printed``."""
    near = int(printed * n)
    around = (Fraction(total, n) for total in range(near - n // 10, near + n // 10 + 1))
    return [value for value in around if round_half_up(value, 1) == printed]
