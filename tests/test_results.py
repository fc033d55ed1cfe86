from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from swtlib.disclosure import ProtectedTable
from swtlib.errors import ParameterError, WaveError
from swtlib.estimates import paired_gap
from swtlib.notebook import new_run
from swtlib.results import ranked
from swtlib.scoring import score_gap

SIDES = ("low", "high")


@pytest.fixture(scope="module")
def everyone():
    return new_run("proef")


@pytest.fixture(scope="module")
def elburg():
    return new_run("proef", team="elburg")


@pytest.fixture(scope="module")
def apeldoorn():
    return new_run("proef", team="apeldoorn")


def test_new_run_checks_its_parameters():
    with pytest.raises(WaveError, match=r"'elbrug'.*Did you mean 'elburg'"):
        new_run("proef", team="elbrug")
    with pytest.raises(ParameterError, match=r"95 is not between 0.5 and 1"):
        new_run("proef", confidence=95)


def test_labels_name_every_variable_once(everyone):
    labels = everyone.labels
    assert labels["integraal"] == "Integraal werken"  # the baken
    assert labels["competentie_integraal"] == "Integraal denken"  # the competence
    assert all(labels.values())


def test_scale_means_are_of_respondents_not_of_rounded_team_means(everyone):
    group = everyone.instrument("groepsdynamica")
    table = everyone.item_means(group, ["gd_cur_doel_helder"]).frame
    answers = everyone.wave.answers(group)["gd_cur_doel_helder"]
    assert table["mean"].iloc[0] == pytest.approx(answers.mean() / 4)
    # The report prints 0.64, the mean of six rounded team means; here it is 0.647.
    assert round(table["mean"].iloc[0], 3) == 0.647


def test_page_of_a_team_sets_it_beside_the_others(elburg):
    bakens = elburg.instrument("bakens")
    table = elburg.scale_means(bakens, group="bakens").frame
    assert list(table["group"].unique()) == ["elburg", "andere"]
    sizes = table.groupby("group")["n"].max()
    assert (sizes["elburg"], sizes["andere"]) == (7, 59)
    own = elburg.wave.answers(bakens, team="elburg")["bk_vraag_centraal"].mean() / 4
    shown = table[
        (table.group == "elburg") & (table.variable == "vraag_achter_de_vraag")
    ]
    assert shown["mean"].iloc[0] == pytest.approx(own)
    assert (shown["interval"] == "telling").all()  # 7 of 7 members


def test_page_of_a_team_gives_the_difference_with_its_interval(elburg, everyone):
    bakens = elburg.instrument("bakens")
    table = elburg.scale_means(bakens, group="bakens").frame
    own, others = (
        table[table["group"] == group].set_index("variable")
        for group in ("elburg", "andere")
    )
    np.testing.assert_allclose(own["difference"], own["mean"] - others["mean"])
    # Elburg answered in full: the interval is as wide as that of the others.
    assert (own["difference_interval"] == "t").all()
    width = others["ci_high"] - others["ci_low"]
    np.testing.assert_allclose(own["difference_high"] - own["difference_low"], width)
    added = ["difference", "difference_low", "difference_high", "effect"]
    assert others[added].isna().all(axis=None)
    total = everyone.scale_means(bakens, group="bakens", per_team=True).frame
    assert not set(added) & set(total.columns)


def test_a_hidden_cell_has_no_difference_either(elburg):
    groep = elburg.instrument("groepsdynamica")
    table = elburg.scale_means(groep, group="self_efficacy", with_items=True).frame
    hidden = table[table["suppressed"]]
    assert len(hidden)
    assert hidden.filter(regex="difference|effect").isna().all(axis=None)


def test_page_of_a_small_team_shows_only_the_total(apeldoorn):
    assert apeldoorn.too_small
    bakens = apeldoorn.instrument("bakens")
    table = apeldoorn.scale_means(bakens, group="bakens", per_team=True)
    assert set(table.frame["group"]) == {"alle"}
    assert "minder dan 5 antwoorden" in apeldoorn.intro().html


def test_table_by_team_leaves_small_teams_out_of_its_total(everyone):
    background = everyone.background_means().frame
    groups = list(background["group"].unique())
    assert groups[-1] == "alle"
    assert not {"apeldoorn", "wezep_oldebroek"} & set(groups)
    total = background[background["group"] == "alle"]["n"]
    assert (total == 63).all()  # 66 less the 3 of the two smallest teams


def test_distribution_is_never_per_team(elburg):
    table = elburg.answer_shares(elburg.instrument("actie_leren"), ["al_helpt"])
    assert set(table.frame["group"]) == {"alle"}
    assert table.frame["share"].sum() == pytest.approx(1)


def test_agreement_adds_counts_not_rounded_shares(everyone):
    organisation = everyone.instrument("organisatie")
    table = everyone.agreement(organisation, ["org_aansluiten"]).frame
    agree = table[table["category"] == "eens"].iloc[0]
    assert agree["count"] == 53  # 80.3%; the report prints 81, a sum of rounded shares
    assert round(100 * agree["share"], 1) == 80.3


def test_gaps_are_ranked_and_paired(everyone):
    table = everyone.gaps(everyone.instrument("competenties")).frame
    assert table["gap"].is_monotonic_decreasing
    assert table["variable"].iloc[0] == "competentie_ondernemerschap"
    np.testing.assert_allclose(table["gap"], table["mean_want"] - table["mean_have"])
    n = table.set_index("variable")["n"]
    assert n["competentie_analyseren"] == 65
    assert n["competentie_nieuwsgierig"] == 66


def test_gaps_keep_their_spread_to_themselves_where_a_team_is_hidden(elburg):
    # The spread of everybody less that within teams would name the marks of a team
    # that is hidden: there is no sd, and intervals are rounded outwards to tenths.
    instrument = elburg.instrument("competenties")
    for run in (elburg, replace(elburg, team="alle")):
        marks = score_gap(run.answers(instrument), instrument)
        assert len(run._plan_marks(instrument, *marks))
        table = run.gaps(instrument).frame
        assert "sd" not in table
        exact = paired_gap(
            *marks,
            groups=run.groups(),
            members=run.base.population(instrument),
            confidence=run.confidence,
        ).set_index(["group", "variable"])
        shown = table[~table["suppressed"] & table["ci_low"].notna()]
        assert len(shown)
        for row in shown.itertuples():
            whole = exact.loc[(row.group, row.variable)]
            assert row.ci_low <= whole["ci_low"] < row.ci_low + 0.1 + 1e-9
            assert row.ci_high - 0.1 - 1e-9 < whole["ci_high"] <= row.ci_high
            for end in (row.ci_low, row.ci_high):
                assert round(end, 1) == pytest.approx(end, abs=1e-12)
        assert (shown["gap"] * 10 % 1).abs().gt(1e-6).any()  # the gap itself is not


def test_gaps_have_ranks_with_an_interval(everyone, elburg):
    table = everyone.gaps(everyone.instrument("competenties")).frame
    assert table["rank"].is_monotonic_increasing
    assert (table["rank_low"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_high"]).all()
    assert table["rank_high"].max() == 14
    team = elburg.gaps(elburg.instrument("competenties")).frame
    assert team.groupby("group")["rank"].min().to_dict() == {"elburg": 1, "andere": 1}
    # 7 of 7 members gave both marks on all competences but one: ranks are known as
    # far as that one does not stand between, and what is hidden has none.
    own = team[team["group"] == "elburg"].set_index("variable")
    assert own.loc["competentie_integraal", "interval"] == "t"
    assert own.loc["competentie_integraal", ["rank_low", "rank_high"]].tolist() == [
        3,
        12,
    ]
    for name, ends in {"innoverend": [1, 2], "mobiliserend": [5, 6]}.items():
        row = own.loc[f"competentie_{name}"]
        assert row[["rank_low", "rank_high"]].tolist() == ends
    assert own.loc["competentie_overtuigingskracht", "suppressed"]
    assert pd.isna(own.loc["competentie_overtuigingskracht", "rank_low"])


def without_answers(run, items, *, keep=0):
    """The same run, with a few answers of its team to these items."""
    people = run.wave.respondents.copy()
    own = people.index[people["team"] == run.team][keep:]
    people.loc[own, items] = np.nan
    return replace(run, wave=replace(run.wave, respondents=people))


def test_ranks_do_not_say_where_a_hidden_competence_stands(elburg):
    instrument = elburg.instrument("competenties")
    whole = elburg.gaps(instrument).frame
    few = without_answers(elburg, ["comp_netwerken_want"], keep=3)
    table = few.gaps(instrument).frame.set_index(["group", "variable"])
    columns = ["rank", "rank_low", "rank_high"]
    hidden = table.xs("competentie_netwerken", level="variable")
    assert hidden["suppressed"].all()
    assert hidden[columns].isna().all(axis=None)
    # It was third; those that are shown have no gap there.
    for group in ("elburg", "andere"):
        rows = table.loc[group].query("not suppressed")
        gap = rows["gap"].to_numpy()
        higher = (gap > gap[:, None] + 1e-9).sum(axis=1)
        assert rows["rank"].tolist() == (1 + higher).tolist()
        assert rows["rank_high"].max() == len(rows)
    assert whole["rank_high"].max() == (whole["group"] == "elburg").sum() - (
        whole.loc[whole["group"] == "elburg", "suppressed"].sum()
    )


def test_gaps_of_which_nothing_may_be_shown_have_no_ranks(elburg):
    instrument = elburg.instrument("competenties")
    items = [item.id for item in instrument.answered_items(2015)]
    table = without_answers(elburg, items).gaps(instrument).frame
    assert table["suppressed"].all()
    assert table[["rank", "rank_low", "rank_high"]].isna().all(axis=None)


def test_gap_table_shows_places_where_the_order_matters(everyone, elburg):
    table = everyone.gaps(everyone.instrument("competenties"))
    shown = everyone.gap_table(table, "volgorde", title="Wens", with_ranks=True).html
    assert ">plaats</th>" in shown
    assert '>1 <span class="swt-interval">(1–8)</span></td>' in shown
    assert "tussen welke plaatsen de competentie met 95% zekerheid staat" in shown
    assert "plaats" not in everyone.gap_table(table, "cijfers", title="Cijfers").html
    from swtlib.project import outputs_dir

    for name in ("volgorde", "cijfers"):
        path = outputs_dir(2015) / "alle" / "tables" / f"proef_{name}.csv"
        kept = pd.read_csv(path, dtype=str)
        assert kept["rank_high"].iloc[0] == "8"
        assert "place" not in kept
    few = without_answers(elburg, ["comp_netwerken_want"], keep=3)
    hidden = few.gaps(few.instrument("competenties"))
    html = few.gap_table(hidden, "volgorde", title="Wens", with_ranks=True).html
    assert "niet getoond" in html


def test_gap_reading_says_what_is_invented(everyone, elburg):
    def told(run):
        return run.gap_reading(run.gaps(run.instrument("competenties"))).html

    assert "Van de 91 tweetallen competenties" in told(everyone)
    assert "hoe de cijfers van één persoon samenhangen" in told(everyone)
    assert "de volgorde van Elburg is hier verzonnen" in told(elburg)
    assert "verzonnen" not in told(as_fieldwork(everyone))
    simulated = replace(everyone.wave.facts, origin="simulation")
    simulated = replace(everyone, wave=replace(everyone.wave, facts=simulated))
    assert "verzonnen, en dus ook deze volgorde" in told(simulated)


def test_split_comparison_without_tests_has_the_same_numbers(everyone):
    whole, bare = (
        everyone.split_comparison(tests=tests).frame for tests in (True, False)
    )
    left_out = [name for name in whole.columns if name not in bare.columns]
    assert left_out == [
        *("test", "kind", "p_value", "q_value", "p_holm"),
        *("q_value_all", "p_holm_all", "p_welch", "p_brunner_munzel"),
    ]
    pd.testing.assert_frame_equal(whole[bare.columns], bare, check_exact=True)


def test_split_comparison_gives_the_pattern_of_the_report(everyone):
    comparison = everyone.split_comparison()
    assert len(comparison.frame) == 308
    counts = everyone.related_counts(comparison).frame.set_index("competence")
    named = [
        "ondernemerschap",
        "creativiteit",
        "netwerken",
        "onderzoekend",
        "reflectief",
    ]
    found = [int(counts.loc[f"competentie_{c}", "n_related"]) for c in named]
    assert found == [14, 9, 8, 7, 7]
    assert (counts["n_after_bh"] <= counts["n_related"]).all()
    assert (counts["n_after_holm"] <= counts["n_after_bh"]).all()
    shown = everyone.unrelated_statements(comparison).html
    assert "(5 van de 22 stellingen" in shown


def answers_of_who_left_a_grade_open(run):
    """Work them out, in answers 0-4, from the comparisons as they are kept."""
    rows = run.split_comparison().frame.round(3)
    low, high = (rows[f"n_{side}"] * rows[f"mean_{side}"] * 4 for side in SIDES)
    rows["total"] = low.round() + high.round()
    whole = rows.sort_values("n").groupby("statement")[["n", "total"]].last()
    found = whole.loc[rows["statement"]].reset_index(drop=True) - rows[["n", "total"]]
    few = found["n"].between(1, 4) & found["total"].notna()
    return rows[["competence", "statement"]].join(found)[few]


@pytest.mark.parametrize(("year", "n_known"), [(2015, 22), (2016, 221)])
def test_comparisons_do_not_tell_what_somebody_who_left_one_open_answered(
    year, n_known, monkeypatch
):
    run = new_run("proef", year=year)
    rows = run.split_comparison().frame
    assert rows["hedges_g"].notna().sum() > 290  # what the page shows is still there
    assert not len(answers_of_who_left_a_grade_open(run))
    counts = run.related_counts(run.split_comparison()).frame
    monkeypatch.setattr("swtlib.competence_results._SUMS", ())
    pd.testing.assert_frame_equal(
        run.related_counts(run.split_comparison()).frame, counts
    )
    found = answers_of_who_left_a_grade_open(run)
    assert len(found) == n_known
    grades, statements = run._grades(), run._statements()
    for row in found.itertuples():
        gone = statements[row.statement][grades[row.competence].isna()]
        assert (row.n, row.total) == (gone.count(), pytest.approx(gone.sum() * 4))


def test_response_table_counts_members_and_respondents(everyone):
    table = everyone.response_table().frame.set_index("group")
    assert table.loc["zwolle_noord", "n"] == 18
    assert table.loc["zwolle_noord", "response_rate"] == pytest.approx(18 / 26)
    assert pd.isna(table.loc["apeldoorn", "response_rate"])
    assert table.loc["alle", "n"] == 66


def test_rare_functions_are_counted_together(everyone):
    table = everyone.function_shares().frame.set_index("answer")
    assert table["count"].to_dict() == {
        "medewerker": 56,
        "teamleider": 6,
        "overige functies": 4,
    }


def test_age_shares_cover_everybody(everyone):
    table = everyone.age_shares().frame
    assert table["count"].sum() == 66
    assert table["answer_label"].iloc[-1] == "55 jaar en ouder"


def test_compare_assignments_shows_what_the_choice_does(everyone):
    bakens = everyone.instrument("bakens")
    table = everyone.compare_assignments(bakens, group="bakens", other="tabel_10")
    rows = table.frame.set_index("variable").round(2)
    assert rows.loc["eigen_kracht", "mean"] == 0.57
    assert rows.loc["direct_er_op_af", "mean"] == 0.78
    differ = rows.index[rows["mean"] != rows["mean_other"]]
    assert len(differ) == 5  # bakens 1, 2, 3, 5 and 6


def test_ranked_puts_the_highest_first(everyone):
    table = ranked(everyone.scale_means(everyone.instrument("bakens"), group="bakens"))
    assert isinstance(table, ProtectedTable)
    assert table.frame["mean"].is_monotonic_decreasing
    assert table.frame["variable"].iloc[0] == "vraag_achter_de_vraag"


def test_item_names_follow_the_codebook(everyone):
    group = everyone.instrument("groepsdynamica")
    assert everyone.names(group, "self_efficacy") == ["se_collega", "se_leidinggevende"]
    assert len(everyone.item_names(group, "fasen")) == 8
    with pytest.raises(ParameterError, match="no item 'gd_bestaat_niet'"):
        everyone.item_means(group, ["gd_bestaat_niet"])
    with pytest.raises(ParameterError, match="no instrument 'baken'"):
        everyone.instrument("baken")


def test_theme_counts_and_quotes_come_from_the_reviewed_list(everyone):
    counts = everyone.theme_counts().frame
    assert counts["count"].sum() == 83
    assert len(counts) == 7
    assert everyone.quotes("Coaching/training").html.count("<li>") == 2
    assert "bijlage van het rapport" in everyone.open_intro().html


def test_provenance_says_what_the_page_was_made_from(elburg):
    told = elburg.provenance().html
    for part in ("reconstructie", "team = elburg", elburg.wave.data_hash, "pandas"):
        assert part in told


def test_text_escapes_what_it_is_given(everyone):
    assert everyone.text("a < b", "", "c").html == "<p>a &lt; b c</p>"
    assert everyone.text("").html == ""


def test_table_is_kept_as_csv_with_its_origin(elburg):
    bakens = elburg.instrument("bakens")
    table = elburg.scale_means(bakens, group="bakens")
    shown = elburg.wide_table(table, "proef", title="Bakens").html
    assert "Elburg" in shown
    assert "reconstructie" in shown
    from swtlib.project import outputs_dir

    path = outputs_dir(2015) / "elburg" / "tables" / "proef_proef.csv"
    kept = pd.read_csv(path)
    assert (kept["herkomst"] == "reconstructie").all()
    assert len(kept) == 16  # 8 bakens for the team and for the others


def as_fieldwork(run):
    """Show the same answers as if people had given them."""
    facts = replace(run.wave.facts, origin="fieldwork")
    return replace(run, wave=replace(run.wave, facts=facts))


def test_real_answers_of_teams_too_small_even_together_count_nowhere(elburg):
    real = as_fieldwork(elburg)
    bakens = real.instrument("bakens")
    table = real.scale_means(bakens, group="bakens").frame
    # 66 less the 2 of Apeldoorn, the 1 of Wezep/Oldebroek and the 7 of Elburg
    assert table.groupby("group")["n"].max().to_dict() == {"elburg": 7, "andere": 56}
    assert "3 komen uit wijkteams met zo weinig antwoorden" in real.response_flow().html
    everyone = as_fieldwork(new_run("proef"))
    shares = everyone.answer_shares(everyone.instrument("actie_leren"), ["al_helpt"])
    assert (shares.frame["n"] == 63).all()


def test_made_up_answers_say_nothing_about_a_team(elburg):
    table = elburg.scale_means(elburg.instrument("bakens"), group="bakens")
    assert "hier verzonnen" in elburg.team_difference(table).html
    assert "Elburg scoort" in as_fieldwork(elburg).team_difference(table).html
    published = elburg.scale_means(elburg.instrument("groepsdynamica"), group="fasen")
    assert "Elburg scoort" in elburg.team_difference(published, published=True).html
    strict = replace(as_fieldwork(elburg), confidence=0.9)
    table = strict.scale_means(strict.instrument("bakens"), group="bakens")
    assert "1 op de 10" in strict.team_difference(table).html


def test_wide_table_of_a_team_explains_the_difference(elburg, everyone):
    bakens = elburg.instrument("bakens")
    shown = elburg.wide_table(
        elburg.scale_means(bakens, group="bakens"), "verschil", title="Bakens"
    ).html
    assert "Verschil: Elburg min de andere teams samen" in shown
    assert "Een telling (iedereen deed mee) heeft geen interval." in shown
    total = everyone.scale_means(bakens, group="bakens", per_team=True)
    assert "erschil" not in everyone.wide_table(total, "alle", title="Bakens").html


def test_title_names_the_report_only_in_its_own_year(everyone):
    text = "Functies (rapport: figuur 18)"
    assert everyone.title(text) == text
    later = replace(everyone.wave, facts=replace(everyone.wave.facts, year=2016))
    assert replace(everyone, wave=later).title(text) == "Functies"


def test_pair_differences_are_of_who_answered_both(everyone):
    bakens = everyone.instrument("bakens")
    table = everyone.pair_differences(bakens, [["bk_regie_licht", "bk_regie_zwaar"]])
    row = table.frame.iloc[0]
    assert round(row["mean_want"], 2) == 0.77  # light, as in table 7
    assert round(row["mean_have"], 2) == 0.47  # heavy
    assert row["gap"] == pytest.approx(row["mean_want"] - row["mean_have"])


def test_shares_keep_two_more_digits_in_the_file(everyone):
    organisation = everyone.instrument("organisatie")
    table = everyone.agreement(organisation, ["org_registreren"])
    everyone.agreement_table(table, "aandeel", title="Registreren")
    from swtlib.project import outputs_dir

    kept = pd.read_csv(outputs_dir(2015) / "alle" / "tables" / "proef_aandeel.csv")
    assert kept["share"].tolist() == [0.18]  # 12 of 66, shown as 18%


def test_spread_of_a_small_group_is_not_given(elburg):
    table = elburg.scale_means(elburg.instrument("bakens"), group="bakens").frame
    assert table.loc[table["group"] == "elburg", "sd"].isna().all()
    assert table.loc[table["group"] == "andere", "sd"].isna().all()
    assert table.loc[table["group"] == "andere", "ci_low"].notna().all()


@pytest.mark.parametrize("name", ["a/b", "a:b", "a b", "", "../a", "con.csv"])
def test_table_is_kept_under_a_name_that_every_system_knows(elburg, name):
    table = elburg.scale_means(elburg.instrument("bakens"), group="bakens")
    with pytest.raises(ParameterError, match="name of a file"):
        elburg.keep(table, name)


def test_interval_is_named_with_its_level():
    run = new_run("proef", confidence=0.975)
    table = run.scale_means(run.instrument("bakens"), group="bakens")
    assert (
        "97,5%-betrouwbaarheidsinterval"
        in run.wide_table(table, "niveau", title="Bakens").html
    )


def test_new_run_refuses_a_name_that_would_replace_other_files(monkeypatch):
    with pytest.raises(ParameterError, match="no name for a notebook"):
        new_run("../x/y")
    monkeypatch.setenv("SWT_NOTEBOOK", "mijn_vraag")
    with pytest.raises(ParameterError, match=r"mijn_vraag.ipynb says new_run"):
        new_run("dv3_bakens")


def test_text_leaves_out_a_lead_in_to_nothing(everyone):
    assert everyone.text("Bij lichte problematiek:", "").html == ""
    assert everyone.text("Per zin:", "hoog.").html == "<p>Per zin: hoog.</p>"


def test_related_counts_are_hidden_where_the_comparison_is(everyone):
    # Of one competence only three people gave a grade.
    wave = everyone.wave
    name = "comp_patronen_have"
    few = wave.respondents.copy()
    few.loc[few.index[3:], name] = np.nan
    run = replace(everyone, wave=replace(wave, respondents=few))
    counts = run.related_counts(run.split_comparison()).frame
    row = counts.set_index("competence").loc["competentie_patronen"]
    assert row["suppressed"]
    assert row[["n", "n_related", "n_after_bh", "n_compared"]].isna().all()


# --- teams that are too small, and a limit that a wave raises -----------------------


def with_teams(run, moved, *, origin="fieldwork", **facts):
    """The same run, with some respondents of Elburg in other teams."""
    people = run.wave.respondents.copy()
    own = people.index[people["team"] == "elburg"]
    for team, n in moved.items():
        people.loc[own[:n], "team"] = team
        own = own[n:]
    changed = replace(run.wave.facts, origin=origin, **facts)
    return replace(run, wave=replace(run.wave, respondents=people, facts=changed))


def test_small_teams_that_are_enough_together_are_one_group(everyone):
    # Apeldoorn 2 + 2, Wezep 1, Elburg 5: the first two together are 5.
    run = with_teams(everyone, {"apeldoorn": 2})
    bakens = run.instrument("bakens")
    table = run.scale_means(bakens, group="bakens", per_team=True).frame
    rest = table[table["group"] == "overige"]
    assert set(rest["n"]) == {5}
    assert not {"apeldoorn", "wezep_oldebroek"} & set(table["group"])
    assert set(table.loc[table["group"] == "alle", "n"]) == {66}
    assert run.labels["overige"] == "overige teams"
    assert "66 professionals uit 8 wijkteams" in run.intro().html
    # It is no team: agreement and order are of the teams.
    assert run.team_agreement(bakens, groups=["bakens"]).frame["n_teams"].max() == 6
    # On a page of one team they are among the others, and have no page themselves.
    page = replace(run, team="elburg").scale_means(bakens, group="bakens").frame
    assert set(page.loc[page["group"] == "andere", "n"]) == {61}
    assert replace(run, team="apeldoorn").too_small


def test_small_teams_that_are_too_few_together_are_left_out(everyone):
    run = with_teams(everyone, {})
    table = run.scale_means(run.instrument("bakens"), group="bakens", per_team=True)
    assert "overige" not in set(table.frame["group"])
    assert len(run.base.respondents) == 63


def test_what_the_group_of_small_teams_may_not_show_takes_a_team_with_it(everyone):
    run = with_teams(everyone, {"apeldoorn": 2})
    people = run.wave.respondents.copy()
    few = people["team"].isin(["apeldoorn", "wezep_oldebroek"])
    people.loc[few, "bk_familie_licht"] = 4
    run = replace(run, wave=replace(run.wave, respondents=people))
    bakens = run.instrument("bakens")
    closed = run.closed_cells(bakens).query("variable == 'bk_familie_licht'")
    assert "overige" in set(closed["group"])
    assert len(closed) >= 2
    table = run.item_means(bakens, ["bk_familie_licht"], per_team=True).frame
    assert table.loc[table["group"].isin(closed["group"]), "mean"].isna().all()


def test_a_wave_may_raise_the_limit(everyone):
    run = with_teams(everyone, {}, min_cell_n=8)
    assert replace(run, team="elburg").too_small  # 7 answers
    assert "minder dan 8 antwoorden" in replace(run, team="elburg").intro().html
    bakens = run.instrument("bakens")
    table = run.item_means(bakens, per_team=True)
    assert table.min_n == 8
    assert table.frame["n"].min() >= 8
    # Elburg 7, Apeldoorn 2 and Wezep 1 are ten together.
    rest = table.frame.query("group == 'overige'")
    assert set(rest["n"].dropna()) == {10}
    assert run.answer_shares(bakens, ["bk_familie_licht"]).min_n == 20
    high = with_teams(everyone, {}, min_cell_n=25)
    assert high.answer_shares(bakens, ["bk_familie_licht"]).min_n == 25
    assert high.split_comparison().min_n == 25
    assert high.reliability(bakens, groups=["bakens"]).min_n == 25


def test_one_open_answer_hides_the_pair_and_not_the_statements(elburg):
    # 9 answered the one and 8 the other: both means and the pair would give the answer
    # of the one who left the other open.
    expected = elburg.instrument("verwachtingen")
    closed = set(elburg.closed_cells(expected)["variable"])
    pair = [name for name in elburg.item_names(expected) if name not in closed][:2]
    people = elburg.wave.respondents.copy()
    one = people.index[people["team"] == "zwolle_west"][0]
    people.loc[one, pair[1]] = np.nan
    west = replace(elburg, team="zwolle_west")
    left = replace(west, wave=replace(west.wave, respondents=people))
    for run, hidden in ((west, False), (left, True)):
        table = run.pair_differences(expected, [pair]).frame
        assert table["suppressed"].all() == hidden
        assert not run.item_means(expected, pair).frame["suppressed"].any()


def test_closed_in_splits_leaves_the_pages_of_the_teams_as_they_are(everyone):
    bakens = everyone.instrument("bakens")
    functie = everyone.base.respondents[["bg_functie"]]
    found = everyone.closed_in_splits(bakens, functie)
    groups = set(found.loc[found["split"] == "bg_functie", "group"])
    assert {"amw", "teamleider"} <= groups  # one of the first, six of the second
    assert "medewerker" not in groups
    instrument = everyone.instrument("groepsdynamica")
    before = everyone.closed_cells(instrument)
    together = everyone.closed_in_splits(instrument, functie)
    of_teams = together[together["split"] == "team"].drop(columns="split")
    assert len(before.merge(of_teams)) == len(before) == len(of_teams)
