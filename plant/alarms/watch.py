"""One rule at work: its condition, the delays, what suppresses it, and where the alarm stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from plant.alarms.change import Bygone, Change, Standing
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
        unseen_since: What comes from then on (UTC ms) is history, which nobody could watch; None for the present.

    Attributes:
        queued: Earliest time for which the engine's queue has this watch, UTC ms.
        place: Number in that queue.
    """

    def __init__(
        self,
        rule: Rule,
        standing: Standing,
        report: Callable[[Change], None],
        place: int,
        unseen_since: int | None = None,
    ) -> None:
        self.rule = rule
        self.condition = condition_of(rule.test)
        self.standing = standing
        self.place = place
        self.queued = NEVER
        self._report = report
        self._unseen_since = unseen_since
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
        """When to call `catch_up` at the latest, UTC ms of the edge node."""
        return min(self._due, self._unsuppress, self.condition.due())

    def catch_up(self, time: int) -> None:
        """Let everything happen that was due until `time`, in order."""
        while (due := self.due()) <= time:
            if self._unsuppress == due:
                self._set_suppressed(due, suppressed=False)
            elif self._due == due:
                self._switch(due)
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
        state = after(
            before.state,
            event,
            active=before.active,
            latches=self.rule.latches,
            suppressed=self.suppressed,
            unseen=self._unseen_since is not None and (before.raised or 0) >= self._unseen_since,
        )
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

    @property
    def pending(self) -> bool:
        """Whether the condition holds, but not yet for long enough."""
        return self._due != NEVER and self._raw

    def switch(self, time: int, *, active: bool, value: float | None) -> None:
        """History tells that the condition has begun or ceased to count at `time`, UTC ms."""
        self._raw = active
        self.standing = replace(self.standing, value=value)
        self._switch(time)

    def pass_by(self, raised: int, cleared: int, value: float | None) -> None:
        """History tells of an alarm that came and went, UTC ms; how it stands now is not touched."""
        self._remember(Event.RAISE, State.NORMAL, raised, Bygone(State.UNACKNOWLEDGED, value))
        self._remember(Event.CLEAR, State.UNACKNOWLEDGED, cleared, Bygone(State.NORMAL, value))

    def backdate(self, time: int) -> None:
        """History tells that the last change of the condition was at `time` already, UTC ms."""
        standing = self.standing
        if standing.active:
            changed = time if standing.state is _RAISING else standing.changed
            self.standing = replace(standing, raised=time, changed=changed)
        self._remember(Event.BACKDATE, standing.state, time, Bygone(standing.state, standing.value))

    def _remember(self, event: Event, before: State, time: int, bygone: Bygone) -> None:
        self.standing = replace(self.standing, number=self.standing.number + 1)
        self._report(Change(self.rule, event, before, self.standing, time, bygone=bygone))

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
