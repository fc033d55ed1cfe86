"""Sentences on what several studies say together; for :mod:`swtlib.reading`."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from swtlib._table_text import format_number, format_share, level_text
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError

LEVEL = 0.05  # of the test whether the effects are equal
DIGITS = 2  # of what is told, as in the tables
FEW = 5  # studies: with fewer, how far they lie apart is hardly known

Row = Mapping[Any, Any]
_WHAT = {
    "hedges_g": "verschil",
    "mean_gap": "verschil",
    "spearman_z": "samenhang (rangcorrelatie)",
}


def read_studies(table: ProtectedTable, *, confidence: float = 0.95) -> str:
    """Say what studies with one question found together, and how sure that is.

    Parameters
    ----------
    table : ProtectedTable
        One row: ``kind, unit, k, left_out, n_total, estimate, ci_low, ci_high,
        tau, q, q_p, i2, prediction_low, prediction_high``, as from
        `meta_analysis.combine_questions`; a correlation as such, from -1 to 1.
    confidence : float, default 0.95
        Level of the intervals in the table.

    Returns
    -------
    str
        What was found, how sure, how far the studies lie apart, where the
        effect in a next place may lie, and what so few studies cannot say.

    Raises
    ------
    ParameterError
        If the table has not exactly one row.

    Notes
    -----
    A difference in standard deviations is put in words as the chance that
    somebody of the first group scores higher than somebody of the second,
    ``Phi(g / sqrt(2))``: right for scores of the shape of a bell.

    References
    ----------
    McGraw, K. O., & Wong, S. P. (1992). A common language effect size statistic.
    Psychological Bulletin, 111(2), 361-365.
    """
    frame = table.frame
    if len(frame) != 1:
        raise ParameterError(f"read_studies reads one question, not {len(frame)}.")
    row: Row = frame.iloc[0].to_dict()
    if row["suppressed"]:
        return (
            "Wat deze studies vonden, is niet te laten zien: er is een groep te klein."
        )
    if row["k"] == 0:
        return (
            "Van geen enkele studie is de standaardfout bekend. Dan is niet te zeggen "
            "hoe zwaar een uitkomst telt, en is er niets samen te nemen."
        )
    level = level_text(confidence)
    if row["k"] == 1:
        told = [_one_study(row, level)]
    else:
        told = [
            _found(row, level),
            _in_words(row),
            _how_sure(row),
            _apart(row),
            _next_place(row, level),
            _too_few(row),
        ]
    told.append(_left_out(row))
    return " ".join(sentence for sentence in told if sentence)


def _one_study(row: Row, level: str) -> str:
    return (
        f"Er is één studie (n = {row['n_total']:.0f}): "
        f"{_effect(row, level, verb='is ')}. "
        "Met één studie valt er niets te combineren, en is niet te zeggen of een "
        "andere plek hetzelfde laat zien."
    )


def _found(row: Row, level: str) -> str:
    return (
        f"{row['k']:.0f} studies met samen {row['n_total']:.0f} antwoorden: gemiddeld "
        f"is {_effect(row, level)}."
    )


def _effect(row: Row, level: str, *, verb: str = "") -> str:
    number, low, high = (
        format_number(row[name], DIGITS) for name in ("estimate", "ci_low", "ci_high")
    )
    unit = "" if row["kind"] == "spearman_z" else f" {row['unit']}"
    return f"de {_WHAT[row['kind']]}".replace("de verschil", "het verschil") + (
        f" {verb}{number}{unit} ({level}-interval {low} tot {high})"
    )


def _in_words(row: Row) -> str:
    """Put a difference in standard deviations in words, if there is one."""
    if row["kind"] != "hedges_g":
        return ""
    part = (1 + math.erf(row["estimate"] / 2)) / 2  # Phi(g / sqrt(2))
    of_hundred = format_number(100 * max(part, 1 - part), 0)
    if of_hundred == "50":
        return ""
    return (
        "Dat wil zeggen: leg steeds iemand uit de eerste groep naast iemand uit de "
        f"tweede, dan scoort de eerste in ongeveer {of_hundred} van de 100 gevallen "
        f"{'hoger' if part > 0.5 else 'lager'}."
    )


def _how_sure(row: Row) -> str:
    low, high = row["ci_low"], row["ci_high"]
    if low > 0 or high < 0:
        side = "boven" if low > 0 else "onder"
        return (
            f"Het interval ligt helemaal {side} 0: dat het gemiddelde over zulke "
            f"studies {side} 0 ligt, is aannemelijk."
        )
    return (
        "In het interval ligt ook 0: of er gemiddeld iets aan de hand is, en in welke "
        "richting, laten deze studies open. Dat is geen bewijs dat er niets is."
    )


def _apart(row: Row) -> str:
    """Say how far the studies lie apart, beyond chance."""
    few = row["k"] < FEW
    if not row["tau"] > 0:
        told = (
            "De studies liggen niet verder uit elkaar dan door toeval te verwachten is."
        )
        if few:
            return told + (
                f" Met {row['k']:.0f} studies zegt dat weinig: ook studies die echt "
                "verschillen, kunnen dan op elkaar lijken."
            )
        return told + " Dat bewijst niet dat het overal hetzelfde is."
    unit = " op de schaal van Fishers z" if row["kind"] == "spearman_z" else ""
    sure = (
        "Dat de studies echt verschillen, is aannemelijk"
        if row["q_p"] < LEVEL
        else "Toeval is als verklaring niet uit te sluiten"
    )
    return (
        "Per plek kan het anders zijn: de echte effecten liggen naar schatting "
        f"{format_number(row['tau'], DIGITS)}{unit} rond het gemiddelde (tau), en "
        f"{format_share(row['i2'])} van de verschillen tussen de uitkomsten gaat boven "
        f"toeval uit (I²). {sure} (Q = {format_number(row['q'], 1)}, "
        f"{told_p(row['q_p'])})."
    )


def _next_place(row: Row, level: str) -> str:
    low, high = row["prediction_low"], row["prediction_high"]
    if pd.isna(low):
        return (
            "Wat een volgende studie zal vinden, is uit twee studies niet te "
            "voorspellen."
        )
    told = (
        "Op een volgende, vergelijkbare plek ligt het echte effect naar verwachting "
        f"tussen {format_number(low, DIGITS)} en {format_number(high, DIGITS)} "
        f"({level}-voorspellingsinterval)"
    )
    if low <= 0 <= high:
        told += "; het kan daar dus ook ontbreken of de andere kant op gaan"
    return told + "."


def _too_few(row: Row) -> str:
    k = row["k"]
    if k == 2:
        return (
            "Met twee studies is het interval zo breed omdat nauwelijks te schatten "
            "is hoe ver studies uit elkaar liggen. Kijk vooral naar de studies zelf."
        )
    if k < FEW:
        return (
            f"Met {k:.0f} studies is nauwelijks te schatten hoe ver ze uit elkaar "
            "liggen; daarom zijn de intervallen breed."
        )
    return ""


def _left_out(row: Row) -> str:
    if not row["left_out"]:
        return ""
    n = row["left_out"]
    studies = "Eén studie telt" if n == 1 else f"{n:.0f} studies tellen"
    return f"{studies} niet mee, omdat de standaardfout niet bekend is."


def told_p(value: float) -> str:
    """Write a p-value in a sentence.

    Examples
    --------
    >>> told_p(0.0312), told_p(0.0002), told_p(0.0796)
    ('p = 0,03', 'p < 0,001', 'p = 0,08')
    """
    if value < 0.001:
        return "p < 0,001"
    return f"p = {format_number(value, 3 if value < 0.01 else 2)}"
