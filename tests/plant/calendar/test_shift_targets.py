"""How much of a shift target is planned."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worktime import HOUR, MOSCOW, NAME, TWELVES, WINDOW, calendars, instants, line, ms

from plant.calendar.shift_targets import planned_shifts
from plant.calendar.work_calendar import WorkCalendar

WORK = WorkCalendar(TWELVES, MOSCOW, {date(2026, 11, 4): NAME})


def shifts_of(on: date) -> float:
    """Shifts that are planned for a production day."""
    return planned_shifts(WORK, line(WINDOW), *WORK.day(on))


@pytest.mark.parametrize(
    ("on", "planned"),
    [
        (date(2026, 11, 17), 2.0),
        (date(2026, 11, 22), 1.0),
        (date(2026, 11, 4), 0.0),
        (date(2026, 11, 16), 1.0 + 8.0 / 11.5),
    ],
)
def test_what_a_day_is_to_make(on: date, planned: float) -> None:
    """A working day two targets, a Sunday one, a holiday none; four hours of maintenance take half an hour of meal too.

    The window from 9 to 13 holds the meal from 12:00, so of 11.5 h of work 3.5 h are lost: 8 h are left.
    """
    assert shifts_of(on) == pytest.approx(planned)


def test_a_target_accrues_while_the_line_is_to_run() -> None:
    """At noon of the day shift 4 of 11.5 h have passed; during the meal nothing is added."""
    eight = ms(MOSCOW, 2026, 11, 17, 8)
    at = [planned_shifts(WORK, line(), eight, eight + round(hours * HOUR)) for hours in (0, 4, 4.5, 12)]
    assert at == pytest.approx([0.0, 4 / 11.5, 4 / 11.5, 1.0])


@given(instants, st.integers(0, 20 * 24 * HOUR), st.floats(0, 1), calendars)
def test_plans_of_parts_add_up(start: int, length: int, share: float, work: WorkCalendar) -> None:
    """However a window is cut, the plans of its parts are the plan of the whole."""
    cut, end = start + int(share * length), start + length
    parts = planned_shifts(work, line(WINDOW), start, cut) + planned_shifts(work, line(WINDOW), cut, end)
    assert parts == pytest.approx(planned_shifts(work, line(WINDOW), start, end), abs=1e-9)
