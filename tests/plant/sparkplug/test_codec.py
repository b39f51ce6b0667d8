"""Payloads and hostile bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sparkplug_peers import START_MS, EdgeBench, HostBench

from plant.sparkplug.codec import MalformedPayloadError, decode, encode
from plant.sparkplug.edge import EdgeDefinition, EdgeSession
from plant.sparkplug.host import HostConfig, HostSession
from plant.sparkplug.hoststate import HostState
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.samples import BirthRow, BirthTable

TOPICS = ["spBv1.0/g/NBIRTH/n", "spBv1.0/g/NDATA/n", "spBv1.0/g/DBIRTH/n/d", "spBv1.0/g/DDATA/n/d"]
TOPICS += ["spBv1.0/g/NDEATH/n", "spBv1.0/g/DDEATH/n/d", "spBv1.0/g/NCMD/n", "spBv1.0/STATE/h"]

numbers = st.integers(0, 2**64 - 1)
wire_metrics = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["", "a", "bdSeq", "Node Control/Rebirth", "я"]),
        "alias": st.sampled_from([0, 1, 2**64 - 1]),
        "timestamp": st.sampled_from([0, START_MS, 2**64 - 1]),
        "datatype": st.integers(0, 40),
        "is_null": st.booleans(),
        "is_historical": st.booleans(),
        "value": st.one_of(
            st.tuples(st.just("int_value"), st.integers(0, 2**32 - 1)),
            st.tuples(st.just("long_value"), numbers),
            st.tuples(st.just("float_value"), st.floats(width=32)),
            st.tuples(st.just("double_value"), st.floats()),
            st.tuples(st.just("boolean_value"), st.booleans()),
            st.tuples(st.just("string_value"), st.text(st.characters(blacklist_categories=["Cs"]))),
            st.tuples(st.just("bytes_value"), st.binary(max_size=16)),
        ),
        "quality": st.sampled_from([0, 1, 192, 500, 2**32 - 1]),
    },
)


@st.composite
def payloads(draw: st.DrawFn) -> SparkplugPayload:
    """Well-formed protobuf with every mix of fields."""
    payload = SparkplugPayload()
    if draw(st.booleans()):
        payload.seq = draw(st.one_of(st.integers(0, 4), numbers))
    if draw(st.booleans()):
        payload.timestamp = draw(numbers)
    for fields in draw(st.lists(wire_metrics, max_size=5)):
        value, quality = fields.pop("value", None), fields.pop("quality", None)
        metric = payload.metrics.add(**fields)
        if value is not None:
            setattr(metric, value[0], value[1])
        if quality is not None:
            metric.properties.keys.append("Quality")
            metric.properties.values.add(type=3, int_value=quality)
    return payload


@given(payloads())
def test_every_payload_survives_the_wire(payload: SparkplugPayload) -> None:
    """What is encoded is decoded to the same bytes again."""
    assert encode(decode(encode(payload))) == encode(payload)


@given(st.binary(max_size=64))
def test_random_bytes_are_a_payload_or_malformed(data: bytes) -> None:
    """Decoding either succeeds, and then reading the columns too, or raises MalformedPayloadError."""
    try:
        payload = decode(data)
    except MalformedPayloadError:
        return
    BirthTable([BirthRow("a", 0, 10), BirthRow("b", 1, 12)]).read(payload)


def test_the_error_of_the_codec_has_a_reason() -> None:
    """Bytes that are no payload are counted as malformed_payload."""
    with pytest.raises(MalformedPayloadError, match="3 bytes") as error:
        decode(b"\xff\xff\xff")
    assert error.value.reason == "malformed_payload"


@given(st.binary(max_size=64))
def test_random_bytes_are_a_state_or_malformed(data: bytes) -> None:
    """STATE either reads or raises MalformedPayloadError."""
    try:
        state = HostState.decode(data)
    except MalformedPayloadError:
        return
    assert HostState.decode(state.encode()) == state


@given(st.lists(st.tuples(st.sampled_from(TOPICS), st.one_of(payloads().map(encode), st.binary(max_size=48)))))
def test_no_sequence_of_messages_makes_a_session_raise(messages: list[tuple[str, bytes]]) -> None:
    """Whatever comes on whatever topic, in whatever order: a session returns outputs and raises nothing."""
    host = HostSession(HostConfig("h", ("g",)))
    host.connecting(START_MS)
    host.subscribed(START_MS)
    edge = EdgeSession(EdgeDefinition("g", "n", primary_host="h"))
    edge.connecting(START_MS)
    edge.connected(START_MS)
    for step, (topic, payload) in enumerate(messages):
        host.message(topic, payload, START_MS + 900 * step)
        host.tick(START_MS + 900 * step)
        edge.message(topic, payload, START_MS + 900 * step)
    host.disconnected(START_MS)


@pytest.mark.parametrize("topic", ["", "/", "spBv1.0", "spBv1.0/g/NDATA", "spBv1.0//NDATA/n", "\0", "spBv1.0/g/X/n"])
def test_wrong_topics_are_counted(host: HostBench, edge: EdgeBench, topic: str) -> None:
    """A topic that is none of Sparkplug's is counted as wrong_topic by both sessions."""
    host.hear(topic, b"")
    assert host.session.rejected == {"wrong_topic": 1}
    assert len(edge.hear(topic, b"")) == 1
