"""Block moulder: pours about 32 tongue-and-groove blocks a cycle, lets them set and lifts them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world import grade
from simulators.world.energy import SET_WATER
from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, approach, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.lag import lot
from simulators.world.setting import pace_allowed
from simulators.world.stores import Taken

OUTLET_CYCLES = 8.0
"""Cars before the dryer hold eight cycles, an hour of work."""
PACE, SETTING_S, SETTING_SD = 1.01, 2_400.0, 0.012
"""A cycle takes 1 % longer than ideal; how fast the stucco sets moves it by 1.2 % over forty minutes."""
POUR = 0.5
"""Stucco is drawn during the first half of the cycle."""
RATIO_S, RATIO_SD = 1_800.0, 0.10
"""The water ratio wanders over half an hour by a tenth of its normal range."""
WATER_S = 600.0
"""The water meter sees the pours through a tank that evens them out over about ten minutes."""
DENSITY_PER_RATIO = -0.4
"""A thinner slurry casts a lighter block: relative mass per unit of the ratio. The scale takes off the free water."""
SHARE_OF_SCRAP = 0.5
"""Part of the product's usual scrap that moulding makes: broken corners; drying makes the rest."""


@dataclass(frozen=True, slots=True)
class MoulderState:
    """The cycle in the moulds and the last one that was lifted out. Shapes (units,).

    Attributes:
        poured_t: Stucco in the moulds, t; `water_t` the water that it was mixed with; `setting_t` its mass times its
            setting time as a factor on the usual one.
        since_s: Time in Execute since the cycle began; `cycle_s` the length of the last one.
        setting: Wandering of the setting time, relative; `ratio` of the water ratio.
        water_m3h: Water flow, evened out.
    """

    poured_t: Floats
    water_t: Floats
    since_s: Floats
    cycle_s: Floats
    setting: Floats
    ratio: Floats
    water_m3h: Floats
    setting_t: Floats


@dataclass(frozen=True, slots=True)
class BlockMoulder(Kind[MoulderState]):
    """Parameters of all moulders; m2 per cycle and per block, s, kg/m2, kW."""

    WORK: ClassVar[Work] = Work(
        minor_every_h=4.0, minor_s=260.0, start_s=60.0, life_h=2500.0, standing=0.35, stopped=0.05
    )

    cycle_m2: Floats
    block_m2: Floats
    cycle_s: Floats
    stucco_kg_m2: Floats
    power_kw: Floats
    ratio: Band
    force: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: blocks_per_cycle, block_m2, cycle_s, stucco_kg_m2, power_kw."""
        block = group.number("block_m2", 0.3335)
        return cls(
            group,
            group.number("blocks_per_cycle", 32.0) * block,
            block,
            group.number("cycle_s", 460.0),
            group.number("stucco_kg_m2", 72.0),
            group.number("power_kw", 60.0),
            group.band("water_gypsum_ratio", 0.7, 0.9),
            group.band("demoulding_force", 80.0, 150.0),
        )

    @property
    def capacity(self) -> Floats:
        """Blocks on cars before the dryer, m2."""
        return OUTLET_CYCLES * self.cycle_m2

    def start(self, inputs: Inputs) -> MoulderState:
        """Amid a cycle."""
        cycle = self._cycle(inputs) * PACE
        part = inputs.uniform[0]
        poured = self.cycle_m2 * self.stucco_kg_m2 / 1000.0 * np.minimum(1.0, part / POUR)
        water = poured / cycle * 3600.0 * self.ratio.at(0.5) * inputs.running
        return MoulderState(
            poured,
            poured * self.ratio.at(0.5),
            part * cycle,
            cycle,
            SETTING_SD * inputs.normal[0],
            RATIO_SD * inputs.normal[1],
            water,
            poured,
        )

    def demand(self, state: MoulderState, inputs: Inputs) -> Floats:
        """Stucco for the moulds during the pour, t."""
        need = self.cycle_m2 * self.stucco_kg_m2 / 1000.0
        part = need * inputs.dt_s / (POUR * self._cycle(inputs))
        return np.minimum(part, np.maximum(0.0, need - state.poured_t)) * inputs.running

    def step(self, state: MoulderState, inputs: Inputs, taken: Taken) -> tuple[MoulderState, Outputs]:
        """Pour, wait, and lift the blocks out when they have set."""
        need = self.cycle_m2 * self.stucco_kg_m2 / 1000.0
        poured = state.poured_t + taken.amount
        since = state.since_s + inputs.dt_s * inputs.running
        setting = state.setting_t + taken.stucco[grade.SETTING]
        slow = inputs.pace_factor * inputs.tempo * pace_allowed(setting / np.maximum(1e-9, poured))
        length = self._cycle(inputs) * PACE * (1.0 + state.setting) / np.maximum(0.1, slow)
        done = (since >= length) & (poured >= 0.999 * need)
        made = np.where(done, poured / need * self.cycle_m2, 0.0)
        cycle = np.where(done, since, state.cycle_s)
        ratio = self.ratio.at(0.5 + state.ratio)
        flow = taken.amount / inputs.dt_h * ratio
        water = state.water_t + taken.amount * ratio
        bound = np.where(done, poured * SET_WATER, 0.0)
        after = MoulderState(
            np.where(done, 0.0, poured),
            np.where(done, 0.0, water),
            np.where(done, since - np.minimum(since, length), since),
            cycle,
            wander(state.setting, inputs.normal[0], inputs.dt_s, SETTING_S, SETTING_SD),
            wander(state.ratio, inputs.normal[1], inputs.dt_s, RATIO_S, RATIO_SD),
            approach(state.water_m3h, flow, inputs.dt_s, WATER_S),
            np.where(done, 0.0, setting),
        )
        number = self.zero + lot(inputs.now_s)
        stucco_kg = self.stucco_kg_m2 * self.block_m2
        shown = {
            "block_rate": self.cycle_m2 / np.maximum(1.0, cycle) * 3600.0 * inputs.running,
            "cycle_time": cycle,
            "demoulding_force": self.force.at(0.45 + 4.0 * state.setting + 0.2 * inputs.wear),
            "block_mass": stucco_kg * (1.0 + SET_WATER) * (1.0 + DENSITY_PER_RATIO * (ratio - self.ratio.at(0.5))),
            "water_gypsum_ratio": ratio,
            "lot": number,
        }
        pouring = np.where(taken.amount > 0.0, 1.0, 0.4)
        return after, Outputs(
            shown,
            made=made,
            bad=made * SHARE_OF_SCRAP * inputs.scrap,
            water=np.where(done, water - bound, 0.0),
            label=number,
            load=pouring,
            water_m3h=flow + (state.water_m3h - after.water_m3h) * (WATER_S / inputs.dt_s),
            produced=made,
            bound=bound,
        )

    def held(self, state: MoulderState) -> dict[str, Floats]:
        """Stucco in the moulds, its water, and the water of the tank against full: the lower, the faster it fills."""
        return {"amount": state.poured_t, "water_t": state.water_t - state.water_m3h * (WATER_S / 3600.0)}

    def _cycle(self, inputs: Inputs) -> Floats:
        """Ideal cycle of the product, s."""
        ideal = self.cycle_m2 * 3600.0 / np.maximum(1e-9, inputs.pace)
        return np.where(inputs.pace > 0.0, ideal, self.cycle_s)
