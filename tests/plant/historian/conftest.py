"""A small tag table, and every historian opened over it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.influxdb.connection import Connection
from plant.historian.influxdb.historian import InfluxDBHistorian
from plant.historian.memory import MemoryHistorian
from plant.historian.open import open_historian
from plant.historian.protocol import HOUR_MS, Historian, Retention
from plant.model.enterprise import (
    Area,
    Calendar,
    Datatype,
    Enterprise,
    Line,
    Metric,
    Role,
    Site,
    SiteStatus,
    Text,
    Unit,
)
from plant.model.tags import TagTable

NAME = Text("имя", "name")
RETENTION = Retention(raw=14, minute=90, hour=None, events=400)


def metric(key: str, role: Role = Role.VALUE, datatype: Datatype = Datatype.DOUBLE, stored_as: str = "") -> Metric:
    """A metric of which the historian needs no more."""
    return Metric(key, NAME, role, datatype, stored_as=stored_as or key)


def unit(site: str, line: str, slug: str, *metrics: Metric) -> Unit:
    """A unit stored under the path that it has."""
    return Unit(slug, NAME, "generic", site, "area", line, "gate", metrics, storage=f"{site}/{line}/{slug}")


def table(*units: Unit) -> TagTable:
    """The tag table of an enterprise that has these units."""
    sites = []
    for slug in dict.fromkeys(unit.site for unit in units):
        mine = [unit for unit in units if unit.site == slug]
        lines = tuple(
            Line(
                line,
                NAME,
                slug,
                "area",
                "none",
                tuple(each for each in mine if each.line == line),
                storage=f"{slug}/{line}",
            )
            for line in dict.fromkeys(unit.line for unit in mine)
        )
        area = Area("area", NAME, slug, lines)
        zone = ZoneInfo("UTC")
        sites.append(
            Site(slug, NAME, zone, 0, 0, SiteStatus.PRODUCTION, "host", Calendar("day", ()), (area,), gateways=())
        )
    return TagTable(Enterprise("test", NAME, tuple(sites), {}, {}, {}))


DRUM = unit(
    "alpha",
    "kiln",
    "drum",
    metric("state", Role.STATE, Datatype.INT32),
    metric("mode", Role.MODE, Datatype.INT32),
    metric("temperature"),
    metric("running", Role.VALUE, Datatype.BOOLEAN),
    metric("recipe", Role.PRODUCT, Datatype.STRING),
)
SCREW = unit("alpha", "kiln", "screw", metric("feed", Role.RATE))
OTHERS = unit("beta", "kiln", "drum", *(metric(f"value-{number}") for number in range(40)))


@pytest.fixture
def tags() -> TagTable:
    """Three units of two sites; one unit's path is the same in both but for the site."""
    return table(DRUM, SCREW, OTHERS)


@pytest.fixture
def renamed_tags() -> TagTable:
    """The same plant after ``temperature`` was renamed and a metric was added before it."""
    heat = metric("heat", stored_as="temperature")
    state, mode, _, running, recipe = DRUM.metrics
    return table(replace(DRUM, metrics=(metric("pressure"), state, mode, heat, running, recipe)), SCREW, OTHERS)


@pytest.fixture
def twin_tags() -> TagTable:
    """Two units that have the same metrics."""
    return table(*(unit("alpha", "kiln", slug, metric("feed"), metric("heat")) for slug in ("left", "right")))


@dataclass
class Bench:
    """A historian under test.

    Attributes:
        base: A full hour about two hours ago, UTC ms.
        reopen: Closes the historian and opens the same data over a tag table.
    """

    historian: Historian
    tags: TagTable
    reopen: Callable[[TagTable], Historian]
    base: int = field(default_factory=lambda: (int(time.time() * 1000) // HOUR_MS - 2) * HOUR_MS)


def opener(address: str, folder: Path, tags: TagTable) -> Iterator[Bench]:
    """A bench over whatever `address` names."""

    def reopen(tags: TagTable) -> Historian:
        bench.historian.close()
        bench.historian = open_historian(address, tags, folder, RETENTION)
        bench.tags = tags
        return bench.historian

    bench = Bench(open_historian(address, tags, folder, RETENTION), tags, reopen)
    yield bench
    bench.historian.close()


@pytest.fixture(params=["duckdb", pytest.param("influxdb", marks=pytest.mark.influxdb)])
def durable(request: pytest.FixtureRequest, tags: TagTable, tmp_path: Path) -> Iterator[Bench]:
    """Each historian that keeps its data when it is closed."""
    address = "" if request.param == "duckdb" else request.getfixturevalue("influxdb")
    yield from opener(address, tmp_path, tags)


@pytest.fixture(params=["memory", "duckdb", pytest.param("influxdb", marks=pytest.mark.influxdb)])
def bench(request: pytest.FixtureRequest, tags: TagTable, tmp_path: Path) -> Iterator[Bench]:
    """Each historian."""
    if request.param == "memory":
        yield Bench(MemoryHistorian(tags, RETENTION), tags, lambda _: pytest.fail("memory cannot be opened again"))
    else:
        address = "" if request.param == "duckdb" else request.getfixturevalue("influxdb")
        yield from opener(address, tmp_path, tags)


@pytest.fixture
def address(influxdb: str) -> InfluxDBAddress:
    """A database that does not exist yet."""
    return InfluxDBAddress.parse(influxdb)


@pytest.fixture
def now() -> int:
    """The real time, which the server's retention goes by, UTC ms."""
    return time.time_ns() // 1_000_000


@pytest.fixture
def connection(address: InfluxDBAddress) -> Iterator[Connection]:
    """The server as a third party sees it."""
    connection = Connection(address, "", "")
    yield connection
    connection.close()


@pytest.fixture
def opened(address: InfluxDBAddress) -> Iterator[Callable[..., InfluxDBHistorian]]:
    """Opens historians over the database and closes them at the end."""
    historians: list[InfluxDBHistorian] = []

    def opened(tags: TagTable, retention: Retention = RETENTION, **options: object) -> InfluxDBHistorian:
        historians.append(InfluxDBHistorian(address, tags, retention, **options))
        return historians[-1]

    yield opened
    for historian in historians:
        historian.close()
