"""Sentences on what studies say together: true for every number of studies."""

import math

import pandas as pd
import pytest

from swtlib.disclosure import protect
from swtlib.errors import ParameterError
from swtlib.reading import read_studies

NAN = math.nan
ROW = {
    "kind": "hedges_g",
    "unit": "standaarddeviaties",
    "k": 7,
    "left_out": 0,
    "n_total": 254,
    "n_smallest": 8,
    "estimate": 0.4,
    "ci_low": 0.07,
    "ci_high": 0.73,
    "tau": 0.2,
    "q": 14.0,
    "q_p": 0.03,
    "i2": 0.57,
    "prediction_low": -0.2,
    "prediction_high": 1.0,
}


def read(**given):
    frame = pd.DataFrame([ROW | given])
    return read_studies(protect(frame, kind="comparison"))


def test_read_studies_says_what_was_found():
    told = read()
    assert told.startswith(
        "7 studies met samen 254 antwoorden: gemiddeld is het verschil 0,40 "
        "standaarddeviaties (95%-interval 0,07 tot 0,73)."
    )
    # Phi(0.4 / sqrt(2)) = Phi(0.2828) = 0.611
    assert "in ongeveer 61 van de 100 gevallen hoger" in told
    assert "niet mee" not in told


def test_read_studies_turns_the_words_of_a_negative_effect():
    told = read(estimate=-0.4, ci_low=-0.73, ci_high=-0.07)
    assert "in ongeveer 61 van de 100 gevallen lager" in told
    assert "Het interval ligt helemaal onder 0" in told


def test_read_studies_does_not_call_no_effect_a_chance():
    assert "van de 100" not in read(estimate=0.004, ci_low=-0.3, ci_high=0.3)


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.07, 0.73, "Het interval ligt helemaal boven 0"),
        (-0.1, 0.9, "In het interval ligt ook 0"),
        (0.0, 0.8, "In het interval ligt ook 0"),
    ],
)
def test_read_studies_says_how_sure(low, high, told):
    assert told in read(ci_low=low, ci_high=high)


def test_read_studies_says_how_far_studies_lie_apart():
    told = read()
    assert "naar schatting 0,20 rond het gemiddelde (tau)" in told
    assert "57% van de verschillen tussen de uitkomsten gaat boven toeval uit" in told
    assert "is aannemelijk (Q = 14,0, p = 0,03)" in told
    doubtful = read(q=8.0, q_p=0.24)
    assert (
        "Toeval is als verklaring niet uit te sluiten (Q = 8,0, p = 0,24)" in doubtful
    )
    alike = read(tau=0.0, q=3.0, q_p=0.8, i2=0.0)
    assert "niet verder uit elkaar dan door toeval" in alike
    assert "Dat bewijst niet dat het overal hetzelfde is." in alike


def test_read_studies_says_what_a_next_place_may_show():
    told = read()
    assert "naar verwachting tussen −0,20 en 1,00 (95%-voorspellingsinterval)" in told
    assert "ontbreken of de andere kant op gaan" in told
    assert "ontbreken of" not in read(prediction_low=0.1)


def test_read_studies_says_what_few_studies_cannot():
    assert "nauwelijks te schatten" not in read()
    told = read(k=4, tau=0.0)
    assert "Met 4 studies is nauwelijks te schatten hoe ver ze uit elkaar" in told
    assert "Met 4 studies zegt dat weinig" in told
    two = read(k=2, prediction_low=NAN, prediction_high=NAN)
    assert "is uit twee studies niet te voorspellen" in two
    assert "Met twee studies is het interval zo breed" in two


def test_read_studies_of_one_study_combines_nothing():
    unknown = dict.fromkeys(("tau", "q", "q_p", "i2"), NAN)
    unknown |= {"prediction_low": NAN, "prediction_high": NAN}
    told = read(k=1, n_total=34, **unknown)
    assert told.startswith("Er is één studie (n = 34): het verschil is 0,40")
    assert "valt er niets te combineren" in told
    assert "nan" not in told


def test_read_studies_says_who_does_not_count():
    assert "Eén studie telt niet mee" in read(left_out=1)
    assert "2 studies tellen niet mee" in read(left_out=2)
    none = read(k=0, left_out=2, estimate=NAN, ci_low=NAN, ci_high=NAN)
    assert none.startswith("Van geen enkele studie is de standaardfout bekend.")


def test_read_studies_speaks_of_a_correlation():
    told = read(kind="spearman_z", unit="Fisher z")
    assert "gemiddeld is de samenhang (rangcorrelatie) 0,40 (95%" in told
    assert "0,20 op de schaal van Fishers z rond het gemiddelde" in told
    assert "van de 100 gevallen" not in told


def test_read_studies_names_the_unit_of_a_gap():
    told = read(kind="mean_gap", unit="punten (0-10)")
    assert "het verschil 0,40 punten (0-10) (95%-interval" in told


def test_read_studies_tells_nothing_of_a_small_group():
    told = read(n_smallest=4)
    assert "0,40" not in told
    assert "niet te laten zien" in told


def test_read_studies_reads_one_question():
    two = pd.DataFrame([ROW, ROW | {"k": 3}])
    with pytest.raises(ParameterError, match="one question, not 2"):
        read_studies(protect(two, kind="comparison"))
