"""How PackML states are shown: eight kinds with a shape each, so that a state is told without its colour.

Running is the calm normal case. Only `FAULT` and `HELD` (stopped for a reason of its own) are abnormal.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from dashboard.texts import text
from plant.messages import StateMessage
from plant.packml import Mode, State
from plant.readings import GOOD


class Kind(StrEnum):
    """A kind of state; the style sheets know a shape and a colour for each."""

    RUNNING = "running"
    CHANGING = "changing"
    WAITING = "waiting"
    SUSPENDED = "suspended"
    STOPPED = "stopped"
    HELD = "held"
    FAULT = "fault"
    UNKNOWN = "unknown"


KINDS: Final[dict[State, Kind]] = {
    State.UNDEFINED: Kind.UNKNOWN,
    State.CLEARING: Kind.CHANGING,
    State.STOPPED: Kind.STOPPED,
    State.STARTING: Kind.CHANGING,
    State.IDLE: Kind.WAITING,
    State.SUSPENDED: Kind.SUSPENDED,
    State.EXECUTE: Kind.RUNNING,
    State.STOPPING: Kind.CHANGING,
    State.ABORTING: Kind.FAULT,
    State.ABORTED: Kind.FAULT,
    State.HOLDING: Kind.HELD,
    State.HELD: Kind.HELD,
    State.UNHOLDING: Kind.CHANGING,
    State.SUSPENDING: Kind.SUSPENDED,
    State.UNSUSPENDING: Kind.CHANGING,
    State.RESETTING: Kind.CHANGING,
    State.COMPLETING: Kind.CHANGING,
    State.COMPLETE: Kind.WAITING,
}


def kind(message: StateMessage | None) -> Kind:
    """The kind of a unit's present state; unknown while its source is away."""
    if message is None or message.quality != GOOD:
        return Kind.UNKNOWN
    return KINDS[State[message.state]]


def label(message: StateMessage | None) -> str:
    """The state in words, with the mode when that is not production."""
    if message is None or message.quality != GOOD:
        return state_name(State.UNDEFINED)
    words = state_name(State[message.state])
    mode = Mode[message.mode]
    return words if mode in {Mode.PRODUCTION, Mode.UNDEFINED} else f"{words} · {mode_name(mode)}"


def state_name(state: State) -> str:
    """A state in words."""
    return text(f"state.{state.name}")


def mode_name(mode: Mode) -> str:
    """A mode in words."""
    return text(f"mode.{mode.name}")
