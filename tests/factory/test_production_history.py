"""Production minutes that are made while their history is written."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from factory.production_history import HistoryMinutes
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.historian.rebuild import rebuild
from plant.model.load import load
from plant.model.tags import TagTable
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes
from plant.readings import GOOD, Columns

BEGIN_MS = 1_795_000_020_000
HOURS = 50
EVERY_MS = 20 * MINUTE_MS


@pytest.fixture(scope="module")
def tags() -> TagTable:
    """Of a small enterprise."""
    return TagTable(load("print-farm"))


def _hour(tags: TagTable, hour: int) -> Columns:
    """Every tag every twenty minutes; counters rise, everything else moves about among small numbers."""
    rng = np.random.default_rng(hour)
    times = BEGIN_MS + hour * HOUR_MS + np.arange(0, HOUR_MS, EVERY_MS)
    rising = np.array([tag.metric.is_counter for tag in tags])
    counted = 10.0 * (hour + np.arange(len(times)) / len(times))[:, None]
    value = np.where(rising, counted, rng.integers(1, 18, (len(times), len(tags))))
    rows = np.tile(np.arange(len(tags), dtype=np.int32), len(times))
    return Columns(rows, np.repeat(times, len(tags)), value.ravel(), np.full(len(rows), GOOD, np.uint16))


def _write(historian: MemoryHistorian, tags: TagTable, hour: int) -> None:
    historian.write(_hour(tags, hour))
    begin_ms = BEGIN_MS + hour * HOUR_MS
    rebuild(historian, [0], begin_ms, begin_ms + HOUR_MS, lambda _: None)  # as far as it reaches


def _made(tags: TagTable, *, along: bool, interrupted: bool = False) -> ProductionMinutes:
    """The minutes of a history that is written hour by hour."""
    historian = MemoryHistorian(tags)
    minutes = HistoryMinutes(historian, tags, BEGIN_MS)
    for hour in range(HOURS):
        _write(historian, tags, hour)
        if along:
            minutes.settle(BEGIN_MS + (hour + 1) * HOUR_MS)
        if interrupted and hour == HOURS - 5:
            minutes = HistoryMinutes(historian, tags, BEGIN_MS + hour * HOUR_MS)
    end_ms = BEGIN_MS + HOURS * HOUR_MS
    minutes.finish(end_ms, lambda _: None)
    return historian.production(range(len(LineTable(tags))), BEGIN_MS, end_ms)


@pytest.mark.parametrize("interrupted", [False, True])
def test_minutes_made_along_are_those_made_at_the_end(tags: TagTable, interrupted: bool) -> None:
    """What is settled early, or again after an interruption, is what all of the history would have told."""
    along, after = _made(tags, along=True, interrupted=interrupted), _made(tags, along=False)
    assert len(after) >= HOURS * 60 * len(LineTable(tags))
    for field in fields(ProductionMinutes):
        assert np.array_equal(getattr(along, field.name), getattr(after, field.name), equal_nan=True), field.name


def test_minutes_are_made_as_soon_as_nothing_changes_them(tags: TagTable) -> None:
    """Most of a long history has its minutes before its end."""
    historian = MemoryHistorian(tags)
    minutes = HistoryMinutes(historian, tags, BEGIN_MS)
    for hour in range(HOURS):
        _write(historian, tags, hour)
    minutes.settle(BEGIN_MS + HOURS * HOUR_MS)
    made = historian.production(range(len(LineTable(tags))), BEGIN_MS, BEGIN_MS + HOURS * HOUR_MS)
    assert made.time.max() >= BEGIN_MS + (HOURS - 37) * HOUR_MS
