"""What stucco is like, carried along by the material itself: how it sets, how pure it is, how far it is converted.

Kept as amounts: rows of mass and of mass times property, shape (`ROWS`, units), so that to mix is to add and to take a
part is to multiply.

Every store is taken as well mixed: what leaves it has the mean of what is inside, and a change at the kettle reaches
the lines as a first-order lag whose time constant is mass over throughput, a day or two for a shop's silos and some
hours for a line's. Stucco is kept fluid by air, several silos are filled and drawn side by side, and a core-flow bunker
lets out early some of what came last. Plug flow would need layers in each silo to keep a front that all this smears.
"""

from __future__ import annotations

import numpy as np

from simulators.world.energy import NORM_A, NORM_PURITY
from simulators.world.inertia import Floats

ROWS = 4
MASS, SETTING, PURITY, CONVERSION = range(ROWS)
"""Mass, t, and mass times: setting time as a factor on the usual one, purity, kg/kg, conversion, 0 to 1."""
_USUAL = np.array([1.0, 1.0, NORM_PURITY, NORM_A])[:, None]
_TRACE_T = 1e-12


def of(mass: Floats, setting: Floats, purity: Floats, conversion: Floats) -> Floats:
    """Some stucco, shape (`ROWS`, units), from its mass, t, and its properties, shape (units,) each."""
    return np.array([mass, mass * setting, mass * purity, mass * conversion])


def usual(mass: Floats) -> Floats:
    """So much stucco, t, as it usually is."""
    return _USUAL * mass


def mean(stucco: Floats, row: int) -> Floats:
    """A property of some stucco, `SETTING`, `PURITY` or `CONVERSION`; the usual one where there is none."""
    found: Floats = (stucco[row] + _TRACE_T * _USUAL[row, 0]) / (stucco[MASS] + _TRACE_T)
    return found
