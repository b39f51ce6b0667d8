"""What requests do to a fleet, and what the status tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from fleets import Ear, KnownWorld, Running, fleet_running, listening, wall_ms
from links import until
from numpy.typing import NDArray

from plant.errors import ConfigurationError
from plant.model.enterprise import Role
from plant.mqtt.address import BrokerAddress
from plant.packml import State
from plant.sparkplug.host import NodeOnline
from simulators.control.messages import Inject, NodePhase, Recover, SetSpeed, Status, Switch
from simulators.control.steering import Steering
from simulators.world.influence import Injection


class StagedWorld(KnownWorld):
    """A known world whose units all execute, and that keeps what is injected."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.played: dict[str, Injection] = {}

    def values(self) -> NDArray[np.float64]:
        """As the known world, but for states."""
        values = super().values()
        values[[tag.index for tag in self.tags if tag.metric.role is Role.STATE]] = State.EXECUTE
        return values

    def inject(self, injection: Injection) -> None:
        """Keep it."""
        self.played[injection.id] = injection

    def recover(self, name: str) -> None:
        """Forget it."""
        del self.played[name]

    def injections(self) -> tuple[Injection, ...]:
        """What is kept."""
        return tuple(self.played.values())


@asynccontextmanager
async def steered(address: BrokerAddress, **options: Any) -> AsyncIterator[tuple[Running, Steering]]:
    """A fleet with a hand on it."""
    async with fleet_running(address, world_of=StagedWorld, **options) as running:
        yield running, Steering(running.world, running.fleet, running.enterprise, wall_ms)


def phases(status: Status) -> dict[str, NodePhase]:
    """Where every edge node stands."""
    return {f"{row.site}/{row.node}": row.phase for row in status.nodes}


@pytest.mark.broker
def test_nodes_go_with_a_death_and_come_back_with_births(mosquitto: BrokerAddress) -> None:
    """Off: NDEATH, nothing more, also at the end of the process. On: births, and what was scanned meanwhile."""

    async def scenario() -> tuple[Ear, Running]:
        async with listening(mosquitto) as ear, steered(mosquitto) as (running, steering):
            await until(lambda: running.born, "all born")
            said = steering.carry_out(Switch("stop", "alpha"))
            assert said.startswith("switching off: alpha/")
            off = [node for node in running.fleet.nodes if node.name.startswith("alpha/")]
            await until(lambda: len(ear.topics("NDEATH")) == len(off), "deaths")
            await until(lambda: not any(node.link.connected for node in off), "connections are closed")
            assert {phases(steering.status())[node.name] for node in off} == {NodePhase.STOPPED}
            assert phases(steering.status())["beta/plant"] in {NodePhase.BORN, NodePhase.REPLAYS}
            at = running.world.steps
            await until(lambda: running.world.steps >= at + 3, "the world goes on")
            for _ in range(2):  # a second time changes nothing
                steering.carry_out(Switch("start", "alpha"))
            await until(lambda: running.born, "all born again")
            journal = set(running.journal)
            await until(lambda: journal <= ear.points, "all that was scanned has arrived")
            steering.carry_out(Switch("stop", "beta", "plant"))
            await until(lambda: phases(steering.status())["beta/plant"] is NodePhase.STOPPED, "off")
        return ear, running

    ear, running = asyncio.run(scenario())
    assert len(ear.of_kind(NodeOnline)) == 2 * len(running.fleet.nodes) - 1


@pytest.mark.broker
def test_off_and_on_at_once_ends_on(mosquitto: BrokerAddress) -> None:
    """Requests are carried out in their order, however quickly they come."""

    async def scenario() -> None:
        async with listening(mosquitto), steered(mosquitto) as (running, steering):
            await until(lambda: running.born, "all born")
            births = running.fleet.status().births
            for action in ("stop", "start", "stop", "start"):
                steering.carry_out(Switch(action, "beta"))
            await until(lambda: running.fleet.status().births > births and running.born, "born again")

    asyncio.run(scenario())


@pytest.mark.broker
def test_the_status_tells_rates_states_and_scenarios(mosquitto: BrokerAddress) -> None:
    """One row a node with what it has published and how its units are."""

    async def scenario() -> None:
        async with steered(mosquitto) as (running, steering):
            await until(lambda: set(phases(steering.status()).values()) == {NodePhase.NO_HOST}, "no host")
            async with listening(mosquitto):
                await until(lambda: set(phases(steering.status()).values()) == {NodePhase.BORN}, "born")
                await until(lambda: min(row.values_per_s for row in steering.status().nodes) > 0, "values flow")
            steering.carry_out(Inject("bearing_wear", targets={"site": "alpha"}))
            status = steering.status()
            assert [(each.id, each.targets) for each in status.injections] == [("bearing_wear-1", {"site": "alpha"})]
            for node, row in zip(running.fleet.nodes, status.nodes, strict=True):
                assert set(row.states) == {"Execute"}
                assert row.births == 1
                assert row.values == node.counts.values
            assert status.values_per_s == running.fleet.status().values_per_s
            assert status.live

    asyncio.run(scenario())


def refusal(steering: Steering, action: Any) -> str:
    """The sentence with which a request is refused."""
    with pytest.raises(ConfigurationError) as refused:
        steering.carry_out(action)
    return str(refused.value)


@pytest.mark.broker
def test_what_cannot_be_done_is_said_in_one_sentence(mosquitto: BrokerAddress) -> None:
    """Unknown places and injections name those that there are; a live world has no speed."""

    async def scenario() -> None:
        async with steered(mosquitto) as (_, steering):
            assert "did you mean 'alpha'" in refusal(steering, Switch("stop", "alfa"))
            assert "'beta' has no edge node 'plan'; did you mean 'plant'" in refusal(
                steering, Switch("stop", "beta", "plan")
            )
            assert "no scenario is being played" in refusal(steering, Recover("x"))
            assert steering.carry_out(Recover()).startswith("nothing to end")
            assert "the world is live" in refusal(steering, SetSpeed(60.0))
            assert "choose 1 to 1000" in refusal(steering, SetSpeed(5_000.0))
            for _ in range(3):
                steering.carry_out(Inject("bearing_wear"))
            assert "did you mean" in refusal(steering, Recover("bearing_wear-4"))
            assert steering.carry_out(Recover("bearing_wear-2")) == "ended: bearing_wear-2"
            assert steering.carry_out(Recover()) == "ended: bearing_wear-1, bearing_wear-3"

    asyncio.run(scenario())


@pytest.mark.broker
def test_a_replay_takes_another_speed(mosquitto: BrokerAddress) -> None:
    """The world goes faster from then on, and the status says how fast it would go."""

    async def scenario() -> None:
        options = {"behind_s": 80_000.0, "speed": 5.0, "start_ms": 0}
        async with listening(mosquitto), steered(mosquitto, **options) as (running, steering):
            await until(lambda: running.born, "all born")
            steering.carry_out(SetSpeed(500.0))
            assert steering.status().asked_speed == 500.0
            began_ms, began_s = running.world.now_ms, asyncio.get_running_loop().time()
            await until(lambda: running.world.now_ms > began_ms + 120_000, "two minutes of the world")
            assert asyncio.get_running_loop().time() - began_s < 120 / 5.0

    asyncio.run(scenario())
