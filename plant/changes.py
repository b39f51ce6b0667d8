"""State and mode changes: the numbers of `Role.STATE` and `Role.MODE` metrics become events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np

from plant.model.enterprise import Role
from plant.model.tags import Tag, TagTable
from plant.packml import Mode, State
from plant.readings import GOOD, Columns, Event, EventKind

_KINDS: dict[Role, tuple[EventKind, type[IntEnum]]] = {
    Role.STATE: (EventKind.STATE, State),
    Role.MODE: (EventKind.MODE, Mode),
}
_UNDEFINED = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """The newest reading of a tag."""

    time: int
    code: int
    quality: int


class ChangeDetector:
    """Finds the changes of state and mode in batches of readings.

    It remembers the newest reading of each state and mode tag. The first reading of a tag is a change; so is a quality
    that leaves or regains `GOOD`. Late readings (a replay after an outage) are compared among themselves, and what is
    known to hold now is said again at its own time, so that a late change never hides a later one. An event may thus
    repeat the state before it; it never contradicts a reading.
    """

    def __init__(self, tags: TagTable) -> None:
        self._tags = tags
        self._watched = np.array([tag.metric.role in _KINDS for tag in tags], np.bool_)
        self._newest: dict[int, _Seen] = {}

    def events(self, columns: Columns) -> list[Event]:
        """The changes in `columns`, sorted by (tag, time)."""
        found: list[Event] = []
        readings = columns.take(self._watched[columns.tag]).latest_written()
        for first, last in _runs(readings):
            found += self._of_tag(self._tags[int(readings.tag[first])], _seen(readings, first, last))
        return found

    def _of_tag(self, tag: Tag, readings: list[_Seen]) -> list[Event]:
        newest = self._newest.get(tag.index)
        late = [] if newest is None else [reading for reading in readings if reading.time < newest.time]
        changes = _changes(None, late)
        if newest is not None and late:
            changes.append(newest)
        changes += _changes(newest, readings[len(late) :])
        if len(late) < len(readings):
            self._newest[tag.index] = readings[-1]
        return [_event(tag, change) for change in changes]


def _runs(readings: Columns) -> list[tuple[int, int]]:
    """First and past-the-last row of each tag."""
    edges = np.flatnonzero(np.diff(readings.tag)) + 1
    bounds = [0, *edges.tolist(), len(readings)]
    return [(a, b) for a, b in pairwise(bounds) if a < b]


def _seen(readings: Columns, first: int, last: int) -> list[_Seen]:
    rows = slice(first, last)
    return [
        _Seen(time, int(value) if quality == GOOD and np.isfinite(value) else _UNDEFINED, quality)
        for time, value, quality in zip(
            readings.time[rows].tolist(), readings.value[rows].tolist(), readings.quality[rows].tolist(), strict=True
        )
    ]


def _changes(before: _Seen | None, readings: list[_Seen]) -> list[_Seen]:
    changes = []
    for reading in readings:
        if before is None or (reading.code, reading.quality) != (before.code, before.quality):
            changes.append(reading)
        before = reading
    return changes


def _event(tag: Tag, reading: _Seen) -> Event:
    kind, codes = _KINDS[tag.metric.role]
    known = reading.code in codes.__members__.values()
    text = codes(reading.code if known else _UNDEFINED).name
    return Event(reading.time, tag.unit.storage, kind, tag.metric.key, text, reading.code, reading.quality)
