"""Production days and shifts of a site, as instants.

A production day begins at the site's own hour and has the date on which it begins; its shifts have that date too, also
those that begin after midnight. On the days of a clock change it has 23 or 25 hours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from plant.calendar.instants import instant, local_date
from plant.calendar.planned import of_maintenance, of_shift
from plant.calendar.spans import Bounds, Instants, PlannedTime, ShiftSpan, Stop, layered
from plant.model.enterprise import Line, Site
from plant.model.shifts import Calendar, Holidays

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The calendar of a site in its own clock."""

    calendar: Calendar
    zone: ZoneInfo
    holidays: Holidays = field(default_factory=dict)

    @classmethod
    def of(cls, site: Site) -> WorkCalendar:
        """That of a site."""
        return cls(site.calendar, site.zone, site.holidays)

    def day_of(self, at_ms: int) -> date:
        """The production day of an instant, UTC ms."""
        on = local_date(at_ms, self.zone) - _DAY
        while at_ms >= self._begin(on + _DAY):
            on += _DAY
        return on

    def days_of(self, instants: Instants) -> NDArray[np.datetime64]:
        """The production days of some instants, UTC ms, as ``datetime64[D]`` of the same shape."""
        if not instants.size:
            return instants.astype("datetime64[D]")
        first, last = self.day_of(int(instants.min())), self.day_of(int(instants.max()))
        begins = np.array([self._begin(on) for on in _dates(first, last + _DAY)], np.int64)
        return np.datetime64(first, "D") + (np.searchsorted(begins, instants, "right") - 1)

    def day(self, on: date) -> Bounds:
        """A production day."""
        return self.days(on, on + _DAY)

    def days(self, first: date, until: date) -> Bounds:
        """Production days from the first to the one before `until`."""
        return Bounds(self._begin(first), self._begin(until))

    def week(self, on: date) -> Bounds:
        """The production days from the Monday to the Sunday of the week that holds a date (ISO 8601)."""
        monday = on - timedelta(days=on.weekday())
        return self.days(monday, monday + timedelta(days=7))

    def month(self, on: date) -> Bounds:
        """The production days of the month that holds a date."""
        first = on.replace(day=1)
        return self.days(first, (first + timedelta(days=31)).replace(day=1))

    def shifts_of(self, on: date) -> list[ShiftSpan]:
        """The shifts of a production day, which tile it; one that falls into a jump of the clock has no length."""
        begin = self.calendar.day_start
        starts = [
            instant(on if shift.start >= begin else on + _DAY, shift.start, self.zone) for shift in self.calendar.shifts
        ]
        ends = [*starts[1:], self._begin(on + _DAY)]
        return [
            ShiftSpan(shift, on, start, end)
            for shift, start, end in zip(self.calendar.shifts, starts, ends, strict=True)
        ]

    def shifts(self, start_ms: int, end_ms: int) -> list[ShiftSpan]:
        """All shifts that share time with [start, end), UTC ms, whole and in order."""
        spans = (span for on in _dates(self.day_of(start_ms), self.day_of(end_ms)) for span in self.shifts_of(on))
        return [span for span in spans if span.start < end_ms and span.end > start_ms]

    def shift_at(self, at_ms: int) -> ShiftSpan:
        """The shift of an instant, UTC ms."""
        return self.shifts(at_ms, at_ms + 1)[0]

    def of_line(self, line: Line) -> WorkCalendar:
        """The calendar of a line of the site: its own, if it has one."""
        return self if line.calendar is None else WorkCalendar(line.calendar, self.zone, self.holidays)

    def planned(self, line: Line, start_ms: int, end_ms: int, unit: str | None = None) -> PlannedTime:
        """When a line of the site is to run in [start, end), UTC ms, and why not.

        Args:
            line: Of this site; its own calendar counts if it has one.
            start_ms: UTC ms.
            end_ms: UTC ms, exclusive.
            unit: Slug of a unit of the line whose maintenance counts; that of the constraint, hence of the line, if
                left out.
        """
        stops = self.of_line(line).stops(start_ms, end_ms)
        windows = [each for each in line.maintenance if each.covers(unit or line.constraint)]
        stops += (stop for each in windows for stop in of_maintenance(each, self.zone, start_ms, end_ms))
        return layered(start_ms, end_ms, stops)

    def stops(self, start_ms: int, end_ms: int) -> list[Stop]:
        """When crews with this calendar rest, in the shifts that share time with [start, end), UTC ms."""
        if not self._rest_days and not any(shift.breaks or shift.unmanned for shift in self.calendar.shifts):
            return []
        begin, zone = self.calendar.day_start, self.zone
        spans = self.shifts(start_ms, end_ms)
        return [stop for span in spans for stop in of_shift(span, begin, zone, rests=span.day in self._rest_days)]

    def is_manned(self, span: ShiftSpan) -> bool:
        """Whether crews with this calendar work in a shift at all."""
        return span.day not in self._rest_days and span.day.weekday() not in span.shift.unmanned

    @property
    def _rest_days(self) -> Holidays:
        return {} if self.calendar.works_holidays else self.holidays

    def _begin(self, on: date) -> int:
        return instant(on, self.calendar.day_start, self.zone)


def _dates(first: date, last: date) -> list[date]:
    """All dates from the first to the last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
