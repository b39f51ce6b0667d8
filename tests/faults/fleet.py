"""Edge nodes that lose nothing, in a thread of their own, so that a test reads as a list of what happens to them."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from faults.edge import StoringEdge
from faults.grid import Grid
from servers.processes import until

from benchmarks.workload import HOST, METRICS
from plant.clock import now_ms
from plant.mqtt.address import BrokerAddress

TURN_S = 0.01
CONFIRM_S = 0.25
REPLAY_PER_S = 60_000.0
"""Values of the past a second, of all edge nodes together."""
OVERLAP_S = 3.0
"""What was sent this long before a loss must be durable; the nodes say only the rest again."""


class StoringFleet:
    """So many machines of the benchmarks' model, each behind an edge node that stores and forwards.

    ::

        with StoringFleet(address, machines=75) as fleet:
            ...                     # things happen
            fleet.finish()          # nothing new; returns when all that was kept is on its way
            collector.stop()
        collector.counted(fleet)

    Args:
        address: The broker.
        machines: How many.
        step_s: From one message of a machine to its next.
        overlap_s: See `StoringEdge`.
        host: Likewise.
        past: Steps that all of them have kept from before they start.
    """

    def __init__(
        self,
        address: BrokerAddress,
        machines: int,
        *,
        step_s: float = 1.0,
        overlap_s: float = OVERLAP_S,
        host: str | None = HOST,
        past: int = 0,
    ) -> None:
        step_ms = round(1000 * step_s)
        self.grid = Grid(now_ms() - past * step_ms, step_ms, machines)
        self.edges = [
            StoringEdge(number, address, self.grid, overlap_s=overlap_s, host=host, past=past)
            for number in range(machines)
        ]
        self._told = past * machines
        self._quiet = self._over = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._main, name="fleet", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        self._thread.join()
        if self._error is not None:
            raise self._error

    @property
    def steps(self) -> list[int]:
        """How many steps each machine has told or kept."""
        return [edge.delivery.newest for edge in self.edges]

    @property
    def born_with(self) -> list[set[int]]:
        """Steps whose values the births of each machine have told."""
        return [edge.born_with for edge in self.edges]

    @property
    def values(self) -> int:
        """Values that were told or kept, each counted once."""
        return METRICS * sum(self.steps)

    @property
    def replayed(self) -> int:
        """Values that were told as history."""
        return sum(edge.replayed for edge in self.edges)

    @property
    def confirmed(self) -> int:
        """Values that count as arrived: whatever happens, they are not told again."""
        return METRICS * sum(edge.delivery.confirmed for edge in self.edges)

    @property
    def born(self) -> int:
        """Edge nodes whose births are out."""
        return sum(edge.born for edge in self.edges)

    @property
    def births(self) -> int:
        """Birth sequences of all of them."""
        return sum(edge.births for edge in self.edges)

    @property
    def settled(self) -> bool:
        """Whether nobody keeps anything that was not told."""
        return all(edge.settled for edge in self.edges)

    def until_born(self) -> None:
        """Wait for the births of all."""
        until(lambda: self.born == len(self.edges), "all edge nodes are born", 60.0)

    def until_told(self, steps: int) -> None:
        """Wait until each has told so many steps more than now."""
        last = min(self.steps) + steps
        until(lambda: min(self.steps) >= last, f"{steps} more steps", 60.0 + steps * self.grid.step_ms / 1000)

    def finish(self) -> None:
        """Tell nothing new; returns when all is on its way to a host."""
        self._quiet = True
        until(lambda: self.settled, "all that was kept is told", 120.0)

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that owns this one
            self._error = error

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for edge in self.edges:
                tasks.create_task(edge.link.run())
            duties = [tasks.create_task(duty) for duty in (self._tell(), self._replay(), self._confirm())]
            while not self._over:
                await asyncio.sleep(TURN_S)
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*(edge.leave() for edge in self.edges))

    async def _tell(self) -> None:
        """Every step of every machine at its time."""
        while True:
            while not self._quiet:
                step, machine = divmod(self._told, len(self.edges))
                if self.grid.time(machine, step) > now_ms():
                    break
                self.edges[machine].tell(step)
                self._told += 1
            await asyncio.sleep(TURN_S)

    async def _replay(self) -> None:
        """What was kept, one edge node after the other, not faster than a gateway would."""
        loop = asyncio.get_running_loop()
        allowed_s = loop.time()
        while True:
            told = 0
            for edge in self.edges:
                told += edge.replay()
                if told >= REPLAY_PER_S * TURN_S:
                    allowed_s = max(allowed_s, loop.time()) + told / REPLAY_PER_S
                    await asyncio.sleep(max(0.0, allowed_s - loop.time()))
                    told = 0
            await asyncio.sleep(TURN_S)

    async def _confirm(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            for edge in self.edges:
                edge.confirm(loop.time())
            await asyncio.sleep(CONFIRM_S)
