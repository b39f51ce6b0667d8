"""Instruments: what a true value looks like once it has been measured, counted and rounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from plant.model.enterprise import Datatype, Metric, Role
from plant.model.tags import Tag
from simulators.world.group import numeric
from simulators.world.inertia import ZERO, Bools, Floats, Ints
from simulators.world.influence import SensorFaults

NOISE = 0.5
"""Noise of an instrument as a share of its deadband: deadbands are set to about two standard deviations."""
MOST_NOISE = 0.05
"""Noise is never more than this share of the normal range, or nobody could tell normal from not."""
COUNTED = 0.6
"""A meter has counted up to this share of its range when the world starts."""
UNBOUNDED = 1e6
"""Taken for the range of counters that never roll over."""
PARTS = {Role.GOOD: 0.97, Role.REJECT: 0.03}
"""Shares of what was produced before the world began."""
SLACK = 1e-6
"""A counter within this part of its next step has reached it; sums of floats end a little short."""
_EXACT = frozenset({Role.STATE, Role.MODE, Role.COMMAND, Role.SET_POINT})
_WHOLE = frozenset({Datatype.INT32, Datatype.INT64, Datatype.BOOLEAN})


@dataclass(frozen=True, slots=True)
class InstrumentState:
    """What instruments remember, so that saving it saves them.

    Attributes:
        seen: True values when they last looked, shape (tags,).
        lost: What counters have missed since the world began, shape (tags,).
        codes: Numbers of texts when they were last looked at, shape (texts,).
        since_ms: When these came, UTC ms, shape (texts,).
    """

    seen: Floats
    lost: Floats
    codes: Ints
    since_ms: Ints

    @classmethod
    def start(cls, tags: int, texts: int) -> Self:
        """Before the first look."""
        return cls(np.zeros(tags), np.zeros(tags), np.full(texts, -1, np.int64), np.zeros(texts, np.int64))

    def look(self, true: Floats, count_loss: Floats, codes: Ints, now_ms: int) -> InstrumentState:
        """What is remembered after a look at the true values and the numbers of texts."""
        lost = self.lost + count_loss * np.maximum(ZERO, true - self.seen)
        return InstrumentState(true, lost, codes, np.where(codes == self.codes, self.since_ms, now_ms))

    def told(self, delay_ms: Floats, now_ms: int) -> Ints:
        """Numbers of texts that are told: nothing (0) for what has not been there for `delay_ms` yet."""
        return np.where(now_ms - self.since_ms < delay_ms, 0, self.codes)


@dataclass(frozen=True, slots=True)
class Instruments:
    """Parameters per tag; arrays of shape (tags,).

    Attributes:
        sd: Deviation of the noise.
        per_unit: Steps of the resolution in one unit, a power of ten.
        low: End of the span; `high` its other end, infinite where there is none.
        counter: Counters, which are cut to their resolution instead of rounded.
        offset: What a counter had counted before the world began; `rollover` where it starts again.
    """

    sd: Floats
    per_unit: Floats
    low: Floats
    high: Floats
    counter: Bools
    offset: Floats
    rollover: Floats

    @classmethod
    def of(cls, tags: Sequence[Tag], uniform: Floats) -> Self:
        """Parameters from the model; `uniform` draws, shape (tags,), say what counters had counted before.

        All counters of a unit have counted equally long, so that its good and rejected pieces fit what it produced.
        """
        metrics = [tag.metric for tag in tags]
        per_unit = np.array([_per_unit(metric) for metric in metrics], np.float64)
        share = {tag.unit.path: drawn for tag, drawn in zip(tags, uniform, strict=True)}
        offset = np.array([_offset(tag.metric, share[tag.unit.path]) for tag in tags], np.float64)
        return cls(
            sd=np.array([_sd(metric) for metric in metrics], np.float64),
            per_unit=per_unit,
            low=np.array([-np.inf if m.span is None else m.span.low for m in metrics], np.float64),
            high=np.array([np.inf if m.span is None else m.span.high for m in metrics], np.float64),
            counter=np.array([metric.is_counter for metric in metrics], np.bool_),
            offset=np.floor(offset * per_unit) / per_unit,
            rollover=np.array([metric.rollover or np.inf for metric in metrics], np.float64),
        )

    def shown(self, before: Floats, state: InstrumentState, faults: SensorFaults, normal: Floats) -> Floats:
        """What instruments show of what they have just seen, faults included; shape (tags,).

        Args:
            before: What they showed before.
            state: After the look.
            faults: What is wrong with them.
            normal: Standard normal draws.
        """
        seen = state.seen - state.lost
        if faults is SensorFaults.none(len(before)):
            return self.read(seen, normal)
        return np.where(faults.freeze, before, self.read(seen * faults.gain + faults.offset, normal))

    def read(self, true: Floats, normal: Floats) -> Floats:
        """Measured values; an instrument that sees exactly nothing shows exactly nothing.

        Args:
            true: True values; for counters the sum since the world began. Shape (tags,).
            normal: Standard normal draws, shape (tags,).
        """
        seen = true + self.offset + self.sd * normal * (true != 0.0)
        steps = seen * self.per_unit
        value = np.where(self.counter, np.floor(steps + SLACK), np.rint(steps)) / self.per_unit
        over = np.flatnonzero(value >= self.rollover)  # few or none, and a remainder is slow
        value[over] = np.mod(value[over], self.rollover[over])
        within: Floats = np.minimum(self.high, np.maximum(self.low, value))
        return within


def _sd(metric: Metric) -> float:
    if metric.is_counter or metric.role in _EXACT or metric.datatype in _WHOLE:
        return 0.0
    span = metric.normal.high - metric.normal.low if metric.normal else np.inf
    return min(NOISE * metric.deadband, MOST_NOISE * span)


def _per_unit(metric: Metric) -> float:
    if metric.datatype in _WHOLE or metric.role in {Role.STATE, Role.MODE, Role.COMMAND}:
        return 1.0
    digits = metric.decimals if metric.is_counter else metric.decimals + 1
    return float(10.0**digits)


def _offset(metric: Metric, share: float) -> float:
    if not metric.is_counter:
        return 0.0
    whole = metric.rollover or UNBOUNDED
    return numeric(metric.simulation, "start", COUNTED * share * whole * PARTS.get(metric.role, 1.0))
