"""When machines stand as planned, and which wear that leaves: maintenance (ППР), breaks and free shifts of the model.

All of it is what `plant.calendar` says, so the plant does what its calendar plans. A window of maintenance stops the
units that it covers; when a crew rests, the constraint of its line stops, and the rest of the line runs empty or full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from plant.calendar.spans import Planned, PlannedTime
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Line, Site, Unit
from simulators.world.identity import Same
from simulators.world.inertia import Bools, Floats, Ints

DAY_MS = 86_400_000
AHEAD_MS = 12 * DAY_MS
"""A planned stop is seen to its end so far ahead: longer than holidays with the free shifts around them."""
WEEK_H = 168.0
RENEW_FROM = 0.5
"""In a window fitters renew what is half worn out."""
RUNNING_SHARE = 0.85
"""Of the time a machine runs about this share, for the wear that it has at the next window."""
_MS = 1_000.0


@dataclass(frozen=True, slots=True)
class Crewed:
    """Units of a line that stand at the same times.

    Attributes:
        unit: Slug of one of them.
        rows: Of all of them.
        rests: They stop when the crew rests.
    """

    work: WorkCalendar
    line: Line
    unit: str
    rows: Ints
    rests: bool


@dataclass(frozen=True, slots=True)
class Maintenance:
    """When units stand as planned.

    Attributes:
        crewed: Those that ever do.
        cycle_h: Time from one window of maintenance of a unit to the next, h, infinite without, shape (units,).
    """

    crewed: tuple[Crewed, ...]
    cycle_h: Floats

    @classmethod
    def of(cls, sites: Sequence[Site], row: Mapping[tuple[str, ...], int], units: Sequence[Unit]) -> Maintenance:
        """The plan of some sites; `row` gives the row of a unit by its path, `units` are in the order of the rows."""
        crewed = [each for site in sites for line in site.lines for each in _crewed(site, line, row)]
        cycle_h = np.full(len(units), np.inf)
        for each in crewed:
            weeks = [one.every_weeks for one in each.line.maintenance if one.covers(each.unit) and one.every_weeks]
            cycle_h[each.rows] = WEEK_H * min(weeks, default=np.inf)
        return cls(tuple(crewed), cycle_h)

    def left_s(self, now_ms: int) -> Floats:
        """Time to the end of the maintenance that each unit is in, 0 outside of windows, s, shape (units,)."""
        return _left_s(_until(Same(self), now_ms // DAY_MS).maintenance, now_ms)

    def rest_s(self, now_ms: int) -> Floats:
        """Time to the end of the rest of the crew that each unit stands in, 0 without, s, shape (units,)."""
        return _left_s(_until(Same(self), now_ms // DAY_MS).rest, now_ms)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A quantity of all units that changes now and then.

    Attributes:
        start_ms: When it changes, UTC ms, shape (changes,).
        value: From then on, shape (changes, units).
    """

    start_ms: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class _Until:
    """UTC ms at which maintenance and rest of each unit end, 0 outside of them."""

    maintenance: Timeline
    rest: Timeline


_Picked = tuple[Ints, PlannedTime, Bools]
"""Rows of units, what is planned for them, and which parts of that are meant."""


def renewed_at(life_h: Floats, cycle_h: Floats) -> Floats:
    """Wear at which a machine is usually renewed, 0 to 1, for machines of so long a life.

    Args:
        life_h: Running time from new to worn out, h, shape (units,).
        cycle_h: Time from one window of its maintenance to the next, h, infinite for machines that have none.
    """
    windowed = np.isfinite(cycle_h)
    per_cycle = np.where(windowed, cycle_h, WEEK_H) * RUNNING_SHARE / life_h
    return np.where(windowed, np.minimum(1.0, per_cycle * np.ceil(RENEW_FROM / per_cycle)), 1.0)


def _crewed(site: Site, line: Line, row: Mapping[tuple[str, ...], int]) -> list[Crewed]:
    """The units of a line, put together by their windows; those that are never stopped are left out."""
    work, together = WorkCalendar.of(site), dict[tuple[bool, ...], list[Unit]]()
    for unit in line.units:
        if unit.path in row:
            windows = tuple(each.covers(unit.slug) for each in line.maintenance)
            together.setdefault((unit.slug == line.constraint, *windows), []).append(unit)
    return [
        Crewed(work, line, units[0].slug, np.array([row[unit.path] for unit in units], np.int64), rests=key[0])
        for key, units in together.items()
        if any(key)
    ]


@lru_cache(maxsize=16)
def _until(of: Same[Maintenance], utc_day: int) -> _Until:
    """When what is planned for a UTC day ends."""
    start, plan = utc_day * DAY_MS, of.thing
    maintained, rests = list[_Picked](), list[_Picked]()
    for each in plan.crewed:
        time = each.work.planned(each.line, start, start + AHEAD_MS, each.unit)
        maintenance = time.kind == Planned.MAINTENANCE
        maintained.append((each.rows, time, maintenance))
        if each.rests:
            rests.append((each.rows, time, ~maintenance & (time.kind != Planned.BUSY)))
    units = len(plan.cycle_h)
    return _Until(_timeline(maintained, start, units), _timeline(rests, start, units))


def _timeline(stops: Sequence[_Picked], start_ms: int, units: int) -> Timeline:
    """When the stops that units stand in end; a stop is a run of parts that are picked."""
    changes = np.unique(np.concatenate([[start_ms], *(time.start_ms for _, time, picked in stops if picked.any())]))
    changes = changes[changes < start_ms + DAY_MS]
    value = np.zeros((len(changes), units))
    for rows, time, picked in stops:
        if picked.any():
            at = np.searchsorted(time.start_ms, changes, "right") - 1
            value[:, rows] = np.where(picked, _run_ends(time, picked), 0)[at, np.newaxis]
    return Timeline(changes, value)


def _run_ends(time: PlannedTime, picked: Bools) -> Ints:
    """End of the run of equally picked parts that each part is in, UTC ms."""
    last = np.append(picked[1:] != picked[:-1], True)
    ends: Ints = time.end_ms[last][np.cumsum(np.append(0, last[:-1]))]
    return ends


def _left_s(until: Timeline, now_ms: int) -> Floats:
    value = until.value[np.searchsorted(until.start_ms, now_ms, "right") - 1]
    left: Floats = np.maximum(0.0, value - now_ms) / _MS
    return left
