"""Clocks and shifts: time zones by their IANA name, calendars whose shifts tile the day, days of rest."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from plant.model.layers import Layered
from plant.model.metric import text
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import WEEKDAYS, CalendarSpec, EnterpriseSpec, LineTypeSpec, ShiftSpec, SiteSpec
from plant.model.shifts import Break, Calendar, Holidays, Shift


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
    return Calendar(slug, tuple(_shift(key, each) for key, each in written.shifts.items()), written.works_holidays)


def of_line(spec: EnterpriseSpec, site: SiteSpec, line: Layered[LineTypeSpec], mistakes: Mistakes) -> Calendar | None:
    """The calendar that a line has instead of its site's; it must have the same shifts, or no shift would add up."""
    slug = line.spec.calendar
    if slug is None or slug == site.calendar:
        return None
    where = line.where("calendar")
    own = calendar(spec, slug, where, mistakes)
    usual = spec.calendars.get(site.calendar)
    if own.shifts and usual is not None:
        site_shifts = [(key, each.start, each.end) for key, each in usual.shifts.items()]
        if site_shifts != [(each.slug, each.start, each.end) for each in own.shifts]:
            problem = f"calendar '{slug}' has other shifts than '{site.calendar}', the calendar of the site"
            mistakes.add(where, problem, "give both the same shifts; breaks and unmanned days may differ")
    return own


def holidays(spec: EnterpriseSpec, site: SiteSpec, location: Location, mistakes: Mistakes) -> Holidays:
    """The days on which the crews of a site rest."""
    if site.holidays is None:
        return {}
    written = spec.holidays.get(site.holidays)
    if written is None:
        mistakes.add(location, f"unknown holidays '{site.holidays}'", did_you_mean(site.holidays, spec.holidays))
        return {}
    return {on: text(name) for on, name in written.days.items()}


def check(slug: str, spec: CalendarSpec, mistakes: Mistakes) -> None:
    """The shifts follow each other without gap or overlap and make one day; breaks lie in them, one after the other."""
    for key, shift in spec.shifts.items():
        _check_breaks(("calendars", slug, "shifts", key, "breaks"), key, shift, mistakes)
    if all(len(set(shift.unmanned)) == len(WEEKDAYS) for shift in spec.shifts.values()):
        problem = f"nobody ever works in calendar '{slug}'"
        mistakes.add(("calendars", slug, "shifts"), problem, "leave at least one day of a shift out of 'unmanned'")
    _check_shifts(slug, spec, mistakes)


def _shift(slug: str, spec: ShiftSpec) -> Shift:
    breaks = (Break(key, text(each.name), each.start, each.minutes) for key, each in spec.breaks.items())
    return Shift(slug, text(spec.name), spec.start, spec.end, tuple(breaks), frozenset(spec.unmanned))


def _check_breaks(location: Location, slug: str, shift: ShiftSpec, mistakes: Mistakes) -> None:
    whole, before = _length(shift.start, shift.end), timedelta()
    for key, each in shift.breaks.items():
        begin = _length(shift.start, each.start) % timedelta(days=1)
        end = begin + timedelta(minutes=each.minutes)
        if end > whole:
            problem = f"break '{key}' ({each.start:%H:%M}, {each.minutes} min) is not within shift '{slug}'"
            mend = f"let it begin and end between {shift.start:%H:%M} and {shift.end:%H:%M}"
            mistakes.add((*location, key), problem, mend)
        elif begin < before:
            problem = f"break '{key}' begins before the one above it ends"
            mistakes.add((*location, key, "start"), problem, "breaks stand in their order and do not overlap")
        before = max(before, end)


def _check_shifts(slug: str, spec: CalendarSpec, mistakes: Mistakes) -> None:
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
