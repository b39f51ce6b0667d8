"""When people work and when lines are to run: shifts with their breaks, and windows of maintenance.

Times are those of the site's own clock; `plant.calendar` turns them into instants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from plant.model.naming import Text

Holidays = Mapping[date, Text]
"""Days on which crews rest, with what is kept on them."""


@dataclass(frozen=True, slots=True)
class Break:
    """A planned break of a shift, such as a meal.

    Attributes:
        start: Local time, within the shift.
        minutes: Its length.
    """

    slug: str
    name: Text
    start: time
    minutes: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of the day in the site's own clock; an `end` not after `start` is on the next day.

    Attributes:
        breaks: In their order; lines stand in them as planned.
        unmanned: Weekdays, Monday is 0, of the production days on which nobody works in this shift.
    """

    slug: str
    name: Text
    start: time
    end: time
    breaks: tuple[Break, ...] = ()
    unmanned: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Shifts that tile the day; the production day begins with the first one.

    Attributes:
        works_holidays: Holidays of the site are days like all others.
    """

    slug: str
    shifts: tuple[Shift, ...]
    works_holidays: bool = False

    @property
    def day_start(self) -> time:
        """Local time at which a production day begins."""
        return self.shifts[0].start


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """An approved time for planned maintenance (ППР) of a line, once or again and again.

    Attributes:
        first: Date on which it begins for the first time.
        start: Local time at which it begins.
        hours: Its length.
        every_weeks: It comes again after so many weeks; None for once.
        until: Last date on which it may begin; None for ever.
        units: Slugs of the units that it is for; empty for all of the line.
    """

    slug: str
    name: Text
    first: date
    start: time
    hours: float
    every_weeks: int | None = None
    until: date | None = None
    units: frozenset[str] = frozenset()

    def covers(self, unit: str) -> bool:
        """Whether a unit of the line is maintained in it."""
        return not self.units or unit in self.units
