"""Conformance, commands of a host: checklist section 9."""

from __future__ import annotations

import pytest
from sparkplug_peers import START_MS, HostBench, Sent, published, tck

from plant.sparkplug.datatypes import DataType, IncompatibleValueError
from plant.sparkplug.host import CommandRefusedError
from plant.sparkplug.topic import NodeId, Source

NODE, DEVICE = Source("g", "n"), Source("g", "n", "d")


@pytest.fixture
def ready(host: HostBench) -> HostBench:
    """A host that knows node metric "a" and device metrics "x" (Double) and "n8" (Int8, without alias)."""
    host.nbirth("a")
    payload = host.payload()
    payload.metrics.add(name="x", alias=100, datatype=DataType.DOUBLE, timestamp=START_MS, double_value=1.0)
    payload.metrics.add(name="n8", datatype=DataType.INT8, timestamp=START_MS, int_value=1)
    host.hear("spBv1.0/g/DBIRTH/n/d", payload)
    return host


def command(host: HostBench, source: Source, *writes: tuple[str, float]) -> Sent:
    """The command as it goes on the wire."""
    return Sent.of(host.session.command(source, writes, host.now_ms))


@tck(
    "topics-ncmd-topic",
    "topics-ncmd-mqtt",
    "topics-ncmd-timestamp",
    "topics-ncmd-payload",
    "payloads-ncmd-timestamp",
    "payloads-ncmd-qos",
    "payloads-ncmd-retain",
    "payloads-ncmd-seq",
    "payloads-name-cmd-requirement",
    "operational-behavior-data-commands-ncmd-verb",
)
def test_a_node_is_written_by_ncmd(tck_id: str, ready: HostBench) -> None:
    """NCMD on the node's topic: QoS 0, not retained, time of sending, no seq, the metrics to write with their times."""
    ready.now_ms += 50
    sent = command(ready, NODE, ("a", 2.5))
    assert (sent.topic, sent.qos, sent.retain, sent.seq) == ("spBv1.0/g/NCMD/n", 0, False, None)
    assert sent.payload.timestamp == START_MS + 50
    assert [(metric.alias, metric.double_value) for metric in sent.payload.metrics] == [(0, 2.5)]
    assert sent.payload.metrics[0].timestamp == START_MS + 50


@tck(
    "topics-dcmd-topic",
    "topics-dcmd-mqtt",
    "topics-dcmd-timestamp",
    "topics-dcmd-payload",
    "payloads-dcmd-timestamp",
    "payloads-dcmd-qos",
    "payloads-dcmd-retain",
    "payloads-dcmd-seq",
    "payloads-name-cmd-requirement",
    "operational-behavior-data-commands-dcmd-verb",
)
def test_a_device_is_written_by_dcmd(tck_id: str, ready: HostBench) -> None:
    """DCMD on the topic of the device: QoS 0, not retained, time of sending, no seq, the metrics with their times."""
    sent = command(ready, DEVICE, ("x", 2.5), ("n8", -5))
    assert (sent.topic, sent.qos, sent.retain, sent.seq) == ("spBv1.0/g/DCMD/n/d", 0, False, None)
    assert sent.payload.timestamp == START_MS
    first, second = sent.payload.metrics
    assert (first.alias, first.double_value, first.timestamp) == (100, 2.5, START_MS)
    assert (second.name, second.int_value, second.timestamp) == ("n8", 0xFFFFFFFB, START_MS)


@tck("operational-behavior-data-commands-ncmd-metric-name", "operational-behavior-data-commands-dcmd-metric-name")
@pytest.mark.parametrize("source", [NODE, DEVICE])
def test_only_metrics_of_the_birth_are_written(tck_id: str, ready: HostBench, source: Source) -> None:
    """A metric that the birth did not declare is refused before anything is sent."""
    with pytest.raises(CommandRefusedError) as error:
        command(ready, source, ("unheard of", 1))
    assert error.value.reason == "unknown_metric"


@tck("operational-behavior-data-commands-ncmd-metric-value", "operational-behavior-data-commands-dcmd-metric-value")
@pytest.mark.parametrize(
    ("source", "metric", "value"),
    [(NODE, "a", "fast"), (DEVICE, "x", "fast"), (DEVICE, "n8", 200), (DEVICE, "n8", 1.5), (DEVICE, "n8", "1")],
)
def test_the_value_fits_the_datatype(tck_id: str, ready: HostBench, source: Source, metric: str, value: float) -> None:
    """A value of another type or out of the datatype's range is refused before anything is sent."""
    with pytest.raises(IncompatibleValueError) as error:
        command(ready, source, (metric, value))
    assert error.value.reason == "wrong_type"


@tck(
    "operational-behavior-data-commands-ncmd-rebirth-verb",
    "operational-behavior-data-commands-ncmd-rebirth-name",
    "operational-behavior-data-commands-ncmd-rebirth-value",
)
def test_a_rebirth_request_is_an_ncmd_by_name(tck_id: str, ready: HostBench) -> None:
    """NCMD with Node Control/Rebirth = true, by name and without alias; QoS 0, not retained, no seq."""
    (sent,) = published(ready.session.request_rebirth(NodeId("g", "n"), ready.now_ms))
    assert (sent.topic, sent.qos, sent.retain, sent.seq) == ("spBv1.0/g/NCMD/n", 0, False, None)
    metric = sent.metric("Node Control/Rebirth")
    assert metric.boolean_value is True
    assert not metric.HasField("alias")


def test_a_source_that_is_offline_is_not_written(ready: HostBench) -> None:
    """A command to a node or device that is unknown, dead or unborn is refused, and all are while the host is away."""
    for source in (Source("g", "other"), Source("g", "n", "other")):
        with pytest.raises(CommandRefusedError, match="offline"):
            command(ready, source, ("a", 1))
    ready.session.disconnect(ready.now_ms)
    with pytest.raises(CommandRefusedError, match="this host is offline") as error:
        command(ready, NODE, ("a", 1))
    assert error.value.reason == "offline"
