"""`plant.counters`: what a counter counted, whatever happened to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.counters import SMALL, Growth, increase, increase_of_rows, set_back
from plant.readings import BAD, GOOD, STALE, Columns
from plant.rollup import newest, rollup

NONE = np.full(8, np.nan)
TAG = 3


def readings(values: list[float], tag: int = TAG, start: int = 1000, quality: int = GOOD) -> Columns:
    """One reading a second."""
    n = len(values)
    return Columns.of([tag] * n, range(start, start + 1000 * n, 1000), values, [quality] * n)


def grown(values: list[float], rollover: float = math.nan) -> float | None:
    """The increase over these values of one counter."""
    return increase(readings(values), Columns.empty(), np.full(8, rollover)).of(TAG)


@pytest.mark.parametrize(
    ("values", "rollover", "amount"),
    [
        ([10, 12, 12, 15], math.nan, 5),
        ([990, 5, 20], 1000, 30),  # over the last digit: 15, then 15
        ([990, 5, 20], math.nan, 20),  # the same fall without a roll-over is a reset: 5 since, then 15
        ([500, 3, 9], 1_000_000, 9),  # far from the roll-over: a reset too
        ([50_000, 12_345, 12_400], math.nan, 55),  # another meter with a count of its own
        ([100, math.nan, 130], math.nan, 30),  # a gap costs nothing
        ([100, 110, 0, 0, 7], math.nan, 17),
        ([7], math.nan, 0),
        ([math.nan], math.nan, None),
    ],
)
def test_the_rules(values: list[float], rollover: float, amount: float | None) -> None:
    """Growth, roll-over, reset, replacement and gap, as the module says."""
    assert grown(values, rollover) == amount


def test_the_opening_value_counts() -> None:
    """What was counted between the last reading before the window and the first inside belongs to the window."""
    opening = Columns.of([TAG, 5], [0, 0], [90.0, 7.0], [GOOD, GOOD])
    found = increase(readings([100, 110]), opening, NONE)
    assert found.of(TAG) == 20
    assert found.of(5) == 0
    assert found.of(4) is None
    assert found.of(7) is None


def test_readings_that_are_not_good_are_passed_over() -> None:
    """A bad or stale reading, even with a number in it, is no reading."""
    columns = Columns.of([TAG] * 4, [1, 2, 3, 4], [10, 9999, 0, 12], [GOOD, BAD, STALE, GOOD])
    assert increase(columns, Columns.empty(), NONE).of(TAG) == 2


def test_what_a_clock_that_was_set_back_puts_in_between_is_left_out() -> None:
    """Told with times of 90 s later and with the right ones side by side, a counter seems to fall; it counts once."""
    true = [(1000 * second, 100.0 + second) for second in range(600)]
    told = sorted((time + 90_500, value) if time < 300_000 else (time, value) for time, value in true)
    columns = Columns.of([TAG] * 600, *zip(*told, strict=True), [GOOD] * 600).latest_written()
    found = columns.take(~set_back(columns, NONE))
    assert increase(columns, Columns.empty(), NONE).of(TAG) > 599
    assert increase(found, Columns.empty(), NONE).of(TAG) == 599


@pytest.mark.parametrize("values", [[10, 12, 12, 15], [990, 5, 991], [50_000, 12_345, 12_400], [7], []])
def test_a_counter_that_starts_again_was_not_set_back(values: list[float]) -> None:
    """A reset, however far it comes, and another meter."""
    assert not set_back(readings(values), NONE).any()
    assert not set_back(readings([990, 5, 20]), np.full(8, 1000.0)).any()


def test_nothing_gives_nothing() -> None:
    """No readings, no tags."""
    found = increase(Columns.empty(), Columns.empty(), NONE)
    assert isinstance(found, Growth)
    assert len(found.tag) == len(found.amount) == 0
    empty = rollup(Columns.empty(), Columns.empty(), 0, 60_000, 60_000)
    assert len(increase_of_rows(empty, Columns.empty(), NONE).tag) == 0


def slow(values: list[float], rollover: float) -> float:
    """The rules for one counter, as one would write them on paper."""
    total, before = 0.0, None
    for value in values:
        if math.isnan(value):
            continue
        if before is not None:
            if value >= before:
                total += value - before
            elif not math.isnan(rollover) and 0 <= rollover - before + value < rollover / 2:
                total += rollover - before + value
            elif value <= SMALL * before:
                total += value
        before = value
    return total


counts = st.lists(st.one_of(st.floats(0, 1000), st.just(math.nan)), max_size=12)
limits = st.sampled_from([math.nan, 1000.0, 1500.0])


@given(st.dictionaries(st.integers(0, 7), counts, max_size=4), limits)
def test_many_counters_at_once_equal_one_by_one(drawn: dict[int, list[float]], rollover: float) -> None:
    """The arrays follow the rules for each tag, and never let one touch the next."""
    columns = Columns.concat(readings(values, tag) for tag, values in drawn.items()).latest_written()
    found = increase(columns, Columns.empty(), np.full(8, rollover))
    for tag, values in drawn.items():
        known = [value for value in values if not math.isnan(value)]
        assert found.of(tag) == (pytest.approx(slow(values, rollover)) if known else None)
    assert (found.amount[np.isfinite(found.amount)] >= 0).all()


@given(counts, st.integers(0, 12), limits)
def test_a_window_is_the_sum_of_its_parts(values: list[float], cut: int, rollover: float) -> None:
    """Cut anywhere: the second part opens with what the first part read last."""
    columns, limit = readings(values), np.full(8, rollover)
    first, second = (columns.take(side) for side in (np.arange(len(values)) < cut, np.arange(len(values)) >= cut))
    known = first.take(np.isfinite(first.value))
    parts = (increase(first, Columns.empty(), limit), increase(second, newest(known), limit))
    whole = increase(columns, Columns.empty(), limit).of(TAG)
    assert sum(part.of(TAG) or 0 for part in parts) == pytest.approx(whole or 0)


@given(st.lists(st.floats(0, 90), min_size=1, max_size=30), st.floats(0, 999))
def test_a_rolling_counter_loses_nothing(steps: list[float], first: float) -> None:
    """A meter of three digits, read more often than it turns by half, counts every unit."""
    true = np.cumsum([first, *steps])
    assert grown((true % 1000).tolist(), 1000) == pytest.approx(sum(steps))


@given(
    st.lists(st.tuples(st.integers(1, 20_000), st.floats(0, 90)), min_size=1, max_size=40),
    st.floats(0, 999),
    st.sampled_from([30_000, 60_000]),
)
def test_rows_count_what_readings_count(steps: list[tuple[int, float]], first: float, width: int) -> None:
    """Minutes of a counter that rolls over at most once a row tell the same as all its readings."""
    times = np.cumsum([0, *(wait for wait, _ in steps)])
    true = np.cumsum([first, *(step for _, step in steps)])
    big = 200_000.0
    columns = Columns.of([TAG] * len(times), times.tolist(), (true % big).tolist(), [GOOD] * len(times))
    end = int(times[-1] // width + 1) * width
    rows = rollup(columns, Columns.empty(), 0, end, width)
    limit = np.full(8, big)
    assert increase_of_rows(rows, Columns.empty(), limit).of(TAG) == pytest.approx(
        increase(columns, Columns.empty(), limit).of(TAG)
    )


def test_rows_keep_what_came_before_a_reset_inside_them() -> None:
    """500, 520, reset, 2, 30 within a minute after 490: 30 before and 30 after it."""
    columns = Columns.of([TAG] * 4, [10_000, 20_000, 30_000, 40_000], [500, 520, 2, 30], [GOOD] * 4)
    opening = Columns.of([TAG], [-1], [490.0], [GOOD])
    assert increase(columns, opening, NONE).of(TAG) == 60
    rows = rollup(columns, opening, 0, 60_000, 60_000)
    assert increase_of_rows(rows, opening, NONE).of(TAG) == 60
    ended = Columns.concat([columns, Columns.of([TAG], [50_000], [math.nan], [STALE])])
    assert increase_of_rows(rollup(ended, opening, 0, 60_000, 60_000), opening, NONE).of(TAG) >= 30
