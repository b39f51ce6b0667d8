"""Board former: stucco, water and foam between two sheets of paper, cut by the wet knife, which counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world import grade
from simulators.world.energy import SET_WATER
from simulators.world.group import Band, Group, of_product
from simulators.world.inertia import Floats, approach, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.lag import lot
from simulators.world.setting import pace_allowed
from simulators.world.stores import Taken

SPEED_S = 30.0
"""Time constant of the line's drives, s."""
PACE, PACE_S, PACE_SD = 0.97, 1_200.0, 0.006
"""The line runs 3 % under its set point, wandering by 0.6 % over twenty minutes."""
OUTLET_H = 0.05
"""Roller table and entry bridge of the dryer take three minutes of boards."""
START_SCRAP, START_SCRAP_S = 0.7, 75.0
"""Boards of the first minutes are scrap: 70 % at once, 1/e of it after 75 s, about 0.9 min of production a start."""
SHARE_OF_SCRAP = 0.4
"""Part of the product's usual scrap that is made at the former (edges, length, blisters); the dryer makes the rest."""
SLURRY_KG_L = 1.35
"""Density of slurry before the foam comes in."""
RATIO_S, RATIO_SD = 1_500.0, 0.10
"""The water ratio wanders over 25 minutes by a tenth of its normal range."""
THICK_S, THICK_MM = 600.0, 0.05
"""Thickness wanders by 0.05 mm over ten minutes; with the gauge's noise the deviation is 0.06."""
THICK_PER_RATIO, THICK_PER_SPEED = 0.6, -1.5
"""More water swells the board: mm per unit of the ratio; a faster line thins it: mm per relative excess of speed."""
REEL_M = 5_500.0
"""Paper on a full reel, m."""
SPLICE = 6.0
"""The next reel is spliced on when this much is left, %."""
EDGE_S = 900.0
WIDTH_MM_PER_M = 1000.0
TRIM_MM = 2.0
"""The board is made a little narrower than nominal, so that joints close."""


@dataclass(frozen=True, slots=True)
class FormerState:
    """Speed, m/min; wandering of pace, ratio, thickness, mm, and edge; paper on the reel, %."""

    speed: Floats
    pace: Floats
    ratio: Floats
    thick_mm: Floats
    edge: Floats
    paper: Floats


@dataclass(frozen=True, slots=True)
class BoardFormer(Kind[FormerState]):
    """Parameters of all formers; m, kg/m2, kW; thickness in mm by product, shape (products, units)."""

    WORK: ClassVar[Work] = Work(
        minor_every_h=3.0, minor_s=150.0, start_s=90.0, life_h=1500.0, standing=0.35, stopped=0.06
    )

    width_m: Floats
    stucco_kg_m2: Floats
    power_kw: Floats
    thickness_mm: Floats
    speed: Band
    ratio: Band
    foam: Band
    edge: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: width_m, stucco_kg_m2, power_kw, thickness (thickness_<product>)."""
        return cls(
            group,
            group.number("width_m", 1.2),
            group.number("stucco_kg_m2", 7.0),
            group.number("power_kw", 250.0),
            group.by_product("thickness", 12.5),
            group.band("line_speed", 50.0, 80.0),
            group.band("water_gypsum_ratio", 0.58, 0.72),
            group.band("foam_flow", 250.0, 500.0),
            group.band("edge_depth", 0.8, 1.6),
        )

    @property
    def capacity(self) -> Floats:
        """Wet boards before the dryer, m2."""
        return self.speed.high * 60.0 * self.width_m * OUTLET_H

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - speed follows the pace
        """Line speed of the product; without one, the middle of the normal range."""
        speed: Floats = np.where(pace > 0.0, pace / 60.0 / self.width_m, self.speed.at(0.5))
        return {"line_speed_sp": np.rint(10.0 * speed) / 10.0}

    def start(self, inputs: Inputs) -> FormerState:
        """At speed, amid a reel."""
        return FormerState(
            speed=inputs.set_points["line_speed_sp"] * PACE * inputs.running,
            pace=PACE_SD * inputs.normal[0],
            ratio=RATIO_SD * inputs.normal[1],
            thick_mm=THICK_MM * inputs.normal[2],
            edge=inputs.normal[3],
            paper=5.0 + 90.0 * inputs.uniform[0],
        )

    def demand(self, state: FormerState, inputs: Inputs) -> Floats:
        """Stucco, t."""
        return self._area(state, inputs) * self.stucco_kg_m2 / 1000.0

    def step(self, state: FormerState, inputs: Inputs, taken: Taken) -> tuple[FormerState, Outputs]:
        """Form what the stucco allows; the wet knife counts all of it, scrap too."""
        area = np.minimum(self._area(state, inputs), taken.amount * 1000.0 / self.stucco_kg_m2)
        start = START_SCRAP * np.exp(-inputs.ran_s / START_SCRAP_S)
        bad = area * np.minimum(1.0, start + SHARE_OF_SCRAP * inputs.scrap)
        ratio = self.ratio.at(0.5 + state.ratio)
        stucco_t_h = taken.amount / inputs.dt_h
        water = stucco_t_h * ratio
        after = self._next(state, inputs, area, grade.mean(taken.stucco, grade.SETTING))
        number = self.zero + lot(inputs.now_s)
        nominal = of_product(self.thickness_mm, inputs.product)
        asked = np.maximum(1.0, inputs.set_points["line_speed_sp"])
        excess = (state.speed / asked - PACE) * inputs.running
        thick = nominal + state.thick_mm + THICK_PER_RATIO * (ratio - self.ratio.at(0.5)) + THICK_PER_SPEED * excess
        made = inputs.running * (state.speed > 0.5 * asked)
        load = state.speed / self.speed.high
        shown = {
            "board_rate": area / inputs.dt_h,
            "line_speed": state.speed,
            "slurry_flow": stucco_t_h * 1000.0 / 60.0 * (1.0 + ratio) / SLURRY_KG_L,
            "stucco_flow": stucco_t_h,
            "water_gypsum_ratio": ratio,
            "foam_flow": self.foam.high * 0.85 * load * (1.0 + 0.2 * state.ratio),
            "thickness": np.where(made > 0, thick, nominal),
            "width": self.width_m * WIDTH_MM_PER_M - TRIM_MM + 0.3 * state.edge,
            "edge_depth": self.edge.at(0.5 + 0.08 * state.edge),
            "paper_stock": after.paper,
            "lot": number,
        }
        return after, Outputs(
            shown,
            made=area,
            bad=bad,
            water=taken.amount * (ratio - SET_WATER),
            label=number,
            load=np.minimum(1.0, load),
            water_m3h=water,
            produced=area,
            bound=taken.amount * SET_WATER,
        )

    def _next(self, state: FormerState, inputs: Inputs, area: Floats, setting: Floats) -> FormerState:
        crew = inputs.pace_factor * inputs.tempo * pace_allowed(setting)
        goal = inputs.set_points["line_speed_sp"] * PACE * (1.0 + state.pace) * crew * inputs.running
        paper = state.paper - 100.0 * area / self.width_m / REEL_M
        return FormerState(
            speed=approach(state.speed, goal, inputs.dt_s, SPEED_S),
            pace=wander(state.pace, inputs.normal[0], inputs.dt_s, PACE_S, PACE_SD),
            ratio=wander(state.ratio, inputs.normal[1], inputs.dt_s, RATIO_S, RATIO_SD),
            thick_mm=wander(state.thick_mm, inputs.normal[2], inputs.dt_s, THICK_S, THICK_MM),
            edge=wander(state.edge, inputs.normal[3], inputs.dt_s, EDGE_S, 1.0),
            paper=np.where(paper < SPLICE, 100.0, paper),
        )

    def _area(self, state: FormerState, inputs: Inputs) -> Floats:
        """Board area of this step at the present speed, m2; a line that runs down still makes some."""
        return state.speed * inputs.dt_s / 60.0 * self.width_m * inputs.running
