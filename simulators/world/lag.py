"""Transport through a dryer: what goes in comes out after a given time of *running*, in order, with its labels.

A ring of slots per dryer, all dryers of a kind in one array. While a dryer stands still, so does what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulators.world.inertia import Floats, Ints

LOT_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes in or comes out in a step; shapes (dryers,).

    Attributes:
        amount: All of it; `bad` is the part that is already scrap.
        water: Free water in it, t.
        label: Its lot.
    """

    amount: Floats
    bad: Floats
    water: Floats
    label: Floats


@dataclass(frozen=True, slots=True)
class LagState:
    """What is on the way; shapes (dryers, slots) and (dryers,).

    Attributes:
        amount: In each slot; `bad` the part that is already scrap; `water` its free water, t; `label` its lot.
        head: Slot that takes what comes in; the one after it is the next to leave.
        left: Share of the leaving slot that is still inside, above 0 to 1.
    """

    amount: Floats
    bad: Floats
    water: Floats
    label: Floats
    head: Ints
    left: Floats

    def dried(self, lost: Floats) -> LagState:
        """The same with so much less water in each slot, t, shape (dryers, slots)."""
        return replace(self, water=self.water - lost)


def filled(per_slot: Floats, slot_s: Floats, now_s: float, water_t: Floats) -> LagState:
    """Dryers that have run for long: `per_slot` in each slot, labelled with the lots of the time it went in.

    Args:
        per_slot: Amount in each slot, shape (dryers,).
        slot_s: Time that a slot stands for, s, shape (dryers,).
        now_s: Time, s since 1970 UTC.
        water_t: Free water of a unit of it by how many slots ago it went in, t, shape (dryers, slots).
    """
    dryers, slots = water_t.shape
    age = (slots - np.arange(slots)) % slots
    amount = np.repeat(per_slot[:, None], slots, axis=1)
    amount[:, 0] = 0.0
    return LagState(
        amount=amount,
        bad=np.zeros((dryers, slots)),
        water=amount * water_t[:, age],
        label=lot(now_s - slot_s[:, None] * age),
        head=np.zeros(dryers, np.int64),
        left=np.ones(dryers),
    )


def lot(time_s: Floats | float) -> Floats:
    """Number of the lot of that time: what is made in one hour (UTC) stands for one set of laboratory samples."""
    return np.floor(np.asarray(time_s) / LOT_S)


def content(state: LagState) -> Floats:
    """All that is inside, per dryer."""
    total: Floats = state.amount.sum(axis=1)
    return total


def travel(before: LagState, came: Parcel, slots_passed: Floats) -> tuple[LagState, Parcel]:
    """Put `came` in and move everything on by `slots_passed` (0 to 1 per call); the new state, and what came out.

    Raises:
        ValueError: More than one slot would pass; the step is too long for the slots.
    """
    if slots_passed.size and slots_passed.max() > 1.0:
        raise ValueError("a step may not move a dryer by more than one slot: shorten the step or use fewer slots")
    state = LagState(
        before.amount.copy(),
        before.bad.copy(),
        before.water.copy(),
        before.label.copy(),
        before.head.copy(),
        before.left.copy(),
    )
    slots = state.amount.shape[1]
    row = np.arange(len(state.head))
    tail = (state.head + 1) % slots
    crossed = slots_passed >= before.left
    over = np.where(crossed, slots_passed - before.left, 0.0)
    early = np.where(crossed, np.divide(before.left, slots_passed, out=np.ones_like(over), where=crossed), 1.0)
    _enter(state, row, came, early)
    first = _leave(state, row, tail, np.minimum(1.0, slots_passed / before.left))
    state.head[crossed] = tail[crossed]
    state.left[:] = np.where(crossed, 1.0, before.left - slots_passed)
    _enter(state, row, came, 1.0 - early)
    following = (state.head + 1) % slots
    more = _leave(state, row, following, over)
    state.left[:] -= over
    label = np.where(more.amount > first.amount, before.label[row, following], before.label[row, tail])
    return state, Parcel(first.amount + more.amount, first.bad + more.bad, first.water + more.water, label)


def _enter(state: LagState, row: Ints, came: Parcel, share: Floats) -> None:
    """Put a share of what came into the slot at the head of each dryer."""
    amount = came.amount * share
    state.amount[row, state.head] += amount
    state.bad[row, state.head] += came.bad * share
    state.water[row, state.head] += came.water * share
    state.label[row, state.head] = np.where(amount > 0.0, came.label, state.label[row, state.head])


def _leave(state: LagState, row: Ints, slot: Ints, share: Floats) -> Parcel:
    """Take a share of one slot of each dryer out."""
    out, bad, water = (each[row, slot] * share for each in (state.amount, state.bad, state.water))
    state.amount[row, slot] -= out
    state.bad[row, slot] -= bad
    state.water[row, slot] -= water
    return Parcel(out, bad, water, state.label[row, slot])
