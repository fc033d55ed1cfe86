import pandas as pd
import pytest

from swtlib.disclosure import protect
from swtlib.errors import ParameterError
from swtlib.reading import (
    read_agreement,
    read_extremes,
    read_gaps,
    read_related,
    read_response,
    read_specifications,
    read_team,
)

LABELS = {
    "a": "Eerste",
    "b": "Tweede",
    "c": "Derde",
    "d": "Vierde",
    "elburg": "Elburg",
    "andere": "andere teams",
}


def means(rows):
    columns = ["group", "variable", "n", "mean", "ci_low", "ci_high", "interval"]
    frame = pd.DataFrame(rows, columns=columns)
    return protect(frame.assign(sd=0.2, df=58), kind="mean")


def test_read_extremes_names_the_ends_with_interval_and_n():
    table = means(
        [
            ("alle", "a", 66, 0.8, 0.7, 0.9, "t"),
            ("alle", "b", 66, 0.5, 0.4, 0.6, "t"),
            ("alle", "c", 66, 0.6, 0.5, 0.7, "t"),
        ]
    )
    told = read_extremes(table, labels=LABELS, group="alle")
    assert told == (
        "Het hoogst scoort ‘Eerste’ (0,80, interval 0,70 tot 0,90, n = 66). "
        "Het laagst scoort ‘Tweede’ (0,50, interval 0,40 tot 0,60, n = 66)."
    )


def test_read_extremes_names_ties_as_printed():
    table = means(
        [
            ("alle", "a", 66, 0.804, 0.7, 0.9, "t"),
            ("alle", "b", 66, 0.796, 0.7, 0.9, "t"),
            ("alle", "c", 66, 0.5, 0.4, 0.6, "t"),
        ]
    )
    told = read_extremes(table, labels=LABELS, group="alle")
    assert told.startswith(
        "Het hoogst scoren ‘Eerste’ en ‘Tweede’, met elk 0,80 (66 antwoorden)."
    )


def test_read_extremes_says_when_all_is_equal_and_when_there_is_nothing():
    equal = means([("alle", v, 66, 0.5, 0.4, 0.6, "t") for v in "ab"])
    told = read_extremes(equal, labels=LABELS, group="alle")
    assert told == "Alles scoort even hoog: 0,50."
    hidden = means([("alle", v, 3, 0.5, 0.4, 0.6, "t") for v in "ab"])
    assert read_extremes(hidden, labels=LABELS, group="alle") == ""


def team_table(differences, *, n=7, interval="t", census=False):
    """Set Elburg beside the others: variable to difference and half an interval."""
    rows = []
    for name, (difference, _) in differences.items():
        mean, kind = 0.5 + difference, "telling" if census else "t"
        size = n if isinstance(n, int) else n[len(rows)]
        rows.append(("elburg", name, size, mean, mean - 0.1, mean + 0.1, kind))
    rows += [("andere", name, 59, 0.5, 0.45, 0.55, "t") for name in differences]
    columns = ["group", "variable", "n", "mean", "ci_low", "ci_high", "interval"]
    frame = pd.DataFrame(rows, columns=columns).assign(sd=0.2, df=58)
    middle = frame["variable"].map({v: d for v, (d, _) in differences.items()})
    half = frame["variable"].map({v: h for v, (_, h) in differences.items()})
    frame["difference"] = middle
    frame["difference_low"], frame["difference_high"] = middle - half, middle + half
    frame["difference_interval"] = interval
    frame["effect"] = middle / 0.2
    own = [name for name in frame if name.startswith(("difference", "effect"))]
    frame[own] = frame[own].mask(frame["group"] == "andere")
    return protect(frame, kind="mean")


NONE = float("nan")


def test_read_team_names_what_lies_on_one_side_of_0_and_is_large_enough():
    # b: 0.09 to 0.31; c: the interval holds 0; d: clear, but under 0.1
    table = team_table(
        {"a": (-0.3, 0.1), "b": (0.2, 0.11), "c": (0.2, 0.21), "d": (0.09, 0.02)}
    )
    assert read_team(table, labels=LABELS) == (
        "Elburg scoort, naast de andere teams, duidelijk hoger op ‘Tweede’ (verschil "
        "+0,20, interval +0,09 tot +0,31) en lager op ‘Eerste’ (verschil −0,30, "
        "interval −0,40 tot −0,20). Daar ligt het hele interval aan één kant van 0, "
        "en is het verschil 0,10 of meer. Het gaat om 4 vergelijkingen. Ook als er "
        "geen enkel verschil was, zou er door toeval ongeveer 1 op de 20 uitspringen. "
        # half the widths: 0.10 0.11 0.21 0.02, median 0.105
        "Met 7 antwoorden in Elburg is een gemeten verschil hier pas van toeval te "
        "onderscheiden als het ongeveer 0,11 of groter is. Kleinere verschillen "
        "kunnen er wel zijn, maar zijn zo niet te zien."
    )


def test_read_team_names_a_difference_of_exactly_the_least():
    table = team_table({"a": (0.7 - 0.6, 0.05), "b": (0.0, 0.05)})  # 0.09999...
    assert "hoger op ‘Eerste’" in read_team(table, labels=LABELS)
    assert "hoger" not in read_team(table, labels=LABELS, least=0.11)


def test_read_team_reads_the_interval_as_printed():
    table = team_table({"a": (0.2, 0.196), "b": (-0.2, 0.194)})
    told = read_team(table, labels=LABELS)
    assert "hoger" not in told  # 0,00 tot +0,40
    assert "lager op ‘Tweede’ (verschil −0,20, interval −0,39 tot −0,01)" in told


def test_read_team_without_difference_does_not_claim_equality():
    told = read_team(team_table({"a": (0.1, 0.2), "b": (0, 0.3)}), labels=LABELS)
    assert told == (
        "Elburg verschilt hier niet duidelijk van de andere teams: bij 2 "
        "vergelijkingen is er geen verschil van 0,10 of meer met het hele interval "
        "aan één kant van 0. Dat betekent niet dat de teams gelijk zijn. Met 7 "
        "antwoorden in Elburg is een gemeten verschil hier pas van toeval te "
        "onderscheiden als het ongeveer 0,25 of groter is. Kleinere verschillen "
        "kunnen er wel zijn, maar zijn zo niet te zien."
    )
    one = read_team(team_table({"a": (0.1, 0.2)}), labels=LABELS)
    assert "bij 1 vergelijking is er" in one


@pytest.mark.parametrize(
    ("number", "confidence", "told"),
    [
        (14, 0.95, "1 op de 20 uitspringen: hier al gauw één."),  # 14 * 0.05 = 0.7
        (9, 0.95, "1 op de 20 uitspringen."),  # 0.45
        (32, 0.95, "1 op de 20 uitspringen: hier al gauw 2."),  # 1.6
        (14, 0.9, "1 op de 10 uitspringen: hier al gauw één."),  # 1.4
        (14, 0.99, "1 op de 100 uitspringen."),  # 0.14
    ],
)
def test_read_team_counts_what_chance_alone_would_give(number, confidence, told):
    names = [f"v{i}" for i in range(number)]
    labels = LABELS | {name: name for name in names}
    table = team_table(dict.fromkeys(names, (0.2, 0.1)))
    assert told in read_team(table, labels=labels, confidence=confidence)


def test_read_team_of_a_census_beside_a_sample_has_an_interval():
    table = team_table({"a": (0.16, 0.05), "b": (0.04, 0.03)}, census=True)
    told = read_team(table, labels=LABELS)
    assert "hoger op ‘Eerste’ (verschil +0,16, interval +0,11 tot +0,21)" in told
    assert "Tweede" not in told  # 0.04: a step of one answer is no news
    assert "ongeveer 0,04 of groter" in told
    assert "telling" in told
    assert told.endswith("Het interval van het verschil komt van de andere teams.")


def test_read_team_of_a_census_beside_a_census_knows_no_chance():
    counted = {"a": (0.16, NONE), "b": (-0.04, NONE)}
    told = read_team(team_table(counted, interval="telling"), labels=LABELS)
    assert told.startswith(
        "Elburg scoort, naast de andere teams, duidelijk hoger op ‘Eerste’ (verschil "
        "+0,16). Daar is het verschil 0,10 of meer."
    )
    assert "toeval" not in told
    assert "komt van de andere teams" not in told
    small = team_table({"a": (0.04, NONE)}, interval="telling")
    told = read_team(small, labels=LABELS)
    assert "bij 1 vergelijking is er geen verschil van 0,10 of meer. Dat" in told


def test_read_team_names_three_and_counts_the_rest():
    table = team_table({v: (0.4 - i / 100, 0.1) for i, v in enumerate("abcd")})
    told = read_team(table, labels=LABELS)
    assert "en op nog 1 andere" in told
    assert "Vierde" not in told


def test_read_team_never_speaks_of_a_hidden_cell():
    hidden = team_table({"a": (0.4, 0.1), "b": (0.3, 0.1)}, n=4)
    told = read_team(hidden, labels=LABELS)
    assert "niets te laten zien" in told
    assert "0," not in told
    some = team_table({"a": (0.4, 0.1), "b": (0.3, 0.1)}, n=[4, 6])
    told = read_team(some, labels=LABELS)
    assert "‘Tweede’ (verschil +0,30" in told
    assert "Eerste" not in told
    assert "Het gaat om 1 vergelijking." in told
    assert "Met 6 antwoorden" in told


def test_read_team_says_when_there_is_nothing_to_compute():
    table = team_table({"a": (0.4, NONE)}, interval="geen")
    told = read_team(table, labels=LABELS)
    assert told == "Hoe Elburg van de andere teams verschilt, is niet te berekenen."


def test_read_team_gives_the_range_of_the_numbers_of_answers():
    table = team_table({"a": (0.4, 0.1), "b": (0.3, 0.1)}, n=[6, 8])
    assert "Met 6 tot 8 antwoorden in Elburg" in read_team(table, labels=LABELS)


def test_read_team_refuses_a_table_without_the_difference():
    rows = [(g, "a", 9, 0.5, 0.4, 0.6, "t") for g in ("elburg", "andere")]
    with pytest.raises(ParameterError, match="with the difference: use scale_means"):
        read_team(means(rows), labels=LABELS)


def test_read_team_is_silent_on_the_page_of_all_teams():
    table = means([("alle", "a", 66, 0.5, 0.4, 0.6, "t")])
    assert read_team(table, labels=LABELS) == ""


def test_read_agreement_gives_share_interval_and_n():
    frame = pd.DataFrame(
        {
            "group": "alle",
            "variable": "a",
            "category": ["oneens", "neutraal", "eens"],
            "n": 50,
            "count": [10, 10, 30],
            "share": [0.2, 0.2, 0.6],
            "ci_low": [0.11, 0.11, 0.46],
            "ci_high": [0.33, 0.33, 0.72],
        }
    )
    table = protect(frame, kind="distribution")
    told = read_agreement(table, labels=LABELS)
    assert told == "Eerste: 60% (46 tot 72%) is het (deels) eens, n = 50."
    with pytest.raises(ParameterError, match="agreement_with_ci"):
        read_agreement(means([("alle", "a", 9, 0.5, 0.4, 0.6, "t")]), labels=LABELS)


def test_read_gaps_names_the_largest_and_smallest_wish():
    frame = pd.DataFrame(
        {
            "group": "alle",
            "variable": ["a", "b"],
            "n": 66,
            "gap": [0.5, 1.2],
            "sd": 0.4,
            "ci_low": [0.4, 1.1],
            "ci_high": [0.6, 1.3],
        }
    )
    told = read_gaps(protect(frame, kind="mean"), labels=LABELS)
    assert told.startswith("De grootste ontwikkelwens is ‘Tweede’ (1,20, interval 1,10")
    hidden = read_gaps(protect(frame.assign(n=3), kind="mean"), labels=LABELS)
    assert "niet te laten zien" in hidden


def read_ranks(rows, *, n=9, interval="t", **options):
    """Read gaps with rank, lowest and highest rank."""
    columns = ["variable", "gap", "rank", "rank_low", "rank_high"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.assign(
        group="alle", n=n, sd=0.4, df=58, ci_low=frame["gap"] - 0.1, interval=interval
    )
    frame["ci_high"] = frame["gap"] + 0.1
    return read_gaps(protect(frame, kind="mean"), labels=LABELS, **options)


def test_read_gaps_says_what_is_certain_of_the_order():
    # Certain pairs: a above d, b above d, c above d: 4 - 3 for each of three.
    told = read_ranks(
        [("a", 1.2, 1, 1, 3), ("b", 1.1, 2, 1, 3), ("c", 1, 3, 1, 3), ("d", 0, 4, 4, 4)]
    )
    assert told.endswith(
        "Met 95% zekerheid hoort ‘Eerste’ bij de eerste 3 en staat ‘Vierde’ onderaan. "
        "Van de 6 tweetallen competenties is bij 3 zeker welke wens groter is, bij de "
        "andere 3 niet."
    )
    told = read_ranks(
        [
            ("a", 1.2, 1, 1, 2),
            ("b", 1.1, 2, 1, 4),
            ("c", 1, 3, 2, 4),
            ("d", 0, 4, 2, 4),
        ],
        confidence=0.975,
    )
    assert (
        "Met 97,5% zekerheid hoort ‘Eerste’ bij de eerste 2 en hoort ‘Vierde’" in told
    )
    assert "bij de laatste 3. Van de 6 tweetallen" in told


def test_read_gaps_says_only_what_one_end_gives():
    told = read_ranks([("a", 1.2, 1, 1, 2), ("b", 1.1, 2, 1, 3), ("c", 1, 3, 1, 3)])
    assert "zekerheid hoort ‘Eerste’ bij de eerste 2. Van de 3 tweetallen" in told
    told = read_ranks([("a", 1.2, 1, 1, 3), ("b", 1.1, 2, 1, 2), ("c", 1, 3, 1, 3)])
    assert "zekerheid" not in told
    assert "is bij 1 zeker welke wens groter is, bij de andere 2 niet" in told


def test_read_gaps_names_what_is_tied():
    told = read_ranks(
        [("a", 1.2, 1, 1, 2), ("b", 1.2, 1, 1, 3), ("c", 1, 3, 2, 4), ("d", 1, 3, 3, 4)]
    )
    assert told.startswith(
        "De grootste ontwikkelwens delen ‘Eerste’ en ‘Tweede’ (elk 1,20), de kleinste "
        "delen ‘Derde’ en ‘Vierde’ (elk 1,00). Met 95% zekerheid horen ‘Eerste’ en "
        "‘Tweede’ bij de eerste 3 en horen ‘Derde’ en ‘Vierde’ bij de laatste 3."
    )
    four = [(name, 1.2, 1, 1, 4) for name in "abcd"]
    labels = LABELS | {"e": "Vijfde"}
    frame = pd.DataFrame([*four, ("e", 0, 5, 5, 5)]).set_axis(
        ["variable", "gap", "rank", "rank_low", "rank_high"], axis=1
    )
    frame = frame.assign(group="alle", n=9, sd=1, df=60, ci_low=0, ci_high=2)
    frame["interval"] = "t"
    told = read_gaps(protect(frame, kind="mean"), labels=labels)
    assert "delen 4 competenties (elk 1,20)" in told
    assert "Met 95% zekerheid staat ‘Vijfde’ onderaan." in told


def test_read_gaps_says_when_no_order_is_known():
    told = read_ranks([("a", 1.2, 1, 1, 2), ("b", 0.5, 2, 1, 2)], n=[6, 7])
    assert told.endswith(
        "Met 6 tot 7 antwoorden is geen volgorde vast te stellen: elke competentie kan "
        "op elke plaats staan. Dat betekent niet dat de wensen even groot zijn."
    )
    equal = read_ranks([("a", 0.5, 1, 1, 2), ("b", 0.5, 1, 1, 2)])
    assert equal.startswith(
        "De ontwikkelwens is bij alle 2 competenties even groot: 0,50. Met 9 antwoorden"
    )


def test_read_gaps_says_when_the_whole_order_is_known():
    told = read_ranks([("a", 1.2, 1, 1, 1), ("b", 1, 2, 2, 2), ("c", 0.5, 3, 3, 3)])
    assert told.endswith(
        "Met 95% zekerheid staat ‘Eerste’ bovenaan en staat ‘Derde’ onderaan. Ook de "
        "hele volgorde ertussen staat met die zekerheid vast."
    )
    two = read_ranks([("a", 1.2, 1, 1, 1), ("b", 1, 2, 2, 2)])
    assert two.endswith("staat ‘Eerste’ bovenaan en staat ‘Tweede’ onderaan.")


def test_read_gaps_reads_a_census_as_known():
    known = "Deze volgorde staat vast, want iedereen gaf beide cijfers."
    rows = [("a", 1.2, 1, 1, 1), ("b", 1, 2, 2, 2)]
    assert read_ranks(rows, interval="telling").endswith(known)
    rows = [("a", 1.2, 1, 1, 1), ("b", 1, 2, 2, 3), ("c", 1, 2, 2, 3)]
    told = read_ranks(rows, interval="telling")
    assert told.endswith(f"{known} Wat gelijk staat, deelt een plaats.")
    equal = [("a", 1, 1, 1, 2), ("b", 1, 1, 1, 2)]
    assert read_ranks(equal, interval="telling") == (
        "De ontwikkelwens is bij alle 2 competenties even groot: 1,00."
    )


def test_read_gaps_says_nothing_of_an_order_that_is_not_there():
    rows = [("a", 1.2, None, None, None), ("b", 1, None, None, None)]
    assert read_ranks(rows).endswith("‘Tweede’ (1,00, interval 0,90 tot 1,10, n = 9).")


def test_read_related_counts_before_and_after_correction():
    frame = pd.DataFrame(
        {
            "competence": ["a", "b"],
            "n": 66,
            "n_related": [6, 2],
            "n_after_bh": [3, 0],
            "n_after_holm": [1, 0],
            "n_after_bh_all": [2, 0],
            "n_after_holm_all": [0, 0],
            "n_compared": [22, 22],
        }
    )
    told = read_related(protect(frame, kind="count"), labels=LABELS)
    assert "Van de 44 vergelijkingen vallen er 8 op" in told
    assert "door toeval gemiddeld ongeveer 1 opvallen" in told  # 44 * 0.025 = 1.1
    assert "blijven er 3 over (Benjamini-Hochberg), of 1 met" in told
    assert "alle 44 vergelijkingen tegelijk: 2 (Benjamini-Hochberg) of 0 (Holm)" in told
    assert (
        "‘Eerste’: zonder correctie 6 van de 22 stellingen, per competentie "
        "gecorrigeerd 3 (Benjamini-Hochberg) of 1 (Holm), over alles 2 "
        "(Benjamini-Hochberg) of 0 (Holm)." in told
    )


def test_read_specifications_gives_ranges_and_what_always_remains():
    rows = [
        ("a", "mean", "welch", "none", 6),
        ("a", "median", "welch", "none", 4),
        ("a", "mean", "welch", "bh", 3),
        ("a", "median", "welch", "holm", 1),
        ("a", "mean", "welch", "bh_all", 1),
        ("a", "median", "welch", "holm_all", 0),
        ("b", "mean", "welch", "none", 2),
        ("b", "median", "welch", "none", 0),
        ("b", "mean", "welch", "bh", 0),
        ("b", "median", "welch", "holm", 0),
        ("b", "mean", "welch", "bh_all", 0),
        ("b", "median", "welch", "holm_all", 0),
    ]
    names = ["competence", "split", "test", "correction", "n_related"]
    frame = pd.DataFrame(rows, columns=names).assign(n=66, n_compared=22)
    told = read_specifications(protect(frame, kind="count"), labels=LABELS)
    assert "op 6 manieren berekend" in told
    assert "‘Eerste’ vallen er zonder correctie 4 tot 6" in told
    assert "met een correctie per competentie 1 tot 3" in told
    assert "over alle vergelijkingen 0 tot 1 stellingen op" in told
    assert "zonder correctie bij 1 van de 2 competenties" in told
    assert "per competentie bij 1 van de 2" in told
    assert "alle vergelijkingen bij 0 van de 2" in told
    assert told.endswith("Per competentie gecorrigeerd zijn dat ‘Eerste’.")


def test_read_specifications_leaves_out_what_was_not_compared():
    rows = [("none", 3, 22), ("bh", 1, 22), ("holm", 0, 0)]
    frame = pd.DataFrame(rows, columns=["correction", "n_related", "n_compared"])
    frame = frame.assign(competence="a", split="mean", test="welch", n=66)
    told = read_specifications(protect(frame, kind="count"), labels=LABELS)
    assert "correctie per competentie 1, met" in told
    assert "over alle vergelijkingen geen stellingen op" in told


def test_read_specifications_of_a_hidden_table_says_nothing():
    frame = pd.DataFrame({"competence": ["a"], "split": "mean", "test": "welch"})
    frame = frame.assign(correction="none", n=4, n_related=3, n_compared=22)
    assert read_specifications(protect(frame, kind="count"), labels=LABELS) == ""


def test_read_response_counts_where_the_members_are_known():
    frame = pd.DataFrame(
        {
            "group": ["a", "b", "c"],
            "members": [10, 20, None],
            "n": [9, 5, 2],
            "response_rate": [0.9, 0.25, None],
        }
    )
    told = read_response(protect(frame, kind="public"))
    assert "14 van de 30 mee (47%)" in told
