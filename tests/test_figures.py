"""Tests of the figures: what is drawn is what the table says."""

import io
import os
import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from figure_checks import texts, words
from figure_tables import (
    FEW,
    FIVE,
    LONG,
    PICTURES,
    SAY,
    TEAMS,
    choices,
    comparison,
    counts,
    gaps,
    means,
    ranks,
    shares,
)
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from swtlib._figure_style import DPI, WIDTH, figure_style, ink_on, text_width, wrap
from swtlib.disclosure import protect
from swtlib.errors import DisclosureError, ParameterError
from swtlib.figures import (
    picture_png,
    plot_counts,
    plot_dumbbell,
    plot_heatmap,
    plot_likert,
    plot_means,
    plot_profiles,
    plot_ranks,
    plot_shares,
    plot_specifications,
)


def draw_means(table=None, **options):
    frame = means() if table is None else table
    return plot_means(protect(frame, kind="mean"), **SAY, **options)


@pytest.fixture(params=PICTURES)
def picture(request):
    return PICTURES[request.param]()


def artists(picture, kind):
    """What carries data, by its id without the kind."""
    return {
        str(a.get_gid()).removeprefix(f"{kind}|"): a
        for a in picture.figure.findobj()
        if str(a.get_gid()).startswith(f"{kind}|")
    }


# --- every figure -------------------------------------------------------------


def test_figures_are_the_same_bytes_every_time(picture, request):
    again = PICTURES[request.node.callspec.params["picture"]]()
    png = picture_png(picture)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert png == picture_png(picture)
    assert png == picture_png(again)
    assert b"Matplotlib" not in png


def test_figures_change_no_settings():
    before = dict(mpl.rcParams)
    for make in PICTURES.values():
        picture_png(make())
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []


def test_figures_do_not_depend_on_settings():
    expected = picture_png(PICTURES["likert"]())
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "text.color": "c"}):
        assert picture_png(PICTURES["likert"]()) == expected


@pytest.mark.parametrize(
    ("plot", "options"),
    [
        (plot_means, {}),
        (plot_profiles, {}),
        (plot_likert, {"answers": FIVE}),
        (plot_shares, {}),
        (plot_heatmap, {}),
        (plot_dumbbell, {}),
        (plot_ranks, {}),
        (plot_counts, {}),
        (plot_specifications, {}),
    ],
)
def test_figures_refuse_an_unprotected_table(plot, options):
    message = f"{plot.__name__} takes a ProtectedTable, not a DataFrame"
    with pytest.raises(DisclosureError, match=message):
        plot(means(), **SAY, **options)


@pytest.mark.parametrize(
    ("plot", "options", "missing"),
    [
        (plot_means, {}, "group"),
        (plot_likert, {"answers": FIVE}, "group"),
        (plot_shares, {}, "share"),
        (plot_heatmap, {}, "competence"),
        (plot_counts, {}, "competence"),
        (plot_specifications, {}, "competence"),
    ],
)
def test_figures_refuse_a_table_without_a_column(plot, options, missing):
    table = protect(pd.DataFrame({"n": [9]}), kind="public")
    with pytest.raises(ParameterError, match=f"needs the column '{missing}'"):
        plot(table, **SAY, **options)


def test_figures_say_kindly_that_nothing_can_be_shown():
    picture = PICTURES["empty"]()
    assert artists(picture, "mean") == {}
    for told in (words(picture), picture.alt):
        assert "Hier staat geen figuur: anders is te zien" in told
    assert picture.note == (f"Niet getoond: Parallelfase, Autoriteitsfase ({FEW}).")


@pytest.mark.parametrize(
    ("plot", "table", "options"),
    [
        (plot_means, protect(means().iloc[:0], kind="mean"), {}),
        (
            plot_profiles,
            protect(
                means(TEAMS, few={(g, v) for g in TEAMS for v in "ab"}), kind="mean"
            ),
            {},
        ),
        (
            plot_likert,
            protect(shares(n=19), kind="distribution"),
            {"answers": FIVE},
        ),
        (plot_shares, protect(shares(("a",), n=19), kind="distribution"), {}),
        (plot_heatmap, protect(comparison().iloc[2:3], kind="comparison"), {}),
        (plot_dumbbell, protect(gaps().iloc[2:], kind="mean"), {}),
        (plot_ranks, protect(ranks().iloc[4:], kind="mean"), {}),
        (plot_ranks, protect(ranks().iloc[:0], kind="mean"), {}),
        (plot_counts, protect(counts().assign(n=3), kind="count"), {}),
        (plot_specifications, protect(choices(n=4), kind="count"), {}),
    ],
)
def test_figures_without_anything_to_show_are_words(plot, table, options):
    picture = plot(table, **SAY, **options)
    assert "Hier staat geen figuur" in words(picture).replace("\n", " ")
    assert picture_png(picture)


def test_picture_shows_itself_with_words_for_who_cannot_see_it():
    html = draw_means(means(variables=("a",)), note='<&"')._repr_html_()
    assert html.startswith('<img alt="Wat er te zien is.')
    assert 'src="data:image/png;base64,' in html


def test_picture_png_takes_a_resolution():
    picture = PICTURES["counts"]()
    width = int.from_bytes(picture_png(picture, dpi=80)[16:20], "big")
    assert width == WIDTH * 80


# --- means --------------------------------------------------------------------


def test_picture_png_holds_what_was_drawn():
    picture = PICTURES["heatmap"]()
    image = Image.open(io.BytesIO(picture_png(picture)))
    image.load()  # checks every chunk
    canvas = FigureCanvasAgg(picture.figure)
    with figure_style():
        canvas.print_figure(io.BytesIO(), format="rgba", dpi=DPI)
    drawn = np.asarray(canvas.buffer_rgba())
    assert (drawn[:, :, 3] == 255).all()
    assert np.array_equal(np.asarray(image), drawn[:, :, :3])
    assert image.info["dpi"] == pytest.approx((DPI, DPI), abs=0.02)
    assert image.info["Software"] == "swtlib"


def test_plot_means_draws_the_means_and_intervals_of_the_table():
    frame = means(variables=("a", "s"))
    picture = draw_means(frame)
    dots, lines = artists(picture, "mean"), artists(picture, "interval")
    assert len(dots) == len(lines) == 4
    for _, row in frame.iterrows():
        name = f"{row['variable']}|{row['group']}"
        assert dots[name].get_xdata() == [row["mean"]]
        assert list(lines[name].get_xdata()) == [row["ci_low"], row["ci_high"]]
        assert f"{row['mean']:.2f}".replace(".", ",") in words(picture)


def test_plot_means_draws_nothing_of_a_hidden_row():
    picture = PICTURES["means_hidden"]()
    assert set(artists(picture, "mean")) == {"b|elburg", "b|andere"}
    assert set(artists(picture, "interval")) == {"b|elburg", "b|andere"}
    assert words(picture).count("niet getoond") == 1
    named = f"Niet getoond: Parallelfase ({FEW})."
    assert named in picture.note.split("\n")
    assert picture.alt.endswith(named)


def test_plot_means_names_a_hidden_group():
    picture = PICTURES["means_groups"]()
    assert set(artists(picture, "mean")) == {
        *("a|zuid", "b|elburg", "b|zuid", "b|alle"),
    }
    assert (
        "Niet getoond: Elburg bij Parallelfase, alle teams bij Parallelfase "
        f"({FEW})." in picture.note
    )


def test_plot_means_says_the_numbers_in_dutch():
    frame = means(variables=("a",)).assign(mean=[0.642, 0.5], n=[6, 52])
    frame["ci_low"], frame["ci_high"] = [0.6, 0.45], [0.684, 0.55]
    assert draw_means(frame).alt == (
        "Wat er te zien is. Elburg en andere teams lopen duidelijk uiteen: van 0,50 "
        "tot 0,64. Elburg (n = 6): Parallelfase 0,64 (0,60–0,68). "
        "Andere teams (n = 52): Parallelfase 0,50 (0,45–0,55)."
    )


def test_plot_means_gives_n_of_each_group():
    frame = means().assign(n=[6, 52, 5, 52])
    assert "Elburg (n = 5–6)" in words(draw_means(frame))
    assert "andere teams (n = 52)" in words(draw_means(frame))


def test_plot_means_says_why_a_dot_has_no_line():
    frame = means(variables=("a",))
    frame.loc[0, ["ci_low", "ci_high"]] = np.nan
    frame.loc[0, "interval"] = "telling"
    picture = draw_means(frame, confidence=0.975)
    assert set(artists(picture, "interval")) == {"a|andere"}
    assert picture.note == (
        "Punt: gemiddelde; lijn: 97,5%-betrouwbaarheidsinterval. "
        "Zonder lijn: iedereen antwoordde (telling): Elburg."
    )
    frame["interval"] = "geen"
    frame["ci_low"] = np.nan
    assert draw_means(frame).note == (
        "Punt: gemiddelde. Zonder lijn: geen interval te berekenen: Elburg, "
        "andere teams."
    )


def test_plot_means_draws_the_reference_behind_teams():
    frame = means(TEAMS, ("a",))
    picture = draw_means(frame, note="Nog een regel.")
    line = artists(picture, "reference")["a"]
    assert set(line.get_xdata()) == {frame["mean"].iloc[2]}
    assert picture.note.endswith("Nog een regel.")
    assert artists(draw_means(frame, rows="variable"), "reference") == {}


def test_plot_means_refuses_an_axis_that_is_too_short():
    with pytest.raises(ParameterError, match=r"x_range 0-0\.5 leaves out mean of '"):
        draw_means(x_range=(0, 0.5))
    years = pd.concat([means().assign(year=y) for y in (2015, 2016)])
    with pytest.raises(ParameterError, match="one row for each group and variable"):
        draw_means(years)


def test_plot_profiles_has_a_panel_for_each_team_that_may_be_shown():
    few = {("elburg", "a"), ("elburg", "b")}
    teams = ("elburg", "zuid", "west", "alle")
    frame = means(teams, few=few)
    picture = plot_profiles(protect(frame, kind="mean"), **SAY)
    bold = {t.get_text() for t in picture.figure.texts if t.get_weight() == "bold"}
    assert {"Zwolle-Zuid", "west"} < bold
    assert "Elburg" not in bold
    assert set(artists(picture, "mean")) == {"a|zuid", "b|zuid", "a|west", "b|west"}
    assert f"Niet getoond: Elburg, alle teams ({FEW})." in picture.note


def test_plot_profiles_draws_team_and_all():
    frame = means(TEAMS, ("a", "s"))
    drawn = artists(plot_profiles(protect(frame, kind="mean"), **SAY), "mean")
    values = frame.set_index(["variable", "group"])["mean"]
    assert drawn["a|zuid"].get_xdata() == [values["a", "zuid"]]
    assert drawn["s|alle|zuid"].get_xdata() == [values["s", "alle"]]
    with pytest.raises(ParameterError, match="with teams and 'alle'"):
        plot_profiles(protect(means(), kind="mean"), **SAY)


def test_plot_dumbbell_draws_have_and_want_largest_gap_first():
    picture = PICTURES["dumbbell"]()
    have, want = artists(picture, "have"), artists(picture, "want")
    assert have.keys() == want.keys() == {"c1", "c2"}
    assert have["c1"].get_xdata() == [7.04]
    assert want["c1"].get_xdata() == [8.16]
    assert have["c2"].get_ydata()[0] < have["c1"].get_ydata()[0]  # higher up
    assert have["c1"].get_markerfacecolor() == "white"
    assert (
        "Alle teams (n = 65–66), cijfer nu en gewenst, grootste verschil eerst: "
        "Ondernemerschap aan de dag leggen van 6,5 naar 8,4, verschil 1,90 "
        "(1,66–2,14); Netwerken en lobbyen van 7,0 naar 8,2, verschil 1,12 "
        "(0,90–1,34)." in picture.alt
    )
    assert "1,90 (1,66–2,14)" in words(picture)
    assert picture.note.startswith(
        "Bovenaan het grootste verschil tussen gewenst en nu. Rechts dat verschil, met "
        "tussen haakjes het 95%-betrouwbaarheidsinterval.\n"
    )


def test_plot_dumbbell_says_why_a_gap_has_no_interval():
    frame = gaps().iloc[:2]
    frame.loc[0, ["ci_low", "ci_high"]] = np.nan
    frame.loc[0, "interval"] = "telling"
    picture = plot_dumbbell(protect(frame, kind="mean"), confidence=0.9, **SAY)
    assert picture.note == (
        "Bovenaan het grootste verschil tussen gewenst en nu. Rechts dat verschil, met "
        "tussen haakjes het 90%-betrouwbaarheidsinterval. Zonder haakjes: iedereen "
        "antwoordde (telling)."
    )
    assert "1,12 (" not in words(picture)
    frame[["ci_low", "ci_high", "interval"]] = [np.nan, np.nan, "geen"]
    picture = plot_dumbbell(protect(frame, kind="mean"), **SAY)
    assert picture.note.endswith(
        "Rechts dat verschil. Zonder haakjes: geen interval te berekenen."
    )


def test_plot_dumbbell_draws_the_team_of_the_page():
    frame = pd.concat([gaps().iloc[:1].assign(group=g) for g in ("elburg", "andere")])
    table = protect(frame, kind="mean")
    assert "Elburg (n = 66)" in plot_dumbbell(table, **SAY).alt
    assert "Andere teams" in plot_dumbbell(table, group="andere", **SAY).alt
    with pytest.raises(ParameterError, match="no group 'zuid'"):
        plot_dumbbell(table, group="zuid", **SAY)
    with pytest.raises(ParameterError, match=r"x_range 7\.5-10 leaves out mean_have"):
        plot_dumbbell(table, x_range=(7.5, 10), **SAY)


def test_dumbbell_makes_room_for_a_low_mark():
    means = pd.DataFrame(
        {
            "group": "alle",
            "variable": ["a"],
            "n": [20],
            "mean_have": [4.4],
            "mean_want": [7.0],
            "sd_gap": [1.0],
            "gap": [2.6],
            "ci_low": [2.0],
            "ci_high": [3.2],
        }
    )
    plot_dumbbell(protect(means, kind="mean"), **SAY)


def test_plot_ranks_draws_the_rank_and_its_interval_first_one_on_top():
    picture = PICTURES["ranks"]()
    dots, lines = artists(picture, "rank"), artists(picture, "interval")
    assert {name: dot.get_xdata()[0] for name, dot in dots.items()} == {
        **{"c2": 1, "c1": 2, "a": 2, "b": 4}
    }
    assert {name: list(line.get_xdata()) for name, line in lines.items()} == {
        **{"c2": [1, 2], "c1": [1, 3], "a": [2, 3]}  # b is certain: no line
    }
    heights = [dots[name].get_ydata()[0] for name in ("c2", "c1", "a", "b")]
    assert heights == sorted(heights)
    assert picture.figure.axes[0].get_xlim() == (1, 4)


def test_plot_ranks_says_how_to_read_it():
    picture = PICTURES["ranks"]()
    assert picture.note == (
        "Punt: plaats in deze antwoorden; lijn: plaatsen die ook kunnen (95% zekerheid "
        "voor alle lijnen samen). Zonder lijn: er is maar één plaats die kan. Wat "
        f"gelijk staat, deelt de beste plaats.\nNiet getoond: {LONG} ({FEW})."
    )
    assert (
        "Alle teams (n = 65–66), plaats en de plaatsen die ook kunnen: Ondernemerschap "
        "aan de dag leggen 1 (1–2); Netwerken en lobbyen 2 (1–3); Parallelfase 2 "
        "(2–3); Autoriteitsfase 4." in picture.alt
    )
    assert "2 (1–3)" in words(picture)
    certain = ranks().iloc[3:4]
    picture = plot_ranks(protect(certain, kind="mean"), note="Nog een regel.", **SAY)
    assert picture.note == (
        "Punt: plaats in deze antwoorden. Zonder lijn: er is maar één plaats die kan."
        "\nNog een regel."
    )


def test_plot_ranks_numbers_the_places():
    axes = PICTURES["many_ranks"]().figure.axes[0]
    assert axes.get_xticks().tolist() == [1, 5, 10, 14]
    assert PICTURES["ranks"]().figure.axes[0].get_xticks().tolist() == [1, 2, 3, 4]


def test_plot_ranks_draws_one_variable_and_one_group():
    one = ranks().iloc[1:2].assign(rank_high=1)
    assert set(artists(plot_ranks(protect(one, kind="mean"), **SAY), "rank")) == {"c2"}
    frame = pd.concat([one.assign(group=g) for g in ("elburg", "andere")])
    table = protect(frame, kind="mean")
    assert "Elburg (n = 65)" in plot_ranks(table, **SAY).alt
    assert "Andere teams" in plot_ranks(table, group="andere", **SAY).alt
    with pytest.raises(ParameterError, match="no group 'zuid'"):
        plot_ranks(table, group="zuid", **SAY)
    with pytest.raises(ParameterError, match="needs the column 'rank'"):
        plot_ranks(protect(gaps(), kind="mean"), **SAY)


# --- bars ---------------------------------------------------------------------


def test_plot_likert_draws_every_share_around_the_middle():
    frame = shares(("a",))
    bars = artists(PICTURES["likert"](), "answer")
    drawn = {int(name.split("|")[2]): bar for name, bar in bars.items() if "a|" in name}
    for _, row in frame.iterrows():
        bar = drawn[row["answer"]]
        assert bar.get_width() == pytest.approx(row["share"])
    middle = drawn[2]
    assert middle.get_x() + middle.get_width() / 2 == pytest.approx(0)


def test_plot_likert_adds_before_it_rounds():
    # 5, 5, 0, 5 and 25 of 40: 12.5 % each; 25 % disagrees and 75 % agrees.
    frame = shares(("a",)).assign(count=[5, 5, 0, 5, 25])
    frame["share"] = frame["count"] / 40
    picture = plot_likert(
        protect(frame, kind="distribution"), answers=FIVE, ends=("nee", "ja"), **SAY
    )
    assert "Parallelfase: 25% nee, 0% neutraal, 75% ja." in picture.alt
    assert "Alle teams (n = 40)." in picture.alt
    assert "alle|2" not in " ".join(artists(picture, "answer"))  # nobody: no bar
    for label in FIVE:  # the whole range is named
        assert label in words(picture)


def test_plot_likert_puts_the_most_agreement_first():
    first = shares(("a",)).assign(count=[20, 10, 5, 5, 0])
    second = shares(("b",)).assign(count=[0, 5, 5, 10, 20])
    frame = pd.concat([first, second])
    frame["share"] = frame["count"] / 40
    table = protect(frame, kind="distribution")
    for sort, order in (("given", ["a", "b"]), ("agree", ["b", "a"])):
        bars = artists(plot_likert(table, answers=FIVE, sort=sort, **SAY), "answer")
        heights = {name.split("|")[0]: bar.get_y() for name, bar in bars.items()}
        assert sorted(heights, key=heights.__getitem__) == order


def test_plot_likert_takes_two_groups_and_categories():
    parts = ("oneens", "neutraal", "eens")
    frame = pd.concat(
        [
            shares(group=g, answers=parts, seed=s)
            for s, g in enumerate(["west", "andere"])
        ]
    )
    frame = frame.rename(columns={"answer_label": "category"}).drop(columns="answer")
    frame.loc[frame["variable"] == "s", "n"] = 19
    picture = plot_likert(protect(frame, kind="distribution"), answers=parts, **SAY)
    names = {name.rsplit("|", 1)[0] for name in artists(picture, "answer")}
    assert names == {"a|west", "a|andere"}
    assert "Parallelfase, andere teams: " in picture.alt
    assert f"Niet getoond: {LONG} (minder dan 20 antwoorden" in picture.note


def test_plot_likert_gives_n_per_statement_when_it_differs():
    frame = pd.concat([shares(("a",), n=40), shares(("b",), n=39)])
    picture = plot_likert(protect(frame, kind="distribution"), answers=FIVE, **SAY)
    assert "Parallelfase (n = 40)" in words(picture)
    assert "Autoriteitsfase (n = 39)" in words(picture)


def test_plot_likert_takes_an_even_number_of_answers():
    frame = shares(("a",), answers=("nee", "ja")).assign(count=[10, 30])
    frame["share"] = frame["count"] / 40
    table = protect(frame, kind="distribution")
    picture = plot_likert(table, answers=("nee", "ja"), ends=("nee", "ja"), **SAY)
    assert "Parallelfase: 25% nee, 75% ja." in picture.alt
    left = artists(picture, "answer")["a|alle|0"]
    assert left.get_x() == pytest.approx(-0.25)


def test_plot_likert_refuses_an_unknown_answer():
    table = protect(shares(), kind="distribution")
    with pytest.raises(ParameterError, match="'volledig oneens' is not among"):
        plot_likert(table, answers=FIVE[1:], **SAY)


def test_plot_likert_refuses_a_table_it_cannot_read():
    frame = shares(("a",))
    bare = protect(frame.drop(columns="answer_label"), kind="distribution")
    with pytest.raises(ParameterError, match="needs the column 'answer_label'"):
        plot_likert(bare, answers=FIVE, **SAY)
    twice = protect(frame.assign(answer_label="neutraal"), kind="distribution")
    with pytest.raises(ParameterError, match="'a' has two rows for one answer"):
        plot_likert(twice, answers=FIVE, **SAY)


def test_plot_shares_draws_a_bar_per_answer():
    frame = shares(("a",))
    picture = PICTURES["shares"]()
    bars, lines = artists(picture, "bar"), artists(picture, "interval")
    for _, row in frame.iterrows():
        assert bars[row["answer_label"]].get_width() == row["share"]
        ends = [row["ci_low"], row["ci_high"]]
        assert list(lines[row["answer_label"]].get_xdata()) == ends
    tops = [bar.get_y() for bar in bars.values()]
    widths = [bar.get_width() for bar in bars.values()]
    assert np.array_equal(
        np.argsort(tops), np.argsort(-np.array(widths), kind="stable")
    )
    assert picture.note == "Lijn: 90%-betrouwbaarheidsinterval."
    assert "Alle teams (n = 40): " in picture.alt


def test_plot_shares_draws_one_answer_for_several_statements():
    table = protect(shares(), kind="distribution")
    picture = plot_shares(table, answer="neutraal", sort=False, **SAY)
    frame = shares().query("answer_label == 'neutraal'").set_index("variable")
    bars = artists(picture, "bar")
    assert {name: bar.get_width() for name, bar in bars.items()} == pytest.approx(
        frame["share"].to_dict()
    )
    assert set(artists(plot_shares(table, answer=2, **SAY), "bar")) == {"a", "s"}
    assert picture.note == "Lijn: betrouwbaarheidsinterval."  # of an unknown level
    with pytest.raises(ParameterError, match="say which answer, not None"):
        plot_shares(table, **SAY)
    with pytest.raises(ParameterError, match="Did you mean 'neutraal'"):
        plot_shares(table, answer="neutral", **SAY)


def test_plot_shares_draws_counts_of_themes():
    themes = pd.DataFrame({"theme": ["kennis", "tijd"], "count": [3, 19], "n": 83})
    picture = plot_shares(protect(themes, kind="public"), value="count", **SAY)
    assert artists(picture, "bar")["tijd"].get_width() == 19
    assert picture.alt == (
        "Wat er te zien is. De meeste bij ‘tijd’: 19. n = 83: tijd 19; kennis 3."
    )
    assert picture.note == ""
    with pytest.raises(ParameterError, match="column with answers or themes"):
        plot_shares(
            protect(themes[["count", "n"]], kind="public"), value="count", **SAY
        )


def test_plot_shares_refuses_several_groups():
    frame = pd.concat([shares(("a",), group=g) for g in ("west", "andere")])
    table = protect(frame, kind="distribution")
    with pytest.raises(ParameterError, match="draws one group"):
        plot_shares(table, **SAY)
    assert plot_shares(table.select(groups=["west"]), **SAY).alt


def test_plot_counts_ranks_counts_out_of_a_total():
    picture = PICTURES["counts"]()
    bars = artists(picture, "bar")
    assert {n: bar.get_width() for n, bar in bars.items()} == {"c1": 9, "c2": 14}
    assert bars["c2"].get_y() < bars["c1"].get_y()
    assert (
        "n = 66: Ondernemerschap aan de dag leggen 14 van 22; Netwerken en lobbyen 9 "
        "van 22." in picture.alt
    )
    bare = protect(counts().drop(columns="n_compared"), kind="count")
    assert "lobbyen 9." in plot_counts(bare, **SAY).alt
    nothing = protect(counts().assign(n_related=0), kind="count")
    assert "lobbyen 0 van 20" in plot_counts(nothing, total=20, **SAY).alt


# --- many comparisons ---------------------------------------------------------


def test_plot_heatmap_colours_every_cell_and_labels_the_large():
    picture = PICTURES["heatmap"]()
    mesh = picture.figure.axes[0].collections[0]
    drawn = np.ma.filled(mesh.get_array().astype(float), np.nan).reshape(2, 2)
    # Statements are rows; c2 x a is hidden and c2 x s cannot be computed.
    np.testing.assert_array_equal(drawn, [[0.62, np.nan], [-0.1, np.nan]])
    assert set(artists(picture, "blank")) == {"c2|a", "c2|s"}
    numbers = [t.get_text() for t in picture.figure.axes[0].texts]
    assert "0,6" in numbers
    assert "−0,1" not in numbers
    assert "Gearceerd: 1 keer niet te berekenen." in picture.note
    assert f"niet getoond: 1 van de 4 vergelijkingen ({FEW})." in picture.note


def test_plot_heatmap_says_the_main_thing():
    alt = PICTURES["heatmap"]().alt
    assert "Lager cijfer: n = 30–31 per vergelijking; hoger cijfer: n = 35–36." in alt
    assert (
        "Van 2 vergelijkingen zijn er 1 met een verschil van 0,5 of meer en 0 met min "
        "0,5 of minder. Grootste verschillen: Netwerken en lobbyen bij Parallelfase "
        "0,62;" in alt
    )


def with_limits(limits):
    return comparison().assign(
        hedges_g=[0.62, -0.7, 0.9, 0.55],
        n_low=30,
        g_low=[low for low, _ in limits],
        g_high=[high for _, high in limits],
    )


def test_plot_heatmap_labels_what_is_large_and_not_0():
    limits = [(0.1, 1.1), (-1.2, -0.2), (-0.1, 1.9), (0.01, 1.0)]
    picture = plot_heatmap(protect(with_limits(limits), kind="comparison"), **SAY)
    numbers = {t.get_text() for t in picture.figure.axes[0].texts} & {
        *("0,6", "−0,7", "0,9"),
    }
    assert numbers == {"0,6", "−0,7"}  # 0,62 and 0,55, both as 0,6
    assert picture.finding == (
        "Bij 3 van de 4 vergelijkingen een duidelijk verschil van 0,5 of meer: 2 hoger "
        "bij hoge cijfers, 1 lager bij hoge cijfers"
    )
    assert (
        "vanaf een verschil van 0,5, als 0 buiten het betrouwbaarheidsinterval ligt"
        in picture.note
    )
    assert "van deze ligt 3 keer 0 buiten het interval." in picture.alt


def test_plot_heatmap_without_intervals_labels_what_is_large():
    frame = with_limits([(0, 0)] * 4).drop(columns="g_low")
    picture = plot_heatmap(protect(frame, kind="comparison"), **SAY)
    numbers = {t.get_text() for t in picture.figure.axes[0].texts}
    assert {"0,6", "−0,7", "0,9"} <= numbers
    assert "betrouwbaarheidsinterval" not in picture.note + picture.alt


def test_plot_heatmap_has_a_sign_in_every_negative_cell():
    # c1 x s is not written: a dash. Written negative numbers have a minus sign.
    picture = PICTURES["heatmap"]()
    (lines,) = artists(picture, "lower").values()
    (line,) = lines.get_segments()
    _top, middle, bottom = picture.figure.axes[0].collections[0].get_coordinates()[:, 0]
    assert middle[1] < line[0, 1] == line[1, 1] < bottom[1]  # in the second row
    assert line[:, 0].mean() == 0.5
    assert "Streepje of minteken: lager bij hoge cijfers." in picture.note
    limits = [(0.1, 1.1), (-1.2, -0.2), (0.1, 1.9), (0.01, 1.0)]
    written = plot_heatmap(protect(with_limits(limits), kind="comparison"), **SAY)
    assert artists(written, "lower")[""].get_segments() == []
    higher = comparison().assign(hedges_g=0.3)
    assert (
        "Streepje" not in plot_heatmap(protect(higher, kind="comparison"), **SAY).note
    )


def test_plot_heatmap_puts_the_minus_above_a_number_in_a_narrow_column():
    picture = PICTURES["heatmap_many"]()
    effects = PICTURES["heatmap_many"].table.frame["hedges_g"]
    assert (effects < -0.5).any()
    numbers = [t.get_text() for t in picture.figure.axes[0].texts]
    assert not any(text.startswith("−") for text in numbers)
    (lines,) = artists(picture, "lower").values()
    assert len(lines.get_segments()) == (effects < 0).sum()
    assert picture.figure.get_figwidth() == WIDTH


def test_plot_heatmap_refuses_two_rows_for_a_cell():
    twice = pd.concat([comparison().assign(split=s) for s in ("mean", "median")])
    with pytest.raises(ParameterError, match="one row for each cell"):
        plot_heatmap(protect(twice, kind="comparison"), **SAY)


# --- choices of method --------------------------------------------------------


def curve(frame):
    return plot_specifications(protect(frame, kind="count"), **SAY)


def few_choices():
    """Two competences, two splits, three corrections; counts chosen by hand."""
    made = {
        ("c1", "mean", "welch", "none"): 9,
        ("c1", "mean", "permutation", "none"): 8,
        ("c1", "median", "welch", "none"): 5,
        ("c1", "mean", "welch", "bh"): 3,
        ("c1", "mean", "welch", "holm"): 1,
        ("c1", "mean", "welch", "holm_all"): 0,
        ("c2", "mean", "welch", "none"): 12,
        ("c2", "mean", "permutation", "none"): 12,
        ("c2", "median", "welch", "none"): 12,
        ("c2", "mean", "welch", "bh"): 12,
        ("c2", "mean", "welch", "holm"): 2,
        ("c2", "mean", "welch", "holm_all"): 0,
    }
    frame = pd.DataFrame([*made], columns=["competence", "split", "test", "correction"])
    return frame.assign(
        n=[66] * 6 + [65] * 6, n_related=[*made.values()], n_compared=22
    )


def band(picture, reach):
    lines = artists(picture, "band")[reach].get_segments()
    return [(line[0][0], line[1][0]) for line in lines]


def test_plot_specifications_draws_fewest_median_and_most():
    picture = curve(few_choices())
    # c2 comes first: 12 statements by default, against 8.
    assert band(picture, "none") == [(12, 12), (5, 9)]
    assert band(picture, "competence") == [(2, 12), (1, 3)]
    assert band(picture, "all") == [(0, 0), (0, 0)]
    middle, reported = artists(picture, "middle"), artists(picture, "reported")
    assert list(middle["none"].get_xdata()) == [12, 8]  # the median of 9, 8 and 5
    assert list(middle["competence"].get_xdata()) == [7, 2]
    assert list(reported["none"].get_xdata()) == [12, 9]
    assert set(reported) == {"none"}


def test_plot_specifications_says_the_same_in_words():
    picture = curve(few_choices())
    assert picture.alt == (
        "Wat er te zien is. Zonder correctie hooguit 12 stellingen per competentie; "
        "na correctie over alle 44 hooguit 0. n = 65–66. Zonder correctie (tussen "
        "haakjes: "
        "gemiddelde en Welch), per competentie gecorrigeerd, "
        "over alle 44 gecorrigeerd: Ondernemerschap aan de dag leggen 12 (12), 2–12, "
        "0; Netwerken en lobbyen 5–9 (9), 1–3, 0."
    )
    numbers = [t.get_text() for t in texts(picture)]
    for text in ("12", "5–9", "2–12", "1–3"):
        assert numbers.count(text) == 1
    assert "n = 65–66" in words(picture)
    assert picture.note.startswith("Aantal van de 22 stellingen waarop hoge cijfers")
    assert "Cirkel: grens bij het gemiddelde en toets van Welch" in picture.note


def test_plot_specifications_counts_the_choices():
    told = "60 manieren van rekenen: 4 grenzen tussen hoog en laag, 3 toetsen, 4"
    assert told in words(PICTURES["specifications"]())
    assert "manieren van rekenen" not in words(curve(few_choices()))


def test_plot_specifications_without_the_choice_of_the_report_has_no_ring():
    frame = few_choices()
    picture = curve(frame[frame["test"] != "welch"])
    assert np.isnan(artists(picture, "reported")["none"].get_xdata()).all()
    for told in (picture.note, picture.alt):
        assert "rapport van 2015" not in told
    assert [ax.get_xlim() for ax in picture.figure.axes] == [(0, 22)]  # one panel


def test_plot_specifications_names_what_is_hidden_or_cannot_be_computed():
    frame = few_choices()
    frame.loc[frame["competence"] == "c2", "n"] = 4
    frame.loc[1, ["n_related", "n_compared"]] = 0
    picture = curve(frame)
    assert band(picture, "none") == [(5, 9)]
    left_out = (
        f"Niet getoond: Ondernemerschap aan de dag leggen ({FEW}).",
        "Niet te berekenen: 1 van de 12 uitkomsten.",
    )
    for line in left_out:
        assert line in picture.note.split("\n")
        assert line in picture.alt
    assert "Ondernemerschap" not in picture.alt.split("Niet getoond")[0]


def test_plot_specifications_leaves_room_for_numbers_at_the_end_of_the_axis():
    frame = few_choices()
    frame["n_related"] = frame["n_related"] + 10
    picture = curve(frame)
    assert band(picture, "none") == [(22, 22), (15, 19)]
    first, second, _ = (axes.get_position() for axes in picture.figure.axes)
    wide = text_width("12–22", 9.5)  # the number beside the longest band
    assert (second.x0 - first.x1) * WIDTH > wide


def test_plot_specifications_refuses_a_choice_twice_and_an_unknown_correction():
    frame = few_choices()
    twice = pd.concat([frame.assign(year=y) for y in (2015, 2016)])
    with pytest.raises(ParameterError, match="one row for each choice"):
        curve(twice)
    with pytest.raises(ParameterError, match=r"no correction 'sidak'\. There is: none"):
        curve(frame.replace({"correction": {"bh": "sidak"}}))


# --- style --------------------------------------------------------------------


def test_wrap_fits_the_width_and_loses_nothing():
    lines = wrap(LONG, 1.5, 10)
    assert all(text_width(line, 10) <= 1.5 for line in lines)
    assert " ".join(lines) == LONG
    assert wrap("", 1.5, 10) == []


def test_wrap_breaks_a_word_that_is_too_long():
    lines = wrap("hulpverleningsdoelstelling", 0.8, 10)
    assert len(lines) > 1
    assert all(text_width(line, 10) <= 0.8 for line in lines)
    assert "".join(line.removesuffix("-") for line in lines) == (
        "hulpverleningsdoelstelling"
    )


def test_a_long_title_is_broken_in_lines_of_like_length():
    title = "Verwachtingen van de nieuwe manier van werken in het sociale wijkteam"
    picture = plot_means(
        protect(means(("alle",), ("a",)), kind="mean"), **SAY | {"title": title}
    )
    assert picture.finding == ""  # one mean: nothing to set it beside
    lines = [t.get_text() for t in texts(picture) if t.get_fontsize() == 12]
    assert " ".join(lines) == title
    first, second = (text_width(line, 12, bold=True) for line in lines)
    assert abs(first - second) < 1


def test_ink_on_takes_the_clearest_letters():
    assert ink_on((1, 1, 1)) != "white"
    assert ink_on((0, 0, 0)) == "white"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are for Linux")
def test_forked_processes_do_not_share_an_open_font():
    # A font reads its letters when they are first asked for. From one open file, two
    # processes would read them at each other's place: "failed to load glyph".
    code = (
        "import os\n"
        "from swtlib._figure_style import text_width\n"
        "text_width('a', 10)\n"
        "child = os.fork()\n"
        "for at in range(0x100, 0x500):\n"
        "    text_width(chr(at) * 2, 10, bold=at % 2 == 0)\n"
        "if child == 0:\n"
        "    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
