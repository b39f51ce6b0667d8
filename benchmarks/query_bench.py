"""What a chart costs over an hour, a day, a month and a year, with each historian; run by ``make bench``.

Tiers are filled directly: minutes for the last 30 days, hours for the last year, readings for the last two hours.
DuckDB holds all tags, since one table holds them all and each query passes over the others; InfluxDB keeps a series by
field, so that only those that are asked for are filled. Rounds are interleaved: each asks every question of every store
once.

    python -m benchmarks.query_bench [--rounds 30] [--tags 400] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.historian_bench import influxdb
from plant.historian.open import open_historian
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Historian, Retention, Tier, TierColumns
from plant.historian.series import series
from plant.model.load import load
from plant.model.tags import TagTable
from plant.readings import GOOD, Columns

BUCKETS = 1_000
SPANS = {"1 h": HOUR_MS, "1 day": DAY_MS, "30 days": 30 * DAY_MS, "1 year": 365 * DAY_MS}
MANY = 20
"""Tags of one big chart."""
ROUNDS = 30
STEP_MS = 5_000
"""Between two readings of a tag."""
RAW_MS = 2 * HOUR_MS
SLICE_ROWS = 1_000_000
YEAR_TO_HOUR = 2.0
"""Goal: a year costs at most so many times an hour."""
P95_MS = {"DuckDB": 100.0, "InfluxDB 1.x": 200.0}
"""Goals of one tag over any span."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Times of one question to one store, ms."""

    store: str
    span: str
    tags: int
    p50_ms: float
    p95_ms: float


def walk(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """A signal with the digits of an instrument."""
    return np.round(50.0 + np.cumsum(rng.normal(0.0, 0.1, count)) % 10.0, 2)


def tier_rows(rng: np.random.Generator, tags: NDArray[np.int32], start: int, end: int, width: int) -> TierColumns:
    """Rows of all tags over [start, end), time by time as a collector writes them."""
    times = np.arange(start, end, width, dtype=np.int64)
    count = len(times) * len(tags)
    mean = walk(rng, count)
    spread = np.round(rng.random(count), 2)
    return TierColumns(
        np.tile(tags, len(times)),
        np.repeat(times, len(tags)),
        mean,
        mean - spread,
        mean + spread,
        mean,
        np.full(count, width // STEP_MS, np.int64),
        np.full(count, width, np.int64),
    )


def fill(historian: Historian, tags: Sequence[int], end: int) -> None:
    """A year of hours, 30 days of minutes and the last readings."""
    rng, index = np.random.default_rng(3), np.array(tags, np.int32)
    for tier, span in ((Tier.HOUR, 365 * DAY_MS), (Tier.MINUTE, 30 * DAY_MS)):
        step = max(1, SLICE_ROWS // len(tags)) * tier.width
        for at in range(end - span, end, step):
            historian.write_tier(tier, tier_rows(rng, index, at, min(at + step, end), tier.width))
    for at in range(end - RAW_MS, end, 10 * MINUTE_MS):
        times = np.arange(at, at + 10 * MINUTE_MS, STEP_MS, dtype=np.int64)
        count = len(times) * len(tags)
        historian.write(
            Columns(
                np.tile(index, len(times)),
                np.repeat(times, len(tags)),
                walk(rng, count),
                np.full(count, GOOD, np.uint16),
            )
        )


def ask(stores: dict[str, Historian], tags: Sequence[int], end: int, rounds: int) -> list[Figure]:
    """Every question of every round, and what came out."""
    rng = np.random.default_rng(4)
    times: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for number in range(rounds + 1):
        for count in (1, MANY):
            for span, length in SPANS.items():
                for store, historian in stores.items():
                    chosen = rng.choice(tags, count, replace=False).tolist()
                    begun = time.perf_counter()
                    found = series(historian, chosen, end - length, end, BUCKETS)
                    taken = 1e3 * (time.perf_counter() - begun)
                    assert np.isfinite(found.mean).mean() > 0.95, "what was filled is found"
                    if number:  # the first round warms up
                        times[store, span, count].append(taken)
    return [
        Figure(store, span, count, *(round(float(np.percentile(each, share)), 1) for share in (50, 95)))
        for (store, span, count), each in times.items()
    ]


def goals(figures: Sequence[Figure]) -> Iterator[tuple[str, str, float, float]]:
    """(store, what, reached, goal) for each goal."""
    for store, most in P95_MS.items():
        one = {figure.span: figure for figure in figures if figure.store == store and figure.tags == 1}
        if one:
            yield store, "p95 of one tag over any span, ms", max(each.p95_ms for each in one.values()), most
            yield store, "a year over an hour, p50", round(one["1 year"].p50_ms / one["1 h"].p50_ms, 2), YEAR_TO_HOUR


def measure(rounds: int = ROUNDS, most_tags: int = 0, console: Console | None = None) -> list[Figure]:
    """Fill the stores in temporary folders and ask them.

    Args:
        rounds: How often each question is asked.
        most_tags: Tags in DuckDB, 0 for all of the model.
        console: For progress; silent without one.
    """
    tell = (console or Console(quiet=True)).print
    table = TagTable(load("gypsum"))
    everything = [tag.index for tag in table if tag.is_live][: most_tags or None]
    asked = everything[:: max(1, len(everything) // (2 * MANY))][: 2 * MANY]
    end = (int(time.time() * 1_000) // HOUR_MS) * HOUR_MS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        addresses = {"DuckDB": ("", everything)}
        if shutil.which("influxd") is None:
            tell("influxd is not installed: InfluxDB is not measured")
        else:
            (folder / "influxdb").mkdir()
            addresses["InfluxDB 1.x"] = (stack.enter_context(influxdb(folder / "influxdb")), asked)
        stores: dict[str, Historian] = {}
        for name, (address, tags) in addresses.items():
            begun = time.perf_counter()
            stores[name] = stack.enter_context(closing(open_historian(address, table, folder, Retention(hour=None))))
            fill(stores[name], tags, end)
            tell(f"{name}: {len(tags)} tags filled in {time.perf_counter() - begun:.0f} s")
        return ask(stores, asked, end, rounds)


def report(figures: Sequence[Figure]) -> Iterator[Table]:
    """The figures, and the goals beside what was reached."""
    times = Table("store", "tags", *SPANS, title=f"A chart of {BUCKETS} buckets: p50 / p95, ms")
    for store, tags in dict.fromkeys((figure.store, figure.tags) for figure in figures):
        row = {figure.span: figure for figure in figures if (figure.store, figure.tags) == (store, tags)}
        times.add_row(store, str(tags), *(f"{row[span].p50_ms:.1f} / {row[span].p95_ms:.1f}" for span in SPANS))
    yield times
    reached = Table("store", "goal", "at most", "reached", "")
    for store, what, value, most in goals(figures):
        reached.add_row(store, what, f"{most:g}", f"{value:g}", "ok" if value <= most else "[bold]missed[/bold]")
    yield reached


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--tags", type=int, default=0, help="tags in DuckDB; 0 is all of the model")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    console = Console()
    figures = measure(options.rounds, options.tags, console)
    for table in report(figures):
        console.print(table)
    if options.json is not None:
        reached = [
            {"store": store, "goal": what, "reached": value, "at_most": most}
            for store, what, value, most in goals(figures)
        ]
        options.json.write_text(json.dumps({"query": [asdict(each) for each in figures], "goals": reached}, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
