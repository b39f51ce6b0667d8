"""Heat, power and the chemistry of gypsum: the few constants that all burners, drives and lines share."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.world.inertia import ONE, Floats

EVAPORATION_MJ_T = 2_600.0
"""Heat to evaporate water from 15 degC and warm the vapour, MJ/t: 2 257 latent at 100 degC + 4.19 x 85 K."""
GYPSUM_MJ_T = 490.0
"""Heat of dihydrate -> hemihydrate + 1.5 H2O vapour, MJ per t of dihydrate: about 84 kJ/mol over 172.17 g/mol."""
STONE_MJ_T_K = 1.09
"""Specific heat of gypsum stone, MJ/(t K)."""
GAS_MJ_M3 = 33.5
"""Lower heating value of natural gas as it is sold in Russia, MJ/m3: 8 000 kcal at 20 degC and 101.325 kPa."""
WATER_OF_GYPSUM = 0.1569
"""Mass that pure dihydrate loses when it becomes hemihydrate: 1.5 x 18.015 / 172.17."""
WATER_TO_SET = 0.186
"""Water that hemihydrate binds when it sets, kg/kg: 1.5 x 18.015 / 145.15."""
NORM_PURITY, NORM_A = 0.90, 0.98
"""Purity of the stone and conversion at which specific figures hold."""
SET_WATER = (
    WATER_TO_SET
    * (1.0 - WATER_OF_GYPSUM)
    * NORM_PURITY
    * NORM_A
    / (1.0 - WATER_OF_GYPSUM * NORM_PURITY * NORM_A)
)  # fmt: skip
"""Water that a tonne of usual stucco binds, t: of it 86 % are hemihydrate, the rest impurities and raw stone."""
NORM_AIR_C = 5.0
"""Outdoor air at which the model's specific gas figures hold, degC: the mean of the year."""


@dataclass(frozen=True, slots=True)
class Drives:
    """What the drives of units take; arrays of shape (units,).

    Attributes:
        rated_kw: At full load, 0 without drives.
        standing: Share of the rated power at no load (friction, fans); 0.3 to 0.6 for mills and dryers.
        stopped: Share when stopped: controls, heating, ventilation.
    """

    rated_kw: Floats
    standing: Floats
    stopped: Floats

    def power_kw(self, running: Floats, load: Floats) -> Floats:
        """A standing part while they run, the rest with load; a little when they are stopped.

        Args:
            running: 1 or 0.
            load: 0 to 1 of full load.
        """
        runs = running * (self.standing + (ONE - self.standing) * load)
        return self.rated_kw * (runs + (ONE - running) * self.stopped)
