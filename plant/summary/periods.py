"""The production days that a summary is about: the day, the month to date, and the same days before each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from plant.calendar.work_calendar import WorkCalendar
from plant.kpi.window import Window
from plant.model.enterprise import Site

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Days:
    """Production days, from the first to the last, both included."""

    first: date
    last: date

    def at(self, work: WorkCalendar) -> Window:
        """When they are at a site, in its own zone."""
        return Window(*work.days(self.first, self.last + _DAY))


@dataclass(frozen=True, slots=True)
class Periods:
    """What the summary of a date looks at.

    Attributes:
        day: The date.
        day_before: The same day of the week before: weekdays differ in their shifts.
        month: From the first of the month to the date.
        month_before: The same days of the month before; if it is shorter, those that it has.
        whole_month: All days of the month.
    """

    day: Days
    day_before: Days
    month: Days
    month_before: Days
    whole_month: Days

    @classmethod
    def of(cls, on: date) -> Periods:
        """Those of a date."""
        first = on.replace(day=1)
        end_before = first - _DAY
        first_before = end_before.replace(day=1)
        last = (first + 31 * _DAY).replace(day=1) - _DAY
        return cls(
            day=Days(on, on),
            day_before=Days(on - _WEEK, on - _WEEK),
            month=Days(first, on),
            month_before=Days(first_before, min(end_before, first_before + (on - first))),
            whole_month=Days(first, last),
        )


def reach(sites: Iterable[Site], on: date) -> Window:
    """The time of which production minutes are needed for the summary of a date, over all sites."""
    periods = Periods.of(on)
    first = min(periods.month_before.first, periods.day_before.first)
    windows = [Days(first, on).at(WorkCalendar.of(site)) for site in sites]
    return Window(min(each.start_ms for each in windows), max(each.end_ms for each in windows))
