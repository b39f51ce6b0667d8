"""What fleet tests share: a world whose every value is known, and a host that writes down all it hears."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from links import until
from numpy.typing import NDArray

from plant.errors import BadInputError
from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.readings import GOOD
from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.host import Birth, Data, HostConfig, HostOutput, HostSession
from plant.sparkplug.samples import OtherSample, Samples
from simulators.fleet.config import FleetConfig
from simulators.fleet.fleet import Fleet
from simulators.fleet.scanner import Scan
from simulators.fleet.status import FleetStatus
from simulators.report import Reporter
from simulators.world.influence import Injection, TransportFaults

TINY = Path(__file__).parent / "plant" / "model" / "tiny.yaml"


def wall_ms() -> int:
    """The machine's clock, UTC ms."""
    return time.time_ns() // 1_000_000


class KnownWorld:
    """Tag i changes every (i % 4 + 1) steps; texts every 5; what is written stays."""

    def __init__(self, enterprise: Enterprise, now_ms: int) -> None:
        self.tags = TagTable(enterprise)
        self.text_paths = [text.path for text in text_tags(enterprise)]
        self.now_ms = self.begun_ms = now_ms
        self.steps = 0
        self.faults = TransportFaults()
        self.written: dict[str, float] = {}
        self.refused: list[str] = []
        self.saved: list[Path] = []

    def step(self, dt_s: float) -> None:
        """Count."""
        self.now_ms += round(1000 * dt_s)
        self.steps += 1

    def values(self) -> NDArray[np.float64]:
        """Whole numbers, booleans 0 or 1."""
        values = np.array([self.steps // (tag.index % 4 + 1) % 1_000 for tag in self.tags], np.float64)
        for tag in self.tags:
            if tag.metric.datatype == "boolean":
                values[tag.index] %= 2
            if tag.path in self.written:
                values[tag.index] = self.written[tag.path]
        return values

    def qualities(self) -> NDArray[np.uint16]:
        """All good."""
        return np.full(len(self.tags), GOOD, np.uint16)

    def texts(self) -> list[str]:
        """A text with a number."""
        return [f"text {self.steps // 5}" for _ in self.text_paths]

    def write(self, tag: int, value: float) -> None:
        """Keep it; `BadInputError` outside the span of the metric."""
        span = self.tags[tag].metric.span
        if span is not None and not span.low <= value <= span.high:
            raise BadInputError("out_of_range", f"{value:g} is out of range")
        self.written[self.tags[tag].path] = value

    def refuse(self, tag: int) -> None:
        """Keep its name; what was written before holds."""
        self.refused.append(self.tags[tag].path)

    def write_text(self, place: int, text: str) -> None:
        """No text of it can be written."""
        raise BadInputError("not_writable", f"'{self.text_paths[place]}' cannot be set to '{text}'")

    def skip(self, to_ms: int) -> None:
        """Set the clock."""
        self.now_ms = to_ms

    def transport(self, now_ms: int) -> TransportFaults:
        """What the test says."""
        return self.faults

    def injections(self) -> tuple[Injection, ...]:
        """None."""
        return ()

    def save(self, path: Path) -> None:
        """Count."""
        self.saved.append(path)


Point = tuple[str, int, float | str]
"""Path, source time, value."""


@dataclass
class Ear:
    """A host application that writes down every message and every value that it hears.

    Attributes:
        raw: (topic, payload) in the order of arrival.
        outputs: What its session made of them.
        points: All values, those of births too.
        history: Values that came as history.
        data_points: How many live values came with DATA.
    """

    address: BrokerAddress
    groups: tuple[str, ...] = ("alpha", "beta")
    host_id: str = "collector-1"
    raw: list[tuple[str, bytes]] = field(default_factory=list)
    outputs: list[HostOutput] = field(default_factory=list)
    points: set[Point] = field(default_factory=set)
    history: list[Point] = field(default_factory=list)
    data_points: int = 0

    def __post_init__(self) -> None:
        self.session = HostSession(HostConfig(self.host_id, self.groups))
        self.link = Link(self.address, f"ear-{self.host_id}", self, rng=random.Random(5))
        self._tables: dict[str, list[str]] = {}
        self._awaited = 0

    def will(self) -> Will:
        """STATE offline."""
        will = self.session.connecting(wall_ms()).will
        return Will(will.topic, will.payload, will.qos, will.retain)

    def on_connected(self) -> None:
        """Subscribe."""
        self.do(self.session.connected(wall_ms()))

    def on_subscribed(self) -> None:
        """STATE online after the last SUBACK."""
        self._awaited -= 1
        if self._awaited == 0:
            self.do(self.session.subscribed(wall_ms()))

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """Write down, then let the session read it."""
        self.raw.append((topic, payload))
        self.do(self.session.message(topic, payload, wall_ms(), retained=retained))

    def on_disconnected(self) -> None:
        """All stale."""
        self.do(self.session.disconnected(wall_ms()))

    def do(self, outputs: Iterable[HostOutput]) -> None:
        """Carry out what the session asks for and keep the rest."""
        for output in outputs:
            self.outputs.append(output)
            match output:
                case Publish(topic, payload, qos, retain):
                    self.link.publish(topic, payload, qos, retain)
                case Subscribe(topic_filter, qos):
                    self._awaited += 1
                    self.link.subscribe([(topic_filter, qos)])
                case Disconnect():
                    self.link.reconnect()
                case Birth(source, table, _, _):
                    self._tables[str(source)] = [row.name for row in table.rows]
                    self._keep(output)
                case Data():
                    self.data_points += self._keep(output)

    def _keep(self, output: Birth | Data) -> int:
        reading, texts = output.reading, output.reading.others
        live = self._points(output, reading.live) + self._texts(output, [t for t in texts if not t.historical])
        history = self._points(output, reading.historical) + self._texts(output, [t for t in texts if t.historical])
        self.history += history
        self.points.update(live, history)
        return len(live)

    def _points(self, output: Birth | Data, samples: Samples) -> list[Point]:
        names = self._tables[str(output.source)]
        columns = zip(samples.indices, samples.timestamps_ms, samples.values, strict=True)
        return [(f"{output.source}/{names[index]}", at, value) for index, at, value in columns]

    def _texts(self, output: Birth | Data, others: list[OtherSample]) -> list[Point]:
        names = self._tables[str(output.source)]
        return [(f"{output.source}/{names[other.index]}", other.timestamp_ms, str(other.value)) for other in others]

    def of_kind(self, kind: type[Any]) -> list[Any]:
        """Outputs of one class."""
        return [output for output in self.outputs if isinstance(output, kind)]

    def topics(self, verb: str) -> list[str]:
        """Topics of one verb in the order of arrival."""
        return [topic for topic, _ in self.raw if f"/{verb}/" in topic]

    async def stop(self) -> None:
        """STATE offline, DISCONNECT."""
        self.do(self.session.disconnect(wall_ms()))
        await self.link.close()


@asynccontextmanager
async def listening(address: BrokerAddress, **options: Any) -> AsyncIterator[Ear]:
    """A host that is online."""
    ear = Ear(address, **options)
    task = asyncio.get_running_loop().create_task(ear.link.run())
    await until(lambda: ear.session.online, "the host is online")
    try:
        yield ear
    finally:
        await ear.stop()
        await task


@dataclass
class Running:
    """A fleet that runs around a known world.

    Attributes:
        journal: Everything that the scans had to tell.
    """

    world: KnownWorld
    enterprise: Enterprise
    fleet: Fleet = field(init=False)
    journal: set[Point] = field(default_factory=set)
    shown: list[FleetStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tags = TagTable(self.enterprise)

    @property
    def born(self) -> bool:
        """Whether all nodes are."""
        return all(node.born for node in self.fleet.nodes)

    def note(self, scan: Scan) -> None:
        """Add a scan to the journal, named as a host names them."""
        for row, value in zip(scan.rows.tolist(), scan.values.tolist(), strict=True):
            tag = self.tags[row]
            name = f"{tag.unit.site}/{tag.unit.gateway}/{tag.unit.slug}/{tag.metric.key}"
            self.journal.add((name, scan.time_ms, value))
        for place, text in scan.texts:
            tag = text_tags(self.enterprise)[place]
            name = f"{tag.unit.site}/{tag.unit.gateway}/{tag.unit.slug}/{tag.metric.key}"
            self.journal.add((name, scan.time_ms, text))


@asynccontextmanager
async def fleet_running(
    address: BrokerAddress,
    *,
    behind_s: float = 0.0,
    clock: Callable[[], int] = wall_ms,
    world_of: Callable[[Enterprise, int], Any] = KnownWorld,
    **options: Any,
) -> AsyncIterator[Running]:
    """The fleet of the tiny model, from its start to its goodbye; `world_of` makes its world from model and time."""
    enterprise = load(TINY)
    world = world_of(enterprise, (clock() - round(1000 * behind_s)) // 1000 * 1000)
    config = FleetConfig(str(TINY), address, **options)
    running = Running(world, enterprise)
    running.fleet = Fleet(
        config,
        enterprise,
        world,
        Reporter(running.tags),
        clock=clock,
        rng=random.Random(2),
        on_scan=running.note,
    )
    stop = asyncio.Event()
    task = asyncio.get_running_loop().create_task(running.fleet.run(stop, running.shown.append))
    try:
        yield running
    finally:
        stop.set()
        await task
