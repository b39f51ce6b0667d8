"""Children are kept alive and ended in order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.processes import accepts, until

from factory.broker import write_config
from factory.supervisor import Backoff, Child, ChildFailedError, Supervisor
from plant.mqtt.address import BrokerAddress


def broker_child(folder: Path, port: int) -> Child:
    """The embedded broker: the simplest real child."""
    config = write_config(folder / "rumqttd.toml", BrokerAddress("127.0.0.1", port))

    async def ready() -> bool:
        return accepts(port)

    return Child("broker", ["factory.broker", str(config)], ready)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=30))
def test_backoff_grows_to_a_bound_and_forgives_after_a_calm_life(lives: list[float]) -> None:
    """Delays stay between the first and the most; a child that lived long enough starts from the first again."""
    backoff, failures = Backoff(), 0
    for lived in lives:
        failures = backoff.failures(failures, lived)
        assert backoff.first_s <= backoff.delay(failures) <= backoff.most_s
        if lived >= backoff.calm_s:
            assert backoff.delay(failures) == backoff.first_s


def test_a_killed_child_comes_back_and_people_are_told(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """A child that dies is started again after a delay; both are said in one sentence each."""
    port, said = free_port(), []

    async def scenario() -> None:
        supervisor = Supervisor(tmp_path / "logs", os.environ, said.append, Backoff(first_s=0.05))
        await supervisor.start(broker_child(tmp_path, port))
        first = supervisor.processes["broker"]
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(20):
            while not any("is back" in line for line in said):
                await asyncio.sleep(0.02)
        assert supervisor.processes["broker"] != first
        await supervisor.stop()

    asyncio.run(scenario())
    assert said == ["broker ended with code -9, starting it again in 0.05 s", "broker is back"]
    assert not accepts(port)


def test_a_child_that_never_comes_up_is_an_error_with_its_log(tmp_path: Path) -> None:
    """The start fails with the name of the log, and nothing is left running."""

    async def never() -> bool:
        return False

    async def scenario() -> None:
        supervisor = Supervisor(tmp_path / "logs", os.environ, lambda _: None)
        try:
            await supervisor.start(Child("broker", ["factory.broker", str(tmp_path / "missing.toml")], never))
        finally:
            await supervisor.stop()

    with pytest.raises(ChildFailedError, match=r"broker ended with code -?\d+; see .*broker\.log"):
        asyncio.run(scenario())


def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """Killing the parent (-9) leaves no orphan: the child notices that its input has ended."""
    port = free_port()
    config = write_config(tmp_path / "rumqttd.toml", BrokerAddress("127.0.0.1", port))
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-m', 'factory.child', 'factory.broker', {str(config)!r}],"
        " stdin=subprocess.PIPE)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    until(lambda: accepts(port), "the broker listens")
    parent.kill()
    parent.wait()
    until(lambda: not accepts(port), "the broker has ended")


def test_stop_ends_all_within_its_budget(tmp_path: Path, free_port: Callable[[], int]) -> None:
    """All children are gone when stop returns."""
    ports = [free_port(), free_port()]

    async def scenario() -> None:
        supervisor = Supervisor(tmp_path / "logs", os.environ, lambda _: None)
        for number, port in enumerate(ports):
            folder = tmp_path / str(number)
            folder.mkdir()
            child = broker_child(folder, port)
            await supervisor.start(Child(f"broker-{number}", child.arguments, child.ready))
        await supervisor.stop()
        assert not supervisor.processes

    asyncio.run(scenario())
    assert not any(accepts(port) for port in ports)
