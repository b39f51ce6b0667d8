from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from plant.packml import State
from simulators.world import forced
from simulators.world.influence import Influences
from simulators.world.transitions import LEGAL, Cause

ALL = np.array([int(state) for state in State])
UNITS = len(ALL)
NONE = Influences.none(UNITS)
YES = np.ones(UNITS, np.bool_)


def reached(influences: Influences) -> tuple[dict[State, State], np.ndarray]:
    """Where a machine in each state goes that would stay, and its cause."""
    target, cause = forced.targets(ALL, ALL.copy(), np.zeros(UNITS, np.int64), influences)
    return {State(int(a)): State(int(b)) for a, b in zip(ALL, target, strict=True)}, cause


def acting(**given: object) -> Influences:
    return replace(NONE, cause=np.full(UNITS, int(Cause.PROCESS)), **given)


def test_nothing_forced_changes_nothing() -> None:
    """Without influences machines go where they would go by themselves."""
    assert all(a is b for a, b in reached(NONE)[0].items())


@pytest.mark.parametrize("influences", [acting(fail=YES), acting(power_supply=np.zeros(UNITS)), acting(hold=YES)])
def test_all_that_is_forced_is_legal(influences: Influences) -> None:
    """Failures, loss of power and holds begin only transitions that PackML allows."""
    assert {(a, b) for a, b in reached(influences)[0].items() if a is not b} <= LEGAL


def test_a_failure_takes_down_what_is_up_and_leaves_the_rest() -> None:
    """Machines that are stopped or down already do not fail."""
    went, cause = reached(acting(fail=YES))
    stays = {State.UNDEFINED, State.STOPPED, State.STOPPING, State.ABORTING, State.ABORTED, State.CLEARING}
    assert {state for state, target in went.items() if target is not State.ABORTING} | {State.ABORTING} == stays
    assert cause[State.EXECUTE] == Cause.PROCESS
    assert cause[State.STOPPED] == Cause.NONE


def test_without_power_aborted_machines_wait() -> None:
    """What is aborted stays so while there is no power, even where its time is up; the cause is given by the power."""
    dark = replace(NONE, power_supply=np.zeros(UNITS))
    target, cause = forced.targets(ALL, np.full(UNITS, int(State.CLEARING)), np.zeros(UNITS, np.int64), dark)
    assert target[State.ABORTED] == State.ABORTED
    assert cause[State.EXECUTE] == Cause.UTILITIES


def test_a_hold_keeps_waiting_machines_where_they_are() -> None:
    """A machine that would go on from Held, Idle, Suspended or Complete stays there while the crew holds it."""
    target, _ = forced.targets(ALL, np.full(UNITS, int(State.EXECUTE)), np.zeros(UNITS, np.int64), acting(hold=YES))
    waits = (State.HELD, State.IDLE, State.SUSPENDED, State.COMPLETE)
    assert [State(int(target[state])) for state in waits] == list(waits)
    assert target[State.EXECUTE] == State.HOLDING


def test_the_length_of_a_repair_is_as_given() -> None:
    """A repair lasts as given; after a loss of power it is the restart; else it is drawn as usual."""
    usual, uniform = np.full(UNITS, 100.0), np.full(UNITS, 0.5)
    given = replace(NONE, repair_s=np.full(UNITS, 7.0))
    dark = replace(NONE, power_supply=np.zeros(UNITS))
    lengths = [forced.repair_s(usual, uniform, each)[0] for each in (NONE, given, dark)]
    assert lengths == [100.0, 7.0, forced.RESTART_S]


def test_the_neutral_element_cannot_be_spoilt() -> None:
    """Its arrays are read-only, so that no scenario can leave a trace in it."""
    with pytest.raises(ValueError, match="read-only"):
        NONE.gas_supply[0] = 0.5
