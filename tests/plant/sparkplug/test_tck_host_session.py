"""Conformance, connection and STATE of a host application: checklist section 12, traps T3 and T7."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import orjson
import pytest
from sparkplug_peers import START_MS, HostBench, of_kind, published, tck

from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.host import HostConfig, HostIdContested, HostSession, RebirthRequested

OWN_TOPIC = "spBv1.0/STATE/h"


@pytest.fixture
def session() -> HostSession:
    """A host "h" of two groups that is not connected."""
    return HostSession(HostConfig("h", ("g", "g2")))


def state_of(publish: object) -> dict[str, object]:
    """The JSON of a STATE message."""
    assert isinstance(publish, Publish)
    assert publish.topic == OWN_TOPIC
    fields: dict[str, object] = orjson.loads(publish.payload.decode("utf-8"))
    return fields


@tck("message-flow-phid-sparkplug-clean-session-311", "message-flow-phid-sparkplug-clean-session-50")
def test_connect_asks_for_a_clean_session(tck_id: str, session: HostSession) -> None:
    """Clean session (MQTT 3.1.1), clean start and session expiry 0 (MQTT 5)."""
    connect = session.connecting(START_MS)
    assert connect.clean_session
    assert connect.session_expiry_s == 0
    assert connect.bd_seq is None


@tck(
    "operational-behavior-host-application-connect-will",
    "host-topic-phid-death-required",
    "payloads-state-will-message",
    "operational-behavior-host-application-connect-will-topic",
    "host-topic-phid-death-topic",
    "operational-behavior-host-application-connect-will-payload",
    "payloads-state-will-message-payload",
    "host-topic-phid-death-payload",
    "host-topic-phid-death-payload-timestamp-connect",
    "operational-behavior-host-application-connect-will-qos",
    "payloads-state-will-message-qos",
    "host-topic-phid-death-qos",
    "operational-behavior-host-application-connect-will-retained",
    "payloads-state-will-message-retain",
    "host-topic-phid-death-retain",
)
def test_the_will_says_offline_as_of_the_connect(tck_id: str, session: HostSession) -> None:
    """Every CONNECT has a will of its own: STATE online = false with this CONNECT's time, QoS 1, retained."""
    for now_ms in (START_MS, START_MS + 1, START_MS + 90_000):
        will = session.connecting(now_ms).will
        assert state_of(will) == {"online": False, "timestamp": now_ms}
        assert (will.qos, will.retain) == (1, True)


@tck(
    "message-flow-phid-sparkplug-subscription",
    "payloads-state-subscribe",
    "host-topic-phid-birth-sub-required",
    "principles-birth-certificates-order",
    "host-topic-phid-birth-message",
    "host-topic-phid-birth-required",
    "message-flow-phid-sparkplug-state-publish",
    "operational-behavior-host-application-connect-birth",
)
def test_it_subscribes_first_and_then_publishes_its_birth_before_all_else(tck_id: str, session: HostSession) -> None:
    """CONNACK: own STATE and the groups; all SUBACKs: STATE online, and only then a rebirth request that was due."""
    session.connecting(START_MS)
    subscriptions = session.connected(START_MS)
    assert subscriptions == [Subscribe(OWN_TOPIC, 1), Subscribe("spBv1.0/g/#", 1), Subscribe("spBv1.0/g2/#", 1)]
    assert not session.online
    early = session.message("spBv1.0/g/NDATA/n", b"\x18\x05", START_MS)
    assert of_kind(early, Publish) == []
    assert session.tick(START_MS + 1) == []
    birth, request, event = session.subscribed(START_MS + 2)
    assert session.online
    assert state_of(birth)["online"] is True
    assert published([request])[0].topic == "spBv1.0/g/NCMD/n"
    assert isinstance(event, RebirthRequested)


@tck(
    "intro-sparkplug-host-state",
    "components-ph-state",
    "conformance-primary-host",
    "host-topic-phid-birth-topic",
    "operational-behavior-host-application-connect-birth-topic",
    "payloads-state-birth",
    "host-topic-phid-birth-qos",
    "operational-behavior-host-application-connect-birth-qos",
    "host-topic-phid-birth-retain",
    "operational-behavior-host-application-connect-birth-retained",
    "host-topic-phid-birth-payload",
    "message-flow-phid-sparkplug-state-publish-payload",
    "payloads-state-birth-payload",
    "operational-behavior-host-application-connect-birth-payload",
    "host-topic-phid-birth-payload-timestamp",
    "message-flow-phid-sparkplug-state-publish-payload-timestamp",
    "operational-behavior-primary-application-state-with-multiple-servers-state",
    "operational-behavior-primary-application-state-with-multiple-servers-state-subs",
)
def test_the_birth_carries_the_wills_timestamp(tck_id: str, session: HostSession) -> None:
    """T3: STATE online = true, QoS 1, retained, with the time of this CONNECT, again in every connection."""
    for now_ms in (START_MS, START_MS + 60_000):
        will = session.connecting(now_ms).will
        session.connected(now_ms + 100)
        (birth,) = session.subscribed(now_ms + 200)
        assert state_of(birth) == {"online": True, "timestamp": now_ms}
        assert state_of(will)["timestamp"] == state_of(birth)["timestamp"]
        assert isinstance(birth, Publish)
        assert (birth.qos, birth.retain) == (1, True)
        session.disconnected(now_ms + 300)


def test_the_timestamp_never_goes_back(session: HostSession) -> None:
    """With a clock set back, a new connection keeps the old time: edge nodes ignore a STATE that is older."""
    session.connecting(START_MS)
    assert state_of(session.connecting(START_MS - 3_600_000).will)["timestamp"] == START_MS


@tck("message-flow-hid-sparkplug-state-message-delivered")
def test_a_foreign_offline_is_answered_with_the_same_birth(tck_id: str, host: HostBench) -> None:
    """Offline on its own topic: online again at once, with the timestamp of this connection."""
    host.now_ms += 5_000
    contested, birth = host.state(START_MS, online=False)
    assert contested == HostIdContested(1, host.now_ms, rival=False)
    assert state_of(birth) == {"online": True, "timestamp": START_MS}


def test_a_newer_foreign_offline_is_outdone_by_a_new_connection(host: HostBench) -> None:
    """T7: edge nodes do not believe a birth that is older than the offline, so a newer timestamp follows at once."""
    foreign_ms = host.now_ms + 5_000
    _, birth, disconnect = host.state(foreign_ms, online=False)
    assert state_of(birth) == {"online": True, "timestamp": START_MS}
    assert isinstance(disconnect, Disconnect)
    assert disconnect.reconnect
    host.session.disconnected(host.now_ms)
    assert state_of(host.session.connecting(host.now_ms).will)["timestamp"] == foreign_ms + 1
    host.session.connected(host.now_ms)
    assert state_of(host.session.subscribed(host.now_ms)[0]) == {"online": True, "timestamp": foreign_ms + 1}


def test_an_offline_that_no_edge_node_believes_is_not_outdone(host: HostBench) -> None:
    """More than a day ahead: its timestamp must not become the host's own."""
    host.state(host.now_ms + 25 * 3_600_000, online=False)
    assert state_of(host.session.connecting(host.now_ms).will)["timestamp"] == host.now_ms


def test_the_late_will_of_the_last_connection_is_answered_but_contests_nothing(host: HostBench) -> None:
    """The broker may publish the old will after the reconnect: the birth is repeated, no second host is suspected."""
    (birth,) = host.state(START_MS - 1, online=False)
    assert state_of(birth) == {"online": True, "timestamp": START_MS}


def test_its_own_birth_is_not_answered(host: HostBench) -> None:
    """The echo of its own STATE changes nothing."""
    assert host.state(START_MS, online=True) == []


def test_what_the_last_connection_left_behind_is_not_answered(host: HostBench) -> None:
    """A retained offline that is older than this connection is replaced by the birth that is already on its way."""
    assert host.state(START_MS - 1, online=False, retained=True) == []
    assert host.state(START_MS + 1, online=False, retained=True) != []


def test_a_foreign_offline_before_the_birth_is_not_answered(session: HostSession) -> None:
    """Before its birth the host is offline; the birth follows anyway."""
    session.connecting(START_MS)
    session.connected(START_MS)
    assert session.message(OWN_TOPIC, b'{"online":false,"timestamp":1764000000001}', START_MS) == []


def test_answers_are_debounced(host: HostBench) -> None:
    """T7: a second offline within the debounce time is answered once, when that is over."""
    host.state(START_MS, online=False)
    host.now_ms += 10
    assert of_kind(host.state(START_MS, online=False), Publish) == []
    host.now_ms += 10
    assert of_kind(host.state(START_MS, online=False), Publish) == []
    assert host.tick(900) == []
    (birth,) = host.tick(100)
    assert state_of(birth) == {"online": True, "timestamp": START_MS}
    assert host.tick(5_000) == []


@tck("operational-behavior-host-application-host-id")
@pytest.mark.parametrize("ahead_ms", [1, -3_600_000])
def test_another_host_with_this_id_is_told_once_and_not_fought(tck_id: str, host: HostBench, ahead_ms: int) -> None:
    """A birth that is not its own, even from a clock that is behind: the edge nodes are served, nothing is answered."""
    rival_ms = host.now_ms + ahead_ms
    assert host.state(rival_ms, online=True) == [HostIdContested(1, host.now_ms, rival=True)]
    assert host.session.rival_ms == rival_ms
    assert host.state(rival_ms, online=True) == []
    assert host.tick(60_000) == []


@pytest.mark.parametrize("online", [True, False], ids=["online", "gone"])
def test_a_rival_that_took_over_meanwhile_is_found_in_the_retained_state(host: HostBench, online: bool) -> None:
    """Whoever was host between two connections of this one has the same id."""
    host.session.disconnected(host.now_ms)
    rival_ms = host.now_ms + 10
    host.now_ms += 200
    host.session.connecting(host.now_ms)
    host.session.connected(host.now_ms)
    assert of_kind(host.state(rival_ms, online=online, retained=True), HostIdContested)[0].rival
    assert host.session.rival_ms == (rival_ms if online else None)


def test_a_predecessors_birth_is_no_rival(host: HostBench) -> None:
    """Retained from before the first connection: left behind by a broker that lost its will."""
    assert host.state(START_MS - 1, online=True, retained=True) == []
    assert host.session.rival_ms is None


def test_a_birth_of_an_earlier_connection_is_no_rival(host: HostBench) -> None:
    """The broker may still tell of it after a reconnect."""
    host.session.disconnected(host.now_ms)
    host.now_ms += 200
    host.session.connecting(host.now_ms)
    assert host.state(START_MS, online=True, retained=True) == []
    assert host.session.rival_ms is None


def test_the_death_of_a_rival_is_answered_and_ends_the_contest(host: HostBench) -> None:
    """Its will replaces what is retained, so this host says again that it is there."""
    host.state(host.now_ms, online=True)
    outputs = host.state(host.now_ms, online=False)
    assert host.session.rival_ms is None
    assert any(isinstance(output, Publish) for output in outputs)


def test_connections_that_outdo_are_further_and_further_apart(make_host: Callable[..., HostBench]) -> None:
    """Somebody who never stops to call it offline costs a reconnect a minute at most, and each is reported."""
    host = make_host(state_backoff_ms=4_000)
    begin_ms, reconnects = host.now_ms, []
    while host.now_ms < begin_ms + 20_000:
        outputs = host.state(host.now_ms + 1, online=False)
        assert len(of_kind(outputs, HostIdContested)) == 1
        if of_kind(outputs, Disconnect):
            reconnects.append(host.now_ms)
            host.session.disconnected(host.now_ms)
            host.session.connecting(host.now_ms)
            host.session.connected(host.now_ms)
            host.session.subscribed(host.now_ms)
        host.now_ms += 100
    gaps = [after - before for before, after in itertools.pairwise(reconnects)]
    assert gaps == sorted(gaps)
    assert (gaps[0] < 2_000, gaps[-1] >= 4_000) == (True, True)


@tck(
    "operational-behavior-host-application-termination",
    "operational-behavior-host-application-death-topic",
    "operational-behavior-host-application-death-payload",
    "operational-behavior-host-application-death-qos",
    "operational-behavior-host-application-death-retained",
    "host-topic-phid-death-payload-timestamp-disconnect-clean",
    "host-topic-phid-death-payload-timestamp-disconnect-with-no-disconnect-packet",
    "operational-behavior-host-application-disconnect-intentional",
)
def test_a_deliberate_disconnect_publishes_the_death_first(tck_id: str, host: HostBench) -> None:
    """STATE online = false with the time of now, QoS 1, retained, then DISCONNECT."""
    host.now_ms += 30_000
    death, disconnect = host.session.disconnect(host.now_ms)
    assert state_of(death) == {"online": False, "timestamp": START_MS + 30_000}
    assert isinstance(death, Publish)
    assert (death.qos, death.retain) == (1, True)
    assert disconnect == Disconnect("stopped", reconnect=False, reason_code=0)
    assert not host.session.online


def test_a_host_that_was_never_born_leaves_without_a_death(session: HostSession) -> None:
    """Before its birth there is nothing to end: only the connection is closed."""
    session.connecting(START_MS)
    (only,) = session.disconnect(START_MS)
    assert isinstance(only, Disconnect)


@pytest.mark.parametrize("payload", [b"", b"OFFLINE", b"\xff\xfe", b'{"online": null, "timestamp": 1}'])
def test_a_malformed_state_is_rejected(host: HostBench, payload: bytes) -> None:
    """What is no STATE on its own topic is counted, and not answered."""
    outputs = host.hear(OWN_TOPIC, payload)
    assert of_kind(outputs, Publish) == []
    assert host.session.rejected == {"malformed_payload": 1}


def test_the_state_of_other_hosts_is_rejected(host: HostBench) -> None:
    """It does not subscribe to other hosts; one that comes nevertheless is counted."""
    host.hear("spBv1.0/STATE/other", b'{"online":true,"timestamp":1}')
    assert host.session.rejected == {"wrong_topic": 1}
