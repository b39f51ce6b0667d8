"""Publishes the plan of every simulated line into the unified namespace, on a connection of its own.

A planning system knows nothing of edge nodes: its plans stay on the broker while the plants are cut off, and they are
told again whenever its own connection comes back. It knows no progress either, so a plan is told when it changes.
"""

from __future__ import annotations

import asyncio
import random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plant.messages import Order, OrdersMessage, encode
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link
from plant.namespace import Contract, Topic

LOOK_EVERY_S = 1.0
QOS = 1
NEVER = -1


class PlannedWorld(Protocol):
    """What the publisher needs of a world."""

    def planned_lines(self) -> tuple[tuple[str, str, str], ...]:
        """Site, area and line of each line that has a plan."""

    def plan_changes(self) -> NDArray[np.int64]:
        """When the plan of each of `planned_lines` changed last, UTC ms."""

    def orders(self, line: int) -> tuple[Order, ...]:
        """The plan of one of `planned_lines`, the present order first."""


class OrdersPublisher:
    """The planning system of some simulated lines.

    Args:
        address: The broker.
        enterprise: Slug, the first level of the topics.
        world: Whose plans are published.
        rng: For the back-off of the link.

    Attributes:
        link: The connection; nothing else uses it.
        published: Plans that are on their way to the broker.
    """

    def __init__(self, address: BrokerAddress, enterprise: str, world: PlannedWorld, rng: random.Random) -> None:
        self._world = world
        lines = world.planned_lines()
        self._topics = [str(Topic((enterprise, *line), Contract.ORDERS)) for line in lines]
        self._told = np.full(len(lines), NEVER, np.int64)
        self.published = 0
        first = "-".join(lines[0]) if lines else "none"  # a line is simulated in one place only
        self.link = Link(address, f"orders-{enterprise}-{first}", self, rng=rng, quiet=True)

    async def run(self) -> None:
        """Publish until `close`."""
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(self._keep_looking())
            await self.link.run()
            looking.cancel()

    async def close(self) -> None:
        """Say goodbye; the plans stay on the broker."""
        await self.link.close()

    def look(self) -> None:
        """Publish the plans that have changed since they were told; what finds no room is told at the next look."""
        if not self.link.connected:
            return
        changes = self._world.plan_changes()
        for line in np.flatnonzero(changes != self._told).tolist():
            message = OrdersMessage(int(changes[line]), self._world.orders(line))
            if self.link.publish(self._topics[line], encode(message), QOS, retain=True):
                self._told[line] = changes[line]
                self.published += 1

    def will(self) -> None:
        """Plans outlive the planner."""

    def on_connected(self) -> None:
        """Tell everything: the broker may have forgotten it, and what was on its way may be lost."""
        self._told[:] = NEVER
        self.look()

    def on_subscribed(self) -> None:
        """It never subscribes."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """It hears nothing."""

    def on_disconnected(self) -> None:
        """Everything is told again at the next connection."""

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()
