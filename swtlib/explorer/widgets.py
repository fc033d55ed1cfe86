"""The controls of the verkenner in JupyterLab: a thin face over the library.

What can be chosen, what is shown and what is kept is decided elsewhere; here a
choice becomes a view, and a view becomes what the controls say. Text and table
replace each other in one step. The figure follows when the table is there, so that
it never holds up a next choice; only the last one asked for is drawn. What the next
choice may ask for is made in idle moments, so that it is there at once.
"""

import asyncio
import errno
import html
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from swtlib.errors import SwtError
from swtlib.explorer.choices import FIELDS, PARTS, Option, choose, follow
from swtlib.explorer.idle import next_views
from swtlib.explorer.result import STYLE, ViewResult, settled_result
from swtlib.explorer.session import Session
from swtlib.explorer.view import View
from swtlib.explorer.words import NO_TESTING
from swtlib.project import project_root

LABELS = {
    "year": "Jaar",
    "instrument": "Onderwerp",
    "show": "Weergave",
    "since": "Eerder jaar",
    "group": "Onderdeel",
    "only": "Welke",
    "split": "Wie",
    "team": "Team",
    "competence": "Competentie",
}
ONLY_THERE = ("since", "competence")  # left out where they do not matter
SAVES: Mapping[str, tuple[str, Callable[[ViewResult], Path]]] = {
    "png": ("Figuur als PNG", lambda made: made.save_figure("png")),
    "svg": ("Figuur als SVG", lambda made: made.save_figure("svg")),
    "xlsx": ("Tabel als XLSX", lambda made: made.save_table("xlsx")),
    "csv": ("Tabel als CSV", lambda made: made.save_table("csv")),
    "ipynb": ("Maak notebook", lambda made: made.save_notebook()),
}
WAITING = (
    "Even geduld: eerst wordt uitgerekend welke groepen te tonen zijn zonder dat "
    "iemand te herkennen is. Dat gebeurt één keer per onderwerp."
)
MOST_NAMES = 4  # under a control; more are counted
MOST_KEPT = 100  # views with their figures
MOST_AHEAD = 24  # views that are made ahead after a choice
SOON = 0.01  # seconds in which a next choice may overtake a figure
IDLE = 0.4  # seconds after which nobody seems to choose
PAUSE = 0.02  # seconds between steps, in which a choice is heard
# JupyterLab would take the keys of a list that has the focus for its own: an arrow
# moves to another cell, and x cuts the cell. It leaves them alone where the element
# itself has this attribute, and Python cannot give it that.
_OWN_KEYS = (
    "this.closest('.swt-verkenner')?.addEventListener('focusin', event => "
    "event.target.setAttribute('data-lm-suppress-shortcuts', 'true'))"
)
LOOK = (
    f'<style onload="{_OWN_KEYS}">'
    + """
.swt-verkenner { container-type: inline-size; }
.swt-why { font-size: 12px; line-height: 1.35; color: var(--jp-ui-font-color2, #566270);
  margin: 0 0 2px 92px; }
.swt-status { font-size: 13px; line-height: 1.4; min-height: 1.4em; }
.swt-status.swt-no { border-left: 3px solid #b3541e; padding-left: 8px; }
.swt-status.swt-yes { border-left: 3px solid #0a5871; padding-left: 8px; }
.swt-verkenner .widget-html-content { line-height: 1.4; }
.swt-verkenner select:focus-visible, .swt-verkenner button:focus-visible,
.swt-verkenner .swt-scroll:focus-visible, .swt-verkenner summary:focus-visible {
  outline: 2px solid #0a5871; outline-offset: 2px; }
</style>"""
)


class Verkenner:
    """Controls, a word beforehand, a figure, a table and buttons to keep them.

    Parameters
    ----------
    session : Session
        What is made already.
    view : View
        Where to begin; what cannot be shown is changed into what can.
    """

    def __init__(self, session: Session, view: View) -> None:
        self.session = session
        self.fault: Exception | None = None
        self._setting = False
        self._made: dict[View, ViewResult] = {}
        self.controls = {name: _dropdown(LABELS[name]) for name in FIELDS}
        self._whys = {name: widgets.HTML() for name in FIELDS}
        self.status = widgets.HTML()
        self.about = widgets.HTML()
        self.figure = widgets.HTML()
        self.table = widgets.HTML()
        self.buttons = {name: _button(text) for name, (text, _) in SAVES.items()}
        for name, control in self.controls.items():
            control.observe(self._listen(name), names="value")
        for name, button in self.buttons.items():
            button.on_click(self._saver(name))
        self.box = self._lay_out()
        self.view = view
        self.result = self._work_out(view, {})
        self._draw(self.result)
        self._work_ahead(self.result)

    def _repr_mimebundle_(self, **given: Any) -> Any:
        return self.box._repr_mimebundle_(**given)

    def choose(self, **changes: Any) -> None:
        """Choose as with the controls.

        Parameters
        ----------
        **changes
            Parts of a `View`, such as ``show="answers"``.
        """
        try:
            made = self._work_out(follow(self.view, changes), changes)
            self._draw_soon(made)
            self._work_ahead(made)
        except SwtError as error:
            self._say(str(error), good=False)
            self._set_controls(self.view, self._known)
        except Exception as fault:  # a researcher is not shown a traceback
            self.fault = fault
            self._say(
                f"Hier ging iets mis ({type(fault).__name__}). De vorige weergave "
                "blijft staan. Meld dit aan wie de werkbank beheert, met wat u koos.",
                good=False,
            )
            self._set_controls(*choose(self.session, self.view))

    def save(self, kind: str) -> None:
        """Keep the figure, the table or a notebook, and say where it is.

        Parameters
        ----------
        kind : {"png", "svg", "xlsx", "csv", "ipynb"}
            As the buttons.
        """
        try:
            path = SAVES[kind][1](self.result)
        except SwtError as error:
            self._say(str(error), good=False)
        except OSError as error:
            self._say(_why_not_kept(error), good=False)
        else:
            self._say(f"Bewaard: {_place(path)}", good=True)

    # --- steps ---------------------------------------------------------------

    def _work_out(self, view: View, asked: Mapping[str, Any]) -> ViewResult:
        """Settle a view, set the controls to it, and show its words and table."""
        if asked.get("split") in PARTS and not self.session.has_split_plan(
            view.year, view.instrument
        ):
            self._say(WAITING, good=True)
            for control in self.controls.values():
                # A choice made meanwhile would be read as one of other options.
                control.disabled = True
            wave = self.session.wave(view.year)
            instrument = wave.codebook.instruments[view.instrument]
            self.session.closed_in_splits(view.year, instrument)
        settled, known = choose(self.session, view)
        made = self._made.pop(settled, None) or settled_result(self.session, settled)
        self._keep(made)
        about, table = made.about().html, made.show_table().html
        self.view, self.result, self._known = settled, made, known
        self._set_controls(settled, known)
        self.about.value, self.table.value = about, table
        for button in self.buttons.values():
            button.disabled = made.table is None
        refused = [
            f"‘{option.label}’ kan hier niet: {option.why}."
            for name, value in asked.items()
            for option in known[name]
            if option.value == value and option.why
        ]
        self._say(" ".join(refused), good=not refused)
        return made

    def _set_controls(
        self, view: View, known: Mapping[str, tuple[Option, ...]]
    ) -> None:
        self._setting = True
        try:
            for name, control in self.controls.items():
                open_ = [(o.label, o.value) for o in known[name] if not o.why]
                _set_options(control, open_, getattr(view, name))
                here = name not in ONLY_THERE or len(open_) > 1 or bool(open_[0][1])
                for part in (control, self._whys[name]):
                    part.layout.display = None if here else "none"
                self._whys[name].value = _why_text(name, view, known[name])
        finally:
            self._setting = False

    def _keep(self, made: ViewResult) -> None:
        self._made[made.view] = made  # the last one comes last
        if len(self._made) > MOST_KEPT:
            del self._made[next(iter(self._made))]

    def _draw_soon(self, made: ViewResult) -> None:
        """Draw after what the browser still waits for, unless a next choice comes."""
        loop = _running_loop()
        if loop is None or made.is_drawn:
            self._draw(made)
        else:
            loop.call_later(SOON, self._draw, made)

    def _work_ahead(self, made: ViewResult) -> None:
        """Make what the next choice may ask for, in steps, until it comes."""
        loop = _running_loop()
        if loop is not None:
            loop.call_later(IDLE, self._step, made, self._steps())

    def _step(self, made: ViewResult, steps: Iterator[None]) -> None:
        if made is not self.result:
            return
        try:
            next(steps)
        except StopIteration:
            return
        except Exception:  # it is told when that view is asked for
            return
        asyncio.get_running_loop().call_later(PAUSE, self._step, made, steps)

    def _steps(self) -> Iterator[None]:
        near = next_views(self.session, self.view, self._known)
        for view in islice(near, MOST_AHEAD):
            yield
            if view not in self._made:
                made = settled_result(self.session, view)
                yield
                made.show_figure()
                self._keep(made)

    def _draw(self, made: ViewResult) -> None:
        if made is not self.result:
            return
        try:
            self.figure.value = made.show_figure().html
        except Exception as fault:  # the table stands; a figure that fails is told
            self.fault = fault
            self.figure.value = ""
            self._say(
                f"De figuur lukte niet ({type(fault).__name__}); de tabel klopt wel.",
                good=False,
            )

    def _listen(self, name: str) -> Callable[[Mapping[str, Any]], None]:
        def changed(change: Mapping[str, Any]) -> None:
            if not self._setting:
                self.choose(**{name: change["new"]})

        return changed

    def _saver(self, name: str) -> Callable[[object], None]:
        return lambda _: self.save(name)

    def _say(self, text: str, *, good: bool) -> None:
        kind = ("swt-yes" if good else "swt-no") if text else ""
        told = html.escape(text, quote=False)
        self.status.value = f'<div class="swt-status {kind}" role="status">{told}</div>'

    def _lay_out(self) -> widgets.Widget:
        column = widgets.Layout(min_width="0", overflow="hidden")
        chosen = [
            widgets.VBox([self.controls[name], self._whys[name]], layout=column)
            for name in FIELDS
        ]
        left = widgets.GridBox(
            chosen,
            layout=widgets.Layout(
                flex="1 1 320px",
                grid_template_columns="repeat(auto-fit, minmax(280px, 1fr))",
                grid_gap="4px 20px",
                align_content="flex-start",
                min_width="0",
            ),
        )
        keep = widgets.HBox(
            list(self.buttons.values()),
            layout=widgets.Layout(flex_flow="row wrap", grid_gap="4px"),
        )
        shown = widgets.HBox(
            [self.figure, self.table],
            layout=widgets.Layout(
                flex_flow="row wrap", align_items="flex-start", grid_gap="12px 32px"
            ),
        )
        self.figure.layout = widgets.Layout(flex="0 1 auto", max_width="100%")
        self.table.layout = widgets.Layout(flex="0 1 auto", max_width="100%")
        right = widgets.VBox(
            [keep, self.status, self.about, shown],
            layout=widgets.Layout(flex="999 1 560px", min_width="0"),
        )
        both = widgets.HBox(
            [left, right],
            layout=widgets.Layout(
                flex_flow="row wrap", align_items="flex-start", grid_gap="12px 28px"
            ),
        )
        hint = f'<div class="swt-foot"><p>{html.escape(NO_TESTING)}</p></div>'
        box = widgets.VBox([widgets.HTML(LOOK + STYLE), both, widgets.HTML(hint)])
        box.add_class("swt-verkenner")
        return box


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Give the loop of the kernel; None where there is no kernel."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _dropdown(label: str) -> widgets.Dropdown:
    return widgets.Dropdown(
        description=label,
        style={"description_width": "84px"},
        layout=widgets.Layout(width="auto"),
    )


def _button(text: str) -> widgets.Button:
    return widgets.Button(description=text, layout=widgets.Layout(width="auto"))


def _set_options(
    control: widgets.Dropdown, options: list[tuple[str, Any]], value: object
) -> None:
    """Set what a control offers, in one message and only if it changes."""
    with control.hold_sync():
        if list(control.options) != options:
            control.options = options
        if control.value != value:
            control.value = value
        control.disabled = len(options) < 2


def _why_text(name: str, view: View, known: tuple[Option, ...]) -> str:
    """Say under a control what cannot be chosen, and why."""
    if name == "team" and len(known) == 1:
        return _why_html("kies bij Wie eerst ‘alle teams samen, of één team’")
    reasons: dict[str, list[str]] = {}
    for option in known:
        if option.why:
            reasons.setdefault(option.why, []).append(option.label)
    told = []
    for why, names in reasons.items():
        if len(names) > MOST_NAMES:
            names = [*names[: MOST_NAMES - 1], f"{len(names) - MOST_NAMES + 1} andere"]
        told.append(f"{'; '.join(names)} ({why})")
    return _why_html("niet te kiezen: " + "; ".join(told)) if told else ""


def _why_html(text: str) -> str:
    told = html.escape(text[:1].upper() + text[1:], quote=False)
    return f'<div class="swt-why">{told}.</div>'


def _why_not_kept(error: OSError) -> str:
    """Say in Dutch why a file could not be written: the system says it in its own."""
    if isinstance(error, PermissionError):
        return (
            "Bewaren lukte niet: het bestand staat nog open, bijvoorbeeld in Excel, of "
            "u mag in deze map niet schrijven. Sluit het en probeer het nog eens."
        )
    if error.errno == errno.ENOSPC:
        return "Bewaren lukte niet: de schijf is vol."
    return f"Bewaren lukte niet (foutnummer {error.errno})."


def _place(path: Path) -> str:
    """Name a file as it stands in the project."""
    root = project_root()
    if path.resolve().is_relative_to(root):
        return path.resolve().relative_to(root).as_posix()
    return str(path)
