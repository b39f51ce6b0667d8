"""Minutes of past production days as a few rows a day: sums over whole days stay what they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from plant.calendar.work_calendar import WorkCalendar
from plant.production.lines import LineTable
from plant.production.minutes import DTYPES, QUANTITIES, ProductionMinutes
from plant.production.steps import Integers

KEYS: Final = ("line", "product", "element", "loss", "reason", "cause", "provisional")
"""Rows of a day that are alike in these become one; orders are not told apart."""
_ADDED: Final = ("seconds", *QUANTITIES)


def condensed(minutes: ProductionMinutes, table: LineTable) -> ProductionMinutes:
    """The same with one row for each kind of row of a line and production day, at the begin of the day.

    Any sum over whole production days is the same, but for the number of rows that are provisional: it is 0 where it
    was.

    Args:
        minutes: In any order.
        table: The lines, whose sites say when a day begins.
    """
    if not len(minutes):
        return minutes
    time = _days(minutes, table)
    keys = np.stack([time, *(minutes.arrays[name].astype(np.int64) for name in KEYS)])
    order = np.lexsort(keys)
    keys = keys[:, order]
    first = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)))
    columns = {name: keys[1 + place, first].astype(DTYPES[name]) for place, name in enumerate(KEYS)}
    columns |= {name: np.add.reduceat(minutes.arrays[name][order], first) for name in _ADDED}
    return ProductionMinutes(**columns, time=keys[0, first], order=np.zeros(len(first), np.int64)).sorted()


def _days(minutes: ProductionMinutes, table: LineTable) -> Integers:
    """Begin of the production day of each row, UTC ms."""
    begins = np.empty(len(minutes), np.int64)
    for site in {row.site.slug: row.site for row in table}.values():
        lines = [row.index for row in table if row.site.slug == site.slug]
        mine = np.flatnonzero(np.isin(minutes.line, lines))
        work = WorkCalendar.of(site)
        days, place = np.unique(work.days_of(minutes.time[mine]), return_inverse=True)
        begins[mine] = np.array([work.day(day).start for day in days.tolist()], np.int64)[place]
    return begins


def gathered(parts: Iterable[ProductionMinutes], table: LineTable) -> ProductionMinutes:
    """Parts that follow each other, each condensed as it comes; of a day that is cut several rows stay."""
    return ProductionMinutes.concat(condensed(part, table) for part in parts)
