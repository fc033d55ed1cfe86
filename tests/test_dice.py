"""Chance that falls the same way on every machine."""

from collections import Counter

import numpy as np

from swtlib.dice import Dice


def test_dice_gives_every_subject_a_stream_of_its_own() -> None:
    first = [Dice(2015, "ages").uniform() for _ in range(2)]
    assert first[0] == first[1]
    assert Dice(2015, "grades").uniform() != first[0]
    assert Dice(2016, "ages").uniform() != first[0]


def test_dice_normals_have_mean_0_and_sd_1() -> None:
    scores = Dice(1, "normal").normals(4000)
    # a mean of 4000 has a standard error of 0.016, an sd one of 0.011
    assert abs(np.mean(scores)) < 0.06
    assert abs(np.std(scores) - 1) < 0.05


def test_dice_weighted_leaves_out_what_has_no_weight() -> None:
    dice = Dice(1, "weights")
    drawn = Counter(dice.weighted([1, 0, 3]) for _ in range(400))
    assert set(drawn) == {0, 2}
    assert 200 < drawn[2] < 360  # three quarters of 400 is 300


def test_dice_shuffled_keeps_all() -> None:
    assert sorted(Dice(1, "order").shuffled(range(9))) == list(range(9))
