from __future__ import annotations

import numpy as np
import pytest

from simulators.world.inertia import approach, ramp, wander


def test_ten_short_steps_are_one_long_step() -> None:
    """A first-order lag ends at the same value however the time is cut, because it is solved exactly."""
    value = np.array([20.0])
    for _ in range(10):
        value = approach(value, 100.0, 1.0, 30.0)
    assert value[0] == pytest.approx(approach(np.array([20.0]), 100.0, 10.0, 30.0)[0])
    assert approach(np.array([0.0]), 1.0, 30.0, 30.0)[0] == pytest.approx(1.0 - np.exp(-1.0))


@pytest.mark.parametrize("dt_s", [1.0, 10.0])
def test_a_walk_keeps_its_deviation_and_memory(dt_s: float) -> None:
    """The stationary deviation and the correlation over one memory do not depend on the step."""
    rng = np.random.default_rng(1)
    start = value = 2.0 * rng.standard_normal(20_000)
    for _ in range(round(60.0 / dt_s)):
        value = wander(value, rng.standard_normal(20_000), dt_s, 60.0, 2.0)
    assert value.std() == pytest.approx(2.0, rel=0.03)
    assert np.corrcoef(start, value)[0, 1] == pytest.approx(np.exp(-1.0), abs=0.02)


def test_a_ramp_goes_both_ways() -> None:
    """0 at `low`, 1 at `high`, whichever is larger."""
    assert ramp(np.array([0.0, 1.5, 9.0]), 1.0, 2.0).tolist() == [0.0, 0.5, 1.0]
    assert ramp(np.array([0.0, 1.5, 9.0]), 2.0, 1.0).tolist() == [1.0, 0.5, 0.0]
