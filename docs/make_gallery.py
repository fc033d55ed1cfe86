"""Make docs/gallery.md and its pictures: ``python docs/make_gallery.py``.

The code that the page shows is the code that is run. Every picture carries a
digest of what was drawn, as does the page, so that a test can say which is out of
date without comparing pixels: letters differ between computers, results do not.
"""

import hashlib
import io
import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from swtlib import figures

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "gallery.md"
IMAGES = DOCS / "images" / "gallery"
DPI, COLOURS = 110, 256
MADE_FROM = "swtlib-drawn"  # the field of a PNG with the digest

START = """\
import swtlib as swt
from swtlib import figures, sample_size

run = swt.new_run("galerij", year=2015)  # all teams together
elburg = swt.new_run("galerij", year=2015, team="elburg")
later = swt.new_run("galerij", year=2016)
words = {"labels": run.labels, "origin": run.origin}
since = {"labels": later.labels, "origin": later.trend_origin, "year": 2016}
bakens, groep = run.instrument("bakens"), run.instrument("groepsdynamica")
kaders = ["org_kaders", "org_taakafbakening", "org_bevoegdheden"]
answers = run.answer_shares(run.instrument("organisatie"), kaders)
five = tuple(answers.frame["answer_label"].unique())
compared = run.split_comparison()
together = {"labels": run.labels | {"alle": "deze teams samen"}}
studies = swt.load_studies()  # an invented example
of_each, of_all = next(studies.questions())
"""


@dataclass(frozen=True)
class Entry:
    """One figure: the name of its picture, what it is for, and how it is drawn."""

    name: str
    purpose: str
    function: str
    arguments: tuple[str, ...]

    @property
    def code(self) -> str:
        """One call, an argument on each line, as ruff would write it."""
        lines = "".join(f"    {argument},\n" for argument in self.arguments)
        return f"figures.{self.function}(\n{lines})"


ENTRIES = (
    Entry(
        "likert",
        "Answers to statements with a neutral middle: who agrees, who does not. "
        '`sort="agree"` puts the most agreement on top.',
        "plot_likert",
        (
            "answers",
            "answers=five",
            'title="Verwachtingen op organisatorisch gebied"',
            "**words",
        ),
    ),
    Entry(
        "means_team",
        "Means of one team beside the other teams. The headline uses the interval of "
        "the difference, not two intervals side by side.",
        "plot_means",
        (
            'elburg.ranked(elburg.scale_means(bakens, group="bakens"))',
            'title="Zelfscore op de bakens"',
            "**words",
        ),
    ),
    Entry(
        "means_all",
        "Means of one group, to see what is highest and lowest.",
        "plot_means",
        (
            'run.ranked(run.scale_means(bakens, group="bakens"))',
            'title="Zelfscore op de bakens"',
            "**words",
        ),
    ),
    Entry(
        "profiles",
        "A small panel for each team, with the mean of the teams together as a mark.",
        "plot_profiles",
        (
            'run.scale_means(groep, group="fasen", per_team=True)',
            'title="Groepsdynamica per fase"',
            "**words | together",
        ),
    ),
    Entry(
        "dumbbell",
        "Where people stand and where they want to be: the gap is what one sees, its "
        "interval stands beside it.",
        "plot_dumbbell",
        (
            'run.gaps(run.instrument("competenties"))',
            'title="Van het cijfer nu naar het gewenste cijfer"',
            "**words",
        ),
    ),
    Entry(
        "ranks",
        "An order, and the places that could also be: before anybody says what comes "
        "first.",
        "plot_ranks",
        (
            'run.gaps(run.instrument("competenties"))',
            'title="De volgorde van de ontwikkelwens"',
            "**words",
        ),
    ),
    Entry(
        "shares",
        "How many chose each answer of one question, or one answer to several "
        'statements (`answer=`); `value="count"` for counts of themes.',
        "plot_shares",
        (
            "run.age_shares()",
            "sort=False",
            "confidence=run.confidence",
            'title="Leeftijd van de professionals"',
            "**words",
        ),
    ),
    Entry(
        "counts",
        "A ranking of counts out of a total.",
        "plot_counts",
        (
            "run.related_counts(compared)",
            'title="Stellingen waarop hoge cijfers hoger scoren"',
            "**words",
        ),
    ),
    Entry(
        "heatmap",
        "Many comparisons at once. Numbers stand only where an effect is large and its "
        "interval leaves out 0; what is negative has a dash, so that it is told apart "
        "in black and white.",
        "plot_heatmap",
        (
            "compared",
            'title="Verschil tussen hoge en lage cijfers (Hedges’ g)"',
            "**words",
        ),
    ),
    Entry(
        "specifications",
        "What is left of a result under every reasonable choice of method.",
        "plot_specifications",
        (
            "run.specification_counts()",
            'title="Aantal stellingen dat opvalt, bij elke manier van rekenen"',
            "**words",
        ),
    ),
    Entry(
        "forest",
        "What several studies found, their mean, and what a next one may find. The "
        "headline says on which side of 0 the mean lies only where its interval leaves "
        "out 0.",
        "plot_forest",
        (
            "of_each",
            "of_all",
            'labels=dict(of_each.frame[["variable", "study"]].to_numpy())',
            'unit="Verschil in standaarddeviaties (Hedges’ g)"',
            'title="De bewoner houdt de regie (verzonnen voorbeeld)"',
            "origin=studies.origin_line()",
        ),
    ),
    Entry(
        "slopes",
        "What changed between two years: a panel for each phase, a line for each team. "
        "Up to six variables of one group are lines in one panel.",
        "plot_slopes",
        (
            'later.scale_changes(groep, groups=["fasen"], per_team=True)',
            'title="Samenwerking in het team, toen en nu"',
            "**since | together",
        ),
    ),
    Entry(
        "changes",
        "The same function for more than six variables of one group: a row each, with "
        "the change and its interval.",
        "plot_slopes",
        (
            'later.scale_changes(bakens, groups=["bakens"])',
            'title="Zelfscore op de bakens, toen en nu"',
            "**since",
        ),
    ),
    Entry(
        "sample_size",
        "Which difference so many answers can show, for planning a survey.",
        "plot_sample_size",
        (
            "sample_size.sample_size_table([20, 40, 60, 80, 120], sd=0.2)",
            'title="Met meer antwoorden zie je kleinere verschillen"',
            'origin="Herkomst: berekend, zonder antwoorden."',
        ),
    ),
)

HEAD = """\
# Gallery of figures

<!-- Made by docs/make_gallery.py; do not edit by hand. -->

Every figure that `swtlib.figures` draws, from the waves in this repository: 2015 is a
reconstruction and 2016 a simulation, and the studies of the forest plot are invented,
so no number here is an answer of a real person.
The figures are in Dutch, for those who read the reports.

All take a protected table only, and all look alike: a headline that says what is to
be seen, in grey what was asked and of whom, n, how to read it, what is hidden and
why, and where the answers come from. The headline is made from the shown cells of the
table, so that it cannot give away a hidden one, and it names a highest, a lowest or a
difference only where intervals lie apart. They are {width} inches wide with type of
at least {type} points: {pixels} pixels high on a telephone of 400 pixels. Answers
differ in lightness as well as in colour, for a black and white print and for who sees
less colour. The tests in `tests/test_figure_properties.py` hold all of them to this.

What every piece of code below starts with:

```python
{start}```
"""

COMPARED = """\
## Beside gglikert and the gap plot of likert

`gglikert` (R, ggstats 0.13) has the same bars around the middle, with percentages in
them and totals at both ends, and can sort; its arguments have neither n nor an
interval. `plot_likert` adds n (per statement where that differs), a headline that
says *majority* only when the interval of the share lies above a half, the origin of
the answers and the words for who cannot see it, and it takes no table in which a
small group can be recognised.

The gap plot of R's `likert` 2.0 draws two density curves and two lines at the means
for each question; its `type = "bar"` stops with "Not implemented yet".
`plot_dumbbell` shows no distribution: of a small team that would be persons. It puts
all gaps on one axis, largest first, each with the interval of the gap itself, from
the people who gave both marks.
"""


def draw(entry: Entry) -> figures.Picture:
    """Run the code of an entry."""
    picture = eval(entry.code, _scope())
    if not isinstance(picture, figures.Picture):
        raise TypeError(f"the code of {entry.name} gives no picture")
    return picture


_made: dict[str, Any] = {}


def _scope() -> dict[str, Any]:
    """Give the names that the code uses: those of START, and the five answers."""
    if not _made:
        exec(START, _made)
    return _made


def digest(picture: figures.Picture) -> str:
    """Give a checksum of what was said and drawn, without how letters were set."""
    drawn: list[list[Any]] = []
    heights: dict[str, Any] = {}  # of slopes, in inches that letters leave
    for artist in picture.figure.findobj():
        name = artist.get_gid()
        if name and name.startswith("slope|"):
            heights[name] = np.asarray(artist.get_ydata(), dtype=float)
        elif name and hasattr(artist, "get_xdata"):
            drawn.append([name, [round(float(x), 6) for x in artist.get_xdata()]])
        elif name and hasattr(artist, "get_width"):
            drawn.append([name, round(float(artist.get_width()), 6)])
    if heights:
        all_ends = np.concatenate(list(heights.values()))
        low, high = all_ends.min(), all_ends.max()
        for name, ends in heights.items():
            drawn.append([name, ((ends - low) / (high - low)).round(4).tolist()])
    said = [picture.title, picture.finding, picture.alt, picture.note, picture.origin]
    text = json.dumps([said, sorted(drawn, key=str)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def page(pictures: dict[str, figures.Picture]) -> str:
    """Write the page for these pictures, by the name of their entry."""
    from swtlib._figure_style import SMALL, WIDTH

    parts = [
        HEAD.format(
            width=WIDTH,
            type=f"{SMALL:g}",
            pixels=int(SMALL / 72 * 400 / WIDTH),
            start=START,
        )
    ]
    for entry in ENTRIES:
        picture = pictures[entry.name]
        headline = picture.finding or picture.title
        parts.append(
            f"## `{entry.function}`: {entry.name}\n\n{_filled(entry.purpose)}\n\n"
            f"```python\n{entry.code}\n```\n\n"
            f"![{headline}](images/gallery/{entry.name}.png)\n\n"
            f"Alt text: *{_plain(picture.alt)}*\n\n"
            f"<!-- drawn: {digest(picture)} -->\n"
        )
    return "\n".join([*parts, COMPARED])


def _filled(text: str) -> str:
    return textwrap.fill(text, 98)


def _plain(text: str) -> str:
    """Keep signs from being read as Markdown."""
    return text.replace("*", "\\*").replace("_", "\\_")


def small_png(picture: figures.Picture) -> bytes:
    """Give a PNG of few colours, with the digest in it."""
    image = Image.open(io.BytesIO(figures.picture_png(picture, dpi=DPI)))
    few = image.convert("RGB").quantize(
        COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    )
    about = PngInfo()
    about.add_text(MADE_FROM, digest(picture))
    file = io.BytesIO()
    few.save(file, format="png", optimize=True, pnginfo=about)
    return file.getvalue()


def main() -> None:
    """Write the page and its pictures; a picture that is no longer shown goes."""
    pictures = {entry.name: draw(entry) for entry in ENTRIES}
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.png"):
        if old.stem not in pictures:
            old.unlink()
    for name, picture in pictures.items():
        (IMAGES / f"{name}.png").write_bytes(small_png(picture))
    PAGE.write_text(page(pictures), "utf-8", newline="\n")
    total = sum(path.stat().st_size for path in IMAGES.glob("*.png"))
    print(f"{PAGE}: {len(pictures)} figures, {total / 1000:.0f} kB of pictures")


if __name__ == "__main__":
    main()
