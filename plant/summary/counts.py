"""Other counts of what lines made, by the clock: pallets behind them, else their own counter of good product.

Counters do not know products. So what a line's counter grew by is a product's only if the line made no other one in the
time that it may come from; of a product that several lines made, all of them have to tell. Else there is no count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from plant.calendar.work_calendar import WorkCalendar
from plant.counters import Growth
from plant.kpi.window import Window
from plant.model.enterprise import Role, Site
from plant.model.tags import Tag
from plant.production.lines import LineTable, ProductionLine
from plant.production.minutes import ProductionMinutes
from plant.summary.periods import Days
from plant.summary.reconciliation import Count

DRYING: Final = timedelta(days=2)
"""What comes out of a dryer on a day was formed on it or on these before; blocks dry for about a day."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Counters behind a line, or its own.

    Attributes:
        line: Index in the line table.
        tags: Counters that grow by the clock.
        pallets: They count pallets, else the unit of measure of the line.
    """

    line: int
    tags: tuple[Tag, ...]
    pallets: bool


def behind(table: LineTable) -> tuple[Behind, ...]:
    """What counts behind each line of an enterprise; lines of which nothing else counts are left out."""
    return tuple(found for row in table if (found := _behind(table, row)) is not None)


def other_counts(
    table: LineTable, site: Site, on: date, minutes: ProductionMinutes, grown: Growth, pallet: Mapping[str, float]
) -> tuple[Count, ...]:
    """Other counts of the products of a site on a production day.

    Args:
        table: The lines.
        site: The site.
        on: Its production day.
        minutes: Of its lines, at least those of the day and of `DRYING` before.
        grown: What the counters of `behind` grew by on the day.
        pallet: What a full pallet of a product holds, in its unit of measure, by slug.
    """
    work = WorkCalendar.of(site)
    day, drying = Days(on, on).at(work), Days(on - DRYING, on).at(work)
    sources = {each.line: each for each in behind(table)}
    made = {
        row.index: _made(minutes, row.index, drying if row.formed_lot is not None else day)
        for row in table
        if row.site.slug == site.slug
    }
    return tuple(_counts(table, site.slug, on, made, sources, grown, pallet))


def _behind(table: LineTable, row: ProductionLine) -> Behind | None:
    if row.line.output is None or not row.line.ideal_rates:
        return None
    output = row.line.unit(row.line.output)
    for ref in output.feeds:
        unit = next((each for each in row.line.units if each.ref == ref and each.retired is None), None)
        metric = None if unit is None else unit.with_role(Role.PRODUCED)
        if unit is not None and metric is not None and metric.unit != row.measure:
            return Behind(row.index, (table.tags.of_unit(unit)[metric.key],), pallets=True)
    if row.formed_lot is None:
        return None
    return Behind(row.index, tuple(table.tags[tag] for tag in row.good), pallets=False)


def _made(minutes: ProductionMinutes, line: int, window: Window) -> frozenset[int]:
    """Products that a line made, by their index; -1 among them if some of it is no product's."""
    inside = (minutes.line == line) & (minutes.time >= window.start_ms) & (minutes.time < window.end_ms)
    return frozenset(np.unique(minutes.product[inside & (minutes.produced > 0)]).tolist())


def _counts(
    table: LineTable,
    site: str,
    on: date,
    made: Mapping[int, frozenset[int]],
    sources: Mapping[int, Behind],
    grown: Growth,
    pallet: Mapping[str, float],
) -> Iterator[Count]:
    for product in sorted(set().union(*made.values()) - {-1}):
        slug = table.products[product]
        lines = [line for line, products in made.items() if product in products]
        if any(line not in sources or made[line] != {product} for line in lines):
            continue
        found = [sources[line] for line in lines]
        content = [pallet.get(slug) if each.pallets else 1.0 for each in found]
        amounts = [_grown(grown, each) for each in found]
        pairs = [(n, c) for n, c in zip(amounts, content, strict=True) if n is not None and c is not None]
        if len(pairs) == len(found):
            yield Count(
                site=site,
                product=slug,
                day=on,
                quantity=sum(amount * each for amount, each in pairs),
                source=tuple(tag.storage for each in found for tag in each.tags),
                by_clock=any(table[line].formed_lot is not None for line in lines),
                step=sum(each for (_, each), of in zip(pairs, found, strict=True) if of.pallets),
            )


def _grown(grown: Growth, source: Behind) -> float | None:
    """What the counters grew by together; None if one was never read."""
    amounts = [grown.of(tag.index) for tag in source.tags]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None
