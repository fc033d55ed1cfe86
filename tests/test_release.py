"""Pages are scanned before they leave, logged, and packed per team."""

import base64
import csv
import gzip
import io
import json
import pickle
import zipfile
from typing import get_args

import nbformat
import openpyxl
import pytest
from PIL import Image, PngImagePlugin

from swtlib import project as project_module
from swtlib._file_texts import DRAWN_BY
from swtlib.batch import run_wave
from swtlib.errors import DisclosureError, ParameterError
from swtlib.readers import read_export
from swtlib.release import Allowed, _check_again, release_wave
from swtlib.release_scan import (
    MEANING,
    Finding,
    Kind,
    Secrets,
    find_secrets,
    scan_outputs,
)
from swtlib.wave import load_wave

YEAR = 2015


@pytest.fixture(scope="module")
def wave():
    return load_wave(YEAR)


@pytest.fixture(scope="module")
def secrets(wave):
    return Secrets(wave)


def kinds(text, secrets):
    return [kind for kind, _ in find_secrets(text, secrets)]


def answers_of(wave, row=0):
    numbers = wave.respondents.select_dtypes("number").iloc[row].dropna()
    return [f"{number:g}" for number in numbers]


def test_a_result_table_gives_nobody_away(secrets):
    text = "team,n,mean\nelburg,7,0.65\nalle,66,0.64\n" + ",".join(["0"] * 30)
    assert kinds(text, secrets) == []


def test_an_id_of_a_respondent_is_found(wave, secrets):
    one = wave.respondents["respondent_id"].iloc[3]
    assert kinds(f"<td>{one}</td>", secrets) == ["respondent"]
    assert kinds("respondent_id;team", secrets) == ["respondent"]
    assert kinds(f"x{one}x", secrets) == []


@pytest.mark.parametrize(
    "form",
    [
        lambda row: ",".join(row),
        lambda row: ";".join(row),
        lambda row: " ".join(row[5:25]),
        lambda row: ",".join(f"{float(value)}" for value in row),
        lambda row: "<tr>" + "".join(f"<td>{v}</td>\n" for v in row) + "</tr>",
    ],
    ids=["csv", "csv2", "part", "decimals", "html"],
)
def test_answers_of_one_person_in_a_row_are_found(wave, secrets, form):
    row = answers_of(wave, 5)
    assert kinds(f"a heading\n{form(row)}\n", secrets) == ["answers"]
    assert kinds(form(sorted(row)[:12]), secrets) == []


def test_answers_to_one_question_in_a_row_are_found(wave, secrets):
    column = wave.respondents["bg_leeftijd"].dropna().head(15)
    assert kinds(", ".join(f"{age:g}" for age in column), secrets) == ["answers"]


def test_answers_on_the_scale_of_the_pages_are_found(wave, secrets):
    items = [name for name in wave.respondents if name.startswith("bk_")]
    halves = wave.respondents[items].iloc[7].dropna() / 4
    assert kinds("\t".join(f"{value:g}" for value in halves), secrets) == ["answers"]


def test_numbers_of_a_style_are_no_answers(wave, secrets):
    row = answers_of(wave, 5)
    rules = "".join(f"td {{ margin: {value} }}" for value in row)
    cells = "<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>"
    styled = f'<style type="text/css">{rules}</style><table><tr><td>1</td></tr></table>'
    assert kinds(styled, secrets) == []
    assert kinds(f"{styled}{cells}", secrets) == ["answers"]
    assert kinds(f"<style>a</style>{cells}<style>b</style>", secrets) == ["answers"]


def test_an_open_answer_is_found_unless_it_was_released(project, wave):
    raw = project / "data" / "raw" / "2015"
    raw.mkdir()
    for path in wave.facts.folder.iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
    cells = read_export(raw / wave.facts.export).cells
    column = wave.codebook.instruments["open"].items["open_nodig"].column
    cells[column] = ""
    cells.iloc[0, cells.columns.get_loc(column)] = "Meer Tijd voor  <overleg> & rust"
    cells.iloc[1, cells.columns.get_loc(column)] = "Facilitaire ondersteuning."
    quoted = cells.to_csv(index=False, sep=";", quoting=csv.QUOTE_ALL)
    (raw / wave.facts.export).write_text(quoted, "utf-8-sig")
    told = "Omdat wij met zijn drieën zijn en er een ziek is geweest, meer rust."
    cells.iloc[2, cells.columns.get_loc(column)] = told
    quoted = cells.to_csv(index=False, sep=";", quoting=csv.QUOTE_ALL)
    (raw / wave.facts.export).write_text(quoted, "utf-8-sig")
    there = Secrets(load_wave(YEAR))
    assert "meer tijd voor <overleg> & rust" in there.open_answers
    assert kinds("Iemand zei: zijn drieën zijn en er een ziek is.", there) == [
        "open answer"
    ]
    last = "Die zei: en er een ziek is geweest, meer rust."  # its last eight words
    assert kinds(last, there) == ["open answer"]
    assert kinds("Wij zijn met zijn drieën.", there) == []
    said = "<li>meer tijd voor\n &lt;overleg&gt; &amp; rust</li>"
    assert "open answer" in kinds(said, there)
    assert kinds("Facilitaire ondersteuning.", there) == []


def test_an_address_and_a_path_are_found(secrets):
    assert kinds("mail naar j.jansen@voorbeeld.nl", secrets) == ["e-mail"]
    assert kinds("C:\\Users\\jjansen\\answers.csv", secrets) == ["machine"]
    assert kinds(str(project_module.project_root()), secrets) == ["machine"]


@pytest.fixture
def outputs(project):
    folder = project / "outputs" / str(YEAR)
    folder.mkdir(parents=True)
    return folder


def png(**texts):
    info = PngImagePlugin.PngInfo()
    for key, text in ({"Software": DRAWN_BY} | texts).items():
        info.add_text(key, text)
    content = io.BytesIO()
    Image.new("RGB", (2, 2)).save(content, "png", pnginfo=info)
    return content.getvalue()


def found_in(wave):
    return [(finding.file, finding.kind) for finding in scan_outputs(wave)]


def test_every_kind_of_file_is_opened(outputs, wave):
    one = wave.respondents["respondent_id"].iloc[0]
    picture = png(Comment=f"van {one}")
    inside = base64.b64encode(picture).decode()
    (outputs / "a.png").write_bytes(picture)
    page = f'<img src="data:image/png;base64,{inside}">'
    (outputs / "b.html").write_text(page, "utf-8")
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["note"] = one
    (outputs / "c.ipynb").write_text(nbformat.writes(notebook), "utf-8")
    shown = nbformat.v4.new_output("display_data", {"image/png": inside})
    cell = nbformat.v4.new_code_cell("x", outputs=[shown])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    (outputs / "d.ipynb").write_text(nbformat.writes(notebook), "utf-8")
    with zipfile.ZipFile(outputs / "e.xlsx", "w") as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{one}</t>")
    (outputs / "f.csv").write_text(f"wie\n{one}\n", "utf-8")
    (outputs / "g.csv").write_text("team\nelburg\n", "utf-8")
    assert found_in(wave) == [
        (name, "respondent")
        for name in ("a.png", "b.html", "c.ipynb", "d.ipynb", "e.xlsx", "f.csv")
    ]


def packed(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, inside in members.items():
            archive.writestr(name, inside)
    return content.getvalue()


def workbook(row, *, creator="openpyxl"):
    """Write a workbook with a row in a sheet that is not to be seen."""
    book = openpyxl.Workbook()
    book.properties.creator = creator
    hidden = book.create_sheet("x")
    hidden.sheet_state = "veryHidden"
    hidden.append([None, *row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def notebook_with(**metadata):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.update(metadata)
    return nbformat.writes(notebook).encode()


def leaks(wave):
    """Name files with something in them, and what it is."""
    one = wave.respondents["respondent_id"].iloc[0]
    row = [float(value) for value in answers_of(wave, 5)]
    named = {f"q{at}": value for at, value in enumerate(row)}
    table = wave.answers(wave.codebook.instruments["bakens"]).head(8)
    inside = base64.b64encode(table.to_csv().encode()).decode()
    bare = table.drop(columns="team").to_numpy()
    numbers = "\n".join(" ".join(f"{v:g}" for v in line) for line in bare)
    drawn = png()
    chunk = len(one).to_bytes(4) + b"vpAg" + one.encode() + b"\0\0\0\0"
    return {
        "chunk.png": (png(Comment=f"van {one}"), "respondent"),
        "private.png": (drawn[:-12] + chunk + drawn[-12:], "unreadable"),
        "behind.png": (drawn + b"elburg,4,3,2", "unreadable"),
        "foreign.png": (png(Software="Matplotlib version 3"), "picture"),
        "a.ipynb": (notebook_with(note=row), "answers"),
        "b.ipynb": (notebook_with(widgets={"state": {"value": named}}), "answers"),
        "c.html": (f"<!-- {one} --><p>x</p>".encode(), "respondent"),
        "d.csv": (b"plaats\n/home/jjansen/swt\n", "machine"),
        "e.xlsx": (workbook(row), "answers"),
        "f.xlsx": (workbook([1], creator="J. Jansen"), "machine"),
        "g.svg": (f"<svg><metadata>{one}</metadata></svg>".encode(), "respondent"),
        "runs.json": (
            json.dumps({"error": f"KeyError: '{one}'"}).encode(),
            "respondent",
        ),
        "h.zip": (packed(a=packed(b=f"wie;{one}")), "respondent"),
        "i.dat": (f"wie\t{one}".encode(), "respondent"),
        "j.pkl": (pickle.dumps(table), "unreadable"),
        "k.csv.gz": (gzip.compress(one.encode()), "unreadable"),
        "l.csv": (f"wie;{one}".encode("utf-16"), "respondent"),
        "m.csv": (f"wie;{one}".encode("utf-16-le"), "unreadable"),
        "n.html": (f'<a href="data:text/csv;base64,{inside}">x</a>'.encode(), "table"),
        "o.html": (table.to_html().encode(), "table"),
        "p.txt": (str(table).encode(), "table"),
        "q.txt": (str(table.iloc[0]).encode(), "table"),
        "r.csv": (table.to_csv(sep=";").encode(), "table"),
        "s.txt": (numbers.encode(), "answers"),
        "t.txt": ("\n".join(f"vraag: {v:g}" for v in row).encode(), "answers"),
        f"u_{one}.csv": (b"team\nelburg\n", "respondent"),
        "v.json": (json.dumps(table.to_dict("records")).encode(), "answers"),
        "w.json": (json.dumps([f"{value:g}" for value in row]).encode(), "answers"),
    }


def test_what_is_planted_in_a_file_is_found(outputs, wave):
    planted = leaks(wave)
    for name, (content, _) in planted.items():
        (outputs / name).write_bytes(content)
    found = {}
    for finding in scan_outputs(wave):
        found.setdefault(finding.file, set()).add(finding.kind)
    missed = {
        n: found.get(n) for n, (_, k) in planted.items() if k not in found.get(n, ())
    }
    assert missed == {}


def test_a_finding_does_not_repeat_what_it_found(wave):
    finding = Finding(file="elburg/x.csv", kind="open answer", n=2)
    assert finding.line() == (
        "elburg/x.csv: open answer (2 times): an open answer that was not released, "
        "or a part of one"
    )
    assert set(MEANING) == set(get_args(Kind))


# --- a release, of pages that were really made -------------------------------

SHOWS_TEAM = "print('Team:', team)"
LEAKS = (
    "from swtlib.wave import load_wave\n"
    "answers = load_wave(year).respondents\n"
    "print(answers[answers['team'] == team].head(1).to_csv())"
)


def write_notebook(project, source):
    first = nbformat.v4.new_code_cell('team: str = "alle"\nyear: int = 2015', id="p")
    first.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["swt"] = {"batch": True, "title": "Wie?", "order": 1}
    notebook.cells = [first, nbformat.v4.new_code_cell(source, id="c")]
    nbformat.write(notebook, project / "notebooks" / "wie.ipynb")


@pytest.fixture
def pages(project, wave):
    """Make a project with the wave of 2015 and one small notebook."""
    raw = project / "data" / "raw" / "2015"
    raw.mkdir(parents=True, exist_ok=True)
    for path in wave.facts.folder.iterdir():
        (raw / path.name).write_bytes(path.read_bytes())
    write_notebook(project, SHOWS_TEAM)
    assert run_wave(year=YEAR, progress="quiet").exit_code == 0
    return project / "outputs" / str(YEAR)


def test_release_packs_each_team_alone_and_logs_every_file(pages, wave):
    done = release_wave(YEAR)
    assert [path.name for path in done.zips] == [
        f"2015_{team}.zip" for team in ("alle", *wave.teams)
    ]
    with zipfile.ZipFile(pages / "release" / "2015_elburg.zip") as archive:
        assert archive.namelist() == ["index.html", "elburg/wie.html"]
        front = archive.read("index.html").decode()
        assert (
            archive.read("elburg/wie.html")
            == (pages / "elburg" / "wie.html").read_bytes()
        )
    assert 'href="elburg/wie.html"' in front
    others = set(wave.teams) - {"elburg"}
    assert not [team for team in others if team in front]
    log = json.loads((pages / "release" / "release.json").read_text("utf-8"))
    assert log["origin"] == "reconstruction"
    assert log["exceptions"] == log["found"] == []
    assert len(log["files"]) == done.n_files
    assert {"elburg/wie.html", "index.html"} <= {f["file"] for f in log["files"]}
    before = [path.read_bytes() for path in done.zips]
    assert [path.read_bytes() for path in release_wave(YEAR).zips] == before


def test_hidden_cells_are_counted(pages):
    (pages / "elburg" / "tables").mkdir()
    table = "group,mean,suppressed\na,,true\nb,,True\nc,1,false\n"
    (pages / "elburg" / "tables" / "x.csv").write_text(table, "utf-8")
    with pytest.raises(DisclosureError, match=r"x\.csv: stray \(1 times\): no run of"):
        release_wave(YEAR)
    allowed = Allowed(files=("elburg/tables/x.csv",), because="a test", by="Anna")
    assert release_wave(YEAR, allowed=allowed).n_hidden == 2


def test_nothing_is_released_when_something_was_found(pages, project):
    release_wave(YEAR)
    before = (pages / "release" / "release.json").read_bytes()
    write_notebook(project, LEAKS)
    with pytest.raises(DisclosureError, match="9 of 9 pages are not up to date"):
        release_wave(YEAR)
    run_wave(year=YEAR, progress="quiet")
    with pytest.raises(DisclosureError, match="Nothing is released") as caught:
        release_wave(YEAR)
    told = str(caught.value)
    # The table has over a hundred questions side by side: 36 times three of them.
    for kind in ("respondent (2 times)", "table (36 times)", "answers (1 times)"):
        assert f"elburg/wie.html: {kind}" in told
    assert (pages / "release" / "release.json").read_bytes() == before


def test_a_person_may_let_a_file_through_and_is_named(pages):
    (pages / "lijst.csv").write_text("mail\ninfo@voorbeeld.nl\n", "utf-8")
    with pytest.raises(ParameterError, match="with a reason and a name"):
        Allowed(files=("lijst.csv",), because="", by="Anna")
    wrong = Allowed(files=("ljst.csv",), because="x", by="Anna")
    with pytest.raises(ParameterError, match=r"has no file 'ljst.csv'"):
        release_wave(YEAR, allowed=wrong)
    allowed = Allowed(files=("lijst.csv",), because="our own desk", by="Anna")
    release_wave(YEAR, allowed=allowed)
    log = json.loads((pages / "release" / "release.json").read_text("utf-8"))
    assert log["exceptions"] == [
        {
            "files": ["lijst.csv"],
            "because": "our own desk",
            "by": "Anna",
            "again": False,
        }
    ]
    assert log["found"] == [
        {"file": "lijst.csv", "kind": kind, "n": 1} for kind in ("stray", "e-mail")
    ]


def test_pages_of_the_real_notebooks_hold_nothing(wave, tmp_path, monkeypatch):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path))
    report = run_wave(
        year=YEAR,
        teams=["alle", "elburg"],
        notebooks=["respons", "dv1_samenwerking", "dv5_behoeften"],
        progress="quiet",
    )
    assert report.exit_code == 0
    assert scan_outputs(wave) == []


# --- one wave, released twice -----------------------------------------------------


def change_answers(project, change):
    """Change the lines of the export, and make all pages again."""
    path = project / "data" / "raw" / "2015" / "results-survey201502.csv"
    lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    path.write_text("".join(change(lines)), "utf-8-sig")
    assert run_wave(year=YEAR, progress="quiet").exit_code == 0


def test_a_wave_that_differs_in_one_person_is_not_released_again(pages, project):
    release_wave(YEAR)
    release_wave(YEAR)  # the same answers
    change_answers(project, lambda lines: lines[:-1])
    with pytest.raises(DisclosureError, match=r"fewer than 5 answers changed in \w+"):
        release_wave(YEAR)
    with pytest.raises(ParameterError, match="with a reason and a name"):
        Allowed(files=(), because="", by="Anna", again=True)
    allowed = Allowed(files=(), because="withdrawn", by="Anna", again=True)
    release_wave(YEAR, allowed=allowed)
    log = json.loads((pages / "release" / "release.json").read_text("utf-8"))
    assert log["exceptions"][0]["again"]
    assert len(log["earlier"]) == 2
    assert sum(log["made_of"]["respondents"].values()) == 65
    assert len({each["answers"] for each in log["earlier"]}) == 1


def test_a_correction_without_new_people_is_not_released_again(pages, project):
    release_wave(YEAR)
    note = project / "data" / "raw" / "2015" / "wave.toml"
    note.write_text(note.read_text("utf-8") + "\n# nothing\n", "utf-8")
    assert run_wave(year=YEAR, progress="quiet").exit_code == 0
    release_wave(YEAR)  # the file about the wave changed, no answer did

    def correct(lines):
        finished = [line.split(";")[1].startswith('"2') for line in lines]
        at = finished.index(True)
        lines[at] = lines[at].replace('"A3"', '"A2"', 1)
        return lines

    change_answers(project, correct)
    with pytest.raises(DisclosureError, match=r"answers changed in \w+, or nobody can"):
        release_wave(YEAR)


def test_a_correction_in_one_team_is_not_hidden_by_growth_of_another():
    def made_of(oost, **others):
        return {
            "answers": f"{oost}{others}",
            "respondents": {"oost": 9, **others},
            "teams": {"oost": oost, **{team: str(n) for team, n in others.items()}},
        }

    earlier = [{"released": "2016-03-01", **made_of("a", west=9)}]
    nothing = Allowed(files=(), because="", by="")
    _check_again(earlier, made_of("a", west=14), 5, nothing)
    with pytest.raises(DisclosureError, match="changed in oost, or"):
        _check_again(earlier, made_of("b", west=14), 5, nothing)
    with pytest.raises(DisclosureError, match="changed in west, or"):
        _check_again(earlier, made_of("a", west=13), 5, nothing)
