"""What the world and a kind of physics say to each other.

A kind is frozen parameters with pure functions over arrays, one element per unit of that kind. In each step the world
asks it what it wants from upstream (`Kind.demand`), settles who gets what, and lets it go on (`Kind.step`).

What they say is named tuples, which are made in a fifth of the time of frozen dataclasses: a world makes dozens a step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar

import numpy as np

from simulators.world.group import Group
from simulators.world.inertia import ONE, ZERO, Bools, Floats
from simulators.world.stores import Taken


class Inputs(NamedTuple):
    """What a kind sees; arrays of shape (units,) unless said.

    Attributes:
        now_s: End of the step, s since 1970 UTC.
        dt_s: Length of the step, s.
        running: 1 while the unit executes, else 0.
        ready: 1 while it executes or is kept ready to: waiting, held, starting; 0 while stopped or aborted.
        ran_s: Time since it began to execute, s.
        stock: In the store behind it at the start of the step, in its own measure.
        throttle: 1 while there is room for what it makes, towards 0 as that fills up.
        waiting: In the stores that it takes from, in their measure.
        ahead: Fill of the silos that its material ends up in, 0 to 1; 0 when there are none.
        wear: 0 new to 1 worn out.
        pace: Ideal rate of the line's product per hour, in the line's output measure; 0 without an order.
        product: Place of the line's product in `Group.products`.
        scrap: Share of rejects that is normal for the product, 0 to 1.
        fresh: 1 in the step in which the line's order changes.
        activity: Share of the site's machines that execute.
        tempo: Factor on the speed at which this shift works, about 1.
        air_c: Outdoor temperature, degC.
        stone_moisture: Free water of the stone that comes in, kg/kg.
        set_points: By metric key, as operators or recipes have set them.
        normal: Standard normal draws, shape (dice.NORMALS, units).
        uniform: Draws on [0, 1), shape (dice.UNIFORMS, units).
        gas_supply: Share of the gas pressure that is there, 1 when nothing is wrong.
        pace_factor: On the speed at which the crew lets the machine work; `throttle` has it already.
        impurity: Taken off the purity of the stone, kg/kg.
        heat_add: On the air of dryer zones, K.
        fill_bias_kg: On what a packer fills into a bag, kg.
        scrap_add: Share of rejects that comes on top; `scrap` has it already.
    """

    now_s: float
    dt_s: float
    running: Floats
    ready: Floats
    ran_s: Floats
    stock: Floats
    throttle: Floats
    waiting: Floats
    ahead: Floats
    wear: Floats
    pace: Floats
    product: Floats
    scrap: Floats
    fresh: Floats
    activity: Floats
    tempo: Floats
    air_c: Floats
    stone_moisture: Floats
    set_points: Mapping[str, Floats]
    normal: Floats
    uniform: Floats
    gas_supply: Floats = ONE
    pace_factor: Floats = ONE
    impurity: Floats = ZERO
    heat_add: Floats = ZERO
    fill_bias_kg: Floats = ZERO
    scrap_add: Floats = ZERO

    @property
    def dt_h(self) -> float:
        """Length of the step, h."""
        return self.dt_s / 3600.0


class Outputs(NamedTuple):
    """What a kind did in a step; arrays of shape (units,), None is 0 for all. A kind fills the same fields every time.

    Attributes:
        shown: Values of the unit's metrics by key; texts as numbers (lot, reject reason). The same keys every time.
        made: Goes to the store behind the unit, in its own measure; `bad` is the part that is scrap.
        water: Free water in it, t.
        label: A number that goes with the material, such as its lot.
        load: Of the drives, 0 to 1 of full load; their power follows from it (`Work`).
        gas_m3h: Gas now; `water_m3h` water likewise.
        produced: Added to the counters of that role in this step, in their measure; `good` and `reject` likewise.
        added: Came from outside the model in this step, beside what was taken: bagged components, t.
        spilt: Lost in this step, t.
        evaporated: Free water that became vapour in this step, t; `crystal` water of crystallisation likewise.
        bound: Water that stucco bound in setting in this step, t.
        scrapped_water: Free water that left with rejects in this step, t.
        heat_mj: Fired heat that the process used in this step, MJ; `waste_mj` what walls and chimney took.
        starved: A kind that runs on without new material says itself when it has nothing to do.
        stucco: What the stucco in what is made is like, rows of `grade`, shape (grade.ROWS, units).
    """

    shown: Mapping[str, Floats]
    made: Floats | None = None
    bad: Floats | None = None
    water: Floats | None = None
    label: Floats | None = None
    load: Floats | None = None
    gas_m3h: Floats | None = None
    water_m3h: Floats | None = None
    produced: Floats | None = None
    good: Floats | None = None
    reject: Floats | None = None
    added: Floats | None = None
    spilt: Floats | None = None
    evaporated: Floats | None = None
    crystal: Floats | None = None
    bound: Floats | None = None
    scrapped_water: Floats | None = None
    heat_mj: Floats | None = None
    waste_mj: Floats | None = None
    starved: Bools | None = None
    stucco: Floats | None = None


SUMMED = tuple(name for name in Outputs._fields if name not in {"shown", "starved", "stucco"})
"""Fields of `Outputs` that are laid side by side for all units."""


@dataclass(frozen=True, slots=True)
class Work:
    """How machines of a kind are worked, where the model's `simulation` does not say.

    Attributes:
        minor_every_h: Mean running time between minor stops, h; `minor_s` their mean length, s.
        start_s: Time from the start command to production, s.
        life_h: Running time from new to worn out, h.
        standing: Share of the rated power that the drives take at no load; `stopped` when they are stopped.
    """

    minor_every_h: float = 1e6
    minor_s: float = 90.0
    start_s: float = 30.0
    life_h: float = 2000.0
    standing: float = 0.0
    stopped: float = 0.0


S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Kind(ABC, Generic[S]):
    """One kind of physics: frozen parameters of all its units and pure functions of the state `S`.

    `S` is a frozen dataclass whose fields are arrays or such dataclasses, so that any state can be saved.
    """

    WORK: ClassVar[Work] = Work()

    group: Group

    @classmethod
    @abstractmethod
    def of(cls, group: Group) -> Self:
        """Parameters of the units from the model."""

    @property
    def zero(self) -> Floats:
        """Zeros, shape (units,)."""
        return np.zeros(len(self.group))

    @property
    def capacity(self) -> Floats:
        """What the store behind each unit holds, in its own measure; infinite for the warehouse."""
        return np.full(len(self.group), np.inf)

    @property
    def rated_kw(self) -> Floats:
        """Power of the drives at full load; the parameter `power_kw` of kinds that have one."""
        rated: Floats = getattr(self, "power_kw", self.zero)
        return rated

    def texts(self) -> Mapping[str, Sequence[str]]:
        """For text metrics among `Outputs.shown`: what the numbers mean; those left out are numbers of lots."""
        return {}

    def fill(self, uniform: Floats) -> Floats:  # noqa: ARG002 - kinds with stores draw from it
        """What is in that store at the start."""
        return self.zero

    @property
    def stucco_share(self) -> Floats:
        """Share of stucco in that, as far as its quality matters to anyone."""
        return self.zero

    def recipe(self, pace: Floats, product: Floats) -> dict[str, Floats]:  # noqa: ARG002 - kinds with recipes use them
        """Set points by metric key that the line's product asks for; the same keys every time."""
        return {}

    @property
    def takes_several(self) -> bool:
        """Whether it takes several materials, in `shares`."""
        return type(self).shares is not Kind.shares

    def shares(self, inputs: Inputs) -> Floats:
        """Share of each of `group.COMPONENTS` in what is wanted, shape (components, units)."""
        raise NotImplementedError

    def held(self, state: S) -> Mapping[str, Floats]:  # noqa: ARG002 - machines that hold something use it
        """What is inside the machines, beside the stores behind them, for balances; shape (units,) each.

        ``amount`` in the measure of what they take, ``water_t`` free water in it, ``heat_mj`` heat above 0 degC.
        """
        return {}

    @abstractmethod
    def start(self, inputs: Inputs) -> S:
        """State of a warm, running plant."""

    def demand(self, state: S, inputs: Inputs) -> Floats:  # noqa: ARG002 - kinds that take material use them
        """What it wants from upstream in this step, in the measure of the unit that it comes from."""
        return self.zero

    @abstractmethod
    def step(self, state: S, inputs: Inputs, taken: Taken) -> tuple[S, Outputs]:
        """The state `inputs.dt_s` later, and what was done."""


AnyKind = Kind[Any]
