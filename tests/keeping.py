"""An edge node that keeps what it has measured and tells all of it again after each birth, and what must be stored."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from collecting import Edge, now_ms
from links import until

from plant.historian.protocol import Historian
from plant.model.enterprise import Enterprise
from plant.mqtt.address import BrokerAddress
from plant.readings import GOOD
from plant.sparkplug.edge import EdgeOutput

SPAN = 500
"""What the instrument can show."""


class KeepingEdge(Edge):
    """Measures one metric of one device; what cannot be told now is told after the next birth.

    Attributes:
        kept: All that it has measured, value by source time, UTC ms.
        measures: Set to False, it takes no more values and goes on telling what it has.
    """

    def __init__(
        self, enterprise: Enterprise, site: str, node: str, address: BrokerAddress, device: str, metric: str
    ) -> None:
        super().__init__(enterprise, site, node, address)
        self.kept: dict[int, float] = {}
        self.measures = True
        self._device = device
        self._index = [each.key for each in self.units[device].metrics].index(metric)

    def measure(self) -> None:
        """Take a value now, at a time of its own, and tell it if the births are out."""
        time = max(now_ms(), max(self.kept, default=0) + 1)
        self.kept[time] = float(len(self.kept) % SPAN)
        self._tell([time], historical=False)

    def _tell(self, times: list[int], *, historical: bool) -> None:
        values = [self.kept[time] for time in times]
        indices = [self._index] * len(times)
        message = self.session.data(self._device, indices, times, values, now_ms(), historical=historical)
        if message is not None:
            self.link.publish(message.topic, message.payload, message.qos, message.retain)

    def _carry_out(self, outputs: Iterable[EdgeOutput]) -> None:
        before = self.births
        super()._carry_out(outputs)
        if self.births > before and self.kept:
            self._tell(list(self.kept), historical=True)


@asynccontextmanager
async def measuring(
    enterprise: Enterprise, site: str, node: str, address: BrokerAddress, device: str, metric: str
) -> AsyncIterator[KeepingEdge]:
    """A running edge node that takes a value about every 10 ms."""
    node_ = KeepingEdge(enterprise, site, node, address, device, metric)

    async def measure() -> None:
        while node_.measures:
            node_.measure()
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(node_.link.run()), asyncio.create_task(measure())]
    try:
        yield node_
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def all_stored(historian: Historian, tag: int, node: KeepingEdge) -> None:
    """Stop measuring and wait until what was measured is stored, and nothing else."""
    node.measures = False
    await until(lambda: not lost_or_doubled(historian, tag, node.kept), "all that was measured is stored", 30.0)


def lost_or_doubled(historian: Historian, tag: int, kept: dict[int, float]) -> list[tuple[int, float | None]]:
    """Published values that are not stored as they were, and stored values that were not the node's at their time.

    Between its readings a value holds; a good row in between (it was confirmed by a birth) must say just that.
    """
    rows = historian.raw([tag], min(kept), max(kept) + 1)
    good = rows.take(rows.quality == GOOD)
    stored = dict(zip(good.time.tolist(), good.value.tolist(), strict=True))
    assert len(stored) == len(good), "one row for each instant"
    times = sorted(kept)
    wrong = [(time, stored.get(time)) for time in times if stored.get(time) != kept[time]]
    held = [(time, value) for time, value in stored.items() if value != kept[times[bisect_right(times, time) - 1]]]
    return [*wrong, *held]
