"""What a scenario's steps do at a moment: each is one or more cues on columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from simulators.scenarios.effects import Compose, Effect, Kind, On, Values
from simulators.scenarios.schema import Step
from simulators.world.inertia import Floats, Ints

_LEAST_SPAN_MS = 1
"""Stands for a ramp of no length."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of the world: it is at `now_ms` and was at `before_ms`, UTC ms."""

    before_ms: int
    now_ms: int


@dataclass(frozen=True, slots=True)
class Timing:
    """When something acts.

    Attributes:
        begin_ms: UTC ms; `end_ms` when it ends, from where it fades.
        ramp_ms: Time in which it comes; `fade_ms` in which it goes.
        every_ms: Period of what comes and goes, 0 for what stays; `lasts_ms` how long it is there in each.
        once: Acts only in the step of the world in which it begins.
    """

    begin_ms: int
    end_ms: int
    ramp_ms: int = 0
    fade_ms: int = 0
    every_ms: int = 0
    lasts_ms: int = 0
    once: bool = False

    def share(self, moment: Moment) -> float:
        """How much of it is there, 0 to 1."""
        if self.once:
            return float(moment.before_ms <= self.begin_ms < moment.now_ms)
        since, beyond = moment.now_ms - self.begin_ms, moment.now_ms - self.end_ms
        if since <= 0 or beyond > self.fade_ms:
            return 0.0
        if self.every_ms and (since - 1) % self.every_ms >= self.lasts_ms:
            return 0.0
        come = min(1.0, min(since, self.end_ms - self.begin_ms) / max(_LEAST_SPAN_MS, self.ramp_ms))
        gone = max(0, beyond) / max(_LEAST_SPAN_MS, self.fade_ms)
        return come * (1.0 - gone)


@dataclass(frozen=True, slots=True)
class Cue:
    """One field that is set at some places for some time.

    Attributes:
        on: Whose field it is.
        field: Its name.
        rows: The places, shape (places,).
        value: What it comes to there, shape (places,).
        neutral: What it comes from.
        compose: How it acts on top of others.
        timing: When.
    """

    on: On
    field: str
    rows: Ints
    value: Floats
    neutral: float
    compose: Compose
    timing: Timing

    def play(self, columns: Mapping[str, Values], moment: Moment) -> None:
        """Put it into the columns, in place."""
        share = self.timing.share(moment)
        if share > 0.0:
            column = columns[self.field]
            value = self.neutral + (self.value - self.neutral) * share
            column[self.rows] = self.compose(column[self.rows], value.astype(column.dtype))


def cues(step: Step, rows: Ints, scale: Floats, timing: Timing, strength: float) -> Iterable[Cue]:
    """The cues of one step.

    Args:
        step: What is done.
        rows: Of the units, tags or nodes that are hit.
        scale: Measure of the effect there: the width of the normal range for what is given in such widths, else 1.
        timing: When; `once` is set here.
        strength: Factor on how far the value is from neutral.
    """
    effect = step.row
    wanted = effect.set_to if step.to is None else effect.neutral + (step.to - effect.neutral) * strength
    value = (np.clip(wanted, effect.low, effect.high) if effect.kind is Kind.LEVEL else wanted) * scale
    moment = Timing(timing.begin_ms, timing.end_ms, once=True)
    yield _cue(effect, rows, value, moment if effect.kind is Kind.MOMENT else timing)
    stays = Timing(timing.begin_ms, timing.end_ms)
    if step.cause is not None:
        yield _plain(On.UNITS, "cause", rows, float(step.cause), stays)
    if step.effect == "fail":
        yield _plain(On.UNITS, "repair_s", rows, (timing.end_ms - timing.begin_ms) / 1000.0, stays)
    if step.by is not None:
        yield _plain(On.NODES, "late_ms", rows, float(step.by), timing)


def _cue(effect: Effect, rows: Ints, value: Floats, timing: Timing) -> Cue:
    return Cue(effect.on, effect.field, rows, value, effect.neutral, effect.compose, timing)


def _plain(on: On, field: str, rows: Ints, value: float, timing: Timing) -> Cue:
    """A number that replaces what is there while the cue lasts; the larger one where several do."""
    return Cue(on, field, rows, np.full(len(rows), value), value, np.fmax, timing)
