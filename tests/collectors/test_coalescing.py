"""How often a unit may speak."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from collectors.coalescing import Coalescer

INTERVAL = 200
changes = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3)), max_size=60)


def test_a_silent_unit_speaks_at_once_and_the_next_change_waits():
    """At once after silence, else merged at the end of the interval."""
    coalescer = Coalescer(2, INTERVAL)
    coalescer.mark(np.array([1]))
    assert coalescer.due(1_000).tolist() == [1]
    coalescer.mark(np.array([1]))
    assert coalescer.due(1_199).tolist() == []
    assert coalescer.next_due() == 1_200
    assert coalescer.due(1_200).tolist() == [1]
    assert coalescer.next_due() is None


def test_everything_is_said_again_at_once():
    """After a reconnect no unit waits for its interval."""
    coalescer = Coalescer(3, INTERVAL)
    coalescer.mark(np.array([0, 1, 2]))
    assert coalescer.due(0).tolist() == [0, 1, 2]
    coalescer.mark_all()
    assert coalescer.due(1).tolist() == [0, 1, 2]


@given(changes)
def test_every_change_is_told_soon_and_no_unit_speaks_too_often(steps):
    """For any changes: a unit's messages are at least the interval apart, and each change is told within it."""
    coalescer = Coalescer(4, INTERVAL)
    told: dict[int, list[int]] = {unit: [] for unit in range(4)}
    asked: list[tuple[int, int]] = []
    now = 0

    def speak_until(end: int) -> None:
        while (due := coalescer.next_due()) is not None and due <= end:
            for unit in coalescer.due(max(due, 0)).tolist():
                told[unit].append(max(due, 0))

    for wait, unit in steps:
        speak_until(now + wait)
        now += wait
        coalescer.mark(np.array([unit]))
        asked.append((now, unit))
        for due in coalescer.due(now).tolist():
            told[due].append(now)
    speak_until(now + INTERVAL)
    for times in told.values():
        assert all(later - earlier >= INTERVAL for earlier, later in pairwise(times))
    for time, unit in asked:
        assert any(time <= at <= time + INTERVAL for at in told[unit])
    assert sum(map(len, told.values())) <= len(asked)
