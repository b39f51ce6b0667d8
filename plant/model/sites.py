"""A site: its lines made final, with everything that only shows when all of them are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from plant.model import material
from plant.model.enterprise import Area, Calendar, Gateway, Line, Shift, Site, Unit
from plant.model.gateways import Gateways, inherited
from plant.model.lines import Catalogue, PlannedLine, PlannedUnit, plan
from plant.model.metric import text
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import CalendarSpec
from plant.model.work_centre import check_line
from plant.namespace import SLUG

HOST: Final = re.compile(r"[A-Za-z0-9_-]+")
"""Sparkplug host ids, as `plant.settings` takes them."""


def build(catalogue: Catalogue, slug: str, mistakes: Mistakes) -> Site:
    """The site of that slug; what is wrong goes to `mistakes`."""
    spec = catalogue.spec.sites[slug]
    location: Location = ("sites", slug)
    lines = _lines(catalogue, slug, mistakes)
    gateways = Gateways.of(slug, spec, mistakes)
    areas = tuple(
        Area(
            area_slug,
            text(area.name),
            slug,
            tuple(
                _line(catalogue, slug, lines[line], lines, gateways, mistakes)
                for line in area.lines
                if lines[line].area == area_slug
            ),
        )
        for area_slug, area in spec.areas.items()
    )
    gateways.check_use(mistakes)
    _check_storage(slug, lines, mistakes)
    for each, consumption in spec.specific.items():
        if consumption.unit not in catalogue.measures:
            where = (*location, "specific", each, "unit")
            mend = did_you_mean(consumption.unit, catalogue.measures)
            mistakes.add(where, f"unknown unit of measure '{consumption.unit}'", mend)
    return Site(
        slug=slug,
        name=text(spec.name),
        zone=_zone(spec.zone, (*location, "zone"), mistakes),
        latitude=spec.latitude,
        longitude=spec.longitude,
        status=spec.status,
        primary_host=primary_host(catalogue, slug, mistakes),
        calendar=_calendar(catalogue, spec.calendar, (*location, "calendar"), mistakes),
        areas=areas,
        gateways=tuple(Gateway(each, slug) for each in gateways.declared),
        specific=tuple(
            material.specific(each, consumption, (*location, "specific", each), lines, mistakes)
            for each, consumption in spec.specific.items()
        ),
        note=text(spec.note) if spec.note is not None else None,
    )


def primary_host(catalogue: Catalogue, slug: str, mistakes: Mistakes) -> str:
    """The Sparkplug host whose STATE the site's edge nodes wait for."""
    spec = catalogue.spec
    own = spec.sites[slug].primary_host
    host = own if own is not None else spec.primary_host
    where: Location = ("sites", slug, "primary_host") if own is not None else ("primary_host",)
    if not host:
        mend = "add 'primary_host: collector-1' to the file's first lines"
        mistakes.add(
            where if own is not None or "primary_host" in spec.model_fields_set else ("sites", slug),
            f"site '{slug}' has no primary host",
            mend,
        )
    elif not HOST.fullmatch(host):
        mistakes.add(where, f"'{host}' is no Sparkplug host id", "use letters, digits, - and _, such as 'collector-1'")
    return host


def _lines(catalogue: Catalogue, site: str, mistakes: Mistakes) -> dict[str, PlannedLine]:
    """All lines of the site by slug, which is unique in it."""
    lines: dict[str, PlannedLine] = {}
    for area_slug, area in catalogue.spec.sites[site].areas.items():
        for slug in area.lines:
            line = plan(catalogue, site, area_slug, slug, mistakes)
            if slug in lines:
                first = mistakes.line(lines[slug].location)
                mistakes.add(
                    line.location,
                    f"line '{slug}' is already there on line {first}",
                    "slugs of lines are unique in a site",
                )
            lines.setdefault(slug, line)
    return lines


def _line(
    catalogue: Catalogue,
    site: str,
    line: PlannedLine,
    lines: Mapping[str, PlannedLine],
    gateways: Gateways,
    mistakes: Mistakes,
) -> Line:
    spec = catalogue.spec.sites[site]
    speaker = inherited(spec, line)
    units = tuple(
        Unit(
            slug=unit.slug,
            name=unit.name,
            type=unit.template.type.slug,
            site=site,
            area=line.area,
            line=line.slug,
            gateway=gateways.speaker(speaker, unit, mistakes),
            metrics=unit.metrics,
            feeds=material.feeds(lines, line, unit, mistakes),
            storage=_storage(site, line, unit, mistakes),
            retired=unit.written.spec.retired,
            simulation=unit.simulation,
        )
        for unit in line.units.values()
    )
    written = line.written.spec
    check_line(line, catalogue, mistakes)
    return Line(
        slug=line.slug,
        name=line.name,
        site=site,
        area=line.area,
        constraint=written.constraint or "",
        units=units,
        output=written.output,
        shift_target=written.shift_target,
        ideal_rates=written.ideal_rates,
        storage=f"{site}/{line.storage}",
    )


def _storage(site: str, line: PlannedLine, unit: PlannedUnit, mistakes: Mistakes) -> str:
    """``site/line/unit`` under which the history of a unit is kept."""
    stored = unit.stored_as
    parts = stored.split("/")
    if len(parts) > 2 or not all(SLUG.fullmatch(part) for part in parts):
        mistakes.add(
            unit.written.where("was"),
            f"'{stored}' is no former name of a unit",
            "write its first slug, or line/slug if it moved",
        )
    elif unit.written.spec.was is not None and stored == unit.slug:
        mistakes.add(unit.written.where("was"), f"unit '{unit.slug}' was never called otherwise", "remove 'was'")
    return f"{site}/{stored}" if len(parts) == 2 else f"{site}/{line.storage}/{stored}"


def _check_storage(site: str, lines: Mapping[str, PlannedLine], mistakes: Mistakes) -> None:
    """No two lines and no two units share a history."""
    stored: dict[str, str] = {}
    for line in lines.values():
        if line.storage == line.slug and line.written.where("was") != line.location:
            mistakes.add(line.written.where("was"), f"line '{line.slug}' was never called otherwise", "remove 'was'")
        for unit in line.units.values():
            parts = unit.stored_as.split("/")
            storage = "/".join(parts if len(parts) == 2 else [line.storage, unit.stored_as])
            here = f"{line.slug}/{unit.slug}"
            other = stored.setdefault(storage, here)
            if other != here:
                where = unit.written.where("was")
                if where == unit.written.location:
                    where = line.written.where("was")
                problem = f"'{other}' and '{here}' would both be stored as '{site}/{storage}'"
                mistakes.add(where, problem, "'was' names the first slug of this one alone")


def _zone(key: str, location: Location, mistakes: Mistakes) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mistakes.add(location, f"unknown time zone '{key}'", did_you_mean_zone(key))
        return ZoneInfo("UTC")


def did_you_mean_zone(key: str) -> str:
    """The nearest IANA zone."""
    mend = did_you_mean(key, sorted(available_timezones()))
    return mend if mend.startswith("did") else "write an IANA zone, such as 'Europe/Moscow'"


def _calendar(catalogue: Catalogue, slug: str, location: Location, mistakes: Mistakes) -> Calendar:
    spec = catalogue.spec.calendars.get(slug)
    if spec is None:
        mistakes.add(location, f"unknown calendar '{slug}'", did_you_mean(slug, catalogue.spec.calendars))
        return Calendar(slug, ())
    return Calendar(slug, tuple(Shift(each, text(one.name), one.start, one.end) for each, one in spec.shifts.items()))


def check_calendar(slug: str, spec: CalendarSpec, mistakes: Mistakes) -> None:
    """The shifts follow each other without gap and overlap and make one day."""
    shifts = list(spec.shifts.items())
    for (_, before), (key, shift) in zip(shifts[-1:] + shifts[:-1], shifts, strict=True):
        if before.end != shift.start:
            where = ("calendars", slug, "shifts", key, "start")
            problem = f"shift '{key}' starts at {shift.start:%H:%M}, the one before ends at {before.end:%H:%M}"
            mistakes.add(where, problem, f"write 'start: \"{before.end:%H:%M}\"', shifts follow without gap or overlap")
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
