"""Files with the effects of a study, cell by cell; for :mod:`swtlib.effects`."""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from swtlib._safe_cells import plain_cell
from swtlib._wave_facts import ORIGINS
from swtlib.disclosure import MIN_CELL_N
from swtlib.errors import IngestError, did_you_mean
from swtlib.readers._tables import decode, read_rows
from swtlib.readers.plain import EXCEL, read_sheet

# What the columns are called here, and in the file.
COLUMNS: Mapping[str, str] = {
    "study": "studie",
    "year": "jaar",
    "outcome": "uitkomst",
    "comparison": "vergelijking",
    "description": "omschrijving",
    "kind": "soort",
    "unit": "eenheid",
    "estimate": "effect",
    "se": "standaardfout",
    "n_first": "n1",
    "n_second": "n2",
    "origin": "herkomst",
    "source": "bron",
}
EffectKind = Literal["hedges_g", "mean_gap", "spearman_z"]
KINDS: tuple[EffectKind, ...] = get_args(EffectKind)
PAIRED = "hedges_g"  # the one kind of two groups
MAY_BE_EMPTY = ("se", "n_second", "source")
IDS = ("study", "outcome", "comparison")
ID = re.compile(r"[A-Za-z0-9_-]+")
YEARS = range(2000, 2100)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
_DATE = re.compile(r"\d{1,4}[-/ ]\w{1,9}([-/ ]\d{2,4}.*)?")  # what Excel makes of 1.5
# A standard error this many times what n gives was not made of that n.
FAR = 2.0


def g_variance(g: float, n_first: float, n_second: float) -> float:
    """Give the sampling variance of Hedges' g.

    Parameters
    ----------
    g : float
        The effect.
    n_first, n_second : float
        Answers in both groups.

    Returns
    -------
    float
        ``1 / n_first + 1 / n_second + g^2 / (2 * (n_first + n_second))``.

    Notes
    -----
    The answers count as a sample of a large population: a meta-analysis asks
    what would be found elsewhere, so there is no finite population correction.

    References
    ----------
    Hedges, L. V. (1982). Estimation of effect size from a series of independent
    experiments. Psychological Bulletin, 92(2), 490-499.

    Examples
    --------
    >>> round(g_variance(0.5, 20, 20), 6)  # 0.05 + 0.05 + 0.25 / 80
    0.103125
    """
    return 1 / n_first + 1 / n_second + g**2 / (2 * (n_first + n_second))


def z_variance(rho: float, n: float) -> float:
    """Give the sampling variance of Fisher's z of Spearman's rho.

    Parameters
    ----------
    rho : float
        The rank correlation.
    n : float
        People who gave both answers.

    Returns
    -------
    float
        ``(1 + rho^2 / 2) / (n - 3)``; NaN with three people or fewer.

    References
    ----------
    Bonett, D. G., & Wright, T. A. (2000). Sample size requirements for
    estimating Pearson, Kendall and Spearman correlations. Psychometrika, 65(1),
    23-28.

    Examples
    --------
    >>> round(z_variance(0.4, 30), 6)  # 1.08 / 27
    0.04
    """
    return (1 + rho**2 / 2) / (n - 3) if n > 3 else math.nan


def read_file(path: Path, place: str, problems: list[str]) -> pd.DataFrame:
    """Read one file; what is wrong is added to `problems`, one line each.

    Parameters
    ----------
    path : Path
        A CSV or .xlsx file.
    place : str
        How messages name it.
    problems : list of str
        Faults found so far.

    Returns
    -------
    DataFrame
        As from `effects.read_effects`, and ``line``; without the rows that
        have a fault.
    """
    empty = pd.DataFrame(columns=[*COLUMNS, "file", "line"])
    data = path.read_bytes()
    try:
        if data.startswith(EXCEL):
            rows = read_sheet(data, place)
        else:
            rows = read_rows(decode(data, place), place)
    except IngestError as fault:
        problems.append(str(fault))
        return empty
    rows = [(line, [cell.strip() for cell in row]) for line, row in rows]
    rows = [(line, row) for line, row in rows if any(row)]
    if not rows:
        problems.append(f"{place}: the file is empty. Let the thesis write it again.")
        return empty
    (_, heading), body = rows[0], rows[1:]
    while heading and not heading[-1]:
        heading.pop()
    faults = list(_heading_faults(heading))
    if faults:
        problems += [f"{place}, {fault}" for fault in faults]
        return empty
    names = {written: name for name, written in COLUMNS.items()}
    order = [names[written.lower()] for written in heading]
    kept = []
    for line, row in body:
        cells = row[: len(order)] + [""] * (len(order) - len(row))
        if any(row[len(order) :]):
            problems.append(
                f"{place}, line {line}: {len(row)} cells under {len(order)} headings. "
                "Take out what is too much; a decimal comma between commas needs "
                'quotes around it ("0,5").'
            )
            continue
        text = dict(zip(order, map(plain_cell, cells), strict=True))
        effect, wrong = _check_row(text)
        problems += [f"{place}, line {line}, {fault}" for fault in wrong]
        if not wrong:
            kept.append(effect | {"file": place, "line": line})
    if not kept:
        return empty
    return pd.DataFrame(kept, columns=list(empty.columns))


def _heading_faults(heading: list[str]) -> Iterator[str]:
    known = list(COLUMNS.values())
    found = [written.lower() for written in heading]
    for position, written in enumerate(found, start=1):
        if written not in known:
            name = f"'{written}'" if written else "without a heading"
            yield (
                f"line 1: column {position} {name} is not known."
                f"{did_you_mean(written, known)} Delete the column, or mend its name."
            )
        elif written in found[: position - 1]:
            yield f"line 1: column '{written}' is there twice. Delete one."
    for written in known:
        if written not in found:
            yield (
                f"line 1: there is no column '{written}'. The first line names all of: "
                f"{', '.join(known)}."
            )


def _check_row(text: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Give the effect of one line, and what is wrong with it."""
    faults: list[str] = []
    effect: dict[str, Any] = dict(text)

    def fault(name: str, told: str) -> None:
        faults.append(f"column '{COLUMNS[name]}': {told}")

    for name, cell in text.items():
        if not cell and name not in MAY_BE_EMPTY:
            fault(name, "it is empty. Fill it in.")
    for name in IDS:
        if text[name] and not ID.fullmatch(text[name]):
            fault(
                name,
                f"'{text[name]}' is not an id: letters, digits, _ and - only. Words go "
                "under omschrijving.",
            )
    origins = {written: name for name, written in ORIGINS.items()}
    for name, known in (("kind", KINDS), ("origin", tuple(origins))):
        cell = text[name].lower()
        if cell and cell not in known:
            fault(name, f"'{cell}' is not known.{did_you_mean(cell, known)}")
    effect["kind"] = text["kind"].lower()
    effect["origin"] = origins.get(text["origin"].lower(), "")
    for name in ("year", "estimate", "se", "n_first", "n_second"):
        effect[name], why = _number(text[name])
        if why:
            fault(name, why)
    _check_numbers(effect, text, fault)
    if not faults and not math.isnan(effect["se"]):
        expected = _expected_se(effect)
        if not expected / FAR <= effect["se"] <= expected * FAR:
            fault(
                "se",
                f"{text['se']} does not fit the effect and n1, n2, which give about "
                f"{expected:.2f}. Look whether a decimal comma got lost.",
            )
    if not faults:
        effect["year"] = int(effect["year"])
    return effect, faults


def _check_numbers(
    effect: Mapping[str, Any], text: Mapping[str, str], fault: Any
) -> None:
    """Find numbers that are out of range, or should not be there."""
    if text["year"] and effect["year"] not in YEARS and not math.isnan(effect["year"]):
        fault("year", f"{text['year']} is not a year, such as 2017.")
    if effect["se"] <= 0:
        fault(
            "se",
            f"{text['se']} is not more than 0. Leave it empty if it is not known.",
        )
    paired = effect["kind"] == PAIRED
    for name in ("n_first", "n_second"):
        value, cell = effect[name], text[name]
        if name == "n_second" and not paired:
            if cell and effect["kind"] in KINDS:
                fault(
                    name,
                    f"{cell} stands there; a {effect['kind']} has one group. "
                    "Leave it empty.",
                )
            continue
        if name == "n_second" and not cell:
            fault(name, f"it is empty; a {PAIRED} has two groups. Fill it in.")
        elif value % 1 != 0 and not math.isnan(value):
            fault(name, f"{cell} is not a whole number of answers.")
        elif value < MIN_CELL_N:
            fault(
                name,
                f"{cell} is fewer than {MIN_CELL_N} answers, which may not be shared. "
                "Delete this line.",
            )


def _expected_se(effect: Mapping[str, Any]) -> float:
    """Give the standard error that follows from the effect and n, where one does."""
    if effect["kind"] == PAIRED:
        return math.sqrt(
            g_variance(effect["estimate"], effect["n_first"], effect["n_second"])
        )
    if effect["kind"] == "spearman_z":
        rho = math.tanh(effect["estimate"])
        return math.sqrt(z_variance(rho, effect["n_first"]))
    return float(effect["se"])  # of a gap it depends on the spread


def _number(cell: str) -> tuple[float, str]:
    """Read a number with a comma or a point; NaN, and why, if it is none."""
    plain = cell.replace("\N{MINUS SIGN}", "-")
    if not plain:
        return math.nan, ""
    if _NUMBER.fullmatch(plain):
        return float(plain.replace(",", ".")), ""
    if _DATE.fullmatch(plain):
        return math.nan, (
            f"'{cell}' looks like a date: a spreadsheet made it of a number. Type the "
            "number again, with the decimal sign of that spreadsheet."
        )
    return math.nan, f"'{cell}' is not a number, such as 0,5. Type it again."
