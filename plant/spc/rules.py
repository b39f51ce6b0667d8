"""Nelson's eight tests for special causes, each at the point at which its pattern is complete.

| rule | pattern | what it hints at |
|---|---|---|
| 1 | one point beyond 3 sigma | a sudden cause |
| 2 | nine in a row on one side of the centre | the mean has moved |
| 3 | six in a row steadily up or down | drift, wear |
| 4 | fourteen in a row alternating up and down | two causes take turns |
| 5 | two of three beyond 2 sigma on one side | the mean is moving |
| 6 | four of five beyond 1 sigma on one side | the mean is moving |
| 7 | fifteen in a row within 1 sigma | limits too wide, mixed subgroups |
| 8 | eight in a row beyond 1 sigma, on both sides | two processes mixed |

A point that is missing (NaN) breaks every pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RULES = (1, 2, 3, 4, 5, 6, 7, 8)


def signals(deviations: Floats, rules: Sequence[int] = RULES) -> Bools:
    """Where which test is met.

    Args:
        deviations: Distances from the centre in deviations of a point (`Chart.deviations`), shape (n,).
        rules: Tests to make; some plants use 1 to 4 only, since each adds false alarms.

    Returns:
        Shape (n, 8), True where a pattern is complete; columns of tests that are not made are False.
    """
    found = np.zeros((len(deviations), len(RULES)), np.bool_)
    for rule in rules:
        found[:, rule - 1] = _TESTS[rule](deviations)
    return found


def _beyond(deviations: Floats, sigma: float, needed: int, of: int) -> Bools:
    """At least `needed` of the last `of` points, the present one among them, beyond `sigma` on one side."""
    above, below = deviations > sigma, deviations < -sigma
    full = _all(np.isfinite(deviations), of)
    beyond: Bools = full & ((above & (_count(above, of) >= needed)) | (below & (_count(below, of) >= needed)))
    return beyond


def _trend(deviations: Floats, length: int) -> Bools:
    step = _steps(deviations)
    return _all(step > 0, length - 1) | _all(step < 0, length - 1)


def _alternating(deviations: Floats, length: int) -> Bools:
    up, down = _steps(deviations) > 0, _steps(deviations) < 0
    turns = np.zeros(len(deviations), np.bool_)
    turns[1:] = (up[1:] & down[:-1]) | (down[1:] & up[:-1])
    return _all(turns, length - 2)


def _both_sides(deviations: Floats, length: int) -> Bools:
    outside = _all(np.abs(deviations) > 1.0, length)
    both: Bools = outside & (_count(deviations > 1.0, length) > 0) & (_count(deviations < -1.0, length) > 0)
    return both


def _steps(deviations: Floats) -> Floats:
    """From the point before to each, shape (n,); NaN for the first, and between two that are infinitely far away."""
    step = np.full(len(deviations), np.nan)
    with np.errstate(invalid="ignore"):
        step[1:] = np.diff(deviations)
    return step


def _all(where: Bools, length: int) -> Bools:
    """Whether the last `length` are all true."""
    every: Bools = _count(where, length) == length
    return every


def _count(where: Bools, length: int) -> NDArray[np.int64]:
    """How many of the last `length` are true; before so many are there, how many of those."""
    total = np.zeros(length + len(where), np.int64)
    np.cumsum(where, out=total[length:])
    return total[length:] - total[:-length]


_TESTS: dict[int, Callable[[Floats], Bools]] = {
    1: lambda points: np.abs(points) > 3.0,
    2: lambda points: _all(points > 0, 9) | _all(points < 0, 9),
    3: lambda points: _trend(points, 6),
    4: lambda points: _alternating(points, 14),
    5: lambda points: _beyond(points, 2.0, 2, 3),
    6: lambda points: _beyond(points, 1.0, 4, 5),
    7: lambda points: _all(np.abs(points) < 1.0, 15),
    8: lambda points: _both_sides(points, 8),
}
