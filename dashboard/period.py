"""The period that a page shows, from the address bar: ``?period=shift``, ``?period=custom&from=..&to=..``.

Pure: the query, the time now, the site's calendar and zone go in, a `Window` comes out; shifts and production days are
those of `plant.calendar`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Calendar, Enterprise, Shift, Site

HOUR_MS: Final = 3_600_000
SHORTEST_MS: Final = 60_000
LONGEST_MS: Final = 5 * 366 * 24 * HOUR_MS


class Period(StrEnum):
    """What a period is called in the address bar."""

    SHIFT = "shift"
    DAY = "day"
    LAST_24H = "24h"
    LAST_7D = "7d"
    CUSTOM = "custom"


DEFAULT: Final = Period.SHIFT
ROLLING: Final = {Period.LAST_24H: 24 * HOUR_MS, Period.LAST_7D: 7 * 24 * HOUR_MS}
"""Length of the periods that end now, ms."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in one zone.

    Attributes:
        period: What was asked for.
        start: UTC ms, inclusive.
        end: UTC ms, exclusive; the end of a shift or day that runs lies ahead.
        now: When this was resolved, UTC ms.
        zone: Zone in which its times are shown.
        day: Production day that a shift or day belongs to (the date it starts on); None for other periods.
        shift: The shift of `Period.SHIFT`, else None.
    """

    period: Period
    start: int
    end: int
    now: int
    zone: ZoneInfo
    day: date | None = None
    shift: Shift | None = None

    @property
    def until(self) -> int:
        """End of the part that has passed, UTC ms: data can be there up to here."""
        return max(self.start, min(self.end, self.now))

    @property
    def passed(self) -> float:
        """Share of the window that has passed, 0 to 1."""
        return (self.until - self.start) / (self.end - self.start)

    @property
    def is_running(self) -> bool:
        """Whether the window reaches to now or beyond, so that live values belong to it."""
        return self.start <= self.now <= self.end


def window(period: str, start: str, end: str, now: int, calendar: Calendar, zone: ZoneInfo) -> Window:
    """The window that a query asks for.

    Args:
        period: A value of `Period`; anything else is `DEFAULT`, so that a mangled link still shows something.
        start: For `Period.CUSTOM` a local time such as ``2026-11-22T08:00``; nonsense falls back to `DEFAULT`.
        end: Likewise; a time not after `start` falls back too.
        now: UTC ms.
        calendar: Shifts of the site.
        zone: Zone of the site.
    """
    wanted = Period(period) if period in Period.__members__.values() else DEFAULT
    if wanted is Period.CUSTOM:
        span = _custom(start, end, zone)
        if span is not None:
            return Window(wanted, *span, now, zone)
        wanted = DEFAULT
    if wanted in ROLLING:
        return Window(wanted, now - ROLLING[wanted], now, now, zone)
    work = WorkCalendar(calendar, zone)
    if wanted is Period.DAY:
        on = work.day_of(now)
        return Window(wanted, *work.day(on), now, zone, day=on)
    running = work.shift_at(now)
    return Window(wanted, running.start, running.end, now, zone, day=running.day, shift=running.shift)


def group_site(enterprise: Enterprise) -> Site:
    """The site whose zone and calendar stand for the group where one clock must be chosen: of the commonest zone."""
    zones = Counter(site.zone.key for site in enterprise.sites)
    return max(enterprise.sites, key=lambda site: zones[site.zone.key])


def _custom(start: str, end: str, zone: ZoneInfo) -> tuple[int, int] | None:
    moments = []
    for text in (start, end):
        try:
            at = datetime.fromisoformat(text)
            moments.append(round((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp() * 1000))
        except (ValueError, OverflowError, OSError):
            return None
    first, last = moments
    return (first, last) if SHORTEST_MS <= last - first <= LONGEST_MS else None
