"""One rule at work: its condition, the delays, what suppresses it, and where the alarm stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from plant.alarms.change import Change, Standing
from plant.alarms.kinds import condition_of
from plant.alarms.kinds.condition import NEVER
from plant.alarms.rules import Behind, Rule
from plant.alarms.states import ASIDE, Event, State, after

_RAISING: Final = State.UNACKNOWLEDGED


class Watch:
    """Times must not go back; whoever reads calls `catch_up` first, so that timers go off in their order.

    Args:
        rule: What to watch.
        standing: How the alarm stood before this process began.
        report: Told of each change.

    Attributes:
        queued: Earliest time for which the engine's queue has this watch, UTC ms.
        place: Number in that queue.
    """

    def __init__(self, rule: Rule, standing: Standing, report: Callable[[Change], None], place: int) -> None:
        self.rule = rule
        self.condition = condition_of(rule.test)
        self.standing = standing
        self.place = place
        self.queued = NEVER
        self._report = report
        self._raw = standing.active
        self._due = NEVER
        self._suppressed: bool | None = self._known_suppression()
        self._unsuppress = NEVER
        self.condition.resume(abnormal=standing.active)

    @property
    def suppressed(self) -> bool:
        """Whether the plant is in a state for which the alarm has no meaning, as far as is known."""
        return bool(self._suppressed)

    @property
    def is_normal(self) -> bool:
        """Whether it stood in no other state before."""
        return self.standing.state is State.NORMAL

    def _known_suppression(self) -> bool | None:
        if self.rule.suppression is None:
            return False
        if isinstance(self.rule.suppression, Behind):
            return self.standing.state is State.SUPPRESSED
        return None  # whether its unit runs is said by the unit's first state

    def due(self) -> int:
        """When to call `catch_up` at the latest, UTC ms."""
        shelved = self.standing.until if self.standing.state is State.SHELVED else None
        return min(self._due, self._unsuppress, self.condition.due(), NEVER if shelved is None else shelved)

    def catch_up(self, time: int) -> None:
        """Let everything happen that was due until `time`, in order."""
        while (due := self.due()) <= time:
            if self._unsuppress == due:
                self._set_suppressed(due, suppressed=False)
            elif self._due == due:
                self._switch(due)
            elif self.standing.state is State.SHELVED and self.standing.until == due:
                self.apply(Event.EXPIRE, due)
            else:
                self.judge(self.condition.look(due, time), due)

    def judge(self, abnormal: bool | None, time: int, value: float | None = None) -> None:
        """What the condition says now.

        Args:
            abnormal: None when it cannot tell: then what was pending has to begin anew.
            time: UTC ms.
            value: What was read.
        """
        if abnormal is None:
            if self._due != NEVER:
                self._due = NEVER
                self._raw = self.standing.active
                self.condition.resume(abnormal=self._raw)
            return
        if abnormal == self._raw:
            return
        self._raw = abnormal
        if value is not None:
            self.standing = replace(self.standing, value=value)
        if abnormal == self.standing.active:
            self._due = NEVER
            return
        delay_ms = self.rule.on_delay_ms if abnormal else self.rule.off_delay_ms
        if delay_ms:
            self._due = time + delay_ms
        else:
            self._switch(time)

    def govern(self, time: int, *, suppress: bool, settle_ms: int) -> None:
        """The plant has come into a state in which the alarm has no meaning, or has one again after `settle_ms`."""
        if suppress:
            self._unsuppress = NEVER
            self._set_suppressed(time, suppressed=True)
        elif self._suppressed is not False and self._unsuppress == NEVER:
            self._unsuppress = time + settle_ms
            self.catch_up(time)

    def excuse(self, time: int) -> None:
        """A pending condition begins only now: until `time` nobody could have heard better."""
        if self._due != NEVER and self._raw:
            self._due = time + self.rule.on_delay_ms

    def await_first(self, time: int) -> None:
        """A condition that holds until the contrary is heard begins at `time`."""
        if self.condition.abnormal and not self._raw:
            self.judge(True, time)

    def apply(self, event: Event, time: int, *, who: str = "", why: str = "", until: int | None = None) -> bool:
        """Take the transition if the standard has it; False if not."""
        before = self.standing
        state = after(before.state, event, active=before.active, latches=self.rule.latches, suppressed=self.suppressed)
        if state is None:
            return False
        time = max(time, before.changed)
        raised = state is _RAISING and before.state is not _RAISING
        self.standing = replace(
            before,
            number=before.number + 1,
            state=state,
            changed=before.changed if state is before.state else time,
            raised=time if raised else before.raised,
            until=until if event is Event.SHELVE else before.until if state is State.SHELVED else None,
            who=before.who if state is before.state else who,
            why=before.why if state is before.state else why,
        )
        self._report(Change(self.rule, event, before.state, self.standing, time, who, why))
        return True

    def _switch(self, time: int) -> None:
        """The condition has held, or been gone, for long enough."""
        self._due = NEVER
        self.standing = replace(self.standing, active=self._raw)
        event = Event.RAISE if self._raw else Event.CLEAR
        if self.standing.state in ASIDE:
            self._note(event, time)
        elif self._suppressed is False or not self._raw:  # else it is told when its unit is known to run
            self.apply(event, time)

    def _note(self, event: Event, time: int) -> None:
        """The condition of an alarm that is aside: it stays where it is, but has to be known after a restart."""
        before = self.standing
        self.standing = replace(before, number=before.number + 1)
        self._report(Change(self.rule, event, before.state, self.standing, max(time, before.changed)))

    def _set_suppressed(self, time: int, *, suppressed: bool) -> None:
        first = self._suppressed is None
        changed = self._suppressed != suppressed
        self._suppressed = suppressed
        self._unsuppress = NEVER
        if changed:
            self.condition.forget()
        if suppressed:
            self.apply(Event.SUPPRESS, time)
        elif not self.apply(Event.UNSUPPRESS, time) and (first or changed) and self.standing.active:
            self.apply(Event.RAISE, time)
