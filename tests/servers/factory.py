"""The whole system as a user starts it: ``factory up`` in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from servers.processes import free_port, until

from plant.mqtt.address import BrokerAddress


@dataclass(frozen=True, slots=True)
class Factory:
    """A running `factory up`."""

    process: subprocess.Popen[bytes]
    port: int
    broker: BrokerAddress
    data: Path

    @property
    def url(self) -> str:
        """Of the first page."""
        return f"http://127.0.0.1:{self.port}"

    def health(self) -> dict[str, Any]:
        """The report of ``/healthz?detail=1``; empty while nothing answers or not all is well."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz?detail=1", timeout=2) as answer:
                return dict(json.load(answer))
        except (URLError, OSError):
            return {}

    def said(self) -> str:
        """What it has printed."""
        return (self.data / "up.out").read_text(errors="replace")

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


def start(data: Path, *options: str, **environment: str) -> Factory:
    """Start it on free ports; returns when all sites are live."""
    data.mkdir(parents=True, exist_ok=True)
    port, broker = free_port(), free_port()
    command = [sys.executable, "-m", "factory", "up", "--port", str(port), "--data", str(data), *options]
    with (data / "up.out").open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=os.environ | {"FACTORY_BROKER_PORT": str(broker)} | environment,
        )
    factory = Factory(process, port, BrokerAddress("127.0.0.1", broker), data)

    def live() -> bool:
        assert process.poll() is None, f"factory up ended: {factory.said()}"
        health = factory.health()
        return bool(health) and health["sites_live"] == health["sites"] and health["tags"] > 0

    try:
        until(live, "all sites are live", 120)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return factory
