"""Meter: power, gas and water of the units that it stands for; exactly their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from plant.model.enterprise import Unit
from simulators.world.group import Band, Group, choices, text
from simulators.world.inertia import Bools, Floats, Ints, wander
from simulators.world.kind import Inputs, Kind, Outputs
from simulators.world.stores import Taken

SITE = "site"
"""In the parameter `of`: all units of the meter's site."""
GRID_S = 300.0
"""Power factor and gas pressure wander over five minutes."""
FACTOR_SWING, PRESSURE_SWING = 0.05, 0.05
"""By this share of the normal range."""


@dataclass(frozen=True, slots=True)
class MeterState:
    """Wandering of the power factor and of the gas pressure, relative. Shapes (units,)."""

    factor: Floats
    pressure: Floats


@dataclass(frozen=True, slots=True)
class Reach:
    """Which units a meter sums up; arrays of shape (pairs,).

    Attributes:
        meter: Row among the meters; `unit` the row of a unit that it stands for.
    """

    meter: Ints
    unit: Ints

    def total(self, each: Floats, meters: int) -> Floats:
        """Sum of a flow of all units, shape (units,), per meter, shape (meters,)."""
        return np.bincount(self.meter, each[self.unit], meters).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Meter(Kind[MeterState]):
    """All meters; what they read is put in by the world (`Reach`), they add what only the meter knows."""

    factor: Band
    pressure: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Normal ranges of power factor and gas pressure."""
        return cls(group, group.band("power_factor", 0.85, 1.0), group.band("pressure", 250.0, 350.0))

    def start(self, inputs: Inputs) -> MeterState:
        """Somewhere in its wandering."""
        return MeterState(inputs.normal[0], inputs.normal[1])

    def step(self, state: MeterState, inputs: Inputs, taken: Taken) -> tuple[MeterState, Outputs]:  # noqa: ARG002
        """More running motors pull the power factor and the gas pressure down."""
        after = MeterState(
            wander(state.factor, inputs.normal[0], inputs.dt_s, GRID_S, 1.0),
            wander(state.pressure, inputs.normal[1], inputs.dt_s, GRID_S, 1.0),
        )
        factor = 0.8 - 0.3 * inputs.activity + FACTOR_SWING * after.factor
        pressure = 0.75 - 0.3 * inputs.activity + PRESSURE_SWING * after.pressure
        shown = {
            "power_factor": self.factor.at(factor),
            "pressure": self.pressure.at(pressure) * inputs.gas_supply,
        }
        return after, Outputs(shown)


def reach(meters: Sequence[Unit], units: Sequence[Unit], metered: Bools) -> Reach:
    """Pairs of meters and the units that their parameter `of` names: the site, or areas or lines of it.

    Args:
        meters: In their order.
        units: All units, in the order of the world's rows.
        metered: Units that are meters themselves and are never summed, shape (units,).
    """
    pairs = [
        (i, row)
        for i, meter in enumerate(meters)
        for row, unit in enumerate(units)
        if not metered[row] and unit.site == meter.site and _covers(meter, unit)
    ]
    return Reach(np.array([a for a, _ in pairs], np.int64), np.array([b for _, b in pairs], np.int64))


def _covers(meter: Unit, unit: Unit) -> bool:
    of = choices(text(meter.simulation, "of")) or (SITE,)
    return SITE in of or unit.line in of or unit.area in of
