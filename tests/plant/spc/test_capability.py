from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.errors import ConfigurationError
from plant.spc.capability import Specification, capability, chi_squared


def test_the_interval_of_cp_of_the_textbook() -> None:
    """Montgomery: limits 38 and 62, s 1.75, n 20 give Cp 2.29 with 1.57 to 3.01."""
    found = capability(50.0, 1.75, 20, Specification(38.0, 62.0)).cp
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((2.29, 1.57, 3.01), abs=0.01)


def test_the_interval_of_cpk_of_the_textbook() -> None:
    """Montgomery: Cpk 1.33 of 20 values lies between 0.88 and 1.78."""
    found = capability(0.0, 1.0, 20, Specification(upper=3.99)).cpk
    assert (found.value, found.low, found.high) == pytest.approx((1.33, 0.88, 1.78), abs=0.006)


@pytest.mark.parametrize(
    ("share", "freedom", "value"), [(0.025, 19, 8.907), (0.975, 19, 32.852), (0.05, 99, 77.046), (0.95, 10, 18.307)]
)
def test_chi_squared_is_that_of_the_tables(share: float, freedom: int, value: float) -> None:
    """Printed quantiles are met within 0.3 %."""
    assert chi_squared(share, freedom) == pytest.approx(value, rel=0.003)


@given(st.floats(-10, 10), st.floats(0.01, 10), st.integers(2, 1000), st.floats(0.1, 20), st.floats(0.1, 20))
def test_cpk_is_never_better_than_cp(mean: float, sigma: float, count: int, below: float, above: float) -> None:
    """A process off its centre is worse than one in it; in the middle both are equal."""
    found = capability(mean, sigma, count, Specification(-below, above))
    assert found.cp is not None
    assert found.cpk.value <= found.cp.value * (1 + 1e-12)
    middle = capability((above - below) / 2, sigma, count, Specification(-below, above))
    assert middle.cp is not None
    assert middle.cpk.value == pytest.approx(middle.cp.value)


@given(st.integers(2, 500))
def test_more_values_make_surer(count: int) -> None:
    """The interval of Cpk holds it and shrinks with the count."""
    few, many = (capability(0.0, 1.0, n, Specification(-4.0, 4.0)).cpk for n in (count, count * 2))
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low


def test_one_sided_specifications_have_no_cp() -> None:
    """Bag mass may have a lower limit only: its Cpk looks at that side."""
    found = capability(30.05, 0.09, 50, Specification(lower=29.7))
    assert found.cp is None
    assert found.cpk.value == pytest.approx(0.35 / 0.27)


@pytest.mark.parametrize(("sigma", "count"), [(0.0, 10), (1.0, 1), (math.nan, 1)])
def test_what_does_not_vary_has_no_capability(sigma: float, count: int) -> None:
    """A deviation of 0 would make everything infinitely capable: it is refused instead."""
    with pytest.raises(ConfigurationError):
        capability(0.0, sigma, count, Specification(-1.0, 1.0))


@pytest.mark.parametrize("limits", [{}, {"lower": 2.0, "upper": 1.0}])
def test_a_specification_that_allows_nothing_is_refused(limits: dict[str, float]) -> None:
    """It needs a limit, and the lower one below the upper one."""
    with pytest.raises(ConfigurationError):
        Specification(**limits)
