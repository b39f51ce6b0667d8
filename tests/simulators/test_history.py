from __future__ import annotations

from contextlib import closing
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from plant.errors import ConfigurationError, StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import MINUTE_MS, Retention, Tier, TierColumns
from plant.historian.rebuild import rebuild
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.readings import GOOD, Columns, EventKind
from simulators import memory
from simulators.fleet.scanner import Scanner
from simulators.history import past
from simulators.history.fill import fill
from simulators.history.length import history_start
from simulators.report import Reporter
from simulators.truth.ledger import TruthLedger
from simulators.truth.read import Truth
from simulators.world.world import World

END_MS = 1_795_000_020_000
"""A full minute."""


@pytest.fixture(scope="module")
def enterprise():
    """A small enterprise."""
    return load("print-farm")


@pytest.fixture(scope="module")
def tags(enterprise) -> TagTable:
    """Its tags."""
    return TagTable(enterprise)


def _world(enterprise, tags: TagTable, minutes: int) -> World:
    return World(enterprise, tags, text_tags(enterprise), None, 7, END_MS - minutes * MINUTE_MS)


def _fill(enterprise, tags, world, historian, state: Path, *, end_ms: int = END_MS, **more) -> list[float]:
    shares: list[float] = []
    if state.exists():
        world.load(state)
    slices = past.slices(world, tags, end_ms=end_ms, state=state, progress=shares.append, **more)
    fill(slices, world, historian, tags, text_tags(enterprise), state)
    return shares


def test_history_holds_readings_events_and_tiers(enterprise, tags: TagTable, tmp_path: Path) -> None:
    """Every tag begins with a reading, every minute has its row, states, modes and texts are events."""
    historian = MemoryHistorian(tags)
    shares = _fill(enterprise, tags, _world(enterprise, tags, 60), historian, tmp_path / "world.npz")
    every = range(len(tags))
    begin = END_MS - 60 * MINUTE_MS
    assert set(historian.raw(every, begin, begin + 1).tag) == set(every)
    raw = historian.raw(every, begin, END_MS + 1)
    assert (raw.quality == GOOD).all()
    assert np.isfinite(raw.value).all()
    assert len(raw) < 0.4 * 361 * len(tags), "report by exception"
    minutes = historian.tier(Tier.MINUTE, every, begin, END_MS)
    assert len(minutes) == 60 * len(tags)
    units = [unit.storage for unit in enterprise.units]
    kinds = {event.kind for event in historian.events(units, list(EventKind), begin, END_MS)}
    assert kinds >= {EventKind.STATE, EventKind.MODE}
    texts = [event for event in historian.events(units, [EventKind.TEXT], begin, END_MS + 1) if event.text]
    assert texts
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_the_saved_world_is_the_end_of_the_history(enterprise, tags: TagTable, tmp_path: Path) -> None:
    """What the live simulators load goes on where the history ends, with the value that it ended with."""
    historian, state = MemoryHistorian(tags), tmp_path / "world.npz"
    _fill(enterprise, tags, _world(enterprise, tags, 20), historian, state)
    live = _world(enterprise, tags, 5)
    live.load(state)
    assert live.now_ms == END_MS
    latest = historian.latest(range(len(tags)))
    deadband = np.array([tag.metric.deadband for tag in tags])
    assert (np.abs(live.values()[latest.tag] - latest.value) <= np.maximum(deadband[latest.tag], 1e-9)).all()


class _Flaky(MemoryHistorian):
    """Fails at its third write."""

    writes = 0

    def write(self, columns) -> None:
        self.writes += 1
        if self.writes == 3:
            raise StoreUnavailableError("gone")
        super().write(columns)


def _readings(historian: MemoryHistorian, tags: TagTable, begin: int) -> Columns:
    return historian.raw(range(len(tags)), begin, END_MS + 1)


def _same(one: Columns | TierColumns, other: Columns | TierColumns) -> bool:
    pairs = ((getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return all(np.array_equal(a, b, equal_nan=a.dtype == np.float64) for a, b in pairs)


def test_an_interrupted_history_goes_on(enterprise, tags: TagTable, tmp_path: Path, monkeypatch) -> None:
    """A second call ends with exactly the readings, tiers and states of an uninterrupted one."""
    monkeypatch.setattr(past, "SLICE_MS", 5 * MINUTE_MS)
    whole, flaky, state = MemoryHistorian(tags), _Flaky(tags), tmp_path / "world.npz"
    _fill(enterprise, tags, _world(enterprise, tags, 70), whole, tmp_path / "whole.npz")
    with pytest.raises(StoreUnavailableError):
        _fill(enterprise, tags, _world(enterprise, tags, 70), flaky, state)
    assert state.exists()
    _fill(enterprise, tags, _world(enterprise, tags, 70), flaky, state)
    begin = END_MS - 70 * MINUTE_MS
    assert _same(_readings(whole, tags, begin), _readings(flaky, tags, begin))
    for tier in Tier:
        one, other = (each.tier(tier, range(len(tags)), begin, END_MS) for each in (whole, flaky))
        assert _same(one, other)
        assert len(one)
    units = [unit.storage for unit in enterprise.units]
    kinds = [EventKind.STATE, EventKind.MODE]
    one, other = (each.events(units, kinds, begin, END_MS) for each in (whole, flaky))
    assert one == other


def test_tiers_that_are_made_on_the_way_are_those_of_the_readings(enterprise, tags: TagTable, tmp_path: Path) -> None:
    """Making all of them again from the readings changes nothing."""
    historian, begin = MemoryHistorian(tags), END_MS - 70 * MINUTE_MS
    _fill(enterprise, tags, _world(enterprise, tags, 70), historian, tmp_path / "world.npz")
    made = {tier: historian.tier(tier, range(len(tags)), begin, END_MS) for tier in Tier}
    rebuild(historian, range(len(tags)), begin, END_MS, lambda _: None)
    for tier, rows in made.items():
        again = historian.tier(tier, range(len(tags)), begin, END_MS)
        assert len(again) == len(rows) > 0
        assert np.allclose(again.mean, rows.mean, rtol=1e-12, equal_nan=True)
        assert np.array_equal(again.count, rows.count)
        assert np.array_equal(again.last, rows.last, equal_nan=True)


def test_a_memory_that_does_not_fit_is_not_used(enterprise, tags: TagTable, tmp_path: Path) -> None:
    """What is broken, missing or of another moment is as if nothing had been told."""
    world, path = _world(enterprise, tags, 5), tmp_path / "world.npz"
    scanner = Scanner(world, Reporter(tags))
    scanner.look()
    memory.save(scanner.memory(), path)
    assert memory.load(path, world.now_ms + 1) is None
    assert memory.load(tmp_path / "other.npz", world.now_ms) is None
    kept = memory.load(path, world.now_ms)
    assert kept is not None
    assert np.array_equal(kept.numbers.value, world.values(), equal_nan=True)
    assert kept.texts == tuple(world.texts())
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:100])
    assert memory.load(path, world.now_ms) is None


def test_the_truth_is_kept_of_history_too(enterprise, tags: TagTable, tmp_path: Path) -> None:
    """Its journal is what the historian holds, and an interruption leaves no gap."""
    historian = MemoryHistorian(tags)
    for end_ms in (END_MS - 7 * MINUTE_MS, END_MS):
        world, state = _world(enterprise, tags, 20), tmp_path / "world.npz"
        if state.exists():
            world.load(state)
        with closing(TruthLedger(world, tmp_path / "truth", enterprise)) as ledger:
            _fill(enterprise, tags, world, historian, state, end_ms=end_ms, truth=ledger)
    truth = Truth(tmp_path / "truth")
    begin = END_MS - 20 * MINUTE_MS
    assert truth.covered == [(begin, END_MS)]
    told = truth.journal(begin, END_MS)
    told = told.take(np.isfinite(told.value))
    held = _readings(historian, tags, begin)
    held = held.take(held.time < END_MS)
    ours = sorted((tags[tag].path, time) for tag, time in zip(held.tag.tolist(), held.time.tolist(), strict=True))
    assert ours == sorted(zip(told.tag, told.time_ms.tolist(), strict=True))


def test_a_later_gap_leaves_old_minutes_alone(enterprise, tags: TagTable, tmp_path: Path) -> None:
    """Only the minutes of the gap are made, though readings of older ones have expired meanwhile."""
    historian, state = MemoryHistorian(tags, Retention(raw=0)), tmp_path / "world.npz"
    early = END_MS - 20 * MINUTE_MS
    _fill(enterprise, tags, _world(enterprise, tags, 40), historian, state, end_ms=early)
    before = historian.tier(Tier.MINUTE, range(len(tags)), 0, early - MINUTE_MS)
    historian.expire(early)
    _fill(enterprise, tags, _world(enterprise, tags, 5), historian, state)
    after = historian.tier(Tier.MINUTE, range(len(tags)), 0, END_MS)
    assert len(after) == 40 * len(tags)
    kept = after.take(after.time < early - MINUTE_MS)
    assert np.array_equal(kept.mean, before.mean)
    assert np.array_equal(kept.count, before.count)


def test_a_finished_history_has_nothing_to_add(enterprise, tags: TagTable, tmp_path: Path) -> None:
    """Calling once more changes no reading."""
    historian, state = MemoryHistorian(tags), tmp_path / "world.npz"
    for _ in range(2):
        _fill(enterprise, tags, _world(enterprise, tags, 10), historian, state)
        readings = historian.raw(range(len(tags)), 0, END_MS)
    again = historian.raw(range(len(tags)), 0, END_MS)
    assert len(again) == len(readings)


@pytest.mark.parametrize(
    ("length", "back_ms"), [("8h", 8 * 3_600_000), ("2d", 172_800_000), ("90m", 5_400_000), (" 1 d ", 86_400_000)]
)
def test_a_length_of_history(length: str, back_ms: int) -> None:
    """Minutes, hours and days count back from now to a full minute."""
    start = history_start(END_MS + 12_345, length)
    assert start == END_MS - back_ms


def test_no_history_is_a_choice() -> None:
    """0 means none."""
    assert history_start(END_MS, "0") is None


@pytest.mark.parametrize("length", ["", "8", "h", "0h", "-1h", "8 hours", "1w", "1.5h"])
def test_a_wrong_length_says_what_would_be_right(length: str) -> None:
    """Anything else is an error with an example."""
    with pytest.raises(ConfigurationError, match="write 90m, 8h or 2d, or 0 for none"):
        history_start(END_MS, length)
