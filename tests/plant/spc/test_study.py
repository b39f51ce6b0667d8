"""Minute rows become points, a calm stretch gives limits, and only what matters calls."""

from __future__ import annotations

import numpy as np
import pytest

from plant.historian.protocol import MINUTE_MS, TierColumns
from plant.model.enterprise import ChartKind, Control
from plant.packml import State
from plant.spc.study import BASE, SETTLE_MIN, points, study

CONTROL = Control(every_min=5, lower=-1.0, upper=1.0)


def rows(values, good_ms=MINUTE_MS, low=None, high=None):
    """Minute rows with these means."""
    values = np.asarray(values, np.float64)
    count = len(values)
    return TierColumns(
        np.zeros(count, np.int32),
        np.arange(count, dtype=np.int64) * MINUTE_MS,
        values,
        values if low is None else np.asarray(low, np.float64),
        values if high is None else np.asarray(high, np.float64),
        values,
        np.ones(count, np.int64),
        np.broadcast_to(np.asarray(good_ms, np.int64), count).copy(),
    )


def executing(count):
    """A state that holds all the time."""
    return rows(np.full(count, float(State.EXECUTE)))


def noise(count, seed=1):
    """Points of deviation 0.1."""
    return np.random.default_rng(seed).normal(0.0, 0.1, count)


def of_points(means, control=CONTROL):
    """A study of points with these means."""
    minutes = np.repeat(means, control.every_min)
    lead = np.zeros(SETTLE_MIN)
    return study(control, points(control, rows([*lead, *minutes]), executing(len(minutes) + SETTLE_MIN), None))


def test_only_whole_points_of_a_settled_unit_count():
    """A stop, a bad minute and the minutes after a start are in no point; a point is on a multiple of its length."""
    state = np.full(60, float(State.EXECUTE))
    state[22] = State.HELD
    good = np.full(60, MINUTE_MS)
    good[51] = 59_999
    found = points(CONTROL, rows(np.arange(60.0), good), rows(state), None)
    assert (found.time / MINUTE_MS).tolist() == [10, 15, 35, 40, 45, 55]
    assert found.values[0].tolist() == [10.0, 11.0, 12.0, 13.0, 14.0]


def test_around_a_set_point_only_deviations_count_and_not_while_it_moves():
    """Another product is another set point, and the same chart."""
    target = np.repeat([30.0, 20.0], 30)
    low, high = target.copy(), target.copy()
    high[30] = 30.0
    found = points(CONTROL, rows(target + 0.5), executing(60), rows(target, low=low, high=high))
    assert found.values == pytest.approx(0.5)
    assert 30 not in (found.time / MINUTE_MS).tolist()


def test_too_few_points_have_no_limits():
    """And none at all are no error."""
    assert of_points(noise(24)) is None
    assert of_points([]) is None


def test_limits_come_from_the_earliest_calm_stretch_and_judge_the_rest():
    """Nothing is signalled within the base."""
    found = of_points(np.concatenate([noise(BASE), noise(20, 2) + 0.8]))
    assert found.base[0] == 0
    assert found.base[1] < BASE
    assert not found.signals[:BASE].any()
    assert found.calls[BASE:].all()
    assert found.capability.cpk.low < found.capability.cpk.value < found.capability.cpk.high
    assert abs(found.performance.cpk.value - 10 / 3) < 1.0


def test_a_capable_process_may_wander_within_half_of_its_room():
    """It signals, for whoever looks, and calls nobody."""
    found = of_points(np.concatenate([noise(BASE), noise(20, 2) * 0.1 + 0.4]))
    assert found.signals[BASE:].any()
    assert not found.calls.any()


def test_a_side_without_a_limit_calls_nobody():
    """Too dry is no fault where only moisture is limited."""
    control = Control(every_min=5, upper=1.0)
    assert not of_points(np.concatenate([noise(BASE), noise(20, 2) - 0.9]), control).calls.any()
    assert of_points(np.concatenate([noise(BASE), noise(20, 2) + 0.9]), control).calls.any()


def test_subgroups_are_charted_by_their_minutes():
    """Means of five minutes vary by the deviation of one over the root of five."""
    control = Control(ChartKind.XBAR_S, 5, None, -1.0, 1.0)
    minutes = np.random.default_rng(3).normal(0.0, 0.1, 5 * BASE)
    value = rows([*np.zeros(SETTLE_MIN), *minutes])
    found = study(control, points(control, value, executing(len(minutes) + SETTLE_MIN), None))
    assert float(found.charts.location.limits.sigma) == pytest.approx(0.1 / 5**0.5, rel=0.25)
    assert found.capability.cpk.value == pytest.approx(1.0 / 0.3, rel=0.25)


def test_a_process_that_never_varies_has_no_chart():
    """A frozen instrument is a matter of data quality."""
    assert of_points(np.zeros(60)) is None
