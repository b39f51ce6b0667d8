"""The load generator on a real broker: an independent host reads what it says it sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from fleets import Ear, listening
from links import until
from servers.brokers import BrokerServer

from plant.clock import now_ms
from plant.errors import BrokerUnavailableError
from plant.mqtt.address import BrokerAddress
from plant.sparkplug.host import Birth, Data, NodeOffline, NodeOnline, Rejected, SequenceGap
from plant.sparkplug.topic import NodeId
from simulators.load import generator as generator_module
from simulators.load.config import LoadConfig
from simulators.load.generator import LoadGenerator
from simulators.load.report import LoadProgress, LoadReport, verdict


def ignore(_progress: LoadProgress) -> None:
    """Nobody looks on."""


def of(events: Iterable[Any], kind: type[Any]) -> list[Any]:
    """Events of one class."""
    return [event for event in events if isinstance(event, kind)]


def shortest(ear: Ear) -> int:
    """Values in the shortest DATA message."""
    return min(len(data.reading.live.values) for data in of(ear.outputs, Data))


@pytest.mark.broker
@pytest.mark.parametrize("devices", [0, 1, 4])
def test_every_value_that_it_reports_is_decoded_by_a_host(mosquitto: BrokerAddress, devices: int) -> None:
    """Births, values and deaths are valid Sparkplug: no gap, nothing refused, counts equal, all values different."""
    config = LoadConfig(mosquitto, nodes=20, metrics=40, rate=4_000.0, seconds=1.5, devices=devices)

    async def scenario() -> tuple[Ear, LoadReport]:
        async with listening(mosquitto, groups=("load",)) as ear:
            report = await LoadGenerator(config, now_ms).run(asyncio.Event(), ignore)
            await until(lambda: len(ear.of_kind(NodeOffline)) == 20, "all nodes have said goodbye")
        return ear, report

    ear, report = asyncio.run(scenario())
    print(verdict(report), report)
    assert report.values > 0
    assert ear.data_points == report.values
    assert len(of(ear.outputs, Data)) == report.messages
    assert ear.session.rejected == Counter()
    assert of(ear.outputs, SequenceGap) == of(ear.outputs, Rejected) == []
    assert len(of(ear.outputs, NodeOnline)) == report.births == 20
    births = [birth for birth in of(ear.outputs, Birth) if birth.table.rows]
    assert sum(len(birth.table.rows) for birth in births) == 20 * 40
    assert shortest(ear) == report.values_per_message
    assert len(ear.points) == report.values + 20 * 40, "no value of a metric shares its source time with another"
    assert report.held_back == report.away == report.connections_lost == 0


@pytest.mark.broker
def test_a_node_that_is_asked_is_born_again_with_present_values(mosquitto: BrokerAddress) -> None:
    """A rebirth tells what the last message told, and sequence numbers begin again without a gap."""
    config = LoadConfig(mosquitto, nodes=2, metrics=10, rate=200.0)
    node = NodeId("load", "node-1")

    async def scenario() -> Ear:
        stop = asyncio.Event()
        async with listening(mosquitto, groups=("load",)) as ear:
            task = asyncio.create_task(LoadGenerator(config, now_ms).run(stop, ignore))
            await until(lambda: ear.data_points > 50, "values")
            ear.do(ear.session.request_rebirth(node, now_ms()))
            await until(lambda: ear.topics("DBIRTH").count("spBv1.0/load/DBIRTH/node-1/device-1") == 2, "the birth")
            at = ear.data_points
            await until(lambda: ear.data_points > at + 50, "values go on")
            stop.set()
            assert (await task).births == 3
        return ear

    ear = asyncio.run(scenario())
    assert of(ear.outputs, SequenceGap) == []
    births = [birth for birth in of(ear.outputs, Birth) if str(birth.source) == "load/node-1/device-1"]
    first, again = (birth.reading.live.values for birth in births)
    assert all(value == 100.0 for value in first)
    assert all(value != 100.0 for value in again)


@pytest.mark.broker
def test_a_broker_that_goes_away_is_counted_and_come_back_to(mosquitto_server: BrokerServer) -> None:
    """Lost connections are told in the report, what was due meanwhile counts as not sent, and nodes are born again."""
    config = LoadConfig(mosquitto_server.address, nodes=5, metrics=10, rate=100.0)

    async def scenario() -> LoadReport:
        stop = asyncio.Event()
        generator = LoadGenerator(config, now_ms)
        task = asyncio.create_task(generator.run(stop, ignore))
        await until(lambda: all(node.born for node in generator.nodes), "all born")
        await asyncio.to_thread(mosquitto_server.kill)
        await until(lambda: not any(node.born for node in generator.nodes), "all away")
        await asyncio.to_thread(mosquitto_server.start)
        await until(lambda: all(node.born for node in generator.nodes), "all back")
        stop.set()
        return await task

    report = asyncio.run(scenario())
    assert report.connections_lost == 5
    assert report.births == 10
    assert report.away > 0


@pytest.mark.broker
def test_a_primary_host_gates_the_births(mosquitto: BrokerAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --primary-host nothing is published before that host is online; if it never is, that is said."""
    config = LoadConfig(mosquitto, nodes=2, metrics=4, rate=8.0, seconds=0.5, primary_host="collector-1")
    monkeypatch.setattr(generator_module, "BIRTH_TIMEOUT_S", 0.5)

    async def scenario() -> None:
        with pytest.raises(BrokerUnavailableError, match="host 'collector-1' is not online"):
            await LoadGenerator(config, now_ms).run(asyncio.Event(), ignore)
        async with listening(mosquitto, groups=("load",)):
            assert (await LoadGenerator(config, now_ms).run(asyncio.Event(), ignore)).values > 0

    asyncio.run(scenario())


def test_a_broker_that_is_not_there_is_said(free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, after a while."""
    monkeypatch.setattr(generator_module, "BIRTH_TIMEOUT_S", 0.3)
    config = LoadConfig(BrokerAddress("127.0.0.1", free_port()), nodes=2, metrics=4, rate=8.0)
    with pytest.raises(BrokerUnavailableError, match="no broker answers at"):
        asyncio.run(LoadGenerator(config, now_ms).run(asyncio.Event(), ignore))
