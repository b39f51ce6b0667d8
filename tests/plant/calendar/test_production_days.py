"""Production days, weeks, months and shifts in every clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worktime import BERLIN, HOUR, MOSCOW, NEW_YORK, TWELVES, ZONES, calendars, eights, instants, ms

from plant.calendar.group import production_days
from plant.calendar.instants import instant, local_date
from plant.calendar.work_calendar import WorkCalendar
from plant.model.load import load

dates = st.dates(date(2001, 1, 1), date(2036, 1, 1))
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(instants, calendars)
def test_every_instant_is_in_exactly_one_production_day(at: int, work: WorkCalendar) -> None:
    """The day that is told holds the instant, and neither neighbour does."""
    on = work.day_of(at)
    days = [work.day(on + timedelta(days=n)) for n in (-1, 0, 1)]
    assert [start <= at < end for start, end in days] == [False, True, False]
    assert all(before.end == after.start for before, after in pairwise(days))


@given(instants, calendars)
def test_shifts_tile_the_production_day(at: int, work: WorkCalendar) -> None:
    """They follow each other without gap from its beginning to its end, whatever the clock does, and have its date."""
    on = work.day_of(at)
    spans = work.shifts_of(on)
    assert (spans[0].start, spans[-1].end) == work.day(on)
    assert all(before.end == after.start for before, after in pairwise(spans))
    assert all(span.start <= span.end for span in spans)
    assert {span.day for span in spans} == {on}
    assert [span.start <= at < span.end for span in spans].count(True) == 1
    now = work.shift_at(at)
    assert now in spans
    assert now.start <= at < now.end


@given(instants, st.integers(1, 40 * 24 * HOUR), calendars)
def test_shifts_of_a_window_cover_it_and_no_more(start: int, length: int, work: WorkCalendar) -> None:
    """Each of them shares time with the window, and together they leave no gap in it."""
    spans = work.shifts(start, start + length)
    assert spans[0].start <= start
    assert spans[-1].end >= start + length
    assert all(span.start < start + length and span.end > start for span in spans)
    assert all(before.end == after.start for before, after in pairwise(spans))


@given(st.lists(instants, max_size=30), calendars)
def test_days_of_many_instants_are_those_of_each(some: list[int], work: WorkCalendar) -> None:
    """The vectorised form says what the single one says."""
    days = work.days_of(np.array(some, np.int64))
    assert days.tolist() == [work.day_of(at) for at in some]


@given(dates, calendars)
def test_weeks_and_months_are_whole_production_days(on: date, work: WorkCalendar) -> None:
    """A week is seven of them from Monday, a month as many as it has dates; they tile the year."""
    monday = on - timedelta(days=on.weekday())
    assert work.week(on) == (work.day(monday).start, work.day(monday + timedelta(days=6)).end)
    first = on.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    assert work.month(on) == (work.day(first).start, work.day(after).start)
    assert work.month(on).end == work.month(after).start
    assert work.week(on).end == work.week(on + timedelta(days=7)).start


@pytest.mark.parametrize(
    ("zone", "spring", "autumn"),
    [
        (BERLIN, date(2026, 3, 28), date(2026, 10, 24)),
        (NEW_YORK, date(2026, 3, 7), date(2026, 10, 31)),
    ],
)
def test_a_day_of_clock_change_has_its_real_length(zone: ZoneInfo, spring: date, autumn: date) -> None:
    """The night on which clocks change belongs to the day before: 23 and 25 h, the neighbours 24."""
    work = WorkCalendar(TWELVES, zone)
    for on, hours in ((spring, 23), (autumn, 25)):
        lengths = [end - start for start, end in (work.day(on + timedelta(days=n)) for n in (-1, 0, 1))]
        assert lengths == [24 * HOUR, hours * HOUR, 24 * HOUR]
        day, night = work.shifts_of(on)
        assert (day.end - day.start, night.end - night.start) == (12 * HOUR, (hours - 12) * HOUR)


def test_a_shift_belongs_to_the_date_on_which_its_production_day_starts() -> None:
    """At 03:00 it is the night shift of the day before, also if that shift itself began after midnight."""
    at = ms(MOSCOW, 2026, 11, 23, 3)
    night = WorkCalendar(TWELVES, MOSCOW).shift_at(at)
    assert (night.shift.slug, night.day, night.start) == ("night", date(2026, 11, 22), ms(MOSCOW, 2026, 11, 22, 20))
    third = WorkCalendar(eights(time(8)), MOSCOW).shift_at(at)
    assert (third.shift.slug, third.day, third.start) == ("s2", date(2026, 11, 22), ms(MOSCOW, 2026, 11, 23, 0))


def test_a_border_belongs_to_what_begins() -> None:
    """Days and shifts are half open."""
    work, at = WorkCalendar(TWELVES, MOSCOW), ms(MOSCOW, 2026, 11, 23, 8)
    assert (work.day_of(at - 1), work.day_of(at)) == (date(2026, 11, 22), date(2026, 11, 23))
    assert [work.shift_at(each).shift.slug for each in (at - 1, at)] == ["night", "day"]
    assert work.shifts(at, at) == []


@given(dates, clocks, clocks, st.sampled_from(ZONES))
def test_later_on_paper_is_never_earlier_in_time(on: date, one: time, other: time, zone: ZoneInfo) -> None:
    """An instant is the first at which the clock shows the time or a later one, so order is kept through jumps."""
    first, second = sorted([one, other])
    assert instant(on, first, zone) <= instant(on, second, zone)
    assert instant(on, second, zone) <= instant(on + timedelta(days=1), first, zone) + 2 * HOUR
    found = instant(on, one, zone)
    shown = datetime.fromtimestamp(found / 1000, zone).replace(tzinfo=None)
    before = datetime.fromtimestamp(found / 1000 - 1, zone).replace(tzinfo=None)
    assert before < datetime.combine(on, one) <= shown


def test_times_that_the_clock_skips_or_repeats() -> None:
    """What is skipped is the moment of the jump; of what comes twice the first counts."""
    jump = ms(BERLIN, 2026, 3, 29, 3)
    assert [instant(date(2026, 3, 29), time(2, minute), BERLIN) for minute in (0, 17, 59)] == [jump] * 3
    twice = instant(date(2026, 10, 25), time(2, 30), BERLIN)
    assert twice == ms(ZoneInfo("UTC"), 2026, 10, 25, 0, 30)
    assert local_date(twice, BERLIN) == date(2026, 10, 25)


def test_a_group_has_the_production_days_of_its_sites() -> None:
    """Each site's day of a date begins at its own hour in its own zone: Yekaterinburg two hours before Moscow."""
    sites = load("gypsum").sites
    days = production_days(sites, date(2026, 11, 22))
    assert list(days) == [site.slug for site in sites]
    assert days["minsk"] == days["voskresensk"] == (ms(MOSCOW, 2026, 11, 22, 8), ms(MOSCOW, 2026, 11, 23, 8))
    assert days["voskresensk"].start - days["chelyabinsk"].start == 2 * HOUR
    assert all(end - start == 24 * HOUR for start, end in days.values())
