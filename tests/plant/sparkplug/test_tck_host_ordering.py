"""Conformance, order, deaths and rebirth on a host: checklist section 13, rules N1 to N6."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from sparkplug_peers import START_MS, HostBench, Sent, of_kind, published, tck

from plant.sparkplug.host import (
    Birth,
    Data,
    HostOutput,
    MetricsStale,
    NodeOffline,
    NodeOnline,
    OfflineCause,
    RebirthCause,
    RebirthRequested,
    Rejected,
    SequenceGap,
)
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.topic import NodeId, Source

NODE, D1, D2 = Source("g", "n"), Source("g", "n", "d1"), Source("g", "n", "d2")


def values(outputs: list[HostOutput]) -> list[float]:
    """All live values among outputs, in order."""
    return [value for data in of_kind(outputs, Data) for value in data.reading.live.values]


def rebirths(outputs: list[HostOutput]) -> list[Sent]:
    """The rebirth requests among outputs."""
    return [sent for sent in published(outputs) if sent.names == ["Node Control/Rebirth"]]


def born(host: HostBench) -> HostBench:
    """The node with one metric, d1 and d2 with one each; next seq is 3."""
    host.nbirth("a")
    host.dbirth("d1", "x", first_alias=100)
    host.dbirth("d2", "x", first_alias=200)
    return host


@tck("operational-behavior-host-reordering-param")
@pytest.mark.parametrize("timeout_ms", [100, 2_000, 60_000])
def test_the_reorder_timeout_is_configurable(tck_id: str, make_host: Callable[..., HostBench], timeout_ms: int) -> None:
    """A gap is waited for as long as the configuration says, and not longer."""
    host = born(make_host(reorder_timeout_ms=timeout_ms))
    host.ndata(1.0, seq=4)
    assert host.tick(timeout_ms - 1) == []
    assert of_kind(host.tick(1), SequenceGap) == [SequenceGap(NodeId("g", "n"), 3, host.now_ms)]


@tck("operational-behavior-host-reordering-start")
def test_messages_after_a_gap_wait_over_all_topics_of_the_node(tck_id: str, host: HostBench) -> None:
    """A missing number holds back what follows on node and device topics together; nothing is asked for yet."""
    born(host)
    assert host.ddata("d1", 4.0, seq=4) == []
    assert host.ndata(5.0, seq=5) == []
    assert host.ddata("d2", 6.0, alias=200, seq=6) == []


@tck("operational-behavior-host-reordering-success")
def test_a_missing_message_that_comes_in_time_sets_all_right(tck_id: str, host: HostBench) -> None:
    """The late message and all that waited come out in their order, the timer stops, no rebirth is asked for."""
    born(host)
    host.ddata("d1", 4.0, seq=4)
    host.ndata(5.0, seq=5)
    host.now_ms += 1_999
    assert values(host.ddata("d2", 3.0, alias=200, seq=3)) == [3.0, 4.0, 5.0]
    assert host.tick(60_000) == []
    assert values(host.ndata(6.0, seq=6)) == [6.0]


@tck("operational-behavior-host-reordering-rebirth", "operational-behavior-data-commands-ncmd-rebirth-verb")
def test_a_gap_that_stays_is_answered_by_one_rebirth_request(tck_id: str, host: HostBench) -> None:
    """After the timeout: one NCMD rebirth; what waited is used, because its values carry their own times."""
    born(host)
    host.ddata("d1", 4.0, seq=4)
    host.ndata(6.0, seq=6)
    outputs = host.tick(2_000)
    assert [sent.topic for sent in rebirths(outputs)] == ["spBv1.0/g/NCMD/n"]
    assert of_kind(outputs, RebirthRequested)[0].cause is RebirthCause.SEQUENCE_GAP
    assert values(outputs) == [4.0, 6.0]
    assert host.tick(60_000) == []
    assert values(host.ndata(7.0, seq=7)) == [7.0]
    (status,) = host.session.nodes()
    assert (status.sequence_gaps, status.rebirths) == (1, 1)


def test_the_wait_for_a_second_gap_begins_when_the_first_is_filled(host: HostBench) -> None:
    """Each missing message has the whole timeout."""
    born(host)
    host.ndata(4.0, seq=4)
    host.ndata(6.0, seq=6)
    host.now_ms += 1_500
    assert values(host.ndata(3.0, seq=3)) == [3.0, 4.0]
    assert host.tick(1_999) == []
    assert values(host.tick(1)) == [6.0]


def test_a_clock_that_is_set_back_does_not_stretch_the_wait(host: HostBench) -> None:
    """When the host's clock jumps back, a gap is given up at the next tick instead of hours later."""
    born(host)
    host.ndata(4.0, seq=4)
    assert of_kind(host.tick(-3_600_000), SequenceGap)


@pytest.mark.parametrize("first", [0, 17, 255])
def test_numbers_go_on_from_any_nbirth_and_wrap(host: HostBench, first: int) -> None:
    """T1: a node may begin at any number; 0 follows 255."""
    host.nbirth("a", seq=first)
    received = [values(host.ndata(float(index))) for index in range(300)]
    assert received == [[float(index)] for index in range(300)]


def test_a_message_that_comes_twice_is_counted_and_not_used_again(host: HostBench) -> None:
    """A repeated or past number is rejected; if all is well after that, no rebirth is asked for."""
    born(host)
    host.ndata(3.0, seq=3)
    assert values(host.ndata(3.0, seq=3)) == []
    assert host.session.rejected == {"late_sequence": 1}
    assert values(host.ndata(4.0, seq=4)) == [4.0]
    assert host.tick(60_000) == []


def test_more_than_half_of_the_numbers_lost_is_still_noticed(host: HostBench) -> None:
    """After a very long gap all messages look like the past; that too ends in a rebirth request."""
    born(host)
    host.ndata(1.0, seq=3 + 200)
    assert rebirths(host.tick(2_000))


@pytest.mark.parametrize("wire", [SparkplugPayload(timestamp=1), SparkplugPayload(timestamp=1, seq=256)])
@pytest.mark.parametrize("verb", ["NBIRTH", "NDATA"])
def test_a_message_without_a_valid_number_is_rejected(host: HostBench, verb: str, wire: SparkplugPayload) -> None:
    """NBIRTH and DATA need a seq from 0 to 255."""
    born(host)
    outputs = host.hear(f"spBv1.0/g/{verb}/n", wire)
    assert [rejected.reason for rejected in of_kind(outputs, Rejected)] == ["bad_sequence"]


@tck(
    "operational-behavior-edge-node-termination-host-action-ndeath-node-offline",
    "operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale",
    "operational-behavior-edge-node-termination-host-action-ndeath-devices-offline",
    "operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale",
)
def test_ndeath_takes_the_node_and_its_devices_away_at_the_hosts_time(tck_id: str, host: HostBench) -> None:
    """NDEATH with the live bdSeq: node and devices are offline, all metrics stale, as of the host's receive time."""
    born(host)
    host.now_ms += 12_345
    outputs = host.ndeath(bd_seq=0)
    at_ms = START_MS + 12_345
    assert outputs == [
        NodeOffline(NodeId("g", "n"), at_ms, OfflineCause.DEATH),
        MetricsStale(NODE, at_ms, OfflineCause.DEATH),
        MetricsStale(D1, at_ms, OfflineCause.NODE_DEATH),
        MetricsStale(D2, at_ms, OfflineCause.NODE_DEATH),
    ]
    (status,) = host.session.nodes()
    assert (status.online, status.since_ms, status.devices_online) == (False, at_ms, 0)


@tck("payloads-ndeath-bdseq")
def test_an_ndeath_of_another_connection_is_ignored(tck_id: str, host: HostBench) -> None:
    """N2: an NDEATH whose bdSeq is not the live one has no effect; a second one with the same bdSeq neither."""
    host.bd_seq = 5
    born(host)
    (rejected,) = host.ndeath(bd_seq=4)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "stale_death"
    assert host.session.nodes()[0].online
    assert host.ndeath(bd_seq=5) != []
    assert host.ndeath(bd_seq=5) == []


def test_an_ndeath_of_an_unknown_node_has_no_effect(host: HostBench) -> None:
    """N2: the will of a node that this host never saw says nothing."""
    assert host.ndeath(bd_seq=0) == []


def test_a_node_without_bd_seq_can_die(host: HostBench) -> None:
    """A foreign node that leaves bdSeq out of its NBIRTH is taken offline by any NDEATH."""
    host.hear("spBv1.0/g/NBIRTH/n", host.payload(seq=0))
    assert of_kind(host.ndeath(bd_seq=3), NodeOffline)


@tck(
    "operational-behavior-edge-node-termination-host-action-ddeath-devices-offline",
    "operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale",
)
def test_ddeath_takes_the_device_away_at_the_payloads_time(tck_id: str, host: HostBench) -> None:
    """DDEATH: this device's metrics are stale as of the payload's timestamp; node and other devices stay."""
    born(host)
    host.now_ms += 5_000
    outputs = host.ddeath("d1", sent_ms=START_MS + 4_000)
    assert outputs == [MetricsStale(D1, START_MS + 4_000, OfflineCause.DEATH)]
    assert values(host.ddata("d2", 1.0, alias=200)) == [1.0]
    assert of_kind(host.ddata("d1", 1.0), Rejected)[0].reason == "before_birth"


def test_a_ddeath_without_a_time_counts_from_its_arrival(host: HostBench) -> None:
    """A DDEATH without a usable timestamp is stamped with the host's time; of an unknown device it has no effect."""
    born(host)
    host.now_ms += 5_000
    assert host.ddeath("d1", sent_ms=0) == [MetricsStale(D1, START_MS + 5_000, OfflineCause.DEATH)]
    assert host.ddeath("d1", sent_ms=1) == []


def test_a_lost_connection_of_the_host_makes_everything_stale(host: HostBench) -> None:
    """N1: what the host does not hear of, it does not know; after the reconnect a node has to be born again."""
    born(host)
    host.now_ms += 700
    outputs = host.session.disconnected(host.now_ms)
    assert of_kind(outputs, NodeOffline) == [NodeOffline(NodeId("g", "n"), host.now_ms, OfflineCause.HOST_DISCONNECTED)]
    assert [stale.source for stale in of_kind(outputs, MetricsStale)] == [NODE, D1, D2]
    assert {stale.at_ms for stale in of_kind(outputs, MetricsStale)} == {host.now_ms}
    assert host.session.disconnected(host.now_ms) == []
    host.go_online()
    assert rebirths(host.ndata(1.0))


def test_nbirth_makes_only_the_node_online(host: HostBench) -> None:
    """N3: the devices of a new connection stay stale until their own DBIRTH."""
    born(host)
    host.bd_seq = 1
    host.now_ms += 60_000
    outputs = host.nbirth("a")
    assert of_kind(outputs, MetricsStale) == [
        MetricsStale(D1, host.now_ms, OfflineCause.NEW_SESSION),
        MetricsStale(D2, host.now_ms, OfflineCause.NEW_SESSION),
    ]
    assert of_kind(outputs, NodeOnline) == [NodeOnline(NodeId("g", "n"), host.now_ms, 1)]
    assert [birth.source for birth in of_kind(outputs, Birth)] == [NODE]
    assert of_kind(host.ddata("d1", 1.0), Data) == []
    assert [birth.source for birth in of_kind(host.dbirth("d1", "x"), Birth)] == [D1]
    assert host.session.nodes()[0].devices_online == 1


def test_a_rebirth_gives_the_devices_time_to_follow(host: HostBench) -> None:
    """N3: an NBIRTH with the same bdSeq is not a new connection: only devices that do not follow become stale."""
    born(host)
    outputs = host.nbirth("a")
    assert of_kind(outputs, MetricsStale) == []
    assert of_kind(outputs, NodeOnline) == []
    host.dbirth("d2", "x", first_alias=200)
    assert host.tick(9_999) == []
    assert host.tick(1) == [MetricsStale(D1, host.now_ms, OfflineCause.NOT_REBORN)]
    assert host.tick(60_000) == []


def test_a_device_can_die_during_the_rebirth(host: HostBench) -> None:
    """N3: a DDEATH instead of the awaited DBIRTH takes the device away at once, and only once."""
    born(host)
    host.nbirth("a")
    assert host.ddeath("d1", sent_ms=START_MS + 1) == [MetricsStale(D1, START_MS + 1, OfflineCause.DEATH)]
    host.dbirth("d2", "x", first_alias=200)
    assert host.tick(60_000) == []


def test_a_node_that_dies_during_its_rebirth_takes_the_unborn_devices_along(host: HostBench) -> None:
    """N3: devices whose DBIRTH was awaited become stale with the node."""
    born(host)
    host.nbirth("a")
    outputs = host.ndeath(bd_seq=0)
    assert [stale.source for stale in of_kind(outputs, MetricsStale)] == [NODE, D1, D2]


@pytest.mark.parametrize(
    ("cause", "provoke"),
    [
        (RebirthCause.BEFORE_BIRTH, lambda host: host.ndata(1.0, seq=9)),
        (RebirthCause.BEFORE_BIRTH, lambda host: (host.nbirth("a"), host.ddata("d1", 1.0))[1]),
        (RebirthCause.UNKNOWN_METRIC, lambda host: (host.nbirth("a"), host.ndata(1.0, alias=77))[1]),
        (RebirthCause.MALFORMED_PAYLOAD, lambda host: host.hear("spBv1.0/g/NDATA/n", b"\xff")),
        (RebirthCause.SEQUENCE_GAP, lambda host: (host.nbirth("a"), host.ndata(1.0, seq=9), host.tick(2_000))[2]),
    ],
)
def test_each_cause_of_a_rebirth_request_can_be_switched_off(
    make_host: Callable[..., HostBench], cause: RebirthCause, provoke: Callable[[HostBench], list[HostOutput]]
) -> None:
    """N4: data before a birth, an unknown metric, a malformed payload and a gap ask for births, if configured."""
    assert [event.cause for event in of_kind(provoke(make_host()), RebirthRequested)] == [cause]
    others = frozenset(RebirthCause) - {cause}
    assert of_kind(provoke(make_host(rebirth_on=others)), RebirthRequested) == []


def test_rebirth_requests_are_rate_limited_per_node(host: HostBench) -> None:
    """N4: one request per node and interval; a wanted one is sent when the interval is over, unless births came."""
    assert rebirths(host.ndata(1.0, seq=1))
    assert rebirths(host.ndata(1.0, seq=2)) == []
    assert rebirths(host.hear("spBv1.0/g/NDATA/other", SparkplugPayload(seq=1)))
    assert rebirths(host.tick(4_999)) == []
    assert len(rebirths(host.tick(1))) == 1
    assert rebirths(host.ndata(1.0, seq=3)) == []
    host.nbirth("a")
    assert rebirths(host.tick(5_000)) == []


def test_a_rebirth_can_be_asked_for(make_host: Callable[..., HostBench]) -> None:
    """N4: the driver can ask too, whatever the configured causes, within the same limit."""
    host = make_host(rebirth_on=frozenset())
    (request, event) = host.session.request_rebirth(NodeId("g", "n"), host.now_ms)
    assert rebirths([request])
    assert event == RebirthRequested(NodeId("g", "n"), RebirthCause.ASKED, host.now_ms)
    assert host.session.request_rebirth(NodeId("g", "n"), host.now_ms) == []


def test_historical_values_are_apart_from_live_ones(host: HostBench) -> None:
    """N5: is_historical values never come out among the live ones, and keep their own times."""
    host.nbirth("a")
    payload = host.payload()
    payload.metrics.add(alias=0, timestamp=START_MS - 60_000, double_value=1.0, is_historical=True)
    payload.metrics.add(alias=0, timestamp=START_MS, double_value=2.0)
    (data,) = of_kind(host.hear("spBv1.0/g/NDATA/n", payload), Data)
    assert (data.reading.live.timestamps_ms, data.reading.live.values) == ([START_MS], [2.0])
    assert (data.reading.historical.timestamps_ms, data.reading.historical.values) == ([START_MS - 60_000], [1.0])


def test_several_values_of_one_metric_stay_several(host: HostBench) -> None:
    """N6: a payload with three values of a metric gives three points, in DATA and in births."""
    birth = host.payload(seq=0)
    data = host.payload()
    for step in range(3):
        point = {"timestamp": START_MS + step, "double_value": float(step)}
        birth.metrics.add(name="a", alias=0, datatype=10, **point)
        data.metrics.add(alias=0, **point)
    (born_output,) = of_kind(host.hear("spBv1.0/g/NBIRTH/n", birth), Birth)
    assert len(born_output.table) == 1
    (data_output,) = of_kind(host.hear("spBv1.0/g/NDATA/n", data), Data)
    for reading in (born_output.reading, data_output.reading):
        assert reading.live.values == [0.0, 1.0, 2.0]
        assert reading.live.timestamps_ms == [START_MS, START_MS + 1, START_MS + 2]


def test_null_is_a_value_that_is_not_there(host: HostBench) -> None:
    """A null comes out as NaN and never as good."""
    host.nbirth("a")
    payload = host.payload()
    payload.metrics.add(alias=0, timestamp=START_MS, is_null=True)
    (data,) = of_kind(host.hear("spBv1.0/g/NDATA/n", payload), Data)
    assert math.isnan(data.reading.live.values[0])
    assert data.reading.live.qualities == [0]


def test_messages_that_wait_are_used_when_the_node_dies_or_is_born_again(host: HostBench) -> None:
    """Values behind a gap are good; a death or a birth must not cost them."""
    born(host)
    host.ndata(5.0, seq=5)
    outputs = host.nbirth("a")
    assert values(outputs[:1]) == [5.0]
    host.ndata(9.0, seq=9)
    assert values(host.ndeath(bd_seq=0)[:1]) == [9.0]
