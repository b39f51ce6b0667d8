"""Production plan: each line works off orders one after the other and is set up for the next product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plant.model.enterprise import Enterprise, Line, Role, Site, Unit
from simulators.world.group import numeric
from simulators.world.inertia import Bools, Floats, Ints

SHORTEST_H, LONGEST_H = 5.0, 18.0
"""An order is five to eighteen hours of production at the ideal rate."""
SAME_PRODUCT = 0.5
"""Share of orders that ask for the same product again and need no set-up."""
GAP = 0.15
"""Share of orders after which the line has none for a while; `GAP_H` is the longest such time, h."""
GAP_H = 1.5
SETUP_MIN = 35.0
"""Mean set-up time where the model has no `setup_min`; single ones scatter by 30 % about it."""
WITHOUT = 0.03
"""Share of lines that have no order when the world starts."""
FIRST_NUMBER = 100
"""Order numbers begin somewhere in the year, not at 1."""


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
        setup_s: Mean set-up time, s.
    """

    lines: tuple[tuple[Site, Line], ...]
    line_of: Ints
    constraint: Ints
    counts: Ints
    rates: Floats
    products: Ints
    choices: Ints
    scrap: Floats
    setup_s: Floats


@dataclass(frozen=True, slots=True)
class PlanState:
    """Present orders; arrays of shape (lines,).

    Attributes:
        number: Of the order; `place` of its product among those of the line.
        quantity: To make, in the line's measure; `done` so far.
        wait_s: Time until there is an order again.
        setup_s: Length of the set-up that is due or under way; 0 without one.
        finishing: The machine has still to come to a stop for what follows.
        fresh: The order changed in this step.
    """

    number: Floats
    place: Ints
    quantity: Floats
    done: Floats
    wait_s: Floats
    setup_s: Floats
    finishing: Bools
    fresh: Bools


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
        setup_s=np.array([60.0 * numeric(unit.simulation, "setup_min", SETUP_MIN) for unit in constraints]),
    )


def start(plan: Plan, uniform: Floats) -> PlanState:
    """Every line amid an order, a few without one; `uniform` has the shape (at least 6, units)."""
    drawn = uniform[:, plan.constraint]
    place = np.floor(drawn[0] * plan.choices).astype(np.int64)
    quantity = _quantity(plan, place, drawn[1])
    return PlanState(
        number=np.floor(FIRST_NUMBER + 800.0 * drawn[2]),
        place=place,
        quantity=quantity,
        done=quantity * drawn[3],
        wait_s=np.where(drawn[4] < WITHOUT, 3600.0 * GAP_H * drawn[5], 0.0),
        setup_s=np.zeros(len(plan.lines)),
        finishing=np.zeros(len(plan.lines), np.bool_),
        fresh=np.zeros(len(plan.lines), np.bool_),
    )


def step(plan: Plan, before: PlanState, made: Floats, executing: Bools, dt_s: float, uniform: Floats) -> PlanState:
    """Book what was made and, where an order is done, begin the next one.

    Args:
        plan: The lines.
        before: Their orders.
        made: By each unit in the last step, in its line's measure, shape (units,).
        executing: Units in Execute, shape (units,).
        dt_s: Length of the step, s.
        uniform: Draws on [0, 1), shape (at least 6, units).
    """
    done = before.done + made[plan.counts]
    finishing = before.finishing & executing[plan.constraint]
    waiting = replace(
        before,
        done=done,
        wait_s=np.where(finishing, before.wait_s, np.maximum(0.0, before.wait_s - dt_s)),
        finishing=finishing,
        fresh=np.zeros(len(done), np.bool_),
    )
    over = (done >= before.quantity) & (before.wait_s <= 0.0)
    return _next_order(plan, waiting, over, uniform[:, plan.constraint]) if over.any() else waiting


def assign(plan: Plan, state: PlanState) -> Assignment:
    """The orders as each unit sees them."""
    row = np.arange(len(plan.lines))
    planned = plan.line_of >= 0
    at = np.where(planned, plan.line_of, 0)
    units = len(at)
    if not len(row):
        zero = np.zeros(units)
        no = np.zeros(units, np.bool_)
        return Assignment(zero, zero, zero, zero, ~no, no, zero, zero)
    product = plan.products[row, state.place]
    ordered = state.wait_s <= 0.0
    constrained = np.zeros(units, np.bool_)
    constrained[plan.constraint] = True
    return Assignment(
        pace=np.where(planned, plan.rates[row, state.place][at], 0.0),
        product=np.where(planned, product[at], 0).astype(np.float64),
        scrap=np.where(planned, plan.scrap[product][at], 0.0),
        fresh=np.where(planned, state.fresh[at], 0.0),
        ordered=~constrained | ordered[at],
        finish=constrained & state.finishing[at],
        setup_s=np.where(planned, state.setup_s[at], 0.0),
        order=np.where(planned & ordered[at], state.number[at], 0.0),
    )


def _next_order(plan: Plan, now: PlanState, over: Bools, drawn: Floats) -> PlanState:
    same = (drawn[0] < SAME_PRODUCT) | (plan.choices < 2)
    place = np.where(same, now.place, (now.place + 1) % plan.choices)
    gap = np.where(drawn[1] < GAP, 3600.0 * GAP_H * drawn[2], 0.0)
    setup = np.where(same, 0.0, plan.setup_s * (0.7 + 0.6 * drawn[3]))
    stops = over & ((gap > 0.0) | (setup > 0.0))
    place = np.where(over, place, now.place)
    return replace(
        now,
        number=now.number + over,
        place=place,
        quantity=np.where(over, _quantity(plan, place, drawn[4]), now.quantity),
        done=np.where(over, 0.0, now.done),
        wait_s=np.where(over & (gap > 0.0), gap + setup, now.wait_s),
        setup_s=np.where(over, setup, now.setup_s),
        finishing=now.finishing | stops,
        fresh=over,
    )


def _quantity(plan: Plan, place: Ints, uniform: Floats) -> Floats:
    rate = plan.rates[np.arange(len(plan.lines)), place]
    return np.round(rate * (SHORTEST_H + (LONGEST_H - SHORTEST_H) * uniform), -1)


def _counting(line: Line) -> Unit:
    """The unit whose output works an order off: where the line's measure is first counted."""
    output = line.unit(line.output) if line.output else line.unit(line.constraint)
    good = output.with_role(Role.GOOD)
    for unit in line.units:
        metric = unit.with_role(Role.PRODUCED)
        if metric is not None and good is not None and metric.unit == good.unit:
            return unit
    return output
