"""The way the 2015 report counts (`rapport_2015`); nothing else counts so.

Answers 0-4 are shown as 0-1. Every mean is rounded to two decimals, a half
away from zero, and means of means are taken of the rounded ones: a phase of
its two printed items, 'Tot. gem.' of the six printed team means whatever their
size, 'Totaal gemiddelde' of twelve printed items. Table 6 alone is averaged
from answers. '(deels) eens' is here and there the sum of two rounded shares.

All arithmetic is in fractions: 0.405 is a tie, and no float may decide it.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

import pandas as pd

from swtlib.errors import StatisticError

HIGHEST = 4  # statements are answered 0 to 4 and shown as 0 to 1
LEVEL = 0.05  # the report gives no level for the competences; see targets_2015.toml
SD_DIGITS = 40  # digits of a square root: far beyond where rounding could turn


def round_half_up(value: Fraction, digits: int) -> Fraction:
    """Round as SPSS and Excel do: a half goes away from zero.

    Parameters
    ----------
    value : Fraction
        Exact value.
    digits : int
        Decimals to keep.

    Returns
    -------
    Fraction

    Examples
    --------
    >>> float(round_half_up(Fraction("0.405"), 2))  # round(0.405, 2) is 0.41 or 0.4
    0.41
    >>> float(round_half_up(Fraction("-0.405"), 2))
    -0.41
    """
    unit = 10**digits
    rounded = Fraction((2 * abs(value) * unit + 1) // 2, unit)
    return rounded if value >= 0 else -rounded


def exact(answers: pd.Series) -> list[Fraction]:
    """Give the answers that are there as exact numbers.

    Examples
    --------
    >>> exact(pd.Series([3.0, None, 0.5]))
    [Fraction(3, 1), Fraction(1, 2)]
    """
    return [Fraction(value) for value in answers.dropna().tolist()]


def mean(values: Sequence[Fraction]) -> Fraction:
    """Give the exact mean.

    Raises
    ------
    StatisticError
        If there is nothing to average.

    Examples
    --------
    >>> mean([Fraction(1), Fraction(2)])
    Fraction(3, 2)
    """
    if not values:
        raise StatisticError("There is no mean of no answers.")
    return Fraction(sum(values), len(values))


def mean_of_printed(cells: Sequence[Fraction], *, digits: int = 2) -> Fraction:
    """Average printed means, each weighing the same, and print the result.

    Used for phases (two items), 'Tot. gem.' (six teams) and 'Totaal
    gemiddelde' (twelve items).

    Examples
    --------
    >>> cells = [Fraction(c) for c in ("0.63", "0.46", "0.38", "0.36", "0.43", "0.17")]
    >>> float(mean_of_printed(cells))  # subgroepen: 2.43 / 6 = 0.405
    0.41
    """
    return round_half_up(mean(cells), digits)


def pooled_mean(items: Iterable[Sequence[Fraction]]) -> Fraction:
    """Average all answers to some items together, on 0-1 and unrounded.

    Table 6 is counted so: from sums of answers, not from printed means.

    Examples
    --------
    >>> pooled_mean([[Fraction(4)], [Fraction(1), Fraction(2)]])  # 7 / 12
    Fraction(7, 12)
    """
    return mean([value for item in items for value in item]) / HIGHEST


def percentage(values: Sequence[Fraction], counted: Collection[int]) -> Fraction:
    """Give the percentage of the answers that are counted, unrounded.

    Examples
    --------
    >>> percentage([Fraction(4), Fraction(3), Fraction(0)], [3, 4])
    Fraction(200, 3)
    """
    return 100 * mean([Fraction(value in counted) for value in values])


def sum_of_rounded(values: Sequence[Fraction], counted: Collection[int]) -> Fraction:
    """Round the percentage of each answer, then add them up.

    Examples
    --------
    >>> values = [Fraction(v) for v in [4] * 19 + [3] * 34 + [2] * 13]
    >>> int(sum_of_rounded(values, [3, 4]))  # 52 + 29, where 53 of 66 is 80%
    81
    """
    shares = (percentage(values, [answer]) for answer in counted)
    return sum((round_half_up(share, 0) for share in shares), Fraction(0))


def standard_deviation(values: Sequence[Fraction]) -> Fraction:
    """Give the standard deviation of a sample (n - 1), to forty digits.

    Raises
    ------
    StatisticError
        If there are fewer than two answers.

    Examples
    --------
    >>> standard_deviation([Fraction(1), Fraction(2), Fraction(3)])
    Fraction(1, 1)
    """
    if len(values) < 2:
        raise StatisticError("A standard deviation needs two answers.")
    centre = mean(values)
    variance = sum((v - centre) ** 2 for v in values) / Fraction(len(values) - 1)
    with localcontext(prec=SD_DIGITS):
        ratio = Decimal(variance.numerator) / Decimal(variance.denominator)
        return Fraction(ratio.sqrt())


def places(value: Fraction, others: Sequence[Fraction], *, high: bool) -> range:
    """Give the places a value takes among others, ties included.

    Parameters
    ----------
    value : Fraction
        One of `others`.
    others : sequence of Fraction
        All values that are ranked.
    high : bool
        Whether the highest value is first.

    Returns
    -------
    range
        One place, or several when values are equal.

    Examples
    --------
    >>> grades = [Fraction(83), Fraction(78), Fraction(78), Fraction(69)]
    >>> list(places(Fraction(78), grades, high=True))
    [2, 3]
    """
    before = sum(other > value if high else other < value for other in others)
    return range(before + 1, before + others.count(value) + 1)


def fits_mean(printed: Fraction, *, n: int) -> bool:
    """Say whether whole answers of ``n`` people can give a printed mean.

    Parameters
    ----------
    printed : Fraction
        The mean as printed, with two decimals.
    n : int
        Number of answers.

    Returns
    -------
    bool

    References
    ----------
    Brown, N. J. L., & Heathers, J. A. J. (2017). The GRIM test. Social
    Psychological and Personality Science, 8(4), 363-369.

    Examples
    --------
    >>> fits_mean(Fraction("0.73"), n=8)  # 23 / 32 = 0.719, 24 / 32 = 0.75
    False
    >>> fits_mean(Fraction("0.73"), n=11)  # 32 / 44 = 0.727
    True
    """
    steps = n * HIGHEST
    near = math.floor(printed * steps)
    return any(
        round_half_up(Fraction(total, steps), 2) == printed
        for total in (near, near + 1)
        if 0 <= total <= steps
    )


def related_pattern(grades: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """Mark the statements on which high graders score higher.

    Parameters
    ----------
    grades : DataFrame, shape (n_respondents, n_competences)
        Grades people give themselves.
    statements : DataFrame, shape (n_respondents, n_statements)
        Answers of the same respondents.

    Returns
    -------
    DataFrame of bool, shape (n_competences, n_statements)

    Notes
    -----
    The report names no test, cut-off or level. Read here: split at the mean of
    the grades, Welch's test, the high group higher and p below .05.
    """
    from swtlib.comparison import compare_split

    table = compare_split(grades, statements, test="welch")
    higher = table["mean_high"] > table["mean_low"]
    related = (higher & (table["p_value"] < LEVEL)).to_numpy()
    return pd.DataFrame(
        related.reshape(grades.shape[1], statements.shape[1]),
        index=grades.columns,
        columns=statements.columns,
    )
