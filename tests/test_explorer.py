"""What can be looked at, and what is shown: without a browser."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from swtlib.batch.plan import find_notebooks
from swtlib.disclosure import ProtectedTable
from swtlib.errors import DisclosureError, ParameterError, ResponseError, WaveError
from swtlib.explorer import Session, View, choices, show_view
from swtlib.explorer.choices import choose, is_settled, options
from swtlib.explorer.grid import make_grid
from swtlib.explorer.people import cut_numbers, cut_people
from swtlib.explorer.session import HIGH, LOW
from swtlib.notebook import new_run
from swtlib.project import notebooks_dir
from swtlib.release_scan import scan_outputs
from swtlib.scoring import score_items

SHOWN = [
    {"group": "bakens"},
    {"group": "bakens", "team": "elburg"},
    {"group": "bakens", "split": "teams"},
    {"only": "eigen_kracht", "group": "bakens", "split": "teams"},
    {"only": "bk_proactief", "split": "teams"},
    {"split": "leeftijd", "group": "bakens"},
    {"split": "cijfer", "competence": "competentie_onbevangen"},
    {"show": "answers"},
    {"show": "relation"},
    {"show": "change", "group": "bakens", "since": 2015},
    {"show": "change", "group": "bakens", "split": "teams", "since": 2015},
    {"show": "change", "group": "bakens", "team": "elburg", "since": 2015},
    {"instrument": "competenties", "show": "gap"},
    {"instrument": "competenties", "show": "gap", "team": "elburg"},
    {"instrument": "competenties", "show": "change", "group": "gap", "since": 2015},
    {"instrument": "ervaringen", "show": "change", "since": 2015},
    {"instrument": "organisatie", "show": "answers"},
    {"instrument": "groepsdynamica", "group": "fasen", "split": "ervaring"},
]


def view(**parts):
    return View(**{"year": 2016, "instrument": "bakens", **parts})


def name_of(parts):
    return "-".join(str(value) for value in parts.values())


@pytest.fixture(scope="module")
def session():
    return Session()


def reasons(session, name, **parts):
    found = options(session, view(**parts), name)
    return {option.value: option.why for option in found}


# --- what can be chosen -------------------------------------------------------


def test_a_view_refuses_what_no_wave_could_show():
    with pytest.raises(ParameterError, match=r"no show 'meens'.*'means'"):
        view(show="meens")
    with pytest.raises(ParameterError, match=r"no split 'team_'.*'team'"):
        view(split="team_")
    with pytest.raises(ParameterError, match=r"95 is not between"):
        view(confidence=95)


def test_what_a_year_did_not_ask_cannot_be_chosen(session):
    of_2015 = reasons(session, "instrument", year=2015)
    assert of_2015["ervaringen"] == "niet gevraagd in 2015"
    assert reasons(session, "instrument")["ervaringen"] == ""
    assert reasons(session, "split", year=2015)["geslacht"] == "niet bekend in 2015"
    assert "achtergrond" not in of_2015
    assert "open" not in of_2015


def test_a_team_with_too_few_answers_cannot_be_chosen(session):
    teams = reasons(session, "team", year=2015)
    assert teams["wezep_oldebroek"] == "minder dan 5 antwoorden"
    assert teams["elburg"] == ""
    # Apeldoorn has six answers in 2016 and two in 2015: no change can be shown.
    assert reasons(session, "team")["apeldoorn"] == ""
    changed = reasons(session, "team", show="change", since=2015)
    assert changed["apeldoorn"] == "minder dan 5 antwoorden in 2015"


def test_an_earlier_year_is_needed_to_see_what_changed(session):
    assert reasons(session, "show", year=2015)["change"] == (
        "er is geen meting van voor 2015"
    )
    assert reasons(session, "show")["change"] == ""
    assert list(reasons(session, "since", show="change")) == [2015]
    assert list(reasons(session, "since")) == [0]


def test_each_form_has_the_groups_that_it_can_bear(session):
    assert set(reasons(session, "split", show="answers").values()) > {""}
    for show in ("answers", "gap", "change", "relation"):
        why = reasons(session, "split", show=show)
        assert why["team"] == ""
        assert all(why[name] for name in choices.PARTS)
    assert reasons(session, "split", show="change")["teams"] == ""
    # 74 employees, four team leaders, two others: one group of five or more.
    assert "maar één groep" in reasons(session, "split")["functie"]


def test_what_can_be_chosen_follows_the_plan_once_it_is_there():
    session = Session()
    bakens = session.seen(2015).instrument("bakens")
    before = reasons(session, "split", year=2015)["functie"]
    assert before == ""  # 56 employees and six team leaders
    session.closed_in_splits(2015, bakens)
    # With both means the four others would follow from the total.
    after = reasons(session, "split", year=2015)["functie"]
    assert after == "dan is uit te rekenen wat enkele mensen hebben geantwoord"


def test_choose_changes_no_more_than_is_needed(session):
    wanted = view(group="bakens", team="zwolle_noord", split="team")
    assert choose(session, wanted)[0] == wanted
    settled, known = choose(session, replace(wanted, instrument="competenties"))
    assert (settled.show, settled.group, settled.team) == ("gap", "", "zwolle_noord")
    assert list(known) == list(choices.FIELDS)
    other = choose(session, replace(wanted, year=2015, instrument="ervaringen"))[0]
    assert other.instrument == "bakens"
    assert choose(session, replace(wanted, team="wezep_oldebroek"))[0].team == "alle"


@pytest.mark.parametrize("parts", SHOWN, ids=name_of)
def test_what_can_be_shown_is_settled_already(session, parts):
    assert is_settled(session, view(**parts)) == ""
    settled = choose(session, view(**parts))[0]
    assert settled == view(**parts)


def test_every_choice_leads_to_a_view_that_can_be_shown(session):
    start = choose(session, view(group="bakens"))[0]
    seen, todo = {start}, [start]
    while todo and len(seen) < 60:
        now = todo.pop(0)
        for name, found in choose(session, now)[1].items():
            for option in [o for o in found if not o.why][:3]:
                then = choose(session, replace(now, **{name: option.value}))[0]
                assert getattr(then, name) == option.value
                assert is_settled(session, then) == ""
                if then not in seen:
                    seen.add(then)
                    todo.append(then)
    assert {each.show for each in seen} >= {"means", "answers", "change"}


# --- what is shown ------------------------------------------------------------


@pytest.mark.parametrize("parts", SHOWN, ids=name_of)
def test_every_view_has_a_protected_table_and_a_figure_with_its_origin(session, parts):
    made = show_view(view(**parts), session=session)
    assert isinstance(made.table, ProtectedTable)
    table, figure = made.show_table().html, made.show_figure().html
    for text in (table, figure):
        assert made.title in text.replace("&amp;", "&")
        assert "Herkomst: " in text
        assert "simulatie" in text  # a line of a figure may break between
    assert 'scope="row"' in table
    assert "<desc>" in figure
    assert "(0," in table or "tot" in table or "%" in table  # intervals


def test_a_team_that_is_too_small_gets_the_view_of_all_teams_as_on_the_pages(session):
    made = show_view(view(team="wezep_oldebroek"), session=session)
    everybody = show_view(view(), session=session)
    assert made.view.team == "alle"
    pd.testing.assert_frame_equal(made.table.frame, everybody.table.frame)
    assert made.instead.startswith("Wezep/Oldebroek: minder dan 5 antwoorden. ")
    assert made.instead.endswith("de uitkomsten van alle teams samen.")
    assert made.instead in made.about().html  # a page says it before any number
    assert everybody.instead == ""
    with_team = show_view(view(team="elburg"), session=session)
    assert (with_team.instead, with_team.view.team) == ("", "elburg")


def test_a_team_beside_what_is_of_all_teams_only_is_not_called_too_small(session):
    for show in ("answers", "relation"):
        made = show_view(view(show=show, group="", team="elburg"), session=session)
        assert (made.table, made.instead) == (None, "")
        assert made.why == "team = 'elburg' past hier niet. Te kiezen is: alle."


def test_a_view_that_cannot_be_shown_says_why_and_gives_no_number(session):
    made = show_view(view(group="fasen", team="wezep_oldebroek"), session=session)
    assert made.table is None
    assert "past hier niet" in made.about().html
    assert made.show_table().html == made.show_figure().html == ""
    with pytest.raises(ParameterError, match="past hier niet"):
        made.save_table("csv")


def test_what_does_not_exist_is_one_clear_line(session):
    with pytest.raises(WaveError, match=r"'elbrug'.*Did you mean 'elburg'"):
        show_view(view(team="elbrug"), session=session)
    with pytest.raises(ParameterError, match="no instrument 'baken'"):
        show_view(view(instrument="baken"), session=session)
    made = show_view(view(group="fasen"), session=session)
    assert made.why == "group = 'fasen' past hier niet. Te kiezen is: bakens."


@pytest.mark.parametrize("team", ["alle", "zwolle_noord"])
@pytest.mark.parametrize("split", ["team", "teams"])
def test_means_are_those_of_the_pages(session, team, split):
    if (team, split) == ("zwolle_noord", "teams"):
        pytest.skip("the page of one team has no table by team")
    run = new_run("proef", year=2016, team=team)
    page = run.scale_means(
        run.instrument("bakens"), group="bakens", per_team=split == "teams"
    )
    made = session.table(view(group="bakens", team=team, split=split))
    pd.testing.assert_frame_equal(made.frame, page.frame)


@pytest.mark.parametrize("team", ["alle", "zwolle_noord"])
def test_marks_are_those_of_the_page(session, team):
    run = new_run("proef", year=2016, team=team)
    page = run.gaps(run.instrument("competenties")).frame
    ranks = ["rank", "rank_low", "rank_high"]
    made = session.table(view(instrument="competenties", show="gap", team=team))
    pd.testing.assert_frame_equal(made.frame, page.drop(columns=ranks))


def test_changes_are_those_of_the_page(session):
    run = new_run("trend", year=2016, team="zwolle_noord")
    page = run.scale_changes(run.instrument("bakens"), groups=["bakens"])
    parts = {"group": "bakens", "team": "zwolle_noord", "since": 2015}
    made = session.table(view(show="change", **parts))
    pd.testing.assert_frame_equal(made.frame, page.frame)


def test_means_by_group_are_counted_over_the_people_in_it(session):
    made = session.table(view(instrument="organisatie", split="ervaring"))
    wave = session.seen(2016).base
    years, answer = wave.respondents["bg_werkervaring"], "org_regelgeving_eigen_maken"
    for group, inside in (
        ("tot 5 jaar", years < 5),
        ("5 tot 15 jaar", (years >= 5) & (years < 15)),
        ("15 jaar of meer", years >= 15),
        ("alle", years.notna()),
    ):
        given = wave.respondents.loc[inside, answer].dropna() / 4
        cells = made.frame.set_index(["group", "variable"])
        row = cells.loc[group, answer]
        assert row["n"] == len(given)
        assert row["mean"] == pytest.approx(given.mean())
        assert row["ci_low"] < row["mean"] < row["ci_high"]


def test_comparisons_are_tested_for_their_file_only(own_project):
    made = show_view(view(show="relation", group=""))
    assert not [name for name in made.table.frame if name.startswith(("p_", "q_"))]
    assert (2016, "relation", True) not in made.session._tables
    kept = pd.read_csv(made.save_table("csv"))
    page = new_run("proef", year=2016).split_comparison().frame
    assert len(kept) == len(page) == 308
    for name in ("p_value", "q_value_all"):
        assert kept[name].to_numpy() == pytest.approx(page[name], abs=5e-7, nan_ok=True)


def test_high_and_low_marks_show_what_their_page_shows(session):
    parts = {"split": "cijfer", "competence": "competentie_onbevangen"}
    made = session.table(view(**parts)).frame.set_index(["group", "variable"])
    page = new_run("proef", year=2016).split_comparison().frame
    page = page[page["competence"] == parts["competence"]]
    assert len(page) == 22
    for row in page.to_dict("records"):
        for group, end in ((LOW, "low"), (HIGH, "high")):
            mine = made.loc[group, row["statement"]]
            assert mine["n"] == row[f"n_{end}"]
            assert mine["mean"] == pytest.approx(row[f"mean_{end}"])


def test_high_and_low_marks_are_closed_where_their_page_gives_no_means(session):
    # Somebody left this mark open: both sums, less that of all, would be the answer.
    parts = {"split": "cijfer", "competence": "competentie_creativiteit"}
    assert "uit te rekenen" in is_settled(session, view(**parts))
    assert choose(session, view(**parts))[0].competence != parts["competence"]
    table = session.table(view(**parts)).frame  # also if it is asked for outright
    assert table["suppressed"].all()
    assert table["mean"].isna().all()


def test_splits_are_planned_together_and_nobody_follows(session):
    """Take every shown sum of all splits and teams: no single answer may follow."""
    instrument = session.seen(2016).instrument("bakens")
    wave = session.seen(2016).base
    cuts = session.cuts(2016)
    items = tuple(instrument.answered_items(2016))
    scores = score_items(wave.answers(instrument), items)
    shown = {
        split: session.table(view(split=split)).frame
        for split in ("geslacht", "leeftijd", "ervaring", "teams")
    }
    closed = session.closed_in_splits(2016, instrument)
    tried = 0
    for item in items:
        answered = scores[item.id].notna()
        known = [np.ones(answered.sum())]
        for split, table in shown.items():
            people = scores["team"] if split == "teams" else cuts.frame[split]
            rows = table[(table["variable"] == item.id) & ~table["suppressed"]]
            for group in set(rows["group"]) - {"alle"}:
                known.append((people[answered] == group).to_numpy(float))
                gone = closed[(closed["split"] == split) & (closed["group"] == group)]
                assert item.id not in set(gone["variable"])
        system = np.array(known)
        # A sum over one person follows if it lies in what is known.
        for person in np.eye(system.shape[1]):
            left = person - system.T @ np.linalg.lstsq(system.T, person)[0]
            assert np.abs(left).max() > 0.01
            tried += 1
    assert tried > 1000


def test_groups_of_people_are_not_called_teams(session):
    for split in ("leeftijd", "ervaring"):
        made = show_view(view(group="bakens", split=split), session=session)
        assert "alle groepen samen" in made.svg
        headline = made.picture.finding or made.picture.title
        assert "teams" not in headline


def test_answers_to_choose_from_that_differ_do_not_share_a_figure(session):
    made = show_view(view(instrument="organisatie", show="answers"), session=session)
    items = session.items(made.view)
    shown = set(made.table.frame["variable"])
    other = [item for item in items if item.id not in shown]
    assert other
    assert all(item.label in made.show_table().html for item in other)
    one = show_view(
        view(instrument="organisatie", show="answers", only=other[0].id),
        session=session,
    )
    assert set(one.table.frame["variable"]) == {other[0].id}


def test_years_are_compared_with_what_must_be_known(session):
    made = show_view(view(instrument="ervaringen", show="change", since=2015))
    told = made.about().html
    assert "Let op: de antwoorden van 2015 (reconstructie)" in told
    assert "Zwolle-Zuid is sinds 2015" in told
    assert "Met voorzichtigheid te vergelijken" in told
    assert "Herkomst: reconstructie" in made.show_table().html


def test_what_changed_is_since_the_last_wave_before(session):
    made = show_view(view(show="change", group="bakens"), session=session)
    assert made.view.since == 2015
    assert made.table is not None
    first = show_view(view(year=2015, show="change"), session=session)
    assert "er is geen meting van voor 2015" in first.about().html


def test_the_level_is_that_of_the_session():
    wide = show_view(view(group="bakens", confidence=0.8))
    narrow = show_view(view(group="bakens"))
    assert "80%-betrouwbaarheidsinterval" in wide.show_table().html
    for made, other in ((wide, narrow), (narrow, wide)):
        same = show_view(other.view, session=made.session)
        assert same.table is made.table
        assert same.view == made.view
    widths = [m.table.frame.eval("ci_high - ci_low").iloc[0] for m in (wide, narrow)]
    assert widths[0] < widths[1]


def test_a_second_look_is_not_worked_out_again(session):
    first = session.table(view(group="bakens"))
    assert session.table(view(group="bakens")) is first
    one, other = session.seen(2016), session.seen(2016, "elburg")
    assert one._plans is other._plans
    assert one.base is other.base


def test_a_grid_takes_protected_tables_only():
    with pytest.raises(DisclosureError):
        make_grid(pd.DataFrame({"group": ["alle"]}), view(), labels={})


def test_groups_of_numbers_begin_at_their_limit():
    # 5 is in the second group: 4.9 < 5, 5 <= 5 < 15, 15 <= 15
    cut = cut_numbers(pd.Series([4.9, 5, 14.9, 15, None]), {"a": 5, "b": 15}, "c")
    assert cut.tolist()[:4] == ["a", "b", "b", "c"]
    assert pd.isna(cut.iloc[4])
    assert cut_numbers(pd.Series([None, None]), {"a": 5}, "b").isna().all()
    with pytest.raises(ResponseError, match="ascend"):
        cut_numbers(pd.Series([1.0]), {"a": 5, "b": 5}, "c")


def test_functions_of_one_person_are_taken_together():
    cuts = cut_people(new_run("proef").base)
    counts = cuts.frame["functie"].value_counts().to_dict()
    assert counts == {"medewerker": 56, "teamleider": 6, "overige functies": 4}
    assert "geslacht" not in cuts.frame  # not known in 2015


# --- files --------------------------------------------------------------------


@pytest.fixture
def own_project(project):
    """Make a project with the data and the notebooks of this one."""
    real = notebooks_dir_of_checkout()
    for part in ("data/raw", "notebooks"):
        shutil.copytree(real / part, project / part, dirs_exist_ok=True)
    return project


def notebooks_dir_of_checkout():
    import swtlib.explorer.session

    file = swtlib.explorer.session.__file__
    return type(notebooks_dir())(file).resolve().parents[2]


def test_files_say_where_the_answers_come_from(own_project):
    from openpyxl import load_workbook

    made = show_view(view(group="bakens", team="elburg"))
    csv, xlsx = made.save_table("csv"), made.save_table("xlsx")
    png, svg = made.save_figure("png"), made.save_figure("svg")
    folder = own_project / "outputs" / "2016" / "verkenner"
    assert {path.parent for path in (csv, xlsx, png, svg)} == {folder}
    assert csv.name == "bakens_gemiddelden_elburg_2016.csv"
    lines = csv.read_text("utf-8").splitlines()
    assert lines[0].endswith(",herkomst")
    assert all(line.endswith(",simulatie") for line in lines[1:])
    book = load_workbook(xlsx)
    about = " ".join(str(row[0].value) for row in book["over deze tabel"])
    assert made.title in about
    assert "Herkomst: simulatie" in about
    table = [[cell.value for cell in row] for row in book["tabel"]]
    assert table[0] == lines[0].split(",")
    assert len(table) == len(lines)
    mean = table[0].index("mean")
    assert [row[mean] for row in table[1:]] == [
        float(line.split(",")[mean]) for line in lines[1:]
    ]
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "Herkomst: simulatie" in svg.read_text("utf-8")
    assert scan_outputs(session_wave(made), files=[csv, xlsx, png, svg]) == []
    with pytest.raises(ParameterError, match="no kind of table 'xls'"):
        made.save_table("xls")
    with pytest.raises(ParameterError, match="no kind of figure 'jpg'"):
        made.save_figure("jpg")


def session_wave(made):
    return made.session.wave(made.view.year)


def test_what_was_kept_does_not_stop_a_release(own_project):
    from swtlib.release import _strays

    names = ["verkenner/bakens.csv", "elburg/tables/loose.csv", "verkenner.csv"]
    found = [finding.file for finding in _strays(2016, names)]
    assert found == ["elburg/tables/loose.csv", "verkenner.csv"]


def test_files_round_as_the_pages_do(own_project):
    marks = show_view(view(instrument="competenties", show="gap")).save_table("csv")
    frame = pd.read_csv(marks, dtype=str)
    assert frame["mean_have"].str.fullmatch(r"\d+\.\d").all()
    assert frame["gap"].str.fullmatch(r"-?\d\.\d\d").all()


@pytest.mark.parametrize(
    "chosen",
    [
        {"group": "bakens", "team": "elburg"},
        {"group": "bakens", "split": "teams"},
        {"instrument": "competenties", "show": "gap", "team": "elburg"},
        {"group": "bakens", "show": "change", "since": 2015},
    ],
)
def test_a_figure_tells_no_more_decimals_than_the_table(own_project, chosen):
    made = show_view(view(**chosen))
    drawn = set()
    for axes in made.picture.figure.axes:
        for line in axes.lines:
            drawn |= set(np.asarray(line.get_xdata(), dtype=float))
            drawn |= set(np.asarray(line.get_ydata(), dtype=float))
        for dots in axes.collections:
            drawn |= set(np.asarray(dots.get_offsets(), dtype=float).ravel())
    frame = made.table.frame
    columns = [c for c in frame if str(c).startswith(("mean", "ci_low", "ci_high"))]
    exact = set(frame[columns].to_numpy(dtype=float).ravel())
    fine = {x for x in exact if abs(x - round(x, 2)) > 1e-6}
    assert fine
    assert drawn
    assert not fine & drawn


def test_a_view_becomes_a_notebook_that_makes_it_again(own_project):
    import papermill

    made = show_view(view(group="bakens", team="elburg"))
    path = made.save_notebook()
    again = made.save_notebook()
    assert path == (
        own_project / "verkenningen" / "bakens_gemiddelden_elburg_2016.ipynb"
    )
    assert again.name == "bakens_gemiddelden_elburg_2016_2.ipynb"  # none is replaced
    names = {notebook.name for notebook in find_notebooks()}
    assert path.stem not in names
    assert "verkenner" not in names
    moved = notebooks_dir() / path.name
    shutil.copy(path, moved)
    found = {each.name: each for each in find_notebooks()}[path.stem]
    assert set(found.parameters) == {"team", "year", "confidence"}
    assert found.title == "De acht bakens"  # of every team, not of Elburg

    done = papermill.execute_notebook(
        str(path), None, parameters={"team": "zwolle_noord"}, progress_bar=False
    )
    shown = json.dumps(done, ensure_ascii=False)
    other = show_view(view(group="bakens", team="zwolle_noord"))
    grid = make_grid(other.table, other.view, labels=other.labels)
    for row in grid.rows[1:]:
        assert row[1].partition(" (")[0] in shown
    assert other.title in shown
    assert "vingerafdruk" in shown


@pytest.mark.parametrize("parts", SHOWN, ids=name_of)
def test_the_notebook_of_a_view_holds_that_view(session, parts):
    import ast

    from swtlib.explorer.written import view_notebook

    made = show_view(view(**parts), session=session)
    cells = view_notebook(made)["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    kinds = {type(node) for text in code for node in ast.walk(ast.parse(text))}
    assert not kinds & {ast.FunctionDef, ast.Lambda, ast.BinOp, ast.ClassDef}
    given = {}
    exec(code[0], given)
    call = code[1][code[1].index("swt.View(") : code[1].index("uitkomst")]
    assert eval(call.removeprefix("swt."), {"View": View, **given}) == made.view
