"""Follows one world from step to step and keeps what is open: states, minutes, lots, orders, scenarios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulators.scenarios.stage import Play
from simulators.truth.programme import Programme
from simulators.truth.spans import Spans
from simulators.truth.tables import Floats, Rows
from simulators.truth.witness import Witness
from simulators.world.state import WorldState


@dataclass(frozen=True, slots=True)
class Moment:
    """All that is known of one instant.

    Attributes:
        state: Of the world.
        plays: What is done to it, or waits for its start.
        told: Codes of the reasons of stops that controllers have told, shape (units,).
    """

    state: WorldState
    plays: tuple[Play, ...]
    told: Floats


class Watch:
    """Open spans of everything in a world that is stepped without a gap.

    Args:
        witness: Looks at the states.
        now: Where the spans begin.
        totals: What was counted before the step that led there, shape as `WorldState.totals`.

    Attributes:
        seen: The state that was looked at last.
    """

    def __init__(self, witness: Witness, now: Moment, totals: Floats) -> None:
        state = self.seen = now.state
        self._witness = witness
        self._nothing = np.empty((0, len(witness.units)))
        self._work = Spans(state.time_ms, witness.work(state), totals)
        self._states = Spans(state.time_ms, witness.states(state, now.told), self._nothing)
        self._orders = Spans(state.time_ms, witness.orders(state), witness.made(state))
        self._programme = Programme(witness, state.time_ms, now.plays)

    def look(self, now: Moment) -> None:
        """Take down the next state; what a step counted belongs to the minute and the lot of that step."""
        before, state, witness = self.seen, now.state, self._witness
        self._work.look(before.time_ms, witness.work(state), before.totals)
        self._states.look(state.time_ms, witness.states(state, now.told), self._nothing)
        self._orders.look(state.time_ms, witness.orders(state), witness.made(state))
        self._programme.look(state.time_ms, now.plays)
        self.seen = state

    def cut(self) -> tuple[Rows, ...]:
        """Rows of all that was seen since the last cut, of every table but the journal."""
        at_ms, witness = self.seen.time_ms, self._witness
        work = self._work.cut(at_ms, self.seen.totals)
        return (
            witness.told_states(self._states.cut(at_ms, self._nothing)),
            witness.told_counts(work),
            witness.told_energy(work),
            witness.told_orders(self._orders.cut(at_ms, witness.made(self.seen))),
            self._programme.cut(at_ms),
        )
