"""Results that runs have in common: found by content, never handed on by a run."""

import pickle

import numpy as np
import pandas as pd
import pytest

from swtlib import _ahead, figures
from swtlib._ahead import WISHES, heed, read_wishes, remembered
from swtlib._figure_style import picture_png
from swtlib.disclosure import protect

calls: list[float] = []


def total(frame: pd.DataFrame, *, times: int = 1) -> pd.DataFrame:
    calls.append(times)
    return frame.sum().mul(times).to_frame("sum")


ready_total = remembered(total)
mixed_total = remembered(total, mixed=True)
FRAME = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": ["x", None, "z"]})[["a"]]


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    calls.clear()
    monkeypatch.setattr(_ahead, "_ready", {})
    monkeypatch.setattr(_ahead, "_needed", set())
    monkeypatch.delenv(WISHES, raising=False)


@pytest.fixture
def wishes(tmp_path, monkeypatch):
    """Give what is written down as in a run."""
    path = tmp_path / "wishes"
    monkeypatch.setenv(WISHES, str(path))
    return lambda: read_wishes(path)


def work_out(written):
    """Do as the process does that runs are forked from."""
    steps = [step for wish in written if (step := heed(wish)) is not None]
    for step in steps:
        step()
    return len(steps)


def test_outside_a_batch_nothing_is_written_kept_or_looked_up(tmp_path):
    assert ready_total(FRAME).equals(total(FRAME))
    assert not _ahead._ready
    assert read_wishes(tmp_path / "wishes") == []


def test_what_is_about_one_team_is_worked_out_when_a_second_run_needs_it(wishes):
    mixed_total(FRAME)
    assert len(wishes()) == 1
    assert work_out(wishes()) == 0
    mixed_total(FRAME.copy())  # another run: equal content, other memory
    assert work_out(wishes()[1:]) == 1


def test_what_one_run_needed_is_ready_for_the_second(wishes):
    ready_total(FRAME)
    assert work_out(wishes()) == 1
    before = len(calls)
    assert ready_total(FRAME, times=1).equals(total(FRAME)) is True
    assert len(calls) == before + 2  # `times` was spelled out: another call
    found = ready_total(FRAME)
    assert len(calls) == before + 2  # found
    found["sum"] = -1
    assert ready_total(FRAME)["sum"].tolist() == [3.0]  # a copy was given


@pytest.mark.parametrize(
    "other",
    [
        FRAME.fillna(0),
        FRAME.rename(columns={"a": "c"}),
        FRAME.rename(index={0: 9}),
        FRAME.astype("float32"),
        FRAME.iloc[::-1],
        FRAME.iloc[:2],
    ],
)
def test_other_content_is_never_found(wishes, other):
    ready_total(FRAME)
    work_out(wishes())
    assert ready_total(other).equals(total(other))
    assert calls[-2:] == [1, 1]  # both were computed


def test_texts_and_missing_texts_are_content(wishes):
    one = pd.DataFrame({"t": ["a", None]})
    keys = {
        _ahead._key(("f", (frame,), []))
        for frame in (one, one.fillna("None"), one.fillna(""), one.astype(object))
    }
    assert len(keys) == 4
    assert _ahead._key(("f", (one,), [])) == _ahead._key(("f", (one.copy(),), []))


def test_a_result_of_a_run_is_never_handed_on(wishes, monkeypatch):
    # A notebook spoils the function in its own process; what is written down are
    # the arguments, and the clean process computes the result.
    monkeypatch.setattr(f"{__name__}.total", lambda *_, **__: pd.DataFrame())
    ready_total(FRAME)
    monkeypatch.undo()
    [wish] = wishes()
    name, args, _ = pickle.loads(wish[_ahead.KEY_SIZE + 1 :])
    assert name == f"{__name__}:total"
    assert args[0].equals(FRAME)


def test_large_arguments_are_not_sent_around(wishes, monkeypatch):
    monkeypatch.setattr(_ahead, "LARGEST", 100)
    ready_total(FRAME)
    assert wishes() == []


def plot():
    table = protect(
        pd.DataFrame(
            {
                "group": "alle",
                "variable": ["a", "b"],
                "n": [30, 31],
                "mean": [0.5, 0.6],
                "sd": [0.1, 0.2],
                "ci_low": [0.4, 0.5],
                "ci_high": [0.6, 0.7],
                "interval": ["", ""],
            }
        ),
        kind="mean",
    )
    labels = {"a": "Een", "b": "Twee", "alle": "alle teams"}
    return figures.plot_means(table, labels=labels, title="Titel", origin="verzonnen")


def test_a_figure_drawn_ahead_is_the_same_file_and_is_given_once(wishes):
    made = [picture_png(plot()) for _ in range(2)]
    work_out(wishes())
    ready = plot()
    assert ready.drawn
    assert picture_png(ready) == made[0] == made[1]
    assert not plot().drawn  # who asks again gets a figure of its own


def test_a_figure_that_was_changed_is_drawn_again(wishes):
    for _ in range(2):
        plot()
    work_out(wishes())
    ready = plot()
    before = picture_png(ready)
    ready.figure.axes[0].set_facecolor("red")
    assert picture_png(ready) != before
