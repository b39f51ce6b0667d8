"""``python -m simulators`` as a process: how it ends, what it keeps, what it says."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from fleets import TINY, Ear, listening
from links import until

from plant.mqtt.address import BrokerAddress
from plant.sparkplug.host import NodeOnline
from simulators.__main__ import main


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "simulators", "--model", str(TINY), *arguments]


@contextmanager
def simulators(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A running process; killed if it is still there at the end."""
    process = subprocess.Popen(
        command(*arguments),
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


async def all_born(ear: Ear, times: int = 1) -> None:
    await until(lambda: len(ear.of_kind(NodeOnline)) == 3 * times, "all born", timeout_s=60)
    await until(lambda: ear.topics("DDATA"), "data", timeout_s=60)


@pytest.mark.broker
def test_a_killed_simulator_leaves_its_wills(mosquitto: BrokerAddress) -> None:
    """After SIGKILL the broker publishes the NDEATH of every edge node."""

    async def scenario() -> Ear:
        async with listening(mosquitto) as ear:
            with simulators("--broker", str(mosquitto)) as process:
                await all_born(ear)
                assert ear.topics("NDEATH") == []
                process.kill()
                await until(lambda: len(ear.topics("NDEATH")) == 3, "three deaths")
        return ear

    asyncio.run(scenario())


@pytest.mark.broker
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_simulator_says_goodbye_and_keeps_its_world(
    mosquitto: BrokerAddress, tmp_path: Path, number: signal.Signals
) -> None:
    """SIGTERM and Ctrl-C end it with a death a node and exit code 0; the next start goes on where it stopped."""

    async def scenario() -> Ear:
        async with listening(mosquitto) as ear:
            for times in (1, 2):
                with simulators("--broker", str(mosquitto), "--data", str(tmp_path)) as process:
                    await all_born(ear, times)
                    process.send_signal(number)
                    began = time.monotonic()
                    await until(lambda process=process: process.poll() is not None, "the end")
                    print(f"{number.name}: ended after {time.monotonic() - began:.2f} s")
                    assert process.returncode == 0
                await until(lambda times=times: len(ear.topics("NDEATH")) == 3 * times, "three deaths")
        return ear

    ear = asyncio.run(scenario())
    assert {birth.bd_seq for birth in ear.of_kind(NodeOnline)} == {0, 1}
    assert (tmp_path / "world.npz").exists()
    totals: dict[str, list[tuple[int, float]]] = {}
    for path, at, value in ear.points:
        if path.endswith("good_total") and isinstance(value, float):
            totals.setdefault(path, []).append((at, value))
    for points in totals.values():
        counted = [value for _, value in sorted(points)]
        assert counted == sorted(counted), "a counter goes on after the restart"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sites", "gamma"], "the model has no site 'gamma'; choose from alpha, beta"),
        (["--broker", "http://x"], "'http://x' is no broker address"),
        (["--speed", "2000"], "setting 'speed'"),
        (["--speed", "0.5"], "speed 0.5 cannot be run"),
        (["--from", "24h"], "needs --speed above 1"),
        (["--from", "yesterday", "--speed", "10"], "'yesterday' is no time"),
        (["--from", "2026-01-01T00:00", "--speed", "10"], "'2026-01-01T00:00' is no time"),
        (["--from", "1h", "--speed", "10", "--resume", "x"], "give one of them"),
        (["--resume", "missing.npz"], "there is no saved world in missing.npz"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_1(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong is said before anything connects."""
    monkeypatch.setattr(sys, "argv", command(*arguments)[2:])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert says in said[0]


def test_list_shows_sites_nodes_and_metrics(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--list`` needs no broker."""
    monkeypatch.setattr(sys, "argv", command("--list")[2:])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["site", "name", "edge", "nodes", "units", "metrics"]
    assert [row[0] for row in rows[1:]] == ["alpha", "beta"]


@pytest.mark.broker
def test_settings_come_from_the_environment(mosquitto: BrokerAddress, free_port: Callable[[], int]) -> None:
    """The variables of the settings table configure it, and JSON logs are one object a line."""
    environment = {
        "FACTORY_BROKER": str(mosquitto),
        "FACTORY_SITES": "beta",
        "FACTORY_SERVICE_PORT": str(free_port()),
        "FACTORY_LOG_FORMAT": "json",
    }

    async def scenario() -> str:
        async with listening(mosquitto) as ear:
            with simulators(**environment) as process:
                await until(lambda: ear.of_kind(NodeOnline), "the birth", timeout_s=60)
                reader, writer = await asyncio.open_connection("127.0.0.1", int(environment["FACTORY_SERVICE_PORT"]))
                writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
                metrics = (await reader.read()).decode()
                writer.close()
                process.terminate()
                _, log = await asyncio.to_thread(process.communicate)
            assert [str(online.node) for online in ear.of_kind(NodeOnline)] == ["beta/plant"]
        assert "simulators_nodes 1.0" in metrics
        return log

    for line in asyncio.run(scenario()).splitlines():
        assert orjson.loads(line)["level"] in {"info", "warning"}
