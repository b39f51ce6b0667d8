"""Planned busy time of a line, forwards and backwards from an instant."""

from __future__ import annotations

from typing import Final

import numpy as np

from plant.calendar.work_calendar import WorkCalendar
from plant.kpi.window import MINUTE_MS, Window
from plant.model.enterprise import Line

_STEP_MS: Final = 28 * 86_400_000
HORIZON_STEPS: Final = 13
"""A year: no plan is made further ahead."""


def after(work: WorkCalendar, line: Line, from_ms: int, busy_s: float) -> int | None:
    """When a line will have been busy for so long as planned, UTC ms.

    Args:
        work: Of the line's site.
        line: The line.
        from_ms: UTC ms.
        busy_s: Planned busy time from then on, s.

    Returns:
        `from_ms` for no time at all; None if a year does not hold so much.
    """
    missing = round(busy_s * 1_000.0)
    if missing <= 0:
        return from_ms
    for begin in range(from_ms, from_ms + HORIZON_STEPS * _STEP_MS, _STEP_MS):
        starts, ends = work.planned(line, begin, begin + _STEP_MS).busy
        passed = np.cumsum(ends - starts)
        place = int(np.searchsorted(passed, missing))
        if place < len(passed):
            return int(ends[place] - (passed[place] - missing))
        missing -= int(passed[-1]) if len(passed) else 0
    return None


def lately(work: WorkCalendar, line: Line, since_ms: int, until_ms: int, busy_s: float) -> Window:
    """The time before an instant that holds so much planned busy time, or all of it if it holds less.

    Args:
        work: Of the line's site.
        line: The line.
        since_ms: The window does not begin earlier; UTC ms on a full minute.
        until_ms: The window ends then; likewise.
        busy_s: Planned busy time in it, s.
    """
    starts, ends = (each[::-1] for each in work.planned(line, since_ms, until_ms).busy)
    passed = np.cumsum(ends - starts)
    place = int(np.searchsorted(passed, round(busy_s * 1_000.0)))
    if place == len(passed):
        return Window(since_ms, until_ms)
    begin = int(starts[place] + passed[place] - round(busy_s * 1_000.0))
    return Window(max(since_ms, begin - begin % MINUTE_MS), until_ms)
