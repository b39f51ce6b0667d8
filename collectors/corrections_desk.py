"""What people ask of the counts of lines: a correction, or that one counts no more. Blocks; in a worker thread.

A command is carried out once, also over a restart: what became of it is looked up in the audit trail first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from math import isfinite
from typing import Final

from collectors.commands import Refusal, Refused, answer, audited, refusal
from plant.calendar.work_calendar import WorkCalendar
from plant.historian.protocol import DAY_MS, MINUTE_MS
from plant.kpi.sums import ROUNDING
from plant.messages import CommandMessage, ResultMessage
from plant.operations.corrections import CorrectionStore, Entered
from plant.production.corrections import Correction, CountsChange
from plant.production.lines import LineTable, ProductionLine
from plant.production.minutes import ProductionMinutes

LARGEST: Final = 1e9
"""Of an amount; more is a slip of the pen."""
AMOUNTS: Final = ("produced", "good", "reject")
TARGET: Final = "counts"

Counted = Callable[[ProductionLine, int, int], ProductionMinutes]
"""Minutes of a line in [start, end), UTC ms, as its counters tell them, without any correction."""
Touch = Callable[[str, int, int], None]
"""Told that minutes of a line (``site/line``) in [start, end), UTC ms, have to be made again."""


class Action(StrEnum):
    """What may be asked of counts."""

    CORRECT = "counts.correct"
    WITHDRAW = "counts.withdraw"


class CorrectionsDesk:
    """Carries commands out.

    Args:
        store: Keeps corrections.
        table: The lines.
        sites: Slugs of the sites that are served.
        counted: Tells what was counted.
        touch: Told of each change.
        raw_days: For how long readings are kept: minutes of an older time could not be made again.
    """

    def __init__(
        self,
        store: CorrectionStore,
        table: LineTable,
        sites: Collection[str],
        counted: Counted,
        touch: Touch,
        raw_days: int,
    ) -> None:
        self._store = store
        self._lines: dict[tuple[str, ...], ProductionLine] = {
            (row.site.slug, row.line.area, row.line.slug): row
            for row in table
            if row.site.slug in sites and row.measure
        }
        self._counted = counted
        self._touch = touch
        self._raw_days = raw_days

    def take(self, levels: tuple[str, ...], command: CommandMessage, now: int, *, retained: bool) -> ResultMessage:
        """Carry a command out, or say why not; kept when this returns.

        Args:
            levels: Place in the namespace that it was sent to, without the enterprise: site, area, line.
            command: What is asked.
            now: Host time, UTC ms.
            retained: Whether the broker had kept it from before the subscription.

        Raises:
            StoreError: Operations database or historian do not answer; nothing was kept.
        """
        known = self._store.answered(command.id)
        if known is not None:
            return answer(known)
        wrong, act = self._judged(levels, command, now, retained=retained)
        row = audited(levels, command, now, wrong)
        if wrong is not None:
            self._store.refuse(row)
        elif isinstance(act, Correction):
            self._store.enter(act, row)
            self._touch(act.line, act.start, act.end)
        elif act is not None:
            self._store.withdraw(act.correction.id, row)
            self._touch(act.correction.line, act.correction.start, act.correction.end)
        return answer(row)

    def _judged(
        self, levels: tuple[str, ...], command: CommandMessage, now: int, *, retained: bool
    ) -> tuple[Refusal | None, Correction | Entered | None]:
        """What is wrong, or else what to enter or to withdraw."""
        wrong = refusal(command, now, retained=retained)
        if wrong is not None:
            return wrong, None
        if command.command not in set(Action):
            return (Refused.UNKNOWN_COMMAND, f"'{command.command}' is none of {', '.join(Action)}"), None
        row = self._lines.get(levels)
        if row is None:
            place = "/".join(levels)
            return (Refused.UNKNOWN_LINE, f"no line at '{place}' counts what it makes; send it to site/area/line"), None
        if not command.who.strip() or not command.why.strip():
            return (Refused.NO_REASON, f"{command.command} needs who asks, and why"), None
        if command.command == Action.WITHDRAW:
            return self._withdrawal(row, command, now)
        return self._correction(row, command, now)

    def _correction(
        self, row: ProductionLine, command: CommandMessage, now: int
    ) -> tuple[Refusal | None, Correction | None]:
        change = command.counts
        if change is None:
            return (Refused.WRONG_COUNTS, f"{command.command} needs counts: start, end and what to add"), None
        wrong = _wrong_amounts(change) or self._wrong_window(row, change.start, change.end, now)
        wrong = wrong or self._below_zero(row, change)
        if wrong is not None:
            return wrong, None
        amounts = (change.produced, change.good, change.reject)
        return None, Correction(
            command.id, row.storage, change.start, change.end, *amounts, command.who.strip(), command.why.strip()
        )

    def _withdrawal(
        self, row: ProductionLine, command: CommandMessage, now: int
    ) -> tuple[Refusal | None, Entered | None]:
        found = self._store.find(command.target)
        if found is None or found.correction.line != row.storage:
            said = f"no correction '{command.target}' of {row.storage} is kept; 'factory counts list' shows their ids"
            return (Refused.UNKNOWN_CORRECTION, said), None
        if found.withdrawn is not None:
            return (Refused.WRONG_STATE, f"{found.withdrawn_by} has withdrawn it already"), None
        was = found.correction
        back = CountsChange(was.start, was.end, -was.produced, -was.good, -was.reject)
        return self._too_old(was.start, now) or self._below_zero(row, back), found

    def _wrong_window(self, row: ProductionLine, start: int, end: int, now: int) -> Refusal | None:
        if start % MINUTE_MS or end % MINUTE_MS or start >= end:
            return Refused.WRONG_TIME, "start and end must be full minutes, the end after the start"
        if end > now:
            return Refused.WRONG_TIME, "the window must be over; correct what was counted until now"
        work = WorkCalendar.of(row.site)
        longest = work.day(work.day_of(start))
        if end - start > longest.end - longest.start:
            return Refused.WRONG_TIME, "the window is longer than a production day; enter one correction for each day"
        return self._too_old(start, now)

    def _too_old(self, start: int, now: int) -> Refusal | None:
        if start >= now - self._raw_days * DAY_MS:
            return None
        kept = f"readings are kept for {self._raw_days} days"
        return Refused.WRONG_TIME, f"{kept}, and minutes before them cannot be made again; keep them longer (raw_days)"

    def _below_zero(self, row: ProductionLine, change: CountsChange) -> Refusal | None:
        """Why counts would be less than nothing, with all that was entered before."""
        taken = [name for name in AMOUNTS if _amount(change, name) < 0]
        if not taken:
            return None
        minutes = self._counted(row, change.start, change.end)
        entered = [each for each in self._store.between(change.start, change.end) if each.line == row.storage]
        for name in taken:
            there = float(minutes.arrays[name].sum())
            there += sum(_amount(each.within(change.start, change.end), name) for each in entered)
            less = -_amount(change, name)
            if less > there + ROUNDING * max(1.0, less):
                said = f"{name} of the window is {there:.6g} {row.measure}, of which {less:.6g} cannot be taken away"
                return Refused.BELOW_ZERO, f"{said}; take away less, or choose the window in which it was counted"
        return None


def _amount(of: Correction | CountsChange, name: str) -> float:
    return float(getattr(of, name))


def _wrong_amounts(change: CountsChange) -> Refusal | None:
    amounts = [_amount(change, name) for name in AMOUNTS]
    if not all(isfinite(each) and abs(each) <= LARGEST for each in amounts):
        return Refused.WRONG_COUNTS, f"{', '.join(AMOUNTS)} must be numbers of at most {LARGEST:g}"
    if not any(amounts):
        return Refused.WRONG_COUNTS, f"all of {', '.join(AMOUNTS)} are 0; say what to add or, below 0, to take away"
    return None
