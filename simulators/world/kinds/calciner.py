"""Calciner: a fired kettle or drum that drives 1.5 of the 2 waters out of dried gypsum stone; makes stucco."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.energy import (
    EVAPORATION_MJ_T,
    GYPSUM_MJ_T,
    STONE_MJ_T_K,
    WATER_OF_GYPSUM,
    electric,
)
from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, approach, ramp, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

OUTLET_H = 0.15
"""The hot pit behind the calciner holds nine minutes."""
TURN_DOWN = 0.45
"""Least feed as a share of the set point; below it the flame goes out or the product overburns."""
SLOW_FROM, SLOW_TO = 0.58, 0.88
"""Fill of the silos ahead at which the crew begins to slow the kettle down, and at which it runs at `TURN_DOWN`."""
NORM_C = 155.0
"""Product temperature of beta hemihydrate, degC (150 to 160, the usual range)."""
NORM_MOISTURE, NORM_PURITY, NORM_A = 0.02, 0.90, 0.98
"""Free water of the dried stone, purity and conversion at which the model's specific gas holds."""
COLD_C = 120.0
"""A kettle that is under repair when the world starts has cooled to this, degC."""
STONE_IN_C = 60.0
"""The stone comes from the mill's bin at about this temperature, degC."""
HEAT_S, EMPTY_S, COOL_S = 900.0, 300.0, 14_400.0
"""Time constants: a quarter of an hour for the bed under control, five minutes without feed, four hours to cool."""
RIPPLE_S, RIPPLE_K = 600.0, 0.9
"""The controlled product temperature wanders by 0.9 K over ten minutes."""
PURITY_S, PURITY_SD = 12 * 3_600.0, 0.008
"""The quarry face changes the purity by 0.8 % over half a day."""
CASING, HOLD_GAS = 0.03, 0.08
"""Shares of the norm gas: what the casing loses at work, and what keeps a waiting kettle hot."""


@dataclass(frozen=True, slots=True)
class CalcinerState:
    """Product, degC; its ripple, K; deviation of purity, kg/kg; feed, t/h; sets, minutes off; CO, relative."""

    product_c: Floats
    ripple_k: Floats
    purity_off: Floats
    feed_t_h: Floats
    set_off: Floats
    smoke: Floats


@dataclass(frozen=True, slots=True)
class Calciner(Kind[CalcinerState]):
    """Parameters of all calciners; t/h of dried stone, kW, m3 of gas per t of stucco at norm, purity in kg/kg."""

    WORK: ClassVar[Work] = Work(minor_every_h=60.0, minor_s=300.0, start_s=900.0, life_h=4000.0)

    capacity_t_h: Floats
    power_kw: Floats
    gas_m3_t: Floats
    purity: Floats
    exhaust: Band
    setting: Band
    speed: Band
    co: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: capacity_t_h (stone), power_kw, gas_m3_t (per t of stucco), purity."""
        return cls(
            group,
            group.number("capacity_t_h", 35.0),
            group.number("power_kw", 250.0),
            group.number("gas_m3_t", 27.0),
            group.number("purity", NORM_PURITY),
            group.band("exhaust_temperature", 110.0, 150.0),
            group.band("setting_time", 6.0, 10.0),
            group.band("drum_speed", 2.0, 4.0),
            group.band("co", 20.0, 120.0),
        )

    @property
    def capacity(self) -> Floats:
        """Stucco in the hot pit, t."""
        return self.capacity_t_h * OUTLET_H

    def fill(self, uniform: Floats) -> Floats:
        """Little: the elevator takes it away."""
        return self.capacity * 0.2 * uniform

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - one recipe for all
        """Feed at 95 % of capacity, product at the middle of 150 to 160 degC."""
        return {"feed_rate_sp": 0.95 * self.capacity_t_h, "product_temperature_sp": self.zero + NORM_C}

    def start(self, inputs: Inputs) -> CalcinerState:
        """At set point, or cooling slowly."""
        hot = inputs.ready * NORM_C + (1.0 - inputs.ready) * COLD_C
        return CalcinerState(
            hot,
            self.zero,
            PURITY_SD * inputs.normal[0],
            0.8 * self.capacity_t_h * inputs.running,
            inputs.normal[1],
            inputs.normal[2],
        )

    def demand(self, state: CalcinerState, inputs: Inputs) -> Floats:
        """Dried stone, t."""
        return state.feed_t_h * inputs.running * inputs.dt_h

    def step(self, state: CalcinerState, inputs: Inputs, taken: Taken) -> tuple[CalcinerState, Outputs]:
        """Burn what was fed: stucco = feed (1 - w) (1 - 0.1569 p a)."""
        product = state.product_c + state.ripple_k * inputs.running
        conversion = np.clip(1.0 - 0.022 * np.exp(-(product - NORM_C) / 4.0), 0.5, 1.0)
        purity = np.clip(self.purity + state.purity_off, 0.6, 1.0)
        moisture = taken.label
        made = taken.amount * (1.0 - moisture) * (1.0 - WATER_OF_GYPSUM * purity * conversion)
        rate = taken.amount / inputs.dt_h
        load = rate / self.capacity_t_h
        stucco = made / inputs.dt_h
        norm_heat = _heat(self.zero + NORM_MOISTURE, NORM_PURITY * NORM_A, NORM_C)
        norm_yield = (1.0 - NORM_MOISTURE) * (1.0 - WATER_OF_GYPSUM * NORM_PURITY * NORM_A)
        heat = _heat(moisture, purity * conversion, product) / norm_heat
        norm_gas = self.gas_m3_t * norm_yield * self.capacity_t_h
        waiting = (inputs.ready - inputs.running) * HOLD_GAS
        gas = norm_gas * (inputs.running * ((1.0 - CASING) * load * heat + CASING) + waiting)
        after = self._next(state, inputs)
        off_k = product - NORM_C
        shown = {
            "stucco_rate": stucco,
            "feed_rate": rate,
            "burner": 100.0 * np.minimum(1.0, gas / (1.2 * norm_gas)),
            "product_temperature": product,
            "exhaust_temperature": self.exhaust.at(0.45 + 0.02 * off_k + 0.15 * (load - 0.8)) * inputs.running
            + (1.0 - inputs.running) * (0.6 * state.product_c),
            "conversion": 100.0 * conversion,
            "phase_index": conversion + 0.01 * np.maximum(0.0, off_k - 3.0),
            "setting_time": self.setting.at(0.5 - 0.04 * off_k + 0.1 * state.set_off),
            "drum_speed": self.speed.at(0.2 + 0.6 * load) * inputs.running,
            "co": self.co.at(0.3 + 0.3 * load + 0.08 * state.smoke) * inputs.running,
        }
        power = electric(self.power_kw, inputs.running, load, standing=0.45, stopped=0.02)
        return after, Outputs(shown, made=made, label=moisture, power_kw=power, gas_m3h=gas, good=made, produced=made)

    def _next(self, state: CalcinerState, inputs: Inputs) -> CalcinerState:
        set_c = inputs.set_points["product_temperature_sp"]
        tau = np.where(inputs.running > 0, HEAT_S, np.where(inputs.ready > 0, EMPTY_S, COOL_S))
        kept = np.exp(-inputs.dt_s / tau)
        goal = np.where(inputs.ready > 0, set_c, inputs.air_c)
        room = np.minimum(inputs.throttle, 1.0 - (1.0 - TURN_DOWN) * ramp(inputs.ahead, SLOW_FROM, SLOW_TO))
        room = np.where(inputs.throttle > 0.02, np.maximum(TURN_DOWN, room), 0.0)
        feed = np.minimum(inputs.set_points["feed_rate_sp"], self.capacity_t_h) * room * inputs.running
        return CalcinerState(
            goal + (state.product_c - goal) * kept,
            wander(state.ripple_k, inputs.normal[0], inputs.dt_s, RIPPLE_S, RIPPLE_K),
            wander(state.purity_off, inputs.normal[1], inputs.dt_s, PURITY_S, PURITY_SD),
            approach(state.feed_t_h, feed, inputs.dt_s, 120.0),
            wander(state.set_off, inputs.normal[2], inputs.dt_s, 3_600.0, 1.0),
            wander(state.smoke, inputs.normal[3], inputs.dt_s, 240.0, 1.0),
        )


def _heat(moisture: Floats, pure_converted: Floats | float, product_c: Floats | float) -> Floats:
    """Heat into a tonne of dried stone, MJ: its free water, its sensible heat, its crystal water."""
    dry = 1.0 - moisture
    return moisture * EVAPORATION_MJ_T + dry * (STONE_MJ_T_K * (product_c - STONE_IN_C) + GYPSUM_MJ_T * pure_converted)
