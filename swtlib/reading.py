"""Plain Dutch sentences that follow from a protected result table.

A person writes what a result means; these sentences only say what the table
shows, so that they stay true for every team and year. What is hidden in the
table is not in a sentence either.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError
from swtlib.tables import format_number

LEAST_DIFFERENCE = 0.1  # of a score from 0 to 1: less is not worth a sentence
MOST_NAMED = 3  # variables that a sentence names one by one
CENSUS_LINE = (
    "Van dit team deed iedereen mee aan wie het gevraagd is. Het cijfer is dan een "
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
        f"In de groepen waarvan het aantal leden bekend is, deden {n:.0f} van de "
        f"{members:.0f} mensen mee ({100 * n / members:.0f}%)."
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
) -> str:
    """Say where a team clearly differs from the other teams.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean" with a team and ``"andere"``; other layouts give "".
    labels : mapping of str to str
        Dutch names.
    digits : int, default 2
        Decimals, as in the table.

    Returns
    -------
    str

    Notes
    -----
    "Clearly" means that the two intervals do not overlap and that the difference
    is at least ``least``. For a sample that is a strict rule, and a real
    difference can be missed; a census has no interval (its mean counts as both
    ends), and ``least`` keeps a step of one answer from being news.
    """
    if table.layout != "team":
        return ""
    frame = table.frame
    team = next(group for group in frame["group"] if group != "andere")
    own, others = _ends(_shown(table, team)), _ends(_shown(table, "andere"))
    both = own.add_suffix("_own").join(others.add_suffix("_other"), how="inner")
    if not len(both):
        return (
            f"Van {labels[team]} is hier niets te laten zien zonder dat iemand te "
            "herkennen is."
        )
    both["difference"] = both["mean_own"] - both["mean_other"]
    far = both["difference"].abs().round(9) >= least
    apart = {
        "hoger": both[far & (both["ci_low_own"] > both["ci_high_other"])],
        "lager": both[far & (both["ci_high_own"] < both["ci_low_other"])],
    }
    parts = [
        f"{word} op {_largest(rows, labels, digits)}"
        for word, rows in apart.items()
        if len(rows)
    ]
    if parts:
        told = (
            f"{labels[team]} scoort duidelijk {_and(parts)}. Daar overlappen de "
            f"intervallen niet, en is het verschil {format_number(least, 2)} of meer."
        )
    else:
        others_label = labels["andere"]  # "andere teams", or "andere wijken"
        told = (
            f"Bij geen van de {len(both)} vergelijkingen ligt het interval van "
            f"{labels[team]} helemaal buiten dat van de {others_label}. Dat betekent "
            f"niet dat de {others_label.removeprefix('andere ')} gelijk zijn: met zo "
            "weinig antwoorden vallen alleen grote verschillen op."
        )
    census = (frame["group"] == team) & (frame["interval"] == "telling")
    return f"{told} {CENSUS_LINE}" if census.any() else told


def _largest(rows: pd.DataFrame, labels: Mapping[str, str], digits: int) -> str:
    """Name the largest differences, and count the others."""
    order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
    names = [
        f"{_quoted(labels[name])} ({format_number(rows.loc[name, 'mean_own'], digits)} "
        f"tegen {format_number(rows.loc[name, 'mean_other'], digits)})"
        for name in order[:MOST_NAMED]
    ]
    if len(order) > MOST_NAMED:
        return ", ".join(names) + f" en op nog {len(order) - MOST_NAMED} andere"
    return _and(names)


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
                span = f" ({100 * row['ci_low']:.0f} tot {100 * row['ci_high']:.0f}%)"
            sentences.append(
                f"{labels[name]}: {100 * row['share']:.0f}%{span} is het (deels) eens, "
                f"n = {row['n']:.0f}."
            )
    return " ".join(sentences)


def read_gaps(table: ProtectedTable, *, labels: Mapping[str, str]) -> str:
    """Say on which competences people most and least want to develop.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "mean", from `estimates.paired_gap`.
    labels : mapping of str to str
        Dutch names.

    Returns
    -------
    str
    """
    frame = table.frame
    groups = [g for g in frame["group"].unique() if g != "andere"]
    rows = frame[(frame["group"] == groups[0]) & ~frame["suppressed"]]
    if len(rows) < 2:
        return "De ontwikkelwens is hier niet te laten zien zonder iemand te herkennen."
    ranked = rows.sort_values("gap", ascending=False, kind="stable")
    most, least = ranked.iloc[0], ranked.iloc[-1]
    return (
        f"De grootste ontwikkelwens is {_quoted(labels[most['variable']])} "
        f"({_span(most, 'gap', 2)}), de kleinste "
        f"{_quoted(labels[least['variable']])} ({_span(least, 'gap', 2)})."
    )


def read_related(table: ProtectedTable, *, labels: Mapping[str, str]) -> str:
    """Say how many statements go with each competence, before and after BH.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "count", from `ReportResults.related_counts`.
    labels : mapping of str to str
        Dutch names.

    Returns
    -------
    str
    """
    rows = table.frame
    rows = rows[~rows["suppressed"]]
    if not len(rows):
        return ""
    first = rows.iloc[0]
    total, compared = int(rows["n_related"].sum()), int(rows["n_compared"].sum())
    return (
        f"Van de {compared} vergelijkingen vallen er {total} op (p < 0,05, hogere "
        f"score bij een hoger cijfer). Als er geen enkel verband was, zouden er door "
        f"toeval ongeveer {compared * 0.025:.0f} opvallen. Na correctie voor het "
        "aantal stellingen per competentie (Benjamini-Hochberg) blijven er "
        f"{int(rows['n_after_bh'].sum())} over, met de strengere van Holm "
        f"{int(rows['n_after_holm'].sum())}. Bovenaan staat "
        f"{_quoted(labels[first['competence']])}: {int(first['n_related'])} van de "
        f"{int(first['n_compared'])} stellingen, {int(first['n_after_bh'])} na "
        f"Benjamini-Hochberg en {int(first['n_after_holm'])} na Holm."
    )


def _shown(table: ProtectedTable, group: str) -> pd.DataFrame:
    frame = table.frame
    return frame[(frame["group"] == group) & ~frame["suppressed"]]


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    """Means with both ends of the interval; a census is its own interval."""
    ends = rows.set_index("variable")[["mean", "ci_low", "ci_high", "interval"]]
    census = ends["interval"] == "telling"
    for side in ("ci_low", "ci_high"):
        ends[side] = ends[side].where(~census, ends["mean"])
    return ends.drop(columns="interval").dropna()


def _listed(rows: pd.DataFrame, labels: Mapping[str, str], digits: int) -> str:
    """Name the tied variables with their mean; many of them are only counted."""
    value = format_number(rows["mean"].iloc[0], digits)
    if len(rows) == 1:
        row = rows.iloc[0]
        label = _quoted(labels[row["variable"]])
        return f"scoort {label} ({_span(row, 'mean', digits)})"
    if len(rows) > MOST_NAMED:
        return f"scoren {len(rows)} stellingen, met elk {value}"
    names = [_quoted(labels[name]) for name in rows["variable"]]
    return f"scoren {_and(names)}, met elk {value}"


def _span(row: pd.Series, column: str, digits: int) -> str:
    told = format_number(row[column], digits)
    if pd.isna(row["ci_low"]):
        return f"{told}, n = {row['n']:.0f}"
    low, high = (format_number(row[c], digits) for c in ("ci_low", "ci_high"))
    return f"{told}, interval {low} tot {high}, n = {row['n']:.0f}"


def _quoted(label: str) -> str:
    return f"‘{label}’"


def _and(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " en " + parts[-1]
