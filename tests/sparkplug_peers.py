"""Scripted peers: a session under test, what it has sent (decoded by protobuf alone), and a hand on its inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from plant.sparkplug.actions import Publish
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import EdgeOutput, EdgeSession, MetricDefinition
from plant.sparkplug.host import HostOutput, HostSession
from plant.sparkplug.payload_pb2 import SparkplugMetric, SparkplugPayload

START_MS = 1_764_000_000_000


def tck(*ids: str) -> pytest.MarkDecorator:
    """Names a test after the assertions of the specification that it proves; docs/sparkplug.md lists them all."""
    return pytest.mark.parametrize("tck_id", [f"tck-id-{own}" for own in ids])


@dataclass(frozen=True)
class Sent:
    """A published message, taken apart without any of our own code but the generated module."""

    topic: str
    payload: SparkplugPayload
    qos: int
    retain: bool

    @classmethod
    def of(cls, publish: Publish) -> Sent:
        """Decode a Sparkplug message."""
        return cls(publish.topic, SparkplugPayload.FromString(publish.payload), publish.qos, publish.retain)

    @property
    def verb(self) -> str:
        """Third token of the topic."""
        return self.topic.split("/")[2]

    @property
    def seq(self) -> int | None:
        """Sequence number, None when the field is not there."""
        return self.payload.seq if self.payload.HasField("seq") else None

    @property
    def names(self) -> list[str]:
        """Names of the metrics in their order."""
        return [metric.name for metric in self.payload.metrics]

    def metric(self, name: str) -> SparkplugMetric:
        """The only metric with this name."""
        (found,) = [metric for metric in self.payload.metrics if metric.name == name]
        return found


def published(outputs: Iterable[EdgeOutput | HostOutput]) -> list[Sent]:
    """The Sparkplug messages among outputs, decoded; STATE is left out."""
    return [Sent.of(out) for out in outputs if isinstance(out, Publish) and "/STATE/" not in out.topic]


def state(host: str, timestamp_ms: int, *, online: bool) -> Publish:
    """A STATE message as a host sends it, made without our own code."""
    payload = orjson.dumps({"online": online, "timestamp": timestamp_ms})
    return Publish(f"spBv1.0/STATE/{host}", payload, qos=1, retain=True)


def of_kind(outputs: Iterable[Any], kind: type[Any]) -> list[Any]:
    """The outputs of one class."""
    return [output for output in outputs if isinstance(output, kind)]


@dataclass
class EdgeBench:
    """An edge session and a clock that the test moves."""

    session: EdgeSession
    now_ms: int = START_MS
    sent: list[Sent] = field(default_factory=list)

    def note(self, outputs: list[EdgeOutput]) -> list[EdgeOutput]:
        """Keep what was published and move the clock on a little."""
        self.sent += published(outputs)
        self.now_ms += 7
        return outputs

    def connect(self) -> list[EdgeOutput]:
        """CONNECT and CONNACK."""
        self.session.connecting(self.now_ms)
        return self.note(self.session.connected(self.now_ms))

    def hear(self, topic: str, payload: bytes | SparkplugPayload, *, retained: bool = False) -> list[EdgeOutput]:
        """A message arrives."""
        data = payload if isinstance(payload, bytes) else payload.SerializeToString()
        return self.note(self.session.message(topic, data, self.now_ms, retained=retained))

    def host(self, name: str, timestamp_ms: int, *, online: bool) -> list[EdgeOutput]:
        """A STATE arrives."""
        publish = state(name, timestamp_ms, online=online)
        return self.hear(publish.topic, publish.payload)

    def data(self, device: str | None, *values: tuple[int, Any], **options: Any) -> Sent | None:
        """Values are published as of now: pairs of index and value."""
        indices, given = [index for index, _ in values], [value for _, value in values]
        publish = self.session.data(device, indices, [self.now_ms] * len(values), given, self.now_ms, **options)
        self.now_ms += 7
        if publish is None:
            return None
        self.sent.append(Sent.of(publish))
        return self.sent[-1]


def metrics(
    count: int, datatype: DataType = DataType.DOUBLE, *, writable: bool = False
) -> tuple[MetricDefinition, ...]:
    """So many metrics m0, m1, ... of one datatype."""
    return tuple(MetricDefinition(f"m{index}", datatype, writable) for index in range(count))


@dataclass
class HostBench:
    """A host session, a clock that the test moves, and an edge node written by hand."""

    session: HostSession
    now_ms: int = START_MS
    bd_seq: int = 0
    seq: int = 0

    def go_online(self) -> list[HostOutput]:
        """CONNECT, CONNACK, SUBACK."""
        self.session.connecting(self.now_ms)
        return [*self.session.connected(self.now_ms), *self.session.subscribed(self.now_ms)]

    def hear(self, topic: str, payload: bytes | SparkplugPayload, *, retained: bool = False) -> list[HostOutput]:
        """A message arrives."""
        data = payload if isinstance(payload, bytes) else payload.SerializeToString()
        return self.session.message(topic, data, self.now_ms, retained=retained)

    def state(self, timestamp_ms: int, *, online: bool, retained: bool = False) -> list[HostOutput]:
        """A STATE of this host's own id arrives."""
        publish = state("h", timestamp_ms, online=online)
        return self.hear(publish.topic, publish.payload, retained=retained)

    def tick(self, later_ms: int) -> list[HostOutput]:
        """Time passes."""
        self.now_ms += later_ms
        return self.session.tick(self.now_ms)

    def payload(self, *, seq: int | None = None) -> SparkplugPayload:
        """A payload of the edge node: with the next sequence number, or with the one given."""
        number = self.seq if seq is None else seq
        self.seq = (number + 1) % 256
        return SparkplugPayload(timestamp=self.now_ms, seq=number)

    def nbirth(self, *names: str, node: str = "n", seq: int = 0) -> list[HostOutput]:
        """NBIRTH of doubles with aliases 0, 1, ..., value 1.0."""
        payload = self.payload(seq=seq)
        payload.metrics.add(name="bdSeq", datatype=4, timestamp=self.now_ms, long_value=self.bd_seq)
        payload.metrics.add(name="Node Control/Rebirth", datatype=11, timestamp=self.now_ms, boolean_value=False)
        add_doubles(payload, names, first_alias=0)
        return self.hear(f"spBv1.0/g/NBIRTH/{node}", payload)

    def dbirth(self, device: str, *names: str, first_alias: int = 100, **options: Any) -> list[HostOutput]:
        """DBIRTH of doubles with aliases from 100 on, value 1.0."""
        payload = self.payload(**options)
        add_doubles(payload, names, first_alias)
        return self.hear(f"spBv1.0/g/DBIRTH/n/{device}", payload)

    def ddata(self, device: str, value: float, *, alias: int = 100, **options: Any) -> list[HostOutput]:
        """DDATA with one double."""
        payload = self.payload(**options)
        payload.metrics.add(alias=alias, timestamp=self.now_ms, double_value=value)
        return self.hear(f"spBv1.0/g/DDATA/n/{device}", payload)

    def ndata(self, value: float, *, alias: int = 0, **options: Any) -> list[HostOutput]:
        """NDATA with one double."""
        payload = self.payload(**options)
        payload.metrics.add(alias=alias, timestamp=self.now_ms, double_value=value)
        return self.hear("spBv1.0/g/NDATA/n", payload)

    def ddeath(self, device: str, sent_ms: int, **options: Any) -> list[HostOutput]:
        """DDEATH with a payload time of its own."""
        payload = self.payload(**options)
        payload.timestamp = sent_ms
        return self.hear(f"spBv1.0/g/DDEATH/n/{device}", payload)

    def ndeath(self, bd_seq: int) -> list[HostOutput]:
        """NDEATH with a bdSeq."""
        payload = SparkplugPayload(timestamp=self.now_ms)
        payload.metrics.add(name="bdSeq", datatype=4, timestamp=self.now_ms, long_value=bd_seq)
        return self.hear("spBv1.0/g/NDEATH/n", payload)


def add_doubles(payload: SparkplugPayload, names: Iterable[str], first_alias: int) -> None:
    """Declare doubles with value 1.0."""
    for offset, name in enumerate(names):
        payload.metrics.add(
            name=name, alias=first_alias + offset, datatype=10, timestamp=payload.timestamp, double_value=1.0
        )
