"""Write rate and query time of each historian, side by side; run by ``make bench`` (about a minute).

InfluxDB is measured when ``influxd`` 1.x is installed; it is started on loopback in a temporary folder.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
from servers.influxdb import influxdb as influxdb_server

from benchmarks.report import Report, Row
from plant.historian.open import open_historian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Retention, Tier
from plant.historian.rebuild import rebuild
from plant.historian.series import series
from plant.model.load import load
from plant.model.tags import TagTable
from plant.readings import GOOD, Columns

SPAN_MS = HOUR_MS
STEP_MS = 5_000
ROUNDS = 7
TRENDS = 6
"""Tags of one chart."""
DIGITS_BELOW = 100
"""Figures below have a digit after the point."""


def history(tags: int, start: int, seed: int = 7) -> Iterator[Columns]:
    """An hour of all tags, minute by minute: random walks, one reading every `STEP_MS`."""
    rng = np.random.default_rng(seed)
    value = rng.normal(50.0, 10.0, tags)
    per_minute = MINUTE_MS // STEP_MS
    for minute in range(start, start + SPAN_MS, MINUTE_MS):
        walk = value + np.cumsum(rng.normal(0.0, 0.1, (per_minute, tags)), axis=0)
        value = walk[-1]
        yield Columns(
            np.tile(np.arange(tags, dtype=np.int32), per_minute),
            np.repeat(minute + STEP_MS * np.arange(per_minute, dtype=np.int64), tags),
            walk.ravel(),
            np.full(walk.size, GOOD, np.uint16),
        )


def seconds(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median time of an action, s."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def measure(historian: Historian, tags: int) -> dict[str, float | None]:
    """What one historian does; None is unknown."""
    now = time.time_ns() // 1_000_000
    start = (now - 2 * HOUR_MS) // HOUR_MS * HOUR_MS
    end = start + SPAN_MS
    parts = list(history(tags, start))
    rows = sum(len(part) for part in parts)
    bulk = sum(seconds(lambda part=part: historian.write(part), 1) for part in parts)
    tiers = seconds(lambda: rebuild(historian, range(tags), start, end, lambda _: None), 1)

    clock = count(end, 1000)
    scan = parts[0].take(parts[0].time == start)

    def one_scan() -> None:
        historian.write(Columns(scan.tag, np.full(len(scan), next(clock), np.int64), scan.value, scan.quality))

    some = list(range(0, tags, max(1, tags // TRENDS)))[:TRENDS]
    everything = range(tags)
    hour = end - 8 * HOUR_MS
    size = historian.health().size_bytes
    return {
        "bulk write, values/s": rows / bulk,
        f"one scan ({tags} values), ms": 1e3 * seconds(one_scan),
        f"tiers of the hour ({rows:,} values), s": tiers,
        f"trend of an hour, {TRENDS} tags, ms": 1e3 * seconds(lambda: series(historian, some, start, end, 600)),
        f"trend of 8 h, {TRENDS} tags, ms": 1e3 * seconds(lambda: series(historian, some, hour, end, 480)),
        "minute rows of the hour, all tags, ms": (
            1e3 * seconds(lambda: historian.tier(Tier.MINUTE, everything, start, end), 3)
        ),
        "held, all tags, ms": 1e3 * seconds(lambda: historian.held(everything, end), 3),
        "disk, bytes a value": None if size is None else size / rows,
    }


@contextmanager
def influxdb(folder: Path) -> Iterator[str]:
    """Address of a fresh InfluxDB."""
    server = influxdb_server(folder)
    server.start()
    try:
        yield f"influxdb://127.0.0.1:{server.port}/bench"
    finally:
        server.stop()


def main() -> Sequence[Report]:
    """Measure each historian once."""
    tags = TagTable(load("gypsum"))
    found: dict[str, dict[str, float | None]] = {}
    with tempfile.TemporaryDirectory() as folder:
        found["DuckDB"] = _measured("", tags, Path(folder))
        if shutil.which("influxd") is not None:
            server_folder = Path(folder) / "influxdb"
            server_folder.mkdir()
            with influxdb(server_folder) as address:
                found["InfluxDB 1.x"] = _measured(address, tags, Path(folder))
    rows = [
        Row(f"{store}: {what}", value, 0 if value is None or value >= DIGITS_BELOW else 1)
        for store, figures in found.items()
        for what, value in figures.items()
    ]
    return [Report(f"historians: {len(tags)} tags, an hour at {STEP_MS // 1000} s", rows)]


def _measured(address: str, tags: TagTable, folder: Path) -> dict[str, float | None]:
    historian = open_historian(address, tags, folder, Retention())
    try:
        return measure(historian, len(tags))
    finally:
        historian.close()
