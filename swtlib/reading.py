"""Plain Dutch sentences that follow from a protected result table.

A person writes what a result means; these sentences only say what the table
shows, so that they stay true for every team and year. What is hidden in the
table is not in a sentence either.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from swtlib._reading_competences import read_related, read_specifications
from swtlib._reading_groups import read_groups
from swtlib._reading_order import read_gaps
from swtlib._reading_sample import read_sample_size
from swtlib._reading_studies import read_studies
from swtlib._reading_trend import read_changes
from swtlib._reading_words import LEAST_DIFFERENCE, answers_text, clearly_apart
from swtlib._reading_words import joined as _and
from swtlib._reading_words import quoted as _quoted
from swtlib._reading_words import span as _span
from swtlib._table_text import format_share, format_signed
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError
from swtlib.tables import format_number

__all__ = [
    "read_agreement",
    "read_changes",
    "read_extremes",
    "read_gaps",
    "read_groups",
    "read_related",
    "read_response",
    "read_sample_size",
    "read_specifications",
    "read_studies",
    "read_team",
]

MOST_NAMED = 3  # variables that a sentence names one by one
CENSUS_LINE = (
    "Van {group} deed iedereen mee aan wie het gevraagd is. Het cijfer is dan een "
    "telling: er is geen steekproeffout, en dus geen interval."
)


def read_response(table: ProtectedTable) -> str:
    """Say how large the response was, where the number of members is known.

    Parameters
    ----------
    table : ProtectedTable
        From `ReportResults.response_table`.

    Returns
    -------
    str
    """
    rows = table.frame.dropna(subset=["members"])
    if not len(rows):
        return "Van geen enkele groep is bekend hoeveel mensen mee konden doen."
    n, members = rows["n"].sum(), rows["members"].sum()
    return (
        "Waar bekend is hoeveel mensen mee konden doen, deden "
        f"{n:.0f} van de {members:.0f} mee ({format_share(n / members)})."
    )


def read_extremes(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    group: str,
    digits: int = 2,
) -> str:
    """Say which variables score highest and lowest in a group.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean".
    labels : mapping of str to str
        Dutch names.
    group : str
        Group to read.
    digits : int, default 2
        Decimals, as in the table; what is equal there is tied.

    Returns
    -------
    str
        Two sentences; empty when fewer than two variables are shown.
    """
    rows = _shown(table, group).sort_values("mean", ascending=False, kind="stable")
    if len(rows) < 2:
        return ""
    printed = rows["mean"].round(digits)
    high, low = printed.iloc[0], printed.iloc[-1]
    if high == low:
        return f"Alles scoort even hoog: {format_number(high, digits)}."
    return (
        f"Het hoogst {_listed(rows[printed == high], labels, digits)}. "
        f"Het laagst {_listed(rows[printed == low], labels, digits)}."
    )


def read_team(
    table: ProtectedTable,
    *,
    labels: Mapping[str, str],
    digits: int = 2,
    least: float = LEAST_DIFFERENCE,
    confidence: float = 0.95,
) -> str:
    """Say where a team clearly differs from the other teams.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean" with a team and ``"andere"``, and with the columns of
        `team_difference.join_difference`; other layouts give "".
    labels : mapping of str to str
        Dutch names.
    digits : int, default 2
        Decimals, as in the table.
    least : float, default 0.1
        Smallest difference that is named.
    confidence : float, default 0.95
        Level of the intervals, for what chance alone would give.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the table does not have the difference.

    Notes
    -----
    "Clearly" means that the interval of the difference, as printed, lies on one
    side of 0 and that the difference is at least ``least``, which keeps a step
    of one answer from being news. What can be seen with so many answers is the median
    of half the width of the intervals. Without a difference such an interval
    lies beside 0 in ``1 - confidence`` of the comparisons.
    """
    if table.layout != "team":
        return ""
    frame = table.frame
    if "difference" not in frame.columns:
        raise ParameterError(
            "read_team reads a table with the difference: use scale_means or "
            "item_means on the page of one team."
        )
    team = next(group for group in frame["group"] if group != "andere")
    shown = _shown(table, team)
    if not len(shown):
        return (
            f"Van {labels[team]} is hier niets te laten zien zonder dat iemand te "
            "herkennen is."
        )
    rows = shown[shown["difference_interval"] != "geen"].set_index("variable")
    others = labels["andere"]  # "andere teams", or "andere wijken"
    if not len(rows):
        return f"Hoe {labels[team]} van de {others} verschilt, is niet te berekenen."
    sampled = rows[rows["difference_interval"] == "t"]
    higher, lower = clearly_apart(rows, digits, least)
    parts = [
        f"{word} op {_largest(found, labels, digits)}"
        for word, found in (("hoger", higher), ("lager", lower))
        if len(found)
    ]
    enough = f"{format_number(least, 2)} of meer"
    side = "het hele interval aan één kant van 0" if len(sampled) else ""
    if parts:
        why = f"ligt {side}, en is" if side else "is"
        told = [
            f"{labels[team]} scoort, naast de {others}, duidelijk {_and(parts)}. "
            f"Daar {why} het verschil {enough}.",
            _by_chance(len(sampled), confidence),
        ]
    else:
        told = [
            f"{labels[team]} verschilt hier niet duidelijk van de {others}: bij "
            f"{_comparisons(len(rows))} is er geen verschil van {enough}"
            f"{f' met {side}' if side else ''}. Dat betekent niet dat de "
            f"{others.removeprefix('andere ')} gelijk zijn.",
        ]
    told.append(_visible_from(sampled, labels[team], digits))
    if (shown["interval"] == "telling").any():
        told.append(CENSUS_LINE.format(group=labels[team]))
        if len(sampled):
            told.append(f"Het interval van het verschil komt van de {others}.")
    return " ".join(sentence for sentence in told if sentence)


def _largest(rows: pd.DataFrame, labels: Mapping[str, str], digits: int) -> str:
    """Name the largest differences, and count the others."""
    order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
    names = [
        f"{_quoted(labels[name])} (verschil {_difference(rows.loc[name], digits)})"
        for name in order[:MOST_NAMED]
    ]
    if len(order) > MOST_NAMED:
        return ", ".join(names) + f" en op nog {len(order) - MOST_NAMED} andere"
    return _and(names)


def _difference(row: pd.Series, digits: int) -> str:
    names = ("difference", "difference_low", "difference_high")
    middle, low, high = (format_signed(row[name], digits) for name in names)
    return f"{middle}, interval {low} tot {high}" if low and high else middle


def _by_chance(n_compared: int, confidence: float) -> str:
    """Say how many comparisons stand out where there is no difference at all."""
    if not n_compared:
        return ""
    expected = n_compared * (1 - confidence)
    here = ""
    if expected >= 0.5:
        here = f": hier al gauw {'één' if expected < 1.5 else f'{expected:.0f}'}"
    return (
        f"Het gaat om {_comparisons(n_compared)}. Ook als er geen enkel verschil was, "
        f"zou er door toeval ongeveer 1 op de {1 / (1 - confidence):.0f} "
        f"uitspringen{here}."
    )


def _visible_from(rows: pd.DataFrame, team: str, digits: int) -> str:
    """Say from which size on a difference stands out with so many answers."""
    if not len(rows):
        return ""
    half = ((rows["difference_high"] - rows["difference_low"]) / 2).median()
    low, high = rows["n"].min(), rows["n"].max()
    n = f"{low:.0f}" if low == high else f"{low:.0f} tot {high:.0f}"
    return (
        f"Met {n} antwoorden in {team} is een gemeten verschil hier pas van toeval te "
        f"onderscheiden als het ongeveer {format_number(half, digits)} of groter is. "
        "Kleinere verschillen kunnen er wel zijn, maar zijn zo niet te zien."
    )


def _comparisons(number: int) -> str:
    return f"{number} vergelijking{'en' if number != 1 else ''}"


def read_agreement(
    table: ProtectedTable, *, labels: Mapping[str, str], variables: Sequence[str] = ()
) -> str:
    """Say how many (partly) agree with each statement.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "distribution", from `estimates.agreement_with_ci`.
    labels : mapping of str to str
        Dutch names.
    variables : sequence of str, optional
        Statements to read; all of them by default.

    Returns
    -------
    str
        One sentence per statement, with n and interval.
    """
    frame = table.frame
    if "category" not in frame:
        raise ParameterError("read_agreement reads a table of agreement_with_ci.")
    agree = frame[(frame["category"] == "eens") & ~frame["suppressed"]]
    wanted = list(variables) or list(agree["variable"])
    sentences = []
    for name in wanted:
        for _, row in agree[agree["variable"] == name].iterrows():
            span = ""
            if pd.notna(row["ci_low"]):
                low, high = (100 * row[name] for name in ("ci_low", "ci_high"))
                span = f" ({format_number(low, 0)} tot {format_number(high, 0)}%)"
            sentences.append(
                f"{labels[name]}: {format_share(row['share'])}{span} is het (deels) "
                f"eens, n = {row['n']:.0f}."
            )
    return " ".join(sentences)


def _shown(table: ProtectedTable, group: str) -> pd.DataFrame:
    frame = table.frame
    return frame[(frame["group"] == group) & ~frame["suppressed"]]


def _listed(rows: pd.DataFrame, labels: Mapping[str, str], digits: int) -> str:
    """Name the tied variables with their mean; many of them are only counted."""
    value = format_number(rows["mean"].iloc[0], digits)
    if len(rows) == 1:
        row = rows.iloc[0]
        label = _quoted(labels[row["variable"]])
        return f"scoort {label} ({_span(row, 'mean', digits)})"
    if len(rows) > MOST_NAMED:
        whom = f"{len(rows)} stellingen"
    else:
        whom = _and([_quoted(labels[name]) for name in rows["variable"]])
    return f"scoren {whom}, met elk {value} ({answers_text(rows['n'])})"
