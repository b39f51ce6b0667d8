"""What the engine says of an alarm: how it stands, and what has just become of it."""

from __future__ import annotations

from dataclasses import dataclass

from plant.alarms.rules import Rule
from plant.alarms.states import ASIDE, Event, State


@dataclass(frozen=True, slots=True)
class Standing:
    """How an alarm stands; this is what outlives a restart.

    Attributes:
        number: Of its changes, from 1; 0 when there was none.
        active: Whether the condition holds, delays included, also while it is shelved or suppressed.
        changed: When it came into this state, UTC ms.
        raised: When it was last annunciated, UTC ms; None if never.
        until: When it stops being shelved, UTC ms.
        who: Who put it into this state; empty when the plant did. `why` is what they said.
        value: What was measured when the condition changed last; None if nothing was.
    """

    number: int = 0
    state: State = State.NORMAL
    active: bool = False
    changed: int = 0
    raised: int | None = None
    until: int | None = None
    who: str = ""
    why: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Bygone:
    """What an alarm was like at a time that is over: it is written down, but the alarm stands as it stood.

    Attributes:
        state: Since that time, as long as nothing else happened.
        value: What was measured; None if nothing was.
    """

    state: State
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One transition of one alarm.

    Attributes:
        event: What happened.
        before: State before; `now` is how the alarm stands since.
        time: When: source time of what made it so, or what it was at the edge node when a command came, UTC ms.
        bygone: Of what is only known now, and over; None of all else.
    """

    rule: Rule
    event: Event
    before: State
    now: Standing
    time: int
    who: str = ""
    why: str = ""
    bygone: Bygone | None = None

    @property
    def is_silent(self) -> bool:
        """Whether nobody could have noticed: the condition of an alarm that is aside, or suppressing a normal one."""
        if self.bygone is not None:
            return False
        if self.event in {Event.RAISE, Event.CLEAR}:
            return self.before in ASIDE
        quiet = {State.NORMAL, State.SUPPRESSED}
        return self.event in {Event.SUPPRESS, Event.UNSUPPRESS} and {self.before, self.now.state} <= quiet
