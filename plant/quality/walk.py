"""Readings in the order of time, each beside the one before it: what the rules about sequences look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.readings import Columns

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Places = NDArray[np.intp]

UNKNOWN: Final = 0
"""Time of the reading before the first one."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Good readings, sorted by (tag, time), one per instant and all newer than what was seen before.

    Attributes:
        tag: Index in the tag table, intp, shape (n,).
        time: UTC ms, int64.
        value: float64.
        before: Value of the reading before, NaN for none.
        before_time: Its time, `UNKNOWN` for none.
        first: Place of the first reading of each tag, intp, shape (tags in the walk,).
        opens: Whether a reading is the first of its tag, bool, shape (n,).
    """

    tag: Places
    time: Integers
    value: Floats
    before: Floats
    before_time: Integers
    first: Places
    opens: Bools

    def __len__(self) -> int:
        return len(self.tag)

    @property
    def final(self) -> Places:
        """Place of the last reading of each tag."""
        return np.append(self.first, len(self.tag))[1:] - 1


class Pace:
    """Remembers the newest reading of each tag.

    Args:
        tags: Length of the tag table.
    """

    def __init__(self, tags: int) -> None:
        self._value = np.full(tags, np.nan)
        self._time = np.full(tags, UNKNOWN, np.int64)

    def walk(self, tags: Places, readings: Columns, wanted: Bools) -> Walk:
        """The next readings, without those that are not newer than what was seen.

        Args:
            tags: Their tags, as numpy likes them for look-ups.
            readings: In the order of arrival.
            wanted: Which of them are looked at: good ones of measured tags, shape (n,).
        """
        rows = np.flatnonzero(wanted & (readings.time > self._time.take(tags)))
        key = tags.take(rows)
        # Sixteen bits are sorted by radix, ten times as fast; times ascend in nearly every batch already.
        order = np.argsort(key.astype(np.uint16) if len(self._time) <= 2**16 else key, kind="stable")
        tag, rows = key.take(order), rows.take(order)
        time, value = readings.time.take(rows), readings.value.take(rows)
        same = tag[1:] == tag[:-1]
        if bool((same & (time[1:] <= time[:-1])).any()):
            tag, time, value = _ascending(tag, time, value)
            same = tag[1:] == tag[:-1]
        opens = np.ones(len(tag), np.bool_)
        np.logical_not(same, out=opens[1:])
        walk = self._beside(tag, time, value, opens)
        final = walk.final
        self._value[tag[final]], self._time[tag[final]] = value[final], time[final]
        return walk

    def _beside(self, tag: Places, time: Integers, value: Floats, opens: Bools) -> Walk:
        first = np.flatnonzero(opens)
        before, before_time = np.empty_like(value), np.empty_like(time)
        before[1:], before_time[1:] = value[:-1], time[:-1]
        before[first], before_time[first] = self._value[tag[first]], self._time[tag[first]]
        return Walk(tag, time, value, before, before_time, first, opens)

    def forget(self, tags: NDArray[np.integer]) -> None:
        """Their source is away: what comes next has nothing before it, but must still be newer."""
        self._value[tags] = np.nan


def _ascending(tag: Places, time: Integers, value: Floats) -> tuple[Places, Integers, Floats]:
    """Sorted by (tag, time); of two readings of one instant the one that came last."""
    order = np.lexsort((time, tag))
    tag, time, value = tag[order], time[order], value[order]
    last = np.ones(len(tag), np.bool_)
    last[:-1] = (tag[1:] != tag[:-1]) | (time[1:] != time[:-1])
    return tag[last], time[last], value[last]
