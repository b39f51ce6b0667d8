"""A critical metric under control: minute rows become points, a calm stretch gives limits, and these judge the rest.

Only minutes count in which the unit was in Execute all the time, all values were good, and the set point, if the chart
is around one, did not move; the first minutes after a start are left out. A point is made of whole, neighbouring
minutes.

Processes with inertia make neighbouring points alike: their moving range is too small to tell how far the process
wanders by itself. So limits are three deviations of the whole base away, if that is more. A very capable process may
still leave them without any harm: somebody is called only when half the room between centre and specification is used
up as well (the thought of acceptance control charts, ISO 7870-3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import MINUTE_MS, TierColumns
from plant.model.enterprise import ChartKind, Control
from plant.packml import State
from plant.spc.base import LEAST, MOST_LEFT_OUT
from plant.spc.capability import Capability, Specification, capability
from plant.spc.charts import WIDTH, Pair, individuals, xbar_s
from plant.spc.rules import signals

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Times = NDArray[np.int64]

SETTLE_MIN: Final = 10
"""Minutes after a start that are left out."""
BASE: Final = 48
"""Points of a base period, `LEAST` of them at least."""
STEP: Final = 5
"""A stretch that is not calm is looked for again so many points later."""
RULES: Final = (1, 2, 3)
"""Tests that may call for somebody: one point outside, nine on one side, six in one direction. Each of the others would
add false alarms, and shows in the figures anyway."""
ROOM: Final = 0.5
"""Share of the room between centre and specification limit that has to be used up besides."""


@dataclass(frozen=True, slots=True)
class Points:
    """Minutes made into points.

    Attributes:
        time: Start of each, UTC ms, shape (n,).
        values: Minute means, shape (n, minutes).
    """

    time: Times
    values: Floats


@dataclass(frozen=True, slots=True)
class Study:
    """What a chart says.

    Attributes:
        time: Start of each point, UTC ms, shape (n,).
        charts: Location and spread of all points, by the limits of the base.
        base: First and last point of the base period.
        signals: Nelson's tests at each point, bool, shape (n, 8); none within the base or before it.
        calls: At which points somebody is called, bool, shape (n,).
        capability: Of the base period by the deviation between neighbours: Cp and Cpk.
        performance: By the deviation of the whole base: Pp and Ppk.
    """

    time: Times
    charts: Pair
    base: tuple[int, int]
    signals: Bools
    calls: Bools
    capability: Capability
    performance: Capability


def points(control: Control, value: TierColumns, state: TierColumns, set_point: TierColumns | None) -> Points:
    """Points of a metric.

    Args:
        control: How it is charted.
        value: Minute rows of the metric, by time.
        state: Of its unit's PackML state.
        set_point: Of what it is around; None if that is nothing.
    """
    running = state.time[(state.low == State.EXECUTE) & (state.high == State.EXECUTE) & (state.good_ms == MINUTE_MS)]
    running = _settled(running)
    whole = value.take((value.good_ms == MINUTE_MS) & np.isin(value.time, running))
    means = whole.mean
    if set_point is not None:
        still = set_point.take((set_point.low == set_point.high) & (set_point.good_ms == MINUTE_MS))
        whole = whole.take(np.isin(whole.time, still.time))
        means = whole.mean - still.mean[np.searchsorted(still.time, whole.time)]
    return _grouped(whole.time, means, control.every_min)


def study(control: Control, found: Points) -> Study | None:
    """Judge points by the limits of the earliest calm stretch among them; None if there is none.

    Args:
        control: How they are charted.
        found: `plant.spc.base.LEAST` points at least, or nothing can be said.
    """
    means = found.values.mean(axis=1)
    base = _base(means)
    if base is None:
        return None
    first, kept = base
    subgroups = control.chart is ChartKind.XBAR_S
    drawn = xbar_s(found.values, found.values[kept]) if subgroups else individuals(means, means[kept])
    within, overall = float(drawn.location.limits.sigma), float(means[kept].std(ddof=1))
    if within <= 0.0 or overall <= 0.0:
        return None
    limits = replace(drawn.location.limits, sigma=np.array(max(within, overall)))
    location = replace(drawn.location, limits=limits)
    met = signals(location.deviations)
    met[: int(kept[-1]) + 1] = False
    calling = np.any(met[:, [rule - 1 for rule in RULES]], axis=1)
    specification = Specification(control.lower, control.upper)
    size = found.values.shape[1] if subgroups else 1
    return Study(
        found.time,
        Pair(location, drawn.spread),
        (first, int(kept[-1])),
        met,
        np.asarray(calling & _used_up(means, limits.centre, specification)),
        capability(limits.centre, within * math.sqrt(size), len(kept) * size, specification),
        capability(limits.centre, overall, len(kept), specification),
    )


def _used_up(means: Floats, centre: float, specification: Specification) -> Bools:
    """Where a point is further than `ROOM` of the way from the centre to a specification limit."""
    below = np.zeros(len(means), np.bool_)
    above = below
    if specification.lower is not None:
        below = means <= centre - ROOM * (centre - specification.lower)
    if specification.upper is not None:
        above = means >= centre + ROOM * (specification.upper - centre)
    return np.asarray(below | above)


def _settled(running: Times) -> Times:
    """Minutes that have run for long enough."""
    fresh = np.diff(running, prepend=running[:1] - 2 * MINUTE_MS) != MINUTE_MS
    begun = np.maximum.accumulate(np.where(fresh, np.arange(len(running)), 0)) if len(running) else running
    settled: Times = running[np.arange(len(running)) - begun >= SETTLE_MIN]
    return settled


def _grouped(time: Times, means: Floats, minutes: int) -> Points:
    """Points of `minutes` neighbouring minutes, on multiples of that length."""
    slot = time // (minutes * MINUTE_MS)
    slots, first, count = np.unique(slot, return_index=True, return_counts=True)
    whole = count == minutes
    rows = first[whole][:, None] + np.arange(minutes)
    return Points(slots[whole] * minutes * MINUTE_MS, means[rows].reshape(-1, minutes))


def _base(means: Floats) -> tuple[int, NDArray[np.intp]] | None:
    """First point, and all points that count, of the earliest calm stretch."""
    for first in range(0, len(means) - LEAST + 1, STEP):
        kept = _calm(means[first : first + BASE])
        if kept is not None:
            return first, first + kept
    return None


def _calm(values: Floats) -> NDArray[np.intp] | None:
    """Points of a stretch without those beyond three deviations; None if these are too many."""
    kept = np.arange(len(values))
    while len(kept) >= LEAST:
        rest = values[kept]
        within = float(individuals(rest, rest).location.limits.sigma)
        away = np.abs(rest - rest.mean())
        if away.max() <= WIDTH * max(within, float(rest.std(ddof=1))):
            return kept if len(values) - len(kept) <= MOST_LEFT_OUT * len(values) else None
        kept = np.delete(kept, int(away.argmax()))
    return None
