"""The rows of the check in Dutch: what a figure is, what was found."""

from fractions import Fraction

import pandas as pd

from swtlib.codebook import load_codebook
from swtlib.reproduction.facts import dutch
from swtlib.reproduction.published import Published, load_remarks
from swtlib.reproduction.recount import ALL

STATUS_LABELS = {
    "reproduced": "nagerekend en het klopt",
    "contradicted": "het rapport spreekt zichzelf tegen",
    "not_computable": "volgt niet uit antwoorden",
    "claim": "uitspraak zonder getal",
    "failed": "niet gelukt",
}
HOW_LABELS = {
    "exact": "klopt precies",
    "som van afgeronde aandelen": "klopt als som van afgeronde aandelen",
    "benadering": "klopt ongeveer",
    "grens": "klopt als grens",
}
STATUS_MEANING = {
    "reproduced": "De antwoorden geven dit cijfer, geteld als in het rapport.",
    "contradicted": (
        "Andere gedrukte cijfers sluiten dit cijfer uit; de antwoorden volgen die "
        "andere."
    ),
    "not_computable": (
        "Gaat over de vragenlijst, de teams, de open antwoorden of een zin die zo niet "
        "te tellen is."
    ),
    "claim": "Er staat geen getal bij.",
    "failed": "De antwoorden geven een ander cijfer.",
}
BOUNDS = {"<": "minder dan ", ">": "meer dan ", ">=": "minstens "}
ASPECTS = {"importance": "belang", "have": "nu", "want": "gewenst"}
NAMES = {
    "gd_cur_total": "Totaal gemiddelde",
    "gd_imp_total": "Totaal gemiddelde (belang)",
    "comp_all_have": "Alle competenties (nu)",
    "comp_all_want": "Alle competenties (gewenst)",
    "comp_all_diff": "Alle competenties (verschil)",
}


def describe_row(row: Published) -> str:
    """Say in Dutch what a published figure is.

    Parameters
    ----------
    row : Published
        Any row.

    Returns
    -------
    str
        Item, team, answer and statistic, as far as they apply.

    Examples
    --------
    >>> from swtlib.reproduction.published import load_published
    >>> rows = {row.id: row for row in load_published()}
    >>> describe_row(rows["t8_creativiteit_des"])
    'Creativiteit aanwenden (gewenst), gemiddelde'
    >>> describe_row(rows["t11_phase_parallel_elburg"])
    'Parallelfase, kolom Elburg, gemiddelde van de stellingen'
    """
    remarks = load_remarks()
    names = [name_item(item) for item in row.item.split(";") if item]
    parts = ["; ".join(names)] if names else []
    if row.team != ALL and row.team:
        column = row.construct in ("gd_current", "se_current")
        label = row.team_label.replace(" (all)", ", alle teams")
        parts.append(f"kolom {label}" if column else label)
    category = remarks["categories"].get(row.category, row.category)
    if category:
        parts.append(category)
    said = category and row.statistic in ("pct", "count", "claim", "bound")
    if not (said or (row.item.endswith("_diff") and row.statistic == "diff")):
        parts.append(remarks["statistics"][row.statistic])
    if row.id in remarks["ranks"]:
        parts.insert(1, remarks["statistics"][remarks["ranks"][row.id]])
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def name_item(item: str) -> str:
    """Give the Dutch name of an item, scale or total of the published file."""
    if item in NAMES:
        return NAMES[item]
    for instrument in load_codebook().instruments.values():
        if item in instrument.scales:
            return instrument.scales[item].label
        found = instrument.items.get(item.removesuffix("_diff") + "_have")
        if item.endswith("_diff") and found is not None:
            return f"{found.label} (verschil)"
        if item in instrument.items:
            known = instrument.items[item]
            aspect = ASPECTS.get(known.aspect)
            return f"{known.label} ({aspect})" if aspect else known.label
    return item


def published_text(row: Published) -> str:
    """Write a published figure as the report means it.

    Examples
    --------
    >>> from swtlib.reproduction.published import load_published
    >>> rows = {row.id: row for row in load_published()}
    >>> published_text(rows["f25_min60"]), published_text(rows["f26_ref_helft"])
    ('minstens 60%', 'bijna 50%')
    """
    if row.value is None:
        return "–"
    figure = _figure(row, row.value, row.digits)
    if row.approx == "approx":
        return ("bijna " if row.bound == "<" else "ongeveer ") + figure
    return BOUNDS.get(row.bound, "") + figure


def computed_text(row: Published, line: pd.Series) -> str:
    """Write what the answers gave; a dash where nothing was counted.

    Parameters
    ----------
    row : Published
        The row.
    line : Series
        The same row of `check_wave`.

    Returns
    -------
    str
    """
    if pd.isna(line["computed"]):
        return "–"
    digits = row.digits + (row.approx != "exact")
    return _figure(row, Fraction(str(line["computed"])), digits)


def verdict_text(line: pd.Series) -> str:
    """Write the verdict on a row."""
    return HOW_LABELS.get(line["how"], STATUS_LABELS[line["status"]])


def _figure(row: Published, value: Fraction, digits: int) -> str:
    text = dutch(value, digits).replace("-", "−")
    return f"{text}%" if row.statistic == "pct" else text
