"""Series of a few tags as the trend page, its table and its download read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import Historian
from plant.historian.series import series
from plant.model.enterprise import Datatype, Role
from plant.model.tags import Tag

Floats = NDArray[np.float64]
FINE_MS = 5_000
STEPS = frozenset({Role.STATE, Role.MODE, Role.COMMAND, Role.SET_POINT})
"""Roles whose mean over a bucket means nothing, or that change in steps."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One tag over a window, in buckets of equal width.

    Attributes:
        time: Start of each bucket, UTC ms, shape (n,), as all arrays.
        mean: Time-weighted; NaN where there is no good value. So are `low` and `high`, the least and the greatest
            value that held at any time in the bucket: no peak is lost.
        last: Value that holds at the end of the bucket.
        coverage: Share of the bucket with a good value, 0 to 1.
        width: Of a bucket, ms.
    """

    tag: Tag
    time: NDArray[np.int64]
    mean: Floats
    low: Floats
    high: Floats
    last: Floats
    coverage: Floats
    width: int

    @property
    def is_fine(self) -> bool:
        """Whether its buckets are about as fine as its readings, so that a mean is what held."""
        return self.width <= FINE_MS

    @property
    def is_step(self) -> bool:
        """Whether it is drawn as steps of its last values instead of a line of means."""
        return self.tag.metric.role in STEPS or self.tag.metric.datatype is Datatype.BOOLEAN

    @property
    def drawn(self) -> Floats:
        """What the line shows."""
        return self.last if self.is_step else self.mean


@dataclass(frozen=True, slots=True)
class Summary:
    """A tag over the whole window; None where nothing is known.

    Attributes:
        last: Newest good value.
        mean: Weighted by good time.
        coverage: Share of the window with a good value, 0 to 1.
    """

    last: float | None
    low: float | None
    high: float | None
    mean: float | None
    coverage: float


def trends_of(historian: Historian, tags: Sequence[Tag], start: int, end: int, buckets: int) -> list[Trend]:
    """The tags over [start, end), UTC ms, `end` not after now, in about `buckets` buckets; blocks."""
    if not tags or end <= start:
        return []
    found = series(historian, [tag.index for tag in tags], start, end, buckets)
    rows = zip(tags, found.mean, found.low, found.high, found.last, found.coverage, strict=True)
    return [
        Trend(tag, found.time, mean, low, high, last, good, found.width) for tag, mean, low, high, last, good in rows
    ]


def summary(trend: Trend) -> Summary:
    """The figures of the table under a graph."""
    known = np.isfinite(trend.mean) & (trend.coverage > 0)
    coverage = float(trend.coverage.mean()) if len(trend.coverage) else 0.0
    if not known.any():
        return Summary(None, None, None, None, coverage)
    held = trend.last[np.isfinite(trend.last)]
    mean = float(np.average(trend.mean[known], weights=trend.coverage[known]))
    low, high = float(np.nanmin(trend.low)), float(np.nanmax(trend.high))
    return Summary(float(held[-1]) if len(held) else None, low, high, mean, coverage)


def axes(trends: Sequence[Trend]) -> dict[str, int]:
    """Number of the y axis of each unit of measure, from 1, in the order of the tags."""
    units = dict.fromkeys(trend.tag.metric.unit for trend in trends)
    return {unit: number for number, unit in enumerate(units, 1)}
