"""Conformance, commands and rebirth on an edge node: checklist section 9."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sparkplug_peers import START_MS, EdgeBench, metrics, of_kind, tck

from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import BirthCause, BirthsSent, Command, Ignored, MetricDefinition, Refused
from plant.sparkplug.payload_pb2 import SparkplugPayload


def written(**metric: Any) -> SparkplugPayload:
    """A command with one metric."""
    payload = SparkplugPayload(timestamp=START_MS)
    payload.metrics.add(**metric)
    return payload


@tck("operational-behavior-data-commands-rebirth-action-1", "operational-behavior-data-commands-rebirth-action-2")
def test_a_rebirth_request_is_answered_by_all_births_and_nothing_before(tck_id: str, edge: EdgeBench) -> None:
    """The answer to the request is NBIRTH and every DBIRTH: no DATA in between, no NDEATH, no reconnect."""
    edge.connect()
    edge.sent.clear()
    outputs = edge.hear("spBv1.0/g/NCMD/n", written(name="Node Control/Rebirth", boolean_value=True))
    assert [sent.verb for sent in edge.sent] == ["NBIRTH", "DBIRTH", "DBIRTH"]
    assert [sent.seq for sent in edge.sent] == [0, 1, 2]
    assert [type(output).__name__ for output in outputs] == ["Publish", "Publish", "Publish", "BirthsSent"]
    assert of_kind(outputs, BirthsSent)[0].cause is BirthCause.REBIRTH


@pytest.mark.parametrize(
    ("metric", "device"),
    [
        ({"name": "Node Control/Rebirth", "boolean_value": False}, None),
        ({"name": "Node Control/Rebirth"}, None),
        ({"name": "Node Control/Rebirth", "boolean_value": True, "is_null": True}, None),
        ({"name": "Node Control/Rebirth", "boolean_value": True}, "d1"),
    ],
)
def test_only_true_by_ncmd_is_a_rebirth_request(edge: EdgeBench, metric: dict[str, Any], device: str | None) -> None:
    """False, no value, null, or a DCMD does not ask for births."""
    edge.connect()
    edge.sent.clear()
    edge.hear("spBv1.0/g/NCMD/n" if device is None else f"spBv1.0/g/DCMD/n/{device}", written(**metric))
    assert edge.sent == []


def test_a_rebirth_request_before_the_births_changes_nothing(make_edge: Callable[..., EdgeBench]) -> None:
    """While the node waits for its primary host it has nothing to repeat."""
    edge = make_edge(primary_host="h")
    edge.connect()
    assert edge.hear("spBv1.0/g/NCMD/n", written(name="Node Control/Rebirth", boolean_value=True)) == []


@pytest.mark.parametrize("key", [{"name": "m1"}, {"alias": 4}])
def test_commands_come_out_typed(edge: EdgeBench, key: dict[str, Any]) -> None:
    """DCMD by name or by alias is a Command with device, metric, value and time."""
    edge.connect()
    outputs = edge.hear("spBv1.0/g/DCMD/n/d1", written(**key, timestamp=START_MS + 5, double_value=2.5))
    assert outputs == [Command("d1", 1, "m1", 2.5, START_MS + 5)]


def test_a_command_without_a_metric_time_has_the_payloads(edge: EdgeBench) -> None:
    """A metric timestamp is optional in commands; the payload's stands in. Null can be written."""
    edge.connect()
    outputs = edge.hear("spBv1.0/g/NCMD/n", written(name="m0", is_null=True))
    assert outputs == [Command(None, 0, "m0", None, START_MS)]


def test_negative_and_unsigned_numbers_are_read_by_the_metrics_datatype(make_edge: Callable[..., EdgeBench]) -> None:
    """W3 on the edge: a command has no datatype, so the definition decides how the field is read."""
    small = (
        MetricDefinition("i8", DataType.INT8, writable=True),
        MetricDefinition("u8", DataType.UINT8, writable=True),
    )
    edge = make_edge(devices={"d": small})
    edge.connect()
    payload = SparkplugPayload(timestamp=START_MS)
    payload.metrics.add(name="i8", int_value=0xFB)
    payload.metrics.add(name="u8", long_value=0xFB)
    outputs = edge.hear("spBv1.0/g/DCMD/n/d", payload)
    assert [(output.metric, output.value) for output in of_kind(outputs, Command)] == [("i8", -5), ("u8", 251)]


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ({"name": "unheard of", "double_value": 1.0}, "unknown_metric"),
        ({"alias": 999, "double_value": 1.0}, "unknown_metric"),
        ({"name": "bdSeq", "long_value": 1}, "unknown_metric"),
        ({"name": "m0", "string_value": "fast"}, "wrong_type"),
        ({"name": "m0"}, "wrong_type"),
    ],
)
def test_what_cannot_be_written_is_ignored_and_the_rest_is_done(
    edge: EdgeBench, metric: dict[str, Any], reason: str
) -> None:
    """N8: an unknown metric or a value of the wrong type is ignored with a reason; the others still count."""
    edge.connect()
    payload = written(**metric)
    payload.metrics.add(name="m1", double_value=6.0)
    outputs = edge.hear("spBv1.0/g/DCMD/n/d1", payload)
    assert [output.reason for output in of_kind(outputs, Ignored)] == [reason]
    assert [output.value for output in of_kind(outputs, Command)] == [6.0]


def test_a_metric_that_is_not_writable_is_not_written(make_edge: Callable[..., EdgeBench]) -> None:
    """Only metrics that were declared writable take commands."""
    edge = make_edge(devices={"d": metrics(1)})
    edge.connect()
    (ignored,) = edge.hear("spBv1.0/g/DCMD/n/d", written(name="m0", double_value=1.0))
    assert isinstance(ignored, Ignored)
    assert ignored.reason == "not_writable"


@pytest.mark.parametrize("key", [{"name": "m1"}, {"alias": 4}])
def test_a_refused_write_says_of_which_metric(edge: EdgeBench, key: dict[str, Any]) -> None:
    """Who writes a metric of ours in vain waits for a read-back: the driver learns which one to tell again."""
    edge.connect()
    (refused,) = edge.hear("spBv1.0/g/DCMD/n/d1", written(**key, string_value="fast"))
    assert isinstance(refused, Refused)
    assert (refused.device, refused.index, refused.reason) == ("d1", 1, "wrong_type")
    (unknown,) = edge.hear("spBv1.0/g/DCMD/n/d1", written(name="unheard of", string_value="fast"))
    assert not isinstance(unknown, Refused)


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("spBv1.0/g/NCMD/other", "wrong_topic"),
        ("spBv1.0/g/DCMD/n/unknown", "wrong_topic"),
        ("spBv1.0/other/NCMD/n", "wrong_topic"),
        ("spBv1.0/g/NDATA/n", "wrong_topic"),
        ("spBv1.0/STATE/other", "wrong_topic"),
        ("nonsense", "wrong_topic"),
    ],
)
def test_messages_for_others_are_ignored(edge: EdgeBench, topic: str, reason: str) -> None:
    """A topic that is not this node's is ignored with a reason, never an exception."""
    edge.connect()
    (ignored,) = edge.hear(topic, written(name="m0", double_value=1.0))
    assert isinstance(ignored, Ignored)
    assert ignored.reason == reason


def test_a_retained_command_is_ignored(edge: EdgeBench) -> None:
    """Commands are never retained; one that is would be carried out again at every connect."""
    edge.connect()
    (ignored,) = edge.hear("spBv1.0/g/DCMD/n/d1", written(name="m0", double_value=1.0), retained=True)
    assert isinstance(ignored, Ignored)


def test_a_malformed_command_is_ignored(edge: EdgeBench) -> None:
    """Bytes that are no payload are ignored with reason malformed_payload."""
    edge.connect()
    (ignored,) = edge.hear("spBv1.0/g/NCMD/n", b"\xff\xff\xff")
    assert isinstance(ignored, Ignored)
    assert ignored.reason == "malformed_payload"
