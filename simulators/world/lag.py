"""Transport through a dryer: what goes in comes out after a given time of *running*, in order, with its labels.

A ring of slots per dryer, all dryers of a kind in one array. While a dryer stands still, so does what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulators.world.inertia import Floats, Ints

LOT_S = 3_600.0


@dataclass(frozen=True, slots=True)
class LagState:
    """What is on the way; shapes (dryers, slots) and (dryers,).

    Attributes:
        amount: In each slot; `bad` the part that is already scrap; `label` its lot.
        head: Slot that takes what comes in; the one after it is the next to leave.
        left: Share of the leaving slot that is still inside, above 0 to 1.
    """

    amount: Floats
    bad: Floats
    label: Floats
    head: Ints
    left: Floats


def filled(per_slot: Floats, slot_s: Floats, slots: int, now_s: float) -> LagState:
    """Dryers that have run for long: `per_slot` in each slot, labelled with the lots of the time it went in.

    Args:
        per_slot: Amount in each slot, shape (dryers,).
        slot_s: Time that a slot stands for, s, shape (dryers,).
        slots: Number of slots.
        now_s: Time, s since 1970 UTC.
    """
    dryers = len(per_slot)
    amount = np.repeat(per_slot[:, None], slots, axis=1)
    amount[:, 0] = 0.0
    age_s = slot_s[:, None] * ((slots - np.arange(slots)) % slots)
    return LagState(
        amount=amount,
        bad=np.zeros((dryers, slots)),
        label=lot(now_s - age_s),
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


def travel(
    before: LagState, amount: Floats, bad: Floats, label: Floats, slots_passed: Floats
) -> tuple[LagState, Floats, Floats, Floats]:
    """Put `amount` in and move everything on by `slots_passed` (0 to 1 per call).

    Returns:
        The new state, and what came out: amount, the bad part of it, and its label.

    Raises:
        ValueError: More than one slot would pass; the step is too long for the slots.
    """
    if slots_passed.size and slots_passed.max() > 1.0:
        raise ValueError("a step may not move a dryer by more than one slot: shorten the step or use fewer slots")
    state = LagState(
        before.amount.copy(), before.bad.copy(), before.label.copy(), before.head.copy(), before.left.copy()
    )
    slots = state.amount.shape[1]
    row = np.arange(len(state.head))
    tail = (state.head + 1) % slots
    crossed = slots_passed >= before.left
    over = np.where(crossed, slots_passed - before.left, 0.0)
    early = np.where(crossed, np.divide(before.left, slots_passed, out=np.ones_like(over), where=crossed), 1.0)
    _enter(state, row, amount * early, bad * early, label)
    out, out_bad = _leave(state, row, tail, np.minimum(1.0, slots_passed / before.left))
    out_label = before.label[row, tail]
    state.head[crossed] = tail[crossed]
    state.left[:] = np.where(crossed, 1.0, before.left - slots_passed)
    _enter(state, row, amount * (1.0 - early), bad * (1.0 - early), label)
    following = (state.head + 1) % slots
    more, more_bad = _leave(state, row, following, over)
    state.left[:] -= over
    out_label = np.where(more > out, before.label[row, following], out_label)
    return state, out + more, out_bad + more_bad, out_label


def _enter(state: LagState, row: Ints, amount: Floats, bad: Floats, label: Floats) -> None:
    """Put something into the slot at the head of each dryer."""
    state.amount[row, state.head] += amount
    state.bad[row, state.head] += bad
    state.label[row, state.head] = np.where(amount > 0.0, label, state.label[row, state.head])


def _leave(state: LagState, row: Ints, slot: Ints, share: Floats) -> tuple[Floats, Floats]:
    """Take a share of one slot of each dryer out."""
    out, bad = state.amount[row, slot] * share, state.bad[row, slot] * share
    state.amount[row, slot] -= out
    state.bad[row, slot] -= bad
    return out, bad
