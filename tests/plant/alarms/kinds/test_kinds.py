"""How each kind of rule judges."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.alarms.kinds import condition_of
from plant.alarms.kinds.condition import NEVER
from plant.alarms.rules import BadQuality, Deviation, InState, Limit, Lost, Rate, Statistical
from plant.readings import BAD, GOOD, STALE


def judged(condition, *values, tag=0, start=0, step=1):
    """What it says of good values, one each `step` ms."""
    return [condition.read(tag, start + place * step, value, GOOD) for place, value in enumerate(values)]


@pytest.mark.parametrize(("above", "sign"), [(True, 1), (False, -1)])
def test_limit_with_deadband(above, sign):
    """Abnormal beyond the limit, normal again only when the value is back by the deadband."""
    condition = condition_of(Limit(0, sign * 10.0, above, 2.0))
    values = [sign * value for value in (10.0, 10.1, 9.0, 8.1, 8.0, 9.0)]
    assert judged(condition, *values) == [False, True, True, True, False, False]


finite = st.floats(-1e6, 1e6)


@given(finite, st.floats(0, 100), st.booleans(), st.lists(finite, max_size=8), finite)
def test_values_inside_the_quiet_band_change_nothing(limit, deadband, above, values, value):
    """The band that lets readings pass unread agrees with the judgement, to the last bit."""
    condition = condition_of(Limit(0, limit, above, deadband))
    judged(condition, *values)
    before, (low, high) = condition.abnormal, condition.quiet(0)
    assert (condition.read(0, 99, value, GOOD) == before) == (low <= value <= high)


@given(finite, st.floats(1, 100), st.lists(finite, min_size=1, max_size=8), finite)
def test_deviation_has_a_quiet_band_too(set_point, most, values, value):
    """Inside of it nothing changes; while abnormal only what is beyond on the same side passes."""
    condition = condition_of(Deviation(0, 1, most, 0.5))
    condition.read(1, 0, set_point, GOOD)
    judged(condition, *values)
    before, (low, high) = condition.abnormal, condition.quiet(0)
    after = condition.read(0, 99, value, GOOD)
    assert after == before or not low <= value <= high


def test_deviation_judges_a_new_set_point_with_the_value_that_holds():
    """Without either of them it cannot tell."""
    condition = condition_of(Deviation(0, 1, 5.0, 1.0))
    assert condition.read(0, 0, 100.0, GOOD) is None
    assert condition.read(1, 1, 100.0, GOOD) is False
    assert condition.read(1, 2, 90.0, GOOD) is True
    assert condition.read(0, 3, 95.0, GOOD) is True
    assert condition.read(0, 4, 94.0, GOOD) is False
    assert condition.read(1, 5, math.nan, BAD) is None


def test_rate_looks_at_the_window_only():
    """A slow climb is normal, the same climb within the window is not; it ends when the window has passed."""
    slow, quick = condition_of(Rate(0, 10.0, 60)), condition_of(Rate(0, 10.0, 60))
    assert not any(judged(slow, *range(0, 30, 3), step=30))
    assert judged(quick, 0.0, 6.0, 11.0, step=10) == [False, False, True]
    assert quick.due() == 70
    assert quick.look(70, 70) is False
    assert quick.due() == NEVER


def test_state_is_a_set_of_codes():
    """Only good codes count."""
    condition = condition_of(InState(0, frozenset({9})))
    assert judged(condition, 6.0, 9.0) == [False, True]
    assert condition.read(0, 5, 6.0, STALE) is None


def test_bad_quality_is_not_silence():
    """A bad value is abnormal, of a stale one nothing is known."""
    condition = condition_of(BadQuality(0))
    found = [condition.read(0, time, 1.0, quality) for time, quality in enumerate((GOOD, BAD, STALE, GOOD))]
    assert found == [False, True, None, False]


def test_lost_means_all_of_them():
    """One unit that speaks is enough for its edge node; a bad value is a sign of life."""
    condition = condition_of(Lost((0, 1)))
    assert condition.abnormal
    assert condition.read(0, 1, math.nan, BAD) is False
    assert condition.read(1, 2, 1.0, GOOD) is False
    assert condition.read(0, 3, math.nan, STALE) is False
    assert condition.read(1, 4, math.nan, STALE) is True


def sampled(condition, values):
    """What it says when each of the values is held at one multiple of 10 ms."""
    found = []
    for place, value in enumerate(values):
        condition.read(0, place * 10 + 1, value, GOOD)
        found.append(condition.look(place * 10 + 10, place * 10 + 10))
    return found


def test_statistical_against_the_chart_by_hand():
    """Window 10, 12, 11, 13: mean 11.5, moving ranges 2, 1, 2, sigma 5/3/1.128; three sigmas reach to 15.93."""
    chart = Statistical(0, 4, 10, 3.0, 0.1)
    assert sampled(condition_of(chart), [10.0, 12.0, 11.0, 13.0, 15.9]) == [False] * 5
    assert sampled(condition_of(chart), [10.0, 12.0, 11.0, 13.0, 16.0]) == [False] * 4 + [True]


def test_statistical_does_not_wonder_at_the_resolution_of_the_instrument():
    """Of a value that never moved sigma would be nothing; it is at least the deadband of the reports."""
    chart = Statistical(0, 3, 10, 3.0, 0.5)
    assert sampled(condition_of(chart), [5.0, 5.0, 5.0, 6.4])[-1] is False
    assert sampled(condition_of(chart), [5.0, 5.0, 5.0, 6.6])[-1] is True


def test_a_value_that_holds_for_a_year_is_sampled_a_few_times():
    """When the window is full of one value, the next sample is the one after all that time."""
    condition = condition_of(Statistical(0, 4, 10, 3.0, 0.1))
    condition.read(0, 1, 5.0, GOOD)
    looks, end = 0, 31_536_000_000
    while condition.due() <= end:
        condition.look(condition.due(), end)
        looks += 1
    assert looks == 5
