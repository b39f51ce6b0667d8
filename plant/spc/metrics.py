"""The critical metrics of a model, and their charts over a window of the historian."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plant.historian.protocol import Historian, Tier
from plant.model.enterprise import Control, Role
from plant.model.tags import Tag, TagTable
from plant.spc.study import Study, points, study


@dataclass(frozen=True, slots=True)
class Charting:
    """A critical metric with what its chart is made of.

    Attributes:
        state: Tag of its unit's PackML state.
        set_point: Tag of the set point that it is around, None if it is around nothing.
    """

    tag: Tag
    control: Control
    state: Tag
    set_point: Tag | None


def charting(table: TagTable, tags: Iterable[int]) -> list[Charting]:
    """The critical metrics among some tags; units without a state cannot be charted."""
    found = []
    for index in tags:
        tag = table[index]
        control, unit = tag.metric.control, table.of_unit(tag.unit)
        state = tag.unit.with_role(Role.STATE)
        if control is not None and tag.is_live and state is not None:
            around = unit[control.around] if control.around is not None else None
            found.append(Charting(tag, control, unit[state.key], around))
    return found


def made_of(historian: Historian, metric: Charting, start: int, end: int) -> Study | None:
    """The chart of the minutes of [start, end), UTC ms; None while there is no calm base of enough points.

    Raises:
        StoreUnavailableError: The historian is away.
    """
    tags = [metric.tag.index, metric.state.index]
    if metric.set_point is not None:
        tags.append(metric.set_point.index)
    rows = historian.tier(Tier.MINUTE, tags, start, end)
    value, state, *around = (rows.take(rows.tag == tag) for tag in tags)
    found = points(metric.control, value, state, around[0] if around else None)
    return study(metric.control, found)
