"""The control channel over a real broker."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from links import Probe, running, until

from plant.clock import now_ms
from plant.errors import BadInputError, BrokerUnavailableError, ConfigurationError, FactoryError
from plant.mqtt.address import BrokerAddress
from simulators.control import channel as channel_module
from simulators.control import claim as claim_module
from simulators.control import client as client_module
from simulators.control.channel import ControlChannel
from simulators.control.client import Console, console
from simulators.control.messages import (
    Action,
    Inject,
    NodePhase,
    NodeRow,
    Recover,
    Request,
    Status,
    Switch,
    decode_result,
    decode_status,
    encode,
)
from simulators.control.topics import ANY_STATUS, ControlTopics

ROW = NodeRow("alpha", "gw-1", NodePhase.BORN, 12.5, 1000, 0, 3, 0, 1, {"Execute": 2})


@pytest.fixture(autouse=True)
def _quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules, five times as fast."""
    monkeypatch.setattr(channel_module, "EVERY_S", 0.2)
    monkeypatch.setattr(claim_module, "SILENCE_MS", 500)
    monkeypatch.setattr(client_module, "BROKER_S", 1.0)


class Simulators:
    """Writes down what it is asked; knows one scenario."""

    def __init__(self) -> None:
        self.done: list[Action] = []

    def carry_out(self, action: Action) -> str:
        """One sentence, or a refusal."""
        if isinstance(action, Inject) and action.scenario != "bearing_wear":
            raise BadInputError("unknown", f"there is no scenario '{action.scenario}'")
        self.done.append(action)
        return f"done: {action.action}"

    def status(self) -> Status:
        """One node."""
        return Status("", "", online=True, time=now_ms(), speed=60.0, nodes=(ROW,))


@asynccontextmanager
async def channel(address: BrokerAddress, name: str = "simulators", seed: int = 1) -> AsyncIterator[Simulators]:
    """Simulators that can be steered."""
    plant = Simulators()
    serving = ControlChannel(
        address,
        ControlTopics(name),
        plant.carry_out,
        plant.status,
        clock=now_ms,
        rng=random.Random(seed),
    )
    task = asyncio.create_task(serving.run())
    try:
        yield plant
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.broker
@pytest.mark.parametrize("broker", ["mosquitto", "embedded_broker"])
def test_an_engineer_asks_and_is_answered(broker: str, request: pytest.FixtureRequest) -> None:
    """What is asked is carried out once and answered with a sentence; a refusal says why. On both of our brokers."""
    address: BrokerAddress = request.getfixturevalue(broker)

    async def scenario() -> None:
        async with channel(address) as plant, console(address, now_ms) as desk:
            done = await desk.ask("simulators", Switch("stop", "alpha", "gw-1"))
            assert (done.ok, done.text) == (True, "done: stop")
            refused = await desk.ask("simulators", Inject("earthquake"))
            assert (refused.ok, refused.text) == (False, "there is no scenario 'earthquake'")
            assert plant.done == [Switch("stop", "alpha", "gw-1")]
            assert (await desk.status_of("simulators")).nodes == (ROW,)

    asyncio.run(scenario())


@pytest.mark.broker
def test_requests_that_are_late_kept_or_repeated_are_refused(mosquitto: BrokerAddress) -> None:
    """Whoever publishes the request: retained, expired and repeated ones change nothing and are answered."""
    topics = ControlTopics("simulators")

    async def scenario() -> None:
        probe = Probe([(topics.result, 1), (topics.status, 1)])
        async with running(mosquitto, "outsider", probe) as link:
            fresh = Request("r1", now_ms() + 60_000, Recover())
            link.publish(topics.command, encode(fresh), qos=1, retain=True)
            async with channel(mosquitto) as plant:
                await until(lambda: probe.payloads(topics.status), "a status")
                link.publish(topics.command, encode(replace(fresh, id="r2", expires_at=now_ms())), qos=1)
                for _ in range(2):
                    link.publish(topics.command, encode(replace(fresh, id="r3")), qos=1)
                link.publish(topics.command, b"no request", qos=1)
                await until(lambda: len(probe.payloads(topics.result)) == 4, "four answers")
            results = [decode_result(payload) for payload in probe.payloads(topics.result)]
            assert [(result.id, result.ok) for result in results] == [
                ("r2", False),
                ("r3", True),
                ("r3", False),
                ("", False),
            ]
            assert plant.done == [Recover()]

    asyncio.run(scenario())


@pytest.mark.broker
def test_a_retained_request_of_before_is_not_carried_out(mosquitto: BrokerAddress) -> None:
    """Simulators that start find old requests on the broker and leave them alone."""
    topics = ControlTopics("simulators")

    async def scenario() -> None:
        probe = Probe([(topics.status, 1)])
        async with running(mosquitto, "outsider", probe) as link:
            link.publish(topics.command, encode(Request("r", now_ms() + 60_000, Recover())), qos=1, retain=True)
            async with channel(mosquitto) as plant:
                await until(lambda: probe.payloads(topics.status), "a status")
            assert plant.done == []

    asyncio.run(scenario())


@pytest.mark.broker
def test_the_status_says_when_the_simulators_are_gone(mosquitto: BrokerAddress) -> None:
    """Retained, so that who comes later knows; the last one says that they are gone."""
    topics = ControlTopics("line-4")

    async def scenario() -> None:
        late, probe = Probe([(ANY_STATUS, 1)]), Probe([(ANY_STATUS, 1)])
        async with running(mosquitto, "early", probe):
            async with channel(mosquitto, "line-4"):
                await until(lambda: len(probe.payloads(topics.status)) >= 2, "two statuses")
            await until(lambda: not decode_status(probe.payloads(topics.status)[-1]).online, "the goodbye")
        async with running(mosquitto, "late", late):
            await until(lambda: late.messages, "the kept status")
        (_, payload, retained) = late.messages[0]
        assert retained
        assert not decode_status(payload).online

    asyncio.run(scenario())


@pytest.mark.broker
def test_the_second_process_of_a_name_stands_back_until_the_first_is_gone(mosquitto: BrokerAddress) -> None:
    """One request is never carried out by two; the name goes to who waits for it."""

    async def scenario() -> None:
        async with console(mosquitto, now_ms) as desk:
            async with channel(mosquitto) as first:
                await desk.status_of("simulators")
                async with channel(mosquitto, seed=2) as second:
                    for _ in range(3):
                        assert (await desk.ask("simulators", Recover())).ok
                    assert (len(first.done), len(second.done)) == (3, 0)
            async with channel(mosquitto, seed=3) as third:
                await until(lambda: not desk.online, "the first is gone")
                assert (await desk.ask("simulators", Recover())).ok
                assert third.done == [Recover()]

    asyncio.run(scenario())


@pytest.mark.broker
def test_who_is_not_there_is_said_in_one_sentence(mosquitto: BrokerAddress, free_port: Callable[[], int]) -> None:
    """A wrong name lists those that are there; a wrong broker is named."""

    async def ask(desk: Console, name: str) -> str:
        with pytest.raises(FactoryError) as refusal:
            await desk.status_of(name, within_s=0.1)
        return str(refusal.value)

    async def scenario() -> None:
        async with console(mosquitto, now_ms) as desk:
            assert "start some" in await ask(desk, "line-5")
            async with channel(mosquitto, "line-4"):
                await desk.status_of("line-4")
                assert "there are: line-4; give --name" in await ask(desk, "line-5")
        nowhere = BrokerAddress("127.0.0.1", free_port())
        with pytest.raises(BrokerUnavailableError, match="no broker answers at"):
            async with console(nowhere, now_ms):
                pass

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["", "Line 4", "a/b", "+", "#", "a--b"])
def test_a_name_is_a_topic_level(name: str) -> None:
    """Wildcards and further levels are refused before anything connects."""
    with pytest.raises(ConfigurationError, match="cannot name simulators"):
        ControlTopics(name)
