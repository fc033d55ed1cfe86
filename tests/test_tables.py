"""Tests of tables for readers and for other programs."""

import re

import numpy as np
import pandas as pd
import pytest

from swtlib.disclosure import protect
from swtlib.errors import DisclosureError, ParameterError
from swtlib.tables import (
    format_number,
    hidden_reasons,
    render_table,
    table_csv,
    table_html,
    wide_means,
)

LABELS = {"elburg": "Elburg", "a": "Wij overleggen", "b": "Wij <b>lachen</b> & werken"}
ORIGIN = "Herkomst: simulatie, geen antwoorden van mensen."


def means() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group": ["elburg", "andere"] * 2,
            "variable": ["a", "a", "b", "b"],
            "n": [6, 52, 4, 51],
            "n_population": [7, 90, 7, 90],
            "mean": [0.642, 0.5, 0.9, 0.7],
            "sd": [0.1, 0.2, 0.1, 0.2],
            "df": 50,
            "ci_low": [np.nan, 0.45, 0.8, 0.66],
            "ci_high": [np.nan, 0.55, 1.0, 0.74],
            "interval": ["telling", "t", "t", "t"],
        }
    )


@pytest.fixture
def table():
    return protect(means(), kind="mean")


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>\s*(<t[hd].*?)</tr>", html, re.DOTALL)
    return [
        [re.sub(r"<[^>]+>", "", c) for c in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in rows
    ]


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.642, 2, "0,64"),
        (7.25, 0, "7"),
        (-0.5, 1, "−0,5"),
        (-0.004, 2, "0,00"),
        (66.0, 0, "66"),
        (float("nan"), 2, ""),
        (float("inf"), 2, ""),
    ],
)
def test_format_number_writes_dutch(value, digits, text):
    assert format_number(value, digits) == text


def test_render_table_shows_labels_and_dutch_numbers(table):
    shown = render_table(
        table,
        columns={"variable": "stelling", "group": "groep", "n": "n", "mean": "score"},
        digits=2,
        title="Score per stelling",
        note="Een regel eronder.",
        origin=ORIGIN,
        labels=LABELS,
    )
    html = table_html(shown)
    assert cells(html) == [
        ["Wij overleggen", "Elburg", "6", "0,64"],
        ["Wij overleggen", "andere teams", "52", "0,50"],
        ["Wij &lt;b&gt;lachen&lt;/b&gt; &amp; werken", "Elburg", "–", "–"],
        ["Wij &lt;b&gt;lachen&lt;/b&gt; &amp; werken", "andere teams", "–", "–"],
    ]
    for text in ("Score per stelling", "stelling", "Een regel eronder.", ORIGIN):
        assert text in html
    assert "– niet getoond: minder dan 5 antwoorden, of anders te herkennen." in html


def test_render_table_leaves_an_interval_that_is_not_there_empty(table):
    columns = {"variable": "", "ci_low": "van"}
    shown = render_table(table, columns=columns, digits=2, title="t", origin="")
    assert [row[1] for row in cells(table_html(shown))] == ["", "0,45", "–", "–"]


def test_render_table_takes_digits_per_column(table):
    columns = {"variable": "", "n": "n", "mean": "score", "ci_low": "van"}
    digits = {"mean": 3, "n": 1}
    shown = render_table(table, columns=columns, digits=digits, title="t", origin="")
    assert cells(table_html(shown))[0][1:] == ["6,0", "0,642", ""]
    assert cells(table_html(shown))[1][1:] == ["52,0", "0,500", "0,450"]


def test_render_table_shows_percentages_and_whole_facts():
    facts = pd.DataFrame(
        {
            "group": ["elburg", "alle"],
            "members": [7, np.nan],
            "rate": [6 / 7, np.nan],
            "known": [True, False],
        }
    )
    shown = render_table(
        protect(facts, kind="public"),
        columns={"group": "", "members": "leden", "rate": "respons", "known": "bekend"},
        digits=2,
        percent=["rate"],
        title="Respons",
        origin="",
        labels=LABELS,
    )
    # 6 / 7 = 85.7 %
    assert cells(table_html(shown)) == [
        ["Elburg", "7", "86%", "ja"],
        ["alle teams", "", "", "nee"],
    ]


def test_render_table_is_the_same_every_time(table):
    def make(title):
        columns = {"variable": "stelling", "mean": "score"}
        return table_html(
            render_table(table, columns=columns, digits=2, title=title, origin="")
        )

    assert make("Eén titel") == make("Eén titel")
    name = re.search(r'<div id="([^"]+)"', make("Eén titel")).group(1)
    assert re.fullmatch(r"t-e-n-titel-[0-9a-f]{8}", name)
    assert name not in make("Andere titel")


def test_render_table_refuses_what_is_not_there(table):
    with pytest.raises(ParameterError, match=r"no column 'maen'\. Did you mean 'mean'"):
        render_table(table, columns={"maen": ""}, digits=2, title="", origin="")
    with pytest.raises(ParameterError, match="no column 'rate'"):
        render_table(table, columns={}, digits=2, title="", origin="", percent=["rate"])
    with pytest.raises(DisclosureError, match="render_table takes a ProtectedTable"):
        render_table(means(), columns={}, digits=2, title="", origin="")


def test_table_html_scrolls_and_touches_nothing_else(table):
    columns = {"variable": "stelling", "mean": "score"}
    html = table_html(
        render_table(table, columns=columns, digits=2, title="t", origin="")
    )
    assert 'role="region"' in html
    assert 'tabindex="0"' in html
    assert "overflow-x:auto" in html
    assert "http" not in html
    assert "<script" not in html
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL).group(1)
    selectors = re.findall(r"([^{}]+)\{", style)
    name = re.search(r'<div id="([^"]+)"', html).group(1)
    assert all(s.strip().startswith(f"#{name}") for s in selectors)


def test_wide_means_sets_groups_side_by_side(table):
    wide = wide_means(table, labels=LABELS)
    assert wide.frame.drop(columns=["suppressed", "reason"]).to_numpy().tolist() == [
        ["n", "6", "52"],
        ["Wij overleggen", "0,64", "0,50 (0,45–0,55)"],
        ["Wij <b>lachen</b> & werken", "–", "–"],
    ]
    assert list(wide.frame.columns)[:3] == ["label", "Elburg", "andere teams"]
    html = table_html(render_table(wide, columns={}, digits=2, title="t", origin=""))
    assert cells(html)[1] == ["Wij overleggen", "0,64", "0,50 (0,45–0,55)"]
    assert "niet getoond: minder dan 5" in html


def test_wide_means_gives_n_as_a_range_or_a_column(table):
    frame = means()
    frame["n"] = [6, 52, 5, 51]
    shown = protect(frame, kind="mean")
    assert wide_means(shown).frame.iloc[0, 1:3].tolist() == ["5–6", "51–52"]
    turned = wide_means(shown, rows="group", columns="variable", digits=1).frame
    assert turned.drop(columns=["suppressed", "reason"]).to_numpy().tolist() == [
        ["elburg", "5–6", "0,6", "0,9 (0,8–1,0)"],
        ["andere teams", "51–52", "0,5 (0,5–0,6)", "0,7 (0,7–0,7)"],
    ]
    hidden = protect(means().assign(n=[4, 52, 4, 51]), kind="mean")
    assert wide_means(hidden).frame.iloc[0, 1:3].tolist() == ["–", "–"]


def test_wide_means_shows_the_difference_of_a_team(table):
    frame = means().assign(
        difference=[0.142, np.nan, 0.2, np.nan],
        difference_low=[-0.051, np.nan, 0.1, np.nan],
        difference_high=[0.335, np.nan, 0.3, np.nan],
        difference_interval=["t", None, "t", None],
        effect=[0.71, np.nan, 1.0, np.nan],
    )
    wide = wide_means(protect(frame, kind="mean"), labels=LABELS)
    shown = wide.frame.drop(columns=["suppressed", "reason"])
    assert shown.to_numpy().tolist() == [
        ["n", "6", "52", ""],
        ["Wij overleggen", "0,64", "0,50 (0,45–0,55)", "+0,14 (−0,05 tot +0,34)"],
        ["Wij <b>lachen</b> & werken", "–", "–", "–"],
    ]
    assert list(shown.columns) == ["label", "Elburg", "andere teams", "verschil"]
    html = table_html(render_table(wide, columns={}, digits=2, title="t", origin=""))
    assert cells(html)[1][-1] == "+0,14 (−0,05 tot +0,34)"
    assert html.count('class="swt-interval"') == 2  # kept on one line
    turned = wide_means(protect(frame, kind="mean"), rows="group", columns="variable")
    assert "verschil" not in turned.frame.columns


def test_wide_means_writes_a_difference_without_an_interval(table):
    frame = means().assign(
        n=[6, 52, 6, 51],
        difference=[0.0, np.nan, -0.2, np.nan],
        difference_low=np.nan,
        difference_high=np.nan,
        difference_interval=["telling", None, "telling", None],
    )
    wide = wide_means(protect(frame, kind="mean")).frame
    assert wide["verschil"].tolist() == ["", "0,00", "−0,20"]


def test_an_effect_is_never_written_with_more_than_one_decimal(tmp_path):
    # With the means and the spread of the others it would give that of the team.
    frame = means().assign(effect=[0.7123, np.nan, 1.0456, np.nan])
    table = protect(frame, kind="mean")
    for digits in (3, {"mean": 2, "effect": 4}):
        path = table_csv(table, tmp_path / "t.csv", digits=digits, origin="simulation")
        assert pd.read_csv(path)["effect"].dropna().tolist() == [0.7]
    shown = render_table(
        table, columns={"group": "", "effect": "g"}, digits=3, title="t", origin=""
    )
    assert cells(table_html(shown))[0] == ["elburg", "0,7"]


def test_wide_means_refuses_other_tables(table):
    counts = protect(pd.DataFrame({"n": [9]}), kind="count")
    with pytest.raises(ParameterError, match="not kind 'count'"):
        wide_means(counts)
    with pytest.raises(ParameterError, match="no column 'gap'"):
        wide_means(table, value="gap")
    years = pd.concat([means().assign(year=y) for y in (2015, 2016)])
    with pytest.raises(ParameterError, match="two rows for one variable and group"):
        wide_means(protect(years, kind="mean"))
    with pytest.raises(DisclosureError, match="wide_means takes a ProtectedTable"):
        wide_means(means())


def test_table_csv_writes_what_is_shown(table, tmp_path):
    path = table_csv(table, tmp_path / "new" / "t.csv", digits=2, origin="fieldwork")
    lines = path.read_bytes().decode("utf-8").split("\n")
    hidden = ',true,"minder dan 5 antwoorden, of anders te herkennen",veldwerk'
    assert lines == [
        "group,variable,n,n_population,mean,sd,df,ci_low,ci_high,interval,suppressed,"
        "reason,herkomst",
        "elburg,a,6,7,0.64,,50,,,telling,false,,veldwerk",
        "andere,a,52,90,0.50,,50,0.45,0.55,t,false,,veldwerk",
        "elburg,b,,,,,,,," + hidden,
        "andere,b,,,,,,,," + hidden,
        "",
    ]


def test_table_csv_rounds_columns_that_are_not_named(table, tmp_path):
    # An interval has no digits of its own: no more than the most that is shown.
    path = table_csv(table, tmp_path / "t.csv", digits={"mean": 1}, origin="simulation")
    lines = path.read_text("utf-8").split("\n")
    assert lines[1].startswith("elburg,a,6,7,0.6,,50,,,")
    assert lines[2].startswith("andere,a,52,90,0.5,,50,0.5,0.6,")


def test_table_csv_replaces_an_older_file(table, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("old", "utf-8")
    first = table_csv(table, path, digits=2, origin="simulation").read_bytes()
    assert table_csv(table, path, digits=2, origin="simulation").read_bytes() == first
    assert b"simulatie" in first


def test_table_csv_refuses_an_unknown_origin(table, tmp_path):
    with pytest.raises(ParameterError, match="no origin 'veldwerk'"):
        table_csv(table, tmp_path / "t.csv", digits=2, origin="veldwerk")
    with pytest.raises(DisclosureError, match="table_csv takes a ProtectedTable"):
        table_csv(means(), tmp_path / "t.csv", digits=2, origin="fieldwork")
    assert not list(tmp_path.iterdir())


def test_hidden_reasons_lists_each_once(table):
    assert hidden_reasons(table) == ["minder dan 5 antwoorden, of anders te herkennen"]
    assert hidden_reasons(table.select(variables=["a"])) == []
