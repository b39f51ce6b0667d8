"""What collector tests share: the tiny model, a clock to turn by hand, and payloads as an edge node makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plant.model.enterprise import Datatype, Enterprise, Unit
from plant.model.load import load
from plant.model.tags import TagTable
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import EdgeDefinition, MetricDefinition
from plant.sparkplug.samples import BirthRow, Reading, Samples

TINY = Path(__file__).parent / "plant" / "model" / "tiny.yaml"
NOW = 1_790_000_000_000
DATATYPES = {
    Datatype.DOUBLE: DataType.DOUBLE,
    Datatype.FLOAT: DataType.FLOAT,
    Datatype.INT32: DataType.INT32,
    Datatype.INT64: DataType.INT64,
    Datatype.BOOLEAN: DataType.BOOLEAN,
    Datatype.STRING: DataType.STRING,
}


def tiny() -> tuple[Enterprise, TagTable]:
    """The tiny model and its tags."""
    enterprise = load(TINY)
    return enterprise, TagTable(enterprise)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is told."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


def definitions(unit: Unit) -> tuple[MetricDefinition, ...]:
    """What an edge node declares for a unit."""
    return tuple(MetricDefinition(m.key, DATATYPES[m.datatype], m.writable) for m in unit.metrics)


def node_definition(enterprise: Enterprise, site: str, node: str, primary_host: str | None = None) -> EdgeDefinition:
    """An edge node of the model with all its units."""
    units = [unit for unit in enterprise.site(site).units if unit.gateway == node]
    return EdgeDefinition(site, node, {unit.slug: definitions(unit) for unit in units}, primary_host=primary_host)


def birth_rows(unit: Unit) -> tuple[BirthRow, ...]:
    """The rows of a unit's birth table."""
    return tuple(BirthRow(m.key, index, DATATYPES[m.datatype]) for index, m in enumerate(unit.metrics))


def samples(rows: Sequence[tuple[int, int, float, int]]) -> Samples:
    """Columns from (index, time, value, quality)."""
    return Samples(
        [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows]
    )


def reading(
    live: Sequence[tuple[int, int, float, int]] = (), historical: Sequence[tuple[int, int, float, int]] = ()
) -> Reading:
    """A payload's numbers."""
    return Reading(samples(live), samples(historical), [], Counter())
