"""Charted: the chart decides, no reading does, and a unit that stands still is not charted."""

from __future__ import annotations

from watching import columns, engine, rule, told

from plant.alarms.rules import Charted, Kind, Limit, Running
from plant.alarms.states import Event, State

VALUE, STATE = 0, 1
EXECUTE, STOPPED = 6.0, 2.0


def charted(**options):
    """An engine with one charted metric."""
    drift = rule("t.control", Charted(VALUE), **options)
    return engine([drift]), drift.key


def test_a_chart_raises_and_clears():
    """With the time of its newest point, and its value; saying the same again changes nothing."""
    watched, key = charted()
    watched.feed(columns([(VALUE, 10, 1e9)]))
    assert not watched.take()
    for at, abnormal in ((20, True), (30, True), (40, False)):
        watched.signal(key, abnormal=abnormal, at=at, value=float(at))
    changes = watched.take()
    assert told(changes) == [
        ("t.control", Event.RAISE, State.UNACKNOWLEDGED, 20),
        ("t.control", Event.CLEAR, State.RETURNED, 40),
    ]
    assert changes[0].now.value == 20.0


def test_it_has_no_meaning_while_its_unit_stands():
    """A stopped packer fills no bags."""
    watched, key = charted(suppression=Running(STATE, frozenset({6}), 0))
    watched.feed(columns([(STATE, 10, EXECUTE)]))
    watched.signal(key, abnormal=True, at=20, value=1.0)
    watched.feed(columns([(STATE, 30, STOPPED)]))
    assert watched.standing(key).state is State.SUPPRESSED


def test_only_charts_can_be_signalled():
    """Of another rule the readings decide."""
    limit = rule("t.h", Limit(VALUE, 100.0, above=True, deadband=5.0))
    watched = engine([limit])
    watched.signal(limit.key, abnormal=True, at=20, value=200.0)
    assert not watched.take()
    assert limit.kind is Kind.LIMIT
