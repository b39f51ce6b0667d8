"""Transitions of an alarm are those of the standard, written down here a second time."""

from __future__ import annotations

from itertools import product

import pytest

from plant.alarms.states import Event, State, after

LETTERS = dict(zip("ABCDEFGHI", State, strict=True))
ARROWS = {
    Event.RAISE: "AB DB EB FB",
    Event.ACKNOWLEDGE: "BC DA EF",
    Event.RESET: "FA",
    Event.SHELVE: "AG BG CG DG EG FG",
    Event.SUPPRESS: "AH BH CH DH EH FH",
    Event.REMOVE: "AI BI CI DI EI FI GI HI",
}
"""Figure 3 of ISA-18.2-2016 by event, for what does not depend on anything else."""
LEAVES = {Event.UNSHELVE: "G", Event.EXPIRE: "G", Event.UNSUPPRESS: "H", Event.RESTORE: "I"}


@pytest.mark.parametrize("event", ARROWS)
def test_arrows_of_the_standard(event):
    """From each state an event leads where the standard's arrow does, and nowhere without one."""
    arrows = {LETTERS[pair[0]]: LETTERS[pair[1]] for pair in ARROWS[event].split()}
    for state, active, latches, suppressed in product(State, (True, False), (True, False), (True, False)):
        assert after(state, event, active=active, latches=latches, suppressed=suppressed) is arrows.get(state)


@pytest.mark.parametrize(("latches", "arrows"), [(False, "BD CA"), (True, "BE CF")])
def test_a_condition_that_goes_leaves_a_latched_alarm_behind(latches, arrows):
    """Return to normal: B to D and C to A, with a latch B to E and C to F."""
    expected = {LETTERS[pair[0]]: LETTERS[pair[1]] for pair in arrows.split()}
    for state in State:
        assert after(state, Event.CLEAR, active=False, latches=latches, suppressed=False) is expected.get(state)


@pytest.mark.parametrize("event", LEAVES)
def test_what_was_aside_comes_back_as_the_plant_is_now(event):
    """Unacknowledged if the condition holds, normal if not, suppressed if it has no meaning."""
    for state in State:
        leaves = state is LETTERS[LEAVES[event]]
        for active, suppressed, expected in [
            (True, False, State.UNACKNOWLEDGED),
            (False, False, State.NORMAL),
            (True, True, State.SUPPRESSED),
            (False, True, State.SUPPRESSED),
        ]:
            found = after(state, event, active=active, latches=False, suppressed=suppressed)
            assert found is (expected if leaves else None)


def test_a_comment_moves_nothing():
    """Whatever the state."""
    assert all(after(state, Event.COMMENT, active=True, latches=True, suppressed=True) is state for state in State)
