"""Dutch sentences on competences beside bakens."""

from collections.abc import Mapping

import pandas as pd

from swtlib.disclosure import ProtectedTable

# Corrections by what they reach over, as `specifications` names them.
REACH = {
    "zonder correctie": ("none",),
    "met een correctie per competentie": ("bh", "holm"),
    "met een correctie over alle vergelijkingen": ("bh_all", "holm_all"),
}


def read_related(table: ProtectedTable, *, labels: Mapping[str, str]) -> str:
    """Say how many statements go with the competences, before and after correction.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "count", from `CompetenceResults.related_counts`.
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
    by_chance = compared * 0.025  # half of 5%: upwards only
    return (
        f"Van de {compared} vergelijkingen vallen er {total} op (p < 0,05, hogere "
        "score bij een hoger cijfer). Als er geen enkel verband was, zouden er door "
        f"toeval gemiddeld ongeveer {by_chance:.0f} opvallen. Dat kunnen er ook een "
        "stuk meer of minder zijn, omdat de vergelijkingen met elkaar samenhangen. "
        "Welke van de opvallende verschillen toeval zijn, is er niet aan te zien; "
        "daarvoor zijn correcties. Per competentie gecorrigeerd "
        f"blijven er {_sum(rows, 'n_after_bh')} over (Benjamini-Hochberg), of "
        f"{_sum(rows, 'n_after_holm')} met de strengere van Holm. Gecorrigeerd voor "
        f"alle {compared} vergelijkingen tegelijk: "
        f"{_either(_sum(rows, 'n_after_bh_all'), _sum(rows, 'n_after_holm_all'))}. "
        f"Bovenaan staat ‘{labels[first['competence']]}’: zonder correctie "
        f"{int(first['n_related'])} van de {int(first['n_compared'])} stellingen, per "
        "competentie gecorrigeerd "
        f"{_either(int(first['n_after_bh']), int(first['n_after_holm']))}, over alles "
        f"{_either(int(first['n_after_bh_all']), int(first['n_after_holm_all']))}."
    )


def read_specifications(table: ProtectedTable, *, labels: Mapping[str, str]) -> str:
    """Say how far the counts hang on the choice of method.

    Parameters
    ----------
    table : ProtectedTable
        Of kind "count", from `CompetenceResults.specification_counts`.
    labels : mapping of str to str
        Dutch names.

    Returns
    -------
    str
        Of the competence with the most statements, and of how many competences
        a statement remains under every choice.
    """
    rows = table.frame
    rows = rows[~rows["suppressed"] & (rows["n_compared"] > 0)]
    if not len(rows):
        return ""
    total = rows.groupby("competence", sort=False)["n_related"].sum()
    top = str(total.idxmax())
    choices = len(rows[["split", "test", "correction"]].drop_duplicates())
    spans = [
        f"{told} {_range(rows[(rows['competence'] == top) & _reach(rows, kinds)])}"
        for told, kinds in REACH.items()
    ]
    kept = {told: _always(rows[_reach(rows, kinds)]) for told, kinds in REACH.items()}
    n_competences = rows["competence"].nunique()
    lasting = "; ".join(
        f"{told} bij {len(names)} van de {n_competences} competenties"
        for told, names in kept.items()
    )
    names = kept["met een correctie per competentie"]
    which = ", ".join(f"‘{labels[name]}’" for name in names)
    return (
        f"De uitkomst is op {choices} manieren berekend: elke grens, toets en "
        f"correctie met elke andere. Bij ‘{labels[top]}’ vallen er "
        f"{', '.join(spans)} stellingen op. Minstens één stelling valt bij elke grens "
        f"en elke toets op: {lasting}."
        + (f" Per competentie gecorrigeerd zijn dat {which}." if names else "")
    )


def _either(bh: int, holm: int) -> str:
    if bh == holm:
        return f"{bh} met beide correcties"
    return f"{bh} (Benjamini-Hochberg) of {holm} (Holm)"


def _sum(rows: pd.DataFrame, column: str) -> int:
    return int(rows[column].sum())


def _reach(rows: pd.DataFrame, corrections: tuple[str, ...]) -> "pd.Series[bool]":
    return rows["correction"].isin(corrections)


def _range(rows: pd.DataFrame) -> str:
    if not len(rows):
        return "geen"
    low, high = int(rows["n_related"].min()), int(rows["n_related"].max())
    return f"{low}" if low == high else f"{low} tot {high}"


def _always(rows: pd.DataFrame) -> list[str]:
    """List the competences that keep a statement under every choice."""
    least = rows.groupby("competence", sort=False)["n_related"].min()
    return [str(name) for name in least[least > 0].index]
