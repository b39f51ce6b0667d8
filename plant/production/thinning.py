"""Readings that make no difference to the minutes that are made: those before and after them, but for a few.

Minutes need what came before them (the lots that are formed in them may have begun hours ago) and after them (these
lots leave the dryer hours or a day later). Of that only sums by lot matter, so of each counter the first and the last
reading of a minute and of a lot are enough: what it counted in between is their difference. At a reading a second this
is one of thirty.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from plant.counters import SET_BACK_MS
from plant.production.growth import MINUTE_MS, Floats
from plant.production.lines import LineTable
from plant.production.steps import Integers, keys
from plant.readings import Columns, Event, EventKind
from plant.rollup import usable


def lot_changes(table: LineTable, events: Iterable[Event]) -> Integers:
    """When lots may have changed, as sorted `keys` of the counters that count by lot and times, int64, shape (n,)."""
    sources: dict[tuple[str, str], list[int]] = {}
    for row in table:
        for source in (row.formed_lot, row.dried_lot):
            if source is not None:
                key = table.units[source.unit].storage, source.metric
                sources.setdefault(key, []).extend((*row.produced, *row.good, *row.reject))
    cuts = [
        (tag, event.time)
        for event in events
        if event.kind is EventKind.TEXT
        for tag in sources.get((event.unit, event.metric), ())
    ]
    found = np.array(cuts, np.int64).reshape(-1, 2)
    return np.sort(keys(found[:, 0], found[:, 1]))


def thinned(readings: Columns, changes: Integers, start: int, end: int) -> Columns:
    """The readings of counters that matter to the minutes of [start, end), UTC ms.

    All inside; outside the first and the last of each counter, minute and lot, all of bad quality and those beside
    them, and all that follow a fall for as long as they may show that a clock was set back. Counts between two readings
    that stay are what they were.

    Args:
        readings: Sorted by (tag, time).
        changes: Of lots, as `lot_changes` gives them.
        start: UTC ms on a multiple of a minute.
        end: Likewise.
    """
    if not len(readings):
        return readings
    value, key = usable(readings), keys(readings.tag, readings.time)
    lot, minute = np.searchsorted(changes, key, "right"), readings.time // MINUTE_MS
    same = np.diff(readings.tag) == 0
    with np.errstate(invalid="ignore"):
        grows = value[1:] >= value[:-1]  # nothing grows from or to what is not known
    together = same & (np.diff(minute) == 0) & (np.diff(lot) == 0) & grows
    between = np.append(False, together) & np.append(together, False)
    # What is told at the end itself was counted before it.
    inside = (readings.time >= start) & (readings.time <= end)
    return readings.take(inside | ~between | _after_falls(readings, value, key))


def _after_falls(readings: Columns, value: Floats, key: Integers) -> NDArray[np.bool_]:
    """Readings that follow a fall of their counter within `SET_BACK_MS`."""
    good = np.flatnonzero(np.isfinite(value))
    fell = (np.diff(readings.tag[good]) == 0) & (np.diff(value[good]) < 0)
    falls = key[good[1:][fell]]
    if not len(falls):
        return np.zeros(len(readings), np.bool_)
    last = falls[np.maximum(np.searchsorted(falls, key, "right") - 1, 0)]
    soon: NDArray[np.bool_] = (key >= last) & (key - last <= SET_BACK_MS)
    return soon
