"""References inside a site: the material graph (`feeds`), and the counters of specific consumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plant.model.enterprise import Consumption, Metric, Role, SpecificConsumption
from plant.model.lines import PlannedLine, PlannedUnit
from plant.model.metric import text
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import SpecificSpec

_COUNTER: dict[Consumption, Role] = {
    Consumption.GAS: Role.GAS,
    Consumption.ENERGY: Role.ENERGY,
    Consumption.WATER: Role.WATER,
}
_PRODUCT = frozenset({Role.GOOD, Role.PRODUCED})

Lines = Mapping[str, PlannedLine]


def feeds(lines: Lines, line: PlannedLine, unit: PlannedUnit, mistakes: Mistakes) -> tuple[str, ...]:
    """The units that `unit` feeds, as ``line/unit``; the name of a family stands for all of it."""
    found: dict[str, None] = {}
    for position, written in enumerate(unit.written.spec.feeds or ()):
        where = (*unit.written.where("feeds"), position)
        target, _, slug = written.rpartition("/")
        for there, each in units(lines, target or line.slug, slug, where, mistakes):
            if each is unit:
                mistakes.add(where, f"unit '{unit.slug}' feeds itself", "name the next unit")
            elif each.written.spec.retired is not None:
                mend = f"name what stands in its place, or leave '{written}' out"
                mistakes.add(where, f"unit '{unit.slug}' feeds '{written}', which is retired", mend)
            found[f"{there.slug}/{each.slug}"] = None
    return tuple(found)


def metered(lines: Lines, unit: PlannedUnit, mistakes: Mistakes) -> tuple[str, ...]:
    """The lines whose consumption a unit counts."""
    written = dict.fromkeys(unit.written.spec.meters or ())
    for position, slug in enumerate(written):
        if slug not in lines:
            where = (*unit.written.where("meters"), position)
            mistakes.add(where, f"there is no line '{slug}' in this site", did_you_mean(slug, lines))
    return tuple(slug for slug in written if slug in lines)


def units(
    lines: Lines, line: str, slug: str, where: Location, mistakes: Mistakes
) -> Iterator[tuple[PlannedLine, PlannedUnit]]:
    """The units that a reference stands for: one, or all of a counted family."""
    there = lines.get(line)
    if there is None:
        mistakes.add(where, f"there is no line '{line}' in this site", did_you_mean(line, lines))
        return
    slugs = there.families.get(slug, (slug,))
    for each in slugs:
        unit = there.units.get(each)
        if unit is not None:
            yield there, unit
        elif there.lacks(slug):
            mistakes.add(where, f"there is no unit '{slug}' in line '{line}'", did_you_mean(slug, there.units))


def specific(
    slug: str, spec: SpecificSpec, location: Location, lines: Lines, mistakes: Mistakes
) -> SpecificConsumption:
    """A specific consumption with its references resolved and checked."""
    numerators = _counters(spec.numerators, (*location, "numerators"), lines, mistakes)
    for where, path, metric in numerators:
        needed = _COUNTER[spec.consumes]
        if metric.role is not needed:
            mend = f"name a counter with role {needed}"
            mistakes.add(where, f"'{path}' has role {metric.role}, it does not count {spec.consumes}", mend)
    denominators = _counters(spec.denominators, (*location, "denominators"), lines, mistakes)
    for where, path, metric in denominators:
        if metric.role not in _PRODUCT:
            mistakes.add(
                where, f"'{path}' has role {metric.role}, it counts no product", "name a good or produced counter"
            )
        elif metric.unit != denominators[0][2].unit:
            problem = f"'{path}' counts {metric.unit}, the first one {denominators[0][2].unit}"
            mistakes.add(where, problem, "all denominators count in one unit of measure")
    return SpecificConsumption(
        slug=slug,
        name=text(spec.name),
        consumes=spec.consumes,
        unit=spec.unit,
        numerators=tuple(path for _, path, _ in numerators),
        denominators=tuple(path for _, path, _ in denominators),
        target=spec.target,
    )


def _counters(
    references: list[str], location: Location, lines: Lines, mistakes: Mistakes
) -> list[tuple[Location, str, Metric]]:
    """Each counter with the place that names it and its ``line/unit/metric``."""
    found = []
    for position, written in enumerate(references):
        where = (*location, position)
        parts = written.split("/")
        if len(parts) != 3:
            mistakes.add(where, f"'{written}' is no reference to a metric", "write it as line/unit/metric")
            continue
        for line, unit in units(lines, parts[0], parts[1], where, mistakes):
            metric = next((each for each in unit.metrics if each.key == parts[2]), None)
            if metric is None:
                keys = [each.key for each in unit.metrics if each.is_counter]
                mistakes.add(where, f"unit '{unit.slug}' has no metric '{parts[2]}'", did_you_mean(parts[2], keys))
            else:
                found.append((where, f"{line.slug}/{unit.slug}/{metric.key}", metric))
    return found
