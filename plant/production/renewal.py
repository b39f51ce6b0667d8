"""Minutes made anew, set against those that are kept: what has to be written, and which figures are restated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.production.minutes import DTYPES, QUANTITIES, ProductionMinutes
from plant.production.steps import Integers, keys

Bools = NDArray[np.bool_]

FIGURES: Final = ("element", "loss", "seconds", *QUANTITIES)
"""Columns that figures are made of. A reason or a cause that is told later only explains what is known already."""
TOLERANCE: Final = 1e-9
"""Relative: the same counts, summed over another window. Absolute, in the columns' units, likewise."""
_KEYS: Final = ("line", "time")


@dataclass(frozen=True, slots=True)
class Renewal:
    """What is new.

    Attributes:
        rows: All rows of the minutes that are not kept yet, or are kept otherwise; to be written.
        minutes: How many minutes that are.
        line: Index of the line of each settled minute whose figures change, shape (k,); `time` its start, UTC ms.
    """

    rows: ProductionMinutes
    minutes: int
    line: Integers
    time: Integers


def renewal(kept: ProductionMinutes, made: ProductionMinutes) -> Renewal:
    """What of `made` differs from what is kept of the same window; both sorted by (line, time).

    A kept minute without a provisional row is settled: if its figures differ, it is restated. Rows of a minute stand in
    the order in which they are made, so that equal minutes are equal row by row.
    """
    minute, place, count = np.unique(keys(made.line, made.time), return_inverse=True, return_counts=True)
    old = np.searchsorted(minute, keys(kept.line, kept.time))
    found = old < len(minute)
    found[found] = minute[old[found]] == keys(kept.line, kept.time)[found]
    kept, old = kept.take(found), old[found]
    before = np.bincount(old, minlength=len(minute))
    alike = before == count
    differs, figures = ~alike, ~alike
    here, there = alike[place], alike[old]
    for name, dtype in DTYPES.items():
        if name in _KEYS:
            continue
        a, b = made.arrays[name][here], kept.arrays[name][there]
        unequal = ~np.isclose(a, b, TOLERANCE, TOLERANCE) if dtype is np.float64 else a != b
        minutes = place[here][unequal]
        differs[minutes] = True
        if name in FIGURES:
            figures[minutes] = True
    settled = before > 0
    settled[old[kept.provisional != 0]] = False
    first = np.searchsorted(place, np.flatnonzero(settled & figures))
    return Renewal(made.take(differs[place]), int(differs.sum()), made.line[first].astype(np.int64), made.time[first])
