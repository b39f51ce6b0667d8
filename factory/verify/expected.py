"""What figures should be, from the truth ledger: interval by interval, as one would do it by hand.

On purpose it shares nothing with the engine but the model: an error of the engine must not be repeated here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from plant.calendar.spans import Planned
from plant.calendar.work_calendar import WorkCalendar
from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.production.elements import Element, Loss
from plant.production.lines import LineTable, ProductionLine
from simulators.truth.read import Truth
from simulators.truth.tables import Counts

OWN = frozenset({"HOLDING", "HELD", "UNHOLDING", "ABORTING", "ABORTED", "STOPPING", "STOPPED"})
EXTERNAL = frozenset({"SUSPENDING", "SUSPENDED", "UNSUSPENDING"})
HOUR_S = 3600.0
START_UP = frozenset({"STARTING", "CLEARING", "RESETTING"})
STOPPED = frozenset({Element.ADET, Element.ADOT, Element.AUST})


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line's time in which nothing changes, UTC ms."""

    start_ms: int
    end_ms: int
    state: str
    mode: str
    ordered: bool
    busy: bool

    @property
    def length_ms(self) -> int:
        """Of the part."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop as a whole, UTC ms."""

    start_ms: int
    end_ms: int
    element: Element


@dataclass(slots=True)
class Expected:
    """What is true of one line in a window.

    Attributes:
        seconds: By element.
        losses: Seconds by class of loss.
        stops: In order.
        produced: Quantity; `good` of the lots that were formed in the window and are dried by its end.
        produced_ideal_s: Ideal time of `produced` by the product that the order names; likewise `good_ideal_s`.
        energy_kwh: `gas_m3` and `water_m3` likewise of the line's own counters.
    """

    seconds: dict[Element, float] = field(default_factory=lambda: defaultdict(float))
    losses: dict[Loss, float] = field(default_factory=lambda: defaultdict(float))
    stops: list[Stop] = field(default_factory=list)
    produced: float = 0.0
    good: float = 0.0
    produced_ideal_s: float = 0.0
    good_ideal_s: float = 0.0
    energy_kwh: float = 0.0
    gas_m3: float = 0.0
    water_m3: float = 0.0


def expected(truth: Truth, table: LineTable, row: ProductionLine, start_ms: int, end_ms: int) -> Expected:
    """The truth about one line in [start, end), UTC ms."""
    found = Expected()
    spans = list(_spans(truth, table, row, start_ms, end_ms))
    elements = [_element(span) for span in spans]
    for span, element in zip(spans, elements, strict=True):
        found.seconds[element] += span.length_ms / 1000.0
    for group in _stops(spans, elements):
        _book_stop(found, row, spans, elements, group)
    _book_counts(found, truth, table, row, start_ms, end_ms)
    _book_consumption(found, truth, table, row, start_ms, end_ms)
    return found


def _spans(truth: Truth, table: LineTable, row: ProductionLine, start_ms: int, end_ms: int) -> Iterator[Span]:
    states = truth.states(start_ms, end_ms)
    mine = states.take(states.unit == table.units[row.constraint].storage)
    orders = truth.orders(start_ms, end_ms)
    orders = orders.take((orders.line == row.storage) & (orders.number > 0))
    planned = WorkCalendar.of(row.site).planned(row.line, start_ms, end_ms)
    edges = {start_ms, end_ms, *planned.start_ms.tolist()}
    edges |= {at for rows in (mine, orders) for column in (rows.start_ms, rows.end_ms) for at in column.tolist()}
    inside = sorted(at for at in edges if start_ms <= at <= end_ms)
    for begin, end in pairwise(inside):
        at = int(np.searchsorted(mine.start_ms, begin, "right")) - 1
        ordered = row.order is None or bool(((orders.start_ms <= begin) & (begin < orders.end_ms)).any())
        busy = int(planned.at(np.array([begin]))[0]) == Planned.BUSY
        yield Span(begin, end, str(mine.state[at]), str(mine.mode[at]), ordered, busy)


def _element(span: Span) -> Element:
    if not span.busy:
        return Element.NOT_PLANNED
    if span.mode == "CHANGEOVER":
        return Element.AUST
    if span.mode == "MAINTENANCE":
        return Element.ADET
    if span.state == "EXECUTE":
        return Element.APT
    if span.state in EXTERNAL or span.ordered:
        return Element.ADET
    return Element.ADOT


def _loss(span: Span, element: Element, *, minor: bool) -> Loss:
    if element is not Element.ADET:
        return {Element.AUST: Loss.SETUP, Element.ADOT: Loss.NO_ORDER}.get(element, Loss.NONE)
    if span.mode == "MAINTENANCE":
        return Loss.BREAKDOWN
    if span.state in EXTERNAL:
        return Loss.EXTERNAL
    if span.state in START_UP:
        return Loss.START_UP
    if span.state in OWN:
        return Loss.MINOR_STOP if minor else Loss.BREAKDOWN
    return Loss.WAITING


def _stops(spans: list[Span], elements: list[Element]) -> Iterator[list[int]]:
    """Places of the parts of each stop; time that is not planned bridges one unless the line runs in it."""
    group: list[int] = []
    bridge: list[int] = []
    for place, (span, element) in enumerate(zip(spans, elements, strict=True)):
        if element is Element.NOT_PLANNED and span.state != "EXECUTE":
            bridge.append(place)
            continue
        if group and element is elements[group[0]]:
            group += [*bridge, place]
        else:
            if group:
                yield group
            group = [place] if element in STOPPED else []
        bridge = []
    if group:
        yield group


def _book_stop(
    found: Expected, row: ProductionLine, spans: list[Span], elements: list[Element], group: list[int]
) -> None:
    lost = [place for place in group if elements[place] is not Element.NOT_PLANNED]
    length_ms = sum(spans[place].length_ms for place in lost)
    repaired = any(spans[place].mode == "MAINTENANCE" for place in lost)
    minor = length_ms < row.minor_ms and not repaired
    for place in lost:
        found.losses[_loss(spans[place], elements[place], minor=minor)] += spans[place].length_ms / 1000.0
    found.stops.append(Stop(spans[group[0]].start_ms, spans[group[-1]].end_ms, elements[group[0]]))


def _book_counts(
    found: Expected, truth: Truth, table: LineTable, row: ProductionLine, start_ms: int, end_ms: int
) -> None:
    counts, products = truth.counts(start_ms, end_ms), _Products(truth, table, row, start_ms, end_ms)
    lot_s: dict[int, float] = defaultdict(float)
    lot_produced: dict[int, float] = defaultdict(float)
    for minute, _, amount in _minutes(counts, _units(table, row.produced), "produced"):
        found.produced += amount
        found.produced_ideal_s += amount * products.ideal_s(minute)
        lot_produced[lot_of(minute)] += amount
        lot_s[lot_of(minute)] += amount * products.ideal_s(minute)
    first_share = _share_inside(truth, table, row, start_ms, end_ms)
    for minute, lot, amount in _minutes(counts, _units(table, row.good), "good"):
        if row.dried_lot is None:
            found.good += amount
            found.good_ideal_s += amount * products.ideal_s(minute)
        elif lot >= lot_of(start_ms):  # formed in the window; a lot of several products has each product's part
            inside = amount * (first_share if lot == lot_of(start_ms) else 1.0)
            ideal_s = lot_s[lot] / lot_produced[lot] if lot_produced[lot] > 0.0 else products.ideal_s(lot)
            found.good += inside
            found.good_ideal_s += inside * ideal_s


def _share_inside(truth: Truth, table: LineTable, row: ProductionLine, start_ms: int, end_ms: int) -> float:
    """Of what has come out of the dryer of the lot that was under way when a window began, the share formed in it.

    What was formed first comes out first.
    """
    lot_ms = lot_of(start_ms)
    before = sum(
        amount for _, _, amount in _minutes(truth.counts(lot_ms, start_ms), _units(table, row.produced), "produced")
    )
    counts, stackers = truth.counts(start_ms, end_ms), _units(table, row.good)
    out = sum(
        amount
        for column in ("good", "reject")
        for _, lot, amount in _minutes(counts, stackers, column)
        if lot == lot_ms
    )
    return max(0.0, 1.0 - before / out) if out > 0.0 else 0.0


def _book_consumption(
    found: Expected, truth: Truth, table: LineTable, row: ProductionLine, start_ms: int, end_ms: int
) -> None:
    energy = truth.energy(start_ms, end_ms)
    for tags, column, name in (
        (row.energy, energy.kwh, "energy_kwh"),
        (row.gas, energy.gas_m3, "gas_m3"),
        (row.water, energy.water_m3, "water_m3"),
    ):
        mine = np.isin(energy.unit.astype(str), list(_units(table, tags)))
        setattr(found, name, float(column[mine].sum()))


def lot_of(at_ms: int) -> int:
    """When the forming of the lot of an instant began, UTC ms: a lot is what is made in one hour."""
    return at_ms - at_ms % HOUR_MS


def _minutes(counts: Counts, units: frozenset[str], column: str) -> Iterator[tuple[int, int, float]]:
    """Minute, lot and amount of each row of some units."""
    mine = counts.take(np.isin(counts.unit.astype(str), list(units)))
    yield from zip(mine.minute_ms.tolist(), mine.lot_ms.tolist(), getattr(mine, column).tolist(), strict=True)


def _units(table: LineTable, tags: Iterable[int]) -> frozenset[str]:
    return frozenset(table.tags[tag].unit.storage for tag in tags)


class _Products:
    """What orders name, over time."""

    def __init__(self, truth: Truth, table: LineTable, row: ProductionLine, start_ms: int, end_ms: int) -> None:
        orders = truth.orders(start_ms, end_ms)
        mine = orders.take(orders.line == row.storage)
        self._spans = list(
            zip(mine.start_ms.tolist(), mine.end_ms.tolist(), mine.product_ordered.tolist(), strict=True)
        )
        only = int(table.only_product()[row.index])
        self._only = "" if only < 0 else table.products[only]
        self._rates = row.line.ideal_rates

    def ideal_s(self, minute_ms: int) -> float:
        """Ideal seconds of one unit of what is made in a minute; 0 for what has no ideal rate.

        In a minute in which the order changes most is made by the one that holds in its middle.
        """
        middle = minute_ms + MINUTE_MS // 2
        product = next((slug for begin, end, slug in self._spans if begin <= middle < end), self._only)
        return HOUR_S / self._rates[product] if product in self._rates else 0.0
