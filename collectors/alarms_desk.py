"""What operators ask of alarms: checked, carried out by the engine, answered. No I/O.

A command is carried out once: it is refused when the broker had retained it or when its time is over, and when its id
was seen before only the answer is given again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from collectors.commands import HOUR_MS, LONGEST_LIFE_MS, Refusal, Refused, answer, audited, refusal
from plant.alarms.engine import Engine
from plant.alarms.states import Event
from plant.messages import CommandMessage, ResultMessage
from plant.operations.audit import Audited

LONGEST_SHELF_MS: Final = 24 * HOUR_MS
"""What is put aside for longer is out of service."""


class Action(StrEnum):
    """What may be asked of an alarm."""

    ACKNOWLEDGE = "alarm.acknowledge"
    RESET = "alarm.reset"
    SHELVE = "alarm.shelve"
    UNSHELVE = "alarm.unshelve"
    OUT_OF_SERVICE = "alarm.out_of_service"
    BACK_IN_SERVICE = "alarm.back_in_service"
    COMMENT = "alarm.comment"


_EVENTS: Final = {
    Action.ACKNOWLEDGE: Event.ACKNOWLEDGE,
    Action.RESET: Event.RESET,
    Action.SHELVE: Event.SHELVE,
    Action.UNSHELVE: Event.UNSHELVE,
    Action.OUT_OF_SERVICE: Event.REMOVE,
    Action.BACK_IN_SERVICE: Event.RESTORE,
    Action.COMMENT: Event.COMMENT,
}
_NEED_REASON: Final = frozenset({Action.SHELVE, Action.OUT_OF_SERVICE, Action.COMMENT})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a command.

    Attributes:
        result: The answer.
        audited: For the audit trail; None when it was answered before.
    """

    result: ResultMessage
    audited: Audited | None


class AlarmDesk:
    """Carries out commands.

    Args:
        engine: The alarms; None while it is not known how they stood.
        present: The time now where an alarm is, UTC ms, by key of its rule: plants may live in the past.
        keys: Key of the rule by place (site, or site, area, line, unit) and name.
    """

    def __init__(
        self,
        engine: Callable[[], Engine | None],
        present: Callable[[str], int],
        keys: Mapping[tuple[tuple[str, ...], str], str],
    ) -> None:
        self._engine = engine
        self._present = present
        self._keys = keys
        self._answers: dict[str, ResultMessage] = {}

    def remember(self, row: Audited) -> None:
        """A command that was answered before this process began."""
        self._answers[row.command] = answer(row)

    def take(self, levels: tuple[str, ...], command: CommandMessage, now: int, *, retained: bool) -> Verdict:
        """Carry a command out, or say why not.

        Args:
            levels: Place in the namespace that it was sent to, without the enterprise.
            command: What is asked.
            now: Host time, UTC ms.
            retained: Whether the broker had kept it from before the subscription.
        """
        known = self._answers.get(command.id)
        if known is not None:
            return Verdict(known, None)
        wrong = refusal(command, now, retained=retained) or self._act(levels, command, now)
        row = audited(levels, command, now, wrong)
        self._forget_before(now - 2 * LONGEST_LIFE_MS)
        self.remember(row)
        return Verdict(self._answers[command.id], row)

    def _act(self, levels: tuple[str, ...], command: CommandMessage, now: int) -> Refusal | None:
        """Do it; why not, if it cannot be done."""
        wrong = self._check(command, now)
        if wrong is not None:
            return wrong
        engine, key = self._engine(), self._keys.get((levels, command.target))
        if engine is None:
            return Refused.NOT_READY, "it is not known yet how alarms stood; try again in a few seconds"
        if key is None:
            return Refused.UNKNOWN_ALARM, f"there is no alarm '{command.target}' at {'/'.join(levels)}"
        event = _EVENTS[Action(command.command)]
        if not engine.command(key, event, self._present(key), who=command.who, why=command.why, until=command.until):
            state = engine.standing(key).state
            return Refused.WRONG_STATE, f"the alarm is {state}, which does not allow {command.command}"
        return None

    def _check(self, command: CommandMessage, now: int) -> Refusal | None:
        """What is wrong with what it asks."""
        if command.command not in set(Action):
            return Refused.UNKNOWN_COMMAND, f"'{command.command}' is none of {', '.join(Action)}"
        if Action(command.command) in _NEED_REASON and not command.why.strip():
            return Refused.NO_REASON, f"{command.command} needs a reason (why)"
        if command.command == Action.SHELVE and not now < (command.until or 0) <= now + LONGEST_SHELF_MS:
            return Refused.WRONG_TIME, "until must be ahead, and at most a day; for longer take it out of service"
        return None

    def _forget_before(self, time: int) -> None:
        """Commands that have long expired need no memory."""
        while self._answers and next(iter(self._answers.values())).time < time:
            del self._answers[next(iter(self._answers))]
