"""Material between units: each unit has a store behind it, and the units it feeds take from there.

The store of a silo is the silo; of a machine the few minutes of material on its outlet. Amounts are in the unit that
makes them (t, m2, bags). Nothing is ever lost: what is taken from one store is what its takers get.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulators.world import grade
from simulators.world.inertia import ONE, ZERO, Bools, Floats, Ints, ramp

SLOW_DOWN_AT = 0.6
"""Share of a store from which on its maker slows down, so that flows find their balance instead of flickering."""
FULL = 0.98
"""Share of a store at which its maker counts as blocked; it may go on below `ROOM_AGAIN`."""
ROOM_AGAIN = 0.6
SCARCE = 0.05
"""A taker that gets less than this share of what it wants starves."""
TRACE = 1e-9
"""Less than this much of anything cannot be shared out."""
SUPPLY_S = 60.0
"""A suspended taker goes on when there is material for this long, s."""
CARRIED = 2 + grade.ROWS
"""What goes with the amounts: scrap, water, and what stucco is like."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Who takes from whom; arrays of shape (edges,) unless said.

    Attributes:
        source: Row of the unit whose store is taken from; `taker` the row of the one that takes.
        group: Edges of one taker whose material is interchangeable share a number.
        group_taker: Taker of each group, shape (groups,); `group_component` what it brings (`group.COMPONENTS`).
        capacity: Of each unit's store, in the unit's own measure, infinite for the warehouse, shape (units,).
        main: Row of the unit whose material each unit carries on, itself when it takes from nobody, shape (units,).
        outside: Units that nobody in the model feeds: quarry, yard and lorries bring what they want, shape (units,).
        sources: `source` for each of `CARRIED` rows laid end to end, shape (CARRIED * edges,); `takers` likewise.
    """

    source: Ints
    taker: Ints
    group: Ints
    group_taker: Ints
    group_component: Ints
    capacity: Floats
    main: Ints
    outside: Bools
    sources: Ints
    takers: Ints


@dataclass(frozen=True, slots=True)
class StoreState:
    """What is in the stores; shapes (units,).

    Attributes:
        amount: All of it; `bad` is the part that is already scrap.
        water: Free water in it, t.
        label: A number that goes with the material, such as its lot.
        stucco: What the stucco in it is like, rows of `grade`, shape (grade.ROWS, units).
        appetite: What each group last wanted in a second of work, shape (groups,).
    """

    amount: Floats
    bad: Floats
    water: Floats
    label: Floats
    stucco: Floats
    appetite: Floats


class Taken(NamedTuple):
    """What units got in a step; shapes (units,), in the measure of the unit that it comes from.

    Attributes:
        amount: All of it; `bad` is the part that is already scrap, `label` goes with it.
        water: Free water that comes with it, t.
        gone: What others took from the unit's own store, in its own measure.
        stucco: What the stucco in it is like, rows of `grade`, shape (grade.ROWS, units).
    """

    amount: Floats
    bad: Floats
    water: Floats
    label: Floats
    gone: Floats
    stucco: Floats

    def part(self, rows: slice) -> Taken:
        """The same for some units."""
        amount, bad, water, label, gone, stucco = self
        return Taken(amount[rows], bad[rows], water[rows], label[rows], gone[rows], stucco[:, rows])


def spread(edge_ends: Ints, units: int) -> Ints:
    """Rows of edges for each of `CARRIED` rows of units laid end to end, as `Graph.sources` wants them."""
    return (np.arange(CARRIED)[:, None] * units + edge_ends).ravel()


def take(graph: Graph, before: StoreState, wanted: Floats, shares: Floats, dt_s: float) -> tuple[StoreState, Taken]:
    """Give each unit what it wants, as far as it is there.

    A taker of several materials gets all of them in the same proportion; takers of one store share by what they want;
    one material in several stores is taken in proportion to the stocks.

    Args:
        graph: Who takes from whom.
        before: The stores.
        wanted: By each unit in this step, shape (units,).
        shares: Of each group in what its taker wants, shape (groups,).
        dt_s: Length of the step, s.
    """
    units, groups = len(before.amount), len(graph.group_taker)
    stock = before.amount[graph.source]
    group_stock = _sum(graph.group, stock, groups)
    group_want = wanted[graph.group_taker] * shares
    want = _ratio(group_want, group_stock)[graph.group] * stock
    grant = np.minimum(ONE, _ratio(before.amount, _sum(graph.source, want, units)))
    granted = want * grant[graph.source]
    fulfilled = np.minimum(ONE, _ratio(_sum(graph.group, granted, groups), group_want))
    least = np.ones(units)
    np.minimum.at(least, graph.group_taker, np.where(group_want > 0.0, fulfilled, 1.0))
    moved = granted * _ratio(least[graph.group_taker], fulfilled)[graph.group]
    gone = np.minimum(before.amount, _sum(graph.source, moved, units))
    part = _ratio(moved, before.amount[graph.source])
    held = np.concatenate([before.bad, before.water, before.stucco.ravel()])
    carried = (held[graph.sources].reshape(CARRIED, len(part)) * part).ravel()
    left = np.maximum(ZERO, held - _sum(graph.sources, carried, CARRIED * units)).reshape(CARRIED, units)
    came = _sum(graph.takers, carried, CARRIED * units).reshape(CARRIED, units)
    appetite = np.where(group_want > 0.0, group_want / dt_s, before.appetite)
    after = StoreState(before.amount - gone, left[0], left[1], before.label, left[2:], appetite)
    got = np.where(graph.outside, wanted, _sum(graph.taker, moved, units))
    return after, Taken(got, came[0], came[1], before.label[graph.main], gone, came[2:])


def put(before: StoreState, made: Floats, bad: Floats, water: Floats, label: Floats, stucco: Floats) -> StoreState:
    """Add what units made: all of it, the part that is scrap, its free water, t, its label, and its stucco."""
    amount = before.amount + made
    return StoreState(amount, before.bad + bad, before.water + water, label, before.stucco + stucco, before.appetite)


def waiting(graph: Graph, state: StoreState) -> Floats:
    """What lies in the stores that each unit takes from, shape (units,)."""
    return _sum(graph.taker, state.amount[graph.source], len(state.amount))


def throttle(graph: Graph, state: StoreState) -> Floats:
    """How fast each unit may make more: 1 while its store has room, falling to 0 as it fills."""
    return ramp(state.amount / graph.capacity, 1.0, SLOW_DOWN_AT)


def blocked(graph: Graph, state: StoreState) -> Bools:
    """Units without room for what they make."""
    return state.amount >= FULL * graph.capacity


def supplied(graph: Graph, state: StoreState) -> Bools:
    """Units that have room again and material for `SUPPLY_S` at the pace that they had."""
    groups = len(graph.group_taker)
    group_stock = _sum(graph.group, state.amount[graph.source], groups)
    short = np.zeros(len(state.amount), np.bool_)
    short[graph.group_taker[group_stock < state.appetite * SUPPLY_S]] = True
    return ~short & (state.amount <= ROOM_AGAIN * graph.capacity)


def starved(wanted: Floats, taken: Taken) -> Bools:
    """Units that wanted material and got next to nothing."""
    return (wanted > 0.0) & (taken.amount < SCARCE * wanted)


def _sum(at: Ints, amounts: Floats, count: int) -> Floats:
    """Sums of `amounts` by place, shape (count,)."""
    return np.bincount(at, amounts, count).astype(np.float64, copy=False)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """The quotient, and 0 where there is no more than a trace of the whole."""
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > TRACE)
