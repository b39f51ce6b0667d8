"""The journal of alarms as it is kept and measured: a row for each change that somebody could have noticed."""

from __future__ import annotations

from dataclasses import dataclass

from plant.alarms.change import Change
from plant.alarms.rules import Priority
from plant.alarms.states import Event, State


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one alarm.

    Attributes:
        alarm: Key of the rule; `number` of the change.
        time: Source time of what made it so, or the time at the edge node when a command came, UTC ms.
        noted: Host time at which it was known, UTC ms; long after `time` for what was only found in history.
        before: State before; `state` since.
        priority: Of the rule at that time; likewise `position`.
        value: What was measured; None if nothing was.
        who: Who did it, empty when the plant did; `why` is what they said.
    """

    alarm: str
    number: int
    time: int
    noted: int
    event: Event
    before: State
    state: State
    priority: Priority
    position: str
    value: float | None = None
    who: str = ""
    why: str = ""

    @property
    def is_annunciation(self) -> bool:
        """Whether it called for an operator's attention."""
        return self.state is State.UNACKNOWLEDGED and self.before is not State.UNACKNOWLEDGED

    @property
    def is_passing(self) -> bool:
        """Whether an alarm has gone of which nobody could have taken note: it was found in history."""
        return self.event is Event.CLEAR and self.before is State.UNACKNOWLEDGED and self.state is State.NORMAL


def entry_of(change: Change, noted: int) -> Entry:
    """The row of a change; `noted` is the host time, UTC ms."""
    rule, now, bygone = change.rule, change.now, change.bygone
    return Entry(
        rule.key,
        now.number,
        change.time,
        noted,
        change.event,
        change.before,
        now.state if bygone is None else bygone.state,
        rule.priority,
        rule.position,
        now.value if bygone is None else bygone.value,
        change.who,
        change.why,
    )
