"""A simulated day of a whole site: what the minutes say against what the ledger knows to be true."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np
import pytest

from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.packml import State
from plant.production.elements import Element
from plant.production.lines import LineTable, ProductionLine
from plant.production.minutes import ProductionMinutes
from plant.production.production import Production, production
from plant.production.reading import read
from plant.production.reasons import load_reasons
from plant.production.rebuild import rebuild
from plant.production.signals import Signals, signals
from simulators.history import past
from simulators.history.fill import fill
from simulators.truth.ledger import TruthLedger
from simulators.truth.read import Truth
from simulators.world.world import World

SITE = "volgograd"
"""Boards, blocks, two lines of dry mixes, binder, stone and utilities."""
END_MS = 1_795_000_020_000 // HOUR_MS * HOUR_MS
DAY_MS = 24 * HOUR_MS
BEGIN_MS = END_MS - DAY_MS
STEP_MS = 10_000


@dataclass(frozen=True)
class Day:
    """What a site did, as told and as it was."""

    table: LineTable
    lines: list[ProductionLine]
    told: Signals
    made: Production
    truth: Truth
    historian: MemoryHistorian

    def minutes(self, row: ProductionLine) -> ProductionMinutes:
        """Those of one line."""
        return self.made.minutes.take(self.made.minutes.line == row.index)

    def resolution(self, tags: tuple[int, ...]) -> float:
        """By how much counters may be behind what they count: a step of each, at both ends of the day."""
        return sum(2 * 10.0 ** -self.table.tags[tag].metric.decimals for tag in tags)

    def units(self, tags: tuple[int, ...]) -> list[str]:
        """Units of some tags, as the ledger calls them."""
        return [self.table.tags[tag].unit.storage for tag in tags]


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> Day:
    """A day that goes straight from a world into a historian, with its truth beside it."""
    folder = tmp_path_factory.mktemp("day")
    enterprise = load("gypsum")
    tags, texts = TagTable(enterprise), text_tags(enterprise)
    world = World(enterprise, tags, texts, [SITE], 7, BEGIN_MS)
    historian, state = MemoryHistorian(tags), folder / "world.npz"
    with closing(TruthLedger(world, folder / "truth", enterprise)) as ledger:
        slices = past.slices(world, tags, end_ms=END_MS, state=state, progress=lambda _: None, truth=ledger)
        fill(slices, world, historian, tags, texts, state)
    table, reasons = LineTable(tags), load_reasons()
    told = read(historian, table, BEGIN_MS, END_MS, np.full(len(table), END_MS))
    said = signals(table, reasons, told.events, told.levels, told.unwatched)
    made = production(table, reasons, told, BEGIN_MS, END_MS)
    return Day(table, [row for row in table if row.site.slug == SITE], said, made, Truth(folder / "truth"), historian)


def test_states_are_those_that_were(day: Day) -> None:
    """Every state of every constraint, with its beginning within a second of the true one."""
    states = day.truth.states(BEGIN_MS, END_MS)
    for row in day.lines:
        mine = states.take(states.unit == day.table.units[row.constraint].storage)
        fresh = np.append(True, mine.state[1:] != mine.state[:-1])  # a change of mode or cause is none of state
        parts = list(day.told.state.during(row.constraint, BEGIN_MS, END_MS))
        assert [State(code).name for _, _, code in parts] == mine.state[fresh].tolist()
        begins = np.array([begin for begin, _, _ in parts])
        assert (np.abs(begins - mine.start_ms[fresh]) <= 1000).all()


def test_production_time_is_the_true_one(day: Day) -> None:
    """Execute in production mode within planned busy time, within 0.1 % of a day; nothing is unknown."""
    states = day.truth.states(BEGIN_MS, END_MS)
    for row in day.lines:
        mine = states.take(states.unit == day.table.units[row.constraint].storage)
        runs = (mine.state == "EXECUTE") & (mine.mode == "PRODUCTION")
        minutes = day.minutes(row)
        planned = minutes.seconds[minutes.element == Element.NOT_PLANNED].sum()
        told = minutes.seconds[minutes.element == Element.APT].sum()
        assert told == pytest.approx((mine.end_ms - mine.start_ms)[runs].sum() / 1000, abs=86.4 + planned)
        assert not (minutes.element == Element.UNKNOWN).any()
        assert minutes.seconds.sum() == pytest.approx(DAY_MS / 1000)


@pytest.mark.parametrize("what", ["produced", "reject"])
def test_counts_are_exact(day: Day, what: str) -> None:
    """What was produced, minute after minute, but for the last digit of the counters; rejects where no dryer is."""
    counts = day.truth.counts(BEGIN_MS, END_MS)
    for row in day.lines:
        tags = getattr(row, what)
        if not tags or (what == "reject" and row.formed_lot is not None):
            continue
        minutes = day.minutes(row)
        mine = np.isin(counts.unit, day.units(tags))
        column = getattr(counts, what if day.table.tags[tags[0]].metric.role == what else "good")
        true = np.bincount((counts.minute_ms[mine] - BEGIN_MS) // MINUTE_MS, column[mine], DAY_MS // MINUTE_MS)
        told = np.bincount((minutes.time - BEGIN_MS) // MINUTE_MS, getattr(minutes, what), DAY_MS // MINUTE_MS)
        off = np.abs(np.cumsum(told) - np.cumsum(true))
        assert off.max() <= day.resolution(tags), row.storage


def test_good_product_belongs_to_the_hour_of_its_lot(day: Day) -> None:
    """Lots that came out whole: their hour has what the stacker really counted of them, to a step of the world."""
    counts = day.truth.counts(BEGIN_MS, END_MS)
    (row,) = [row for row in day.lines if row.line.slug == "boards"]
    minutes = day.minutes(row)
    mine = np.isin(counts.unit, day.units(row.good)) & (counts.lot_ms >= BEGIN_MS)
    lots = np.unique(counts.lot_ms[mine])
    assert len(lots) > 20
    for lot in lots[:-1].tolist():
        inside = (minutes.time >= lot) & (minutes.time < lot + HOUR_MS)
        good = counts.good[mine & (counts.lot_ms == lot)].sum()
        step = 2 * 6_000 * STEP_MS / HOUR_MS  # what is formed in two steps, m2
        assert minutes.good[inside].sum() == pytest.approx(good, abs=step + day.resolution(row.good))
        # What is told on the stroke of the hour bears the next lot already, so the last minute has a little of that.
        assert not minutes.provisional[inside & (minutes.time < lot + HOUR_MS - MINUTE_MS)].any()
    open_hour = minutes.take(minutes.time >= lots[-1])
    assert open_hour.provisional[open_hour.produced > 0].all()


def test_no_good_product_is_lost(day: Day) -> None:
    """All that came out is in a minute, or it was formed before the day began."""
    counts = day.truth.counts(BEGIN_MS, END_MS)
    for row in day.lines:
        if row.good:
            true = counts.good[np.isin(counts.unit, day.units(row.good))].sum()
            told = day.minutes(row).good.sum() + day.made.unplaced[row.index, 0]
            assert told == pytest.approx(true, abs=day.resolution(row.good))


@pytest.mark.parametrize(
    ("column", "tags", "true"),
    [("gas_m3", "gas", "gas_m3"), ("energy_kwh", "energy", "kwh"), ("water_m3", "water", "water_m3")],
)
def test_consumption_is_exact(day: Day, column: str, tags: str, true: str) -> None:
    """Gas, energy and water of each line are what its units or its meter really used."""
    energy = day.truth.energy(BEGIN_MS, END_MS)
    metered = [row for row in day.lines if getattr(row, tags)]
    assert metered
    for row in metered:
        counters = getattr(row, tags)
        used = getattr(energy, true)[np.isin(energy.unit, day.units(counters))].sum()
        assert getattr(day.minutes(row), column).sum() == pytest.approx(used, abs=day.resolution(counters))


def test_stops_have_the_true_reason(day: Day) -> None:
    """The reason of each stop of the former that is not without order is the one that its controller had told."""
    states = day.truth.states(BEGIN_MS, END_MS)
    (row,) = [row for row in day.lines if row.line.slug == "boards"]
    stops = day.made.stops.take(day.made.stops.line == row.index)
    stops = stops.take(stops.element == Element.ADET)
    reasons = load_reasons()
    mine = states.take(states.unit == day.table.units[row.constraint].storage)
    assert len(stops) > 5
    for start, end, code in zip(stops.start.tolist(), stops.end.tolist(), stops.reason.tolist(), strict=True):
        inside = (mine.start_ms < end) & (mine.end_ms > start) & (mine.cause != "")
        causes = set(mine.cause[inside].tolist())
        assert not causes or reasons[code].slug in causes


def test_a_rebuild_gives_the_same_minutes_in_any_windows(day: Day) -> None:
    """Made in slices, and partly again, and kept in the historian, the rows are those of the whole day."""
    shares: list[float] = []
    watermark = np.full(len(day.table), END_MS)
    for begin, end in ((BEGIN_MS, END_MS), (BEGIN_MS + 7 * HOUR_MS + 20 * MINUTE_MS, BEGIN_MS + 9 * HOUR_MS)):
        rebuild(day.historian, day.table, load_reasons(), begin, end, watermark, until=END_MS, progress=shares.append)
    assert shares == [0.25, 0.5, 0.75, 1.0, 1.0]
    kept = day.historian.production(range(len(day.table)), BEGIN_MS, END_MS)
    for name, column in day.made.minutes.arrays.items():
        np.testing.assert_allclose(kept.arrays[name], column, rtol=1e-9, atol=1e-9, err_msg=name)
