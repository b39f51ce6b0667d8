"""Gas of a production day against the supplier's daily limit, at the meters where it comes in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from plant.counters import increase_of_rows, rollovers
from plant.historian.protocol import TierColumns
from plant.kpi.value import COVERAGE_NEEDED
from plant.kpi.window import Window
from plant.model.enterprise import Enterprise, Role
from plant.model.tags import Tag, TagTable
from plant.readings import GOOD, Columns


@dataclass(frozen=True, slots=True)
class Intake:
    """A meter through which a site's gas comes in: it counts gas and holds a set point in the counter's own unit.

    Attributes:
        gas: Tag of the counter, m3.
        limit: Tag of the daily limit, m3.
    """

    site: str
    gas: Tag
    limit: Tag


@dataclass(frozen=True, slots=True)
class GasUse:
    """Gas of an intake in a production day.

    Attributes:
        site: Slug of the site.
        meter: Storage path of the meter, ``site/line/unit``.
        used_m3: What the counter grew by; None if it was never read.
        limit_m3: Daily limit that held at the end of the day; None if it is not known.
        share: Used of the limit, 0 and more; None if one is not known, or coverage is too low.
        over_m3: Used above the limit, else 0; None as `share` is.
        cost_rub: Of `used_m3`; None without it or without a price.
        coverage: Share of the day in which the counter was read well, 0 to 1.
    """

    site: str
    meter: str
    used_m3: float | None
    limit_m3: float | None
    share: float | None
    over_m3: float | None
    cost_rub: float | None
    coverage: float


def intakes(enterprise: Enterprise, tags: TagTable) -> tuple[Intake, ...]:
    """All gas intakes of an enterprise; meters of single lines have no limit and are none."""
    return tuple(_intakes(enterprise, tags))


def _intakes(enterprise: Enterprise, tags: TagTable) -> Iterator[Intake]:
    for unit in enterprise.units:
        gas, limit = unit.with_role(Role.GAS), unit.with_role(Role.SET_POINT)
        if unit.retired is None and gas is not None and limit is not None and limit.unit == gas.unit:
            of_unit = tags.of_unit(unit)
            yield Intake(unit.site, of_unit[gas.key], of_unit[limit.key])


def gas_use(
    intake: Intake,
    day: Window,
    rows: TierColumns,
    opening: Columns,
    tags: TagTable,
    price_rub: float | None = None,
    needed: float = COVERAGE_NEEDED,
) -> GasUse:
    """What came through an intake in a production day.

    Args:
        intake: The meter.
        day: The site's production day.
        rows: Rolled-up rows of both tags that tile the day, of any tier; others are passed over.
        opening: The last reading of both tags before the day, where there is one.
        tags: The tag table.
        price_rub: Roubles per m3.
        needed: Coverage below which nothing is said of the limit.
    """
    inside = rows.take((rows.time >= day.start_ms) & (rows.time < day.end_ms))
    counter = inside.take(inside.tag == intake.gas.index)
    before = _of(opening, intake.gas)
    used = increase_of_rows(counter, before, rollovers(tags)).of(intake.gas.index)
    limit = _held(inside, opening, intake.limit)
    coverage = min(1.0, float(counter.good_ms.sum()) / max(1, day.end_ms - day.start_ms))
    share = over = None
    if used is not None and limit and coverage >= needed:
        share, over = used / limit, max(0.0, used - limit)
    return GasUse(
        site=intake.site,
        meter=intake.gas.unit.storage,
        used_m3=used,
        limit_m3=limit,
        share=share,
        over_m3=over,
        cost_rub=None if used is None or price_rub is None else used * price_rub,
        coverage=coverage,
    )


def _of(readings: Columns, tag: Tag) -> Columns:
    return readings.take(readings.tag == tag.index)


def _held(rows: TierColumns, opening: Columns, tag: Tag) -> float | None:
    """What a tag said last: in the rows, else before them."""
    told = np.flatnonzero((rows.tag == tag.index) & np.isfinite(rows.last))
    if len(told):
        return float(rows.last[told[rows.time[told].argmax()]])
    before = _of(opening, tag)
    good = np.flatnonzero((before.quality == GOOD) & np.isfinite(before.value))
    return float(before.value[good[-1]]) if len(good) else None
