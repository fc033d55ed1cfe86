"""From an executed notebook to a page for readers.

The page is one file: no code, no scripts, nothing loaded from elsewhere (a
Content-Security-Policy in its head forbids it), and the same notebook gives
the same bytes. The look stands in ``templates/swt``, a template of nbconvert;
what of a notebook reaches the page is decided in ``content``.
"""

import html
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader

from swtlib.batch.content import page_parts

if TYPE_CHECKING:
    from nbconvert.exporters import TemplateExporter
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link in the navigation; without an address it is shown as text."""

    label: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What stands around the content of a page.

    Parameters
    ----------
    title : str
        Heading of the page.
    kicker : str
        The line above it: team and year.
    origin : str
        Where the answers come from, for anything but fieldwork.
    survey : str
        What the front page is called, without the year.
    year : int
        The wave.
    team_label : str
        The team, as readers know it.
    href : str
        File name of this page.
    links : tuple of Link
        The pages of this team, this one included.
    back : str
        Where a page that is not a notebook leads back to.
    front : bool
        Whether this is the front page.
    """

    title: str
    kicker: str = ""
    origin: str = ""
    survey: str = ""
    year: int = 0
    team_label: str = ""
    href: str = ""
    links: tuple[Link, ...] = ()
    back: str = ""
    front: bool = False

    @property
    def previous(self) -> Link | None:
        """The page before this one."""
        return self._neighbour(-1)

    @property
    def next(self) -> Link | None:
        """The page after this one."""
        return self._neighbour(1)

    def _neighbour(self, step: int) -> Link | None:
        made = [link for link in self.links if link.href]
        here = [i for i, link in enumerate(made) if link.href == self.href]
        at = here[0] + step if here else -1
        return made[at] if 0 <= at < len(made) else None


def render_page(notebook: "NotebookNode", page: Page) -> str:
    """Make the page of an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        As executed. Its code is not shown; cells tagged ``parameters``,
        ``injected-parameters`` or ``hide`` are left out altogether.
    page : Page
        Title, navigation, origin of the data.

    Returns
    -------
    str
        A whole HTML file that loads nothing and runs nothing.
    """
    rendered, _ = _exporter().from_notebook_node(notebook, resources={"page": page})
    return str(rendered).rstrip() + "\n"


def render_document(
    *, title: str, body: str, kicker: str = "", origin: str = "", back: str = ""
) -> str:
    """Make a page that is not a notebook, in the same look.

    Parameters
    ----------
    title : str
        Heading of the page.
    body : str
        Its content as HTML, used as it is.
    kicker : str, optional
        A line above the heading.
    origin : str, optional
        Where the answers come from.
    back : str, optional
        Address of the page to return to.

    Returns
    -------
    str
        A whole HTML file.
    """
    page = Page(title=title, kicker=kicker, origin=plain_origin(origin), back=back)
    return render_template("document.html.j2", page=page, body=body)


def render_failed(page: Page, notebook: str) -> str:
    """Make the page that stands in for one that could not be made.

    The page of an earlier run is not kept: it would pass for a fresh one.

    Parameters
    ----------
    page : Page
        As for the page that failed.
    notebook : str
        File name of the notebook that shows what went wrong.

    Returns
    -------
    str
        A whole HTML file, without any detail of the error.
    """
    body = (
        '<p class="lead">Deze pagina is niet gemaakt.</p>\n'
        "<p>Bij het rekenen ging iets mis. Een eerdere versie is weggehaald, omdat "
        "niet zeker is dat zij nog klopt. De andere pagina's staan hier los van.</p>\n"
        f"<p>Wie de cijfers maakt, vindt de oorzaak in "
        f"<code>{html.escape(notebook)}</code>.</p>"
    )
    return render_template(
        "document.html.j2",
        page=Page(title=page.title, kicker=page.kicker, back="../index.html"),
        body=body,
    )


def render_template(name: str, **values: Any) -> str:
    """Fill in one of the templates of ``templates/swt``."""
    return _environment().get_template(name).render(**values).rstrip() + "\n"


def plain_origin(line: str) -> str:
    """Take the word "Herkomst" from the start of a line: the page says it.

    Examples
    --------
    >>> plain_origin("Herkomst: reconstructie. Geen antwoorden van mensen.")
    'reconstructie. Geen antwoorden van mensen.'
    """
    return line.removeprefix("Herkomst:").strip()


@cache
def _exporter() -> "TemplateExporter":
    """Make the exporter once per process: its templates are compiled once."""
    from nbconvert.exporters import TemplateExporter

    exporter = TemplateExporter(  # type: ignore[no-untyped-call]
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="swt",
        file_extension=".html",
        default_preprocessors=[],  # cells are chosen in page_parts
    )
    exporter.environment.autoescape = True
    exporter.environment.filters["page_parts"] = page_parts
    return exporter


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES / "swt"), autoescape=True, cache_size=20
    )
