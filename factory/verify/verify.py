"""One scenario through the real parts, and every figure of every line against the truth."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from factory.verify.alarms import alarms_of
from factory.verify.clocks import clocks_of, node_of
from factory.verify.compare import Check, Measured, checks
from factory.verify.expected import HOUR_S, expected
from factory.verify.pipeline import ALL_DAYS, TRUTH, Run, simulate
from factory.verify.settling import Promises, settled
from plant.errors import FactoryError
from plant.historian.open import open_historian
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Retention
from plant.model.enterprise import Enterprise, SiteStatus
from plant.model.tags import TagTable
from plant.production.lines import LineTable, ProductionLine
from plant.production.minutes import ProductionMinutes
from plant.production.production import production
from plant.production.reading import read
from plant.production.reasons import load_reasons
from plant.production.stops import Stops
from simulators.scenarios import library
from simulators.truth.read import Truth

START_MS: Final = round(datetime(2026, 10, 5, 5, tzinfo=UTC).timestamp() * 1000)
"""A Monday, 08:00 in Moscow: equal runs have equal truths, whenever they are made."""
BEGIN_H: Final = 0.5
"""A scenario begins so much later than the world, when all lines have been seen at work."""
AFTER_H: Final = 1.0
"""What a scenario leaves behind is seen for at least so long."""
LEAST_H: Final = 4
"""In less time the last digit of a counter may be more than 0.2 points of OEE."""
SHOWN_H: Final = {"stucco_set_drift": 24.0}
"""So much shows all of a scenario that goes on for longer: lines that have been slowed stay slow."""
GATEWAY: Final = "gateway"
"""Target of scenarios that break an edge node."""
SEED: Final = 7
SITES: Final = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one run.

    Attributes:
        scenario: Its name.
        hours: World time.
        checks: Every figure of every line.
        took_s: How long it took, s.
        failure: Why there are no figures; empty when there are.
    """

    scenario: str
    hours: float
    checks: tuple[Check, ...]
    took_s: float = 0.0
    failure: str = ""

    @classmethod
    def failed(cls, run: Run, failure: str) -> Verdict:
        """Of a run that did not come to its end."""
        return cls(run.name, run.hours, (), failure=failure)

    @property
    def ok(self) -> bool:
        """Whether there are figures, and all are inside their limits."""
        return not self.failure and not self.wrong

    @property
    def wrong(self) -> tuple[Check, ...]:
        """Figures outside their limits."""
        return tuple(check for check in self.checks if not check.ok)


def usual_hours(scenario: str) -> float:
    """World time that shows a scenario, half hours."""
    shown_h = SHOWN_H.get(scenario, library.load(scenario).length / HOUR_MS)
    return max(LEAST_H, math.ceil(2.0 * (BEGIN_H + shown_h + AFTER_H)) / 2.0)


def usual_sites(enterprise: Enterprise, scenario: str) -> tuple[str, ...]:
    """Two sites for a scenario: those in production with most tags, one of them on trial where it needs that."""
    wanted = library.load(scenario).status
    by_size = sorted(enterprise.sites, key=lambda site: -sum(1 for unit in site.units for _ in unit.metrics))
    first = [site.slug for site in by_size if wanted is not None and site.status is wanted][:1]
    rest = [site.slug for site in by_size if site.status is SiteStatus.PRODUCTION and site.slug not in first]
    return tuple([*first, *rest][:SITES])


def usual_place(enterprise: Enterprise, scenario: str, sites: Sequence[str]) -> str:
    """The unit at which a scenario is aimed, its whole path; empty where its own targets show the most.

    Edge nodes break where it hurts: at the bottleneck of the first line whose good product comes by lot, for the
    figures of such a line have the longest way.
    """
    if GATEWAY not in library.load(scenario).targets:
        return ""
    table = LineTable(TagTable(enterprise))
    lines = sorted((row for row in table if row.site.slug in sites), key=lambda row: row.dried_lot is None)
    return "/".join(table.units[lines[0].constraint].path) if lines else ""


def verify(run: Run, enterprise: Enterprise, folder: Path, progress: Callable[[float], None]) -> Verdict:
    """Run a scenario and compare.

    Args:
        run: What is simulated; `Run.scenario` says when it begins.
        enterprise: Its model.
        folder: Empty, for everything that is written.
        progress: Told the share of the world time that is done, 0 to 1.

    Raises:
        FactoryError: A part failed, or the simulators kept no truth of all of the time.
    """
    began, table = time.monotonic(), LineTable(TagTable(enterprise))
    lines = [row for row in table if row.site.slug in run.sites]
    index = [row.index for row in lines]
    with closing(open_historian("", table.tags, folder, Retention(ALL_DAYS, ALL_DAYS))) as historian:
        promises = Promises(lambda: historian.production(index, run.start_ms, run.end_ms))

        def meanwhile(share: float) -> None:
            promises.look()
            progress(share)

        simulate(run, enterprise, historian, folder, meanwhile)
        truth = Truth(folder / TRUTH)
        found = _Found(truth, promises, *_window(truth))
        kept = historian.production(index, found.start_ms, found.end_ms)
        stops = _stops(historian, table, found.start_ms, found.end_ms)
    figures = (check for row in lines for check in _checks(table, row, kept, stops, found))
    every = (*figures, *alarms_of(run, enterprise, truth, folder))
    return Verdict(run.name, run.hours, every, time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a run left besides its minutes; the window is that in which all is compared, UTC ms."""

    truth: Truth
    promises: Promises
    start_ms: int
    end_ms: int


def _window(truth: Truth) -> tuple[int, int]:
    """Full minutes of which the truth is known; not the first, before which no counter has been read."""
    if len(truth.covered) != 1:
        raise FactoryError("the truth has holes; the simulators were interrupted, verify again")
    ((start_ms, end_ms),) = truth.covered
    return (start_ms // MINUTE_MS + 1) * MINUTE_MS, end_ms - end_ms % MINUTE_MS


def _stops(historian: Historian, table: LineTable, start_ms: int, end_ms: int) -> Stops:
    """Stops are not kept: whoever wants them makes them of what is stored."""
    told = read(historian, table, start_ms, end_ms, np.full(len(table), end_ms, np.int64))
    return production(table, load_reasons(), told, start_ms, end_ms).stops


def _checks(
    table: LineTable, row: ProductionLine, kept: ProductionMinutes, stops: Stops, found: _Found
) -> Iterator[Check]:
    minutes = kept.take(kept.line == row.index)
    starts = stops.start[stops.line == row.index].tolist()
    true = expected(found.truth, table, row, found.start_ms, found.end_ms)
    resolution = {name: resolution_of(table, getattr(row, tags)) for name, tags in COUNTED_BY.items()}
    if row.dried_lot is not None:
        resolution["good"] += max(row.line.ideal_rates.values()) * SCAN_S / HOUR_S
    measured = Measured.of(minutes, starts)
    clock_s = clocks_of(found.truth).get(node_of(table.units[row.constraint]), 0.0)
    yield from checks(row.storage, true, measured, resolution, _lying(table, row, found.truth), clock_s)
    last = true.stops[-1] if true.stops else None
    under_way = last.start_ms if last is not None and last.end_ms >= found.end_ms else None
    dries = row.dried_lot is not None
    yield from settled(row.storage, minutes, found.promises, dries=dries, stops_since=under_way)


SCAN_S: Final = 1.0
"""Nobody can tell to which of two lots belongs what comes out of a dryer in the scan in which the lot changes."""
COUNTED_BY: Final = {
    "produced": "produced",
    "good": "good",
    "energy_kwh": "energy",
    "gas_m3": "gas",
    "water_m3": "water",
}
"""Columns of minutes, and the counters of a line that they are made of."""


def resolution_of(table: LineTable, tags: tuple[int, ...]) -> float:
    """The last digit of some counters together: nobody can tell a part of it."""
    return sum(10.0 ** -table.tags[tag].metric.decimals for tag in tags)


def _lying(table: LineTable, row: ProductionLine, truth: Truth) -> str:
    """Why counters of a line tell something else than is true; empty when they do not."""
    tags = {table.tags[tag].path for tag in (*row.produced, *row.good)}
    effects = truth.scenarios()
    ours = effects.take(np.isin(effects.place.astype(str), list(tags)) & (effects.effect == "count_loss"))
    return f"a counter is made to lie by {ours.scenario[0]}" if len(ours) else ""
