"""Replay: what waits in the ring is told again, beside the live values and never in their way."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence

import structlog

from simulators.fleet.edge import EdgeNode
from simulators.fleet.layout import Layout
from simulators.fleet.ring import Record
from simulators.fleet.spool import Spool
from simulators.fleet.told import Told

TURN_S = 0.1
KEEP_S = 5.0
"""Time between two looks at what has arrived, s."""

log = structlog.get_logger(__name__)


class Replayer:
    """Moves the gaps of all edge nodes from the ring to their links.

    Nodes that lost the same connection or host have nearly the same gap, so the ring is read once for all of them.

    Args:
        nodes: In the order of the layout.
        layout: Deals out what is read.
        spool: What waits.
        world_ms: The world's time, UTC ms.
        per_s: Values per second, for all nodes together.
    """

    def __init__(
        self, nodes: Sequence[EdgeNode], layout: Layout, spool: Spool, world_ms: Callable[[], int], per_s: float
    ) -> None:
        self._nodes = nodes
        self._layout = layout
        self._spool = spool
        self._world_ms = world_ms
        self._per_turn = max(1, round(per_s * TURN_S))
        self._said = 0

    async def run(self) -> None:
        """Replay until cancelled."""
        loop = asyncio.get_running_loop()
        kept_s = loop.time()
        while True:
            await asyncio.sleep(TURN_S)
            await self._release()
            await self._replay()
            if loop.time() - kept_s >= KEEP_S:
                kept_s = loop.time()
                await self._keep(kept_s)

    async def _replay(self) -> None:
        """One helping for every node that has a gap, is born, and whose link has room."""
        ready = [place for place, node in enumerate(self._nodes) if node.may_replay]
        if not ready:
            return
        doubts = [node.delivery.doubts for node in self._nodes]
        after = min(self._nodes[place].delivery.sent for place in ready)
        records = await self._spool.read(after, self._per_turn * len(self._nodes) // len(ready))
        if records is None:
            return
        stamps = [record.stamp for record in records]
        parts: dict[tuple[int, int], list[int]] = defaultdict(list)
        for place in ready:
            node = self._nodes[place]
            if node.may_replay and node.delivery.doubts == doubts[place]:
                wanted = bisect_right(stamps, node.delivery.sent), bisect_right(stamps, node.delivery.gap_end)
                parts[wanted].append(place)
        for (first, last), places in parts.items():
            self._tell(records[first:last], places)
            for place in places:
                delivery = self._nodes[place].delivery
                delivery.replayed(stamps[-1] if stamps else delivery.gap_end)
        self._say()

    async def _release(self) -> None:
        """What was held back goes out when its time has come."""
        world_ms = self._world_ms()
        for place, node in enumerate(self._nodes):
            due = node.delivery.due(world_ms) if node.born else []
            records = await self._spool.get(due) if due else []
            if records is None or (records and not node.born):
                node.delivery.doubt()
            elif records:
                self._tell(records, [place])

    def _tell(self, records: Sequence[Record], places: Sequence[int]) -> None:
        if not records:
            return
        dealt = self._layout.deal(Told.concat(record.told for record in records), only=places)
        for place in places:
            self._nodes[place].replay(dealt[place])

    async def _keep(self, now_s: float) -> None:
        """Forget what has arrived everywhere."""
        for node in self._nodes:
            if node.born:
                node.delivery.confirm(now_s)
        await self._spool.trim(min(node.delivery.confirmed for node in self._nodes))

    def _say(self) -> None:
        """One line when all gaps are closed."""
        if any(node.delivery.pending for node in self._nodes):
            return
        replayed = sum(node.counts.replayed for node in self._nodes)
        log.info("what edge nodes had kept is told", values=replayed - self._said)
        self._said = replayed
