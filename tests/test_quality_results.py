"""Tables on scales and team means: protected, about all teams, and shown."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from swtlib.disclosure import MIN_DISTRIBUTION_N
from swtlib.errors import ParameterError
from swtlib.notebook import new_run
from swtlib.pooling import pooled_means, pooling_table
from swtlib.reliability import item_table, reliability_table
from swtlib.scoring import score_scales
from swtlib.team_agreement import team_agreement

PHASES = ["fasen", "self_efficacy"]
KEYS = {"variable", "scale", "suppressed", "reason"}
ALL_TABLES = ("reliability", "item_quality", "team_agreement", "pooling")


@pytest.fixture(scope="module")
def everyone():
    return new_run("proef")


@pytest.fixture
def outputs(tmp_path, monkeypatch):
    monkeypatch.setenv("SWT_OUTPUTS", str(tmp_path))
    return tmp_path


def with_respondents(run, change):
    """Give the run of answers that were changed."""
    respondents = change(run.wave.respondents.copy()).reset_index(drop=True)
    return replace(run, wave=replace(run.wave, respondents=respondents))


def of_origin(run, origin):
    facts = replace(run.wave.facts, origin=origin)
    return replace(run, wave=replace(run.wave, facts=facts))


def only(run, scale):
    table = run.reliability(run.instrument("bakens"), groups=["bakens"]).frame
    return table.set_index("variable").loc[scale]


# --- the tables -------------------------------------------------------------------


def test_reliability_is_that_of_all_answers_with_interval(everyone):
    bakens = everyone.instrument("bakens")
    found = everyone.reliability(bakens, groups=["bakens"])
    assert found.kind == "count"
    frame = found.frame.set_index("variable")
    scales = bakens.scales_of(group="bakens")
    expected = reliability_table(everyone.wave.answers(bakens), scales)
    expected = expected.set_index("scale")
    assert frame.index.tolist() == expected.index.tolist()
    for column in ("n", "n_items", "value", "ci_low", "ci_high", "omega_total"):
        values = expected[column].astype(float)
        pd.testing.assert_series_equal(frame[column], values, check_names=False)
    assert (frame["remark"] == expected["reason"]).all()
    long = frame["n_items"] > 2
    assert (frame["omega_low"].notna() == long).all()
    assert (frame["omega_low"] < frame["omega_high"])[long].all()


def test_reliability_leaves_a_baken_of_one_statement_empty_with_a_remark(everyone):
    row = only(everyone, "ruimte_professional")
    assert np.isnan(row["value"])
    assert (row["n"], row["n_items"], row["remark"]) == (66, 1, "één stelling")
    assert not row["suppressed"]


def test_item_quality_is_that_of_the_scales_with_a_rest(everyone):
    bakens = everyone.instrument("bakens")
    found = everyone.item_quality(bakens, groups=["bakens"])
    assert found.kind == "count"
    scales = [s for s in bakens.scales_of(group="bakens") if len(s.items) > 1]
    answers = everyone.wave.answers(bakens)
    expected = pd.concat([item_table(answers, scale) for scale in scales])
    frame = found.frame
    assert frame["variable"].tolist() == expected["item"].tolist()
    assert frame["scale"].tolist() == expected["scale"].tolist()
    for column in ("item_rest_correlation", "alpha_if_dropped_low"):
        assert np.array_equal(frame[column], expected[column], equal_nan=True)
    assert "bk_ruimte_swt" not in set(frame["variable"])  # a baken by itself


def test_item_quality_refuses_scales_without_a_rest(everyone):
    bakens = everyone.instrument("bakens")
    single = bakens.scales["ruimte_professional"]
    alone = replace(bakens, scales={single.id: replace(single, group="alleen")})
    with pytest.raises(ParameterError, match="alleen: no scale of bakens has two"):
        everyone.item_quality(alone, groups=["alleen"])


def test_team_agreement_and_pooling_leave_small_teams_out(everyone):
    group = everyone.instrument("groepsdynamica")
    scales = [s for name in PHASES for s in group.scales_of(group=name)]
    answers = everyone.wave.answers(group)
    sizes = answers["team"].map(answers["team"].value_counts())
    large = answers[sizes >= 5]
    closed = everyone.closed_cells(group)
    scales = [s for s in scales if s.id not in set(closed["variable"])]
    assert len(scales) == 5
    found = everyone.team_agreement(group, groups=PHASES).frame.head(5)
    expected = team_agreement(large, scales)
    assert set(found["n_teams"]) == {6}
    assert found["n"].tolist() == expected["n"].tolist()
    assert np.array_equal(found["icc1_low"], expected["icc1_low"])
    assert np.array_equal(found["rwg"], expected["rwg"])
    assert found["remark"].tolist() == expected["reason"].tolist()
    found = everyone.pooling(group, groups=PHASES).frame.head(5)
    expected = pooling_table(pooled_means(score_scales(large, tuple(scales))))
    assert np.array_equal(found["range_pooled"], expected["range_pooled"])
    assert found["remark"].tolist() == expected["warning"].tolist()


def outside(run):
    """Find scales of which the range over teams is wider than the means shown."""
    group = run.instrument("groepsdynamica")
    means = [run.scale_means(group, group=name, per_team=True).frame for name in PHASES]
    frame = pd.concat(means).query("group != 'alle'")
    shown = frame.groupby("variable")["mean"].agg(lambda m: m.max() - m.min())
    told = run.pooling(group, groups=PHASES).frame.set_index("variable")["range_raw"]
    return set(told.index[told > shown[told.index].fillna(0) + 1e-9])


def test_no_mean_that_is_hidden_counts_in_the_tables_of_teams(everyone, monkeypatch):
    group = everyone.instrument("groepsdynamica")
    means = [
        everyone.scale_means(group, group=name, per_team=True).frame for name in PHASES
    ]
    frame = pd.concat(means).query("group != 'alle'")
    n_shown = (~frame["suppressed"]).groupby(frame["variable"], sort=False).sum()
    told = everyone.team_agreement(group, groups=PHASES).frame["n_teams"]
    assert told.fillna(0).tolist() == n_shown.tolist()  # F of these, of no other
    assert outside(everyone) == set()
    monkeypatch.setattr(type(everyone), "_closed_teams", lambda *_: set())
    # Unprotected: the highest team, or the lowest, is one that is hidden, and its
    # mean is the range from the lowest or highest that is shown.
    assert outside(everyone) == {"se_collega", "se_leidinggevende"}


def test_a_variance_between_teams_would_give_hidden_means(everyone, monkeypatch):
    # F x within = squares between teams. Within is in every interval; two hidden
    # means then follow from it and from their sum (total less the teams shown).
    group = everyone.instrument("groepsdynamica")
    shut = pd.DataFrame(
        {"group": ["elburg", "zwolle_west"], "variable": "fase_parallel"}
    )
    scores = score_scales(
        everyone.team_answers(group), (group.scales["fase_parallel"],)
    )
    n, mean = (
        scores.groupby("team")["fase_parallel"].agg(how) for how in ("count", "mean")
    )
    spread = scores["fase_parallel"] - scores["team"].map(mean)
    n_all, n_teams = n.sum(), len(n)
    within = (spread**2).sum() / (n_all - n_teams)

    def solve(run):
        row = run.team_agreement(group, groups=["fasen"]).frame.iloc[0]
        if row["n_teams"] < n_teams:
            return None
        known = n.index.difference(shut["group"])
        middle = (n * mean).sum() / n_all
        left = row["f"] * (n_teams - 1) * within
        left -= (n[known] * (mean[known] - middle) ** 2).sum()
        a, b = n[shut["group"]]
        total = (n * mean)[shut["group"]].sum() - (a + b) * middle
        # a x + b y = total, a x^2 + b y^2 = left, x and y from the middle
        root = np.sqrt(max((left * (a + b) - total**2) * a * b, 0))
        return middle + (a * total + np.array([root, -root])) / (a * (a + b))

    monkeypatch.setattr(type(everyone), "closed_cells", lambda *_: shut)
    assert solve(everyone) is None
    monkeypatch.setattr(type(everyone), "_closed_teams", lambda *_: set())
    assert np.abs(solve(everyone) - mean["elburg"]).min() < 1e-9


@pytest.mark.parametrize("make", ALL_TABLES)
def test_tables_of_a_team_are_those_of_all(everyone, make):
    group = everyone.instrument("groepsdynamica")
    of_team = getattr(new_run("proef", team="elburg"), make)
    found = of_team(group, groups=PHASES).frame
    expected = getattr(everyone, make)(group, groups=PHASES).frame
    pd.testing.assert_frame_equal(found, expected)


# --- what is hidden ---------------------------------------------------------------


def test_scales_of_few_are_hidden_with_what_is_said_of_them(everyone):
    # Of 15 people a remark such as "everybody answered the same" would be about
    # each of them.
    few = with_respondents(everyone, lambda r: r[r["team"] == "zwolle_noord"].head(15))
    bakens = few.instrument("bakens")
    for table in (
        few.reliability(bakens, groups=["bakens"]),
        few.item_quality(bakens, groups=["bakens"]),
    ):
        assert table.min_n == MIN_DISTRIBUTION_N
        frame = table.frame
        assert frame["suppressed"].all()
        assert frame.drop(columns=list(KEYS & set(frame))).isna().all(axis=None)
        assert "remark" in frame.columns
        assert frame["reason"].str.startswith("minder dan 20 antwoorden").all()


def test_team_tables_of_few_are_hidden(everyone):
    one = with_respondents(everyone, lambda r: r[r["team"] == "elburg"].head(6))
    group = one.instrument("groepsdynamica")
    n = one.team_agreement(group, groups=["fasen"]).frame["n"]
    assert (n.isna() | (n >= 5)).all()
    frame = with_respondents(
        everyone,
        lambda r: r.assign(**{c: np.nan for c in r if c.startswith("gd_cur_vanzelf")}),
    )
    found = frame.team_agreement(group, groups=["fasen"]).frame
    row = found.set_index("variable").loc["fase_wederkerigheid"]
    assert row["suppressed"]
    assert row.drop(["suppressed", "reason"]).isna().all()
    found = frame.pooling(group, groups=["fasen"]).frame
    assert found.set_index("variable").loc["fase_wederkerigheid", "suppressed"]


def test_what_cannot_be_computed_is_empty_with_a_remark(everyone):
    same = with_respondents(everyone, lambda r: r.assign(bk_regie_licht=3.0))
    row = only(same, "eigen_kracht")
    assert np.isnan(row["value"])
    assert row["remark"].startswith("op een stelling gaf iedereen hetzelfde")
    turned = with_respondents(
        everyone, lambda r: r.assign(bk_proactief=4 - r["bk_open_ideeen"])
    )
    row = only(turned, "direct_er_op_af")
    assert np.isnan(row["value"])
    assert row["remark"] == "iedereen heeft dezelfde schaalscore"


# --- on the page ------------------------------------------------------------------


def test_reliability_table_is_dutch_with_intervals(everyone, outputs):
    bakens = everyone.instrument("bakens")
    table = everyone.reliability(bakens, groups=["bakens"])
    html = everyone.reliability_table(table, "b", title="Passen ze bij elkaar").html
    for text in (
        *('<span class="swt-interval">(0,62–0,82)</span>', "Spearman-Brown"),
        *("alfa", "één stelling", "95%-interval", "Nunnally", "alle teams samen"),
        *("betrouwbaarheid", "omega", "opmerking", "Verzonnen antwoorden"),
    ):
        assert text in html, text
    assert "spearman_brown" not in html
    assert "nan" not in html.lower().replace("nunnally", "")
    kept = pd.read_csv(outputs / "2015/alle/tables/proef_b.csv")
    assert kept["statistic"].dropna().unique().tolist() == ["spearman_brown", "alpha"]
    assert kept.loc[kept["variable"] == "eigen_kracht", "ci_low"].item() == 0.62


def test_item_quality_table_shows_alpha_without_only_where_it_exists(everyone, outputs):
    bakens = everyone.instrument("bakens")
    table = everyone.item_quality(bakens, groups=["bakens"])
    html = everyone.item_quality_table(table, "s", title="Stellingen").html
    assert "alfa zonder" in html
    assert "0,50 <span" in html
    assert "opmerking" not in html  # nothing is empty
    group = everyone.instrument("groepsdynamica")
    pairs = everyone.item_quality(group, groups=PHASES)
    html = everyone.item_quality_table(pairs, "p", title="Stellingen").html
    assert "alfa zonder" not in html
    assert "samenhang" in html
    assert len(list((outputs / "2015/alle/tables").glob("proef_*.csv"))) == 2


def test_team_tables_explain_themselves(everyone, outputs):
    group = everyone.instrument("groepsdynamica")
    table = everyone.team_agreement(group, groups=PHASES)
    html = everyone.team_agreement_table(table, "e", title="Teams").html
    for text in ("ICC1", "ICC2", "rwg", "LeBreton", "waarvan het gemiddelde getoond"):
        assert text in html, text
    assert "(0,00–0,63)" in html
    pooled = everyone.pooling(group, groups=PHASES)
    html = everyone.pooling_table(pooled, "v", title="Volgorde").html
    for text in ("na bijstelling", "zelfde volgorde", "partial pooling", "ranglijst"):
        assert text in html, text
    assert "Tussen haakjes" not in html  # it has no intervals
    kept = pd.read_csv(outputs / "2015/alle/tables/proef_e.csv")
    assert kept["p_value"].min() == 0.005  # two digits would make it 0.01


def test_hidden_rows_are_dashes_on_the_page(everyone, outputs):
    few = with_respondents(everyone, lambda r: r.head(12))
    bakens = few.instrument("bakens")
    table = few.reliability(bakens, groups=["bakens"])
    html = few.reliability_table(table, "weinig", title="Weinig").html
    assert "– niet getoond: minder dan 20 antwoorden" in html
    assert "één stelling" not in html
    assert "swt-interval" not in html.partition("</style>")[2]
    kept = pd.read_csv(outputs / "2015/alle/tables/proef_weinig.csv")
    assert kept[["n", "value", "remark"]].isna().all(axis=None)


@pytest.mark.parametrize("about", ["stellingen", "teams"])
def test_invented_relations_are_named_where_answers_are_made_up(everyone, about):
    told = everyone.invented_relations(about=about).html
    assert told.startswith("<p>Let op: het rapport zegt niet ")
    assert "verzonnen" in told
    word = {"stellingen": "samenhangen", "teams": "uit één wijkteam"}[about]
    assert word in told
    made_up = of_origin(everyone, "simulation").invented_relations(about=about).html
    assert "verzonnen" in made_up
    assert "rapport" not in made_up
    assert of_origin(everyone, "fieldwork").invented_relations(about=about).html == ""
