"""Sums of production minutes: what every figure is divided from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import reduce
from operator import add
from typing import Final

ROUNDING: Final = 1e-9
"""Above something by rounding alone is not above it."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures of a window, as `plant.kpi.reliability.failures` counts them among the stops.

    Attributes:
        count: Failure events FE: breakdowns that began in the window; minor and external stops are none.
        repair_s: Time to repair of these failures, TTR, each whole, s.
    """

    count: float
    repair_s: float


@dataclass(frozen=True, slots=True)
class Planned:
    """What was planned for a window.

    Attributes:
        quantity: Good quantity, in the lines' unit of measure.
        ideal_s: The same as ideal time, sum of PRI x quantity, s; it adds over products and units of measure.
        remaining_s: Planned busy time still to come, from the end of the window to the end of what was planned, of all
            lines together, s.
    """

    quantity: float = 0.0
    ideal_s: float = 0.0
    remaining_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sums:
    """Additive elements of some lines over some window; sums of disjoint parts add up to those of the whole.

    Attributes:
        measures: Units of measure in which the raw quantities are counted; they mean something if there is one.
        calendar_s: Length of the window times the number of lines, s; as all that ends in ``_s``.
        not_planned_s: Outside planned busy time.
        apt_s: Actual production time APT.
        adet_s: Actual unit delay time ADET.
        adot_s: Actual unit down time ADOT.
        aust_s: Actual unit setup time AUST.
        unknown_s: Planned busy, but no data.
        breakdown_s: Time of that loss (`plant.production.elements.Loss`), as the six that follow.
        produced: Produced quantity PQ.
        good: Good quantity GQ.
        reject: Rejected quantity.
        produced_ideal_s: Sum of PRI x PQ.
        good_ideal_s: Sum of PRI x GQ.
        outside_produced: The part of `produced` that is booked to time that figures leave out, which is not known or
            not planned; likewise the three that follow.
        gas_m3: Gas.
        energy_kwh: Electric energy.
        water_m3: Water.
        provisional_rows: Rows that may still change.
        failures: Failure events FE; 0 until `with_failures`.
        repair_s: Time to repair TTR of these.
        planned: Planned good quantity; 0 until `with_plan`, as the two that follow.
        before_ideal_s: Sum of PRI x GQ of the same period before; 0 until `with_before`.
    """

    measures: frozenset[str] = frozenset()
    calendar_s: float = 0.0
    not_planned_s: float = 0.0
    apt_s: float = 0.0
    adet_s: float = 0.0
    adot_s: float = 0.0
    aust_s: float = 0.0
    unknown_s: float = 0.0
    breakdown_s: float = 0.0
    minor_stop_s: float = 0.0
    external_s: float = 0.0
    start_up_s: float = 0.0
    waiting_s: float = 0.0
    no_order_s: float = 0.0
    setup_s: float = 0.0
    produced: float = 0.0
    good: float = 0.0
    reject: float = 0.0
    produced_ideal_s: float = 0.0
    good_ideal_s: float = 0.0
    outside_produced: float = 0.0
    outside_good: float = 0.0
    outside_produced_ideal_s: float = 0.0
    outside_good_ideal_s: float = 0.0
    gas_m3: float = 0.0
    energy_kwh: float = 0.0
    water_m3: float = 0.0
    provisional_rows: float = 0.0
    failures: float = 0.0
    repair_s: float = 0.0
    planned: float = 0.0
    planned_ideal_s: float = 0.0
    remaining_s: float = 0.0
    before_ideal_s: float = 0.0

    def __add__(self, other: Sums) -> Sums:
        amounts = {name: getattr(self, name) + getattr(other, name) for name in ADDITIVE}
        return Sums(self.measures | other.measures, **amounts)

    @classmethod
    def of(cls, parts: Iterable[Sums]) -> Sums:
        """The sums of disjoint parts together, such as the sites' production days of one date."""
        return reduce(add, parts, cls())

    def with_failures(self, failures: Failures) -> Sums:
        """The same with the failures of its window and lines."""
        return replace(self, failures=failures.count, repair_s=failures.repair_s)

    def with_plan(self, planned: Planned) -> Sums:
        """The same with what was planned for its lines."""
        return replace(self, planned=planned.quantity, planned_ideal_s=planned.ideal_s, remaining_s=planned.remaining_s)

    def with_before(self, before: Sums) -> Sums:
        """The same beside the sums of the same period before."""
        return replace(self, before_ideal_s=before.good_ideal_s)

    @property
    def pbt_s(self) -> float:
        """Planned busy time PBT as far as it is known, s: unknown time is neither running nor stopped."""
        return self.apt_s + self.adet_s + self.adot_s + self.aust_s

    @property
    def aubt_s(self) -> float:
        """Actual unit busy time AUBT = APT + AUST + ADET, s: the time with an order."""
        return self.apt_s + self.aust_s + self.adet_s

    @property
    def aupt_s(self) -> float:
        """Actual unit processing time AUPT = APT + AUST, s."""
        return self.apt_s + self.aust_s

    @property
    def missing_s(self) -> float:
        """Minutes of the window that have no row, s: nobody has made them, so nothing is known of them."""
        return self.calendar_s - self.not_planned_s - self.pbt_s - self.unknown_s

    @property
    def known_calendar_s(self) -> float:
        """Calendar time without what is unknown, s."""
        return self.not_planned_s + self.pbt_s

    @property
    def known_produced(self) -> float:
        """Produced quantity booked to planned busy time that is known."""
        return self.produced - self.outside_produced

    @property
    def known_good(self) -> float:
        """Good quantity booked to planned busy time that is known."""
        return self.good - self.outside_good

    @property
    def known_produced_ideal_s(self) -> float:
        """Sum of PRI x PQ booked to known time, s: what can be set against known time."""
        return self.produced_ideal_s - self.outside_produced_ideal_s

    @property
    def known_good_ideal_s(self) -> float:
        """Sum of PRI x GQ booked to known time, s."""
        return self.good_ideal_s - self.outside_good_ideal_s

    @property
    def judged(self) -> float:
        """Inspected quantity: good or rejected; lots that are not dried yet are neither."""
        return self.good + self.reject

    @property
    def coverage(self) -> float:
        """Share of planned busy time with good data, 0 to 1; 1 where nothing was planned.

        Time outside planned busy time needs no data, so it would only flatter. A minute without a row might have been
        planned: it counts as not covered.
        """
        whole = self.pbt_s + self.unknown_s + self.missing_s
        return self.pbt_s / whole if whole > 0 else 1.0

    @property
    def is_above_ideal(self) -> bool:
        """Whether more was produced than the ideal rates allow in the production time, so that they are wrong."""
        return self.known_produced_ideal_s > self.apt_s * (1 + ROUNDING)

    @property
    def is_provisional(self) -> bool:
        """Whether something of it may still change."""
        return self.provisional_rows > 0


ADDITIVE: tuple[str, ...] = tuple(field.name for field in fields(Sums) if field.name != "measures")
"""Names of the fields that add."""
