"""The continuous check of rolled-up rows: it finds what is wrong, mends it, and raises no false alarm."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from collecting import NOW, now_ms, tiny

from collectors.audit import EVERY_MS, RollupAudit
from collectors.counts import Counts
from plant.historian.memory import MemoryHistorian
from plant.historian.open import open_historian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Retention, Tier, TierColumns
from plant.historian.tiers import GRACE_MS, TierMaker
from plant.readings import GOOD, STALE, Columns

TAGS = tiny()[1]
SERVED = (2, 3, 4)
T = NOW - NOW % HOUR_MS


class Life:
    """A process that makes rows and checks them, over any store."""

    def __init__(self, historian: Historian, start: int, seed: int = 1) -> None:
        self.historian, self.now = historian, start
        self.counts, self.rng = Counts(), np.random.default_rng(seed)
        self.maker = TierMaker(historian, [TAGS[tag] for tag in SERVED], started_at=start)
        self.audit = RollupAudit(historian, self.maker, TAGS, SERVED, 14, self.counts, random.Random(seed))

    def read(self, start: int, end: int, count: int) -> None:
        """Readings of a window become durable."""
        columns = Columns(
            self.rng.choice(SERVED, count).astype(np.int32),
            self.rng.integers(start, end, count),
            self.rng.normal(size=count),
            self.rng.choice([GOOD, GOOD, GOOD, STALE], count).astype(np.uint16),
        )
        self.historian.write(columns)
        self.maker.touch(columns)

    def live(self, minutes: int, late: int = 0, step: int = 1) -> None:
        """Time goes by, `step` minutes at once; each time `late` readings come for earlier times."""
        for _ in range(minutes // step):
            self.read(self.now, self.now + step * MINUTE_MS, 8 * step)
            if late:
                self.read(self.now - 90 * MINUTE_MS, self.now, late)
            self.now += step * MINUTE_MS
            for at in (self.now + GRACE_MS, self.now + 2 * GRACE_MS):
                self.maker.make(at)
                self.audit.turn(at)

    def spoil(self, tier: Tier, time: int) -> None:
        """Somebody writes nonsense."""
        rows = self.historian.tier(tier, SERVED, time, time + 1)
        self.historian.write_tier(tier, replace(rows, mean=rows.mean + 1.0, high=rows.high + 1.0))


@pytest.fixture
def life() -> Life:
    """Over memory."""
    return Life(MemoryHistorian(TAGS), T)


def test_there_is_no_false_alarm_through_late_data_gaps_and_restarts(life):
    """Whatever life brings, rows equal what they are made of."""
    life.live(70, late=2)
    for gap in (7 * MINUTE_MS + 13_000, 2 * HOUR_MS):
        life = Life(life.historian, life.now + gap, seed=gap)
        life.live(30, late=2)
    assert life.counts.rollup_checks > 200
    assert life.counts.rollup_mismatches == 0


@pytest.mark.parametrize("store", ["memory", "duckdb", pytest.param("influxdb", marks=pytest.mark.influxdb)])
def test_a_spoilt_minute_is_found_told_once_and_made_again(store, tmp_path, request, capsys):
    """And with it its hour, in every store."""
    address = {"memory": "memory:", "duckdb": ""}.get(store)
    if address is None:
        address = request.getfixturevalue("influxdb")
    historian = open_historian(address, TAGS, tmp_path, Retention())
    life = Life(historian, now_ms() // HOUR_MS * HOUR_MS - 2 * HOUR_MS)
    begin = life.now
    life.live(66, step=2)  # longer steps are pauses, in which nobody watches
    hour, minutes = (historian.tier(tier, SERVED, begin, begin + HOUR_MS) for tier in (Tier.HOUR, Tier.MINUTE))
    for minute in range(begin, begin + HOUR_MS, MINUTE_MS):
        life.spoil(Tier.MINUTE, minute)
    until_mended(life, lambda: same(historian, Tier.MINUTE, begin, minutes))
    assert same(historian, Tier.HOUR, begin, hour)
    assert life.counts.rollup_mismatches >= 1
    told = [line for line in capsys.readouterr().out.splitlines() if "differs" in line]
    assert len(told) == len(set(told)) == life.counts.rollup_mismatches
    historian.close()


def test_a_spoilt_hour_is_made_again(life):
    """From its minutes."""
    life.live(130)
    right = life.historian.tier(Tier.HOUR, SERVED, T + HOUR_MS, T + 2 * HOUR_MS)
    life.spoil(Tier.HOUR, T + HOUR_MS)
    until_mended(life, lambda: same(life.historian, Tier.HOUR, T + HOUR_MS, right))
    assert life.counts.rollup_mismatches == len(SERVED)


def test_a_missing_row_is_a_mismatch(life):
    """And is made."""
    life.live(30)
    right = life.historian.tier(Tier.MINUTE, SERVED, T, T + 30 * MINUTE_MS)
    rows = life.historian._tiers[Tier.MINUTE]
    life.historian._tiers[Tier.MINUTE] = rows.take(rows.time % (2 * MINUTE_MS) == 0)
    until_mended(life, lambda: same(life.historian, Tier.MINUTE, T, right))
    assert life.counts.rollup_mismatches > 0


def test_readings_that_are_on_their_way_are_no_mismatch(life):
    """They are durable, the rows do not know them yet; a moment later they do."""
    life.live(30)
    late = Columns.of(SERVED * 30, [T + k // 3 * MINUTE_MS + 7 for k in range(90)], [9.0] * 90, [GOOD] * 90)
    life.historian.write(late)
    life.audit.turn(life.audit._due)
    assert life.audit._suspects
    life.maker.touch(late)
    life.maker.make(life.now + EVERY_MS)
    life.audit.turn(life.now + EVERY_MS)
    assert not life.audit._suspects
    assert life.counts.rollup_mismatches == 0


def test_readings_that_go_on_coming_are_waited_for(life):
    """What should be there changes from look to look: that is life, and no mismatch."""
    life.live(30)
    for k in range(5):
        late = Columns.of(SERVED * 30, [T + j // 3 * MINUTE_MS + k for j in range(90)], [float(k)] * 90, [GOOD] * 90)
        life.historian.write(late)
        life.audit.turn(max(life.audit._due, life.now))
    assert life.audit._suspects
    assert life.counts.rollup_mismatches == 0


def test_an_empty_store_is_not_checked(life):
    """Before the first minute."""
    life.audit.turn(T)
    assert life.counts.rollup_checks == 0


def telling(rows: TierColumns) -> TierColumns:
    """Rows that know something; others are as good as none."""
    return rows.take((rows.count > 0) | (rows.good_ms > 0))


def same(historian: Historian, tier: Tier, start: int, right: TierColumns) -> bool:
    """The rows are as they were."""
    rows, right = telling(historian.tier(tier, SERVED, start, int(right.time.max()) + 1)), telling(right)
    return len(rows) == len(right) and all(
        np.allclose(getattr(rows, name), column, equal_nan=True) for name, column in right.arrays.items()
    )


def until_mended(life: Life, mended) -> None:
    """Check and make on, without anything new, until all is well; some thousand checks must do."""
    for turn in attempts():
        at = life.now + 2 * GRACE_MS + turn
        life.audit._due = 0
        life.audit.turn(at)
        life.audit.turn(at)
        life.maker.make(at)
        if mended():
            return
    pytest.fail("what was spoilt is still there")


def attempts() -> Iterator[int]:
    """Numbers of attempts."""
    return iter(range(1, 1_500))
