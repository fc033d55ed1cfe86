"""The pages of the docs as tests read them: blocks of code, code in a line, links.

What a page may hold, so that a test can follow it:

- ``sh``: one command a line, without a prompt, so that it can be copied on Windows too.
- ``text`` right after it: what the command says. Spaces do not count, lines may be left
  out between two that are shown, and … stands for anything within a line.
- ``python``: runs as it stands, after those above it; ``text`` right after it is what
  the block prints.
- ``toml`` with a first line ``# path: where``: what to put in which file. Where: ``new
  file``, ``at the end``, ``above TEXT`` or ``below TEXT``.
- ``json``: the metadata of a notebook whose cells are the Python blocks above it.
- *Vooraf:* or *Before:* with a link: what that page puts in files comes first.
- ``bash``: a script that nobody types; it is not run.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
LANGUAGES = frozenset({"sh", "text", "python", "toml", "json", "bash"})
FENCE = re.compile(r"^( *)```(\S*)\n(.*?)^ *```\n", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)")
LINK = re.compile(r"!?\[(?:[^\]\\]|\\.)*\]\(([^)\s]+)\)")
BEFORE = re.compile(
    r"^\*(?:Vooraf|Before):\*.*?\]\(([^)#]+)\)", re.MULTILINE | re.DOTALL
)
PLACE = re.compile(r"# (\S+): (new file|at the end|(?:above|below) (.+))")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it starts, its language and text."""

    page: Path
    line: int
    language: str
    text: str
    follows: bool  # whether it comes right after the block before it

    @property
    def place(self):
        """Page and line, for messages."""
        return f"{name_of(self.page)}:{self.line}"

    def commands(self):
        """Give the commands of a block, one a line; comments are left out."""
        joined = self.text.replace("\\\n", " ")
        lines = (re.sub(r"(^|\s)# .*", "", line).strip() for line in joined.split("\n"))
        return [part.strip() for line in lines if line for part in line.split("&&")]


def name_of(page):
    """Give the path of a page within the project."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page):
    """Give the fenced blocks of a page, in order."""
    text, end, blocks = page.read_text("utf-8"), 0, []
    for match in FENCE.finditer(text):
        indent, language, inside = match.groups()
        lines = [line.removeprefix(indent) for line in inside.splitlines()]
        between = text[end : match.start()]
        end = match.end()
        line = text.count("\n", 0, match.start()) + 1
        follows = bool(blocks) and not between.strip()
        blocks.append(Block(page, line, language, "\n".join(lines) + "\n", follows))
    return blocks


def before(page):
    """Give the page that must be followed first, if there is one."""
    match = BEFORE.search(prose_of(page))
    return (page.parent / match[1]).resolve() if match else None


def prose_of(page):
    """Give the text of a page without its fenced blocks; lines keep their number."""
    text = page.read_text("utf-8")
    return FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), text)


def spans_of(page):
    """Give the code that stands within lines of a page."""
    return [" ".join(span.split()) for span in SPAN.findall(prose_of(page))]


def anchors_of(page):
    """Give the anchors of a page, as GitHub makes them of the headings."""
    seen, anchors = {}, set()
    for title in re.findall(r"^#+ +(.+?) *$", prose_of(page), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        n = seen.get(slug, 0)
        seen[slug] = n + 1
        anchors.add(f"{slug}-{n}" if n else slug)
    return anchors


def squeezed(text):
    """Write every run of blanks as one space."""
    return " ".join(text.split())


def assert_shown(expected, output, place):
    """See that the lines of ``expected`` stand in ``output``, in that order."""
    said, at = squeezed(output), 0
    for line in expected.splitlines():
        for part in filter(None, map(squeezed, line.split("…"))):
            found = said.find(part, at)
            assert found >= 0, f"{place}: not (or not there) {part!r} in\n{output}"
            at = found + len(part)
