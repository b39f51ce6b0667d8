"""What a morning summary says: frozen dataclasses that turn into JSON. docs/summary.md tells of each field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from plant.kpi.plan import Progress
from plant.kpi.value import Value
from plant.model.enterprise import SiteStatus
from plant.summary.gas import GasUse
from plant.summary.losses import BigStop
from plant.summary.periods import Days
from plant.summary.reconciliation import Reconciliation


@dataclass(frozen=True, slots=True)
class Period:
    """A production day, or a month to date, of a site or the group.

    Attributes:
        days: Its production days.
        before: Those with which the output index compares.
        figures: By key: those of `SHOWN`, and ``output_index``.
        uncoded: Share of the delays for which nobody has told a reason.
        plan: Plan against actual in hours at the ideal rate, which add over products: of the day, or of the whole
            month with the forecast for its end.
        coverage: Share of planned busy time with good data.
        provisional: Something of it may still change; else it is settled.
        elements: All additive elements by name (`plant.kpi.sums.Sums`); those of the sites add up to the group's.
    """

    days: Days
    before: Days
    figures: Mapping[str, Value]
    uncoded: Value
    plan: Progress
    coverage: float
    provisional: bool
    elements: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class LinePlan:
    """Plan against actual of a line, in its unit of measure.

    Attributes:
        line: Slug of the line.
        measure: Unit of measure.
        day: Of the production day.
        month: Of the whole month, with the forecast for its end at the rate of the month to date.
    """

    line: str
    measure: str
    day: Progress
    month: Progress


@dataclass(frozen=True, slots=True)
class Output:
    """What was made of a product.

    Attributes:
        product: Slug of the product, empty for what no product was told of.
        measure: Unit of measure of all quantities, empty without a product.
        produced: On the production day; `good` and `rejected` likewise.
        month_good: Good in the month to date.
        provisional: Lots of the day are open, or a source has not told all.
    """

    product: str
    measure: str
    produced: float
    good: float
    rejected: float
    month_good: float
    provisional: bool


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """A site.

    Attributes:
        site: Slug of the site.
        status: In production or on trial.
        zone: Name of the zone in which its days begin.
        start_ms: When its production day began, UTC ms; `end_ms` when it ended.
        day: The production day.
        month: The month to date.
        lines: Plans of its lines.
        output: By product.
        stops: The biggest stops of the day, at most three.
        gas: Of its intakes.
        reconciliation: Of each product that was made, counted or received on the day.
    """

    site: str
    status: SiteStatus
    zone: str
    start_ms: int
    end_ms: int
    day: Period
    month: Period
    lines: tuple[LinePlan, ...]
    output: tuple[Output, ...]
    stops: tuple[BigStop, ...]
    gas: tuple[GasUse, ...]
    reconciliation: tuple[Reconciliation, ...]


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """The sites in production together: the sum of their production days, each in its own zone.

    Attributes:
        sites: Slugs of the sites in the sum.
        day: The production day.
        month: The month to date.
        output: By product.
        stops: The biggest stops of the day, at most three.
    """

    sites: tuple[str, ...]
    day: Period
    month: Period
    output: tuple[Output, ...]
    stops: tuple[BigStop, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The morning summary.

    Attributes:
        date: The production day that it is about.
        enterprise: Slug of the enterprise.
        needed: Coverage below which figures have no value.
        group: The sites in production together.
        sites: Each of them.
        trial: The sites on trial, which are in no sum.
    """

    date: dt.date
    enterprise: str
    needed: float
    group: GroupSummary
    sites: tuple[SiteSummary, ...]
    trial: tuple[SiteSummary, ...]


def encode(summary: Summary) -> bytes:
    """JSON; NaN and infinities become null, dates are ISO 8601."""
    return orjson.dumps(summary)
