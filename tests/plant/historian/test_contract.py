"""What `plant.historian.protocol` promises, proved for every historian alike."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

import numpy as np
import pytest

from plant.historian.protocol import HOUR_MS, MINUTE_MS, Tier, TierColumns
from plant.readings import BAD, GOOD, STALE, Columns, Event, EventKind

STATE, MODE, TEMPERATURE, RUNNING, FEED, OTHER = range(6)
"""The table's first tags: four of ``alpha/kiln/drum``, one of ``alpha/kiln/screw``, 40 of ``beta/kiln/drum``."""


def one(tag: int, time: int, value: float, quality: int = GOOD) -> Columns:
    """A single reading."""
    return Columns.of([tag], [time], [value], [quality])


def same(left: Columns, right: Columns) -> None:
    """Both hold the same readings in the same order."""
    assert left.tag.tolist() == right.tag.tolist()
    assert left.time.tolist() == right.time.tolist()
    np.testing.assert_array_equal(left.value, right.value)
    assert left.quality.tolist() == right.quality.tolist()
    assert (left.tag.dtype, left.time.dtype, left.value.dtype, left.quality.dtype) == (
        np.int32,
        np.int64,
        np.float64,
        np.uint16,
    )


def same_rows(left: TierColumns, right: TierColumns) -> None:
    """Both hold the same rows in the same order."""
    for name, column in left.arrays.items():
        np.testing.assert_array_equal(column, right.arrays[name], name)
        assert column.dtype == right.arrays[name].dtype, name


def rows(tag: int, *times: int, last: float = 2.0, count: int = 3) -> TierColumns:
    """Minute rows with a bit of everything."""
    n = len(times)
    good_ms = MINUTE_MS if math.isfinite(last) else 0
    full = [np.full(n, value) for value in (last + 0.25, last - 1, last + 1, last)]
    return TierColumns(
        np.full(n, tag, np.int32), np.array(times, np.int64), *full, np.full(n, count), np.full(n, good_ms, np.int64)
    )


def event(time: int, text: str = "EXECUTE", code: int = 6, kind: EventKind = EventKind.STATE) -> Event:
    """An event of the drum."""
    metric = {EventKind.STATE: "state", EventKind.MODE: "mode", EventKind.TEXT: "recipe"}[kind]
    return Event(time, "alpha/kiln/drum", kind, metric, text, code, GOOD)


def test_an_empty_store_answers(bench) -> None:
    """Nothing written, nothing found, no error: readings, tiers, events, span."""
    historian, base = bench.historian, bench.base
    everything = range(len(bench.tags))
    assert len(historian.raw(everything, 0, base)) == 0
    assert len(historian.held(everything, base)) == 0
    assert len(historian.latest(everything)) == 0
    for tier in Tier:
        assert len(historian.tier(tier, everything, base - HOUR_MS, base)) == 0
    assert historian.events(["alpha/kiln/drum"], list(EventKind), base - HOUR_MS, base) == []
    assert historian.span() is None
    historian.write(Columns.empty())
    historian.write_tier(Tier.MINUTE, TierColumns.empty())
    historian.write_events([])
    assert len(historian.raw([], base, base + 1)) == 0


def test_readings_come_back_sorted_and_whole(bench) -> None:
    """[start, end) of the tags asked for, sorted by (tag, time), with every bit of value and quality."""
    historian, base = bench.historian, bench.base
    written = Columns.of(
        [FEED, TEMPERATURE, FEED, TEMPERATURE, OTHER, STATE],
        [base + 2, base + 1, base, base + 999, base + 5, base + 7],
        [0.1 + 0.2, -1e300, 5e-324, 1 / 3, 7.0, 6.0],
        [GOOD] * 6,
    )
    historian.write(written)
    same(
        historian.raw([FEED, TEMPERATURE, STATE], base, base + 999),
        written.take(np.array([5, 1, 2, 0])),
    )
    assert len(historian.raw([RUNNING], base, base + 999)) == 0


def test_writing_again_replaces(bench) -> None:
    """The same tag and time written again replaces: in one batch, in the next, and after other writes."""
    historian, base = bench.historian, bench.base
    historian.write(Columns.concat([one(FEED, base, 1.0), one(FEED, base + 1, 5.0), one(FEED, base, 2.0)]))
    historian.write(one(FEED, base + 2, 6.0))
    same(
        historian.raw([FEED], base, base + 10),
        Columns.of([FEED] * 3, [base, base + 1, base + 2], [2, 5, 6], [GOOD] * 3),
    )
    historian.write(one(FEED, base, 3.0))
    historian.write(one(FEED, base, 3.0))
    same(
        historian.raw([FEED], base, base + 10),
        Columns.of([FEED] * 3, [base, base + 1, base + 2], [3, 5, 6], [GOOD] * 3),
    )
    assert historian.latest([FEED]).value.tolist() == [6.0]
    assert historian.held([FEED], base + 1).value.tolist() == [3.0]


def test_late_readings_find_their_place(bench) -> None:
    """Readings that come late are read at their own time."""
    historian, base = bench.historian, bench.base
    for offset in (5000, 1000, 3000, 2000, 4000):
        historian.write(one(TEMPERATURE, base + offset, offset))
    assert historian.raw([TEMPERATURE], base, base + 10_000).value.tolist() == [1000, 2000, 3000, 4000, 5000]
    assert historian.latest([TEMPERATURE]).value.tolist() == [5000]
    assert historian.held([TEMPERATURE], base + 3000).value.tolist() == [2000]


def test_quality_travels_with_the_value(bench) -> None:
    """Bad and stale readings keep their quality, with a value and without; good ones after them are good again."""
    historian, base = bench.historian, bench.base
    written = Columns.of(
        [FEED] * 7,
        [base + offset for offset in (0, 1000, 2000, 3000, 4000, 5000, 6000)],
        [1.0, math.nan, math.nan, 2.0, 3.0, 4.0, math.nan],
        [GOOD, STALE, BAD, BAD, GOOD, STALE, BAD],
    )
    historian.write(written)
    same(historian.raw([FEED], base, base + 10_000), written)
    same(historian.latest([FEED]), written.take(np.array([6])))
    same(historian.held([FEED], base + 3000), written.take(np.array([2])))


def test_a_bad_reading_written_again_as_good_is_good(bench) -> None:
    """A later correction replaces value and quality both, in either direction."""
    historian, base = bench.historian, bench.base
    historian.write(Columns.of([FEED, FEED], [base, base + 1], [math.nan, 1.0], [STALE, GOOD]))
    historian.write(Columns.of([FEED, FEED], [base, base + 1], [5.0, math.nan], [GOOD, STALE]))
    found = historian.raw([FEED], base, base + 10)
    assert found.quality.tolist() == [GOOD, STALE]
    assert found.value[0] == 5.0


def test_one_unit_many_metrics_at_one_instant(bench) -> None:
    """Metrics of one unit at the same time, some good and some not, do not mix; states and booleans are numbers."""
    historian, base = bench.historian, bench.base
    written = Columns.of([STATE, MODE, TEMPERATURE, RUNNING], [base] * 4, [6, 1, math.nan, 1], [GOOD, STALE, BAD, GOOD])
    historian.write(written)
    same(historian.raw([STATE, MODE, TEMPERATURE, RUNNING], base, base + 1), written)


def test_held_looks_back_over_long_gaps(bench) -> None:
    """The last reading before an instant is found however old it is; that instant itself does not count."""
    historian, base = bench.historian, bench.base
    old = Columns.of([FEED, TEMPERATURE], [base - 9 * 24 * HOUR_MS, base - 1], [4.0, 5.0], [GOOD, STALE])
    historian.write(old)
    historian.write(one(TEMPERATURE, base, 9.0))
    same(historian.held([TEMPERATURE, FEED, RUNNING], base), old.take(np.array([1, 0])))
    assert len(historian.held([TEMPERATURE], base - 1)) == 0


def test_held_falls_back_to_the_minutes(bench) -> None:
    """Where no reading is left, the `last` of the newest minute that is over holds; NaN there is not known."""
    historian, base = bench.historian, bench.base
    historian.write_tier(Tier.MINUTE, rows(FEED, base - 2 * MINUTE_MS, base - MINUTE_MS, base, last=7.0))
    historian.write_tier(Tier.MINUTE, rows(TEMPERATURE, base - MINUTE_MS, last=math.nan))
    found = historian.held([FEED, TEMPERATURE], base + 1)
    assert found.tag.tolist() == [TEMPERATURE, FEED]
    np.testing.assert_array_equal(found.value, [math.nan, 7.0])
    assert found.quality.tolist() == [BAD, GOOD]
    assert (found.time < base).all()
    same(
        historian.held([TEMPERATURE, FEED, STATE], base + HOUR_MS),
        Columns.of([TEMPERATURE, FEED], [base - 1, base + MINUTE_MS - 1], [math.nan, 7.0], [BAD, GOOD]),
    )
    historian.write(one(FEED, base - 5 * MINUTE_MS, 1.0))
    historian.write(one(FEED, base - 1000, 8.0))
    assert historian.held([FEED], base).value.tolist() == [8.0]
    assert historian.held([FEED], base - MINUTE_MS).value.tolist()[0] in {1.0, 7.0}


def test_tier_rows_replace_and_come_back_sorted(bench) -> None:
    """Rows written again replace those of the same tag and time; NaN, counts and good time come back."""
    historian, base = bench.historian, bench.base
    times = [base + k * MINUTE_MS for k in range(4)]
    first = TierColumns.concat(
        [rows(OTHER, *times), rows(FEED, *times), rows(STATE, *times[:2], last=math.nan, count=0)]
    )
    historian.write_tier(Tier.MINUTE, first)
    historian.write_tier(Tier.MINUTE, rows(FEED, times[1], last=50.0))
    historian.write_tier(Tier.HOUR, rows(FEED, base, last=60.0))
    wanted = TierColumns.concat([first, rows(FEED, times[1], last=50.0)]).latest_written()
    same_rows(historian.tier(Tier.MINUTE, [FEED, OTHER, STATE], base, base + HOUR_MS), wanted)
    same_rows(
        historian.tier(Tier.MINUTE, [FEED], times[1], times[3]),
        wanted.take((wanted.tag == FEED) & (wanted.time >= times[1]) & (wanted.time < times[3])),
    )
    same_rows(historian.tier(Tier.HOUR, range(len(bench.tags)), base, base + 1), rows(FEED, base, last=60.0))
    assert historian.span() == (times[0], times[3])


def test_events_carry_the_state_that_held_before_the_window(bench) -> None:
    """Of each unit, kind and metric the last event before the window comes with those inside it, sorted by time."""
    historian, base = bench.historian, bench.base
    told = [
        event(base - 3 * HOUR_MS, "IDLE", 4),
        event(base - 2 * HOUR_MS),
        event(base - HOUR_MS, "PRODUCTION", 1, EventKind.MODE),
        event(base, "HELD", 11),
        event(base + 1, "Смесь «Б» 30 kg, \"x\" \\ \n, = 'y' 😀", -1, EventKind.TEXT),
        replace(event(base + 2, "UNDEFINED", 0), quality=STALE),
        event(base + HOUR_MS, "ABORTED", 9),
    ]
    historian.write_events([*reversed(told), replace(told[3], unit="beta/kiln/drum")])
    units = ["alpha/kiln/drum", "nobody/is/here"]
    assert historian.events(units, list(EventKind), base, base + HOUR_MS) == told[1:-1]
    assert historian.events(units, [EventKind.MODE], base + 5, base + 6) == [told[2]]
    assert historian.events(["alpha/kiln"], list(EventKind), base, base + HOUR_MS) == []


def test_events_written_again_replace(bench) -> None:
    """The same unit, kind, metric and time written again replaces; a text may become empty."""
    historian, base = bench.historian, bench.base
    historian.write_events([event(base, "HELD", 11), event(base, "r1", -1, EventKind.TEXT)])
    historian.write_events([event(base, "IDLE", 4), event(base, "", -1, EventKind.TEXT)])
    historian.write_events([event(base, "IDLE", 4)])
    found = historian.events(["alpha/kiln/drum"], list(EventKind), base, base + 1)
    assert sorted(found, key=lambda e: e.kind) == [event(base, "IDLE", 4), event(base, "", -1, EventKind.TEXT)]


def test_delete_removes_a_unit_from_everything(bench) -> None:
    """Readings, tiers and events of the unit in [start, end) go, and nothing else does."""
    historian, base = bench.historian, bench.base
    edges = [base - 1, base, base + HOUR_MS - 1, base + HOUR_MS]
    for time in edges:
        historian.write(Columns.of([TEMPERATURE, FEED, OTHER], [time] * 3, [1, 2, 3], [GOOD] * 3))
        historian.write_events([event(time), replace(event(time), unit="alpha/kiln/screw")])
    hours = [base - HOUR_MS, base, base + HOUR_MS]
    for tag in (TEMPERATURE, FEED):
        historian.write_tier(Tier.MINUTE, rows(tag, *hours))
        historian.write_tier(Tier.HOUR, rows(tag, *hours))
    historian.delete("alpha/kiln/drum", base, base + HOUR_MS)
    everything = [TEMPERATURE, FEED, OTHER]
    found = historian.raw(everything, base - HOUR_MS, base + 2 * HOUR_MS)
    assert found.time[found.tag == TEMPERATURE].tolist() == [edges[0], edges[3]]
    assert (found.tag == FEED).sum() == (found.tag == OTHER).sum() == 4
    for tier in Tier:
        left = historian.tier(tier, everything, base - HOUR_MS, base + 2 * HOUR_MS)
        assert left.time[left.tag == TEMPERATURE].tolist() == [hours[0], hours[2]]
        assert left.time[left.tag == FEED].tolist() == hours
    told = historian.events(["alpha/kiln/drum", "alpha/kiln/screw"], [EventKind.STATE], base - 2, base + 2 * HOUR_MS)
    assert [e.time for e in told if e.unit == "alpha/kiln/drum"] == [edges[0], edges[3]]
    assert [e.time for e in told if e.unit == "alpha/kiln/screw"] == edges


def test_a_big_batch_comes_back(bench) -> None:
    """200 000 readings in one batch, none lost, none changed."""
    historian, base = bench.historian, bench.base
    n, tags = 200_000, 40
    written = Columns(
        (np.arange(n) % tags + OTHER).astype(np.int32),
        base + np.arange(n) // tags * 500,
        np.random.default_rng(5).normal(size=n),
        np.full(n, GOOD, np.uint16),
    )
    historian.write(written)
    found = historian.raw(range(OTHER, OTHER + tags), base, base + HOUR_MS)
    same(found, written.take(written.time < base + HOUR_MS).latest_written())


def test_readers_and_writers_do_not_disturb_each_other(bench) -> None:
    """While four threads write, readers see nothing but what was written, and nothing is lost.

    InfluxDB may show a point before all of its fields: then there is no value yet, never another one.
    """
    historian, base = bench.historian, bench.base
    batches, size, writers = 12, 40, 4
    failures: list[str] = []
    done = threading.Event()

    def write(lane: int) -> None:
        for step in range(batches):
            at = base + (step * writers + lane) * 1000
            historian.write(Columns.of(range(OTHER, OTHER + size), [at] * size, range(size), [GOOD] * size))

    def read() -> None:
        while not done.is_set():
            found = historian.raw(range(OTHER, OTHER + size), base, base + HOUR_MS)
            there = ~np.isnan(found.value)
            if not np.array_equal(found.value[there], found.tag[there] - OTHER):
                failures.append(f"{len(found)} readings with other values")
            historian.latest([OTHER])

    readers = [threading.Thread(target=read) for _ in range(3)]
    lanes = [threading.Thread(target=write, args=(lane,)) for lane in range(writers)]
    for thread in readers + lanes:
        thread.start()
    for thread in lanes:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert failures == []
    settled = historian.raw(range(OTHER, OTHER + size), base, base + HOUR_MS)
    assert len(settled) == batches * size * writers
    assert np.array_equal(settled.value, settled.tag - OTHER)


def test_a_healthy_store_says_so(bench) -> None:
    """`health` is ok with no detail while the store works, and names its kind."""
    health = bench.historian.health()
    assert (health.kind, health.ok, health.detail) == (bench.historian.kind, True, "")


def test_expire_keeps_what_is_young(bench) -> None:
    """What is within its retention survives; what is older is gone where the store removes it itself."""
    historian, base = bench.historian, bench.base
    historian.write(one(FEED, base, 1.0))
    historian.write_tier(Tier.MINUTE, rows(FEED, base))
    historian.write_events([event(base)])
    historian.expire(base + HOUR_MS)
    assert len(historian.raw([FEED], base, base + 1)) == 1
    assert len(historian.tier(Tier.MINUTE, [FEED], base, base + 1)) == 1
    assert len(historian.events(["alpha/kiln/drum"], [EventKind.STATE], base, base + 1)) == 1


def test_a_closed_store_opens_with_all_it_had(durable) -> None:
    """Readings, tiers and events survive closing and opening."""
    historian, base = durable.historian, durable.base
    written = Columns.of([FEED, TEMPERATURE], [base, base + 1], [1.5, math.nan], [GOOD, STALE])
    historian.write(written)
    historian.write_tier(Tier.HOUR, rows(FEED, base))
    historian.write_tier(Tier.MINUTE, rows(FEED, base))
    historian.write_events([event(base)])
    historian = durable.reopen(durable.tags)
    same(historian.raw([FEED, TEMPERATURE], base, base + 10), written.latest_written())
    same_rows(historian.tier(Tier.HOUR, [FEED], base, base + 1), rows(FEED, base))
    assert historian.events(["alpha/kiln/drum"], [EventKind.STATE], base, base + 1) == [event(base)]
    assert historian.span() == (base, base)
    historian.write_tier(Tier.MINUTE, rows(FEED, base, last=9.0))
    same_rows(historian.tier(Tier.MINUTE, [FEED], base, base + 1), rows(FEED, base, last=9.0))


def test_a_renamed_tag_keeps_its_history(durable, renamed_tags) -> None:
    """History follows `Tag.storage`: a new name and another place in the table change nothing."""
    base = durable.base
    durable.historian.write(Columns.of([TEMPERATURE, RUNNING], [base, base], [42.0, 1.0], [GOOD, GOOD]))
    historian = durable.reopen(renamed_tags)
    heat = renamed_tags.by_path("alpha/area/kiln/drum/heat").index
    pressure = renamed_tags.by_path("alpha/area/kiln/drum/pressure").index
    historian.write(Columns.of([heat, pressure], [base + 1, base + 1], [43.0, 7.0], [GOOD, GOOD]))
    same(historian.raw([heat], base, base + 10), Columns.of([heat] * 2, [base, base + 1], [42, 43], [GOOD] * 2))
    same(historian.raw([pressure], base, base + 10), one(pressure, base + 1, 7.0))


def test_a_tag_outside_the_table_is_a_mistake(bench) -> None:
    """Asking for an index that the table does not have is a bug and is loud."""
    with pytest.raises(IndexError):
        bench.historian.write(one(len(bench.tags), bench.base, 1.0))


def test_a_store_tells_what_it_holds(bench) -> None:
    """Of each kind, as far as it knows: nothing in the beginning, then rows and the time that they span."""
    names = ("raw", "minute", "hour", "events")
    empty = bench.historian.holdings()
    assert tuple(holding.name for holding in empty) == names
    assert all(holding.oldest is holding.newest is None for holding in empty)
    assert all(holding.rows in {None, 0} for holding in empty)
    bench.historian.write(Columns.concat((one(2, bench.base, 1.0), one(2, bench.base + 10, 2.0))))
    bench.historian.write_tier(Tier.MINUTE, rows(2, bench.base, bench.base + MINUTE_MS))
    bench.historian.write_tier(Tier.HOUR, rows(2, bench.base))
    held = {holding.name: holding for holding in bench.historian.holdings()}
    assert (held["minute"].oldest, held["minute"].newest) == (bench.base, bench.base + 60_000)
    assert (held["hour"].oldest, held["hour"].newest) == (bench.base, bench.base)
    assert held["raw"].rows in {None, 2}
    assert held["minute"].rows in {None, 2}
    assert held["raw"].newest in {None, bench.base + 10}
