"""What became of alarms in a time that is over: the engine over readings that are kept, in the order of their times.

Whether an edge node can be heard is not told by its readings, so alarms of lost communication have no past; control
charts are made of minutes, so their alarms are told when the next chart is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from plant.alarms.change import Change, Standing
from plant.alarms.engine import Engine
from plant.alarms.rules import Charted, Kind, Rule, Running
from plant.historian.protocol import MINUTE_MS, Historian
from plant.readings import GOOD, Columns, EventKind

SLICE_MS: Final = 10 * MINUTE_MS
"""So much is read at once."""
PIECE_MS: Final = 20_000
"""So much is judged at once: a reading that matters makes all others of its unit in the same piece be looked at."""

Read: TypeAlias = Callable[[int, int], Columns]
"""Readings of [start, end), UTC ms, in any order."""


def judged_by_readings(rules: Sequence[Rule]) -> list[Rule]:
    """Those of the rules that have a past: whose tests are made of readings."""
    return [rule for rule in rules if rule.kind is not Kind.LOST and not isinstance(rule.test, Charted)]


def watched_tags(rules: Sequence[Rule]) -> list[int]:
    """Tags that any of the rules reads, ascending."""
    tags: set[int] = set()
    for rule in rules:
        test = rule.test
        tags.update(getattr(test, name) for name in ("tag", "set_point") if hasattr(test, name))
        if isinstance(rule.suppression, Running):
            tags.add(rule.suppression.tag)
    return sorted(tags)


def retrace(
    rules: Sequence[Rule],
    groups: NDArray[np.int32],
    known: Mapping[str, Standing],
    held: Columns,
    read: Read,
    start: int,
    end: int,
) -> Iterator[tuple[int, list[Change]]]:
    """Judge a past window, slice by slice; each slice with its end (UTC ms) and the changes in it, in order.

    Args:
        rules: What to watch (`judged_by_readings`).
        groups: Number of each tag's unit, int32, shape (tags,).
        known: How alarms stood at the start, by key.
        held: The last reading of each tag before the start; for PackML states the one that began the state.
        read: The readings of any part of the window.
        start: UTC ms.
        end: Exclusive, UTC ms.
    """
    engine = Engine(rules, groups, known, start, unseen=True)
    engine.feed(_by_time(held))
    at = start
    while at < end:
        until = min(at - at % SLICE_MS + SLICE_MS, end)
        readings = _by_time(read(at, until))
        cuts = np.arange(at, until, PIECE_MS)[1:]
        for piece, stop in zip(_pieces(readings, cuts), [*cuts.tolist(), until], strict=True):
            engine.feed(piece)
            engine.advance(stop - 1)
        at = until
        yield at, engine.take()


def held_before(historian: Historian, tags: Sequence[int], states: Mapping[str, int], at: int) -> Columns:
    """What held at a time, states with the time at which they began: whoever has run for long has settled.

    Args:
        historian: Asked; `StoreUnavailableError` if it does not answer.
        tags: Numbers.
        states: Tag of the PackML state of units, by their storage path.
        at: UTC ms.
    """
    held = historian.held(tags, at)
    events = historian.events(list(states), [EventKind.STATE], at, at)
    begun = {states[event.unit]: event for event in events if event.quality == GOOD and event.time < at}
    since = np.array([begun[tag].time if tag in begun else 0 for tag in held.tag.tolist()], np.int64)
    codes = np.array([begun[tag].code if tag in begun else np.nan for tag in held.tag.tolist()])
    times = np.where((codes == held.value) & (since > 0), since, held.time)
    return Columns(held.tag, times, held.value, held.quality)


def _by_time(readings: Columns) -> Columns:
    return readings.take(np.argsort(readings.time, kind="stable"))


def _pieces(readings: Columns, cuts: NDArray[np.int64]) -> Iterator[Columns]:
    bounds = [0, *np.searchsorted(readings.time, cuts).tolist(), len(readings)]
    for first, last in pairwise(bounds):
        yield readings.take(slice(first, last))
