"""What link tests share: a handler that writes everything down, and waiting for a condition on the loop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will


async def until(condition: Callable[[], object], what: str, timeout_s: float = 15.0) -> None:
    """Let the loop run until the condition holds; AssertionError that names `what` after the time-out."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while not condition():
        assert loop.time() < deadline, f"{what} within {timeout_s:g} s"
        await asyncio.sleep(0.01)


@dataclass
class Probe:
    """A handler that subscribes when connected and keeps what it hears."""

    filters: Sequence[tuple[str, int]] = ()
    wills: Callable[[int], Will | None] = lambda _: None
    events: list[str] = field(default_factory=list)
    messages: list[tuple[str, bytes, bool]] = field(default_factory=list)
    link: Link | None = None
    asked: int = 0

    def will(self) -> Will | None:
        """A new will for each CONNECT."""
        self.asked += 1
        return self.wills(self.asked)

    def on_connected(self) -> None:
        """Subscribe."""
        self.events.append("connected")
        assert self.link is not None
        self.link.subscribe(self.filters)

    def on_subscribed(self) -> None:
        """Write it down."""
        self.events.append("subscribed")

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """Keep it."""
        self.messages.append((topic, payload, retained))

    def on_disconnected(self) -> None:
        """Write it down."""
        self.events.append("disconnected")

    def payloads(self, topic: str) -> list[bytes]:
        """What came on one topic, in order."""
        return [payload for name, payload, _ in self.messages if name == topic]


@asynccontextmanager
async def running(
    address: BrokerAddress, client_id: str, probe: Probe, *, ready: str = "connected", **options: Any
) -> AsyncIterator[Link]:
    """A link that runs, connected and (with filters) subscribed; closed on leaving."""
    link = Link(address, client_id, probe, rng=random.Random(1), **options)
    probe.link = link
    task = asyncio.get_running_loop().create_task(link.run())
    await until(lambda: ("subscribed" if probe.filters else ready) in probe.events, f"{client_id} is ready")
    try:
        yield link
    finally:
        await link.close()
        await task
