"""Which state may follow which: the PackML state machine (ISA-TR88.00.02-2015, clause 4.3)."""

from __future__ import annotations

from enum import IntEnum

from plant.packml import State

NEXT = {
    State.CLEARING: State.STOPPED,
    State.STARTING: State.EXECUTE,
    State.STOPPING: State.STOPPED,
    State.ABORTING: State.ABORTED,
    State.HOLDING: State.HELD,
    State.UNHOLDING: State.EXECUTE,
    State.SUSPENDING: State.SUSPENDED,
    State.UNSUSPENDING: State.EXECUTE,
    State.RESETTING: State.IDLE,
    State.COMPLETING: State.COMPLETE,
}
"""Acting states and the state that they reach by themselves (state complete)."""

DURATION_S = {
    State.CLEARING: 30.0,
    State.STOPPING: 15.0,
    State.ABORTING: 5.0,
    State.HOLDING: 5.0,
    State.UNHOLDING: 8.0,
    State.SUSPENDING: 5.0,
    State.UNSUSPENDING: 8.0,
    State.RESETTING: 20.0,
    State.COMPLETING: 20.0,
}
"""How long an acting state lasts, s; drives run down and guards close in seconds. Starting is the kind's own."""


class Command(IntEnum):
    """PackML control command (CntrlCmd of ISA-TR88.00.02-2015, clause 6.3): the number written to a command tag."""

    NONE = 0
    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    UNHOLD = 5
    SUSPEND = 6
    UNSUSPEND = 7
    ABORT = 8
    CLEAR = 9
    COMPLETE = 10


class Cause(IntEnum):
    """Why a machine does not run."""

    NONE = 0
    MECHANICAL = 1
    ELECTRICAL = 2
    PROCESS = 3
    MATERIAL = 4
    DOWNSTREAM = 5
    CHANGEOVER = 6
    PERSONNEL = 7
    UTILITIES = 8
    QUALITY = 9
    PLANNED = 10
    """Planned maintenance."""
    REST = 11
    """A break, a free shift or a holiday of the crew."""

    @property
    def reason(self) -> str:
        """Key of the reason tree, empty for none; rest is planned like maintenance and told apart by the mode."""
        return "" if self is Cause.NONE else "planned" if self is Cause.REST else self.name.lower()


_ABORTED = frozenset({State.ABORTING, State.ABORTED, State.CLEARING})
_STOPPED = frozenset({State.STOPPING, State.STOPPED})
_LIVE = frozenset(State) - _ABORTED - {State.UNDEFINED}

COMMANDS: dict[Command, tuple[frozenset[State], State]] = {
    Command.RESET: (frozenset({State.STOPPED, State.COMPLETE}), State.RESETTING),
    Command.START: (frozenset({State.IDLE}), State.STARTING),
    Command.STOP: (_LIVE - _STOPPED, State.STOPPING),
    Command.HOLD: (frozenset({State.EXECUTE}), State.HOLDING),
    Command.UNHOLD: (frozenset({State.HELD}), State.UNHOLDING),
    Command.SUSPEND: (frozenset({State.EXECUTE}), State.SUSPENDING),
    Command.UNSUSPEND: (frozenset({State.SUSPENDED}), State.UNSUSPENDING),
    Command.ABORT: (_LIVE | {State.CLEARING}, State.ABORTING),
    Command.CLEAR: (frozenset({State.ABORTED}), State.CLEARING),
    Command.COMPLETE: (frozenset({State.EXECUTE}), State.COMPLETING),
}
"""From which states a command is taken, and the acting state that it begins."""

LEGAL: frozenset[tuple[State, State]] = frozenset(NEXT.items()) | {
    (source, target) for sources, target in COMMANDS.values() for source in sources
}
"""All pairs of states of which the second may follow the first."""
