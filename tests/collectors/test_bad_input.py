"""Every kind of bad input reaches a running collector while good data flow: each is counted, nothing good is lost."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest
from collecting import DATATYPES, collecting, edge, now_ms, tiny
from links import Probe, running, until

from plant.historian.duckdb.historian import DuckDBHistorian
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import Historian, Retention
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link
from plant.readings import GOOD
from plant.sparkplug.codec import encode
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.payload_pb2 import SparkplugPayload

ENTERPRISE, TAGS = tiny()
POWER = TAGS.by_path("alpha/shop/kiln-1/kiln/power").index
FORMER = next(unit for unit in ENTERPRISE.units if unit.path == ("alpha", "shop", "board-1", "former"))
ALIAS = {metric.key: number for number, metric in enumerate(FORMER.metrics, 1)}
"""Of the former's metrics, as the rogue gives them out."""
NODE = "spBv1.0/alpha/{}/board-1"
DEVICE = "spBv1.0/alpha/{}/board-1/former"

pytestmark = pytest.mark.broker


@dataclass
class Rogue:
    """A gateway of the model that was programmed badly: it keeps its sequence and breaks everything else."""

    link: Link
    seq: int = 0

    def payload(self, time: int | None = None, *, numbered: bool = True) -> SparkplugPayload:
        """An empty payload with the next sequence number."""
        payload = SparkplugPayload(timestamp=now_ms() if time is None else time)
        if numbered:
            payload.seq = self.seq
            self.seq = (self.seq + 1) % 256
        return payload

    def publish(self, topic: str, payload: SparkplugPayload | bytes, *, retain: bool = False) -> None:
        """Send it."""
        data = payload if isinstance(payload, bytes) else encode(payload)
        assert self.link.publish(topic, data, retain=retain)

    def be_born(self) -> None:
        """NBIRTH and a DBIRTH with one metric too many, one of a wrong type and one in another unit of measure."""
        self.seq = 0
        node = self.payload()
        node.metrics.add(name="bdSeq", datatype=DataType.INT64, long_value=0)
        self.publish(NODE.format("NBIRTH"), node)
        device = self.payload()
        for metric in FORMER.metrics:
            device.metrics.add(
                name=metric.key, alias=ALIAS[metric.key], datatype=DATATYPES[metric.datatype], is_null=True
            )
        device.metrics.add(name="colour", alias=90, datatype=DataType.DOUBLE, double_value=1.0)
        device.metrics[ALIAS["speed"] - 1].datatype = DataType.STRING
        properties = device.metrics[ALIAS["power"] - 1].properties
        properties.keys.append("engUnit")
        properties.values.add(type=DataType.STRING, string_value="MW")
        self.publish(DEVICE.format("DBIRTH"), device)

    def data(self, alias: int, value: float, *, time: int | None = None, **fields: object) -> None:
        """DDATA with one double."""
        payload = self.payload()
        payload.metrics.add(alias=alias, timestamp=now_ms() if time is None else time, double_value=value, **fields)
        self.publish(DEVICE.format("DDATA"), payload)


def unborn(rogue: Rogue) -> None:
    """DATA of a node that was never born."""
    rogue.publish("spBv1.0/beta/NDATA/plant", SparkplugPayload(timestamp=now_ms(), seq=3))


def unknown_device(rogue: Rogue) -> None:
    """A device that the model does not have."""
    payload = rogue.payload()
    payload.metrics.add(name="power", alias=91, datatype=DataType.DOUBLE, double_value=1.0)
    rogue.publish("spBv1.0/alpha/DBIRTH/board-1/mixer", payload)


def unknown_node(rogue: Rogue) -> None:
    """A gateway that the model does not have."""
    payload = SparkplugPayload(timestamp=now_ms(), seq=0)
    payload.metrics.add(name="power", alias=1, datatype=DataType.DOUBLE, double_value=1.0)
    rogue.publish("spBv1.0/alpha/NBIRTH/board-9", payload)


def bad_quality(rogue: Rogue) -> None:
    """A quality code that Sparkplug does not have."""
    payload = rogue.payload()
    metric = payload.metrics.add(alias=ALIAS["power"], timestamp=now_ms(), double_value=1.0)
    metric.properties.keys.append("Quality")
    metric.properties.values.add(type=DataType.INT32, int_value=17)
    rogue.publish(DEVICE.format("DDATA"), payload)


def text_for_number(rogue: Rogue) -> None:
    """A text in the field of a number."""
    payload = rogue.payload()
    payload.metrics.add(alias=ALIAS["power"], timestamp=now_ms(), string_value="much")
    rogue.publish(DEVICE.format("DDATA"), payload)


def oversize(rogue: Rogue) -> None:
    """More than our own links would send."""
    connection = rogue.link._connection
    assert connection is not None
    assert connection.publish(NODE.format("NDATA"), b"\x00" * (1 << 20) + b"\x00", 0, False)


def long_text(rogue: Rogue) -> None:
    """An order that is a novel."""
    payload = rogue.payload()
    payload.metrics.add(alias=ALIAS["order"], timestamp=now_ms(), string_value="x" * 5_000)
    rogue.publish(DEVICE.format("DDATA"), payload)


Kind: TypeAlias = tuple[str, Callable[[Rogue], None]]
"""The reason under which it is to be counted, and how it is done."""
KINDS: dict[str, Kind] = {
    "random bytes": ("malformed_payload", lambda r: r.publish(DEVICE.format("DDATA"), b"\xff\xfe\xfd\x00\x01")),
    "JSON where protobuf is expected": (
        "malformed_payload",
        lambda r: r.publish(NODE.format("NDATA"), b'{"power": 1}'),
    ),
    "empty payload": ("bad_sequence", lambda r: r.publish(NODE.format("NDATA"), b"")),
    "NBIRTH without seq": ("bad_sequence", lambda r: r.publish(NODE.format("NBIRTH"), r.payload(numbered=False))),
    "old seq": (
        "late_sequence",
        lambda r: r.publish(NODE.format("NDATA"), SparkplugPayload(timestamp=now_ms(), seq=0)),
    ),
    "unknown verb": ("wrong_topic", lambda r: r.publish("spBv1.0/alpha/XDATA/board-1", b"")),
    "too many levels": ("wrong_topic", lambda r: r.publish("spBv1.0/alpha/DDATA/board-1/former/x", b"")),
    "too few levels": ("wrong_topic", lambda r: r.publish("spBv1.0/alpha/NDATA", b"")),
    "device verb without device": ("wrong_topic", lambda r: r.publish("spBv1.0/alpha/DDATA/board-1", b"")),
    "garbage on STATE": ("malformed_payload", lambda r: r.publish("spBv1.0/STATE/collector-1", b"on")),
    "oversize": ("oversize", oversize),
    "data before birth": ("before_birth", unborn),
    "unknown node": ("unknown_node", unknown_node),
    "unknown device": ("unknown_device", unknown_device),
    "unknown alias": ("unknown_metric", lambda r: r.data(77, 1.0)),
    "metric that the model does not have": ("unknown_metric", lambda r: r.data(90, 1.0)),
    "text for a number": ("wrong_type", text_for_number),
    "wrong quality code": ("wrong_quality", bad_quality),
    "text that is too long": ("text_too_long", long_text),
    "NaN": ("not_a_number", lambda r: r.data(ALIAS["power"], math.nan)),
    "infinity": ("not_a_number", lambda r: r.data(ALIAS["power"], -math.inf)),
    "out of range": ("out_of_range", lambda r: r.data(ALIAS["power"], 1e12)),
    "time 0": ("absurd_timestamp", lambda r: r.data(ALIAS["power"], 1.0, time=1)),
    "1970": ("absurd_timestamp", lambda r: r.data(ALIAS["power"], 1.0, time=86_400_000)),
    "year 10 000": ("absurd_timestamp", lambda r: r.data(ALIAS["power"], 1.0, time=2**62)),
    "an hour ahead": ("future_timestamp", lambda r: r.data(ALIAS["power"], 1.0, time=now_ms() + 3_600_000)),
    "older than the retention": ("too_old", lambda r: r.data(ALIAS["power"], 1.0, time=now_ms() - 20 * 86_400_000)),
}
BY_BIRTH = {"unknown_metric", "wrong_type", "unit_mismatch"}
"""Reasons for which the rogue's birth alone is counted."""


@dataclass
class Good:
    """A healthy edge node's readings: sent, to be found again."""

    sent: dict[int, float] = field(default_factory=dict)

    def missing(self, historian: Historian) -> dict[int, float]:
        """What was sent and is not stored."""
        rows = historian.raw([POWER], min(self.sent), max(self.sent) + 1)
        good = rows.take(rows.quality == GOOD)
        stored = dict(zip(good.time.tolist(), good.value.tolist(), strict=True))
        return {time: value for time, value in self.sent.items() if stored.get(time) != value}


async def attack(address: BrokerAddress, historian: Historian, kinds: dict[str, Kind]) -> None:
    """Send every kind, a good value after each, and settle the account."""
    good = Good()
    async with (
        collecting(address, historian, ENTERPRISE, TAGS, reorder_timeout_s=0.2) as collector,
        edge(ENTERPRISE, "alpha", "kiln-1", address) as kiln,
        running(address, "rogue", Probe()) as link,
    ):
        await until(lambda: kiln.births, "births are out")
        rogue = Rogue(link)
        rogue.be_born()
        await until(lambda: collector.quarantine.counts.keys() >= BY_BIRTH, "the rogue's birth is judged")
        for number, (kind, (reason, send)) in enumerate(kinds.items()):
            before = collector.quarantine.counts.get(reason, 0)
            send(rogue)
            time = now_ms() + number  # never the same instant twice
            good.sent[time] = float(number)
            kiln.send("kiln", {"power": float(number)}, time)
            await until(lambda: collector.quarantine.counts.get(reason, 0) > before, f"{kind} is counted as {reason}")  # noqa: B023 - awaited within this turn
            assert collector.quarantine.newest(5)[0].time >= time - 60_000
        await until(lambda: not good.missing(historian), "every good value is durable")
        assert collector.health(False)[0]
    assert len(good.sent) == len(kinds)


@pytest.fixture
def historian(tmp_path: Path) -> Iterator[Historian]:
    """An empty DuckDB file."""
    historian = DuckDBHistorian(tmp_path / "h.duckdb", TAGS, Retention())
    yield historian
    historian.close()


def test_each_kind_is_counted_by_reason_and_nothing_good_is_lost(mosquitto: BrokerAddress, historian: Historian):
    """Over a real Mosquitto: flow goes on through everything that a publisher can do wrong."""
    asyncio.run(attack(mosquitto, historian, KINDS))


def test_the_same_through_the_embedded_broker(embedded_broker: BrokerAddress, historian: Historian):
    """Rumqttd ends who sends too much; all else comes through and is counted."""
    kinds = {kind: row for kind, row in KINDS.items() if kind != "oversize"}
    asyncio.run(attack(embedded_broker, historian, kinds))


def test_retained_data_of_yesterday_is_refused(mosquitto: BrokerAddress):
    """Sparkplug retains nothing but STATE; nobody knows how old a retained message is."""

    async def main() -> None:
        historian = MemoryHistorian(TAGS)
        async with running(mosquitto, "rogue", Probe()) as link:
            rogue = Rogue(link)
            rogue.publish(DEVICE.format("DDATA"), rogue.payload(), retain=True)
            rogue.publish(NODE.format("NBIRTH"), b"garbage", retain=True)
            async with collecting(mosquitto, historian, ENTERPRISE, TAGS) as collector:
                await until(lambda: collector.quarantine.counts == {"retained": 2}, "both are refused")
                assert not collector.counts.births

    asyncio.run(main())
