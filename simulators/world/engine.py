"""The engine: one pure step of everything, from one state of the world to the next.

Order of a step: weather, orders, machine states, then per kind of physics what it wants from upstream, who gets what,
and what it makes of it; generic signals and meters last. A unit sees what others did in the step before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np

from plant.packml import State
from simulators.world import crew, grade, machines, plan, stores
from simulators.world.dice import Draws
from simulators.world.display import vector
from simulators.world.identity import Same
from simulators.world.inertia import Bools, Floats, clamp, some
from simulators.world.influence import ANOTHER_PRODUCT, ORDERED, Influences
from simulators.world.kind import SUMMED, Inputs, Outputs
from simulators.world.kinds import METER
from simulators.world.plan import Assignment, PlanState
from simulators.world.state import BOOKS, GOOD, PRODUCED, SELF_KEPT, WorldState
from simulators.world.stores import StoreState, Taken
from simulators.world.structure import Structure
from simulators.world.weather import Sky

LONGEST_STEP_S = 10.0
"""A dryer may not pass more than one slot in a step, and no store may empty in one."""
_EXECUTE = int(State.EXECUTE)
_COLD = frozenset({State.ABORTING, State.ABORTED, State.CLEARING, State.STOPPING, State.STOPPED})
_READY = np.array([0.0 if state in _COLD else 1.0 for state in State])
"""Whether burners stay on, by state."""
_ACTING = attrgetter("gas_supply", "pace_factor", "impurity", "heat_add", "fill_bias_kg", "scrap_add")
"""Fields of `Influences` that kinds see among their `Inputs`, where these end with them."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a step is about: the orders, what is really worked on, and what is done to the world."""

    assigned: Assignment
    work: Assignment
    influences: Influences


def start(fixed: Structure, now_ms: int, draws: Draws) -> WorldState:
    """A warm plant at `now_ms`, silos as the model says, most machines in Execute.

    Args:
        fixed: What does not change.
        now_ms: UTC ms.
        draws: Random numbers.
    """
    orders = plan.start(fixed.plan, now_ms, draws.uniform)
    assigned = plan.assign(fixed.plan, orders)
    states = machines.start(fixed.machines, assigned.ordered, draws.normal, draws.uniform)
    set_points = _recipes(fixed, assigned.pace, assigned.product)
    stock = _filled(fixed, draws.uniform[5])
    units = len(stock)
    no, zero = np.zeros(units, np.bool_), np.zeros(units)
    stucco = grade.usual(stock * _stucco_share(fixed))
    store = StoreState(stock, zero, zero, zero, stucco, np.zeros(len(fixed.graph.group_taker)))
    running = (states.state == _EXECUTE).astype(np.float64)
    weather = fixed.weather.start(draws.site_normal)
    begun = WorldState(
        begun_ms=now_ms,
        time_ms=now_ms,
        machines=states,
        stores=store,
        weather=weather,
        plan=orders,
        signals=fixed.signals.start(running, draws.signal_normal, now_ms / 1000.0),
        kinds={},
        set_points=set_points,
        totals=np.zeros((6, units)),
        books=np.zeros((len(BOOKS), units)),
        counted=zero,
        starved=no,
        blocked=no,
        supplied=~no,
        command=np.zeros(units, np.int64),
        product=assigned.product,
        numbers=zero,
    )
    task = Task(assigned, assigned, Influences.none(units))
    inputs = _inputs(fixed, begun, task, running, fixed.weather.sky(weather, now_ms), draws, 1.0)
    fresh = {name: kind.start(inputs[name]) for name, kind in fixed.kinds.items()}
    return replace(begun, kinds=fresh)


def advance(
    fixed: Structure, before: WorldState, dt_s: float, draws: Draws, influences: Influences | None = None
) -> WorldState:
    """The state `dt_s` (at most `LONGEST_STEP_S`) later.

    Args:
        fixed: What does not change.
        before: The state to go on from.
        dt_s: Length of the step, s.
        draws: Random numbers.
        influences: What is done to the world in this step; None for nothing.
    """
    acting = influences or Influences.none(len(fixed.roster.units))
    now_ms = before.time_ms + round(dt_s * 1000.0)
    weather = fixed.weather.step(before.weather, dt_s, draws.site_normal)
    executing = before.machines.state == _EXECUTE
    given = _cut(fixed, before.plan, now_ms, acting)
    asked = plan.step(fixed.plan, given, before.counted, executing, now_ms, dt_s, acting.order_size)
    assigned = plan.assign(fixed.plan, asked)
    work = _work_given(fixed, assigned, acting)
    signals = machines.Signals(
        starved=before.starved,
        blocked=before.blocked,
        supplied=before.supplied,
        ordered=assigned.ordered,
        finish=assigned.finish,
        setup_s=assigned.setup_s,
        reaction=crew.reaction(fixed.roster.sites, now_ms)[fixed.roster.site],
        planned_s=fixed.machines.maintenance.left_s(now_ms),
        rest_s=fixed.machines.maintenance.rest_s(now_ms),
    )
    states = machines.step(fixed.machines, before.machines, signals, dt_s, draws.normal, draws.uniform, acting)
    turned = replace(
        before,
        time_ms=now_ms,
        machines=states,
        weather=weather,
        plan=asked,
        set_points=_loaded(fixed, before, work),
        product=work.product,
    )
    return _work(fixed, turned, Task(assigned, work, acting), dt_s, draws)


def _work(fixed: Structure, now: WorldState, task: Task, dt_s: float, draws: Draws) -> WorldState:
    """Let everything that executes work for `dt_s`; orders, states and set points are those of this step."""
    running = (now.machines.state == _EXECUTE).astype(np.float64)
    sky = fixed.weather.sky(now.weather, now.time_ms)
    inputs = _inputs(fixed, now, task, running, sky, draws, dt_s)
    wanted = _wanted(fixed, now, inputs)
    supply = task.influences.supply
    store, taken = stores.take(fixed.graph, now.stores, wanted * supply, _shares(fixed, inputs), dt_s)
    done = {
        name: kind.step(now.kinds[name], inputs[name], taken.part(fixed.roster.slices[name]))
        for name, kind in fixed.kinds.items()
    }
    outputs = {name: output for name, (_, output) in done.items()}
    sums = _gather(fixed, outputs)
    stucco = _stucco_made(fixed, outputs)
    store = stores.put(store, sums["made"], sums["bad"], sums["water"], sums["label"], stucco)
    signals = fixed.signals.step(now.signals, running, draws.signal_normal, now.time_ms / 1000.0, dt_s)
    shown_signals = fixed.signals.shown(signals, running)
    flows = _flows(fixed, sums, running, shown_signals, task.influences)
    counted = _count(fixed, sums, running * task.influences.pace_factor, task.work, dt_s)
    totals = now.totals + np.concatenate([counted, flows * (dt_s / 3600.0)])
    shown = {name: output.shown for name, output in outputs.items()}
    central = _central(now, task.assigned, flows, totals)
    return replace(
        now,
        stores=store,
        signals=signals,
        kinds={name: state for name, (state, _) in done.items()},
        totals=totals,
        numbers=vector(central, shown, now.set_points, shown_signals),
        books=now.books + np.array([taken.amount, sums["made"], *(sums[name] for name in SELF_KEPT)]),
        counted=np.maximum(counted[PRODUCED], counted[GOOD]),
        starved=_starved(fixed, outputs, wanted, taken),
        blocked=stores.blocked(fixed.graph, store),
        supplied=stores.supplied(fixed.graph, store) & (supply > stores.SCARCE),
    )


def _inputs(
    fixed: Structure, now: WorldState, task: Task, running: Floats, sky: Sky, draws: Draws, dt_s: float
) -> dict[str, Inputs]:
    work, acting = task.work, task.influences
    site = fixed.roster.site
    active = running * fixed.machines.active
    activity = (fixed.per_site(active) / fixed.machines_of_site)[site]
    air = sky.air_c[site] + acting.air_add
    moisture = np.maximum(0.0, sky.stone_moisture[site] + acting.moisture_add)
    ready = _READY[now.machines.state]
    throttle = stores.throttle(fixed.graph, now.stores) * acting.pace_factor
    wear = now.machines.wear + acting.wear_add
    ahead = _ahead_fill(fixed, now.stores)
    waiting = stores.waiting(fixed.graph, now.stores)
    tempo = crew.tempo(fixed.roster.sites, now.time_ms)[site]
    forces = _calm(Same(fixed)) if acting is Influences.none(len(site)) else _acting(fixed, acting)
    of_units = np.array([  # in the order of the fields of `Inputs`
        running, ready, now.machines.ran_s, now.stores.amount, throttle, waiting, ahead, wear,
        work.pace, work.product, work.scrap, work.fresh, activity, tempo, air, moisture,
    ])  # fmt: skip
    normal, uniform, set_points, now_s = draws.normal, draws.uniform, now.set_points, now.time_ms / 1000.0
    return {
        name: Inputs._make(
            (now_s, dt_s, *of_units[:, rows], set_points[name], normal[:, rows], uniform[:, rows], *forces[name])
        )
        for name, rows in fixed.kind_slices
    }


def _acting(fixed: Structure, influences: Influences) -> dict[str, Floats]:
    """What acts on the units of each kind, shape (forces, units of the kind)."""
    forces = np.array(_ACTING(influences))
    return {name: forces[:, rows] for name, rows in fixed.kind_slices}


@lru_cache(maxsize=4)
def _calm(fixed: Same[Structure]) -> dict[str, Floats]:
    """The same while nothing acts, which is nearly always."""
    return _acting(fixed.thing, Influences.none(len(fixed.thing.roster.units)))


def _wanted(fixed: Structure, now: WorldState, inputs: Mapping[str, Inputs]) -> Floats:
    wanted = np.zeros(len(fixed.roster.units))
    for name, rows in fixed.kind_slices:
        wanted[rows] = fixed.kinds[name].demand(now.kinds[name], inputs[name])
    return wanted


def _shares(fixed: Structure, inputs: Mapping[str, Inputs]) -> Floats:
    """Share of each group of sources in what its taker wants."""
    shares = np.ones(len(fixed.graph.group_taker))
    for name, (groups, component, taker) in fixed.shared.items():
        shares[groups] = fixed.kinds[name].shares(inputs[name])[component, taker]
    return shares


def _starved(fixed: Structure, outputs: Mapping[str, Outputs], wanted: Floats, taken: Taken) -> Bools:
    starved = stores.starved(wanted, taken)
    for name in fixed.restless:
        starved[fixed.roster.slices[name]] = outputs[name].starved
    return starved


def _flows(
    fixed: Structure, sums: Mapping[str, Floats], running: Floats, signals: Floats, influences: Influences
) -> Floats:
    """Power, kW, gas and water, m3/h, of all units, meters last; shape (3, units)."""
    power = fixed.drives.power_kw(running, sums["load"])
    flows = np.array([power, sums["gas_m3h"], sums["water_m3h"]])
    flows += fixed.counters.flows * running
    for flow, (rows, places) in zip(flows, fixed.flow_signals, strict=True):
        flow[rows] = signals[places]
    flows[0] *= influences.power_supply
    if METER in fixed.kinds:
        meters = fixed.roster.slices[METER]
        for flow in flows:
            flow[meters] = fixed.reach.total(flow, len(fixed.kinds[METER].group))
    return flows


def _count(fixed: Structure, sums: Mapping[str, Floats], running: Floats, assigned: Assignment, dt_s: float) -> Floats:
    """Produced, good and rejected in this step, shape (3, units)."""
    good, reject = fixed.counters.made(running, assigned.pace, assigned.scrap, dt_s / 3600.0)
    return np.array([sums["produced"] + good + reject, sums["good"] + good, sums["reject"] + reject])


def _central(now: WorldState, assigned: Assignment, flows: Floats, totals: Floats) -> list[Floats]:
    """What every unit has, in the order of `display.CENTRAL`."""
    stopped = now.machines.state != _EXECUTE
    return [
        now.machines.state.astype(np.float64),
        machines.modes(now.machines).astype(np.float64),
        now.command.astype(np.float64),
        np.where(stopped, now.machines.cause, 0).astype(np.float64),
        assigned.order,
        np.where(assigned.order > 0.0, assigned.product + 1.0, 0.0),
        *flows,
        *totals,
    ]


def _cut(fixed: Structure, orders: PlanState, now_ms: int, influences: Influences) -> PlanState:
    """The plan after the orders that are cut short."""
    lines = influences.cut_order[fixed.plan.constraint]
    return plan.cut(fixed.plan, orders, lines, now_ms) if some(lines) else orders


def _work_given(fixed: Structure, assigned: Assignment, influences: Influences) -> Assignment:
    """What machines really work on: the orders, unless a line runs another product or makes more scrap than usual."""
    given = assigned
    if some(influences.scrap_add):
        given = replace(given, scrap=clamp(given.scrap + influences.scrap_add))
    other = (influences.product_actual != ORDERED) & (assigned.pace > 0.0)
    if not some(other):
        return given
    table = fixed.plan
    rows = np.flatnonzero(other)
    line = table.line_of[rows]
    asked = influences.product_actual[rows]
    listed = table.products[line]
    ordered = (listed == assigned.product[rows, None]).argmax(axis=1)
    place = np.where(
        asked == ANOTHER_PRODUCT, (ordered + 1) % table.choices[line], (listed == asked[:, None]).argmax(axis=1)
    )
    pace, product = given.pace.copy(), given.product.copy()
    pace[rows], product[rows] = table.rates[line, place], listed[np.arange(len(rows)), place]
    return replace(given, pace=pace, product=product)


def _loaded(fixed: Structure, before: WorldState, work: Assignment) -> Mapping[str, Mapping[str, Floats]]:
    """Set points after the recipes of lines whose order or product changed have been loaded."""
    fresh = (work.fresh > 0) | (work.product != before.product)
    if not some(fresh):
        return before.set_points
    recipes = _recipes(fixed, work.pace, work.product)
    return {
        name: {
            key: np.where(fresh[fixed.roster.slices[name]], recipes[name][key], value) for key, value in values.items()
        }
        for name, values in before.set_points.items()
    }


def _recipes(fixed: Structure, pace: Floats, product: Floats) -> dict[str, dict[str, Floats]]:
    return {name: fixed.kinds[name].recipe(pace[rows], product[rows]) for name, rows in fixed.kind_slices}


def _filled(fixed: Structure, uniform: Floats) -> Floats:
    stock = np.zeros(len(fixed.roster.units))
    for name, rows in fixed.kind_slices:
        stock[rows] = fixed.kinds[name].fill(uniform[rows])
    return stock


def _gather(fixed: Structure, outputs: Mapping[str, Outputs]) -> dict[str, Floats]:
    """The outputs of all kinds side by side, shape (units,) each."""
    sums = np.zeros((len(SUMMED), len(fixed.roster.units)))
    for name, rows in fixed.kind_slices:
        done: tuple[Any, ...] = outputs[name]
        block = sums[:, rows]
        for row, field in fixed.filled[name]:
            block[row] = done[field]
    return dict(zip(SUMMED, sums, strict=True))


def _stucco_made(fixed: Structure, outputs: Mapping[str, Outputs]) -> Floats:
    """The stucco in what units made, shape (grade.ROWS, units)."""
    made = np.zeros((grade.ROWS, len(fixed.roster.units)))
    for name in fixed.graded:
        made[:, fixed.roster.slices[name]] = outputs[name].stucco
    return made


def _stucco_share(fixed: Structure) -> Floats:
    """Share of stucco in what lies behind each unit at the start."""
    share = np.zeros(len(fixed.roster.units))
    for name, rows in fixed.kind_slices:
        share[rows] = fixed.kinds[name].stucco_share
    return share


def _ahead_fill(fixed: Structure, store: StoreState) -> Floats:
    unit, silo = fixed.ahead
    count = len(fixed.roster.units)
    held = np.bincount(unit, store.amount[silo], count)
    space = np.bincount(unit, fixed.graph.capacity[silo], count)
    fill: Floats = np.divide(held, space, out=np.zeros(count), where=space > 0.0)
    return fill
