"""How far the orders of a line are, when they will be finished at the present rate, and how late that is.

An order's name is what machines show, its number (`plant.production.signals.order_number`) what production minutes
keep. So orders whose names end in the same number cannot be told apart, and nothing is said of how far they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from plant.calendar.work_calendar import WorkCalendar
from plant.kpi import adding, plan
from plant.kpi.adding import Key
from plant.kpi.lines import LineSet
from plant.kpi.sums import ROUNDING, Planned, Sums
from plant.kpi.value import COVERAGE_NEEDED, Flag
from plant.kpi.window import MINUTE_MS, Window
from plant.messages import Order
from plant.orders import busy_time
from plant.production.lines import LineTable, ProductionLine
from plant.production.minutes import ProductionMinutes
from plant.production.signals import NO_ORDER, order_number

LATELY_S: Final = 8 * 3_600.0
"""The present rate is that of the last so much planned busy time: a stop of an hour does not make it 0."""
_HOUR_S: Final = 3_600.0


class Standing(StrEnum):
    """How an order stands."""

    WAITING = "waiting"
    """Nothing of it has been made."""
    UNDER_WAY = "under_way"
    """The line shows it."""
    INTERRUPTED = "interrupted"
    """Some of it has been made, and the line has gone on to something else."""
    DONE = "done"
    """All of it has been made; the line may still show it, and make more."""
    UNKNOWN = "unknown"
    """What was made cannot be told."""


class Doubt(StrEnum):
    """What to know beside the progress of an order."""

    SAME_NUMBER = "same_number"
    """Another order of the plan has a name with the same number: it is not known what was made for which."""
    NOT_SHOWN = "not_shown"
    """The machines of the line do not tell which order they work on: it is not known what was made for which."""
    OTHER_UNIT = "other_unit"
    """It is given in another unit of measure than the line counts in."""
    NO_IDEAL_RATE = "no_ideal_rate"
    """The line has no ideal rate for its product, so how long it takes is not known."""
    OTHER_PRODUCT = "other_product"
    """Another product was made under its number, and is counted to it."""
    WAITS_FOR_UNKNOWN = "waits_for_unknown"
    """It is not known when an order before it will be finished."""


_UNTOLD: Final = frozenset({Doubt.SAME_NUMBER, Doubt.NOT_SHOWN, Doubt.OTHER_UNIT})
"""With one of these it cannot be told how much of an order was made."""


@dataclass(frozen=True, slots=True)
class OrderProgress:
    """One order of a plan.

    Attributes:
        order: Its name, as in the plan.
        product: Slug of the product.
        unit: Unit of measure of all quantities.
        priority: 1 is the most urgent.
        standing: How it stands.
        planned: Quantity to make, good and bad.
        done: Made so far, good and bad, however much; None if it cannot be told.
        good: Of `done`, known to be good; lots in the dryer are not yet.
        share: `done` of `planned`; above 1 when more was made than ordered. None if it cannot be told.
        over: Made beyond `planned`, else 0.
        rate_per_h: At which it is reckoned, per hour of planned busy time with an order; None if it is not known.
        due: When it has to be done, UTC ms.
        finish: When it was done (end of the minute), or will be at that rate, through planned busy time and after the
            orders before it, UTC ms; None if that is not known, or never at that rate.
        late_s: How long after `due` that is, s; below 0 before it.
        coverage: Lower of those of its own time and of the time whose rate is taken.
        provisional: It may still change.
        flags: Why there is no rate, as of the figures (docs/kpi.md).
        doubts: What else to know.
    """

    order: str
    product: str
    unit: str
    priority: int
    standing: Standing
    planned: float
    done: float | None
    good: float | None
    share: float | None
    over: float | None
    rate_per_h: float | None
    due: int
    finish: int | None
    late_s: float | None
    coverage: float
    provisional: bool
    flags: tuple[Flag, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class LineProgress:
    """The plan of a line.

    Attributes:
        site: Slug of the site; `line` of the line.
        now_ms: Up to when minutes were looked at, UTC ms.
        lately_ms: Since when the present rate is measured, UTC ms.
        pace: Ideal time of what was made since then over planned busy time with an order; None if it is not known.
        orders: In the order of the plan.
        elsewhere: Made in the time that was looked at for no order of the plan, or not known for which.
    """

    site: str
    line: str
    now_ms: int
    lately_ms: int
    pace: float | None
    orders: tuple[OrderProgress, ...]
    elsewhere: float


def line_progress(
    table: LineTable,
    line: int,
    orders: Sequence[Order],
    minutes: ProductionMinutes,
    window: Window,
    needed: float = COVERAGE_NEEDED,
) -> LineProgress:
    """How far the plan of a line is.

    Orders that are not done are made one after the other: first the one that the line shows, then as the plan has them.
    All take their time from one pace, ideal time over planned busy time with an order, so that stops and set-ups come
    as they came lately, and time without an order, which there is none of while orders wait, does not count.

    Args:
        table: The lines.
        line: Index of the line.
        orders: Its plan.
        minutes: At least those of the line and the window.
        window: From before its orders were begun until now.
        needed: Coverage below which there is no rate.
    """
    row, own = table[line], minutes.take(minutes.line == line).sorted()
    work, lines = WorkCalendar.of(row.site), LineSet((line,), (row.measure,))
    lately = busy_time.lately(work, row.line, window.start_ms, window.end_ms, LATELY_S)
    recent = _with_an_order(adding.total(own, lately, lines))
    made = adding.by(own, window, lines, Key.ORDER)
    reckoner = _Reckoner(table, row, work, own, window, recent, made, _numbers(orders), needed)
    progresses = reckoner.every(orders)
    whole = sum(sums.produced for sums in made.values())
    enough = recent.coverage >= needed and recent.pbt_s > 0
    return LineProgress(
        site=row.site.slug,
        line=row.line.slug,
        now_ms=window.end_ms,
        lately_ms=lately.start_ms,
        pace=recent.known_produced_ideal_s / recent.pbt_s if enough else None,
        orders=progresses,
        elsewhere=whole - sum(each.done for each in progresses if each.done is not None),
    )


def _with_an_order(sums: Sums) -> Sums:
    """The same without the time in which there was no order."""
    return replace(sums, calendar_s=sums.calendar_s - sums.adot_s, adot_s=0.0)


def _numbers(orders: Sequence[Order]) -> Counter[int]:
    return Counter(order_number(each.order) for each in orders)


@dataclass(frozen=True, eq=False)
class _Reckoner:
    """Reckons the orders of one line.

    Attributes:
        own: Minutes of the line, sorted by time.
        recent: Sums of the time whose rate is taken.
        made: Sums of the window by number of the order.
        named: How many orders of the plan have each number.
    """

    table: LineTable
    row: ProductionLine
    work: WorkCalendar
    own: ProductionMinutes
    window: Window
    recent: Sums
    made: Mapping[int, Sums]
    named: Mapping[int, int]
    needed: float

    def every(self, orders: Sequence[Order]) -> tuple[OrderProgress, ...]:
        """Each order, in the order of the plan."""
        found = [self._so_far(order) for order in orders]
        shown = self._shown()
        queue = sorted(range(len(orders)), key=lambda place: (order_number(orders[place].order) != shown, place))
        waited: float | None = 0.0
        for place in queue:
            one, until = found[place]
            if one.standing is Standing.DONE:
                continue
            waited = None if waited is None or until is None else waited + until
            found[place] = self._reckoned(one, until, waited), until
        return tuple(one for one, _ in found)

    def _so_far(self, order: Order) -> tuple[OrderProgress, float | None]:
        """What is known without the orders before it, and the planned busy time that it still needs, s."""
        number = order_number(order.order)
        made = self.made.get(number, Sums())
        doubts = tuple(self._doubts(order, number))
        told = not _UNTOLD.intersection(doubts)
        found = plan.progress(_gross(made, order.unit), Planned(order.quantity), self._lately_as(order), self.needed)
        rated = told and Doubt.NO_IDEAL_RATE not in doubts
        finish = self._reached(number, order.quantity) if told else None
        one = OrderProgress(
            order=order.order,
            product=order.product,
            unit=order.unit,
            priority=order.priority,
            standing=self._standing(number, made, finish) if told else Standing.UNKNOWN,
            planned=order.quantity,
            done=made.produced if told else None,
            good=made.good if told else None,
            share=made.produced / order.quantity if told and order.quantity > 0 else None,
            over=max(0.0, made.produced - order.quantity) if told else None,
            rate_per_h=found.rate_per_h if rated else None,
            due=order.due,
            finish=finish,
            late_s=_late_s(finish, order.due),
            coverage=found.coverage,
            provisional=found.provisional,
            flags=found.flags,
            doubts=doubts,
        )
        return one, found.finish_in_s if rated else None

    def _reckoned(self, one: OrderProgress, until: float | None, waited: float | None) -> OrderProgress:
        """With the finish after so much planned busy time, s."""
        if waited is None:
            doubts = one.doubts if until is None else (*one.doubts, Doubt.WAITS_FOR_UNKNOWN)
            return replace(one, doubts=doubts)
        finish = busy_time.after(self.work, self.row.line, self.window.end_ms, waited)
        return replace(one, finish=finish, late_s=_late_s(finish, one.due))

    def _doubts(self, order: Order, number: int) -> Iterator[Doubt]:
        if self.named[number] > 1:
            yield Doubt.SAME_NUMBER
        if self.row.order is None:
            yield Doubt.NOT_SHOWN
        if order.unit != self.row.measure:
            yield Doubt.OTHER_UNIT
        if self._ideal_rate(order) is None:
            yield Doubt.NO_IDEAL_RATE
        rows = self._rows(number)
        others = rows.product[rows.produced > 0]
        if np.any((others >= 0) & (others != self.table.product_index(order.product))):
            yield Doubt.OTHER_PRODUCT

    def _lately_as(self, order: Order) -> Sums:
        """The recent time as if all in it had been this product."""
        rate_per_s = (self._ideal_rate(order) or 0.0) / _HOUR_S
        return replace(
            self.recent,
            measures=frozenset({order.unit}),
            good=self.recent.produced_ideal_s * rate_per_s,
            outside_good=self.recent.outside_produced_ideal_s * rate_per_s,
        )

    def _ideal_rate(self, order: Order) -> float | None:
        return self.row.line.ideal_rates.get(order.product)

    def _standing(self, number: int, made: Sums, finish: int | None) -> Standing:
        if finish is not None:
            return Standing.DONE
        if number == self._shown():
            return Standing.UNDER_WAY
        return Standing.INTERRUPTED if made.produced > 0 else Standing.WAITING

    def _reached(self, number: int, quantity: float) -> int | None:
        """End of the minute in which a quantity was reached, UTC ms; None if it was not."""
        rows = self._rows(number)
        if not len(rows):
            return None
        place = int(np.searchsorted(np.cumsum(rows.produced), quantity * (1.0 - ROUNDING)))
        return int(rows.time[place]) + MINUTE_MS if place < len(rows) else None

    def _rows(self, number: int) -> ProductionMinutes:
        time = self.own.time
        inside = (time >= self.window.start_ms) & (time < self.window.end_ms)
        return self.own.take(inside & (self.own.order == number))

    def _shown(self) -> int:
        """Number of the order of the line's last minute, `NO_ORDER` if it has none."""
        inside = np.flatnonzero(self.own.time < self.window.end_ms)
        if not len(inside):
            return NO_ORDER
        last = inside[self.own.time[inside] == self.own.time[inside[-1]]]
        return int(self.own.order[last[self.own.seconds[last].argmax()]])


def _gross(made: Sums, unit: str) -> Sums:
    """An order counts good and bad alike, so all that was made stands for the good of a plan."""
    return replace(made, measures=frozenset({unit}), good=made.produced, outside_good=made.outside_produced)


def _late_s(finish: int | None, due: int) -> float | None:
    return None if finish is None else (finish - due) / 1_000.0
