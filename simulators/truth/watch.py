"""Follows one world from step to step and keeps what is open: states, minutes, lots, orders."""

from __future__ import annotations

import numpy as np

from simulators.truth.spans import Spans
from simulators.truth.tables import Floats, Rows
from simulators.truth.witness import Witness
from simulators.world.state import WorldState


class Watch:
    """Open spans of everything in a world that is stepped without a gap.

    Args:
        witness: Looks at the states.
        now: The world as it is.
        totals: What was counted before the step that led to it, shape as `WorldState.totals`.

    Attributes:
        seen: The state that was looked at last.
    """

    def __init__(self, witness: Witness, now: WorldState, totals: Floats) -> None:
        self.seen = now
        self._witness = witness
        self._nothing = np.empty((0, len(witness.units)))
        self._work = Spans(now.time_ms, witness.work(now), totals)
        self._states = Spans(now.time_ms, witness.states(now), self._nothing)
        self._orders = Spans(now.time_ms, witness.orders(now), witness.made(now))

    def look(self, now: WorldState) -> None:
        """Take down the next state; what a step counted belongs to the minute and the lot of that step."""
        before, self.seen = self.seen, now
        self._work.look(before.time_ms, self._witness.work(now), before.totals)
        self._states.look(now.time_ms, self._witness.states(now), self._nothing)
        self._orders.look(now.time_ms, self._witness.orders(now), self._witness.made(now))

    def cut(self) -> tuple[Rows, ...]:
        """Rows of all that was seen since the last cut, of every table but the journal."""
        at_ms, witness = self.seen.time_ms, self._witness
        work = self._work.cut(at_ms, self.seen.totals)
        return (
            witness.told_states(self._states.cut(at_ms, self._nothing)),
            witness.told_counts(work),
            witness.told_energy(work),
            witness.told_orders(self._orders.cut(at_ms, witness.made(self.seen))),
        )
