"""Alarms go by the time of their own edge node: whatever the clocks of others say."""

from __future__ import annotations

import numpy as np
import pytest
from watching import columns, rule, told

from collectors.alarms_clocks import BORN_MS, GRACE_MS, QUIET_MS, NodeClocks
from plant.alarms.engine import Engine
from plant.alarms.rules import Limit
from plant.alarms.states import Event, State
from plant.readings import STALE

NOW = 1_790_000_000_000
DAY = 86_400_000
NODES = np.array([0, 1], np.int32)
HERE, THERE = 0, 1
RULES = [rule(f"t{tag}", Limit(tag, 100.0, above=True, deadband=5.0), on_delay_ms=10_000) for tag in NODES.tolist()]


def run(skew: int, seconds: int, clocks: NodeClocks, engine: Engine) -> None:
    """Two nodes tell a value that is too high every second; the clock of the second is off by `skew` ms."""
    for second in range(seconds):
        now = NOW + second * 1_000
        readings = columns([(HERE, now, 120.0), (THERE, now + skew, 120.0)])
        engine.feed(readings)
        clocks.hear(readings, now)
        engine.advance_each(clocks.times(now), now)


@pytest.mark.parametrize("skew", [0, -DAY, -3_600_000, 3_600_000])
def test_a_wrong_clock_changes_no_delay(skew):
    """Both alarms begin after their ten seconds, each by its own time, no more than the grace later."""
    clocks, engine = NodeClocks(NODES, NOW), Engine(RULES, NODES, {}, NOW, NODES)
    run(skew, 10, clocks, engine)
    assert not engine.take()
    run(skew, 12 + GRACE_MS // 1_000, clocks, engine)
    assert told(engine.take()) == [
        ("t0", Event.RAISE, State.UNACKNOWLEDGED, NOW + 10_000),
        ("t1", Event.RAISE, State.UNACKNOWLEDGED, NOW + skew + 10_000),
    ]


def test_time_goes_on_where_nothing_is_heard():
    """A node that is quiet for a while goes on by our clock from its own last time; the others do not matter."""
    clocks = NodeClocks(NODES, NOW)
    clocks.hear(columns([(THERE, NOW - DAY, 1.0)]), NOW)
    assert clocks.times(NOW + QUIET_MS - 1)[THERE] == NOW - DAY
    assert clocks.times(NOW + 2 * QUIET_MS)[THERE] == NOW - DAY + 2 * QUIET_MS - GRACE_MS
    assert clocks.present(THERE, NOW + 500) == NOW - DAY + 500


def test_a_birth_alone_does_not_tell_that_a_plant_is_of_now():
    """A replayed plant is far in the past, however long its first value takes; who tells none is of now."""
    clocks = NodeClocks(NODES, NOW)
    clocks.born(columns([(THERE, NOW - DAY, 1.0)]), NOW, NOW)
    assert clocks.times(NOW + BORN_MS - 1)[THERE] == 0
    assert clocks.times(NOW + BORN_MS)[THERE] == NOW + BORN_MS - GRACE_MS
    clocks.hear(columns([(THERE, NOW - DAY + 1_000, 1.0)]), NOW + BORN_MS)
    assert clocks.times(NOW + BORN_MS + 1)[THERE] == NOW - DAY + 1_000
    clocks.born(columns([(THERE, NOW - DAY, 1.0)]), NOW - DAY + 2_000, NOW + BORN_MS + 2)
    assert clocks.times(NOW + BORN_MS + 2)[THERE] > 0


def test_that_a_source_is_away_tells_no_time():
    """Rows that end values are made by us, at our time."""
    clocks = NodeClocks(NODES, NOW)
    clocks.hear(columns([(THERE, NOW - DAY, 1.0)]), NOW)
    clocks.hear(columns([(THERE, NOW + 1_000, float("nan"), STALE)]), NOW + 1_000)
    assert clocks.heard_until(THERE) == NOW - DAY
    assert clocks.heard_until(HERE) is None


def test_a_birth_sets_a_clock_back():
    """The time of a birth counts, however new the values before it were."""
    clocks = NodeClocks(NODES, NOW)
    clocks.hear(columns([(THERE, NOW + DAY, 1.0)]), NOW)
    clocks.born(columns([(THERE, NOW - 5_000, 1.0)]), NOW, NOW)
    assert clocks.times(NOW)[THERE] == NOW


def test_people_shelve_by_our_clock():
    """Of a plant that lives in the past, too; the journal has the plant's time."""
    engine = Engine(RULES, NODES, {}, NOW, NODES)
    engine.command(RULES[THERE].key, Event.SHELVE, NOW - DAY, who="anna", why="repair", until=NOW + 1_000)
    engine.advance_each([NOW + 999, NOW - DAY + 999], NOW + 999)
    assert [each.event for each in engine.take()] == [Event.SHELVE]
    engine.advance_each([NOW + 1_100, NOW - DAY + 1_100], NOW + 1_100)
    assert told(engine.take()) == [("t1", Event.EXPIRE, State.NORMAL, NOW - DAY + 1_000)]
