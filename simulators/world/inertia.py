"""First-order lags and random walks, solved exactly, so that 1 s and 10 s steps agree in the mean."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def approach(value: Floats, target: Floats | float, dt_s: float, tau_s: float) -> Floats:
    """`value` after `dt_s` of a first-order lag with time constant `tau_s` towards a constant `target`.

    Exact solution of dx/dt = (target - x) / tau.
    """
    return target + (value - target) * math.exp(-dt_s / tau_s)


def wander(value: Floats, normal: Floats, dt_s: float, tau_s: float, sd: Floats | float) -> Floats:
    """One step of an Ornstein-Uhlenbeck process about 0 with stationary deviation `sd` and memory `tau_s`.

    Exact discretisation: x' = x a + sd sqrt(1 - a^2) N(0, 1), a = exp(-dt / tau).
    """
    kept = math.exp(-dt_s / tau_s)
    return value * kept + sd * math.sqrt(1.0 - kept * kept) * normal


def ramp(value: Floats, low: float, high: float) -> Floats:
    """0 at or below `low`, 1 at or above `high`, straight between; `low` may be the larger of the two."""
    return np.minimum(1.0, np.maximum(0.0, (value - low) / (high - low)))
