"""Constants of control charts for normal data, computed from their definitions; ISO 7870-2 has them as a table."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from plant.errors import ConfigurationError

LARGEST = 25
"""Larger subgroups are not charted: their range tells little."""
_HALF_WIDTH, _STEPS = 8.0, 801
"""Quadrature over the standard normal distribution: beyond 8 deviations nothing is left that counts."""


@lru_cache(maxsize=LARGEST)
def d2(n: int) -> float:
    """Mean range of `n` values of deviation 1: the integral of 1 - P(x)^n - (1 - P(x))^n."""
    _check(n)
    x, below = _normal()
    return float(np.trapezoid(1.0 - below**n - (1.0 - below) ** n, x))


@lru_cache(maxsize=LARGEST)
def d3(n: int) -> float:
    """Standard deviation of the range of `n` values of deviation 1.

    E[R^2] is the integral over all x and y, of which `low` is the smaller, of 1 - P(high)^n - (1 - P(low))^n +
    (P(high) - P(low))^n.
    """
    _check(n)
    x, below = _normal()
    low, high = np.minimum.outer(below, below), np.maximum.outer(below, below)
    square = np.trapezoid(np.trapezoid(1.0 - high**n - (1.0 - low) ** n + (high - low) ** n, x, axis=1), x)
    return math.sqrt(float(square) - d2(n) ** 2)


@lru_cache(maxsize=LARGEST)
def c4(n: int) -> float:
    """Mean standard deviation of `n` values of deviation 1: sqrt(2 / (n - 1)) G(n / 2) / G((n - 1) / 2)."""
    _check(n)
    return math.sqrt(2.0 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))


def _normal() -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Points and the share of a standard normal distribution below each."""
    x = np.linspace(-_HALF_WIDTH, _HALF_WIDTH, _STEPS)
    return x, np.array([0.5 * math.erfc(-at / math.sqrt(2.0)) for at in x])


def _check(n: int) -> None:
    if not 2 <= n <= LARGEST:
        raise ConfigurationError(f"a subgroup of {n} values cannot be charted; take 2 to {LARGEST}")
