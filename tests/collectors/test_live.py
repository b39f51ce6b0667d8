"""What is shown now, and what the end of a source leaves in the store."""

from __future__ import annotations

import numpy as np
import pytest
from collecting import NOW, tiny
from hypothesis import given
from hypothesis import strategies as st

from collectors.live import LiveState
from collectors.units import UnitTable
from plant.packml import State
from plant.readings import BAD, GOOD, STALE, Columns

STATE, POWER, RATE = 0, 2, 3
FORMER_POWER = 14


@pytest.fixture
def live():
    """All units of the tiny model, never heard of."""
    enterprise, tags = tiny()
    return LiveState(UnitTable(enterprise, tags, ["alpha", "beta"]))


def rows(*items: tuple[int, int, float, int]) -> Columns:
    """Columns of (tag, time, value, quality)."""
    return Columns.of(*zip(*items, strict=True))


def test_the_newest_value_is_shown_whatever_the_order(live):
    """Values that are older than what is shown change nothing."""
    changed = live.apply(rows((POWER, NOW, 2.0, GOOD), (POWER, NOW - 1, 1.0, GOOD)))
    assert changed.tolist() == [0]
    assert (live.value[POWER], live.time[POWER]) == (2.0, NOW)
    assert live.apply(rows((POWER, NOW - 5, 9.0, GOOD))).tolist() == []
    assert live.value[POWER] == 2.0


def test_of_equal_times_the_last_to_arrive_is_shown(live):
    """A repeated time is a correction."""
    live.apply(rows((POWER, NOW, 1.0, GOOD), (POWER, NOW, 2.0, GOOD)))
    assert live.value[POWER] == 2.0


def test_a_birth_counts_even_if_the_sources_clock_was_set_back(live):
    """Otherwise a corrected clock would freeze the screen until it catches up."""
    live.apply(rows((POWER, NOW, 1.0, GOOD)))
    live.apply(rows((POWER, NOW - 60_000, 2.0, GOOD)), anew=True)
    live.apply(rows((POWER, NOW - 59_000, 3.0, GOOD)))
    assert live.value[POWER] == 3.0


def test_a_source_that_goes_away_leaves_one_stale_row_per_known_tag(live):
    """The last value ends when the source ends; its time and value stay to be seen."""
    live.apply(rows((POWER, NOW, 1.0, GOOD), (RATE, NOW + 500, 2.0, BAD)))
    gone, last = live.withdraw(np.array([POWER, RATE, STATE]), NOW + 100)
    assert (last.time.tolist(), last.value.tolist(), last.quality.tolist()) == (
        [NOW, NOW + 500],
        [1.0, 2.0],
        [GOOD, BAD],
    )
    assert gone.tag.tolist() == [POWER, RATE]
    assert gone.time.tolist() == [NOW + 100, NOW + 501]
    assert gone.quality.tolist() == [STALE, STALE]
    assert np.isnan(gone.value).all()
    assert (live.value[POWER], live.time[POWER], live.quality[POWER]) == (1.0, NOW, STALE)
    assert len(live.withdraw(np.array([POWER, RATE, STATE]), NOW + 200)[0]) == 0


def test_a_value_that_held_all_the_time_is_known_again_from_the_birth_on(live):
    """Its own time is before the stale row, so it is stored a second time; a value that has changed is not."""
    live.apply(rows((POWER, NOW, 1.0, GOOD), (RATE, NOW, 2.0, GOOD)))
    live.withdraw(np.array([POWER, RATE]), NOW + 100)
    born = rows((POWER, NOW, 1.0, GOOD), (RATE, NOW + 150, 3.0, GOOD), (FORMER_POWER, NOW, 5.0, GOOD))
    again = live.confirmed(born, NOW + 900)
    assert (again.tag.tolist(), again.time.tolist(), again.value.tolist()) == ([POWER], [NOW + 900], [1.0])
    assert len(live.confirmed(born, NOW + 950)) == 0


def test_the_state_lasts_since_it_began(live):
    """Confirmations of a state do not move its beginning; a new state does; staleness does not."""
    live.apply(rows((STATE, NOW, State.EXECUTE, GOOD)))
    live.apply(rows((STATE, NOW + 10, State.EXECUTE, GOOD)))
    assert live.state_since[0] == NOW
    live.apply(rows((STATE, NOW + 20, State.HELD, GOOD), (STATE, NOW + 30, State.HELD, GOOD)))
    assert live.state_since[0] == NOW + 20
    live.withdraw(np.array([STATE]), NOW + 40)
    live.apply(rows((STATE, NOW + 50, State.HELD, GOOD)), anew=True)
    assert live.state_since[0] == NOW + 20


def test_what_was_known_before_the_start_is_shown_as_stale(live):
    """A restart shows the last values, marked, until their source is born again."""
    live.seed(rows((POWER, NOW, 1.0, GOOD), (STATE, NOW, State.HELD, GOOD)), {0: NOW - 5_000})
    assert (live.value[POWER], live.time[POWER], live.quality[POWER]) == (1.0, NOW, STALE)
    live.apply(rows((STATE, NOW, State.HELD, GOOD)), anew=True)
    assert live.state_since[0] == NOW - 5_000


def test_a_source_that_was_away_before_the_start_is_known_again_from_its_birth_on(live):
    """The stale row of the process before ends with the birth in this one."""
    live.seed(rows((POWER, NOW, np.nan, STALE), (RATE, NOW, 2.0, GOOD)), {})
    born = rows((POWER, NOW - 50, 1.0, GOOD), (RATE, NOW, 2.0, GOOD))
    again = live.confirmed(born, NOW + 60)
    assert (again.tag.tolist(), again.time.tolist()) == ([POWER], [NOW + 60])


def test_what_has_spoken_already_is_not_overwritten_by_the_past(live):
    """The historian may answer late."""
    live.apply(rows((POWER, NOW, 2.0, GOOD)))
    live.seed(rows((POWER, NOW - 9, 1.0, GOOD)), {})
    assert (live.value[POWER], live.quality[POWER]) == (2.0, GOOD)


@given(st.lists(st.tuples(st.sampled_from([POWER, RATE, STATE]), st.integers(0, 50), st.integers(0, 9)), min_size=1))
def test_the_same_is_shown_however_arrivals_are_cut_into_batches(items):
    """Batches are a matter of timing and must not show."""
    enterprise, tags = tiny()
    units = UnitTable(enterprise, tags, ["alpha"])
    whole, single = LiveState(units), LiveState(units)
    readings = [(tag, NOW + time, float(value), GOOD) for tag, time, value in items]
    whole.apply(rows(*readings))
    for item in readings:
        single.apply(rows(item))
    assert np.array_equal(whole.value, single.value, equal_nan=True)
    assert np.array_equal(whole.time, single.time)
