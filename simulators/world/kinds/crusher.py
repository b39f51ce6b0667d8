"""Crusher: a hopper that loaders or a belt keep filled, a rotor that wears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, approach, ramp, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

REFILL = 1.4
"""A loader or belt fills the hopper at this multiple of the crusher's capacity."""
FILL_BELOW, FILL_TO = 0.45, 0.85
"""Shares of the hopper between which it is kept."""
OUTLET_H = 1.0 / 12.0
"""The discharge belt and chute hold five minutes of crushing."""
PILE_H = 60.0
"""Hours of crushing on the stockpile between quarry and plant when the world starts."""
PACE = 0.92
"""The crew feeds 92 % of what the crusher could take, or of the top of the normal range."""
GRAIN_S, GRAIN = 90.0, 0.04
"""Pieces of stone make the load wander by 4 % over about one and a half minutes."""
BEARING_TAU_S = 2_400.0
"""A bearing of this size warms up in about two hours (three time constants)."""
EMPTY, FULL_FEED = 0.10, 0.40
"""Shares of the hopper between which the feeder goes from nothing to full speed."""
STARVED = 0.12
"""Share of the hopper at which next to nothing comes out of it any more."""


@dataclass(frozen=True, slots=True)
class CrusherState:
    """Hopper content, t; whether it is being filled (1, 0); load ripple; bearing, degC. Shapes (units,)."""

    hopper_t: Floats
    filling: Floats
    ripple: Floats
    bearing_c: Floats


@dataclass(frozen=True, slots=True)
class Crusher(Kind[CrusherState]):
    """Parameters of all crushers; t/h, t, kW; `piles` is 1 for those that work onto a quarry's stockpile."""

    WORK: ClassVar[Work] = Work(
        minor_every_h=30.0, minor_s=240.0, start_s=40.0, life_h=1500.0, standing=0.35, stopped=0.01
    )

    capacity_t_h: Floats
    hopper_t: Floats
    power_kw: Floats
    piles: Floats
    usual_t_h: Floats
    current: Band
    vibration: Band
    bearing: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: capacity_t_h, hopper_t, power_kw."""
        capacity = group.number("capacity_t_h", 90.0)
        return cls(
            group,
            capacity,
            group.number("hopper_t", 40.0),
            group.number("power_kw", 160.0),
            np.array(["crusher" in kinds for kinds in group.taker_kinds], np.float64),
            PACE * np.minimum(capacity, group.band("feed_rate", 40.0, 1e6).high),
            group.band("motor_current", 60.0, 260.0),
            group.band("vibration", 1.0, 4.5),
            group.band("bearing_temperature", 40.0, 70.0),
        )

    @property
    def capacity(self) -> Floats:
        """Stone on the discharge belt, t; a stockpile, which is also sold from, has no end."""
        return np.where(self.piles > 0, np.inf, self.capacity_t_h * OUTLET_H)

    def fill(self, uniform: Floats) -> Floats:
        """A belt that is between half empty and slowing the crusher down, or some days of stone."""
        return self.capacity_t_h * np.where(self.piles > 0, PILE_H, OUTLET_H * (0.3 + 0.4 * uniform))

    def start(self, inputs: Inputs) -> CrusherState:
        """Hoppers at any level of their cycle, bearings warm."""
        level = FILL_BELOW + (FILL_TO - FILL_BELOW) * inputs.uniform[0]
        filling = (inputs.uniform[1] < 1.0 / REFILL).astype(np.float64)
        return CrusherState(self.hopper_t * level, filling, GRAIN * inputs.normal[0], self.bearing.at(0.5))

    def demand(self, state: CrusherState, inputs: Inputs) -> Floats:
        """Stone for the hopper, t."""
        room = np.maximum(0.0, self.hopper_t - state.hopper_t)
        return np.minimum(room, state.filling * REFILL * self.capacity_t_h * inputs.dt_h)

    def held(self, state: CrusherState) -> dict[str, Floats]:
        """Stone in the hopper, t."""
        return {"amount": state.hopper_t}

    def step(self, state: CrusherState, inputs: Inputs, taken: Taken) -> tuple[CrusherState, Outputs]:
        """Crush what the hopper gives; current and bearing follow load, vibration follows wear."""
        hopper = state.hopper_t + taken.amount
        feed = ramp(hopper / self.hopper_t, EMPTY, FULL_FEED) * inputs.throttle
        rate = self.usual_t_h * (1.0 + state.ripple) * feed * inputs.running
        crushed = np.minimum(hopper, rate * inputs.dt_h)
        hopper = hopper - crushed
        level = hopper / self.hopper_t
        load = rate / self.capacity_t_h
        filling = np.where(level < FILL_BELOW, 1.0, np.where(level > FILL_TO, 0.0, state.filling))
        warm = np.where(inputs.running > 0, self.bearing.at(0.25 + 0.3 * load + 0.3 * inputs.wear**2), inputs.air_c + 8)
        bearing = approach(state.bearing_c, warm, inputs.dt_s, BEARING_TAU_S)
        ripple = wander(state.ripple, inputs.normal[0], inputs.dt_s, GRAIN_S, GRAIN)
        vibration = self.vibration.at(0.1 + 0.2 * load + 0.6 * inputs.wear**2 + state.ripple)
        shown = {
            "feed_rate": rate,
            "motor_current": self.current.at(0.1 + 0.75 * load) * inputs.running,
            "hopper_level": 100.0 * level,
            "vibration": vibration * inputs.running,
            "bearing_temperature": bearing,
        }
        starved = (inputs.running > 0) & (hopper <= STARVED * self.hopper_t)
        after = CrusherState(hopper, filling, ripple, bearing)
        return after, Outputs(shown, made=crushed, label=taken.label, load=load, starved=starved)
