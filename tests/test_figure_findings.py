"""Headlines say what the shown cells say, and no more."""

import re

import numpy as np
import pandas as pd
import pytest
from figure_tables import (
    FIVE,
    ORIGIN,
    PICTURES,
    SAY,
    TEAMS,
    changes,
    few_answers,
    gaps,
    means,
    ranks,
    with_difference,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from swtlib._figure_findings import LONGEST, find_choices, find_effects, first_short
from swtlib.disclosure import protect
from swtlib.figures import (
    plot_counts,
    plot_dumbbell,
    plot_likert,
    plot_means,
    plot_profiles,
    plot_ranks,
    plot_shares,
    plot_slopes,
)


def of_one(rows, **columns):
    """Means of one group: name, mean, low, high."""
    names, middles, lows, highs = zip(*rows, strict=True)
    frame = pd.DataFrame({"variable": names, "mean": middles})
    frame = frame.assign(ci_low=lows, ci_high=highs, group="alle", n=20, df=60)
    return frame.assign(sd=0.2, interval="t", **columns)


def headline(frame, plot=plot_means, kind="mean", **options):
    return plot(protect(frame, kind=kind), **SAY, **options).finding


APART = [("a", 0.9, 0.85, 0.95), ("b", 0.6, 0.55, 0.65), ("c1", 0.3, 0.2, 0.4)]


def test_means_name_the_highest_and_lowest_only_where_intervals_lie_apart():
    assert headline(of_one(APART)) == (
        "‘Parallelfase’ scoort het hoogst (0,90), ‘Netwerken en lobbyen’ het laagst "
        "(0,30)"
    )
    near = [*APART, ("c2", 0.88, 0.83, 0.93)]  # c2 may be higher than a
    assert headline(of_one(near)) == "‘Netwerken en lobbyen’ scoort het laagst (0,30)"
    both = [*near, ("s", 0.31, 0.2, 0.42)]  # and s lower than c1
    # a has the highest lower limit, 0,85; c1 the lowest upper limit, 0,40.
    assert headline(of_one(both)) == (
        "‘Parallelfase’ (0,90) scoort hoger dan ‘Netwerken en lobbyen’ (0,30)"
    )
    over = [("a", 0.7, 0.5, 0.9), ("b", 0.6, 0.4, 0.8)]
    assert headline(of_one(over)) == (
        "Geen duidelijke volgorde: alle intervallen overlappen"
    )
    assert headline(of_one(APART[:1])) == ""


def test_means_without_interval_claim_nothing_unless_everybody_answered():
    rows = [("a", 0.9, np.nan, np.nan), ("b", 0.6, np.nan, np.nan)]
    frame = of_one(rows)
    assert headline(frame.assign(interval="geen")) == (
        "De gemiddelden lopen van 0,60 tot 0,90"
    )
    assert headline(frame.assign(interval="telling")) == (
        "‘Parallelfase’ scoort het hoogst (0,90)"
    )


def test_means_do_not_speak_of_what_is_hidden():
    frame = of_one([("s", 0.99, 0.98, 1.0), *APART])
    frame.loc[0, "n"] = 3
    told = headline(frame)
    assert told.startswith("‘Parallelfase’ scoort het hoogst (0,90)")
    assert told.endswith("van wat hier te zien is")
    assert "contact" not in told


def test_team_is_set_beside_the_others_by_the_interval_of_the_difference():
    frame = means(("elburg", "andere"), ("a", "b", "c1"))
    frame["mean"] = [0.8, 0.5, 0.3, 0.6, 0.66, 0.6]  # +0,3, -0,3 and +0,06
    frame = with_difference(frame)
    picture = plot_means(protect(frame, kind="mean"), **SAY)
    assert picture.finding == (
        "Elburg scoort op ‘Parallelfase’ duidelijk hoger en op ‘Autoriteitsfase’ "
        "duidelijk lager dan andere teams"
    )
    assert "het verschil is 0,1 of meer" in picture.note
    small = frame.assign(difference=0.05, difference_low=0.01, difference_high=0.09)
    assert headline(small) == "Elburg verschilt hier niet duidelijk van andere teams"
    wide_open = frame.assign(difference=0.3, difference_low=-0.1, difference_high=0.7)
    assert "niet duidelijk" in headline(wide_open)
    unknown = frame.assign(difference_interval="geen")
    assert headline(unknown) == ""


def test_teams_lie_apart_where_two_intervals_do_not_overlap():
    frame = means(("elburg", "zuid", "west", "alle"), ("a", "b"))
    frame["mean"] = [0.2, 0.5, 0.8, 0.5, 0.5, 0.5, 0.55, 0.5]
    frame["ci_low"], frame["ci_high"] = frame["mean"] - 0.1, frame["mean"] + 0.1
    assert headline(frame, plot_profiles) == (
        "De teams lopen duidelijk uiteen op ‘Parallelfase’, van 0,20 tot 0,80"
    )
    frame.loc[2, "n"] = 4  # 0,80 is hidden now: 0,20 and 0,50 are left
    told = headline(frame, plot_profiles)
    assert told == (
        "De getoonde teams lopen duidelijk uiteen op ‘Parallelfase’, van 0,20 tot 0,50"
    )
    flat = frame.assign(mean=0.5, ci_low=0.4, ci_high=0.6, n=9)
    assert headline(flat, plot_profiles) == (
        "De teams verschillen niet duidelijk: hun intervallen overlappen"
    )


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        # Wilson, 95%: 26 of 40 is 0,495 to 0,779, and 27 of 40 is 0,520 to 0,799.
        ([0, 14, 0, 26, 0], "Geen duidelijke meerderheid"),
        ([0, 13, 0, 27, 0], "Een meerderheid antwoordt ‘eens’ (68%)"),
        ([27, 0, 13, 0, 0], "Een meerderheid antwoordt ‘oneens’ (68%)"),
    ],
)
def test_majority_is_more_than_half_with_its_uncertainty(counts, told):
    frame = few_answers(("a",), counts)
    assert headline(frame, plot_likert, "distribution", answers=FIVE) == told


def test_majorities_are_counted_over_statements_and_groups():
    agree, against, split = [0, 0, 0, 20, 20], [20, 20, 0, 0, 0], [20, 0, 0, 0, 20]
    frame = pd.concat(
        [few_answers((v,), c) for v, c in (("a", agree), ("b", against), ("s", split))]
    )
    options = {"answers": FIVE}
    assert headline(frame, plot_likert, "distribution", **options) == (
        "Een meerderheid antwoordt ‘eens’ bij 1 van de 3 stellingen en ‘oneens’ bij 1 "
        "van de 3"
    )
    two = frame[frame["variable"] != "s"]
    both = pd.concat([two.assign(group=g) for g in ("west", "andere")])
    assert headline(both, plot_likert, "distribution", **options) == (
        "West: een meerderheid ‘eens’ bij 1 van de 2 en ‘oneens’ bij 1 van de 2; "
        "andere teams: een meerderheid ‘eens’ bij 1 van de 2 en ‘oneens’ bij 1 van de 2"
    )


def test_shares_name_the_largest_only_when_that_is_sure():
    frame = few_answers(("a",), [2, 3, 2, 3, 30])
    assert headline(frame, plot_shares, "distribution") == (
        "‘volledig eens’ komt het meest voor (75%)"
    )
    even = few_answers(("a",), [8, 8, 8, 8, 8])
    assert headline(even, plot_shares, "distribution") == (
        "Geen duidelijke volgorde: alle intervallen overlappen"
    )
    several = pd.concat(
        [few_answers((v,), [40 - k, 0, 0, 0, k]) for v, k in (("a", 35), ("b", 5))]
    )
    told = headline(several, plot_shares, "distribution", answer="volledig eens")
    assert told == "Het vaakst ‘volledig eens’ bij ‘Parallelfase’ (88%)"
    several = several.replace({"answer_label": {"volledig eens": "{eens}"}})
    told = headline(several, plot_shares, "distribution", answer="{eens}")
    assert told == "Het vaakst ‘{eens}’ bij ‘Parallelfase’ (88%)"


def test_counts_gaps_ranks_and_changes_say_their_main_thing():
    assert PICTURES["counts"]().finding == (
        "De meeste bij ‘Ondernemerschap aan de dag leggen’: 14 van de 22"
    )
    themes = pd.DataFrame({"theme": ["a", "b", "c1"], "count": [5, 5, 5], "n": 20})
    table = protect(themes, kind="public")
    told = plot_counts(table, name="theme", value="count", **SAY).finding
    assert told == "Elk 5"
    assert headline(gaps().iloc[:2], plot_dumbbell) == (
        "Bij beide ligt gewenst hoger dan nu: 1,12 tot 1,90 punt"
    )
    unsure = gaps().iloc[:2].assign(ci_low=[-0.1, 1.6])
    assert headline(unsure, plot_dumbbell) == (
        "Bij 1 van de 2 ligt gewenst duidelijk hoger dan nu"
    )
    assert headline(ranks(), plot_ranks) == (
        "Wat bovenaan hoort, is niet zeker: 2 van de 4 kunnen op plaats 1 staan"
    )
    first = ranks().assign(rank_low=[2.0, 1.0, 2.0, 4.0, np.nan])
    assert headline(first, plot_ranks) == (
        "‘Ondernemerschap aan de dag leggen’ staat duidelijk op plaats 1"
    )


def test_changes_count_what_is_clear():
    say = SAY | {"year": 2016}
    clear = changes(("alle",), ("a", "b", "c1"), ci_low=-1.0, ci_high=1.0).frame
    clear = clear.drop(columns=["suppressed", "reason"])
    assert plot_slopes(protect(clear, kind="mean"), **say).finding == (
        "Bij geen van de 3 een duidelijke verandering"
    )
    clear["change"] = [0.1, -0.1, 0.01]
    clear["ci_low"], clear["ci_high"] = [0.05, -0.2, -0.1], [0.15, -0.05, 0.1]
    told = plot_slopes(protect(clear, kind="mean"), **say).finding
    assert told == (
        "‘Parallelfase’ omhoog, ‘Autoriteitsfase’ omlaag; 1 niet duidelijk veranderd"
    )
    team = plot_slopes(changes(ci_low=-1.0, ci_high=1.0), **say).finding
    assert team == "Elburg: bij geen van de 2 een duidelijke verandering"


def test_effects_and_choices_are_counted():
    effects = pd.Series([0.6, 0.7, -0.5])
    ends = ("lager", "hoger")
    assert find_effects(effects, 20, "0,5", ends, limited=True) == (
        "Bij 3 van de 20 vergelijkingen een duidelijk verschil van 0,5 of meer: 2 "
        "hoger, 1 lager"
    )
    assert find_effects(effects[:2], 20, "0,5", ends, limited=False) == (
        "Bij 2 van de 20 vergelijkingen een verschil van 0,5 of meer: alle hoger"
    )
    assert find_effects(effects[:0], 20, "0,5", ends, limited=True) == (
        "Nergens een duidelijk verschil van 0,5 of meer"
    )
    assert find_choices({"none": 9}, 22) == ""


def test_headline_that_is_too_long_makes_way():
    assert first_short(["x" * (LONGEST + 1), "kort"]) == "kort"
    assert first_short(["x" * (LONGEST + 1)]) == "x" * (LONGEST + 1)
    for sample in PICTURES.values():
        assert len(sample().finding) <= LONGEST + len("van wat hier te zien is ")


# --- a hidden cell changes nothing --------------------------------------------


cells = st.tuples(st.floats(0.1, 0.9), st.floats(0.01, 0.3))


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(rows=st.lists(cells, min_size=3, max_size=6), other=cells)
def test_headline_does_not_depend_on_a_hidden_cell(rows, other):
    def told(first):
        values = [first, *rows]
        frame = of_one([(f"v{i}", m, m - w, m + w) for i, (m, w) in enumerate(values)])
        frame.loc[0, "n"] = 4
        return headline(frame)

    assert told(rows[0]) == told(other)


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(rows=st.lists(cells, min_size=2, max_size=6))
def test_highest_is_never_named_where_another_may_be_higher(rows):
    frame = of_one([(f"v{i}", m, m - w, m + w) for i, (m, w) in enumerate(rows)])
    told = headline(frame)
    found = re.match(r"‘(v\d)’ scoort het hoogst", told)
    if found:
        best = frame.set_index("variable").loc[found[1]]
        others = frame[frame["variable"] != found[1]]
        assert (others["ci_high"] < best["ci_low"]).all()
    if told.startswith("Geen duidelijke volgorde"):
        assert frame["ci_low"].max() <= frame["ci_high"].min()


def test_headline_of_an_empty_figure_is_its_title():
    assert PICTURES["empty"]().finding == ""
    hidden = means(TEAMS, few={(g, v) for g in TEAMS for v in "ab"})
    picture = plot_profiles(protect(hidden, kind="mean"), **SAY)
    assert picture.finding == ""
    assert picture.origin == ORIGIN
