"""The base period: limits are made once, from a time in which the process was stable, and then judge what follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant.spc.charts import individuals
from plant.spc.rules import signals

Floats = NDArray[np.float64]

LEAST = 25
"""Points that limits need at least: the usual advice for Shewhart charts."""
MOST_LEFT_OUT = 0.1
"""A period of which more than this share has to be left out was not stable."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base period.

    Attributes:
        values: What makes the limits, shape (m,).
        left_out: Points of the period that showed a special cause and do not count, shape (k,), indices.
        stable: Whether limits may be made of it.
        reason: Why not, a key: ``few`` points or ``unstable``; empty when stable.
    """

    values: Floats
    left_out: NDArray[np.intp]
    stable: bool
    reason: str = ""


def stable_base(values: Floats) -> Base:
    """The stable part of a period of single values, shape (n,).

    Points beyond three sigma are left out, the most distant first, and limits made again, until none is left. If that
    takes more than a tenth of the points, or the rest still drifts (tests 2 and 3), the period was not stable.
    """
    kept = np.flatnonzero(np.isfinite(values))
    total = len(kept)
    while len(kept) >= LEAST:
        chart = individuals(values[kept], values[kept]).location
        away = np.abs(chart.deviations)
        worst = int(np.argmax(away))
        if away[worst] <= 3.0:
            break
        kept = np.delete(kept, worst)
    left_out = np.setdiff1d(np.flatnonzero(np.isfinite(values)), kept)
    if len(kept) < LEAST:
        return Base(values[kept], left_out, stable=False, reason="few")
    chart = individuals(values[kept], values[kept]).location
    drifts = signals(chart.deviations, (2, 3)).any()
    if drifts or len(left_out) > MOST_LEFT_OUT * total:
        return Base(values[kept], left_out, stable=False, reason="unstable")
    return Base(values[kept], left_out, stable=True)
