"""What must hold for every figure, whatever it shows."""

import re
from itertools import combinations, pairwise

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from swtlib._figure_colours import lightness
from swtlib._figure_style import figure_style, luminance

TELEPHONE = 400  # pixels wide
SMALLEST = 10  # pixels of type on that telephone
DPI = 160
TEXT_CONTRAST, SIGN_CONTRAST = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
APART = 7  # of the 100 steps of CIE lightness, between colours side by side
# Machado, Oliveira & Fernandes (2009), severity 1.0: no red, or no green cones.
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def texts(picture):
    return [t for t in picture.figure.findobj(Text) if t.get_text().strip()]


def words(picture):
    return " ".join(t.get_text() for t in texts(picture))


def problems(picture, *, shows_data=True):
    """Say everything that is wrong with a picture."""
    found = []
    for check in (
        missing_words,
        small_type,
        text_out_of_place,
        faint_text,
        faint_signs,
        like_colours,
    ):
        found.extend(check(picture, shows_data))
    return found


def missing_words(picture, shows_data):
    """Say what is not told: n, origin, title, alt; or told with a point."""
    told = " ".join(words(picture).split())
    if shows_data and not re.search(r"\bn = \d|\bn in \d{4} en \d{4}: ", told):
        yield "no n"
    if not picture.origin.startswith("Herkomst: ") or picture.origin not in told:
        yield "no origin"
    if picture.title not in told:
        yield "no title"
    if picture.finding and picture.finding not in told:
        yield "no headline"
    numbers = re.search(r"\d", picture.alt) or not shows_data
    if not picture.alt.startswith(picture.title) or len(picture.alt) < 60:
        yield "no alt text"
    elif not numbers or picture.finding not in picture.alt:
        yield "alt text without what is to be seen"
    for text in (told, picture.alt, picture.note):
        yield from (f"decimal point: {n}" for n in re.findall(r"\d\.\d+", text))


def small_type(picture, _):
    scale = TELEPHONE / (72 * picture.figure.get_figwidth())
    for text in texts(picture):
        if text.get_fontsize() * scale < SMALLEST:
            yield f"small type: {text.get_text()}"


def text_out_of_place(picture, _):
    figure = picture.figure
    wide, high = figure.get_size_inches() * DPI
    placed = list(boxes(figure, texts(picture)))
    for text, box in placed:
        inside = box.x0 >= -1 and box.x1 <= wide + 1
        if not (inside and box.y0 >= -1 and box.y1 <= high + 1):
            yield f"cut off: {text.get_text()}"
    for (one, first), (other, second) in combinations(placed, 2):
        over_x = min(first.x1, second.x1) - max(first.x0, second.x0)
        over_y = min(first.y1, second.y1) - max(first.y0, second.y0)
        # Boxes have room for letters that go up or down; letters do not touch.
        if over_x >= 2 and over_y >= 4:
            yield f"on each other: {one.get_text()} / {other.get_text()}"


def boxes(figure, found):
    with figure_style():
        figure.set_dpi(DPI)
        figure.canvas.draw()
        renderer = FigureCanvasAgg(figure).get_renderer()
        for text in found:
            yield text, text.get_window_extent(renderer)


def faint_text(picture, _):
    """Say which text is hard to tell from what is painted behind it."""
    found = texts(picture)
    placed = list(boxes(picture.figure, found))
    paint = without_text(picture.figure, found)
    high = paint.shape[0]
    for text, box in placed:
        rows = slice(max(0, round(high - box.y1)), max(1, round(high - box.y0)))
        behind = paint[rows, max(0, round(box.x0)) : max(1, round(box.x1))]
        if not behind.size:
            continue  # not on the paper: that is told already
        ground = np.median(behind.reshape(-1, 3), axis=0)
        if contrast(to_rgb(text.get_color()), ground) < TEXT_CONTRAST:
            yield f"faint text: {text.get_text()}"


def without_text(figure, found):
    for text in found:
        text.set_visible(False)
    with figure_style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    for text in found:
        text.set_visible(True)
    return np.asarray(canvas.buffer_rgba())[:, :, :3] / 255


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faint_signs(picture, _):
    """Say which dots, lines and bars with data are faint on white paper."""
    for artist in picture.figure.findobj():
        kind = str(artist.get_gid()).split("|")[0]
        if kind in ("mean", "interval", "have", "want", "rank", "slope", "bar", "gap"):
            colour = getattr(artist, "get_markeredgecolor", None)
            if kind == "bar":
                colour = artist.get_facecolor
            elif kind in ("interval", "slope", "gap"):
                colour = artist.get_color
            shade = np.atleast_2d(np.asarray(to_rgb_any(colour())))[0]
            if contrast(shade, (1, 1, 1)) < SIGN_CONTRAST:
                yield f"faint sign: {artist.get_gid()}"


def to_rgb_any(colour):
    return colour[0][:3] if np.ndim(colour) == 2 else to_rgb(colour)


def like_colours(picture, _):
    """Say which answers side by side, or at both ends, look alike without colour."""
    bars = {}
    for artist in picture.figure.findobj():
        parts = str(artist.get_gid()).split("|")
        if parts[0] == "answer":
            bars.setdefault(tuple(parts[1:3]), {})[int(parts[3])] = to_rgb(
                artist.get_facecolor()
            )
    for name, colours in bars.items():
        order = [colours[at] for at in sorted(colours)]
        pairs = [*pairwise(order), (order[0], order[-1])]
        for one, other in pairs if len(order) > 1 else ():
            for eyes in ("grey", *BLINDNESS):
                if abs(seen(one, eyes) - seen(other, eyes)) < APART:
                    yield f"alike in {eyes}: {name}"


def seen(colour, eyes):
    """Give the lightness of a colour, as these eyes see it."""
    if eyes == "grey":
        return lightness(colour)
    plain = np.asarray(colour)
    linear = np.where(plain <= 0.04045, plain / 12.92, ((plain + 0.055) / 1.055) ** 2.4)
    changed = np.clip(np.array(BLINDNESS[eyes]) @ linear, 0, 1)
    back = np.where(
        changed <= 0.0031308, changed * 12.92, 1.055 * changed ** (1 / 2.4) - 0.055
    )
    return lightness(back)
