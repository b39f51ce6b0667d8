from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.world.lag import content, filled, lot, travel

NOW_S = 1_795_000_000.0


def test_what_goes_in_comes_out_a_lag_later() -> None:
    """A mark put in with its label leaves after the lag, to within a slot, and nothing before."""
    state = filled(np.zeros(1), np.array([10.0]), 61, NOW_S)
    out, labels = [], []
    for step in range(800):
        put = np.array([5.0 if step == 0 else 0.0])
        state, amount, _, label = travel(state, put, 0.2 * put, np.array([77.0]), np.array([0.1]))
        out.append(amount[0])
        labels.append(label[0])
    leaving = np.flatnonzero(np.array(out) > 1e-12)
    assert sum(out) == pytest.approx(5.0)
    assert abs(leaving.mean() - 600.0) <= 10.0
    assert {labels[i] for i in leaving} == {77.0}


@pytest.mark.parametrize("passed", [0.1, 1.0])
def test_a_steady_stream_stays_steady(passed: float) -> None:
    """A dryer that is fed evenly delivers evenly whatever the step, and its content does not change."""
    state = filled(np.array([3.0]), np.array([10.0]), 31, NOW_S)
    before = content(state)[0]
    for _ in range(round(90 / passed)):
        state, out, bad, _ = travel(state, np.array([3.0 * passed]), np.zeros(1), np.zeros(1), np.array([passed]))
        assert out[0] == pytest.approx(3.0 * passed)
        assert bad[0] == 0.0
    assert content(state)[0] == pytest.approx(before)


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.0, 1.0)), min_size=1, max_size=60))
def test_nothing_is_lost_inside(steps: list[tuple[float, float]]) -> None:
    """Content plus what left is what was there plus what came in, for any feed and any speed."""
    state = filled(np.array([2.0]), np.array([10.0]), 7, NOW_S)
    balance = content(state)[0]
    for amount, passed in steps:
        state, out, _, _ = travel(state, np.array([amount]), np.zeros(1), np.zeros(1), np.array([passed]))
        balance += amount - out[0]
        assert content(state)[0] == pytest.approx(balance, abs=1e-9)
        assert out[0] >= 0.0


def test_a_dryer_that_stands_keeps_what_it_holds() -> None:
    """Without movement nothing leaves."""
    state, out, _, _ = travel(
        filled(np.array([2.0]), np.array([10.0]), 7, NOW_S), np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1)
    )
    assert out[0] == 0.0
    assert content(state)[0] == pytest.approx(12.0)


def test_a_full_dryer_is_labelled_with_the_lots_of_its_past() -> None:
    """What leaves first is the lot of a lag ago."""
    state = filled(np.array([2.0]), np.array([60.0]), 61, NOW_S)
    _, _, _, label = travel(state, np.zeros(1), np.zeros(1), np.zeros(1), np.array([0.5]))
    assert label[0] == lot(NOW_S - 3_600.0)


def test_a_step_over_several_slots_is_refused() -> None:
    """The ring cannot follow a step that is longer than its slots."""
    state = filled(np.array([2.0]), np.array([10.0]), 7, NOW_S)
    with pytest.raises(ValueError, match="shorten the step"):
        travel(state, np.zeros(1), np.zeros(1), np.zeros(1), np.array([1.5]))
