"""`plant.quality.detector`: each defect is found and booked to its hour, and nothing else is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from instruments import FEED, FREE, HOUR, LEVEL, SPEED_SP, STATE, TEMPERATURE, TOTAL, Watched, live, plant

from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.packml import State
from plant.quality.defects import Cause, Defects
from plant.quality.detector import Arrival, Arrived, Detector
from plant.readings import BAD, GOOD, STALE, Columns

REFRESHES = range(HOUR, HOUR + 2 * HOUR_MS + 1, 10 * MINUTE_MS)
SECONDS = range(HOUR, HOUR + 60_000, 1_000)


def executing(watched: Watched, since: int = HOUR - HOUR_MS) -> None:
    """The drum runs."""
    watched.see((STATE, since, State.EXECUTE))


def test_values_that_no_instrument_shows_are_out_of_range(watched):
    """Outside the span, and what is no number; a source that distrusts its value itself is not blamed for it."""
    watched.see((TEMPERATURE, HOUR, 401.0), (TEMPERATURE, HOUR + 1, -0.1), (FREE, HOUR + 2, math.nan))
    watched.see((TEMPERATURE, HOUR + 3, 400.0), (FREE, HOUR + 4, 1e30))
    watched.see((TEMPERATURE, HOUR + 5, math.nan), quality=BAD)
    assert watched.amounts(TEMPERATURE, Cause.OUT_OF_RANGE) == {0: 2}
    assert watched.amounts(FREE, Cause.OUT_OF_RANGE) == {0: 1}
    assert watched.causes() == {Cause.OUT_OF_RANGE}


def test_the_same_digits_again_and_again_are_frozen(watched):
    """From the first time that they were told, in seconds of each hour, while the unit runs."""
    executing(watched)
    watched.see(*((TEMPERATURE, time, 155.25) for time in REFRESHES), together=False)
    assert watched.amounts(TEMPERATURE, Cause.FROZEN) == {0: 3600, 1: 3600}


def test_frozen_time_does_not_depend_on_how_readings_come_together(watched, tags):
    """One by one or all at once."""
    rows = [(TEMPERATURE, time, 155.25) for time in REFRESHES]
    other = Watched(tags)
    for each in (watched, other):
        executing(each)
    watched.see(*rows)
    other.see(*rows, together=False)
    assert watched.amounts(TEMPERATURE, Cause.FROZEN) == other.amounts(TEMPERATURE, Cause.FROZEN) == {0: 3600, 1: 3600}


def test_a_calm_value_that_lives_is_not_frozen(watched):
    """Refreshes within the deadband show other digits; so does a value that comes back to the same one."""
    executing(watched)
    watched.see(*((TEMPERATURE, time, 155.0 + 0.01 * (time // MINUTE_MS % 20)) for time in REFRESHES), together=False)
    assert watched.amounts(TEMPERATURE, Cause.FROZEN) == {}


@pytest.mark.parametrize("tag", [STATE, TOTAL, SPEED_SP])
def test_what_stands_still_on_purpose_is_not_frozen(watched, tag):
    """States, counters and set points."""
    executing(watched)
    watched.see(*((tag, time, 6.0) for time in REFRESHES), together=False)
    assert watched.amounts(tag, Cause.FROZEN) == {}


@pytest.mark.parametrize("value", [0.0, 400.0])
def test_a_value_at_rest_is_not_frozen(watched, value):
    """Nothing flows, or the range ends."""
    executing(watched)
    watched.see(*((FEED, time, value) for time in REFRESHES), together=False)
    assert watched.amounts(FEED, Cause.FROZEN) == {}


def test_a_unit_that_stands_may_show_the_same(watched):
    """Frozen time begins when the unit does, and a unit that stops is not blamed."""
    watched.see((STATE, HOUR - HOUR_MS, State.STOPPED))
    watched.see(*((TEMPERATURE, time, 20.5) for time in REFRESHES[:7]), together=False)
    assert watched.amounts(TEMPERATURE, Cause.FROZEN) == {}
    watched.see((STATE, HOUR + HOUR_MS + 1, State.EXECUTE))
    watched.see(*((TEMPERATURE, time, 20.5) for time in REFRESHES[7:]), together=False)
    assert watched.amounts(TEMPERATURE, Cause.FROZEN) == {1: 3599.999}


def test_a_level_may_rest_for_longer(watched):
    """A bunker that nobody fills or empties shows the same for an hour."""
    executing(watched)
    watched.see(*((LEVEL, time, 61.25) for time in REFRESHES[:10]), together=False)
    assert watched.amounts(LEVEL, Cause.FROZEN) == {}
    watched.see(*((LEVEL, time, 61.25) for time in REFRESHES[10:]), together=False)
    assert watched.amounts(LEVEL, Cause.FROZEN) == {0: 3600, 1: 3600}


def test_births_and_replays_prove_nothing_about_frozen_values(watched):
    """A birth tells the last value again, whether the instrument lives or not."""
    executing(watched)
    watched.see(*((TEMPERATURE, time, 155.25) for time in REFRESHES), how=Arrival.BORN, together=False)
    watched.see(*((TEMPERATURE, time, 155.25) for time in REFRESHES), how=Arrival.REPLAYED, together=False)
    assert watched.amounts(TEMPERATURE, Cause.FROZEN) == {}


def test_nobody_is_blamed_for_time_in_which_the_source_was_away(watched):
    """After a death the same value begins anew, and so does the unit."""
    executing(watched)
    watched.see(*((TEMPERATURE, time, 155.25) for time in REFRESHES[:2]), together=False)
    watched.detector.away(np.array([STATE, TEMPERATURE]))
    watched.see(*((TEMPERATURE, time, 155.25) for time in REFRESHES[2:]), together=False)
    assert watched.amounts(TEMPERATURE, Cause.FROZEN) == {}
    executing(watched, REFRESHES[10])
    watched.see(*((TEMPERATURE, time, 155.25) for time in (REFRESHES[-1] + 1, REFRESHES[-1] + 2)), together=False)
    assert watched.amounts(TEMPERATURE, Cause.FROZEN) == {1: 1200, 2: 0.002}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("wild", [[90.0], [90.0, 90.2, 89.9]])
def test_a_jump_that_comes_back_at_once_is_a_spike(watched, together, wild):
    """Of one scan or of some, up or down, in one batch or over many; booked to when it began."""
    executing(watched)
    before = live(FEED, SECONDS, 40.0)
    times = range(HOUR + 60_000, HOUR + 60_000 + 1000 * len(wild), 1000)
    after = live(FEED, range(HOUR + 70_000, HOUR + 130_000, 1_000), 40.0, seed=6)
    watched.see(*before)
    watched.see(*((FEED, time, value) for time, value in zip(times, wild, strict=True)), *after)
    watched.see(*live(FEED, range(HOUR + 140_000, HOUR + 150_000, 1_000), 40.0, seed=7), together=together)
    watched.see((FEED, HOUR + 151_000, 3.0), (FEED, HOUR + 152_000, 40.1), together=together)
    assert watched.amounts(FEED, Cause.SPIKE) == {0: 2}


def test_a_change_of_the_process_is_no_spike(watched):
    """A new level stays; it may go back to the old one after a while."""
    executing(watched)
    watched.see(*live(FEED, SECONDS, 40.0), together=False)
    watched.see(*live(FEED, range(HOUR + 60_000, HOUR + 120_000, 1_000), 90.0), together=False)
    watched.see(*live(FEED, range(HOUR + 120_000, HOUR + 180_000, 1_000), 40.0), together=False)
    assert watched.amounts(FEED, Cause.SPIKE) == {}


def test_what_is_usual_for_a_tag_is_no_spike(watched):
    """A tag that always jumps about is left alone once that is known, and a unit that stops and starts as well."""
    executing(watched)
    about = [(FEED, time, 40.0 + 50.0 * (time // 1000 % 2)) for time in range(HOUR, HOUR + 600_000, 1000)]
    watched.see(*about[:300], together=False)
    learned = watched.amounts(FEED, Cause.SPIKE).get(0, 0.0)
    watched.see(*about[300:], together=False)
    assert watched.amounts(FEED, Cause.SPIKE).get(0, 0.0) == learned < 60
    watched.see(*live(TEMPERATURE, SECONDS, 150.0))
    watched.see((STATE, HOUR + 60_000, State.HELD), (TEMPERATURE, HOUR + 61_000, 20.0))
    watched.see((STATE, HOUR + 62_000, State.EXECUTE), (TEMPERATURE, HOUR + 63_000, 150.0))
    assert watched.amounts(TEMPERATURE, Cause.SPIKE) == {}


def test_a_clock_that_differs_is_not_a_slow_way(watched):
    """What was sent at once but is old, or not yet, has another clock; what was old when it was sent is late."""
    watched.see((FEED, HOUR, 1.0), (FEED, HOUR + 1, 2.0), delay_ms=20_000)
    watched.see((FEED, HOUR + 2, 3.0), delay_ms=-30_000)
    watched.see((TEMPERATURE, HOUR, 1.0), delay_ms=20_000, how=Arrival.LATE)
    watched.see((TEMPERATURE, HOUR + HOUR_MS, 1.0), delay_ms=86_400_000, how=Arrival.REPLAYED)
    watched.see((LEVEL, HOUR, 1.0), delay_ms=86_400_000, how=Arrival.BORN)
    watched.see((LEVEL, HOUR + 1, 1.0), delay_ms=9_000)
    assert watched.amounts(FEED, Cause.CLOCK_SKEW) == {0: 3}
    assert watched.amounts(TEMPERATURE, Cause.LATE) == {0: 1, 1: 1}
    assert watched.causes() == {Cause.CLOCK_SKEW, Cause.LATE}


def test_an_absurd_time_is_booked_to_the_hour_in_which_it_came(watched):
    """A clock that was never set, or is a year ahead, has no hour of its own to spoil."""
    watched.see((FEED, 0, 1.0), delay_ms=HOUR)
    watched.see((FEED, HOUR + 9_000 * HOUR_MS, 1.0), delay_ms=-9_000 * HOUR_MS)
    assert watched.amounts(FEED, Cause.CLOCK_SKEW) == {0: 2}


def test_nothing_is_found_in_nothing(watched):
    """A batch without rows."""
    assert len(watched.detector.observe(Arrived(Columns.empty(), np.empty(0, np.int64), Arrival.LIVE))) == 0


ROWS = st.lists(
    st.tuples(
        st.integers(0, 6),
        st.integers(HOUR, HOUR + 3 * HOUR_MS).map(lambda time: time // 7_000 * 7_000),
        st.sampled_from([0.0, 1.5, 6.0, 155.25, -3.0, 1e9, math.nan, math.inf]),
        st.sampled_from([GOOD, GOOD, GOOD, BAD, STALE]),
    ),
    max_size=60,
)


@given(ROWS, st.lists(st.integers(0, 60), max_size=4), st.sampled_from(Arrival))
def test_whatever_comes_the_figures_make_sense(rows, cuts, how):
    """Any values in any order and in any batches: no more defects than readings, no more seconds than the hour has."""
    watched = Watched(plant())
    tag, time, value, quality = zip(*rows, strict=True) if rows else ((), (), (), ())
    readings = Columns.of(tag, time, value, quality)
    for part in np.split(np.arange(len(readings)), sorted(cuts)):
        columns = readings.take(part)
        watched.found.append(watched.detector.observe(Arrived(columns, columns.time + 50, how)))
    found = Defects.concat(watched.found).summed()
    counts = found.cause != list(Cause).index(Cause.FROZEN)
    assert (found.amount[counts] <= len(rows)).all()
    assert (found.amount[~counts] <= 3600).all()
    assert (found.amount > 0).all()
    assert (found.hour % HOUR_MS == 0).all()


def test_more_tags_than_sixteen_bits_can_count_are_watched_alike():
    """The quick way of sorting has a slow one beside it."""
    tags = plant()
    many = [tags[FREE]] * (2**16 + 2)
    detector = Detector(many)
    last = 2**16 + 1
    times = np.arange(HOUR, HOUR + 60_000, 1_000)
    values = np.where(np.arange(60) == 50, 90.0, 40.0 + 0.3 * np.sin(np.arange(60)))
    readings = Columns(np.full(60, last, np.int32), times, values, np.full(60, GOOD, np.uint16))
    found = Defects.concat(
        detector.observe(Arrived(readings.take(part), times[part] + 100, Arrival.LIVE))
        for part in np.split(np.arange(60), [40])
    )
    assert found.tag.tolist() == [last]
    assert found.hour.tolist() == [HOUR]
