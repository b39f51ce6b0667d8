"""Machines that are stopped on purpose: failures that are let loose, holds by the crew, loss of power."""

from __future__ import annotations

import numpy as np

from plant.packml import State
from simulators.world.inertia import Bools, Floats, Ints, some
from simulators.world.influence import Influences
from simulators.world.transitions import Cause

POWERED = 0.5
"""With less than this share of the power supply, drives and controls are without."""
RESTART_S = 480.0
"""Mean time from the return of power to the restart, s: machines are looked at and started one after the other."""
_EXECUTE, _ABORTED, _ABORTING, _HOLDING = (
    int(state) for state in (State.EXECUTE, State.ABORTED, State.ABORTING, State.HOLDING)
)
_DOWN = frozenset({State.UNDEFINED, State.ABORTING, State.ABORTED, State.CLEARING, State.STOPPING, State.STOPPED})
_UP = np.array([state not in _DOWN for state in State])
"""Whether a machine in that state is taken down by a failure or by loss of power."""
_WAITS = np.array([state in {State.IDLE, State.HELD, State.SUSPENDED, State.COMPLETE} for state in State])
"""Whether a machine in that state stays in it while the crew keeps it from running."""


def dark(influences: Influences) -> Bools:
    """Units without power."""
    return influences.power_supply < POWERED


def targets(state: Ints, target: Ints, cause: Ints, influences: Influences) -> tuple[Ints, Ints]:
    """State and cause that machines go to, given where they would go by themselves; arrays of shape (units,)."""
    without = dark(influences)
    held = influences.hold
    if not (some(influences.fail) or some(held) or some(without)):
        return target, cause
    stays = (held & _WAITS[state]) | (without & (state == _ABORTED))
    holds = held & (state == _EXECUTE)
    falls = (influences.fail | without) & _UP[state]
    goes = np.where(falls, _ABORTING, np.where(holds, _HOLDING, np.where(stays, state, target)))
    power_lost = np.where(influences.cause > 0, influences.cause, int(Cause.UTILITIES))
    why = np.where(falls & without, power_lost, np.where(falls | holds, influences.cause, cause))
    return goes, why


def repair_s(usual_s: Floats, uniform: Floats, influences: Influences) -> Floats:
    """Length of repairs that begin now, s: as given, the restart after a loss of power, or the usual."""
    restart_s = RESTART_S * (0.5 + uniform)
    drawn = np.where(dark(influences), restart_s, usual_s)
    return np.where(np.isnan(influences.repair_s), drawn, influences.repair_s)
