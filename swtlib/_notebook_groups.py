"""The table, figure and sentences of a group of respondents beside the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from swtlib._notebook_show import Display, Shown
from swtlib._notebook_trend import P_VALUES
from swtlib._table_text import HIDDEN, difference_cell, format_number, p_text
from swtlib.disclosure import ProtectedTable, rewrap
from swtlib.effects import study_effects, write_effects
from swtlib.errors import ParameterError
from swtlib.group_results import GroupResults
from swtlib.groups import OTHERS

SPACE = "\N{NO-BREAK SPACE}"
_SHOWN_P = ("p_value", "p_holm")


@dataclass(frozen=True, kw_only=True)
class GroupDisplay(Display, GroupResults):
    """A display that sets a group of respondents beside the others."""

    def group_labels(self, by: str, answer: str) -> Mapping[str, str]:
        """Name the groups of a comparison, beside all other labels.

        Parameters
        ----------
        by, answer
            As in `compare_groups`.

        Returns
        -------
        mapping of str to str
            The answer in quotes, and the others by what the people are called.
        """
        item = self.choice_item(by, answer=answer)
        label = next(c.label for c in item.response.choices if c.id == answer)
        others = f"andere {self.wave.facts.words.people}"
        return {**self.labels, answer: f"‘{label}’", OTHERS: others}

    def group_sizes(self, by: str, answer: str) -> Shown:
        """Say how many respondents are in the group, and who the others are."""
        labels = self.group_labels(by, answer)
        item, own = self.choice_item(by), self._in_group(by, answer)
        n, total = int((own == answer).sum()), len(own)
        people = self.wave.facts.words.people
        open_ = int(self.base.respondents.loc[own.index, by].isna().sum())
        left = "van hen liet" if open_ == 1 else "van hen lieten"
        others = f"De {labels[OTHERS]} zijn alle overige {total - n}."
        if open_:
            others = f"{others[:-1]}; {open_} {left} deze vraag open."
        if min(n, total - n) < self.min_n:
            return self.text(
                f"Een vergelijking naar ‘{item.text or item.label}’ is niet te laten "
                "zien: in een van beide groepen zitten te weinig mensen. In elke groep "
                f"zijn minstens {self.min_n} antwoorden nodig."
            )
        return self.text(
            f"Op de vraag ‘{item.text or item.label}’ antwoordden {n} van de {total} "
            f"{people} {labels[answer]}. {others}"
        )

    def group_table(
        self, table: ProtectedTable, name: str, *, title: str, by: str, answer: str
    ) -> Shown:
        """Show both means, the difference with interval, the test and the effect.

        Parameters
        ----------
        table : ProtectedTable
            From `compare_groups`.
        name, title
            As in `table`.
        by, answer
            As in `compare_groups`.

        Returns
        -------
        Shown
            One row per scale; the file has the table in its long form.
        """
        labels = self.group_labels(by, answer)
        frame = table.frame
        first = frame[frame["group"] == answer].set_index("variable")
        others = frame[frame["group"] == OTHERS].set_index("variable")
        wide = first.reset_index()
        wide["told"] = [difference_cell(row, 2) for _, row in wide.iterrows()]
        for column in _SHOWN_P:
            wide[column] = [p_text(value) for value in wide[column]]
        for column in ("mean", "n"):
            wide[f"{column}_others"] = others[column].reindex(first.index).to_numpy()
        wide["tested"] = _joined(wide, "t", "df", f"{{}}{SPACE}({{}})", digits=(2, 0))
        wide["counts"] = _joined(
            wide, "n", "n_others", f"{{}}{SPACE}en{SPACE}{{}}", digits=(0, 0)
        )
        columns = {
            "variable": "onderwerp",
            "mean": labels[answer],
            "mean_others": labels[OTHERS],
            "told": "verschil",
            "tested": "t (df)",
            **{p: P_VALUES[p] for p in _SHOWN_P},
            "effect": "effect (g)",
            "counts": "n",
        }
        note = (
            f"Over {self.labels['alle']} samen. Verschil: {labels[answer]} min "
            f"{labels[OTHERS]}, met het {self._percent()}-interval van dat verschil; n "
            "in dezelfde volgorde. "
            "t-toets voor twee groepen met één spreiding (SPSS: Equal variances "
            "assumed). p (Holm) is gecorrigeerd voor het aantal onderwerpen. Effect: "
            "Hedges’ g, het verschil in standaarddeviaties; vuistregel van Cohen: 0,2 "
            "klein, 0,5 middelgroot, 0,8 groot."
        )
        return self._show(
            table,
            name,
            as_=rewrap(table, wide),
            title=title,
            columns=columns,
            digits={"mean": 2, "mean_others": 2},
            kept=3,
            note=note,
            labels=labels,
        )

    def group_figure(
        self, table: ProtectedTable, name: str, *, title: str, by: str, answer: str
    ) -> Shown:
        """Draw both means of every scale with their intervals.

        Parameters
        ----------
        table, name, title, by, answer
            As in `group_table`.

        Returns
        -------
        Shown
        """
        from swtlib.figures import plot_means

        picture = plot_means(
            table,
            labels=self.group_labels(by, answer),
            title=title,
            origin=self.origin,
            confidence=self.confidence,
            note="De lijnen horen bij elk gemiddelde apart. Of de groepen verschillen, "
            "staat in de tabel: daar staat het interval van het verschil.",
        )
        return self.figure(picture, name)

    def group_reading(self, table: ProtectedTable, *, by: str, answer: str) -> Shown:
        """Say on which scales the group differs clearly, and what may be missed.

        Parameters
        ----------
        table, by, answer
            As in `group_table`.

        Returns
        -------
        Shown
            With a word on what is invented, if the answers are.
        """
        from swtlib.reading import read_groups

        told = read_groups(table, labels=self.group_labels(by, answer))
        whom = f"Dit gaat over {self.labels['alle']} samen." if self.one_team else ""
        invented = ""
        if self.wave.origin != "fieldwork":
            invented = "De antwoorden zijn verzonnen, en dus ook deze uitkomst."
        return self.text(whom, told, invented)

    def keep_effects(
        self,
        table: ProtectedTable,
        *,
        by: str,
        answer: str,
        study: str,
        source: str = "",
    ) -> Shown:
        """Write the effects for the meta-analysis over several studies.

        Parameters
        ----------
        table, by, answer
            As in `group_table`.
        study : str
            Short name of the study: letters, digits, _ and -.
        source : str, optional
            Who made it.

        Returns
        -------
        Shown
            Where the file is; on the page of one team nothing is written, so
            that the same people do not count twice.
        """
        if self.team != "alle":
            return self.text(
                "Het bestand met effecten hoort bij de pagina van alle "
                f"{self.wave.facts.words.groups} samen en staat daar."
            )
        labels = self.group_labels(by, answer)
        effects = study_effects(
            table,
            study=study,
            year=self.wave.year,
            labels=labels,
            origin=self.wave.origin,
            comparison=f"{by}_{answer}",
            contrast=f"{labels[answer]} min {labels[OTHERS]}",
            source=source,
        )
        folder = self._path("tables", "effecten", ".csv").parent
        try:
            path = write_effects(effects, folder=folder)
        except ParameterError:
            return self.text(
                "Er is geen effect dat getoond mag worden, en dus geen bestand."
            )
        n = len(effects)
        return self.text(
            f"{n} {'effect staat' if n == 1 else 'effecten staan'} in "
            f"tables/{path.name}, voor de meta-analyse over meer onderzoeken."
        )


def _joined(
    wide: pd.DataFrame, one: str, other: str, form: str, *, digits: tuple[int, int]
) -> list[str]:
    """Write two numbers in one cell; what is hidden is a dash."""
    return [
        HIDDEN
        if row["suppressed"] or pd.isna(row[one])
        else form.format(*map(format_number, (row[one], row[other]), digits))
        for _, row in wide.iterrows()
    ]
