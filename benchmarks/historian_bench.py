"""Write rate and query time of each historian, side by side; run by ``make bench`` (about a minute).

InfluxDB is measured when ``influxd`` 1.x is installed; it is started on loopback in a temporary folder.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from plant.historian.open import open_historian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Retention, Tier
from plant.historian.rebuild import rebuild
from plant.historian.series import series
from plant.model.load import load
from plant.model.tags import TagTable
from plant.readings import GOOD, Columns

# The server is the one that the tests start.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

SPAN_MS = HOUR_MS
STEP_MS = 5_000
ROUNDS = 7
TRENDS = 6
"""Tags of one chart."""


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


def measure(historian: Historian, tags: int) -> dict[str, str]:
    """What one historian does, as texts for the table."""
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
    return {
        "bulk write, values/s": f"{rows / bulk:,.0f}",
        f"one scan ({tags} values), ms": f"{1e3 * seconds(one_scan):.1f}",
        f"tiers of the hour ({rows:,} values), s": f"{tiers:.2f}",
        f"trend of an hour, {TRENDS} tags, ms": (
            f"{1e3 * seconds(lambda: series(historian, some, start, end, 600)):.1f}"
        ),
        f"trend of 8 h, {TRENDS} tags, ms": (
            f"{1e3 * seconds(lambda: series(historian, some, end - 8 * HOUR_MS, end, 480)):.1f}"
        ),
        "minute rows of the hour, all tags, ms": (
            f"{1e3 * seconds(lambda: historian.tier(Tier.MINUTE, everything, start, end), 3):.0f}"
        ),
        "held, all tags, ms": f"{1e3 * seconds(lambda: historian.held(everything, end), 3):.0f}",
        "disk, bytes a value": _disk(historian, rows),
    }


def _disk(historian: Historian, rows: int) -> str:
    size = historian.health().size_bytes
    return "-" if size is None else f"{size / rows:.1f}"


@contextmanager
def influxdb(folder: Path) -> Iterator[str]:
    """Address of a fresh InfluxDB."""
    from servers.influxdb import influxdb as server_in  # noqa: PLC0415 - only who has InfluxDB needs it

    server = server_in(folder)
    server.start()
    try:
        yield f"influxdb://127.0.0.1:{server.port}/bench"
    finally:
        server.stop()


def main() -> None:
    """Measure and print the table."""
    console = Console()
    tags = TagTable(load("gypsum"))
    found: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        found["DuckDB"] = _measured("", tags, Path(folder))
        if shutil.which("influxd") is None:
            console.print("influxd is not installed: InfluxDB is not measured")
        else:
            server_folder = Path(folder) / "influxdb"
            server_folder.mkdir()
            with influxdb(server_folder) as address:
                found["InfluxDB 1.x"] = _measured(address, tags, Path(folder))
    table = Table("historian", *found, title=f"{len(tags)} tags, an hour at {STEP_MS // 1000} s")
    for row in next(iter(found.values())):
        table.add_row(row, *(figures[row] for figures in found.values()))
    console.print(table)


def _measured(address: str, tags: TagTable, folder: Path) -> dict[str, str]:
    historian = open_historian(address, tags, folder, Retention())
    try:
        return measure(historian, len(tags))
    finally:
        historian.close()


if __name__ == "__main__":
    main()
