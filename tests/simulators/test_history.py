from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plant.errors import ConfigurationError, StoreUnavailableError
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import MINUTE_MS, Retention, Tier
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from plant.readings import GOOD, EventKind
from simulators import history
from simulators.history import history_start
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


def _fill(enterprise, tags, world, historian, state: Path, **more) -> list[float]:
    shares: list[float] = []
    texts = text_tags(enterprise)
    history.fill(world, historian, tags, texts, end_ms=END_MS, state=state, progress=shares.append, **more)
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


def test_an_interrupted_history_goes_on(enterprise, tags: TagTable, tmp_path: Path, monkeypatch) -> None:
    """A second call ends with the same values at the same times as an uninterrupted one; some are told once more."""
    monkeypatch.setattr(history, "BATCH_ROWS", 4_000)
    monkeypatch.setattr(history, "SAVE_EVERY_MS", 5 * MINUTE_MS)
    whole, flaky, state = MemoryHistorian(tags), _Flaky(tags), tmp_path / "world.npz"
    _fill(enterprise, tags, _world(enterprise, tags, 40), whole, tmp_path / "whole.npz")
    with pytest.raises(StoreUnavailableError):
        _fill(enterprise, tags, _world(enterprise, tags, 40), flaky, state)
    assert state.exists()
    _fill(enterprise, tags, _world(enterprise, tags, 40), flaky, state)
    every, begin = range(len(tags)), END_MS - 40 * MINUTE_MS
    one, other = (each.raw(every, begin, END_MS + 1) for each in (whole, flaky))
    told = {(t, at): value for t, at, value in zip(other.tag, other.time, other.value, strict=True)}
    both = [(value, told[t, at]) for t, at, value in zip(one.tag, one.time, one.value, strict=True) if (t, at) in told]
    assert len(both) > 0.9 * len(one)
    assert all(a == b for a, b in both)
    assert abs(len(other) - len(one)) < 2 * len(tags)
    assert len(flaky.tier(Tier.MINUTE, every, begin, END_MS)) == 40 * len(tags)


def test_a_later_gap_leaves_old_minutes_alone(enterprise, tags: TagTable, tmp_path: Path) -> None:
    """Only the minutes of the gap are made, though readings of older ones have expired meanwhile."""
    historian, state = MemoryHistorian(tags, Retention(raw=0)), tmp_path / "world.npz"
    early = END_MS - 20 * MINUTE_MS
    texts = text_tags(enterprise)
    world = _world(enterprise, tags, 40)
    history.fill(world, historian, tags, texts, end_ms=early, state=state, progress=lambda _: None)
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
