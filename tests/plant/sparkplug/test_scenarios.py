"""Both sessions against each other and a small broker, after the scenarios of the conformance kit (checklist 17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from sparkplug_peers import START_MS, Sent, metrics, of_kind, state

from plant.sparkplug.actions import Connect, Disconnect, Publish, Subscribe
from plant.sparkplug.edge import BirthCause, BirthsSent, Command, EdgeDefinition, EdgeOutput, EdgeSession
from plant.sparkplug.host import (
    Birth,
    Data,
    HostConfig,
    HostOutput,
    HostSession,
    MetricsStale,
    NodeOffline,
    NodeOnline,
    RebirthRequested,
    SequenceGap,
)
from plant.sparkplug.topic import NodeId, Source


def matches(topic_filter: str, topic: str) -> bool:
    """MQTT wildcards."""
    wanted, given = topic_filter.split("/"), topic.split("/")
    if wanted[-1] == "#":
        return given[: len(wanted) - 1] == wanted[:-1]
    return len(wanted) == len(given) and all(own in {"+", other} for own, other in zip(wanted, given, strict=True))


@dataclass
class Client:
    """One session on the broker, with all that it has told its driver."""

    session: EdgeSession | HostSession
    connected: bool = False
    will: Publish | None = None
    filters: list[str] = field(default_factory=list)
    told: list[EdgeOutput | HostOutput] = field(default_factory=list)


@dataclass
class Plant:
    """A broker that delivers at once, retains, and publishes wills; the spy keeps every message."""

    now_ms: int = START_MS
    clients: list[Client] = field(default_factory=list)
    retained: dict[str, Publish] = field(default_factory=dict)
    spy: list[Publish] = field(default_factory=list)
    lost: Callable[[Publish], bool] = lambda publish: False

    def add(self, session: EdgeSession | HostSession) -> Client:
        """A client that is not connected."""
        self.clients.append(Client(session))
        return self.clients[-1]

    def connect(self, client: Client) -> Connect:
        """CONNECT, CONNACK and, for a host, SUBACK."""
        connect = client.session.connecting(self.now_ms)
        client.will, client.connected, client.filters = connect.will, True, []
        self.carry_out(client, client.session.connected(self.now_ms))
        if isinstance(client.session, HostSession):
            self.carry_out(client, client.session.subscribed(self.now_ms))
        return connect

    def carry_out(self, client: Client, outputs: list[EdgeOutput] | list[HostOutput]) -> None:
        """What a driver does."""
        client.told += outputs
        for output in outputs:
            match output:
                case Publish():
                    self.publish(output)
                case Subscribe(topic_filter):
                    client.filters.append(topic_filter)
                    for kept in [own for own in self.retained.values() if matches(topic_filter, own.topic)]:
                        self.deliver(client, kept, retained=True)
                case Disconnect(reconnect=reconnect):
                    client.connected, client.will = False, None
                    self.carry_out(client, client.session.disconnected(self.now_ms))
                    if reconnect:
                        self.connect(client)

    def publish(self, publish: Publish) -> None:
        """Keep, retain and deliver a message."""
        self.now_ms += 1
        self.spy.append(publish)
        if publish.retain:
            self.retained[publish.topic] = publish
        if self.lost(publish):
            return
        for client in self.clients:
            if client.connected and any(matches(own, publish.topic) for own in client.filters):
                self.deliver(client, publish, retained=False)

    def deliver(self, client: Client, publish: Publish, *, retained: bool) -> None:
        """A message arrives at a client."""
        outputs = client.session.message(publish.topic, publish.payload, self.now_ms, retained=retained)
        self.carry_out(client, outputs)

    def kill(self, client: Client) -> None:
        """The process or its network dies: the broker publishes the will."""
        client.connected = False
        will, client.will = client.will, None
        self.carry_out(client, client.session.disconnected(self.now_ms))
        if will is not None:
            self.publish(will)

    def wait(self, milliseconds: int) -> None:
        """Time passes for the hosts."""
        self.now_ms += milliseconds
        for client in self.clients:
            if isinstance(client.session, HostSession) and client.connected:
                self.carry_out(client, client.session.tick(self.now_ms))

    def data(self, client: Client, device: str | None, *values: float) -> None:
        """An edge node publishes the first metrics of a device."""
        assert isinstance(client.session, EdgeSession)
        count = len(values)
        publish = client.session.data(device, range(count), [self.now_ms] * count, values, self.now_ms)
        if publish is not None:
            self.publish(publish)

    def verbs(self) -> list[str]:
        """Verbs of all Sparkplug messages so far, and forget them."""
        verbs = [publish.topic.split("/")[2] for publish in self.spy if "/STATE/" not in publish.topic]
        self.spy.clear()
        return verbs

    def sent(self, verb: str) -> list[Sent]:
        """All messages of a verb so far."""
        return [Sent.of(publish) for publish in self.spy if publish.topic.split("/")[2] == verb]


@pytest.fixture
def plant() -> Plant:
    """An empty plant."""
    return Plant()


@pytest.fixture
def edge(plant: Plant) -> Client:
    """Edge node g/n with devices d1 and d2, waiting for host h."""
    devices = {"d1": metrics(2, writable=True), "d2": metrics(2, writable=True)}
    return plant.add(EdgeSession(EdgeDefinition("g", "n", devices, metrics(1), primary_host="h")))


@pytest.fixture
def host(plant: Plant) -> Client:
    """Host h of group g."""
    return plant.add(HostSession(HostConfig("h", ("g",))))


@pytest.fixture
def running(plant: Plant, edge: Client, host: Client) -> Iterator[Plant]:
    """Both connected, births out, spy and reports empty."""
    plant.connect(host)
    plant.connect(edge)
    plant.spy.clear()
    edge.told.clear()
    host.told.clear()
    yield plant
    assert isinstance(host.session, HostSession)
    assert not host.session.rejected


def test_1_session_establishment(plant: Plant, edge: Client, host: Client) -> None:
    """Subscriptions, then NBIRTH and DBIRTHs with seq 0, 1, 2 and times within the window; the host knows all three."""
    plant.connect(host)
    started_ms = plant.now_ms
    plant.connect(edge)
    assert edge.filters == ["spBv1.0/g/NCMD/n", "spBv1.0/g/DCMD/n/+", "spBv1.0/STATE/h"]
    births = [Sent.of(publish) for publish in plant.spy if "BIRTH" in publish.topic]
    assert [birth.seq for birth in births] == [0, 1, 2]
    for birth in births:
        for time in (birth.payload.timestamp, *(metric.timestamp for metric in birth.payload.metrics)):
            assert started_ms <= time <= plant.now_ms
    assert of_kind(host.told, NodeOnline)[0].bd_seq == 0
    assert [birth.source.device for birth in of_kind(host.told, Birth)] == [None, "d1", "d2"]


def test_2_send_data(running: Plant, edge: Client, host: Client) -> None:
    """NDATA and DDATA in one sequence that wraps; every value arrives once, in order."""
    for step in range(200):
        running.data(edge, None, float(step))
        running.data(edge, "d1", float(step), float(-step))
    assert [sent.seq for sent in map(Sent.of, running.spy)] == [(3 + step) % 256 for step in range(400)]
    data = of_kind(host.told, Data)
    assert [own.reading.live.values for own in data if own.source.device is None] == [[float(n)] for n in range(200)]
    assert [own.reading.live.values for own in data if own.source.device == "d1"] == [
        [float(n), -n] for n in range(200)
    ]


def test_3_receive_command(running: Plant, edge: Client, host: Client) -> None:
    """A rebirth keeps the bdSeq, the next connection has one more; a DCMD arrives as a typed command."""
    assert isinstance(host.session, HostSession)
    running.carry_out(host, host.session.request_rebirth(NodeId("g", "n"), running.now_ms))
    assert running.verbs() == ["NCMD", "NBIRTH", "DBIRTH", "DBIRTH"]
    running.publish(host.session.command(Source("g", "n", "d2"), [("m1", 7.0)], running.now_ms))
    (command,) = of_kind(edge.told, Command)
    assert (command.device, command.metric, command.value) == ("d2", "m1", 7.0)
    running.kill(edge)
    running.connect(edge)
    assert [sent.metric("bdSeq").long_value for sent in running.sent("NDEATH")] == [0]
    assert [sent.metric("bdSeq").long_value for sent in running.sent("NBIRTH")] == [1]


def test_4_primary_host_in_eight_states(plant: Plant, edge: Client) -> None:
    """Only an online STATE of the right host that is not outdated brings the births; only a valid offline ends them."""
    plant.connect(edge)
    expected = [
        ("other", 1_000, True, []),
        ("h", 1_000, False, []),
        ("h", 2_000, True, ["NBIRTH", "DBIRTH", "DBIRTH"]),
        ("h", 1_999, False, []),
        ("h", 3_000, False, ["NDEATH"]),
        ("h", 2_999, True, []),
        ("h", 4_000, True, ["NBIRTH", "DBIRTH", "DBIRTH"]),
        ("h", 4_000, False, ["NDEATH"]),
    ]
    for name, timestamp_ms, online, verbs in expected:
        plant.publish(state(name, timestamp_ms, online=online))
        assert plant.verbs() == verbs, (name, timestamp_ms, online)
    assert of_kind(edge.told, BirthsSent)[-1].cause is BirthCause.HOST_ONLINE


def test_5_session_termination(running: Plant, edge: Client, host: Client) -> None:
    """DDEATH of a device, then a deliberate disconnect with the live bdSeq; the host follows both."""
    assert isinstance(edge.session, EdgeSession)
    running.carry_out(edge, edge.session.device_lost("d1", running.now_ms))
    running.carry_out(edge, edge.session.disconnect(running.now_ms))
    assert running.verbs() == ["DDEATH", "NDEATH"]
    assert [stale.source.device for stale in of_kind(host.told, MetricsStale)] == ["d1", None, "d2"]
    assert not edge.connected


def test_5_a_killed_process_dies_by_its_will(running: Plant, edge: Client, host: Client) -> None:
    """The broker publishes the will; it carries the live bdSeq and takes the node offline."""
    running.kill(edge)
    assert running.verbs() == ["NDEATH"]
    assert len(of_kind(host.told, NodeOffline)) == 1


def test_7_a_reconnected_host_brings_all_births_again(running: Plant, edge: Client, host: Client) -> None:
    """The host's will sends the nodes into waiting; its new STATE, with a new time, brings their births."""
    running.kill(host)
    assert running.verbs() == ["NDEATH"]
    running.data(edge, "d1", 5.0)
    assert running.verbs() == []
    running.wait(10_000)
    connect = running.connect(host)
    assert running.verbs() == ["NBIRTH", "DBIRTH", "DBIRTH"]
    own = running.retained["spBv1.0/STATE/h"]
    assert own.payload == connect.will.payload.replace(b"false", b"true")
    birth = next(birth for birth in of_kind(host.told, Birth) if birth.source.device == "d1")
    assert birth.reading.live.values[0] == 5.0


def test_8_a_foreign_offline_is_overruled(running: Plant, edge: Client) -> None:
    """STATE false on the host's topic: the host repeats its birth. With an old time no node even notices."""
    running.publish(state("h", START_MS - 5, online=False))
    assert b"true" in running.retained["spBv1.0/STATE/h"].payload
    assert running.verbs() == []


def test_8_a_newer_foreign_offline_heals(running: Plant, edge: Client, host: Client) -> None:
    """T7: a newer false beats the repetition with the old time, so the host connects anew."""
    assert isinstance(edge.session, EdgeSession)
    for times in (1, 2):
        running.wait(2_000 * times)
        running.publish(state("h", running.now_ms, online=False))
        assert len(of_kind(host.told, Disconnect)) == times
        assert edge.session.born


def test_9_host_termination(running: Plant, host: Client) -> None:
    """The death STATE, as of now, comes before the DISCONNECT and sends the nodes into waiting."""
    assert isinstance(host.session, HostSession)
    running.carry_out(host, host.session.disconnect(running.now_ms))
    assert running.retained["spBv1.0/STATE/h"].payload.startswith(b'{"online":false')
    assert running.verbs() == ["NDEATH"]
    assert not host.connected


def test_10_the_will_after_a_clean_death_has_no_effect(running: Plant, edge: Client, host: Client) -> None:
    """An NDEATH that comes twice, or from an earlier connection, does not touch the new session."""
    old_will = edge.will
    assert old_will is not None
    running.kill(edge)
    running.publish(old_will)
    running.connect(edge)
    assert len(of_kind(host.told, NodeOffline)) == 1
    running.publish(old_will)
    assert len(of_kind(host.told, NodeOffline)) == 1
    assert isinstance(host.session, HostSession)
    assert host.session.rejected.pop("stale_death") == 1


def test_11_message_ordering(running: Plant, edge: Client, host: Client) -> None:
    """A lost message: what follows waits, after the timeout one rebirth request brings the births, values are kept."""
    running.lost = lambda publish: "/DDATA/n/d1" in publish.topic
    running.data(edge, "d1", 1.0)
    running.lost = lambda publish: False
    running.data(edge, "d2", 2.0)
    running.data(edge, None, 3.0)
    assert of_kind(host.told, Data) == []
    running.wait(2_000)
    assert [data.reading.live.values for data in of_kind(host.told, Data)] == [[2.0], [3.0]]
    assert len(of_kind(host.told, SequenceGap)) == len(of_kind(host.told, RebirthRequested)) == 1
    assert running.verbs() == ["DDATA", "DDATA", "NDATA", "NCMD", "NBIRTH", "DBIRTH", "DBIRTH"]
    reborn = [birth for birth in of_kind(host.told, Birth) if birth.source.device == "d1"]
    assert reborn[0].reading.live.values[0] == 1.0
