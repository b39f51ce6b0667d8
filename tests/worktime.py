"""Calendars, lines and clocks for the tests of planned time."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Calendar, Line, MaintenanceWindow, Shift, Text
from plant.model.shifts import Break

NAME = Text("имя", "name")
MOSCOW, BERLIN, NEW_YORK = (ZoneInfo(key) for key in ("Europe/Moscow", "Europe/Berlin", "America/New_York"))
ZONES = (MOSCOW, BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Sao_Paulo"))
HOUR, MINUTE = 3_600_000, 60_000
MON, SAT, SUN = 0, 5, 6

MEAL = Break("meal", NAME, time(12), 30)
NIGHT_MEAL = Break("meal", NAME, time(0, 30), 30)
TWELVES = Calendar(
    "twelves",
    (
        Shift("day", NAME, time(8), time(20), (MEAL,)),
        Shift("night", NAME, time(20), time(8), (NIGHT_MEAL,), frozenset({SUN})),
    ),
)
"""Two shifts with a meal of 30 min each; nobody works on Sunday night."""


def eights(start: time = time(7)) -> Calendar:
    """Three shifts without breaks, the first from `start`."""
    begins = [start.replace(hour=(start.hour + hours) % 24) for hours in (0, 8, 16)]
    ends = [*begins[1:], start]
    shifts = (Shift(f"s{i}", NAME, *span) for i, span in enumerate(zip(begins, ends, strict=True)))
    return Calendar("eights", tuple(shifts))


def ms(zone: ZoneInfo, *moment: int) -> int:
    """UTC ms of a local date and time."""
    return round(datetime(*moment, tzinfo=zone).timestamp() * 1000)  # type: ignore[misc,arg-type]  # year, month, ...


def line(*maintenance: MaintenanceWindow, calendar: Calendar | None = None) -> Line:
    """A line without units whose constraint is called ``kiln``."""
    return Line("line", NAME, "site", "area", "kiln", (), calendar=calendar, maintenance=maintenance)


WINDOW = MaintenanceWindow("ppr", NAME, date(2026, 1, 12), time(9), 4.0, every_weeks=4)
"""Every fourth Monday from 9 to 13."""

instants = st.integers(1_000_000_000_000, 2_100_000_000_000)
"""2001 to 2036, UTC ms."""
calendars = st.builds(
    WorkCalendar,
    st.sampled_from([TWELVES, eights(), eights(time(2, 30)), eights(time(0))]),
    st.sampled_from(ZONES),
    st.just({date(2026, 1, 1): NAME, date(2026, 5, 9): NAME}),
)
