"""Events as intervals and stops."""

from __future__ import annotations

from dashboard.queries.states import Interval, coarse, intervals, running, stops
from plant.packml import Mode, State
from plant.readings import GOOD, STALE, Event, EventKind


def state(time: int, code: State, quality: int = GOOD) -> Event:
    """A state change of some unit."""
    return Event(time, "site/line/unit", EventKind.STATE, "state", code.name, int(code), quality)


def mode(time: int, code: Mode) -> Event:
    """A mode change of some unit."""
    return Event(time, "site/line/unit", EventKind.MODE, "mode", code.name, int(code), GOOD)


def test_the_last_event_before_the_window_gives_its_first_state() -> None:
    """What began earlier still holds at the start."""
    parts = intervals([state(-50, State.EXECUTE), state(40, State.HELD)], 0, 100)
    assert parts == (Interval(0, 40, State.EXECUTE, None), Interval(40, 100, State.HELD, None))


def test_no_event_is_unknown() -> None:
    """An empty store says nothing, neither running nor stopped."""
    parts = intervals([], 0, 100)
    assert parts == (Interval(0, 100, None, None),)
    assert running(parts) == (0, 0, 100)
    assert stops(parts) == []


def test_an_empty_window_has_no_parts() -> None:
    """Nothing is divided by its length later."""
    assert intervals([state(-5, State.EXECUTE)], 10, 10) == ()
    assert stops(()) == []


def test_lost_quality_and_missing_data_are_unknown() -> None:
    """Neither the time of a dead source nor that of an absent collector is a stop."""
    events = [state(0, State.EXECUTE), state(30, State.EXECUTE, STALE), state(50, State.HELD)]
    parts = intervals(events, 0, 100, [(60, 70)])
    assert [(part.start, part.end, part.state) for part in parts] == [
        (0, 30, State.EXECUTE),
        (30, 50, None),
        (50, 60, State.HELD),
        (60, 70, None),
        (70, 100, State.HELD),
    ]
    assert running(parts) == (30, 40, 30)


def test_repeated_events_do_not_cut() -> None:
    """A late replay may say a state again."""
    parts = intervals([state(0, State.EXECUTE), state(40, State.EXECUTE), state(60, State.EXECUTE)], 0, 100)
    assert parts == (Interval(0, 100, State.EXECUTE, None),)


def test_undefined_and_foreign_codes_are_unknown() -> None:
    """PackML's UNDEFINED says nothing, a code that it does not have says nothing either."""
    odd = Event(50, "site/line/unit", EventKind.STATE, "state", "UNDEFINED", 99, GOOD)
    assert {part.state for part in intervals([state(0, State.UNDEFINED), odd], 0, 100)} == {None}


def test_a_stop_is_one_through_all_its_states() -> None:
    """Held, cleared and reset is one stop, named for the state that took most of it."""
    events = [
        state(0, State.EXECUTE),
        state(10, State.HELD),
        state(50, State.CLEARING),
        state(60, State.EXECUTE),
        mode(80, Mode.CHANGEOVER),
        state(80, State.STOPPED),
    ]
    longest, second = stops(intervals(events, 0, 100))
    assert (longest.start, longest.end, longest.state, longest.open) == (10, 60, State.HELD, False)
    assert (second.length, second.mode, second.open) == (20, Mode.CHANGEOVER, True)


def test_unknown_time_ends_a_stop() -> None:
    """What was not seen does not make a stop longer."""
    events = [state(0, State.HELD), state(20, State.HELD, STALE), state(40, State.HELD)]
    assert [stop.length for stop in stops(intervals(events, 0, 50))] == [20, 10]


def test_coarse_intervals_keep_the_time_and_the_longest_state() -> None:
    """A strip of a thousand pixels cannot draw ten thousand changes, yet has no hole and no invented state."""
    parts = [
        Interval(0, 100, State.EXECUTE, None),
        Interval(100, 103, State.HELD, None),
        Interval(103, 105, State.EXECUTE, None),
        Interval(105, 109, State.HELD, None),
        Interval(109, 112, State.EXECUTE, None),
        Interval(112, 200, State.STOPPED, None),
    ]
    assert coarse(parts, 10) == [
        Interval(0, 100, State.EXECUTE, None),
        Interval(100, 112, State.HELD, None),
        Interval(112, 200, State.STOPPED, None),
    ]
    assert coarse([], 10) == []
