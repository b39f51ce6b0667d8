"""Shifts as instants, and the plan pro rata."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dashboard.period import window
from dashboard.queries.shifts import planned, shift_at, shifts_between, window_before
from plant.model.enterprise import Calendar, Shift, Site, SiteStatus, Text

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
HOUR = 3_600_000
TWELVES = Calendar(
    "twelves",
    (
        Shift("day", Text("день", "day"), time(8), time(20)),
        Shift("night", Text("ночь", "night"), time(20), time(8)),
    ),
)
EIGHTS = Calendar(
    "eights",
    (
        Shift("one", Text("1", "1"), time(8), time(16)),
        Shift("two", Text("2", "2"), time(16), time(0)),
        Shift("three", Text("3", "3"), time(0), time(8)),
    ),
)


def site(calendar: Calendar, zone: ZoneInfo = MOSCOW) -> Site:
    """A site without anything but a clock."""
    return Site("site", Text("", ""), zone, 0.0, 0.0, SiteStatus.PRODUCTION, "host", calendar, (), ())


def ms(*moment: int, zone: ZoneInfo = MOSCOW) -> int:
    """UTC ms of a local date and time."""
    return round(datetime(*moment, tzinfo=zone).timestamp() * 1000)  # type: ignore[misc,arg-type]  # year, month, ...


def test_night_shift_belongs_to_the_day_on_which_it_starts() -> None:
    """At 03:00 the night shift of the day before runs."""
    span = shift_at(site(TWELVES), ms(2026, 11, 23, 3))
    assert (span.shift.slug, span.day) == ("night", date(2026, 11, 22))
    assert (span.start, span.end) == (ms(2026, 11, 22, 20), ms(2026, 11, 23, 8))


def test_a_shift_after_midnight_belongs_to_the_production_day_before() -> None:
    """00:00 to 08:00 ends the production day that began at 08:00."""
    span = shift_at(site(EIGHTS), ms(2026, 11, 23, 3))
    assert (span.shift.slug, span.day) == ("three", date(2026, 11, 22))


def test_an_instant_on_the_border_is_in_the_shift_that_begins() -> None:
    """Shifts are half open."""
    assert shift_at(site(TWELVES), ms(2026, 11, 23, 8)).shift.slug == "day"


@pytest.mark.parametrize("calendar", [TWELVES, EIGHTS])
@pytest.mark.parametrize("zone", [MOSCOW, BERLIN])
def test_shifts_tile_time_without_gap(calendar: Calendar, zone: ZoneInfo) -> None:
    """Over a year, clock changes included."""
    spans = shifts_between(site(calendar, zone), ms(2026, 1, 1), ms(2027, 1, 1))
    assert all(a.end == b.start for a, b in pairwise(spans))


def test_plan_is_pro_rata_of_the_shift() -> None:
    """Three of twelve hours are a quarter; a window over two shifts takes its part of each."""
    assert planned(1200, site(TWELVES), ms(2026, 11, 23, 8), ms(2026, 11, 23, 11)) == pytest.approx(300)
    assert planned(1200, site(TWELVES), ms(2026, 11, 22, 14), ms(2026, 11, 23, 14)) == pytest.approx(2400)
    assert planned(1200, site(TWELVES), ms(2026, 11, 23, 8), ms(2026, 11, 23, 8)) == 0


def test_a_night_with_a_clock_change_still_has_one_whole_plan() -> None:
    """The night of 25 October 2026 has 13 hours in Berlin: each is a thirteenth of the target."""
    night = shift_at(site(TWELVES, BERLIN), round(datetime(2026, 10, 24, 20, tzinfo=UTC).timestamp() * 1000))
    assert night.end - night.start == 13 * HOUR
    assert planned(1300, site(TWELVES, BERLIN), night.start, night.start + HOUR) == pytest.approx(100)
    assert planned(1300, site(TWELVES, BERLIN), night.start, night.end) == pytest.approx(1300)


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
