"""`plant.historian.series`: buckets, sources, the right edge, and time in which nobody watched."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Tier, TierColumns
from plant.historian.series import WIDTHS_MS, bucket_width, series
from plant.readings import GOOD, STALE, Columns
from plant.rollup import combine, rollup

T = 1_790_035_200_000
"""A full UTC day."""
TAG, OTHER = 4, 6


@pytest.fixture
def historian(tags) -> MemoryHistorian:
    """An empty historian."""
    return MemoryHistorian(tags)


def fill(historian: MemoryHistorian, columns: Columns, minutes_to: int | None = None) -> None:
    """Readings, and the tiers that the collectors would have made of them up to a time."""
    historian.write(columns)
    if minutes_to is not None:
        first = int(columns.time.min()) // MINUTE_MS * MINUTE_MS
        inside = columns.latest_written()
        rows = rollup(inside.take(inside.time < minutes_to), Columns.empty(), first, minutes_to, MINUTE_MS)
        historian.write_tier(Tier.MINUTE, rows)
        hours = combine(rows, HOUR_MS)
        historian.write_tier(Tier.HOUR, hours.take(hours.time + HOUR_MS <= minutes_to))


def ramp(start: int, count: int, step_ms: int, tag: int = TAG) -> Columns:
    """0, 1, 2 ... at equal distances."""
    return Columns.of([tag] * count, range(start, start + count * step_ms, step_ms), range(count), [GOOD] * count)


@given(st.integers(1, 400 * DAY_MS), st.integers(1, 5000))
def test_widths_are_of_the_ladder_and_fit_the_pixels(span: int, buckets: int) -> None:
    """A width is one of the ladder, no more buckets than asked for fill the window, and the source is fine enough."""
    width = bucket_width(span, buckets)
    assert width in WIDTHS_MS
    assert span / width <= buckets or width == DAY_MS
    assert DAY_MS % width == 0
    assert span <= HOUR_MS or width >= MINUTE_MS
    assert span <= 30 * DAY_MS or width >= HOUR_MS


@pytest.mark.parametrize(
    ("span", "buckets", "width"),
    [
        (60_000, 60, 1000),
        (60_000, 59, 2000),
        (HOUR_MS, 600, 10_000),
        (HOUR_MS + 1, 100_000, MINUTE_MS),
        (8 * HOUR_MS, 500, MINUTE_MS),
        (7 * DAY_MS, 500, 30 * MINUTE_MS),
        (31 * DAY_MS, 100_000, HOUR_MS),
        (365 * DAY_MS, 500, DAY_MS),
        (365 * DAY_MS, 10, DAY_MS),
    ],
)
def test_a_few_widths(span: int, buckets: int, width: int) -> None:
    """Widths round up to what people read: 1, 2, 5, 10, 15, 30 s and min, 1, 2, 3, 6, 12 h, 1 d."""
    assert bucket_width(span, buckets) == width


def test_a_short_window_is_made_from_readings(historian) -> None:
    """Up to an hour: step-wise buckets on multiples of the width, with what was held before the window."""
    fill(historian, Columns.of([TAG] * 3, [T - 5000, T + 1500, T + 3000], [2, 4, 8], [GOOD] * 3))
    found = series(historian, [TAG], T + 1000, T + 5000, 4)
    assert found.width == 1000
    assert found.time.tolist() == [T + 1000, T + 2000, T + 3000, T + 4000]
    assert found.mean.tolist() == [[3, 4, 8, 8]]
    assert found.low.tolist() == [[2, 4, 8, 8]]
    assert found.high.tolist() == [[4, 4, 8, 8]]
    assert found.coverage.tolist() == [[1, 1, 1, 1]]


def test_tags_come_in_the_order_asked_for(historian) -> None:
    """Rows follow the request, also when it repeats a tag or names one without history."""
    fill(historian, Columns.of([TAG, OTHER], [T, T], [1, 2], [GOOD, GOOD]))
    found = series(historian, [OTHER, 9, TAG, OTHER], T, T + 1000, 1)
    np.testing.assert_array_equal(found.mean, [[2], [math.nan], [1], [2]])
    assert found.coverage.tolist() == [[1], [0], [1], [1]]
    assert series(historian, [], T, T + 1000, 1).mean.shape == (0, 1)


def test_an_empty_store_gives_empty_buckets(historian) -> None:
    """Without any history every bucket is there, unknown."""
    for span in (HOUR_MS, DAY_MS, 40 * DAY_MS):
        found = series(historian, [TAG], T, T + span, 24)
        assert np.isnan(found.mean).all()
        assert (found.coverage == 0).all()
        assert found.mean.shape == (1, len(found.time))


@pytest.mark.parametrize("span", [2 * HOUR_MS, 2 * DAY_MS, 40 * DAY_MS])
def test_all_sources_tell_the_same(historian, span: int) -> None:
    """However wide the window, the buckets equal those made from all readings at once, the newest too."""
    step = 7 * MINUTE_MS + 1234
    count = (span + 3 * HOUR_MS) // step
    columns = ramp(T - HOUR_MS, count, step)
    columns.quality[::5] = STALE
    now = T + span + 100 * MINUTE_MS + 30_001
    fill(historian, columns, minutes_to=now - now % MINUTE_MS - MINUTE_MS)
    start = now - span
    found = series(historian, [TAG], start, now, 100)
    first = int(found.time[0])
    inside = columns.take((columns.time >= first) & (columns.time < now))
    truth = rollup(inside, historian.held([TAG], first), first, now, found.width)
    np.testing.assert_allclose(found.mean[0], truth.mean, rtol=1e-9)
    np.testing.assert_array_equal(found.low[0], truth.low)
    np.testing.assert_array_equal(found.high[0], truth.high)
    np.testing.assert_array_equal(found.last[0], truth.last)
    lengths = np.minimum(found.time + found.width, now) - found.time
    np.testing.assert_allclose(found.coverage[0], truth.good_ms / lengths)


def test_the_right_edge_is_never_missing(historian) -> None:
    """The minute that is not over yet is made from readings, and its coverage counts only what has passed."""
    now = T + 3 * HOUR_MS + 20_000
    fill(historian, ramp(T, 3 * 60 + 1, MINUTE_MS), minutes_to=T + 3 * HOUR_MS)
    found = series(historian, [TAG], now - 2 * HOUR_MS, now, 1000)
    assert found.time[-1] == T + 3 * HOUR_MS
    assert found.mean[0, -1] == 180
    assert found.coverage[0, -1] == 1


def without(rows: TierColumns, start: int, end: int) -> TierColumns:
    """The rows outside [start, end)."""
    return rows.take((rows.time < start) | (rows.time >= end))


def test_nothing_is_known_while_nobody_watched(historian) -> None:
    """Minutes that have no row lie before ones that have: a held value does not reach into them."""
    columns = Columns.of([TAG] * 2, [T, T + 40 * MINUTE_MS], [5, 7], [GOOD] * 2)
    inside = rollup(columns, Columns.empty(), T, T + HOUR_MS, MINUTE_MS)
    historian.write(columns)
    historian.write_tier(Tier.MINUTE, without(inside, T + 10 * MINUTE_MS, T + 30 * MINUTE_MS))
    found = series(historian, [TAG], T, T + HOUR_MS, 60)
    assert found.coverage[0].tolist() == [1] * 10 + [0] * 20 + [1] * 30
    assert np.isnan(found.mean[0, 10:30]).all()
    assert found.mean[0, 30] == 5
    assert found.mean[0, 40] == 7


def test_a_replay_shows_before_its_minutes_are_made_again(historian) -> None:
    """Inside a span without rows a reading counts from its own time on."""
    columns = Columns.of([TAG] * 2, [T, T + 20 * MINUTE_MS], [5, 6], [GOOD] * 2)
    inside = rollup(columns, Columns.empty(), T, T + HOUR_MS, MINUTE_MS)
    historian.write(columns)
    historian.write_tier(Tier.MINUTE, without(inside, T + 10 * MINUTE_MS, T + 30 * MINUTE_MS))
    found = series(historian, [TAG], T, T + HOUR_MS, 60)
    assert found.coverage[0].tolist() == [1] * 10 + [0] * 10 + [1] * 40


def test_a_tag_that_left_is_not_held_up_to_now(historian) -> None:
    """A retired tag has no row in the newest minute: its last value does not fill the right edge."""
    now = T + 2 * HOUR_MS + 30_000
    fill(historian, Columns.of([TAG], [T], [1], [GOOD]), minutes_to=T + HOUR_MS)
    fill(historian, Columns.of([OTHER], [T], [2], [GOOD]), minutes_to=T + 2 * HOUR_MS)
    for span, last_known in ((90 * MINUTE_MS, 29), (50 * MINUTE_MS, None)):
        found = series(historian, [TAG, OTHER], now - span, now, span // MINUTE_MS)
        assert found.coverage[1, -1] == 1
        assert found.coverage[0, -1] == 0
        known = np.flatnonzero(found.coverage[0] > 0)
        assert (known.max(initial=-1)) == (-1 if last_known is None else last_known)
