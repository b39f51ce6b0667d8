"""The tag table: every numeric metric of every unit gets one small integer, the same in all columns of a process.

Texts (orders, recipes, reasons) are not numbers; `text_tags` lists them, the historian keeps them as events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plant.model.enterprise import Enterprise, Metric, Role, Unit


@dataclass(frozen=True, slots=True)
class Tag:
    """One numeric metric of one unit.

    Attributes:
        index: Row in the `TagTable`; valid inside this process only, never stored.
        storage: ``site/line/unit/metric`` under which the history is kept, whatever things are called today.
    """

    index: int
    unit: Unit
    metric: Metric
    storage: str

    @property
    def path(self) -> str:
        """``site/area/line/unit/metric``, the name that people and pages use."""
        return "/".join((*self.unit.path, self.metric.key))

    @property
    def is_live(self) -> bool:
        """Whether it is still measured."""
        return self.metric.retired is None and self.unit.retired is None


class TagTable(Sequence[Tag]):
    """All numeric tags of an enterprise, in the order of the model, retired ones too.

    Attributes:
        enterprise: Whose tags they are.
    """

    def __init__(self, enterprise: Enterprise) -> None:
        self.enterprise = enterprise
        rows = ((unit, metric) for unit in enterprise.units for metric in unit.metrics if metric.is_numeric)
        self._tags = tuple(
            Tag(index, unit, metric, f"{unit.storage}/{metric.stored_as}") for index, (unit, metric) in enumerate(rows)
        )
        self._by_path = {tag.path: tag for tag in self._tags}
        self._by_storage = {tag.storage: tag for tag in self._tags}
        self._by_unit: dict[tuple[str, str, str, str], dict[str, Tag]] = {}
        for tag in self._tags:
            self._by_unit.setdefault(tag.unit.path, {})[tag.metric.key] = tag

    def __getitem__(self, index: int) -> Tag:  # type: ignore[override]  # slices of tags have no use here
        return self._tags[index]

    def __len__(self) -> int:
        return len(self._tags)

    def __iter__(self) -> Iterator[Tag]:
        return iter(self._tags)

    def by_path(self, path: str) -> Tag:
        """The tag called ``site/area/line/unit/metric``; KeyError if there is none."""
        return self._by_path[path]

    def by_storage(self, storage: str) -> Tag | None:
        """The tag stored as ``site/line/unit/metric``, None if the model does not know it."""
        return self._by_storage.get(storage)

    def of_unit(self, unit: Unit) -> dict[str, Tag]:
        """The unit's tags by metric key."""
        return self._by_unit.get(unit.path, {})

    def with_role(self, role: Role) -> list[Tag]:
        """All live tags of that role."""
        return [tag for tag in self._tags if tag.metric.role is role and tag.is_live]


@dataclass(frozen=True, slots=True)
class TextTag:
    """One text metric of one unit."""

    unit: Unit
    metric: Metric

    @property
    def path(self) -> str:
        """``site/area/line/unit/metric``."""
        return "/".join((*self.unit.path, self.metric.key))


def text_tags(enterprise: Enterprise) -> tuple[TextTag, ...]:
    """All live text metrics, in the order of the model."""
    return tuple(
        TextTag(unit, metric)
        for unit in enterprise.units
        for metric in unit.metrics
        if not metric.is_numeric and metric.retired is None and unit.retired is None
    )
