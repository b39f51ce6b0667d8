"""What collector tests share: the tiny model, a clock to turn by hand, and payloads as an edge node makes them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import Any, TypeAlias

from links import until

from collectors.collector import Collector
from collectors.config import CollectorConfig
from plant.historian.protocol import Historian
from plant.model.enterprise import Datatype, Enterprise, Unit
from plant.model.load import load
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import BirthsSent, EdgeDefinition, EdgeOutput, EdgeSession, MetricDefinition
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


def sharded_tiny(folder: Path) -> Enterprise:
    """The tiny model with another primary host for its second site, from a file in this folder."""
    written = TINY.read_text()
    file = folder / "sharded.yaml"
    file.write_text(written.replace("\n  beta:\n", "\n  beta:\n    primary_host: collector-2\n", 1))
    return load(file)


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is told."""

    now: int = NOW

    def __call__(self) -> int:
        """UTC ms."""
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


Row: TypeAlias = tuple[int, int, float, int]


def samples(rows: Sequence[Row]) -> Samples:
    """Columns from (index, time, value, quality)."""
    return Samples(
        [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows]
    )


def reading(
    live: Sequence[tuple[int, int, float, int]] = (), historical: Sequence[tuple[int, int, float, int]] = ()
) -> Reading:
    """A payload's numbers."""
    return Reading(samples(live), samples(historical), [], Counter())


class Edge:
    """An edge node of the tiny model on a real broker; a `plant.mqtt.link.LinkHandler`.

    It publishes as its session says, and whatever else a test wants to do to the collector.
    """

    def __init__(self, enterprise: Enterprise, site: str, node: str, address: BrokerAddress) -> None:
        self.units = {unit.slug: unit for unit in enterprise.site(site).units if unit.gateway == node}
        self.session = EdgeSession(node_definition(enterprise, site, node, enterprise.site(site).primary_host))
        self.link = Link(address, f"edge-{site}-{node}", self, rng=random.Random(1))
        self.births = 0

    def send(
        self, device: str, values: Mapping[str, float | str | None], time: int, *, historical: bool = False
    ) -> None:
        """Publish values by metric key, all of one time; they must leave."""
        keys = [metric.key for metric in self.units[device].metrics]
        indices = [keys.index(key) for key in values]
        times = [time] * len(values)
        message = self.session.data(device, indices, times, list(values.values()), now_ms(), historical=historical)
        assert message is not None, "births are out"
        assert self.link.publish(message.topic, message.payload, message.qos, message.retain)

    def will(self) -> Will:
        """NDEATH."""
        will = self.session.connecting(now_ms()).will
        return Will(will.topic, will.payload, will.qos, will.retain)

    def on_connected(self) -> None:
        """Subscribe."""
        self._carry_out(self.session.connected(now_ms()))

    def on_subscribed(self) -> None:
        """Births wait for the host."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """STATE or a command."""
        self._carry_out(self.session.message(topic, payload, now_ms(), retained=retained))

    def on_disconnected(self) -> None:
        """The link is gone."""
        self.session.disconnected(now_ms())

    def _carry_out(self, outputs: Iterable[EdgeOutput]) -> None:
        for output in outputs:
            match output:
                case Publish():
                    self.link.publish(output.topic, output.payload, output.qos, output.retain)
                case Subscribe():
                    self.link.subscribe([(output.topic_filter, output.qos)])
                case Disconnect():
                    self.link.reconnect()
                case BirthsSent():
                    self.births += 1


@asynccontextmanager
async def edge(enterprise: Enterprise, site: str, node: str, address: BrokerAddress) -> AsyncIterator[Edge]:
    """A running edge node; born as soon as its host is online, dead without a word on leaving."""
    node_ = Edge(enterprise, site, node, address)
    task = asyncio.get_running_loop().create_task(node_.link.run())
    try:
        yield node_
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def collecting(
    address: BrokerAddress,
    historian: Historian,
    enterprise: Enterprise,
    tags: TagTable,
    sites: Sequence[str] = (),
    host_id: str = "collector-1",
    seed: int = 1,
    **options: Any,
) -> AsyncIterator[Collector]:
    """A running collector, announced as a host; drained on leaving."""
    config = CollectorConfig(address, host_id, tuple(sites) or tuple(site.slug for site in enterprise.sites), **options)
    collector = Collector(config, enterprise, tags, historian, now_ms, random.Random(seed))
    stop = asyncio.Event()
    task = asyncio.get_running_loop().create_task(collector.run(stop))
    try:
        await until(lambda: task.done() or collector.health(False)[0], "the collector is online")
        yield collector
    finally:
        stop.set()
        await task


def now_ms() -> int:
    """The time now, UTC ms."""
    return time_ns() // 1_000_000
