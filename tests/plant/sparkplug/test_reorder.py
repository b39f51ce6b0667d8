"""Putting messages back into order, for any order in which they may come."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from plant.sparkplug.host.reorder import WINDOW, ReorderBuffer

TIMEOUT_MS = 1_000


def shuffled(count: int, reach: int, seed: int) -> list[int]:
    """0 to count - 1 in an order in which none comes more than ``reach`` places early."""
    generator = random.Random(seed)
    return sorted(range(count), key=lambda index: index + generator.uniform(0, reach))


@given(
    first=st.integers(0, 255),
    count=st.integers(0, 700),
    reach=st.integers(0, WINDOW),
    seed=st.integers(0, 2**32),
)
def test_any_permutation_within_the_window_comes_out_in_order(first: int, count: int, reach: int, seed: int) -> None:
    """Nothing is lost, nothing is doubled, and at the end nothing waits, also across the wrap at 255."""
    buffer: ReorderBuffer[int] = ReorderBuffer(first, TIMEOUT_MS)
    out: list[int] = []
    for now_ms, index in enumerate(shuffled(count, reach, seed)):
        ready = buffer.offer((first + index) % 256, index, now_ms)
        assert ready is not None
        out += ready
    assert out == list(range(count))
    assert len(buffer) == 0
    assert buffer.deadline_ms is None


@given(first=st.integers(0, 255), lost=st.sets(st.integers(0, 99), max_size=20), seed=st.integers(0, 2**32))
def test_with_losses_all_that_came_comes_out_once_and_in_order(first: int, lost: set[int], seed: int) -> None:
    """After giving up on what is missing, exactly the messages that came have come out, in order."""
    buffer: ReorderBuffer[int] = ReorderBuffer(first, TIMEOUT_MS)
    out: list[int] = []
    came = [index for index in shuffled(100, 10, seed) if index not in lost]
    for index in came:
        out += buffer.offer((first + index) % 256, index, 0) or []
    out += buffer.skip()
    assert out == sorted(came)
    assert buffer.deadline_ms is None


@given(repeated=st.lists(st.integers(0, 60), max_size=60))
def test_what_comes_twice_is_refused(repeated: list[int]) -> None:
    """A number that waits or has passed is refused, so nothing is delivered twice."""
    buffer: ReorderBuffer[int] = ReorderBuffer(0, TIMEOUT_MS)
    out: list[int] = []
    for index in [*repeated, *range(61)]:
        out += buffer.offer(index, index, 0) or []
    assert out == list(range(61))


def test_the_wait_begins_with_the_gap_and_ends_when_it_is_due() -> None:
    """The deadline is set by the first message after a gap, not moved by more of them, and cleared with the gap."""
    buffer: ReorderBuffer[str] = ReorderBuffer(0, TIMEOUT_MS)
    assert not buffer.is_due(10**12)
    assert buffer.offer(2, "c", now_ms=100) == []
    assert buffer.offer(1, "b", now_ms=900) == []
    assert not buffer.is_due(1_099)
    assert buffer.is_due(1_100)
    assert buffer.offer(0, "a", now_ms=1_100) == ["a", "b", "c"]
    assert not buffer.is_due(10**12)


def test_going_on_after_a_skip() -> None:
    """After a skip the number after the last one that waited is expected."""
    buffer: ReorderBuffer[str] = ReorderBuffer(250, TIMEOUT_MS)
    buffer.offer(3, "late", 0)
    buffer.offer(252, "early", 0)
    assert buffer.skip() == ["early", "late"]
    assert buffer.expected == 4
    assert buffer.skip() == []
    assert buffer.expected == 4
