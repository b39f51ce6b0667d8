"""The ring beside the event loop: a thread of its own waits for the disk, the loop never does."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import structlog

from simulators.fleet.rate import Rate
from simulators.fleet.ring import Record, Ring
from simulators.fleet.told import Told

HOUR_S = 3600.0
RATE_SPAN_S = 600.0
"""How much comes in an hour is judged by so long a time, s."""

Result = TypeVar("Result")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a record.

    Attributes:
        stamp: Its name, UTC ms.
        safe: Whether it is in the ring; not if the disk does not take it.
        evicted: Records that had to go for it.
    """

    stamp: int
    safe: bool
    evicted: Sequence[Record] = ()


class Spool:
    """Lets a thread work on the ring; one caller at a time for each method.

    Args:
        ring: Whose thread this becomes; closed by `close`.
        clock: Wall clock, UTC ms.

    Attributes:
        newest: Stamp of the last record.
        stored: Values put into the ring.
        used_bytes: Space in use after the last record.
    """

    def __init__(self, ring: Ring, clock: Callable[[], int]) -> None:
        self.newest = ring.newest
        self.stored = 0
        self.used_bytes = ring.used_bytes
        self.limits = ring.limits
        self._ring = ring
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "ring")
        self._bytes = 0
        self._growth = Rate(RATE_SPAN_S)
        self._lost = False

    @property
    def holds_h(self) -> float:
        """For how many hours there is room as things go now; by age alone while nothing has been measured."""
        by_age = self.limits.age_ms / 1000.0 / HOUR_S
        if self._growth.per_s <= 0:
            return by_age
        return min(by_age, self.limits.size_bytes / self._growth.per_s / HOUR_S)

    async def put(self, told: Told) -> Kept:
        """Keep what is about to be told; the oldest go when there is no room."""
        self.newest = max(self.newest + 1, self._clock())
        stamp = self.newest

        def work() -> tuple[Sequence[Record], int]:
            self._ring.put(stamp, told)
            return self._ring.evict(self._clock()), self._ring.used_bytes

        done = await self._do(work)
        if done is None:
            return Kept(stamp, safe=False)
        evicted, self.used_bytes = done
        self.stored += len(told)
        self._bytes += told.size_bytes
        self._growth.mark(asyncio.get_running_loop().time(), self._bytes)
        return Kept(stamp, safe=True, evicted=evicted)

    async def read(self, after: int, most_values: int) -> list[Record] | None:
        """Records after a stamp, about so many values of them; None when the disk does not answer."""
        return await self._do(lambda: self._ring.read(after, most_values))

    async def get(self, stamps: Sequence[int]) -> list[Record] | None:
        """Single records; None when the disk does not answer."""
        return await self._do(lambda: self._ring.get(stamps))

    async def trim(self, upto: int) -> None:
        """Forget what has arrived."""
        await self._do(lambda: self._ring.trim(upto))

    def close(self) -> None:
        """Finish what has begun and let go of the file."""
        self._thread.shutdown()
        self._ring.close()

    async def _do(self, work: Callable[[], Result]) -> Result | None:
        """The result, or None when the disk is full or broken: said once, and once when it is over."""
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            if not self._lost:
                self._lost = True
                log.error("the ring cannot be used; what cannot be sent now is lost", cause=str(error))  # noqa: TRY400 - a full disk is no bug
            return None
        if self._lost:
            self._lost = False
            log.info("the ring can be used again")
        return result
