"""The file with the effects of a study: written, mended by hand, read."""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from swtlib.comparison import compare_split
from swtlib.disclosure import protect
from swtlib.effects import (
    g_variance,
    read_effects,
    study_effects,
    write_effects,
    z_variance,
)
from swtlib.errors import DisclosureError, IngestError, ParameterError
from swtlib.estimates import mean_with_ci
from swtlib.groups import Groups
from swtlib.team_difference import difference_with_ci, join_difference

HEADING = (
    "studie;jaar;uitkomst;vergelijking;omschrijving;soort;eenheid;effect;"
    "standaardfout;n1;n2;herkomst;bron"
)
# 1/20 + 1/20 + 0.25/80 = 0.103125, and its root is 0.321
ROW = "s1;2017;regie;contact;Regie: wel min niet;hedges_g;sd;0,5;0,321;20;20;simulatie;"


def found(**columns):
    """Make a table of two groups, one row per variable."""
    return pd.DataFrame({"variable": ["regie"]} | columns)


def effects_of(table, **given):
    options = {
        "study": "s1",
        "year": 2017,
        "labels": {"regie": "Regie"},
        "origin": "simulation",
        "comparison": "contact",
    }
    return study_effects(table, **(options | given))


def two_groups(**columns):
    values = {"n_first": [20], "n_second": [20], "hedges_g": [0.5]} | columns
    return protect(found(**values), kind="comparison")


def saved(folder, *rows, name="s1", heading=HEADING, encoding="utf-8-sig", end="\r\n"):
    path = folder / f"effecten_{name}.csv"
    path.write_bytes(end.join([heading, *rows, ""]).encode(encoding))
    return path


def faults(folder):
    with pytest.raises(IngestError) as caught:
        read_effects(folder)
    return str(caught.value).splitlines()


# --- written -----------------------------------------------------------------


def test_g_variance_by_hand():
    # 1/10 + 1/40 + 0.36 / (2 * 50) = 0.1 + 0.025 + 0.0036
    assert_allclose(g_variance(0.6, 10, 40), 0.1286)


def test_z_variance_by_hand():
    assert_allclose(z_variance(0.4, 30), 0.04)  # (1 + 0.08) / 27
    assert math.isnan(z_variance(0.4, 3))


def test_write_effects_writes_what_a_dutch_spreadsheet_opens(tmp_path):
    path = write_effects(effects_of(two_groups(), source="Jansen"), folder=tmp_path)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")  # or Excel would take é for Ã©
    lines = data.decode("utf-8-sig").split("\n")
    assert lines[0] == HEADING
    assert lines[1].startswith(
        "s1;2017;regie;contact;Regie: eerste min tweede;hedges_g;standaarddeviaties;"
        '0,500;0,321;20;20;simulatie;"Jansen; swtlib'
    )


def test_read_effects_gives_what_was_written(tmp_path):
    effects = effects_of(two_groups(hedges_g=[-0.5]), contrast="wel; niet, en “é”")
    write_effects(effects, folder=tmp_path)
    read = read_effects(tmp_path).drop(columns="file")
    expected = effects.frame.drop(columns=["suppressed", "reason"])
    pd.testing.assert_frame_equal(read, expected, check_dtype=False)


def test_study_effects_leaves_out_what_is_hidden(tmp_path):
    table = protect(
        pd.DataFrame(
            {
                "variable": ["regie", "inbreng"],
                "n_first": [20, 4],
                "n_second": [20, 40],
                "hedges_g": [0.5, 0.1],
            }
        ),
        kind="comparison",
    )
    effects = effects_of(table)
    assert effects.frame["outcome"].tolist() == ["regie"]
    assert effects.hidden["variable"].tolist() == ["inbreng"]
    text = write_effects(effects, folder=tmp_path).read_text("utf-8-sig")
    assert "inbreng" not in text


def test_study_effects_without_anything_to_show_is_empty(tmp_path):
    effects = effects_of(two_groups(n_first=[4]))
    assert len(effects) == 0
    with pytest.raises(ParameterError, match="no effects to write"):
        write_effects(effects, folder=tmp_path)
    with pytest.raises(ParameterError, match="no effects to write"):
        write_effects(folder=tmp_path)


def test_study_effects_takes_a_protected_table_only():
    with pytest.raises(DisclosureError, match="takes a ProtectedTable"):
        effects_of(pd.DataFrame({"hedges_g": [0.5]}))


def test_study_effects_takes_both_effects_of_a_split():
    rng = np.random.default_rng(7)
    grades = pd.DataFrame({"creativiteit": rng.integers(5, 10, 40)})
    statements = pd.DataFrame({"overleg": rng.integers(0, 5, 40)})
    table = compare_split(grades, statements, test="welch")
    row = table.iloc[0]
    effects = study_effects(
        protect(table, kind="comparison"),
        study="s1",
        year=2017,
        labels={"overleg": "Overleg", "creativiteit": "Creativiteit"},
        origin="fieldwork",
    ).frame
    g, z = effects.iloc[0], effects.iloc[1]
    assert (g["kind"], z["kind"]) == ("hedges_g", "spearman_z")
    assert (g["outcome"], g["comparison"]) == ("overleg", "creativiteit")
    assert g["description"] == "Overleg: hoog min laag op Creativiteit"
    assert (g["n_first"], g["n_second"]) == (row["n_high"], row["n_low"])
    assert g["estimate"] == round(row["hedges_g"], 3)
    assert_allclose(
        g["se"] ** 2,
        1 / row["n_high"] + 1 / row["n_low"] + row["hedges_g"] ** 2 / 80,
        atol=5e-4,  # rounded to three decimals
    )
    assert_allclose(z["estimate"], math.atanh(row["spearman"]), atol=1.5e-3)
    assert (z["n_first"], math.isnan(z["n_second"])) == (40, True)
    one = effects_of(protect(table, kind="comparison"), kinds=["spearman_z"]).frame
    assert one["kind"].tolist() == ["spearman_z"]


def test_study_effects_takes_the_effect_of_a_team_with_one_decimal():
    rng = np.random.default_rng(3)
    scores = pd.DataFrame(
        {"team": ["elburg"] * 8 + ["oost"] * 40, "regie": rng.normal(size=48)}
    )
    members = {"elburg": 12, "oost": 60}
    means = mean_with_ci(scores, groups=Groups("elburg", "team"), members=members)
    found = difference_with_ci(scores, team="elburg", members=members)
    table = protect(join_difference(means, found, team="elburg"), kind="mean")
    effects = effects_of(table, comparison="", labels={"elburg": "Elburg"}).frame
    assert effects["estimate"].tolist() == [round(found["effect"].iloc[0], 1)]
    assert effects[["n_first", "n_second"]].to_numpy().tolist() == [[8, 40]]
    assert effects["comparison"].tolist() == ["team_andere"]
    assert effects["description"].tolist() == ["regie: Elburg min andere teams"]


def test_an_effect_that_rounds_to_nothing_has_no_minus(tmp_path):
    effects = effects_of(two_groups(hedges_g=[-0.0004], spearman=[-0.0004], n=[40]))
    assert not np.signbit(effects.frame["estimate"]).any()
    written = write_effects(effects, folder=tmp_path).read_text("utf-8-sig")
    assert "-0,000" not in written
    assert written.count(";0,000;") == 2


def gaps(n, **sd):
    return protect(
        pd.DataFrame(
            {"group": ["alle"], "variable": ["regie"], "n": [n], "gap": [0.634], **sd}
        ),
        kind="mean",
    )


def test_study_effects_takes_a_gap_with_its_standard_error():
    effects = effects_of(gaps(25, sd=[1.5]), comparison="", unit="punten (0-10)").frame
    assert effects.loc[0, ["estimate", "se"]].tolist() == [0.63, 0.3]  # 1.5 / 5
    assert effects.loc[0, ["comparison", "unit"]].tolist() == [
        "wil_heeft",
        "punten (0-10)",
    ]


def test_study_effects_does_not_give_the_spread_of_few_answers(tmp_path):
    effects = effects_of(gaps(19, sd=[1.5]))
    assert math.isnan(effects.frame.loc[0, "se"])
    write_effects(effects, folder=tmp_path)
    assert math.isnan(read_effects(tmp_path).loc[0, "se"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"study": "regie elburg"}, "study is 'regie elburg'"),
        ({"study": "../s1"}, "study is"),
        ({"origin": "veldwerk"}, "there is no origin 'veldwerk'"),
        ({"comparison": "wel/niet"}, "comparison is 'wel/niet'"),
        ({"comparison": ""}, "comparison is not given"),
        ({"kinds": ["hedgesg"]}, "no kind of effect 'hedgesg'. Did you mean"),
    ],
)
def test_study_effects_says_what_is_wrong(given, message):
    with pytest.raises(ParameterError, match=message):
        effects_of(two_groups(), **given)


def test_study_effects_refuses_a_table_without_effects():
    means = found(group=["alle"], n=[20], mean=[0.5], sd=[0.1])
    with pytest.raises(ParameterError, match="holds no effects"):
        effects_of(protect(means, kind="mean"))


def test_write_effects_refuses_two_studies_and_other_tables(tmp_path):
    with pytest.raises(ParameterError, match="several studies: s1, s2"):
        write_effects(
            effects_of(two_groups()),
            effects_of(two_groups(), study="s2"),
            folder=tmp_path,
        )
    with pytest.raises(ParameterError, match="tables of study_effects only"):
        write_effects(two_groups(), folder=tmp_path)


# --- mended by hand, and read ------------------------------------------------


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_read_effects_reads_what_spreadsheets_write(tmp_path, separator, encoding):
    row = ROW.replace("Regie:", "Regié:").replace("0,5;", "−0,5;")
    if encoding == "cp1252":
        row = row.replace("−", "-")
    saved(
        tmp_path,
        row.replace(";", separator),
        separator * 12,  # Excel keeps lines that were emptied
        heading=HEADING.replace(";", separator),
        encoding=encoding,
    )
    read = read_effects(tmp_path)
    assert len(read) == 1
    assert read.loc[0, "estimate"] == -0.5
    assert read.loc[0, "description"] == "Regié: wel min niet"


def test_read_effects_reads_points_between_commas_and_another_order(tmp_path):
    names = HEADING.split(";")
    cells = ROW.replace(",", ".").split(";")
    order = sorted(range(len(names)), key=lambda i: names[i])
    saved(
        tmp_path,
        ",".join(cells[i] for i in order) + ",,",
        heading=",".join(names[i].capitalize() for i in order) + ",,",
        end="\n",
    )
    assert read_effects(tmp_path).loc[0, ["estimate", "se"]].tolist() == [0.5, 0.321]


def test_read_effects_reads_xlsx_and_folders_below(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (HEADING, ROW):
        book.active.append(row.split(";"))
    book.active["H2"], book.active["J2"] = 0.5, 20  # numbers, as Excel has them
    (tmp_path / "scriptie één" / "resultaten").mkdir(parents=True)
    book.save(tmp_path / "scriptie één" / "resultaten" / "effecten_s1.xlsx")
    read = read_effects(tmp_path)
    assert read.loc[0, ["estimate", "n_first"]].tolist() == [0.5, 20]
    assert read.loc[0, "file"] == "scriptie één/resultaten/effecten_s1.xlsx"


def with_cell(column, cell):
    cells = ROW.split(";")
    cells[HEADING.split(";").index(column)] = cell
    return ";".join(cells)


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("studie", "", "it is empty"),
        ("studie", "s 1", "'s 1' is not an id"),
        ("jaar", "17", "17 is not a year"),
        ("jaar", "2017,5", "2017,5 is not a year"),
        ("uitkomst", "de regie", "'de regie' is not an id"),
        ("vergelijking", "", "it is empty"),
        ("omschrijving", "", "it is empty"),
        ("soort", "hedgesg", "'hedgesg' is not known. Did you mean 'hedges_g'"),
        ("effect", "", "it is empty"),
        ("effect", "half", "'half' is not a number"),
        ("effect", "5-mei", "'5-mei' looks like a date"),
        ("effect", "2017-05-01 00:00:00", "looks like a date"),
        ("effect", "1.000,5", "'1.000,5' is not a number"),
        ("effect", "inf", "'inf' is not a number"),
        ("standaardfout", "0", "0 is not more than 0"),
        ("standaardfout", "-0,3", "-0,3 is not more than 0"),
        ("standaardfout", "321", "does not fit the effect and n1, n2"),
        ("n1", "", "it is empty"),
        ("n1", "4", "4 is fewer than 5 answers"),
        ("n2", "4", "4 is fewer than 5 answers"),
        ("n2", "20,5", "not a whole number"),
        ("n2", "", "a hedges_g has two groups"),
        ("herkomst", "velwerk", "Did you mean 'veldwerk'"),
    ],
)
def test_read_effects_names_file_line_and_column(tmp_path, column, cell, told):
    saved(tmp_path, ROW.replace("s1;", "s0;"), with_cell(column, cell))
    (fault,) = faults(tmp_path)
    assert fault.startswith(f"effecten_s1.csv, line 3, column '{column}': ")
    assert told in fault


def test_read_effects_lists_every_fault_of_every_file_at_once(tmp_path):
    saved(tmp_path, with_cell("effect", "half"), with_cell("n1", "4"), name="a")
    saved(tmp_path, ROW, heading=HEADING.replace("bron", "bronn"), name="b")
    saved(tmp_path, ROW + ";7;8", name="c")
    saved(tmp_path, heading="", name="d")
    (tmp_path / "effecten_e.csv").write_bytes(b"\0\1\2")
    told = faults(tmp_path)
    assert [line.partition(":")[0] for line in told] == [
        "effecten_a.csv, line 2, column 'effect'",
        "effecten_a.csv, line 3, column 'n1'",
        "effecten_b.csv, line 1",
        "effecten_b.csv, line 1",
        "effecten_c.csv, line 2",
        "effecten_d.csv",
        "effecten_e.csv",
    ]
    assert "'bronn' is not known. Did you mean 'bron'" in told[2]
    assert "there is no column 'bron'" in told[3]


def test_read_effects_refuses_a_heading_that_is_there_twice(tmp_path):
    saved(tmp_path, ROW + ";x", heading=HEADING + ";bron")
    assert "column 'bron' is there twice" in faults(tmp_path)[0]


def test_read_effects_refuses_the_same_people_twice(tmp_path):
    saved(tmp_path, ROW, name="s1")
    saved(tmp_path, ROW, name="s1_kopie")
    (fault,) = faults(tmp_path)
    assert "effecten_s1.csv, line 2 and effecten_s1_kopie.csv, line 2" in fault
    assert "keep one line" in fault


def gap_row(study, unit):
    return f"{study};2017;regie;wil_heeft;Regie;mean_gap;{unit};0,5;0,1;20;;veldwerk;"


def test_read_effects_refuses_gaps_in_different_units(tmp_path):
    for study, unit in (("a", "punten (0-10)"), ("b", "punten (0-10)"), ("c", "0-1")):
        saved(tmp_path, gap_row(study, unit), name=study)
    (fault,) = faults(tmp_path)
    assert fault.startswith("effecten_c.csv, line 2, column 'eenheid': '0-1' beside")


def test_read_effects_wants_no_second_group_of_a_gap(tmp_path):
    saved(tmp_path, gap_row("a", "0-1").replace("20;;", "20;20;"))
    (fault,) = faults(tmp_path)
    assert "column 'n2': 20 stands there; a mean_gap has one group" in fault


def test_read_effects_reads_a_file_without_effects(tmp_path):
    saved(tmp_path, ROW)
    saved(tmp_path, name="leeg")
    assert read_effects(tmp_path)["study"].tolist() == ["s1"]


def test_read_effects_says_where_files_should_be(tmp_path):
    assert "has no file effecten_<studie>.csv" in faults(tmp_path)[0]
    assert "there is no folder weg" in faults(tmp_path / "weg")[0]


def test_read_effects_takes_back_the_apostrophe_before_a_formula(tmp_path):
    effects = effects_of(two_groups(), labels={"regie": "=HYPERLINK(A1)"})
    path = write_effects(effects, folder=tmp_path)
    assert "'=HYPERLINK" in path.read_text("utf-8-sig")
    assert read_effects(tmp_path).loc[0, "description"].startswith("=HYPERLINK")
