from __future__ import annotations

import asyncio
import sqlite3

import numpy as np
import pytest
from structlog.testing import capture_logs

from plant.readings import GOOD
from simulators.fleet.ring import Ring, RingLimits
from simulators.fleet.spool import Spool
from simulators.fleet.told import Told

LIMITS = RingLimits(100_000, 3_600_000)


def told(count: int = 1) -> Told:
    return Told(
        np.zeros(count, np.int32), np.arange(count, dtype=np.int64), np.ones(count), np.full(count, GOOD, np.uint16)
    )


class FullRing(Ring):
    """A ring on a disk that may be full."""

    full = False

    def put(self, stamp: int, told: Told) -> None:
        """As long as there is room."""
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        super().put(stamp, told)


def test_stamps_ascend_whatever_the_clock_does() -> None:
    """A clock that is set back, or that stands still, gives no record the name of another."""
    times = iter((1_000, 1_000, 1_000, 1_000, 500, 500))

    async def scenario() -> list[int]:
        ring = Ring(None, ["a"], [], LIMITS)
        spool = Spool(ring, lambda: next(times))
        stamps = [(await spool.put(told())).stamp for _ in range(3)]
        spool.close()
        return stamps

    assert asyncio.run(scenario()) == [1_000, 1_001, 1_002]


def test_a_full_disk_is_said_once_and_survived() -> None:
    """What the disk does not take is not safe; when there is room again things go on."""

    async def scenario() -> list[bool]:
        ring = FullRing(None, ["a"], [], LIMITS)
        spool = Spool(ring, lambda: 1_000)
        safe = []
        for number in range(6):
            ring.full = 2 <= number < 4
            safe.append((await spool.put(told())).safe)
        assert len(await spool.read(0, 100) or []) == 4
        assert spool.stored == 4
        spool.close()
        return safe

    with capture_logs() as logs:
        assert asyncio.run(scenario()) == [True, True, False, False, True, True]
    assert [entry["log_level"] for entry in logs] == ["error", "info"]


def test_it_tells_for_how_long_there_is_room() -> None:
    """By age before anything is measured; then by how fast the room is used up, and never more than it bears out."""

    async def scenario() -> None:
        now_ms = 1_000
        limits = RingLimits(2_000_000, 3_600_000)
        spool = Spool(Ring(None, ["a"], [], limits), lambda: now_ms)
        assert spool.holds_h == 1.0
        began_s = asyncio.get_running_loop().time()
        while not (evicted := (await spool.put(told(1_000))).evicted):
            pass
        took_s = asyncio.get_running_loop().time() - began_s
        assert len(evicted) > 0
        assert spool.used_bytes <= limits.size_bytes
        assert spool.holds_h * 3600 == pytest.approx(took_s, rel=0.5)
        spool.close()

    asyncio.run(scenario())
