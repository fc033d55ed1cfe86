import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swtlib.codebook import Item, Response, Scale, load_instrument
from swtlib.errors import ResponseError
from swtlib.scoring import (
    score_bounds,
    score_gap,
    score_items,
    score_scale,
    score_scales,
)

AGREE = Response(kind="scale", low=0, high=4, prefix="A")


def make_scale(n_items, *, reversed_items=(), min_valid=1):
    items = tuple(
        Item(
            id=f"i{k}",
            label=f"item {k}",
            response=AGREE,
            aspect="current",
            wording="unknown",
            reversed=k in reversed_items,
        )
        for k in range(n_items)
    )
    return Scale(id="s", label="s", response=AGREE, items=items, min_valid=min_valid)


def test_score_scale_reverses_over_the_declared_range():
    # Nobody chose 4: the observed range is 0-3, the declared range 0-4.
    scale = make_scale(2, reversed_items={1})
    answers = pd.DataFrame({"i0": [3.0, 0.0], "i1": [0.0, 3.0]})
    # (3 + 4 - 0) / 2 and (0 + 4 - 3) / 2
    assert score_scale(answers, scale).tolist() == [3.5, 0.5]


def test_score_scale_needs_min_valid_answers():
    scale = make_scale(3, min_valid=2)
    answers = pd.DataFrame(
        {"i0": [4.0, 4.0, None], "i1": [2.0, None, None], "i2": [None, None, None]}
    ).astype(float)
    scores = score_scale(answers, scale)
    assert scores.iloc[0] == 3.0  # (4 + 2) / 2, two answers
    assert scores.iloc[1:].isna().all()  # one answer, no answer


def test_score_scale_of_one_item_is_the_answer():
    scores = score_scale(pd.DataFrame({"i0": [2.0, None]}), make_scale(1))
    assert scores.iloc[0] == 2.0
    assert np.isnan(scores.iloc[1])


def test_score_scale_of_nobody_is_empty():
    assert len(score_scale(pd.DataFrame({"i0": []}), make_scale(1))) == 0


def test_score_scale_names_the_item_with_an_impossible_answer():
    answers = pd.DataFrame({"i0": [2.0, 9.0, 9.0]})
    with pytest.raises(ResponseError, match=r"'i0' has answers outside 0-4: 9 \(2"):
        score_scale(answers, make_scale(1))


def test_score_scale_names_the_item_that_holds_no_numbers():
    with pytest.raises(ResponseError, match="'i0' has answers that are no numbers"):
        score_scale(pd.DataFrame({"i0": ["2", "A3"]}), make_scale(1))
    nothing = pd.DataFrame({"i0": [None, None]}, dtype="object")
    assert score_scale(nothing, make_scale(1)).isna().all()
    mixed = pd.DataFrame({"i0": [3, None]}, dtype="object")
    assert score_scale(mixed, make_scale(1)).tolist()[0] == 3


def test_score_scale_names_the_item_without_a_column():
    with pytest.raises(ResponseError, match="'i1' has no column"):
        score_scale(pd.DataFrame({"i0": [2.0]}), make_scale(2))


def test_score_items_rescales_statements_but_not_grades():
    grade = load_instrument("competenties").items["comp_netwerken_have"]
    statement = load_instrument("bakens").items["bk_proactief"]
    answers = pd.DataFrame(
        {"team": ["elburg"], "comp_netwerken_have": [7.0], "bk_proactief": [3.0]}
    )
    assert score_items(answers, (grade,))["comp_netwerken_have"].tolist() == [7.0]
    assert score_items(answers, (statement,))["bk_proactief"].tolist() == [0.75]
    points = score_items(answers, (statement,), rescale=False)
    assert points["bk_proactief"].tolist() == [3.0]


def test_score_gap_pairs_have_and_want_by_competence():
    instrument = load_instrument("competenties")
    items = {item.id: [6.0, 7.0] for item in instrument.items.values()}
    items["comp_netwerken_want"] = [8.0, np.nan]
    answers = pd.DataFrame({"team": ["elburg", "elburg"], **items})
    have, want = score_gap(answers, instrument)
    assert list(have.columns) == list(want.columns)
    gap = (want["competentie_netwerken"] - have["competentie_netwerken"]).tolist()
    assert gap[0] == 2.0  # 8 - 6
    assert np.isnan(gap[1])


def test_score_bounds_follow_the_rescaling():
    assert score_bounds(AGREE) == (0.0, 1.0)
    assert score_bounds(AGREE, rescale=False) == (0.0, 4.0)
    assert score_bounds(Response(kind="number", low=0, high=10)) == (0.0, 10.0)
    assert score_bounds(Response(kind="text")) is None


answer = st.one_of(st.none(), st.integers(0, 4))


@given(
    rows=st.lists(st.tuples(answer, answer, answer), max_size=12),
    turned=st.sets(st.integers(0, 2)),
    min_valid=st.integers(1, 3),
)
def test_score_scale_stays_in_range_and_turns_as_a_whole(rows, turned, min_valid):
    frame = pd.DataFrame(rows, columns=["i0", "i1", "i2"], dtype=float)
    scale = make_scale(3, reversed_items=turned, min_valid=min_valid)
    mirror = make_scale(3, reversed_items={0, 1, 2} - turned, min_valid=min_valid)
    scores = score_scale(frame, scale)
    answered = frame.notna().sum(axis=1)
    assert (scores.notna() == (answered >= min_valid)).all()
    assert scores.dropna().between(0, 4).all()
    # Turning every item turns the score: s' = low + high - s.
    np.testing.assert_allclose(score_scale(frame, mirror), 4 - scores)


@given(st.permutations(range(6)))
def test_score_scales_does_not_depend_on_the_order_of_people(order):
    frame = pd.DataFrame(
        {"team": list("aabbcc"), "i0": [0, 1, 2, 3, 4, None], "i1": [4, 4, 0, 1, 2, 3]}
    )
    scale = make_scale(2)
    scores = score_scales(frame, (scale,))
    shuffled = score_scales(frame.iloc[list(order)], (scale,))
    pd.testing.assert_frame_equal(shuffled.sort_index(), scores)
