"""Control charts: a centre, limits three deviations from it, and the points against them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant.errors import ConfigurationError
from plant.spc.constants import c4, d2, d3

Floats = NDArray[np.float64]
WIDTH = 3.0
"""Limits are so many deviations from the centre (ISO 7870-2)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where points should be.

    Attributes:
        centre: Mean of the base period.
        sigma: Deviation of a *point* (not of a single value), shape () or one per point.
        floor: Least value that a point can have: a range or a share is never negative.
        ceiling: Greatest value that a point can have.
    """

    centre: float
    sigma: Floats
    floor: float = -np.inf
    ceiling: float = np.inf

    @property
    def lower(self) -> Floats:
        """Lower control limit."""
        return np.maximum(self.floor, self.centre - WIDTH * self.sigma)

    @property
    def upper(self) -> Floats:
        """Upper control limit."""
        return np.minimum(self.ceiling, self.centre + WIDTH * self.sigma)


@dataclass(frozen=True, slots=True)
class Chart:
    """Points and their limits; `points` has shape (n,), NaN where there is none."""

    points: Floats
    limits: Limits

    @property
    def deviations(self) -> Floats:
        """Distance of each point from the centre in its deviations; 0 where a process does not vary at all."""
        away, sigma = self.points - self.limits.centre, np.broadcast_to(self.limits.sigma, self.points.shape)
        return np.divide(away, sigma, out=np.where(away == 0.0, 0.0, np.copysign(np.inf, away)), where=sigma > 0.0)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two charts of the same values: where they lie, and how they spread."""

    location: Chart
    spread: Chart


def individuals(values: Floats, base: Floats) -> Pair:
    """I-MR: single values, and their moving ranges of two.

    Args:
        values: In the order in which they were made, shape (n,).
        base: Values of a stable period that give the limits, shape (m,), two at least.

    sigma = mean moving range / d2(2).
    """
    if np.isfinite(base).sum() < 2:
        raise ConfigurationError("limits need a base period of two values at least")
    mean_range = float(np.nanmean(_moving_ranges(base)))
    return Pair(
        Chart(values, Limits(float(np.nanmean(base)), np.array(mean_range / d2(2)))),
        Chart(_moving_ranges(values), range_limits(mean_range, 2)),
    )


def xbar_r(subgroups: Floats, base: Floats) -> Pair:
    """Means and ranges of subgroups of 2 to about 10.

    Args:
        subgroups: Shape (subgroups, n), in order.
        base: Subgroups of a stable period, shape (m, n).
    """
    _check(subgroups, base)
    mean_range, n = float(_ranges(base).mean()), base.shape[1]
    return Pair(
        Chart(subgroups.mean(axis=1), mean_limits(float(base.mean()), mean_range / d2(n), n)),
        Chart(_ranges(subgroups), range_limits(mean_range, n)),
    )


def xbar_s(subgroups: Floats, base: Floats) -> Pair:
    """Means and standard deviations of subgroups; for more than about 10 values, where the range tells less.

    Args:
        subgroups: Shape (subgroups, n), in order.
        base: Subgroups of a stable period, shape (m, n).
    """
    _check(subgroups, base)
    mean_s, n = float(base.std(axis=1, ddof=1).mean()), base.shape[1]
    spread = mean_s / c4(n) * np.sqrt(1.0 - c4(n) ** 2)
    return Pair(
        Chart(subgroups.mean(axis=1), mean_limits(float(base.mean()), mean_s / c4(n), n)),
        Chart(subgroups.std(axis=1, ddof=1), Limits(mean_s, np.array(spread), floor=0.0)),
    )


def shares(defective: Floats, inspected: Floats, base_share: float) -> Chart:
    """The p chart: share of defective pieces in lots of any size; limits are wider for smaller lots.

    Args:
        defective: Pieces, shape (n,).
        inspected: Pieces, shape (n,); a lot of none has no point.
        base_share: Of a stable period, 0 to 1.

    sigma = sqrt(p (1 - p) / n).
    """
    there = inspected > 0
    none = np.full(inspected.shape, np.nan)
    share = np.divide(defective, inspected, out=none.copy(), where=there)
    variance = np.divide(base_share * (1.0 - base_share), inspected, out=none, where=there)
    return Chart(share, Limits(base_share, np.sqrt(variance), floor=0.0, ceiling=1.0))


def mean_limits(centre: float, sigma: float, n: int) -> Limits:
    """Limits of means of `n` values of deviation `sigma`: A2 R = 3 R / (d2 sqrt(n))."""
    return Limits(centre, np.array(sigma / np.sqrt(n)))


def range_limits(mean_range: float, n: int) -> Limits:
    """Limits of ranges of `n`: D3 R and D4 R with D = 1 -+ 3 d3 / d2."""
    return Limits(mean_range, np.array(mean_range * d3(n) / d2(n)), floor=0.0)


def _moving_ranges(values: Floats) -> Floats:
    """Distance of each value from the one before; the first has none."""
    return np.concatenate(([np.nan], np.abs(np.diff(values))))[: len(values)]


def _ranges(subgroups: Floats) -> Floats:
    ranges: Floats = subgroups.max(axis=1) - subgroups.min(axis=1)
    return ranges


def _check(subgroups: Floats, base: Floats) -> None:
    if base.ndim != 2 or len(base) == 0 or subgroups.ndim != 2 or subgroups.shape[1] != base.shape[1]:
        raise ConfigurationError("subgroups and those of the base period must be rows of equally many values")
