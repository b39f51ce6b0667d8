"""An engineer's journey from the command line, read from nothing but what is published."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from fleets import Ear, listening
from links import until

from plant.mqtt.address import BrokerAddress
from plant.packml import State

BEGIN = "2025-06-02T05:00Z"
"""A fixed moment long ago: with a fixed seed the story is the same whenever the test runs."""
SITES = ("saratov", "chelyabinsk")
MILL, CALCINER = "saratov/binder-1/mill", "saratov/binder-1/calciner"
PATIENCE_S = 120.0


def command(broker: BrokerAddress, *arguments: str) -> list[str]:
    """A command line."""
    return [sys.executable, "-m", "simulators", *arguments, "--broker", str(broker)]


@contextmanager
def simulators(broker: BrokerAddress, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Running simulators; killed if they are still there at the end."""
    process = subprocess.Popen(command(broker, *arguments), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@dataclass
class Engineer:
    """Types commands and reads what the plants publish."""

    broker: BrokerAddress
    ear: Ear

    async def types(self, *arguments: str) -> str:
        """The output of a command, which must succeed."""
        done = await asyncio.to_thread(
            subprocess.run, command(self.broker, *arguments), check=True, capture_output=True, text=True
        )
        return str(done.stdout)

    async def status(self) -> dict[str, Any]:
        """What ``watch --json`` says of the only simulators."""
        (status,) = orjson.loads(await self.types("watch", "--json", "--name", "simulators"))["simulators"]
        return dict(status)

    def series(self, path: str) -> list[tuple[int, float]]:
        """Source times and values of a metric so far, in order of time."""
        return sorted((at, float(value)) for name, at, value in self.ear.points if name == path)

    def last(self, path: str) -> float:
        """The newest value."""
        return self.series(path)[-1][1]

    async def sees(self, path: str, condition: Callable[[float], bool], after_ms: int = 0) -> int:
        """Wait for a value after a source time; returns the source time of the first such value, UTC ms."""

        def when() -> int:
            return next((at for at, value in self.series(path) if at > after_ms and condition(value)), 0)

        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + PATIENCE_S
        while not when():
            assert loop.time() < deadline_s, f"{path} within {PATIENCE_S:g} s: {self.series(path)[-5:]}"
            await asyncio.sleep(0.3)
        return when()

    async def sees_state(self, unit: str, state: State, after_ms: int = 0) -> int:
        """Wait for a PackML state of a unit."""
        return await self.sees(f"{unit}/state", lambda code: code == state, after_ms)


@pytest.mark.broker
def test_a_worn_bearing_stops_a_mill_starves_the_line_and_is_mended(mosquitto: BrokerAddress) -> None:
    """Two sites at speed 60, a bearing wears: vibration rises, a mill aborts, its calciner starves, all recover.

    The scenario is played in 0.28 of its length, and once vibration is seen to rise the replay is made faster.
    """

    async def journey(ear: Ear) -> None:
        engineer = Engineer(mosquitto, ear)
        await until(lambda: ear.topics("DDATA"), "data", timeout_s=PATIENCE_S)
        await until(
            lambda: {topic.split("/")[1] for topic in ear.topics("NBIRTH")} == {"saratov", "chelyabinsk"}, "births"
        )
        before = engineer.last(f"{MILL}/vibration")
        said = await engineer.types("inject", "bearing_wear", "--site", "saratov", "--set", "stretch=0.28")
        assert said.startswith("bearing_wear-1 begins at 2025-06-02")
        assert "Vibration climbs" in said
        risen_ms = await engineer.sees(f"{MILL}/vibration", lambda value: value > 1.5 * before)
        status = await engineer.status()
        assert 0 < status["speed"] <= 61
        assert [each["id"] for each in status["injections"]] == ["bearing_wear-1"]
        await engineer.types("speed", "400")
        aborted_ms = await engineer.sees_state(MILL, State.ABORTED, risen_ms)
        starved_ms = await engineer.sees_state(CALCINER, State.SUSPENDED, aborted_ms)
        mended_ms = await engineer.sees_state(MILL, State.EXECUTE, aborted_ms)
        assert starved_ms < mended_ms, "the line starves while the mill is being mended"
        running_ms = await engineer.sees_state(CALCINER, State.EXECUTE, starved_ms)
        assert running_ms > mended_ms, "the calciner goes on when there is stone again"
        peak = max(value for at, value in engineer.series(f"{MILL}/vibration") if at < aborted_ms)
        calm_ms = await engineer.sees(f"{MILL}/vibration", lambda value: 0.5 * before < value < before, mended_ms)
        assert peak > 2 * before
        others = {value for at, value in engineer.series("chelyabinsk/binder-1/mill/state") if at <= calm_ms}
        assert State.ABORTED not in others, "the other site has no part in it"

    async def scenario() -> None:
        began_s = time.monotonic()
        async with listening(mosquitto, groups=SITES) as ear:
            options = ["--sites", ",".join(SITES), "--speed", "60", "--scan", "10", "--from", BEGIN]
            with simulators(mosquitto, *options, "--log-level", "error") as process:
                await journey(ear)
                process.send_signal(signal.SIGTERM)
                await until(lambda: process.poll() is not None, "the end")
                assert process.returncode == 0
        print(f"the journey took {time.monotonic() - began_s:.0f} s")

    asyncio.run(scenario())
