"""A mapping that has been checked against a model: what `plant.mapping.translate` works with."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from pathlib import Path

from plant.mapping.measures import Linear
from plant.mapping.moments import Moment
from plant.mapping.paths import JsonPath
from plant.mapping.schema import ANY_NAME, Shape
from plant.mapping.templates import Tables, Template
from plant.mapping.topics import TopicPattern
from plant.model.enterprise import Metric, Unit


@dataclass(frozen=True, slots=True)
class Judge:
    """Whether a value is good, by what the device says of it.

    Attributes:
        path: Where it says so.
        words: Words that decide.
        means_good: What they mean; anything else, silence too, means the contrary.
    """

    path: JsonPath
    words: frozenset[str]
    means_good: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What one value of the device is in the model.

    Attributes:
        path: Where it stands, in payloads of the shape ``object``.
        metric: Key of the metric.
        linear: From the device's number to its unit of measure (`scale`, `offset`).
        measure: That unit; None if it is the metric's.
        words: Number or text for each word; None if the device sends numbers.
        judge: Its quality.
    """

    path: JsonPath | None
    metric: Template
    linear: Linear
    measure: str | None
    words: ReadOnly[str, float | str] | None
    judge: Judge | None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value goes.

    Attributes:
        index: In the `plant.model.tags.TagTable` for numbers, in `plant.model.tags.text_tags` for texts.
        linear: From the device's number to the metric's unit.
    """

    unit: Unit
    metric: Metric
    index: int
    linear: Linear

    @property
    def path(self) -> str:
        """``site/area/line/unit/metric``."""
        return "/".join((*self.unit.path, self.metric.key))


@dataclass(frozen=True, slots=True)
class Rule:
    """Messages of one kind.

    Attributes:
        name: ``mapping/rule``.
        moment: Where the time stands; None is the time of arrival.
        stale_after_ms: Silence of a device after which its values are not known any more.
        takes_retained: Whether to take what the broker kept from before the subscription.
        reach: Paths of all units that it can lead to.
        targets: What it can lead to, by (place in `rows`, unit path, metric key).
    """

    name: str
    topic: TopicPattern
    shape: Shape
    unit: Template
    moment: Moment | None
    stale_after_ms: int
    takes_retained: bool
    parts: ReadOnly[str, JsonPath]
    items: JsonPath | None
    item_name: JsonPath
    item_value: JsonPath
    rows: ReadOnly[str, Row]
    tables: Tables = field(repr=False)
    reach: frozenset[str] = field(repr=False)
    targets: ReadOnly[tuple[str, str, str], Target] = field(repr=False)

    def row(self, name: str) -> tuple[str, Row] | None:
        """The row for a name in a list or a topic, with its key in `rows`; None if the mapping leaves it out."""
        for key in (name, ANY_NAME):
            if (row := self.rows.get(key)) is not None:
                return key, row
        return None


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping file."""

    name: str
    file: Path
    rules: tuple[Rule, ...]
