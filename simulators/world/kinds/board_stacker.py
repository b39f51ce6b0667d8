"""Board stacker: cuts, inspects and stacks dried boards behind the dryer; what is good leaves for the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from simulators.world.group import Band, Group
from simulators.world.inertia import Floats, passed
from simulators.world.kind import Inputs, Kind, Outputs, Work
from simulators.world.stores import Taken

STACK_M2 = 150.0
"""A stack is 50 boards of 1.2 m x 2.5 m."""
FASTER = 1.4
"""It catches up after a stop at this multiple of the usual rate."""
BELT_S = 60.0
"""Boards lie on the belt before it for about this long, s."""
EMPTY = 0.03
"""Below this share of the highest rate it waits for boards."""
REASON_BOARDS_M2 = 3.0
"""A reject reason is shown per rejected board."""


@dataclass(frozen=True, slots=True)
class StackerState:
    """Good m2 since the order began, and the reason of the last reject. Shapes (units,)."""

    order_m2: Floats
    reason: Floats


@dataclass(frozen=True, slots=True)
class BoardStacker(Kind[StackerState]):
    """Parameters of all stackers; kW, m2/h."""

    WORK: ClassVar[Work] = Work(
        minor_every_h=5.0, minor_s=80.0, start_s=20.0, life_h=4000.0, standing=0.4, stopped=0.05
    )

    power_kw: Floats
    rate: Band

    @classmethod
    def of(cls, group: Group) -> Self:
        """Parameters from `simulation`: power_kw."""
        return cls(group, group.number("power_kw", 60.0), group.band("board_rate", 2200.0, 5700.0))

    def texts(self) -> Mapping[str, Sequence[str]]:
        """Why the last piece was rejected."""
        return {"reject_reason": ("", "edge", "moisture", "thickness", "broken", "start_up")}

    def start(self, inputs: Inputs) -> StackerState:
        """Amid an order."""
        return StackerState(STACK_M2 * np.floor(200.0 * inputs.uniform[0]), self.zero)

    def demand(self, state: StackerState, inputs: Inputs) -> Floats:  # noqa: ARG002 - it takes what comes
        """What comes off the belt behind the dryer, m2."""
        comes = inputs.waiting * passed(inputs.dt_s, BELT_S)
        drawn: Floats = np.minimum(FASTER * self.rate.high * inputs.dt_h, comes) * inputs.running
        return drawn

    def step(self, state: StackerState, inputs: Inputs, taken: Taken) -> tuple[StackerState, Outputs]:
        """Sort out what is bad, stack the rest."""
        good = taken.amount - taken.bad
        order = np.where(inputs.fresh > 0, 0.0, state.order_m2) + good
        seen = inputs.uniform[0] < taken.bad / REASON_BOARDS_M2
        starting = taken.bad > 0.3 * taken.amount
        why = np.where(starting, 5.0, 1.0 + np.floor(4.0 * inputs.uniform[1]))
        after = StackerState(order, np.where(seen, why, state.reason))
        rate = taken.amount / inputs.dt_h
        shown = {
            "board_rate": rate,
            "stacks": np.floor(order / STACK_M2),
            "reject_reason": after.reason,
            "lot": taken.label,
        }
        load = np.minimum(1.0, rate / self.rate.high)
        return after, Outputs(
            shown,
            made=taken.amount,
            bad=taken.bad,
            water=taken.water,
            load=load,
            produced=taken.amount,
            good=good,
            reject=taken.bad,
            starved=(inputs.running > 0) & (rate < EMPTY * self.rate.high),
        )
