"""Frozen instruments: the same digits are told again and again while the unit runs.

Silence alone proves nothing: gateways report by exception. They do tell a calm value again from time to time, and a
live instrument then shows other digits within its deadband. A value at rest, 0 or an end of its range, may repeat.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.quality.defects import Cause, Defects
from plant.quality.limits import Limits
from plant.quality.walk import UNKNOWN, Walk

REPEATS: Final = 2
"""So often must the same digits have come again."""


class FrozenRule:
    """Counts the seconds in which tags stood still.

    Args:
        limits: Of all tags.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        tags = len(limits.low)
        self._since = np.full(tags, UNKNOWN, np.int64)
        self._repeats = np.zeros(tags, np.int64)
        self._frozen = np.zeros(tags, np.bool_)

    def count(self, walk: Walk, executing_since: NDArray[np.int64]) -> Defects:
        """Frozen time that these readings prove, from the first of the same digits on.

        Args:
            walk: Readings.
            executing_since: Since when the unit of each reading is in Execute, UTC ms, shape (n,).
        """
        if len(walk) == 0:
            return Defects.empty()
        same = walk.value == walk.before
        final, last = walk.final, walk.tag[walk.final]
        if not same.any():
            self._since[last], self._repeats[last], self._frozen[last] = walk.time[final], 0, False
            return Defects.empty()
        starts = walk.opens | ~same  # of a run of the same digits within this walk
        held = walk.tag[starts]
        since, repeats = np.zeros_like(walk.time), np.zeros_like(walk.time)
        since[starts] = np.where(same[starts], self._since[held], walk.time[starts])
        repeats[starts] = np.where(same[starts], self._repeats[held] + 1, 0)
        place = np.arange(len(walk))
        start = np.maximum.accumulate(np.where(starts, place, 0))
        since, repeats = since[start], repeats[start] + place - start

        begin = np.maximum(since, executing_since)
        limits, tag = self._limits, walk.tag
        rests = (walk.value == 0.0) | (walk.value <= limits.low[tag]) | (walk.value >= limits.high[tag])
        frozen = same & (repeats >= REPEATS) & (walk.time - begin >= limits.frozen_ms[tag]) & ~rests
        was_frozen = np.zeros(len(walk), np.bool_)
        was_frozen[1:] = frozen[:-1]
        was_frozen[walk.first] = self._frozen[tag[walk.first]]
        begin = np.where(was_frozen, np.maximum(begin, walk.before_time), begin)
        self._since[last], self._repeats[last], self._frozen[last] = since[final], repeats[final], frozen[final]
        return Defects.lasting(Cause.FROZEN, tag[frozen], begin[frozen], walk.time[frozen])

    def forget(self, tags: NDArray[np.integer]) -> None:
        """Their source is away."""
        self._since[tags], self._repeats[tags], self._frozen[tags] = UNKNOWN, 0, False
