"""Dosing mixer: weighs the components of a dry mix against their set points and mixes them batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world import grade
from simulators.world.group import COMPONENTS, Band, Group, component, text
from simulators.world.inertia import Floats, wander
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

NORM_SHARES = (0.55, 0.38, 0.02, 0.04, 0.01)
"""Shares of gypsum, sand, perlite, lime and additives in an ordinary gypsum plaster."""
SWAP_PER_PRODUCT = 0.05
"""Each further product of the model has 5 % (of the batch) less sand and more gypsum, round about: putty is finer."""
PRODUCTS_ROUND = 4
OUTLET_BATCHES = 3.0
"""The hopper between mixer and packer holds three batches."""
WEIGHING = 0.002
"""Deviation of a weighing as a share of its set point; dosing scales are class 0.2 to 0.5 %."""
PACE = 0.97
"""The sequence takes 3 % longer than the nominal cycle: gates, after-flow."""
CYCLE_S, CYCLE_SD = 1_800.0, 0.02
"""The cycle time wanders by 2 % over half an hour: bridging material, humid sand."""


@dataclass(frozen=True, slots=True)
class MixerState:
    """The batch in the mixer and the last one that left it. Shapes (units,) or (components, units).

    Attributes:
        mixed_t: In the mixer, t; `stucco` what the stucco in it is like, rows of `grade`.
        batches: Counted; `batch_kg` is the mass of the last, `cycle_s` its time, `weighed_kg` its components.
        since_s: Time in Execute since the last batch.
        pace: Wandering of the cycle, relative.
    """

    mixed_t: Floats
    batches: Floats
    batch_kg: Floats
    cycle_s: Floats
    weighed_kg: Floats
    since_s: Floats
    pace: Floats
    stucco: Floats


@dataclass(frozen=True, slots=True)
class DosingMixer(Kind[MixerState]):
    """Parameters of all mixers; kg, s, kW.

    Attributes:
        norm_shares: Of the components in a batch of the first product, shape (components, units).
        from_silo: 1 for components that come out of a silo of the model, 0 for bagged ones, same shape.
    """

    WORK: ClassVar[Work] = Work(
        minor_every_h=10.0, minor_s=150.0, start_s=60.0, life_h=2500.0, standing=0.35, stopped=0.01
    )

    batch_kg: Floats
    cycle_s: Floats
    power_kw: Floats
    norm_shares: Floats
    from_silo: Floats
    current: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: batch_kg, cycle_s, power_kw, and gypsum_share, sand_share and so on."""
        shares = np.array(
            [group.number(f"{name}_share", norm) for name, norm in zip(COMPONENTS, NORM_SHARES, strict=True)]
        )
        from_silo = np.zeros(shares.shape)
        for row, sources in enumerate(group.sources):
            for source in sources:
                from_silo[component(text(source.simulation, "material")), row] = 1.0
        return cls(
            group,
            group.number("batch_kg", 2000.0),
            group.number("cycle_s", 210.0),
            group.number("power_kw", 75.0),
            shares / np.maximum(1e-9, shares.sum(axis=0)),
            from_silo,
            group.band("motor_current", 50.0, 150.0),
        )

    @property
    def capacity(self) -> Floats:
        """Mix in the hopper behind it, t."""
        return OUTLET_BATCHES * self.batch_kg / 1000.0

    def fill(self, uniform: Floats) -> Floats:
        """About one batch."""
        return self.capacity * (0.2 + 0.3 * uniform)

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - the batch is the same
        """The product itself, and the masses of its components, kg."""
        swap = SWAP_PER_PRODUCT * (product % PRODUCTS_ROUND)
        swap = np.minimum(swap, 0.8 * self.norm_shares[1])
        shares = self.norm_shares.copy()
        shares[0] += swap
        shares[1] -= swap
        masses = {f"{name}_mass_sp": self.batch_kg * shares[i] for i, name in enumerate(COMPONENTS)}
        return {"recipe": product, **masses}

    def shares(self, inputs: Inputs) -> Floats:
        """Shares of what comes from silos, by the set points, shape (components, units)."""
        wanted = self._set(inputs) * self.from_silo
        whole: Floats = np.maximum(1e-9, wanted.sum(axis=0))
        return wanted / whole

    def texts(self) -> Mapping[str, Sequence[str]]:
        """A recipe is called like its product."""
        return {"recipe": self.group.products}

    def start(self, inputs: Inputs) -> MixerState:
        """Amid a batch."""
        masses = self._set(inputs)
        whole = masses.sum(axis=0)
        return MixerState(
            mixed_t=whole * inputs.uniform[0] / 1000.0,
            batches=np.floor(20_000.0 + 60_000.0 * inputs.uniform[1]),
            batch_kg=whole,
            cycle_s=self.cycle_s / PACE,
            weighed_kg=masses,
            since_s=inputs.uniform[0] * self.cycle_s,
            pace=CYCLE_SD * inputs.normal[0],
            stucco=grade.usual(masses[0] * inputs.uniform[0] / 1000.0),
        )

    def demand(self, state: MixerState, inputs: Inputs) -> Floats:
        """Material from silos for this part of the cycle, t; a full mixer waits for its hopper."""
        from_silo: Floats = (self._set(inputs) * self.from_silo).sum(axis=0) / 1000.0
        return from_silo * inputs.running * inputs.dt_s * PACE * (1.0 + state.pace) / self.cycle_s

    def held(self, state: MixerState) -> dict[str, Floats]:
        """Mix in the mixer, t."""
        return {"amount": state.mixed_t}

    def step(self, state: MixerState, inputs: Inputs, taken: Taken) -> tuple[MixerState, Outputs]:
        """Fill the mixer; a full batch goes into the hopper at once, its weights are noted."""
        masses = self._set(inputs)
        whole_t = masses.sum(axis=0) / 1000.0
        silo_t = (masses * self.from_silo).sum(axis=0) / 1000.0
        grown = np.divide(taken.amount * whole_t, silo_t, out=self.zero, where=silo_t > 0.0)
        mixed = state.mixed_t + grown
        since = state.since_s + inputs.dt_s * inputs.running
        done = (mixed >= whole_t) & (whole_t > 0.0)
        made = np.where(done, whole_t, 0.0)
        stucco = state.stucco + taken.stucco
        out = stucco * (made / np.maximum(1e-9, mixed))
        late = np.where(done, np.divide(mixed - whole_t, grown, out=self.zero, where=grown > 0.0), 0.0) * inputs.dt_s
        noise = inputs.normal[1 : 1 + len(COMPONENTS)]
        weighed = masses * (1.0 + WEIGHING * noise)
        after = MixerState(
            mixed - made,
            state.batches + done,
            np.where(done, weighed.sum(axis=0), state.batch_kg),
            np.where(done, since - late, state.cycle_s),
            np.where(done, weighed, state.weighed_kg),
            np.where(done, late, since),
            wander(state.pace, inputs.normal[0], inputs.dt_s, CYCLE_S, CYCLE_SD),
            stucco - out,
        )
        filled = mixed / np.maximum(1e-9, whole_t)
        shown = {
            "throughput": 3.6 * after.batch_kg / np.maximum(1.0, after.cycle_s) * inputs.running,
            "batch_number": after.batches,
            "batch_mass": after.batch_kg,
            "cycle_time": after.cycle_s,
            "motor_current": self.current.at(0.15 + 0.6 * np.minimum(1.0, filled)) * inputs.running,
            **{f"{name}_mass": after.weighed_kg[i] for i, name in enumerate(COMPONENTS)},
        }
        return after, Outputs(
            shown, made=made, stucco=out, load=0.2 + 0.6 * np.minimum(1.0, filled), added=grown - taken.amount
        )

    def _set(self, inputs: Inputs) -> Floats:
        """Set points of the components, kg, shape (components, units)."""
        return np.array([inputs.set_points[f"{name}_mass_sp"] for name in COMPONENTS])
