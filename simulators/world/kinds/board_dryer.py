"""Board dryer: three zones of hot air over a belt that takes 40 to 60 minutes from end to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.energy import NORM_AIR_C, electric
from simulators.world.group import Band, Group
from simulators.world.inertia import Bools, Floats, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.lag import LagState, content, filled, travel
from simulators.world.stores import Taken
from simulators.world.zones import NAMES, Zones, ZonesState

SLOTS = 181
"""Slots of the ring: 180 of them pass in the transport time, so that none is shorter than 10 s from 30 minutes on."""
ZONE_C = (210.0, 170.0, 115.0)
"""Air in the zones, degC."""
TARGET_MOISTURE = 0.6
"""Moisture of a dried board, %."""
MOIST_PER_K = 22.0
"""The moisture left falls to 1/e when the zones are hotter by this much on average, K."""
MOIST_S, MOIST_SD = 300.0, 0.06
"""Unevenness of the boards lets the moisture wander by 6 % of itself over five minutes."""
DRYER_SCRAP = 0.6
"""Part of the product's usual scrap that drying makes; the former makes the rest."""
MOIST_PER_LOAD = 0.3
"""A dryer that is loaded by 10 % more than usual leaves 3 % more moisture."""
HEAT_S, COOL_S = 300.0, 7_200.0
"""Time constants: five minutes under control, two hours for a stopped dryer."""
RIPPLE_S, RIPPLE_K = 400.0, 0.8
"""The zones wander by 0.8 K over seven minutes."""
FRESH_AIR_K = 160.0
"""Fresh air is heated by about this much at norm; a colder day adds its difference to a third of the heat."""
FRESH_SHARE = 0.33
TRACE_M2 = 1e-6
"""With less than this inside, a dryer is empty."""
STANDING_GAS = 0.06
"""Share of the norm gas that keeps the casing hot."""
ENTRY_BELT = 1.25
"""The entry takes boards up to this multiple of the fastest product."""
OVERDRIED, UNDRIED = 0.25, 1.2
"""Moistures, %, beyond which boards are rejected: burnt edges, soft core."""


@dataclass(frozen=True, slots=True)
class DryerState:
    """Boards inside, m2; the zones; wandering of moisture."""

    inside: LagState
    zones: ZonesState
    moist: Floats


@dataclass(frozen=True, slots=True)
class BoardDryer(Kind[DryerState]):
    """Parameters of all board dryers; s, m3 of gas per m2 at norm, kW, m2/h."""

    WORK: ClassVar[Work] = Work(minor_every_h=60.0, minor_s=180.0, start_s=60.0, life_h=5000.0)

    lag_s: Floats
    gas_m3_m2: Floats
    power_kw: Floats
    rate: Band
    zones: Zones
    humidity: tuple[Band, ...]
    current: tuple[Band, ...]

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: lag_min, gas_m3_m2, power_kw."""
        return cls(
            group,
            group.number("lag_min", 50.0) * 60.0,
            group.number("gas_m3_m2", 0.34),
            group.number("power_kw", 450.0),
            group.band("board_rate", 2200.0, 5700.0),
            Zones.of(group, ZONE_C, heat_s=HEAT_S, cool_s=COOL_S, ripple_s=RIPPLE_S, ripple_k=RIPPLE_K),
            tuple(group.band(f"{zone}_humidity", 15.0, 35.0) for zone in NAMES),
            tuple(group.band(f"fan{i}_current", 110.0, 220.0) for i in (1, 2, 3)),
        )

    @property
    def capacity(self) -> Floats:
        """Boards between dryer and stacker, m2: five minutes."""
        return self.rate.high / 12.0

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - one programme for all
        """Zones at the middle of their ranges."""
        return self.zones.recipe

    def start(self, inputs: Inputs) -> DryerState:
        """Full of boards, at set points."""
        pace = np.where(inputs.pace > 0.0, inputs.pace, self.rate.at(0.5))
        per_slot = 0.95 * pace / 3600.0 * self.lag_s / (SLOTS - 1)
        return DryerState(
            filled(per_slot, self.lag_s / (SLOTS - 1), SLOTS, inputs.now_s), self.zones.start(inputs), inputs.normal[3]
        )

    def demand(self, state: DryerState, inputs: Inputs) -> Floats:  # noqa: ARG002 - the belt takes what comes
        """Whatever lies at the entry, m2."""
        return ENTRY_BELT * self.rate.high * inputs.dt_h * inputs.running

    def step(self, state: DryerState, inputs: Inputs, taken: Taken) -> tuple[DryerState, Outputs]:
        """Move the boards on; gas goes with the water of what is inside, moisture with heat and load."""
        passed = inputs.running * inputs.dt_s * (SLOTS - 1) / self.lag_s
        inside, out, bad, label = travel(state.inside, taken.amount, taken.bad, taken.label, passed)
        held = content(inside)
        drying = held / self.lag_s * 3600.0
        usual = self.rate.at(0.6)
        hotter = self.zones.excess_k(state.zones)
        moisture = TARGET_MOISTURE * np.exp(-hotter / MOIST_PER_K) * (1.0 + MOIST_PER_LOAD * (drying / usual - 1.0))
        moisture = np.clip(moisture * (1.0 + MOIST_SD * state.moist), 0.05, 9.0)
        off = (moisture < OVERDRIED) | (moisture > UNDRIED)
        scrap = np.where(off, 0.5, DRYER_SCRAP * inputs.scrap)
        bad = bad + (out - bad) * np.minimum(1.0, scrap)
        cold = 1.0 + FRESH_SHARE * (NORM_AIR_C - inputs.air_c) / FRESH_AIR_K
        hot = inputs.running * (1.0 - STANDING_GAS) * drying + STANDING_GAS * usual
        gas = self.gas_m3_m2 * cold * hot * inputs.ready
        after = self._next(state, inside, inputs)
        load = drying / usual
        power = electric(self.power_kw, inputs.running, np.minimum(1.0, 0.9 * load), standing=0.6, stopped=0.1)
        shown = {
            "board_rate": out / inputs.dt_h,
            "outlet_moisture": moisture,
            **after.zones.shown,
            **self._air(after.zones, inputs, load),
        }
        empty: Bools = (inputs.running > 0) & (held <= TRACE_M2)
        return after, Outputs(shown, made=out, bad=bad, label=label, power_kw=power, gas_m3h=gas, starved=empty)

    def _air(self, zones: ZonesState, inputs: Inputs, load: Floats) -> dict[str, Floats]:
        """Humidity and fans of the zones."""
        shown = {}
        for i, zone in enumerate(NAMES):
            shown[f"{zone}_humidity"] = self.humidity[i].at(0.15 + 0.35 * load + 0.03 * zones.ripple_k[i])
            running = inputs.running * (0.3 + 0.3 * np.minimum(1.2, load) + 0.02 * zones.ripple_k[i])
            shown[f"fan{i + 1}_current"] = self.current[i].at(running) * inputs.running
        return shown

    def _next(self, state: DryerState, inside: LagState, inputs: Inputs) -> DryerState:
        return DryerState(
            inside,
            self.zones.step(state.zones, inputs),
            wander(state.moist, inputs.normal[3], inputs.dt_s, MOIST_S, 1.0),
        )
