"""Several studies on one page: their result files read, combined, shown.

For the notebook ``meta_analyse``. It has no wave and no team: it reads the
files that studies wrote (:mod:`swtlib.effects`).
"""

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from swtlib._notebook_show import Shown, figure_html, show_provenance
from swtlib._reading_studies import told_p
from swtlib._reading_words import joined
from swtlib._table_text import (
    effect_text,
    format_number,
    format_share,
    level_text,
    prediction_text,
)
from swtlib._wave_facts import EXAMPLE_LINE, ORIGINS, Origin
from swtlib.disclosure import ProtectedTable, protect, rewrap, rows_with
from swtlib.effects import TEAM, read_effects
from swtlib.estimates import check_confidence
from swtlib.meta_analysis import QUESTION, combine_questions, studies_with_ci
from swtlib.project import outputs_dir, project_root, write_atomic

NAME = "meta_analyse"
NBSP = "\N{NO-BREAK SPACE}"
ABOUT = {
    "hedges_g": "Verschil in standaarddeviaties (Hedges’ g). Boven 0 scoort de "
    "eerste groep hoger.",
    "mean_gap": "Verschil in {unit}.",
    "spearman_z": "Samenhang: rangcorrelatie van Spearman, van −1 tot 1.",
}
BOUNDS = {"spearman_z": (-1.0, 1.0)}
TENTHS = (
    " Het effect van één team is alleen in tienden bekend: meer cijfers zouden de "
    "antwoorden van een klein team verraden."
)
# What is no result, and stays where a result is hidden.
_KEYS = (*QUESTION, "unit", "description")
_OF_STUDY = ("study", "origin", "source", "file")
# A correlation is combined as Fisher's z, and shown as what it is.
_ON_SCALE = ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high")


@dataclass(frozen=True, kw_only=True)
class Studies:
    """The studies of a folder, for one page.

    Parameters
    ----------
    effects : DataFrame
        From `effects.read_effects`.
    place : str
        Name of the folder.
    example : bool
        Whether they are the invented example.
    confidence : float
        Level of every interval.
    """

    effects: pd.DataFrame
    place: str
    example: bool = False
    confidence: float = 0.95

    # --- tables --------------------------------------------------------------

    @cached_property
    def together(self) -> ProtectedTable:
        """One row per question, as `combine_questions`; correlations from -1 to 1."""
        table = combine_questions(self._numbered, confidence=self.confidence)
        table["variable"] = [str(at) for at in range(len(table))]
        table["label"] = table["description"]
        return protect(_as_correlations(table), kind="comparison", keys=_KEYS)

    @cached_property
    def each(self) -> ProtectedTable:
        """One row per study and question, as `studies_with_ci`."""
        table = studies_with_ci(self._numbered, confidence=self.confidence)
        table["statement"] = table["question"].astype(str)
        table["label"] = table["description"]
        # Under other names: counts that are empty for one group would hide the row.
        table = table.rename(columns={"n_first": "first", "n_second": "second"})
        return protect(
            _as_correlations(table), kind="comparison", keys=(*_KEYS, *_OF_STUDY)
        )

    def questions(self) -> Iterator[tuple[ProtectedTable, ProtectedTable]]:
        """Give, for each question, its studies and what they say together."""
        together = self.together.frame
        for number in together["variable"]:
            yield (
                rows_with(self.each, "statement", number),
                rows_with(self.together, "variable", number),
            )

    # --- shown ---------------------------------------------------------------

    def intro(self) -> Shown:
        """Say which studies there are, and what must be known of them."""
        years = sorted(set(self.effects["year"]))
        span = (
            f"{years[0]}" if len(years) == 1 else f"{years[0]} tot en met {years[-1]}"
        )
        n_studies = self.effects[["study", "year"]].drop_duplicates().shape[0]
        n_questions = len(self.together)
        told = (
            f"Deze pagina leest {n_studies} {_plural(n_studies, 'studie', 'studies')} "
            f"({span}) uit de map {self.place}. Samen geven ze antwoord op "
            f"{n_questions} {_plural(n_questions, 'vraag', 'vragen')}."
        )
        notes = ""
        if self.invented:
            notes = f'<div class="note">{html.escape(self._invented_note())}</div>'
        return Shown(f"<p>{html.escape(told)}</p>\n{notes}")

    def study_tables(self) -> Shown:
        """Show the effect of every study, and how much it counts, per question."""
        self._keep(self.each, "studies")
        tables = [self._study_table(each) for each, _ in self.questions()]
        return Shown('<div style="height: 1.5rem"></div>'.join(tables))

    def _study_table(self, studies: ProtectedTable) -> str:
        frame = studies.frame
        rows = [row for _, row in frame.iterrows()]
        text = pd.DataFrame(
            {
                "studie": [self._label(row) for row in rows],
                "n": [_counts(row) for row in rows],
                "effect": [effect_text(row, 2) for row in rows],
                "weegt": [format_share(row["weight"]) for row in rows],
                "herkomst": frame["origin"].map(dict(ORIGINS)),
                "suppressed": frame["suppressed"],
                "reason": frame["reason"],
            }
        )
        both = frame["second"].notna().any()
        return self._table(
            studies,
            text,
            title=str(frame["label"].iloc[0]),
            columns={
                "studie": "studie",
                "n": "n",
                "effect": f"effect ({self._level}-interval)",
                "weegt": "weegt",
                "herkomst": "herkomst",
            },
            note=_about(frame)
            + (" n: antwoorden in de eerste en de tweede groep." if both else "")
            + (TENTHS if (frame["comparison"] == TEAM).any() else "")
            + " Weegt: aandeel in het gemiddelde; leeg als de standaardfout niet "
            "bekend is.",
        )

    def together_table(self) -> Shown:
        """Show what the studies say together, one row per question."""
        frame = self.together.frame
        rows = [row for _, row in frame.iterrows()]
        text = pd.DataFrame(
            {
                "label": frame["label"],
                "k": [format_number(value, 0) for value in frame["k"]],
                "n": [format_number(value, 0) for value in frame["n_total"]],
                "effect": [effect_text(row, 2) for row in rows],
                "volgende": [prediction_text(row, 2) for row in rows],
                "tau": [format_number(row["tau"], 2) for row in rows],
                "i2": [format_share(row["i2"]) for row in rows],
                "q": [_test(row) for row in rows],
                "suppressed": frame["suppressed"],
                "reason": frame["reason"],
            }
        )
        self._keep(self.together, "samen")
        shown = self._table(
            self.together,
            text,
            title="Wat de studies samen zeggen",
            columns={
                "label": "wat is vergeleken",
                "k": "studies",
                "n": "n",
                "effect": f"gemiddeld effect ({self._level}-interval)",
                "volgende": f"volgende plek ({self._level}-voorspelling)",
                "tau": "tau",
                "i2": "I²",
                "q": "Q",
            },
            note="Effecten zijn verschillen in standaarddeviaties, tenzij de figuur "
            "iets anders zegt. Tau: hoe ver de echte effecten rond het gemiddelde "
            "liggen. I²: welk deel van de verschillen tussen uitkomsten boven toeval "
            "uitgaat. Q: toets of alle studies hetzelfde effect hebben. Leeg: met zo "
            "weinig studies niet te berekenen. Model: willekeurige effecten "
            "(Paule-Mandel, interval van Hartung en Knapp).",
        )
        return Shown(shown)

    def figures(self) -> Shown:
        """Draw a forest plot for each question."""
        from swtlib.figures import picture_png, plot_forest

        parts = []
        for number, (studies, together) in enumerate(self.questions(), start=1):
            row = together.frame.iloc[0]
            labels = {
                str(each["variable"]): self._label(each)
                for _, each in studies.frame.iterrows()
            }
            picture = plot_forest(
                studies,
                together,
                labels=labels,
                title=self._title(str(row["label"])),
                origin=self.origin_line(),
                unit=_about(together.frame),
                bounds=BOUNDS.get(str(row["kind"]), (-math.inf, math.inf)),
                confidence=self.confidence,
            )
            png = picture_png(picture)
            write_atomic(self._folder / "figuren" / f"{NAME}_vraag_{number}.png", png)
            parts.append(figure_html(picture, png))
        return Shown("\n".join(parts))

    def reading(self) -> Shown:
        """Say for each question what was found, how sure, and what is not known."""
        from swtlib.reading import read_studies

        parts = []
        for _, together in self.questions():
            told = read_studies(together, confidence=self.confidence)
            heading = html.escape(str(together.frame["label"].iloc[0]))
            parts.append(f"<h3>{heading}</h3>\n<p>{html.escape(told)}</p>")
        if self.invented:
            parts.append(
                "<p>Deze uitkomsten zijn verzonnen, helemaal of voor een deel. Ze "
                "zeggen niets over echte wijken en bewoners.</p>"
            )
        return Shown("\n".join(parts))

    def provenance(self) -> Shown:
        """Say what this page was made from, so that it can be made again."""
        files = self.effects.groupby("source", sort=False)["file"].unique()
        rows = {
            "Herkomst": joined([ORIGINS[name] for name in self._origins]),
            "Notebook": f"{NAME}, confidence = {self.confidence:g}",
            "Bestanden": "; ".join(
                f"{joined(list(names))} ({by or 'maker niet vermeld'})"
                for by, names in files.items()
            ),
        }
        return show_provenance(rows, packages=("numpy", "scipy", "statsmodels"))

    # --- where it comes from -------------------------------------------------

    @property
    def invented(self) -> bool:
        """Whether an effect is of anything but answers of people."""
        return self._origins != ["fieldwork"]

    def origin_line(self) -> str:
        """Give the Dutch line on origin that belongs under every figure."""
        if self.example:
            return EXAMPLE_LINE
        counts = self.effects.drop_duplicates(["study", "year"])["origin"]
        parts = [
            f"{(counts == name).sum()} {ORIGINS[name]}"
            for name in self._origins
            if (counts == name).any()
        ]
        told = f"Herkomst: effecten uit bestanden van studies ({joined(parts)})."
        if self.invented:
            told += " Wat geen veldwerk is, is verzonnen."
        return told

    @cached_property
    def _origins(self) -> list[Origin]:
        return [name for name in ORIGINS if name in set(self.effects["origin"])]  # type: ignore[misc]

    def _invented_note(self) -> str:
        if self.example:
            return (
                "Alles hieronder is verzonnen: de studies, de bewoners en hun "
                "antwoorden. De cijfers laten zien hoe zo’n pagina eruitziet."
            )
        return (
            "Niet alle studies hebben antwoorden van echte mensen: kijk in de tabel "
            "bij herkomst."
        )

    # --- steps that tables and figures share ---------------------------------

    @cached_property
    def _numbered(self) -> pd.DataFrame:
        """Name each question and each study."""
        effects = self.effects.copy()
        effects["question"] = effects.groupby(QUESTION, sort=False).ngroup()
        effects["variable"] = [
            f"{study}_{year}"
            for study, year in zip(effects["study"], effects["year"], strict=True)
        ]
        return effects.sort_values(["question", "year", "study"], kind="stable")

    @property
    def _level(self) -> str:
        return level_text(self.confidence)

    @property
    def _folder(self) -> Path:
        return outputs_dir(0).with_name(NAME)  # beside those of the years

    def _title(self, text: str) -> str:
        return f"{text} (verzonnen voorbeeld)" if self.example else text

    def _label(self, row: "pd.Series[float]") -> str:
        return f"{row['study']}, {row['year']}"

    def _table(
        self,
        table: ProtectedTable,
        text: pd.DataFrame,
        *,
        title: str,
        columns: dict[str, str],
        note: str,
    ) -> str:
        """Show a table that was put into words."""
        from swtlib.tables import render_table, table_html

        return table_html(
            render_table(
                rewrap(table, text),
                columns=columns,
                digits=2,
                title=self._title(title),
                note=note,
                origin=self.origin_line(),
            )
        )

    def _keep(self, table: ProtectedTable, name: str) -> None:
        """Keep the numbers of a table as CSV."""
        from swtlib.tables import table_csv

        path = self._folder / "tables" / f"{NAME}_{name}.csv"
        digits = {"k": 0, "left_out": 0, "estimate": 3}  # three for all others
        # What is invented for a part is not fieldwork: the last one stands for all.
        table_csv(table, path, digits=digits, origin=self._origins[-1])


def load_studies(folder: str = "", *, confidence: float = 0.95) -> Studies:
    """Read the result files of studies, to show them together.

    Parameters
    ----------
    folder : str, optional
        Where the files ``effecten_<studie>.csv`` stand, as a path or from the
        project folder. By default the invented example.
    confidence : float, default 0.95
        Level of every interval.

    Returns
    -------
    Studies

    Raises
    ------
    IngestError
        If there are no files, or with one line for every fault in them.
    ParameterError
        If `confidence` is not between 0 and 1.

    Examples
    --------
    >>> studies = load_studies()
    >>> studies.together.frame["k"].tolist()
    [7.0, 4.0, 2.0]
    """
    from swtlib.examples.studies import STUDIES_DIR

    check_confidence(confidence)
    path = Path(folder) if folder else STUDIES_DIR
    if not path.is_absolute():
        path = project_root() / path
    return Studies(
        effects=read_effects(path),
        place=path.name,
        example=not folder,
        confidence=confidence,
    )


def _as_correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Turn Fisher's z into the correlation that it stands for."""
    shown = table.copy()
    rows = shown["kind"] == "spearman_z"
    for name in _ON_SCALE:
        if name in shown.columns:
            values = shown[name].astype(float)
            shown[name] = np.where(rows, np.tanh(values), values)
    shown["se"] = shown["se"].astype(float).mask(rows)  # that was of z
    return shown


def _about(frame: pd.DataFrame) -> str:
    """Say what the effects of a question are, and in which unit."""
    return ABOUT[str(frame["kind"].iloc[0])].format(unit=frame["unit"].iloc[0])


def _plural(n: int, one: str, more: str) -> str:
    return one if n == 1 else more


def _test(row: "pd.Series[float]") -> str:
    if math.isnan(row["q_p"]):
        return ""
    told = f"{format_number(row['q'], 1)} ({told_p(row['q_p'])})"
    return told.replace(" ", NBSP)


def _counts(row: "pd.Series[float]") -> str:
    first, second = (format_number(row[name], 0) for name in ("first", "second"))
    return f"{first}{NBSP}+{NBSP}{second}" if second else first
