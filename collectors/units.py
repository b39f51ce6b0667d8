"""Where each unit's tags lie in the columns: found once, so that no loop over units runs per batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant.model.enterprise import Enterprise, Metric, Role, Unit
from plant.model.tags import TagTable
from plant.namespace import Contract, Topic

NO_TAG = -1
NO_UNIT = -1


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit that is in service.

    Attributes:
        unit: From the model.
        keys: Metric keys of its numbers, in the order of `tags`.
        tags: Their tag indices.
        texts: Its text metrics.
        values_topic: Topic of its values in the unified namespace; `state_topic` of its state.
    """

    unit: Unit
    keys: tuple[str, ...]
    tags: NDArray[np.intp]
    texts: tuple[Metric, ...]
    values_topic: str
    state_topic: str


class UnitTable(Sequence[UnitRow]):
    """All units in service of the sites that are served; the position is the unit's number in this process.

    Attributes:
        of_tag: Number of each tag's unit, `NO_UNIT` for tags that are not served, int32, shape (tags,).
        state_tag: Tag that carries the PackML state of each unit, `NO_TAG` if it has none, intp, shape (units,).
        mode_tag: Likewise the mode.
        tags: All tags that are served, intp, ascending.
    """

    def __init__(self, enterprise: Enterprise, tags: TagTable, sites: Sequence[str]) -> None:
        units = [unit for site in enterprise.sites if site.slug in sites for unit in site.units if unit.retired is None]
        self._rows = tuple(_row(enterprise.slug, unit, tags) for unit in units)
        self._numbers = {unit.storage: number for number, unit in enumerate(units)}
        self.of_tag = np.full(len(tags), NO_UNIT, np.int32)
        for number, row in enumerate(self._rows):
            self.of_tag[row.tags] = number
        self.state_tag = _role_tags(self._rows, tags, Role.STATE)
        self.mode_tag = _role_tags(self._rows, tags, Role.MODE)
        self.tags = np.flatnonzero(self.of_tag != NO_UNIT)

    def __getitem__(self, number: int) -> UnitRow:  # type: ignore[override]  # slices of units have no use here
        return self._rows[number]

    def __len__(self) -> int:
        return len(self._rows)

    def number(self, unit: Unit) -> int:
        """Position of a unit; KeyError if it is not served."""
        return self._numbers[unit.storage]


def _row(enterprise: str, unit: Unit, tags: TagTable) -> UnitRow:
    live = {key: tag.index for key, tag in tags.of_unit(unit).items() if tag.is_live}
    levels = (enterprise, *unit.path)
    return UnitRow(
        unit,
        tuple(live),
        np.array(list(live.values()), np.intp),
        tuple(metric for metric in unit.metrics if not metric.is_numeric and metric.retired is None),
        str(Topic(levels, Contract.VALUES)),
        str(Topic(levels, Contract.STATE)),
    )


def _role_tags(rows: Sequence[UnitRow], tags: TagTable, role: Role) -> NDArray[np.intp]:
    found = np.full(len(rows), NO_TAG, np.intp)
    for number, row in enumerate(rows):
        metric = row.unit.with_role(role)
        if metric is not None:
            found[number] = tags.of_unit(row.unit)[metric.key].index
    return found
