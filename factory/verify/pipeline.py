"""Run simulated plants at speed through a real broker and a real collector into a real historian, with their truth."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collectors.collector import Collector
from collectors.config import CollectorConfig
from collectors.thread import CollectorThread
from factory.broker import write_config
from factory.instance import free_port, is_free
from plant.alarms.load import rules_file
from plant.clock import now_ms
from plant.errors import FactoryError
from plant.historian.protocol import HOUR_MS, Historian
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.operations.address import operations_url

SPEED = 1000
"""As fast as the machine can: back-pressure caps it."""
ALL_DAYS = 100_000
"""A verified world may lie long ago: nothing in it is too old."""
LOOK_S = 0.5
QUIET_LOOKS = 4
"""So many looks in a row without a message: all that the simulators told has been taken."""
READY_S = 30.0
SETTLE_S = 120.0
"""At the end the collector may take so long to make all minutes that it still owes."""
TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Run:
    """What is simulated.

    Attributes:
        model: Shipped enterprise model or path of a file.
        sites: Slugs.
        scenario: ``NAME``, ``NAME@TIME`` or ``NAME@TIME@UNIT`` as for the simulators' own command line, empty for none.
        start_ms: UTC ms of the world's beginning.
        hours: World time.
        seed: Of the world.
    """

    model: str
    sites: tuple[str, ...]
    scenario: str
    start_ms: int
    hours: float
    seed: int

    @property
    def name(self) -> str:
        """Of the scenario alone."""
        return self.scenario.partition("@")[0]

    @property
    def end_ms(self) -> int:
        """UTC ms."""
        return self.start_ms + round(self.hours * HOUR_MS)


def simulate(
    run: Run, enterprise: Enterprise, historian: Historian, folder: Path, meanwhile: Callable[[float], None]
) -> None:
    """All that happens, collected into the historian; the truth lies in `folder` / `TRUTH`.

    Args:
        run: What is simulated.
        enterprise: Its model.
        historian: Open and empty.
        folder: Empty, for everything else that is written.
        meanwhile: Told again and again the share of the world time that is done, 0 to 1.

    Raises:
        FactoryError: A part did not come up, or the simulators or the collector failed.
    """
    address = BrokerAddress("127.0.0.1", free_port())
    with _broker(address, folder), _collector(run, enterprise, address, historian, folder) as thread:
        _simulate(run, address, folder, thread, meanwhile)
        _wait_until_quiet(thread.collector)


@contextmanager
def _broker(address: BrokerAddress, folder: Path) -> Iterator[None]:
    config = write_config(folder / "broker.toml", address)
    with _child(["factory.broker", str(config)], folder / "broker.log"):
        _wait(lambda: not is_free(address.host, address.port), "the broker")
        yield


@contextmanager
def _collector(
    run: Run, enterprise: Enterprise, address: BrokerAddress, historian: Historian, folder: Path
) -> Iterator[CollectorThread]:
    host = enterprise.site(run.sites[0]).primary_host
    config = CollectorConfig(
        address,
        host,
        run.sites,
        raw_days=ALL_DAYS,
        operations=operations_url("", folder),
        alarms=rules_file(run.model),
        settle_s=SETTLE_S,
    )
    tags = TagTable(enterprise)
    thread = CollectorThread(Collector(config, enterprise, tags, historian, now_ms, random.Random()))
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


def _simulate(
    run: Run, address: BrokerAddress, folder: Path, collector: CollectorThread, meanwhile: Callable[[float], None]
) -> None:
    """Until the world has come to its end; without a collector edge nodes would wait for ever."""
    port = free_port()
    begin, end = (datetime.fromtimestamp(at / 1000, UTC).isoformat() for at in (run.start_ms, run.end_ms))
    scenario = ["--scenario", run.scenario] if run.scenario else []
    options = {
        "--model": run.model,
        "--sites": ",".join(run.sites),
        "--broker": str(address),
        "--speed": str(SPEED),
        "--seed": str(run.seed),
        "--from": begin,
        "--to": end,
        "--data": str(folder),
        "--truth": str(folder / TRUTH),
        "--service-port": str(port),
    }
    arguments = ["simulators", *(part for option in options.items() for part in option), *scenario]
    with _child(arguments, folder / "simulators.log") as process:
        while process.poll() is None:
            if not collector.alive:
                raise FactoryError(f"the collector has ended: {collector.error!r}")
            meanwhile(max(0.0, (_world_ms(port, run.start_ms) - run.start_ms) / (run.end_ms - run.start_ms)))
            time.sleep(LOOK_S)
    if process.returncode != 0:
        raise FactoryError(f"the simulators ended with {process.returncode}: {_last_words(folder / 'simulators.log')}")
    meanwhile(1.0)


def _last_words(log: Path) -> str:
    """Of a process; the frames that are drawn around a traceback are none."""
    said = [line.strip(" |+-") for line in log.read_text(encoding="utf-8").splitlines()]
    return next((line for line in reversed(said) if line), "")


def _world_ms(port: int, otherwise: int) -> int:
    with suppress(OSError, ValueError, KeyError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        return int(json.loads(answer.read())["world_ms"])
    return otherwise


def _wait_until_quiet(collector: Collector) -> None:
    """Everything that was sent has arrived: no message has come for a while. Stopping makes it durable."""
    quiet, before = 0, -1
    while quiet < QUIET_LOOKS:
        time.sleep(LOOK_S)
        now = collector.counts.messages
        quiet = quiet + 1 if now == before else 0
        before = now


@contextmanager
def _child(arguments: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One of our modules as a process that ends with us."""
    command = [sys.executable, "-m", "factory.child", *arguments]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out) as process,  # noqa: S603 - our own modules
    ):
        try:
            yield process
        finally:
            process.terminate()


def _wait(ready: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + READY_S
    while not ready():
        if time.monotonic() > until:
            raise FactoryError(f"{what} did not come up in {READY_S:.0f} s; see its log")
        time.sleep(LOOK_S)
