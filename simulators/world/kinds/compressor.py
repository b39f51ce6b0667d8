"""Compressor: keeps the air pressure while the machines of the site draw air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, approach, clamp, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

PRESSURE_S = 60.0
"""Receiver and controller settle within a few minutes."""
RIPPLE_S, RIPPLE_BAR = 45.0, 0.05
"""Valves that open somewhere move the pressure by 0.05 bar within a minute."""
OIL_S = 900.0
"""The oil warms up in about three quarters of an hour."""
BLEED_S = 1_200.0
"""Without the compressor the receiver empties through the leaks in about an hour."""


@dataclass(frozen=True, slots=True)
class CompressorState:
    """Pressure, bar; its ripple, bar; oil, degC; wandering of the dew point. Shapes (units,)."""

    pressure: Floats
    ripple: Floats
    oil_c: Floats
    dew: Floats


@dataclass(frozen=True, slots=True)
class Compressor(Kind[CompressorState]):
    """Parameters of all compressors; bar, kW."""

    WORK: ClassVar[Work] = Work(start_s=20.0, life_h=6000.0, standing=0.3, stopped=0.01)

    pressure_bar: Floats
    power_kw: Floats
    oil: Band
    dew: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: pressure_bar, power_kw."""
        return cls(
            group,
            group.number("pressure_bar", 7.0),
            group.number("power_kw", 75.0),
            group.band("oil_temperature", 60.0, 95.0),
            group.band("dew_point", -45.0, 5.0),
        )

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - the same for all
        """Nominal pressure."""
        return {"pressure_sp": self.pressure_bar}

    def start(self, inputs: Inputs) -> CompressorState:
        """At pressure, warm."""
        return CompressorState(self.pressure_bar, RIPPLE_BAR * inputs.normal[0], self.oil.at(0.5), inputs.normal[1])

    def step(self, state: CompressorState, inputs: Inputs, taken: Taken) -> tuple[CompressorState, Outputs]:  # noqa: ARG002
        """Load follows how many machines of the site run, and the pressure asked for."""
        asked = inputs.set_points["pressure_sp"]
        load = clamp(inputs.activity * asked / self.pressure_bar + 0.5 * state.ripple)
        goal = asked * inputs.running
        kept = np.exp(-inputs.dt_s / np.where(inputs.running > 0, PRESSURE_S, BLEED_S))
        warm = np.where(inputs.running > 0, self.oil.at(0.1 + 0.6 * load), inputs.air_c + 12.0)
        after = CompressorState(
            goal + (state.pressure - goal) * kept,
            wander(state.ripple, inputs.normal[0], inputs.dt_s, RIPPLE_S, RIPPLE_BAR),
            approach(state.oil_c, warm, inputs.dt_s, OIL_S),
            wander(state.dew, inputs.normal[1], inputs.dt_s, 3_600.0, 1.0),
        )
        shown = {
            "pressure": np.maximum(0.0, after.pressure + after.ripple * inputs.running),
            "oil_temperature": after.oil_c,
            "dew_point": self.dew.at(0.6 + 0.04 * state.dew + 0.004 * (inputs.air_c - 5.0)),
        }
        return after, Outputs(shown, load=load)
