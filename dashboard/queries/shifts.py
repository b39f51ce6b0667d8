"""What of a shift's target falls into a window: the plan until there are orders.

A shift starts and ends by the site's own clock, so the nights on which that clock jumps have shifts of another length:
everything here goes through real UTC instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.period import Period, Window, production_day, shift_spans
from plant.model.enterprise import Shift, Site


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """One shift of one production day.

    Attributes:
        day: The production day that it belongs to.
        start: UTC ms; `end` likewise, exclusive.
    """

    shift: Shift
    day: date
    start: int
    end: int


def shifts_between(site: Site, start: int, end: int) -> list[ShiftSpan]:
    """All shifts that share time with [start, end), UTC ms, in order."""
    on, last = (production_day(at, site.calendar, site.zone) for at in (start, end))
    spans = []
    while on <= last:
        spans += [ShiftSpan(shift, on, *span) for shift, *span in shift_spans(on, site.calendar, site.zone)]
        on += timedelta(days=1)
    return [span for span in spans if span.start < end and span.end > start]


def shift_at(site: Site, at: int) -> ShiftSpan:
    """The shift that runs at an instant, UTC ms."""
    return shifts_between(site, at, at + 1)[0]


def window_before(site: Site, window: Window) -> Window | None:
    """The whole shift before the one that `window` is about; None if it is about something else."""
    if window.period is not Period.SHIFT:
        return None
    before = shift_at(site, window.start - 1)
    return Window(Period.SHIFT, before.start, before.end, window.now, window.zone, before.day, before.shift)


def planned(target: float, site: Site, start: int, end: int) -> float:
    """What of a shift's target (amount a shift) falls into [start, end), UTC ms: pro rata of each shift's length."""
    return target * sum(
        (min(span.end, end) - max(span.start, start)) / (span.end - span.start)
        for span in shifts_between(site, start, end)
    )
