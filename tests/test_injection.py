"""What respondents and researchers type stays words: nothing of it is carried out."""

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from swtlib.batch import index, run_wave
from swtlib.batch.content import render_markdown
from swtlib.disclosure import protect
from swtlib.examples import EXAMPLES_DIR
from swtlib.release import release_wave
from swtlib.tables import render_table, table_csv, table_html
from swtlib.wave import load_wave

YEAR = 2015
ROOT = Path(__file__).resolve().parent.parent
EVIL = (
    "<script>alert(7)</script>",
    "\"><img src=x onerror=alert(7)>'><svg/onload=alert(7)>",
    "</title></style></td></li><iframe src=javascript:alert(7)></iframe>",
    "[x](javascript:alert(7)) ![y](javascript:alert(7)) <a href=javascript:alert(7)>z",
    "{{ 7331*7 }}{% raw %} $x_1$ &lt;script&gt;alert(7)&lt;/script&gt;",
)
ALL = " ".join(EVIL)
NAMES = re.compile(  # what readers see of an instrument and a wave.toml
    r'(?m)((?:^|[ {,])(?:label|title|people|members|groups|short|own) *= )"([^"]*)"'
)
TAGS = """a article aside b blockquote body br caption code col colgroup dd details
    div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 head header hr html i img li
    link main meta nav ol p pre section small span strong style sub summary sup table
    tbody td tfoot th thead title tr ul"""
MAY_BE_THERE = frozenset(TAGS.split())
CELLS = (
    "import warnings\n"
    "import swtlib as swt\n"
    "from IPython.display import Markdown, display\n"
    "from swtlib import figures, reading\n"
    'run = swt.new_run("aanval", team=team, year=year)\n'
    "run.intro()",
    "run.open_intro()",
    "run.quotes()",
    'run.table(run.theme_counts(), "themas", title=run.wave.facts.title,\n'
    '    columns={"theme": run.wave.facts.title, "count": "n"},\n'
    "    note=run.wave.facts.title)",
    "run.figure(figures.plot_shares(run.theme_counts(), labels=run.labels,"
    ' value="count", title=run.wave.facts.title, origin=run.open_origin), "themas")',
    'other = run.survey("bewoners")\n'
    'asked = other.instrument("bewoners")\n'
    'means = other.scale_means(asked, group="bewoners", per_team=True)\n'
    'other.wide_table(means, "breed", title=other.wave.facts.title)',
    'other.figure_means(means, "figuur", title=other.wave.facts.title)',
    "other.text(reading.read_extremes(means, labels=other.labels,"
    " group=other.main_group), other.wave.facts.title)",
    "other.intro()",
    "other.provenance()",
    "for answer in run.wave.open_answers()['answer']:\n"
    "    display(Markdown(answer))\n"
    "    print(answer)\n"
    "    warnings.warn(answer, stacklevel=1)",
)


class Page(HTMLParser):
    """Collects what a browser would carry out."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in MAY_BE_THERE:
            self.found.append(tag)
        for name, value in attrs:
            value = re.sub(r"\s", "", value or "").lower()
            if name.startswith("on") or name in ("srcdoc", "formaction"):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src") and re.match(
                r"(java|vb)script:|data:text", value
            ):
                self.found.append(f"{tag} {name}")
            if tag == "img" and name == "src" and not value.startswith("data:image/"):
                self.found.append("img src")


def test_the_test_sees_what_a_browser_would_carry_out():
    found = Page(ALL).found
    assert {"script", "img onerror", "svg", "svg onload", "iframe", "a href"} <= set(
        found
    )


def write_project(project):
    raw = project / "data" / "raw" / str(YEAR)
    raw.mkdir()
    for path in (ROOT / "data" / "raw" / str(YEAR)).iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
    facts = (raw / "wave.toml").read_text("utf-8")
    facts = re.sub(r'(?m)^(title|fieldwork|open_answers_source)( *= ).*$',
                   lambda m: f"{m[1]}{m[2]}{json.dumps(ALL)}", facts)  # fmt: skip
    note = f'\n[[note]]\nid = "x"\nnotebooks = ["aanval"]\ntext = {json.dumps(ALL)}\n'
    (raw / "wave.toml").write_text(facts + note, "utf-8")
    with (raw / "open_antwoorden.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("", evil, evil) for evil in EVIL])
    survey = raw / "bewoners"
    (survey / "codebook").mkdir(parents=True)
    for path in (EXAMPLES_DIR / "bewoners").rglob("*.*"):
        place = survey / path.relative_to(EXAMPLES_DIR / "bewoners")
        text = path.read_text("utf-8-sig")
        if path.suffix == ".toml":
            text = NAMES.sub(lambda m: m[1] + json.dumps(f"{m[2]} {ALL}"), text)
            text = text.replace("year      = 2016", f"year = {YEAR}")
        place.write_text(text, "utf-8")
    first = nbformat.v4.new_code_cell('team: str = "alle"\nyear: int = 2015', id="p")
    first.metadata["tags"] = ["parameters"]
    cells = [nbformat.v4.new_code_cell(c, id=f"c{at}") for at, c in enumerate(CELLS)]
    notebook = nbformat.v4.new_notebook(cells=[first, *cells])
    notebook.metadata["swt"] = {"batch": True, "title": ALL, "order": 1}
    nbformat.write(notebook, project / "notebooks" / "aanval.ipynb")


def test_nothing_that_was_typed_is_carried_out_on_a_page_or_in_a_release(project):
    write_project(project)
    report = run_wave(year=YEAR, progress="quiet")
    assert report.exit_code == 0, report.summary()
    release_wave(YEAR)
    outputs = project / "outputs" / str(YEAR)
    pages = {str(p): p.read_text("utf-8") for p in outputs.rglob("*.html")}
    for path in outputs.rglob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".html"):
                    pages[f"{path.name}/{name}"] = archive.read(name).decode()
    assert len(pages) > 25
    for name, text in pages.items():
        assert Page(text).found == [], name
    page = (outputs / "elburg" / "aanval.html").read_text("utf-8")
    assert page.count("alert(7)") > 50  # as words it is there
    assert "{{ 7331*7 }}" in page
    assert str(7331 * 7) not in page
    for path in outputs.rglob("*.csv"):
        assert not starts_formula(path.read_text("utf-8")), path.name


def starts_formula(text):
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    return [c for c in cells if c[:1] in tuple("=+@\t\r") or re.match(r"-\D", c)]


def test_the_front_page_shows_every_name_as_words(project):
    write_project(project)
    topic = index.Topic(label=ALL, href="x.html")
    entry = index.TeamEntry(id="x", label=ALL, links=(topic,), response=ALL, small=ALL)
    failure = index.Failure(title=ALL, teams=ALL, error=ALL, place=ALL, href="x.html")
    front = index.Front(
        lead=ALL, everyone=entry, teams=(entry,), failures=(failure,), more=()
    )
    text = index._render(load_wave(YEAR), front)
    assert text.count("alert(7)") > 20
    assert Page(text).found == []


@pytest.mark.parametrize("evil", EVIL)
def test_markdown_that_a_cell_gave_holds_no_html(evil):
    assert Page(render_markdown(evil, ours=False)).found == []


@pytest.mark.parametrize("evil", [*EVIL, ALL])
def test_a_table_shows_labels_title_and_note_as_words(evil):
    table = protect(pd.DataFrame({"team": [evil], "share": [0.5]}), kind="public")
    shown = render_table(
        table,
        columns={"team": evil, "share": evil},
        digits=1,
        title=evil,
        note=evil,
        origin=evil,
        labels={evil: evil},
    )
    assert Page(table_html(shown)).found == []
    assert "{{ 7331*7 }}" in table_html(shown) or "{{" not in evil


FORMULAS = ("=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_a_csv_is_text_and_a_number_stays_one(tmp_path, formula):
    frame = pd.DataFrame(
        {"team": [formula, "-0.5"], formula: ["x", formula], "gap": [-0.25, 1.0]}
    )
    path = tmp_path / "t.csv"
    table_csv(protect(frame, kind="public"), path, digits=2, origin="simulation")
    made = pd.read_csv(path)
    assert made["gap"].tolist() == [-0.25, 1.0]
    kept = formula.replace("\r", "\n")
    assert made["team"].tolist() == [f"'{kept}", "-0.5"]
    assert f"'{kept}" in made.columns
    assert starts_formula(path.read_bytes().decode()) == []
