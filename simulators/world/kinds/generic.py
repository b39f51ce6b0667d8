"""Generic physics: metrics that no special kind computes, from their role and the parameters in the model.

It works on metrics, not on units, so that any machine of any enterprise is simulated from data alone (docs/world.md
lists the parameters).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from plant.model.enterprise import Datatype, Metric, Role, Unit
from simulators.world.group import choices, numeric, text
from simulators.world.inertia import Floats, Ints

FLUCTUATION_S = 120.0
"""Noise of a generic value has a memory of two minutes: it is process, the instrument adds its own."""
CALM = 1.0 / 3.0
"""Noise where the model gives none, as a share of the deadband: most of it is not worth a report."""
CHOICE_S = 8 * 3_600.0
"""A text with several choices moves on after a shift, unless the model says."""
DRIVE_LOAD = 0.75
"""Drives of auxiliaries without a power metric draw this share of their rated power while they run."""
MOST_SCRAP = 0.99
_FLOWS = frozenset({Role.RATE, Role.POWER, Role.GAS_FLOW, Role.WATER_FLOW})


@dataclass(frozen=True, slots=True)
class Signal:
    """One metric that is simulated generically: row of its unit, the unit, the metric."""

    row: int
    unit: Unit
    metric: Metric


@dataclass(frozen=True, slots=True)
class SignalState:
    """Lagged value and fluctuation of each signal; shapes (signals,)."""

    value: Floats
    noise: Floats


@dataclass(frozen=True, slots=True)
class Signals:
    """Parameters of all signals; arrays of shape (signals,).

    Attributes:
        row: Of the unit.
        base: Value while the unit executes; `idle` the value otherwise.
        swing: Amplitude of a sine of `period_s`, which begins at `phase`.
        sd: Deviation of the fluctuation.
        tau_s: Time constant of the first-order lag, 0 for none.
        follows: Row of the signal whose value is the base, -1 for none.
        set_point: 1 for set points, which keep what is written.
        texts: How many choices a text has, 0 for numbers.
    """

    row: Ints
    base: Floats
    idle: Floats
    swing: Floats
    period_s: Floats
    phase: Floats
    sd: Floats
    tau_s: Floats
    follows: Ints
    set_point: Floats
    texts: Floats

    @classmethod
    def of(cls, signals: Sequence[Signal]) -> Self:
        """Parameters from `simulation`; what is missing follows from role, normal range and span."""
        place = {(each.unit.path, each.metric.key): i for i, each in enumerate(signals)}
        base = [_base(each.metric) for each in signals]

        def number(name: str, default: Sequence[float]) -> Floats:
            pairs = zip(signals, default, strict=True)
            return np.array([numeric(each.metric.simulation, name, other) for each, other in pairs], np.float64)

        idle = [0.0 if _rests(each.metric) else base[i] for i, each in enumerate(signals)]
        texts = [not each.metric.is_numeric for each in signals]
        follows = [place.get((each.unit.path, text(each.metric.simulation, "follows")), -1) for each in signals]
        period = [CHOICE_S if is_text else 3_600.0 for is_text in texts]
        phase = [zlib.crc32("/".join((*each.unit.path, each.metric.key)).encode()) / 2**32 for each in signals]
        return cls(
            row=np.array([each.row for each in signals], np.int64),
            base=number("base", base),
            idle=number("idle", idle),
            swing=number("swing", [0.0] * len(signals)),
            period_s=np.maximum(1.0, number("period_s", period)),
            phase=np.array(phase, np.float64),
            sd=number("noise", [_noise(each.metric) for each in signals]),
            tau_s=number("tau_s", [0.0] * len(signals)),
            follows=np.array(follows, np.int64),
            set_point=np.array([each.metric.role is Role.SET_POINT for each in signals], np.float64),
            texts=np.array([float(len(labels(each.metric))) * t for each, t in zip(signals, texts, strict=True)]),
        )

    def start(self, running: Floats, normal: Floats, now_s: float) -> SignalState:
        """Settled at the base or idle value.

        Args:
            running: 1 for units that execute, shape (units,).
            normal: Standard normal draws, shape (signals,).
            now_s: Time, s since 1970 UTC.
        """
        unlagged = SignalState(self.base, self.sd * normal)
        return SignalState(self._goal(unlagged, running, now_s), unlagged.noise)

    def step(self, state: SignalState, running: Floats, normal: Floats, now_s: float, dt_s: float) -> SignalState:
        """`dt_s` later; the other arguments as in `start`."""
        goal = self._goal(state, running, now_s)
        kept = np.exp(-dt_s / np.maximum(1e-3, self.tau_s))
        value = goal + (state.value - goal) * kept
        stays = self.set_point > 0
        a = math.exp(-dt_s / FLUCTUATION_S)
        noise = state.noise * a + self.sd * math.sqrt(1.0 - a * a) * normal
        return SignalState(np.where(stays, state.value, value), noise)

    def shown(self, state: SignalState, running: Floats) -> Floats:
        """Values of the metrics; a flow that stands still has no noise."""
        alive = (running[self.row] > 0) | (self.idle != 0.0)
        return np.where(self.set_point > 0, state.value, state.value + state.noise * alive)

    def _goal(self, state: SignalState, running: Floats, now_s: float) -> Floats:
        turns = now_s / self.period_s + self.phase
        base = np.where(self.follows >= 0, state.value[self.follows], self.base)
        on = base + self.swing * np.sin(2.0 * np.pi * turns)
        value = np.where(running[self.row] > 0, on, self.idle)
        chosen = np.floor(turns) % np.maximum(1.0, self.texts)
        return np.where(self.texts > 0, chosen, value)


def labels(metric: Metric) -> Sequence[str]:
    """What the numbers of a generic text mean; one empty text when the model gives no choices."""
    return choices(text(metric.simulation, "choices")) or ("",)


def _base(metric: Metric) -> float:
    if metric.datatype is Datatype.BOOLEAN:
        return 1.0
    for span in (metric.normal, metric.span):
        if span is not None:
            return 0.5 * (span.low + span.high)
    return 0.0


def _rests(metric: Metric) -> bool:
    """Whether the metric is 0 while its unit does not execute."""
    return metric.role in _FLOWS or metric.datatype is Datatype.BOOLEAN


def _noise(metric: Metric) -> float:
    quiet = metric.role is Role.SET_POINT or not metric.is_numeric or metric.datatype is Datatype.BOOLEAN
    return 0.0 if quiet else CALM * metric.deadband


@dataclass(frozen=True, slots=True)
class GenericCounters:
    """What generic units count and use in an hour of Execute; zeros for units of other kinds.

    Attributes:
        good_h: Good pieces, shape (units,).
        by_pace: 1 for units without a rate of their own that count what their line's product asks for.
        scrap: Share of rejects where the model gives it, else -1 for the product's own.
        flows: Power, kW, gas and water, m3/h, of units without a metric for it, shape (3, units).
    """

    good_h: Floats
    by_pace: Floats
    scrap: Floats
    flows: Floats

    @classmethod
    def of(cls, units: Sequence[Unit], generic: Ints) -> Self:
        """Parameters rate_per_h and scrap of the counters, power_kw of the units in the rows `generic`."""

        def numbers(role: Role, name: str, default: float) -> Floats:
            found = np.zeros(len(units))
            for row in generic:
                metric = units[row].with_role(role)
                found[row] = default if metric is None else numeric(metric.simulation, name, default)
            return found

        counts = np.zeros(len(units))
        rated_kw = np.zeros(len(units))
        for row in generic:
            counts[row] = any(units[row].with_role(role) for role in (Role.PRODUCED, Role.GOOD))
            rated_kw[row] = numeric(units[row].simulation, "power_kw", 0.0)
        scrap = numbers(Role.REJECT, "scrap", -1.0)
        produced, good = numbers(Role.PRODUCED, "rate_per_h", 0.0), numbers(Role.GOOD, "rate_per_h", 0.0)
        good_h = np.where(good > 0.0, good, produced * (1.0 - np.maximum(0.0, scrap)))
        energy = numbers(Role.ENERGY, "rate_per_h", 0.0)
        power = np.where(energy > 0.0, energy, DRIVE_LOAD * rated_kw)
        gas, water = numbers(Role.GAS, "rate_per_h", 0.0), numbers(Role.WATER, "rate_per_h", 0.0)
        return cls(good_h, counts * (good_h <= 0.0), scrap, np.array([power, gas, water]))

    def made(self, running: Floats, pace: Floats, scrap: Floats, dt_h: float) -> tuple[Floats, Floats]:
        """Good and rejected pieces of a step.

        Args:
            running: 1 for units that execute.
            pace: Ideal rate of the line's product per hour.
            scrap: Usual share of rejects of the line's product.
            dt_h: Length of the step, h.
        """
        share = np.minimum(MOST_SCRAP, np.where(self.scrap >= 0.0, self.scrap, scrap))
        good = (self.good_h + self.by_pace * pace * (1.0 - share)) * running * dt_h
        return good, good * share / (1.0 - share)
