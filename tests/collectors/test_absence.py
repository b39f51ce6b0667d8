"""What a replay proves about tags of which it says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from collecting import NOW, tiny

from collectors.absence import Absences
from collectors.units import UnitTable
from plant.readings import BAD, GOOD, STALE, Columns

STATE, POWER, RATE = 0, 2, 3
FORMER_POWER = 14
"""Behind another gateway."""
GONE = NOW + 45_000


def rows(*items: tuple[int, int, float, int]) -> Columns:
    """Columns of (tag, time, value, quality)."""
    return Columns.of(*zip(*items, strict=True))


def good(columns: Columns) -> list[tuple[int, int, float]]:
    """(tag, time, value) of rows that must all be good."""
    assert set(columns.quality.tolist()) <= {GOOD}
    return list(zip(columns.tag.tolist(), columns.time.tolist(), columns.value.tolist(), strict=True))


@pytest.fixture
def absences():
    """The kiln was last heard at NOW; its absence was noticed 45 s later."""
    enterprise, tags = tiny()
    absences = Absences(UnitTable(enterprise, tags, ["alpha", "beta"]))
    absences.began(
        rows(*[(tag, GONE, np.nan, STALE) for tag in (STATE, POWER, RATE)]),
        rows((STATE, NOW - 900, 6.0, GOOD), (POWER, NOW, 40.0, GOOD), (RATE, NOW, np.nan, BAD)),
    )
    return absences


def test_a_replay_from_before_the_absence_into_it_proves_what_did_not_change(absences):
    """The silent state held; what was bad before stays unknown."""
    replay = rows((POWER, GONE - 5_000, 41.0, GOOD), (POWER, GONE + 1_000, 42.0, GOOD))
    assert good(absences.proved(replay)) == [(STATE, GONE, 6.0), (POWER, GONE, 41.0)]
    assert good(absences.proved(rows((POWER, GONE + 2_000, 43.0, GOOD)))) == []


def test_a_replay_that_begins_too_late_proves_nothing(absences):
    """The node's memory was too short: what happened before its first reading is not known."""
    assert good(absences.proved(rows((POWER, GONE + 1, 41.0, GOOD), (POWER, GONE + 90, 42.0, GOOD)))) == []


def test_a_node_that_was_dead_proves_nothing(absences):
    """Its replay ends before the absence was noticed."""
    assert good(absences.proved(rows((POWER, NOW + 1, 41.0, GOOD), (POWER, GONE, 42.0, GOOD)))) == []


def test_another_node_proves_nothing(absences):
    """Each edge node speaks for itself."""
    assert good(absences.proved(rows((FORMER_POWER, NOW, 1.0, GOOD), (FORMER_POWER, GONE + 1, 2.0, GOOD)))) == []


def test_a_value_that_is_replayed_later_corrects_what_was_proved(absences):
    """A node may replay one device after the other."""
    assert (STATE, GONE, 6.0) in good(absences.proved(rows((POWER, NOW, 40.0, GOOD), (POWER, GONE + 1, 41.0, GOOD))))
    assert good(absences.proved(rows((STATE, NOW + 20_000, 11.0, GOOD)))) == [(STATE, GONE, 11.0)]


def test_each_absence_needs_its_own_proof(absences):
    """What was replayed for the last one does not count for the next."""
    absences.proved(rows((POWER, NOW, 40.0, GOOD), (POWER, GONE + 1, 41.0, GOOD)))
    later = GONE + 900_000
    absences.began(rows((STATE, later, np.nan, STALE)), rows((STATE, later - 1, 6.0, GOOD)))
    assert good(absences.proved(rows((POWER, later + 1, 41.0, GOOD)))) == []
    assert good(absences.proved(rows((POWER, later - 1, 41.0, GOOD)))) == [(STATE, later, 6.0)]
