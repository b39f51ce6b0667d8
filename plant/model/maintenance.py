"""Windows of planned maintenance: what the line type says, and what each line changes of it."""

from __future__ import annotations

from plant.model.layers import Layer, Layered
from plant.model.lines import PlannedLine
from plant.model.metric import text
from plant.model.mistakes import Location, Mistakes, did_you_mean
from plant.model.schema import MaintenanceSpec
from plant.model.shifts import MaintenanceWindow


def windows(line: PlannedLine, mistakes: Mistakes) -> tuple[MaintenanceWindow, ...]:
    """The windows of a line; what is wrong goes to `mistakes`."""
    written = [(layer.location, layer.spec.maintenance) for layer in line.written.layers]
    found = []
    for slug in dict.fromkeys(slug for _, each in written for slug in each):
        layers = [_layer(location, slug, each[slug]) for location, each in written if slug in each]
        window = _window(line, slug, Layered.of(*layers), mistakes)
        if window is not None:
            found.append(window)
    return tuple(found)


def _layer(location: Location, slug: str, spec: MaintenanceSpec) -> Layer[MaintenanceSpec]:
    return Layer((*location, "maintenance", slug), spec)


def _window(
    line: PlannedLine, slug: str, written: Layered[MaintenanceSpec], mistakes: Mistakes
) -> MaintenanceWindow | None:
    spec = written.spec
    units = _units(line, written, mistakes)
    if spec.until is not None and spec.first is not None and spec.until < spec.first:
        problem = f"maintenance '{slug}' ends on {spec.until}, before its first date"
        mistakes.add(written.where("until"), problem, f"write a date from {spec.first} on, or leave 'until' out")
    if spec.name is None or spec.first is None or spec.start is None or spec.hours is None:
        lacks = next(key for key in ("name", "first", "start", "hours") if getattr(spec, key) is None)
        where = written.location if written.location[: len(line.location)] == line.location else line.location
        problem = f"maintenance '{slug}' of line '{line.slug}' lacks '{lacks}'"
        mistakes.add(where, problem, f"add '{lacks}: ...' under 'maintenance', '{slug}'")
        return None
    return MaintenanceWindow(
        slug, text(spec.name), spec.first, spec.start, spec.hours, spec.every_weeks, spec.until, units
    )


def _units(line: PlannedLine, written: Layered[MaintenanceSpec], mistakes: Mistakes) -> frozenset[str]:
    """The units that are named, a family as all of its units."""
    found: list[str] = []
    for place, name in enumerate(written.spec.units or ()):
        if line.lacks(name):
            problem = f"line '{line.slug}' has no unit '{name}'"
            mistakes.add((*written.where("units"), place), problem, did_you_mean(name, line.units))
        found += line.families.get(name, (name,))
    return frozenset(found)
