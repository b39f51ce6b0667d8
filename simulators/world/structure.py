"""Everything about a world that does not change: units, their physics, the material graph, who shows what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plant.model.enterprise import Enterprise, Role
from plant.model.tags import TagTable, TextTag
from simulators.world import display, grade, machines, plan, roster
from simulators.world.dice import NORMALS, UNIFORMS
from simulators.world.display import Display
from simulators.world.energy import Drives
from simulators.world.inertia import Floats, Ints
from simulators.world.kind import SUMMED, AnyKind, Inputs, Outputs
from simulators.world.kinds import GENERIC, KINDS, METER
from simulators.world.kinds.generic import GenericCounters, Signals
from simulators.world.kinds.meter import Reach, reach
from simulators.world.plan import Plan
from simulators.world.roster import Roster
from simulators.world.stores import Graph, Taken
from simulators.world.weather import Weather

_FLOW_ROLES = (Role.POWER, Role.GAS_FLOW, Role.WATER_FLOW)


@dataclass(frozen=True, slots=True)
class Structure:
    """The unchanging parts.

    Attributes:
        kinds: Physics by name, in the order in which they step; generic units are not among them.
        kind_slices: Name and rows of each of them.
        ahead: Pairs of a unit and a silo that its material ends up in, two arrays of rows.
        filled: For each kind the fields that it fills: their places in `kind.SUMMED` and in `Outputs`.
        graded: Kinds that pass stucco on.
        restless: Kinds that say themselves when they starve.
        shared: For kinds that take several materials the groups of sources of their units: rows of the graph's groups,
            the component that each brings, and its taker's place in the kind.
        machines_of_site: How many machines each site has, at least 1, shape (sites,).
        flow_signals: For power, gas and water: rows of units whose flow is a generic signal, and the signals' rows.
        reach: What meters sum.
        drives: What drives take.
    """

    roster: Roster
    kinds: Mapping[str, AnyKind]
    kind_slices: tuple[tuple[str, slice], ...]
    graph: Graph
    machines: machines.Machines
    plan: Plan
    weather: Weather
    ahead: tuple[Ints, Ints]
    filled: Mapping[str, Sequence[tuple[int, int]]]
    graded: tuple[str, ...]
    restless: tuple[str, ...]
    shared: Mapping[str, tuple[Ints, Ints, Ints]]
    machines_of_site: Floats
    signals: Signals
    counters: GenericCounters
    flow_signals: tuple[tuple[Ints, Ints], ...]
    reach: Reach
    drives: Drives
    display: Display

    def per_site(self, each: Floats) -> Floats:
        """Sums of a number of each unit by site, shape (sites,)."""
        return np.bincount(self.roster.site, each, len(self.roster.sites)).astype(np.float64, copy=False)


def build(enterprise: Enterprise, tags: TagTable, texts: Sequence[TextTag], sites: Sequence[str] | None) -> Structure:
    """The structure of some sites (slugs), or of all.

    Raises:
        ConfigurationError: A site, a kind of physics or a followed unit does not exist.
    """
    units = roster.build(enterprise, sites)
    kinds = {name: KINDS[name].of(group) for name, group in roster.groups(enterprise, units).items()}
    graph = roster.graph(units, kinds)
    states = roster.machines(units, kinds)
    tried = {name: _tried(kind) for name, kind in kinds.items()}
    shown = {name: tuple(output.shown) for name, output in tried.items()}
    set_points = {name: tuple(kind.recipe(kind.zero, kind.zero)) for name, kind in kinds.items()}
    board = display.build(enterprise, tags, texts, units, kinds, shown, set_points)
    active = np.bincount(units.site, states.active, len(units.sites)).astype(np.float64)
    return Structure(
        roster=units,
        kinds=kinds,
        kind_slices=tuple((name, units.slices[name]) for name in kinds),
        graph=graph,
        machines=states,
        plan=plan.build(enterprise, units.sites, units.row, len(units.units)),
        weather=Weather.of(units.sites),
        ahead=roster.ahead(units),
        filled={name: _filled(out) for name, out in tried.items()},
        graded=tuple(name for name, out in tried.items() if out.stucco is not None),
        restless=tuple(name for name, out in tried.items() if out.starved is not None),
        shared={name: _shared(graph, units.slices[name]) for name, kind in kinds.items() if kind.takes_several},
        machines_of_site=np.maximum(1.0, active),
        signals=Signals.of(board.signals),
        counters=GenericCounters.of(units.units, _rows(units, GENERIC)),
        flow_signals=tuple(_flow_signals(board, units, role) for role in _FLOW_ROLES),
        reach=_reach(units),
        drives=_drives(units, kinds),
        display=board,
    )


def _tried(kind: AnyKind) -> Outputs:
    """What a kind shows and fills, asked by letting it take one step on neutral ground."""
    zero = kind.zero
    recipe = kind.recipe(zero, zero)
    inputs = Inputs(
        now_s=0.0,
        dt_s=1.0,
        running=zero,
        ready=zero,
        ran_s=zero,
        stock=0.5 * np.minimum(1e6, kind.capacity),
        throttle=zero,
        waiting=zero,
        ahead=zero,
        wear=zero,
        pace=zero,
        product=zero,
        scrap=zero,
        fresh=zero,
        activity=zero,
        tempo=zero + 1.0,
        air_c=zero,
        stone_moisture=zero + 0.04,
        set_points=recipe,
        normal=np.zeros((NORMALS, len(zero))),
        uniform=np.full((UNIFORMS, len(zero)), 0.5),
    )
    nothing = Taken(zero, zero, zero, zero, zero, grade.usual(zero))
    output: Outputs = kind.step(kind.start(inputs), inputs, nothing)[1]
    return output


def _shared(graph: Graph, rows: slice) -> tuple[Ints, Ints, Ints]:
    at = np.flatnonzero((graph.group_taker >= rows.start) & (graph.group_taker < rows.stop))
    return at, graph.group_component[at], graph.group_taker[at] - rows.start


def _filled(output: Outputs) -> list[tuple[int, int]]:
    places = [(row, Outputs._fields.index(name)) for row, name in enumerate(SUMMED)]
    return [(row, field) for row, field in places if output[field] is not None]


def _drives(units: Roster, kinds: Mapping[str, AnyKind]) -> Drives:
    drives = Drives(*np.zeros((3, len(units.units))))
    for name, kind in kinds.items():
        rows = units.slices[name]
        drives.rated_kw[rows] = kind.rated_kw
        drives.standing[rows], drives.stopped[rows] = kind.WORK.standing, kind.WORK.stopped
    return drives


def _rows(units: Roster, kind: str) -> Ints:
    rows = units.slices.get(kind, slice(0, 0))
    return np.arange(rows.start, rows.stop)


def _reach(units: Roster) -> Reach:
    metered = np.zeros(len(units.units), np.bool_)
    metered[_rows(units, METER)] = True
    return reach([units.units[i] for i in _rows(units, METER)], units.units, metered)


def _flow_signals(board: Display, units: Roster, role: Role) -> tuple[Ints, Ints]:
    generic = set(_rows(units, GENERIC).tolist())
    pairs = [(each.row, i) for i, each in enumerate(board.signals) if each.metric.role is role and each.row in generic]
    return np.array([a for a, _ in pairs], np.int64), np.array([b for _, b in pairs], np.int64)
