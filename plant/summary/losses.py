"""The biggest stops of a production day: how long, why, because of which unit, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.calendar.work_calendar import WorkCalendar
from plant.kpi.lines import LineSet
from plant.kpi.window import MINUTE_MS, Window
from plant.production.elements import Element, Loss
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes
from plant.production.reasons import UNCODED, ReasonTree
from plant.production.stops import Stops
from plant.summary.rates import Rates

BIGGEST: Final = 3
_HOUR_MS: Final = 3_600_000.0
_STOPPED: Final = (Element.ADET, Element.AUST)
"""Time without an order is no stop of anybody: nothing was wanted, so nothing was lost."""


@dataclass(frozen=True, slots=True)
class BigStop:
    """One stop, as far as it is in the production day.

    Attributes:
        site: Slug of the site; `line` of the line.
        start_ms: When the whole stop began, UTC ms; `end_ms` likewise, as far as it is known.
        hours: Planned busy time of it in the day, h.
        whole_hours: Planned busy time of all of it, h.
        open: It was not over at the end of what is known.
        loss: What kind of loss it is: name of a `Loss`, in lower case.
        reason: Slug in the reason tree, empty if nobody has told one.
        cause: Storage path of the unit that is to blame, ``site/line/unit``; empty if it is not known.
        product: Slug of the product that was not made; empty if it is not known.
        lost: What the line would have made in `hours` at its ideal rate; None without a product.
        measure: Unit of measure of `lost`.
        margin_rub: `lost` times the margin; None without a product or its margin.
        energy_rub: Gas and electric energy that the line used while it stood; None without a price that is needed.
        roubles: Both together; None if one is not known.
    """

    site: str
    line: str
    start_ms: int
    end_ms: int
    hours: float
    whole_hours: float
    open: bool
    loss: str
    reason: str
    cause: str
    product: str
    lost: float | None
    measure: str
    margin_rub: float | None
    energy_rub: float | None
    roubles: float | None


@dataclass(frozen=True, slots=True)
class Losses:
    """What stops of a site are judged by.

    Attributes:
        minutes: At least those of the site's lines and day.
        work: The site's calendar.
        day: Its production day.
    """

    table: LineTable
    reasons: ReasonTree
    minutes: ProductionMinutes
    work: WorkCalendar
    day: Window
    rates: Rates

    def stops(self, stops: Stops, lines: LineSet) -> tuple[BigStop, ...]:
        """All stops of some lines that share planned busy time with the day."""
        of_lines = (self._of_line(stops.take(stops.line == index), index) for index in lines.indices)
        return tuple(stop for each in of_lines for stop in each)

    def _of_line(self, stops: Stops, index: int) -> Iterator[BigStop]:
        start, end = self.day.start_ms, self.day.end_ms
        planned = self.work.planned(self.table[index].line, start, end)
        begun, ended = (planned.busy_before(each.clip(start, end)) for each in (stops.start, stops.end))
        length = (ended - begun) / _HOUR_MS
        rows = self._rows(index)
        for place in np.flatnonzero((length > 0) & np.isin(stops.element, _STOPPED)).tolist():
            yield self._stop(stops, place, float(length[place]), rows)

    def _rows(self, index: int) -> ProductionMinutes:
        """Stopped rows of a line in the day."""
        minutes = self.minutes
        inside = (minutes.line == index) & (minutes.time >= self.day.start_ms) & (minutes.time < self.day.end_ms)
        return minutes.take(inside & np.isin(minutes.element, _STOPPED))

    def _stop(self, stops: Stops, place: int, hours: float, rows: ProductionMinutes) -> BigStop:
        row = self.table[int(stops.line[place])]
        start, end = int(stops.start[place]), int(stops.end[place])
        mine = (rows.time > start - MINUTE_MS) & (rows.time < end)
        product = self._product(row.index, rows, mine)
        lost = None if product < 0 else hours * float(self.table.ideal_rates[row.index, product])
        slug = "" if product < 0 else self.table.products[product]
        margin = self.rates.margin_rub.get(slug)
        margin_rub = None if lost is None or margin is None else lost * margin
        energy_rub = self.rates.energy_rub(float(rows.gas_m3[mine].sum()), float(rows.energy_kwh[mine].sum()))
        reason, cause = int(stops.reason[place]), int(stops.cause[place])
        return BigStop(
            site=row.site.slug,
            line=row.line.slug,
            start_ms=start,
            end_ms=end,
            hours=hours,
            whole_hours=float(stops.length_ms[place]) / _HOUR_MS,
            open=bool(stops.open[place]),
            loss=Loss(int(stops.loss[place])).name.lower(),
            reason="" if reason == UNCODED else self.reasons[reason].slug,
            cause="" if cause < 0 else self.table.units[cause].storage,
            product=slug,
            lost=lost,
            measure=row.measure,
            margin_rub=margin_rub,
            energy_rub=energy_rub,
            roubles=None if margin_rub is None or energy_rub is None else margin_rub + energy_rub,
        )

    def _product(self, line: int, rows: ProductionMinutes, mine: NDArray[np.bool_]) -> int:
        """What the line was to make: told for most of the stop, else the only product that it makes; -1 for neither.

        A product that the line has no ideal rate for is as good as none.
        """
        told = mine & (rows.product >= 0)
        if not told.any():
            return int(self.table.only_product()[line])
        product = int(np.bincount(rows.product[told], rows.seconds[told]).argmax())
        return product if np.isfinite(self.table.ideal_rates[line, product]) else -1


def biggest(stops: Iterable[BigStop], count: int = BIGGEST) -> tuple[BigStop, ...]:
    """The ones that cost most; those whose cost is not known come after, the longest first."""
    return tuple(
        sorted(stops, key=lambda stop: (-(stop.roubles or 0.0), -stop.hours, stop.start_ms, stop.line))[:count]
    )
