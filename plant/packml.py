"""States and modes of PackML (ISA-TR88.00.02-2015, clauses 4.3 and 4.4), with the codes that PLCs report."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """Unit state; the number is what the ``state`` metric carries."""

    UNDEFINED = 0
    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class Mode(IntEnum):
    """Unit mode; 1 to 3 are PackML's own, the rest are user modes."""

    UNDEFINED = 0
    PRODUCTION = 1
    MAINTENANCE = 2
    MANUAL = 3
    CHANGEOVER = 4
