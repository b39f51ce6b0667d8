"""The engine: batches do not matter, chattering is held back, the past raises nothing, a restart loses nothing."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watching import columns, engine, rule, told

from plant.alarms.rules import (
    BadQuality,
    Behind,
    Deviation,
    InState,
    Limit,
    Lost,
    Rate,
    Running,
    Statistical,
)
from plant.alarms.states import Event, State
from plant.readings import BAD, GOOD, STALE

TEMPERATURE, SET_POINT, STATE, LEVEL = range(4)
HIGH = Limit(TEMPERATURE, 100.0, above=True, deadband=5.0)
RUNS = Running(STATE, frozenset({6}), 4)
RULES = [
    rule("high", HIGH, on_delay_ms=2, off_delay_ms=1),
    rule("highhigh", Limit(TEMPERATURE, 110.0, above=True, deadband=5.0), latches=True),
    rule("low", Limit(TEMPERATURE, 80.0, above=False, deadband=5.0), suppression=RUNS, on_delay_ms=1),
    rule("away", Deviation(TEMPERATURE, SET_POINT, 10.0, 2.0), on_delay_ms=3, suppression=RUNS),
    rule("fast", Rate(LEVEL, 15.0, 5)),
    rule("odd", Statistical(LEVEL, 4, 3, 3.0, 0.5)),
    rule("aborted", InState(STATE, frozenset({9}))),
    rule("bad", BadQuality(TEMPERATURE), on_delay_ms=2),
    rule("node", Lost((STATE, LEVEL)), on_delay_ms=3),
    rule("lost", Lost((STATE,)), on_delay_ms=3, suppression=Behind("s/l/u/node", 2)),
]
VALUES = {
    TEMPERATURE: st.sampled_from([70.0, 80.0, 84.0, 95.0, 96.0, 100.0, 101.0, 111.0]),
    SET_POINT: st.sampled_from([90.0, 100.0]),
    STATE: st.sampled_from([6.0, 2.0, 9.0]),
    LEVEL: st.sampled_from([0.0, 5.0, 10.0, 30.0]),
}


@st.composite
def readings(draw):
    """Readings of one unit, mostly in order of time, of any quality.

    States are never late: a delay that ends between such a state and its arrival is over or not, as it was looked at.
    """
    rows, time = [], 10
    for _ in range(draw(st.integers(1, 30))):
        time += draw(st.integers(0, 3))
        tag = draw(st.sampled_from(list(VALUES)))
        late = 0 if tag == STATE else draw(st.sampled_from([0, 0, 0, 2]))
        rows.append((tag, time - late, draw(VALUES[tag]), draw(st.sampled_from([GOOD, GOOD, GOOD, BAD, STALE]))))
    return rows, time


def by_rule(changes):
    """What became of each alarm that could be noticed, in order."""
    found = defaultdict(list)
    for each in changes:
        if not each.is_silent:
            found[each.rule.target].append((each.event, each.before, each.now.state, each.time))
    return dict(found)


@given(readings(), st.data())
def test_any_split_into_batches_gives_the_same_alarms(stream, data):
    """All at once, one by one, or cut anywhere: each alarm goes through the same changes at the same times."""
    rows, end = stream
    whole, parts = engine(RULES), engine(RULES)
    whole.feed(columns(rows))
    whole.advance(end + 100)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(rows)))) | {0, len(rows)})
    for start, stop in pairwise(cuts):
        parts.feed(columns(rows[start:stop]))
    parts.advance(end + 100)
    assert by_rule(parts.take()) == by_rule(whole.take())


@given(readings())
def test_asking_for_the_time_more_often_changes_nothing(stream):
    """Timers go off when they are due, not when somebody looks, as long as nothing comes late."""
    rows, end = stream
    rows = sorted(rows, key=lambda row: row[1])
    seldom, often = engine(RULES), engine(RULES)
    for row in rows:
        seldom.feed(columns([row]))
        often.advance(row[1])
        often.feed(columns([row]))
    for now in range(end, end + 101, 7):
        often.advance(now)
    seldom.advance(end + 100)
    often.advance(end + 100)
    assert by_rule(often.take()) == by_rule(seldom.take())


def test_a_value_that_chatters_at_the_limit_raises_once():
    """The deadband holds the alarm until the value is back by it."""
    quick = engine([rule("high", HIGH)])
    quick.feed(columns([(TEMPERATURE, time, 99.0 + time % 2 * 2) for time in range(100)]))
    assert told(quick.take()) == [("high", Event.RAISE, State.UNACKNOWLEDGED, 1)]


def test_an_on_delay_keeps_short_peaks_away():
    """What holds shorter than the delay is no alarm; what holds as long is one, at the end of the delay."""
    patient = engine([rule("high", HIGH, on_delay_ms=10)])
    patient.feed(columns([(TEMPERATURE, 0, 120.0), (TEMPERATURE, 9, 90.0), (TEMPERATURE, 20, 120.0)]))
    patient.advance(29)
    assert not patient.take()
    patient.advance(30)
    assert told(patient.take()) == [("high", Event.RAISE, State.UNACKNOWLEDGED, 30)]


def test_an_off_delay_bridges_short_returns():
    """The alarm ends when its condition has been gone for the delay."""
    patient = engine([rule("high", HIGH, off_delay_ms=10)])
    patient.feed(columns([(TEMPERATURE, 0, 120.0), (TEMPERATURE, 5, 90.0), (TEMPERATURE, 14, 120.0)]))
    patient.advance(50)
    assert [each[1] for each in told(patient.take())] == [Event.RAISE]
    patient.feed(columns([(TEMPERATURE, 60, 90.0)]))
    patient.advance(70)
    assert told(patient.take()) == [("high", Event.CLEAR, State.RETURNED, 70)]


def test_late_readings_raise_nothing():
    """A reading older than what is known of its tag changes nothing."""
    present = engine([rule("high", HIGH)])
    present.feed(columns([(TEMPERATURE, 100, 90.0)]))
    present.feed(columns([(TEMPERATURE, 50, 150.0)]))
    present.feed(columns([(TEMPERATURE, 110, 91.0), (TEMPERATURE, 105, 150.0)]))
    assert not present.take()


def test_a_birth_counts_although_the_clock_was_set_back():
    """Otherwise nothing of a source would be heard until its clock has come up again."""
    present = engine([rule("high", HIGH)])
    present.feed(columns([(TEMPERATURE, 100, 90.0)]))
    present.feed(columns([(TEMPERATURE, 50, 150.0)]), anew=True)
    assert [each[1] for each in told(present.take())] == [Event.RAISE]


@pytest.mark.parametrize("quality", [BAD, STALE])
def test_what_is_not_known_neither_raises_nor_clears(quality):
    """A standing alarm stays, a pending one has to begin anew."""
    blind = engine([rule("high", HIGH, on_delay_ms=10)])
    blind.feed(columns([(TEMPERATURE, 0, 120.0), (TEMPERATURE, 5, 120.0, quality)]))
    blind.advance(100)
    assert not blind.take()
    blind.feed(columns([(TEMPERATURE, 100, 120.0), (TEMPERATURE, 200, 50.0, quality)]))
    blind.advance(300)
    assert [each[1] for each in told(blind.take())] == [Event.RAISE]


def test_an_alarm_is_suppressed_by_design_until_its_unit_has_run_for_a_while():
    """Stopped: suppressed whatever the value; running: told when the settling time is over and it still holds."""
    low = engine([rule("low", Limit(TEMPERATURE, 80.0, above=False, deadband=5.0), suppression=RUNS)])
    low.feed(columns([(STATE, 0, 2.0), (TEMPERATURE, 1, 20.0), (STATE, 10, 6.0)]))
    low.advance(13)
    assert not told(low.take())
    assert low.standing("s/l/u/low").state is State.SUPPRESSED
    low.advance(14)
    assert told(low.take()) == [("low", Event.UNSUPPRESS, State.UNACKNOWLEDGED, 14)]


def test_a_lost_edge_node_is_one_alarm():
    """The units behind it are suppressed by design while it is gone, and until they had time to come back."""
    rules = RULES[-2:]
    heard = engine(rules)
    heard.feed(columns([(STATE, 1, 6.0), (LEVEL, 1, 5.0)]))
    heard.feed(columns([(STATE, 10, 6.0, STALE), (LEVEL, 10, 5.0, STALE)]))
    heard.advance(50)
    heard.feed(columns([(LEVEL, 60, 5.0), (STATE, 61, 6.0)]))
    heard.advance(100)
    assert told(heard.take()) == [
        ("node", Event.RAISE, State.UNACKNOWLEDGED, 13),
        ("node", Event.CLEAR, State.RETURNED, 60),
    ]


def test_births_tell_old_values_but_the_source_is_there_from_now_on():
    """An edge node comes back after long: its units get time to follow, whatever the age of their values."""
    heard = engine(RULES[-2:])
    heard.feed(columns([(STATE, 1, 6.0), (LEVEL, 1, 5.0)]), anew=True, heard=1)
    heard.feed(columns([(STATE, 10, 6.0, STALE), (LEVEL, 10, 5.0, STALE)]))
    heard.advance(500)
    heard.feed(columns([(LEVEL, 2, 5.0)]), anew=True, heard=500)
    heard.advance(501)
    heard.feed(columns([(STATE, 3, 6.0)]), anew=True, heard=501)
    heard.advance(600)
    assert told(heard.take()) == [
        ("node", Event.RAISE, State.UNACKNOWLEDGED, 13),
        ("node", Event.CLEAR, State.RETURNED, 500),
    ]


def test_sources_that_never_speak_are_lost():
    """The delay runs from the start of the engine, and again from when it could hear."""
    deaf = engine(RULES[-2:])
    deaf.advance(2)
    deaf.excuse([2])
    deaf.advance(4)
    assert not told(deaf.take())
    deaf.advance(5)
    assert told(deaf.take()) == [("node", Event.RAISE, State.UNACKNOWLEDGED, 5)]


@given(readings(), st.integers(0, 30))
def test_a_restart_neither_loses_alarms_nor_bears_them_twice(stream, at):
    """Killed anywhere, with what was kept, and births that tell the present: the journal is the same as without."""
    rows = sorted(stream[0], key=lambda row: row[1])
    rules = [
        rule("high", HIGH),
        rule("highhigh", Limit(TEMPERATURE, 110.0, above=True, deadband=5.0), latches=True),
        rule("aborted", InState(STATE, frozenset({9}))),
        rule("bad", BadQuality(TEMPERATURE)),
    ]
    whole, before = engine(rules), engine(rules)
    whole.feed(columns(rows))
    before.feed(columns(rows[:at]))
    journal = before.take()
    again = engine(rules, {each.rule.key: each.now for each in journal}, started=10)
    assert not again.take()
    again.feed(columns({row[0]: row for row in rows[:at]}.values()), anew=True)
    again.feed(columns(rows[at:]))
    assert by_rule([*journal, *again.take()]) == by_rule(whole.take())


def test_a_shelved_alarm_comes_back_by_itself():
    """When its time is over it is told anew if its condition holds."""
    high = engine([rule("high", HIGH)])
    high.feed(columns([(TEMPERATURE, 0, 120.0)]))
    assert high.command("s/l/u/high", Event.SHELVE, 5, who="anna", why="repair", until=50)
    high.feed(columns([(TEMPERATURE, 10, 90.0), (TEMPERATURE, 20, 120.0)]))
    high.advance(49)
    assert [each[1:3] for each in told(high.take())] == [
        (Event.RAISE, State.UNACKNOWLEDGED),
        (Event.SHELVE, State.SHELVED),
    ]
    high.advance(60)
    assert told(high.take()) == [("high", Event.EXPIRE, State.UNACKNOWLEDGED, 50)]


def test_unknown_alarms_and_impossible_commands():
    """A stranger is a KeyError; a normal alarm cannot be acknowledged."""
    high = engine([rule("high", HIGH)])
    assert not high.command("s/l/u/high", Event.ACKNOWLEDGE, 5, who="anna")
    with pytest.raises(KeyError):
        high.command("s/l/u/other", Event.ACKNOWLEDGE, 5, who="anna")
