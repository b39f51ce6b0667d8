"""Why a line is not to run: the stops that shifts, holidays and maintenance plan for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from plant.calendar.instants import instant, local_date
from plant.calendar.spans import Planned, ShiftSpan, Stop
from plant.model.shifts import MaintenanceWindow

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
_DAY = timedelta(days=1)


def of_shift(span: ShiftSpan, day_start: time, zone: ZoneInfo, *, rests: bool) -> list[Stop]:
    """The stops of a crew in one of its shifts.

    Args:
        span: The shift.
        day_start: Local time at which production days begin.
        zone: The plant's clock.
        rests: The crew rests on that day.
    """
    if rests:
        return [Stop(span.start, span.end, Planned.HOLIDAY)]
    if span.day.weekday() in span.shift.unmanned:
        return [Stop(span.start, span.end, Planned.UNMANNED)]
    stops = []
    for each in span.shift.breaks:
        start = instant(span.day if each.start >= day_start else span.day + _DAY, each.start, zone)
        stops.append(Stop(start, min(start + each.minutes * MINUTE_MS, span.end), Planned.BREAK))
    return stops


def of_maintenance(window: MaintenanceWindow, zone: ZoneInfo, start_ms: int, end_ms: int) -> Iterator[Stop]:
    """The times of a window of maintenance that share time with [start, end), UTC ms; each lasts its real hours."""
    length_ms = round(window.hours * HOUR_MS)
    for on in _dates(window, local_date(start_ms - length_ms, zone) - _DAY, local_date(end_ms, zone)):
        begin = instant(on, window.start, zone)
        if begin < end_ms and begin + length_ms > start_ms:
            yield Stop(begin, begin + length_ms, Planned.MAINTENANCE)


def _dates(window: MaintenanceWindow, earliest: date, latest: date) -> Iterator[date]:
    """The dates between two, both included, on which the window begins."""
    last = latest if window.until is None else min(latest, window.until)
    if window.every_weeks is None:
        if earliest <= window.first <= last:
            yield window.first
        return
    step = timedelta(weeks=window.every_weeks)
    on = window.first + step * max(0, -((window.first - earliest) // step))
    while on <= last:
        yield on
        on += step
