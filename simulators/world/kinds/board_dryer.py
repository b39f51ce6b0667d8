"""Board dryer: three zones of hot air over a belt that takes 40 to 60 minutes from end to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.energy import SET_WATER
from simulators.world.group import Band, Group
from simulators.world.inertia import Bools, Floats, passed, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.lag import LagState, Parcel, content, filled, travel
from simulators.world.stores import Taken
from simulators.world.zones import NAMES, Program, Zones, ZonesState

SLOTS = 181
"""Slots of the ring: 180 of them pass in the transport time, so that none is shorter than 10 s from 30 minutes on."""
USUAL_RATIO = 0.65
"""Kneading water per stucco at which the model's specific gas holds."""
PAPER_T_M2 = 0.0004
"""Two sheets of about 200 g/m2."""
PROGRAM = Program(
    air_c=(210.0, 170.0, 115.0),
    decades=(0.9, 1.6, 1.71),
    wet_c=80.0,
    goods_k=75.0,
    closeness=0.2,
    fresh_share=0.33,
    fresh_k=160.0,
    standing=0.06,
    store_s=430.0,
    settle_s=300.0,
    ripple_s=400.0,
    ripple_k=0.8,
)
"""Fitted so that 3.4 kg of water a m2 fall to 0.6 % of the dry board: 59 % of it leaves in the first zone, 33 % in the
second, 7 % in the third, where the board must not burn. Walls lose 6 %; a dryer without fire cools in 430 s / 0.06, two
hours; under control it settles in five minutes. Fresh air takes a third of the heat."""
MOIST_S, MOIST_SD = 300.0, 0.06
"""Unevenness of the boards lets the moisture wander by 6 % of itself over five minutes."""
DRYER_SCRAP = 0.6
"""Part of the product's usual scrap that drying makes; the former makes the rest."""
TRACE_M2 = 1e-6
"""With less than this inside, a dryer is empty."""
ENTRY_S = 40.0
"""Boards lie on the entry bridge for about this long, s."""
USUAL = 0.6
"""Share of the normal range of its rate at which the model's specific gas holds."""
ENTRY_BELT = 1.25
"""The entry takes boards up to this multiple of the fastest product."""
AIR = tuple((f"{zone}_humidity", f"fan{i}_current") for i, zone in enumerate(NAMES, 1))
"""What is shown of each zone besides its temperature."""
OVERDRIED, UNDRIED, OFF_SCRAP = 0.25, 1.2, 0.5
"""Moistures, %, beyond which this share of the boards is rejected: burnt edges, soft core."""


@dataclass(frozen=True, slots=True)
class DryerState:
    """Boards inside, m2; the zones; wandering of moisture; moisture of the boards that left last, %."""

    inside: LagState
    zones: ZonesState
    moist: Floats
    outlet: Floats


@dataclass(frozen=True, slots=True)
class BoardDryer(Kind[DryerState]):
    """Parameters of all board dryers; s, kW, m2/h; `wet_t` is the water of a m2 that comes in at norm, t.

    Attributes:
        humidity: Of the air in each zone, %, shape (3, units); `current` of its fan, A.
    """

    WORK: ClassVar[Work] = Work(
        minor_every_h=60.0, minor_s=180.0, start_s=60.0, life_h=5000.0, standing=0.6, stopped=0.1
    )

    lag_s: Floats
    wet_t: Floats
    power_kw: Floats
    rate: Band
    zones: Zones
    humidity: Band
    current: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: lag_min, gas_m3_m2 (at norm), power_kw, stucco_kg_m2 of the former."""
        lag_s, rate = group.number("lag_min", 50.0) * 60.0, group.band("board_rate", 2200.0, 5700.0)
        stucco_t, usual = group.upstream("stucco_kg_m2", 7.0) / 1000.0, rate.at(USUAL)
        wet_t, dry_t = stucco_t * (USUAL_RATIO - SET_WATER), stucco_t * (1.0 + SET_WATER) + PAPER_T_M2
        gas = group.number("gas_m3_m2", 0.34) * usual
        return cls(
            group,
            lag_s,
            wet_t,
            group.number("power_kw", 450.0),
            rate,
            Zones.of(group, PROGRAM, lag_s=lag_s, norm_m3h=gas, norm_t_h=usual * wet_t, dry_t=dry_t, usual_m2h=usual),
            Band.stacked([group.band(wet, 15.0, 35.0) for wet, _ in AIR]),
            Band.stacked([group.band(fan, 110.0, 220.0) for _, fan in AIR]),
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
        water_t = self.wet_t[:, None] * self.zones.profile(SLOTS)
        return DryerState(
            filled(per_slot, self.lag_s / (SLOTS - 1), inputs.now_s, water_t),
            self.zones.start(inputs),
            inputs.normal[3],
            100.0 * water_t[:, -1] / self.zones.dry_t,
        )

    def demand(self, state: DryerState, inputs: Inputs) -> Floats:  # noqa: ARG002 - the belt takes what comes
        """What comes over the entry bridge, m2."""
        comes = inputs.waiting * passed(inputs.dt_s, ENTRY_S)
        drawn: Floats = np.minimum(ENTRY_BELT * self.rate.high * inputs.dt_h, comes) * inputs.running
        return drawn

    def step(self, state: DryerState, inputs: Inputs, taken: Taken) -> tuple[DryerState, Outputs]:
        """Move the boards on and dry them; gas goes with the water that leaves them."""
        passed = inputs.running * inputs.dt_s * (SLOTS - 1) / self.lag_s
        inside, out = travel(
            state.inside, Parcel(np.array([taken.amount, taken.bad, taken.water]), taken.label), passed
        )
        held = content(inside)
        load = held / self.lag_s * 3600.0 / self.rate.at(USUAL)
        zones, inside, dried = self.zones.dry(state.zones, inside, taken.amount, load, inputs)
        dry_t = out.amount * self.zones.dry_t
        true = np.divide(100.0 * out.water, dry_t, out=state.outlet.copy(), where=dry_t > 0.0)
        moisture = true * (1.0 + MOIST_SD * state.moist)
        off = (moisture < OVERDRIED) | (moisture > UNDRIED)
        scrap = np.where(off, OFF_SCRAP, np.minimum(1.0, DRYER_SCRAP * inputs.scrap))
        after = DryerState(
            inside, zones, wander(state.moist, inputs.normal[3], inputs.dt_s, MOIST_S, 1.0), true
        )  # fmt: skip
        shown = {
            "board_rate": out.amount / inputs.dt_h,
            "outlet_moisture": moisture,
            **zones.shown,
            **self._air(zones, inputs, load),
        }
        empty: Bools = (inputs.running > 0) & (held <= TRACE_M2)
        return after, Outputs(
            shown,
            made=out.amount,
            bad=out.bad + (out.amount - out.bad) * scrap,
            water=out.water,
            label=out.label,
            load=np.minimum(1.0, 0.9 * load),
            gas_m3h=dried.gas_m3h,
            evaporated=dried.evaporated_t,
            heat_mj=dried.heat_mj,
            waste_mj=dried.waste_mj,
            starved=empty,
        )

    def _air(self, zones: ZonesState, inputs: Inputs, load: Floats) -> dict[str, Floats]:
        """Humidity and fans of the zones."""
        humidity = self.humidity.at(0.15 + 0.35 * load + 0.03 * zones.ripple_k)
        drawn = inputs.running * (0.3 + 0.3 * np.minimum(1.2, load) + 0.02 * zones.ripple_k)
        current = self.current.at(drawn) * inputs.running
        shown = {}
        for zone, (wet, fan) in enumerate(AIR):
            shown[wet], shown[fan] = humidity[zone], current[zone]
        return shown

    def held(self, state: DryerState) -> dict[str, Floats]:
        """Boards and their water, heat of walls and air."""
        water: Floats = state.inside.water.sum(axis=1)
        return {"amount": content(state.inside), "water_t": water, "heat_mj": self.zones.stored_mj(state.zones)}
