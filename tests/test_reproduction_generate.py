"""The reconstruction against the printed figures, counted anew.

Nothing of the generator's reading of the figures is used here: the rows of
published_2015.csv are read as text, sums are made from the answers, and the
tests of §5.3 are those of scipy.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats

import swtlib.reproduction
from swtlib.reproduction.generate import generate_answers

SEEDS = (2015, 7)  # any seed must do; 7 was not looked at beforehand
PUBLISHED = Path(swtlib.reproduction.__path__[0]) / "published_2015.csv"
TEAMS = {
    "Zwolle-Noord": "zwolle_noord",
    "Zwolle-Oost": "zwolle_oost",
    "Zwolle-Zuid": "zwolle_zuid",
    "Zwolle-West": "zwolle_west",
    "Zwolle-Centrum": "zwolle_centrum",
    "Elburg": "elburg",
    "Apeldoorn": "apeldoorn",
    "Wezep/Oldebroek": "wezep_oldebroek",
}
HEADINGS = {  # printed above a column of tables 4 and 11 -> team of table 2
    "Zwolle-Noord": ("zwolle_west", 8),
    "Zwolle-Oost": ("zwolle_centrum", 7),
    "Zwolle-Zuid": ("zwolle_noord", 17),
    "Zwolle-West": ("zwolle_zuid", 9),
    "Zwolle-Centrum": ("zwolle_oost", 11),
    "Elburg": ("elburg", 6),
}
BAKENS = {  # HAN numbers -> statements of table 10 that give table 6
    1: ["vraag_centraal"],
    2: ["open_ideeen", "proactief"],
    3: [
        "regie_licht",
        "regie_zwaar",
        "familie_licht",
        "familie_zwaar",
        "omgeving_licht",
        "omgeving_zwaar",
    ],
    4: ["vernieuwend"],
    5: ["sociale_kaart", "informeel_netwerk", "talenten_wijk"],
    6: [
        "doel_burger",
        "samenwerken_extern",
        "contact_extern",
        "doel_familie",
        "doel_omgeving",
    ],
    7: ["doel_realistisch", "effectieve_methoden"],
    8: ["ruimte_swt"],
}
ANSWERS = {
    "volledig oneens": [0],
    "deels oneens": [1],
    "deels oneens (printed: deels eens)": [1],
    "neutraal": [2],
    "deels eens": [3],
    "volledig eens": [4],
    "(deels) eens": [4, 3],
    "(deels) oneens": [0, 1],
}
LEVEL = 0.05
CLEAR = 0.07  # an unrelated cell stays well away from the level


def half_up(value: Fraction, digits: int) -> Fraction:
    unit = 10**digits
    return Fraction(math.floor(value * unit + Fraction(1, 2)), unit)


def read_published() -> list[dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows_of(source: str, statistic: str) -> Iterator[tuple[dict[str, str], Fraction]]:
    for row in read_published():
        if (row["source"], row["statistic"]) == (source, statistic):
            yield row, Fraction(row["value"])


def printed(name: str) -> Fraction:
    return next(Fraction(row["value"]) for row in read_published() if row["id"] == name)


def total(column: pd.Series) -> int:
    return int(column.dropna().sum())


@cache
def drawn(seed: int) -> pd.DataFrame:
    return generate_answers(seed)


@pytest.fixture(scope="module", params=SEEDS)
def answers(request: pytest.FixtureRequest) -> pd.DataFrame:
    return drawn(int(request.param))


@pytest.fixture
def kept(answers: pd.DataFrame) -> pd.DataFrame:
    return answers[answers["completed"]]


@pytest.fixture
def have(kept: pd.DataFrame) -> pd.DataFrame:
    return kept[[c for c in kept.columns if c.endswith("_have")]]


@pytest.fixture
def statements(kept: pd.DataFrame) -> pd.DataFrame:
    return kept[[c for c in kept.columns if c.startswith("bk_")]]


def test_generate_answers_has_77_rows_of_which_11_broke_off(
    answers: pd.DataFrame,
) -> None:
    assert len(answers) == printed("resp_responded") == 77
    assert answers["completed"].sum() == printed("resp_kept") == 66
    assert answers.columns[:5].tolist() == [
        "team",
        "bg_functie",
        "bg_leeftijd",
        "bg_werkervaring",
        "bg_geslacht",
    ]
    assert answers["bg_geslacht"].isna().all()
    assert "open_nodig" not in answers  # no answer is tied to a respondent


def test_generate_answers_gives_the_same_frame_for_a_seed() -> None:
    assert_frame_equal(generate_answers(), drawn(2015))


def test_generate_answers_gives_another_frame_for_another_seed() -> None:
    assert not drawn(7).equals(drawn(2015))


def test_answers_lie_within_the_declared_ranges(answers: pd.DataFrame) -> None:
    items = [c for c in answers.columns if c.split("_")[0] in ("gd", "bk", "exp", "al")]
    for item in [*items, *(c for c in answers.columns if c.startswith("org_"))]:
        assert set(answers[item].dropna()) <= {0.0, 1.0, 2.0, 3.0, 4.0}, item
    grades = answers.filter(regex="^comp_").to_numpy()
    # nobody grades below 4, as it is drawn; the scale itself is 0-10
    assert set(grades[~np.isnan(grades)]) <= set(range(4, 11))


# --- table 2 and chapter 5 ----------------------------------------------------


def test_teams_and_functions_are_those_of_table_2_and_figure_18(
    kept: pd.DataFrame,
) -> None:
    sizes = {
        TEAMS[row["team"]]: n
        for row, n in rows_of("tabel 2", "n")
        if row["team"] in TEAMS
    }
    assert Counter(kept["team"]) == sizes
    functions = Counter(kept["bg_functie"])
    assert functions["medewerker"] == 56
    assert functions["teamleider"] == 6
    others = {
        "amw",
        "werkbegeleider",
        "inhoudelijk_ondersteuner",
        "wijkverpleegkundige",
    }
    assert sum(functions[name] for name in others) == 4
    assert set(kept.loc[kept["bg_functie"] == "teamleider", "team"]) == {
        "zwolle_noord",
        "zwolle_zuid",
        "zwolle_west",
        "zwolle_centrum",
        "elburg",
        "apeldoorn",
    }


def test_age_and_experience_per_team_are_those_of_table_2(kept: pd.DataFrame) -> None:
    compared = 0
    for statistic in ("mean", "min", "max"):
        for row, value in rows_of("tabel 2", statistic):
            group = kept.loc[kept["team"] == TEAMS[row["team"]], row["item_key"]]
            if statistic == "mean":
                found = half_up(Fraction(float(group.sum())) / len(group), 0)
            else:
                found = Fraction(float(group.agg(statistic)))
            assert found == value, row["id"]
            compared += 1
    assert compared == 6 * 4


def test_age_and_experience_overall_are_those_of_chapter_5(kept: pd.DataFrame) -> None:
    ages, years = kept["bg_leeftijd"], kept["bg_werkervaring"]
    assert half_up(Fraction(total(ages), 66), 1) == printed("age_mean")
    assert round(float(ages.std(ddof=1)), 1) == float(printed("age_sd"))
    assert (ages.min(), ages.max()) == (printed("age_min"), printed("age_max"))
    assert half_up(Fraction(float(years.sum())) / 66, 0) == printed("exp_mean")
    assert (years < 1).sum() == printed("exp_lt1")
    assert years.max() == printed("exp_max")
    assert (years <= ages - 20).all()


def test_ages_are_not_lumpy(kept: pd.DataFrame) -> None:
    for column in ("bg_leeftijd", "bg_werkervaring"):
        assert Counter(kept[column]).most_common(1)[0][1] <= 4
        assert kept[column].nunique() >= 20


# --- tables 3, 4, 5 and 11 ----------------------------------------------------


def test_cells_of_tables_4_and_11_belong_to_the_team_with_their_n(
    kept: pd.DataFrame,
) -> None:
    compared = 0
    for source in ("tabel 4", "tabel 11"):
        for row, value in rows_of(source, "mean"):
            team, n = HEADINGS[row["team"]]
            column = kept.loc[kept["team"] == team, row["item_key"]].dropna()
            assert len(column) == n
            assert half_up(Fraction(total(column), 4 * n), 2) == value, row["id"]
            compared += 1
    assert compared == 72


def test_means_of_tables_3_and_5_are_over_58(kept: pd.DataFrame) -> None:
    compared = 0
    for source in ("tabel 3", "tabel 5"):
        for row, value in rows_of(source, "mean"):
            if row["item_key"] not in kept:
                continue  # 'Totaal gemiddelde', made of the twelve printed means
            column = kept[row["item_key"]].dropna()
            assert len(column) == 58
            assert half_up(Fraction(total(column), 4 * 58), 2) == value, row["id"]
            compared += 1
    assert compared == 12


# --- tables 6, 7, 8, 9 and 10 -------------------------------------------------


def test_statements_give_tables_6_7_and_10(kept: pd.DataFrame) -> None:
    compared = 0
    for source in ("tabel 7", "tabel 10"):
        for row, value in rows_of(source, "mean"):
            column = kept[row["item_key"]]
            assert column.notna().all()
            assert half_up(Fraction(total(column), 4 * 66), 2) == value, row["id"]
            compared += 1
    assert compared == 28
    for number, names in BAKENS.items():
        points = sum(total(kept[f"bk_{name}"]) for name in names)
        mean = Fraction(points, 4 * 66 * len(names))
        assert half_up(mean, 2) == printed(f"t6_baken{number}"), number
    assert total(kept["bk_open_ideeen"]) + total(kept["bk_proactief"]) == 414
    assert total(kept["bk_ruimte_swt"]) == 206


def test_grades_give_tables_8_and_9(kept: pd.DataFrame) -> None:
    means: dict[str, list[Fraction]] = {"have": [], "want": []}
    by_name: dict[str, Fraction] = {}
    for row, difference in rows_of("tabel 9", "diff"):
        name = row["item_key"].removesuffix("_diff")
        key = name.removeprefix("comp_")
        pair = []
        for part, ending in (("have", "cur"), ("want", "des")):
            column = kept[f"{name}_{part}"].dropna()
            mean = Fraction(total(column), len(column))
            assert half_up(mean, 1) == printed(f"t8_{key}_{ending}"), row["id"]
            means[part].append(mean)
            pair.append(mean)
        assert half_up(pair[1] - pair[0], 2) == difference, row["id"]
        by_name[key] = pair[0]
    assert len(means["have"]) == 14
    overall = [sum(values, Fraction(0)) / 14 for values in means.values()]
    assert half_up(overall[0], 1) == printed("comp_mean_cur")
    assert half_up(overall[1], 1) == printed("comp_mean_des")
    assert half_up(overall[1] - overall[0], 1) == printed("comp_mean_diff")
    ranked = sorted(by_name, key=lambda key: -by_name[key])
    assert ranked[:3] == ["nieuwsgierig", "onbevangen", "analyseren"]
    assert [key for key, mean in by_name.items() if mean < 7] == ["ondernemerschap"]


def test_only_the_missing_grades_of_table_9_are_missing(kept: pd.DataFrame) -> None:
    grades = kept.filter(regex="_(have|want)$")
    missing = grades.isna().sum()
    assert missing[missing > 0].to_dict() == {
        "comp_analyseren_have": 1,
        "comp_analyseren_want": 1,
        "comp_integraal_want": 1,
        "comp_inzicht_resultaten_want": 1,
    }
    both = kept[["comp_analyseren_have", "comp_analyseren_want"]].isna()
    assert both.all(axis=1).sum() == 1  # the same respondent


def test_wanted_grades_are_0_to_3_above_the_grades(
    kept: pd.DataFrame, have: pd.DataFrame
) -> None:
    for item in map(str, have):
        gap = (kept[item.replace("_have", "_want")] - kept[item]).dropna()
        assert gap.between(0, 3).all(), item


# --- figures 25-41 ------------------------------------------------------------


def test_exact_percentages_of_figures_25_to_41_come_out(kept: pd.DataFrame) -> None:
    compared = 0
    for row in read_published():
        blocks = ("expectation", "organisation")
        exact = row["statistic"] == "pct" and row["approx"] == "exact"
        if row["construct"] not in blocks or not exact:
            continue
        for item in row["item_key"].split(";"):
            counts = [int((kept[item] == a).sum()) for a in ANSWERS[row["category"]]]
            shares = [Fraction(100 * n, 66) for n in counts]
            direct = half_up(sum(shares, Fraction(0)), 0)
            added = sum(half_up(share, 0) for share in shares)
            assert Fraction(row["value"]) in (direct, added), row["id"]
            compared += 1
    assert compared >= 24
    # printed as a count: nobody fully disagrees (read so; the report has 'eens')
    assert not (kept["exp_efficienter"] == 0).any()


def test_approximate_percentages_are_near_and_bounds_hold(kept: pd.DataFrame) -> None:
    def share(item: str, *given: int) -> float:
        return 100 * float(kept[item].isin(given).mean())

    for item in ("exp_efficienter", "exp_tevreden_burger", "exp_prettig"):
        assert share(item, 3, 4) >= 60
    assert share("exp_efficienter", 0, 1) < 20
    for item in ("exp_inzet_burgers_1", "exp_inzet_burgers_rest"):
        assert share(item, 3, 4) >= 70
    for item in ("org_kaders", "org_taakafbakening", "org_bevoegdheden"):
        assert share(item, 3, 4) >= 25
        assert share(item, 2) >= 20
        assert abs(share(item, 0, 1) - 50) <= 5
    assert share("org_besluitvorming", 0, 1) < 33
    assert share("org_aansluiten", 3, 4) > 80
    for row in read_published():
        rough = row["statistic"] == "pct" and row["bound"] == "~"
        if rough and row["item_key"] in kept and row["category"] in ANSWERS:
            found = share(row["item_key"], *ANSWERS[row["category"]])
            assert abs(found - float(row["value"])) <= 5, row["id"]


# --- §5.3 ---------------------------------------------------------------------


def compare(high: pd.Series, low: pd.Series) -> tuple[float, list[float]]:
    """Difference of the means, and p of Student, Welch and Mann-Whitney."""
    return float(high.mean() - low.mean()), [
        stats.ttest_ind(high, low).pvalue,
        stats.ttest_ind(high, low, equal_var=False).pvalue,
        stats.mannwhitneyu(high, low, method="asymptotic").pvalue,
    ]


def test_high_grades_go_with_as_many_statements_as_printed(
    have: pd.DataFrame, statements: pd.DataFrame
) -> None:
    related: Counter[str] = Counter()
    for item in map(str, have):
        grade = have[item]
        high, low = grade > grade.mean(), grade <= grade.mean()
        for name in map(str, statements):
            difference, p = compare(
                statements.loc[high, name], statements.loc[low, name]
            )
            if max(p) < LEVEL:
                assert difference > 0, (item, name)
                related[item] += 1
            else:
                assert min(p) > CLEAR, (item, name)
    listed = {
        row["item_key"].replace("_cur", "_have"): int(row["value"])
        for row in read_published()
        if row["id"].startswith("sig_") and row["item_key"]
    }
    assert sorted(listed.values()) == [7, 7, 8, 9, 14]
    for item in map(str, have):
        if item in listed:
            assert related[item] == listed[item], item
        else:
            assert 1 <= related[item] <= 6, item


def test_five_statements_relate_to_no_grade(
    have: pd.DataFrame, statements: pd.DataFrame
) -> None:
    unrelated = {
        row["item_key"]
        for row in read_published()
        if row["statistic"] == "n_related_competences"
    }
    assert len(unrelated) == 5
    for name in map(str, statements):
        smallest = []
        for item in map(str, have):
            grade = have[item]
            high, low = grade > grade.mean(), grade <= grade.mean()
            _, p = compare(statements.loc[high, name], statements.loc[low, name])
            smallest.append(max(p))
            if name in unrelated:
                both = grade.notna()
                rho = stats.spearmanr(statements.loc[both, name], grade[both])
                assert min(*p, rho.pvalue) > CLEAR, (name, item)
        assert (min(smallest) < LEVEL) == (name not in unrelated), name


# --- what nothing published constrains: believable, not odd --------------------


def mean_correlation(frame: pd.DataFrame) -> float:
    matrix = frame.corr().to_numpy()
    return float(matrix[np.triu_indices(len(matrix), k=1)].mean())


def test_answers_hang_together_within_blocks(
    kept: pd.DataFrame, have: pd.DataFrame, statements: pd.DataFrame
) -> None:
    assert 0.25 <= mean_correlation(have) <= 0.55
    assert 0.2 <= mean_correlation(statements) <= 0.35
    for first, second in (
        ("bk_regie_licht", "bk_regie_zwaar"),
        ("bk_familie_licht", "bk_familie_zwaar"),
        ("bk_omgeving_licht", "bk_omgeving_zwaar"),
        ("bk_ruimte_swt", "gd_cur_ideeen_ruimte"),
    ):
        assert kept[first].corr(kept[second]) > 0.4, (first, second)
    for first, second in (
        ("gd_cur_doel_helder", "gd_cur_leren_kennen"),
        ("gd_cur_ideeen_ruimte", "gd_cur_aanspreken"),
        ("gd_cur_veilig", "gd_cur_meningsverschillen"),
        ("gd_cur_collega_hulp", "gd_cur_collega_advies"),
        ("gd_cur_teamleider_advies", "gd_cur_teamleider_problemen"),
    ):
        assert kept[first].corr(kept[second]) > 0.15, (first, second)
    assert kept["bg_leeftijd"].corr(kept["bg_werkervaring"]) > 0.4


def test_spread_is_believable(statements: pd.DataFrame, have: pd.DataFrame) -> None:
    assert statements.std().between(0.6, 1.2).all()
    assert have.std().between(0.8, 1.3).all()
    assert (statements.nunique() >= 3).all()


# --- who did not finish, or skipped a page -------------------------------------

PAGES = {"gd": 2, "bk": 3, "al": 4, "exp": 4, "comp": 5, "org": 6}


def page_of(item: str) -> int:
    return PAGES[item.split("_")[0]]


def test_broken_off_rows_stop_at_the_end_of_a_page(answers: pd.DataFrame) -> None:
    broken = answers[~answers["completed"]]
    assert len(broken) == printed("resp_dropped") == 11
    assert broken["last_page"].between(1, 6).all()
    assert broken[["team", "bg_functie", "bg_leeftijd"]].notna().all(axis=None)
    items = [c for c in answers.columns if c.split("_")[0] in PAGES]
    for row in broken.to_dict("records"):
        for item in items:
            answered = not math.isnan(row[item])
            reached = page_of(item) <= row["last_page"]
            # like everybody else they may leave a grade open; here nobody did
            assert answered == reached, item
    members = {
        TEAMS[row["team"]]: int(row["value"])
        for row in read_published()
        if row["source"] == "tabel 2" and row["statistic"] == "count"
    }
    for team, n in answers["team"].value_counts().items():
        assert n <= members.get(str(team), 7), team


def test_teamleiders_and_two_teams_without_column_skip_the_group_dynamics(
    kept: pd.DataFrame,
) -> None:
    block = kept.filter(like="gd_")
    assert len(block.columns) == 24
    skipped = block.isna().all(axis=1)
    leaders = kept["bg_functie"] == "teamleider"
    small = kept["team"].isin(["apeldoorn", "wezep_oldebroek"])
    assert (skipped == (leaders | small)).all()
    assert (~skipped).sum() == 58
    assert block[~skipped].notna().all(axis=None)
    rest = kept.filter(regex="^(bk|al|exp|org)_")
    assert rest.notna().all(axis=None)
    assert (kept["last_page"] == 7).all()
