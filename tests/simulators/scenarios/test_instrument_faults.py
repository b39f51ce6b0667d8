from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulators.world.influence import SensorFaults
from simulators.world.instruments import Instruments, InstrumentState

NONE = SensorFaults.none(2)
COUNTER = np.array([False, True])
SOUND = Instruments(
    sd=np.zeros(2),
    per_unit=np.full(2, 100.0),
    low=np.array([0.0, -np.inf]),
    high=np.array([10.0, np.inf]),
    counter=COUNTER,
    offset=np.array([0.0, 50.0]),
    rollover=np.array([np.inf, 100.0]),
)
"""A measured value of 0 to 10 and a counter that has counted 50 and rolls over at 100."""


def looks(*moments: tuple[float, float, SensorFaults]) -> list[list[float]]:
    """What both show at each moment: true value, true count since the beginning, faults."""
    state, shown, seen = InstrumentState.start(2, 0), np.zeros(2), []
    for value, count, faults in moments:
        state = state.look(np.array([value, count]), faults.count_loss, state.codes, 0)
        shown = SOUND.shown(shown, state, faults, np.zeros(2))
        seen.append(shown.tolist())
    return seen


def test_without_faults_instruments_show_what_they_read() -> None:
    """The neutral element shows exactly what an instrument reads."""
    assert looks((3.5, 7.0, NONE)) == [SOUND.read(np.array([3.5, 7.0]), np.zeros(2)).tolist()]


def test_a_frozen_instrument_keeps_what_it_showed() -> None:
    """While frozen it shows its last value, a counter too, and jumps to the truth afterwards."""
    frozen = replace(NONE, freeze=np.ones(2, np.bool_))
    assert looks((3.0, 1.0, NONE), (4.0, 2.0, frozen), (5.0, 3.0, NONE)) == [[3.0, 51.0], [3.0, 51.0], [5.0, 53.0]]


def test_gain_and_offset_stay_within_the_span() -> None:
    """A wrong instrument cannot show more than its range has."""
    wrong = replace(NONE, gain=np.array([2.0, 1.0]), offset=np.array([1.0, 0.0]))
    assert [seen[0] for seen in looks((2.0, 0.0, wrong), (8.0, 0.0, wrong))] == [5.0, 10.0]


def test_what_a_counter_missed_stays_missed() -> None:
    """A loss takes its share of what comes by meanwhile, not of what was counted before, and is never made up."""
    half = replace(NONE, count_loss=np.array([0.0, 0.5]))
    assert [seen[1] for seen in looks((0, 10, NONE), (0, 20, half), (0, 30, NONE))] == [60.0, 65.0, 75.0]


def test_a_counter_with_loss_rolls_over_where_it_shows_the_end() -> None:
    """Rollover follows what the counter shows, not the truth."""
    half = replace(NONE, count_loss=np.array([0.0, 0.5]))
    assert [seen[1] for seen in looks((0, 60, half), (0, 100, half), (0, 102, half))] == [80.0, 0.0, 1.0]


def test_a_text_is_told_late() -> None:
    """A number of a text is nothing until it has been there for its delay; without delay it is told at once."""
    state = InstrumentState.start(0, 2)
    for now_ms, codes in ((0, [1, 1]), (1_000, [2, 2]), (61_000, [2, 2])):
        state = state.look(np.zeros(0), np.zeros(0), np.array(codes), now_ms)
        told = state.told(np.array([60_000.0, 0.0]), now_ms).tolist()
        assert told == [2 if now_ms > 60_000 else 0, codes[1]]
