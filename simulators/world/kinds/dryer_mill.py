"""Dryer mill: hot gas carries the stone through the mill, dries it and sifts it; the outlet gas is controlled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.energy import EVAPORATION_MJ_T, GAS_MJ_M3, NORM_AIR_C, STONE_MJ_T_K
from simulators.world.firing import FireState, Firing
from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, approach, clamp, ramp, wander
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
STANDING, STORE_S, SETTLE_S = 0.12, 1_080.0, 420.0
"""The casing loses 12 % of the norm gas; 18 minutes of full fire warm a cold mill; seven minutes under control.
A mill without fire cools with 1080 s / 0.12 = 2.5 h."""
COLD_K, COOL_K = 30.0, 12.0
"""The feeder is cut back when the outlet is this much too cold, to nothing and from full: wet stone would clog it."""
WARM_SHARE = 0.6
"""A mill that stands when the world starts has kept this share of its heat."""
RIPPLE_S, RIPPLE_K = 300.0, 1.2
"""The controlled temperature wanders by 1.2 K over five minutes."""
INLET_S, INLET_IDLE, INLET_SHARE = 60.0, 0.05, 0.55
"""The hot gas enters at 5 % of its normal range without load, at 60 % at the norm gas flow, after a minute."""
FEEDER_S = 60.0
"""Time constant of the feeder, s."""


@dataclass(frozen=True, slots=True)
class DryerMillState:
    """Outlet gas and burner; inlet gas, degC; ripples of temperature, K, and of fineness, relative; feed, t/h."""

    fire: FireState
    inlet_c: Floats
    ripple_k: Floats
    grain: Floats
    feed_t_h: Floats


@dataclass(frozen=True, slots=True)
class DryerMill(Kind[DryerMillState]):
    """Parameters of all mills; t/h of wet stone, kW.

    Attributes:
        firing: The hot gas generator.
        efficiency: Share of the fired heat, less what the casing loses, that dries and warms the stone.
    """

    WORK: ClassVar[Work] = Work(
        minor_every_h=40.0, minor_s=300.0, start_s=240.0, life_h=2500.0, standing=0.5, stopped=0.01
    )

    capacity_t_h: Floats
    power_kw: Floats
    firing: Firing
    efficiency: Floats
    outlet: Band
    inlet: Band
    current: Band
    fineness: Band
    vibration: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: capacity_t_h (wet stone), power_kw, gas_m3_t (per t of wet stone at norm)."""
        capacity, gas_m3_t = group.number("capacity_t_h", 35.0), group.number("gas_m3_t", 4.8)
        outlet = group.band("outlet_temperature", 75.0, 95.0)
        norm_mj_t = (NORM_MOISTURE - DRY_MOISTURE) * EVAPORATION_MJ_T + STONE_MJ_T_K * STONE_OUT_K
        return cls(
            group,
            capacity,
            group.number("power_kw", 400.0),
            Firing(outlet.at(0.5), gas_m3_t * capacity, STANDING, STORE_S, SETTLE_S),
            norm_mj_t / (gas_m3_t * (1.0 - STANDING) * GAS_MJ_M3),
            outlet,
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
        usual = self.outlet.at(0.5)
        heat = np.where(inputs.ready > 0, usual, inputs.air_c + WARM_SHARE * (usual - inputs.air_c))
        feed = self.capacity_t_h * 0.8 * inputs.running
        need = (1.0 - STANDING) * self.firing.norm_m3h * 0.8 * inputs.running
        fire = self.firing.start(heat, need, inputs.ready, inputs.air_c)
        inlet = np.where(inputs.running > 0, self.inlet.at(0.5), heat)
        return DryerMillState(fire, inlet, self.zero, inputs.normal[0], feed)

    def demand(self, state: DryerMillState, inputs: Inputs) -> Floats:
        """Wet stone, t."""
        return state.feed_t_h * inputs.running * inputs.dt_h

    def step(self, state: DryerMillState, inputs: Inputs, taken: Taken) -> tuple[DryerMillState, Outputs]:
        """Dry and mill; gas follows the water and the cold that come in."""
        wet, heat_c = inputs.stone_moisture, state.fire.heat_c
        excess_k = heat_c - self.outlet.at(0.5)
        left = clamp(DRY_MOISTURE * wet / NORM_MOISTURE * np.exp(-excess_k / DRY_PER_K), 0.004, wet)
        made = taken.amount * (1.0 - wet) / (1.0 - left)
        evaporated = taken.amount - made
        stone_out_c = NORM_AIR_C + STONE_OUT_K + excess_k
        heat_mj = evaporated * EVAPORATION_MJ_T + taken.amount * STONE_MJ_T_K * (stone_out_c - inputs.air_c)
        need = heat_mj / (self.efficiency * GAS_MJ_M3 * inputs.dt_h)
        set_c = inputs.set_points["outlet_temperature_sp"]
        fire, walls = self.firing.step(
            state.fire, set_c, need, inputs.ready, inputs.gas_supply, inputs.air_c, inputs.dt_s
        )  # fmt: skip
        after = self._next(state, inputs, fire)
        load, shown = self._shown(after, inputs, taken.amount / inputs.dt_h)
        return after, Outputs(
            shown,
            made=made,
            water=made * left,
            load=load,
            gas_m3h=fire.gas_m3h,
            evaporated=evaporated,
            heat_mj=heat_mj,
            waste_mj=(need + walls) * GAS_MJ_M3 * inputs.dt_h - heat_mj,
        )

    def _shown(self, after: DryerMillState, inputs: Inputs, rate: Floats) -> tuple[Floats, dict[str, Floats]]:
        """Load of the drives and the metrics."""
        load = rate / self.capacity_t_h
        grain = after.grain
        shown = {
            "feed_rate": rate,
            "inlet_temperature": after.inlet_c + 3.0 * after.ripple_k,
            "outlet_temperature": after.fire.heat_c + after.ripple_k * inputs.running,
            "fan_current": self.current.at(0.3 + 0.4 * load) * inputs.running,
            "fineness": self.fineness.at(0.2 + 0.5 * inputs.wear + 0.06 * grain),
            "vibration": self.vibration.at(0.1 + 0.2 * load + 0.6 * inputs.wear**2 + 0.02 * grain) * inputs.running,
        }
        return load, shown

    def _next(self, state: DryerMillState, inputs: Inputs, fire: FireState) -> DryerMillState:
        """The feed goes to its set point, less as the bin behind fills or the gas is cold, not below what it needs."""
        room = np.where(inputs.throttle > 0.02, np.maximum(TURN_DOWN, inputs.throttle), 0.0)
        short_k = inputs.set_points["outlet_temperature_sp"] - fire.heat_c
        room = room * ramp(short_k, COLD_K, COOL_K)
        goal = np.minimum(inputs.set_points["feed_rate_sp"], self.capacity_t_h) * room * inputs.running
        hot = self.inlet.at(INLET_IDLE + INLET_SHARE * fire.gas_m3h / self.firing.norm_m3h)
        waste = np.where(fire.gas_m3h > 0.0, np.maximum(hot, fire.heat_c), fire.heat_c)
        return DryerMillState(
            fire,
            approach(state.inlet_c, waste, inputs.dt_s, INLET_S),
            wander(state.ripple_k, inputs.normal[0], inputs.dt_s, RIPPLE_S, RIPPLE_K),
            wander(state.grain, inputs.normal[1], inputs.dt_s, 1_800.0, 1.0),
            approach(state.feed_t_h, goal, inputs.dt_s, FEEDER_S),
        )

    def held(self, state: DryerMillState) -> dict[str, Floats]:
        """Heat of the casing."""
        return {"heat_mj": self.firing.capacity_mj_k * state.fire.heat_c}
