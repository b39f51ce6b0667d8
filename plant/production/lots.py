"""Good product by lot: what comes out of a dryer belongs to the time in which its lot was formed.

The good product of a lot is shared among what was formed of it in proportion, so that each minute has the quality of
its lot. While a lot is still coming out, only as much of it as has come out shares, the oldest first; the rest is not
known yet. A lot is closed once a later one has come out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant.production.steps import UNSAID, Integers, Steps

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Formed:
    """What was formed, in the order of time: lot (`UNSAID` where it is not known) and amount, shape (n,)."""

    lot: Integers
    amount: Floats


@dataclass(frozen=True, slots=True)
class Dried:
    """What came out: lot, and amounts of good and reject, shape (m,) and (m, 2)."""

    lot: Integers
    amounts: Floats


@dataclass(frozen=True, slots=True)
class Shares:
    """What came of what was formed.

    Attributes:
        amounts: Good and reject of each piece that was formed, shape (n, 2).
        open: Its lot is not closed, shape (n,).
        extra: Lots of which something came out although nothing was counted when they were formed, shape (k,);
            `extra_amounts` of shape (k, 2). Nothing is known of the forming of some of them.
    """

    amounts: Floats
    open: Bools
    extra: Integers
    extra_amounts: Floats


def begun(formed: Steps, line: int, lots: int) -> Integers:
    """When each lot of a line was begun, UTC ms, `UNSAID` if that is not known; shape (lots,)."""
    mine = (formed.row == line) & (formed.value != UNSAID)
    first = np.full(lots, np.iinfo(np.int64).max)
    np.minimum.at(first, formed.value[mine], formed.time[mine])
    return np.where(first == np.iinfo(np.int64).max, UNSAID, first)


def closed(dried: Steps, line: int, begin: Integers) -> Bools:
    """Which lots have come out whole, shape (lots,); `begin` as `begun` gives it."""
    seen = dried.value[(dried.row == line) & (dried.value != UNSAID)]
    latest = begin[seen].max(initial=UNSAID)
    is_closed: Bools = begin < latest
    return is_closed


def shared(formed: Formed, dried: Dried, is_closed: Bools) -> Shares:
    """Share what came out among what was formed of the same lots."""
    lots = len(is_closed)
    is_closed = np.append(is_closed, True)  # the last one stands for `UNSAID`, of which nothing more will be known
    out = np.zeros((lots + 1, 2))
    np.add.at(out, dried.lot, dried.amounts)
    weight = np.where(formed.lot == UNSAID, 0.0, _dried_part(formed, out.sum(axis=1), is_closed))
    total = np.zeros(lots + 1)
    np.add.at(total, formed.lot, weight)
    share = np.divide(weight, total[formed.lot], out=np.zeros(len(weight)), where=weight > 0)
    extra = np.flatnonzero(out.any(axis=1) & (total == 0))
    return Shares(
        amounts=share[:, None] * out[formed.lot],
        open=~is_closed[formed.lot],
        extra=np.where(extra == lots, UNSAID, extra),
        extra_amounts=out[extra],
    )


def _dried_part(formed: Formed, out: Floats, is_closed: Bools) -> Floats:
    """How much of each piece has come out: all of a closed lot, else the oldest as far as what came out reaches."""
    order = np.argsort(formed.lot, kind="stable")
    lot, amount = formed.lot[order], formed.amount[order]
    total = np.cumsum(amount)
    first = np.append(True, lot[1:] != lot[:-1])[: len(lot)]
    base = np.maximum.accumulate(np.where(first, total - amount, 0.0))
    part = np.where(is_closed[lot], amount, np.clip(out[lot] - (total - amount - base), 0.0, amount))
    dried = np.empty(len(lot))
    dried[order] = part
    return dried
