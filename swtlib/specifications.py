"""How much of a finding remains under every reasonable choice of method.

Where to cut a grade, which test, and how to correct for the number of tests are
choices. This module makes them all and counts what each leaves.
"""

from typing import Literal

import pandas as pd

from swtlib._ahead import remembered
from swtlib.comparison import PValue, Test, compare_split, count_related
from swtlib.splits import Split

Correction = Literal["none", "bh", "holm", "bh_all", "holm_all"]

SPLITS: tuple[Split, ...] = ("mean", "median", "cutpoint", "tertiles")
TESTS: tuple[Test, ...] = ("permutation", "welch", "brunner_munzel")
#: Correction to the column of `compare_split` that holds its p-values.
CORRECTIONS: dict[Correction, PValue] = {
    "none": "p_value",
    "bh": "q_value",
    "holm": "p_holm",
    "bh_all": "q_value_all",
    "holm_all": "p_holm_all",
}


@remembered
def count_specifications(
    grades: pd.DataFrame,
    statements: pd.DataFrame,
    *,
    cutpoint: float = 8.0,
    seed: int = 0,
    level: float = 0.05,
) -> pd.DataFrame:
    """Count the statements that go with a competence, for every choice of method.

    Parameters
    ----------
    grades, statements : DataFrame
        As in `comparison.compare_split`.
    cutpoint : float, default 8.0
        Lowest high grade where the split is "cutpoint".
    seed : int, default 0
        Of the permutations, where they are random.
    level : float, default 0.05
        A statement counts below this level, if high graders score higher.

    Returns
    -------
    DataFrame
        One row per competence and choice, 4 splits by 3 tests by 5 corrections:
        ``competence, split, test, correction, n, n_related, n_compared``.
        ``n`` is the number of people behind the comparison with the fewest of
        them. ``n_compared`` leaves out statements without a test, such as a
        complete separation under Brunner-Munzel.

    Raises
    ------
    ResponseError, ParameterError
        As in `comparison.compare_split`.

    Notes
    -----
    A finding that stands under most choices does not hang on one of them. The
    choices are not independent, and their number says nothing about chance:
    this is no test.

    References
    ----------
    Simonsohn, U., Simmons, J. P., & Nelson, L. D. (2020). Specification curve
    analysis. Nature Human Behaviour, 4, 1208-1214.

    Steegen, S., Tuerlinckx, F., Gelman, A., & Vanpaemel, W. (2016). Increasing
    transparency through a multiverse analysis. Perspectives on Psychological
    Science, 11(5), 702-712.

    Examples
    --------
    >>> grades = pd.DataFrame({"creativiteit": [5, 6, 6, 7, 8, 8, 9, 9, 9, 10]})
    >>> statements = pd.DataFrame({"overleg": [0, 1, 0, 3, 3, 4, 3, 4, 4, 4]})
    >>> counts = count_specifications(grades, statements)
    >>> len(counts), int(counts["n_related"].sum())
    (60, 50)
    """
    parts = []
    for split in SPLITS:
        for test in TESTS:
            table = compare_split(
                grades, statements, split=split, cutpoint=cutpoint, test=test, seed=seed
            )
            behind = table["n_low"] + table["n_high"]
            n = behind.groupby(table["competence"], sort=False).min()
            for correction, column in CORRECTIONS.items():
                counts = count_related(table, level=level, column=column)
                counts.insert(1, "split", split)
                counts.insert(2, "test", test)
                counts.insert(3, "correction", correction)
                counts.insert(4, "n", n.to_numpy())
                parts.append(counts)
    return pd.concat(parts, ignore_index=True)
