"""Shows result tables and figures in a notebook and keeps them as files.

Every table and figure says where it comes from.
"""

import base64
import html
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from swtlib._table_text import Digits, level_text
from swtlib._wave_facts import Words
from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError
from swtlib.project import outputs_dir, write_atomic
from swtlib.report_results import ReportResults
from swtlib.results import ranked

if TYPE_CHECKING:
    from swtlib.figures import Picture

COLUMN_WIDTH = 6  # inches; a wider figure scrolls sideways on a small screen
REPORTED_YEARS = (2015,)  # waves of which a report was published
FILE_NAME = re.compile(r"[A-Za-z0-9_-]+")
INDENT = "\N{NO-BREAK SPACE}" * 3


@dataclass(frozen=True)
class Shown:
    """A piece of HTML that a notebook shows as the outcome of a cell."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def figure_html(picture: "Picture", png: bytes) -> str:
    """Give the HTML of a figure with its alt text; a wide one scrolls sideways."""
    data = base64.b64encode(png).decode("ascii")
    alt = html.escape(picture.alt, quote=True)
    kind = ' class="wide"' if picture.figure.get_figwidth() > COLUMN_WIDTH else ""
    return (
        f'<figure{kind}><img alt="{alt}" src="data:image/png;base64,{data}"></figure>'
    )


def show_provenance(rows: Mapping[str, str], *, packages: Sequence[str]) -> Shown:
    """Show what a page was made from, and with which versions."""
    versions = [f"{n} {version(n)}" for n in ("swtlib", "pandas", *packages)]
    made_with = ", ".join([f"Python {platform.python_version()}", *versions])
    body = "".join(
        f'<tr><th scope="row">{html.escape(key)}</th><td>{html.escape(value)}</td></tr>'
        for key, value in {**rows, "Gemaakt met": made_with}.items()
    )
    return Shown(
        f'<div class="table-scroll"><table class="provenance">{body}</table></div>'
    )


@dataclass(frozen=True, kw_only=True)
class Display(ReportResults):
    """Results that can be shown and kept, under the name of a notebook."""

    name: str

    @property
    def origin(self) -> str:
        """The Dutch line on origin that belongs under every figure."""
        return self.wave.origin_line()

    @property
    def _words(self) -> Words:
        """What people and their groups are called on this page."""
        return self.wave.facts.words

    def table(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        columns: Mapping[str, str],
        digits: Digits = 2,
        percent: Sequence[str] = (),
        note: str = "",
        origin: str | None = None,
    ) -> Shown:
        """Show a result table and keep it as CSV.

        Parameters
        ----------
        table : ProtectedTable
            What to show.
        name : str
            Name of the file, ``<notebook>_<name>.csv``.
        title : str
            Dutch title: what is to be seen.
        columns : mapping of str to str
            Columns to show and their Dutch headings.
        digits : int or mapping of str to int, default 2
            Decimals, of all numbers or per column.
        percent : sequence of str
            Columns that are parts of 1 and shown as percentages.
        note : str
            Line under the table.
        origin : str, optional
            Line on origin, when it is not that of the wave's answers.

        Returns
        -------
        Shown
        """
        kept = digits
        if percent:  # shown as 69%, kept as 0.69
            shown = dict(digits) if isinstance(digits, Mapping) else {}
            kept = shown | {column: shown.get(column, 0) + 2 for column in percent}
        return self._show(
            table,
            name,
            kept=kept,
            title=title,
            columns=columns,
            digits=digits,
            note=note,
            origin=origin,
            percent=percent,
        )

    def wide_table(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        digits: int = 2,
        note: str = "",
        indented: Sequence[str] = (),
    ) -> Shown:
        """Show means with intervals, variables as rows and groups as columns.

        Parameters
        ----------
        table : ProtectedTable
            Of kind "mean"; it is kept as CSV in its long form.
        name, title, digits, note
            As in `table`.
        indented : sequence of str
            Variables that stand under the one above them: items under a scale.

        Returns
        -------
        Shown
        """
        from swtlib.tables import wide_means

        labels = self._labels_of(table)
        labels |= {name: f"{INDENT}{labels[name]}" for name in indented}
        wide = wide_means(
            table, rows="variable", columns="group", labels=labels, digits=digits
        )
        line = (
            f"Tussen haakjes het {self._percent()}-betrouwbaarheidsinterval; dat "
            f"houdt rekening met het aantal {self._words.members}. "
            f"{self._about_spread(table)}"
            f"{self._about_difference(table)}{note}"
        ).strip()
        return self._show(
            table,
            name,
            as_=wide,
            title=title,
            columns={},
            digits=digits,
            note=line,
            labels={},
        )

    def figure(self, picture: "Picture", name: str) -> Shown:
        """Show a figure and keep it as PNG.

        Parameters
        ----------
        picture : Picture
            From one of the plot functions in `swtlib.figures`.
        name : str
            Name of the file, ``<notebook>_<name>.png``.

        Returns
        -------
        Shown
        """
        from swtlib.figures import picture_png

        png = picture_png(picture)
        write_atomic(self._path("figuren", name, ".png"), png)
        return Shown(figure_html(picture, png))

    def figure_means(
        self,
        table: ProtectedTable,
        name: str,
        *,
        title: str,
        x_range: tuple[float, float] = (0, 1),
        digits: int = 2,
        note: str = "",
    ) -> Shown:
        """Draw means with intervals in the form that fits the groups.

        Parameters
        ----------
        table : ProtectedTable
            Of kind "mean"; with a row per team it becomes small multiples.
        name, title, digits, note
            As in `table`.
        x_range : tuple of float, default (0, 1)
            Ends of the axis.

        Returns
        -------
        Shown
        """
        from swtlib.figures import plot_means, plot_profiles

        draw = plot_profiles if table.layout == "teams" else plot_means
        return self.figure(
            draw(
                table,
                labels=self._labels_of(table),
                x_range=x_range,
                title=self.title(title),
                origin=self.origin,
                digits=digits,
                confidence=self.confidence,
                note=note,
            ),
            name,
        )

    def figure_answers(self, shares: ProtectedTable, name: str, *, title: str) -> Shown:
        """Draw a distribution of answers as bars around the neutral answer.

        Parameters
        ----------
        shares : ProtectedTable
            From `answer_shares`.
        name, title
            As in `table`.

        Returns
        -------
        Shown
        """
        from swtlib.figures import plot_likert

        rows = shares.frame.drop_duplicates("answer")
        picture = plot_likert(
            shares,
            labels=self.labels,
            answers=tuple(rows["answer_label"]),
            title=self.title(title),
            origin=self.origin,
        )
        return self.figure(picture, name)

    def keep(self, table: ProtectedTable, name: str, *, digits: int = 3) -> Shown:
        """Keep a long table as CSV without showing it; say where it is.

        P-values get six decimals: rounded to three, none can be corrected again.
        """
        columns = table.frame.columns
        fine = {c: 6 if c.startswith(("p_", "q_")) else digits for c in columns}
        path = self._write(table, name, fine)
        return self.text(
            f"De volledige tabel ({len(table)} rijen) staat in tables/{path.name}."
        )

    def text(self, *sentences: str) -> Shown:
        """Show sentences that follow from the results as one paragraph.

        A sentence that ends in a colon leads in the next one, and is left out
        when that is empty.
        """
        kept: list[str] = []
        for sentence, following in zip(sentences, (*sentences[1:], ""), strict=True):
            if sentence and (following or not sentence.endswith(":")):
                led_in = bool(kept) and kept[-1].endswith(":")
                first = sentence[0].lower() if led_in else sentence[0]
                kept.append(first + sentence[1:])
        told = " ".join(kept)
        return Shown(f"<p>{html.escape(told)}</p>" if told else "")

    def title(self, text: str) -> str:
        """Give a title, without the place in a report that is not of this year."""
        if self.wave.year in REPORTED_YEARS:
            return text
        return re.sub(r" \((in het )?rapport: [^)]*\)", "", text)

    def ranked(self, table: ProtectedTable, *, by: str = "mean") -> ProtectedTable:
        """Put the variables of a table in order, highest first."""
        return ranked(table, by=by)

    def _labels_of(self, table: ProtectedTable) -> dict[str, str]:
        """Name the total of a table by team as what it is: of these teams."""
        labels = dict(self.labels)
        if table.layout == "teams":
            labels["alle"] = f"deze {self._words.short} samen"
        return labels

    def _about_spread(self, table: ProtectedTable) -> str:
        """Say whose spread the intervals of teams are made with."""
        if table.layout not in ("team", "teams"):
            return ""
        return (
            f"De spreiding daarin is die binnen {self.labels['alle']} samen: van één "
            f"{self._words.group} met weinig antwoorden zou zij die verraden. "
        )

    def _about_difference(self, table: ProtectedTable) -> str:
        """Explain the column ``verschil`` of a table that has it."""
        if "difference" not in table.frame.columns:
            return ""
        told = (
            f"Verschil: {self.team_label} min de {self.labels['andere']} samen, met "
            "het interval van dat verschil. Ligt 0 binnen dat interval, dan is niet "
            "te zeggen wie hoger uitkomt; en van elke twintig rijen springt er door "
            "toeval gemiddeld één uit. Verschillen zijn berekend vóór het afronden. "
        )
        if (table.frame["interval"] == "telling").any():
            told += "Een telling (iedereen deed mee) heeft geen interval. "
        return told

    def _percent(self) -> str:
        return level_text(self.confidence)

    def _path(self, kind: str, name: str, ending: str) -> Path:
        """Say where a table or figure is kept; Windows knows fewer names than Linux."""
        if not FILE_NAME.fullmatch(name):
            raise ParameterError(
                f"'{name}' cannot be the name of a file everywhere. Use letters, "
                "digits, _ and - only."
            )
        folder = outputs_dir(self.wave.year) / self.team / kind
        return folder / f"{self.name}_{name}{ending}"

    def _show(
        self,
        table: ProtectedTable,
        name: str,
        *,
        as_: ProtectedTable | None = None,
        title: str,
        columns: Mapping[str, str],
        digits: Digits,
        kept: Digits | None = None,
        note: str = "",
        origin: str | None = None,
        labels: Mapping[str, str] | None = None,
        percent: Sequence[str] = (),
    ) -> Shown:
        """Show a table, in words as `as_` has it, and keep its numbers as CSV."""
        from swtlib.tables import render_table, table_html

        rendered = render_table(
            table if as_ is None else as_,
            columns=columns,
            digits=digits,
            title=self.title(title),
            note=note,
            origin=self.origin if origin is None else origin,
            labels=self.labels if labels is None else labels,
            percent=percent,
        )
        self._write(table, name, digits if kept is None else kept)
        return Shown(table_html(rendered))

    def _write(self, table: ProtectedTable, name: str, digits: Digits) -> Path:
        from swtlib.tables import table_csv

        path = self._path("tables", name, ".csv")
        return table_csv(table, path, digits=digits, origin=self.wave.origin)
