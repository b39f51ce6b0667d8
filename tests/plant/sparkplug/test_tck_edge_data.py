"""Conformance, sequence numbers and data of an edge node: checklist sections 4 and 7."""

from __future__ import annotations

import pytest
from sparkplug_peers import EdgeBench, published, tck

from plant.sparkplug.datatypes import IncompatibleValueError


@tck(
    "topics-nbirth-seq-num",
    "message-flow-edge-node-birth-publish-nbirth-payload-seq",
    "payloads-nbirth-seq",
    "payloads-sequence-num-req-nbirth",
)
def test_nbirth_has_seq_0(tck_id: str, edge: EdgeBench) -> None:
    """Every NBIRTH begins the sequence at 0, which satisfies the chapter that says 0 and those that say 0 to 255."""
    edge.connect()
    edge.data(None, (0, 1.0))
    edge.note(edge.session.rebirth(edge.now_ms))
    assert [sent.seq for sent in edge.sent if sent.verb == "NBIRTH"] == [0, 0]


@tck(
    "payloads-sequence-num-always-included",
    "payloads-sequence-num-incrementing",
    "topics-ndata-seq-num",
    "topics-dbirth-seq",
    "topics-ddata-seq-num",
    "topics-ddeath-seq-num",
    "message-flow-device-birth-publish-dbirth-payload-seq",
    "payloads-dbirth-seq",
    "payloads-dbirth-seq-inc",
    "payloads-ndata-seq",
    "payloads-ndata-seq-inc",
    "payloads-ddata-seq",
    "payloads-ddata-seq-inc",
    "payloads-ddeath-seq",
    "payloads-ddeath-seq-inc",
    "payloads-ddeath-seq-number",
)
def test_one_sequence_over_the_node_and_all_its_devices(tck_id: str, edge: EdgeBench) -> None:
    """Each message has the number of the one before plus 1, whatever its verb and device, and 0 follows 255."""
    edge.connect()
    for _ in range(70):
        edge.data(None, (0, 1.0))
        edge.data("d1", (0, 1.0))
        edge.note(edge.session.device_lost("d2", edge.now_ms))
        edge.note(edge.session.device_found("d2", edge.now_ms))
    assert {sent.verb for sent in edge.sent} == {"NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH"}
    assert len(edge.sent) == 283
    assert [sent.seq for sent in edge.sent] == [number % 256 for number in range(283)]


def test_what_is_not_published_takes_no_number(edge: EdgeBench) -> None:
    """Values that are only remembered, empty messages and values that do not fit leave no gap in the sequence."""
    edge.connect()
    edge.sent.clear()
    edge.session.device_lost("d1", edge.now_ms)  # takes a number
    assert edge.data("d1", (0, 1.0)) is None
    assert edge.data("d2") is None
    with pytest.raises(IncompatibleValueError):
        edge.data("d2", (0, "twelve"))
    sent = edge.data("d2", (0, 12.0))
    assert sent is not None
    assert sent.seq == 4


def test_a_value_that_does_not_fit_changes_nothing(edge: EdgeBench) -> None:
    """A refused message leaves the current values as they were, so the next births can be made."""
    with pytest.raises(IncompatibleValueError):
        edge.data("d1", (0, 1.0), (1, "twelve"))
    edge.connect()
    assert [metric.is_null for metric in edge.sent[1].payload.metrics] == [True, True]


@tck(
    "topics-ndata-mqtt",
    "payloads-ndata-qos",
    "payloads-ndata-retain",
    "topics-ndata-timestamp",
    "payloads-ndata-timestamp",
    "topics-ddata-mqtt",
    "payloads-ddata-qos",
    "payloads-ddata-retain",
    "topics-ddata-timestamp",
    "payloads-ddata-timestamp",
)
@pytest.mark.parametrize("device", [None, "d1"])
def test_data_goes_at_qos_0_stamped_when_sent(tck_id: str, edge: EdgeBench, device: str | None) -> None:
    """NDATA and DDATA: QoS 0, not retained, with the time of sending."""
    edge.connect()
    before = edge.now_ms
    sent = edge.data(device, (0, 1.0))
    assert sent is not None
    assert (sent.qos, sent.retain, sent.payload.timestamp) == (0, False, before)


@tck(
    "topics-ndata-payload",
    "topics-ddata-payload",
    "principles-rbe-recommended",
    "operational-behavior-data-publish-nbirth-change",
    "operational-behavior-data-publish-dbirth-change",
)
@pytest.mark.parametrize("device", [None, "d1"])
def test_data_carries_only_what_the_driver_says_has_changed(tck_id: str, edge: EdgeBench, device: str | None) -> None:
    """One message holds the changed metrics and no others; the session publishes nothing by itself, on no clock."""
    edge.connect()
    sent = edge.data(device, (1, 4.0))
    assert sent is not None
    assert [metric.double_value for metric in sent.payload.metrics] == [4.0]
    assert edge.data(device) is None
    assert not hasattr(edge.session, "tick")


@tck("payloads-ndata-order", "payloads-ddata-order")
@pytest.mark.parametrize("device", [None, "d1"])
def test_no_data_before_all_births(tck_id: str, edge: EdgeBench, device: str | None) -> None:
    """Before the births values are remembered, not published; the births then carry them."""
    assert edge.data(device, (0, 8.0)) is None
    edge.session.connecting(edge.now_ms)
    assert edge.data(device, (1, 9.0)) is None
    births = published(edge.note(edge.session.connected(edge.now_ms)))
    (birth,) = [sent for sent in births if sent.topic.endswith("NBIRTH/n" if device is None else f"/n/{device}")]
    assert (birth.metric("m0").double_value, birth.metric("m1").double_value) == (8.0, 9.0)
    assert edge.data(device, (0, 10.0)) is not None


@tck("operational-behavior-data-publish-nbirth-order", "operational-behavior-data-publish-dbirth-order")
@pytest.mark.parametrize("device", [None, "d1"])
def test_values_of_a_metric_are_in_chronological_order(tck_id: str, edge: EdgeBench, device: str | None) -> None:
    """Values that are given out of order are put into order, and the newest is the current one."""
    edge.connect()
    publish = edge.session.data(device, [0, 1, 0], [300, 200, 100], [3.0, 2.0, 1.0], edge.now_ms)
    assert publish is not None
    (sent,) = published([publish])
    assert [metric.timestamp for metric in sent.payload.metrics] == [100, 200, 300]
    (birth,) = [
        own
        for own in published(edge.session.rebirth(edge.now_ms))
        if own.topic.endswith("NBIRTH/n" if device is None else f"/n/{device}")
    ]
    assert birth.metric("m0").double_value == 3.0


def test_many_values_are_one_message(edge: EdgeBench) -> None:
    """N7: all changed metrics of a device, and several values of one metric, travel in one message."""
    edge.connect()
    sent = edge.data("d1", (0, 1.0), (1, 2.0), (0, 3.0))
    assert sent is not None
    assert [metric.double_value for metric in sent.payload.metrics] == [1.0, 2.0, 3.0]


def test_none_is_published_as_null(edge: EdgeBench) -> None:
    """A value that is None goes out as is_null without a value field, also in the births after it."""
    edge.connect()
    sent = edge.data("d1", (0, None), qualities=[0])
    assert sent is not None
    born = published(edge.session.rebirth(edge.now_ms))[1].metric("m0")
    for metric in (sent.payload.metrics[0], born):
        assert (metric.is_null, metric.WhichOneof("value")) == (True, None)


def test_columns_of_unequal_length_are_a_bug(edge: EdgeBench) -> None:
    """Columns must be of equal length; anything else is a mistake of the driver and is loud."""
    with pytest.raises(ValueError, match="zip"):
        edge.session.data("d1", [0, 1], [1], [1.0, 2.0], edge.now_ms)


def test_replayed_values_are_flagged_and_do_not_become_current(edge: EdgeBench) -> None:
    """N5: historical values carry is_historical and their own times, and leave the current values alone."""
    edge.connect()
    edge.data("d1", (0, 7.0))
    sent = edge.data("d1", (0, 1.0), (1, 2.0), historical=True)
    assert sent is not None
    assert all(metric.is_historical for metric in sent.payload.metrics)
    birth = published(edge.session.rebirth(edge.now_ms))[1]
    assert birth.metric("m0").double_value == 7.0
    assert birth.metric("m1").is_null


def test_births_before_a_connect_was_asked_for_are_a_bug(edge: EdgeBench) -> None:
    """A driver that never asked for the CONNECT has no will, so its births would be a lie: that is refused."""
    with pytest.raises(RuntimeError, match="connecting"):
        edge.session.connected(edge.now_ms)
