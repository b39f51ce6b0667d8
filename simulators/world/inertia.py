"""First-order lags and random walks, solved exactly, so that 1 s and 10 s steps agree in the mean."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def constant(number: float) -> Floats:
    """A constant as an array, shape (): beside small arrays a Python number costs nearly as much as the operation."""
    array = np.array(number)
    array.setflags(write=False)
    return array


ZERO, ONE = constant(0.0), constant(1.0)


def approach(value: Floats, target: Floats | float, dt_s: float, tau_s: float) -> Floats:
    """`value` after `dt_s` of a first-order lag with time constant `tau_s` towards a constant `target`.

    Exact solution of dx/dt = (target - x) / tau.
    """
    return target + (value - target) * _kept(dt_s, tau_s)


def wander(value: Floats, normal: Floats, dt_s: float, tau_s: float, sd: float) -> Floats:
    """One step of an Ornstein-Uhlenbeck process about 0 with stationary deviation `sd` and memory `tau_s`.

    Exact discretisation: x' = x a + sd sqrt(1 - a^2) N(0, 1), a = exp(-dt / tau).
    """
    return value * _kept(dt_s, tau_s) + _stirred(dt_s, tau_s, sd) * normal


def passed(dt_s: float, tau_s: float) -> Floats:
    """Share of the way that a first-order lag goes in `dt_s`, shape (): 1 - exp(-dt / tau)."""
    return ONE - _kept(dt_s, tau_s)


def ramp(value: Floats, low: float, high: float) -> Floats:
    """0 at or below `low`, 1 at or above `high`, straight between; `low` may be the larger of the two."""
    return clamp((value - low) / (high - low))


def clamp(value: Floats, low: Floats | float = ZERO, high: Floats | float = ONE) -> Floats:
    """`value` within bounds; `numpy.clip` takes several times as long for small arrays."""
    return np.minimum(high, np.maximum(low, value))


def some(which: Bools | Floats) -> bool:
    """Whether any of them is true; the arrays' own `any` takes five times as long for small ones."""
    return bool(np.count_nonzero(which))


@lru_cache(maxsize=512)
def _kept(dt_s: float, tau_s: float) -> Floats:
    """Share of a deviation that is left after a step: exp(-dt / tau)."""
    return constant(math.exp(-dt_s / tau_s))


@lru_cache(maxsize=512)
def _stirred(dt_s: float, tau_s: float, sd: float) -> Floats:
    """Of the noise of a step: sd sqrt(1 - a^2), a = exp(-dt / tau)."""
    kept = math.exp(-dt_s / tau_s)
    return constant(sd * math.sqrt(1.0 - kept * kept))
