"""What a unit did in a window: its events of state and mode as intervals that tile the window.

Where nothing is known the state is None. Unknown time is never counted as running and never as stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from plant.historian.protocol import DAY_MS, MINUTE_MS, Historian
from plant.historian.series import Series, series
from plant.model.enterprise import Line, Role
from plant.model.tags import TagTable
from plant.packml import Mode, State
from plant.readings import GOOD, Event, EventKind

MOST_MINUTES: Final = 2 * DAY_MS // MINUTE_MS
"""Gaps in the data are looked for with this many steps at most: to the minute within two days."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A time in which neither state nor mode changed.

    Attributes:
        start: UTC ms; `end` likewise, exclusive.
        state: None while it is not known.
        mode: None while it is not known, or if the unit reports none.
    """

    start: int
    end: int
    state: State | None
    mode: Mode | None

    @property
    def length(self) -> int:
        """Duration, ms."""
        return self.end - self.start

    @property
    def is_stop(self) -> bool:
        """Known not to execute."""
        return self.state is not None and self.state is not State.EXECUTE


def of_lines(
    historian: Historian, lines: Sequence[Line], tags: TagTable, start: int, end: int
) -> dict[str, tuple[Interval, ...]]:
    """What lines did in [start, end), UTC ms, `end` not after now: their constraint units, by ``site/line``; blocks."""
    units = {f"{line.site}/{line.slug}": line.unit(line.constraint) for line in lines}
    state_tags = {}
    for key, unit in units.items():
        metric = unit.with_role(Role.STATE)
        if metric is not None:
            state_tags[key] = tags.of_unit(unit)[metric.key].index
    if not state_tags or end <= start:
        return {key: intervals([], start, end) for key in units}
    watched = series(historian, list(state_tags.values()), start, end, MOST_MINUTES)
    unknown = dict(zip(state_tags, (_gaps(watched, row) for row in range(len(state_tags))), strict=True))
    storages = [unit.storage for unit in units.values()]
    events = historian.events(storages, (EventKind.STATE, EventKind.MODE), start, end)
    by_unit: dict[str, list[Event]] = {}
    for event in events:
        by_unit.setdefault(event.unit, []).append(event)
    return {
        key: intervals(by_unit.get(unit.storage, ()), start, end, unknown.get(key, ())) for key, unit in units.items()
    }


def _gaps(watched: Series, row: int) -> list[tuple[int, int]]:
    """Times, UTC ms, in which a tag has no good value at all."""
    dark = np.concatenate(([0], (watched.coverage[row] == 0).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(dark))
    times = [*watched.time.tolist(), int(watched.time[-1]) + watched.width]
    return [(times[a], times[b]) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]


def intervals(
    events: Iterable[Event], start: int, end: int, unknown: Sequence[tuple[int, int]] = ()
) -> tuple[Interval, ...]:
    """The window [start, end) of one unit, cut at its changes.

    Args:
        events: Of state and mode, sorted by time, with the last one of each before `start`.
        start: UTC ms.
        end: UTC ms, not later than the time up to which data have come in.
        unknown: Parts of the window without data, UTC ms, such as the time in which collectors were away.
    """
    state: State | None = None
    mode: Mode | None = None
    found: list[Interval] = []
    since = start
    for event in events:
        at = min(max(event.time, start), end)
        found.append(Interval(since, at, state, mode))
        since = at
        if event.kind is EventKind.STATE:
            state = State(event.code) if event.quality == GOOD and event.code in State.__members__.values() else None
            state = None if state is State.UNDEFINED else state
        elif event.kind is EventKind.MODE:
            mode = Mode(event.code) if event.quality == GOOD and event.code in Mode.__members__.values() else None
    found.append(Interval(since, end, state, mode))
    for gap in unknown:
        found = [part for interval in found for part in _with_gap(interval, *gap)]
    return tuple(_merged(found))


def running(parts: Sequence[Interval]) -> tuple[int, int, int]:
    """Time, ms, in which a unit was known to execute, known not to, and not known."""
    executes = sum(part.length for part in parts if part.state is State.EXECUTE)
    stops = sum(part.length for part in parts if part.is_stop)
    return executes, stops, sum(part.length for part in parts) - executes - stops


@dataclass(frozen=True, slots=True)
class Stop:
    """A whole time in which a unit did not execute, whatever states it went through.

    Attributes:
        start: UTC ms; `end` likewise, exclusive.
        state: The one that took most of it.
        mode: The mode that took most of it.
        open: Not over at the end of the window.
    """

    start: int
    end: int
    state: State
    mode: Mode | None
    open: bool

    @property
    def length(self) -> int:
        """Duration, ms."""
        return self.end - self.start


def stops(parts: Sequence[Interval]) -> list[Stop]:
    """All stops, the longest first."""
    runs: list[list[Interval]] = []
    for part, before in zip(parts, (None, *parts), strict=False):
        if part.is_stop and before is not None and before.is_stop:
            runs[-1].append(part)
        elif part.is_stop:
            runs.append([part])
    return sorted((_stop(run, parts[-1].end) for run in runs), key=lambda stop: -stop.length)


def coarse(parts: Sequence[Interval], finest: int) -> list[Interval]:
    """The same time in intervals of at least `finest` ms: shorter ones in a row become what took most of them."""
    found: list[Interval] = []
    waiting: list[Interval] = []
    for part in parts:
        if part.length >= finest:
            found += [*_blended(waiting), part]
            waiting = []
        else:
            waiting.append(part)
            if part.end - waiting[0].start >= finest:
                found += _blended(waiting)
                waiting = []
    return _merged([*found, *_blended(waiting)])


def _blended(parts: Sequence[Interval]) -> list[Interval]:
    by_state: dict[State | None, int] = {}
    for part in parts:
        by_state[part.state] = by_state.get(part.state, 0) + part.length
    if not parts:
        return []
    state = max(by_state, key=by_state.__getitem__)
    mode = next(part.mode for part in parts if part.state is state)
    return [Interval(parts[0].start, parts[-1].end, state, mode)]


def _stop(run: Sequence[Interval], end: int) -> Stop:
    by_state: dict[State, int] = {}
    by_mode: dict[Mode | None, int] = {}
    for part in run:
        if part.state is not None:
            by_state[part.state] = by_state.get(part.state, 0) + part.length
        by_mode[part.mode] = by_mode.get(part.mode, 0) + part.length
    longest_state = max(by_state, key=by_state.__getitem__)
    longest_mode = max(by_mode, key=by_mode.__getitem__)
    return Stop(run[0].start, run[-1].end, longest_state, longest_mode, open=run[-1].end == end)


def _with_gap(interval: Interval, gap_start: int, gap_end: int) -> list[Interval]:
    inner_start, inner_end = max(interval.start, gap_start), min(interval.end, gap_end)
    if inner_start >= inner_end:
        return [interval]
    return [
        replace(interval, end=inner_start),
        replace(interval, start=inner_start, end=inner_end, state=None, mode=None),
        replace(interval, start=inner_end),
    ]


def _merged(parts: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for part in parts:
        if part.length <= 0:
            continue
        if merged and (merged[-1].state, merged[-1].mode) == (part.state, part.mode):
            merged[-1] = replace(merged[-1], end=part.end)
        else:
            merged.append(part)
    return merged
