"""Dryer mill: hot gas carries the stone through the mill, dries it and sifts it; the outlet gas is controlled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.energy import EVAPORATION_MJ_T, NORM_AIR_C, STONE_MJ_T_K, electric
from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, approach, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

OUTLET_H = 0.4
"""The bin between mill and calciner holds 24 minutes of milling."""
TURN_DOWN = 0.35
"""A mill cannot be fed with less than this share of its set point: the bed would be too thin."""
NORM_MOISTURE = 0.04
"""Free water of the stone at which the model's specific gas holds, kg/kg."""
DRY_MOISTURE = 0.02
"""Free water behind the mill at norm moisture and set point, kg/kg (1 to 5 % go into the calciner)."""
DRY_PER_K = 15.0
"""The water left over falls to 1/e for this much more outlet temperature, K."""
STONE_OUT_K = 70.0
"""The stone leaves this much above norm air, K."""
IDLE_GAS = 0.12
"""Share of the norm gas flow that keeps the casing hot while nothing is fed."""
HEAT_S = 420.0
"""Time constant of the outlet gas with its controller, s; a mill that waits is kept hot."""
COOL_S = 9_000.0
"""A stopped mill cools with this time constant, s."""
RIPPLE_S, RIPPLE_K = 300.0, 1.2
"""The controlled temperature wanders by 1.2 K over five minutes."""
INLET_IDLE, INLET_SHARE = 0.05, 0.55
"""The hot gas enters at 5 % of its normal range without load, and at 60 % at the norm gas flow."""


@dataclass(frozen=True, slots=True)
class DryerMillState:
    """Outlet and inlet gas, degC; ripples of temperature, K, and of fineness, relative; feed, t/h. Shapes (units,)."""

    outlet_c: Floats
    inlet_c: Floats
    ripple_k: Floats
    grain: Floats
    feed_t_h: Floats


@dataclass(frozen=True, slots=True)
class DryerMill(Kind[DryerMillState]):
    """Parameters of all mills; t/h of wet stone, kW, m3 of gas per t of wet stone at norm."""

    WORK: ClassVar[Work] = Work(minor_every_h=40.0, minor_s=300.0, start_s=240.0, life_h=2500.0)

    capacity_t_h: Floats
    power_kw: Floats
    gas_m3_t: Floats
    outlet: Band
    inlet: Band
    current: Band
    fineness: Band
    vibration: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: capacity_t_h (wet stone), power_kw, gas_m3_t."""
        return cls(
            group,
            group.number("capacity_t_h", 35.0),
            group.number("power_kw", 400.0),
            group.number("gas_m3_t", 4.8),
            group.band("outlet_temperature", 75.0, 95.0),
            group.band("inlet_temperature", 260.0, 420.0),
            group.band("fan_current", 60.0, 180.0),
            group.band("fineness", 4.0, 12.0),
            group.band("vibration", 1.0, 4.5),
        )

    @property
    def capacity(self) -> Floats:
        """Dried stone in the bin behind the mill, t."""
        return self.capacity_t_h * OUTLET_H

    def fill(self, uniform: Floats) -> Floats:
        """Half full or more, as the throttle keeps it."""
        return self.capacity * (0.45 + 0.25 * uniform)

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - one recipe for all
        """Feed at 95 % of capacity, outlet in the middle of its range."""
        return {"feed_rate_sp": 0.95 * self.capacity_t_h, "outlet_temperature_sp": self.outlet.at(0.5)}

    def start(self, inputs: Inputs) -> DryerMillState:
        """At set point, or cooling down."""
        hot = inputs.running * self.outlet.at(0.5) + (1.0 - inputs.running) * (inputs.air_c + 40.0)
        feed = self.capacity_t_h * 0.8 * inputs.running
        return DryerMillState(
            hot, np.where(inputs.running > 0, self.inlet.at(0.5), hot), self.zero, inputs.normal[0], feed
        )

    def demand(self, state: DryerMillState, inputs: Inputs) -> Floats:
        """Wet stone, t."""
        return state.feed_t_h * inputs.running * inputs.dt_h

    def step(self, state: DryerMillState, inputs: Inputs, taken: Taken) -> tuple[DryerMillState, Outputs]:
        """Dry and mill; gas follows the water and the cold that come in."""
        wet = inputs.stone_moisture
        set_c = inputs.set_points["outlet_temperature_sp"]
        excess_k = state.outlet_c - self.outlet.at(0.5)
        left = np.clip(DRY_MOISTURE * wet / NORM_MOISTURE * np.exp(-excess_k / DRY_PER_K), 0.004, wet)
        made = taken.amount * (1.0 - wet) / (1.0 - left)
        rate = taken.amount / inputs.dt_h
        load = rate / self.capacity_t_h
        heat = (wet - left) * EVAPORATION_MJ_T + STONE_MJ_T_K * (NORM_AIR_C + STONE_OUT_K - inputs.air_c)
        norm = (NORM_MOISTURE - DRY_MOISTURE) * EVAPORATION_MJ_T + STONE_MJ_T_K * STONE_OUT_K
        norm_gas = self.gas_m3_t * self.capacity_t_h
        gas = inputs.running * norm_gas * (IDLE_GAS + (1.0 - IDLE_GAS) * load * heat / norm)
        kept = np.exp(-inputs.dt_s / np.where(inputs.ready > 0, HEAT_S, COOL_S))
        goal = np.where(inputs.ready > 0, set_c, inputs.air_c)
        outlet = goal + (state.outlet_c - goal) * kept
        ripple = wander(state.ripple_k, inputs.normal[0], inputs.dt_s, RIPPLE_S, RIPPLE_K)
        waste = np.where(inputs.running > 0, self.inlet.at(INLET_IDLE + INLET_SHARE * gas / norm_gas), outlet)
        inlet = approach(state.inlet_c, waste, inputs.dt_s, HEAT_S)
        grain = wander(state.grain, inputs.normal[1], inputs.dt_s, 1_800.0, 1.0)
        after = DryerMillState(outlet, inlet, ripple, grain, self._feed(state, inputs))
        shown = {
            "feed_rate": rate,
            "inlet_temperature": inlet + 3.0 * ripple,
            "outlet_temperature": outlet + ripple * inputs.running,
            "fan_current": self.current.at(0.3 + 0.4 * load) * inputs.running,
            "fineness": self.fineness.at(0.2 + 0.5 * inputs.wear + 0.06 * grain),
            "vibration": self.vibration.at(0.1 + 0.2 * load + 0.6 * inputs.wear**2 + 0.02 * grain) * inputs.running,
        }
        power = electric(self.power_kw, inputs.running, load, standing=0.5, stopped=0.01)
        return after, Outputs(shown, made=made, label=left, power_kw=power, gas_m3h=gas)

    def _feed(self, state: DryerMillState, inputs: Inputs) -> Floats:
        """Feed for the next step: at the set point, less as the bin behind fills, not below what the mill needs."""
        room = np.where(inputs.throttle > 0.02, np.maximum(TURN_DOWN, inputs.throttle), 0.0)
        goal = np.minimum(inputs.set_points["feed_rate_sp"], self.capacity_t_h) * room * inputs.running
        return approach(state.feed_t_h, goal, inputs.dt_s, 60.0)
