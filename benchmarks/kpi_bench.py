"""What figures cost: 30 days of eight sites in production minutes, summed and divided; run by ``make bench``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from benchmarks.report import Goal, Report, Row
from plant.kpi.adding import Key, by, by_line, by_window, total
from plant.kpi.compare import SiteDays, compare
from plant.kpi.explain import explain
from plant.kpi.figures import FIGURES
from plant.kpi.lines import LineSet, choose
from plant.kpi.sums import Sums
from plant.kpi.waterfall import waterfall
from plant.kpi.window import MINUTE_MS, Window
from plant.model.load import load
from plant.model.tags import TagTable
from plant.production.elements import Element, Loss
from plant.production.lines import LineTable
from plant.production.minutes import DTYPES, ProductionMinutes

DAYS = 30
DAY_MS = 1_440 * MINUTE_MS
ROUNDS = 20
END_MS = 1_790_006_400_000
MOST_MS = 150.0
"""Goal: eight sites over 30 days, from minutes."""
_LOSS_OF = np.array([Loss.NONE, Loss.NONE, Loss.BREAKDOWN, Loss.NO_ORDER, Loss.SETUP, Loss.NONE], np.int16)
"""By element."""


def minutes_of(rng: np.random.Generator, lines: LineSet) -> ProductionMinutes:
    """A row for each line and minute, sorted by line and time as they are made."""
    times = np.arange(END_MS - DAYS * DAY_MS, END_MS, MINUTE_MS, dtype=np.int64)
    count = len(times) * len(lines)
    element = rng.choice(len(Element), count, p=[0.08, 0.7, 0.12, 0.04, 0.04, 0.02]).astype(np.int16)
    produced = np.where(element == Element.APT, rng.uniform(50, 60, count), 0.0)
    columns = {name: np.zeros(count, dtype) for name, dtype in DTYPES.items()} | {
        "line": np.repeat(np.array(lines.indices, np.int32), len(times)),
        "time": np.tile(times, len(lines)),
        "product": rng.integers(0, 3, count).astype(np.int16),
        "element": element,
        "loss": _LOSS_OF[element],
        "seconds": np.full(count, 60.0),
        "produced": produced,
        "good": 0.98 * produced,
        "produced_ideal_s": produced,
        "good_ideal_s": 0.98 * produced,
        "gas_m3": rng.uniform(0, 10, count),
        "energy_kwh": rng.uniform(0, 10, count),
    }
    return ProductionMinutes(**columns)


def evaluated(sums: Sequence[Sums]) -> None:
    """All figures and the waterfall of each."""
    for each in sums:
        waterfall(each)
        for figure in FIGURES.values():
            figure.evaluate(each)


def cases() -> Iterator[tuple[str, Callable[[], object], bool]]:
    """What is measured, and whether the goal holds for it."""
    enterprise = load("gypsum")
    table = LineTable(TagTable(enterprise))
    sites = {site.slug: choose(table, {site.slug}) for site in enterprise.sites}
    every = choose(table, sites)
    rng = np.random.default_rng(3)
    minutes = minutes_of(rng, every)
    window = Window(END_MS - DAYS * DAY_MS, END_MS)
    days = tuple(window.split(DAY_MS))
    contest = [SiteDays(site, lines, days) for site, lines in sites.items()]
    rows = f"{len(minutes) / 1e6:.1f} M rows"
    yield f"one group, all figures; {rows}", lambda: evaluated([total(minutes, window, every)]), True
    yield f"each of {len(every)} lines", lambda: evaluated(list(by_line(minutes, window, every).values())), True
    yield f"each of {DAYS} days", lambda: evaluated(by_window(minutes, days, every)), True
    yield "sums by product", lambda: by(minutes, window, every, Key.PRODUCT), False
    yield "explain OEE", lambda: explain(FIGURES["oee"], window, every, minutes, table), False
    yield "compare OEE of all sites", lambda: compare(FIGURES["oee"], contest, minutes, table, rng), False


def main() -> Sequence[Report]:
    """Ask everything in turn, several times."""
    rows = []
    for what, ask, has_goal in cases():
        times = []
        for number in range(ROUNDS + 1):
            begun = time.perf_counter()
            ask()
            if number:  # the first round warms up
                times.append(1e3 * (time.perf_counter() - begun))
        p50, p95 = np.percentile(times, (50, 95)).tolist()
        goal = Goal(MOST_MS, at_least=False) if has_goal else None
        rows.append(Row(f"{what}, p95 ms", p95, 1, goal, f"p50 {p50:.1f} ms"))
    return [Report(f"figures of {DAYS} days of all sites from production minutes, {ROUNDS} rounds", rows)]
