"""Transport through a dryer: what goes in comes out after a given time of *running*, in order, with its labels.

A queue of slots per dryer, all dryers of a kind in one array. While a dryer stands still, so does what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulators.world.inertia import ONE, Floats, some

LOT_S = 3_600.0
AMOUNT, BAD, WATER = range(3)
"""Rows of goods: all of it, the part that is already scrap, its free water in t."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes in or comes out in a step: goods by `AMOUNT`, `BAD`, `WATER`, shape (3, dryers), and their lot."""

    goods: Floats
    label: Floats

    @property
    def amount(self) -> Floats:
        """All of it."""
        amount: Floats = self.goods[AMOUNT]
        return amount

    @property
    def bad(self) -> Floats:
        """The part that is already scrap."""
        bad: Floats = self.goods[BAD]
        return bad

    @property
    def water(self) -> Floats:
        """Its free water, t."""
        water: Floats = self.goods[WATER]
        return water


@dataclass(frozen=True, slots=True)
class LagState:
    """What is on the way; slots in the order of their age, the first one takes what comes in.

    Attributes:
        goods: In each slot, by `AMOUNT`, `BAD`, `WATER`, shape (3, dryers, slots).
        label: Lot of each slot, shape (dryers, slots).
        left: Share of the last slot that is still inside, above 0 to 1, shape (dryers,).
    """

    goods: Floats
    label: Floats
    left: Floats

    @property
    def water(self) -> Floats:
        """Free water in each slot, t, shape (dryers, slots)."""
        water: Floats = self.goods[WATER]
        return water

    def dried(self, kept: Floats) -> LagState:
        """The same with a share of the water in each slot, shape (dryers, slots)."""
        goods = self.goods.copy()
        goods[WATER] *= kept
        return LagState(goods, self.label, self.left)


def filled(per_slot: Floats, slot_s: Floats, now_s: float, water_t: Floats) -> LagState:
    """Dryers that have run for long: `per_slot` in each slot, labelled with the lots of the time it went in.

    Args:
        per_slot: Amount in each slot, shape (dryers,).
        slot_s: Time that a slot stands for, s, shape (dryers,).
        now_s: Time, s since 1970 UTC.
        water_t: Free water of a unit of it by how many slots ago it went in, t, shape (dryers, slots).
    """
    dryers, slots = water_t.shape
    amount = np.repeat(per_slot[:, None], slots, axis=1)
    amount[:, 0] = 0.0
    return LagState(
        goods=np.array([amount, np.zeros((dryers, slots)), amount * water_t]),
        label=lot(now_s - slot_s[:, None] * np.arange(slots)),
        left=np.ones(dryers),
    )


def lot(time_s: Floats | float) -> Floats:
    """Number of the lot of that time: what is made in one hour (UTC) stands for one set of laboratory samples."""
    return np.floor(np.asarray(time_s) / LOT_S)


def content(state: LagState) -> Floats:
    """All that is inside, per dryer."""
    total: Floats = state.goods[AMOUNT].sum(axis=1)
    return total


def travel(before: LagState, came: Parcel, slots_passed: Floats) -> tuple[LagState, Parcel]:
    """Put `came` in and move everything on by `slots_passed` (0 to 1 per call); the new state, and what came out.

    Raises:
        ValueError: More than one slot would pass; the step is too long for the slots.
    """
    if some(slots_passed > ONE):
        raise ValueError("a step may not move a dryer by more than one slot: shorten the step or use fewer slots")
    goods, label = before.goods.copy(), before.label.copy()
    share = slots_passed / before.left
    crossed = share >= 1.0
    early = ONE / np.maximum(ONE, share)
    goods[:, :, 0] += came.goods * early
    label[:, 0] = np.where(came.amount > 0.0, came.label, label[:, 0])
    out, lot_out = goods[:, :, -1] * np.minimum(ONE, share), before.label[:, -1]
    goods[:, :, -1] -= out
    left = before.left - slots_passed
    if some(crossed):
        for row in np.flatnonzero(crossed).tolist():
            goods[:, row, 1:], label[row, 1:] = goods[:, row, :-1], label[row, :-1]
            goods[:, row, 0] = came.goods[:, row] * (1.0 - early[row])
        more = goods[:, :, -1] * np.where(crossed, -left, 0.0)
        goods[:, :, -1] -= more
        lot_out = np.where(more[AMOUNT] > out[AMOUNT], label[:, -1], lot_out)
        out = out + more
        left = np.where(crossed, 1.0 + left, left)
    return LagState(goods, label, left), Parcel(out, lot_out)
