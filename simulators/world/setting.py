"""How fast stucco sets, and what lines that wait for it make of that."""

from __future__ import annotations

import numpy as np

from simulators.world.energy import NORM_A
from simulators.world.inertia import Floats, clamp

PER_IMPURITY = 5.0
"""Setting takes 5 % longer per 1 % less gypsum in the stone: clay and anhydrite do not crystallise."""
PER_RAW = -4.0
"""It takes 4 % less per 1 % more raw gypsum left: its crystals are seeds, the accelerator that board plants add too."""
PER_OVERBURNT_K, OVERBURNT_K = 0.02, 3.0
"""It takes 2 % longer per kelvin beyond 3 K above the norm: dead-burnt anhydrite."""
FASTEST, SLOWEST = 0.4, 3.0
"""Bounds of the factor; outside of them nobody would use the stucco."""
KNIFE_RESERVE = 1.12
"""Lines are laid out so that the usual stucco has set 12 % before it reaches the knife or leaves the mould."""


def minutes_against_usual(impurity: Floats, conversion: Floats, hotter_k: Floats) -> Floats:
    """Setting time as a factor on the usual one, linear about the norm.

    Args:
        impurity: By how much the purity is below the usual one, kg/kg.
        conversion: Of gypsum to hemihydrate, 0 to 1.
        hotter_k: Product temperature above the norm, K.
    """
    overburnt = PER_OVERBURNT_K * np.maximum(0.0, hotter_k - OVERBURNT_K)
    factor = 1.0 + PER_IMPURITY * impurity + PER_RAW * (NORM_A - conversion) + overburnt
    return clamp(factor, FASTEST, SLOWEST)


def pace_allowed(setting: Floats) -> Floats:
    """Share of its usual speed at which a line still gets set stucco to the knife, at most 1.

    Args:
        setting: Setting time of the stucco that it works with, as a factor on the usual one.
    """
    return np.minimum(1.0, KNIFE_RESERVE / np.maximum(FASTEST, setting))
