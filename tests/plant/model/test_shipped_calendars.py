"""What the shipped models say of working time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from plant.calendar.spans import Planned
from plant.calendar.work_calendar import WorkCalendar
from plant.model.enterprise import Enterprise, Line, Site, Text
from plant.model.load import load, shipped

HOUR_MS = 3_600_000
WEEK = date(2026, 11, 18)


@pytest.fixture(scope="module")
def gypsum() -> Enterprise:
    """The eight plants."""
    return load("gypsum")


def texts(enterprise: Enterprise) -> Iterator[Text]:
    """Every name that people see of shifts, breaks, holidays and maintenance."""
    for site in enterprise.sites:
        yield from site.holidays.values()
        for calendar in (site.calendar, *(line.calendar for line in site.lines if line.calendar is not None)):
            for shift in calendar.shifts:
                yield shift.name
                yield from (each.name for each in shift.breaks)
        yield from (window.name for line in site.lines for window in line.maintenance)


def week_hours(site: Site, line: Line, kind: Planned) -> float:
    """Hours of one kind in a production week."""
    work = WorkCalendar.of(site)
    return work.planned(line, *work.week(WEEK)).total_ms(kind) / HOUR_MS


@pytest.mark.parametrize("name", shipped())
def test_names_are_there_in_both_languages(name: str) -> None:
    """A Russian name is Russian, an English one English."""
    for text in texts(load(name)):
        assert any("а" <= letter <= "я" for letter in text.ru.lower()), text
        assert not any("а" <= letter <= "я" for letter in text.en.lower()), text


def test_continuous_lines_never_rest(gypsum: Enterprise) -> None:
    """Plasterboard, binder, stone, quarry and utilities run round the clock, but for maintenance, all year."""
    for site in gypsum.sites:
        work = WorkCalendar.of(site)
        for line in site.lines:
            if not line.slug.startswith(("dry-mix", "blocks")):
                year = work.planned(line, work.month(date(2026, 1, 1)).start, work.month(date(2026, 12, 1)).end)
                assert set(year.kind.tolist()) <= {Planned.BUSY, Planned.MAINTENANCE}, (site.slug, line.slug)


def test_crews_eat_and_have_free_nights(gypsum: Enterprise) -> None:
    """Lines of mixes and blocks stand half an hour a shift and on Sunday night, small sites on Saturday night too."""
    for site in gypsum.sites:
        free = 2 if site.slug in {"chelyabinsk", "saratov"} else 1
        for line in site.lines:
            if line.slug.startswith(("dry-mix", "blocks")):
                assert week_hours(site, line, Planned.UNMANNED) == 12.0 * free
                eaten = week_hours(site, line, Planned.BREAK)
                assert (14 - free) * 0.5 - 0.5 <= eaten <= (14 - free) * 0.5, "a meal may fall into maintenance"


def test_holidays_are_those_of_the_country(gypsum: Enterprise) -> None:
    """Crews rest on them, but for the two largest Russian plants, which work through."""
    through = {site.slug for site in gypsum.sites if not site.holidays}
    assert through == {"voskresensk", "volgograd"}
    for site in gypsum.sites:
        if site.holidays:
            assert date(2027, 5, 9) in site.holidays
            assert (date(2026, 11, 4) in site.holidays) == (site.slug != "minsk")
            assert (date(2026, 7, 3) in site.holidays) == (site.slug == "minsk")


def test_all_that_makes_something_is_maintained(gypsum: Enterprise) -> None:
    """Every line but the utilities has its windows, and each line type the same ones."""
    for site in gypsum.sites:
        assert [line.slug for line in site.lines if not line.maintenance] == ["utilities"]
        assert all(window.every_weeks == 4 for line in site.lines for window in line.maintenance)
