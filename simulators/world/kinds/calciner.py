"""Calciner: a fired kettle or drum that drives 1.5 of the 2 waters out of dried gypsum stone; makes stucco."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world import grade
from simulators.world.energy import (
    EVAPORATION_MJ_T,
    GAS_MJ_M3,
    GYPSUM_MJ_T,
    NORM_A,
    NORM_PURITY,
    STONE_MJ_T_K,
    WATER_OF_GYPSUM,
)
from simulators.world.firing import FireState, Firing
from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, approach, clamp, ramp, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.setting import minutes_against_usual
from simulators.world.stores import Taken

OUTLET_H = 0.15
"""The hot pit behind the calciner holds nine minutes."""
TURN_DOWN = 0.45
"""Least feed as a share of the set point; below it the flame goes out or the product overburns."""
SLOW_FROM, SLOW_TO = 0.58, 0.88
"""Fill of the silos ahead at which the crew begins to slow the kettle down, and at which it runs at `TURN_DOWN`."""
NORM_C = 155.0
"""Product temperature of beta hemihydrate, degC (150 to 160, the usual range)."""
NORM_MOISTURE = 0.02
"""Free water of the dried stone at which the model's specific gas holds, kg/kg."""
RAW, RAW_PER_K = 1.0 - NORM_A, 4.0
"""2 % of the gypsum stays raw at the norm; e times as much for every 4 K below it, as kettle trials show."""
COLD_C = 120.0
"""A kettle that is under repair when the world starts has cooled to this, degC."""
STONE_IN_C = 60.0
"""The stone comes from the mill's bin at about this temperature, degC."""
STANDING, STORE_S, SETTLE_S = 0.05, 720.0, 900.0
"""The casing loses 5 % of the norm gas; twelve minutes of full fire warm a cold kettle; a quarter of an hour under
control. A kettle without fire cools with 720 s / 0.05 = 4 h."""
COLD_K, COOL_K = 20.0, 6.0
"""The feed is cut back when the product is this much too cold, to nothing and from full: raw stone would go through."""
FEEDER_S = 120.0
"""Time constant of feeder and bed, s."""
RIPPLE_S, RIPPLE_K = 600.0, 0.9
"""The controlled product temperature wanders by 0.9 K over ten minutes."""
PURITY_S, PURITY_SD = 12 * 3_600.0, 0.008
"""The quarry face changes the purity by 0.8 % over half a day."""


@dataclass(frozen=True, slots=True)
class CalcinerState:
    """Product and burner; ripple, K; deviation of purity, kg/kg; feed, t/h; sets, minutes off; CO, relative."""

    fire: FireState
    ripple_k: Floats
    purity_off: Floats
    feed_t_h: Floats
    set_off: Floats
    smoke: Floats


@dataclass(frozen=True, slots=True)
class Calciner(Kind[CalcinerState]):
    """Parameters of all calciners; t/h of dried stone, kW, purity in kg/kg.

    Attributes:
        firing: The burner.
        efficiency: Share of the fired heat, less what the casing loses, that goes into the stone.
    """

    WORK: ClassVar[Work] = Work(
        minor_every_h=60.0, minor_s=300.0, start_s=900.0, life_h=4000.0, standing=0.45, stopped=0.02
    )

    capacity_t_h: Floats
    power_kw: Floats
    firing: Firing
    efficiency: Floats
    purity: Floats
    exhaust: Band
    setting: Band
    speed: Band
    co: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: capacity_t_h (stone), power_kw, gas_m3_t (per t of stucco), purity."""
        capacity, gas_m3_t = group.number("capacity_t_h", 35.0), group.number("gas_m3_t", 27.0)
        zero = np.zeros(len(group))
        norm_mj_t = _heat_mj_t(zero + NORM_MOISTURE, NORM_PURITY * NORM_A, NORM_C)
        norm_yield = (1.0 - NORM_MOISTURE) * (1.0 - WATER_OF_GYPSUM * NORM_PURITY * NORM_A)
        gas_of_stone = gas_m3_t * norm_yield
        return cls(
            group,
            capacity,
            group.number("power_kw", 250.0),
            Firing(zero + NORM_C, gas_of_stone * capacity, STANDING, STORE_S, SETTLE_S),
            norm_mj_t / (gas_of_stone * (1.0 - STANDING) * GAS_MJ_M3),
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
        need = 0.8 * (1.0 - STANDING) * self.firing.norm_m3h * inputs.running
        return CalcinerState(
            self.firing.start(hot, need, inputs.ready, inputs.air_c),
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
        product = state.fire.heat_c + state.ripple_k * inputs.running
        conversion = clamp(1.0 - RAW * np.exp(-(product - NORM_C) / RAW_PER_K), 0.5, 1.0)
        purity = clamp(self.purity + state.purity_off - inputs.impurity, 0.6, 1.0)
        moisture = np.divide(taken.water, taken.amount, out=self.zero, where=taken.amount > 0.0)
        dry = taken.amount - taken.water
        crystal = dry * WATER_OF_GYPSUM * purity * conversion
        heat_mj = taken.amount * _heat_mj_t(moisture, purity * conversion, product)
        need = np.maximum(0.0, heat_mj) / (self.efficiency * GAS_MJ_M3 * inputs.dt_h)
        set_c = inputs.set_points["product_temperature_sp"]
        fire, walls = self.firing.step(
            state.fire, set_c, need, inputs.ready, inputs.gas_supply, inputs.air_c, inputs.dt_s
        )  # fmt: skip
        after = self._next(state, inputs, fire)
        sets = minutes_against_usual(self.purity - purity, conversion, product - NORM_C) + self._set_off(state)
        rate, made = taken.amount / inputs.dt_h, dry - crystal
        shown = {
            "stucco_rate": made / inputs.dt_h,
            "feed_rate": rate,
            "product_temperature": product,
            "conversion": 100.0 * conversion,
            "phase_index": conversion + 0.01 * np.maximum(0.0, product - NORM_C - 3.0),
            "setting_time": self.setting.at(0.5) * sets,
            **self._machine(after, inputs, rate / self.capacity_t_h),
        }
        return after, Outputs(
            shown,
            made=made,
            stucco=grade.of(made, sets, purity, conversion),
            load=rate / self.capacity_t_h,
            gas_m3h=fire.gas_m3h,
            good=made,
            produced=made,
            evaporated=taken.water,
            crystal=crystal,
            heat_mj=heat_mj,
            waste_mj=(need + walls) * GAS_MJ_M3 * inputs.dt_h - heat_mj,
        )

    def _set_off(self, state: CalcinerState) -> Floats:
        """What nobody can explain of the setting time, as a share of the usual one."""
        return 0.1 * state.set_off * self.setting.width / self.setting.at(0.5)

    def _machine(self, after: CalcinerState, inputs: Inputs, load: Floats) -> dict[str, Floats]:
        """What is shown of fire and drum."""
        heat_c, gas = after.fire.heat_c, after.fire.gas_m3h
        fired = gas > 0.01 * self.firing.norm_m3h
        exhaust = self.exhaust.at(0.45 + 0.02 * (heat_c - NORM_C) + 0.15 * (load - 0.8))
        return {
            "burner": 100.0 * gas / self.firing.rated_m3h,
            "exhaust_temperature": np.where(fired & (inputs.running > 0), exhaust, 0.9 * heat_c),
            "drum_speed": self.speed.at(0.2 + 0.6 * load) * inputs.running,
            "co": np.where(fired, self.co.at(0.3 + 0.3 * load + 0.08 * after.smoke), 0.0),
        }

    def _next(self, state: CalcinerState, inputs: Inputs, fire: FireState) -> CalcinerState:
        room = np.minimum(inputs.throttle, 1.0 - (1.0 - TURN_DOWN) * ramp(inputs.ahead, SLOW_FROM, SLOW_TO))
        room = np.where(inputs.throttle > 0.02, np.maximum(TURN_DOWN, room), 0.0)
        room = room * ramp(inputs.set_points["product_temperature_sp"] - fire.heat_c, COLD_K, COOL_K)
        feed = np.minimum(inputs.set_points["feed_rate_sp"], self.capacity_t_h) * room * inputs.running
        return CalcinerState(
            fire,
            wander(state.ripple_k, inputs.normal[0], inputs.dt_s, RIPPLE_S, RIPPLE_K),
            wander(state.purity_off, inputs.normal[1], inputs.dt_s, PURITY_S, PURITY_SD),
            approach(state.feed_t_h, feed, inputs.dt_s, FEEDER_S),
            wander(state.set_off, inputs.normal[2], inputs.dt_s, 3_600.0, 1.0),
            wander(state.smoke, inputs.normal[3], inputs.dt_s, 240.0, 1.0),
        )

    def held(self, state: CalcinerState) -> dict[str, Floats]:
        """Heat of bed and casing."""
        return {"heat_mj": self.firing.capacity_mj_k * state.fire.heat_c}


def _heat_mj_t(moisture: Floats, pure_converted: Floats | float, product_c: Floats | float) -> Floats:
    """Heat into a tonne of dried stone, MJ: its free water, its sensible heat, its crystal water."""
    dry = 1.0 - moisture
    return moisture * EVAPORATION_MJ_T + dry * (STONE_MJ_T_K * (product_c - STONE_IN_C) + GYPSUM_MJ_T * pure_converted)
