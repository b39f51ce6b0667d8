"""What became of alarms while nobody watched: found as if somebody had, and nobody is called for what is over."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from watching import columns, engine, rule, told

from plant.alarms.change import Standing
from plant.alarms.journal import entry_of
from plant.alarms.past import retrace, watched_tags
from plant.alarms.rules import Deviation, InState, Limit, Running
from plant.alarms.states import Event, State

VALUE, SET_POINT, STATE = range(3)
RULES = [
    rule("high", Limit(VALUE, 100.0, above=True, deadband=5.0), on_delay_ms=7_000, off_delay_ms=3_000),
    rule("low", Limit(VALUE, 50.0, above=False, deadband=5.0), suppression=Running(STATE, frozenset({6}), 4_000)),
    rule("away", Deviation(VALUE, SET_POINT, 10.0, 2.0), on_delay_ms=5_000),
    rule("aborted", InState(STATE, frozenset({9}))),
]
HIGH = RULES[0]
END = 1_800_000


@st.composite
def histories(draw):
    """Readings in order of time, one for each tag and instant."""
    rows, time = [], 0
    for _ in range(draw(st.integers(1, 40))):
        time += draw(st.integers(1, 40_000))
        tag = draw(st.sampled_from([VALUE, SET_POINT, STATE]))
        choice = [6.0, 2.0, 9.0] if tag == STATE else [40.0, 80.0, 90.0, 96.0, 101.0]
        rows.append((tag, time, draw(st.sampled_from(choice))))
    return rows


def past(rows, known=None, start=0, end=END):
    """All changes of a window."""
    whole = columns(rows)
    groups = np.zeros(8, np.int32)

    def read(first, last):
        return whole.take((whole.time >= first) & (whole.time < last))

    slices = retrace(RULES, groups, known or {}, columns([]), read, start, end)
    return [change for _, changes in slices for change in changes]


@given(histories())
def test_history_is_judged_as_the_present_was(rows):
    """Conditions begin and end at the same times as if the readings had come one by one."""
    watched = engine(RULES)
    for row in rows:
        watched.advance(row[1] - 1)
        watched.feed(columns([row]))
    watched.advance(END - 1)

    def turns(changes):
        wanted = {Event.RAISE, Event.CLEAR, Event.SUPPRESS, Event.UNSUPPRESS}
        return sorted((each.time, each.rule.target, each.event) for each in changes if each.event in wanted)

    assert turns(past(rows)) == turns(watched.take())


@given(histories())
def test_what_came_and_went_unseen_waits_for_nobody(rows):
    """After a history an alarm is there, or it is not; none waits to be acknowledged after it has gone."""
    for change in past(rows):
        assert change.now.state is not State.RETURNED


def test_an_alarm_that_was_seen_before_still_returns():
    """Somebody was called then, and may want to know that it has gone."""
    known = {HIGH.key: Standing(1, State.UNACKNOWLEDGED, active=True, changed=-500, raised=-500)}
    (cleared,) = past([(VALUE, 1_000, 80.0)], known)
    assert cleared.now.state is State.RETURNED


def lived(live, rows, known=None, until=100_000):
    """The engine that watched `live`, amended by what became of `rows` before `until`."""
    watched = engine([HIGH], known, started=until)
    watched.feed(columns(live), anew=True)
    watched.advance(until + 50_000)
    before = (known or {}).get(HIGH.key, Standing())
    seen = watched.take()
    turns = [change for change in past(rows, known, end=until) if change.rule is HIGH]
    watched.amend(HIGH.key, before, turns, until)
    return watched, seen, watched.take()


UP, DOWN = 120.0, 80.0
ACKNOWLEDGED = {HIGH.key: Standing(1, State.ACKNOWLEDGED, active=True, changed=-500, raised=-500)}


def test_what_came_and_went_is_written_down_and_calls_nobody():
    """Two rows in the journal, noted now; the alarm stands as it stood."""
    watched, seen, found = lived([(VALUE, 90_000, DOWN)], [(VALUE, 1_000, UP), (VALUE, 20_000, DOWN)])
    assert not seen
    assert [(each.event, each.time) for each in found] == [(Event.RAISE, 8_000), (Event.CLEAR, 23_000)]
    entries = [entry_of(each, 150_000) for each in found]
    assert [each.state for each in entries] == [State.UNACKNOWLEDGED, State.NORMAL]
    assert entries[0].is_annunciation
    assert entries[1].is_passing
    assert watched.standing(HIGH.key).state is State.NORMAL


def test_what_is_still_there_has_its_true_beginning():
    """The birth tells only since when the present value holds."""
    watched, seen, found = lived([(VALUE, 90_000, UP)], [(VALUE, 1_000, UP), (VALUE, 90_000, UP + 1)])
    assert told(seen) == [("high", Event.RAISE, State.UNACKNOWLEDGED, 97_000)]
    assert told(found) == [("high", Event.BACKDATE, State.UNACKNOWLEDGED, 8_000)]
    standing = watched.standing(HIGH.key)
    assert (standing.raised, standing.changed) == (8_000, 8_000)
    assert not entry_of(found[0], 150_000).is_annunciation, "nobody is called twice"


def test_what_ended_earlier_than_was_seen_has_its_true_end():
    """The state stays; the journal has the end."""
    _, seen, found = lived([(VALUE, 90_000, DOWN)], [(VALUE, 1_000, DOWN), (VALUE, 90_000, DOWN - 1)], ACKNOWLEDGED)
    assert told(seen) == [("high", Event.CLEAR, State.NORMAL, 93_000)]
    assert told(found) == [("high", Event.BACKDATE, State.NORMAL, 4_000)]


def test_what_went_and_came_again_calls_anew():
    """To somebody who only sees both ends it seems to have stayed; it is another alarm, which nobody knows of."""
    rows = [(VALUE, 1_000, DOWN), (VALUE, 50_000, UP)]
    watched, seen, found = lived([(VALUE, 90_000, UP)], rows, ACKNOWLEDGED)
    assert not seen
    assert told(found) == [
        ("high", Event.CLEAR, State.NORMAL, 4_000),
        ("high", Event.RAISE, State.UNACKNOWLEDGED, 57_000),
    ]
    assert watched.standing(HIGH.key).raised == 57_000


@given(histories(), histories(), st.booleans())
def test_amending_leaves_an_alarm_in_a_legal_state(rows, live, was):
    """Whatever history tells: a legal state, and numbers without a gap."""
    known = ACKNOWLEDGED if was else {}
    after = [(tag, END + time, value) for tag, time, value in live if tag == VALUE]
    watched, seen, found = lived(after, rows, known, until=END)
    standing = watched.standing(HIGH.key)
    first = known[HIGH.key].number if was else 0
    assert [each.now.number for each in (*seen, *found)] == list(range(first + 1, first + 1 + len(seen) + len(found)))
    assert standing.active == (standing.state in {State.UNACKNOWLEDGED, State.ACKNOWLEDGED})


@pytest.mark.parametrize("each", RULES)
def test_every_tag_of_a_rule_is_read(each):
    """That of its suppression, too."""
    assert set(engine([each])._watches[0].condition.tags) <= set(watched_tags([each]))
