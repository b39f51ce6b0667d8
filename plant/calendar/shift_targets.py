"""How much of a line's shift target is planned for a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Line


def planned_shifts(work: WorkCalendar, line: Line, start_ms: int, end_ms: int) -> float:
    """How many shifts of work are planned for a line of the site in [start, end), UTC ms: times its target, the plan.

    A shift target is what a manned shift is to make. It accrues evenly over the shift's planned busy time; maintenance
    takes its part off, and a shift in which the crew rests has no plan at all.
    """
    spans = work.shifts(start_ms, end_ms)
    if not spans:
        return 0.0
    edges = np.array([*(span.start for span in spans), spans[-1].end], np.int64)
    manned = work.planned(replace(line, maintenance=()), int(edges[0]), int(edges[-1])).busy_before(edges)
    busy = work.planned(line, start_ms, end_ms).busy_before(edges.clip(start_ms, end_ms))
    whole, part = np.diff(manned), np.diff(busy)
    return float((part[whole > 0] / whole[whole > 0]).sum())
