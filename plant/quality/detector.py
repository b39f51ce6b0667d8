"""Finds what is wrong with readings as they come, in columns: most rules look at a batch once and find nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.model.enterprise import Role
from plant.model.tags import Tag
from plant.packml import State
from plant.quality.defects import Cause, Defects
from plant.quality.frozen import FrozenRule
from plant.quality.limits import Limits
from plant.quality.spikes import SpikeRule
from plant.quality.walk import Pace
from plant.readings import GOOD, Columns

LATE_MS: Final = 10_000
"""A reading that is older than this when it comes is late."""
AHEAD_MS: Final = 1_000
"""A reading that is newer than our clock by more than this has another clock."""
REFUSED_AHEAD_MS: Final = 60_000
"""What is further ahead is not stored, and counts for the hour in which it came (`collectors.validation`)."""
OLDEST_MS: Final = 400 * 86_400_000
"""Likewise what is older: a clock that was never set."""
NOT_EXECUTING: Final = 2**62
ALWAYS: Final = 0

Places = NDArray[np.intp]


class Arrival(Enum):
    """How readings came."""

    LIVE = "live"
    """Sent as they happened, by the clock of their source."""
    LATE = "late"
    """Current, but old when they were sent."""
    REPLAYED = "replayed"
    """History of a source that was away; it comes out of order, so that only single readings are looked at."""
    BORN = "born"
    """Told again by a birth: they may be old, and need not be fresh readings of the instrument."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Readings that came together.

    Attributes:
        readings: Of known tags, in the order of arrival, before any check.
        at: Host time at which each came, UTC ms, int64, shape (n,).
        how: How they came.
    """

    readings: Columns
    at: NDArray[np.int64]
    how: Arrival


class Detector:
    """Rules about the readings of all tags.

    Args:
        tags: The tag table.
    """

    def __init__(self, tags: Sequence[Tag]) -> None:
        limits = Limits.of(tags)
        self._limits = limits
        units = {storage: number for number, storage in enumerate(dict.fromkeys(tag.unit.storage for tag in tags))}
        self._unit = np.array([units[tag.unit.storage] for tag in tags], np.intp)
        self._is_state = np.array([tag.metric.role is Role.STATE for tag in tags], np.bool_)
        self._executing_since = np.full(len(units), ALWAYS, np.int64)
        self._executing_since[self._unit[self._is_state]] = NOT_EXECUTING
        self._pace = Pace(len(tags))
        self._frozen, self._spikes = FrozenRule(limits), SpikeRule(limits)

    def observe(self, arrived: Arrived) -> Defects:
        """Defects of what has come.

        A state that changes counts for all readings that came together with it: some may be passed over, none is
        blamed for the start or the stop of its unit.
        """
        readings = arrived.readings
        if len(readings) == 0:
            return Defects.empty()
        tag = readings.tag.astype(np.intp)  # numpy would do so for every look-up
        parts = [self._outside(readings, tag, arrived.at), *self._clock(arrived)]
        if arrived.how is not Arrival.REPLAYED:
            self._follow(readings, tag)
        if arrived.how in {Arrival.LIVE, Arrival.LATE}:
            parts += self._sequences(readings, tag)
        return Defects.concat(parts)

    def away(self, tags: NDArray[np.integer]) -> None:
        """The source of these tags has gone: nobody knows whether their unit goes on."""
        states = tags[self._is_state[tags]]
        self._executing_since[self._unit[states]] = NOT_EXECUTING
        self._pace.forget(tags)
        self._frozen.forget(tags)
        self._spikes.forget(tags)

    def _outside(self, readings: Columns, tag: Places, at: NDArray[np.int64]) -> Defects:
        low, high = self._limits.low.take(tag), self._limits.high.take(tag)
        with np.errstate(invalid="ignore"):
            inside = (readings.value >= low) & (readings.value <= high)  # false for NaN, too
        if inside.all():
            return Defects.empty()
        outside = ~(inside & np.isfinite(readings.value)) & (readings.quality == GOOD)
        return Defects.of(Cause.OUT_OF_RANGE, readings.tag[outside], _credible(readings.time[outside], at[outside]))

    def _clock(self, arrived: Arrived) -> list[Defects]:
        """Readings out of time; births tell values as old as they are."""
        if arrived.how is Arrival.BORN:
            return []
        time, at = arrived.readings.time, arrived.at
        behind, ahead = time < at - LATE_MS, time > at + AHEAD_MS
        found = []
        if ahead.any():
            found.append((Cause.CLOCK_SKEW, ahead))
        if behind.any():
            # Fresh by the clock of the source and old by ours: that is the clock, not the way.
            found.append((Cause.CLOCK_SKEW if arrived.how is Arrival.LIVE else Cause.LATE, behind))
        return [Defects.of(cause, arrived.readings.tag[rows], _credible(time[rows], at[rows])) for cause, rows in found]

    def _follow(self, readings: Columns, tags: Places) -> None:
        """Note since when units are in Execute."""
        states = np.flatnonzero(self._is_state.take(tags))
        for tag, time, value, quality in zip(
            tags[states].tolist(),
            readings.time[states].tolist(),
            readings.value[states].tolist(),
            readings.quality[states].tolist(),
            strict=True,
        ):
            unit = self._unit[tag]
            if quality != GOOD or value != State.EXECUTE:
                self._executing_since[unit] = NOT_EXECUTING
            elif self._executing_since[unit] == NOT_EXECUTING:
                self._executing_since[unit] = time

    def _sequences(self, readings: Columns, tag: Places) -> list[Defects]:
        usable = self._limits.measured.take(tag) & (readings.quality == GOOD) & np.isfinite(readings.value)
        walk = self._pace.walk(tag, readings, usable)
        since = self._executing_since.take(self._unit.take(walk.tag))
        return [self._frozen.count(walk, since), self._spikes.count(walk, since)]


def _credible(time: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The time that a defect is booked to: of a reading that will not be stored, when it came."""
    return np.where((time > at + REFUSED_AHEAD_MS) | (time < at - OLDEST_MS), at, time)
