"""Silo: what goes in minus what goes out; filled by machines, from other silos, or by lorries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from simulators.world import grade
from simulators.world.group import BINDERS, Group, text
from simulators.world.inertia import Floats, approach, clamp
from simulators.world.kind import Inputs, Kind, Outputs
from simulators.world.stores import Taken

TRANSFER_T_H = 70.0
"""Pneumatic transfer, or a tank lorry that empties 25 t in about twenty minutes."""
ELEVATOR_T_H = 250.0
"""More than any elevator brings: a silo behind a machine takes all of it."""
ORDER_BELOW, ORDER_TO = 0.50, 0.80
"""Shares of the silo between which transfers and lorries keep it."""
MACHINE_BELOW, MACHINE_TO = 0.85, 0.95
"""A silo behind a machine takes what comes until it is full, and again below the first share."""
OUTFLOW_S = 8 * 3_600.0
"""The days of stock are reckoned from the outflow smoothed over a shift."""
LEAST_OUTFLOW_T_H = 0.05
"""Below this smoothed outflow a silo counts as unused, and its stock as `MOST_DAYS`."""
MOST_DAYS = 60.0


@dataclass(frozen=True, slots=True)
class SiloState:
    """Whether it is being filled (1, 0), and the smoothed outflow, t/h. Shapes (units,)."""

    filling: Floats
    outflow_t_h: Floats


@dataclass(frozen=True, slots=True)
class Silo(Kind[SiloState]):
    """Parameters of all silos; t; `binder` is 1 for those with stucco, else 0."""

    capacity_t: Floats
    share: Floats
    below: Floats
    to: Floats
    inflow_t_h: Floats
    binder: Floats

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: capacity_t, fill (share at the start)."""
        machine = np.array([bool(kinds - {"silo"}) for kinds in group.source_kinds], np.bool_)
        return cls(
            group,
            group.number("capacity_t", 300.0),
            group.number("fill", 0.65),
            np.where(machine, MACHINE_BELOW, ORDER_BELOW),
            np.where(machine, MACHINE_TO, ORDER_TO),
            np.where(machine, ELEVATOR_T_H, TRANSFER_T_H),
            np.array([text(unit.simulation, "material") in BINDERS for unit in group.units], np.float64),
        )

    @property
    def capacity(self) -> Floats:
        """What it holds, t."""
        return self.capacity_t

    def fill(self, uniform: Floats) -> Floats:
        """Where the model says, give or take a tenth."""
        return self.capacity_t * clamp(self.share + 0.2 * (uniform - 0.5), 0.2, 0.9)

    @property
    def stucco_share(self) -> Floats:
        """All of it or nothing."""
        return self.binder

    def texts(self) -> Mapping[str, Sequence[str]]:
        """What each silo holds; the number is the row of the silo."""
        return {"material": tuple(text(unit.simulation, "material") for unit in self.group.units)}

    def start(self, inputs: Inputs) -> SiloState:
        """Every silo that is low or behind a machine is being filled; two days of stock."""
        level = inputs.stock / self.capacity_t
        return SiloState((level < self.below).astype(np.float64), inputs.stock / 48.0)

    def demand(self, state: SiloState, inputs: Inputs) -> Floats:
        """What still fits, as fast as it can come, t."""
        room = np.maximum(0.0, self.to * self.capacity_t - inputs.stock)
        return state.filling * np.minimum(room, self.inflow_t_h * inputs.dt_h)

    def step(self, state: SiloState, inputs: Inputs, taken: Taken) -> tuple[SiloState, Outputs]:
        """Keep the books; stucco of which nobody knows anything, such as bought one, is as usual."""
        mass = inputs.stock - taken.gone + taken.amount
        level = mass / self.capacity_t
        filling = np.where(level < self.below, 1.0, np.where(level >= self.to - 1e-4, 0.0, state.filling))
        outflow = approach(state.outflow_t_h, taken.gone / inputs.dt_h, inputs.dt_s, OUTFLOW_S)
        days = np.minimum(MOST_DAYS, mass / np.maximum(LEAST_OUTFLOW_T_H, outflow) / 24.0)
        shown = {
            "level": 100.0 * level,
            "mass": mass,
            "stock_days": days,
            "material": np.arange(len(self.group), dtype=np.float64),
        }
        stucco = taken.stucco + grade.usual(self.binder * (taken.amount - taken.stucco[grade.MASS]))
        return SiloState(filling, outflow), Outputs(
            shown, made=taken.amount, water=taken.water, label=taken.label, stucco=stucco
        )
