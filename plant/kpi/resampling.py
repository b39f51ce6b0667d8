"""How sure a standardised ratio is: bootstrap over production days.

Days are resampled because they are nearly independent, while the minutes of a day are not: a breakdown takes hours, and
output comes with running. A resampled day brings its numerator and denominator together, so that their dependence is
kept, and nothing is assumed of how losses are distributed - a few long stops make most of them. An analytic interval
would need both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from plant.production.minutes import Floats

REPLICATES: Final = 2_000
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Days:
    """One site's days.

    Attributes:
        numerators: Shape (days, cells).
        denominators: Likewise.
    """

    numerators: Floats
    denominators: Floats


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the bounds that hold it with `CONFIDENCE`."""

    value: float
    low: float
    high: float


def standardised(numerators: Floats, denominators: Floats, weights: Floats) -> Floats:
    """Directly standardised ratio: sum over cells of weight x numerator / denominator.

    Args:
        numerators: Shape (..., cells).
        denominators: Likewise.
        weights: Of the cells in the common mix, with sum 1.

    Returns:
        Shape (...); NaN where a cell has no denominator.
    """
    rates = np.full(numerators.shape, np.nan)
    np.divide(numerators, denominators, out=rates, where=denominators > 0)
    return np.asarray(rates @ weights, np.float64)


def resample(days: Days, weights: Floats, rng: np.random.Generator) -> Floats:
    """Standardised ratios of `REPLICATES` resampled sets of days; NaN where a cell was not drawn.

    Spread by sqrt(n / (n - 1)): resampling n days spreads by that much less than n new days would.
    """
    count = len(days.numerators)
    drawn = rng.multinomial(count, np.full(count, 1.0 / count), REPLICATES).astype(np.float64)
    found = standardised(drawn @ days.numerators, drawn @ days.denominators, weights)
    value = _value(days, weights)
    return np.asarray(value + (found - value) * np.sqrt(count / (count - 1)), np.float64)


def interval(days: Days, weights: Floats, replicates: Floats) -> Interval:
    """A site's ratio with its percentile interval."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(replicates, (tail, 1 - tail)).tolist()
    return Interval(_value(days, weights), low, high)


def differences(values: Floats, replicates: Floats) -> dict[tuple[int, int], Interval]:
    """Differences of all pairs of sites, with intervals that hold all of them at once with `CONFIDENCE`.

    With many pairs some would seem different by chance alone. So the bound is the quantile of the *largest* deviation
    of any pair, in units of the pair's own spread.

    Args:
        values: Of the sites, shape (sites,).
        replicates: Shape (sites, replicates).
    """
    left, right = np.triu_indices(len(values), 1)
    found = values[left] - values[right]
    deviations = replicates[left] - replicates[right] - found[:, None]
    spread = np.nanstd(deviations, axis=1)
    scaled = np.zeros_like(deviations)
    np.divide(np.abs(deviations), spread[:, None], out=scaled, where=spread[:, None] > 0)
    reach = float(np.nanquantile(scaled.max(axis=0), CONFIDENCE)) * spread
    return {
        (int(a), int(b)): Interval(float(value), float(value - half), float(value + half))
        for a, b, value, half in zip(left, right, found, reach, strict=True)
    }


def _value(days: Days, weights: Floats) -> float:
    return float(standardised(days.numerators.sum(axis=0), days.denominators.sum(axis=0), weights))
