"""Births, values and deaths in; batches and changed units out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from collecting import NOW, Clock, birth_rows, reading, tiny

from collectors.binding import Binder
from collectors.counts import Counts
from collectors.live import LiveState
from collectors.pipeline import Pipeline
from collectors.quality import QualityCounter
from collectors.quarantine import Quarantine
from collectors.texts import TextState
from collectors.units import UnitTable
from collectors.validation import Validator
from plant.changes import ChangeDetector
from plant.packml import State
from plant.readings import BAD, GOOD, STALE, EventKind
from plant.sparkplug.samples import OtherSample
from plant.sparkplug.topic import Source

KILN = Source("alpha", "kiln-1", "kiln")
STATE, REASON, POWER, RATE = 0, 2, 3, 4
"""Rows of the kiln's birth."""
STATE_TAG, POWER_TAG, RATE_TAG = 0, 2, 3
KILN_NUMBER = 0


@dataclass
class Bench:
    """A pipeline with its parts in reach."""

    quarantine: Quarantine = field(default_factory=lambda: Quarantine(Clock()))
    counts: Counts = field(default_factory=Counts)
    texts: TextState = field(default_factory=TextState)

    def __post_init__(self) -> None:
        enterprise, tags = tiny()
        self.kiln = next(enterprise.units)
        units = UnitTable(enterprise, tags, ["alpha"])
        self.live = LiveState(units)
        self.quality = QualityCounter(tags, NOW)
        self.pipeline = Pipeline(
            units,
            Binder(enterprise, tags, ["alpha"]),
            Validator(tags, 14),
            self.live,
            self.texts,
            ChangeDetector(tags),
            self.quarantine,
            self.counts,
            self.quality,
        )

    def birth(self, *live, at: int = NOW, rows=None, others=()) -> None:
        """The kiln is born with these (row, time, value, quality)."""
        values = reading(live)
        values.others.extend(others)
        self.pipeline.birth(KILN, birth_rows(self.kiln) if rows is None else rows, values, at)

    def data(self, *live, historical=(), others=()) -> None:
        """The kiln sends these (row, time, value, quality)."""
        values = reading(live, historical)
        values.others.extend(others)
        self.pipeline.data(KILN, values)


def stored(columns) -> list[tuple[int, int, float, int]]:
    """Rows as tuples, in their order; None for NaN."""
    values = [None if np.isnan(value) else value for value in columns.value.tolist()]
    return list(zip(columns.tag.tolist(), columns.time.tolist(), values, columns.quality.tolist(), strict=True))


@pytest.fixture
def bench():
    """A collector's middle, with nobody born."""
    return Bench()


def test_data_is_shown_and_stored(bench):
    """The row of a birth leads to the tag; what was sent as it happened is fresh."""
    bench.birth()
    bench.pipeline.turn(NOW)
    bench.data((POWER, NOW, 40.0, GOOD))
    turn = bench.pipeline.turn(NOW + 20)
    assert stored(turn.batch.columns) == [(POWER_TAG, NOW, 40.0, GOOD)]
    assert turn.batch.fresh.all()
    assert turn.changed.tolist() == [KILN_NUMBER]
    assert bench.live.value[POWER_TAG] == 40.0
    assert len(bench.pipeline.turn(NOW + 40).batch) == 0


def test_the_values_of_a_birth_are_not_fresh(bench):
    """Their age says nothing about how fast this collector is."""
    bench.birth((POWER, NOW - 3_600_000, 40.0, GOOD))
    batch = bench.pipeline.turn(NOW).batch
    assert not batch.fresh.any()
    assert stored(batch.columns) == [(POWER_TAG, NOW - 3_600_000, 40.0, GOOD)]


def test_historical_values_are_stored_and_never_shown(bench):
    """A replay must not turn back the screen."""
    bench.birth((POWER, NOW, 40.0, GOOD))
    bench.data(historical=[(POWER, NOW + 10, 99.0, GOOD), (RATE, NOW - 10, 5.0, GOOD)])
    batch = bench.pipeline.turn(NOW + 20).batch
    assert not batch.fresh.any()
    assert (POWER_TAG, NOW + 10, 99.0, GOOD) in stored(batch.columns)
    assert (RATE_TAG, NOW - 10, 5.0, GOOD) in stored(batch.columns)
    assert bench.live.value[POWER_TAG] == 40.0
    assert bench.live.quality[RATE_TAG] == STALE


def test_a_death_ends_every_value_and_the_next_birth_brings_it_back(bench):
    """One stale row per tag at the time of the death; a value that held is known again from the birth on."""
    bench.birth((POWER, NOW, 40.0, GOOD), (RATE, NOW, 5.0, GOOD))
    bench.pipeline.turn(NOW)
    bench.data((RATE, NOW + 30, 6.0, GOOD))
    bench.pipeline.away(KILN, NOW + 50, NOW + 60)
    turn = bench.pipeline.turn(NOW + 60)
    assert stored(turn.batch.columns) == [
        (RATE_TAG, NOW + 30, 6.0, GOOD),
        (POWER_TAG, NOW + 50, None, STALE),
        (RATE_TAG, NOW + 50, None, STALE),
    ]
    assert turn.changed.tolist() == [KILN_NUMBER]
    bench.birth((POWER, NOW, 40.0, GOOD), (RATE, NOW + 70, 7.0, GOOD), at=NOW + 90)
    assert stored(bench.pipeline.turn(NOW + 90).batch.columns) == [
        (POWER_TAG, NOW, 40.0, GOOD),
        (RATE_TAG, NOW + 70, 7.0, GOOD),
        (POWER_TAG, NOW + 90, 40.0, GOOD),
    ]
    assert bench.live.quality[[POWER_TAG, RATE_TAG]].tolist() == [GOOD, GOOD]


@pytest.mark.parametrize("told", [1_000, NOW + 86_400_000])
def test_the_time_of_a_death_must_be_credible(bench, told):
    """A device that was never told the time does not end its values in 1970."""
    bench.birth((POWER, NOW, 40.0, GOOD))
    bench.pipeline.away(KILN, told, NOW + 60)
    assert stored(bench.pipeline.turn(NOW + 60).batch.columns)[-1] == (POWER_TAG, NOW + 60, None, STALE)


def test_a_metric_that_a_new_birth_leaves_out_is_stale(bench):
    """A gateway was configured anew, without one sensor."""
    bench.birth((POWER, NOW, 40.0, GOOD), (RATE, NOW, 5.0, GOOD))
    bench.pipeline.turn(NOW)
    rows = [row for row in birth_rows(bench.kiln) if row.name != "rate"]
    bench.birth((POWER, NOW + 5, 41.0, GOOD), rows=rows, at=NOW + 5)
    assert (RATE_TAG, NOW + 5, None, STALE) in stored(bench.pipeline.turn(NOW + 5).batch.columns)


def test_state_changes_become_events(bench):
    """Of live and of replayed values alike."""
    bench.birth((STATE, NOW, State.EXECUTE, GOOD))
    bench.data((STATE, NOW + 20, State.HELD, GOOD))
    batch = bench.pipeline.turn(NOW + 20).batch
    assert [(event.time, event.kind, event.text) for event in batch.events] == [
        (NOW, EventKind.STATE, "EXECUTE"),
        (NOW + 20, EventKind.STATE, "HELD"),
    ]


def test_texts_are_shown_and_become_events(bench):
    """In the order of their unit; an absurd time is refused with its reason."""
    good = OtherSample(REASON, NOW, "jam", GOOD, historical=False)
    bench.birth(others=[good])
    bench.data(others=[OtherSample(REASON, 5, "old", GOOD, historical=False)])
    turn = bench.pipeline.turn(NOW)
    assert [(event.kind, event.text) for event in turn.batch.events] == [(EventKind.TEXT, "jam")]
    assert bench.texts.of_unit(KILN_NUMBER)["reason"].value == "jam"
    assert bench.quarantine.counts == {"absurd_timestamp": 1}


def test_bad_values_are_counted_once_per_reason_with_a_specimen(bench):
    """A hundred bad values are one entry that counts a hundred; good ones beside them are stored."""
    bench.birth()
    bench.data(*[(POWER, NOW + n, 1e9, GOOD) for n in range(100)], (RATE, NOW, 5.0, GOOD))
    batch = bench.pipeline.turn(NOW + 200).batch
    assert bench.quarantine.counts == {"out_of_range": 100}
    (entry,) = bench.quarantine.newest()
    assert entry.topic == "alpha/shop/kiln-1/kiln/power"
    assert (RATE_TAG, NOW, 5.0, GOOD) in stored(batch.columns)
    assert sum(row[3] == BAD for row in stored(batch.columns)) == 100


def test_strangers_are_counted_and_cost_nothing_else(bench):
    """Values of an unknown device are counted under its reason."""
    stranger = Source("alpha", "kiln-1", "mixer")
    bench.pipeline.birth(stranger, birth_rows(bench.kiln), reading([(POWER, NOW, 1.0, GOOD)]), NOW)
    bench.pipeline.data(stranger, reading([(POWER, NOW, 1.0, GOOD)] * 3))
    bench.pipeline.away(stranger, NOW, NOW)
    assert len(bench.pipeline.turn(NOW).batch) == 0
    assert bench.quarantine.counts == {"unknown_device": 5}
    assert len(bench.quarantine.newest()) == 1


def test_of_two_readings_of_one_instant_the_last_to_arrive_is_stored_last(bench):
    """A null of the birth and a value of the same millisecond: the value counts."""
    bench.birth((POWER, NOW, float("nan"), BAD))
    bench.data((POWER, NOW, 40.0, GOOD))
    batch = bench.pipeline.turn(NOW).batch
    assert stored(batch.columns) == [(POWER_TAG, NOW, None, BAD), (POWER_TAG, NOW, 40.0, GOOD)]
    assert batch.fresh.tolist() == [False, True]


def replay_after_absence(bench, *, unheard: bool) -> list[tuple[int, int, float, int]]:
    """What is stored when a replay covers an absence of the kiln."""
    bench.birth((STATE, NOW - 900, State.EXECUTE, GOOD), (POWER, NOW, 40.0, GOOD))
    bench.pipeline.away(KILN, NOW + 45, NOW + 45, unheard=unheard)
    bench.birth((STATE, NOW - 900, State.EXECUTE, GOOD), (POWER, NOW + 80, 43.0, GOOD), at=NOW + 90)
    bench.pipeline.turn(NOW + 90)
    bench.data(historical=[(POWER, NOW - 5, 39.0, GOOD), (POWER, NOW + 60, 42.0, GOOD)])
    return stored(bench.pipeline.turn(NOW + 100).batch.columns)


def test_a_replay_that_covers_an_absence_replaces_the_stale_rows(bench):
    """The state did not change while the node could not be heard: it is known after all."""
    rows = replay_after_absence(bench, unheard=True)
    assert (STATE_TAG, NOW + 45, float(State.EXECUTE), GOOD) in rows
    assert (POWER_TAG, NOW + 45, 40.0, GOOD) in rows


def test_a_device_that_was_said_to_be_dead_stays_dead(bench):
    """Its edge node was there and knew; no replay of others contradicts it."""
    assert [row[0] for row in replay_after_absence(bench, unheard=False)] == [POWER_TAG, POWER_TAG]
