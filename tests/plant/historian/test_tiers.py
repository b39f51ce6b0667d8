"""`plant.historian.tiers` and `plant.historian.rebuild`: rows as time goes by equal rows made in one go."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plant.errors import StoreUnavailableError
from plant.historian import tiers
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Tier, TierColumns
from plant.historian.rebuild import rebuild
from plant.historian.tiers import TierMaker
from plant.model.tags import Tag, TagTable
from plant.readings import BAD, GOOD, STALE, Columns

T = 1_790_035_200_000
"""A full UTC day."""
STATE, TEMPERATURE, FEED, OTHER = 0, 2, 4, 5
EVERY_TAG = range(45)
GRACE = tiers.GRACE_MS


class Spy(MemoryHistorian):
    """Counts what is read, remembers which rows are written, and fails when told to."""

    def __init__(self, tags: TagTable) -> None:
        super().__init__(tags)
        self.reads = 0
        self.written: list[tuple[int, int]] = []
        self.hours: list[tuple[int, int]] = []
        self.fails: Callable[[], bool] = lambda: False

    def _answer(self) -> None:
        if self.fails():
            raise StoreUnavailableError("away")

    def raw(self, tags: Sequence[int], start: int, end: int) -> Columns:
        """As the base, counted."""
        self._answer()
        self.reads += 1
        return super().raw(tags, start, end)

    def held(self, tags: Sequence[int], at: int) -> Columns:
        """As the base."""
        self._answer()
        return super().held(tags, at)

    def write_tier(self, tier: Tier, rows: TierColumns) -> None:
        """As the base, remembered."""
        self._answer()
        written = self.written if tier is Tier.MINUTE else self.hours
        written += zip(rows.tag.tolist(), rows.time.tolist(), strict=True)
        super().write_tier(tier, rows)


@pytest.fixture
def historian(tags) -> Spy:
    """An empty historian."""
    return Spy(tags)


def collect(historian: MemoryHistorian, maker: TierMaker, *readings: tuple[int, int, float, int]) -> None:
    """Readings (tag, time, value, quality) become durable and are told of."""
    columns = Columns.of(*zip(*readings, strict=True))
    historian.write(columns)
    maker.touch(columns)


def row(historian: MemoryHistorian, tag: int, minute: int, tier: Tier = Tier.MINUTE) -> dict[str, float]:
    """One row as a dict, empty if there is none."""
    rows = historian.tier(tier, [tag], minute, minute + 1)
    return {name: column.item() for name, column in rows.arrays.items()} if len(rows) else {}


def same_history(left: MemoryHistorian, right: MemoryHistorian, start: int, end: int) -> None:
    """Both hold the same minute and hour rows, but for those that tell nothing."""

    def telling(historian: MemoryHistorian, tier: Tier) -> TierColumns:
        rows = historian.tier(tier, EVERY_TAG, start, end)
        return rows.take((rows.count > 0) | (rows.good_ms > 0) | np.isfinite(rows.last))

    for tier in Tier:
        mine, other = telling(left, tier), telling(right, tier)
        for name, column in mine.arrays.items():
            np.testing.assert_allclose(column, other.arrays[name], rtol=1e-9, err_msg=f"{tier} {name}")


def rebuilt(historian: MemoryHistorian, tags: TagTable, end: int) -> MemoryHistorian:
    """Another historian with the same readings and rows made in one go."""
    other = MemoryHistorian(tags)
    readings = historian.raw(EVERY_TAG, T, end)
    other.write(readings)
    rebuild(other, list(EVERY_TAG), T, end, lambda _: None)
    return other


def test_each_minute_is_made_when_it_is_over(historian, tags) -> None:
    """A minute is made some seconds after its end, for every known tag; tags without readings carry their value on."""
    maker = TierMaker(historian, tags, started_at=T)
    collect(historian, maker, (FEED, T + 15_000, 4.0, GOOD), (STATE, T + 30_000, 6.0, GOOD))
    maker.make(T + MINUTE_MS + GRACE - 1)
    assert row(historian, FEED, T) == {}
    collect(historian, maker, (FEED, T + MINUTE_MS + 2000, 8.0, GOOD))
    maker.make(T + MINUTE_MS + GRACE)
    assert row(historian, FEED, T) | {"tag": 0} == {
        "tag": 0,
        "time": T,
        "mean": 4.0,
        "low": 4.0,
        "high": 4.0,
        "last": 4.0,
        "count": 1,
        "good_ms": 45_000,
    }
    maker.make(T + 2 * MINUTE_MS + GRACE)
    assert row(historian, FEED, T + MINUTE_MS)["mean"] == pytest.approx((4 * 2 + 8 * 58) / 60)
    silent = row(historian, STATE, T + MINUTE_MS)
    assert (silent["count"], silent["last"], silent["good_ms"]) == (0, 6.0, MINUTE_MS)


def test_the_usual_minute_reads_nothing_back(historian, tags) -> None:
    """Once running, minutes come from memory."""
    maker = TierMaker(historian, tags, started_at=T)
    collect(historian, maker, (FEED, T, 1.0, GOOD))
    maker.make(T + MINUTE_MS + GRACE)
    before = historian.reads
    for k in range(1, 20):
        collect(historian, maker, (FEED, T + k * MINUTE_MS, k, GOOD), (STATE, T + k * MINUTE_MS + 9000, 6, GOOD))
        maker.make(T + (k + 1) * MINUTE_MS + GRACE)
    assert historian.reads == before
    same_history(historian, rebuilt(historian, tags, T + 20 * MINUTE_MS), T, T + 20 * MINUTE_MS)


def test_an_hour_follows_its_last_minute(historian, tags) -> None:
    """Hours are made of their minutes as soon as the last one is there."""
    maker = TierMaker(historian, tags, started_at=T)
    for k in range(60):
        collect(historian, maker, (FEED, T + k * MINUTE_MS, k, GOOD))
        maker.make(T + k * MINUTE_MS + GRACE)
        assert row(historian, FEED, T, Tier.HOUR) == {}
    maker.make(T + HOUR_MS + GRACE)
    hour = row(historian, FEED, T, Tier.HOUR)
    assert (hour["mean"], hour["low"], hour["high"], hour["count"], hour["good_ms"]) == (29.5, 0, 59, 60, HOUR_MS)


def test_late_data_make_again_exactly_what_they_change(historian, tags, monkeypatch) -> None:
    """A late reading changes its minute and those that its value holds in, of its own tag only; the hour follows."""
    maker = TierMaker(historian, tags, started_at=T)
    end = T + 62 * MINUTE_MS
    for k in range(62):
        at = T + k * MINUTE_MS
        collect(historian, maker, (FEED, at, 1.0, GOOD), (STATE, at, 6.0, GOOD))
        maker.make(at + GRACE)
    maker.make(end + GRACE)
    historian.written.clear()
    monkeypatch.setattr(tiers, "SLICE_ROWS", 2)  # two minutes of one tag at once
    collect(historian, maker, (FEED, T + 10 * MINUTE_MS + 30_000, 3.0, GOOD))
    maker.make(end + GRACE + 1000)
    assert historian.written == [(FEED, T + 10 * MINUTE_MS), (FEED, T + 11 * MINUTE_MS)]
    assert row(historian, FEED, T + 10 * MINUTE_MS)["mean"] == 2.0
    assert row(historian, FEED, T, Tier.HOUR)["mean"] == pytest.approx((59 + 2) / 60)
    same_history(historian, rebuilt(historian, tags, end), T, end)


def test_a_late_reading_that_still_holds_reaches_to_now(historian, tags) -> None:
    """Without a later reading, the late value holds in all minutes since, the next ones too."""
    maker = TierMaker(historian, tags, started_at=T)
    collect(historian, maker, (FEED, T, 1.0, GOOD))
    for k in range(1, 10):
        maker.make(T + k * MINUTE_MS + GRACE)
    collect(historian, maker, (FEED, T + 3 * MINUTE_MS, 5.0, GOOD))
    maker.make(T + 10 * MINUTE_MS + GRACE)
    assert [row(historian, FEED, T + k * MINUTE_MS)["mean"] for k in range(10)] == [1] * 3 + [5] * 7


def test_time_between_two_processes_is_unknown(historian, tags) -> None:
    """What the last process saw is made up to its end; until the next one starts there is nothing; then values hold."""
    first = TierMaker(historian, tags, started_at=T)
    collect(historian, first, (STATE, T, 6.0, GOOD), (FEED, T, 1.0, GOOD))
    first.make(T + MINUTE_MS + GRACE)
    collect(historian, first, (FEED, T + 3 * MINUTE_MS + 20_000 - 1, 2.0, GOOD))  # stored, but never made into rows
    started = T + 30 * MINUTE_MS + 15_000
    second = TierMaker(historian, tags, started_at=started)
    second.make(started + 1000)
    assert [row(historian, STATE, T + k * MINUTE_MS)["good_ms"] for k in range(4)] == [60_000] * 3 + [20_000]
    between = historian.tier(Tier.MINUTE, [STATE, FEED], T + 4 * MINUTE_MS, T + 30 * MINUTE_MS)
    assert between.good_ms.sum() == 0
    second.make(T + 31 * MINUTE_MS + GRACE)
    resumed = row(historian, STATE, T + 30 * MINUTE_MS)
    assert (resumed["good_ms"], resumed["mean"], resumed["last"]) == (45_000, 6.0, 6.0)
    assert row(historian, FEED, T + 30 * MINUTE_MS)["mean"] == 2.0


def test_a_replay_makes_the_gap_known(historian, tags) -> None:
    """The replay of an edge node tells what all its tags were, the silent ones too; other nodes stay unknown."""
    first = TierMaker(historian, tags, started_at=T)
    collect(historian, first, (STATE, T, 6.0, GOOD), (FEED, T, 1.0, GOOD), (OTHER, T, 9.0, GOOD))
    first.make(T + 2 * MINUTE_MS + GRACE)
    started = T + 20 * MINUTE_MS
    second = TierMaker(historian, tags, started_at=started)
    second.make(started)
    collect(
        historian,
        second,
        (FEED, T, 1.0, GOOD),  # the overlap
        (FEED, T + 5 * MINUTE_MS, 2.0, GOOD),
        (FEED, T + 10 * MINUTE_MS + 29_999, 2.0, GOOD),
    )
    second.make(started + 1000)
    feed = [row(historian, FEED, T + k * MINUTE_MS) for k in range(11)]
    assert [r["good_ms"] for r in feed] == [60_000] * 10 + [30_000]
    assert [r["mean"] for r in feed] == [1] * 5 + [2] * 6
    assert [row(historian, STATE, T + k * MINUTE_MS)["good_ms"] for k in range(11)] == [60_000] * 10 + [30_000]
    beyond = historian.tier(Tier.MINUTE, [STATE, FEED], T + 11 * MINUTE_MS, started)
    assert beyond.good_ms.sum() == 0
    other = historian.tier(Tier.MINUTE, [OTHER], T + 2 * MINUTE_MS, started)
    assert other.good_ms.sum() == 0
    collect(historian, second, (FEED, started - 1, 4.0, GOOD))
    second.make(started + MINUTE_MS + GRACE)
    for tag in (STATE, FEED):
        assert historian.tier(Tier.MINUTE, [tag], T, started).good_ms.tolist() == [60_000] * 20
    assert row(historian, FEED, started)["mean"] == 4.0
    assert row(historian, STATE, started)["mean"] == 6.0


def test_a_machine_that_slept_invents_nothing(historian, tags) -> None:
    """Minutes without a call of `make` were not watched; afterwards values hold again."""
    maker = TierMaker(historian, tags, started_at=T)
    collect(historian, maker, (FEED, T, 1.0, GOOD))
    for second in range(0, 300, 5):
        maker.make(T + second * 1000)
    awake = T + 2 * HOUR_MS + 30_000
    maker.make(awake)
    maker.make(awake + MINUTE_MS)
    assert row(historian, FEED, T + 3 * MINUTE_MS)["good_ms"] == 60_000
    assert row(historian, FEED, T + 4 * MINUTE_MS)["good_ms"] == 55_000
    assert historian.tier(Tier.MINUTE, [FEED], T + 5 * MINUTE_MS, T + 2 * HOUR_MS).good_ms.sum() == 0
    assert row(historian, FEED, T + 2 * HOUR_MS)["good_ms"] == 30_000
    assert row(historian, FEED, T, Tier.HOUR)["good_ms"] == 295_000


def test_a_quick_restart_leaves_no_hole(historian, tags) -> None:
    """A process that ends and starts within the minute continues with what was held."""
    first = TierMaker(historian, tags, started_at=T)
    for second in range(80):
        collect(historian, first, (FEED, T + second * 1000, second, GOOD))
        first.make(T + second * 1000)
    second = TierMaker(historian, tags, started_at=T + 79_001)
    collect(historian, second, (FEED, T + 80_000, 80, GOOD))
    second.make(T + 2 * MINUTE_MS + GRACE)
    same_history(historian, rebuilt(historian, tags, T + 2 * MINUTE_MS), T, T + 2 * MINUTE_MS)


def test_retired_and_foreign_tags_are_left_alone(historian, tags) -> None:
    """A maker makes rows of the tags that it was given, as long as they are alive."""
    mine: list[Tag] = [tag for tag in tags if tag.unit.site == "alpha"]
    mine[FEED] = replace(mine[FEED], metric=replace(mine[FEED].metric, retired=date(2026, 1, 1)))
    maker = TierMaker(historian, mine, started_at=T)
    collect(historian, maker, (FEED, T, 1.0, GOOD), (OTHER, T, 1.0, GOOD), (44, T, 1.0, GOOD), (STATE, T, 1.0, GOOD))
    maker.make(T + 2 * MINUTE_MS + GRACE)
    assert historian.tier(Tier.MINUTE, EVERY_TAG, T, T + HOUR_MS).tag.tolist() == [STATE, STATE]


samples = st.lists(
    st.tuples(
        st.sampled_from([STATE, FEED, OTHER]),
        st.integers(0, 30 * MINUTE_MS - 1).map(lambda at: at // 997 * 997),
        st.sampled_from([0.0, 1.5, -3.0, math.nan]),
        st.sampled_from([GOOD, GOOD, GOOD, BAD, STALE]),
        st.integers(0, 9 * MINUTE_MS),
    ),
    max_size=40,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    samples,
    st.integers(0, 2**32),
    st.sampled_from([0, 0, 3]),
    st.sampled_from([5, 30_000]),
    st.sampled_from([4, 10**6]),
    st.sampled_from([20, 10**6]),
)
def test_whatever_comes_late_the_end_is_the_same(
    tags, drawn, seed: int, trouble: int, slice_rows: int, most: int, at_once: int
) -> None:
    """Readings in any order of arrival, with a store that fails now and then, end in the rows of one single pass."""
    rng = random.Random(seed)
    historian = Spy(tags)
    historian.fails = lambda: trouble > 0 and rng.random() < 1 / trouble
    maker = TierMaker(historian, tags, started_at=T)
    by_arrival = sorted((at + delay, tag, at, value, quality) for tag, at, value, quality, delay in drawn)
    end = T + 40 * MINUTE_MS
    kept = tiers.SLICE_ROWS, tiers.MOST_WAITING, tiers.ROLLED_AT_ONCE, tiers.READ_AT_ONCE
    tiers.SLICE_ROWS, tiers.MOST_WAITING, tiers.ROLLED_AT_ONCE, tiers.READ_AT_ONCE = slice_rows, most, at_once, at_once
    try:
        for now in range(T, end + 30_001, 30_000):
            arrived = [sample for sample in by_arrival if T + sample[0] <= now]
            by_arrival = by_arrival[len(arrived) :]
            if arrived:
                collect(historian, maker, *((tag, T + at, value, quality) for _, tag, at, value, quality in arrived))
            while True:
                try:
                    maker.make(now)
                    break
                except StoreUnavailableError:
                    assert trouble
    finally:
        tiers.SLICE_ROWS, tiers.MOST_WAITING, tiers.ROLLED_AT_ONCE, tiers.READ_AT_ONCE = kept
    historian.fails = lambda: False
    same_history(historian, rebuilt(historian, tags, end), T, end)


def test_rebuild_makes_hours_and_tells_its_progress(historian, tags) -> None:
    """Rows of a window equal those of one pass, slice by slice; the share done rises to 1."""
    rng = np.random.default_rng(3)
    n = 3000
    columns = Columns(
        rng.choice([STATE, FEED, OTHER], n).astype(np.int32),
        T + rng.integers(0, 5 * HOUR_MS, n),
        rng.normal(size=n),
        rng.choice([GOOD, GOOD, STALE], n).astype(np.uint16),
    )
    historian.write(columns)
    told: list[float] = []
    rebuild(historian, [FEED, STATE, OTHER], T, T + 5 * HOUR_MS + 30_000, told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    minutes = historian.tier(Tier.MINUTE, EVERY_TAG, T, T + 6 * HOUR_MS)
    inside = columns.latest_written()
    np.testing.assert_allclose(
        minutes.mean[minutes.tag == FEED],
        tiers.rollup(inside.take(inside.tag == FEED), Columns.empty(), T, T + 5 * HOUR_MS, MINUTE_MS).mean,
    )
    hours = historian.tier(Tier.HOUR, [FEED], T, T + 6 * HOUR_MS)
    assert hours.time.tolist() == [T + k * HOUR_MS for k in range(5)]


def test_rebuild_of_a_part_mends_the_hours_around_it(historian, tags) -> None:
    """A window that begins and ends inside hours makes those hours again from all their minutes."""
    columns = Columns.of([FEED] * 240, range(T, T + 4 * HOUR_MS, MINUTE_MS), range(240), [GOOD] * 240)
    historian.write(columns)
    rebuild(historian, [FEED], T, T + 4 * HOUR_MS, lambda _: None)
    historian.write(Columns.of([FEED], [T + 90 * MINUTE_MS], [1000.0], [GOOD]))
    rebuild(historian, [FEED], T + 80 * MINUTE_MS, T + 100 * MINUTE_MS, lambda _: None)
    assert row(historian, FEED, T + HOUR_MS, Tier.HOUR)["high"] == 1000.0
    assert row(historian, FEED, T + HOUR_MS, Tier.HOUR)["count"] == 60
    same_history(historian, rebuilt(historian, tags, T + 4 * HOUR_MS), T, T + 4 * HOUR_MS)


def test_nothing_else_is_touched_however_far_back_the_late_reading_lies(historian, tags) -> None:
    """Two hours back: two minutes of one tag and their hour, not the hours in between."""
    maker = TierMaker(historian, tags, started_at=T)
    end = T + 3 * HOUR_MS
    for k in range(180):
        at = T + k * MINUTE_MS
        collect(historian, maker, (FEED, at, 1.0, GOOD), (STATE, at, 6.0, GOOD))
        maker.make(at + GRACE)
    maker.make(end + GRACE)
    historian.written.clear()
    historian.hours.clear()
    collect(historian, maker, (FEED, T + 62 * MINUTE_MS + 30_000, 3.0, GOOD))
    maker.make(end + GRACE + 1000)
    assert historian.written == [(FEED, T + 62 * MINUTE_MS), (FEED, T + 63 * MINUTE_MS)]
    assert historian.hours == [(FEED, T + HOUR_MS)]
    same_history(historian, rebuilt(historian, tags, end), T, end)


def test_late_data_invent_nothing_in_the_gaps_of_earlier_processes(historian, tags) -> None:
    """A value holds up to a gap of which only the rows of an earlier process tell, and again after it."""
    for started in (T, T + 20 * MINUTE_MS, T + 40 * MINUTE_MS):
        maker = TierMaker(historian, tags, started_at=started)
        for k in range(5):
            collect(historian, maker, (STATE, started + k * MINUTE_MS, 6.0, GOOD))
            maker.make(started + k * MINUTE_MS + GRACE)
        maker.make(started + 5 * MINUTE_MS + GRACE)
    collect(historian, maker, (FEED, T + MINUTE_MS, 2.0, GOOD))
    maker.make(T + 45 * MINUTE_MS + GRACE + 1)
    feed = historian.tier(Tier.MINUTE, [FEED], T, T + 45 * MINUTE_MS)
    known = ((feed.time[feed.good_ms > 0] - T) // MINUTE_MS).tolist()
    assert known == [*range(1, 5), *range(20, 25), *range(40, 45)]


def test_rows_in_doubt_are_made_again(historian, tags) -> None:
    """Whatever somebody has done to them, and their hour; what they should be can be asked."""
    maker = TierMaker(historian, tags, started_at=T)
    for k in range(61):
        collect(historian, maker, (FEED, T + k * MINUTE_MS, k, GOOD))
        maker.make(T + k * MINUTE_MS + GRACE)
    maker.make(T + 61 * MINUTE_MS + GRACE)
    right = row(historian, FEED, T + 5 * MINUTE_MS)
    fresh = maker.fresh([FEED], T + 5 * MINUTE_MS, T + 6 * MINUTE_MS)
    assert {name: column.item() for name, column in fresh.arrays.items()} == right
    wrong = historian.tier(Tier.MINUTE, [FEED], T + 5 * MINUTE_MS, T + 6 * MINUTE_MS)
    historian.write_tier(Tier.MINUTE, replace(wrong, mean=wrong.mean + 1))
    historian.written.clear()
    maker.doubt([FEED], T + 5 * MINUTE_MS, T + 6 * MINUTE_MS)
    maker.make(T + 61 * MINUTE_MS + GRACE + 1)
    assert historian.written == [(FEED, T + 5 * MINUTE_MS)]
    assert row(historian, FEED, T + 5 * MINUTE_MS) == right
    same_history(historian, rebuilt(historian, tags, T + 61 * MINUTE_MS), T, T + 61 * MINUTE_MS)
