"""The collector as a process that a test may end in every way and start again."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from os import environ
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from faults.account import Account, account
from faults.fleet import StoringFleet
from processing import page
from servers.processes import Server, free_port, until

from benchmarks import workload
from plant.historian.open import open_historian
from plant.historian.protocol import Historian, Retention
from plant.model.load import load
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress

MIB = 1 << 20


class CollectorProcess(Server):
    """``python -m collectors`` with the benchmarks' model; a context manager that starts it, and kills it at the end.

    Args:
        folder: For its data, model and log.
        broker: Where it connects.
        historian: Address of its historian; empty is a DuckDB file in ``folder / "data"``.
        sites: Sites that it serves.
        environment: Further settings, by their variables.
    """

    def __init__(
        self,
        folder: Path,
        broker: BrokerAddress,
        historian: str = "",
        sites: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        port = free_port()
        self.historian = historian
        self.data, self.model = folder / "data", folder / "model.yaml"
        self.data.mkdir(exist_ok=True)
        self.model.write_text(workload.model())
        options = {
            "broker": broker,
            "historian": historian,
            "model": self.model,
            "data": self.data,
            "sites": sites,
            "host-id": workload.HOST,
            "service-port": port,
        }
        command = [sys.executable, "-m", "collectors", *(f"--{name}={value}" for name, value in options.items())]
        super().__init__(command, port, folder, {**environ, **(environment or {})})

    def start(self) -> None:
        """Start it; returns when it is announced as a host."""
        super().start()
        until(lambda: self.metric("collector_online") == 1, f"the collector is online: {self.tail()}", 60.0)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def system(self) -> psutil.Process:
        """As the operating system sees it."""
        assert self.process is not None
        return psutil.Process(self.process.pid)

    @property
    def memory_mib(self) -> float:
        """Resident memory."""
        return float(self.system.memory_info().rss) / MIB

    @property
    def spool(self) -> Path:
        """Its spool."""
        return self.data / f"spool-{workload.HOST}.sqlite"

    def metric(self, name: str) -> float:
        """One of its figures, with its labels if it has any; 0 before it is there."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", page(self.port, "/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else 0.0

    def rejected(self, reason: str) -> int:
        """How much bad input of one kind it has counted."""
        return int(self.metric(f'collector_rejected_total{{reason="{reason}"}}'))

    def health(self) -> dict[str, Any]:
        """What it tells of itself; empty while it does not answer."""
        body: dict[str, Any] = json.loads(page(self.port, "/healthz?detail=1")[1] or "{}")
        return body.get("collector", {})

    def until_written(self) -> None:
        """Wait until nothing waits for the historian."""
        until(lambda: self.health().get("pending", 1) == 0, f"nothing waits: {self.tail()}", 120.0)

    @contextmanager
    def reading(self) -> Iterator[tuple[Historian, TagTable]]:
        """Its historian, opened by the test; a DuckDB file only while the collector is stopped."""
        tags = TagTable(load(str(self.model)))
        with closing(open_historian(self.historian, tags, self.data, Retention())) as historian:
            yield historian, tags

    def counted(self, fleet: StoringFleet) -> Account:
        """What of all that a fleet has told is in its historian."""
        with self.reading() as (historian, tags):
            return account(historian, tags, fleet.grid, fleet.steps, fleet.born_with)
