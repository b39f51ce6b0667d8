"""Absences of edge nodes that are in the past are told on their own time line."""

from __future__ import annotations

from collections import Counter

import pytest
from collecting import NOW, birth_rows, tiny
from hypothesis import given
from hypothesis import strategies as st

from collectors.binding import Binder
from collectors.counts import Counts
from collectors.live import LiveState
from collectors.pipeline import Pipeline
from collectors.quality import QualityCounter
from collectors.quarantine import Quarantine
from collectors.texts import TextState
from collectors.units import UnitTable
from collectors.validation import SKEW_MS, Validator
from plant.changes import ChangeDetector
from plant.readings import GOOD, STALE, Columns
from plant.sparkplug.samples import OtherSample, Reading, Samples
from plant.sparkplug.topic import Source

KILN = Source("alpha", "kiln-1", "kiln")
REASON, POWER, RATE = 2, 3, 4
HOUR_MS = 3_600_000
POWER_TAG, RATE_TAG = 2, 3


class World:
    """One kiln in a world of its own time, and the pipeline that it speaks to."""

    def __init__(self, behind_ms: int, speed: float) -> None:
        enterprise, tags = tiny()
        units = UnitTable(enterprise, tags, ["alpha"])
        self.now, self._begun, self._behind, self._speed = NOW, NOW, behind_ms, speed
        self._rows = birth_rows(next(enterprise.units))
        self._steady = self.time
        self.pipeline = Pipeline(
            units,
            Binder(enterprise, tags, ["alpha"]),
            Validator(tags, 14),
            LiveState(units),
            TextState(),
            ChangeDetector(tags),
            Quarantine(lambda: self.now),
            Counts(),
            QualityCounter(tags, NOW),
        )

    @property
    def time(self) -> int:
        """What the world's clock shows, UTC ms; never more than ours."""
        return min(self.now, round(self.now - self._behind + (self._speed - 1) * (self.now - self._begun)))

    def born(self) -> None:
        """Rate and reason have held since the beginning, power has just been measured."""
        text = OtherSample(REASON, self._steady, "jam", GOOD, False)
        live = Samples([POWER, RATE], [self.time, self._steady], [40.0, 5.0], [GOOD, GOOD])
        self.pipeline.birth(KILN, self._rows, Reading(live, Samples([], [], [], []), [text], Counter()), self.now)

    def measure(self, seconds: int) -> None:
        """Power is measured each second."""
        for _ in range(seconds):
            self.now += 1_000
            live = Samples([POWER], [self.time], [40.0], [GOOD])
            self.pipeline.data(KILN, Reading(live, Samples([], [], [], []), [], Counter()), self.now)
            self.pipeline.turn(self.now)

    def absence(self, silent_ms: int, away_ms: int) -> tuple[Columns, list[int], int]:
        """It falls silent, is noticed to be away, and is born again: rows and texts that this made, last heard when."""
        heard = self.time
        self.now += silent_ms
        self.pipeline.away(KILN, self.now, self.now, unheard=True)
        self.now += away_ms
        self.born()
        batch = self.pipeline.turn(self.now).batch
        return batch.columns, [event.time for event in batch.events], heard


@given(
    behind_ms=st.integers(2 * HOUR_MS, 48 * HOUR_MS),
    speed=st.floats(1, 1000),
    silent_ms=st.integers(0, 60_000),
    away_ms=st.integers(0, HOUR_MS),
)
def test_no_row_of_an_absence_is_in_the_future_of_its_source(
    behind_ms: int, speed: float, silent_ms: int, away_ms: int
) -> None:
    """Stale rows end what was heard; values are known again by the node's own time, at most."""
    world = World(behind_ms, speed)
    world.born()
    world.measure(3)
    rows, texts, heard = world.absence(silent_ms, away_ms)
    stale = rows.take(rows.quality == STALE)
    assert set(stale.tag.tolist()) == {POWER_TAG, RATE_TAG}
    in_the_past = world.time < world.now - SKEW_MS
    if in_the_past:
        assert stale.time.max() <= heard + 1
    assert max(rows.time.max(), *texts) <= max(world.time, heard + 2)


@given(behind_ms=st.integers(-SKEW_MS, SKEW_MS - 1), away_ms=st.integers(0, HOUR_MS))
def test_a_clock_that_is_a_little_wrong_does_not_move_an_absence(behind_ms: int, away_ms: int) -> None:
    """NDEATH takes the metrics away at the host's time, and a birth brings them back at the host's time."""
    world = World(behind_ms, 1.0)
    world.born()
    world.measure(3)
    rows, _, _ = world.absence(5_000, away_ms)
    rate = rows.take(rows.tag == RATE_TAG)
    gone, back = world.now - away_ms, world.now
    assert (GOOD, back) in zip(rate.quality.tolist(), rate.time.tolist(), strict=True) or back <= gone + 1
    assert rate.time[rate.quality == STALE].tolist() == [gone]


def test_a_world_that_reaches_the_present_is_on_our_time_line_again() -> None:
    """From then on its absences are told at the host's time."""
    world = World(HOUR_MS, 1000.0)
    world.born()
    world.measure(6)
    assert world.time == world.now
    rows, _, _ = world.absence(5_000, 1_000)
    assert set(rows.time[rows.quality == STALE].tolist()) == {world.now - 1_000}


@pytest.mark.parametrize("late_ms", [SKEW_MS + 1, HOUR_MS])
def test_a_value_that_comes_late_does_not_turn_back_its_node(late_ms: int) -> None:
    """What was delivered out of order, hours old, says nothing about the clock."""
    world = World(0, 1.0)
    world.born()
    world.measure(3)
    late = Samples([RATE], [world.time - late_ms], [4.0], [GOOD])
    world.pipeline.data(KILN, Reading(late, Samples([], [], [], []), [], Counter()), world.now)
    rows, _, _ = world.absence(5_000, 1_000)
    assert set(rows.time[rows.quality == STALE].tolist()) == {world.now - 1_000}
