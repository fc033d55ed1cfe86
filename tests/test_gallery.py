"""docs/gallery.md shows the figures as they are drawn now."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest
from figure_checks import problems
from PIL import Image

from swtlib import figures

ROOT = Path(__file__).resolve().parent.parent
AGAIN = "run: python docs/make_gallery.py"
LARGEST = 1_000_000  # bytes of all pictures together


def maker():
    path = ROOT / "docs" / "make_gallery.py"
    spec = importlib.util.spec_from_file_location("make_gallery", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def gallery():
    return maker()


@pytest.fixture(scope="module")
def pictures(gallery):
    return {entry.name: gallery.draw(entry) for entry in gallery.ENTRIES}


def test_page_is_what_would_be_made_now(gallery, pictures):
    assert gallery.PAGE.read_text("utf-8") == gallery.page(pictures), AGAIN


def test_every_picture_was_drawn_from_what_the_page_says(gallery, pictures):
    files = {path.stem: path for path in gallery.IMAGES.glob("*.png")}
    assert files.keys() == pictures.keys(), AGAIN
    for name, path in files.items():
        with Image.open(path) as image:
            drawn = image.info[gallery.MADE_FROM]
        assert drawn == gallery.digest(pictures[name]), f"{name}: {AGAIN}"
    assert sum(path.stat().st_size for path in files.values()) < LARGEST


def test_gallery_has_every_plot_function(gallery):
    public = {name for name in figures.__all__ if name.startswith("plot_")}
    assert {entry.function for entry in gallery.ENTRIES} == public


def test_gallery_figures_can_be_read_by_everybody(pictures):
    assert {name: problems(picture) for name, picture in pictures.items()} == {
        name: [] for name in pictures
    }


def test_gallery_is_one_call_for_each_figure(gallery):
    told = gallery.PAGE.read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    assert blocks[0] == gallery.START
    assert [block.strip() for block in blocks[1:]] == [e.code for e in gallery.ENTRIES]
    for entry in gallery.ENTRIES:
        (call,) = ast.parse(entry.code).body
        assert ast.unparse(call.value.func) == f"figures.{entry.function}"


def test_digest_changes_with_what_is_drawn_and_not_with_its_letters(gallery, pictures):
    picture = pictures["means_all"]
    before = gallery.digest(picture)
    for text in picture.figure.texts:
        text.set_fontsize(text.get_fontsize() + 1)
    assert gallery.digest(picture) == before
    try:
        dot = next(
            a for a in picture.figure.findobj() if str(a.get_gid()).startswith("mean|")
        )
        place = dot.get_xdata()
        dot.set_xdata([0.123])
        assert gallery.digest(picture) != before
        dot.set_xdata(place)
    finally:
        for text in picture.figure.texts:
            text.set_fontsize(text.get_fontsize() - 1)
