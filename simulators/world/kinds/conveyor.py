"""Conveyor: belts, bucket elevators and the quarry's shovel with its belt; takes what comes up to its capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, passed, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

OUTLET_H = 1.0 / 12.0
"""A belt or elevator with its chutes holds five minutes at capacity."""
DIG_S, DIG, DIG_MEAN = 300.0, 0.06, 0.90
"""A shovel that digs delivers 90 % of the belt's capacity, wandering by 6 % over five minutes."""
DISCHARGE_S = 90.0
"""The feeder under the store before it draws more the fuller that is: its content over this time, s."""
EMPTY = 0.01
"""A belt that carries less than this share of its capacity runs empty."""
SPILT = 0.001
"""What falls off at transfer points or leaves with the filters' air, a usual figure for dusty bulk material."""
DRIFT_S = 1_800.0
"""The belt wanders sideways over about half an hour."""


@dataclass(frozen=True, slots=True)
class ConveyorState:
    """Unevenness of digging and sideways drift of the belt, both relative. Shapes (units,)."""

    ripple: Floats
    drift: Floats


@dataclass(frozen=True, slots=True)
class Conveyor(Kind[ConveyorState]):
    """Parameters of all conveyors; t/h, kW; `digs` is 1 for a shovel, which no unit of the model feeds."""

    WORK: ClassVar[Work] = Work(
        minor_every_h=60.0, minor_s=180.0, start_s=15.0, life_h=4000.0, standing=0.4, stopped=0.01
    )

    capacity_t_h: Floats
    power_kw: Floats
    current: Band
    speed: Band
    drift: Band
    digs: Floats

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: capacity_t_h, power_kw."""
        return cls(
            group,
            group.number("capacity_t_h", 120.0),
            group.number("power_kw", 30.0),
            group.band("motor_current", 8.0, 48.0),
            group.band("belt_speed", 1.4, 1.8),
            group.band("belt_drift", -25.0, 25.0),
            np.array([not sources for sources in group.sources], np.float64),
        )

    @property
    def capacity(self) -> Floats:
        """Material on the belt, t."""
        return self.capacity_t_h * OUTLET_H

    def fill(self, uniform: Floats) -> Floats:
        """Lightly to half loaded."""
        return self.capacity * (0.2 + 0.4 * uniform)

    def start(self, inputs: Inputs) -> ConveyorState:
        """Somewhere in its wandering."""
        return ConveyorState(DIG * inputs.normal[0], inputs.normal[1])

    def demand(self, state: ConveyorState, inputs: Inputs) -> Floats:
        """What the feeder draws, up to what the belt can carry, t; a shovel digs unevenly."""
        most = self.capacity_t_h * inputs.dt_h * inputs.throttle
        dug = most * DIG_MEAN * (1.0 + state.ripple)
        drawn = np.minimum(most, inputs.waiting * passed(inputs.dt_s, DISCHARGE_S))
        return np.where(self.digs > 0, dug, drawn) * inputs.running

    def step(self, state: ConveyorState, inputs: Inputs, taken: Taken) -> tuple[ConveyorState, Outputs]:
        """Carry it on; the current follows the load."""
        rate = taken.amount / inputs.dt_h
        load = rate / self.capacity_t_h
        shown = {
            "throughput": rate,
            "motor_current": self.current.at(0.15 + 0.65 * load) * inputs.running,
            "belt_speed": self.speed.at(0.5 + 0.02 * state.drift) * inputs.running,
            "belt_drift": self.drift.at(0.5 + 0.12 * state.drift),
            "stone_moisture": 100.0 * inputs.stone_moisture,
        }
        after = ConveyorState(
            wander(state.ripple, inputs.normal[0], inputs.dt_s, DIG_S, DIG),
            wander(state.drift, inputs.normal[1], inputs.dt_s, DRIFT_S, 1.0),
        )
        spilt = SPILT * taken.amount
        return after, Outputs(
            shown,
            made=taken.amount - spilt,
            bad=taken.bad,
            water=taken.water,
            stucco=taken.stucco * (1.0 - SPILT),
            label=taken.label,
            load=load,
            good=taken.amount,
            spilt=spilt,
            starved=(inputs.running > 0) & (load < EMPTY),
        )
