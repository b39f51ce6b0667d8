"""Clocks and shifts: time zones by their IANA name, calendars whose shifts tile the day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from plant.model.enterprise import Calendar, Shift
from plant.model.metric import text
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import CalendarSpec, EnterpriseSpec


def zone(key: str, location: Location, mistakes: Mistakes) -> ZoneInfo:
    """The time zone of that name; UTC and a mistake if there is none."""
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = did_you_mean(key, sorted(available_timezones()))
        mend = near if near.startswith("did you mean") else "write an IANA zone, such as 'Europe/Moscow'"
        mistakes.add(location, f"unknown time zone '{key}'", mend)
        return ZoneInfo("UTC")


def calendar(spec: EnterpriseSpec, slug: str, location: Location, mistakes: Mistakes) -> Calendar:
    """The calendar of that slug; an empty one and a mistake if there is none."""
    written = spec.calendars.get(slug)
    if written is None:
        mistakes.add(location, f"unknown calendar '{slug}'", did_you_mean(slug, spec.calendars))
        return Calendar(slug, ())
    shifts = (Shift(key, text(each.name), each.start, each.end) for key, each in written.shifts.items())
    return Calendar(slug, tuple(shifts))


def check(slug: str, spec: CalendarSpec, mistakes: Mistakes) -> None:
    """The shifts follow each other without gap or overlap and make one day."""
    shifts = list(spec.shifts.items())
    for (_, before), (key, shift) in zip(shifts[-1:] + shifts[:-1], shifts, strict=True):
        if before.end != shift.start:
            where = ("calendars", slug, "shifts", key, "start")
            problem = f"shift '{key}' starts at {shift.start:%H:%M}, the one before ends at {before.end:%H:%M}"
            mend = f"write 'start: {before.end:%H:%M}', shifts follow without gap or overlap"
            mistakes.add(where, problem, mend)
            return
    total = sum((_length(shift.start, shift.end) for _, shift in shifts), timedelta())
    if total != timedelta(days=1):
        problem = f"the shifts of '{slug}' make {total / timedelta(hours=1):g} h"
        mistakes.add(("calendars", slug, "shifts"), problem, "together they make one day of 24 h")


def _length(start: time, end: time) -> timedelta:
    """From start to the next end; equal times are a whole day."""
    day = date(2000, 1, 1)  # any day: a calendar knows only the clock
    length = datetime.combine(day, end) - datetime.combine(day, start)
    return length if length > timedelta() else length + timedelta(days=1)
