"""What the docs say about the tree is true: links, lists, formats of code."""

import json
import re
import tomllib
from urllib.parse import unquote

import pytest
import typer.main
from doc_pages import (
    LANGUAGES,
    LINK,
    PAGES,
    PLACE,
    ROOT,
    anchors_of,
    assert_shown,
    blocks_of,
    name_of,
    prose_of,
    spans_of,
)

import swtlib
from swtlib.batch.plan import plan_runs
from swtlib.cli import app

pages = pytest.mark.parametrize("page", PAGES, ids=name_of)


@pages
def test_every_block_of_code_can_be_followed(page):
    for block in blocks_of(page):
        assert block.language in LANGUAGES, block.place
        if block.language == "toml":
            tomllib.loads(block.text)
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "python":
            compile(block.text, block.place, "exec")
        elif block.language == "sh":
            assert block.commands(), block.place
            assert not block.text.startswith("$"), block.place
        elif block.language == "text":
            assert block.follows, f"{block.place}: what says this?"


@pages
def test_no_code_is_hidden_in_an_indented_block(page):
    after_blank, in_list = True, False
    for number, line in enumerate(prose_of(page).splitlines(), 1):
        if line and not line.startswith(" "):
            in_list = bool(re.match(r"([-*]|\d+\.) ", line))
        hidden = after_blank and line.startswith("    ") and not in_list
        assert not hidden, f"{name_of(page)}:{number}: fence it, so that a test sees it"
        after_blank = not line.strip()


@pages
def test_links_and_anchors_resolve(page):
    for link in LINK.findall(prose_of(page)):
        if re.match(r"https?:|mailto:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{name_of(page)}: {link}"
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors_of(target), f"{name_of(page)}: {link}"


def test_every_page_can_be_reached_from_the_readme():
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        reached.add(page)
        for link in LINK.findall(prose_of(page)):
            name = link.partition("#")[0]
            target = (page.parent / name).resolve()
            if name.endswith(".md") and target not in reached:
                todo.append(target)
    assert set(PAGES) <= reached


def test_readme_names_every_command_and_notebook():
    spans = spans_of(ROOT / "README.md")
    named = {match.group(1) for s in spans if (match := re.match(r"swt ([\w-]+)", s))}
    assert named == set(typer.main.get_command(app).commands)
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert notebook.stem in spans, notebook.name


def test_readme_counts_the_pages_of_2015():
    text = prose_of(ROOT / "README.md")
    n_pages = len(plan_runs(year=2015))
    assert f"{n_pages} pages" in text


def test_architecture_names_every_room():
    page = ROOT / "docs" / "architecture.md"
    named = {span.removesuffix(".py").strip("/") for span in spans_of(page)}
    package = ROOT / "swtlib"
    files = {p.stem for p in package.glob("*.py") if not p.stem.startswith("_")}
    files |= {p.parent.name for p in package.glob("*/__init__.py")}
    assert files - named == set()


def test_architecture_names_no_module_that_is_gone():
    page = ROOT / "docs" / "architecture.md"
    there = {path.name for path in (ROOT / "swtlib").rglob("*.py")}
    named = {s for s in spans_of(page) if re.fullmatch(r"\w+\.py", s)}
    assert named - there == set()


def test_glossary_uses_names_of_the_library():
    """A name in the glossary is a word of the library: a function, column or key."""
    page = ROOT / "docs" / "begrippen.md"
    words = set()
    for path in [*ROOT.glob("swtlib/**/*.py"), *ROOT.glob("swtlib/**/*.toml")]:
        words |= set(re.findall(r"[A-Za-z_]\w+", path.read_text("utf-8")))
    rows = [line for line in prose_of(page).splitlines() if line.startswith("| **")]
    assert len(rows) > 40
    for row in rows:
        name_cell = row.split("|")[3]
        for name in re.findall(r"`([^`]+)`", name_cell):
            assert set(re.findall(r"[A-Za-z_]\w+", name)) <= words, name


def test_glossary_has_one_row_and_one_name_per_term():
    text = prose_of(ROOT / "docs" / "begrippen.md")
    terms = re.findall(r"^\| \*\*(.+?)\*\*", text, re.MULTILINE)
    assert len(terms) == len(set(terms))
    names = re.findall(r"^\| \*\*.+?\*\* \|[^|]*\|([^|]*)\|", text, re.MULTILINE)
    given = [name for cell in names for name in re.findall(r"`([^`]+)`", cell)]
    assert len(given) == len(set(given))


def test_python_in_the_docs_uses_public_names():
    for page in PAGES:
        for block in blocks_of(page):
            if block.language == "python":
                for name in re.findall(r"\bswt\.(\w+)", block.text):
                    assert name in swtlib.__all__, f"{block.place}: {name}"


def test_place_of_a_snippet_is_understood():
    match = PLACE.fullmatch("# data/raw/2017/wave.toml: below elburg = 8")
    assert match
    assert match.group(1, 3) == ("data/raw/2017/wave.toml", "elburg = 8")
    assert PLACE.fullmatch("# notebooks/x.toml: somewhere") is None


def test_what_a_page_shows_is_compared_in_order():
    assert_shown("a  b\nd … f", "a b\nc\nd e f", "here")
    for wrong in ("b\na", "a c", "d … g"):
        with pytest.raises(AssertionError):
            assert_shown(wrong, "a b\nc\nd e f", "here")
