"""A fired machine: the burner that its controller drives, and the heat that its walls and its air hold.

The controller knows what the load needs (feed-forward) and adds what the deviation from the set point asks for; the
valve follows in its own time and up to what burner and gas pressure allow. All heat is accounted for: what is fired
goes into the process, out through walls and chimney, or warms the machine. That is why a new set point or a loss of
gas never makes a temperature jump, and why an integral of gas is an integral of heat.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulators.world.energy import GAS_MJ_M3, NORM_AIR_C
from simulators.world.inertia import ZERO, Floats, approach, clamp

VALVE_S = 15.0
"""Time constant of gas valve and fan damper, s: drives of such valves run 30 to 60 s from end to end."""
RESERVE = 1.35
"""A burner is chosen a third larger than the usual load, for wet stone and for warming up."""


@dataclass(frozen=True, slots=True)
class FireState:
    """Temperature of what is heated, degC, and gas of the burner, m3/h; of any one shape."""

    heat_c: Floats
    gas_m3h: Floats


@dataclass(frozen=True, slots=True)
class Firing:
    """Parameters, of the same shape or broadcast to it.

    Attributes:
        usual_c: Temperature at norm.
        norm_m3h: Gas at usual load and norm air, what the walls lose included.
        standing: Share of it that the walls lose at the usual temperature.
        store_s: So long the norm gas would have to burn to warm the empty machine from norm air to `usual_c`, s.
        settle_s: Time constant under control, s.
    """

    usual_c: Floats
    norm_m3h: Floats
    standing: float
    store_s: float
    settle_s: float
    rated_m3h: Floats = field(init=False)
    """The most that the burner can fire at full gas pressure."""
    _walls_m3h: Floats = field(init=False)
    _above_k: Floats = field(init=False)
    _per_k: Floats = field(init=False)
    _asked_per_k: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what every step needs."""
        above_k = self.usual_c - NORM_AIR_C
        per_k = self.norm_m3h * self.store_s / above_k
        derived = {
            "rated_m3h": RESERVE * self.norm_m3h,
            "_walls_m3h": self.standing * self.norm_m3h,
            "_above_k": above_k,
            "_per_k": per_k,
            "_asked_per_k": per_k * (1.0 / self.settle_s + self.standing / self.store_s),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @property
    def capacity_mj_k(self) -> Floats:
        """Heat that the machine takes up per kelvin, MJ/K."""
        return self.norm_m3h * GAS_MJ_M3 * self.store_s / 3600.0 / (self.usual_c - NORM_AIR_C)

    def walls_m3h(self, heat_c: Floats, air_c: Floats) -> Floats:
        """Gas that makes up for what the walls lose at `heat_c`."""
        return self._walls_m3h * np.maximum(ZERO, heat_c - air_c) / self._above_k

    def start(self, heat_c: Floats, need_m3h: Floats, ready: Floats, air_c: Floats) -> FireState:
        """At rest at `heat_c` with the gas that keeps it there; out where it is not ready."""
        return FireState(heat_c, ready * (need_m3h + self.walls_m3h(heat_c, air_c)))

    def step(
        self,
        before: FireState,
        set_c: Floats,
        need_m3h: Floats,
        ready: Floats,
        supply: Floats,
        air_c: Floats,
        dt_s: float,
    ) -> tuple[FireState, Floats]:
        """The state `dt_s` later, and the gas that the walls took until then, m3/h.

        Args:
            before: The state to go on from.
            set_c: Set point of the temperature, degC.
            need_m3h: Gas that the load takes at its present temperature, m3/h.
            ready: 1 while the burner may fire.
            supply: Share of the gas pressure that is there.
            air_c: Outdoor air, degC.
            dt_s: Length of the step, s; well below `store_s`.
        """
        walls = self.walls_m3h(before.heat_c, air_c)
        asked = need_m3h + walls + self._asked_per_k * (set_c - before.heat_c)
        most = self.rated_m3h * supply * ready
        gas = approach(before.gas_m3h, clamp(asked, ZERO, most), dt_s, VALVE_S)
        gas = np.minimum(gas, most)
        return FireState(before.heat_c + (gas - need_m3h - walls) * dt_s / self._per_k, gas), walls
