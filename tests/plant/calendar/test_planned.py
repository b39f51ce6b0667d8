"""When lines are to run, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worktime import (
    BERLIN,
    HOUR,
    MEAL,
    MINUTE,
    MOSCOW,
    NAME,
    TWELVES,
    WINDOW,
    calendars,
    eights,
    instants,
    line,
    ms,
)

from plant.calendar.spans import Planned, PlannedTime, Stop, layered
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import MaintenanceWindow, Shift

WORK = WorkCalendar(TWELVES, MOSCOW, {date(2026, 11, 4): NAME})
lengths = st.integers(0, 30 * 24 * HOUR)
windows = st.builds(
    MaintenanceWindow,
    st.just("ppr"),
    st.just(NAME),
    st.dates(date(2001, 1, 1), date(2036, 1, 1)),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    st.floats(0.25, 100.0),
    st.one_of(st.none(), st.integers(1, 8)),
)


def told(planned: PlannedTime) -> list[tuple[int, int, Planned]]:
    """The parts as tuples."""
    parts = zip(planned.start_ms.tolist(), planned.end_ms.tolist(), planned.kind.tolist(), strict=True)
    return [(start, end, Planned(kind)) for start, end, kind in parts]


@given(instants, lengths, calendars, st.lists(windows, max_size=3))
def test_busy_and_idle_tile_any_window(
    start: int, length: int, work: WorkCalendar, maintenance: list[MaintenanceWindow]
) -> None:
    """Parts follow each other from the start of the window to its end, each with a length and another kind."""
    planned = work.planned(line(*maintenance), start, start + length)
    edges = [start, *planned.end_ms.tolist()] if length else []
    assert planned.start_ms.tolist() == edges[:-1]
    assert (planned.end_ms[-1:] == start + length).all()
    assert (planned.end_ms > planned.start_ms).all()
    assert (planned.kind[1:] != planned.kind[:-1]).all()
    assert sum(planned.total_ms(kind) for kind in Planned) == length
    assert planned.busy_ms == sum(end - begin for begin, end in zip(*planned.busy, strict=True))


@given(instants, lengths, st.lists(st.floats(0, 1), max_size=4), calendars, windows)
def test_a_partition_of_a_window_sums_to_the_whole(
    start: int, length: int, cuts: list[float], work: WorkCalendar, window: MaintenanceWindow
) -> None:
    """However a window is cut, each kind of time adds up to what the whole window has of it."""
    edges = sorted({start, start + length, *(start + round(cut * length) for cut in cuts)})
    whole = work.planned(line(window), start, start + length)
    parts = [work.planned(line(window), *edge) for edge in pairwise(edges)]
    for kind in Planned:
        assert sum(part.total_ms(kind) for part in parts) == whole.total_ms(kind)


@given(instants, st.integers(1, 10 * 24 * HOUR), st.floats(0, 1, exclude_max=True), calendars, windows)
def test_what_holds_at_an_instant_depends_on_no_window(
    start: int, length: int, share: float, work: WorkCalendar, window: MaintenanceWindow
) -> None:
    """The kind at an instant is the same, whatever window is asked for around it."""
    at = start + int(share * length)
    kind = work.planned(line(window), start, start + length).at(np.array([at]))
    assert kind.tolist() == work.planned(line(window), at, at + 1).kind.tolist()


def test_meals_are_taken_in_their_shift() -> None:
    """A meal of the night shift after midnight is on the next date; the rest of the day is busy."""
    start, end = WORK.day(date(2026, 11, 17))
    day, night = ms(MOSCOW, 2026, 11, 17, 12), ms(MOSCOW, 2026, 11, 18, 0, 30)
    assert told(WORK.planned(line(), start, end)) == [
        (start, day, Planned.BUSY),
        (day, day + 30 * MINUTE, Planned.BREAK),
        (day + 30 * MINUTE, night, Planned.BUSY),
        (night, night + 30 * MINUTE, Planned.BREAK),
        (night + 30 * MINUTE, end, Planned.BUSY),
    ]


def test_an_unmanned_shift_is_idle_as_a_whole() -> None:
    """On Sunday night nobody works, and nobody takes the meal of that night either."""
    start, end = WORK.day(date(2026, 11, 22))
    parts = told(WORK.planned(line(), ms(MOSCOW, 2026, 11, 22, 13), end))
    assert parts[-1] == (ms(MOSCOW, 2026, 11, 22, 20), end, Planned.UNMANNED)
    assert WORK.planned(line(), start, end).busy_ms == 11.5 * HOUR


def test_a_holiday_is_a_production_day_on_which_crews_rest() -> None:
    """It lasts from 08:00 to 08:00; a calendar that works on holidays knows none."""
    start, end = WORK.day(date(2026, 11, 4))
    assert told(WORK.planned(line(), start - HOUR, end + HOUR))[1] == (start, end, Planned.HOLIDAY)
    works = replace(TWELVES, works_holidays=True)
    assert Planned.HOLIDAY not in WORK.planned(line(calendar=works), start, end).kind


def test_a_line_with_its_own_calendar_follows_that() -> None:
    """A line that runs round the clock has no breaks, whatever the crews of the site do."""
    start, end = WORK.week(date(2026, 11, 18))
    assert told(WORK.planned(line(calendar=replace(eights(time(8)))), start, end)) == [(start, end, Planned.BUSY)]


def test_maintenance_comes_every_fourth_monday() -> None:
    """A window comes again from its first date on, never before, for its real hours."""
    parts = told(WORK.planned(line(WINDOW), ms(MOSCOW, 2025, 11, 1), ms(MOSCOW, 2026, 3, 1)))
    found = [(start, end) for start, end, kind in parts if kind is Planned.MAINTENANCE]
    days = [(2026, 1, 12), (2026, 2, 9)]
    assert found == [(ms(MOSCOW, *day, 9), ms(MOSCOW, *day, 13)) for day in days]


@pytest.mark.parametrize(
    ("window", "days"),
    [
        (replace(WINDOW, every_weeks=None), [12]),
        (replace(WINDOW, every_weeks=1), [12, 19, 26]),
        (replace(WINDOW, every_weeks=1, until=date(2026, 1, 19)), [12, 19]),
        (replace(WINDOW, units=frozenset({"dryer"})), []),
        (replace(WINDOW, units=frozenset({"dryer", "kiln"})), [12]),
    ],
)
def test_which_windows_stop_the_line(window: MaintenanceWindow, days: list[int]) -> None:
    """One that is for once, weekly or ended; one for other units than the constraint leaves the line running."""
    parts = told(WORK.planned(line(window), ms(MOSCOW, 2026, 1, 5), ms(MOSCOW, 2026, 2, 1)))
    assert [start for start, _, kind in parts if kind is Planned.MAINTENANCE] == [
        ms(MOSCOW, 2026, 1, day, 9) for day in days
    ]


def test_a_unit_has_its_own_maintenance() -> None:
    """The window of the dryer counts for the dryer, one without units for all."""
    both = line(replace(WINDOW, units=frozenset({"dryer"})), replace(WINDOW, slug="all", first=date(2026, 1, 13)))
    at = np.array([ms(MOSCOW, 2026, 1, 12, 10), ms(MOSCOW, 2026, 1, 13, 10)])
    window = (ms(MOSCOW, 2026, 1, 12), ms(MOSCOW, 2026, 1, 14))
    idle, planned = Planned.MAINTENANCE, Planned.BUSY
    assert WORK.planned(both, *window, "dryer").at(at).tolist() == [idle, idle]
    assert WORK.planned(both, *window).at(at).tolist() == [planned, idle]


def test_maintenance_outranks_rest_and_a_holiday_outranks_a_meal() -> None:
    """A window is told whole, also over a meal and into a night on which nobody works."""
    long = replace(WINDOW, first=date(2026, 1, 18), start=time(11), hours=12.0)
    parts = told(WORK.planned(line(long), *WORK.day(date(2026, 1, 18))))
    eleven, eight = ms(MOSCOW, 2026, 1, 18, 11), ms(MOSCOW, 2026, 1, 19, 8)
    assert parts[1:] == [
        (eleven, eleven + 12 * HOUR, Planned.MAINTENANCE),
        (eleven + 12 * HOUR, eight, Planned.UNMANNED),
    ]
    stops = [Stop(0, 10, Planned.HOLIDAY), Stop(3, 5, Planned.BREAK)]
    assert told(layered(0, 20, stops)) == [(0, 10, Planned.HOLIDAY), (10, 20, Planned.BUSY)]


@pytest.mark.parametrize(
    ("on", "begins"),
    [(date(2026, 10, 24), (2026, 10, 25, 0, 30)), (date(2026, 3, 28), (2026, 3, 29, 1, 0))],
)
def test_a_break_on_the_night_of_a_clock_change(on: date, begins: tuple[int, ...]) -> None:
    """At 02:30 in Berlin: the first of two, or the moment of the jump; its minutes are real ones."""
    shift = Shift("all", NAME, time(8), time(8), (replace(MEAL, start=time(2, 30)),))
    work = WorkCalendar(replace(TWELVES, shifts=(shift,)), BERLIN)
    start = ms(ZoneInfo("UTC"), *begins)
    assert told(work.planned(line(), *work.day(on)))[1] == (start, start + 30 * MINUTE, Planned.BREAK)


@given(instants, st.integers(1, 10 * 24 * HOUR), st.lists(st.floats(0, 1), min_size=1), calendars, windows)
def test_busy_time_can_be_asked_for_piece_by_piece(
    start: int, length: int, shares: list[float], work: WorkCalendar, window: MaintenanceWindow
) -> None:
    """Between any two instants the planned busy time is the difference of the times before them."""
    at = np.array(sorted(start + int(share * length) for share in shares))
    before = work.planned(line(window), start, start + length).busy_before(at)
    assert before.tolist() == [work.planned(line(window), start, int(each)).busy_ms for each in at]
