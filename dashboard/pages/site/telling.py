"""Which of a unit's metrics tell most, so that one look at a row says how it does."""

from __future__ import annotations

from typing import Final

from plant.model.enterprise import COUNTERS, Metric, Role, Unit
from plant.model.tags import Tag, TagTable

MOST: Final = 3
SILENT: Final = COUNTERS | {Role.STATE, Role.MODE, Role.REASON, Role.ORDER, Role.PRODUCT, Role.COMMAND, Role.SET_POINT}
"""Roles whose bare value says nothing about how a unit does."""
ORDER: Final = (Role.RATE, Role.LEVEL, Role.VALUE, Role.GAS_FLOW, Role.POWER, Role.WATER_FLOW)
"""Roles by how much they tell; what has a normal range comes before what has none."""


def telling(unit: Unit, tags: TagTable) -> list[Tag]:
    """At most `MOST` tags: the rate first, then what has a normal range, then the rest, in the order of the model."""
    rows = [tag for tag in tags.of_unit(unit).values() if tag.is_live and tag.metric.role not in SILENT]
    return sorted(rows, key=lambda tag: _rank(tag.metric))[:MOST]


def main_tag(unit: Unit, tags: TagTable) -> Tag | None:
    """The one whose course over time tells most; a meter without anything else has none."""
    return next(iter(telling(unit, tags)), None)


def _rank(metric: Metric) -> tuple[bool, bool, int]:
    place = ORDER.index(metric.role) if metric.role in ORDER else len(ORDER)
    return (metric.role is not Role.RATE, metric.normal is None, place)
