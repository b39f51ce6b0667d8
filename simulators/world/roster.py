"""Which units there are, in the order of the world's arrays, and how they hang together.

Rows are sorted by kind of physics, within a kind in the order of the model, so that each kind's units are one slice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plant.errors import ConfigurationError
from plant.model.enterprise import Enterprise, Role, Site, Unit
from simulators.world.group import Group, component, numeric, text
from simulators.world.inertia import Floats, Ints
from simulators.world.kind import AnyKind, Work
from simulators.world.kinds import GENERIC, KINDS
from simulators.world.machines import Machines
from simulators.world.maintenance import Maintenance, renewed_at
from simulators.world.stores import Graph, spread

NEVER_S = 1e15
"""Stands for a time that never comes, and can still be multiplied by 0."""
GENERIC_WORK = Work()


@dataclass(frozen=True, slots=True)
class Roster:
    """The units of the chosen sites.

    Attributes:
        sites: Chosen, in the order of the model.
        units: In the order of the rows; live ones only.
        row: Row of each unit by its path.
        slices: Rows of each kind of physics that occurs, in the order in which kinds step.
        sources: For each unit the rows of the units that feed it.
        site: Place of each unit's site in `sites`, shape (units,).
    """

    sites: tuple[Site, ...]
    units: tuple[Unit, ...]
    row: Mapping[tuple[str, ...], int]
    slices: Mapping[str, slice]
    sources: tuple[tuple[int, ...], ...]
    site: Ints

    def kind_of(self, row: int) -> str:
        """Kind of physics of a unit."""
        return next(name for name, rows in self.slices.items() if rows.start <= row < rows.stop)


def build(enterprise: Enterprise, chosen: Sequence[str] | None) -> Roster:
    """The roster of some sites (slugs), or of all.

    Raises:
        ConfigurationError: A site does not exist, or a unit type names physics that nobody has written.
    """
    unknown = set(chosen or ()) - {site.slug for site in enterprise.sites}
    if unknown:
        known = ", ".join(site.slug for site in enterprise.sites)
        raise ConfigurationError(f"unknown site '{min(unknown)}'; the model has {known}")
    sites = tuple(site for site in enterprise.sites if chosen is None or site.slug in chosen)
    order = [*KINDS, GENERIC]
    live = [unit for site in sites for unit in site.units if unit.retired is None]
    physics = {unit.path: _physics(enterprise, unit) for unit in live}
    units = tuple(sorted(live, key=lambda unit: order.index(physics[unit.path])))
    row: dict[tuple[str, ...], int] = {unit.path: i for i, unit in enumerate(units)}
    slices, begin = {}, 0
    for name in order:
        count = sum(kind == name for kind in physics.values())
        if count:
            slices[name] = slice(begin, begin + count)
        begin += count
    place = {site.slug: i for i, site in enumerate(sites)}
    site = np.array([place[unit.site] for unit in units], np.int64)
    return Roster(sites, units, row, slices, _sources(units, row), site)


def groups(enterprise: Enterprise, roster: Roster) -> dict[str, Group]:
    """Units of each kind, generic ones apart."""
    kinds = [roster.kind_of(i) for i in range(len(roster.units))]

    def nearest(unit: Unit, name: str) -> float | None:
        front, seen = [roster.row[unit.path]], set[int]()
        while front:
            for at in front:
                if name in roster.units[at].simulation:
                    return numeric(roster.units[at].simulation, name, 0.0)
            seen |= set(front)
            front = sorted({up for at in front for up in roster.sources[at]} - seen)
        return None

    takers: list[set[str]] = [set() for _ in roster.units]
    for row, ups in enumerate(roster.sources):
        for up in ups:
            takers[up].add(kinds[row])
    return {
        name: Group(
            units=roster.units[rows],
            nearest=nearest,
            sources=tuple(tuple(roster.units[up] for up in ups) for ups in roster.sources[rows]),
            source_kinds=tuple(frozenset(kinds[up] for up in ups) for ups in roster.sources[rows]),
            taker_kinds=tuple(frozenset(each) for each in takers[rows]),
            products=tuple(enterprise.products),
        )
        for name, rows in roster.slices.items()
        if name != GENERIC
    }


def graph(roster: Roster, kinds: Mapping[str, AnyKind]) -> Graph:
    """Edges, groups of interchangeable sources and sizes of stores."""
    units = len(roster.units)
    capacity = np.full(units, np.inf)
    for name, kind in kinds.items():
        capacity[roster.slices[name]] = kind.capacity
    edges = _edges(roster)
    groups = sorted({(taker, brings) for _, taker, brings in edges})
    place = {each: i for i, each in enumerate(groups)}
    main = np.arange(units)
    for row, ups in enumerate(roster.sources):
        main[row] = ups[0] if ups else row
    source = np.array([source for source, _, _ in edges], np.int64)
    taker = np.array([taker for _, taker, _ in edges], np.int64)
    return Graph(
        source=source,
        taker=taker,
        group=np.array([place[taker, brings] for _, taker, brings in edges], np.int64),
        group_taker=np.array([taker for taker, _ in groups], np.int64),
        group_component=np.array([brings for _, brings in groups], np.int64),
        capacity=capacity,
        main=main,
        outside=np.array([not ups for ups in roster.sources], np.bool_),
        sources=spread(source, units),
        takers=spread(taker, units),
    )


def machines(roster: Roster, kinds: Mapping[str, AnyKind]) -> Machines:
    """States, failures and sequences of all units."""
    names = [roster.kind_of(row) for row in range(len(roster.units))]
    work = [kinds[name].WORK if name in kinds else GENERIC_WORK for name in names]
    units = roster.units

    def number(name: str, default: float) -> Floats:
        return np.array([numeric(unit.simulation, name, default) for unit in units], np.float64)

    def stated(name: str) -> Floats:
        return np.array([getattr(each, name) for each in work], np.float64)

    wear_per_h = number("wear_per_h", 0.0)
    life_h = np.where(wear_per_h > 0.0, 1.0 / np.maximum(1e-12, wear_per_h), stated("life_h"))
    plan = Maintenance.of(roster.sites, roster.row, units)
    return Machines(
        active=np.array([unit.with_role(Role.STATE) is not None for unit in units], np.bool_),
        follows=_followed(roster),
        mtbf_s=number("mtbf_h", NEVER_S / 3600.0) * 3600.0,
        mttr_s=number("mttr_min", 30.0) * 60.0,
        minor_every_s=3600.0 * stated("minor_every_h"),
        minor_s=stated("minor_s"),
        start_s=stated("start_s"),
        life_s=3600.0 * life_h,
        renewed_at=renewed_at(life_h, plan.cycle_h),
        maintenance=plan,
        batch_s=number("batch_s", NEVER_S),
        gap_s=number("gap_s", 60.0),
    )


def ahead(roster: Roster) -> tuple[Ints, Ints]:
    """Pairs of a unit and a silo that its material ends up in, by way of units that are no silos."""
    silos = roster.slices.get("silo", slice(0, 0))
    takers: dict[int, list[int]] = {}
    for row, ups in enumerate(roster.sources):
        for up in ups:
            takers.setdefault(up, []).append(row)
    pairs = []
    for row in range(len(roster.units)):
        front, seen = list(takers.get(row, ())), set[int]()
        while front:
            at = front.pop()
            if at in seen:
                continue
            seen.add(at)
            if silos.start <= at < silos.stop:
                pairs.append((row, at))
            else:
                front.extend(takers.get(at, ()))
    pairs.sort()
    return np.array([a for a, _ in pairs], np.int64), np.array([b for _, b in pairs], np.int64)


def _physics(enterprise: Enterprise, unit: Unit) -> str:
    name = enterprise.unit_types[unit.type].physics
    if name != GENERIC and name not in KINDS:
        known = ", ".join([*KINDS, GENERIC])
        raise ConfigurationError(f"unit type '{unit.type}' has unknown physics '{name}'; there are {known}")
    return name


def _edges(roster: Roster) -> list[tuple[int, int, int]]:
    """Source, taker and what the source brings (`group.COMPONENTS`; always the first for takers of one material)."""
    mixers = roster.slices.get("dosing_mixer", slice(0, 0))
    return [
        (up, row, component(text(roster.units[up].simulation, "material")) if mixers.start <= row < mixers.stop else 0)
        for row, ups in enumerate(roster.sources)
        for up in ups
    ]


def _sources(units: Sequence[Unit], row: Mapping[tuple[str, ...], int]) -> tuple[tuple[int, ...], ...]:
    refs = {(unit.site, unit.ref): row[unit.path] for unit in units}
    found: list[list[int]] = [[] for _ in units]
    for unit in units:
        for fed in unit.feeds:
            if (unit.site, fed) in refs:
                found[refs[unit.site, fed]].append(row[unit.path])
    return tuple(tuple(ups) for ups in found)


def _followed(roster: Roster) -> Ints:
    refs = {(unit.site, unit.ref): i for i, unit in enumerate(roster.units)}
    found = []
    for unit in roster.units:
        name = text(unit.simulation, "follows")
        ref = name if "/" in name else f"{unit.line}/{name}"
        if name and (unit.site, ref) not in refs:
            raise ConfigurationError(f"unit '{'/'.join(unit.path)}' follows '{name}', which is no unit of its site")
        found.append(refs[unit.site, ref] if name else -1)
    return np.array(found, np.int64)
