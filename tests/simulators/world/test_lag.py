from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.world.lag import LagState, Parcel, content, filled, lot, travel

NOW_S = 1_795_000_000.0


def _dryer(per_slot: float, slot_s: float, slots: int) -> LagState:
    """One dryer in which every m2 carries 2 kg of water."""
    return filled(np.array([per_slot]), np.array([slot_s]), NOW_S, np.full((1, slots), 0.002))


def _push(state: LagState, amount: float, passed: float, label: float = 0.0) -> tuple[LagState, Parcel]:
    came = Parcel(np.array([[amount], [0.2 * amount], [0.002 * amount]]), np.array([label]))
    return travel(state, came, np.array([passed]))


def test_what_goes_in_comes_out_a_lag_later() -> None:
    """A mark put in with its label leaves after the lag, to within a slot, and nothing before."""
    state = _dryer(0.0, 10.0, 61)
    out, labels = [], []
    for step in range(800):
        state, left = _push(state, 5.0 if step == 0 else 0.0, 0.1, 77.0)
        out.append(left.amount[0])
        labels.append(left.label[0])
        assert left.bad[0] == pytest.approx(0.2 * left.amount[0])
        assert left.water[0] == pytest.approx(0.002 * left.amount[0])
    leaving = np.flatnonzero(np.array(out) > 1e-12)
    assert sum(out) == pytest.approx(5.0)
    assert abs(leaving.mean() - 600.0) <= 10.0
    assert {labels[i] for i in leaving} == {77.0}


@pytest.mark.parametrize("passed", [0.1, 1.0])
def test_a_steady_stream_stays_steady(passed: float) -> None:
    """A dryer that is fed evenly delivers evenly whatever the step, and its content does not change."""
    state = _dryer(3.0, 10.0, 31)
    before = content(state)[0]
    for _ in range(round(90 / passed)):
        state, left = _push(state, 3.0 * passed, passed)
        assert left.amount[0] == pytest.approx(3.0 * passed)
    assert content(state)[0] == pytest.approx(before)


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.0, 1.0)), min_size=1, max_size=60))
def test_nothing_is_lost_inside(steps: list[tuple[float, float]]) -> None:
    """Content plus what left is what was there plus what came in, for any feed and any speed."""
    state = _dryer(2.0, 10.0, 7)
    balance = content(state)[0]
    for amount, passed in steps:
        state, left = _push(state, amount, passed)
        balance += amount - left.amount[0]
        assert content(state)[0] == pytest.approx(balance, abs=1e-9)
        assert state.water.sum() == pytest.approx(0.002 * balance, abs=1e-9)
        assert left.amount[0] >= 0.0


def test_a_dryer_that_stands_keeps_what_it_holds() -> None:
    """Without movement nothing leaves."""
    state, left = _push(_dryer(2.0, 10.0, 7), 0.0, 0.0)
    assert left.amount[0] == 0.0
    assert content(state)[0] == pytest.approx(12.0)


def test_a_full_dryer_is_labelled_with_the_lots_of_its_past() -> None:
    """What leaves first is the lot of a lag ago."""
    _, left = _push(_dryer(2.0, 60.0, 61), 0.0, 0.5)
    assert left.label[0] == lot(NOW_S - 3_600.0)


def test_a_step_over_several_slots_is_refused() -> None:
    """The ring cannot follow a step that is longer than its slots."""
    state = _dryer(2.0, 10.0, 7)
    with pytest.raises(ValueError, match="shorten the step"):
        _push(state, 0.0, 1.5)
