"""Tiers and series over each store tell what they tell over memory."""

from __future__ import annotations

import numpy as np

from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Tier
from plant.historian.rebuild import rebuild
from plant.historian.series import series
from plant.historian.tiers import GRACE_MS, TierMaker
from plant.model.tags import TagTable
from plant.readings import GOOD, STALE, Columns

TAGS = (0, 2, 4, 5, 6)


def live_through(historian: Historian, tags: TagTable, base: int) -> None:
    """A history that is rebuilt, a process that watches for half an hour, a gap, a replay, and another process."""
    rng = np.random.default_rng(11)

    def readings(start: int, end: int, count: int) -> Columns:
        return Columns(
            rng.choice(TAGS, count).astype(np.int32),
            rng.integers(start, end, count),
            rng.normal(size=count),
            rng.choice([GOOD, GOOD, GOOD, STALE], count).astype(np.uint16),
        )

    historian.write(readings(base - HOUR_MS, base, 600))
    rebuild(historian, TAGS, base - HOUR_MS, base, lambda _: None)
    first = TierMaker(historian, tags, started_at=base)
    for minute in range(base, base + 30 * MINUTE_MS, MINUTE_MS):
        batch = readings(minute, minute + MINUTE_MS, 10)
        historian.write(batch)
        first.touch(batch)
        first.make(minute + MINUTE_MS + GRACE_MS)
    started = base + 50 * MINUTE_MS
    second = TierMaker(historian, tags, started_at=started)
    second.make(started)
    replay = readings(base + 29 * MINUTE_MS, base + 45 * MINUTE_MS, 60)
    historian.write(replay)
    second.touch(replay)
    second.make(started + MINUTE_MS)
    second.make(base + 65 * MINUTE_MS + GRACE_MS)


def test_a_life_over_each_store_leaves_the_same_rows(bench) -> None:
    """Rebuilding, watching, a gap and a replay leave the same minutes, hours and series whatever the store is."""
    memory = MemoryHistorian(bench.tags)
    base = bench.base
    end = base + 65 * MINUTE_MS
    for historian in (memory, bench.historian):
        live_through(historian, bench.tags, base)
    for tier in Tier:
        wanted = memory.tier(tier, TAGS, base - HOUR_MS, end)
        found = bench.historian.tier(tier, TAGS, base - HOUR_MS, end)
        assert len(wanted) > 0
        for name, column in wanted.arrays.items():
            np.testing.assert_allclose(getattr(found, name), column, rtol=1e-9, err_msg=f"{tier} {name}")
    for span in (20 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 40 * 24 * HOUR_MS):
        wanted_series = series(memory, TAGS, end - span, end, 60)
        found_series = series(bench.historian, TAGS, end - span, end, 60)
        for name in ("time", "mean", "low", "high", "last", "coverage"):
            np.testing.assert_allclose(
                getattr(found_series, name), getattr(wanted_series, name), rtol=1e-9, err_msg=f"{span} {name}"
            )
