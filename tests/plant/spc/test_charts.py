from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plant.errors import ConfigurationError
from plant.spc.charts import individuals, mean_limits, range_limits, shares, xbar_r, xbar_s
from plant.spc.constants import c4, d2, d3

TABLE = {
    2: (1.128, 0.853, 0.7979),
    3: (1.693, 0.888, 0.8862),
    4: (2.059, 0.880, 0.9213),
    5: (2.326, 0.864, 0.9400),
    7: (2.704, 0.833, 0.9594),
    10: (3.078, 0.797, 0.9727),
    25: (3.931, 0.708, 0.9896),
}
"""d2, d3, c4 as tables of control chart constants print them."""
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
"""NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: ten flow rates."""
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
"""D. C. Montgomery, Introduction to Statistical Quality Control: defective cans in 30 samples of 50."""


@pytest.mark.parametrize(("n", "constants"), TABLE.items())
def test_constants_are_those_of_the_tables(n: int, constants: tuple[float, float, float]) -> None:
    """d2, d3 and c4 equal the printed ones in every printed digit but the last."""
    assert (d2(n), d3(n)) == pytest.approx(constants[:2], abs=1e-3)
    assert c4(n) == pytest.approx(constants[2], abs=1e-4)


@pytest.mark.parametrize("n", [1, 26])
def test_a_subgroup_that_cannot_be_charted_is_refused(n: int) -> None:
    """One value has no range, and more than 25 have one that says nothing."""
    with pytest.raises(ConfigurationError, match="2 to 25"):
        d2(n)


def test_individuals_of_the_handbook() -> None:
    """The example of the NIST handbook: centre 50.81, limits 45.8159 and 55.8041."""
    values = np.array(FLOW)
    pair = individuals(values, values)
    limits = pair.location.limits
    assert limits.centre == pytest.approx(50.81)
    assert float(limits.lower) == pytest.approx(45.8159, abs=2e-3)
    assert float(limits.upper) == pytest.approx(55.8041, abs=2e-3)
    assert np.nanmean(pair.spread.points) == pytest.approx(1.8778, abs=1e-4)
    assert np.isnan(pair.spread.points[0])


def test_means_and_ranges_of_the_textbook() -> None:
    """Montgomery's hard bake: centre 1.5056, mean range 0.32521, n 5 gives 1.31795 to 1.69325, ranges up to 0.68749."""
    means, ranges = mean_limits(1.5056, 0.32521 / d2(5), 5), range_limits(0.32521, 5)
    assert (float(means.lower), float(means.upper)) == pytest.approx((1.31795, 1.69325), abs=2e-4)
    assert (float(ranges.lower), float(ranges.upper)) == pytest.approx((0.0, 0.68749), abs=5e-4)


def test_shares_of_the_textbook() -> None:
    """Montgomery's cans: a share of 0.2313 gives limits of 0.0524 and 0.4102, and samples 15 and 23 lie outside."""
    defective = np.array(CANS, np.float64)
    share = float(defective.sum() / (50 * len(CANS)))
    chart = shares(defective, np.full(len(CANS), 50.0), share)
    assert share == pytest.approx(0.2313, abs=1e-4)
    assert chart.limits.lower[0] == pytest.approx(0.0524, abs=1e-4)
    assert chart.limits.upper[0] == pytest.approx(0.4102, abs=1e-4)
    assert (np.flatnonzero(np.abs(chart.deviations) > 3.0) + 1).tolist() == [15, 23]


def test_a_lot_of_none_has_no_point() -> None:
    """Nothing inspected is nothing known, and the limits of its neighbours stay."""
    chart = shares(np.array([1.0, 0.0, 2.0]), np.array([50.0, 0.0, 200.0]), 0.02)
    assert np.isnan(chart.points).tolist() == [False, True, False]
    assert chart.limits.upper[0] > chart.limits.upper[2]


def test_means_of_subgroups_find_a_shift_that_single_values_hide() -> None:
    """Both charts of subgroups find the same deviation, and a shift of two of them stands out of means of five."""
    random = np.random.default_rng(5)
    base = random.normal(30.05, 0.09, (400, 5))
    shifted = random.normal(30.05 + 2 * 0.09, 0.09, (20, 5))
    for chart in (xbar_r, xbar_s):
        pair = chart(shifted, base)
        assert float(pair.location.limits.sigma) * np.sqrt(5) == pytest.approx(0.09, rel=0.05)
        assert (pair.location.deviations > 3.0).mean() > 0.8
        assert (pair.spread.deviations > 3.0).mean() < 0.1


@given(arrays(np.float64, st.integers(2, 40), elements=st.floats(-1e6, 1e6)), st.floats(0.5, 4.0), st.floats(-1e3, 1e3))
def test_charts_do_not_depend_on_the_unit_of_measure(values: np.ndarray, factor: float, offset: float) -> None:
    """Another unit (a factor and an offset) moves limits and points alike: deviations stay as they were."""
    one, other = (individuals(each, each).location for each in (values, values * factor + offset))
    assert float(other.limits.upper) == pytest.approx(float(one.limits.upper) * factor + offset, rel=1e-9, abs=1e-6)
    assert float(other.limits.lower) == pytest.approx(float(one.limits.lower) * factor + offset, rel=1e-9, abs=1e-6)


def test_a_process_that_does_not_vary_is_in_its_centre() -> None:
    """Without variation a point is in the centre or infinitely far from it, and neither is an error."""
    chart = individuals(np.array([5.0, 5.0, 6.0]), np.array([5.0, 5.0])).location
    assert chart.deviations.tolist() == [0.0, 0.0, np.inf]


def test_subgroups_of_different_sizes_are_refused() -> None:
    """Limits of subgroups of five say nothing of subgroups of four."""
    with pytest.raises(ConfigurationError, match="equally many"):
        xbar_r(np.zeros((3, 4)), np.zeros((25, 5)))
    with pytest.raises(ConfigurationError, match="two values"):
        individuals(np.zeros(3), np.zeros(1))
