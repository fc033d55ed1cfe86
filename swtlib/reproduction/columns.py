"""Which team a column of tables 4 and 11 can belong to, from its cells alone.

A mean of n whole answers can take only few values, so twelve printed means in
a column tell how many people stand behind it, whatever is printed above it.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from types import MappingProxyType

from swtlib.errors import StatisticError
from swtlib.reproduction.counting import fits_mean
from swtlib.reproduction.published import load_published, printed_values

LARGEST = 20  # from about 25 answers every two-decimal mean is possible


@cache
def column_cells() -> Mapping[str, tuple[Fraction, ...]]:
    """Give the twelve printed item means of each column, by printed heading.

    Returns
    -------
    Mapping of str to tuple of Fraction
        Eight cells of table 11 and four of table 4.
    """
    cells: dict[str, list[Fraction]] = {}
    for row in load_published():
        if (
            row.source in ("tabel 4", "tabel 11")
            and row.statistic == "mean"
            and row.team != "all"
            and row.value is not None
        ):
            cells.setdefault(row.team, []).append(row.value)
    return MappingProxyType({heading: tuple(found) for heading, found in cells.items()})


def count_fitting(heading: str, n: int) -> int:
    """Count the cells of a column that ``n`` answers can give.

    Parameters
    ----------
    heading : str
        Team id as printed above the column.
    n : int
        Number of answers.

    Returns
    -------
    int
        0 to 12.

    Examples
    --------
    >>> count_fitting("zwolle_centrum", 8), count_fitting("zwolle_centrum", 11)
    (3, 12)
    """
    return sum(fits_mean(cell, n=n) for cell in column_cells()[heading])


def least_n(heading: str) -> int:
    """Give the least number of answers that every cell by itself allows.

    Examples
    --------
    >>> least_n("zwolle_centrum")  # 0.73 and 0.98
    10
    """
    return max(
        next(n for n in range(1, LARGEST + 1) if fits_mean(cell, n=n))
        for cell in column_cells()[heading]
    )


@cache
def possible_n() -> Mapping[str, tuple[int, ...]]:
    """Give the numbers of answers, up to 20, that fit a whole column.

    Examples
    --------
    >>> possible_n()["zwolle_west"]
    (9, 16, 18, 19)
    """
    found = {
        heading: tuple(
            n for n in range(1, LARGEST + 1) if count_fitting(heading, n) == len(cells)
        )
        for heading, cells in column_cells().items()
    }
    return MappingProxyType(found)


@cache
def column_n() -> Mapping[str, int]:
    """Give the one number of answers per column that adds up to the printed N.

    Returns
    -------
    Mapping of str to int
        By printed heading.

    Raises
    ------
    StatisticError
        If no numbers fit, or more than one set does.

    Examples
    --------
    >>> dict(column_n())["zwolle_zuid"], sum(column_n().values())
    (17, 58)
    """
    total = printed_values()["t4_N"]
    options = possible_n()
    fitting = [found for found in product(*options.values()) if sum(found) == total]
    if len(fitting) != 1:
        raise StatisticError(
            f"published_2015.csv: {len(fitting)} sets of numbers of answers fit the "
            f"columns of tables 4 and 11 and add up to {total}; one was expected."
        )
    return MappingProxyType(dict(zip(options, fitting[0], strict=True)))
