"""Points of sparklines: few, and only where something changes, since hundreds of them travel with a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite
from typing import Final

from dashboard.queries.trend import Trend

Points = Sequence[tuple[int, float | None]]
Sparks = Mapping[int, Points]
"""Points by tag index: UTC ms and the value that holds from then on, None where it is not known."""

BUCKETS: Final = 60
FIGURES: Final = 4
"""Significant figures of a point: a sparkline is 20 px high."""


def points(trend: Trend) -> Points:
    """The line of a trend as steps: a point where the value changes."""
    rows = [
        (at, float(f"{value:.{FIGURES}g}") if isfinite(value) else None)
        for at, value in zip(trend.time.tolist(), trend.drawn.tolist(), strict=True)
    ]
    return rows[:1] + [after for before, after in pairwise(rows) if after[1] != before[1]]
