"""The controls of the verkenner, worked without a browser."""

import sys

import pytest
from typer.testing import CliRunner

from swtlib import cli, lab, open_explorer
from swtlib.errors import ParameterError, SwtError
from swtlib.explorer import widgets
from swtlib.explorer.choices import FIELDS
from swtlib.figures import picture_svg


@pytest.fixture
def verkenner():
    return open_explorer(year=2016)


def told(verkenner):
    return verkenner.status.value


def test_the_first_view_is_there_at_once(verkenner):
    assert "De acht bakens, alle teams samen (2016)" in verkenner.table.value
    assert "<svg" in verkenner.figure.value
    assert "Let op: dit zijn geen echte antwoorden (simulatie)" in verkenner.about.value
    assert "application/vnd.jupyter.widget-view+json" in verkenner._repr_mimebundle_()


def test_every_control_has_a_label_and_every_button_a_text(verkenner):
    assert list(verkenner.controls) == list(FIELDS)
    labels = [control.description for control in verkenner.controls.values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    assert all(button.description for button in verkenner.buttons.values())


def test_a_control_changes_table_figure_and_what_can_be_chosen(verkenner):
    verkenner.controls["team"].value = "elburg"
    assert verkenner.view.team == "elburg"
    for part in (verkenner.table, verkenner.figure):
        assert "De acht bakens, Elburg naast de andere teams (2016)" in part.value
    verkenner.controls["split"].value = "teams"
    assert verkenner.view.team == "alle"
    assert verkenner.controls["team"].disabled
    assert "De acht bakens per team (2016)" in verkenner.figure.value


def test_what_cannot_be_chosen_is_not_offered_and_says_why(verkenner):
    offered = dict(verkenner.controls["team"].options)
    assert "Wezep/Oldebroek" not in offered
    why = verkenner._whys["team"].value
    assert "Wezep/Oldebroek (minder dan 5 antwoorden)" in why
    verkenner.choose(team="wezep_oldebroek")  # as an older page might still ask
    assert "‘Wezep/Oldebroek’ kan hier niet: minder dan 5 antwoorden." in told(
        verkenner
    )
    assert verkenner.view.team == "alle"


def test_a_part_that_does_not_matter_is_left_out(verkenner):
    assert verkenner.controls["since"].layout.display == "none"
    verkenner.controls["show"].value = "change"
    assert verkenner.controls["since"].layout.display is None
    assert verkenner.controls["since"].value == 2015


def test_another_subject_begins_with_its_first_group(verkenner):
    verkenner.controls["group"].value = ""
    verkenner.controls["instrument"].value = "competenties"
    assert verkenner.view.show == "gap"
    verkenner.controls["instrument"].value = "bakens"
    assert verkenner.view.group == "bakens"


def test_the_groups_are_planned_before_they_are_shown(verkenner):
    verkenner.choose(instrument="actie_leren")
    assert not verkenner.session.has_split_plan(2016, "actie_leren")
    verkenner.controls["split"].value = "ervaring"
    assert verkenner.session.has_split_plan(2016, "actie_leren")
    assert "naar werkervaring" in verkenner.table.value
    assert not verkenner.controls["split"].disabled


def test_a_fault_is_told_kindly_and_the_view_stays(verkenner, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("inside")

    before = verkenner.table.value
    monkeypatch.setattr(widgets, "settled_result", fail)
    verkenner.controls["team"].value = "elburg"
    assert "Hier ging iets mis (RuntimeError)" in told(verkenner)
    assert "inside" not in told(verkenner)
    assert "Traceback" not in told(verkenner)
    assert isinstance(verkenner.fault, RuntimeError)
    assert verkenner.table.value == before
    assert verkenner.controls["team"].value == "alle"


def test_a_fault_of_the_user_is_one_line(verkenner, monkeypatch):
    def fail(*_, **__):
        raise ParameterError("dat kan niet")

    monkeypatch.setattr(widgets, "settled_result", fail)
    verkenner.controls["team"].value = "elburg"
    assert "dat kan niet" in told(verkenner)
    assert verkenner.fault is None
    assert verkenner.controls["team"].value == "alle"
    monkeypatch.setattr(verkenner.session.__class__, "closed_in_splits", fail)
    verkenner.controls["split"].value = "ervaring"  # is waited for, controls closed
    assert verkenner.controls["split"].value == "team"
    assert not verkenner.controls["split"].disabled


def test_only_the_last_figure_is_drawn(verkenner, monkeypatch):
    first = verkenner.result
    verkenner.choose(team="elburg")
    drawn = verkenner.figure.value
    verkenner._draw(first)
    assert verkenner.figure.value == drawn


def test_a_figure_that_fails_leaves_the_table(verkenner, monkeypatch):
    def fail(_):
        raise ValueError("too wide")

    monkeypatch.setattr(widgets.ViewResult, "show_figure", fail)
    verkenner.choose(team="elburg")
    assert "De figuur lukte niet (ValueError); de tabel klopt wel." in told(verkenner)
    assert "Elburg" in verkenner.table.value


def test_saving_says_where_or_why_not(verkenner, project, monkeypatch):
    verkenner.buttons["csv"].click()
    path = "outputs/2016/verkenner/bakens_gemiddelden_alle_2016.csv"
    assert f"Bewaard: {path}" in told(verkenner)
    assert (project / path).is_file()

    def fail(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setitem(widgets.SAVES, "csv", ("", fail))
    verkenner.save("csv")
    assert "Bewaren lukte niet: het bestand staat nog open" in told(verkenner)
    assert "Permission" not in told(verkenner)


def test_a_small_team_to_begin_with_becomes_all_teams():
    assert open_explorer(year=2015, team="wezep_oldebroek").view.team == "alle"


def test_an_svg_has_its_words_and_no_style_for_the_page(verkenner):
    picture = verkenner.result.picture
    text = picture_svg(picture)
    assert text == picture_svg(picture)
    assert f"<title>{picture.title}</title><desc>" in text
    assert '<style type="text/css">*{' not in text
    assert "Gericht op de vraag" in text  # words, not shapes


def test_lab_opens_the_verkenner_in_the_project(monkeypatch):
    command = lab.lab_command(["--no-browser"])
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--no-browser" in command
    assert command[-1].endswith("verkenner.ipynb")
    root = lab.project_root()
    assert f"--ServerApp.root_dir={root}" in command
    seen = []

    def run(command, **options):
        seen.append((command, options["cwd"]))
        return type("Done", (), {"returncode": 3})()

    monkeypatch.setattr(lab.subprocess, "run", run)
    result = CliRunner().invoke(cli.app, ["lab", "--no-browser", "--port=8899"])
    assert result.exit_code == 3
    assert seen[0][0][-3:-1] == ["--no-browser", "--port=8899"]
    assert seen[0][1] == root


def test_lab_says_what_is_missing(monkeypatch, project):
    with pytest.raises(ParameterError, match=r"has no verkenner\.ipynb"):
        lab.lab_command()
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SwtError, match="pip install jupyterlab"):
        lab.lab_command()
