"""Late data over each real store: rows made again are right, and no others are written."""

from __future__ import annotations

import numpy as np

from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Tier, TierColumns
from plant.historian.rebuild import rebuild
from plant.historian.tiers import GRACE_MS, TierMaker
from plant.readings import BAD, GOOD, STALE, Columns

SPAN_MS = HOUR_MS + 10 * MINUTE_MS
FIRST_TAG = 5
"""The tags behind it are many and alike: each case takes two that no other has touched."""
CASES = 6
"""Drawn with a seed and not by hypothesis: a case leaves its rows in the store, so it cannot be tried again."""


def drawn(rng: np.random.Generator, most: int, base: int, tags: tuple[int, int]) -> Columns:
    """Up to `most` readings of two tags; those that are not good have no value."""
    count = rng.integers(1, most + 1)
    quality = rng.choice([GOOD, GOOD, GOOD, BAD, STALE], count).astype(np.uint16)
    value = np.where(quality == GOOD, rng.choice([0.0, 2.5, -3.0], count), np.nan)
    time = base + rng.integers(0, SPAN_MS, count) // 7_001 * 7_001
    return Columns(rng.choice(tags, count).astype(np.int32), time, value, quality)


def touched(late: Columns, stored: Columns) -> set[tuple[int, int]]:
    """(tag, minute) from the first late reading of a tag to the first reading after the last of them."""
    pairs = set()
    for tag in np.unique(late.tag).tolist():
        times = late.time[late.tag == tag]
        after = stored.time[(stored.tag == tag) & (stored.time > times.max())]
        until = int(after.min()) if len(after) else 2**62
        first = int(times.min()) - int(times.min()) % MINUTE_MS
        pairs |= {(tag, minute) for minute in range(first, min(until, first + 2 * SPAN_MS) + 1, MINUTE_MS)}
    return pairs


def test_late_readings_make_exactly_the_rows_again_that_they_touch(durable) -> None:
    """The rows are those of one single pass, and only minutes in which the late values hold are written, and hours."""
    for case in range(CASES):
        rng = np.random.default_rng(case)
        tags = (FIRST_TAG + 2 * case, FIRST_TAG + 2 * case + 1)
        in_time, late = drawn(rng, 40, durable.base, tags), drawn(rng, 4, durable.base, tags)
        check(durable, tags, in_time, late)


def check(durable, tags: tuple[int, int], in_time: Columns, late: Columns) -> None:
    """One case."""
    historian, base, end = durable.historian, durable.base, durable.base + SPAN_MS
    maker = TierMaker(historian, [durable.tags[tag] for tag in tags], started_at=base)
    maker.make(base)
    historian.write(in_time)
    for minute in range(base, end, MINUTE_MS):
        maker.touch(in_time.take((in_time.time >= minute) & (in_time.time < minute + MINUTE_MS)))
        maker.make(minute + MINUTE_MS + GRACE_MS)
    written: dict[Tier, set[tuple[int, int]]] = {tier: set() for tier in Tier}
    write_tier = historian.write_tier

    def noted(tier: Tier, rows: TierColumns) -> None:
        written[tier] |= set(zip(rows.tag.tolist(), rows.time.tolist(), strict=True))
        write_tier(tier, rows)

    historian.write(late)
    maker.touch(late)
    historian.write_tier = noted
    try:
        maker.make(end + GRACE_MS + 1_000)
    finally:
        del historian.write_tier

    stored = historian.raw(tags, base, end)
    assert written[Tier.MINUTE] <= touched(late, stored)
    minutes = {(tag, minute) for tag, minute in touched(late, stored) if minute < end}
    assert written[Tier.MINUTE] == minutes
    hours = {(tag, minute - minute % HOUR_MS) for tag, minute in minutes}
    assert written[Tier.HOUR] == {(tag, hour) for tag, hour in hours if hour + HOUR_MS <= end}
    memory = MemoryHistorian(durable.tags)
    memory.write(Columns.concat((in_time, late)))
    rebuild(memory, tags, base, end, lambda _: None)
    for tier in Tier:
        wanted, found = (each.tier(tier, tags, base, end) for each in (memory, historian))
        wanted, found = (rows.take((rows.count > 0) | (rows.good_ms > 0)) for rows in (wanted, found))
        for name, column in wanted.arrays.items():
            np.testing.assert_allclose(getattr(found, name), column, rtol=1e-9, err_msg=f"{tier} {name}")
