"""State and mode changes: the numbers of `Role.STATE` and `Role.MODE` metrics become events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.model.enterprise import Role
from plant.model.tags import TagTable
from plant.packml import Mode, State
from plant.readings import GOOD, Columns, Event, EventKind

Ints = NDArray[np.int64]

_KINDS: Final[Mapping[Role, tuple[EventKind, Mapping[int, str]]]] = {
    Role.STATE: (EventKind.STATE, {int(state): state.name for state in State}),
    Role.MODE: (EventKind.MODE, {int(mode): mode.name for mode in Mode}),
}
_UNDEFINED: Final = 0
_NEVER: Final = np.iinfo(np.int64).min


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
        self._time = np.full(len(tags), _NEVER)
        self._code = np.zeros(len(tags), np.int64)
        self._quality = np.zeros(len(tags), np.int64)

    def events(self, columns: Columns) -> list[Event]:
        """The changes in `columns`, sorted by (tag, time)."""
        readings = columns.take(self._watched[columns.tag]).latest_written()
        if not len(readings):
            return []
        tag, time = readings.tag.astype(np.int64), readings.time
        known = (readings.quality == GOOD) & np.isfinite(readings.value)
        code = np.where(known, readings.value, _UNDEFINED).astype(np.int64)
        again = self._said_again(tag, time)
        rows = _Rows(
            np.concatenate((tag, again)),
            np.concatenate((time, self._time[again])),
            np.concatenate((code, self._code[again])),
            np.concatenate((readings.quality.astype(np.int64), self._quality[again])),
        ).sorted()
        changed = self._changed(rows)
        self._remember(rows)
        return [self._event(*row) for row in rows.take(changed).each()]

    def _said_again(self, tag: Ints, time: Ints) -> Ints:
        """Tags of which something older comes than what is known to hold now."""
        return np.unique(tag[time < self._time[tag]])

    def _changed(self, rows: _Rows) -> NDArray[np.bool_]:
        """Rows that differ from the one before: the first of a tag from what is known to hold, unless it is older."""
        first = np.ones(len(rows.tag), np.bool_)
        first[1:] = rows.tag[1:] != rows.tag[:-1]
        fresh = first & (self._time[rows.tag] != _NEVER) & (rows.time >= self._time[rows.tag])
        before_code = np.where(fresh, self._code[rows.tag], np.roll(rows.code, 1))
        before_quality = np.where(fresh, self._quality[rows.tag], np.roll(rows.quality, 1))
        differs = (rows.code != before_code) | (rows.quality != before_quality)
        known_now = (rows.time == self._time[rows.tag]) & ~first  # said again behind what is late
        changed: NDArray[np.bool_] = (first & ~fresh) | known_now | differs
        return changed

    def _remember(self, rows: _Rows) -> None:
        last = np.ones(len(rows.tag), np.bool_)
        last[:-1] = rows.tag[1:] != rows.tag[:-1]
        newest = rows.take(last)
        self._time[newest.tag], self._code[newest.tag] = newest.time, newest.code
        self._quality[newest.tag] = newest.quality

    def _event(self, index: int, time: int, code: int, quality: int) -> Event:
        tag = self._tags[index]
        kind, names = _KINDS[tag.metric.role]
        return Event(time, tag.unit.storage, kind, tag.metric.key, names.get(code, names[_UNDEFINED]), code, quality)


@dataclass(frozen=True, slots=True)
class _Rows:
    tag: Ints
    time: Ints
    code: Ints
    quality: Ints

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> _Rows:
        return _Rows(self.tag[rows], self.time[rows], self.code[rows], self.quality[rows])

    def sorted(self) -> _Rows:
        """By (tag, time); of two of one instant the first is the one that comes from outside, and the last goes."""
        ordered = self.take(np.lexsort((self.time, self.tag)))
        keep = np.ones(len(ordered.tag), np.bool_)
        keep[1:] = (ordered.tag[1:] != ordered.tag[:-1]) | (ordered.time[1:] != ordered.time[:-1])
        return ordered.take(keep)

    def each(self) -> Iterator[tuple[int, int, int, int]]:
        return zip(self.tag.tolist(), self.time.tolist(), self.code.tolist(), self.quality.tolist(), strict=True)
