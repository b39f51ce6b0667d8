"""Figures about the last seconds: lag, rate and growth, from clocks that are passed in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.growth import Growth
from collectors.lag import WINDOW_S, LagWindow
from collectors.rate import RateWindow


@given(st.lists(st.integers(1, 100_000_000), min_size=1, max_size=300), st.floats(0.01, 1))
def test_a_percentile_is_at_most_five_percent_too_high(lags, share):
    """Bins grow by 5 %, so the figure is never too low and hardly too high (nearest-rank percentile)."""
    window = LagWindow()
    window.add(np.array(lags), 100.0)
    exact = float(np.quantile(lags, share, method="inverted_cdf"))
    shown = window.percentile(share, 100.0)
    assert shown is not None
    assert exact - 0.1 <= shown <= exact * 1.05 + 0.1


def test_lags_are_forgotten_after_a_minute():
    """Only the last minute counts; without readings there is no figure."""
    window = LagWindow()
    assert window.percentile(0.95, 0.0) is None
    window.add(np.array([5_000]), 10.0)
    window.add(np.array([100]), 10.0 + WINDOW_S - 1)
    assert window.percentile(1.0, 10.0 + WINDOW_S - 1) == pytest.approx(5_000, rel=0.05)
    assert window.percentile(1.0, 10.0 + WINDOW_S) == pytest.approx(100, rel=0.05)
    assert window.percentile(1.0, 500.0) is None
    assert window.total.sum() == 2
    assert window.sum_ms == 5_100


def test_a_clock_that_is_ahead_gives_no_lag():
    """A source in the future is not early, it is wrong."""
    window = LagWindow()
    window.add(np.array([-40_000]), 1.0)
    assert window.percentile(0.95, 1.0) == 1.0


def test_the_rate_is_that_of_the_last_ten_seconds():
    """A running total, sampled each second."""
    rate = RateWindow()
    assert rate.per_s == 0.0
    for second in range(20):
        rate.sample(second * 100, float(second))
    assert rate.per_s == 100.0
    for second in range(20, 31):
        rate.sample(1_900 + (second - 19) * 50, float(second))
    assert rate.per_s == 50.0


def test_growth_is_unknown_before_ten_minutes():
    """Stores grow in steps; after ten minutes the pace is told per day."""
    growth = Growth()
    assert growth.bytes_per_day is None
    for minute in range(10):
        growth.sample(minute * 1_000, minute * 60.0)
    assert growth.bytes_per_day is None
    growth.sample(10_000, 600.0)
    assert growth.bytes_per_day == 1_440_000


def test_growth_looks_back_one_day():
    """What the first fill took is forgotten after a day."""
    growth = Growth()
    for hour in range(73):
        size = 10_000_000 if hour else 0
        growth.sample(size + hour * 10, hour * 3_600.0)
    assert growth.bytes_per_day == 240
