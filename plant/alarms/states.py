"""The states of an alarm and every transition between them (ISA-18.2-2016, clause 5.3 and figure 3; IEC 62682, 5.3)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an alarm stands; the letters are those of the standard's figure."""

    NORMAL = "normal"
    """A: nothing is wrong."""
    UNACKNOWLEDGED = "unacknowledged"
    """B: the condition holds and nobody has taken note."""
    ACKNOWLEDGED = "acknowledged"
    """C: the condition holds, somebody knows."""
    RETURNED = "returned"
    """D: the condition has gone before anybody took note."""
    LATCHED = "latched"
    """E: the same of an alarm that has to be reset by hand."""
    LATCHED_ACKNOWLEDGED = "latched_acknowledged"
    """F: somebody took note, the condition has gone, it waits for its reset."""
    SHELVED = "shelved"
    """G: put aside by an operator for a time."""
    SUPPRESSED = "suppressed"
    """H: meaningless by design in the present state of the plant."""
    OUT_OF_SERVICE = "out_of_service"
    """I: taken out of service, for maintenance."""


class Event(StrEnum):
    """What may happen to an alarm."""

    RAISE = "raise"
    """The condition holds."""
    CLEAR = "clear"
    """The condition does not hold any more."""
    ACKNOWLEDGE = "acknowledge"
    RESET = "reset"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    EXPIRE = "expire"
    """The time for which it was shelved is over."""
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    REMOVE = "remove"
    """Taken out of service."""
    RESTORE = "restore"
    """Put back into service."""
    COMMENT = "comment"
    """Somebody said something about it."""
    BACKDATE = "backdate"
    """Replayed readings tell that its last change was earlier than had been known."""


ANNUNCIATED: Final = frozenset({State.UNACKNOWLEDGED, State.ACKNOWLEDGED})
"""States that an operator sees as a present alarm."""
ASIDE: Final = frozenset({State.SHELVED, State.SUPPRESSED, State.OUT_OF_SERVICE})
"""States in which an alarm is not annunciated whatever its condition does."""

_MOVES: Final[dict[tuple[State, Event], State]] = {
    (State.NORMAL, Event.RAISE): State.UNACKNOWLEDGED,
    (State.RETURNED, Event.RAISE): State.UNACKNOWLEDGED,
    (State.LATCHED, Event.RAISE): State.UNACKNOWLEDGED,
    (State.LATCHED_ACKNOWLEDGED, Event.RAISE): State.UNACKNOWLEDGED,
    (State.UNACKNOWLEDGED, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.RETURNED, Event.ACKNOWLEDGE): State.NORMAL,
    (State.LATCHED, Event.ACKNOWLEDGE): State.LATCHED_ACKNOWLEDGED,
    (State.LATCHED_ACKNOWLEDGED, Event.RESET): State.NORMAL,
}
_CLEARED: Final = {
    (State.UNACKNOWLEDGED, False): State.RETURNED,
    (State.ACKNOWLEDGED, False): State.NORMAL,
    (State.UNACKNOWLEDGED, True): State.LATCHED,
    (State.ACKNOWLEDGED, True): State.LATCHED_ACKNOWLEDGED,
}
"""By state and whether the alarm latches."""
_ENTRIES: Final = {Event.SHELVE: State.SHELVED, Event.SUPPRESS: State.SUPPRESSED, Event.REMOVE: State.OUT_OF_SERVICE}
_EXITS: Final = {
    Event.UNSHELVE: State.SHELVED,
    Event.EXPIRE: State.SHELVED,
    Event.UNSUPPRESS: State.SUPPRESSED,
    Event.RESTORE: State.OUT_OF_SERVICE,
}


def after(
    state: State, event: Event, *, active: bool, latches: bool, suppressed: bool, unseen: bool = False
) -> State | None:
    """The state that follows, None when the standard has no such transition.

    Args:
        state: Where the alarm stands.
        event: What happens.
        active: Whether its condition holds, delays included.
        latches: Whether it has to be reset by hand.
        suppressed: Whether the plant is in a state for which the alarm is suppressed by design.
        unseen: Whether it came at a time at which nobody could watch: if it has gone as well, it needs no
            acknowledgement any more.
    """
    if event in {Event.COMMENT, Event.BACKDATE}:
        return state
    if event is Event.CLEAR:
        found = _CLEARED.get((state, latches))
        return State.NORMAL if unseen and found is State.RETURNED else found
    if event in _EXITS:
        return _left(active=active, suppressed=suppressed) if state is _EXITS[event] else None
    if event in _ENTRIES:
        return _ENTRIES[event] if _may_enter(state, event) else None
    return _MOVES.get((state, event))


def _may_enter(state: State, event: Event) -> bool:
    """What is aside may only be taken out of service on top of that."""
    if state in ASIDE:
        return event is Event.REMOVE and state is not State.OUT_OF_SERVICE
    return True


def _left(*, active: bool, suppressed: bool) -> State:
    """Where an alarm comes back to: it is told anew, whoever had acknowledged it before."""
    if suppressed:
        return State.SUPPRESSED
    return State.UNACKNOWLEDGED if active else State.NORMAL
