"""`plant.changes`: states and modes become events."""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

import pytest

from plant.changes import ChangeDetector
from plant.model.enterprise import (
    Area,
    Calendar,
    Datatype,
    Enterprise,
    Line,
    Metric,
    Role,
    Site,
    SiteStatus,
    Text,
    Unit,
)
from plant.model.tags import TagTable
from plant.packml import Mode, State
from plant.readings import BAD, GOOD, STALE, Columns, Event, EventKind

STATE, MODE, SPEED, OTHER_STATE = range(4)


@pytest.fixture
def detector() -> ChangeDetector:
    """Over two units: state, mode and speed of one, the state of another."""
    name = Text("имя", "name")
    state = Metric("state", name, Role.STATE, Datatype.INT32, stored_as="state")
    mode = Metric("mode", name, Role.MODE, Datatype.INT32, stored_as="mode")
    speed = Metric("speed", name, Role.RATE, stored_as="speed")
    units = (
        Unit("mill", name, "generic", "site", "area", "line", "gate", (state, mode, speed), storage="site/line/mill"),
        Unit("kiln", name, "generic", "site", "area", "line", "gate", (state,), storage="site/line/old-kiln"),
    )
    line = Line("line", name, "site", "area", "mill", units)
    calendar = Calendar("day", ())
    area = Area("area", name, "site", (line,))
    site = Site("site", name, ZoneInfo("UTC"), 0, 0, SiteStatus.PRODUCTION, "host", calendar, (area,), gateways=())
    return ChangeDetector(TagTable(Enterprise("test", name, (site,), {}, {}, {})))


def told(detector: ChangeDetector, *rows: tuple[int, int, float, int]) -> list[tuple[int, str, int]]:
    """Events of a batch of (tag, time, value, quality), as (time, text, quality)."""
    columns = Columns.of(*zip(*rows, strict=True)) if rows else Columns.empty()
    return [(event.time, event.text, event.quality) for event in detector.events(columns)]


def test_an_event_names_unit_metric_state_and_code(detector) -> None:
    """The first state and the first mode of a unit are changes, under the unit's storage path."""
    rows = Columns.of([MODE, STATE, SPEED, OTHER_STATE], [5] * 4, [Mode.PRODUCTION, State.EXECUTE, 1, 4], [GOOD] * 4)
    assert detector.events(rows) == [
        Event(5, "site/line/mill", EventKind.STATE, "state", "EXECUTE", 6, GOOD),
        Event(5, "site/line/mill", EventKind.MODE, "mode", "PRODUCTION", 1, GOOD),
        Event(5, "site/line/old-kiln", EventKind.STATE, "state", "IDLE", 4, GOOD),
    ]


def test_only_changes_are_told(detector) -> None:
    """The same state again is no event, in one batch or in the next; each change is one, in the order of time."""
    assert told(detector, (STATE, 3, 6, GOOD), (STATE, 1, 4, GOOD), (STATE, 2, 4, GOOD)) == [
        (1, "IDLE", GOOD),
        (3, "EXECUTE", GOOD),
    ]
    assert told(detector, (STATE, 4, 6, GOOD)) == []
    assert told(detector, (STATE, 5, 11, GOOD), (STATE, 6, 6, GOOD)) == [(5, "HELD", GOOD), (6, "EXECUTE", GOOD)]
    assert told(detector) == []


def test_a_state_that_is_not_known_any_more_is_a_change(detector) -> None:
    """Quality other than good is told once, as UNDEFINED; the return too, even of the same state."""
    told(detector, (STATE, 1, 6, GOOD))
    assert told(detector, (STATE, 2, math.nan, STALE)) == [(2, "UNDEFINED", STALE)]
    assert told(detector, (STATE, 3, math.nan, STALE)) == []
    assert told(detector, (STATE, 4, 6, BAD)) == [(4, "UNDEFINED", BAD)]
    assert told(detector, (STATE, 5, 6, GOOD)) == [(5, "EXECUTE", GOOD)]


def test_a_code_that_packml_does_not_know_is_undefined(detector) -> None:
    """The code is kept for whoever looks, the text is UNDEFINED; a value that is no number is code 0."""
    events = detector.events(Columns.of([STATE], [1], [99.0], [GOOD]))
    assert [(event.text, event.code) for event in events] == [("UNDEFINED", 99)]
    events = detector.events(Columns.of([STATE], [2], [math.inf], [GOOD]))
    assert [(event.text, event.code) for event in events] == [("UNDEFINED", 0)]


def test_a_late_change_never_hides_a_later_one(detector) -> None:
    """A replay is compared with itself, and what holds now is said again at the time at which it was last read."""
    told(detector, (STATE, 10, 6, GOOD))
    told(detector, (STATE, 100, 6, GOOD))
    assert told(detector, (STATE, 50, 11, GOOD), (STATE, 60, 11, GOOD)) == [(50, "HELD", GOOD), (100, "EXECUTE", GOOD)]
    assert told(detector, (STATE, 110, 6, GOOD)) == []
    assert told(detector, (STATE, 105, 4, GOOD), (STATE, 120, 9, GOOD)) == [
        (105, "IDLE", GOOD),
        (110, "EXECUTE", GOOD),
        (120, "ABORTED", GOOD),
    ]


def test_a_reading_written_again_corrects_the_event(detector) -> None:
    """The same instant with another state is told again, to replace what was told."""
    told(detector, (STATE, 10, 6, GOOD))
    assert told(detector, (STATE, 10, 4, GOOD)) == [(10, "IDLE", GOOD)]
