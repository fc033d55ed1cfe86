"""What of an executed notebook reaches its page: texts, tables, figures, notices.

Code, prompts and tracebacks do not, nor does anything of the machine it ran
on. Text output is escaped; a warning becomes a short notice.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from nbformat import NotebookNode

HIDDEN_TAGS = frozenset({"parameters", "injected-parameters", "hide"})
FAILED_STEP = "Bij deze stap ging iets mis; de uitkomst ontbreekt hier."

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>\s*", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
PYTHON_WARNING = re.compile(r"^.*?:\d+: (?P<kind>\w*Warning): (?P<message>.*)$")
# Meant for who maintains the code, not for who reads the page.
FOR_DEVELOPERS = frozenset(
    {
        "DeprecationWarning",
        "FutureWarning",
        "PendingDeprecationWarning",
        "ResourceWarning",
    }
)
TABLE_TITLE = re.compile(r'class="gt_heading gt_title[^"]*"[^>]*>(.*?)<', re.DOTALL)
# An absolute path of this machine; its last part is enough for a reader.
UNIX_PATH = re.compile(r"(?<![\w/:.<])(?:/[^\s/:'\"<>]+)+/([^\s/:'\"<>]+)")
WINDOWS_PATH = re.compile(r"\b[A-Za-z]:\\(?:[^\s\\:'\"<>]+\\)*([^\s\\:'\"<>]+)")
IMAGE_TYPES = ("image/png", "image/jpeg")
FOREIGN_IMAGE = re.compile(r'<img (?![^>]*src="data:image/)[^>]*>')
ADDRESS = re.compile(r'href="([^"]*)"')
ADDRESS_SCHEME = re.compile(r"([a-zA-Z][\w+.-]*):")


@dataclass(frozen=True, kw_only=True)
class Block:
    """One piece of a page: running text, a table, a figure, a notice."""

    kind: Literal["text", "table", "output", "plain", "notice"]
    html: str = ""
    label: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading that the list of contents can point to."""

    id: str
    text: str


@dataclass
class Parts:
    """The content of a page in order, with its list of contents."""

    title: str
    blocks: list[Block] = field(default_factory=list)
    contents: list[Heading] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)

    def add_markdown(self, source: str, *, ours: bool = True) -> None:
        """Add a text; the title is not repeated, and only the page has an h1."""
        text = HEADING.sub(self._heading, render_markdown(source, ours=ours)).strip()
        if text:
            self.blocks.append(Block(kind="text", html=text))

    def _heading(self, match: re.Match[str]) -> str:
        level = max(int(match[1]), 2)
        text = html.unescape(TAG.sub("", match[2])).strip()
        first = not self.blocks and not self.contents
        if first and match[1] == "1" and text.casefold() == self.title.casefold():
            return ""
        name = self._unique(_slug(text))
        if level == 2:
            self.contents.append(Heading(id=name, text=text))
        return f'<h{level} id="{name}">{match[2]}</h{level}>\n'

    def _unique(self, name: str) -> str:
        candidate, count = name, 1
        while candidate in self._ids:
            count += 1
            candidate = f"{name}-{count}"
        self._ids.add(candidate)
        return candidate


def without_paths(text: str) -> str:
    """Shorten the absolute paths in a text to their last part.

    Parameters
    ----------
    text : str
        A message.

    Returns
    -------
    str
        The message without the folders of this machine.

    Examples
    --------
    >>> without_paths("no file /srv/swt/2015.csv, 3/4 of en/of")
    'no file 2015.csv, 3/4 of en/of'
    """
    return WINDOWS_PATH.sub(r"\1", UNIX_PATH.sub(r"\1", text))


def page_parts(notebook: "NotebookNode") -> Parts:
    """Take from a notebook what a reader should see.

    Parameters
    ----------
    notebook : NotebookNode
        As executed.

    Returns
    -------
    Parts
        Blocks in order, and the headings for the list of contents.
    """
    title = str(notebook.metadata.get("swt", {}).get("title", ""))
    parts = Parts(title=title)
    for cell in notebook.cells:
        if HIDDEN_TAGS.intersection(cell.metadata.get("tags", [])):
            continue
        if cell.cell_type == "markdown":
            parts.add_markdown(cell.source)
        elif cell.cell_type == "code":
            _add_outputs(parts, cell.outputs)
    return parts


def render_markdown(source: str, *, ours: bool = True) -> str:
    r"""Turn Markdown into HTML.

    Parameters
    ----------
    source : str
        Markdown.
    ours : bool, default True
        Whether a notebook has it as its text, so that HTML in it is kept. In
        what a cell gave there may be an answer; HTML is then shown as words,
        pictures from elsewhere are left out, and no link runs anything.

    Returns
    -------
    str
        HTML, without ids or anchors.

    Examples
    --------
    >>> render_markdown("<b>x</b>", ours=False)
    '<p>&lt;b&gt;x&lt;/b&gt;</p>\n'
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=not ours, exclude_anchor_links=True)
    text = MarkdownWithMath(renderer=renderer).render(source)
    return text if ours else ADDRESS.sub(_harmless, FOREIGN_IMAGE.sub("", text))


def _harmless(match: re.Match[str]) -> str:
    """Keep an address that leads to a page; any other becomes none."""
    scheme = ADDRESS_SCHEME.match(html.unescape(match[1]).strip())
    fine = scheme is None or scheme[1].lower() in ("http", "https", "mailto")
    return match[0] if fine else 'href="#"'


def clean_warnings(text: str) -> list[str]:
    r"""Keep of a stderr stream what says something to a reader.

    Parameters
    ----------
    text : str
        As the notebook caught it: warnings with file, line and source.

    Returns
    -------
    list of str
        One message each, in order, none twice; without paths of this machine.
        A traceback becomes a plain sentence; warnings that are meant for
        developers are left out.

    Examples
    --------
    >>> clean_warnings("/var/x_81/9.py:3: UserWarning: te weinig\n  warn('...')\n")
    ['te weinig']
    """
    found: list[str] = []
    skip_source = in_traceback = False
    for line in ANSI.sub("", text).splitlines():
        indented = line.startswith(" ")
        if in_traceback:
            in_traceback = indented  # its last line names the error: left out too
            continue
        if skip_source and indented:
            skip_source = False
            continue
        skip_source = False
        if line.startswith("Traceback (most recent call last)"):
            in_traceback = True
            found.append(FAILED_STEP)
            continue
        warning = PYTHON_WARNING.match(line)
        if warning:
            skip_source = True
            line = "" if warning["kind"] in FOR_DEVELOPERS else warning["message"]
        if line.strip():
            found.append(without_paths(line.strip()))
    return list(dict.fromkeys(found))


def _add_outputs(parts: Parts, outputs: list[Mapping[str, Any]]) -> None:
    notices: list[str] = []
    for output in outputs:
        match output["output_type"]:
            case "stream" if output["name"] == "stderr":
                notices += clean_warnings(_joined(output["text"]))
            case "stream":
                parts.blocks += _plain(_joined(output["text"]))
            case "error":
                notices.append(FAILED_STEP)
            case _:
                _add_rich(parts, output["data"], output.get("metadata", {}))
    if notices:
        lines = tuple(dict.fromkeys(notices))
        parts.blocks.append(Block(kind="notice", lines=lines))


def _add_rich(parts: Parts, data: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    if "text/html" in data:
        content = _joined(data["text/html"]).strip()
        title = TABLE_TITLE.search(content)
        label = html.unescape(title[1]).strip() if title else "Tabel"
        kind: Literal["table", "output", "text"] = "text"
        if "<table" in content:
            kind = "table"
        elif "<img" in content or "<svg" in content:
            kind = "output"
        parts.blocks.append(Block(kind=kind, html=content, label=label))
    elif "text/markdown" in data:
        parts.add_markdown(_joined(data["text/markdown"]), ours=False)
    elif images := [kind for kind in IMAGE_TYPES if kind in data]:
        alt = html.escape(str(about.get("alt", "Figuur")), quote=True)
        pixels = "".join(_joined(data[images[0]]).split())
        source = f"data:{images[0]};base64,{pixels}"
        image = f'<figure><img alt="{alt}" src="{source}"></figure>'
        parts.blocks.append(Block(kind="output", html=image))
    elif "text/plain" in data:
        parts.blocks += _plain(_joined(data["text/plain"]))


def _plain(text: str) -> Iterator[Block]:
    shown = without_paths(ANSI.sub("", text)).strip("\n")
    if shown.strip():
        yield Block(kind="plain", html=shown)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _slug(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-") or "deel"
