"""What holds for every command, whatever it is about: not retained, not too late, not for ever."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from plant.messages import CommandMessage, ResultMessage
from plant.operations.audit import Audited

HOUR_MS: Final = 3_600_000
LONGEST_LIFE_MS: Final = HOUR_MS
"""Ids are remembered for at least twice this time, so a command that lived longer could be carried out twice."""


class Refused(StrEnum):
    """Why a command is not carried out: stable words of `ResultMessage.reason`."""

    RETAINED = "retained"
    EXPIRED = "expired"
    TOO_LONG_LIVED = "too_long_lived"
    UNKNOWN_COMMAND = "unknown_command"
    UNKNOWN_ALARM = "unknown_alarm"
    UNKNOWN_LINE = "unknown_line"
    UNKNOWN_CORRECTION = "unknown_correction"
    NO_REASON = "no_reason"
    WRONG_TIME = "wrong_time"
    WRONG_STATE = "wrong_state"
    WRONG_COUNTS = "wrong_counts"
    BELOW_ZERO = "below_zero"
    NOT_READY = "not_ready"


Refusal = tuple[Refused, str]
"""The word for programs, and a sentence with the mend."""


def refusal(command: CommandMessage, now: int, *, retained: bool) -> Refusal | None:
    """Why a command may not be carried out, whatever it asks; None if nothing speaks against it.

    Args:
        command: The command.
        now: Host time, UTC ms.
        retained: Whether the broker had kept it from before the subscription.
    """
    if retained:
        return Refused.RETAINED, "commands must not be retained"
    if command.expires_at <= now:
        return Refused.EXPIRED, f"the command was not to be carried out after {command.expires_at}"
    if command.expires_at > now + LONGEST_LIFE_MS:
        return Refused.TOO_LONG_LIVED, "expires_at may be at most an hour ahead"
    return None


def audited(levels: tuple[str, ...], command: CommandMessage, now: int, wrong: Refusal | None) -> Audited:
    """The audit row of a command that was carried out, or refused.

    Args:
        levels: Place in the namespace that it was sent to, without the enterprise.
        command: What was asked.
        now: Host time, UTC ms.
        wrong: Why it was refused.
    """
    reason, detail = wrong or ("", "")
    return Audited(
        command.id,
        now,
        command.who,
        command.why,
        command.command,
        "/".join(levels),
        command.target,
        ok=wrong is None,
        reason=str(reason),
        detail=detail,
    )


def answer(row: Audited) -> ResultMessage:
    """What the sender of a command is told."""
    return ResultMessage(row.command, row.time, row.ok, row.reason, row.detail)
