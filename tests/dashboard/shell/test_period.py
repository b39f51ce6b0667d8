from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screens import NOW, tiny

from dashboard import period
from dashboard.period import Period
from plant.model.enterprise import Calendar, Shift, Text

MOSCOW = ZoneInfo("Europe/Moscow")
ZONES = ["Europe/Moscow", "Asia/Yekaterinburg", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"]
HOUR = 3_600_000

moments = st.integers(1_000_000_000_000, 2_100_000_000_000)
zones = st.sampled_from(ZONES).map(ZoneInfo)


def _calendar(*starts: time) -> Calendar:
    spans = zip(starts, [*starts[1:], starts[0]], strict=True)
    return Calendar("c", tuple(Shift(f"s{n}", Text("", ""), at, end) for n, (at, end) in enumerate(spans)))


TWO = _calendar(time(8), time(20))
calendars = st.sampled_from([TWO, _calendar(time(7), time(15), time(23)), _calendar(time(0)), _calendar(time(2, 30))])


def _window(wanted: str, now: int, zone: ZoneInfo = MOSCOW, start: str = "", end: str = "") -> period.Window:
    return period.window(wanted, start, end, now, TWO, zone)


def _local(text: str, zone: ZoneInfo) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def test_the_shift_that_runs() -> None:
    """At 09:00 it is the day shift of today; at 03:00 the night shift of yesterday, the date that it starts on."""
    day = _window("shift", _local("2026-11-23T09:00", MOSCOW))
    assert (day.start, day.end) == (_local("2026-11-23T08:00", MOSCOW), _local("2026-11-23T20:00", MOSCOW))
    assert day.shift is not None
    assert (day.shift.slug, day.day) == ("s0", date(2026, 11, 23))
    night = _window("shift", _local("2026-11-23T03:00", MOSCOW))
    assert night.shift is not None
    assert (night.shift.slug, night.day) == ("s1", date(2026, 11, 22))
    assert (night.start, night.end) == (_local("2026-11-22T20:00", MOSCOW), _local("2026-11-23T08:00", MOSCOW))


@given(moments, zones, calendars)
def test_shift_and_day_hold_now(now: int, zone: ZoneInfo, calendar: Calendar) -> None:
    """In any zone at any time the current shift holds now, lies inside the current day, and has the day's date."""
    shift = period.window("shift", "", "", now, calendar, zone)
    day = period.window("day", "", "", now, calendar, zone)
    assert shift.start <= now < shift.end
    assert day.start <= shift.start < shift.end <= day.end
    assert shift.day == day.day


@given(moments, zones, calendars)
def test_days_tile_time(now: int, zone: ZoneInfo, calendar: Calendar) -> None:
    """Days follow each other without gap or overlap, with clock changes too."""
    day = period.window("day", "", "", now, calendar, zone)
    after = period.window("day", "", "", day.end, calendar, zone)
    assert after.start == day.end
    assert 22.5 * HOUR <= day.end - day.start <= 25.5 * HOUR


def test_a_day_of_clock_change_has_its_real_length() -> None:
    """Where clocks go back the night shift and the day are an hour longer, where they go forward an hour shorter."""
    berlin = ZoneInfo("Europe/Berlin")
    autumn = _window("day", _local("2026-10-24T12:00", berlin), berlin)
    spring = _window("day", _local("2026-03-28T12:00", berlin), berlin)
    assert (autumn.end - autumn.start, spring.end - spring.start) == (25 * HOUR, 23 * HOUR)


@pytest.mark.parametrize(("wanted", "hours"), [("24h", 24), ("7d", 168)])
def test_rolling_periods_end_now(wanted: str, hours: int) -> None:
    """Rolling periods have their length and end now."""
    window = _window(wanted, NOW)
    assert (window.start, window.end, window.until) == (NOW - hours * HOUR, NOW, NOW)


def test_a_custom_period_is_local_time() -> None:
    """Times of a custom period are those of the plant; a zone in the text wins."""
    window = _window("custom", NOW, start="2026-11-22T08:00", end="2026-11-22T10:30+00:00")
    assert window.period is Period.CUSTOM
    assert window.start == _local("2026-11-22T08:00", MOSCOW)
    assert window.end == _local("2026-11-22T10:30", ZoneInfo("UTC"))


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), moments)
def test_a_mangled_link_still_shows_something(wanted: str, start: str, end: str, now: int) -> None:
    """Whatever the address bar holds, the answer is a window with a length; nonsense is the current shift."""
    window = period.window(wanted, start, end, now, TWO, MOSCOW)
    assert window.end > window.start
    assert 0 <= window.passed <= 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-22T10:00", "2026-11-22T08:00"),
        ("2026-11-22T10:00", "2026-11-22T10:00"),
        ("1990-01-01T00:00", "2026-11-22T10:00"),
        ("", ""),
        ("0001-01-01T00:00", "9999-12-31T23:59"),
    ],
)
def test_an_impossible_custom_period_is_the_current_shift(start: str, end: str) -> None:
    """A custom period that is empty, turned round or absurdly long falls back."""
    assert _window("custom", NOW, start=start, end=end).period is Period.SHIFT


def test_what_has_passed_of_a_window() -> None:
    """`until` never lies in the future nor before the start, and a past window does not run."""
    running = _window("shift", _local("2026-11-23T11:00", MOSCOW))
    assert running.until == running.now
    assert running.passed == pytest.approx(0.25)
    assert running.is_running
    past = _window("custom", NOW, start="2026-11-01T08:00", end="2026-11-01T10:00")
    assert past.until == past.end
    assert not past.is_running
    future = _window("custom", NOW, start="2027-01-01T08:00", end="2027-01-01T10:00")
    assert (future.until, future.passed) == (future.start, 0)


def test_the_group_has_the_clock_of_most_sites() -> None:
    """Where one clock must stand for all it is that of the commonest zone, the first site of the model on a tie."""
    assert period.group_site(tiny()).slug == "alpha"
