"""Everything that adds, of a site or of the group, for the windows of one date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import reduce
from operator import add

from plant.calendar.work_calendar import WorkCalendar
from plant.kpi import adding
from plant.kpi.lines import LineSet
from plant.kpi.sums import Sums
from plant.kpi.window import Window
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes
from plant.summary.periods import Days, Periods
from plant.summary.plans import planned


@dataclass(frozen=True, slots=True)
class Books:
    """Additive elements of some lines; books of disjoint lines add up to those of all.

    Attributes:
        day: Of the production day, with its plan and the good output of `day_before`.
        day_before: Of the same day of the week before.
        month: Of the month to date, with the plan to date and the good output of `month_before`.
        month_before: Of the same days of the month before.
        whole_month: As `month`, with the plan of the whole month.
    """

    day: Sums = field(default_factory=Sums)
    day_before: Sums = field(default_factory=Sums)
    month: Sums = field(default_factory=Sums)
    month_before: Sums = field(default_factory=Sums)
    whole_month: Sums = field(default_factory=Sums)

    def __add__(self, other: Books) -> Books:
        return Books(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Books)))

    @classmethod
    def of(cls, parts: Iterable[Books]) -> Books:
        """The books of disjoint lines together, such as those of the sites, each in its own zone."""
        return reduce(add, parts, cls())


def books_of_lines(
    minutes: ProductionMinutes, lines: LineSet, table: LineTable, work: WorkCalendar, periods: Periods
) -> dict[int, Books]:
    """The books of each line of a site, by its index.

    Args:
        minutes: At least those of the lines and periods.
        lines: Lines of one site.
        table: The line table.
        work: The site's calendar.
        periods: Of the date.
    """

    def sums(days: Days) -> Mapping[int, Sums]:
        return adding.by_line(minutes, days.at(work), lines)

    day, month = sums(periods.day), sums(periods.month)
    day_before, month_before = sums(periods.day_before), sums(periods.month_before)
    now = periods.day.at(work).end_ms

    def with_plan(of: Sums, index: int, whole: Window) -> Sums:
        return of.with_plan(planned(work, table[index], whole, now))

    return {
        index: Books(
            day=with_plan(day[index], index, periods.day.at(work)).with_before(day_before[index]),
            day_before=day_before[index],
            month=with_plan(month[index], index, periods.month.at(work)).with_before(month_before[index]),
            month_before=month_before[index],
            whole_month=with_plan(month[index], index, periods.whole_month.at(work)),
        )
        for index in lines.indices
    }
