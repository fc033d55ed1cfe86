"""Every published figure, recounted; and the check fails when it should."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from swtlib.codebook import load_codebook
from swtlib.errors import CodebookError, DisclosureError, WaveError
from swtlib.reproduction.check import STATUSES, check_wave, summarise
from swtlib.reproduction.facts import Known
from swtlib.reproduction.generate import generate_answers
from swtlib.reproduction.page import place_of, reproduction_page
from swtlib.reproduction.published import (
    FOLDER,
    load_published,
    load_remarks,
)
from swtlib.reproduction.wording import describe_row, published_text
from swtlib.wave import Wave, load_facts

CONTRADICTED = {
    "resp_wezep_n_text",
    "resp_apeldoorn_n_text",
    "rank_age_max_oost",
    "rank_age_max_centrum",
    "rank_exp_low",
    "fig19_N",
    "fig20_N",
    "fig21_N",
    "fig22_N",
    "fig23_N",
    "gd_west_parallel_diff",
    "gd_west_autoriteit_diff",
    "gd_rank_centrum_parallel",
    "f25_eff_0",
}
SUMS = {"f25_tev_60", "f41_aansl_81", "c64_aansl_81", "c64_taakverschraling"}
MARK = "<b>"


@pytest.fixture(scope="module")
def wave():
    answers = generate_answers()
    kept = answers[answers["completed"]].reset_index(drop=True)
    return Wave(
        facts=load_facts(2015),
        respondents=kept,
        n_responded=len(answers),
        ledger=(),
        data_hash="",
        codebook=load_codebook(),
    )


@pytest.fixture(scope="module")
def result(wave):
    return check_wave(wave)


@pytest.fixture(scope="module")
def rows():
    return {row.id: row for row in load_published()}


def check(wave, change):
    frame = wave.respondents.copy()
    change(frame)
    return check_wave(replace(wave, respondents=frame)).set_index("id")


def failed(table):
    return set(table.index[table["status"] == "failed"])


# --- the reconstruction -------------------------------------------------------


def test_check_wave_reproduces_all_that_can_be(result):
    counts = summarise(result).set_index(["status", "how"])["n"]
    assert counts["reproduced"].to_dict() == {
        "exact": 350,
        "som van afgeronde aandelen": 4,
        "benadering": 26,
        "grens": 8,
    }
    by_status = result["status"].value_counts().to_dict()
    assert by_status == {
        "reproduced": 388,
        "not_computable": 83,
        "contradicted": 14,
        "claim": 9,
    }


def test_check_wave_names_the_rows_the_report_contradicts(result):
    assert set(result.loc[result["status"] == "contradicted", "id"]) == CONTRADICTED
    sums = result["how"] == "som van afgeronde aandelen"
    assert set(result.loc[sums, "id"]) == SUMS


def test_check_wave_keeps_order_and_columns(result):
    published = pd.read_csv(FOLDER / "published_2015.csv", keep_default_na=False)
    assert result["id"].tolist() == published["id"].tolist()
    assert "quote_nl" not in published
    columns = "id source item_key team statistic category published decimals status"
    columns += " computed how reason_nl other_figure"
    assert list(result) == columns.split()
    assert set(result["status"]) <= set(STATUSES)
    assert result["decimals"].dtype == "Int64"


def test_check_wave_says_why_a_row_is_not_reproduced(result):
    rest = result[result["status"] != "reproduced"]
    assert (rest["reason_nl"] != "").all()
    contradicted = rest[rest["status"] == "contradicted"]
    assert (contradicted["other_figure"] != "").all()
    assert not rest["reason_nl"].str.contains("{", regex=False).any()


def test_check_wave_gives_what_codebook_and_wave_state(result):
    other = result.set_index("id")["other_figure"]
    assert other["q_gd_items"] == "codebook: 24"
    assert other["t2_zwolle_noord_members"] == "meting: 26"
    assert other["resp_responded"] == "meting: 77"
    assert other["resp_rate_zwolle"] == "meting: 56 van 105, 53%"
    assert other["open_tijd_ruimte_text"] == "lijst: 19 antwoorden"
    assert other["f41_besl_derde"] == "nagerekend (deels) oneens: 31,8%"
    assert other["t10_systematisch_label"] == "codebook: telt in geen baken mee"


# Rows of which the report and the codebook, wave or list differ, and say so.
DIFFERENT = {
    "q_baken_items_ch4",  # 21, against 22 asked; 21 are counted
    "q_closing_items",  # 7, of which one is unknown
    "q_score_max_51",  # 1: the highest answer, 4, of 4
    "q_score_max_53",
    "q_fig_rest_items",  # 3, where the figures hold 5
    "resp_teams_ch6",
    "resp_rate_zwolle",
    "open_tijd_ruimte_text",  # 17 professionals, 19 answers
    "open_tijd_ruimte_pct",
    "f41_besl_derde",
    "c56_majority",
    "b_threshold",
    "resp_weeks_open",
    "sig_comp_listed",
}


def test_codebook_wave_and_list_state_the_other_figures(result, rows):
    stated = result[(result["status"] == "not_computable")]
    stated = stated[~stated["id"].isin(DIFFERENT)]
    stated = stated[stated["statistic"] != "baken_label"]
    for _, line in stated.iterrows():
        figure = published_text(rows[line["id"]])
        assert re.search(rf"\b{figure}\b", line["other_figure"]), line["id"]


def test_computed_is_rounded_as_in_print(result):
    found = result.set_index("id")["computed"]
    assert found["t11_subgroepen_tot"] == 0.41  # 2.43 / 6 = 0.405, a tie
    assert found["t11_phase_intimiteit_zwolle_zuid"] == 0.79  # 0.785, a tie
    assert found["f41_aansl_81"] == 81
    assert found["cover_aansl_80"] == 80
    assert found["f25_eff_20"] == 13.6  # 9 of 66, one decimal more for a bound
    assert pd.isna(found["q_gd_items"])


@pytest.mark.parametrize("seed", [3])
def test_another_seed_gives_the_same_verdicts(wave, result, seed):
    answers = generate_answers(seed)
    kept = answers[answers["completed"]].reset_index(drop=True)
    other = check_wave(replace(wave, respondents=kept))
    assert other["status"].tolist() == result["status"].tolist()


# --- failing ------------------------------------------------------------------


def test_one_answer_changes_its_mean_and_what_is_built_on_it(wave):
    def change(frame):
        # The column headed Centrum belongs to Oost: 11 answers, a step of 0.023.
        first = frame.index[frame["team"] == "zwolle_oost"]
        answers = frame.loc[first, "gd_cur_leren_kennen"]
        frame.loc[answers.idxmin(), "gd_cur_leren_kennen"] += 1

    table = check(wave, change)
    assert "t11_leren_kennen_zwolle_centrum" in failed(table)
    assert "t11_phase_parallel_zwolle_centrum" in failed(table)
    assert table.loc["t11_leren_kennen_zwolle_oost", "status"] == "reproduced"
    line = table.loc["t11_leren_kennen_zwolle_centrum"]
    # 32 + 1 of 44 points
    assert line["computed"] == 0.75
    assert line["reason_nl"] == "De antwoorden geven 0,75; het rapport 0,73."


def test_a_person_in_another_team_fails_table_2_and_the_columns(wave):
    def change(frame):
        staff = (frame["team"] == "zwolle_noord") & (
            frame["bg_functie"] == "medewerker"
        )
        frame.loc[frame.index[staff][0], "team"] = "zwolle_west"

    found = failed(check(wave, change))
    assert {"t2_zwolle_noord_n", "t2_zwolle_west_n"} <= found
    # Nothing in print gives 9 for the column headed Noord: no contradiction now.
    assert {"fig19_N", "fig21_N"} <= found
    assert "t2_elburg_n" not in found


def test_a_contradiction_is_one_only_while_the_answers_follow_the_other_figure(wave):
    def change(frame):
        first = frame.index[frame["team"] == "apeldoorn"][0]
        frame.loc[first, "team"] = "wezep_oldebroek"

    table = check(wave, change)
    assert table.loc["resp_wezep_n_text", "status"] == "reproduced"
    assert table.loc["resp_apeldoorn_n_text", "status"] == "reproduced"
    assert {"t2_apeldoorn_n", "t2_wezep_n", "t2_wezep_pct"} <= failed(table)


def test_a_claim_ruled_out_by_its_paragraph_fails_when_that_does(wave):
    def change(frame):
        frame["exp_efficienter"] = frame["exp_efficienter"].where(
            frame["exp_efficienter"] < 4, 3.0
        )
        frame.loc[0, "exp_efficienter"] = 4.0

    table = check(wave, change)
    assert {"f25_eff_derde", "f25_eff_0"} <= failed(table)
    assert table.loc["f25_eff_0", "computed"] == 1


def test_grades_in_another_order_fail_the_comparison_only(wave):
    def change(frame):
        grades = [c for c in frame if c.startswith("comp_")]
        frame[grades] = frame[grades].iloc[::-1].to_numpy()

    found = failed(check(wave, change))
    assert found
    assert all(name.startswith(("sig_", "unrel_")) for name in found)


def test_a_bound_and_a_rough_figure_can_fail(wave):
    def change(frame):
        frame["org_kaders"] = 2.0  # everybody neutral
        frame["exp_generalistisch"] = 4.0

    found = failed(check(wave, change))
    assert {"f40_min25", "f40_helft", "f40_kwart_65", "f31_75"} <= found
    assert "f40_min20" not in found  # 'minstens 20% neutraal' still holds


def test_nobody_answering_an_item_fails_and_says_so(wave):
    def change(frame):
        frame["bk_regie_zwaar"] = float("nan")
        frame["bg_leeftijd"] = float("nan")

    table = check(wave, change)
    assert {"t7_regie_zwaar", "t10_regie_zwaar", "t6_baken3", "age_sd"} <= failed(table)
    assert pd.isna(table.loc["age_mean", "computed"])
    assert "geen antwoorden" in table.loc["age_mean", "reason_nl"]
    assert "rank_age_mean_high" in failed(table)


def test_answers_left_open_count_in_their_own_n(wave):
    def change(frame):
        frame.loc[frame["bk_doel_realistisch"].notna(), "bk_doel_realistisch"] = 3.0
        frame.loc[:30, "bk_doel_realistisch"] = float("nan")

    # All of 35 say 3 of 4: 0.75, whatever the others left open.
    assert check(wave, change).loc["t10_doel_realistisch", "computed"] == 0.75


def test_check_wave_refuses_another_year(wave):
    later = replace(wave, facts=replace(wave.facts, year=2016))
    with pytest.raises(WaveError, match="2016 cannot be checked"):
        check_wave(later)


# --- the files ----------------------------------------------------------------


def test_remarks_name_rows_that_exist(rows):
    remarks = load_remarks()
    for table in ("ranks", "apart", "contradicted_by", "reasons", "other"):
        assert set(remarks[table]) <= set(rows), table
    named = [name for rule in remarks["not_computable"] for name in rule.get("ids", [])]
    assert set(named) <= set(rows)
    assert set(remarks["contradicted_by"].values()) <= set(rows)


def test_remarks_hold_no_result_of_a_row_of_answers(rows):
    # A figure of answers may be quoted from print or recounted, never typed in.
    for name, text in load_remarks()["other"].items():
        bare = re.sub(r"\{\w+\}|tabel \d+|§[\d.]+|H\d|figuur [\d, en]+|4\.2", "", text)
        assert not re.search(r"\d", bare), name


def test_fill_names_a_field_that_is_not_there():
    known = Known({"p_resp_teams": "8"}, {})
    with pytest.raises(CodebookError, match="there is no 'w_teams'"):
        known.fill("other", "resp_teams_ch6")


def test_open_answers_are_tied_to_nobody(wave):
    answers = wave.open_answers()
    assert list(answers) == ["theme", "answer"]
    assert len(answers) == 83
    assert answers["theme"].nunique() == 7


def test_summarise_counts_every_row_once(result):
    assert summarise(result)["n"].sum() == len(result)


# --- the page -----------------------------------------------------------------


class Checker(HTMLParser):
    """Follows open tags, and counts what a page holds."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], Counter(), []
        self.parents = set()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        if tag == "table":
            self.parents.add(self.open[-1])
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)
        self.open.append((tag, dict(attrs).get("class", "")))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def page(result):
    return reproduction_page(result, origin="reconstruction", origin_line=f"Zo {MARK}.")


@pytest.fixture(scope="module")
def parsed(page):
    checker = Checker()
    checker.feed(page)
    return checker


def test_page_is_well_formed_without_scripts(parsed):
    assert parsed.open == []
    for tag in ("script", "style", "h1", "img", "a", "b"):
        assert parsed.tags[tag] == 0
    assert parsed.parents == {("div", "table-scroll")}


def test_page_shows_every_row_and_finding(page, parsed, result):
    assert parsed.tags["section"] == 3
    in_details = re.findall(r"<details>.*?</details>", page, flags=re.DOTALL)
    shown = sum(part.count('<th scope="row">') for part in in_details)
    assert shown == len(result) + len(load_remarks()["misprint"])
    text = " ".join(parsed.text)
    for words in ("350", "42 van de 72", "minstens 10", "0,785", "12 van de 12"):
        assert words in text
    assert f"Zo {MARK}." in text  # escaped


def test_page_writes_decimal_commas(parsed):
    text = " ".join(parsed.text)
    text = re.sub(r"§[\d.]+|\d{1,3}(\.\d{3})+", "", text)
    assert not re.search(r"\d\.\d", text)


def test_page_says_when_a_figure_failed(wave):
    frame = wave.respondents.assign(bk_proactief=0.0)
    table = check_wave(replace(wave, respondents=frame))
    text = reproduction_page(table, origin="simulation")
    assert "komen er niet uit" in text


def test_page_refuses_real_answers(result):
    with pytest.raises(DisclosureError, match="invented answers only"):
        reproduction_page(result, origin="fieldwork")


def test_every_row_has_a_place_and_words(rows):
    english = ("statement", "printed", "rank claim", " each", "claim", "of 22")
    for row in rows.values():
        assert place_of(row) != "Elders in het rapport", row.source
        words = describe_row(row)
        assert words
        assert not any(word in words for word in english), words
