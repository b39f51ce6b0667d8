"""How shifts, breaks, holidays and maintenance become part of the enterprise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest

from plant.model.diff import Fate, differences
from plant.model.enterprise import Enterprise, MaintenanceWindow, Text
from plant.model.mistakes import InvalidModelError
from plant.model.shifts import Break

KILNS = """\
            output: kiln-1
            maintenance:
              a: {name: {ru: А, en: A}, first: 2026-01-12, start: 09:00, hours: 1, units: [kiln]}
              b: {name: {ru: Б, en: B}, first: 2026-01-12, start: 09:00, hours: 1, units: [kiln-2]}
"""
DAILY = """\
            maintenance:
              a: {name: {ru: А, en: A}, first: 2026-01-12, start: 09:00, hours: 1, until: 2026-02-01, units: [kiln]}
"""
TINY = Path(__file__).with_name("tiny.yaml")
NIGHT = "      night: {name: {ru: Ночная, en: Night}, start: 20:00, end: 08:00}\n"
CREW = """\
  crew:
    works_holidays: true
    shifts:
      day:
        name: {ru: Д, en: D}
        start: 08:00
        end: 20:00
        breaks: {meal: {name: {ru: Обед, en: Meal}, start: 12:00, minutes: 30}}
      night: {name: {ru: Н, en: N}, start: 20:00, end: 08:00, unmanned: [sat, sun]}
"""
PPR = "    maintenance: {ppr: {name: {ru: ППР, en: Maintenance}, start: 09:00, hours: 4, every_weeks: 4}}\n"
CONSTRAINT = "    constraint: former\n"
OUTPUT = "            output: kiln\n"
DATED = "            gateway: board-1\n            maintenance: {ppr: {first: 2026-01-12, units: [former]}}\n"

Edited = Callable[..., Enterprise]


def test_a_line_has_a_calendar_of_its_own(edited: Edited) -> None:
    """Breaks and unmanned days arrive; a line without one, or with that of its site, has none."""
    enterprise = edited((NIGHT, NIGHT + CREW), (CONSTRAINT, "    calendar: crew\n" + CONSTRAINT))
    kiln, board = enterprise.site("alpha").lines
    assert kiln.calendar is None
    assert board.calendar is not None
    day, night = board.calendar.shifts
    assert day.breaks == (Break("meal", Text("Обед", "Meal"), time(12), 30),)
    assert (day.unmanned, night.unmanned) == (frozenset(), {5, 6})
    assert board.calendar.works_holidays
    assert not enterprise.site("alpha").calendar.works_holidays


def test_lines_of_a_site_keep_its_shifts(edited: Edited) -> None:
    """A calendar with other shifts is refused where the line names it: no figure of a shift would add up."""
    seven = "  seven: {shifts: {all: {name: {ru: Сутки, en: Day}, start: 07:00, end: 07:00}}}\n"
    with pytest.raises(InvalidModelError) as caught:
        edited((NIGHT, NIGHT + seven), (CONSTRAINT, "    calendar: seven\n" + CONSTRAINT))
    assert caught.value.problem == "calendar 'seven' has other shifts than 'two-shifts', the calendar of the site"
    assert caught.value.mend.startswith("give both the same shifts")


def test_a_site_has_the_holidays_that_it_names(edited: Edited) -> None:
    """A site that names none works through."""
    days = "  russia: {name: {ru: Россия, en: Russia}, days: {2026-05-09: {ru: День Победы, en: Victory Day}}}\n"
    enterprise = edited(
        ("sites:\n", f"holidays:\n{days}sites:\n"), ("    status: trial\n", "    status: trial\n    holidays: russia\n")
    )
    alpha, beta = enterprise.sites
    assert alpha.holidays == {date(2026, 5, 9): Text("День Победы", "Victory Day")}
    assert beta.holidays == {}


def test_a_line_dates_the_maintenance_of_its_line_type(edited: Edited) -> None:
    """Keys that the line gives change those of the line type, one by one."""
    enterprise = edited(
        (CONSTRAINT, PPR + CONSTRAINT),
        ("            gateway: board-1\n", DATED),
        (
            "            shift_target: 30000 m2\n",
            "            shift_target: 30000 m2\n            maintenance: {ppr: {first: 2026-01-13, hours: 6}}\n",
        ),
    )
    alpha, beta = (site.line("board-1").maintenance for site in enterprise.sites)
    name = Text("ППР", "Maintenance")
    assert alpha == (MaintenanceWindow("ppr", name, date(2026, 1, 12), time(9), 4.0, 4, None, frozenset({"former"})),)
    assert beta == (MaintenanceWindow("ppr", name, date(2026, 1, 13), time(9), 6.0, 4, None, frozenset()),)
    assert beta[0].covers("former")
    assert not alpha[0].covers("dryer")


def test_a_family_is_maintained_together(edited: Edited) -> None:
    """The name of counted units stands for all of them, the slug of one for that one."""
    enterprise = edited(
        ("kiln: {type: kiln, feeds: [board-1/former]}", "kiln: {type: kiln, count: 2}"),
        ("constraint: kiln", "constraint: kiln-1"),
        (OUTPUT, KILNS),
    )
    both, one = enterprise.site("alpha").line("kiln-1").maintenance
    assert (both.units, one.units) == ({"kiln-1", "kiln-2"}, {"kiln-2"})


def test_maintenance_of_a_line_type_without_a_date_is_told_at_each_line(edited: Edited) -> None:
    """Lines of one type are not all stopped on one day, so each says when."""
    with pytest.raises(InvalidModelError) as caught:
        edited((CONSTRAINT, PPR + CONSTRAINT), ("            gateway: board-1\n", DATED))
    assert [each.problem for each in caught.value.mistakes] == ["maintenance 'ppr' of line 'board-1' lacks 'first'"]
    lines = TINY.read_text("utf-8").splitlines()
    at = lines.index("          board-1:", lines.index("  beta:"))
    assert caught.value.line == at + 1 + 2  # two lines were put in above


def test_a_change_of_working_time_is_told(edited: Edited) -> None:
    """Another calendar or window changes figures of the line, so a comparison of models names both."""
    before = edited((NIGHT, NIGHT + CREW))
    after = edited((NIGHT, NIGHT + CREW), (CONSTRAINT, "    calendar: crew\n" + CONSTRAINT), (OUTPUT, OUTPUT + DAILY))
    assert [(each.fate, each.path, each.detail) for each in differences(before, after)] == [
        (
            Fate.CHANGED,
            "alpha/shop/kiln-1",
            "maintenance a - -> once from 2026-01-12 until 2026-02-01 at 09:00 for 1 h, kiln",
        ),
        (Fate.CHANGED, "alpha/shop/board-1", "calendar - -> crew"),
        (Fate.CHANGED, "beta/shop/board-1", "calendar - -> crew"),
    ]
