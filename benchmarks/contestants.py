"""Who takes the workload from the broker into a store: our collector, and what people would use instead."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar
from urllib.request import urlopen

from servers.brokers import BrokerServer
from servers.processes import accepts, free_port, until

from benchmarks import nodered, workload
from benchmarks.stores import DATABASE, InfluxDB, VictoriaMetrics, running_influxdb, running_victoria_metrics

START_S = 60.0


class Contestant(ABC):
    """One process under test, with a fresh store.

    Attributes:
        name: For the table.
        form: What it reads, ``sparkplug`` or ``json``.
        share: How much of the workload it is given; the slow ones get less, so that all take about as long.
        process: The process.
    """

    name: ClassVar[str]
    form: ClassVar[str] = "json"
    share: ClassVar[float] = 1.0
    process: subprocess.Popen[bytes]

    @abstractmethod
    def start(self, stack: ExitStack, folder: Path, broker: BrokerServer) -> None:
        """Start store and process; what has to end is pushed on the stack. Returns when messages may come."""

    @abstractmethod
    def taken(self) -> int:
        """Values that the store has acknowledged; cheap enough to be asked many times a second."""

    @abstractmethod
    def stored(self, since_ms: int) -> int:
        """Values since an instant (UTC ms) that the store really holds, counted there."""

    def _run(self, stack: ExitStack, folder: Path, command: Sequence[str]) -> None:
        log = stack.enter_context((folder / "contestant.log").open("wb"))
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        stack.callback(self._stop)

    def _stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _until_said(self, folder: Path, text: str) -> None:
        log = folder / "contestant.log"
        until(lambda: text in log.read_text(errors="replace"), f"{self.name} says '{text}'", START_S)


class OurCollector(Contestant):
    """A process that serves our collector's metrics on `port`."""

    form = "sparkplug"
    port: int

    def metric(self, name: str) -> float:
        """One of its own figures; 0 before it answers."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
                found = re.search(rf"^{name} (\S+)", answer.read().decode(), re.MULTILINE)
        except urllib.error.URLError:
            return 0.0
        return float(found[1]) if found else 0.0

    def taken(self) -> int:
        """See `Contestant.taken`: its own word, which `stored` checks."""
        return int(self.metric("collector_written_readings_total"))

    def _until_online(self) -> None:
        until(lambda: self.metric("collector_online") == 1, f"{self.name} is online", START_S)


def _model(folder: Path) -> Path:
    path = folder / "model.yaml"
    path.write_text(workload.model())
    return path


class Collector(OurCollector):
    """Our collector with everything on, as its command starts it, in front of InfluxDB."""

    name = "collector"

    def start(self, stack: ExitStack, folder: Path, broker: BrokerServer) -> None:
        """See `Contestant.start`."""
        self.store: InfluxDB = stack.enter_context(running_influxdb(folder, policy="raw"))
        self.port, data = free_port(), folder / "data"
        data.mkdir()
        options = {
            "broker": broker.address,
            "historian": self.address,
            "model": _model(folder),
            "data": data,
            "host-id": workload.HOST,
            "service-port": self.port,
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        self._run(stack, folder, [sys.executable, "-m", "collectors", *arguments])
        self._until_online()

    @property
    def address(self) -> str:
        """Of its historian."""
        return f"influxdb://127.0.0.1:{self.store.server.port}/{DATABASE}"

    def stored(self, since_ms: int) -> int:
        """See `Contestant.stored`."""
        return self.store.values(since_ms)


class EmbeddedCollector(OurCollector):
    """Our collector with a DuckDB file, in one process with a reader; stop it to learn what that has seen."""

    name = "embedded collector"

    def start(self, stack: ExitStack, folder: Path, broker: BrokerServer) -> None:
        """See `Contestant.start`."""
        self.port, self.folder = free_port(), folder / "data"
        self.folder.mkdir()
        arguments = [str(broker.port), str(_model(folder)), str(self.folder), str(self.port)]
        self._run(stack, folder, [sys.executable, "-m", "benchmarks.embedded", *arguments])
        self._until_online()

    def stored(self, since_ms: int) -> int:
        """See `Contestant.stored`; nobody else may look into the file."""
        raise NotImplementedError


class Tutorial(Contestant):
    """paho's callback, JSON, `Point`, the batching `WriteApi`."""

    shape: ClassVar[str]

    def start(self, stack: ExitStack, folder: Path, broker: BrokerServer) -> None:
        """See `Contestant.start`."""
        self.store: VictoriaMetrics = stack.enter_context(running_victoria_metrics(folder))
        command = [sys.executable, "-m", "benchmarks.tutorial", str(broker.port), self.store.url, self.shape]
        self._run(stack, folder, command)
        self._until_said(folder, "ready")

    def taken(self) -> int:
        """See `Contestant.taken`."""
        return self.store.roughly()

    def stored(self, since_ms: int) -> int:  # noqa: ARG002 - the store was empty
        """See `Contestant.stored`."""
        return self.store.roughly()


class WideTutorial(Tutorial):
    """One `Point` of each message."""

    name = "(a) tutorial, a Point a message"
    shape = "wide"


class NarrowTutorial(Tutorial):
    """One `Point` of each metric."""

    name = "(a) tutorial, a Point a metric"
    shape = "narrow"
    share = 0.2


class NodeRed(Contestant):
    """Node-RED with a flow of three nodes."""

    name = "(c) Node-RED"

    def __init__(self, installation: Path) -> None:
        self.installation = installation

    def start(self, stack: ExitStack, folder: Path, broker: BrokerServer) -> None:
        """See `Contestant.start`."""
        self.store: InfluxDB = stack.enter_context(running_influxdb(folder))
        self.store.create()
        port, own = free_port(), folder / "node-red"
        own.mkdir()
        command = nodered.command(self.installation, own, port, broker.port, self.store.server.port, DATABASE)
        self._run(stack, folder, command)
        until(lambda: accepts(port), "Node-RED answers", START_S)
        self._until_said(folder, "Connected to broker")

    def taken(self) -> int:
        """See `Contestant.taken`."""
        return self.store.roughly()

    def stored(self, since_ms: int) -> int:
        """See `Contestant.stored`."""
        return self.store.values(since_ms)
