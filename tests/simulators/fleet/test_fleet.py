"""The fleet of the tiny model (three edge nodes) around a world whose values are known, on a real Mosquitto."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from fleets import Ear, Point, Running, fleet_running, listening, wall_ms
from links import Probe, running, until
from servers.brokers import BrokerServer
from structlog.testing import capture_logs

from plant.mqtt.address import BrokerAddress
from plant.sparkplug.codec import decode
from plant.sparkplug.host import NodeOffline, NodeOnline, SequenceGap
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.topic import NodeId, Source
from simulators.fleet.status import Phase

pytestmark = pytest.mark.broker

NODES = ["alpha/board-1", "alpha/kiln-1", "beta/plant"]
KILN = Source("alpha", "kiln-1", "kiln")


def sent_by(ear: Ear) -> dict[str, list[tuple[str, SparkplugPayload]]]:
    """What each edge node sent: (topic, payload) in its order."""
    sent: dict[str, list[tuple[str, SparkplugPayload]]] = defaultdict(list)
    for topic, payload in ear.raw:
        parts = topic.split("/")
        if parts[1] != "STATE" and not parts[2].endswith("CMD"):
            sent[f"{parts[1]}/{parts[3]}"].append((topic, decode(payload)))
    return sent


def test_births_come_before_data_and_declare_every_metric(mosquitto: BrokerAddress) -> None:
    """NBIRTH, then a DBIRTH for each device with name, alias, datatype and value of all metrics, then DATA by alias."""

    async def scenario() -> tuple[Ear, Running]:
        async with listening(mosquitto) as ear, fleet_running(mosquitto) as run:
            await until(lambda: len(ear.topics("DDATA")) >= 9, "some data")
        return ear, run

    ear, run = asyncio.run(scenario())
    assert sorted(sent_by(ear)) == NODES
    for plan in (node.plan for node in run.fleet.nodes):
        messages = sent_by(ear)[f"{plan.definition.group}/{plan.definition.node}"]
        verbs = [topic.split("/")[2] for topic, _ in messages]
        devices = len(plan.units)
        assert verbs[: devices + 1] == ["NBIRTH"] + ["DBIRTH"] * devices
        assert set(verbs[devices + 1 :]) == {"DDATA", "NDEATH"}
        declared: set[int] = set()
        for topic, payload in messages[1 : devices + 1]:
            unit = plan.units[topic.split("/")[4]]
            assert [metric.name for metric in payload.metrics] == [metric.key for metric in unit.metrics]
            assert not any(metric.is_null for metric in payload.metrics)
            units = {m.name: dict(zip(m.properties.keys, m.properties.values, strict=True)) for m in payload.metrics}
            for metric in unit.metrics:
                expected = {"engUnit"} if metric.unit else set()
                expected |= {"engLow", "engHigh"} if metric.span else set()
                assert set(units[metric.key]) == expected
                if metric.unit:
                    assert units[metric.key]["engUnit"].string_value == metric.unit
                if metric.span:
                    assert units[metric.key]["engHigh"].double_value == metric.span.high
            declared |= {metric.alias for metric in payload.metrics}
        assert len(declared) == sum(len(unit.metrics) for unit in plan.units.values())
        used = {m.alias for topic, payload in messages if "/DDATA/" in topic for m in payload.metrics}
        assert used <= declared
        assert not any(m.name for topic, payload in messages if "/DDATA/" in topic for m in payload.metrics)


def test_twenty_seconds_at_speed_twenty_lose_nothing(mosquitto: BrokerAddress) -> None:
    """Every value of the world's journal arrives, once, with its own time; seq never has a gap; nothing is ahead."""

    async def scenario() -> tuple[Ear, Running]:
        async with listening(mosquitto) as ear, fleet_running(mosquitto, speed=20.0, behind_s=3600) as run:
            begin_ms = run.world.now_ms
            await until(lambda: run.world.now_ms >= begin_ms + 400_000, "400 s of the world", timeout_s=60)
            assert not run.shown[-1].live
            assert 10.0 < run.shown[-1].speed <= 21.0
        assert run.world.now_ms < wall_ms()
        return ear, run

    ear, run = asyncio.run(scenario())
    assert run.journal - ear.points == set()
    assert ear.points - run.journal == set()
    first_ms = min(time for _, time, _ in run.journal)
    assert ear.data_points == sum(time > first_ms for _, time, _ in run.journal)  # the first look came with the births
    assert (len(ear.topics("NBIRTH")), len(ear.topics("DBIRTH"))) == (3, 3)
    assert run.fleet.status().lost == 0
    assert ear.of_kind(SequenceGap) == []
    assert ear.session.rejected.total() == 0
    for messages in sent_by(ear).values():
        sequence = [payload.seq for topic, payload in messages if "DEATH" not in topic]
        assert sequence == [n % 256 for n in range(len(sequence))]
        assert len(sequence) > 150


def test_a_rebirth_is_answered_with_all_births(mosquitto: BrokerAddress) -> None:
    """NCMD Node Control/Rebirth brings NBIRTH and DBIRTHs of that node alone, with the same bdSeq, seq from 0."""

    async def scenario() -> Ear:
        async with listening(mosquitto) as ear, fleet_running(mosquitto) as run:
            await until(lambda: run.born, "all born")
            ear.do(ear.session.request_rebirth(NodeId("alpha", "kiln-1"), wall_ms()))
            await until(lambda: len(ear.topics("NBIRTH")) == 4, "a fourth birth")
            await until(lambda: len(ear.topics("DBIRTH")) == 4, "its device")
        return ear

    ear = asyncio.run(scenario())
    births = [payload for topic, payload in sent_by(ear)["alpha/kiln-1"] if "/NBIRTH/" in topic]
    assert [birth.seq for birth in births] == [0, 0]
    first, second = ([m.long_value for m in birth.metrics if m.name == "bdSeq"] for birth in births)
    assert first == second


@pytest.mark.parametrize(
    ("metric", "value", "holds", "refused"),
    [
        ("temperature_sp", 160.0, 160.0, 0),
        ("temperature_sp", 155.0, 155.0, 0),
        ("temperature_sp", 0.0, 155.0, 1),
        ("reset", True, 1.0, 0),
    ],
)
def test_a_command_reaches_the_world_and_reads_back(
    mosquitto: BrokerAddress, metric: str, value: float, holds: float, refused: int
) -> None:
    """The world takes a DCMD or refuses it; the value that holds is told again, also when it has not changed."""
    path = f"alpha/shop/kiln-1/kiln/{metric}"

    async def scenario() -> tuple[set[Point], Running]:
        async with listening(mosquitto) as ear, fleet_running(mosquitto, scan_s=0.2) as run:

            def told() -> set[Point]:
                return {point for point in ear.points if point[0] == f"{KILN}/{metric}"}

            await until(lambda: run.born, "all born")
            run.world.written["alpha/shop/kiln-1/kiln/temperature_sp"] = 155.0
            calm_from = run.world.steps + 3
            await until(lambda: run.world.steps >= calm_from, "the value is settled")
            before = told()
            ear.do([ear.session.command(KILN, [(metric, value)], wall_ms())])
            await until(lambda: {point for point in told() - before if point[2] == holds}, "the read-back")
            return told() - before, run

    told, run = asyncio.run(scenario())
    assert run.fleet.status().refused == refused
    assert run.fleet.status().commands == 1 - refused
    assert run.world.written[path] == holds
    assert {point[2] for point in told} <= {holds, 0.0}


@pytest.mark.parametrize(
    ("metric", "wrong", "holds"),
    [
        ("temperature_sp", {"string_value": "160"}, 155.0),
        ("temperature_sp", {"int_value": 160}, 155.0),
        ("temperature_sp", {"is_null": True}, 155.0),
        ("temperature_sp", {}, 155.0),
        ("reset", {"int_value": 1}, 0.0),
        ("reset", {"double_value": 1.0}, 0.0),
        ("power", {"double_value": 1.0}, 155.0),
    ],
)
def test_a_write_of_a_wrong_datatype_is_refused_and_read_back(
    mosquitto: BrokerAddress, metric: str, wrong: dict[str, Any], holds: float
) -> None:
    """It is counted and logged once, and what holds is told again though it has not moved; read-only metrics too."""
    path = f"alpha/shop/kiln-1/kiln/{metric}"

    async def scenario() -> Running:
        async with listening(mosquitto) as ear, fleet_running(mosquitto, scan_s=0.2) as run:

            def told() -> set[Point]:
                return {point for point in ear.points if point[0] == f"{KILN}/{metric}"}

            await until(lambda: run.born, "all born")
            run.world.written[path] = holds
            calm_from = run.world.steps + 3
            await until(lambda: run.world.steps >= calm_from, "the value is settled")
            before = told()
            payload = SparkplugPayload(timestamp=wall_ms())
            payload.metrics.add(name=metric, **wrong)
            ear.link.publish("spBv1.0/alpha/DCMD/kiln-1/kiln", payload.SerializeToString())
            await until(lambda: told() - before, "the read-back")
            assert {point[2] for point in told() - before} == {holds}
            return run

    with capture_logs() as logs:
        run = asyncio.run(scenario())
    assert (run.fleet.status().refused, run.fleet.status().commands) == (1, 0)
    assert [entry["tag"] for entry in logs if entry["event"] == "a command is refused"] == [path]
    assert run.world.written[path] == holds
    assert run.world.refused == [path]


def test_the_goodbye_is_a_death_and_a_disconnect(mosquitto: BrokerAddress) -> None:
    """A fleet that is stopped sends NDEATH once a node, with the bdSeq of its birth, and no will follows."""

    async def scenario() -> Ear:
        async with listening(mosquitto) as ear:
            async with fleet_running(mosquitto) as run:
                await until(lambda: run.born, "all born")
            async with running(mosquitto, "witness", Probe()) as witness:
                witness.publish("spBv1.0/alpha/NDATA/witness", b"", qos=1)
                await until(lambda: ear.topics("NDATA"), "the witness")
        return ear

    ear = asyncio.run(scenario())
    assert sorted(ear.topics("NDEATH")) == [f"spBv1.0/{node.replace('/', '/NDEATH/')}" for node in NODES]
    assert [offline.cause for offline in ear.of_kind(NodeOffline)] == ["death"] * 3


def test_nothing_is_published_before_the_primary_host_is_online(mosquitto: BrokerAddress) -> None:
    """Edge nodes wait for their host's STATE, and leave with a death when it goes."""

    async def scenario() -> None:
        witness = Probe(filters=[("spBv1.0/+/NBIRTH/#", 1), ("spBv1.0/+/DDATA/#", 1), ("spBv1.0/+/NDEATH/#", 1)])
        async with running(mosquitto, "witness", witness), fleet_running(mosquitto) as run:
            await until(lambda: run.shown and run.shown[-1].phase is Phase.HOST, "the fleet waits")
            assert witness.messages == []
            async with listening(mosquitto):
                await until(lambda: run.born, "all born")
            await until(lambda: sum("/NDEATH/" in topic for topic, _, _ in witness.messages) == 3, "all dead")
            await until(lambda: run.shown[-1].phase is Phase.HOST, "the fleet waits again")
            async with listening(mosquitto):
                await until(lambda: run.born, "all born again")

    asyncio.run(scenario())


def sequences(ear: Ear) -> dict[str, list[int | None]]:
    """The bdSeq of each node's connections in their order; a node may come more than once."""
    of_node = {node: [born.bd_seq for born in ear.of_kind(NodeOnline) if str(born.node) == node] for node in NODES}
    return {node: list(dict.fromkeys(seqs)) for node, seqs in of_node.items()}


def test_a_broker_restart_is_survived_and_said_once(mosquitto_server: BrokerServer) -> None:
    """After the broker was killed and started again all nodes are born anew, each with the next bdSeq."""

    async def scenario() -> Ear:
        async with listening(mosquitto_server.address) as ear, fleet_running(mosquitto_server.address) as run:
            await until(lambda: all(sequences(ear).values()), "the host knows all nodes")
            mosquitto_server.kill()
            await until(lambda: run.shown[-1].phase is Phase.BROKER, "the loss is said")
            mosquitto_server.start()
            await until(lambda: run.born, "all born again", timeout_s=30)
            await until(lambda: all(len(seqs) > 1 for seqs in sequences(ear).values()), "known anew", timeout_s=60)
        return ear

    with capture_logs() as logs:
        ear = asyncio.run(scenario())
    for first, *later in sequences(ear).values():
        assert later == [(first + turn) % 256 for turn in range(1, len(later) + 1)], "one connection, one bdSeq"
    assert sum(entry["event"] == Phase.BROKER for entry in logs) <= 1


def test_bd_seq_goes_on_after_a_restart(mosquitto: BrokerAddress, tmp_path: Path) -> None:
    """With a data folder the next start uses the next bdSeq."""

    async def scenario() -> list[int]:
        async with listening(mosquitto) as ear:
            for _ in range(2):
                async with fleet_running(mosquitto, data=tmp_path) as run:
                    await until(lambda run=run: run.born, "all born")
            return [o.bd_seq for o in ear.of_kind(NodeOnline) if str(o.node) == "beta/plant"]

    assert asyncio.run(scenario()) == [0, 1]


def test_the_seam_after_the_history_has_no_gap(mosquitto: BrokerAddress) -> None:
    """A live world catches up whether somebody listens or not; the host that comes later hears every scan."""

    async def scenario() -> None:
        async with fleet_running(mosquitto, behind_s=20) as run:
            begin_ms = run.world.now_ms
            await until(lambda: run.world.now_ms >= begin_ms + 10_000, "it goes on alone")
            async with listening(mosquitto) as ear:
                await until(lambda: run.fleet.status().behind_s < 1.5, "now")
                assert run.world.now_ms <= wall_ms()
                told = set(run.journal)
                await until(lambda: told <= ear.points, "all that was told")
                await until(lambda: run.fleet.status().replaying == 0, "the replay is over")
            assert run.fleet.status().lost == 0
        assert {time for _, time, _ in told} >= set(range(begin_ms, begin_ms + 20_000, 1000))

    asyncio.run(scenario())
