"""Edge nodes of a site: declared on site, area or line, and the units that each speaks for."""

from __future__ import annotations

from dataclasses import dataclass, field

from plant.model.lines import PlannedLine, PlannedUnit
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import SiteSpec


@dataclass(slots=True)
class Gateways:
    """The gateways of one site.

    Attributes:
        declared: Where each is declared.
        devices: The units behind each, by (gateway, unit).
    """

    declared: dict[str, Location] = field(default_factory=dict)
    devices: dict[tuple[str, str], Location] = field(default_factory=dict)

    @classmethod
    def of(cls, site: str, spec: SiteSpec, mistakes: Mistakes) -> Gateways:
        """All that the site declares."""
        found = cls()
        location: Location = ("sites", site)
        found._declare(spec.gateway, location, mistakes)
        for area_slug, area in spec.areas.items():
            found._declare(area.gateway, (*location, "areas", area_slug), mistakes)
            for line_slug, line in area.lines.items():
                found._declare(line.gateway, (*location, "areas", area_slug, "lines", line_slug), mistakes)
        return found

    def _declare(self, slug: str | None, owner: Location, mistakes: Mistakes) -> None:
        where = (*owner, "gateway")
        if slug is None:
            return
        if slug in self.declared:
            first = mistakes.line(self.declared[slug])
            mend = "one edge node is declared once: move it up to the area or the site, or choose another slug"
            mistakes.add(where, f"gateway '{slug}' is already declared on line {first}", mend)
        self.declared.setdefault(slug, where)

    def speaker(self, inherited: str | None, unit: PlannedUnit, mistakes: Mistakes) -> str:
        """The gateway of a unit: its own, or the nearest of line, area and site; notes the device."""
        own = unit.written.spec.gateway
        slug = own or inherited
        where = unit.written.where("gateway")
        if slug is None:
            mistakes.add(
                where, f"unit '{unit.slug}' has no gateway", "declare 'gateway: SLUG' on its line, area or site"
            )
            return ""
        if slug not in self.declared:
            mend = f"declare it on a line, area or the site, or {did_you_mean(slug, self.declared)}"
            mistakes.add(where, f"unknown gateway '{slug}'", mend)
        if (slug, unit.slug) in self.devices:
            first = mistakes.line(self.devices[slug, unit.slug])
            problem = f"gateway '{slug}' already has a unit '{unit.slug}' (line {first})"
            mistakes.add(
                unit.written.location,
                problem,
                "unit slugs are unique under a gateway: give the line a gateway of its own",
            )
        self.devices.setdefault((slug, unit.slug), unit.written.location)
        return slug

    def check_use(self, mistakes: Mistakes) -> None:
        """Every declared gateway speaks for a unit; silent while a unit may be missing for another reason."""
        if mistakes:
            return
        used = {gateway for gateway, _ in self.devices}
        for slug, where in self.declared.items():
            if slug not in used:
                mistakes.add(where, f"gateway '{slug}' speaks for no unit", "remove it")


def inherited(spec: SiteSpec, line: PlannedLine) -> str | None:
    """The gateway that a line's units have unless they name another."""
    area = spec.areas[line.area]
    return area.lines[line.slug].gateway or area.gateway or spec.gateway
