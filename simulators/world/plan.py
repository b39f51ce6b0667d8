"""Production plan: each line works off its orders one after the other and is set up for the next product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np

from plant.messages import Order
from plant.model.enterprise import Enterprise, Line, Role, Site, Unit
from simulators.world import orderbook
from simulators.world.identity import Same
from simulators.world.inertia import Bools, Floats, Ints, some
from simulators.world.orderbook import AHEAD, GAP_H, Book, Orders

A = TypeVar("A", Floats, Ints)

WITHOUT = 0.03
"""Share of lines that have no order when the world starts; it comes within `GAP_H`."""
FIRST_NUMBER = 100
"""Order numbers begin somewhere in the year, not at 1."""
HORIZON_S = 7 * 86_400.0
"""Orders that are to begin within this time are given out."""
PRESENT = ("place", "quantity", "due_ms", "priority")
"""What the present order takes over from the list of the coming ones."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Lines that make products; arrays of shape (lines,), or (units,) where said.

    Attributes:
        lines: Site and line.
        line_of: Row of each unit's line, -1 for units whose line makes nothing, shape (units,).
        constraint: Row of the unit that is set up; `counts` the row of the unit whose output works the order off.
        rates: Ideal rate per hour of each product of the line, shape (lines, most products), 0 beyond the last.
        products: Place among all products, likewise.
        choices: How many products a line has.
        scrap: Usual share of rejects of all products of the enterprise, shape (products,).
        books: What the orders of each line are drawn from.
        slugs: Of all products of the enterprise; `measures` the units in which they are counted.
    """

    lines: tuple[tuple[Site, Line], ...]
    line_of: Ints
    constraint: Ints
    counts: Ints
    rates: Floats
    products: Ints
    choices: Ints
    scrap: Floats
    books: tuple[Book, ...]
    slugs: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanState:
    """Present orders, arrays of shape (lines,), and those that come.

    Attributes:
        key: From which the orders of the line are drawn.
        number: Of the order; `place` of its product among those of the line, `due_ms` and `priority` as in `Orders`.
        quantity: To make, in the line's measure; `done` so far.
        wait_s: Time until there is an order again.
        setup_s: Length of the set-up that is due or under way; 0 without one.
        finishing: The machine has still to come to a stop for what follows.
        fresh: The order changed in this step.
        size: Factor on quantities with which the coming orders were drawn.
        changed_ms: When the plan of the line changed last, UTC ms.
        coming: Orders after the present one, shape (lines, AHEAD); their numbers follow its own.
    """

    key: Ints
    number: Floats
    place: Ints
    due_ms: Ints
    priority: Ints
    quantity: Floats
    done: Floats
    wait_s: Floats
    setup_s: Floats
    finishing: Bools
    fresh: Bools
    size: Floats
    changed_ms: Ints
    coming: Orders


@dataclass(frozen=True, slots=True)
class Assignment:
    """What each unit has to do; arrays of shape (units,).

    Attributes:
        pace: Ideal rate per hour; `product` its place among all, `scrap` its usual share of rejects.
        fresh: Its order changed in this step.
        ordered: It has something to make; units without a plan always do.
        finish: It must come to a stop; `setup_s` is the length of the set-up that follows.
        order: Number of the order, 0 without one.
    """

    pace: Floats
    product: Floats
    scrap: Floats
    fresh: Floats
    ordered: Bools
    finish: Bools
    setup_s: Floats
    order: Floats


def build(enterprise: Enterprise, sites: Sequence[Site], row: Mapping[tuple[str, ...], int], units: int) -> Plan:
    """The lines of `sites` that have ideal rates; `row` gives the row of a unit by its path."""
    lines = tuple((site, line) for site in sites for line in site.lines if line.ideal_rates)
    places = {slug: i for i, slug in enumerate(enterprise.products)}
    most = max((len(line.ideal_rates) for _, line in lines), default=1)
    line_of = np.full(units, -1, np.int64)
    rates, products = np.zeros((len(lines), most)), np.zeros((len(lines), most), np.int64)
    for i, (_, line) in enumerate(lines):
        for j, (product, rate) in enumerate(line.ideal_rates.items()):
            rates[i, j], products[i, j] = rate, places[product]
        for unit in line.units:
            if unit.path in row:
                line_of[row[unit.path]] = i
    constraints = [line.unit(line.constraint) for _, line in lines]
    return Plan(
        lines=lines,
        line_of=line_of,
        constraint=np.array([row[unit.path] for unit in constraints], np.int64),
        counts=np.array([row[_counting(line).path] for _, line in lines], np.int64),
        rates=rates,
        products=products,
        choices=np.array([len(line.ideal_rates) for _, line in lines], np.int64),
        scrap=np.array([product.scrap_target for product in enterprise.products.values()] or [0.0]),
        books=tuple(orderbook.book(site, line) for site, line in lines),
        slugs=tuple(enterprise.products),
        measures=tuple(product.unit for product in enterprise.products.values()),
    )


def start(plan: Plan, now_ms: int, uniform: Floats) -> PlanState:
    """Every line amid an order, a few without one; `uniform` has the shape (at least 6, units), `now_ms` is UTC."""
    drawn = uniform[:, plan.constraint]
    lines = len(plan.lines)
    whole, real, no = np.zeros(lines, np.int64), np.zeros(lines), np.zeros(lines, np.bool_)
    state = PlanState(
        key=np.floor(2.0**32 * drawn[0]).astype(np.int64),
        number=np.floor(FIRST_NUMBER + 800.0 * drawn[2]),
        place=whole,
        due_ms=whole,
        priority=whole,
        quantity=real,
        done=real,
        wait_s=np.where(drawn[4] < WITHOUT, 3600.0 * GAP_H * drawn[5], 0.0),
        setup_s=real,
        finishing=no,
        fresh=no,
        size=np.ones(lines),
        changed_ms=whole + now_ms,
        coming=orderbook.none(lines),
    )
    before = np.floor(drawn[1] * plan.choices).astype(np.int64)
    for line in range(lines):
        state = _first_orders(plan, state, line, int(before[line]), float(drawn[3, line]))
    return state


def step(
    plan: Plan, before: PlanState, made: Floats, executing: Bools, now_ms: int, dt_s: float, size: Floats
) -> PlanState:
    """Book what was made and, where an order is done, begin the next one.

    A line that stands keeps its order until it runs again, so that no set-up is lost in a stop.

    Args:
        plan: The lines.
        before: Their orders.
        made: By each unit in the last step, in its line's measure, shape (units,).
        executing: Units in Execute, shape (units,).
        now_ms: End of the step, UTC ms.
        dt_s: Length of the step, s.
        size: Factor on the quantities of the orders of each unit's line, shape (units,). Where it changes, the line
            is planned anew from the present order on.
    """
    runs = executing[plan.constraint]
    finishing = before.finishing & runs
    now = replace(
        before,
        done=before.done + made[plan.counts],
        wait_s=np.where(finishing, before.wait_s, np.maximum(0.0, before.wait_s - dt_s)),
        finishing=finishing,
        fresh=np.zeros(len(runs), np.bool_),
    )
    sizes = _of_lines(plan, size)
    for line in np.flatnonzero(sizes != now.size):
        now = _planned_anew(plan, now, int(line), now_ms, float(sizes[line]))
    over = (now.done >= now.quantity) & (now.wait_s <= 0.0) & runs
    return _next_order(plan, now, over, now_ms) if some(over) else now


def cut(plan: Plan, state: PlanState, lines: Bools, now_ms: int) -> PlanState:
    """End the present orders of some lines, shape (lines,), with their campaigns: another product follows at once.

    A line that waits to be set up for another product has no order to end.
    """
    under_way = lines & ~((state.wait_s > 0.0) & (state.setup_s > 0.0))
    now = replace(state, done=np.where(under_way, state.quantity, state.done))
    for line in np.flatnonzero(under_way):
        now = _drawn_anew(plan, now, int(line), now_ms, breaks=True)
    return now


def assign(plan: Plan, state: PlanState) -> Assignment:
    """The orders as each unit sees them."""
    if not plan.lines:
        zero = np.zeros(len(plan.line_of))
        no = np.zeros(len(zero), np.bool_)
        return Assignment(zero, zero, zero, zero, ~no, no, zero, zero)
    row, at, planned, constrained = _places(Same(plan))
    product = plan.products[row, state.place]
    ordered = (state.wait_s <= 0.0)[at]
    return Assignment(
        pace=planned * plan.rates[row, state.place][at],
        product=planned * product[at],
        scrap=planned * plan.scrap[product][at],
        fresh=planned * state.fresh[at],
        ordered=~constrained | ordered,
        finish=constrained & state.finishing[at],
        setup_s=planned * state.setup_s[at],
        order=planned * ordered * state.number[at],
    )


@lru_cache(maxsize=16)
def _places(plan: Same[Plan]) -> tuple[Ints, Ints, Floats, Bools]:
    """All lines; of each unit its line, 0 for none, 1 if it has one, and whether it is the line's constraint."""
    of_unit = plan.thing.line_of
    constrained = np.zeros(len(of_unit), np.bool_)
    constrained[plan.thing.constraint] = True
    planned = (of_unit >= 0).astype(np.float64)
    return np.arange(len(plan.thing.lines)), np.maximum(0, of_unit), planned, constrained


def listed(plan: Plan, state: PlanState, line: int) -> tuple[Order, ...]:
    """The orders of a line as they are given out: the present one first, then those to begin within `HORIZON_S`."""
    book, coming = plan.books[line], orderbook.row(state.coming, line)
    begins = np.concatenate([[0.0], np.cumsum(orderbook.lengths_s(book, coming))[:-1]])
    begins += _left_s(plan, state, line)
    count = int(np.searchsorted(begins, HORIZON_S))
    places = [state.place[line], *coming.place[:count]]
    products = plan.products[line, places].tolist()
    dues = [state.due_ms[line], *coming.due_ms[:count]]
    priorities = [state.priority[line], *coming.priority[:count]]
    quantities = [state.quantity[line], *coming.quantity[:count]]
    return tuple(
        Order(
            order=orderbook.name(plan.lines[line][1].slug, int(state.number[line]) + i),
            product=plan.slugs[product],
            quantity=float(quantity),
            unit=plan.measures[product],
            due=int(due),
            priority=int(priority),
        )
        for i, (product, quantity, due, priority) in enumerate(zip(products, quantities, dues, priorities, strict=True))
    )


def _first_orders(plan: Plan, state: PlanState, line: int, before: int, done: float) -> PlanState:
    """The line amid its first order, of which the share `done` is made; `before` is the product that came before."""
    book = plan.books[line]
    drawn = orderbook.drawn(book, int(state.key[line]), int(state.number[line]), 1 + AHEAD, before, 1.0)
    worked_s = done * float(orderbook.lengths_s(book, drawn)[0])
    due = replace(drawn, due_ms=orderbook.dues(book, drawn, int(state.changed_ms[line]), -worked_s))
    present = {key: _with(getattr(state, key), line, getattr(due, key)[0]) for key in PRESENT}
    coming = orderbook.with_row(state.coming, line, orderbook.after_first(due))
    made = _with(state.done, line, done * due.quantity[0])
    return replace(state, **present, done=made, coming=coming)


def _next_order(plan: Plan, now: PlanState, over: Bools, now_ms: int) -> PlanState:
    """The first of the coming orders begins on the lines that are `over`; one more is drawn behind the last."""
    head = {key: getattr(now.coming, key)[:, 0] for key in PRESENT}
    gap, setup = now.coming.gap_s[:, 0], now.coming.setup_s[:, 0]
    begun = replace(
        now,
        **{key: np.where(over, value, getattr(now, key)) for key, value in head.items()},
        number=now.number + over,
        done=np.where(over, 0.0, now.done),
        wait_s=np.where(over & (gap > 0.0), gap + setup, now.wait_s),
        setup_s=np.where(over, setup, now.setup_s),
        finishing=now.finishing | (over & ((gap > 0.0) | (setup > 0.0))),
        fresh=over,
        changed_ms=np.where(over, now_ms, now.changed_ms),
    )
    for line in np.flatnonzero(over):
        begun = _one_more(plan, begun, int(line), now_ms)
    return begun


def _one_more(plan: Plan, now: PlanState, line: int, now_ms: int) -> PlanState:
    book, rest = plan.books[line], orderbook.after_first(orderbook.row(now.coming, line))
    number = int(now.number[line]) + AHEAD
    last = orderbook.drawn(book, int(now.key[line]), number, 1, int(rest.place[-1]), float(now.size[line]))
    ahead_s = _left_s(plan, now, line) + float(orderbook.lengths_s(book, rest).sum())
    last = replace(last, due_ms=orderbook.dues(book, last, now_ms, ahead_s))
    return replace(now, coming=orderbook.with_row(now.coming, line, orderbook.joined(rest, last)))


def _planned_anew(plan: Plan, now: PlanState, line: int, now_ms: int, size: float) -> PlanState:
    """The line with orders of another size; of the present order less is left when they become smaller."""
    left = max(0.0, float(now.quantity[line] - now.done[line])) * min(1.0, size / float(now.size[line]))
    quantity = _with(now.quantity, line, np.ceil(now.done[line] + left))
    resized = replace(now, quantity=quantity, size=_with(now.size, line, size))
    return _drawn_anew(plan, resized, line, now_ms, breaks=False)


def _drawn_anew(plan: Plan, now: PlanState, line: int, now_ms: int, *, breaks: bool) -> PlanState:
    """The line with fresh orders after the present one; the first is for another product where its campaign breaks."""
    book, number, size = plan.books[line], int(now.number[line]) + 1, float(now.size[line])
    drawn = orderbook.drawn(book, int(now.key[line]), number, AHEAD, int(now.place[line]), size, breaks=breaks)
    due = replace(drawn, due_ms=orderbook.dues(book, drawn, now_ms, _left_s(plan, now, line)))
    return replace(
        now,
        changed_ms=_with(now.changed_ms, line, now_ms),
        coming=orderbook.with_row(now.coming, line, due),
    )


def _of_lines(plan: Plan, size: Floats) -> Floats:
    """Factor of each line, shape (lines,): whichever of its units is told, the line is meant."""
    least, most = np.ones(len(plan.lines)), np.ones(len(plan.lines))
    other = size != 1.0
    if not some(other):
        return least
    units = np.flatnonzero((plan.line_of >= 0) & other)
    np.minimum.at(least, plan.line_of[units], size[units])
    np.maximum.at(most, plan.line_of[units], size[units])
    return least * most


def _left_s(plan: Plan, state: PlanState, line: int) -> float:
    """Planned time to the end of the present order, s."""
    left = max(0.0, float(state.quantity[line] - state.done[line]))
    return float(state.wait_s[line]) + 3600.0 * left / float(plan.books[line].rates[state.place[line]])


def _with(array: A, line: int, value: float) -> A:
    changed = array.copy()
    changed[line] = value
    return changed


def _counting(line: Line) -> Unit:
    """The unit whose output works an order off: where the line's measure is first counted."""
    output = line.unit(line.output) if line.output else line.unit(line.constraint)
    good = output.with_role(Role.GOOD)
    for unit in line.units:
        metric = unit.with_role(Role.PRODUCED)
        if metric is not None and good is not None and metric.unit == good.unit:
            return unit
    return output
