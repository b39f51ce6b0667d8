"""Packer: fills bags of dry mix; a checkweigher throws out those that are too light or too heavy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.group import Group, of_product
from simulators.world.inertia import Floats, clamp, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

FILL_SD_KG = 0.08
"""Deviation of single bags about the mean of the hour, of a valve-bag packer."""
DRIFT_S, DRIFT_KG = 3_600.0, 0.04
"""Air in the mix and worn nozzles let the mean wander by 40 g over an hour; with the bags' own scatter that is 90 g."""
OVERFILL_KG = 0.05
"""Set above the nominal mass so that few bags are light: 30.05 for 30 kg."""
TOLERANCE_KG = 0.3
"""The checkweigher rejects bags that are off by 1 %, the order of GOST 8.579 for 15 to 50 kg."""
TAIL = (1.5976, 0.07056)
"""1 / (1 + exp(a x + b x^3)) is the upper tail of the normal distribution to within 0.0002 (Page, 1977)."""
BURST = 0.002
"""Share of bags that burst or whose valve leaks."""
PACE, PACE_S, PACE_SD = 0.93, 900.0, 0.02
"""Nozzles run at 93 % of the ideal rate, wandering by 2 % over a quarter of an hour."""
OUTLET_BAGS = 40.0
"""The roller conveyor to the palletizer holds forty bags."""
STOCK_BAGS = 6_000.0
"""Empty bags in the magazine and beside it when just replenished."""
REPLENISH = 0.3
"""The crew does that when this share is left."""
START_SCRAP, START_SCRAP_S = 0.08, 60.0
"""Right after a start 8 % of the bags are off, falling to 1/e in a minute."""


@dataclass(frozen=True, slots=True)
class PackerState:
    """Drift of the mean mass, kg; wandering of the pace; empty bags; last reject reason; mass of the last bag, kg."""

    drift_kg: Floats
    pace: Floats
    stock: Floats
    reason: Floats
    last_kg: Floats


@dataclass(frozen=True, slots=True)
class Packer(Kind[PackerState]):
    """Parameters of all packers; bags/min, kg per bag by product, shape (products, units), and kW."""

    WORK: ClassVar[Work] = Work(
        minor_every_h=1.5, minor_s=110.0, start_s=20.0, life_h=2000.0, standing=0.5, stopped=0.05
    )

    bags_per_min: Floats
    bag_kg: Floats
    power_kw: Floats

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: bags_per_min, bag_kg (bag_kg_<product>), power_kw."""
        return cls(
            group, group.number("bags_per_min", 16.0), group.by_product("bag_kg", 30.0), group.number("power_kw", 30.0)
        )

    @property
    def capacity(self) -> Floats:
        """Filled bags on the way to the palletizer, t."""
        heaviest: Floats = self.bag_kg.max(axis=0)
        return OUTLET_BAGS * heaviest / 1000.0

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - the pace is no set point
        """Nominal mass and a little more."""
        return {"bag_mass_sp": of_product(self.bag_kg, product) + OVERFILL_KG}

    def texts(self) -> Mapping[str, Sequence[str]]:
        """Why the last piece was rejected."""
        return {"reject_reason": ("", "underweight", "overweight", "burst")}

    def start(self, inputs: Inputs) -> PackerState:
        """Somewhere in its wandering."""
        return PackerState(
            DRIFT_KG * inputs.normal[0],
            PACE_SD * inputs.normal[1],
            np.floor(STOCK_BAGS * (REPLENISH + 0.7 * inputs.uniform[0])),
            self.zero,
            inputs.set_points["bag_mass_sp"],
        )

    def demand(self, state: PackerState, inputs: Inputs) -> Floats:
        """Mix for the bags of this step, t."""
        return self._bags_h(state, inputs) * self._mass(state, inputs) / 1000.0 * inputs.dt_h

    def step(self, state: PackerState, inputs: Inputs, taken: Taken) -> tuple[PackerState, Outputs]:
        """Fill what there is; the checkweigher's share follows from how far the mean is off."""
        mass = self._mass(state, inputs)
        off = mass - of_product(self.bag_kg, inputs.product)
        light, heavy = _tail((TOLERANCE_KG + off) / FILL_SD_KG), _tail((TOLERANCE_KG - off) / FILL_SD_KG)
        start = START_SCRAP * np.exp(-inputs.ran_s / START_SCRAP_S)
        share = np.minimum(1.0, light + heavy + BURST + start + inputs.scrap_add)
        rejected = taken.amount * share
        bags = taken.amount * 1000.0 / mass
        stock = state.stock - bags
        stock = np.where(stock < REPLENISH * STOCK_BAGS, STOCK_BAGS, stock)
        seen = inputs.uniform[0] < bags * share
        why = np.where(
            inputs.uniform[1] * share < light, 1.0, np.where(inputs.uniform[1] * share < light + heavy, 2.0, 3.0)
        )
        bagged = np.floor(stock) != np.floor(state.stock)
        after = PackerState(
            wander(state.drift_kg, inputs.normal[0], inputs.dt_s, DRIFT_S, DRIFT_KG),
            wander(state.pace, inputs.normal[1], inputs.dt_s, PACE_S, PACE_SD),
            stock,
            np.where(seen, why, state.reason),
            np.where(bagged, mass + FILL_SD_KG * inputs.normal[2], state.last_kg),
        )
        rate = taken.amount / inputs.dt_h
        bags_min = rate * 1000.0 / mass / 60.0
        shown = {
            "throughput": rate,
            "bag_rate": bags_min,
            "bag_mass": after.last_kg,
            "bag_stock": np.floor(stock),
            "reject_reason": after.reason,
        }
        load = bags_min / self.bags_per_min
        return after, Outputs(
            shown,
            made=taken.amount - rejected,
            label=of_product(self.bag_kg, inputs.product),
            load=load,
            produced=taken.amount,
            good=taken.amount - rejected,
            reject=rejected,
        )

    def _mass(self, state: PackerState, inputs: Inputs) -> Floats:
        return np.maximum(1.0, inputs.set_points["bag_mass_sp"] + state.drift_kg + inputs.fill_bias_kg)

    def _bags_h(self, state: PackerState, inputs: Inputs) -> Floats:
        ideal = np.where(
            inputs.pace > 0.0, inputs.pace * 1000.0 / of_product(self.bag_kg, inputs.product), self.bags_per_min * 60.0
        )
        return ideal * PACE * (1.0 + state.pace) * inputs.tempo * inputs.throttle * inputs.running


def _tail(x: Floats) -> Floats:
    """Share of bags that are off by more than `x` deviations on one side."""
    within = clamp(x, -8.0, 8.0)
    tail: Floats = 1.0 / (1.0 + np.exp(TAIL[0] * within + TAIL[1] * within**3))
    return tail
