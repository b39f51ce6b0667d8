"""Three zones of hot air, one behind the other: what all dryers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, wander
from simulators.world.kind import Inputs

NAMES = ("zone1", "zone2", "zone3")


@dataclass(frozen=True, slots=True)
class ZonesState:
    """Air of the zones, degC, and its ripple, K; shapes (3, units)."""

    air_c: Floats
    ripple_k: Floats

    @property
    def shown(self) -> dict[str, Floats]:
        """Temperatures by metric key."""
        return {f"{name}_temperature": self.air_c[i] + self.ripple_k[i] for i, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class Zones:
    """Parameters of the zones of all dryers of a kind.

    Attributes:
        normal: Normal range of each zone; its middle is the programme.
        heat_s: Time constant under control, s; `cool_s` of a dryer without its burners.
        ripple_s: Memory of the ripple, s; `ripple_k` its deviation, K.
    """

    normal: tuple[Band, ...]
    heat_s: float
    cool_s: float
    ripple_s: float
    ripple_k: float

    @classmethod
    def of(
        cls, group: Group, usual_c: tuple[float, ...], *, heat_s: float, cool_s: float, ripple_s: float, ripple_k: float
    ) -> Self:
        """Zones about `usual_c`, degC, where the model has no normal range."""
        pairs = zip(NAMES, usual_c, strict=True)
        normal = tuple(group.band(f"{name}_temperature", c - 10.0, c + 10.0) for name, c in pairs)
        return cls(normal, heat_s, cool_s, ripple_s, ripple_k)

    @property
    def recipe(self) -> dict[str, Floats]:
        """Set points at the middle of the normal ranges."""
        return {f"{name}_temperature_sp": band.at(0.5) for name, band in zip(NAMES, self.normal, strict=True)}

    def start(self, inputs: Inputs) -> ZonesState:
        """At the programme."""
        return ZonesState(np.array([band.at(0.5) for band in self.normal]), self.ripple_k * inputs.normal[:3])

    def step(self, state: ZonesState, inputs: Inputs) -> ZonesState:
        """Towards the set points while the dryer is ready, towards outdoor air else."""
        sets = np.array([inputs.set_points[f"{name}_temperature_sp"] for name in NAMES])
        goal = np.where(inputs.ready > 0, sets, inputs.air_c)
        kept = np.exp(-inputs.dt_s / np.where(inputs.ready > 0, self.heat_s, self.cool_s))
        return ZonesState(
            goal + (state.air_c - goal) * kept,
            wander(state.ripple_k, inputs.normal[:3], inputs.dt_s, self.ripple_s, self.ripple_k),
        )

    def excess_k(self, state: ZonesState) -> Floats:
        """How much hotter than the programme the zones are on average, K, shape (units,)."""
        programme = np.array([band.at(0.5) for band in self.normal])
        excess: Floats = (state.air_c - programme).mean(axis=0)
        return excess
