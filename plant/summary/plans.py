"""What is planned for lines: shift targets over the shifts of the calendar, and the time that is left for it."""

from __future__ import annotations

from dataclasses import replace

from plant.calendar.shift_targets import planned_shifts
from plant.calendar.work_calendar import WorkCalendar
from plant.kpi.plan import Progress, progress
from plant.kpi.sums import Planned, Sums
from plant.kpi.window import Window
from plant.production.lines import ProductionLine

_HOUR_S = 3_600.0


def planned(work: WorkCalendar, row: ProductionLine, whole: Window, now_ms: int) -> Planned:
    """The plan of a line for a window, seen from an instant in it.

    A shift target is meant for the product that the model names first; ideal time makes it a plan for any mix, as the
    planned rates of the others are in proportion to their ideal rates.

    Args:
        work: Of the line's site.
        row: The line.
        whole: What the plan is for.
        now_ms: UTC ms; the planned busy time after it remains.
    """
    line = row.line
    remaining_s = work.planned(line, now_ms, whole.end_ms).busy_ms / 1_000.0 if now_ms < whole.end_ms else 0.0
    if line.shift_target is None or not line.ideal_rates:
        return Planned(remaining_s=remaining_s)
    quantity = planned_shifts(work, line, whole.start_ms, whole.end_ms) * line.shift_target.amount
    rate_per_h = next(iter(line.ideal_rates.values()))
    return Planned(quantity, quantity / rate_per_h * _HOUR_S, remaining_s)


def in_quantity(sums: Sums, needed: float) -> Progress:
    """Plan against actual in the unit of measure, of sums with their plan."""
    return progress(sums, Planned(sums.planned, sums.planned_ideal_s, sums.remaining_s), needed=needed)


def in_ideal_hours(sums: Sums, needed: float) -> Progress:
    """The same in hours at the ideal rate, which add over products and units of measure."""
    hours = replace(
        sums,
        measures=frozenset({"h"}),
        good=sums.good_ideal_s / _HOUR_S,
        outside_good=sums.outside_good_ideal_s / _HOUR_S,
        planned=sums.planned_ideal_s / _HOUR_S,
    )
    return in_quantity(hours, needed)
