"""A view worked out: its table, its figure, its words, and files of them."""

import html
import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from swtlib._notebook_show import Shown
from swtlib._table_text import round_half_up
from swtlib.disclosure import ProtectedTable, rewrap
from swtlib.errors import ParameterError, did_you_mean
from swtlib.explorer.choices import PARTS, is_settled, options
from swtlib.explorer.grid import grid_html, make_grid
from swtlib.explorer.session import HIGH, LOW, Seen, Session, same_answers
from swtlib.explorer.view import View
from swtlib.explorer.words import (
    about_lines,
    reading_lines,
    seen_origin,
    view_title,
    wave_notes,
)
from swtlib.groups import ALL, OTHERS
from swtlib.project import explored_dir, wave_years, write_atomic

if TYPE_CHECKING:
    from swtlib.figures import Picture
    from swtlib.tables import Digits

FILES = {
    "means": "gemiddelden",
    "answers": "antwoorden",
    "gap": "nu_en_gewenst",
    "change": "verandering",
    "relation": "verband",
}
DRAWN = ("mean", "gap", "change", "ci_low", "ci_high")  # how these columns begin
STYLE = """<style>
.swt-table { color: var(--jp-ui-font-color1, #1b2530); font-size: 14px;
  line-height: 1.4; max-width: 60rem; }
.swt-table .swt-scroll { overflow-x: auto; }
.swt-table table { border-collapse: collapse; margin: 0; font-size: inherit;
  font-variant-numeric: tabular-nums; }
.swt-table caption { caption-side: top; text-align: left; font-weight: 600;
  padding: 0 0 6px; color: inherit; }
.swt-table th, .swt-table td { padding: 5px 14px 5px 0 !important; text-align: left;
  vertical-align: top; font-weight: normal; white-space: normal; max-width: 22rem; }
.swt-table thead th { font-weight: 600; vertical-align: bottom;
  border-bottom: 2px solid var(--jp-ui-font-color1, #1b2530); }
.swt-table tbody tr { border-bottom: 1px solid var(--jp-border-color2, #d8dee5);
  background: none !important; }
.swt-table .swt-under { padding-left: 1.4em !important; }
.swt-table .swt-ci { white-space: nowrap; opacity: .8; font-size: 93%; }
.swt-table tr:has(td:nth-of-type(4)) .swt-ci { display: block; }
.swt-foot p, .swt-about p { margin: 4px 0; font-size: 13px; line-height: 1.4;
  color: var(--jp-ui-font-color1, #39434e); max-width: 46rem; }
.swt-about p:first-child { font-weight: 600; }
.swt-about summary { cursor: pointer; font-size: 13px; }
.swt-figure svg { max-width: 100%; height: auto; background: white; }
</style>"""


@dataclass(frozen=True, eq=False)
class ViewResult:
    """What a view shows; made by `show_view`.

    Attributes
    ----------
    view : View
        What was asked for.
    table : ProtectedTable or None
        The results; None if the view cannot be shown.
    why : str
        Dutch: why it cannot; empty if it can.
    instead : str
        Dutch: why it is of everybody and not of the team that was asked for;
        empty if it is of whom was asked for.
    """

    view: View
    session: Session = field(repr=False)
    table: ProtectedTable | None
    why: str = ""
    instead: str = ""

    # --- words ---------------------------------------------------------------

    @cached_property
    def title(self) -> str:
        """What is to be seen."""
        return view_title(self.session, self.view)

    @property
    def origin(self) -> str:
        """Where the answers come from."""
        return seen_origin(self._seen, self.view)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Dutch text for the ids in the table."""
        seen = self._seen
        labels = dict(seen.labels)
        if self.table is not None:
            labels = dict(seen._labels_of(self.table))
        if self.view.split not in ("team", "teams"):
            labels |= dict(self.session.cuts(self.view.year).labels)
            labels |= {ALL: "alle groepen samen", "own": "de groep"}
            labels |= {OTHERS: "andere groepen"}
            labels |= {LOW: LOW, HIGH: HIGH}
        return labels

    # --- what is shown -------------------------------------------------------

    def about(self) -> Shown:
        """Say what must be known first: origin, years, teams."""
        lines = [self.why] if self.why else about_lines(self.session, self.view)
        lines = [self.instead, *lines] if self.instead else lines
        parts = [f"<p>{html.escape(line, quote=False)}</p>" for line in lines]
        notes = [] if self.why else wave_notes(self.session, self.view)
        if notes:
            inner = "".join(f"<p>{html.escape(n, quote=False)}</p>" for n in notes)
            told = "Wat u moet weten over deze gegevens"
            parts.append(f"<details><summary>{told}</summary>{inner}</details>")
        return Shown(f'{STYLE}<div class="swt-about">{"".join(parts)}</div>')

    def show_table(self) -> Shown:
        """Show the table with n and intervals."""
        if self.table is None:
            return Shown("")
        grid = make_grid(
            self.table, self.view, labels=self.labels, since=self._seen.since
        )
        lines = [" ".join(reading_lines(self.session, self.view)), self.origin]
        hidden = "; ".join(dict.fromkeys(self.table.hidden["reason"]))
        return Shown(
            STYLE + grid_html(grid, title=self.title, lines=lines, hidden=hidden)
        )

    def show_figure(self) -> Shown:
        """Show the figure that fits the kind of data."""
        if self.table is None:
            return Shown("")
        return Shown(f'{STYLE}<div class="swt-figure">{self.svg}</div>')

    def provenance(self) -> Shown:
        """Say what this was made from, so that it can be made again."""
        wave, view = self.session.wave(self.view.year), self.view
        instrument = wave.codebook.instruments[view.instrument]
        version = importlib.metadata.version("swtlib")
        told = [
            self.origin,
            f"Gegevens: {wave.facts.occasion}, vingerafdruk {wave.data_hash}. "
            f"Vragenlijst: {instrument.id} {instrument.version}.",
            f"Weergave: {view}.",
            f"Gemaakt met swtlib {version} en Python {platform.python_version()}.",
        ]
        parts = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in told)
        return Shown(f'{STYLE}<div class="swt-foot">{parts}</div>')

    def _repr_html_(self) -> str:
        parts = (self.about(), self.show_figure(), self.show_table())
        return "".join(part.html for part in parts)

    @cached_property
    def picture(self) -> "Picture":
        """The figure, drawn when it is first asked for.

        Raises
        ------
        ParameterError
            If the view cannot be shown.
        """
        from swtlib import figures

        table, view = self._shown()
        if view.show != "relation":  # its figure is of colours, not of places
            table = as_printed(table, self._digits(table))
        words: dict[str, Any] = {
            "labels": self.labels,
            "title": self.title,
            "origin": self.origin,
        }
        confidence = view.confidence
        if view.show == "answers":
            items = same_answers(self.session.items(view))[0]
            answers = items[0].response.labels
            agree = "oneens" in answers[0]
            ends = ("oneens", "eens") if agree else ("lager", "hoger")
            return figures.plot_likert(table, answers=answers, ends=ends, **words)
        if view.show == "gap":
            group = view.team if self._seen.one_team else None
            return figures.plot_dumbbell(
                table, group=group, confidence=confidence, **words
            )
        if view.show == "change":
            return figures.plot_slopes(
                table, year=view.year, confidence=confidence, **words
            )
        if view.show == "relation":
            return figures.plot_heatmap(table, **words)
        words |= {"x_range": (0.0, 1.0) if self._on_unit() else (0.0, 10.0)}
        if table.layout == "teams" and len(table.frame["variable"].unique()) > 1:
            return figures.plot_profiles(table, confidence=confidence, **words)
        return figures.plot_means(table, confidence=confidence, **words)

    @cached_property
    def svg(self) -> str:
        """The figure as text of an SVG, to stand in a page."""
        from swtlib.figures import picture_svg

        text = picture_svg(self.picture)
        self.__dict__.pop("picture", None)  # large, and seldom needed again
        return text[text.index("<svg") :]

    @property
    def is_drawn(self) -> bool:
        """Whether the figure is there already."""
        return self.table is None or "svg" in self.__dict__

    # --- files ---------------------------------------------------------------

    @property
    def file_name(self) -> str:
        """Name of the files of this view, without their ending."""
        view = self.view
        part = view.only or view.group
        parts = [view.instrument, part if part != view.instrument else ""]
        parts.append(FILES[view.show])
        parts.append(view.team if view.split == "team" else view.split)
        parts += [view.competence, str(self._seen.since) if self._looks_back else ""]
        return "_".join([part for part in parts if part] + [str(view.year)])

    def save_figure(self, kind: Literal["png", "svg"]) -> Path:
        """Keep the figure as a file.

        Parameters
        ----------
        kind : {"png", "svg"}
            A picture of points, or one that stays sharp at any size.

        Returns
        -------
        Path
            In ``outputs/<year>/verkenner``.

        Raises
        ------
        ParameterError
            If there is no such kind, or the view cannot be shown.
        """
        from swtlib.figures import picture_png, picture_svg

        if kind not in ("png", "svg"):
            raise ParameterError(
                f"there is no kind of figure '{kind}'."
                + did_you_mean(kind, ("png", "svg"))
            )
        made = picture_png if kind == "png" else picture_svg
        return write_atomic(self._path(f".{kind}"), made(self.picture))

    def save_table(self, kind: Literal["xlsx", "csv"]) -> Path:
        """Keep the table as a file, in its long form.

        Parameters
        ----------
        kind : {"xlsx", "csv"}
            For Excel, with a second sheet on how to read it; or for R, SPSS and
            others.

        Returns
        -------
        Path
            As from `save_figure`.

        Raises
        ------
        ParameterError
            As for `save_figure`.
        """
        from swtlib.tables import table_csv, table_xlsx

        table, view = self._shown()
        if view.show == "relation":
            table = self.session.comparison(view.year, tests=True)
        origin = self._seen.wave.origin
        path = self._path(f".{kind}")
        if kind == "csv":
            return table_csv(table, path, digits=self._digits(table), origin=origin)
        if kind != "xlsx":
            raise ParameterError(
                f"there is no kind of table '{kind}'."
                + did_you_mean(kind, ("xlsx", "csv"))
            )
        about = [
            self.title,
            *about_lines(self.session, view),
            *wave_notes(self.session, view),
            *reading_lines(self.session, view),
            self.origin,
        ]
        return table_xlsx(
            table, path, digits=self._digits(table), origin=origin, about=about
        )

    def save_notebook(self) -> Path:
        """Keep the view as a notebook that makes it again.

        Returns
        -------
        Path
            In ``verkenningen``, beside the folder with the notebooks of the
            batch: there the batch does not find it, until somebody moves it. An
            older one is not replaced.

        Raises
        ------
        ParameterError
            If the view cannot be shown.
        """
        from swtlib.explorer.written import write_view_notebook

        self._shown()
        return write_view_notebook(self)

    # --- steps ---------------------------------------------------------------

    @property
    def _looks_back(self) -> bool:
        return self.view.show == "change"

    @cached_property
    def _seen(self) -> Seen:
        view = self.view
        return self.session.seen(view.year, view.team, view.since)

    def _shown(self) -> tuple[ProtectedTable, View]:
        if self.table is None:
            raise ParameterError(self.why)
        return self.table, self.view

    def _path(self, ending: str) -> Path:
        return explored_dir(self.view.year) / f"{self.file_name}{ending}"

    def _on_unit(self) -> bool:
        items = self.session.items(self.view)
        return all(item.response.kind == "scale" for item in items)

    def _digits(self, table: ProtectedTable) -> "Digits":
        """Round as the pages do: a file gives no more away than they."""
        view = self.view
        columns = [str(name) for name in table.frame.columns]
        if view.show == "relation":
            return {c: 6 if c.startswith(("p_", "q_")) else 3 for c in columns}
        if view.show == "change":
            return self._seen._digits(table, 2)
        if view.show == "gap":
            marks = dict.fromkeys(("mean_have", "mean_want"), 1)
            return dict.fromkeys(("gap", "ci_low", "ci_high"), 2) | marks | {"n": 0}
        return 2


def show_view(view: View, *, session: Session | None = None) -> ViewResult:
    """Make the table and the figure of a view.

    Parameters
    ----------
    view : View
        What to look at.
    session : Session, optional
        What is made already, whose `confidence` counts; a new one by default.

    Returns
    -------
    ViewResult
        Shows itself in a notebook. A view that cannot be shown says why. For a
        team with too few answers it is that of all teams together, as on the
        pages, and says so.

    Raises
    ------
    WaveError
        If there is no such wave or team.
    ParameterError
        If the codebook has no such instrument.

    Examples
    --------
    >>> made = show_view(View(year=2015, instrument="bakens", group="bakens"))
    >>> made.title
    'De acht bakens, alle teams samen (2015)'
    >>> show_view(View(year=2015, instrument="bakens", team="apeldoorn")).instead
    'Apeldoorn: minder dan 5 antwoorden. Dat is te weinig om te laten zien zonder dat \
iemand te herkennen is. Daarom staan hier de uitkomsten van alle teams samen.'
    """
    made = session or Session(confidence=view.confidence)
    view = replace(view, confidence=made.confidence)
    earlier = [year for year in wave_years() if year < view.year]
    if view.show == "change" and not view.since and earlier:
        view = replace(view, since=earlier[-1])
    instrument = made.seen(view.year, view.team).instrument(view.instrument)
    if view.split in PARTS and view.split in made.cuts(view.year).frame:
        made.closed_in_splits(view.year, instrument)
    why = is_settled(made, view)
    if not why:
        return settled_result(made, view)
    everybody = replace(view, team=ALL)
    if is_settled(made, everybody) or not _has_too_few(made, view):
        return ViewResult(view, made, None, why)
    told = (
        f"{why} Dat is te weinig om te laten zien zonder dat iemand te herkennen is. "
        f"Daarom staan hier de uitkomsten van {made.seen(view.year).labels[ALL]} samen."
    )
    return replace(settled_result(made, everybody), instead=told)


def _has_too_few(session: Session, view: View) -> bool:
    """Say whether the team of a view could be chosen if it had more answers."""
    teams = options(session, view, "team")
    return any(option.value == view.team and option.why for option in teams)


def as_printed(table: ProtectedTable, digits: "Digits") -> ProtectedTable:
    """Round what a figure draws as the table prints it.

    The place of a point in an SVG has six decimals. With these the spread within
    teams is known exactly, and with the spread of everybody, which follows from
    the part that gave each answer, so are the means of two hidden teams.

    Parameters
    ----------
    table : ProtectedTable
        Of the view.
    digits : int or mapping of str to int
        Decimals, as of the files.

    Returns
    -------
    ProtectedTable
        The same rows; means, differences of means and interval ends are rounded.

    Examples
    --------
    >>> from swtlib.disclosure import protect
    >>> facts = pd.DataFrame({"team": ["elburg"], "mean": [0.708333]})
    >>> as_printed(protect(facts, kind="public"), 2).frame["mean"].tolist()
    [0.71]
    """
    frame = table.frame
    for column in frame.columns:
        known = digits if isinstance(digits, int) else digits.get(str(column))
        if known is not None and str(column).startswith(DRAWN):
            frame[column] = [
                float(round_half_up(value, known)) if pd.notna(value) else value
                for value in frame[column]
            ]
    return rewrap(table, frame, hidden=table.hidden)


def settled_result(session: Session, view: View) -> ViewResult:
    """Make the table of a view of which is known that it can be shown.

    Parameters
    ----------
    session : Session
        What is made already.
    view : View
        From `choices.choose`.

    Returns
    -------
    ViewResult
    """
    return ViewResult(view, session, session.table(view))
