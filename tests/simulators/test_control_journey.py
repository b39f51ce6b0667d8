"""A host steers a simulated plant over a real Mosquitto: it writes, reads back, and sees the plant answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import pytest
from fleets import Ear, listening, wall_ms
from links import until

from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.mqtt.address import BrokerAddress
from plant.packml import State
from plant.sparkplug.topic import Source
from simulators.fleet.config import FleetConfig
from simulators.fleet.fleet import Fleet
from simulators.report import Reporter
from simulators.world.transitions import Command
from simulators.world.world import World

pytestmark = pytest.mark.broker

FORMER, MIXER = Source("minsk", "boards", "former"), Source("minsk", "dry-mix", "mixer")
SPEED, BEHIND_MS, SCAN_MS = 120.0, 6 * 3_600_000, 1_000


class Heard(World):
    """A world that notes when it was written to; without failures, so that only the host stops anything."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed on as they are
        self.written_ms: list[int] = []
        self.state.machines.fails_s[:] = np.inf
        self.state.machines.stops_s[:] = np.inf

    def write(self, tag: int, value: float) -> None:
        """Note, then write."""
        self.written_ms.append(self.now_ms)
        super().write(tag, value)


@dataclass
class Room:
    """A control room: an ear that can write, and the plant behind it."""

    ear: Ear
    world: Heard
    fleet: Fleet
    since_ms: dict[str, int] = field(default_factory=dict)

    def ask(self, device: Source, **writes: float | str) -> None:
        """One DCMD; what is told of its metrics from now on counts as answer."""
        for metric in writes:
            self.since_ms[f"{device}/{metric}"] = self.world.now_ms
        self.ear.do([self.ear.session.command(device, list(writes.items()), wall_ms())])

    def told(self, device: Source, metric: str, since_ms: int = 0) -> list[tuple[int, float | str]]:
        """Times and values of a metric after `since_ms`, in order."""
        path = f"{device}/{metric}"
        return sorted((at, value) for name, at, value in self.ear.points if name == path and at > since_ms)

    async def answer(self, device: Source, metric: str) -> float | str:
        """The first value that is told after the question."""
        since = self.since_ms[f"{device}/{metric}"]
        await until(lambda: self.told(device, metric, since), f"the read-back of {metric}")
        return self.told(device, metric, since)[0][1]

    async def sees(self, device: Source, metric: str, holds: Callable[[float], bool]) -> None:
        """Wait until the newest value is as wanted."""

        def newest() -> bool:
            values = self.told(device, metric)
            return bool(values) and holds(float(values[-1][1]))

        await until(newest, f"{metric} as wanted")

    def states(self, device: Source, since_ms: int) -> list[State]:
        """The states since then, one after the other."""
        values = (int(float(value)) for _, value in self.told(device, "state", since_ms))
        return [State(code) for code, _ in groupby(values)]


@asynccontextmanager
async def control_room(address: BrokerAddress) -> AsyncIterator[Room]:
    """Minsk, some hours ago, going as fast as an engineer's patience asks."""
    enterprise = load("gypsum")
    tags = TagTable(enterprise)
    begin_ms = (wall_ms() - BEHIND_MS) // SCAN_MS * SCAN_MS
    world = Heard(enterprise, tags, text_tags(enterprise), ["minsk"], 7, begin_ms)
    config = FleetConfig("gypsum", address, sites=("minsk",), speed=SPEED, start_ms=begin_ms)
    async with listening(address, groups=("minsk",)) as ear:
        fleet = Fleet(config, enterprise, world, Reporter(tags), clock=wall_ms, rng=random.Random(2))
        stop = asyncio.Event()
        task = asyncio.get_running_loop().create_task(fleet.run(stop, lambda _: None))
        try:
            await until(lambda: all(node.born for node in fleet.nodes), "all born")
            await until(lambda: world.now_ms > begin_ms + 60_000, "a minute of production")
            yield Room(ear, world, fleet)
        finally:
            stop.set()
            await task


def test_the_speed_follows_what_a_host_writes(mosquitto: BrokerAddress) -> None:
    """DCMD, DDATA with the read-back within a scan, and the line, its m2/h and its stucco follow."""

    async def scenario() -> Room:
        async with control_room(mosquitto) as room:
            rate = float(room.told(FORMER, "board_rate")[-1][1])
            speed = float(room.told(FORMER, "line_speed")[-1][1])
            slow = round(0.7 * speed, 1)
            room.ask(FORMER, line_speed_sp=slow)
            assert await room.answer(FORMER, "line_speed_sp") == slow
            at = room.told(FORMER, "line_speed_sp", room.since_ms[f"{FORMER}/line_speed_sp"])[0][0]
            assert 0 < at - room.world.written_ms[0] <= SCAN_MS
            await room.sees(FORMER, "line_speed", lambda value: abs(value - 0.7 * speed) < 0.05 * speed)
            await room.sees(FORMER, "board_rate", lambda value: abs(value - 0.7 * rate) < 0.05 * rate)
            room.ask(FORMER, line_speed_sp=1e6)
            assert await room.answer(FORMER, "line_speed_sp") == slow
        return room

    status = asyncio.run(scenario()).fleet.status()
    assert (status.commands, status.refused) == (1, 1)


def test_commands_go_through_the_states_of_packml(mosquitto: BrokerAddress) -> None:
    """Hold, unhold, stop, reset and start lead through the acting states; start in stopped is refused and reads 0."""

    async def scenario() -> list[State]:
        async with control_room(mosquitto) as room:
            begun_ms = room.world.now_ms
            for asked, ends in (
                (Command.HOLD, State.HELD),
                (Command.UNHOLD, State.EXECUTE),
                (Command.STOP, State.STOPPED),
                (Command.START, State.STOPPED),
                (Command.RESET, State.IDLE),
                (Command.START, State.EXECUTE),
            ):
                taken = (asked, ends) != (Command.START, State.STOPPED)
                room.ask(FORMER, command=int(asked))
                assert await room.answer(FORMER, "command") == (asked if taken else Command.NONE)
                await room.sees(FORMER, "state", lambda value, ends=ends: value == ends)
            return room.states(FORMER, begun_ms)

    seen = asyncio.run(scenario())
    path = [State.HOLDING, State.HELD, State.UNHOLDING, State.EXECUTE, State.STOPPING, State.STOPPED]
    path += [State.RESETTING, State.IDLE, State.STARTING, State.EXECUTE]
    assert seen[seen.index(State.HOLDING) :] == path


def test_one_message_may_write_texts_and_numbers(mosquitto: BrokerAddress) -> None:
    """A recipe and a correction of it in one DCMD are carried out in their order; a text that is none is read back."""

    async def scenario() -> Room:
        async with control_room(mosquitto) as room:
            room.ask(MIXER, recipe="putty-20", lime_mass_sp=33.25)
            assert await room.answer(MIXER, "recipe") == "putty-20"
            assert await room.answer(MIXER, "lime_mass_sp") == 33.25
            room.ask(MIXER, recipe="concrete", lime_mass_sp=40.0)
            assert await room.answer(MIXER, "recipe") == "putty-20"
            assert await room.answer(MIXER, "lime_mass_sp") == 40.0
        return room

    status = asyncio.run(scenario()).fleet.status()
    assert (status.commands, status.refused) == (3, 1)
