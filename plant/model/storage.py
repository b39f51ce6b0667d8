"""Where the history of a unit is kept: under its first name, whatever it is called today."""

from __future__ import annotations

from collections.abc import Mapping

from plant.model.lines import PlannedLine, PlannedUnit
from plant.model.mistakes import Location, Mistakes
from plant.namespace import SLUG


def path(line: PlannedLine, unit: PlannedUnit) -> str:
    """``line/unit`` under which the unit is stored in its site."""
    stored = unit.stored_as
    return stored if "/" in stored else f"{line.storage}/{stored}"


def check(site: str, lines: Mapping[str, PlannedLine], mistakes: Mistakes) -> None:
    """Every `was` is a former name, and no two units share a history."""
    owners: dict[str, tuple[PlannedLine, PlannedUnit]] = {}
    for line in lines.values():
        if line.storage == line.slug and line.written.where("was") != line.location:
            mistakes.add(line.written.where("was"), f"line '{line.slug}' was never called otherwise", "remove 'was'")
        for unit in line.units.values():
            _check_former_name(line, unit, mistakes)
            stored = path(line, unit)
            owner = owners.setdefault(stored, (line, unit))
            if owner[1] is not unit:
                names = " and ".join(f"'{there.slug}/{each.slug}'" for there, each in (owner, (line, unit)))
                problem = f"{names} would both be stored as '{site}/{stored}'"
                where = _renaming((line, unit), owner)
                mistakes.add(where, problem, "'was' names the first slug of this one alone")


def _check_former_name(line: PlannedLine, unit: PlannedUnit, mistakes: Mistakes) -> None:
    if unit.written.spec.was is None:
        return
    parts = unit.stored_as.split("/")
    if len(parts) > 2 or not all(SLUG.fullmatch(part) for part in parts):
        problem = f"'{unit.stored_as}' is no former name of a unit"
        mistakes.add(unit.written.where("was"), problem, "write its first slug, or line/slug if it moved")
    elif path(line, unit) == f"{line.storage}/{unit.slug}":
        mistakes.add(unit.written.where("was"), f"unit '{unit.slug}' was never called otherwise", "remove 'was'")


def _renaming(*owners: tuple[PlannedLine, PlannedUnit]) -> Location:
    """The `was` that brought the owners to the same place."""
    for _, unit in owners:
        if unit.written.spec.was is not None:
            return unit.written.where("was")
    for line, _ in owners:
        if line.storage != line.slug:
            return line.written.where("was")
    return owners[0][1].written.location
