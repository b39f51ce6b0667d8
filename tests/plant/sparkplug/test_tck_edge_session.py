"""Conformance, connection, will, births and deaths of an edge node: checklist sections 2, 3, 5, 6 and 8."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sparkplug_peers import START_MS, EdgeBench, Sent, metrics, of_kind, published, tck

from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import BirthCause, BirthsSent, EdgeDefinition, EdgeSession, MetricDefinition
from plant.sparkplug.payload_pb2 import SparkplugPayload

MINUTE_MS = 60_000


def rebirth() -> SparkplugPayload:
    payload = SparkplugPayload(timestamp=START_MS)
    payload.metrics.add(name="Node Control/Rebirth", timestamp=START_MS, boolean_value=True)
    return payload


@tck("principles-birth-certificates-order", "message-flow-edge-node-birth-publish-connect")
def test_the_birth_is_the_first_message_of_a_connection(tck_id: str, edge: EdgeBench) -> None:
    """Nothing is published before the connection stands, and then NBIRTH comes first."""
    assert edge.data(None, (0, 1.0)) is None
    edge.session.connecting(edge.now_ms)
    assert edge.data(None, (0, 2.0)) is None
    assert edge.session.rebirth(edge.now_ms) == []
    edge.note(edge.session.connected(edge.now_ms))
    assert edge.sent[0].verb == "NBIRTH"


def test_an_edge_node_that_was_never_born_leaves_without_a_death(make_edge: Callable[..., EdgeBench]) -> None:
    """NDEATH cannot be the first message of a connection, so a node that still waits for its host only disconnects."""
    edge = make_edge(primary_host="h")
    edge.connect()
    (only,) = edge.session.disconnect(edge.now_ms)
    assert isinstance(only, Disconnect)


@tck("principles-persistence-clean-session-311", "principles-persistence-clean-session-50")
def test_connect_asks_for_a_clean_session(tck_id: str, edge: EdgeBench) -> None:
    """Clean session (MQTT 3.1.1), clean start and session expiry 0 (MQTT 5)."""
    connect = edge.session.connecting(edge.now_ms)
    assert connect.clean_session
    assert connect.session_expiry_s == 0


@tck(
    "message-flow-edge-node-birth-publish-will-message",
    "message-flow-edge-node-birth-publish-will-message-topic",
    "message-flow-edge-node-birth-publish-will-message-payload",
    "message-flow-edge-node-birth-publish-will-message-qos",
    "message-flow-edge-node-birth-publish-will-message-will-retained",
    "payloads-ndeath-will-message",
    "payloads-ndeath-will-message-qos",
    "payloads-ndeath-will-message-retain",
    "topics-ndeath-payload",
    "topics-ndeath-seq",
    "payloads-ndeath-seq",
)
def test_the_will_is_an_ndeath(tck_id: str, edge: EdgeBench) -> None:
    """The will is this node's NDEATH: protobuf with bdSeq and nothing else, no seq, QoS 1, not retained."""
    will = Sent.of(edge.session.connecting(edge.now_ms).will)
    assert will.topic == "spBv1.0/g/NDEATH/n"
    assert will.names == ["bdSeq"]
    assert will.seq is None
    assert (will.qos, will.retain) == (1, False)


@tck("message-flow-edge-node-birth-publish-will-message-payload-bdSeq", "topics-nbirth-bdseq-increment")
@pytest.mark.parametrize(
    ("last", "expected"), [(None, [0, 1, 2]), (4, [5, 6, 7]), (254, [255, 0, 1]), (255, [0, 1, 2])]
)
def test_bd_seq_counts_the_connects(
    tck_id: str, make_edge: Callable[..., EdgeBench], last: int | None, expected: list[int]
) -> None:
    """The will's bdSeq is an Int64 that goes up by one at every CONNECT, modulo 256, and goes on where it was kept."""
    edge = make_edge(last)
    connects = [edge.session.connecting(edge.now_ms + attempt) for attempt in range(3)]
    in_wills = [Sent.of(connect.will).metric("bdSeq") for connect in connects]
    assert [metric.long_value for metric in in_wills] == expected
    assert {metric.datatype for metric in in_wills} == {DataType.INT64}
    assert [connect.bd_seq for connect in connects] == expected
    assert edge.session.bd_seq == expected[-1]


@tck("message-flow-edge-node-ncmd-subscribe")
def test_ncmd_is_subscribed_before_the_birth(tck_id: str, edge: EdgeBench) -> None:
    """The node's own NCMD topic is subscribed at QoS 1, before NBIRTH."""
    outputs = edge.connect()
    births = [index for index, output in enumerate(outputs) if isinstance(output, Publish)]
    assert outputs.index(Subscribe("spBv1.0/g/NCMD/n", 1)) < births[0]


@tck("message-flow-device-dcmd-subscribe")
def test_dcmd_is_subscribed_before_the_births_if_a_device_can_be_written(
    tck_id: str, make_edge: Callable[..., EdgeBench]
) -> None:
    """With writable metrics on a device, DCMD of the devices is subscribed at QoS 1 before their births."""
    outputs = make_edge().connect()
    births = [index for index, output in enumerate(outputs) if isinstance(output, Publish)]
    assert outputs.index(Subscribe("spBv1.0/g/DCMD/n/+", 1)) < births[0]
    read_only = make_edge(devices={"d1": metrics(1)})
    assert [output.topic_filter for output in of_kind(read_only.connect(), Subscribe)] == ["spBv1.0/g/NCMD/n"]


@tck(
    "operational-behavior-edge-node-intentional-disconnect-ndeath",
    "operational-behavior-edge-node-intentional-disconnect-packet",
    "payloads-ndeath-will-message-publisher",
    "payloads-ndeath-will-message-publisher-disconnect-mqtt311",
    "payloads-ndeath-will-message-publisher-disconnect-mqtt50",
    "payloads-ndeath-bdseq",
)
def test_a_deliberate_disconnect_publishes_ndeath_first(tck_id: str, make_edge: Callable[..., EdgeBench]) -> None:
    """NDEATH with the live bdSeq, then DISCONNECT with the MQTT 5 reason "with will message"; no reconnect."""
    edge = make_edge(last_bd_seq=8)
    edge.connect()
    death, disconnect = edge.session.disconnect(edge.now_ms)
    assert isinstance(death, Publish)
    sent = Sent.of(death)
    assert (sent.topic, sent.names, sent.seq) == ("spBv1.0/g/NDEATH/n", ["bdSeq"], None)
    assert sent.metric("bdSeq").long_value == edge.sent[0].metric("bdSeq").long_value == 9
    assert (sent.qos, sent.retain) == (0, False)
    assert disconnect == Disconnect("stopped", reconnect=False, reason_code=4)
    assert edge.data(None, (0, 1.0)) is None


@tck(
    "topics-nbirth-bdseq-included",
    "topics-nbirth-bdseq-matching",
    "message-flow-edge-node-birth-publish-nbirth-payload-bdSeq",
    "payloads-nbirth-bdseq",
)
def test_nbirth_carries_the_bd_seq_of_the_will(tck_id: str, make_edge: Callable[..., EdgeBench]) -> None:
    """NBIRTH has bdSeq as an Int64, equal to the one in the will of this CONNECT, also when attempts failed before."""
    edge = make_edge(last_bd_seq=41)
    edge.session.connecting(edge.now_ms)
    will = Sent.of(edge.session.connecting(edge.now_ms).will)
    (nbirth, *_) = published(edge.session.connected(edge.now_ms))
    assert nbirth.metric("bdSeq").datatype == DataType.INT64
    assert nbirth.metric("bdSeq").long_value == will.metric("bdSeq").long_value == 43


@tck("payloads-nbirth-bdseq-repeat", "operational-behavior-data-commands-rebirth-action-3")
def test_a_rebirth_keeps_the_bd_seq(tck_id: str, make_edge: Callable[..., EdgeBench]) -> None:
    """A rebirth repeats the bdSeq of the current will; the next connection has another."""
    edge = make_edge(last_bd_seq=6)
    edge.connect()
    edge.hear("spBv1.0/g/NCMD/n", rebirth())
    edge.note(edge.session.disconnected(edge.now_ms))
    edge.connect()
    assert [sent.metric("bdSeq").long_value for sent in edge.sent if sent.verb == "NBIRTH"] == [7, 7, 8]


@tck(
    "message-flow-edge-node-birth-publish-nbirth-payload",
    "message-flow-edge-node-birth-publish-nbirth-qos",
    "message-flow-edge-node-birth-publish-nbirth-retained",
    "topics-nbirth-mqtt",
    "payloads-nbirth-qos",
    "payloads-nbirth-retain",
    "topics-nbirth-timestamp",
    "payloads-nbirth-timestamp",
    "message-flow-device-birth-publish-dbirth-payload",
    "message-flow-device-birth-publish-dbirth-qos",
    "message-flow-device-birth-publish-dbirth-retained",
    "topics-dbirth-mqtt",
    "payloads-dbirth-qos",
    "payloads-dbirth-retain",
    "topics-dbirth-timestamp",
    "payloads-dbirth-timestamp",
)
def test_births_are_protobuf_at_qos_0_stamped_when_sent(tck_id: str, edge: EdgeBench) -> None:
    """NBIRTH and DBIRTH are Sparkplug payloads, QoS 0, not retained, with the time of sending."""
    before = edge.now_ms
    edge.connect()
    assert [sent.verb for sent in edge.sent] == ["NBIRTH", "DBIRTH", "DBIRTH"]
    for sent in edge.sent:
        assert (sent.qos, sent.retain) == (0, False)
        assert sent.payload.timestamp == before


@tck(
    "topics-nbirth-metric-reqs",
    "operational-behavior-data-publish-nbirth",
    "topics-nbirth-metrics",
    "operational-behavior-data-publish-nbirth-values",
    "topics-dbirth-metric-reqs",
    "operational-behavior-data-publish-dbirth",
    "topics-dbirth-metrics",
    "operational-behavior-data-publish-dbirth-values",
)
@pytest.mark.parametrize("device", [None, "d1"])
def test_births_list_every_metric_with_its_current_value(tck_id: str, edge: EdgeBench, device: str | None) -> None:
    """Every metric has name, datatype and current value; without one it is null and has no value field."""
    edge.data(device, (0, 12.5))
    edge.connect()
    (birth,) = [sent for sent in edge.sent if sent.topic.endswith("NBIRTH/n" if device is None else f"n/{device}")]
    own = [name for name in birth.names if name not in {"bdSeq", "Node Control/Rebirth"}]
    assert own == ["m0", "m1"]
    known, unknown = birth.metric("m0"), birth.metric("m1")
    assert (known.datatype, known.double_value, known.is_null) == (DataType.DOUBLE, 12.5, False)
    assert (unknown.datatype, unknown.is_null, unknown.WhichOneof("value")) == (DataType.DOUBLE, True, None)


def test_births_carry_the_last_value_with_its_own_time_and_quality() -> None:
    """A birth repeats when and how well a value was captured; it does not make it look fresh."""
    session = EdgeSession(EdgeDefinition("g", "n", devices={"d": metrics(1)}))
    times = [START_MS, START_MS - MINUTE_MS]
    session.data("d", [0, 0], times, [2.0, 1.0], START_MS, qualities=[0, 192])
    session.connecting(START_MS + MINUTE_MS)
    dbirth = published(session.connected(START_MS + MINUTE_MS))[1]
    assert dbirth.metric("m0").timestamp == START_MS
    assert dbirth.metric("m0").double_value == 2.0
    assert list(dbirth.metric("m0").properties.keys) == ["Quality"]


@tck(
    "topics-nbirth-rebirth-metric",
    "payloads-nbirth-rebirth-req",
    "operational-behavior-data-commands-rebirth-name",
    "operational-behavior-data-commands-rebirth-name-aliases",
    "operational-behavior-data-commands-rebirth-datatype",
    "operational-behavior-data-commands-rebirth-value",
)
def test_nbirth_offers_a_rebirth(tck_id: str, edge: EdgeBench) -> None:
    """NBIRTH has Node Control/Rebirth, a Boolean that is false, without alias."""
    edge.connect()
    control = edge.sent[0].metric("Node Control/Rebirth")
    assert control.datatype == DataType.BOOLEAN
    assert control.WhichOneof("value") == "boolean_value"
    assert control.boolean_value is False
    assert not control.HasField("alias")


@tck("message-flow-device-birth-publish-nbirth-wait", "payloads-dbirth-order")
def test_dbirths_follow_the_nbirth_at_once(tck_id: str, edge: EdgeBench) -> None:
    """All DBIRTHs come directly after the NBIRTH of the same connection, before any DATA."""
    edge.connect()
    edge.data("d2", (0, 1.0))
    assert [sent.verb for sent in edge.sent] == ["NBIRTH", "DBIRTH", "DBIRTH", "DDATA"]


@tck("operational-behavior-device-ddeath", "topics-ddeath-mqtt", "payloads-ddeath-timestamp")
def test_a_lost_device_dies_once(tck_id: str, edge: EdgeBench) -> None:
    """DDEATH when the node loses a device: QoS 0, not retained, stamped when sent; then no DDATA until its DBIRTH."""
    edge.connect()
    before = edge.now_ms
    (death,) = published(edge.note(edge.session.device_lost("d1", edge.now_ms)))
    assert (death.topic, death.qos, death.retain) == ("spBv1.0/g/DDEATH/n/d1", 0, False)
    assert death.payload.timestamp == before
    assert edge.session.device_lost("d1", edge.now_ms) == []
    assert edge.data("d1", (0, 5.0)) is None
    (birth,) = published(edge.note(edge.session.device_found("d1", edge.now_ms)))
    assert birth.topic == "spBv1.0/g/DBIRTH/n/d1"
    assert birth.metric("m0").double_value == 5.0
    assert edge.session.device_found("d1", edge.now_ms) == []


def test_a_dead_device_is_left_out_of_births(edge: EdgeBench) -> None:
    """A device that cannot be reached has no DBIRTH in a birth sequence."""
    edge.session.device_lost("d1", edge.now_ms)
    edge.connect()
    assert [sent.topic for sent in edge.sent] == ["spBv1.0/g/NBIRTH/n", "spBv1.0/g/DBIRTH/n/d2"]


def test_redefined_metrics_are_born_again_in_the_same_session(edge: EdgeBench) -> None:
    """N10: another set of metrics is a new birth sequence with the same bdSeq; known values and dead devices stay."""
    edge.connect()
    edge.data("d1", (1, 3.5))
    edge.note(edge.session.device_lost("d2", edge.now_ms))
    edge.sent.clear()
    more = {"d1": (MetricDefinition("new", DataType.INT32), *metrics(2)), "d2": metrics(1), "d3": metrics(1)}
    outputs = edge.note(edge.session.redefine(more, metrics(1), edge.now_ms))
    assert [sent.topic for sent in edge.sent] == [
        "spBv1.0/g/NBIRTH/n",
        "spBv1.0/g/DBIRTH/n/d1",
        "spBv1.0/g/DBIRTH/n/d3",
    ]
    assert [sent.seq for sent in edge.sent] == [0, 1, 2]
    assert edge.sent[0].metric("bdSeq").long_value == 0
    assert edge.sent[1].metric("m1").double_value == 3.5
    assert edge.sent[1].metric("new").is_null
    assert of_kind(outputs, BirthsSent)[0].cause is BirthCause.CHANGED


def test_redefining_says_farewell_to_devices_that_are_gone(edge: EdgeBench) -> None:
    """N10: a device that is no more dies before the new births."""
    edge.connect()
    edge.sent.clear()
    edge.note(edge.session.redefine({"d1": metrics(1)}, (), edge.now_ms))
    assert [sent.topic for sent in edge.sent] == [
        "spBv1.0/g/DDEATH/n/d2",
        "spBv1.0/g/NBIRTH/n",
        "spBv1.0/g/DBIRTH/n/d1",
    ]
    assert [sent.seq for sent in edge.sent] == [3, 0, 1]


def test_redefining_subscribes_to_commands_that_are_new(make_edge: Callable[..., EdgeBench]) -> None:
    """N10: when devices become writable, their commands are subscribed before the new births."""
    edge = make_edge(devices={"d": metrics(1)}, primary_host="h")
    edge.connect()
    outputs = edge.session.redefine({"d": metrics(1, writable=True)}, (), edge.now_ms)
    assert outputs == [Subscribe("spBv1.0/g/DCMD/n/+", 1)]


def test_redefining_before_the_births_publishes_nothing(edge: EdgeBench) -> None:
    """N10 while not connected: the next connection has the new births."""
    assert edge.session.redefine({"d9": metrics(1)}, (), edge.now_ms) == []
    edge.connect()
    assert [sent.topic for sent in edge.sent] == ["spBv1.0/g/NBIRTH/n", "spBv1.0/g/DBIRTH/n/d9"]
