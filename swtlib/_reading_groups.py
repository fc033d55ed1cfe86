"""Sentences on a group of respondents beside the others; for `swtlib.reading`."""

from collections.abc import Mapping

import pandas as pd

from swtlib._reading_words import joined, quoted
from swtlib._table_text import format_number, format_signed
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError
from swtlib.groups import OTHERS

DIGITS = 2  # of a difference, as in the table
LEVEL = 0.05  # at which an adjusted p-value counts


def read_groups(table: ProtectedTable, *, labels: Mapping[str, str]) -> str:
    """Say on which scales a group clearly differs from the others.

    Parameters
    ----------
    table : ProtectedTable
        From `group_results.GroupResults.compare_groups`.
    labels : mapping of str to str
        Dutch names, of both groups too.

    Returns
    -------
    str
        What differs (adjusted p below 0.05), what does not although it would
        without adjustment, and from which size on a difference is seen.

    Raises
    ------
    ParameterError
        If the table is not such a comparison.
    """
    frame = table.frame
    if "p_holm" not in frame.columns:
        raise ParameterError("read_groups reads a table of compare_groups.")
    rows = frame[(frame["group"] != OTHERS) & ~frame["suppressed"]]
    rows = rows[rows["p_holm"].notna()]
    if rows.empty:
        return (
            "Dit verschil is niet te laten zien: een van de groepen is te klein, of "
            "iemand zou te herkennen zijn."
        )
    first, others = (labels[name] for name in (rows["group"].iloc[0], OTHERS))
    told = []
    for word, sign in (("hoger", 1), ("lager", -1)):
        found = rows[(rows["p_holm"] < LEVEL) & (sign * rows["difference"] > 0)]
        if len(found):
            parts = [_named(row, labels) for _, row in found.iterrows()]
            told.append(
                f"Wie {first} antwoordde, scoort {word} dan {others} op "
                f"{joined(parts)}."
            )
    if not told:
        told.append(
            f"Wie {first} antwoordde, verschilt op geen enkel onderwerp duidelijk van "
            f"{others}. Dat is geen bewijs dat er geen verschil is."
        )
    doubtful = rows[(rows["p_holm"] >= LEVEL) & (rows["p_value"] < LEVEL)]
    if len(doubtful):
        names = joined([quoted(labels[name]) for name in doubtful["variable"]])
        told.append(
            f"Bij {names} ligt p onder 0,05, maar na correctie voor het aantal "
            "onderwerpen niet meer: noem dat een aanwijzing, geen uitkomst."
        )
    half = ((rows["difference_high"] - rows["difference_low"]) / 2).median()
    told.append(
        "Met deze aantallen is een gemeten verschil pas van toeval te onderscheiden "
        f"vanaf ongeveer {format_number(half, DIGITS)} op de schaal van 0 tot 1."
    )
    return " ".join(told)


def _named(row: "pd.Series[float]", labels: Mapping[str, str]) -> str:
    """Name a difference with its interval."""
    names = ("difference", "difference_low", "difference_high")
    middle, low, high = (format_signed(row[name], DIGITS) for name in names)
    name = quoted(labels[str(row["variable"])])
    return f"{name} (verschil {middle}, interval {low} tot {high})"
