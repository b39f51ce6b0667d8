"""When messages are due."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.load.schedule import FORGET_AFTER_S, LagHistogram, Schedule
from simulators.load.signals import Signals


@given(st.lists(st.floats(0.001, 0.9), min_size=1, max_size=40), st.floats(1.0, 500.0))
def test_every_message_is_due_once(steps: list[float], per_s: float) -> None:
    """However irregularly it is asked, numbers run on without a hole, and none is early."""
    schedule = Schedule(per_s, 10_000, 0.0)
    now_s, expected = 0.0, 0
    for step in steps:
        now_s += step
        turn = schedule.turn(now_s)
        assert turn.first == expected
        assert turn.left_out == 0
        assert (turn.lags_s >= -1e-9).all()
        assert (turn.lags_s <= step + 1 / per_s + 1e-9).all()
        expected += len(turn.lags_s)
    assert expected == int(np.floor(now_s * per_s)) + 1


def test_a_turn_is_bounded_and_the_rest_comes_next() -> None:
    """A late generator sends in portions, the oldest first, and says how late each is."""
    schedule = Schedule(100.0, 20, 0.0)
    first, second = schedule.turn(0.5), schedule.turn(0.5)
    assert (first.first, len(first.lags_s), second.first) == (0, 20, 20)
    assert first.lags_s[0] == pytest.approx(0.5)
    assert second.lags_s[0] == pytest.approx(0.3)


def test_what_is_too_late_is_left_out_and_counted() -> None:
    """After a sleep of 3 s only what is less than a second late is sent; no message counts twice."""
    schedule = Schedule(100.0, 10_000, 0.0)
    turn = schedule.turn(3.0)
    assert turn.left_out == turn.first == 200
    assert turn.left_out + len(turn.lags_s) == 301
    assert turn.lags_s.max() <= FORGET_AFTER_S
    assert schedule.turn(3.0).left_out == 0


def test_quantiles_are_right_within_a_bin() -> None:
    """5 % wide bins: a quantile is at most that much above the true one."""
    lags_s = np.random.default_rng(1).exponential(0.01, 50_000)
    histogram = LagHistogram()
    for part in np.array_split(lags_s, 7):
        histogram.add(part)
    for share in (0.5, 0.95):
        true_s = float(np.quantile(lags_s, share))
        assert true_s * 0.99 <= histogram.quantile_s(share) <= true_s * 1.06
    assert histogram.longest_s == lags_s.max()


def test_no_delays_have_no_quantiles() -> None:
    """Nothing sent, nothing late."""
    histogram = LagHistogram()
    histogram.add(np.array([]))
    assert histogram.quantile_s(0.95) == 0.0


def test_metrics_of_a_source_change_in_turn() -> None:
    """Each call moves the next ones, so all are told equally often; what is not told has not moved."""
    signals = Signals(2, 5, np.random.default_rng(1))
    before = signals.values.copy()
    metrics, values = signals.change(np.array([1]), 3)
    assert metrics.tolist() == [[0, 1, 2]]
    assert (values != before[1, :3]).all()
    assert (signals.values[0] == before[0]).all()
    assert (signals.values[1, 3:] == before[1, 3:]).all()
    assert signals.change(np.array([0, 1]), 3)[0].tolist() == [[0, 1, 2], [3, 4, 0]]
