"""What is ordered of each line: drawn from the model, one campaign of a product after the other, due at shift ends.

An order depends on the line's key, its own number and the product before it, on nothing that happens in the plant. So
coming orders are known ahead, and equal seeds give equal plans whatever the speed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import time
from itertools import product

import numpy as np

from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Line, Site
from simulators.world.group import numeric
from simulators.world.inertia import Floats, Ints

AHEAD = 96
"""Orders that are known beyond the present one: weeks of them, and still three days of the smallest, `LEAST_SIZE`."""
LEAST_SIZE = 0.1
"""Least factor on quantities: `AHEAD` smaller orders would not last for three days."""
SMALLEST, LARGEST = 0.4, 1.6
"""An order is that many shifts of work at the planned rate."""
PLANNED_SHARE = 0.8
"""Planned rate against the ideal one where the model has no shift target."""
CAMPAIGN = 0.6
"""Chance that the next order is for the same product: a campaign is two and a half orders long, so set-ups are few.
Small orders are what a market asks that wants all products at once: the chance falls with their size."""
GAP, GAP_H = 0.15, 1.5
"""Share of orders before which the line has none for a while, and the longest such time, h."""
SETUP_MIN = 35.0
"""Set-up time where the model has none; single ones scatter by `SETUP_SPREAD` about theirs."""
SETUP_SPREAD = 0.3
URGENT, NORMAL, STOCK = 1, 2, 3
"""Priorities: for a customer who waits, for a customer, for the warehouse."""
URGENT_SHARE, STOCK_SHARE = 0.1, 0.2
RESERVE_MS = 21 * 86_400_000
"""Manned shifts are looked for that much further than work reaches: over holidays, and for slack."""
SLACK_SHIFTS = {URGENT: 0, NORMAL: 1, STOCK: 3}
"""Shifts between the one in which an order is to be finished and the one at whose end it is due."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders as arrays of one shape.

    Attributes:
        place: Of the product among those of the line.
        quantity: To make, in the line's measure.
        due_ms: UTC ms, the end of a shift.
        priority: `URGENT` comes before `NORMAL` before `STOCK`.
        gap_s: Time without any order before it begins.
        setup_s: Length of the set-up before it, 0 after the same product.
    """

    place: Ints
    quantity: Floats
    due_ms: Ints
    priority: Ints
    gap_s: Floats
    setup_s: Floats


@dataclass(frozen=True, slots=True)
class Book:
    """What the orders of one line are drawn from.

    Attributes:
        rates: Planned rate per hour of each product, shape (products of the line,).
        setup_s: Mean set-up time from one product (row) to another (column), s; 0 on the diagonal.
        shift_h: Length of the first shift, h.
        work: When the line's crew works.
    """

    rates: Floats
    setup_s: Floats
    shift_h: float
    work: WorkCalendar


def book(site: Site, line: Line) -> Book:
    """The book of a line with ideal rates.

    Its planned rate is what the shift target asks of the first product, the others in proportion to their ideal rates.
    Set-ups are the parameters ``setup_min_<from>_<to>`` of the constraint unit, else its ``setup_min``.
    """
    ideal = np.array(list(line.ideal_rates.values()))
    first = site.calendar.shifts[0]
    shift_h = (_minutes(first.end) - _minutes(first.start)) % 1440 / 60.0 or 24.0
    target = line.shift_target
    share = target.amount / (shift_h * ideal[0]) if target is not None else PLANNED_SHARE
    simulation = line.unit(line.constraint).simulation
    usual = numeric(simulation, "setup_min", SETUP_MIN)
    pairs = [
        0.0 if a == b else 60.0 * numeric(simulation, f"setup_min_{a}_{b}", usual)
        for a, b in product(line.ideal_rates, repeat=2)
    ]
    setup_s = np.array(pairs).reshape(len(ideal), len(ideal))
    return Book(share * ideal, setup_s, shift_h, WorkCalendar.of(site).of_line(line))


def name(line: str, number: int) -> str:
    """What an order is called everywhere: ``boards-00417``."""
    return f"{line}-{number:05d}"


def drawn(of: Book, key: int, first: int, count: int, before: int, size: float, *, breaks: bool = False) -> Orders:
    """Orders one after the other, not yet due at any time; shape (count,).

    Args:
        of: The line's book.
        key: The line's share in the world's seed.
        first: Number of the first of them.
        count: How many.
        before: Place of the product that is made before them.
        size: Factor on their quantities.
        breaks: The campaign breaks off: the first is for another product, and there is no gap before it.
    """
    uniform = np.array([np.random.Generator(np.random.PCG64([key, first + i])).random(6) for i in range(count)])
    if breaks:
        uniform[0, [0, 3]] = 1.0
    places = _places(uniform[:, 0], before, len(of.rates), CAMPAIGN * min(1.0, size))
    shifts = SMALLEST + (LARGEST - SMALLEST) * uniform[:, 1]
    whole = of.rates[places[1:]] * of.shift_h * shifts * size
    digits = 10.0 ** np.maximum(0.0, np.floor(np.log10(np.maximum(1.0, whole))) - 1.0)
    urgent, stock = uniform[:, 2] < URGENT_SHARE, uniform[:, 2] >= 1.0 - STOCK_SHARE
    spread = 1.0 + SETUP_SPREAD * (2.0 * uniform[:, 5] - 1.0)
    return Orders(
        place=places[1:],
        quantity=np.maximum(1.0, np.round(whole / digits)) * digits,
        due_ms=np.zeros(count, np.int64),
        priority=np.where(urgent, URGENT, np.where(stock, STOCK, NORMAL)),
        gap_s=np.where(uniform[:, 3] < GAP, 3600.0 * GAP_H * uniform[:, 4], 0.0),
        setup_s=of.setup_s[places[:-1], places[1:]] * spread,
    )


def lengths_s(of: Book, orders: Orders) -> Floats:
    """Planned time of each order with the gap and the set-up before it, s, shape (count,)."""
    return orders.gap_s + orders.setup_s + 3600.0 * orders.quantity / of.rates[orders.place]


def dues(of: Book, orders: Orders, now_ms: int, ahead_s: float = 0.0) -> Ints:
    """When orders that are worked off one after the other are due, UTC ms, shape (count,).

    Each at the end of the shift in which it is planned to be finished, or of a later one as its priority allows; only
    manned shifts count.

    Args:
        of: The line's book.
        orders: In their order.
        now_ms: UTC ms.
        ahead_s: Working time from now to the beginning of the first; below 0 if that is past.
    """
    worked_ms = 1000.0 * (ahead_s + np.cumsum(lengths_s(of, orders)))
    starts, ends = _manned(of, now_ms, float(worked_ms[-1]))
    later = np.array([SLACK_SHIFTS[priority] for priority in orders.priority.tolist()], np.int64)
    due: Ints = ends[np.searchsorted(np.cumsum(ends - starts), worked_ms, "right") + later]
    return due


def _manned(of: Book, now_ms: int, worked_ms: float) -> tuple[Ints, Ints]:
    """Start and end of the manned shifts from now to the last one that work of so long can be due at, UTC ms."""
    until_ms = now_ms
    while True:
        until_ms += 2 * round(max(0.0, worked_ms)) + RESERVE_MS
        spans = [span for span in of.work.shifts(now_ms, until_ms) if of.work.is_manned(span)]
        starts = np.array([max(now_ms, span.start) for span in spans], np.int64)
        ends = np.array([span.end for span in spans], np.int64)
        spare = len(spans) - int(np.searchsorted(np.cumsum(ends - starts), worked_ms, "right"))
        if spare > max(SLACK_SHIFTS.values()):
            return starts, ends


def none(lines: int) -> Orders:
    """Room for the coming orders of so many lines, shape (lines, AHEAD)."""
    whole, real = np.zeros((lines, AHEAD), np.int64), np.zeros((lines, AHEAD))
    return Orders(place=whole, quantity=real, due_ms=whole, priority=whole, gap_s=real, setup_s=real)


def row(orders: Orders, line: int) -> Orders:
    """The orders of one line, shape (count,)."""
    return Orders(**{each.name: getattr(orders, each.name)[line] for each in fields(Orders)})


def with_row(orders: Orders, line: int, fresh: Orders) -> Orders:
    """All orders with those of one line replaced."""
    arrays = {each.name: getattr(orders, each.name).copy() for each in fields(Orders)}
    for key, array in arrays.items():
        array[line] = getattr(fresh, key)
    return Orders(**arrays)


def after_first(orders: Orders) -> Orders:
    """Orders of one line without the first of them."""
    return Orders(**{each.name: getattr(orders, each.name)[1:] for each in fields(Orders)})


def joined(before: Orders, after: Orders) -> Orders:
    """Orders of one line, and those that come after them."""
    parts = {each.name: (getattr(before, each.name), getattr(after, each.name)) for each in fields(Orders)}
    return Orders(**{key: np.concatenate(pair) for key, pair in parts.items()})


def _places(uniform: Floats, before: int, choices: int, stays: float) -> Ints:
    """Products one after the other, round and round in the order of the model, shape (count + 1,) with `before`."""
    steps = np.where(uniform < stays, 0, 1)
    places: Ints = (before + np.concatenate([[0], np.cumsum(steps)])) % choices
    return places


def _minutes(at: time) -> int:
    return 60 * at.hour + at.minute
