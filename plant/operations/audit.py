"""One row of the audit trail: a command that was asked for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Audited:
    """A command and its outcome.

    Attributes:
        command: Its id; a second one with the same id is not carried out.
        time: When it came, host time, UTC ms.
        who: Who asked for it; `why` is the reason they gave.
        action: What was asked, such as ``alarm.shelve``.
        place: Where, as levels of the namespace joined by ``/``.
        target: At what, such as the name of an alarm.
        ok: Whether it was carried out; if not, `reason` is a stable word and `detail` a sentence.
    """

    command: str
    time: int
    who: str
    why: str
    action: str
    place: str
    target: str
    ok: bool
    reason: str = ""
    detail: str = ""
