"""DATA whose body was encoded elsewhere."""

from __future__ import annotations

from sparkplug_peers import START_MS, published

from plant.sparkplug.codec import decode, encode
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import EdgeDefinition, EdgeSession, MetricDefinition
from plant.sparkplug.payload_pb2 import SparkplugPayload

METRICS = (MetricDefinition("a", DataType.DOUBLE), MetricDefinition("b", DataType.DOUBLE))


def session() -> EdgeSession:
    """A connected node with two devices and no primary host."""
    edge = EdgeSession(EdgeDefinition("g", "n", {"d1": METRICS, "d2": METRICS}))
    edge.connecting(START_MS)
    return edge


def body(alias: int, value: float) -> bytes:
    """A payload without seq."""
    payload = SparkplugPayload(timestamp=START_MS)
    payload.metrics.add(alias=alias, timestamp=START_MS, double_value=value)
    return encode(payload)


def test_sequence_numbers_run_on_over_encoded_and_other_messages() -> None:
    """Whoever made the body, the session counts: births 0 to 2, then 3, 4, and after 255 comes 0."""
    edge = session()
    edge.connected(START_MS)
    numbers = []
    for place in range(300):
        if place % 2:
            message = edge.encoded("d1", body(edge.first_alias("d1"), 1.0))
        else:
            message = edge.data("d2", [0], [START_MS], [1.0], START_MS)
        assert message is not None
        numbers.append(decode(message.payload).seq)
    assert numbers == [(3 + place) % 256 for place in range(300)]


def test_an_encoded_body_is_published_as_it_is() -> None:
    """Nothing but seq is added, on the data topic of the device."""
    edge = session()
    edge.connected(START_MS)
    message = edge.encoded("d2", body(edge.first_alias("d2") + 1, 2.5))
    assert message is not None
    assert message.topic == "spBv1.0/g/DDATA/n/d2"
    payload = decode(message.payload)
    assert payload.seq == 3
    payload.ClearField("seq")
    assert encode(payload) == body(4, 2.5)


def test_nothing_encoded_goes_out_before_births_or_for_a_dead_device() -> None:
    """The rules of DATA hold for it too."""
    edge = session()
    assert edge.encoded("d1", body(1, 1.0)) is None
    edge.connected(START_MS)
    edge.device_lost("d1", START_MS)
    assert edge.encoded("d1", body(1, 1.0)) is None
    assert edge.encoded(None, b"") is not None


def test_births_tell_what_is_remembered() -> None:
    """Values that went by the session encoded are told by the next births, with their time."""
    edge = session()
    edge.remember("d2", START_MS + 5, [1.5, None])
    births = published(edge.connected(START_MS + 10))
    metric = births[-1].metric("a")
    assert (metric.double_value, metric.timestamp) == (1.5, START_MS + 5)
    assert births[-1].metric("b").is_null
