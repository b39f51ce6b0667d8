"""Counted with a real collector and a real historian: whoever goes away and comes back, no value is missing.

The world runs at 60 times the clock, hours in the past: ten minutes of it take ten seconds. What keeps and replays
values knows nothing of the world's time, so the speed changes how many they are, not how it works.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path

import orjson
import pytest
from collecting import collecting
from fleets import TINY, Running, fleet_running, wall_ms
from links import until
from servers.brokers import BrokerServer
from structlog.testing import capture_logs
from wires import Wire

from collectors.collector import Collector
from plant.historian.open import open_historian
from plant.historian.protocol import MINUTE_MS, Historian, Retention, Tier
from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.mqtt.address import BrokerAddress
from plant.readings import GOOD, EventKind
from simulators.fleet.ring import Ring, RingLimits
from simulators.world.influence import Injection
from simulators.world.world import World

pytestmark = pytest.mark.broker

ENTERPRISE = load(TINY)
TAGS = TagTable(ENTERPRISE)
TEXTS = text_tags(ENTERPRISE)
SOURCES = 6
"""Three edge nodes with a device each."""
BEHIND_S = 6 * 3600
SPEED = 60.0
JOURNALLED = Path(__file__).parents[2] / "journalled.py"

Point = tuple[str, int, float | str]
"""Path of the tag, source time in UTC ms, value."""


@pytest.fixture
def historian(request: pytest.FixtureRequest, data_folder: Path) -> Iterator[Historian]:
    """DuckDB, or InfluxDB where the test asks for it."""
    address = request.getfixturevalue("influxdb") if getattr(request, "param", "") == "influxdb" else ""
    with closing(open_historian(address, TAGS, data_folder, Retention())) as historian:
        yield historian


def assert_holds(historian: Historian, journal: set[Point]) -> None:
    """In the time of the journal the historian has its numbers, each once, and all its texts.

    What else it has is what a birth confirmed after an absence: the value that had held all the time.
    """
    numbers = {point for point in journal if not isinstance(point[2], str)}
    assert len(numbers) > 500
    times = [time for _, time, _ in journal]
    raw = historian.raw(range(len(TAGS)), min(times), max(times) + 1)
    good = raw.take(raw.quality == GOOD)
    stored = Counter(
        (TAGS[tag].path, time, value)
        for tag, time, value in zip(good.tag.tolist(), good.time.tolist(), good.value.tolist(), strict=True)
    )
    assert numbers - stored.keys() == set(), "nothing is missing"
    assert not [point for point in stored.keys() - numbers if held(numbers, point) != point[2]], "nothing is invented"
    assert set(stored.values()) == {1}
    units = sorted({text.unit.storage for text in TEXTS})
    events = historian.events(units, [EventKind.TEXT], min(times), max(times) + 1)
    path_of = {(text.unit.storage, text.metric.key): text.path for text in TEXTS}
    told = {(path_of[event.unit, event.metric], event.time, event.text) for event in events}
    assert {point for point in journal if isinstance(point[2], str)} <= told


def held(numbers: set[Point], point: Point) -> float | str | None:
    """What the journal's last number of that tag was by then."""
    path, at, _ = point
    return max(((time, value) for name, time, value in numbers if name == path and time <= at), default=(0, None))[1]


def assert_minutes(historian: Historian, journal: set[Point]) -> None:
    """Every minute of the absence is made anew: it counts what the journal has for it, and ends with its last value."""
    numbers = sorted(point for point in journal if not isinstance(point[2], str))
    first, last = numbers[0][1], max(time for _, time, _ in numbers)
    counts = Counter((path, time // MINUTE_MS) for path, time, _ in numbers)
    ends = {(path, time // MINUTE_MS): value for path, time, value in numbers}
    rows = historian.tier(Tier.MINUTE, range(len(TAGS)), first - first % MINUTE_MS, last - last % MINUTE_MS)
    columns = zip(rows.tag.tolist(), rows.time.tolist(), rows.count.tolist(), rows.last.tolist(), strict=True)
    made = {(TAGS[tag].path, time // MINUTE_MS): (count, value) for tag, time, count, value in columns if count}
    expected = {key: (counts[key], ends[key]) for key in counts if key[1] < last // MINUTE_MS}
    assert made == expected


def assert_shows_the_newest(collector: Collector, journal: set[Point]) -> None:
    """What is shown is the newest value of each tag, whatever came after it as history."""
    live = collector._live
    shown = {(tag.path, int(live.time[tag.index]), float(live.value[tag.index])) for tag in TAGS}
    newest = {path: (time, value) for path, time, value in sorted(p for p in journal if not isinstance(p[2], str))}
    assert shown == {(path, time, value) for path, (time, value) in newest.items()}


def by_path(run: Running) -> set[Point]:
    """The journal of a fleet in this process, by paths of tags."""
    paths = {
        f"{each.unit.site}/{each.unit.gateway}/{each.unit.slug}/{each.metric.key}": each.path
        for each in [*TAGS, *TEXTS]
    }
    return {(paths[name], time, value) for name, time, value in run.journal}


@asynccontextmanager
async def host(address: BrokerAddress, historian: Historian) -> AsyncIterator[Collector]:
    """A collector that is there until it has heard the goodbye of all edge nodes, if the test ends them inside."""
    async with collecting(address, historian, ENTERPRISE, TAGS, batch_s=0.05) as collector:
        yield collector


def real_world(enterprise: Enterprise, now_ms: int) -> World:
    """All sites, warm and running."""
    return World(enterprise, TAGS, TEXTS, None, 7, now_ms)


async def started(
    fleet: AsyncExitStack, address: BrokerAddress, world_of: Callable[[Enterprise, int], World] = real_world
) -> Running:
    """A fleet that runs until its stack is closed."""
    return await fleet.enter_async_context(fleet_running(address, speed=SPEED, behind_s=BEHIND_S, world_of=world_of))


async def world_goes_on(run: Running, for_ms: int) -> None:
    """So much time passes in the world, ms."""
    to_ms = run.world.now_ms + for_ms
    await until(lambda: run.world.now_ms >= to_ms, f"{for_ms / 1000:g} s of the world", timeout_s=40)


async def all_told(run: Running) -> None:
    """Nothing is left to replay."""
    await until(lambda: run.born and run.fleet.status().replaying == 0, "all is told", timeout_s=40)


async def end(fleet: AsyncExitStack, collector: Collector) -> None:
    """End a fleet; returns when the collector has heard the last of it."""
    deaths = collector.counts.deaths
    await fleet.aclose()
    await until(lambda: collector.counts.deaths >= deaths + SOURCES, "the goodbye")


@pytest.mark.parametrize(
    ("historian", "away_min"),
    [("duckdb", 10), pytest.param("influxdb", 2, marks=pytest.mark.influxdb)],
    indirect=["historian"],
)
def test_a_host_that_is_away_misses_nothing(mosquitto: BrokerAddress, historian: Historian, away_min: int) -> None:
    """Edge nodes tell the host that comes back all; minutes are made anew, and what is shown stays the newest."""

    async def scenario() -> tuple[Running, Collector]:
        async with AsyncExitStack() as fleet:
            run = await started(fleet, mosquitto)
            async with host(mosquitto, historian):
                await until(lambda: run.born, "all born")
                await world_goes_on(run, 40_000)
            await world_goes_on(run, away_min * 60_000)
            assert not run.born
            async with host(mosquitto, historian) as collector:
                await all_told(run)
                await world_goes_on(run, 30_000)
                assert collector.counts.historical > 0
                await end(fleet, collector)
        return run, collector

    run, collector = asyncio.run(scenario())
    assert run.fleet.status().lost == 0
    assert_holds(historian, by_path(run))
    assert_minutes(historian, by_path(run))
    assert_shows_the_newest(collector, by_path(run))


def test_a_broker_that_is_away_costs_nothing(mosquitto_server: BrokerServer, historian: Historian) -> None:
    """Edge nodes and host lose it at the same time; what was on its way and what was scanned meanwhile comes later."""
    address = mosquitto_server.address

    async def scenario() -> Running:
        async with AsyncExitStack() as fleet, host(address, historian) as collector:
            run = await started(fleet, address)
            await until(lambda: run.born, "all born")
            await world_goes_on(run, 60_000)
            await asyncio.to_thread(mosquitto_server.kill)
            await world_goes_on(run, 120_000)
            await asyncio.to_thread(mosquitto_server.start)
            await all_told(run)
            await world_goes_on(run, 30_000)
            await end(fleet, collector)
        return run

    run = asyncio.run(scenario())
    assert run.fleet.status().lost == 0
    assert_holds(historian, by_path(run))


def test_what_is_swallowed_by_a_dying_connection_is_told_again(
    mosquitto: BrokerAddress, historian: Historian, free_port: Callable[[], int]
) -> None:
    """Nobody refuses what is sent into a network that has lost its way; the replay begins before the loss is seen."""

    async def scenario() -> Running:
        wire = Wire(free_port(), mosquitto.port)
        await wire.open()
        async with AsyncExitStack() as fleet, host(mosquitto, historian) as collector:
            run = await started(fleet, BrokerAddress("127.0.0.1", wire.port))
            await until(lambda: run.born, "all born")
            await world_goes_on(run, 60_000)
            wire.silent = True
            await world_goes_on(run, 60_000)
            assert run.born, "nobody has noticed"
            await wire.cut()
            wire.silent = False
            await until(lambda: not run.born, "the loss is seen")
            await wire.open()
            await all_told(run)
            await world_goes_on(run, 30_000)
            await end(fleet, collector)
            await wire.cut()
        return run

    run = asyncio.run(scenario())
    assert_holds(historian, by_path(run))


def test_a_scenario_that_cuts_one_node_off_costs_nothing(mosquitto: BrokerAddress, historian: Historian) -> None:
    """`comms_loss`, with its times shortened to a fifth: one node is gone for four minutes, the others never are."""

    def world_of(enterprise: Enterprise, now_ms: int) -> World:
        world = real_world(enterprise, now_ms)
        world.inject(Injection("loss", "comms_loss", now_ms, parameters={"stretch": 0.2}))
        return world

    async def scenario() -> Running:
        async with AsyncExitStack() as fleet, host(mosquitto, historian) as collector:
            run = await started(fleet, mosquitto, world_of)
            await until(lambda: run.born, "all born")
            begin_ms = run.world.now_ms
            await until(lambda: any(node.cut for node in run.fleet.nodes), "the cut")
            await until(lambda: not any(node.cut for node in run.fleet.nodes), "its end", timeout_s=40)
            assert run.world.now_ms - begin_ms > 240_000
            await all_told(run)
            await world_goes_on(run, 30_000)
            await end(fleet, collector)
        return run

    run = asyncio.run(scenario())
    assert sorted(node.counts.births.total() for node in run.fleet.nodes) == [1, 1, 2]
    assert run.fleet.status().lost == 0
    assert_holds(historian, by_path(run))


@contextmanager
def simulators(address: BrokerAddress, data: Path, journal: Path, begin_ms: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process around a real world; killed if it is still there at the end."""
    command = [sys.executable, str(JOURNALLED), str(address), str(data), str(journal), str(SPEED), str(begin_ms)]
    with journal.with_suffix(".log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def read(journal: Path) -> set[Point]:
    """What a process wrote down; a line that was cut by its end was never told."""
    points: set[Point] = set()
    for line in journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []:
        time, numbers, words = orjson.loads(line)
        points |= {(path, time, value) for path, value in [*numbers, *words]}
    return points


def reached(journal: Path) -> int:
    """The last source time, UTC ms; 0 for none."""
    lines = journal.read_bytes().split(b"\n") if journal.exists() else []
    return int(orjson.loads(lines[-2])[0]) if len(lines) > 1 else 0


def test_a_killed_process_loses_nothing(mosquitto: BrokerAddress, historian: Historian, tmp_path: Path) -> None:
    """SIGKILL while the host is away: the next process replays what the ring held and goes on from the saved world.

    What it tells again is the same, value for value.
    """
    begin_ms = (wall_ms() - 1000 * BEHIND_S) // 1000 * 1000
    journals = [tmp_path / "first.jsonl", tmp_path / "second.jsonl"]

    async def reaches(journal: Path, time_ms: int) -> None:
        await until(lambda: reached(journal) >= time_ms, f"the world reaches {time_ms}", timeout_s=40)

    async def scenario() -> int:
        with simulators(mosquitto, tmp_path, journals[0], begin_ms) as process:
            async with host(mosquitto, historian):
                await reaches(journals[0], begin_ms + 40_000)
            await reaches(journals[0], begin_ms + 150_000)
            process.kill()
        ring = Ring(tmp_path / "ring.sqlite", [tag.path for tag in TAGS], [], RingLimits(10**9, 10**9))
        safe_ms = max(record.told.last_ms for record in ring.read(ring.newest - 1, 1))
        ring.close()
        async with host(mosquitto, historian) as collector:
            with simulators(mosquitto, tmp_path, journals[1], begin_ms) as process:
                await reaches(journals[1], begin_ms + 240_000)
                await until(lambda: collector.counts.historical > 500, "the replay")
                deaths = collector.counts.deaths
                process.terminate()
                await until(lambda: collector.counts.deaths >= deaths + SOURCES, "the goodbye")
        return safe_ms

    safe_ms = asyncio.run(scenario())
    before, after = (read(journal) for journal in journals)
    told = {point for point in before if point[1] <= safe_ms}  # what had not reached the disk was told to nobody
    assert reached(journals[0]) - safe_ms <= 30_000
    again = {(path, time): value for path, time, value in told}
    assert all(again.get((path, time), value) == value for path, time, value in after), "nothing is contradicted"
    assert_holds(historian, told | after)


def test_a_ring_that_is_too_small_loses_the_oldest_and_counts_them(
    mosquitto: BrokerAddress, historian: Historian
) -> None:
    """What the historian lacks is counted; the loss is said once."""

    async def scenario() -> tuple[Running, int]:
        async with AsyncExitStack() as fleet:
            options = {"world_of": real_world, "ring_mb": 0.05, "speed": 1.0}
            run = await fleet.enter_async_context(fleet_running(mosquitto, behind_s=900, **options))
            async with host(mosquitto, historian):
                await until(lambda: run.born, "all born")
            away_ms = run.world.now_ms
            await until(lambda: run.fleet.status().lost > 100, "it overflows", timeout_s=60)
            async with host(mosquitto, historian) as collector:
                await all_told(run)
                await end(fleet, collector)
        return run, away_ms

    with capture_logs() as logs:
        run, away_ms = asyncio.run(scenario())
    journal = by_path(run)
    times = [time for _, time, _ in journal]
    raw = historian.raw(range(len(TAGS)), min(times), max(times) + 1)
    rows = zip(raw.tag.tolist(), raw.time.tolist(), raw.value.tolist(), strict=True)
    stored = {(TAGS[tag].path, time, value) for tag, time, value in rows}
    missing = {point for point in journal if not isinstance(point[2], str)} - stored
    sent = sum(time <= away_ms for time in times)  # before the host left: heard perhaps, nobody knows
    assert 0 < len(missing) <= run.fleet.status().lost <= len(missing) + sent + len(TAGS) + len(TEXTS)
    assert [entry["log_level"] for entry in logs if "the ring" in entry["event"]] == ["error"]
