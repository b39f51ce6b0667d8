"""The plan pro rata of planned work, and the shift before."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from dashboard.period import window
from dashboard.queries.shifts import planned, window_before
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Calendar, Line, Shift, Site, SiteStatus, Text

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
HOUR = 3_600_000
TWELVES = Calendar(
    "twelves",
    (
        Shift("day", Text("день", "day"), time(8), time(20)),
        Shift("night", Text("ночь", "night"), time(20), time(8)),
    ),
)
LINE = Line("line", Text("", ""), "site", "area", "unit", ())


def site(calendar: Calendar, zone: ZoneInfo = MOSCOW) -> Site:
    """A site without anything but a clock."""
    return Site("site", Text("", ""), zone, 0.0, 0.0, SiteStatus.PRODUCTION, "host", calendar, (), ())


def ms(*moment: int, zone: ZoneInfo = MOSCOW) -> int:
    """UTC ms of a local date and time."""
    return round(datetime(*moment, tzinfo=zone).timestamp() * 1000)  # type: ignore[misc,arg-type]  # year, month, ...


def test_plan_is_pro_rata_of_the_shift() -> None:
    """Three of twelve hours are a quarter; a window over two shifts takes its part of each."""
    assert planned(1200, site(TWELVES), LINE, ms(2026, 11, 23, 8), ms(2026, 11, 23, 11)) == pytest.approx(300)
    assert planned(1200, site(TWELVES), LINE, ms(2026, 11, 22, 14), ms(2026, 11, 23, 14)) == pytest.approx(2400)
    assert planned(1200, site(TWELVES), LINE, ms(2026, 11, 23, 8), ms(2026, 11, 23, 8)) == 0


def test_a_night_with_a_clock_change_still_has_one_whole_plan() -> None:
    """The night of 25 October 2026 has 13 hours in Berlin: each is a thirteenth of the target."""
    night = WorkCalendar.of(site(TWELVES, BERLIN)).shift_at(
        round(datetime(2026, 10, 24, 20, tzinfo=UTC).timestamp() * 1000)
    )
    assert night.end - night.start == 13 * HOUR
    assert planned(1300, site(TWELVES, BERLIN), LINE, night.start, night.start + HOUR) == pytest.approx(100)
    assert planned(1300, site(TWELVES, BERLIN), LINE, night.start, night.end) == pytest.approx(1300)


@pytest.mark.parametrize(("period", "hours"), [("shift", (-12, 0)), ("day", None), ("24h", None)])
def test_the_shift_before_is_told_only_of_a_running_shift(period: str, hours: tuple[int, int] | None) -> None:
    """At 09:00 it is the whole night; a day or a rolling window has none."""
    now, here = ms(2026, 11, 23, 9), site(TWELVES)
    running = window(period, "", "", now, here.calendar, here.zone)
    before = window_before(here, running)
    if hours is None:
        assert before is None
    else:
        assert before is not None
        assert [(edge - running.start) / HOUR for edge in (before.start, before.end)] == list(hours)
        assert (before.day, before.until) == (date(2026, 11, 22), before.end)
