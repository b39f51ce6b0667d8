"""Step functions: what holds at a time, whatever came in which order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from plant.production.steps import UNSAID, Steps

ROWS = st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 4))


def _held(rows: list[tuple[int, int, int]], row: int, time: int) -> int:
    """The plain reading of the rule."""
    told = [(at, place, value) for place, (each, at, value) in enumerate(rows) if each == row and at <= time]
    return max(told)[2] if told else UNSAID


@settings(max_examples=100, deadline=None)
@given(st.lists(ROWS, max_size=25), st.integers(0, 4), st.integers(0, 60))
def test_the_last_told_holds(rows: list[tuple[int, int, int]], row: int, time: int) -> None:
    """The value at a time is the last one told of that row until then; `UNSAID` before the first."""
    assert Steps.from_rows(rows).at(np.array([row]), np.array([time])).tolist() == [_held(rows, row, time)]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_order_of_arrival_makes_no_difference(data) -> None:
    """Any permutation of changes at different times gives the same function."""
    rows = data.draw(st.lists(ROWS, max_size=20, unique_by=lambda each: each[:2]))
    one, other = Steps.from_rows(rows), Steps.from_rows(data.draw(st.permutations(rows)))
    assert np.array_equal(one.key, other.key)
    assert np.array_equal(one.value, other.value)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, max_size=20), st.integers(0, 3), st.integers(0, 40), st.integers(1, 20))
def test_in_a_span_only_what_is_told_there_counts(
    rows: list[tuple[int, int, int]], row: int, begin: int, length: int
) -> None:
    """From the beginning of a span the value is lost until something is told; afterwards all is as before."""
    lost = 9
    spans = (np.array([row]), np.array([begin]), np.array([begin + length]))
    steps = Steps.from_rows(rows)
    broken = steps.interrupted(*spans, lost)
    told = {at for each, at, _ in rows if each == row and begin <= at < begin + length}
    for time in range(70):
        inside = begin <= time < begin + length and not any(at <= time for at in told)
        now = (np.array([row]), np.array([time]))
        assert broken.at(*now) == (lost if inside else steps.at(*now))


def test_parts_tile_the_time_that_is_asked_for() -> None:
    """`during` begins with what held before and ends with the window."""
    steps = Steps.from_rows([(1, 0, 5), (1, 10, 6), (1, 20, 7), (2, 12, 8)])
    assert list(steps.during(1, 5, 20)) == [(5, 10, 5), (10, 20, 6)]
    assert list(steps.during(2, 5, 20)) == [(5, 12, UNSAID), (12, 20, 8)]
