"""Everything that a summary is made of, read from a historian."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np

from plant.calendar.work_calendar import WorkCalendar
from plant.historian.protocol import DAY_MS, Historian, Tier
from plant.kpi.window import Window
from plant.model.enterprise import Site
from plant.production.corrections import Correction
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes
from plant.receipts.receipt import Receipt
from plant.summary.condense import gathered
from plant.summary.counts import behind, other_counts
from plant.summary.gas import GasUse, gas_use, intakes
from plant.summary.periods import Days, reach
from plant.summary.rates import Rates
from plant.summary.reconciliation import Count
from plant.summary.stops import stops_in
from plant.summary.summary import Facts, Question

BEFORE: Final = timedelta(days=3)
"""Stops that began so long before a day are told whole; of what came before only sums are kept."""
AT_ONCE_MS: Final = 2 * DAY_MS
"""Minutes of so long a time are read at once: two months of them would need 700 MiB, these take 100."""


def last_day(sites: Sequence[Site], now_ms: int) -> date:
    """The newest production day that is over at all sites, at an instant, UTC ms."""
    return min(date.fromordinal(WorkCalendar.of(site).day_of(now_ms).toordinal() - 1) for site in sites)


def facts(
    historian: Historian,
    question: Question,
    receipts: Sequence[Receipt],
    rates: Rates,
    corrections: Sequence[Correction] = (),
) -> Facts:
    """What is stored about the production day that is asked for, and the months to compare with; blocks.

    Args:
        historian: Production minutes, and minute rows of counters and meters.
        question: Its table has to be of the tags of the historian.
        receipts: Of the warehouses.
        rates: What is worth how much.
        corrections: What people have entered.

    Raises:
        StoreUnavailableError: The historian does not answer.
    """
    sites, table = question.enterprise.sites, question.table
    windows = [Days(question.on, question.on).at(WorkCalendar.of(site)) for site in sites]
    lately = _since(sites, question.on - BEFORE)
    minutes = historian.production(_lines(table), lately, max(window.end_ms for window in windows))
    return Facts(
        minutes=ProductionMinutes.concat((_long_ago(historian, question, lately), minutes)),
        stops=stops_in(minutes),
        gas=tuple(
            use for site, day in zip(sites, windows, strict=True) for use in _gas(historian, question, site, day, rates)
        ),
        counts=_counts(historian, question, minutes, windows, rates),
        receipts=tuple(receipts),
        rates=rates,
        corrections=corrections,
    )


def _long_ago(historian: Historian, question: Question, until: int) -> ProductionMinutes:
    """What was made before an instant at which days of some site begin, UTC ms, as sums of production days.

    Days of other sites are cut there, which changes no sum.
    """
    start = reach(question.enterprise.sites, question.on).start_ms
    lines = _lines(question.table)
    parts = (
        historian.production(lines, begin, min(begin + AT_ONCE_MS, until)) for begin in range(start, until, AT_ONCE_MS)
    )
    return gathered(parts, question.table)


def _lines(table: LineTable) -> list[int]:
    return [row.index for row in table]


def _since(sites: Sequence[Site], on: date) -> int:
    """When a production day begins at the first of the sites, UTC ms."""
    return min(Days(on, on).at(WorkCalendar.of(site)).start_ms for site in sites)


def _gas(historian: Historian, question: Question, site: Site, day: Window, rates: Rates) -> list[GasUse]:
    tags = question.table.tags
    meters = [each for each in intakes(question.enterprise, tags) if each.site == site.slug]
    wanted = [tag.index for each in meters for tag in (each.gas, each.limit)]
    rows = historian.tier(Tier.MINUTE, wanted, day.start_ms, day.end_ms)
    opening = historian.held(wanted, day.start_ms)
    return [gas_use(each, day, rows, opening, tags, rates.gas_rub_per_m3, question.needed) for each in meters]


def _counts(
    historian: Historian, question: Question, minutes: ProductionMinutes, windows: Sequence[Window], rates: Rates
) -> tuple[Count, ...]:
    found: list[Count] = []
    for site, day in zip(question.enterprise.sites, windows, strict=True):
        lines = [row.index for row in question.table if row.site.slug == site.slug]
        wanted = [tag.index for each in behind(question.table) if each.line in lines for tag in each.tags]
        rows = historian.tier(Tier.MINUTE, wanted, day.start_ms, day.end_ms)
        opening = historian.held(wanted, day.start_ms)
        mine = minutes.take(np.isin(minutes.line, lines))
        found += other_counts(question.table, site, question.on, mine, rows, opening, rates.pallet)
    return tuple(found)
