from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.spc.rules import RULES, signals

PATTERNS = {
    1: [0.5, -0.5, 3.1],
    2: [0.5] * 9,
    3: [-1.5, -1.0, -0.5, 0.2, 0.9, 1.4],
    4: [0.5, -0.5] * 7,
    5: [0.1, 2.1, -0.5, 2.2],
    6: [1.2, 1.3, -0.2, 1.1, 1.4],
    7: [0.5, -0.5, 0.3, -0.9, 0.1] * 3,
    8: [1.2, -1.3, 1.5, -1.1, 1.2, 1.3, -1.6, 1.2],
}
"""The shortest pattern of each test; complete at its last point."""


@pytest.mark.parametrize("rule", RULES)
def test_a_pattern_is_met_at_its_last_point_and_not_before(rule: int) -> None:
    """Each test sees its pattern when it is complete, and not one point earlier."""
    found = signals(np.array(PATTERNS[rule]), [rule])[:, rule - 1]
    assert found.tolist() == [False] * (len(found) - 1) + [True]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != 1])
def test_a_missing_point_breaks_a_pattern(rule: int) -> None:
    """What was not measured is not evidence."""
    points = np.array(PATTERNS[rule])
    points[-2] = np.nan
    assert not signals(points, [rule]).any()


@given(st.lists(st.floats(-5, 5), max_size=40), st.sampled_from(RULES))
def test_up_and_down_are_alike(points: list[float], rule: int) -> None:
    """The mirror image of a pattern is the same pattern."""
    deviations = np.array(points, np.float64)
    assert np.array_equal(signals(deviations, [rule]), signals(-deviations, [rule]))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40), st.integers(0, 39))
def test_the_future_changes_nothing(points: list[float], cut: int) -> None:
    """What was signalled stays signalled, whatever comes after: a point is judged when it is there."""
    deviations = np.array(points, np.float64)
    assert np.array_equal(signals(deviations[:cut]), signals(deviations)[:cut])


def test_tests_that_are_not_made_are_not_met() -> None:
    """Only the chosen tests speak."""
    found = signals(np.array([4.0] * 20), [2])
    assert found[:, 1].any()
    assert not np.delete(found, 1, axis=1).any()


def test_a_stable_process_seldom_signals() -> None:
    """Test 1 errs about 27 times in 10 000 on normal data, as the theory says."""
    found = signals(np.random.default_rng(3).normal(size=200_000), [1])
    assert found[:, 0].mean() == pytest.approx(0.0027, abs=0.0004)


def test_infinitely_far_points_are_judged() -> None:
    """A process that never varied and then moves is a signal, not an error."""
    assert signals(np.array([0.0, np.inf, np.inf]))[1:, 0].all()
