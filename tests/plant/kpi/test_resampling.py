from __future__ import annotations

import numpy as np
import pytest

from plant.kpi.resampling import REPLICATES, Days, differences, interval, resample, standardised

ONE = np.array([1.0])


def site(rng: np.random.Generator, level: float, days: int = 30, spread: float = 0.08) -> Days:
    """Days whose ratio scatters about a level."""
    busy = rng.uniform(60_000, 86_400, (days, 1))
    return Days(busy * np.clip(rng.normal(level, spread, (days, 1)), 0, 1), busy)


def seems_different(rng: np.random.Generator, levels: tuple[float, ...]) -> bool:
    sites = [site(rng, level) for level in levels]
    values = np.array([each.numerators.sum() / each.denominators.sum() for each in sites])
    replicates = np.stack([resample(each, ONE, rng) for each in sites])
    return any(not found.low <= 0 <= found.high for found in differences(values, replicates).values())


def test_a_standardised_ratio_weighs_the_rates_of_its_cells() -> None:
    """0.25 x 0.5 + 0.75 x 0.8 = 0.725, whatever the site makes most of; a cell without a basis leaves no value."""
    found = standardised(
        np.array([[50.0, 8.0], [1.0, 0.0]]), np.array([[100.0, 10.0], [2.0, 0.0]]), np.array([0.25, 0.75])
    )
    assert found[0] == pytest.approx(0.725)
    assert np.isnan(found[1])


def test_equal_sites_rarely_seem_different() -> None:
    """Five sites of one level have ten pairs; all of them hold 0 in about 95 of 100 comparisons, not in 60."""
    rng = np.random.default_rng(1)
    wrong = sum(seems_different(rng, (0.7,) * 5) for _ in range(100))
    assert wrong <= 12


def test_sites_that_differ_are_told_apart() -> None:
    """Ten points between days that scatter by eight: a month shows it."""
    rng = np.random.default_rng(2)
    assert all(seems_different(rng, (0.7, 0.6)) for _ in range(20))


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    """About 95 times of 100."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(100):
        days = site(rng, 0.7)
        found = interval(days, ONE, resample(days, ONE, rng))
        assert found.low <= found.value <= found.high
        held += found.low <= 0.7 <= found.high
    assert held >= 88


def test_equal_days_leave_no_doubt() -> None:
    """Nothing scatters: the interval is the value."""
    days = Days(np.full((10, 1), 7.0), np.full((10, 1), 10.0))
    drawn = resample(days, ONE, np.random.default_rng(4))
    found = interval(days, ONE, drawn)
    assert drawn.shape == (REPLICATES,)
    assert (found.low, found.high) == pytest.approx((0.7, 0.7))
    pair = differences(np.array([0.7, 0.6]), np.stack([drawn, drawn - 0.1]))[0, 1]
    assert (pair.low, pair.high) == pytest.approx((0.1, 0.1))


def test_equal_generators_give_equal_intervals() -> None:
    """A comparison can be shown again."""
    days = site(np.random.default_rng(5), 0.7)
    first, second = (resample(days, ONE, np.random.default_rng(6)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
