from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worktime import calendars

from plant.summary.periods import Days, Periods


@pytest.mark.parametrize(
    ("on", "month_before"),
    [
        (date(2026, 11, 20), (date(2026, 10, 1), date(2026, 10, 20))),
        (date(2026, 3, 31), (date(2026, 2, 1), date(2026, 2, 28))),
        (date(2027, 1, 1), (date(2026, 12, 1), date(2026, 12, 1))),
    ],
)
def test_a_month_to_date_is_compared_with_the_same_days_of_the_month_before(on: date, month_before) -> None:
    """As many of them as it has."""
    found = Periods.of(on).month_before
    assert (found.first, found.last) == month_before


@given(on=st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_periods_of_any_date(on: date) -> None:
    """Day and month end with the date, the week before has the same weekday, the month is whole."""
    found = Periods.of(on)
    assert (found.day.last, found.month.last, found.month.first.day) == (on, on, 1)
    assert found.day_before.first == on - timedelta(days=7)
    assert (found.whole_month.last + timedelta(days=1)).day == 1
    assert found.whole_month.first <= on <= found.whole_month.last
    assert found.month_before.last < found.month.first


@given(on=st.dates(date(2004, 1, 1), date(2034, 1, 1)), work=calendars)
def test_days_are_the_production_days_of_the_site(on: date, work) -> None:
    """One after the other they are the whole, also over a change of the clock."""
    days = [Days(on + timedelta(days=n), on + timedelta(days=n)).at(work) for n in range(3)]
    whole = Days(on, on + timedelta(days=2)).at(work)
    assert (days[0].start_ms, days[-1].end_ms) == (whole.start_ms, whole.end_ms)
    assert [each.end_ms for each in days[:-1]] == [each.start_ms for each in days[1:]]
