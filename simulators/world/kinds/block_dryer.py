"""Block dryer: a tunnel in which cars of blocks lose their water within about a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.energy import NORM_AIR_C, electric
from simulators.world.group import Band, Group
from simulators.world.inertia import Bools, Floats, approach, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.lag import LagState, content, filled, travel
from simulators.world.stores import Taken
from simulators.world.zones import Zones, ZonesState

SLOTS = 289
"""Slots of the ring: 288 of them pass in the transport time, five minutes each for a day: about one car."""
ZONE_C = (78.0, 68.0, 52.0)
"""Air in the zones, degC; gypsum must stay cold enough not to calcine again."""
HEAT_S, COOL_S = 1_200.0, 36_000.0
"""Time constants: twenty minutes under control, ten hours for a stopped tunnel full of blocks."""
RIPPLE_S, RIPPLE_K = 900.0, 0.5
"""The zones wander by half a kelvin over a quarter of an hour."""
MOIST_PER_K = 14.0
"""The moisture left falls to 1/e when the zones are hotter by this much on average, K."""
MOIST_S, MOIST_SD = 3_600.0, 0.05
"""Cars differ: the moisture at release wanders by 5 % of itself over an hour."""
WET = 12.0
"""Moisture at release, %, above which a lot is rejected."""
TUNNEL_AIR_K, FRESH_SHARE = 65.0, 0.30
"""Fresh air is heated by about this much at norm and takes this share of the heat."""
TRACE_M2 = 1e-6
"""With less than this inside, a dryer is empty."""
STANDING_GAS = 0.12
"""Share of the norm gas that the walls lose."""
RATE_S = 1_800.0
"""Cars leave one by one; the rate is shown smoothed over half an hour."""
DRYER_SCRAP = 0.5
"""Part of the product's usual scrap that drying makes: cracks; moulding makes the rest."""
USUAL = 0.9
"""Of the usual rate the tunnel is filled at the start, as stops leave gaps between cars."""


@dataclass(frozen=True, slots=True)
class TunnelState:
    """Blocks inside, m2; the zones; wandering of moisture; smoothed rate, m2/h."""

    inside: LagState
    zones: ZonesState
    moist: Floats
    rate: Floats


@dataclass(frozen=True, slots=True)
class BlockDryer(Kind[TunnelState]):
    """Parameters of all block dryers; s, m3 of gas per m2 at norm, kW, m2/h."""

    WORK: ClassVar[Work] = Work(minor_every_h=80.0, minor_s=240.0, start_s=60.0, life_h=8000.0)

    lag_s: Floats
    gas_m3_m2: Floats
    power_kw: Floats
    rate: Band
    moisture: Band
    zones: Zones
    current: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: lag_h, gas_m3_m2, power_kw."""
        return cls(
            group,
            group.number("lag_h", 24.0) * 3600.0,
            group.number("gas_m3_m2", 4.0),
            group.number("power_kw", 90.0),
            group.band("block_rate", 60.0, 95.0),
            group.band("outlet_moisture", 6.0, 11.5),
            Zones.of(group, ZONE_C, heat_s=HEAT_S, cool_s=COOL_S, ripple_s=RIPPLE_S, ripple_k=RIPPLE_K),
            group.band("fan_current", 70.0, 140.0),
        )

    @property
    def capacity(self) -> Floats:
        """Dry blocks before the palletizer, m2: an hour."""
        return self.rate.high

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - one programme for all
        """Zones at the middle of their ranges."""
        return self.zones.recipe

    def start(self, inputs: Inputs) -> TunnelState:
        """Full of blocks, at set points."""
        pace = np.where(inputs.pace > 0.0, inputs.pace, self.rate.at(0.5))
        slot_s = self.lag_s / (SLOTS - 1)
        inside = filled(USUAL * pace / 3600.0 * slot_s, slot_s, SLOTS, inputs.now_s)
        return TunnelState(inside, self.zones.start(inputs), inputs.normal[3], USUAL * pace * inputs.running)

    def demand(self, state: TunnelState, inputs: Inputs) -> Floats:  # noqa: ARG002 - the tunnel takes what comes
        """Whatever waits before the tunnel, m2."""
        return 2.0 * self.rate.high * inputs.dt_h * inputs.running

    def step(self, state: TunnelState, inputs: Inputs, taken: Taken) -> tuple[TunnelState, Outputs]:
        """Push the cars on; gas goes with what is inside, moisture with the heat that it had."""
        passed = inputs.running * inputs.dt_s * (SLOTS - 1) / self.lag_s
        inside, out, bad, label = travel(state.inside, taken.amount, taken.bad, taken.label, passed)
        held = content(inside)
        drying = held / self.lag_s * 3600.0
        hotter = self.zones.excess_k(state.zones)
        moisture = self.moisture.at(0.55) * np.exp(-hotter / MOIST_PER_K) * (1.0 + MOIST_SD * state.moist)
        moisture = np.clip(moisture, 0.5, 38.0)
        scrap = np.where(moisture > WET, 0.4, DRYER_SCRAP * inputs.scrap)
        bad = bad + (out - bad) * scrap
        good = out - bad
        cold = 1.0 + FRESH_SHARE * (NORM_AIR_C - inputs.air_c) / TUNNEL_AIR_K
        usual = self.rate.at(0.6)
        hot = inputs.running * (1.0 - STANDING_GAS) * drying + STANDING_GAS * usual
        gas = self.gas_m3_m2 * cold * hot * inputs.ready
        after = self._next(state, inside, out, inputs)
        load = np.minimum(1.0, 0.9 * drying / usual)
        shown = {
            "block_rate": after.rate,
            "outlet_moisture": moisture,
            "fan_current": self.current.at(0.1 + 0.45 * load + 0.02 * state.zones.ripple_k[0]) * inputs.running,
            "lot": label,
        }
        shown |= after.zones.shown
        power = electric(self.power_kw, inputs.running, load, standing=0.6, stopped=0.05)
        empty: Bools = (inputs.running > 0) & (held <= TRACE_M2)
        return after, Outputs(
            shown,
            made=good,
            label=label,
            power_kw=power,
            gas_m3h=gas,
            produced=out,
            good=good,
            reject=bad,
            starved=empty,
        )

    def _next(self, state: TunnelState, inside: LagState, out: Floats, inputs: Inputs) -> TunnelState:
        return TunnelState(
            inside,
            self.zones.step(state.zones, inputs),
            wander(state.moist, inputs.normal[3], inputs.dt_s, MOIST_S, MOIST_SD),
            approach(state.rate, out / inputs.dt_h, inputs.dt_s, RATE_S),
        )
