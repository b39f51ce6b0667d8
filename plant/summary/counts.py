"""Other counts of what lines made, by the clock: pallets behind them, else their own counter of good product.

Counters do not know products. Behind a line without a dryer what grew in a minute is of the product that the line was
to make then; a pallet begun before a change is full after it, which leaves a pallet of doubt for each change. Behind a
dryer it is a product's only if the line made no other one in the time that it may come from. Of a product that several
lines made, all of them have to tell. Else there is no count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.calendar.work_calendar import WorkCalendar
from plant.counters import growth, rollovers
from plant.historian.protocol import TierColumns
from plant.kpi.window import Window
from plant.model.enterprise import Role, Site
from plant.model.tags import Tag
from plant.production.lines import LineTable, ProductionLine
from plant.production.minutes import ProductionMinutes
from plant.readings import GOOD, Columns
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
    table: LineTable,
    site: Site,
    on: date,
    minutes: ProductionMinutes,
    rows: TierColumns,
    opening: Columns,
    pallet: Mapping[str, float],
) -> tuple[Count, ...]:
    """Other counts of the products of a site on a production day.

    Args:
        table: The lines.
        site: The site.
        on: Its production day.
        minutes: Of its lines, at least those of the day and of `DRYING` before.
        rows: Minutes of the counters of `behind` that tile the day.
        opening: The last reading of each of them before the day, where there is one.
        pallet: What a full pallet of a product holds, in its unit of measure, by slug.
    """
    work = WorkCalendar.of(site)
    day, drying = Days(on, on).at(work), Days(on - DRYING, on).at(work)
    sources = {each.line: each for each in behind(table)}
    inside = rows.take((rows.time >= day.start_ms) & (rows.time < day.end_ms))
    made: dict[int, frozenset[int]] = {}
    told: dict[int, Mapping[int, _Told]] = {}
    for row in table:
        if row.site.slug == site.slug:
            dries = row.formed_lot is not None
            made[row.index] = _made(minutes, row.index, drying if dries else day)
            if row.index in sources:
                steps = _grown(table, sources[row.index], inside, opening)
                told[row.index] = _of_one(steps, made[row.index]) if dries else _by_minute(steps, minutes, row.index)
    return tuple(_counts(table, site.slug, on, made, sources, told, pallet))


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


@dataclass(frozen=True, slots=True)
class _Told:
    """What counters of a line say of a product: how much it is, and how often the line changed to or from it."""

    amount: float
    changes: int = 0


@dataclass(frozen=True, slots=True)
class _Steps:
    """What the counters of a line grew by, minute after minute; `time` in UTC ms, shape (n,) as `amount`."""

    time: NDArray[np.int64]
    amount: NDArray[np.float64]


def _grown(table: LineTable, source: Behind, rows: TierColumns, opening: Columns) -> _Steps | None:
    """None if one of the counters was never read."""
    parts = []
    for tag in source.tags:
        mine = rows.take((rows.tag == tag.index) & np.isfinite(rows.last))
        if not len(mine):
            return None
        before = opening.take((opening.tag == tag.index) & (opening.quality == GOOD))
        value = np.concatenate((before.value[-1:] if len(before) else mine.last[:1], mine.last))
        rollover = np.full(len(mine), rollovers(table.tags)[tag.index])
        parts.append(_Steps(mine.time, growth(value[:-1], value[1:], rollover)))
    return _Steps(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("time", "amount")))


def _of_one(steps: _Steps | None, made: frozenset[int]) -> Mapping[int, _Told]:
    """All of it is of the only product that was made; nothing is known if there were several."""
    if steps is None or len(made) != 1:
        return {}
    return {product: _Told(float(steps.amount.sum())) for product in made}


def _by_minute(steps: _Steps | None, minutes: ProductionMinutes, line: int) -> Mapping[int, _Told]:
    """Each minute's is of the product that the line had then; nothing is known if it had none in one of them."""
    mine = minutes.take((minutes.line == line) & (minutes.product >= 0)).sorted()
    if steps is None or not len(mine):
        return {}
    place = np.searchsorted(mine.time, steps.time, "right") - 1
    if (place[steps.amount > 0] < 0).any():
        return {}
    product = mine.product[np.maximum(place, 0)].astype(np.int64)
    changes = np.flatnonzero(np.diff(product))
    return {
        each: _Told(
            float(steps.amount[product == each].sum()),
            int(((product[changes] == each) | (product[changes + 1] == each)).sum()),
        )
        for each in np.unique(product).tolist()
    }


def _counts(
    table: LineTable,
    site: str,
    on: date,
    made: Mapping[int, frozenset[int]],
    sources: Mapping[int, Behind],
    told: Mapping[int, Mapping[int, _Told]],
    pallet: Mapping[str, float],
) -> Iterator[Count]:
    for product in sorted(set().union(*made.values()) - {-1}):
        slug = table.products[product]
        lines = [line for line, products in made.items() if product in products]
        if any(product not in told.get(line, {}) for line in lines):
            continue
        found = [(sources[line], told[line][product]) for line in lines]
        if any(source.pallets for source, _ in found) and slug not in pallet:
            continue
        content = pallet.get(slug, 0.0)
        yield Count(
            site=site,
            product=slug,
            day=on,
            quantity=sum(each.amount * (content if source.pallets else 1.0) for source, each in found),
            source=tuple(tag.storage for source, _ in found for tag in source.tags),
            by_clock=any(table[line].formed_lot is not None for line in lines),
            step=sum((1 + each.changes) * content for source, each in found if source.pallets),
        )
