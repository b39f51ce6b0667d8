from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from plant.calendar.work_calendar import WorkCalendar
from plant.historian.protocol import TierColumns
from plant.kpi.window import Window
from plant.model.enterprise import Role
from plant.readings import Columns
from plant.summary.gas import gas_use, intakes

HOUR = 3_600_000


@pytest.fixture
def intake(enterprise, table):
    """Where Minsk's gas comes in."""
    return next(each for each in intakes(enterprise, table.tags) if each.site == "minsk")


@pytest.fixture
def day(enterprise) -> Window:
    """A production day at Minsk."""
    return Window(*WorkCalendar.of(enterprise.site("minsk")).day(date(2026, 11, 20)))


def hours(tag: int, first: int, values: list[float], good: bool = True) -> TierColumns:
    """Hours of a tag that end at these values."""
    value, count = np.array(values), len(values)
    known = np.full(count, HOUR if good else 0, np.int64)
    time = first + np.arange(count, dtype=np.int64) * HOUR
    return TierColumns(np.full(count, tag, np.int32), time, value, value, value, value, known // HOUR, known)


def test_every_site_has_one_intake_with_a_limit(enterprise, table) -> None:
    """Found by roles, not by names; the gas meters of single lines are none."""
    found = intakes(enterprise, table.tags)
    assert [each.site for each in found] == [site.slug for site in enterprise.sites]
    assert all(each.gas.metric.role is Role.GAS and each.limit.metric.key == "daily_limit" for each in found)


def test_use_is_set_against_the_limit_that_held_last(intake, day, table) -> None:
    """110 m3 against a limit of 100, which was cut during the day: 10 over; the counter came in with 5."""
    rows = TierColumns.concat(
        [
            hours(intake.gas.index, day.start_ms, [5.0 + 110 * (n + 1) / 24 for n in range(24)]),
            hours(intake.limit.index, day.start_ms, [120.0] * 10 + [100.0]),
            hours(intake.gas.index, day.end_ms, [1e6]),
        ]
    )
    opening = Columns.of([intake.gas.index], [day.start_ms - 1], [5.0], [192])
    found = gas_use(intake, day, rows, opening, table.tags, price_rub=8.0)
    assert (found.used_m3, found.limit_m3) == (pytest.approx(110), 100)
    assert (found.share, found.over_m3) == (pytest.approx(1.1), pytest.approx(10))
    assert (found.cost_rub, found.coverage) == (pytest.approx(880), 1)


def test_a_limit_told_long_ago_still_holds(intake, day, table) -> None:
    """It changes a few times a year, so it may stand before the day."""
    rows = hours(intake.gas.index, day.start_ms, [float(n) for n in range(24)])
    opening = Columns.of([intake.gas.index, intake.limit.index], [0, 0], [0.0, 46.0], [192, 192])
    found = gas_use(intake, day, rows, opening, table.tags)
    assert (found.share, found.cost_rub) == (0.5, None)


def test_too_little_data_says_nothing_of_the_limit(intake, day, table) -> None:
    """Twelve hours of counter: what was counted is told, the limit is not judged; without a reading nothing is."""
    rows = hours(intake.gas.index, day.start_ms, [float(n) for n in range(12)])
    opening = Columns.of([intake.limit.index], [0], [5.0], [192])
    found = gas_use(intake, day, rows, opening, table.tags)
    assert (found.used_m3, found.share, found.over_m3, found.coverage) == (11, None, None, 0.5)
    nothing = gas_use(intake, day, TierColumns.empty(), Columns.empty(), table.tags)
    assert (nothing.used_m3, nothing.limit_m3, nothing.share, nothing.coverage) == (None, None, None, 0)
