"""Block dryer: a tunnel in which cars of blocks lose their water within about a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.energy import SET_WATER
from simulators.world.group import Band, Group
from simulators.world.inertia import Bools, Floats, approach, passed, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.lag import LagState, Parcel, content, filled, travel
from simulators.world.stores import Taken
from simulators.world.zones import Program, Zones, ZonesState

SLOTS = 289
"""Slots of the ring: 288 of them pass in the transport time, five minutes each for a day: about one car."""
USUAL_RATIO = 0.8
"""Kneading water per stucco at which the model's specific gas holds."""
PROGRAM = Program(
    air_c=(78.0, 68.0, 52.0),
    decades=(0.80, 0.60, 0.415),
    wet_c=30.0,
    goods_k=40.0,
    closeness=0.1,
    fresh_share=0.30,
    fresh_k=65.0,
    standing=0.12,
    store_s=4_300.0,
    settle_s=1_200.0,
    ripple_s=900.0,
    ripple_k=0.5,
)
"""Fitted so that 46 kg of water a m2 fall to 9 % of the dry block, in air that is too cold to calcine gypsum again.
Walls lose 12 %; a tunnel full of blocks without fire cools in 4300 s / 0.12, ten hours; under control it settles in
twenty minutes. Fresh air takes 30 % of the heat."""
QUEUE_S = 900.0
"""Cars wait before the tunnel for about a quarter of an hour; it draws them in evenly."""
MOIST_S, MOIST_SD = 3_600.0, 0.05
"""Cars differ: the moisture at release wanders by 5 % of itself over an hour."""
WET = 12.0
"""Moisture at release, %, above which a lot is rejected."""
WET_SCRAP = 0.4
"""Share of such a lot that is."""
TRACE_M2 = 1e-6
"""With less than this inside, a dryer is empty."""
RATE_S = 1_800.0
"""Cars leave one by one; the rate is shown smoothed over half an hour."""
DRYER_SCRAP = 0.5
"""Part of the product's usual scrap that drying makes: cracks; moulding makes the rest."""
NORM = 0.6
"""Share of the normal range of its rate at which the model's specific gas holds."""
USUAL = 0.9
"""Of the usual rate the tunnel is filled at the start, as stops leave gaps between cars."""


@dataclass(frozen=True, slots=True)
class TunnelState:
    """Blocks inside, m2; the zones; wandering of moisture; moisture at release, %; smoothed rate, m2/h."""

    inside: LagState
    zones: ZonesState
    moist: Floats
    outlet: Floats
    rate: Floats


@dataclass(frozen=True, slots=True)
class BlockDryer(Kind[TunnelState]):
    """Parameters of all block dryers; s, kW, m2/h; `wet_t` is the water of a m2 that comes in at norm, t."""

    WORK: ClassVar[Work] = Work(
        minor_every_h=80.0, minor_s=240.0, start_s=60.0, life_h=8000.0, standing=0.6, stopped=0.05
    )

    lag_s: Floats
    wet_t: Floats
    power_kw: Floats
    rate: Band
    zones: Zones
    current: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: lag_h, gas_m3_m2 (at norm), power_kw, stucco_kg_m2 of the moulder."""
        lag_s, rate = group.number("lag_h", 24.0) * 3600.0, group.band("block_rate", 60.0, 95.0)
        stucco_t, usual = group.upstream("stucco_kg_m2", 72.0) / 1000.0, rate.at(NORM)
        wet_t, dry_t = stucco_t * (USUAL_RATIO - SET_WATER), stucco_t * (1.0 + SET_WATER)
        gas = group.number("gas_m3_m2", 4.0) * usual
        return cls(
            group,
            lag_s,
            wet_t,
            group.number("power_kw", 90.0),
            rate,
            Zones.of(group, PROGRAM, lag_s=lag_s, norm_m3h=gas, norm_t_h=usual * wet_t, dry_t=dry_t, usual_m2h=usual),
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
        water_t = self.wet_t[:, None] * self.zones.profile(SLOTS)
        inside = filled(USUAL * pace / 3600.0 * slot_s, slot_s, inputs.now_s, water_t)
        outlet = 100.0 * water_t[:, -1] / self.zones.dry_t
        return TunnelState(inside, self.zones.start(inputs), inputs.normal[3], outlet, USUAL * pace * inputs.running)

    def demand(self, state: TunnelState, inputs: Inputs) -> Floats:  # noqa: ARG002 - the tunnel takes what comes
        """Cars that are drawn in from the queue before the tunnel, m2."""
        comes = inputs.waiting * passed(inputs.dt_s, QUEUE_S)
        drawn: Floats = np.minimum(2.0 * self.rate.high * inputs.dt_h, comes) * inputs.running
        return drawn

    def step(self, state: TunnelState, inputs: Inputs, taken: Taken) -> tuple[TunnelState, Outputs]:
        """Push the cars on and dry the blocks; gas goes with the water that leaves them."""
        passed = inputs.running * inputs.dt_s * (SLOTS - 1) / self.lag_s
        inside, out = travel(
            state.inside, Parcel(np.array([taken.amount, taken.bad, taken.water]), taken.label), passed
        )
        held = content(inside)
        load = held / self.lag_s * 3600.0 / self.rate.at(NORM)
        zones, inside, dried = self.zones.dry(state.zones, inside, taken.amount, load, inputs)
        dry_t = out.amount * self.zones.dry_t
        true = np.divide(100.0 * out.water, dry_t, out=state.outlet.copy(), where=dry_t > 0.0)
        moisture = true * (1.0 + MOIST_SD * state.moist)
        scrap = np.where(moisture > WET, WET_SCRAP, np.minimum(1.0, DRYER_SCRAP * inputs.scrap))
        bad = out.bad + (out.amount - out.bad) * scrap
        good = out.amount - bad
        kept_water = np.divide(out.water * good, out.amount, out=self.zero, where=out.amount > 0)
        after = TunnelState(
            inside,
            zones,
            wander(state.moist, inputs.normal[3], inputs.dt_s, MOIST_S, 1.0),
            true,
            approach(state.rate, out.amount / inputs.dt_h, inputs.dt_s, RATE_S),
        )
        fans = self.current.at(0.1 + 0.45 * np.minimum(1.0, load) + 0.02 * zones.ripple_k[0])
        shown = {
            "block_rate": after.rate,
            "outlet_moisture": moisture,
            "fan_current": fans * inputs.running,
            "lot": out.label,
            **zones.shown,
        }
        empty: Bools = (inputs.running > 0) & (held <= TRACE_M2)
        return after, Outputs(
            shown,
            made=good,
            water=kept_water,
            label=out.label,
            load=np.minimum(1.0, 0.9 * load),
            gas_m3h=dried.gas_m3h,
            produced=out.amount,
            good=good,
            reject=bad,
            evaporated=dried.evaporated_t,
            scrapped_water=out.water - kept_water,
            heat_mj=dried.heat_mj,
            waste_mj=dried.waste_mj,
            starved=empty,
        )

    def held(self, state: TunnelState) -> dict[str, Floats]:
        """Blocks and their water, heat of walls and air."""
        water: Floats = state.inside.water.sum(axis=1)
        return {"amount": content(state.inside), "water_t": water, "heat_mj": self.zones.stored_mj(state.zones)}
