"""Hostile and broken publishers: bounded memory, and one bad metric never costs a good one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sparkplug_peers import START_MS, HostBench, of_kind

from plant.sparkplug.datatypes import DataType
from plant.sparkplug.host import Birth, Data, HostLimits, MetricsStale, Rejected, SequenceGap
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.topic import NodeId

MakeHost = Callable[..., HostBench]


def test_too_many_nodes_are_rejected(make_host: MakeHost) -> None:
    """While all nodes are online, one more is rejected and counted."""
    host = make_host(limits=HostLimits(nodes=2))
    for node in ("n1", "n2", "n3"):
        host.nbirth("a", node=node)
    assert [status.node.node for status in host.session.nodes()] == ["n1", "n2"]
    assert host.session.rejected == {"too_many_nodes": 1}


def test_a_new_node_takes_the_place_of_the_one_longest_offline(make_host: MakeHost) -> None:
    """Nodes that are dead do not keep living ones out."""
    host = make_host(limits=HostLimits(nodes=2))
    for node in ("n", "n2"):
        host.nbirth("a", node=node)
    host.ndeath(bd_seq=0)
    host.nbirth("a", node="n3")
    assert [status.node for status in host.session.nodes()] == [NodeId("g", "n2"), NodeId("g", "n3")]


def test_of_nodes_that_are_not_followed_nothing_is_read_kept_or_asked(make_host: MakeHost) -> None:
    """However many metrics a stranger declares and whatever it sends, it leaves a count and no more."""
    host = make_host(nodes=frozenset({NodeId("g", "n")}))
    host.go_online()
    assert of_kind(host.nbirth("a"), Birth)
    outputs = [*host.nbirth("a", "b", node="stranger"), *host.hear("spBv1.0/g/NDATA/stranger", b"\xff")]
    assert [type(output) for output in outputs] == [Rejected, Rejected]
    assert host.session.rejected == {"unknown_node": 2}
    assert [status.node.node for status in host.session.nodes()] == ["n"]
    assert host.tick(60_000) == []


def test_too_many_devices_are_rejected(make_host: MakeHost) -> None:
    """A node may have so many devices; those that are born may be born again."""
    host = make_host(limits=HostLimits(devices_per_node=2))
    host.nbirth("a")
    for device in ("d1", "d2", "d3", "d2"):
        host.dbirth(device, "x")
    assert host.session.nodes()[0].devices_online == 2
    assert host.session.rejected == {"too_many_devices": 1}


def test_too_many_metrics_are_rejected(make_host: MakeHost) -> None:
    """A node and its devices may have so many metrics together; the same device is not counted twice."""
    host = make_host(limits=HostLimits(metrics_per_node=3))
    assert of_kind(host.nbirth("a", "b", "c", "d"), Birth) == []
    host.nbirth("a")
    host.dbirth("d1", "x", "y")
    host.dbirth("d2", "z")
    assert of_kind(host.dbirth("d1", "x", "y"), Birth)
    assert host.session.rejected == {"too_many_metrics": 2}


def test_an_oversize_payload_is_rejected_unread(make_host: MakeHost) -> None:
    """A payload above the limit is counted and not kept."""
    host = make_host(limits=HostLimits(payload_bytes=100))
    (rejected,) = host.hear("spBv1.0/g/NBIRTH/n", b"\0" * 101)
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.payload) == ("oversize", b"")


@pytest.mark.parametrize("limits", [HostLimits(reorder_messages=3), HostLimits(reorder_bytes=60)])
def test_a_long_gap_is_given_up_before_it_fills_the_memory(make_host: MakeHost, limits: HostLimits) -> None:
    """When too many messages or bytes wait, the gap is given up at once and what waited is used."""
    host = make_host(limits=limits)
    host.nbirth("a")
    outputs = [output for seq in range(2, 6) for output in host.ndata(float(seq), seq=seq)]
    assert len(of_kind(outputs, SequenceGap)) == 1
    assert [data.reading.live.values for data in of_kind(outputs, Data)] == [[2.0], [3.0], [4.0], [5.0]]


def test_rebirth_requests_to_made_up_nodes_are_bounded(make_host: MakeHost) -> None:
    """A flood of node names does not grow the tables of the rebirth requests."""
    host = make_host(limits=HostLimits(nodes=10))
    for number in range(500):
        host.hear(f"spBv1.0/g/NDATA/made-up-{number}", SparkplugPayload(seq=1))
        host.hear("spBv1.0/g/NDATA/made-up-0", SparkplugPayload(seq=1))
    assert host.session.nodes() == []
    desk = host.session._rebirths
    assert len(desk._asked) <= 10
    assert len(desk._wanted) <= 10


@pytest.mark.parametrize("topic", ["spBv1.0/g/NBIRTH/n", "spBv1.0/g/NDATA/n", "spBv1.0/g/NDEATH/n"])
def test_retained_messages_are_rejected(host: HostBench, topic: str) -> None:
    """Nothing but STATE is retained in Sparkplug: a retained birth would bring a dead node to life."""
    host.hear(topic, host.payload(), retained=True)
    assert host.session.rejected == {"retained": 1}
    assert host.session.nodes() == []


def test_a_group_that_is_not_followed_is_rejected(host: HostBench) -> None:
    """Only the groups of the configuration are read."""
    host.hear("spBv1.0/other/NBIRTH/n", host.payload())
    assert host.session.rejected == {"wrong_topic": 1}


@pytest.mark.parametrize("topic", ["spBv1.0/g/NCMD/n", "spBv1.0/g/DCMD/n/d"])
def test_commands_that_it_hears_are_not_for_it(host: HostBench, topic: str) -> None:
    """A host subscribes to all of its groups and so hears commands, its own included; they are no bad input."""
    assert host.hear(topic, b"\xff") == []
    assert not host.session.rejected


def test_a_rejected_message_is_kept_for_the_quarantine(host: HostBench) -> None:
    """A malformed payload comes out as it was, with topic, reason and one sentence."""
    rejected = host.hear("spBv1.0/g/NDATA/n", b"\xff\xff")[0]
    assert isinstance(rejected, Rejected)
    assert (rejected.topic, rejected.payload, rejected.count) == ("spBv1.0/g/NDATA/n", b"\xff\xff", 1)
    assert "not a Sparkplug payload" in rejected.text


@pytest.mark.parametrize(
    "broken",
    [
        [{"datatype": 10, "alias": 1}],
        [{"name": "", "datatype": 10, "alias": 1}],
        [{"name": "b", "alias": 1}],
        [{"name": "good", "datatype": 9, "alias": 0}],
        [{"name": "good", "datatype": 10, "alias": 1}],
    ],
)
def test_a_broken_declaration_costs_no_other(host: HostBench, broken: list[dict[str, Any]]) -> None:
    """A metric without name or datatype, or that contradicts an earlier one, is counted; the good one is born."""
    payload = host.payload(seq=0)
    payload.metrics.add(name="good", alias=0, datatype=10, timestamp=START_MS, double_value=1.0)
    for fields in broken:
        payload.metrics.add(timestamp=START_MS, double_value=2.0, **fields)
    (birth,) = of_kind(host.hear("spBv1.0/g/NBIRTH/n", payload), Birth)
    assert [row.name for row in birth.table.rows] == ["good"]
    assert host.session.rejected["bad_declaration"] == 1


def test_a_name_that_is_not_utf8_is_a_broken_declaration(host: HostBench) -> None:
    """Protobuf hands out bytes for such a name; it cannot be a tag."""
    payload = SparkplugPayload(timestamp=START_MS, seq=0)
    payload.metrics.add(name="??", alias=0, datatype=10, double_value=1.0)
    wire = payload.SerializeToString().replace(b"??", b"\xff\xfe")
    (birth,) = of_kind(host.hear("spBv1.0/g/NBIRTH/n", wire), Birth)
    assert len(birth.table) == 0
    assert host.session.rejected["bad_declaration"] == 1


def test_an_alias_that_two_metrics_claim_belongs_to_neither(host: HostBench) -> None:
    """A value must never go to the wrong metric: such an alias is unknown, the names still work."""
    payload = host.payload(seq=0)
    for name in ("a", "b"):
        payload.metrics.add(name=name, alias=7, datatype=DataType.DOUBLE, timestamp=START_MS, double_value=1.0)
    (birth,) = of_kind(host.hear("spBv1.0/g/NBIRTH/n", payload), Birth)
    assert birth.reading.live.values == []
    assert host.session.rejected["bad_declaration"] == 2
    data = host.payload()
    data.metrics.add(alias=7, timestamp=START_MS, double_value=2.0)
    data.metrics.add(name="b", timestamp=START_MS, double_value=3.0)
    (read,) = of_kind(host.hear("spBv1.0/g/NDATA/n", data), Data)
    assert (read.reading.live.indices, read.reading.live.values) == ([1], [3.0])


def test_a_device_birth_is_not_stale(host: HostBench) -> None:
    """A device that is born again while online stays online."""
    host.nbirth("a")
    host.dbirth("d1", "x")
    assert of_kind(host.dbirth("d1", "x", "y"), MetricsStale) == []
    assert len(of_kind(host.dbirth("d1", "x", "y"), Birth)[0].table) == 2
