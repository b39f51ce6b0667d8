"""Measures of the alarm system, by hand and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.alarms.journal import Entry
from plant.alarms.measures import (
    FLOOD_WINDOW_MS,
    HOUR_MS,
    MINUTE_MS,
    STALE_MS,
    Flood,
    floods,
    measures,
    peak,
)
from plant.alarms.rules import Priority
from plant.alarms.states import Event, State

A, B, C, D = State.UNACKNOWLEDGED, State.NORMAL, State.ACKNOWLEDGED, State.RETURNED


def entry(alarm: str, time: int, event: Event = Event.RAISE, before: State = B, state: State = A, **more) -> Entry:
    """One change."""
    row = {"priority": Priority.LOW, "position": "s/p"} | more
    return Entry(alarm, time, time, time, event, before, state, **row)


def raised(alarm: str, *times: int, **more) -> list[Entry]:
    """Annunciations and returns 1 ms later."""
    return [
        each
        for time in times
        for each in (
            entry(alarm, time, **more),
            entry(alarm, time + 1, Event.CLEAR, A, D, **more),
        )
    ]


def test_rate_priorities_and_top_ten():
    """Twelve alarms once, one of them eleven times more: 24 an hour in an hour, the ten worst are 21 of 23."""
    journal = [each for number in range(12) for each in raised(f"a{number:02}", number * MINUTE_MS)]
    journal += raised("a00", *(number * MINUTE_MS + 30_000 for number in range(11)), priority=Priority.HIGH)
    found = measures([], journal, 0, HOUR_MS)["s/p"]
    assert (found.annunciations, found.per_hour) == (23, 23.0)
    assert found.priorities == {Priority.HIGH: 11, Priority.MEDIUM: 0, Priority.LOW: 12}
    assert found.top[0] == ("a00", 12)
    assert len(found.top) == 10
    assert found.top_share == pytest.approx(21 / 23)


def test_a_flood_starts_with_the_eleventh_alarm_and_ends_below_five():
    """One every 55 s: it starts with the 11th and ends when 4 are left, ten minutes after the 16th."""
    times = [number * 55_000 for number in range(20)]
    assert floods(times, HOUR_MS) == (Flood(10 * 55_000, 15 * 55_000 + FLOOD_WINDOW_MS, 20),)
    assert not floods([number * MINUTE_MS for number in range(20)], HOUR_MS), "ten in ten minutes are none"


def test_a_flood_that_goes_on_ends_with_the_window():
    """And its share is of the window."""
    journal = [each for number in range(11) for each in raised(f"a{number}", number)]
    found = measures([], journal, 0, MINUTE_MS)["s/p"]
    assert found.floods == (Flood(10, MINUTE_MS, 11),)
    assert found.flood_share == pytest.approx((MINUTE_MS - 10) / MINUTE_MS)


@given(st.lists(st.integers(0, 2 * HOUR_MS), max_size=80))
def test_floods_do_not_overlap_and_there_is_none_without_a_peak(times):
    """In order, inside of what is looked at, and exactly when some ten minutes had more than ten alarms."""
    times = sorted(times)
    found = floods(times, 3 * HOUR_MS)
    assert bool(found) == (peak(times) > 10)
    edges = [edge for flood in found for edge in (flood.start, flood.end)]
    assert edges == sorted(edges)
    assert sum(flood.alarms for flood in found) <= len(times) + 10 * len(found)
    brute = max((sum(time - FLOOD_WINDOW_MS < other <= time for other in times) for time in times), default=0)
    assert peak(times) == brute


def test_standing_and_stale():
    """What is annunciated at the end stands; a day without a break makes it stale, an acknowledgement is no break."""
    before = [entry("old", 0)]
    journal = [
        entry("old", 10, Event.ACKNOWLEDGE, A, C),
        entry("new", STALE_MS),
        *raised("gone", 20),
        entry("back", 30),
        entry("back", 40, Event.CLEAR, A, D),
        entry("back", 50, Event.RAISE, D, A),
    ]
    found = measures(before, journal, 5, STALE_MS + 40)["s/p"]
    assert found.standing == 3
    assert found.stale == ("old",)


def test_chattering_is_three_times_in_a_minute():
    """Twice is not, three times in 61 s is not."""
    journal = raised("often", 0, 20_000, 60_000) + raised("twice", 0, 1_000) + raised("seldom", 0, 30_000, 60_001)
    assert measures([], journal, 0, HOUR_MS)["s/p"].chattering == ("often",)


def test_time_to_acknowledge():
    """From the annunciation to the acknowledgement, returned alarms too; the rest is counted as not acknowledged."""
    journal = [
        entry("a", 0),
        entry("a", 5_000, Event.ACKNOWLEDGE, A, C),
        *raised("b", 1_000),
        entry("b", 12_000, Event.ACKNOWLEDGE, D, B),
        entry("c", 2_000),
    ]
    found = measures([], journal, 0, HOUR_MS)["s/p"]
    assert (found.acknowledge_s, found.slowest_s, found.unacknowledged) == (8.0, 11.0, 1)


def test_positions_are_apart_and_nothing_is_not_much():
    """Each position has its own figures; a position without annunciations has no shares."""
    found = measures([entry("x", 0, position="s/q")], raised("a", 10), 5, HOUR_MS)
    assert set(found) == {"s/p", "s/q"}
    assert (found["s/q"].annunciations, found["s/q"].top_share, found["s/q"].acknowledge_s) == (0, None, None)
    assert found["s/q"].standing == 1
    assert measures([], [], 0, 1) == {}
    with pytest.raises(ValueError, match="not after"):
        measures([], [], 1, 1)
