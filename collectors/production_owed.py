"""Which production minutes have to be made: bookkeeping alone, without clocks, threads and stores.

A reading at some time may change minutes before it: those of a stop that is judged whole, of a lot that leaves the
dryer an hour later, of blocks that leave it a day later. How far back anything can reach is one thing, how soon it is
looked at another; so there are three passes, each with its reach. ::

                                   near, every minute:       ├──┤ 15 min
                         deep, every 5 minutes:    ├────────────┤ 3 h
    deepest, every hour:  ├─────────────────────────────────────┤ 30 h
    ────────────────────────────────────────────────────────────┬──▶ time
                                                       first reading since the last pass

All that follows the reading is made again too: a state, an order or a lot holds until the next one. What is near is
made of all sites together, what is deep of one at a time, since it needs up to 39 hours of readings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import HOUR_MS, MINUTE_MS
from plant.production.rebuild import AFTER_MS, BEFORE_MS, SLICE_MS
from plant.production.steps import Integers

NEVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Reach:
    """A pass.

    Attributes:
        name: For logs.
        back_ms: How far before a reading it makes minutes again.
        every_ms: In between two of them, by the clock of the plant or by that of the host, whichever is faster.
    """

    name: str
    back_ms: int
    every_ms: int


NEAR: Final = Reach("near", 15 * MINUTE_MS, MINUTE_MS)
DEEP: Final = Reach("deep", BEFORE_MS, 5 * MINUTE_MS)
DEEPEST: Final = Reach("deepest", AFTER_MS, HOUR_MS)
REACHES: Final = (NEAR, DEEP, DEEPEST)


@dataclass(frozen=True, slots=True)
class Part:
    """Minutes that are made at once.

    Attributes:
        start: First minute, UTC ms; `end` likewise, exclusive.
        rows: Places of the sites whose minutes are made.
        first: Of each of them the first minute, UTC ms, within [start, end), int64, shape (n,); `last` likewise,
            exclusive.
    """

    start: int
    end: int
    rows: Integers
    first: Integers
    last: Integers


class Owed:
    """What is owed of each of some sites, which are counted from 0.

    Attributes:
        frontier: Newest time of which anything is stored, UTC ms, 0 for none; shape (sites,).
    """

    def __init__(self, sites: int) -> None:
        self.frontier = np.zeros(sites, np.int64)
        self._since = {reach: np.full(sites, NEVER, np.int64) for reach in REACHES}
        self._undone = {reach: np.full(sites, NEVER, np.int64) for reach in REACHES}
        self._reached = {reach: np.zeros(sites, np.int64) for reach in REACHES}
        self._ran = dict.fromkeys(REACHES, -NEVER)

    def touch(self, oldest: Integers, newest: Integers) -> None:
        """Readings are stored.

        Args:
            oldest: Of each site the time of the oldest of them, UTC ms, `NEVER` for none; shape (sites,).
            newest: Likewise of the newest, 0 for none.
        """
        for reach in REACHES:
            self.demand(reach, oldest)
        self.frontier = np.maximum(self.frontier, newest)

    def demand(self, reach: Reach, since: Integers) -> None:
        """One pass has to look at what came at `since`, UTC ms by site, and later; `NEVER` for nothing."""
        # What is read on the stroke of a minute was counted before it.
        self._since[reach] = np.minimum(self._since[reach], np.where(since < NEVER, since - 1, NEVER))

    def is_due(self, reach: Reach, now: int, *, besides: bool = False) -> bool:
        """Whether it is time for a pass.

        Args:
            reach: The pass.
            now: Host's time, UTC ms.
            besides: It has something to do even if nothing was touched.
        """
        owed = self._owed(reach)
        moved = self.whole - self._reached[reach] >= reach.every_ms
        waited = now - self._ran[reach] >= reach.every_ms
        return bool((owed & moved).any() or ((owed.any() or besides) and waited))

    def take(self, reach: Reach, oldest: int, now: int, also: Integers) -> list[Part]:
        """All that the pass owes, oldest first; it counts as made unless it is given back.

        Args:
            reach: The pass.
            oldest: Minutes before this cannot be made, UTC ms on a multiple of a minute.
            now: Host's time, UTC ms.
            also: By site from when on its minutes are made besides, UTC ms, `NEVER` for none.
        """
        owed, whole = self._owed(reach), self.whole
        touched = self._since[reach] < whole
        first = np.where(touched, _minute(self._since[reach] - reach.back_ms), self._undone[reach])
        first = np.maximum(np.minimum(np.minimum(first, self._undone[reach]), _minute(also)), oldest)
        self._undone[reach][:] = NEVER
        self._ran[reach] = now
        self._since[reach][owed] = whole[owed]
        self._reached[reach][owed] = whole[owed]
        sites = np.arange(len(whole))
        groups = [sites] if reach is NEAR else np.split(sites, len(sites))
        return sorted((part for rows in groups for part in parts(rows, first[rows], whole[rows])), key=_start)

    def give_back(self, reach: Reach, undone: Iterable[Part]) -> None:
        """These parts could not be made: the pass makes their minutes, and all after them, the next time."""
        for part in undone:
            np.minimum.at(self._undone[reach], part.rows, part.first)

    @property
    def whole(self) -> Integers:
        """The end of the last minute that is over, of each site, UTC ms."""
        return _minute(self.frontier)

    def _owed(self, reach: Reach) -> NDArray[np.bool_]:
        owed: NDArray[np.bool_] = np.minimum(self._since[reach], self._undone[reach]) < self.whole
        return owed


def parts(rows: Integers, first: Integers, last: Integers) -> list[Part]:
    """Windows [first, last) of sites, UTC ms on multiples of a minute, as parts that fit into memory, oldest first."""
    some = first < last
    rows, first, last = rows[some], first[some], last[some]
    made = []
    for start in range(int(first.min(initial=NEVER)), int(last.max(initial=0)), SLICE_MS):
        end = min(start + SLICE_MS, int(last.max()))
        inside = (first < end) & (last > start)
        if inside.any():
            made.append(Part(start, end, rows[inside], np.maximum(first[inside], start), np.minimum(last[inside], end)))
    return made


def _start(part: Part) -> int:
    return part.start


def _minute(time: Integers) -> Integers:
    """Starts of the minutes."""
    return time - time % MINUTE_MS
