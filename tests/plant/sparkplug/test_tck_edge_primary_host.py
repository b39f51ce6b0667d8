"""Conformance, the primary host's STATE on an edge node: checklist section 11, rule N9."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sparkplug_peers import START_MS, EdgeBench, of_kind, published, tck

from plant.sparkplug.actions import Connect, Disconnect, Subscribe
from plant.sparkplug.edge import BirthCause, BirthsSent, Ignored, PrimaryHostChanged

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def waiting(make_edge: Callable[..., EdgeBench]) -> EdgeBench:
    """A node with primary host "h", connected, that has heard nothing yet."""
    bench = make_edge(primary_host="h")
    bench.connect()
    return bench


@tck(
    "message-flow-edge-node-birth-publish-phid-wait",
    "operational-behavior-edge-node-birth-sequence-wait",
    "operational-behavior-primary-application-state-with-multiple-servers-state-subs",
)
def test_no_births_until_the_primary_host_is_online(tck_id: str, make_edge: Callable[..., EdgeBench]) -> None:
    """The node subscribes to its host's STATE at QoS 1 and is silent until that says online."""
    edge = make_edge(primary_host="h")
    outputs = edge.connect()
    assert Subscribe("spBv1.0/STATE/h", 1) in outputs
    assert edge.sent == []
    outputs = edge.host("h", START_MS, online=True)
    assert [sent.verb for sent in edge.sent] == ["NBIRTH", "DBIRTH", "DBIRTH"]
    assert of_kind(outputs, PrimaryHostChanged) == [PrimaryHostChanged(online=True, since_ms=START_MS)]
    assert of_kind(outputs, BirthsSent)[0].cause is BirthCause.HOST_ONLINE


@tck("message-flow-edge-node-birth-publish-phid-wait-id")
def test_only_the_configured_host_counts(tck_id: str, waiting: EdgeBench) -> None:
    """Another host that is online does not open the gate."""
    (ignored,) = waiting.host("other", START_MS, online=True)
    assert isinstance(ignored, Ignored)
    assert not waiting.session.born


@tck("message-flow-edge-node-birth-publish-phid-wait-online")
@pytest.mark.parametrize(
    "payload",
    [
        b'{"online": false, "timestamp": 1764000000000}',
        b'{"online": "true", "timestamp": 1764000000000}',
        b'{"online": 1, "timestamp": 1764000000000}',
        b'{"online": true}',
        b'{"online": true, "timestamp": "1764000000000"}',
        b'{"online": true, "timestamp": true}',
        b'{"online": true, "timestamp": -1}',
        b"ONLINE",
        b"[true]",
        b"\xff",
        b'{"online": true, "timestamp": 1764000000000, "more": "' + b"x" * 2000 + b'"}',
    ],
)
def test_only_a_true_boolean_with_a_time_is_online(tck_id: str, waiting: EdgeBench, payload: bytes) -> None:
    """Anything but JSON with online = true and a whole timestamp leaves the gate shut, and never raises."""
    waiting.hear("spBv1.0/STATE/h", payload)
    assert not waiting.session.born


@tck("message-flow-edge-node-birth-publish-phid-wait-timestamp")
def test_a_state_older_than_the_last_one_does_not_count(tck_id: str, waiting: EdgeBench) -> None:
    """The first STATE is always accepted; after that, only one with an equal or newer timestamp."""
    waiting.host("h", 1000, online=False)
    (ignored,) = waiting.host("h", 999, online=True)
    assert isinstance(ignored, Ignored)
    assert ignored.reason == "stale_state"
    assert not waiting.session.born
    waiting.host("h", 1000, online=True)
    assert waiting.session.born


def test_a_state_from_far_ahead_does_not_count(waiting: EdgeBench) -> None:
    """A timestamp more than a day ahead would shut out every true STATE after it, so it is not believed."""
    waiting.host("h", waiting.now_ms + 2 * DAY_MS, online=True)
    assert not waiting.session.born
    waiting.host("h", START_MS, online=True)
    assert waiting.session.born


@tck(
    "message-flow-edge-node-birth-publish-phid-offline",
    "operational-behavior-edge-node-termination-host-offline",
    "operational-behavior-edge-node-termination-host-offline-reconnect",
)
@pytest.mark.parametrize("later_ms", [0, 5000])
def test_an_offline_host_ends_the_session(tck_id: str, waiting: EdgeBench, later_ms: int) -> None:
    """Offline with a timestamp not older than the online one: NDEATH at once, disconnect, connect again and wait."""
    waiting.host("h", START_MS, online=True)
    waiting.sent.clear()
    outputs = waiting.host("h", START_MS + later_ms, online=False)
    assert [sent.verb for sent in waiting.sent] == ["NDEATH"]
    assert waiting.sent[0].metric("bdSeq").long_value == 0
    (disconnect,) = of_kind(outputs, Disconnect)
    assert outputs[-1] is disconnect
    assert (disconnect.reconnect, disconnect.reason_code) == (True, 4)
    assert outputs[0] == PrimaryHostChanged(online=False, since_ms=START_MS + later_ms)
    assert waiting.data("d1", (0, 1.0)) is None
    assert waiting.session.disconnected(waiting.now_ms) == []
    connect = waiting.session.connecting(waiting.now_ms)
    assert isinstance(connect, Connect)
    assert connect.bd_seq == 1
    assert published(waiting.session.connected(waiting.now_ms)) == []


@tck("operational-behavior-edge-node-termination-host-offline-timestamp")
def test_a_late_will_of_the_host_is_ignored(tck_id: str, waiting: EdgeBench) -> None:
    """N9: an offline STATE that is older than the online one says nothing about the host's present connection."""
    waiting.host("h", START_MS, online=True)
    (ignored,) = waiting.host("h", START_MS - 1, online=False)
    assert isinstance(ignored, Ignored)
    assert waiting.session.born


def test_a_repeated_online_does_not_repeat_the_births(waiting: EdgeBench) -> None:
    """A host that says online again, with the same or a newer time, changes nothing."""
    waiting.host("h", START_MS, online=True)
    assert waiting.host("h", START_MS, online=True) == []
    assert waiting.host("h", START_MS + 60_000, online=True) == []


def test_an_offline_host_while_waiting_changes_nothing(waiting: EdgeBench) -> None:
    """The retained offline STATE that a waiting node hears keeps it waiting; it need not reconnect."""
    assert waiting.host("h", START_MS, online=False) == []


def test_a_lost_connection_makes_the_host_unknown(waiting: EdgeBench) -> None:
    """After a lost connection the node waits for STATE again, and keeps what it cannot publish."""
    waiting.host("h", START_MS, online=True)
    outputs = waiting.session.disconnected(START_MS + 900)
    assert outputs == [PrimaryHostChanged(online=False, since_ms=START_MS + 900)]
    waiting.sent.clear()
    waiting.connect()
    assert waiting.sent == []
    waiting.host("h", START_MS, online=True)
    assert waiting.sent[0].verb == "NBIRTH"


@tck("operational-behavior-primary-application-state-with-multiple-servers-single-server")
def test_a_session_has_one_connection(tck_id: str, waiting: EdgeBench) -> None:
    """Asking for a CONNECT ends the births of the one before: there is never a second connection to publish on."""
    waiting.host("h", START_MS, online=True)
    waiting.session.connecting(waiting.now_ms)
    assert not waiting.session.born
