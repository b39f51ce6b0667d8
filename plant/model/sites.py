"""A site: its lines made final, with everything that only shows when all of them are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plant.model import calendars, hosts, maintenance, material, storage
from plant.model.enterprise import MINOR_STOP_MIN, Area, Gateway, Line, Site, SpecificConsumption, Unit
from plant.model.gateways import Gateways, inherited
from plant.model.lines import Catalogue, PlannedLine, PlannedUnit, plan
from plant.model.metric import text
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import SiteSpec
from plant.model.work_centre import check_line


def build(catalogue: Catalogue, slug: str, mistakes: Mistakes) -> Site:
    """The site of that slug; what is wrong goes to `mistakes`."""
    spec = catalogue.spec.sites[slug]
    location: Location = ("sites", slug)
    lines = _planned_lines(catalogue, slug, mistakes)
    gateways = Gateways.of(slug, spec, mistakes)
    builder = _Builder(catalogue, slug, spec, lines, gateways, mistakes)
    areas = builder.areas()
    gateways.check_use(mistakes)
    storage.check(slug, lines, mistakes)
    return Site(
        slug=slug,
        name=text(spec.name),
        zone=calendars.zone(spec.zone, (*location, "zone"), mistakes),
        latitude=spec.latitude,
        longitude=spec.longitude,
        status=spec.status,
        primary_host=hosts.primary_host(catalogue.spec, slug),
        calendar=calendars.calendar(catalogue.spec, spec.calendar, (*location, "calendar"), mistakes),
        areas=areas,
        gateways=tuple(Gateway(each, slug) for each in gateways.declared),
        specific=builder.specific(),
        note=text(spec.note) if spec.note is not None else None,
        holidays=calendars.holidays(catalogue.spec, spec, (*location, "holidays"), mistakes),
    )


def _planned_lines(catalogue: Catalogue, site: str, mistakes: Mistakes) -> dict[str, PlannedLine]:
    """All lines of the site by slug, which is unique in it."""
    lines: dict[str, PlannedLine] = {}
    for area_slug, area in catalogue.spec.sites[site].areas.items():
        for slug in area.lines:
            line = plan(catalogue, site, area_slug, slug, mistakes)
            if slug in lines:
                first = mistakes.line(lines[slug].location)
                problem = f"the site already has a line '{slug}' (line {first})"
                mistakes.add(line.location, problem, "slugs of lines are unique in a site")
            lines.setdefault(slug, line)
    return lines


@dataclass(frozen=True, slots=True)
class _Builder:
    """Turns the planned lines of one site into final ones."""

    catalogue: Catalogue
    site: str
    spec: SiteSpec
    lines: Mapping[str, PlannedLine]
    gateways: Gateways
    mistakes: Mistakes

    def areas(self) -> tuple[Area, ...]:
        return tuple(
            Area(
                slug=slug,
                name=text(area.name),
                site=self.site,
                lines=tuple(self._line(self.lines[line]) for line in area.lines if self.lines[line].area == slug),
            )
            for slug, area in self.spec.areas.items()
        )

    def specific(self) -> tuple[SpecificConsumption, ...]:
        """The specific consumptions, with their references resolved."""
        found = []
        for slug, written in self.spec.specific.items():
            location: Location = ("sites", self.site, "specific", slug)
            if written.unit not in self.catalogue.measures:
                mend = did_you_mean(written.unit, self.catalogue.measures)
                self.mistakes.add((*location, "unit"), f"unknown unit of measure '{written.unit}'", mend)
            found.append(material.specific(slug, written, location, self.lines, self.mistakes))
        return tuple(found)

    def _line(self, line: PlannedLine) -> Line:
        written = line.written.spec
        check_line(line, self.catalogue, self.mistakes)
        return Line(
            slug=line.slug,
            name=line.name,
            site=self.site,
            area=line.area,
            constraint=written.constraint or "",
            units=tuple(self._unit(line, unit) for unit in line.units.values()),
            output=written.output,
            shift_target=written.shift_target,
            ideal_rates=written.ideal_rates,
            storage=f"{self.site}/{line.storage}",
            calendar=calendars.of_line(self.catalogue.spec, self.spec, line.written, self.mistakes),
            maintenance=maintenance.windows(line, self.mistakes),
            minor_stop_min=written.minor_stop_min or MINOR_STOP_MIN,
        )

    def _unit(self, line: PlannedLine, unit: PlannedUnit) -> Unit:
        return Unit(
            slug=unit.slug,
            name=unit.name,
            type=unit.template.type.slug,
            site=self.site,
            area=line.area,
            line=line.slug,
            gateway=self.gateways.speaker(inherited(self.spec, line), unit, self.mistakes),
            metrics=unit.metrics,
            feeds=material.feeds(self.lines, line, unit, self.mistakes),
            meters=material.metered(self.lines, unit, self.mistakes),
            storage=f"{self.site}/{storage.path(line, unit)}",
            retired=unit.written.spec.retired,
            simulation=unit.simulation,
        )
