"""From readings to a score for each hour of each site, through restarts, late data and a store that is away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest
from collecting import NOW, Clock, collecting, now_ms, tiny
from links import until
from prometheus_client import CollectorRegistry, generate_latest

from collectors.quality import TOGETHER, QualityCounter
from collectors.quality_book import LOOK_BACK_MS, MOST_HOURS, SETTLE_MS, QualityBook
from collectors.units import UnitTable
from plant.errors import StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.historian.open import open_historian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Retention
from plant.historian.rebuild import rebuild
from plant.model.tags import TagTable
from plant.quality.defects import CAUSES, Cause
from plant.quality.detector import Arrival
from plant.quality.record import read_defects, read_site, site_unit
from plant.readings import GOOD, Columns, Event, EventKind

ENTERPRISE, TAGS = tiny()
UNITS = UnitTable(ENTERPRISE, TAGS, ["alpha"])
SERVED = UNITS.tags.tolist()
HOUR = NOW - NOW % HOUR_MS
POWER = next(tag.index for tag in TAGS if tag.metric.key == "power" and tag.unit.site == "alpha")


class Failing(MemoryHistorian):
    """A store that is away when told so."""

    away = False

    def write_events(self, events: list[Event]) -> None:
        """As the base."""
        if self.away:
            raise StoreUnavailableError("away")
        super().write_events(events)


@dataclass
class Process:
    """One collector's quality over a store, with a clock to turn by hand."""

    historian: Historian
    tags: TagTable = TAGS
    clock: Clock = field(default_factory=lambda: Clock(HOUR))

    def __post_init__(self) -> None:
        self.counter = QualityCounter(self.tags, self.clock.now)
        self.book = QualityBook(self.historian, self.tags, SERVED, self.counter, lambda: self.clock.now)

    def fill(self, start: int, end: int, *, without: tuple[int, ...] = ()) -> None:
        """All tags are known over [start, end); the tiers are made."""
        tags = [tag for tag in SERVED if tag not in without]
        self.historian.write(Columns.of(tags, [start] * len(tags), [1.0] * len(tags), [GOOD] * len(tags)))
        rebuild(self.historian, tags, start, end, lambda _: None)

    def come(self, tag: int, *times: int, delay_ms: int = 100, how: Arrival = Arrival.LIVE, value: float = 1.0) -> None:
        """Readings come in and are looked at."""
        for time in times:
            self.counter.note(Columns.of([tag], [time], [value], [GOOD]), time + delay_ms, how)
        self.counter.sample()

    def turn(self, at: int) -> None:
        """The book has its turn."""
        self.clock.now = at
        self.book.turn(at)

    def stored(self, hour: int) -> dict[tuple[str, Cause], float]:
        """Amounts of an hour by metric and cause, from the store."""
        units = [row.unit.storage for row in UNITS]
        events = self.historian.events(units, [EventKind.QUALITY], hour, hour + 1)
        found = read_defects([event for event in events if event.time == hour], self.tags)
        columns = zip(found.tag.tolist(), found.cause.tolist(), found.amount.tolist(), strict=True)
        return {(self.tags[tag].metric.key, CAUSES[cause]): amount for tag, cause, amount in columns}


@pytest.fixture
def process():
    """A collector over a store that holds the hour before and this one."""
    process = Process(Failing(TAGS))
    process.fill(HOUR - 2 * HOUR_MS, HOUR + HOUR_MS)
    return process


def test_an_hour_is_judged_when_it_is_over_and_its_minutes_are_made(process):
    """The hour before is judged at once; this one a minute after its end, with the worst tags and why."""
    process.turn(HOUR + 30 * MINUTE_MS)
    assert process.book.latest["alpha"].hour == HOUR - HOUR_MS
    assert process.book.latest["alpha"].score == 100
    process.come(POWER, *range(HOUR + 40 * MINUTE_MS, HOUR + 50 * MINUTE_MS, MINUTE_MS), delay_ms=20_000)
    process.turn(HOUR + HOUR_MS + SETTLE_MS - 1)
    assert process.book.latest["alpha"].hour == HOUR - HOUR_MS
    process.turn(HOUR + HOUR_MS + SETTLE_MS)
    quality = process.book.latest["alpha"]
    assert (quality.hour, quality.tags) == (HOUR, len(SERVED))
    assert quality.causes == {Cause.CLOCK_SKEW: 1}
    assert [(worst.tag, dict(worst.causes)) for worst in quality.worst] == [
        (TAGS[POWER].path, {Cause.CLOCK_SKEW: 10.0})
    ]
    assert quality.score == pytest.approx(100 - 30 / len(SERVED), abs=0.05)


def test_an_hour_waits_for_its_minutes(process):
    """Rows that are not made yet are no gaps."""
    process.book = QualityBook(process.historian, TAGS, SERVED, process.counter, lambda: HOUR + 59 * MINUTE_MS)
    process.turn(HOUR + 10 * MINUTE_MS)
    process.turn(HOUR + HOUR_MS + 10 * MINUTE_MS)
    assert process.book.latest["alpha"].hour == HOUR - HOUR_MS


def test_counts_and_scores_outlive_the_process(process):
    """What a killed collector had counted by its last turn is there; the next one goes on with it."""
    process.turn(HOUR)
    process.come(POWER, HOUR + 1, HOUR + 2, delay_ms=20_000)
    process.turn(HOUR + MINUTE_MS)
    process.come(POWER, HOUR + 3, delay_ms=20_000)
    process.turn(HOUR + 2 * MINUTE_MS)
    second = Process(process.historian)
    second.come(POWER, HOUR + 4, delay_ms=20_000)
    second.turn(HOUR + 3 * MINUTE_MS)
    assert second.book.latest == process.book.latest
    assert second.stored(HOUR) == {("power", Cause.CLOCK_SKEW): 4}
    second.turn(HOUR + HOUR_MS + SETTLE_MS)
    assert second.book.latest["alpha"].worst[0].causes == {Cause.CLOCK_SKEW: 4}


@pytest.mark.parametrize("store", ["duckdb", pytest.param("influxdb", marks=pytest.mark.influxdb)])
def test_every_store_keeps_the_book(store, tmp_path, request):
    """The same turns over a real store: counts, a restart, a judgement, a replay that mends it."""
    address = "" if store == "duckdb" else request.getfixturevalue("influxdb")
    hour = now_ms() // HOUR_MS * HOUR_MS - 3 * HOUR_MS  # InfluxDB takes nothing that is too old
    historian = open_historian(address, TAGS, tmp_path, Retention())
    first = Process(historian)
    first.fill(hour - HOUR_MS, hour + 2 * HOUR_MS, without=(POWER,))
    first.turn(hour)
    first.come(POWER, hour + 1, delay_ms=20_000)
    first.turn(hour + MINUTE_MS)
    second = Process(historian)
    second.turn(hour + HOUR_MS + SETTLE_MS)
    assert second.book.latest["alpha"].worst[0].causes == {Cause.GAP: 3600, Cause.CLOCK_SKEW: 1}
    second.fill(hour, hour + 2 * HOUR_MS)
    second.come(POWER, hour + 2, delay_ms=HOUR_MS, how=Arrival.REPLAYED)
    for minute in range(3):
        second.turn(hour + HOUR_MS + SETTLE_MS + minute * MINUTE_MS)
    assert second.book.latest["alpha"].causes == {Cause.CLOCK_SKEW: 1, Cause.LATE: 1}
    (event,) = historian.events([site_unit("alpha")], [EventKind.QUALITY], hour, hour + 1)[-1:]
    assert read_site(event) == second.book.latest["alpha"]
    historian.close()


def test_late_readings_make_an_hour_be_judged_again(process):
    """A turn after they came, when their minutes have been made; a gap that is gone is gone from the score."""
    process.historian.delete(TAGS[POWER].storage.rpartition("/")[0], HOUR, HOUR + HOUR_MS)
    process.turn(HOUR + HOUR_MS + SETTLE_MS)
    worst = process.book.latest["alpha"].worst
    assert worst
    assert all(dict(each.causes) == {Cause.GAP: 3600.0} for each in worst)
    process.come(POWER, HOUR + 5, delay_ms=2 * HOUR_MS, how=Arrival.REPLAYED)
    process.fill(HOUR, HOUR + HOUR_MS)
    process.turn(HOUR + HOUR_MS + 2 * SETTLE_MS)
    assert process.book.latest["alpha"].causes[Cause.GAP] > 0
    process.turn(HOUR + HOUR_MS + 3 * SETTLE_MS)
    assert process.book.latest["alpha"].causes == {Cause.LATE: 1}
    assert process.stored(HOUR) == {("power", Cause.LATE): 1}


def test_an_old_hour_that_is_judged_again_does_not_hide_the_newest(process):
    """Health tells the last full hour."""
    process.turn(HOUR + HOUR_MS + SETTLE_MS)
    process.come(POWER, HOUR - HOUR_MS + 5, delay_ms=2 * HOUR_MS, how=Arrival.REPLAYED)
    for minute in range(2, 4):
        process.turn(HOUR + HOUR_MS + minute * SETTLE_MS)
    assert process.book.latest["alpha"].hour == HOUR
    assert process.stored(HOUR - HOUR_MS) == {("power", Cause.LATE): 1}


def test_nothing_counted_is_lost_while_the_store_is_away(process):
    """It waits, and is kept when the store is back."""
    process.turn(HOUR + SETTLE_MS)
    process.historian.away = True
    process.come(POWER, HOUR + 1, delay_ms=20_000)
    process.turn(HOUR + MINUTE_MS)
    process.come(POWER, HOUR + 2, delay_ms=20_000)
    process.turn(HOUR + HOUR_MS + SETTLE_MS)
    assert process.book.latest["alpha"].hour == HOUR - HOUR_MS
    process.historian.away = False
    process.turn(HOUR + HOUR_MS + 2 * SETTLE_MS)
    assert process.book.latest["alpha"].hour == HOUR
    assert process.stored(HOUR) == {("power", Cause.CLOCK_SKEW): 2}


def test_hours_without_a_collector_are_judged_afterwards(process):
    """As gaps, some at a turn; those of long ago are left alone."""
    process.turn(HOUR + HOUR_MS + SETTLE_MS)
    later = HOUR + 12 * HOUR_MS
    second = Process(process.historian, clock=Clock(later))
    second.turn(later + SETTLE_MS)
    assert second.book.latest["alpha"].hour == HOUR + MOST_HOURS * HOUR_MS
    assert second.book.latest["alpha"].score == 0
    second.turn(later + 2 * SETTLE_MS)
    assert second.book.latest["alpha"].hour == later - HOUR_MS
    much_later = later + 3 * LOOK_BACK_MS
    third = Process(process.historian, clock=Clock(much_later))
    third.turn(much_later + SETTLE_MS)
    assert third.book.latest["alpha"].hour == much_later - LOOK_BACK_MS + (MOST_HOURS - 1) * HOUR_MS


def test_a_new_installation_is_not_blamed_for_the_time_before_it():
    """The first hour that is judged is the first that is there as a whole."""
    process = Process(MemoryHistorian(TAGS))
    process.come(POWER, HOUR + 1, delay_ms=20_000)
    process.turn(HOUR + 10 * MINUTE_MS)
    assert process.book.latest == {}
    process.fill(HOUR + 20 * MINUTE_MS, HOUR + 2 * HOUR_MS)
    process.turn(HOUR + HOUR_MS + SETTLE_MS)
    assert process.book.latest == {}
    process.turn(HOUR + 2 * HOUR_MS + SETTLE_MS)
    assert process.book.latest["alpha"].hour == HOUR + HOUR_MS
    assert process.book.latest["alpha"].score == 100


def test_a_wrong_unit_of_measure_counts_for_as_long_as_it_is_named(process):
    """From the birth that names it to the birth that does not."""
    tags = np.array(SERVED)
    process.turn(HOUR)
    process.counter.born(tags, [POWER])
    process.turn(HOUR + 10 * MINUTE_MS)
    process.turn(HOUR + 20 * MINUTE_MS)
    process.counter.born(tags, [])
    process.turn(HOUR + 30 * MINUTE_MS)
    assert process.stored(HOUR) == {("power", Cause.UNIT_MISMATCH): 1200}


def test_many_readings_are_looked_at_together_and_none_is_forgotten(process):
    """In batches that do not depend on how they came."""
    for first in range(0, 3 * TOGETHER, 100):
        times = np.arange(HOUR + first, HOUR + first + 100)
        readings = Columns(np.full(100, POWER, np.int32), times, np.full(100, np.inf), np.full(100, GOOD, np.uint16))
        process.counter.note(readings, HOUR + first + 100, Arrival.LIVE if first % 700 else Arrival.REPLAYED)
    process.counter.sample()
    process.counter.note(Columns.empty(), HOUR, Arrival.LIVE)
    found = process.counter.take(HOUR)
    assert found.amount.tolist() == [3 * TOGETHER]
    assert len(process.counter.take(HOUR)) == 0


def test_a_flood_of_defects_takes_no_more_room_than_the_tags_have(process, monkeypatch):
    """Equal ones are added up."""
    monkeypatch.setattr("collectors.quality.MOST_FOUND", 50)
    for second in range(1_000):
        process.come(POWER, HOUR + second * 1000, value=np.nan)
    assert sum(map(len, process.counter._found)) <= 51
    assert process.counter.take(HOUR).amount.tolist() == [1_000]


async def _told(address, historian):
    """What a running collector says about alpha."""
    async with collecting(address, historian, ENTERPRISE, TAGS) as collector:
        await until(lambda: "alpha" in collector.health(True)[1]["sites"], "the site is told of")
        await until(
            lambda: collector.health(True)[1]["sites"]["alpha"]["quality"] is not None, "the last full hour is judged"
        )
        registry = CollectorRegistry()
        registry.register(collector.metrics)
        return collector.health(True)[1]["sites"]["alpha"]["quality"], generate_latest(registry).decode()


@pytest.mark.broker
def test_a_running_collector_tells_the_last_full_hour_at_once(mosquitto):
    """In the health of each site and to Prometheus, from what the historian holds."""
    historian = MemoryHistorian(TAGS)
    present = now_ms() // HOUR_MS * HOUR_MS
    Process(historian).fill(present - 3 * HOUR_MS, present, without=(POWER,))
    quality, metrics = asyncio.run(_told(mosquitto, historian))
    assert quality["hour"] in {present - 2 * HOUR_MS, present - HOUR_MS}  # the last one may have ended just now
    assert quality["causes"] == {Cause.GAP: 1}
    assert quality["worst"][0]["tag"] == TAGS[POWER].path
    assert f'collector_quality_score{{site="alpha"}} {quality["score"]}' in metrics
