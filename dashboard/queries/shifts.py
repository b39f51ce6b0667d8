"""What of a shift's target falls into a window: the plan until there are orders."""

from __future__ import annotations

from dashboard.period import Period, Window
from plant.calendar.shift_targets import planned_shifts
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Line, Site


def window_before(site: Site, window: Window) -> Window | None:
    """The whole shift before the one that `window` is about; None if it is about something else."""
    if window.period is not Period.SHIFT:
        return None
    before = WorkCalendar.of(site).shift_at(window.start - 1)
    return Window(Period.SHIFT, before.start, before.end, window.now, window.zone, before.day, before.shift)


def planned(target: float, site: Site, line: Line, start: int, end: int) -> float:
    """What of a line's target (amount a shift) falls into [start, end), UTC ms, as its calendar plans its work."""
    return target * planned_shifts(WorkCalendar.of(site), line, start, end)
