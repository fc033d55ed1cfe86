"""Effects of one study, in a file that studies share and people can read.

A thesis writes the effects it found; the meta-analysis reads those of several
(:mod:`swtlib.meta_analysis`). The file is a CSV as a Dutch spreadsheet makes
it, named ``effecten_<studie>.csv``: UTF-8, semicolons, decimal commas, one line
per effect.

=============== ============================================================
heading         what stands under it
=============== ============================================================
studie          id of the study: letters, digits, ``_`` and ``-``
jaar            year of the answers
uitkomst        id of what was measured, such as a scale of the codebook
vergelijking    id of what is set against what; effects with the same
                uitkomst, vergelijking and soort are combined
omschrijving    both in words, for readers
soort           ``hedges_g`` (difference of two groups of people, in
                standard deviations, small-sample corrected), ``mean_gap``
                (mean difference of two marks of the same people, in points)
                or ``spearman_z`` (rank correlation, as Fisher's z)
eenheid         unit; mean_gap is combined in one unit only
effect          the estimate: first minus second
standaardfout   its standard error; empty if it may not be shown
n1, n2          answers behind it, of the first and the second group; n2 is
                empty for one group (mean_gap, spearman_z)
herkomst        veldwerk, reconstructie or simulatie
bron            who made it, and with what
=============== ============================================================

Nothing of a group under five is in it: an effect comes from a protected table
only, and what is hidden there is not written.
"""

import importlib.metadata
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from swtlib._effect_files import (
    COLUMNS,
    ID,
    KINDS,
    EffectKind,
    g_variance,
    read_file,
    z_variance,
)
from swtlib._safe_cells import safe_frame
from swtlib._table_text import plain, round_half_up
from swtlib._wave_facts import ORIGINS, Origin
from swtlib.disclosure import (
    MIN_CELL_N,
    ProtectedTable,
    require_protected,
    rewrap,
)
from swtlib.errors import DisclosureError, IngestError, ParameterError, did_you_mean
from swtlib.groups import ALL, OTHERS
from swtlib.project import write_atomic
from swtlib.readers._raw import refuse
from swtlib.two_groups import small_sample_factor

__all__ = [
    "EffectKind",
    "g_variance",
    "read_effects",
    "study_effects",
    "write_effects",
    "z_variance",
]

PATTERN = "effecten_*"
DIGITS = 3  # of what is written
TEAM = "team_andere"  # a team beside the others: its effect is in tenths
UNITS: Mapping[EffectKind, str] = {
    "hedges_g": "standaarddeviaties",
    "mean_gap": "punten",
    "spearman_z": "Fisher z",
}
Rows = Iterator[dict[str, Any]]

_COUNTS = (("n_high", "n_low"), ("n_first", "n_second"))


def study_effects(
    table: ProtectedTable,
    *,
    study: str,
    year: int,
    labels: Mapping[str, str],
    origin: Origin,
    kinds: Sequence[EffectKind] = KINDS,
    comparison: str = "",
    contrast: str = "",
    unit: str = "",
    source: str = "",
) -> ProtectedTable:
    """Take the effects from a protected table of results.

    Parameters
    ----------
    table : ProtectedTable
        One of these: means of one team and ``"andere"`` with the difference
        (`Selection.scale_means`) or of a group and ``"andere"``
        (`GroupResults.compare_groups`); the gaps of `Selection.gaps`; or a protected
        table of `comparison.compare_split`, or any other of kind "comparison"
        with ``variable, n_first, n_second, hedges_g``.
    study : str
        Id of the study, such as ``"regie_elburg"``.
    year : int
        Year of the answers.
    labels : mapping of str to str
        Dutch names of the ids in the table.
    origin : {"fieldwork", "reconstruction", "simulation"}
        Where the answers come from.
    kinds : sequence of str, optional
        Which effects to take, where a table holds more: `compare_split` gives
        ``hedges_g`` and ``spearman_z``.
    comparison : str, optional
        Id of what is set against what. Studies that give it the same id are
        combined. By default ``"team_andere"`` for a team beside the others,
        ``"wil_heeft"`` for a gap, and the competence of `compare_split`.
    contrast : str, optional
        The same in words, such as "bewoners met contact min zonder contact".
    unit : str, optional
        Unit of a gap, such as "punten (0-10)".
    source : str, optional
        Who made it, such as the names of the students.

    Returns
    -------
    ProtectedTable
        One row per effect: ``study, year, outcome, comparison, description,
        kind, unit, estimate, se, n_first, n_second, origin, source``. What is
        hidden has no row; ``hidden`` tells what that was.

    Raises
    ------
    DisclosureError
        If the table is not protected.
    ParameterError
        If it holds no effects, or `study`, `origin`, `kinds` or `comparison` is
        not right.

    Notes
    -----
    Effects are rounded so that they tell no more than the tables that readers
    see: an effect of a team to one decimal, a gap to two, others to three. That
    of `compare_groups` is computed from the t in its table. Standard errors are of the
    rounded effects (`g_variance`, `z_variance`), so that they tell nothing
    beside the effect and n. That of a gap is ``sd / sqrt(n)``; it is empty
    where the table does not give ``sd``, with fewer than 20 answers: with n and
    the mean it would often name every answer.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> found = pd.DataFrame({"variable": ["regie", "inbreng"], "n_first": [20, 4],
    ...                       "n_second": [20, 40], "hedges_g": [0.5, 0.1]})
    >>> effects = study_effects(
    ...     protect(found, kind="comparison"), study="s1", year=2017,
    ...     labels={"regie": "Regie"}, origin="simulation",
    ...     comparison="contact", contrast="met contact min zonder",
    ... )
    >>> effects.frame[["description", "estimate", "se"]].values.tolist()
    [['Regie: met contact min zonder', 0.5, 0.321]]
    """
    frame = require_protected(table, where="study_effects").frame
    if not ID.fullmatch(study):
        raise ParameterError(
            f"study is '{study}'. Use letters, digits, _ and - only: it names the file."
        )
    if origin not in ORIGINS:
        raise ParameterError(
            f"there is no origin '{origin}'.{did_you_mean(origin, ORIGINS)}"
        )
    for kind in kinds:
        if kind not in KINDS:
            raise ParameterError(
                f"there is no kind of effect '{kind}'.{did_you_mean(kind, KINDS)}"
            )
    if comparison and not ID.fullmatch(comparison):
        raise ParameterError(
            f"comparison is '{comparison}'. Use letters, digits, _ and - only; "
            "contrast is the place for words."
        )
    names = {ALL: "alle teams", OTHERS: "andere teams"} | dict(labels)
    units = {**UNITS, "mean_gap": unit or UNITS["mean_gap"]}
    made_with = f"swtlib {importlib.metadata.version('swtlib')}"
    find = _finder(table, frame)
    rows = [
        found
        | {
            "study": study,
            "year": year,
            "comparison": comparison or found["comparison"],
            "description": f"{names.get(found['outcome'], found['outcome'])}: "
            f"{contrast or found['contrast']}",
            "unit": units[found["kind"]],
            "origin": origin,
            "source": f"{source}; {made_with}" if source else made_with,
        }
        for found in find(frame[~frame["suppressed"]], names)
        if found["kind"] in kinds and math.isfinite(found["estimate"])
    ]
    if any(not row["comparison"] for row in rows):
        raise ParameterError(
            "comparison is not given. Name what is set against what, such as "
            "comparison='contact', the same in every study that is combined."
        )
    effects = pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        dict.fromkeys(("estimate", "se", "n_first", "n_second"), float)
    )
    return rewrap(table, effects.assign(suppressed=False, reason=""))


def _finder(
    table: ProtectedTable, frame: pd.DataFrame
) -> Callable[[pd.DataFrame, Mapping[str, str]], Rows]:
    """Say how effects are taken from a table, by its columns."""
    columns = set(frame.columns)
    counted = any(set(pair) <= columns for pair in _COUNTS)
    if table.kind == "comparison" and "hedges_g" in columns and counted:
        return _of_comparison
    if table.kind == "mean" and {"gap", "n"} <= columns:
        return _of_gaps
    if table.kind == "mean" and {"effect", "n"} <= columns and table.layout == "team":
        return _of_team
    raise ParameterError(
        "this table holds no effects. Give means of one team beside the others with "
        "their difference, gaps, or a comparison with hedges_g and two counts."
    )


def _of_comparison(frame: pd.DataFrame, names: Mapping[str, str]) -> Rows:
    first, second = next(pair for pair in _COUNTS if set(pair) <= set(frame.columns))
    for _, row in frame.iterrows():
        competence = row.get("competence", "")
        about = names.get(competence, competence)
        outcome = row["statement"] if "statement" in row else row["variable"]
        g = _rounded(row["hedges_g"], DIGITS)
        yield {
            "outcome": outcome,
            "comparison": competence,
            "contrast": f"hoog min laag op {about}" if about else "eerste min tweede",
            "kind": "hedges_g",
            "estimate": g,
            "se": _rounded(math.sqrt(g_variance(g, row[first], row[second])), DIGITS),
            "n_first": row[first],
            "n_second": row[second],
        }
        if "spearman" in row and abs(row["spearman"]) < 1 and "n" in row:
            rho = _rounded(row["spearman"], DIGITS)
            z = math.atanh(rho) if abs(rho) < 1 else math.nan
            yield {
                "outcome": outcome,
                "comparison": competence,
                "contrast": f"samenhang met {about}",
                "kind": "spearman_z",
                "estimate": _rounded(z, DIGITS),
                "se": _rounded(math.sqrt(z_variance(rho, row["n"])), DIGITS),
                "n_first": row["n"],
                "n_second": math.nan,
            }


def _of_team(frame: pd.DataFrame, names: Mapping[str, str]) -> Rows:
    others = frame[frame["group"] == OTHERS].set_index("variable")["n"]
    for _, row in frame[frame["group"] != OTHERS].iterrows():
        n, rest = row["n"], others[row["variable"]]
        g = _rounded(row["effect"], 1) if "t" not in row else _from_test(row, rest)
        yield {
            "outcome": row["variable"],
            "comparison": TEAM,
            "contrast": f"{names.get(row['group'], row['group'])} min {names[OTHERS]}",
            "kind": "hedges_g",
            "estimate": g,
            "se": _rounded(math.sqrt(g_variance(g, n, rest)), DIGITS),
            "n_first": n,
            "n_second": rest,
        }


def _from_test(row: "pd.Series[Any]", n_second: float) -> float:
    """Give Hedges' g as it follows from a t-test with its n and df.

    From t as readers have it, so that g tells nothing beside it.
    """
    j = float(small_sample_factor(np.array([float(row["df"])]))[0])
    t = _rounded(row["t"], DIGITS)
    return _rounded(j * t * math.sqrt(1 / row["n"] + 1 / n_second), DIGITS)


def _of_gaps(frame: pd.DataFrame, names: Mapping[str, str]) -> Rows:
    groups = list(frame["group"].unique())
    own = ALL if ALL in groups else next(iter(groups), ALL)
    for _, row in frame[frame["group"] == own].iterrows():
        sd = row.get("sd", math.nan)
        yield {
            "outcome": row["variable"],
            "comparison": "wil_heeft",
            "contrast": "wat mensen willen min wat ze al hebben",
            "kind": "mean_gap",
            "estimate": _rounded(row["gap"], 2),
            "se": _rounded(sd / math.sqrt(row["n"]), DIGITS),
            "n_first": row["n"],
            "n_second": math.nan,
        }


def write_effects(*tables: ProtectedTable, folder: Path) -> Path:
    """Write the effects of one study for the meta-analysis.

    Parameters
    ----------
    *tables : ProtectedTable
        From `study_effects`, of one study; one or more.
    folder : Path
        Where the file comes; missing folders are made.

    Returns
    -------
    Path
        ``folder / "effecten_<study>.csv"``, in the form of this module.

    Raises
    ------
    DisclosureError
        If a table is not protected, or an effect is of a group that is too
        small.
    ParameterError
        If there are no effects, or they are of more than one study.

    Examples
    --------
    >>> import tempfile
    >>> from swtlib.disclosure import protect
    >>> found = pd.DataFrame({"variable": ["regie"], "n_first": [20],
    ...                       "n_second": [20], "hedges_g": [0.5]})
    >>> effects = study_effects(
    ...     protect(found, kind="comparison"), study="s1", year=2017, labels={},
    ...     origin="simulation", comparison="contact",
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_effects(effects, folder=Path(folder))
    ...     print(path.name, path.read_text("utf-8-sig").splitlines()[1][:15])
    effecten_s1.csv s1;2017;regie;c
    """
    frames = [require_protected(t, where="write_effects").frame for t in tables]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if not len(frame):
        raise ParameterError(
            "there are no effects to write: everything is hidden, or no table was "
            "given. With more answers per group there will be."
        )
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ParameterError("write_effects takes tables of study_effects only.")
    studies = sorted(set(frame["study"]))
    if len(studies) > 1:
        raise ParameterError(
            f"these effects are of several studies: {', '.join(studies)}. Write a "
            "file for each."
        )
    if not (frame[["n_first", "n_second"]].min(axis=1) >= MIN_CELL_N).all():
        raise DisclosureError(
            f"an effect is of a group of fewer than {MIN_CELL_N}; it is not written."
        )
    safe = safe_frame(frame[list(COLUMNS)])
    safe["origin"] = frame["origin"].map(dict(ORIGINS))
    safe["estimate"] = [_written(value, DIGITS) for value in frame["estimate"]]
    safe["se"] = [_written(value, DIGITS) for value in frame["se"]]
    for name in ("n_first", "n_second"):
        safe[name] = [_written(value, 0) for value in frame[name]]
    text = safe.rename(columns=dict(COLUMNS)).to_csv(
        index=False, sep=";", lineterminator="\n"
    )
    # With a mark of its encoding: Excel takes a CSV without one for Windows' own.
    return write_atomic(
        folder / f"effecten_{studies[0]}.csv", ("\ufeff" + text).encode("utf-8")
    )


def read_effects(folder: Path) -> pd.DataFrame:
    """Read the effects of several studies, checked.

    Parameters
    ----------
    folder : Path
        Where the files ``effecten_<studie>.csv`` stand, or the projects that
        they are in. A spreadsheet may have changed them: commas or tabs
        between cells, a decimal point, another order of columns, empty lines,
        Windows' own encoding and .xlsx are read as well.

    Returns
    -------
    DataFrame
        One row per effect: ``study, year, outcome, comparison, description,
        kind, unit, estimate, se, n_first, n_second, origin, source`` and the
        name of the ``file``. ``se`` is NaN where the file has none.

    Raises
    ------
    IngestError
        If there is no such folder or no file in it, or with one line for every
        fault in any file: file, line, column, what stands there, what is
        allowed and what to do.

    Examples
    --------
    >>> from swtlib.examples.studies import STUDIES_DIR
    >>> effects = read_effects(STUDIES_DIR)
    >>> effects["outcome"].value_counts().to_dict()
    {'regie': 9, 'aansluiting': 4}
    """
    if not folder.is_dir():
        raise IngestError(
            f"there is no folder {folder.name}. Give the folder with the files "
            "effecten_<studie>.csv."
        )
    files = sorted(
        path
        for path in folder.rglob(PATTERN)
        if path.suffix.lower() in (".csv", ".xlsx") and path.is_file()
    )
    if not files:
        raise IngestError(
            f"folder {folder.name} has no file effecten_<studie>.csv. A thesis writes "
            "it; copy it here, under its own name."
        )
    problems: list[str] = []
    found = [
        read_file(path, path.relative_to(folder).as_posix(), problems) for path in files
    ]
    refuse(problems)
    effects = pd.concat(found, ignore_index=True)
    refuse([*_doubles(effects), *_other_units(effects)])
    return effects.drop(columns="line")


def _doubles(effects: pd.DataFrame) -> Iterator[str]:
    """Find effects that a study gives twice: they would count double."""
    key = ["study", "year", "outcome", "comparison", "kind"]
    for names, rows in effects[effects.duplicated(key, keep=False)].groupby(key):
        places = " and ".join(
            f"{r['file']}, line {r['line']}" for _, r in rows.iterrows()
        )
        study, year, outcome, comparison, kind = names
        yield (
            f"{places}: study '{study}' of {year} gives {kind} of '{outcome}' by "
            f"'{comparison}' more than once. Effects of the same people do not add "
            "up; keep one line."
        )


def _other_units(effects: pd.DataFrame) -> Iterator[str]:
    """Find gaps that cannot be combined because their units differ."""
    gaps = effects[effects["kind"] == "mean_gap"]
    for (outcome, comparison), rows in gaps.groupby(["outcome", "comparison"]):
        usual = rows["unit"].mode().iloc[0]
        for _, row in rows[rows["unit"] != usual].iterrows():
            yield (
                f"{row['file']}, line {row['line']}, column 'eenheid': "
                f"'{row['unit']}' beside '{usual}' for '{outcome}' by '{comparison}'. "
                "Points of different scales cannot be combined: give one of them "
                "another uitkomst, or write the unit the same way."
            )


def _rounded(value: float, digits: int) -> float:
    return float(round_half_up(value, digits)) if math.isfinite(value) else math.nan


def _written(value: float, digits: int) -> str:
    return plain(value, digits).replace(".", ",")
