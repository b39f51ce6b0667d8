"""Spikes: a reading far from what is usual for its tag, and back at once.

What is usual is learned: the mean step between readings, of which each counts for no more than `CLIP` times the mean so
far (Huber's psi function: P. J. Huber, "Robust Estimation of a Location Parameter", 1964). So it is a robust deviation
that a single wild reading hardly moves, and since steps are looked at and not values, a trend does not widen it. A
process that changes for good jumps once and does not come back; one that stops and starts is not in Execute meanwhile.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.quality.defects import Cause, Defects
from plant.quality.limits import Limits
from plant.quality.walk import UNKNOWN, Bools, Floats, Integers, Places, Walk

DEVIATIONS: Final = 8.0
"""A jump is further than so many usual steps."""
BACK: Final = 0.5
"""Back means nearer than this share of the jump to where it came from."""
SPIKE_MS: Final = 30_000
"""A longer excursion is a change of the process."""
CLIP: Final = 3.0
LEARNING: Final = 0.02
"""Weight of a new step in the mean: about the last fifty count."""
LEARNED: Final = 30
"""Steps before anything is judged."""


class SpikeRule:
    """Counts spikes.

    Args:
        limits: Of all tags.
    """

    def __init__(self, limits: Limits) -> None:
        tags = len(limits.low)
        self._least = limits.step
        self._usual = limits.step.copy()
        self._steps = np.zeros(tags, np.int64)
        self._away_from = np.full(tags, np.nan)
        self._away_to = np.full(tags, np.nan)
        self._away_since = np.full(tags, UNKNOWN, np.int64)

    def count(self, walk: Walk, executing_since: Integers) -> Defects:
        """Spikes that are over with these readings.

        Args:
            walk: Readings.
            executing_since: Since when the unit of each reading is in Execute, UTC ms, shape (n,).
        """
        if len(walk) == 0:
            return Defects.empty()
        step = np.abs(walk.value - walk.before)
        step[np.isnan(step)] = 0.0
        usual = self._usual.take(walk.tag)
        # The wild reading itself and the one before it must be of a unit at work.
        jumps = (step > DEVIATIONS * usual) & (self._steps.take(walk.tag) >= LEARNED)
        self._learn(walk, step, usual)
        if not jumps.any():
            return Defects.empty()
        rows = np.flatnonzero(jumps & (executing_since <= walk.before_time))
        return self._pairs(walk.tag[rows], walk.time[rows], walk.before[rows], walk.value[rows])

    def forget(self, tags: NDArray[np.integer]) -> None:
        """Their source is away; what is usual stays known."""
        self._away_from[tags] = np.nan

    def _learn(self, walk: Walk, step: Floats, usual: Floats) -> None:
        tags = walk.tag[walk.first]
        count = np.diff(walk.first, append=len(walk))
        mean = np.add.reduceat(np.minimum(step, CLIP * usual), walk.first) / count
        weight = 1.0 - (1.0 - LEARNING) ** count
        self._usual[tags] = np.maximum(self._least[tags], self._usual[tags] + weight * (mean - self._usual[tags]))
        self._steps[tags] += count

    def _pairs(self, tag: Places, time: Integers, before: Floats, value: Floats) -> Defects:
        """Jumps that lead back to where the jump before them began; the arguments are jumps sorted by (tag, time)."""
        if len(tag) == 0:
            return Defects.empty()
        opens = np.ones(len(tag), np.bool_)
        opens[1:] = tag[1:] != tag[:-1]
        origin, summit, since = np.roll(before, 1), np.roll(value, 1), np.roll(time, 1)
        held = tag[opens]
        origin[opens], summit[opens] = self._away_from[held], self._away_to[held]
        since[opens] = self._away_since[held]
        with np.errstate(invalid="ignore"):
            back = (np.abs(value - origin) < BACK * np.abs(summit - origin)) & (time - since <= SPIKE_MS)
        spikes = _alternate(back, opens)
        final = np.append(np.flatnonzero(opens), len(tag))[1:] - 1
        last = tag[final]
        self._away_from[last] = np.where(spikes[final], np.nan, before[final])
        self._away_to[last], self._away_since[last] = value[final], time[final]
        return Defects.of(Cause.SPIKE, tag[spikes], since[spikes])


def _alternate(back: Bools, opens: Bools) -> Bools:
    """Every other one of each run: the way back of one spike is not the way out of the next."""
    place = np.arange(len(back))
    start = np.maximum.accumulate(np.where(opens | ~back, place + ~back, 0))
    alternate: Bools = back & ((place - start) % 2 == 0)
    return alternate
