"""The page of several studies, on the invented example and on files of one's own."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from swtlib.batch.plan import find_notebooks
from swtlib.effects import read_effects
from swtlib.errors import IngestError, ParameterError
from swtlib.examples.studies import STUDIES_DIR, write_studies
from swtlib.guard import find_answers
from swtlib.meta_analysis import combine_studies
from swtlib.studies import Studies, load_studies

ROOT = Path(__file__).resolve().parent.parent


def words(shown):
    return re.sub(r"<[^>]+>", " ", shown.html)


@pytest.fixture
def outputs(tmp_path, monkeypatch):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path / "outputs"))
    return tmp_path / "outputs" / "meta_analyse"


@pytest.fixture
def folder(tmp_path):
    """A copy of the example, to change; it is no example any more."""
    return shutil.copytree(STUDIES_DIR, tmp_path / "studies")


def change(path, old, new):
    text = path.read_text("utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8-sig")


# --- the example -------------------------------------------------------------


def test_write_studies_writes_the_committed_files(tmp_path):
    written = write_studies(tmp_path)
    assert len(written) == 7
    assert {p.name for p in written} == {p.name for p in STUDIES_DIR.glob("*")}
    # by line: a checkout on Windows may have changed the line ends; without the
    # version of swtlib that wrote them
    for path in written:
        lines, committed = (
            re.sub(r"swtlib [\d.]+", "", p.read_text("utf-8-sig")).splitlines()
            for p in (path, STUDIES_DIR / path.name)
        )
        assert lines == committed


def test_example_may_enter_git_and_says_it_is_invented():
    names = sorted(p.relative_to(ROOT).as_posix() for p in STUDIES_DIR.iterdir())

    def read(name):
        path = ROOT / name
        return path.read_bytes() if path.is_file() else None

    assert find_answers(names, read) == []
    effects = read_effects(STUDIES_DIR)
    assert set(effects["origin"]) == {"simulation"}
    assert effects["source"].str.startswith("verzonnen voorbeeld").all()


def test_load_studies_shows_the_example_as_invented(outputs):
    studies = load_studies()
    assert "7 studies (2016 tot en met 2018)" in words(studies.intro())
    assert "Alles hieronder is verzonnen" in words(studies.intro())
    assert studies.origin_line().startswith("Herkomst: verzonnen voorbeeld.")
    for shown in (studies.study_tables(), studies.together_table()):
        assert "(verzonnen voorbeeld)" in words(shown)
        assert "Herkomst: verzonnen voorbeeld." in words(shown)
    assert "Deze uitkomsten zijn verzonnen" in words(studies.reading())
    assert studies.figures().html.count("verzonnen voorbeeld") >= 3  # alt texts


def test_together_is_what_combine_studies_finds():
    studies = load_studies()
    row = studies.together.frame.iloc[0]
    regie = studies.effects[
        (studies.effects["outcome"] == "regie")
        & (studies.effects["kind"] == "hedges_g")
    ]
    found = combine_studies(regie["estimate"], regie["se"])
    assert (row["k"], row["n_total"]) == (7, 254)
    assert_allclose(row["estimate"], found.estimate)
    assert_allclose(row["prediction_high"], found.prediction_high)


def test_a_correlation_is_shown_as_one():
    studies = load_studies()
    row = studies.together.frame.set_index("kind").loc["spearman_z"]
    z = studies.effects.query("kind == 'spearman_z'")
    found = combine_studies(z["estimate"], z["se"])
    # tanh(0.404955) = 0.3842
    assert_allclose(row["estimate"], 0.3842, atol=5e-5)
    assert_allclose(row["tau"], found.tau)  # stays on the scale of z
    assert pd.isna(row["se"])
    each = studies.each.frame
    of_study = each[each["kind"] == "spearman_z"]
    assert not of_study["suppressed"].any()  # it has one group, and one n
    assert of_study["ci_high"].lt(1).all()


def test_every_question_has_its_studies():
    found = [
        (list(each.frame["study"]), together.frame["k"].iloc[0])
        for each, together in load_studies().questions()
    ]
    assert [len(names) for names, _ in found] == [k for _, k in found] == [7, 4, 2]
    assert found[2][0] == ["groep_e", "groep_f"]


def test_a_question_has_its_own_mean_also_after_ten_others():
    # As text "10" comes before "2": one question then stood beside the mean of another.
    one = read_effects(STUDIES_DIR).head(1)
    many = [
        one.assign(outcome=f"uitkomst_{at}", description=f"Vraag {at}", estimate=at / 4)
        for at in range(12)
    ]
    studies = Studies(effects=pd.concat(many, ignore_index=True), place="map")
    found = [(each.frame, mean.frame) for each, mean in studies.questions()]
    labels = [(each["label"].item(), mean["label"].item()) for each, mean in found]
    assert labels == [(f"Vraag {at}", f"Vraag {at}") for at in range(12)]
    # of one study the mean is its own effect
    assert [mean["estimate"].item() for _, mean in found] == [
        each["estimate"].item() for each, _ in found
    ]


def test_tables_and_figures_are_kept(outputs):
    studies = load_studies()
    studies.study_tables()
    studies.together_table()
    studies.figures()
    kept = sorted(p.relative_to(outputs).as_posix() for p in outputs.rglob("*.*"))
    assert kept == [
        *(f"figuren/meta_analyse_vraag_{n}.png" for n in (1, 2, 3)),
        "tables/meta_analyse_samen.csv",
        "tables/meta_analyse_studies.csv",
    ]
    together = pd.read_csv(outputs / "tables" / "meta_analyse_samen.csv")
    assert together["k"].tolist() == [7, 4, 2]
    assert set(together["herkomst"]) == {"simulatie"}
    assert pd.isna(together["prediction_low"].iloc[2])


# --- one's own files ---------------------------------------------------------


def test_load_studies_reads_a_folder_of_the_project(project, outputs):
    shutil.copytree(STUDIES_DIR, project / "data" / "studies")
    studies = load_studies("data/studies")
    assert not studies.example
    assert "uit de map studies" in words(studies.intro())
    assert "(verzonnen voorbeeld)" not in words(studies.study_tables())
    # an invented study stays invented in any folder
    assert "(7 simulatie). Wat geen veldwerk is, is verzonnen." in studies.origin_line()


def test_fieldwork_is_not_called_invented(folder):
    for path in folder.glob("*.csv"):
        change(path, "simulatie", "veldwerk")
    studies = load_studies(str(folder))
    assert studies.origin_line() == (
        "Herkomst: effecten uit bestanden van studies (7 veldwerk)."
    )
    assert "verzonnen" not in words(studies.intro()) + words(studies.reading())


def test_one_invented_study_marks_the_whole(folder, outputs):
    for path in sorted(folder.glob("*.csv"))[1:]:
        change(path, "simulatie", "veldwerk")
    studies = load_studies(str(folder))
    assert "(6 veldwerk en 1 simulatie). Wat geen" in studies.origin_line()
    assert "kijk in de tabel bij herkomst" in words(studies.intro())
    studies.together_table()
    together = pd.read_csv(outputs / "tables" / "meta_analyse_samen.csv")
    assert set(together["herkomst"]) == {"simulatie"}


def test_a_study_without_a_standard_error_is_shown_and_does_not_count(folder, outputs):
    change(folder / "effecten_groep_c.csv", ";0,419;", ";;")
    studies = load_studies(str(folder))
    assert studies.together.frame["k"].tolist() == [6, 4, 2]
    assert "Eén studie telt niet mee" in words(studies.reading())
    assert "groep_c, 2016" in words(studies.study_tables())
    assert "nan" not in words(studies.study_tables()) + words(studies.together_table())


@pytest.mark.parametrize("se", ["0,5", ""])
def test_a_folder_with_one_effect_has_a_page(tmp_path, outputs, se):
    only = tmp_path / "een"
    only.mkdir()
    (only / "effecten_x.csv").write_text(
        "studie;jaar;uitkomst;vergelijking;omschrijving;soort;eenheid;effect;"
        "standaardfout;n1;n2;herkomst;bron\n"
        f"x;2017;regie;wil_heeft;Regie;mean_gap;punten (0-10);0,5;{se};20;;veldwerk;\n",
        "utf-8",
    )
    studies = load_studies(str(only))
    shown = [
        studies.intro(),
        studies.study_tables(),
        studies.together_table(),
        studies.figures(),
        studies.reading(),
        studies.provenance(),
    ]
    told = " ".join(words(each) for each in shown)
    assert "1 studie (2017)" in told
    assert "nan" not in told.lower()
    assert ("Er is één studie" if se else "Van geen enkele studie") in told
    assert "Verschil in punten (0-10)." in told
    assert "maker niet vermeld" in told


def test_words_of_a_file_are_not_html(folder, outputs):
    change(folder / "effecten_groep_a.csv", "De bewoner houdt", "<script>1</script>")
    studies = load_studies(str(folder))
    shown = (studies.study_tables(), studies.together_table(), studies.reading())
    assert all("<script>" not in each.html for each in (*shown, studies.figures()))


def test_load_studies_says_what_is_wrong(tmp_path):
    with pytest.raises(IngestError, match="no folder nergens"):
        load_studies(str(tmp_path / "nergens"))
    with pytest.raises(ParameterError, match="confidence is 95"):
        load_studies(confidence=95)


# --- the notebook ------------------------------------------------------------


def test_notebook_is_no_part_of_the_batch():
    names = [notebook.name for notebook in find_notebooks(folder=ROOT / "notebooks")]
    assert "respons" in names
    assert "meta_analyse" not in names


def test_notebook_shows_everything_that_a_page_of_studies_has():
    path = ROOT / "notebooks" / "meta_analyse.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    for step in ("intro", "study_tables", "together_table", "figures", "reading"):
        assert f"studies.{step}()" in code
    assert "studies.provenance()" in code


def test_the_example_asks_what_a_new_thesis_asks():
    """Else the study of a student stands beside the example instead of in it."""
    place = ROOT / "swtlib" / "thesis" / "template" / "notebooks"
    text = (place / "stap_4_vergelijking.ipynb").read_text("utf-8")
    code = "".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    asked = re.findall(r'^(?:vraag|antwoord): str = "(\w+)"', code, re.MULTILINE)
    files = sorted(STUDIES_DIR.glob("*.csv"))
    found = pd.concat([pd.read_csv(path, sep=";") for path in files])
    named = found.loc[found["soort"] == "hedges_g", "vergelijking"]
    assert set(named) == {"_".join(asked)}
