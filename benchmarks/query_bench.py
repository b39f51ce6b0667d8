"""What a chart costs over an hour, a day, a month and a year, with each historian; run by ``make bench``.

Tiers are filled directly: minutes for the last 30 days, hours for the last year, readings for the last two hours.
DuckDB holds the tags of a large site, or as many as ``--tags`` says: one table holds them all, and each query passes
over the others. InfluxDB keeps a series by field, so that only those that are asked for are filled. Rounds are
interleaved: each asks every question of every store once.

    python -m benchmarks.query_bench [--rounds 30] [--tags 0] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.historian_bench import influxdb
from benchmarks.report import Goal, Report, Row
from plant.historian.open import open_historian
from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Historian, Retention, Tier, TierColumns
from plant.historian.series import series
from plant.model.load import load
from plant.model.tags import TagTable
from plant.readings import GOOD, Columns

BUCKETS = 1_000
SPANS = {
    "an hour": HOUR_MS,
    "a day": DAY_MS,
    "20 days": 20 * DAY_MS,
    "30 days": 30 * DAY_MS,
    "a year": 365 * DAY_MS,
}
"""20 days are the dearest: the longest window whose buckets are not whole hours."""
MANY = 20
"""Tags of one big chart."""
MANY_EVERY = 3
"""Rounds from one big chart to the next: each takes seconds."""
TAGS = 400
"""Tags that DuckDB holds: a large site's."""
ASKED = 24
"""Tags of which is asked."""
ROUNDS = 30
STEP_MS = 5_000
"""Between two readings of a tag."""
RAW_MS = 2 * HOUR_MS
SLICE_ROWS = 1_000_000
LEAST = 0.95
"""Share of the buckets that have to be there."""
YEAR_TO_HOUR = 2.0
"""Goal: a year costs at most so many times an hour."""
P95_MS = {"DuckDB": 100.0, "InfluxDB 1.x": 200.0}
"""Goals of one tag over each of `WITH_GOAL`."""
WITH_GOAL = frozenset(SPANS) - {"20 days"}


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
        for count in (1, MANY) if number % MANY_EVERY == 0 else (1,):
            for span, length in SPANS.items():
                for store, historian in stores.items():
                    chosen = rng.choice(tags, count, replace=False).tolist()
                    begun = time.perf_counter()
                    found = series(historian, chosen, end - length, end, BUCKETS)
                    taken = 1e3 * (time.perf_counter() - begun)
                    there = np.isfinite(found.mean).mean()
                    assert there > LEAST, f"{store}, {span}, tags {chosen}: {there:.1%} of what was filled is found"
                    if number:  # the first round warms up
                        times[store, span, count].append(taken)
    return [
        Figure(store, span, count, *(round(float(np.percentile(each, share)), 1) for share in (50, 95)))
        for (store, span, count), each in times.items()
    ]


def measure(rounds: int, most_tags: int) -> list[Figure]:
    """Fill the stores in temporary folders and ask them.

    Args:
        rounds: How often each question is asked.
        most_tags: Tags in DuckDB, 0 for all of the model.
    """
    table = TagTable(load("gypsum"))
    everything = [tag.index for tag in table if tag.is_live][: most_tags or None]
    asked = everything[:: max(1, len(everything) // ASKED)][:ASKED]
    end = (int(time.time() * 1_000) // HOUR_MS) * HOUR_MS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        addresses = {"DuckDB": ("", everything)}
        if shutil.which("influxd") is not None:
            (folder / "influxdb").mkdir()
            addresses["InfluxDB 1.x"] = (stack.enter_context(influxdb(folder / "influxdb")), asked)
        stores: dict[str, Historian] = {}
        for name, (address, tags) in addresses.items():
            stores[name] = stack.enter_context(closing(open_historian(address, table, folder, Retention(hour=None))))
            fill(stores[name], tags, end)
        return ask(stores, asked, end, rounds)


def report(figures: Sequence[Figure]) -> Iterator[Row]:
    """The figures with their goals."""
    for figure in figures:
        most = P95_MS[figure.store] if figure.tags == 1 and figure.span in WITH_GOAL else None
        yield Row(
            f"{figure.store}: {figure.span}, {figure.tags} tag{'s' if figure.tags > 1 else ''}, p95 ms",
            figure.p95_ms,
            1,
            Goal(most, at_least=False) if most is not None else None,
            f"p50 {figure.p50_ms} ms",
        )
    for store in P95_MS:
        one = {figure.span: figure.p50_ms for figure in figures if figure.store == store and figure.tags == 1}
        ratio = one["a year"] / one["an hour"] if one else None
        note = "p50 over p50" if one else "influxd is not installed"
        yield Row(f"{store}: a year over an hour", ratio, 2, Goal(YEAR_TO_HOUR, at_least=False), note)


def main(rounds: int = ROUNDS, most_tags: int = TAGS) -> Sequence[Report]:
    """Measure."""
    figures = sorted(measure(rounds, most_tags), key=lambda figure: (figure.store, figure.tags))
    held = f"{most_tags or 'all'} tags in DuckDB"
    return [Report(f"queries: {BUCKETS} buckets, {held}, {rounds} rounds", list(report(figures)))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--tags", type=int, default=TAGS, help="tags in DuckDB; 0 is all of the model")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    (found,) = main(options.rounds, options.tags)
    found.show(Console())
    if options.json is not None:
        options.json.write_text(
            json.dumps({"title": found.title, "rows": [row.document for row in found.rows]}, indent=1)
        )
