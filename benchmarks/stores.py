"""The servers that contestants write into, fresh ones each time, and what they hold."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import orjson
from servers.brokers import BrokerServer, mosquitto
from servers.influxdb import influxdb
from servers.processes import Server, free_port

from benchmarks.workload import METRIC_NAMES, METRICS

DATABASE = "bench"


class InfluxDB:
    """An InfluxDB 1.x; `policy` is where readings go."""

    def __init__(self, server: Server, policy: str) -> None:
        self.server = server
        self.policy = policy

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.port}"

    def create(self) -> None:
        """Make the database, as an administrator would."""
        self._ask(f"CREATE DATABASE {DATABASE}")

    def roughly(self) -> int:
        """Values that it holds if all points are whole: the points, counted by one field. Cheap."""
        return METRICS * sum(self._counts(f'count("{METRIC_NAMES[0]}")', 0))

    def values(self, since_ms: int) -> int:
        """Values that it holds since an instant, every single one counted."""
        return sum(self._counts("count(*)", since_ms))

    def _counts(self, what: str, since_ms: int) -> list[int]:
        source = f'"{self.policy}"."raw"' if self.policy else "raw"
        answer = self._ask(f"SELECT {what} FROM {source} WHERE time >= {since_ms}ms")
        series = answer["results"][0].get("series", [])
        return [
            count
            for each in series
            for name, count in zip(each["columns"], each["values"][0], strict=True)
            if name != "time" and not name.endswith("__q") and count is not None
        ]

    def _ask(self, query: str) -> Any:
        with urlopen(f"{self.url}/query?{urlencode({'db': DATABASE})}", urlencode({"q": query}).encode()) as answer:
            return orjson.loads(answer.read())


class VictoriaMetrics:
    """A VictoriaMetrics, which takes what ``influxdb-client`` writes to a 2.x server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.port}"

    def roughly(self) -> int:
        """Values that it has taken."""
        with urlopen(f"{self.url}/metrics") as answer:
            found = re.search(rb'^vm_rows_inserted_total\{type="influx"\} (\d+)', answer.read(), re.MULTILINE)
        return int(found[1]) if found else 0


@contextmanager
def running_broker(folder: Path) -> Iterator[BrokerServer]:
    """A Mosquitto that drops nothing however far a subscriber lags behind."""
    broker = mosquitto(_made(folder / "broker"))
    config = folder / "broker" / "mosquitto.conf"
    limits = "max_queued_messages 0\nmax_queued_bytes 0\n"
    config.write_text(re.sub(r"max_queued_messages .*\n", limits, config.read_text()))
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@contextmanager
def running_influxdb(folder: Path, policy: str = "") -> Iterator[InfluxDB]:
    """An empty InfluxDB."""
    server = influxdb(_made(folder / "influxdb"))
    server.start()
    try:
        yield InfluxDB(server, policy)
    finally:
        server.stop()


@contextmanager
def running_victoria_metrics(folder: Path) -> Iterator[VictoriaMetrics]:
    """An empty VictoriaMetrics."""
    port, data = free_port(), _made(folder / "victoria-metrics")
    command = ["victoria-metrics", f"-storageDataPath={data / 'data'}", f"-httpListenAddr=127.0.0.1:{port}"]
    server = Server(command, port, data)
    server.start()
    try:
        yield VictoriaMetrics(server)
    finally:
        server.stop()


def is_installed(program: str) -> bool:
    """Whether a program can be started."""
    return shutil.which(program) is not None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
